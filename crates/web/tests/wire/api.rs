//! A record's life by the JSON API.

use crate::house::House;
use archive::ledger::Outcome;
use record::{access::Aspect, file::Sha256, kind::Kind};
use serde_json::json;

#[tokio::test]
async fn a_record_lives_from_draft_to_tombstone() {
    let house = House::open().await;
    let created = house.json("POST", "/api/v1/records", json!({"kind": "tomography-biology", "metadata": {"title": "A jaw"}})).await;
    assert_eq!(created.status, 201);
    let view = created.json();
    let path = created.header("location").to_owned();
    assert_eq!((view["state"].as_str(), path.ends_with(view["id"].as_str().unwrap())), (Some("draft"), true));
    assert!(view["readiness"]["register"].as_array().unwrap().iter().any(|obstacle| obstacle["code"] == "organism-missing"));
    assert_eq!(house.get(&path).await.status, 404, "a stranger does not learn of a draft");
    let early = house.json("POST", &format!("{path}/register"), json!({})).await;
    assert_eq!((early.status, early.header("content-type")), (422, "application/problem+json"));
    assert!(early.json()["errors"].as_array().unwrap().iter().any(|error| error["code"] == "licence-missing"));
    let metadata = serde_json::to_value(testbed::complete(record::kind::Kind::TomographyBiology, "A jaw")).unwrap();
    let patched = house.json("PATCH", &path, json!({"metadata": metadata})).await;
    assert_eq!(patched.status, 200);
    house.stage.upload(&house.ada, &view["id"].as_str().unwrap().parse().unwrap(), "a.tif", b"abc").await;
    let registered = house.json("POST", &format!("{path}/register"), json!({})).await.json();
    assert_eq!(registered["state"], "registered");
    let stranger = house.get(&path).await.json();
    assert_eq!((stranger["state"].as_str(), stranger["holdings"].is_null(), stranger["team"].is_null()), (Some("registered"), true, true));
    assert_eq!(house.get(&format!("{path}/files")).await.status, 403);
    let scheduled = house.json("POST", &format!("{path}/schedule"), json!({"release_at": "2027-03-01T00:00:00Z"})).await.json();
    assert_eq!(scheduled["release_at"], "2027-03-01T00:00:00.000Z");
    assert_eq!(house.json("POST", &format!("{path}/release"), json!({})).await.json()["state"], "released");
    assert_eq!(house.get(&format!("{path}/files")).await.json()["files"][0]["path"], "a.tif");
    assert!(String::from_utf8_lossy(&house.get(&format!("{path}/export/bibtex")).await.body).contains("A jaw"));
    assert_eq!(house.json("DELETE", &path, json!({})).await.status, 409);
    assert_eq!(house.json("POST", &format!("{path}/withdraw"), json!({"reason": "mixed-up samples"})).await.json()["state"], "withdrawn");
    let tombstone = house.get(&path).await;
    assert!(!String::from_utf8_lossy(&tombstone.body).contains("mixed-up"));
    assert!(
        house
            .json("GET", &format!("{path}/history"), json!({}))
            .await
            .json()
            .as_array()
            .unwrap()
            .iter()
            .any(|event| event["what"] == "released")
    );
}

#[tokio::test]
async fn a_stale_change_is_refused() {
    let house = House::open().await;
    let path = format!("/api/v1/records/{}", house.draft().await.id);
    let read = house.as_ada("GET", &path, &[], "").await;
    let etag = read.header("etag").to_owned();
    let body = json!({"metadata": {"title": "Another"}}).to_string();
    let headers = [("content-type", "application/json"), ("if-match", etag.as_str())];
    assert_eq!(house.as_ada("PUT", &path, &headers, body.clone()).await.status, 200);
    let stale = house.as_ada("PUT", &path, &headers, json!({"metadata": {"title": "A third"}}).to_string()).await;
    assert_eq!((stale.status, stale.json()["status"].as_u64()), (412, Some(412)));
    assert_eq!(house.as_ada("GET", &path, &[], "").await.json()["metadata"]["title"], "Another");
}

