//! What an unfinished volume remembers of itself, so that a run that was killed need not begin again.
//!
//! The journal is one file in OUT.part: a length, a JSON head, then the counts and the waiting chunks as plain bytes, then
//! a checksum. It is replaced after each row of shards, by a rename and after everything it speaks of is on the disk.
//! Another input, other options or another program version make it worth nothing. Another depth does not: what was begun
//! before all planes were there is fitted to where they end.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::plan::Plan;
use crate::statistics::Sums;
use crate::zarr::durable::{Flush, Flusher};
use crate::zarr::shard::Grid;
use crate::zarr::write::WriterState;
use crate::{ConvertOptions, Shape, Trouble};

pub(crate) const FILE: &str = "journal";
/// The next one before it takes its place.
pub(crate) const NEXT: &str = "journal.new";
/// Larger journals are not read.
const JOURNAL_MAX_BYTES: u64 = 4 << 30;

/// Everything that another run needs to go on.
pub(crate) struct Kept {
    /// Planes of level 0 that are packed and written.
    pub(crate) planes: usize,
    pub(crate) label: bool,
    pub(crate) counts: Vec<u64>,
    pub(crate) not_finite: u64,
    pub(crate) sums: Sums,
    pub(crate) levels: Vec<KeptLevel>,
}

pub(crate) struct KeptLevel {
    pub(crate) grid: Grid,
    /// Factor from the level above.
    pub(crate) step: Shape,
    pub(crate) writer: WriterState,
    pub(crate) written_planes: usize,
    pub(crate) waiting_planes: usize,
    /// Chunks that are not full yet; none where no plane waits.
    pub(crate) chunks: Vec<Vec<u8>>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    identity: serde_json::Value,
    /// Who the planes are that are done.
    input: String,
    planes: usize,
    label: bool,
    not_finite: u64,
    /// Bits of min, max, sum, sum of squares; JSON has no infinity.
    sums: [u64; 4],
    counted: u64,
    counts: usize,
    levels: Vec<HeadLevel>,
}

#[derive(Serialize, Deserialize)]
struct HeadLevel {
    grid: Grid,
    step: Shape,
    writer: WriterState,
    written_planes: usize,
    waiting_planes: usize,
    chunks: usize,
    chunk_bytes: usize,
}

/// Says who the first planes of the input are: the same words, the same bytes. The first of them is written down; a run goes
/// on where another was when it knows any of its words.
pub(crate) type NameOf<'a> = dyn Fn(usize) -> Vec<String> + Sync + 'a;

pub(crate) struct Journal<'a> {
    path: PathBuf,
    identity: serde_json::Value,
    name_of: &'a NameOf<'a>,
}

impl<'a> Journal<'a> {
    pub(crate) fn of(part: &Path, plan: &Plan, options: &ConvertOptions, name_of: &'a NameOf<'a>) -> Self {
        let identity = json!({
            "program": env!("CARGO_PKG_VERSION"),
            "element": plan.element,
            "codec": plan.codec.to_string(),
            "label": plan.label,
            "asked": options.asked,
        });
        Self { path: part.join(FILE), identity, name_of }
    }

    /// Sends the journal after the files of which it speaks.
    pub(crate) fn write(&self, flusher: &Flusher, kept: &Kept) -> Result<(), Trouble> {
        let before = kept.levels.iter().flat_map(|level| level.writer.unfinished().cloned()).collect();
        let trouble = |error: serde_json::Error| Trouble::io("writing", &self.path, &error.into());
        let bytes = self.bytes(kept).map_err(trouble)?;
        flusher.send(Flush::Document { before, path: self.path.clone(), bytes })
    }

