//! What the worker makes of deposits, as plays: when it begins, what it leaves behind, and how it says that there is nothing to make.

mod workshop;

use archive::{Visitor, sight::At};
use record::{id::RecordId, job::Standing, kind::Kind, version::Version};
use std::path::PathBuf;
use testbed::Stage;
use workshop::{send, slices_of, worker};

fn slices(stage: &Stage, depth: usize) -> Vec<PathBuf> {
    slices_of(stage, &format!("{depth} slices"), [depth, 32, 32])
}

/// The recipes whose volumes lie in the store.
async fn volumes_kept(stage: &Stage, id: &RecordId) -> Vec<String> {
    let listed = stage.archive.store().list(&format!("derivatives/{id}")).await.unwrap();
    let recipes = listed.iter().filter(|item| item.path.ends_with("volume.ome.zarr/zarr.json"));
    recipes.map(|item| item.path.split('/').nth(3).unwrap().to_owned()).collect()
}

/// A foam of few slices has no piece that is large enough for a surface, and that is all there is to say.
fn has_no_surface(view: &record::job::JobView) -> bool {
    view.job.name() == "surface" && matches!(view.standing, Standing::Needless { .. })
}

/// A volume of 12 × 12 × 12 numbers, all of them this one.
fn all_the_same(number: f32) -> Vec<u8> {
    let head = "NRRD0004\ntype: float\ndimension: 3\nsizes: 12 12 12\nendian: little\nencoding: raw\n\n";
    head.bytes().chain(std::iter::repeat_n(number.to_le_bytes(), 12 * 12 * 12).flatten()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nothing_is_to_be_seen_its_owner_is_told_why() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    for (number, says) in [(7.0, "have the same grey value (7)"), (f32::NAN, "No voxel of the volume holds a number")] {
        let id = stage.draft(&ada, Kind::TomographyMaterials, "Nothing").await.id;
        stage.upload(&ada, &id, "empty.nrrd", &all_the_same(number)).await;
        workshop::labour(&stage).await;
        let jobs = stage.archive.activity(&ada, &id).await.unwrap();
        let [only] = &jobs[..] else { panic!("{jobs:?}") };
        let Standing::Needless { reason } = &only.standing else { panic!("{only:?}") };
        assert!(only.job.name() == "surface" && reason.what.contains(says), "{reason:?}");
        let made = stage.archive.derivatives(&ada, &id).await.unwrap();
        assert!(made.iter().any(|made| made.name == "volume") && !made.iter().any(|made| made.name.ends_with(".mp4")), "{made:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_files_are_no_failure_and_a_damaged_volume_is_one() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let plain = stage.draft(&ada, Kind::TomographyMaterials, "Tables").await.id;
    stage.upload(&ada, &plain, "table.csv", b"1,2").await;
    stage.upload(&ada, &plain, "report.pdf", b"%PDF-1.7").await;
    let damaged = stage.draft(&ada, Kind::TomographyMaterials, "Damaged").await.id;
    stage.upload(&ada, &damaged, "scan.tif", b"II*\0 and then nothing").await;
    stage.clock.advance_seconds(60);
    worker(&stage).work_until_idle().await;

    let jobs = stage.archive.activity(&ada, &plain).await.unwrap();
    let [only] = jobs.as_slice() else { panic!("{jobs:?}") };
    let Standing::Needless { reason } = &only.standing else { panic!("{only:?}") };
    assert_eq!(reason.file.as_deref(), Some(".csv, .pdf"));
    let jobs = stage.archive.activity(&ada, &damaged).await.unwrap();
    assert!(jobs.iter().any(|view| view.job.name() == "convert" && matches!(view.standing, Standing::Failed { .. })), "{jobs:?}");

    let slices = slices(&stage, 8);
    for slice in &slices {
        send(&stage, &ada, &plain, slice).await;
    }
    // The surface waits a second for the pictures.
    for _ in 0..2 {
        stage.clock.advance_seconds(60);
        worker(&stage).work_until_idle().await;
    }
    let jobs = stage.archive.activity(&ada, &plain).await.unwrap();
    assert!(jobs.iter().all(has_no_surface), "with a volume nothing else is said any more: {jobs:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_made_of_earlier_files_of_a_draft_is_cleared_away() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    let slices = slices(&stage, 8);
    for slice in &slices[..6] {
        send(&stage, &ada, &id, slice).await;
    }
    stage.clock.advance_seconds(60);
    worker(&stage).work_until_idle().await;
    let first = volumes_kept(&stage, &id).await;
    for slice in &slices[6..] {
        send(&stage, &ada, &id, slice).await;
    }
    stage.clock.advance_seconds(60);
    worker(&stage).work_until_idle().await;
    let second = volumes_kept(&stage, &id).await;
    assert_eq!((first.len(), second.len()), (1, 1), "{first:?} {second:?}");
    assert_ne!(first, second);
    // The movie waits two seconds for the pictures.
    stage.clock.advance_seconds(60);
    worker(&stage).work_until_idle().await;
    let recipes: std::collections::BTreeSet<String> = stage
        .archive
        .store()
        .list(&format!("derivatives/{id}"))
        .await
        .unwrap()
        .iter()
        .map(|item| item.path.split('/').nth(3).unwrap().to_owned())
        .collect();
    assert_eq!(recipes.len(), 3, "one of the volume, one of its pictures, one of its movie");
    let (blob, _, _) = stage.archive.picture(&ada, &id, "thumb.jpg").await.unwrap();
    assert!(!blob.read_all().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_arrives_slowly_is_converted_once() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    let slices = slices(&stage, 8);
    let announced: Vec<_> =
        slices.iter().map(|slice| (format!("foam/{}", slice.file_name().unwrap().to_str().unwrap()).parse().unwrap(), 1)).collect();
    stage.archive.check(&ada, &id, &announced).await.unwrap();
    for slice in &slices[..7] {
        send(&stage, &ada, &id, slice).await;
        stage.clock.advance_seconds(20);
        worker(&stage).work_until_idle().await;
        assert_eq!(volumes_kept(&stage, &id).await, [""; 0], "the rest was announced and is awaited");
    }
    send(&stage, &ada, &id, &slices[7]).await;
    stage.clock.advance_seconds(5);
    worker(&stage).work_until_idle().await;
    assert_eq!(volumes_kept(&stage, &id).await.len(), 1, "nothing more is awaited");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_announces_and_goes_away_gets_a_volume_of_what_came() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    let slices = slices(&stage, 8);
    stage.archive.check(&ada, &id, &[("never.tif".parse().unwrap(), 5)]).await.unwrap();
    for slice in &slices {
        send(&stage, &ada, &id, slice).await;
    }
    stage.clock.advance_seconds(60);
    worker(&stage).work_until_idle().await;
    assert_eq!(volumes_kept(&stage, &id).await, [""; 0]);
    stage.clock.advance_seconds(60);
    worker(&stage).work_until_idle().await;
    assert_eq!(volumes_kept(&stage, &id).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_version_with_the_same_slices_has_the_same_volume_and_no_second_one() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let archive = &stage.archive;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    let slices = slices(&stage, 8);
    for slice in &slices[..7] {
        send(&stage, &ada, &id, slice).await;
    }
    stage.clock.advance_seconds(60);
    worker(&stage).work_until_idle().await;
    archive.register(&ada, &id).await.unwrap();
    archive.release(&ada, &id).await.unwrap();
    worker(&stage).work_until_idle().await;
    let first = volumes_kept(&stage, &id).await;

    archive.revise(&ada, &id).await.unwrap();
    stage.upload(&ada, &id, "readme.txt", b"a word more").await;
    stage.clock.advance_seconds(60);
    worker(&stage).work_until_idle().await;
    assert_eq!(volumes_kept(&stage, &id).await, first, "nothing was made again");
    let second = At::version(&id, Version(2));
    let made = archive.derivatives(&ada, &second).await.unwrap();
    assert!(made.iter().any(|made| made.name == "volume") && made.iter().all(|made| made.kept_in == Some(Version(1))), "{made:?}");
    assert!(archive.volume_key(&ada, &id, "volume", "zarr.json").await.unwrap().is_some());

    send(&stage, &ada, &id, &slices[7]).await;
    stage.clock.advance_seconds(60);
    worker(&stage).work_until_idle().await;
    assert_eq!(volumes_kept(&stage, &id).await.len(), 2, "another volume, and the first stays");
    let own = archive.derivative(&ada, &second, "volume").await.unwrap();
    assert_eq!(own.kept_in, None);
    let last = slices[7].file_name().unwrap().to_str().unwrap();
    archive.remove_file(&ada, &id, &format!("foam/{last}").parse().unwrap()).await.unwrap();
    stage.clock.advance_seconds(60);
    worker(&stage).work_until_idle().await;
    assert_eq!(volumes_kept(&stage, &id).await, first, "the old inputs again: the first volume serves, the other is cleared away");
    archive.release(&ada, &id).await.unwrap();
    let anyone = Visitor::anyone();
    for at in [At::version(&id, Version(1)), second] {
        let (thumb, _, _) = archive.picture(&anyone, &at, "thumb.jpg").await.unwrap();
        assert!(!thumb.read_all().await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_releases_before_the_work_is_done_gets_a_volume_of_the_files_that_were_released() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let archive = &stage.archive;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    let slices = slices(&stage, 8);
    for slice in &slices[..7] {
        send(&stage, &ada, &id, slice).await;
    }
    stage.clock.advance_seconds(60);
    worker(&stage).work_until_idle().await;
    archive.register(&ada, &id).await.unwrap();
    archive.release(&ada, &id).await.unwrap();
    // The surface waits a second for the pictures.
    for _ in 0..2 {
        stage.clock.advance_seconds(60);
        worker(&stage).work_until_idle().await;
    }

    archive.revise(&ada, &id).await.unwrap();
    let first_slice = slices[0].file_name().unwrap().to_str().unwrap();
    archive.remove_file(&ada, &id, &format!("foam/{first_slice}").parse().unwrap()).await.unwrap();
    send(&stage, &ada, &id, &slices[7]).await;
    archive.release(&ada, &id).await.unwrap();
    stage.clock.advance_seconds(60);
    worker(&stage).work_until_idle().await;
    let [first, second] = [1, 2].map(|version| At::version(&id, Version(version)));
    let own = archive.derivative(&ada, &second, "volume").await.unwrap();
    let files = archive.material(&id).await.unwrap().unwrap().files;
    assert_eq!(own.recipe.inputs, archive::derive::inputs_listed(&files));
    assert_eq!(own.kept_in, None);
    assert_ne!(own.recipe.digest, archive.derivative(&ada, &first, "volume").await.unwrap().recipe.digest);
    assert_eq!(volumes_kept(&stage, &id).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_cannot_be_read_for_a_while_does_not_end_the_labour() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    for slice in &slices(&stage, 8) {
        send(&stage, &ada, &id, slice).await;
    }
    stage.clock.advance_seconds(60);
    worker(&stage).work_until_idle().await;
    let listed = stage.archive.store().list(&format!("derivatives/{id}")).await.unwrap();
    let document = listed.iter().find(|item| item.path.ends_with("volume.ome.zarr/zarr.json")).unwrap();
    let document = stage.folder.path().join("store").join(&document.path);
    let words = std::fs::read(&document).unwrap();
    std::fs::remove_file(&document).unwrap();
    // A link to itself cannot be opened, and is not missing either.
    std::os::unix::fs::symlink(&document, &document).unwrap();
    stage.clock.advance_seconds(60);
    worker(&stage).work_until_idle().await;
    let jobs = stage.archive.activity(&ada, &id).await.unwrap();
    let [surface, movie] = jobs.as_slice() else { panic!("{jobs:?}") };
    for job in [surface, movie] {
        assert!(matches!(&job.standing, Standing::Waiting { last_failure: Some(_) }), "{job:?}");
    }

    std::fs::remove_file(&document).unwrap();
    std::fs::write(&document, words).unwrap();
    stage.clock.advance_seconds(3600);
    worker(&stage).work_until_idle().await;
    let jobs = stage.archive.activity(&ada, &id).await.unwrap();
    assert!(jobs.iter().all(has_no_surface), "{jobs:?}");
}

/// The recipes that anything lies under.
async fn recipes_kept(stage: &Stage, id: &RecordId) -> std::collections::BTreeSet<String> {
    let listed = stage.archive.store().list(&format!("derivatives/{id}")).await.unwrap();
    listed.iter().map(|item| item.path.split('/').nth(3).unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_chooses_another_picture_of_a_released_record_and_takes_it_back() {
    use record::{
        event::Happening,
        picture::{Ground, Look, PictureChoice},
    };
    let stage = Stage::on_sqlite().await;
    let (ada, eve) = (stage.actor("ada").await, stage.actor("eve").await);
    let archive = &stage.archive;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    for slice in slices(&stage, 8) {
        send(&stage, &ada, &id, &slice).await;
    }
    workshop::labour(&stage).await;
    archive.register(&ada, &id).await.unwrap();
    archive.release(&ada, &id).await.unwrap();
    workshop::labour(&stage).await;
    let seen = async |name: &str| {
        let (blob, _, made) = archive.picture(&Visitor::anyone(), &id, name).await.unwrap();
        (blob.read_all().await.unwrap(), made)
    };
    let (hero, before) = (seen("hero.jpg").await.0, recipes_kept(&stage, &id).await);
    let movie = seen("turntable.mp4").await.1.recipe;

    let choice = PictureChoice { look: Some(Look::Glow), elevation_deg: 60.0, ground: Ground::White, ..PictureChoice::default() };
    let refused = archive.choose_picture(&eve, &id, choice).await;
    assert!(refused.is_err(), "{refused:?}");
    assert!(archive.choose_picture(&ada, &id, PictureChoice { zoom: f64::INFINITY, ..choice }).await.is_err());
    archive.choose_picture(&ada, &id, choice).await.unwrap();
    workshop::labour(&stage).await;
    let (other, made) = seen("hero.jpg").await;
    assert_ne!(other, hero);
    assert_eq!(made.recipe.parameters["chosen"]["look"], "glow");
    let filmed = seen("turntable.mp4").await.1.recipe;
    assert_eq!((&filmed.parameters["look"], filmed.digest == movie.digest), (&serde_json::json!("glow"), false));
    let now = recipes_kept(&stage, &id).await;
    assert_eq!((now.len(), now.intersection(&before).count()), (before.len(), before.len() - 2), "the former pictures and movie are gone");
    let events = archive.history(&ada, &id).await.unwrap();
    assert_eq!(events.iter().filter(|event| event.what == Happening::PictureChosen).count(), 1);

    archive.choose_picture(&ada, &id, PictureChoice::default()).await.unwrap();
    workshop::labour(&stage).await;
    assert_eq!(seen("hero.jpg").await.0, hero, "drawn as if nobody had ever chosen");
    assert_eq!(recipes_kept(&stage, &id).await, before);

    archive.choose_picture(&ada, &id, choice).await.unwrap();
    workshop::labour(&stage).await;
    let next = archive.revise(&ada, &id).await.unwrap();
    assert_eq!(next.picture, choice, "the next version begins as the one before is seen");
    archive.choose_picture(&ada, &id, PictureChoice::default()).await.unwrap();
    workshop::labour(&stage).await;
    assert_eq!(seen("hero.jpg").await.0, other, "the released version stays as it was");
    let draft = archive.picture(&ada, At::version(&id, Version(2)), "hero.jpg").await.unwrap().0;
    assert_eq!(draft.read_all().await.unwrap(), hero);
    let copy = archive.copy(&ada, &id).await;
    assert!(copy.is_ok_and(|copy| copy.picture.is_usual()), "words are copied, not how it is seen");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_just_before_the_release_is_in_the_released_volume_and_what_is_told_after_it_is_not() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let archive = &stage.archive;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    for slice in slices(&stage, 8) {
        send(&stage, &ada, &id, &slice).await;
    }
    workshop::labour(&stage).await;
    let unsized_volume = archive.derivative(&ada, &At::from(&id), "volume").await.unwrap();
    // She tells the size and opens the files before the worker has had a turn.
    let size = |um: [f64; 3]| serde_json::json!({ "acquisition": { "voxel_size_um": um } });
    archive.patch(&ada, &id, size([3.0, 2.0, 2.0]), None).await.unwrap();
    archive.register(&ada, &id).await.unwrap();
    archive.release(&ada, &id).await.unwrap();
    assert!(!archive.labour_is_over(&id).await.unwrap(), "nobody may keep for ever what is made anew");
    workshop::labour(&stage).await;

    let first = At::version(&id, Version(1));
    let told = archive.derivative(&ada, &first, "volume").await.unwrap();
    assert_ne!(told.recipe.digest, unsized_volume.recipe.digest);
    let record::derivative::DerivativeKind::Volume(facts) = &told.kind else { panic!("{told:?}") };
    assert_eq!(facts.voxel_size_um, Some([3.0, 2.0, 2.0]));
    let document = archive::reuse::inside(&id, &told, "volume.ome.zarr/zarr.json");
    let document = archive.store().blob(&document).await.unwrap().unwrap().read_all().await.unwrap();
    let document: serde_json::Value = serde_json::from_slice(&document).unwrap();
    let multiscale = &document["attributes"]["ome"]["multiscales"][0];
    assert_eq!(multiscale["datasets"][0]["coordinateTransformations"][0]["scale"], serde_json::json!([3.0, 2.0, 2.0]));
    assert_eq!(multiscale["axes"][0]["unit"], "micrometer");
    // Whatever was made of the volume before is made of this one.
    for name in ["thumb.jpg", "turntable.mp4"] {
        let made = archive.derivative(&ada, &first, name).await.unwrap();
        assert_eq!(made.recipe.parameters["volume"], told.recipe.digest.as_str(), "{name}");
    }
    assert_eq!(volumes_kept(&stage, &id).await, [told.recipe.digest.clone()]);

    archive.patch(&ada, &id, size([9.0; 3]), None).await.unwrap();
    workshop::labour(&stage).await;
    let after = archive.derivative(&ada, &first, "volume").await.unwrap();
    assert_eq!((after.recipe.digest, after.made_at), (told.recipe.digest, told.made_at));
}
