//! The queue: jobs are enqueued in the transaction that needs them, leased by one worker at a time, and deleted when done.
//!
//! Of jobs with the same merge key at most one waits and at most one runs, and never two at once; what is enqueued
//! while its like is running waits and runs once more afterwards.

use crate::{
    catalogue::{Catalogue, Change, Engine},
    fault::{Fault, Tried},
    sql::{Reading, bigint, to_json},
};
use ::record::{
    id::JobId,
    instant::Instant,
    job::{Failure, Job, Progress},
};
use sqlx::any::AnyRow;

/// A job that this worker holds until its lease ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    pub id: JobId,
    pub job: Job,
    /// Counted from one. At most the job's `attempts_max`: one that brought down so many workers is not handed out again.
    pub attempt: u32,
    /// Which of all leases of this job it is.
    pub lease: i64,
}

/// Light jobs must not wait behind hours of voxels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    Any,
    /// What takes minutes: volumes, surfaces, movies. Pictures take seconds, and a page waits for them. Kits for a printer come
    /// first: a reader looks at a page and waits.
    Heavy,
    /// Everything else.
    Light,
}

impl Lane {
    /// What is looked for, one after the other. Each is a walk along the index of due jobs; to sort them would read the queue.
    fn queues(self) -> &'static [&'static str] {
        match self {
            Lane::Any => &["any"],
            Lane::Heavy => &["kit", "heavy"],
            Lane::Light => &["light"],
        }
    }
}

/// A job is due when nobody holds it and its like is not running. Of a job whose lease ran out and its like that waits,
/// the waiting one is taken: the other's labour is part of it.
macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "UPDATE job SET worker = $1, lease_until = $2, started_at = $3, claims = claims + 1, attempts = attempts + 1, done = 0, total = 0
             WHERE id = (
               SELECT due.id FROM job AS due
               WHERE due.failed = 0 AND due.run_at <= $3 AND (due.lease_until IS NULL OR due.lease_until <= $3)
                 AND ($4 = 'any' OR ($4 = 'kit' AND due.kind = 'print-kit')
                      OR ($4 <> 'kit' AND ($4 = 'heavy') = (due.kind IN ('convert', 'surface', 'movie', 'models', 'movies', 'print-kit'))))
                 AND NOT EXISTS (
                   SELECT 1 FROM job AS alike
                   WHERE alike.merge_key = due.merge_key AND alike.id <> due.id AND alike.failed = 0
                     AND (alike.lease_until > $3 OR (alike.lease_until IS NULL AND due.lease_until IS NOT NULL)))
               ORDER BY due.run_at, due.id LIMIT 1 ",
            $lock,
            ") RETURNING id, doc, attempts, claims"
        )
    };
}

pub(crate) const CLAIM_ON_SQLITE: &str = claim!("");

/// How many unreadable or deadly jobs one call puts aside before it lets others have a turn.
const PUT_ASIDE_MAX: usize = 16;

fn read(row: &AnyRow) -> Result<Claimed, Fault> {
    let reading = Reading::of(row, "job", "id");
    Ok(Claimed {
        id: JobId(reading.number("id")?),
        job: reading.json("doc")?,
        attempt: reading.count("attempts")?,
        lease: reading.number("claims")?,
    })
}

impl Catalogue {
    /// Takes the job that has been due longest, of any lane.
    pub async fn claim(&self, worker: &str, now: Instant, lease_seconds: i64) -> Result<Option<Claimed>, Fault> {
        self.claim_in(Lane::Any, worker, now, lease_seconds).await
    }

    /// Takes the job of this lane that has been due longest. A job whose worker fell silent comes back when its lease ends.
    pub async fn claim_in(&self, lane: Lane, worker: &str, now: Instant, lease_seconds: i64) -> Result<Option<Claimed>, Fault> {
        for _ in 0..PUT_ASIDE_MAX {
            let mut change = self.change().await?;
            let mut leased = None;
            for queue in lane.queues() {
                leased = change.lease_next(queue, worker, now, lease_seconds).await?;
                if leased.is_some() {
                    break;
                }
            }
            let Some(row) = leased else { return Ok(None) };
            let failure = match read(&row) {
                Ok(claimed) if claimed.attempt <= claimed.job.attempts_max() => {
                    change.commit().await?;
                    return Ok(Some(claimed));
                }
                Ok(_) => Failure::new(
                    "Each attempt ended without a word: the worker was killed or the computer stopped.",
                    "Look for a lack of memory in the worker's log, then try again.",
                ),
                Err(fault) => Failure::new(
                    format!("This program does not know the job: {fault}."),
                    "Let the program that enqueued it do it, then try again.",
                ),
            };
            change.put_aside(&row, &failure).await?;
            change.commit().await?;
        }
        Ok(None)
    }

