//! Something that can be served: its bytes, and every header that does not depend on the request, made once.

use super::{
    media,
    range::{self, Asked, Validators},
    window,
};
use crate::base64;
use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{
        ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH,
        CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, LAST_MODIFIED, X_CONTENT_TYPE_OPTIONS,
    },
};
use record::{file::Sha256, instant::Instant};
use std::ops::Range;
use storage::Blob;

pub(crate) const EXPOSED: HeaderValue =
    HeaderValue::from_static("Accept-Ranges, Content-Disposition, Content-Length, Content-Range, Digest, ETag, Last-Modified, Repr-Digest");
const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");
const DIGEST: HeaderName = HeaderName::from_static("digest");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// A stranger's file that a browser opens has no rights whatever.
const CAGE: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'");

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
    pub(crate) sha256: Option<&'a Sha256>,
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
        let etag = headers.get(ETAG).cloned().unwrap_or(HeaderValue::from_static("\"\""));
        Self { length, source, etag, last_modified: headers.get(LAST_MODIFIED).cloned(), headers }
    }

    /// Answers GET and HEAD, with range and preconditions.
    pub(crate) fn answer(&self, method: &Method, request: &HeaderMap) -> Response {
        self.answer_by(method, request, |range| self.body(range))
    }

    /// The same with a body made by the caller.
    pub(crate) fn answer_by(&self, method: &Method, request: &HeaderMap, body: impl FnOnce(Range<u64>) -> Body) -> Response {
        let is_get = method != Method::HEAD;
        let validators = Validators { etag: &self.etag, last_modified: self.last_modified.as_ref() };
        let (status, range) = match range::asked(request, self.length, is_get, validators) {
            Asked::Whole => (StatusCode::OK, 0..self.length),
            Asked::Part { start, end } => (StatusCode::PARTIAL_CONTENT, start..end),
            Asked::Unchanged => return self.bare(StatusCode::NOT_MODIFIED),
            Asked::Other => return self.bare(StatusCode::PRECONDITION_FAILED),
            Asked::Beyond => {
                let mut response = self.bare(StatusCode::RANGE_NOT_SATISFIABLE);
                response.headers_mut().insert(CONTENT_RANGE, ascii(format!("bytes */{}", self.length)));
                return response;
            }
        };
        let length = range.end - range.start;
        let content_range =
            (status == StatusCode::PARTIAL_CONTENT).then(|| ascii(format!("bytes {}-{}/{}", range.start, range.end - 1, self.length)));
        let mut response = Response::new(if is_get { body(range) } else { Body::empty() });
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.clone_from(&self.headers);
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        if let Some(content_range) = content_range {
            headers.insert(CONTENT_RANGE, content_range);
        }
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
    headers.insert(CONTENT_SECURITY_POLICY, CAGE);
    if let Some(modified) = facts.modified {
        headers.insert(LAST_MODIFIED, ascii(media::http_date(modified)));
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
            sha256: Some(&Sha256([0; 32])),
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
}
