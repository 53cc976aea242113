//! The one pass: slabs come in, chunks of all levels and the statistics go out, and memory is known beforehand.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use crate::element::{Buffer, Plain, byte_count, typed};
use crate::format::{self, Opened, Planes};
use crate::pyramid::{self, Level, Reduction};
use crate::statistics::{Gatherer, Statistics};
use crate::zarr::metadata;
use crate::zarr::shard::Grid;
use crate::zarr::write::{Flusher, LevelWriter, sync_folders, write_document};
use crate::{Asked, ElementType, Shape, Trouble};

/// Slabs of very wide slices are made thinner until two of them fit in this.
const TWO_SLABS_MAX_BYTES: u64 = 1 << 30;
/// The thinnest slab.
const CHUNK_DEPTH_MIN: usize = 8;
/// No conversion is begun that would need more memory.
const MEMORY_MAX_BYTES: u64 = 12 << 30;
/// Bytes of voxels that one byte of input may become; honest label volumes expand some hundred times.
const EXPANSION_MAX: u64 = 5_000;
/// Below this many bytes of voxels nobody asks how they expanded.
const EXPANSION_FREE_BYTES: u64 = 1 << 30;

#[derive(Debug, Clone)]
pub struct ConvertOptions {
    /// Voxels of a chunk along each axis; even, 16 to 512.
    pub chunk: usize,
    /// Voxels of a shard along each axis; a multiple of `chunk`.
    pub shard: usize,
    /// Number of levels; by default halved until every axis is at most 64.
    pub levels: Option<usize>,
    /// Threads; by default all cores. The output is the same for any number.
    pub threads: Option<usize>,
    /// Voxel size in micrometres (z, y, x) when somebody knows better than the file.
    pub voxel_size_um: Option<[f64; 3]>,
    /// What the volume is called in its metadata.
    pub name: String,
    /// Whether it holds labels; by default judged from name and voxels.
    pub label: Option<bool>,
    /// What somebody says beside the file.
    pub asked: Asked,
}

impl Default for ConvertOptions {
    fn default() -> Self {
        Self {
            chunk: 64,
            shard: 256,
            levels: None,
            threads: None,
            voxel_size_um: None,
            name: "volume".into(),
            label: None,
            asked: Asked::default(),
        }
    }
}

/// Bytes of voxels that are done, of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Converted {
    pub shape: Shape,
    pub element: ElementType,
    pub levels: usize,
    pub voxel_size_um: Option<[f64; 3]>,
    /// Whether it was taken as a volume of labels.
    pub label: bool,
    pub statistics: Statistics,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub peak_memory_bytes_planned: u64,
    pub files: u64,
}

/// Makes an OME-Zarr 0.5 volume at `out`. It appears there only when complete and durable.
pub fn convert(
    input: &Path,
    out: &Path,
    options: &ConvertOptions,
    progress: &(dyn Fn(Progress) + Sync),
    stop: &AtomicBool,
) -> Result<Converted, Trouble> {
    if out.symlink_metadata().is_ok() {
        return Err(Trouble::new("it exists already", "Remove it or choose another name").in_file(out));
    }
    let opened = format::open(input, &options.asked)?;
    let threads = options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).clamp(1, 256);
    let plan = Plan::new(&opened, options, threads)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Trouble::new(format!("starting threads failed ({error})"), "Start it again"))?;
    let part = part_path(out)?;
    remove_part(&part)?;
    let outcome = pool
        .install(|| Pass { plan: &plan, part: &part, progress, stop }.run(&opened))
        .and_then(|converted| publish(&part, out).map(|()| converted));
    if outcome.is_err() {
        remove_part(&part)?;
    }
    outcome
}

/// OUT.part, beside OUT so that the rename stays on one disk.
fn part_path(out: &Path) -> Result<PathBuf, Trouble> {
    let name = out.file_name().ok_or_else(|| Trouble::new("the output has no name", "Name a folder that shall be made"))?;
    let mut name = name.to_os_string();
    name.push(".part");
    Ok(out.with_file_name(name))
}

fn remove_part(part: &Path) -> Result<(), Trouble> {
    match std::fs::remove_dir_all(part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Trouble::io("removing", part, &error)),
        _ => Ok(()),
    }
}

fn publish(part: &Path, out: &Path) -> Result<(), Trouble> {
    sync_folders(part)?;
    std::fs::rename(part, out).map_err(|error| Trouble::io("renaming", part, &error))?;
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|folder| folder.sync_all()).map_err(|error| Trouble::io("making durable", parent, &error))
}

/// Everything that is decided before the first voxel is read.
struct Plan {
    name: String,
    element: ElementType,
    voxel_size_um: Option<[f64; 3]>,
    label: Option<bool>,
    levels: Vec<Level>,
    grids: Vec<Grid>,
    bytes_in: u64,
    peak_memory_bytes: u64,
}

