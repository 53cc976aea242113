//! What the files are called that are made of one uploaded file: by its path, and like nothing else beside them.

use record::file::FilePath;
use std::collections::HashSet;

const STEM_CHARS_MAX: usize = 60;

/// The path without its ending, with nothing in it that an address would have to write otherwise.
pub(crate) fn safe(path: &FilePath) -> String {
    let whole = path.as_str().rsplit_once('.').map_or(path.as_str(), |(stem, _)| stem);
    let safe: String = whole.chars().map(|sign| if sign.is_ascii_alphanumeric() || sign == '_' { sign } else { '-' }).collect();
    safe.trim_matches('-').to_owned()
}

pub(crate) fn short(stem: &str) -> String {
    stem.chars().take(STEM_CHARS_MAX).collect()
}

/// With a number behind it if another has it already, whatever the case.
pub(crate) fn free(taken: &mut HashSet<String>, short: String) -> String {
    let mut stem = short.clone();
    let mut number = 2;
    while !taken.insert(stem.to_lowercase()) {
        stem = format!("{short}-{number}");
        number += 1;
    }
    stem
}
