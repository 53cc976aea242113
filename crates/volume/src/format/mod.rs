//! Readers: each turns one foreign format into planes of little-endian voxels and says what its header knows.
//!
//! A format is one file (or folder) of this module with one [`Format`] in it, and one line of [`FORMATS`]. Files are
//! recognised by their first bytes; endings only say which files of a folder are worth a look.

pub(crate) mod amira;
pub(crate) mod archive_file;
mod bmp;
mod channel;
mod colour;
mod companion;
pub(crate) mod contiguous;
pub(crate) mod dicom;
mod folder;
mod gzip;
pub(crate) mod hdf5;
mod jp2;
pub(crate) mod jpeg;
mod known;
pub(crate) mod metaimage;
pub(crate) mod mrc;
pub(crate) mod nifti;
pub(crate) mod nrrd;
mod number;
mod picture;
mod png;
pub(crate) mod raw;
mod samples;
mod spelt;
mod stored;
pub(crate) mod tiff;
pub(crate) mod vendor;
pub(crate) mod zarr;

pub use companion::companions;

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{HeadFacts, Header, RawShape, Trouble};

/// All formats that are read, in the order in which they are asked.
pub(crate) static FORMATS: [&Format; 19] = [
    // Some DICOM files begin like TIFF as well; their own mark comes later.
    &dicom::FORMAT,
    &tiff::FORMAT,
    &nrrd::FORMAT,
    &png::FORMAT,
    &jpeg::FORMAT,
    &jp2::FORMAT,
    &bmp::FORMAT,
    &mrc::FORMAT,
    &nifti::FORMAT,
    &metaimage::FORMAT,
    &amira::FORMAT,
    &gzip::FORMAT,
    &hdf5::FORMAT,
    &vendor::zeiss::FORMAT,
    &vendor::scanco::FORMAT,
    &vendor::aim::FORMAT,
    &archive_file::ZIP,
    &archive_file::TAR,
    &raw::FORMAT,
];

/// One foreign format.
pub(crate) struct Format {
    pub(crate) name: &'static str,
    /// What its files are called, in lower case and with the dot.
    pub(crate) endings: &'static [&'static str],
    /// Whether one of its files is a whole volume or one slice of many.
    pub(crate) role: Role,
    /// Whether a file that begins with these bytes (up to 4,096) is of this format.
    pub(crate) recognises: fn(&[u8]) -> bool,
    /// Opens one file, or the slices of a series in order of z; volumes get exactly one path.
    pub(crate) open: fn(Vec<PathBuf>, &Asked) -> Result<Opened, Trouble>,
    /// What the first bytes of a file of that length tell while the rest is still arriving.
    pub(crate) head_facts: fn(&[u8], u64) -> Option<HeadFacts>,
}

/// What one file is to its volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// It is the whole volume, or a stack of its own.
    Volume,
    /// It may be one of many that lie in one folder, in the order of their names.
    Slice,
    /// As a slice where many lie in one folder; a few of them are photographs and no volume.
    Picture,
    /// It may be one of many that lie in one folder, whose order stands inside the files and never in their names.
    Series,
    /// It holds voxels and does not say which; something beside it may.
    Raw,
    /// It holds no voxels, and says something about those beside it.
    Beside,
}

/// What somebody says beside the file, where the file leaves it open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What a file without a header holds.
    pub raw: Option<RawShape>,
    /// Which of several datasets inside one file, by its path.
    pub dataset: Option<String>,
    /// Which of several channels, counted from 0.
    #[serde(default)]
    pub channel: Option<usize>,
    /// The file is still on its way. What is made of its first planes is compared when it is whole.
    #[serde(skip)]
    pub arriving: Option<Arriving>,
    /// The file was found in an archive; another archive is then not opened.
    #[serde(skip)]
    pub inside_archive: bool,
}

/// How much of a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arriving {
    /// Bytes that are there, from the first on.
    pub here: u64,
    /// Bytes that it will have.
    pub length: u64,
}

