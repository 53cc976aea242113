//! The catalogue goes into a file and comes back, into whichever database.

use crate::{
    Stage,
    actors::*,
    followers::{follower, of_record},
};
use catalogue::{BackupFault, Catalogue};
use record::{event::Happening, job::Job, letter::LetterHeads};

/// Something in most tables, with what is awkward: nothing at all, quotes, line ends, other letters.
async fn fill(catalogue: &Catalogue) {
    let id = with_record(catalogue, 1).await;
    with_record(catalogue, 2).await;
    commit(catalogue, async |change| {
        change.insert_account(&account(1, "ada@example.org"), Some("$argon2id$…")).await.unwrap();
        change.insert_account(&account(2, "bob@example.org"), None).await.unwrap();
        change.put_file(&id, &file("Käfer/\"1\" 'x'\u{1d11e}.tif", 7)).await.unwrap();
        change.insert_upload(&upload(3, &id, "on its way.tif")).await.unwrap();
        change.put_mail("ada@example.org", "Two\nlines", "NULL; DROP TABLE record;--", &LetterHeads::default(), NOON).await.unwrap();
        change.set_setting("empty", "").await.unwrap();
        assert!(change.insert_follower(&follower("emmy@example.org", "secret", of_record(&id, true))).await.unwrap());
        change.enqueue(&Job::Inspect { record: id.clone() }, NOON, NOON).await.unwrap();
        change.enqueue(&Job::Preserve { record: id.clone() }, NOON, NOON).await.unwrap();
        change.append(&id, None, &Happening::FileAdded { path: path("a.tif") }, NOON).await.unwrap();
    })
    .await;
}

async fn backup_of(catalogue: &Catalogue) -> Vec<u8> {
    let mut bytes = Vec::new();
    assert!(catalogue.back_up(&mut bytes, NOON).await.unwrap() > 10);
    bytes
}

/// Rows in no particular order, and without the last line, whose sum depends on it.
fn lines_of(backup: &[u8]) -> Vec<String> {
    let mut lines: Vec<String> = std::str::from_utf8(backup).unwrap().lines().map(str::to_owned).collect();
    lines.pop();
    lines.sort();
    lines
}

pub async fn a_backup_goes_back_into_either_database(stage: Stage) {
    let lite = Catalogue::open("sqlite::memory:").await.unwrap();
    fill(&lite).await;
    let first = backup_of(&lite).await;
    let (manifest, rows) = stage.catalogue.restore(&mut first.as_slice()).await.unwrap();
    assert_eq!((manifest.made_at, rows as usize), (NOON, lines_of(&first).iter().filter(|line| line.starts_with('[')).count()));
    let second = backup_of(&stage.catalogue).await;
    assert_eq!(lines_of(&second), lines_of(&first));
    let again = Catalogue::open("sqlite::memory:").await.unwrap();
    again.restore(&mut second.as_slice()).await.unwrap();
    assert_eq!(lines_of(&backup_of(&again).await), lines_of(&first));
    // What counts by itself counts on.
    for catalogue in [&stage.catalogue, &again] {
        commit(catalogue, async |change| {
            change.enqueue(&Job::Convert { record: record_id(2) }, NOON, NOON).await.unwrap();
            assert_eq!(change.append(&record_id(2), None, &Happening::FileAdded { path: path("b.tif") }, NOON).await.unwrap(), 2);
        })
        .await;
        assert_eq!(catalogue.record(&record_id(1)).await.unwrap(), lite.record(&record_id(1)).await.unwrap());
    }
}

pub async fn a_backup_that_does_not_fit_changes_nothing(stage: Stage) {
    let lite = Catalogue::open("sqlite::memory:").await.unwrap();
    fill(&lite).await;
    let whole = backup_of(&lite).await;
    let changed = String::from_utf8(whole.clone()).unwrap().replacen("Beetle 2", "Beetle 3", 1).into_bytes();
    let other = String::from_utf8(whole.clone()).unwrap().replacen("\"schema\":", "\"schema\":9", 1).into_bytes();
    let strange = String::from_utf8(whole.clone()).unwrap().replacen("{\"table\":\"mail\"", "{\"table\":\"sqlite_master\"", 1).into_bytes();
    let cut = &whole[..whole.len() - 200];
    let doubled = [whole.as_slice(), whole.as_slice()].concat();
    for bad in [b"".as_slice(), b"{}\n", b"PK\x03\x04", cut, &changed, &strange, &doubled] {
        let fault = stage.catalogue.restore(&mut &*bad).await.unwrap_err();
        assert!(matches!(fault, BackupFault::NotWhole { .. }), "{fault}");
    }
    assert!(matches!(stage.catalogue.restore(&mut other.as_slice()).await, Err(BackupFault::OtherVersion { .. })));
    assert!(stage.catalogue.record(&record_id(1)).await.unwrap().is_none(), "something of a refused backup is there");
    stage.catalogue.restore(&mut whole.as_slice()).await.unwrap();
    let fault = stage.catalogue.restore(&mut whole.as_slice()).await.unwrap_err();
    assert!(matches!(&fault, BackupFault::NotEmpty { table } if table == "record"), "{fault}");
}

pub async fn who_opens_to_read_migrates_nothing_and_creates_nothing(stage: Stage) {
    fill(&stage.catalogue).await;
    let reader = Catalogue::open_to_read(&stage.url).await.unwrap();
    assert_eq!(lines_of(&backup_of(&reader).await), lines_of(&backup_of(&stage.catalogue).await));
    sqlx::query("DELETE FROM schema_migration WHERE version > 2").execute(&mut raw(&stage.url).await).await.unwrap();
    let older = Catalogue::open_to_read(&stage.url).await.unwrap();
    let fault = older.back_up(&mut Vec::new(), NOON).await.unwrap_err();
    assert!(matches!(fault, BackupFault::OtherTables { found: 2, .. }), "{fault}");
    assert!(fault.to_string().contains("with the program of that version"), "{fault}");

    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("below/catalogue.db");
    assert!(Catalogue::open_to_read(&format!("sqlite:{}", absent.display())).await.is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
