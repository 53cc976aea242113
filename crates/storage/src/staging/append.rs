//! Bytes that arrive: one thread writes them, another sums them, and the connection only hands them over.
//!
//! The writing side owns the file and the lock. When the connection breaks, or its task is dropped in the middle, the writing
//! side still puts down what it got, makes it durable and notes the sums; so what arrived is kept and counted.

use super::{
    HANDOVER, Slot, Staging, Sums,
    sidecar::{Sidecar, Summing},
};
use crate::fault::Fault;
use bytes::Bytes;
use futures::{FutureExt, Stream, StreamExt};
use record::id::UploadId;
use std::{
    fmt,
    fs::{File, TryLockError},
    io::{self, IoSlice, Seek, Write},
    os::{fd::AsRawFd, unix::fs::FileExt},
    path::Path,
    sync::{Arc, mpsc as threads},
    time::Duration,
};
use tokio::sync::{OwnedMutexGuard, mpsc};

/// What one append brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    pub offset: u64,
    /// Present with the last byte.
    pub finished: Option<Sums>,
}

#[derive(Debug, thiserror::Error)]
pub enum AppendFault {
    #[error("there is no upload {id}")]
    NotFound { id: UploadId },
    #[error("the upload stands at byte {actual}, not at {given}")]
    WrongOffset { given: u64, actual: u64 },
    #[error("another connection is sending this upload")]
    Busy,
    #[error("more bytes came than were announced; {offset} are kept")]
    TooLong { offset: u64 },
    /// What arrived is durable; the client may go on from there.
    #[error("the connection broke ({why}); {offset} bytes are kept")]
    Interrupted { offset: u64, why: String },
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Handed over at once; a few of these are all the memory an upload takes.
const BATCH_BYTES: usize = 512 << 10;
const BATCHES_WAITING: usize = 2;
/// A slow sender's bytes are put down after this long even if they do not fill a batch.
const BATCH_WAIT: Duration = Duration::from_millis(200);
/// The disk begins to write after each such window, so that the last sync is short.
const WRITE_BACK_BYTES: u64 = 32 << 20;
/// So much may be on its way to the disk before the writer waits for it.
const WRITE_BACK_BEHIND: u64 = 4 * WRITE_BACK_BYTES;
/// After a kill at most about this much is summed again.
const SAVE_BYTES: u64 = 64 << 20;

type Batch = Arc<[Bytes]>;

impl Staging {
    /// Appends what the stream brings, at most `limit` bytes and never beyond the announced length. Everything that is counted
    /// in the answer, or in the fault, is durable. Only one writer at a time; a second one takes over if the first stands still.
    pub async fn append<S, E>(&self, id: &UploadId, offset: u64, stream: S, limit: u64) -> Result<Appended, AppendFault>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: fmt::Display,
    {
        let slot = self.slot(id);
        let turn = take_turn(&slot).await?;
        slot.touch();
        // A call to stop that came too late for the writer before must not stop this one.
        let _ = slot.stop.notified().now_or_never();
        let (path, sidecar, owner) = (self.path(id), self.sidecar_path(id), id.clone());
        let begun = tokio::task::spawn_blocking(move || Recorder::begin(&path, &sidecar, owner, offset, turn)).await;
        let recorder = begun.map_err(|_| stopping())??;
        let room = limit.min(recorder.total - offset);
        let (sender, receiver) = mpsc::channel(BATCHES_WAITING);
        let recording = tokio::task::spawn_blocking(move || recorder.record(receiver));
        let ended = feed(stream, room, &slot, sender).await;
        let appended = recording.await.map_err(|_| stopping())??;
        match ended {
            Ended::Complete => Ok(appended),
            Ended::TooLong => Err(AppendFault::TooLong { offset: appended.offset }),
            // The last byte was there; what broke afterwards does not matter.
            Ended::Broken(_) if appended.finished.is_some() => Ok(appended),
            Ended::Broken(why) => Err(AppendFault::Interrupted { offset: appended.offset, why }),
        }
    }
}

fn stopping() -> AppendFault {
    AppendFault::Fault(Fault::refused("continue", "the upload", "the program is stopping"))
}

async fn take_turn(slot: &Slot) -> Result<OwnedMutexGuard<()>, AppendFault> {
    if let Ok(turn) = slot.turn.clone().try_lock_owned() {
        return Ok(turn);
    }
    if !slot.stands_still() {
        return Err(AppendFault::Busy);
    }
    slot.stop.notify_one();
    tokio::time::timeout(HANDOVER, slot.turn.clone().lock_owned()).await.map_err(|_| AppendFault::Busy)
}

enum Ended {
    Complete,
    TooLong,
    Broken(String),
}

/// Gathers what the connection brings into batches. Ends early when the recorder does, which then has the reason.
async fn feed<S, E>(stream: S, room: u64, slot: &Slot, sender: mpsc::Sender<Batch>) -> Ended
where
    S: Stream<Item = Result<Bytes, E>> + Send,
    E: fmt::Display,
{
    let mut stream = std::pin::pin!(stream.fuse());
    let (mut batch, mut batch_bytes, mut taken) = (Vec::new(), 0, 0u64);
    let ended = loop {
        let wait = if batch.is_empty() { Duration::from_secs(3600) } else { BATCH_WAIT };
        let next = tokio::select! {
            biased;
            next = tokio::time::timeout(wait, stream.next()) => next,
            () = slot.stop.notified() => break Ended::Broken("another connection took over".to_owned()),
        };
        match next {
            Ok(Some(Ok(bytes))) => {
                slot.touch();
                taken += bytes.len() as u64;
                if taken > room {
                    break Ended::TooLong;
                }
                batch_bytes += bytes.len();
                batch.push(bytes);
            }
            Ok(Some(Err(error))) => break Ended::Broken(error.to_string()),
            Ok(None) => break Ended::Complete,
            Err(_waited) => batch_bytes = BATCH_BYTES,
        }
        if batch_bytes >= BATCH_BYTES && !batch.is_empty() {
            if sender.send(std::mem::take(&mut batch).into()).await.is_err() {
                return Ended::Complete;
            }
            batch_bytes = 0;
        }
    };
    if !batch.is_empty() {
        // When the recorder has stopped, it tells why.
        let _ = sender.send(batch.into()).await;
    }
    ended
}

/// The side that owns the file; it lives on a blocking thread until everything is durable.
struct Recorder {
    id: UploadId,
    file: File,
    total: u64,
    summing: Summing,
    sidecar: Sidecar,
    _turn: OwnedMutexGuard<()>,
}

impl Recorder {
    fn begin(path: &Path, sidecar: &Path, id: UploadId, offset: u64, turn: OwnedMutexGuard<()>) -> Result<Self, AppendFault> {
        let fault = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => AppendFault::NotFound { id: id.clone() },
            _ => AppendFault::Fault(Fault::io("continue the upload", &id, source)),
        };
        let mut file = File::options().read(true).write(true).open(path).map_err(fault)?;
        // Another process of the same installation may be writing; its lock ends with it.
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(AppendFault::Busy),
            Err(TryLockError::Error(source)) => return Err(fault(source)),
            Ok(()) => {}
        }
        let actual = file.metadata().map_err(fault)?.len();
        let mut sidecar = Sidecar::open(sidecar).map_err(fault)?;
        if offset != actual || offset > sidecar.total {
            return Err(AppendFault::WrongOffset { given: offset, actual });
        }
        let summing = caught_up(&file, &mut sidecar, actual).map_err(fault)?;
        file.seek(io::SeekFrom::Start(actual)).map_err(fault)?;
        Ok(Self { id, file, total: sidecar.total, summing, sidecar, _turn: turn })
    }

    fn record(mut self, mut receiver: mpsc::Receiver<Batch>) -> Result<Appended, AppendFault> {
        let start = self.summing.offset;
        let written = self.write_all(&mut receiver);
        let result = written.and_then(|()| {
            self.file.sync_data()?;
            if self.summing.offset != start {
                self.sidecar.save(&self.summing)?;
            }
            Ok(())
        });
        result.map_err(|source| Fault::io("write the upload", &self.id, source))?;
        let finished = (self.summing.offset == self.total).then(|| self.summing.sums());
        Ok(Appended { offset: self.summing.offset, finished })
    }

    /// The first batch is summed here; only a longer transfer is worth a second thread.
    fn write_all(&mut self, receiver: &mut mpsc::Receiver<Batch>) -> io::Result<()> {
        let Some(first) = receiver.blocking_recv() else { return Ok(()) };
        let mut progress = WriteBack::new(self.summing.offset);
        self.write_batch(&first)?;
        progress.wrote(&self.file, &first);
        first.iter().for_each(|bytes| self.summing.update(bytes));
        let Some(second) = receiver.blocking_recv() else { return Ok(()) };
        let (batches, waiting) = threads::sync_channel::<Batch>(BATCHES_WAITING);
        let (summing, sidecar) = (&mut self.summing, &mut self.sidecar);
        let file = &mut self.file;
        let written = std::thread::scope(|scope| {
            let summer = scope.spawn(move || sum_batches(&waiting, summing, sidecar));
            let mut next = Some(second);
            let mut result = Ok(());
            while let Some(batch) = next {
                result = write_vectored(file, &batch);
                if result.is_err() {
                    break;
                }
                progress.wrote(file, &batch);
                if batches.send(batch).is_err() {
                    break;
                }
                next = receiver.blocking_recv();
            }
            drop(batches);
            // A panic while summing would be a defect of the hash libraries; the bytes are then summed again from the start.
            summer.join().map_err(|_| io::Error::other("summing failed"))?;
            result
        });
        // A batch that went in only partly was not summed: the file ends where the sums do.
        if written.is_err() {
            self.file.set_len(self.summing.offset)?;
            self.file.sync_data()?;
            self.sidecar.save(&self.summing)?;
        }
        written
    }

    fn write_batch(&mut self, batch: &Batch) -> io::Result<()> {
        let written = write_vectored(&mut self.file, batch);
        if written.is_err() {
            self.file.set_len(self.summing.offset)?;
        }
        written
    }
}

