//! What the files leave open, answered by those who know.

use super::{body::JsonBody, records::shown};
use crate::{data::record_id, door::Door, refusal::Refused, session::Guest};
use ::api::{AnswersShape, Problem, RecordView};
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use record::question::Answers;

/// Says what the files leave open: which of them is the volume, which dataset or channel inside, how raw voxels lie. It replaces
/// what was said before, also before any file has come, and the volume is made by it. What is open stands in the record as `questions`.
#[utoipa::path(put, path = "/api/v1/records/{id}/answers", tag = "records", params(("id" = String, Path)), request_body = AnswersShape, responses((status = 200, body = RecordView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn answer(
    State(door): State<Door>,
    guest: Guest,
    Path(id): Path<String>,
    JsonBody(answers): JsonBody<Answers>,
) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    door.archive.answer(&guest.visitor, &id, answers).await?;
    shown(&door, &guest, &id, StatusCode::OK).await
}
