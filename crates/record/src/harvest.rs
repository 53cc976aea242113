//! Publication databases that are harvested, and how far each harvest has come.

use crate::{instant::Instant, metadata::Metadata};
use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// What an operator decided about one database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its key here, for command line and pages: `pubdb`.
    pub name: String,
    /// Where its OAI-PMH door is.
    pub url: String,
    pub format: Format,
    /// What the database calls the format, where it has a word of its own.
    pub prefix: String,
    /// One of its sets; all records when `None`.
    pub set: Option<String>,
    pub every_seconds: i64,
    /// Between two requests.
    pub pause_milliseconds: u64,
    /// A harvest begins this long before the last one began: clocks differ, and records appear late.
    pub overlap_seconds: i64,
    pub appearance: Appearance,
    /// The table by which its fields are read; the built-in one when empty.
    pub fields: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    MarcXml,
    DublinCore,
}

impl Format {
    /// The usual `metadataPrefix`, and the word in tables and configuration.
    pub fn name(self) -> &'static str {
        match self {
            Format::MarcXml => "marcxml",
            Format::DublinCore => "oai_dc",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        [Format::MarcXml, Format::DublinCore].into_iter().find(|format| format.name() == name)
    }
}

/// Whether what was harvested is shown at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appearance {
    /// As soon as it is complete.
    AtOnce,
    /// As a draft, until a curator publishes it.
    AfterReview,
}

/// One record of a foreign database.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// As the database names it: `oai:bib-pubdb1.desy.de:12345`.
    pub identifier: String,
    pub content: Content,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    Described(Box<Metadata>),
    Deleted,
    /// Nothing could be made of it, and why.
    Unusable(String),
}

/// How far the harvest of a source has come; kept over restarts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// When the last harvest began that came to its end: the next one asks for what changed since.
    pub complete_since: Option<Instant>,
    pub last_success_at: Option<Instant>,
    pub last_failure: Option<(Instant, String)>,
    /// The harvest that is going on, or was broken off.
    pub run: Option<Run>,
    pub totals: Counts,
    /// Of the last harvest that came to its end.
    pub last: Counts,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Run {
    pub began_at: Instant,
    /// What is asked for; `None` is everything.
    pub since: Option<Instant>,
    /// Where to go on; `None` is at the beginning.
    pub token: Option<String>,
    /// Who works on it, until when nobody else may.
    pub holder: String,
    pub held_until: Instant,
    pub pages: u64,
    pub counts: Counts,
    /// How often the page that comes next has been asked for and could not be read.
    pub broken_tries: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    pub seen: u64,
    pub added: u64,
    pub changed: u64,
    /// Known already, here or from another source.
    pub known: u64,
    pub deleted: u64,
    pub unusable: u64,
}

impl Counts {
    pub fn add(&mut self, other: Counts) {
        self.seen += other.seen;
        self.added += other.added;
        self.changed += other.changed;
        self.known += other.known;
        self.deleted += other.deleted;
        self.unusable += other.unusable;
    }
}

/// Shorter titles are those of many texts: “Introduction”, “Editorial”.
const TITLE_LETTERS_MIN: usize = 16;

/// Two texts with the same key are the same text, unless their DOIs say otherwise.
pub fn title_key(metadata: &Metadata) -> Option<String> {
    let year = metadata.article.as_ref()?.year?;
    let title = folded(&metadata.title);
    (title.chars().count() >= TITLE_LETTERS_MIN).then(|| format!("{}|{year}", title.chars().take(200).collect::<String>()))
}

/// Letters and digits in lower case and without marks.
pub(crate) fn folded(text: &str) -> String {
    text.nfkd()
        .filter(|letter| !is_combining_mark(*letter))
        .flat_map(char::to_lowercase)
        .filter(|letter| letter.is_alphanumeric())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Article;

    fn text(title: &str, year: Option<i32>) -> Metadata {
        Metadata { title: title.into(), article: Some(Article { year, ..Article::default() }), ..Metadata::default() }
    }

    #[test]
    fn a_title_is_the_same_however_it_is_written() {
        let one = title_key(&text("Caecilian jaw-closing mechanics: Überblick", Some(2008)));
        assert_eq!(one, title_key(&text("  CAECILIAN Jaw‐closing mechanics; U\u{308}berblick.", Some(2008))));
        assert_ne!(one, title_key(&text("Caecilian jaw-closing mechanics: Überblick", Some(2009))));
        assert_eq!(title_key(&text("Introduction", Some(2008))), None);
        assert_eq!(title_key(&text("Caecilian jaw-closing mechanics", None)), None);
        assert!(title_key(&text("Механика закрывания челюсти", Some(2008))).is_some());
    }
}
