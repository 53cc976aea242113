//! The one way to a record: whoever wants to see or do anything passes here, and the answer is
//! [`record::access::permits`]'s.

use crate::{Archive, Refusal, Visitor};
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

    fn closed_words(&self, aspect: Aspect) -> String {
        match aspect {
            Aspect::Change | Aspect::Release => "Only the owners of this record can do that.".into(),
            Aspect::Inside => "Only the people who work on this record can see that.".into(),
            _ => match self.record.state.release_at() {
                Some(instant) => format!("The files of this record are closed until {}.", instant.minute()),
                None => "The files of this record are closed; the authors have not released them yet.".into(),
            },
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
