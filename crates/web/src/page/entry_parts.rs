//! The parts of an entry page, each a small pure piece of a record put into words.

use super::{
    dois::{self, DoiNote},
    ended_jobs::{self, EndedJob},
    signposts::EXPORTS,
};
use crate::{display, door::Door, language::Language, refusal::Refused, session::Guest, words::Words};
use archive::sight::Sight;
use exchange::citation_style::OFFERED;
use record::{
    Record,
    access::{Aspect, Viewer},
    event::{Event, Happening},
    job::Standing,
    licence::Licence,
    state::State,
    version::Version,
};

pub(super) struct Link {
    pub(super) label: &'static str,
    pub(super) href: String,
}

pub(super) struct LicenceLine {
    pub(super) name: &'static str,
    pub(super) href: &'static str,
    pub(super) explained: &'static str,
}

pub(super) fn licence(licence: Licence, language: Language) -> LicenceLine {
    LicenceLine { name: licence.name(), href: licence.url(), explained: display::said(licence.explained(), language) }
}

pub(super) struct PersonLine {
    pub(super) name: String,
    /// Affiliations, then roles.
    pub(super) about: String,
    pub(super) search: String,
    pub(super) orcid: String,
}

pub(super) struct Chapter {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) paragraphs: Vec<String>,
}

pub(super) struct Fact {
    pub(super) label: &'static str,
    pub(super) value: String,
    pub(super) href: String,
    pub(super) emphasis: bool,
}

pub(super) struct Notice {
    pub(super) title: String,
    pub(super) text: &'static str,
}

pub(super) struct RelatedLine {
    pub(super) relation: &'static str,
    pub(super) href: String,
    pub(super) words: String,
}

pub(super) struct Keyword {
    pub(super) name: String,
    pub(super) href: String,
}

pub(super) struct HistoryLine {
    pub(super) when: String,
    pub(super) what: String,
}

pub(super) struct Owner {
    pub(super) id: String,
    pub(super) says: &'static str,
    pub(super) may_change: bool,
    /// Where the record's picture is chosen.
    pub(super) picture: Option<String>,
    pub(super) steps: Vec<Step>,
}

pub(super) struct Step {
    pub(super) label: &'static str,
    pub(super) href: String,
    pub(super) danger: bool,
}

/// What only those see who work on the record.
#[derive(Default)]
pub(super) struct Inside {
    pub(super) owner: Option<Owner>,
    pub(super) activity: Vec<&'static str>,
    pub(super) failed: Vec<EndedJob>,
    pub(super) history: Vec<HistoryLine>,
    pub(super) doi: Option<DoiNote>,
}

pub(super) async fn inside(door: &Door, guest: &Guest, sight: &Sight, draft: Option<Version>) -> Result<Inside, Refused> {
    if !sight.may(Aspect::Inside) {
        return Ok(Inside::default());
    }
    let words = Words::of(guest.language);
    let record = &sight.record;
    let jobs = door.archive.activity(&guest.visitor, &record.id).await?;
    let events = door.archive.history(&guest.visitor, &record.id).await?;
    let may_change = sight.may(Aspect::Change);
    // Of what is being worked on: while there is a draft of a next version, the released one stays as it is.
    let chooses = may_change && record.kind.has_volume() && draft.is_none_or(|draft| draft == record.version);
    let picture = chooses.then(|| format!("/deposit/{}/picture", record.id));
    let says = match sight.viewer {
        Viewer::Owner => words.you_own,
        Viewer::Collaborator => words.you_collaborate,
        _ => words.you_curate,
    };
    Ok(Inside {
        owner: Some(Owner { id: record.id.to_string(), says, may_change, picture, steps: steps(sight, draft, words) }),
        activity: jobs
            .iter()
            .filter(|view| matches!(view.standing, Standing::Running { .. }))
            .map(|view| words.job(view.job.name()))
            .collect(),
        failed: ended_jobs::lines(&jobs, &record.id, may_change, words, guest.language),
        doi: dois::note(door, guest, &record.id, &jobs).await?,
        history: events.iter().take(50).map(|event| history_line(event, words, guest.language)).collect(),
    })
}

/// The next steps of a record's life that this visitor can take.
pub(super) fn steps(sight: &Sight, draft: Option<Version>, words: &'static Words) -> Vec<Step> {
    let step = |label, name: &str, danger| Step { label, href: format!("/deposit/{}/{name}", sight.record.id), danger };
    let may_release = sight.may(Aspect::Release);
    match &sight.record.state {
        State::Draft if sight.record.kind.is_text() && may_release => {
            vec![step(words.publish, "publish", false), step(words.delete_draft, "delete", true)]
        }
        State::Draft => vec![step(words.register, "register", false), step(words.delete_draft, "delete", true)],
        State::Registered { .. } if may_release => {
            vec![step(words.release, "release", false), step(words.schedule, "schedule", false), step(words.withdraw, "withdraw", true)]
        }
        State::Revising { .. } if may_release => {
            let open =
                if sight.record.kind.is_text() { step(words.publish, "publish", false) } else { step(words.release, "release", false) };
            vec![open, step(words.delete_draft, "delete", true)]
        }
        State::Released { .. } | State::Published { .. } if may_release => {
            let next = match draft {
                Some(_) => Step { label: words.go_on_with_version, href: format!("/deposit/{}", sight.record.id), danger: false },
                None => step(words.new_version, "revise", false),
            };
            vec![next, step(words.withdraw, "withdraw", true)]
        }
        _ => Vec::new(),
    }
}

