//! Uploads: they resume, they survive, and their sums are always right.

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use record::id::UploadId;
use sha2::Digest;
use std::{io, time::Duration};
use storage::{AppendFault, S3Options, Staging, Store, Sums};

fn id(letter: char) -> UploadId {
    letter.to_string().repeat(20).parse().unwrap()
}
fn pattern(length: usize) -> Bytes {
    (0..length as u64).map(|number| (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect::<Vec<u8>>().into()
}
fn sums(bytes: &[u8]) -> Sums {
    Sums { bytes: bytes.len() as u64, sha256: record::file::Sha256(sha2::Sha256::digest(bytes).into()), crc32: crc32fast::hash(bytes) }
}
/// As a connection brings them.
fn arriving(bytes: Bytes) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let pieces: Vec<_> = (0..bytes.len()).step_by(60_001).map(|start| Ok(bytes.slice(start..bytes.len().min(start + 60_001)))).collect();
    stream::iter(pieces)
}
fn broken() -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::iter([Err(io::Error::other("cable pulled"))])
}

struct Disk {
    root: tempfile::TempDir,
}

impl Disk {
    fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }
    /// What a process sees that starts now.
    async fn staging(&self) -> Staging {
        let url = format!("file:{}", self.root.path().join("store").display());
        Store::open(&url, self.root.path(), &S3Options::default()).await.unwrap().staging().clone()
    }
}

