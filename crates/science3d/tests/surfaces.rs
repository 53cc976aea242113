//! Surfaces as their owners choose them, as plays: one grey value or several, each label a part, and what of it is told.

mod workshop;

use archive::{Refusal, Visitor};
use record::{
    derivative::{Derivative, DerivativeKind, ModelFacts},
    event::Happening,
    id::RecordId,
    kind::Kind,
    surface::{LabelsShown, SurfaceChoice, SurfaceFacts},
};
use std::collections::BTreeSet;
use testbed::Stage;
use workshop::labour;

const EDGE: usize = 48;
/// As the description of a draft of the stage says.
const VOXEL_UM: f64 = 2.0;

/// A cube of voxels as NRRD.
fn nrrd(kind: &str, voxel: impl Fn([f64; 3]) -> u16) -> Vec<u8> {
    let mut file =
        format!("NRRD0004\ntype: {kind}\ndimension: 3\nsizes: {EDGE} {EDGE} {EDGE}\nencoding: raw\nendian: little\n\n").into_bytes();
    for place in 0..EDGE * EDGE * EDGE {
        let centred = [place / EDGE / EDGE, place / EDGE % EDGE, place % EDGE].map(|at| at as f64 - (EDGE as f64 - 1.0) / 2.0);
        let value = voxel(centred).to_le_bytes();
        file.extend_from_slice(if kind == "uint8" { &value[..1] } else { &value });
    }
    file
}

async fn surface(stage: &Stage, visitor: &Visitor, id: &RecordId) -> (Derivative, ModelFacts, SurfaceFacts) {
    let made = stage.archive.derivatives(visitor, id).await.unwrap();
    let shown = made.into_iter().find(|made| made.name == "surface.glb").expect("there is a surface");
    let DerivativeKind::Model(facts) = shown.kind.clone() else { panic!("{shown:?}") };
    let surface = facts.surface.clone().unwrap();
    (shown, facts, surface)
}

/// The digests under which files of the surface lie, and under which rows speak of them.
async fn digests(stage: &Stage, visitor: &Visitor, id: &RecordId) -> [BTreeSet<String>; 2] {
    let rows = stage.archive.derivatives(visitor, id).await.unwrap();
    let named = rows.into_iter().filter(|made| made.recipe.step == "surface").map(|made| made.recipe.digest).collect();
    let listed = stage.archive.store().list(&format!("derivatives/{id}")).await.unwrap();
    let files = listed.iter().filter(|item| item.path.contains("/surface.") || item.path.contains("/surface-"));
    [files.map(|item| item.path.split('/').nth(3).unwrap().to_owned()).collect(), named]
}

