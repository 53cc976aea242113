//! An upload as its owner sees it beside the tus protocol.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UploadView {
    pub id: String,
    pub record: String,
    pub path: String,
    /// Bytes that arrived and are safe.
    pub offset: u64,
    pub length: u64,
    /// Continue here by tus.
    pub upload_url: String,
}
