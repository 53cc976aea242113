//! Files, folders and uploads: names, counts, pages.

use crate::{Stage, actors::*};
use catalogue::Fault;
use record::{
    file::{Place, Sha256},
    record::Holdings,
    version::Version,
};

async fn holdings(stage: &Stage) -> Holdings {
    stage.catalogue.record(&record_id(1)).await.unwrap().unwrap().holdings
}

/// `folder files bytes`, then file names, of one folder.
async fn listing(stage: &Stage, folder: &str) -> Vec<String> {
    let page = stage.catalogue.folder_page(&record_id(1), Version::FIRST, folder, None, 100).await.unwrap();
    assert_eq!(page.next, None);
    let folders = page.folders.iter().map(|folder| format!("{}/ {} {}", folder.name, folder.files, folder.bytes));
    folders.chain(page.files.iter().map(|file| file.original.path.name().to_owned())).collect()
}

pub async fn holdings_follow_the_files(stage: Stage) {
    let id = with_record(&stage.catalogue, 1).await;
    commit(&stage.catalogue, async |change| {
        for (name, bytes) in [("readme.txt", 1), ("jaw/left/a.tif", 10), ("jaw/left/b.tif", 20), ("jaw/right/a.tif", 40)] {
            assert_eq!(change.put_file(&id, &file(name, bytes)).await.unwrap(), None);
        }
        assert_eq!(change.put_file(&id, &file("jaw/left/b.tif", 25)).await.unwrap(), Some(file("jaw/left/b.tif", 20)));
    })
    .await;
    assert_eq!(holdings(&stage).await, Holdings { files: 4, bytes: 76, unfinished_uploads: 0 });
    assert_eq!(listing(&stage, "").await, ["jaw/ 3 75", "readme.txt"]);
    assert_eq!(listing(&stage, "jaw").await, ["left/ 2 35", "right/ 1 40"]);
    assert_eq!(listing(&stage, "jaw/left").await, ["a.tif", "b.tif"]);
    let found = stage.catalogue.file(&id, Version::FIRST, &path("jaw/left/b.tif")).await.unwrap();
    assert_eq!(found, Some(file("jaw/left/b.tif", 25)));

    commit(&stage.catalogue, async |change| {
        assert_eq!(change.remove_file(&id, &path("jaw/right/a.tif")).await.unwrap(), Some(file("jaw/right/a.tif", 40)));
        assert_eq!(change.remove_file(&id, &path("jaw/right/a.tif")).await.unwrap(), None);
    })
    .await;
    assert_eq!(holdings(&stage).await, Holdings { files: 3, bytes: 36, unfinished_uploads: 0 });
    assert_eq!(listing(&stage, "jaw").await, ["left/ 2 35"]);

    commit(&stage.catalogue, async |change| change.clear_files(&id).await.unwrap()).await;
    assert_eq!(holdings(&stage).await, Holdings::default());
    assert!(listing(&stage, "").await.is_empty());
}

pub async fn names_that_fold_together_collide(stage: Stage) {
    let id = with_record(&stage.catalogue, 1).await;
    commit(&stage.catalogue, async |change| change.put_file(&id, &file("scan/Käfer.tif", 1)).await.unwrap()).await;
    for twin in ["scan/käfer.tif", "scan/Ka\u{308}fer.tif", "SCAN/KÄFER.TIF"] {
        let mut change = stage.catalogue.change().await.unwrap();
        match change.put_file(&id, &file(twin, 2)).await {
            Err(Fault::Collision { existing }) => assert_eq!(existing, path("scan/Käfer.tif")),
            other => panic!("{twin}: {other:?}"),
        }
    }
    commit(&stage.catalogue, async |change| change.put_file(&id, &file("SCAN/other.tif", 2)).await.unwrap()).await;
    assert_eq!(holdings(&stage).await.files, 2);
}

