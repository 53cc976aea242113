//! What the registrar of DOIs was told of a record and what it answered.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whatever it is, the DOI is valid here and leads to the entry page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DoiStandingView {
    /// `waiting` until it is told, `registered`, `unanswered` while it is tried again, or `refused`.
    pub standing: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub since: Option<String>,
    /// The registrar's own words, when it refused or did not answer as it should.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
}
