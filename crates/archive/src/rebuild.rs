//! Making the catalogue again from storage alone, and checking that storage still holds what it should.
//! Accounts are not in the objects: owners come back by their address and ask for a new password.

use crate::{
    Archive, Refusal,
    preserve::{ORIGINALS_JSON, RECORD_JSON, VERSIONS},
    refusal::chain,
};
use catalogue::Change;
use record::{
    Record,
    account::Rank,
    derivative::Derivative,
    event::Happening,
    file::{FilePath, Original, Place, Sha256, StoredFile},
    id::RecordId,
    job::Job,
    state::State,
    version::Version,
};
use std::collections::{BTreeMap, BTreeSet};
use storage::{Damage, Inventory, Key};

#[derive(Debug, Default)]
pub struct Rebuilt {
    pub records: u64,
    pub files: u64,
    /// What could not be read, by record; nothing of it was changed.
    pub damaged: Vec<(RecordId, String)>,
}

impl Archive {
    /// Reads every object and enters what is not in the catalogue yet. Can be repeated.
    pub async fn rebuild(&self, mut progress: impl FnMut(u64)) -> Result<Rebuilt, Refusal> {
        let mut rebuilt = Rebuilt::default();
        for id in self.store().objects().await? {
            if self.catalogue().record(&id).await?.is_some() {
                continue;
            }
            match self.rebuild_one(&id).await {
                Ok(files) => {
                    rebuilt.records += 1;
                    rebuilt.files += files;
                }
                Err(why) => rebuilt.damaged.push((id, why)),
            }
            progress(rebuilt.records);
        }
        Ok(rebuilt)
    }

    /// Lives the record's life again: its first version, and then what each next one changed.
    async fn rebuild_one(&self, id: &RecordId) -> Result<u64, String> {
        let inventory = self.store().inventory(id).await.map_err(|fault| chain(&fault))?.ok_or("it has no inventory")?;
        let mut versions = Vec::new();
        for number in 1.. {
            let folder = format!("{VERSIONS}{}/", Version(number));
            if inventory.find(&format!("{folder}{RECORD_JSON}")).is_none() {
                break;
            }
            versions.push(self.stored_version(id, &inventory, &folder).await?);
        }
        versions.push(self.stored_version(id, &inventory, "").await?);
        let derivatives = self.stored_derivatives(id, &versions).await?;
        let files = versions.last().map_or(0, |(_, files)| files.len() as u64);
        self.enter(&versions, &derivatives).await.map_err(|refusal| refusal.to_string())?;
        Ok(files)
    }

    async fn stored_version(&self, id: &RecordId, inventory: &Inventory, folder: &str) -> Result<(Record, Vec<StoredFile>), String> {
        let record: Record = self.read_json(id, &format!("{folder}{RECORD_JSON}")).await?;
        let originals: Vec<Original> = self.read_json(id, &format!("{folder}{ORIGINALS_JSON}")).await?;
        Ok((record, place_files(inventory, originals)?))
    }

    async fn read_json<T: serde::de::DeserializeOwned>(&self, id: &RecordId, logical: &str) -> Result<T, String> {
        let bytes = self.store().read_logical(id, logical).await.map_err(|fault| chain(&fault))?;
        let bytes = bytes.ok_or_else(|| format!("{logical} is missing"))?;
        serde_json::from_slice(&bytes).map_err(|error| format!("{logical} cannot be read: {error}"))
    }

    /// The newest description of each derivative that lies beside its bytes.
    /// What a version shares with the one before has no description of its own.
    async fn stored_derivatives(&self, id: &RecordId, versions: &[(Record, Vec<StoredFile>)]) -> Result<Vec<Derivative>, String> {
        let listed = self.store().list(&format!("derivatives/{id}")).await.map_err(|fault| chain(&fault))?;
        let mut newest: BTreeMap<(String, u32), Derivative> = BTreeMap::new();
        for item in listed.iter().filter(|item| item.path.ends_with(DESCRIPTION)) {
            let Some(key) = description_key(id, &item.path) else { continue };
            let blob = self.store().blob(&key).await.map_err(|fault| chain(&fault))?.ok_or_else(|| format!("{} has gone", item.path))?;
            let bytes = blob.read_all().await.map_err(|fault| chain(&fault))?;
            let derivative: Derivative = serde_json::from_slice(&bytes).map_err(|error| format!("{}: {error}", item.path))?;
            let key = (derivative.name.clone(), derivative.version.0);
            if newest.get(&key).is_none_or(|kept| kept.made_at < derivative.made_at) {
                newest.insert(key, derivative);
            }
        }
        for (record, _) in versions.iter().filter(|(record, _)| record.version > Version::FIRST) {
            let (here, before) = (record.version, record.version.0 - 1);
            let shared: Vec<Derivative> =
                newest.values().filter(|made| made.version.0 == before).map(|made| made.reused_by(here)).collect();
            for made in shared {
                newest.entry((made.name.clone(), here.0)).or_insert(made);
            }
        }
        Ok(newest.into_values().collect())
    }