pub async fn a_file_never_stands_where_a_folder_is(stage: Stage) {
    let id = with_record(&stage.catalogue, 1).await;
    commit(&stage.catalogue, async |change| change.put_file(&id, &file("a/b/c.tif", 1)).await.unwrap()).await;
    for (name, existing) in [("a/b", "a/b"), ("A", "a"), ("a/b/c.tif/d", "a/b/c.tif"), ("A/B/C.tif/d/e", "a/b/c.tif")] {
        let mut change = stage.catalogue.change().await.unwrap();
        match change.put_file(&id, &file(name, 1)).await {
            Err(Fault::Collision { existing: found }) => assert_eq!(found, path(existing), "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    commit(&stage.catalogue, async |change| {
        change.remove_file(&id, &path("a/b/c.tif")).await.unwrap();
        change.put_file(&id, &file("a/b", 1)).await.expect("an empty folder must not stand in the way");
    })
    .await;
}

pub async fn only_unchanged_files_are_moved(stage: Stage) {
    let id = with_record(&stage.catalogue, 1).await;
    let place = || Place::Preserved { content_path: "v1/content/files/a.tif".to_owned() };
    let moved = commit(&stage.catalogue, async |change| {
        change.put_file(&id, &file("a.tif", 1)).await.unwrap();
        change.put_file(&id, &file("b.tif", 2)).await.unwrap();
        change
            .set_places(
                &id,
                &[
                    (path("a.tif"), Sha256([1; 32]), place()),
                    (path("b.tif"), Sha256([9; 32]), place()),
                    (path("c.tif"), Sha256([1; 32]), place()),
                ],
            )
            .await
            .unwrap()
    })
    .await;
    assert_eq!(moved, 1);
    let places: Vec<_> =
        stage.catalogue.files_after(&id, Version::FIRST, None, 10).await.unwrap().into_iter().map(|file| file.place).collect();
    assert_eq!(places, [place(), Place::Staged { upload: upload_id(7) }]);
}

/// The rows are written past the catalogue, because writing them one by one is not what is tried here.
pub async fn a_folder_of_a_hundred_thousand_files_is_read_page_by_page(stage: Stage) {
    let id = with_record(&stage.catalogue, 1).await;
    commit(&stage.catalogue, async |change| {
        change.put_file(&id, &file("stack/deep/one.tif", 1)).await.unwrap();
        change.put_file(&id, &file("stack/other/one.tif", 1)).await.unwrap();
    })
    .await;
    let many = "INSERT INTO file (record, path, parent, name, folded, bytes, sha256, crc32, added_at, place, since_version, until_version)
        SELECT record, 'stack/slice_' || counted.n || '.tif', 'stack', 'slice_' || counted.n || '.tif', 'stack/slice_' || counted.n || '.tif', 1, sha256, 0, 0, place, 1, 1000000000
        FROM (WITH RECURSIVE counter(n) AS (SELECT 100000 UNION ALL SELECT n + 1 FROM counter WHERE n < 199999) SELECT n FROM counter) AS counted,
             file WHERE path = 'stack/deep/one.tif'";
    sqlx::query(many).execute(&mut raw(&stage.url).await).await.unwrap();

    let page = async |after: Option<&str>, limit| stage.catalogue.folder_page(&id, Version::FIRST, "stack", after, limit).await.unwrap();
    let first = page(None, 1).await;
    assert_eq!((first.folders[0].name.as_str(), first.files.len()), ("deep", 0));
    let second = page(first.next.as_deref(), 3).await;
    assert_eq!(second.folders.iter().map(|folder| folder.name.as_str()).collect::<Vec<_>>(), ["other"]);
    let names: Vec<_> = second.files.iter().map(|file| file.original.path.name()).collect();
    assert_eq!(names, ["slice_100000.tif", "slice_100001.tif"]);

    let (mut files, mut next) = (2, second.next);
    while let Some(after) = next {
        let further = page(Some(&after), 5_000).await;
        assert!(further.folders.is_empty() && further.files.len() <= 5_000);
        files += further.files.len();
        next = further.next;
    }
    assert_eq!(files, 100_000);
}

pub async fn files_are_ordered_by_their_bytes(stage: Stage) {
    let id = with_record(&stage.catalogue, 1).await;
    let mut names = ["b.tif", "B.tiff", "a b.tif", "a-b.tif", "a/b.tif", "ä.tif", "a.tif", "Z.tif", "z_1.tif", "z-1.tif", "日本.tif"]
        .map(str::to_owned)
        .to_vec();
    commit(&stage.catalogue, async |change| {
        for name in &names {
            change.put_file(&id, &file(name, 1)).await.unwrap();
        }
    })
    .await;
    names.sort();
    let mut seen = Vec::new();
    while let page = stage.catalogue.files_after(&id, Version::FIRST, seen.last(), 2).await.unwrap()
        && !page.is_empty()
    {
        seen.extend(page.into_iter().map(|file| file.original.path));
    }
    assert_eq!(seen.iter().map(|path| path.as_str()).collect::<Vec<_>>(), names);

    let asked: Vec<_> = (0..450).map(|number| path(&format!("no {number}.tif"))).chain([path("a/b.tif"), path("ä.tif")]).collect();
    let there = stage.catalogue.existing(&id, Version::FIRST, &asked).await.unwrap();
    assert_eq!(there.iter().map(|file| file.original.path.as_str()).collect::<Vec<_>>(), ["a/b.tif", "ä.tif"]);
}

pub async fn uploads_are_counted_while_they_last(stage: Stage) {
    let id = with_record(&stage.catalogue, 1).await;
    commit(&stage.catalogue, async |change| {
        change.insert_upload(&upload(1, &id, "b.tif")).await.unwrap();
        change.insert_upload(&upload(2, &id, "a.tif")).await.unwrap();
    })
    .await;
    assert_eq!(holdings(&stage).await.unfinished_uploads, 2);
    assert_eq!(stage.catalogue.count_uploads(&account_id(1)).await.unwrap(), 2);
    assert_eq!(stage.catalogue.upload(&upload_id(1)).await.unwrap(), Some(upload(1, &id, "b.tif")));
    assert_eq!(stage.catalogue.uploads_of(&id).await.unwrap(), [upload(2, &id, "a.tif"), upload(1, &id, "b.tif")]);
    assert_eq!(stage.catalogue.uploads_at(&id, &[path("b.tif"), path("c.tif")]).await.unwrap(), [upload(1, &id, "b.tif")]);
    assert_eq!(stage.catalogue.uploads_before(NOON.plus_seconds(2), 10).await.unwrap(), [upload(1, &id, "b.tif")]);
    commit(&stage.catalogue, async |change| {
        assert_eq!(change.delete_upload(&upload_id(1)).await.unwrap(), Some(upload(1, &id, "b.tif")));
        assert_eq!(change.delete_upload(&upload_id(1)).await.unwrap(), None);
    })
    .await;
    assert_eq!(holdings(&stage).await.unfinished_uploads, 1);
}

pub async fn two_writers_of_one_record_count_right(stage: Stage) {
    let id = with_record(&stage.catalogue, 1).await;
    let writers = (0..4u8).map(|writer| {
        let (catalogue, id) = (stage.catalogue.clone(), id.clone());
        tokio::spawn(async move {
            for number in 0..10 {
                commit(&catalogue, async |change| change.put_file(&id, &file(&format!("common/{writer}_{number}.tif"), 3)).await.unwrap())
                    .await;
                commit(&catalogue, async |change| change.put_file(&id, &file("common/same.tif", u64::from(writer) + 1)).await.unwrap())
                    .await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let bytes = 120 + stage.catalogue.file(&id, Version::FIRST, &path("common/same.tif")).await.unwrap().unwrap().original.bytes;
    assert_eq!(holdings(&stage).await, Holdings { files: 41, bytes, unfinished_uploads: 0 });
    assert_eq!(listing(&stage, "").await, [format!("common/ 41 {bytes}")]);
}
