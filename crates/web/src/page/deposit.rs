//! Uploading: choose a kind, then one page with files, form, what is missing, and what goes on.

use super::{
    Shell, answer,
    cards::{self, Picture},
    deposit_form::{self, FieldView, Fold, Known},
    deposit_look::{self, LookView},
    deposit_question::Asking,
    dois::{self, DoiNote},
    ended_jobs::{self, EndedJob},
    entry_derived::{self, Derived},
    entry_facts,
    entry_files::{self, Listing},
    entry_parts::{self, Fact, Step},
    noticed, obstacle_words, record_id, see_other,
    ties::{self, Papers},
};
use crate::{
    display,
    door::Door,
    form::{self, FieldFault, institutions},
    language::Language,
    live,
    refusal::Refused,
    session::{Fields, Guest},
    words::Words,
};
use archive::{
    Refusal,
    deposit::Readiness,
    sight::{At, Sight},
};
use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use http::StatusCode;
use record::{
    Record,
    access::Aspect,
    field::{self, Shape},
    id::RecordId,
    kind::Kind,
    metadata::Metadata,
    readiness::Obstacle,
    state::State as RecordState,
};
use std::collections::HashMap;

/// Unfinished uploads listed on the page; all of them are counted.
const UNFINISHED_SHOWN_MAX: usize = 100;

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/deposit", get(choose)).route("/deposit/new", post(new)).route("/deposit/{id}", get(show).post(save))
}

#[derive(Template)]
#[template(path = "deposit_choose.html")]
struct ChoosePage {
    s: Shell,
    chosen: String,
}

#[derive(Template)]
#[template(path = "deposit.html")]
struct DepositPage {
    s: Shell,
    id: String,
    title: String,
    kind: &'static str,
    state: &'static str,
    state_name: &'static str,
    doi: String,
    doi_note: Option<DoiNote>,
    saved: bool,
    takes_files: bool,
    papers: Papers,
    /// Its DOI may fill the form.
    is_text: bool,
    /// When the files open by themselves, as a sentence.
    opening: String,
    /// What the files leave open, and what was said about it.
    asking: Asking,
    main: Vec<FieldView>,
    /// The rest, folded by theme.
    more: Vec<Fold>,
    institutions: Vec<Known>,
    faults: Vec<FieldFault>,
    /// The gate that comes next, its obstacles, and the button behind it.
    gate: &'static str,
    gate_title: &'static str,
    gate_none: &'static str,
    obstacles: Vec<Missing>,
    next: Option<Step>,
    other_steps: Vec<Step>,
    unfinished_count: String,
    unfinished: Vec<UnfinishedLine>,
    jobs: Vec<JobLine>,
    failed: Vec<EndedJob>,
    listing: Option<Listing>,
    /// What the headers of the files said and no field asks for.
    found: Vec<Fact>,
    look: Option<LookView>,
    noticed: Vec<String>,
    pictures: Vec<Picture>,
    derived: Vec<Derived>,
    viewer: bool,
    /// Where it is looked at.
    home: String,
    /// The number of the next version, while this is its draft.
    version: Option<u32>,
}

struct Missing {
    code: &'static str,
    field: &'static str,
    says: &'static str,
}

struct UnfinishedLine {
    id: String,
    path: String,
    percent: u64,
    says: String,
}

struct JobLine {
    name: &'static str,
    title: &'static str,
    says: String,
    percent: u64,
    hidden: bool,
}

async fn choose(State(door): State<Door>, guest: Guest) -> Result<Response, Refused> {
    guest.signed_in()?;
    let asked =
        super::pairs(guest.here.query().unwrap_or("").as_bytes()).into_iter().find(|(key, _)| key == "kind").map(|(_, value)| value);
    let chosen = asked
        .filter(|name| Kind::DEPOSITABLE.iter().any(|kind| kind.name() == name))
        .unwrap_or_else(|| Kind::TomographyBiology.name().to_owned());
    Ok(answer(StatusCode::OK, &ChoosePage { s: Shell::of(&door, &guest), chosen }))
}

async fn new(State(door): State<Door>, guest: Guest, fields: Fields) -> Result<Response, Refused> {
    let kind: Kind = fields
        .text("kind")
        .parse()
        .map_err(|error: record::kind::UnknownKind| Refusal::invalid("kind", format!("{error}."), Words::of(guest.language).choose_kind))?;
    let record = door.archive.create(&guest.visitor, kind, Metadata::default()).await?;
    Ok(see_other(&format!("/deposit/{}", record.id)))
}

