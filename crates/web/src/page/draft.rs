//! Where the draft saves itself: changed fields by name, as the form writes them.

use super::record_id;
use crate::{
    door::Door,
    form::{self, institutions},
    refusal::{self, Refused},
    session::Guest,
};
use archive::{Refusal, Said, sight::At};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::patch,
};
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use record::access::Aspect;
use serde_json::{Map, Value, json};

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/deposit/{id}/draft", patch(save))
}

async fn save(State(door): State<Door>, guest: Guest, Path(id): Path<String>, body: Bytes) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    let fields: Map<String, Value> = serde_json::from_slice(&body).map_err(|error| Refusal::Invalid {
        field: None,
        what: format!("The change is not a JSON object of fields: {error}.").into(),
        hint: "Send {\"title\": \"…\"}.".into(),
    })?;
    let written: Vec<(String, String)> = fields.into_iter().map(|(name, value)| (name, as_text(&value))).collect();
    let (mut patch, faults) = form::patch_of(written.iter().map(|(name, text)| (name.as_str(), text.as_str())), guest.language);
    if institutions::are_in(&patch) {
        let sight = door.archive.see(&guest.visitor, At::working(&id), Aspect::Change).await?;
        institutions::complete(&mut patch, &sight.record.metadata, |name| door.archive.ror_of(name));
    }
    let record = door.archive.patch(&guest.visitor, &id, patch, None).await?;
    if faults.is_empty() {
        return Ok(answer(StatusCode::OK, &json!({"revision": record.revision})));
    }
    let mut problem =
        refusal::problem(&Refusal::Invalid { field: None, what: faults[0].says.clone().into(), hint: Said::default() }, guest.language);
    problem["errors"] = faults.iter().map(|fault| json!({"field": fault.field, "says": fault.says})).collect();
    Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, &problem))
}

fn answer(status: StatusCode, document: &Value) -> Response {
    let mut response = (status, document.to_string()).into_response();
    let kind = if status.is_success() { "application/json" } else { "application/problem+json" };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(as_text).collect::<Vec<_>>().join("\n"),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
