//! Pages for people: one file a page, a page is a type, its words come from `words`. Each works without any script.

pub(crate) mod about;
mod account;
mod admin;
mod admin_harvest;
mod api_docs;
pub(crate) mod cards;
mod correspond;
mod deposit;
mod deposit_files;
mod deposit_form;
pub(crate) mod deposit_look;
mod deposit_question;
mod deposit_steps;
pub(crate) mod doi;
mod dois;
mod draft;
mod ended_jobs;
mod entry;
mod entry_derived;
mod entry_facts;
mod entry_files;
mod entry_movie;
mod entry_parts;
mod entry_versions;
pub(crate) mod failures;
mod follow;
mod histogram;
mod home;
mod model;
mod named;
mod noticed;
pub(crate) mod picture;
mod print_kit;
mod print_request;
mod password;
mod publication;
pub(crate) mod refused;
mod review;
mod search;
pub(crate) mod sign_in;
mod signposts;
mod surface;
mod team;
mod ties;
mod tokens;
mod viewer;

use crate::{
    display,
    door::Door,
    front::{self, Depends},
    language::{self, Language},
    refusal::Refused,
    session::{Fields, Guest},
    whole_body,
    words::Words,
};
use archive::{Refusal, refusal::said, sight::At};
use askama::Template;
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, SET_COOKIE, VARY, X_CONTENT_TYPE_OPTIONS},
};
use record::{Record, access::Aspect, id::RecordId, kind::Kind, readiness::Obstacle};
use std::sync::Arc;

/// Scripts and pictures of this site and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";
/// The viewer compiles WebAssembly, starts workers, and places its panels by style attributes.
const VIEWER_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";

pub(crate) fn routes(door: &Door) -> Router<Door> {
    Router::new()
        .merge(home::routes())
        .merge(model::routes())
        .merge(print_kit::routes())
        .merge(print_request::routes())
        .merge(follow::routes())
        .merge(correspond::routes())
        .merge(search::routes())
        .merge(entry::routes())
        .merge(viewer::routes())
        .merge(doi::routes())
        .merge(deposit::routes())
        .merge(deposit_files::routes())
        .merge(deposit_question::routes())
        .merge(deposit_steps::routes())
        .merge(picture::routes())
        .merge(surface::routes())
        .merge(draft::routes())
        .merge(publication::routes())
        .merge(ties::routes())
        .merge(team::routes())
        .merge(review::routes())
        .merge(sign_in::routes())
        .merge(password::routes())
        .merge(account::routes())
        .merge(tokens::routes())
        .merge(admin::routes())
        .merge(dois::routes())
        .merge(admin_harvest::routes())
        .merge(about::routes())
        .merge(api_docs::routes())
        .layer(middleware::from_fn(read_fields))
        .layer(middleware::from_fn_with_state(door.clone(), remember_language))
}

/// What the frame around every page needs.
pub(crate) struct Shell {
    pub(crate) w: &'static Words,
    pub(crate) language: Language,
    pub(crate) csrf: String,
    /// The signed-in person's name.
    pub(crate) name: Option<String>,
    pub(crate) administrator: bool,
    pub(crate) sandbox: bool,
    pub(crate) kinds: Vec<KindLine>,
    pub(crate) in_english: String,
    pub(crate) in_german: String,
    pub(crate) base_url: String,
}

/// A kind in the upload menu.
pub(crate) struct KindLine {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) help: &'static str,
}

impl Shell {
    pub(crate) fn of(door: &Door, guest: &Guest) -> Self {
        let words = Words::of(guest.language);
        let account = guest.visitor.account.as_ref();
        Self {
            w: words,
            language: guest.language,
            csrf: guest.csrf.clone().unwrap_or_default(),
            name: account.map(|account| if account.name.is_empty() { account.email.to_string() } else { natural(&account.name) }),
            administrator: account.is_some_and(|account| account.rank == record::account::Rank::Administrator),
            sandbox: door.archive.settings().sandbox,
            kinds: kind_lines(words),
            in_english: with_language(guest, Language::English),
            in_german: with_language(guest, Language::German),
            base_url: door.archive.settings().base_url.clone(),
        }
    }

    pub(crate) fn is(&self, code: &str) -> bool {
        self.language.code() == code
    }
}

pub(crate) fn kind_lines(words: &'static Words) -> Vec<KindLine> {
    Kind::DEPOSITABLE
        .into_iter()
        .map(|kind| KindLine { name: kind.name(), label: display::kind(kind, words), help: display::kind_help(kind, words) })
        .collect()
}

fn natural(name: &str) -> String {
    record::agent::Person::from_text(name).natural_name()
}

/// The same address in another language.
fn with_language(guest: &Guest, language: Language) -> String {
    let kept: Vec<&str> = guest
        .here
        .query()
        .unwrap_or("")
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("lang=") && !pair.starts_with("csrf="))
        .collect();
    let separator = if kept.is_empty() { "" } else { "&" };
    format!("?{}{separator}lang={}", kept.join("&"), language.code())
}

fn page_headers(policy: &'static str, cache: &'static str) -> HeaderMap {
    HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (CACHE_CONTROL, HeaderValue::from_static(cache)),
        (VARY, HeaderValue::from_static("Accept-Language, Cookie")),
    ])
}

