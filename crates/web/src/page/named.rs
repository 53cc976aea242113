//! What the address of a page names, so that a record and each of its versions have one handler.

use crate::{data::Address, door::Door, refusal::Refused};
use archive::sight::At;
use axum::extract::FromRequestParts;
use http::request::Parts;

/// A record, or one of its versions.
pub(super) struct Named {
    pub(super) at: At,
    /// `/records/7h3k9x2q4` or `/records/7h3k9x2q4/v2`
    pub(super) base: String,
}

impl FromRequestParts<Door> for Named {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Door) -> Result<Self, Refused> {
        let at = Address::of(parts).await?.at;
        let base = match at.named() {
            Some(version) => format!("/records/{}/{version}", at.id),
            None => format!("/records/{}", at.id),
        };
        Ok(Self { at, base })
    }
}
