//! A lost password: a mailed link, and the page it leads to.

use super::{Shell, answer};
use crate::{
    door::Door,
    refusal::{Refused, in_language},
    session::{Address, Fields, Guest},
    words::Words,
};
use archive::Refusal;
use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use http::StatusCode;

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/forgot", get(show).post(request)).route("/reset/{secret}", get(show_reset).post(reset))
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    s: Shell,
    heading: &'static str,
    notice: &'static str,
    error: String,
    /// The one field of the form.
    asks: &'static str,
    button: &'static str,
}

fn page(door: &Door, guest: &Guest, asks: &'static str, notice: &'static str, error: String) -> PasswordPage {
    let words = Words::of(guest.language);
    let (heading, button) = if asks == "email" { (words.forgot_password, words.send_link) } else { (words.new_password, words.save) };
    PasswordPage { s: Shell::of(door, guest), heading, notice, error, asks, button }
}

async fn show(State(door): State<Door>, guest: Guest) -> Response {
    answer(StatusCode::OK, &page(&door, &guest, "email", "", String::new()))
}

/// The answer is the same whether there is such an account or not.
async fn request(State(door): State<Door>, guest: Guest, Address(from): Address, fields: Fields) -> Result<Response, Refused> {
    door.archive.request_reset(fields.text("email"), from).await?;
    Ok(answer(StatusCode::OK, &page(&door, &guest, "email", Words::of(guest.language).link_sent, String::new())))
}

async fn show_reset(State(door): State<Door>, guest: Guest, Path(_): Path<String>) -> Response {
    answer(StatusCode::OK, &page(&door, &guest, "password", "", String::new()))
}

async fn reset(State(door): State<Door>, guest: Guest, Path(secret): Path<String>, fields: Fields) -> Result<Response, Refused> {
    match door.archive.reset(&secret, fields.get("password").unwrap_or("")).await {
        Ok(()) => Ok(answer(StatusCode::OK, &page(&door, &guest, "password", Words::of(guest.language).password_changed, String::new()))),
        Err(Refusal::Invalid { what, hint, .. }) => Ok(answer(
            StatusCode::UNPROCESSABLE_ENTITY,
            &page(&door, &guest, "password", "", in_language(&what, guest.language).to_owned() + " " + in_language(&hint, guest.language)),
        )),
        Err(refusal) => Err(Refused(refusal)),
    }
}
