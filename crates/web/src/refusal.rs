//! How a refusal looks: a problem document (RFC 9457) for programs, a page with a way out for people.
//! Handlers return [`Refused`]; the layer [`dress`] knows who asked and turns it into the right one.

use crate::{display, door::Door, language::Language, page, session::Guest, tally::Noted, words::Words};
use archive::{Refusal, Said};
use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, VARY},
    request::Parts,
};
use record::{field::Fault, version::Version};
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Refusal);

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

/// A known address asked in a way that it does not understand.
pub(crate) struct WrongMethod;

/// Travels with the response to the layer that dresses it.
#[derive(Clone)]
struct Undressed(Arc<Refusal>);

impl Refused {
    pub(crate) fn status(&self) -> StatusCode {
        status_of(&self.0)
    }
}

pub(crate) fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::SignInNeeded => StatusCode::UNAUTHORIZED,
        Refusal::Forbidden { .. } => StatusCode::FORBIDDEN,
        Refusal::Invalid { .. } | Refusal::Unfit(_) | Refusal::NotReady(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::WrongState(_) | Refusal::Conflict { .. } | Refusal::Exists { .. } | Refusal::OffsetMismatch { .. } => StatusCode::CONFLICT,
        Refusal::Busy => StatusCode::LOCKED,
        Refusal::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Withdrawn | Refusal::Expired => StatusCode::GONE,
        Refusal::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The stable name of a kind of refusal, for programs.
fn type_of(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotFound => "not-found",
        Refusal::SignInNeeded => "sign-in-needed",
        Refusal::Forbidden { .. } => "forbidden",
        Refusal::Invalid { .. } | Refusal::Unfit(_) => "invalid",
        Refusal::NotReady(_) => "not-ready",
        Refusal::WrongState(_) => "wrong-state",
        Refusal::Conflict { .. } => "conflict",
        Refusal::Exists { .. } => "exists",
        Refusal::OffsetMismatch { .. } => "offset-mismatch",
        Refusal::Busy => "busy",
        Refusal::TooLarge { .. } => "too-large",
        Refusal::TooMany { .. } => "too-many-attempts",
        Refusal::Withdrawn => "withdrawn",
        Refusal::Expired => "expired",
        Refusal::Unavailable(_) => "unavailable",
    }
}

pub(crate) fn in_language(said: &Said, language: Language) -> &str {
    match language {
        Language::English => &said.en,
        Language::German => &said.de,
    }
}

fn hint_of(refusal: &Refusal, language: Language) -> &str {
    let words = Words::of(language);
    match refusal {
        Refusal::Invalid { hint, .. } | Refusal::Conflict { hint, .. } => in_language(hint, language),
        Refusal::SignInNeeded => words.hint_sign_in,
        Refusal::NotFound => words.hint_not_found,
        Refusal::Exists { .. } => words.hint_exists,
        Refusal::Withdrawn => words.hint_withdrawn,
        Refusal::TooLarge { .. } => words.hint_too_large,
        _ => "",
    }
}

fn errors_of(refusal: &Refusal, language: Language) -> Vec<Value> {
    match refusal {
        Refusal::NotReady(obstacles) => obstacles
            .iter()
            .map(|obstacle| json!({"field": obstacle.field, "code": obstacle.code, "says": page::obstacle_words(obstacle, language)}))
            .collect(),
        Refusal::Unfit(faults) => faults.iter().map(|fault| unfit(fault, language)).collect(),
        Refusal::Invalid { field: Some(field), what, .. } => vec![json!({"field": field, "says": in_language(what, language)})],
        _ => Vec::new(),
    }
}

fn unfit(fault: &Fault, language: Language) -> Value {
    json!({"field": fault.field, "place": fault.place, "code": fault.code, "says": in_fault(fault, language), "example": fault.example})
}

fn in_fault(fault: &Fault, language: Language) -> &str {
    match language {
        Language::English => &fault.en,
        Language::German => &fault.de,
    }
}

/// The problem document of a refusal.
pub(crate) fn problem(refusal: &Refusal, language: Language) -> Value {
    let words = Words::of(language);
    let mut document = json!({
        "type": format!("/about/problems#{}", type_of(refusal)),
        "title": title_of(refusal, words),
        "status": status_of(refusal).as_u16(),
        "detail": detail_of(refusal, language),
    });
    if let Some(key) = key_of(refusal) {
        document["code"] = json!(key);
    }
    let hint = hint_of(refusal, language);
    if !hint.is_empty() {
        document["hint"] = json!(hint);
    }
    let errors = errors_of(refusal, language);
    if !errors.is_empty() {
        document["errors"] = Value::Array(errors);
    }
    if let Refusal::OffsetMismatch { offset } = refusal {
        document["offset"] = json!(offset);
    }
    document
}

