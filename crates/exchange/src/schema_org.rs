//! The record in the words of schema.org, for search engines: JSON-LD on its entry page.

use crate::{
    contents::Contents,
    place::{Place, citable_url, told},
};
use record::{Record, agent::Person, instant::Instant, kind::Kind, metadata::Sample, relation::Target, state::State, technique::Technique};
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
    put("alternateName", (!said.titles.is_empty()).then(|| said.titles.iter().map(|other| json!(other.title)).collect()));
    put("contributor", (!said.contributors.is_empty()).then(|| said.contributors.iter().map(|other| person(&other.person)).collect()));
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
        put("spatialCoverage", finding_place(&said.sample));
        put("variableMeasured", (!measured(record).is_empty()).then(|| json!(measured(record))));
        put("temporalCoverage", said.acquisition.date.as_ref().map(|date| json!(date)));
    }
    put("distribution", Some(distribution(record, place, contents)).filter(|ways| !ways.is_empty()).map(|ways| json!(ways)));
    let related: Vec<Value> = said
        .related
        .iter()
        .filter(|relation| !relation.relation.is_between_versions())
        .map(|relation| {
            let url = if let Target::Record(id) = &relation.target { place.entry_url(id) } else { relation.address() };
            json!({ "@type": "CreativeWork", "name": relation.words(), "url": url })
        })
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
        Some(ror) => json!({ "@type": "Organization", "@id": ror.url(), "name": place.name }),
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

/// Where the sample was found.
fn finding_place(sample: &Sample) -> Option<Value> {
    let mut place = json!({ "@type": "Place" });
    if let Some(name) = &sample.locality {
        place["name"] = json!(name);
    }
    if let Some((latitude, longitude)) = sample.latitude_deg.zip(sample.longitude_deg) {
        place["geo"] = json!({ "@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude });
    }
    (place.as_object().map_or(0, |fields| fields.len()) > 1).then_some(place)
}

/// Settings of the measurement as numbers with their units, by UN/CEFACT codes where there is one.
fn measured(record: &Record) -> Vec<Value> {
    let seen = &record.metadata.acquisition;
    let values = [
        ("photon energy", seen.energy_kev, "keV", None),
        ("neutron wavelength", seen.wavelength_angstrom, "Å", Some("A11")),
        ("voltage", seen.voltage_kv, "kV", Some("KVT")),
        ("exposure time", seen.exposure_time_s, "s", Some("SEC")),
        ("projections", seen.projections.map(f64::from), "", None),
        ("angular range", seen.angular_range_deg, "°", Some("DD")),
        ("propagation distance", seen.propagation_distance_mm, "mm", Some("MMT")),
        ("voxel size", seen.voxel_size_um.map(|size| size[2]), "µm", Some("4H")),
    ];
    let given = values.into_iter().filter_map(|(name, value, unit, code)| {
        let mut property = json!({ "@type": "PropertyValue", "name": name, "value": value.filter(|value| value.is_finite())? });
        if !unit.is_empty() {
            property["unitText"] = json!(unit);
        }
        if let Some(code) = code {
            property["unitCode"] = json!(code);
        }
        Some(property)
    });
    given.collect()
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
    let mut part = json!({ "@type": "Periodical", "name": article.journal.as_ref()? });
    if let Some(volume) = &article.volume {
        part = json!({ "@type": "PublicationVolume", "volumeNumber": volume, "isPartOf": part });
    }
    if let Some(issue) = &article.issue {
        part = json!({ "@type": "PublicationIssue", "issueNumber": issue, "isPartOf": part });
    }
    Some(part)
}
