//! How a level is cut into chunks and shards, and the index at the end of a shard.

use serde::{Deserialize, Serialize};

use crate::Shape;

/// What the index says of a chunk that is not stored.
pub(crate) const MISSING: u64 = u64::MAX;

/// Chunks of a level and how many of them one shard file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grid {
    pub(crate) shape: Shape,
    pub(crate) chunk: Shape,
    /// Chunks of a shard along each axis.
    pub(crate) per_shard: Shape,
}

impl Grid {
    /// Small levels get small chunks: nothing is padded that need not be.
    pub(crate) fn plan(shape: Shape, chunk: Shape, shard: usize) -> Self {
        let chunk: Shape = std::array::from_fn(|axis| chunk[axis].min(shape[axis]));
        let per_shard = std::array::from_fn(|axis| (shard / chunk[axis]).clamp(1, shape[axis].div_ceil(chunk[axis])));
        Self { shape, chunk, per_shard }
    }

    pub(crate) fn shard_shape(&self) -> Shape {
        std::array::from_fn(|axis| self.chunk[axis] * self.per_shard[axis])
    }

    /// Shards along each axis.
    pub(crate) fn shards(&self) -> Shape {
        let shard = self.shard_shape();
        std::array::from_fn(|axis| self.shape[axis].div_ceil(shard[axis]))
    }

    pub(crate) fn chunks_per_shard(&self) -> usize {
        self.per_shard.iter().product()
    }

    pub(crate) fn index_bytes(&self) -> usize {
        16 * self.chunks_per_shard() + 4
    }
}

/// Offset and length of every chunk, then the checksum.
pub(crate) fn write_index(entries: &[(u64, u64)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(16 * entries.len() + 4);
    for (offset, length) in entries {
        bytes.extend_from_slice(&offset.to_le_bytes());
        bytes.extend_from_slice(&length.to_le_bytes());
    }
    bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
    bytes
}

/// Reads an index back; nothing when its checksum or length is wrong.
pub(crate) fn read_index(bytes: &[u8], checked: bool) -> Option<Vec<(u64, u64)>> {
    let (entries, sum) = if checked { bytes.split_at_checked(bytes.len().checked_sub(4)?)? } else { (bytes, &[][..]) };
    if checked && crc32c::crc32c(entries).to_le_bytes() != *sum {
        return None;
    }
    let word = |bytes: &[u8]| bytes.try_into().map(u64::from_le_bytes).ok();
    entries.chunks_exact(16).map(|entry| Some((word(&entry[..8])?, word(&entry[8..])?))).collect()
}
