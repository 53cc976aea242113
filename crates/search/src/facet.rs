//! The ways in which hits are counted and narrowed. Every record has at most one value of each.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Facet {
    Kind,
    Technique,
    Probe,
    Facility,
    /// Organism, or else material.
    Subject,
    Year,
    Licence,
    /// `yes` when everyone may look at a volume.
    Volume,
}

impl Facet {
    pub const ALL: [Facet; 8] =
        [Self::Kind, Self::Technique, Self::Probe, Self::Facility, Self::Subject, Self::Year, Self::Licence, Self::Volume];

    /// The key in addresses of page and API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Technique => "technique",
            Self::Probe => "probe",
            Self::Facility => "facility",
            Self::Subject => "subject",
            Self::Year => "year",
            Self::Licence => "licence",
            Self::Volume => "volume",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|facet| facet.name() == name)
    }
}
