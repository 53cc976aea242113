//! What goes on with a record, told to its open page as it happens (server-sent events).
//! The page asks nothing; it is told only what changed.

use crate::{
    display,
    door::Door,
    form,
    language::Language,
    page::{self, failures},
    refusal::Refused,
    session::Guest,
    words::Words,
};
use archive::sight::At;
use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use bytes::Bytes;
use http::{
    HeaderValue,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use record::{
    access::Aspect,
    id::RecordId,
    job::{JobView, Standing},
};
use serde_json::{Map, Value, json};
use std::{collections::HashMap, convert::Infallible, time::Duration};
use tokio::time::Instant;

const POLL: Duration = Duration::from_millis(700);
const HEARTBEAT: Duration = Duration::from_secs(15);
const LONGEST: Duration = Duration::from_secs(30 * 60);

pub(crate) fn routes() -> Router<Door> {
    Router::new().route("/deposit/{id}/events", get(events))
}

async fn events(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    let id = page::record_id(&id)?;
    door.archive.see(&guest.visitor, &id, Aspect::Inside).await?;
    let stream = async_stream::stream! {
        let started = Instant::now();
        let mut spoken = Instant::now();
        let mut told = Told::default();
        yield Ok::<Bytes, Infallible>(Bytes::from_static(b"retry: 3000\n\n"));
        while started.elapsed() < LONGEST {
            match news(&door, &guest, &id, &mut told).await {
                Ok(news) => {
                    for event in news {
                        spoken = Instant::now();
                        yield Ok(Bytes::from(format!("data: {event}\n\n")));
                    }
                }
                Err(_) => {
                    yield Ok(Bytes::from(format!("data: {}\n\n", json!({"kind": "reload"}))));
                    break;
                }
            }
            if spoken.elapsed() >= HEARTBEAT {
                spoken = Instant::now();
                yield Ok(Bytes::from_static(b": still here\n\n"));
            }
            tokio::time::sleep(POLL).await;
        }
    };
    let mut response = Response::new(Body::from_stream(stream));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// What the page knows already.
#[derive(Default)]
struct Told {
    revision: Option<i64>,
    fields: HashMap<&'static str, String>,
    readiness: Option<Value>,
    progress: HashMap<&'static str, Value>,
    look: Option<Value>,
    first_look: Option<Value>,
}

async fn news(door: &Door, guest: &Guest, id: &RecordId, told: &mut Told) -> Result<Vec<Value>, Refused> {
    let mut news = Vec::new();
    let sight = door.archive.see(&guest.visitor, At::working(id), Aspect::Inside).await?;
    if told.revision != Some(sight.record.revision) {
        let first = told.revision.is_none();
        told.revision = Some(sight.record.revision);
        news.extend(facts(&sight.record, told).filter(|_| !first));
    }
    let readiness = door.archive.readiness(&guest.visitor, id).await?;
    let says = |list: &[record::readiness::Obstacle]| -> Value {
        list.iter()
            .map(|obstacle| json!({"code": obstacle.code, "field": obstacle.field, "says": page::obstacle_words(obstacle, guest.language)}))
            .collect()
    };
    let readiness = json!({"kind": "readiness", "register": says(&readiness.register), "release": says(&readiness.release)});
    if told.readiness.as_ref() != Some(&readiness) {
        told.readiness = Some(readiness.clone());
        news.push(readiness);
    }
    let jobs = door.archive.activity(&guest.visitor, id).await?;
    news.extend(progress(&jobs, told, guest.language));
    let derivatives = door.archive.derivatives(&guest.visitor, At::version(id, sight.record.version)).await?;
    let first_look = page::deposit_look::look(door, guest, &sight, &derivatives).await?.map(|look| look.event());
    if first_look.is_some() && told.first_look != first_look {
        news.extend(first_look.clone());
    }
    told.first_look = first_look;
    let failed: Vec<i64> = jobs.iter().filter(|view| view.has_ended()).map(|view| view.id.0).collect();
    let acquisition = &sight.record.metadata.acquisition;
    let look = json!([
        sight.record.state.name(),
        acquisition.format,
        acquisition.shape,
        acquisition.element_type,
        sight.record.questions,
        sight.record.answers,
        derivatives.iter().map(|derivative| (&derivative.name, &derivative.recipe.digest)).collect::<Vec<_>>(),
        failed
    ]);
    if told.look.as_ref().is_some_and(|before| *before != look) {
        news.push(json!({"kind": "reload"}));
    }
    told.look = Some(look);
    Ok(news)
}

fn facts(record: &record::Record, told: &mut Told) -> impl Iterator<Item = Value> + use<> {
    let mut changed = Map::new();
    for (field, words) in form::values_of(record.kind, &record.metadata) {
        let before = told.fields.insert(field.name, words.clone());
        // Only what the files said travels; what a person types elsewhere waits for the next look at the page.
        if before.as_ref() != Some(&words) && record.read_from_files.contains(field.name) {
            changed.insert(
                field.name.to_owned(),
                if matches!(field.shape, record::field::Shape::Check) { json!(words == "true") } else { json!(words) },
            );
        }
    }
    (!changed.is_empty()).then(|| json!({"kind": "facts", "facts": changed})).into_iter()
}

fn progress(jobs: &[JobView], told: &mut Told, language: Language) -> Vec<Value> {
    let words = Words::of(language);
    let mut news = Vec::new();
    let mut present = Vec::new();
    for view in jobs {
        let name = view.job.name();
        let event = progress_of(view, language);
        if view.has_ended() || present.contains(&name) {
            continue;
        }
        present.push(name);
        if told.progress.get(name) != Some(&event) {
            told.progress.insert(name, event.clone());
            news.push(event);
        }
    }
    let done: Vec<&'static str> = told.progress.keys().copied().filter(|name| !present.contains(name)).collect();
    for name in done {
        told.progress.remove(name);
        news.push(json!({"kind": "progress", "job": name, "done": 1, "total": 1, "says": words.job_done}));
    }
    news
}

fn progress_of(view: &JobView, language: Language) -> Value {
    let words = Words::of(language);
    let done = view.progress.done;
    let total = view.progress.total.max(1);
    json!({"kind": "progress", "job": view.job.name(), "done": done, "total": total, "says": job_says(view, words, language)})
}

/// One line on how a job stands.
pub(crate) fn job_says(view: &JobView, words: &'static Words, language: Language) -> String {
    match &view.standing {
        Standing::Running { .. } if view.progress.total > 0 => {
            let percent = view.progress.done.saturating_mul(100) / view.progress.total;
            format!("{}\u{a0}%", display::number(percent, language))
        }
        Standing::Running { .. } => words.job_running.to_owned(),
        Standing::Waiting { last_failure: Some(failure) } => {
            format!("{} {}", words.job_again, failures::paragraph(failure, words, language))
        }
        Standing::Waiting { last_failure: None } => words.job_waiting.to_owned(),
        Standing::Failed { .. } | Standing::Needless { .. } => failures::of_job(view, words, language).join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::{
        id::JobId,
        job::{Job, Progress},
    };

    fn converting(done: u64) -> JobView {
        let record: RecordId = "7h3k9x2q4".parse().unwrap();
        JobView {
            id: JobId(1),
            job: Job::Convert { record },
            run_at: record::instant::Instant(0),
            attempts: 1,
            progress: Progress { done, total: 200 },
            standing: Standing::Running { since: record::instant::Instant(0) },
        }
    }

    #[test]
    fn only_what_changed_is_told() {
        let mut told = Told::default();
        assert_eq!(progress(&[converting(20)], &mut told, Language::English).len(), 1);
        assert_eq!(progress(&[converting(20)], &mut told, Language::English).len(), 0);
        let next = progress(&[converting(40)], &mut told, Language::English);
        assert_eq!((next[0]["done"].as_u64(), next[0]["says"].as_str()), (Some(40), Some("20\u{a0}%")));
        let end = progress(&[], &mut told, Language::English);
        assert_eq!((end[0]["job"].as_str(), end[0]["done"].as_u64()), (Some("convert"), Some(1)));
    }
}
