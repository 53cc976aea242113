//! One array of any of the three families, and how one of its stored chunks becomes a block of voxels.

use serde_json::Value;

use super::codec::{Packing, unpack_all};
use crate::element::{single_of_half, swap_bytes};
use crate::zarr::shard::{MISSING, read_index};
use crate::{ElementType, Trouble};

/// Largest chunk of voxels that is expanded.
pub(crate) const CHUNK_MAX_BYTES: u64 = 1 << 30;

/// What codecs put around a chunk.
const CHUNK_FRAME_BYTES: u64 = 64;

/// An array with all that is needed to read it. Axes are in the order of its document, for N5 turned around (z first).
#[derive(Debug, Clone)]
pub(crate) struct Array {
    pub(crate) path: String,
    pub(crate) shape: Vec<u64>,
    /// Voxels of one stored key along each axis.
    pub(crate) chunk: Vec<u64>,
    pub(crate) names: Vec<Option<String>>,
    pub(crate) voxel: Voxel,
    /// One voxel, little-endian, as it is handed on.
    pub(crate) fill: Vec<u8>,
    pub(crate) keys: KeyNames,
    pub(crate) codecs: Codecs,
    pub(crate) attributes: Value,
}

/// How the key of a chunk is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyNames {
    /// `c/0/0/0`, Zarr 3.
    Default(char),
    /// `0.0.0`, Zarr 2.
    V2(char),
    /// `0/0/0` with x first.
    N5,
}

/// What one voxel is in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    Plain(ElementType),
    /// One byte, 0 or 1.
    Bool,
    /// Half precision; handed on as float32.
    Half,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Voxel {
    pub(crate) stored: Stored,
    pub(crate) big_endian: bool,
}

impl Voxel {
    pub(crate) fn bytes(self) -> usize {
        match self.stored {
            Stored::Plain(element) => element.bytes(),
            Stored::Bool => 1,
            Stored::Half => 2,
        }
    }

    pub(crate) fn element(self) -> ElementType {
        match self.stored {
            Stored::Plain(element) => element,
            Stored::Bool => ElementType::U8,
            Stored::Half => ElementType::F32,
        }
    }

    /// Stored bytes as little-endian voxels of [`Self::element`].
    pub(crate) fn hand_on(self, mut bytes: Vec<u8>) -> Vec<u8> {
        if self.big_endian {
            swap_bytes(&mut bytes, self.bytes());
        }
        if self.stored == Stored::Half {
            return bytes.chunks_exact(2).flat_map(|half| single_of_half(u16::from_le_bytes([half[0], half[1]])).to_le_bytes()).collect();
        }
        bytes
    }
}

/// From voxels to bytes: axes turned, voxels written or divided into shards, bytes packed.
#[derive(Debug, Clone)]
pub(crate) struct Codecs {
    /// The stored axis k is the axis `order[k]` of the array.
    pub(crate) order: Vec<usize>,
    pub(crate) body: Body,
    /// In the order in which they were applied.
    pub(crate) packings: Vec<Packing>,
}

#[derive(Debug, Clone)]
pub(crate) enum Body {
    Bytes {
        big_endian: bool,
    },
    /// N5: a small header with the true size of the block, then big-endian voxels.
    N5Block,
    Shards(Box<Shards>),
}

#[derive(Debug, Clone)]
pub(crate) struct Shards {
    /// Voxels of an inner chunk along each stored axis.
    pub(crate) chunk: Vec<u64>,
    pub(crate) inner: Codecs,
    pub(crate) index_is_checked: bool,
    pub(crate) index_at_end: bool,
}

impl Shards {
    /// Bytes of a shard: where nothing could be packed, a little more than its voxels, with the index and what each packed chunk begins
    /// and ends with.
    fn most_bytes(&self, shape: &[u64], voxel_bytes: usize) -> usize {
        let count: u64 = shape.iter().zip(&self.chunk).map(|(outer, inner)| outer / inner).product();
        let around = self.index_bytes(count) + CHUNK_FRAME_BYTES * count + (64 << 10);
        (voxel_bytes as u64 + voxel_bytes as u64 / 8 + around).min(CHUNK_MAX_BYTES) as usize
    }

    pub(crate) fn index_bytes(&self, count: u64) -> u64 {
        16 * count + if self.index_is_checked { 4 } else { 0 }
    }
}

/// Voxels of one chunk: little-endian, and where each axis lies.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) bytes: Vec<u8>,
    /// Along the axes of the array; at the edge an N5 block may be smaller than its chunk.
    pub(crate) shape: Vec<u64>,
    /// Voxels from one to the next along each axis of the array.
    pub(crate) strides: Vec<usize>,
}

fn damaged(what: &str) -> Trouble {
    Trouble::new(format!("a chunk is damaged: {what}"), "Upload it again")
}

