//! A record as a card on the front page and as a line among results.

use crate::{display, words::Words};
use archive::search::Hit;
use record::{
    Record,
    derivative::{Derivative, DerivativeKind, Recipe},
};

pub(crate) struct Card {
    pub(crate) href: String,
    pub(crate) picture: Option<Thumb>,
    pub(crate) kind: &'static str,
    pub(crate) title: String,
    pub(crate) people: String,
    pub(crate) year: i32,
    pub(crate) doi: String,
    pub(crate) closed: bool,
    pub(crate) synthetic: bool,
    /// Escaped by the index, with marks.
    pub(crate) snippet_html: String,
}

impl Card {
    pub(crate) fn of(hit: &Hit, words: &'static Words) -> Self {
        Self {
            href: format!("/records/{}", hit.id),
            picture: hit.thumb.as_deref().map(|name| Thumb::of(&format!("/records/{}", hit.id), name)),
            kind: display::kind(hit.kind, words),
            title: hit.title.clone(),
            people: hit.creators.clone(),
            year: hit.year,
            doi: hit.doi.clone().unwrap_or_default(),
            closed: !hit.open,
            synthetic: hit.synthetic,
            snippet_html: hit.snippet_html.clone().unwrap_or_default(),
        }
    }
}

/// The small picture on a card: as WebP where there is one, and as JPEG.
pub(crate) struct Thumb {
    pub(crate) src: String,
    pub(crate) small: Option<String>,
}

impl Thumb {
    pub(crate) fn of(base: &str, name: &str) -> Self {
        let at = |name: &str| format!("{base}/pictures/{}", display::percent(name));
        match name.strip_suffix(SMALL) {
            Some(stem) => Self { src: at(&format!("{stem}.jpg")), small: Some(at(name)) },
            None => Self { src: at(name), small: None },
        }
    }
}

/// The ending of pictures for browsers that know it; each has a JPEG of the same name beside it.
const SMALL: &str = ".webp";

/// A picture of a record on a page.
pub(crate) struct Picture {
    pub(crate) name: String,
    pub(crate) src: String,
    /// The same picture in fewer bytes.
    pub(crate) small: Option<String>,
    pub(crate) alt: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// The pictures of a record, described in the reader's language.
pub(crate) fn pictures_among(derivatives: &[Derivative], record: &Record, base: &str, words: &'static Words) -> Vec<Picture> {
    let at = |name: &str| format!("{base}/pictures/{}", display::percent(name));
    let is_there = |name: &str| derivatives.iter().any(|made| made.name == name);
    derivatives
        .iter()
        .filter_map(|derivative| match &derivative.kind {
            DerivativeKind::Picture { width, height, alt, .. } => {
                let (stem, ending) = derivative.name.rsplit_once('.')?;
                let small = format!("{stem}{SMALL}");
                if ending == &SMALL[1..] && is_there(&format!("{stem}.jpg")) {
                    return None;
                }
                Some(Picture {
                    name: derivative.name.clone(),
                    src: at(&derivative.name),
                    small: (ending == "jpg" && is_there(&small)).then(|| at(&small)),
                    alt: described(derivative, alt, record.title(), words),
                    width: *width,
                    height: *height,
                })
            }
            DerivativeKind::Volume(_) | DerivativeKind::Model(_) | DerivativeKind::Movie(_) => None,
        })
        .collect()
}

/// The pictures that every volume has are described by us, others as their maker did.
fn described(made: &Derivative, alt: &str, title: &str, words: &'static Words) -> String {
    let name = made.name.as_str();
    let slice = name
        .strip_prefix("slice-")
        .or(name.strip_prefix("look-"))
        .and_then(|rest| rest.split('.').next())
        .filter(|axis| matches!(*axis, "z" | "y" | "x"));
    match slice {
        Some(axis) => format!("{}, {axis}", words.alt_slice),
        None if name.starts_with("hero.") => format!("{title}: {}", words.alt_hero),
        None => match (made.recipe.step.as_str(), made.kind.source()) {
            (Recipe::MODELS, Some(path)) => format!("{}: {}", path.name(), words.alt_model),
            ("movie", _) => format!("{title}, {}", words.movie_about),
            _ => alt.to_owned(),
        },
    }
}

/// The picture that stands for the record: its rendering, else the first there is.
pub(crate) fn hero(pictures: &[Picture]) -> Option<&Picture> {
    let ranked = |picture: &&Picture| -> u8 {
        match picture.name.as_str() {
            name if name.starts_with("hero") => 0,
            name if name.starts_with("render") => 1,
            name if name.starts_with("slice") => 3,
            name if name.starts_with("thumb") => 4,
            _ => 2,
        }
    };
    pictures.iter().min_by_key(ranked)
}

#[cfg(test)]
mod tests {
    use super::Thumb;

    #[test]
    fn a_record_that_has_only_a_jpeg_shows_that() {
        let both = Thumb::of("/records/7h3k9x2q4", "thumb.webp");
        assert_eq!(
            (both.src.as_str(), both.small.as_deref()),
            ("/records/7h3k9x2q4/pictures/thumb.jpg", Some("/records/7h3k9x2q4/pictures/thumb.webp"))
        );
        let before = Thumb::of("/records/7h3k9x2q4", "thumb.jpg");
        assert_eq!((before.src.as_str(), before.small), ("/records/7h3k9x2q4/pictures/thumb.jpg", None));
    }
}
