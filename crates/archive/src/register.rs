//! A DOI, an entry page; for texts: publication. The DOI's name is computed, so it is there at once;
//! the registrar is told by a job.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
};
use record::{Record, access::Aspect, doi::Doi, event::Happening, id::RecordId, job::Job, readiness, state::State};

impl Archive {
    pub async fn register(&self, visitor: &Visitor, id: &RecordId) -> Result<Record, Refusal> {
        let mut change = self.catalogue().change().await?;
        let sight = self.grip(&mut change, visitor, id, Aspect::Change).await?;
        let mut record = sight.record;
        if record.kind.is_text() {
            return Err(texts_are_published());
        }
        refuse_unready(readiness::before_register(&record, &sight.holdings))?;
        let now = self.now();
        record.state = record.state.register(Doi::for_record(&self.settings().prefix, id), now)?;
        change.enqueue(&Job::RegisterDoi { record: id.clone() }, now, now).await?;
        change.enqueue(&Job::Preserve { record: id.clone() }, now, now).await?;
        change.enqueue(&Job::FindTies { record: id.clone() }, now, now).await?;
        // Surface files and movies carry the DOI.
        change.enqueue(&Job::Surface { record: id.clone() }, now, now).await?;
        change.enqueue(&Job::Movie { record: id.clone() }, now, now).await?;
        self.ask_for_models(&mut change, id).await?;
        self.save(&mut change, &mut record, visitor, &Happening::Registered).await?;
        self.commit(change, &[id]).await?;
        Ok(record)
    }

    /// For texts: everything becomes visible at once. A text that carries its publisher's DOI gets no second one.
    pub async fn publish(&self, visitor: &Visitor, id: &RecordId) -> Result<Record, Refusal> {
        let mut change = self.catalogue().change().await?;
        let sight = self.grip_working(&mut change, visitor, id, Aspect::Release).await?;
        let mut record = sight.record;
        if record.kind.is_dataset() {
            return Err(Refusal::Conflict {
                what: said(
                    "datasets-are-released",
                    "A dataset is registered and released, not published.",
                    "Ein Datensatz wird registriert und freigegeben, nicht veröffentlicht.",
                ),
                hint: hint("Use “register”, then “release”.", "Nehmen Sie „registrieren“, dann „freigeben“."),
            });
        }
        refuse_unready(readiness::before_register(&record, &sight.holdings))?;
        let now = self.now();
        let has_one = record.metadata.article.as_ref().is_some_and(|article| article.doi.is_some());
        let minted = (!has_one).then(|| Doi::for_record(&self.settings().prefix, id));
        if minted.is_some() {
            change.enqueue(&Job::RegisterDoi { record: id.clone() }, now, now).await?;
        }
        let is_next_version = matches!(record.state, State::Revising { .. });
        record.state = record.state.publish(minted, now)?;
        change.enqueue(&Job::FindTies { record: id.clone() }, now, now).await?;
        change.enqueue(&Job::Preserve { record: id.clone() }, now, now).await?;
        if is_next_version {
            self.promote(&mut change, &mut record, visitor, &Happening::Published).await?;
        } else {
            self.save(&mut change, &mut record, visitor, &Happening::Published).await?;
        }
        self.commit(change, &[id]).await?;
        Ok(record)
    }
}

pub(crate) fn texts_are_published() -> Refusal {
    Refusal::Conflict {
        what: said(
            "texts-are-published",
            "A text is not registered and released but published.",
            "Ein Text wird nicht registriert und freigegeben, sondern veröffentlicht.",
        ),
        hint: hint("Use “publish”.", "Nehmen Sie „veröffentlichen“."),
    }
}

pub(crate) fn refuse_unready(obstacles: Vec<readiness::Obstacle>) -> Result<(), Refusal> {
    if obstacles.is_empty() { Ok(()) } else { Err(Refusal::NotReady(obstacles)) }
}
