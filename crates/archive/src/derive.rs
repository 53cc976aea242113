//! What the worker learns and makes. It computes and reports; here is decided what that means.

use crate::{Archive, Refusal, Visitor, look, rebuild::DESCRIPTION, reuse::inside, sight::At};
use record::{
    Record,
    access::Aspect,
    derivative::{Derivative, DerivativeKind, Input, Inputs, Recipe},
    event::Happening,
    field,
    file::{FilePath, Sha256, StoredFile},
    id::{JobId, RecordId},
    job::{Job, JobView, Standing},
    limits::INPUTS_LISTED_MAX,
    metadata::Metadata,
    version::Version,
};
use serde_json::{Map, Value};
use sha2::Digest;
use std::collections::{BTreeMap, BTreeSet};

/// What headers say, by form field. Only empty fields are filled.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// From the first bytes only: what a conversion has read to the end is not touched.
    pub preliminary: bool,
    pub format: Option<String>,
    pub shape: Option<[u64; 3]>,
    pub element_type: Option<String>,
    pub voxel_size_um: Option<[f64; 3]>,
    pub sample_name: Option<String>,
    pub instrument: Option<String>,
    pub facility: Option<String>,
    pub energy_kev: Option<f64>,
    pub date: Option<String>,
    /// Further fields by their names, as `record::field` takes them; what does not fit is left out.
    pub more: BTreeMap<&'static str, Value>,
}

/// What a job on a record starts from.
#[derive(Debug, Clone)]
pub struct Material {
    pub record: Record,
    pub files: Vec<StoredFile>,
    pub unfinished: Vec<(record::upload::Upload, u64)>,
    pub derivatives: Vec<Derivative>,
}

impl Archive {
    /// Of the version that is being worked on, with what was made of every version.
    pub async fn material(&self, id: &RecordId) -> Result<Option<Material>, Refusal> {
        let Some(record) = self.working_for_labour(id).await? else { return Ok(None) };
        let mut unfinished = Vec::new();
        for upload in self.catalogue().uploads_of(id).await? {
            let offset = self.store().staging().offset(&upload.id).await?.unwrap_or(0);
            unfinished.push((upload, offset));
        }
        let files = self.all_files(id, record.version).await?;
        Ok(Some(Material { record, files, unfinished, derivatives: self.catalogue().derivatives(id).await? }))
    }

    /// The draft of the next version if there is one, else the record as it is.
    pub async fn working_for_labour(&self, id: &RecordId) -> Result<Option<Record>, Refusal> {
        let draft = self.catalogue().draft_of(id).await?;
        let stored = if draft.is_some() { draft } else { self.catalogue().record(id).await? };
        Ok(stored.map(|stored| stored.record))
    }

    pub(crate) async fn all_files(&self, id: &RecordId, version: Version) -> Result<Vec<StoredFile>, Refusal> {
        let mut files: Vec<StoredFile> = Vec::new();
        loop {
            let after = files.last().map(|file| file.original.path.clone());
            let page = self.catalogue().files_after(id, version, after.as_ref(), 5000).await?;
            if page.is_empty() {
                return Ok(files);
            }
            files.extend(page);
        }
    }

    /// Fills what is still empty in the form, and remembers that it came from the files. A released version stays as it is.
    pub async fn report_facts(&self, id: &RecordId, facts: Facts) -> Result<(), Refusal> {
        let mut change = self.catalogue().change().await?;
        let Some(current) = change.record(id).await? else { return Ok(()) };
        let mut record = change.draft_of(id).await?.unwrap_or(current).record;
        let is_its_volume = |made: &Derivative| made.kind.name() == "volume" && made.version == record.version;
        if facts.preliminary && change.derivatives(id).await?.iter().any(is_its_volume) {
            return Ok(());
        }
        let before = record.clone();
        fill(&mut record, facts);
        if record == before || !record.state.takes_files() {
            return Ok(());
        }
        if record.state.doi().is_some() && !record.state.is_draft() {
            change.enqueue(&Job::RegisterDoi { record: id.clone() }, self.now(), self.now()).await?;
        }
        change.enqueue(&Job::Preserve { record: id.clone() }, self.now().plus_seconds(10), self.now()).await?;
        self.save(&mut change, &mut record, &Visitor::anyone(), &Happening::MetadataChanged).await?;
        self.commit(change, &[id]).await
    }

