//! The JSON API, version 1. Handlers read the request, call one function of the archive, and write the answer;
//! nothing is decided here.

mod account;
mod body;
mod document;
mod files;
mod pictures;
mod print_kits;
mod publications;
mod questions;
mod records;
mod search;
mod steps;
mod surfaces;
mod tus;
mod uploads;
mod versions;
mod ties;
mod vocabularies;

use crate::door::Door;
use axum::{Router, extract::DefaultBodyLimit, response::Response, routing::MethodRouter};
use std::sync::LazyLock;
use utoipa::OpenApi;

/// One address: its methods by name, so that a test can compare them with the document, and its handlers.
type Line = (&'static str, &'static [&'static str], MethodRouter<Door>);

macro_rules! line {
    ($path:literal, $($method:ident => $handler:path),+) => {
        ($path, &[$(stringify!($method)),+][..], MethodRouter::new()$(.$method($handler))+)
    };
}

fn table() -> Vec<Line> {
    vec![
        line!("/api/v1/records", get => records::mine, post => records::create),
        line!("/api/v1/records/{id}", get => records::read, put => records::replace, patch => records::patch, delete => records::delete),
        line!("/api/v1/records/{id}/copy", post => records::copy),
        line!("/api/v1/records/{id}/readiness", get => records::readiness),
        line!("/api/v1/records/{id}/answers", put => questions::answer),
        line!("/api/v1/records/{id}/picture", put => pictures::choose),
        line!("/api/v1/records/{id}/surface", put => surfaces::choose),
        line!("/api/v1/records/{id}/print-kits", post => print_kits::ask),
        line!("/api/v1/records/{id}/jobs", get => records::jobs),
        line!("/api/v1/records/{id}/jobs/{job}/retry", post => records::retry),
        line!("/api/v1/records/{id}/history", get => records::history),
        line!("/api/v1/records/{id}/export/{format}", get => records::export),
        line!("/api/v1/records/{id}/usage", get => records::usage),
        line!("/api/v1/records/{id}/register", post => steps::register),
        line!("/api/v1/records/{id}/publish", post => steps::publish),
        line!("/api/v1/records/{id}/release", post => steps::release),
        line!("/api/v1/records/{id}/schedule", post => steps::schedule),
        line!("/api/v1/records/{id}/withdraw", post => steps::withdraw),
        line!("/api/v1/publications", post => publications::enter),
        line!("/api/v1/records/{id}/versions", get => versions::list, post => versions::begin),
        line!("/api/v1/records/{id}/versions/{version}", get => versions::read),
        line!("/api/v1/records/{id}/team", get => steps::team, post => steps::invite),
        line!("/api/v1/records/{id}/team/{email}", delete => steps::dismiss),
        line!("/api/v1/records/{id}/reviewer-link", post => steps::reviewer_link),
        line!("/api/v1/records/{id}/files", get => files::list),
        line!("/api/v1/records/{id}/files/{*path}", get => files::facts, delete => files::remove),
        line!("/api/v1/records/{id}/files/check", post => files::check),
        line!("/api/v1/records/{id}/uploads", get => files::unfinished),
        line!("/api/v1/uploads", options => uploads::capabilities, post => uploads::create),
        line!("/api/v1/uploads/{upload}", head => uploads::progress, patch => uploads::append, delete => uploads::terminate),
        line!("/api/v1/me", get => account::me),
        line!("/api/v1/tokens", get => account::tokens, post => account::create_token),
        line!("/api/v1/tokens/{token}", delete => account::revoke_token),
        line!("/api/v1/records/{id}/ties", get => ties::list),
        line!("/api/v1/records/{id}/ties/{publication}", post => ties::answer),
        line!("/api/v1/search", get => search::search),
        line!("/api/v1/vocabularies/taxa", get => vocabularies::taxa),
        line!("/api/v1/vocabularies/techniques", get => vocabularies::techniques),
        line!("/api/v1/vocabularies/organisations", get => vocabularies::organisations),
        line!("/api/v1/vocabularies/licences", get => vocabularies::licences),
    ]
}

pub(crate) fn routes() -> Router<Door> {
    let mut router = Router::new();
    for (path, _, handlers) in table() {
        router = router.route(path, handlers);
    }
    router
        // Addresses that mean two things, and ways round proxies; the document does not show them twice.
        .route("/api/v1/records/{id}/files/check", MethodRouter::new().get(files::facts_of_check).delete(files::remove_check))
        .route("/api/v1/uploads/{upload}", MethodRouter::new().post(uploads::append_by_post).options(uploads::capabilities))
        .route("/api/openapi.json", MethodRouter::new().get(openapi))
        // Every handler bounds its own body; uploads are bounded by their announced length.
        .layer(DefaultBodyLimit::disable())
}

static DOCUMENT: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(document::Document::openapi);

/// The document itself, for the readable page.
pub(crate) fn openapi_document() -> &'static utoipa::openapi::OpenApi {
    &DOCUMENT
}

async fn openapi() -> Result<Response, crate::refusal::Refused> {
    body::open_json(openapi_document())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_document_shows_every_address_and_no_other() {
        let document = serde_json::to_value(openapi_document()).unwrap();
        let mut shown = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                shown.insert(format!("{method} {path}"));
            }
        }
        let served: BTreeSet<String> = table()
            .iter()
            .flat_map(|(path, methods, _)| methods.iter().map(move |method| format!("{method} {}", path.replace("{*", "{"))))
            .collect();
        assert_eq!(shown, served);
    }

    #[test]
    fn every_address_says_what_it_does_and_every_reference_leads_somewhere() {
        let document = serde_json::to_value(openapi_document()).unwrap();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                assert!(operation["summary"].as_str().is_some_and(|words| !words.is_empty()), "{method} {path}");
            }
        }
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(!document["components"]["schemas"][name].is_null(), "{name}");
        }
    }
}
