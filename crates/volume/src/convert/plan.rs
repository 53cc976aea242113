//! Everything about a conversion that is decided, and how much memory it will take, before the first voxel is read.

use crate::element::byte_count;
use crate::format::{Opened, limit};
use crate::pyramid::{self, Level};
use crate::statistics::Gatherer;
use crate::zarr::Codec;
use crate::zarr::shard::Grid;
use crate::{ConvertOptions, ElementType, Trouble};

/// Bytes of a band where the source can give bands; two are in memory.
const BAND_BYTES: u64 = 32 << 20;
/// Where the source gives whole planes only, slabs of very wide ones are made thinner until two of them fit in this.
const TWO_SLABS_MAX_BYTES: u64 = 1 << 30;
/// Chunks are not made thinner than this.
const CHUNK_DEPTH_MIN: usize = 8;
/// Families of chunks that each thread should find in a band, so that none waits long for the others.
const FAMILIES_PER_THREAD: usize = 4;
/// No conversion is begun that would need more memory.
const MEMORY_MAX_BYTES: u64 = 12 << 30;
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
    pub(crate) levels: Vec<Level>,
    pub(crate) grids: Vec<Grid>,
    /// Rows of level 0 that are read and packed together.
    pub(crate) band_rows: usize,
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
        let band_rows = if in_bands { band_rows(&grids, &levels, element, threads) } else { shape[1] };
        let peak_memory_bytes = memory(&grids, element, threads, band_rows, opened.scratch_bytes);
        if peak_memory_bytes > MEMORY_MAX_BYTES {
            return Err(Trouble::new(
                format!("slices of {} × {} pixels would need {} MiB of memory", shape[2], shape[1], peak_memory_bytes >> 20),
                "Cut the volume into narrower parts",
            ));
        }
        Ok(Self {
            name: options.name.clone(),
            element,
            voxel_size_um,
            label: options.label.or(looks_named_label(&options.name, header).then_some(true)),
            codec: options.codec,
            levels,
            grids,
            band_rows,
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

fn looks_named_label(name: &str, header: &crate::Header) -> bool {
    let file = header.files.first().map(String::as_str).unwrap_or_default();
    !header.element.is_float()
        && [name, file].iter().any(|name| {
            let name = name.to_lowercase();
            ["label", "segmentation", "mask"].iter().any(|word| name.contains(word))
        })
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

/// Whole families of chunks, about as many as [`BAND_BYTES`] hold and enough for every thread.
fn band_rows(grids: &[Grid], levels: &[Level], element: ElementType, threads: usize) -> usize {
    let (grid, height) = (&grids[0], grids[0].shape[1]);
    let family = |axis: usize| match (grids.get(1), levels.get(1)) {
        (Some(parent), Some(level)) => parent.chunk[axis] * level.step[axis],
        _ => grid.chunk[axis],
    };
    let (rows, across) = (family(1), grid.shape[2].div_ceil(family(2)));
    let bytes = (grid.chunk[0] * rows * grid.shape[2] * element.bytes()) as u64;
    let count = ((BAND_BYTES / bytes) as usize).max((FAMILIES_PER_THREAD * threads).div_ceil(across)).max(1);
    (rows * count).min(height)
}

/// Two bands of level 0 (one is read while the other is packed), one slab of chunks of each other level, packed chunks
/// that wait for the disk, and what the threads hold.
fn memory(grids: &[Grid], element: ElementType, threads: usize, band_rows: usize, scratch_bytes: u64) -> u64 {
    let size = element.bytes() as u64;
    let chunk_bytes = |grid: &Grid| grid.chunk.iter().product::<usize>() as u64 * size;
    let slab = |grid: &Grid| (grid.shape[1].div_ceil(grid.chunk[1]) * grid.shape[2].div_ceil(grid.chunk[2])) as u64 * chunk_bytes(grid);
    let band = (grids[0].chunk[0] * band_rows * grids[0].shape[2]) as u64 * size;
    let coarse: u64 = grids[1..].iter().map(slab).sum();
    let chunk = chunk_bytes(&grids[0]);
    // A band of two whose chunks are packed already, and all coarse slabs at once, none of them any smaller.
    let packed = 2 * band + coarse + coarse / 64;
    let thread = 4 * chunk + scratch_bytes + (2 << 20);
    2 * band + coarse + packed + thread * threads as u64 + Gatherer::bytes(element, threads) + PROGRAM_BYTES
}
