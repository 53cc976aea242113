//! Citations in a named style of the Citation Style Language, in a language: `text/x-bibliography; style=apa; locale=de-DE`.
//! Styles and locales are those of the CSL project (CC BY-SA 3.0), as they come with the library that applies them.

use crate::{citation, place::Place};
use hayagriva::{
    BibliographyDriver, BibliographyRequest, BufWriteFormat, CitationItem, CitationRequest,
    archive::{self, ArchivedStyle},
    citationberg::{Locale, LocaleCode, Style, json::Item},
};
use record::{Record, instant::Instant};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::LazyLock,
};

/// How a citation is wished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CitationWish {
    style: ArchivedStyle,
    /// A position among the locales.
    locale: usize,
}

static LOCALES: LazyLock<Vec<Locale>> = LazyLock::new(archive::locales);

/// What a page offers: name in addresses, and name for people.
pub const OFFERED: [(&str, &str); 6] = [
    ("apa", "APA"),
    ("chicago-author-date", "Chicago"),
    ("harvard-cite-them-right", "Harvard"),
    ("ieee", "IEEE"),
    ("modern-language-association", "MLA"),
    ("nature", "Nature"),
];
const DEFAULT_STYLE: &str = "apa";
const DEFAULT_LOCALE: &str = "en-US";

impl CitationWish {
    /// Unknown names stand for none: a citation in another style is worth more than a refusal.
    pub fn of(style: Option<&str>, locale: Option<&str>) -> Option<Self> {
        let style = style.and_then(style_of).or_else(|| style_of(DEFAULT_STYLE))?;
        let locale = locale.and_then(locale_of).or_else(|| locale_of(DEFAULT_LOCALE))?;
        Some(Self { style, locale })
    }

    fn locale_name(self) -> &'static str {
        LOCALES.get(self.locale).and_then(|locale| locale.lang.as_ref()).map_or(DEFAULT_LOCALE, |code| code.0.as_str())
    }

    /// One line. Where the style has no word for a thing, as DataCite recommends.
    pub(crate) fn render(self, record: &Record, place: &Place, now: Instant) -> String {
        let item = citation::csl_json(record, place, now);
        // The library is large and titles are anybody's: a fault of it must not become one of ours.
        let rendered = catch_unwind(AssertUnwindSafe(|| self.rendered(item))).ok().flatten();
        let text = rendered.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty());
        text.unwrap_or_else(|| citation::text(record, place, now))
    }

    fn rendered(self, item: serde_json::Value) -> Option<String> {
        let item: Item = serde_json::from_value(item).ok()?;
        let Style::Independent(style) = self.style.get() else { return None };
        let mut driver = BibliographyDriver::new();
        driver.citation(CitationRequest::from_items(vec![CitationItem::with_entry(&item)], &style, &LOCALES));
        let locale = LocaleCode(self.locale_name().to_owned());
        let done = driver.finish(BibliographyRequest::new(&style, Some(locale), &LOCALES));
        let line = done.bibliography?.items.into_iter().next()?;
        let mut text = String::new();
        line.content.write_buf(&mut text, BufWriteFormat::Plain).ok()?;
        Some(text)
    }
}

fn style_of(name: &str) -> Option<ArchivedStyle> {
    let name = name.trim().trim_matches('"').to_ascii_lowercase();
    ArchivedStyle::by_name(&name).filter(|style| matches!(style.get(), Style::Independent(_)))
}

/// `de-DE`, or `de` for the first of that language.
fn locale_of(name: &str) -> Option<usize> {
    let name = name.trim().trim_matches('"');
    let is = |locale: &Locale, wanted: &str| locale.lang.as_ref().is_some_and(|code| code.0.eq_ignore_ascii_case(wanted));
    let usual = format!("{0}-{0}", name);
    let begins = |locale: &Locale| {
        let language = locale.lang.as_ref().and_then(|code| code.0.split('-').next());
        language.is_some_and(|language| language.eq_ignore_ascii_case(name))
    };
    let by = |wanted: &str| LOCALES.iter().position(|locale| is(locale, wanted));
    if name.eq_ignore_ascii_case("en") {
        by(DEFAULT_LOCALE)
    } else {
        by(name).or_else(|| by(&usual)).or_else(|| LOCALES.iter().position(begins))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_and_a_language_are_known_by_their_usual_names() {
        let named = |style, locale| CitationWish::of(Some(style), Some(locale)).unwrap();
        assert_eq!(named("IEEE", "de-DE"), named("institute-of-electrical-and-electronics-engineers", "de"));
        assert_eq!(named("no such style", "xx"), CitationWish::of(None, None).unwrap());
        assert_ne!(named("ieee", "en"), named("\"APA\"", "en"));
        assert_eq!((named("ieee", "de").locale_name(), named("ieee", "en").locale_name()), ("de-DE", "en-US"));
        for (name, _) in OFFERED {
            assert!(style_of(name).is_some(), "{name}");
        }
    }
}
