//! Owners choose how the surface of their volume is made, without any script; everybody sees it on the histogram.

use crate::house::House;
use archive::{Visitor, reuse::inside};
use record::{
    derivative::{Derivative, DerivativeKind, Inputs, ModelFacts, Recipe, VolumeFacts},
    file::Sha256,
    id::RecordId,
    instant::Instant,
    surface::{LabelsShown, SurfaceFacts, SurfacePart},
    version::Version,
};
use serde_json::json;

fn derivative(name: &str, step: &str, kind: DerivativeKind) -> Derivative {
    let inputs = Inputs { files: 1, bytes: 9, manifest_sha256: Sha256([7; 32]), listed: Vec::new() };
    let (program, program_version) = ("science3d".into(), "1".into());
    let digest = format!("{step}0123456789")[..12].to_owned();
    let recipe = Recipe { step: step.into(), program, program_version, parameters: json!({"level": "otsu"}), inputs, digest };
    Derivative { name: name.into(), kind, version: Version::FIRST, kept_in: None, recipe, bytes: 5, files: 1, made_at: Instant(0) }
}

/// A volume whose statistics are those of 1000 voxels, as a worker would report it.
async fn give_volume(house: &House, id: &RecordId, element_type: &str, counts: &[(usize, u64)], most: f64, is_label: bool) {
    let mut histogram = [0u64; 256];
    counts.iter().for_each(|(bin, count)| histogram[*bin] = *count);
    let kind = if is_label { "mode" } else { "mean" };
    let document = json!({"attributes": {
        "ome": {"multiscales": [{"type": kind}]},
        "science3d": {"statistics": {"min": 0.0, "max": most, "histogram": histogram.to_vec()}},
    }});
    let facts = VolumeFacts {
        shape: [10, 10, 10],
        element_type: element_type.into(),
        levels: 1,
        voxel_size_um: Some([1.0; 3]),
        window: [0.0, most],
        minimum: 0.0,
        maximum: most,
        mean: 0.5,
        noticed: Vec::new(),
        not_finite: 0,
    };
    let volume = derivative("volume", "convert", DerivativeKind::Volume(facts));
    let key = inside(id, &volume, "volume.ome.zarr/zarr.json");
    house.stage.archive.store().put(&key, document.to_string().into()).await.unwrap();
    house.stage.archive.report_derivative(id, &volume).await.unwrap();
}

async fn give_surface(house: &House, id: &RecordId, level: Option<f64>, surface: SurfaceFacts) {
    let facts = ModelFacts {
        triangles: 1000,
        size_um: [1000.0; 3],
        volume_um3: 2e9,
        area_um2: 9e6,
        level,
        smoothing: 8,
        source: None,
        detail: None,
        deviation_um: None,
        merged_um: None,
        watertight: true,
        size_known: true,
        surface: Some(surface),
        check: None,
        repair: None,
        kit: None,
    };
    for (name, detail) in [("surface.stl", None), ("surface.glb", Some(0))] {
        let made = derivative(name, "surface", DerivativeKind::Model(ModelFacts { detail, ..facts.clone() }));
        house.stage.archive.store().put(&inside(id, &made, name), "bytes".into()).await.unwrap();
        house.stage.archive.report_derivative(id, &made).await.unwrap();
    }
}

async fn jobs_of_surfaces(house: &House, email: &str, id: &RecordId) -> usize {
    let owner = Visitor::person(house.stage.archive.account_by_email(&email.parse().unwrap()).await.unwrap().unwrap());
    let jobs = house.stage.archive.activity(&owner, id).await.unwrap();
    jobs.iter().filter(|view| view.job.name() == "surface").count()
}

#[tokio::test]
async fn an_owner_sees_a_level_on_the_histogram_and_keeps_it() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A jaw").await;
    let page = format!("/deposit/{id}/surface");
    assert!(ada.get(&page).await.expect(200).says("There is no volume yet"));
    let record: RecordId = id.parse().unwrap();
    // 600 of 1000 voxels are air, 300 the holder, 100 the jaw.
    give_volume(&house, &record, "uint16", &[(0, 600), (100, 300), (200, 100)], 25_600.0, false).await;
    give_surface(&house, &record, Some(5000.0), SurfaceFacts { otsu: Some(5000.0), ..SurfaceFacts::default() }).await;

    let shown = ada.get(&page).await.expect(200);
    assert!(shown.says("<desc id=\"histogram-says\">Grey values from 0 to 25,600"), "{}", shown.text);
    assert!(shown.says("Grey value 5,000 (found by Otsu"), "{}", shown.text);
    assert!(shown.says("40\u{a0}% of the voxels lie at or above it"), "{}", shown.text);
    let tried = ada.send(&page, &[("how", "levels"), ("levels", "15000"), ("smoothing", "0"), ("do", "show")]).await.expect(303);
    let address = tried.header("location").to_owned();
    assert_eq!(address, format!("{page}?how=levels&levels=15000&smoothing=0#histogram"));
    let tried = ada.get(address.trim_end_matches("#histogram")).await.expect(200);
    assert!(tried.says("Grey value 15,000</strong>: 10\u{a0}% of the voxels"), "{}", tried.text);
    assert!(tried.says("rule would take 5,000: 40\u{a0}%"), "{}", tried.text);
    assert!(tried.says("value=\"levels\" checked") && tried.says("value=\"15000\""), "{}", tried.text);
    ada.language = "de";
    let german = ada.get(address.trim_end_matches("#histogram")).await.expect(200);
    assert!(german.says("Grauwert 15.000</strong>: 10\u{a0}% der Voxel erreichen ihn"), "{}", german.text);
    ada.language = "en";
    assert!(!ada.get(&format!("/api/v1/records/{id}")).await.says("\"surface\":{\"levels\""), "nothing is kept yet");

    ada.send(&page, &[("how", "levels"), ("levels", "15000, 9000"), ("smoothing", "0"), ("do", "keep")]).await.expect(303);
    let kept = ada.get(&format!("/api/v1/records/{id}")).await;
    assert!(kept.says("\"surface\":{\"levels\":[9000.0,15000.0],\"smoothing\":0}"), "{}", kept.text);
    assert!(ada.get(&format!("/records/{id}")).await.says("Grey values of the surface chosen"), "the log says it");
    ada.send(&page, &[("do", "usual")]).await.expect(303);
    assert!(!ada.get(&format!("/api/v1/records/{id}")).await.says("\"surface\":{\"levels\""));
}

