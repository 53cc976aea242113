//! HDF5 and what is written in it: NeXus (NXtomo, NXdata), Data Exchange, ESRF BLISS, Eiger masters, programs' layouts, plain datasets.
//!
//! Our own reader of the file format (HDF5 File Format Specification 3.0): the C library has one lock for everything and
//! would have to be kept apart from whoever else must not fall with it. Chunks are expanded by all cores. Nothing that a
//! file claims is believed before it was compared with the file's length or a limit; other files are opened only inside
//! the deposited folder; voxels that are not there are an error and never zero.

mod arrays;
mod attribute;
mod axes;
mod bitshuffle;
mod btree2;
mod bytes;
mod choice;
mod chunked;
mod chunks;
mod datatype;
mod dataset;
mod facts;
pub(crate) mod family;
mod file;
mod filters;
mod fractal;
mod group;
mod heap;
#[cfg(test)]
mod hostile;
mod layout;
mod message;
mod nbit;
mod object;
mod packed;
mod parts;
mod region;
mod scale_offset;
mod selection;
mod survey;
mod szip;
mod tree;
mod virtual_data;

use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use self::axes::Axes;
use self::choice::{Choice, choose};
use self::dataset::{Dataset, Storage};
use self::datatype::Datatype;
use self::facts::{Facts, gather};
use self::region::Region;
use self::survey::{Survey, survey};
use self::tree::{KEEP_BYTES, Tree};
use super::{Asked, Format, Opened, Planes, Role, check_shape, only};
use crate::element::{single_of_half, swap_bytes};
use crate::{ElementType, HeadFacts, Header, Shape, Trouble};

pub(crate) static FORMAT: Format = Format {
    name: "HDF5",
    endings: &[".h5", ".hdf5", ".hdf", ".he5", ".nxs", ".nx", ".nexus", ".nc", ".ims", ".mnc", ".emd"],
    role: Role::Volume,
    recognises,
    open,
    head_facts,
};

/// The signature may follow a block that belongs to the user: at 0, 512, 1024, 2048, …
fn recognises(head: &[u8]) -> bool {
    [0, 512, 1_024, 2_048].into_iter().any(|at| head.get(at..).is_some_and(|rest| rest.starts_with(file::SIGNATURE)))
}

/// The planes of one dataset.
struct Frames {
    dataset: Dataset,
    axes: Axes,
    shape: Shape,
    element: ElementType,
}

impl Frames {
    fn region(&self, first: usize, count: usize, rows: Range<usize>) -> Region {
        let inner = [rows.len() as u64, self.shape[2] as u64];
        let (mut start, mut counts) = (self.axes.leading.clone(), vec![1; self.axes.leading.len()]);
        if self.axes.among(&self.dataset.shape).len() > 2 {
            start.push(first as u64);
            counts.push(count as u64);
        }
        start.extend([rows.start as u64, 0]);
        counts.extend(inner);
        start.extend(self.axes.colour);
        counts.extend(self.axes.colour.map(|_| 1));
        Region { start, count: counts }
    }

    /// Which axis of the dataset is y.
    fn rows_axis(&self) -> usize {
        self.dataset.shape.len().saturating_sub(2 + usize::from(self.axes.colour.is_some()))
    }

    fn row_bytes(&self) -> usize {
        self.shape[2] * self.element.bytes()
    }

    fn plane_bytes(&self) -> usize {
        self.shape[1] * self.row_bytes()
    }

    fn read_rows(&self, first: usize, rows: Range<usize>, out: &mut [u8]) -> Result<(), Trouble> {
        let bytes = rows.len() * self.row_bytes();
        self.dataset.read(&self.region(first, out.len() / bytes, rows), out)?;
        let datatype = &self.dataset.datatype;
        if datatype.is_big_endian() {
            out.par_chunks_mut(bytes).for_each(|plane| swap_bytes(plane, self.element.bytes()));
        }
        if let Datatype::Bits { .. } = datatype {
            out.par_chunks_mut(bytes).for_each(|plane| datatype.fill_unused_bits(plane));
        }
        Ok(())
    }

    /// 16-bit floats are widened, some planes at a time.
    fn read_halves(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        let plane = self.plane_bytes();
        let mut narrow = vec![0; HALVES_PLANES.min(out.len() / plane) * plane / 2];
        for (index, out) in out.chunks_mut(HALVES_PLANES * plane).enumerate() {
            let narrow = &mut narrow[..out.len() / 2];
            let region = self.region(first + index * HALVES_PLANES, out.len() / plane, 0..self.shape[1]);
            self.dataset.read(&region, narrow)?;
            let big_endian = self.dataset.datatype.is_big_endian();
            out.par_chunks_mut(plane).zip(narrow.par_chunks(plane / 2)).for_each(|(out, narrow)| {
                for (voxel, bytes) in out.chunks_exact_mut(4).zip(narrow.chunks_exact(2)) {
                    let bits = [bytes[0], bytes[1]];
                    let bits = if big_endian { u16::from_be_bytes(bits) } else { u16::from_le_bytes(bits) };
                    voxel.copy_from_slice(&single_of_half(bits).to_le_bytes());
                }
            });
        }
        Ok(())
    }
}

