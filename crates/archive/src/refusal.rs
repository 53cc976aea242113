//! The closed list of ways to be refused. Doors turn each into a page or a problem document with a way out.

use record::{readiness::Obstacle, state::WrongState};

#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Not there, or not for you to know of.
    #[error("There is nothing here that you may see.")]
    NotFound,
    #[error("Please sign in first.")]
    SignInNeeded,
    #[error("{what}")]
    Forbidden { what: String },
    #[error("{what}")]
    Invalid { field: Option<String>, what: String, hint: String },
    #[error("Not yet: {}", list(.0))]
    NotReady(Vec<Obstacle>),
    #[error("{0}")]
    WrongState(#[from] WrongState),
    #[error("{what}")]
    Conflict { what: String, hint: String },
    #[error("A file “{path}” is here already.")]
    Exists { path: String },
    #[error("{what}")]
    TooLarge { what: String },
    #[error("Too many attempts; try again in {retry_after_s} seconds.")]
    TooMany { retry_after_s: u64 },
    #[error("This record has been withdrawn.")]
    Withdrawn,
    #[error("The upload stands at byte {offset}; continue there.")]
    OffsetMismatch { offset: u64 },
    #[error("Somebody else is writing to this upload right now.")]
    Busy,
    #[error("The link is used or too old; ask for a new one.")]
    Expired,
    /// The cause is logged; the visitor is told to come back.
    #[error("The archive cannot do this right now; nothing is lost, try again in a minute.")]
    Unavailable(String),
}

fn list(obstacles: &[Obstacle]) -> String {
    obstacles.iter().map(|obstacle| obstacle.says).collect::<Vec<_>>().join(" ")
}

impl Refusal {
    pub fn invalid(field: &str, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Invalid { field: Some(field.to_owned()), what: what.into(), hint: hint.into() }
    }
}

impl From<catalogue::Fault> for Refusal {
    fn from(fault: catalogue::Fault) -> Self {
        match fault {
            catalogue::Fault::Conflict => Self::Conflict {
                what: "Somebody changed the record in the meantime.".into(),
                hint: "Load it again and repeat your change.".into(),
            },
            catalogue::Fault::Collision { existing } => Self::Conflict {
                what: format!(
                    "The name differs from the existing “{existing}” only in case or Unicode form, or one is a file and the other a folder."
                ),
                hint: "On many computers one would overwrite the other; rename one of them.".into(),
            },
            other => {
                tracing::error!(fault = %chain(&other), "the catalogue failed");
                Self::Unavailable(chain(&other))
            }
        }
    }
}

impl From<storage::Fault> for Refusal {
    fn from(fault: storage::Fault) -> Self {
        tracing::error!(fault = %chain(&fault), "the store failed");
        Self::Unavailable(chain(&fault))
    }
}

/// An error with all its causes, for the log.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
