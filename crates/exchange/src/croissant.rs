//! An open record in the words of Croissant 1.0, by which programs that learn from data find and load it: every deposited file
//! with its address and its checksum.

use crate::{
    citation,
    contents::{Contents, escaped_path},
    datacite::Description,
    place::{Place, citable_url, told},
};
use record::{Record, agent::Person, instant::Instant};
use serde_json::{Value, json};

/// `address` is that of the version, without a slash at its end.
pub fn to_json(record: &Record, place: &Place, now: Instant, contents: &Contents, address: &str) -> Value {
    let record = &*told(record);
    let said = Description::of(record, place, now);
    let description = record.metadata.description.trim();
    let kind = |person: &Person| if person.organisation { "Organization" } else { "Person" };
    let creators: Vec<Value> =
        record.metadata.creators.iter().map(|person| json!({ "@type": kind(person), "name": person.natural_name() })).collect();
    let files: Vec<Value> = contents
        .files
        .iter()
        .enumerate()
        .map(|(number, file)| {
            json!({
                "@type": "cr:FileObject",
                "@id": format!("file-{}", number + 1),
                "name": file.path,
                "contentUrl": format!("{address}/files/{}", escaped_path(&file.path)),
                "contentSize": format!("{} B", file.bytes),
                "encodingFormat": file.media_type,
                "sha256": file.sha256.to_string(),
            })
        })
        .collect();
    let mut dataset = json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": said.title,
        "description": if description.is_empty() { said.title.as_str() } else { description },
        "url": citable_url(record, place),
        "creator": creators,
        "publisher": { "@type": "Organization", "name": place.publisher() },
        "datePublished": record.state.public_since().unwrap_or(now).date(),
        // Semantic versions are asked for; ours count releases.
        "version": format!("{}.0.0", record.version.0),
        "citeAs": citation::bibtex(record, place, now),
        "distribution": files,
    });
    if let Some(licence) = record.metadata.licence {
        dataset["license"] = json!(licence.url());
    }
    let words: Vec<&str> = said.subjects.iter().map(|subject| subject.text.as_str()).collect();
    if !words.is_empty() {
        dataset["keywords"] = json!(words);
    }
    dataset
}

/// The context that Croissant 1.0 prescribes, word for word.
fn context() -> Value {
    json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "citeAs": "cr:citeAs",
        "column": "cr:column",
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "data": { "@id": "cr:data", "@type": "@json" },
        "dataType": { "@id": "cr:dataType", "@type": "@vocab" },
        "dct": "http://purl.org/dc/terms/",
        "examples": { "@id": "cr:examples", "@type": "@json" },
        "extract": "cr:extract",
        "field": "cr:field",
        "fileObject": "cr:fileObject",
        "fileProperty": "cr:fileProperty",
        "fileSet": "cr:fileSet",
        "format": "cr:format",
        "includes": "cr:includes",
        "isLiveDataset": "cr:isLiveDataset",
        "jsonPath": "cr:jsonPath",
        "key": "cr:key",
        "md5": "cr:md5",
        "parentField": "cr:parentField",
        "path": "cr:path",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "recordSet": "cr:recordSet",
        "references": "cr:references",
        "regex": "cr:regex",
        "repeated": "cr:repeated",
        "replace": "cr:replace",
        "sc": "https://schema.org/",
        "separator": "cr:separator",
        "source": "cr:source",
        "subField": "cr:subField",
        "transform": "cr:transform",
    })
}