    fn bytes(&self, kept: &Kept) -> serde_json::Result<Vec<u8>> {
        let Sums { min, max, sum, squares, count } = kept.sums;
        let level = |level: &KeptLevel| HeadLevel {
            grid: level.grid,
            step: level.step,
            writer: level.writer.clone(),
            written_planes: level.written_planes,
            waiting_planes: level.waiting_planes,
            chunks: level.chunks.len(),
            chunk_bytes: level.chunks.first().map_or(0, Vec::len),
        };
        let head = serde_json::to_vec(&Head {
            identity: self.identity.clone(),
            input: (self.name_of)(kept.planes).into_iter().next().unwrap_or_default(),
            planes: kept.planes,
            label: kept.label,
            not_finite: kept.not_finite,
            sums: [min, max, sum, squares].map(f64::to_bits),
            counted: count,
            counts: kept.counts.len(),
            levels: kept.levels.iter().map(level).collect(),
        })?;
        let mut bytes = (head.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(&head);
        kept.counts.iter().for_each(|count| bytes.extend_from_slice(&count.to_le_bytes()));
        kept.levels.iter().flat_map(|level| &level.chunks).for_each(|chunk| bytes.extend_from_slice(chunk));
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
        Ok(bytes)
    }

    /// What an earlier run of the same conversion left; nothing when there is none or it does not fit.
    pub(crate) fn read(&self, plan: &Plan) -> Option<Kept> {
        if std::fs::metadata(&self.path).ok()?.len() > JOURNAL_MAX_BYTES {
            return None;
        }
        let bytes = std::fs::read(&self.path).ok()?;
        let (body, sum) = bytes.split_last_chunk::<4>()?;
        if crc32c::crc32c(body).to_le_bytes() != *sum {
            return None;
        }
        let (length, rest) = body.split_first_chunk::<8>()?;
        let (head, mut rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        let head: Head = serde_json::from_slice(head).ok()?;
        if head.identity != self.identity || !(self.name_of)(head.planes).contains(&head.input) {
            return None;
        }
        let mut take = |count: usize| {
            let (taken, after) = rest.split_at_checked(count)?;
            rest = after;
            Some(taken)
        };
        let counts = take(head.counts.checked_mul(8)?)?.as_chunks().0.iter().map(|count| u64::from_le_bytes(*count)).collect();
        let mut levels = Vec::new();
        for level in head.levels {
            let chunks = (0..level.chunks).map(|_| take(level.chunk_bytes).map(<[u8]>::to_vec)).collect::<Option<_>>()?;
            let HeadLevel { grid, step, writer, written_planes, waiting_planes, .. } = level;
            levels.push(KeptLevel { grid, step, writer, written_planes, waiting_planes, chunks });
        }
        let [min, max, sum, squares] = head.sums.map(f64::from_bits);
        let sums = Sums { min, max, sum, squares, count: head.counted };
        Kept { planes: head.planes, label: head.label, counts, not_finite: head.not_finite, sums, levels }.fitted(plan)
    }
}

impl Kept {
    /// What is kept for a volume of this depth. The levels of a deeper one begin in the same way; only there may be more of
    /// them, and where few planes are left chunks and shards are thinner. Nothing when it cannot go on from here.
    fn fitted(mut self, plan: &Plan) -> Option<Self> {
        if self.planes >= plan.grids[0].shape[0] || self.levels.len() < plan.levels.len() {
            return None;
        }
        self.levels.truncate(plan.levels.len());
        let fits = |((kept, grid), level): ((KeptLevel, &Grid), &crate::pyramid::Level)| {
            if kept.step == level.step { kept.fitted(grid, plan.element.bytes()) } else { None }
        };
        self.levels = self.levels.into_iter().zip(&plan.grids).zip(&plan.levels).map(fits).collect::<Option<_>>()?;
        Some(self)
    }
}

impl KeptLevel {
    fn fitted(mut self, grid: &Grid, voxel_bytes: usize) -> Option<Self> {
        let before = std::mem::replace(&mut self.grid, *grid);
        let across = |grid: &Grid| [&grid.shape[1..], &grid.chunk[1..], &grid.per_shard[1..]].concat();
        if across(&before) != across(grid) || self.written_planes + self.waiting_planes > grid.shape[0] {
            return None;
        }
        if before.chunk[0] != grid.chunk[0] {
            // One thin chunk is all there is, and nothing of it is written.
            if self.written_planes > 0 || self.waiting_planes > grid.chunk[0] || grid.chunk[0] > before.chunk[0] {
                return None;
            }
            let bytes = grid.chunk.iter().product::<usize>() * voxel_bytes;
            self.chunks.iter_mut().for_each(|chunk| chunk.truncate(bytes));
        }
        if before.per_shard[0] != grid.per_shard[0] {
            // Likewise of shards: all chunks that are written lie in the first row of them.
            let is_first = self.written_planes < before.shard_shape()[0] && self.written_planes < grid.shard_shape()[0];
            self.writer = if is_first { self.writer.with_chunks(grid.chunks_per_shard())? } else { return None };
        }
        Some(self)
    }
}
