//! Style sheet, islands and viewer, embedded in the executable. Hashed names are kept for ever;
//! stable names are asked for again by their tag.

use crate::{door::Door, refusal::Refused};
use archive::Refusal;
use axum::{Router, body::Body, extract::Path, response::Response, routing::get};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{
        ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
        X_CONTENT_TYPE_OPTIONS,
    },
};
use rust_embed::RustEmbed;
use serde_json::Value;
use std::{
    collections::HashMap,
    io::Write,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

#[derive(RustEmbed)]
#[folder = "../../frontend/dist"]
struct Dist;

/// A worker obeys the policy of its own response; the volume decoder of the viewer builds functions from text.
const DECODER_POLICY: &str =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'unsafe-eval'; connect-src 'self'; worker-src 'self'";

struct Asset {
    plain: Bytes,
    gzipped: Option<Bytes>,
    headers: HeaderMap,
}

pub(crate) fn routes() -> Router<Door> {
    Router::new().route("/assets/{*name}", get(asset)).route("/favicon.svg", get(favicon)).route("/favicon.ico", get(favicon))
}

async fn asset(Path(name): Path<String>, asked: HeaderMap) -> Result<Response, Refused> {
    let asset = find(&name).ok_or(Refusal::NotFound)?;
    let mut headers = asset.headers.clone();
    let known = asked.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).zip(headers.get(ETAG).and_then(|tag| tag.to_str().ok()));
    if known.is_some_and(|(line, tag)| line.split(',').any(|held| held.trim().trim_start_matches("W/") == tag)) {
        return Ok(with_headers(StatusCode::NOT_MODIFIED, headers, Bytes::new()));
    }
    let takes_gzip = asked.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).is_some_and(|line| line.contains("gzip"));
    match &asset.gzipped {
        Some(gzipped) if takes_gzip => {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            Ok(with_headers(StatusCode::OK, headers, gzipped.clone()))
        }
        _ => Ok(with_headers(StatusCode::OK, headers, asset.plain.clone())),
    }
}

fn with_headers(status: StatusCode, headers: HeaderMap, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Each asset is made ready once, when it is first asked for.
fn find(name: &str) -> Option<Arc<Asset>> {
    static READY: OnceLock<RwLock<HashMap<String, Arc<Asset>>>> = OnceLock::new();
    let ready = READY.get_or_init(RwLock::default);
    if let Some(asset) = ready.read().unwrap_or_else(PoisonError::into_inner).get(name) {
        return Some(asset.clone());
    }
    let file = Dist::get(name)?;
    let asset = Arc::new(prepare(name, Bytes::from(file.data.into_owned()), &file.metadata.sha256_hash()));
    ready.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), asset.clone());
    Some(asset)
}

fn prepare(name: &str, plain: Bytes, sha256: &[u8]) -> Asset {
    let mut headers = HeaderMap::new();
    let tag: String = sha256.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    let facts = Facts::of(name);
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static(if facts.immutable { "public, max-age=31536000, immutable" } else { "public, no-cache" }),
    );
    if facts.unsafe_eval {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(DECODER_POLICY));
    }
    if let Ok(value) = HeaderValue::from_str(&format!("\"{tag}\"")) {
        headers.insert(ETAG, value);
    }
    let is_text = matches!(name.rsplit('.').next(), Some("js" | "css" | "svg" | "json" | "map" | "wasm" | "html"));
    let gzipped = if is_text && plain.len() > 1024 { gzip(&plain) } else { None };
    Asset { plain, gzipped, headers }
}

fn gzip(plain: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 3), Compression::new(6));
    encoder.write_all(plain).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

#[derive(Default, Clone, Copy)]
struct Facts {
    immutable: bool,
    unsafe_eval: bool,
}

impl Facts {
    /// What the build wrote about the file in `manifest.json`.
    fn of(name: &str) -> Self {
        static MANIFEST: OnceLock<Value> = OnceLock::new();
        let manifest = MANIFEST
            .get_or_init(|| Dist::get("manifest.json").and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or(Value::Null));
        let listed = manifest.get("files").unwrap_or(manifest);
        let entry = match listed {
            Value::Array(entries) => {
                entries.iter().find(|entry| entry.get("name").or_else(|| entry.get("file")).and_then(Value::as_str) == Some(name))
            }
            other => other.get(name),
        };
        let says = |key: &str| entry.and_then(|entry| entry.get(key)).and_then(Value::as_bool).unwrap_or(false);
        Self { immutable: says("immutable"), unsafe_eval: says("unsafe_eval") || is_decoder(name) }
    }
}

fn is_decoder(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|file| file.starts_with("async_computation.bundle-") && file.ends_with(".js"))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or("") {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" | "map" => "application/json",
        "wasm" => "application/wasm",
        "woff2" => "font/woff2",
        "png" => "image/png",
        "webp" => "image/webp",
        _ => "application/octet-stream",
    }
}

/// The sign of the house, also where browsers look by themselves.
async fn favicon() -> Response {
    const SIGN: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#3b82a6" stroke-width="2" stroke-linejoin="round"><path d="M16 3 28 9.5v13L16 29 4 22.500v-13z"/><path d="M4 9.500 16 16l12-6.500M16 16v13"/></svg>"##;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    with_headers(StatusCode::OK, headers, Bytes::from_static(SIGN.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_decoder_may_build_functions_from_text() {
        let decoder = prepare("async_computation.bundle-ab12.js", Bytes::from_static(b"x"), &[0; 32]);
        let page = prepare("viewer.js", Bytes::from_static(b"x"), &[0; 32]);
        assert!(decoder.headers[CONTENT_SECURITY_POLICY].to_str().unwrap().contains("'unsafe-eval'"));
        assert!(!page.headers.contains_key(CONTENT_SECURITY_POLICY));
    }

    #[test]
    fn text_is_packed_once() {
        let asset = prepare("style.css", Bytes::from("a{}".repeat(1000)), &[0; 32]);
        assert!(asset.gzipped.unwrap().len() < 200);
        assert!(find("no such thing").is_none());
    }
}
