//! Following by mail: the form for one record or for everything, and the page behind the link in every letter, where it is
//! confirmed and ended. Looking at that page changes nothing: programs that read mail open links too.

use super::{Shell, answer, record_id};
use crate::{
    display,
    door::Door,
    refusal::{self, Refused},
    session::{Address, Fields, Guest},
    words::FollowWords,
};
use archive::{
    Visitor,
    account::not_an_email,
    correspond::{MESSAGE_CHARS_MAX, NAME_CHARS_MAX},
    follow::FollowWish,
};
use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use http::StatusCode;
use record::{Record, access::Aspect, id::RecordId, kind::Kind, team::Email};

pub(super) fn routes() -> Router<Door> {
    Router::new()
        .route("/follow", get(show_all).post(ask_all))
        .route("/records/{id}/follow", get(show_record).post(ask_record))
        .route("/follow/{secret}", get(show_following).post(settle))
}

/// The field that people do not see and robots fill.
pub(super) const TRAP: &str = "website";

/// What stands at the side of a public record's page.
pub(super) struct FollowBox {
    pub(super) f: &'static FollowWords,
    pub(super) feed: String,
    pub(super) follow: String,
    pub(super) write: String,
    /// Of those who are signed in.
    pub(super) email: String,
    pub(super) name: String,
    pub(super) name_chars_max: usize,
    pub(super) message_chars_max: usize,
}

impl FollowBox {
    /// `None` while the world does not know of the record.
    pub(super) fn of(guest: &Guest, record: &Record) -> Option<Self> {
        record.state.public_since()?;
        let base = format!("/records/{}", record.id);
        let (name, email) = writer(guest);
        Some(Self {
            f: FollowWords::of(guest.language),
            feed: format!("{base}/changes.atom?lang={}", guest.language.code()),
            follow: format!("{base}/follow"),
            write: format!("{base}/write"),
            email,
            name,
            name_chars_max: NAME_CHARS_MAX,
            message_chars_max: MESSAGE_CHARS_MAX,
        })
    }
}

/// Name and address of those who are signed in, for the form to begin with.
pub(super) fn writer(guest: &Guest) -> (String, String) {
    let account = guest.visitor.account.as_ref();
    let email = account.map(|account| account.email.to_string()).filter(|email| !email.ends_with("@localhost"));
    (account.map(|account| super::natural(&account.name)).unwrap_or_default(), email.unwrap_or_default())
}

#[derive(Template)]
#[template(path = "follow.html")]
struct FollowPage {
    s: Shell,
    f: &'static FollowWords,
    /// The record and its address; `None` for everything.
    record: Option<(String, String)>,
    action: String,
    email: String,
    error: String,
    asked: bool,
    feeds: Vec<FeedLine>,
}

struct FeedLine {
    label: &'static str,
    /// Without its ending.
    address: String,
}

#[derive(Template)]
#[template(path = "following.html")]
struct FollowingPage {
    s: Shell,
    f: &'static FollowWords,
    secret: String,
    /// The record and its address; `None` for everything.
    record: Option<(String, String)>,
    standing: Standing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Waiting,
    Begun,
    On,
    Gone,
}

/// The record as everybody sees it; what only a team sees cannot be followed.
async fn public(door: &Door, id: &str) -> Result<Record, Refused> {
    let id = record_id(id)?;
    Ok(door.archive.see(&Visitor::anyone(), &id, Aspect::Metadata).await?.record)
}

