//! A record as a card on the front page and as a line among results.

use crate::{display, door::Door, session::Guest, words::Words};
use archive::search::Hit;
use record::derivative::{Derivative, DerivativeKind};

pub(crate) struct Card {
    pub(crate) href: String,
    pub(crate) picture: Option<String>,
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
            picture: hit.thumb.as_ref().map(|name| format!("/records/{}/pictures/{}", hit.id, display::percent(name))),
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

/// A picture of a record on a page.
pub(crate) struct Picture {
    pub(crate) name: String,
    pub(crate) src: String,
    pub(crate) alt: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// The pictures of a record, largest first; the rendering before the slices.
pub(crate) async fn pictures(door: &Door, guest: &Guest, id: &record::id::RecordId) -> Vec<Picture> {
    let derivatives = door.archive.derivatives(&guest.visitor, id).await.unwrap_or_default();
    pictures_among(&derivatives, id)
}

pub(crate) fn pictures_among(derivatives: &[Derivative], id: &record::id::RecordId) -> Vec<Picture> {
    derivatives
        .iter()
        .filter_map(|derivative| match &derivative.kind {
            DerivativeKind::Picture { width, height, alt } => Some(Picture {
                name: derivative.name.clone(),
                src: format!("/records/{id}/pictures/{}", display::percent(&derivative.name)),
                alt: alt.clone(),
                width: *width,
                height: *height,
            }),
            DerivativeKind::Volume(_) => None,
        })
        .collect()
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

/// Slices, for the strip under the hero and for the viewer before it loads.
pub(crate) fn slices(pictures: &[Picture]) -> Vec<&Picture> {
    pictures.iter().filter(|picture| picture.name.starts_with("slice")).collect()
}
