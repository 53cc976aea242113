//! A school asks for a print on the model's page; whoever runs the archive sees the queue.

use super::{Shell, answer, named::Named, print_kit, see_other};
use crate::{
    display,
    door::Door,
    refusal::Refused,
    session::{Address, Fields, Guest},
    words::ModelWords,
};
use archive::{Refusal, account::not_an_email};
use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use http::StatusCode;
use record::{
    print_request::{PrintStanding, PrintWish},
    team::NotAnEmail,
};

pub(super) fn routes() -> Router<Door> {
    Router::new()
        .route("/records/{id}/print", post(ask))
        .route("/records/{id}/{version}/print", post(ask))
        .route("/admin/prints", get(queue))
        .route("/admin/prints/{request}", post(settle))
}

#[derive(Template)]
#[template(path = "print_asked.html")]
struct AskedPage {
    s: Shell,
    m: &'static ModelWords,
    base: String,
}

#[derive(Template)]
#[template(path = "print_queue.html")]
struct QueuePage {
    s: Shell,
    m: &'static ModelWords,
    here: &'static str,
    requests: Vec<RequestLine>,
}

struct RequestLine {
    id: i64,
    record: String,
    version: String,
    name: String,
    school: String,
    email: String,
    size_mm: u32,
    model: String,
    /// The kit from which it is printed.
    kit: String,
    message: String,
    asked_at: String,
    standing: &'static str,
    /// Name and words of what it may become.
    next: Vec<(&'static str, &'static str)>,
}

async fn ask(
    State(door): State<Door>,
    guest: Guest,
    Address(from): Address,
    Named { at, base }: Named,
    fields: Fields,
) -> Result<Response, Refused> {
    let wish = PrintWish {
        model: fields.text("model").trim().to_owned(),
        name: fields.text("name").trim().to_owned(),
        school: fields.text("school").trim().to_owned(),
        email: fields.text("email").parse().map_err(|_: NotAnEmail| not_an_email(fields.text("email")))?,
        size_mm: fields.text("size_mm").trim().parse().unwrap_or(0),
        message: fields.text("message").trim().to_owned(),
    };
    door.archive.ask_for_print(&guest.visitor, &at, &wish, from).await?;
    let page = AskedPage { m: ModelWords::of(guest.language), base, s: Shell::of(&door, &guest) };
    Ok(answer(StatusCode::OK, &page))
}

fn words_of(standing: PrintStanding, words: &'static ModelWords) -> &'static str {
    match standing {
        PrintStanding::Asked => words.print_is_asked,
        PrintStanding::Accepted => words.print_is_accepted,
        PrintStanding::Printed => words.print_is_printed,
        PrintStanding::Sent => words.print_is_sent,
        PrintStanding::Declined => words.print_is_declined,
    }
}

async fn queue(State(door): State<Door>, guest: Guest) -> Result<Response, Refused> {
    guest.signed_in()?;
    let words = ModelWords::of(guest.language);
    let requests = door.archive.print_requests(&guest.visitor).await?.into_iter().map(|request| RequestLine {
        id: request.id,
        kit: print_kit::address(&format!("/records/{}/{}", request.record, request.version), &request.wish.kit()),
        record: request.record.to_string(),
        version: request.version.to_string(),
        model: request.wish.model,
        name: request.wish.name,
        school: request.wish.school,
        email: request.wish.email.to_string(),
        size_mm: request.wish.size_mm,
        message: request.wish.message,
        asked_at: display::moment(request.asked_at, guest.language),
        standing: words_of(request.standing, words),
        next: request.standing.may_become().iter().map(|&next| (next.name(), words_of(next, words))).collect(),
    });
    let page = QueuePage { m: words, here: "prints", requests: requests.collect(), s: Shell::of(&door, &guest) };
    Ok(answer(StatusCode::OK, &page))
}

async fn settle(State(door): State<Door>, guest: Guest, Path(request): Path<String>, fields: Fields) -> Result<Response, Refused> {
    let request: i64 = request.parse().map_err(|_| Refusal::NotFound)?;
    match fields.text("standing") {
        "delete" => door.archive.delete_print_request(&guest.visitor, request).await?,
        standing => {
            let standing: PrintStanding = standing.parse().map_err(|_| Refusal::NotFound)?;
            door.archive.set_print_standing(&guest.visitor, request, standing).await?;
        }
    }
    Ok(see_other("/admin/prints"))
}
