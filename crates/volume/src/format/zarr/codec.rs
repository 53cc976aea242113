//! What foreign writers do to a chunk between voxels and stored bytes, and how each step is undone.
//!
//! Sources: the Zarr 3 core specification and its codec pages, the numcodecs documentation (Zarr 2 and the names
//! `numcodecs.*`), and the N5 specification with n5-blosc and n5-zstandard.

use std::io::Read;

use serde_json::Value;

use crate::Trouble;
use crate::element::swap_bytes;

/// One step that turns bytes into other bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Gzip,
    Zlib,
    Zstd,
    Blosc,
    Bzip2,
    /// numcodecs: four bytes of length, then one block.
    Lz4Block,
    /// The stream of lz4-java that N5 writes.
    Lz4Java,
    Crc32c(At),
    Crc32(At),
    Adler32(At),
    /// Bytes of equal significance lie together, for voxels of that size.
    Shuffle(usize),
    /// Every voxel is the difference to the one before.
    Delta {
        bytes: usize,
        big_endian: bool,
    },
}

/// Where a checksum stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    Start,
    End,
}

fn refuse(what: impl Into<String>) -> Trouble {
    Trouble::new(what, "Save it again with one of the codecs gzip, zstd or blosc")
}

fn broken(error: impl std::fmt::Display) -> Trouble {
    Trouble::new(format!("a chunk does not expand ({error})"), "The file was damaged on its way; upload it again")
}

impl Packing {
    /// A codec of numcodecs, as `.zarray` and the `numcodecs.*` names of Zarr 3 give it; `None` for one that changes nothing.
    pub(crate) fn of_numcodecs(name: &str, settings: &Value, voxel_bytes: usize, big_endian: bool) -> Result<Option<Self>, Trouble> {
        let at = |usual: At| match settings["location"].as_str() {
            Some("start") => At::Start,
            Some("end") => At::End,
            _ => usual,
        };
        Ok(Some(match name {
            "gzip" => Self::Gzip,
            "zlib" => Self::Zlib,
            "zstd" => Self::Zstd,
            "blosc" => Self::Blosc,
            "bz2" => Self::Bzip2,
            "lz4" => Self::Lz4Block,
            "crc32c" => Self::Crc32c(at(At::End)),
            "crc32" => Self::Crc32(at(At::Start)),
            "adler32" => Self::Adler32(at(At::Start)),
            "shuffle" => Self::Shuffle(size_within(&settings["elementsize"], 4)?),
            "delta" => {
                let kept = settings["astype"].is_null() || settings["astype"] == settings["dtype"];
                let kind = settings["dtype"].as_str().unwrap_or_default();
                if !kept || kind.contains(['f', 'c']) {
                    return Err(refuse("its delta filter changes the type of the voxels"));
                }
                Self::Delta { bytes: voxel_bytes, big_endian }
            }
            // These only rounded what was written.
            "bitround" => return Ok(None),
            other => return Err(refuse(format!("the codec “{other}” is not read"))),
        }))
    }

    /// A bytes-to-bytes codec of Zarr 3.
    pub(crate) fn of_zarr3(name: &str, settings: &Value, voxel_bytes: usize, big_endian: bool) -> Result<Option<Self>, Trouble> {
        match name {
            "gzip" => Ok(Some(Self::Gzip)),
            "zstd" => Ok(Some(Self::Zstd)),
            "blosc" => Ok(Some(Self::Blosc)),
            "crc32c" => Ok(Some(Self::Crc32c(At::End))),
            _ => match name.strip_prefix("numcodecs.") {
                Some(inner) => Self::of_numcodecs(inner, settings, voxel_bytes, big_endian),
                None => Err(refuse(format!("the codec “{name}” is not read"))),
            },
        }
    }

