//! What every kind of place must do, played on a local disk and against an S3 server.

mod bucket;

use bytes::Bytes;
use futures::{TryStreamExt, stream};
use record::{
    file::{FilePath, Place},
    id::{RecordId, UploadId},
    instant::Instant,
    version::Version,
};
use sha2::Digest;
use std::path::Path;
use storage::{Entry, Fault, Key, Next, S3Options, Source, Store};

fn record_id(letter: char) -> RecordId {
    letter.to_string().repeat(9).parse().unwrap()
}
fn derivative(path: &str) -> Key {
    Key::Derivative { record: record_id('a'), version: Version(1), recipe: "recipe".to_owned(), path: path.to_owned() }
}
fn noise(length: usize) -> Bytes {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect::<Vec<u8>>().into()
}
fn sha256(bytes: &[u8]) -> record::file::Sha256 {
    record::file::Sha256(sha2::Sha256::digest(bytes).into())
}
fn next(state: Vec<Entry>) -> Next {
    let (user_name, user_address) = ("Ada".to_owned(), "mailto:ada@example.org".to_owned());
    Next { state, message: "Saved".to_owned(), user_name, user_address, created: Instant(1_795_452_480_000) }
}
fn entry(logical: &str, text: &str) -> Entry {
    let bytes = Bytes::from(text.to_owned());
    Entry { logical: logical.to_owned(), sha256: sha256(&bytes), bytes: bytes.len() as u64, source: Source::Bytes(bytes) }
}

/// A place to open again and again, as after a restart.
struct Opening<'a> {
    url: String,
    staging: &'a Path,
    s3: S3Options,
}

impl Opening<'_> {
    async fn store(&self) -> Store {
        Store::open(&self.url, self.staging, &self.s3).await.unwrap()
    }
}

#[tokio::test]
async fn a_local_disk_keeps_its_promises() {
    let (data, staging) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let opening = Opening { url: format!("file:{}", data.path().display()), staging: staging.path(), s3: S3Options::default() };
    play_everything(&opening).await;
}

#[tokio::test]
async fn an_s3_server_keeps_the_same_promises() {
    let Some(server) = bucket::Server::start("an_s3_server_keeps_the_same_promises") else { return };
    let staging = tempfile::tempdir().unwrap();
    let opening = Opening { url: bucket::URL.to_owned(), staging: staging.path(), s3: server.options() };
    play_everything(&opening).await;
}

async fn play_everything(opening: &Opening<'_>) {
    let store = opening.store().await;
    objects_come_and_go(&store).await;
    ranges_are_exact(&store).await;
    a_tree_goes_in_at_once(&store).await;
    originals_are_preserved_and_laid_out(&store).await;
    a_kill_at_any_write_leaves_a_valid_object(opening).await;
    damage_is_named(&store).await;
}

async fn objects_come_and_go(store: &Store) {
    let key = derivative("notes/ä ~#%.txt");
    assert!(store.blob(&key).await.unwrap().is_none());
    store.put_if_absent(&key, Bytes::from_static(b"first")).await.unwrap();
    let second = store.put_if_absent(&key, Bytes::from_static(b"second")).await;
    assert!(matches!(second, Err(Fault::Exists { .. })), "{second:?}");
    assert_eq!(store.blob(&key).await.unwrap().unwrap().read_all().await.unwrap(), "first");
    store.put(&key, Bytes::from_static(b"third")).await.unwrap();
    assert_eq!(store.blob(&key).await.unwrap().unwrap().read_all().await.unwrap(), "third");
    let listed = store.list("derivatives/aaaaaaaaa").await.unwrap();
    assert_eq!(listed.iter().map(|one| (one.path.as_str(), one.bytes)).collect::<Vec<_>>(), [(key.path().as_str(), 5)]);
    store.delete(&key).await.unwrap();
    store.delete(&key).await.unwrap();
    assert!(store.blob(&key).await.unwrap().is_none());
    assert!(store.list("derivatives/aaaaaaaaa").await.unwrap().is_empty());
    let outside = store.put(&derivative("../../../escaped"), Bytes::new()).await;
    assert!(matches!(outside, Err(Fault::Refused { .. })), "{outside:?}");
}

/// A file of more than one part.
async fn ranges_are_exact(store: &Store) {
    let bytes = noise((16 << 20) + (5 << 20) + 12_345);
    let file = store.scratch().join("large");
    std::fs::write(&file, &bytes).unwrap();
    let key = derivative("large");
    store.put_file(&key, &file).await.unwrap();
    let blob = store.blob(&key).await.unwrap().unwrap();
    let length = bytes.len();
    assert_eq!(blob.bytes, length as u64);
    for range in [0..1, 0..0, 7..100_000, length - 100..length, 17 << 20..18 << 20, length..length] {
        let found = blob.read(range.start as u64..range.end as u64).await.unwrap();
        assert!(found == bytes[range.clone()], "{range:?}");
    }
    assert!(blob.read(5..length as u64 + 1).await.is_err());
    #[expect(clippy::reversed_empty_ranges, reason = "a reader may ask for nonsense")]
    let reversed = blob.read(9..5).await;
    assert!(reversed.is_err());
    let pieces: Vec<Bytes> = blob.stream(3..blob.bytes).try_collect().await.unwrap();
    assert!(pieces.concat() == bytes[3..]);
    let nothing: Vec<Bytes> = blob.stream(blob.bytes..blob.bytes).try_collect().await.unwrap();
    assert!(nothing.concat().is_empty());
    store.delete_derivatives(&record_id('a')).await.unwrap();
    assert!(store.blob(&key).await.unwrap().is_none());
}

