//! The log that Bruker (SkyScan) scanners and NRecon write beside projections and slices.
//! Source: logs as users publish them, with the sections System, Acquisition and Reconstruction.

use super::Told;
use super::ini::{Ini, day};
use crate::Found;

/// What was decided when the slices were computed, as NRecon writes it.
const RECONSTRUCTION: [(&str, &str); 11] = [
    ("reconstruction_smoothing", "smoothing"),
    ("reconstruction_ring_artifact_correction", "ring artifact correction"),
    ("reconstruction_beam_hardening_correction_percent", "beam hardening correction (%)"),
    ("reconstruction_filter", "filter type description"),
    ("reconstruction_filter_cutoff", "filter cutoff relative to nyquist frequency"),
    ("reconstruction_undersampling", "undersampling factor"),
    ("reconstruction_angular_range_deg", "reconstruction angular range (deg)"),
    ("reconstruction_rotation_deg", "cs static rotation (deg)"),
    ("reconstruction_post_alignment", "postalignment"),
    ("reconstruction_minimum_for_grey", "minimum for cs to image conversion"),
    ("reconstruction_maximum_for_grey", "maximum for cs to image conversion"),
];

pub(super) fn parse(text: &str) -> Option<Told> {
    let ini = Ini::parse(text);
    if !ini.has_section("acquisition") && !ini.has_section("reconstruction") {
        return None;
    }
    // The reconstruction may have been binned; only its own size is that of the slices.
    let size = ini
        .number(&["reconstruction"], "pixel size (um)")
        .or_else(|| ini.number(&["acquisition"], "scaled image pixel size (um)"))
        .or_else(|| ini.number(&["acquisition"], "image pixel size (um)"))
        .or_else(|| ini.number(&[], "image pixel size (um)"))?;
    let step = ini.number(&["reconstruction"], "section to section step").filter(|&step| step >= 1.0).unwrap_or(1.0);
    let mut found = Found {
        instrument: ini
            .words(&["system"], "scanner")
            .map(|scanner| if scanner.to_lowercase().contains("skyscan") { format!("Bruker {scanner}") } else { scanner }),
        sample: ini.words(&["acquisition"], "filename prefix"),
        date: ini.text(&["acquisition"], "study date and time").and_then(day),
        software: ini.words(&["reconstruction"], "reconstruction program"),
        ..Found::default()
    };
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            found.other.insert(name.into(), value);
        }
    };
    let acquisition = &["acquisition"][..];
    let plain = |key: &str| ini.number(acquisition, key).map(|number| number.to_string());
    add("source_voltage_kv", plain("source voltage (kv)"));
    add("source_current_ua", plain("source current (ua)"));
    add("exposure_s", ini.number(acquisition, "exposure (ms)").map(|exposure| (exposure / 1_000.0).to_string()));
    add("rotation_step_deg", plain("rotation step (deg)"));
    add("projections", plain("number of files"));
    add("filter", ini.words(acquisition, "filter"));
    add("frame_averaging", ini.words(acquisition, "frame averaging"));
    let to_source = ini.number(acquisition, "camera to source (mm)");
    add("source_detector_distance_mm", to_source.map(|distance| distance.to_string()));
    add("source_sample_distance_mm", plain("object to source (mm)"));
    for (name, key) in RECONSTRUCTION {
        add(name, ini.words(&["reconstruction"], key));
    }
    add("detector", ini.words(&["system"], "camera").or_else(|| ini.words(&["system"], "camera type")));
    Some(Told {
        voxel_size_um: Some([size * step, size, size]),
        slice_width: ini.size(&["reconstruction"], "result image width (pixels)"),
        found,
        ..Told::default()
    })
}
