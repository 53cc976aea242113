//! AmiraMesh (.am) of Amira and Avizo: a header of text, then arrays that it numbers @1, @2, …; the lattice is the volume.
//!
//! Written after the file format chapter of the Amira user's guide and real files. Surfaces (.surf) are told apart and refused.

mod text;

use std::fs::File;
use std::path::Path;

use super::contiguous::read_at;
use super::stored::{Encoding, Part, Source, Stored};
use super::{Asked, Format, Opened, Role, check_shape, only, open_with_length};
use crate::element::byte_count;
use crate::header::{clean_text, told_um, unit_um};
use crate::trouble::file_name;
use crate::{About, Asks, ElementType, Found, HeadFacts, Header, Offer, Orientation, Shape, Trouble};
use text::{Array, Text};

pub(crate) static FORMAT: Format = Format {
    name: "AmiraMesh",
    endings: &[".am", ".amiramesh"],
    role: Role::Volume,
    recognises: |head| head.starts_with(b"# AmiraMesh") || head.starts_with(b"# Avizo") || is_surface(head),
    open: |paths, asked| open(only(&paths)?, asked),
    head_facts,
};

/// A header longer than this is not one; segmentations list many materials.
const HEADER_MAX: u64 = 4 << 20;
/// Between two arrays lie an empty line and a number.
const BETWEEN_MAX: usize = 64;

fn is_surface(head: &[u8]) -> bool {
    head.starts_with(b"# HyperSurface")
}

fn refuse(what: impl Into<String>) -> Trouble {
    Trouble::new(what, "Save the volume itself as AmiraMesh, TIFF or NRRD")
}

struct Amira {
    text: Text,
    shape: Shape,
    element: ElementType,
    /// Which of the arrays is the volume.
    chosen: usize,
    voxel_size_um: Option<[f64; 3]>,
    orientation: Option<Orientation>,
    found: Found,
    warnings: Vec<String>,
}

fn parse(head: &[u8], asked: &Asked) -> Result<Amira, Trouble> {
    if is_surface(head) {
        return Err(refuse("it is a surface (HyperSurface), no volume; it is kept and can be downloaded as it is"));
    }
    let text = Text::parse(head).ok_or_else(|| refuse("its header has no end"))?;
    let Some([x, y, z]) = text.lattice else {
        let names = text.definitions.join(", ");
        return Err(refuse(format!("it holds no lattice of voxels (it defines: {names})")));
    };
    let chosen = choose(&text.arrays, asked)?;
    let element = element_of(&text.arrays[chosen])?;
    let shape = check_shape([z, y, x], element.bytes())?;
    let mut warnings = Vec::new();
    let unit = text.string("Units", "Coordinates").and_then(unit_um);
    let voxel_size_um = voxel_size(&text, shape, unit, &mut warnings);
    let orientation = orientation(&text, unit);
    // A field of labels has bytes for its materials; what else lies on the lattice, such as their probabilities, is grey.
    let labels = (text.has_materials() && !element.is_float() && text.arrays[chosen].name.to_lowercase().contains("label"))
        .then(|| "materials of Amira".into());
    let found = Found { description: text.string("Parameters", "Content").and_then(clean_text), labels, ..Found::default() };
    Ok(Amira { text, shape, element, chosen, voxel_size_um, orientation, found, warnings })
}

/// The array on the lattice; with several, somebody must name one.
fn choose(arrays: &[Array], asked: &Asked) -> Result<usize, Trouble> {
    let on_lattice: Vec<usize> = (0..arrays.len()).filter(|&index| arrays[index].on == "Lattice").collect();
    let names: Vec<&str> = on_lattice.iter().map(|&index| arrays[index].name.as_str()).collect();
    match (asked.dataset.as_deref(), &on_lattice[..]) {
        (_, []) => Err(refuse("it defines a lattice, and no array lies on it")),
        (None, [one]) => Ok(*one),
        (Some(name), _) if names.contains(&name) => Ok(on_lattice[names.iter().position(|other| *other == name).unwrap_or(0)]),
        (asked, _) => {
            let what = match asked {
                Some(name) => format!("there is no array “{name}” on its lattice"),
                None => format!("{} arrays lie on its lattice", names.len()),
            };
            let offer = |&index: &usize| Offer {
                element: element_of(&arrays[index]).ok().map(|it| it.name().into()),
                ..Offer::named(&arrays[index].name)
            };
            let asks = Asks::one_of(About::Dataset, on_lattice.iter().map(offer), on_lattice.len());
            Err(Trouble::new(what, format!("Choose one of them with --dataset: {}", names.join(", "))).asking(asks))
        }
    }
}

fn element_of(array: &Array) -> Result<ElementType, Trouble> {
    let kind = array.kind.as_str();
    Ok(match kind {
        "byte" => ElementType::U8,
        "char" => ElementType::I8,
        "short" => ElementType::I16,
        "ushort" => ElementType::U16,
        "int" | "int32" => ElementType::I32,
        "uint" | "uint32" => ElementType::U32,
        "float" => ElementType::F32,
        "double" => ElementType::F64,
        _ if kind.contains('[') => return Err(refuse(format!("each of its voxels holds several values ({kind})"))),
        other => return Err(refuse(format!("its voxel type “{other}” is not read"))),
    })
}

