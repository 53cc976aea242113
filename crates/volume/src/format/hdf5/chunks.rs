//! Where the chunks of a dataset lie, from any of the indexes that HDF5 knows.

use super::arrays;
use super::btree2;
use super::bytes::{Cursor, damaged};
use super::file::H5File;
use super::message::{ChunkIndex, Dataspace};
use crate::Trouble;

/// Chunks of one dataset.
const CHUNKS_MAX: u64 = 1 << 23;
/// Bytes of one chunk when expanded.
pub(super) const CHUNK_BYTES_MAX: u64 = 1 << 30;
/// How deep the old trees are.
const LEVEL_MAX: u8 = 32;
/// Record types of B-trees that index chunks, without and with filters.
const PLAIN: u8 = 10;
const FILTERED: u8 = 11;

/// One chunk that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunk {
    /// Its place in the grid, row-major over all axes.
    pub(super) number: u64,
    pub(super) address: u64,
    pub(super) bytes: u32,
    /// Bit n is set when filter n was left out for this chunk.
    pub(super) skipped_filters: u32,
}

/// How a dataset is divided into chunks.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    pub(super) chunk: Vec<u64>,
    /// Chunks along each axis.
    pub(super) counts: Vec<u64>,
    /// The same for the largest extent, by which arrays of chunks are numbered; unlimited axes count as they are.
    most: Vec<u64>,
    unlimited: Vec<bool>,
    pub(super) chunk_bytes: u64,
}

impl Grid {
    pub(super) fn new(space: &Dataspace, chunk: &[u64], element_bytes: usize) -> Result<Self, Trouble> {
        if chunk.len() != space.shape.len() {
            return Err(damaged(format!("a dataset of {} axes has chunks of {}", space.shape.len(), chunk.len())));
        }
        let bytes = chunk.iter().try_fold(element_bytes as u64, |product, &size| product.checked_mul(size));
        let chunk_bytes = bytes.filter(|&bytes| bytes <= CHUNK_BYTES_MAX).ok_or_else(|| {
            Trouble::new(
                format!("its chunks of {chunk:?} elements are larger than {} MiB", CHUNK_BYTES_MAX >> 20),
                "Save it with smaller chunks",
            )
        })?;
        let counts: Vec<u64> = space.shape.iter().zip(chunk).map(|(size, chunk)| size.div_ceil(*chunk)).collect();
        let unlimited: Vec<bool> = space.most.iter().map(|&most| most == u64::MAX).collect();
        let most = space.most.iter().zip(chunk).zip(&counts);
        let most = most.map(|((&most, chunk), &count)| if most == u64::MAX { count } else { most.div_ceil(*chunk) }).collect();
        let grid = Self { chunk: chunk.to_vec(), counts, most, unlimited, chunk_bytes };
        let total = grid.counts.iter().try_fold(1u64, |product, &count| product.checked_mul(count));
        if total.is_none_or(|total| total > CHUNKS_MAX) {
            return Err(Trouble::new(
                format!("it is divided into more than {CHUNKS_MAX} chunks of {chunk:?}"),
                "Save it with larger chunks",
            ));
        }
        Ok(grid)
    }

    pub(super) fn total(&self) -> u64 {
        self.counts.iter().product()
    }

    /// The number of the chunk at these places along the axes; nothing outside of the extent.
    pub(super) fn number(&self, places: &[u64]) -> Option<u64> {
        if places.iter().zip(&self.counts).any(|(place, count)| place >= count) {
            return None;
        }
        Some(places.iter().zip(&self.counts).fold(0, |number, (place, count)| number * count + place))
    }

    /// The number of the chunk that is entry `index` of an array of chunks.
    fn number_in_array(&self, mut index: u64) -> Option<u64> {
        let rank = self.counts.len();
        let order = self.order();
        let mut places = vec![0; rank];
        for &axis in order[1..].iter().rev() {
            let most = self.most[axis].max(1);
            places[axis] = index % most;
            index /= most;
        }
        places[order[0]] = index;
        self.number(&places)
    }

    /// The axes as arrays of chunks run over them: one unlimited axis is turned to the front, so that the array can grow.
    fn order(&self) -> Vec<usize> {
        let front = self.unlimited.iter().position(|&unlimited| unlimited).unwrap_or(0);
        std::iter::once(front).chain((0..self.counts.len()).filter(|&axis| axis != front)).collect()
    }

    /// The entry of an array of chunks that stands for chunk `number`, if it can be counted.
    fn entry_in_array(&self, mut number: u64) -> Option<u64> {
        let mut places = vec![0; self.counts.len()];
        for (place, &count) in places.iter_mut().zip(&self.counts).rev() {
            (*place, number) = (number % count, number / count);
        }
        self.order().iter().try_fold(0u64, |entry, &axis| entry.checked_mul(self.most[axis].max(1))?.checked_add(places[axis]))
    }

