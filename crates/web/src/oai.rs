//! OAI-PMH 2.0 for catalogues that read us. A list is a walk along the roll, where every record has one place for ever: what
//! changes meanwhile is met once, with its present words, and what is new comes at the end.

use crate::{
    door::Door,
    page::{self, doi::place},
    refusal::Refused,
};
use archive::{
    Refusal,
    roll::{self, Entry},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
    routing::get,
};
use exchange::oai_provider::{Answer, Head, Identity, List, OaiError, Request, TOKEN_SECONDS, Token, Verb, Wanted};
use http::{
    HeaderValue,
    header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE},
};
use record::{id::RecordId, instant::Instant};

/// A part of a list ends after so many records, or after the one with which it has grown so long.
const RECORDS_MAX: u64 = 500;
const HEADS_MAX: u64 = 2000;
const BYTES_MAX: usize = 4 << 20;
/// Read from the catalogue at once.
const BATCH: u32 = 50;
/// Sets that are named; facilities are free text, and a list must end.
const SETS_MAX: usize = 1000;
const BODY_BYTES_MAX: usize = 16 << 10;
/// Where our own address is no domain name, which the form of an identifier wants.
const NAMELESS: &str = "science3d.invalid";

pub(crate) fn routes() -> Router<Door> {
    Router::new().route("/oai", get(asked).post(asked_by_form))
}

async fn asked(State(door): State<Door>, RawQuery(query): RawQuery) -> Result<Response, Refused> {
    answered(&door, query.unwrap_or_default().as_bytes()).await
}

async fn asked_by_form(State(door): State<Door>, body: Body) -> Result<Response, Refused> {
    let refused = |_| Refusal::invalid("body", "The question is too long or broke off.", "Send verb and arguments as a form.");
    answered(&door, &to_bytes(body, BODY_BYTES_MAX).await.map_err(refused)?).await
}

/// Whoever asks is answered as anyone: a harvest is public.
async fn answered(door: &Door, encoded: &[u8]) -> Result<Response, Refused> {
    let now = door.archive.now();
    let request = Request::of(&page::pairs(encoded), now);
    let address = format!("{}/oai", door.archive.settings().base_url);
    let answer = Answer::to(&request, &address, now);
    let text = match &request.verb {
        Err(error) => answer.error(error),
        Ok(verb) => match said(door, verb, &address, answer, now).await? {
            Ok(text) => text,
            Err(error) => Answer::to(&request, &address, now).error(&error),
        },
    };
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    Ok(response)
}

type Said = Result<String, OaiError>;