#[tokio::test]
async fn everybody_sees_on_the_model_page_where_parts_lie_and_only_owners_choose() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A segmented jaw").await;
    ada.upload(&id, "labels.tif", "not really").await.expect(303);
    let record: RecordId = id.parse().unwrap();
    give_volume(&house, &record, "uint8", &[(0, 700), (64, 100), (192, 195), (255, 5)], 4.0, true).await;
    let part = |label: f64, colour| SurfacePart { name: format!("label {label}"), level: label, colour, volume_um3: 1.5e9, area_um2: 3e6 };
    let parts = vec![part(1.0, [86, 180, 233]), part(3.0, [230, 159, 0])];
    give_surface(&house, &record, None, SurfaceFacts { parts, labels: Some(LabelsShown::Each), otsu: None }).await;
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(303);
    ada.send(&format!("/deposit/{id}/release"), &[]).await.expect(303);

    let mut pupil = house.stranger();
    let shown = pupil.get(&format!("/records/{id}/model")).await.expect(200);
    for words in [
        "<strong>label 3</strong>: encloses 1.5 mm³ · area 3 mm²",
        "fill=\"#e69f00\"",
        "Label 3</strong>: 19.5\u{a0}% of the voxels",
        "Label 4</strong>: 0.5\u{a0}% of the voxels; too small for a surface",
        "1,000 triangles · label 1, label 3",
    ] {
        assert!(shown.says(words), "{words}: {}", shown.text);
    }
    assert!(!shown.says("/surface\""), "a stranger is not led to the choice");
    pupil.language = "de";
    assert!(pupil.get(&format!("/records/{id}/model")).await.says("Beschriftung 3</strong>: 19,5\u{a0}% der Voxel"));
    assert!(ada.get(&format!("/records/{id}/model")).await.says(&format!("/deposit/{id}/surface\"")));
    let form = ada.get(&format!("/deposit/{id}/surface")).await.expect(200);
    assert!(form.says("Each label a part of its own") && form.says("value=\"together\""), "{}", form.text);
}

#[tokio::test]
async fn a_surface_that_cannot_be_is_refused_before_any_labour() {
    let house = House::open().await;
    let (mut ada, mut eve) = (house.person("ada").await, house.person("eve").await);
    let id = ada.complete_draft("A jaw").await;
    let record: RecordId = id.parse().unwrap();
    give_volume(&house, &record, "uint16", &[(0, 600), (200, 400)], 25_600.0, false).await;
    let before = jobs_of_surfaces(&house, "ada@example.org", &record).await;
    let page = format!("/deposit/{id}/surface");
    let many = (1..=17).map(|level| (level * 100).to_string()).collect::<Vec<_>>().join(" ");
    for (levels, says) in [
        ("30000", "its grey values go from 0 to 25600"),
        ("0", "0 is no level of this volume"),
        ("bone", "bone"),
        ("", "No value was given"),
        (many.as_str(), "17 levels are too many"),
    ] {
        let answer = ada.send(&page, &[("how", "levels"), ("levels", levels), ("smoothing", "8"), ("do", "keep")]).await.expect(422);
        assert!(answer.says(says), "{levels}: {}", answer.text);
        ada.send(&page, &[("how", "levels"), ("levels", levels), ("smoothing", "8"), ("do", "show")]).await.expect(422);
    }
    ada.send(&page, &[("how", "together"), ("do", "keep")]).await.expect(422);
    ada.send(&page, &[("smoothing", "51"), ("do", "keep")]).await.expect(422);
    ada.send(&page, &[("how", "magic"), ("do", "keep")]).await.expect(422);
    ada.get(&format!("{page}?how=levels&levels=1e9")).await.expect(422);
    ada.language = "de";
    let answer = ada.send(&page, &[("how", "levels"), ("levels", "30000,5"), ("do", "keep")]).await.expect(422);
    assert!(answer.says("30000,5 geht in diesem Volumen nicht"), "{}", answer.text);
    ada.language = "en";
    assert_eq!(jobs_of_surfaces(&house, "ada@example.org", &record).await, before, "no labour began");
    eve.get(&page).await.expect(404);
    house.stranger().get(&page).await.expect(404);
    eve.send(&page, &[("do", "usual")]).await.expect(404);

    let text = ada.send("/deposit/new", &[("kind", "reference")]).await.expect(303).record();
    ada.get(&format!("/deposit/{text}/surface")).await.expect(409);
}
