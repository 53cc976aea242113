//! MRC and CCP4 maps: a header of 1024 bytes, perhaps an extended one, then the voxels.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::contiguous::{Contiguous, Gzip, check_length, read_at};
use super::{Asked, Format, Opened, Planes, Role, check_shape, limit, only, open_with_length};
use crate::element::byte_count;
use crate::header::{clean_text, plausible_um};
use crate::trouble::file_name;
use crate::{ElementType, Found, HeadFacts, Header, Shape, Trouble};

pub(crate) static FORMAT: Format = Format {
    name: "MRC",
    endings: &[".mrc", ".map", ".rec", ".st", ".ccp4"],
    role: Role::Volume,
    recognises: |head| matches!(head.get(208..212), Some(b"MAP " | b"MAP\0")),
    open,
    head_facts,
};

const HEADER_BYTES: usize = 1024;
/// Longest extended header that is believed.
const EXTENDED_MAX: u64 = 1 << 30;
/// Where the FEI extended headers keep the pixel size in metres.
const FEI_PIXEL_SIZE_AT: usize = 156;

struct Map {
    shape: Shape,
    element: ElementType,
    big_endian: bool,
    extended_bytes: u64,
    extended_kind: [u8; 4],
    voxel_size_um: Option<[f64; 3]>,
    found: Found,
    warnings: Vec<String>,
}

/// Reads 4-byte words of the header in its own byte order.
struct Words<'a> {
    head: &'a [u8],
    big_endian: bool,
}

impl Words<'_> {
    fn raw(&self, at: usize) -> [u8; 4] {
        // Every caller stays inside the 1024 bytes that were checked before.
        let mut word = [0; 4];
        word.copy_from_slice(&self.head[at..at + 4]);
        if self.big_endian {
            word.reverse();
        }
        word
    }

    fn int(&self, at: usize) -> i32 {
        i32::from_le_bytes(self.raw(at))
    }

    fn float(&self, at: usize) -> f64 {
        f64::from(f32::from_le_bytes(self.raw(at)))
    }
}

fn parse(head: &[u8]) -> Result<Map, Trouble> {
    if head.len() < HEADER_BYTES {
        return Err(Trouble::new("the MRC header is cut off", "Upload the file again"));
    }
    let big_endian = head[212] == 0x11 || (head[212] != 0x44 && head[12..15] == [0, 0, 0]);
    let words = Words { head, big_endian };
    let element = element_of(&words)?;
    let sizes = [words.int(8), words.int(4), words.int(0)];
    if sizes.iter().any(|&size| size < 0) {
        return Err(Trouble::new("the MRC header claims a negative size", "The header is damaged; save the file again"));
    }
    let shape = check_shape(sizes.map(|size| size as u64), element.bytes())?;
    let extended = words.int(92);
    if extended < 0 || extended as u64 > EXTENDED_MAX {
        return Err(Trouble::new(
            format!("the MRC header claims an extended header of {extended} bytes"),
            "The header is damaged; save the file again",
        ));
    }
    let mut warnings = Vec::new();
    let axes = [words.int(64), words.int(68), words.int(72)];
    if axes != [1, 2, 3] && axes != [0, 0, 0] {
        warnings.push(format!("Columns, rows and sections run along axes {axes:?}; they are kept in the file's order."));
    }
    let mut found = Found::default();
    let labels: Vec<String> = (0..words.int(220).clamp(0, 10) as usize)
        .filter_map(|label| clean_text(&String::from_utf8_lossy(&head[224 + 80 * label..304 + 80 * label])))
        .collect();
    found.description = clean_text(&labels.join("; "));
    Ok(Map {
        shape,
        element,
        big_endian,
        extended_bytes: extended as u64,
        extended_kind: [head[104], head[105], head[106], head[107]],
        voxel_size_um: voxel_size(&words, axes, &mut warnings),
        found,
        warnings,
    })
}

fn element_of(words: &Words<'_>) -> Result<ElementType, Trouble> {
    // IMOD marks its files and says in one bit whether bytes are signed; without the mark they are.
    let imod_unsigned = words.int(152) == 1_146_047_817 && words.int(156) & 1 == 0;
    match words.int(12) {
        0 if imod_unsigned => Ok(ElementType::U8),
        0 => Ok(ElementType::I8),
        1 => Ok(ElementType::I16),
        2 => Ok(ElementType::F32),
        6 => Ok(ElementType::U16),
        3 | 4 => Err(Trouble::new("its voxels are complex numbers", "Save the amplitude or the phase as a map")),
        mode => Err(Trouble::new(format!("its voxel type (MRC mode {mode}) is not read"), "Save it as mode 0, 1, 2 or 6")),
    }
}