/// Parts of planes are given where at least so many chunks lie below each other; of fewer, too much would be kept between two.
const CHUNKS_BELOW_MIN: u64 = 4;
/// Planes of 16-bit floats that are widened at once.
const HALVES_PLANES: usize = 8;

impl Planes for Frames {
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        if self.dataset.datatype.is_half() {
            return self.read_halves(first, out);
        }
        self.read_rows(first, 0..self.shape[1], out)
    }

    fn gives_parts(&self) -> bool {
        let is_cut = match &self.dataset.storage {
            Storage::Chunked(chunked) => chunked.grid.chunk[self.rows_axis()] <= self.shape[1] as u64 / CHUNKS_BELOW_MIN,
            Storage::Contiguous(_) => true,
            Storage::Compact(_) | Storage::Virtual(_) | Storage::Nothing => false,
        };
        is_cut && !self.dataset.datatype.is_half()
    }

    fn place(&self, plane: usize) -> Option<(&Path, Range<u64>)> {
        let range = self.dataset.place(&self.region(plane, 1, 0..self.shape[1]))?;
        Some((self.dataset.file.path.as_path(), range))
    }

    fn rows_together(&self) -> usize {
        match &self.dataset.storage {
            Storage::Chunked(chunked) => chunked.grid.chunk[self.rows_axis()] as usize,
            _ => 1,
        }
    }

    fn kept_bytes(&self, rows: usize, planes: usize) -> u64 {
        let Storage::Chunked(chunked) = &self.dataset.storage else { return 0 };
        let (y, [depth, height, _]) = (self.rows_axis(), self.shape);
        let together = |axis: usize| chunked.grid.chunk[axis] as usize;
        let is_cut_along_z = y > 0 && planes < depth && !planes.is_multiple_of(together(y - 1));
        let is_cut_along_y = rows < height && !rows.is_multiple_of(together(y));
        let layer = if is_cut_along_z { chunked.layer_bytes() } else { 0 };
        let row = if is_cut_along_y { chunked.row_bytes(y, planes as u64) } else { 0 };
        layer.saturating_add(row).min(KEEP_BYTES)
    }

    fn held_bytes(&self) -> u64 {
        self.dataset.held_bytes()
    }

    fn read_parts(&self, first: usize, part: Range<usize>, out: &mut [u8]) -> Result<(), Trouble> {
        self.read_rows(first, part.start / self.row_bytes()..part.end / self.row_bytes(), out)
    }
}

fn open(paths: Vec<PathBuf>, asked: &Asked) -> Result<Opened, Trouble> {
    open_in(only(&paths)?, None, asked)
}

/// Opens a file that may refer to others below `root`, by default below its own folder.
fn open_in(path: &Path, root: Option<&Path>, asked: &Asked) -> Result<Opened, Trouble> {
    let tree = Tree::open(path, root, asked.arriving)?;
    let survey = survey(&tree);
    let (choice, dataset) = chosen(&tree, &survey, asked)?;
    let facts = gather(&tree, &survey, Some(&choice));
    let known = || facts_with(&tree, &survey, &choice);
    let mut header = header_of(&tree, &choice, &dataset.datatype, facts, path).map_err(|trouble| trouble.knowing(known))?;
    if matches!(dataset.storage, Storage::Nothing) {
        return Err(dataset.nothing().knowing(known));
    }
    header.warnings.extend(gaps(&dataset));
    header.found.labels = dataset::is_enumeration(&choice.place.file, choice.place.address).then(|| "HDF5 enumeration".into());
    let scratch_bytes = scratch_bytes(&dataset, header.shape);
    let (shape, element) = (header.shape, header.element);
    let planes = Box::new(Frames { dataset, axes: choice.axes, shape, element });
    Ok(Opened { header, planes, bytes_in: tree.bytes(), scratch_bytes })
}

/// What the file's voxels are and where they lie; who looks for them in vain keeps what else the file tells.
fn chosen(tree: &Tree, survey: &Survey, asked: &Asked) -> Result<(Choice, Dataset), Trouble> {
    let mut choice = choose(tree, survey, asked).map_err(|trouble| match trouble.asks {
        // Each of several volumes may have a sample of its own.
        Some(_) => trouble,
        None => trouble.knowing(|| facts_without(tree, survey)),
    })?;
    match choice.open(tree) {
        Ok(dataset) => Ok((choice, dataset)),
        Err(trouble) => Err(trouble.knowing(|| facts_with(tree, survey, &choice))),
    }
}

