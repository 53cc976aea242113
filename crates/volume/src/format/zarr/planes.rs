//! Planes of z out of chunks: each chunk is expanded once where memory allows, many at a time.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::array::{Array, Block, Shards, expand, place_of};
use super::pick::Pick;
use super::tree::{STORED_MAX_BYTES, Tree, cut_off};
use crate::format::Planes;
use crate::zarr::shard::{MISSING, read_index};
use crate::{Shape, Trouble};

/// Voxels that are expanded at the same time, in bytes.
const BATCH_MAX_BYTES: usize = 256 << 20;
const BATCH_MAX_CHUNKS: usize = 256;
/// Expanded chunks that are kept because the next planes need them too.
const KEPT_MAX_BYTES: usize = 1 << 30;
/// Shard indexes that are kept.
const INDEXES_MAX_BYTES: usize = 128 << 20;
/// Chunks that one slab touches.
const TOUCHED_MAX: u64 = 1 << 24;

type Index = Option<Arc<Vec<(u64, u64)>>>;

/// The chosen three axes of an array.
pub(crate) struct ChunkedPlanes {
    tree: Arc<dyn Tree>,
    /// The name of the container.
    name: String,
    array: Array,
    pick: Pick,
    /// Voxels of the smallest piece that is read, along the axes of the array.
    grid: Vec<u64>,
    kept: Mutex<HashMap<Shape, Arc<Option<Block>>>>,
    indexes: Mutex<HashMap<String, Index>>,
}

impl ChunkedPlanes {
    pub(crate) fn new(tree: Arc<dyn Tree>, name: &str, array: Array, pick: Pick) -> Result<Self, Trouble> {
        let grid = array.open_shards().map_or(array.chunk.clone(), |shards| shards.chunk.clone());
        let planes = Self { tree, name: name.into(), array, pick, grid, kept: Mutex::default(), indexes: Mutex::default() };
        let [_, rows, columns] = planes.chunk_counts();
        if rows.checked_mul(columns).is_none_or(|count| count > TOUCHED_MAX) {
            return Err(Trouble::new("its chunks are too many and too small", "Save it with larger chunks"));
        }
        Ok(planes)
    }

    pub(crate) fn shape(&self) -> [u64; 3] {
        self.pick.spatial.map(|axis| axis.map_or(1, |axis| self.array.shape[axis]))
    }

    fn chunk_size(&self) -> [u64; 3] {
        self.pick.spatial.map(|axis| axis.map_or(1, |axis| self.grid[axis]))
    }

    fn chunk_counts(&self) -> [u64; 3] {
        let (shape, chunk) = (self.shape(), self.chunk_size());
        std::array::from_fn(|axis| shape[axis].div_ceil(chunk[axis]))
    }

    fn block_bytes(&self) -> usize {
        let voxel = self.array.voxel.element().bytes() as u64;
        self.grid.iter().fold(voxel, |bytes, &size| bytes.saturating_mul(size)).min(STORED_MAX_BYTES) as usize
    }

    /// Bytes of the chunks that lie beside each other across a plane.
    fn layer_bytes(&self) -> u64 {
        self.chunk_counts()[1..].iter().fold(self.block_bytes() as u64, |bytes, &count| bytes.saturating_mul(count))
    }

    fn batch(&self) -> usize {
        (BATCH_MAX_BYTES / self.block_bytes().max(1)).clamp(1, BATCH_MAX_CHUNKS)
    }

    /// The chunk at a place of the three chosen axes; nothing when it is not stored.
    fn block(&self, place: Shape) -> Result<Option<Block>, Trouble> {
        let mut whole: Vec<u64> = (0..self.array.shape.len()).map(|axis| self.pick.fixed[axis] / self.grid[axis]).collect();
        for (axis, at) in self.pick.spatial.iter().zip(place) {
            if let Some(axis) = axis {
                whole[*axis] = at as u64;
            }
        }
        let array = &self.array;
        let Some(shards) = array.open_shards() else {
            let key = array.key(&whole);
            let Some(stored) = self.tree.read(&key, STORED_MAX_BYTES)? else { return Ok(None) };
            return expand(&array.codecs, stored, &array.chunk, array.voxel, &array.fill).map(Some).map_err(|trouble| named(trouble, &key));
        };
        let counts: Vec<u64> = array.chunk.iter().zip(&shards.chunk).map(|(outer, inner)| outer / inner).collect();
        let shard: Vec<u64> = whole.iter().zip(&counts).map(|(at, count)| at / count).collect();
        let number = whole.iter().zip(&counts).fold(0, |number, (at, count)| number * count + at % count);
        let key = array.key(&shard);
        let Some(index) = self.index(&key, shards, counts.iter().product())? else { return Ok(None) };
        let (offset, length) = *index.get(number as usize).ok_or_else(|| cut_off(&key))?;
        if (offset, length) == (MISSING, MISSING) {
            return Ok(None);
        }
        if length > STORED_MAX_BYTES {
            return Err(super::tree::too_long(&key, STORED_MAX_BYTES));
        }
        let Some(stored) = self.tree.read_range(&key, offset, length)? else { return Ok(None) };
        expand(&shards.inner, stored, &shards.chunk, array.voxel, &array.fill).map(Some).map_err(|trouble| named(trouble, &key))
    }

