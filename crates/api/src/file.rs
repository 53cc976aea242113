//! Originals on the wire.

use record::file::Original;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FileView {
    pub path: String,
    /// Bytes.
    pub size: u64,
    pub sha256: String,
    #[schema(format = DateTime)]
    pub added_at: String,
    pub url: String,
}

impl FileView {
    pub fn new(original: &Original, url: String) -> Self {
        Self {
            path: original.path.to_string(),
            size: original.bytes,
            sha256: original.sha256.to_string(),
            added_at: original.added_at.to_string(),
            url,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FolderView {
    pub path: String,
    /// Files below it, in all depths.
    pub files: u64,
    pub size: u64,
}

/// One page of a folder, folders first; or of all files in byte order of their paths.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FilePage {
    pub folder: Option<String>,
    pub folders: Vec<FolderView>,
    pub files: Vec<FileView>,
    /// Hand it back as `after` to get the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What a client is about to upload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// At most 1000 at once.
    pub paths: Vec<CheckedPath>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckedPath {
    pub path: String,
    pub size: u64,
}

/// What is there already, and what can be continued.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CheckAnswer {
    pub existing: Vec<FileView>,
    pub unfinished: Vec<UnfinishedUpload>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UnfinishedUpload {
    pub path: String,
    pub upload_url: String,
    pub offset: u64,
    pub length: u64,
}
