//! Bytes that arrive: one thread writes them, another sums them, and the connection only hands them over.
//!
//! The writing side owns the file and the lock. When the connection breaks, or its task is dropped in the middle, the writing
//! side still puts down what it got, makes it durable and notes the sums; so what arrived is kept and counted.

use super::{
    HANDOVER, Slot, Staging, Sums,
    block::{BLOCK_BYTES, BLOCKS_AT_ONCE, Block, Return, Supply},
    pen::Pen,
    sidecar::{Sidecar, Summing},
};
use crate::fault::Fault;
use bytes::Bytes;
use futures::{FutureExt, Stream, StreamExt};
use record::id::UploadId;
use std::{
    fmt,
    fs::{File, TryLockError},
    io,
    os::unix::fs::FileExt,
    path::Path,
    sync::mpsc as threads,
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

/// A slow sender's bytes are put down after this long even if they do not fill a block.
const BLOCK_WAIT: Duration = Duration::from_millis(200);
/// Full blocks on their way from the connection to the writing side, and from there to the summing one.
const BLOCKS_WAITING: usize = BLOCKS_AT_ONCE;
/// After a kill at most about this much is summed again.
const SAVE_BYTES: u64 = 64 << 20;

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
        let (mut supply, back) = Supply::new(self.spare.clone(), room);
        let (sender, receiver) = mpsc::channel(BLOCKS_WAITING);
        let recording = tokio::task::spawn_blocking(move || recorder.record(receiver, &back));
        let ended = Feed { offset, room, slot: &slot, sender }.run(stream, &mut supply).await;
        let appended = recording.await.map_err(|_| stopping())??;
        supply.put_back();
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

/// The side of the connection: copies what it brings into blocks, so that its own buffers are free at once.
struct Feed<'a> {
    /// Where the next block begins.
    offset: u64,
    room: u64,
    slot: &'a Slot,
    sender: mpsc::Sender<Block>,
}

impl Feed<'_> {
    async fn run<S, E>(mut self, stream: S, supply: &mut Supply) -> Ended
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: fmt::Display,
    {
        let mut stream = std::pin::pin!(stream.fuse());
        let mut filling: Option<Block> = None;
        let mut taken = 0u64;
        let ended = loop {
            let wait = if filling.is_none() { Duration::from_secs(3600) } else { BLOCK_WAIT };
            let next = tokio::select! {
                biased;
                next = tokio::time::timeout(wait, stream.next()) => next,
                () = self.slot.stop.notified() => break Ended::Broken("another connection took over".to_owned()),
            };
            let going_on = match next {
                Ok(Some(Ok(bytes))) => {
                    self.slot.touch();
                    taken += bytes.len() as u64;
                    if taken > self.room {
                        break Ended::TooLong;
                    }
                    self.pour(bytes, &mut filling, supply).await
                }
                Ok(Some(Err(error))) => break Ended::Broken(error.to_string()),
                Ok(None) => break Ended::Complete,
                Err(_waited) => self.hand_over(filling.take()).await,
            };
            if going_on.is_none() {
                return Ended::Complete;
            }
        };
        // When the recorder has stopped, it tells why.
        let _ = self.hand_over(filling).await;
        ended
    }

    /// `None` when the recorder has ended early; it has the reason.
    async fn pour(&mut self, mut bytes: Bytes, filling: &mut Option<Block>, supply: &mut Supply) -> Option<()> {
        while !bytes.is_empty() {
            let mut block = match filling.take() {
                Some(block) => block,
                None => supply.next(self.offset).await?,
            };
            block.fill(&mut bytes);
            match block.is_full() {
                true => self.hand_over(Some(block)).await?,
                false => *filling = Some(block),
            }
        }
        Some(())
    }

    async fn hand_over(&mut self, block: Option<Block>) -> Option<()> {
        let Some(block) = block.filter(|block| !block.is_empty()) else { return Some(()) };
        self.offset += block.bytes().len() as u64;
        self.sender.send(block).await.ok()
    }
}

/// The side that owns the file; it lives on a blocking thread until everything is durable.
struct Recorder {
    id: UploadId,
    pen: Pen,
    total: u64,
    summing: Summing,
    /// The sums over what is known to be on the disk.
    durable: Summing,
    sidecar: Sidecar,
    _turn: OwnedMutexGuard<()>,
}

