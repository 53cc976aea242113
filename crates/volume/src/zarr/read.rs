//! Reads boxes of a volume, fetching shard indexes and the chunks it needs and nothing else.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use serde_json::Value;

use super::codec::Pipeline;
use super::keys::{FolderKeys, KeyRange, Keys};
use super::shard::{Grid, MISSING, read_index};
use crate::codec::blosc::Part;
use crate::element::{byte_count, check_inside};
use crate::{ElementType, Orientation, Shape, Statistics, Trouble};

/// Largest box in bytes that is read at once.
const BOX_MAX_BYTES: u64 = 4 << 30;
/// Chunks that are expanded at the same time.
const BATCH: usize = 64;
/// Shard indexes that are remembered.
const INDEXES_KEPT: usize = 1_024;
/// Longest `zarr.json`.
const DOCUMENT_MAX: usize = 16 << 20;
/// Largest chunk or shard index that is believed.
const CHUNK_MAX_BYTES: u64 = 1 << 30;
/// Chunks of up to so many bytes are fetched whole.
const WHOLE_MAX_BYTES: u64 = 32 << 10;

pub(super) fn damaged(key: &str) -> Trouble {
    Trouble::in_key(key, "this part of the volume is damaged", "Convert the original again")
}

/// One level as its metadata describe it.
#[derive(Debug, Clone)]
pub struct VolumeLevel {
    pub path: String,
    pub shape: Shape,
    /// Size of a voxel of this level, z, y, x, in the unit of the axes.
    pub scale: [f64; 3],
    grid: Grid,
    pipeline: Pipeline,
    /// Nothing for arrays without shards; else whether the index carries a checksum.
    index_checked: Option<bool>,
}

impl VolumeLevel {
    /// What is decoded at once.
    pub fn chunk(&self) -> Shape {
        self.grid.chunk
    }

    fn chunk_bytes(&self, element: ElementType) -> usize {
        self.grid.chunk.iter().product::<usize>() * element.bytes()
    }
}

/// A box of voxels as little-endian bytes, z slowest.
#[derive(Debug, Clone, PartialEq)]
pub struct Voxels {
    pub shape: Shape,
    pub element: ElementType,
    pub bytes: Vec<u8>,
}

impl Voxels {
    /// All voxels as 32-bit floats, for pictures.
    pub fn to_f32(&self) -> Vec<f32> {
        macro_rules! floats {
            ($kind:ty) => {
                self.bytes
                    .chunks_exact(size_of::<$kind>())
                    .map(|voxel| {
                        // chunks_exact gives slices of exactly this length.
                        let mut bytes = [0; size_of::<$kind>()];
                        bytes.copy_from_slice(voxel);
                        <$kind>::from_le_bytes(bytes) as f32
                    })
                    .collect()
            };
        }
        match self.element {
            ElementType::U8 => floats!(u8),
            ElementType::I8 => floats!(i8),
            ElementType::U16 => floats!(u16),
            ElementType::I16 => floats!(i16),
            ElementType::U32 => floats!(u32),
            ElementType::I32 => floats!(i32),
            ElementType::U64 => floats!(u64),
            ElementType::I64 => floats!(i64),
            ElementType::F32 => floats!(f32),
            ElementType::F64 => floats!(f64),
        }
    }
}

type Index = Option<Arc<Vec<(u64, u64)>>>;

/// An OME-Zarr 0.5 volume with the axes z, y, x.
pub struct Volume {
    keys: Box<dyn Keys>,
    pub name: String,
    pub element: ElementType,
    /// Voxel size of level 0 in micrometres; nothing when the axes have no unit.
    pub voxel_size_um: Option<[f64; 3]>,
    /// What our own writer left about the voxels.
    pub statistics: Option<Statistics>,
    pub label: bool,
    /// How its grid lay in the scanner or the body, as its source said it.
    pub orientation: Option<Orientation>,
    /// Centre of its first voxel where it is a part of a larger volume, z, y, x in micrometres; else zeros.
    pub origin_um: [f64; 3],
    levels: Vec<VolumeLevel>,
    indexes: Mutex<HashMap<String, Index>>,
}

