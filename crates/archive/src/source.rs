//! Publication databases that are harvested: when the next time is, and what an operator sees of each.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
};
use record::{
    harvest::{Progress, Source},
    instant::Instant,
    job::{Job, JobView, Standing},
};

pub const FAILURES_SHOWN_MAX: u32 = 20;

/// A source as the operator's page shows it.
#[derive(Debug, Clone)]
pub struct SourceView {
    pub source: Source,
    pub progress: Progress,
    pub job: Option<JobView>,
    /// What nothing could be made of: identifier and reason, the newest first.
    pub unusable: Vec<(String, String)>,
}

impl SourceView {
    /// Since when it is late, beyond two of its intervals.
    pub fn is_late(&self, now: Instant) -> bool {
        self.progress.last_success_at.is_none_or(|at| now.0 - at.0 > 2 * self.source.every_seconds * 1000)
    }
}

impl Archive {
    pub fn harvest_source(&self, name: &str) -> Result<&Source, Refusal> {
        self.settings().publications.sources.iter().find(|source| source.name == name).ok_or_else(|| {
            let known: Vec<&str> = self.settings().publications.sources.iter().map(|source| source.name.as_str()).collect();
            Refusal::invalid(
                "source",
                said(
                    "no-such-source",
                    format!("“{name}” is no source that is harvested."),
                    format!("„{name}“ ist keine Quelle, die geerntet wird."),
                ),
                hint(format!("Known are: {}.", known.join(", ")), format!("Bekannt sind: {}.", known.join(", "))),
            )
        })
    }

    pub async fn harvests(&self, visitor: &Visitor) -> Result<Vec<SourceView>, Refusal> {
        visitor.administrator()?;
        let mut views = Vec::new();
        for source in &self.settings().publications.sources {
            let progress = self.catalogue().harvest_progress(&source.name).await?;
            let unusable = self.catalogue().unusable_items(&source.name, FAILURES_SHOWN_MAX).await?;
            let job = self.catalogue().job_like(&Job::Harvest { source: source.name.clone() }).await?;
            let unusable = unusable.into_iter().map(|item| (item.identifier, item.fault.unwrap_or_default())).collect();
            views.push(SourceView { source: source.clone(), progress, job, unusable });
        }
        Ok(views)
    }

    /// Every source has a job that waits for its next time; asked at the start and every hour.
    pub async fn schedule_harvests(&self) -> Result<(), Refusal> {
        let now = self.now();
        for source in &self.settings().publications.sources {
            let its_job = Job::Harvest { source: source.name.clone() };
            let again = match self.catalogue().job_like(&its_job).await?.map(|view| view.standing) {
                // One that was given up tries again at the next time, and not at once for ever.
                Some(Standing::Failed { .. }) => now.plus_seconds(source.every_seconds),
                // It knows best when: the source may have asked for a pause.
                Some(_) => continue,
                None => now,
            };
            let mut change = self.catalogue().change().await?;
            let progress = change.harvest_progress(&source.name).await?;
            let due = progress.last_success_at.map_or(again, |at| at.plus_seconds(source.every_seconds).max(again));
            change.enqueue(&its_job, due, now).await?;
            self.commit(change, &[]).await?;
        }
        Ok(())
    }

    /// The job comes again after so many seconds.
    pub async fn enqueue_harvest(&self, source: &Source, seconds: i64) -> Result<(), Refusal> {
        self.enqueue(&Job::Harvest { source: source.name.clone() }, self.now().plus_seconds(seconds)).await
    }

    pub async fn harvest_now(&self, visitor: &Visitor, name: &str) -> Result<(), Refusal> {
        visitor.administrator()?;
        let source = self.harvest_source(name)?.name.clone();
        self.enqueue(&Job::Harvest { source }, self.now()).await
    }
}
