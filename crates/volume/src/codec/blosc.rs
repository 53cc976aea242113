//! The blosc 1 container: a header of sixteen bytes, the places of the blocks, and in each block one or more streams.
//!
//! Source: the header description in c-blosc (README_CHUNK_FORMAT). Integers are little-endian. A block's voxels are
//! shuffled before they are packed; with one stream per byte of a voxel (“split”), every plane of like bytes is packed
//! by itself. This file reads; `blosc_pack.rs` writes.

use std::cell::RefCell;
use std::ops::Range;

use super::{Broken, blosclz, lz4, shuffle, zlib_into, zstd_into};

pub(super) const HEADER_BYTES: usize = 16;
/// The version of the container that c-blosc 1 writes.
pub(super) const FORMAT_VERSION: u8 = 2;
pub(super) const FLAG_SHUFFLE: u8 = 1;
pub(super) const FLAG_STORED: u8 = 2;
pub(super) const FLAG_BIT_SHUFFLE: u8 = 4;
pub(super) const FLAG_NOT_SPLIT: u8 = 16;
/// Voxels of more bytes are never split into streams, nor are streams shorter than this.
pub(super) const SPLIT_SIZE_MAX: usize = 16;
pub(super) const SPLIT_STREAM_MIN: usize = 128;

/// The header as it stands in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    flags: u8,
    type_size: usize,
    /// Bytes after expanding.
    pub(crate) plain_bytes: usize,
    block_bytes: usize,
    packed_bytes: usize,
}

impl Header {
    pub(crate) fn read(packed: &[u8]) -> Result<Self, Broken> {
        Self::of_head(packed, packed.len())
    }

    /// From the first bytes of a container for which there are `length` bytes.
    fn of_head(head: &[u8], length: usize) -> Result<Self, Broken> {
        let head = head.get(..HEADER_BYTES).ok_or_else(cut_off)?;
        let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize;
        if head[0] != FORMAT_VERSION {
            return Err(Broken(format!("version {} of the blosc container is not read", head[0])));
        }
        let header = Self {
            flags: head[2],
            type_size: usize::from(head[3]).max(1),
            plain_bytes: word(4),
            block_bytes: word(8),
            packed_bytes: word(12),
        };
        if header.packed_bytes < HEADER_BYTES || header.packed_bytes > length || (header.block_bytes == 0 && header.plain_bytes > 0) {
            return Err(cut_off());
        }
        Ok(header)
    }

    fn is_stored(&self) -> bool {
        self.flags & FLAG_STORED != 0
    }
}

fn cut_off() -> Broken {
    Broken::new("blosc data are cut off or damaged")
}

/// Expands to exactly as many bytes as `out` has.
pub(crate) fn expand_into(packed: &[u8], out: &mut [u8]) -> Result<(), Broken> {
    let header = Header::read(packed)?;
    super::check_length(header.plain_bytes, out.len())?;
    let packed = &packed[..header.packed_bytes];
    if header.is_stored() {
        out.copy_from_slice(packed.get(HEADER_BYTES..HEADER_BYTES + out.len()).ok_or_else(cut_off)?);
        return Ok(());
    }
    let place_of = |number: usize| {
        let place = packed.get(HEADER_BYTES + 4 * number..).and_then(|rest| rest.first_chunk())?;
        Some(u32::from_le_bytes(*place) as usize)
    };
    expand_blocks(&header, packed, place_of, out)
}

/// Some blocks of a container: which of its bytes they are, and which plain bytes these become.
pub(crate) struct Part {
    header: Header,
    /// Where each block lies in the container; none in one that is stored as it is.
    places: Vec<usize>,
    pub(crate) packed: Range<usize>,
    pub(crate) plain: Range<usize>,
}

impl Part {
    /// So many first bytes tell where the blocks lie, unless there are very many.
    pub(crate) const HEAD_BYTES: usize = 512;
    /// Of more blocks no part is worth a table of all of them.
    const BLOCKS_MAX: usize = 4_096;

