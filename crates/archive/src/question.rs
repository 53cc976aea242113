//! What the files leave open: the worker reports it, the owners answer, and what follows from the answer is made.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
    upload::files_are_released,
};
use record::{
    Record,
    access::Aspect,
    derivative::Derivative,
    event::Happening,
    id::RecordId,
    job::Job,
    question::{Answers, Question, Slot},
    version::Version,
};

impl Archive {
    /// Takes the answers of an owner in place of those before, and has the volume made by them.
    pub async fn answer(&self, visitor: &Visitor, id: &RecordId, answers: Answers) -> Result<Record, Refusal> {
        let mut change = self.catalogue().change().await?;
        let sight = self.grip_working(&mut change, visitor, id, Aspect::Change).await?;
        let mut record = sight.record;
        if !record.state.takes_files() {
            return Err(files_are_released());
        }
        if let Some((field, says, says_de)) = answers.fault() {
            return Err(Refusal::invalid(
                field,
                said("answer-cannot-be", says, says_de),
                hint("Look at the choices once more.", "Sehen Sie die Auswahl noch einmal an."),
            ));
        }
        if record.answers == answers {
            return Ok(record);
        }
        let before = std::mem::replace(&mut record.answers, answers);
        // What is answered is no question any more; whether the answer opens another one, the files will say.
        let answers = &record.answers;
        record.questions.retain(|question| !answers.no_volume && is_same(&before, answers, question.topic.slot()));
        let now = self.now();
        let unwanted = if record.answers.no_volume { forget_volume(&mut change, id, record.version).await? } else { Vec::new() };
        if record.kind.has_volume() && sight.holdings.files > 0 {
            change.enqueue(&Job::Convert { record: id.clone() }, now, now).await?;
        }
        change.enqueue(&Job::Preserve { record: id.clone() }, now.plus_seconds(10), now).await?;
        self.save(&mut change, &mut record, visitor, &Happening::MetadataChanged).await?;
        self.commit(change, &[id]).await?;
        self.delete_looks(id, &unwanted).await?;
        Ok(record)
    }

    /// What the files leave open, asked of their owners; an empty list when all is clear. A released version stays as it is.
    pub async fn report_questions(&self, id: &RecordId, questions: Vec<Question>) -> Result<(), Refusal> {
        let mut change = self.catalogue().change().await?;
        let Some(current) = change.record(id).await? else { return Ok(()) };
        let mut record = change.draft_of(id).await?.unwrap_or(current).record;
        if record.questions == questions || !record.state.takes_files() {
            return Ok(());
        }
        record.questions = questions;
        self.save(&mut change, &mut record, &Visitor::anyone(), &Happening::MetadataChanged).await?;
        self.commit(change, &[id]).await
    }
}

/// What was made of files that are to become no volume; what is returned lies in the store and is referred to no more.
async fn forget_volume(change: &mut catalogue::Change, id: &RecordId, version: Version) -> Result<Vec<Derivative>, Refusal> {
    let mut made = change.derivatives(id).await?;
    made.retain(|made| made.version == version && made.kind.source().is_none());
    for made in &made {
        change.delete_derivative(id, version, &made.name).await?;
    }
    made.retain(|made| made.kept_in.is_none());
    Ok(made)
}

fn is_same(before: &Answers, now: &Answers, slot: Slot) -> bool {
    match slot {
        Slot::Source => before.source == now.source,
        Slot::Dataset => before.dataset == now.dataset,
        Slot::Channel => before.channel == now.channel,
        Slot::Raw => before.raw == now.raw,
    }
}
