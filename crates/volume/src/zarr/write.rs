//! Writes one level slab by slab: packed chunks are appended to their shards, and what is finished is made durable.

use std::fs::{File, OpenOptions};
use std::io::{IoSlice, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::shard::{Grid, MISSING, write_index};
use crate::Trouble;

/// Finished files that may wait for the disk.
const FLUSH_QUEUE: usize = 64;
/// Files and folders that wait for the disk at the same time.
const SYNCS_AT_ONCE: usize = 16;
/// Bytes by which the shards of a level grow before the disk is given them: it has little left to do in the end.
const GROWTH_BYTES: u64 = 64 << 20;

/// What the flusher has to do.
pub(crate) enum Flush {
    /// Makes one file durable.
    File(PathBuf, File),
    /// Makes everything before and these unfinished files durable, then puts a document in its place by a rename.
    Document { before: Vec<PathBuf>, path: PathBuf, bytes: Vec<u8> },
    /// Gives the disk what these files hold so far; `busy` until that is done.
    Growing { files: Vec<PathBuf>, busy: Arc<AtomicBool> },
}

/// One file or folder that waits for the disk.
enum Sync {
    Opened(PathBuf, File),
    Named(PathBuf),
}

impl Sync {
    fn run(&self) -> Result<(), Trouble> {
        match self {
            Self::Opened(path, file) => file.sync_data().map_err(|error| Trouble::io("writing", path, &error)),
            Self::Named(path) => {
                let sync = || File::open(path)?.sync_all();
                sync().map_err(|error| Trouble::io("making durable", path, &error))
            }
        }
    }
}

/// Makes all of them durable, many at a time: the disk serves those that wait together in one turn.
fn sync_together(syncs: &[Sync]) -> Result<(), Trouble> {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(sync) = syncs.get(next.fetch_add(1, Ordering::Relaxed)) {
            sync.run()?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        // Where the system gives no more threads, this one does it all.
        let others = (1..SYNCS_AT_ONCE.min(syncs.len())).map_while(|_| std::thread::Builder::new().spawn_scoped(scope, work).ok());
        let others: Vec<_> = others.collect();
        let outcome = work();
        let outcomes = others.into_iter().map(|other| other.join().unwrap_or_else(|_| Err(stopped_halfway())));
        outcomes.fold(outcome, |all, one| all.and(one))
    })
}

fn stopped_halfway() -> Trouble {
    Trouble::new("making files durable stopped halfway", "Start it again")
}

fn put_in_place(path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    let new = path.with_extension("new");
    let write = || {
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        std::fs::rename(&new, path)
    };
    write().map_err(|error| Trouble::io("writing", path, &error))
}

/// Does together what was asked for together; a document waits for all that stands before it.
fn flush_all(group: Vec<Flush>) -> Result<(), Trouble> {
    let (mut syncs, mut documents, mut busy_ones) = (Vec::new(), Vec::new(), Vec::new());
    for flush in group {
        match flush {
            Flush::File(path, file) => syncs.push(Sync::Opened(path, file)),
            Flush::Growing { files, busy } => {
                syncs.extend(files.into_iter().map(Sync::Named));
                busy_ones.push(busy);
            }
            Flush::Document { before, path, bytes } => {
                syncs.extend(before.into_iter().map(Sync::Named));
                documents.push((path, bytes));
            }
        }
    }
    sync_together(&syncs)?;
    busy_ones.iter().for_each(|busy| busy.store(false, Ordering::Relaxed));
    documents.iter().try_for_each(|(path, bytes)| put_in_place(path, bytes))
}

/// Makes finished files durable while the cores go on.
pub(crate) struct Flusher {
    sender: Option<SyncSender<Flush>>,
    /// Whether files that still grow are being flushed. A disk that is slower than the cores gets no second such task.
    busy: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<(), Trouble>>>,
}

impl Flusher {
    pub(crate) fn start() -> Self {
        let (sender, receiver) = sync_channel::<Flush>(FLUSH_QUEUE);
        let thread = std::thread::spawn(move || {
            let mut first_trouble = Ok(());
            // Everything is taken from the queue even after a failure, so that no writer waits for ever.
            while let Ok(first) = receiver.recv() {
                let mut group = vec![first];
                while !matches!(group.last(), Some(Flush::Document { .. }))
                    && let Ok(next) = receiver.try_recv()
                {
                    group.push(next);
                }
                if first_trouble.is_ok() {
                    first_trouble = flush_all(group);
                }
            }
            first_trouble
        });
        Self { sender: Some(sender), busy: Arc::default(), thread: Some(thread) }
    }

    pub(crate) fn send(&self, flush: Flush) -> Result<(), Trouble> {
        match &self.sender {
            Some(sender) => send(sender, flush),
            None => Ok(()),
        }
    }