/// Limits on what is believed, in one place. No allocation is made from a claimed number before it passed one of these.
pub(crate) mod limit {
    /// Longest single axis.
    pub(crate) const AXIS: u64 = 1 << 24;
    /// Largest plane in bytes.
    pub(crate) const PLANE_BYTES: u64 = 4 << 30;
    /// Entries of one TIFF directory.
    pub(crate) const TIFF_ENTRIES: u64 = 4_096;
    /// Pages of one TIFF file.
    pub(crate) const TIFF_PAGES: usize = 200_000;
    /// Strips or tiles of one TIFF page.
    pub(crate) const TIFF_SEGMENTS: u64 = 1 << 22;
    /// Bytes of one strip or tile that has to be expanded.
    pub(crate) const TIFF_SEGMENT_BYTES: usize = 1 << 30;
    /// Strips or tiles of a whole stack.
    pub(crate) const TIFF_SEGMENTS_TOTAL: usize = 1 << 25;
    /// Bytes of an image description.
    pub(crate) const TEXT: u64 = 4 << 20;
    /// Bytes of the tables that all JPEG pieces of a TIFF page share.
    pub(crate) const JPEG_TABLES: u64 = 64 << 10;
    /// Channels of one picture or stack.
    pub(crate) const CHANNELS: u64 = 4_096;
    /// Bytes of a picture that is decoded as a whole.
    pub(crate) const PICTURE_BYTES: usize = 1 << 30;
    /// Slices of a folder.
    pub(crate) const SLICES: usize = 200_000;
    /// What deflate can make of one byte.
    pub(crate) const DEFLATE_RATIO: u64 = 1_040;
    /// What bzip2 can make of one byte: 46 MB of one value become 40 bytes.
    pub(crate) const BZIP2_RATIO: u64 = 1_200_000;
}

/// Gives planes of voxels as little-endian bytes, row after row without gaps.
pub(crate) trait Planes: Send + Sync {
    /// Fills `out` with whole planes, beginning with plane `first`. Called in rising order, each plane once.
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble>;

    /// Whether some rows of a plane cost no more than their share, in any order and as often as wanted.
    fn gives_parts(&self) -> bool {
        false
    }

    /// Rows that come out of the file together: parts that end between two such groups cost a little more.
    fn rows_together(&self) -> usize {
        1
    }

    /// Memory that it keeps from one part, or slab, for the next ones, when they have so many rows and planes.
    fn kept_bytes(&self, rows: usize, planes: usize) -> u64 {
        let _ = (rows, planes);
        0
    }

    /// Memory that is held as long as it is open: tables of where the voxels lie.
    fn held_bytes(&self) -> u64 {
        0
    }

    /// Which bytes of which file a plane comes from, where it lies by itself.
    fn place(&self, plane: usize) -> Option<(&Path, Range<u64>)> {
        let _ = plane;
        None
    }

    /// Fills `out` with the same rows, counted in bytes, of as many planes as it holds; only asked of those that give parts.
    fn read_parts(&self, first: usize, part: Range<usize>, out: &mut [u8]) -> Result<(), Trouble> {
        let _ = (first, part, out);
        Err(Trouble::new("this format gives whole planes only", "Report this"))
    }
}

/// A volume whose header is understood and whose voxels can be read.
pub(crate) struct Opened {
    pub(crate) header: Header,
    pub(crate) planes: Box<dyn Planes>,
    /// Bytes of all files together.
    pub(crate) bytes_in: u64,
    /// Memory that decoding needs beside the planes themselves.
    pub(crate) scratch_bytes: u64,
}

/// Says what a file or a folder of slices holds, reading headers only.
pub fn inspect(path: &Path) -> Result<Header, Trouble> {
    open(path, &Asked::default()).map(|opened| opened.header)
}

/// As [`inspect`], with what somebody said about it.
pub fn inspect_asked(path: &Path, asked: &Asked) -> Result<Header, Trouble> {
    open(path, asked).map(|opened| opened.header)
}

/// Says what it can from the first bytes of one file that is still arriving.
pub fn inspect_head(head: &[u8], length: u64) -> Option<HeadFacts> {
    match recognise(head) {
        Some(format) => (format.head_facts)(head, length),
        None => known::facts(head),
    }
}

/// What a file of this name may be to a volume; nothing when no format that we read is called so.
pub fn role_of(name: &str) -> Option<Role> {
    let name = name.to_lowercase();
    called(&name).map(|format| format.role).or(vendor::is_called(&name).then_some(Role::Beside))
}

/// Whether a file of this name may take its voxels from others of the same deposit, so that all of them belong together.
pub fn may_refer_to_others(name: &str) -> bool {
    hdf5::family::is_member(name)
}

/// The format whose files are called like this name in lower case.
pub(crate) fn called(name: &str) -> Option<&'static Format> {
    let fits = |format: &&&Format| format.endings.iter().any(|ending| name.ends_with(ending));
    let by_ending = FORMATS.iter().find(fits).copied();
    by_ending.or_else(|| dicom::is_bare_name(name).then_some(&dicom::FORMAT)).filter(|_| !name.starts_with('.'))
}

pub use folder::PICTURES_MIN;
pub use number::natural as natural_order;

pub(crate) fn recognise(head: &[u8]) -> Option<&'static Format> {
    FORMATS.iter().find(|format| (format.recognises)(head)).copied()
}

