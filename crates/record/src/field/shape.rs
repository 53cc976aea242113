//! What a field can hold, and how that is said to people.

use crate::{licence::Licence, technique::Technique, term::Term};

#[derive(Debug, Clone, Copy)]
pub enum Shape {
    Line,
    Text,
    Check,
    Quantity {
        from: f64,
        to: f64,
    },
    Whole {
        from: i64,
        to: i64,
    },
    /// `2026-11-23`
    Day,
    /// A year, a month or a day; two of them with a stroke between are a span.
    Date,
    /// Edge lengths z, y, x.
    Edges,
    /// Numbers of voxels z, y, x.
    Counts,
    Choice(&'static [Term]),
    Choices(&'static [Term]),
    /// An id of SPDX's list; the usual ones are offered.
    Licence,
    /// A PaNET term; some are offered.
    Technique,
    Language,
    Doi,
    Orcid,
    Ror,
    Cas,
    Issn,
    Address,
    /// Words, one or many.
    Words,
    /// What a relation leads to.
    Target,
    /// One thing of several parts.
    Group(&'static [Part]),
    /// Many of them.
    Rows(&'static [Part]),
}

#[derive(Debug, Clone, Copy)]
pub struct Part {
    pub name: &'static str,
    pub shape: Shape,
    pub needed: bool,
    /// For programmers.
    pub about: &'static str,
    pub example: &'static str,
}

impl Part {
    pub(super) const fn new(name: &'static str, shape: Shape, about: &'static str, example: &'static str) -> Self {
        Self { name, shape, needed: false, about, example }
    }
    pub(super) const fn needed(mut self) -> Self {
        self.needed = true;
        self
    }
}

pub const LINE_CHARS_MAX: usize = 2_000;
pub const TEXT_CHARS_MAX: usize = 100_000;
/// Members of one list.
pub const ROWS_MAX: usize = 10_000;

impl Shape {
    /// A number that must be greater than zero.
    pub(super) const fn above_zero() -> Self {
        Shape::Quantity { from: f64::MIN_POSITIVE, to: 1e12 }
    }
    pub(super) const fn count() -> Self {
        Shape::Whole { from: 1, to: 1_000_000_000 }
    }

    /// What it takes, after “Give …”.
    pub fn takes(&self, unit: &str) -> (String, String) {
        let space = if unit.is_empty() { "" } else { " " };
        let same = |en: &str, de: &str| (en.to_owned(), de.to_owned());
        match self {
            Shape::Line => {
                (format!("one line of at most {LINE_CHARS_MAX} letters"), format!("eine Zeile mit höchstens {LINE_CHARS_MAX} Zeichen"))
            }
            Shape::Text => {
                (format!("a text of at most {TEXT_CHARS_MAX} letters"), format!("einen Text mit höchstens {TEXT_CHARS_MAX} Zeichen"))
            }
            Shape::Check => same("true or false", "true oder false"),
            Shape::Quantity { from, to } if *from == f64::MIN_POSITIVE && *to >= 1e12 => {
                (format!("a number greater than 0{}", in_unit(unit, "in")), format!("eine Zahl größer als 0{}", in_unit(unit, "in")))
            }
            Shape::Quantity { from, to } => {
                (format!("a number from {from} to {to}{space}{unit}"), format!("eine Zahl von {from} bis {to}{space}{unit}"))
            }
            Shape::Whole { from, to } => (format!("a whole number from {from} to {to}"), format!("eine ganze Zahl von {from} bis {to}")),
            Shape::Day => same("a day as year-month-day", "einen Tag als Jahr-Monat-Tag"),
            Shape::Date => same(
                "a year, a month or a day, or two of them with a stroke between",
                "ein Jahr, einen Monat oder einen Tag, oder zwei davon mit Schrägstrich",
            ),
            Shape::Edges => (
                format!("one length greater than 0{}, or three: z, y, x", in_unit(unit, "in")),
                format!("eine Länge größer als 0{}, oder drei: z, y, x", in_unit(unit, "in")),
            ),
            Shape::Counts => same("three whole numbers: z, y, x", "drei ganze Zahlen: z, y, x"),
            Shape::Choice(terms) => (format!("one of {}", names(terms)), format!("eines von {}", names(terms))),
            Shape::Choices(terms) => (format!("some of {}", names(terms)), format!("einige von {}", names(terms))),
            Shape::Licence => same(
                "the id of a licence in SPDX's list (https://spdx.org/licenses/)",
                "die Kennung einer Lizenz aus der Liste von SPDX (https://spdx.org/licenses/)",
            ),
            Shape::Technique => same("a term of the PaNET ontology", "einen Begriff der Ontologie PaNET"),
            Shape::Language => same("the code of a language", "das Kürzel einer Sprache"),
            Shape::Doi => same("a DOI", "eine DOI"),
            Shape::Orcid => same("an ORCID iD whose last sign fits", "eine ORCID, deren letztes Zeichen stimmt"),
            Shape::Ror => same("a ROR id whose last two digits fit", "eine ROR-Kennung, deren letzte zwei Ziffern stimmen"),
            Shape::Cas => same("a CAS number whose last digit fits", "eine CAS-Nummer, deren letzte Ziffer stimmt"),
            Shape::Issn => same("an ISSN whose last sign fits", "eine ISSN, deren letztes Zeichen stimmt"),
            Shape::Address => same("a web address that starts with https://", "eine Webadresse, die mit https:// beginnt"),
            Shape::Words => same("words", "Wörter"),
            Shape::Target => same(
                "a DOI, an address that starts with https://, or the id of a record here",
                "eine DOI, eine Adresse, die mit https:// beginnt, oder die Kennung eines Eintrags hier",
            ),
            Shape::Group(parts) | Shape::Rows(parts) => {
                let all = parts.iter().map(|part| part.name).collect::<Vec<_>>().join(", ");
                (format!("an object with {all}"), format!("ein Objekt mit {all}"))
            }
        }
    }

    /// Names that a form can offer; more may be taken.
    pub fn offers(&self) -> Vec<&'static str> {
        match self {
            Shape::Choice(terms) | Shape::Choices(terms) => terms.iter().map(|term| term.name).collect(),
            Shape::Licence => Licence::offered().map(Licence::spdx).collect(),
            Shape::Technique => Technique::OFFERED.iter().map(|technique| technique.id).collect(),
            _ => Vec::new(),
        }
    }
}

fn in_unit(unit: &str, word: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" {word} {unit}") }
}

fn names(terms: &[Term]) -> String {
    terms.iter().map(|term| term.name).collect::<Vec<_>>().join(", ")
}
