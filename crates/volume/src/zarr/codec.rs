//! The codecs of a Zarr 3 array, read from its metadata and undone in reverse.

use std::io::Read;

use serde_json::Value;

use crate::Trouble;
use crate::element::swap_bytes;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Zstd,
    Gzip,
    Crc32c,
}

/// Codecs between a chunk's voxels and its stored bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pipeline {
    big_endian: bool,
    packings: Vec<Packing>,
}

fn refuse(what: String) -> Trouble {
    Trouble::new(what, "Convert the original again")
}

impl Pipeline {
    pub(crate) fn parse(codecs: &Value) -> Result<Self, Trouble> {
        let mut pipeline = Pipeline { big_endian: false, packings: Vec::new() };
        for codec in codecs.as_array().map_or(&[][..], Vec::as_slice) {
            match codec["name"].as_str().unwrap_or_default() {
                "bytes" => pipeline.big_endian = codec["configuration"]["endian"] == "big",
                "zstd" => pipeline.packings.push(Packing::Zstd),
                "gzip" => pipeline.packings.push(Packing::Gzip),
                "crc32c" => pipeline.packings.push(Packing::Crc32c),
                other => return Err(refuse(format!("the Zarr codec “{other}” is not read"))),
            }
        }
        Ok(pipeline)
    }

    pub(crate) fn is_checked(&self) -> bool {
        self.packings.contains(&Packing::Crc32c)
    }

    /// Gives exactly `expected` bytes of little-endian voxels, or says why not.
    pub(crate) fn decode(&self, stored: &[u8], expected: usize, voxel: usize) -> Result<Vec<u8>, Trouble> {
        let mut bytes = stored.to_vec();
        for (index, packing) in self.packings.iter().enumerate().rev() {
            // Only the first packing touches the voxels themselves; the others may be a little longer.
            let most = if index == 0 { expected } else { expected + expected / 8 + 1_024 };
            bytes = unpack(*packing, &bytes, most)?;
        }
        if bytes.len() != expected {
            return Err(refuse(format!("a chunk expands to {} bytes instead of {expected}", bytes.len())));
        }
        if self.big_endian {
            swap_bytes(&mut bytes, voxel);
        }
        Ok(bytes)
    }
}

fn unpack(packing: Packing, stored: &[u8], most: usize) -> Result<Vec<u8>, Trouble> {
    let broken = |error: std::io::Error| refuse(format!("a chunk does not expand ({error})"));
    let mut out = Vec::new();
    match packing {
        Packing::Zstd => {
            out = zstd::bulk::decompress(stored, most).map_err(broken)?;
        }
        Packing::Gzip => {
            flate2::read::GzDecoder::new(stored).take(most as u64 + 1).read_to_end(&mut out).map_err(broken)?;
        }
        Packing::Crc32c => {
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
