//! Jobs that neither wait nor run: those that failed, and those for which there was nothing to do, which is said calmly.

use super::failures;
use crate::{language::Language, words::Words};
use record::{
    id::RecordId,
    job::{Job, JobView, Standing},
};

pub(super) struct EndedJob {
    pub(super) title: &'static str,
    /// File by file.
    pub(super) says: Vec<String>,
    pub(super) record: String,
    pub(super) id: i64,
    pub(super) may_retry: bool,
    /// Nothing failed.
    pub(super) calm: bool,
}

pub(super) fn lines(jobs: &[JobView], record: &RecordId, may_retry: bool, words: &'static Words, language: Language) -> Vec<EndedJob> {
    let line = |view: &JobView| {
        let calm = matches!(view.standing, Standing::Needless { .. });
        EndedJob {
            title: match &view.job {
                job if calm => words.job_needless(job.name()),
                job => words.job_failed(job.name()),
            },
            says: failures::of_job(view, words, language),
            record: record.to_string(),
            id: view.id.0,
            may_retry: may_retry && !calm,
            calm,
        }
    };
    // How it stands with the DOI is said below its name.
    jobs.iter().filter(|view| view.has_ended() && !matches!(view.job, Job::RegisterDoi { .. })).map(line).collect()
}
