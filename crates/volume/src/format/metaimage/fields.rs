//! The lines of a MetaImage header.

use std::collections::HashMap;

use super::refuse;
use crate::format::{check_shape, companion, limit, samples};
use crate::header::{believed_um, clean_text, in_um, unit_um};
use crate::{ElementType, Found, Orientation, Shape, Trouble};

pub(super) enum Data {
    /// Behind the header, from this byte on.
    Local(u64),
    Files(Vec<String>),
}

pub(super) struct MetaImage {
    /// As many times as wide as there are values in a voxel.
    pub(super) shape: Shape,
    pub(super) values: usize,
    pub(super) element: ElementType,
    pub(super) big_endian: bool,
    pub(super) binary: bool,
    pub(super) compressed: bool,
    pub(super) data: Data,
    /// Volumes along the axes behind the third.
    pub(super) volumes: u64,
    /// Bytes before the voxels of each file; -1: the voxels are its last bytes.
    pub(super) header_bytes: i64,
    pub(super) voxel_size_um: Option<[f64; 3]>,
    pub(super) orientation: Option<Orientation>,
    pub(super) found: Found,
    pub(super) warnings: Vec<String>,
}

pub(super) fn recognises(head: &[u8]) -> bool {
    if head.starts_with(b"ObjectType") {
        return true;
    }
    let head = &head[..head.len().min(4_096)];
    let begins = |line: &[u8], key: &[u8]| line.strip_prefix(key).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"="));
    let first = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    (begins(first, b"NDims") || begins(first, b"Comment")) && head.windows(9).any(|window| window == b"\nDimSize ")
}

struct Fields(HashMap<String, String>);

impl Fields {
    fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.0.get(*name)).map(String::as_str)
    }

    fn is_true(&self, names: &[&str]) -> bool {
        self.first(names).is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
    }

    /// All numbers of the line; those that are none become NaN.
    fn numbers(&self, names: &[&str]) -> Option<Vec<f64>> {
        let text = self.first(names)?;
        Some(text.split_whitespace().take(64).map(|number| number.parse().unwrap_or(f64::NAN)).collect())
    }
}

pub(super) fn parse(head: &[u8]) -> Result<MetaImage, Trouble> {
    let (fields, file, rest, end) = read_lines(head)?;
    let kind = fields.first(&["ObjectType"]).unwrap_or("Image");
    if kind != "Image" {
        return Err(refuse(format!("it holds an object of type {kind} and no image")));
    }
    let values = fields.first(&["ElementNumberOfChannels"]).map_or(Some(1), |count| samples::count(count.parse().ok()?));
    let values = values.ok_or_else(|| refuse("it says how many values a voxel holds, and that cannot be true"))?;
    let element = element_of(fields.first(&["ElementType"]).unwrap_or_default())?;
    let sizes: Vec<u64> = fields.first(&["DimSize"]).unwrap_or_default().split_whitespace().map_while(|size| size.parse().ok()).collect();
    let axes: usize = fields.first(&["NDims"]).and_then(|axes| axes.parse().ok()).unwrap_or(sizes.len());
    if axes != sizes.len() || !(2..=10).contains(&axes) {
        return Err(refuse(format!("it names {axes} axes and gives {} sizes", sizes.len())));
    }
    let size = |axis: usize| sizes.get(axis).copied().unwrap_or(1);
    let mut shape = check_shape([size(2), size(1), size(0)], element.bytes() * values)?;
    shape[2] *= values;
    let volumes = sizes.iter().skip(3).try_fold(1u64, |product, &size| product.checked_mul(size));
    let volumes = volumes.filter(|&volumes| volumes > 0).ok_or_else(|| refuse("the sizes of its axes cannot be true"))?;
    let header_bytes = fields.first(&["HeaderSize"]).map_or(Ok(0), str::parse::<i64>);
    let header_bytes = header_bytes.ok().filter(|bytes| *bytes >= -1).ok_or_else(|| refuse("its HeaderSize is no such number"))?;
    let mut warnings = Vec::new();
    let unit = fields.first(&["DistanceUnits"]).and_then(unit_um).unwrap_or(1_000.0);
    Ok(MetaImage {
        shape,
        values,
        element,
        big_endian: fields.is_true(&["ElementByteOrderMSB", "BinaryDataByteOrderMSB"]),
        binary: fields.first(&["BinaryData"]).is_none() || fields.is_true(&["BinaryData"]),
        compressed: fields.is_true(&["CompressedData"]),
        data: data(&file, &rest, end)?,
        volumes,
        header_bytes,
        voxel_size_um: voxel_size(&fields, unit, &mut warnings),
        orientation: orientation(&fields, axes, unit),
        found: found(&fields, &mut warnings),
        warnings,
    })
}

/// The fields, what ElementDataFile says, the lines behind it, and where the bytes behind it begin.
fn read_lines(head: &[u8]) -> Result<(Fields, String, Vec<String>, u64), Trouble> {
    let mut fields = HashMap::new();
    let mut at = 0;
    while at < head.len() {
        let length = head[at..].iter().position(|&byte| byte == b'\n').map_or(head.len() - at, |end| end + 1);
        let line = String::from_utf8_lossy(&head[at..at + length]);
        at += length;
        let Some((key, value)) = line.split_once('=') else { continue };
        let (key, value) = (key.trim().to_string(), value.trim().to_string());
        if key == "ElementDataFile" {
            let is_list = value.starts_with("LIST");
            let rest = if is_list { String::from_utf8_lossy(&head[at..]).into_owned() } else { String::new() };
            let rest = rest.lines().map(|name| name.trim().to_string()).filter(|name| !name.is_empty());
            // One more than there may be, so that too many are still noticed.
            let rest = rest.take(limit::SLICES + 1).collect();
            return Ok((Fields(fields), value, rest, at as u64));
        }
        fields.insert(key, value);
    }
    Err(refuse("its header does not say where the voxels are (ElementDataFile)"))
}

