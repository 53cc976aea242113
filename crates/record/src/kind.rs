//! What a record is of.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    TomographyBiology,
    TomographyMaterials,
    ElectronMicroscopy,
    Publication,
    Reference,
    Model,
    Movie,
    Lesson,
}

impl Kind {
    pub const ALL: [Kind; 8] = [
        Kind::TomographyBiology,
        Kind::TomographyMaterials,
        Kind::ElectronMicroscopy,
        Kind::Publication,
        Kind::Reference,
        Kind::Model,
        Kind::Movie,
        Kind::Lesson,
    ];
    /// What the upload menu offers, in its order.
    pub const DEPOSITABLE: [Kind; 8] = [
        Kind::Publication,
        Kind::Reference,
        Kind::TomographyBiology,
        Kind::TomographyMaterials,
        Kind::ElectronMicroscopy,
        Kind::Model,
        Kind::Movie,
        Kind::Lesson,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::TomographyBiology => "tomography-biology",
            Kind::TomographyMaterials => "tomography-materials",
            Kind::ElectronMicroscopy => "electron-microscopy",
            Kind::Publication => "publication",
            Kind::Reference => "reference",
            Kind::Model => "model",
            Kind::Movie => "movie",
            Kind::Lesson => "lesson",
        }
    }

    /// Datasets are registered and released; texts are published in one step.
    pub fn is_dataset(self) -> bool {
        !self.is_text()
    }
    pub fn is_text(self) -> bool {
        matches!(self, Kind::Publication | Kind::Reference)
    }
    /// Kinds whose originals are expected to hold a volume.
    pub fn has_volume(self) -> bool {
        matches!(self, Kind::TomographyBiology | Kind::TomographyMaterials | Kind::ElectronMicroscopy)
    }

    /// DataCite's `resourceTypeGeneral` (kernel 4.6).
    pub fn datacite_type(self) -> &'static str {
        match self {
            Kind::TomographyBiology | Kind::TomographyMaterials | Kind::ElectronMicroscopy => "Dataset",
            Kind::Publication => "JournalArticle",
            Kind::Reference => "Text",
            Kind::Model => "Model",
            Kind::Movie => "Audiovisual",
            Kind::Lesson => "InteractiveResource",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[derive(Debug, thiserror::Error)]
#[error(
    "“{0}” is no kind of record; known are tomography-biology, tomography-materials, electron-microscopy, publication, reference, model, movie, lesson"
)]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| UnknownKind(text.chars().take(64).collect()))
    }
}
