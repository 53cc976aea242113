//! Undoes what the chunks of a dataset went through before they were stored.

use std::cell::RefCell;
use std::io::Read;

use super::bitshuffle;
use super::message::Filter;
use super::nbit;
use super::packed;
use super::scale_offset;
use super::szip;
use crate::Trouble;
use crate::codec::shuffle::unshuffle;
use crate::codec::{blosc, blosc2, zstd_into};

const DEFLATE: u16 = 1;
const SHUFFLE: u16 = 2;
const FLETCHER32: u16 = 3;
const SZIP: u16 = 4;
const N_BIT: u16 = 5;
const SCALE_OFFSET: u16 = 6;
const BZIP2: u16 = 307;
const LZF: u16 = 32_000;
const BLOSC: u16 = 32_001;
const LZ4: u16 = 32_004;
const BITSHUFFLE: u16 = 32_008;
const ZSTD: u16 = 32_015;
const BLOSC2: u16 = 32_026;

const READ: [u16; 13] = [DEFLATE, SHUFFLE, FLETCHER32, SZIP, N_BIT, SCALE_OFFSET, BZIP2, LZF, BLOSC, LZ4, BITSHUFFLE, ZSTD, BLOSC2];

/// What a filter is called, for those that are refused.
fn name(filter: &Filter) -> String {
    match filter.id {
        32_013 => "ZFP".into(),
        32_017 => "SZ".into(),
        _ if filter.name.is_empty() => format!("filter {}", filter.id),
        _ => format!("{} (filter {})", filter.name, filter.id),
    }
}

/// Refuses what could not be undone, before anything is read.
pub(super) fn check(filters: &[Filter]) -> Result<(), Trouble> {
    let unknown = filters.iter().find(|filter| !READ.contains(&filter.id));
    match unknown {
        Some(filter) => Err(Trouble::new(
            format!("its voxels are compressed with {}, which is not read", name(filter)),
            "Save it with gzip, LZF, LZ4, Blosc, bitshuffle or zstd, for instance with h5repack",
        )),
        None => Ok(()),
    }
}

pub(super) fn damaged(what: impl std::fmt::Display) -> Trouble {
    Trouble::new(format!("expanding its voxels failed ({what})"), "The file is damaged; save or upload it again")
}

struct Inflate(libdeflater::Decompressor);

impl Default for Inflate {
    fn default() -> Self {
        Self(libdeflater::Decompressor::new())
    }
}

