//! Publications that may belong to a dataset: what its owners are asked, and their answer.

use super::body::{JsonBody, json};
use crate::{data::record_id, door::Door, refusal::Refused, session::Guest};
use ::api::{AnswerTie, Problem, TieList, TieView};
use archive::tie::Offer;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use record::{id::RecordId, tie::Reason};

/// The publications that may belong to your dataset, the newest first. Whoever does not own it finds none.
#[utoipa::path(get, path = "/api/v1/records/{id}/ties", tag = "records", params(("id" = String, Path)), responses((status = 200, body = TieList), (status = 404, body = Problem)))]
pub(super) async fn list(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    told(&door, &guest, &record_id(&id)?).await
}

/// Says whether a publication belongs to your dataset.
#[utoipa::path(post, path = "/api/v1/records/{id}/ties/{publication}", tag = "records", params(("id" = String, Path), ("publication" = String, Path)), request_body = AnswerTie, responses((status = 200, body = TieList), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn answer(
    State(door): State<Door>,
    guest: Guest,
    Path((id, publication)): Path<(String, String)>,
    JsonBody(body): JsonBody<AnswerTie>,
) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    door.archive.answer_offer(&guest.visitor, &id, &record_id(&publication)?, body.is_theirs).await?;
    told(&door, &guest, &id).await
}

async fn told(door: &Door, guest: &Guest, id: &RecordId) -> Result<Response, Refused> {
    let ties = door.archive.ties_for_owners(&guest.visitor, id).await?;
    json(StatusCode::OK, &TieList { ties: ties.iter().map(|offer| view(offer, &door.archive.settings().base_url)).collect() })
}

fn view(offer: &Offer, base_url: &str) -> TieView {
    let because = match offer.reason {
        Reason::Cites => "cites",
        Reason::Named => "named",
        Reason::Alike { .. } => "alike",
    };
    TieView {
        publication: offer.publication.id.to_string(),
        title: offer.publication.title().to_owned(),
        doi: offer.publication.citable_doi().map(ToString::to_string),
        because: because.to_owned(),
        standing: offer.standing.name().to_owned(),
        offered_at: offer.offered_at.to_string(),
        html: format!("{base_url}/records/{}", offer.publication.id),
    }
}
