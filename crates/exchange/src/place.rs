//! Who speaks: the address and the name of this catalogue, and what of a record may be said to the world.

use crate::xml::is_blank;
use record::{
    Record,
    doi::Doi,
    id::RecordId,
    metadata::{Article, Metadata},
    state::State,
};
use std::borrow::Cow;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Without a slash at its end: `https://science3d.example.org`.
    pub base_url: String,
    /// The institution that publishes: DataCite's `publisher`.
    pub publisher: String,
}

impl Place {
    /// The entry page, where the DOI leads.
    pub fn entry_url(&self, id: &RecordId) -> String {
        format!("{}/records/{id}", self.base_url.trim_end_matches('/'))
    }
    /// Where a record's DOI leads: the entry page, or that of a version when the DOI names one.
    pub(crate) fn page_of(&self, record: &Record) -> String {
        let version = record.state.doi().and_then(Doi::split_version);
        version.map_or_else(|| self.entry_url(&record.id), |(_, version)| format!("{}/{version}", self.entry_url(&record.id)))
    }
    /// Of a text who printed it, of everything else this institution.
    pub(crate) fn publisher_of<'a>(&'a self, record: &'a Record) -> &'a str {
        let article = record.metadata.article.as_ref().filter(|_| record.kind.is_text());
        let named = article.and_then(|article| article.publisher.as_deref()).map(str::trim).filter(|name| !is_blank(name));
        named.unwrap_or(self.publisher())
    }
    /// The institution, or the program where nobody named one.
    pub fn publisher(&self) -> &str {
        if self.publisher.trim().is_empty() { "Science 3D" } else { self.publisher.trim() }
    }
}

/// Of a withdrawn record only title, people and identifiers are told; of others everything.
pub(crate) fn told(record: &Record) -> Cow<'_, Record> {
    if !matches!(record.state, State::Withdrawn { .. }) {
        return Cow::Borrowed(record);
    }
    let said = &record.metadata;
    let article = said.article.as_ref().map(|article| Article { year: article.year, doi: article.doi.clone(), ..Article::default() });
    let metadata = Metadata {
        title: said.title.clone(),
        creators: said.creators.clone(),
        language: said.language.clone(),
        article,
        ..Metadata::default()
    };
    Cow::Owned(Record { metadata, ..record.clone() })
}

/// The address to cite: the DOI, or the entry page while there is none.
pub(crate) fn citable_url(record: &Record, place: &Place) -> String {
    record.citable_doi().map_or_else(|| place.page_of(record), |doi| doi.url())
}