fn sum_batches(waiting: &threads::Receiver<Batch>, summing: &mut Summing, sidecar: &mut Sidecar) {
    let mut saved_at = summing.offset;
    while let Ok(batch) = waiting.recv() {
        batch.iter().for_each(|bytes| summing.update(bytes));
        if summing.offset - saved_at >= SAVE_BYTES {
            // Only spares work after a kill; the save at the end reports a fault.
            let _ = sidecar.save(summing);
            saved_at = summing.offset;
        }
    }
}

fn write_vectored(file: &mut File, batch: &[Bytes]) -> io::Result<()> {
    let mut slices: Vec<IoSlice<'_>> = batch.iter().filter(|bytes| !bytes.is_empty()).map(|bytes| IoSlice::new(bytes)).collect();
    let mut rest = slices.as_mut_slice();
    while !rest.is_empty() {
        match file.write_vectored(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => IoSlice::advance_slices(&mut rest, count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Starts the disk early and keeps it from falling far behind.
struct WriteBack {
    written: u64,
    started: u64,
}

impl WriteBack {
    fn new(offset: u64) -> Self {
        Self { written: offset, started: offset }
    }

    fn wrote(&mut self, file: &File, batch: &[Bytes]) {
        self.written += batch.iter().map(|bytes| bytes.len() as u64).sum::<u64>();
        while self.written - self.started >= WRITE_BACK_BYTES {
            sync_range(file, self.started, WRITE_BACK_BYTES, libc::SYNC_FILE_RANGE_WRITE);
            if let Some(behind) = self.started.checked_sub(WRITE_BACK_BEHIND) {
                let wait = libc::SYNC_FILE_RANGE_WAIT_BEFORE | libc::SYNC_FILE_RANGE_WRITE | libc::SYNC_FILE_RANGE_WAIT_AFTER;
                sync_range(file, behind, WRITE_BACK_BYTES, wait);
            }
            self.started += WRITE_BACK_BYTES;
        }
    }
}

/// A hint only: durability comes from the sync at the end, which also reports every error.
fn sync_range(file: &File, start: u64, length: u64, flags: libc::c_uint) {
    // SAFETY: the descriptor is open during the call, which takes numbers only.
    unsafe { libc::sync_file_range(file.as_raw_fd(), start as libc::off64_t, length as libc::off64_t, flags) };
}

/// The sums over the whole file: from the noted state, and by reading what that does not cover.
fn caught_up(file: &File, sidecar: &mut Sidecar, length: u64) -> io::Result<Summing> {
    let mut summing = sidecar.load(length);
    if summing.offset == length {
        return Ok(summing);
    }
    let mut buffer = vec![0; BATCH_BYTES];
    while summing.offset < length {
        let count = (length - summing.offset).min(BATCH_BYTES as u64) as usize;
        file.read_exact_at(&mut buffer[..count], summing.offset)?;
        summing.update(&buffer[..count]);
    }
    sidecar.save(&summing)?;
    Ok(summing)
}

pub(super) fn finished_sums(path: &Path, sidecar: &Path) -> io::Result<Option<Sums>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut sidecar = Sidecar::open(sidecar)?;
    if length != sidecar.total {
        return Ok(None);
    }
    // The length alone may come from a killed process; only synced bytes are finished.
    file.sync_data()?;
    caught_up(&file, &mut sidecar, length).map(|summing| Some(summing.sums()))
}
