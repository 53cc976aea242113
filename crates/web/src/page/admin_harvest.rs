//! How the harvest of each publication database stands, for an administrator.

use super::{Shell, answer, see_other};
use crate::{
    display,
    door::Door,
    language::Language,
    live,
    refusal::Refused,
    session::{Fields, Guest},
    words::Words,
};
use archive::source::SourceView;
use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use http::StatusCode;
use record::{
    harvest::{Appearance, Counts},
    instant::Instant,
};

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/admin/harvest", get(show).post(harvest_now))
}

#[derive(Template)]
#[template(path = "admin_harvest.html")]
struct HarvestPage {
    s: Shell,
    here: &'static str,
    curator: String,
    sources: Vec<SourceLine>,
}

struct SourceLine {
    name: String,
    url: String,
    what: String,
    appearance: &'static str,
    last_success: String,
    lag: String,
    is_late: bool,
    failed_at: String,
    failure: String,
    standing: String,
    next: String,
    going_on: String,
    counts: Vec<(&'static str, String, String)>,
    unusable: Vec<(String, String)>,
}

async fn show(State(door): State<Door>, guest: Guest) -> Result<Response, Refused> {
    guest.signed_in()?;
    let now = door.archive.now();
    let views = door.archive.harvests(&guest.visitor).await?;
    let page = HarvestPage {
        here: "harvest",
        curator: door.archive.settings().publications.curator.to_string(),
        sources: views.into_iter().map(|view| line(view, now, &guest)).collect(),
        s: Shell::of(&door, &guest),
    };
    Ok(answer(StatusCode::OK, &page))
}

async fn harvest_now(State(door): State<Door>, guest: Guest, fields: Fields) -> Result<Response, Refused> {
    guest.signed_in()?;
    door.archive.harvest_now(&guest.visitor, fields.text("source")).await?;
    Ok(see_other("/admin/harvest"))
}

fn line(view: SourceView, now: Instant, guest: &Guest) -> SourceLine {
    let words = Words::of(guest.language);
    let language = guest.language;
    let (source, progress) = (&view.source, &view.progress);
    let moment = |at: Option<Instant>| at.map_or_else(|| words.never.to_owned(), |at| display::moment(at, language));
    let going_on = progress.run.as_ref().map(|run| format!("{}: {}", words.harvest_seen, display::number(run.counts.seen, language)));
    SourceLine {
        name: source.name.clone(),
        url: source.url.clone(),
        what: [Some(source.format.name()), source.set.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" · "),
        appearance: if source.appearance == Appearance::AtOnce { words.harvest_at_once } else { words.harvest_after_review },
        last_success: moment(progress.last_success_at),
        lag: progress.last_success_at.map_or_else(|| "–".to_owned(), |at| hours(now.0 - at.0, words)),
        is_late: view.is_late(now),
        failed_at: progress.last_failure.as_ref().map(|(at, _)| display::moment(*at, language)).unwrap_or_default(),
        failure: progress.last_failure.as_ref().map(|(_, says)| says.clone()).unwrap_or_default(),
        standing: view.job.as_ref().map(|job| live::job_says(job, words, language)).unwrap_or_default(),
        next: view.job.as_ref().map(|job| display::moment(job.run_at, language)).unwrap_or_default(),
        going_on: going_on.unwrap_or_default(),
        counts: counts(progress.totals, progress.last, words, language),
        unusable: view.unusable,
    }
}

fn hours(milliseconds: i64, words: &'static Words) -> String {
    let minutes = milliseconds.max(0) / 60_000;
    if minutes < 120 { format!("{minutes} min") } else { format!("{} {}", minutes / 60, words.hours) }
}

fn counts(totals: Counts, last: Counts, words: &'static Words, language: Language) -> Vec<(&'static str, String, String)> {
    let pair = |name, last, total| (name, display::number(last, language), display::number(total, language));
    vec![
        pair(words.harvest_seen, last.seen, totals.seen),
        pair(words.harvest_added, last.added, totals.added),
        pair(words.harvest_changed, last.changed, totals.changed),
        pair(words.harvest_known, last.known, totals.known),
        pair(words.harvest_deleted, last.deleted, totals.deleted),
        pair(words.harvest_unusable, last.unusable, totals.unusable),
    ]
}