    /// No more than the blocks that hold `wanted` of the `plain_bytes`. `head` are first bytes of a container for which there are
    /// `length`; nothing where they do not reach far enough, or where there are very many blocks.
    pub(crate) fn of(head: &[u8], length: usize, plain_bytes: usize, wanted: Range<usize>) -> Result<Option<Self>, Broken> {
        let header = Header::of_head(head, length)?;
        super::check_length(header.plain_bytes, plain_bytes)?;
        let block = header.block_bytes.max(1);
        let (first, end) = (wanted.start / block, wanted.end.div_ceil(block).min(plain_bytes.div_ceil(block)));
        let plain = first * block..end.saturating_mul(block).min(plain_bytes);
        if plain.start > plain.end {
            return Err(cut_off());
        }
        if header.is_stored() {
            let packed = HEADER_BYTES + plain.start..HEADER_BYTES + plain.end;
            return if packed.end > header.packed_bytes {
                Err(cut_off())
            } else {
                Ok(Some(Self { header, places: Vec::new(), packed, plain }))
            };
        }
        let blocks = plain_bytes.div_ceil(block);
        if blocks > Self::BLOCKS_MAX {
            return Ok(None);
        }
        let Some(table) = head.get(HEADER_BYTES..HEADER_BYTES + 4 * blocks) else {
            return if head.len() < length { Ok(None) } else { Err(cut_off()) };
        };
        let all: Vec<usize> = table.as_chunks().0.iter().map(|place| u32::from_le_bytes(*place) as usize).collect();
        // Writers with several threads leave blocks in any order: one ends where the next in the file begins.
        let mut ends = all.clone();
        ends.push(header.packed_bytes);
        ends.sort_unstable();
        let end_of = |place: usize| ends.get(ends.partition_point(|end| *end <= place)).copied().ok_or_else(cut_off);
        let places = all[first..end].to_vec();
        let start = places.iter().copied().min().unwrap_or(HEADER_BYTES);
        let packed = start..places.iter().try_fold(start, |end, place| Ok(end.max(end_of(*place)?)))?;
        if packed.end > header.packed_bytes {
            return Err(cut_off());
        }
        Ok(Some(Self { header, places, packed, plain }))
    }

    /// Expands the packed bytes of this part, and nothing else, to its plain ones.
    pub(crate) fn expand(&self, packed: &[u8]) -> Result<Vec<u8>, Broken> {
        let mut out = vec![0; self.plain.len()];
        if self.header.is_stored() {
            out.copy_from_slice(packed.get(..self.plain.len()).ok_or_else(cut_off)?);
        } else {
            let place_of = |number: usize| self.places.get(number).map(|place| place - self.packed.start);
            expand_blocks(&self.header, packed, place_of, &mut out)?;
        }
        Ok(out)
    }
}

/// Expands as many blocks as `out` has room for; `place_of` a number says where in `packed` one lies.
fn expand_blocks(header: &Header, packed: &[u8], place_of: impl Fn(usize) -> Option<usize>, out: &mut [u8]) -> Result<(), Broken> {
    thread_local! {
        static SCRATCH: RefCell<[Vec<u8>; 2]> = const { RefCell::new([const { Vec::new() }; 2]) };
    }
    let longest = header.block_bytes.min(out.len());
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.iter_mut().filter(|buffer| buffer.len() < longest).for_each(|buffer| buffer.resize(longest, 0));
        for (number, block) in out.chunks_mut(header.block_bytes.max(1)).enumerate() {
            let streams = place_of(number).and_then(|place| packed.get(place..)).ok_or_else(cut_off)?;
            expand_block(header, streams, block, scratch)?;
        }
        Ok(())
    })
}

/// As [`expand_into`], for data that say themselves how long they become, but never longer than `most`.
pub(crate) fn expand(packed: &[u8], most: usize) -> Result<Vec<u8>, Broken> {
    let header = Header::read(packed)?;
    if header.plain_bytes > most {
        return Err(Broken(format!("blosc data claim {} bytes where at most {most} are possible", header.plain_bytes)));
    }
    let mut out = vec![0; header.plain_bytes];
    expand_into(packed, &mut out)?;
    Ok(out)
}

fn expand_block(header: &Header, streams: &[u8], out: &mut [u8], [first, second]: &mut [Vec<u8>; 2]) -> Result<(), Broken> {
    let size = header.type_size;
    let (shuffled, planes) = (header.flags & FLAG_SHUFFLE != 0 && size > 1, &mut first[..out.len()]);
    // c-blosc leaves blocks of other lengths as they are.
    let bits = header.flags & FLAG_BIT_SHUFFLE != 0 && out.len() >= size && (out.len() / size).is_multiple_of(8);
    if shuffled {
        expand_streams(header, streams, planes)?;
        shuffle::unshuffle(planes, size, out);
    } else if bits {
        expand_streams(header, streams, planes)?;
        let whole = out.len() / size * size;
        shuffle::bit_unshuffle(&planes[..whole], size, &mut out[..whole], second);
        out[whole..].copy_from_slice(&planes[whole..]);
    } else {
        expand_streams(header, streams, out)?;
    }
    Ok(())
}

