//! The table of facts on an entry page: every field of the sample and the measurement that is filled, in the order of the form, with
//! the units in which people speak of it.

use super::entry_parts::Fact;
use crate::{display, form, language::Language, words::Words};
use archive::taxa::Placed;
use record::{
    Record,
    derivative::{Derivative, DerivativeKind},
    field::{self, Field, Shape, Theme},
    identifier::Ror,
    panet::Term,
};
use serde_json::Value;

#[derive(Default)]
pub(super) struct Facts {
    pub(super) list: Vec<Fact>,
}

impl Facts {
    fn push(&mut self, label: &'static str, value: String, href: String, emphasis: bool) {
        if !value.trim().is_empty() {
            self.list.push(Fact { label, value, href, emphasis });
        }
    }
    pub(super) fn text(&mut self, label: &'static str, value: Option<&str>) {
        self.owned(label, value.map(str::to_owned));
    }
    pub(super) fn owned(&mut self, label: &'static str, value: Option<String>) {
        self.push(label, value.unwrap_or_default(), String::new(), false);
    }
    pub(super) fn linked(&mut self, label: &'static str, value: String, href: String) {
        self.push(label, value, href, false);
    }
}

/// The sample and the acquisition, or where a text appeared, then who paid and under which names it is known.
pub(super) fn facts(
    record: &Record,
    placed: Option<&Placed>,
    volume: Option<&Derivative>,
    words: &'static Words,
    language: Language,
) -> Vec<Fact> {
    let document = serde_json::to_value(&record.metadata).unwrap_or(Value::Null);
    let mut list = Facts::default();
    for field in field::all().filter(|field| is_a_fact(field, record)) {
        match field.name {
            "voxel_size_um" => voxel_facts(record, volume, words, language, &mut list),
            _ => add(field, &document, language, &mut list),
        }
        if field.name == "organism" {
            taxon_facts(record, placed, words, &mut list);
        }
    }
    if record.kind.has_volume() {
        list.text(words.fact_format, record.metadata.acquisition.format.as_deref());
    }
    for funding in &record.metadata.funding {
        let parts = [Some(&funding.funder), funding.award.as_ref(), funding.award_title.as_ref()];
        let words = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
        list.linked(label("funding", language), words, web_address(funding.award_url.as_deref()));
    }
    for date in &record.metadata.dates {
        let words = [Some(date.date.as_str()), date.about.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ");
        list.owned(display::said(date.date_type.says(), language), Some(words));
    }
    for other in &record.metadata.identifiers {
        list.owned(label("identifiers", language), Some(format!("{} ({})", other.identifier, other.scheme)));
    }
    for other in &record.metadata.contributors {
        let person = other.person.natural_name();
        list.linked(
            display::said(other.part.says(), language),
            person,
            other.person.orcid.as_ref().map(|orcid| orcid.url()).unwrap_or_default(),
        );
    }
    list.list
}

fn is_a_fact(field: &Field, record: &Record) -> bool {
    let theme = match field.theme {
        Theme::Sample | Theme::Measurement | Theme::Processing => !record.kind.is_text(),
        Theme::Article => record.kind.is_text(),
        Theme::About => field.name == "resource_type",
        Theme::People | Theme::Connections => false,
    };
    theme && field.asked != field::Asked::Nobody
}

fn label(name: &str, language: Language) -> &'static str {
    field::by_name(name).map_or("", |field| display::said(field.label, language))
}

/// Only such an address may stand in a link.
fn web_address(text: Option<&str>) -> String {
    text.filter(|text| field::check::is_address(text)).unwrap_or_default().to_owned()
}

