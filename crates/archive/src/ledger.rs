//! The DOI ledger: the worker says what the registrar answered and what it says at night; here is decided what that means for
//! the owner, the operator and the next attempt. A DOI is valid here from the moment it is minted, whatever the registrar does.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
};
use record::{
    access::Aspect,
    doi::Doi,
    event::Happening,
    file::Sha256,
    id::RecordId,
    instant::Instant,
    job::Job,
    ledger::{Comparison, Difference, DoiStanding, LedgerLine, Step, Told},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What came of telling the registrar one DOI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It took the words of this sum, and differs from them so.
    Taken {
        digest: Sha256,
        differences: Vec<Difference>,
    },
    Unanswered {
        says: String,
    },
    Refused {
        says: String,
    },
}

/// What the registrar says of one of our DOIs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    pub doi: Doi,
    /// `None` where no record here has it.
    pub record: Option<RecordId>,
    pub differences: Vec<Difference>,
}

/// What an operator sees.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// Lines by [`DoiStanding::name`].
    pub counts: BTreeMap<String, u64>,
    pub differing: u64,
    pub troubles: Vec<LedgerLine>,
    /// There are more than are listed.
    pub more: bool,
    pub comparison: Option<Comparison>,
    /// Since when the registrar does not let us in, and what it says.
    pub closed: Option<Closed>,
}

/// The registrar does not take our name and password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    pub since: Instant,
    pub says: String,
}

/// Which lines are to be put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// Everything that differs or was not taken; strangers are left alone.
    All,
    One(Doi),
}

/// What the owners see of their DOIs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnersView {
    /// It will be told in a moment.
    OnItsWay,
    Registered {
        since: Instant,
    },
    Unanswered {
        since: Instant,
        says: String,
    },
    Refused {
        says: String,
    },
}

const TROUBLES_MAX: u32 = 500;
const COMPARISON: &str = "dois-compared";
const CLOSED: &str = "registrar-closed";
const DAY_SECONDS: i64 = 86_400;
/// At a quarter past two, UTC: after midnight where our users sleep.
const NIGHTLY_AT_SECONDS: i64 = 2 * 3600 + 900;
/// One that broke off longer ago begins anew.
const GOES_ON_SECONDS: i64 = DAY_SECONDS / 2;

impl Archive {
    /// All lines of a record, for the worker.
    pub async fn ledger_lines(&self, id: &RecordId) -> Result<Vec<LedgerLine>, Refusal> {
        Ok(self.catalogue().ledger_of(id).await?)
    }

    /// For the people who work on the record; `None` when it has no DOI of ours.
    pub async fn doi_for_owners(&self, visitor: &Visitor, id: &RecordId) -> Result<Option<OwnersView>, Refusal> {
        let sight = self.see(visitor, id, Aspect::Inside).await?;
        if sight.record.state.doi().is_none() {
            return Ok(None);
        }
        let lines = self.catalogue().ledger_of(id).await?;
        let mut view = lines.is_empty().then_some(OwnersView::OnItsWay);
        for line in lines {
            // The worst of them is what they should know.
            view = Some(match (view, line.standing) {
                (_, DoiStanding::Refused { says, .. }) => return Ok(Some(OwnersView::Refused { says })),
                (Some(worse @ OwnersView::Unanswered { .. }), _) => worse,
                (_, DoiStanding::Unanswered { since, says }) => OwnersView::Unanswered { since, says },
                (Some(OwnersView::OnItsWay), _) | (_, DoiStanding::Waiting { .. } | DoiStanding::Stranger { .. }) => OwnersView::OnItsWay,
                (Some(OwnersView::Registered { since: other }), DoiStanding::Registered { since }) => {
                    OwnersView::Registered { since: since.max(other) }
                }
                (_, DoiStanding::Registered { since }) => OwnersView::Registered { since },
            });
        }
        Ok(view)
    }

