//! The DOI ledger: what owners read about their own DOI, and the operators' page of all that differs from the registrar.

use super::{Shell, answer, see_other};
use crate::{
    display,
    door::Door,
    language::Language,
    refusal::Refused,
    session::{Fields, Guest},
    words::{DoiWords, Words},
};
use archive::{
    Refusal,
    ledger::{OwnersView, Repair},
};
use askama::Template;
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{get, post},
};
use http::StatusCode;
use record::{
    doi::Doi,
    id::RecordId,
    job::{Job, JobView},
    ledger::{Difference, DoiStanding, LedgerLine},
};

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/admin/dois", get(show)).route("/admin/dois/compare", post(compare)).route("/admin/dois/repair", post(repair))
}

/// What the people of a record read below its DOI.
pub(super) struct DoiNote {
    pub(super) says: &'static str,
    pub(super) since: String,
    /// The registrar's own words, and what introduces them.
    pub(super) quote: String,
    pub(super) quote_lead: &'static str,
    pub(super) hint: &'static str,
    /// Style classes: quiet while all goes well.
    pub(super) look: &'static str,
    pub(super) record: String,
    /// The job that can be tried again.
    pub(super) retry: Option<i64>,
}

pub(super) async fn note(door: &Door, guest: &Guest, id: &RecordId, jobs: &[JobView]) -> Result<Option<DoiNote>, Refused> {
    let words: &DoiWords = Words::of(guest.language).dois;
    let Some(view) = door.archive.doi_for_owners(&guest.visitor, id).await? else { return Ok(None) };
    let ended = jobs.iter().find(|view| matches!(view.job, Job::RegisterDoi { .. }) && view.has_ended());
    let retry = ended.map(|view| view.id.0);
    let plain = |says, look| DoiNote {
        says,
        since: String::new(),
        quote: String::new(),
        quote_lead: "",
        hint: "",
        look,
        record: id.to_string(),
        retry,
    };
    if door.archive.settings().sandbox {
        return Ok(Some(plain(words.sandbox, "help")));
    }
    Ok(Some(match view {
        OwnersView::OnItsWay => plain(words.on_its_way, "help"),
        OwnersView::Registered { since } => {
            let since = format!("{} {}", words.registered_since, display::moment(since, guest.language));
            DoiNote { since, ..plain(words.registered, "help") }
        }
        OwnersView::Unanswered { says, .. } => {
            DoiNote { quote: says, quote_lead: words.unanswered_says, ..plain(words.unanswered, "notice notice-warning") }
        }
        OwnersView::Refused { says } => {
            DoiNote { quote: says, hint: words.refused_what_to_do, ..plain(words.refused, "notice notice-bad") }
        }
    }))
}

#[derive(Template)]
#[template(path = "dois.html")]
struct DoisPage {
    s: Shell,
    here: &'static str,
    d: &'static DoiWords,
    asked: bool,
    counts: Vec<(&'static str, String)>,
    compared: String,
    /// Since when the registrar does not let us in, and its words.
    closed: Option<(String, String)>,
    troubles: Vec<TroubleLine>,
    repairable: bool,
    more: bool,
}

struct TroubleLine {
    doi: String,
    record: String,
    standing: &'static str,
    says: Vec<String>,
    /// What the button of this line says.
    remedy: &'static str,
}

async fn show(State(door): State<Door>, guest: Guest) -> Result<Response, Refused> {
    guest.signed_in()?;
    let words = Words::of(guest.language);
    let dois = words.dois;
    let ledger = door.archive.ledger(&guest.visitor).await?;
    let number = |count: u64| display::number(count, guest.language);
    let count = |name: &str| ledger.counts.get(name).copied().unwrap_or(0);
    // What there is none of is only told where its absence is news.
    let standings = ["registered", "waiting", "unanswered", "refused", "stranger"].into_iter();
    let present = standings.filter(|name| *name == "registered" || count(name) > 0);
    let mut counts: Vec<_> = present.map(|name| (standing(name, dois), number(count(name)))).collect();
    counts.push((dois.count_differing, number(ledger.differing)));
    let compared = match &ledger.comparison {
        None => dois.never_compared.to_owned(),
        Some(comparison) => {
            let (says, at) = comparison.ended_at.map_or((dois.comparing, comparison.begun_at), |ended| (dois.compared, ended));
            format!("{says} {}; {} {}.", display::moment(at, guest.language), number(comparison.looked_at), dois.looked_at)
        }
    };
    let page = DoisPage {
        here: "dois",
        d: dois,
        asked: guest.here.query().is_some_and(|query| query.contains("asked=1")),
        counts,
        compared,
        closed: ledger.closed.as_ref().map(|closed| (display::moment(closed.since, guest.language), closed.says.clone())),
        repairable: ledger.troubles.iter().any(|line| line.record.is_some()),
        troubles: ledger.troubles.iter().map(|line| trouble_line(line, dois, guest.language)).collect(),
        more: ledger.more,
        s: Shell::of(&door, &guest),
    };
    Ok(answer(StatusCode::OK, &page))
}

fn standing(name: &str, words: &'static DoiWords) -> &'static str {
    match name {
        "registered" => words.count_registered,
        "unanswered" => words.count_unanswered,
        "refused" => words.count_refused,
        "stranger" => words.count_stranger,
        _ => words.count_waiting,
    }
}

fn trouble_line(line: &LedgerLine, words: &'static DoiWords, language: Language) -> TroubleLine {
    let mut says: Vec<String> = line.differences.iter().map(|difference| difference_says(difference, words)).collect();
    if let DoiStanding::Unanswered { since, says: heard } | DoiStanding::Refused { since, says: heard } = &line.standing {
        says.push(format!("{heard} ({})", display::moment(*since, language)));
    }
    TroubleLine {
        doi: line.doi.to_string(),
        record: line.record.as_ref().map(ToString::to_string).unwrap_or_default(),
        standing: standing(line.standing.name(), words),
        says,
        remedy: if line.record.is_some() { words.repair } else { words.hide },
    }
}

fn difference_says(difference: &Difference, words: &'static DoiWords) -> String {
    match difference {
        Difference::Missing => words.missing.to_owned(),
        Difference::OtherAddress { found } => format!("{} {found}", words.other_address),
        Difference::OtherState { found } => format!("{} “{found}”.", words.other_state),
        Difference::OtherDescription { fields } => format!("{} {}.", words.other_description, fields.join(", ")),
        Difference::NotOurs { state } => format!("{} “{state}”.", words.not_ours),
    }
}

async fn compare(State(door): State<Door>, guest: Guest) -> Result<Response, Refused> {
    door.archive.compare_dois_now(&guest.visitor).await?;
    Ok(see_other("/admin/dois?asked=1"))
}

/// Of the DOI that is named, or of all.
async fn repair(State(door): State<Door>, guest: Guest, fields: Fields) -> Result<Response, Refused> {
    let which = match fields.text("doi") {
        "" => Repair::All,
        named => Repair::One(named.parse::<Doi>().map_err(|_| Refused(Refusal::NotFound))?),
    };
    door.archive.repair_dois(&guest.visitor, &which).await?;
    Ok(see_other("/admin/dois?asked=1"))
}