    /// Enters a derivative whose bytes are durable already, and asks for what follows from it.
    pub async fn report_derivative(&self, id: &RecordId, derivative: &Derivative) -> Result<(), Refusal> {
        let now = self.now();
        let description = serde_json::to_vec_pretty(derivative).map_err(|error| Refusal::Unavailable(error.to_string()))?;
        let own = Derivative { kept_in: None, ..derivative.clone() };
        self.store().put(&inside(id, &own, &format!("{}{DESCRIPTION}", derivative.name)), description.into()).await?;
        let mut change = self.catalogue().change().await?;
        let Some(current) = change.record(id).await? else {
            drop(change);
            return Ok(self.store().delete_derivatives(id).await?);
        };
        let working = change.draft_of(id).await?.unwrap_or(current).record;
        if derivative.version > working.version {
            drop(change); // The draft was given up meanwhile.
            return Ok(self.store().delete_version(id, derivative.version).await?);
        }
        let before = change.derivatives(id).await?;
        change.put_derivative(id, derivative).await?;
        if derivative.kind.name() == "volume" {
            change.enqueue(&Job::Preview { record: id.clone() }, now, now).await?;
            // Pictures come first: they are quick, and everybody sees them.
            change.enqueue(&Job::Surface { record: id.clone() }, now.plus_seconds(1), now).await?;
            change.enqueue(&Job::Movie { record: id.clone() }, now.plus_seconds(2), now).await?;
        }
        let looks = if derivative.recipe.step == "preview" { look::forget(&mut change, id, derivative.version).await? } else { Vec::new() };
        if !is_remark(&derivative.kind) {
            change.append(id, None, &Happening::Derived { name: derivative.name.clone() }, now).await?;
        }
        self.commit(change, &[id]).await?;
        self.delete_looks(id, &looks).await?;
        // Pictures and surfaces are chosen anew in released versions too, and a volume is replaced when more was told before the
        // release than was made yet.
        let is_chosen = matches!(derivative.kind.name(), "picture" | "movie" | "volume") || derivative.recipe.step == Recipe::SURFACE;
        let may_go = working.state.takes_files() || is_chosen;
        if working.version == derivative.version && may_go {
            self.clear_away_replaced(id, derivative, &before).await?;
        }
        Ok(())
    }

    /// Model files carry the DOI, and what is asked of uploaded models is asked again where some were found before.
    pub(crate) async fn ask_for_models(&self, change: &mut catalogue::Change, id: &RecordId) -> Result<(), Refusal> {
        if change.derivatives(id).await?.iter().any(|made| made.kind.name() == "model" && made.kind.source().is_some()) {
            change.enqueue(&Job::Models { record: id.clone() }, self.now(), self.now()).await?;
        }
        Ok(())
    }

    /// Whether the uploaded file that it was made of is still there.
    pub(crate) async fn has_its_source(&self, id: &RecordId, made: &Derivative) -> Result<bool, Refusal> {
        match made.kind.source() {
            Some(path) => Ok(self.catalogue().file(id, made.version, path).await?.is_some()),
            None => Ok(true),
        }
    }

    /// The bytes of what was made before under the same name, once nothing refers to them.
    async fn clear_away_replaced(&self, id: &RecordId, new: &Derivative, before: &[Derivative]) -> Result<(), Refusal> {
        let Some(old) = before.iter().find(|old| old.name == new.name && old.version == new.version) else { return Ok(()) };
        let refers = |other: &Derivative| other.home() == old.home() && other.recipe.digest == old.recipe.digest;
        if old.kept_in.is_some() || refers(new) || before.iter().any(|other| other.name != new.name && refers(other)) {
            return Ok(());
        }
        Ok(self.store().delete_recipe(id, old.version, &old.recipe.digest).await?)
    }

    pub async fn derivatives(&self, visitor: &Visitor, at: impl Into<At>) -> Result<Vec<Derivative>, Refusal> {
        let record = self.see(visitor, at, Aspect::Bytes).await?.record;
        let mut all = self.catalogue().derivatives(&record.id).await?;
        all.retain(|made| made.version == record.version && !made.is_first_look());
        // Many files are made of one model, and all of them go with it.
        let mut sources: BTreeMap<FilePath, bool> = BTreeMap::new();
        for made in &all {
            if let Some(path) = made.kind.source().filter(|path| !sources.contains_key(*path)) {
                sources.insert(path.clone(), self.has_its_source(&record.id, made).await?);
            }
        }
        all.retain(|made| made.kind.source().is_none_or(|path| sources.get(path).copied().unwrap_or(false)));
        Ok(all)
    }

