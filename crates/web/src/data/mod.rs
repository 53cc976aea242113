//! Bytes for everyone who may have them: originals, Zarr keys, pictures, all files as one ZIP. What is open is
//! answered from the shelf without asking anybody; everything else passes the archive's access function.

mod cuts;
pub mod darkroom;
mod files;
pub(crate) mod media;
pub(crate) mod portrait;
mod range;
mod ready;
pub mod shelf;
pub(crate) mod thing;
mod volumes;
pub(crate) mod window;
pub(crate) mod wire;
mod zip;
mod zip_layout;
mod zip_bag;
mod zip_plan;

pub use darkroom::{CutFile, CutWish, Darkroom, NoDarkroom, NoPicture, PictureFormat, SliceAxis, SliceWish};
pub(crate) use media::escape_path;
pub use shelf::Shelf;

use self::thing::Audience;
use crate::{
    door::Door,
    refusal::Refused,
    session::{Guest, REVIEW_COOKIE, SESSION_COOKIE, cookie},
};
use archive::{Refusal, Visitor, sight::At};
use axum::{
    RequestPartsExt, Router,
    extract::{FromRequestParts, RawPathParams, Request},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
        ACCESS_CONTROL_MAX_AGE, ALLOW, AUTHORIZATION,
    },
    request::Parts,
};
use record::id::RecordId;

pub(crate) fn routes() -> Router<Door> {
    Router::new()
        .route("/records/{id}/files/{*path}", get(files::file).options(preflight))
        .route("/records/{id}/archive.zip", get(zip::archive).options(preflight))
        .route("/records/{id}/volumes/{volume}/{*key}", get(volumes::key).options(preflight))
        .route("/records/{id}/volumes/{volume}/slice", get(volumes::slice).options(preflight))
        .route("/records/{id}/models/{name}", get(ready::model).options(preflight))
        .route("/records/{id}/volumes/{volume}/cut", get(cuts::cut).options(preflight))
        .route("/deposit/{id}/picture/tried.jpg", get(portrait::tried))
        .route("/records/{id}/pictures/{name}", get(ready::picture).options(preflight))
        .route("/records/{id}/{version}/files/{*path}", get(files::file).options(preflight))
        .route("/records/{id}/{version}/archive.zip", get(zip::archive).options(preflight))
        .route("/records/{id}/{version}/volumes/{volume}/{*key}", get(volumes::key).options(preflight))
        .route("/records/{id}/{version}/volumes/{volume}/slice", get(volumes::slice).options(preflight))
        .route("/records/{id}/{version}/volumes/{volume}/cut", get(cuts::cut).options(preflight))
        .route("/records/{id}/{version}/pictures/{name}", get(ready::picture).options(preflight))
        .route("/records/{id}/{version}/models/{name}", get(ready::model).options(preflight))
}

/// What lies on the shelf, because everyone may see it, is answered before anybody asks which route it belongs to.
pub(crate) fn ready(door: &Door, request: &Request) -> Option<Response> {
    let path = request.uri().path();
    // Only what lies below a record; its page is no thing.
    path.strip_prefix("/records/")?.split_once('/')?;
    let kept = door.data.thing(path, &door.archive)?;
    door.counts.kept_thing();
    Some((*kept).as_ref().answer(request.method(), request.headers()))
}

/// Every site may read what is open here; the answer is the same for all addresses, so it tells nothing.
pub(crate) async fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, OPTIONS"));
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("Range, If-Match, If-None-Match, If-Modified-Since, If-Range, If-Unmodified-Since"),
    );
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, thing::EXPOSED);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

/// What an address names: a record, perhaps one of its versions, and something in it.
pub(super) struct Address {
    pub(super) at: At,
    params: RawPathParams,
}

impl Address {
    pub(super) async fn of(parts: &mut Parts) -> Result<Self, Refused> {
        let params = parts.extract::<RawPathParams>().await.map_err(|_| Refusal::NotFound)?;
        let part = |name: &str| params.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
        let id = record_id(part("id").unwrap_or(""))?;
        let at = match part("version") {
            Some(version) => At::version(&id, version.parse().map_err(|()| Refusal::NotFound)?),
            None => At::from(&id),
        };
        Ok(Self { at, params })
    }

    pub(super) fn part(&self, name: &str) -> &str {
        self.params.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
    }

    /// Of originals: a named version never changes; without a name the next one comes to the same address.
    pub(super) fn audience(&self, is_open: bool) -> Audience {
        match (is_open, self.at.named()) {
            (false, _) => Audience::Only,
            (true, Some(_)) => Audience::EveryoneForEver,
            (true, None) => Audience::Everyone,
        }
    }

    /// Of what was made from them: the same, once `is_final` says that labour can neither replace it nor add to it. Right
    /// after a release it still may.
    pub(super) fn audience_of_made(&self, is_open: bool, is_final: bool) -> Audience {
        match self.audience(is_open) {
            Audience::EveryoneForEver if !is_final => Audience::Everyone,
            audience => audience,
        }
    }
}

/// The record that an address names; a strange id is as absent as an unknown one.
pub(crate) fn record_id(text: &str) -> Result<RecordId, Refused> {
    text.parse().map_err(|_| Refused(Refusal::NotFound))
}

/// Who asks, after everyone's right was not enough. `None`: the asker showed nothing, so the refusal stands.
async fn known_guest(parts: &mut Parts, door: &Door) -> Result<Option<Visitor>, Refused> {
    if !shows_something(&parts.headers) {
        return Ok(None);
    }
    let visitor = Guest::from_request_parts(parts, door).await?.visitor;
    Ok((visitor.account.is_some() || visitor.reviewer_of.is_some()).then_some(visitor))
}

fn shows_something(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION) || cookie(headers, SESSION_COOKIE).is_some() || cookie(headers, REVIEW_COOKIE).is_some()
}

/// First as anyone, so that the answer may be kept; then, if that was refused, as the one who asks.
async fn as_anyone_or_guest<T, F>(door: &Door, parts: &mut Parts, ask: impl Fn(Visitor) -> F) -> Result<(T, bool), Refused>
where
    F: Future<Output = Result<T, Refusal>>,
{
    let refusal = match ask(Visitor::anyone()).await {
        Ok(found) => return Ok((found, true)),
        Err(refusal) => refusal,
    };
    match known_guest(parts, door).await? {
        Some(visitor) => Ok((ask(visitor).await?, false)),
        None => Err(refusal.into()),
    }
}
