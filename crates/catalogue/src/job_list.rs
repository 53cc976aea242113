//! The queue as people and the worker's clock see it.

use crate::{
    catalogue::Catalogue,
    fault::{Fault, Tried},
    sql::{Reading, row_limit},
};
use ::record::{
    id::{JobId, RecordId},
    instant::Instant,
    job::{Failure, Job, JobView, Progress, Standing},
};
use sqlx::any::AnyRow;

macro_rules! select_job {
    ($rest:literal) => {
        concat!("SELECT id, doc, run_at, attempts, failed, failure, lease_until, started_at, done, total FROM job ", $rest)
    };
}

fn read(row: &AnyRow) -> Result<JobView, Fault> {
    let reading = Reading::of(row, "job", "id");
    let failure: Option<Failure> = reading.maybe_json("failure")?;
    let run_at = reading.instant("run_at")?;
    let leased = reading.maybe_number("lease_until")?.is_some();
    let standing = match (reading.number("failed")?, failure) {
        (0, _) if leased => Standing::Running { since: reading.maybe_number("started_at")?.map_or(run_at, Instant) },
        (0, last_failure) => Standing::Waiting { last_failure },
        (_, Some(failure)) if failure.needless => Standing::Needless { reason: failure },
        (_, Some(failure)) => Standing::Failed { failure },
        (_, None) => return Err(reading.wrong("failure", "it failed for no reason")),
    };
    Ok(JobView {
        id: JobId(reading.number("id")?),
        job: reading.json("doc")?,
        run_at,
        attempts: reading.count("attempts")?,
        progress: Progress { done: reading.count("done")?, total: reading.count("total")? },
        standing,
    })
}

/// A job of a newer program hides only itself.
fn readable(rows: &[AnyRow]) -> Vec<JobView> {
    let view = |row| read(row).inspect_err(|fault| tracing::warn!(%fault, "a job cannot be shown")).ok();
    rows.iter().filter_map(view).collect()
}

impl Catalogue {
    /// Waiting, running and failed jobs of a record, in the order they were enqueued.
    pub async fn jobs_of(&self, record: &RecordId) -> Result<Vec<JobView>, Fault> {
        let query =
            sqlx::query(select_job!("WHERE record = $1 ORDER BY id LIMIT $2")).bind(record.as_str().to_owned()).bind(row_limit(u32::MAX));
        Ok(readable(&query.fetch_all(&mut *self.reader().await?).await.tried("list a record's jobs")?))
    }

    /// All jobs: failed ones first, then those that are due next.
    pub async fn jobs(&self, limit: u32) -> Result<Vec<JobView>, Fault> {
        let query = sqlx::query(select_job!("ORDER BY failed DESC, run_at, id LIMIT $1")).bind(row_limit(limit));
        Ok(readable(&query.fetch_all(&mut *self.reader().await?).await.tried("list the jobs")?))
    }

    /// The job that this one would be merged with: what waits or runs, else what was given up. Found however many others there are.
    pub async fn job_like(&self, job: &Job) -> Result<Option<JobView>, Fault> {
        let Some(key) = job.merge_key() else { return Ok(None) };
        let query = sqlx::query(select_job!("WHERE merge_key = $1 ORDER BY failed, id LIMIT 1")).bind(key);
        let row = query.fetch_optional(&mut *self.reader().await?).await.tried("look for a job like another")?;
        Ok(readable(row.as_slice()).pop())
    }

    /// When to look again at the latest: the next job's time, or the end of a lease that may fall silent.
    pub async fn next_run_at(&self) -> Result<Option<Instant>, Fault> {
        let select = "SELECT MIN(CASE WHEN lease_until IS NULL THEN run_at ELSE lease_until END) AS next FROM job
            WHERE failed = 0 AND NOT EXISTS (
              SELECT 1 FROM job AS alike WHERE alike.merge_key = job.merge_key AND alike.id <> job.id AND alike.failed = 0 AND alike.lease_until IS NOT NULL)";
        let row = sqlx::query(select).fetch_one(&mut *self.reader().await?).await.tried("tell when the next job is due")?;
        Ok(Reading::of(&row, "job", "next").maybe_number("next")?.map(Instant))
    }

    /// Jobs that are due and that nobody holds.
    pub async fn count_waiting(&self, now: Instant) -> Result<u64, Fault> {
        let select = "SELECT COUNT(*) AS waiting FROM job WHERE failed = 0 AND run_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)";
        let row = sqlx::query(select).bind(now.0).fetch_one(&mut *self.reader().await?).await.tried("count the waiting jobs")?;
        Reading::of(&row, "job", "waiting").count("waiting")
    }
}