    /// Entries of an array of chunks up to the last that lies inside the extent.
    fn array_entries(&self) -> u64 {
        let order = self.order();
        order[1..].iter().fold(self.counts[order[0]], |entries, &axis| entries.saturating_mul(self.most[axis].max(1)))
    }
}

/// Gathers chunks and drops what lies outside of the extent.
pub(super) struct Gathering<'a> {
    pub(super) file: &'a H5File,
    pub(super) grid: &'a Grid,
    chunks: Vec<Chunk>,
}

impl Gathering<'_> {
    fn add(&mut self, number: Option<u64>, address: Option<u64>, bytes: u64, skipped_filters: u32) -> Result<(), Trouble> {
        let (Some(number), Some(address)) = (number, address) else { return Ok(()) };
        let fits = u32::try_from(bytes).ok().filter(|_| bytes <= 2 * CHUNK_BYTES_MAX && self.file.holds(address, bytes));
        let Some(bytes) = fits else {
            return Err(damaged(format!("chunk {number} claims {bytes} bytes at {address}")).in_file(&self.file.path));
        };
        if self.chunks.len() as u64 >= self.grid.total() {
            return Err(damaged("a dataset has more chunks than places for them").in_file(&self.file.path));
        }
        self.chunks.push(Chunk { number, address, bytes, skipped_filters });
        Ok(())
    }

    /// An entry of an array of chunks.
    pub(super) fn add_entry(&mut self, index: u64, entry: &[u8], filtered: bool) -> Result<(), Trouble> {
        let mut cursor = Cursor::new(entry, "an array of chunks", self.file.widths);
        let address = cursor.address()?;
        let (mut bytes, mut skipped) = (self.grid.chunk_bytes, 0);
        if filtered {
            let width = cursor.left().checked_sub(4).filter(|&width| width <= 8);
            bytes = cursor.uint(width.ok_or_else(|| damaged("an array of chunks has entries of odd length"))?)?;
            skipped = cursor.u32()?;
        }
        if address.is_some() { self.add(self.grid.number_in_array(index), address, bytes, skipped) } else { Ok(()) }
    }
}

/// All chunks that were written, by their number.
pub(super) fn read(file: &H5File, grid: &Grid, index: &ChunkIndex, address: Option<u64>, filtered: bool) -> Result<Vec<Chunk>, Trouble> {
    let Some(address) = address else { return Ok(Vec::new()) };
    let mut gathering = Gathering { file, grid, chunks: Vec::new() };
    match index {
        ChunkIndex::TreeV1 => tree_v1(&mut gathering, address, None)?,
        ChunkIndex::TreeV2 => tree_v2(&mut gathering, address)?,
        ChunkIndex::Single { stored } => {
            let (bytes, skipped) = stored.unwrap_or((grid.chunk_bytes, 0));
            gathering.add(Some(0), Some(address), bytes, skipped)?;
        }
        ChunkIndex::Implicit => {
            // The file has a place for every chunk of the largest extent.
            if !grid.array_entries().checked_mul(grid.chunk_bytes).is_some_and(|bytes| file.holds(address, bytes)) {
                let what = format!("it promises {} chunks of {} bytes, more than the file has", grid.array_entries(), grid.chunk_bytes);
                return Err(Trouble::new(what, "The file was cut off or is damaged; upload it again").in_file(&file.path));
            }
            for number in 0..grid.total() {
                let offset = grid.entry_in_array(number).and_then(|entry| entry.checked_mul(grid.chunk_bytes));
                gathering.add(Some(number), offset.and_then(|offset| offset.checked_add(address)), grid.chunk_bytes, 0)?;
            }
        }
        ChunkIndex::FixedArray => arrays::fixed(&mut gathering, address, filtered, grid.array_entries())?,
        ChunkIndex::ExtensibleArray => arrays::extensible(&mut gathering, address, filtered, grid.array_entries())?,
    }
    let mut chunks = gathering.chunks;
    chunks.sort_by_key(|chunk| chunk.number);
    if let Some(pair) = chunks.windows(2).find(|pair| pair[0].number == pair[1].number) {
        return Err(damaged(format!("chunk {} is there twice", pair[0].number)).in_file(&file.path));
    }
    Ok(chunks)
}

