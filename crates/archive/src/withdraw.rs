//! Closing a public record for good: the DOI stays and leads to a tombstone.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
};
use record::{Record, access::Aspect, event::Happening, id::RecordId, job::Job};

const REASON_BYTES_MAX: usize = 2000;

impl Archive {
    pub async fn withdraw(&self, visitor: &Visitor, id: &RecordId, reason: String) -> Result<Record, Refusal> {
        let reason = reason.trim().to_owned();
        if reason.is_empty() || reason.len() > REASON_BYTES_MAX {
            return Err(Refusal::invalid(
                "reason",
                said(
                    "reason-missing",
                    "Say why it is withdrawn, in at most 2000 letters.",
                    "Sagen Sie, warum er zurückgezogen wird, in höchstens 2000 Zeichen.",
                ),
                hint("One sentence is enough; the team keeps it.", "Ein Satz genügt; das Team behält ihn."),
            ));
        }
        let mut change = self.catalogue().change().await?;
        let mut record = self.grip(&mut change, visitor, id, Aspect::Release).await?.record;
        let now = self.now();
        record.state = record.state.withdraw(reason, now)?;
        if record.state.doi().is_some() {
            change.enqueue(&Job::RegisterDoi { record: id.clone() }, now, now).await?;
        }
        change.enqueue(&Job::Preserve { record: id.clone() }, now, now).await?;
        // What was to become the next version is nothing any more.
        let left = self.clear_draft(&mut change, id).await?;
        self.save(&mut change, &mut record, visitor, &Happening::Withdrawn).await?;
        self.commit(change, &[id]).await?;
        self.clear_away(id, left).await?;
        Ok(record)
    }
}
