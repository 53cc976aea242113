//! Records as OCFL 1.1 objects: a directory layout that any archivist can read and check without this program.
//!
//! A version is written so that a kill at any moment leaves the old one valid: everything new is built apart and made durable
//! (on a disk; a bucket shows nothing before the inventory names it), moved in, and only then named by the root inventory,
//! which is replaced at once. The next commit of the record clears away what a killed one left.

pub mod inventory;
pub mod verify;

use crate::{
    fault::{Fault, blocking},
    key::{Key, StorePath, object_root},
    shelf::{Content, Overwrite, Shelf, Shelves},
    store::Store,
};
use bytes::Bytes;
use inventory::{Inventory, User, VersionBlock};
use record::{
    file::Sha256,
    id::{RecordId, UploadId},
    instant::Instant,
};
use sha2::Digest;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What the next version of a record's object shall hold, completely.
pub struct Next {
    pub state: Vec<Entry>,
    pub message: String,
    pub user_name: String,
    /// `mailto:…` or an ORCID address; empty when there is none.
    pub user_address: String,
    pub created: Instant,
}

pub struct Entry {
    /// `record.json` or `files/…`.
    pub logical: String,
    pub sha256: Sha256,
    pub bytes: u64,
    pub source: Source,
}

pub enum Source {
    /// Finished on the staging disk; it stays there until `staging().delete`.
    Staged(UploadId),
    Bytes(Bytes),
    /// An earlier version holds it.
    AlreadyThere,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    pub ocfl_version: u32,
    /// Where the bytes of each name lie now: logical path and content path.
    pub places: Vec<(String, String)>,
}

/// Longer names would not fit into an S3 key; their bytes are filed under their sum instead.
const CONTENT_NAME_BYTES_MAX: usize = 800;
const ENTRIES_MAX: usize = 2_000_000;
/// The layout of the storage root, as the OCFL community's extension 0007 describes it.
const LAYOUT: &str = "0007-n-tuple-omit-prefix-storage-layout";

/// Declares the storage root, once; the same bytes every time, so that two processes may do it together.
pub(crate) async fn declare_root(shelves: &Shelves) -> Result<(), Fault> {
    let config = serde_json::json!({
        "extensionName": LAYOUT, "delimiter": ":", "tupleSize": 3, "numberOfTuples": 2, "zeroPadding": "left", "reverseObjectRoot": false,
    });
    let layout = serde_json::json!({
        "extension": LAYOUT,
        "description": "The last part of an object's identifier, below its first three and its next three letters.",
    });
    let files = [
        (format!("objects/extensions/{LAYOUT}/config.json"), format!("{config:#}\n")),
        ("objects/ocfl_layout.json".to_owned(), format!("{layout:#}\n")),
        ("objects/0=ocfl_1.1".to_owned(), "ocfl_1.1\n".to_owned()),
    ];
    for (path, text) in files {
        let key = StorePath::parse(path)?;
        if shelves.blob(key.clone()).await?.is_none() {
            shelves.put(key, Content::Bytes(text.into()), Overwrite::Replace).await?;
        }
    }
    Ok(())
}

impl Store {
    /// Writes a new version unless the newest one is already like that. When this returns, it is durable.
    pub async fn commit_version(&self, record: &RecordId, next: Next) -> Result<Committed, Fault> {
        let _turn = self.commit_turn(record).await;
        let before = self.inventory(record).await?;
        let mut inventory = before.clone().unwrap_or_else(|| Inventory::empty(record));
        let state = state_of(&next)?;
        if inventory.head_state() == Some(&state) {
            self.repair_sum(record).await?;
            return committed(&inventory, &next);
        }
        let version = format!("v{}", inventory.head_number() + 1);
        let files = self.add_contents(&mut inventory, &version, &next)?;
        let user = User { name: next.user_name.clone(), address: Some(next.user_address.clone()).filter(|address| !address.is_empty()) };
        let block = VersionBlock { created: next.created, state, message: Some(next.message.clone()), user: Some(user) };
        inventory.head.clone_from(&version);
        inventory.versions.insert(version.clone(), block);
        let written = Written::of(&inventory)?;
        match before {
            None => self.write_first(record, files, &written).await?,
            Some(_) => self.write_following(record, &version, files, &written).await?,
        }
        committed(&inventory, &next)
    }

    /// Extends the manifest by what is new, and says which files must be written where.
    fn add_contents(&self, inventory: &mut Inventory, version: &str, next: &Next) -> Result<Vec<(String, Content)>, Fault> {
        let mut files = Vec::new();
        for entry in &next.state {
            if inventory.manifest.contains_key(&entry.sha256) {
                continue;
            }
            let content = match &entry.source {
                Source::Staged(upload) => Content::File(self.staging().path(upload)),
                Source::Bytes(bytes) => Content::Bytes(checked(entry, bytes)?),
                Source::AlreadyThere => {
                    let why = format!("no earlier version holds {}", entry.sha256);
                    return Err(Fault::refused("preserve", &entry.logical, why));
                }
            };
            let path = format!("{version}/content/{}", content_name(entry));
            inventory.manifest.insert(entry.sha256, vec![path.clone()]);
            files.push((path, content));
        }
        Ok(files)
    }

