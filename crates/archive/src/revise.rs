//! A new version of a released record. It begins with the files and words of the one before, kept by reference; it is the
//! team's alone until it is released, and then becomes the one that the record's address shows. What is released stays.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
    sight::{At, framed},
};
use catalogue::Change;
pub use catalogue::FileDifference;
use record::{
    Record,
    access::{Aspect, permits},
    event::Happening,
    file::{Place, StoredFile},
    id::RecordId,
    instant::Instant,
    job::Job,
    metadata::Metadata,
    state::State,
    upload::Upload,
    version::Version,
};

/// More than anybody will make by hand, few enough to be told to a registrar in one go.
const VERSIONS_MAX: u32 = 200;
/// Files named when two versions are compared.
pub const DIFFERENCES_MAX: u32 = 100;

/// A version as the list on the entry page shows it.
#[derive(Debug, Clone)]
pub struct VersionLine {
    pub version: Version,
    pub state: State,
    /// Since when it is open; for a draft, since when there is one.
    pub since: Instant,
    pub is_current: bool,
}

/// What a version has that the one before had not, and the other way round.
#[derive(Debug, Clone)]
pub struct Differences {
    pub before: Metadata,
    pub after: Metadata,
    /// The first [`DIFFERENCES_MAX`], by path.
    pub files: Vec<FileDifference>,
    pub more_files: bool,
}

/// What a discarded draft leaves behind outside of the catalogue.
pub(crate) struct Left {
    version: Version,
    uploads: Vec<Upload>,
    files: Vec<StoredFile>,
}

impl Archive {
    /// Opens the draft of the next version. Owners only, and one at a time.
    pub async fn revise(&self, visitor: &Visitor, id: &RecordId) -> Result<Record, Refusal> {
        let mut change = self.catalogue().change().await?;
        let current = self.grip(&mut change, visitor, id, Aspect::Change).await?.record;
        if change.draft_of(id).await?.is_some() {
            return Err(a_draft_is_there());
        }
        if current.version.0 >= VERSIONS_MAX {
            return Err(Refusal::TooLarge { what: format!("A record has at most {VERSIONS_MAX} versions.").into() });
        }
        self.refuse_while_labour_lasts(id).await?;
        let now = self.now();
        let draft = current.revise(now)?;
        change.begin_draft(&draft).await?;
        for made in change.derivatives(id).await?.iter().filter(|made| made.version == current.version && !made.is_first_look()) {
            change.put_derivative(id, &made.reused_by(draft.version)).await?;
        }
        change.enqueue(&Job::Preserve { record: id.clone() }, now.plus_seconds(10), now).await?;
        change.append(id, visitor.account_id(), &Happening::VersionBegun { version: draft.version }, now).await?;
        self.commit(change, &[id]).await?;
        Ok(draft)
    }

    /// Otherwise the labour would go on with the draft's files, and the released version stay without.
    async fn refuse_while_labour_lasts(&self, id: &RecordId) -> Result<(), Refusal> {
        let jobs = self.catalogue().jobs_of(id).await?;
        if !jobs.iter().any(|view| view.job.makes_derivatives() && !view.has_ended()) {
            return Ok(());
        }
        Err(Refusal::Conflict {
            what: said(
                "volume-in-the-making",
                "The volume of the present version is still being made.",
                "Das Volumen der jetzigen Version wird noch gemacht.",
            ),
            hint: hint("Begin the new version when it is there.", "Beginnen Sie die neue Version, wenn es da ist."),
        })
    }

    /// The draft, in its new state, becomes the current version.
    pub(crate) async fn promote(
        &self,
        change: &mut Change,
        record: &mut Record,
        visitor: &Visitor,
        what: &Happening,
    ) -> Result<(), Refusal> {
        let before = change.record(&record.id).await?.ok_or(Refusal::NotFound)?;
        record.revision = record.revision.max(before.record.revision) + 1;
        record.changed_at = self.now();
        change.promote_draft(record).await?;
        change.append(&record.id, visitor.account_id(), what, record.changed_at).await?;
        Ok(())
    }

    pub(crate) async fn discard_version(&self, mut change: Change, visitor: &Visitor, draft: &Record) -> Result<(), Refusal> {
        let (id, now) = (&draft.id, self.now());
        let left = self.clear_draft(&mut change, id).await?;
        change.enqueue(&Job::Preserve { record: id.clone() }, now, now).await?;
        change.append(id, visitor.account_id(), &Happening::VersionDiscarded { version: draft.version }, now).await?;
        self.commit(change, &[id]).await?;
        self.clear_away(id, left).await
    }