#[tokio::test]
async fn an_upload_resumes_where_it_stopped_across_restarts() {
    let disk = Disk::new();
    let bytes = pattern(9_000_000);
    disk.staging().await.create(&id('a'), 9_000_000).await.unwrap();
    let mut offset = 0;
    for stop in [1, 2_000_000, 2_000_063, 8_999_999] {
        let staging = disk.staging().await;
        let appended = staging.append(&id('a'), offset as u64, arriving(bytes.slice(offset..stop)), u64::MAX).await.unwrap();
        assert_eq!((appended.offset, appended.finished), (stop as u64, None));
        assert_eq!(staging.sums(&id('a')).await.unwrap(), None);
        offset = stop;
    }
    let staging = disk.staging().await;
    assert_eq!(staging.offset(&id('a')).await.unwrap(), Some(8_999_999));
    let last = staging.append(&id('a'), 8_999_999, arriving(bytes.slice(8_999_999..)), u64::MAX).await.unwrap();
    assert_eq!(last.finished, Some(sums(&bytes)));
    assert_eq!(disk.staging().await.sums(&id('a')).await.unwrap(), Some(sums(&bytes)));
    let again = staging.append(&id('a'), 9_000_000, arriving(Bytes::new()), u64::MAX).await.unwrap();
    assert_eq!(again, last, "an answer that was lost can be asked for again");
    assert!(staging.peek(&id('a'), 1000).await.unwrap() == bytes[..1000]);
    staging.delete(&id('a')).await.unwrap();
    assert_eq!(staging.offset(&id('a')).await.unwrap(), None);
    assert!(staging.list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_broken_connection_keeps_what_arrived() {
    let disk = Disk::new();
    let (bytes, staging) = (pattern(3_000_000), disk.staging().await);
    staging.create(&id('b'), 3_000_000).await.unwrap();
    let fault = staging.append(&id('b'), 0, arriving(bytes.slice(..1_234_567)).chain(broken()), u64::MAX).await.unwrap_err();
    assert!(matches!(&fault, AppendFault::Interrupted { offset: 1_234_567, why } if why == "cable pulled"), "{fault}");
    let wrong = staging.append(&id('b'), 0, arriving(bytes.clone()), u64::MAX).await.unwrap_err();
    assert!(matches!(wrong, AppendFault::WrongOffset { given: 0, actual: 1_234_567 }), "{wrong}");
    let listed = disk.staging().await.list().await.unwrap();
    assert_eq!((listed.len(), listed[0].offset, listed[0].bytes), (1, 1_234_567, 3_000_000));
    let rest = arriving(bytes.slice(1_234_567..)).chain(broken());
    let done = disk.staging().await.append(&id('b'), 1_234_567, rest, u64::MAX).await.unwrap();
    assert_eq!(done.finished, Some(sums(&bytes)), "all bytes were there before the cable was pulled");
}

#[tokio::test]
async fn bytes_that_a_killed_process_wrote_without_noting_their_sums_are_summed() {
    let disk = Disk::new();
    let bytes = pattern(2_500_000);
    let staging = disk.staging().await;
    staging.create(&id('c'), 2_500_000).await.unwrap();
    staging.append(&id('c'), 0, arriving(bytes.slice(..1_000_000)), u64::MAX).await.unwrap();
    let append_behind = |range: std::ops::Range<usize>| {
        let mut file = std::fs::File::options().append(true).open(staging.path(&id('c'))).unwrap();
        io::Write::write_all(&mut file, &bytes[range]).unwrap();
    };
    append_behind(1_000_000..1_700_001);
    let staging_later = disk.staging().await;
    assert_eq!(staging_later.offset(&id('c')).await.unwrap(), Some(1_700_001));
    let done = staging_later.append(&id('c'), 1_700_001, arriving(bytes.slice(1_700_001..2_000_000)), u64::MAX).await.unwrap();
    assert_eq!(done.offset, 2_000_000);
    append_behind(2_000_000..2_500_000);
    // The note beside the upload is torn, too.
    let note = staging.path(&id('c')).with_extension("sums");
    let mut text = std::fs::read(&note).unwrap();
    for byte in &mut text[512..] {
        *byte ^= 0x55;
    }
    std::fs::write(&note, text).unwrap();
    assert_eq!(disk.staging().await.sums(&id('c')).await.unwrap(), Some(sums(&bytes)));
}

#[tokio::test]
async fn what_is_not_announced_is_refused() {
    let disk = Disk::new();
    let staging = disk.staging().await;
    let unknown = staging.append(&id('d'), 0, arriving(pattern(10)), u64::MAX).await.unwrap_err();
    assert!(matches!(unknown, AppendFault::NotFound { .. }), "{unknown}");
    staging.create(&id('d'), 100_000).await.unwrap();
    assert!(staging.create(&id('d'), 100_000).await.is_err());
    let long = staging.append(&id('d'), 0, arriving(pattern(200_000)), u64::MAX).await.unwrap_err();
    assert!(matches!(long, AppendFault::TooLong { offset: 60_001 }), "{long}");
    let limited = staging.append(&id('d'), 60_001, arriving(pattern(200)), 100).await.unwrap_err();
    assert!(matches!(limited, AppendFault::TooLong { offset: 60_001 }), "{limited}");
    assert!(staging.peek(&id('e'), 10).await.is_err());
    staging.create(&id('e'), 0).await.unwrap();
    let empty = staging.append(&id('e'), 0, arriving(Bytes::new()), 0).await.unwrap();
    assert_eq!(empty.finished, Some(sums(b"")));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_writes_at_a_time_until_it_stands_still() {
    let disk = Disk::new();
    let (bytes, staging) = (pattern(2_000_000), disk.staging().await);
    staging.create(&id('f'), 2_000_000).await.unwrap();
    let first = tokio::spawn({
        let (staging, bytes) = (staging.clone(), bytes.slice(..700_000));
        async move { staging.append(&id('f'), 0, arriving(bytes).chain(stream::pending()), u64::MAX).await }
    });
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while staging.offset(&id('f')).await.unwrap() != Some(700_000) {
        assert!(std::time::Instant::now() < deadline, "a slow sender's bytes are put down without waiting for more");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let second = staging.append(&id('f'), 700_000, arriving(bytes.slice(700_000..)), u64::MAX).await;
    assert!(matches!(second, Err(AppendFault::Busy)), "{second:?}");
    tokio::time::sleep(Duration::from_secs(6)).await;
    let third = staging.append(&id('f'), 700_000, arriving(bytes.slice(700_000..)), u64::MAX).await.unwrap();
    assert_eq!(third.finished, Some(sums(&bytes)));
    assert!(matches!(first.await.unwrap(), Err(AppendFault::Interrupted { offset: 700_000, .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_upload_loses_its_writer_and_its_name_can_be_used_again() {
    let disk = Disk::new();
    let staging = disk.staging().await;
    staging.create(&id('h'), 100_000).await.unwrap();
    let writer = tokio::spawn({
        let staging = staging.clone();
        async move { staging.append(&id('h'), 0, arriving(pattern(50_000)).chain(stream::pending()), u64::MAX).await }
    });
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while staging.offset(&id('h')).await.unwrap() != Some(50_000) && std::time::Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    staging.delete(&id('h')).await.unwrap();
    assert!(matches!(writer.await.unwrap(), Err(AppendFault::Interrupted { offset: 50_000, .. })));
    assert_eq!(staging.offset(&id('h')).await.unwrap(), None);
    staging.create(&id('h'), 3).await.unwrap();
    let slow =
        stream::once(async { tokio::time::sleep(Duration::from_millis(50)).await }).flat_map(|()| arriving(Bytes::from_static(b"abc")));
    assert_eq!(staging.append(&id('h'), 0, slow, 3).await.unwrap().finished, Some(sums(b"abc")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_dropped_in_the_middle_loses_nothing_that_was_put_down() {
    let disk = Disk::new();
    let (bytes, staging) = (pattern(6_000_000), disk.staging().await);
    staging.create(&id('g'), 6_000_000).await.unwrap();
    let task = tokio::spawn({
        let (staging, bytes) = (staging.clone(), bytes.slice(..4_000_000));
        async move { staging.append(&id('g'), 0, arriving(bytes).chain(stream::pending()), u64::MAX).await }
    });
    tokio::time::sleep(Duration::from_millis(900)).await;
    task.abort();
    let _ = task.await;
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    let done = loop {
        let offset = staging.offset(&id('g')).await.unwrap().unwrap();
        assert!(offset >= 3_400_000, "{offset}");
        match staging.append(&id('g'), offset, arriving(bytes.slice(offset as usize..)), u64::MAX).await {
            Err(AppendFault::Busy | AppendFault::WrongOffset { .. }) if std::time::Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            other => break other.unwrap(),
        }
    };
    assert_eq!(done.finished, Some(sums(&bytes)));
}

/// Prints its speed; asserts only what any disk can do.
#[tokio::test(flavor = "multi_thread")]
async fn many_tiny_files_are_quick() {
    let disk = Disk::new();
    let staging = disk.staging().await;
    let started = std::time::Instant::now();
    let names: Vec<UploadId> =
        (0..200u32).map(|number| UploadId::from_random(&std::array::from_fn(|place| (number >> (place % 20)) as u8))).collect();
    let unique: std::collections::BTreeSet<_> = names.into_iter().collect();
    let count = unique.len();
    stream::iter(unique)
        .for_each_concurrent(8, |id| {
            let staging = staging.clone();
            async move {
                staging.create(&id, 3).await.unwrap();
                let done = staging.append(&id, 0, arriving(Bytes::from_static(b"abc")), 3).await.unwrap();
                assert_eq!(done.finished, Some(sums(b"abc")));
            }
        })
        .await;
    eprintln!("{count} tiny uploads in {:?}", started.elapsed());
    assert!(started.elapsed() < Duration::from_secs(60));
    assert_eq!(staging.list().await.unwrap().len(), count);
}

/// A measurement, not a test: `cargo test -p storage --test staging -- --ignored --nocapture`.
#[ignore = "writes two gigabytes and prints the speed"]
#[tokio::test(flavor = "multi_thread")]
async fn how_fast_bytes_are_summed_and_made_durable() {
    let root = tempfile::tempdir_in(std::env::var_os("SCIENCE3D_BENCH").unwrap_or_else(|| ".".into())).unwrap();
    let disk = Disk { root };
    let staging = disk.staging().await;
    let piece = pattern(256 << 10);
    let pieces = 8192;
    let bytes = (pieces * piece.len()) as u64;
    staging.create(&id('h'), bytes).await.unwrap();
    let started = std::time::Instant::now();
    let arriving = stream::iter((0..pieces).map(move |_| Ok::<_, io::Error>(piece.clone())));
    let done = staging.append(&id('h'), 0, arriving, u64::MAX).await.unwrap();
    let seconds = started.elapsed().as_secs_f64();
    assert_eq!(done.offset, bytes);
    eprintln!("{:.0} MB/s, durable, sha256 and crc32", bytes as f64 / seconds / 1e6);
}
