//! The store on a local disk. Everything is written beside its place and moved in with one rename,
//! and is durable, directory entries included, before a call returns.

use crate::{
    blob::Blob,
    fault::Fault,
    key::StorePath,
    shelf::{Content, Listed, Overwrite},
};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Write},
    os::{fd::AsRawFd, unix::fs::PermissionsExt},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// Where things are built before they are moved in; on the same file system as their place.
const BUILDING: &str = "building";
/// What a killed process left there is removed after a day; younger things may belong to a living one.
const ABANDONED_SECONDS: u64 = 24 * 3600;

/// All methods block; the shelf calls them on the blocking threads.
#[derive(Clone)]
pub(crate) struct Disk {
    root: PathBuf,
}

static NEXT_TEMPORARY: AtomicU64 = AtomicU64::new(0);

impl Disk {
    pub(crate) fn open(root: &Path) -> Result<Self, Fault> {
        let disk = Self { root: root.to_owned() };
        let building = root.join(BUILDING);
        fs::create_dir_all(&building).map_err(|source| Fault::io("create", building.display(), source))?;
        disk.remove_abandoned(&building);
        Ok(disk)
    }

    fn remove_abandoned(&self, building: &Path) {
        for entry in fs::read_dir(building).into_iter().flatten().flatten() {
            let age = entry.metadata().and_then(|facts| facts.modified()).ok().and_then(|time| time.elapsed().ok());
            if age.is_some_and(|age| age.as_secs() > ABANDONED_SECONDS) {
                // A leftover that cannot be removed costs space only; the next start tries again.
                let _ = fs::remove_file(entry.path()).or_else(|_| fs::remove_dir_all(entry.path()));
            }
        }
    }

    pub(crate) fn path(&self, key: &StorePath) -> PathBuf {
        self.root.join(key.as_str())
    }

    fn temporary(&self) -> PathBuf {
        let number = NEXT_TEMPORARY.fetch_add(1, Ordering::Relaxed);
        let moment = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_nanos();
        self.root.join(BUILDING).join(format!("{}-{moment:x}-{number}", std::process::id()))
    }

    pub(crate) fn blob(&self, key: &StorePath) -> Result<Option<Blob>, Fault> {
        Blob::open_local(&self.path(key))
    }

    pub(crate) fn put(&self, key: &StorePath, content: &Content, overwrite: Overwrite) -> Result<(), Fault> {
        let place = self.path(key);
        let parent = self.create_parent(&place).map_err(|source| Fault::io("create the folder of", key, source))?;
        let temporary = self.temporary();
        let done = fill(&temporary, content).and_then(|()| match overwrite {
            Overwrite::Replace => fs::rename(&temporary, &place),
            Overwrite::Refuse => fs::hard_link(&temporary, &place).and_then(|()| fs::remove_file(&temporary)),
        });
        if let Err(source) = done {
            let _ = fs::remove_file(&temporary);
            return Err(Fault::io("write", key, source));
        }
        sync_directory(&parent).map_err(|source| Fault::io("make durable", key, source))
    }

    /// Many files at once: their directories are made durable once, after the last of them.
    pub(crate) fn put_many(&self, files: &[(StorePath, Content)]) -> Result<(), Fault> {
        let mut parents = BTreeSet::new();
        for (key, content) in files {
            let place = self.path(key);
            if let Some(parent) = place.parent().filter(|parent| !parents.contains(*parent)) {
                self.create_parent(&place).map_err(|source| Fault::io("create the folder of", key, source))?;
                parents.insert(parent.to_owned());
            }
            link_or_fill(&place, content).map_err(|source| Fault::io("write", key, source))?;
        }
        for parent in parents {
            sync_directory(&parent).map_err(|source| Fault::io("make durable", parent.display(), source))?;
        }
        Ok(())
    }

    /// Creates the folders above a file and makes each new one durable in its own parent.
    fn create_parent(&self, place: &Path) -> io::Result<PathBuf> {
        let parent = place.parent().unwrap_or(&self.root).to_owned();
        let missing: Vec<&Path> = parent.ancestors().take_while(|folder| !folder.is_dir()).collect();
        fs::create_dir_all(&parent)?;
        for folder in missing {
            sync_directory(folder.parent().unwrap_or(&self.root))?;
        }
        Ok(parent)
    }

    /// Moves a finished directory to its place with one rename. One that stood there is taken away.
    pub(crate) fn install_directory(&self, from: &Path, to: &StorePath) -> Result<(), Fault> {
        let place = self.path(to);
        let attempt = || -> io::Result<()> {
            let parent = self.create_parent(&place)?;
            if place.exists() {
                exchange(from, &place)?;
                sync_directory(&parent)?;
                return if from.is_dir() { fs::remove_dir_all(from) } else { fs::remove_file(from) };
            }
            fs::rename(from, &place)?;
            sync_directory(&parent)
        };
        attempt().map_err(|source| Fault::io("move into place", to, source))
    }