fn history_line(event: &Event, words: &'static Words, language: Language) -> HistoryLine {
    let what = match &event.what {
        Happening::FileAdded { path } => format!("{}: {path}", words.happened_file_added),
        Happening::FileRemoved { path } => format!("{}: {path}", words.happened_file_removed),
        Happening::Derived { name } => format!("{}: {name}", words.happened_derived),
        Happening::DoiRefused { says } => format!("{}: {says}", words.happened_doi_refused),
        Happening::ReleaseScheduled { release_at: Some(at) } => format!("{}: {}", words.happened_scheduled, display::moment(*at, language)),
        Happening::ReleaseScheduled { release_at: None } => words.happened_unscheduled.to_owned(),
        Happening::PictureChosen => words.happened_picture.to_owned(),
        Happening::SurfaceChosen => words.happened_surface.to_owned(),
        Happening::Created => words.happened_created.to_owned(),
        Happening::MetadataChanged => words.happened_metadata.to_owned(),
        Happening::PublicationFound { .. } => words.happened_publication_found.to_owned(),
        Happening::PublicationDeclined { .. } => words.happened_publication_declined.to_owned(),
        Happening::TeamChanged => words.happened_team.to_owned(),
        Happening::Registered => words.happened_registered.to_owned(),
        Happening::Released => words.happened_released.to_owned(),
        Happening::Published => words.happened_published.to_owned(),
        Happening::Withdrawn => words.happened_withdrawn.to_owned(),
        Happening::DoiAccepted => words.happened_doi_accepted.to_owned(),
        Happening::Preserved { .. } => words.happened_preserved.to_owned(),
        Happening::VersionBegun { version } => format!("{}: {}", words.happened_version_begun, version.0),
        Happening::VersionDiscarded { version } => format!("{}: {}", words.happened_version_discarded, version.0),
        Happening::DraftDeleted | Happening::Rebuilt => event.what.name().to_owned(),
    };
    HistoryLine { when: display::moment(event.at, language), what }
}

pub(super) fn people(record: &Record, language: Language) -> Vec<PersonLine> {
    let line = |person: &record::agent::Person| {
        let places = person.affiliations.iter().map(|place| place.name.as_str());
        let roles = person.roles.iter().map(|role| display::said(role.says(), language));
        PersonLine {
            name: person.natural_name(),
            about: places.chain(roles).collect::<Vec<_>>().join("; "),
            search: format!("/search?q={}", display::percent(&person.natural_name())),
            orcid: person.orcid.as_ref().map(|orcid| orcid.url()).unwrap_or_default(),
        }
    };
    record.metadata.creators.iter().map(line).collect()
}

/// Texts for people beside the description, each under its heading.
pub(super) fn chapters(record: &Record, language: Language) -> Vec<Chapter> {
    let said = &record.metadata;
    let given = [("why_it_matters", &said.why_it_matters), ("background", &said.background), ("methods", &said.methods)];
    let chapter = |(name, text): (&'static str, &Option<String>)| {
        let title = display::said(record::field::by_name(name)?.label, language);
        Some(Chapter { id: name, title, paragraphs: paragraphs(text.as_deref()?) }).filter(|chapter| !chapter.paragraphs.is_empty())
    };
    given.into_iter().filter_map(chapter).collect()
}

pub(super) fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()).map(str::to_owned).collect()
}

/// The beginning of the description, for search machines and shared links.
pub(super) fn summary(record: &Record) -> String {
    let text = record.metadata.description.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return record.title().to_owned();
    }
    match text.char_indices().nth(200) {
        Some((at, _)) => format!("{}…", text[..at].rsplit_once(' ').map_or(&text[..at], |(whole, _)| whole)),
        None => text,
    }
}

pub(super) fn closed(sight: &Sight, words: &'static Words, language: Language) -> Option<Notice> {
    match &sight.record.state {
        State::Registered { release_at: Some(at), opens_with_publication: true, .. } => Some(Notice {
            title: format!("{} {}", words.closed_until_paper, display::moment(*at, language)),
            text: words.closed_until_paper_text,
        }),
        State::Registered { release_at: Some(at), .. } => {
            Some(Notice { title: format!("{} {}", words.closed_until, display::moment(*at, language)), text: words.closed_until_text })
        }
        State::Registered { .. } => Some(Notice { title: words.closed_title.to_owned(), text: words.closed_text }),
        State::Revising { .. } => Some(Notice { title: words.version_draft_title.to_owned(), text: words.version_draft_text }),
        State::Draft => Some(Notice { title: words.draft_title.to_owned(), text: words.draft_text }),
        _ => None,
    }
}

/// The day it became public, for texts the year in which they appeared; for people and for machines.
pub(super) fn date(record: &Record, language: Language) -> (String, String) {
    let printed = record.metadata.article.as_ref().and_then(|article| article.year).filter(|_| record.kind.is_text());
    match (printed, record.state.public_since()) {
        (Some(year), _) => (year.to_string(), format!("{year:04}")),
        (None, Some(since)) => (display::day(since, language), since.date()),
        (None, None) => Default::default(),
    }
}

pub(super) fn related(record: &Record, language: Language) -> Vec<RelatedLine> {
    let line = |relation: &record::relation::Relation| RelatedLine {
        relation: display::said(relation.relation.says(), language),
        href: relation.address(),
        words: relation.words(),
    };
    record.metadata.related.iter().map(line).collect()
}

pub(super) fn exports(base: &str) -> Vec<Link> {
    EXPORTS.into_iter().map(|export| Link { label: export.label(), href: format!("{base}/export/{}", export.name()) }).collect()
}

/// Citations in the styles that people ask for most, in the language of the page.
pub(super) fn styles(base: &str, language: Language) -> Vec<Link> {
    let locale = match language {
        Language::English => "en-US",
        Language::German => "de-DE",
    };
    OFFERED
        .into_iter()
        .map(|(style, label)| Link { label, href: format!("{base}/export/citation?style={style}&locale={locale}") })
        .collect()
}