#[tokio::test]
async fn nonsense_is_named() {
    let house = House::open().await;
    let path = format!("/api/v1/records/{}", house.draft().await.id);
    let unknown = house.json("PATCH", &path, json!({"metadata": {"titel": "x"}})).await;
    assert_eq!(unknown.status, 422);
    assert!(unknown.json()["detail"].as_str().unwrap().contains("titel"));
    assert_eq!(house.json("POST", "/api/v1/records", json!({"kind": "poem"})).await.status, 422);
    assert_eq!(house.as_ada("POST", "/api/v1/records", &[("content-type", "text/plain")], "{}").await.status, 422);
    let giant = house.as_ada("POST", "/api/v1/records", &[("content-type", "application/json")], "x".repeat(3 << 20)).await;
    assert_eq!(giant.status, 413);
    assert_eq!(house.get("/api/v1/nothing").await.status, 404);
    assert_eq!(house.ask("PUT", "/api/v1/search", &[]).await.status, 405);
}

#[tokio::test]
async fn a_token_does_what_its_scope_allows() {
    let house = House::open().await;
    let made = house.json("POST", "/api/v1/tokens", json!({"name": "reader", "scope": "read", "days": 3})).await;
    assert_eq!(made.status, 201);
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {secret}");
    let id = house.draft().await.id;
    let path = format!("/api/v1/records/{id}");
    assert_eq!(house.ask("GET", &path, &[("authorization", &bearer)]).await.status, 200);
    assert_eq!(house.ask("DELETE", &path, &[("authorization", &bearer)]).await.status, 403);
    assert_eq!(house.ask("GET", "/api/v1/me", &[("authorization", &bearer)]).await.json()["scope"], "read");
    let token = made.json()["token"]["id"].as_str().unwrap().to_owned();
    assert_eq!(house.json("DELETE", &format!("/api/v1/tokens/{token}"), json!({})).await.status, 204);
    assert_eq!(house.ask("GET", &path, &[("authorization", &bearer)]).await.status, 401);
}

