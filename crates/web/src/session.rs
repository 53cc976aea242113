//! Who is asking: a signed-in person by cookie, a program by token, a reviewer by link, or anyone.
//! A request that changes something on the strength of a cookie must also carry the session's CSRF token.

use crate::{door::Door, language::Language, refusal::Refused};
use archive::{Refusal, Visitor, refusal::said};
use axum::extract::{ConnectInfo, FromRequestParts};
use http::{
    Extensions, HeaderMap, HeaderValue, Uri,
    header::{AUTHORIZATION, CONTENT_TYPE, COOKIE},
    request::Parts,
};
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

pub(crate) const SESSION_COOKIE: &str = "science3d_session";
pub(crate) const REVIEW_COOKIE: &str = "science3d_review";
const CSRF_HEADER: &str = "x-csrf-token";

/// The one in front of the door.
#[derive(Clone)]
pub(crate) struct Guest {
    pub(crate) visitor: Visitor,
    /// Present exactly when a cookie session is.
    pub(crate) csrf: Option<String>,
    pub(crate) language: Language,
    pub(crate) by_token: bool,
    /// Where the request went, for links that keep the place.
    pub(crate) here: Uri,
}

impl Guest {
    pub(crate) fn anyone(language: Language, here: Uri) -> Self {
        Self { visitor: Visitor::anyone(), csrf: None, language, by_token: false, here }
    }

    /// True when the answer may depend on nothing but the address and the language.
    pub(crate) fn is_stranger(&self) -> bool {
        self.visitor.account.is_none() && self.visitor.reviewer_of.is_none() && !self.by_token
    }

    pub(crate) fn signed_in(&self) -> Result<&record::account::Account, Refused> {
        self.visitor.account.as_ref().ok_or(Refused(Refusal::SignInNeeded))
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';')).find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name && !value.is_empty()).then_some(value)
    })
}

pub(crate) enum Lasting {
    Seconds(i64),
    UntilClosed,
    Gone,
}

/// A cookie that no script can read and no other site can use to change something.
pub(crate) fn set_cookie(door: &Door, name: &str, value: &str, lasting: Lasting) -> HeaderValue {
    let secure = if door.archive.settings().base_url.starts_with("https:") { "; Secure" } else { "" };
    let age = match lasting {
        Lasting::Seconds(seconds) => format!("; Max-Age={seconds}"),
        Lasting::UntilClosed => String::new(),
        Lasting::Gone => "; Max-Age=0".to_owned(),
    };
    let line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}");
    HeaderValue::from_str(&line).unwrap_or_else(|_| HeaderValue::from_static("science3d_refused=; Max-Age=0"))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

impl FromRequestParts<Door> for Guest {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Refused> {
        let mut guest = Guest::anyone(Language::of(&parts.uri, &parts.headers), parts.uri.clone());
        if let Some(secret) = bearer(&parts.headers) {
            guest.visitor = door.archive.visitor_by_token(secret).await?.ok_or(Refusal::SignInNeeded)?;
            guest.by_token = true;
            return Ok(guest);
        }
        if let Some(secret) = cookie(&parts.headers, SESSION_COOKIE)
            && let Some(session) = door.archive.session(secret).await?
        {
            guest.visitor = Visitor::person(session.account);
            guest.csrf = Some(session.csrf);
        }
        if let Some(secret) = cookie(&parts.headers, REVIEW_COOKIE) {
            guest.visitor.reviewer_of = door.archive.review(secret).await.ok();
        }
        if !parts.method.is_safe() {
            refuse_forgery(parts, guest.csrf.as_deref())?;
        }
        Ok(guest)
    }
}

