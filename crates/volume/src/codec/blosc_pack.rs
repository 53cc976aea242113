//! Writes blosc 1 containers that every c-blosc expands, looking at each stream before it spends time on it.
//!
//! Grey values of a tomogram are structure in the high bits and noise in the low ones. Noise has no matches to find and
//! no symbol more frequent than another; a search costs time and finds nothing. So a short look at a stream decides:
//! noise is stored as it is, streams that repeat themselves get a match search, and everything between is Huffman-coded
//! without any search (docs/decisions/0007). Streams are always split by byte, which zstd in c-blosc does not do by itself
//! and reads all the same.

use zstd::zstd_safe::{CCtx, CParameter, ParamSwitch, ResetDirective};

use super::Broken;
use super::blosc::{
    FLAG_BIT_SHUFFLE, FLAG_NOT_SPLIT, FLAG_SHUFFLE, FLAG_STORED, FORMAT_VERSION, HEADER_BYTES, SPLIT_SIZE_MAX, SPLIT_STREAM_MIN,
};
use super::look::{Sight, look};
use super::shuffle;

/// Bytes of one stream. A block of a few planes of a chunk can be expanded by itself, which is all that a slice needs.
const STREAM_BYTES: usize = 64 << 10;
/// Level of zstd that searches for nothing.
const ZSTD_NO_SEARCH: i32 = -100;
/// Level of zstd for streams that repeat themselves, when nobody asked for another.
const ZSTD_SEARCH: i32 = 3;
/// Up to this level of blosc, streams that do not repeat themselves are searched as quickly as zstd can.
const QUICK_LEVEL_MAX: i32 = 3;
/// Magic number, then a descriptor: one segment, four bytes of content size, no checksum.
const ZSTD_FRAME_HEAD: [u8; 5] = [0x28, 0xb5, 0x2f, 0xfd, 0xa0];
/// Most bytes of a block in a zstd frame.
const ZSTD_BLOCK_BYTES: usize = 128 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compressor {
    /// zstd that looks first.
    Planes,
    Zstd,
    Lz4,
    Zlib,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shuffle {
    None,
    Bytes,
    Bits,
}

/// How containers are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packing {
    pub(crate) compressor: Compressor,
    /// 1 to 9, as blosc counts.
    pub(crate) level: i32,
    pub(crate) shuffle: Shuffle,
    /// Bytes of a voxel.
    pub(crate) type_size: usize,
}

impl Packing {
    /// Bytes of a block and whether its planes are streams of their own.
    fn blocks(&self, plain: usize) -> (usize, bool) {
        let size = self.type_size;
        let streams = if self.shuffle == Shuffle::None || size > SPLIT_SIZE_MAX { 1 } else { size };
        let most = STREAM_BYTES * streams;
        // One block up to half more than that; else equal blocks of whole bytes in every row of bits.
        let count = if plain <= most + most / 2 { 1 } else { plain.div_ceil(most) };
        let block = if count == 1 { plain } else { plain.div_ceil(count).next_multiple_of(8 * size) };
        (block, streams > 1 && block / size >= SPLIT_STREAM_MIN && block % size == 0)
    }

    /// The level as zstd counts, which c-blosc spreads over its own nine.
    fn zstd_level(&self) -> i32 {
        match self.level {
            level @ 1..=7 => 2 * level - 1,
            8 => 20,
            _ => 22,
        }
    }
}

/// One thread's compressor and its buffers.
pub(crate) struct Packer {
    packing: Packing,
    zstd: CCtx<'static>,
    zstd_level: Option<(i32, bool)>,
    planes: Vec<u8>,
    scratch: Vec<u8>,
}

impl Packer {
    pub(crate) fn new(packing: Packing) -> Self {
        Self { packing, zstd: CCtx::create(), zstd_level: None, planes: Vec::new(), scratch: Vec::new() }
    }

