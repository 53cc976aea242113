//! The table as JSON Schema (2020-12): for the address `/schema/v1/record.json`, one for each kind, and for the API's description.

use super::{
    Asked, Field, all, needed_by,
    shape::{LINE_CHARS_MAX, Part, ROWS_MAX, Shape, TEXT_CHARS_MAX},
};
use crate::kind::Kind;
use serde_json::{Map, Value, json};

/// The metadata of a record of this kind, complete enough to register; of no kind, everything that can be said.
pub fn json_schema(kind: Option<Kind>, address: &str) -> Value {
    let mut schema = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": address });
    schema["title"] = match kind {
        None => json!("Metadata of a record of Science 3D"),
        Some(kind) => json!(format!("Metadata of a record of the kind {kind}, as they must be to register it")),
    };
    if let Value::Object(fields) = object(kind) {
        schema.as_object_mut().into_iter().for_each(|own| own.extend(fields.clone()));
    }
    schema
}

/// The same without a name of its own, to stand inside another document.
pub fn object(kind: Option<Kind>) -> Value {
    let mut root = empty_object();
    for field in all().filter(|field| is_told(field, kind)) {
        insert(&mut root, field.path, field_schema(field));
    }
    for (field, _) in kind.into_iter().flat_map(needed_by) {
        // A publisher's DOI may stand for the journal, which a list of required names cannot say.
        if field.name != "journal" {
            require(&mut root, field.path);
        }
    }
    if kind == Some(Kind::Publication) {
        root["properties"]["article"]["anyOf"] = json!([{ "required": ["journal"] }, { "required": ["doi"] }]);
    }
    root
}

fn is_told(field: &Field, kind: Option<Kind>) -> bool {
    kind.is_none_or(|kind| field.is_asked_of(kind) || (field.asked == Asked::Nobody && kind.has_volume()))
}

fn empty_object() -> Value {
    json!({ "type": "object", "properties": {}, "additionalProperties": false })
}

/// Sets a property at a path, with the objects above it.
fn insert(root: &mut Value, path: &str, schema: Value) {
    let mut object = root;
    let mut parts = path.trim_start_matches('/').split('/').peekable();
    while let Some(part) = parts.next() {
        let Some(properties) = object["properties"].as_object_mut() else { return };
        if parts.peek().is_none() {
            properties.insert(part.to_owned(), schema);
            return;
        }
        object = properties.entry(part.to_owned()).or_insert_with(empty_object);
    }
}

fn require(root: &mut Value, path: &str) {
    let mut object = root;
    for part in path.trim_start_matches('/').split('/') {
        let required = object.as_object_mut().map(|own| own.entry("required").or_insert_with(|| json!([])));
        if let Some(list) = required.and_then(Value::as_array_mut)
            && !list.contains(&json!(part))
        {
            list.push(json!(part));
        }
        object = &mut object["properties"][part];
    }
}

fn field_schema(field: &Field) -> Value {
    let mut schema = shape_schema(&field.shape);
    schema["title"] = json!(field.label.en);
    schema["description"] = json!(field.help.en);
    if !field.unit.is_empty() {
        schema["x-unit"] = json!(field.unit);
    }
    schema["x-title-de"] = json!(field.label.de);
    schema["x-description-de"] = json!(field.help.de);
    if let Some(example) = example(&field.shape, field.example) {
        schema["examples"] = json!([example]);
    }
    for (key, words) in [("x-datacite", field.datacite), ("x-nexus", field.nexus), ("x-schema-org", field.schema_org)] {
        if !words.is_empty() {
            schema[key] = json!(words);
        }
    }
    schema
}

