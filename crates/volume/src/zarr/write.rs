//! Writes one level slab by slab: packed chunks are appended to their shards, and pens bring these to the disk.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::pens::{BLOCK_BYTES, Desk};
use super::shard::{Grid, MISSING, write_index};
use crate::Trouble;

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
    /// Of all chunks so far; the file may end in the block before, or in zeros behind it.
    length: u64,
    entries: Vec<(u64, u64)>,
    /// What fills no block yet.
    #[serde(skip)]
    tail: Vec<u8>,
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
    level: usize,
    folder: PathBuf,
    grid: Grid,
    row: Option<usize>,
    shards: Vec<OpenShard>,
    desk: Desk,
    pub(crate) bytes: u64,
    pub(crate) files: u64,
}

impl LevelWriter {
    pub(crate) fn new(level: usize, folder: PathBuf, grid: Grid, desk: Desk) -> Self {
        Self { level, folder, grid, row: None, shards: Vec::new(), desk, bytes: 0, files: 0 }
    }

    /// Tails are left out: once everything is settled, the files hold them.
    pub(crate) fn state(&self) -> WriterState {
        let shard = |OpenShard { path, length, entries, .. }: &OpenShard| OpenShard {
            path: path.clone(),
            length: *length,
            entries: entries.clone(),
            tail: Vec::new(),
        };
        WriterState { row: self.row, shards: self.shards.iter().map(shard).collect(), bytes: self.bytes, files: self.files }
    }

    /// Goes on where another run's writer was; what that one wrote later is cut off.
    pub(crate) fn restore(&mut self, state: &WriterState) -> Result<(), Trouble> {
        (self.row, self.shards, self.bytes, self.files) = (state.row, state.shards.clone(), state.bytes, state.files);
        self.shards.iter_mut().filter(|shard| shard.length > 0).try_for_each(OpenShard::take_up)
    }

    /// Hands in what fills no block yet, so that the files hold all that was packed.
    pub(crate) fn settle(&self) -> Result<(), Trouble> {
        self.shards.iter().try_for_each(|shard| shard.write_tail(self.level, &self.desk))
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
        let (level, desk) = (self.level, &self.desk);
        let finish = |(shard, parts): (&mut OpenShard, &Vec<(usize, &[u8])>)| {
            shard.append(parts, level, desk)?;
            if last { shard.finish(level, desk) } else { Ok(None) }
        };
        let finished: Vec<Option<u64>> = self.shards.par_iter_mut().zip(&parts).map(finish).collect::<Result<_, Trouble>>()?;
        for bytes in finished.into_iter().flatten() {
            self.bytes += bytes;
            self.files += 1;
        }
        if last {
            (self.row, self.shards) = (None, Vec::new());
        }
        Ok(())
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
                tail: Vec::new(),
            }));
        }
        Ok(())
    }
}

impl OpenShard {
    /// Where the tail begins.
    fn written(&self) -> u64 {
        self.length - self.tail.len() as u64
    }

    /// What an earlier run has left of this shard.
    fn take_up(&mut self) -> Result<(), Trouble> {
        let mut take_up = || {
            let file = OpenOptions::new().read(true).write(true).open(&self.path)?;
            file.set_len(self.length)?;
            let block = self.length / BLOCK_BYTES as u64 * BLOCK_BYTES as u64;
            self.tail.resize((self.length - block) as usize, 0);
            file.read_exact_at(&mut self.tail, block)
        };
        take_up().map_err(|error| Trouble::io("going on with", &self.path, &error))
    }

    /// Chunks that are packed, each with its number in the shard.
    fn append(&mut self, parts: &[(usize, &[u8])], level: usize, desk: &Desk) -> Result<(), Trouble> {
        for (number, bytes) in parts {
            self.entries[*number] = (self.length, bytes.len() as u64);
            self.length += bytes.len() as u64;
        }
        self.add(parts.iter().map(|(_, bytes)| *bytes), level, desk)
    }

    /// Hands in whole blocks; `length` counts the parts already.
    fn add<'a>(&mut self, parts: impl Iterator<Item = &'a [u8]> + Clone, level: usize, desk: &Desk) -> Result<(), Trouble> {
        let added: usize = parts.clone().map(<[u8]>::len).sum();
        let mut at = self.length - (added + self.tail.len()) as u64;
        if self.tail.len() + added < BLOCK_BYTES {
            parts.for_each(|part| self.tail.extend_from_slice(part));
            return Ok(());
        }
        let mut sheet = desk.sheet()?;
        sheet.fill(&self.tail);
        for part in parts {
            let mut rest = sheet.fill(part);
            while sheet.is_full() {
                let full = std::mem::replace(&mut sheet, desk.sheet()?);
                let bytes = full.bytes().len() as u64;
                desk.write(level, &self.path, at, full)?;
                at += bytes;
                rest = sheet.fill(rest);
            }
        }
        sheet.keep_whole_blocks(&mut self.tail);
        desk.write(level, &self.path, at, sheet)
    }

    /// The tail, and zeros up to the end of its block, which are cut off or written over later.
    fn write_tail(&self, level: usize, desk: &Desk) -> Result<(), Trouble> {
        if self.tail.is_empty() {
            return Ok(());
        }
        let mut sheet = desk.sheet()?;
        sheet.fill(&self.tail);
        sheet.pad();
        desk.write(level, &self.path, self.written(), sheet)
    }

    /// Writes the index and hands the file on; a shard without chunks is no file at all.
    fn finish(&mut self, level: usize, desk: &Desk) -> Result<Option<u64>, Trouble> {
        if self.length == 0 {
            return Ok(None);
        }
        let index = write_index(&self.entries);
        self.length += index.len() as u64;
        self.add(std::iter::once(&index[..]), level, desk)?;
        self.write_tail(level, desk)?;
        desk.finish(&self.path, self.length)?;
        Ok(Some(self.length))
    }
}

/// Writes a small document; [`sync_tree`](super::durable::sync_tree) makes it durable.
pub(crate) fn write_document(path: &Path, document: &serde_json::Value) -> Result<u64, Trouble> {
    let trouble = |error: std::io::Error| Trouble::io("writing", path, &error);
    let mut text = serde_json::to_vec_pretty(document).map_err(|error| trouble(error.into()))?;
    text.push(b'\n');
    std::fs::write(path, &text).map_err(trouble)?;
    Ok(text.len() as u64)
}
