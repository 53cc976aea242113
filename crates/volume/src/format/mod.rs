//! Readers: each turns one foreign format into planes of little-endian voxels and says what its header knows.

mod contiguous;
mod folder;
pub(crate) mod mrc;
pub(crate) mod nrrd;
pub(crate) mod raw;
pub(crate) mod sniff;
pub(crate) mod tiff;

use std::fs::File;
use std::path::Path;

use crate::{HeadFacts, Header, RawShape, Trouble};

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
    /// Slices of a folder.
    pub(crate) const SLICES: usize = 200_000;
    /// What deflate can make of one byte.
    pub(crate) const DEFLATE_RATIO: u64 = 1_040;
}

/// Gives planes of voxels as little-endian bytes, row after row without gaps.
pub(crate) trait Planes: Send + Sync {
    /// Fills `out` with whole planes, beginning with plane `first`. Called in rising order, each plane once.
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble>;
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
    open(path, None).map(|opened| opened.header)
}

/// As [`inspect`], for a file without a header whose shape somebody typed in.
pub fn inspect_with_raw(path: &Path, raw: Option<&RawShape>) -> Result<Header, Trouble> {
    open(path, raw).map(|opened| opened.header)
}

/// Says what it can from the first bytes of one file that is still arriving.
pub fn inspect_head(name: &str, head: &[u8], length: u64) -> Option<HeadFacts> {
    match sniff::kind(head)? {
        sniff::Kind::Tiff => tiff::head_facts(head, length),
        sniff::Kind::Mrc => mrc::head_facts(head, length),
        sniff::Kind::Nrrd => nrrd::head_facts(head, length),
        sniff::Kind::Gzip => {
            let inside = sniff::gunzip_head(head);
            let mut facts = match sniff::kind(&inside)? {
                sniff::Kind::Mrc => mrc::head_facts(&inside, u64::MAX)?,
                _ => return None,
            };
            facts.format = format!("{} (gzip)", facts.format);
            Some(facts)
        }
        sniff::Kind::Refused(_) => sniff::refused_facts(name, head),
    }
}

pub(crate) fn open(path: &Path, raw: Option<&RawShape>) -> Result<Opened, Trouble> {
    let metadata = std::fs::metadata(path).map_err(|error| Trouble::io("opening", path, &error))?;
    if metadata.is_dir() {
        return folder::open(path, raw);
    }
    open_file(path, raw)
}

/// Opens one file by what its first bytes are, never by its name alone.
pub(crate) fn open_file(path: &Path, raw: Option<&RawShape>) -> Result<Opened, Trouble> {
    let file = File::open(path).map_err(|error| Trouble::io("opening", path, &error))?;
    let length = file.metadata().map_err(|error| Trouble::io("opening", path, &error))?.len();
    if let Some(raw) = raw {
        return raw::open(path, file, length, raw);
    }
    let mut head = vec![0; 4_096.min(length as usize)];
    contiguous::read_at(&file, 0, &mut head).map_err(|error| Trouble::io("reading", path, &error))?;
    match sniff::kind(&head) {
        Some(sniff::Kind::Tiff) => tiff::open_files(vec![path.to_path_buf()]),
        Some(sniff::Kind::Mrc) => mrc::open(path, file, length),
        Some(sniff::Kind::Nrrd) => nrrd::open(path, file, length),
        Some(sniff::Kind::Gzip) => mrc::open_gzip(path, file, length),
        Some(sniff::Kind::Refused(name)) => Err(Trouble::new(
            format!("{name} files are not converted to a volume yet"),
            "It is kept and can be downloaded; add the volume as TIFF, MRC or NRRD to see it here",
        )
        .in_file(path)),
        None if length == 0 => Err(Trouble::new("the file is empty", "Upload it again").in_file(path)),
        None => Err(Trouble::new(
            "no known volume format begins like this",
            "If it is raw data, give shape, element type and byte order; else save it as TIFF, MRC or NRRD",
        )
        .in_file(path)),
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
