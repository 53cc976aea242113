//! ZIP and tar around a volume: a zipped Zarr is read in place, everything else is unpacked beside the archive,
//! within limits, and removed afterwards. Nothing in an archive decides where or how much is written.

mod tar;
pub mod zip;
mod zip_tree;

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::stored::{Encoding, expand};
use super::zarr::tree::Tree;
use super::{Asked, Format, Opened, Planes, Role, folder, only, open_with_length, zarr};
use crate::trouble::file_name;
use crate::{ElementType, HeadFacts, Trouble};

/// Files of one archive.
const ENTRIES_MAX: usize = 1 << 21;
/// Bytes that are unpacked from one archive.
const UNPACKED_MAX_BYTES: u64 = 4 << 40;
/// Bytes that come out of one byte of archive, when it is more than the free amount.
const RATIO_MAX: u64 = 200;
const RATIO_FREE_BYTES: u64 = 1 << 30;
/// Longest name, and folders within folders.
const NAME_MAX_BYTES: usize = 1_024;
const DEPTH_MAX: usize = 32;
/// What a folder takes of the disk.
const FOLDER_BYTES: u64 = 4_096;

pub(crate) static ZIP: Format = Format {
    name: "ZIP",
    endings: &[".zip"],
    role: Role::Volume,
    recognises: |head| head.starts_with(b"PK\x03\x04"),
    open: open_zip,
    head_facts: |_, _| Some(HeadFacts { format: "ZIP".into(), ..HeadFacts::default() }),
};

pub(crate) static TAR: Format = Format {
    name: "tar",
    endings: &[".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2"],
    role: Role::Volume,
    recognises: is_tar,
    open: open_tar,
    head_facts: |_, _| Some(HeadFacts { format: "tar".into(), ..HeadFacts::default() }),
};

/// Whether bytes begin like a tar archive.
pub(crate) fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

fn refuse(what: impl Into<String>) -> Trouble {
    Trouble::new(what, "Unpack it on your computer and upload the folder")
}

/// Counts what an archive makes of us, and ends it in time.
struct Bounds {
    archive_bytes: u64,
    entries: usize,
    bytes: u64,
}

impl Bounds {
    fn new(archive_bytes: u64) -> Self {
        Self { archive_bytes, entries: 0, bytes: 0 }
    }

    /// A relative path inside the scratch folder; nothing for what computers leave behind.
    fn admit(&mut self, name: &str) -> Result<Option<PathBuf>, Trouble> {
        self.count()?;
        let path = safe_path(name)?;
        let ignored = |part: std::path::Component<'_>| matches!(part.as_os_str().to_str(), Some("__MACOSX" | ".DS_Store"));
        if path.components().any(ignored) || is_archive(&name.to_lowercase()) {
            return Ok(None);
        }
        Ok(Some(path))
    }

    /// One more entry, whatever becomes of it.
    fn count(&mut self) -> Result<(), Trouble> {
        self.entries += 1;
        if self.entries > ENTRIES_MAX {
            return Err(refuse(format!("it holds more than {ENTRIES_MAX} files")));
        }
        Ok(())
    }

    /// More bytes came out.
    fn grow(&mut self, bytes: u64) -> Result<(), Trouble> {
        self.bytes = self.bytes.saturating_add(bytes);
        let ratio = self.bytes > RATIO_FREE_BYTES && self.bytes / RATIO_MAX > self.archive_bytes;
        if self.bytes > UNPACKED_MAX_BYTES || ratio {
            return Err(refuse(format!("{} bytes of archive expand to more than {} bytes", self.archive_bytes, self.bytes)));
        }
        Ok(())
    }
}

/// Archives inside archives are left alone.
fn is_archive(name: &str) -> bool {
    [".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".7z", ".rar"].iter().any(|ending| name.ends_with(ending))
}

/// The name of an entry as a path that stays where it is put.
fn safe_path(name: &str) -> Result<PathBuf, Trouble> {
    let shown: String = name.chars().take(60).map(|sign| if sign.is_control() { '?' } else { sign }).collect();
    let bad = |why: &str| refuse(format!("the name “{shown}” in it {why}"));
    if name.len() > NAME_MAX_BYTES || name.chars().any(char::is_control) {
        return Err(bad("is too long or holds control characters"));
    }
    if name.starts_with('/') || name.contains('\\') || name.get(1..2) == Some(":") {
        return Err(bad("is not relative"));
    }
    let parts: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return Err(bad("leaves its folder"));
    }
    if parts.is_empty() || parts.len() > DEPTH_MAX {
        return Err(bad("is empty or lies too deep"));
    }
    Ok(parts.iter().collect())
}

