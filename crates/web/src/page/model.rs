//! The surface's page: a picture and the files stand there without any script; the viewer comes when this page is asked for, and
//! no other page carries it.

use super::{
    Shell, answer_viewer,
    cards::{self, Picture},
    entry_facts::Facts,
    entry_parts::Fact,
    record_id,
};
use crate::{display, door::Door, language::Language, refusal::Refused, session::Guest, words::Words};
use archive::{Refusal, sight::At};
use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use record::{
    access::Aspect,
    derivative::{Derivative, DerivativeKind, ModelFacts},
    version::Version,
};

/// The file that the viewer shows.
pub(super) const SHOWN: &str = "surface.glb";
/// The files for a printer, together.
const PRINT_KIT: &str = "print-kit.zip";

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/records/{id}/model", get(model)).route("/records/{id}/{version}/model", get(model_of_version))
}

#[derive(Template)]
#[template(path = "model.html")]
struct ModelPage {
    s: Shell,
    base: String,
    title: String,
    src: String,
    known: bool,
    poster: Option<Picture>,
    facts: Vec<Fact>,
    downloads: Vec<Download>,
    kit: Option<Download>,
    kit_forbidden: bool,
}

struct Download {
    href: String,
    name: String,
    size: String,
}

async fn model(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    show(&door, &guest, At::from(&id), format!("/records/{id}")).await
}

async fn model_of_version(
    State(door): State<Door>,
    guest: Guest,
    Path((id, version)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let (id, version) = (record_id(&id)?, version.parse::<Version>().map_err(|()| Refusal::NotFound)?);
    show(&door, &guest, At::version(&id, version), format!("/records/{id}/{version}")).await
}

async fn show(door: &Door, guest: &Guest, at: At, base: String) -> Result<Response, Refused> {
    let sight = door.archive.see(&guest.visitor, &at, Aspect::Bytes).await?;
    let derivatives = door.archive.derivatives(&guest.visitor, &at).await?;
    let models: Vec<(&Derivative, &ModelFacts)> = derivatives
        .iter()
        .filter_map(|derivative| match &derivative.kind {
            DerivativeKind::Model(facts) => Some((derivative, facts)),
            DerivativeKind::Volume(_) | DerivativeKind::Picture { .. } | DerivativeKind::Movie(_) => None,
        })
        .collect();
    let (_, shown) = models.iter().find(|(derivative, _)| derivative.name == SHOWN).ok_or(Refusal::NotFound)?;
    // Sizes are told of the files that are taken home; the one on the screen has fewer triangles.
    let (_, whole) = models.iter().max_by_key(|(_, facts)| facts.triangles).ok_or(Refusal::NotFound)?;
    let words = Words::of(guest.language);
    let pictures = cards::pictures_among(&derivatives, &sight.record, &base, words);
    let poster = cards::hero(&pictures).map(|picture| picture.name.clone());
    let link = |derivative: &Derivative| Download {
        href: address(&base, &derivative.name),
        name: derivative.name.clone(),
        size: display::bytes(derivative.bytes, guest.language),
    };
    let (kit, files): (Vec<_>, Vec<_>) = models.iter().partition(|(derivative, _)| derivative.name == PRINT_KIT);
    let page = ModelPage {
        title: sight.record.title().to_owned(),
        src: address(&base, SHOWN),
        known: shown.size_known,
        poster: pictures.into_iter().find(|picture| Some(&picture.name) == poster.as_ref()),
        facts: facts(whole, words, guest.language),
        downloads: files.iter().map(|(derivative, _)| link(derivative)).collect(),
        kit: kit.first().map(|(derivative, _)| link(derivative)),
        kit_forbidden: sight.record.metadata.licence.is_some_and(|licence| !licence.allows_derivatives()),
        base,
        s: Shell::of(door, guest),
    };
    answer_viewer(&page)
}

fn address(base: &str, name: &str) -> String {
    format!("{base}/models/{}", display::percent(name))
}

fn facts(model: &ModelFacts, words: &'static Words, language: Language) -> Vec<Fact> {
    let mut list = Facts::default();
    let decimal = |value: f64| display::decimal(value, language);
    let length = |um: f64| match (model.size_known, um < 1_000.0) {
        (false, _) => decimal(rounded(um)),
        (true, true) => format!("{}\u{a0}µm", decimal(rounded(um))),
        (true, false) => format!("{}\u{a0}mm", decimal(rounded(um / 1e3))),
    };
    list.owned(words.model_size, Some(model.size_um.map(length).join(" × ")));
    let (volume, area) = if model.size_known { (" mm³", " mm²") } else { ("", "") };
    let (cubic, square) = if model.size_known { (1e-9, 1e-6) } else { (1.0, 1.0) };
    list.owned(words.model_volume, Some(format!("{}{volume}", decimal(rounded(model.volume_um3 * cubic)))));
    list.owned(words.model_area, Some(format!("{}{area}", decimal(rounded(model.area_um2 * square)))));
    list.owned(words.model_level, Some(decimal(rounded(model.level))));
    list.owned(words.model_triangles, Some(display::number(model.triangles, language)));
    list.owned(words.model_deviation, model.deviation_um.map(length));
    list.list
}

/// Four digits that mean something.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let step = 10f64.powi(3 - value.abs().log10().floor() as i32);
    (value * step).round() / step
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn four_digits_are_enough() {
        assert_eq!(rounded(123_456.0), 123_500.0);
        assert_eq!(rounded(0.001_234_56), 0.001_235);
        assert_eq!(rounded(0.0), 0.0);
    }
}
