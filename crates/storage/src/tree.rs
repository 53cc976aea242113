//! Whole directories: a volume of many files goes in at once, and a tree of originals comes out for the worker.

use crate::{
    fault::{Fault, blocking},
    key::{Key, StorePath},
    local::Disk,
    shelf::{Content, Shelf},
    store::Store,
};
use futures::{StreamExt, TryStreamExt, stream};
use record::{
    file::{FilePath, Place},
    id::RecordId,
    version::Version,
};
use std::{
    collections::HashSet,
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

/// More files than any volume in shards has; a chunked one of a terabyte has a few million.
const FILES_MAX: usize = 5_000_000;
const DOWNLOADS_AT_ONCE: usize = 6;

/// What was put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tree {
    pub files: u64,
    pub bytes: u64,
}

impl Store {
    /// Takes over a directory (or a single file) as the derivative `name`. It is moved where that is possible, so `dir` is gone
    /// afterwards; readers see nothing of it or all of it. A tree of the same name is replaced.
    pub async fn put_tree(&self, record: &RecordId, version: Version, recipe: &str, name: &str, dir: &Path) -> Result<Tree, Fault> {
        let key = Key::Derivative { record: record.clone(), version, recipe: recipe.to_owned(), path: name.to_owned() };
        let target = StorePath::parse(key.path())?;
        let from = dir.to_owned();
        let files = blocking("read", move || files_under(&from).map_err(|source| Fault::io("read", from.display(), source))).await?;
        let tree = Tree { files: files.len() as u64, bytes: files.iter().map(|(_, bytes)| bytes).sum() };
        match &self.shelves.shelf {
            Shelf::Local(disk) => {
                let (disk, from) = (disk.clone(), dir.to_owned());
                blocking("take over", move || disk.install_foreign_directory(&from, &target)).await?;
            }
            Shelf::Bucket(bucket) => {
                let mut contents = Vec::with_capacity(files.len());
                for (inside, _) in files {
                    let name = inside.to_str().ok_or_else(|| Fault::refused("take over", inside.display(), "the name is not Unicode"))?;
                    let (place, file) = match name {
                        "" => (target.clone(), dir.to_owned()),
                        name => (target.join(name)?, dir.join(name)),
                    };
                    contents.push((place, Content::File(file)));
                }
                bucket.put_many(contents).await?;
                let from = dir.to_owned();
                blocking("clear away", move || {
                    let removed = if from.is_dir() { fs::remove_dir_all(&from) } else { fs::remove_file(&from) };
                    removed.map_err(|source| Fault::io("clear away", from.display(), source))
                })
                .await?;
            }
        }
        self.forget_open(&key);
        Ok(tree)
    }

    /// Lays out originals under `dir` in their deposited tree, for a program that wants real files: hard links when they
    /// are local, else downloads. Nobody may write into them.
    pub async fn fetch_originals(&self, record: &RecordId, files: &[(FilePath, Place)], dir: &Path) -> Result<(), Fault> {
        let folders: HashSet<PathBuf> = files.iter().map(|(path, _)| dir.join(path.parent())).collect();
        blocking("create", move || {
            folders.iter().try_for_each(|folder| fs::create_dir_all(folder).map_err(|source| Fault::io("create", folder.display(), source)))
        })
        .await?;
        let mut links = Vec::new();
        let mut downloads = Vec::new();
        for (path, place) in files {
            let target = dir.join(path.as_str());
            match (place, &self.shelves.shelf) {
                (Place::Staged { upload }, _) => links.push((self.staging().path(upload), target)),
                (Place::Preserved { content_path }, Shelf::Local(disk)) => links.push((content_file(disk, record, content_path)?, target)),
                (Place::Preserved { .. }, Shelf::Bucket(_)) => downloads.push((place.clone(), target)),
            }
        }
        blocking("link", move || {
            links.iter().try_for_each(|(from, to)| link(from, to).map_err(|source| Fault::io("link", to.display(), source)))
        })
        .await?;
        stream::iter(downloads)
            .map(|(place, target)| self.clone().download(record.clone(), place, target))
            .buffer_unordered(DOWNLOADS_AT_ONCE)
            .try_collect()
            .await
    }

    /// Owns what it needs, so that many run side by side on any thread.
    async fn download(self, record: RecordId, place: Place, target: PathBuf) -> Result<(), Fault> {
        let missing = || Fault::NotFound { key: target.display().to_string() };
        let blob = self.original(&record, &place).await?.ok_or_else(missing)?;
        let path = target.clone();
        let mut file =
            blocking("create", move || fs::File::create(&path).map_err(|source| Fault::io("create", path.display(), source))).await?;
        let mut pieces = std::pin::pin!(blob.stream(0..blob.bytes));
        while let Some(piece) = pieces.next().await {
            let (piece, path) = (piece?, target.clone());
            file = blocking("write", move || match file.write_all(&piece) {
                Ok(()) => Ok(file),
                Err(source) => Err(Fault::io("write", path.display(), source)),
            })
            .await?;
        }
        Ok(())
    }
}

fn content_file(disk: &Disk, record: &RecordId, content_path: &str) -> Result<PathBuf, Fault> {
    let key = Key::Content { record: record.clone(), content_path: content_path.to_owned() };
    Ok(disk.path(&StorePath::parse(key.path())?))
}

fn link(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Err(error) if matches!(error.kind(), io::ErrorKind::CrossesDevices | io::ErrorKind::TooManyLinks) => {
            std::os::unix::fs::symlink(fs::canonicalize(from)?, to)
        }
        linked => linked,
    }
}

/// All files with their lengths, by their path inside; a single file has the empty path.
fn files_under(root: &Path) -> io::Result<Vec<(PathBuf, u64)>> {
    let facts = fs::metadata(root)?;
    if facts.is_file() {
        return Ok(vec![(PathBuf::new(), facts.len())]);
    }
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let (inside, facts) = (folder.join(entry.file_name()), entry.metadata()?);
            match facts.is_dir() {
                true => folders.push(inside),
                false => found.push((inside, facts.len())),
            }
        }
        if found.len() > FILES_MAX {
            return Err(io::Error::other("a derivative has at most 5,000,000 files; make larger shards"));
        }
    }
    Ok(found)
}
