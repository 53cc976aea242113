//! The fields of the deposit form as the page shows them.

use crate::{
    display,
    form::{self, Control, FieldFault},
    words::Words,
};
use record::{
    licence::Licence,
    readiness,
    record::Record,
    technique::{Probe, Technique},
};
use std::collections::HashMap;

pub(super) struct FieldView {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) help: &'static str,
    pub(super) required: bool,
    /// Read from the headers of the files, and not changed by a person since.
    pub(super) from_file: bool,
    pub(super) typed: bool,
    pub(super) value: String,
    pub(super) error: String,
    pub(super) look: Look,
    pub(super) options: Vec<OptionView>,
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

/// The fields that must be filled, and the rest. `written` is what a person just sent, also where it could not be read.
pub(super) fn fields(
    record: &Record,
    written: &HashMap<&str, &str>,
    faults: &[FieldFault],
    words: &'static Words,
) -> (Vec<FieldView>, Vec<FieldView>) {
    let required = readiness::required_fields(record.kind);
    let mut main = Vec::new();
    let mut more = Vec::new();
    for (field, saved) in form::values_of(record.kind, &record.metadata) {
        let is_required = required.contains(&field.name);
        let value = written.get(field.name).map_or(saved, |text| (*text).to_owned());
        let from_file = record.read_from_files.contains(field.name) && !value.is_empty();
        let view = FieldView {
            name: field.name,
            label: (field.label)(words),
            help: (field.help)(words),
            required: is_required,
            from_file,
            typed: !from_file && !value.is_empty(),
            error: faults.iter().find(|fault| fault.field == field.name).map(|fault| fault.says.clone()).unwrap_or_default(),
            look: look(field.control),
            options: options(field.control, &value, words),
            value,
        };
        // A publisher's DOI may stand for the journal, so it belongs to what is asked first.
        if is_required || field.name == "article_doi" { main.push(view) } else { more.push(view) }
    }
    (main, more)
}

fn look(control: Control) -> Look {
    match control {
        Control::Line | Control::Voxel | Control::Doi | Control::Keywords => Look::Line,
        Control::Quantity | Control::Whole => Look::Number,
        Control::Day => Look::Day,
        Control::Text | Control::People | Control::Related | Control::Funding => Look::Area,
        Control::Check => Look::Check,
        Control::Licence | Control::Technique | Control::Probe | Control::Language => Look::Choice,
    }
}

fn options(control: Control, value: &str, words: &'static Words) -> Vec<OptionView> {
    let option = |held: &str, label: String| OptionView { value: held.to_owned(), label, chosen: held == value };
    match control {
        Control::Licence => Licence::offered()
            .map(|licence| option(licence.spdx(), format!("{} ({})", display::licence_short(licence.spdx()), licence.name())))
            .collect(),
        Control::Technique => Technique::OFFERED.iter().map(|technique| option(technique.id, technique.label.to_owned())).collect(),
        Control::Probe => Probe::ALL.into_iter().map(|probe| option(probe.name(), display::probe(probe, words).to_owned())).collect(),
        Control::Language => [
            ("en", "English"),
            ("de", "Deutsch"),
            ("fr", "français"),
            ("es", "español"),
            ("it", "italiano"),
            ("pt", "português"),
            ("ru", "русский"),
            ("zh", "中文"),
            ("ja", "日本語"),
        ]
        .into_iter()
        .map(|(code, name)| option(code, name.to_owned()))
        .collect(),
        _ => Vec::new(),
    }
}
