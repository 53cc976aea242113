//! Uploads by the tus protocol, 1.0.0 (<https://tus.io/protocols/resumable-upload>), with creation, creation-with-upload,
//! checksum, expiration, termination and concatenation. Bytes go from the socket straight to the archive in constant memory; what
//! arrived stays, however the connection ends.

use super::{
    files::upload_url,
    tus::{self, Checksum, Concat, Metadata},
};
use crate::{
    door::Door,
    refusal::{Refused, problem, status_of},
    session::Guest,
};
use ::api::Problem;
use archive::{Refusal, Said, Visitor, upload::Appended};
use axum::{
    body::{Body, BodyDataStream},
    extract::{FromRequestParts, Path, Request, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION},
};
use record::{
    file::BadPath,
    id::UploadId,
    upload::{Purpose, Upload},
};
use std::{io, time::Duration};

const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const CONCAT: HeaderName = HeaderName::from_static("upload-concat");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const EXTENSIONS: HeaderValue = HeaderValue::from_static("creation,creation-with-upload,checksum,expiration,termination,concatenation");
/// How a part without a name is listed.
const PART_PATH: &str = "part";
/// A piece with a checksum must be whole before a byte of it counts, so it is held in memory and must be small.
const CHECKED_BYTES_MAX: usize = 8 << 20;
/// After a refusal this much of the body is still read, so that the answer arrives before the connection breaks.
const LEFTOVER_BYTES_MAX: usize = 8 << 20;
/// Who joins parts is answered after this long at the latest; the joining goes on.
const JOIN_PATIENCE: Duration = Duration::from_secs(15);
const LEFTOVER_PATIENCE: Duration = Duration::from_secs(1);

/// A refusal as tus clients expect it: with the protocol's headers.
pub(super) struct TusRefused(StatusCode, Box<Refusal>);

impl From<Refusal> for TusRefused {
    fn from(refusal: Refusal) -> Self {
        Self(status_of(&refusal), Box::new(refusal))
    }
}

impl From<Refused> for TusRefused {
    fn from(refused: Refused) -> Self {
        refused.0.into()
    }
}

impl IntoResponse for TusRefused {
    fn into_response(self) -> Response {
        if let Refusal::Unavailable(cause) = &*self.1 {
            tracing::error!(%cause, "an upload could not be answered");
        }
        let mut document = problem(&self.1, crate::language::Language::English);
        document["status"] = self.0.as_u16().into();
        let mut response = (self.0, document.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(RESUMABLE, VERSION);
        headers.insert(HeaderName::from_static("tus-version"), VERSION);
        if let Refusal::OffsetMismatch { offset } = &*self.1 {
            headers.insert(OFFSET, HeaderValue::from(*offset));
        }
        response
    }
}

fn refused(status: StatusCode, field: &str, what: impl Into<Said>, hint: impl Into<Said>) -> TusRefused {
    TusRefused(status, Box::new(Refusal::invalid(field, what, hint)))
}

fn answer(status: StatusCode, headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>) -> Response {
    let mut response = status.into_response();
    response.headers_mut().insert(RESUMABLE, VERSION);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().extend(headers);
    response
}

/// What this server speaks.
#[utoipa::path(options, path = "/api/v1/uploads", tag = "uploads", responses((status = 204, headers(("Tus-Version" = String), ("Tus-Extension" = String), ("Tus-Max-Size" = u64)))))]
pub(super) async fn capabilities(State(door): State<Door>) -> Response {
    let limit = door.archive.settings().limits.file_bytes_max;
    answer(
        StatusCode::NO_CONTENT,
        [
            (HeaderName::from_static("tus-version"), VERSION),
            (HeaderName::from_static("tus-extension"), EXTENSIONS),
            (HeaderName::from_static("tus-max-size"), HeaderValue::from(limit)),
            (HeaderName::from_static("tus-checksum-algorithm"), HeaderValue::from_static("sha256,sha1")),
        ],
    )
}

/// Announces a file. `Upload-Metadata` carries `record` and `path`, and `replace` (`true`) where a file of that path
/// shall be replaced. The file's first bytes may come along. With `Upload-Concat: partial` it is a part of a file (`path` may
/// be absent); with `Upload-Concat: final;` and the addresses of finished parts these become one file, and no length is sent.
#[utoipa::path(post, path = "/api/v1/uploads", tag = "uploads", params(("Tus-Resumable" = String, Header), ("Upload-Length" = Option<u64>, Header), ("Upload-Metadata" = String, Header), ("Upload-Concat" = Option<String>, Header)), responses((status = 201, headers(("Location" = String), ("Upload-Offset" = u64))), (status = 409, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn create(State(door): State<Door>, request: Request) -> Result<Response, TusRefused> {
    let (mut parts, body) = request.into_parts();
    let created = begin(&door, &mut parts).await;
    let (guest, upload) = match created {
        Ok(created) => created,
        Err(refused) => {
            drain(&mut body.into_data_stream()).await;
            return Err(refused);
        }
    };
    let place = HeaderValue::try_from(upload_url(&upload)).map_err(|fault| Refusal::Unavailable(fault.to_string()))?;
    let known = [(LOCATION, place), (EXPIRES, expiry(&door, &upload))];
    if matches!(upload.purpose, Purpose::Join { .. }) {
        join(&door, &guest, &upload).await?;
        return Ok(answer(StatusCode::CREATED, known));
    }
    let mut offset = 0;
    if is_piece(&parts.headers) && upload.bytes > 0 {
        offset = take(&door, &guest, &upload.id, 0, &parts.headers, body).await?.offset;
    }
    if offset == upload.bytes && upload.purpose == Purpose::File {
        remember_finished(&door, &guest, &upload.id, offset);
    }
    Ok(answer(StatusCode::CREATED, known.into_iter().chain([(OFFSET, HeaderValue::from(offset))])))
}