    async fn enter(&self, versions: &[(Record, Vec<StoredFile>)], derivatives: &[Derivative]) -> Result<(), Refusal> {
        let Some((newest, _)) = versions.last() else { return Ok(()) };
        for member in &newest.team {
            if self.catalogue().account_by_email(&member.email).await?.is_none() {
                self.make_account(member.email.as_str(), member.email.as_str(), None, Rank::Depositor).await?;
            }
        }
        let mut change = self.catalogue().change().await?;
        let mut present: BTreeMap<FilePath, Sha256> = BTreeMap::new();
        for (record, files) in versions {
            if present.is_empty() && record.version == Version::FIRST {
                change.insert_record(record).await?;
            } else {
                change.begin_draft(record).await?;
            }
            enter_files(&mut change, &record.id, &mut present, files).await?;
            if record.version > Version::FIRST && !record.state.is_draft() {
                change.promote_draft(record).await?;
            }
        }
        for derivative in derivatives {
            change.put_derivative(&newest.id, derivative).await?;
        }
        self.ask_again(&mut change, newest, derivatives).await?;
        change.append(&newest.id, None, &Happening::Rebuilt, self.now()).await?;
        self.commit(change, &[&newest.id]).await
    }

    /// The jobs that were waiting when the database was lost.
    async fn ask_again(&self, change: &mut Change, record: &Record, derivatives: &[Derivative]) -> Result<(), Refusal> {
        let now = self.now();
        let id = record.id.clone();
        if let Some(release_at) = record.state.release_at() {
            change.enqueue(&Job::ReleaseOnDate { record: id.clone() }, release_at, now).await?;
        }
        if record.state.doi().is_some() {
            change.enqueue(&Job::RegisterDoi { record: id.clone() }, now, now).await?;
        }
        change.enqueue(&Job::FindTies { record: id.clone() }, now, now).await?;
        let wants_volume = record.kind.has_volume() && !matches!(record.state, State::Withdrawn { .. });
        if wants_volume && !derivatives.iter().any(|made| made.kind.name() == "volume" && made.version == record.version) {
            change.enqueue(&Job::Convert { record: id.clone() }, now, now).await?;
        }
        self.ask_for_models(change, &id).await?;
        Ok(())
    }

    /// Reads every stored byte of these records, or of all, and compares it with its checksum.
    pub async fn verify(
        &self,
        records: Vec<RecordId>,
        mut progress: impl FnMut(&RecordId, u64) + Send,
    ) -> Result<Vec<(RecordId, Damage)>, Refusal> {
        let records = if records.is_empty() { self.store().objects().await? } else { records };
        let mut damages = Vec::new();
        for id in records {
            let found = self.store().verify(&id, |bytes| progress(&id, bytes)).await?;
            damages.extend(found.into_iter().map(|damage| (id.clone(), damage)));
        }
        Ok(damages)
    }
}

/// Only what differs from the version before is written.
async fn enter_files(
    change: &mut Change,
    id: &RecordId,
    present: &mut BTreeMap<FilePath, Sha256>,
    files: &[StoredFile],
) -> Result<(), Refusal> {
    let mut before = std::mem::take(present);
    let mut news = Vec::new();
    for file in files {
        let (path, sum) = (file.original.path.clone(), file.original.sha256);
        if before.remove(&path) != Some(sum) {
            news.push(file);
        }
        present.insert(path, sum);
    }
    let kept: BTreeSet<&FilePath> = present.keys().collect();
    for gone in before.keys().filter(|path| !kept.contains(path)) {
        change.remove_file(id, gone).await?;
    }
    for file in news {
        change.put_file(id, file).await?;
    }
    Ok(())
}

/// The ending of a derivative's description beside its bytes.
pub const DESCRIPTION: &str = ".derivative.json";

/// `derivatives/<id>/v1/<recipe>/<name>.derivative.json` as a key.
fn description_key(id: &RecordId, path: &str) -> Option<Key> {
    let mut parts = path.strip_prefix("derivatives/")?.strip_prefix(id.as_str())?.strip_prefix('/')?.splitn(3, '/');
    let (version, recipe, name) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Key::Derivative { record: id.clone(), version: version.parse().ok()?, recipe: recipe.to_owned(), path: name.to_owned() })
}

fn place_files(inventory: &Inventory, originals: Vec<Original>) -> Result<Vec<StoredFile>, String> {
    originals
        .into_iter()
        .map(|original| {
            let content_path =
                inventory.content_path(&original.sha256).ok_or_else(|| format!("the inventory does not hold {}", original.path))?;
            Ok(StoredFile { place: Place::Preserved { content_path: content_path.to_owned() }, original })
        })
        .collect()
}