impl Plan {
    fn new(opened: &Opened, options: &ConvertOptions, threads: usize) -> Result<Self, Trouble> {
        let header = &opened.header;
        let (shape, element) = (header.shape, header.element);
        check_options(options)?;
        let voxels = byte_count(shape, element).unwrap_or(u64::MAX);
        if voxels > EXPANSION_FREE_BYTES && voxels / EXPANSION_MAX > opened.bytes_in {
            return Err(Trouble::new(
                format!("{} bytes of input claim to hold {voxels} bytes of voxels", opened.bytes_in),
                "The file is damaged; save it again",
            ));
        }
        let voxel_size_um = options.voxel_size_um.or(header.voxel_size_um);
        let levels = pyramid::plan(shape, voxel_size_um.unwrap_or([1.0; 3]), options.levels);
        let plane = (shape[1] * shape[2] * element.bytes()) as u64;
        let mut depth = options.chunk;
        while depth > CHUNK_DEPTH_MIN && 2 * depth as u64 * plane > TWO_SLABS_MAX_BYTES {
            depth /= 2;
        }
        let depth = depth.next_multiple_of(2);
        let chunk = [depth, options.chunk, options.chunk];
        let grids: Vec<Grid> = levels.iter().map(|level| Grid::plan(level.shape, chunk, options.shard)).collect();
        let peak_memory_bytes = memory(&grids, element, threads, opened.scratch_bytes);
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
            levels,
            grids,
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

/// Two slabs of level 0 (one is read while the other is packed), one of each other level, and what the threads hold.
fn memory(grids: &[Grid], element: ElementType, threads: usize, scratch_bytes: u64) -> u64 {
    let size = element.bytes() as u64;
    let slab = |grid: &Grid| (grid.chunk[0] * grid.shape[1] * grid.shape[2]) as u64 * size;
    let slabs: u64 = grids.iter().map(slab).sum::<u64>() + slab(&grids[0]);
    let chunk = grids[0].chunk.iter().product::<usize>() as u64 * size;
    let shard_row = chunk * (grids[0].per_shard[1] * grids[0].per_shard[2]) as u64;
    let shards = grids[0].shards();
    let rows = 2 * shard_row * (threads as u64 + 1).min((shards[1] * shards[2]) as u64);
    let thread = 2 * chunk + scratch_bytes + (4 << 20);
    slabs + rows + thread * threads as u64 + Gatherer::bytes(element, threads) + (16 << 20)
}

/// One level on its way: its writer and the planes that wait until a row of chunks is full.
struct Stage {
    writer: LevelWriter,
    level: Level,
    grid: Grid,
    waiting: Buffer,
    waiting_planes: usize,
    written_planes: usize,
}

/// What a level's writer leaves.
struct Written {
    grid: Grid,
    bytes: u64,
    files: u64,
}

struct Pass<'a> {
    plan: &'a Plan,
    part: &'a Path,
    progress: &'a (dyn Fn(Progress) + Sync),
    stop: &'a AtomicBool,
}

impl Pass<'_> {
    fn run(&self, opened: &Opened) -> Result<Converted, Trouble> {
        let flusher = Flusher::start();
        let outcome = self.slabs(opened.planes.as_ref(), &flusher);
        // The flusher is awaited in either case: nobody may still write when the folder is removed.
        let flushed = flusher.finish();
        let (written, gatherer, label) = outcome?;
        flushed?;
        self.documents(&written, gatherer.finish(), label)
    }

    fn stages(&self, flusher: &Flusher) -> Vec<Stage> {
        let plan = self.plan;
        let stage = |(number, (level, grid)): (usize, (&Level, &Grid))| {
            let bytes = grid.chunk[0] * grid.shape[1] * grid.shape[2] * plan.element.bytes();
            Stage {
                writer: LevelWriter::new(self.part.join(number.to_string()), *grid, plan.element, flusher),
                level: level.clone(),
                grid: *grid,
                // Level 0 has its two buffers elsewhere.
                waiting: Buffer::zeroed(if number == 0 { 0 } else { bytes }),
                waiting_planes: 0,
                written_planes: 0,
            }
        };
        plan.levels.iter().zip(&plan.grids).enumerate().map(stage).collect()
    }

