//! Objects as others see them: an independent validator reads them, and very large ones stay quick.

use bytes::Bytes;
use futures::stream;
use record::{
    id::{RecordId, UploadId},
    instant::Instant,
};
use sha2::Digest;
use std::{path::PathBuf, process::Command};
use storage::{Entry, Next, S3Options, Source, Store};

fn record() -> RecordId {
    "7z3abcdef".parse().unwrap()
}
async fn open(root: &std::path::Path) -> Store {
    let url = format!("file:{}", root.join("store").display());
    Store::open(&url, &root.join("staging"), &S3Options::default()).await.unwrap()
}
fn next(state: Vec<Entry>) -> Next {
    let (user_name, user_address) = ("Ada".to_owned(), "mailto:ada@example.org".to_owned());
    Next { state, message: "Saved".to_owned(), user_name, user_address, created: Instant(1_795_452_480_000) }
}
fn entry(logical: &str, text: String) -> Entry {
    let sha256 = record::file::Sha256(sha2::Sha256::digest(&text).into());
    Entry { logical: logical.to_owned(), sha256, bytes: text.len() as u64, source: Source::Bytes(text.into()) }
}

/// `ocfl-validate.py` of the PyPI package ocfl-py.
fn validator() -> Option<PathBuf> {
    let named = std::env::var_os("SCIENCE3D_OCFL_VALIDATE").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    named.or_else(|| std::env::split_paths(&path).map(|folder| folder.join("ocfl-validate.py")).find(|program| program.is_file()))
}

#[tokio::test]
async fn an_independent_validator_finds_nothing_to_complain_about() {
    let Some(program) = validator() else {
        eprintln!("skipped: an_independent_validator…: no ocfl-validate.py; `pip install ocfl-py` and name it in SCIENCE3D_OCFL_VALIDATE");
        return;
    };
    let root = tempfile::tempdir().unwrap();
    let store = open(root.path()).await;
    let upload: UploadId = "a".repeat(20).parse().unwrap();
    store.staging().create(&upload, 5).await.unwrap();
    let arriving = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"voxel"))]);
    let sums = store.staging().append(&upload, 0, arriving, 5).await.unwrap().finished.unwrap();
    let staged = |source| Entry { logical: "files/Käfer 1/a.tif".to_owned(), sha256: sums.sha256, bytes: 5, source };
    let long = format!("files/{}", vec!["0123456789".repeat(20); 5].join("/"));
    for (number, source) in [Source::Staged(upload), Source::AlreadyThere, Source::AlreadyThere].into_iter().enumerate() {
        let state = vec![
            entry("record.json", format!("{{\"revision\":{number}}}")),
            staged(source),
            entry(&long, "long".to_owned()),
            entry("files/twin", "long".to_owned()),
        ];
        assert_eq!(store.commit_version(&record(), next(state)).await.unwrap().ocfl_version, number as u32 + 1);
    }
    assert_eq!(store.verify(&record(), |_| {}).await.unwrap(), []);

    let object = root.path().join("store/objects/7z3/abc/7z3abcdef");
    let validate = || Command::new(&program).arg(&object).output().unwrap();
    let output = validate();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    eprintln!("{told}");
    assert!(output.status.success() && told.contains("is VALID") && !told.contains("[E"), "{told}");
    std::fs::write(object.join("v2/content/record.json"), "{\"revision\":9}").unwrap();
    assert!(!validate().status.success(), "the validator sees what was changed");
}

/// Prints its speed; asserts only that it is not quadratic.
#[tokio::test]
async fn a_hundred_thousand_files_are_one_object() {
    // In memory where there is such a place: making the files is not what is looked at.
    let root = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let store = open(root.path()).await;
    let from = root.path().join("staging/uploads/00");
    std::fs::create_dir_all(&from).unwrap();
    // As if each had been uploaded; one inode under many names would reach the limit of links.
    let staged = |number: usize| {
        let text = number.to_string();
        let name = format!("00{text:0>18}");
        std::fs::write(from.join(format!("{name}.part")), &text).unwrap();
        let source = Source::Staged(name.parse().unwrap());
        Entry { source, ..entry(&format!("files/scan/slice_{text:0>6}.tif"), text) }
    };
    let mut state: Vec<Entry> = (0..100_000).map(staged).collect();
    state.push(entry("record.json", "{}".to_owned()));
    let started = std::time::Instant::now();
    let committed = store.commit_version(&record(), next(state)).await.unwrap();
    let first = started.elapsed();
    let mut state: Vec<Entry> = (0..100_000usize)
        .map(|number| Entry { source: Source::AlreadyThere, ..entry(&committed.places[number].0, number.to_string()) })
        .collect();
    state.push(entry("record.json", "{\"changed\":true}".to_owned()));
    let started = std::time::Instant::now();
    store.commit_version(&record(), next(state)).await.unwrap();
    let second = started.elapsed();
    let started = std::time::Instant::now();
    assert_eq!(store.read_logical(&record(), "record.json").await.unwrap().unwrap(), "{\"changed\":true}");
    eprintln!("100,000 files: first version {first:?}, next version {second:?}, reading one name {:?}", started.elapsed());
    assert!(first.as_secs() < 120 && second.as_secs() < 60);
}
