//! What stands in front of all rooms: bytes on the shelf, and the page cache with entry pages and home for strangers, kept
//! as ready bytes. Either is valid while nothing about its record changed, so a hit asks no database and finds no route.

use crate::{
    data,
    door::Door,
    language::Language,
    page,
    session::{REVIEW_COOKIE, SESSION_COOKIE, cookie},
    tally::Noted,
};
use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::future::{Either, Ready, ready};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_LENGTH, ETAG, IF_NONE_MATCH},
};
use record::id::RecordId;
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, PoisonError, RwLock},
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tower::Service;

/// All kept pages together; beyond it the shelf is emptied and fills again with what is asked for.
const BYTES_MAX: usize = 64 << 20;
/// A page larger than this is not kept.
const PAGE_BYTES_MAX: usize = 1 << 20;

/// Counts of views and downloads on a page may be so old, everything else is new.
const AGE_MAX: Duration = Duration::from_secs(600);

/// What a page depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Depends {
    Record(RecordId),
    Everything,
}

struct Kept {
    depends: Depends,
    stamp: u64,
    made_at: Instant,
    headers: HeaderMap,
    etag: HeaderValue,
    body: Bytes,
}

#[derive(Default)]
pub(crate) struct PageCache {
    shelf: RwLock<Shelf>,
}

#[derive(Default)]
struct Shelf {
    english: HashMap<String, Arc<Kept>>,
    german: HashMap<String, Arc<Kept>>,
    bytes: usize,
}

impl Shelf {
    fn pages(&self, language: Language) -> &HashMap<String, Arc<Kept>> {
        match language {
            Language::English => &self.english,
            Language::German => &self.german,
        }
    }
}

/// The state of what a page depends on, taken before the page is made: a change meanwhile makes the page stale at once.
pub(crate) fn stamp_of(door: &Door, depends: &Depends) -> u64 {
    match depends {
        Depends::Record(id) => door.archive.stamp(id),
        Depends::Everything => door.archive.generation(),
    }
}

impl PageCache {
    fn find(&self, address: &str, language: Language) -> Option<Arc<Kept>> {
        let shelf = self.shelf.read().unwrap_or_else(PoisonError::into_inner);
        shelf.pages(language).get(address).cloned()
    }

    /// Keeps a made page and answers with it.
    pub(crate) fn keep(
        &self,
        address: &str,
        language: Language,
        depends: Depends,
        stamp: u64,
        mut headers: HeaderMap,
        body: String,
    ) -> Response {
        let body = Bytes::from(body);
        let sum = Sha256::digest(&body);
        let tag: String = sum.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        let etag = HeaderValue::from_str(&format!("\"{tag}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"page\""));
        headers.insert(ETAG, etag.clone());
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        let kept = Arc::new(Kept { depends, stamp, made_at: Instant::now(), headers, etag, body });
        if kept.body.len() <= PAGE_BYTES_MAX && address.len() <= 512 {
            self.put(address, language, kept.clone());
        }
        kept.answer(&HeaderMap::new())
    }

    fn put(&self, address: &str, language: Language, kept: Arc<Kept>) {
        let weight = kept.body.len() + 2048;
        let mut shelf = self.shelf.write().unwrap_or_else(PoisonError::into_inner);
        if shelf.bytes + weight > BYTES_MAX {
            *shelf = Shelf::default();
        }
        let pages = match language {
            Language::English => &mut shelf.english,
            Language::German => &mut shelf.german,
        };
        let replaced = pages.insert(address.to_owned(), kept).map_or(0, |old| old.body.len() + 2048);
        shelf.bytes = shelf.bytes + weight - replaced.min(shelf.bytes);
    }
}

impl Kept {
    fn answer(&self, asked: &HeaderMap) -> Response {
        let same = asked
            .get(IF_NONE_MATCH)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|line| line.split(',').any(|tag| tag.trim().trim_start_matches("W/").as_bytes() == self.etag.as_bytes()));
        let mut response = if same { StatusCode::NOT_MODIFIED.into_response() } else { Response::new(Body::from(self.body.clone())) };
        *response.headers_mut() = self.headers.clone();
        if same {
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        response
    }
}

