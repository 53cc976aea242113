//! What this is, under which terms, what is kept of whom, and what the problem documents of the interface mean.

use super::{Shell, answer};
use crate::{door::Door, session::Guest};
use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use http::StatusCode;

pub(super) fn routes() -> Router<Door> {
    Router::new()
        .route("/about", get(about))
        .route("/about/problems", get(problems))
        .route("/terms", get(terms))
        .route("/privacy", get(privacy))
}

#[derive(Template)]
#[template(path = "about.html")]
struct AboutPage {
    s: Shell,
    page: &'static str,
    problems: Vec<(&'static str, &'static str)>,
}

fn page(door: &Door, guest: &Guest, page: &'static str) -> Response {
    let s = Shell::of(door, guest);
    let w = s.w;
    let problems = vec![
        ("not-found", w.detail_not_found),
        ("sign-in-needed", w.detail_sign_in),
        ("forbidden", w.refused_forbidden),
        ("invalid", w.refused_invalid),
        ("not-ready", w.refused_not_ready),
        ("wrong-state", w.refused_conflict),
        ("conflict", w.refused_conflict),
        ("exists", w.refused_exists),
        ("offset-mismatch", w.problem_offset),
        ("busy", w.problem_busy),
        ("too-large", w.refused_too_large),
        ("too-many-attempts", w.refused_too_many),
        ("withdrawn", w.detail_withdrawn),
        ("expired", w.detail_expired),
        ("unavailable", w.detail_unavailable),
    ];
    answer(StatusCode::OK, &AboutPage { s, page, problems })
}

async fn about(State(door): State<Door>, guest: Guest) -> Response {
    page(&door, &guest, "about")
}

async fn terms(State(door): State<Door>, guest: Guest) -> Response {
    page(&door, &guest, "terms")
}

async fn privacy(State(door): State<Door>, guest: Guest) -> Response {
    page(&door, &guest, "privacy")
}

async fn problems(State(door): State<Door>, guest: Guest) -> Response {
    page(&door, &guest, "problems")
}
