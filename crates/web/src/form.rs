//! The deposit form: which fields a kind of record shows, how a field is written in words, and how words
//! become a change of the metadata. Page, autosave and the form without script all use this one table.

use crate::words::Words;
use record::{
    agent::{Orcid, Person},
    doi::Doi,
    kind::Kind,
    licence::Licence,
    metadata::Metadata,
    relation::{RelationType, Target},
    technique::{Probe, Technique},
};
use serde_json::{Map, Value, json};

/// How a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control {
    Line,
    Text,
    /// A length, an energy, a time: greater than zero.
    Quantity,
    Whole,
    Day,
    /// Three lengths, or one for all three.
    Voxel,
    Check,
    People,
    Keywords,
    Related,
    Funding,
    Doi,
    Licence,
    Technique,
    Probe,
    Language,
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Everyone,
    Datasets,
    Volumes,
    Biology,
    Texts,
}

pub(crate) struct Field {
    /// The name in form, readiness list and problem documents.
    pub(crate) name: &'static str,
    /// Where it lies in the metadata, as a JSON pointer.
    place: &'static str,
    pub(crate) control: Control,
    asked: Asked,
    pub(crate) label: fn(&'static Words) -> &'static str,
    pub(crate) help: fn(&'static Words) -> &'static str,
}

const fn field(
    name: &'static str,
    place: &'static str,
    control: Control,
    asked: Asked,
    label: fn(&'static Words) -> &'static str,
    help: fn(&'static Words) -> &'static str,
) -> Field {
    Field { name, place, control, asked, label, help }
}

/// In the order of the form.
pub(crate) static FIELDS: [Field; 37] = [
    field("title", "/title", Control::Line, Asked::Everyone, |w| w.field_title, |w| w.help_title),
    field("creators", "/creators", Control::People, Asked::Everyone, |w| w.field_creators, |w| w.help_creators),
    field("description", "/description", Control::Text, Asked::Everyone, |w| w.field_description, |w| w.help_description),
    field("year", "/article/year", Control::Whole, Asked::Texts, |w| w.field_year, |w| w.help_year),
    field("journal", "/article/journal", Control::Line, Asked::Texts, |w| w.field_journal, |w| w.help_journal),
    field("article_doi", "/article/doi", Control::Doi, Asked::Texts, |w| w.field_article_doi, |w| w.help_article_doi),
    field("organism", "/sample/organism", Control::Line, Asked::Biology, |w| w.field_organism, |w| w.help_organism),
    field("material", "/sample/material", Control::Line, Asked::Datasets, |w| w.field_material, |w| w.help_material),
    field("sample_name", "/sample/name", Control::Line, Asked::Datasets, |w| w.field_sample_name, |w| w.help_sample_name),
    field("technique", "/acquisition/technique", Control::Technique, Asked::Volumes, |w| w.field_technique, |w| w.help_technique),
    field("facility", "/acquisition/facility", Control::Line, Asked::Volumes, |w| w.field_facility, |w| w.help_facility),
    field("voxel_size_um", "/acquisition/voxel_size_um", Control::Voxel, Asked::Volumes, |w| w.field_voxel_size, |w| w.help_voxel_size),
    field("licence", "/licence", Control::Licence, Asked::Everyone, |w| w.field_licence, |w| w.help_licence),
    field("synthetic", "/synthetic", Control::Check, Asked::Datasets, |w| w.field_synthetic, |w| w.help_synthetic),
    field("part", "/sample/part", Control::Line, Asked::Biology, |w| w.field_part, |w| w.help_part),
    field("taxon_id", "/sample/taxon_id", Control::Whole, Asked::Biology, |w| w.field_taxon_id, |w| w.help_taxon_id),
    field("preparation", "/sample/preparation", Control::Line, Asked::Datasets, |w| w.field_preparation, |w| w.help_preparation),
    field("probe", "/acquisition/probe", Control::Probe, Asked::Volumes, |w| w.field_probe, |w| w.help_probe),
    field("instrument", "/acquisition/instrument", Control::Line, Asked::Volumes, |w| w.field_instrument, |w| w.help_instrument),
    field("energy_kev", "/acquisition/energy_kev", Control::Quantity, Asked::Volumes, |w| w.field_energy, |w| w.help_energy),
    field(
        "wavelength_angstrom",
        "/acquisition/wavelength_angstrom",
        Control::Quantity,
        Asked::Volumes,
        |w| w.field_wavelength,
        |w| w.help_wavelength,
    ),
    field("date", "/acquisition/date", Control::Day, Asked::Volumes, |w| w.field_date, |w| w.help_date),
    field("projections", "/acquisition/projections", Control::Whole, Asked::Volumes, |w| w.field_projections, |w| w.help_projections),
    field("exposure_time_s", "/acquisition/exposure_time_s", Control::Quantity, Asked::Volumes, |w| w.field_exposure, |w| w.help_exposure),
    field(
        "propagation_distance_mm",
        "/acquisition/propagation_distance_mm",
        Control::Quantity,
        Asked::Volumes,
        |w| w.field_distance,
        |w| w.help_distance,
    ),
    field("detector", "/acquisition/detector", Control::Line, Asked::Volumes, |w| w.field_detector, |w| w.help_detector),
    field(
        "reconstruction",
        "/acquisition/reconstruction",
        Control::Line,
        Asked::Volumes,
        |w| w.field_reconstruction,
        |w| w.help_reconstruction,
    ),
    field("proposal", "/acquisition/proposal", Control::Line, Asked::Volumes, |w| w.field_proposal, |w| w.help_proposal),
    field("beamtime", "/acquisition/beamtime", Control::Line, Asked::Volumes, |w| w.field_beamtime, |w| w.help_beamtime),
    field("volume", "/article/volume", Control::Line, Asked::Texts, |w| w.field_volume, |w| w.help_volume),
    field("issue", "/article/issue", Control::Line, Asked::Texts, |w| w.field_issue, |w| w.help_issue),
    field("pages", "/article/pages", Control::Line, Asked::Texts, |w| w.field_pages, |w| w.help_pages),
    field("publisher", "/article/publisher", Control::Line, Asked::Texts, |w| w.field_publisher, |w| w.help_publisher),
    field("keywords", "/keywords", Control::Keywords, Asked::Everyone, |w| w.field_keywords, |w| w.help_keywords),
    field("related", "/related", Control::Related, Asked::Everyone, |w| w.field_related, |w| w.help_related),
    field("funding", "/funding", Control::Funding, Asked::Everyone, |w| w.field_funding, |w| w.help_funding),
    field("language", "/language", Control::Language, Asked::Everyone, |w| w.field_language, |w| w.help_language),
];

/// A field whose words could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldFault {
    pub(crate) field: String,
    pub(crate) says: String,
}

impl Field {
    pub(crate) fn by_name(name: &str) -> Option<&'static Field> {
        FIELDS.iter().find(|field| field.name == name)
    }

    pub(crate) fn is_for(&self, kind: Kind) -> bool {
        match self.asked {
            Asked::Everyone => true,
            Asked::Datasets => kind.is_dataset(),
            Asked::Volumes => kind.has_volume(),
            Asked::Biology => kind.is_dataset() && kind != Kind::TomographyMaterials,
            Asked::Texts => kind.is_text(),
        }
    }

    /// What stands in the field now.
    pub(crate) fn words_in(&self, metadata: &Value) -> String {
        let Some(value) = metadata.pointer(self.place) else { return String::new() };
        match self.control {
            Control::People => lines(value, |person| {
                let name = [text(person, "family"), text(person, "given")]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join(", ");
                let parts = [name.as_str(), text(person, "orcid"), text(person, "affiliation")];
                let kept = parts.iter().rposition(|part| !part.is_empty()).map_or(0, |last| last + 1);
                parts[..kept].join("; ")
            }),
            Control::Related => lines(value, |relation| {
                let target =
                    relation.pointer("/target/doi").or_else(|| relation.pointer("/target/url")).and_then(Value::as_str).unwrap_or("");
                format!("{} {target} {}", text(relation, "relation"), text(relation, "title")).trim_end().to_owned()
            }),
            Control::Funding => lines(value, |funding| {
                [text(funding, "funder"), text(funding, "award")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
            }),
            Control::Keywords => items(value).filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            Control::Voxel => items(value).map(Value::to_string).collect::<Vec<_>>().join(" "),
            _ => match value {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                other => other.to_string(),
            },
        }
    }

    /// Puts what was written into a merge patch of the metadata.
    fn change(&self, written: &str, patch: &mut Value, words: &'static Words) -> Result<(), FieldFault> {
        let written = written.trim();
        let fault = |says: String| FieldFault { field: self.name.to_owned(), says };
        let value = if self.control == Control::Check {
            json!(matches!(written, "true" | "on" | "yes"))
        } else if written.is_empty() {
            Value::Null
        } else {
            self.read(written, words).map_err(fault)?
        };
        if self.control == Control::Technique
            && let Some(technique) = value.as_str().and_then(Technique::by_id)
        {
            set(patch, "/acquisition/probe", json!(technique.probe));
        }
        set(patch, self.place, value);
        Ok(())
    }

    fn read(&self, written: &str, words: &'static Words) -> Result<Value, String> {
        match self.control {
            Control::Line | Control::Text | Control::Check => Ok(json!(written)),
            Control::Quantity => quantity(written).map(|value| json!(value)).ok_or_else(|| words.fault_quantity.to_owned()),
            Control::Whole => written.parse::<u32>().map(|value| json!(value)).map_err(|_| words.fault_whole.to_owned()),
            Control::Day => {
                if is_day(written) {
                    Ok(json!(written))
                } else {
                    Err(words.fault_day.to_owned())
                }
            }
            Control::Voxel => voxel(written).map(|size| json!(size)).ok_or_else(|| words.fault_voxel.to_owned()),
            Control::People => people(written),
            Control::Keywords => {
                Ok(json!(written.split([',', ';', '\n']).map(str::trim).filter(|word| !word.is_empty()).collect::<Vec<_>>()))
            }
            Control::Related => each_line(written, |line| related(line, words)),
            Control::Funding => each_line(written, |line| {
                let (funder, award) = line.split_once(';').map_or((line, ""), |(funder, award)| (funder, award.trim()));
                Ok(if award.is_empty() { json!({"funder": funder.trim()}) } else { json!({"funder": funder.trim(), "award": award}) })
            }),
            Control::Doi => written.parse::<Doi>().map(|doi| json!(doi)).map_err(|error| error.to_string()),
            Control::Licence => written.parse::<Licence>().map(|licence| json!(licence)).map_err(|error| error.to_string()),
            Control::Technique => {
                Technique::by_id(written).map(|technique| json!(technique.id)).ok_or_else(|| words.fault_choice.to_owned())
            }
            Control::Probe => Probe::ALL
                .into_iter()
                .find(|probe| probe.name() == written)
                .map(|probe| json!(probe))
                .ok_or_else(|| words.fault_choice.to_owned()),
            Control::Language => {
                if written.len() == 2 && written.bytes().all(|byte| byte.is_ascii_lowercase()) {
                    Ok(json!(written))
                } else {
                    Err(words.fault_choice.to_owned())
                }
            }
        }
    }
}

/// Everything written as one merge patch, and what could not be read; the rest is kept nevertheless.
pub(crate) fn patch_of<'a>(written: impl IntoIterator<Item = (&'a str, &'a str)>, words: &'static Words) -> (Value, Vec<FieldFault>) {
    let mut patch = Value::Object(Map::new());
    let mut faults = Vec::new();
    for (name, text) in written {
        let Some(field) = Field::by_name(name) else { continue };
        if let Err(fault) = field.change(text, &mut patch, words) {
            faults.push(fault);
        }
    }
    (patch, faults)
}

/// All fields of a kind with what stands in them.
pub(crate) fn values_of(kind: Kind, metadata: &Metadata) -> Vec<(&'static Field, String)> {
    let document = serde_json::to_value(metadata).unwrap_or(Value::Null);
    FIELDS.iter().filter(|field| field.is_for(kind)).map(|field| (field, field.words_in(&document))).collect()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn lines(value: &Value, line: impl Fn(&Value) -> String) -> String {
    items(value).map(line).collect::<Vec<_>>().join("\n")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

fn set(patch: &mut Value, place: &str, value: Value) {
    let mut target = patch;
    let mut parts = place.trim_start_matches('/').split('/').peekable();
    while let Some(part) = parts.next() {
        let Some(object) = target.as_object_mut() else { return };
        if parts.peek().is_none() {
            object.insert(part.to_owned(), value);
            return;
        }
        target = object.entry(part.to_owned()).or_insert_with(|| Value::Object(Map::new()));
    }
}

fn quantity(written: &str) -> Option<f64> {
    let value: f64 = written.replace(',', ".").parse().ok()?;
    (value.is_finite() && value > 0.0).then_some(value)
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
    let edges: Option<Vec<f64>> = tokens.into_iter().map(quantity).collect();
    match edges?.as_slice() {
        [edge] => Some([*edge; 3]),
        [z, y, x] => Some([*z, *y, *x]),
        _ => None,
    }
}

fn is_day(written: &str) -> bool {
    let shape = written.len() == 10
        && written
            .bytes()
            .enumerate()
            .all(|(position, byte)| if position == 4 || position == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    shape && matches!(written[5..7].parse(), Ok(1..=12u8)) && matches!(written[8..].parse(), Ok(1..=31u8))
}

fn each_line(written: &str, read: impl Fn(&str) -> Result<Value, String>) -> Result<Value, String> {
    written.lines().map(str::trim).filter(|line| !line.is_empty()).map(read).collect::<Result<Vec<_>, _>>().map(Value::Array)
}

/// `Family, Given; ORCID; affiliation`, one person a line. ORCID and affiliation are told apart by their look.
fn people(written: &str) -> Result<Value, String> {
    each_line(written, |line| {
        let mut parts = line.split(';').map(str::trim);
        let mut person = Person::from_text(parts.next().unwrap_or(""));
        for part in parts.filter(|part| !part.is_empty()) {
            let looks_like_orcid =
                part.contains("orcid.org") || (part.len() <= 19 && part.chars().filter(char::is_ascii_digit).count() >= 12);
            if looks_like_orcid {
                person.orcid = Some(part.parse::<Orcid>().map_err(|error| error.to_string())?);
            } else {
                person.affiliation = Some(person.affiliation.map_or(part.to_owned(), |before| format!("{before}; {part}")));
            }
        }
        Ok(json!(person))
    })
}

/// `IsSupplementTo 10.1098/rsif.2008.0155 A title`; without a relation it is a reference.
fn related(line: &str, words: &'static Words) -> Result<Value, String> {
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let named = RelationType::ALL.into_iter().find(|relation| relation.name().eq_ignore_ascii_case(first));
    let (relation, rest) = named.map_or((RelationType::References, line), |relation| (relation, rest.trim()));
    let (target, title) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let target = match target.parse::<Doi>() {
        Ok(doi) => Target::Doi(doi),
        Err(_) if target.starts_with("https://") || target.starts_with("http://") => Target::Url(target.to_owned()),
        Err(_) => return Err(words.fault_related.to_owned()),
    };
    let title = Some(title.trim().to_owned()).filter(|title| !title.is_empty());
    Ok(json!(record::relation::Relation { relation, target, title }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    fn read(written: &[(&str, &str)]) -> (Metadata, Vec<FieldFault>) {
        let (patch, faults) = patch_of(written.iter().copied(), Words::of(Language::English));
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
            ("creators", "Kleinteich, Thomas; 0000-0002-1825-0097; Kiel University\nHaas, Alexander"),
            ("organism", "Ichthyophis kohtaoensis"),
            ("technique", "PaNET01208"),
            ("voxel_size_um", "6.5"),
            ("licence", "CC-BY-4.0"),
            ("keywords", "jaw, muscle"),
            ("related", "IsSupplementTo 10.1098/rsif.2008.0155 The article"),
            ("funding", "DFG; HA 2323/10-1"),
            ("energy_kev", "17,5"),
        ];
        let (metadata, faults) = read(&written);
        assert_eq!(faults, []);
        assert_eq!(metadata.creators[0].orcid.as_ref().unwrap().as_str(), "0000-0002-1825-0097");
        assert_eq!(metadata.acquisition.probe, Some(Probe::XRay), "the technique tells the probe");
        let shown: Vec<(&str, String)> =
            values_of(Kind::TomographyBiology, &metadata).into_iter().map(|(field, words)| (field.name, words)).collect();
        let find = |name: &str| shown.iter().find(|(held, _)| *held == name).unwrap().1.clone();
        for (name, words) in written {
            match name {
                "voxel_size_um" => assert_eq!(find(name), "6.5 6.5 6.5"),
                "energy_kev" => assert_eq!(find(name), "17.5"),
                _ => assert_eq!(find(name), words, "{name}"),
            }
        }
    }

    #[test]
    fn voxel_sizes_are_read_however_people_write_them() {
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
            [("title", "Jaw"), ("energy_kev", "much"), ("date", "2026-13-01"), ("creators", "A; 0000-0000-0000-0000")],
            Words::of(Language::German),
        );
        assert_eq!(patch["title"], "Jaw");
        assert_eq!(faults.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>(), ["energy_kev", "date", "creators"]);
    }

    #[test]
    fn an_emptied_field_is_removed() {
        let (patch, _) = patch_of([("organism", " ")], Words::of(Language::English));
        assert_eq!(patch, json!({"sample": {"organism": null}}));
    }

    #[test]
    fn each_required_field_has_its_place_in_the_form() {
        for kind in Kind::ALL {
            for name in record::readiness::required_fields(kind) {
                let field = Field::by_name(name).unwrap_or_else(|| panic!("{name}"));
                assert!(field.is_for(kind), "{kind} requires {name}");
            }
        }
    }

    #[test]
    fn everything_the_form_writes_is_metadata() {
        for field in &FIELDS {
            let written = match field.control {
                Control::Quantity | Control::Whole | Control::Voxel => "7",
                Control::Day => "2026-11-23",
                Control::Check => "on",
                Control::Doi => "10.1098/rsif.2008.0155",
                Control::Licence => "CC0-1.0",
                Control::Technique => "PaNET01208",
                Control::Probe => "neutron",
                Control::Language => "de",
                Control::Related => "10.1098/rsif.2008.0155",
                _ => "words",
            };
            let (_, faults) = read(&[(field.name, written)]);
            assert_eq!(faults, [], "{}", field.name);
        }
    }
}