impl Volume {
    pub fn open(path: &Path) -> Result<Self, Trouble> {
        Self::open_keys(Box::new(FolderKeys::new(path))).map_err(|trouble| trouble.in_file(path))
    }

    pub fn open_keys(keys: Box<dyn Keys>) -> Result<Self, Trouble> {
        let group = document(keys.as_ref(), "zarr.json")?;
        let attributes = &group["attributes"];
        let multiscale = &attributes["ome"]["multiscales"][0];
        let axes: Vec<&str> = multiscale["axes"].as_array().into_iter().flatten().filter_map(|axis| axis["name"].as_str()).collect();
        if axes != ["z", "y", "x"] {
            return Err(Trouble::new(format!("its axes are {axes:?}, not z, y, x"), "Convert the original again"));
        }
        let datasets = multiscale["datasets"].as_array().cloned().unwrap_or_default();
        let mut levels = Vec::new();
        let mut element = None;
        for dataset in datasets.iter().take(64) {
            let (level, kind) = VolumeLevel::open(keys.as_ref(), dataset)?;
            if *element.get_or_insert(kind) != kind {
                return Err(Trouble::new("its levels differ in voxel type", "Convert the original again"));
            }
            levels.push(level);
        }
        let (Some(element), Some(first)) = (element, levels.first()) else {
            return Err(Trouble::new("it has no levels", "Convert the original again"));
        };
        let unit = multiscale["axes"][0]["unit"].as_str().and_then(crate::header::unit_um);
        let voxel_size_um = unit.map(|unit| first.scale.map(|size| size * unit));
        Ok(Self {
            name: multiscale["name"].as_str().unwrap_or("volume").into(),
            element,
            voxel_size_um,
            statistics: serde_json::from_value(attributes["science3d"]["statistics"].clone()).ok(),
            label: multiscale["type"] == "mode",
            orientation: Orientation::of_attributes(attributes),
            origin_um: unit.zip(super::metadata::place(multiscale)).map_or([0.0; 3], |(unit, place)| place.map(|part| part * unit)),
            levels,
            keys,
            indexes: Mutex::default(),
        })
    }

    pub fn levels(&self) -> &[VolumeLevel] {
        &self.levels
    }

    /// The shape of level 0.
    pub fn shape(&self) -> Shape {
        self.levels[0].shape
    }

    /// How many voxels of level 0 lie along one of this level, z, y, x; 1 where the file says nothing that can be true.
    pub fn factor(&self, level: usize) -> [f64; 3] {
        let (finest, own) = (self.levels[0].scale, self.levels[level].scale);
        std::array::from_fn(|axis| Some(own[axis] / finest[axis]).filter(|factor| factor.is_normal() && *factor > 0.0).unwrap_or(1.0))
    }

    /// The finest level whose axes are all at most `size`, or the coarsest.
    pub fn level_within(&self, size: usize) -> usize {
        let fits = |level: &VolumeLevel| level.shape.iter().all(|&axis| axis <= size);
        self.levels.iter().position(fits).unwrap_or(self.levels.len() - 1)
    }

