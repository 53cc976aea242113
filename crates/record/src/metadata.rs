//! What is said about a record. One type for all kinds; `readiness` knows which kind needs what.
//! Names follow DataCite 4.6 where it has a word and NeXus where it has none.

use crate::{agent::Person, doi::Doi, licence::Licence, relation::Relation, technique::Probe};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metadata {
    pub title: String,
    /// What it is, in plain words that a pupil can follow.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub creators: Vec<Person>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<Licence>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Two-letter code of the language of title and description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// True when a computer made the data; shown wherever the record is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub synthetic: bool,
    #[serde(skip_serializing_if = "Sample::is_empty")]
    pub sample: Sample,
    #[serde(skip_serializing_if = "Acquisition::is_empty")]
    pub acquisition: Acquisition,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<Article>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Relation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub funding: Vec<Funding>,
}

/// The thing that was in the beam.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sample {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Scientific name of the organism (biology).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organism: Option<String>,
    /// NCBI Taxonomy id of the organism.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxon_id: Option<u32>,
    /// Anatomical part, tissue or organ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Material (materials science).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub material: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preparation: Option<String>,
}

impl Sample {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How the data came about. Units are in the names.
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
    /// Neutron wavelength.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wavelength_angstrom: Option<f64>,
    /// Edge lengths of a voxel, z, y, x.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voxel_size_um: Option<[f64; 3]>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposure_time_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propagation_distance_mm: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detector: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reconstruction: Option<String>,
}

impl Acquisition {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Where a text appeared.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Article {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// The DOI that the publisher gave it; we never mint a second one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doi: Option<Doi>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Funding {
    pub funder: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub award: Option<String>,
}