/// A browser says when another site sent the request; a session's own pages know its token.
fn refuse_forgery(parts: &Parts, csrf: Option<&str>) -> Result<(), Refused> {
    let forged = || {
        Refused(Refusal::Forbidden {
            what: said(
                "forged-form",
                "A form of this site must be sent from this site: reload the page and send it again.",
                "Ein Formular dieser Seite muss von dieser Seite gesendet werden: Laden Sie sie neu und senden Sie es noch einmal.",
            ),
        })
    };
    if matches!(parts.headers.get("sec-fetch-site").map(HeaderValue::as_bytes), Some(b"cross-site" | b"same-site")) {
        return Err(forged());
    }
    let Some(expected) = csrf else { return Ok(()) };
    let header = parts.headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
    let field = parts.extensions.get::<Fields>().and_then(|fields| fields.get("csrf"));
    let is_multipart = parts.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"));
    // A form that carries files is read while it streams, too late for this check, so its token stands in the address it is sent to.
    let query = parts.uri.query().filter(|_| is_multipart).and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("csrf=")));
    match header.or(field).or(query) {
        Some(given) if same(given.as_bytes(), expected.as_bytes()) => Ok(()),
        _ => Err(forged()),
    }
}

/// Compares without telling by its time how much was right.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

/// The fields of a sent form, read before the guest is asked for (see [`crate::form::read_fields`]).
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(pub(crate) std::sync::Arc<Vec<(String, String)>>);

impl Fields {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
    /// The field without surrounding space; empty when it was not sent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or("").trim()
    }
}

impl<S: Sync> FromRequestParts<S> for Fields {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Fields>().cloned().unwrap_or_default())
    }
}

/// The address of the one who asks, for limits on sign-in. A proxy on this machine is believed, no other.
pub(crate) struct Address(pub(crate) IpAddr);

impl<S: Sync> FromRequestParts<S> for Address {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(address_of(&parts.extensions, &parts.headers)))
    }
}

pub(crate) fn address_of(extensions: &Extensions, headers: &HeaderMap) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |info| info.0.ip());
    let forwarded =
        headers.get("x-forwarded-for").and_then(|value| value.to_str().ok()).and_then(|line| line.rsplit(',').next()?.trim().parse().ok());
    if peer.is_loopback() { forwarded.unwrap_or(peer) } else { peer }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{Method, Request};

    fn request(method: Method, uri: &str, headers: &[(&'static str, &str)]) -> Parts {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let parts = request(Method::GET, "/", &[("cookie", "a=1; science3d_session=secret;b=2")]);
        assert_eq!(cookie(&parts.headers, SESSION_COOKIE), Some("secret"));
        assert_eq!(cookie(&parts.headers, "session"), None);
    }

    #[test]
    fn a_change_by_cookie_needs_the_token() {
        let bare = request(Method::POST, "/sign-out", &[]);
        assert!(refuse_forgery(&bare, Some("right")).is_err());
        assert!(refuse_forgery(&bare, None).is_ok());
        assert!(refuse_forgery(&request(Method::POST, "/", &[("x-csrf-token", "right")]), Some("right")).is_ok());
        assert!(refuse_forgery(&request(Method::POST, "/", &[("x-csrf-token", "wrong")]), Some("right")).is_err());
        let mut form = request(Method::POST, "/", &[]);
        form.extensions.insert(Fields(std::sync::Arc::new(vec![("csrf".into(), "right".into())])));
        assert!(refuse_forgery(&form, Some("right")).is_ok());
    }

    #[test]
    fn a_token_in_the_address_counts_only_for_forms_with_files() {
        assert!(refuse_forgery(&request(Method::POST, "/?csrf=right", &[]), Some("right")).is_err());
        assert!(
            refuse_forgery(&request(Method::POST, "/?csrf=right", &[("content-type", "multipart/form-data; boundary=x")]), Some("right"))
                .is_ok()
        );
    }

    #[test]
    fn another_site_cannot_even_sign_somebody_in() {
        assert!(refuse_forgery(&request(Method::POST, "/sign-in", &[("sec-fetch-site", "cross-site")]), None).is_err());
        assert!(refuse_forgery(&request(Method::POST, "/sign-in", &[("sec-fetch-site", "same-origin")]), None).is_ok());
    }
}