    /// Exactly the voxels of a box of one level.
    pub fn read_box(&self, level: usize, z: Range<usize>, y: Range<usize>, x: Range<usize>) -> Result<Voxels, Trouble> {
        let wanted = [z, y, x];
        let found = self
            .levels
            .get(level)
            .ok_or_else(|| Trouble::new(format!("there is no level {level}"), format!("Levels are 0 to {}", self.levels.len() - 1)))?;
        check_inside(&wanted, found.shape)?;
        let shape: Shape = std::array::from_fn(|axis| wanted[axis].len());
        let bytes = byte_count(shape, self.element)
            .filter(|&bytes| bytes <= BOX_MAX_BYTES)
            .ok_or_else(|| Trouble::new("the box is too large to be read at once", "Ask for a smaller box or a coarser level"))?;
        let mut voxels = Voxels { shape, element: self.element, bytes: vec![0; bytes as usize] };
        let chunk = found.grid.chunk;
        let rows: [Range<usize>; 3] = std::array::from_fn(|axis| wanted[axis].start / chunk[axis]..wanted[axis].end.div_ceil(chunk[axis]));
        let places: Vec<Shape> = rows[0]
            .clone()
            .flat_map(|z| rows[1].clone().map(move |y| (z, y)))
            .flat_map(|(z, y)| rows[2].clone().map(move |x| [z, y, x]))
            .collect();
        for batch in places.chunks(BATCH) {
            let read = |&place: &Shape| self.read_chunk(found, place, wanted_planes(&wanted[0], chunk[0], place[0]));
            let chunks: Vec<Option<Excerpt>> = batch.par_iter().map(read).collect::<Result<_, _>>()?;
            for (place, part) in batch.iter().zip(chunks) {
                if let Some(part) = part {
                    copy_overlap(&part, chunk, *place, &wanted, &mut voxels);
                }
            }
        }
        Ok(voxels)
    }

    /// Some planes of a chunk, or nothing when it is all zero and not stored.
    fn read_chunk(&self, level: &VolumeLevel, place: Shape, planes: Range<usize>) -> Result<Option<Excerpt>, Trouble> {
        let grid = &level.grid;
        let shard: Shape = std::array::from_fn(|axis| place[axis] / grid.per_shard[axis]);
        let key = format!("{}/c/{}/{}/{}", level.path, shard[0], shard[1], shard[2]);
        let plane = grid.chunk[1] * grid.chunk[2] * self.element.bytes();
        let wanted = planes.start * plane..planes.end * plane;
        let excerpt = match level.index_checked {
            None => self.keys.read(&key)?.map(|stored| self.expand(level, &stored, wanted)).transpose(),
            Some(checked) => {
                let Some(index) = self.index(&key, grid, checked)? else { return Ok(None) };
                let inside: Shape = std::array::from_fn(|axis| place[axis] % grid.per_shard[axis]);
                let number = (inside[0] * grid.per_shard[1] + inside[1]) * grid.per_shard[2] + inside[2];
                match *index.get(number).ok_or_else(|| damaged(&key))? {
                    (MISSING, MISSING) => return Ok(None),
                    (_, length) if length > CHUNK_MAX_BYTES => return Err(damaged(&key)),
                    (offset, length) => self.read_packed(level, &key, offset, length, wanted),
                }
            }
        };
        excerpt.map_err(|mut trouble| {
            trouble.file.get_or_insert(key);
            trouble
        })
    }

    /// Of a long chunk only those blocks are fetched that are wanted, where a second request costs next to nothing.
    fn read_packed(
        &self,
        level: &VolumeLevel,
        key: &str,
        offset: u64,
        length: u64,
        wanted: Range<usize>,
    ) -> Result<Option<Excerpt>, Trouble> {
        let expected = level.chunk_bytes(self.element);
        let fetch = |from: u64, length: u64| self.keys.read_range(key, KeyRange::From { offset: offset.saturating_add(from), length });
        if self.keys.is_near() && level.pipeline.has_parts() && length > WHOLE_MAX_BYTES && wanted.len() < expected {
            let Some(head) = fetch(0, Part::HEAD_BYTES as u64)? else { return Ok(None) };
            if let Some(part) = Pipeline::part(&head, length as usize, expected, wanted.clone())? {
                let Some(packed) = fetch(part.packed.start as u64, part.packed.len() as u64)? else { return Ok(None) };
                return Ok(Some(Excerpt { bytes: Pipeline::expand_part(&part, &packed)?, start: part.plain.start }));
            }
        }
        fetch(0, length)?.map(|stored| self.expand(level, &stored, wanted)).transpose()
    }

