//! Movies on the entry page: a poster until somebody presses play, a caption, and the file to take home.

use super::cards;
use crate::{data::escape_path, display, language::Language, words::Words};
use record::{
    Record,
    derivative::{Derivative, DerivativeKind, MovieFacts},
    movie::{FLY_THROUGH, Plays},
};

pub(super) struct Movie {
    /// What is played; nothing for what no browser plays.
    pub(super) src: Option<String>,
    pub(super) poster: String,
    /// 0 where nobody knows.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) caption: String,
    /// What is taken home, and what it is.
    pub(super) take: String,
    pub(super) take_words: &'static str,
    pub(super) size: String,
}

pub(super) fn movies(derivatives: &[Derivative], record: &Record, base: &str, words: &'static Words, language: Language) -> Vec<Movie> {
    let pictures = cards::pictures_among(derivatives, record, base, words);
    let poster = |name: &str| {
        let picture = pictures.iter().find(|picture| picture.name == name);
        // The one that the page shows anyway is not fetched in two forms.
        picture.map(|picture| picture.small.clone().unwrap_or_else(|| picture.src.clone())).unwrap_or_default()
    };
    let movie = |derivative: &Derivative| {
        let DerivativeKind::Movie(facts) = &derivative.kind else { return None };
        let copy = format!("{base}/pictures/{}", display::percent(&derivative.name));
        let original = facts.source.as_ref().map(|path| format!("{base}/files/{}", escape_path(path.as_str())));
        let bytes = if original.is_some() { derivative.recipe.inputs.bytes } else { derivative.bytes };
        Some(Movie {
            src: match facts.plays {
                Plays::Copy => Some(copy.clone()),
                Plays::Original => original.clone(),
                Plays::Nowhere => None,
            },
            poster: poster(&facts.poster),
            width: facts.width,
            height: facts.height,
            caption: caption(&derivative.name, facts, record, words),
            take_words: if original.is_some() { words.movie_take_original } else { words.movie_take },
            size: said(facts, display::bytes(bytes, language), language),
            take: original.unwrap_or(copy),
        })
    };
    // The body comes before its slices.
    let (flight, others): (Vec<_>, Vec<_>) = derivatives.iter().partition(|made| made.name == FLY_THROUGH);
    others.into_iter().chain(flight).filter_map(movie).collect()
}

fn caption(name: &str, facts: &MovieFacts, record: &Record, words: &'static Words) -> String {
    match (&facts.source, facts.plays) {
        (None, _) if name == FLY_THROUGH => format!("{}, {}", record.title(), words.movie_slices),
        (None, _) => format!("{}, {}", record.title(), words.movie_about),
        (Some(path), Plays::Copy) => format!("{path}. {}", words.movie_copy),
        (Some(path), Plays::Original) => path.to_string(),
        (Some(path), Plays::Nowhere) => format!("{path}. {}", words.movie_nowhere.trim_end_matches('.')),
    }
}

/// `MP4, H.264, 8 s, 1.2 MB`, as far as it is known.
fn said(facts: &MovieFacts, size: String, language: Language) -> String {
    let ending = facts.source.as_ref().and_then(|path| path.name().rsplit_once('.')).map_or("MP4", |(_, ending)| ending);
    let is_of_copy = facts.source.is_some() && facts.plays == Plays::Copy;
    let codec = (!facts.codec.is_empty() && !is_of_copy).then(|| facts.codec.clone());
    let length = (facts.seconds > 0.0).then(|| format!("{} s", display::number(facts.seconds.round() as u64, language)));
    let parts = [Some(ending.to_ascii_uppercase()), codec, length, Some(size)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