    fn index(&self, key: &str, shards: &Shards, count: u64) -> Result<Index, Trouble> {
        if let Some(index) = self.indexes.lock().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Ok(index.clone());
        }
        let length = shards.index_bytes(count);
        let index = match self.tree.size(key)? {
            None => None,
            Some(size) => {
                let offset = if shards.index_at_end { size.checked_sub(length).ok_or_else(|| cut_off(key))? } else { 0 };
                let bytes = self.tree.read_range(key, offset, length)?.ok_or_else(|| cut_off(key))?;
                let entries = read_index(&bytes, shards.index_is_checked);
                Some(Arc::new(entries.ok_or_else(|| named(Trouble::new("the index of a shard is wrong", "Upload it again"), key))?))
            }
        };
        let mut kept = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        if (kept.len() + 1) * length as usize > INDEXES_MAX_BYTES {
            kept.clear();
        }
        kept.insert(key.into(), index.clone());
        Ok(index)
    }

    /// A chunk that an earlier slab left, or a new one.
    fn kept_or_new(&self, place: Shape) -> Result<Arc<Option<Block>>, Trouble> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&place).cloned();
        match kept {
            Some(block) => Ok(block),
            None => self.block(place).map(Arc::new),
        }
    }

    /// Keeps what reaches into the planes and rows after `ends`, as far as memory is set aside for it.
    fn keep(&self, batch: &[(Shape, Arc<Option<Block>>)], ends: [u64; 2]) {
        let (chunk, shape) = (self.chunk_size(), self.shape());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        for (place, block) in batch {
            let needed = (0..2).any(|axis| (place[axis] as u64 + 1) * chunk[axis] > ends[axis] && ends[axis] < shape[axis]);
            if !needed {
                kept.remove(place);
            } else if (kept.len() + 1).saturating_mul(self.block_bytes()) <= KEPT_MAX_BYTES {
                kept.entry(*place).or_insert_with(|| block.clone());
            }
        }
    }

    /// Copies what a chunk holds of some rows of one plane.
    fn copy(&self, place: Shape, block: Option<&Block>, z: u64, wanted: &Range<u64>, plane: &mut [u8]) {
        let (shape, chunk, size) = (self.shape(), self.chunk_size(), self.array.fill.len());
        let start: [u64; 3] = std::array::from_fn(|axis| place[axis] as u64 * chunk[axis]);
        let width = shape[2] as usize;
        let rows = start[1].max(wanted.start)..(start[1] + chunk[1]).min(wanted.end);
        let columns = (start[2] as usize)..((start[2] + chunk[2]).min(shape[2]) as usize);
        for y in rows {
            let left = (y - wanted.start) as usize * width;
            let row = &mut plane[(left + columns.start) * size..(left + columns.end) * size];
            match block.and_then(|block| self.row_of(block, [z - start[0], y - start[1]])) {
                Some((block, at, step, count)) => {
                    let count = count.min(columns.len());
                    if step == 1 {
                        row[..count * size].copy_from_slice(&block.bytes[at * size..(at + count) * size]);
                    } else {
                        for (column, voxel) in row.chunks_exact_mut(size).take(count).enumerate() {
                            let from = (at + column * step) * size;
                            voxel.copy_from_slice(&block.bytes[from..from + size]);
                        }
                    }
                    self.fill(&mut row[count * size..]);
                }
                None => self.fill(row),
            }
        }
    }

    /// Where a row begins in a block, how far its voxels lie apart, and how many there are.
    fn row_of<'a>(&self, block: &'a Block, inside: [u64; 2]) -> Option<(&'a Block, usize, usize, usize)> {
        let mut at = 0;
        for axis in 0..block.shape.len() {
            let index = match self.pick.spatial.iter().position(|&spatial| spatial == Some(axis)) {
                Some(2) => 0,
                Some(zy) => inside[zy],
                None => self.pick.fixed[axis] % self.grid[axis],
            };
            if index >= block.shape[axis] {
                return None;
            }
            at += index as usize * block.strides[axis];
        }
        let (step, count) = self.pick.spatial[2].map_or((1, 1), |axis| (block.strides[axis], block.shape[axis] as usize));
        Some((block, at, step, count))
    }

    fn fill(&self, row: &mut [u8]) {
        row.chunks_exact_mut(self.array.fill.len()).for_each(|voxel| voxel.copy_from_slice(&self.array.fill));
    }
}

