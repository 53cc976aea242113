//! Which language a page speaks: asked for by `?lang=`, remembered in a cookie, else what the browser prefers.

use crate::session::cookie;
use axum::extract::FromRequestParts;
use http::{HeaderMap, Uri, header::ACCEPT_LANGUAGE, request::Parts};
use record::letter::LetterLanguage;
use std::convert::Infallible;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Language {
    English,
    German,
}

pub(crate) const COOKIE: &str = "science3d_language";

impl Language {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::German => "de",
        }
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        match code {
            "en" => Some(Language::English),
            "de" => Some(Language::German),
            _ => None,
        }
    }

    pub(crate) fn asked_for(uri: &Uri) -> Option<Self> {
        uri.query()?.split('&').find_map(|pair| pair.strip_prefix("lang=")).and_then(Self::from_code)
    }

    pub(crate) fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        Self::asked_for(uri)
            .or_else(|| cookie(headers, COOKIE).and_then(Self::from_code))
            .unwrap_or_else(|| Self::preferred(headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("")))
    }

    /// The first of our languages among the reader's, by weight; English when there is none.
    fn preferred(accepted: &str) -> Self {
        let mut best = (Language::English, 0.0f32);
        for part in accepted.split(',').take(16) {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or("").trim();
            let weight = pieces.find_map(|piece| piece.trim().strip_prefix("q=")).and_then(|text| text.parse().ok()).unwrap_or(1.0);
            let primary = tag.split('-').next().unwrap_or("").to_ascii_lowercase();
            if let Some(language) = Self::from_code(&primary)
                && weight > best.1
            {
                best = (language, weight);
            }
        }
        best.0
    }
}

/// Letters speak as the page did on which they were asked for.
impl From<Language> for LetterLanguage {
    fn from(language: Language) -> Self {
        match language {
            Language::English => Self::English,
            Language::German => Self::German,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_is_spoken_to_as_she_prefers() {
        for (accepted, language) in [
            ("", Language::English),
            ("de-DE,de;q=0.9,en;q=0.8", Language::German),
            ("fr-FR, en;q=0.5, de;q=0.4", Language::English),
            ("fr", Language::English),
            ("en;q=0.2,de", Language::German),
            ("de;q=0", Language::English),
            (";;;q=,,", Language::English),
        ] {
            assert_eq!(Language::preferred(accepted), language, "{accepted}");
        }
    }

    #[test]
    fn asking_wins_over_the_cookie_and_the_cookie_over_the_browser() {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", "a=b; science3d_language=de".parse().unwrap());
        headers.insert("accept-language", "en".parse().unwrap());
        assert_eq!(Language::of(&"/x?lang=en".parse().unwrap(), &headers), Language::English);
        assert_eq!(Language::of(&"/x".parse().unwrap(), &headers), Language::German);
    }
}