    /// A tree from elsewhere, moved when it lies on this file system and copied when not; durable afterwards.
    pub(crate) fn install_foreign_directory(&self, from: &Path, to: &StorePath) -> Result<(), Fault> {
        let building = self.temporary();
        let attempt = || -> io::Result<()> {
            match fs::rename(from, &building) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                    copy_tree(from, &building)?;
                    fs::remove_dir_all(from)?;
                }
                Err(error) => return Err(error),
            }
            sync_file_system(&building)
        };
        attempt().map_err(|source| Fault::io("take over", from.display(), source))?;
        self.install_directory(&building, to)
    }

    pub(crate) fn delete(&self, key: &StorePath) -> Result<(), Fault> {
        match fs::remove_file(self.path(key)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Fault::io("delete", key, error)),
            _ => Ok(()),
        }
    }

    /// Removes a tree at once from the eyes of readers: it is moved away first and emptied then.
    pub(crate) fn delete_tree(&self, prefix: &StorePath) -> Result<(), Fault> {
        let (place, temporary) = (self.path(prefix), self.temporary());
        let attempt = || -> io::Result<()> {
            fs::rename(&place, &temporary)?;
            sync_directory(place.parent().unwrap_or(&self.root))?;
            fs::remove_dir_all(&temporary)
        };
        match attempt() {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Fault::io("delete", prefix, error)),
            _ => Ok(()),
        }
    }

    pub(crate) fn list(&self, prefix: &StorePath) -> Result<Vec<Listed>, Fault> {
        let mut found = Vec::new();
        let mut folders = vec![self.path(prefix)];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => continue,
                Err(source) => return Err(Fault::io("list", prefix, source)),
            };
            for entry in entries {
                let entry = entry.map_err(|source| Fault::io("list", prefix, source))?;
                let facts = entry.metadata().map_err(|source| Fault::io("list", prefix, source))?;
                if facts.is_dir() {
                    folders.push(entry.path());
                    continue;
                }
                let inside = entry.path().strip_prefix(&self.root).map(|path| path.to_string_lossy().into_owned());
                found.extend(inside.ok().map(|path| Listed { path, bytes: facts.len() }));
            }
        }
        found.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(found)
    }

    /// Names of the folders directly under a prefix.
    pub(crate) fn folders(&self, prefix: &str) -> Result<Vec<String>, Fault> {
        let entries = match fs::read_dir(self.root.join(prefix)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(Fault::io("list", prefix, source)),
        };
        let folders = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let mut names: Vec<String> = folders.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        Ok(names)
    }
}

/// A hard link costs nothing and leaves the first name alone; a copy is made only across file systems.
fn link_or_fill(place: &Path, content: &Content) -> io::Result<()> {
    let Content::File(from) = content else { return replace_with(place, content) };
    match fs::hard_link(from, place) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(place)?;
            link_or_fill(place, content)
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::CrossesDevices | io::ErrorKind::TooManyLinks) => replace_with(place, content),
        // Both names are one file now; nobody shall write through either of them.
        linked => linked.and_then(|()| fs::set_permissions(place, fs::Permissions::from_mode(0o444))),
    }
}

fn replace_with(place: &Path, content: &Content) -> io::Result<()> {
    match fs::remove_file(place) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => fill(place, content),
    }
}

fn fill(path: &Path, content: &Content) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    match content {
        Content::Bytes(bytes) => file.write_all(bytes)?,
        // The standard library lets the kernel copy, or share the blocks where the file system can.
        Content::File(from) => io::copy(&mut File::open(from)?, &mut file).map(drop)?,
    }
    file.sync_all()
}

pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// One call for a tree of many small files, instead of one per file.
fn sync_file_system(path: &Path) -> io::Result<()> {
    let directory = File::open(path)?;
    // SAFETY: the descriptor is open during the call, which takes nothing else.
    match unsafe { libc::syncfs(directory.as_raw_fd()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Two directories change places at once, so that readers see the old one or the new one and never none.
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use std::{ffi::CString, os::unix::ffi::OsStrExt};
    let one = CString::new(one.as_os_str().as_bytes())?;
    let other = CString::new(other.as_os_str().as_bytes())?;
    // SAFETY: both names are zero-terminated and live during the call.
    match unsafe { libc::renameat2(libc::AT_FDCWD, one.as_ptr(), libc::AT_FDCWD, other.as_ptr(), libc::RENAME_EXCHANGE) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    let mut folders = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = folders.pop() {
        fs::create_dir_all(&to)?;
        for entry in fs::read_dir(&from)? {
            let entry = entry?;
            let target = to.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push((entry.path(), target));
            } else {
                fs::copy(entry.path(), target)?;
            }
        }
    }
    Ok(())
}
