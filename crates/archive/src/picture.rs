//! How the owners want their record to be seen: taken here, and the pictures and the movie are made again by it, of released
//! versions too: pictures are derived from them and no part of what was released.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
};
use record::{
    Record, access::Aspect, derivative::Derivative, event::Happening, id::RecordId, job::Job, kind::Kind, picture::PictureChoice,
};

impl Archive {
    /// Takes the choice of an owner in place of the one before.
    pub async fn choose_picture(&self, visitor: &Visitor, id: &RecordId, choice: PictureChoice) -> Result<Record, Refusal> {
        let mut change = self.catalogue().change().await?;
        let mut record = self.grip_working(&mut change, visitor, id, Aspect::Change).await?.record;
        check_picture(record.kind, &choice)?;
        if record.picture == choice {
            return Ok(record);
        }
        record.picture = choice;
        let now = self.now();
        let is_its_volume = |made: &Derivative| made.kind.name() == "volume" && made.version == record.version;
        if change.derivatives(id).await?.iter().any(is_its_volume) {
            change.enqueue(&Job::Preview { record: id.clone() }, now, now).await?;
            change.enqueue(&Job::Movie { record: id.clone() }, now.plus_seconds(2), now).await?;
        }
        change.enqueue(&Job::Preserve { record: id.clone() }, now.plus_seconds(10), now).await?;
        self.save(&mut change, &mut record, visitor, &Happening::PictureChosen).await?;
        self.commit(change, &[id]).await?;
        Ok(record)
    }
}

/// Whether a record of this kind can be drawn like that.
pub fn check_picture(kind: Kind, choice: &PictureChoice) -> Result<(), Refusal> {
    if !kind.has_volume() {
        return Err(Refusal::Conflict {
            what: said(
                "no-body-to-draw",
                "Only volumes are drawn, and this kind of record has none.",
                "Gezeichnet werden nur Volumen, und diese Art von Eintrag hat keines.",
            ),
            hint: hint("There is nothing to choose here.", "Hier gibt es nichts zu wählen."),
        });
    }
    match choice.fault() {
        None => Ok(()),
        Some((field, says, says_de)) => Err(Refusal::invalid(
            field,
            said("picture-cannot-be", says, says_de),
            hint("Choose another number.", "Wählen Sie eine andere Zahl."),
        )),
    }
}
