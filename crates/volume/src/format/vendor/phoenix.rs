//! `.pcr` (reconstruction) and `.pca` (acquisition) of phoenix|x-ray scanners; lengths are millimetres.

use super::ini::Ini;
use super::{RawTold, Told};
use crate::{ElementType, Found};

pub(super) fn parse(text: &str) -> Option<Told> {
    let ini = Ini::parse(text);
    let volume = &["volumedata"][..];
    if !ini.has_section("volumedata") && !ini.has_section("geometry") {
        return None;
    }
    let mut found = Found::default();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            found.other.insert(name.into(), value);
        }
    };
    let plain = |sections: &[&str], key: &str| ini.number(sections, key).map(|number| number.to_string());
    add("source_voltage_kv", plain(&["xray"], "voltage"));
    add("source_current_ua", plain(&["xray"], "current"));
    add("filter", ini.words(&["xray"], "filter").or_else(|| ini.words(&["xray"], "xrayfilter")));
    add("projections", plain(&["ct", "acquisition"], "numberimages"));
    add("exposure_s", ini.number(&["detector"], "timingval").map(|exposure| (exposure / 1_000.0).to_string()));
    add("detector", ini.words(&["detector"], "name").or_else(|| ini.words(&["detector"], "sensor")));
    add("source_detector_distance_mm", plain(&["geometry"], "fdd"));
    add("source_sample_distance_mm", plain(&["geometry"], "fod"));
    found.instrument =
        ini.words(&["general"], "systemname").or_else(|| ini.words(&["xray"], "name").map(|tube| format!("phoenix|x-ray {tube}")));
    let size = |key: &str| ini.size(volume, key);
    let raw = match (size("volume_sizez"), size("volume_sizey"), size("volume_sizex")) {
        (Some(z), Some(y), Some(x)) => Some(RawTold {
            shape: Some([z, y, x]),
            element: match ini.number(volume, "format") {
                Some(5.0) => Some(ElementType::U16),
                Some(10.0) => Some(ElementType::F32),
                _ => None,
            },
            data_file: ini.text(volume, "vol_file").map(|path| path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()),
            ..RawTold::default()
        }),
        _ => None,
    };
    let geometry = &["geometry"][..];
    let mm =
        ini.number(volume, "voxelsizerec").or_else(|| ini.number(geometry, "voxelsizex")).or_else(|| ini.number(geometry, "voxelsize"));
    Some(Told { voxel_size_um: mm.map(|mm| [mm * 1_000.0; 3]), raw, found, ..Told::default() })
}