fn page(door: &Door, guest: &Guest, record: Option<&Record>) -> FollowPage {
    let s = Shell::of(door, guest);
    let f = FollowWords::of(guest.language);
    let feed = |name: &str| format!("/feeds/{name}");
    let kind = |kind: Kind| FeedLine { label: display::kind(kind, s.w), address: feed(kind.name()) };
    let mut feeds = vec![FeedLine { label: f.feed_new, address: feed("new") }, FeedLine { label: f.feed_open, address: feed("open") }];
    feeds.extend(Kind::DEPOSITABLE.into_iter().map(kind));
    let base = record.map(|record| format!("/records/{}", record.id));
    FollowPage {
        action: base.as_ref().map_or_else(|| "/follow".to_owned(), |base| format!("{base}/follow")),
        feeds: match &base {
            Some(base) => vec![FeedLine { label: f.follow_this, address: format!("{base}/changes") }],
            None => feeds,
        },
        record: record.zip(base).map(|(record, base)| (record.title().to_owned(), base)),
        email: writer(guest).1,
        error: String::new(),
        asked: false,
        f,
        s,
    }
}

async fn show_all(State(door): State<Door>, guest: Guest) -> Response {
    answer(StatusCode::OK, &page(&door, &guest, None))
}

async fn show_record(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    let record = public(&door, &id).await?;
    Ok(answer(StatusCode::OK, &page(&door, &guest, Some(&record))))
}

async fn ask_all(State(door): State<Door>, guest: Guest, Address(from): Address, fields: Fields) -> Result<Response, Refused> {
    ask(&door, &guest, None, from, &fields).await
}

async fn ask_record(
    State(door): State<Door>,
    guest: Guest,
    Address(from): Address,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Refused> {
    let record = public(&door, &id).await?;
    ask(&door, &guest, Some(record), from, &fields).await
}

async fn ask(door: &Door, guest: &Guest, record: Option<Record>, from: std::net::IpAddr, fields: &Fields) -> Result<Response, Refused> {
    let shown = page(door, guest, record.as_ref());
    let email = fields.text("email");
    let is_robot = !fields.text(TRAP).is_empty();
    let asked = match email.parse::<Email>().map_err(|_| not_an_email(email)) {
        // It learns nothing, and nothing is done.
        Ok(_) if is_robot => Ok(()),
        Ok(email) => {
            let wish = FollowWish { email, language: guest.language.into(), record: record.map(|record| record.id) };
            door.archive.follow(&wish, from).await
        }
        Err(refusal) => Err(refusal),
    };
    match asked {
        Ok(()) => Ok(answer(StatusCode::OK, &FollowPage { asked: true, ..shown })),
        Err(refusal) => {
            let (status, error) = refusal::beside_the_form(refusal, guest.language)?;
            Ok(answer(status, &FollowPage { error, email: email.to_owned(), ..shown }))
        }
    }
}

async fn following(door: &Door, secret: &str) -> Result<(Option<(String, String)>, Standing), Refused> {
    let Some(found) = door.archive.following(secret).await? else { return Ok((None, Standing::Gone)) };
    let line = |(id, title): (RecordId, String)| (title, format!("/records/{id}"));
    Ok((found.record.map(line), if found.confirmed { Standing::On } else { Standing::Waiting }))
}

fn following_page(door: &Door, guest: &Guest, secret: String, record: Option<(String, String)>, standing: Standing) -> Response {
    let page = FollowingPage { f: FollowWords::of(guest.language), secret, record, standing, s: Shell::of(door, guest) };
    answer(StatusCode::OK, &page)
}

async fn show_following(State(door): State<Door>, guest: Guest, Path(secret): Path<String>) -> Result<Response, Refused> {
    let (record, standing) = following(&door, &secret).await?;
    Ok(following_page(&door, &guest, secret, record, standing))
}

/// The button that confirms says so. Everything else ends it: the other button, and mail programs by RFC 8058, which send no
/// cookies and whose form is of either kind.
async fn settle(State(door): State<Door>, guest: Guest, Path(secret): Path<String>, fields: Fields) -> Result<Response, Refused> {
    let (record, _) = following(&door, &secret).await?;
    let standing = if fields.text("do") != "confirm" {
        door.archive.stop_following(&secret).await?;
        Standing::Gone
    } else if door.archive.confirm_following(&secret).await? {
        Standing::Begun
    } else {
        Standing::Gone
    };
    Ok(following_page(&door, &guest, secret, record, standing))
}
