//! What a search brings back.

use crate::facet::Facet;
use record::{id::RecordId, kind::Kind};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hits {
    /// All that match, not only those listed.
    pub total: usize,
    pub items: Vec<Hit>,
    /// In the order of `Facet::ALL`; counted over all that match.
    pub facets: Vec<FacetCounts>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FacetCounts {
    pub facet: Facet,
    /// Most frequent first, years newest first.
    pub values: Vec<(String, u64)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    pub id: RecordId,
    pub kind: Kind,
    pub title: String,
    /// `Kleinteich, Haas, Summers`; shortened with “et al.” when there are many.
    pub creators: String,
    pub year: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doi: Option<String>,
    /// Whether everyone may read the files.
    pub open: bool,
    #[serde(default)]
    pub synthetic: bool,
    /// Whatever the feeder said; absent while the files are closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumb: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    pub has_volume: bool,
    /// A piece of the description, already escaped, with `<mark>` around what was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snippet_html: Option<String>,
}
