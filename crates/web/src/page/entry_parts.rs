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
    derivative::{Derivative, DerivativeKind},
    event::{Event, Happening},
    job::Standing,
    state::State,
    technique::Technique,
    version::Version,
};

pub(super) struct Link {
    pub(super) label: &'static str,
    pub(super) href: String,
}

pub(super) struct LicenceLine {
    pub(super) name: &'static str,
    pub(super) href: &'static str,
}

pub(super) struct PersonLine {
    pub(super) name: String,
    pub(super) search: String,
    pub(super) orcid: String,
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
    let says = match sight.viewer {
        Viewer::Owner => words.you_own,
        Viewer::Collaborator => words.you_collaborate,
        _ => words.you_curate,
    };
    Ok(Inside {
        owner: Some(Owner { id: record.id.to_string(), says, may_change, steps: steps(sight, draft, words) }),
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

pub(super) fn people(record: &Record) -> Vec<PersonLine> {
    let line = |person: &record::agent::Person| PersonLine {
        name: person.natural_name(),
        search: format!("/search?q={}", display::percent(&person.natural_name())),
        orcid: person.orcid.as_ref().map(|orcid| orcid.url()).unwrap_or_default(),
    };
    record.metadata.creators.iter().map(line).collect()
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

/// The acquisition, or where a text appeared, as a table with the units in which people speak of it.
pub(super) fn facts(record: &Record, volume: Option<&Derivative>, words: &'static Words, language: Language) -> Vec<Fact> {
    let mut list = Facts::default();
    if record.kind.is_text() {
        article_facts(record, words, &mut list);
        return list.list;
    }
    let sample = &record.metadata.sample;
    list.emphasised(words.field_organism, sample.organism.as_deref());
    if let Some(taxon) = sample.taxon_id {
        list.linked(
            words.field_taxon_id,
            taxon.to_string(),
            format!("https://www.ncbi.nlm.nih.gov/Taxonomy/Browser/wwwtax.cgi?id={taxon}"),
        );
    }
    list.text(words.field_material, sample.material.as_deref());
    list.text(words.field_sample_name, sample.name.as_deref());
    list.text(words.field_part, sample.part.as_deref());
    list.text(words.field_preparation, sample.preparation.as_deref());
    let acquisition = &record.metadata.acquisition;
    if let Some(id) = acquisition.technique.as_deref() {
        match Technique::by_id(id) {
            Some(technique) => list.linked(words.field_technique, technique.label.to_owned(), technique.url()),
            None => list.text(words.field_technique, Some(id)),
        }
    }
    list.text(words.field_probe, acquisition.probe.map(|probe| display::probe(probe, words)));
    let unit = |value: Option<f64>, unit: &str| value.map(|value| format!("{}\u{a0}{unit}", display::decimal(value, language)));
    list.owned(words.fact_energy, unit(acquisition.energy_kev, "keV"));
    list.owned(words.fact_wavelength, unit(acquisition.wavelength_angstrom, "Å"));
    list.text(words.field_facility, acquisition.facility.as_deref());
    list.text(words.field_instrument, acquisition.instrument.as_deref());
    list.text(words.field_detector, acquisition.detector.as_deref());
    list.owned(words.fact_distance, unit(acquisition.propagation_distance_mm, "mm"));
    list.owned(words.field_projections, acquisition.projections.map(|count| display::number(count.into(), language)));
    list.owned(words.fact_exposure, unit(acquisition.exposure_time_s, "s"));
    list.owned(words.field_date, acquisition.date.as_deref().map(|date| display::day_of_text(date, language)));
    list.text(words.field_proposal, acquisition.proposal.as_deref());
    list.text(words.field_beamtime, acquisition.beamtime.as_deref());
    list.text(words.field_reconstruction, acquisition.reconstruction.as_deref());
    voxel_facts(record, volume, words, language, &mut list);
    list.text(words.fact_format, acquisition.format.as_deref());
    for funding in &record.metadata.funding {
        list.owned(
            words.field_funding,
            Some([Some(funding.funder.clone()), funding.award.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ")),
        );
    }
    list.list
}

fn voxel_facts(record: &Record, volume: Option<&Derivative>, words: &'static Words, language: Language, list: &mut Facts) {
    let acquisition = &record.metadata.acquisition;
    let converted = volume.and_then(|derivative| match &derivative.kind {
        DerivativeKind::Volume(facts) => Some(facts),
        DerivativeKind::Picture { .. } | DerivativeKind::Model(_) => None,
    });
    let shape = acquisition.shape.or(converted.map(|facts| facts.shape));
    let size = acquisition.voxel_size_um.or(converted.and_then(|facts| facts.voxel_size_um));
    list.owned(words.fact_voxel_size, size.map(|size| display::voxel_size(size, language)));
    list.owned(words.fact_shape, shape.map(|shape| display::shape(shape, language)));
    list.owned(words.fact_extent, shape.zip(size).map(|(shape, size)| display::extent(shape, size, language)));
    let element = acquisition.element_type.as_deref().or(converted.map(|facts| facts.element_type.as_str()));
    list.text(words.fact_element, element.map(|name| display::element_type(name, words)));
}

/// What the files say of themselves.
pub(super) fn found(record: &Record, words: &'static Words, language: Language) -> Vec<Fact> {
    let acquisition = &record.metadata.acquisition;
    let mut list = Facts::default();
    list.text(words.fact_format, acquisition.format.as_deref());
    list.owned(words.fact_shape, acquisition.shape.map(|shape| display::shape(shape, language)));
    list.text(words.fact_element, acquisition.element_type.as_deref().map(|name| display::element_type(name, words)));
    list.list
}

fn article_facts(record: &Record, words: &'static Words, list: &mut Facts) {
    let Some(article) = &record.metadata.article else { return };
    list.emphasised(words.field_journal, article.journal.as_deref());
    list.text(words.field_volume, article.volume.as_deref());
    list.text(words.field_issue, article.issue.as_deref());
    list.text(words.field_pages, article.pages.as_deref());
    list.owned(words.field_year, article.year.map(|year| year.to_string()));
    list.text(words.field_publisher, article.publisher.as_deref());
    if let Some(doi) = &article.doi {
        list.linked(words.field_article_doi, doi.to_string(), doi.url());
    }
}

#[derive(Default)]
pub(super) struct Facts {
    pub(super) list: Vec<Fact>,
}

impl Facts {
    fn push(&mut self, label: &'static str, value: String, href: String, emphasis: bool) {
        if !value.trim().is_empty() {
            self.list.push(Fact { label, value, href, emphasis });
        }
    }
    pub(super) fn text(&mut self, label: &'static str, value: Option<&str>) {
        self.owned(label, value.map(str::to_owned));
    }
    pub(super) fn owned(&mut self, label: &'static str, value: Option<String>) {
        self.push(label, value.unwrap_or_default(), String::new(), false);
    }
    fn linked(&mut self, label: &'static str, value: String, href: String) {
        self.push(label, value, href, false);
    }
    fn emphasised(&mut self, label: &'static str, value: Option<&str>) {
        self.push(label, value.unwrap_or_default().to_owned(), String::new(), true);
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

pub(super) fn related(record: &Record, words: &'static Words) -> Vec<RelatedLine> {
    let line = |relation: &record::relation::Relation| RelatedLine {
        relation: display::relation(relation.relation, words),
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
