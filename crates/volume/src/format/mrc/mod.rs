//! MRC and CCP4 maps: a header of 1024 bytes, perhaps an extended one, then the voxels; perhaps a text beside it.
//!
//! Written after the MRC2014 definition (ccpem.ac.uk/mrc_format) and IMOD's description of its own marks.

mod extended;
mod mdoc;
mod narrow;
mod words;

use super::stored::{Packed, Source, Stored};
use super::{Format, Opened, Role, check_shape, only};
use crate::header::{believed_um, clean_text, plausible_um};
use crate::trouble::file_name;
use crate::{ElementType, Found, HeadFacts, Header, Orientation, Shape, Trouble};
use narrow::{Narrow, Widened};
use words::Words;

pub(crate) static FORMAT: Format = Format {
    name: "MRC",
    endings: &[".mrc", ".map", ".rec", ".st", ".ali", ".ccp4", ".mrcs", ".map.bz2", ".mrc.bz2", ".rec.bz2"],
    role: Role::Volume,
    recognises: |head| matches!(head.get(208..212), Some(b"MAP " | b"MAP\0")) || is_unmarked(head),
    open: |paths, _| open_packed(&Packed::of(only(&paths)?)?),
    head_facts,
};

const HEADER_BYTES: usize = 1024;
/// Longest axis of a file that has no mark.
const UNMARKED_SIZE_MAX: i32 = 1 << 15;
/// Longest extended header that is believed, and how much of it is looked at.
const EXTENDED_MAX: u64 = 1 << 30;
const EXTENDED_READ_MAX: u64 = 4 << 20;

