//! A publication out of its DOI.

use super::{
    body::JsonBody,
    records::{refused_as, shown},
};
use crate::{
    door::Door,
    lookup::{self, Found},
    refusal::Refused,
    session::Guest,
};
use ::api::{EnterPublication, Problem, RecordView};
use archive::Refusal;
use axum::{extract::State, response::Response};
use http::StatusCode;

/// Makes a draft of the publication that has this DOI; Crossref and DataCite are asked what it is.
#[utoipa::path(post, path = "/api/v1/publications", tag = "records", request_body = EnterPublication, responses((status = 201, body = RecordView), (status = 401, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 502, body = Problem)))]
pub(super) async fn enter(State(door): State<Door>, guest: Guest, JsonBody(body): JsonBody<EnterPublication>) -> Result<Response, Refused> {
    let doi = lookup::read_doi(&body.doi)?;
    match lookup::find(&door, &guest, &doi).await? {
        Found::Described(metadata) => {
            let record = door.archive.enter_publication(&guest.visitor, &doi, *metadata).await?;
            if body.publish {
                // The draft is made: what it lacks, or who may publish it, is for the next step, and its state says so.
                match door.archive.publish(&guest.visitor, &record.id).await {
                    Ok(_) | Err(Refusal::NotReady(_) | Refusal::Forbidden { .. }) => {}
                    Err(refusal) => return Err(refusal.into()),
                }
            }
            shown(&door, &guest, &record.id, StatusCode::CREATED).await
        }
        Found::Here(record) => Err(archive::publication::is_here(&record).into()),
        Found::Nothing(fault) => Ok(refused_as(lookup::status_of(&fault), &lookup::refusal_of(&fault), &guest)),
    }
}