    /// The first version: on a disk the whole object appears with one rename.
    async fn write_first(&self, record: &RecordId, files: Vec<(String, Content)>, written: &Written) -> Result<(), Fault> {
        let object = StorePath::parse(object_root(record))?;
        let building = self.building(record, &object)?;
        self.shelves.delete_tree(building.clone()).await?;
        let mut all = prefixed(&building, files)?;
        let declaration = ("0=ocfl_object_1.1", Bytes::from_static(b"ocfl_object_1.1\n"));
        let (text, sum) = (("inventory.json", written.text.clone()), ("inventory.json.sha256", written.sum.clone()));
        for (name, bytes) in [("v1/inventory.json", text.1.clone()), ("v1/inventory.json.sha256", sum.1.clone()), declaration, sum] {
            all.push((building.join(name)?, Content::Bytes(bytes)));
        }
        self.shelves.put_many(all).await?;
        self.shelves.put(building.join(text.0)?, Content::Bytes(text.1), Overwrite::Replace).await?;
        self.shelves.install(building, object).await
    }

    /// A later version: its directory first, then the root inventory, which alone makes it true.
    async fn write_following(
        &self,
        record: &RecordId,
        version: &str,
        files: Vec<(String, Content)>,
        written: &Written,
    ) -> Result<(), Fault> {
        let object = StorePath::parse(object_root(record))?;
        let building = self.building(record, &object)?;
        let (built, place) = (building.join(version)?, object.join(version)?);
        self.shelves.delete_tree(built.clone()).await?;
        if built != place {
            self.shelves.delete_tree(place.clone()).await?;
        }
        let mut all = prefixed(&building, files)?;
        all.push((built.join("inventory.json")?, Content::Bytes(written.text.clone())));
        all.push((built.join("inventory.json.sha256")?, Content::Bytes(written.sum.clone())));
        self.shelves.put_many(all).await?;
        self.shelves.install(built, place).await?;
        self.shelves.put(object.join("inventory.json")?, Content::Bytes(written.text.clone()), Overwrite::Replace).await?;
        self.shelves.put(object.join("inventory.json.sha256")?, Content::Bytes(written.sum.clone()), Overwrite::Replace).await
    }

    /// On a disk new things are built apart; a bucket cannot move, and needs not to.
    fn building(&self, record: &RecordId, object: &StorePath) -> Result<StorePath, Fault> {
        match self.shelves.shelf {
            Shelf::Local(_) => StorePath::parse(format!("building/commit-{record}")),
            Shelf::Bucket(_) => Ok(object.clone()),
        }
    }

    /// The record's inventory, checked against its sum; `None` when the record has no object yet.
    pub async fn inventory(&self, record: &RecordId) -> Result<Option<Inventory>, Fault> {
        let key = Key::Inventory { record: record.clone() };
        let Some(text) = self.shelves.read(StorePath::parse(key.path())?).await? else { return Ok(None) };
        let sum = self.shelves.read(StorePath::parse(Key::InventorySum { record: record.clone() }.path())?).await?;
        let (inventory, found) = blocking("read", move || {
            let found = sha256_of(&text);
            Ok((Inventory::parse(&key.path(), &text)?, found))
        })
        .await?;
        if stated(sum.as_deref()) == Some(found) {
            return Ok(Some(inventory));
        }
        // A kill between inventory and sum leaves the sum behind; then the newest version's own copy vouches for it.
        let copy = format!("{}/{}/inventory.json.sha256", object_root(record), inventory.head);
        let vouched = stated(self.shelves.read(StorePath::parse(copy)?).await?.as_deref());
        match vouched == Some(found) {
            true => Ok(Some(inventory)),
            false => Err(Fault::Corrupt {
                key: Key::Inventory { record: record.clone() }.path(),
                expected: stated(sum.as_deref()).map_or_else(|| "a readable sum beside it".to_owned(), |sum| sum.to_string()),
                found: found.to_string(),
            }),
        }
    }

    /// Finishes what a kill between inventory and sum left undone.
    async fn repair_sum(&self, record: &RecordId) -> Result<(), Fault> {
        let place = StorePath::parse(Key::InventorySum { record: record.clone() }.path())?;
        let Some(text) = self.shelves.read(StorePath::parse(Key::Inventory { record: record.clone() }.path())?).await? else {
            return Ok(());
        };
        let found = sha256_of(&text);
        if stated(self.shelves.read(place.clone()).await?.as_deref()) == Some(found) {
            return Ok(());
        }
        self.shelves.put(place, Content::Bytes(sum_line(found)), Overwrite::Replace).await
    }

