//! The steps of a record's life, each behind one plain page that says what it means.

use super::{Shell, answer, obstacle_words, record_id, see_other};
use crate::{
    display,
    door::Door,
    refusal::{Refused, in_language},
    session::{Fields, Guest},
    words::Words,
};
use archive::{
    Refusal,
    sight::{At, Sight},
};
use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use http::StatusCode;
use record::{access::Aspect, doi::Doi, id::RecordId, instant::Instant, record::Record, state::State as RecordState};

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/deposit/{id}/{step}", get(ask).post(take))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Register,
    Publish,
    Release,
    Schedule,
    Withdraw,
    Delete,
    Revise,
    /// A new draft with the words of this record.
    Copy,
}

impl Step {
    fn parse(name: &str) -> Result<Self, Refused> {
        Ok(match name {
            "register" => Step::Register,
            "publish" => Step::Publish,
            "release" => Step::Release,
            "schedule" => Step::Schedule,
            "withdraw" => Step::Withdraw,
            "delete" => Step::Delete,
            "revise" => Step::Revise,
            "copy" => Step::Copy,
            _ => return Err(Refused(Refusal::NotFound)),
        })
    }

    /// Some steps are those of the draft of a next version, others of the record as a whole.
    fn target(self, id: &RecordId) -> At {
        match self {
            Step::Publish | Step::Release | Step::Delete | Step::Copy => At::working(id),
            Step::Register | Step::Schedule | Step::Withdraw | Step::Revise => At::from(id),
        }
    }

    fn aspect(self) -> Aspect {
        match self {
            Step::Copy => Aspect::Metadata,
            Step::Register | Step::Delete | Step::Revise => Aspect::Change,
            Step::Publish | Step::Release | Step::Schedule | Step::Withdraw => Aspect::Release,
        }
    }