fn of(levels: &[f64], smoothing: u32) -> SurfaceChoice {
    SurfaceChoice { levels: levels.to_vec(), smoothing, ..SurfaceChoice::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_says_grey_values_of_a_released_record_and_takes_them_back() {
    let stage = Stage::on_sqlite().await;
    let (ada, eve) = (stage.actor("ada").await, stage.actor("eve").await);
    let id = stage.draft(&ada, Kind::TomographyBiology, "A stone in a fruit").await.id;
    // A ball of 1000 around a core of 30000.
    let grey = |[z, y, x]: [f64; 3]| match (z * z + y * y + x * x).sqrt() {
        radius if radius < 10.0 => 30_000,
        radius if radius < 20.0 => 1000,
        _ => 0,
    };
    stage.upload(&ada, &id, "fruit.nrrd", &nrrd("uint16", grey)).await;
    labour(&stage).await;
    stage.archive.register(&ada, &id).await.unwrap();
    stage.archive.release(&ada, &id).await.unwrap();
    labour(&stage).await;
    let (before, facts, found) = surface(&stage, &Visitor::anyone(), &id).await;
    assert_eq!((facts.level, facts.smoothing, found.labels, found.parts.len()), (found.otsu, 8, None, 0));
    assert!(found.otsu.is_some_and(|otsu| (1000.0..30_000.0).contains(&otsu)), "Otsu sees the stone alone: {found:?}");
    assert_eq!(before.recipe.parameters["level"], "otsu, the middle of its gap");

    let history = stage.archive.history(&ada, &id).await.unwrap().len();
    for bad in [of(&[30_001.0], 0), of(&[0.0], 0), of(&[f64::NAN], 0), of(&[5.0; 17], 0), of(&[], 51)] {
        let refused = stage.archive.choose_surface(&ada, &id, bad.clone()).await;
        assert!(matches!(refused, Err(Refusal::Invalid { .. })), "{bad:?}: {refused:?}");
    }
    assert!(stage.archive.choose_surface(&eve, &id, of(&[500.0], 0)).await.is_err());
    assert_eq!(stage.archive.activity(&ada, &id).await.unwrap(), [], "no labour began");
    assert_eq!(stage.archive.history(&ada, &id).await.unwrap().len(), history);

    stage.archive.choose_surface(&ada, &id, of(&[15_000.0, 500.0], 0)).await.unwrap();
    labour(&stage).await;
    let (made, facts, chosen) = surface(&stage, &Visitor::anyone(), &id).await;
    assert_eq!(made.recipe.parameters["level"], "grey values 500, 15000");
    assert_eq!((facts.level, facts.smoothing, chosen.otsu), (None, 0, found.otsu));
    let parts: Vec<_> = chosen.parts.iter().map(|part| (part.name.as_str(), part.level)).collect();
    assert_eq!(parts, [("level 500", 500.0), ("level 15000", 15_000.0)]);
    assert_ne!(chosen.parts[0].colour, chosen.parts[1].colour);
    for (part, radius_um) in chosen.parts.iter().zip([20.0 * VOXEL_UM, 10.0 * VOXEL_UM]) {
        let ball = 4.0 / 3.0 * std::f64::consts::PI * radius_um.powi(3);
        assert!((part.volume_um3 / ball - 1.0).abs() < 0.05, "{}: {} of {ball}", part.name, part.volume_um3);
    }
    assert_eq!(facts.volume_um3, chosen.parts[0].volume_um3, "the fruit encloses its stone");
    let glb = stage.archive.model(&Visitor::anyone(), &id, "surface.glb").await.unwrap().0.read_all().await.unwrap();
    let text = String::from_utf8_lossy(&glb);
    assert!(text.contains("\"level 500\"") && text.contains("\"level 15000\"") && text.contains("\"BLEND\""), "named, and seen through");
    let [files, rows] = digests(&stage, &ada, &id).await;
    assert_eq!((files.len(), files), (1, rows), "of the former surface nothing is left");
    let events = stage.archive.history(&ada, &id).await.unwrap();
    assert_eq!(events.iter().filter(|event| event.what == Happening::SurfaceChosen).count(), 1);

    stage.archive.choose_surface(&ada, &id, SurfaceChoice::default()).await.unwrap();
    labour(&stage).await;
    assert_eq!(surface(&stage, &Visitor::anyone(), &id).await.0.recipe, before.recipe, "made as if nobody had ever chosen");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn labels_become_named_parts_and_the_owner_says_which() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyBiology, "A segmented jaw").await.id;
    // Three blocks, and a label of eight voxels.
    let label = |[z, y, x]: [f64; 3]| match () {
        () if [z, y, x].iter().all(|at| at.abs() < 1.0) => 7,
        () if z.abs() > 15.0 || y.abs() > 15.0 || x.abs() > 20.0 => 0,
        () if x < -10.0 => 1,
        () if x < 5.0 => 2,
        () => 5,
    };
    stage.upload(&ada, &id, "labels.nrrd", &nrrd("uint8", label)).await;
    labour(&stage).await;
    let (made, facts, each) = surface(&stage, &ada, &id).await;
    assert_eq!((each.labels, each.otsu, facts.level), (Some(LabelsShown::Each), None, None));
    let names: Vec<_> = each.parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["label 1", "label 2", "label 5"], "what is smaller than noise is left out");
    assert_eq!(each.parts.iter().map(|part| part.colour).collect::<BTreeSet<_>>().len(), 3);
    let sum: f64 = each.parts.iter().map(|part| part.volume_um3).sum();
    assert_eq!((facts.volume_um3, facts.watertight), (sum, true));
    let blocks = 30.0 * 30.0 * 40.0 * VOXEL_UM.powi(3);
    assert!((sum / blocks - 1.0).abs() < 0.1, "{sum} of {blocks}");
    let glb = stage.archive.model(&ada, &id, "surface.glb").await.unwrap().0.read_all().await.unwrap();
    let text = String::from_utf8_lossy(&glb);
    assert!(text.contains("\"label 5\"") && !text.contains("BLEND"), "side by side nothing is seen through");

    for strange in [3.0, 2.5, 0.0, 300.0] {
        assert!(stage.archive.choose_surface(&ada, &id, of(&[strange], 8)).await.is_err(), "{strange}");
    }
    stage.archive.choose_surface(&ada, &id, of(&[5.0], 8)).await.unwrap();
    labour(&stage).await;
    let (_, facts, one) = surface(&stage, &ada, &id).await;
    assert_eq!((one.labels, one.parts.len(), one.parts[0].name.as_str()), (Some(LabelsShown::Chosen), 1, "label 5"));
    assert!(facts.volume_um3 < sum / 2.0);

    stage.archive.choose_surface(&ada, &id, SurfaceChoice { labels_together: true, ..of(&[], 8) }).await.unwrap();
    labour(&stage).await;
    let (whole, _, together) = surface(&stage, &ada, &id).await;
    assert_eq!((together.labels, together.parts.len()), (Some(LabelsShown::Together), 0));
    assert_ne!(whole.recipe.digest, made.recipe.digest);
    let [files, rows] = digests(&stage, &ada, &id).await;
    assert_eq!((files.len(), files), (1, rows));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seventeen_labels_become_one_body_and_it_is_told() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Grains").await.id;
    let grain = |[z, y, x]: [f64; 3]| if z.abs() > 20.0 || y.abs() > 20.0 { 0 } else { ((x + 24.0) / 48.0 * 17.0) as u16 + 1 };
    stage.upload(&ada, &id, "labels.nrrd", &nrrd("uint8", grain)).await;
    labour(&stage).await;
    let (_, _, found) = surface(&stage, &ada, &id).await;
    assert_eq!((found.labels, found.parts.len()), (Some(LabelsShown::TooMany), 0));
    assert_eq!(stage.archive.grey_values(&ada, &id).await.unwrap().unwrap().labels().unwrap().len(), 17);
}
