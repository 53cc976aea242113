//! Files on their way in: always on a local disk, whatever the store is, so that "how much has arrived" is the length of a file.
//!
//! Both sums are computed while bytes arrive, each byte is read once. Their state lies beside the file after every append,
//! so an upload continues after a kill without reading again what it has.

mod append;
mod block;
mod pen;
mod sidecar;

pub use append::{AppendFault, Appended};

use crate::{
    blob::Blob,
    fault::{Fault, blocking},
    local::sync_directory,
};
use bytes::Bytes;
use record::{file::Sha256, id::UploadId};
use serde::{Deserialize, Serialize};
use sidecar::Sidecar;
use std::{
    collections::HashMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// What is known of a file once its last byte has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    pub bytes: u64,
    pub sha256: Sha256,
    pub crc32: u32,
}

/// One upload as it lies on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    pub id: UploadId,
    /// How many bytes have arrived.
    pub offset: u64,
    /// How many are expected.
    pub bytes: u64,
    /// Time since the last byte arrived.
    pub idle_seconds: u64,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Staging {
    root: Arc<Path>,
    slots: Arc<Mutex<HashMap<UploadId, Arc<Slot>>>>,
    spare: block::Spare,
}

/// Who writes to an upload now, and when that writer last moved.
struct Slot {
    turn: Arc<tokio::sync::Mutex<()>>,
    born: Instant,
    moved_ms: AtomicU64,
    stop: tokio::sync::Notify,
}

/// A writer that has sent nothing for so long may be pushed aside by another: its connection is probably dead.
const STANDSTILL: Duration = Duration::from_secs(5);
/// How long the other waits for the first to put down what it has.
const HANDOVER: Duration = Duration::from_secs(10);
/// Enough for the headers of every format that is inspected while it arrives.
const PEEK_BYTES_MAX: u64 = 64 << 20;

impl Slot {
    fn new() -> Self {
        Self { turn: Arc::default(), born: Instant::now(), moved_ms: AtomicU64::new(0), stop: tokio::sync::Notify::new() }
    }
    fn touch(&self) {
        self.moved_ms.store(self.born.elapsed().as_millis() as u64, Ordering::Relaxed);
    }
    fn stands_still(&self) -> bool {
        let moved = Duration::from_millis(self.moved_ms.load(Ordering::Relaxed));
        self.born.elapsed().saturating_sub(moved) >= STANDSTILL
    }
}

impl Staging {
    pub(crate) async fn open(root: &Path) -> Result<Self, Fault> {
        let root: Arc<Path> = root.into();
        let uploads = root.join("uploads");
        blocking("create", move || fs::create_dir_all(&uploads).map_err(|source| Fault::io("create", uploads.display(), source))).await?;
        Ok(Self { root, slots: Arc::default(), spare: block::Spare::default() })
    }

    /// Where the bytes of an upload lie; the file exists from `create` to `delete`.
    pub fn path(&self, id: &UploadId) -> PathBuf {
        let name = id.as_str();
        // An id is twenty ASCII letters, so the cut is inside it.
        self.root.join("uploads").join(&name[..2]).join(format!("{name}.part"))
    }

    fn sidecar_path(&self, id: &UploadId) -> PathBuf {
        self.path(id).with_extension("sums")
    }

    /// Makes room for an upload of that many bytes. Durable when this returns.
    pub async fn create(&self, id: &UploadId, bytes: u64) -> Result<(), Fault> {
        let (path, sidecar, name) = (self.path(id), self.sidecar_path(id), id.to_string());
        blocking("create", move || {
            let attempt = || -> io::Result<()> {
                // `path` always has a parent: it was joined from one.
                let folder = path.parent().unwrap_or(&path);
                if !folder.is_dir() {
                    fs::create_dir_all(folder)?;
                    sync_directory(folder.parent().unwrap_or(folder))?;
                }
                File::create_new(&path)?;
                Sidecar::create(&sidecar, bytes)?;
                sync_directory(folder)
            };
            attempt().map_err(|source| Fault::io("create the upload", name, source))
        })
        .await
    }