    /// Where the codec allows it only the neighbourhood of what is wanted.
    fn expand(&self, level: &VolumeLevel, stored: &[u8], wanted: Range<usize>) -> Result<Excerpt, Trouble> {
        let expected = level.chunk_bytes(self.element);
        if level.pipeline.has_parts()
            && let Some(part) = Pipeline::part(stored, stored.len(), expected, wanted)?
        {
            return Ok(Excerpt { bytes: Pipeline::expand_part(&part, &stored[part.packed.clone()])?, start: part.plain.start });
        }
        level.pipeline.decode(stored, expected, self.element.bytes()).map(|bytes| Excerpt { bytes, start: 0 })
    }

    fn index(&self, key: &str, grid: &Grid, checked: bool) -> Result<Index, Trouble> {
        if let Some(index) = self.indexes.lock().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Ok(index.clone());
        }
        let length = grid.index_bytes() - if checked { 0 } else { 4 };
        let index = match self.keys.read_range(key, KeyRange::Last(length as u64))? {
            Some(bytes) => Some(Arc::new(read_index(&bytes, checked).ok_or_else(|| damaged(key))?)),
            None => None,
        };
        let mut kept = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= INDEXES_KEPT {
            kept.clear();
        }
        kept.insert(key.into(), index.clone());
        Ok(index)
    }
}

/// Bytes of a chunk from `start` on.
struct Excerpt {
    bytes: Vec<u8>,
    start: usize,
}

/// Which planes of the chunks at `place` lie in the wanted range.
fn wanted_planes(wanted: &Range<usize>, depth: usize, place: usize) -> Range<usize> {
    wanted.start.saturating_sub(place * depth)..(wanted.end - place * depth).min(depth)
}

/// Copies the part of a chunk that lies in the wanted box.
fn copy_overlap(part: &Excerpt, chunk: Shape, place: Shape, wanted: &[Range<usize>; 3], out: &mut Voxels) {
    let size = out.element.bytes();
    let start: Shape = std::array::from_fn(|axis| (place[axis] * chunk[axis]).max(wanted[axis].start));
    let end: Shape = std::array::from_fn(|axis| ((place[axis] + 1) * chunk[axis]).min(wanted[axis].end));
    let count = (end[2] - start[2]) * size;
    for z in start[0]..end[0] {
        for y in start[1]..end[1] {
            let inside = [z - place[0] * chunk[0], y - place[1] * chunk[1], start[2] - place[2] * chunk[2]];
            let from = ((inside[0] * chunk[1] + inside[1]) * chunk[2] + inside[2]) * size - part.start;
            let at = [z - wanted[0].start, y - wanted[1].start, start[2] - wanted[2].start];
            let to = ((at[0] * out.shape[1] + at[1]) * out.shape[2] + at[2]) * size;
            out.bytes[to..to + count].copy_from_slice(&part.bytes[from..from + count]);
        }
    }
}

fn document(keys: &dyn Keys, key: &str) -> Result<Value, Trouble> {
    let bytes =
        keys.read(key)?.ok_or_else(|| Trouble::in_key(key, "this document of the volume is missing", "Convert the original again"))?;
    if bytes.len() > DOCUMENT_MAX {
        return Err(damaged(key));
    }
    serde_json::from_slice(&bytes).map_err(|_| damaged(key))
}