async fn a_tree_goes_in_at_once(store: &Store) {
    for round in ["first", "second"] {
        let folder = store.scratch().join(round);
        std::fs::create_dir_all(folder.join("0/c/0/0")).unwrap();
        std::fs::write(folder.join("zarr.json"), "{}").unwrap();
        std::fs::write(folder.join("0/c/0/0/0"), round).unwrap();
        let tree = store.put_tree(&record_id('a'), Version(1), "recipe", "volume.ome.zarr", &folder).await.unwrap();
        assert_eq!((tree.files, tree.bytes), (2, 2 + round.len() as u64));
        let chunk = store.blob(&derivative("volume.ome.zarr/0/c/0/0/0")).await.unwrap().unwrap();
        assert_eq!(chunk.read_all().await.unwrap(), round);
    }
    assert!(store.blob(&derivative("volume.ome.zarr/0/c/9/9/9")).await.unwrap().is_none());
    for picture in ["old picture", "new picture"] {
        let file = store.scratch().join("hero.webp");
        std::fs::write(&file, picture).unwrap();
        store.put_tree(&record_id('a'), Version(1), "recipe", "hero.webp", &file).await.unwrap();
        assert_eq!(store.blob(&derivative("hero.webp")).await.unwrap().unwrap().read_all().await.unwrap(), picture);
    }
    assert_eq!(store.list("derivatives/aaaaaaaaa/v1").await.unwrap().len(), 3);
    store.delete_derivatives(&record_id('a')).await.unwrap();
    assert!(store.blob(&derivative("hero.webp")).await.unwrap().is_none());
}

async fn upload(store: &Store, name: char, bytes: Bytes) -> (UploadId, storage::Sums) {
    let id: UploadId = name.to_string().repeat(20).parse().unwrap();
    store.staging().create(&id, bytes.len() as u64).await.unwrap();
    let arriving = stream::iter([Ok::<_, std::io::Error>(bytes)]);
    let appended = store.staging().append(&id, 0, arriving, u64::MAX).await.unwrap();
    (id, appended.finished.unwrap())
}

async fn originals_are_preserved_and_laid_out(store: &Store) {
    let record = record_id('b');
    let bytes = noise(70_000);
    let (id, sums) = upload(store, 'b', bytes.clone()).await;
    assert_eq!(sums.sha256, sha256(&bytes));
    let slice = |source| Entry { logical: "files/Käfer/slice_0001.tif".to_owned(), sha256: sums.sha256, bytes: sums.bytes, source };
    let twin = Entry { logical: "files/twin.tif".to_owned(), ..slice(Source::Staged(id.clone())) };
    let state = vec![entry("record.json", "{\"title\":1}"), slice(Source::Staged(id.clone())), twin];
    let committed = store.commit_version(&record, next(state)).await.unwrap();
    assert_eq!(committed.ocfl_version, 1);
    assert_eq!(committed.places[1], ("files/Käfer/slice_0001.tif".to_owned(), "v1/content/files/Käfer/slice_0001.tif".to_owned()));
    assert_eq!(committed.places[1].1, committed.places[2].1, "the same bytes lie there once");
    store.staging().delete(&id).await.unwrap();

    // Metadata change, one file leaves, the other is known already.
    let state = || vec![entry("record.json", "{\"title\":2}"), slice(Source::AlreadyThere)];
    let second = store.commit_version(&record, next(state())).await.unwrap();
    assert_eq!((second.ocfl_version, second.places[1].1.as_str()), (2, committed.places[1].1.as_str()));
    assert_eq!(store.commit_version(&record, next(state())).await.unwrap(), second, "nothing changed, nothing written");
    let third = vec![entry("record.json", "{\"title\":1}"), slice(Source::AlreadyThere)];
    let third = store.commit_version(&record, next(third)).await.unwrap();
    assert_eq!((third.ocfl_version, third.places[0].1.as_str()), (3, "v1/content/record.json"));

    assert_eq!(store.read_logical(&record, "record.json").await.unwrap().unwrap(), "{\"title\":1}");
    assert!(store.read_logical(&record, "files/twin.tif").await.unwrap().is_none());
    assert_eq!(store.objects().await.unwrap(), std::slice::from_ref(&record));
    let mut read = 0;
    assert_eq!(store.verify(&record, |bytes| read += bytes).await.unwrap(), []);
    assert_eq!(read, 70_000 + 11 + 11);

    let (late, _) = upload(store, 'c', Bytes::from_static(b"late")).await;
    let place = Place::Preserved { content_path: third.places[1].1.clone() };
    let original = store.original(&record, &place).await.unwrap().unwrap();
    assert!(original.read_all().await.unwrap() == bytes);
    let laid_out = store.scratch().join("laid-out");
    let path = |text: &str| text.parse::<FilePath>().unwrap();
    let files = [(path("Käfer/slice_0001.tif"), place), (path("late.txt"), Place::Staged { upload: late.clone() })];
    store.fetch_originals(&record, &files, &laid_out).await.unwrap();
    assert!(std::fs::read(laid_out.join("Käfer/slice_0001.tif")).unwrap() == bytes);
    assert_eq!(std::fs::read(laid_out.join("late.txt")).unwrap(), b"late");
    store.staging().delete(&late).await.unwrap();
    refusals_write_nothing(store, &record).await;
}

