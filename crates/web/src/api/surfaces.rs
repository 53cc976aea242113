//! How the owners want the surface of their volume to be made.

use super::{body::JsonBody, records::shown};
use crate::{data::record_id, door::Door, refusal::Refused, session::Guest};
use ::api::{Problem, RecordView, SurfaceChoiceShape};
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use record::surface::SurfaceChoice;

/// Says how the surface of the record's volume is to be made: grey values or labels, and rounds of smoothing. It replaces what was
/// chosen before; what is left out is as usual, so an empty object takes the choice back. The model files are made again by it, of
/// released records too.
#[utoipa::path(put, path = "/api/v1/records/{id}/surface", tag = "records", params(("id" = String, Path)), request_body = SurfaceChoiceShape, responses((status = 200, body = RecordView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn choose(
    State(door): State<Door>,
    guest: Guest,
    Path(id): Path<String>,
    JsonBody(choice): JsonBody<SurfaceChoice>,
) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    door.archive.choose_surface(&guest.visitor, &id, choice).await?;
    shown(&door, &guest, &id, StatusCode::OK).await
}