#[tokio::test]
async fn a_team_is_made_and_a_question_answered_before_an_upload() {
    let house = House::open().await;
    let id = house.with_files(&[("a.tif", b"abc")]).await;
    let path = format!("/api/v1/records/{id}");
    assert_eq!(
        house
            .json("POST", &format!("{path}/team"), json!({"email": "Bob@Example.org", "role": "collaborator"}))
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(house.json("DELETE", &format!("{path}/team/bob@example.org"), json!({})).await.status, 204);
    assert_eq!(house.json("GET", &format!("{path}/team"), json!({})).await.json().as_array().unwrap().len(), 1);
    let check = house
        .json("POST", &format!("{path}/files/check"), json!({"paths": [{"path": "a.tif", "size": 3}, {"path": "b.tif", "size": 3}]}))
        .await
        .json();
    assert_eq!((check["existing"][0]["path"].as_str(), check["existing"].as_array().unwrap().len()), (Some("a.tif"), 1));
    let folder = house.json("GET", &format!("{path}/files?folder="), json!({})).await.json();
    assert_eq!(folder["files"][0]["size"], 3);
    assert_eq!(house.json("DELETE", &format!("{path}/files/a.tif"), json!({})).await.status, 204);
    assert_eq!(house.json("GET", &format!("{path}/jobs"), json!({})).await.status, 200);
}

#[tokio::test]
async fn released_records_are_found_and_the_document_is_served() {
    let house = House::open().await;
    let id = house.with_files(&[("a.tif", b"abc")]).await;
    house.release(&id).await;
    house.stage.archive.settle_index().await.unwrap();
    let page = house.get("/api/v1/search?q=jaw").await.json();
    assert_eq!((page["total"].as_u64(), page["items"][0]["id"].as_str()), (Some(1), Some(id.as_str())));
    let document = house.get("/api/openapi.json").await;
    assert_eq!((document.status, document.json()["openapi"].as_str().map(|version| version.starts_with("3.1"))), (200, Some(true)));
}

#[tokio::test]
async fn its_people_learn_what_became_of_the_doi() {
    let house = House::open().await;
    let id = house.with_files(&[("a.tif", b"abc")]).await;
    let path = format!("/api/v1/records/{id}");
    assert!(house.json("GET", &path, json!({})).await.json()["doi_standing"].is_null(), "a draft has none");
    house.register(&id).await;
    assert_eq!(house.json("GET", &path, json!({})).await.json()["doi_standing"]["standing"], "waiting");
    let doi = house.stage.archive.see(&house.ada, &id, Aspect::Inside).await.unwrap().record.state.doi().unwrap().clone();
    let told = |outcome| house.stage.archive.report_told(&id, &doi, outcome);
    told(Outcome::Refused { says: "422: Creators can't be blank".into() }).await.unwrap();
    let view = house.json("GET", &path, json!({})).await.json();
    assert_eq!(
        (view["doi_standing"]["standing"].as_str(), view["doi_standing"]["says"].as_str()),
        (Some("refused"), Some("422: Creators can't be blank"))
    );
    assert!(house.get(&path).await.json()["doi_standing"].is_null(), "it is nobody else's business");
    let metrics = String::from_utf8_lossy(&house.get("/metrics").await.body).into_owned();
    assert!(metrics.contains("science3d_dois{standing=\"refused\"} 1\n") && metrics.contains("science3d_dois_differing 0\n"), "{metrics}");
    told(Outcome::Taken { digest: Sha256([1; 32]), differences: Vec::new() }).await.unwrap();
    let view = house.json("GET", &path, json!({})).await.json();
    assert!(view["doi_standing"]["standing"] == "registered" && view["doi_standing"]["since"].is_string());
}

#[tokio::test]
async fn owners_answer_for_their_publications() {
    let house = House::open().await;
    let id = house.with_files(&[("a.tif", b"abc")]).await;
    house.register(&id).await;
    let (archive, ben) = (&house.stage.archive, house.stage.actor("ben").await);
    let mut paper = testbed::complete(Kind::Publication, "Mechanics of biting");
    paper.related =
        serde_json::from_value(json!([{ "relation": "References", "target": { "doi": format!("10.5072/science3d.{id}") } }])).unwrap();
    let paper = archive.create(&ben, Kind::Publication, paper).await.unwrap().id;
    archive.publish(&ben, &paper).await.unwrap();
    archive.find_ties(&paper).await.unwrap();
    let (list, one) = (format!("/api/v1/records/{id}/ties"), format!("/api/v1/records/{id}/ties/{paper}"));
    let ties = house.json("GET", &list, json!({})).await.json();
    let tie = &ties["ties"][0];
    assert_eq!(
        (tie["publication"].as_str(), tie["because"].as_str(), tie["standing"].as_str()),
        (Some(paper.as_str()), Some("cites"), Some("offered"))
    );
    assert_eq!(house.get(&list).await.json()["ties"], json!([]), "nobody else is asked");
    assert!(matches!(house.ask("POST", &one, &[("content-type", "application/json")]).await.status, 401 | 403 | 422));
    assert_eq!(house.json("POST", &one, json!({ "is_theirs": "maybe" })).await.status, 422);
    assert_eq!(house.json("POST", &one, json!({ "is_theirs": false })).await.json()["ties"][0]["standing"], "declined");
    assert_eq!(
        house.json("POST", &one, json!({ "is_theirs": true })).await.json()["ties"][0]["standing"],
        "confirmed",
        "one may think again"
    );
    assert_eq!(house.json("POST", &one, json!({ "is_theirs": false })).await.status, 409);
    let said = house.json("GET", &format!("/api/v1/records/{id}"), json!({})).await.json();
    assert_eq!(said["metadata"]["related"][0]["relation"], "IsSupplementTo");
}

#[tokio::test]
async fn forms_are_completed_from_what_is_kept_here() {
    let house = House::open().await;
    let items = async |path: &str| house.get(path).await.json()["items"].as_array().unwrap().clone();
    let desy = items("/api/v1/vocabularies/organisations?q=desy").await;
    assert_eq!(
        (desy[0]["id"].as_str(), desy[0]["label"].as_str()),
        (Some("https://ror.org/01js2sh04"), Some("Deutsches Elektronen-Synchrotron DESY"))
    );
    let usual = items("/api/v1/vocabularies/techniques?q=").await;
    assert!(usual.len() == 12 && usual[0]["id"] == "PaNET01208", "what is measured most stands there before one types");
    assert_eq!(items("/api/v1/vocabularies/techniques?q=ct%20scan").await[0]["id"], "PaNET01207");
    let licences = items("/api/v1/vocabularies/licences?q=cc%20by-nd").await;
    assert!(licences[0]["id"] == "CC-BY-ND-4.0" && licences[0]["detail"].as_str().unwrap().contains("changed version"));
    assert!(items("/api/v1/vocabularies/licences").await.len() > 20, "without a word those that are explained");
    assert_eq!(items("/api/v1/vocabularies/licences?q=gnu%20lesser%202.1").await[0]["id"], "LGPL-2.1-only");
    assert!(items("/api/v1/vocabularies/licences?lang=de").await.iter().all(|licence| licence["detail"].as_str().unwrap().ends_with('.')));
}
