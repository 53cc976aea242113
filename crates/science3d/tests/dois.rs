//! The DOI ledger against a registrar that misbehaves in every way: whatever happens in a week, after a comparison and a click
//! the registrar says of each DOI what the record says.

use archive::{
    Visitor,
    ledger::{OwnersView, Repair},
};
use exchange::{DoiDocument, DoiSeen, Place, Registrar};
use record::{
    account::Rank,
    id::RecordId,
    kind::Kind,
    ledger::{Difference, DoiStanding},
    state::State,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testbed::{
    Stage,
    registrar::{Kept, PASSWORD, PATIENCE, REPOSITORY, StandIn},
};
use worker::Worker;

const RECORDS: usize = 40;
const STEP_SECONDS: i64 = 20 * 60;
const STEPS: u64 = 7 * 24 * 3600 / STEP_SECONDS as u64;
const FAILURES_MIN: u64 = 1000;

fn worker(stage: &Stage, registrar: &StandIn) -> Worker {
    let account = Registrar::datacite(&registrar.url, REPOSITORY, PASSWORD).unwrap().within(PATIENCE).unwrap();
    let scratch = stage.folder.path().join("scratch");
    Worker::new(stage.archive.clone(), account, exchange::Postman::Outbox, "Science 3D <noreply@example.org>".to_owned(), scratch)
}

/// Whatever is due now and becomes due within the next hours, until nothing waits any more.
async fn settle(stage: &Stage, worker: &Worker) {
    for _ in 0..48 {
        worker.work_until_idle().await;
        stage.clock.advance_seconds(3700);
    }
    worker.work_until_idle().await;
}

/// What the registrar should have, from the records alone.
async fn wanted(stage: &Stage, records: &[RecordId]) -> BTreeMap<String, DoiDocument> {
    let settings = stage.archive.settings();
    let place = Place { base_url: settings.base_url.clone(), publisher: settings.publisher.clone() };
    let mut wanted = BTreeMap::new();
    for id in records {
        for described in stage.archive.descriptions_for_registrar(id).await.unwrap() {
            if let Some(document) = DoiDocument::of(&described, &place, stage.archive.now()) {
                wanted.insert(document.doi.to_string(), document);
            }
        }
    }
    wanted
}

/// By a comparison of the test's own, beside the program's.
fn differences(wanted: &BTreeMap<String, DoiDocument>, kept: &Kept) -> Vec<String> {
    let mut found: Vec<String> = kept.keys().filter(|doi| !wanted.contains_key(*doi)).map(|doi| format!("{doi}: not ours")).collect();
    for (doi, document) in wanted {
        let Some(kept) = kept.get(doi) else {
            found.push(format!("{doi}: missing"));
            continue;
        };
        // The registrar takes markup out of titles.
        let title = |value: &Value| value["titles"][0]["title"].as_str().unwrap_or_default().replace("<b>", "").replace("</b>", "");
        let facts = |value: &Value| {
            (value["url"].clone(), value["creators"].clone(), value["relatedIdentifiers"].clone(), value["version"].clone())
        };
        if kept["state"] != document.wish.name() || title(kept) != title(&document.attributes) || facts(kept) != facts(&document.attributes)
        {
            found.push(format!("{doi}: other words"));
        }
        let seen =
            DoiSeen { doi: document.doi.clone(), state: kept["state"].as_str().unwrap_or_default().to_owned(), attributes: kept.clone() };
        found.extend(document.differences(&seen).iter().map(|difference| format!("{doi}: {difference}")));
    }
    found
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// One of the things that happen to a record: it goes on in its life, or its words change.
async fn live(stage: &Stage, ada: &Visitor, id: &RecordId, dice: &mut Dice, step: u64) {
    let archive = &stage.archive;
    let record = archive.see(ada, id, record::access::Aspect::Tombstone).await.unwrap().record;
    match (&record.state, dice.roll(6)) {
        (State::Draft, 0..4) => drop(archive.register(ada, id).await.unwrap()),
        (State::Registered { .. }, 0) => drop(archive.schedule(ada, id, Some(archive.now().plus_seconds(86_400))).await.unwrap()),
        (State::Registered { .. }, 1 | 2) => drop(archive.release(ada, id).await.unwrap()),
        (State::Registered { .. } | State::Released { .. }, 3) if dice.roll(8) == 0 => {
            archive.withdraw(ada, id, "wrong sample".to_owned()).await.unwrap();
        }
        // While a draft of the next version is there, it is refused; then it is released.
        (State::Released { .. }, 1) => {
            if archive.revise(ada, id).await.is_ok() {
                stage.upload(ada, id, &format!("more-{step}.txt"), b"more").await;
            } else {
                let _ = archive.release(ada, id).await;
            }
        }
        (State::Registered { .. } | State::Released { .. }, _) => {
            archive.patch(ada, id, json!({ "title": format!("Foam <b>{id}</b> & more, as of step {step}") }), None).await.unwrap();
        }
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_bad_week_every_doi_is_right() {
    let stage = Stage::on_sqlite().await;
    let (ada, root) = (stage.actor("ada").await, stage.actor_of_rank("root", Rank::Administrator).await);
    let registrar = StandIn::open(20_261_126).await;
    let worker = worker(&stage, &registrar);
    let mut records = Vec::new();
    for number in 0..RECORDS {
        let id = stage.draft(&ada, Kind::Model, &format!("Foam {number}")).await.id;
        stage.upload(&ada, &id, "notes.txt", b"a foam").await;
        records.push(id);
    }
    stage.archive.enqueue_comparison().await.unwrap();

    registrar.misbehave(550);
    let (mut dice, mut earlier) = (Dice(7), Kept::new());
    for step in 0..STEPS {
        for _ in 0..2 {
            let id = records[dice.roll(RECORDS)].clone();
            live(&stage, &ada, &id, &mut dice, step).await;
        }
        worker.work_until_idle().await;
        stage.clock.advance_seconds(STEP_SECONDS);
        match step % 100 {
            20 => earlier = registrar.kept(),
            60 => registrar.go_back_to(earlier.clone()),
            80 => registrar.kept().keys().take(3).for_each(|doi| registrar.forget(doi)),
            _ => {}
        }
        if step % 72 == 71 {
            stage.archive.repair_dois(&root, &Repair::All).await.unwrap();
        }
    }
    let failures = registrar.failures();
    eprintln!("{failures} failures in {} requests: {:?}", registrar.requests(), registrar.failures_by_mood());
    assert!(failures >= FAILURES_MIN, "only {failures} failures");
    registrar.go_back_to(earlier);
    let wanted_then = wanted(&stage, &records).await;
    assert_ne!(differences(&wanted_then, &registrar.kept()), Vec::<String>::new(), "a week without any damage proves nothing");

    registrar.misbehave(0);
    stage.archive.compare_dois_now(&root).await.unwrap();
    settle(&stage, &worker).await;
    stage.archive.repair_dois(&root, &Repair::All).await.unwrap();
    settle(&stage, &worker).await;
    let wanted = wanted(&stage, &records).await;
    let versions = wanted.keys().filter(|doi| doi.contains(".v")).count();
    let hidden = wanted.values().filter(|document| document.wish.name() == "registered").count();
    eprintln!("{} DOIs, {versions} of them of versions, {hidden} of tombstones", wanted.len());
    assert!(wanted.len() > RECORDS && versions > 10 && hidden > 2, "too little happened");
    assert_eq!(differences(&wanted, &registrar.kept()), Vec::<String>::new());

    stage.archive.compare_dois_now(&root).await.unwrap();
    worker.work_until_idle().await;
    let ledger = stage.archive.ledger(&root).await.unwrap();
    assert_eq!((ledger.differing, ledger.troubles.as_slice()), (0, [].as_slice()));
    assert_eq!(ledger.counts, BTreeMap::from([("registered".to_owned(), wanted.len() as u64)]));
    let comparison = ledger.comparison.unwrap();
    assert_eq!((comparison.looked_at, comparison.next), (wanted.len() as u64, None));
    let asked = registrar.requests();
    for id in &records {
        stage.archive.enqueue(&record::job::Job::RegisterDoi { record: id.clone() }, stage.archive.now()).await.unwrap();
    }
    worker.work_until_idle().await;
    assert_eq!(registrar.requests(), asked, "what the registrar says already is not told again");
}

async fn released(stage: &Stage, ada: &Visitor, title: &str) -> RecordId {
    let id = stage.draft(ada, Kind::Model, title).await.id;
    stage.upload(ada, &id, "notes.txt", b"a foam").await;
    stage.archive.register(ada, &id).await.unwrap();
    stage.archive.release(ada, &id).await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_owner_sees_how_it_stands_and_the_operator_what_differs() {
    let stage = Stage::on_sqlite().await;
    let (ada, root) = (stage.actor("ada").await, stage.actor_of_rank("root", Rank::Administrator).await);
    let registrar = StandIn::open(1).await;
    let worker = worker(&stage, &registrar);
    let archive = &stage.archive;
    let id = released(&stage, &ada, "Foam").await;
    assert_eq!(archive.doi_for_owners(&ada, &id).await.unwrap(), Some(OwnersView::OnItsWay));
    registrar.misbehave(1000);
    for _ in 0..12 {
        worker.work_until_idle().await;
        stage.clock.advance_seconds(300);
    }
    let view = archive.doi_for_owners(&ada, &id).await.unwrap();
    assert!(matches!(view, Some(OwnersView::Unanswered { .. } | OwnersView::Refused { .. })), "{view:?}");
    assert!(archive.ledger(&ada).await.is_err(), "only operators see all");

    registrar.misbehave(0);
    archive.repair_dois(&root, &Repair::All).await.unwrap();
    settle(&stage, &worker).await;
    let view = archive.doi_for_owners(&ada, &id).await.unwrap();
    assert!(matches!(view, Some(OwnersView::Registered { .. })), "{view:?}");

    let (all, version) = (format!("10.5072/science3d.{id}"), format!("10.5072/science3d.{id}.v1"));
    let mut moved = registrar.kept()[&all].clone();
    moved["url"] = json!("https://old.example/x");
    registrar.plant(&all, moved.clone());
    registrar.forget(&version);
    registrar.plant("10.5072/science3d.zzzzzzzz0", moved.clone());
    registrar.plant("10.5072/science3d.zzzzzzzz1", json!({ "state": "draft" }));
    registrar.plant("10.5072/somebody-elses", moved);
    archive.compare_dois_now(&root).await.unwrap();
    worker.work_until_idle().await;
    let ledger = archive.ledger(&root).await.unwrap();
    let said: Vec<(String, Difference)> = ledger.troubles.iter().map(|line| (line.doi.to_string(), line.differences[0].clone())).collect();
    let stranger =
        |number: u8, state: &str| (format!("10.5072/science3d.zzzzzzzz{number}"), Difference::NotOurs { state: state.to_owned() });
    let address = Difference::OtherAddress { found: "https://old.example/x".to_owned() };
    let mut expected = vec![(all.clone(), address), (version.clone(), Difference::Missing), stranger(0, "findable"), stranger(1, "draft")];
    expected.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(said, expected);

    assert_eq!(archive.repair_dois(&root, &Repair::All).await.unwrap(), 2, "strangers wait for a click of their own");
    for stranger in ["10.5072/science3d.zzzzzzzz0", "10.5072/science3d.zzzzzzzz1"] {
        archive.repair_dois(&root, &Repair::One(stranger.parse().unwrap())).await.unwrap();
    }
    settle(&stage, &worker).await;
    let kept = registrar.kept();
    let states: Vec<(&str, &str)> = kept.iter().map(|(doi, kept)| (doi.as_str(), kept["state"].as_str().unwrap())).collect();
    let mut expected = vec![
        (all.as_str(), "findable"),
        (version.as_str(), "findable"),
        ("10.5072/science3d.zzzzzzzz0", "registered"),
        ("10.5072/somebody-elses", "findable"),
    ];
    expected.sort_unstable();
    assert_eq!(states, expected);
    archive.compare_dois_now(&root).await.unwrap();
    worker.work_until_idle().await;
    let ledger = archive.ledger(&root).await.unwrap();
    assert!(ledger.troubles.is_empty() && ledger.differing == 0, "{:?}", ledger.troubles);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawn_record_keeps_its_dois_and_they_are_listed_nowhere() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let registrar = StandIn::open(1).await;
    let worker = worker(&stage, &registrar);
    let told = released(&stage, &ada, "Told before").await;
    settle(&stage, &worker).await;
    let never = released(&stage, &ada, "Never told while it was open").await;
    for id in [&told, &never] {
        stage.archive.withdraw(&ada, id, "wrong sample".to_owned()).await.unwrap();
    }
    settle(&stage, &worker).await;
    let kept = registrar.kept();
    for id in [&told, &never] {
        for doi in [format!("10.5072/science3d.{id}"), format!("10.5072/science3d.{id}.v1")] {
            assert_eq!(kept[&doi]["state"], "registered", "{doi}");
            assert!(kept[&doi]["url"].as_str().unwrap().contains(id.as_str()));
        }
        let lines = stage.archive.ledger_lines(id).await.unwrap();
        assert!(lines.iter().all(|line| matches!(line.standing, DoiStanding::Registered { .. })), "{lines:?}");
    }
}
