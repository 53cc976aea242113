//! DataCite's related items: what a record belongs to that has no identifier of its own in the list of relations. A text belongs to
//! a journal or a book, data to the instrument that collected them.

use crate::{datacite::first_and_last_page, xml::is_blank};
use record::metadata::{Acquisition, Article, Metadata};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RelatedItem {
    pub(crate) kind: &'static str,
    pub(crate) relation: &'static str,
    /// Value and type.
    pub(crate) identifier: Option<(String, &'static str)>,
    pub(crate) title: String,
    pub(crate) year: Option<String>,
    /// Volume, issue, first page, last page and publisher by DataCite's names, in the order of its schema.
    pub(crate) details: Vec<(&'static str, String)>,
}

pub(crate) const PUBLISHED_IN: &str = "IsPublishedIn";

impl RelatedItem {
    pub(crate) fn all_of(said: &Metadata, year: &str) -> Vec<Self> {
        said.article.iter().filter_map(|article| container(article, year)).chain(instrument(&said.acquisition)).collect()
    }

    /// `J. R. Soc. Interface 5 (29), 1491-1504, ISSN 1742-5689`
    pub(crate) fn words(&self) -> String {
        let mut words = self.title.clone();
        words.extend(self.detail("volume").map(|volume| format!(" {volume}")));
        words.extend(self.detail("issue").map(|issue| format!(" ({issue})")));
        words.extend(self.detail("firstPage").map(|first| format!(", {first}")));
        words.extend(self.detail("lastPage").map(|last| format!("-{last}")));
        words.extend(self.identifier.iter().map(|(value, kind)| format!(", {kind} {value}")));
        words
    }

    pub(crate) fn detail(&self, name: &str) -> Option<&str> {
        self.details.iter().find(|(held, _)| *held == name).map(|(_, text)| text.as_str())
    }
}

/// A journal by its ISSN, or a book by its ISBN.
fn container(article: &Article, year: &str) -> Option<RelatedItem> {
    let title = filled(article.journal.as_ref())?;
    let (issn, isbn) = (filled(article.issn.as_ref()), filled(article.isbn.as_ref()));
    let is_book = issn.is_none() && isbn.is_some();
    let (first, last) = first_and_last_page(article);
    let details = [("volume", article.volume.as_deref()), ("issue", article.issue.as_deref()), ("firstPage", first), ("lastPage", last)];
    Some(RelatedItem {
        kind: if is_book { "Book" } else { "Journal" },
        relation: PUBLISHED_IN,
        identifier: issn.map(|issn| (issn, "ISSN")).or(isbn.map(|isbn| (isbn, "ISBN"))),
        title,
        year: Some(year.to_owned()),
        details: details.into_iter().filter_map(|(name, text)| Some((name, text.filter(|text| !is_blank(text))?.to_owned()))).collect(),
    })
}

/// The ISBN, where it is not that of the container: a book's own, or that of a book in a series.
pub(crate) fn own_isbn(said: &Metadata) -> Option<String> {
    let article = said.article.as_ref()?;
    let is_told = filled(article.journal.as_ref()).is_some() && filled(article.issn.as_ref()).is_none();
    filled(article.isbn.as_ref()).filter(|_| !is_told)
}

/// Where only the facility is known, it stands for its instruments.
fn instrument(seen: &Acquisition) -> Option<RelatedItem> {
    let (instrument, facility) = (filled(seen.instrument.as_ref()), filled(seen.facility.as_ref()));
    let publisher = facility.clone().filter(|_| instrument.is_some());
    Some(RelatedItem {
        kind: "Instrument",
        relation: "IsCollectedBy",
        identifier: None,
        title: instrument.or(facility)?,
        year: None,
        details: publisher.map(|name| ("publisher", name)).into_iter().collect(),
    })
}

fn filled(text: Option<&String>) -> Option<String> {
    text.filter(|text| !is_blank(text)).map(|text| text.trim().to_owned())
}
