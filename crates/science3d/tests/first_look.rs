//! The first look while files arrive, as plays: slices one by one and in any order, one long file, and uploads that stop.

mod workshop;

use archive::{Visitor, sight::At};
use bytes::Bytes;
use record::{derivative::Derivative, id::RecordId, kind::Kind};
use std::path::PathBuf;
use testbed::Stage;
use workshop::{send, slices_of, worker};

fn slices(stage: &Stage, depth: usize) -> Vec<PathBuf> {
    slices_of(stage, "slices", [depth, 32, 40])
}

async fn looks(stage: &Stage, owner: &Visitor, id: &RecordId) -> Vec<Derivative> {
    stage.archive.first_look(owner, At::working(id)).await.unwrap()
}

/// From how many planes, of how many.
fn told(looks: &[Derivative]) -> (u64, u64) {
    let parameters = &looks[0].recipe.parameters;
    (parameters["planes"].as_u64().unwrap(), parameters["of"].as_u64().unwrap())
}

fn names(looks: &[Derivative]) -> Vec<&str> {
    looks.iter().map(|look| look.name.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slices_are_seen_while_others_are_on_their_way_and_the_volume_has_the_last_word() {
    let stage = Stage::on_sqlite().await;
    let (ada, eve) = (stage.actor("ada").await, stage.actor("eve").await);
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    let slices = slices(&stage, 12);
    let worker = worker(&stage);
    // The last one begins and stops; the others come in no order.
    let last = std::fs::read(&slices[11]).unwrap();
    let upload = stage.archive.begin_upload(&ada, &id, "foam/last_0011.tif".parse().unwrap(), last.len() as u64, false).await.unwrap();
    for number in [7, 2, 5, 0, 3] {
        send(&stage, &ada, &id, &slices[number]).await;
    }
    stage.clock.advance_seconds(5);
    worker.work_until_idle().await;
    let first = looks(&stage, &ada, &id).await;
    assert_eq!((names(&first), told(&first)), (vec!["look-x.jpg", "look-y.jpg", "look-z.jpg"], (5, 6)));
    let (blob, kind, _) = stage.archive.picture(&ada, &id, "look-z.jpg").await.unwrap();
    assert!(kind == "image/jpeg" && blob.bytes > 200);
    assert!(stage.archive.first_look(&eve, At::working(&id)).await.is_err());
    assert!(stage.archive.picture(&eve, &id, "look-z.jpg").await.is_err());
    let made = stage.archive.derivatives(&ada, &id).await.unwrap();
    assert_eq!(names(&made), [""; 0], "it is no product of the record");

    // One slice is replaced and others come: another look, and nothing left of the one before.
    stage.upload(&ada, &id, "foam/slice_9999.tif", &std::fs::read(&slices[1]).unwrap()).await;
    send(&stage, &ada, &id, &slices[8]).await;
    stage.clock.advance_seconds(5);
    worker.work_until_idle().await;
    let second = looks(&stage, &ada, &id).await;
    assert_eq!(told(&second), (7, 8));
    assert_ne!(first[0].recipe.digest, second[0].recipe.digest);
    let kept = stage.archive.store().list(&format!("derivatives/{id}")).await.unwrap();
    assert!(!kept.is_empty() && kept.iter().all(|item| item.path.contains(&second[0].recipe.digest)), "{kept:?}");

    // Whoever goes away keeps nobody busy.
    for _ in 0..20 {
        stage.clock.advance_seconds(10);
        worker.work_until_idle().await;
    }
    let jobs = stage.archive.activity(&ada, &id).await.unwrap();
    assert!(jobs.iter().all(|view| view.job.name() != "look"), "{jobs:?}");

    stage.archive.cancel_upload(&ada, &upload.id).await.unwrap();
    stage.archive.remove_file(&ada, &id, &"foam/slice_9999.tif".parse().unwrap()).await.unwrap();
    for number in [1, 4, 6, 9, 10, 11] {
        send(&stage, &ada, &id, &slices[number]).await;
    }
    for _ in 0..3 {
        stage.clock.advance_seconds(60);
        worker.work_until_idle().await;
    }
    assert!(looks(&stage, &ada, &id).await.is_empty(), "the pictures of the volume have taken its place");
    let made = stage.archive.derivatives(&ada, &id).await.unwrap();
    assert!(made.iter().any(|made| made.name == "slice-z.jpg"), "{made:?}");
    let kept = stage.archive.store().list(&format!("derivatives/{id}")).await.unwrap();
    assert!(kept.iter().all(|item| !item.path.contains("look-")), "{kept:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_one_long_file_the_planes_that_are_here_are_seen() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    let header =
        "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 40 30 20\nencoding: raw\nspacings: 2 2 2\nspace units: \"um\" \"um\" \"um\"\n\n";
    let mut file = header.as_bytes().to_vec();
    file.extend((0..40 * 30 * 20).map(|at: u32| (at / 1200 + at % 40) as u8));
    let upload = stage.archive.begin_upload(&ada, &id, "foam.nrrd".parse().unwrap(), file.len() as u64, false).await.unwrap();
    let here = header.len() + 1200 * 12 + 50;
    let piece = |range: std::ops::Range<usize>| futures::stream::iter([Ok::<_, std::io::Error>(Bytes::copy_from_slice(&file[range]))]);
    stage.archive.append(&ada, &upload.id, 0, piece(0..here)).await.unwrap();
    stage.clock.advance_seconds(5);
    let worker = worker(&stage);
    worker.work_until_idle().await;
    assert_eq!(told(&looks(&stage, &ada, &id).await), (12, 20));
    stage.archive.append(&ada, &upload.id, here as u64, piece(here..file.len())).await.unwrap();
    stage.clock.advance_seconds(1);
    // Only the light labour first: the look comes before the conversion, which waits for quiet.
    worker.work_until_idle().await;
    for _ in 0..3 {
        stage.clock.advance_seconds(60);
        worker.work_until_idle().await;
    }
    assert!(looks(&stage, &ada, &id).await.is_empty());
    let made = stage.archive.derivatives(&ada, &id).await.unwrap();
    assert!(made.iter().any(|made| made.name == "volume"), "{made:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_the_look_is_taken_again() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    let slices = slices(&stage, 9);
    stage.archive.begin_upload(&ada, &id, "foam/last_0011.tif".parse().unwrap(), 5000, false).await.unwrap();
    for slice in &slices[..4] {
        send(&stage, &ada, &id, slice).await;
    }
    stage.clock.advance_seconds(5);
    worker(&stage).work_until_idle().await;
    assert_eq!(told(&looks(&stage, &ada, &id).await), (4, 5));
    for slice in &slices[4..] {
        send(&stage, &ada, &id, slice).await;
    }
    stage.clock.advance_seconds(5);
    // Another worker, which has never seen a slice of it.
    worker(&stage).work_until_idle().await;
    assert_eq!(told(&looks(&stage, &ada, &id).await), (9, 10));
    let damaged = stage.draft(&ada, Kind::TomographyMaterials, "Damaged").await.id;
    for number in 0..3 {
        stage.upload(&ada, &damaged, &format!("s/{number}.tif"), b"II*\0 and then nothing").await;
    }
    stage.clock.advance_seconds(1);
    worker(&stage).work_until_idle().await;
    assert!(looks(&stage, &ada, &damaged).await.is_empty(), "what cannot be read is not seen, and no failure of the look");
    let jobs = stage.archive.activity(&ada, &damaged).await.unwrap();
    assert!(jobs.iter().all(|view| view.job.name() != "look"), "{jobs:?}");
}