    fn label(self, words: &'static Words) -> &'static str {
        match self {
            Step::Register => words.register,
            Step::Publish => words.publish,
            Step::Release => words.release,
            Step::Schedule => words.schedule,
            Step::Withdraw => words.withdraw,
            Step::Delete => words.delete_draft,
            Step::Revise => words.new_version,
            Step::Copy => words.use_as_template,
        }
    }

    fn heading(self, words: &'static Words) -> &'static str {
        match self {
            Step::Register => words.ask_register,
            Step::Publish => words.ask_publish,
            Step::Release => words.ask_release,
            Step::Schedule => words.ask_schedule,
            Step::Withdraw => words.ask_withdraw,
            Step::Delete => words.ask_delete,
            Step::Revise => words.ask_revise,
            Step::Copy => words.ask_copy,
        }
    }

    fn explained(self, state: &RecordState, words: &'static Words) -> Vec<&'static str> {
        let is_next_version = matches!(state, RecordState::Revising { .. });
        match self {
            Step::Publish | Step::Release if is_next_version => vec![words.means_release_version],
            Step::Delete if is_next_version => vec![words.means_delete_version],
            Step::Copy => vec![words.means_copy],
            Step::Revise => vec![words.means_revise_1, words.means_revise_2],
            Step::Register => vec![words.means_register_1, words.means_register_2],
            Step::Publish => vec![words.means_publish],
            Step::Release => vec![words.means_release],
            Step::Schedule => vec![words.means_schedule],
            Step::Withdraw => vec![words.means_withdraw],
            Step::Delete => vec![words.means_delete],
        }
    }

    fn asks(self) -> &'static str {
        match self {
            Step::Withdraw => "reason",
            Step::Schedule => "date",
            _ => "",
        }
    }
}

#[derive(Template)]
#[template(path = "deposit_step.html")]
struct StepPage {
    s: Shell,
    id: String,
    title: String,
    heading: &'static str,
    explained: Vec<&'static str>,
    obstacles: Vec<(&'static str, &'static str)>,
    doi: String,
    asks: &'static str,
    value: String,
    /// Whether a publication opens the files before the date.
    with_publication: bool,
    error: String,
    button: &'static str,
    danger: bool,
    back: String,
}

/// What stands in the form, and what is wrong with it.
#[derive(Default)]
struct Typed {
    value: String,
    with_publication: bool,
    error: String,
}

async fn ask(State(door): State<Door>, guest: Guest, Path((id, step)): Path<(String, String)>) -> Result<Response, Refused> {
    let step = Step::parse(&step)?;
    guest.signed_in()?;
    let sight = door.archive.see(&guest.visitor, step.target(&record_id(&id)?), step.aspect()).await?;
    let value = match step {
        Step::Schedule => sight.record.state.release_at().map(as_local).unwrap_or_default(),
        _ => String::new(),
    };
    page(&door, &guest, step, &sight, StatusCode::OK, Typed { value, ..Typed::default() }).await
}

async fn take(
    State(door): State<Door>,
    guest: Guest,
    Path((id, step)): Path<(String, String)>,
    fields: Fields,
) -> Result<Response, Refused> {
    let step = Step::parse(&step)?;
    guest.signed_in()?;
    let id = record_id(&id)?;
    let archive = &door.archive;
    let visitor = &guest.visitor;
    if step == Step::Copy {
        let draft = archive.copy(visitor, &id).await?;
        return Ok(see_other(&format!("/deposit/{}", draft.id)));
    }
    let done: Result<(), Refusal> = match step {
        Step::Copy => Ok(()),
        Step::Register => archive.register(visitor, &id).await.map(drop),
        Step::Publish => archive.publish(visitor, &id).await.map(drop),
        Step::Release => archive.release(visitor, &id).await.map(drop),
        Step::Withdraw => archive.withdraw(visitor, &id, fields.text("reason").to_owned()).await.map(drop),
        Step::Delete => archive.delete_draft(visitor, &id).await,
        Step::Revise => archive.revise(visitor, &id).await.map(drop),
        Step::Schedule => match read_local(fields.text("release_at"), Words::of(guest.language)) {
            Ok(latest) if fields.get("with_publication").is_some() => {
                archive.schedule_with_publication(visitor, &id, latest).await.map(drop)
            }
            Ok(release_at) => archive.schedule(visitor, &id, release_at).await.map(drop),
            Err(refusal) => Err(refusal),
        },
    };
    match done {
        // The draft of a next version leaves the record behind.
        Ok(()) if step == Step::Delete && archive.see(visitor, &id, Aspect::Tombstone).await.is_err() => Ok(see_other("/account")),
        Ok(()) if matches!(step, Step::Schedule | Step::Revise) => Ok(see_other(&format!("/deposit/{id}"))),
        Ok(()) => Ok(see_other(&format!("/records/{id}"))),
        Err(Refusal::Invalid { what, .. }) if !step.asks().is_empty() => {
            let sight = archive.see(visitor, step.target(&id), step.aspect()).await?;
            let value = fields.text(if step == Step::Withdraw { "reason" } else { "release_at" }).to_owned();
            let typed = Typed {
                value,
                with_publication: fields.get("with_publication").is_some(),
                error: in_language(&what, guest.language).to_owned(),
            };
            page(&door, &guest, step, &sight, StatusCode::UNPROCESSABLE_ENTITY, typed).await
        }
        Err(refusal) => Err(Refused(refusal)),
    }
}

async fn page(door: &Door, guest: &Guest, step: Step, sight: &Sight, status: StatusCode, typed: Typed) -> Result<Response, Refused> {
    let words = Words::of(guest.language);
    let record = &sight.record;
    let obstacles = match step {
        Step::Register | Step::Publish => door.archive.readiness(&guest.visitor, &record.id).await?.register,
        Step::Release => door.archive.readiness(&guest.visitor, &record.id).await?.release,
        _ => Vec::new(),
    };
    let page = StepPage {
        id: record.id.to_string(),
        title: record.title().to_owned(),
        heading: step.heading(words),
        explained: step.explained(&record.state, words),
        obstacles: obstacles.iter().map(|obstacle| (obstacle.field, obstacle_words(obstacle, guest.language))).collect(),
        doi: coming_doi(door, step, record),
        asks: step.asks(),
        value: typed.value,
        with_publication: typed.with_publication || record.state.opens_with_publication(),
        error: typed.error,
        button: step.label(words),
        danger: matches!(step, Step::Withdraw | Step::Delete),
        back: if step == Step::Copy { display::home(record) } else { format!("/deposit/{}", record.id) },
        s: Shell::of(door, guest),
    };
    Ok(answer(status, &page))
}

/// The DOI that the step will give, which is known beforehand.
fn coming_doi(door: &Door, step: Step, record: &Record) -> String {
    let has_its_own = record.metadata.article.as_ref().is_some_and(|article| article.doi.is_some());
    match step {
        Step::Register => Doi::for_record(&door.archive.settings().prefix, &record.id).to_string(),
        Step::Publish if !has_its_own => Doi::for_record(&door.archive.settings().prefix, &record.id).to_string(),
        _ => String::new(),
    }
}

/// `2027-03-01T12:00`, as browsers write it; read as UTC, as the page says.
fn read_local(written: &str, words: &'static Words) -> Result<Option<Instant>, Refusal> {
    if written.is_empty() {
        return Ok(None);
    }
    let whole = if written.len() == 10 {
        format!("{written}T00:00:00Z")
    } else if written.len() == 16 {
        format!("{written}:00Z")
    } else {
        format!("{written}Z")
    };
    Instant::from_rfc3339(&whole).map(Some).ok_or_else(|| Refusal::invalid("release_at", words.fault_day, words.release_date_help))
}

fn as_local(instant: Instant) -> String {
    instant.to_string().chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn a_release_date_is_read_to_the_minute() {
        let words = Words::of(Language::English);
        let read = |written| read_local(written, words).unwrap().map(|instant| instant.to_string());
        assert_eq!(read("2027-03-01T12:05").as_deref(), Some("2027-03-01T12:05:00.000Z"));
        assert_eq!(read("2027-03-01").as_deref(), Some("2027-03-01T00:00:00.000Z"));
        assert_eq!(read(""), None);
        assert!(read_local("soon", words).is_err());
        assert_eq!(as_local(read_local("2027-03-01T12:05", words).unwrap().unwrap()), "2027-03-01T12:05");
    }
}