fn named(mut trouble: Trouble, key: &str) -> Trouble {
    trouble.file.get_or_insert_with(|| key.to_string());
    trouble
}

impl ChunkedPlanes {
    fn row_bytes(&self) -> usize {
        self.shape()[2] as usize * self.array.fill.len()
    }

    fn read_rows(&self, first: usize, rows: Range<u64>, out: &mut [u8]) -> Result<(), Trouble> {
        let (chunk, counts) = (self.chunk_size(), self.chunk_counts());
        let bytes = (rows.end - rows.start) as usize * self.row_bytes();
        let first = first as u64;
        let end = first + (out.len() / bytes) as u64;
        let [deep, down] =
            [(first..end, 0), (rows.clone(), 1)].map(|(range, axis)| range.start / chunk[axis]..range.end.div_ceil(chunk[axis]));
        let touched = [deep.end - deep.start, down.end - down.start, counts[2]];
        let total = touched.iter().product();
        let step = self.batch() as u64;
        let mut done = 0;
        while done < total {
            let numbers = done..(done + step).min(total);
            let place = |number: u64| -> Shape {
                let at = place_of(number, &touched);
                [(deep.start + at[0]) as usize, (down.start + at[1]) as usize, at[2] as usize]
            };
            let batch: Vec<(Shape, Arc<Option<Block>>)> = numbers
                .clone()
                .into_par_iter()
                .map(|number| Ok((place(number), self.kept_or_new(place(number))?)))
                .collect::<Result<_, Trouble>>()?;
            out.par_chunks_mut(bytes).enumerate().for_each(|(index, plane)| {
                let z = first + index as u64;
                for (place, block) in batch.iter().filter(|(place, _)| z / chunk[0] == place[0] as u64) {
                    self.copy(*place, block.as_ref().as_ref(), z, &rows, plane);
                }
            });
            self.keep(&batch, [end, rows.end]);
            done = numbers.end;
        }
        Ok(())
    }
}

/// Parts of planes are given where at least so many chunks lie below each other; of fewer, too much would be kept between two.
const CHUNKS_BELOW_MIN: u64 = 4;

impl Planes for ChunkedPlanes {
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        self.read_rows(first, 0..self.shape()[1], out).map_err(|trouble| trouble.inside(&self.name))
    }

    fn gives_parts(&self) -> bool {
        self.chunk_size()[1] <= self.shape()[1] / CHUNKS_BELOW_MIN
    }

    fn rows_together(&self) -> usize {
        self.chunk_size()[1] as usize
    }

    fn read_parts(&self, first: usize, part: Range<usize>, out: &mut [u8]) -> Result<(), Trouble> {
        let rows = (part.start / self.row_bytes()) as u64..(part.end / self.row_bytes()) as u64;
        self.read_rows(first, rows, out).map_err(|trouble| trouble.inside(&self.name))
    }

    fn kept_bytes(&self, rows: usize, planes: usize) -> u64 {
        let (chunk, counts, shape) = (self.chunk_size(), self.chunk_counts(), self.shape());
        let (rows, planes) = (rows as u64, planes as u64);
        let layer = if planes < shape[0] && !planes.is_multiple_of(chunk[0]) { self.layer_bytes() } else { 0 };
        let is_cut = rows < shape[1] && !rows.is_multiple_of(chunk[1]);
        let row = (self.block_bytes() as u64).saturating_mul(counts[2]).saturating_mul(planes.div_ceil(chunk[0]) + 1);
        layer.saturating_add(if is_cut { row } else { 0 }).min(KEPT_MAX_BYTES as u64)
    }

    /// What is expanded at the same time with its packed bytes, the indexes of shards, and what the tree itself holds.
    fn held_bytes(&self) -> u64 {
        let batch = (self.batch() as u64 * 2 * self.block_bytes() as u64).min(2 * self.layer_bytes());
        let shards = self.array.open_shards().map_or(0, |_| INDEXES_MAX_BYTES as u64 + self.tree.scratch_bytes());
        batch + shards
    }
}
