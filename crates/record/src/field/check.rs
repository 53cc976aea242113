//! Compares a document with the table. A fault names the field, what is wrong and an example, in the same words for page, API and
//! command line.

use super::{
    Field, all, by_path,
    shape::{LINE_CHARS_MAX, Part, ROWS_MAX, Shape, TEXT_CHARS_MAX},
};
use crate::{
    agent::Orcid,
    doi::Doi,
    id::RecordId,
    identifier::{Cas, Ror},
    licence::Licence,
};
use serde_json::{Map, Value};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Name of the form's field, or the unknown name itself.
    pub field: String,
    /// Where in the document: `/creators/2/orcid`.
    pub place: String,
    /// Stable, for programs.
    pub code: &'static str,
    pub en: String,
    pub de: String,
    pub example: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.en)
    }
}

/// Stable, for programs.
const MISFIT: &str = "does-not-fit";
/// Faults named at once; nobody reads more.
const FAULTS_MAX: usize = 50;
const GIVEN_CHARS_MAX: usize = 60;
/// Objects that hold fields.
const GROUPS: [&str; 3] = ["sample", "acquisition", "article"];

/// Everything in this document that is no metadata. Empty means that it can be read as [`crate::metadata::Metadata`].
pub fn faults(document: &Value) -> Vec<Fault> {
    let Some(fields) = document.as_object() else {
        return vec![Fault {
            field: String::new(),
            place: String::new(),
            code: "not-an-object",
            en: "The metadata must be an object of fields, for example {\"title\": \"Jaw of a caecilian\"}.".into(),
            de: "Die Angaben müssen ein Objekt aus Feldern sein, zum Beispiel {\"title\": \"Kiefer einer Blindwühle\"}.".into(),
            example: "{\"title\": \"Jaw of a caecilian\"}".into(),
        }];
    };
    let mut found = Vec::new();
    look_through(fields, "", &|_| true, &mut found);
    found
}

/// The same for a change: what stood there before in this form is left in peace, though today it would be refused.
pub fn faults_of_change(before: &Value, after: &Value) -> Vec<Fault> {
    let Some(fields) = after.as_object() else { return faults(after) };
    let is_new = |fault: &Fault| {
        let path = super::by_name(&fault.field).map_or(fault.place.as_str(), |field| field.path);
        fault.code != MISFIT || before.pointer(path).is_none() || before.pointer(path) != after.pointer(path)
    };
    // Many old ones must not hide a new one behind the limit.
    let mut found = Vec::new();
    look_through(fields, "", &is_new, &mut found);
    found
}

/// Finds those that are wanted.
fn look_through(fields: &Map<String, Value>, above: &str, wanted: &dyn Fn(&Fault) -> bool, found: &mut Vec<Fault>) {
    for (key, value) in fields {
        if found.len() >= FAULTS_MAX {
            return;
        }
        let path = format!("{above}/{key}");
        match (by_path(&path), value) {
            (_, Value::Null) => {}
            (Some(field), value) => {
                if let Err(misfit) = fit(&field.shape, field.unit, field.example, value, &path) {
                    found.extend(Some(fault_of(field, &misfit)).filter(wanted));
                }
            }
            (None, Value::Object(inner)) if above.is_empty() && GROUPS.contains(&key.as_str()) => look_through(inner, &path, wanted, found),
            (None, _) => found.extend(Some(unknown(key, &path)).filter(wanted)),
        }
    }
}

/// What did not fit where.
pub struct Misfit {
    pub place: String,
    given: String,
    takes: (String, String),
    example: String,
}

/// The fault of a field into which somebody wrote this.
pub fn fault_of(field: &Field, misfit: &Misfit) -> Fault {
    let Misfit { place, given, takes: (takes_en, takes_de), example } = misfit;
    let inside = place.strip_prefix(field.path).unwrap_or("").trim_start_matches('/').replace('/', " ");
    let inside = if inside.is_empty() { inside } else { format!(" ({inside})") };
    let (for_example, zum_beispiel) = match example.as_str() {
        "" => (String::new(), String::new()),
        example => (format!(", for example {example}"), format!(", zum Beispiel {example}")),
    };
    Fault {
        field: field.name.to_owned(),
        place: place.clone(),
        code: MISFIT,
        en: format!("{}{inside}: “{given}” does not fit. Give {takes_en}{for_example}.", field.label.en),
        de: format!("{}{inside}: „{given}“ passt nicht. Erwartet wird: {takes_de}{zum_beispiel}.", field.label.de),
        example: example.clone(),
    }
}

