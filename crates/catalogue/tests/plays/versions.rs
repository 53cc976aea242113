//! Versions: what one keeps while the next changes.

use crate::{Stage, actors::*};
use record::{Record, id::RecordId, record::Holdings, state::State, version::Version};

const SECOND: Version = Version(2);

async fn names(stage: &Stage, id: &RecordId, version: Version) -> Vec<String> {
    let files = stage.catalogue.files_after(id, version, None, 100).await.unwrap();
    files.iter().map(|file| format!("{} {}", file.original.path, file.original.bytes)).collect()
}

async fn folders(stage: &Stage, id: &RecordId, version: Version) -> Vec<String> {
    let page = stage.catalogue.folder_page(id, version, "", None, 100).await.unwrap();
    page.folders.iter().map(|folder| format!("{} {} {}", folder.name, folder.files, folder.bytes)).collect()
}

/// A released record with three files, and the draft of its second version.
async fn revised(stage: &Stage) -> Record {
    let mut record = draft(1);
    let doi = "10.5072/science3d.x".parse().unwrap();
    record.state = State::Draft.register(doi, NOON).unwrap().release(Version::FIRST, NOON).unwrap();
    let second = record.revise(NOON).unwrap();
    commit(&stage.catalogue, async |change| {
        change.insert_record(&record).await.unwrap();
        for (name, bytes) in [("a/1.tif", 1), ("a/2.tif", 2), ("b/3.tif", 3)] {
            change.put_file(&record.id, &file(name, bytes)).await.unwrap();
        }
        change.begin_draft(&second).await.unwrap();
    })
    .await;
    second
}

pub async fn a_version_keeps_what_the_next_one_changes(stage: Stage) {
    let mut second = revised(&stage).await;
    let id = second.id.clone();
    commit(&stage.catalogue, async |change| {
        assert_eq!(change.put_file(&id, &file("a/2.tif", 20)).await.unwrap().unwrap().original.bytes, 2);
        change.put_file(&id, &file("a/2.tif", 21)).await.unwrap();
        change.put_file(&id, &file("c/4.tif", 4)).await.unwrap();
        change.remove_file(&id, &path("b/3.tif")).await.unwrap().unwrap();
        let stale = path("b/3.tif");
        assert!(change.lies_at(&id, &stale, &file("b/3.tif", 3).place).await.unwrap(), "the first version needs it");
    })
    .await;
    assert_eq!(names(&stage, &id, Version::FIRST).await, ["a/1.tif 1", "a/2.tif 2", "b/3.tif 3"]);
    assert_eq!(names(&stage, &id, SECOND).await, ["a/1.tif 1", "a/2.tif 21", "c/4.tif 4"]);
    assert_eq!(folders(&stage, &id, Version::FIRST).await, ["a 2 3", "b 1 3"]);
    assert_eq!(folders(&stage, &id, SECOND).await, ["a 2 22", "c 1 4"]);
    let holdings = |files, bytes| Holdings { files, bytes, unfinished_uploads: 0 };
    assert_eq!(stage.catalogue.record(&id).await.unwrap().unwrap().holdings, holdings(3, 6));
    assert_eq!(stage.catalogue.draft_of(&id).await.unwrap().unwrap().holdings, holdings(3, 26));
    let told: Vec<_> = stage.catalogue.file_differences(&id, SECOND, 10).await.unwrap();
    let told: Vec<_> = told.iter().map(|one| (one.path.as_str(), one.came, one.went)).collect();
    assert_eq!(told, [("a/2.tif", true, true), ("b/3.tif", false, true), ("c/4.tif", true, false)]);

    second.state = second.state.release(SECOND, NOON).unwrap();
    second.revision += 1;
    commit(&stage.catalogue, async |change| change.promote_draft(&second).await.unwrap()).await;
    let now = stage.catalogue.record(&id).await.unwrap().unwrap();
    assert_eq!((now.record.version, now.holdings), (SECOND, holdings(3, 26)));
    let before = stage.catalogue.other_version(&id, Version::FIRST).await.unwrap().unwrap();
    assert_eq!((before.record.version, before.holdings), (Version::FIRST, holdings(3, 6)));
    assert_eq!(stage.catalogue.draft_of(&id).await.unwrap(), None);
    commit(&stage.catalogue, async |change| drop(change.put_file(&id, &file("d/5.tif", 5)).await.unwrap())).await;
    assert_eq!(names(&stage, &id, SECOND).await, ["a/1.tif 1", "a/2.tif 21", "c/4.tif 4", "d/5.tif 5"]);
    assert_eq!(names(&stage, &id, Version::FIRST).await, ["a/1.tif 1", "a/2.tif 2", "b/3.tif 3"]);
}

pub async fn a_discarded_draft_leaves_no_trace(stage: Stage) {
    let second = revised(&stage).await;
    let id = second.id.clone();
    commit(&stage.catalogue, async |change| {
        change.put_file(&id, &file("a/2.tif", 20)).await.unwrap();
        change.put_file(&id, &file("c/4.tif", 4)).await.unwrap();
        change.remove_file(&id, &path("b/3.tif")).await.unwrap().unwrap();
        assert!(change.discard_draft(&id).await.unwrap());
        assert!(!change.discard_draft(&id).await.unwrap());
    })
    .await;
    for version in [Version::FIRST, SECOND] {
        assert_eq!(names(&stage, &id, version).await, ["a/1.tif 1", "a/2.tif 2", "b/3.tif 3"]);
        assert_eq!(folders(&stage, &id, version).await, ["a 2 3", "b 1 3"]);
    }
    assert_eq!(stage.catalogue.record(&id).await.unwrap().unwrap().holdings, Holdings { files: 3, bytes: 6, unfinished_uploads: 0 });
}
