//! NRRD: lines of text, then the voxels behind an empty line or in files of their own.
//!
//! Written after the format's definition at teem.sourceforge.net/nrrd/format.html.

mod fields;

use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::Path;

use super::stored::{Encoding, Packed, Part, Source, Stored};
use super::{Asked, Format, Opened, Role, companion, only, open_with_length, samples};
use crate::element::byte_count;
use crate::trouble::file_name;
use crate::{HeadFacts, Header, Trouble};
use fields::{Data, Nrrd};

pub(crate) static FORMAT: Format = Format {
    name: "NRRD",
    endings: &[".nrrd", ".nhdr", ".nrrd.gz"],
    role: Role::Volume,
    recognises: |head| head.starts_with(b"NRRD"),
    open: |paths, asked| open_packed(&Packed::of(only(&paths)?)?, asked),
    head_facts,
};

/// A header longer than this is not one.
const HEADER_MAX: u64 = 4 << 20;
/// Lines before the voxels, and their bytes, are not searched further than this.
const SKIPPED_LINES_MAX: u64 = 100_000;
const SKIPPED_BYTES_MAX: u64 = 64 << 20;

fn refuse(what: impl Into<String>) -> Trouble {
    Trouble::new(what, "Save it as an NRRD file with three axes, encoding raw or gzip")
}

pub(crate) fn open_packed(packed: &Packed, asked: &Asked) -> Result<Opened, Trouble> {
    let path = &packed.path;
    let nrrd = fields::parse(&packed.head(HEADER_MAX)?, asked.dataset.is_some()).map_err(|trouble| trouble.in_file(path))?;
    let volume = companion::chosen_volume(nrrd.volumes, asked).map_err(|trouble| trouble.in_file(path))?;
    let stored = stored(packed, &nrrd, volume).map_err(|trouble| trouble.in_file(path))?;
    let files = companion::names(path, &stored.parts);
    let attached = matches!(nrrd.data, Data::Attached(_));
    let Source { planes, bytes_in, scratch_bytes } = stored.open()?;
    let header = Header {
        format: packed.name_of("NRRD"),
        shape: nrrd.shape,
        element: nrrd.element,
        voxel_size_um: nrrd.voxel_size_um,
        orientation: nrrd.orientation,
        found: nrrd.found,
        warnings: nrrd.warnings,
        files: if attached { vec![file_name(path)] } else { files },
    };
    let bytes_in = if attached { bytes_in } else { bytes_in + packed.length };
    samples::one_of(Opened { header, planes, bytes_in, scratch_bytes }, nrrd.values, nrrd.is_colour, asked).map_err(|mut trouble| {
        if nrrd.is_guess {
            trouble.hint.push_str("; if its last axis counts volumes, say which one with --dataset and its number");
        }
        trouble.in_file(path)
    })
}

/// Where the voxels lie: behind the header, or in the files it names.
fn stored(packed: &Packed, nrrd: &Nrrd, volume: u64) -> Result<Stored, Trouble> {
    let (path, depth) = (&packed.path, nrrd.shape[0]);
    match &nrrd.data {
        Data::Attached(at) if packed.encoding == Encoding::Raw => {
            finish(nrrd, nrrd.encoding, vec![Part::whole(path, *at, depth)], volume, nrrd.volumes)
        }
        Data::Attached(at) if nrrd.encoding == Encoding::Raw && nrrd.line_skip == 0 && nrrd.byte_skip >= 0 => {
            finish(nrrd, packed.encoding, vec![packed.part(*at, depth)], volume, nrrd.volumes)
        }
        Data::Attached(_) => Err(refuse("it is packed as a whole, and its voxels are packed once more inside")),
        Data::Detached(names) if names.len() == 1 => {
            let part = Part::whole(&companion::beside(path, &names[0])?, 0, depth);
            finish(nrrd, nrrd.encoding, vec![part], volume, nrrd.volumes)
        }
        Data::Detached(names) => {
            let planes = companion::planes_each(path, names.len(), depth.saturating_mul(nrrd.volumes as usize))?;
            if depth % planes != 0 {
                return Err(refuse("one of its files holds parts of several volumes"));
            }
            let files = depth / planes;
            let of_volume = names.iter().skip(volume as usize * files).take(files);
            let part = |name: &String| Ok(Part::whole(&companion::beside(path, name)?, 0, planes));
            finish(nrrd, nrrd.encoding, of_volume.map(part).collect::<Result<_, Trouble>>()?, 0, 1)
        }
    }
}

/// Adds what is to be skipped in every file: lines, bytes, and the volumes before the chosen one.
fn finish(nrrd: &Nrrd, encoding: Encoding, mut parts: Vec<Part>, volume: u64, volumes_each: u64) -> Result<Stored, Trouble> {
    let too_many = || refuse("it promises more bytes than any file can hold");
    for part in &mut parts {
        let volume_bytes = byte_count([part.planes, nrrd.shape[1], nrrd.shape[2]], nrrd.element).ok_or_else(too_many)?;
        let before = volume.checked_mul(volume_bytes).ok_or_else(too_many)?;
        part.offset += skipped_lines(&part.path, part.offset, nrrd.line_skip)?;
        let skip = match (nrrd.byte_skip, encoding) {
            (0.., _) => nrrd.byte_skip as u64,
            (_, Encoding::Raw) => {
                let (_, length) = open_with_length(&part.path)?;
                let all = volume_bytes.checked_mul(volumes_each).ok_or_else(too_many)?;
                part.offset = 0;
                length.checked_sub(all).ok_or_else(|| refuse("the file is shorter than its voxels").in_file(&part.path))?
            }
            _ => return Err(refuse("it counts from the end of compressed data")),
        };
        part.skip = part.skip.checked_add(skip).and_then(|sum| sum.checked_add(before)).ok_or_else(too_many)?;
    }
    Ok(Stored { shape: nrrd.shape, element: nrrd.element, big_endian: nrrd.big_endian, encoding, parts })
}

/// How many bytes so many lines have.
fn skipped_lines(path: &Path, offset: u64, lines: u64) -> Result<u64, Trouble> {
    if lines == 0 {
        return Ok(0);
    }
    if lines > SKIPPED_LINES_MAX {
        return Err(refuse(format!("it skips {lines} lines before its voxels")));
    }
    let trouble = |error: std::io::Error| Trouble::io("reading", path, &error);
    let (mut file, _) = open_with_length(path)?;
    file.seek(SeekFrom::Start(offset)).map_err(trouble)?;
    let mut text = BufReader::new(std::io::Read::take(file, SKIPPED_BYTES_MAX));
    let mut bytes = 0;
    for _ in 0..lines {
        let length = text.skip_until(b'\n').map_err(trouble)? as u64;
        if length == 0 {
            return Err(refuse("it skips more lines than there are before its voxels").in_file(path));
        }
        bytes += length;
    }
    Ok(bytes)
}

fn head_facts(head: &[u8], _length: u64) -> Option<HeadFacts> {
    let nrrd = fields::parse(head, false).ok()?;
    Some(HeadFacts {
        format: "NRRD".into(),
        width: Some(nrrd.shape[2] / nrrd.values),
        height: Some(nrrd.shape[1]),
        depth: Some(nrrd.shape[0]),
        element: Some(nrrd.element),
        voxel_size_um: nrrd.voxel_size_um,
        found: nrrd.found,
        warnings: nrrd.warnings,
        asks: samples::choose(nrrd.values, nrrd.is_colour, None).err().and_then(|trouble| trouble.asks),
    })
}
