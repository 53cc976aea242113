//! Everything about a conversion that is decided, and how much memory it will take, before the first voxel is read.

use super::labels::says_labels;
use crate::element::byte_count;
use crate::format::{Opened, limit};
use crate::pyramid::{self, Level};
use crate::statistics::Gatherer;
use crate::zarr::Codec;
use crate::zarr::shard::Grid;
use crate::zarr::{metadata, pens};
use crate::{ConvertOptions, ElementType, Trouble};

/// Bytes of a band where the source can give bands; two are in memory.
const BAND_BYTES: u64 = 16 << 20;
/// Where the source gives whole planes only, slabs of very wide ones are made thinner until two of them fit in this.
const TWO_SLABS_MAX_BYTES: u64 = 1 << 30;
/// Chunks are not made thinner than this.
const CHUNK_DEPTH_MIN: usize = 8;
/// Families of chunks that each thread should find in a band, so that none waits long for the others.
const FAMILIES_PER_THREAD: usize = 4;
/// Of level 0, so many bytes of a band are packed together, and are written before the cache has forgotten them.
const GROUP_BYTES: u64 = 16 << 20;
/// Of a coarser level, so many bytes of a slab are packed together; what is packed waits for the disk.
const PIECE_BYTES: u64 = 64 << 20;
/// What is remembered of a shard that grows, beside its index.
const SHARD_BYTES: usize = 256;
/// Bytes in the journal and on the way to it, for one byte of an index.
const JOURNAL_PER_INDEX: u64 = 5;
/// What the program itself and its libraries take.
const PROGRAM_BYTES: u64 = 24 << 20;
/// Bytes of voxels that one byte of input may become; honest label volumes expand some hundred times.
const EXPANSION_MAX: u64 = 5_000;
/// Below this many bytes of voxels nobody asks how they expanded.
const EXPANSION_FREE_BYTES: u64 = 1 << 30;

pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) element: ElementType,
    pub(crate) voxel_size_um: Option<[f64; 3]>,
    /// Whether it holds labels; nothing when the voxels have to tell.
    pub(crate) label: Option<bool>,
    pub(crate) codec: Codec,
    /// Where the first voxel lies in a larger volume, in the unit of the axes.
    pub(crate) origin: [f64; 3],
    /// What is kept of its source, see [`metadata::of_source`].
    pub(crate) source: serde_json::Map<String, serde_json::Value>,
    pub(crate) levels: Vec<Level>,
    pub(crate) grids: Vec<Grid>,
    /// Rows of level 0 that are read and packed together.
    pub(crate) band_rows: usize,
    /// Rows of each level that are packed together: of a band of level 0, of a coarser level's slab once it is full.
    pub(crate) piece_rows: Vec<usize>,
    pub(crate) bytes_in: u64,
    pub(crate) peak_memory_bytes: u64,
}

/// As deep as an axis can be: a volume of which nobody knows yet where it ends.
const OPEN_DEPTH: usize = limit::AXIS as usize;

impl Plan {
    pub(crate) fn new(opened: &Opened, options: &ConvertOptions, threads: usize) -> Result<Self, Trouble> {
        Self::of_depth(opened.header.shape[0], opened, options, threads)
    }

    /// Of planes of which more may come. Its levels begin like those of any depth, see [`Kept::fitted`](super::journal::Kept::fitted).
    pub(crate) fn open_ended(opened: &Opened, options: &ConvertOptions, threads: usize) -> Result<Self, Trouble> {
        Self::of_depth(OPEN_DEPTH, opened, options, threads)
    }

