//! The closed list of ways to be refused. Doors turn each into a page or a problem document with a way out.

use record::{field::Fault, file::BadPath, readiness::Obstacle, state::WrongState};
use std::{borrow::Cow, fmt};

/// A sentence in both languages of the pages, with a key by which programs know it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Stable; empty where the words alone matter.
    pub key: &'static str,
    pub en: Cow<'static, str>,
    pub de: Cow<'static, str>,
}

/// `said("token-days", "A token lives …", "Ein Schlüssel gilt …")`
pub fn said(key: &'static str, en: impl Into<Cow<'static, str>>, de: impl Into<Cow<'static, str>>) -> Said {
    Said { key, en: en.into(), de: de.into() }
}

/// A hint; the sentence that it belongs to has the key.
pub fn hint(en: impl Into<Cow<'static, str>>, de: impl Into<Cow<'static, str>>) -> Said {
    said("", en, de)
}

/// Words that a door has chosen for its guest, or that only programs read.
impl From<String> for Said {
    fn from(words: String) -> Self {
        Self { key: "", de: words.clone().into(), en: words.into() }
    }
}

impl From<&'static str> for Said {
    fn from(words: &'static str) -> Self {
        hint(words, words)
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Not there, or not for you to know of.
    #[error("There is nothing here that you may see.")]
    NotFound,
    #[error("Please sign in first.")]
    SignInNeeded,
    #[error("{what}")]
    Forbidden { what: Said },
    #[error("{what}")]
    Invalid { field: Option<String>, what: Said, hint: Said },
    /// Fields that do not fit, each with what it takes.
    #[error("{}", .0.iter().map(|fault| fault.en.as_str()).collect::<Vec<_>>().join(" "))]
    Unfit(Vec<Fault>),
    #[error("Not yet: {}", list(.0))]
    NotReady(Vec<Obstacle>),
    #[error("{0}")]
    WrongState(#[from] WrongState),
    #[error("{what}")]
    Conflict { what: Said, hint: Said },
    #[error("A file “{path}” is here already.")]
    Exists { path: String },
    #[error("{what}")]
    TooLarge { what: Said },
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
    pub fn invalid(field: &str, what: impl Into<Said>, hint: impl Into<Said>) -> Self {
        Self::Invalid { field: Some(field.to_owned()), what: what.into(), hint: hint.into() }
    }
}

impl From<BadPath> for Refusal {
    fn from(bad: BadPath) -> Self {
        let BadPath { name, why, why_de } = &bad;
        Self::invalid(
            "path",
            said("bad-file-name", format!("The file name “{name}” {why}."), format!("Der Dateiname „{name}“ {why_de}.")),
            hint("Rename the file or its folder.", "Benennen Sie die Datei oder ihren Ordner um."),
        )
    }
}

impl From<catalogue::Fault> for Refusal {
    fn from(fault: catalogue::Fault) -> Self {
        match fault {
            catalogue::Fault::Conflict => Self::Conflict {
                what: said(
                    "changed-meanwhile",
                    "Somebody changed the record in the meantime.",
                    "Jemand hat den Eintrag inzwischen geändert.",
                ),
                hint: hint("Load it again and repeat your change.", "Laden Sie ihn neu und wiederholen Sie Ihre Änderung."),
            },
            catalogue::Fault::Collision { existing } => Self::Conflict {
                what: said(
                    "name-collides",
                    format!(
                        "The name differs from the existing “{existing}” only in case or Unicode form, or one is a file and the other a folder."
                    ),
                    format!(
                        "Der Name unterscheidet sich von „{existing}“ nur in Groß- und Kleinschreibung oder Unicode-Form, oder eines ist eine Datei und das andere ein Ordner."
                    ),
                ),
                hint: hint(
                    "On many computers one would overwrite the other; rename one of them.",
                    "Auf vielen Rechnern würde eines das andere überschreiben; benennen Sie eines um.",
                ),
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
