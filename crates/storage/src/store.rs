//! The store as the rest of the program sees it.

use crate::{
    blob::Blob,
    bucket::{Bucket, S3Options},
    fault::Fault,
    key::{Key, StorePath, derivatives_root},
    local::Disk,
    ocfl,
    open_files::OpenFiles,
    shelf::{Content, Listed, Overwrite, Shelf, Shelves, Steps},
    staging::Staging,
};
use bytes::Bytes;
use record::{
    file::Place,
    id::{RecordId, UploadId},
    version::Version,
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

/// Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) shelves: Shelves,
    staging: Staging,
    scratch: Arc<Path>,
    open_files: Arc<OpenFiles>,
    commits: Arc<Mutex<HashMap<RecordId, Arc<tokio::sync::Mutex<()>>>>>,
}

impl Store {
    /// `url` is `file:/directory` or `s3://bucket/prefix`; `staging` is a local directory, for a local store best on the
    /// same file system, so that finished uploads are linked into place and not copied.
    pub async fn open(url: &str, staging: &Path, s3: &S3Options) -> Result<Self, Fault> {
        let shelf = if let Some(directory) = url.strip_prefix("file:") {
            // `file:///srv` and `file:/srv` mean the same; `file:data` is relative to the working directory.
            let directory = directory.strip_prefix("//").unwrap_or(directory).to_owned();
            crate::fault::blocking("open", move || Disk::open(&PathBuf::from(directory)).map(Shelf::Local)).await?
        } else if let Some(place) = url.strip_prefix("s3://") {
            Shelf::Bucket(Bucket::open(place, s3)?)
        } else {
            return Err(Fault::refused("open", url, "storage.url begins with file: or s3://"));
        };
        let scratch: Arc<Path> = staging.join("scratch").into();
        let made = scratch.clone();
        crate::fault::blocking("create", move || {
            std::fs::create_dir_all(&made).map_err(|source| Fault::io("create", made.display(), source))
        })
        .await?;
        let store = Self {
            shelves: Shelves { shelf, steps: Steps::default() },
            staging: Staging::open(staging).await?,
            scratch,
            open_files: Arc::default(),
            commits: Arc::default(),
        };
        ocfl::declare_root(&store.shelves).await?;
        Ok(store)
    }

    /// For tests: the given number of writes succeed, and then none does any more, as after a kill.
    pub fn failing_after(&self, writes: i64) -> Self {
        let shelves = Shelves { shelf: self.shelves.shelf.clone(), steps: Steps::until_failure(writes) };
        Self { shelves, ..self.clone() }
    }

    pub fn staging(&self) -> &Staging {
        &self.staging
    }

    /// A local directory for work in progress, from which [`Store::put_tree`] can move instead of copy.
    pub fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// An opened object, or `None` when there is none.
    pub async fn blob(&self, key: &Key) -> Result<Option<Blob>, Fault> {
        let path = key.path();
        let Key::Derivative { record, .. } = key else {
            return self.shelves.blob(StorePath::parse(path)?).await;
        };
        if let Some(blob) = self.open_files.get(&path) {
            return Ok(Some(blob));
        }
        let found = self.shelves.blob(StorePath::parse(path.clone())?).await?;
        if let Some(blob) = &found {
            self.open_files.keep(path, record.clone(), blob.clone());
        }
        Ok(found)
    }

    /// A file that is still arriving, or has arrived and not been preserved yet.
    pub async fn staged_blob(&self, id: &UploadId) -> Result<Option<Blob>, Fault> {
        self.staging.blob(id).await
    }

    /// An original, wherever it lies now.
    pub async fn original(&self, record: &RecordId, place: &Place) -> Result<Option<Blob>, Fault> {
        match place {
            Place::Staged { upload } => self.staged_blob(upload).await,
            Place::Preserved { content_path } => {
                self.blob(&Key::Content { record: record.clone(), content_path: content_path.clone() }).await
            }
        }
    }

    pub async fn put(&self, key: &Key, bytes: Bytes) -> Result<(), Fault> {
        self.shelves.put(StorePath::parse(key.path())?, Content::Bytes(bytes), Overwrite::Replace).await?;
        self.forget_open(key);
        Ok(())
    }

    /// Fails with [`Fault::Exists`] when there is something already.
    pub async fn put_if_absent(&self, key: &Key, bytes: Bytes) -> Result<(), Fault> {
        self.shelves.put(StorePath::parse(key.path())?, Content::Bytes(bytes), Overwrite::Refuse).await
    }

    /// A copy of a local file.
    pub async fn put_file(&self, key: &Key, path: &Path) -> Result<(), Fault> {
        self.shelves.put(StorePath::parse(key.path())?, Content::File(path.to_owned()), Overwrite::Replace).await?;
        self.forget_open(key);
        Ok(())
    }

    pub async fn delete(&self, key: &Key) -> Result<(), Fault> {
        self.shelves.delete(StorePath::parse(key.path())?).await?;
        self.forget_open(key);
        Ok(())
    }

    /// Everything under a prefix such as `derivatives/012345678`, sorted by path.
    pub async fn list(&self, prefix: &str) -> Result<Vec<Listed>, Fault> {
        self.shelves.list(StorePath::parse(prefix)?).await
    }

    /// Everything the worker made for the record, of all versions.
    pub async fn delete_derivatives(&self, record: &RecordId) -> Result<(), Fault> {
        self.shelves.delete_tree(StorePath::parse(derivatives_root(record))?).await?;
        self.open_files.forget(record);
        Ok(())
    }

    /// What was made by one recipe of one version, when nothing refers to it any more.
    pub async fn delete_recipe(&self, record: &RecordId, version: Version, recipe: &str) -> Result<(), Fault> {
        self.shelves.delete_tree(StorePath::parse(format!("{}/{version}/{recipe}", derivatives_root(record)))?).await?;
        self.open_files.forget(record);
        Ok(())
    }

    /// Everything that was made of a draft of a version that is given up.
    pub async fn delete_version(&self, record: &RecordId, version: Version) -> Result<(), Fault> {
        self.shelves.delete_tree(StorePath::parse(format!("{}/{version}", derivatives_root(record)))?).await?;
        self.open_files.forget(record);
        Ok(())
    }

    pub(crate) fn forget_open(&self, key: &Key) {
        if let Key::Derivative { record, .. } = key {
            self.open_files.forget(record);
        }
    }

    /// One commit at a time for each record.
    pub(crate) async fn commit_turn(&self, record: &RecordId) -> tokio::sync::OwnedMutexGuard<()> {
        let turn = {
            // The map is only read and extended here, so a panic elsewhere cannot have left it half changed.
            let mut turns = self.commits.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            turns.entry(record.clone()).or_default().clone()
        };
        turn.lock_owned().await
    }
}
