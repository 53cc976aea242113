//! What a file says about itself before its voxels are read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Asks, ElementType, Shape};

/// The answer of [`crate::inspect`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// "TIFF stack", "MRC", …
    pub format: String,
    pub shape: Shape,
    pub element: ElementType,
    /// z, y, x in micrometres; nothing when the file does not say it beyond doubt.
    pub voxel_size_um: Option<[f64; 3]>,
    /// How the grid lay in the scanner or the body, when the file says it. The voxels stay as they are stored.
    #[serde(default)]
    pub orientation: Option<Orientation>,
    pub found: Found,
    /// Sentences for the owner: what was odd, what could not be known.
    pub warnings: Vec<String>,
    /// Names of the files that hold the voxels, in order of z.
    pub files: Vec<String>,
}

/// How the grid of voxels lies in a space with a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Orientation {
    /// The space and where its own three axes point to, such as "left-posterior-superior".
    pub space: String,
    /// Unit vectors along the voxel axes z, y, x, one a row; the numbers of a row follow the axes of the space, in the order of its name.
    pub direction: [[f64; 3]; 3],
    /// Where the centre of the first voxel lies in that space, micrometres; nothing when the unit is not known.
    pub origin_um: Option<[f64; 3]>,
}

impl Orientation {
    /// From vectors of any length along the voxel axes z, y, x; nothing when one of them points nowhere.
    pub(crate) fn new(space: &str, along_zyx: [[f64; 3]; 3], origin_um: Option<[f64; 3]>) -> Option<Self> {
        let mut direction = along_zyx;
        for vector in &mut direction {
            let length = vector.iter().map(|part| part * part).sum::<f64>().sqrt();
            if !length.is_finite() || length == 0.0 {
                return None;
            }
            // Twelve digits are what files mean; adding zero turns -0 into 0.
            *vector = vector.map(|part| ((part / length) * 1e12).round() / 1e12 + 0.0);
        }
        let origin_um = origin_um.filter(|origin| origin.iter().all(|part| part.is_finite()));
        let origin_um = origin_um.map(|origin| origin.map(|part| format!("{part:.10e}").parse().unwrap_or(part)));
        Some(Self { space: space.into(), direction, origin_um })
    }

    /// Of a grid that begins so many micrometres further along the voxel axes z, y, x.
    pub(crate) fn from_place(&self, offset_um: [f64; 3]) -> Self {
        let moved = |origin: [f64; 3]| {
            std::array::from_fn(|part| origin[part] + (0..3).map(|axis| offset_um[axis] * self.direction[axis][part]).sum::<f64>())
        };
        Self { origin_um: self.origin_um.map(moved), ..self.clone() }
    }

    /// As our own writer left it; nothing when it cannot be true.
    pub(crate) fn of_attributes(attributes: &serde_json::Value) -> Option<Self> {
        let said: Self = serde_json::from_value(attributes["science3d"]["orientation"].clone()).ok()?;
        Self::new(&clean_text(&said.space)?, said.direction, said.origin_um)
    }
}

/// What the file knows about sample and acquisition.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Found {
    pub sample: Option<String>,
    pub instrument: Option<String>,
    pub facility: Option<String>,
    pub energy_kev: Option<f64>,
    pub date: Option<String>,
    pub software: Option<String>,
    pub description: Option<String>,
    /// By what the file says that its voxels are names of things and no grey values: "NIfTI intent code 1002".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
    pub other: BTreeMap<String, String>,
}

/// What the first bytes of one arriving file tell, or a file whose voxels cannot be read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HeadFacts {
    pub format: String,
    pub width: Option<usize>,
    pub height: Option<usize>,
    /// Number of slices, when this one file says it.
    pub depth: Option<usize>,
    pub element: Option<ElementType>,
    pub voxel_size_um: Option<[f64; 3]>,
    pub found: Found,
    pub warnings: Vec<String>,
    /// What it leaves open, as far as that can be known yet.
    #[serde(default)]
    pub asks: Option<Box<Asks>>,
}

/// Micrometres in one of the named unit, as microscopes and ImageJ spell it.
pub(crate) fn unit_um(unit: &str) -> Option<f64> {
    let unit = unit.trim().trim_matches('"');
    let unit = unit.replace("\\u00B5", "µ").replace("\\u00b5", "µ").replace('μ', "µ");
    Some(match unit.to_ascii_lowercase().as_str() {
        "micron" | "microns" | "micrometer" | "micrometre" | "micrometers" | "µm" | "um" => 1.0,
        "nm" | "nanometer" | "nanometre" | "nanometers" => 1e-3,
        "pm" => 1e-6,
        "mm" | "millimeter" | "millimetre" | "millimeters" => 1e3,
        "cm" | "centimeter" | "centimetre" => 1e4,
        "m" | "meter" | "metre" => 1e6,
        "å" | "Å" | "angstrom" | "ångström" | "a" => 1e-4,
        "inch" | "in" | "\\u0022" => 25_400.0,
        _ => return None,
    })
}

/// A number of such units in micrometres; 700 nm are 0.7, not 0.7000000000000001.
pub(crate) fn in_um(number: f64, unit: f64) -> f64 {
    if unit < 1.0 { number / (1.0 / unit).round() } else { number * unit }
}

/// A voxel size that can be true: finite, positive, between a picometre and ten metres.
pub(crate) fn plausible_um(size: f64) -> bool {
    size.is_finite() && (1e-6..=1e7).contains(&size)
}

/// A voxel size (z, y, x) as a header told it, in micrometres; nothing and a warning when the unit is missing or it cannot be true.
pub(crate) fn told_um([z, y, x]: [f64; 3], unit: Option<f64>, warnings: &mut Vec<String>) -> Option<[f64; 3]> {
    let Some(unit) = unit else {
        // In no unit at all; and nobody wants to read three hundred digits.
        if ![z, y, x].iter().all(|size| size.is_finite() && (1e-12..=1e12).contains(&size.abs())) {
            warnings.push(UNTRUE.into());
            return None;
        }
        warnings.push(format!("The file says {z} × {y} × {x} for a voxel (z, y, x) but not in which unit."));
        return None;
    };
    believed_um([z, y, x].map(|size| in_um(size, unit)), warnings)
}

const UNTRUE: &str = "The voxel size in the header cannot be true, so it is left out.";

/// A voxel size that a header told; nothing and a warning when it cannot be true.
pub(crate) fn believed_um(size: [f64; 3], warnings: &mut Vec<String>) -> Option<[f64; 3]> {
    let plausible = size.iter().all(|&axis| plausible_um(axis));
    if !plausible {
        warnings.push(UNTRUE.into());
    }
    plausible.then_some(size)
}

/// Signs that show nothing, or turn the text around them the other way.
fn hidden(sign: char) -> bool {
    sign.is_control() || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Makes text from a foreign file fit to be shown: no control signs, no endless length.
pub(crate) fn clean_text(text: &str) -> Option<String> {
    let text: String = text.chars().map(|sign| if hidden(sign) { ' ' } else { sign }).take(2_000).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}
