//! Which of the deposited files make the volume: the largest stack of slices, or the largest volume file.

use record::file::StoredFile;
use std::collections::BTreeMap;
use volume::Role;

/// Files that together are one volume.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Choice {
    pub(crate) files: Vec<StoredFile>,
    /// What to open, relative to the deposited tree: a file, or a folder (empty for the top).
    pub(crate) path: String,
}

/// Pictures in one folder are slices of a volume from this number on; fewer are photographs of the sample.
const PICTURES_MIN: usize = 8;

/// All HDF5 files of a deposit are one group, for they may take their voxels from each other. No folder is called so.
const HDF5: &str = "/hdf5";

/// `None` when no file looks like a volume.
pub(crate) fn choose(files: &[StoredFile]) -> Option<Choice> {
    let mut groups: BTreeMap<String, Vec<&StoredFile>> = BTreeMap::new();
    for file in files {
        let path = file.original.path.as_str();
        if is_hdf5(path) {
            groups.entry(HDF5.into()).or_default().push(file);
        } else if let Some(group) = group_of(path) {
            groups.entry(group).or_default().push(file);
        }
    }
    groups.retain(|_, files| files.len() >= PICTURES_MIN || !files.iter().all(|file| is_picture(file)));
    let largest = groups.into_iter().max_by_key(|(_, files)| files.iter().map(|file| file.original.bytes).sum::<u64>());
    largest.map(|(group, files)| {
        let path = match &files[..] {
            [alone] => alone.original.path.to_string(),
            // Which of them refers to the others stands inside: the reader looks, over the whole tree.
            _ if group == HDF5 => String::new(),
            _ => group,
        };
        Choice { files: files.into_iter().cloned().collect(), path }
    })
}

fn is_hdf5(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(volume::may_refer_to_others)
}

fn is_picture(file: &StoredFile) -> bool {
    file.original.path.as_str().rsplit('/').next().and_then(volume::role_of) == Some(Role::Picture)
}

/// The folder of a slice; a volume file is a group of its own.
pub(crate) fn group_of(path: &str) -> Option<String> {
    let name = path.rsplit('/').next()?;
    match volume::role_of(name)? {
        Role::Slice | Role::Picture | Role::Series => Some(path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())),
        Role::Volume => Some(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::{
        file::{Original, Place, Sha256},
        instant::Instant,
    };

    fn file(path: &str, bytes: u64) -> StoredFile {
        let original = Original { path: path.parse().unwrap(), bytes, sha256: Sha256([0; 32]), crc32: 0, added_at: Instant(0) };
        StoredFile { original, place: Place::Preserved { content_path: path.into() } }
    }

    #[test]
    fn the_largest_stack_is_the_volume() {
        let files = [file("readme.txt", 9), file("flat/a.tif", 5), file("slices/0.tif", 50), file("slices/1.tif", 50), file("old.mrc", 99)];
        let choice = choose(&files).unwrap();
        assert_eq!((choice.path.as_str(), choice.files.len()), ("slices", 2));
        assert_eq!(choose(&files[..2]).unwrap().path, "flat/a.tif");
        assert_eq!(choose(&files[4..]).unwrap().path, "old.mrc");
        assert_eq!(choose(&files[..1]), None);
        assert_eq!(choose(&[file("0.tif", 1), file("1.tif", 1)]).unwrap().path, "");
        assert_eq!(choose(&[file("a/.hidden.tif", 1)]), None);
    }

    #[test]
    fn hdf5_files_come_together_for_they_may_need_each_other() {
        let files = [file("scan.h5", 9), file("scan0001/frames.h5", 50), file("notes.txt", 1), file("old.mrc", 40)];
        let choice = choose(&files).unwrap();
        assert_eq!((choice.path.as_str(), choice.files.len()), ("", 2));
        assert_eq!(choose(&files[..1]).unwrap().path, "scan.h5");
        assert_eq!(choose(&files[2..]).unwrap().path, "old.mrc");
        assert_eq!(group_of("scan0001/frames.h5").unwrap(), "scan0001/frames.h5");
    }

    #[test]
    fn photographs_are_no_volume() {
        let photographs = [file("photos/1.jpg", 900), file("photos/2.jpg", 900), file("old.mrc", 99)];
        assert_eq!(choose(&photographs).unwrap().path, "old.mrc");
        assert_eq!(choose(&photographs[..2]), None);
        let series: Vec<StoredFile> = (0..20).map(|number| file(&format!("series/{number}.png"), 9)).collect();
        assert_eq!(choose(&series).unwrap().path, "series");
    }
}
