//! Which files a deposit consists of: everything below a folder, in byte order, under names that a record can hold.

use record::file::{BadPath, FilePath};
use std::{
    io,
    path::{Path, PathBuf},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFile {
    pub path: FilePath,
    pub local: PathBuf,
    pub bytes: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    #[error("cannot read {path}: {why}")]
    Unreadable { path: PathBuf, why: io::Error },
    #[error("{0}")]
    Name(#[from] BadPath),
    #[error("{path} is not named in UTF-8; rename it")]
    NotUnicode { path: PathBuf },
    #[error(
        "{first} and {second} differ only in case or Unicode form and would overwrite each other on some computers; rename one of them"
    )]
    Collision { first: String, second: String },
    #[error("{path} lies more than {} folders deep", FilePath::DEPTH_MAX)]
    TooDeep { path: PathBuf },
}

/// A single file stands under its own name; of a folder everything below it, without the folder's name.
pub fn files_of(root: &Path) -> Result<Vec<LocalFile>, Unfit> {
    let facts = std::fs::metadata(root).map_err(|why| Unfit::Unreadable { path: root.to_owned(), why })?;
    let mut files = Vec::new();
    if facts.is_file() {
        let name = root.file_name().and_then(|name| name.to_str()).ok_or_else(|| Unfit::NotUnicode { path: root.to_owned() })?;
        files.push(LocalFile { path: name.parse()?, local: root.to_owned(), bytes: facts.len() });
    } else {
        descend(root, "", 0, &mut files)?;
    }
    files.sort_by(|a, b| a.path.as_str().cmp(b.path.as_str()));
    refuse_collisions(&files)?;
    Ok(files)
}

fn descend(folder: &Path, prefix: &str, depth: usize, files: &mut Vec<LocalFile>) -> Result<(), Unfit> {
    // Also ends a circle of symbolic links.
    if depth >= FilePath::DEPTH_MAX {
        return Err(Unfit::TooDeep { path: folder.to_owned() });
    }
    let unreadable = |path: &Path, why| Unfit::Unreadable { path: path.to_owned(), why };
    for entry in std::fs::read_dir(folder).map_err(|why| unreadable(folder, why))? {
        let local = entry.map_err(|why| unreadable(folder, why))?.path();
        let name = local.file_name().and_then(|name| name.to_str()).ok_or_else(|| Unfit::NotUnicode { path: local.clone() })?;
        let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
        let facts = std::fs::metadata(&local).map_err(|why| unreadable(&local, why))?;
        if facts.is_dir() {
            descend(&local, &path, depth + 1, files)?;
        } else if facts.is_file() {
            files.push(LocalFile { path: path.parse()?, bytes: facts.len(), local });
        }
    }
    Ok(())
}

fn refuse_collisions(files: &[LocalFile]) -> Result<(), Unfit> {
    let mut folded: Vec<(String, &str)> = files.iter().map(|file| (file.path.folded(), file.path.as_str())).collect();
    folded.sort();
    match folded.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        None => Ok(()),
        Some(pair) => Err(Unfit::Collision { first: pair[0].1.to_owned(), second: pair[1].1.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_tree_in_byte_order_and_a_file_itself() {
        let scratch = tempfile::tempdir().unwrap();
        std::fs::create_dir(scratch.path().join("slices")).unwrap();
        std::fs::write(scratch.path().join("slices/b.tif"), b"bb").unwrap();
        std::fs::write(scratch.path().join("slices/a.tif"), b"a").unwrap();
        std::fs::write(scratch.path().join("notes.txt"), b"").unwrap();
        let files = files_of(scratch.path()).unwrap();
        let seen: Vec<_> = files.iter().map(|file| (file.path.as_str(), file.bytes)).collect();
        assert_eq!(seen, [("notes.txt", 0), ("slices/a.tif", 1), ("slices/b.tif", 2)]);
        assert_eq!(files_of(&scratch.path().join("slices/b.tif")).unwrap()[0].path.as_str(), "b.tif");
    }

    #[test]
    fn names_that_would_overwrite_each_other_are_refused_before_anything_is_sent() {
        let scratch = tempfile::tempdir().unwrap();
        std::fs::write(scratch.path().join("Slice.tif"), b"1").unwrap();
        std::fs::write(scratch.path().join("slice.tif"), b"2").unwrap();
        assert!(matches!(files_of(scratch.path()), Err(Unfit::Collision { .. })));
    }

    #[test]
    fn a_circle_of_links_ends() {
        let scratch = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(scratch.path(), scratch.path().join("round")).unwrap();
        assert!(files_of(scratch.path()).is_err());
    }
}
