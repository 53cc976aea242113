//! Table and types are held together here, and what people do wrong is answered in words.

use super::*;
use serde_json::{Map, json};
use std::collections::BTreeSet;

/// A document with the example of every field in it.
fn everything() -> Value {
    let mut document = Value::Object(Map::new());
    for field in all() {
        let mut place = &mut document;
        for part in field.path.trim_start_matches('/').split('/') {
            place = place.as_object_mut().unwrap().entry(part).or_insert_with(|| json!({}));
        }
        *place = schema::example(&field.shape, field.example).unwrap_or_else(|| panic!("{} has no example", field.name));
    }
    document
}

/// Every name that serde would take for this type, learned from its own message about a field that it does not know.
fn taken<T: serde::de::DeserializeOwned>() -> BTreeSet<String> {
    let refusal = serde_json::from_str::<T>(r#"{"no such field":0}"#).err().unwrap().to_string();
    refusal.split_once("expected").unwrap().1.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn told(group: &str) -> BTreeSet<String> {
    all()
        .filter_map(|field| field.path.strip_prefix(group)?.strip_prefix('/'))
        .filter(|rest| !rest.contains('/'))
        .map(str::to_owned)
        .collect()
}

fn parts_of(path: &str) -> BTreeSet<String> {
    let Some(Shape::Rows(parts)) = by_path(path).map(|field| field.shape) else { panic!("{path}") };
    parts.iter().map(|part| part.name.to_owned()).collect()
}

#[test]
fn the_table_has_exactly_the_fields_of_the_types() {
    let mut root = told("");
    root.extend(["sample", "acquisition", "article"].map(str::to_owned));
    assert_eq!(root, taken::<Metadata>());
    assert_eq!(told("/sample"), taken::<crate::metadata::Sample>());
    assert_eq!(told("/acquisition"), taken::<crate::metadata::Acquisition>());
    assert_eq!(told("/article"), taken::<crate::metadata::Article>());
    let mut person = parts_of("/creators");
    person.insert("affiliation".into());
    assert_eq!(person, taken::<crate::agent::Person>());
    assert_eq!(parts_of("/contributors"), taken::<crate::agent::Contributor>());
    assert_eq!(parts_of("/related"), taken::<crate::relation::Relation>());
    assert_eq!(parts_of("/funding"), taken::<crate::metadata::Funding>());
    assert_eq!(parts_of("/subjects"), taken::<crate::metadata::Subject>());
    assert_eq!(parts_of("/titles"), taken::<crate::metadata::OtherTitle>());
    assert_eq!(parts_of("/dates"), taken::<crate::metadata::OtherDate>());
    assert_eq!(parts_of("/identifiers"), taken::<crate::metadata::OtherIdentifier>());
    assert_eq!(parts_of("/acquisition/workflow"), taken::<crate::metadata::WorkflowStep>());
}

#[test]
fn every_example_fits_and_is_metadata() {
    let document = everything();
    assert_eq!(faults(&document), []);
    let metadata: Metadata = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(serde_json::to_value(&metadata).unwrap()["sample"], document["sample"]);
    for kind in Kind::ALL {
        assert!(needed_by(kind).all(|(_, needed)| (needed.is_given)(&metadata)), "{kind}");
        assert!(needed_by(kind).count() <= 8, "{kind}: the form stays short");
        assert!(needed_by(kind).all(|(field, _)| field.is_asked_of(kind)), "{kind}: what is needed is asked");
    }
}

#[test]
fn every_field_speaks_both_languages_and_has_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    for field in all() {
        let said = [field.label.en, field.label.de, field.help.en, field.help.de, field.example];
        assert!(said.iter().all(|words| !words.is_empty()), "{}", field.name);
        assert!(names.insert(field.name), "{} stands there twice", field.name);
        let number = matches!(field.shape, Shape::Quantity { .. }) && field.name != "magnification";
        assert_eq!(number, !field.unit.is_empty() && !matches!(field.shape, Shape::Edges), "{}", field.name);
    }
}

#[test]
fn what_is_wrong_is_told_with_field_and_example_in_both_languages() {
    let told = |document: Value| faults(&document).into_iter().map(|fault| (fault.field, fault.en, fault.de)).collect::<Vec<_>>();
    assert_eq!(
        told(json!({ "acquisition": { "energy_kev": "much" } })),
        [(
            "energy_kev".to_owned(),
            "Photon energy: “much” does not fit. Give a number greater than 0 in keV, for example 25.5.".to_owned(),
            "Photonenenergie: „much“ passt nicht. Erwartet wird: eine Zahl größer als 0 in keV, zum Beispiel 25.5.".to_owned()
        )]
    );
    let one = |document: Value| told(document).remove(0).1;
    assert_eq!(
        one(json!({ "creators": [{ "family": "A" }, { "family": "B", "orcid": "0000-0002-1825-0098" }] })),
        "Authors (2 orcid): “0000-0002-1825-0098” does not fit. Give an ORCID iD whose last sign fits, for example 0000-0002-1825-0097."
    );
    assert_eq!(
        one(json!({ "creators": [{ "given": "Ada" }] })),
        "Authors (1 family): “” does not fit. Give one line of at most 2000 letters, for example Kleinteich."
    );
    assert_eq!(one(json!({ "titel": "Jaw" })), "There is no field “titel”. Did you mean title?");
    assert_eq!(one(json!({ "sample": { "organsim": "x" } })), "There is no field “sample.organsim”. Did you mean sample.organism?");
    assert!(one(json!({ "colour": "red" })).contains("/schema/v1/record.json"));
    assert!(one(json!([1])).contains("object"));
    for bad in [
        json!({ "article": { "year": 0 } }),
        json!({ "article": { "year": 10_000 } }),
        json!({ "acquisition": { "date": "2026-02-30" } }),
        json!({ "acquisition": { "voxel_size_um": [1.0, 0.0, 1.0] } }),
        json!({ "sample": { "latitude_deg": 91 } }),
        json!({ "sample": { "cas": "471-34-2" } }),
        json!({ "related": [{ "relation": "Likes", "target": { "doi": "10.1098/x" } }] }),
        json!({ "related": [{ "relation": "Cites", "target": { "url": "javascript:alert(1)" } }] }),
        json!({ "title": "x".repeat(3_000) }),
        json!({ "keywords": "skull" }),
        json!({ "sample": "skull" }),
    ] {
        assert_eq!(faults(&bad).len(), 1, "{bad}");
        assert!(one(bad).chars().count() < 1_500);
    }
}

#[test]
fn what_an_old_record_holds_is_left_in_peace_until_it_is_changed() {
    let old = json!({ "title": "Jaw", "acquisition": { "technique": "micro-CT", "date": "2008-01" } });
    let mut new = old.clone();
    new["title"] = json!("Jaw of a caecilian");
    assert_eq!(faults_of_change(&old, &new), []);
    new["acquisition"]["technique"] = json!("nano-CT");
    assert_eq!(faults_of_change(&old, &new).iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>(), ["technique"]);
    assert_eq!(faults(&old).len(), 2);
    // More old ones than are named at once hide no new one.
    let rows: Vec<Value> = (0..80).map(|_| json!({ "person": { "family": "X" }, "part": "nobody" })).collect();
    let mut old = json!({ "contributors": rows, "sample": {}, "acquisition": {}, "article": {} });
    for field in all().filter(|field| matches!(field.shape, Shape::Line | Shape::Quantity { .. })) {
        let (above, key) = field.path.rsplit_once('/').unwrap();
        if let Some(group) = old.pointer_mut(above).and_then(Value::as_object_mut) {
            group.insert(key.to_owned(), json!(["wrong"]));
        }
    }
    let mut new = old.clone();
    new["year"] = json!("x");
    new["related"] = json!("nothing");
    let told = faults_of_change(&old, &new);
    assert!(told.iter().any(|fault| fault.field == "related"), "{told:?}");
}

#[test]
fn the_schema_knows_what_each_kind_needs() {
    let whole = schema::json_schema(None, "https://s.example/schema/v1/record.json");
    assert_eq!(whole["properties"]["acquisition"]["properties"]["energy_kev"]["exclusiveMinimum"], 0);
    assert_eq!(whole.get("required"), None);
    let biology = schema::object(Some(Kind::TomographyBiology));
    assert_eq!(biology["properties"]["sample"]["required"], json!(["organism"]));
    assert!(biology["properties"].get("article").is_none());
    let publication = schema::object(Some(Kind::Publication));
    assert!(publication["properties"].get("acquisition").is_none());
    assert_eq!(publication["properties"]["article"]["required"], json!(["year"]));
}

#[test]
fn numbers_can_be_asked_for() {
    let names: Vec<&str> = quantities().map(|field| field.name).collect();
    assert!(names.contains(&"energy_kev") && names.contains(&"voxel_size_um") && names.contains(&"projections") && names.len() > 20);
    let said = json!({ "acquisition": { "voxel_size_um": [5.0, 2.0, 2.0] } });
    assert_eq!(by_name("voxel_size_um").unwrap().number_in(&said), Some(5.0));
}

/// The page is written by hand around the table; `METADATA_TABLE_TO` names a file to write the table to when it has changed.
#[test]
fn the_page_about_metadata_shows_the_table() {
    if let Some(file) = std::env::var_os("METADATA_TABLE_TO") {
        std::fs::write(file, crosswalk::markdown()).unwrap();
    }
    let page = std::fs::read_to_string("../../docs/metadata.md").unwrap();
    let shown = page.split_once("<!-- table -->\n").and_then(|(_, rest)| rest.split_once("<!-- end of table -->")).unwrap().0;
    assert!(shown == crosswalk::markdown(), "docs/metadata.md does not show the table of record::field");
}
