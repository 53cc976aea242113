//! What schema.org can say of a sample and of a measurement: what was looked at, where it came from, with what and how.

use crate::datacite_dates::SPECIMEN_COLLECTED;
use record::{
    Record,
    acquisition::Acquisition,
    field::{self, Field, Shape},
    metadata::{Metadata, Sample},
    panet::Term,
};
use serde_json::{Value, json};

const NCBI_TAXONOMY: &str = "http://purl.obolibrary.org/obo/NCBITaxon_";

/// UN/CEFACT's codes of units.
const UNIT_CODES: [(&str, &str); 9] =
    [("Å", "A11"), ("kV", "KVT"), ("µA", "B84"), ("s", "SEC"), ("°", "DD"), ("mm", "MMT"), ("µm", "4H"), ("K", "KEL"), ("MPa", "MPA")];

/// What the data are about: the organism, the substance, the piece itself.
pub(crate) fn about(sample: &Sample) -> Vec<Value> {
    let mut things = Vec::new();
    if sample.organism.is_some() || sample.taxon_id.is_some() {
        let mut taxon = json!({ "@type": "Taxon" });
        put(&mut taxon, "name", sample.organism.as_ref());
        if let Some(id) = sample.taxon_id {
            taxon["@id"] = json!(format!("{NCBI_TAXONOMY}{id}"));
            taxon["identifier"] = json!({ "@type": "PropertyValue", "propertyID": "NCBI Taxonomy", "value": id.to_string() });
        }
        things.push(taxon);
    }
    if sample.formula.is_some() || sample.cas.is_some() {
        let mut substance = json!({ "@type": "ChemicalSubstance" });
        put(&mut substance, "name", sample.material.as_ref());
        put(&mut substance, "chemicalComposition", sample.formula.as_ref());
        if let Some(cas) = &sample.cas {
            substance["identifier"] = json!({ "@type": "PropertyValue", "propertyID": "CAS Registry Number", "value": cas.as_str() });
        }
        things.push(substance);
    }
    if sample.name.is_some() || sample.part.is_some() {
        let mut piece = json!({ "@type": "Thing" });
        put(&mut piece, "name", sample.name.as_ref().or(sample.part.as_ref()));
        put(&mut piece, "description", sample.part.as_ref());
        things.push(piece);
    }
    things
}

/// Where the sample was found, and when: that day belongs to the place and not to the data.
pub(crate) fn finding_place(sample: &Sample) -> Option<Value> {
    let mut place = json!({ "@type": "Place" });
    put(&mut place, "name", sample.locality.as_ref());
    if let Some((latitude, longitude)) = sample.latitude_deg.zip(sample.longitude_deg) {
        place["geo"] = json!({ "@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude });
    }
    if let Some(day) = &sample.collected_on {
        place["additionalProperty"] = json!({ "@type": "PropertyValue", "name": SPECIMEN_COLLECTED, "value": day });
    }
    (place.as_object().map_or(0, |fields| fields.len()) > 1).then_some(place)
}

/// The technique by its PaNET term, and what went through the sample.
pub(crate) fn techniques(seen: &Acquisition) -> Vec<Value> {
    let technique = seen.technique.as_deref().map(|id| {
        Term::by_id(id).map_or_else(
            || json!(id),
            |term| json!({ "@type": "DefinedTerm", "name": term.label, "termCode": term.id, "url": term.url(), "inDefinedTermSet": "http://purl.org/pan-science/PaNET/" }),
        )
    });
    technique.into_iter().chain(seen.probe.map(|probe| json!(probe.says().en))).collect()
}

/// The facility, which made the measurement possible.
pub(crate) fn facility(seen: &Acquisition) -> Option<Value> {
    let mut place = json!({ "@type": "Organization" });
    put(&mut place, "name", seen.facility.as_ref());
    if let Some(ror) = &seen.facility_ror {
        place["@id"] = json!(ror.url());
        place["url"] = json!(ror.url());
    }
    (seen.facility.is_some() || seen.facility_ror.is_some()).then_some(place)
}

/// Instrument and detector.
pub(crate) fn apparatus(seen: &Acquisition) -> Vec<Value> {
    let named = [("instrument", &seen.instrument), ("detector", &seen.detector)].into_iter();
    named.filter_map(|(what, name)| Some(json!({ "@type": "Product", "category": what, "name": name.as_ref()? }))).collect()
}

/// The programs that made volumes of projections.
pub(crate) fn programs(seen: &Acquisition) -> Vec<Value> {
    let program = |name: &String| json!({ "@type": "SoftwareApplication", "name": name });
    let steps = seen.workflow.iter().map(|step| {
        let mut action = json!({ "@type": "SoftwareApplication", "name": step.software.as_ref().unwrap_or(&step.step), "applicationCategory": step.step });
        put(&mut action, "description", step.parameters.as_ref());
        action
    });
    seen.reconstruction_software.iter().map(program).chain(steps).collect()
}

/// Under which names others know it: numbers of proposal and specimen, accession numbers.
pub(crate) fn identifiers(said: &Metadata) -> Vec<Value> {
    let of = |scheme: &str, value: &str| json!({ "@type": "PropertyValue", "propertyID": scheme, "value": value });
    let single = [
        ("specimen number", &said.sample.specimen_number),
        ("proposal", &said.acquisition.proposal),
        ("beamtime", &said.acquisition.beamtime),
    ];
    let single = single.into_iter().filter_map(|(scheme, value)| Some(of(scheme, value.as_deref()?)));
    single.chain(said.identifiers.iter().map(|other| of(&other.scheme, &other.identifier))).collect()
}

/// Settings of the measurement with their units: every field of which the table says so.
pub(crate) fn measured(record: &Record) -> Vec<Value> {
    let document = serde_json::to_value(&record.metadata).unwrap_or_default();
    let fields = field::all().filter(|field| field.schema_org == "variableMeasured");
    fields.flat_map(|field| document.pointer(field.path).map(|value| properties(field, value)).unwrap_or_default()).collect()
}

/// One, or of a body that is no cube one for each direction.
fn properties(field: &Field, value: &Value) -> Vec<Value> {
    let Some([z, y, x]) = value.as_array().map(Vec::as_slice) else { return property(field, "", value).into_iter().collect() };
    if z == y && y == x && matches!(field.shape, Shape::Edges) {
        return property(field, "", x).into_iter().collect();
    }
    [(" along x", x), (" along y", y), (" along z", z)].into_iter().filter_map(|(along, edge)| property(field, along, edge)).collect()
}

fn property(field: &Field, along: &str, value: &Value) -> Option<Value> {
    let value = Some(value).filter(|value| !value.is_null())?;
    let mut property = json!({ "@type": "PropertyValue", "name": format!("{}{along}", field.label.en), "value": value });
    if !field.unit.is_empty() {
        property["unitText"] = json!(field.unit);
    }
    if let Some((_, code)) = UNIT_CODES.iter().find(|(unit, _)| *unit == field.unit) {
        property["unitCode"] = json!(code);
    }
    Some(property)
}

fn put(thing: &mut Value, key: &str, text: Option<&String>) {
    if let Some(text) = text {
        thing[key] = json!(text);
    }
}
