//! Opening the files to everyone. Only owners can; or a date they set, which holds to the minute.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
    register::{refuse_unready, texts_are_published},
};
use record::{
    Record, access::Aspect, event::Happening, id::RecordId, instant::Instant, job::Job, readiness, record::Holdings, state::State,
};

/// How soon a release that was not ready is tried again.
const NOT_READY_SECONDS: i64 = 3600;

impl Archive {
    pub async fn release(&self, visitor: &Visitor, id: &RecordId) -> Result<Record, Refusal> {
        let mut change = self.catalogue().change().await?;
        let sight = self.grip_working(&mut change, visitor, id, Aspect::Release).await?;
        let record = self.open_files(&mut change, visitor, sight.record, &sight.holdings).await?;
        self.commit(change, &[id]).await?;
        Ok(record)
    }

    /// Sets or clears the day on which the files open by themselves.
    pub async fn schedule(&self, visitor: &Visitor, id: &RecordId, release_at: Option<Instant>) -> Result<Record, Refusal> {
        self.set_opening(visitor, id, release_at, false).await
    }

    /// The files open when the publication is out that the owners confirmed, and on this day at the latest.
    pub async fn schedule_with_publication(&self, visitor: &Visitor, id: &RecordId, latest: Option<Instant>) -> Result<Record, Refusal> {
        if latest.is_none() {
            return Err(Refusal::invalid(
                "release_at",
                said(
                    "latest-date-missing",
                    "“When the paper is out” needs a latest date behind it.",
                    "„Wenn die Publikation erschienen ist“ braucht ein spätestes Datum dahinter.",
                ),
                hint("On that day the files open in any case.", "An diesem Tag öffnen sich die Dateien auf jeden Fall."),
            ));
        }
        self.set_opening(visitor, id, latest, true).await
    }

    async fn set_opening(
        &self,
        visitor: &Visitor,
        id: &RecordId,
        release_at: Option<Instant>,
        with_publication: bool,
    ) -> Result<Record, Refusal> {
        let now = self.now();
        if release_at.is_some_and(|instant| instant <= now) {
            return Err(Refusal::invalid(
                "release_at",
                said("release-date-past", "The release date lies in the past.", "Das Freigabedatum liegt in der Vergangenheit."),
                hint("Choose a later one, or release now.", "Wählen Sie ein späteres oder geben Sie jetzt frei."),
            ));
        }
        let mut change = self.catalogue().change().await?;
        let mut record = self.grip(&mut change, visitor, id, Aspect::Release).await?.record;
        record.state = match release_at {
            Some(latest) if with_publication => record.state.schedule_with_publication(latest)?,
            _ => record.state.schedule(release_at)?,
        };
        if with_publication {
            // The publication may be out already.
            change.enqueue(&Job::ReleaseOnDate { record: id.clone() }, now, now).await?;
        } else if let Some(instant) = release_at {
            change.enqueue(&Job::ReleaseOnDate { record: id.clone() }, instant, now).await?;
        }
        change.enqueue(&Job::RegisterDoi { record: id.clone() }, now, now).await?;
        change.enqueue(&Job::Preserve { record: id.clone() }, now, now).await?;
        self.save(&mut change, &mut record, visitor, &Happening::ReleaseScheduled { release_at }).await?;
        self.commit(change, &[id]).await?;
        Ok(record)
    }

    /// The job of the release date, and of the publication that opens the files before it. The date may have been moved or
    /// cleared since; then it does nothing, or comes again on the new day.
    pub async fn release_on_date(&self, id: &RecordId) -> Result<(), Refusal> {
        let mut change = self.catalogue().change().await?;
        let Some(stored) = change.record(id).await? else { return Ok(()) };
        let Some(release_at) = stored.record.state.release_at() else { return Ok(()) };
        let now = self.now();
        let is_out = stored.record.state.opens_with_publication() && self.publication_is_out(&mut change, id).await?;
        if release_at > now && !is_out {
            change.enqueue(&Job::ReleaseOnDate { record: id.clone() }, release_at, now).await?;
            return self.commit(change, &[]).await;
        }
        if release_at > now && !readiness::before_release(&stored.record, &stored.holdings).is_empty() {
            // The publication came before the last file: the owners see what is missing, and it is tried again.
            let again = now.plus_seconds(NOT_READY_SECONDS).min(release_at);
            change.enqueue(&Job::ReleaseOnDate { record: id.clone() }, again, now).await?;
            return self.commit(change, &[]).await;
        }
        self.open_files(&mut change, &Visitor::anyone(), stored.record, &stored.holdings).await?;
        self.commit(change, &[id]).await
    }

    async fn open_files(
        &self,
        change: &mut catalogue::Change,
        visitor: &Visitor,
        mut record: Record,
        holdings: &Holdings,
    ) -> Result<Record, Refusal> {
        refuse_unready(readiness::before_release(&record, holdings))?;
        let now = self.now();
        if record.kind.is_text() {
            return Err(texts_are_published());
        }
        let is_next_version = matches!(record.state, State::Revising { .. });
        record.state = record.state.release(record.version, now)?;
        change.enqueue(&Job::RegisterDoi { record: record.id.clone() }, now, now).await?;
        change.enqueue(&Job::Preserve { record: record.id.clone() }, now, now).await?;
        change.enqueue(&Job::Surface { record: record.id.clone() }, now, now).await?;
        change.enqueue(&Job::Movie { record: record.id.clone() }, now, now).await?;
        self.ask_for_models(change, &record.id).await?;
        if is_next_version {
            self.promote(change, &mut record, visitor, &Happening::Released).await?;
        } else {
            self.save(change, &mut record, visitor, &Happening::Released).await?;
        }
        Ok(record)
    }
}
