//! Pens: a few threads that write shards while the cores go on packing.
//!
//! The two finest levels go straight to the disk, past the page cache: copying seven eighths of a volume into memory of the
//! system, only to push it out again, costs as much as compressing it, and drives out what others want to read. A disk
//! takes whole blocks from aligned memory then: sheets. What fills no block yet stays with its shard as its tail.
//!
//! A conversion in one thread has no pens: that thread writes by itself, and lets the page cache wait for the disk.

use std::collections::hash_map::DefaultHasher;
use std::fs::{File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::durable::{Flush, send, stopped_halfway};
use crate::Trouble;

/// What is written straight begins and ends at multiples of this.
pub(crate) const BLOCK_BYTES: usize = 4096;
const SHEET_BYTES: usize = 1 << 20;
/// Sheets that are filled or written at the same time, however large a volume is.
const SHEETS: usize = 12;
const PENS: usize = 4;
/// Levels from here on stay in the page cache: they are small, and looked at first.
const CACHED_FROM_LEVEL: usize = 2;

/// Memory that all sheets take.
pub(crate) const MEMORY_BYTES: u64 = (SHEETS * (SHEET_BYTES + BLOCK_BYTES)) as u64;

/// Aligned memory for whole blocks.
pub(crate) struct Sheet {
    memory: Vec<u8>,
    /// Where the first whole block begins.
    start: usize,
    filled: usize,
}

impl Sheet {
    fn blank() -> Self {
        let memory = vec![0; SHEET_BYTES + BLOCK_BYTES];
        let start = memory.as_ptr().align_offset(BLOCK_BYTES).min(BLOCK_BYTES);
        Self { memory, start, filled: 0 }
    }

    /// Takes as much as there is room for and returns the rest.
    pub(crate) fn fill<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (taken, rest) = bytes.split_at(bytes.len().min(SHEET_BYTES - self.filled));
        self.memory[self.start + self.filled..][..taken.len()].copy_from_slice(taken);
        self.filled += taken.len();
        rest
    }

    pub(crate) fn is_full(&self) -> bool {
        self.filled == SHEET_BYTES
    }

    /// What fills no whole block goes into `tail`.
    pub(crate) fn keep_whole_blocks(&mut self, tail: &mut Vec<u8>) {
        let whole = self.filled / BLOCK_BYTES * BLOCK_BYTES;
        tail.clear();
        tail.extend_from_slice(&self.bytes()[whole..]);
        self.filled = whole;
    }

    /// Zeros up to the end of the block.
    pub(crate) fn pad(&mut self) {
        let end = self.filled.next_multiple_of(BLOCK_BYTES);
        self.memory[self.start..][self.filled..end].fill(0);
        self.filled = end;
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.memory[self.start..][..self.filled]
    }
}

/// What a pen does next.
enum Stroke {
    Write {
        level: usize,
        path: PathBuf,
        at: u64,
        sheet: Sheet,
    },
    /// A shard is complete and so many bytes long.
    Finish {
        path: PathBuf,
        bytes: u64,
    },
    /// Whoever waits for all that stands before is told.
    Settle(SyncSender<()>),
}

/// Sheets that nobody uses at the moment, and the first thing that went wrong.
struct Tray {
    /// The folder of the volume, by which files are named in troubles.
    root: PathBuf,
    blank: Mutex<Vec<Sheet>>,
    returned: Condvar,
    trouble: OnceLock<Trouble>,
}

impl Tray {
    fn give_back(&self, mut sheet: Sheet) {
        sheet.filled = 0;
        self.blank.lock().unwrap_or_else(PoisonError::into_inner).push(sheet);
        self.returned.notify_one();
    }

    /// A shard is called by a number alone: the volume is named, and where in it.
    fn unwritable(&self, path: &Path, error: &io::Error) -> Trouble {
        let inside = path.strip_prefix(&self.root).unwrap_or(path).display();
        Trouble::io(&format!("writing {inside}"), &self.root, error)
    }
}

/// Where writers hand in what is to be written. Strokes of one file are done in the order in which they come.
#[derive(Clone)]
pub(crate) struct Desk {
    tray: Arc<Tray>,
    /// None where whoever hands in does it all.
    pens: Vec<SyncSender<Stroke>>,
    flusher: SyncSender<Flush>,
}

