//! TIFF and BigTIFF: one file of many pages, or many files of one page each.

mod ifd;
mod page;
pub(crate) mod sample;
mod describe;
mod ome;
mod vendor;
mod scan;
mod time;
mod decode;
mod expand;
mod webp;
mod lzw;
mod predict;

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use self::describe::{Described, Series};
use self::ifd::{Bytes, Layout};
use self::page::Page;
use self::scan::{Scanned, beside, scan};
use super::{Asked, Format, Opened, Planes, Role, channel, limit};
use crate::trouble::file_name;
use crate::{HeadFacts, Header, ONE_AT_A_TIME, Trouble};

pub(crate) static FORMAT: Format = Format {
    name: "TIFF",
    endings: &[".tif", ".tiff", ".btf", ".tf2", ".tf8", ".lsm", ".stk"],
    role: Role::Slice,
    recognises: |head| [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| head.starts_with(*magic)),
    open,
    head_facts,
};

/// Files up to this number stay open; more would meet the limit of the process.
const FILES_KEPT_OPEN: usize = 64;
/// Files of which everything is in memory at a time while they are scanned.
const SCANNED_TOGETHER: usize = 256;

struct Slice {
    file: usize,
    page: Page,
}

/// Slices in order of z, wherever they lie.
struct Stack {
    paths: Vec<PathBuf>,
    files: Vec<Option<File>>,
    slices: Vec<Slice>,
    /// What is left of pieces that reach beyond the part that was read last, by slice.
    kept: Mutex<HashMap<usize, decode::Kept>>,
}

/// Parts are given where at least so many pieces lie below each other; of fewer, too much would be kept between two parts.
const PIECES_BELOW_MIN: usize = 4;

impl Planes for Stack {
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        let Some(Slice { page, .. }) = self.slices.first() else { return Ok(()) };
        self.each(first, page.plane_bytes(), out, |file, page, _, out| decode::read_rows(file, page, 0..page.height, &mut Vec::new(), out))
    }

    fn place(&self, plane: usize) -> Option<(&Path, Range<u64>)> {
        let slice = self.slices.get(plane)?;
        let start = slice.page.offsets.iter().min()?;
        let end = slice.page.offsets.iter().zip(&slice.page.lengths).filter_map(|(at, length)| at.checked_add(*length)).max()?;
        // Of strips without a length the last one ends nobody knows where.
        let whole = slice.page.lengths.len() == slice.page.offsets.len() && !slice.page.lengths.contains(&0);
        let end = slice.page.one_piece().map_or(end, |at| at + slice.page.plane_bytes() as u64);
        (whole || slice.page.one_piece().is_some()).then_some((self.paths[slice.file].as_path(), *start..end))
    }

    fn gives_parts(&self) -> bool {
        self.slices.iter().all(|Slice { page, .. }| page.one_piece().is_some() || page.segment[1] <= page.height / PIECES_BELOW_MIN)
    }

    fn rows_together(&self) -> usize {
        let rows = |Slice { page, .. }: &Slice| if page.one_piece().is_some() { 1 } else { page.segment[1] };
        self.slices.iter().map(rows).max().unwrap_or(1)
    }

    fn kept_bytes(&self, rows: usize, planes: usize) -> u64 {
        let is_cut = |page: &Page| page.one_piece().is_none() && rows < page.height && !rows.is_multiple_of(page.segment[1]);
        let cut = self.slices.iter().filter(|slice| is_cut(&slice.page));
        let most = cut.map(|Slice { page, .. }| page.across() * page.unpacked_bytes(0)).max().unwrap_or(0);
        (most * planes) as u64
    }

    fn held_bytes(&self) -> u64 {
        let pieces: usize = self.slices.iter().map(|slice| slice.page.offsets.len() + slice.page.lengths.len()).sum();
        (pieces * size_of::<u64>() + self.slices.len() * size_of::<Slice>()) as u64
    }

    fn read_parts(&self, first: usize, part: Range<usize>, out: &mut [u8]) -> Result<(), Trouble> {
        self.each(first, part.len(), out, |file, page, slice, out| {
            let row_bytes = page.width * page.element.bytes();
            let mut kept = self.kept().remove(&slice).unwrap_or_default();
            decode::read_rows(file, page, part.start / row_bytes..part.end / row_bytes, &mut kept, out)?;
            if !kept.is_empty() {
                self.kept().insert(slice, kept);
            }
            Ok(())
        })
    }
}

