//! Jobs that neither wait nor run: those that failed, and those for which there was nothing to do, which is said calmly.

use crate::{language::Language, live, words::Words};
use record::{
    id::RecordId,
    job::{Job, JobView, Standing},
};

pub(super) struct EndedJob {
    pub(super) title: &'static str,
    pub(super) says: String,
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
                Job::Movies { .. } if calm => words.no_ffmpeg,
                _ if calm => words.no_volume,
                job => words.job_failed(job.name()),
            },
            says: live::job_says(view, words, language),
            record: record.to_string(),
            id: view.id.0,
            may_retry: may_retry && !calm,
            calm,
        }
    };
    // How it stands with the DOI is said below its name.
    jobs.iter().filter(|view| view.has_ended() && !matches!(view.job, Job::RegisterDoi { .. })).map(line).collect()
}
