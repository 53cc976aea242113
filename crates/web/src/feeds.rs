//! News for feed readers: what became public or changed last, of everything or of one kind, as Atom, RSS or JSON Feed. Our own words
//! in them are in the reader's language, asked for by `?lang=` or told by the reader's program.

use crate::{
    display,
    door::Door,
    front::{self, Depends},
    language::Language,
    page::doi::place,
    refusal::Refused,
    words::Words,
};
use archive::{Refusal, Visitor, roll};
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use exchange::feed::{Feed, FeedForm, FeedItem};
use http::{
    HeaderMap, HeaderValue, Uri,
    header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, VARY},
};
use record::{Record, access::Aspect, instant::Instant, kind::Kind, state, version::Version};

const ITEMS_MAX: u32 = 50;
/// A reader shows the beginning; the page has the rest.
const SUMMARY_CHARS_MAX: usize = 600;

pub(crate) fn routes() -> Router<Door> {
    FeedForm::ALL.into_iter().fold(Router::new().route("/feeds/{name}", get(feed)), |router, form| {
        let handler = move |state: State<Door>, path: Path<String>, language: Language, uri: Uri| changes(state, path, language, uri, form);
        router.route(&format!("/records/{{id}}/changes.{}", form.name()), get(handler))
    })
}

/// A change within a minute of another is the same one.
const SAME_MOMENT_SECONDS: i64 = 60;

/// One record's life as the world knows it, for those who follow it: that it appeared, was opened, corrected, withdrawn.
async fn changes(
    State(door): State<Door>,
    Path(id): Path<String>,
    language: Language,
    uri: Uri,
    form: FeedForm,
) -> Result<Response, Refused> {
    let words = Words::of(language);
    let id = crate::data::record_id(&id)?;
    let sight = door.archive.see(&Visitor::anyone(), &id, Aspect::Tombstone).await?;
    let (record, place) = (&sight.record, place(&door));
    let mut moments = moments_of(record, words);
    let told_at = door.archive.roll_entry(&id).await?.map(|entry| entry.told_at);
    let last = moments.last().map_or(Instant(0), |(at, ..)| *at);
    moments.extend(
        told_at
            .filter(|at| at.0 - last.0 > SAME_MOMENT_SECONDS * 1000)
            .map(|at| (at, format!("changed-{}", at.0 / 1000), words.feed_changed)),
    );
    let page = place.entry_url(&record.id);
    let items: Vec<FeedItem> = moments
        .into_iter()
        .rev()
        .map(|(at, name, says)| FeedItem {
            page: format!("{page}#{name}"),
            title: format!("{says}: {}", record.title()),
            summary: format!("{says}, {}. {page}", display::day(at, language)),
            authors: record.metadata.creators.iter().take(20).map(|person| person.natural_name()).collect(),
            published: at,
            updated: at,
            kind: record.kind.name().to_owned(),
            language: None,
        })
        .collect();
    let here = address_of(&format!("/records/{id}/changes.{}", form.name()), &uri);
    let address = format!("{}{here}", door.archive.settings().base_url);
    let updated = items.first().map_or(Instant(0), |item| item.updated);
    let feed = Feed { title: record.title(), page: &page, address: &address, language: language.code(), updated, items };
    let text = form.render(&feed);
    Ok((headers_of(form), text).into_response())
}

/// When what became of it, by a name that stays, the oldest first.
fn moments_of(record: &Record, words: &'static Words) -> Vec<(Instant, String, &'static str)> {
    let mut moments = Vec::new();
    if let Some(since) = record.state.public_since() {
        let says = if record.kind.is_text() { words.feed_published } else { words.feed_registered };
        moments.push((since, "public".to_owned(), says));
    }
    match &record.state {
        state::State::Released { released_at, .. } => {
            let says = if record.version > Version::FIRST { words.feed_new_version } else { words.feed_opened };
            moments.push((*released_at, format!("released-{}", record.version), says));
        }
        state::State::Withdrawn { withdrawn_at, .. } => moments.push((*withdrawn_at, "withdrawn".to_owned(), words.feed_withdrawn)),
        state::State::Draft | state::State::Registered { .. } | state::State::Published { .. } | state::State::Revising { .. } => {}
    }
    moments
}

fn headers_of(form: FeedForm) -> HeaderMap {
    HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static(form.content_type())),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (VARY, HeaderValue::from_static("Accept-Language, Cookie")),
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ])
}

/// `new.atom`, `open.rss`, `tomography-biology.json`
async fn feed(State(door): State<Door>, Path(name): Path<String>, language: Language, uri: Uri) -> Result<Response, Refused> {
    let words = Words::of(language);
    let (what, form) = name.rsplit_once('.').ok_or(Refusal::NotFound)?;
    let form = FeedForm::parse(form).ok_or(Refusal::NotFound)?;
    let publisher = place(&door).publisher().to_owned();
    let (set, title) = match what {
        "new" => (None, publisher),
        roll::OPEN => (Some(roll::OPEN.to_owned()), format!("{publisher}: {}", words.feed_open)),
        kind => {
            let kind: Kind = kind.parse().map_err(|_| Refusal::NotFound)?;
            (Some(kind.name().to_owned()), format!("{publisher}: {}", display::kind(kind, words)))
        }
    };
    let stamp = front::stamp_of(&door, &Depends::Everything);
    let entries = door.archive.roll_latest(set.as_deref(), ITEMS_MAX).await?;
    let place = place(&door);
    let items: Vec<FeedItem> = entries
        .iter()
        .filter_map(|entry| {
            let record = entry.record.as_ref()?;
            Some(FeedItem {
                page: place.entry_url(&record.id),
                title: record.title().to_owned(),
                summary: record.metadata.description.chars().take(SUMMARY_CHARS_MAX).collect(),
                authors: record.metadata.creators.iter().take(20).map(|person| person.natural_name()).collect(),
                published: record.state.public_since().unwrap_or(entry.told_at),
                updated: entry.told_at,
                kind: record.kind.name().to_owned(),
                language: record.metadata.language.clone(),
            })
        })
        .collect();
    let (base, here) = (&door.archive.settings().base_url, address_of(&format!("/feeds/{name}"), &uri));
    let (address, page) = (format!("{base}{here}"), format!("{base}/"));
    let updated = items.first().map_or(Instant(0), |item| item.updated);
    let text = form.render(&Feed { title: &title, page: &page, address: &address, language: language.code(), updated, items });
    Ok(door.pages.keep(&here, language, Depends::Everything, stamp, headers_of(form), text))
}

/// Under which this feed is found again, in this language where one was asked for.
fn address_of(path: &str, uri: &Uri) -> String {
    let language = Language::asked_for(uri).map(|language| format!("?lang={}", language.code())).unwrap_or_default();
    format!("{path}{language}")
}