async fn begin(door: &Door, parts: &mut http::request::Parts) -> Result<(Guest, Upload), TusRefused> {
    speaks_tus(&parts.headers)?;
    let guest = Guest::from_request_parts(parts, door).await?;
    if parts.headers.contains_key("upload-defer-length") {
        return Err(refused(
            StatusCode::BAD_REQUEST,
            "Upload-Defer-Length",
            "The length of a file must be known when its upload begins.",
            "Send Upload-Length.",
        ));
    }
    let (visitor, archive) = (&guest.visitor, &door.archive);
    let concat = Concat::read(&parts.headers)?;
    let metadata = Metadata::read(parts.headers.get(METADATA).map(HeaderValue::as_bytes).unwrap_or_default())?;
    let (record, replace) = (metadata.record.clone(), metadata.replace);
    let upload = match concat {
        None => {
            let length = number(&parts.headers, &LENGTH)?;
            archive.begin_upload(visitor, &record, metadata.path()?, length, replace).await?
        }
        Some(Concat::Partial) => {
            let length = number(&parts.headers, &LENGTH)?;
            let path =
                metadata.path.map_or_else(|| PART_PATH.parse(), Ok).map_err(|fault: BadPath| Refusal::Unavailable(fault.to_string()))?;
            archive.begin_part(visitor, &record, path, length).await?
        }
        Some(Concat::Final(ids)) => archive.begin_join(visitor, &record, metadata.path()?, ids, replace).await?,
    };
    Ok((guest, upload))
}

/// Joins on a task of its own, which goes on when nobody waits any more.
async fn join(door: &Door, guest: &Guest, upload: &Upload) -> Result<(), TusRefused> {
    let (joined, archive, visitor) = (upload.clone(), door.archive.clone(), guest.visitor.clone());
    let labour = tokio::spawn(async move {
        let result = archive.join(&visitor, &joined).await;
        if let Err(refusal) = &result {
            tracing::warn!(upload = %joined.id, %refusal, "parts could not be joined");
        }
        result
    });
    if let Ok(ended) = tokio::time::timeout(JOIN_PATIENCE, labour).await {
        ended.map_err(|fault| Refusal::Unavailable(fault.to_string()))??;
        remember_finished(door, guest, &upload.id, upload.bytes);
    }
    Ok(())
}

