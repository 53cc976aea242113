//! The link for reviewers: whoever holds it sees the files of one registered record.

use super::see_other;
use crate::{
    door::Door,
    refusal::Refused,
    session::{self, Lasting, REVIEW_COOKIE},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use http::header::SET_COOKIE;

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/review/{secret}", get(enter))
}

async fn enter(State(door): State<Door>, Path(secret): Path<String>) -> Result<Response, Refused> {
    let id = door.archive.review(&secret).await?;
    let mut response = see_other(&format!("/records/{id}"));
    response.headers_mut().append(SET_COOKIE, session::set_cookie(&door, REVIEW_COOKIE, &secret, Lasting::UntilClosed));
    response.headers_mut().insert("referrer-policy", http::HeaderValue::from_static("no-referrer"));
    Ok(response)
}