    /// Takes the draft out of the catalogue, if there is one; its bytes go after the commit, by [`Archive::clear_away`].
    pub(crate) async fn clear_draft(&self, change: &mut Change, id: &RecordId) -> Result<Option<Left>, Refusal> {
        let Some(draft) = change.draft_of(id).await? else { return Ok(None) };
        let version = draft.record.version;
        // All of them, however many: one that outlived the draft would be counted down from the released version.
        let mut uploads = Vec::new();
        loop {
            let page = change.uploads_of(id).await?;
            if page.is_empty() {
                break;
            }
            for upload in &page {
                change.delete_upload(&upload.id).await?;
            }
            uploads.extend(page);
        }
        let files = self.all_files(id, version).await?;
        change.discard_draft(id).await?;
        Ok(Some(Left { version, uploads, files: files.into_iter().filter(|file| matches!(file.place, Place::Staged { .. })).collect() }))
    }

    pub(crate) async fn clear_away(&self, id: &RecordId, left: Option<Left>) -> Result<(), Refusal> {
        let Some(Left { version, uploads, files }) = left else { return Ok(()) };
        for upload in &uploads {
            self.store().staging().delete(&upload.id).await?;
        }
        self.forget_staged(id, files).await?;
        Ok(self.store().delete_version(id, version).await?)
    }

    /// Every version that this visitor may know of, the oldest first.
    pub async fn versions(&self, visitor: &Visitor, id: &RecordId) -> Result<Vec<VersionLine>, Refusal> {
        let current = self.catalogue().record(id).await?.ok_or(Refusal::NotFound)?;
        let mut all: Vec<(Record, bool)> = Vec::new();
        for other in self.catalogue().other_versions(id).await? {
            all.push((framed(other, &current).record, false));
        }
        all.push((current.record, true));
        all.sort_by_key(|(record, _)| record.version);
        let seen = all.into_iter().filter(|(record, _)| permits(visitor.viewer_of(record), &record.state, Aspect::Tombstone));
        let line = |(record, is_current): (Record, bool)| {
            let since = match &record.state {
                State::Released { released_at, .. } => *released_at,
                State::Published { published_at, .. } => *published_at,
                state => state.public_since().unwrap_or(record.created_at),
            };
            VersionLine { version: record.version, state: record.state, since, is_current }
        };
        let lines: Vec<VersionLine> = seen.map(line).collect();
        if lines.is_empty() { Err(Refusal::NotFound) } else { Ok(lines) }
    }

    /// `None` for the first version, and where either cannot be seen.
    pub async fn differences(&self, visitor: &Visitor, at: impl Into<At>) -> Result<Option<Differences>, Refusal> {
        let after = self.see(visitor, at, Aspect::FileNames).await?.record;
        if after.version <= Version::FIRST {
            return Ok(None);
        }
        let before = At::version(&after.id, Version(after.version.0 - 1));
        let before = self.see(visitor, before, Aspect::FileNames).await?.record;
        let mut files = self.catalogue().file_differences(&after.id, after.version, DIFFERENCES_MAX + 1).await?;
        let more_files = files.len() > DIFFERENCES_MAX as usize;
        files.truncate(DIFFERENCES_MAX as usize);
        Ok(Some(Differences { before: before.metadata, after: after.metadata, files, more_files }))
    }

    /// What the registrar is told, one description for each DOI: of all versions together, and of each that is or was open.
    pub async fn descriptions_for_registrar(&self, id: &RecordId) -> Result<Vec<Record>, Refusal> {
        let Some(current) = self.catalogue().record(id).await? else { return Ok(Vec::new()) };
        let newest = current.record.newest_open();
        let mut descriptions = vec![current.record.as_all_versions(newest)];
        let Some(newest) = newest else { return Ok(descriptions) };
        for other in self.catalogue().other_versions(id).await? {
            if !other.record.state.is_draft() {
                descriptions.push(framed(other, &current).record.as_version(newest));
            }
        }
        if current.record.version == newest {
            descriptions.push(current.record.as_version(newest));
        }
        Ok(descriptions)
    }
}

fn a_draft_is_there() -> Refusal {
    Refusal::Conflict {
        what: said("version-begun-already", "A new version has been begun already.", "Eine neue Version ist schon begonnen."),
        hint: hint("Go on with it, or delete its draft.", "Arbeiten Sie daran weiter oder löschen Sie ihren Entwurf."),
    }
}
