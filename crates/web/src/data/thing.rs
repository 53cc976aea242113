//! Something that can be served: its bytes, and every header that does not depend on the request, made once.

use super::{
    media,
    range::{self, Asked, Validators},
    window,
};
use crate::base64;
use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures::StreamExt;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{
        ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH,
        CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, LAST_MODIFIED, X_CONTENT_TYPE_OPTIONS,
    },
};
use record::instant::Instant;
use sha2::{Digest, Sha256};
use std::ops::Range;
use storage::Blob;

pub(crate) const EXPOSED: HeaderValue =
    HeaderValue::from_static("Accept-Ranges, Content-Disposition, Content-Length, Content-Range, Digest, ETag, Last-Modified, Repr-Digest");
const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");
const DIGEST: HeaderName = HeaderName::from_static("digest");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// A stranger's file that a browser opens has no rights whatever.
const CAGE: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'");
/// The same for a movie, which the browser's own player loads a second time from the same address. That only succeeds as the same
/// site, with the visitor's cookie where the movie is closed; scripts stay forbidden.
const SCREEN: HeaderValue = HeaderValue::from_static("sandbox allow-same-origin; default-src 'none'; media-src 'self'");

/// Who may see it, and for how long a copy may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Open; copies may be kept but must be asked about.
    Everyone,
    /// Open, and this address never means anything else.
    EveryoneForEver,
    /// Closed; only for the one who asked.
    Only,
}

/// The facts that headers are made from.
pub(crate) struct Facts<'a> {
    pub(crate) media_type: &'a str,
    /// The tag without quotes.
    pub(crate) etag: &'a str,
    pub(crate) modified: Option<Instant>,
    pub(crate) sha256: Option<&'a record::file::Sha256>,
    /// The name for saving.
    pub(crate) name: Option<&'a str>,
    pub(crate) audience: Audience,
}

enum Source {
    /// In memory, or a window onto a local file.
    Slice(Bytes),
    /// Somewhere else; fetched in pieces.
    Blob(Blob),
}

pub(crate) struct Thing {
    pub(crate) length: u64,
    source: Source,
    headers: HeaderMap,
    /// The same with a length and a range to be written over, so that an answer copies one map and inserts nothing.
    headers_of_part: HeaderMap,
    etag: HeaderValue,
    last_modified: Option<HeaderValue>,
}

impl Thing {
    pub(crate) fn from_blob(blob: Blob, facts: &Facts<'_>) -> Self {
        let window = blob.local().and_then(|(file, _)| window::open_window(file, blob.bytes).ok());
        let length = blob.bytes;
        Self::new(length, window.map_or(Source::Blob(blob), Source::Slice), facts)
    }

    pub(crate) fn from_bytes(bytes: Bytes, facts: &Facts<'_>) -> Self {
        Self::new(bytes.len() as u64, Source::Slice(bytes), facts)
    }

    /// Something whose bytes are made while they are sent; see [`Thing::answer_by`].
    pub(crate) fn from_length(length: u64, facts: &Facts<'_>) -> Self {
        Self::new(length, Source::Slice(Bytes::new()), facts)
    }

    fn new(length: u64, source: Source, facts: &Facts<'_>) -> Self {
        let headers = headers_of(facts);
        let mut headers_of_part = headers.clone();
        headers_of_part.insert(CONTENT_LENGTH, HeaderValue::from(length));
        headers_of_part.insert(CONTENT_RANGE, ascii(format!("bytes */{length}")));
        let etag = headers.get(ETAG).cloned().unwrap_or(HeaderValue::from_static("\"\""));
        Self { length, source, etag, last_modified: headers.get(LAST_MODIFIED).cloned(), headers, headers_of_part }
    }

    /// Answers GET and HEAD, with range and preconditions.
    pub(crate) fn answer(&self, method: &Method, request: &HeaderMap) -> Response {
        self.answer_by(method, request, |range| self.body(range))
    }

