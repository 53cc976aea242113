//! Publications on the wire: a DOI is all that must be sent.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterPublication {
    /// However it is written: bare, with `doi:` or as an address.
    #[schema(example = "10.1098/rsif.2008.0155")]
    pub doi: String,
    /// Publish it at once if nothing is missing; otherwise it stays a draft that only you see. `state` says which.
    #[serde(default)]
    pub publish: bool,
}
