//! The labour that waits. A closed list: a job without a worker does not compile.
//! Jobs are enqueued in the transaction that needs them, leased, idempotent, and run again after a crash.

use crate::{
    doi::Doi,
    id::{JobId, RecordId},
    instant::Instant,
    letter::LetterHeads,
    print_kit::KitWish,
    version::Version,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Job {
    /// Read the headers of the originals and fill the form.
    Inspect {
        record: RecordId,
    },
    /// Show some planes of what has arrived so far.
    Look {
        record: RecordId,
    },
    /// Make the OME-Zarr volume.
    Convert {
        record: RecordId,
    },
    /// Make the pictures of the entry page from the volume.
    Preview {
        record: RecordId,
    },
    /// Make the surface, for screen and printer, from the volume.
    Surface {
        record: RecordId,
    },
    /// Make the movie of the body on a turntable from the volume.
    Movie {
        record: RecordId,
    },
    /// Check the uploaded models, and make files of them for screen and printer.
    Models {
        record: RecordId,
    },
    /// Give the uploaded movies a poster, and a copy where browsers do not play them.
    Movies {
        record: RecordId,
    },
    /// Make a kit for a printer as a reader wants it.
    PrintKit {
        record: RecordId,
        version: Version,
        wish: KitWish,
    },
    /// Write originals and metadata into the record's OCFL object.
    Preserve {
        record: RecordId,
    },
    /// Tell the registrar the DOI's metadata and address.
    RegisterDoi {
        record: RecordId,
    },
    /// Compare all DOIs with what the registrar says; comes again every night.
    CompareDois,
    /// Hide a DOI that belongs to no record here, or delete it where it is a draft.
    RetireDoi {
        doi: Doi,
    },
    /// Open the files on the day the owners set.
    ReleaseOnDate {
        record: RecordId,
    },
    /// Compare a public record with others: which publication belongs to which dataset?
    FindTies {
        record: RecordId,
    },
    /// Read what has changed in a publication database.
    Harvest {
        source: String,
    },
    SendMail {
        to: String,
        subject: String,
        text: String,
        heads: Option<LetterHeads>,
    },
    /// Write to followers for whom there is news.
    TellFollowers,
    /// Remove expired uploads, sessions, links and followings that nobody confirmed.
    Sweep,
}

impl Job {
    /// A letter of the archive itself.
    pub fn letter(to: impl ToString, subject: String, text: String) -> Self {
        Job::SendMail { to: to.to_string(), subject, text, heads: None }
    }

    pub fn name(&self) -> &'static str {
        match self {
            Job::Inspect { .. } => "inspect",
            Job::Look { .. } => "look",
            Job::Convert { .. } => "convert",
            Job::Preview { .. } => "preview",
            Job::Surface { .. } => "surface",
            Job::Movie { .. } => "movie",
            Job::Models { .. } => "models",
            Job::Movies { .. } => "movies",
            Job::PrintKit { .. } => "print-kit",
            Job::Preserve { .. } => "preserve",
            Job::RegisterDoi { .. } => "register-doi",
            Job::CompareDois => "compare-dois",
            Job::RetireDoi { .. } => "retire-doi",
            Job::ReleaseOnDate { .. } => "release-on-date",
            Job::FindTies { .. } => "find-ties",
            Job::Harvest { .. } => "harvest",
            Job::SendMail { .. } => "send-mail",
            Job::TellFollowers => "tell-followers",
            Job::Sweep => "sweep",
        }
    }
    pub fn record(&self) -> Option<&RecordId> {
        match self {
            Job::Inspect { record }
            | Job::Look { record }
            | Job::Convert { record }
            | Job::Preview { record }
            | Job::Surface { record }
            | Job::Movie { record }
            | Job::Models { record }
            | Job::Movies { record }
            | Job::PrintKit { record, .. }
            | Job::Preserve { record }
            | Job::RegisterDoi { record }
            | Job::FindTies { record }
            | Job::ReleaseOnDate { record } => Some(record),
            Job::Harvest { .. } | Job::SendMail { .. } | Job::TellFollowers | Job::Sweep | Job::CompareDois | Job::RetireDoi { .. } => None,
        }
    }
    /// Whether derivatives come of it.
    pub fn makes_derivatives(&self) -> bool {
        matches!(
            self,
            Job::Look { .. }
                | Job::Convert { .. }
                | Job::Preview { .. }
                | Job::Surface { .. }
                | Job::Movie { .. }
                | Job::Models { .. }
                | Job::Movies { .. }
        )
    }
    /// Two waiting jobs with the same key are one job. Mails are never merged.
    pub fn merge_key(&self) -> Option<String> {
        match self {
            Job::SendMail { .. } => None,
            Job::RetireDoi { doi } => Some(format!("{}:{doi}", self.name())),
            Job::Harvest { source } => Some(format!("harvest:{source}")),
            Job::PrintKit { record, version, wish } => Some(format!("{}:{record}:{version}:{}", self.name(), wish.file_name())),
            job => Some(format!("{}:{}", job.name(), job.record().map_or("", RecordId::as_str))),
        }
    }
    pub fn attempts_max(&self) -> u32 {
        match self {
            Job::RegisterDoi { .. } | Job::CompareDois | Job::RetireDoi { .. } | Job::Harvest { .. } | Job::SendMail { .. } => 1000,
            _ => 50,
        }
    }
}

