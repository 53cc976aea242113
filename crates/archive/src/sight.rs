//! The one way to a record: whoever wants to see or do anything passes here, and the answer is
//! [`record::access::permits`]'s.

use crate::{Archive, Refusal, Said, Visitor, refusal::said};
use record::{
    access::{Aspect, Viewer, permits},
    account::Scope,
    id::RecordId,
    record::{Holdings, Record},
    state::State,
};

/// A record as one visitor may see it.
#[derive(Debug, Clone)]
pub struct Sight {
    pub record: Record,
    pub holdings: Holdings,
    pub viewer: Viewer,
}

impl Sight {
    pub fn may(&self, aspect: Aspect) -> bool {
        permits(self.viewer, &self.record.state, aspect)
    }

    pub(crate) fn new(stored: catalogue::Stored, visitor: &Visitor) -> Self {
        let viewer = visitor.viewer_of(&stored.record);
        Self { record: stored.record, holdings: stored.holdings, viewer }
    }

    /// Passes on, or refuses so that a hidden record cannot be told from one that never was.
    pub(crate) fn allow(self, aspect: Aspect) -> Result<Self, Refusal> {
        if self.may(aspect) {
            return Ok(self);
        }
        Err(if !self.may(Aspect::Tombstone) {
            Refusal::NotFound
        } else if matches!(self.record.state, State::Withdrawn { .. }) {
            Refusal::Withdrawn
        } else {
            Refusal::Forbidden { what: self.closed_words(aspect) }
        })
    }

    fn closed_words(&self, aspect: Aspect) -> Said {
        match (aspect, self.record.state.release_at()) {
            (Aspect::Change | Aspect::Release, _) => said(
                "owners-only",
                "Only the owners of this record can do that.",
                "Das können nur die Eigentümerinnen und Eigentümer dieses Eintrags.",
            ),
            (Aspect::Inside, _) => said(
                "team-only",
                "Only the people who work on this record can see that.",
                "Das sehen nur die, die an diesem Eintrag arbeiten.",
            ),
            (_, Some(instant)) => said(
                "files-closed-until",
                format!("The files of this record are closed until {}.", instant.minute()),
                format!("Die Dateien dieses Eintrags sind bis {} geschlossen.", instant.minute()),
            ),
            (_, None) => said(
                "files-closed",
                "The files of this record are closed; the authors have not released them yet.",
                "Die Dateien dieses Eintrags sind geschlossen; die Autorinnen und Autoren haben sie noch nicht freigegeben.",
            ),
        }
    }
}

impl Archive {
    pub async fn see(&self, visitor: &Visitor, id: &RecordId, aspect: Aspect) -> Result<Sight, Refusal> {
        let stored = self.catalogue().record(id).await?.ok_or(Refusal::NotFound)?;
        Sight::new(stored, visitor).allow(aspect)
    }

    /// The same inside a transaction, for those who are about to change something.
    pub(crate) async fn grip(
        &self,
        change: &mut catalogue::Change,
        visitor: &Visitor,
        id: &RecordId,
        aspect: Aspect,
    ) -> Result<Sight, Refusal> {
        let scope = if aspect == Aspect::Release { Scope::Release } else { Scope::Deposit };
        let stored = change.record(id).await?.ok_or(Refusal::NotFound)?;
        let sight = Sight::new(stored, visitor);
        if sight.may(Aspect::Tombstone) {
            visitor.needs(scope)?;
        }
        sight.allow(aspect)
    }
}
