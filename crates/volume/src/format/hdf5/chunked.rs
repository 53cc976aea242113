//! Reads boxes out of a chunked dataset: chunks are expanded by all cores, straight into the box where they fit.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::chunks::{Chunk, Grid};
use super::file::H5File;
use super::filters;
use super::message::Filter;
use super::region::{self, Region};
use crate::{ONE_AT_A_TIME, Trouble};

/// Chunks that one thread expands before they are laid into the box together.
const BATCH_PER_THREAD: usize = 4;
/// Chunks that are planned at once; a box that touches more is halved.
const PARTS_MAX: u64 = 65_536;

pub(super) struct Chunked {
    pub(super) grid: Grid,
    pub(super) chunks: Vec<Chunk>,
    pub(super) filters: Vec<Filter>,
    pub(super) element_bytes: usize,
    pub(super) fill: Vec<u8>,
    pub(super) shape: Vec<u64>,
    /// Bytes that all datasets together may still keep.
    pub(super) keep: Arc<AtomicU64>,
    /// Chunks that reach beyond the box that was read, for the box that follows.
    pub(super) kept: Mutex<HashMap<u64, Arc<Vec<u8>>>>,
}

thread_local! {
    static STORED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// One chunk's part of the box that is read.
struct Part {
    number: u64,
    /// The whole chunk, which may reach beyond the extent.
    whole: Region,
    shared: Region,
}

impl Chunked {
    /// Memory for one thread.
    pub(super) fn scratch_bytes(&self) -> u64 {
        let stored = self.chunks.iter().map(|chunk| u64::from(chunk.bytes)).max().unwrap_or(0);
        stored + (2 + BATCH_PER_THREAD as u64) * self.grid.chunk_bytes
    }

    /// Bytes of all chunks that lie beside each other across the planes, if any of them can be cut by a slab.
    pub(super) fn layer_bytes(&self) -> u64 {
        let stack = self.grid.chunk.len().saturating_sub(3);
        if self.grid.chunk[stack] == 1 {
            return 0;
        }
        self.grid.counts[stack + 1..].iter().product::<u64>().saturating_mul(self.grid.chunk_bytes)
    }

    /// Bytes of the chunks that lie beside each other in one row of them, for as many chunks along z as hold so many planes.
    pub(super) fn row_bytes(&self, rows_axis: usize, planes: u64) -> u64 {
        let deep = rows_axis.checked_sub(1).map_or(1, |z| planes.div_ceil(self.grid.chunk[z]) + 1);
        self.grid.counts[rows_axis + 1..].iter().product::<u64>().saturating_mul(self.grid.chunk_bytes).saturating_mul(deep)
    }

    /// From the first to the last byte of the chunks of a box; nothing where one of them was never written.
    pub(super) fn place_of(&self, wanted: &Region) -> Option<Range<u64>> {
        let (first, count) = self.touched(wanted);
        if count.iter().product::<u64>() > PARTS_MAX {
            return None;
        }
        let mut place: Option<Range<u64>> = None;
        for at in region::places(&Region { start: first, count }) {
            let chunk = self.find(self.grid.number(&at)?)?;
            let (start, end) = (chunk.address, chunk.address + u64::from(chunk.bytes));
            place = Some(place.map_or(start..end, |place| place.start.min(start)..place.end.max(end)));
        }
        place
    }

    pub(super) fn missing(&self) -> u64 {
        self.grid.total() - self.chunks.len() as u64
    }

    pub(super) fn read(&self, file: &H5File, wanted: &Region, out: &mut [u8]) -> Result<(), Trouble> {
        let (first, count) = self.touched(wanted);
        let slow = wanted.count.iter().position(|&count| count > 1);
        if let Some(slow) = slow.filter(|_| count.iter().product::<u64>() > PARTS_MAX) {
            let middle = (first[slow] + count[slow] / 2) * self.grid.chunk[slow];
            let middle = if middle > wanted.start[slow] { middle } else { wanted.start[slow] + wanted.count[slow] / 2 };
            let (mut before, mut after) = (wanted.clone(), wanted.clone());
            before.count[slow] = middle - wanted.start[slow];
            (after.start[slow], after.count[slow]) = (middle, wanted.end(slow) - middle);
            let (out_before, out_after) = out.split_at_mut(before.elements() as usize * self.element_bytes);
            self.read(file, &before, out_before)?;
            return self.read(file, &after, out_after);
        }
        let parts = self.parts(first, count, wanted);
        if parts.iter().all(|part| part.shared.is_run_in(wanted)) && parts.windows(2).all(|pair| follow(&pair[0], &pair[1], wanted)) {
            return self.read_runs(file, parts, out);
        }
        self.read_batches(file, &parts, wanted, out)
    }

    /// The first chunk and the number of chunks along each axis that a box touches.
    fn touched(&self, wanted: &Region) -> (Vec<u64>, Vec<u64>) {
        let chunk = &self.grid.chunk;
        let first: Vec<u64> = wanted.start.iter().zip(chunk).map(|(start, chunk)| start / chunk).collect();
        let count = (0..chunk.len()).map(|axis| wanted.end(axis).div_ceil(chunk[axis]) - first[axis]).collect();
        (first, count)
    }

    fn parts(&self, first: Vec<u64>, count: Vec<u64>, wanted: &Region) -> Vec<Part> {
        let chunk = &self.grid.chunk;
        let places = region::places(&Region { start: first, count });
        let part = |place: Vec<u64>| {
            let start = place.iter().zip(chunk).map(|(place, chunk)| place * chunk).collect();
            let whole = Region { start, count: chunk.clone() };
            Some(Part { number: self.grid.number(&place)?, shared: whole.shared(wanted)?, whole })
        };
        places.into_iter().filter_map(part).collect()
    }

    fn read_runs(&self, file: &H5File, parts: Vec<Part>, mut out: &mut [u8]) -> Result<(), Trouble> {
        let mut pieces = Vec::with_capacity(parts.len());
        for part in parts {
            let bytes = part.shared.elements() as usize * self.element_bytes;
            let (piece, rest) = out.split_at_mut(bytes);
            pieces.push((part, piece));
            out = rest;
        }
        pieces.into_par_iter().with_max_len(ONE_AT_A_TIME).try_for_each(|(part, piece)| match self.find(part.number) {
            None => {
                region::fill(piece, &self.fill);
                Ok(())
            }
            Some(chunk) if part.shared == part.whole => self.expand(file, chunk, piece),
            Some(chunk) => {
                let plain = self.plain(file, chunk, &part)?;
                region::copy(&plain, &part.whole, piece, &part.shared, &part.shared, self.element_bytes);
                Ok(())
            }
        })
    }

    fn read_batches(&self, file: &H5File, parts: &[Part], wanted: &Region, out: &mut [u8]) -> Result<(), Trouble> {
        let slow = wanted.count.iter().position(|&count| count > 1).unwrap_or(0);
        let slice = wanted.count[slow + 1..].iter().product::<u64>() as usize * self.element_bytes;
        for batch in parts.chunks(BATCH_PER_THREAD * rayon::current_num_threads().max(1)) {
            let plain = |part: &Part| self.find(part.number).map(|chunk| self.plain(file, chunk, part)).transpose();
            let plains: Vec<Option<Arc<Vec<u8>>>> = batch.par_iter().with_max_len(ONE_AT_A_TIME).map(plain).collect::<Result<_, _>>()?;
            out.par_chunks_mut(slice).enumerate().for_each(|(index, out)| {
                let mut here = wanted.clone();
                (here.start[slow], here.count[slow]) = (wanted.start[slow] + index as u64, 1);
                for (part, plain) in batch.iter().zip(&plains) {
                    let Some(shared) = part.shared.shared(&here) else { continue };
                    match plain {
                        Some(plain) => region::copy(plain, &part.whole, out, &here, &shared, self.element_bytes),
                        None => self.fill_box(out, &here, &shared),
                    }
                }
            });
        }
        Ok(())
    }

    fn fill_box(&self, out: &mut [u8], here: &Region, shared: &Region) {
        let mut value = vec![0; shared.elements() as usize * self.element_bytes];
        region::fill(&mut value, &self.fill);
        region::copy(&value, shared, out, here, shared, self.element_bytes);
    }

    fn find(&self, number: u64) -> Option<&Chunk> {
        let index = self.chunks.binary_search_by_key(&number, |chunk| chunk.number).ok()?;
        self.chunks.get(index)
    }

    /// A whole chunk, kept from the box before or expanded now.
    fn plain(&self, file: &H5File, chunk: &Chunk, part: &Part) -> Result<Arc<Vec<u8>>, Trouble> {
        // Along z into the next slab, or along y into the next rows of this one.
        let stack = self.shape.len().saturating_sub(3);
        let goes_on = (stack..self.shape.len() - 1).any(|axis| part.shared.end(axis) < part.whole.end(axis).min(self.shape[axis]));
        {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(plain) = kept.get(&chunk.number).cloned() {
                if !goes_on && kept.remove(&chunk.number).is_some() {
                    self.keep.fetch_add(self.grid.chunk_bytes, Ordering::Relaxed);
                }
                return Ok(plain);
            }
        }
        let mut plain = vec![0; self.grid.chunk_bytes as usize];
        self.expand(file, chunk, &mut plain)?;
        let plain = Arc::new(plain);
        let room = |left: u64| left.checked_sub(self.grid.chunk_bytes);
        if goes_on && self.keep.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_ok() {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(chunk.number, plain.clone());
        }
        Ok(plain)
    }

    /// Expands one chunk into exactly its room.
    fn expand(&self, file: &H5File, chunk: &Chunk, out: &mut [u8]) -> Result<(), Trouble> {
        let place = |trouble: Trouble| self.place(chunk, trouble).in_file(&file.path);
        if self.filters.is_empty() && chunk.bytes as usize == out.len() {
            return file.read_voxels(chunk.address, out).map_err(place);
        }
        STORED
            .with_borrow_mut(|stored| {
                let bytes = chunk.bytes as usize;
                if stored.len() < bytes {
                    stored.resize(bytes, 0);
                }
                let stored = &mut stored[..bytes];
                file.read_voxels(chunk.address, stored)?;
                filters::expand(&self.filters, chunk.skipped_filters, stored, out)
            })
            .map_err(place)
    }

    /// Says at which voxels a chunk begins.
    fn place(&self, chunk: &Chunk, mut trouble: Trouble) -> Trouble {
        let mut number = chunk.number;
        let mut place = vec![0; self.shape.len()];
        for axis in (0..place.len()).rev() {
            place[axis] = number % self.grid.counts[axis] * self.grid.chunk[axis];
            number /= self.grid.counts[axis];
        }
        trouble.what = format!("chunk at {place:?}: {}", trouble.what);
        trouble
    }
}

/// Whether one part begins where the other ends.
fn follow(before: &Part, after: &Part, wanted: &Region) -> bool {
    before.shared.offset_in(wanted) + before.shared.elements() == after.shared.offset_in(wanted)
}