/// Cell size over cell intervals, from ångström; along the file's own columns, rows and sections.
fn voxel_size(words: &Words<'_>, axes: [i32; 3], warnings: &mut Vec<String>) -> Option<[f64; 3]> {
    let along = |axis: i32| -> Option<f64> {
        let at = 4 * usize::try_from(axis.checked_sub(1)?).ok().filter(|&axis| axis < 3)?;
        let size = words.float(40 + at) / f64::from(words.int(28 + at)) * 1e-4;
        plausible_um(size).then(|| round_float32(size))
    };
    let axes = if axes == [0, 0, 0] { [1, 2, 3] } else { axes };
    let size = [along(axes[2])?, along(axes[1])?, along(axes[0])?];
    if size.iter().all(|&axis| (axis - 1e-4).abs() < 1e-12) {
        warnings.push("The header says exactly 1 ångström, which programs write when nobody told them the size.".into());
        return None;
    }
    Some(size)
}

/// The header holds 32-bit floats: more than seven digits of their quotient are noise.
fn round_float32(value: f64) -> f64 {
    format!("{value:.6e}").parse().unwrap_or(value)
}

/// FEI microscopes leave a placeholder in the main header and the truth in the extended one.
fn extended_voxel_size(map: &mut Map, extended: &[u8]) {
    if !matches!(&map.extended_kind, b"FEI1" | b"FEI2") {
        return;
    }
    let Some(bytes) = extended.get(FEI_PIXEL_SIZE_AT..FEI_PIXEL_SIZE_AT + 16) else { return };
    let float = |at: usize| {
        let mut word = [0; 8];
        word.copy_from_slice(&bytes[at..at + 8]);
        if map.big_endian { f64::from_be_bytes(word) } else { f64::from_le_bytes(word) }
    };
    let (x, y) = (float(0) * 1e6, float(8) * 1e6);
    if plausible_um(x) && plausible_um(y) {
        map.voxel_size_um = Some([x, y, x]);
        map.warnings.push("The voxel size comes from the extended header; its z is taken as its x.".into());
    }
}

fn header_of(path: &Path, map: &Map, format: &str) -> Header {
    Header {
        format: format.into(),
        shape: map.shape,
        element: map.element,
        voxel_size_um: map.voxel_size_um,
        orientation: None,
        found: map.found.clone(),
        warnings: map.warnings.clone(),
        files: vec![file_name(path)],
    }
}

fn open(paths: Vec<PathBuf>, _asked: &Asked) -> Result<Opened, Trouble> {
    let path = only(&paths)?;
    let (file, length) = open_with_length(path)?;
    let mut head = vec![0; HEADER_BYTES.min(length as usize)];
    read_at(&file, 0, &mut head).map_err(|error| Trouble::io("reading", path, &error))?;
    let mut map = parse(&head).map_err(|trouble| trouble.in_file(path))?;
    let offset = HEADER_BYTES as u64 + map.extended_bytes;
    check_length(path, length, offset, byte_count(map.shape, map.element))?;
    let mut extended = vec![0; map.extended_bytes.min(1_024) as usize];
    read_at(&file, HEADER_BYTES as u64, &mut extended).map_err(|error| Trouble::io("reading", path, &error))?;
    extended_voxel_size(&mut map, &extended);
    let planes = Contiguous {
        path: path.into(),
        file,
        offset,
        plane_bytes: map.shape[1] * map.shape[2] * map.element.bytes(),
        element: map.element,
        big_endian: map.big_endian,
    };
    Ok(Opened { header: header_of(path, &map, "MRC"), planes: Box::new(planes), bytes_in: length, scratch_bytes: 0 })
}

pub(crate) fn open_gzip(path: &Path, file: File, length: u64) -> Result<Opened, Trouble> {
    let mut head = Vec::new();
    let expanding = flate2::read::MultiGzDecoder::new(&file).take(4_096).read_to_end(&mut head);
    if !(FORMAT.recognises)(&head) {
        let what = match expanding {
            Err(error) => format!("expanding gzip failed ({error})"),
            Ok(_) => "what is inside this gzip file is not a volume we know".into(),
        };
        return Err(Trouble::new(what, "Expand it before the upload, or save it as TIFF").in_file(path));
    }
    let mut map = parse(&head).map_err(|trouble| trouble.in_file(path))?;
    extended_voxel_size(&mut map, &head[HEADER_BYTES..]);
    let voxels = byte_count(map.shape, map.element);
    if voxels.is_none_or(|bytes| bytes / limit::DEFLATE_RATIO > length) {
        return Err(Trouble::new(
            "the header promises more voxels than so small a file can hold",
            "The file was cut off or is damaged; upload it again",
        )
        .in_file(path));
    }
    let plane_bytes = map.shape[1] * map.shape[2] * map.element.bytes();
    let skip = HEADER_BYTES as u64 + map.extended_bytes;
    let planes: Box<dyn Planes> = Box::new(Gzip::open(path, 0, skip, plane_bytes, map.element, map.big_endian)?);
    Ok(Opened { header: header_of(path, &map, "MRC (gzip)"), planes, bytes_in: length, scratch_bytes: 1 << 20 })
}

fn head_facts(head: &[u8], _length: u64) -> Option<HeadFacts> {
    let map = parse(head).ok()?;
    Some(HeadFacts {
        format: "MRC".into(),
        width: Some(map.shape[2]),
        height: Some(map.shape[1]),
        depth: Some(map.shape[0]),
        element: Some(map.element),
        voxel_size_um: map.voxel_size_um,
        found: map.found,
        warnings: map.warnings,
    })
}