fn header_of(tree: &Tree, choice: &Choice, datatype: &Datatype, facts: Facts, path: &Path) -> Result<Header, Trouble> {
    let Facts { found, voxel_size_um, orientation, mut warnings } = facts;
    let Some(element) = datatype.element() else {
        let what = format!("{} holds {}, which is not read as voxels", choice.path, datatype.name());
        return Err(Trouble::new(what, "Save it as whole or floating-point numbers").in_file(path));
    };
    let sizes = match *choice.sizes() {
        [y, x] => [1, y, x],
        [z, y, x] => [z, y, x],
        _ => {
            let what = format!("{} has the shape {:?}, and a volume has three axes", choice.path, choice.shape);
            return Err(Trouble::new(what, "Choose another with --dataset PATH").in_file(path));
        }
    };
    let shape = check_shape(sizes, element.bytes()).map_err(|trouble| trouble.in_file(path))?;
    if datatype.is_half() {
        warnings.push("Its voxels are 16-bit floats; they become 32-bit floats of the same value.".into());
    }
    let mut found = found;
    found.other.insert("dataset".into(), choice.path.clone());
    let files = tree.names();
    Ok(Header { format: choice.convention.format().into(), shape, element, voxel_size_um, orientation, found, warnings, files })
}

/// Says where nobody wrote voxels, so that nobody takes the fill value for a measurement.
fn gaps(dataset: &Dataset) -> Option<String> {
    match &dataset.storage {
        Storage::Chunked(chunked) if chunked.missing() > 0 => {
            let (missing, total) = (chunked.missing(), chunked.grid.total());
            Some(format!("{missing} of its {total} chunks were never written; the file's fill value stands there."))
        }
        Storage::Virtual(source) if source.unfilled > 0 => {
            Some(format!("{} of its voxels come from no source; the file's fill value stands there.", source.unfilled))
        }
        // Sources of many rows stand beside each other.
        Storage::Virtual(source) => {
            let mut sources: Vec<&Dataset> = source.sources().collect();
            sources.dedup_by_key(|source| std::ptr::from_ref(*source));
            sources.into_iter().find_map(|source| Some(format!("{}: {}", source.path, gaps(source)?)))
        }
        _ => None,
    }
}

/// Memory for one thread: a chunk on its way.
fn scratch_bytes(dataset: &Dataset, shape: Shape) -> u64 {
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    let halves = if dataset.datatype.is_half() { (HALVES_PLANES * shape[1] * shape[2] * 2) as u64 } else { 0 };
    let storage = match &dataset.storage {
        Storage::Chunked(chunked) => chunked.scratch_bytes(),
        _ => source_bytes(dataset, threads),
    };
    halves.div_ceil(threads) + storage
}

/// As much as one source of a virtual dataset takes, with its thread's share of the chunks that wait for the next slab.
fn source_bytes(dataset: &Dataset, threads: u64) -> u64 {
    match &dataset.storage {
        Storage::Chunked(chunked) => chunked.scratch_bytes() + chunked.layer_bytes().min(KEEP_BYTES).div_ceil(threads),
        Storage::Virtual(source) => {
            let most = source.sources().map(|source| source_bytes(source, threads)).max().unwrap_or(0);
            most + virtual_data::WAITING_BYTES.div_ceil(threads)
        }
        Storage::Compact(_) | Storage::Contiguous(_) | Storage::Nothing => 0,
    }
}

/// As much as the first bytes tell: small files are whole by then, and larger ones often have their tree in front.
fn head_facts(head: &[u8], length: u64) -> Option<HeadFacts> {
    let Ok(tree) = Tree::of_head(head, length) else { return Some(HeadFacts { format: "HDF5".into(), ..HeadFacts::default() }) };
    let survey = survey(&tree);
    Some(match choose(&tree, &survey, &Asked::default()) {
        Ok(choice) => facts_with(&tree, &survey, &choice),
        Err(trouble) => {
            let mut facts = HeadFacts { asks: trouble.asks, ..facts_without(&tree, &survey) };
            let missing = survey.unreachable.first();
            facts.warnings.extend(missing.map(|(path, _)| format!("Pixels missing so far: {path} is a link to another file.")));
            facts
        }
    })
}

/// What a file tells in which no voxels were found.
fn facts_without(tree: &Tree, survey: &Survey) -> HeadFacts {
    let Facts { found, voxel_size_um, warnings, .. } = gather(tree, survey, None);
    HeadFacts { format: "HDF5".into(), voxel_size_um, found, warnings, ..HeadFacts::default() }
}

/// What it tells about its voxels, whether they can be read or not.
fn facts_with(tree: &Tree, survey: &Survey, choice: &Choice) -> HeadFacts {
    let Facts { found, voxel_size_um, warnings, .. } = gather(tree, survey, Some(choice));
    let axis = |from_end: usize| choice.sizes().iter().rev().nth(from_end).and_then(|&size| usize::try_from(size).ok());
    let described =
        object::Object::read(&choice.place.file, choice.place.address).and_then(|object| dataset::describe(&choice.place.file, &object));
    let datatype = described.ok().flatten().map(|(_, datatype)| choice.meant(datatype));
    HeadFacts {
        format: choice.convention.format().into(),
        width: axis(0),
        height: axis(1),
        depth: axis(2),
        element: datatype.and_then(|datatype| datatype.element()),
        voxel_size_um,
        found,
        warnings,
        asks: None,
    }
}
