//! The model's page, and a school that asks for a print: who sees what, in which words, and what comes of it.

use crate::house::{Browser, House};
use archive::{Visitor, reuse::inside};
use record::{
    account::Rank,
    derivative::{Derivative, DerivativeKind, Inputs, ModelFacts, Recipe},
    file::Sha256,
    id::RecordId,
    instant::Instant,
    job::Job,
    model::{ModelCheck, ModelRepair},
    version::Version,
};

fn facts(detail: Option<u32>) -> ModelFacts {
    ModelFacts {
        triangles: if detail == Some(0) { 150_000 } else { 300_000 },
        size_um: [21_000.0, 12_000.0, 900.0],
        volume_um3: 4.5e12,
        area_um2: 9e8,
        level: None,
        smoothing: 0,
        source: Some("scans/jaw.stl".parse().unwrap()),
        detail,
        deviation_um: detail.map(|_| 12.5),
        watertight: false,
        size_known: true,
        check: Some(ModelCheck { holes: 2, open_edges: 9, pieces: 1, crossing: Some(0), unit_known: false, ..ModelCheck::default() }),
        repair: Some(ModelRepair { holes_filled: 2, whole: true, ..ModelRepair::default() }),
    }
}

/// What the worker would have made of `scans/jaw.stl`.
async fn give_models(house: &House, id: &RecordId) {
    let files =
        [("jaw.ply", facts(None)), ("jaw-print-kit.zip", facts(None)), ("jaw-fine.glb", facts(Some(1))), ("jaw.glb", facts(Some(0)))];
    for (name, facts) in files {
        let derivative = Derivative {
            name: name.into(),
            kind: DerivativeKind::Model(facts),
            version: Version::FIRST,
            kept_in: None,
            recipe: Recipe {
                step: "models".into(),
                program: "science3d".into(),
                program_version: "1".into(),
                parameters: serde_json::Value::Null,
                inputs: Inputs { files: 1, bytes: 9, manifest_sha256: Sha256([7; 32]), listed: Vec::new() },
                digest: "0123456789abcdef".into(),
            },
            bytes: 5,
            files: 1,
            made_at: Instant(0),
        };
        house.stage.archive.store().put(&inside(id, &derivative, name), "bytes".into()).await.unwrap();
        house.stage.archive.report_derivative(id, &derivative).await.unwrap();
    }
}

const WISH: [(&str, &str); 6] = [
    ("model", "jaw"),
    ("name", "Noether"),
    ("school", "Gymnasium am See"),
    ("email", "emmy@school.example"),
    ("size_mm", "120"),
    ("message", "For class 7b"),
];

async fn root_of(house: &House) -> Visitor {
    let email = "root@example.org".parse().unwrap();
    Visitor::person(house.stage.archive.account_by_email(&email).await.unwrap().unwrap())
}

async fn administrator(house: &House) -> Browser<'_> {
    house.stage.archive.make_account("root@example.org", "Root", Some("correct horse battery"), Rank::Administrator).await.unwrap();
    let mut root = house.stranger();
    root.send("/sign-in", &[("email", "root@example.org"), ("password", "correct horse battery")]).await.expect(303);
    root
}

