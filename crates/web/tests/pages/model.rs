//! The model's page, and a school that asks for a print: who sees what, in which words, and what comes of it.

use crate::house::{Browser, House};
use archive::{
    Visitor,
    labour::{Lane, Trouble},
    reuse::inside,
};
use record::{
    account::Rank,
    derivative::{Derivative, DerivativeKind, Inputs, ModelFacts, Recipe, VolumeFacts},
    file::Sha256,
    id::RecordId,
    instant::Instant,
    job::{Failure, Job},
    model::{ModelCheck, ModelRepair},
    print_kit::KitReport,
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
        merged_um: detail.filter(|&detail| detail == 0).map(|_| 7.25),
        watertight: false,
        size_known: true,
        surface: None,
        check: Some(ModelCheck { holes: 2, open_edges: 9, pieces: 1, crossing: Some(0), unit_known: false, ..ModelCheck::default() }),
        repair: Some(ModelRepair { holes_filled: 2, whole: true, ..ModelRepair::default() }),
        kit: None,
    }
}

/// Of the kit, the worker says what the print will be like.
fn kit_facts() -> ModelFacts {
    let report = KitReport {
        size_mm: [180.0, 102.86, 7.7],
        thinnest_wall_mm: Some(0.314),
        loose_pieces: 2,
        filament_g: 61.4,
        hours: 4.52,
        is_sliced: false,
    };
    ModelFacts { kit: Some(report), ..facts(None) }
}

/// What the worker would have made of `scans/jaw.stl`.
async fn give_models(house: &House, id: &RecordId) {
    let files = [
        ("jaw.ply", facts(None)),
        ("jaw-print-kit.zip", kit_facts()),
        ("jaw-plain.glb", facts(None)),
        ("jaw-fine.glb", facts(Some(1))),
        ("jaw.glb", facts(Some(0))),
    ];
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
    assert!(shown.says("closed or left out below 7.25\u{a0}µm"), "{}", shown.text);
    assert!(shown.says(&print) && shown.says("12.5\u{a0}µm") && shown.says("150,000 triangles"), "{}", shown.text);
    // What a teacher must know of the print stands there before the kit is loaded, and which GLB opens elsewhere.
    for words in [
        "0.31\u{a0}mm; they will be missing with a nozzle of 0.4\u{a0}mm",
        "3 pieces or hollows",
        "180 × 102.9 × 7.7\u{a0}mm",
        "61\u{a0}g PLA (estimated",
        "4.5\u{a0}h",
        "without extensions, for any program that reads glTF",
        "Measured on the surface of 300,000 triangles. What is turned above has, at first: 150,000.",
        "of about 100 mm for the letters",
    ] {
        assert!(shown.says(words), "{words}: {}", shown.text);
    }
    school.language = "de";
    let german = school.get(&page).await;
    assert!(german.says("2 Löcher: Die Oberfläche ist nicht geschlossen") && german.says("geschätzt: zwei Wandlinien"));
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
    assert!(usual.says("What the print will be like") && usual.says("4.5\u{a0}h"), "{}", usual.text);
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
    let page = ada.get(&format!("/records/{id}/model")).await.expect(200);
    assert!(page.says("nothing in another size, on a base or in halves") && page.says("jaw.ply"), "{}", page.text);
    ada.send(&format!("/records/{id}/print"), &WISH).await.expect(403);
}

/// What the worker would have made of another file.
async fn give_another(house: &House, id: &RecordId, path: &str) {
    let name = format!("{}.ply", path.rsplit_once('.').unwrap().0);
    let source = Some(path.parse().unwrap());
    let derivative = Derivative {
        name: name.clone(),
        kind: DerivativeKind::Model(ModelFacts { source, kit: None, ..facts(None) }),
        version: Version::FIRST,
        kept_in: None,
        recipe: Recipe {
            step: "models".into(),
            program: "science3d".into(),
            program_version: "1".into(),
            parameters: serde_json::json!({"source": path}),
            inputs: Inputs { files: 1, bytes: 9, manifest_sha256: Sha256([8; 32]), listed: Vec::new() },
            digest: "fedcba9876543210".into(),
        },
        bytes: 5,
        files: 1,
        made_at: Instant(0),
    };
    house.stage.archive.store().put(&inside(id, &derivative, &name), "bytes".into()).await.unwrap();
    house.stage.archive.report_derivative(id, &derivative).await.unwrap();
}