/// Number of voxels of a box, or nothing when nobody could hold them.
pub(crate) fn voxel_count(shape: &[u64], voxel_bytes: usize) -> Option<usize> {
    let bytes = shape.iter().try_fold(voxel_bytes as u64, |product, &size| product.checked_mul(size))?;
    (bytes <= CHUNK_MAX_BYTES).then_some(bytes as usize / voxel_bytes)
}

/// Expands one stored chunk of the given shape.
pub(crate) fn expand(codecs: &Codecs, stored: Vec<u8>, shape: &[u64], voxel: Voxel, fill: &[u8]) -> Result<Block, Trouble> {
    let turned: Vec<u64> = codecs.order.iter().map(|&axis| shape[axis]).collect();
    let count = voxel_count(shape, voxel.bytes().max(fill.len())).ok_or_else(|| damaged("it is too large"))?;
    let mut true_shape = shape.to_vec();
    let bytes = match &codecs.body {
        Body::Bytes { big_endian } => {
            let expected = count * voxel.bytes();
            let bytes = unpack_all(&codecs.packings, stored, expected)?;
            if bytes.len() != expected {
                return Err(damaged(&format!("it holds {} bytes instead of {expected}", bytes.len())));
            }
            Voxel { big_endian: *big_endian, ..voxel }.hand_on(bytes)
        }
        Body::N5Block => {
            let (found, begins) = n5_header(&stored, shape)?;
            let expected = voxel_count(&found, voxel.bytes()).ok_or_else(|| damaged("it is too large"))? * voxel.bytes();
            let bytes = unpack_all(&codecs.packings, stored[begins..].to_vec(), expected)?;
            if bytes.len() < expected {
                return Err(damaged(&format!("it holds {} bytes instead of {expected}", bytes.len())));
            }
            true_shape = found;
            Voxel { big_endian: true, ..voxel }.hand_on(bytes)
        }
        Body::Shards(shards) => {
            let stored = unpack_all(&codecs.packings, stored, shards.most_bytes(&turned, count * voxel.bytes()))?;
            whole_shard(shards, &stored, &turned, voxel, fill)?
        }
    };
    let mut strides = vec![0; shape.len()];
    let mut step = 1;
    for &axis in codecs.order.iter().rev() {
        strides[axis] = step;
        step *= true_shape[axis] as usize;
    }
    Ok(Block { bytes, shape: true_shape, strides })
}

/// The true shape (z first) and where the packed bytes begin.
fn n5_header(stored: &[u8], most: &[u64]) -> Result<(Vec<u64>, usize), Trouble> {
    let cut = || damaged("it ends inside its header");
    let short = |at: usize| stored.get(at..at + 2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]])).ok_or_else(cut);
    let (mode, rank) = (short(0)?, usize::from(short(2)?));
    if rank != most.len() || mode > 1 {
        return Err(damaged(&format!("its header tells of {rank} axes in mode {mode}")));
    }
    let mut shape = Vec::with_capacity(rank);
    for axis in 0..rank {
        let at = 4 + 4 * axis;
        let size = stored.get(at..at + 4).map(|bytes| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])).ok_or_else(cut)?;
        shape.push(u64::from(size));
    }
    shape.reverse();
    if shape.iter().zip(most).any(|(size, most)| size > most) {
        return Err(damaged("it is larger than the blocks of its dataset"));
    }
    let begins = 4 + 4 * rank + if mode == 1 { 4 } else { 0 };
    if stored.len() < begins {
        return Err(cut());
    }
    Ok((shape, begins))
}

/// All inner chunks of a shard put together, in its own order of axes.
fn whole_shard(shards: &Shards, stored: &[u8], shape: &[u64], voxel: Voxel, fill: &[u8]) -> Result<Vec<u8>, Trouble> {
    let counts: Vec<u64> = shape.iter().zip(&shards.chunk).map(|(outer, inner)| outer / inner).collect();
    let count: u64 = counts.iter().product();
    let length = shards.index_bytes(count) as usize;
    let begins = if shards.index_at_end { stored.len().checked_sub(length).ok_or_else(|| damaged("its index is cut off"))? } else { 0 };
    let index = stored.get(begins..begins + length).and_then(|bytes| read_index(bytes, shards.index_is_checked));
    let index = index.ok_or_else(|| damaged("its index is wrong"))?;
    let size = fill.len();
    let mut out = Vec::new();
    let voxels = voxel_count(shape, size).ok_or_else(|| damaged("it is too large"))?;
    fill_with(&mut out, fill, voxels);
    let mut outer = vec![0; shape.len()];
    let mut step = 1;
    for axis in (0..shape.len()).rev() {
        outer[axis] = step;
        step *= shape[axis] as usize;
    }
    for (number, (offset, length)) in index.into_iter().enumerate() {
        if (offset, length) == (MISSING, MISSING) {
            continue;
        }
        let end = offset.checked_add(length).ok_or_else(|| damaged("its index is wrong"))?;
        let piece = stored.get(offset as usize..end as usize).ok_or_else(|| damaged("its index is wrong"))?;
        let block = expand(&shards.inner, piece.to_vec(), &shards.chunk, voxel, fill)?;
        let place = place_of(number as u64, &counts);
        let start: usize = place.iter().zip(&shards.chunk).zip(&outer).map(|((&at, &chunk), &step)| (at * chunk) as usize * step).sum();
        for at in 0..block.bytes.len() / size {
            let inside = place_of(at as u64, &block.shape);
            let from: usize = inside.iter().zip(&block.strides).map(|(&at, &step)| at as usize * step).sum();
            let to: usize = start + inside.iter().zip(&outer).map(|(&at, &step)| at as usize * step).sum::<usize>();
            out[to * size..(to + 1) * size].copy_from_slice(&block.bytes[from * size..(from + 1) * size]);
        }
    }
    Ok(out)
}

