//! The volume viewer's page: pictures of slices stand there before it loads and without any script.

use super::{
    Shell, answer_viewer,
    cards::{self, Picture},
    named::Named,
};
use crate::{
    display,
    door::Door,
    refusal::Refused,
    session::Guest,
    words::{PictureWords, Words},
};
use archive::{Refusal, sight::At};
use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use record::{access::Aspect, derivative::DerivativeKind};

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/records/{id}/view", get(view)).route("/records/{id}/{version}/view", get(view))
}

#[derive(Template)]
#[template(path = "viewer.html")]
struct ViewerPage {
    s: Shell,
    back: String,
    home: String,
    title: String,
    name: String,
    window: String,
    range: String,
    shape: String,
    voxel_um: String,
    slices: Vec<Picture>,
    p: &'static PictureWords,
    /// Where an owner keeps the present view as the record's picture.
    picture: String,
}

async fn view(State(door): State<Door>, guest: Guest, Named { at, base: back }: Named) -> Result<Response, Refused> {
    let sight = door.archive.see(&guest.visitor, &at, Aspect::Bytes).await?;
    let derivatives = door.archive.derivatives(&guest.visitor, &at).await?;
    // By its number, so that what is loaded can be kept for ever.
    let home = format!("/records/{}/{}", sight.record.id, sight.record.version);
    let volume = derivatives.iter().find_map(|derivative| match &derivative.kind {
        DerivativeKind::Volume(facts) => Some((derivative, facts)),
        DerivativeKind::Picture { .. } | DerivativeKind::Model(_) | DerivativeKind::Movie(_) => None,
    });
    let (derivative, facts) = volume.ok_or(Refusal::NotFound)?;
    let mut slices = cards::pictures_among(&derivatives, &sight.record, &home, Words::of(guest.language));
    slices.retain(|picture| picture.name.starts_with("slice"));
    slices.sort_by(|one, other| other.name.cmp(&one.name));
    let working = door.archive.see(&guest.visitor, At::working(&sight.record.id), Aspect::Change).await;
    let may_choose = working.is_ok_and(|working| working.record.version == sight.record.version);
    let picture = if may_choose { format!("/deposit/{}/picture", sight.record.id) } else { String::new() };
    let size = sight.record.metadata.acquisition.voxel_size_um.or(facts.voxel_size_um);
    let page = ViewerPage {
        back,
        home,
        title: sight.record.title().to_owned(),
        name: display::percent(&derivative.name),
        window: joined(&facts.window),
        range: joined(&[facts.minimum, facts.maximum]),
        shape: joined(&facts.shape),
        voxel_um: size.map(|size| joined(&size)).unwrap_or_default(),
        slices,
        p: PictureWords::of(guest.language),
        picture,
        s: Shell::of(&door, &guest),
    };
    answer_viewer(&page)
}

fn joined<T: ToString>(values: &[T]) -> String {
    values.iter().map(T::to_string).collect::<Vec<_>>().join(",")
}
