//! Who works on a record together, and the link for reviewers.

use super::{Shell, answer, record_id, see_other};
use crate::{
    door::Door,
    refusal::{Refused, in_language},
    session::{Fields, Guest},
    words::Words,
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
    access::Aspect,
    team::{Email, NotAnEmail, Role},
};

pub(super) fn routes() -> Router<Door> {
    Router::new()
        .route("/deposit/{id}/team", get(show).post(add))
        .route("/deposit/{id}/team/remove", post(remove))
        .route("/deposit/{id}/team/review", post(review))
}

#[derive(Template)]
#[template(path = "team.html")]
struct TeamPage {
    s: Shell,
    id: String,
    title: String,
    members: Vec<MemberLine>,
    may_change: bool,
    review_link: String,
    error: String,
}

struct MemberLine {
    email: String,
    role: &'static str,
}

async fn show(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    guest.signed_in()?;
    page(&door, &guest, &id, StatusCode::OK, String::new(), String::new()).await
}

async fn page(door: &Door, guest: &Guest, id: &str, status: StatusCode, review_link: String, error: String) -> Result<Response, Refused> {
    let sight = door.archive.see(&guest.visitor, &record_id(id)?, Aspect::Inside).await?;
    let words = Words::of(guest.language);
    let role = |role: Role| match role {
        Role::Owner => words.role_owner,
        Role::Collaborator => words.role_collaborator,
    };
    let page = TeamPage {
        id: sight.record.id.to_string(),
        title: sight.record.title().to_owned(),
        members: sight.record.team.iter().map(|member| MemberLine { email: member.email.to_string(), role: role(member.role) }).collect(),
        may_change: sight.may(Aspect::Release),
        review_link,
        error,
        s: Shell::of(door, guest),
    };
    Ok(answer(status, &page))
}

fn email(fields: &Fields) -> Result<Email, Refusal> {
    fields.text("email").parse().map_err(|_: NotAnEmail| not_an_email(fields.text("email")))
}

async fn add(State(door): State<Door>, guest: Guest, Path(id): Path<String>, fields: Fields) -> Result<Response, Refused> {
    let record = record_id(&id)?;
    let role = if fields.text("role") == "owner" { Role::Owner } else { Role::Collaborator };
    let added = match email(&fields) {
        Ok(email) => door.archive.add_member(&guest.visitor, &record, email, role).await.map(drop),
        Err(refusal) => Err(refusal),
    };
    settle(&door, &guest, &id, added).await
}

async fn remove(State(door): State<Door>, guest: Guest, Path(id): Path<String>, fields: Fields) -> Result<Response, Refused> {
    let record = record_id(&id)?;
    let removed = match email(&fields) {
        Ok(email) => door.archive.remove_member(&guest.visitor, &record, &email).await.map(drop),
        Err(refusal) => Err(refusal),
    };
    settle(&door, &guest, &id, removed).await
}

async fn settle(door: &Door, guest: &Guest, id: &str, done: Result<(), Refusal>) -> Result<Response, Refused> {
    match done {
        Ok(()) => Ok(see_other(&format!("/deposit/{id}/team"))),
        Err(Refusal::Invalid { what, .. }) => {
            page(door, guest, id, StatusCode::UNPROCESSABLE_ENTITY, String::new(), in_language(&what, guest.language).to_owned()).await
        }
        Err(refusal) => Err(Refused(refusal)),
    }
}

async fn review(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    let secret = door.archive.reviewer_link(&guest.visitor, &record_id(&id)?).await?;
    let link = format!("{}/review/{secret}", door.archive.settings().base_url);
    page(&door, &guest, &id, StatusCode::OK, link, String::new()).await
}
