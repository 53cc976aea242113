//! TIFF and BigTIFF: one file of many pages, or many files of one page each.

mod decode;
mod describe;
mod ifd;
mod page;

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use self::describe::Described;
use self::ifd::{Bytes, Layout};
use self::page::Page;
use super::{Asked, Format, Opened, Planes, Role, limit};
use crate::trouble::file_name;
use crate::{HeadFacts, Header, Trouble};

pub(crate) static FORMAT: Format = Format {
    name: "TIFF",
    endings: &[".tif", ".tiff", ".btf", ".tf8"],
    role: Role::Slice,
    recognises: |head| [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| head.starts_with(*magic)),
    open,
    head_facts,
};

/// Files up to this number stay open; more would meet the limit of the process.
const FILES_KEPT_OPEN: usize = 64;

/// One file's pages.
struct Scanned {
    file: Option<File>,
    pages: Vec<Page>,
    described: Described,
    length: u64,
}

struct Slice {
    file: usize,
    page: Page,
}

/// Slices in order of z, wherever they lie.
struct Stack {
    paths: Vec<PathBuf>,
    files: Vec<Option<File>>,
    slices: Vec<Slice>,
    plane_bytes: usize,
}

impl Planes for Stack {
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        self.each(first, self.plane_bytes, out, decode::read_plane)
    }

    fn gives_parts(&self) -> bool {
        self.slices.iter().all(|slice| slice.page.one_piece().is_some())
    }

    fn read_parts(&self, first: usize, part: Range<usize>, out: &mut [u8]) -> Result<(), Trouble> {
        self.each(first, part.len(), out, |file, page, out| decode::read_part(file, page, part.start, out))
    }
}

impl Stack {
    /// Lets `read` fill one piece of `out` from each plane.
    fn each(
        &self,
        first: usize,
        length: usize,
        out: &mut [u8],
        read: impl Fn(&File, &Page, &mut [u8]) -> Result<(), Trouble> + Sync,
    ) -> Result<(), Trouble> {
        out.par_chunks_mut(length).enumerate().try_for_each(|(index, out)| {
            let slice = &self.slices[first + index];
            let path = &self.paths[slice.file];
            let outcome = match &self.files[slice.file] {
                Some(file) => read(file, &slice.page, out),
                None => match File::open(path) {
                    Ok(file) => read(&file, &slice.page, out),
                    Err(error) => Err(Trouble::io("opening", path, &error)),
                },
            };
            outcome.map_err(|trouble| self.place(first + index, trouble.in_file(path)))
        })
    }

    /// In a file of many pages, the page is part of the place.
    fn place(&self, z: usize, mut trouble: Trouble) -> Trouble {
        if self.paths.len() == 1 && self.slices.len() > 1 {
            trouble.what = format!("page {}: {}", z + 1, trouble.what);
        }
        trouble
    }
}

/// Opens files that follow each other in z.
fn open(paths: Vec<PathBuf>, _asked: &Asked) -> Result<Opened, Trouble> {
    let keep_open = paths.len() <= FILES_KEPT_OPEN;
    let mut scans: Vec<Scanned> =
        paths.par_iter().map(|path| scan(path, keep_open).map_err(|trouble| trouble.in_file(path))).collect::<Result<_, _>>()?;
    let mut slices = Vec::new();
    let mut segments = 0;
    for (file, scanned) in scans.iter_mut().enumerate() {
        for (number, page) in std::mem::take(&mut scanned.pages).into_iter().enumerate() {
            segments += page.offsets.len();
            check_same(&slices, &paths, file, number, &page)?;
            slices.push(Slice { file, page });
        }
    }
    if segments > limit::TIFF_SEGMENTS_TOTAL || slices.len() > limit::SLICES {
        return Err(Trouble::new("the stack has more slices or strips than can be handled", "Save it with larger strips"));
    }
    let Some(Slice { page: first, .. }) = slices.first() else {
        return Err(Trouble::new("the TIFF file holds no page", "Save it again").in_file(&paths[0]));
    };
    let header = header_of(&paths, &scans[0].described, first, slices.len());
    let largest = slices.iter().flat_map(|slice| slice.page.lengths.iter()).max().copied().unwrap_or(0);
    let scratch_bytes = if first.one_piece().is_some() { 0 } else { largest + 2 * first.plain_bytes(0) as u64 };
    let plane_bytes = first.plane_bytes();
    let bytes_in = scans.iter().map(|scanned| scanned.length).sum();
    let files = scans.into_iter().map(|scanned| scanned.file).collect();
    let planes = Box::new(Stack { paths, files, slices, plane_bytes });
    Ok(Opened { header, planes, bytes_in, scratch_bytes })
}