    /// The same with a body made by the caller.
    pub(crate) fn answer_by(&self, method: &Method, request: &HeaderMap, body: impl Fn(Range<u64>) -> Body) -> Response {
        let is_get = method != Method::HEAD;
        let validators = Validators { etag: &self.etag, last_modified: self.last_modified.as_ref() };
        match range::asked(request, self.length, is_get, validators) {
            Asked::Whole => {
                let mut response = self.bare(StatusCode::OK);
                response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(self.length));
                if is_get {
                    *response.body_mut() = body(0..self.length);
                }
                response
            }
            Asked::Part(range) => self.part(range, body),
            Asked::Parts(ranges) => self.several(&ranges, body),
            Asked::Unchanged => self.bare(StatusCode::NOT_MODIFIED),
            Asked::Other => self.bare(StatusCode::PRECONDITION_FAILED),
            Asked::Beyond => {
                let mut response = self.bare(StatusCode::RANGE_NOT_SATISFIABLE);
                response.headers_mut().insert(CONTENT_RANGE, ascii(format!("bytes */{}", self.length)));
                response
            }
        }
    }

    fn part(&self, range: Range<u64>, body: impl Fn(Range<u64>) -> Body) -> Response {
        let mut headers = self.headers_of_part.clone();
        headers.insert(CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
        headers.insert(CONTENT_RANGE, ascii(format!("bytes {}-{}/{}", range.start, range.end - 1, self.length)));
        let mut response = Response::new(body(range));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        *response.headers_mut() = headers;
        response
    }

    /// Several ranges as one body (RFC 9110 §14.6), each behind a head of its own.
    fn several(&self, ranges: &[Range<u64>], body: impl Fn(Range<u64>) -> Body) -> Response {
        let sum = Sha256::digest(format!("{:?} {ranges:?}", self.etag));
        // No file holds what follows from its own checksum.
        let boundary: String = sum.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let kind = self.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("application/octet-stream");
        let mut length = 0;
        let mut parts = Vec::with_capacity(2 * ranges.len() + 1);
        for range in ranges {
            let (first, last) = (range.start, range.end - 1);
            let head = format!("\r\n--{boundary}\r\nContent-Type: {kind}\r\nContent-Range: bytes {first}-{last}/{}\r\n\r\n", self.length);
            length += head.len() as u64 + (range.end - range.start);
            parts.extend([Body::from(head), body(range.clone())]);
        }
        let end = format!("\r\n--{boundary}--\r\n");
        length += end.len() as u64;
        parts.push(Body::from(end));
        let mut response = self.bare(StatusCode::PARTIAL_CONTENT);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, ascii(format!("multipart/byteranges; boundary={boundary}")));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        *response.body_mut() = Body::from_stream(futures::stream::iter(parts).flat_map(Body::into_data_stream));
        response
    }

    fn bare(&self, status: StatusCode) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        response.headers_mut().clone_from(&self.headers);
        response
    }

    fn body(&self, range: Range<u64>) -> Body {
        match &self.source {
            // The range lies within the slice, whose length is a usize.
            Source::Slice(bytes) => Body::from(bytes.slice(range.start as usize..range.end as usize)),
            Source::Blob(blob) => Body::from_stream(blob.stream(range)),
        }
    }

    /// What keeping it costs: bytes in memory; a window costs next to nothing.
    pub(crate) fn memory_bytes(&self) -> usize {
        match &self.source {
            Source::Slice(bytes) if window::find(bytes).is_none() => bytes.len(),
            _ => 0,
        }
    }
}

fn headers_of(facts: &Facts<'_>) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(16);
    headers.insert(CONTENT_TYPE, ascii(facts.media_type.to_owned()));
    headers.insert(ETAG, ascii(format!("\"{}\"", facts.etag)));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, if facts.media_type.starts_with("video/") { SCREEN } else { CAGE });
    if let Some(modified) = facts.modified {
        headers.insert(LAST_MODIFIED, ascii(modified.http_date()));
    }
    if let Some(sum) = facts.sha256 {
        let sum = base64::encode(&sum.0);
        headers.insert(REPR_DIGEST, ascii(format!("sha-256=:{sum}:")));
        headers.insert(DIGEST, ascii(format!("sha-256={sum}")));
    }
    if let Some(name) = facts.name {
        headers.insert(CONTENT_DISPOSITION, ascii(media::disposition(name, facts.media_type)));
    }
    let keeping = match facts.audience {
        Audience::Everyone => "public, no-cache",
        Audience::EveryoneForEver => "public, max-age=31536000, immutable",
        Audience::Only => "private, no-store",
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(keeping));
    if facts.audience != Audience::Only {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    }
    headers
}

