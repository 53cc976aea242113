//! What nobody should write and somebody will, through the door of programs: ten megabytes, scripts and formulas in titles, names from right
//! to left and names of one word, three thousand authors, relations to itself and in a circle, the first and the last year. The answer is a
//! sentence or a safe page, and nothing is lost.

use crate::house::House;
use record::id::RecordId;
use serde_json::{Value, json};

const EXPORTS: [&str; 11] =
    ["datacite-xml", "datacite-json", "bibtex", "ris", "csl-json", "schema-org", "ro-crate", "croissant", "dublin-core", "marcxml", "text"];

async fn with_a_file(house: &House) -> (RecordId, String) {
    let id = house.with_files(&[("notes.txt", b"seen")]).await;
    let path = format!("/api/v1/records/{id}");
    (id, path)
}

async fn told_in_every_form(house: &House, id: &RecordId) {
    let page = house.get(&format!("/records/{id}")).await;
    assert_eq!(page.status, 200, "{}", String::from_utf8_lossy(&page.body));
    for form in EXPORTS {
        let told = house.get(&format!("/records/{id}/export/{form}")).await;
        assert!(told.status == 200 && !told.body.is_empty(), "{form}: {}", told.status);
    }
    house.stage.archive.settle_index().await.unwrap();
    let harvested = house.get(&format!("/oai?verb=GetRecord&metadataPrefix=oai_datacite&identifier=oai:science3d.test:{id}")).await;
    let harvested = String::from_utf8_lossy(&harvested.body);
    assert!(harvested.contains("<metadata>") && !harvested.contains("<error"), "{harvested}");
}

#[tokio::test]
async fn ten_megabytes_are_refused_in_a_sentence_and_what_was_there_stays() {
    let house = House::open().await;
    let (_, path) = with_a_file(&house).await;
    let giant = house.json("PATCH", &path, json!({ "metadata": { "description": "x".repeat(10 << 20) } })).await;
    assert_eq!((giant.status, giant.header("content-type")), (413, "application/problem+json"));
    // Small enough for the door, too much for a record.
    let much = house.json("PATCH", &path, json!({ "metadata": { "keywords": vec!["x".repeat(1500); 1000] } })).await;
    assert!(matches!(much.status, 413 | 422) && !much.json()["detail"].as_str().unwrap().is_empty(), "{}", much.status);
    let long = house.json("PATCH", &path, json!({ "metadata": { "title": "x".repeat(3000) } })).await;
    assert!(long.status == 422 && long.json()["detail"].as_str().unwrap().contains("2000"));
    assert_eq!(house.as_ada("GET", &path, &[], "").await.json()["metadata"]["title"], "A jaw");
}

#[tokio::test]
async fn odd_titles_and_three_thousand_people_are_kept_shown_and_told() {
    let house = House::open().await;
    let (id, path) = with_a_file(&house).await;
    let title = "<script>alert(1)</script> $\\frac{\\alpha}{\\beta}$ \u{202e}سمكة </title>";
    let mut people = vec![json!({ "family": "محمد" }), json!({ "family": "Plato" }), json!({ "family": "李", "given": "明" })];
    people.extend((0..3000).map(|number| json!({ "family": format!("Author {number}"), "given": "A." })));
    let saved = house.json("PATCH", &path, json!({ "metadata": { "title": title, "creators": people } })).await;
    assert_eq!(saved.status, 200, "{}", String::from_utf8_lossy(&saved.body));
    house.register(&id).await;
    house.stage.archive.settle_index().await.unwrap();

    let kept = house.as_ada("GET", &path, &[], "").await.json();
    assert_eq!((kept["metadata"]["title"].as_str(), kept["metadata"]["creators"].as_array().map(Vec::len)), (Some(title), Some(3003)));
    told_in_every_form(&house, &id).await;
    for (address, shows) in [
        (format!("/records/{id}"), true),
        ("/".to_owned(), false),
        ("/search?q=alert".to_owned(), true),
        (format!("/records/{id}?lang=de"), true),
    ] {
        let page = house.get(&address).await;
        let html = String::from_utf8_lossy(&page.body);
        assert!(page.status == 200 && !html.contains("<script>alert") && !html.contains("سمكة </title>"), "{address}");
        assert!(!shows || html.contains("سمكة"), "{address}");
    }
    let datacite = house.get(&format!("/records/{id}/export/datacite-json")).await.json();
    assert_eq!(datacite["creators"][1]["name"], "Plato");
    assert!(datacite["creators"][1]["givenName"].is_null() && datacite["creators"][2]["givenName"] == "明");
    for form in ["datacite-xml", "dublin-core", "marcxml", "bibtex", "ris"] {
        let told = house.get(&format!("/records/{id}/export/{form}")).await;
        let told = String::from_utf8_lossy(&told.body);
        assert!(told.contains("محمد") && told.contains("Author 2999"), "{form}");
        assert!(form == "bibtex" || form == "ris" || !told.contains("<script>alert"), "{form}");
    }
}