fn tree_v1(gathering: &mut Gathering<'_>, address: u64, expected_level: Option<u8>) -> Result<(), Trouble> {
    let what = "the tree of chunks";
    let (file, grid) = (gathering.file, gathering.grid);
    let head = file.block(address, (8 + 2 * file.widths.offset) as u64, what)?;
    let mut cursor = Cursor::new(&head, what, file.widths);
    cursor.signature(b"TREE")?;
    cursor.version(&[1])?;
    let (level, entries) = (cursor.u8()?, u64::from(cursor.u16()?));
    if level > LEVEL_MAX || expected_level.is_some_and(|expected| level != expected) {
        return Err(damaged("the tree of chunks does not grow downwards").in_file(&file.path));
    }
    let rank = grid.chunk.len();
    let key = 8 + 8 * (rank + 1);
    let block = file.block(address + head.len() as u64, entries * (key + file.widths.offset) as u64, what)?;
    let mut cursor = Cursor::new(&block, what, file.widths);
    let mut places = vec![0; rank];
    for _ in 0..entries {
        let (bytes, skipped) = (cursor.u32()?, cursor.u32()?);
        for (place, chunk) in places.iter_mut().zip(&grid.chunk) {
            *place = cursor.u64()? / chunk;
        }
        cursor.u64()?;
        let child = cursor.address()?.ok_or_else(|| damaged("the tree of chunks leads nowhere"))?;
        match level {
            0 => gathering.add(grid.number(&places), Some(child), u64::from(bytes), skipped)?,
            // Of a file still on its way a part of the tree may be missing, and with it the places of some chunks. Planes that
            // need them have no place yet, and are not read.
            _ => match tree_v1(gathering, child, Some(level - 1)) {
                Err(_) if file.is_partial() => {}
                outcome => outcome?,
            },
        }
    }
    Ok(())
}

fn tree_v2(gathering: &mut Gathering<'_>, address: u64) -> Result<(), Trouble> {
    let (file, grid) = (gathering.file, gathering.grid);
    let mut places = vec![0; grid.chunk.len()];
    btree2::records(file, address, &[PLAIN, FILTERED], &mut |kind, length, record| {
        let mut cursor = Cursor::new(record, "a record of chunks", file.widths);
        let child = cursor.address()?;
        let (mut bytes, mut skipped) = (grid.chunk_bytes, 0);
        if kind == FILTERED {
            let width = length.checked_sub(file.widths.offset + 4 + 8 * places.len());
            bytes = cursor.uint(width.ok_or_else(|| damaged("a record of chunks is too short"))?)?;
            skipped = cursor.u32()?;
        }
        for place in &mut places {
            *place = cursor.u64()?;
        }
        gathering.add(grid.number(&places), child, bytes, skipped)
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn arrays_of_chunks_turn_the_unlimited_axis_to_the_front() {
        let space = Dataspace { shape: vec![4, 6, 5], most: vec![4, u64::MAX, 10], null: false };
        let grid = Grid::new(&space, &[2, 2, 5], 2).unwrap();
        assert_eq!(grid.counts, [2, 3, 1]);
        // Entries run over axis 1, then 0 (2 chunks), then 2 (2 chunks at most, 1 of them inside).
        assert_eq!(grid.number_in_array(0), Some(0));
        assert_eq!(grid.number_in_array(1), None);
        assert_eq!(grid.number_in_array(2), Some(3));
        assert_eq!(grid.number_in_array(4), Some(1));
        assert!((0..grid.total()).all(|number| grid.number_in_array(grid.entry_in_array(number).unwrap()) == Some(number)));
        assert_eq!(grid.array_entries(), 12);
    }

    #[test]
    fn chunks_without_an_index_lie_in_the_file() {
        let path = Path::new("../../fuzz/seeds/hdf5/earliest-contiguous.h5");
        let file = H5File::open(&path, true).unwrap();
        let read = |most: u64| {
            let space = Dataspace { shape: vec![2, 1], most: vec![2, most], null: false };
            super::read(&file, &Grid::new(&space, &[1, 1], 2).unwrap(), &ChunkIndex::Implicit, Some(8), false)
        };
        let places: Vec<_> = read(3).unwrap().iter().map(|chunk| (chunk.number, chunk.address)).collect();
        assert_eq!(places, [(0, 8), (1, 14)]);
        assert!(read(1 << 60).unwrap_err().what.contains("more than the file has"));
    }

    #[test]
    fn absurd_chunks_are_refused() {
        let space = Dataspace { shape: vec![1 << 40, 1 << 40], most: vec![1 << 40, 1 << 40], null: false };
        assert!(Grid::new(&space, &[1, 1], 2).unwrap_err().what.contains("more than"));
        assert!(Grid::new(&space, &[1 << 20, 1 << 20], 2).unwrap_err().what.contains("larger than"));
        assert!(Grid::new(&space, &[1 << 20], 2).is_err());
    }
}
