//! The deposit form between people and metadata: how each field of `record::field` is written in words, and how words become a
//! change of the metadata. Page, autosave and the form without script all go through here.

pub(crate) mod institutions;
mod lines;

use crate::language::Language;
use record::{
    doi::Doi,
    field::{
        self, Field, Shape,
        check::{self, Fault},
    },
    identifier::Ror,
    kind::Kind,
    licence::Licence,
    metadata::Metadata,
    panet::Term,
};
use serde_json::{Map, Value, json};

/// A field whose words could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldFault {
    pub(crate) field: String,
    pub(crate) says: String,
}

impl FieldFault {
    fn new(fault: Fault, language: Language) -> Self {
        let says = match language {
            Language::English => fault.en,
            Language::German => fault.de,
        };
        Self { field: fault.field, says }
    }
}

/// What stands in the field now.
pub(crate) fn words_in(field: &Field, metadata: &Value) -> String {
    let Some(value) = metadata.pointer(field.path) else { return String::new() };
    let joined = |between: &str| items(value).map(plain).collect::<Vec<_>>().join(between);
    match field.shape {
        Shape::Rows(_) => items(value).map(|row| lines::written(field.name, row)).collect::<Vec<_>>().join("\n"),
        Shape::Words => joined(", "),
        Shape::Edges | Shape::Counts => joined(" "),
        Shape::Technique => value.as_str().map(|id| Term::by_id(id).map_or(id, |term| term.label)).unwrap_or_default().to_owned(),
        _ => plain(value),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        // 25, not 25.0.
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
        other => other.to_string(),
    }
}

/// Puts what was written into a merge patch of the metadata.
fn change(field: &Field, written: &str, patch: &mut Value) -> Result<(), Fault> {
    let written = written.trim();
    let value = match field.shape {
        Shape::Check => json!(matches!(written, "true" | "on" | "yes")),
        _ if written.is_empty() => Value::Null,
        _ => read(field, written)?,
    };
    if let Some(probe) = value.as_str().and_then(Term::by_id).and_then(Term::probe)
        && matches!(field.shape, Shape::Technique)
    {
        set(patch, "/acquisition/probe", json!(probe));
    }
    set(patch, field.path, value);
    Ok(())
}

fn read(field: &Field, written: &str) -> Result<Value, Fault> {
    let read = match field.shape {
        Shape::Quantity { .. } => written.replace(',', ".").parse::<f64>().ok().map(|number| json!(number)),
        Shape::Whole { .. } => written.parse::<i64>().ok().map(|number| json!(number)),
        Shape::Edges => voxel(written).map(|edges| json!(edges)),
        Shape::Words => Some(json!(written.split([',', ';', '\n']).map(str::trim).filter(|word| !word.is_empty()).collect::<Vec<_>>())),
        Shape::Rows(_) => {
            let lines = written.lines().map(str::trim).filter(|line| !line.is_empty());
            Some(Value::Array(lines.map(|line| lines::read(field.name, line)).collect()))
        }
        // Kept in the one form in which they are compared.
        Shape::Doi => written.parse::<Doi>().ok().map(|doi| json!(doi)),
        Shape::Ror => written.parse::<Ror>().ok().map(|ror| json!(ror)),
        // By its id, or by what people call it.
        Shape::Technique => Some(json!(Term::by_id(written).or_else(|| Term::by_label(written)).map_or(written, |term| term.id))),
        Shape::Licence => written.parse::<Licence>().ok().map(|licence| json!(licence)),
        _ => Some(json!(written)),
    };
    let value = read.ok_or_else(|| check::unreadable(field, written))?;
    match check::fit(&field.shape, field.unit, field.example, &value, field.path) {
        Ok(()) => Ok(value),
        Err(misfit) => Err(check::fault_of(field, &misfit)),
    }
}

/// Everything written as one merge patch, and what could not be read; the rest is kept nevertheless.
pub(crate) fn patch_of<'a>(written: impl IntoIterator<Item = (&'a str, &'a str)>, language: Language) -> (Value, Vec<FieldFault>) {
    let mut patch = Value::Object(Map::new());
    let mut faults = Vec::new();
    for (name, text) in written {
        let Some(field) = field::by_name(name).filter(|field| field.asked != field::Asked::Nobody) else { continue };
        if let Err(fault) = change(field, text, &mut patch) {
            faults.push(FieldFault::new(fault, language));
        }
    }
    (patch, faults)
}