impl Desk {
    /// An empty sheet, once there is one.
    pub(crate) fn sheet(&self) -> Result<Sheet, Trouble> {
        if let Some(trouble) = self.tray.trouble.get() {
            return Err(trouble.clone());
        }
        let mut blank = self.tray.blank.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match blank.pop() {
                Some(sheet) => return Ok(sheet),
                None => blank = self.tray.returned.wait(blank).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Writes a sheet into a file, from a place on that is a multiple of a block. What is written at 0 makes the file anew.
    pub(crate) fn write(&self, level: usize, path: &Path, at: u64, sheet: Sheet) -> Result<(), Trouble> {
        if sheet.filled == 0 {
            self.tray.give_back(sheet);
            return Ok(());
        }
        self.hand_to(path, Stroke::Write { level, path: path.to_path_buf(), at, sheet })
    }

    /// Cuts a file to its length and hands it to the flusher.
    pub(crate) fn finish(&self, path: &Path, bytes: u64) -> Result<(), Trouble> {
        self.hand_to(path, Stroke::Finish { path: path.to_path_buf(), bytes })
    }

    /// Waits until everything that was handed in is written.
    pub(crate) fn settle(&self) -> Result<(), Trouble> {
        let (told, wait) = sync_channel(self.pens.len());
        for pen in &self.pens {
            pen.send(Stroke::Settle(told.clone())).map_err(|_| stopped_halfway())?;
        }
        drop(told);
        let settled = wait.iter().count();
        match self.tray.trouble.get() {
            Some(trouble) => Err(trouble.clone()),
            None if settled < self.pens.len() => Err(stopped_halfway()),
            None => Ok(()),
        }
    }

    fn hand_to(&self, path: &Path, stroke: Stroke) -> Result<(), Trouble> {
        if self.pens.is_empty() {
            return stroke.make(&self.tray, &self.flusher, false);
        }
        let mut hasher = DefaultHasher::new();
        path.hash(&mut hasher);
        let pen = (hasher.finish() % self.pens.len() as u64) as usize;
        self.pens[pen].send(stroke).map_err(|_| stopped_halfway())
    }
}

/// The threads themselves.
pub(crate) struct Pens {
    desk: Desk,
    threads: Vec<JoinHandle<()>>,
}

impl Pens {
    /// For files below `root`, beside so many threads that pack; `flusher` makes durable what is finished.
    pub(crate) fn start(root: &Path, packing_threads: usize, flusher: &SyncSender<Flush>) -> Self {
        let blank = (0..SHEETS).map(|_| Sheet::blank()).collect();
        let tray =
            Arc::new(Tray { root: root.to_path_buf(), blank: Mutex::new(blank), returned: Condvar::new(), trouble: OnceLock::new() });
        let (mut pens, mut threads) = (Vec::new(), Vec::new());
        for _ in 0..if packing_threads > 1 { PENS } else { 0 } {
            let (sender, strokes) = sync_channel(SHEETS);
            let (tray, flusher) = (tray.clone(), flusher.clone());
            threads.push(std::thread::spawn(move || work(&strokes, &tray, &flusher)));
            pens.push(sender);
        }
        Self { desk: Desk { tray, pens, flusher: flusher.clone() }, threads }
    }

    pub(crate) fn desk(&self) -> Desk {
        self.desk.clone()
    }

    /// Waits for the last stroke; all copies of the desk are gone by then.
    pub(crate) fn finish(self) -> Result<(), Trouble> {
        let Self { desk: Desk { tray, pens, flusher }, threads } = self;
        drop((pens, flusher));
        let whole = threads.into_iter().map(JoinHandle::join).all(|outcome| outcome.is_ok());
        match tray.trouble.get() {
            Some(trouble) => Err(trouble.clone()),
            None if !whole => Err(stopped_halfway()),
            None => Ok(()),
        }
    }
}

/// Strokes are taken after a failure as well, so that nobody waits for ever.
fn work(strokes: &Receiver<Stroke>, tray: &Tray, flusher: &SyncSender<Flush>) {
    while let Ok(stroke) = strokes.recv() {
        if let Err(trouble) = stroke.make(tray, flusher, true) {
            // The first one stays.
            let _ = tray.trouble.set(trouble);
        }
    }
}

impl Stroke {
    /// Does it, unless something has failed before; `straight` where the thread may wait for the disk.
    fn make(self, tray: &Tray, flusher: &SyncSender<Flush>, straight: bool) -> Result<(), Trouble> {
        let healthy = tray.trouble.get().is_none();
        match self {
            Self::Write { level, path, at, sheet } => {
                let outcome = if healthy { write(straight && level < CACHED_FROM_LEVEL, &path, at, sheet.bytes()) } else { Ok(()) };
                tray.give_back(sheet);
                outcome.map_err(|error| tray.unwritable(&path, &error))
            }
            Self::Finish { path, bytes } if healthy => {
                let file = finish(&path, bytes).map_err(|error| tray.unwritable(&path, &error))?;
                send(flusher, Flush::File(path, file))
            }
            Self::Finish { .. } => Ok(()),
            Self::Settle(told) => {
                // Nobody waits any more where the other side has failed already.
                let _ = told.send(());
                Ok(())
            }
        }
    }
}

/// The file is opened anew each time: a wide volume has more shards than open files are allowed.
fn write(straight: bool, path: &Path, at: u64, bytes: &[u8]) -> io::Result<()> {
    let open = |flags: OFlags| {
        let mut options = OpenOptions::new();
        // A killed run may have left a file of this name.
        options.write(true).create(at == 0).truncate(at == 0);
        options.custom_flags(flags.bits() as i32).open(path)
    };
    let refused = |error: &io::Error| error.raw_os_error() == Some(Errno::INVAL.raw_os_error());
    if straight {
        match open(OFlags::DIRECT).and_then(|file| file.write_all_at(bytes, at)) {
            // File systems in memory or behind a network may have no such way.
            Err(error) if refused(&error) => {}
            outcome => return outcome,
        }
    }
    open(OFlags::empty())?.write_all_at(bytes, at)
}

fn finish(path: &Path, bytes: u64) -> io::Result<File> {
    let file = OpenOptions::new().write(true).open(path)?;
    file.set_len(bytes)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Into a folder on a disk and one in memory, at both kinds of levels.
    #[test]
    fn a_file_holds_what_was_written_whichever_way_it_goes() {
        let bytes: Vec<u8> = (0..3 * SHEET_BYTES + 777).map(|place| (place * 31 % 251) as u8).collect();
        let (flusher, flushed) = sync_channel(9);
        for (level, parent, threads) in [(0, ".", 2), (0, "/dev/shm", 2), (CACHED_FROM_LEVEL, ".", 2), (0, ".", 1)] {
            let Ok(folder) = tempfile::tempdir_in(parent) else { continue };
            let path = folder.path().join("shard");
            let pens = Pens::start(folder.path(), threads, &flusher);
            let desk = pens.desk();
            // The first block is there twice: half of it at first, all of it later.
            let mut half = desk.sheet().unwrap();
            half.fill(&bytes[..2000]);
            half.pad();
            assert_eq!(half.bytes().len(), BLOCK_BYTES);
            desk.write(level, &path, 0, half).unwrap();
            for (number, part) in bytes.chunks(SHEET_BYTES).enumerate() {
                let mut sheet = desk.sheet().unwrap();
                assert!(sheet.fill(part).is_empty());
                sheet.pad();
                desk.write(level, &path, (number * SHEET_BYTES) as u64, sheet).unwrap();
            }
            desk.finish(&path, bytes.len() as u64).unwrap();
            desk.settle().unwrap();
            assert!(matches!(flushed.try_recv(), Ok(Flush::File(..))));
            assert!(std::fs::read(&path).unwrap() == bytes, "{parent}");
            drop(desk);
            pens.finish().unwrap();
        }
    }

    /// Nobody waits for sheets that never come back, and the first trouble is told, with the file's name.
    #[test]
    fn a_folder_that_is_gone_stops_everyone() {
        let folder = tempfile::tempdir().unwrap();
        let (flusher, _flushed) = sync_channel(9);
        let pens = Pens::start(folder.path(), 2, &flusher);
        let desk = pens.desk();
        let outcome = (0..10 * SHEETS).try_for_each(|number| {
            let mut sheet = desk.sheet()?;
            sheet.fill(&[7; BLOCK_BYTES]);
            desk.write(0, &folder.path().join(format!("gone/{number}")), 0, sheet)
        });
        let trouble = outcome.and_then(|()| desk.settle()).unwrap_err();
        assert!(trouble.file.is_some() && trouble.what.starts_with("writing gone/"), "{trouble}");
        drop(desk);
        assert!(pens.finish().is_err());
    }
}