    fn slabs(&self, planes: &dyn Planes, flusher: &Flusher) -> Result<(Vec<Written>, Gatherer, bool), Trouble> {
        let element = self.plan.element;
        let grid = self.plan.grids[0];
        let plane_bytes = grid.shape[1] * grid.shape[2] * element.bytes();
        let depth = |z: usize| grid.chunk[0].min(grid.shape[0] - z.min(grid.shape[0]));
        let total = grid.shape[0] as u64 * plane_bytes as u64;
        (self.progress)(Progress { done: 0, total });
        let mut stages = self.stages(flusher);
        let mut gatherer = Gatherer::new(element);
        let mut label = self.plan.label;
        let mut current = Buffer::zeroed(depth(0) * plane_bytes);
        planes.read(0, current.bytes_mut())?;
        let mut z = 0;
        while z < grid.shape[0] {
            if self.stop.load(Ordering::Relaxed) {
                return Err(Trouble::stopped());
            }
            let is_label = *label.get_or_insert_with(|| looks_like_labels(element, current.bytes(), grid.shape[2]));
            let reduction = if is_label { Reduction::Mode } else { Reduction::Mean };
            let next_z = z + depth(z);
            let (packed, next) = rayon::join(
                || {
                    gatherer.add(current.bytes(), plane_bytes);
                    pack(&mut stages, element, reduction, current.bytes(), depth(z))
                },
                || {
                    let mut next = Buffer::zeroed(depth(next_z) * plane_bytes);
                    if depth(next_z) > 0 { planes.read(next_z, next.bytes_mut()).map(|()| next) } else { Ok(next) }
                },
            );
            packed?;
            current = next?;
            z = next_z;
            (self.progress)(Progress { done: z as u64 * plane_bytes as u64, total });
        }
        // The writers end here: the flusher goes on until the last of them is gone.
        let written = stages.into_iter().map(|stage| Written { grid: stage.grid, bytes: stage.writer.bytes, files: stage.writer.files });
        Ok((written.collect(), gatherer, label.unwrap_or(false)))
    }

    fn documents(&self, written: &[Written], statistics: Statistics, label: bool) -> Result<Converted, Trouble> {
        let plan = self.plan;
        let (mut bytes_out, mut files) = (0, 0);
        for (number, level) in written.iter().enumerate() {
            let folder = self.part.join(number.to_string());
            std::fs::create_dir_all(&folder).map_err(|error| Trouble::io("making the folder", &folder, &error))?;
            let document = metadata::array(&level.grid, plan.element);
            bytes_out += level.bytes + write_document(&folder.join("zarr.json"), &document)?;
            files += level.files + 1;
        }
        let group = metadata::group(&metadata::Group {
            name: &plan.name,
            levels: &plan.levels,
            element: plan.element,
            voxel_size_um: plan.voxel_size_um,
            reduction: if label { Reduction::Mode } else { Reduction::Mean },
            statistics: &statistics,
        });
        bytes_out += write_document(&self.part.join("zarr.json"), &group)?;
        Ok(Converted {
            shape: plan.levels[0].shape,
            element: plan.element,
            levels: plan.levels.len(),
            voxel_size_um: plan.voxel_size_um,
            label,
            statistics,
            bytes_in: plan.bytes_in,
            bytes_out,
            peak_memory_bytes_planned: plan.peak_memory_bytes,
            files: files + 1,
        })
    }
}

/// Writes one slab of the first stage and passes it on, halved, to the next until one has to wait for more.
fn pack(stages: &mut [Stage], element: ElementType, reduction: Reduction, data: &[u8], planes: usize) -> Result<(), Trouble> {
    let Some((stage, below)) = stages.split_first_mut() else { return Ok(()) };
    stage.writer.write_slab(stage.written_planes, planes, data)?;
    stage.written_planes += planes;
    let Some(next) = below.first_mut() else { return Ok(()) };
    let [_, height, width] = stage.level.shape;
    let next_plane_bytes = next.level.shape[1] * next.level.shape[2] * element.bytes();
    let out = &mut next.waiting.bytes_mut()[next.waiting_planes * next_plane_bytes..];
    next.waiting_planes += pyramid::halve(element, data, [planes, height, width], next.level.step, reduction, out);
    let full = next.waiting_planes == next.grid.chunk[0];
    let last = next.written_planes + next.waiting_planes == next.level.shape[0];
    if !full && !last {
        return Ok(());
    }
    let planes = std::mem::take(&mut next.waiting_planes);
    let waiting = std::mem::take(&mut next.waiting);
    pack(below, element, reduction, &waiting.bytes()[..planes * next_plane_bytes], planes)?;
    below[0].waiting = waiting;
    Ok(())
}

/// Long integers whose neighbours are mostly equal and never negative are labels; nobody measures in them.
fn looks_like_labels(element: ElementType, slab: &[u8], width: usize) -> bool {
    fn runs<T: Plain>(voxels: &[T], width: usize) -> bool {
        let (mut pairs, mut equal) = (0u64, 0u64);
        for row in voxels.chunks(width) {
            pairs += row.len() as u64 - 1;
            equal += row.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64;
        }
        pairs > 0 && voxels.iter().all(|&value| value >= T::default()) && equal * 4 >= pairs * 3
    }
    match element {
        ElementType::U32 => runs::<u32>(typed(slab), width),
        ElementType::I32 => runs::<i32>(typed(slab), width),
        ElementType::U64 => runs::<u64>(typed(slab), width),
        ElementType::I64 => runs::<i64>(typed(slab), width),
        _ => false,
    }
}
