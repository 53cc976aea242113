//! The versions of a record: begun, listed, read.

use super::{
    body::{NoBody, json},
    records::{shown, view},
};
use crate::{data::record_id, door::Door, refusal::Refused, session::Guest};
use ::api::{Problem, RecordView, VersionView};
use archive::{Refusal, sight::At};
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use record::{access::Aspect, version::Version};

/// Begins the draft of a new version of a released record, with the files and words of the present one. Uploads, changes,
/// `release` (for texts `publish`) and `DELETE` on the record then mean this draft; everybody else goes on seeing the version before.
#[utoipa::path(post, path = "/api/v1/records/{id}/versions", tag = "life", params(("id" = String, Path)), responses((status = 201, body = RecordView), (status = 409, body = Problem)))]
pub(super) async fn begin(State(door): State<Door>, guest: Guest, Path(id): Path<String>, _: NoBody) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    door.archive.revise(&guest.visitor, &id).await?;
    shown(&door, &guest, &id, StatusCode::CREATED).await
}

/// All versions that you may know of, the oldest first.
#[utoipa::path(get, path = "/api/v1/records/{id}/versions", tag = "records", params(("id" = String, Path)), responses((status = 200, body = [VersionView]), (status = 404, body = Problem)))]
pub(super) async fn list(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    let base_url = &door.archive.settings().base_url;
    let versions = door.archive.versions(&guest.visitor, &id).await?;
    let views = versions.iter().map(|line| VersionView::new(&id, line.version, &line.state, line.since, line.is_current, base_url));
    json(StatusCode::OK, &views.collect::<Vec<_>>())
}

/// One version, `1` or `v1`, with as much of it as you may see.
#[utoipa::path(get, path = "/api/v1/records/{id}/versions/{version}", tag = "records", params(("id" = String, Path), ("version" = String, Path)), responses((status = 200, body = RecordView), (status = 404, body = Problem)))]
pub(super) async fn read(State(door): State<Door>, guest: Guest, Path((id, version)): Path<(String, String)>) -> Result<Response, Refused> {
    let number = version.strip_prefix('v').unwrap_or(&version);
    let version: Version = format!("v{number}").parse().map_err(|()| Refusal::NotFound)?;
    let sight = door.archive.see(&guest.visitor, At::version(&record_id(&id)?, version), Aspect::Tombstone).await?;
    json(StatusCode::OK, &view(&door, &guest, &sight).await?)
}
