//! What the text of a query asks for: a DOI, or words and how loosely each is taken.

use crate::segment::{Ask, Closeness, Place};
use record::doi::Doi;

/// Shorter beginnings stand for too much.
const PREFIX_CHARS_MIN: usize = 2;

/// What the text asks for.
pub(crate) enum Text {
    Nothing,
    Doi(String),
    Words(Vec<Word>),
}

pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) is_last: bool,
    pub(crate) fuzzy: bool,
    /// How much it says: rare words more.
    pub(crate) weight: f32,
}

impl Word {
    /// Any of these means that the word occurs there: the word itself and what is taken for it.
    pub(crate) fn steps(&self, place: Place) -> Vec<Ask> {
        let mut asks = vec![ask(place, Closeness::Word, &self.text)];
        if self.prefix() {
            asks.push(ask(place, Closeness::Prefix, &self.text));
        }
        if self.distance() > 0 {
            asks.push(ask(place, Closeness::Fuzzy(self.distance()), &self.text));
        }
        asks
    }

    /// All steps as one question.
    pub(crate) fn any(&self, place: Place) -> Ask {
        ask(place, Closeness::Any { prefix: self.prefix(), fuzzy: self.distance() }, &self.text)
    }

    /// The last word may still be being typed.
    fn prefix(&self) -> bool {
        self.is_last && self.text.chars().count() >= PREFIX_CHARS_MIN
    }

    /// Numbers are never misspelt: 2008 is not 2009.
    fn distance(&self) -> u8 {
        let letters = self.text.chars().count();
        match letters {
            _ if !self.fuzzy || self.text.bytes().any(|byte| byte.is_ascii_digit()) => 0,
            0..4 => 0,
            4..8 => 1,
            _ => 2,
        }
    }
}

pub(crate) fn ask(place: Place, closeness: Closeness, word: &str) -> Ask {
    Ask { place, closeness, word: word.to_owned() }
}

/// A DOI however it was copied: with resolver, in brackets, or with its slash escaped.
pub(crate) fn pasted_doi(text: &str) -> Option<String> {
    let found = Doi::find(text).or_else(|| {
        let plain = text.replace("%2F", "/").replace("%2f", "/");
        let bare: String = plain.chars().map(|letter| if "<>[]{}\"'“”".contains(letter) { ' ' } else { letter }).collect();
        Doi::find(&bare)
    });
    found.map(|doi| doi.to_string())
}
