//! What is going on with a record, and what happened to it.

use record::{event::Event, job};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobView {
    pub id: i64,
    /// `inspect`, `convert`, `preview`, `preserve`, `register-doi`, `release-on-date`, …
    pub kind: String,
    /// `waiting`, `running`, `failed`, or `needless`: there is nothing that it could make, and `failure` says why.
    pub standing: String,
    pub attempts: u32,
    pub done: u64,
    pub total: u64,
    #[schema(format = DateTime)]
    pub run_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<FailureView>,
    /// The same of further files that this job could not read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_failures: Vec<FailureView>,
}

/// What went wrong, for the one who can mend it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FailureView {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    pub what: String,
    pub hint: String,
}

impl From<&job::Failure> for FailureView {
    fn from(failure: &job::Failure) -> Self {
        Self { file: failure.file.clone(), what: failure.what.clone(), hint: failure.hint.clone() }
    }
}

impl From<&job::JobView> for JobView {
    fn from(view: &job::JobView) -> Self {
        let (standing, failure) = match &view.standing {
            job::Standing::Waiting { last_failure } => ("waiting", last_failure.as_ref()),
            job::Standing::Running { .. } => ("running", None),
            job::Standing::Failed { failure } => ("failed", Some(failure)),
            job::Standing::Needless { reason } => ("needless", Some(reason)),
        };
        Self {
            id: view.id.0,
            kind: view.job.name().to_owned(),
            standing: standing.to_owned(),
            attempts: view.attempts,
            done: view.progress.done,
            total: view.progress.total,
            run_at: view.run_at.to_string(),
            failure: failure.map(FailureView::from),
            further_failures: failure.iter().flat_map(|failure| &failure.others).map(FailureView::from).collect(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventView {
    pub sequence: i64,
    #[schema(format = DateTime)]
    pub at: String,
    /// `created`, `file-added`, `registered`, `released`, …
    pub what: String,
    /// The facts of the event.
    #[schema(value_type = Object)]
    pub facts: serde_json::Value,
}

impl From<&Event> for EventView {
    fn from(event: &Event) -> Self {
        let mut facts = serde_json::to_value(&event.what).unwrap_or_default();
        if let Some(facts) = facts.as_object_mut() {
            facts.remove("what");
        }
        Self { sequence: event.sequence, at: event.at.to_string(), what: event.what.name().to_owned(), facts }
    }
}