/// How far an upload has come.
#[utoipa::path(head, path = "/api/v1/uploads/{upload}", tag = "uploads", params(("upload" = String, Path), ("Tus-Resumable" = String, Header)), responses((status = 200, headers(("Upload-Offset" = u64), ("Upload-Length" = u64))), (status = 404), (status = 410)))]
pub(super) async fn progress(
    State(door): State<Door>,
    guest: Result<Guest, Refused>,
    Path(id): Path<String>,
) -> Result<Response, TusRefused> {
    let guest = guest?;
    let id = upload_id(&id)?;
    if let Some(length) = finished_length(&door, &guest, &id) {
        return Ok(answer(StatusCode::OK, [(OFFSET, HeaderValue::from(length)), (LENGTH, HeaderValue::from(length))]));
    }
    let (upload, offset) = door.archive.upload(&guest.visitor, &id).await?;
    let line = |text: String| HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
    let mut told =
        vec![(LENGTH, HeaderValue::from(upload.bytes)), (METADATA, line(tus::metadata_line(&upload))), (EXPIRES, expiry(&door, &upload))];
    told.extend(Concat::line(&upload.purpose).map(|words| (CONCAT, line(words))));
    // While parts are being joined there is no offset to continue from.
    if !matches!(upload.purpose, Purpose::Join { .. }) {
        told.push((OFFSET, HeaderValue::from(offset)));
    }
    Ok(answer(StatusCode::OK, told))
}

/// Sends bytes from `Upload-Offset` on. What is acknowledged is durable. With `Upload-Checksum` (`sha256` or `sha1`) a
/// piece of at most 8 MiB counts only when its sum is right.
#[utoipa::path(patch, path = "/api/v1/uploads/{upload}", tag = "uploads", params(("upload" = String, Path), ("Tus-Resumable" = String, Header), ("Upload-Offset" = u64, Header), ("Upload-Checksum" = Option<String>, Header)), request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"), responses((status = 204, headers(("Upload-Offset" = u64))), (status = 409, body = Problem), (status = 410, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 423, body = Problem), (status = 460, body = Problem, description = "the checksum is wrong; nothing of the piece was kept")))]
pub(super) async fn append(State(door): State<Door>, Path(id): Path<String>, request: Request) -> Result<Response, TusRefused> {
    let (mut parts, body) = request.into_parts();
    speaks_tus(&parts.headers)?;
    let guest = Guest::from_request_parts(&mut parts, &door).await?;
    let id = upload_id(&id)?;
    if !is_piece(&parts.headers) {
        return Err(refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Content-Type",
            "The body is not announced as a piece of a file.",
            "Send Content-Type: application/offset+octet-stream.",
        ));
    }
    let offset = number(&parts.headers, &OFFSET)?;
    let appended = take(&door, &guest, &id, offset, &parts.headers, body).await?;
    if appended.finished && !appended.is_part {
        remember_finished(&door, &guest, &id, appended.offset);
    }
    Ok(answer(StatusCode::NO_CONTENT, [(OFFSET, HeaderValue::from(appended.offset))]))
}

/// For clients behind proxies that let only GET and POST through.
pub(super) async fn append_by_post(door: State<Door>, id: Path<String>, request: Request) -> Result<Response, TusRefused> {
    match request.headers().get("x-http-method-override").map(HeaderValue::as_bytes) {
        Some(b"PATCH") => append(door, id, request).await,
        _ => Err(refused(
            StatusCode::METHOD_NOT_ALLOWED,
            "method",
            "An upload is continued by PATCH.",
            "Or by POST with X-HTTP-Method-Override: PATCH.",
        )),
    }
}

/// Gives an upload up and removes its bytes.
#[utoipa::path(delete, path = "/api/v1/uploads/{upload}", tag = "uploads", params(("upload" = String, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub(super) async fn terminate(
    State(door): State<Door>,
    guest: Result<Guest, Refused>,
    Path(id): Path<String>,
) -> Result<Response, TusRefused> {
    door.archive.cancel_upload(&guest?.visitor, &upload_id(&id)?).await?;
    Ok(answer(StatusCode::NO_CONTENT, []))
}

fn speaks_tus(headers: &HeaderMap) -> Result<(), TusRefused> {
    match headers.get(RESUMABLE) {
        Some(version) if *version == VERSION => Ok(()),
        _ => Err(refused(StatusCode::PRECONDITION_FAILED, "Tus-Resumable", "This address speaks tus 1.0.0.", "Send Tus-Resumable: 1.0.0.")),
    }
}

fn is_piece(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().eq_ignore_ascii_case(b"application/offset+octet-stream"))
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, TusRefused> {
    let digits = headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
    let number = digits.and_then(|digits| digits.parse().ok());
    number.ok_or_else(|| {
        refused(
            StatusCode::BAD_REQUEST,
            name.as_str(),
            format!("The header {name} is missing or holds no number of bytes."),
            "Send it as decimal digits.",
        )
    })
}

fn upload_id(text: &str) -> Result<UploadId, TusRefused> {
    text.parse().map_err(|_| Refusal::NotFound.into())
}

