//! News for feed readers: what became public or changed last, of everything or of one kind, as Atom, RSS or JSON Feed.

use crate::{
    door::Door,
    front::{self, Depends},
    language::Language,
    page::doi::place,
    refusal::Refused,
};
use archive::{Refusal, roll};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use exchange::feed::{Feed, FeedForm, FeedItem};
use http::{
    HeaderMap, HeaderValue,
    header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE},
};
use record::{instant::Instant, kind::Kind};

const ITEMS_MAX: u32 = 50;
/// A reader shows the beginning; the page has the rest.
const SUMMARY_CHARS_MAX: usize = 600;

pub(crate) fn routes() -> Router<Door> {
    Router::new().route("/feeds/{name}", get(feed))
}

/// `new.atom`, `open.rss`, `tomography-biology.json`
async fn feed(State(door): State<Door>, Path(name): Path<String>) -> Result<Response, Refused> {
    let (what, form) = name.rsplit_once('.').ok_or(Refusal::NotFound)?;
    let form = FeedForm::parse(form).ok_or(Refusal::NotFound)?;
    let set = match what {
        "new" => None,
        roll::OPEN => Some(roll::OPEN.to_owned()),
        kind => Some(kind.parse::<Kind>().map_err(|_| Refusal::NotFound)?.name().to_owned()),
    };
    let stamp = front::stamp_of(&door, &Depends::Everything);
    let entries = door.archive.roll_latest(set.as_deref(), ITEMS_MAX).await?;
    let place = place(&door);
    let base = &door.archive.settings().base_url;
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
            })
        })
        .collect();
    let (address, page) = (format!("{base}/feeds/{name}"), format!("{base}/"));
    let title = match what {
        "new" => place.publisher().to_owned(),
        what => format!("{}: {}", place.publisher(), what.replace('-', " ")),
    };
    let updated = items.first().map_or(Instant(0), |item| item.updated);
    let text = form.render(&Feed { title: &title, page: &page, address: &address, updated, items });
    let headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static(form.content_type())),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ]);
    Ok(door.pages.keep(&format!("/feeds/{name}"), Language::English, Depends::Everything, stamp, headers, text))
}