/// The fault of a field whose words could not be read at all.
pub fn unreadable(field: &Field, written: &str) -> Fault {
    fault_of(
        field,
        &Misfit {
            place: field.path.to_owned(),
            given: shortened(written),
            takes: field.shape.takes(field.unit),
            example: field.example.to_owned(),
        },
    )
}

fn unknown(key: &str, path: &str) -> Fault {
    let name = shortened(key);
    let close = all().map(|field| field.path).min_by_key(|known| distance(known, path)).filter(|known| distance(known, path) <= 3);
    let (did_you_mean, meinten_sie) = close.map_or_else(
        || ("/schema/v1/record.json lists all fields.".to_owned(), "/schema/v1/record.json nennt alle Felder.".to_owned()),
        |known| (format!("Did you mean {}?", dotted(known)), format!("Meinten Sie {}?", dotted(known))),
    );
    Fault {
        field: name.clone(),
        place: shortened(path),
        code: "unknown-field",
        en: format!("There is no field “{}”. {did_you_mean}", shortened(&dotted(path))),
        de: format!("Ein Feld „{}“ gibt es nicht. {meinten_sie}", shortened(&dotted(path))),
        example: close.map(dotted).unwrap_or_default(),
    }
}

fn dotted(path: &str) -> String {
    path.trim_start_matches('/').replace('/', ".")
}

/// How many letters must be changed to come from one to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (down, letter) in from.chars().take(64).enumerate() {
        let mut corner = row[0];
        row[0] = down + 1;
        for (across, other) in to.iter().enumerate() {
            let change = corner + usize::from(letter != *other);
            corner = row[across + 1];
            row[across + 1] = change.min(corner + 1).min(row[across] + 1);
        }
    }
    row[to.len()]
}

fn shortened(text: &str) -> String {
    let clean = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let mut kept: String = clean.take(GIVEN_CHARS_MAX).collect();
    if text.chars().nth(GIVEN_CHARS_MAX).is_some() {
        kept.push('…');
    }
    kept
}

/// Whether this value has this shape.
pub fn fit(shape: &Shape, unit: &str, example: &str, value: &Value, place: &str) -> Result<(), Misfit> {
    let misfit = || Misfit {
        place: place.to_owned(),
        given: shortened(&value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
        takes: shape.takes(unit),
        example: example.to_owned(),
    };
    match shape {
        Shape::Group(parts) => fit_parts(parts, value, place, misfit),
        Shape::Rows(parts) => {
            let rows = value.as_array().filter(|rows| rows.len() <= ROWS_MAX).ok_or_else(misfit)?;
            rows.iter().enumerate().try_for_each(|(number, row)| fit_parts(parts, row, &format!("{place}/{}", number + 1), misfit))
        }
        Shape::Words => {
            let words = value.as_array().filter(|words| words.len() <= ROWS_MAX).ok_or_else(misfit)?;
            words.iter().enumerate().try_for_each(|(number, word)| fit(&Shape::Line, "", example, word, &format!("{place}/{}", number + 1)))
        }
        _ if fits(shape, value) => Ok(()),
        _ => Err(misfit()),
    }
}

fn fit_parts(parts: &[Part], value: &Value, place: &str, misfit: impl Fn() -> Misfit) -> Result<(), Misfit> {
    let object = value.as_object().ok_or_else(&misfit)?;
    for (key, inner) in object {
        let known = parts.iter().find(|part| part.name == key);
        match known {
            Some(part) if !inner.is_null() => fit(&part.shape, "", part.example, inner, &format!("{place}/{key}"))?,
            Some(_) => {}
            // As the first version of the API wrote it; it is read as a list of one.
            None if key == "affiliation" && parts.iter().any(|part| part.name == "affiliations") => {
                fit(&Shape::Line, "", "Kiel University", inner, &format!("{place}/{key}"))?;
            }
            None => return Err(Misfit { place: format!("{place}/{}", shortened(key)), given: shortened(key), ..misfit() }),
        }
    }
    let missing = parts.iter().find(|part| part.needed && object.get(part.name).is_none_or(Value::is_null));
    missing.map_or(Ok(()), |part| {
        Err(Misfit {
            place: format!("{place}/{}", part.name),
            given: String::new(),
            takes: part.shape.takes(""),
            example: part.example.to_owned(),
        })
    })
}

fn fits(shape: &Shape, value: &Value) -> bool {
    let text = value.as_str();
    let reads = |good: fn(&str) -> bool| text.is_some_and(good);
    match shape {
        Shape::Line => text.is_some_and(|text| text.chars().take(LINE_CHARS_MAX + 1).count() <= LINE_CHARS_MAX),
        Shape::Text => text.is_some_and(|text| text.chars().take(TEXT_CHARS_MAX + 1).count() <= TEXT_CHARS_MAX),
        Shape::Check => value.is_boolean(),
        Shape::Quantity { from, to } => value.as_f64().is_some_and(|number| number.is_finite() && (*from..=*to).contains(&number)),
        Shape::Whole { from, to } => value.as_i64().is_some_and(|number| (*from..=*to).contains(&number)),
        Shape::Day => reads(is_day),
        Shape::Date => reads(is_date_or_span),
        Shape::Edges => three(value, |edge| edge.as_f64().is_some_and(|edge| edge.is_finite() && edge > 0.0 && edge < 1e7)),
        Shape::Counts => three(value, |count| count.as_u64().is_some()),
        Shape::Choice(terms) => text.is_some_and(|text| terms.iter().any(|term| term.name == text)),
        Shape::Choices(_) => value.as_array().is_some_and(|all| {
            let offered = shape.offers();
            all.iter().all(|one| one.as_str().is_some_and(|one| offered.contains(&one)))
        }),
        Shape::Licence => reads(|text| text.parse::<Licence>().is_ok()),
        Shape::Technique => reads(is_technique),
        Shape::Language => reads(is_language),
        Shape::Doi => reads(|text| text.parse::<Doi>().is_ok()),
        Shape::Orcid => reads(|text| text.parse::<Orcid>().is_ok()),
        Shape::Ror => reads(|text| text.parse::<Ror>().is_ok()),
        Shape::Cas => reads(|text| text.parse::<Cas>().is_ok()),
        Shape::Issn => reads(is_issn),
        Shape::Address => reads(is_address),
        Shape::Target => is_target(value),
        Shape::Words | Shape::Group(_) | Shape::Rows(_) => false,
    }
}

fn three(value: &Value, good: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|edges| edges.len() == 3 && edges.iter().all(good))
}