/// Only strangers' pages are kept: no session, no token, no reviewer link.
fn is_stranger(headers: &HeaderMap) -> bool {
    !headers.contains_key(AUTHORIZATION)
        && (!headers.contains_key(http::header::COOKIE)
            || (cookie(headers, SESSION_COOKIE).is_none() && cookie(headers, REVIEW_COOKIE).is_none()))
}

/// Answers from the cache or passes on.
#[derive(Clone)]
pub struct Front {
    rooms: Router,
    /// Without one nothing is ready, and everything is passed on.
    door: Option<Door>,
}

impl From<Router> for Front {
    fn from(rooms: Router) -> Self {
        Self::new(rooms, None)
    }
}

impl Front {
    pub(crate) fn new(rooms: Router, door: Option<Door>) -> Self {
        Self { rooms, door }
    }

    fn ready(&self, request: &Request) -> Option<Response> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return None;
        }
        let door = self.door.as_ref()?;
        data::ready(door, request).or_else(|| kept_page(door, request))
    }
}

fn kept_page(door: &Door, request: &Request) -> Option<Response> {
    let path = request.uri().path();
    if !(path == "/" || path == "/sitemap.xml" || path.starts_with("/feeds/") || path.starts_with("/records/"))
        // A page that is asked for in a language remembers it by a cookie; a feed does not.
        || (Language::asked_for(request.uri()).is_some() && !path.starts_with("/feeds/"))
        || !is_stranger(request.headers())
        || page::doi::wanted(request.headers()).is_some()
    {
        return None;
    }
    let address = request.uri().path_and_query()?.as_str();
    let kept = door.pages.find(address, Language::of(request.uri(), request.headers()))?;
    let is_fresh = kept.made_at.elapsed() < AGE_MAX && stamp_of(door, &kept.depends) == kept.stamp;
    is_fresh.then(|| {
        door.counts.kept_page();
        kept.answer(request.headers())
    })
}

impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response, Infallible>>, <Router as Service<Request>>::Future>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.ready(&request) {
            Some(response) => {
                if let (Some(noted), Some(door)) = (Noted::of(&request), &self.door) {
                    noted.answered(door, response.status());
                }
                Either::Left(ready(Ok(response)))
            }
            None => Either::Right(self.rooms.call(request)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_found_again_in_its_own_language() {
        let cache = PageCache::default();
        cache.keep("/", Language::German, Depends::Everything, 1, HeaderMap::new(), "hallo".into());
        assert!(cache.find("/", Language::English).is_none());
        assert_eq!(cache.find("/", Language::German).unwrap().body, "hallo");
    }

    #[test]
    fn the_shelf_never_grows_beyond_its_limit() {
        let cache = PageCache::default();
        for number in 0..200 {
            cache.keep(
                &format!("/records/{number}"),
                Language::English,
                Depends::Everything,
                1,
                HeaderMap::new(),
                "x".repeat(PAGE_BYTES_MAX),
            );
        }
        assert!(cache.shelf.read().unwrap().bytes <= BYTES_MAX);
        assert!(cache.find("/records/199", Language::English).is_some());
    }

    #[test]
    fn who_has_the_page_is_not_sent_it_again() {
        let cache = PageCache::default();
        let first = cache.keep("/", Language::English, Depends::Everything, 1, HeaderMap::new(), "hello".into());
        let etag = first.headers()[ETAG].clone();
        let again = cache.find("/", Language::English).unwrap().answer(&HeaderMap::from_iter([(IF_NONE_MATCH, etag)]));
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn a_session_passes_by_the_cache() {
        assert!(is_stranger(&HeaderMap::from_iter([(http::header::COOKIE, HeaderValue::from_static("science3d_language=de"))])));
        assert!(!is_stranger(&HeaderMap::from_iter([(http::header::COOKIE, HeaderValue::from_static("science3d_session=x"))])));
        assert!(!is_stranger(&HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Bearer x"))])));
    }
}
