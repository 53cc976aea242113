//! How far a record has come. A state carries its facts and a transition consumes it:
//! `Draft → Registered → Released → Withdrawn` for datasets, `Draft → Published → Withdrawn` for texts.
//! What is going on right now (uploading, converting) is never a state: it follows from uploads and job leases.

use crate::{doi::Doi, instant::Instant, version::Version};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    Draft,
    Registered {
        doi: Doi,
        registered_at: Instant,
        /// When the files open by themselves; `None` waits for the owners.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        release_at: Option<Instant>,
        /// They open earlier when the publication is out that the owners confirmed; the date stands behind it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        opens_with_publication: bool,
    },
    Released {
        doi: Doi,
        registered_at: Instant,
        /// Written beside the record's own `version`, hence under another name.
        #[serde(rename = "released_version")]
        version: Version,
        released_at: Instant,
    },
    Published {
        /// Ours; a text that carries its publisher's DOI gets no second one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doi: Option<Doi>,
        published_at: Instant,
    },
    /// A draft of the next version. The version before it stays public beside it until this one is released.
    Revising {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doi: Option<Doi>,
        first_public_at: Instant,
    },
    Withdrawn {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doi: Option<Doi>,
        public_since: Instant,
        reason: String,
        withdrawn_at: Instant,
        /// Whether its files were ever open: then its versions have DOIs of their own.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        was_open: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a {from} record cannot be {wanted}")]
pub struct WrongState {
    pub from: &'static str,
    pub wanted: &'static str,
}

impl State {
    pub const NAMES: [&'static str; 6] = ["draft", "registered", "released", "published", "revising", "withdrawn"];

    pub fn name(&self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Registered { .. } => "registered",
            State::Released { .. } => "released",
            State::Published { .. } => "published",
            State::Revising { .. } => "revising",
            State::Withdrawn { .. } => "withdrawn",
        }
    }

    /// The DOI minted here, if any.
    pub fn doi(&self) -> Option<&Doi> {
        match self {
            State::Draft => None,
            State::Registered { doi, .. } | State::Released { doi, .. } => Some(doi),
            State::Published { doi, .. } | State::Revising { doi, .. } | State::Withdrawn { doi, .. } => doi.as_ref(),
        }
    }

    /// Under another name than the record's own; for descriptions of single versions.
    pub(crate) fn set_doi(&mut self, new: Doi) {
        match self {
            State::Registered { doi, .. } | State::Released { doi, .. } => *doi = new,
            State::Published { doi, .. } | State::Revising { doi, .. } | State::Withdrawn { doi, .. } => *doi = Some(new),
            State::Draft => {}
        }
    }

    /// Since when the world knows of it; `None` for drafts.
    pub fn public_since(&self) -> Option<Instant> {
        match self {
            State::Draft | State::Revising { .. } => None,
            State::Registered { registered_at, .. } | State::Released { registered_at, .. } => Some(*registered_at),
            State::Published { published_at, .. } => Some(*published_at),
            State::Withdrawn { public_since, .. } => Some(*public_since),
        }
    }

    pub fn is_open(&self) -> bool {
        matches!(self, State::Released { .. } | State::Published { .. })
    }

    /// Whether originals may still be added and removed.
    pub fn takes_files(&self) -> bool {
        matches!(self, State::Draft | State::Registered { .. } | State::Revising { .. })
    }

    /// Nobody but the team knows of it.
    pub fn is_draft(&self) -> bool {
        matches!(self, State::Draft | State::Revising { .. })
    }

    /// Whether this version is, or was, open to everyone.
    pub fn was_open(&self) -> bool {
        self.is_open() || matches!(self, State::Withdrawn { was_open: true, .. })
    }

    pub fn release_at(&self) -> Option<Instant> {
        match self {
            State::Registered { release_at, .. } => *release_at,
            _ => None,
        }
    }

    /// Whether a publication opens the files before the date.
    pub fn opens_with_publication(&self) -> bool {
        matches!(self, State::Registered { opens_with_publication: true, .. })
    }

    pub fn register(self, doi: Doi, now: Instant) -> Result<Self, WrongState> {
        match self {
            State::Draft => Ok(State::Registered { doi, registered_at: now, release_at: None, opens_with_publication: false }),
            other => Err(other.refuses("registered")),
        }
    }

    /// Sets or clears the day on which the files open by themselves.
    pub fn schedule(self, release_at: Option<Instant>) -> Result<Self, WrongState> {
        match self {
            State::Registered { doi, registered_at, .. } => {
                Ok(State::Registered { doi, registered_at, release_at, opens_with_publication: false })
            }
            other => Err(other.refuses("given a release date")),
        }
    }

    /// The files open when the publication is out, and on this day at the latest.
    pub fn schedule_with_publication(self, latest: Instant) -> Result<Self, WrongState> {
        match self {
            State::Registered { doi, registered_at, .. } => {
                Ok(State::Registered { doi, registered_at, release_at: Some(latest), opens_with_publication: true })
            }
            other => Err(other.refuses("given a release date")),
        }
    }

    pub fn release(self, version: Version, now: Instant) -> Result<Self, WrongState> {
        match self {
            State::Registered { doi, registered_at, .. } => Ok(State::Released { doi, registered_at, version, released_at: now }),
            State::Revising { doi: Some(doi), first_public_at } => {
                Ok(State::Released { doi, registered_at: first_public_at, version, released_at: now })
            }
            other => Err(other.refuses("released")),
        }
    }

    pub fn publish(self, doi: Option<Doi>, now: Instant) -> Result<Self, WrongState> {
        match self {
            State::Draft => Ok(State::Published { doi, published_at: now }),
            State::Revising { doi, .. } => Ok(State::Published { doi, published_at: now }),
            other => Err(other.refuses("published")),
        }
    }

    /// The state of a draft of the next version; the present version keeps its own.
    pub fn revise(self) -> Result<Self, WrongState> {
        match self {
            State::Released { doi, registered_at, .. } => Ok(State::Revising { doi: Some(doi), first_public_at: registered_at }),
            State::Published { doi, published_at } => Ok(State::Revising { doi, first_public_at: published_at }),
            other => Err(other.refuses("revised")),
        }
    }

    pub fn withdraw(self, reason: String, now: Instant) -> Result<Self, WrongState> {
        match self {
            State::Registered { doi, registered_at, .. } => {
                Ok(State::Withdrawn { doi: Some(doi), public_since: registered_at, reason, withdrawn_at: now, was_open: false })
            }
            State::Released { doi, registered_at, .. } => {
                Ok(State::Withdrawn { doi: Some(doi), public_since: registered_at, reason, withdrawn_at: now, was_open: true })
            }
            State::Published { doi, published_at } => {
                Ok(State::Withdrawn { doi, public_since: published_at, reason, withdrawn_at: now, was_open: true })
            }
            other => Err(other.refuses("withdrawn")),
        }
    }

    fn refuses(&self, wanted: &'static str) -> WrongState {
        WrongState { from: self.name(), wanted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doi() -> Doi {
        "10.5072/science3d.7h3k9x2q4".parse().unwrap()
    }

    #[test]
    fn a_dataset_goes_its_way_once() {
        let registered = State::Draft.register(doi(), Instant(1)).unwrap();
        let scheduled = registered.schedule(Some(Instant(9))).unwrap();
        assert_eq!(scheduled.release_at(), Some(Instant(9)));
        let released = scheduled.release(Version::FIRST, Instant(5)).unwrap();
        assert!(released.is_open() && !released.takes_files());
        assert_eq!(released.clone().release(Version::FIRST, Instant(6)), Err(WrongState { from: "released", wanted: "released" }));
        let withdrawn = released.withdraw("wrong sample".into(), Instant(7)).unwrap();
        assert_eq!(withdrawn.public_since(), Some(Instant(1)));
        assert!(withdrawn.withdraw("again".into(), Instant(8)).is_err());
    }

    #[test]
    fn a_released_version_is_revised_and_the_next_keeps_the_name() {
        let released = State::Draft.register(doi(), Instant(1)).unwrap().release(Version::FIRST, Instant(5)).unwrap();
        let draft = released.clone().revise().unwrap();
        assert!(draft.is_draft() && draft.takes_files() && !draft.is_open() && draft.public_since().is_none());
        assert!(draft.clone().withdraw("no".into(), Instant(6)).is_err() && draft.clone().revise().is_err());
        let second = draft.release(Version(2), Instant(7)).unwrap();
        assert_eq!((second.doi(), second.public_since()), (released.doi(), Some(Instant(1))));
    }

    #[test]
    fn a_draft_is_not_released_or_withdrawn() {
        assert!(State::Draft.release(Version::FIRST, Instant(1)).is_err());
        assert!(State::Draft.withdraw(String::new(), Instant(1)).is_err());
        assert!(State::Draft.schedule(None).is_err());
    }

    #[test]
    fn a_state_is_stored_with_its_facts() {
        let state = State::Draft.register(doi(), Instant(0)).unwrap();
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(text, r#"{"state":"registered","doi":"10.5072/science3d.7h3k9x2q4","registered_at":"1970-01-01T00:00:00.000Z"}"#);
        assert_eq!(serde_json::from_str::<State>(&text).unwrap(), state);
    }
}
