//! What belongs to the one who is signed in: records and profile.

use super::{
    Shell, answer, see_other,
    ties::{self, Papers},
};
use crate::{
    display,
    door::Door,
    refusal::{Refused, in_language},
    session::{Fields, Guest},
    words::Words,
};
use archive::{Refusal, sight::Sight};
use askama::Template;
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{get, post},
};
use http::StatusCode;
use record::{
    access::{Aspect, Viewer},
    account::Rank,
    id::RecordId,
};

const PAGE_ITEMS: u32 = 50;

pub(super) fn routes() -> Router<Door> {
    Router::new()
        .route("/account", get(records))
        .route("/account/profile", get(profile).post(rename))
        .route("/account/password", post(set_password))
}

#[derive(Template)]
#[template(path = "account.html")]
struct RecordsPage {
    s: Shell,
    here: &'static str,
    records: Vec<RecordLine>,
    papers: Papers,
    next: Option<String>,
}

struct RecordLine {
    href: String,
    title: String,
    kind: &'static str,
    role: &'static str,
    state: &'static str,
    state_name: &'static str,
    files: String,
    bytes: String,
    changed: String,
}

#[derive(Template)]
#[template(path = "profile.html")]
struct ProfilePage {
    s: Shell,
    here: &'static str,
    email: String,
    rank: &'static str,
    name: String,
    saved: bool,
    error: String,
    field: String,
}

async fn records(State(door): State<Door>, guest: Guest) -> Result<Response, Refused> {
    guest.signed_in()?;
    let asked = super::pairs(guest.here.query().unwrap_or("").as_bytes());
    let after: Option<RecordId> = asked.iter().find(|(key, _)| key == "after").and_then(|(_, value)| value.parse().ok());
    let sights = door.archive.my_records(&guest.visitor, after, PAGE_ITEMS).await?;
    let next =
        (sights.len() == PAGE_ITEMS as usize).then(|| sights.last().map(|sight| format!("/account?after={}", sight.record.id))).flatten();
    let page = RecordsPage {
        here: "records",
        papers: ties::my_papers(&door, &guest).await?,
        records: sights.iter().map(|sight| line(sight, &guest)).collect(),
        next,
        s: Shell::of(&door, &guest),
    };
    Ok(answer(StatusCode::OK, &page))
}

fn line(sight: &Sight, guest: &Guest) -> RecordLine {
    let words = Words::of(guest.language);
    let record = &sight.record;
    let opens = if sight.may(Aspect::Change) && record.state.takes_files() { "deposit" } else { "records" };
    RecordLine {
        href: format!("/{opens}/{}", record.id),
        title: if record.metadata.title.trim().is_empty() { words.untitled.to_owned() } else { record.metadata.title.clone() },
        kind: display::kind(record.kind, words),
        role: if sight.viewer == Viewer::Collaborator { words.role_collaborator } else { "" },
        state: display::state(&record.state, words),
        state_name: record.state.name(),
        files: display::number(sight.holdings.files, guest.language),
        bytes: display::bytes(sight.holdings.bytes, guest.language),
        changed: display::day(record.changed_at, guest.language),
    }
}

fn profile_page(door: &Door, guest: &Guest, saved: bool, error: String, field: String) -> Result<ProfilePage, Refused> {
    let account = guest.signed_in()?;
    let words = Words::of(guest.language);
    let rank = match account.rank {
        Rank::Depositor => words.rank_depositor,
        Rank::Curator => words.rank_curator,
        Rank::Administrator => words.rank_administrator,
    };
    Ok(ProfilePage {
        here: "profile",
        email: account.email.to_string(),
        rank,
        name: account.name.clone(),
        saved,
        error,
        field,
        s: Shell::of(door, guest),
    })
}

async fn profile(State(door): State<Door>, guest: Guest) -> Result<Response, Refused> {
    let saved = guest.here.query().is_some_and(|query| query.contains("saved=1"));
    Ok(answer(StatusCode::OK, &profile_page(&door, &guest, saved, String::new(), String::new())?))
}

async fn rename(State(door): State<Door>, guest: Guest, fields: Fields) -> Result<Response, Refused> {
    let done = door.archive.set_name(&guest.visitor, fields.text("name")).await;
    settle(&door, &guest, done)
}

async fn set_password(State(door): State<Door>, guest: Guest, fields: Fields) -> Result<Response, Refused> {
    let done = door.archive.set_password(&guest.visitor, fields.get("present").unwrap_or(""), fields.get("password").unwrap_or("")).await;
    settle(&door, &guest, done)
}

fn settle(door: &Door, guest: &Guest, done: Result<(), Refusal>) -> Result<Response, Refused> {
    match done {
        Ok(()) => Ok(see_other("/account/profile?saved=1")),
        Err(Refusal::Invalid { field, what, hint }) => {
            let page = profile_page(
                door,
                guest,
                false,
                in_language(&what, guest.language).to_owned() + " " + in_language(&hint, guest.language),
                field.unwrap_or_else(|| "name".to_owned()),
            )?;
            Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(refusal) => Err(Refused(refusal)),
    }
}
