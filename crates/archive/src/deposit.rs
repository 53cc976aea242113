//! Making a record and saying what it is.

use crate::{
    Archive, Refusal, Visitor,
    account::FIRST_ADMINISTRATOR,
    refusal::{hint, said},
    secret,
    sight::{At, Sight},
};
use record::{
    Record,
    access::Aspect,
    account::Scope,
    agent::Person,
    event::Happening,
    file::Place,
    id::RecordId,
    job::Job,
    kind::Kind,
    metadata::Metadata,
    readiness::{self, Obstacle},
    state::State,
};

#[derive(Debug, Clone, serde::Serialize)]
pub struct Readiness {
    /// Stands before `register`, for texts before `publish`.
    pub register: Vec<Obstacle>,
    pub release: Vec<Obstacle>,
    /// Form fields that this kind requires.
    pub required: Vec<&'static str>,
}

impl Archive {
    pub async fn create(&self, visitor: &Visitor, kind: Kind, mut metadata: Metadata) -> Result<Record, Refusal> {
        let owner = visitor.needs(Scope::Deposit)?;
        let is_a_person = !owner.name.is_empty() && owner.email.as_str() != FIRST_ADMINISTRATOR;
        if metadata.creators.is_empty() && is_a_person && kind.is_dataset() {
            metadata.creators.push(Person::from_text(&owner.name));
        }
        self.check_metadata(&metadata)?;
        let now = self.now();
        let record = Record::draft(RecordId::from_random(&secret::random()?), kind, owner.email.clone(), metadata, now);
        let mut change = self.catalogue().change().await?;
        change.insert_record(&record).await?;
        change.append(&record.id, visitor.account_id(), &Happening::Created, now).await?;
        self.commit(change, &[&record.id]).await?;
        Ok(record)
    }

    /// Applies an RFC 7396 merge patch to the metadata.
    pub async fn patch(
        &self,
        visitor: &Visitor,
        id: &RecordId,
        patch: serde_json::Value,
        expected_revision: Option<i64>,
    ) -> Result<Record, Refusal> {
        self.change_metadata(visitor, id, expected_revision, |metadata| {
            let mut document = serde_json::to_value(metadata).map_err(|error| Refusal::Unavailable(error.to_string()))?;
            merge(&mut document, patch, 0)?;
            serde_json::from_value(document).map_err(|error| Refusal::Invalid {
                field: None,
                what: said(
                    "metadata-do-not-fit",
                    format!("The metadata do not fit: {error}."),
                    format!("Die Metadaten passen nicht: {error}."),
                ),
                hint: hint("The API page lists every field with its form.", "Die API-Seite nennt jedes Feld mit seiner Form."),
            })
        })
        .await
    }

    pub async fn put_metadata(
        &self,
        visitor: &Visitor,
        id: &RecordId,
        metadata: Metadata,
        expected_revision: Option<i64>,
    ) -> Result<Record, Refusal> {
        self.change_metadata(visitor, id, expected_revision, |_| Ok(metadata)).await
    }

    pub(crate) async fn change_metadata(
        &self,
        visitor: &Visitor,
        id: &RecordId,
        expected_revision: Option<i64>,
        edit: impl FnOnce(Metadata) -> Result<Metadata, Refusal>,
    ) -> Result<Record, Refusal> {
        let mut change = self.catalogue().change().await?;
        let sight = self.grip_working(&mut change, visitor, id, Aspect::Change).await?;
        let mut record = sight.record;
        if expected_revision.is_some_and(|revision| revision != record.revision) {
            return Err(catalogue::Fault::Conflict.into());
        }
        let before = record.metadata.clone();
        record.metadata = edit(record.metadata)?;
        if record.metadata == before {
            return Ok(record);
        }
        self.check_metadata(&record.metadata)?;
        forget_marks(&mut record, &before);
        let rescaled = record.metadata.acquisition.voxel_size_um != before.acquisition.voxel_size_um;
        if rescaled && record.kind.has_volume() && record.state.takes_files() && sight.holdings.files > 0 {
            change.enqueue(&Job::Convert { record: id.clone() }, self.now().plus_seconds(5), self.now()).await?;
        }
        if !record.state.is_draft() {
            keep_complete(&record)?;
            change.enqueue(&Job::RegisterDoi { record: id.clone() }, self.now(), self.now()).await?;
            change.enqueue(&Job::FindTies { record: id.clone() }, self.now(), self.now()).await?;
        }
        // A draft changes with every pause in typing; once a minute is soon enough for it.
        let preserve_in = if record.state.is_draft() { 60 } else { 2 };
        change.enqueue(&Job::Preserve { record: id.clone() }, self.now().plus_seconds(preserve_in), self.now()).await?;
        self.save(&mut change, &mut record, visitor, &Happening::MetadataChanged).await?;
        self.commit(change, &[id]).await?;
        Ok(record)
    }

