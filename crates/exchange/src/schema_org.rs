//! The record in the words of schema.org, for search engines: JSON-LD on its entry page.

use crate::{
    contents::Contents,
    datacite_items::own_isbn,
    place::{Place, citable_url, told},
    schema_org_science as science,
};
use record::{
    Record,
    agent::Person,
    instant::Instant,
    kind::Kind,
    metadata::{DateType, Metadata},
    relation::Target,
    state::State,
};
use serde_json::{Value, json};

pub fn to_json_ld(record: &Record, place: &Place, now: Instant, contents: &Contents) -> Value {
    let record = &*told(record);
    let said = &record.metadata;
    let url = place.page_of(record);
    let mut thing = json!({
        "@context": "https://schema.org",
        "@type": type_of(record.kind),
        "@id": citable_url(record, place),
        "name": record.title(),
        "url": url,
        "creator": said.creators.iter().map(|one| person(one, contents)).collect::<Vec<_>>(),
        "publisher": { "@type": "Organization", "name": place.publisher_of(record) },
        "includedInDataCatalog": { "@type": "DataCatalog", "name": "Science 3D", "url": place.base_url },
        "isAccessibleForFree": record.state.is_open(),
    });
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            thing[key] = value;
        }
    };
    put("description", (!said.description.trim().is_empty()).then(|| json!(said.description.trim())));
    put("identifier", one_or_all(identifiers(record)));
    put("datePublished", Some(json!(published(record, now))));
    put("alternateName", (!said.titles.is_empty()).then(|| said.titles.iter().map(|other| json!(other.title)).collect()));
    put("contributor", all(contributors(said, contents)));
    put("abstract", said.why_it_matters.as_ref().map(|text| json!(text)));
    put("text", said.background.as_ref().map(|text| json!(text)));
    put("additionalType", said.resource_type.as_ref().map(|text| json!(text)));
    let methods = said.methods.iter().chain(&said.acquisition.reconstruction).map(|text| json!(text));
    put("measurementMethod", one_or_all(methods.collect()));
    for (key, days) in days(said) {
        put(key, one_or_all(days));
    }
    put("license", said.licence.map(|licence| json!(licence.url())));
    put("keywords", all(keywords(record)));
    put("inLanguage", said.language.as_ref().map(|code| json!(code)));
    put("conditionsOfAccess", conditions(&record.state).map(|text| json!(text)));
    put("funding", Some(funding(record)).filter(|grants| !grants.is_empty()).map(|grants| json!(grants)));
    if record.kind.is_text() {
        put("headline", Some(json!(record.title())));
        put("author", Some(json!(said.creators.iter().map(|one| person(one, contents)).collect::<Vec<_>>())));
        put("isPartOf", journal(record));
        put("isbn", own_isbn(said).map(|number| json!(number)));
        put("pagination", said.article.as_ref().and_then(|article| article.pages.as_ref()).map(|pages| json!(pages)));
    } else {
        put("version", Some(json!(record.version.0.to_string())));
        let (sample, seen) = (&said.sample, &said.acquisition);
        put("about", one_or_all(science::about(sample)));
        put("material", sample.material.as_ref().map(|name| json!(name)));
        put("holdingArchive", sample.collection.as_ref().map(|name| json!({ "@type": "ArchiveOrganization", "name": name })));
        put("spatialCoverage", science::finding_place(sample));
        put("measurementTechnique", one_or_all(science::techniques(seen)));
        put("sourceOrganization", science::facility(seen));
        put("mentions", all(science::apparatus(seen)));
        put("isBasedOn", one_or_all(science::programs(seen)));
        put("variableMeasured", all(science::measured(record)));
        put("temporalCoverage", seen.date.as_ref().map(|date| json!(date)));
        put("encodingFormat", seen.format.as_ref().map(|name| json!(name)));
    }
    put("distribution", Some(distribution(record, place, contents)).filter(|ways| !ways.is_empty()).map(|ways| json!(ways)));
    put("citation", all(citations(said, place)));
    thing
}

/// The text between `<script type="application/ld+json">` and its end: nothing in it can close the element.
pub fn to_script_text(record: &Record, place: &Place, now: Instant, contents: &Contents) -> String {
    to_json_ld(record, place, now, contents)
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

pub fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::TomographyBiology | Kind::TomographyMaterials | Kind::ElectronMicroscopy => "Dataset",
        Kind::Publication => "ScholarlyArticle",
        Kind::Reference => "CreativeWork",
        Kind::Model => "3DModel",
        Kind::Movie => "VideoObject",
        Kind::Lesson => "LearningResource",
    }
}

fn person(person: &Person, contents: &Contents) -> Value {
    if person.organisation {
        return json!({ "@type": "Organization", "name": person.family });
    }
    let mut value = json!({ "@type": "Person", "name": person.natural_name(), "familyName": person.family });
    if !person.given.is_empty() {
        value["givenName"] = json!(person.given);
    }
    if let Some(orcid) = &person.orcid {
        value["@id"] = json!(orcid.url());
    }
    let places = person.affiliations.iter().map(|place| match &place.ror {
        None => json!({ "@type": "Organization", "name": place.name }),
        Some(ror) => {
            let mut institution = json!({ "@type": "Organization", "@id": ror.url(), "name": place.name });
            if let Some(country) = contents.countries.get(ror) {
                institution["address"] = json!({ "@type": "PostalAddress", "addressCountry": country });
            }
            institution
        }
    });
    let places: Vec<Value> = places.collect();
    match places.as_slice() {
        [] => {}
        [one] => value["affiliation"] = one.clone(),
        _ => value["affiliation"] = json!(places),
    }
    value
}