async fn refusals_write_nothing(store: &Store, record: &RecordId) {
    let before = store.inventory(record).await.unwrap();
    let mut lie = entry("record.json", "{}");
    lie.sha256 = sha256(b"something else");
    for state in [
        vec![lie],
        vec![entry("a", "1"), entry("a", "2")],
        vec![entry("a", "1"), entry("a/b", "2")],
        vec![entry("../a", "1")],
        vec![Entry { source: Source::AlreadyThere, ..entry("new", "never seen") }],
    ] {
        assert!(store.commit_version(record, next(state)).await.is_err());
    }
    assert_eq!(store.inventory(record).await.unwrap(), before);
    assert_eq!(store.verify(record, |_| {}).await.unwrap(), []);
}

/// Stops the store after every number of writes there is, opens it again and looks.
async fn a_kill_at_any_write_leaves_a_valid_object(opening: &Opening<'_>) {
    let record = record_id('d');
    let versions = || {
        let first = vec![entry("record.json", "one"), entry("files/a", "aaa"), entry("files/b", "bbb")];
        let second =
            vec![entry("record.json", "two"), Entry { source: Source::AlreadyThere, ..entry("files/a", "aaa") }, entry("files/c", "ccc")];
        [first, second]
    };
    for (number, titles) in [(0, [None, Some("one")]), (1, [Some("one"), Some("two")])] {
        let mut stopped_times = 0;
        for writes in 0.. {
            let store = opening.store().await;
            store.forget(&record).await.unwrap();
            for state in versions().into_iter().take(number) {
                store.commit_version(&record, next(state)).await.unwrap();
            }
            let state = || versions().into_iter().nth(number).unwrap();
            let stopped = store.failing_after(writes).commit_version(&record, next(state())).await.is_err();
            drop(store);

            let store = opening.store().await;
            let title = store.read_logical(&record, "record.json").await.unwrap();
            let title = title.as_deref().map(|title| std::str::from_utf8(title).unwrap());
            assert!(titles.contains(&title), "after {writes} writes: {title:?}");
            assert!(stopped || title == titles[1], "acknowledged and lost after {writes} writes");
            store.commit_version(&record, next(state())).await.unwrap();
            assert_eq!(store.verify(&record, |_| {}).await.unwrap(), [], "after {writes} writes");
            assert_eq!(store.read_logical(&record, "record.json").await.unwrap().as_deref(), titles[1].map(str::as_bytes));
            if !stopped {
                break;
            }
            stopped_times += 1;
        }
        assert!(stopped_times >= 5, "only {stopped_times} writes could fail");
    }
    opening.store().await.forget(&record).await.unwrap();
}

async fn damage_is_named(store: &Store) {
    let record = record_id('e');
    let state = vec![entry("record.json", "{}"), entry("files/a", "some bytes"), entry("files/b", "other bytes")];
    store.commit_version(&record, next(state)).await.unwrap();
    let content = |path: &str| Key::Content { record: record.clone(), content_path: format!("v1/content/{path}") };
    // One bit of `some bytes`.
    store.put(&content("files/a"), Bytes::from_static(b"rome bytes")).await.unwrap();
    store.delete(&content("files/b")).await.unwrap();
    store.put(&content("files/stranger"), Bytes::from_static(b"?")).await.unwrap();
    let damages = store.verify(&record, |_| {}).await.unwrap();
    let told: Vec<String> = damages.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains("files/a: changed") && told[0].contains(&sha256(b"rome bytes").to_string()), "{told:?}");
    assert!(told[1].ends_with("files/b: missing") && told[2].ends_with("files/stranger: not named by the inventory"), "{told:?}");

    let inventory = Key::Inventory { record: record.clone() };
    let text = store.blob(&inventory).await.unwrap().unwrap().read_all().await.unwrap();
    let changed = String::from_utf8(text.to_vec()).unwrap().replace("Saved", "Caved");
    store.put(&inventory, changed.into()).await.unwrap();
    let damages = store.verify(&record, |_| {}).await.unwrap();
    assert!(damages.len() == 1 && damages[0].file.ends_with("inventory.json"), "{damages:?}");
    assert!(matches!(store.read_logical(&record, "record.json").await, Err(Fault::Corrupt { .. })));
    store.forget(&record).await.unwrap();
    assert!(store.inventory(&record).await.unwrap().is_none());
}
