//! Who and what appears in the plays.

use catalogue::{Catalogue, Change};
use record::{
    Record,
    account::{Account, Rank},
    file::{FilePath, Original, Place, Sha256, StoredFile},
    id::{AccountId, RecordId, UploadId},
    instant::Instant,
    kind::Kind,
    metadata::Metadata,
    team::Email,
    upload::{Purpose, Upload},
};

pub const NOON: Instant = Instant(1_795_435_200_000);

pub fn record_id(number: u8) -> RecordId {
    RecordId::from_random(&[number, number / 32, 1, 2, 3, 4, 5, 6, 7])
}

pub fn account_id(number: u8) -> AccountId {
    AccountId::from_random(&[number; 12])
}

pub fn upload_id(number: u8) -> UploadId {
    UploadId::from_random(&[number; 20])
}

pub fn email(text: &str) -> Email {
    text.parse().unwrap()
}

pub fn path(text: &str) -> FilePath {
    text.parse().unwrap()
}

pub fn draft(number: u8) -> Record {
    let metadata = Metadata { title: format!("Beetle {number}"), ..Metadata::default() };
    Record::draft(record_id(number), Kind::TomographyBiology, email("ada@example.org"), metadata, NOON)
}

pub fn file(name: &str, bytes: u64) -> StoredFile {
    let original = Original { path: path(name), bytes, sha256: Sha256([bytes as u8; 32]), crc32: u32::MAX - bytes as u32, added_at: NOON };
    StoredFile { original, place: Place::Staged { upload: upload_id(7) } }
}

pub fn upload(number: u8, record: &RecordId, name: &str) -> Upload {
    Upload {
        id: upload_id(number),
        record: record.clone(),
        account: account_id(1),
        path: path(name),
        bytes: 10,
        created_at: NOON.plus_seconds(i64::from(number)),
        purpose: Purpose::File,
    }
}

pub fn account(number: u8, address: &str) -> Account {
    Account { id: account_id(number), email: email(address), name: "Lovelace, Ada".to_owned(), rank: Rank::Depositor, created_at: NOON }
}

/// One change, committed.
pub async fn commit<T>(catalogue: &Catalogue, change: impl AsyncFnOnce(&mut Change) -> T) -> T {
    let mut open = catalogue.change().await.unwrap();
    let result = change(&mut open).await;
    open.commit().await.unwrap();
    result
}

pub async fn with_record(catalogue: &Catalogue, number: u8) -> RecordId {
    commit(catalogue, async |change| change.insert_record(&draft(number)).await.unwrap()).await;
    record_id(number)
}

/// A connection past the catalogue, for what the catalogue itself would never do.
pub async fn raw(url: &str) -> sqlx::AnyConnection {
    use sqlx::Connection;
    sqlx::AnyConnection::connect(&url.replacen("sqlite:/", "sqlite:///", 1)).await.unwrap()
}