    /// Prolongs the lease and tells how far the work is. False: the lease is lost, stop and throw the result away.
    pub async fn renew(&self, claimed: &Claimed, progress: Progress, now: Instant, lease_seconds: i64) -> Result<bool, Fault> {
        let mut change = self.change().await?;
        let update =
            sqlx::query("UPDATE job SET lease_until = $1, done = $2, total = $3 WHERE id = $4 AND claims = $5 AND lease_until > $6")
                .bind(now.plus_seconds(lease_seconds).0)
                .bind(bigint("job", claimed.id, progress.done)?)
                .bind(bigint("job", claimed.id, progress.total)?)
                .bind(claimed.id.0)
                .bind(claimed.lease)
                .bind(now.0);
        let renewed = update.execute(change.connection()).await.tried("renew a lease")?.rows_affected() > 0;
        change.commit().await?;
        Ok(renewed)
    }
}

impl Change {
    /// Merges with its like that waits: the earlier time wins and attempts count from the start. Its like that failed,
    /// or whose worker fell silent, is replaced.
    pub async fn enqueue(&mut self, job: &Job, run_at: Instant, now: Instant) -> Result<JobId, Fault> {
        let merge_key = job.merge_key();
        if let Some(key) = &merge_key {
            let delete =
                sqlx::query("DELETE FROM job WHERE merge_key = $1 AND (failed = 1 OR lease_until <= $2)").bind(key.clone()).bind(now.0);
            delete.execute(self.connection()).await.tried("replace a job")?;
        }
        let insert = "INSERT INTO job (kind, record, merge_key, doc, run_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (merge_key) WHERE lease_until IS NULL AND failed = 0 DO UPDATE SET attempts = 0,
              run_at = CASE WHEN excluded.run_at < job.run_at THEN excluded.run_at ELSE job.run_at END
            RETURNING id";
        let query = sqlx::query(insert)
            .bind(job.name())
            .bind(job.record().map(|record| record.as_str().to_owned()))
            .bind(merge_key)
            .bind(to_json("job", job.name(), job)?)
            .bind(run_at.0);
        let row = query.fetch_one(self.connection()).await.tried("enqueue a job")?;
        Reading::of(&row, "job", "id").number("id").map(JobId)
    }

    /// The job is done. False: it was not this worker's any more; roll back.
    pub async fn finish(&mut self, claimed: &Claimed) -> Result<bool, Fault> {
        let delete =
            sqlx::query("DELETE FROM job WHERE id = $1 AND claims = $2 AND lease_until IS NOT NULL").bind(claimed.id.0).bind(claimed.lease);
        if delete.execute(self.connection()).await.tried("finish a job")?.rows_affected() == 0 {
            return Ok(false);
        }
        if let Some(key) = claimed.job.merge_key() {
            // Its like that began earlier and is still leased fell silent, or this one had not been handed out.
            let delete =
                sqlx::query("DELETE FROM job WHERE merge_key = $1 AND id < $2 AND lease_until IS NOT NULL").bind(key).bind(claimed.id.0);
            delete.execute(self.connection()).await.tried("finish a job")?;
        }
        Ok(true)
    }

    /// Back into the queue, with what went wrong. False: it was not this worker's any more.
    pub async fn retry_later(&mut self, claimed: &Claimed, failure: &Failure, run_at: Instant) -> Result<bool, Fault> {
        if self.leave_to_its_like(claimed, failure).await? {
            return Ok(true);
        }
        let update = "UPDATE job SET lease_until = NULL, worker = NULL, started_at = NULL, failure = $1, run_at = $2 WHERE id = $3 AND claims = $4 AND lease_until IS NOT NULL";
        let query = sqlx::query(update).bind(to_json("job", claimed.id, failure)?).bind(run_at.0).bind(claimed.id.0).bind(claimed.lease);
        Ok(query.execute(self.connection()).await.tried("put a job back")?.rows_affected() > 0)
    }

