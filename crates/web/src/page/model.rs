//! The surface's page: a picture and the files stand there without any script; the viewer comes when this page is asked for, and
//! no other page carries it.

use super::{
    Shell, answer_viewer,
    cards::{self, Picture},
    entry_facts::Facts,
    entry_parts::Fact,
    histogram::{Histogram, colour},
    named::Named,
    print_kit::{self, KitForm},
};
use crate::{
    display,
    door::Door,
    language::Language,
    refusal::Refused,
    session::Guest,
    words::{ModelWords, SurfaceWords, Words},
};
use archive::{Refusal, sight::At};
use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use record::{
    access::Aspect,
    derivative::{Derivative, DerivativeKind, ModelFacts},
    model::Finding,
    print_kit::{KitBase, KitWish, is_kit, is_usual_kit},
};
use serde::Deserialize;

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/records/{id}/model", get(model)).route("/records/{id}/{version}/model", get(model))
}

/// Which of several models: the name of the file that the viewer shows.
#[derive(Deserialize)]
struct Which {
    show: Option<String>,
}

#[derive(Template)]
#[template(path = "model.html")]
struct ModelPage {
    s: Shell,
    m: &'static ModelWords,
    base: String,
    title: String,
    src: String,
    /// Finer levels for the screen, as lines of “address size triangles”.
    finer: Vec<Finer>,
    known: bool,
    poster: Option<Picture>,
    others: Vec<Other>,
    findings: Vec<Said>,
    v: &'static SurfaceWords,
    histogram: Option<Histogram>,
    parts: Vec<PartLine>,
    /// Where its owners choose how it is made.
    choose: Option<String>,
    facts: Vec<Fact>,
    /// Where the screen shows fewer triangles than were measured.
    coarser: Option<String>,
    downloads: Vec<Download>,
    kit: Option<Download>,
    kit_report: Vec<Fact>,
    kit_forbidden: bool,
    print_action: String,
    /// The model's name without its ending.
    stem: String,
    form: Option<KitForm>,
}

struct Finer {
    href: String,
    says: String,
}

/// Another model of the record.
struct Other {
    href: String,
    name: String,
    here: bool,
}

/// One part of a model, as it is called in the files.
struct PartLine {
    colour: String,
    name: String,
    says: String,
}

struct Said {
    says: String,
    hinders: bool,
}

struct Download {
    href: String,
    name: String,
    size: String,
    says: String,
}

type Model<'a> = (&'a Derivative, &'a ModelFacts);

/// What the viewer shows first: one for each model of a record, that of the volume before those that were uploaded.
pub(super) fn shown(derivatives: &[Derivative]) -> Vec<Model<'_>> {
    let mut shown: Vec<Model<'_>> = models(derivatives).filter(|(_, facts)| facts.detail == Some(0)).collect();
    // Earlier programs made one level of the volume's surface and no other.
    if !shown.iter().any(|(_, facts)| facts.source.is_none()) {
        shown.extend(models(derivatives).filter(|(made, facts)| facts.source.is_none() && made.name == "surface.glb"));
    }
    shown.sort_by(|(a, a_facts), (b, b_facts)| (&a_facts.source, &a.name).cmp(&(&b_facts.source, &b.name)));
    shown
}

fn models(derivatives: &[Derivative]) -> impl Iterator<Item = Model<'_>> {
    derivatives.iter().filter_map(|derivative| match &derivative.kind {
        DerivativeKind::Model(facts) => Some((derivative, facts)),
        DerivativeKind::Volume(_) | DerivativeKind::Picture { .. } | DerivativeKind::Movie(_) => None,
    })
}

