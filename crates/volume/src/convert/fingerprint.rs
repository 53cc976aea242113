//! By what the input is known again after a kill, for those who know no better: names, lengths and times of its files.

use std::fs::Metadata;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::UNIX_EPOCH;

use crate::Trouble;
use crate::format::Opened;

pub(crate) fn fingerprint_of(input: &Path, opened: &Opened) -> Result<String, Trouble> {
    let mut hasher = DefaultHasher::new();
    fingerprint_all(input, &opened.header.files, &mut hasher)?;
    (opened.header.shape, opened.header.files.len()).hash(&mut hasher);
    Ok(format!("{:016x} {}", hasher.finish(), opened.bytes_in))
}

/// What the conversion reads. A file may be only a header: the files of its folder belong to it, and those it names further below.
fn fingerprint_all(input: &Path, files: &[String], hasher: &mut DefaultHasher) -> Result<(), Trouble> {
    fingerprint(input, hasher)?;
    if input.is_dir() {
        return Ok(());
    }
    let folder = input.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let trouble = |error: std::io::Error| Trouble::io("looking at", folder, &error);
    let mut paths: Vec<_> = files.iter().map(|name| folder.join(name)).collect();
    for entry in std::fs::read_dir(folder).map_err(trouble)? {
        paths.push(entry.map_err(trouble)?.path());
    }
    paths.sort();
    paths.dedup();
    // Folders may hold anything, even what this conversion makes.
    let looked = paths.iter().filter_map(|path| Some((path, std::fs::metadata(path).ok().filter(Metadata::is_file)?)));
    looked.for_each(|(path, metadata)| hash_one(path, &metadata, hasher));
    Ok(())
}

/// Names, lengths and times of everything at a path.
fn fingerprint(path: &Path, hasher: &mut DefaultHasher) -> Result<(), Trouble> {
    let trouble = |error: std::io::Error| Trouble::io("looking at", path, &error);
    let metadata = std::fs::metadata(path).map_err(trouble)?;
    if !metadata.is_dir() {
        hash_one(path, &metadata, hasher);
        return Ok(());
    }
    let mut entries: Vec<_> = std::fs::read_dir(path).map_err(trouble)?.collect::<Result<_, _>>().map_err(trouble)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        match entry.metadata().map_err(trouble)? {
            metadata if metadata.is_dir() => fingerprint(&entry.path(), hasher)?,
            metadata => hash_one(&entry.path(), &metadata, hasher),
        }
    }
    Ok(())
}

fn hash_one(path: &Path, metadata: &Metadata, hasher: &mut DefaultHasher) {
    let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    (path, metadata.len(), changed).hash(hasher);
}