#[tokio::test]
async fn a_model_says_its_faults_and_a_school_gets_its_print() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A jaw").await;
    ada.upload(&id, "scans/jaw.stl", "solid a").await;
    let record: RecordId = id.parse().unwrap();
    give_models(&house, &record).await;
    let (page, print) = (format!("/records/{id}/model"), format!("/records/{id}/print"));

    // As long as it is closed, nobody else sees it or may ask for it.
    let mut school = house.stranger();
    school.get(&page).await.expect(404);
    school.send(&print, &WISH).await.expect(404);
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(303);
    assert!(matches!(school.get(&page).await.status, 403 | 404));
    assert!(matches!(school.send(&print, &WISH).await.status, 403 | 404));
    ada.send(&format!("/deposit/{id}/release"), &[]).await.expect(303);

    let shown = school.get(&page).await.expect(200);
    for words in [
        "2 holes: the surface is not closed",
        "unit; lengths are taken as millimetres",
        "2 small holes closed. It is closed now.",
        "jaw.stl",
        "21\u{a0}mm",
    ] {
        assert!(shown.says(words), "{words}: {}", shown.text);
    }
    assert!(shown.says(&format!("data-src=\"/records/{id}/models/jaw-fine.glb\"")), "{}", shown.text);
    assert!(shown.says(&print) && shown.says("12.5\u{a0}µm") && shown.says("150,000 triangles"), "{}", shown.text);
    school.language = "de";
    assert!(school.get(&page).await.says("2 Löcher: Die Oberfläche ist nicht geschlossen"));
    school.language = "en";
    school.get(&format!("{page}?show=other.glb")).await.expect(404);

    school.send(&print, &[("name", "Noether"), ("school", "Gymnasium"), ("email", "no address"), ("size_mm", "120")]).await.expect(422);
    school.send(&print, &[("name", ""), ("school", "Gymnasium"), ("email", "a@b.example"), ("size_mm", "120")]).await.expect(422);
    let mut root = administrator(&house).await;
    assert!(school.send(&print, &WISH).await.expect(200).says("has been passed on"));
    let mails = house.stage.archive.all_jobs(&root_of(&house).await).await.unwrap();
    let told = |job: &Job| matches!(job, Job::SendMail { to, text, .. } if to == "root@example.org" && text.contains("For class 7b"));
    assert_eq!(mails.iter().filter(|view| told(&view.job)).count(), 1);

    // A kit in the size of the school's printer, chosen without any script; it is made by the worker.
    let kit = format!("/records/{id}/kit");
    assert!(shown.says(&format!("action=\"{kit}\"")) && shown.says("flat, with the DOI and a QR code"), "{}", shown.text);
    let asked = school.send(&kit, &[("model", "jaw"), ("size_mm", "120"), ("base", "letters")]).await.expect(303);
    let place = asked.header("location").to_owned();
    let coming = school.get(&place).await.expect(200);
    assert!(coming.says("It is being made") && coming.says("http-equiv=\"refresh\""), "{}", coming.text);
    school.language = "de";
    assert!(school.get(&place).await.says("Es wird gerade gemacht"));
    school.language = "en";
    school.send(&kit, &[("model", "jaw"), ("size_mm", "301"), ("base", "letters")]).await.expect(422);
    school.send(&kit, &[("model", "other"), ("size_mm", "120"), ("base", "letters")]).await.expect(404);
    school.send(&kit, &[("model", "jaw"), ("size_mm", "120"), ("base", "gold")]).await.expect(404);
    let usual = school.get(&format!("{kit}?model=jaw&size_mm=180&base=code&halves=true")).await.expect(200);
    assert!(usual.says("It is ready") && usual.says(&format!("/records/{id}/models/jaw-print-kit.zip")), "{}", usual.text);

    ada.get("/admin/prints").await.expect(404);
    let queue = root.get("/admin/prints").await.expect(200);
    assert!(
        queue.says("Gymnasium am See")
            && queue.says("For class 7b")
            && queue.says("accepted")
            && queue.says("model?show=jaw.glb")
            && queue.says("kit?model=jaw"),
        "{}",
        queue.text
    );
    ada.send("/admin/prints/1", &[("standing", "accepted")]).await.expect(404);
    root.send("/admin/prints/1", &[("standing", "sent")]).await.expect(409);
    root.send("/admin/prints/1", &[("standing", "accepted")]).await.expect(303);
    root.send("/admin/prints/1", &[("standing", "lost")]).await.expect(404);
    root.send("/admin/prints/1", &[("standing", "delete")]).await.expect(303);
    assert!(root.get("/admin/prints").await.says("Nobody has asked for a print."));

    for _ in 0..4 {
        school.send(&print, &WISH).await.expect(200);
    }
    school.send(&print, &WISH).await.expect(429);
}

#[tokio::test]
async fn what_may_not_be_changed_may_not_be_printed() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A jaw").await;
    ada.send(&format!("/deposit/{id}"), &[("licence", "CC-BY-ND-4.0")]).await.expect(303);
    ada.upload(&id, "scans/jaw.stl", "solid a").await;
    give_models(&house, &id.parse().unwrap()).await;
    ada.send(&format!("/records/{id}/print"), &WISH).await.expect(403);
}