impl Stack {
    fn kept(&self) -> MutexGuard<'_, HashMap<usize, decode::Kept>> {
        // Each entry is whole at any time.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets `read` fill one piece of `out` from each plane.
    fn each(
        &self,
        first: usize,
        length: usize,
        out: &mut [u8],
        read: impl Fn(&File, &Page, usize, &mut [u8]) -> Result<(), Trouble> + Sync,
    ) -> Result<(), Trouble> {
        out.par_chunks_mut(length).enumerate().with_max_len(ONE_AT_A_TIME).try_for_each(|(index, out)| {
            let slice = &self.slices[first + index];
            let path = &self.paths[slice.file];
            let outcome = match &self.files[slice.file] {
                Some(file) => read(file, &slice.page, first + index, out),
                None => match File::open(path) {
                    Ok(file) => read(&file, &slice.page, first + index, out),
                    Err(error) => Err(Trouble::io("opening", path, &error)),
                },
            };
            outcome.map_err(|trouble| self.place(first + index, trouble.in_file(path)))
        })
    }

    /// In a file of many pages, the slice is part of the place.
    fn place(&self, z: usize, mut trouble: Trouble) -> Trouble {
        if self.paths.len() == 1 && self.slices.len() > 1 {
            trouble.what = format!("slice {}: {}", z + 1, trouble.what);
        }
        trouble
    }
}

/// Opens files that follow each other in z.
fn open(paths: Vec<PathBuf>, asked: &Asked) -> Result<Opened, Trouble> {
    let first = scan(&paths[0], true, asked).map_err(|trouble| trouble.in_file(&paths[0]))?;
    match first.set(&paths[0]).map_err(|trouble| trouble.in_file(&paths[0]))? {
        Some(places) => open_set(&paths[0], first, &places, asked),
        None => open_series(paths, first, asked),
    }
}

fn open_series(paths: Vec<PathBuf>, first: Scanned, asked: &Asked) -> Result<Opened, Trouble> {
    let keep_open = paths.len() <= FILES_KEPT_OPEN;
    let mut set = Set { slices: Vec::with_capacity(paths.len()), files: Vec::with_capacity(paths.len()), ..Set::default() };
    set.add(&paths, 0, first)?;
    for start in (1..paths.len()).step_by(SCANNED_TOGETHER) {
        let some = &paths[start..(start + SCANNED_TOGETHER).min(paths.len())];
        let scans = some.par_iter().map(|path| scan(path, keep_open, asked).map_err(|trouble| trouble.in_file(path)));
        for (place, scanned) in scans.collect::<Result<Vec<_>, _>>()?.into_iter().enumerate() {
            set.add(&paths, start + place, scanned)?;
        }
    }
    finish(paths, set)
}

/// What is kept of files that were scanned: of thousands of slices, next to nothing of each.
#[derive(Default)]
struct Set {
    /// What the first of them says.
    described: Option<Described>,
    files: Vec<Option<File>>,
    bytes_in: u64,
    slices: Vec<Slice>,
}

impl Set {
    /// Takes over all slices of one file.
    fn add(&mut self, paths: &[PathBuf], file: usize, mut scanned: Scanned) -> Result<(), Trouble> {
        let pages = scanned.take_slices().map_err(|trouble| trouble.in_file(&paths[file]))?;
        for (number, page) in pages.into_iter().enumerate() {
            check_same(&self.slices, paths, file, number, &page)?;
            self.slices.push(Slice { file, page });
        }
        self.keep(scanned);
        Ok(())
    }

    fn keep(&mut self, scanned: Scanned) {
        self.described.get_or_insert(scanned.described);
        self.files.push(scanned.file);
        self.bytes_in += scanned.length;
    }
}

/// Opens the files among which OME-XML has shared out one volume.
fn open_set(path: &Path, first: Scanned, places: &[ome::Place], asked: &Asked) -> Result<Opened, Trouble> {
    let own = file_name(path);
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, _) in places {
        names.insert(name.as_deref().unwrap_or(&own), 0);
    }
    let keep_open = names.len() <= FILES_KEPT_OPEN;
    let mut first = Some(first);
    let (mut paths, mut scans) = (Vec::new(), Vec::new());
    for (number, (name, at)) in names.iter_mut().enumerate() {
        *at = number;
        let scanned = match first.take_if(|_| *name == own) {
            Some(first) => {
                paths.push(path.to_path_buf());
                first
            }
            None => {
                let beside = beside(path, name)?;
                let scanned = scan(&beside, keep_open, asked).map_err(|trouble| trouble.in_file(&beside))?;
                paths.push(beside);
                scanned
            }
        };
        scans.push(scanned);
    }
    let mut set = Set::default();
    for (name, number) in places {
        let file = names[name.as_deref().unwrap_or(&own)];
        let page = scans[file].take_page(*number).map_err(|trouble| trouble.in_file(&paths[file]))?;
        check_same(&set.slices, &paths, file, 0, &page)?;
        set.slices.push(Slice { file, page });
    }
    scans.into_iter().for_each(|scanned| set.keep(scanned));
    finish(paths, set)
}

