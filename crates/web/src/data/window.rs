//! A file as bytes that nobody reads. A response body is made of slices of a mapped file; the wire (see
//! [`super::wire`]) recognises their addresses and has the kernel send the file itself, so the mapping is never
//! touched and costs neither memory nor a copy. Where the wire is absent, as in tests, the same slices read correctly.

use bytes::Bytes;
use std::{
    collections::BTreeMap,
    fs::File,
    io,
    os::fd::AsRawFd,
    ptr::NonNull,
    sync::{Arc, PoisonError, RwLock},
};

/// Every mapping alive, by its first address.
static WINDOWS: RwLock<BTreeMap<usize, Window>> = RwLock::new(BTreeMap::new());

/// `vm.max_map_count` is 65,530 by default; other mappings need some of them.
const WINDOWS_MAX: usize = 40_000;

#[derive(Clone)]
struct Window {
    length: usize,
    file: Arc<File>,
}

/// Owns one mapping of a whole file.
struct Mapping {
    address: NonNull<u8>,
    length: usize,
}

// SAFETY: the mapping is read-only and shared; the address stays valid on every thread until `drop`.
unsafe impl Send for Mapping {}
// SAFETY: as above; nobody writes through it.
unsafe impl Sync for Mapping {}

impl AsRef<[u8]> for Mapping {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: `address` is the start of a readable mapping of `length` bytes that lives as long as `self`. Stored
        // objects are never truncated or rewritten in place (a key is written once), so the bytes stay the same.
        unsafe { std::slice::from_raw_parts(self.address.as_ptr(), self.length) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // The entry goes first: an address that is free to be mapped again must not be found any more.
        WINDOWS.write().unwrap_or_else(PoisonError::into_inner).remove(&(self.address.as_ptr() as usize));
        // SAFETY: exactly the range that `mmap` returned; no slice of it outlives `self`, which `Bytes` keeps alive.
        unsafe { libc::munmap(self.address.as_ptr().cast(), self.length) };
    }
}

/// The whole file as `Bytes`; slicing and cloning cost nothing.
pub(crate) fn open_window(file: &Arc<File>, bytes: u64) -> io::Result<Bytes> {
    let length = usize::try_from(bytes).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
    if length == 0 {
        return Ok(Bytes::new());
    }
    if WINDOWS.read().unwrap_or_else(PoisonError::into_inner).len() >= WINDOWS_MAX {
        return Err(io::Error::from(io::ErrorKind::QuotaExceeded));
    }
    // SAFETY: a fresh private address range is asked for; the descriptor is open while `file` is borrowed, and the
    // mapping does not need it afterwards.
    let address =
        unsafe { libc::mmap(std::ptr::null_mut(), length, libc::PROT_READ, libc::MAP_SHARED | libc::MAP_NORESERVE, file.as_raw_fd(), 0) };
    if address == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    let address = NonNull::new(address.cast::<u8>()).ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
    let window = Window { length, file: file.clone() };
    WINDOWS.write().unwrap_or_else(PoisonError::into_inner).insert(address.as_ptr() as usize, window);
    Ok(Bytes::from_owner(Mapping { address, length }))
}

/// Which file, from which byte on, these bytes are; `None` for ordinary memory.
pub(crate) fn find(bytes: &[u8]) -> Option<(Arc<File>, u64)> {
    let address = bytes.as_ptr() as usize;
    let windows = WINDOWS.read().unwrap_or_else(PoisonError::into_inner);
    let (start, window) = windows.range(..=address).next_back()?;
    let offset = address - start;
    (offset < window.length && bytes.len() <= window.length - offset).then(|| (window.file.clone(), offset as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file_of(bytes: &[u8]) -> Arc<File> {
        let path = std::env::temp_dir().join(format!("science3d-window-{}-{:?}", std::process::id(), std::thread::current().id()));
        File::create(&path).unwrap().write_all(bytes).unwrap();
        let file = File::open(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        Arc::new(file)
    }

    #[test]
    fn a_slice_of_a_window_is_recognised_and_reads_as_the_file() {
        let content: Vec<u8> = (0..100_000u32).map(|number| (number % 251) as u8).collect();
        let window = open_window(&file_of(&content), content.len() as u64).unwrap();
        assert_eq!(window, content);
        let piece = window.slice(70_000..70_010);
        assert_eq!(find(&piece).map(|(_, offset)| offset), Some(70_000));
        assert!(find(&content).is_none(), "ordinary memory is no window");
    }

    #[test]
    fn a_window_lives_as_long_as_its_last_slice_and_no_longer() {
        let file = file_of(b"0123456789");
        let alive = Arc::downgrade(&file);
        let window = open_window(&file, 10).unwrap();
        drop(file);
        let piece = window.slice(3..5);
        drop(window);
        assert_eq!((&piece[..], find(&piece).is_some()), (&b"34"[..], true));
        drop(piece);
        assert!(alive.upgrade().is_none(), "the file is closed with its last slice");
    }

    #[test]
    fn an_empty_file_has_an_empty_window() {
        assert!(open_window(&file_of(b""), 0).unwrap().is_empty());
    }
}