    /// A person must mend something before it is tried again. False: it was not this worker's any more.
    pub async fn give_up(&mut self, claimed: &Claimed, failure: &Failure) -> Result<bool, Fault> {
        if self.leave_to_its_like(claimed, failure).await? {
            return Ok(true);
        }
        let update = "UPDATE job SET lease_until = NULL, worker = NULL, started_at = NULL, failure = $1, failed = 1 WHERE id = $2 AND claims = $3 AND lease_until IS NOT NULL";
        let query = sqlx::query(update).bind(to_json("job", claimed.id, failure)?).bind(claimed.id.0).bind(claimed.lease);
        Ok(query.execute(self.connection()).await.tried("give a job up")?.rows_affected() > 0)
    }

    /// A failed job waits again, from its first attempt. False when it is not there or has not failed.
    pub async fn try_again(&mut self, id: JobId, now: Instant) -> Result<bool, Fault> {
        let superseded = "DELETE FROM job WHERE id = $1 AND failed = 1 AND merge_key IN (SELECT merge_key FROM job WHERE failed = 0 AND lease_until IS NULL)";
        if sqlx::query(superseded).bind(id.0).execute(self.connection()).await.tried("try a job again")?.rows_affected() > 0 {
            return Ok(true);
        }
        let update =
            sqlx::query("UPDATE job SET failed = 0, attempts = 0, run_at = $1 WHERE id = $2 AND failed = 1").bind(now.0).bind(id.0);
        Ok(update.execute(self.connection()).await.tried("try a job again")?.rows_affected() > 0)
    }

    /// Letters that were given up and that nobody sent again: what is left of them is an address.
    pub async fn delete_failed_letters(&mut self, before: Instant) -> Result<u64, Fault> {
        let delete = sqlx::query("DELETE FROM job WHERE kind = 'send-mail' AND failed = 1 AND run_at < $1").bind(before.0);
        Ok(delete.execute(self.connection()).await.tried("forget letters that were given up")?.rows_affected())
    }

    async fn lease_next(&mut self, queue: &str, worker: &str, now: Instant, lease_seconds: i64) -> Result<Option<AnyRow>, Fault> {
        let claim = match self.engine {
            Engine::Sqlite => CLAIM_ON_SQLITE,
            Engine::Postgres => claim!("FOR UPDATE OF due SKIP LOCKED"),
        };
        let query = sqlx::query(claim).bind(worker.to_owned()).bind(now.plus_seconds(lease_seconds).0).bind(now.0).bind(queue.to_owned());
        query.fetch_optional(self.connection()).await.tried("claim a job")
    }

    /// Without reading the job: it may be one that cannot be read.
    async fn put_aside(&mut self, row: &AnyRow, failure: &Failure) -> Result<(), Fault> {
        let id = Reading::of(row, "job", "id").number("id")?;
        tracing::warn!(job = id, %failure, "put a job aside");
        let update =
            sqlx::query("UPDATE job SET lease_until = NULL, worker = NULL, started_at = NULL, failure = $1, failed = 1 WHERE id = $2");
        let update = update.bind(to_json("job", id, failure)?).bind(id);
        update.execute(self.connection()).await.tried("put a job aside").map(|_| ())
    }

    /// When its like waits already, one of them is enough: that one takes over what went wrong here.
    async fn leave_to_its_like(&mut self, claimed: &Claimed, failure: &Failure) -> Result<bool, Fault> {
        let Some(key) = claimed.job.merge_key() else {
            return Ok(false);
        };
        let update = "UPDATE job SET failure = $1 WHERE merge_key = $2 AND id <> $3 AND lease_until IS NULL AND failed = 0
            AND EXISTS (SELECT 1 FROM job AS mine WHERE mine.id = $3 AND mine.claims = $4 AND mine.lease_until IS NOT NULL)";
        let query = sqlx::query(update).bind(to_json("job", claimed.id, failure)?).bind(key).bind(claimed.id.0).bind(claimed.lease);
        if query.execute(self.connection()).await.tried("leave a job to its like")?.rows_affected() == 0 {
            return Ok(false);
        }
        let delete = sqlx::query("DELETE FROM job WHERE id = $1 AND claims = $2").bind(claimed.id.0).bind(claimed.lease);
        delete.execute(self.connection()).await.tried("leave a job to its like")?;
        Ok(true)
    }
}
