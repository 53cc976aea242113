//! “Is this your paper?” on the wire: publications that may belong to a dataset, and the owners' answer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TieList {
    pub ties: Vec<TieView>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TieView {
    /// The record of the publication here.
    pub publication: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doi: Option<String>,
    /// `cites`: it names the dataset's DOI. `named`: the dataset names it. `alike`: authors and words are the same.
    pub because: String,
    /// `offered`, `confirmed` or `declined`.
    pub standing: String,
    #[schema(format = DateTime)]
    pub offered_at: String,
    /// Its entry page.
    pub html: String,
}

/// The owners' answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerTie {
    /// `true` writes the relation on both sides; `false` is remembered, so that nobody asks again.
    pub is_theirs: bool,
}
