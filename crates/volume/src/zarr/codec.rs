//! The codecs of a Zarr 3 array: those we offer by name, and any chain of them read from metadata and undone in reverse.

use std::io::{Read, Write};
use std::ops::Range;
use std::str::FromStr;

use serde_json::{Value, json};

use crate::codec::blosc::{self, Part};
use crate::codec::blosc_pack::{self, Compressor, Packing, Shuffle};
use crate::codec::{Broken, zstd_into};
use crate::element::swap_bytes;
use crate::{ElementType, Trouble};

/// How chunks are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// Planes of like bytes in a blosc container, each stored, Huffman-coded or searched as a look at it suggests.
    Planes,
    /// As they are.
    None,
    Zstd(i32),
    Gzip(u32),
    /// A blosc container of level 1 to 9.
    Blosc {
        compressor: BloscCompressor,
        level: u8,
        shuffle: BloscShuffle,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BloscCompressor {
    Zstd,
    Lz4,
    Zlib,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BloscShuffle {
    None,
    Bytes,
    Bits,
}

const COMPRESSORS: [(BloscCompressor, &str); 3] =
    [(BloscCompressor::Zstd, "zstd"), (BloscCompressor::Lz4, "lz4"), (BloscCompressor::Zlib, "zlib")];
const SHUFFLES: [(BloscShuffle, &str); 3] =
    [(BloscShuffle::None, "noshuffle"), (BloscShuffle::Bytes, "shuffle"), (BloscShuffle::Bits, "bitshuffle")];

impl Codec {
    /// All names that are understood, for messages.
    pub const NAMES: &'static str = "planes, none, zstd-1 to zstd-22, gzip-1 to gzip-9, \
        blosc-{zstd,lz4,zlib}-{1 to 9}-{noshuffle,shuffle,bitshuffle}";

    /// The entry of `codecs` in an array's metadata; nothing for bytes as they are.
    pub(crate) fn metadata(self, element: ElementType) -> Option<Value> {
        let blosc = |compressor: &str, level: u8, shuffle: &str| {
            let typesize = element.bytes();
            json!({"name": "blosc", "configuration":
                {"cname": compressor, "clevel": level, "shuffle": shuffle, "typesize": typesize, "blocksize": 0}})
        };
        match self {
            Self::None => None,
            Self::Planes => Some(blosc("zstd", 1, "shuffle")),
            Self::Zstd(level) => Some(json!({"name": "zstd", "configuration": {"level": level, "checksum": false}})),
            Self::Gzip(level) => Some(json!({"name": "gzip", "configuration": {"level": level}})),
            Self::Blosc { compressor, level, shuffle } => {
                Some(blosc(name_of(&COMPRESSORS, compressor), level, name_of(&SHUFFLES, shuffle)))
            }
        }
    }
}

fn name_of<T: PartialEq + Copy>(names: &[(T, &'static str)], wanted: T) -> &'static str {
    names.iter().find(|(value, _)| *value == wanted).map_or("", |(_, name)| name)
}

fn by_name<T: Copy>(names: &[(T, &'static str)], wanted: &str) -> Option<T> {
    names.iter().find(|(_, name)| *name == wanted).map(|(value, _)| *value)
}

impl std::fmt::Display for Codec {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Planes => out.write_str("planes"),
            Self::None => out.write_str("none"),
            Self::Zstd(level) => write!(out, "zstd-{level}"),
            Self::Gzip(level) => write!(out, "gzip-{level}"),
            Self::Blosc { compressor, level, shuffle } => {
                write!(out, "blosc-{}-{level}-{}", name_of(&COMPRESSORS, compressor), name_of(&SHUFFLES, shuffle))
            }
        }
    }
}

impl FromStr for Codec {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let level = |text: &str, most: u8| text.parse::<u8>().ok().filter(|level| (1..=most).contains(level));
        let parts: Vec<&str> = name.split('-').collect();
        let codec = match parts[..] {
            ["planes"] => Some(Self::Planes),
            ["none"] => Some(Self::None),
            ["zstd", asked] => level(asked, 22).map(|level| Self::Zstd(i32::from(level))),
            ["gzip", asked] => level(asked, 9).map(|level| Self::Gzip(u32::from(level))),
            ["blosc", compressor, asked, shuffle] => by_name(&COMPRESSORS, compressor)
                .zip(by_name(&SHUFFLES, shuffle))
                .zip(level(asked, 9))
                .map(|((compressor, shuffle), level)| Self::Blosc { compressor, level, shuffle }),
            _ => None,
        };
        codec.ok_or_else(|| format!("“{name}” is no codec known here; there are {}", Self::NAMES))
    }
}

/// One thread's packer of chunks.
pub(crate) struct ChunkPacker {
    made_for: (Codec, ElementType),
    kind: PackerKind,
}

enum PackerKind {
    Plain,
    Zstd(zstd::bulk::Compressor<'static>),
    Gzip(u32),
    Blosc(Box<blosc_pack::Packer>),
}

impl ChunkPacker {
    pub(crate) fn new(codec: Codec, element: ElementType) -> std::io::Result<Self> {
        let type_size = element.bytes();
        let blosc = |packing| PackerKind::Blosc(Box::new(blosc_pack::Packer::new(packing)));
        let kind = match codec {
            Codec::None => PackerKind::Plain,
            Codec::Zstd(level) => PackerKind::Zstd(zstd::bulk::Compressor::new(level)?),
            Codec::Gzip(level) => PackerKind::Gzip(level),
            Codec::Planes => blosc(Packing { compressor: Compressor::Planes, level: 1, shuffle: Shuffle::Bytes, type_size }),
            Codec::Blosc { compressor, level, shuffle } => blosc(Packing {
                compressor: match compressor {
                    BloscCompressor::Zstd => Compressor::Zstd,
                    BloscCompressor::Lz4 => Compressor::Lz4,
                    BloscCompressor::Zlib => Compressor::Zlib,
                },
                level: i32::from(level),
                shuffle: match shuffle {
                    BloscShuffle::None => Shuffle::None,
                    BloscShuffle::Bytes => Shuffle::Bytes,
                    BloscShuffle::Bits => Shuffle::Bits,
                },
                type_size,
            }),
        };
        Ok(Self { made_for: (codec, element), kind })
    }

    pub(crate) fn is_for(&self, codec: Codec, element: ElementType) -> bool {
        self.made_for == (codec, element)
    }

    /// Writes the stored bytes of a chunk to the front of `out`, which is made as long as needed, and returns their length.
    pub(crate) fn pack(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> std::io::Result<usize> {
        let mut make_room = |bytes: usize| out.resize(bytes.max(out.len()), 0);
        match &mut self.kind {
            PackerKind::Plain => {
                make_room(chunk.len());
                out[..chunk.len()].copy_from_slice(chunk);
                Ok(chunk.len())
            }
            PackerKind::Zstd(compressor) => {
                make_room(zstd::zstd_safe::compress_bound(chunk.len()));
                compressor.compress_to_buffer(chunk, &mut out[..])
            }
            PackerKind::Gzip(level) => {
                out.clear();
                let mut gzip = flate2::write::GzEncoder::new(&mut *out, flate2::Compression::new(*level));
                gzip.write_all(chunk)?;
                gzip.finish()?;
                Ok(out.len())
            }
            PackerKind::Blosc(packer) => packer.pack(chunk, out).map_err(|broken| std::io::Error::other(broken.to_string())),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stored {
    Zstd,
    Gzip,
    Blosc,
    Crc32c,
}

/// Codecs between a chunk's voxels and its stored bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pipeline {
    big_endian: bool,
    packings: Vec<Stored>,
}

fn refuse(what: String) -> Trouble {
    Trouble::new(what, "Convert the original again")
}

fn does_not_expand(broken: Broken) -> Trouble {
    refuse(format!("a chunk does not expand: {broken}"))
}

impl Pipeline {
    pub(crate) fn parse(codecs: &Value) -> Result<Self, Trouble> {
        let mut pipeline = Pipeline { big_endian: false, packings: Vec::new() };
        for codec in codecs.as_array().map_or(&[][..], Vec::as_slice) {
            match codec["name"].as_str().unwrap_or_default() {
                "bytes" => pipeline.big_endian = codec["configuration"]["endian"] == "big",
                "zstd" => pipeline.packings.push(Stored::Zstd),
                "gzip" => pipeline.packings.push(Stored::Gzip),
                "blosc" => pipeline.packings.push(Stored::Blosc),
                "crc32c" => pipeline.packings.push(Stored::Crc32c),
                other => return Err(refuse(format!("the Zarr codec “{other}” is not read"))),
            }
        }
        Ok(pipeline)
    }

    pub(crate) fn is_checked(&self) -> bool {
        self.packings.contains(&Stored::Crc32c)
    }

    /// Whether chunks are blosc containers and nothing more, of which [`Pipeline::part`] expands parts.
    pub(crate) fn has_parts(&self) -> bool {
        self.packings == [Stored::Blosc] && !self.big_endian
    }

    /// The neighbourhood of `wanted` in a chunk that expands to `expected` bytes; see [`Part::of`].
    pub(crate) fn part(head: &[u8], length: usize, expected: usize, wanted: Range<usize>) -> Result<Option<Part>, Trouble> {
        Part::of(head, length, expected, wanted).map_err(does_not_expand)
    }

    pub(crate) fn expand_part(part: &Part, packed: &[u8]) -> Result<Vec<u8>, Trouble> {
        part.expand(packed).map_err(does_not_expand)
    }

    /// Gives exactly `expected` bytes of little-endian voxels, or says why not.
    pub(crate) fn decode(&self, stored: &[u8], expected: usize, voxel: usize) -> Result<Vec<u8>, Trouble> {
        let mut bytes = std::borrow::Cow::Borrowed(stored);
        for (index, packing) in self.packings.iter().enumerate().rev() {
            // Only the first packing touches the voxels themselves; the others may be a little longer.
            let most = if index == 0 { expected } else { expected + expected / 8 + 1_024 };
            bytes = unpack(*packing, &bytes, most, index == 0)?.into();
        }
        if bytes.len() != expected {
            return Err(refuse(format!("a chunk expands to {} bytes instead of {expected}", bytes.len())));
        }
        let mut bytes = bytes.into_owned();
        if self.big_endian {
            swap_bytes(&mut bytes, voxel);
        }
        Ok(bytes)
    }
}

/// Expands to `most` bytes when that is `exact`, else to no more.
fn unpack(packing: Stored, stored: &[u8], most: usize, exact: bool) -> Result<Vec<u8>, Trouble> {
    let broken = |error: std::io::Error| refuse(format!("a chunk does not expand ({error})"));
    let mut out = Vec::new();
    match packing {
        Stored::Zstd if exact => {
            out = vec![0; most];
            zstd_into(stored, &mut out).map_err(does_not_expand)?;
        }
        Stored::Zstd => out = zstd::bulk::decompress(stored, most).map_err(broken)?,
        Stored::Blosc => out = blosc::expand(stored, most).map_err(does_not_expand)?,
        Stored::Gzip => {
            flate2::read::GzDecoder::new(stored).take(most as u64 + 1).read_to_end(&mut out).map_err(broken)?;
        }
        Stored::Crc32c => {
            let split = stored.len().checked_sub(4).ok_or_else(|| refuse("a chunk is cut off".into()))?;
            let (body, sum) = stored.split_at(split);
            if crc32c::crc32c(body).to_le_bytes() != *sum {
                return Err(refuse("a chunk's checksum is wrong".into()));
            }
            out.extend_from_slice(body);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        for name in
            ["planes", "none", "zstd-1", "zstd-22", "gzip-6", "blosc-zstd-3-bitshuffle", "blosc-lz4-5-shuffle", "blosc-zlib-9-noshuffle"]
        {
            assert_eq!(name.parse::<Codec>().unwrap().to_string(), name);
        }
        for bad in ["", "zstd", "zstd-0", "zstd-23", "gzip-10", "blosc-snappy-1-shuffle", "blosc-zstd-3", "blosc-zstd-0-shuffle", "lzma-1"]
        {
            assert!(bad.parse::<Codec>().unwrap_err().contains("there are planes"), "{bad}");
        }
    }
}