/// A job as its owner sees it on the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobView {
    pub id: JobId,
    pub job: Job,
    pub run_at: Instant,
    pub attempts: u32,
    pub progress: Progress,
    #[serde(flatten)]
    pub standing: Standing,
}

impl JobView {
    /// It stays in the list for its owner to see, but neither waits nor runs.
    pub fn has_ended(&self) -> bool {
        matches!(self.standing, Standing::Failed { .. } | Standing::Needless { .. })
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "kebab-case")]
pub enum Standing {
    /// Waiting, or waiting again after a fault that may pass.
    Waiting {
        last_failure: Option<Failure>,
    },
    Running {
        since: Instant,
    },
    /// Given up; a person must mend something or press “try again”.
    Failed {
        failure: Failure,
    },
    /// Nothing failed: there is nothing that this job could make, and why.
    Needless {
        reason: Failure,
    },
}

/// What went wrong, for the one who can mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    pub what: String,
    pub hint: String,
    /// There was nothing to do; it is told calmly and nobody needs to mend anything.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needless: bool,
    /// What went wrong with other files of the same job.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Failure>,
}

impl Failure {
    pub fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { file: None, what: what.into(), hint: hint.into(), needless: false, others: Vec::new() }
    }

    /// Several as one, the first of them leading; nothing when there are none.
    pub fn of_all(all: impl IntoIterator<Item = Failure>) -> Option<Self> {
        let mut all = all.into_iter();
        all.next().map(|first| Self { others: all.collect(), ..first })
    }

    /// One after the other, its own first.
    pub fn each(&self) -> impl Iterator<Item = &Failure> {
        std::iter::once(self).chain(&self.others)
    }

    pub fn in_file(self, file: Option<String>) -> Self {
        Self { file, ..self }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}: ")?;
        }
        write!(f, "{}", self.what)?;
        if !self.hint.is_empty() {
            write!(f, " {}", self.hint)?;
        }
        self.others.iter().try_for_each(|other| write!(f, " {other}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_that_failed_is_told() {
        let of = |file: &str| Failure::new("It is torn.", "Send it again.").in_file(Some(file.into()));
        let all = Failure::of_all([of("a.stl"), of("b.obj")]).unwrap();
        assert_eq!(all.to_string(), "a.stl: It is torn. Send it again. b.obj: It is torn. Send it again.");
        assert_eq!(all.each().filter_map(|failure| failure.file.as_deref()).collect::<Vec<_>>(), ["a.stl", "b.obj"]);
        assert_eq!(Failure::of_all([]), None);
        assert_eq!(serde_json::from_str::<Failure>(r#"{"what":"w","hint":"h"}"#).unwrap(), Failure::new("w", "h"), "as stored before");
    }

    #[test]
    fn a_letter_of_an_earlier_program_is_still_sent() {
        let text = r#"{"kind":"send-mail","to":"ada@example.org","subject":"Hello","text":"…"}"#;
        assert_eq!(serde_json::from_str::<Job>(text).unwrap(), Job::letter("ada@example.org", "Hello".into(), "…".into()));
    }
}
