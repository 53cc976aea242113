//! By what the input is known again after a kill, for those who know no better: names, lengths and times of its files.

use std::collections::HashSet;
use std::fs::Metadata;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::UNIX_EPOCH;

use crate::Trouble;
use crate::format::Opened;
use crate::trouble::file_name;

/// Endings of files that may change while voxels are read, as a scanner's log does.
const NOTES: [&str; 10] = ["log", "txt", "err", "out", "md", "csv", "tmp", "part", "pdf", "html"];

pub(crate) fn fingerprint_of(input: &Path, opened: &Opened) -> Result<String, Trouble> {
    let mut looked = Looked { read: opened.header.files.iter().map(String::as_str).collect(), hasher: DefaultHasher::new() };
    looked.at_input(input)?;
    let mut hasher = looked.hasher;
    (opened.header.shape, opened.header.files.len()).hash(&mut hasher);
    Ok(format!("{:016x} {}", hasher.finish(), opened.bytes_in))
}

/// What was seen of the input so far.
struct Looked<'a> {
    /// Names of the files that hold voxels.
    read: HashSet<&'a str>,
    hasher: DefaultHasher,
}

impl Looked<'_> {
    /// What the conversion reads. A file may be only a header: the files of its folder belong to it, and those it names further below.
    fn at_input(&mut self, input: &Path) -> Result<(), Trouble> {
        self.below(input)?;
        if input.is_dir() {
            return Ok(());
        }
        let folder = input.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let trouble = |error: std::io::Error| Trouble::io("looking at", folder, &error);
        let mut paths: Vec<_> = self.read.iter().map(|name| folder.join(name)).collect();
        for entry in std::fs::read_dir(folder).map_err(trouble)? {
            paths.push(entry.map_err(trouble)?.path());
        }
        paths.retain(|path| !self.is_note(path));
        paths.sort();
        paths.dedup();
        // Folders may hold anything, even what this conversion makes.
        let files = paths.iter().filter_map(|path| Some((path, std::fs::metadata(path).ok().filter(Metadata::is_file)?)));
        files.for_each(|(path, metadata)| self.add(path, &metadata));
        Ok(())
    }

    /// Names, lengths and times of everything at a path.
    fn below(&mut self, path: &Path) -> Result<(), Trouble> {
        let trouble = |error: std::io::Error| Trouble::io("looking at", path, &error);
        let metadata = std::fs::metadata(path).map_err(trouble)?;
        if !metadata.is_dir() {
            self.add(path, &metadata);
            return Ok(());
        }
        let mut entries: Vec<_> = std::fs::read_dir(path).map_err(trouble)?.collect::<Result<_, _>>().map_err(trouble)?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for path in entries.into_iter().map(|entry| entry.path()) {
            if self.is_note(&path) {
                continue;
            }
            match path.symlink_metadata().map_err(trouble)? {
                metadata if metadata.is_dir() => self.below(&path)?,
                metadata => self.add(&path, &metadata),
            }
        }
        Ok(())
    }

    fn is_note(&self, path: &Path) -> bool {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        ending.is_some_and(|ending| NOTES.contains(&&*ending)) && !self.read.contains(&*file_name(path))
    }

    fn add(&mut self, path: &Path, metadata: &Metadata) {
        let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        (path, metadata.len(), changed).hash(&mut self.hasher);
    }
}
