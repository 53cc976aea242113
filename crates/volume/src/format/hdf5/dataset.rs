//! One dataset: its shape and type, and boxes of its elements, however they are stored.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use super::attribute::{Value, attributes, value};
use super::bytes::{Cursor, damaged};
use super::chunked::Chunked;
use super::chunks::{self, Grid};
use super::datatype::Datatype;
use super::file::H5File;
use super::filters;
use super::message::{Dataspace, Layout, fill_bytes, fill_value, filters as read_filters};
use super::object::{DATASPACE, DATATYPE, EXTERNAL_FILES, FILL, FILL_OLD, FILTERS, LAYOUT, Object};
use super::parts::Part;
use super::region::{self, Region};
use super::tree::Tree;
use super::virtual_data::Virtual;
use crate::Trouble;

/// Bytes of a small dataset that is read as a value.
const VALUE_BYTES_MAX: u64 = 1 << 20;
/// Bytes that one thread reads at once from a dataset without chunks.
const STRETCH_BYTES: usize = 4 << 20;

pub(super) enum Storage {
    Compact(Vec<u8>),
    Contiguous(u64),
    Chunked(Box<Chunked>),
    Virtual(Box<Virtual>),
    /// Nobody ever wrote an element.
    Nothing,
}

pub(super) struct Dataset {
    pub(super) file: Arc<H5File>,
    pub(super) path: String,
    pub(super) shape: Vec<u64>,
    pub(super) datatype: Datatype,
    pub(super) element_bytes: usize,
    pub(super) storage: Storage,
}

/// Shape and type of a dataset, without a look at where its elements lie; nothing when the object is no dataset.
pub(super) fn describe(file: &H5File, object: &Object) -> Result<Option<(Dataspace, Datatype)>, Trouble> {
    let (Some(space), Some(datatype)) = (object.first(file, DATASPACE)?, object.first(file, DATATYPE)?) else {
        return Ok(None);
    };
    let space = Dataspace::read(&mut Cursor::new(&space, "the extent of a dataset", file.widths))?;
    let datatype = Datatype::read(&mut Cursor::new(&datatype, "the type of a dataset", file.widths))?;
    Ok(Some((space, datatype)))
}

/// Whether its elements are names of an enumeration, as truth values are.
pub(super) fn is_enumeration(file: &H5File, address: u64) -> bool {
    let datatype = Object::read(file, address).and_then(|object| object.first(file, DATATYPE));
    datatype.is_ok_and(|datatype| datatype.is_some_and(|message| Datatype::is_enumeration(&message)))
}

impl Dataset {
    /// `depth` is how many virtual datasets already lead here.
    pub(super) fn open(tree: &Tree, file: &Arc<H5File>, address: u64, path: &str, depth: usize) -> Result<Self, Trouble> {
        let place = |mut trouble: Trouble| {
            if !trouble.what.starts_with('/') {
                trouble.what = format!("{path}: {}", trouble.what);
            }
            trouble.in_file(&file.path)
        };
        Self::open_here(tree, file, address, path, depth).map_err(place)
    }

