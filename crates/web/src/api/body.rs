//! JSON in and out: bodies are bounded, unknown fields are refused by name, and nothing said to one visitor is kept for another.

use crate::{door::Door, refusal::Refused, whole_body};
use archive::Refusal;
use axum::{
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, VARY},
};
use serde::{Serialize, de::DeserializeOwned};

/// A JSON body of a request. An empty one reads as `{}`.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Door> for JsonBody<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, door: &Door) -> Result<Self, Refused> {
        let is_json = request.headers().get(CONTENT_TYPE).is_none_or(|kind| {
            let kind = kind.to_str().unwrap_or("").split(';').next().unwrap_or("").trim();
            kind == "application/json" || kind.ends_with("+json")
        });
        if !is_json {
            return Err(Refusal::Invalid {
                field: None,
                what: "The body is not announced as JSON.".into(),
                hint: "Send Content-Type: application/json.".into(),
            }
            .into());
        }
        let limit = door.archive.settings().limits.json_bytes_max;
        let bytes = whole_body::read(request.into_body(), limit)
            .await
            .map_err(|_| Refusal::TooLarge { what: format!("A JSON body has at most {limit} bytes.").into() })?;
        let bytes = if bytes.is_empty() { &b"{}"[..] } else { &bytes[..] };
        serde_json::from_slice(bytes).map(Self).map_err(|fault| unreadable(&fault).into())
    }
}

/// A request that needs no body. What came is read and thrown away: left on the wire it would end the connection.
pub(super) struct NoBody;

impl FromRequest<Door> for NoBody {
    type Rejection = Refused;

    async fn from_request(request: Request, door: &Door) -> Result<Self, Refused> {
        let limit = door.archive.settings().limits.json_bytes_max;
        let read = whole_body::read(request.into_body(), limit).await;
        read.map(|_| Self)
            .map_err(|_| Refusal::TooLarge { what: format!("This takes no body, and more than {limit} bytes came.").into() }.into())
    }
}

/// Names the field where the fault does.
fn unreadable(fault: &serde_json::Error) -> Refusal {
    let says = fault.to_string();
    let field = ["unknown field `", "missing field `", "duplicate field `"]
        .iter()
        .find_map(|start| says.strip_prefix(start)?.split('`').next())
        .map(str::to_owned);
    Refusal::Invalid {
        field,
        what: format!("The JSON does not fit: {says}.").into(),
        hint: "/api/docs lists every field with its form.".into(),
    }
}

/// An answer for the one who asked.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Result<Response, Refused> {
    let text = serde_json::to_vec(value).map_err(|fault| Refusal::Unavailable(fault.to_string()))?;
    let mut response = (status, text).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("Authorization, Cookie"));
    Ok(response)
}

/// The same for something that every site may read.
pub(super) fn open_json(value: &impl Serialize) -> Result<Response, Refused> {
    let mut response = json(StatusCode::OK, value)?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response.headers_mut().insert(http::header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}

pub(super) fn empty() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_field_is_named() {
        let fault = serde_json::from_str::<api::CreateRecord>(r#"{"kind":"model","titel":"x"}"#).unwrap_err();
        let Refusal::Invalid { field, what, .. } = unreadable(&fault) else { panic!("not invalid") };
        assert_eq!(field.as_deref(), Some("titel"));
        assert!(what.en.contains("expected"), "{}", what.en);
    }
}
