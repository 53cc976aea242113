//! NRRD: lines of text, an empty line, then the voxels, raw or gzipped.

use std::collections::HashMap;
use std::path::PathBuf;

use super::contiguous::{Contiguous, Gzip, check_length, read_at};
use super::{Asked, Format, Opened, Planes, Role, check_shape, limit, only, open_with_length};
use crate::element::byte_count;
use crate::header::{clean_text, in_um, plausible_um, unit_um};
use crate::trouble::file_name;
use crate::{ElementType, Found, HeadFacts, Header, Shape, Trouble};

pub(crate) static FORMAT: Format =
    Format { name: "NRRD", endings: &[".nrrd"], role: Role::Volume, recognises: |head| head.starts_with(b"NRRD"), open, head_facts };

/// A header longer than this is not one.
const HEADER_MAX: usize = 1 << 18;

struct Nrrd {
    shape: Shape,
    element: ElementType,
    big_endian: bool,
    gzip: bool,
    data_at: u64,
    voxel_size_um: Option<[f64; 3]>,
    found: Found,
    warnings: Vec<String>,
}

fn refuse(what: impl Into<String>) -> Trouble {
    Trouble::new(what, "Save it as one attached NRRD file with three axes, encoding raw or gzip")
}

fn parse(head: &[u8]) -> Result<Nrrd, Trouble> {
    let (text, data_at) = header_text(head)?;
    let mut fields = HashMap::new();
    let mut found = Found::default();
    for line in text.lines().skip(1).filter(|line| !line.starts_with('#')) {
        if let Some((key, value)) = line.split_once(":=") {
            if let (Some(key), Some(value)) = (clean_text(key), clean_text(value)) {
                found.other.insert(key, value);
            }
        } else if let Some((key, value)) = line.split_once(": ") {
            fields.insert(key.trim().to_ascii_lowercase(), value.trim().to_string());
        }
    }
    let field = |name: &str| fields.get(name).map(String::as_str);
    if field("data file").or(field("datafile")).is_some() {
        return Err(refuse("its voxels lie in another file (detached header)"));
    }
    let element = element_of(field("type").unwrap_or_default())?;
    let sizes: Vec<u64> = field("sizes").unwrap_or_default().split_whitespace().map_while(|size| size.parse().ok()).collect();
    let [x, y, z] = sizes[..] else {
        return Err(refuse(format!("it has {} axes instead of three", sizes.len())));
    };
    let gzip = match field("encoding").unwrap_or("raw") {
        "raw" => false,
        "gzip" | "gz" => true,
        other => return Err(refuse(format!("its encoding “{other}” is not read"))),
    };
    if ["line skip", "lineskip", "byte skip", "byteskip"].iter().any(|name| field(name).is_some_and(|skip| skip != "0")) {
        return Err(refuse("it skips bytes before its voxels"));
    }
    found.description = field("content").and_then(clean_text);
    let mut warnings = Vec::new();
    let voxel_size_um = voxel_size(&fields, &mut warnings);
    let shape = check_shape([z, y, x], element.bytes())?;
    let big_endian = field("endian") == Some("big");
    Ok(Nrrd { shape, element, big_endian, gzip, data_at, voxel_size_um, found, warnings })
}

/// The text before the first empty line, and where the data begin.
fn header_text(head: &[u8]) -> Result<(String, u64), Trouble> {
    let head = &head[..head.len().min(HEADER_MAX)];
    for (end, blank) in [(b"\n\n".as_slice(), 2), (b"\r\n\r\n".as_slice(), 4)] {
        if let Some(at) = head.windows(end.len()).position(|window| window == end) {
            return Ok((String::from_utf8_lossy(&head[..at]).into_owned(), (at + blank) as u64));
        }
    }
    Err(refuse("its header has no end"))
}

fn element_of(name: &str) -> Result<ElementType, Trouble> {
    Ok(match name {
        "uchar" | "unsigned char" | "uint8" | "uint8_t" => ElementType::U8,
        "signed char" | "int8" | "int8_t" => ElementType::I8,
        "ushort" | "unsigned short" | "unsigned short int" | "uint16" | "uint16_t" => ElementType::U16,
        "short" | "short int" | "signed short" | "signed short int" | "int16" | "int16_t" => ElementType::I16,
        "uint" | "unsigned int" | "uint32" | "uint32_t" => ElementType::U32,
        "int" | "signed int" | "int32" | "int32_t" => ElementType::I32,
        "ulonglong" | "unsigned long long" | "unsigned long long int" | "uint64" | "uint64_t" => ElementType::U64,
        "longlong" | "long long" | "long long int" | "signed long long" | "signed long long int" | "int64" | "int64_t" => ElementType::I64,
        "float" => ElementType::F32,
        "double" => ElementType::F64,
        other => return Err(refuse(format!("its voxel type “{other}” is not read"))),
    })
}