/// Buffers that one thread uses again for every chunk.
#[derive(Default)]
struct Scratch {
    from: Vec<u8>,
    to: Vec<u8>,
    inflate: Inflate,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Expands one stored chunk into `out`, which is as long as the chunk's voxels. `skipped` has bit n set for filter n
/// left out.
pub(super) fn expand(filters: &[Filter], skipped: u32, stored: &[u8], out: &mut [u8]) -> Result<(), Trouble> {
    let applied = filters.iter().enumerate().filter(|(index, _)| skipped & 1u32.checked_shl(*index as u32).unwrap_or(0) == 0);
    let steps: Vec<&Filter> = applied.map(|(_, filter)| filter).rev().collect();
    let Some((last, before)) = steps.split_last() else {
        return copy(stored, out);
    };
    SCRATCH.with_borrow_mut(|scratch| {
        let Scratch { from, to, inflate } = scratch;
        let mut filled = None;
        for (index, filter) in before.iter().enumerate() {
            let most = bytes_after(&steps[index + 1..], out.len());
            if to.len() < most {
                to.resize(most, 0);
            }
            let input = filled.map_or(stored, |bytes: usize| &from[..bytes]);
            filled = Some(undo(filter, input, &mut to[..most], inflate)?);
            std::mem::swap(from, to);
        }
        let input = filled.map_or(stored, |bytes| &from[..bytes]);
        match undo(last, input, out, inflate)? {
            bytes if bytes == out.len() => Ok(()),
            bytes => Err(damaged(format!("{bytes} of {} bytes", out.len()))),
        }
    })
}

/// How many bytes a step may give when these steps follow and `last` bytes come out in the end.
fn bytes_after(following: &[&Filter], last: usize) -> usize {
    let grows = following.iter().any(|filter| ![SHUFFLE, FLETCHER32].contains(&filter.id));
    let sums = 4 * following.iter().filter(|filter| filter.id == FLETCHER32).count();
    // What one compressor made for another is hardly longer than the voxels.
    if grows { last + last / 8 + 65_536 } else { last + sums }
}

fn copy(from: &[u8], out: &mut [u8]) -> Result<(), Trouble> {
    if from.len() != out.len() {
        return Err(damaged(format!("{} of {} bytes", from.len(), out.len())));
    }
    out.copy_from_slice(from);
    Ok(())
}

/// Undoes one filter; returns how many bytes of `out` it filled.
fn undo(filter: &Filter, input: &[u8], out: &mut [u8], inflate: &mut Inflate) -> Result<usize, Trouble> {
    let value = |index: usize| filter.values.get(index).copied().unwrap_or(0) as usize;
    match filter.id {
        DEFLATE => deflated(input, out, inflate),
        SHUFFLE => shuffled(value(0), input, out),
        FLETCHER32 => summed(input, out),
        SZIP => szip::expand(&filter.values, input, out),
        N_BIT => nbit::expand(&filter.values, input, out),
        SCALE_OFFSET => scale_offset::expand(&filter.values, input, out),
        BZIP2 => bzipped(input, out),
        LZF => packed::lzf(input, out),
        LZ4 => packed::lz4_blocks(input, out),
        BITSHUFFLE => bitshuffle::expand(value(2), value(3), value(4), input, out),
        BLOSC => blosc(input, out),
        BLOSC2 => blosc2::expand_into(input, out).map_err(damaged),
        ZSTD => zstd_into(input, out).map(|()| out.len()).map_err(damaged),
        _ => Err(damaged(name(filter))),
    }
}

fn deflated(input: &[u8], out: &mut [u8], inflate: &mut Inflate) -> Result<usize, Trouble> {
    inflate.0.zlib_decompress(input, out).map_err(damaged)
}

fn bzipped(input: &[u8], out: &mut [u8]) -> Result<usize, Trouble> {
    let mut expanded = bzip2::read::BzDecoder::new(input);
    let mut filled = 0;
    while filled < out.len() {
        match expanded.read(&mut out[filled..]).map_err(damaged)? {
            0 => break,
            bytes => filled += bytes,
        }
    }
    Ok(filled)
}

/// Byte n of all elements lies together; brings the bytes of each element together again.
fn shuffled(size: usize, input: &[u8], out: &mut [u8]) -> Result<usize, Trouble> {
    let out = out.get_mut(..input.len()).ok_or_else(|| damaged("more bytes than voxels"))?;
    if size < 2 {
        out.copy_from_slice(input);
    } else {
        unshuffle(input, size, out);
    }
    Ok(input.len())
}

fn blosc(input: &[u8], out: &mut [u8]) -> Result<usize, Trouble> {
    let bytes = blosc::Header::read(input).map_err(damaged)?.plain_bytes;
    let out = out.get_mut(..bytes).ok_or_else(|| damaged("more bytes than voxels"))?;
    blosc::expand_into(input, out).map_err(damaged)?;
    Ok(bytes)
}

/// Takes the checksum off and compares it.
fn summed(input: &[u8], out: &mut [u8]) -> Result<usize, Trouble> {
    let Some((body, stored)) = input.split_last_chunk::<4>() else { return Err(damaged("a checksum is missing")) };
    let out = out.get_mut(..body.len()).ok_or_else(|| damaged("more bytes than voxels"))?;
    let sum = fletcher32(body);
    // HDF5 before 1.6.3 wrote the bytes of each half in the other order on little-endian machines.
    let old = (sum & 0x00ff_00ff) << 8 | (sum & 0xff00_ff00) >> 8;
    if ![sum, old].contains(&u32::from_le_bytes(*stored)) {
        return Err(damaged("the checksum of a chunk is wrong"));
    }
    out.copy_from_slice(body);
    Ok(body.len())
}

/// Fletcher's checksum over big-endian words of 16 bits, as `H5checksum.c` defines it.
fn fletcher32(bytes: &[u8]) -> u32 {
    let fold = |sum: u32| (sum & 0xffff) + (sum >> 16);
    let (mut low, mut high) = (0u32, 0u32);
    let mut words = bytes.chunks_exact(2);
    let mut waiting = 0;
    for word in &mut words {
        low += u32::from(word[0]) << 8 | u32::from(word[1]);
        high += low;
        waiting += 1;
        if waiting == 360 {
            (low, high, waiting) = (fold(low), fold(high), 0);
        }
    }
    (low, high) = (fold(low), fold(high));
    if let [odd] = words.remainder() {
        low += u32::from(*odd) << 8;
        high += low;
    }
    (low, high) = (fold(fold(low)), fold(fold(high)));
    high << 16 | low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(id: u16, values: &[u32]) -> Filter {
        Filter { id, name: String::new(), values: values.to_vec() }
    }

    #[test]
    fn bytes_come_together_again() {
        for size in [2, 3, 4, 8] {
            let plain: Vec<u8> = (0..size * 5 + 1).map(|number| number as u8).collect();
            let mut stored = vec![0; plain.len()];
            for (index, &byte) in plain[..size * 5].iter().enumerate() {
                stored[index % size * 5 + index / size] = byte;
            }
            *stored.last_mut().unwrap() = *plain.last().unwrap();
            let mut out = vec![0; plain.len()];
            expand(&[filter(SHUFFLE, &[size as u32])], 0, &stored, &mut out).unwrap();
            assert_eq!(out, plain, "{size}");
            expand(&[filter(SHUFFLE, &[size as u32])], 1, &stored, &mut out).unwrap();
            assert_eq!(out, stored, "left out");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut out = [0; 8];
        for id in READ {
            for stored in [&[][..], &[0; 3], &[0xff; 40], &[1; 8]] {
                let outcome = expand(&[filter(id, &[0, 0, 2, 0, 2])], 0, stored, &mut out);
                assert!(outcome.is_err() || (id == SHUFFLE && stored.len() == 8), "{id} {stored:?}");
            }
        }
        assert!(check(&[filter(32_013, &[])]).unwrap_err().what.contains("ZFP"));
    }
}
