//! What is said about a record is compared with the table of fields before it is stored, whoever says it: page, API or client.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
    sight::At,
};
use record::{Record, access::Aspect, doi::Doi, field, id::RecordId, metadata::Metadata, relation::Target};
use serde_json::Value;

/// Relations to records here that are looked up at one change.
const RECORDS_LOOKED_UP_MAX: usize = 200;

/// Metadata that a program sent.
pub fn metadata_of(document: Value) -> Result<Metadata, Refusal> {
    if document.is_null() {
        return Ok(Metadata::default());
    }
    let faults = field::faults(&document);
    if faults.is_empty() { read(document) } else { Err(Refusal::Unfit(faults)) }
}

/// Metadata that came of a change; what stood there before is not complained about.
pub(crate) fn metadata_of_change(before: &Value, after: Value) -> Result<Metadata, Refusal> {
    let faults = field::faults_of_change(before, &after);
    if faults.is_empty() { read(after) } else { Err(Refusal::Unfit(faults)) }
}

fn read(document: Value) -> Result<Metadata, Refusal> {
    serde_json::from_value(without_nulls(document)).map_err(|error| Refusal::Invalid {
        field: None,
        what: said("metadata-do-not-fit", format!("The metadata do not fit: {error}."), format!("Die Metadaten passen nicht: {error}.")),
        hint: hint("/schema/v1/record.json lists every field with its form.", "/schema/v1/record.json nennt jedes Feld mit seiner Form."),
    })
}

