//! `.vgi` of Volume Graphics: the description of a `.vol` beside it.

use super::ini::{Ini, size};
use super::{RawTold, Told};
use crate::header::unit_um;
use crate::{ElementType, Found};

pub(super) fn parse(text: &str) -> Option<Told> {
    let ini = Ini::parse(text);
    let (file, whole) = (&["file1"][..], &["representation"][..]);
    let sizes = Some(ini.numbers(file, "size")).filter(|sizes| sizes.len() == 3).unwrap_or_else(|| ini.numbers(whole, "size"));
    let [x, y, z] = sizes[..] else { return None };
    let bits = ini.number(file, "bitsperelement").or_else(|| ini.number(whole, "bitsperelement"));
    let kind = ini.text(file, "datatype").or_else(|| ini.text(whole, "datatype")).unwrap_or_default().to_lowercase();
    let word = match kind.as_str() {
        "float" => "float",
        kind if kind.contains("unsigned") => "uint",
        "signed integer" | "integer" | "int" => "int",
        _ => "",
    };
    let raw = RawTold {
        shape: Some([size(z)?, size(y)?, size(x)?]),
        element: bits.and_then(|bits| ElementType::from_name(&format!("{word}{bits}"))),
        offset: ini.number(file, "skipheader").filter(|&skip| skip >= 0.0).unwrap_or(0.0) as u64,
        data_file: ini.text(file, "name").map(|path| path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()),
        big_endian: ini
            .text(file, "byteorder")
            .or_else(|| ini.text(file, "endian"))
            .is_some_and(|order| order.to_lowercase().contains("big")),
    };
    let unit = ini.text(&["geometry"], "unit").and_then(unit_um);
    let voxel_size_um = match (&ini.numbers(&["geometry"], "resolution")[..], unit) {
        ([x, y, z], Some(unit)) => Some([z * unit, y * unit, x * unit]),
        _ => None,
    };
    let found = Found { software: Some("VGStudio".into()), ..Found::default() };
    Some(Told { voxel_size_um, raw: Some(raw), found, ..Told::default() })
}
