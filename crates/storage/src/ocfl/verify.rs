//! Fixity: reads every byte of a record's object again and names everything that is not as it was.

use super::{Inventory, sha256_of, stated};
use crate::{
    blob::Blob,
    fault::{Fault, blocking},
    key::{Key, StorePath, object_root},
    store::Store,
};
use futures::StreamExt;
use record::{file::Sha256, id::RecordId};
use sha2::Digest;
use std::{collections::BTreeSet, fmt, os::unix::fs::FileExt};

/// One file that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Its path inside the store.
    pub file: String,
    pub expected: Option<Sha256>,
    pub found: Found,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Sum(Sha256),
    Missing,
    /// The inventory does not know it; an interrupted commit may have left it, and the next one clears it away.
    Extra,
    Unreadable(String),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        match (&self.found, &self.expected) {
            (Found::Sum(sum), Some(expected)) => write!(f, "changed; its sha256 was {expected} and is {sum}"),
            (Found::Sum(sum), None) => write!(f, "changed; its sha256 is {sum}"),
            (Found::Missing, _) => f.write_str("missing"),
            (Found::Extra, _) => f.write_str("not named by the inventory"),
            (Found::Unreadable(why), _) => write!(f, "cannot be read: {why}"),
        }
    }
}

const READ_BYTES: usize = 1 << 20;
/// Progress is reported, and a stop noticed, after this many bytes.
const WINDOW_BYTES: u64 = 64 << 20;

impl Store {
    /// All damage of one record's object, sorted by file. `progress` gets the number of bytes read since it was called last.
    pub async fn verify(&self, record: &RecordId, mut progress: impl FnMut(u64) + Send) -> Result<Vec<Damage>, Fault> {
        let root = object_root(record);
        let mut damages = Vec::new();
        let Some(inventory) = self.checked_inventory(record, &mut damages).await? else { return Ok(damages) };
        let mut known: BTreeSet<String> = BTreeSet::new();
        for name in ["0=ocfl_object_1.1", "inventory.json", "inventory.json.sha256"] {
            known.insert(format!("{root}/{name}"));
        }
        self.check_versions(&root, &inventory, &mut known, &mut damages).await?;
        for (expected, paths) in &inventory.manifest {
            for path in paths {
                let file = format!("{root}/{path}");
                if let Some(found) = self.check_file(&file, expected, &mut progress).await {
                    damages.push(Damage { file: file.clone(), expected: Some(*expected), found });
                }
                known.insert(file);
            }
        }
        let present: BTreeSet<String> = self.list(&root).await?.into_iter().map(|listed| listed.path).collect();
        let extra = present.difference(&known).map(|file| Damage { file: file.clone(), expected: None, found: Found::Extra });
        damages.extend(extra);
        if !present.contains(&format!("{root}/0=ocfl_object_1.1")) {
            damages.push(Damage { file: format!("{root}/0=ocfl_object_1.1"), expected: None, found: Found::Missing });
        }
        damages.sort_by(|one, other| one.file.cmp(&other.file));
        Ok(damages)
    }

    async fn checked_inventory(&self, record: &RecordId, damages: &mut Vec<Damage>) -> Result<Option<Inventory>, Fault> {
        let file = Key::Inventory { record: record.clone() }.path();
        let found = match self.inventory(record).await {
            Ok(Some(inventory)) => return Ok(Some(inventory)),
            Ok(None) => Found::Missing,
            Err(Fault::Corrupt { expected, found, .. }) => Found::Unreadable(format!("expected {expected}, found {found}")),
            Err(fault) => return Err(fault),
        };
        damages.push(Damage { file, expected: None, found });
        Ok(None)
    }

    /// Each version's own copy of the inventory must agree with the sum beside it.
    async fn check_versions(
        &self,
        root: &str,
        inventory: &Inventory,
        known: &mut BTreeSet<String>,
        damages: &mut Vec<Damage>,
    ) -> Result<(), Fault> {
        for version in inventory.versions.keys() {
            let (file, sum_file) = (format!("{root}/{version}/inventory.json"), format!("{root}/{version}/inventory.json.sha256"));
            let expected = stated(self.shelves.read(StorePath::parse(sum_file.as_str())?).await?.as_deref());
            if expected.is_none() {
                damages.push(Damage { file: sum_file.clone(), expected: None, found: Found::Missing });
            }
            let found = match self.shelves.read(StorePath::parse(file.as_str())?).await {
                Ok(Some(text)) => Found::Sum(sha256_of(&text)),
                Ok(None) => Found::Missing,
                Err(fault) => Found::Unreadable(fault.to_string()),
            };
            if found == Found::Missing || expected.is_some_and(|expected| found != Found::Sum(expected)) {
                damages.push(Damage { file: file.clone(), expected, found });
            }
            known.extend([file, sum_file]);
        }
        Ok(())
    }

    async fn check_file(&self, file: &str, expected: &Sha256, progress: &mut (impl FnMut(u64) + Send)) -> Option<Found> {
        let opened = match StorePath::parse(file) {
            Ok(path) => self.shelves.blob(path).await,
            Err(fault) => Err(fault),
        };
        let summed = match opened {
            Ok(Some(blob)) => sum_of(&blob, progress).await,
            Ok(None) => return Some(Found::Missing),
            Err(fault) => Err(fault),
        };
        match summed {
            Ok(sum) if sum == *expected => None,
            Ok(sum) => Some(Found::Sum(sum)),
            Err(fault) => Some(Found::Unreadable(fault.to_string())),
        }
    }
}

async fn sum_of(blob: &Blob, progress: &mut (impl FnMut(u64) + Send)) -> Result<Sha256, Fault> {
    let mut hasher = sha2::Sha256::new();
    if let Some((file, path)) = blob.local() {
        let mut start = 0;
        while start < blob.bytes {
            let (file, name, end) = (file.clone(), path.to_owned(), blob.bytes.min(start + WINDOW_BYTES));
            hasher =
                blocking("read", move || hash_range(&file, start..end, hasher).map_err(|source| Fault::io("read", name.display(), source)))
                    .await?;
            progress(end - start);
            start = end;
        }
    } else {
        let mut pieces = std::pin::pin!(blob.stream(0..blob.bytes));
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            hasher.update(&piece);
            progress(piece.len() as u64);
        }
    }
    Ok(Sha256(hasher.finalize().into()))
}

fn hash_range(file: &std::fs::File, range: std::ops::Range<u64>, mut hasher: sha2::Sha256) -> std::io::Result<sha2::Sha256> {
    let mut buffer = vec![0; READ_BYTES];
    let mut start = range.start;
    while start < range.end {
        let length = (range.end - start).min(READ_BYTES as u64) as usize;
        file.read_exact_at(&mut buffer[..length], start)?;
        hasher.update(&buffer[..length]);
        start += length as u64;
    }
    Ok(hasher)
}
