//! The one way to a record: whoever wants to see or do anything passes here, and the answer is
//! [`record::access::permits`]'s.

use crate::{Archive, Refusal, Said, Visitor, refusal::said};
use catalogue::Stored;
use record::{
    access::{Aspect, Viewer, permits},
    account::Scope,
    id::RecordId,
    record::{Holdings, Record},
    state::State,
    version::Version,
};

/// Which version of a record is asked for. A record's id alone means the version that the world sees.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct At {
    pub id: RecordId,
    which: Which,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Which {
    Current,
    /// The draft of the next version for those who work on it, for others the current one.
    Working,
    Exactly(Version),
}

impl At {
    pub fn working(id: &RecordId) -> Self {
        Self { id: id.clone(), which: Which::Working }
    }
    pub fn version(id: &RecordId, version: Version) -> Self {
        Self { id: id.clone(), which: Which::Exactly(version) }
    }
    /// The version that was named, if one was.
    pub fn named(&self) -> Option<Version> {
        match self.which {
            Which::Exactly(version) => Some(version),
            Which::Current | Which::Working => None,
        }
    }
}

impl From<&RecordId> for At {
    fn from(id: &RecordId) -> Self {
        Self { id: id.clone(), which: Which::Current }
    }
}

impl From<&At> for At {
    fn from(at: &At) -> Self {
        at.clone()
    }
}

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
            (_, Some(instant)) if self.record.state.opens_with_publication() => said(
                "files-closed-until-publication",
                format!("The files of this record are closed until its publication is out, at the latest until {}.", instant.minute()),
                format!(
                    "Die Dateien dieses Eintrags sind geschlossen, bis seine Publikation erschienen ist, spätestens bis {}.",
                    instant.minute()
                ),
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
    pub async fn see(&self, visitor: &Visitor, at: impl Into<At>, aspect: Aspect) -> Result<Sight, Refusal> {
        let at = at.into();
        let current = self.catalogue().record(&at.id).await?.ok_or(Refusal::NotFound)?;
        let other = match at.which {
            Which::Current => None,
            Which::Exactly(version) if version == current.record.version => None,
            Which::Exactly(version) => Some(self.catalogue().other_version(&at.id, version).await?.ok_or(Refusal::NotFound)?),
            Which::Working => self.catalogue().draft_of(&at.id).await?.filter(|_| works_on(visitor, &current)),
        };
        let stored = match other {
            Some(other) => framed(other, &current),
            None => current,
        };
        Sight::new(stored, visitor).allow(aspect)
    }

    /// The same inside a transaction, for those who are about to change something about the record as a whole.
    pub(crate) async fn grip(
        &self,
        change: &mut catalogue::Change,
        visitor: &Visitor,
        id: &RecordId,
        aspect: Aspect,
    ) -> Result<Sight, Refusal> {
        let stored = change.record(id).await?.ok_or(Refusal::NotFound)?;
        held(stored, visitor, aspect)
    }

    /// For those who are about to change files or words: of the draft of the next version, if there is one.
    pub(crate) async fn grip_working(
        &self,
        change: &mut catalogue::Change,
        visitor: &Visitor,
        id: &RecordId,
        aspect: Aspect,
    ) -> Result<Sight, Refusal> {
        let current = change.record(id).await?.ok_or(Refusal::NotFound)?;
        let draft = change.draft_of(id).await?.filter(|_| works_on(visitor, &current));
        let stored = match draft {
            Some(draft) => framed(draft, &current),
            None => current,
        };
        held(stored, visitor, aspect)
    }
}

fn held(stored: Stored, visitor: &Visitor, aspect: Aspect) -> Result<Sight, Refusal> {
    let sight = Sight::new(stored, visitor);
    if sight.may(Aspect::Tombstone) {
        visitor.needs(if aspect == Aspect::Release { Scope::Release } else { Scope::Deposit })?;
    }
    sight.allow(aspect)
}

/// Whether a draft of a next version exists for this visitor at all.
fn works_on(visitor: &Visitor, current: &Stored) -> bool {
    matches!(visitor.viewer_of(&current.record), Viewer::Owner | Viewer::Collaborator)
}

/// Who works on it, and that it was withdrawn, is true of a record with all its versions.
pub(crate) fn framed(mut other: Stored, current: &Stored) -> Stored {
    other.record.team.clone_from(&current.record.team);
    if matches!(current.record.state, State::Withdrawn { .. }) {
        other.record.state.clone_from(&current.record.state);
    }
    other
}
