//! Puts blocks down. A long file passes by the page cache: the copy into it would be the dearest step of an upload, and
//! would push out what readers want. Where the file system will not have that, and for short files, which the worker reads
//! at once, bytes go through the cache as usual.

use super::block::{ALIGNMENT, Block};
use std::{
    fs::File,
    io::{self, IoSlice},
    os::{fd::AsRawFd, unix::fs::FileExt},
};

/// Shorter files stay in the page cache.
const STRAIGHT_FROM_BYTES: u64 = 32 << 20;
/// The disk begins to write after each such window of cached bytes, so that the last sync is short.
const WRITE_BACK_BYTES: u64 = 32 << 20;
/// So much may be on its way to the disk before the writer waits for it.
const WRITE_BACK_BEHIND: u64 = 4 * WRITE_BACK_BYTES;

/// How the file is written now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Through the page cache, and so it stays.
    Cached,
    /// Straight to the disk where whole units are written; `now` says how the descriptor stands.
    Straight { now: bool },
}

pub(super) struct Pen {
    file: File,
    position: u64,
    way: Way,
    write_back_from: u64,
    /// Once, as a disk does.
    #[cfg(test)]
    pub(super) sync_fails: bool,
}

impl Pen {
    /// Writes behind `position`, the present end of a file that shall become `total` bytes long.
    pub(super) fn new(file: File, position: u64, total: u64) -> Self {
        let way = if total >= STRAIGHT_FROM_BYTES { Way::Straight { now: false } } else { Way::Cached };
        Self {
            file,
            position,
            way,
            write_back_from: position,
            #[cfg(test)]
            sync_fails: false,
        }
    }

    /// Blocks that follow each other; what of them is straight goes to the disk in one call, which keeps it busy.
    pub(super) fn write(&mut self, blocks: &[Block]) -> io::Result<()> {
        let mut straight: Vec<IoSlice<'_>> = Vec::with_capacity(blocks.len());
        let mut position = self.position;
        for block in blocks {
            let bytes = block.bytes();
            let head = bytes.len().min((position.next_multiple_of(ALIGNMENT as u64) - position) as usize);
            let whole = (bytes.len() - head) / ALIGNMENT * ALIGNMENT;
            position += bytes.len() as u64;
            if head > 0 {
                self.write_straight(&mut straight)?;
                self.write_cached(&bytes[..head])?;
            }
            if whole > 0 {
                straight.push(IoSlice::new(&bytes[head..head + whole]));
            }
            if head + whole < bytes.len() {
                self.write_straight(&mut straight)?;
                self.write_cached(&bytes[head + whole..])?;
            }
        }
        self.write_straight(&mut straight)?;
        if self.way == Way::Cached {
            self.write_back();
        }
        Ok(())
    }

    fn write_straight(&mut self, slices: &mut Vec<IoSlice<'_>>) -> io::Result<()> {
        let mut rest = slices.as_mut_slice();
        // After a short write the rest no longer lies as the file does.
        while !rest.is_empty() && self.position.is_multiple_of(ALIGNMENT as u64) && self.stands(true) {
            match write_at(&self.file, rest, self.position) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.position += count as u64;
                    IoSlice::advance_slices(&mut rest, count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {
                    self.stands(false);
                    self.way = Way::Cached;
                }
                Err(error) => return Err(error),
            }
        }
        for slice in rest.iter() {
            self.write_cached(slice)?;
        }
        slices.clear();
        Ok(())
    }

    fn write_cached(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !bytes.is_empty() {
            self.stands(false);
            self.file.write_all_at(bytes, self.position)?;
            self.position += bytes.len() as u64;
        }
        Ok(())
    }

    /// Turns the descriptor; false when it will not stand so.
    fn stands(&mut self, straight: bool) -> bool {
        let Way::Straight { now } = self.way else { return !straight };
        if now != straight {
            let turned = set_direct(&self.file, straight);
            self.way = if turned { Way::Straight { now: straight } } else { Way::Cached };
            return turned;
        }
        true
    }

