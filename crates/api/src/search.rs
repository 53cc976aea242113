//! What a search brings back.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SearchPage {
    /// All that match, not only those listed.
    pub total: u64,
    /// Counted from one.
    pub page: u64,
    pub limit: u64,
    pub items: Vec<SearchHit>,
    pub facets: Vec<FacetView>,
    /// The next page's address; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SearchHit {
    pub id: String,
    pub kind: String,
    pub title: String,
    pub creators: String,
    pub year: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doi: Option<String>,
    /// Whether everyone may read the files.
    pub open: bool,
    pub synthetic: bool,
    pub has_volume: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// A piece of the description as HTML, escaped, with `<mark>` around what was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snippet_html: Option<String>,
    /// The entry page.
    pub html: String,
    /// The record in this API.
    pub api: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FacetView {
    pub facet: String,
    pub values: Vec<FacetValue>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FacetValue {
    pub value: String,
    pub count: u64,
}
