//! What the index may know of a record: public metadata, never a file name, nothing of what is closed.

use crate::{facet::Facet, hits::Hit};
use record::{
    Record,
    access::{Aspect, Viewer, permits},
    agent::Person,
    id::RecordId,
    instant::Instant,
    panet::Term,
    record::Holdings,
    relation::Target,
};

/// One record as the index sees it. Made only by [`Entry::from_record`], which refuses what is not public.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub(crate) shown: Hit,
    pub(crate) description: String,
    /// People, keywords, sample and place: what people ask for most after the title.
    pub(crate) names: String,
    pub(crate) rest: String,
    pub(crate) facets: Vec<(Facet, String)>,
    /// By their place in `record::field::quantities`.
    pub(crate) quantities: Vec<(usize, f64)>,
    /// Identifiers of the record itself.
    pub(crate) dois: Vec<String>,
    /// Identifiers of works it speaks of.
    pub(crate) mentions: Vec<String>,
    pub(crate) public_since: Instant,
}

/// How many people are named in a line of hits.
const CREATORS_SHOWN_MAX: usize = 4;

impl Entry {
    /// `None` for everything that not everyone may see: then the record must be removed from the index.
    /// What is made from closed files (volume, picture) is left out even when it is handed in.
    pub fn from_record(record: &Record, _holdings: &Holdings, has_volume: bool, thumb: Option<String>) -> Option<Self> {
        if !permits(Viewer::Anyone, &record.state, Aspect::Metadata) {
            return None;
        }
        let public_since = record.state.public_since()?;
        let open = permits(Viewer::Anyone, &record.state, Aspect::Bytes);
        let said = &record.metadata;
        let year = record.publication_year(public_since);
        let shown = Hit {
            id: record.id.clone(),
            kind: record.kind,
            title: record.title().to_owned(),
            creators: creators_line(&said.creators),
            year,
            doi: record.citable_doi().map(ToString::to_string),
            open,
            synthetic: said.synthetic,
            thumb: thumb.filter(|_| open),
            licence: said.licence.map(|licence| licence.spdx().to_owned()),
            has_volume: has_volume && open,
            snippet_html: None,
        };
        let article_doi = said.article.as_ref().and_then(|article| article.doi.as_ref());
        Some(Self {
            names: names_of(record),
            rest: rest_of(record),
            facets: facets_of(record, &shown),
            quantities: quantities_of(record),
            dois: [record.state.doi(), article_doi].into_iter().flatten().map(ToString::to_string).collect(),
            mentions: mentions_of(record),
            description: said.description.clone(),
            public_since,
            shown,
        })
    }

    /// Names of what the organism belongs to: found, but weighing no more than the description.
    pub fn with_wider_names(mut self, names: &[String]) -> Self {
        for name in names {
            self.rest.push('\n');
            self.rest.push_str(name);
        }
        self
    }

    pub fn id(&self) -> &RecordId {
        &self.shown.id
    }
}

fn creators_line(creators: &[Person]) -> String {
    let families: Vec<&str> = creators.iter().take(CREATORS_SHOWN_MAX).map(|person| person.family.as_str()).collect();
    let more = if creators.len() > CREATORS_SHOWN_MAX { " et al." } else { "" };
    format!("{}{more}", families.join(", "))
}

fn technique_label(record: &Record) -> Option<&str> {
    let term = record.metadata.acquisition.technique.as_deref()?;
    Some(Term::by_id(term).map_or(term, |technique| technique.label))
}

fn names_of(record: &Record) -> String {
    let said = &record.metadata;
    let mut parts: Vec<&str> = Vec::new();
    for person in &said.creators {
        parts.extend([person.given.as_str(), person.family.as_str()]);
    }
    parts.extend(said.keywords.iter().map(String::as_str));
    let (sample, seen) = (&said.sample, &said.acquisition);
    parts
        .extend([&sample.name, &sample.organism, &sample.part, &sample.material, &seen.facility].into_iter().flatten().map(String::as_str));
    parts.extend(technique_label(record));
    parts.extend(said.article.as_ref().and_then(|article| article.journal.as_deref()));
    parts.join("\n")
}