    /// Writes a changed record and its event; the caller commits.
    pub(crate) async fn save(
        &self,
        change: &mut catalogue::Change,
        record: &mut Record,
        visitor: &Visitor,
        what: &Happening,
    ) -> Result<(), Refusal> {
        let expected = record.revision;
        record.revision += 1;
        record.changed_at = self.now();
        match record.state {
            State::Revising { .. } => change.update_draft(record, expected).await?,
            _ => change.update_record(record, expected).await?,
        }
        change.append(&record.id, visitor.account_id(), what, record.changed_at).await?;
        Ok(())
    }

    pub async fn delete_draft(&self, visitor: &Visitor, id: &RecordId) -> Result<(), Refusal> {
        let mut change = self.catalogue().change().await?;
        let sight = self.grip_working(&mut change, visitor, id, Aspect::Change).await?;
        if matches!(sight.record.state, State::Revising { .. }) {
            return self.discard_version(change, visitor, &sight.record).await;
        }
        if sight.record.state != State::Draft {
            return Err(Refusal::Conflict {
                what: said("drafts-only", "Only drafts can be deleted.", "Nur Entwürfe lassen sich löschen."),
                hint: hint(
                    "Withdraw the record instead; its DOI then leads to a tombstone.",
                    "Ziehen Sie den Eintrag stattdessen zurück; seine DOI führt dann zu einem Hinweis darauf.",
                ),
            });
        }
        let mut staged: Vec<_> = self.catalogue().uploads_of(id).await?.into_iter().map(|upload| upload.id).collect();
        staged.extend(self.all_files(id, sight.record.version).await?.into_iter().filter_map(|file| match file.place {
            Place::Staged { upload } => Some(upload),
            Place::Preserved { .. } => None,
        }));
        change.append(id, visitor.account_id(), &Happening::DraftDeleted, self.now()).await?;
        change.delete_record(id).await?;
        self.commit(change, &[id]).await?;
        for upload in staged {
            self.store().staging().delete(&upload).await?;
        }
        self.store().forget(id).await?;
        self.store().delete_derivatives(id).await?;
        Ok(())
    }

    pub async fn readiness(&self, visitor: &Visitor, id: &RecordId) -> Result<Readiness, Refusal> {
        let sight = self.see(visitor, At::working(id), Aspect::Inside).await?;
        Ok(Readiness {
            register: readiness::before_register(&sight.record, &sight.holdings),
            release: readiness::before_release(&sight.record, &sight.holdings),
            required: readiness::required_fields(sight.record.kind),
        })
    }

    pub async fn my_records(&self, visitor: &Visitor, after: Option<RecordId>, limit: u32) -> Result<Vec<Sight>, Refusal> {
        let account = visitor.needs(Scope::Read)?;
        let limit = limit.min(self.limits().page_items_max);
        let stored = self.catalogue().records_of(&account.email, after, limit).await?;
        Ok(stored.into_iter().map(|stored| Sight::new(stored, visitor)).collect())
    }

