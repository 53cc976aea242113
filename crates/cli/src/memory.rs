//! Remembers which record a folder is being deposited into, so that a second run goes on where the first stopped.

use record::id::RecordId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    io,
    path::{Path, PathBuf},
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    pub server: String,
    pub folder: PathBuf,
    pub record: RecordId,
}

/// One small file for each pair of folder and server, below the user's state folder.
#[derive(Debug)]
pub struct Memory {
    file: PathBuf,
}

impl Memory {
    pub fn of(state_folder: &Path, folder: &Path, server: &str) -> Self {
        let mut sum = Sha256::new();
        sum.update(server.as_bytes());
        sum.update([0]);
        sum.update(folder.as_os_str().as_encoded_bytes());
        let name: String = sum.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        Self { file: state_folder.join("deposits").join(format!("{name}.json")) }
    }

    pub fn recall(&self) -> Option<Remembered> {
        serde_json::from_slice(&std::fs::read(&self.file).ok()?).ok()
    }

    pub fn remember(&self, what: &Remembered) -> io::Result<()> {
        if let Some(parent) = self.file.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let beside = self.file.with_extension("new");
        std::fs::write(&beside, serde_json::to_vec_pretty(what)?)?;
        std::fs::rename(&beside, &self.file)
    }

    pub fn forget(&self) {
        // Nothing is lost when this fails: the next run sees that the record takes no more files.
        let _ = std::fs::remove_file(&self.file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_remembered_for_each_server_by_itself() {
        let state = tempfile::tempdir().unwrap();
        let folder = Path::new("/data/scan");
        let here = Memory::of(state.path(), folder, "https://a.example");
        let what = Remembered { server: "https://a.example".into(), folder: folder.into(), record: "7h3k9x2q4".parse().unwrap() };
        here.remember(&what).unwrap();
        assert_eq!(here.recall(), Some(what));
        assert_eq!(Memory::of(state.path(), folder, "https://b.example").recall(), None);
        here.forget();
        assert_eq!(here.recall(), None);
    }
}
