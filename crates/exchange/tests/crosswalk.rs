//! The table of fields says where each of them goes at DataCite and in schema.org. Ada fills a field, and that very place changes.

mod cast;

use cast::{NOW, place, registered};
use exchange::{Contents, Export, datacite, schema_org};
use record::{
    Record,
    agent::Person,
    field::{self, Asked, Field, schema},
    kind::Kind,
    metadata::Metadata,
    state::State,
};
use serde_json::{Value, json};

/// A document with the example of every field in it, or of all but one.
fn metadata_without(left_out: Option<&Field>) -> Metadata {
    let mut document = json!({ "sample": {}, "acquisition": {}, "article": {} });
    for field in field::all().filter(|field| left_out.is_none_or(|left_out| left_out.path != field.path)) {
        let (above, key) = field.path.rsplit_once('/').unwrap();
        document.pointer_mut(above).unwrap()[key] = schema::example(&field.shape, field.example).unwrap();
    }
    let mut said: Metadata = serde_json::from_value(document).unwrap();
    // Not the same person as the author.
    said.contributors.iter_mut().for_each(|other| other.person = Person::from_text("Haas, Alexander"));
    said
}

fn kind_of(field: &Field) -> Kind {
    match field.asked {
        Asked::Nobody => Kind::TomographyBiology,
        _ => Kind::ALL.into_iter().find(|kind| field.is_asked_of(*kind)).unwrap(),
    }
}

/// As the world sees it.
fn public(kind: Kind, metadata: Metadata) -> Record {
    let mut record = Record::draft("7h3k9x2q4".parse().unwrap(), kind, "ada@example.org".parse().unwrap(), metadata, NOW);
    if kind.is_text() {
        record.state = State::Draft.publish(None, NOW).unwrap();
        return record;
    }
    registered(record, None)
}

/// Everything that stands under this name, however deep.
fn under(thing: &Value, name: &str, found: &mut Vec<Value>) {
    match thing {
        Value::Object(fields) => {
            for (key, value) in fields {
                if key == name {
                    found.push(value.clone());
                }
                under(value, name, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| under(value, name, found)),
        _ => {}
    }
}

fn all_under(thing: &Value, name: &str) -> Vec<Value> {
    let mut found = Vec::new();
    under(thing, name, &mut found);
    found
}

/// What the table calls a place in short, by DataCite's name in JSON.
fn datacite_name(place: &str) -> String {
    let name: String = place.chars().take_while(|letter| letter.is_ascii_alphanumeric()).collect();
    match name.as_str() {
        "identifier" => "doi".to_owned(),
        "resourceType" => "types".to_owned(),
        "geoLocationPoint" => "geoLocations".to_owned(),
        _ => name,
    }
}

#[test]
fn a_field_that_names_a_place_at_datacite_arrives_there() {
    let mut fields = 0;
    for field in field::all().filter(|field| !field.datacite.is_empty()) {
        let (with, without) = (public(kind_of(field), metadata_without(None)), public(kind_of(field), metadata_without(Some(field))));
        let said = |record: &Record| datacite::to_json(record, &place(), NOW);
        let (said_with, said_without) = (said(&with), said(&without));
        // One of several where the table names them: an ISBN beside an ISSN has no room in the journal.
        let arrives = field.datacite.split(", ").map(datacite_name).any(|name| {
            let here = all_under(&said_with, &name);
            !here.is_empty() && here != all_under(&said_without, &name)
        });
        assert!(arrives, "{} does not arrive in {}: {said_with:#}", field.name, field.datacite);
        let xml = |record: &Record| datacite::to_xml(record, &place(), NOW);
        assert_ne!(xml(&with), xml(&without), "{} is missing from the XML", field.name);
        fields += 1;
    }
    assert!(fields > 35, "{fields}");
}

#[test]
fn a_field_that_names_a_place_in_schema_org_arrives_there() {
    let mut fields = 0;
    for field in field::all().filter(|field| !field.schema_org.is_empty()) {
        let (with, without) = (public(kind_of(field), metadata_without(None)), public(kind_of(field), metadata_without(Some(field))));
        let said = |record: &Record| schema_org::to_json_ld(record, &place(), NOW, &Contents::default());
        let name = field.schema_org.split('/').next().unwrap();
        let (here, there) = (all_under(&said(&with), name), all_under(&said(&without), name));
        assert!(!here.is_empty(), "{}: schema.org has no {name}", field.name);
        assert_ne!(here, there, "{} does not arrive in {name}", field.name);
        fields += 1;
    }
    assert!(fields > 60, "{fields}");
}

/// What people did, the day of the find and the number of the book, in the words of each catalogue.
#[test]
fn roles_days_and_numbers_are_told_to_everyone_who_has_a_word_for_them() {
    let jaw = public(Kind::TomographyBiology, {
        let mut said = metadata_without(None);
        said.creators[0].roles = serde_json::from_value(json!(["investigation", "software", "writing-original-draft"])).unwrap();
        said.sample.collected_on = Some("1998-05".into());
        said
    });
    let told = datacite::to_json(&jaw, &place(), NOW);
    let parts: Vec<&str> = told["contributors"].as_array().unwrap().iter().map(|one| one["contributorType"].as_str().unwrap()).collect();
    assert_eq!(parts, ["DataCollector", "DataCollector", "Producer"], "Haas collected, Kleinteich too and wrote the programs");
    assert!(told["dates"].to_string().contains(r#"{"date":"1998-05","dateType":"Created"}"#), "{}", told["dates"]);
    let thing = schema_org::to_json_ld(&jaw, &place(), NOW, &Contents::default());
    assert!(thing["contributor"].to_string().contains("https://credit.niso.org/contributor-roles/investigation/"));
    let crated: Value = serde_json::from_str(&Export::RoCrate.render(&jaw, &place(), NOW)).unwrap();
    assert!(crated.to_string().contains("contributor-roles/writing-original-draft"));
    let book = public(Kind::Publication, metadata_without(None));
    let csl: Value = serde_json::from_str(&Export::CslJson.render(&book, &place(), NOW)).unwrap();
    assert_eq!((csl["ISBN"].as_str(), csl["ISSN"].as_str()), (Some("978-3-16-148410-0"), Some("1742-5689")));
    for export in [Export::Bibtex, Export::Ris, Export::DublinCore, Export::Marcxml, Export::DataciteXml] {
        assert!(export.render(&book, &place(), NOW).contains("978-3-16-148410-0"), "{}", export.name());
    }
}