    pub(crate) fn check_metadata(&self, metadata: &Metadata) -> Result<(), Refusal> {
        let limits = self.limits();
        let bytes = serde_json::to_vec(metadata).map_or(usize::MAX, |text| text.len());
        if bytes > limits.metadata_bytes_max {
            return Err(Refusal::TooLarge {
                what: said(
                    "metadata-too-large",
                    format!("The metadata are {bytes} bytes long; {} are allowed.", limits.metadata_bytes_max),
                    format!("Die Metadaten sind {bytes} Bytes lang; {} sind erlaubt.", limits.metadata_bytes_max),
                ),
            });
        }
        if metadata.creators.len() > limits.creators_max {
            return Err(Refusal::TooLarge {
                what: said(
                    "too-many-creators",
                    format!("{} authors are more than the {} allowed.", metadata.creators.len(), limits.creators_max),
                    format!("{} Autorinnen und Autoren sind mehr als die erlaubten {}.", metadata.creators.len(), limits.creators_max),
                ),
            });
        }
        if let Some(size) = metadata.acquisition.voxel_size_um
            && !size.iter().all(|edge| edge.is_finite() && *edge > 0.0 && *edge < 1e7)
        {
            return Err(Refusal::invalid(
                "voxel_size_um",
                said("voxel-size-not-positive", "A voxel size must be greater than zero.", "Eine Voxelgröße muss größer als null sein."),
                hint("Give three lengths in micrometres, z, y, x.", "Geben Sie drei Längen in Mikrometern an, z, y, x."),
            ));
        }
        if let Some(bad) = metadata.related.iter().find_map(|relation| match &relation.target {
            record::relation::Target::Url(url) if !(url.starts_with("https://") || url.starts_with("http://")) => Some(url),
            _ => None,
        }) {
            return Err(Refusal::invalid(
                "related",
                said("not-an-address", format!("“{bad}” is not a web address."), format!("„{bad}“ ist keine Webadresse.")),
                hint("Start it with https://.", "Beginnen Sie sie mit https://."),
            ));
        }
        Ok(())
    }
}

/// A field that a person has changed is no longer “read from your file”.
fn forget_marks(record: &mut Record, before: &Metadata) {
    let (now, was) = (&record.metadata, before);
    let changed = [
        ("voxel_size_um", now.acquisition.voxel_size_um != was.acquisition.voxel_size_um),
        ("sample_name", now.sample.name != was.sample.name),
        ("instrument", now.acquisition.instrument != was.acquisition.instrument),
        ("facility", now.acquisition.facility != was.acquisition.facility),
        ("energy_kev", now.acquisition.energy_kev != was.acquisition.energy_kev),
        ("date", now.acquisition.date != was.acquisition.date),
    ];
    for (name, _) in changed.iter().filter(|(_, changed)| *changed) {
        record.read_from_files.remove(*name);
    }
}

/// What is public must stay complete: a change that would make it unfit to register is refused.
fn keep_complete(record: &Record) -> Result<(), Refusal> {
    let as_draft = Record { state: State::Draft, ..record.clone() };
    let held = record::record::Holdings { files: 1, ..Default::default() };
    let obstacles = readiness::before_register(&as_draft, &held);
    if obstacles.is_empty() { Ok(()) } else { Err(Refusal::NotReady(obstacles)) }
}

/// RFC 7396, to a bounded depth.
fn merge(target: &mut serde_json::Value, patch: serde_json::Value, depth: usize) -> Result<(), Refusal> {
    use serde_json::Value;
    if depth > 16 {
        return Err(Refusal::TooLarge { what: "The change is nested too deeply.".into() });
    }
    match patch {
        Value::Object(fields) => {
            if !target.is_object() {
                *target = Value::Object(serde_json::Map::new());
            }
            if let Value::Object(object) = target {
                for (key, value) in fields {
                    if value.is_null() {
                        object.remove(&key);
                    } else {
                        merge(object.entry(key).or_insert(Value::Null), value, depth + 1)?;
                    }
                }
            }
        }
        other => *target = other,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_patch_sets_replaces_and_removes() {
        let mut document = serde_json::json!({"title": "a", "sample": {"name": "x", "part": "jaw"}});
        merge(&mut document, serde_json::json!({"title": "b", "sample": {"part": null}, "keywords": ["k"]}), 0).unwrap();
        assert_eq!(document, serde_json::json!({"title": "b", "sample": {"name": "x"}, "keywords": ["k"]}));
    }
}
