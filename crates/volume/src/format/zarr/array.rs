//! One array of any of the three families, and how one of its stored chunks becomes a block of voxels.

use serde_json::Value;

use super::codec::{Packing, unpack_all};
use crate::element::swap_bytes;
use crate::zarr::shard::{MISSING, read_index};
use crate::{ElementType, Trouble};

/// Largest chunk of voxels that is expanded.
pub(crate) const CHUNK_MAX_BYTES: u64 = 1 << 30;

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
            return bytes.chunks_exact(2).flat_map(|half| half_to_f32(u16::from_le_bytes([half[0], half[1]])).to_le_bytes()).collect();
        }
        bytes
    }
}

/// IEEE 754 binary16 to binary32; every value has an exact counterpart.
pub(crate) fn half_to_f32(half: u16) -> f32 {
    let (exponent, fraction) = (i32::from(half >> 10 & 0x1f), f32::from(half & 0x3ff));
    let size = match exponent {
        0 => fraction * 2.0_f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2.0_f32.powi(exponent - 15),
    };
    if half & 0x8000 == 0 { size } else { -size }
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
            // The index and the chunks together are a little more than the voxels when nothing could be packed.
            let stored = unpack_all(&codecs.packings, stored, CHUNK_MAX_BYTES as usize)?;
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
    fn half_precision_is_exact() {
        for (half, value) in [(0x3c00, 1.0), (0xc000, -2.0), (0x7bff, 65504.0), (0x0001, 5.960_464_5e-8), (0x3555, 0.333_251_95)] {
            assert_eq!(half_to_f32(half), value);
        }
        assert!(half_to_f32(0x7e00).is_nan() && half_to_f32(0xfc00) == f32::NEG_INFINITY);
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
