//! The queue as the worker sees it: take a job, say how far it is, say how it ended.

use crate::{Archive, Refusal};
pub use catalogue::{Claimed, Lane};
use record::{
    instant::Instant,
    job::{Failure, Job, Progress},
    letter::LetterHeads,
};
use std::time::Duration;

/// A worker that is silent for this long is taken for dead.
pub const LEASE_SECONDS: i64 = 30;
/// A letter that could not be sent waits so long for a person to look at it.
const FAILED_LETTERS_KEPT_SECONDS: i64 = 30 * 24 * 3600;
const RETRY_SECONDS: [i64; 6] = [2, 10, 60, 300, 1800, 3600];
/// Into so many parts the last quarter of a pause is cut.
const SCATTER: i64 = 100;

/// How a job ended badly; whether it may pass is part of the error.
#[derive(Debug)]
pub enum Trouble {
    /// The network, a full disk: try again later.
    MayPass(Failure),
    /// The same, and it is of no use before so many seconds have passed.
    NotBefore(Failure, i64),
    /// The input: a person must mend something.
    NeedsAPerson(Failure),
    /// There is nothing to make, and nobody needs to mend anything.
    Needless(Failure),
}

impl Trouble {
    pub fn into_failure(self) -> Failure {
        match self {
            Self::MayPass(failure) | Self::NotBefore(failure, _) | Self::NeedsAPerson(failure) | Self::Needless(failure) => failure,
        }
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        let what = match &refusal {
            Refusal::Unavailable(cause) => cause.clone(),
            other => other.to_string(),
        };
        Trouble::MayPass(Failure::new(what, "It is tried again by itself."))
    }
}

impl Archive {
    pub async fn claim(&self, worker: &str, lane: Lane) -> Result<Option<Claimed>, Refusal> {
        Ok(self.catalogue().claim_in(lane, worker, self.now(), LEASE_SECONDS).await?)
    }

    /// False: the lease is lost and somebody else works on it; stop.
    pub async fn renew(&self, claimed: &Claimed, progress: Progress) -> Result<bool, Refusal> {
        Ok(self.catalogue().renew(claimed, progress, self.now(), LEASE_SECONDS).await?)
    }

    pub async fn finish(&self, claimed: &Claimed) -> Result<(), Refusal> {
        let mut change = self.catalogue().change().await?;
        change.finish(claimed).await?;
        let touched: Vec<_> = claimed.job.record().into_iter().collect();
        self.commit(change, &touched).await
    }

    pub async fn fail(&self, claimed: &Claimed, trouble: Trouble) -> Result<(), Refusal> {
        let mut change = self.catalogue().change().await?;
        match trouble {
            Trouble::MayPass(failure) if claimed.attempt < claimed.job.attempts_max() => {
                change.retry_later(claimed, &failure, self.now().plus_seconds(retry_after(claimed))).await?;
            }
            Trouble::NotBefore(failure, seconds) if claimed.attempt < claimed.job.attempts_max() => {
                let seconds = seconds.max(retry_after(claimed));
                change.retry_later(claimed, &failure, self.now().plus_seconds(seconds)).await?;
            }
            Trouble::Needless(reason) => {
                change.give_up(claimed, &Failure { needless: true, ..reason }).await?;
            }
            Trouble::MayPass(failure) | Trouble::NotBefore(failure, _) | Trouble::NeedsAPerson(failure) => {
                tracing::warn!(job = claimed.job.name(), record = ?claimed.job.record(), %failure, "a job was given up");
                change.give_up(claimed, &failure).await?;
            }
        }
        let touched: Vec<_> = claimed.job.record().into_iter().collect();
        self.commit(change, &touched).await
    }

    pub async fn enqueue(&self, job: &Job, run_at: Instant) -> Result<(), Refusal> {
        let mut change = self.catalogue().change().await?;
        change.enqueue(job, run_at, self.now()).await?;
        self.commit(change, &[]).await
    }

    /// Returns when there may be work: something was committed, or the time has come to look again.
    pub async fn wait_for_work(&self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.inner.wake.notified()).await;
    }

    /// How many jobs could run now.
    pub async fn waiting_jobs(&self) -> Result<u64, Refusal> {
        Ok(self.catalogue().count_waiting(self.now()).await?)
    }

    pub async fn put_mail(&self, to: &str, subject: &str, text: &str, heads: &LetterHeads) -> Result<(), Refusal> {
        let mut change = self.catalogue().change().await?;
        change.put_mail(to, subject, text, heads, self.now()).await?;
        self.commit(change, &[]).await
    }

    /// Housekeeping; comes again every hour.
    pub async fn sweep(&self) -> Result<(), Refusal> {
        self.sweep_print_requests().await?;
        self.sweep_followers().await?;
        let removed = self.sweep_uploads().await?;
        let now = self.now();
        let mut change = self.catalogue().change().await?;
        change.delete_expired_sessions(now).await?;
        change.delete_expired_links(now).await?;
        change.delete_failed_letters(now.plus_seconds(-FAILED_LETTERS_KEPT_SECONDS)).await?;
        change.enqueue(&Job::Sweep, now.plus_seconds(3600), now).await?;
        self.commit(change, &[]).await?;
        self.schedule_harvests().await?;
        // One that was given up comes again; one that waits is the same.
        self.enqueue_comparison().await?;
        tracing::info!(removed, "swept abandoned uploads, sessions and links");
        Ok(())
    }
}

/// Longer with each attempt, and a little apart from others that failed at the same moment.
fn retry_after(claimed: &Claimed) -> i64 {
    let step = (claimed.attempt.max(1) as usize - 1).min(RETRY_SECONDS.len() - 1);
    let seconds = RETRY_SECONDS[step];
    let scattered = claimed.id.0.wrapping_mul(2_654_435_761).rem_euclid(SCATTER);
    seconds + seconds * scattered / (4 * SCATTER)
}
