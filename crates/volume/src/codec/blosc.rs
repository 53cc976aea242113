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
        let head = packed.get(..HEADER_BYTES).ok_or_else(cut_off)?;
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
        if header.packed_bytes < HEADER_BYTES || header.packed_bytes > packed.len() || (header.block_bytes == 0 && header.plain_bytes > 0) {
            return Err(cut_off());
        }
        Ok(header)
    }
}

fn cut_off() -> Broken {
    Broken::new("blosc data are cut off or damaged")
}

/// Expands to exactly as many bytes as `out` has.
pub(crate) fn expand_into(packed: &[u8], out: &mut [u8]) -> Result<(), Broken> {
    let header = Header::read(packed)?;
    super::check_length(header.plain_bytes, out.len())?;
    expand_blocks(&header, packed, 0, out)
}

/// Expands no more than the blocks that hold `part` of the `plain_bytes`; returns them and where they begin.
pub(crate) fn expand_part(packed: &[u8], plain_bytes: usize, part: Range<usize>) -> Result<(Vec<u8>, usize), Broken> {
    let header = Header::read(packed)?;
    super::check_length(header.plain_bytes, plain_bytes)?;
    let block = header.block_bytes.max(1);
    let (first, end) = (part.start / block, part.end.div_ceil(block));
    let (start, end) = (first * block, end.saturating_mul(block).min(plain_bytes));
    let mut out = vec![0; end.checked_sub(start).ok_or_else(cut_off)?];
    expand_blocks(&header, packed, first, &mut out)?;
    Ok((out, start))
}

/// Expands the blocks from `first_block` on that `out` has room for.
fn expand_blocks(header: &Header, packed: &[u8], first_block: usize, out: &mut [u8]) -> Result<(), Broken> {
    let packed = &packed[..header.packed_bytes];
    if header.flags & FLAG_STORED != 0 {
        let from = HEADER_BYTES + first_block * header.block_bytes;
        let stored = packed.get(from..from + out.len()).ok_or_else(cut_off)?;
        out.copy_from_slice(stored);
        return Ok(());
    }
    thread_local! {
        static SCRATCH: RefCell<[Vec<u8>; 2]> = const { RefCell::new([const { Vec::new() }; 2]) };
    }
    let longest = header.block_bytes.min(out.len());
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.iter_mut().filter(|buffer| buffer.len() < longest).for_each(|buffer| buffer.resize(longest, 0));
        for (number, block) in out.chunks_mut(header.block_bytes.max(1)).enumerate() {
            let number = first_block + number;
            let place = packed.get(HEADER_BYTES + 4 * number..).and_then(|rest| rest.first_chunk()).ok_or_else(cut_off)?;
            let streams = packed.get(u32::from_le_bytes(*place) as usize..).ok_or_else(cut_off)?;
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
