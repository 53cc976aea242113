//! `inventory.json` of an OCFL 1.1 object: which bytes it holds, and what each version showed under which name.

use crate::fault::Fault;
use record::{file::Sha256, id::RecordId, instant::Instant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Sums as keys, as OCFL wants it; a file of 100,000 entries is about 20 MB and is read whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inventory {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub digest_algorithm: String,
    pub head: String,
    /// Content paths by sum.
    pub manifest: BTreeMap<Sha256, Vec<String>>,
    pub versions: BTreeMap<String, VersionBlock>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionBlock {
    pub created: Instant,
    /// Logical paths by sum.
    pub state: BTreeMap<Sha256, Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct User {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

const KIND: &str = "https://ocfl.io/1.1/spec/#inventory";

impl Inventory {
    pub(crate) fn empty(record: &RecordId) -> Self {
        Self {
            id: object_id(record),
            kind: KIND.to_owned(),
            digest_algorithm: "sha256".to_owned(),
            head: "v0".to_owned(),
            manifest: BTreeMap::new(),
            versions: BTreeMap::new(),
        }
    }

    pub(crate) fn parse(key: &str, text: &[u8]) -> Result<Self, Fault> {
        let corrupt = |found: String| Fault::Corrupt { key: key.to_owned(), expected: "an OCFL 1.1 inventory".to_owned(), found };
        let inventory: Self = serde_json::from_slice(text).map_err(|error| corrupt(error.to_string()))?;
        if inventory.digest_algorithm != "sha256" {
            return Err(corrupt(format!("the digest algorithm {}", inventory.digest_algorithm)));
        }
        match inventory.versions.contains_key(&inventory.head) && inventory.head_number() > 0 {
            true => Ok(inventory),
            false => Err(corrupt(format!("no version {}", inventory.head))),
        }
    }

    pub(crate) fn to_json(&self) -> Result<Vec<u8>, Fault> {
        serde_json::to_vec(self).map_err(|error| Fault::refused("write the inventory of", &self.id, error.to_string()))
    }

    /// The number of the newest version; 0 before the first.
    pub fn head_number(&self) -> u32 {
        self.head.strip_prefix('v').and_then(|number| number.parse().ok()).unwrap_or(0)
    }

    /// The newest version's state, if there is one.
    pub fn head_state(&self) -> Option<&BTreeMap<Sha256, Vec<String>>> {
        self.versions.get(&self.head).map(|version| &version.state)
    }

    /// Logical path, sum and content path of every file of a version.
    pub fn files(&self, version: &str) -> impl Iterator<Item = (&str, Sha256, &str)> {
        let state = self.versions.get(version).map(|version| &version.state);
        state.into_iter().flatten().flat_map(|(sum, names)| {
            let content = self.content_path(sum);
            names.iter().filter_map(move |name| Some((name.as_str(), *sum, content?)))
        })
    }

    pub fn content_path(&self, sum: &Sha256) -> Option<&str> {
        self.manifest.get(sum).and_then(|paths| paths.first()).map(String::as_str)
    }

    /// Where the bytes of a name in the newest version lie.
    pub fn find(&self, logical: &str) -> Option<(Sha256, &str)> {
        let (sum, _) = self.head_state()?.iter().find(|(_, names)| names.iter().any(|name| name == logical))?;
        self.content_path(sum).map(|path| (*sum, path))
    }
}

/// OCFL asks for a URI; the layout cuts everything up to the last `:`.
pub(crate) fn object_id(record: &RecordId) -> String {
    format!("urn:science3d:record:{record}")
}
