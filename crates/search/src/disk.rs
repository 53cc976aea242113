//! The folder of the index, as the index reads it. Word lists and columns are mapped: every question walks through them.
//! What is shown of a record is read piece by piece instead: a page of hits needs twenty small pieces of what is most of the
//! index, and mapped they would make the whole of it resident, sixteen pages around each.

use std::{
    fs::File,
    io,
    ops::Range,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};
use tantivy::{
    HasLen,
    directory::{
        Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, OwnedBytes, WatchCallback, WatchHandle, WritePtr,
        error::{DeleteError, LockError, OpenDirectoryError, OpenReadError, OpenWriteError},
    },
};

/// Where tantivy puts what is shown of documents.
const SHOWN_ENDING: &str = "store";
/// More than a few blocks at once is a merge, which reads from end to end.
const PIECE_BYTES_MAX: usize = 64 << 10;

#[derive(Debug, Clone)]
pub(crate) struct Disk {
    mapped: MmapDirectory,
    root: PathBuf,
}

impl Disk {
    pub(crate) fn open(root: &Path) -> Result<Self, OpenDirectoryError> {
        Ok(Self { mapped: MmapDirectory::open(root)?, root: root.to_owned() })
    }
}

#[derive(Debug)]
struct Pieces {
    file: File,
    mapped: Arc<dyn FileHandle>,
}

impl HasLen for Pieces {
    fn len(&self) -> usize {
        self.mapped.len()
    }
}

impl FileHandle for Pieces {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.len() > PIECE_BYTES_MAX {
            return self.mapped.read_bytes(range);
        }
        let mut piece = vec![0; range.len()];
        self.file.read_exact_at(&mut piece, range.start as u64)?;
        Ok(OwnedBytes::new(piece))
    }
}

impl Directory for Disk {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let mapped = self.mapped.get_file_handle(path)?;
        if path.extension().is_none_or(|ending| ending != SHOWN_ENDING) {
            return Ok(mapped);
        }
        let file = File::open(self.root.join(path)).map_err(|error| OpenReadError::wrap_io_error(error, path.to_owned()))?;
        Ok(Arc::new(Pieces { file, mapped }))
    }
    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.mapped.delete(path)
    }
    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.mapped.exists(path)
    }
    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.mapped.open_write(path)
    }
    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.mapped.atomic_read(path)
    }
    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.mapped.atomic_write(path, data)
    }
    fn sync_directory(&self) -> io::Result<()> {
        self.mapped.sync_directory()
    }
    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.mapped.acquire_lock(lock)
    }
    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.mapped.watch(callback)
    }
}

/// Gives memory that a merge needed back to the system; the allocator would keep it for ever.
pub(crate) fn give_back_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: takes a number, touches only memory that nobody holds, and may be called from any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use tantivy::directory::TerminatingWrite;

    #[test]
    fn pieces_and_the_whole_are_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::open(folder.path()).unwrap();
        let bytes: Vec<u8> = (0..300_000u32).map(|number| (number % 251) as u8).collect();
        for name in ["a.store", "a.term"] {
            let mut out = disk.open_write(Path::new(name)).unwrap();
            out.write_all(&bytes).unwrap();
            out.terminate().unwrap();
            let handle = disk.get_file_handle(Path::new(name)).unwrap();
            assert_eq!(handle.len(), bytes.len());
            for range in [0..0, 0..1, 4095..70_000, 0..300_000, 299_999..300_000] {
                assert_eq!(handle.read_bytes(range.clone()).unwrap().as_slice(), &bytes[range]);
            }
        }
        assert!(disk.get_file_handle(Path::new("b.store")).is_err());
    }
}
