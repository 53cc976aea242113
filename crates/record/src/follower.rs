//! Who hears by mail of what becomes of a record, or of everything that opens. What is news is a comparison of what a
//! follower was told last with what is public now: a letter that was written twice, or a log that was read twice, finds none.

use crate::{
    digest::digest_of, id::RecordId, instant::Instant, letter::LetterLanguage, record::Record, state::State, team::Email, version::Version,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq)]
pub struct Follower {
    pub id: i64,
    pub email: Email,
    /// Stands in every letter; it confirms and ends this following, and nothing else.
    pub secret: String,
    pub language: LetterLanguage,
    pub follows: Follows,
    /// When the letter went out that asks for a confirmation.
    pub asked_at: Instant,
    /// Until then nothing is followed.
    pub confirmed_at: Option<Instant>,
}

/// What is followed, and how much of it was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "follows", rename_all = "kebab-case")]
pub enum Follows {
    Record {
        record: RecordId,
        known: Known,
    },
    /// Every record whose files open, and every publication; told up to this event.
    Releases {
        told: i64,
    },
}

impl Follows {
    pub fn record(&self) -> Option<&RecordId> {
        match self {
            Self::Record { record, .. } => Some(record),
            Self::Releases { .. } => None,
        }
    }
}

/// What a follower knows of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    pub open: bool,
    pub version: Version,
    pub metadata_digest: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Its files are open now.
    Opened,
    NewVersion,
    /// Its public description is another one.
    Corrected,
    Withdrawn,
}

impl Known {
    pub fn of(record: &Record) -> Self {
        Self { open: record.state.is_open(), version: record.version, metadata_digest: digest_of(&record.metadata) }
    }

    /// The most important change since; `None` when there is none that the world may know of.
    pub fn news(&self, record: &Record) -> Option<News> {
        match &record.state {
            State::Draft | State::Revising { .. } => None,
            State::Withdrawn { .. } => Some(News::Withdrawn),
            State::Released { .. } | State::Published { .. } if record.version > self.version => Some(News::NewVersion),
            State::Released { .. } | State::Published { .. } if !self.open => Some(News::Opened),
            State::Registered { .. } | State::Released { .. } | State::Published { .. } => {
                (digest_of(&record.metadata) != self.metadata_digest).then_some(News::Corrected)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{kind::Kind, metadata::Metadata};

    #[test]
    fn what_was_told_once_is_no_news() {
        let metadata = Metadata { title: "Jaw".into(), ..Metadata::default() };
        let owner = "ada@example.org".parse().unwrap();
        let mut record = Record::draft("7h3k9x2q4".parse().unwrap(), Kind::TomographyBiology, owner, metadata, Instant(0));
        let doi = "10.5072/science3d.7h3k9x2q4".parse().unwrap();
        record.state = State::Draft.register(doi, Instant(1)).unwrap();
        let mut known = Known::of(&record);
        assert_eq!(known.news(&record), None);
        let mut step = |record: &Record, news: News| {
            assert_eq!(known.news(record), Some(news));
            known = Known::of(record);
            assert_eq!(known.news(record), (news == News::Withdrawn).then_some(news));
        };
        record.metadata.title = "Jaw of a caecilian".into();
        step(&record, News::Corrected);
        record.state = record.state.release(Version::FIRST, Instant(2)).unwrap();
        record.metadata.title = "Jaw, corrected on the day of its release".into();
        step(&record, News::Opened);
        let mut next = record.clone();
        next.state = record.state.clone().revise().unwrap();
        next.version = record.version.next();
        assert_eq!(Known::of(&record).news(&next), None, "nobody hears of a draft");
        record.version = record.version.next();
        record.state = next.state.release(record.version, Instant(3)).unwrap();
        step(&record, News::NewVersion);
        record.state = record.state.withdraw("wrong sample".into(), Instant(4)).unwrap();
        step(&record, News::Withdrawn);
    }
}
