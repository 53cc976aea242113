//! The fields of the index and how an entry becomes a document. Change `VERSION` with every change here:
//! an index of another version is built anew.

use crate::{entry::Entry, facet::Facet, hits::Hit, words};
use serde::{Deserialize, Serialize};
use tantivy::{
    TantivyDocument,
    schema::{FAST, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value},
};

pub(crate) const VERSION: u32 = 2;

/// Description kept for snippets; the rest is searched but not shown.
const SHOWN_CHARS_MAX: usize = 1500;

#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub(crate) schema: Schema,
    pub(crate) id: Field,
    pub(crate) title: Field,
    pub(crate) names: Field,
    pub(crate) text: Field,
    pub(crate) whole_title: Field,
    pub(crate) doi: Field,
    pub(crate) mention: Field,
    pub(crate) state: Field,
    pub(crate) facets: [Field; Facet::ALL.len()],
    /// Numbers in the order of `record::field::quantities`.
    pub(crate) quantities: Vec<Field>,
    pub(crate) public_since: Field,
    pub(crate) shown: Field,
}

/// What is kept to show a hit without asking the catalogue.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Shown {
    pub(crate) hit: Hit,
    #[serde(default)]
    pub(crate) description: String,
}

pub(crate) const OPEN: &str = "open";

impl Fields {
    pub(crate) fn new() -> Self {
        let mut builder = Schema::builder();
        // Neither positions nor frequencies nor lengths: ranking goes by place, see `answer`.
        let indexing =
            TextFieldIndexing::default().set_tokenizer("whitespace").set_index_option(IndexRecordOption::Basic).set_fieldnorms(false);
        let words = TextOptions::default().set_indexing_options(indexing);
        let id = builder.add_text_field("id", STRING);
        let title = builder.add_text_field("title", words.clone());
        let names = builder.add_text_field("names", words.clone());
        let text = builder.add_text_field("text", words);
        let whole_title = builder.add_text_field("whole_title", STRING);
        let doi = builder.add_text_field("doi", STRING);
        let mention = builder.add_text_field("mention", STRING);
        let state = builder.add_text_field("state", STRING);
        let facets = Facet::ALL.map(|facet| builder.add_text_field(facet.name(), STRING | FAST));
        // A facet may have the name of a number: the year is both.
        let quantities =
            record::field::quantities().map(|field| builder.add_f64_field(&format!("quantity_{}", field.name), FAST)).collect();
        let public_since = builder.add_i64_field("public_since", FAST);
        let shown = builder.add_text_field("shown", STORED);
        Self { schema: builder.build(), id, title, names, text, whole_title, doi, mention, state, facets, quantities, public_since, shown }
    }

    pub(crate) fn facet(&self, facet: Facet) -> Field {
        self.facets[facet as usize]
    }

    pub(crate) fn document(&self, entry: &Entry) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        let hit = &entry.shown;
        document.add_text(self.id, hit.id.as_str());
        document.add_text(self.title, words::indexed(&hit.title));
        document.add_text(self.names, words::indexed(&entry.names));
        document.add_text(self.text, words::indexed(&format!("{}\n{}\n{}", hit.title, entry.names, entry.rest)));
        document.add_text(self.whole_title, words::split(&hit.title).join(" "));
        for doi in &entry.dois {
            document.add_text(self.doi, doi);
        }
        for doi in &entry.mentions {
            document.add_text(self.mention, doi);
        }
        if hit.open {
            document.add_text(self.state, OPEN);
        }
        for (facet, value) in &entry.facets {
            document.add_text(self.facet(*facet), value);
        }
        for (position, number) in &entry.quantities {
            document.add_f64(self.quantities[*position], *number);
        }
        document.add_i64(self.public_since, entry.public_since.0);
        let shown = Shown { hit: hit.clone(), description: entry.description.chars().take(SHOWN_CHARS_MAX).collect() };
        // A struct of strings and numbers always becomes JSON; an empty text would only lose the hit from view.
        document.add_text(self.shown, serde_json::to_string(&shown).unwrap_or_default());
        document
    }

    pub(crate) fn shown(&self, document: &TantivyDocument) -> Option<Shown> {
        let text = document.get_first(self.shown)?.as_str()?;
        serde_json::from_str(text).ok()
    }
}