    /// The bytes behind a name in the newest version, such as `record.json`.
    pub async fn read_logical(&self, record: &RecordId, logical: &str) -> Result<Option<Bytes>, Fault> {
        let Some(inventory) = self.inventory(record).await? else { return Ok(None) };
        let Some((expected, content_path)) = inventory.find(logical) else { return Ok(None) };
        let key = Key::Content { record: record.clone(), content_path: content_path.to_owned() };
        let missing = || Fault::NotFound { key: key.path() };
        let bytes = self.shelves.read(StorePath::parse(key.path())?).await?.ok_or_else(missing)?;
        let found = sha256_of(&bytes);
        match found == expected {
            true => Ok(Some(bytes)),
            false => Err(Fault::Corrupt { key: key.path(), expected: expected.to_string(), found: found.to_string() }),
        }
    }

    /// All records that have an object, in the order of their ids.
    pub async fn objects(&self) -> Result<Vec<RecordId>, Fault> {
        let mut found = Vec::new();
        for first in self.shelves.folders("objects".to_owned()).await?.iter().filter(|name| name.len() == 3) {
            let above = format!("objects/{first}");
            for second in self.shelves.folders(above.clone()).await? {
                let names = self.shelves.folders(format!("{above}/{second}")).await?;
                found.extend(names.iter().filter_map(|name| name.parse::<RecordId>().ok()));
            }
        }
        Ok(found)
    }

    /// Removes the object of a draft that was deleted. Never for anything that was ever public.
    pub async fn forget(&self, record: &RecordId) -> Result<(), Fault> {
        let _turn = self.commit_turn(record).await;
        let object = StorePath::parse(object_root(record))?;
        let building = self.building(record, &object)?;
        self.shelves.delete_tree(object).await?;
        self.shelves.delete_tree(building).await
    }
}

/// An inventory and its sum, as they are written.
struct Written {
    text: Bytes,
    sum: Bytes,
}

impl Written {
    fn of(inventory: &Inventory) -> Result<Self, Fault> {
        let text = Bytes::from(inventory.to_json()?);
        let sum = sum_line(sha256_of(&text));
        Ok(Self { text, sum })
    }
}

fn sum_line(sum: Sha256) -> Bytes {
    format!("{sum} inventory.json\n").into()
}

fn stated(line: Option<&[u8]>) -> Option<Sha256> {
    std::str::from_utf8(line?).ok()?.split_whitespace().next()?.parse().ok()
}

pub(crate) fn sha256_of(bytes: &[u8]) -> Sha256 {
    Sha256(sha2::Sha256::digest(bytes).into())
}

fn checked(entry: &Entry, bytes: &Bytes) -> Result<Bytes, Fault> {
    let found = sha256_of(bytes);
    match found == entry.sha256 {
        true => Ok(bytes.clone()),
        false => Err(Fault::Corrupt { key: entry.logical.clone(), expected: entry.sha256.to_string(), found: found.to_string() }),
    }
}

fn content_name(entry: &Entry) -> String {
    match entry.logical.len() <= CONTENT_NAME_BYTES_MAX {
        true => entry.logical.clone(),
        false => format!("long-names/{}", entry.sha256),
    }
}

fn prefixed(building: &StorePath, files: Vec<(String, Content)>) -> Result<Vec<(StorePath, Content)>, Fault> {
    files.into_iter().map(|(path, content)| Ok((building.join(&path)?, content))).collect()
}

/// Sum to names; refuses what OCFL forbids: the same name twice, a name that is also a folder, or a strange path.
fn state_of(next: &Next) -> Result<BTreeMap<Sha256, Vec<String>>, Fault> {
    let refuse = |name: &str, why: &str| Err(Fault::refused("preserve", name, why));
    if next.state.len() > ENTRIES_MAX {
        return refuse("the version", "it has more than 2,000,000 files");
    }
    let mut names = HashSet::with_capacity(next.state.len());
    let mut state: BTreeMap<Sha256, Vec<String>> = BTreeMap::new();
    for entry in &next.state {
        StorePath::parse(entry.logical.as_str())?;
        if !names.insert(entry.logical.as_str()) {
            return refuse(&entry.logical, "the name is given twice");
        }
        state.entry(entry.sha256).or_default().push(entry.logical.clone());
    }
    for name in &names {
        let mut folders = name.match_indices('/').map(|(cut, _)| &name[..cut]);
        if let Some(folder) = folders.find(|folder| names.contains(folder)) {
            return refuse(folder, "it is a file and a folder at once");
        }
    }
    state.values_mut().for_each(|names| names.sort());
    Ok(state)
}

fn committed(inventory: &Inventory, next: &Next) -> Result<Committed, Fault> {
    let by_name: HashMap<&str, &str> = inventory.files(&inventory.head).map(|(name, _, path)| (name, path)).collect();
    let place = |entry: &Entry| {
        let path = by_name.get(entry.logical.as_str()).ok_or_else(|| Fault::NotFound { key: entry.logical.clone() })?;
        Ok((entry.logical.clone(), (*path).to_owned()))
    };
    Ok(Committed { ocfl_version: inventory.head_number(), places: next.state.iter().map(place).collect::<Result<_, Fault>>()? })
}