fn finish(paths: Vec<PathBuf>, set: Set) -> Result<Opened, Trouble> {
    let Set { described, files, bytes_in, slices } = set;
    let segments: usize = slices.iter().map(|slice| slice.page.offsets.len()).sum();
    if segments > limit::TIFF_SEGMENTS_TOTAL || slices.len() > limit::SLICES {
        return Err(Trouble::new("the stack has more slices or strips than can be handled", "Save it with larger strips"));
    }
    let (Some(Slice { page: first, .. }), Some(described)) = (slices.first(), described) else {
        return Err(Trouble::new("the TIFF file holds no page", "Save it again").in_file(&paths[0]));
    };
    let header = header_of(&paths, &described, first, slices.len());
    let largest = slices.iter().flat_map(|slice| slice.page.lengths.iter()).max().copied().unwrap_or(0);
    // The packed piece, the plain piece, and what the decoder of a picture holds.
    let plain = 1 + first.compression.held_for_a_byte();
    let in_one_piece = slices.iter().all(|slice| slice.page.one_piece().is_some());
    let scratch_bytes = if in_one_piece { 0 } else { 2 * largest + plain * first.unpacked_bytes(0) as u64 };
    let planes = Box::new(Stack { paths, files, slices, kept: Mutex::default() });
    Ok(Opened { header, planes, bytes_in, scratch_bytes })
}

fn header_of(paths: &[PathBuf], described: &Described, first: &Page, depth: usize) -> Header {
    let mut warnings = described.warnings.clone();
    warnings.extend(first.stored.warning(first.element));
    if first.inverted {
        warnings.push("The file says that 0 is white; the values are kept as they are.".into());
    }
    if first.palette {
        warnings.push("The file has a colour table; the values are its indices.".into());
    }
    if let page::Compression::Jpeg { exact: false, .. } = first.compression {
        warnings.push("The slices are compressed as JPEG, which has altered the values of the microscope.".into());
    }
    let kind = if paths.len() > 1 { format!("{} stack", described.format) } else { described.format.to_string() };
    Header {
        format: kind,
        shape: [depth, first.height, first.width],
        element: first.element,
        voxel_size_um: described.voxel_size_um,
        orientation: None,
        found: described.found.clone(),
        warnings,
        files: paths.iter().map(|path| file_name(path)).collect(),
    }
}

/// Every slice must fit the first; the one that does not is named.
fn check_same(slices: &[Slice], paths: &[PathBuf], file: usize, number: usize, page: &Page) -> Result<(), Trouble> {
    let Some(Slice { page: first, file: first_file }) = slices.first() else { return Ok(()) };
    let place = if number > 0 { format!("page {} ", number + 1) } else { "it ".into() };
    let compare = if *first_file == file { "the first page" } else { "the first slice" };
    if (page.width, page.height) != (first.width, first.height) {
        return Err(Trouble::new(
            format!("{place}is {} × {} pixels, {compare} {} × {}", page.width, page.height, first.width, first.height),
            "Remove it or save it again in the size of the others",
        )
        .in_file(&paths[file]));
    }
    if page.element != first.element {
        return Err(Trouble::new(
            format!("{place}holds {}, {compare} {}", page.element, first.element),
            "Save all slices with the same type of voxel",
        )
        .in_file(&paths[file]));
    }
    Ok(())
}

/// What the first page tells while the file is still arriving; the page may lie behind what has arrived.
fn head_facts(head: &[u8], length: u64) -> Option<HeadFacts> {
    let mut facts = HeadFacts { format: "TIFF".into(), ..HeadFacts::default() };
    let bytes = Bytes::Head(head, length);
    let Ok(layout) = Layout::read(&bytes) else { return None };
    let walked = layout.walk(&bytes, |_, directory| {
        let number = |tag| layout.integer(&bytes, &directory, tag).ok().flatten().map(|number| number as usize);
        facts.width = number(256);
        facts.height = number(257);
        let described = describe::describe(&layout, &bytes, &directory);
        facts.format = described.format.into();
        facts.voxel_size_um = described.voxel_size_um;
        facts.depth = match &described.series {
            Series::Ome(ome) => Some(ome.sizes[0]),
            Series::Hyperstack { slices, .. } => Some(*slices),
            Series::Pages => described.images.or(described.pages).map(|images| images as usize),
        };
        facts.found = described.found;
        facts.warnings = described.warnings;
        match page::element_of(&layout, &bytes, &directory) {
            Ok((stored, element)) => {
                facts.element = Some(element);
                facts.warnings.extend(stored.warning(element));
            }
            Err(trouble) => facts.warnings.push(trouble.to_string()),
        }
        let channels =
            page::channels_of(&layout, &bytes, &directory).and_then(|names| channel::choose("it is a colour picture", &names, None));
        if let Err(trouble) = channels {
            facts.warnings.push(trouble.to_string());
            facts.asks = trouble.asks;
        }
        Ok(false)
    });
    // A directory that has not arrived is no fault: the whole file will be inspected in the end.
    drop(walked);
    Some(facts)
}