fn rendered<T: Template>(page: &T) -> Result<String, Refused> {
    page.render().map_err(|error| Refused(Refusal::Unavailable(format!("a page could not be written: {error}"))))
}

/// A page that is made for this guest alone.
pub(crate) fn answer<T: Template>(status: StatusCode, page: &T) -> Response {
    match rendered(page) {
        Ok(html) => (status, page_headers(POLICY, "private, no-cache"), html).into_response(),
        Err(refused) => refused.into_response(),
    }
}

fn answer_viewer<T: Template>(page: &T) -> Result<Response, Refused> {
    Ok((StatusCode::OK, page_headers(VIEWER_POLICY, "private, no-cache"), rendered(page)?).into_response())
}

/// A page that is the same for every stranger; kept until what it depends on changes.
fn answer_kept<T: Template>(
    door: &Door,
    guest: &Guest,
    depends: Depends,
    stamp: u64,
    extra: HeaderMap,
    page: &T,
) -> Result<Response, Refused> {
    let html = rendered(page)?;
    let mut headers = page_headers(POLICY, if guest.is_stranger() { "no-cache" } else { "private, no-cache" });
    headers.extend(extra);
    let may_keep = guest.is_stranger() && Language::asked_for(&guest.here).is_none();
    if !may_keep {
        return Ok((StatusCode::OK, headers, html).into_response());
    }
    let address = guest.here.path_and_query().map_or("/", |address| address.as_str());
    Ok(door.pages.keep(address, guest.language, depends, stamp, headers, html))
}

fn stamp(door: &Door, depends: &Depends) -> u64 {
    front::stamp_of(door, depends)
}

/// After a change: look at the page again.
pub(crate) fn see_other(address: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, HeaderValue::from_str(address).unwrap_or_else(|_| HeaderValue::from_static("/")));
    response
}

/// The record that the guest may change, and what the address says beside its id.
async fn changeable(door: &Door, guest: &Guest, id: &str) -> Result<(Record, Vec<(String, String)>), Refused> {
    let at = At::working(&record_id(id)?);
    let record = door.archive.see(&guest.visitor, at, Aspect::Change).await?.record;
    Ok((record, pairs(guest.here.query().unwrap_or("").as_bytes())))
}

/// An id from an address; what is no id is simply not there.
pub(crate) fn record_id(text: &str) -> Result<RecordId, Refused> {
    text.parse().map_err(|_| Refused(Refusal::NotFound))
}

pub(crate) fn obstacle_words(obstacle: &Obstacle, language: Language) -> &'static str {
    match language {
        Language::English => obstacle.says,
        Language::German => obstacle.says_de,
    }
}

const FORM_BYTES_MAX: usize = 1 << 20;

fn form_too_large() -> Refusal {
    Refusal::TooLarge { what: said("form-too-large", "A form holds at most 1 MB of text.", "Ein Formular fasst höchstens 1 MB Text.") }
}

/// Reads a sent form before the guest is asked for, because the CSRF token may stand in it.
async fn read_fields(request: Request, next: Next) -> Response {
    let is_form = request.method() == Method::POST
        && request.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    if !is_form {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(bytes) = whole_body::read(body, FORM_BYTES_MAX).await else {
        return Refused(form_too_large()).into_response();
    };
    parts.extensions.insert(Fields(Arc::new(pairs(&bytes))));
    next.run(Request::from_parts(parts, Body::empty())).await
}

/// The pairs of a query or a form.
pub(crate) fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    encoded
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .take(2000)
        .map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            (decoded(&pair[..at]), decoded(pair.get(at + 1..).unwrap_or_default()))
        })
        .collect()
}

fn decoded(encoded: &[u8]) -> String {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut position = 0;
    while position < encoded.len() {
        let (byte, step) = match (encoded[position], digit(encoded.get(position + 1)), digit(encoded.get(position + 2))) {
            (b'%', Some(high), Some(low)) => ((high * 16 + low) as u8, 3),
            (b'+', _, _) => (b' ', 1),
            (other, _, _) => (other, 1),
        };
        bytes.push(byte);
        position += step;
    }
    String::from_utf8_lossy(&bytes).replace("\r\n", "\n").replace('\0', "")
}

/// `?lang=` is remembered.
async fn remember_language(State(door): State<Door>, request: Request, next: Next) -> Response {
    let asked = Language::asked_for(request.uri());
    let mut response = next.run(request).await;
    if let Some(asked) = asked {
        let cookie = crate::session::set_cookie(&door, language::COOKIE, asked.code(), crate::session::Lasting::Seconds(365 * 24 * 3600));
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_it_was_written() {
        let read = pairs("title=K%C3%A4fer+%26+co&creators=A%0D%0AB&empty=&odd=%zz&=x".as_bytes());
        assert_eq!(read[0], ("title".to_owned(), "Käfer & co".to_owned()));
        assert_eq!(read[1].1, "A\nB");
        assert_eq!((read[2].1.as_str(), read[3].1.as_str()), ("", "%zz"));
    }

    #[test]
    fn changing_the_language_keeps_the_place() {
        let guest = Guest::anyone(Language::English, "/search?q=jaw&lang=de&page=2".parse().unwrap());
        assert_eq!(with_language(&guest, Language::German), "?q=jaw&page=2&lang=de");
    }
}