fn header_of(paths: &[PathBuf], described: &Described, first: &Page, depth: usize) -> Header {
    let mut warnings = described.warnings.clone();
    if first.inverted {
        warnings.push("The file says that 0 is white; the values are kept as they are.".into());
    }
    if first.palette {
        warnings.push("The file has a colour table; the values are its indices.".into());
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

fn scan(path: &Path, keep_open: bool) -> Result<Scanned, Trouble> {
    let file = File::open(path).map_err(|error| Trouble::io("opening", path, &error))?;
    let length = file.metadata().map_err(|error| Trouble::io("opening", path, &error))?.len();
    let bytes = Bytes::File(&file, length);
    let layout = Layout::read(&bytes)?;
    let mut pages = Vec::new();
    let mut described = Described::default();
    let mut segments = 0;
    layout.walk(&bytes, |number, directory| {
        if number == 0 {
            described = describe::describe(&layout, &bytes, &directory)?;
        }
        if number > 0 && page::is_auxiliary(&layout, &bytes, &directory)? {
            return Ok(true);
        }
        let page = Page::read(&layout, &bytes, &directory).map_err(|mut trouble| {
            if number > 0 {
                trouble.what = format!("page {}: {}", number + 1, trouble.what);
            }
            trouble
        })?;
        segments += page.offsets.len();
        if segments > limit::TIFF_SEGMENTS_TOTAL {
            return Err(Trouble::new("it has more strips than can be handled", "Save it with larger strips"));
        }
        pages.push(page);
        Ok(true)
    })?;
    spread_single_page(&mut pages, &described, length)?;
    Ok(Scanned { file: keep_open.then_some(file), pages, described, length })
}

/// ImageJ writes stacks beyond 4 GiB with one directory; the other slices follow the first without their own.
fn spread_single_page(pages: &mut Vec<Page>, described: &Described, length: u64) -> Result<(), Trouble> {
    let ([first], Some(images @ 2..)) = (&pages[..], described.images) else { return Ok(()) };
    let Some(offset) = first.one_piece() else { return Ok(()) };
    let plane = first.plane_bytes() as u64;
    let whole = images.checked_mul(plane).and_then(|bytes| bytes.checked_add(offset));
    if images > limit::SLICES as u64 || whole.is_none_or(|end| end > length) {
        return Err(Trouble::new(
            format!("ImageJ promises {images} slices, the file is too short for them"),
            "The file was cut off; upload it again",
        ));
    }
    let mut page = first.clone();
    page.segment = [page.width, page.height];
    page.lengths = vec![plane];
    *pages = (0..images)
        .map(|number| {
            page.offsets = vec![offset + number * plane];
            page.clone()
        })
        .collect();
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
        match describe::describe(&layout, &bytes, &directory) {
            Ok(described) => {
                facts.format = described.format.into();
                facts.voxel_size_um = described.voxel_size_um;
                facts.depth = described.images.map(|images| images as usize);
                facts.found = described.found;
                facts.warnings = described.warnings;
            }
            Err(trouble) => facts.warnings.push(trouble.to_string()),
        }
        match page::element_of(&layout, &bytes, &directory) {
            Ok(element) => facts.element = Some(element),
            Err(trouble) => facts.warnings.push(trouble.to_string()),
        }
        Ok(false)
    });
    // A directory that has not arrived is no fault: the whole file will be inspected in the end.
    drop(walked);
    Some(facts)
}
