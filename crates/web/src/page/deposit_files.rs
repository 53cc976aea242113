//! Files without script: a plain form for small ones, deleting one, ending an unfinished upload, trying a failed job again.

use super::{record_id, see_other};
use crate::{
    door::Door,
    refusal::Refused,
    session::{Fields, Guest},
};
use archive::{
    Refusal,
    refusal::{hint, said},
};
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
use std::{
    io,
    sync::{Arc, OnceLock},
};
use tokio::sync::Semaphore;

/// Larger files need the script or the program, which send them in pieces that can be continued.
const FILE_BYTES_MAX: usize = 64 << 20;
const FORM_BYTES_MAX: usize = 1 << 30;
/// All that was typed into the fields beside the files.
const TYPED_BYTES_MAX: usize = 1 << 20;
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
    let mut typed: Vec<(String, String)> = Vec::new();
    let mut typed_bytes = 0;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let Some(name) = field.file_name().map(str::to_owned) else {
            let name = field.name().unwrap_or_default().to_owned();
            let text = String::from_utf8_lossy(&read(field).await?).replace("\r\n", "\n");
            typed_bytes += name.len() + text.len();
            if typed_bytes > TYPED_BYTES_MAX {
                return Err(Refused(super::form_too_large()));
            }
            typed.push((name, text));
            continue;
        };
        if name.is_empty() {
            continue; // No file was chosen.
        }
        let path: FilePath = name.parse().map_err(|bad: record::file::BadPath| Refusal::from(bad))?;
        let bytes = read(field).await?;
        store(&door, &guest, &id, path, bytes).await?;
    }
    // What was typed beside the files and not saved yet comes with them.
    if typed.iter().any(|(name, _)| name != "csrf") {
        return super::deposit::save_typed(&door, &guest, &id, &Fields(Arc::new(typed)), "#files").await;
    }
    Ok(see_other(&format!("/deposit/{id}#files")))
}

fn broken(error: axum::extract::multipart::MultipartError) -> Refused {
    Refused(Refusal::Invalid {
        field: Some("files".into()),
        what: said("form-broken", format!("The form did not arrive whole: {error}."), format!("Das Formular kam nicht ganz an: {error}.")),
        hint: hint("Send it again; files that arrived are kept.", "Senden Sie es noch einmal; angekommene Dateien bleiben."),
    })
}

async fn read(mut field: Field<'_>) -> Result<Bytes, Refused> {
    let mut bytes = BytesMut::new();
    while let Some(piece) = field.chunk().await.map_err(broken)? {
        if bytes.len() + piece.len() > FILE_BYTES_MAX {
            return Err(Refused(Refusal::TooLarge {
                what: said(
                    "too-large-for-a-form",
                    "Without JavaScript a file may have at most 64 MiB. Larger ones go with JavaScript, or with the program: science3d deposit FOLDER.",
                    "Ohne JavaScript darf eine Datei höchstens 64 MiB haben. Größere gehen mit JavaScript oder mit dem Programm: science3d deposit ORDNER.",
                ),
            }));
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