/// Lengths of the three direction vectors or the spacings; without a unit, spaces named after the body mean millimetres.
fn voxel_size(fields: &HashMap<String, String>, warnings: &mut Vec<String>) -> Option<[f64; 3]> {
    let numbers = |text: &str| -> Vec<f64> {
        text.split(|sign: char| sign == ',' || sign.is_whitespace()).map_while(|number| number.trim().parse().ok()).collect()
    };
    let sizes: Vec<f64> = if let Some(directions) = fields.get("space directions") {
        directions
            .split('(')
            .skip(1)
            .map(|vector| {
                let vector = numbers(vector.split(')').next().unwrap_or_default());
                round_twelve(vector.iter().map(|part| part * part).sum::<f64>().sqrt())
            })
            .collect()
    } else {
        numbers(fields.get("spacings")?).iter().map(|size| size.abs()).collect()
    };
    let [x, y, z] = sizes[..] else { return None };
    let anatomical = fields.get("space").is_some_and(|space| space.contains('-') || space.len() <= 4);
    let unit = fields
        .get("space units")
        .or(fields.get("units"))
        .and_then(|units| unit_um(units.split('"').find(|unit| !unit.trim().is_empty()).unwrap_or_default()));
    let Some(unit) = unit.or(anatomical.then_some(1_000.0)) else {
        warnings.push(format!("The file says {z} × {y} × {x} for a voxel (z, y, x) but not in which unit."));
        return None;
    };
    let size = [z, y, x].map(|size| in_um(size, unit));
    size.iter().all(|&axis| plausible_um(axis)).then_some(size)
}

/// The root of a square of a decimal number ends in noise; twelve digits are what the file meant.
fn round_twelve(value: f64) -> f64 {
    format!("{value:.12e}").parse().unwrap_or(value)
}

fn open(paths: Vec<PathBuf>, _asked: &Asked) -> Result<Opened, Trouble> {
    let path = only(&paths)?;
    let (file, length) = open_with_length(path)?;
    let mut head = vec![0; HEADER_MAX.min(length as usize)];
    read_at(&file, 0, &mut head).map_err(|error| Trouble::io("reading", path, &error))?;
    let nrrd = parse(&head).map_err(|trouble| trouble.in_file(path))?;
    let voxels = byte_count(nrrd.shape, nrrd.element);
    let plane_bytes = nrrd.shape[1] * nrrd.shape[2] * nrrd.element.bytes();
    let planes: Box<dyn Planes> = if nrrd.gzip {
        if voxels.is_none_or(|bytes| bytes / limit::DEFLATE_RATIO > length) {
            return Err(Trouble::new("it promises more voxels than so small a file can hold", "Upload it again").in_file(path));
        }
        Box::new(Gzip::open(path, nrrd.data_at, 0, plane_bytes, nrrd.element, nrrd.big_endian)?)
    } else {
        check_length(path, length, nrrd.data_at, voxels)?;
        Box::new(Contiguous {
            path: path.into(),
            file,
            offset: nrrd.data_at,
            plane_bytes,
            element: nrrd.element,
            big_endian: nrrd.big_endian,
        })
    };
    let header = Header {
        format: "NRRD".into(),
        shape: nrrd.shape,
        element: nrrd.element,
        voxel_size_um: nrrd.voxel_size_um,
        orientation: None,
        found: nrrd.found,
        warnings: nrrd.warnings,
        files: vec![file_name(path)],
    };
    Ok(Opened { header, planes, bytes_in: length, scratch_bytes: 1 << 20 })
}

fn head_facts(head: &[u8], _length: u64) -> Option<HeadFacts> {
    let nrrd = parse(head).ok()?;
    Some(HeadFacts {
        format: "NRRD".into(),
        width: Some(nrrd.shape[2]),
        height: Some(nrrd.shape[1]),
        depth: Some(nrrd.shape[0]),
        element: Some(nrrd.element),
        voxel_size_um: nrrd.voxel_size_um,
        found: nrrd.found,
        warnings: nrrd.warnings,
    })
}