fn data(file: &str, rest: &[String], end: u64) -> Result<Data, Trouble> {
    if file.eq_ignore_ascii_case("local") {
        return Ok(Data::Local(end));
    }
    if file.starts_with("LIST") {
        return Ok(Data::Files(rest.to_vec()));
    }
    let words: Vec<&str> = file.split_whitespace().collect();
    if let [pattern, first, last, step] = words[..]
        && pattern.contains('%')
    {
        let (Ok(first), Ok(last), Ok(step)) = (first.parse(), last.parse(), step.parse()) else {
            return Err(refuse("the numbers of its data files are none"));
        };
        let names = companion::numbered(pattern, first, last, step);
        return Ok(Data::Files(names.ok_or_else(|| refuse("the names of its data files cannot be counted"))?));
    }
    Ok(Data::Files(vec![file.to_string()]))
}

fn element_of(name: &str) -> Result<ElementType, Trouble> {
    let later = |name: &str| ElementType::from_name(name).ok_or_else(|| refuse(format!("its voxel type {name} is not read")));
    Ok(match name {
        "MET_UCHAR" => ElementType::U8,
        "MET_CHAR" => ElementType::I8,
        "MET_USHORT" => ElementType::U16,
        "MET_SHORT" => ElementType::I16,
        "MET_UINT" | "MET_ULONG" => ElementType::U32,
        "MET_INT" | "MET_LONG" => ElementType::I32,
        "MET_FLOAT" => ElementType::F32,
        "MET_DOUBLE" => ElementType::F64,
        "MET_LONG_LONG" => later("int64")?,
        "MET_ULONG_LONG" => later("uint64")?,
        other => return Err(refuse(format!("its voxel type “{other}” is not read"))),
    })
}

/// ITK writes 1 for every axis when nobody told it the size.
fn voxel_size(fields: &Fields, unit: f64, warnings: &mut Vec<String>) -> Option<[f64; 3]> {
    let mut sizes = fields.numbers(&["ElementSpacing", "ElementSize"])?;
    if sizes.len() == 2 {
        sizes.push(sizes[0]);
    }
    let [x, y, z] = sizes[..] else {
        return match sizes[..] {
            [x, y, z, ..] => checked([z, y, x], unit, warnings),
            _ => None,
        };
    };
    checked([z, y, x], unit, warnings)
}

fn checked(size: [f64; 3], unit: f64, warnings: &mut Vec<String>) -> Option<[f64; 3]> {
    if size == [1.0; 3] {
        warnings.push("The header says exactly 1 for every axis, which programs write when nobody told them the voxel size.".into());
        return None;
    }
    // 0.00026 mm are 0.26 µm and no 0.25999999999999995.
    let size = size.map(|size| in_um(size, unit)).map(|size| format!("{size:.12e}").parse().unwrap_or(size));
    believed_um(size, warnings)
}

/// Row by row the matrix gives where the axes x, y, z of the voxels point to, in the space of ITK.
fn orientation(fields: &Fields, axes: usize, unit: f64) -> Option<Orientation> {
    let matrix = fields.numbers(&["TransformMatrix", "Rotation", "Orientation"])?;
    if axes < 3 || matrix.len() != axes * axes {
        return None;
    }
    let row = |axis: usize| [matrix[axis * axes], matrix[axis * axes + 1], matrix[axis * axes + 2]];
    let origin = fields.numbers(&["Offset", "Position", "Origin"]);
    let origin =
        origin.and_then(|origin| Some([*origin.first()?, *origin.get(1)?, *origin.get(2)?])).map(|origin| origin.map(|part| part * unit));
    Orientation::new("left-posterior-superior", [row(2), row(1), row(0)], origin)
}

/// Names and identifiers are left alone: in medical files they may be those of a patient.
fn found(fields: &Fields, warnings: &mut Vec<String>) -> Found {
    let mut found = Found { description: fields.first(&["Comment"]).and_then(clean_text), ..Found::default() };
    for key in ["Modality", "AnatomicalOrientation"] {
        if let Some(value) = fields.first(&[key]).and_then(clean_text).filter(|value| !value.contains('?') && value != "MET_MOD_UNKNOWN") {
            found.other.insert(key.into(), value);
        }
    }
    let scale = |name: &str, without: f64| fields.numbers(&[name]).and_then(|numbers| numbers.first().copied()).unwrap_or(without);
    let slope = scale("ElementToIntensityFunctionSlope", 1.0);
    let intercept = scale("ElementToIntensityFunctionOffset", 0.0);
    if slope.is_finite() && intercept.is_finite() && (slope, intercept) != (1.0, 0.0) {
        found.other.insert("rescale slope".into(), slope.to_string());
        found.other.insert("rescale intercept".into(), intercept.to_string());
        warnings.push(format!("Voxels are kept as stored; the quantity they stand for is {slope} × value + {intercept}."));
    }
    found
}