fn shape_schema(shape: &Shape) -> Value {
    let matching = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    match shape {
        Shape::Line => json!({ "type": "string", "maxLength": LINE_CHARS_MAX }),
        Shape::Text => json!({ "type": "string", "maxLength": TEXT_CHARS_MAX }),
        Shape::Check => json!({ "type": "boolean" }),
        Shape::Quantity { from, to } if *from == f64::MIN_POSITIVE => json!({ "type": "number", "exclusiveMinimum": 0, "maximum": to }),
        Shape::Quantity { from, to } => json!({ "type": "number", "minimum": from, "maximum": to }),
        Shape::Whole { from, to } => json!({ "type": "integer", "minimum": from, "maximum": to }),
        Shape::Day => json!({ "type": "string", "format": "date" }),
        Shape::Date => matching("^[0-9]{4}(-[0-9]{2}){0,2}(/[0-9]{4}(-[0-9]{2}){0,2})?$"),
        Shape::Edges => json!({ "type": "array", "items": { "type": "number", "exclusiveMinimum": 0 }, "minItems": 3, "maxItems": 3 }),
        Shape::Counts => json!({ "type": "array", "items": { "type": "integer", "minimum": 0 }, "minItems": 3, "maxItems": 3 }),
        Shape::Choice(_) => json!({ "type": "string", "enum": shape.offers() }),
        Shape::Choices(_) => json!({ "type": "array", "items": { "type": "string", "enum": shape.offers() } }),
        // Too many to name them; an id that is none is refused nevertheless.
        Shape::Licence => json!({ "type": "string", "pattern": "^[A-Za-z0-9.+-]+$", "x-vocabulary": "https://spdx.org/licenses/" }),
        Shape::Technique => matching("^PaNET[0-9]{5}$"),
        Shape::Language => matching("^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$"),
        Shape::Doi => matching("^(doi:|DOI:|https?://(dx\\.)?doi\\.org/)?10\\.[0-9.]{4,}/\\S+$"),
        Shape::Orcid => matching("^(https?://orcid\\.org/)?([0-9]{4}-?){3}[0-9]{3}[0-9Xx]$"),
        Shape::Ror => matching("^(https?://)?(ror\\.org/)?0[0-9a-z]{6}[0-9]{2}$"),
        Shape::Cas => matching("^[0-9]{2,7}-[0-9]{2}-[0-9]$"),
        Shape::Issn => matching("^[0-9]{4}-?[0-9]{3}[0-9Xx]$"),
        Shape::Address => matching("^https?://\\S+$"),
        Shape::Words => json!({ "type": "array", "items": { "type": "string", "maxLength": LINE_CHARS_MAX }, "maxItems": ROWS_MAX }),
        Shape::Target => json!({ "oneOf": [
            one_of_target("doi", &shape_schema(&Shape::Doi)), one_of_target("url", &shape_schema(&Shape::Address)), one_of_target("record", &matching("^[0-9a-z]{9}$")),
        ] }),
        Shape::Group(parts) => parts_schema(parts),
        Shape::Rows(parts) => json!({ "type": "array", "items": parts_schema(parts), "maxItems": ROWS_MAX }),
    }
}

fn one_of_target(key: &str, value: &Value) -> Value {
    json!({ "type": "object", "properties": { key: value }, "required": [key], "additionalProperties": false })
}

fn parts_schema(parts: &[Part]) -> Value {
    let mut properties = Map::new();
    for part in parts {
        let mut schema = shape_schema(&part.shape);
        schema["description"] = json!(part.about);
        if let Some(example) = example(&part.shape, part.example) {
            schema["examples"] = json!([example]);
        }
        properties.insert(part.name.to_owned(), schema);
    }
    let required: Vec<&str> = parts.iter().filter(|part| part.needed).map(|part| part.name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// The example of the table as it stands in a document.
pub fn example(shape: &Shape, written: &str) -> Option<Value> {
    match shape {
        Shape::Group(parts) => Some(parts_example(parts)),
        Shape::Rows(parts) => Some(json!([parts_example(parts)])),
        _ if written.is_empty() => None,
        Shape::Check => Some(json!(written == "true")),
        Shape::Quantity { .. } => written.parse::<f64>().ok().map(|number| json!(number)),
        Shape::Whole { .. } => written.parse::<i64>().ok().map(|number| json!(number)),
        Shape::Edges => written.split(' ').map(|edge| edge.parse::<f64>().ok()).collect::<Option<Vec<_>>>().map(|edges| json!(edges)),
        Shape::Counts => written.split(' ').map(|count| count.parse::<u64>().ok()).collect::<Option<Vec<_>>>().map(|counts| json!(counts)),
        Shape::Words => Some(json!(written.split(", ").collect::<Vec<_>>())),
        Shape::Choices(_) => Some(json!([written])),
        Shape::Target => Some(json!({ "doi": written })),
        _ => Some(json!(written)),
    }
}

fn parts_example(parts: &[Part]) -> Value {
    let examples = parts.iter().filter_map(|part| Some((part.name.to_owned(), example(&part.shape, part.example)?)));
    Value::Object(examples.collect())
}
