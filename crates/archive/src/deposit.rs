//! Making a record and saying what it is.

use crate::{
    Archive, Refusal, Visitor,
    account::FIRST_ADMINISTRATOR,
    describe,
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
    field,
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
        let id = RecordId::from_random(&secret::random()?);
        self.settle_relations(visitor, &Metadata::default(), &mut metadata).await?;
        self.check_metadata(&metadata)?;
        self.check_relations(&id, &metadata)?;
        let now = self.now();
        let record = Record::draft(id, kind, owner.email.clone(), metadata, now);
        let mut change = self.catalogue().change().await?;
        change.insert_record(&record).await?;
        change.append(&record.id, visitor.account_id(), &Happening::Created, now).await?;
        self.commit(change, &[&record.id]).await?;
        Ok(record)
    }

    /// A draft that begins with the words of a record that this visitor may read, and with none of its files.
    pub async fn copy(&self, visitor: &Visitor, id: &RecordId) -> Result<Record, Refusal> {
        let model = self.see(visitor, At::working(id), Aspect::Metadata).await?.record;
        self.create(visitor, model.kind, describe::template_of(&model)).await
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
            let before = serde_json::to_value(metadata).map_err(|error| Refusal::Unavailable(error.to_string()))?;
            let mut after = before.clone();
            merge(&mut after, patch, 0)?;
            describe::metadata_of_change(&before, after)
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
        self.settle_relations(visitor, &before, &mut record.metadata).await?;
        self.check_metadata(&record.metadata)?;
        self.check_relations(id, &record.metadata)?;
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
}

/// A field that a person has changed is no longer “read from your file”.
fn forget_marks(record: &mut Record, before: &Metadata) {
    let (Ok(now), Ok(was)) = (serde_json::to_value(&record.metadata), serde_json::to_value(before)) else { return };
    record.read_from_files.retain(|name| field::by_name(name).is_none_or(|field| now.pointer(field.path) == was.pointer(field.path)));
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
