//! Conversion while the upload is still arriving, as plays: what comes out is what would have come out later, what was made for
//! nothing is thrown away, and a worker that is killed loses only time.

mod workshop;

use archive::{Visitor, sight::At};
use bytes::Bytes;
use record::{
    derivative::{Derivative, DerivativeKind},
    id::RecordId,
    job::Job,
    kind::Kind,
    version::Version,
};
use std::{collections::BTreeMap, os::unix::fs::MetadataExt, path::PathBuf};
use testbed::Stage;
use workshop::{labour, send, slices_of, worker};

/// Three rows of shards and a bit.
const DEPTH: usize = 800;

fn slices(stage: &Stage) -> Vec<PathBuf> {
    slices_of(stage, "slices", [DEPTH, 12, 10])
}

/// Where the volume of a record grows.
fn part(stage: &Stage, id: &RecordId) -> PathBuf {
    stage.folder.path().join("scratch/volumes").join(id.as_str()).join("volume.ome.zarr.part")
}

/// Which file it is, before and after a move, and since when: its number alone may be given again.
fn first_shard(folder: &std::path::Path) -> (u64, i64, i64) {
    let file = std::fs::metadata(folder.join("0/c/0/0/0")).unwrap();
    (file.ino(), file.mtime(), file.mtime_nsec())
}

async fn volume_of(stage: &Stage, owner: &Visitor, id: &RecordId) -> Derivative {
    let made = stage.archive.derivatives(owner, At::working(id)).await.unwrap();
    made.into_iter().find(|made| matches!(made.kind, DerivativeKind::Volume(_))).unwrap()
}

/// Where it lies, and all its files.
async fn tree_of(stage: &Stage, id: &RecordId, volume: &Derivative) -> (PathBuf, BTreeMap<String, Vec<u8>>) {
    let prefix = format!("derivatives/{id}/{}/{}/volume.ome.zarr", Version::FIRST, volume.recipe.digest);
    let mut tree = BTreeMap::new();
    let folder = stage.folder.path().join("store").join(&prefix);
    for item in stage.archive.store().list(&prefix).await.unwrap() {
        let inside = item.path.strip_prefix(&prefix).unwrap().trim_start_matches('/').to_owned();
        let bytes = std::fs::read(folder.join(&inside)).unwrap();
        tree.insert(inside, bytes);
    }
    (folder, tree)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stack_is_packed_while_it_arrives_and_its_volume_is_the_same() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    let slices = slices(&stage);
    // The last one has begun: whatever comes before it in order can be packed when it is here.
    let last = std::fs::read(&slices[DEPTH - 1]).unwrap();
    let name = format!("foam/{}", slices[DEPTH - 1].file_name().unwrap().to_str().unwrap());
    let upload = stage.archive.begin_upload(&ada, &id, name.parse().unwrap(), last.len() as u64, false).await.unwrap();
    for slice in &slices[..300] {
        send(&stage, &ada, &id, slice).await;
    }
    stage.clock.advance_seconds(5);
    worker(&stage).work_until_idle().await;
    let shard = first_shard(&part(&stage, &id));
    assert!(stage.archive.derivatives(&ada, At::working(&id)).await.unwrap().is_empty(), "nobody sees a volume before it is one");
    // Another worker, which has seen nothing of it, goes on with the next rows.
    for slice in &slices[300..DEPTH - 1] {
        send(&stage, &ada, &id, slice).await;
    }
    stage.clock.advance_seconds(5);
    worker(&stage).work_until_idle().await;
    assert!(part(&stage, &id).join("0/c/2/0/0").exists());
    let bytes = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from(last))]);
    stage.archive.append(&ada, &upload.id, 0, bytes).await.unwrap();
    labour(&stage).await;
    let early = volume_of(&stage, &ada, &id).await;
    let (folder, tree) = tree_of(&stage, &id, &early).await;
    assert_eq!(first_shard(&folder), shard, "the shard that was packed first is the one of the volume");
    assert!(!part(&stage, &id).parent().unwrap().exists(), "nothing is left behind");

    // Eve sends the same and only then works.
    let eve = stage.actor("eve").await;
    let other = stage.draft(&eve, Kind::TomographyMaterials, "Foam").await.id;
    for slice in &slices {
        send(&stage, &eve, &other, slice).await;
    }
    labour(&stage).await;
    let late = volume_of(&stage, &eve, &other).await;
    assert_eq!((&early.recipe, &early.kind, early.bytes, early.files), (&late.recipe, &late.kind, late.bytes, late.files));
    assert!(tree.len() > 10 && tree == tree_of(&stage, &other, &late).await.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slice_that_is_replaced_meanwhile_makes_it_begin_anew() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    let slices = slices(&stage);
    let upload = stage.archive.begin_upload(&ada, &id, "foam/z.tif".parse().unwrap(), 5000, false).await.unwrap();
    for slice in &slices[..300] {
        send(&stage, &ada, &id, slice).await;
    }
    stage.clock.advance_seconds(5);
    worker(&stage).work_until_idle().await;
    let shard = first_shard(&part(&stage, &id));
    let name = slices[7].file_name().unwrap().to_str().unwrap();
    stage.upload(&ada, &id, &format!("foam/{name}"), &std::fs::read(&slices[9]).unwrap()).await;
    stage.archive.cancel_upload(&ada, &upload.id).await.unwrap();
    labour(&stage).await;
    let volume = volume_of(&stage, &ada, &id).await;
    let (folder, _) = tree_of(&stage, &id, &volume).await;
    assert_ne!(first_shard(&folder), shard);
    let made = volume::zarr::Volume::open(&folder).unwrap();
    let plane = |z: usize| made.read_box(0, z..z + 1, 0..12, 0..10).unwrap().bytes;
    assert!(made.shape()[0] == 300 && plane(7) == plane(9) && plane(8) != plane(9));
}