async fn show(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    guest.signed_in()?;
    let saved = guest.here.query().is_some_and(|query| query.split('&').any(|pair| pair == "saved=1"));
    let page = compose(&door, &guest, &id, &Fields::default(), Vec::new(), saved).await?;
    Ok(answer(StatusCode::OK, &page))
}

/// The form without script: everything is sent at once.
async fn save(State(door): State<Door>, guest: Guest, Path(id): Path<String>, fields: Fields) -> Result<Response, Refused> {
    save_typed(&door, &guest, &record_id(&id)?, &fields, "").await
}

/// All fields of the form as they were typed; those that cannot be read are shown again. `place` is where the page
/// opens afterwards, as `#files`.
pub(super) async fn save_typed(door: &Door, guest: &Guest, id: &RecordId, fields: &Fields, place: &str) -> Result<Response, Refused> {
    let sight = door.archive.see(&guest.visitor, At::working(id), Aspect::Change).await?;
    // A box that is not ticked is not sent.
    let unticked = field::all()
        .filter(|field| matches!(field.shape, Shape::Check) && field.is_asked_of(sight.record.kind) && fields.get(field.name).is_none())
        .map(|field| (field.name, "false"));
    let written = fields.0.iter().map(|(name, text)| (name.as_str(), text.as_str())).chain(unticked);
    let (mut patch, faults) = form::patch_of(written, guest.language);
    institutions::for_those_without(fields.text("creators_affiliation"), &mut patch);
    institutions::complete(&mut patch, &sight.record.metadata, |name| door.archive.ror_of(name));
    door.archive.patch(&guest.visitor, id, patch, None).await?;
    if faults.is_empty() {
        return Ok(see_other(&format!("/deposit/{id}?saved=1{place}")));
    }
    let page = compose(door, guest, id.as_str(), fields, faults, false).await?;
    Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// The form again, with one fault that its words alone do not show.
pub(super) async fn shown_with(door: &Door, guest: &Guest, id: &RecordId, fields: &Fields, fault: FieldFault) -> Result<Response, Refused> {
    let page = compose(door, guest, id.as_str(), fields, vec![fault], false).await?;
    Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

async fn compose(
    door: &Door,
    guest: &Guest,
    id: &str,
    fields: &Fields,
    faults: Vec<FieldFault>,
    saved: bool,
) -> Result<DepositPage, Refused> {
    let id = record_id(id)?;
    let words = Words::of(guest.language);
    let sight = door.archive.see(&guest.visitor, At::working(&id), Aspect::Change).await?;
    let home = display::home(&sight.record);
    let readiness = door.archive.readiness(&guest.visitor, &id).await?;
    let unfinished = door.archive.unfinished(&guest.visitor, &id).await?;
    let jobs = door.archive.activity(&guest.visitor, &id).await?;
    let derivatives = door.archive.derivatives(&guest.visitor, At::version(&id, sight.record.version)).await?;
    let look = deposit_look::look(door, guest, &sight, &derivatives).await?;
    let asked = entry_files::Place::asked_for(guest.here.query().unwrap_or(""));
    let listing = entry_files::listing(door, guest, &sight, &asked, &format!("/deposit/{id}"), &home).await?;
    let written: HashMap<&str, &str> = fields.0.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let record = &sight.record;
    let (main, more) = deposit_form::fields(record, &written, &faults, guest.language);
    let is_next_version = matches!(record.state, RecordState::Revising { .. });
    let is_draft = matches!(record.state, RecordState::Draft) || is_next_version && record.kind.is_text();
    let mut steps = entry_parts::steps(&sight, None, words);
    let next = (!steps.is_empty() && !steps[0].danger).then(|| steps.remove(0));
    let obstacles = before_the_gate(record, is_draft, &readiness);
    Ok(DepositPage {
        id: id.to_string(),
        title: if record.metadata.title.trim().is_empty() { words.untitled.to_owned() } else { record.metadata.title.clone() },
        kind: display::kind(record.kind, words),
        state: display::state(&record.state, words),
        state_name: record.state.name(),
        doi: record.state.doi().map(ToString::to_string).unwrap_or_default(),
        saved,
        takes_files: record.state.takes_files(),
        papers: ties::papers(door, guest, record, true).await?,
        is_text: record.kind.is_text(),
        opening: opening(record, words, guest.language),
        asking: Asking::of(record, words, guest.language),
        main,
        more,
        institutions: deposit_form::institutions(),
        gate: if is_draft { "register" } else { "release" },
        gate_title: gate_title(&sight, words),
        gate_none: gate_none(record, words),
        obstacles: missing(obstacles, guest.language),
        next,
        other_steps: steps,
        unfinished_count: display::number(unfinished.len() as u64, guest.language),
        unfinished: unfinished.iter().take(UNFINISHED_SHOWN_MAX).map(|(upload, offset)| unfinished_line(upload, *offset, guest)).collect(),
        doi_note: dois::note(door, guest, &id, &jobs).await?,
        failed: failed_lines(&jobs, &sight, words, guest),
        jobs: job_lines(&jobs, words, guest),
        listing: Some(listing),
        viewer: derivatives.iter().any(|derivative| derivative.kind.name() == "volume"),
        found: entry_facts::found(record, words, guest.language),
        look,
        noticed: noticed::noticed(&derivatives, guest.language),
        pictures: slice_pictures(cards::pictures_among(&derivatives, record, &home, words)),
        derived: entry_derived::derived(&derivatives, words, guest.language),
        faults,
        home,
        version: is_next_version.then_some(record.version.0),
        s: Shell::of(door, guest),
    })
}

/// What stands before the gate that comes next.
fn before_the_gate<'a>(record: &Record, is_draft: bool, readiness: &'a Readiness) -> &'a [Obstacle] {
    match (&record.state, is_draft) {
        (_, true) => &readiness.register,
        (RecordState::Registered { .. } | RecordState::Revising { .. }, _) => &readiness.release,
        _ => &[],
    }
}

