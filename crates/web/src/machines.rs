//! What machines ask for: whether the program lives, its counters, and which pages there are.

use crate::{
    display,
    door::Door,
    front::{self, Depends},
    language::Language,
    page,
    refusal::Refused,
};
use archive::search::{Query, Sort};
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Plain counters since the start of the process.
#[derive(Default)]
pub(crate) struct Counts {
    requests: AtomicU64,
    kept_pages: AtomicU64,
    kept_things: AtomicU64,
    refusals: AtomicU64,
    failures: AtomicU64,
}

impl Counts {
    pub(crate) fn request(&self) {
        self.requests.fetch_add(1, Relaxed);
    }
    pub(crate) fn kept_page(&self) {
        self.kept_pages.fetch_add(1, Relaxed);
    }
    pub(crate) fn kept_thing(&self) {
        self.kept_things.fetch_add(1, Relaxed);
    }
    pub(crate) fn refusal(&self, status: StatusCode) {
        if status.is_server_error() {
            self.failures.fetch_add(1, Relaxed)
        } else {
            self.refusals.fetch_add(1, Relaxed)
        };
    }
}

pub(crate) fn routes() -> Router<Door> {
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/robots.txt", get(robots))
        .route("/sitemap.xml", get(sitemap))
}

async fn ready(State(door): State<Door>) -> Response {
    match door.archive.health().await {
        Ok(()) => "ready\n".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the catalogue does not answer\n").into_response(),
    }
}

async fn metrics(State(door): State<Door>) -> Result<Response, Refused> {
    let numbers = door.archive.numbers().await?;
    let counts = &door.counts;
    let (pages, things) = (counts.kept_pages.load(Relaxed), counts.kept_things.load(Relaxed));
    let lines = [
        ("science3d_requests_total", "counter", "Requests answered.", counts.requests.load(Relaxed) + pages + things),
        ("science3d_kept_pages_total", "counter", "Pages answered from memory.", pages),
        ("science3d_kept_files_total", "counter", "Files, chunks and pictures answered from what is open.", things),
        ("science3d_refusals_total", "counter", "Answers of class 4xx.", counts.refusals.load(Relaxed)),
        ("science3d_failures_total", "counter", "Answers of class 5xx.", counts.failures.load(Relaxed)),
        ("science3d_public_records", "gauge", "Records with a public entry page.", numbers.records as u64),
        ("science3d_open_volumes", "gauge", "Volumes that everyone may look at.", numbers.volumes as u64),
    ];
    let text: String =
        lines.iter().map(|(name, kind, help, value)| format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n")).collect();
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

async fn robots(State(door): State<Door>) -> String {
    let base = &door.archive.settings().base_url;
    format!(
        "User-agent: *\nDisallow: /account\nDisallow: /admin\nDisallow: /deposit\nDisallow: /sign-in\nDisallow: /review/\nDisallow: /search?\nAllow: /\n\nSitemap: {base}/sitemap.xml\n"
    )
}

/// All public entry pages, newest first.
async fn sitemap(State(door): State<Door>) -> Result<Response, Refused> {
    let stamp = front::stamp_of(&door, &Depends::Everything);
    let base = display::escape_html(&door.archive.settings().base_url);
    let mut xml =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    for path in ["/", "/about", "/terms", "/privacy", "/api/docs"] {
        xml.push_str(&format!("<url><loc>{base}{path}</loc></url>\n"));
    }
    let mut query = Query { limit: 100, sort: Sort::Newest, ..Query::default() };
    loop {
        let hits = door.archive.search(&page::everybody(), &query).await?;
        for hit in &hits.items {
            xml.push_str(&format!("<url><loc>{base}/records/{}</loc></url>\n", hit.id));
        }
        let reached = query.offset + hits.items.len();
        if hits.items.is_empty() || reached >= hits.total || reached >= 10_000 {
            break;
        }
        query.offset = reached;
    }
    xml.push_str("</urlset>\n");
    let headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("application/xml")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ]);
    Ok(door.pages.keep("/sitemap.xml", Language::English, Depends::Everything, stamp, headers, xml))
}