fn expiry(door: &Door, upload: &Upload) -> HeaderValue {
    let instant = upload.created_at.plus_seconds(door.archive.settings().limits.upload_idle_seconds_max);
    HeaderValue::try_from(instant.http_date()).unwrap_or(HeaderValue::from_static(""))
}

/// Takes the bytes on a task of its own: when the connection breaks, hyper drops the request, but what arrived is
/// still made safe, and a file that is complete still becomes an original.
async fn take(door: &Door, guest: &Guest, id: &UploadId, offset: u64, headers: &HeaderMap, body: Body) -> Result<Appended, TusRefused> {
    let checksum = Checksum::read(headers)?;
    let idle = Duration::from_secs(door.archive.settings().limits.body_idle_seconds_max);
    let (archive, visitor, id) = (door.archive.clone(), guest.visitor.clone(), id.clone());
    let labour = tokio::spawn(async move {
        let mut bytes = arriving(body, idle);
        let appended = match checksum {
            None => archive.append(&visitor, &id, offset, &mut bytes).await.map_err(TusRefused::from),
            Some(checksum) => append_checked(&archive, &visitor, &id, offset, &checksum, &mut bytes).await,
        };
        if appended.is_err() {
            drain(&mut bytes).await;
        }
        appended
    });
    labour.await.map_err(|fault| Refusal::Unavailable(fault.to_string()))?
}

async fn append_checked(
    archive: &archive::Archive,
    visitor: &Visitor,
    id: &UploadId,
    offset: u64,
    checksum: &Checksum,
    bytes: &mut (impl Stream<Item = io::Result<Bytes>> + Send + Unpin),
) -> Result<Appended, TusRefused> {
    let mut piece = Vec::new();
    while let Some(part) = bytes.next().await {
        let part = part.map_err(|_| {
            refused(StatusCode::BAD_REQUEST, "body", "The connection broke before the piece was complete.", "Send it again.")
        })?;
        if piece.len() + part.len() > CHECKED_BYTES_MAX {
            return Err(Refusal::TooLarge { what: "A piece with Upload-Checksum has at most 8 MiB; larger ones go without, and the sum of the whole file is in the file list.".into() }.into());
        }
        piece.extend_from_slice(&part);
    }
    if !checksum.fits(&piece) {
        // 460 is the protocol's own “Checksum Mismatch”.
        let status = StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST);
        return Err(refused(status, "Upload-Checksum", "The piece arrived changed: its checksum is another.", "Send it again."));
    }
    let whole = futures::stream::iter([Ok::<Bytes, io::Error>(Bytes::from(piece))]);
    Ok(archive.append(visitor, id, offset, whole).await?)
}

/// The body as it comes; one that stands still too long ends in an error.
fn arriving(body: Body, idle: Duration) -> impl Stream<Item = io::Result<Bytes>> + Send + Unpin {
    let unfold = futures::stream::unfold(Some(body.into_data_stream()), move |stream: Option<BodyDataStream>| async move {
        let mut stream = stream?;
        match tokio::time::timeout(idle, stream.next()).await {
            Ok(Some(Ok(bytes))) => Some((Ok(bytes), Some(stream))),
            Ok(Some(Err(fault))) => Some((Err(io::Error::other(fault)), None)),
            Ok(None) => None,
            Err(_) => Some((Err(io::Error::new(io::ErrorKind::TimedOut, "the sender stands still")), None)),
        }
    });
    // Fused, because after a refusal it is read on, wherever it stands.
    Box::pin(unfold.fuse())
}

async fn drain<E>(bytes: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin)) {
    let mut left = LEFTOVER_BYTES_MAX;
    let reading = async {
        while let Some(Ok(part)) = bytes.next().await {
            left = left.saturating_sub(part.len());
            if left == 0 {
                break;
            }
        }
    };
    // Whether everything came is of no matter.
    let _ = tokio::time::timeout(LEFTOVER_PATIENCE, reading).await;
}

/// A finished upload is no upload any more; who lost only the last answer may still learn that it is finished.
fn remember_finished(door: &Door, guest: &Guest, id: &UploadId, length: u64) {
    if let Some(account) = guest.visitor.account_id() {
        door.data.remember_finished(id, account.clone(), length);
    }
}

fn finished_length(door: &Door, guest: &Guest, id: &UploadId) -> Option<u64> {
    door.data.finished_length(id, guest.visitor.account_id()?)
}
