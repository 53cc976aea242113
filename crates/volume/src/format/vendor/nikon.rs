//! `.xtekct` of Nikon (X-Tek, Metris) scanners: settings of scan and reconstruction; lengths are millimetres.

use super::ini::Ini;
use super::{RawTold, Told};
use crate::Found;

pub(super) fn parse(text: &str) -> Option<Told> {
    let ini = Ini::parse(text);
    if !ini.has_section("xtekct") && ini.number(&[], "voxelsx").is_none() {
        return None;
    }
    let size = |axis: &str| ini.number(&[], &format!("voxelsize{axis}")).map(|size| size * 1_000.0);
    let voxels = |axis: &str| ini.size(&[], &format!("voxels{axis}"));
    let mut found = Found { instrument: Some("Nikon X-Tek".into()), sample: ini.words(&["xtekct"], "name"), ..Found::default() };
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            found.other.insert(name.into(), value);
        }
    };
    let plain = |key: &str| ini.number(&[], key).map(|number| number.to_string());
    add("source_voltage_kv", plain("xraykv"));
    add("source_current_ua", plain("xrayua"));
    add("projections", plain("projections"));
    add("source_sample_distance_mm", plain("srctoobject"));
    add("source_detector_distance_mm", plain("srctodetector"));
    let material = ini.words(&["ctpro"], "filter_material");
    let thickness = ini.number(&["ctpro"], "filter_thicknessmm");
    add("filter", material.map(|material| thickness.map_or(material.clone(), |mm| format!("{material} {mm} mm"))));
    let shape = match (voxels("z"), voxels("y"), voxels("x")) {
        (Some(z), Some(y), Some(x)) => Some([z, y, x]),
        _ => None,
    };
    let voxel_size_um = match (size("z"), size("y"), size("x")) {
        (Some(z), Some(y), Some(x)) => Some([z, y, x]),
        _ => None,
    };
    Some(Told { voxel_size_um, raw: shape.map(|shape| RawTold { shape: Some(shape), ..RawTold::default() }), found, ..Told::default() })
}
