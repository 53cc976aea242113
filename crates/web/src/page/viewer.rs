//! The volume viewer's page: pictures of slices stand there before it loads and without any script.

use super::{
    Shell, answer_viewer,
    cards::{self, Picture},
    record_id,
};
use crate::{display, door::Door, refusal::Refused, session::Guest, words::Words};
use archive::Refusal;
use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use record::{access::Aspect, derivative::DerivativeKind};

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/records/{id}/view", get(view))
}

#[derive(Template)]
#[template(path = "viewer.html")]
struct ViewerPage {
    s: Shell,
    id: String,
    title: String,
    name: String,
    window: String,
    range: String,
    shape: String,
    voxel_um: String,
    slices: Vec<Picture>,
}

async fn view(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    let sight = door.archive.see(&guest.visitor, &id, Aspect::Bytes).await?;
    let derivatives = door.archive.derivatives(&guest.visitor, &id).await?;
    let volume = derivatives.iter().find_map(|derivative| match &derivative.kind {
        DerivativeKind::Volume(facts) => Some((derivative, facts)),
        DerivativeKind::Picture { .. } | DerivativeKind::Model(_) => None,
    });
    let (derivative, facts) = volume.ok_or(Refusal::NotFound)?;
    let mut slices = cards::pictures_among(&derivatives, &sight.record, Words::of(guest.language));
    slices.retain(|picture| picture.name.starts_with("slice"));
    slices.sort_by(|one, other| other.name.cmp(&one.name));
    let size = sight.record.metadata.acquisition.voxel_size_um.or(facts.voxel_size_um);
    let page = ViewerPage {
        id: id.to_string(),
        title: sight.record.title().to_owned(),
        name: display::percent(&derivative.name),
        window: joined(&facts.window),
        range: joined(&[facts.minimum, facts.maximum]),
        shape: joined(&facts.shape),
        voxel_um: size.map(|size| joined(&size)).unwrap_or_default(),
        slices,
        s: Shell::of(&door, &guest),
    };
    answer_viewer(&page)
}

fn joined<T: ToString>(values: &[T]) -> String {
    values.iter().map(T::to_string).collect::<Vec<_>>().join(",")
}
