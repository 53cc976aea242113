//! The closed list of things that are stored, and the only place that turns them into paths.

use crate::fault::Fault;
use record::{id::RecordId, version::Version};
use std::fmt;

/// One stored thing. Nothing else makes paths.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// A file inside the record's OCFL object, `v1/content/files/…` as its inventory says.
    Content { record: RecordId, content_path: String },
    /// The inventory of the record's OCFL object.
    Inventory { record: RecordId },
    /// The sum beside that inventory.
    InventorySum { record: RecordId },
    /// What declares a directory an OCFL object.
    ObjectDeclaration { record: RecordId },
    /// What the worker made: never overwritten, because version and recipe are in its name.
    /// `path` is `hero.webp` or `volume.ome.zarr/0/c/0/0/0`.
    Derivative { record: RecordId, version: Version, recipe: String, path: String },
}

impl Key {
    pub fn path(&self) -> String {
        match self {
            Key::Content { record, content_path } => format!("{}/{content_path}", object_root(record)),
            Key::Inventory { record } => format!("{}/inventory.json", object_root(record)),
            Key::InventorySum { record } => format!("{}/inventory.json.sha256", object_root(record)),
            Key::ObjectDeclaration { record } => format!("{}/0=ocfl_object_1.1", object_root(record)),
            Key::Derivative { record, version, recipe, path } => format!("{}/{version}/{recipe}/{path}", derivatives_root(record)),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())
    }
}

/// `objects/012/345/012345678`: two levels, so that no directory grows too large for people and tools.
pub(crate) fn object_root(record: &RecordId) -> String {
    let id = record.as_str();
    // An id is nine ASCII letters, so both cuts are inside it.
    format!("objects/{}/{}/{id}", &id[0..3], &id[3..6])
}

pub(crate) fn derivatives_root(record: &RecordId) -> String {
    format!("derivatives/{record}")
}

/// A path inside the store that cannot lead out of it: checked once, then trusted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct StorePath(String);

impl StorePath {
    /// Room for the longest file name and our own folders around it.
    const BYTES_MAX: usize = 2048;

    pub(crate) fn parse(text: impl Into<String>) -> Result<Self, Fault> {
        let text = text.into();
        let bad_part = |part: &str| part.is_empty() || part == "." || part == ".." || part.contains('\0');
        if text.len() > Self::BYTES_MAX || text.split('/').any(bad_part) {
            let shown: String = text.chars().take(80).flat_map(char::escape_debug).collect();
            return Err(Fault::refused(
                "name",
                format!("“{shown}”"),
                "a stored name has no empty part, no . or .., and at most 2048 bytes",
            ));
        }
        Ok(Self(text))
    }
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
    pub(crate) fn join(&self, part: &str) -> Result<Self, Fault> {
        Self::parse(format!("{}/{part}", self.0))
    }
}

impl fmt::Display for StorePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_own_path_and_none_leads_out_of_the_store() {
        let record: RecordId = "0123456789"[..9].parse().unwrap();
        let content = Key::Content { record: record.clone(), content_path: "v1/content/files/a.tif".into() };
        assert_eq!(content.path(), "objects/012/345/012345678/v1/content/files/a.tif");
        let picture = Key::Derivative { record, version: Version(2), recipe: "abc".into(), path: "hero.webp".into() };
        assert_eq!(picture.path(), "derivatives/012345678/v2/abc/hero.webp");
        for bad in ["", "/etc/passwd", "a/../b", "a//b", "a/", "a\0b", "./a"] {
            assert!(StorePath::parse(bad).is_err(), "{bad:?}");
        }
    }
}
