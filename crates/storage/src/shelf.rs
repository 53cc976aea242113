//! The two kinds of place behind one set of verbs, and the counter that lets a test stop the world at any write.

use crate::{
    blob::Blob,
    bucket::Bucket,
    fault::{Fault, blocking},
    key::StorePath,
    local::Disk,
};
use bytes::Bytes;
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

#[derive(Debug, Clone)]
pub(crate) enum Content {
    Bytes(Bytes),
    /// A durable file on a local disk.
    File(PathBuf),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overwrite {
    Replace,
    Refuse,
}

/// One stored file, by its path inside the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub path: String,
    pub bytes: u64,
}

#[derive(Clone)]
pub(crate) enum Shelf {
    Local(Disk),
    Bucket(Bucket),
}

/// Counts writes down to a failure, after which nothing is written any more: to the store this looks like a kill.
#[derive(Clone, Default)]
pub(crate) struct Steps(Option<Arc<AtomicI64>>);

impl Steps {
    pub(crate) fn until_failure(writes: i64) -> Self {
        Self(Some(Arc::new(AtomicI64::new(writes))))
    }
    fn take(&self, attempted: &'static str, key: &StorePath) -> Result<(), Fault> {
        match &self.0 {
            Some(left) if left.fetch_sub(1, Ordering::SeqCst) <= 0 => Err(Fault::refused(attempted, key, "the test stops the store here")),
            _ => Ok(()),
        }
    }
}

/// A shelf and its step counter.
#[derive(Clone)]
pub(crate) struct Shelves {
    pub(crate) shelf: Shelf,
    pub(crate) steps: Steps,
}

impl Shelves {
    pub(crate) async fn blob(&self, key: StorePath) -> Result<Option<Blob>, Fault> {
        match &self.shelf {
            Shelf::Local(disk) => {
                let disk = disk.clone();
                blocking("open", move || disk.blob(&key)).await
            }
            Shelf::Bucket(bucket) => bucket.blob(&key).await,
        }
    }

    pub(crate) async fn read(&self, key: StorePath) -> Result<Option<Bytes>, Fault> {
        match self.blob(key).await? {
            Some(blob) => blob.read_all().await.map(Some),
            None => Ok(None),
        }
    }

    pub(crate) async fn put(&self, key: StorePath, content: Content, overwrite: Overwrite) -> Result<(), Fault> {
        self.steps.take("write", &key)?;
        match &self.shelf {
            Shelf::Local(disk) => {
                let disk = disk.clone();
                blocking("write", move || disk.put(&key, &content, overwrite)).await
            }
            Shelf::Bucket(bucket) => bucket.put(&key, &content, overwrite).await,
        }
    }

    /// Many files, none of which anybody may read yet. Links instead of copies where that is possible.
    pub(crate) async fn put_many(&self, files: Vec<(StorePath, Content)>) -> Result<(), Fault> {
        let mut allowed = Vec::with_capacity(files.len());
        let mut stopped = Ok(());
        for file in files {
            stopped = self.steps.take("write", &file.0);
            if stopped.is_err() {
                break;
            }
            allowed.push(file);
        }
        match &self.shelf {
            Shelf::Local(disk) => {
                let disk = disk.clone();
                blocking("write", move || disk.put_many(&allowed)).await?;
            }
            Shelf::Bucket(bucket) => bucket.put_many(allowed).await?,
        }
        stopped
    }

    /// Moves a built tree to its place. A bucket builds in place, so there is nothing to move.
    pub(crate) async fn install(&self, from: StorePath, to: StorePath) -> Result<(), Fault> {
        if from == to {
            return Ok(());
        }
        self.steps.take("move into place", &to)?;
        match &self.shelf {
            Shelf::Local(disk) => {
                let disk = disk.clone();
                blocking("move into place", move || disk.install_directory(&disk.path(&from), &to)).await
            }
            Shelf::Bucket(_) => Err(Fault::refused("move into place", &to, "a bucket builds in place")),
        }
    }

    pub(crate) async fn delete(&self, key: StorePath) -> Result<(), Fault> {
        self.steps.take("delete", &key)?;
        match &self.shelf {
            Shelf::Local(disk) => {
                let disk = disk.clone();
                blocking("delete", move || disk.delete(&key)).await
            }
            Shelf::Bucket(bucket) => bucket.delete(&key).await,
        }
    }

    pub(crate) async fn delete_tree(&self, prefix: StorePath) -> Result<(), Fault> {
        self.steps.take("delete", &prefix)?;
        match &self.shelf {
            Shelf::Local(disk) => {
                let disk = disk.clone();
                blocking("delete", move || disk.delete_tree(&prefix)).await
            }
            Shelf::Bucket(bucket) => bucket.delete_tree(&prefix).await,
        }
    }

    pub(crate) async fn list(&self, prefix: StorePath) -> Result<Vec<Listed>, Fault> {
        match &self.shelf {
            Shelf::Local(disk) => {
                let disk = disk.clone();
                blocking("list", move || disk.list(&prefix)).await
            }
            Shelf::Bucket(bucket) => bucket.list(&prefix).await,
        }
    }

    pub(crate) async fn folders(&self, prefix: String) -> Result<Vec<String>, Fault> {
        match &self.shelf {
            Shelf::Local(disk) => {
                let disk = disk.clone();
                blocking("list", move || disk.folders(&prefix)).await
            }
            Shelf::Bucket(bucket) => bucket.folders(&prefix).await,
        }
    }
}
