//! How the data came about. Units are in the names; arrays are z, y, x.

use crate::{identifier::Ror, technique::Probe, term::terms};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Acquisition {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probe>,
    /// PaNET term, for example `PaNET01124`; see [`crate::technique`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub technique: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facility: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facility_ror: Option<Ror>,
    /// Beamline, scanner or microscope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beamtime: Option<String>,
    /// Day of the measurement, `2026-11-23`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Photon energy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub energy_kev: Option<f64>,
    /// Spread of the photon energy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beam: Option<Beam>,
    /// Neutron wavelength.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wavelength_angstrom: Option<f64>,
    /// Of the x-ray tube or of the electrons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voltage_kv: Option<f64>,
    /// Of the x-ray tube.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_ua: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Dose of electrons in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dose_e_per_angstrom2: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub magnification: Option<f64>,
    /// Edge lengths of a voxel, z, y, x.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voxel_size_um: Option<[f64; 3]>,
    /// Edge of a pixel in the plane of the sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pixel_size_um: Option<f64>,
    /// Edge of a pixel of the camera itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detector_pixel_size_um: Option<f64>,
    /// Voxels along z, y, x.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<[u64; 3]>,
    /// `uint8`, `uint16`, `float32`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub element_type: Option<String>,
    /// What the files are, in words: “TIFF stack”.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub projections: Option<u32>,
    /// From the first projection to the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub angular_range_deg: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub angular_step_deg: Option<f64>,
    /// Of one projection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposure_time_s: Option<f64>,
    /// Exposures averaged in one projection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frames_averaged: Option<u32>,
    /// Of the whole scan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan_time_s: Option<f64>,
    /// From sample to detector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propagation_distance_mm: Option<f64>,
    /// From source to sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_distance_mm: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detector: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binning: Option<u32>,
    /// Algorithm of the reconstruction, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reconstruction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reconstruction_software: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reconstruction_parameters: Option<String>,
    /// What was done from the measurement to these files, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub workflow: Vec<WorkflowStep>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkflowStep {
    /// “phase retrieval”, “ring removal”, “segmentation”.
    pub step: String,
    /// Program and version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<String>,
}

terms! {
    /// How wide the spectrum of the photons was.
    pub enum Beam {
        Monochromatic = "monochromatic", "monochromatic" | "monochromatisch";
        Pink = "pink", "pink (narrow band)" | "pink (schmalbandig)";
        White = "white", "white (whole spectrum)" | "weiß (ganzes Spektrum)";
    }
}

impl Acquisition {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
