//! Where owners choose how their record is seen: shown to try, then kept. Works without any script.

use super::{
    Shell, answer,
    cards::{self, Picture},
    changeable, see_other,
};
use crate::{
    data::portrait::{choice_of, query_of},
    display,
    door::Door,
    refusal::Refused,
    session::{Fields, Guest},
    words::{PictureWords, SurfaceWords, Words},
};
use archive::{picture::check_picture, sight::At};
use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use http::StatusCode;
use record::{
    Record,
    derivative::{Derivative, DerivativeKind},
    picture::{Direction, Ground, Look, PictureChoice},
};

/// What the worker calls the volume that is drawn.
pub(crate) const VOLUME: &str = "volume";

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/deposit/{id}/picture", get(choose).post(take))
}

#[derive(Template)]
#[template(path = "picture.html")]
struct PicturePage {
    s: Shell,
    p: &'static PictureWords,
    v: &'static SurfaceWords,
    id: String,
    title: String,
    back: String,
    kept: bool,
    /// Drawn as it would be.
    tried: Option<String>,
    present: Option<Picture>,
    has_volume: bool,
    is_usual: bool,
    looks: Vec<Line>,
    grounds: Vec<Line>,
    directions: Vec<Line>,
    azimuth_deg: f64,
    elevation_deg: f64,
    zoom: f64,
}

/// One of several in a list.
struct Line {
    name: &'static str,
    label: &'static str,
    chosen: bool,
}

async fn choose(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    let (record, asked) = changeable(&door, &guest, &id).await?;
    let id = &record.id;
    let choice = choice_of(record.picture, asked.iter().map(|(name, text)| (name.as_str(), text.as_str())))?;
    check_picture(record.kind, &choice)?;
    let derivatives = door.archive.derivatives(&guest.visitor, At::working(id)).await?;
    let has_volume = derivatives.iter().any(|made| made.name == VOLUME && matches!(made.kind, DerivativeKind::Volume(_)));
    let is_tried = has_volume && asked.iter().any(|(name, _)| name == "azimuth_deg" || name == "look");
    let page = PicturePage {
        p: PictureWords::of(guest.language),
        v: SurfaceWords::of(guest.language),
        id: id.to_string(),
        title: record.title().to_owned(),
        back: display::home(&record),
        kept: asked.iter().any(|(name, _)| name == "kept"),
        tried: is_tried.then(|| format!("/deposit/{id}/picture/tried.jpg?{}", query_of(&choice))),
        present: present(&derivatives, &record, Words::of(guest.language)),
        has_volume,
        is_usual: record.picture.is_usual(),
        looks: looks(&choice, PictureWords::of(guest.language)),
        grounds: grounds(&choice, PictureWords::of(guest.language)),
        directions: directions(&choice, PictureWords::of(guest.language)),
        azimuth_deg: choice.azimuth_deg,
        elevation_deg: choice.elevation_deg,
        zoom: choice.zoom,
        s: Shell::of(&door, &guest),
    };
    Ok(answer(StatusCode::OK, &page))
}

/// The picture that stands on the page now; by its recipe, because another one comes to the same address.
fn present(derivatives: &[Derivative], record: &Record, words: &'static Words) -> Option<Picture> {
    let made = derivatives.iter().find(|made| made.name == "hero.jpg")?;
    let mut shown = cards::pictures_among(std::slice::from_ref(made), record, &display::home(record), words);
    let mut picture = shown.pop()?;
    picture.src = format!("{}?of={}", picture.src, made.recipe.digest);
    Some(picture)
}

fn looks(choice: &PictureChoice, words: &'static PictureWords) -> Vec<Line> {
    let label = |look| match look {
        Look::Bone => words.look_bone,
        Look::SoftTissue => words.look_soft_tissue,
        Look::Foam => words.look_foam,
        Look::Metal => words.look_metal,
        Look::CryoEm => words.look_cryo_em,
        Look::Glow => words.look_glow,
        Look::Radiograph => words.look_radiograph,
    };
    let automatic = Line { name: "", label: words.picture_automatic, chosen: choice.look.is_none() };
    let named = Look::ALL.map(|look| Line { name: look.name(), label: label(look), chosen: choice.look == Some(look) });
    std::iter::once(automatic).chain(named).collect()
}

fn grounds(choice: &PictureChoice, words: &'static PictureWords) -> Vec<Line> {
    let label = |ground| match ground {
        Ground::Dark => words.ground_dark,
        Ground::Black => words.ground_black,
        Ground::White => words.ground_white,
    };
    Ground::ALL.map(|ground| Line { name: ground.name(), label: label(ground), chosen: choice.ground == ground }).into()
}

fn directions(choice: &PictureChoice, words: &'static PictureWords) -> Vec<Line> {
    let label = |direction| match direction {
        Direction::Usual => words.from_usual,
        Direction::Front => words.from_front,
        Direction::Back => words.from_back,
        Direction::Left => words.from_left,
        Direction::Right => words.from_right,
        Direction::Above => words.from_above,
        Direction::Below => words.from_below,
    };
    let here = (choice.azimuth_deg, choice.elevation_deg);
    let option = |direction: Direction| Line { name: direction.name(), label: label(direction), chosen: direction.angles_deg() == here };
    Direction::ALL.map(option).into()
}

/// Shows what was chosen, or keeps it.
async fn take(State(door): State<Door>, guest: Guest, Path(id): Path<String>, fields: Fields) -> Result<Response, Refused> {
    let (record, _) = changeable(&door, &guest, &id).await?;
    let id = &record.id;
    let choice = match fields.text("do") {
        "usual" => PictureChoice::default(),
        _ => choice_of(record.picture, fields.0.iter().map(|(name, text)| (name.as_str(), text.as_str())))?,
    };
    if matches!(fields.text("do"), "keep" | "usual") {
        door.archive.choose_picture(&guest.visitor, id, choice).await?;
        return Ok(see_other(&format!("/deposit/{id}/picture?kept=1")));
    }
    check_picture(record.kind, &choice)?;
    Ok(see_other(&format!("/deposit/{id}/picture?{}#picture", query_of(&choice))))
}