    fn of_depth(depth: usize, opened: &Opened, options: &ConvertOptions, threads: usize) -> Result<Self, Trouble> {
        let header = &opened.header;
        let (shape, element) = ([depth, header.shape[1], header.shape[2]], header.element);
        check_options(options)?;
        let voxels = byte_count(header.shape, element).unwrap_or(u64::MAX);
        if voxels > EXPANSION_FREE_BYTES && voxels / EXPANSION_MAX > opened.bytes_in {
            return Err(Trouble::new(
                format!("{} bytes of input claim to hold {voxels} bytes of voxels", opened.bytes_in),
                "The file is damaged; save it again",
            ));
        }
        let voxel_size_um = options.voxel_size_um.or(header.voxel_size_um);
        let levels = pyramid::plan(shape, voxel_size_um.unwrap_or([1.0; 3]), options.levels);
        let in_bands = opened.planes.gives_parts();
        let chunk = [chunk_depth(options.chunk, shape, element, in_bands), options.chunk, options.chunk];
        let grids: Vec<Grid> = levels.iter().map(|level| Grid::plan(level.shape, chunk, options.shard)).collect();
        let slabs = Slabs { grids: &grids, levels: &levels, element, threads };
        let band_rows = if in_bands { slabs.band_rows(opened.planes.rows_together()) } else { shape[1] };
        let piece_bytes = |level: usize| if level == 0 { GROUP_BYTES } else { PIECE_BYTES };
        let piece_rows: Vec<usize> = (0..grids.len()).map(|level| slabs.rows_within(level, piece_bytes(level), 1)).collect();
        let kept_bytes = opened.planes.kept_bytes(band_rows, grids[0].chunk[0]);
        let reader_bytes = opened.planes.held_bytes() + kept_bytes + opened.scratch_bytes * threads as u64;
        let peak_memory_bytes = slabs.memory(band_rows, &piece_rows) + reader_bytes;
        if peak_memory_bytes > options.memory_bytes_max {
            return Err(too_much_memory(shape, peak_memory_bytes, options, in_bands));
        }
        Ok(Self {
            name: options.name.clone(),
            element,
            voxel_size_um,
            label: options.label.or(says_labels(&options.name, header).then_some(true)),
            codec: options.codec,
            origin: options.caption.origin_um.unwrap_or_default(),
            source: metadata::of_source(header, &options.caption),
            levels,
            grids,
            band_rows,
            piece_rows,
            bytes_in: opened.bytes_in,
            peak_memory_bytes,
        })
    }
}

fn check_options(options: &ConvertOptions) -> Result<(), Trouble> {
    let ConvertOptions { chunk, shard, .. } = *options;
    if !(16..=512).contains(&chunk) || chunk % 2 != 0 || shard % chunk != 0 || !(chunk..=4096).contains(&shard) {
        return Err(Trouble::new(
            format!("chunks of {chunk} in shards of {shard} voxels are not possible"),
            "A chunk is even and 16 to 512, a shard a multiple of it and at most 4096",
        ));
    }
    let size = options.voxel_size_um.unwrap_or([1.0; 3]);
    if !size.iter().all(|&axis| crate::header::plausible_um(axis)) {
        return Err(Trouble::new(format!("a voxel of {size:?} micrometres is not possible"), "Give three positive numbers"));
    }
    Ok(())
}

/// As asked, unless slabs would be too large; in bands only the coarser levels count.
fn chunk_depth(asked: usize, shape: crate::Shape, element: ElementType, in_bands: bool) -> usize {
    let plane = (shape[1] * shape[2] * element.bytes()) as u64;
    let slabs = if in_bands { plane / 3 } else { 2 * plane };
    let mut depth = asked;
    while depth > CHUNK_DEPTH_MIN && depth as u64 * slabs > TWO_SLABS_MAX_BYTES {
        depth /= 2;
    }
    depth.next_multiple_of(2)
}

fn too_much_memory(shape: crate::Shape, needed: u64, options: &ConvertOptions, in_bands: bool) -> Trouble {
    let hint = match in_bands {
        true => "Allow more with --memory, or cut the volume into narrower parts",
        false => "Allow more with --memory, or save it in strips, in tiles or without compression, which is read in bands",
    };
    let what = format!(
        "slices of {} × {} pixels would need {} MiB of memory, and {} MiB are allowed",
        shape[2],
        shape[1],
        needed.div_ceil(1 << 20),
        options.memory_bytes_max >> 20
    );
    Trouble::new(what, hint)
}

/// How much of each level is in memory at a time.
struct Slabs<'a> {
    grids: &'a [Grid],
    levels: &'a [Level],
    element: ElementType,
    threads: usize,
}

