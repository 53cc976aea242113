//! Files that were opened lately stay open: a viewer asks for many ranges of the same few shards.
//! Only derivatives are kept, whose bytes never change under their key.

use crate::blob::Blob;
use record::id::RecordId;
use std::{collections::HashMap, sync::Mutex};

/// Well below the usual limit of 1,024 descriptors of a process.
const FILES_MAX: usize = 384;

/// Two generations: when the young one is full it becomes the old one, and what nobody asked for since is closed.
#[derive(Default)]
pub(crate) struct OpenFiles(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<String, (RecordId, Blob)>,
    old: HashMap<String, (RecordId, Blob)>,
}

impl OpenFiles {
    pub(crate) fn get(&self, path: &str) -> Option<Blob> {
        let mut files = self.lock();
        if let Some((_, blob)) = files.young.get(path) {
            return Some(blob.clone());
        }
        let (record, blob) = files.old.remove(path)?;
        files.insert(path.to_owned(), record, blob.clone());
        Some(blob)
    }

    pub(crate) fn keep(&self, path: String, record: RecordId, blob: Blob) {
        self.lock().insert(path, record, blob);
    }

    pub(crate) fn forget(&self, record: &RecordId) {
        let mut files = self.lock();
        files.young.retain(|_, (owner, _)| owner != record);
        files.old.retain(|_, (owner, _)| owner != record);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Generations> {
        // A panic elsewhere cannot leave the maps half changed in a way that matters: they are only a cache.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Generations {
    fn insert(&mut self, path: String, record: RecordId, blob: Blob) {
        if self.young.len() >= FILES_MAX / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(path, (record, blob));
    }
}