    /// Writes what the registrar answered, and tells the record's history what is news.
    pub async fn report_told(&self, id: &RecordId, doi: &Doi, outcome: Outcome) -> Result<(), Refusal> {
        let now = self.now();
        let mut change = self.catalogue().change().await?;
        if change.record(id).await?.is_none() {
            return Ok(());
        }
        let mut line = change.ledger_line(doi).await?.unwrap_or_else(|| LedgerLine::begin(doi.clone(), id.clone(), now));
        line.record = Some(id.clone());
        let was = line.standing.clone();
        let first_told = line.told.is_none();
        match outcome {
            Outcome::Taken { digest, differences } => {
                let since = if let DoiStanding::Registered { since } = was { since } else { now };
                line.standing = DoiStanding::Registered { since };
                line.told = Some(Told { at: now, digest });
                line.differences = differences;
            }
            Outcome::Unanswered { says } => {
                let since = if let DoiStanding::Unanswered { since, .. } = was { since } else { now };
                line.standing = DoiStanding::Unanswered { since, says };
            }
            Outcome::Refused { says } => line.standing = DoiStanding::Refused { since: now, says },
        }
        change.put_ledger_line(&line).await?;
        let news = match &line.standing {
            DoiStanding::Registered { .. } if first_told || matches!(was, DoiStanding::Refused { .. }) => Some(Happening::DoiAccepted),
            DoiStanding::Refused { says, .. } if !matches!(&was, DoiStanding::Refused { says: before, .. } if before == says) => {
                Some(Happening::DoiRefused { says: says.clone() })
            }
            _ => None,
        };
        if let Some(news) = news {
            change.append(id, None, &news, now).await?;
        }
        self.commit(change, &[id]).await
    }

    /// Begins a comparison, or goes on with the one that broke off.
    pub async fn begin_comparison(&self, first_cursor: &str) -> Result<(Comparison, Step), Refusal> {
        let now = self.now();
        if let Some(comparison) = self.comparison().await?
            && let Some(step) = comparison.next.clone()
            && comparison.begun_at.plus_seconds(GOES_ON_SECONDS) > now
        {
            return Ok((comparison, step));
        }
        let step = Step::Listed { cursor: first_cursor.to_owned() };
        let comparison = Comparison { begun_at: now, ended_at: None, looked_at: 0, next: Some(step.clone()) };
        self.keep_comparison(&comparison, &[]).await?;
        Ok((comparison, step))
    }

    /// What one step of a comparison found, and where the next one begins; `None` is the end.
    pub async fn report_compared(&self, comparison: &mut Comparison, found: &[Compared], next: Option<Step>) -> Result<(), Refusal> {
        comparison.looked_at += found.len() as u64;
        comparison.ended_at = next.is_none().then(|| self.now());
        comparison.next = next;
        self.keep_comparison(comparison, found).await
    }

    async fn keep_comparison(&self, comparison: &Comparison, found: &[Compared]) -> Result<(), Refusal> {
        let now = self.now();
        let mut change = self.catalogue().change().await?;
        for compared in found {
            let line = change.ledger_line(&compared.doi).await?;
            let mut line = match (line, &compared.record) {
                (Some(line), _) => line,
                (None, Some(record)) => LedgerLine::begin(compared.doi.clone(), record.clone(), now),
                (None, None) => LedgerLine {
                    doi: compared.doi.clone(),
                    record: None,
                    standing: DoiStanding::Stranger { since: now },
                    told: None,
                    differences: Vec::new(),
                },
            };
            line.differences.clone_from(&compared.differences);
            change.put_ledger_line(&line).await?;
            if !compared.differences.contains(&Difference::Missing) {
                change.mark_ledger_line_seen(&compared.doi, comparison.begun_at).await?;
            }
        }
        if comparison.ended_at.is_some() {
            change.forget_strangers_before(comparison.begun_at).await?;
            change.enqueue(&Job::CompareDois, next_night(now), now).await?;
        }
        let text = serde_json::to_string(comparison).map_err(|error| Refusal::Unavailable(error.to_string()))?;
        change.set_setting(COMPARISON, &text).await?;
        self.commit(change, &[]).await
    }

