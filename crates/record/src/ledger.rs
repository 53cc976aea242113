//! The DOI ledger: one line for each DOI minted here, with what the registrar was told last, what it answered, and where it
//! says something else. What it should say is never stored: it is derived from the record.

use crate::{doi::Doi, file::Sha256, id::RecordId, instant::Instant};
use serde::{Deserialize, Serialize};

/// The three states that a DOI has at the registrar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DoiState {
    /// A name only; it resolves nowhere and can be deleted.
    Draft,
    /// It resolves, and is listed nowhere: where a withdrawn record's tombstone stands.
    Registered,
    /// It resolves and everyone can find it.
    Findable,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    pub doi: Doi,
    /// `None` for a name of our kind that the registrar has and no record here does.
    pub record: Option<RecordId>,
    #[serde(flatten)]
    pub standing: DoiStanding,
    /// What the registrar took last, whatever came later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
    /// Where the registrar says something else than it should; as the last look at it found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub at: Instant,
    /// Over everything that was said: address, state and description.
    pub digest: Sha256,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "lowercase")]
pub enum DoiStanding {
    /// The registrar has not been told yet.
    Waiting { since: Instant },
    /// It took what it was told last.
    Registered { since: Instant },
    /// It has not answered, or not so that it can be believed; we keep trying.
    Unanswered { since: Instant, says: String },
    /// It said no; a person must mend something.
    Refused { since: Instant, says: String },
    /// It has a name of our kind that belongs to no record here.
    Stranger { since: Instant },
}

/// One way in which the registrar differs from the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "difference", rename_all = "kebab-case")]
pub enum Difference {
    Missing,
    OtherAddress { found: String },
    OtherState { found: String },
    OtherDescription { fields: Vec<String> },
    NotOurs { state: String },
}

/// How the last comparison with the registrar went, or goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    pub begun_at: Instant,
    /// `None` while it goes on, or when it broke off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Instant>,
    /// DOIs of ours that the registrar showed or was asked for.
    pub looked_at: u64,
    /// Where to go on after a restart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Step>,
}

/// First what the registrar lists, then what we have and it did not list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    Listed { cursor: String },
    Ours { after: Option<RecordId> },
}

impl DoiState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Registered => "registered",
            Self::Findable => "findable",
        }
    }
}

impl DoiStanding {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Waiting { .. } => "waiting",
            Self::Registered { .. } => "registered",
            Self::Unanswered { .. } => "unanswered",
            Self::Refused { .. } => "refused",
            Self::Stranger { .. } => "stranger",
        }
    }
    pub fn since(&self) -> Instant {
        match self {
            Self::Waiting { since }
            | Self::Registered { since }
            | Self::Unanswered { since, .. }
            | Self::Refused { since, .. }
            | Self::Stranger { since } => *since,
        }
    }
}

impl LedgerLine {
    /// The line of a DOI that was minted and not told yet.
    pub fn begin(doi: Doi, record: RecordId, now: Instant) -> Self {
        Self { doi, record: Some(record), standing: DoiStanding::Waiting { since: now }, told: None, differences: Vec::new() }
    }

    /// Whether the registrar, as far as we know, says just this: then it need not be told again.
    pub fn says(&self, digest: &Sha256) -> bool {
        matches!(self.standing, DoiStanding::Registered { .. })
            && self.differences.is_empty()
            && self.told.as_ref().is_some_and(|told| told.digest == *digest)
    }
}

/// For operators, in English as the command line speaks it.
impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("the registrar does not know it"),
            Self::OtherAddress { found } => write!(f, "it leads to {found}"),
            Self::OtherState { found } => write!(f, "its state is “{found}”"),
            Self::OtherDescription { fields } => write!(f, "described otherwise: {}", fields.join(", ")),
            Self::NotOurs { state } => write!(f, "no record here has it; at the registrar it is “{state}”"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_taken_unchanged_and_undoubted_need_not_be_told_again() {
        let doi: Doi = "10.5072/science3d.7h3k9x2q4".parse().unwrap();
        let (now, later) = (Sha256([1; 32]), Sha256([2; 32]));
        let mut line = LedgerLine::begin(doi, "7h3k9x2q4".parse().unwrap(), Instant(0));
        assert!(!line.says(&now));
        line.standing = DoiStanding::Registered { since: Instant(1) };
        line.told = Some(Told { at: Instant(1), digest: now });
        assert!(line.says(&now) && !line.says(&later));
        line.differences = vec![Difference::Missing];
        assert!(!line.says(&now));
        let text = serde_json::to_string(&line).unwrap();
        assert_eq!(serde_json::from_str::<LedgerLine>(&text).unwrap(), line);
    }
}