/// All fields of a kind with what stands in them.
pub(crate) fn values_of(kind: Kind, metadata: &Metadata) -> Vec<(&'static Field, String)> {
    let document = serde_json::to_value(metadata).unwrap_or(Value::Null);
    field::all().filter(|field| field.is_asked_of(kind)).map(|field| (field, words_in(field, &document))).collect()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn set(patch: &mut Value, path: &str, value: Value) {
    let mut target = patch;
    let mut parts = path.trim_start_matches('/').split('/').peekable();
    while let Some(part) = parts.next() {
        let Some(object) = target.as_object_mut() else { return };
        if parts.peek().is_none() {
            object.insert(part.to_owned(), value);
            return;
        }
        target = object.entry(part.to_owned()).or_insert_with(|| Value::Object(Map::new()));
    }
}

/// `6.5`, `6,5`, `6.5 6.5 6.5`, `6.5, 6.5, 6.5`, `6,5 × 6,5 × 6,5`, `6.5,6.5,6.5`: three edges, z, y, x.
fn voxel(written: &str) -> Option<[f64; 3]> {
    let bare = written.replace("µm", " ").replace("um", " ");
    let mut tokens: Vec<&str> = bare
        .split(|letter: char| letter.is_whitespace() || matches!(letter, ';' | '×' | 'x'))
        .map(|token| token.trim_matches(','))
        .filter(|token| !token.is_empty())
        .collect();
    if tokens.len() == 1 && tokens[0].matches(',').count() == 2 {
        tokens = tokens[0].split(',').collect();
    }
    let edge = |token: &str| token.replace(',', ".").parse::<f64>().ok().filter(|edge| edge.is_finite() && *edge > 0.0);
    let edges: Option<Vec<f64>> = tokens.into_iter().map(edge).collect();
    match edges?.as_slice() {
        [edge] => Some([*edge; 3]),
        [z, y, x] => Some([*z, *y, *x]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::technique::Probe;

    fn read(written: &[(&str, &str)]) -> (Metadata, Vec<FieldFault>) {
        let (patch, faults) = patch_of(written.iter().copied(), Language::English);
        (serde_json::from_value(drop_nulls(patch)).unwrap(), faults)
    }

    fn drop_nulls(value: Value) -> Value {
        match value {
            Value::Object(fields) => Value::Object(
                fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key, drop_nulls(value))).collect(),
            ),
            other => other,
        }
    }

    #[test]
    fn what_was_written_stands_in_the_form_again() {
        let written = [
            ("title", "Jaw of a caecilian"),
            (
                "creators",
                "Kleinteich, Thomas; 0000-0002-1825-0097; Kiel University; https://ror.org/04v76ef78; investigation, software\nvan der Berg,; Hamburg; Kiel\n[Caecilian Consortium]",
            ),
            ("contributors", "DataCollector: Haas, Alexander; Universität Hamburg"),
            ("organism", "Ichthyophis kohtaoensis"),
            ("technique", "x-ray microtomography"),
            ("licence", "CC-BY-4.0"),
            ("keywords", "jaw, muscle"),
            ("titles", "TranslatedTitle: Kiefer: eine Blindwühle (de)\nSubtitle: A shovel"),
            ("subjects", "skull; UBERON; http://purl.obolibrary.org/obo/UBERON_0003129\nbone"),
            ("dates", "Created 1998-05/1998-07 specimen fixed\nOther 2001"),
            ("identifiers", "EMPIAR: EMPIAR-10310"),
            ("related", "IsSupplementTo 10.1098/rsif.2008.0155 The article\nIsPartOf c0ffee123\nCites https://example.org/a"),
            ("funding", "DFG; HA 2323/10-1; Feeding; https://gepris.dfg.de/1; https://ror.org/018mejw64\nBMBF;; A title"),
            ("workflow", "phase retrieval; tomopy 1.15; Paganin\nring removal"),
            ("latitude_deg", "-14.44"),
            ("collected_on", "1998-05"),
            ("facility_ror", "https://ror.org/01js2sh04"),
        ];
        let (metadata, faults) = read(&written);
        assert_eq!(faults, []);
        assert_eq!(metadata.creators[0].affiliations[0].ror.as_ref().unwrap().url(), "https://ror.org/04v76ef78");
        assert_eq!(metadata.creators[0].roles.len(), 2);
        assert_eq!((metadata.creators[1].family.as_str(), metadata.creators[1].affiliations.len()), ("van der Berg", 2));
        assert!(metadata.creators[2].organisation);
        assert_eq!(metadata.acquisition.probe, Some(Probe::XRay), "the technique tells the probe");
        let shown: Vec<(&str, String)> =
            values_of(Kind::TomographyBiology, &metadata).into_iter().map(|(field, words)| (field.name, words)).collect();
        for (name, words) in written {
            assert_eq!(shown.iter().find(|(held, _)| *held == name).unwrap().1, words, "{name}");
        }
    }

    #[test]
    fn a_technique_is_read_by_its_id_its_label_and_its_other_labels() {
        for written in ["PaNET01208", "X-ray Microtomography", "x-ray microtomography "] {
            let (metadata, faults) = read(&[("technique", written)]);
            assert_eq!((metadata.acquisition.technique.as_deref(), faults), (Some("PaNET01208"), vec![]), "{written}");
        }
        let (metadata, _) = read(&[("technique", "CT scan")]);
        assert_eq!(metadata.acquisition.technique.as_deref(), Some("PaNET01207"), "another label");
        let (metadata, faults) = read(&[("technique", "looking hard")]);
        assert_eq!((metadata.acquisition.technique, faults.len()), (None, 1));
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let (metadata, faults) = read(&[("energy_kev", "17,5"), ("voltage_kv", "80"), ("voxel_size_um", "6.5"), ("projections", "900")]);
        assert_eq!(faults, []);
        let shown = values_of(Kind::TomographyMaterials, &metadata);
        let find = |name: &str| shown.iter().find(|(field, _)| field.name == name).unwrap().1.clone();
        assert_eq!((find("energy_kev"), find("voxel_size_um"), find("projections")), ("17.5".into(), "6.5 6.5 6.5".into(), "900".into()));
        assert_eq!(find("voltage_kv"), "80");
        for written in ["6.5 6.5 6.5", "6.5", "6,5", "6.5, 6.5, 6.5", "6,5 × 6,5 × 6,5 µm", "6.5,6.5,6.5", "6.5x6.5x6.5"] {
            assert_eq!(voxel(written), Some([6.5; 3]), "{written}");
        }
        for written in ["", "6.5 6.5", "big", "-1", "0", "NaN", "1,2,3,4"] {
            assert_eq!(voxel(written), None, "{written}");
        }
    }

    #[test]
    fn one_bad_field_does_not_lose_the_others() {
        let (patch, faults) = patch_of(
            [
                ("title", "Jaw"),
                ("energy_kev", "much"),
                ("date", "2026-13-01"),
                ("creators", "B\nA; 0000-0000-0000-0000"),
                ("shape", "1 1 1"),
            ],
            Language::German,
        );
        assert_eq!(patch, json!({"title": "Jaw"}), "nobody types what the files say");
        let says: Vec<&str> = faults.iter().map(|fault| fault.says.as_str()).collect();
        assert_eq!(faults.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>(), ["energy_kev", "date", "creators"]);
        assert_eq!(says[1], "Gemessen am: „2026-13-01“ passt nicht. Erwartet wird: einen Tag als Jahr-Monat-Tag, zum Beispiel 2026-11-23.");
        assert!(says[2].starts_with("Autorinnen und Autoren (2 orcid): „0000-0000-0000-0000“"), "{}", says[2]);
    }

    #[test]
    fn an_emptied_field_is_removed() {
        let (patch, _) = patch_of([("organism", " ")], Language::English);
        assert_eq!(patch, json!({"sample": {"organism": null}}));
    }

    #[test]
    fn every_example_can_be_written_into_the_form_and_stands_there_again() {
        for field in field::all().filter(|field| field.asked != field::Asked::Nobody) {
            let (metadata, faults) = read(&[(field.name, field.example)]);
            assert_eq!(faults, [], "{}", field.name);
            let document = serde_json::to_value(&metadata).unwrap();
            assert!(!words_in(field, &document).is_empty(), "{}", field.name);
            if matches!(field.shape, Shape::Rows(_)) {
                assert_eq!(words_in(field, &document), field.example, "{}", field.name);
            }
        }
    }
}
