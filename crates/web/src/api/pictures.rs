//! How the owners want their record to be seen.

use super::{body::JsonBody, records::shown};
use crate::{data::record_id, door::Door, refusal::Refused, session::Guest};
use ::api::{PictureChoiceShape, Problem, RecordView};
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use record::picture::PictureChoice;

/// Says how the record is to be seen: look, direction of view, magnification and ground. It replaces what was chosen before; what
/// is left out is as usual, so an empty object takes the choice back. Pictures and movie are made again by it, of released records too.
#[utoipa::path(put, path = "/api/v1/records/{id}/picture", tag = "records", params(("id" = String, Path)), request_body = PictureChoiceShape, responses((status = 200, body = RecordView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn choose(
    State(door): State<Door>,
    guest: Guest,
    Path(id): Path<String>,
    JsonBody(choice): JsonBody<PictureChoice>,
) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    door.archive.choose_picture(&guest.visitor, &id, choice).await?;
    shown(&door, &guest, &id, StatusCode::OK).await
}
