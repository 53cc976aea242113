//! Catalogues read us by OAI-PMH: strictly by the protocol, each record once whatever changes meanwhile, nothing closed.

use crate::house::House;
use record::{id::RecordId, kind::Kind};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

/// More than one part of a list holds.
const MANY: usize = 540;

async fn publish(house: &House, title: &str) -> RecordId {
    let id = house.stage.draft(&house.ada, Kind::Publication, title).await.id;
    house.stage.archive.publish(&house.ada, &id).await.unwrap();
    id
}

async fn ask(house: &House, query: &str) -> String {
    house.stage.archive.settle_index().await.unwrap();
    let answer = house.get(&format!("/oai?{query}")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/xml; charset=utf-8"), "{query}");
    String::from_utf8(answer.body.to_vec()).unwrap()
}

/// Identifier → whether it is told as deleted, and how often it came.
fn heads(parts: &[String]) -> BTreeMap<String, (bool, usize)> {
    let mut found: BTreeMap<String, (bool, usize)> = BTreeMap::new();
    for head in parts.iter().flat_map(|part| part.split("<header").skip(1)) {
        let id = between(head, "<identifier>oai:science3d.test:", "</identifier>").unwrap().to_owned();
        let entry = found.entry(id).or_default();
        *entry = (head.starts_with(" status=\"deleted\""), entry.1 + 1);
    }
    found
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split_once(end).map(|(found, _)| found)
}

fn token(part: &str) -> Option<String> {
    between(part, "<resumptionToken", "</resumptionToken>")?
        .split_once('>')
        .map(|(_, token)| token.to_owned())
        .filter(|token| !token.is_empty())
}

/// The whole list from a first question on.
async fn walk(house: &House, first: &str, rest: &str) -> Vec<String> {
    let mut parts = vec![ask(house, first).await];
    while let Some(token) = parts.last().and_then(|part| token(part)) {
        parts.push(ask(house, &format!("{rest}&resumptionToken={token}")).await);
        assert!(parts.len() < 10, "the list does not come to an end");
    }
    parts
}

#[tokio::test]
async fn nothing_is_lost_or_met_twice_while_records_change() {
    let house = House::open().await;
    let mut ids = Vec::new();
    for number in 0..MANY {
        ids.push(publish(&house, &format!("Paper {number}")).await);
    }
    let first = ask(&house, "verb=ListRecords&metadataPrefix=oai_dc").await;
    let began = between(&first, "<responseDate>", "</responseDate>").unwrap().to_owned();
    let seen = heads(std::slice::from_ref(&first));
    assert!(seen.len() == 500 && first.contains(&format!("completeListSize=\"{MANY}\" cursor=\"0\"")));
    let (early, late) = (&ids[3], ids.iter().rev().find(|id| !seen.contains_key(id.as_str())).unwrap());

    // Between two parts: one that was sent changes, one that is to come is withdrawn, a new one appears.
    house.stage.clock.advance_seconds(60);
    let (archive, ada) = (&house.stage.archive, &house.ada);
    archive.patch(ada, early, serde_json::json!({"title": "Paper with another title"}), None).await.ok();
    archive.withdraw(ada, late, "reasonword".into()).await.unwrap();
    let new = publish(&house, "A new paper").await;
    let mut parts = vec![first];
    while let Some(token) = parts.last().and_then(|part| token(part)) {
        parts.push(ask(&house, &format!("verb=ListRecords&resumptionToken={token}")).await);
    }
    let met = heads(&parts);
    assert_eq!(met.len(), MANY + 1);
    assert!(met.values().all(|(_, times)| *times == 1));
    assert!(met[late.as_str()].0 && !parts.concat().contains("reasonword") && met.contains_key(new.as_str()));
    assert!(parts.last().unwrap().contains("cursor=\"500\"></resumptionToken>"));

    // Who asks from the time of the first answer gets all that changed since.
    let since = heads(&walk(&house, &format!("verb=ListIdentifiers&metadataPrefix=oai_dc&from={began}"), "verb=ListIdentifiers").await);
    assert!(since.contains_key(late.as_str()) && since.contains_key(new.as_str()));
    // A token says everything itself: another server, as after a restart, goes on with it, but not after a day.
    let token = token(&parts[0]).unwrap();
    let url = format!("sqlite:{}", house.stage.folder.path().join("catalogue.db").display());
    let again = {
        let archive = house.stage.again(&url, "index2").await;
        house.again(archive).await
    };
    assert_eq!(heads(&[ask(&again, &format!("verb=ListRecords&resumptionToken={token}")).await]).len(), MANY + 1 - 500);
    again.stage.clock.advance_seconds(24 * 3600);
    assert!(ask(&again, &format!("verb=ListRecords&resumptionToken={token}")).await.contains("code=\"badResumptionToken\""));
}

#[tokio::test]
async fn only_what_the_world_may_know_is_told() {
    let house = House::open().await;
    let draft = house.with_files(&[("secretname.tif", b"x")]).await;
    assert!(ask(&house, "verb=ListRecords&metadataPrefix=oai_dc").await.contains("code=\"noRecordsMatch\""));
    let get = format!("verb=GetRecord&metadataPrefix=oai_datacite&identifier=oai:science3d.test:{draft}");
    assert!(ask(&house, &get).await.contains("code=\"idDoesNotExist\""));
    house.register(&draft).await;
    let told = ask(&house, &get).await;
    assert!(told.contains("<title>A jaw</title>") && !told.contains("secretname") && !told.contains("<setSpec>open</setSpec>"));
    let stamp = |told: &str| between(told, "<datestamp>", "</datestamp>").unwrap().to_owned();

    // What nobody outside can see changes no time; what everybody can see does.
    house.stage.clock.advance_seconds(100);
    house.stage.upload(&house.ada, &draft, "another.tif", b"y").await;
    assert_eq!(stamp(&ask(&house, &get).await), stamp(&told));
    house.stage.archive.release(&house.ada, &draft).await.unwrap();
    let open = ask(&house, &get).await;
    assert!(
        stamp(&open) > stamp(&told)
            && open.contains("<setSpec>open</setSpec>")
            && open.contains("<setSpec>facility-a-synchrotron</setSpec>")
    );
    house.stage.clock.advance_seconds(100);
    house.give_volume(&draft).await;
    let with_volume = ask(&house, "verb=ListRecords&metadataPrefix=marcxml&set=volume").await;
    assert!(stamp(&with_volume) > stamp(&open) && with_volume.contains("<subfield code=\"a\">A jaw</subfield>"));
    assert!(ask(&house, "verb=ListRecords&metadataPrefix=marcxml&set=model").await.contains("code=\"noRecordsMatch\""));
    assert!(ask(&house, "verb=ListSets").await.contains("<setName>Measured at A synchrotron</setName>"));

    house.stage.archive.withdraw(&house.ada, &draft, "reasonword".into()).await.unwrap();
    let gone = ask(&house, &get).await;
    assert!(gone.contains("<header status=\"deleted\">") && !gone.contains("<metadata>") && !gone.contains("A jaw"));
    // A form is a question too.
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let posted = house.as_ada("POST", "/oai", &form, "verb=Identify").await;
    assert!(String::from_utf8_lossy(&posted.body).contains("<deletedRecord>persistent</deletedRecord>"));
}

fn shared() -> PathBuf {
    std::env::var_os("SCIENCE3D_SHARED").map_or_else(|| PathBuf::from("../../../shared"), PathBuf::from)
}

/// One schema that knows all others, because an answer holds several.
fn schema(folder: &Path) -> Option<PathBuf> {
    let schemas = shared().join("schemas");
    let parts = [
        ("http://www.openarchives.org/OAI/2.0/", "oai/OAI-PMH.xsd"),
        ("http://www.openarchives.org/OAI/2.0/oai_dc/", "oai/oai_dc.xsd"),
        ("http://www.loc.gov/MARC21/slim", "marc/MARC21slim.xsd"),
        ("http://schema.datacite.org/oai/oai-1.1/", "datacite/oai/oai_datacite-1.1.xsd"),
        ("http://datacite.org/schema/kernel-4", "datacite/kernel-4.6/metadata.xsd"),
    ];
    let mut text = "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">".to_owned();
    for (namespace, path) in parts {
        let path = schemas.join(path).canonicalize().ok()?;
        text.push_str(&format!("<xs:import namespace=\"{namespace}\" schemaLocation=\"{}\"/>", path.display()));
    }
    let schema = folder.join("all.xsd");
    std::fs::write(&schema, text + "</xs:schema>").unwrap();
    Command::new("xmllint").arg("--version").output().is_ok().then_some(schema)
}

#[tokio::test]
async fn every_answer_is_valid_by_the_schemas() {
    let house = House::open().await;
    let folder = tempfile::tempdir().unwrap();
    let Some(schema) = schema(folder.path()) else { return eprintln!("skipped: xmllint or the schemas of OAI-PMH are absent") };
    let jaw = house.with_files(&[("a.tif", b"x")]).await;
    house.release(&jaw).await;
    let gone = publish(&house, "Gone & <forgotten> ]]>").await;
    publish(&house, "\u{1}Ünïcödé 😀 & <b>").await;
    house.stage.archive.withdraw(&house.ada, &gone, "no".into()).await.unwrap();
    let mut files = Vec::new();
    let mut questions =
        vec!["verb=Identify".to_owned(), "verb=ListSets".into(), "verb=ListMetadataFormats".into(), "verb=Nonsense".into(), String::new()];
    for prefix in ["oai_dc", "oai_datacite", "marcxml"] {
        questions.push(format!("verb=ListRecords&metadataPrefix={prefix}"));
        questions.push(format!("verb=GetRecord&metadataPrefix={prefix}&identifier=oai:science3d.test:{jaw}"));
        questions.push(format!("verb=ListIdentifiers&metadataPrefix={prefix}&from=2026-01-01&until=2026-12-31"));
    }
    questions.push("verb=ListRecords&metadataPrefix=oai_dc&from=2030-01-01".into());
    questions.push(format!("verb=ListMetadataFormats&identifier=oai:science3d.test:{jaw}"));
    questions.push("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:%3C%22x".into());
    for (number, question) in questions.iter().enumerate() {
        let mut answer = ask(&house, question).await;
        if let Some(description) = between(&answer, "<description>", "</description>").map(str::to_owned) {
            // The schema of oai-identifier is not at hand; the rest is judged.
            answer = answer.replace(&format!("<description>{description}</description>"), "");
        }
        let path = folder.path().join(format!("{number}.xml"));
        std::fs::write(&path, answer).unwrap();
        files.push(path);
    }
    let checked = Command::new("xmllint").args(["--nonet", "--noout", "--schema"]).arg(schema).args(&files).output().unwrap();
    let said = String::from_utf8_lossy(&checked.stderr);
    let complaints: Vec<&str> = said.lines().filter(|line| !line.ends_with("validates")).take(20).collect();
    assert!(checked.status.success() && said.matches("validates").count() == files.len(), "{}", complaints.join("\n"));
}

/// What Sickle, a harvester not made here, gets out of us.
const HARVEST: &str = r#"
import sys, json
try:
    from sickle import Sickle
    from sickle.oaiexceptions import NoRecordsMatch, IdDoesNotExist
except ImportError:
    print("absent"); sys.exit(0)
oai = Sickle(sys.argv[1])
found = {"name": oai.Identify().repositoryName, "sets": [s.setSpec for s in oai.ListSets()]}
for prefix in ["oai_dc", "oai_datacite", "marcxml"]:
    records = list(oai.ListRecords(metadataPrefix=prefix))
    found[prefix] = [[r.header.identifier, r.deleted, len(r.raw)] for r in records]
found["titles"] = sorted(r.metadata["title"][0] for r in oai.ListRecords(metadataPrefix="oai_dc", ignore_deleted=True))
found["heads"] = [h.identifier for h in oai.ListIdentifiers(metadataPrefix="oai_dc")]
try:
    oai.GetRecord(identifier="oai:nobody:1", metadataPrefix="oai_dc"); found["nobody"] = "found"
except IdDoesNotExist: found["nobody"] = "not there"
print(json.dumps(found))
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sickle_harvests_everything_once() {
    let house = House::open().await;
    for number in 0..MANY {
        publish(&house, &format!("Paper {number:04}")).await;
    }
    let gone = publish(&house, "Withdrawn paper").await;
    house.stage.archive.withdraw(&house.ada, &gone, "no".into()).await.unwrap();
    house.stage.archive.settle_index().await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/oai", listener.local_addr().unwrap());
    tokio::spawn(web::serve(listener, house.router.clone(), record::limits::Limits::default(), std::future::pending()));
    let Ok(harvest) = tokio::process::Command::new("python3").args(["-c", HARVEST, &address]).output().await else {
        return eprintln!("skipped: sickle_harvests_everything_once (no python3)");
    };
    let said = String::from_utf8_lossy(&harvest.stdout);
    if said.starts_with("absent") {
        return eprintln!("skipped: sickle_harvests_everything_once (no sickle)");
    }
    let found: serde_json::Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&harvest.stderr)));
    for prefix in ["oai_dc", "oai_datacite", "marcxml"] {
        let records = found[prefix].as_array().unwrap();
        let names: BTreeSet<&str> = records.iter().map(|record| record[0].as_str().unwrap()).collect();
        assert_eq!((records.len(), names.len()), (MANY + 1, MANY + 1), "{prefix}");
        assert_eq!(records.iter().filter(|record| record[1] == true).count(), 1);
    }
    assert_eq!(found["titles"].as_array().unwrap().len(), MANY);
    assert_eq!((found["titles"][17].as_str(), found["nobody"].as_str()), (Some("Paper 0017"), Some("not there")));
    assert_eq!(found["heads"].as_array().unwrap().len(), MANY + 1);
    assert!(found["sets"].as_array().unwrap().contains(&"publication".into()) && found["name"] == "Science 3D");
}
