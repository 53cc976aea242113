//! A record in the words of DataCite, metadata kernel 4.6: one description, written as JSON in
//! `datacite_json` and as XML in `datacite_xml`. What the kernel forbids (blank texts, addresses that are none) is left out here,
//! so that both forms are valid whatever a depositor typed.

use crate::{
    datacite_dates::dates_of,
    datacite_items::{RelatedItem, own_isbn},
    place::{Place, told},
    xml::is_blank,
};
use record::{
    Record,
    agent::{Affiliation, Person},
    instant::Instant,
    metadata::{Article, Funding, Metadata, TitleType},
    panet::Term,
    relation::Target,
    state::State,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// Attributes as DataCite's REST API takes and gives them.
pub fn to_json(record: &Record, place: &Place, now: Instant) -> Value {
    crate::datacite_json::to_json(&Description::of(record, place, now))
}

/// A document that the schema of kernel 4.6 accepts.
pub fn to_xml(record: &Record, place: &Place, now: Instant) -> String {
    crate::datacite_xml::to_xml(&Description::of(record, place, now))
}

/// What both forms say.
pub(crate) struct Description {
    /// Value and type of the identifier: a DOI, or the entry page while there is none.
    pub(crate) identifier: (String, &'static str),
    pub(crate) url: String,
    /// The first of the titles.
    pub(crate) title: String,
    pub(crate) titles: Vec<Title>,
    pub(crate) creators: Vec<Person>,
    pub(crate) contributors: Vec<(Person, &'static str)>,
    pub(crate) publisher: String,
    pub(crate) year: String,
    pub(crate) general_type: &'static str,
    pub(crate) specific_type: String,
    pub(crate) subjects: Vec<Subject>,
    pub(crate) dates: Vec<Date>,
    pub(crate) language: Option<String>,
    /// Value and type.
    pub(crate) other_identifiers: Vec<(String, String)>,
    pub(crate) related: Vec<Related>,
    pub(crate) items: Vec<RelatedItem>,
    pub(crate) sizes: Vec<String>,
    pub(crate) formats: Vec<String>,
    pub(crate) version: Option<String>,
    pub(crate) rights: Vec<Rights>,
    /// Text and `descriptionType`.
    pub(crate) descriptions: Vec<(String, &'static str)>,
    pub(crate) place: Option<FindingPlace>,
    pub(crate) funding: Vec<Funding>,
}

#[derive(PartialEq)]
pub(crate) struct Title {
    pub(crate) text: String,
    pub(crate) kind: Option<&'static str>,
    pub(crate) language: Option<String>,
}

#[derive(PartialEq)]
pub(crate) struct Subject {
    pub(crate) text: String,
    pub(crate) scheme: Option<String>,
    pub(crate) scheme_url: Option<&'static str>,
    /// Address of the term.
    pub(crate) url: Option<String>,
}

#[derive(PartialEq)]
pub(crate) struct Date {
    pub(crate) date: String,
    pub(crate) kind: &'static str,
    pub(crate) information: Option<String>,
}

#[derive(PartialEq)]
pub(crate) struct Related {
    pub(crate) identifier: String,
    pub(crate) identifier_type: &'static str,
    pub(crate) relation: &'static str,
}

#[derive(PartialEq)]
pub(crate) struct Rights {
    pub(crate) text: String,
    pub(crate) uri: &'static str,
    pub(crate) spdx: Option<&'static str>,
}

/// Where the sample was found.
pub(crate) struct FindingPlace {
    pub(crate) name: Option<String>,
    pub(crate) latitude_and_longitude_deg: Option<(f64, f64)>,
}

/// What stands for the creator that nobody named, in DataCite's words.
pub(crate) const UNKNOWN: &str = ":unkn";
const ABSTRACT: &str = "Abstract";
const METHODS: &str = "Methods";
const OTHER: &str = "Other";
const TECHNICAL: &str = "TechnicalInfo";

impl Description {
    /// Contributors that are not authors already.
    pub(crate) fn further_contributors(&self) -> impl Iterator<Item = &(Person, &'static str)> {
        self.contributors.iter().filter(|(person, _)| self.creators.iter().all(|author| author != person))
    }

    pub(crate) fn of(record: &Record, place: &Place, now: Instant) -> Self {
        let record = told(record);
        let said = &record.metadata;
        let url = place.page_of(&record);
        let identifier = record.citable_doi().map_or_else(|| (url.clone(), "URL"), |doi| (doi.to_string(), "DOI"));
        let mut creators: Vec<Person> = said.creators.iter().filter_map(named).collect();
        if creators.is_empty() {
            creators.push(Person { family: UNKNOWN.to_owned(), ..Person::default() });
        }
        let language = said.language.clone().filter(|code| is_language(code));
        let year = format!("{:04}", record.publication_year(now).clamp(1000, 9999));
        Self {
            identifier,
            url,
            title: main_title(&record).to_owned(),
            titles: titles_of(&record, language.as_deref()),
            creators,
            contributors: contributors_of(said),
            publisher: place.publisher_of(&record).to_owned(),
            general_type: record.kind.datacite_type(),
            specific_type: said
                .resource_type
                .clone()
                .filter(|text| !is_blank(text))
                .unwrap_or_else(|| record.kind.name().replace('-', " ")),
            subjects: without_doubles(subjects_of(said)),
            dates: without_doubles(dates_of(&record)),
            language,
            other_identifiers: other_identifiers_of(said),
            related: without_doubles(related_of(said, place)),
            items: RelatedItem::all_of(said, &year),
            sizes: sizes_of(said),
            formats: said.acquisition.format.iter().filter(|format| !is_blank(format)).cloned().collect(),
            version: record.kind.is_dataset().then(|| record.version.0.to_string()),
            rights: without_doubles(rights_of(&record)),
            descriptions: without_doubles(descriptions_of(&record)),
            place: finding_place(said),
            funding: without_doubles(said.funding.iter().filter_map(funding).collect()),
            year,
        }
    }

    /// What the depositor wrote is in the depositor's language; what we add is English.
    pub(crate) fn language_of(&self, description_type: &str) -> Option<&str> {
        if description_type == TECHNICAL { Some("en") } else { self.language.as_deref() }
    }
}

/// DataCite's schemas want the members of a list to differ.
fn without_doubles<T: PartialEq>(list: Vec<T>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(list.len());
    for item in list {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

/// The person without blank parts; nobody when the name is blank.
fn named(person: &Person) -> Option<Person> {
    if is_blank(&person.family) {
        return None;
    }
    let affiliations: Vec<Affiliation> = person.affiliations.iter().filter(|place| !is_blank(&place.name)).cloned().collect();
    let given = if is_blank(&person.given) || person.organisation { String::new() } else { person.given.clone() };
    Some(Person { given, affiliations: without_doubles(affiliations), ..person.clone() })
}

/// Those who had part in it, and the authors once more by what they did where DataCite has a word for that.
fn contributors_of(said: &Metadata) -> Vec<(Person, &'static str)> {
    let named_parts = said.contributors.iter().filter_map(|contributor| Some((named(&contributor.person)?, contributor.part.name())));
    let roles = said.creators.iter().flat_map(|person| {
        let parts = person.roles.iter().filter_map(|role| role.contributor_type());
        parts.filter_map(|part| Some((named(person)?, part.name())))
    });
    let mut told: BTreeSet<(String, &str)> = BTreeSet::new();
    named_parts.chain(roles).filter(|(person, part)| told.insert((person.sorted_name(), part))).collect()
}

fn main_title(record: &Record) -> &str {
    if is_blank(record.title()) { "(untitled)" } else { record.title() }
}

fn titles_of(record: &Record, language: Option<&str>) -> Vec<Title> {
    let mut titles = vec![Title { text: main_title(record).to_owned(), kind: None, language: language.map(str::to_owned) }];
    titles.extend(record.metadata.titles.iter().filter(|other| !is_blank(&other.title)).map(|other| Title {
        text: other.title.clone(),
        kind: Some(other.title_type.name()),
        language: other.language.clone().filter(|code| is_language(code)).or_else(|| {
            let same = other.title_type != TitleType::TranslatedTitle;
            language.filter(|_| same).map(str::to_owned)
        }),
    }));
    without_doubles(titles)
}

fn subjects_of(said: &Metadata) -> Vec<Subject> {
    let plain = |text: &str| Subject { text: text.to_owned(), scheme: None, scheme_url: None, url: None };
    let mut subjects: Vec<Subject> = said.keywords.iter().map(|word| plain(word)).collect();
    if let Some(technique) = said.acquisition.technique.as_deref().and_then(Term::by_id) {
        subjects.push(Subject {
            text: technique.label.to_owned(),
            scheme: Some("PaNET".to_owned()),
            scheme_url: Some("http://purl.org/pan-science/PaNET/"),
            url: Some(technique.url()),
        });
    }
    if let Some(organism) = &said.sample.organism {
        subjects.push(Subject {
            text: organism.clone(),
            scheme: Some("NCBI Taxonomy".to_owned()),
            scheme_url: Some("https://www.ncbi.nlm.nih.gov/taxonomy"),
            url: said.sample.taxon_id.map(|taxon| format!("http://purl.obolibrary.org/obo/NCBITaxon_{taxon}")),
        });
    }
    subjects.extend(said.sample.material.iter().chain(&said.sample.formula).chain(&said.sample.phases).map(|word| plain(word)));
    subjects.extend(said.sample.cas.iter().map(|cas| Subject {
        text: cas.to_string(),
        scheme: Some("CAS Registry".to_owned()),
        scheme_url: Some("https://www.cas.org"),
        url: None,
    }));
    subjects.extend(said.subjects.iter().map(|subject| Subject {
        text: subject.term.clone(),
        scheme: subject.scheme.clone().filter(|scheme| !is_blank(scheme)),
        scheme_url: None,
        url: subject.url.clone().filter(|url| is_address(url)),
    }));
    subjects.retain(|subject| !is_blank(&subject.text));
    subjects
}

fn other_identifiers_of(said: &Metadata) -> Vec<(String, String)> {
    let given = said.identifiers.iter().filter(|other| !is_blank(&other.identifier));
    let mut list: Vec<(String, String)> = given
        .map(|other| (other.identifier.clone(), if is_blank(&other.scheme) { "Local".to_owned() } else { other.scheme.clone() }))
        .collect();
    list.extend(
        said.sample.specimen_number.iter().filter(|number| !is_blank(number)).map(|number| (number.clone(), "Specimen number".to_owned())),
    );
    list.extend(own_isbn(said).map(|isbn| (isbn, "ISBN".to_owned())));
    without_doubles(list)
}

fn related_of(said: &Metadata, place: &Place) -> Vec<Related> {
    let related = said.related.iter().map(|relation| {
        let (identifier, identifier_type) = match &relation.target {
            Target::Doi(doi) => (doi.to_string(), "DOI"),
            Target::Url(url) => (url.clone(), "URL"),
            Target::Record(id) => (place.entry_url(id), "URL"),
        };
        Related { identifier, identifier_type, relation: relation.relation.name() }
    });
    related.filter(|related| !is_blank(&related.identifier)).collect()
}

fn sizes_of(said: &Metadata) -> Vec<String> {
    let mut sizes = Vec::new();
    if let Some([z, y, x]) = said.acquisition.shape {
        sizes.push(format!("{x} x {y} x {z} voxels"));
    }
    if let Some([z, y, x]) = said.acquisition.voxel_size_um {
        sizes.push(format!("voxel size {x} x {y} x {z} micrometres"));
    }
    sizes
}

fn rights_of(record: &Record) -> Vec<Rights> {
    let mut rights: Vec<Rights> = Vec::new();
    if let Some(licence) = record.metadata.licence {
        rights.push(Rights { text: licence.name().to_owned(), uri: licence.url(), spdx: Some(licence.spdx()) });
    }
    let (text, uri) = match &record.state {
        State::Registered { release_at: Some(day), .. } => {
            (format!("The files are closed until {}.", day.date()), "http://purl.org/coar/access_right/c_f1cf")
        }
        State::Registered { .. } => ("The files are not released yet.".to_owned(), "http://purl.org/coar/access_right/c_16ec"),
        State::Withdrawn { .. } => ("Withdrawn; metadata only.".to_owned(), "http://purl.org/coar/access_right/c_14cb"),
        State::Released { .. } => ("Open access".to_owned(), "http://purl.org/coar/access_right/c_abf2"),
        State::Draft | State::Published { .. } | State::Revising { .. } => return rights,
    };
    rights.push(Rights { text, uri, spdx: None });
    rights
}

fn descriptions_of(record: &Record) -> Vec<(String, &'static str)> {
    let said = &record.metadata;
    let given = [
        (Some(&said.description), ABSTRACT),
        (said.why_it_matters.as_ref(), OTHER),
        (said.background.as_ref(), OTHER),
        (said.methods.as_ref(), METHODS),
        (said.acquisition.reconstruction.as_ref(), METHODS),
    ];
    let mut descriptions: Vec<(String, &'static str)> =
        given.into_iter().filter_map(|(text, kind)| Some((text.filter(|text| !is_blank(text))?.trim().to_owned(), kind))).collect();
    let mut add = |text: String| descriptions.push((text, TECHNICAL));
    if said.synthetic {
        add("Synthetic data: made by a computer, not measured.".to_owned());
    }
    if matches!(record.state, State::Withdrawn { .. }) {
        add("This record has been withdrawn.".to_owned());
    }
    descriptions
}

fn finding_place(said: &Metadata) -> Option<FindingPlace> {
    let name = said.sample.locality.clone().filter(|name| !is_blank(name));
    let point = said.sample.latitude_deg.zip(said.sample.longitude_deg);
    let point = point.filter(|(latitude, longitude)| latitude.abs() <= 90.0 && longitude.abs() <= 180.0);
    (name.is_some() || point.is_some()).then_some(FindingPlace { name, latitude_and_longitude_deg: point })
}

/// Without blank parts, and without an address that is none.
fn funding(given: &Funding) -> Option<Funding> {
    let filled = |text: &Option<String>| text.clone().filter(|text| !is_blank(text));
    (!is_blank(&given.funder)).then(|| Funding {
        funder: given.funder.clone(),
        funder_id: filled(&given.funder_id),
        award: filled(&given.award),
        award_title: filled(&given.award_title),
        award_url: given.award_url.clone().filter(|url| is_address(url)),
    })
}

/// A web address that every reader of `anyURI` takes.
fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=".contains(&byte);
    rest.is_some_and(|rest| {
        rest.starts_with(|first: char| first.is_ascii_alphanumeric()) && rest.bytes().all(sign) && rest.matches('#').count() < 2
    })
}

pub(crate) fn first_and_last_page(article: &Article) -> (Option<&str>, Option<&str>) {
    let Some(pages) = article.pages.as_deref().map(str::trim).filter(|pages| !pages.is_empty()) else {
        return (None, None);
    };
    match pages.split_once(['-', '–', '—']) {
        Some((first, last)) => (Some(first.trim()), Some(last.trim_matches(['-', ' ']))),
        None => (Some(pages), None),
    }
}

/// XML Schema's `language`.
pub(crate) fn is_language(code: &str) -> bool {
    let good_part = |(position, part): (usize, &str)| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic() || (position > 0 && byte.is_ascii_digit()))
    };
    code.split('-').enumerate().all(good_part)
}
