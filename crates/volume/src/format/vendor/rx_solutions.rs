//! `unireconstruction.xml`, which RX Solutions' X-Act leaves beside its slices; lengths are millimetres.
//! Source: what the readers of CIL, Fijiyama and pyxu take from it. X-Act turns about its y axis, which is across the slices.

use quick_xml::events::{BytesStart, Event};

use super::Told;
use super::ini::{number, size};
use crate::Found;
use crate::header::clean_text;

/// Elements that are looked at; real files have some hundred.
const ELEMENTS_MAX: usize = 100_000;
/// Sizes along the axes that differ by less are equal.
const SAME_PART: f64 = 1e-4;

/// What is taken from the file, by element and attribute.
#[derive(Default)]
struct Taken {
    is_reconstruction: bool,
    voxel_size_mm: [Option<f64>; 3],
    width: Option<usize>,
    projections: Option<f64>,
    to_source_mm: Option<f64>,
    to_detector_mm: Option<f64>,
}

impl Taken {
    fn look_at(&mut self, element: &BytesStart<'_>) {
        let value = |name: &str| attribute(element, name).as_deref().and_then(number);
        match element.local_name().as_ref() {
            b"unireconstruction" => self.is_reconstruction = true,
            b"voxelSize" => self.voxel_size_mm = ["Y", "Z", "X"].map(value),
            b"size" => self.width = value("X").and_then(size),
            b"profile" => self.projections = value("images").or(self.projections),
            b"geometry" => (self.to_source_mm, self.to_detector_mm) = (value("sod"), value("sdd")),
            _ => {}
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).ok()??;
    attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok().and_then(|value| clean_text(&value))
}

pub(super) fn parse(text: &str) -> Option<Told> {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut taken = Taken::default();
    for _ in 0..ELEMENTS_MAX {
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) => taken.look_at(&element),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    if !taken.is_reconstruction {
        return None;
    }
    let mut found = Found { instrument: Some("RX Solutions".into()), software: Some("X-Act".into()), ..Found::default() };
    let mut add = |name: &str, value: Option<f64>| {
        if let Some(value) = value {
            found.other.insert(name.into(), value.to_string());
        }
    };
    add("projections", taken.projections);
    add("source_sample_distance_mm", taken.to_source_mm);
    add("source_detector_distance_mm", taken.to_detector_mm);
    let [Some(z), Some(y), Some(x)] = taken.voxel_size_mm else { return Some(Told { found, ..Told::default() }) };
    // Which of its axes is which of the slices' nobody says; the cubes that it makes need no answer.
    let is_cube = [z, y].iter().all(|size| (size - x).abs() <= SAME_PART * x.abs());
    if !is_cube {
        found.other.insert("voxel_size_mm".into(), format!("{x} × {z} × {y} (x, y, z of X-Act)"));
    }
    let voxel_size_um = is_cube.then(|| [(x * 1e9).round() / 1e6; 3]);
    Some(Told { voxel_size_um, slice_width: taken.width.filter(|_| is_cube), found, ..Told::default() })
}
