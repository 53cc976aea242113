//! Movies on the entry page: a poster until somebody presses play, a caption, and the file to take home.

use super::cards;
use crate::{display, language::Language, words::Words};
use record::{
    Record,
    derivative::{Derivative, DerivativeKind},
};

pub(super) struct Movie {
    pub(super) src: String,
    pub(super) poster: String,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) caption: String,
    pub(super) size: String,
}

pub(super) fn movies(derivatives: &[Derivative], record: &Record, base: &str, words: &'static Words, language: Language) -> Vec<Movie> {
    let pictures = cards::pictures_among(derivatives, record, base, words);
    let poster = |name: &str| pictures.iter().find(|picture| picture.name == name).map(|picture| picture.src.clone()).unwrap_or_default();
    let movie = |derivative: &Derivative| {
        let DerivativeKind::Movie(facts) = &derivative.kind else { return None };
        let is_ours = derivative.recipe.step == "movie";
        Some(Movie {
            src: format!("{base}/pictures/{}", display::percent(&derivative.name)),
            poster: poster(&facts.poster),
            width: facts.width,
            height: facts.height,
            caption: if is_ours { format!("{}, {}", record.title(), words.movie_about) } else { facts.alt.clone() },
            size: format!("MP4, {}, {:.0} s, {}", facts.codec, facts.seconds, display::bytes(derivative.bytes, language)),
        })
    };
    derivatives.iter().filter_map(movie).collect()
}