#[tokio::test]
async fn a_volume_of_one_grey_value_says_so_in_place_of_pictures() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("Nothing").await;
    let record: RecordId = id.parse().unwrap();
    let volume = VolumeFacts {
        shape: [12, 12, 12],
        element_type: "float32".into(),
        levels: 1,
        voxel_size_um: None,
        window: [7.5, 8.5],
        minimum: 7.5,
        maximum: 7.5,
        mean: 7.5,
        not_finite: 0,
        noticed: Vec::new(),
    };
    let picture = DerivativeKind::Picture { width: 1280, height: 720, alt: String::new(), source: None };
    for (name, kind) in [("volume", DerivativeKind::Volume(volume)), ("hero.jpg", picture)] {
        let recipe = Recipe {
            step: "convert".into(),
            program: "science3d".into(),
            program_version: "1".into(),
            parameters: serde_json::Value::Null,
            inputs: Inputs { files: 1, bytes: 9, manifest_sha256: Sha256([7; 32]), listed: Vec::new() },
            digest: format!("{:0>16}", name.len()),
        };
        let (version, made_at) = (Version::FIRST, Instant(0));
        let made = Derivative { name: name.into(), kind, version, kept_in: None, recipe, bytes: 5, files: 1, made_at };
        house.stage.archive.report_derivative(&record, &made).await.unwrap();
    }
    let page = ada.get(&format!("/records/{id}")).await.expect(200);
    assert!(page.says("the same grey value: 7.5. There is nothing to see in pictures of it"), "{}", page.text);
    assert!(!page.says("the body in the light"), "{}", page.text);
    ada.language = "de";
    assert!(ada.get(&format!("/records/{id}")).await.says("denselben Grauwert: 7,5."));
}

#[tokio::test]
async fn each_model_says_of_which_file_it_was_made_and_each_broken_one_why() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A jaw and a skull").await;
    ada.upload(&id, "scans/jaw.stl", "solid a").await;
    ada.upload(&id, "skull.stl", "solid b").await;
    let record: RecordId = id.parse().unwrap();
    give_models(&house, &record).await;
    give_another(&house, &record, "skull.stl").await;
    let page = ada.get(&format!("/records/{id}")).await.expect(200);
    for words in ["Surface: scans/jaw.stl", "Surface: skull.stl", "source: skull.stl"] {
        assert!(page.says(words), "{words}: {}", page.text);
    }

    // Two files cannot be read: the job says so of each.
    let archive = &house.stage.archive;
    archive.enqueue(&Job::Models { record: record.clone() }, archive.now()).await.unwrap();
    let of = |file: &str| Failure::new("A triangle names a corner that is not there.", "Write it again.").in_file(Some(file.into()));
    while let Some(claimed) = archive.claim("worker", Lane::Any).await.unwrap() {
        match &claimed.job {
            Job::Models { .. } => {
                let failure = Failure::of_all([of("badidx.obj"), of("trunc.stl")]).unwrap();
                archive.fail(&claimed, Trouble::NeedsAPerson(failure)).await.unwrap();
            }
            _ => archive.finish(&claimed).await.unwrap(),
        }
    }
    for place in [format!("/records/{id}"), format!("/deposit/{id}")] {
        let page = ada.get(&place).await.expect(200);
        for words in ["Not every model could be read", "badidx.obj: A triangle", "trunc.stl: A triangle"] {
            assert!(page.says(words), "{place}: {words}: {}", page.text);
        }
    }
    ada.language = "de";
    assert!(ada.get(&format!("/deposit/{id}")).await.says("auf Englisch: trunc.stl: A triangle"));
}
