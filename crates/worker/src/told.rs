//! What headers and logs tell beyond the first facts, by the names of the form's fields. Readers of files write words as their
//! makers do; here a number becomes a number, and what is none is left out.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use volume::Found;

/// Words of a reader, and the field that takes the number in them.
const NUMBERS: [(&str, &str); 11] = [
    ("source_voltage_kv", "voltage_kv"),
    ("tube voltage (kVp)", "voltage_kv"),
    ("source_current_ua", "current_ua"),
    ("exposure_s", "exposure_time_s"),
    ("rotation_step_deg", "angular_step_deg"),
    ("source_sample_distance_mm", "source_distance_mm"),
    ("detector_sample_distance_mm", "propagation_distance_mm"),
    ("detector_distance_mm", "propagation_distance_mm"),
    ("detector_pixel_size_um", "detector_pixel_size_um"),
    ("sample_pixel_size_um", "pixel_size_um"),
    ("magnification", "magnification"),
];

const TEXTS: [(&str, &str); 3] = [("filter", "filter"), ("detector", "detector"), ("experiment", "proposal")];

pub(crate) fn more(found: &Found) -> BTreeMap<&'static str, Value> {
    let other = &found.other;
    let number = |name: &str| other.get(name).and_then(|text| text.trim().parse::<f64>().ok()).filter(|number| number.is_finite());
    let mut more = BTreeMap::new();
    for (name, field) in NUMBERS {
        if let Some(number) = number(name) {
            more.entry(field).or_insert(json!(number.abs()));
        }
    }
    for (name, field) in TEXTS {
        if let Some(text) = other.get(name).filter(|text| !is_nothing(text)) {
            more.insert(field, json!(text));
        }
    }
    if let Some(sample) = number("source_sample_distance_mm")
        && let Some(detector) = number("source_detector_distance_mm")
        && detector > sample
    {
        more.entry("propagation_distance_mm").or_insert(json!(round(detector - sample)));
    }
    if let Some((count, range)) = rotation(found) {
        more.extend(count.map(|count| ("projections", json!(count))));
        more.extend(range.map(|range| ("angular_range_deg", json!(round(range)))));
    }
    if let Some(frames) = other.get("frame_averaging").and_then(|text| first_number(text)).filter(|frames| *frames >= 1.0) {
        more.insert("frames_averaged", json!(frames as u64));
    }
    if let Some(probe) = other.get("probe").and_then(|text| record::technique::Probe::by_name(text)) {
        more.insert("probe", json!(probe));
    }
    more
}

/// How many projections there are, and the angle from the first to the last.
fn rotation(found: &Found) -> Option<(Option<u64>, Option<f64>)> {
    let other = &found.other;
    let plain = other.get("projections").and_then(|text| first_number(text));
    let of_frames = other.get("frames").filter(|text| text.contains("projections")).and_then(|text| first_number(text));
    let of_tilts = other.get("tilt angles").and_then(|text| text.rsplit_once(" in ")).and_then(|(_, rest)| first_number(rest));
    let count = plain.or(of_frames).or(of_tilts).filter(|count| *count >= 1.0 && count.fract() == 0.0).map(|count| count as u64);
    let span = other.get("rotation_angle_degree").or(other.get("tilt angles"));
    let range = span.and_then(|text| text.split_once(" to ")).and_then(|(from, to)| Some(first_number(to)? - first_number(from)?));
    let range = range.filter(|range| *range > 0.0);
    (count.is_some() || range.is_some()).then_some((count, range))
}

/// The number at the beginning of a text, or in brackets: “41 sections”, “ON (2)”.
fn first_number(text: &str) -> Option<f64> {
    let start = text.find(|sign: char| sign.is_ascii_digit() || sign == '-')?;
    let rest = &text[start..];
    let end = rest.find(|sign: char| !(sign.is_ascii_digit() || matches!(sign, '.' | '-' | 'e'))).unwrap_or(rest.len());
    rest[..end].trim_end_matches(['.', '-', 'e']).parse().ok()
}

/// Makers' words for an empty slot.
fn is_nothing(text: &str) -> bool {
    matches!(text.trim().to_lowercase().as_str(), "" | "none" | "no filter" | "nofilter" | "air" | "unknown" | "n/a" | "-")
}

/// Differences of two decimal numbers have a tail that nobody measured.
fn round(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(other: &[(&str, &str)]) -> Value {
        let other = other.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        json!(more(&Found { other, ..Found::default() }))
    }

    #[test]
    fn a_scanners_log_fills_the_form() {
        let log = [
            ("source_voltage_kv", "80"),
            ("source_current_ua", "120"),
            ("exposure_s", "0.5"),
            ("projections", "1800"),
            ("filter", "Al 0.5 mm"),
            ("frame_averaging", "ON (2)"),
            ("source_sample_distance_mm", "50.1"),
            ("source_detector_distance_mm", "270.4"),
        ];
        let expected = json!({"current_ua": 120.0, "exposure_time_s": 0.5, "filter": "Al 0.5 mm", "frames_averaged": 2, "projections": 1800,
            "propagation_distance_mm": 220.3, "source_distance_mm": 50.1, "voltage_kv": 80.0});
        assert_eq!(told(&log), expected);
    }

    #[test]
    fn nexus_and_tilt_series_tell_their_angles() {
        let nexus = [
            ("frames", "1500 projections, 20 flats, 10 darks among 1530 frames"),
            ("rotation_angle_degree", "0 to 179.9"),
            ("probe", "x-ray"),
        ];
        assert_eq!(told(&nexus), json!({"angular_range_deg": 179.9, "probe": "x-ray", "projections": 1500}));
        assert_eq!(
            told(&[("tilt angles", "-60.5 to 59.5 degrees in 41 sections")]),
            json!({"angular_range_deg": 120.0, "projections": 41})
        );
    }

    #[test]
    fn what_is_no_number_is_left_out() {
        assert_eq!(
            told(&[("exposure_s", "0.1 to 0.3"), ("filter", "No Filter"), ("projections", "many"), ("frames", "30 frames")]),
            json!({})
        );
    }
}