    /// Writes the whole container to the front of `out`, which is made as long as needed, and returns its length.
    pub(crate) fn pack(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<usize, Broken> {
        let (block, split) = self.packing.blocks(plain.len());
        let block = block.max(1);
        let places = plain.len().div_ceil(block);
        let most = HEADER_BYTES + 4 * places + plain.len() + 4 * places * self.packing.type_size.max(1);
        if out.len() < most {
            out.resize(most, 0);
        }
        let mut end = HEADER_BYTES + 4 * places;
        for (number, block_bytes) in plain.chunks(block).enumerate() {
            out[HEADER_BYTES + 4 * number..][..4].copy_from_slice(&(end as u32).to_le_bytes());
            end += self.pack_block(block_bytes, split && block_bytes.len() == block, &mut out[end..])?;
        }
        let stored = end >= HEADER_BYTES + plain.len();
        if stored {
            end = HEADER_BYTES + plain.len();
            out[HEADER_BYTES..end].copy_from_slice(plain);
        }
        self.write_header(out, plain.len(), block, split, stored, end);
        Ok(end)
    }

    fn write_header(&self, out: &mut [u8], plain: usize, block: usize, split: bool, stored: bool, end: usize) {
        let (version, compressor) = match self.packing.compressor {
            Compressor::Lz4 => (1, 1),
            Compressor::Zlib => (1, 3),
            Compressor::Zstd | Compressor::Planes => (1, 4),
        };
        let shuffle = match self.packing.shuffle {
            Shuffle::None => 0,
            Shuffle::Bytes => FLAG_SHUFFLE,
            Shuffle::Bits => FLAG_BIT_SHUFFLE,
        };
        let flags = compressor << 5 | shuffle | if stored { FLAG_STORED } else { 0 } | if split { 0 } else { FLAG_NOT_SPLIT };
        out[..4].copy_from_slice(&[FORMAT_VERSION, version, flags, self.packing.type_size as u8]);
        for (at, number) in [(4, plain), (8, block), (12, end)] {
            out[at..at + 4].copy_from_slice(&(number as u32).to_le_bytes());
        }
    }

    /// Returns how many bytes of `out` were used.
    fn pack_block(&mut self, plain: &[u8], split: bool, out: &mut [u8]) -> Result<usize, Broken> {
        let size = self.packing.type_size;
        let mut planes = std::mem::take(&mut self.planes);
        let shuffled = match self.packing.shuffle {
            Shuffle::Bytes if size > 1 => {
                planes.resize(plain.len().max(planes.len()), 0);
                shuffle::shuffle(plain, size, &mut planes[..plain.len()]);
                &planes[..plain.len()]
            }
            Shuffle::Bits if (plain.len() / size).is_multiple_of(8) && plain.len() >= size => {
                planes.resize(plain.len().max(planes.len()), 0);
                self.scratch.resize(plain.len().max(self.scratch.len()), 0);
                let whole = plain.len() / size * size;
                shuffle::bit_shuffle(&plain[..whole], size, &mut planes[..whole], &mut self.scratch);
                planes[whole..plain.len()].copy_from_slice(&plain[whole..]);
                &planes[..plain.len()]
            }
            _ => plain,
        };
        let mut end = 0;
        for stream in shuffled.chunks(if split { plain.len() / size } else { plain.len().max(1) }) {
            let written = self.pack_stream(stream, &mut out[end + 4..end + 4 + stream.len()])?;
            out[end..end + 4].copy_from_slice(&(written as u32).to_le_bytes());
            end += 4 + written;
        }
        self.planes = planes;
        Ok(end)
    }

    /// Packs one stream, or stores it when that is no longer; `out` is as long as the stream.
    fn pack_stream(&mut self, stream: &[u8], out: &mut [u8]) -> Result<usize, Broken> {
        let room = stream.len().saturating_sub(1);
        let written = match self.packing.compressor {
            Compressor::Planes => match look(stream) {
                Sight::Noise => None,
                Sight::Uneven => self.zstd(stream, ZSTD_NO_SEARCH, &mut out[..room]),
                Sight::Repeats => self.zstd(stream, ZSTD_SEARCH, &mut out[..room]),
            },
            Compressor::Zstd => self.zstd_past_noise(stream, &mut out[..room]),
            Compressor::Lz4 => {
                self.scratch.resize(lz4_flex::block::get_maximum_output_size(stream.len()).max(self.scratch.len()), 0);
                let written = lz4_flex::block::compress_into(stream, &mut self.scratch).ok().filter(|&written| written <= room);
                written.inspect(|&written| out[..written].copy_from_slice(&self.scratch[..written]))
            }
            Compressor::Zlib => {
                let mut packer = flate2::Compress::new(flate2::Compression::new(self.packing.level as u32), true);
                match packer.compress(stream, &mut out[..room], flate2::FlushCompress::Finish) {
                    Ok(flate2::Status::StreamEnd) => Some(packer.total_out() as usize),
                    _ => None,
                }
            }
        };
        Ok(written.unwrap_or_else(|| {
            out[..stream.len()].copy_from_slice(stream);
            stream.len()
        }))
    }

    /// Packs at the asked level what follows the noise in front: with shuffled bits the low ones come first.
    fn zstd_past_noise(&mut self, stream: &[u8], out: &mut [u8]) -> Option<usize> {
        let row = stream.len() / 8;
        let noisy = match self.packing.shuffle {
            Shuffle::Bits => stream.chunks_exact(row.max(1)).take_while(|row| matches!(look(row), Sight::Noise)).count() * row,
            _ => {
                if matches!(look(stream), Sight::Noise) {
                    stream.len()
                } else {
                    0
                }
            }
        };
        let (noise, rest) = stream.split_at(noisy);
        // Without anything that comes again, a longer search gains less than a thousandth.
        let hopeless = self.packing.level <= QUICK_LEVEL_MAX && look(rest) != Sight::Repeats;
        let level = if hopeless { 1 } else { self.packing.zstd_level() };
        if noisy == 0 {
            return self.zstd(stream, level, out);
        }
        let mut end = ZSTD_FRAME_HEAD.len() + 4;
        if rest.is_empty() || end + noise.len() + 64 > out.len() {
            return None;
        }
        // One frame: blocks of noise as they are, then the blocks that zstd makes of the rest.
        out[..end - 4].copy_from_slice(&ZSTD_FRAME_HEAD);
        out[end - 4..end].copy_from_slice(&(stream.len() as u32).to_le_bytes());
        for block in noise.chunks(ZSTD_BLOCK_BYTES) {
            out.get_mut(end..end + 3 + block.len())?[3..].copy_from_slice(block);
            out[end..end + 3].copy_from_slice(&((block.len() as u32) << 3).to_le_bytes()[..3]);
            end += 3 + block.len();
        }
        let written = self.zstd(rest, level, &mut out[end..])?;
        let head = zstd_head_bytes(&out[end..end + written])?;
        out.copy_within(end + head..end + written, end);
        Some(end + written - head)
    }

    /// One frame, or nothing when it has no room in `out`.
    fn zstd(&mut self, stream: &[u8], level: i32, out: &mut [u8]) -> Option<usize> {
        let huffman = level < 0;
        if self.zstd_level != Some((level, huffman)) {
            let literals = if huffman { ParamSwitch::Enable } else { ParamSwitch::Auto };
            self.zstd.set_parameter(CParameter::CompressionLevel(level)).ok()?;
            self.zstd.set_parameter(CParameter::LiteralCompressionMode(literals)).ok()?;
            self.zstd_level = Some((level, huffman));
        }
        let written = self.zstd.compress2(out, stream).ok();
        if written.is_none() {
            // A frame that had no room is still begun, and would keep the next parameters out.
            self.zstd.reset(ResetDirective::SessionOnly).ok()?;
        }
        written
    }
}

/// Length of the header of a frame without dictionary; source: RFC 8878, section 3.1.1.1.
fn zstd_head_bytes(frame: &[u8]) -> Option<usize> {
    let descriptor = *frame.get(4)?;
    let one_segment = descriptor & 0x20 != 0;
    let content = match descriptor >> 6 {
        0 => usize::from(one_segment),
        1 => 2,
        2 => 4,
        _ => 8,
    };
    Some(5 + usize::from(!one_segment) + content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::blosc;

    fn packed(packer: &mut Packer, plain: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let length = packer.pack(plain, &mut out).unwrap();
        out.truncate(length);
        out
    }

    /// 16-bit grey values with so many noisy low bits.
    fn grey(count: usize, noisy_bits: u32) -> Vec<u8> {
        let mut state = 3u64;
        let value = |index: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let noise = (state >> 40) as u16 & ((1u32 << noisy_bits) - 1) as u16;
            let coarse = ((index / 64) % 7 * 3_000) as u16;
            (coarse & !((1u32 << noisy_bits) - 1) as u16 | noise).to_le_bytes()
        };
        (0..count).flat_map(value).collect()
    }

    #[test]
    fn everything_that_is_packed_expands_again() {
        for compressor in [Compressor::Planes, Compressor::Zstd, Compressor::Lz4, Compressor::Zlib] {
            for shuffle in [Shuffle::None, Shuffle::Bytes, Shuffle::Bits] {
                for type_size in [1, 2, 4, 8] {
                    let mut packer = Packer::new(Packing { compressor, level: 3, shuffle, type_size });
                    for (count, bits) in [(0, 4), (4, 8), (12, 16), (1_000, 5), (64 * 64 * 64, 11), (300_004, 16), (262_144, 0)] {
                        let plain = grey(count * type_size / 2, bits);
                        let packed = packed(&mut packer, &plain);
                        assert!(packed.len() <= plain.len() + 16);
                        assert!(
                            blosc::expand(&packed, plain.len()).unwrap() == plain,
                            "{compressor:?} {shuffle:?} {type_size} {count} {bits}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn noise_in_the_low_bits_does_not_hide_the_high_ones() {
        let plain = grey(64 * 64 * 64, 11);
        let mut bits = Packer::new(Packing { compressor: Compressor::Zstd, level: 3, shuffle: Shuffle::Bits, type_size: 2 });
        let mut planes = Packer::new(Packing { compressor: Compressor::Planes, level: 1, shuffle: Shuffle::Bytes, type_size: 2 });
        let least = plain.len() * 11 / 16;
        let (bits, planes) = (packed(&mut bits, &plain).len(), packed(&mut planes, &plain).len());
        assert!(bits < least + least / 50 && planes < plain.len() * 9 / 10, "{bits} {planes} {least}");
    }

    #[test]
    fn what_was_packed_before_does_not_matter() {
        for compressor in [Compressor::Planes, Compressor::Zstd] {
            let packing = Packing { compressor, level: 1, shuffle: Shuffle::Bytes, type_size: 2 };
            let mut used = Packer::new(packing);
            // Streams that look uneven and do not shrink, between others that repeat themselves.
            for (count, bits) in [(262_144, 0), (40_000, 15), (262_144, 3), (3_000, 15), (1_030, 15), (262_144, 0), (5_000, 7)] {
                let plain = grey(count, bits);
                let fresh = packed(&mut Packer::new(packing), &plain);
                assert!(packed(&mut used, &plain) == fresh, "{compressor:?} {count} {bits}");
            }
        }
    }

    #[test]
    fn damaged_containers_are_refused() {
        let plain = grey(4_096, 6);
        let packed =
            packed(&mut Packer::new(Packing { compressor: Compressor::Zstd, level: 1, shuffle: Shuffle::Bits, type_size: 2 }), &plain);
        assert!(blosc::expand(&packed, plain.len() - 1).is_err());
        for cut in 0..packed.len() {
            assert!(blosc::expand(&packed[..cut], plain.len()).is_err(), "{cut}");
        }
        let mut told = 0;
        for place in 0..packed.len() {
            let mut damaged = packed.clone();
            damaged[place] ^= 0x55;
            told += usize::from(blosc::expand(&damaged, 1 << 20).is_err());
        }
        assert!(told > 20, "{told}");
    }
}
