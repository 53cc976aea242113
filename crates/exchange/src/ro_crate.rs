//! A record as an RO-Crate 1.1: one JSON-LD document that names the data, the people and the terms, for programs that pack
//! and unpack research. Inside a ZIP the files are named by where they lie there, elsewhere by their addresses.

use crate::{
    contents::{Contents, escaped_path, name_in_crate},
    datacite::Description,
    place::{Place, citable_url, told},
    ro_crate_surroundings::{Described, Surroundings},
};
use record::{
    Record,
    agent::{Affiliation, Person},
    instant::Instant,
    kind::Kind,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Where the files of the crate are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Files<'a> {
    /// In a folder beside the document.
    Beside(&'a str),
    /// At this address, which ends without a slash.
    At(&'a str),
}

pub fn to_json(record: &Record, place: &Place, now: Instant, contents: &Contents, files: Files<'_>) -> Value {
    let record = &*told(record);
    let mut graph = vec![
        json!({
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": { "@id": "./" },
            "conformsTo": { "@id": "https://w3id.org/ro/crate/1.1" },
        }),
        root(record, place, now, contents, files),
        json!({ "@id": place.base_url, "@type": "Organization", "name": place.publisher(), "url": place.base_url }),
    ];
    graph.extend(licence(record));
    let describe = |name: String, person: &Person| described(name, person, contents);
    for (number, person) in record.metadata.creators.iter().enumerate() {
        graph.extend(describe(format!("#person-{}", number + 1), person).1);
    }
    let surroundings = Surroundings::of(record, place, describe);
    if let Some(root) = graph.get_mut(1).and_then(Value::as_object_mut) {
        root.extend(surroundings.of_root);
    }
    graph.extend(surroundings.things);
    graph.extend(parts(record, contents, files));
    // One thing is described once; two people may share an identifier by mistake.
    let mut seen = BTreeSet::new();
    graph.retain(|thing| seen.insert(thing["@id"].to_string()));
    json!({
        "@context": ["https://w3id.org/ro/crate/1.1/context", { "sha256": "https://schema.org/sha256" }],
        "@graph": graph,
    })
}

fn root(record: &Record, place: &Place, now: Instant, contents: &Contents, files: Files<'_>) -> Value {
    let said = Description::of(record, place, now);
    let url = citable_url(record, place);
    let description = record.metadata.description.trim();
    // Two people may share an identifier by mistake.
    let mut named = BTreeSet::new();
    let people = record.metadata.creators.iter().enumerate();
    let people = people.map(|(number, person)| person_id(format!("#person-{}", number + 1), person));
    let authors: Vec<Value> = people.filter(|id| named.insert(id.clone())).map(|id| json!({ "@id": id })).collect();
    let mut root = json!({
        "@id": "./",
        "@type": "Dataset",
        "name": said.title,
        "description": if description.is_empty() { said.title.as_str() } else { description },
        // Of what is not public yet the day of its last change, so that the same state gives the same bytes on every day.
        "datePublished": record.state.public_since().unwrap_or(record.changed_at).date(),
        "identifier": url,
        "url": said.url,
        "publisher": { "@id": place.base_url },
        "author": authors,
    });
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            root[key] = value;
        }
    };
    put("license", record.metadata.licence.map(|licence| json!({ "@id": licence.url() })));
    put("version", said.version.map(|version| json!(version)));
    put("inLanguage", said.language.map(|language| json!(language)));
    let words: Vec<String> = said.subjects.iter().map(|subject| subject.text.clone()).collect();
    put("keywords", (!words.is_empty()).then(|| json!(words.join(", "))));
    let parts: Vec<Value> = parts(record, contents, files).iter().map(|part| json!({ "@id": part["@id"] })).collect();
    put("hasPart", (!parts.is_empty()).then(|| json!(parts)));
    if (contents.files.len() as u64) < contents.total_files {
        let words = format!("{} of {} files are listed here; all are in the manifest.", contents.files.len(), contents.total_files);
        put("comment", Some(json!(words)));
    }
    root
}

fn licence(record: &Record) -> Option<Value> {
    let licence = record.metadata.licence?;
    Some(json!({
        "@id": licence.url(),
        "@type": "CreativeWork",
        "name": licence.name(),
        "description": format!("The terms of {}, by its SPDX name.", licence.spdx()),
        "identifier": licence.spdx(),
    }))
}

fn person_id(name: String, person: &Person) -> String {
    person.orcid.as_ref().map_or(name, |orcid| orcid.url())
}

/// Under which name, and the person with the institutions as things of the crate.
fn described(name: String, person: &Person, contents: &Contents) -> Described {
    let places = person.affiliations.iter().map(|place| {
        let mut thing = json!({ "@id": organisation_id(place), "@type": "Organization", "name": place.name });
        if let Some(ror) = &place.ror {
            thing["url"] = json!(ror.url());
            if let Some(country) = contents.countries.get(ror) {
                thing["address"] = json!(country);
            }
        }
        thing
    });
    let things = std::iter::once(person_of(name.clone(), person)).chain(places).collect();
    (person_id(name, person), things)
}

fn person_of(name: String, person: &Person) -> Value {
    let mut thing = Map::new();
    thing.insert("@id".into(), json!(person_id(name, person)));
    thing.insert("@type".into(), json!(if person.organisation { "Organization" } else { "Person" }));
    thing.insert("name".into(), json!(person.natural_name()));
    if !person.organisation {
        thing.insert("familyName".into(), json!(person.family));
    }
    if !person.given.is_empty() {
        thing.insert("givenName".into(), json!(person.given));
    }
    let places: Vec<Value> = person.affiliations.iter().map(|place| json!({ "@id": organisation_id(place) })).collect();
    match places.as_slice() {
        [] => None,
        [one] => thing.insert("affiliation".into(), one.clone()),
        _ => thing.insert("affiliation".into(), json!(places)),
    };
    Value::Object(thing)
}

fn organisation_id(place: &Affiliation) -> String {
    place.ror.as_ref().map_or_else(|| name_in_crate("organisation", &place.name), |ror| ror.url())
}

/// The files, and the volume where it has an address.
fn parts(record: &Record, contents: &Contents, files: Files<'_>) -> Vec<Value> {
    let mut parts: Vec<Value> = contents
        .files
        .iter()
        .map(|file| {
            let path = escaped_path(&file.path);
            json!({
                "@id": match files {
                    Files::Beside(folder) => format!("{folder}/{path}"),
                    Files::At(address) => format!("{address}/files/{path}"),
                },
                "@type": "File",
                "name": file.path.rsplit('/').next().unwrap_or(&file.path),
                "contentSize": file.bytes.to_string(),
                "encodingFormat": file.media_type,
                "sha256": file.sha256.to_string(),
            })
        })
        .collect();
    if let (Files::At(address), Some(volume)) = (files, &contents.volume) {
        parts.push(json!({
            "@id": format!("{address}/volumes/{volume}.ome.zarr/"),
            "@type": "Dataset",
            "name": "The volume as OME-Zarr, at all scales",
            "description": format!("Made from the deposited files; {}", kind_words(record.kind)),
        }));
    }
    parts
}

fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::TomographyBiology | Kind::TomographyMaterials => "a tomogram.",
        Kind::ElectronMicroscopy => "a volume of electron microscopy.",
        _ => "three-dimensional data.",
    }
}