impl Recorder {
    fn begin(path: &Path, sidecar: &Path, id: UploadId, offset: u64, turn: OwnedMutexGuard<()>) -> Result<Self, AppendFault> {
        let fault = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => AppendFault::NotFound { id: id.clone() },
            _ => AppendFault::Fault(Fault::io("continue the upload", &id, source)),
        };
        let file = File::options().read(true).write(true).open(path).map_err(fault)?;
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
        let noted = sidecar.load(actual).offset;
        let summing = caught_up(&file, &mut sidecar, actual).map_err(fault)?;
        // What a killed process left was never synced.
        let durable = if noted == actual { summing.clone() } else { Summing::new() };
        let total = sidecar.total;
        Ok(Self { id, pen: Pen::new(file, actual, total), total, summing, durable, sidecar, _turn: turn })
    }

    fn record(mut self, mut receiver: mpsc::Receiver<Block>, back: &Return) -> Result<Appended, AppendFault> {
        let written = self.write_all(&mut receiver, back);
        let result = self.make_durable().and(written);
        result.map_err(|source| Fault::io("write the upload", &self.id, source))?;
        let finished = (self.summing.offset == self.total).then(|| self.summing.sums());
        Ok(Appended { offset: self.summing.offset, finished })
    }

    fn write_all(&mut self, receiver: &mut mpsc::Receiver<Block>, back: &Return) -> io::Result<()> {
        let written = self.write_and_sum(receiver, back);
        // A block that went in only partly was not summed: the file ends where the sums do.
        if written.is_err() {
            self.pen.cut(self.summing.offset)?;
        }
        written
    }

    /// A disk tells of bytes that it lost once, and the next sync finds nothing wrong: what was not on it before goes at once,
    /// so that nobody counts it by the length of the file.
    fn make_durable(&mut self) -> io::Result<()> {
        if let Err(lost) = self.pen.sync() {
            self.pen.cut(self.durable.offset)?;
            self.sidecar.save_only(&self.durable)?;
            return Err(lost);
        }
        if self.summing.offset != self.durable.offset {
            self.sidecar.save(&self.summing)?;
        }
        Ok(())
    }

    /// The first block is summed here; only a longer transfer is worth a second thread.
    fn write_and_sum(&mut self, receiver: &mut mpsc::Receiver<Block>, back: &Return) -> io::Result<()> {
        let Some(first) = receiver.blocking_recv() else { return Ok(()) };
        self.pen.write(std::slice::from_ref(&first))?;
        self.summing.update(first.bytes());
        back.give(first);
        let Some(second) = receiver.blocking_recv() else { return Ok(()) };
        let (blocks, waiting) = threads::sync_channel::<Block>(BLOCKS_WAITING);
        let (pen, summing, sidecar) = (&mut self.pen, &mut self.summing, &mut self.sidecar);
        std::thread::scope(|scope| {
            let summer = scope.spawn(move || sum_blocks(&waiting, summing, sidecar, back));
            let mut together = vec![second];
            let mut result = Ok(());
            while !together.is_empty() {
                while together.len() < BLOCKS_AT_ONCE
                    && let Ok(block) = receiver.try_recv()
                {
                    together.push(block);
                }
                result = pen.write(&together);
                // Whoever sums ends only when there is nothing more.
                if result.is_err() || together.drain(..).any(|block| blocks.send(block).is_err()) {
                    break;
                }
                together.extend(receiver.blocking_recv());
            }
            drop(blocks);
            // A panic while summing would be a defect of the hash libraries; the bytes are then summed again from the start.
            summer.join().map_err(|_| io::Error::other("summing failed"))?;
            result
        })
    }
}

fn sum_blocks(waiting: &threads::Receiver<Block>, summing: &mut Summing, sidecar: &mut Sidecar, back: &Return) {
    let mut saved_at = summing.offset;
    while let Ok(block) = waiting.recv() {
        summing.update(block.bytes());
        back.give(block);
        if summing.offset - saved_at >= SAVE_BYTES {
            // Only spares work after a kill; the save at the end reports a fault.
            let _ = sidecar.save(summing);
            saved_at = summing.offset;
        }
    }
}

/// The sums over the whole file: from the noted state, and by reading what that does not cover.
fn caught_up(file: &File, sidecar: &mut Sidecar, length: u64) -> io::Result<Summing> {
    let mut summing = sidecar.load(length);
    if summing.offset == length {
        return Ok(summing);
    }
    let mut buffer = vec![0; BLOCK_BYTES];
    while summing.offset < length {
        let count = (length - summing.offset).min(BLOCK_BYTES as u64) as usize;
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
    if let Err(lost) = file.sync_data() {
        // Whoever is writing hears of it as well, and knows how much is lost.
        if file.try_lock().is_ok() {
            File::options().write(true).open(path)?.set_len(0)?;
            sidecar.save_only(&Summing::new())?;
        }
        return Err(lost);
    }
    caught_up(&file, &mut sidecar, length).map(|summing| Some(summing.sums()))
}

#[cfg(test)]
mod tests {
    use super::{super::block::Spare, *};
    use std::sync::Arc;
    use tokio::sync::Mutex;

    #[test]
    fn bytes_that_a_failed_sync_may_have_lost_are_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let (path, sidecar) = (folder.path().join("upload"), folder.path().join("sums"));
        File::create(&path).unwrap();
        Sidecar::create(&sidecar, 8).unwrap();
        let append = |offset, bytes: &'static [u8], sync_fails| {
            let turn = Arc::new(Mutex::new(())).try_lock_owned().unwrap();
            let mut recorder = Recorder::begin(&path, &sidecar, UploadId::from_random(&[7; 20]), offset, turn).unwrap();
            recorder.pen.sync_fails = sync_fails;
            let (mut supply, back) = Supply::new(Spare::default(), 8);
            let mut block = supply.next(offset).now_or_never().unwrap().unwrap();
            block.fill(&mut Bytes::from_static(bytes));
            let (sender, receiver) = mpsc::channel(1);
            sender.try_send(block).ok().unwrap();
            drop(sender);
            recorder.record(receiver, &back)
        };
        assert_eq!(append(0, b"1234", false).unwrap(), Appended { offset: 4, finished: None });
        append(4, b"5678", true).unwrap_err();
        assert_eq!(std::fs::read(&path).unwrap(), b"1234");
        assert!(finished_sums(&path, &sidecar).unwrap().is_none());
        let mut whole = Summing::new();
        whole.update(b"1234abcd");
        assert_eq!(append(4, b"abcd", false).unwrap().finished, Some(whole.sums()));
    }
}