    /// What is going on with the record right now, and what failed.
    pub async fn activity(&self, visitor: &Visitor, id: &RecordId) -> Result<Vec<JobView>, Refusal> {
        self.see(visitor, id, Aspect::Inside).await?;
        Ok(self.catalogue().jobs_of(id).await?)
    }

    /// Whether nothing more is to come of the record's labour: then what was made of its released versions stays as it is. A
    /// failed job may be tried again. Whoever keeps the answer reads the [`Archive::stamp`] before.
    pub async fn labour_is_over(&self, id: &RecordId) -> Result<bool, Refusal> {
        let is_over = |view: &JobView| !view.job.makes_derivatives() || matches!(view.standing, Standing::Needless { .. });
        Ok(self.catalogue().jobs_of(id).await?.iter().all(is_over))
    }

    pub async fn try_again(&self, visitor: &Visitor, id: &RecordId, job: JobId) -> Result<(), Refusal> {
        self.see(visitor, id, Aspect::Change).await?;
        visitor.needs(record::account::Scope::Deposit)?;
        if !self.catalogue().jobs_of(id).await?.iter().any(|view| view.id == job) {
            return Err(Refusal::NotFound);
        }
        let mut change = self.catalogue().change().await?;
        change.try_again(job, self.now()).await?;
        self.commit(change, &[id]).await
    }
}

fn fill(record: &mut Record, facts: Facts) {
    let read = &mut record.read_from_files;
    let Metadata { sample, acquisition, .. } = &mut record.metadata;
    // Format, shape and element type are what the files say, whatever stood there.
    follow(read, "format", &mut acquisition.format, facts.format);
    follow(read, "shape", &mut acquisition.shape, facts.shape);
    follow(read, "element_type", &mut acquisition.element_type, facts.element_type);
    complete(read, "voxel_size_um", &mut acquisition.voxel_size_um, facts.voxel_size_um);
    complete(read, "sample_name", &mut sample.name, facts.sample_name);
    complete(read, "instrument", &mut acquisition.instrument, facts.instrument);
    complete(read, "facility", &mut acquisition.facility, facts.facility);
    complete(read, "energy_kev", &mut acquisition.energy_kev, facts.energy_kev);
    let day = facts.date.and_then(|date| date.get(..10).filter(|day| field::check::is_day(day)).map(str::to_owned));
    complete(read, "date", &mut acquisition.date, day);
    fill_more(record, facts.more);
}

/// Fields that no code has to know by name.
fn fill_more(record: &mut Record, more: BTreeMap<&'static str, Value>) {
    let Ok(mut document) = serde_json::to_value(&record.metadata) else { return };
    let mut filled = BTreeSet::new();
    for (name, value) in more {
        let Some(field) = field::by_name(name) else { continue };
        let is_free = document.pointer(field.path).is_none() || record.read_from_files.contains(name);
        let (above, key) = field.path.rsplit_once('/').unwrap_or(("", field.path));
        if !is_free || field::check::fit(&field.shape, field.unit, field.example, &value, field.path).is_err() {
            continue;
        }
        if let Some(root) = document.as_object_mut().filter(|_| !above.is_empty()) {
            root.entry(&above[1..]).or_insert_with(|| Value::Object(Map::new()));
        }
        if let Some(group) = document.pointer_mut(above).and_then(Value::as_object_mut) {
            group.insert(key.to_owned(), value);
            filled.insert(name.to_owned());
        }
    }
    if let Ok(metadata) = serde_json::from_value(document) {
        record.metadata = metadata;
        record.read_from_files.extend(filled);
    }
}

fn follow<T>(read: &mut BTreeSet<String>, name: &str, slot: &mut Option<T>, found: Option<T>) {
    if found.is_some() {
        *slot = found;
        read.insert(name.to_owned());
    }
}