/// The ways to the data of an open record: everything in one file, and the volume for viewers.
fn distribution(record: &Record, place: &Place, contents: &Contents) -> Vec<Value> {
    if contents.total_files == 0 || !record.state.is_open() {
        return Vec::new();
    }
    let address = format!("{}/v{}", place.entry_url(&record.id), record.version.0);
    let mut ways = vec![json!({
        "@type": "DataDownload",
        "name": "All files",
        "encodingFormat": "application/zip",
        "contentUrl": format!("{address}/archive.zip"),
        "contentSize": format!("{} B", contents.total_bytes),
    })];
    ways.extend(contents.volume.iter().map(|volume| {
        json!({
            "@type": "DataDownload",
            "name": "The volume as OME-Zarr",
            "encodingFormat": "application/vnd+zarr",
            "contentUrl": format!("{}/volumes/{volume}.ome.zarr/zarr.json", place.entry_url(&record.id)),
        })
    }));
    ways
}

fn published(record: &Record, now: Instant) -> String {
    let printed = record.metadata.article.as_ref().and_then(|article| article.year);
    printed.map_or_else(|| record.state.public_since().unwrap_or(now).date(), |year| format!("{year:04}"))
}

/// What is one stands by itself, as most readers expect it.
pub(crate) fn one_or_all(mut values: Vec<Value>) -> Option<Value> {
    if values.len() == 1 { values.pop() } else { all(values) }
}

fn all(values: Vec<Value>) -> Option<Value> {
    (!values.is_empty()).then(|| Value::Array(values))
}

/// The DOI first.
fn identifiers(record: &Record) -> Vec<Value> {
    let doi = record.citable_doi().map(
        |doi| json!({ "@type": "PropertyValue", "propertyID": "https://registry.identifiers.org/registry/doi", "value": format!("doi:{doi}"), "url": doi.url() }),
    );
    doi.into_iter().chain(science::identifiers(&record.metadata)).collect()
}

/// Those who had part in it, and the authors once more with what they did.
fn contributors(said: &Metadata, contents: &Contents) -> Vec<Value> {
    let role = |names: Value, who: &Person| json!({ "@type": "Role", "roleName": names, "contributor": person(who, contents) });
    let others = said.contributors.iter().map(|other| role(json!(other.part.name()), &other.person));
    let authors = said.creators.iter().filter(|person| !person.roles.is_empty());
    let authors = authors.map(|person| role(person.roles.iter().map(|done| json!(done.url())).collect(), person));
    others.chain(authors).collect()
}

/// Related works; versions of itself are none.
fn citations(said: &Metadata, place: &Place) -> Vec<Value> {
    let others = said.related.iter().filter(|relation| !relation.relation.is_between_versions());
    let citations = others.map(|relation| {
        let url = if let Target::Record(id) = &relation.target { place.entry_url(id) } else { relation.address() };
        json!({ "@type": "CreativeWork", "name": relation.words(), "url": url })
    });
    citations.collect()
}

/// Days in its life before it came here, by what schema.org calls them. The day of the find is the specimen's, see `finding_place`.
pub(crate) fn days(said: &Metadata) -> [(&'static str, Vec<Value>); 2] {
    let of = |kind: DateType| said.dates.iter().filter(|other| other.date_type == kind).map(|other| json!(other.date)).collect();
    [("dateCreated", of(DateType::Created)), ("dateModified", of(DateType::Updated))]
}

fn keywords(record: &Record) -> Vec<Value> {
    let said = &record.metadata;
    let words = said.keywords.iter().chain(&said.sample.organism).chain(&said.sample.material).chain(&said.sample.phases);
    let terms = said.subjects.iter().map(|subject| {
        if subject.scheme.is_none() && subject.url.is_none() {
            return json!(subject.term);
        }
        let mut term = json!({ "@type": "DefinedTerm", "name": subject.term });
        for (key, text) in [("inDefinedTermSet", &subject.scheme), ("url", &subject.url)] {
            if let Some(text) = text {
                term[key] = json!(text);
            }
        }
        term
    });
    words.map(|word| json!(word)).chain(terms).chain(said.synthetic.then(|| json!("synthetic data"))).collect()
}

fn conditions(state: &State) -> Option<String> {
    match state {
        State::Registered { release_at: Some(day), .. } => Some(format!("The files are closed until {}.", day.date())),
        State::Registered { .. } => Some("The files are not released yet.".to_owned()),
        State::Withdrawn { .. } => Some("This record has been withdrawn.".to_owned()),
        _ => None,
    }
}

fn funding(record: &Record) -> Vec<Value> {
    let grants = record.metadata.funding.iter().map(|funding| {
        let mut grant = json!({ "@type": "Grant", "funder": { "@type": "Organization", "name": funding.funder } });
        if let Some(id) = &funding.funder_id {
            grant["funder"]["identifier"] = json!(id);
        }
        for (key, text) in [("identifier", &funding.award), ("name", &funding.award_title), ("url", &funding.award_url)] {
            if let Some(text) = text {
                grant[key] = json!(text);
            }
        }
        grant
    });
    grants.collect()
}

fn journal(record: &Record) -> Option<Value> {
    let article = record.metadata.article.as_ref()?;
    let name = article.journal.as_ref()?;
    let mut part = match (&article.issn, &article.isbn) {
        (None, Some(isbn)) => json!({ "@type": "Book", "name": name, "isbn": isbn }),
        (Some(issn), _) => json!({ "@type": "Periodical", "name": name, "issn": issn }),
        (None, None) => json!({ "@type": "Periodical", "name": name }),
    };
    if let Some(volume) = &article.volume {
        part = json!({ "@type": "PublicationVolume", "volumeNumber": volume, "isPartOf": part });
    }
    if let Some(issue) = &article.issue {
        part = json!({ "@type": "PublicationIssue", "issueNumber": issue, "isPartOf": part });
    }
    Some(part)
}