    /// Waits until everything is durable.
    pub(crate) fn finish(mut self) -> Result<(), Trouble> {
        drop(self.sender.take());
        let outcome = self.thread.take().map(JoinHandle::join);
        match outcome {
            Some(Ok(outcome)) => outcome,
            _ => Err(stopped_halfway()),
        }
    }
}

fn send(sender: &SyncSender<Flush>, flush: Flush) -> Result<(), Trouble> {
    sender.send(flush).map_err(|_| stopped_halfway())
}

/// A packed chunk at the front of a buffer that is used again.
pub(crate) struct Packed {
    pub(crate) buffer: Vec<u8>,
    pub(crate) length: usize,
}

/// Packed chunks of one slab of one level, in the order of y and x.
pub(crate) struct Batch {
    pub(crate) level: usize,
    /// Which row of chunks along z.
    row: usize,
    /// Whether the slab is complete with them.
    ends: bool,
    pub(crate) pieces: Vec<([usize; 2], Packed)>,
}

impl Batch {
    pub(crate) fn new(level: usize, row: usize, ends: bool, pieces: Vec<([usize; 2], Packed)>) -> Self {
        Self { level, row, ends, pieces }
    }
}

/// One shard file that still grows.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct OpenShard {
    path: PathBuf,
    length: u64,
    entries: Vec<(u64, u64)>,
}

/// How far a level's writer is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WriterState {
    /// The row of shards that grows, along z.
    row: Option<usize>,
    shards: Vec<OpenShard>,
    bytes: u64,
    files: u64,
}

impl WriterState {
    /// The same in a first row of shards of another depth, as far as their chunks lie in both.
    pub(crate) fn with_chunks(mut self, chunks_per_shard: usize) -> Option<Self> {
        for OpenShard { entries, .. } in &mut self.shards {
            if entries.iter().skip(chunks_per_shard).any(|entry| *entry != (MISSING, MISSING)) {
                return None;
            }
            entries.resize(chunks_per_shard, (MISSING, MISSING));
        }
        self.row.is_none_or(|row| row == 0).then_some(self)
    }

    /// Files that are not finished.
    pub(crate) fn unfinished(&self) -> impl Iterator<Item = &PathBuf> {
        self.shards.iter().filter(|shard| shard.length > 0).map(|shard| &shard.path)
    }
}

/// Writes the shards of one level.
pub(crate) struct LevelWriter {
    folder: PathBuf,
    grid: Grid,
    row: Option<usize>,
    shards: Vec<OpenShard>,
    flush: Option<SyncSender<Flush>>,
    busy: Arc<AtomicBool>,
    /// Bytes that were added since the disk was last given anything.
    grown: u64,
    pub(crate) bytes: u64,
    pub(crate) files: u64,
}

impl LevelWriter {
    pub(crate) fn new(folder: PathBuf, grid: Grid, flusher: &Flusher) -> Self {
        let (flush, busy) = (flusher.sender.clone(), flusher.busy.clone());
        Self { folder, grid, row: None, shards: Vec::new(), flush, busy, grown: 0, bytes: 0, files: 0 }
    }

    pub(crate) fn state(&self) -> WriterState {
        WriterState { row: self.row, shards: self.shards.clone(), bytes: self.bytes, files: self.files }
    }

    /// Goes on where another run's writer was; what that one wrote later is cut off.
    pub(crate) fn restore(&mut self, state: &WriterState) -> Result<(), Trouble> {
        for shard in state.shards.iter().filter(|shard| shard.length > 0) {
            let cut = || OpenOptions::new().write(true).open(&shard.path)?.set_len(shard.length);
            cut().map_err(|error| Trouble::io("going on with", &shard.path, &error))?;
        }
        (self.row, self.shards, self.bytes, self.files) = (state.row, state.shards.clone(), state.bytes, state.files);
        Ok(())
    }

    pub(crate) fn write(&mut self, batch: &Batch) -> Result<(), Trouble> {
        let grid = self.grid;
        let (row, inside) = (batch.row / grid.per_shard[0], batch.row % grid.per_shard[0]);
        if self.row != Some(row) {
            self.begin_shards(row)?;
        }
        let [_, down, across] = grid.per_shard;
        let shards_across = grid.shards()[2];
        let mut parts: Vec<Vec<(usize, &[u8])>> = vec![Vec::new(); self.shards.len()];
        for ([y, x], packed) in &batch.pieces {
            let number = (inside * down + y % down) * across + x % across;
            parts[y / down * shards_across + x / across].push((number, &packed.buffer[..packed.length]));
        }
        let last = batch.ends && (inside + 1 == grid.per_shard[0] || (batch.row + 1) * grid.chunk[0] >= grid.shape[0]);
        let flush = &self.flush;
        let finish = |(shard, parts): (&mut OpenShard, &Vec<(usize, &[u8])>)| {
            shard.append(parts)?;
            if last { shard.finish(flush.as_ref()) } else { Ok(None) }
        };
        let finished: Vec<Option<u64>> = self.shards.par_iter_mut().zip(&parts).map(finish).collect::<Result<_, Trouble>>()?;
        for bytes in finished.into_iter().flatten() {
            self.bytes += bytes;
            self.files += 1;
        }
        self.grown += batch.pieces.iter().map(|(_, packed)| packed.length as u64).sum::<u64>();
        if last {
            (self.row, self.shards, self.grown) = (None, Vec::new(), 0);
        } else if self.grown >= GROWTH_BYTES {
            self.flush_growing();
        }
        Ok(())
    }