    /// The `compression` of an N5 dataset, in the new and the old spelling.
    pub(crate) fn of_n5(attributes: &Value) -> Result<Option<Self>, Trouble> {
        let compression = &attributes["compression"];
        let name = compression["type"].as_str().or(attributes["compressionType"].as_str()).unwrap_or("raw");
        Ok(match name {
            "raw" => None,
            "gzip" if compression["useZlib"] == true => Some(Self::Zlib),
            "gzip" => Some(Self::Gzip),
            "zstd" => Some(Self::Zstd),
            "blosc" => Some(Self::Blosc),
            "bzip2" => Some(Self::Bzip2),
            "lz4" => Some(Self::Lz4Java),
            other => return Err(refuse(format!("the N5 compression “{other}” is not read"))),
        })
    }
}

fn size_within(value: &Value, usual: usize) -> Result<usize, Trouble> {
    match value.as_u64() {
        None => Ok(usual),
        Some(size @ 1..=64) => Ok(size as usize),
        Some(size) => Err(refuse(format!("its shuffle filter is for voxels of {size} bytes"))),
    }
}

/// Undoes all steps; at most `expected` bytes come out, and while packed a little more are allowed.
pub(crate) fn unpack_all(packings: &[Packing], stored: Vec<u8>, expected: usize) -> Result<Vec<u8>, Trouble> {
    let mut bytes = stored;
    for (index, packing) in packings.iter().enumerate().rev() {
        let most = if index == 0 { expected } else { expected + expected / 8 + 4_096 };
        bytes = unpack(*packing, bytes, most)?;
    }
    Ok(bytes)
}

fn unpack(packing: Packing, stored: Vec<u8>, most: usize) -> Result<Vec<u8>, Trouble> {
    match packing {
        Packing::Gzip => take(flate2::read::MultiGzDecoder::new(&stored[..]), most),
        Packing::Zlib => take(flate2::read::ZlibDecoder::new(&stored[..]), most),
        Packing::Zstd => take(zstd::stream::read::Decoder::new(&stored[..]).map_err(broken)?, most),
        Packing::Bzip2 => take(bzip2::read::MultiBzDecoder::new(&stored[..]), most),
        Packing::Blosc => crate::codec::blosc::expand(&stored, most).map_err(broken),
        Packing::Lz4Block => {
            let length = word(&stored, 0).filter(|&length| length as usize <= most).ok_or_else(|| broken("its length is wrong"))?;
            lz4_flex::block::decompress(&stored[4..], length as usize).map_err(broken)
        }
        Packing::Lz4Java => lz4_java(&stored, most),
        Packing::Crc32c(at) => checked(stored, at, crc32c::crc32c),
        Packing::Crc32(at) => checked(stored, at, |bytes| {
            let mut sum = flate2::Crc::new();
            sum.update(bytes);
            sum.sum()
        }),
        Packing::Adler32(at) => checked(stored, at, adler32),
        Packing::Shuffle(size) => {
            let mut plain = vec![0; stored.len()];
            crate::codec::shuffle::unshuffle(&stored, size, &mut plain);
            Ok(plain)
        }
        Packing::Delta { bytes, big_endian } => Ok(add_up(stored, bytes, big_endian)),
    }
}