fn opening(record: &Record, words: &'static Words, language: Language) -> String {
    let Some(at) = record.state.release_at() else { return String::new() };
    let begins = if record.state.opens_with_publication() { words.closed_until_paper } else { words.will_open_on };
    format!("{begins} {}.", display::moment(at, language))
}

fn slice_pictures(mut pictures: Vec<Picture>) -> Vec<Picture> {
    pictures.retain(|picture| picture.name.starts_with("slice"));
    pictures
}

/// What stands where the list of obstacles would, once there are none.
fn gate_none(record: &Record, words: &'static Words) -> &'static str {
    match (record.kind.is_text(), &record.state) {
        (true, _) => words.ready_to_publish,
        (false, RecordState::Draft) => words.ready_to_register,
        (false, _) => words.ready_to_release,
    }
}

fn missing(obstacles: &[Obstacle], language: Language) -> Vec<Missing> {
    let say = |obstacle: &Obstacle| Missing { code: obstacle.code, field: obstacle.field, says: obstacle_words(obstacle, language) };
    obstacles.iter().map(say).collect()
}

fn gate_title(sight: &Sight, words: &'static Words) -> &'static str {
    match sight.record.state {
        RecordState::Draft | RecordState::Revising { .. } if sight.record.kind.is_text() => words.before_publishing,
        RecordState::Draft => words.before_registering,
        _ => words.before_releasing,
    }
}

fn unfinished_line(upload: &record::upload::Upload, offset: u64, guest: &Guest) -> UnfinishedLine {
    let percent = offset.saturating_mul(100).checked_div(upload.bytes).unwrap_or(100);
    UnfinishedLine {
        id: upload.id.to_string(),
        path: upload.path.to_string(),
        percent,
        says: format!("{percent}\u{a0}% · {}", display::bytes(upload.bytes, guest.language)),
    }
}

fn failed_lines(jobs: &[record::job::JobView], sight: &Sight, words: &'static Words, guest: &Guest) -> Vec<EndedJob> {
    ended_jobs::lines(jobs, &sight.record.id, true, words, guest.language)
}

/// A place for each job that can show progress; those that do not run are hidden until they do.
fn job_lines(jobs: &[record::job::JobView], words: &'static Words, guest: &Guest) -> Vec<JobLine> {
    let line = |name: &'static str| {
        let view = jobs.iter().find(|view| view.job.name() == name && !view.has_ended());
        let percent = view.map_or(0, |view| view.progress.done.saturating_mul(100).checked_div(view.progress.total).unwrap_or(0));
        JobLine {
            name,
            title: words.job(name),
            says: view.map(|view| live::job_says(view, words, guest.language)).unwrap_or_default(),
            percent,
            hidden: view.is_none(),
        }
    };
    ["inspect", "convert", "preview", "surface", "movie", "preserve"].into_iter().map(line).collect()
}
