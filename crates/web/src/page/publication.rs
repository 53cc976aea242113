//! A publication out of its DOI: one field, one click; then the draft is looked through like any other.

use super::{Shell, answer, deposit, record_id, see_other};
use crate::{
    door::Door,
    form::FieldFault,
    lookup::{self, Found},
    refusal::{Refused, in_language},
    session::{Fields, Guest},
    words::Words,
};
use archive::{Refusal, sight::At};
use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use http::StatusCode;
use record::{Record, access::Aspect, doi::Doi, metadata::Metadata};

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/deposit/doi", get(ask).post(enter)).route("/deposit/{id}/fill", post(fill))
}

#[derive(Template)]
#[template(path = "publication_doi.html")]
struct DoiPage {
    s: Shell,
    doi: String,
    error: String,
    hint: String,
    /// The publication that is here already.
    here: Option<Here>,
    /// The DOI is one, only nobody could say what it is of.
    by_hand: bool,
}

struct Here {
    href: String,
    title: String,
}

async fn ask(State(door): State<Door>, guest: Guest) -> Result<Response, Refused> {
    guest.signed_in()?;
    let page =
        DoiPage { s: Shell::of(&door, &guest), doi: String::new(), error: String::new(), hint: String::new(), here: None, by_hand: false };
    Ok(answer(StatusCode::OK, &page))
}

async fn enter(State(door): State<Door>, guest: Guest, fields: Fields) -> Result<Response, Refused> {
    guest.signed_in()?;
    let written = fields.text("doi").to_owned();
    let doi = match lookup::read_doi(&written) {
        Ok(doi) => doi,
        Err(refusal) => return Ok(refused(&door, &guest, written, StatusCode::UNPROCESSABLE_ENTITY, &refusal, None, false)),
    };
    if fields.get("by_hand").is_some() {
        return made(&door, &guest, &doi, Metadata::default()).await;
    }
    match lookup::find(&door, &guest, &doi).await? {
        Found::Described(metadata) => made(&door, &guest, &doi, *metadata).await,
        Found::Here(record) => {
            let here = Here { href: address(&record), title: record.title().to_owned() };
            Ok(refused(&door, &guest, written, StatusCode::CONFLICT, &archive::publication::is_here(&record), Some(here), false))
        }
        Found::Nothing(fault) => Ok(refused(&door, &guest, written, lookup::status_of(&fault), &lookup::refusal_of(&fault), None, true)),
    }
}

/// Where its owner goes on with it and others see it.
fn address(record: &Record) -> String {
    if record.state.is_draft() { format!("/deposit/{}", record.id) } else { format!("/records/{}", record.id) }
}

async fn made(door: &Door, guest: &Guest, doi: &Doi, metadata: Metadata) -> Result<Response, Refused> {
    let record = door.archive.enter_publication(&guest.visitor, doi, metadata).await?;
    Ok(see_other(&format!("/deposit/{}", record.id)))
}

fn refused(door: &Door, guest: &Guest, doi: String, status: StatusCode, refusal: &Refusal, here: Option<Here>, by_hand: bool) -> Response {
    let (error, hint) = words_of(refusal, guest);
    answer(status, &DoiPage { s: Shell::of(door, guest), doi, error, hint, here, by_hand })
}

fn words_of(refusal: &Refusal, guest: &Guest) -> (String, String) {
    match refusal {
        Refusal::Invalid { what, hint, .. } | Refusal::Conflict { what, hint } => {
            (in_language(what, guest.language).to_owned(), in_language(hint, guest.language).to_owned())
        }
        other => (other.to_string(), String::new()),
    }
}

/// The form as typed is saved first; then what is still empty is filled from the DOI in it.
async fn fill(State(door): State<Door>, guest: Guest, Path(id): Path<String>, fields: Fields) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    let saved = deposit::save_typed(&door, &guest, &id, &fields, "").await?;
    if saved.status() != StatusCode::SEE_OTHER {
        return Ok(saved);
    }
    let sight = door.archive.see(&guest.visitor, At::working(&id), Aspect::Change).await?;
    let Some(doi) = sight.record.metadata.article.and_then(|article| article.doi) else {
        let says = Words::of(guest.language).fill_needs_doi.to_owned();
        return deposit::shown_with(&door, &guest, &id, &fields, FieldFault { field: "article_doi".to_owned(), says }).await;
    };
    match door.lookup.find(&doi, &door.archive.settings().prefix).await {
        Ok(known) => {
            door.archive.fill_gaps(&guest.visitor, &id, &known).await?;
            Ok(saved)
        }
        Err(fault) => {
            let (error, hint) = words_of(&lookup::refusal_of(&fault), &guest);
            let fault = FieldFault { field: "article_doi".to_owned(), says: format!("{error} {hint}") };
            deposit::shown_with(&door, &guest, &id, &fields, fault).await
        }
    }
}
