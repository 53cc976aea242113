//! An open record in the words of Croissant 1.0, by which programs that learn from data find and load it: every deposited file
//! with its address and its checksum, and what the volume is.

use crate::{
    citation,
    contents::{Contents, escaped_path},
    datacite::Description,
    place::{Place, citable_url, told},
};
use record::{Record, agent::Person, instant::Instant};
use serde_json::{Map, Value, json};

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
    if let Some(volume) = &contents.volume {
        dataset["recordSet"] = json!([volumes(record, volume, address)]);
    }
    dataset
}

/// The voxels: what a program must know before it opens them with a reader of Zarr. The format has no words for arrays in pieces, so
/// the facts stand here and the voxels at their address.
fn volumes(record: &Record, volume: &str, address: &str) -> Value {
    let seen = &record.metadata.acquisition;
    let along = |sizes: Option<[Value; 3]>| sizes.map_or([Value::Null, Value::Null, Value::Null], |sizes| sizes);
    let [z, y, x] = along(seen.shape.map(|shape| shape.map(|count| json!(count))));
    let [size_z, size_y, size_x] = along(seen.voxel_size_um.map(|size| size.map(|edge| json!(edge))));
    let facts = [
        ("url", "sc:URL", "Address of an OME-Zarr 0.5 image with all its levels.", json!(format!("{address}/volumes/{volume}.ome.zarr"))),
        ("voxels_z", "sc:Integer", "Number of voxels along z.", z),
        ("voxels_y", "sc:Integer", "Number of voxels along y.", y),
        ("voxels_x", "sc:Integer", "Number of voxels along x.", x),
        ("voxel_size_z_um", "sc:Float", "Edge of a voxel along z, in micrometres.", size_z),
        ("voxel_size_y_um", "sc:Float", "Edge of a voxel along y, in micrometres.", size_y),
        ("voxel_size_x_um", "sc:Float", "Edge of a voxel along x, in micrometres.", size_x),
        ("element_type", "sc:Text", "Type of the deposited voxels.", json!(seen.element_type)),
    ];
    let known: Vec<_> = facts.into_iter().filter(|(.., value)| !value.is_null()).collect();
    let id = |name: &str| format!("volumes/{name}");
    let fields: Vec<Value> = known
        .iter()
        .map(|(name, kind, about, _)| json!({ "@type": "cr:Field", "@id": id(name), "name": name, "description": about, "dataType": kind }))
        .collect();
    let one: Map<String, Value> = known.iter().map(|(name, _, _, value)| (id(name), value.clone())).collect();
    json!({
        "@type": "cr:RecordSet",
        "@id": "volumes",
        "name": "volumes",
        "description": "The volume that was made of the deposited files.",
        "field": fields,
        "data": [one],
    })
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
