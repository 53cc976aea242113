//! An original: a file exactly as deposited, and the rules for its name.

use crate::{id::UploadId, instant::Instant};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use unicode_normalization::UnicodeNormalization;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Original {
    pub path: FilePath,
    pub bytes: u64,
    pub sha256: Sha256,
    /// Computed with the checksum while the bytes arrived; lets a ZIP know its sums beforehand.
    pub crc32: u32,
    pub added_at: Instant,
}

/// An original together with where its bytes lie now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredFile {
    #[serde(flatten)]
    pub original: Original,
    pub place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "place", rename_all = "kebab-case")]
pub enum Place {
    /// Durable on the staging disk, not yet in the record's OCFL object.
    Staged { upload: UploadId },
    /// In the OCFL object, under this content path (`v1/content/files/slice_0001.tif`).
    Preserved { content_path: String },
}

/// Where a file stands in the deposited tree: relative, `/` between folders, safe to unpack anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FilePath(String);

#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("the file name “{name}” {why}")]
pub struct BadPath {
    /// Shortened, and with every unprintable letter shown as an escape.
    pub name: String,
    pub why: &'static str,
    pub why_de: &'static str,
}

/// What is wrong with a name, in English and German, to follow “the file name … ”.
type Why = (&'static str, &'static str);

impl FilePath {
    pub const BYTES_MAX: usize = 1024;
    pub const PART_BYTES_MAX: usize = 240;
    pub const DEPTH_MAX: usize = 32;

    pub fn as_str(&self) -> &str {
        &self.0
    }
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(self.0.as_str(), |(_, name)| name)
    }
    /// The folder it lies in; empty at the top.
    pub fn parent(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(parent, _)| parent)
    }
    /// What two names have in common that would overwrite each other on some computer:
    /// same letters but for case or Unicode form.
    pub fn folded(&self) -> String {
        self.0.nfc().collect::<String>().to_lowercase().nfc().collect()
    }

    fn fault(text: &str) -> Option<Why> {
        if text.is_empty() {
            return Some(("is empty", "ist leer"));
        }
        if text.len() > Self::BYTES_MAX {
            return Some((
                "is longer than 1024 bytes; shorten the names of its folders",
                "ist länger als 1024 Bytes; kürzen Sie die Namen seiner Ordner",
            ));
        }
        if text.starts_with('/') || text.contains('\\') {
            return Some(("must be relative, with / between folders", "muss relativ sein, mit / zwischen den Ordnern"));
        }
        if text.chars().any(|letter| letter.is_control()) {
            return Some(("holds a control character; rename the file", "enthält ein Steuerzeichen; benennen Sie die Datei um"));
        }
        if text.chars().any(changes_direction) {
            return Some((
                "holds an invisible letter that changes the direction of writing; rename the file",
                "enthält ein unsichtbares Zeichen, das die Schreibrichtung ändert; benennen Sie die Datei um",
            ));
        }
        if text.split('/').count() > Self::DEPTH_MAX {
            return Some(("lies more than 32 folders deep", "liegt mehr als 32 Ordner tief"));
        }
        text.split('/').find_map(Self::part_fault)
    }

    fn part_fault(part: &str) -> Option<Why> {
        match part {
            "" => Some(("holds an empty folder name", "enthält einen leeren Ordnernamen")),
            "." | ".." => Some(("must not hold . or .. as a folder", "darf . und .. nicht als Ordner enthalten")),
            _ if part.len() > Self::PART_BYTES_MAX => {
                Some(("has a part longer than 240 bytes; shorten it", "hat einen Teil, der länger als 240 Bytes ist; kürzen Sie ihn"))
            }
            _ => None,
        }
    }
}

/// Bidirectional controls and zero-width letters: two names could look the same, or `exe` like `txt`.
fn changes_direction(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

impl FromStr for FilePath {
    type Err = BadPath;
    fn from_str(text: &str) -> Result<Self, BadPath> {
        match Self::fault(text) {
            None => Ok(Self(text.to_owned())),
            Some((why, why_de)) => Err(BadPath {
                name: text
                    .chars()
                    .take(60)
                    .flat_map(|letter| {
                        if changes_direction(letter) {
                            letter.escape_unicode().collect::<Vec<_>>()
                        } else {
                            letter.escape_debug().collect()
                        }
                    })
                    .collect(),
                why,
                why_de,
            }),
        }
    }
}

impl TryFrom<String> for FilePath {
    type Error = BadPath;
    fn try_from(text: String) -> Result<Self, BadPath> {
        text.parse()
    }
}

impl From<FilePath> for String {
    fn from(path: FilePath) -> String {
        path.0
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A sha256 sum, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256(pub [u8; 32]);

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("“{0}” is not a sha256 sum of 64 hexadecimal digits")]
pub struct NotASum(String);

impl FromStr for Sha256 {
    type Err = NotASum;
    fn from_str(text: &str) -> Result<Self, NotASum> {
        let mut sum = [0u8; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(NotASum(text.chars().take(80).collect()));
        }
        for (byte, pair) in sum.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(pair).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
            *byte = digits.ok_or_else(|| NotASum(text.to_owned()))?;
        }
        Ok(Self(sum))
    }
}

impl TryFrom<String> for Sha256 {
    type Error = NotASum;
    fn try_from(text: String) -> Result<Self, NotASum> {
        text.parse()
    }
}

impl From<Sha256> for String {
    fn from(sum: Sha256) -> String {
        sum.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_hurt_somebody_are_refused_with_a_reason() {
        for (bad, why) in [
            ("", "is empty"),
            ("/etc/passwd", "must be relative"),
            ("a/../b", "must not hold"),
            ("a//b", "empty folder"),
            ("a\\b", "must be relative"),
            ("a\0b", "control"),
            ("photo\u{202e}gpj.exe", "direction"),
        ] {
            let refusal = bad.parse::<FilePath>().unwrap_err();
            assert!(refusal.why.contains(why), "{bad:?}: {refusal}");
            assert!(!refusal.to_string().contains('\u{202e}'));
        }
        assert!("x".repeat(4096).parse::<FilePath>().is_err());
        assert!(vec!["d"; 40].join("/").parse::<FilePath>().is_err());
    }

    #[test]
    fn a_tree_keeps_its_shape() {
        let path: FilePath = "Kiefer/rechts/slice_0001.tif".parse().unwrap();
        assert_eq!((path.parent(), path.name()), ("Kiefer/rechts", "slice_0001.tif"));
    }

    #[test]
    fn names_that_differ_only_in_case_or_form_fold_together() {
        let composed: FilePath = "Käfer.tif".parse().unwrap();
        let decomposed: FilePath = "Ka\u{308}fer.TIF".parse().unwrap();
        assert_ne!(composed, decomposed);
        assert_eq!(composed.folded(), decomposed.folded());
    }
}
