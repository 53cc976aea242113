//! Opening the files to everyone. Only owners can; or a date they set, which holds to the minute.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
    register::{refuse_unready, texts_are_published},
};
use record::{
    Record, access::Aspect, event::Happening, id::RecordId, instant::Instant, job::Job, readiness, record::Holdings, state::State,
};

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
        record.state = record.state.schedule(release_at)?;
        if let Some(instant) = release_at {
            change.enqueue(&Job::ReleaseOnDate { record: id.clone() }, instant, now).await?;
        }
        change.enqueue(&Job::RegisterDoi { record: id.clone() }, now, now).await?;
        change.enqueue(&Job::Preserve { record: id.clone() }, now, now).await?;
        self.save(&mut change, &mut record, visitor, &Happening::ReleaseScheduled { release_at }).await?;
        self.commit(change, &[id]).await?;
        Ok(record)
    }

    /// The job of the release date. The date may have been moved or cleared since; then it does nothing,
    /// or comes again on the new day.
    pub async fn release_on_date(&self, id: &RecordId) -> Result<(), Refusal> {
        let mut change = self.catalogue().change().await?;
        let Some(stored) = change.record(id).await? else { return Ok(()) };
        let Some(release_at) = stored.record.state.release_at() else { return Ok(()) };
        let now = self.now();
        if release_at > now {
            change.enqueue(&Job::ReleaseOnDate { record: id.clone() }, release_at, now).await?;
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
        if is_next_version {
            self.promote(change, &mut record, visitor, &Happening::Released).await?;
        } else {
            self.save(change, &mut record, visitor, &Happening::Released).await?;
        }
        Ok(record)
    }
}
