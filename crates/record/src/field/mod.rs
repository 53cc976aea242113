//! What can be said about a record, field by field: the one table from which come the form, the checks, the description of the
//! API, the JSON Schema, the list of what is missing and the crosswalk in `docs/metadata.md`. A field that is not here cannot be
//! filled; a test holds table and types together.

mod about;
mod acquisition;
mod article;
pub mod check;
pub mod crosswalk;
mod parts;
pub mod schema;
mod sample;
pub mod shape;

use crate::{
    kind::Kind,
    metadata::Metadata,
    term::{Bilingual, terms},
};
pub use check::{Fault, faults, faults_of_change};
use serde_json::Value;
pub use shape::{Part, Shape};

#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name in form, readiness list, search and problem documents.
    pub name: &'static str,
    /// Where it lies in the metadata, as a JSON pointer.
    pub path: &'static str,
    pub shape: Shape,
    pub asked: Asked,
    pub theme: Theme,
    /// As people write it; empty where there is none.
    pub unit: &'static str,
    pub label: Bilingual,
    pub help: Bilingual,
    /// As a person writes it into the form.
    pub example: &'static str,
    pub datacite: &'static str,
    pub nexus: &'static str,
    pub schema_org: &'static str,
    pub needed: Option<Needed>,
}

/// Whose form asks for it. The API takes every field for every kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Everyone,
    Datasets,
    Volumes,
    Biology,
    /// Materials and whatever is looked at with electrons.
    Materials,
    Electrons,
    Texts,
    Publications,
    /// Read from the files; nobody types it.
    Nobody,
}

impl Asked {
    pub fn is_for(self, kind: Kind) -> bool {
        match self {
            Asked::Everyone => true,
            Asked::Datasets => kind.is_dataset(),
            Asked::Volumes => kind.has_volume(),
            Asked::Biology => kind.is_dataset() && kind != Kind::TomographyMaterials,
            Asked::Materials => kind.is_dataset() && kind != Kind::TomographyBiology,
            Asked::Electrons => kind == Kind::ElectronMicroscopy,
            Asked::Texts => kind.is_text(),
            Asked::Publications => kind == Kind::Publication,
            Asked::Nobody => false,
        }
    }
}

/// What a record of some kinds cannot be registered without.
#[derive(Debug, Clone, Copy)]
pub struct Needed {
    by: &'static [Kind],
    pub is_given: fn(&Metadata) -> bool,
    /// Stable, for programs: `title-missing`.
    pub code: &'static str,
    pub says: Bilingual,
}

impl Needed {
    pub fn is_for(&self, kind: Kind) -> bool {
        self.by.contains(&kind)
    }
}

terms! {
    /// Under which heading the form folds it.
    pub enum Theme {
        About = "about", "What it is" | "Was es ist";
        People = "people", "People" | "Personen";
        Sample = "sample", "The sample" | "Die Probe";
        Measurement = "measurement", "The measurement" | "Die Messung";
        Processing = "processing", "From projections to volume" | "Von Projektionen zum Volumen";
        Article = "article", "Where it appeared" | "Wo es erschienen ist";
        Connections = "connections", "What it belongs to" | "Wozu es gehört";
    }
}

/// All fields, in the order of the form.
pub fn all() -> impl Iterator<Item = &'static Field> {
    let tables: [&'static [Field]; 5] = [about::FIRST, article::FIELDS, sample::FIELDS, acquisition::FIELDS, about::REST];
    tables.into_iter().flatten()
}

pub fn by_name(name: &str) -> Option<&'static Field> {
    all().find(|field| field.name == name)
}

pub fn by_path(path: &str) -> Option<&'static Field> {
    all().find(|field| field.path == path)
}

/// What a record of this kind must say before it is registered, in the order of the form.
pub fn needed_by(kind: Kind) -> impl Iterator<Item = (&'static Field, Needed)> {
    all().filter_map(move |field| Some((field, field.needed.filter(|needed| needed.is_for(kind))?)))
}

/// Numbers with or without a unit, which a search may narrow: `energy_kev:20..40`.
pub fn quantities() -> impl Iterator<Item = &'static Field> {
    all().filter(|field| matches!(field.shape, Shape::Quantity { .. } | Shape::Whole { .. } | Shape::Edges))
}

impl Field {
    const fn new(name: &'static str, path: &'static str, shape: Shape, asked: Asked, theme: Theme) -> Self {
        let (label, help, needed) = (Bilingual::NONE, Bilingual::NONE, None);
        Self { name, path, shape, asked, theme, unit: "", label, help, example: "", datacite: "", nexus: "", schema_org: "", needed }
    }
    const fn label(mut self, en: &'static str, de: &'static str) -> Self {
        self.label = Bilingual::new(en, de);
        self
    }
    const fn help(mut self, en: &'static str, de: &'static str) -> Self {
        self.help = Bilingual::new(en, de);
        self
    }
    const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }
    const fn example(mut self, example: &'static str) -> Self {
        self.example = example;
        self
    }
    /// What DataCite, NeXus and schema.org call it; empty where they have no word.
    const fn elsewhere(mut self, datacite: &'static str, nexus: &'static str, schema_org: &'static str) -> Self {
        (self.datacite, self.nexus, self.schema_org) = (datacite, nexus, schema_org);
        self
    }
    const fn needed(mut self, by: &'static [Kind], is_given: fn(&Metadata) -> bool, code: &'static str, says: Bilingual) -> Self {
        self.needed = Some(Needed { by, is_given, code, says });
        self
    }

    pub fn is_asked_of(&self, kind: Kind) -> bool {
        self.asked.is_for(kind)
    }

    /// Its number in these metadata, when it has one. Of a voxel the longest edge.
    pub fn number_in(&self, metadata: &Value) -> Option<f64> {
        let value = metadata.pointer(self.path)?;
        let number = match value {
            Value::Array(edges) => edges.iter().filter_map(Value::as_f64).reduce(f64::max),
            other => other.as_f64(),
        };
        number.filter(|number| number.is_finite())
    }
}

fn filled(text: &str) -> bool {
    !text.trim().is_empty()
}

fn given(text: &Option<String>) -> bool {
    text.as_deref().is_some_and(filled)
}

#[cfg(test)]
mod tests;
