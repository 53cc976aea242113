//! Descriptions of raw files that no single vendor owns: JSON in several spellings, `.info` of PyHST, `.dat`.

use serde_json::Value;

use super::ini::{Ini, size};
use super::{RawTold, Told, element_named};
use crate::ElementType;
use crate::header::unit_um;

/// A list of three numbers as z, y, x: a name that ends in `zyx` or `xyz` says its order, `shape` is that of NumPy.
fn three(object: &serde_json::Map<String, Value>, names: &[&str], bare_is_zyx: bool) -> Option<([f64; 3], String)> {
    for (key, value) in object {
        let key = key.to_lowercase();
        let Some(name) = names.iter().find(|name| key.starts_with(**name)) else { continue };
        let rest = &key[name.len()..];
        let numbers: Vec<f64> = match value {
            Value::Array(list) => list.iter().filter_map(Value::as_f64).collect(),
            Value::Number(number) => vec![number.as_f64()?; 3],
            _ => continue,
        };
        let [a, b, c] = numbers[..] else { continue };
        let ordered = if rest.contains("xyz") {
            [c, b, a]
        } else if rest.contains("zyx") || bare_is_zyx || (a == b && b == c) {
            [a, b, c]
        } else {
            // Which axis comes first is not said.
            continue;
        };
        return Some((ordered, rest.to_owned()));
    }
    None
}

pub(super) fn parse_json(text: &str) -> Option<Told> {
    let document: Value = serde_json::from_str(text).ok()?;
    let object = document.as_object()?;
    let text_of =
        |names: &[&str]| object.iter().find(|(key, _)| names.contains(&key.to_lowercase().as_str())).and_then(|(_, value)| value.as_str());
    let number_of =
        |names: &[&str]| object.iter().find(|(key, _)| names.contains(&key.to_lowercase().as_str())).and_then(|(_, value)| value.as_f64());
    let by_axis = |names: [&[&str]; 3]| -> Option<[f64; 3]> { Some([number_of(names[0])?, number_of(names[1])?, number_of(names[2])?]) };
    let shape = three(object, &["shape"], true)
        .or_else(|| three(object, &["dimensions", "dims", "dim", "size"], false))
        .map(|(shape, _)| shape)
        .or_else(|| by_axis([&["depth", "nz", "z"], &["height", "ny", "y"], &["width", "nx", "x"]]))
        .and_then(|[z, y, x]| Some([size(z)?, size(y)?, size(x)?]));
    let kind = text_of(&["dtype", "type", "data_type", "datatype", "element_type", "element", "pixel_type", "voxel_type"]);
    let order = text_of(&["endian", "endianness", "byte_order", "byteorder"]).unwrap_or_default().to_lowercase();
    let spacing = three(object, &["voxel_size", "voxelsize", "spacing", "resolution", "pixel_size", "pixelsize"], false);
    let voxel_size_um = spacing.and_then(|(sizes, rest)| {
        let in_name = rest.split('_').find_map(|part| Some(part).filter(|part| matches!(*part, "um" | "mm" | "nm")).and_then(unit_um));
        let unit = in_name.or_else(|| text_of(&["unit", "units", "spacing_unit", "voxel_size_unit", "voxel_unit"]).and_then(unit_um))?;
        Some(sizes.map(|size| crate::header::in_um(size, unit)))
    });
    let warning = voxel_size_um.is_none().then(|| without_order(object)).flatten();
    if shape.is_none() && voxel_size_um.is_none() && warning.is_none() {
        return None;
    }
    let raw = shape.map(|shape| RawTold {
        shape: Some(shape),
        element: kind.and_then(element_named),
        big_endian: order.starts_with("big") || order == "be" || order == ">" || kind.is_some_and(|kind| kind.starts_with('>')),
        offset: number_of(&["offset", "header_bytes", "header_size", "header", "skip"]).filter(|&skip| skip >= 0.0).unwrap_or(0.0) as u64,
        data_file: text_of(&["file", "filename", "data_file", "datafile", "raw"]).map(str::to_owned),
    });
    Some(Told { voxel_size_um, raw, warning, ..Told::default() })
}

/// Three different sizes of a voxel whose name does not say which axis comes first.
fn without_order(object: &serde_json::Map<String, Value>) -> Option<String> {
    let is_size = |key: &str| ["voxel_size", "voxelsize", "spacing"].iter().any(|name| key.starts_with(name));
    let (key, value) = object.iter().find(|(key, value)| {
        let key = key.to_lowercase();
        is_size(&key) && !key.contains("xyz") && !key.contains("zyx") && value.as_array().is_some_and(|list| list.len() == 3)
    })?;
    let (key, value) = (crate::header::clean_text(key)?, crate::header::clean_text(&value.to_string())?);
    Some(format!("says {value} as “{key}”, but not which axis comes first; call it {key}_zyx or {key}_xyz."))
}

/// `NUM_X`, `NUM_Y`, `NUM_Z`, `voxelSize` (micrometres), `BYTEORDER`: float32 slices one after the other.
pub(super) fn parse_info(text: &str) -> Option<Told> {
    let ini = Ini::parse(text);
    let axis = |short: &str, long: &str| ini.size(&[], short).or_else(|| ini.size(&[], long));
    let shape = [axis("num_z", "numz")?, axis("num_y", "numy")?, axis("num_x", "numx")?];
    let raw = RawTold {
        shape: Some(shape),
        element: Some(ElementType::F32),
        big_endian: ini.text(&[], "byteorder").is_some_and(|order| order.eq_ignore_ascii_case("highbytefirst")),
        ..RawTold::default()
    };
    let voxel_size_um = ini.number(&[], "voxelsize").filter(|&size| size > 0.0).map(|size| [size; 3]);
    Some(Told { voxel_size_um, raw: Some(raw), ..Told::default() })
}

/// `ObjectFileName`, `Resolution` (voxels along x, y, z), `Format`; distances have no unit and are left out.
pub(super) fn parse_dat(text: &str) -> Option<Told> {
    let field = |name: &str| {
        text.lines()
            .take(100)
            .find_map(|line| line.split_once(':').filter(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()))
    };
    let sizes: Vec<usize> = field("Resolution")?.split_whitespace().filter_map(|number| size(number.parse().ok()?)).collect();
    let [x, y, z] = sizes[..] else { return None };
    let raw = RawTold {
        shape: Some([z, y, x]),
        element: field("Format").and_then(element_named),
        data_file: field("ObjectFileName").map(str::to_owned),
        ..RawTold::default()
    };
    Some(Told { raw: Some(raw), ..Told::default() })
}
