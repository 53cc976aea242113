//! What lies in a record, for descriptions that name its files. Whoever asks for one is asked for the right to them before;
//! without it there are none.

use record::file::Sha256;

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
}

#[derive(Debug, Clone)]
pub struct ListedFile {
    pub path: String,
    pub bytes: u64,
    pub sha256: Sha256,
    pub media_type: String,
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
