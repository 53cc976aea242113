//! The one pass: bands come in, chunks of all levels and the statistics go out, and memory is known beforehand.

mod ahead;
mod exchange;
mod family;
mod fingerprint;
mod journal;
mod labels;
mod packing;
mod pass;
mod plan;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

pub use self::ahead::{Known, convert_ahead, convert_known, is_being_made};
use self::journal::Journal;
use self::pass::Pass;
use self::plan::Plan;
use crate::cut::Caption;
use crate::format;
use crate::statistics::Statistics;
use crate::zarr::Codec;
use crate::zarr::durable::sync_tree;
use crate::{Asked, ElementType, Header, Shape, Trouble};

/// Memory that a conversion may need where nobody said otherwise.
const MEMORY_MAX_BYTES: u64 = 12 << 30;

#[derive(Debug, Clone)]
pub struct ConvertOptions {
    /// Voxels of a chunk along each axis; even, 16 to 512.
    pub chunk: usize,
    /// Voxels of a shard along each axis; a multiple of `chunk`.
    pub shard: usize,
    /// How chunks are packed.
    pub codec: Codec,
    /// Number of levels; by default halved until every axis is at most 64.
    pub levels: Option<usize>,
    /// Threads; by default all cores. The output is the same for any number.
    pub threads: Option<usize>,
    /// No conversion is begun that may need more memory than this. It changes nothing about the output.
    pub memory_bytes_max: u64,
    /// Voxel size in micrometres (z, y, x) when somebody knows better than the file.
    pub voxel_size_um: Option<[f64; 3]>,
    /// What the volume is called in its metadata.
    pub name: String,
    /// Whether it holds labels; by default judged from name and voxels.
    pub label: Option<bool>,
    /// What somebody says beside the file.
    pub asked: Asked,
    /// A volume that stands at OUT already goes when the new one is complete; until then it stays.
    pub replace: bool,
    /// What the volume says about where it comes from, when it is a part of another.
    pub caption: Caption,
}

impl Default for ConvertOptions {
    fn default() -> Self {
        Self {
            chunk: 64,
            shard: 256,
            codec: Codec::Planes,
            levels: None,
            threads: None,
            memory_bytes_max: MEMORY_MAX_BYTES,
            voxel_size_um: None,
            name: "volume".into(),
            label: None,
            asked: Asked::default(),
            replace: false,
            caption: Caption::default(),
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
    /// What the reader noticed in the files.
    pub warnings: Vec<String>,
    /// Planes that an earlier run, which was killed, had done already.
    pub resumed_planes: usize,
}

/// What a conversion will make and need.
#[derive(Debug, Clone)]
pub struct Planned {
    pub header: Header,
    /// Shapes of all levels.
    pub levels: Vec<Shape>,
    /// Whether it holds labels, as told or by its name; nothing when the voxels have to tell.
    pub label: Option<bool>,
    pub peak_memory_bytes: u64,
}

/// Says what [`convert`] will do, reading headers only.
pub fn plan(input: &Path, options: &ConvertOptions) -> Result<Planned, Trouble> {
    let opened = format::open(input, &options.asked)?;
    let plan = Plan::new(&opened, options, threads(options)).map_err(|trouble| trouble.in_file(input))?;
    let levels = plan.levels.iter().map(|level| level.shape).collect();
    Ok(Planned { header: opened.header, levels, label: plan.label, peak_memory_bytes: plan.peak_memory_bytes })
}

fn threads(options: &ConvertOptions) -> usize {
    options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).clamp(1, 256)
}

/// Makes an OME-Zarr 0.5 volume at `out`. It appears there only when complete and durable.
///
/// Until then it grows in a folder beside it, `OUT.part`. A run that is killed leaves that folder, and the next run with
/// the same input and options goes on at its last complete row of shards.
pub fn convert(
    input: &Path,
    out: &Path,
    options: &ConvertOptions,
    progress: &(dyn Fn(Progress) + Sync),
    stop: &AtomicBool,
) -> Result<Converted, Trouble> {
    let outcome = run(input, out, options, None, progress, stop);
    if outcome.as_ref().is_err_and(|trouble| *trouble == Trouble::stopped()) {
        remove(&part_path(out)?)?;
    }
    outcome
}

/// As [`convert`]. What was stopped stays for another run; what failed does not.
fn run(
    input: &Path,
    out: &Path,
    options: &ConvertOptions,
    known: Option<&Known<'_>>,
    progress: &(dyn Fn(Progress) + Sync),
    stop: &AtomicBool,
) -> Result<Converted, Trouble> {
    exchange::undo_half_done(out)?;
    refuse_existing(out, options.replace)?;
    let opened = format::open(input, &options.asked)?;
    let plan = Plan::new(&opened, options, threads(options)).map_err(|trouble| trouble.in_file(input))?;
    let fingerprint = if known.is_some() { String::new() } else { fingerprint::fingerprint_of(input, &opened)? };
    let name_of = |planes: usize| match known {
        Some(known) => ahead::names_of(known, &opened, planes),
        None => vec![fingerprint.clone()],
    };
    crate::refuse_to_overwrite(input, &opened.header.files, out)?;
    let part = Part::take(part_path(out)?)?;
    let journal = Journal::of(&part.folder, &plan, options, &name_of);
    let resumed = journal.read(&plan);
    match &resumed {
        None => part.empty()?,
        Some(_) => part.remove_levels_from(plan.levels.len())?,
    }
    let pass = Pass { plan: &plan, until: plan.levels[0].shape[0], part: &part.folder, journal: &journal, progress, stop };
    let work = || {
        let told = pool(threads(options))?.install(|| pass.run(&opened, resumed))?;
        part.publish(out, options.replace).map(|()| told)
    };
    let outcome = work();
    if outcome.is_err() && !stop.load(Ordering::Relaxed) {
        remove(&part.folder)?;
    }
    outcome
}

/// Whatever stands at OUT stays, unless it is a volume that may be replaced.
fn refuse_existing(out: &Path, replace: bool) -> Result<(), Trouble> {
    if out.symlink_metadata().is_err() {
        return Ok(());
    }
    match (replace, out.join("zarr.json").is_file()) {
        (true, true) => Ok(()),
        (true, false) => Err(Trouble::new("it is no Zarr volume and is left alone", "Choose another name").in_file(out)),
        (false, _) => Err(Trouble::new("it exists already", "Remove it or choose another name").in_file(out)),
    }
}

fn pool(threads: usize) -> Result<rayon::ThreadPool, Trouble> {
    let built = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    built.map_err(|error| Trouble::new(format!("starting threads failed ({error})"), "Start it again"))
}

/// OUT.part, beside OUT so that the rename stays on one disk.
fn part_path(out: &Path) -> Result<PathBuf, Trouble> {
    let name = out.file_name().ok_or_else(|| Trouble::new("the output has no name", "Name a folder that shall be made"))?;
    let mut name = name.to_os_string();
    name.push(".part");
    Ok(out.with_file_name(name))
}

fn remove(folder: &Path) -> Result<(), Trouble> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Trouble::io("removing", folder, &error)),
        _ => Ok(()),
    }
}