impl Slabs<'_> {
    /// How far a family of chunks reaches along an axis.
    fn family(&self, level: usize, axis: usize) -> usize {
        match (self.grids.get(level + 1), self.levels.get(level + 1)) {
            (Some(parent), Some(next)) => parent.chunk[axis] * next.step[axis],
            _ => self.grids[level].chunk[axis],
        }
    }

    /// Bytes of so many rows of a slab.
    fn rows_bytes(&self, level: usize, rows: usize) -> u64 {
        let grid = &self.grids[level];
        (grid.chunk[0] * rows * grid.shape[2] * self.element.bytes()) as u64
    }

    /// Whole families of chunks, and whole groups of `together` rows where that costs no more: about as many rows as fit
    /// into so many bytes, and enough for every thread.
    fn rows_within(&self, level: usize, bytes: u64, together: usize) -> usize {
        let (family, shape) = (self.family(level, 1), self.grids[level].shape);
        let both = family / greatest_common_divisor(family, together) * together;
        let rows = if self.rows_bytes(level, both) <= 2 * bytes { both } else { family };
        let least = (FAMILIES_PER_THREAD * self.threads).div_ceil(shape[2].div_ceil(self.family(level, 2))) * family;
        let count = ((bytes / self.rows_bytes(level, rows)) as usize).max(least.div_ceil(rows)).max(1);
        (rows * count).min(shape[1])
    }

    fn band_rows(&self, together: usize) -> usize {
        self.rows_within(0, BAND_BYTES, together.clamp(1, self.grids[0].shape[1]))
    }

    /// Bytes of a whole slab: chunks are whole even where the volume ends inside.
    fn slab(&self, level: usize) -> u64 {
        let grid = &self.grids[level];
        let chunks = grid.shape[1].div_ceil(grid.chunk[1]) * grid.shape[2].div_ceil(grid.chunk[2]);
        chunks as u64 * grid.chunk.iter().product::<usize>() as u64 * self.element.bytes() as u64
    }

    /// What the index of one row of shards takes.
    fn index(&self, level: usize) -> u64 {
        let [_, down, across] = self.grids[level].shards();
        (down * across * (self.grids[level].index_bytes() + SHARD_BYTES)) as u64
    }

    /// What fills no block yet of one row of shards.
    fn tails(&self, level: usize) -> u64 {
        let [_, down, across] = self.grids[level].shards();
        (down * across * pens::BLOCK_BYTES) as u64
    }

    /// What the journal holds beside the pass: slabs and rows of shards that are not full at the end of a row of shards, once
    /// as they are and once as they are written down.
    fn journal(&self) -> u64 {
        let row = self.grids[0].shard_shape()[0];
        let mut reach = 1;
        let mut bytes = 0;
        for level in 1..self.grids.len() {
            reach *= self.levels[level].step[0];
            let is_open = |planes: usize| !row.is_multiple_of(planes * reach);
            let slab = if is_open(self.grids[level].chunk[0]) { self.slab(level) } else { 0 };
            let index = if is_open(self.grids[level].shard_shape()[0]) { self.index(level) } else { 0 };
            bytes += 2 * slab + JOURNAL_PER_INDEX * index;
        }
        let is_written = self.grids[0].shape[0] > row;
        if is_written { bytes } else { 0 }
    }

    /// Two bands of level 0 (one is read while the other is packed), one slab of chunks of each other level, packed chunks
    /// that wait for the pens, the sheets of these, the indexes of shards that grow, and what the threads hold.
    fn memory(&self, band_rows: usize, piece_rows: &[usize]) -> u64 {
        let band = self.rows_bytes(0, band_rows);
        let coarser = 1..self.grids.len();
        let coarse: u64 = coarser.clone().map(|level| self.slab(level)).sum();
        let piece = |level: usize| self.rows_bytes(level, piece_rows[level]);
        let group = piece(0).min(band);
        // Levels that are packed in one piece are packed together with what filled them.
        let (whole, pieces): (Vec<usize>, Vec<usize>) = coarser.partition(|&level| piece_rows[level] == self.grids[level].shape[1]);
        let small: u64 = whole.into_iter().map(|level| self.slab(level)).sum();
        let most = pieces.into_iter().map(piece).max().unwrap_or(0).max(group) + small;
        // Two such portions, none of them any smaller than its voxels.
        let packed = 2 * (most + most / 64);
        let index: u64 = (0..self.grids.len()).map(|level| self.index(level) + self.tails(level)).sum();
        let chunk = self.grids[0].chunk.iter().product::<usize>() as u64 * self.element.bytes() as u64;
        let thread = 4 * chunk + (2 << 20);
        let threads = thread * self.threads as u64 + Gatherer::bytes(self.element, self.threads);
        2 * band + coarse + packed + pens::MEMORY_BYTES + index + self.journal() + threads + PROGRAM_BYTES
    }
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
