//! The fields of the deposit form as the page shows them.

use crate::{
    display,
    form::{self, FieldFault},
    language::Language,
};
use record::{
    field::{Field, Shape, Theme},
    licence::Licence,
    panet::Term,
    record::Record,
};
use std::collections::HashMap;

/// Fields under one heading, closed until somebody wants them.
pub(super) struct Fold {
    pub(super) title: &'static str,
    pub(super) open: bool,
    /// How many of them are filled.
    pub(super) filled: usize,
    pub(super) fields: Vec<FieldView>,
}

pub(super) struct FieldView {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) help: &'static str,
    pub(super) required: bool,
    /// Read from the headers of the files, and not changed by a person since.
    pub(super) from_file: bool,
    pub(super) typed: bool,
    pub(super) value: String,
    pub(super) error: String,
    pub(super) look: Look,
    pub(super) options: Vec<OptionView>,
    /// Where the field is completed from while one types.
    pub(super) suggest: Option<Suggest>,
    /// What the browser itself may offer where there is no script: the list of this name, and what is in it when it is the field's own.
    pub(super) known_in: String,
    pub(super) known: Vec<Known>,
    /// What the options mean.
    pub(super) meanings: Vec<MeaningView>,
}

/// What goes into the field, and what else it is called.
pub(super) struct Known {
    pub(super) value: &'static str,
    pub(super) also: String,
}

/// The list that several fields offer.
pub(super) const INSTITUTIONS_KNOWN: &str = "institutions-known";

pub(super) fn institutions() -> Vec<Known> {
    archive::Archive::usual_organisations().map(|(value, also)| Known { value, also }).collect()
}

pub(super) struct Suggest {
    pub(super) vocabulary: &'static str,
    /// The field that takes the id of what is chosen.
    pub(super) partner: &'static str,
    /// Nothing outside of the list is taken, and the usual ones are shown before one types.
    pub(super) open: bool,
    /// Of a line of parts, from which of them on.
    pub(super) place: usize,
}

pub(super) struct MeaningView {
    pub(super) name: String,
    pub(super) says: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Line,
    Number,
    Day,
    Area,
    Check,
    Choice,
}