fn add(field: &Field, document: &Value, language: Language, list: &mut Facts) {
    let Some(value) = document.pointer(field.path).filter(|value| !value.is_null()) else { return };
    let label = display::said(field.label, language);
    let text = value.as_str().unwrap_or("");
    match (&field.shape, field.name) {
        (_, "organism" | "journal") => list.push(label, text.to_owned(), String::new(), true),
        (_, "taxon_id") => {
            list.linked(label, value.to_string(), format!("https://www.ncbi.nlm.nih.gov/Taxonomy/Browser/wwwtax.cgi?id={value}"));
        }
        (_, "year") => list.owned(label, Some(value.to_string())),
        (Shape::Quantity { .. }, _) => {
            let space = if field.unit == "°" { "" } else { "\u{a0}" };
            list.owned(label, value.as_f64().map(|number| format!("{}{space}{}", display::decimal(number, language), field.unit)));
        }
        (Shape::Whole { .. }, _) => list.owned(label, value.as_u64().map(|count| display::number(count, language))),
        (Shape::Day | Shape::Date, _) => list.owned(label, Some(display::day_of_text(text, language))),
        (Shape::Technique, _) => match Term::by_id(text) {
            Some(technique) => list.linked(label, technique.label.to_owned(), technique.url()),
            None => list.text(label, Some(text)),
        },
        (Shape::Choice(terms), _) => {
            let says = terms.iter().find(|term| term.name == text).map(|term| display::said(term.says, language));
            list.text(label, says.or(Some(text)));
        }
        (Shape::Doi, _) => list.linked(label, text.to_owned(), format!("https://doi.org/{text}")),
        (Shape::Ror, _) => list.linked(label, text.to_owned(), text.parse::<Ror>().map(|ror| ror.url()).unwrap_or_default()),
        (Shape::Rows(_), _) => form::words_in(field, document).lines().for_each(|line| list.text(label, Some(line))),
        _ => list.owned(label, Some(form::words_in(field, document))),
    }
}

/// The name to use where another was given, and what the organism belongs to.
fn taxon_facts(record: &Record, placed: Option<&Placed>, words: &'static Words, list: &mut Facts) {
    let Some(Placed { taxon, lineage }) = placed else { return };
    let given = record.metadata.sample.organism.as_deref().unwrap_or_default().trim();
    if taxon.rank == "species" && !taxon.name.eq_ignore_ascii_case(given) {
        list.push(words.accepted_name, taxon.name.clone(), String::new(), true);
    }
    list.text(words.common_name, taxon.common_name.as_deref());
    let names: Vec<&str> = lineage.iter().map(|above| above.name.as_str()).collect();
    list.text(words.taxon_lineage, Some(&names.join(" › ")));
}

fn voxel_facts(record: &Record, volume: Option<&Derivative>, words: &'static Words, language: Language, list: &mut Facts) {
    let acquisition = &record.metadata.acquisition;
    let converted = volume.and_then(|derivative| match &derivative.kind {
        DerivativeKind::Volume(facts) => Some(facts),
        DerivativeKind::Picture { .. } | DerivativeKind::Model(_) | DerivativeKind::Movie(_) => None,
    });
    let shape = acquisition.shape.or(converted.map(|facts| facts.shape));
    let size = acquisition.voxel_size_um.or(converted.and_then(|facts| facts.voxel_size_um));
    list.owned(words.fact_voxel_size, size.map(|size| display::voxel_size(size, language)));
    list.owned(words.fact_shape, shape.map(|shape| display::shape(shape, language)));
    list.owned(words.fact_extent, shape.zip(size).map(|(shape, size)| display::extent(shape, size, language)));
    let element = acquisition.element_type.as_deref().or(converted.map(|facts| facts.element_type.as_str()));
    list.text(words.fact_element, element.map(|name| display::element_type(name, words)));
}

/// What the files say of themselves.
pub(super) fn found(record: &Record, words: &'static Words, language: Language) -> Vec<Fact> {
    let acquisition = &record.metadata.acquisition;
    let mut list = Facts::default();
    list.text(words.fact_format, acquisition.format.as_deref());
    list.owned(words.fact_shape, acquisition.shape.map(|shape| display::shape(shape, language)));
    list.text(words.fact_element, acquisition.element_type.as_deref().map(|name| display::element_type(name, words)));
    list.list
}