/// Reads to the end, and refuses what does not end within `most` bytes.
fn take(reader: impl Read, most: usize) -> Result<Vec<u8>, Trouble> {
    let mut out = Vec::with_capacity(most.min(1 << 26));
    reader.take(most as u64 + 1).read_to_end(&mut out).map_err(broken)?;
    if out.len() > most {
        return Err(broken(format!("it holds more than {most} bytes")));
    }
    Ok(out)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

/// Blocks of the lz4-java stream: magic, token, packed and plain length, checksum, bytes; the last one is empty.
fn lz4_java(stored: &[u8], most: usize) -> Result<Vec<u8>, Trouble> {
    const HEAD: usize = 21;
    let mut out = Vec::new();
    let mut rest = stored;
    while !rest.is_empty() {
        let head = rest.get(..HEAD).filter(|head| head.starts_with(b"LZ4Block")).ok_or_else(|| broken("no LZ4 block begins here"))?;
        let (Some(packed), Some(plain)) = (word(head, 9), word(head, 13)) else { return Err(broken("a block is cut off")) };
        let (packed, plain) = (packed as usize, plain as usize);
        if plain == 0 {
            break;
        }
        let body = rest[HEAD..].get(..packed).ok_or_else(|| broken("a block is cut off"))?;
        if out.len().checked_add(plain).is_none_or(|length| length > most) {
            return Err(broken(format!("it holds more than {most} bytes")));
        }
        match head[8] & 0xf0 {
            0x10 if packed == plain => out.extend_from_slice(body),
            0x20 => {
                let expanded = lz4_flex::block::decompress(body, plain).map_err(broken)?;
                if expanded.len() != plain {
                    return Err(broken("a block has the wrong length"));
                }
                out.extend_from_slice(&expanded);
            }
            _ => return Err(broken("a block is packed in an unknown way")),
        }
        rest = &rest[HEAD + packed..];
    }
    Ok(out)
}

fn checked(mut stored: Vec<u8>, at: At, sum_of: impl Fn(&[u8]) -> u32) -> Result<Vec<u8>, Trouble> {
    let inside = stored.len().checked_sub(4).ok_or_else(|| broken("it is shorter than its checksum"))?;
    let (sum, body) = match at {
        At::Start => (&stored[..4], &stored[4..]),
        At::End => (&stored[inside..], &stored[..inside]),
    };
    if sum_of(body).to_le_bytes() != *sum {
        return Err(broken("its checksum is wrong"));
    }
    match at {
        At::Start => drop(stored.drain(..4)),
        At::End => stored.truncate(inside),
    }
    Ok(stored)
}

fn adler32(bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (1_u32, 0_u32);
    // So many sums of bytes fit into 32 bits before the remainder must be taken.
    for piece in bytes.chunks(5_552) {
        for &byte in piece {
            low += u32::from(byte);
            high += low;
        }
        low %= 65_521;
        high %= 65_521;
    }
    high << 16 | low
}

fn add_up(mut bytes: Vec<u8>, size: usize, big_endian: bool) -> Vec<u8> {
    if big_endian {
        swap_bytes(&mut bytes, size);
    }
    let mut sum = 0_u64;
    for voxel in bytes.chunks_exact_mut(size) {
        let mut word = [0; 8];
        word[..size].copy_from_slice(voxel);
        sum = sum.wrapping_add(u64::from_le_bytes(word));
        voxel.copy_from_slice(&sum.to_le_bytes()[..size]);
    }
    if big_endian {
        swap_bytes(&mut bytes, size);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_small_step_is_undone() {
        assert_eq!(unpack(Packing::Shuffle(2), vec![1, 3, 5, 2, 4, 6, 9], 7).unwrap(), [1, 2, 3, 4, 5, 6, 9]);
        assert_eq!(add_up(vec![250, 0, 10, 0, 255, 255], 2, false), [250, 0, 4, 1, 3, 1]);
        assert_eq!(add_up(vec![0, 250, 0, 10], 2, true), [0, 250, 1, 4]);
        // The well-known sum of "Wikipedia".
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
        assert_eq!(
            unpack(Packing::Adler32(At::Start), [&0x11e6_0398_u32.to_le_bytes()[..], b"Wikipedia"].concat(), 9).unwrap(),
            b"Wikipedia"
        );
    }

    #[test]
    fn a_small_chunk_does_not_become_a_large_one() {
        let zeros = vec![0; 1 << 20];
        let packed = zstd::bulk::compress(&zeros, 1).unwrap();
        assert!(unpack(Packing::Zstd, packed, 1_000).is_err());
        let mut stream = b"LZ4Block\x10".to_vec();
        stream.extend_from_slice(&u32::MAX.to_le_bytes());
        stream.extend_from_slice(&u32::MAX.to_le_bytes());
        stream.extend_from_slice(&[0; 4]);
        assert!(unpack(Packing::Lz4Java, stream, 1_000).is_err());
        let mut block = u32::MAX.to_le_bytes().to_vec();
        block.push(0);
        assert!(unpack(Packing::Lz4Block, block, 1_000).is_err());
    }
}
