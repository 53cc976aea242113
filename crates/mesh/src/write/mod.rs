//! Surfaces as files: STL, PLY, OBJ, GLB and 3MF.

pub(crate) mod glb;
pub(crate) mod meshopt;
pub(crate) mod obj;
pub(crate) mod order;
pub(crate) mod plain_glb;
pub(crate) mod ply;
pub(crate) mod stl;
pub(crate) mod threemf;
pub(crate) mod zip;

use std::fs::File;
use std::path::Path;

use serde::{Deserialize, Serialize};
use volume::Trouble;

use crate::surface::Part;

pub use self::stl::StlStream;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelFormat {
    Stl,
    Ply,
    Obj,
    Glb,
    #[serde(rename = "3mf")]
    ThreeMf,
}

impl ModelFormat {
    pub const ALL: [ModelFormat; 5] = [Self::Stl, Self::Ply, Self::Obj, Self::Glb, Self::ThreeMf];

    /// The file's ending, without the dot.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Stl => "stl",
            Self::Ply => "ply",
            Self::Obj => "obj",
            Self::Glb => "glb",
            Self::ThreeMf => "3mf",
        }
    }

    /// By the ending of a file's name, in any case.
    pub fn of_name(name: &str) -> Option<Self> {
        let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
        Self::ALL.into_iter().find(|format| format.ending() == ending)
    }
}

/// What is written beside the surface.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct About {
    pub title: String,
    /// As `10.5072/…`.
    pub doi: Option<String>,
    pub licence: Option<String>,
    pub creators: Vec<String>,
    /// Millimetres of the file for one micrometre of the body: 0.001 is true scale.
    pub mm_per_um: f64,
    /// Nobody said how large the body is: each voxel counts as a micrometre.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub size_unknown: bool,
}

impl About {
    pub fn true_scale(title: impl Into<String>) -> Self {
        Self { title: title.into(), mm_per_um: 1e-3, ..Self::default() }
    }

    /// Title, DOI and licence in one line, for formats that have room for a comment only.
    pub(crate) fn line(&self) -> String {
        let parts = [Some(self.title.clone()), self.doi.as_ref().map(|doi| format!("https://doi.org/{doi}")), self.licence.clone()];
        let line = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        line.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
    }
}

pub(crate) fn trouble(path: &Path, error: &std::io::Error) -> Trouble {
    let mut trouble = Trouble::new(format!("writing failed ({error})"), "Look at the disk and at the folder's rights");
    trouble.file = path.file_name().map(|name| name.to_string_lossy().into_owned());
    trouble
}

/// Writes the file, in millimetres (glTF: metres). It is not made durable; whoever keeps it does that.
pub fn write(path: &Path, format: ModelFormat, parts: &[Part], about: &About) -> Result<u64, Trouble> {
    let trouble = |error: std::io::Error| trouble(path, &error);
    let file = File::create(path).map_err(trouble)?;
    match format {
        ModelFormat::Stl => file.try_clone().and_then(|file| stl::write(file, parts, about)),
        ModelFormat::Ply => ply::write(&file, parts, about),
        ModelFormat::Obj => obj::write(&file, parts, about),
        ModelFormat::Glb => glb::write(&file, parts, about),
        ModelFormat::ThreeMf => threemf::write(&file, parts, about),
    }
    .and_then(|()| file.metadata())
    .map(|metadata| metadata.len())
    .map_err(trouble)
}

/// As [`write()`] writes GLB, but without any extension: larger, and for programs that unpack nothing.
pub fn write_plain_glb(path: &Path, parts: &[Part], about: &About) -> Result<u64, Trouble> {
    let trouble = |error: std::io::Error| trouble(path, &error);
    let file = File::create(path).map_err(trouble)?;
    plain_glb::write(&file, parts, about).and_then(|()| file.metadata()).map(|metadata| metadata.len()).map_err(trouble)
}
