//! Writing to the authors of a public record. Their addresses are on no page.

use super::{
    Shell, answer,
    follow::{TRAP, writer},
    record_id,
};
use crate::{
    door::Door,
    refusal::{self, Refused},
    session::{Address, Fields, Guest},
    words::FollowWords,
};
use archive::{
    Visitor,
    account::not_an_email,
    correspond::{LetterToAuthors, MESSAGE_CHARS_MAX, NAME_CHARS_MAX},
};
use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use http::StatusCode;
use record::{access::Aspect, id::RecordId, team::Email};

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/records/{id}/write", get(show).post(send))
}

#[derive(Template)]
#[template(path = "write.html")]
struct WritePage {
    s: Shell,
    f: &'static FollowWords,
    title: String,
    base: String,
    name: String,
    email: String,
    message: String,
    error: String,
    sent: bool,
    name_chars_max: usize,
    message_chars_max: usize,
}

async fn page(door: &Door, guest: &Guest, id: &RecordId) -> Result<WritePage, Refused> {
    let record = door.archive.see(&Visitor::anyone(), id, Aspect::Metadata).await?.record;
    let (name, email) = writer(guest);
    Ok(WritePage {
        title: record.title().to_owned(),
        base: format!("/records/{id}"),
        name,
        email,
        message: String::new(),
        error: String::new(),
        sent: false,
        name_chars_max: NAME_CHARS_MAX,
        message_chars_max: MESSAGE_CHARS_MAX,
        f: FollowWords::of(guest.language),
        s: Shell::of(door, guest),
    })
}

async fn show(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    Ok(answer(StatusCode::OK, &page(&door, &guest, &record_id(&id)?).await?))
}

async fn send(
    State(door): State<Door>,
    guest: Guest,
    Address(from): Address,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    let shown = page(&door, &guest, &id).await?;
    let sent = match fields.text("email").parse::<Email>().map_err(|_| not_an_email(fields.text("email"))) {
        // It learns nothing, and nothing is sent.
        Ok(_) if !fields.text(TRAP).is_empty() => Ok(()),
        Ok(email) => {
            let letter = LetterToAuthors { name: fields.text("name").to_owned(), email, message: fields.text("message").to_owned() };
            door.archive.write_to_authors(&id, &letter, from).await
        }
        Err(refusal) => Err(refusal),
    };
    match sent {
        Ok(()) => Ok(answer(StatusCode::OK, &WritePage { sent: true, ..shown })),
        Err(refusal) => {
            let (status, error) = refusal::beside_the_form(refusal, guest.language)?;
            let [name, email, message] = ["name", "email", "message"].map(|field| fields.text(field).to_owned());
            Ok(answer(status, &WritePage { error, name, email, message, ..shown }))
        }
    }
}
