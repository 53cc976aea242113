//! Signing in, up and out, and the one-time link of the first administrator.

use super::{Shell, answer, see_other};
use crate::{
    display,
    door::Door,
    refusal::{Refused, in_language},
    session::{self, Address, Fields, Guest, Lasting, SESSION_COOKIE},
    words::Words,
};
use archive::{Refusal, account::NewSession};
use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use http::{HeaderMap, StatusCode, header::SET_COOKIE};

pub(super) fn routes() -> Router<Door> {
    Router::new()
        .route("/sign-in", get(show).post(sign_in))
        .route("/sign-in/link/{secret}", get(link).post(redeem))
        .route("/sign-up", get(show_sign_up).post(sign_up))
        .route("/sign-out", post(sign_out))
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    s: Shell,
    notice: &'static str,
    error: String,
    email: String,
    next: String,
    next_encoded: String,
    open: bool,
}

#[derive(Template)]
#[template(path = "sign_up.html")]
struct SignUpPage {
    s: Shell,
    open: bool,
    error: String,
    field: String,
    name: String,
    email: String,
    next: String,
}

#[derive(Template)]
#[template(path = "sign_in_link.html")]
struct LinkPage {
    s: Shell,
}

/// Where to go afterwards: a page of this site, never another's.
fn onward(asked: &str) -> String {
    let good =
        asked.starts_with('/') && !asked.starts_with("//") && !asked.contains('\\') && asked.bytes().all(|byte| byte.is_ascii_graphic());
    if good { asked.to_owned() } else { "/account".to_owned() }
}

fn asked_next(guest: &Guest) -> String {
    let next = super::pairs(guest.here.query().unwrap_or("").as_bytes()).into_iter().find(|(key, _)| key == "next");
    onward(&next.map(|(_, value)| value).unwrap_or_default())
}

fn sign_in_page(door: &Door, guest: &Guest, notice: &'static str, error: String, email: &str, next: String) -> SignInPage {
    SignInPage {
        s: Shell::of(door, guest),
        notice,
        error,
        email: email.to_owned(),
        next_encoded: display::percent(&next),
        next,
        open: door.archive.settings().open_registration,
    }
}

/// In place of a page that only signed-in people see; afterwards that page comes.
pub(crate) fn asked_to_sign_in(door: &Door, guest: &Guest) -> Response {
    let next = onward(guest.here.path_and_query().map_or("", |address| address.as_str()));
    answer(StatusCode::UNAUTHORIZED, &sign_in_page(door, guest, Words::of(guest.language).detail_sign_in, String::new(), "", next))
}

async fn show(State(door): State<Door>, guest: Guest) -> Response {
    let next = asked_next(&guest);
    if guest.visitor.account.is_some() {
        return see_other(&next);
    }
    answer(StatusCode::OK, &sign_in_page(&door, &guest, "", String::new(), "", next))
}

async fn sign_in(State(door): State<Door>, guest: Guest, Address(from): Address, fields: Fields) -> Result<Response, Refused> {
    let next = onward(fields.text("next"));
    match door.archive.sign_in(fields.text("email"), fields.get("password").unwrap_or(""), from).await {
        Ok(session) => Ok(welcome(&door, &session, &next)),
        Err(refusal @ (Refusal::Invalid { .. } | Refusal::TooMany { .. })) => {
            let words = Words::of(guest.language);
            let (status, error) = match &refusal {
                Refusal::TooMany { retry_after_s } => (
                    StatusCode::TOO_MANY_REQUESTS,
                    format!("{} {}", words.too_many_attempts, words.in_minutes(retry_after_s.div_ceil(60), guest.language)),
                ),
                _ => (StatusCode::UNPROCESSABLE_ENTITY, words.wrong_password.to_owned()),
            };
            Ok(answer(status, &sign_in_page(&door, &guest, "", error, fields.text("email"), next)))
        }
        Err(refusal) => Err(Refused(refusal)),
    }
}

/// A new session's cookie, and on to the page that was wanted.
pub(super) fn welcome(door: &Door, session: &NewSession, next: &str) -> Response {
    let mut response = see_other(next);
    let lasting = Lasting::Seconds(door.archive.settings().limits.session_seconds);
    response.headers_mut().append(SET_COOKIE, session::set_cookie(door, SESSION_COOKIE, &session.secret, lasting));
    response
}

/// A link is redeemed by a button: programs that look at links in mails must not use it up.
async fn link(State(door): State<Door>, guest: Guest, Path(_): Path<String>) -> Response {
    answer(StatusCode::OK, &LinkPage { s: Shell::of(&door, &guest) })
}

async fn redeem(State(door): State<Door>, _: Guest, Path(secret): Path<String>) -> Result<Response, Refused> {
    let session = door.archive.redeem_sign_in_link(&secret).await?;
    Ok(welcome(&door, &session, "/account/profile"))
}

async fn show_sign_up(State(door): State<Door>, guest: Guest) -> Response {
    let page = SignUpPage {
        open: door.archive.settings().open_registration,
        error: String::new(),
        field: String::new(),
        name: String::new(),
        email: String::new(),
        next: asked_next(&guest),
        s: Shell::of(&door, &guest),
    };
    answer(StatusCode::OK, &page)
}

async fn sign_up(State(door): State<Door>, guest: Guest, Address(from): Address, fields: Fields) -> Result<Response, Refused> {
    let password = fields.get("password").unwrap_or("");
    match door.archive.sign_up(fields.text("email"), fields.text("name"), password, from).await {
        Ok(account) => {
            let session = door.archive.sign_in(account.email.as_str(), password, from).await?;
            Ok(welcome(&door, &session, &onward(fields.text("next"))))
        }
        Err(Refusal::Invalid { field, what, hint }) => {
            let page = SignUpPage {
                open: true,
                error: format!("{} {}", in_language(&what, guest.language), in_language(&hint, guest.language)),
                field: field.unwrap_or_else(|| "email".to_owned()),
                name: fields.text("name").to_owned(),
                email: fields.text("email").to_owned(),
                next: onward(fields.text("next")),
                s: Shell::of(&door, &guest),
            };
            Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(refusal) => Err(Refused(refusal)),
    }
}

async fn sign_out(State(door): State<Door>, _: Guest, headers: HeaderMap) -> Result<Response, Refused> {
    if let Some(secret) = session::cookie(&headers, SESSION_COOKIE) {
        door.archive.sign_out(secret).await?;
    }
    let mut response = see_other("/");
    response.headers_mut().append(SET_COOKIE, session::set_cookie(&door, SESSION_COOKIE, "gone", Lasting::Gone));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        assert_eq!(onward("/deposit?kind=movie"), "/deposit?kind=movie");
        for bad in ["https://evil.example", "//evil.example", "/\\evil.example", "", "/a\r\nb", "javascript:alert(1)"] {
            assert_eq!(onward(bad), "/account", "{bad:?}");
        }
    }
}
