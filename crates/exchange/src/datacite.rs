//! A record in the words of DataCite, metadata kernel 4.6: one description, written as JSON here and
//! as XML in `datacite_xml`.

use crate::{
    place::{Place, told},
    xml::is_blank,
};
use record::{
    Record,
    agent::Person,
    instant::Instant,
    metadata::{Acquisition, Article, Funding},
    relation::Target,
    state::State,
    technique::Technique,
};
use serde_json::{Map, Value, json};

/// Attributes as DataCite's REST API takes and gives them.
pub fn to_json(record: &Record, place: &Place, now: Instant) -> Value {
    Description::of(record, place, now).to_json()
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
    pub(crate) title: String,
    pub(crate) creators: Vec<Person>,
    pub(crate) publisher: String,
    pub(crate) year: String,
    pub(crate) general_type: &'static str,
    pub(crate) specific_type: String,
    pub(crate) subjects: Vec<Subject>,
    pub(crate) dates: Vec<Date>,
    pub(crate) language: Option<String>,
    pub(crate) related: Vec<Related>,
    pub(crate) journal: Option<Article>,
    pub(crate) sizes: Vec<String>,
    pub(crate) formats: Vec<String>,
    pub(crate) version: Option<String>,
    pub(crate) rights: Vec<Rights>,
    /// Text and `descriptionType`.
    pub(crate) descriptions: Vec<(String, &'static str)>,
    pub(crate) funding: Vec<Funding>,
}

pub(crate) struct Subject {
    pub(crate) text: String,
    /// Name and address of the vocabulary, and address of the term.
    pub(crate) scheme: Option<(&'static str, &'static str, Option<String>)>,
}

pub(crate) struct Date {
    pub(crate) date: String,
    pub(crate) kind: &'static str,
    pub(crate) information: Option<&'static str>,
}

pub(crate) struct Related {
    pub(crate) identifier: String,
    pub(crate) identifier_type: &'static str,
    pub(crate) relation: &'static str,
}

pub(crate) struct Rights {
    pub(crate) text: String,
    pub(crate) uri: &'static str,
    pub(crate) spdx: Option<&'static str>,
}

/// What stands for the creator that nobody named, in DataCite's words.
const UNKNOWN: &str = ":unkn";
const ABSTRACT: &str = "Abstract";
const TECHNICAL: &str = "TechnicalInfo";

impl Description {
    pub(crate) fn of(record: &Record, place: &Place, now: Instant) -> Self {
        let record = told(record);
        let said = &record.metadata;
        let url = place.page_of(&record);
        let identifier = record.citable_doi().map_or_else(|| (url.clone(), "URL"), |doi| (doi.to_string(), "DOI"));
        let mut creators = said.creators.clone();
        creators.retain(|person| !is_blank(&person.family));
        if creators.is_empty() {
            creators.push(Person { family: UNKNOWN.to_owned(), ..Person::default() });
        }
        Self {
            identifier,
            url,
            title: if is_blank(record.title()) { "(untitled)".to_owned() } else { record.title().to_owned() },
            creators,
            publisher: publisher_of(&record, place),
            year: format!("{:04}", record.publication_year(now).clamp(1000, 9999)),
            general_type: record.kind.datacite_type(),
            specific_type: record.kind.name().replace('-', " "),
            subjects: subjects_of(&record),
            dates: dates_of(&record),
            language: said.language.clone().filter(|code| is_language(code)),
            related: related_of(&record),
            journal: said.article.clone().filter(|article| article.journal.as_deref().is_some_and(|name| !is_blank(name))),
            sizes: sizes_of(&said.acquisition),
            formats: said.acquisition.format.iter().filter(|format| !is_blank(format)).cloned().collect(),
            version: record.kind.is_dataset().then(|| record.version.0.to_string()),
            rights: rights_of(&record),
            descriptions: descriptions_of(&record),
            funding: said.funding.iter().filter(|funding| !is_blank(&funding.funder)).cloned().collect(),
        }
    }

    fn to_json(&self) -> Value {
        let mut attributes = Map::new();
        let mut put = |key: &str, value: Value| {
            attributes.insert(key.to_owned(), value);
        };
        if self.identifier.1 == "DOI" {
            put("doi", json!(self.identifier.0));
        }
        put("url", json!(self.url));
        put("creators", self.creators.iter().map(creator_json).collect());
        put("titles", json!([with_language(json!({ "title": self.title }), self.language.as_deref())]));
        put("publisher", json!({ "name": self.publisher }));
        put("publicationYear", json!(self.year.parse::<i32>().unwrap_or_default()));
        put("types", json!({ "resourceTypeGeneral": self.general_type, "resourceType": self.specific_type }));
        put("subjects", self.subjects.iter().map(subject_json).collect());
        put("contributors", json!([]));
        put("dates", self.dates.iter().map(date_json).collect());
        put("language", json!(self.language));
        put("relatedIdentifiers", self.related.iter().map(|related| json!({ "relatedIdentifier": related.identifier, "relatedIdentifierType": related.identifier_type, "relationType": related.relation })).collect());
        put("relatedItems", self.journal.iter().map(|article| journal_json(article, &self.year)).collect());
        put("sizes", json!(self.sizes));
        put("formats", json!(self.formats));
        put("version", json!(self.version));
        put("rightsList", self.rights.iter().map(rights_json).collect());
        put(
            "descriptions",
            self.descriptions
                .iter()
                .map(|(text, kind)| with_language(json!({ "description": text, "descriptionType": kind }), self.language_of(kind)))
                .collect(),
        );
        put("fundingReferences", self.funding.iter().map(funding_json).collect());
        put("schemaVersion", json!("http://datacite.org/schema/kernel-4"));
        Value::Object(attributes)
    }

    /// Only the abstract is in the depositor's language; what we add is English.
    pub(crate) fn language_of(&self, description_type: &str) -> Option<&str> {
        if description_type == ABSTRACT { self.language.as_deref() } else { Some("en") }
    }
}

fn publisher_of(record: &Record, place: &Place) -> String {
    let article = record.metadata.article.as_ref();
    let named = article.and_then(|article| article.publisher.as_deref()).map(str::trim).filter(|name| !is_blank(name));
    named.unwrap_or(place.publisher()).to_owned()
}

fn subjects_of(record: &Record) -> Vec<Subject> {
    let said = &record.metadata;
    let mut subjects: Vec<Subject> = said.keywords.iter().map(|word| Subject { text: word.clone(), scheme: None }).collect();
    if let Some(technique) = said.acquisition.technique.as_deref().and_then(Technique::by_id) {
        subjects.push(Subject {
            text: technique.label.to_owned(),
            scheme: Some(("PaNET", "http://purl.org/pan-science/PaNET/", Some(technique.url()))),
        });
    }
    if let Some(organism) = &said.sample.organism {
        let term = said.sample.taxon_id.map(|taxon| format!("http://purl.obolibrary.org/obo/NCBITaxon_{taxon}"));
        subjects.push(Subject { text: organism.clone(), scheme: Some(("NCBI Taxonomy", "https://www.ncbi.nlm.nih.gov/taxonomy", term)) });
    }
    subjects.extend(said.sample.material.iter().map(|material| Subject { text: material.clone(), scheme: None }));
    subjects.retain(|subject| !is_blank(&subject.text));
    subjects
}

fn dates_of(record: &Record) -> Vec<Date> {
    let plain = |date: String, kind| Date { date, kind, information: None };
    let collected = record.metadata.acquisition.date.as_deref().map(str::trim).filter(|date| is_date(date));
    let mut dates: Vec<Date> = collected.map(|date| plain(date.to_owned(), "Collected")).into_iter().collect();
    dates.extend(record.state.public_since().map(|since| plain(since.date(), "Issued")));
    match &record.state {
        State::Registered { release_at: Some(release_at), .. } => {
            dates.push(Date { date: release_at.date(), kind: "Available", information: Some("The files are closed until this day.") });
        }
        State::Released { released_at, .. } => dates.push(plain(released_at.date(), "Available")),
        State::Published { published_at, .. } => dates.push(plain(published_at.date(), "Available")),
        State::Withdrawn { withdrawn_at, .. } => dates.push(plain(withdrawn_at.date(), "Withdrawn")),
        State::Draft | State::Registered { .. } | State::Revising { .. } => {}
    }
    dates
}

fn related_of(record: &Record) -> Vec<Related> {
    let related = record.metadata.related.iter().map(|relation| {
        let (identifier, identifier_type) = match &relation.target {
            Target::Doi(doi) => (doi.to_string(), "DOI"),
            Target::Url(url) => (url.clone(), "URL"),
        };
        Related { identifier, identifier_type, relation: relation.relation.name() }
    });
    related.filter(|related| !is_blank(&related.identifier)).collect()
}

fn sizes_of(seen: &Acquisition) -> Vec<String> {
    let mut sizes = Vec::new();
    if let Some([z, y, x]) = seen.shape {
        sizes.push(format!("{x} x {y} x {z} voxels"));
    }
    if let Some([z, y, x]) = seen.voxel_size_um {
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
    let mut descriptions = Vec::new();
    if !is_blank(&said.description) {
        descriptions.push((said.description.trim().to_owned(), ABSTRACT));
    }
    if said.synthetic {
        descriptions.push(("Synthetic data: made by a computer, not measured.".to_owned(), TECHNICAL));
    }
    if matches!(record.state, State::Withdrawn { .. }) {
        descriptions.push(("This record has been withdrawn.".to_owned(), "Other"));
    }
    descriptions
}

fn with_language(mut value: Value, language: Option<&str>) -> Value {
    if let Some(language) = language {
        value["lang"] = json!(language);
    }
    value
}

fn creator_json(person: &Person) -> Value {
    let mut creator = json!({ "name": person.sorted_name() });
    if person.family != UNKNOWN {
        creator["nameType"] = json!("Personal");
        creator["familyName"] = json!(person.family);
        if !person.given.is_empty() {
            creator["givenName"] = json!(person.given);
        }
    }
    creator["affiliation"] = person.affiliation.iter().map(|name| json!({ "name": name })).collect();
    creator["nameIdentifiers"] = person
        .orcid
        .iter()
        .map(|orcid| json!({ "nameIdentifier": orcid.url(), "nameIdentifierScheme": "ORCID", "schemeUri": "https://orcid.org" }))
        .collect();
    creator
}

fn subject_json(subject: &Subject) -> Value {
    let mut value = json!({ "subject": subject.text });
    if let Some((scheme, scheme_uri, term)) = &subject.scheme {
        value["subjectScheme"] = json!(scheme);
        value["schemeUri"] = json!(scheme_uri);
        if let Some(term) = term {
            value["valueUri"] = json!(term);
        }
    }
    value
}

fn date_json(date: &Date) -> Value {
    let mut value = json!({ "date": date.date, "dateType": date.kind });
    if let Some(information) = date.information {
        value["dateInformation"] = json!(information);
    }
    value
}

fn rights_json(rights: &Rights) -> Value {
    let mut value = json!({ "rights": rights.text, "rightsUri": rights.uri });
    if let Some(spdx) = rights.spdx {
        value["rightsIdentifier"] = json!(spdx.to_lowercase());
        value["rightsIdentifierScheme"] = json!("SPDX");
        value["schemeUri"] = json!("https://spdx.org/licenses/");
    }
    value
}

fn funding_json(funding: &Funding) -> Value {
    let mut value = json!({ "funderName": funding.funder });
    if let Some(award) = &funding.award {
        value["awardNumber"] = json!(award);
    }
    value
}

fn journal_json(article: &Article, year: &str) -> Value {
    let mut item = json!({ "relatedItemType": "Journal", "relationType": "IsPublishedIn", "titles": [{ "title": article.journal }], "publicationYear": year });
    let (first, last) = first_and_last_page(article);
    for (key, value) in
        [("volume", article.volume.as_deref()), ("issue", article.issue.as_deref()), ("firstPage", first), ("lastPage", last)]
    {
        if let Some(value) = value {
            item[key] = json!(value);
        }
    }
    item
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

/// `2026`, `2026-11` or `2026-11-23`.
fn is_date(text: &str) -> bool {
    let good_part =
        |(position, part): (usize, &str)| part.len() == if position == 0 { 4 } else { 2 } && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split('-').count() <= 3 && text.split('-').enumerate().all(good_part)
}

/// XML Schema's `language`.
fn is_language(code: &str) -> bool {
    let good_part = |(position, part): (usize, &str)| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic() || (position > 0 && byte.is_ascii_digit()))
    };
    code.split('-').enumerate().all(good_part)
}