#[tokio::test]
async fn a_relation_to_itself_is_refused_and_a_circle_is_harmless() {
    let house = House::open().await;
    let (one, path) = with_a_file(&house).await;
    let (other, other_path) = with_a_file(&house).await;
    let related = |target: Value| json!({ "metadata": { "related": [{ "relation": "IsPartOf", "target": target }] } });
    for itself in [
        json!({ "record": one }),
        json!({ "doi": format!("10.5072/science3d.{one}") }),
        json!({ "doi": format!("10.5072/SCIENCE3D.{one}") }),
    ] {
        let refused = house.json("PATCH", &path, related(itself)).await;
        assert!(refused.status == 422 && refused.json()["detail"].as_str().unwrap().contains("itself"), "{}", refused.status);
    }
    assert_eq!(house.json("PATCH", &path, related(json!({ "record": other }))).await.status, 200);
    assert_eq!(house.json("PATCH", &other_path, related(json!({ "record": one }))).await.status, 200);
    for id in [&one, &other] {
        house.register(id).await;
        told_in_every_form(&house, id).await;
        assert_eq!(house.get(&format!("/records/{id}/linkset.json")).await.status, 200);
    }
}

#[tokio::test]
async fn the_first_and_the_last_year_are_years_and_others_are_named() {
    let house = House::open().await;
    for (year, day) in [(1000, "0001-01-01"), (9999, "9999-12-31"), (2008, "0000-01-01")] {
        let (id, path) = with_a_file(&house).await;
        let dates = json!([{ "date": day, "type": "Valid" }, { "date": format!("{day}/9999-12-31"), "type": "Coverage" }]);
        let said = json!({ "metadata": { "acquisition": { "date": day }, "sample": { "collected_on": day }, "dates": dates, "article": { "year": year } } });
        let saved = house.json("PATCH", &path, said).await;
        assert_eq!(saved.status, 200, "{year}: {}", String::from_utf8_lossy(&saved.body));
        house.register(&id).await;
        told_in_every_form(&house, &id).await;
        let told = house.get(&format!("/records/{id}/export/datacite-json")).await.json();
        assert!(told["dates"].to_string().contains(day), "{}", told["dates"]);
        assert!(told["publicationYear"].as_str().unwrap().parse::<u32>().is_ok_and(|year| (1000..=9999).contains(&year)));
    }
    let (_, path) = with_a_file(&house).await;
    for (said, field) in [
        (json!({ "article": { "year": 0 } }), "year"),
        (json!({ "article": { "year": 999 } }), "year"),
        (json!({ "article": { "year": 10_000 } }), "year"),
        (json!({ "acquisition": { "date": "2026-02-30" } }), "date"),
        (json!({ "acquisition": { "date": "12026-01-01" } }), "date"),
    ] {
        let refused = house.json("PATCH", &path, json!({ "metadata": said })).await;
        assert_eq!(refused.status, 422);
        assert!(refused.json()["errors"].as_array().unwrap().iter().any(|fault| fault["field"] == field), "{}", refused.json());
    }
}