/// Eight-bit voxels, 800 planes of 30 × 40, each file with values of its own.
fn long_file(seed: u32) -> Vec<u8> {
    let mut file = b"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 40 30 800\nencoding: raw\n\n".to_vec();
    file.extend((0..40 * 30 * 800).map(|at: u32| (at / 1200 * 3 + at % 40 + seed) as u8));
    file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_file_in_the_place_of_one_that_was_given_up_begins_at_its_first_plane() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    let worker = worker(&stage);
    let (first, second) = (long_file(0), long_file(101));
    let bytes = |file: &[u8]| futures::stream::iter([Ok::<_, std::io::Error>(Bytes::copy_from_slice(file))]);
    let upload = stage.archive.begin_upload(&ada, &id, "foam.nrrd".parse().unwrap(), first.len() as u64, false).await.unwrap();
    stage.archive.append(&ada, &upload.id, 0, bytes(&first[..700_000])).await.unwrap();
    stage.clock.advance_seconds(5);
    worker.work_until_idle().await;
    assert!(part(&stage, &id).join("0/c/1/0/0").exists());
    stage.archive.cancel_upload(&ada, &upload.id).await.unwrap();

    // The same worker, which remembers how far the first file was.
    let upload = stage.archive.begin_upload(&ada, &id, "foam.nrrd".parse().unwrap(), second.len() as u64, false).await.unwrap();
    stage.archive.append(&ada, &upload.id, 0, bytes(&second[..950_000])).await.unwrap();
    stage.clock.advance_seconds(5);
    worker.work_until_idle().await;
    assert!(part(&stage, &id).join("0/c/2/0/0").exists(), "the second file is packed ahead too");
    stage.archive.append(&ada, &upload.id, 950_000, bytes(&second[950_000..])).await.unwrap();
    stage.clock.advance_seconds(4);
    worker.work_until_idle().await;
    labour(&stage).await;
    let volume = volume_of(&stage, &ada, &id).await;
    let (folder, _) = tree_of(&stage, &id, &volume).await;
    let all = volume::zarr::Volume::open(&folder).unwrap().read_box(0, 0..800, 0..30, 0..40).unwrap().bytes;
    assert!(all == second[second.len() - all.len()..], "every voxel is the one that was sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_packed_of_a_draft_that_is_no_more_is_swept_away() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let ids =
        [stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id, stage.draft(&ada, Kind::TomographyMaterials, "Sand").await.id];
    let file = long_file(0);
    for id in &ids {
        let upload = stage.archive.begin_upload(&ada, id, "foam.nrrd".parse().unwrap(), file.len() as u64, false).await.unwrap();
        let piece = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::copy_from_slice(&file[..700_000]))]);
        stage.archive.append(&ada, &upload.id, 0, piece).await.unwrap();
    }
    stage.clock.advance_seconds(5);
    worker(&stage).work_until_idle().await;
    assert!(ids.iter().all(|id| part(&stage, id).exists()));
    stage.archive.delete_draft(&ada, &ids[0]).await.unwrap();
    stage.archive.enqueue(&Job::Sweep, stage.archive.now()).await.unwrap();
    worker(&stage).work_until_idle().await;
    assert_eq!(ids.each_ref().map(|id| part(&stage, id).parent().unwrap().exists()), [false, true]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_long_file_is_packed_while_it_arrives() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    let file = long_file(0);
    let upload = stage.archive.begin_upload(&ada, &id, "foam.nrrd".parse().unwrap(), file.len() as u64, false).await.unwrap();
    let piece = |range: std::ops::Range<usize>| futures::stream::iter([Ok::<_, std::io::Error>(Bytes::copy_from_slice(&file[range]))]);
    stage.archive.append(&ada, &upload.id, 0, piece(0..700_000)).await.unwrap();
    stage.clock.advance_seconds(5);
    worker(&stage).work_until_idle().await;
    let shard = first_shard(&part(&stage, &id));
    assert!(part(&stage, &id).join("0/c/1/0/0").exists() && !part(&stage, &id).join("0/c/2/0/0").exists());
    stage.archive.append(&ada, &upload.id, 700_000, piece(700_000..file.len())).await.unwrap();
    // Before the file is moved to where originals are kept.
    stage.clock.advance_seconds(4);
    worker(&stage).work_until_idle().await;
    labour(&stage).await;
    let volume = volume_of(&stage, &ada, &id).await;
    let (folder, _) = tree_of(&stage, &id, &volume).await;
    assert_eq!(first_shard(&folder), shard);
    let made = volume::zarr::Volume::open(&folder).unwrap();
    let all = made.read_box(0, 0..800, 0..30, 0..40).unwrap().bytes;
    assert!(all == file[file.len() - all.len()..], "every voxel is the one that was sent");
}