struct Map {
    shape: Shape,
    voxels: Voxels,
    big_endian: bool,
    extended_bytes: u64,
    extended_kind: [u8; 4],
    voxel_size_um: Option<[f64; 3]>,
    orientation: Option<Orientation>,
    found: Found,
    warnings: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Voxels {
    Plain(ElementType),
    Narrow(Narrow),
}

impl Voxels {
    /// The type that they have in the volume.
    fn element(self) -> ElementType {
        match self {
            Self::Plain(element) => element,
            Self::Narrow(narrow) => narrow.widened(),
        }
    }
}

/// By the machine stamp; without one, no picture is so wide that it fills the high bytes of its width.
fn is_big_endian(head: &[u8]) -> bool {
    match head.get(212) {
        Some(0x11) => true,
        Some(0x44) => false,
        _ => !(0..1 << 16).contains(&Words { head, big_endian: false }.int(0)),
    }
}

/// Before the year 2000 there was no mark: sizes, a known mode and the numbers of three axes in the order x, y, z have to do.
fn is_unmarked(head: &[u8]) -> bool {
    let words = Words { head, big_endian: is_big_endian(head) };
    let sizes = [0, 4, 8].map(|at| words.int(at));
    let axes = [64, 68, 72].map(|at| words.int(at));
    let likely = sizes.iter().all(|size| (1..=UNMARKED_SIZE_MAX).contains(size)) && matches!(words.int(12), 0 | 1 | 2 | 6);
    head.len() >= HEADER_BYTES && likely && axes == [1, 2, 3]
}

fn parse(head: &[u8]) -> Result<Map, Trouble> {
    if head.len() < HEADER_BYTES {
        return Err(Trouble::new("the MRC header is cut off", "Upload the file again"));
    }
    let big_endian = is_big_endian(head);
    let words = Words { head, big_endian };
    let mut warnings = Vec::new();
    let voxels = voxels_of(&words, &mut warnings)?;
    let sizes = [words.int(8), words.int(4), words.int(0)];
    if sizes.iter().any(|&size| size < 0) {
        return Err(Trouble::new("the MRC header claims a negative size", "The header is damaged; save the file again"));
    }
    let shape = check_shape(sizes.map(|size| size as u64), voxels.element().bytes())?;
    let extended = words.int(92);
    if extended < 0 || extended as u64 > EXTENDED_MAX {
        return Err(Trouble::new(
            format!("the MRC header claims an extended header of {extended} bytes"),
            "The header is damaged; save the file again",
        ));
    }
    let axes = axes(&words, &mut warnings)?;
    tell_cell(&words, shape, &mut warnings);
    let mut found = Found::default();
    let labels: Vec<String> = (0..words.int(220).clamp(0, 10) as usize)
        .filter_map(|label| clean_text(&String::from_utf8_lossy(&head[224 + 80 * label..304 + 80 * label])))
        .collect();
    found.description = clean_text(&labels.join("; "));
    Ok(Map {
        shape,
        voxels,
        big_endian,
        extended_bytes: extended as u64,
        extended_kind: [head[104], head[105], head[106], head[107]],
        voxel_size_um: voxel_size(&words, axes, &mut warnings),
        orientation: orientation(&words, axes),
        found,
        warnings,
    })
}

fn voxels_of(words: &Words<'_>, warnings: &mut Vec<String>) -> Result<Voxels, Trouble> {
    // IMOD marks its files and says in one bit whether bytes are signed; without the mark they are.
    let imod_unsigned = words.int(152) == 1_146_047_817 && words.int(156) & 1 == 0;
    let hint = "Save it as mode 0, 1, 2 or 6";
    match words.int(12) {
        0 if imod_unsigned => Ok(Voxels::Plain(ElementType::U8)),
        0 => Ok(Voxels::Plain(ElementType::I8)),
        1 => Ok(Voxels::Plain(ElementType::I16)),
        2 => Ok(Voxels::Plain(ElementType::F32)),
        6 => Ok(Voxels::Plain(ElementType::U16)),
        12 => {
            warnings.push("Its 16-bit floating-point numbers become 32-bit ones; every value stays the same.".into());
            Ok(Voxels::Narrow(Narrow::Half))
        }
        101 => {
            warnings.push("Its 4-bit numbers become 8-bit ones; every value stays the same.".into());
            Ok(Voxels::Narrow(Narrow::Nibbles))
        }
        3 | 4 => Err(Trouble::new("its voxels are complex numbers", "Save the amplitude or the phase as a map")),
        16 => Err(Trouble::new("its voxels are colours", "Save one channel, or the grey values, as a map")),
        mode => Err(Trouble::new(format!("its voxel type (MRC mode {mode}) is not read"), hint)),
    }
}

/// Which axis of the cell columns, rows and sections run along: 1 x, 2 y, 3 z.
fn axes(words: &Words<'_>, warnings: &mut Vec<String>) -> Result<[usize; 3], Trouble> {
    let said = [words.int(64), words.int(68), words.int(72)];
    let mut sorted = said;
    sorted.sort_unstable();
    match (said, sorted) {
        ([0, 0, 0] | [1, 2, 3], _) => Ok([1, 2, 3]),
        (_, [1, 2, 3]) => {
            let names = said.map(|axis| ["x", "y", "z"][(axis - 1) as usize]).join(", ");
            warnings.push(format!("Columns, rows and sections run along {names}; the voxels are kept in the file's order."));
            Ok(said.map(|axis| axis as usize))
        }
        _ => Err(Trouble::new(format!("columns, rows and sections run along axes {said:?}"), "The header is damaged; save the file again")),
    }
}

/// A cell that is not rectangular, and volumes one behind the other.
fn tell_cell(words: &Words<'_>, shape: Shape, warnings: &mut Vec<String>) {
    let angles = [52, 56, 60].map(|at| words.float(at));
    if angles.iter().any(|&angle| angle != 0.0 && (angle - 90.0).abs() > 0.01) {
        warnings.push(format!("The axes of the cell stand at {}, {} and {} degrees to each other.", angles[0], angles[1], angles[2]));
    }
    let (group, sections) = (words.int(88), words.int(36));
    if (401..=630).contains(&group) && sections > 0 && shape[0] > sections as usize {
        warnings.push(format!("The file holds {} volumes of {sections} sections one behind the other.", shape[0] / sections as usize));
    }
}

/// Cell size over cell intervals, from ångström; along the file's own columns, rows and sections.
fn voxel_size(words: &Words<'_>, axes: [usize; 3], warnings: &mut Vec<String>) -> Option<[f64; 3]> {
    // Zeros are how programs say nothing.
    let along = |axis: usize| -> Option<f64> {
        let at = 4 * (axis - 1);
        let (cell, intervals) = (words.float(40 + at), words.int(28 + at));
        (cell != 0.0 && intervals != 0).then(|| round_float32(cell / f64::from(intervals) * 1e-4))
    };
    let size = believed_um([along(axes[2])?, along(axes[1])?, along(axes[0])?], warnings)?;
    if size.iter().all(|&axis| (axis - 1e-4).abs() < 1e-12) {
        warnings.push("The header says exactly 1 ångström, which programs write when nobody told them the size.".into());
        return None;
    }
    Some(size)
}

/// Where the file's axes point to in the cell, when that is not the plain case.
fn orientation(words: &Words<'_>, axes: [usize; 3]) -> Option<Orientation> {
    let origin = [196, 200, 204].map(|at| words.float(at));
    let plain = axes == [1, 2, 3] && origin.iter().all(|&part| part == 0.0 || !part.is_finite());
    if plain {
        return None;
    }
    let unit = |axis: usize| [1, 2, 3].map(|other| f64::from(u8::from(axis == other)));
    // The start indexes move the origin too, and programs do not agree how.
    let starts_at_zero = [16, 20, 24].iter().all(|&at| words.int(at) == 0);
    let origin = starts_at_zero.then(|| origin.map(|part| round_float32(part * 1e-4)));
    Orientation::new("x-y-z of the cell", [unit(axes[2]), unit(axes[1]), unit(axes[0])], origin)
}

/// The header holds 32-bit floats: more than seven digits of their quotient are noise.
fn round_float32(value: f64) -> f64 {
    format!("{value:.6e}").parse().unwrap_or(value)
}

pub(crate) fn open_packed(packed: &Packed) -> Result<Opened, Trouble> {
    let path = &packed.path;
    let head = packed.head(HEADER_BYTES as u64 + EXTENDED_READ_MAX)?;
    let mut map = parse(&head).map_err(|trouble| trouble.in_file(path))?;
    let extended = &head[HEADER_BYTES..head.len().min(HEADER_BYTES + map.extended_bytes as usize)];
    extended::read(&mut map, &head[..HEADER_BYTES], extended);
    let mut files = vec![file_name(path)];
    if let Some(sidecar) = mdoc::beside(path) {
        files.push(file_name(&sidecar));
        mdoc::read(&sidecar, &mut map)?;
    }
    let [depth, height, width] = map.shape;
    let (shape, element) = match map.voxels {
        Voxels::Plain(element) => (map.shape, element),
        Voxels::Narrow(narrow) => ([depth, height, narrow.row_words(width)], narrow.stored()),
    };
    let part = packed.part(HEADER_BYTES as u64 + map.extended_bytes, depth);
    let stored = Stored { shape, element, big_endian: map.big_endian, encoding: packed.encoding, parts: vec![part] };
    let Source { mut planes, bytes_in, mut scratch_bytes } = stored.open()?;
    if let Voxels::Narrow(narrow) = map.voxels {
        let widened = Widened::new(planes, narrow, map.shape);
        scratch_bytes += widened.scratch_bytes();
        planes = Box::new(widened);
    }
    let header = Header {
        format: packed.name_of("MRC"),
        shape: map.shape,
        element: map.voxels.element(),
        voxel_size_um: map.voxel_size_um,
        orientation: map.orientation,
        found: map.found,
        warnings: map.warnings,
        files,
    };
    Ok(Opened { header, planes, bytes_in, scratch_bytes })
}

fn head_facts(head: &[u8], _length: u64) -> Option<HeadFacts> {
    let map = parse(head).ok()?;
    Some(HeadFacts {
        format: "MRC".into(),
        width: Some(map.shape[2]),
        height: Some(map.shape[1]),
        depth: Some(map.shape[0]),
        element: Some(map.voxels.element()),
        voxel_size_um: map.voxel_size_um,
        found: map.found,
        warnings: map.warnings,
        asks: None,
    })
}

/// Whether two sizes are the same but for rounding.
fn near(left: f64, right: f64) -> bool {
    (left - right).abs() <= 0.01 * left.abs().max(right.abs())
}

/// Takes a pixel size that lies beside the main header: where that one says nothing, and with a word where they differ.
fn take_pixel_size(map: &mut Map, [y, x]: [f64; 2], from: &str) {
    if !plausible_um(x) || !plausible_um(y) {
        return;
    }
    match map.voxel_size_um {
        Some([_, main_y, main_x]) if near(main_x, x) && near(main_y, y) => {}
        Some(main) if from == MDOC => {
            map.warnings.push(format!("The header gives {} µm for a pixel, {from} {x} µm; the header is followed.", main[2]))
        }
        _ => {
            map.voxel_size_um = Some([x, y, x]);
            map.warnings.push(format!("The voxel size comes from {from}; its z is taken as its x."));
        }
    }
}

const MDOC: &str = "the .mdoc file";
const EXTENDED: &str = "the extended header";
