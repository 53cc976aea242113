//! Where a DOI lands, and the metadata in other people's forms: by address or by content negotiation.

use super::{record_id, see_other};
use crate::{door::Door, refusal::Refused, session::Guest};
use archive::{Refusal, sight::Sight};
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use exchange::{Export, Place};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ACCEPT, ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION, VARY},
};
use record::{access::Aspect, doi::Doi};

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/doi/{*doi}", get(land))
}

pub(super) fn place(door: &Door) -> Place {
    let settings = door.archive.settings();
    Place { base_url: settings.base_url.clone(), publisher: settings.publisher.clone() }
}

async fn land(State(door): State<Door>, guest: Guest, Path(doi): Path<String>, headers: HeaderMap) -> Result<Response, Refused> {
    let doi: Doi = doi.parse().map_err(|_| Refused(Refusal::NotFound))?;
    let sight = door.archive.by_doi(&guest.visitor, &doi).await?;
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let mut response = match Export::wanted(accept) {
        Some(export) => written(&door, &sight, export, false),
        None => {
            let mut response = see_other(&format!("/records/{}", sight.record.id));
            *response.status_mut() = StatusCode::FOUND;
            response
        }
    };
    response.headers_mut().append(VARY, HeaderValue::from_static("Accept"));
    debug_assert!(response.status().is_success() || response.headers().contains_key(LOCATION));
    Ok(response)
}

/// `/records/{id}/export/{format}`
pub(super) async fn export(
    State(door): State<Door>,
    guest: Guest,
    Path((id, format)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let export = Export::parse(&format).ok_or(Refusal::NotFound)?;
    let sight = door.archive.see(&guest.visitor, &record_id(&id)?, Aspect::Metadata).await?;
    Ok(written(&door, &sight, export, true))
}

fn written(door: &Door, sight: &Sight, export: Export, as_file: bool) -> Response {
    let text = export.render(&sight.record, &place(door), door.archive.now());
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(export.content_type()));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    if sight.record.state.public_since().is_some() {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    if as_file && let Ok(value) = HeaderValue::from_str(&format!("inline; filename=\"{}.{}\"", sight.record.id, export.extension())) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}
