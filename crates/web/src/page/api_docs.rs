//! The readable page of the interface, made from its OpenAPI document; no script, nothing from elsewhere.

use super::{Shell, answer};
use crate::{api, door::Door, session::Guest};
use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use http::StatusCode;
use serde_json::Value;

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/api/docs", get(show))
}

#[derive(Template)]
#[template(path = "api_docs.html")]
struct ApiPage {
    s: Shell,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    method: String,
    method_words: String,
    path: String,
    summary: String,
    description: String,
    parameters: Vec<Parameter>,
    body: String,
    answers: Vec<(String, String)>,
}

struct Parameter {
    name: String,
    place: String,
    required: bool,
    meaning: String,
}

async fn show(State(door): State<Door>, guest: Guest) -> Response {
    let document = serde_json::to_value(api::openapi_document()).unwrap_or_default();
    answer(StatusCode::OK, &ApiPage { operations: operations(&document), s: Shell::of(&door, &guest) })
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or("").to_owned()
}

fn operations(document: &Value) -> Vec<Operation> {
    const METHODS: [&str; 7] = ["get", "head", "post", "put", "patch", "delete", "options"];
    let mut list = Vec::new();
    for (path, methods) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for method in METHODS {
            if let Some(described) = methods.get(method) {
                list.push(operation(document, path, method, methods, described));
            }
        }
    }
    list
}

fn operation(document: &Value, path: &str, method: &str, methods: &Value, described: &Value) -> Operation {
    let shared = methods.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let own = described.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let id: String = format!("{method}{path}").chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    Operation {
        id: id.trim_end_matches('-').to_owned(),
        method: method.to_owned(),
        method_words: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(described, "summary"),
        description: text(described, "description"),
        parameters: shared
            .chain(own)
            .map(|parameter| Parameter {
                name: text(parameter, "name"),
                place: text(parameter, "in"),
                required: parameter.get("required").and_then(Value::as_bool).unwrap_or(false),
                meaning: text(parameter, "description"),
            })
            .collect(),
        body: described.get("requestBody").map(|body| body_words(document, body)).unwrap_or_default(),
        answers: described
            .get("responses")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(status, response)| (status.clone(), text(response, "description")))
            .collect(),
    }
}

/// The schema of a body, names resolved one step deep.
fn body_words(document: &Value, body: &Value) -> String {
    let Some((kind, content)) = body.get("content").and_then(Value::as_object).and_then(|contents| contents.iter().next()) else {
        return text(body, "description");
    };
    let schema = content.get("schema").unwrap_or(&Value::Null);
    let resolved =
        schema.get("$ref").and_then(Value::as_str).and_then(|name| document.pointer(name.trim_start_matches('#'))).unwrap_or(schema);
    let mut lines = vec![kind.clone()];
    for (name, property) in resolved.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let required =
            resolved.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|held| held.as_str() == Some(name)));
        let kind = property
            .get("type")
            .map_or_else(|| text(property, "$ref").rsplit('/').next().unwrap_or("").to_owned(), |kind| kind.to_string().replace('"', ""));
        let about = text(property, "description").replace('\n', " ");
        lines.push(format!("  {name}{}: {kind}  {about}", if required { "" } else { "?" }).trim_end().to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_operation_of_the_document_is_shown() {
        let document = json!({
            "paths": {"/api/v1/records/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": true}],
                "get": {"summary": "One record.", "responses": {"200": {"description": "The record."}}},
                "put": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}}, "responses": {}}
            }},
            "components": {"schemas": {"New": {"required": ["title"], "properties": {"title": {"type": "string", "description": "What it is."}}}}}
        });
        let shown = operations(&document);
        assert_eq!(
            shown.iter().map(|operation| operation.id.as_str()).collect::<Vec<_>>(),
            ["get-api-v1-records--id", "put-api-v1-records--id"]
        );
        assert_eq!(shown[0].parameters[0].name, "id");
        assert!(shown[1].body.contains("title: string  What it is."));
    }
}