    /// Lets the disk work while the cores do; where it is busy already, later will do.
    fn flush_growing(&mut self) {
        let Some(flush) = self.flush.as_ref().filter(|_| !self.busy.swap(true, Ordering::Relaxed)) else { return };
        let files = self.shards.iter().filter(|shard| shard.length > 0).map(|shard| shard.path.clone()).collect();
        match flush.try_send(Flush::Growing { files, busy: self.busy.clone() }) {
            Ok(()) => self.grown = 0,
            Err(_) => self.busy.store(false, Ordering::Relaxed),
        }
    }

    fn begin_shards(&mut self, row: usize) -> Result<(), Trouble> {
        let [_, down, across] = self.grid.shards();
        (self.row, self.shards) = (Some(row), Vec::with_capacity(down * across));
        for y in 0..down {
            let folder = self.folder.join(format!("c/{row}/{y}"));
            std::fs::create_dir_all(&folder).map_err(|error| Trouble::io("making the folder", &folder, &error))?;
            self.shards.extend((0..across).map(|x| OpenShard {
                path: folder.join(x.to_string()),
                length: 0,
                entries: vec![(MISSING, MISSING); self.grid.chunks_per_shard()],
            }));
        }
        Ok(())
    }
}

impl OpenShard {
    /// Chunks that are packed, each with its number in the shard.
    fn append(&mut self, parts: &[(usize, &[u8])]) -> Result<(), Trouble> {
        if parts.is_empty() {
            return Ok(());
        }
        let mut length = self.length;
        for (number, bytes) in parts {
            self.entries[*number] = (length, bytes.len() as u64);
            length += bytes.len() as u64;
        }
        let mut slices: Vec<IoSlice<'_>> = parts.iter().map(|(_, bytes)| IoSlice::new(bytes)).collect();
        self.write(&mut slices).map(drop)
    }

    /// Adds to the end of the file. It is opened anew each time: a wide volume has more shards than open files are allowed.
    fn write(&mut self, mut slices: &mut [IoSlice<'_>]) -> Result<File, Trouble> {
        let trouble = |error: std::io::Error| Trouble::io("writing", &self.path, &error);
        let first = self.length == 0;
        let mut options = OpenOptions::new();
        // A killed run may have left a file of this name.
        let options = if first { options.create(true).write(true).truncate(true) } else { options.append(true) };
        let mut file = options.open(&self.path).map_err(trouble)?;
        while !slices.is_empty() {
            match file.write_vectored(slices) {
                Ok(0) => return Err(trouble(std::io::ErrorKind::WriteZero.into())),
                Ok(written) => {
                    self.length += written as u64;
                    IoSlice::advance_slices(&mut slices, written);
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(trouble(error)),
            }
        }
        Ok(file)
    }

    /// Writes the index and hands the file to the flusher; a shard without chunks is no file at all.
    fn finish(&mut self, flush: Option<&SyncSender<Flush>>) -> Result<Option<u64>, Trouble> {
        if self.length == 0 {
            return Ok(None);
        }
        let file = self.write(&mut [IoSlice::new(&write_index(&self.entries))])?;
        if let Some(flush) = flush {
            send(flush, Flush::File(self.path.clone(), file))?;
        }
        Ok(Some(self.length))
    }
}

/// Writes a small document; [`sync_tree`] makes it durable.
pub(crate) fn write_document(path: &Path, document: &serde_json::Value) -> Result<u64, Trouble> {
    let trouble = |error: std::io::Error| Trouble::io("writing", path, &error);
    let mut text = serde_json::to_vec_pretty(document).map_err(|error| trouble(error.into()))?;
    text.push(b'\n');
    std::fs::write(path, &text).map_err(trouble)?;
    Ok(text.len() as u64)
}

/// Makes a tree durable whose shards are: the names of all files and folders, and the documents.
pub(crate) fn sync_tree(folder: &Path) -> Result<(), Trouble> {
    let mut syncs = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let trouble = |error: std::io::Error| Trouble::io("making the folder durable", &folder, &error);
        for entry in std::fs::read_dir(&folder).map_err(trouble)? {
            let entry = entry.map_err(trouble)?;
            if entry.file_type().map_err(trouble)?.is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|extension| extension == "json") {
                syncs.push(Sync::Named(entry.path()));
            }
        }
        syncs.push(Sync::Named(folder));
    }
    sync_together(&syncs)
}
