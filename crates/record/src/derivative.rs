//! What the worker makes from originals. It can always be made again with the same bytes, and says how.

use crate::{
    file::{FilePath, Sha256},
    instant::Instant,
    model::{ModelCheck, ModelRepair},
    movie::Plays,
    print_kit::KitReport,
    surface::SurfaceFacts,
    version::Version,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Derivative {
    /// Unique within record and version: `volume`, `hero.jpg`.
    pub name: String,
    pub kind: DerivativeKind,
    pub version: Version,
    /// The earlier version that made it of the same inputs, where its bytes lie; its own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_in: Option<Version>,
    pub recipe: Recipe,
    pub bytes: u64,
    pub files: u64,
    pub made_at: Instant,
}

impl Recipe {
    /// The step whose pictures stand in for those of the volume until there is one.
    pub const FIRST_LOOK: &str = "look";
    /// The step that looks at uploaded models.
    pub const MODELS: &str = "models";
    /// The step that makes the surface of a volume.
    pub const SURFACE: &str = "surface";
}

impl Derivative {
    /// A picture from some of the planes, made while the files arrived; only the draft's page shows it.
    pub fn is_first_look(&self) -> bool {
        self.recipe.step == Recipe::FIRST_LOOK
    }

    /// The version below which its bytes lie.
    pub fn home(&self) -> Version {
        self.kept_in.unwrap_or(self.version)
    }

    /// The same bytes as a derivative of a later version.
    pub fn reused_by(&self, version: Version) -> Self {
        Self { version, kept_in: Some(self.home()).filter(|home| *home != version), ..self.clone() }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum DerivativeKind {
    /// An OME-Zarr 0.5 image.
    Volume(VolumeFacts),
    /// A surface as a file for screen or printer.
    Model(ModelFacts),
    /// A picture for people.
    Picture {
        width: u32,
        height: u32,
        alt: String,
        /// The uploaded file that it was made of; nothing when it was made of the volume.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<FilePath>,
    },
    /// A movie as every browser plays it.
    Movie(MovieFacts),
}

impl DerivativeKind {
    /// The uploaded model or movie of which it is another form.
    pub fn source(&self) -> Option<&FilePath> {
        match self {
            DerivativeKind::Model(facts) => facts.source.as_ref(),
            DerivativeKind::Movie(facts) => facts.source.as_ref(),
            DerivativeKind::Picture { source, .. } => source.as_ref(),
            DerivativeKind::Volume(_) => None,
        }
    }

    pub fn name(&self) -> &'static str {
        match self {
            DerivativeKind::Volume(_) => "volume",
            DerivativeKind::Model(_) => "model",
            DerivativeKind::Picture { .. } => "picture",
            DerivativeKind::Movie(_) => "movie",
        }
    }
}

/// What a viewer must know before it loads the first chunk. Shapes and sizes are z, y, x.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VolumeFacts {
    pub shape: [u64; 3],
    pub element_type: String,
    pub levels: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voxel_size_um: Option<[f64; 3]>,
    /// Grey values shown black and white.
    pub window: [f64; 2],
    pub minimum: f64,
    pub maximum: f64,
    pub mean: f64,
    /// Voxels that hold no number; earlier programs did not count them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub not_finite: u64,
    /// What the reader of the files noticed and their owners should know, in its own English words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub noticed: Vec<String>,
}

impl VolumeFacts {
    /// Why there is nothing to see in it, and no surface.
    pub fn emptiness(&self) -> Option<Emptiness> {
        let all = self.shape.iter().try_fold(1u64, |all, edge| all.checked_mul(*edge));
        match self.minimum < self.maximum {
            true => None,
            false if self.not_finite > 0 && all == Some(self.not_finite) => Some(Emptiness::NoNumbers),
            false => Some(Emptiness::OneValue(self.minimum)),
        }
    }
}

/// A volume of which every slice looks the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Emptiness {
    /// All voxels that hold a number hold this one.
    OneValue(f64),
    /// No voxel holds a number.
    NoNumbers,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A closed surface. Sizes are x, y, z.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelFacts {
    pub triangles: u64,
    pub size_um: [f64; 3],
    pub volume_um3: f64,
    pub area_um2: f64,
    /// The grey value at which the surface lies; nothing where there are several, of labels, and for what was uploaded as a surface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<f64>,
    /// Rounds of smoothing.
    #[serde(default)]
    pub smoothing: u32,
    /// The uploaded file that it was made of; nothing when it was made of the volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<FilePath>,
    /// For the screen: 0 is shown first, finer ones follow on request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<u32>,
    /// What was found in the uploaded file, and what a repaired copy has of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<ModelCheck>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<ModelRepair>,
    /// Of a kit for a printer: what the print will be like. Earlier programs left it in the kit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kit: Option<KitReport>,
    /// How far it is at most from the surface before triangles were taken away; nothing when none were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation_um: Option<f64>,
    /// Width of the grid on which it was made anew, because its handles and hollows needed more triangles than were wanted: what is
    /// narrower has closed or is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_um: Option<f64>,
    pub watertight: bool,
    /// Whether the volume says how large a voxel is; else lengths are in voxels.
    pub size_known: bool,
    /// Its parts and how their levels were found; nothing of uploaded models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surface: Option<SurfaceFacts>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MovieFacts {
    pub width: u32,
    pub height: u32,
    pub seconds: f64,
    /// `H.264`; empty, with no size and length, where nobody looked into the file.
    pub codec: String,
    /// The picture that stands for it until it plays, by its name as a derivative; empty where there is none.
    pub poster: String,
    /// What is seen, for those who do not see it.
    pub alt: String,
    /// The uploaded file that it was made of; nothing when it was made of the volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<FilePath>,
    #[serde(default, skip_serializing_if = "Plays::is_copy")]
    pub plays: Plays,
}

/// How it was made; enough to make it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    pub step: String,
    pub program: String,
    pub program_version: String,
    pub parameters: serde_json::Value,
    /// The originals by path and checksum; for many files their common sum, see [`Inputs`].
    pub inputs: Inputs,
    /// Short digest over step, version, parameters and inputs; part of every key.
    pub digest: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    pub files: u64,
    pub bytes: u64,
    /// sha256 over the lines `<sha256>  <path>\n` of all inputs in path order: the same sum as `sha256sum manifest-sha256.txt`.
    pub manifest_sha256: Sha256,
    /// One by one, where they are at most [`INPUTS_LISTED_MAX`](crate::limits::INPUTS_LISTED_MAX).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listed: Vec<Input>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input {
    pub path: FilePath,
    pub sha256: Sha256,
}

impl Inputs {
    /// Without the list, for what is made of the same inputs a second time.
    pub fn summed(&self) -> Self {
        Self { listed: Vec::new(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_of_one_value_and_one_without_numbers_are_told_apart() {
        let facts = |minimum, maximum, not_finite| VolumeFacts {
            shape: [2, 3, 4],
            element_type: "float32".into(),
            levels: 1,
            voxel_size_um: None,
            window: [0.0, 1.0],
            minimum,
            maximum,
            mean: minimum,
            not_finite,
            noticed: Vec::new(),
        };
        assert_eq!(facts(0.0, 1.0, 3).emptiness(), None);
        assert_eq!(facts(7.0, 7.0, 3).emptiness(), Some(Emptiness::OneValue(7.0)));
        assert_eq!(facts(0.0, 0.0, 24).emptiness(), Some(Emptiness::NoNumbers));
    }
}
