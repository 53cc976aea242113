//! Makes files durable while the cores go on, and whole trees at the end.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::Trouble;

/// Finished files that may wait for the disk.
const FLUSH_QUEUE: usize = 64;
/// Files and folders that wait for the disk at the same time.
const SYNCS_AT_ONCE: usize = 16;

/// What the flusher has to do.
pub(crate) enum Flush {
    /// Makes one file durable.
    File(PathBuf, File),
    /// Makes everything before and these unfinished files durable, then puts a document in its place by a rename.
    Document { before: Vec<PathBuf>, path: PathBuf, bytes: Vec<u8> },
}

/// One file or folder that waits for the disk.
enum Sync {
    Opened(PathBuf, File),
    Named(PathBuf),
}

impl Sync {
    fn run(&self) -> Result<(), Trouble> {
        match self {
            Self::Opened(path, file) => file.sync_data().map_err(|error| Trouble::io("writing", path, &error)),
            Self::Named(path) => {
                let sync = || File::open(path)?.sync_all();
                sync().map_err(|error| Trouble::io("making durable", path, &error))
            }
        }
    }
}

/// Makes all of them durable, many at a time: the disk serves those that wait together in one turn.
fn sync_together(syncs: &[Sync]) -> Result<(), Trouble> {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(sync) = syncs.get(next.fetch_add(1, Ordering::Relaxed)) {
            sync.run()?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        // Where the system gives no more threads, this one does it all.
        let others = (1..SYNCS_AT_ONCE.min(syncs.len())).map_while(|_| std::thread::Builder::new().spawn_scoped(scope, work).ok());
        let others: Vec<_> = others.collect();
        let outcome = work();
        let outcomes = others.into_iter().map(|other| other.join().unwrap_or_else(|_| Err(stopped_halfway())));
        outcomes.fold(outcome, |all, one| all.and(one))
    })
}

pub(super) fn stopped_halfway() -> Trouble {
    Trouble::new("making files durable stopped halfway", "Start it again")
}

fn put_in_place(path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    let new = path.with_extension("new");
    let write = || {
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        std::fs::rename(&new, path)
    };
    write().map_err(|error| Trouble::io("writing", path, &error))
}

/// Does together what was asked for together; a document waits for all that stands before it.
fn flush_all(group: Vec<Flush>) -> Result<(), Trouble> {
    let (mut syncs, mut documents) = (Vec::new(), Vec::new());
    for flush in group {
        match flush {
            Flush::File(path, file) => syncs.push(Sync::Opened(path, file)),
            Flush::Document { before, path, bytes } => {
                syncs.extend(before.into_iter().map(Sync::Named));
                documents.push((path, bytes));
            }
        }
    }
    sync_together(&syncs)?;
    documents.iter().try_for_each(|(path, bytes)| put_in_place(path, bytes))
}

/// Makes finished files durable while the cores go on.
pub(crate) struct Flusher {
    sender: SyncSender<Flush>,
    thread: JoinHandle<Result<(), Trouble>>,
}

impl Flusher {
    pub(crate) fn start() -> Self {
        let (sender, receiver) = sync_channel::<Flush>(FLUSH_QUEUE);
        let thread = std::thread::spawn(move || {
            let mut first_trouble = Ok(());
            // Everything is taken from the queue even after a failure, so that no writer waits for ever.
            while let Ok(first) = receiver.recv() {
                let mut group = vec![first];
                while !matches!(group.last(), Some(Flush::Document { .. }))
                    && let Ok(next) = receiver.try_recv()
                {
                    group.push(next);
                }
                if first_trouble.is_ok() {
                    first_trouble = flush_all(group);
                }
            }
            first_trouble
        });
        Self { sender, thread }
    }

    pub(crate) fn send(&self, flush: Flush) -> Result<(), Trouble> {
        send(&self.sender, flush)
    }

    /// For those that finish files.
    pub(crate) fn sender(&self) -> &SyncSender<Flush> {
        &self.sender
    }

    /// Waits until everything is durable; whoever finishes files is gone by then.
    pub(crate) fn finish(self) -> Result<(), Trouble> {
        drop(self.sender);
        self.thread.join().unwrap_or_else(|_| Err(stopped_halfway()))
    }
}

pub(super) fn send(sender: &SyncSender<Flush>, flush: Flush) -> Result<(), Trouble> {
    sender.send(flush).map_err(|_| stopped_halfway())
}

/// Makes a tree durable whose shards are: the names of all files and folders, and the documents.
pub(crate) fn sync_tree(folder: &Path) -> Result<(), Trouble> {
    let mut syncs = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let trouble = |error: std::io::Error| Trouble::io("making the folder durable", &folder, &error);
        for entry in std::fs::read_dir(&folder).map_err(trouble)? {
            let entry = entry.map_err(trouble)?;
            if entry.file_type().map_err(trouble)?.is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|extension| extension == "json") {
                syncs.push(Sync::Named(entry.path()));
            }
        }
        syncs.push(Sync::Named(folder));
    }
    sync_together(&syncs)
}