    async fn comparison(&self) -> Result<Option<Comparison>, Refusal> {
        let text = self.catalogue().setting(COMPARISON).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    async fn closed(&self) -> Result<Option<Closed>, Refusal> {
        let text = self.catalogue().setting(CLOSED).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Whether the registrar lets us in, for the operator's page; `says` is why it does not.
    pub async fn report_registrar(&self, says: Option<&str>) -> Result<(), Refusal> {
        let held = self.closed().await?;
        if held.is_some() == says.is_some() {
            return Ok(());
        }
        let closed = says.map(|says| Closed { since: self.now(), says: says.to_owned() });
        let text = serde_json::to_string(&closed).map_err(|error| Refusal::Unavailable(error.to_string()))?;
        let mut change = self.catalogue().change().await?;
        change.set_setting(CLOSED, &text).await?;
        self.commit(change, &[]).await
    }

    /// Which of a record's DOIs the comparison has seen at the registrar already.
    pub async fn seen_in(&self, comparison: &Comparison, id: &RecordId) -> Result<Vec<Doi>, Refusal> {
        Ok(self.catalogue().ledger_seen(id, comparison.begun_at).await?)
    }

    pub async fn records_with_doi_after(&self, after: Option<&RecordId>, limit: u32) -> Result<Vec<RecordId>, Refusal> {
        Ok(self.catalogue().records_with_doi_after(after, limit).await?)
    }

    /// A stranger was hidden or deleted.
    pub async fn report_retired(&self, doi: &Doi) -> Result<(), Refusal> {
        let mut change = self.catalogue().change().await?;
        if change.ledger_line(doi).await?.is_some_and(|line| line.record.is_none()) {
            change.delete_ledger_line(doi).await?;
        }
        self.commit(change, &[]).await
    }

    /// For the nightly job: the next time it is due.
    pub async fn enqueue_comparison(&self) -> Result<(), Refusal> {
        self.enqueue(&Job::CompareDois, next_night(self.now())).await
    }

    /// How many DOIs there are of each standing, and how many the registrar describes otherwise: numbers for everyone.
    pub async fn ledger_numbers(&self) -> Result<(BTreeMap<String, u64>, u64), Refusal> {
        Ok(self.catalogue().ledger_counts().await?)
    }

    pub async fn ledger(&self, visitor: &Visitor) -> Result<Ledger, Refusal> {
        visitor.administrator()?;
        let (counts, differing) = self.catalogue().ledger_counts().await?;
        let mut troubles = self.catalogue().ledger_troubles(None, TROUBLES_MAX + 1).await?;
        let more = troubles.len() > TROUBLES_MAX as usize;
        troubles.truncate(TROUBLES_MAX as usize);
        Ok(Ledger { counts, differing, troubles, more, comparison: self.comparison().await?, closed: self.closed().await? })
    }

    pub async fn compare_dois_now(&self, visitor: &Visitor) -> Result<(), Refusal> {
        visitor.administrator()?;
        self.enqueue(&Job::CompareDois, self.now()).await
    }

    /// Asks for the labour that puts lines right; returns how many records, or strangers, it will be done for.
    pub async fn repair_dois(&self, visitor: &Visitor, which: &Repair) -> Result<u64, Refusal> {
        visitor.administrator()?;
        let now = self.now();
        let mut asked = 0;
        let mut after: Option<Doi> = None;
        loop {
            let page = match which {
                Repair::All => self.catalogue().ledger_troubles(after.as_ref(), TROUBLES_MAX).await?,
                Repair::One(doi) => vec![self.catalogue().ledger_line(doi).await?.ok_or_else(no_such_doi)?],
            };
            let Some(last) = page.last() else { return Ok(asked) };
            after = Some(last.doi.clone());
            let mut change = self.catalogue().change().await?;
            for line in page {
                let job = match (line.record, which) {
                    (Some(record), _) => Job::RegisterDoi { record },
                    (None, Repair::One(doi)) => Job::RetireDoi { doi: doi.clone() },
                    (None, Repair::All) => continue,
                };
                change.enqueue(&job, now, now).await?;
                asked += 1;
            }
            self.commit(change, &[]).await?;
            if matches!(which, Repair::One(_)) {
                return Ok(asked);
            }
        }
    }
}

fn next_night(now: Instant) -> Instant {
    let seconds = now.0.div_euclid(1000);
    let today = seconds - seconds.rem_euclid(DAY_SECONDS) + NIGHTLY_AT_SECONDS;
    Instant((if today > seconds { today } else { today + DAY_SECONDS }) * 1000)
}

fn no_such_doi() -> Refusal {
    Refusal::Conflict {
        what: said("doi-not-in-ledger", "This DOI is not in the ledger.", "Diese DOI steht nicht im DOI-Buch."),
        hint: hint("Compare with the registrar first.", "Vergleichen Sie zuerst mit der Registrierungsstelle."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_night_is_always_ahead_and_at_most_a_day_away() {
        for now in ["2026-11-23T02:14:59Z", "2026-11-23T02:15:00Z", "2026-11-23T12:00:00Z", "2026-12-31T23:59:59Z"] {
            let now = Instant::from_rfc3339(now).unwrap();
            let night = next_night(now);
            assert!(night > now && night <= now.plus_seconds(DAY_SECONDS), "{night:?}");
            assert!(night.minute().contains("02:15"), "{}", night.minute());
        }
    }
}
