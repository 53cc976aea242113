//! What lies in a record, for descriptions that name its files. Whoever asks for one is asked for the right to them before;
//! without it there are none. Beside it what this catalogue knows of the institutions that a record names.

use record::{file::Sha256, identifier::Ror};
use std::collections::HashMap;

/// Files that a description lists one by one; beyond them it says how many there are.
pub const LISTED_FILES_MAX: usize = 1000;

#[derive(Debug, Clone, Default)]
pub struct Contents {
    /// At most [`LISTED_FILES_MAX`], in the order of their paths.
    pub files: Vec<ListedFile>,
    pub total_files: u64,
    pub total_bytes: u64,
    /// The name of a volume, where there is one.
    pub volume: Option<String>,
    /// In which country an institution is, where that is known.
    pub countries: HashMap<Ror, String>,
}

#[derive(Debug, Clone)]
pub struct ListedFile {
    pub path: String,
    pub bytes: u64,
    pub sha256: Sha256,
    pub media_type: String,
}

/// The name inside a crate of what has no address: the same for the same words.
pub(crate) fn name_in_crate(what: &str, words: &str) -> String {
    format!("#{what}-{}", escaped_path(words.trim()).replace('/', "%2F"))
}

/// As an address has it, slashes kept.
pub(crate) fn escaped_path(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}