/// The indices of the element with that number, last axis fastest.
pub(crate) fn place_of(number: u64, counts: &[u64]) -> Vec<u64> {
    let mut rest = number;
    let mut place = vec![0; counts.len()];
    for axis in (0..counts.len()).rev() {
        place[axis] = rest % counts[axis];
        rest /= counts[axis];
    }
    place
}

/// Appends that many voxels of one value.
pub(crate) fn fill_with(out: &mut Vec<u8>, fill: &[u8], voxels: usize) {
    if fill.iter().all(|&byte| byte == fill[0]) {
        out.resize(out.len() + voxels * fill.len(), fill[0]);
    } else {
        out.extend(fill.iter().copied().cycle().take(voxels * fill.len()));
    }
}

impl Array {
    /// The key of the chunk at that place of the outer grid.
    pub(crate) fn key(&self, place: &[u64]) -> String {
        let spelled = |separator: char| place.iter().map(u64::to_string).collect::<Vec<_>>().join(&separator.to_string());
        let name = match self.keys {
            KeyNames::Default(_) if place.is_empty() => "c".to_string(),
            KeyNames::Default(separator) => format!("c{separator}{}", spelled(separator)),
            KeyNames::V2(_) if place.is_empty() => "0".to_string(),
            KeyNames::V2(separator) => spelled(separator),
            KeyNames::N5 => place.iter().rev().map(u64::to_string).collect::<Vec<_>>().join("/"),
        };
        super::tree::join(&self.path, &name)
    }

    /// Shards whose chunks can be fetched one by one: not turned around, not packed as a whole.
    pub(crate) fn open_shards(&self) -> Option<&Shards> {
        let straight = self.codecs.order.iter().enumerate().all(|(axis, &turned)| axis == turned);
        match &self.codecs.body {
            Body::Shards(shards) if straight && self.codecs.packings.is_empty() => Some(shards),
            _ => None,
        }
    }

    /// “z 100 × y 20 × x 30, uint8”.
    pub(crate) fn in_words(&self) -> String {
        let axis = |(size, name): (&u64, &Option<String>)| name.as_ref().map_or(size.to_string(), |name| format!("{name} {size}"));
        let sizes: Vec<String> = self.shape.iter().zip(&self.names).map(axis).collect();
        format!("{}, {}", sizes.join(" × "), self.voxel.element())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_shard_expands_to_little_more_than_its_voxels() {
        let straight = |body, packings| Codecs { order: vec![0, 1, 2], body, packings };
        let inner = straight(Body::Bytes { big_endian: false }, Vec::new());
        let shards = Shards { chunk: vec![2, 2, 2], inner, index_is_checked: false, index_at_end: true };
        let codecs = straight(Body::Shards(Box::new(shards)), vec![Packing::Zstd]);
        let expand = |before: usize| {
            // One chunk of ones at the end of what nobody needs, and seven that are missing.
            let mut plain = vec![0; before];
            plain.extend([1; 8]);
            plain.extend([before as u64, 8].map(u64::to_le_bytes).concat());
            plain.extend([0xff; 7 * 16]);
            let voxel = Voxel { stored: Stored::Plain(ElementType::U8), big_endian: false };
            super::expand(&codecs, zstd::bulk::compress(&plain, 1).unwrap(), &[4, 4, 4], voxel, &[0])
        };
        assert_eq!(expand(60_000).unwrap().bytes.iter().filter(|&&voxel| voxel == 1).count(), 8);
        assert!(expand(1 << 20).unwrap_err().what.contains("more than"));
    }

    #[test]
    fn a_block_of_n5_may_be_smaller_but_not_larger() {
        let mut block = vec![0, 0, 0, 3];
        for size in [3_u32, 2, 1] {
            block.extend_from_slice(&size.to_be_bytes());
        }
        assert_eq!(n5_header(&block, &[4, 4, 4]).unwrap(), (vec![1, 2, 3], 16));
        assert!(n5_header(&block, &[4, 4, 2]).is_err());
        assert!(n5_header(&block[..9], &[4, 4, 4]).is_err());
    }
}