/// Header values made here hold printable ASCII only; anything else would be a fault of ours and is left empty.
pub(crate) fn ascii(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{IF_NONE_MATCH, RANGE};
    use http_body_util::BodyExt;

    fn thing(audience: Audience) -> Thing {
        let facts = Facts {
            media_type: "image/tiff",
            etag: "abc",
            modified: Some(Instant(0)),
            sha256: Some(&record::file::Sha256([0; 32])),
            name: Some("a.tif"),
            audience,
        };
        Thing::from_bytes(Bytes::from_static(b"0123456789"), &facts)
    }

    fn asking(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    async fn told(response: Response) -> (u16, String, Vec<u8>) {
        let length = response.headers().get(CONTENT_LENGTH).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        (response.status().as_u16(), length, response.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    #[tokio::test]
    async fn a_part_a_head_and_a_revalidation_are_answered() {
        let thing = thing(Audience::Everyone);
        let part = thing.answer(&Method::GET, &asking(RANGE, "bytes=2-4"));
        assert_eq!(part.headers()[CONTENT_RANGE], "bytes 2-4/10");
        assert_eq!(told(part).await, (206, "3".into(), b"234".to_vec()));
        assert_eq!(told(thing.answer(&Method::HEAD, &HeaderMap::new())).await, (200, "10".into(), vec![]));
        assert_eq!(told(thing.answer(&Method::GET, &asking(IF_NONE_MATCH, "\"abc\""))).await, (304, String::new(), vec![]));
        let beyond = thing.answer(&Method::GET, &asking(RANGE, "bytes=10-"));
        assert_eq!((beyond.status().as_u16(), beyond.headers()[CONTENT_RANGE].to_str().unwrap()), (416, "bytes */10"));
    }

    #[tokio::test]
    async fn several_parts_come_in_the_order_asked_for_each_behind_its_head() {
        let answer = thing(Audience::Everyone).answer(&Method::GET, &asking(RANGE, "bytes=7-8, 0-0, -1"));
        let kind = answer.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
        let boundary = kind.strip_prefix("multipart/byteranges; boundary=").unwrap();
        let expected: String = [("7-8", "78"), ("0-0", "0"), ("9-9", "9")]
            .map(|(span, bytes)| format!("\r\n--{boundary}\r\nContent-Type: image/tiff\r\nContent-Range: bytes {span}/10\r\n\r\n{bytes}"))
            .concat();
        let expected = format!("{expected}\r\n--{boundary}--\r\n").into_bytes();
        assert_eq!(told(answer).await, (206, expected.len().to_string(), expected));
    }

    #[test]
    fn a_closed_thing_is_kept_by_nobody_and_shared_with_no_site() {
        let response = thing(Audience::Only).answer(&Method::GET, &HeaderMap::new());
        assert_eq!(response.headers()[CACHE_CONTROL], "private, no-store");
        assert!(!response.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
        let open = thing(Audience::EveryoneForEver).answer(&Method::GET, &HeaderMap::new());
        assert!(open.headers()[CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        assert_eq!(open.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        assert_eq!(open.headers()["repr-digest"], "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:");
    }

    #[test]
    fn a_movie_plays_at_its_own_address_and_may_do_nothing_else() {
        let facts = Facts { media_type: "video/mp4", etag: "abc", modified: None, sha256: None, name: None, audience: Audience::Only };
        let movie = Thing::from_bytes(Bytes::from_static(b"0123456789"), &facts).answer(&Method::GET, &HeaderMap::new());
        let rights = movie.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(rights.contains("sandbox") && rights.contains("media-src 'self'") && !rights.contains("script"), "{rights}");
        let other = thing(Audience::Only).answer(&Method::GET, &HeaderMap::new());
        assert_eq!(other.headers()[CONTENT_SECURITY_POLICY], "sandbox; default-src 'none'");
    }
}