async fn model(State(door): State<Door>, guest: Guest, Named { at, base }: Named, Query(which): Query<Which>) -> Result<Response, Refused> {
    let sight = door.archive.see(&guest.visitor, &at, Aspect::Bytes).await?;
    let derivatives = door.archive.derivatives(&guest.visitor, &at).await?;
    let all_shown = shown(&derivatives);
    let chosen = match &which.show {
        Some(name) => all_shown.iter().find(|(made, _)| made.name == *name),
        None => all_shown.first(),
    };
    let &(first, shown) = chosen.ok_or(Refusal::NotFound)?;
    let mut together: Vec<Model<'_>> = models(&derivatives).filter(|(_, facts)| facts.source == shown.source).collect();
    together.sort_by_key(|(_, facts)| facts.detail);
    // Sizes are told of the files that are taken home; the one on the screen has fewer triangles.
    let (_, whole) = together
        .iter()
        .filter(|(made, facts)| facts.detail.is_none() && !is_kit(&made.name))
        .max_by_key(|(_, facts)| facts.triangles)
        .ok_or(Refusal::NotFound)?;
    let (words, own, language) = (Words::of(guest.language), ModelWords::of(guest.language), guest.language);
    let pictures = cards::pictures_among(&derivatives, &sight.record, &base, words);
    let stem = first.name.strip_suffix(".glb").unwrap_or(&first.name).to_owned();
    // Uploaded models have pictures of their own; the surface of a volume has that of the record.
    let poster = match &shown.source {
        Some(_) => Some(format!("{stem}.jpg")),
        None => cards::hero(&pictures).map(|picture| picture.name.clone()),
    };
    let link = |(derivative, facts): &Model<'_>| Download {
        href: address(&base, &derivative.name),
        name: derivative.name.clone(),
        size: display::bytes(derivative.bytes, language),
        says: states(derivative, facts, words, language),
    };
    // Kits that other readers had made are found by asking for them.
    let (kits, files): (Vec<_>, Vec<_>) = together.iter().partition(|(derivative, _)| is_kit(&derivative.name));
    let kit = kits.iter().find(|(derivative, _)| is_usual_kit(&derivative.name));
    let usual = KitWish { model: stem.clone(), size_mm: KitWish::USUAL_MM, base: KitBase::default(), halves: true };
    let finer = together.iter().filter(|(_, facts)| facts.detail.is_some_and(|detail| detail > 0)).map(|(made, facts)| Finer {
        href: address(&base, &made.name),
        says: format!("{} {}, {}", display::number(facts.triangles, language), own.many_triangles, display::bytes(made.bytes, language)),
    });
    let chooses = shown.source.is_none() && sight.may(Aspect::Change);
    let page = ModelPage {
        m: own,
        v: SurfaceWords::of(language),
        histogram: histogram(&door, &at, &derivatives, shown, language).await?,
        parts: parts(shown, language),
        choose: chooses.then(|| format!("/deposit/{}/surface", at.id)),
        title: shown.source.as_ref().map_or_else(|| sight.record.title().to_owned(), |path| path.name().to_owned()),
        src: address(&base, &first.name),
        finer: finer.collect(),
        known: shown.size_known,
        poster: pictures.into_iter().find(|picture| Some(&picture.name) == poster.as_ref()),
        others: others(&all_shown, first, &base, words),
        findings: findings(whole, language),
        facts: facts(whole, words, language),
        coarser: coarser(whole, shown, language),
        downloads: files.iter().map(&link).collect(),
        kit: kit.map(&link),
        kit_report: kit.map(|(derivative, _)| print_kit::report(derivative, own, language)).unwrap_or_default(),
        form: kit.map(|_| KitForm::of(&base, &usual, own)),
        stem,
        kit_forbidden: sight.record.metadata.licence.is_some_and(|licence| !licence.allows_derivatives()),
        print_action: format!("{base}/print"),
        base,
        s: Shell::of(&door, &guest),
    };
    answer_viewer(&page)
}

/// Only the surface of a volume has levels in a histogram.
async fn histogram(
    door: &Door,
    at: &At,
    derivatives: &[Derivative],
    shown: &ModelFacts,
    language: Language,
) -> Result<Option<Histogram>, Refusal> {
    let volume = derivatives.iter().find(|made| made.kind.name() == "volume" && shown.source.is_none());
    let Some(volume) = volume else { return Ok(None) };
    let grey = door.archive.grey_values_of(&at.id, volume).await?;
    Ok(grey.map(|grey| Histogram::of_model(&grey, shown, language)))
}

/// Each part as it is called in the files, with what it measures.
fn parts(model: &ModelFacts, language: Language) -> Vec<PartLine> {
    let w = SurfaceWords::of(language);
    let parts = model.surface.iter().flat_map(|surface| &surface.parts);
    let line = |part: &record::surface::SurfacePart| {
        let encloses = model.watertight.then(|| format!("{} {}", w.surface_encloses, volume(model, part.volume_um3, language)));
        let area = format!("{} {}", w.surface_area, area(model, part.area_um2, language));
        let says = encloses.into_iter().chain([area]).collect::<Vec<_>>().join(" · ");
        PartLine { colour: colour(part.colour), name: part.name.clone(), says }
    };
    parts.map(line).collect()
}

fn volume(model: &ModelFacts, um3: f64, language: Language) -> String {
    let (unit, cubic) = if model.size_known { (" mm³", 1e-9) } else { ("", 1.0) };
    format!("{}{unit}", amount(um3 * cubic, language))
}

fn area(model: &ModelFacts, um2: f64, language: Language) -> String {
    let (unit, square) = if model.size_known { (" mm²", 1e-6) } else { ("", 1.0) };
    format!("{}{unit}", amount(um2 * square, language))
}

fn address(base: &str, name: &str) -> String {
    format!("{base}/models/{}", display::percent(name))
}

fn others(all: &[Model<'_>], here: &Derivative, base: &str, words: &'static Words) -> Vec<Other> {
    let other = |(made, facts): &Model<'_>| Other {
        href: format!("{base}/model?show={}", display::percent(&made.name)),
        name: facts.source.as_ref().map_or_else(|| words.model.to_owned(), ToString::to_string),
        here: made.name == here.name,
    };
    if all.len() > 1 { all.iter().map(other).collect() } else { Vec::new() }
}