/// A folder beside the archive, where there is room for what is in it; else where the system keeps such things.
fn scratch(archive: &Path) -> Result<TempDir, Trouble> {
    let beside = archive.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    tempfile::Builder::new()
        .prefix(".unpacked-")
        .tempdir_in(beside)
        .or_else(|_| tempfile::tempdir())
        .map_err(|error| Trouble::io("unpacking", archive, &error))
}

/// Writes one file of the archive.
fn write_out(folder: &Path, path: &Path, reader: &mut dyn Read, bounds: &mut Bounds) -> Result<u64, Trouble> {
    let target = folder.join(path);
    let trouble = |error: std::io::Error| Trouble::io("unpacking", path, &error);
    if let Some(parent) = target.parent() {
        let missing = parent.ancestors().take_while(|folder| !folder.is_dir()).count();
        bounds.grow(FOLDER_BYTES * missing as u64)?;
        std::fs::create_dir_all(parent).map_err(trouble)?;
    }
    let mut file = File::create_new(&target).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => refuse(format!("it holds “{}” twice", path.display())),
        _ => trouble(error),
    })?;
    let mut buffer = vec![0; 1 << 18];
    let mut written = 0;
    loop {
        let count = reader.read(&mut buffer).map_err(trouble)?;
        if count == 0 {
            return Ok(written);
        }
        bounds.grow(count as u64)?;
        file.write_all(&buffer[..count]).map_err(trouble)?;
        written += count as u64;
    }
}

/// Planes of a volume that lies in a scratch folder as long as they are read.
struct Unpacked {
    planes: Box<dyn Planes>,
    archive: String,
    folder: TempDir,
}

/// Names the member with its archive. Nobody knows the scratch folder by its name.
fn member(mut trouble: Trouble, folder: &TempDir, archive: &str) -> Trouble {
    let scratch = file_name(folder.path());
    trouble.file = trouble.file.and_then(|name| match name.strip_prefix(&scratch) {
        None => Some(name),
        Some(below) => below.strip_prefix('/').map(str::to_owned),
    });
    trouble.inside(archive)
}

impl Planes for Unpacked {
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        self.planes.read(first, out).map_err(|trouble| member(trouble, &self.folder, &self.archive))
    }

    fn gives_parts(&self) -> bool {
        self.planes.gives_parts()
    }

    fn rows_together(&self) -> usize {
        self.planes.rows_together()
    }

    fn kept_bytes(&self, rows: usize, planes: usize) -> u64 {
        self.planes.kept_bytes(rows, planes)
    }

    fn held_bytes(&self) -> u64 {
        self.planes.held_bytes()
    }

    fn read_parts(&self, first: usize, part: Range<usize>, out: &mut [u8]) -> Result<(), Trouble> {
        self.planes.read_parts(first, part, out).map_err(|trouble| member(trouble, &self.folder, &self.archive))
    }
}

/// Opens what was unpacked like any folder.
fn open_unpacked(archive: &Path, folder: TempDir, bytes_in: u64, kind: &str, asked: &Asked) -> Result<Opened, Trouble> {
    let asked = Asked { inside_archive: true, ..asked.clone() };
    let name = file_name(archive);
    let mut opened = folder::open(folder.path(), &asked).map_err(|trouble| member(trouble, &folder, &name))?;
    opened.header.format = format!("{} ({kind})", opened.header.format);
    Ok(Opened { planes: Box::new(Unpacked { planes: opened.planes, archive: name, folder }), bytes_in, ..opened })
}

fn not_inside_another(asked: &Asked) -> Result<(), Trouble> {
    if asked.inside_archive { Err(refuse("it is an archive inside an archive")) } else { Ok(()) }
}