    /// Starts the disk early and keeps it from falling far behind.
    fn write_back(&mut self) {
        while self.position - self.write_back_from >= WRITE_BACK_BYTES {
            let from = self.write_back_from;
            sync_range(&self.file, from, libc::SYNC_FILE_RANGE_WRITE);
            if let Some(behind) = from.checked_sub(WRITE_BACK_BEHIND) {
                let wait = libc::SYNC_FILE_RANGE_WAIT_BEFORE | libc::SYNC_FILE_RANGE_WRITE | libc::SYNC_FILE_RANGE_WAIT_AFTER;
                sync_range(&self.file, behind, wait);
            }
            self.write_back_from += WRITE_BACK_BYTES;
        }
    }

    /// What was written survives a loss of power when this returns.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        #[cfg(test)]
        if std::mem::take(&mut self.sync_fails) {
            return Err(io::Error::other("the disk lost something"));
        }
        self.file.sync_data()
    }

    /// Takes back what lies behind this length.
    pub(super) fn cut(&mut self, length: u64) -> io::Result<()> {
        self.position = length;
        self.file.set_len(length)
    }
}

fn write_at(file: &File, slices: &[IoSlice<'_>], position: u64) -> io::Result<usize> {
    // `IoSlice` has the layout of `iovec` by its documentation; the kernel only reads through the pointers.
    let (first, count) = (slices.as_ptr().cast(), slices.len() as libc::c_int);
    // SAFETY: the slices and the descriptor live during the call.
    let written = unsafe { libc::pwritev(file.as_raw_fd(), first, count, position as libc::off_t) };
    usize::try_from(written).map_err(|_| io::Error::last_os_error())
}

/// Whether the file system takes writes that pass by the page cache.
fn set_direct(file: &File, straight: bool) -> bool {
    // SAFETY: the descriptor is open during both calls, which take and return numbers only.
    unsafe {
        let flags = libc::fcntl(file.as_raw_fd(), libc::F_GETFL);
        let wanted = if straight { flags | libc::O_DIRECT } else { flags & !libc::O_DIRECT };
        flags >= 0 && libc::fcntl(file.as_raw_fd(), libc::F_SETFL, wanted) == 0
    }
}

/// A hint only: durability comes from the sync at the end, which also reports every error.
fn sync_range(file: &File, start: u64, flags: libc::c_uint) {
    // SAFETY: the descriptor is open during the call, which takes numbers only.
    unsafe { libc::sync_file_range(file.as_raw_fd(), start as libc::off64_t, WRITE_BACK_BYTES as libc::off64_t, flags) };
}

#[cfg(test)]
mod tests {
    use super::{super::block::*, *};
    use bytes::Bytes;

    /// Pieces of every awkward length, as slow and quick senders bring them, written both ways.
    #[tokio::test]
    async fn the_file_holds_what_was_written_wherever_blocks_begin_and_end() {
        let bytes: Vec<u8> = (0..6_000_000u64).map(|number| (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect();
        for (total, folder) in [(u64::MAX, "."), (1000, "."), (u64::MAX, "/dev/shm")] {
            let Ok(file) = tempfile::tempfile_in(folder) else { continue };
            let mut pen = Pen::new(file.try_clone().unwrap(), 0, total);
            let (mut supply, back) = Supply::new(Spare::default(), u64::MAX);
            let mut written = 0;
            for length in [1, 4095, 4096, 8192, 100, 1 << 20, 3, 2_000_000, 5000].into_iter().cycle() {
                let mut piece = Bytes::copy_from_slice(&bytes[written..bytes.len().min(written + length)]);
                let mut blocks = Vec::new();
                while !piece.is_empty() {
                    let mut block = supply.next(written as u64).await.unwrap();
                    block.fill(&mut piece);
                    written += block.bytes().len();
                    blocks.push(block);
                }
                pen.write(&blocks).unwrap();
                blocks.into_iter().for_each(|block| back.give(block));
                if written == bytes.len() {
                    break;
                }
            }
            pen.sync().unwrap();
            let mut found = vec![0; bytes.len()];
            file.read_exact_at(&mut found, 0).unwrap();
            assert!(found == bytes && file.metadata().unwrap().len() == bytes.len() as u64, "{total} in {folder}");
            pen.cut(10).unwrap();
            assert_eq!(file.metadata().unwrap().len(), 10);
        }
    }
}
