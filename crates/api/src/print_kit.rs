//! Kits for a printer: what is wanted, and how far it is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::FailureView;

/// What a reader wants to print. What is left out is as in the kit that is made without being asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskForKit {
    /// The model's name without its ending: `surface` is the one made of the volume.
    #[serde(default = "surface")]
    #[schema(example = "surface")]
    pub model: String,
    /// Edge of the cube that the print fits in, 20 to 300.
    #[serde(default = "usual_mm")]
    #[schema(minimum = 20, maximum = 300, example = 120)]
    pub size_mm: u32,
    /// `none`, `letters` for a flat base with the DOI, or `code` for one with a QR code as well.
    #[serde(default = "code")]
    #[schema(example = "letters")]
    pub base: String,
    /// Also in two halves that show the inside.
    #[serde(default = "yes")]
    pub halves: bool,
}

fn surface() -> String {
    "surface".to_owned()
}

fn usual_mm() -> u32 {
    180
}

fn code() -> String {
    "code".to_owned()
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct KitView {
    /// `surface-120-mm-letters-halves-kit.zip`
    pub name: String,
    /// `ready`, `coming`, `failed`, or `absent`: nobody has asked for it.
    pub standing: String,
    /// Where it lies, once it is ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<FailureView>,
}