fn findings(model: &ModelFacts, language: Language) -> Vec<Said> {
    let found = model.check.iter().flat_map(record::model::ModelCheck::findings);
    let all = found.chain(model.repair.iter().map(record::model::ModelRepair::says));
    all.map(|Finding { hinders, says, says_de, .. }| Said {
        says: match language {
            Language::English => says,
            Language::German => says_de,
        },
        hinders,
    })
    .collect()
}

/// What was done to a file on its way from the original.
fn states(derivative: &Derivative, model: &ModelFacts, words: &'static Words, language: Language) -> String {
    let own = ModelWords::of(language);
    let mut list = vec![format!("{} {}", display::number(model.triangles, language), own.many_triangles)];
    if derivative.name.ends_with(".glb") {
        list.push(if model.detail.is_some() { own.model_packed } else { own.model_plain }.to_owned());
    }
    if let Some(level) = model.level {
        list.push(format!("{} {}", words.model_level, display::decimal(rounded(level), language)));
    }
    let parts = model.surface.iter().flat_map(|surface| &surface.parts).map(|part| part.name.as_str()).collect::<Vec<_>>();
    if !parts.is_empty() {
        list.push(parts.join(", "));
    }
    if model.source.is_none() {
        list.push(format!("{} {}", own.model_smoothing, model.smoothing));
    }
    if let Some(deviation) = model.deviation_um {
        list.push(format!("{} {}", words.model_deviation, length(model, deviation, language)));
    }
    if let Some(grid) = model.merged_um {
        list.push(format!("{} {}", own.model_merged, length(model, grid, language)));
    }
    list.push(format!("{} {}", words.version, derivative.version));
    list.join(" · ")
}

fn coarser(whole: &ModelFacts, shown: &ModelFacts, language: Language) -> Option<String> {
    let (own, number) = (ModelWords::of(language), |triangles| display::number(triangles, language));
    let says = || format!("{} {} {} {}.", own.model_measured, number(whole.triangles), own.model_shown, number(shown.triangles));
    (shown.triangles < whole.triangles).then(says)
}

/// Long whole numbers are grouped.
fn amount(value: f64, language: Language) -> String {
    let value = rounded(value);
    let is_long = (1e4..1e15).contains(&value) && value.fract() == 0.0;
    if is_long { display::number(value as u64, language) } else { display::decimal(value, language) }
}

fn length(model: &ModelFacts, um: f64, language: Language) -> String {
    let decimal = |value: f64| display::decimal(rounded(value), language);
    match (model.size_known, um < 1_000.0) {
        (false, _) => decimal(um),
        (true, true) => format!("{}\u{a0}µm", decimal(um)),
        (true, false) => format!("{}\u{a0}mm", decimal(um / 1e3)),
    }
}

fn facts(model: &ModelFacts, words: &'static Words, language: Language) -> Vec<Fact> {
    let (mut list, own) = (Facts::default(), ModelWords::of(language));
    list.owned(words.model_size, Some(model.size_um.map(|um| length(model, um, language)).join(" × ")));
    list.owned(words.model_volume, model.watertight.then(|| volume(model, model.volume_um3, language)));
    list.owned(words.model_area, Some(area(model, model.area_um2, language)));
    list.owned(words.model_level, model.level.map(|level| amount(level, language)));
    list.owned(own.model_smoothing, model.source.is_none().then(|| display::number(u64::from(model.smoothing), language)));
    list.owned(words.model_triangles, Some(display::number(model.triangles, language)));
    list.owned(words.model_deviation, model.deviation_um.map(|um| length(model, um, language)));
    list.owned(own.model_merged, model.merged_um.map(|um| length(model, um, language)));
    list.list
}

/// Four digits that mean something.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    // A power of ten with a negative exponent is no exact number; nine tails of it are seen behind the comma.
    match 3 - value.abs().log10().floor() as i32 {
        digits if digits >= 0 => (value * 10f64.powi(digits)).round() / 10f64.powi(digits),
        digits => (value / 10f64.powi(-digits)).round() * 10f64.powi(-digits),
    }
}

#[cfg(test)]
mod tests {
    use super::{amount, rounded};
    use crate::language::Language;

    #[test]
    fn four_digits_are_enough() {
        assert_eq!(rounded(123_456.0), 123_500.0);
        assert_eq!(rounded(0.001_234_56), 0.001_235);
        assert_eq!(rounded(0.0), 0.0);
        assert_eq!(amount(898_812_345.6, Language::English), "898,800,000", "and no 898799999.9999999");
        assert_eq!((amount(0.001_234_56, Language::German), amount(-61.25, Language::English)), ("0,001235".into(), "-61.25".into()));
    }
}