    /// How many bytes have arrived: the length of the file. `None` when there is no such upload.
    pub async fn offset(&self, id: &UploadId) -> Result<Option<u64>, Fault> {
        let path = self.path(id);
        blocking("look at", move || match fs::metadata(&path) {
            Ok(facts) => Ok(Some(facts.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Fault::io("look at", path.display(), source)),
        })
        .await
    }

    /// The sums of a file that has arrived completely; `None` while bytes are missing or when there is no such upload.
    pub async fn sums(&self, id: &UploadId) -> Result<Option<Sums>, Fault> {
        let (path, sidecar) = (self.path(id), self.sidecar_path(id));
        blocking("sum", move || match append::finished_sums(&path, &sidecar) {
            Ok(sums) => Ok(sums),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Fault::io("sum", path.display(), source)),
        })
        .await
    }

    /// The head of the file while it arrives: at most `max` bytes, and no more than there are.
    pub async fn peek(&self, id: &UploadId, max: u64) -> Result<Bytes, Fault> {
        match self.blob(id).await? {
            Some(blob) => blob.read(0..blob.bytes.min(max).min(PEEK_BYTES_MAX)).await,
            None => Err(Fault::NotFound { key: format!("the upload {id}") }),
        }
    }

    /// What has arrived so far, opened.
    pub async fn blob(&self, id: &UploadId) -> Result<Option<Blob>, Fault> {
        let path = self.path(id);
        blocking("open", move || Blob::open_local(&path)).await
    }

    /// Removes an upload, finished or not. One that is being written to loses its writer.
    pub async fn delete(&self, id: &UploadId) -> Result<(), Fault> {
        let slot = self.slot(id);
        slot.stop.notify_one();
        // Whoever does not let go in time writes on into a file without a name, which harms nobody.
        let turn = tokio::time::timeout(HANDOVER, slot.turn.clone().lock_owned()).await;
        let (path, sidecar) = (self.path(id), self.sidecar_path(id));
        let removed = blocking("delete", move || {
            let remove = |path: &Path| match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Fault::io("delete", path.display(), error)),
                _ => Ok(()),
            };
            remove(&path).and(remove(&sidecar))
        })
        .await;
        drop((turn, slot));
        self.lock_slots().remove(id);
        removed
    }

    /// All uploads that lie here, for the sweeper and for rebuilding.
    pub async fn list(&self) -> Result<Vec<Staged>, Fault> {
        let uploads = self.root.join("uploads");
        blocking("list", move || list(&uploads).map_err(|source| Fault::io("list", uploads.display(), source))).await
    }

    fn slot(&self, id: &UploadId) -> Arc<Slot> {
        let mut slots = self.lock_slots();
        // Nobody holds or waits for a slot that only the map knows.
        if slots.len() > 1024 {
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        slots.entry(id.clone()).or_insert_with(|| Arc::new(Slot::new())).clone()
    }

    fn lock_slots(&self) -> std::sync::MutexGuard<'_, HashMap<UploadId, Arc<Slot>>> {
        // The map is never left half changed, so a panic elsewhere does not matter.
        self.slots.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn list(uploads: &Path) -> io::Result<Vec<Staged>> {
    let mut found = Vec::new();
    for folder in fs::read_dir(uploads)?.flatten().filter(|entry| entry.path().is_dir()) {
        for entry in fs::read_dir(folder.path())?.flatten() {
            let path = entry.path();
            let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".part"));
            let Some(id) = name.and_then(|name| name.parse::<UploadId>().ok()) else { continue };
            // Deleted since the directory was read.
            let Ok(facts) = entry.metadata() else { continue };
            let idle = facts.modified().ok().and_then(|time| time.elapsed().ok()).unwrap_or_default();
            let bytes = Sidecar::open(&path.with_extension("sums")).map_or(facts.len(), |sidecar| sidecar.total);
            found.push(Staged { id, offset: facts.len(), bytes, idle_seconds: idle.as_secs() });
        }
    }
    found.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(found)
}