    fn open_here(tree: &Tree, file: &Arc<H5File>, address: u64, path: &str, depth: usize) -> Result<Self, Trouble> {
        let object = Object::read(file, address)?;
        let Some((space, datatype)) = describe(file, &object)? else {
            return Err(Trouble::new("it is no dataset", "Choose a dataset"));
        };
        if object.has(EXTERNAL_FILES) {
            return Err(Trouble::new(
                "its voxels lie in other files that it takes as raw bytes, which is never followed",
                "Copy it with h5repack, which brings the voxels into the file",
            ));
        }
        let layout = object.first(file, LAYOUT)?.ok_or_else(|| damaged("a dataset has no layout"))?;
        let layout = Layout::read(&layout, &mut Cursor::new(&layout, "the layout of a dataset", file.widths))?;
        let element_bytes = datatype.bytes(file.widths);
        let count = space.count().filter(|_| element_bytes > 0);
        let bytes = count.and_then(|count| count.checked_mul(element_bytes as u64));
        let bytes = bytes.ok_or_else(|| Trouble::new(format!("it claims {:?} elements", space.shape), "It is damaged; save it again"))?;
        let mut shape = space.shape.clone();
        let storage = match layout {
            Layout::Compact(body) if body.len() as u64 >= bytes => Storage::Compact(body),
            Layout::Compact(_) => return Err(damaged("a dataset inside its header is cut off")),
            Layout::Contiguous { address: None } => Storage::Nothing,
            Layout::Contiguous { address: Some(address) } if file.holds(address, bytes) => Storage::Contiguous(address),
            Layout::Contiguous { .. } => {
                let what = format!("it promises {bytes} bytes, more than the file has");
                return Err(Trouble::new(what, "The file was cut off or is damaged; upload it again"));
            }
            Layout::Chunked { address, chunk, index } => {
                let filters = match object.first(file, FILTERS)? {
                    Some(body) => read_filters(&mut Cursor::new(&body, "the filters of a dataset", file.widths))?,
                    None => Vec::new(),
                };
                filters::check(&filters)?;
                let grid = Grid::new(&space, &chunk, element_bytes)?;
                let chunks = chunks::read(file, &grid, &index, address, !filters.is_empty())?;
                match chunks.is_empty() {
                    true => Storage::Nothing,
                    false => Storage::Chunked(Box::new(Chunked {
                        grid,
                        chunks,
                        filters,
                        element_bytes,
                        fill: fill_of(file, &object, element_bytes)?,
                        shape: space.shape.clone(),
                        keep: tree.keep.clone(),
                        kept: Mutex::new(HashMap::new()),
                    })),
                }
            }
            Layout::Virtual(table) => {
                let fill = fill_of(file, &object, element_bytes)?;
                let source = Virtual::open(tree, file, table, (&space.shape, &datatype), fill, depth)?;
                shape.clone_from(&source.shape);
                Storage::Virtual(Box::new(source))
            }
        };
        Ok(Self { file: file.clone(), path: path.into(), shape, datatype, element_bytes, storage })
    }

    /// Datasets of equal frames that follow each other along the first axis, as one.
    pub(super) fn joined(tree: &Tree, path: &str, parts: &[Part]) -> Result<Self, Trouble> {
        let open = |part: &Part| {
            let source = Self::open(tree, &part.place.file, part.place.address, &part.path, 0)?;
            if matches!(source.storage, Storage::Nothing) { Err(source.nothing()) } else { Ok(Arc::new(source)) }
        };
        let sources = parts.iter().map(open).collect::<Result<Vec<_>, _>>()?;
        let source = Virtual::joined(sources)?;
        let first = source.sources().next().ok_or_else(|| damaged(format!("{path} has no parts")))?;
        let (datatype, element_bytes) = (first.datatype.clone(), first.element_bytes);
        let shape = source.shape.clone();
        Ok(Self {
            file: tree.master.clone(),
            path: path.into(),
            shape,
            datatype,
            element_bytes,
            storage: Storage::Virtual(Box::new(source)),
        })
    }

    /// Fills `out` with the elements of a box inside of the extent, as they are stored.
    pub(super) fn read(&self, wanted: &Region, out: &mut [u8]) -> Result<(), Trouble> {
        let whole = Region { start: vec![0; self.shape.len()], count: self.shape.clone() };
        match &self.storage {
            Storage::Nothing => Err(self.nothing()),
            Storage::Compact(body) => {
                region::copy(body, &whole, out, wanted, wanted, self.element_bytes);
                Ok(())
            }
            Storage::Contiguous(address) if wanted.is_run_in(&whole) => {
                let from = address + wanted.offset_in(&whole) * self.element_bytes as u64;
                out.par_chunks_mut(STRETCH_BYTES)
                    .enumerate()
                    .try_for_each(|(index, stretch)| self.file.read_voxels(from + (index * STRETCH_BYTES) as u64, stretch))
            }
            Storage::Contiguous(address) => self.read_rows(*address, &whole, wanted, out),
            Storage::Chunked(chunked) => chunked.read(&self.file, wanted, out),
            Storage::Virtual(source) => source.read(wanted, out),
        }
    }