fn open_zip(paths: Vec<PathBuf>, asked: &Asked) -> Result<Opened, Trouble> {
    let path = only(&paths)?;
    not_inside_another(asked)?;
    let (file, length) = open_with_length(path)?;
    let named = |trouble: Trouble| trouble.in_file(path);
    let directory = zip::Directory::read(file, length).map_err(named)?;
    if let Some(tree) = zip_tree::ZipTree::of_container(&directory) {
        let mut opened = zarr::open_tree(Arc::new(tree), &file_name(path), asked)?;
        opened.header.format.push_str(" (ZIP)");
        return Ok(opened);
    }
    let folder = scratch(path)?;
    let mut bounds = Bounds::new(length);
    for entry in directory.entries.iter().filter(|entry| !entry.is_folder()) {
        let Some(inside) = bounds.admit(&entry.name).map_err(named)? else { continue };
        let mut reader = directory.reader(entry).map_err(named)?;
        let written = write_out(folder.path(), &inside, &mut reader, &mut bounds).map_err(named)?;
        if written != entry.bytes {
            return Err(named(refuse(format!("“{}” in it has {written} bytes instead of {}", entry.name, entry.bytes))));
        }
    }
    open_unpacked(path, folder, length, "ZIP", asked)
}

/// The container that a ZIP holds, where it holds one.
pub(crate) fn container(path: &Path) -> Result<Option<Arc<dyn Tree>>, Trouble> {
    let (file, length) = open_with_length(path)?;
    let directory = zip::Directory::read(file, length).map_err(|trouble| trouble.in_file(path))?;
    Ok(zip_tree::ZipTree::of_container(&directory).map(|tree| Arc::new(tree) as Arc<dyn Tree>))
}

fn open_tar(paths: Vec<PathBuf>, asked: &Asked) -> Result<Opened, Trouble> {
    let path = only(&paths)?;
    let (file, length) = open_with_length(path)?;
    unpack_tar(path, &mut BufReader::with_capacity(1 << 18, file), length, "tar", asked)
}

/// A tar archive behind gzip or bzip2.
pub(crate) fn open_packed_tar(path: &Path, encoding: Encoding, asked: &Asked) -> Result<Opened, Trouble> {
    let (file, length) = open_with_length(path)?;
    let kind = if encoding == Encoding::Gzip { "tar.gz" } else { "tar.bz2" };
    let mut reader = expand(BufReader::with_capacity(1 << 18, file), encoding, ElementType::U8);
    unpack_tar(path, &mut reader, length, kind, asked)
}

fn unpack_tar(path: &Path, reader: &mut dyn Read, length: u64, kind: &str, asked: &Asked) -> Result<Opened, Trouble> {
    not_inside_another(asked)?;
    let folder = scratch(path)?;
    let mut bounds = Bounds::new(length);
    tar::unpack(reader, folder.path(), &mut bounds).map_err(|trouble| trouble.in_file(path))?;
    open_unpacked(path, folder, length, kind, asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_where_they_are_put() {
        for bad in ["../a", "a/../../b", "/etc/passwd", "a\\b", "C:/a", "", "./", "a\0b"] {
            assert!(safe_path(bad).is_err(), "{bad}");
        }
        assert_eq!(safe_path("./a//b.tif").unwrap(), Path::new("a/b.tif"));
        let mut bounds = Bounds::new(10);
        let scratch = tempfile::tempdir().unwrap();
        let mut put = |name: &str| {
            let path = bounds.admit(name).unwrap().unwrap();
            write_out(scratch.path(), &path, &mut &b"II*"[..], &mut bounds)
        };
        assert_eq!(put("a/b.tif").unwrap(), 3);
        for twice in ["a/b.tif", "a//b.tif", "a"] {
            assert!(put(twice).unwrap_err().what.contains("twice"), "{twice}");
        }
        assert_eq!(bounds.admit("__MACOSX/._a").unwrap(), None);
    }

    #[test]
    fn a_bomb_is_stopped_on_the_way() {
        let mut bounds = Bounds::new(1_000);
        assert!(bounds.grow(RATIO_FREE_BYTES).is_ok());
        assert!(bounds.grow(1).is_err());
        assert!(Bounds::new(u64::MAX).grow(UNPACKED_MAX_BYTES + 1).is_err());
    }

    #[test]
    fn folders_are_counted_once_each() {
        let scratch = tempfile::tempdir().unwrap();
        let mut bounds = Bounds::new(1_000);
        for (name, bytes) in [("a/b/c.tif", 2 * FOLDER_BYTES), ("a/b/d.tif", 2 * FOLDER_BYTES), ("a/e/f.tif", 3 * FOLDER_BYTES)] {
            write_out(scratch.path(), Path::new(name), &mut &b""[..], &mut bounds).unwrap();
            assert_eq!(bounds.bytes, bytes, "{name}");
        }
    }
}
