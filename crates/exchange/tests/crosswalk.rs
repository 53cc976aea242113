//! The table of fields says where each of them goes at DataCite and in schema.org. Ada fills a field, and that very place changes.

mod cast;

use cast::{NOW, place, registered};
use exchange::{Contents, Export, datacite, schema_org};
use record::{
    Record,
    agent::{Affiliation, Person},
    field::{self, Asked, Field, schema},
    kind::Kind,
    metadata::Metadata,
    state::State,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

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
        said.sample.collected_on = Some("1997-04".into());
        said
    });
    let told = datacite::to_json(&jaw, &place(), NOW);
    let parts: Vec<&str> = told["contributors"].as_array().unwrap().iter().map(|one| one["contributorType"].as_str().unwrap()).collect();
    assert_eq!(parts, ["DataCollector", "DataCollector", "Producer"], "Haas collected, Kleinteich too and wrote the programs");
    let found = r#"{"date":"1997-04","dateType":"Other","dateInformation":"Specimen collected"}"#;
    assert!(told["dates"].to_string().contains(found), "{}", told["dates"]);
    let thing = schema_org::to_json_ld(&jaw, &place(), NOW, &Contents::default());
    assert_eq!(thing["spatialCoverage"]["additionalProperty"]["value"], "1997-04", "the day of the find is the specimen's");
    assert_eq!(thing["dateCreated"], "1998-05", "the owner's own date, not that of the find");
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

/// A funder with two grants, a work related in two ways and two people with one ORCID iD are each one thing of the crate.
#[test]
fn a_crate_names_each_thing_once() {
    let jaw = public(Kind::TomographyBiology, {
        let mut said = metadata_without(None);
        said.funding = serde_json::from_value(json!([
            { "funder": "DFG", "award": "1" }, { "funder": "DFG", "award": "2" },
            { "funder": "Horizon", "funder_id": "https://ror.org/018mejw64" }, { "funder": "Horizon", "funder_id": "https://ror.org/018mejw64" },
        ]))
        .unwrap();
        said.related = serde_json::from_value(json!([
            { "relation": "Cites", "target": { "doi": "10.1098/rsif.2008.0155" } },
            { "relation": "IsSupplementTo", "target": { "doi": "10.1098/rsif.2008.0155" }, "title": "Jaws" },
        ]))
        .unwrap();
        let twin = said.creators[0].clone();
        said.creators.push(twin);
        said
    });
    let crated: Value = serde_json::from_str(&Export::RoCrate.render(&jaw, &place(), NOW)).unwrap();
    let graph = crated["@graph"].as_array().unwrap();
    let ids: Vec<&str> = graph.iter().map(|thing| thing["@id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{ids:?}");
    let root = graph.iter().find(|thing| thing["@id"] == "./").unwrap();
    for (key, value) in root.as_object().unwrap() {
        let names: Vec<String> = value.as_array().into_iter().flatten().map(Value::to_string).collect();
        assert_eq!(names.len(), names.iter().collect::<BTreeSet<_>>().len(), "{key}: {names:?}");
    }
    assert_eq!((root["funder"].as_array().map(Vec::len), root["funding"].as_array().map(Vec::len)), (Some(2), Some(4)));
    let cited = graph.iter().find(|thing| thing["@id"] == root["citation"]["@id"]).unwrap();
    assert_eq!((cited["name"].as_str(), cited["description"].as_str()), (Some("Jaws"), Some("Cites, IsSupplementTo")));
    let found = graph.iter().find(|thing| thing["@id"] == "#found-at").unwrap();
    assert_eq!(found["additionalProperty"]["@id"], "#found-on");
    // What a thing leads to is there; addresses of the web lead out.
    for name in all_under(&crated, "@id").iter().filter_map(Value::as_str).filter(|name| name.starts_with('#')) {
        assert!(ids.contains(&name), "{name} is not described");
    }
}

#[test]
fn the_country_of_an_institution_is_told_where_it_is_known() {
    let mut jaw = public(Kind::TomographyBiology, metadata_without(None));
    let ror = "https://ror.org/04v76ef78".parse().unwrap();
    jaw.metadata.creators[0].affiliations = vec![Affiliation { name: "Kiel University".into(), ror: Some(ror) }];
    let countries = [("https://ror.org/04v76ef78".parse().unwrap(), "Germany".to_owned())].into();
    let contents = Contents { countries, ..Contents::default() };
    let thing = schema_org::to_json_ld(&jaw, &place(), NOW, &contents);
    assert_eq!(thing["creator"][0]["affiliation"]["address"]["addressCountry"], "Germany");
    let crated: Value = serde_json::from_str(&Export::RoCrate.render_with(&jaw, &place(), NOW, &contents)).unwrap();
    let graph = crated["@graph"].as_array().unwrap();
    assert!(graph.iter().any(|thing| thing["@id"] == "https://ror.org/04v76ef78" && thing["address"] == "Germany"));
}