pub(super) struct OptionView {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

impl FieldView {
    pub(super) fn is(&self, look: &str) -> bool {
        look == match self.look {
            Look::Line => "line",
            Look::Number => "number",
            Look::Day => "day",
            Look::Area => "area",
            Look::Check => "check",
            Look::Choice => "choice",
        }
    }
    /// Which elements describe the field, for screen readers.
    pub(super) fn described_by(&self) -> String {
        if self.error.is_empty() { format!("{}-help", self.name) } else { format!("{0}-help {0}-error", self.name) }
    }
}

/// The fields that must be filled, and the rest by theme. `written` is what a person just sent, also where it could not be read.
pub(super) fn fields(
    record: &Record,
    written: &HashMap<&str, &str>,
    faults: &[FieldFault],
    language: Language,
) -> (Vec<FieldView>, Vec<Fold>) {
    let mut main = Vec::new();
    let mut more: Vec<(Theme, FieldView)> = Vec::new();
    for (field, saved) in form::values_of(record.kind, &record.metadata) {
        let value = written.get(field.name).map_or(saved, |text| (*text).to_owned());
        let view = view(field, record, value, faults, language);
        // A publisher's DOI may stand for the journal, so it belongs to what is asked first.
        if view.required || field.name == "article_doi" { main.push(view) } else { more.push((field.theme, view)) }
    }
    let fold = |theme: &Theme| {
        let (here, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut more).into_iter().partition(|(of, _)| of == theme);
        more = rest;
        let fields: Vec<FieldView> = here.into_iter().map(|(_, view)| view).collect();
        Fold {
            title: display::said(theme.says(), language),
            open: fields.iter().any(|field| !field.error.is_empty()),
            filled: fields.iter().filter(|field| !field.value.is_empty() && field.value != "false").count(),
            fields,
        }
    };
    let folds: Vec<Fold> = Theme::ALL.iter().map(fold).filter(|fold| !fold.fields.is_empty()).collect();
    (main, folds)
}

fn view(field: &'static Field, record: &Record, value: String, faults: &[FieldFault], language: Language) -> FieldView {
    let from_file = record.read_from_files.contains(field.name) && !value.is_empty();
    let label = display::said(field.label, language);
    let known = known(&field.shape);
    FieldView {
        name: field.name,
        label: if field.unit.is_empty() { label.to_owned() } else { format!("{label} ({})", field.unit) },
        help: display::said(field.help, language),
        required: field.needed.is_some_and(|needed| needed.is_for(record.kind)),
        from_file,
        typed: !from_file && !value.is_empty(),
        error: faults.iter().find(|fault| fault.field == field.name).map(|fault| fault.says.clone()).unwrap_or_default(),
        look: look(&field.shape),
        options: options(&field.shape, &value, language),
        suggest: suggest(field.name),
        known_in: match field.name {
            "facility" => INSTITUTIONS_KNOWN.to_owned(),
            name if !known.is_empty() => format!("{name}-known"),
            _ => String::new(),
        },
        known,
        meanings: meanings(&field.shape, language),
        value,
    }
}

fn known(shape: &Shape) -> Vec<Known> {
    match shape {
        Shape::Technique => Term::all().iter().map(|term| Known { value: term.label, also: String::new() }).collect(),
        Shape::Licence => Licence::offered().map(|licence| Known { value: licence.spdx(), also: licence.name().to_owned() }).collect(),
        _ => Vec::new(),
    }
}

fn suggest(field: &str) -> Option<Suggest> {
    let from = |vocabulary, partner, open, place| Some(Suggest { vocabulary, partner, open, place });
    match field {
        "organism" => from("taxa", "taxon_id", false, 0),
        "technique" => from("techniques", "", true, 0),
        "licence" => from("licences", "", true, 0),
        "facility" => from("organisations", "facility_ror", false, 0),
        // Institutions stand behind the name of a person, and are what funds.
        "creators" | "contributors" => from("organisations", "", false, 1),
        "funding" => from("organisations", "", false, 0),
        _ => None,
    }
}

fn meanings(shape: &Shape, language: Language) -> Vec<MeaningView> {
    if !matches!(shape, Shape::Licence) {
        return Vec::new();
    }
    let says =
        |licence: Licence| MeaningView { name: display::licence_short(licence.spdx()), says: display::said(licence.explained(), language) };
    Licence::offered().map(says).collect()
}

fn look(shape: &Shape) -> Look {
    match shape {
        Shape::Text | Shape::Rows(_) => Look::Area,
        Shape::Quantity { .. } | Shape::Whole { .. } => Look::Number,
        Shape::Day => Look::Day,
        Shape::Check => Look::Check,
        Shape::Choice(_) | Shape::Language => Look::Choice,
        _ => Look::Line,
    }
}

/// Languages offered by their own names; the API takes every code.
const LANGUAGES: [(&str, &str); 9] = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "français"),
    ("es", "español"),
    ("it", "italiano"),
    ("pt", "português"),
    ("ru", "русский"),
    ("zh", "中文"),
    ("ja", "日本語"),
];

fn options(shape: &Shape, value: &str, language: Language) -> Vec<OptionView> {
    let option = |held: &str, label: String| OptionView { value: held.to_owned(), label, chosen: held == value };
    let mut options: Vec<OptionView> = match shape {
        Shape::Choice(terms) => terms.iter().map(|term| option(term.name, display::said(term.says, language).to_owned())).collect(),
        Shape::Language => LANGUAGES.into_iter().map(|(code, name)| option(code, name.to_owned())).collect(),
        _ => return Vec::new(),
    };
    // What came by the API and is not offered must survive a form that is sent without a change.
    if !value.is_empty() && !options.iter().any(|option| option.chosen) {
        options.push(option(value, value.to_owned()));
    }
    options
}