pub(crate) fn open(path: &Path, asked: &Asked) -> Result<Opened, Trouble> {
    let metadata = std::fs::metadata(path).map_err(|error| Trouble::io("opening", path, &error))?;
    if metadata.is_dir() {
        return folder::open(path, asked);
    }
    open_file(path, asked)
}

/// Opens one file by what its first bytes are, never by its name alone.
pub(crate) fn open_file(path: &Path, asked: &Asked) -> Result<Opened, Trouble> {
    let folder = path.parent().unwrap_or(Path::new(""));
    open_alone(path, asked).map(|opened| vendor::complete(opened, folder, false))
}

fn open_alone(path: &Path, asked: &Asked) -> Result<Opened, Trouble> {
    if let Some(raw) = &asked.raw {
        return raw::open(path, raw);
    }
    let head = head_of(path)?;
    if let Some(format) = recognise(&head) {
        let open = |asked: &Asked| (format.open)(vec![path.to_path_buf()], asked);
        // What these hold is asked about by their own words, or once more inside.
        let asks_itself = [&hdf5::FORMAT, &archive_file::ZIP, &archive_file::TAR].iter().any(|other| other.name == format.name);
        let opened = if asks_itself { open(asked) } else { colour::settled(asked, open) };
        return opened.map_err(|trouble| trouble.in_file(path));
    }
    if called(&crate::trouble::file_name(path).to_lowercase()).is_some_and(|format| format.role == Role::Raw) {
        return (raw::FORMAT.open)(vec![path.to_path_buf()], asked);
    }
    if let Some(voxels) = vendor::voxels_of(path)?.filter(|voxels| voxels != path) {
        return raw::open_described(&voxels, asked);
    }
    Err(match known::name(&head) {
        Some(name) => Trouble::new(
            format!("{name} files are not converted to a volume"),
            "It is kept and can be downloaded; add the volume as TIFF, MRC or NRRD to see it here",
        ),
        None if head.is_empty() => Trouble::new("the file is empty", "Upload it again"),
        None => Trouble::new(
            "no known volume format begins like this",
            "If it is raw data, give shape, element type and byte order; else save it as TIFF, MRC or NRRD",
        ),
    }
    .in_file(path))
}

/// The first bytes, by which files are recognised.
fn head_of(path: &Path) -> Result<Vec<u8>, Trouble> {
    let (file, length) = open_with_length(path)?;
    let mut head = vec![0; 4_096.min(length as usize)];
    contiguous::read_at(&file, 0, &mut head).map_err(|error| Trouble::io("reading", path, &error))?;
    Ok(head)
}

pub(crate) fn open_with_length(path: &Path) -> Result<(File, u64), Trouble> {
    let trouble = |error: std::io::Error| Trouble::io("opening", path, &error);
    let file = File::open(path).map_err(trouble)?;
    let length = file.metadata().map_err(trouble)?.len();
    Ok((file, length))
}

/// The one path of a format whose files are whole volumes.
pub(crate) fn only(paths: &[PathBuf]) -> Result<&Path, Trouble> {
    match paths {
        [path] => Ok(path),
        _ => Err(Trouble::new("several volumes were given as one", "Choose one of them")),
    }
}

/// Checks sizes that a header claims before anybody multiplies them.
pub(crate) fn check_shape(shape: [u64; 3], bytes_per_voxel: usize) -> Result<crate::Shape, Trouble> {
    let words = format!("{} × {} × {}", shape[0], shape[1], shape[2]);
    if shape.contains(&0) {
        return Err(Trouble::new(format!("its size is {words} voxels, so it holds nothing"), "Upload it again"));
    }
    let plane = shape[1].checked_mul(shape[2]).and_then(|area| area.checked_mul(bytes_per_voxel as u64));
    if shape.iter().any(|&axis| axis > limit::AXIS) || plane.is_none_or(|bytes| bytes > limit::PLANE_BYTES) {
        return Err(Trouble::new(
            format!("its header claims {words} voxels, more than can be true"),
            "The header is damaged; save the file again",
        ));
    }
    Ok(shape.map(|axis| axis as usize))
}

/// Reads all voxels and keeps none: what reading alone costs. Returns their bytes.
pub fn read_through(path: &Path, asked: &Asked) -> Result<u64, Trouble> {
    const SLAB_PLANES: usize = 64;
    let opened = open(path, asked)?;
    let [depth, height, width] = opened.header.shape;
    let plane = height * width * opened.header.element.bytes();
    let mut slab = crate::element::Buffer::zeroed(SLAB_PLANES.min(depth) * plane);
    for first in (0..depth).step_by(SLAB_PLANES) {
        let planes = SLAB_PLANES.min(depth - first);
        opened.planes.read(first, &mut slab.bytes_mut()[..planes * plane])?;
    }
    Ok(depth as u64 * plane as u64)
}