impl VolumeLevel {
    fn open(keys: &dyn Keys, dataset: &Value) -> Result<(Self, ElementType), Trouble> {
        let path = dataset["path"].as_str().unwrap_or_default();
        if path.is_empty() || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(damaged("zarr.json"));
        }
        let key = format!("{path}/zarr.json");
        let array = document(keys, &key)?;
        let bad = || damaged(&key);
        let triple = |value: &Value| -> Option<Shape> {
            let numbers: Vec<usize> = value.as_array()?.iter().map_while(|number| number.as_u64().map(|n| n as usize)).collect();
            let numbers: Shape = numbers.try_into().ok()?;
            numbers.iter().all(|&axis| (1..=1 << 32).contains(&axis)).then_some(numbers)
        };
        let element = array["data_type"].as_str().and_then(ElementType::from_name).ok_or_else(bad)?;
        let shape = triple(&array["shape"]).ok_or_else(bad)?;
        let outer = triple(&array["chunk_grid"]["configuration"]["chunk_shape"]).ok_or_else(bad)?;
        let sharding = &array["codecs"][0];
        let (chunk, codecs, index_checked) = if sharding["name"] == "sharding_indexed" {
            let inner = &sharding["configuration"];
            if inner["index_location"].as_str().unwrap_or("end") != "end" {
                return Err(Trouble::new("its shards carry their index in front", "Convert the original again"));
            }
            let chunk = triple(&inner["chunk_shape"]).ok_or_else(bad)?;
            (chunk, &inner["codecs"], Some(Pipeline::parse(&inner["index_codecs"])?.is_checked()))
        } else {
            (outer, &array["codecs"], None)
        };
        if (0..3).any(|axis| outer[axis] % chunk[axis] != 0) || byte_count(chunk, element).is_none_or(|bytes| bytes > CHUNK_MAX_BYTES) {
            return Err(bad());
        }
        let grid = Grid { shape, chunk, per_shard: std::array::from_fn(|axis| outer[axis] / chunk[axis]) };
        if byte_count(grid.per_shard, ElementType::F64).is_none_or(|entries| entries > CHUNK_MAX_BYTES / 4) {
            return Err(bad());
        }
        let scale = dataset["coordinateTransformations"]
            .as_array()
            .into_iter()
            .flatten()
            .find_map(|transformation| {
                let numbers: Vec<f64> = transformation["scale"].as_array()?.iter().filter_map(Value::as_f64).collect();
                numbers.try_into().ok()
            })
            .unwrap_or([1.0; 3]);
        let pipeline = Pipeline::parse(codecs)?;
        Ok((Self { path: path.into(), shape, scale, grid, pipeline, index_checked }, element))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

    use super::*;
    use crate::phantom::{Phantom, Probe};
    use crate::{Axis, ConvertOptions, convert, slice};

    /// Counts the bytes that are fetched, near or far away.
    struct Counted {
        keys: FolderKeys,
        near: bool,
        fetched: Arc<AtomicU64>,
    }

    impl Keys for Counted {
        fn read(&self, key: &str) -> Result<Option<Vec<u8>>, Trouble> {
            self.keys.read(key)
        }

        fn read_range(&self, key: &str, range: KeyRange) -> Result<Option<Vec<u8>>, Trouble> {
            let bytes = self.keys.read_range(key, range)?;
            self.fetched.fetch_add(bytes.as_ref().map_or(0, Vec::len) as u64, Ordering::Relaxed);
            Ok(bytes)
        }

        fn is_near(&self) -> bool {
            self.near
        }
    }

    #[test]
    fn a_slice_fetches_the_blocks_that_it_shows() {
        let scratch = tempfile::tempdir().unwrap();
        let (slices, out) = (scratch.path().join("slices"), scratch.path().join("out.ome.zarr"));
        Phantom::OpenCellFoam.write_tiff_stack(&slices, [64, 128, 128], 1, Probe::XRay).unwrap();
        convert(&slices, &out, &ConvertOptions::default(), &|_| (), &AtomicBool::new(false)).unwrap();
        let [near, far] = [true, false].map(|near| {
            let fetched = Arc::new(AtomicU64::new(0));
            let volume = Volume::open_keys(Box::new(Counted { keys: FolderKeys::new(&out), near, fetched: fetched.clone() })).unwrap();
            (slice::slice(&volume, Axis::Z, 40, 0).unwrap(), fetched.load(Ordering::Relaxed))
        });
        assert!(near.0 == far.0, "the same voxels");
        assert!(near.1 < far.1 / 3, "{} bytes of {}", near.1, far.1);
    }
}