fn is_target(value: &Value) -> bool {
    let Some((kind, Value::String(text))) = value.as_object().filter(|target| target.len() == 1).and_then(|target| target.iter().next())
    else {
        return false;
    };
    match kind.as_str() {
        "doi" => text.parse::<Doi>().is_ok(),
        "url" => is_address(text),
        "record" => text.parse::<RecordId>().is_ok(),
        _ => false,
    }
}

/// `2026-11-23`, and a day that there is.
pub fn is_day(text: &str) -> bool {
    text.len() == 10 && is_date(text)
}

/// `2026`, `2026-11` or `2026-11-23`.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.len() > 3 || !digits(parts[0], 4) || !parts[1..].iter().all(|part| digits(part, 2)) {
        return false;
    }
    let number = |position: usize| parts.get(position).map_or(1, |part| part.parse::<u16>().unwrap_or(0));
    let month = u8::try_from(number(1)).ok().and_then(|month| time::Month::try_from(month).ok());
    month.is_some_and(|month| time::Date::from_calendar_date(i32::from(number(0)), month, number(2) as u8).is_ok())
}

fn is_date_or_span(text: &str) -> bool {
    let text = text.trim();
    text.split('/').count() <= 2 && text.split('/').all(is_date)
}

fn is_technique(text: &str) -> bool {
    text.strip_prefix("PaNET").is_some_and(|number| number.len() == 5 && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().is_some_and(|part| (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase()));
    first && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn is_issn(text: &str) -> bool {
    let digits: Vec<char> = text.chars().filter(|sign| *sign != '-').collect();
    let good_shape = digits.len() == 8 && text.len() <= 9 && digits[..7].iter().all(char::is_ascii_digit);
    let sum: u32 = digits.iter().take(7).zip((2..=8).rev()).map(|(digit, weight)| digit.to_digit(10).unwrap_or(0) * weight).sum();
    let expected = match (11 - sum % 11) % 11 {
        10 => 'X',
        check => char::from(b'0' + check as u8),
    };
    good_shape && digits[7].to_ascii_uppercase() == expected
}

/// An address of the web, without spaces and signs that no address has.
pub fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let forbidden = |sign: char| sign.is_whitespace() || sign.is_control() || "<>\"{}|\\^`".contains(sign);
    text.len() <= LINE_CHARS_MAX
        && rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_alphanumeric() || first == '[') && !rest.contains(forbidden))
}
