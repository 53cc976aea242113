//! Tests only: the whole archive in one process, with named actors and a clock to move.

pub mod postgres;
pub mod stand_in;
pub mod registrar;
pub mod repository;

use archive::{Archive, Parts, Settings, Visitor, clock::Clock, publication::Publications};
use record::{
    Record, account::Rank, doi::Prefix, file::FilePath, id::RecordId, instant::Instant, kind::Kind, limits::Limits, metadata::Metadata,
};
use tempfile::TempDir;

/// 2026-11-23, noon.
pub const NOON: Instant = Instant(1_795_435_200_000);

/// An archive on throw-away storage. Everything goes when it is dropped.
pub struct Stage {
    pub archive: Archive,
    pub clock: Clock,
    pub folder: TempDir,
}

impl Stage {
    pub async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("catalogue.db").display());
        Self::on(folder, &url).await
    }

    /// With publications that come from these addresses.
    pub async fn with_publications(publications: Publications) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("catalogue.db").display());
        Self::with(folder, &url, publications).await
    }

    /// `url` names an empty database, for example from [`postgres::Cluster::new_database`].
    pub async fn on_database(url: &str) -> Self {
        Self::on(tempfile::tempdir().expect("a temporary folder"), url).await
    }

    async fn on(folder: TempDir, database_url: &str) -> Self {
        Self::with(folder, database_url, Publications::default()).await
    }

    async fn with(folder: TempDir, database_url: &str, publications: Publications) -> Self {
        let clock = Clock::manual(NOON);
        let archive = Self::open(&folder, database_url, "index", clock.clone(), publications).await;
        Self { archive, clock, folder }
    }

    /// Another archive on the same storage, as after a restart, or with an empty database for a rebuild.
    pub async fn again(&self, database_url: &str, index: &str) -> Archive {
        Self::open(&self.folder, database_url, index, self.clock.clone(), self.archive.settings().publications.clone()).await
    }

    async fn open(folder: &TempDir, database_url: &str, index: &str, clock: Clock, publications: Publications) -> Archive {
        let at = |name: &str| folder.path().join(name);
        let catalogue = catalogue::Catalogue::open(database_url).await.expect("a catalogue");
        let url = format!("file:{}", at("store").display());
        let store = storage::Store::open(&url, &at("staging"), &storage::S3Options::default()).await.expect("a store");
        let index = search::Index::open(&at(index)).expect("an index").index;
        let settings = Settings {
            base_url: "http://science3d.test".into(),
            prefix: Prefix::parse(Prefix::SANDBOX).expect("the sandbox prefix"),
            publisher: "Science 3D".into(),
            contact: "Science 3D <data@science3d.test>".into(),
            sandbox: true,
            open_registration: true,
            limits: Limits::default(),
            publications,
        };
        Archive::new(Parts {
            catalogue,
            store,
            index,
            clock,
            taxa: vocabulary::Taxonomy::built_in(),
            organisations: vocabulary::Organisations::built_in(),
            settings,
        })
    }

    /// An actor with an account, `ada` is `ada@example.org`.
    pub async fn actor(&self, name: &str) -> Visitor {
        self.actor_of_rank(name, Rank::Depositor).await
    }

    pub async fn actor_of_rank(&self, name: &str, rank: Rank) -> Visitor {
        let account = self.archive.make_account(&format!("{name}@example.org"), name, Some("correct horse battery"), rank).await;
        Visitor::person(account.expect("an account"))
    }

    /// A draft that has everything but files.
    pub async fn draft(&self, owner: &Visitor, kind: Kind, title: &str) -> Record {
        self.archive.create(owner, kind, complete(kind, title)).await.expect("a draft")
    }

    pub async fn upload(&self, owner: &Visitor, id: &RecordId, path: &str, bytes: &[u8]) {
        let path: FilePath = path.parse().expect("a good path");
        let upload = self.archive.begin_upload(owner, id, path, bytes.len() as u64, true).await.expect("an upload");
        if !bytes.is_empty() {
            let body = futures::stream::iter([Ok(bytes::Bytes::copy_from_slice(bytes))]);
            let appended = self.archive.append(owner, &upload.id, 0, body).await.expect("bytes taken");
            assert!(appended.finished);
        }
    }
}

/// Metadata that pass [`record::readiness`].
pub fn complete(kind: Kind, title: &str) -> Metadata {
    let text = serde_json::json!({
        "title": title,
        "description": "A thing to look into.",
        "creators": [{"family": "Lovelace", "given": "Ada"}],
        "licence": "CC-BY-4.0",
        "sample": {"name": "specimen 7", "organism": "Typhlonectes natans", "material": "aluminium"},
        "acquisition": {"probe": "x-ray", "technique": "PaNET01208", "facility": "A synchrotron", "voxel_size_um": [2.0, 2.0, 2.0]},
        "article": kind.is_text().then(|| serde_json::json!({"year": 2008, "journal": "J. R. Soc. Interface"})),
    });
    let mut text = text;
    if text["article"].is_null() {
        text.as_object_mut().expect("an object").remove("article");
    }
    serde_json::from_value(text).expect("metadata")
}
