//! Where the keys of a volume lie: files of a folder, or whatever else can be asked for ranges of bytes.

use std::collections::HashMap;
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::read::damaged;
use crate::Trouble;

/// Which bytes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRange {
    From { offset: u64, length: u64 },
    Last(u64),
}

/// Where the keys of a volume lie. A missing key is `None`, not an error.
pub trait Keys: Send + Sync {
    fn read(&self, key: &str) -> Result<Option<Vec<u8>>, Trouble>;
    /// Exactly the asked bytes.
    fn read_range(&self, key: &str, range: KeyRange) -> Result<Option<Vec<u8>>, Trouble>;
    /// Whether two short requests cost less than one long one.
    fn is_near(&self) -> bool {
        false
    }
}

/// Files that stay open for the next request.
const FILES_KEPT: usize = 64;

/// Keys as files of a folder.
pub struct FolderKeys {
    root: PathBuf,
    kept: Mutex<HashMap<String, Arc<Open>>>,
}

struct Open {
    file: File,
    bytes: u64,
}

impl FolderKeys {
    pub fn new(root: &Path) -> Self {
        Self { root: root.into(), kept: Mutex::default() }
    }

    fn open(&self, key: &str) -> Result<Option<Arc<Open>>, Trouble> {
        if let Some(open) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Ok(Some(open.clone()));
        }
        let opened = File::open(self.root.join(key)).and_then(|file| Ok(Open { bytes: file.metadata()?.len(), file }));
        match opened {
            Ok(open) => {
                let open = Arc::new(open);
                let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
                if kept.len() >= FILES_KEPT {
                    kept.clear();
                }
                kept.insert(key.into(), open.clone());
                Ok(Some(open))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Trouble::io("opening", Path::new(key), &error)),
        }
    }
}

impl Keys for FolderKeys {
    fn read(&self, key: &str) -> Result<Option<Vec<u8>>, Trouble> {
        match std::fs::read(self.root.join(key)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Trouble::io("reading", Path::new(key), &error)),
        }
    }

    fn read_range(&self, key: &str, range: KeyRange) -> Result<Option<Vec<u8>>, Trouble> {
        let Some(open) = self.open(key)? else { return Ok(None) };
        let (offset, length) = match range {
            KeyRange::From { offset, length } => (offset, length),
            KeyRange::Last(length) => (open.bytes.saturating_sub(length), length),
        };
        if offset.checked_add(length).is_none_or(|end| end > open.bytes) {
            return Err(damaged(key));
        }
        let mut bytes = vec![0; length as usize];
        open.file.read_exact_at(&mut bytes, offset).map_err(|error| Trouble::io("reading", Path::new(key), &error))?;
        Ok(Some(bytes))
    }

    fn is_near(&self) -> bool {
        true
    }
}