    /// A box that does not lie in one piece: as many rows at once as do.
    fn read_rows(&self, address: u64, whole: &Region, wanted: &Region, out: &mut [u8]) -> Result<(), Trouble> {
        let rank = wanted.count.len();
        let fast = (1..rank).rev().find(|&axis| wanted.count[axis] != whole.count[axis]).unwrap_or(0);
        let row = wanted.count[fast..].iter().product::<u64>() as usize * self.element_bytes;
        let mut rows = wanted.clone();
        rows.count[fast..].fill(1);
        region::places(&rows).into_par_iter().zip(out.par_chunks_exact_mut(row)).try_for_each(|(place, out)| {
            let at = Region { start: place, count: vec![1; rank] };
            self.file.read_voxels(address + at.offset_in(whole) * self.element_bytes as u64, out)
        })
    }

    /// Where the bytes of a box lie in the file, with whatever lies between them.
    pub(super) fn place(&self, wanted: &Region) -> Option<Range<u64>> {
        match &self.storage {
            Storage::Contiguous(address) => {
                let whole = Region { start: vec![0; self.shape.len()], count: self.shape.clone() };
                let start = address + wanted.offset_in(&whole) * self.element_bytes as u64;
                wanted.is_run_in(&whole).then(|| start..start + wanted.elements() * self.element_bytes as u64)
            }
            Storage::Chunked(chunked) => chunked.place_of(wanted),
            Storage::Compact(_) | Storage::Virtual(_) | Storage::Nothing => None,
        }
    }

    /// Memory for the places of all its chunks.
    pub(super) fn held_bytes(&self) -> u64 {
        match &self.storage {
            Storage::Chunked(chunked) => (chunked.chunks.len() * size_of::<chunks::Chunk>()) as u64,
            Storage::Virtual(source) => source.sources().map(Self::held_bytes).sum(),
            Storage::Compact(_) | Storage::Contiguous(_) | Storage::Nothing => 0,
        }
    }

    pub(super) fn nothing(&self) -> Trouble {
        Trouble::new(format!("{}: its voxels were never written", self.path), "Save the scan again").in_file(&self.file.path)
    }

    /// Its elements as text or numbers, when they are few.
    pub(super) fn value(&self) -> Result<Option<Value>, Trouble> {
        let count: u64 = self.shape.iter().product();
        let bytes = count.saturating_mul(self.element_bytes as u64);
        if bytes > VALUE_BYTES_MAX || matches!(self.datatype, Datatype::Other { .. }) {
            return Ok(None);
        }
        let mut out = vec![0; bytes as usize];
        if count > 0 {
            self.read(&Region { start: vec![0; self.shape.len()], count: self.shape.clone() }, &mut out)?;
        }
        value(&self.file, &self.datatype, count, &out)
    }

    pub(super) fn attributes(tree_file: &H5File, address: u64) -> Vec<(String, Value)> {
        Object::read(tree_file, address).and_then(|object| attributes(tree_file, &object)).unwrap_or_default()
    }
}

/// One element of the value that stands where nobody wrote; empty means zero.
fn fill_of(file: &H5File, object: &Object, element_bytes: usize) -> Result<Vec<u8>, Trouble> {
    let what = "a fill value";
    let fill = match (object.first(file, FILL)?, object.first(file, FILL_OLD)?) {
        (Some(body), _) => fill_value(&mut Cursor::new(&body, what, file.widths))?,
        (None, Some(body)) => fill_bytes(&mut Cursor::new(&body, what, file.widths))?,
        (None, None) => Vec::new(),
    };
    if !fill.is_empty() && fill.len() != element_bytes {
        return Err(damaged(format!("a fill value has {} bytes, an element {element_bytes}", fill.len())));
    }
    Ok(fill)
}
