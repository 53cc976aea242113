//! A file on its way in.

use crate::{
    file::FilePath,
    id::{AccountId, RecordId, UploadId},
    instant::Instant,
};
use serde::{Deserialize, Serialize};

/// How many bytes have arrived is not here: that is the length of the staged file, which cannot lie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    pub id: UploadId,
    pub record: RecordId,
    pub account: AccountId,
    pub path: FilePath,
    pub bytes: u64,
    pub created_at: Instant,
}
