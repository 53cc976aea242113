//! Files of a record: listed, asked about, removed. Their bytes are at `/records/{id}/files/…`, their way in is tus.

use super::body::{JsonBody, empty, json};
use crate::{
    data::{escape_path, record_id},
    display::home,
    door::Door,
    refusal::Refused,
    session::Guest,
};
use ::api::{Check, CheckAnswer, FilePage, FileView, FolderView, Problem, UnfinishedUpload, UploadView};
use archive::{Refusal, sight::At};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use http::StatusCode;
use record::{
    access::Aspect,
    file::{BadPath, FilePath, Original},
    id::RecordId,
    upload::Upload,
};
use serde::Deserialize;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Listing {
    /// List this folder, sub-folders first; empty is the top. Without it all files are listed in the order of their paths.
    folder: Option<String>,
    /// What the page before gave as `next`.
    after: Option<String>,
    /// At most 200; 1000 without `folder`.
    limit: Option<u32>,
}

const FLAT_LIMIT_MAX: u32 = 1000;

fn file_view(door: &Door, home: &str, original: &Original) -> FileView {
    FileView::new(original, format!("{}{home}/files/{}", door.archive.settings().base_url, escape_path(original.path.as_str())))
}

/// The version whose files are meant: for its team the one that is being worked on.
async fn working(door: &Door, guest: &Guest, id: &RecordId, aspect: Aspect) -> Result<(At, String), Refused> {
    let record = door.archive.see(&guest.visitor, At::working(id), aspect).await?.record;
    Ok((At::version(id, record.version), home(&record)))
}

/// Without host: a client goes on talking to the server that it reached, by whatever name.
pub(super) fn upload_url(upload: &Upload) -> String {
    format!("/api/v1/uploads/{}", upload.id)
}

fn path_of(text: &str) -> Result<FilePath, Refusal> {
    text.parse().map_err(|bad: BadPath| bad.into())
}

/// The files, page by page.
#[utoipa::path(get, path = "/api/v1/records/{id}/files", tag = "files", params(("id" = String, Path), Listing), responses((status = 200, body = FilePage), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn list(
    State(door): State<Door>,
    guest: Guest,
    Path(id): Path<String>,
    Query(listing): Query<Listing>,
) -> Result<Response, Refused> {
    let (at, home) = working(&door, &guest, &record_id(&id)?, Aspect::FileNames).await?;
    let Some(folder) = listing.folder else {
        let limit = listing.limit.unwrap_or(200).clamp(1, FLAT_LIMIT_MAX);
        let after = listing.after.as_deref().map(path_of).transpose()?;
        let files = door.archive.files_after(&guest.visitor, &at, after.as_ref(), limit).await?;
        let next = (files.len() as u32 == limit).then(|| files.last().map(|file| file.original.path.to_string())).flatten();
        let files = files.iter().map(|file| file_view(&door, &home, &file.original)).collect();
        return json(StatusCode::OK, &FilePage { folder: None, folders: Vec::new(), files, next });
    };
    let limit = listing.limit.unwrap_or(100).clamp(1, door.archive.settings().limits.page_items_max);
    let folder = folder.trim_matches('/').to_owned();
    let page = door.archive.folder(&guest.visitor, &at, &folder, listing.after.as_deref(), limit).await?;
    let folders =
        page.folders.iter().map(|folder| FolderView { path: folder.path.clone(), files: folder.files, size: folder.bytes }).collect();
    let files = page.files.iter().map(|file| file_view(&door, &home, &file.original)).collect();
    json(StatusCode::OK, &FilePage { folder: Some(folder), folders, files, next: page.next })
}

/// Size and checksum of one file.
#[utoipa::path(get, path = "/api/v1/records/{id}/files/{path}", tag = "files", params(("id" = String, Path), ("path" = String, Path)), responses((status = 200, body = FileView), (status = 404, body = Problem)))]
pub(super) async fn facts(State(door): State<Door>, guest: Guest, Path((id, path)): Path<(String, String)>) -> Result<Response, Refused> {
    let (at, home) = working(&door, &guest, &record_id(&id)?, Aspect::Bytes).await?;
    let original = door.archive.file_facts(&guest.visitor, &at, &path.parse().map_err(|_| Refusal::NotFound)?).await?;
    json(StatusCode::OK, &file_view(&door, &home, &original))
}

/// Removes a file from a record that is not released.
#[utoipa::path(delete, path = "/api/v1/records/{id}/files/{path}", tag = "files", params(("id" = String, Path), ("path" = String, Path)), responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn remove(State(door): State<Door>, guest: Guest, Path((id, path)): Path<(String, String)>) -> Result<Response, Refused> {
    door.archive.remove_file(&guest.visitor, &record_id(&id)?, &path.parse().map_err(|_| Refusal::NotFound)?).await?;
    Ok(empty())
}

/// The same for a file that is called `check`, whose address is also that of the question below.
pub(super) async fn facts_of_check(door: State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    facts(door, guest, Path((id, "check".to_owned()))).await
}

pub(super) async fn remove_check(door: State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    remove(door, guest, Path((id, "check".to_owned()))).await
}

/// Before an upload: which of these files are here already, and which uploads of them can be continued.
#[utoipa::path(post, path = "/api/v1/records/{id}/files/check", tag = "files", params(("id" = String, Path)), request_body = Check, responses((status = 200, body = CheckAnswer), (status = 413, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn check(
    State(door): State<Door>,
    guest: Guest,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<Check>,
) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    let paths = body.paths.iter().map(|asked| Ok((path_of(&asked.path)?, asked.size))).collect::<Result<Vec<_>, Refusal>>()?;
    let found = door.archive.check(&guest.visitor, &id, &paths).await?;
    let unfinished = found.unfinished.iter().map(|(upload, offset)| UnfinishedUpload {
        path: upload.path.to_string(),
        upload_url: upload_url(upload),
        offset: *offset,
        length: upload.bytes,
    });
    let (_, home) = working(&door, &guest, &id, Aspect::Change).await?;
    let existing = found.existing.iter().map(|original| file_view(&door, &home, original)).collect();
    json(StatusCode::OK, &CheckAnswer { existing, unfinished: unfinished.collect() })
}

/// Uploads that somebody began and nobody finished.
#[utoipa::path(get, path = "/api/v1/records/{id}/uploads", tag = "uploads", params(("id" = String, Path)), responses((status = 200, body = [UploadView]), (status = 404, body = Problem)))]
pub(super) async fn unfinished(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    let uploads = door.archive.unfinished(&guest.visitor, &record_id(&id)?).await?;
    let views = uploads.iter().map(|(upload, offset)| UploadView {
        id: upload.id.to_string(),
        record: upload.record.to_string(),
        path: upload.path.to_string(),
        offset: *offset,
        length: upload.bytes,
        upload_url: upload_url(upload),
    });
    json(StatusCode::OK, &views.collect::<Vec<_>>())
}