/// Fills an empty field, or one that was filled from the files before; what a person typed stays.
fn complete<T>(read: &mut BTreeSet<String>, name: &str, slot: &mut Option<T>, found: Option<T>) {
    if slot.is_none() || read.contains(name) {
        follow(read, name, slot, found);
    }
}

/// What is said of an uploaded movie of which no copy was made: nothing lies under its name.
fn is_remark(kind: &DerivativeKind) -> bool {
    matches!(kind, DerivativeKind::Movie(facts) if !facts.plays.is_copy())
}

/// The sum over a set of inputs, as `sha256sum` of their manifest would give it.
pub fn inputs_of(files: &[StoredFile]) -> Inputs {
    let sorted: BTreeMap<&FilePath, &StoredFile> = files.iter().map(|file| (&file.original.path, file)).collect();
    let mut hasher = sha2::Sha256::new();
    for (path, file) in &sorted {
        hasher.update(format!("{}  {path}\n", file.original.sha256));
    }
    let sum: [u8; 32] = hasher.finalize().into();
    let bytes = files.iter().map(|file| file.original.bytes).sum();
    Inputs { files: sorted.len() as u64, bytes, manifest_sha256: Sha256(sum), listed: Vec::new() }
}

/// As [`inputs_of`], with the sum of each where they are not too many.
pub fn inputs_listed(files: &[StoredFile]) -> Inputs {
    let few = Some(files).filter(|files| files.len() <= INPUTS_LISTED_MAX).unwrap_or_default();
    let mut listed: Vec<Input> = few.iter().map(|file| Input { path: file.original.path.clone(), sha256: file.original.sha256 }).collect();
    listed.sort_by(|a, b| a.path.cmp(&b.path));
    Inputs { listed, ..inputs_of(files) }
}

/// The short digest that goes into every key of a derivative: same inputs, same recipe, same key.
pub fn recipe_digest(step: &str, program_version: &str, parameters: &serde_json::Value, inputs: &Inputs) -> String {
    let mut hasher = sha2::Sha256::new();
    hasher.update(format!("{step}\n{program_version}\n{parameters}\n{}", inputs.manifest_sha256));
    let sum: [u8; 32] = hasher.finalize().into();
    Sha256(sum).to_string()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::{instant::Instant, kind::Kind};

    #[test]
    fn facts_fill_what_is_empty_and_leave_what_was_typed() {
        let mut typed = Metadata::default();
        typed.acquisition.voxel_size_um = Some([1.0; 3]);
        let mut record =
            Record::draft("7h3k9x2q4".parse().unwrap(), Kind::TomographyBiology, "ada@example.org".parse().unwrap(), typed, Instant(0));
        fill(&mut record, Facts { voxel_size_um: Some([2.0; 3]), energy_kev: Some(25.0), shape: Some([3, 2, 1]), ..Facts::default() });
        assert_eq!(record.metadata.acquisition.voxel_size_um, Some([1.0; 3]));
        assert_eq!(record.metadata.acquisition.energy_kev, Some(25.0));
        assert_eq!(record.read_from_files.iter().collect::<Vec<_>>(), ["energy_kev", "shape"]);
    }

    #[test]
    fn further_facts_come_in_by_name_when_they_fit() {
        let mut typed = Metadata::default();
        typed.acquisition.filter = Some("Cu".into());
        let owner = "ada@example.org".parse().unwrap();
        let mut record = Record::draft("7h3k9x2q4".parse().unwrap(), Kind::TomographyMaterials, owner, typed, Instant(0));
        let more = BTreeMap::from([
            ("voltage_kv", serde_json::json!(80.0)),
            ("projections", serde_json::json!(1800)),
            ("filter", serde_json::json!("Al 0.5 mm")),
            ("exposure_time_s", serde_json::json!("0.1 to 0.3")),
            ("no such field", serde_json::json!(1)),
        ]);
        fill(&mut record, Facts { more, date: Some("2021-03-04T10:11:12".into()), ..Facts::default() });
        let seen = &record.metadata.acquisition;
        assert_eq!((seen.voltage_kv, seen.projections, seen.filter.as_deref()), (Some(80.0), Some(1800), Some("Cu")));
        assert_eq!((seen.exposure_time_s, seen.date.as_deref()), (None, Some("2021-03-04")));
        assert_eq!(record.read_from_files.iter().collect::<Vec<_>>(), ["date", "projections", "voltage_kv"]);
    }
}