async fn said(door: &Door, verb: &Verb, address: &str, mut answer: Answer, now: Instant) -> Result<Said, Refused> {
    let namespace = namespace(&door.archive.settings().base_url);
    match verb {
        Verb::Identify => {
            let place = place(door);
            let identity = Identity {
                name: place.publisher(),
                mail: &mail(&door.archive.settings().contact, &namespace),
                earliest: door.archive.roll_begins().await?,
                namespace: &namespace,
                sample: &format!("oai:{namespace}:7h3k9x2q4"),
            };
            Ok(Ok(answer.identify(&identity, address)))
        }
        Verb::ListMetadataFormats { identifier: None } => Ok(Ok(answer.formats())),
        Verb::ListMetadataFormats { identifier: Some(identifier) } => {
            Ok(find(door, identifier, &namespace).await?.map(|_| answer.formats()))
        }
        Verb::ListSets => Ok(Ok(answer.sets(sets(door).await?))),
        Verb::GetRecord { identifier, prefix } => {
            let entry = match find(door, identifier, &namespace).await? {
                Ok(entry) => entry,
                Err(error) => return Ok(Err(error)),
            };
            answer.begin("GetRecord");
            let head = Head { identifier, told_at: entry.told_at, sets: &entry.sets, is_deleted: entry.record.is_none() };
            answer.record(&head, cited(&entry).as_ref(), *prefix, &place(door), now);
            Ok(Ok(answer.finish()))
        }
        Verb::ListIdentifiers(wanted) => list(door, wanted, Whole::Heads, answer, now).await,
        Verb::ListRecords(wanted) => list(door, wanted, Whole::Records, answer, now).await,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    Heads,
    Records,
}

async fn list(door: &Door, wanted: &Wanted, whole: Whole, mut answer: Answer, now: Instant) -> Result<Said, Refused> {
    let (list, after, cursor, size) = match wanted {
        Wanted::First(list) => (list, 0, 0, door.archive.roll_length(&on_roll(list, 0)).await?),
        Wanted::Next(token) => (&token.list, token.after, token.cursor, token.size),
    };
    let (verb, most) = match whole {
        Whole::Heads => ("ListIdentifiers", HEADS_MAX),
        Whole::Records => ("ListRecords", RECORDS_MAX),
    };
    answer.begin(verb);
    let (namespace, place) = (namespace(&door.archive.settings().base_url), place(door));
    let mut on_roll = on_roll(list, after);
    let mut sent = 0;
    let mut is_over = false;
    while !is_over && sent < most && answer.bytes() < BYTES_MAX {
        let entries = door.archive.roll(&on_roll, BATCH).await?;
        is_over = entries.len() < BATCH as usize;
        for entry in &entries {
            let identifier = format!("oai:{namespace}:{}", entry.id);
            let head = Head { identifier: &identifier, told_at: entry.told_at, sets: &entry.sets, is_deleted: entry.record.is_none() };
            match whole {
                Whole::Heads => answer.head(&head),
                Whole::Records => answer.record(&head, cited(entry).as_ref(), list.prefix, &place, now),
            }
            on_roll.after = entry.position;
            sent += 1;
            if sent == most || answer.bytes() >= BYTES_MAX {
                is_over = false;
                break;
            }
        }
    }
    if sent == 0 && cursor == 0 {
        return Ok(Err(OaiError::NoRecordsMatch));
    }
    let is_over = is_over || door.archive.roll(&on_roll, 1).await?.is_empty();
    // A list that came in one part has no token.
    if !is_over || cursor > 0 {
        let next =
            Token { list: list.clone(), after: on_roll.after, cursor: cursor + sent, size, expires_at: now.plus_seconds(TOKEN_SECONDS) };
        answer.token((!is_over).then_some(&next), cursor, size.max(cursor + sent));
    }
    Ok(Ok(answer.finish()))
}

fn on_roll(list: &List, after: i64) -> roll::Wanted {
    roll::Wanted { after, from: list.from, until: list.until, set: list.set.clone() }
}

/// The record under the DOI that names all its versions.
fn cited(entry: &Entry) -> Option<record::Record> {
    entry.record.as_ref().map(|record| page::doi::cited(record, None, None))
}

async fn find(door: &Door, identifier: &str, namespace: &str) -> Result<Result<Entry, OaiError>, Refused> {
    let bare = identifier.strip_prefix("oai:").and_then(|rest| rest.strip_prefix(namespace)).and_then(|rest| rest.strip_prefix(':'));
    let id: Option<RecordId> = bare.and_then(|bare| bare.parse().ok());
    let entry = match id {
        Some(id) => door.archive.roll_entry(&id).await?,
        None => None,
    };
    Ok(entry.ok_or_else(|| OaiError::IdDoesNotExist(identifier.chars().take(100).collect())))
}

async fn sets(door: &Door) -> Result<Vec<(String, String)>, Refused> {
    let mut named = Vec::new();
    for set in door.archive.roll_sets().await?.into_iter().take(SETS_MAX) {
        let name = match set.as_str() {
            roll::OPEN => "Records whose files are open".to_owned(),
            roll::WITH_VOLUME => "Records with a volume that everyone may look at".to_owned(),
            facility if facility.starts_with(roll::FACILITY) => {
                let one = door.archive.roll(&roll::Wanted { set: Some(set.clone()), ..roll::Wanted::default() }, 1).await?;
                let record = one.into_iter().next().and_then(|entry| entry.record);
                let name = record.and_then(|record| record.metadata.acquisition.facility);
                format!("Measured at {}", name.unwrap_or_else(|| set.trim_start_matches(roll::FACILITY).to_owned()))
            }
            kind => format!("Kind: {}", kind.replace('-', " ")),
        };
        named.push((set, name));
    }
    Ok(named)
}

/// The domain name of our own address, which makes identifiers unlike those of others.
fn namespace(base_url: &str) -> String {
    let host = base_url.split_once("://").map_or(base_url, |(_, rest)| rest).split(['/', ':']).next().unwrap_or("");
    let good_part = |part: &str| {
        part.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if host.contains('.') && host.split('.').all(good_part) { host.to_owned() } else { NAMELESS.to_owned() }
}

/// The bare address out of `Name <name@example.org>`.
fn mail(contact: &str, namespace: &str) -> String {
    let bare = contact.rsplit_once('<').map_or(contact, |(_, rest)| rest.trim_end_matches('>')).trim();
    let is_good = bare.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !bare.contains(char::is_whitespace)
    });
    if is_good { bare.to_owned() } else { format!("postmaster@{namespace}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_named_after_its_domain_if_it_has_one() {
        for (url, name) in [
            ("https://science3d.example.org", "science3d.example.org"),
            ("http://science3d.test:8080/below", "science3d.test"),
            ("http://127.0.0.1:8080", NAMELESS),
            ("http://localhost", NAMELESS),
            ("http://[::1]:80", NAMELESS),
        ] {
            assert_eq!(namespace(url), name);
        }
        assert_eq!(mail("Science 3D <data@desy.example>", "x.org"), "data@desy.example");
        assert_eq!(mail("Science 3D <science3d@localhost>", "x.org"), "postmaster@x.org");
    }
}
