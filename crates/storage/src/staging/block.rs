//! Memory in which arriving bytes wait for the disk: pieces of one size, filled by the connection, written, summed and
//! filled again. They lie as the file lies, so that the disk can fetch them without a copy, and their number is all the
//! memory an upload takes.

use bytes::{Buf, Bytes};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// What every disk accepts as the unit of an access that passes by the page cache.
pub(super) const ALIGNMENT: usize = 4096;
/// Small enough that what was just received is copied from the processor's cache.
pub(super) const BLOCK_BYTES: usize = 512 << 10;
/// While some are written in one call, others are filled and summed.
pub(super) const BLOCKS_MAX: usize = 14;
/// So many are written in one call at most.
pub(super) const BLOCKS_AT_ONCE: usize = 4;
/// Kept between requests, for all uploads together: memory that was touched before costs nothing.
const SPARE_BLOCKS_MAX: usize = BLOCKS_MAX;

/// Bytes of a file from some position on; the address in memory has the same remainder by `ALIGNMENT` as the position.
pub(super) struct Block {
    memory: Vec<u8>,
    start: usize,
    length: usize,
    end: usize,
}

impl Block {
    fn new(capacity: usize) -> Self {
        Self { memory: vec![0; capacity + ALIGNMENT], start: 0, length: 0, end: 0 }
    }

    /// Empty, for bytes that will lie at this position; a full block ends on a multiple of `ALIGNMENT`.
    fn begin(&mut self, position: u64) {
        let aligned = self.memory.as_ptr().align_offset(ALIGNMENT);
        self.start = aligned + (position % ALIGNMENT as u64) as usize;
        self.end = aligned + (self.memory.len() - aligned) / ALIGNMENT * ALIGNMENT;
        self.length = 0;
    }

    /// Copies as much as there is room for and takes it off the front.
    pub(super) fn fill(&mut self, bytes: &mut Bytes) {
        let begin = self.start + self.length;
        let count = bytes.len().min(self.end - begin);
        self.memory[begin..begin + count].copy_from_slice(&bytes[..count]);
        self.length += count;
        bytes.advance(count);
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.memory[self.start..self.start + self.length]
    }
    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }
    pub(super) fn is_full(&self) -> bool {
        self.start + self.length == self.end
    }
}

/// Blocks that no upload needs at the moment.
#[derive(Clone, Default)]
pub(super) struct Spare(Arc<Mutex<Vec<Block>>>);

impl Spare {
    fn take(&self) -> Option<Block> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
    fn give(&self, block: Block) {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < SPARE_BLOCKS_MAX {
            spare.push(block);
        }
    }
}

/// Where one upload's blocks come from: at most `BLOCKS_MAX` of them, which return when they are written and summed.
pub(super) struct Supply {
    spare: Spare,
    returned: mpsc::Receiver<Block>,
    made: usize,
    capacity: usize,
}

/// The other end: takes blocks back.
#[derive(Clone)]
pub(super) struct Return(mpsc::Sender<Block>);

impl Supply {
    /// For a transfer of at most that many bytes.
    pub(super) fn new(spare: Spare, bytes_max: u64) -> (Self, Return) {
        let (sender, returned) = mpsc::channel(BLOCKS_MAX);
        let wanted = bytes_max.min(BLOCK_BYTES as u64) as usize;
        let capacity = BLOCK_BYTES.min(wanted.next_multiple_of(ALIGNMENT) + ALIGNMENT);
        (Self { spare, returned, made: 0, capacity }, Return(sender))
    }

    /// An empty block for this position; `None` when the writing side has ended.
    pub(super) async fn next(&mut self, position: u64) -> Option<Block> {
        let mut block = match self.returned.try_recv() {
            Ok(block) => block,
            Err(mpsc::error::TryRecvError::Disconnected) => return None,
            Err(mpsc::error::TryRecvError::Empty) if self.made < BLOCKS_MAX => {
                self.made += 1;
                let spare = (self.capacity == BLOCK_BYTES).then(|| self.spare.take()).flatten();
                spare.unwrap_or_else(|| Block::new(self.capacity))
            }
            Err(mpsc::error::TryRecvError::Empty) => self.returned.recv().await?,
        };
        block.begin(position);
        Some(block)
    }

    /// After the end: what came back serves the next upload.
    pub(super) fn put_back(mut self) {
        while self.capacity == BLOCK_BYTES
            && let Ok(block) = self.returned.try_recv()
        {
            self.spare.give(block);
        }
    }
}

impl Return {
    pub(super) fn give(&self, block: Block) {
        // There is room for all that were made; when nobody waits any more the memory is simply freed.
        let _ = self.0.try_send(block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_block_lies_in_memory_as_in_the_file_and_ends_on_a_boundary() {
        let (mut supply, back) = Supply::new(Spare::default(), u64::MAX);
        for position in [0, 1, 4095, 4096, 1_234_567] {
            let mut block = supply.next(position).await.unwrap();
            assert_eq!(block.bytes().as_ptr() as u64 % 4096, position % 4096);
            let mut bytes = Bytes::from(vec![7; 3 << 20]);
            block.fill(&mut bytes);
            assert!(block.is_full() && !bytes.is_empty());
            assert_eq!((position + block.bytes().len() as u64) % 4096, 0);
            assert!(block.bytes().len() > BLOCK_BYTES - 2 * ALIGNMENT && block.bytes().iter().all(|byte| *byte == 7));
            back.give(block);
        }
        assert_eq!(supply.made, 1, "what came back is used again");
    }

    #[tokio::test]
    async fn no_upload_gets_more_blocks_than_its_share_and_small_ones_get_small_ones() {
        let (mut supply, back) = Supply::new(Spare::default(), 10);
        let mut held = Vec::new();
        for _ in 0..BLOCKS_MAX {
            held.push(supply.next(0).await.unwrap());
        }
        assert!(held.iter().all(|block| block.memory.len() <= 4 * ALIGNMENT));
        let waiting = tokio::time::timeout(std::time::Duration::from_millis(50), supply.next(0)).await;
        assert!(waiting.is_err(), "one more must wait");
        back.give(held.pop().unwrap());
        assert!(supply.next(0).await.is_some());
        drop(back);
        assert!(supply.next(0).await.is_none(), "the writing side has ended");
    }
}
