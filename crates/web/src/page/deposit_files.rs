//! Files without script: a plain form for small ones, deleting one, ending an unfinished upload, trying a failed job again.

use super::{record_id, see_other};
use crate::{
    door::Door,
    refusal::Refused,
    session::{Fields, Guest},
};
use archive::Refusal;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Multipart, Path, State, multipart::Field},
    response::Response,
    routing::post,
};
use bytes::{Bytes, BytesMut};
use record::{
    file::FilePath,
    id::{JobId, RecordId, UploadId},
};
use std::{io, sync::OnceLock};
use tokio::sync::Semaphore;

/// Larger files need the script or the program, which send them in pieces that can be continued.
const FILE_BYTES_MAX: usize = 64 << 20;
const FORM_BYTES_MAX: usize = 1 << 30;
/// Files held in memory at the same time by forms without script.
const FORMS_AT_ONCE: usize = 2;

pub(super) fn routes() -> Router<Door> {
    Router::new()
        .route("/deposit/{id}/files", post(send).layer(DefaultBodyLimit::max(FORM_BYTES_MAX)))
        .route("/deposit/{id}/files/delete", post(remove))
        .route("/deposit/{id}/uploads/{upload}/delete", post(cancel))
        .route("/deposit/{id}/jobs/{job}/retry", post(retry))
}

async fn send(State(door): State<Door>, guest: Guest, Path(id): Path<String>, mut form: Multipart) -> Result<Response, Refused> {
    static ROOM: OnceLock<Semaphore> = OnceLock::new();
    guest.signed_in()?;
    let id = record_id(&id)?;
    let _place = ROOM
        .get_or_init(|| Semaphore::new(FORMS_AT_ONCE))
        .acquire()
        .await
        .map_err(|_| Refusal::Unavailable("forms are no longer taken".into()))?;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let Some(name) = field.file_name().map(str::to_owned).filter(|name| !name.is_empty()) else { continue };
        let path: FilePath = name
            .parse()
            .map_err(|error: record::file::BadPath| Refusal::invalid("files", format!("{error}."), "Rename the file and send it again."))?;
        let bytes = read(field).await?;
        store(&door, &guest, &id, path, bytes).await?;
    }
    Ok(see_other(&format!("/deposit/{id}#files")))
}

fn broken(error: axum::extract::multipart::MultipartError) -> Refused {
    Refused(Refusal::Invalid {
        field: Some("files".into()),
        what: format!("The form did not arrive whole: {error}."),
        hint: "Send it again; files that arrived are kept.".into(),
    })
}

async fn read(mut field: Field<'_>) -> Result<Bytes, Refused> {
    let mut bytes = BytesMut::new();
    while let Some(piece) = field.chunk().await.map_err(broken)? {
        if bytes.len() + piece.len() > FILE_BYTES_MAX {
            return Err(Refused(Refusal::TooLarge { what: "Without JavaScript a file may have at most 64 MiB. Larger ones go with JavaScript, or with the program: science3d deposit FOLDER.".into() }));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.freeze())
}

async fn store(door: &Door, guest: &Guest, id: &RecordId, path: FilePath, bytes: Bytes) -> Result<(), Refused> {
    let upload = door.archive.begin_upload(&guest.visitor, id, path, bytes.len() as u64, false).await?;
    if !bytes.is_empty() {
        let body = futures::stream::iter([Ok::<Bytes, io::Error>(bytes)]);
        door.archive.append(&guest.visitor, &upload.id, 0, body).await?;
    }
    Ok(())
}

async fn remove(State(door): State<Door>, guest: Guest, Path(id): Path<String>, fields: Fields) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    let path: FilePath = fields.get("path").unwrap_or("").parse().map_err(|_| Refused(Refusal::NotFound))?;
    door.archive.remove_file(&guest.visitor, &id, &path).await?;
    Ok(see_other(&format!("/deposit/{id}?folder={}#files", crate::display::percent_path(path.parent()))))
}

async fn cancel(State(door): State<Door>, guest: Guest, Path((id, upload)): Path<(String, String)>) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    let upload: UploadId = upload.parse().map_err(|_| Refused(Refusal::NotFound))?;
    door.archive.cancel_upload(&guest.visitor, &upload).await?;
    Ok(see_other(&format!("/deposit/{id}")))
}

async fn retry(State(door): State<Door>, guest: Guest, Path((id, job)): Path<(String, i64)>) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    door.archive.try_again(&guest.visitor, &id, JobId(job)).await?;
    Ok(see_other(&format!("/deposit/{id}")))
}
