//! The JSON Schema of the metadata at an address that stays: `/schema/v1/record.json` for everything that can be said, and
//! `/schema/v1/{kind}.json` for what a record of a kind must say to be registered.

use crate::{door::Door, refusal::Refused};
use archive::Refusal;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{
    HeaderValue,
    header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE},
};
use record::{field::schema, kind::Kind};

pub(crate) fn routes() -> Router<Door> {
    Router::new().route("/schema/v1/{name}", get(show))
}

async fn show(State(door): State<Door>, Path(name): Path<String>) -> Result<Response, Refused> {
    let stem = name.strip_suffix(".json").ok_or(Refusal::NotFound)?;
    let kind = match stem {
        "record" => None,
        kind => Some(kind.parse::<Kind>().map_err(|_| Refusal::NotFound)?),
    };
    let address = format!("{}/schema/v1/{name}", door.archive.settings().base_url);
    let mut response = format!("{:#}\n", schema::json_schema(kind, &address)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/schema+json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}
