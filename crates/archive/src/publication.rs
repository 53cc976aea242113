//! Publications that others have described already: a text becomes a draft out of what a registry of DOIs says of it,
//! and no text enters twice under one DOI.

use crate::{
    Archive, Refusal, Visitor,
    account::FIRST_ADMINISTRATOR,
    refusal::{hint, said},
    sight::Sight,
};
use record::{
    Record, access::Aspect, account::Scope, doi::Doi, harvest::Source, id::RecordId, kind::Kind, metadata::Metadata, team::Email,
};
use serde_json::Value;

/// Where publications come from; what the operator decided about them.
#[derive(Debug, Clone)]
pub struct Publications {
    /// Crossref's REST API; empty: it is not asked.
    pub crossref_url: String,
    /// DataCite's REST API; empty: it is not asked.
    pub datacite_url: String,
    /// The mail address that other catalogues are told.
    pub contact: String,
    /// Whose records the harvested publications are.
    pub curator: Email,
    /// The publication databases that are harvested.
    pub sources: Vec<Source>,
}

/// Nobody is asked and nothing is harvested.
impl Default for Publications {
    fn default() -> Self {
        let curator = FIRST_ADMINISTRATOR.parse().unwrap(); // a test reads it
        Self { crossref_url: String::new(), datacite_url: String::new(), contact: String::new(), curator, sources: Vec::new() }
    }
}

impl Archive {
    /// The publication with this DOI, if this visitor may see it. Refuses those who could not enter one anyway, so that
    /// no other catalogue is asked for them. Somebody else's draft is nobody's business.
    pub async fn publication_here(&self, visitor: &Visitor, doi: &Doi) -> Result<Option<Record>, Refusal> {
        visitor.needs(Scope::Deposit)?;
        let mut here = self.catalogue().records_by_article_doi(doi).await?.into_iter().map(|stored| Sight::new(stored, visitor));
        Ok(here.find(|sight| sight.may(Aspect::Metadata)).map(|sight| sight.record))
    }

    /// A draft of a publication with this DOI and what is known of it; the visitor looks it through and publishes it.
    pub async fn enter_publication(&self, visitor: &Visitor, doi: &Doi, mut metadata: Metadata) -> Result<Record, Refusal> {
        if let Some(here) = self.publication_here(visitor, doi).await? {
            return Err(is_here(&here));
        }
        metadata.article.get_or_insert_with(Default::default).doi = Some(doi.clone());
        self.create(visitor, Kind::Publication, metadata).await
    }

    /// Fills what is still empty; a person's words are never replaced.
    pub async fn fill_gaps(&self, visitor: &Visitor, id: &RecordId, known: &Metadata) -> Result<Record, Refusal> {
        self.change_metadata(visitor, id, None, |metadata| filled(&metadata, known)).await
    }
}

/// These metadata with everything from the others that they do not have.
pub(crate) fn filled(metadata: &Metadata, known: &Metadata) -> Result<Metadata, Refusal> {
    let broken = |error: serde_json::Error| Refusal::Unavailable(error.to_string());
    let mut document = serde_json::to_value(metadata).map_err(broken)?;
    fill(&mut document, serde_json::to_value(known).map_err(broken)?);
    serde_json::from_value(document).map_err(broken)
}

/// As deep as metadata are nested, which is not deep.
fn fill(document: &mut Value, known: Value) {
    match (document, known) {
        (Value::Object(here), Value::Object(known)) => {
            for (name, value) in known {
                match here.get_mut(&name) {
                    Some(Value::String(text)) if text.trim().is_empty() => *text = value.as_str().unwrap_or_default().to_owned(),
                    Some(held @ Value::Object(_)) => fill(held, value),
                    Some(_) => {}
                    None => {
                        here.insert(name, value);
                    }
                }
            }
        }
        _ => {}
    }
}

pub fn is_here(record: &Record) -> Refusal {
    Refusal::Conflict {
        what: said(
            "publication-is-here",
            format!("This publication is here already: /records/{}", record.id),
            format!("Diese Publikation ist schon hier: /records/{}", record.id),
        ),
        hint: hint("Open it instead of making a second one.", "Öffnen Sie sie, statt eine zweite anzulegen."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::{agent::Person, metadata::Article};

    #[test]
    fn publications_belong_to_the_first_administrator_unless_said_otherwise() {
        assert_eq!(Publications::default().curator.as_str(), FIRST_ADMINISTRATOR);
    }

    #[test]
    fn gaps_are_filled_and_words_are_kept() {
        let typed = Metadata {
            title: " ".into(),
            description: "My own words.".into(),
            article: Some(Article { year: Some(2009), ..Article::default() }),
            ..Metadata::default()
        };
        let known = Metadata {
            title: "Jaw mechanics".into(),
            description: "The abstract.".into(),
            creators: vec![Person::from_text("Kleinteich, Thomas")],
            article: Some(Article { year: Some(2008), journal: Some("Interface".into()), ..Article::default() }),
            ..Metadata::default()
        };
        let filled = filled(&typed, &known).unwrap();
        assert_eq!((filled.title.as_str(), filled.description.as_str()), ("Jaw mechanics", "My own words."));
        assert_eq!(filled.creators, known.creators);
        let article = filled.article.unwrap();
        assert_eq!((article.year, article.journal.as_deref()), (Some(2009), Some("Interface")));
    }
}