fn expand_streams(header: &Header, mut streams: &[u8], out: &mut [u8]) -> Result<(), Broken> {
    let whole = out.len() == header.block_bytes;
    let size = header.type_size;
    let split = header.flags & FLAG_NOT_SPLIT == 0 && whole && size <= SPLIT_SIZE_MAX && out.len() / size >= SPLIT_STREAM_MIN;
    let length = if split { out.len() / size } else { out.len() };
    for out in out.chunks_mut(length.max(1)) {
        let (head, rest) = streams.split_first_chunk().ok_or_else(cut_off)?;
        let packed = u32::from_le_bytes(*head) as usize;
        let (stream, rest) = rest.split_at_checked(packed).ok_or_else(cut_off)?;
        streams = rest;
        if packed == out.len() {
            out.copy_from_slice(stream);
            continue;
        }
        match header.flags >> 5 {
            0 => blosclz::expand_into(stream, out)?,
            1 => lz4::expand_into(stream, out)?,
            2 => return Err(Broken::new("blosc data packed by Snappy are not read")),
            3 => zlib_into(stream, out)?,
            4 => zstd_into(stream, out)?,
            other => return Err(Broken(format!("blosc data packed by compressor {other} are not read"))),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::blosc_pack::{Compressor, Packer, Packing, Shuffle};

    /// Grey values with grain, or noise that no packer makes smaller.
    fn packed(bytes: usize, is_noise: bool) -> (Vec<u8>, Vec<u8>) {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let plain: Vec<u8> = (0..bytes).map(|at| if is_noise || at % 2 == 0 { next() } else { (at / 5_000) as u8 }).collect();
        let packing = Packing { compressor: Compressor::Planes, level: 1, shuffle: Shuffle::Bytes, type_size: 2 };
        let mut container = Vec::new();
        let length = Packer::new(packing).pack(&plain, &mut container).unwrap();
        container.truncate(length);
        (plain, container)
    }

    /// The same blocks, the last of them first.
    fn in_another_order(container: &[u8]) -> Vec<u8> {
        let header = Header::read(container).unwrap();
        let count = header.plain_bytes.div_ceil(header.block_bytes);
        let place = |number: usize| u32::from_le_bytes(*container[HEADER_BYTES + 4 * number..].first_chunk().unwrap()) as usize;
        let mut out = container[..HEADER_BYTES + 4 * count].to_vec();
        for number in (0..count).rev() {
            let end = if number + 1 < count { place(number + 1) } else { container.len() };
            let at = (out.len() as u32).to_le_bytes();
            out[HEADER_BYTES + 4 * number..][..4].copy_from_slice(&at);
            out.extend_from_slice(&container[place(number)..end]);
        }
        out
    }

    #[test]
    fn a_part_is_the_same_as_in_the_whole_and_takes_fewer_bytes() {
        for is_noise in [false, true] {
            let (plain, container) = packed(600_000, is_noise);
            assert_eq!(Header::read(&container).unwrap().is_stored(), is_noise);
            let turned = if is_noise { container.clone() } else { in_another_order(&container) };
            for (container, wanted) in [(&container, 0..1), (&container, 140_000..300_000), (&turned, 0..1), (&turned, 599_999..600_000)] {
                let part = Part::of(&container[..Part::HEAD_BYTES], container.len(), plain.len(), wanted.clone()).unwrap().unwrap();
                assert!(part.packed.len() < container.len() * 2 / 3, "{wanted:?}");
                assert!(part.plain.start <= wanted.start && wanted.end <= part.plain.end);
                assert!(part.expand(&container[part.packed.clone()]).unwrap() == plain[part.plain.clone()], "{wanted:?}");
            }
            // Too little to know, and too little to be true.
            let few = Part::of(&container[..20], container.len(), plain.len(), 0..1);
            assert_eq!(few.unwrap().is_none(), !is_noise);
            let cut = &container[..container.len() - 1];
            assert!(Part::of(&cut[..Part::HEAD_BYTES], cut.len(), plain.len(), 0..1).is_err());
        }
        // A place beyond the end, and one in front of the blocks.
        let (plain, container) = packed(600_000, false);
        for place in [container.len() as u32, u32::MAX, 0] {
            let mut wrong = container.clone();
            wrong[HEADER_BYTES..HEADER_BYTES + 4].copy_from_slice(&place.to_le_bytes());
            let part = Part::of(&wrong, wrong.len(), plain.len(), 0..1);
            let outcome = part.and_then(|part| part.unwrap().expand(&wrong[..1_000]));
            assert!(outcome.is_err(), "{place}");
        }
    }
}
