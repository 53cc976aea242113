//! What machines ask for: whether the program lives, and its counters.

use crate::{door::Door, refusal::Refused};
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header::CONTENT_TYPE};
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
    Router::new().route("/healthz", get(async || "alive\n")).route("/readyz", get(ready)).route("/metrics", get(metrics))
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
    let mut text: String =
        lines.iter().map(|(name, kind, help, value)| format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n")).collect();
    let (standings, differing) = door.archive.ledger_numbers().await?;
    text.push_str("# HELP science3d_dois DOIs minted here by what the registrar answered.\n# TYPE science3d_dois gauge\n");
    for standing in ["waiting", "registered", "unanswered", "refused", "stranger"] {
        let count = standings.get(standing).copied().unwrap_or(0);
        text.push_str(&format!("science3d_dois{{standing=\"{standing}\"}} {count}\n"));
    }
    text.push_str(
        "# HELP science3d_dois_differing DOIs of which the registrar says something else.\n# TYPE science3d_dois_differing gauge\n",
    );
    text.push_str(&format!("science3d_dois_differing {differing}\n"));
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}