fn title_of(refusal: &Refusal, words: &'static Words) -> &'static str {
    match refusal {
        Refusal::NotFound => words.refused_not_found,
        Refusal::SignInNeeded => words.refused_sign_in,
        Refusal::Forbidden { .. } => words.refused_forbidden,
        Refusal::Invalid { .. } | Refusal::Unfit(_) => words.refused_invalid,
        Refusal::NotReady(_) => words.refused_not_ready,
        Refusal::WrongState(_) | Refusal::Conflict { .. } | Refusal::OffsetMismatch { .. } | Refusal::Busy => words.refused_conflict,
        Refusal::Exists { .. } => words.refused_exists,
        Refusal::TooLarge { .. } => words.refused_too_large,
        Refusal::TooMany { .. } => words.refused_too_many,
        Refusal::Withdrawn => words.withdrawn_title,
        Refusal::Expired => words.refused_expired,
        Refusal::Unavailable(_) => words.refused_unavailable,
    }
}

/// What a form can say of it beside the fields that it gives back; any other refusal is passed on.
pub(crate) fn beside_the_form(refusal: Refusal, language: Language) -> Result<(StatusCode, String), Refused> {
    match refusal {
        Refusal::Invalid { .. } | Refusal::TooMany { .. } => {
            let says = format!("{} {}", detail_of(&refusal, language), hint_of(&refusal, language));
            Ok((status_of(&refusal), says.trim_end().to_owned()))
        }
        other => Err(Refused(other)),
    }
}

/// The stable name of the reason, finer than the kind of refusal.
fn key_of(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::Forbidden { what } | Refusal::Invalid { what, .. } | Refusal::Conflict { what, .. } | Refusal::TooLarge { what } => {
            Some(what.key).filter(|key| !key.is_empty())
        }
        _ => None,
    }
}

fn detail_of(refusal: &Refusal, language: Language) -> String {
    let words = Words::of(language);
    match refusal {
        Refusal::NotFound => words.detail_not_found.to_owned(),
        Refusal::SignInNeeded => words.detail_sign_in.to_owned(),
        Refusal::Forbidden { what } | Refusal::Invalid { what, .. } | Refusal::Conflict { what, .. } | Refusal::TooLarge { what } => {
            in_language(what, language).to_owned()
        }
        Refusal::Unfit(faults) => faults.iter().map(|fault| in_fault(fault, language)).collect::<Vec<_>>().join(" "),
        Refusal::NotReady(obstacles) => {
            let says: Vec<&str> = obstacles.iter().map(|obstacle| page::obstacle_words(obstacle, language)).collect();
            format!("{}: {}", words.not_yet, says.join(" "))
        }
        Refusal::WrongState(wrong) => format!("{} {}.", words.detail_wrong_state, display::state_name(wrong.from, words)),
        Refusal::Exists { path } => format!("{} {path}", words.detail_exists),
        Refusal::TooMany { retry_after_s } => {
            format!("{} {}", words.detail_too_many, words.in_minutes(retry_after_s.div_ceil(60), language))
        }
        Refusal::OffsetMismatch { offset } => format!("{} {offset}", words.detail_offset),
        Refusal::Busy => words.detail_busy.to_owned(),
        Refusal::Withdrawn => words.detail_withdrawn.to_owned(),
        Refusal::Expired => words.detail_expired.to_owned(),
        Refusal::Unavailable(_) => words.detail_unavailable.to_owned(),
    }
}

fn problem_response(status: StatusCode, document: &Value) -> Response {
    let mut response = (status, document.to_string()).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        if let Refusal::Unavailable(cause) = &self.0 {
            tracing::error!(%cause, "a request could not be answered");
        }
        let mut response = problem_response(self.status(), &problem(&self.0, Language::English));
        if let Refusal::TooMany { retry_after_s } = &self.0 {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*retry_after_s));
        }
        if matches!(self.0, Refusal::SignInNeeded) {
            response.headers_mut().insert(http::header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(Undressed(Arc::new(self.0)));
        response
    }
}

impl IntoResponse for WrongMethod {
    fn into_response(self) -> Response {
        let document = json!({"type": "/about/problems#method", "title": "Not in this way", "status": 405, "detail": "This address does not understand that method.", "hint": "/api/docs lists what each address understands."});
        problem_response(StatusCode::METHOD_NOT_ALLOWED, &document)
    }
}

/// Turns an undressed refusal into a page when a person asked.
pub(crate) async fn dress(State(door): State<Door>, request: Request, next: Next) -> Response {
    door.counts.request();
    let asker = Asker::of(&request);
    let noted = Noted::of(&request);
    let mut response = next.run(request).await;
    let status = response.status();
    if let Some(noted) = noted {
        noted.answered(&door, status);
    }
    if status.is_client_error() || status.is_server_error() {
        door.counts.refusal(status);
    }
    if let Some(Undressed(refusal)) = response.extensions_mut().remove::<Undressed>() {
        let kept = response.headers().clone();
        let mut dressed = if asker.wants_page {
            refused_page(&door, asker, &refusal).await
        } else {
            problem_response(status, &problem(&refusal, asker.language))
        };
        for name in [RETRY_AFTER, ALLOW, http::header::WWW_AUTHENTICATE] {
            if let Some(value) = kept.get(&name) {
                dressed.headers_mut().insert(name, value.clone());
            }
        }
        dressed.headers_mut().append(VARY, HeaderValue::from_static("Accept"));
        return dressed;
    }
    response
}

