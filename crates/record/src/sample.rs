//! The thing that was looked at.

use crate::identifier::Cas;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sample {
    /// What its owners call it.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<String>,
    /// Age or stage of development: “adult”, “3 months”, “stage 25”.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<String>,
    /// Material (materials science).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub material: Option<String>,
    /// Chemical formula: “CaCO3”.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    /// What it consists of: “calcite”, “α-Ti”, “air”.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cas: Option<Cas>,
    /// The museum or institution that keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection: Option<String>,
    /// Its number in that collection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub specimen_number: Option<String>,
    /// Where it was found, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// North is positive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude_deg: Option<f64>,
    /// East is positive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude_deg: Option<f64>,
    /// Day, month or year in which it was found: `1998-05`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collected_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preparation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stain: Option<String>,
    /// What it is embedded in: “paraffin”, “Epon”, “agarose”.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedding: Option<String>,
    /// Its state during the measurement: “wet in ethanol”, “in situ, 5 MPa”.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature_k: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pressure_mpa: Option<f64>,
}

impl Sample {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