/// A field that is null is a field that is not there.
fn without_nulls(document: Value) -> Value {
    match document {
        Value::Object(fields) => Value::Object(
            fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key, without_nulls(value))).collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

impl Archive {
    /// Limits over all fields.
    pub(crate) fn check_metadata(&self, metadata: &Metadata) -> Result<(), Refusal> {
        let limits = self.limits();
        let bytes = serde_json::to_vec(metadata).map_or(usize::MAX, |text| text.len());
        if bytes > limits.metadata_bytes_max {
            return Err(Refusal::TooLarge {
                what: said(
                    "metadata-too-large",
                    format!("The metadata are {bytes} bytes long; {} are allowed.", limits.metadata_bytes_max),
                    format!("Die Metadaten sind {bytes} Bytes lang; {} sind erlaubt.", limits.metadata_bytes_max),
                ),
            });
        }
        let people = metadata.creators.len().max(metadata.contributors.len());
        if people > limits.creators_max {
            return Err(Refusal::TooLarge {
                what: said(
                    "too-many-creators",
                    format!("{people} authors are more than the {} allowed.", limits.creators_max),
                    format!("{people} Autorinnen und Autoren sind mehr als die erlaubten {}.", limits.creators_max),
                ),
            });
        }
        Ok(())
    }

    /// No record is related to itself. Circles through others are harmless: nothing follows relations.
    pub(crate) fn check_relations(&self, id: &RecordId, metadata: &Metadata) -> Result<(), Refusal> {
        let own_doi = Doi::for_record(&self.settings().prefix, id);
        let own_page = format!("{}/records/{id}", self.settings().base_url);
        let is_own = |target: &Target| match target {
            Target::Url(url) => *url == own_page || url.starts_with(&format!("{own_page}/")),
            other => other.is(id, &own_doi),
        };
        match metadata.related.iter().find(|relation| is_own(&relation.target)) {
            None => Ok(()),
            Some(own) => Err(Refusal::invalid(
                "related",
                said(
                    "related-to-itself",
                    format!("“{}” is this record itself.", own.target.text()),
                    format!("„{}“ ist dieser Eintrag selbst.", own.target.text()),
                ),
                hint(
                    "Name another work; versions are tied by the archive.",
                    "Nennen Sie ein anderes Werk; Versionen verbindet das Archiv selbst.",
                ),
            )),
        }
    }

    /// Relations to records here: those that this visitor may see, by their DOI once they have one. New ones only, so that a record
    /// that went away since does not stand in the way of other changes.
    pub(crate) async fn settle_relations(&self, visitor: &Visitor, before: &Metadata, metadata: &mut Metadata) -> Result<(), Refusal> {
        let pages = format!("{}/records/", self.settings().base_url);
        let mut looked_up = 0;
        for relation in &mut metadata.related {
            if before.related.contains(relation) {
                continue;
            }
            let id = match &relation.target {
                Target::Record(id) => id.clone(),
                Target::Url(url) => match url.strip_prefix(&pages).and_then(|rest| rest.parse().ok()) {
                    Some(id) => id,
                    None => continue,
                },
                Target::Doi(_) => continue,
            };
            looked_up += 1;
            if looked_up > RECORDS_LOOKED_UP_MAX {
                break;
            }
            let other = self.see(visitor, At::from(&id), Aspect::Tombstone).await.map_err(|refusal| match refusal {
                Refusal::NotFound => Refusal::invalid(
                    "related",
                    said("no-such-record", format!("There is no record {id} here."), format!("Einen Eintrag {id} gibt es hier nicht.")),
                    hint("Look its id up on its page.", "Sehen Sie seine Kennung auf seiner Seite nach."),
                ),
                other => other,
            })?;
            relation.target = match other.record.citable_doi().filter(|_| !other.record.state.is_draft()) {
                Some(doi) => Target::Doi(doi.clone()),
                None => Target::Record(id),
            };
        }
        Ok(())
    }
}

/// What of a record can be the beginning of another one: not what its own files said, nor where it appeared, nor its relatives.
pub(crate) fn template_of(record: &Record) -> Metadata {
    let mut document = serde_json::to_value(&record.metadata).unwrap_or(Value::Null);
    let read_from_files = record.read_from_files.iter().filter_map(|name| field::by_name(name)).map(|field| field.path);
    let its_own = [
        "/acquisition/format",
        "/acquisition/shape",
        "/acquisition/element_type",
        "/article/doi",
        "/article/volume",
        "/article/issue",
        "/article/pages",
        "/article/year",
        "/related",
        "/identifiers",
        "/dates",
    ];
    for path in read_from_files.chain(its_own) {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        if let Some(fields) = document.pointer_mut(above).and_then(Value::as_object_mut) {
            fields.remove(name);
        }
    }
    serde_json::from_value(document).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::{instant::Instant, kind::Kind};
    use serde_json::json;

    #[test]
    fn a_program_may_say_null_for_nothing() {
        let read =
            metadata_of(json!({ "title": null, "sample": { "part": null, "name": "x" }, "creators": [{ "family": "A", "given": null }] }));
        let metadata = read.unwrap();
        assert_eq!((metadata.title.as_str(), metadata.sample.name.as_deref(), metadata.creators.len()), ("", Some("x"), 1));
        assert!(matches!(metadata_of(json!({ "title": 7 })), Err(Refusal::Unfit(faults)) if faults[0].field == "title"));
    }

    #[test]
    fn a_template_keeps_what_the_next_record_has_too() {
        let metadata: Metadata = serde_json::from_value(json!({
            "title": "Jaw", "creators": [{ "family": "Haas" }], "related": [{ "relation": "Cites", "target": { "doi": "10.1098/x" } }],
            "acquisition": { "facility": "DESY", "energy_kev": 25.0, "voxel_size_um": [1.0, 1.0, 1.0], "shape": [3, 2, 1], "format": "TIFF stack" }
        }))
        .unwrap();
        let owner = "ada@example.org".parse().unwrap();
        let mut record = Record::draft("7h3k9x2q4".parse().unwrap(), Kind::TomographyBiology, owner, metadata, Instant(0));
        record.read_from_files = ["voxel_size_um".to_owned()].into();
        let template = serde_json::to_value(template_of(&record)).unwrap();
        let expected =
            json!({ "title": "Jaw", "creators": [{ "family": "Haas" }], "acquisition": { "facility": "DESY", "energy_kev": 25.0 } });
        assert_eq!(template, expected);
    }
}
