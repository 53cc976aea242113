//! The record in the words of schema.org, for search engines: JSON-LD on its entry page.

use crate::{
    contents::Contents,
    place::{Place, citable_url, told},
};
use record::{Record, agent::Person, instant::Instant, kind::Kind, relation::RelationType, state::State, technique::Technique};
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
        "creator": said.creators.iter().map(person).collect::<Vec<_>>(),
        "publisher": { "@type": "Organization", "name": place.publisher() },
        "includedInDataCatalog": { "@type": "DataCatalog", "name": "Science 3D", "url": place.base_url },
        "isAccessibleForFree": record.state.is_open(),
    });
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            thing[key] = value;
        }
    };
    put("description", (!said.description.trim().is_empty()).then(|| json!(said.description.trim())));
    put("identifier", record.citable_doi().map(|doi| json!({ "@type": "PropertyValue", "propertyID": "https://registry.identifiers.org/registry/doi", "value": format!("doi:{doi}"), "url": doi.url() })));
    put("datePublished", Some(json!(published(record, now))));
    put("license", said.licence.map(|licence| json!(licence.url())));
    put("keywords", Some(keywords(record)).filter(|words| !words.is_empty()).map(|words| json!(words)));
    put("inLanguage", said.language.as_ref().map(|code| json!(code)));
    put("conditionsOfAccess", conditions(&record.state).map(|text| json!(text)));
    put("funding", Some(funding(record)).filter(|grants| !grants.is_empty()).map(|grants| json!(grants)));
    if record.kind.is_text() {
        put("headline", Some(json!(record.title())));
        put("author", Some(json!(said.creators.iter().map(person).collect::<Vec<_>>())));
        put("isPartOf", journal(record));
        put("pagination", said.article.as_ref().and_then(|article| article.pages.as_ref()).map(|pages| json!(pages)));
    } else {
        put("version", Some(json!(record.version.0.to_string())));
        let technique = said.acquisition.technique.as_deref();
        put(
            "measurementTechnique",
            technique.map(|id| {
                Technique::by_id(id).map_or_else(
                    || json!(id),
                    |technique| json!({ "@type": "DefinedTerm", "name": technique.label, "url": technique.url() }),
                )
            }),
        );
        put("temporalCoverage", said.acquisition.date.as_ref().map(|date| json!(date)));
    }
    put("distribution", Some(distribution(record, place, contents)).filter(|ways| !ways.is_empty()).map(|ways| json!(ways)));
    let related: Vec<Value> = said
        .related
        .iter()
        .filter(|relation| RelationType::ALL.contains(&relation.relation))
        .map(|relation| json!({ "@type": "CreativeWork", "name": relation.words(), "url": relation.address() }))
        .collect();
    put("citation", (!related.is_empty()).then(|| json!(related)));
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

fn person(person: &Person) -> Value {
    let mut value = json!({ "@type": "Person", "name": person.natural_name(), "familyName": person.family });
    if !person.given.is_empty() {
        value["givenName"] = json!(person.given);
    }
    if let Some(orcid) = &person.orcid {
        value["@id"] = json!(orcid.url());
    }
    if let Some(affiliation) = &person.affiliation {
        value["affiliation"] = json!({ "@type": "Organization", "name": affiliation });
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

fn keywords(record: &Record) -> Vec<&str> {
    let said = &record.metadata;
    let mut words: Vec<&str> = said.keywords.iter().map(String::as_str).collect();
    words.extend([&said.sample.organism, &said.sample.material].into_iter().flatten().map(String::as_str));
    if said.synthetic {
        words.push("synthetic data");
    }
    words
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
        if let Some(award) = &funding.award {
            grant["identifier"] = json!(award);
        }
        grant
    });
    grants.collect()
}

fn journal(record: &Record) -> Option<Value> {
    let article = record.metadata.article.as_ref()?;
    let mut part = json!({ "@type": "Periodical", "name": article.journal.as_ref()? });
    if let Some(volume) = &article.volume {
        part = json!({ "@type": "PublicationVolume", "volumeNumber": volume, "isPartOf": part });
    }
    if let Some(issue) = &article.issue {
        part = json!({ "@type": "PublicationIssue", "issueNumber": issue, "isPartOf": part });
    }
    Some(part)
}