/// The bounding box reaches from the centre of the first voxel to that of the last: one interval less than voxels.
fn voxel_size(text: &Text, shape: Shape, unit: Option<f64>, warnings: &mut Vec<String>) -> Option<[f64; 3]> {
    if text.string("Parameters", "CoordType").is_some_and(|kind| kind != "uniform") {
        warnings.push("Its slices do not lie at equal distances (CoordType is not uniform), so no voxel size is taken.".into());
        return None;
    }
    let box_ = text.numbers("Parameters", "BoundingBox").filter(|numbers| numbers.len() == 6)?;
    let along = |axis: usize, voxels: usize| (box_[2 * axis + 1] - box_[2 * axis]) / (voxels.max(2) - 1) as f64;
    let [z, y, x] = [along(2, shape[0]), along(1, shape[1]), along(0, shape[2])].map(round_seven);
    // A single slice has no distance to the next; it is taken as thick as it is wide.
    let z = if shape[0] == 1 && z == 0.0 { x } else { z };
    told_um([z, y, x], unit, warnings)
}

/// Amira keeps 32-bit floats: more than seven digits are noise.
fn round_seven(value: f64) -> f64 {
    format!("{value:.6e}").parse().unwrap_or(value)
}

/// Where the bounding box begins, turned by the matrix if the file has one (rows are where the axes point to).
fn orientation(text: &Text, unit: Option<f64>) -> Option<Orientation> {
    let box_ = text.numbers("Parameters", "BoundingBox").filter(|numbers| numbers.len() == 6)?;
    let identity = || (0..16).map(|at| f64::from(u8::from(at % 5 == 0))).collect();
    let matrix: Vec<f64> =
        text.numbers("Parameters", "TransformationMatrix").filter(|numbers| numbers.len() == 16).unwrap_or_else(identity);
    let row = |axis: usize| [matrix[4 * axis], matrix[4 * axis + 1], matrix[4 * axis + 2]];
    let at = |part: usize| (0..3).map(|axis| box_[2 * axis] * matrix[4 * axis + part]).sum::<f64>() + matrix[12 + part];
    let origin = unit.map(|unit| [at(0), at(1), at(2)].map(|part| part * unit));
    Orientation::new("x-y-z of the program's world", [row(2), row(1), row(0)], origin)
}

fn open(path: &Path, asked: &Asked) -> Result<Opened, Trouble> {
    let (file, length) = open_with_length(path)?;
    let mut head = vec![0; HEADER_MAX.min(length) as usize];
    read_at(&file, 0, &mut head).map_err(|error| Trouble::io("reading", path, &error))?;
    let amira = parse(&head, asked).map_err(|trouble| trouble.in_file(path))?;
    let at = begin(&file, &amira, length).map_err(|trouble| trouble.in_file(path))?;
    let array = &amira.text.arrays[amira.chosen];
    let part = Part { length: array.packed_bytes, ..Part::whole(path, at, amira.shape[0]) };
    let stored = Stored {
        shape: amira.shape,
        element: amira.element,
        big_endian: amira.text.big_endian,
        encoding: array.encoding.ok_or_else(|| refuse("its compression is not read").in_file(path))?,
        parts: vec![part],
    };
    let Source { planes, bytes_in, scratch_bytes } = stored.open()?;
    let header = Header {
        format: "AmiraMesh".into(),
        shape: amira.shape,
        element: amira.element,
        voxel_size_um: amira.voxel_size_um,
        orientation: amira.orientation,
        found: amira.found,
        warnings: amira.warnings,
        files: vec![file_name(path)],
    };
    Ok(Opened { header, planes, bytes_in, scratch_bytes })
}

/// Where the bytes of the chosen array begin: arrays follow each other, each behind its number.
fn begin(file: &File, amira: &Amira, length: u64) -> Result<u64, Trouble> {
    let mut order: Vec<&Array> = amira.text.arrays.iter().collect();
    order.sort_by_key(|array| array.number);
    let chosen = &amira.text.arrays[amira.chosen];
    let mut at = amira.text.ends_at;
    for array in order {
        let mut between = vec![0; BETWEEN_MAX.min(length.saturating_sub(at) as usize)];
        read_at(file, at, &mut between).map_err(|error| refuse(format!("reading its arrays failed ({error})")))?;
        let number = format!("@{}", array.number);
        let behind = between.windows(number.len()).position(|window| window == number.as_bytes()).map(|found| found + number.len());
        let line = behind.and_then(|from| between[from..].iter().position(|&byte| byte == b'\n').map(|end| from + end + 1));
        let line = line.ok_or_else(|| refuse(format!("its array {number} is not where it should be")))?;
        at += line as u64;
        if array.number == chosen.number {
            return Ok(at);
        }
        let bytes = match (array.packed_bytes, array.encoding) {
            (Some(bytes), _) => Some(bytes),
            (None, Some(Encoding::Raw)) if array.on == "Lattice" => element_of(array).ok().and_then(|kind| byte_count(amira.shape, kind)),
            _ => None,
        };
        let next = bytes.and_then(|bytes| at.checked_add(bytes)).filter(|&next| next < length);
        at = next.ok_or_else(|| refuse(format!("the length of its array {number} is not known, and it lies before the volume")))?;
    }
    Err(refuse("its volume is not in the file"))
}

fn head_facts(head: &[u8], _length: u64) -> Option<HeadFacts> {
    if is_surface(head) {
        return Some(HeadFacts { format: "Amira surface".into(), ..HeadFacts::default() });
    }
    let amira = parse(head, &Asked::default()).ok()?;
    Some(HeadFacts {
        format: "AmiraMesh".into(),
        width: Some(amira.shape[2]),
        height: Some(amira.shape[1]),
        depth: Some(amira.shape[0]),
        element: Some(amira.element),
        voxel_size_um: amira.voxel_size_um,
        found: amira.found,
        warnings: amira.warnings,
        asks: None,
    })
}