const LOCK: &str = "lock";

/// The folder in which a volume grows, in the hands of this process alone.
struct Part {
    folder: PathBuf,
    _lock: File,
}

impl Part {
    fn take(folder: PathBuf) -> Result<Self, Trouble> {
        std::fs::create_dir_all(&folder).map_err(|error| Trouble::io("making the folder", &folder, &error))?;
        let path = folder.join(LOCK);
        let lock = File::create(&path).map_err(|error| Trouble::io("making", &path, &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder, _lock: lock }),
            Err(std::fs::TryLockError::WouldBlock) => {
                Err(Trouble::new("another process is making this volume", "Wait for it, or choose another name").in_file(&folder))
            }
            Err(std::fs::TryLockError::Error(error)) => Err(Trouble::io("locking", &path, &error)),
        }
    }

    /// Whether a process holds it; nothing is made for the question.
    fn is_taken(folder: &Path) -> bool {
        let lock = File::options().read(true).write(true).open(folder.join(LOCK));
        lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(std::fs::TryLockError::WouldBlock)))
    }

    /// Removes what an earlier run left and this one cannot use.
    fn empty(&self) -> Result<(), Trouble> {
        let trouble = |error: std::io::Error| Trouble::io("removing what is in", &self.folder, &error);
        for entry in std::fs::read_dir(&self.folder).map_err(trouble)? {
            let entry = entry.map_err(trouble)?;
            if entry.file_type().map_err(trouble)?.is_dir() {
                remove(&entry.path())?;
            } else if entry.file_name() != LOCK {
                std::fs::remove_file(entry.path()).map_err(trouble)?;
            }
        }
        Ok(())
    }

    /// Levels that a deeper volume would have had.
    fn remove_levels_from(&self, first: usize) -> Result<(), Trouble> {
        (first..)
            .map(|level| self.folder.join(level.to_string()))
            .take_while(|folder| folder.exists())
            .try_for_each(|folder| remove(&folder))
    }

    fn publish(&self, out: &Path, replace: bool) -> Result<(), Trouble> {
        sync_tree(&self.folder)?;
        for name in [journal::FILE, journal::NEXT, LOCK] {
            match std::fs::remove_file(self.folder.join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Trouble::io("removing", &self.folder, &error)),
                _ => {}
            }
        }
        exchange::put_in_place(&self.folder, out, replace)?;
        let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(parent).and_then(|folder| folder.sync_all()).map_err(|error| Trouble::io("making durable", parent, &error))
    }
}
