//! Terms that somebody may mean, from vocabularies kept here.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Suggestions {
    pub items: Vec<Suggestion>,
    /// Where the terms come from.
    pub source: String,
    pub licence: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Suggestion {
    /// What identifies the term: an NCBI Taxonomy id, a PaNET id, an SPDX identifier.
    pub id: String,
    /// What goes into the field: the accepted name.
    pub label: String,
    /// What helps to tell it from others.
    pub detail: String,
    /// The name that was found, when it is not the accepted one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<String>,
    /// What it is part of, the highest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lineage: Vec<String>,
}