/// What must be remembered of a request to dress its refusal.
struct Asker {
    parts: Parts,
    language: Language,
    wants_page: bool,
}

impl Asker {
    fn of(request: &Request) -> Self {
        let wants_page = wants_page(request.uri().path(), request.headers());
        let language = Language::of(request.uri(), request.headers());
        // A form cannot be sent again after signing in; the page that offered it can be opened.
        let uri = if request.method().is_safe() {
            request.uri().clone()
        } else {
            back_from(request.uri().path()).unwrap_or_else(|| "/account".to_owned()).parse().unwrap_or_default()
        };
        let mut bare = http::Request::builder().method(Method::GET).uri(uri).body(()).unwrap_or_default();
        if wants_page {
            *bare.headers_mut() = request.headers().clone();
        }
        Self { parts: bare.into_parts().0, language, wants_page }
    }
}

/// Programs' doors answer problems unless a browser stands there; pages answer pages.
fn wants_page(path: &str, headers: &HeaderMap) -> bool {
    let accepts = |kind: &str| headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).any(|line| line.contains(kind));
    let is_api = path.starts_with("/api/") && path != "/api/docs";
    let mut parts = path.strip_prefix("/records/").unwrap_or("").split('/').skip(1).skip_while(|part| part.parse::<Version>().is_ok());
    let is_data = matches!(parts.next(), Some("files" | "volumes" | "pictures" | "models" | "archive.zip"));
    if is_api || is_data || path.starts_with("/assets/") || path.ends_with("/draft") || path.ends_with("/events") {
        return accepts("text/html") && !is_api;
    }
    accepts("text/html") || !accepts("json")
}

async fn refused_page(door: &Door, mut asker: Asker, refusal: &Refusal) -> Response {
    let guest = match Guest::from_request_parts(&mut asker.parts, door).await {
        Ok(guest) => guest,
        Err(_) => Guest::anyone(asker.language, asker.parts.uri.clone()),
    };
    let words = Words::of(guest.language);
    if matches!(refusal, Refusal::SignInNeeded) && guest.visitor.account.is_none() {
        return page::sign_in::asked_to_sign_in(door, &guest);
    }
    let shown = page::refused::RefusedPage {
        status: status_of(refusal).as_u16(),
        title: title_of(refusal, words),
        detail: detail_of(refusal, guest.language),
        hint: hint_of(refusal, guest.language).to_owned(),
        obstacles: match refusal {
            Refusal::NotReady(obstacles) => obstacles.iter().map(|obstacle| page::obstacle_words(obstacle, guest.language)).collect(),
            _ => Vec::new(),
        },
        back: back_from(asker.parts.uri.path()).filter(|_| !matches!(refusal, Refusal::NotFound)),
        s: page::Shell::of(door, &guest),
    };
    page::answer(status_of(refusal), &shown)
}

/// Where to go on after a refused action: the page that offered it.
fn back_from(path: &str) -> Option<String> {
    let rest = path.strip_prefix("/deposit/")?;
    if rest == "new" {
        return Some("/deposit".to_owned());
    }
    let id: record::id::RecordId = rest.split('/').next()?.parse().ok()?;
    Some(format!("/deposit/{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(kind: &str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT, HeaderValue::from_str(kind).unwrap())])
    }

    #[test]
    fn people_get_pages_and_programs_get_problems() {
        let browser = accepting("text/html,application/xhtml+xml,*/*;q=0.8");
        let curl = accepting("*/*");
        assert!(wants_page("/records/abc", &browser) && wants_page("/records/abc", &curl));
        assert!(wants_page("/records/abc/files/x.tif", &browser) && !wants_page("/records/abc/files/x.tif", &curl));
        assert!(!wants_page("/api/v1/records", &browser) && wants_page("/api/docs", &browser));
        assert!(!wants_page("/records/abc", &accepting("application/json")));
        assert!(!wants_page("/records/abc/volumes/v.ome.zarr/zarr.json", &curl));
    }

    #[test]
    fn a_problem_names_what_to_do() {
        let document = problem(&Refusal::invalid("title", "No.", "Yes."), Language::English);
        assert_eq!((document["status"].as_u64(), document["hint"].as_str()), (Some(422), Some("Yes.")));
        assert_eq!(document["errors"][0]["field"], "title");
    }

    #[test]
    fn the_cause_of_a_failure_is_not_told_to_strangers() {
        let document = problem(&Refusal::Unavailable("password of the database".into()), Language::English).to_string();
        assert!(!document.contains("password"));
    }
}