fn rest_of(record: &Record) -> String {
    let said = &record.metadata;
    let seen = &said.acquisition;
    let mut parts: Vec<&str> = vec![said.description.as_str(), record.kind.name(), record.id.as_str()];
    for person in &said.creators {
        parts.extend(person.affiliations.iter().map(|place| place.name.as_str()));
        parts.extend(person.orcid.as_ref().map(|orcid| orcid.as_str()));
    }
    parts.extend(
        [
            &said.why_it_matters,
            &said.background,
            &said.methods,
            &said.resource_type,
            &said.sample.preparation,
            &said.sample.stain,
            &said.sample.embedding,
            &said.sample.condition,
            &said.sample.formula,
            &said.sample.collection,
            &said.sample.specimen_number,
            &said.sample.locality,
            &seen.filter,
            &seen.reconstruction_software,
            &seen.instrument,
            &seen.proposal,
            &seen.beamtime,
            &seen.technique,
            &seen.format,
            &seen.detector,
            &seen.reconstruction,
        ]
        .into_iter()
        .flatten()
        .map(String::as_str),
    );
    parts.extend(seen.probe.map(|probe| probe.name()));
    parts.extend(said.licence.map(|licence| licence.spdx()));
    parts.extend(said.article.as_ref().and_then(|article| article.publisher.as_deref()));
    parts.extend(said.related.iter().filter_map(|relation| relation.title.as_deref()));
    parts.extend(said.titles.iter().map(|other| other.title.as_str()));
    parts.extend(said.subjects.iter().map(|subject| subject.term.as_str()));
    parts.extend(said.sample.phases.iter().map(String::as_str));
    parts.extend(said.identifiers.iter().map(|other| other.identifier.as_str()));
    for other in &said.contributors {
        parts.extend([other.person.given.as_str(), other.person.family.as_str()]);
    }
    for funding in &said.funding {
        parts.push(&funding.funder);
        parts.extend(funding.award.as_deref());
    }
    parts.extend([record.state.doi(), record.citable_doi()].into_iter().flatten().map(|doi| doi.as_str()));
    parts.join("\n")
}

fn facets_of(record: &Record, shown: &Hit) -> Vec<(Facet, String)> {
    let said = &record.metadata;
    let subject = said.sample.organism.as_deref().or(said.sample.material.as_deref());
    let known = [
        (Facet::Kind, Some(record.kind.name())),
        (Facet::Technique, technique_label(record)),
        (Facet::Probe, said.acquisition.probe.map(|probe| probe.name())),
        (Facet::Facility, said.acquisition.facility.as_deref()),
        (Facet::Subject, subject),
        (Facet::Licence, shown.licence.as_deref()),
        (Facet::Volume, shown.has_volume.then_some("yes")),
    ];
    let mut facets: Vec<(Facet, String)> = known
        .into_iter()
        .filter_map(|(facet, value)| Some((facet, value?.trim().chars().take(crate::query::VALUE_CHARS_MAX).collect::<String>())))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    facets.push((Facet::Year, shown.year.to_string()));
    facets
}

fn quantities_of(record: &Record) -> Vec<(usize, f64)> {
    let metadata = serde_json::to_value(&record.metadata).unwrap_or_default();
    record::field::quantities().enumerate().filter_map(|(position, field)| Some((position, field.number_in(&metadata)?))).collect()
}

fn mentions_of(record: &Record) -> Vec<String> {
    let targets = record.metadata.related.iter().map(|relation| &relation.target);
    targets.filter_map(|target| if let Target::Doi(doi) = target { Some(doi.to_string()) } else { None }).collect()
}
