//! Pieces of a TIFF page become rows of voxels: expand, turn the bytes, undo the predictor, lay them in place.

use std::cell::RefCell;
use std::fs::File;
use std::io::Read;

use super::super::contiguous::read_at;
use super::page::{Compression, Page, Predictor};
use crate::Trouble;
use crate::element::swap_bytes;

/// Buffers that one thread uses again for every piece.
#[derive(Default)]
struct Scratch {
    packed: Vec<u8>,
    plain: Vec<u8>,
    row: Vec<u8>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

fn damaged(what: impl std::fmt::Display) -> Trouble {
    Trouble::new(format!("expanding its voxels failed ({what})"), "The file is damaged; save or upload it again")
}

fn reading(error: &std::io::Error) -> Trouble {
    Trouble::new(format!("reading its voxels failed ({error})"), "Upload the file again")
}

/// Fills `out`, one whole plane, with little-endian voxels.
pub(crate) fn read_plane(file: &File, page: &Page, out: &mut [u8]) -> Result<(), Trouble> {
    if page.one_piece().is_some() {
        return read_part(file, page, 0, out);
    }
    SCRATCH.with_borrow_mut(|scratch| {
        (0..page.offsets.len()).try_for_each(|index| {
            expand_segment(file, page, index, scratch)?;
            place(page, index, &scratch.plain, out);
            Ok(())
        })
    })
}

/// Fills `out` from byte `start` of a plane that lies in one piece.
pub(crate) fn read_part(file: &File, page: &Page, start: usize, out: &mut [u8]) -> Result<(), Trouble> {
    let offset = page.one_piece().ok_or_else(|| damaged("its voxels lie in several pieces"))?;
    read_at(file, offset + start as u64, out).map_err(|error| reading(&error))?;
    if page.big_endian {
        swap_bytes(out, page.element.bytes());
    }
    Ok(())
}

fn expand_segment(file: &File, page: &Page, index: usize, scratch: &mut Scratch) -> Result<(), Trouble> {
    let expected = page.plain_bytes(index);
    scratch.plain.clear();
    scratch.plain.resize(expected, 0);
    if page.lengths[index] == 0 {
        // A piece of no bytes is how writers leave out what is all zero.
        return Ok(());
    }
    // The length was checked against that of the file, so this allocation is no larger than the file.
    scratch.packed.resize(page.lengths[index] as usize, 0);
    read_at(file, page.offsets[index], &mut scratch.packed).map_err(|error| reading(&error))?;
    let wanted = page.unpacked_bytes(index);
    let filled = expand(page.compression, &scratch.packed, &mut scratch.plain[..wanted])?;
    if filled < wanted {
        return Err(damaged(format!("{filled} of {wanted} bytes")));
    }
    if page.one_bit {
        scratch.row.clear();
        scratch.row.extend_from_slice(&scratch.plain[..wanted]);
        spread_bits(&scratch.row, page.segment[0], &mut scratch.plain);
        return Ok(());
    }
    let row_bytes = page.segment[0] * page.element.bytes();
    undo_predictor(page, row_bytes, &mut scratch.plain, &mut scratch.row);
    Ok(())
}

/// Fills `plain` and no more; returns how many bytes came.
fn expand(compression: Compression, packed: &[u8], plain: &mut [u8]) -> Result<usize, Trouble> {
    match compression {
        Compression::None => {
            let count = packed.len().min(plain.len());
            plain[..count].copy_from_slice(&packed[..count]);
            Ok(count)
        }
        Compression::Lzw => {
            let mut decoder = weezl::decode::Decoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
            let mut done = (0, 0);
            while done.1 < plain.len() {
                let step = decoder.decode_bytes(&packed[done.0..], &mut plain[done.1..]);
                done = (done.0 + step.consumed_in, done.1 + step.consumed_out);
                match step.status {
                    Ok(weezl::LzwStatus::Ok) if step.consumed_in + step.consumed_out > 0 => {}
                    Ok(_) => break,
                    Err(error) => return Err(damaged(error)),
                }
            }
            Ok(done.1)
        }
        Compression::Deflate => read_up_to(flate2::read::ZlibDecoder::new(packed), plain),
        Compression::Zstd => {
            let decoder = zstd::stream::read::Decoder::with_buffer(packed).map_err(damaged)?;
            read_up_to(decoder, plain)
        }
        Compression::PackBits => Ok(unpack_bits(packed, plain)),
    }
}

/// Every bit becomes a byte of 0 or 1; rows begin at whole bytes.
fn spread_bits(packed: &[u8], width: usize, out: &mut [u8]) {
    for (packed, out) in packed.chunks_exact(width.div_ceil(8)).zip(out.chunks_exact_mut(width)) {
        for (x, out) in out.iter_mut().enumerate() {
            *out = packed[x / 8] >> (7 - x % 8) & 1;
        }
    }
}

fn read_up_to(mut reader: impl Read, out: &mut [u8]) -> Result<usize, Trouble> {
    let mut done = 0;
    while done < out.len() {
        match reader.read(&mut out[done..]) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) => return Err(damaged(error)),
        }
    }
    Ok(done)
}

fn unpack_bits(packed: &[u8], out: &mut [u8]) -> usize {
    let (mut from, mut to) = (0, 0);
    while from < packed.len() && to < out.len() {
        let code = packed[from] as i8;
        from += 1;
        if code >= 0 {
            let count = (code as usize + 1).min(packed.len() - from).min(out.len() - to);
            out[to..to + count].copy_from_slice(&packed[from..from + count]);
            (from, to) = (from + count, to + count);
        } else if code != -128 {
            let Some(&byte) = packed.get(from) else { break };
            let count = (1 - isize::from(code)) as usize;
            let end = (to + count).min(out.len());
            out[to..end].fill(byte);
            (from, to) = (from + 1, end);
        }
    }
    to
}

/// Leaves little-endian voxels in `plain`.
fn undo_predictor(page: &Page, row_bytes: usize, plain: &mut [u8], row_scratch: &mut Vec<u8>) {
    let size = page.element.bytes();
    if page.predictor == Predictor::Float {
        // The float predictor stores planes of bytes, most significant first, whatever the order of the file.
        row_scratch.resize(row_bytes, 0);
        plain.chunks_exact_mut(row_bytes).for_each(|row| undo_float_row(row, row_scratch, size));
        return;
    }
    if page.big_endian {
        swap_bytes(plain, size);
    }
    if page.predictor == Predictor::Horizontal {
        plain.chunks_exact_mut(row_bytes).for_each(|row| add_along(row, size));
    }
}

fn add_along(row: &mut [u8], size: usize) {
    match size {
        1 => {
            let mut sum = 0u8;
            for byte in row {
                sum = sum.wrapping_add(*byte);
                *byte = sum;
            }
        }
        2 => {
            let mut sum = 0u16;
            for voxel in row.chunks_exact_mut(2) {
                sum = sum.wrapping_add(u16::from_le_bytes([voxel[0], voxel[1]]));
                voxel.copy_from_slice(&sum.to_le_bytes());
            }
        }
        8 => {
            let mut sum = 0u64;
            for voxel in row.chunks_exact_mut(8) {
                // chunks_exact gives slices of exactly this length.
                let mut bytes = [0; 8];
                bytes.copy_from_slice(voxel);
                sum = sum.wrapping_add(u64::from_le_bytes(bytes));
                voxel.copy_from_slice(&sum.to_le_bytes());
            }
        }
        _ => {
            let mut sum = 0u32;
            for voxel in row.chunks_exact_mut(4) {
                sum = sum.wrapping_add(u32::from_le_bytes([voxel[0], voxel[1], voxel[2], voxel[3]]));
                voxel.copy_from_slice(&sum.to_le_bytes());
            }
        }
    }
}

fn undo_float_row(row: &mut [u8], planes: &mut [u8], size: usize) {
    add_along(row, 1);
    planes.copy_from_slice(row);
    let count = row.len() / size;
    for (index, voxel) in row.chunks_exact_mut(size).enumerate() {
        for (byte, out) in voxel.iter_mut().enumerate() {
            *out = planes[(size - 1 - byte) * count + index];
        }
    }
}

/// Copies the part of a piece that lies on the page.
fn place(page: &Page, index: usize, plain: &[u8], out: &mut [u8]) {
    let size = page.element.bytes();
    let across = page.width.div_ceil(page.segment[0]);
    let (left, top) = ((index % across) * page.segment[0], (index / across) * page.segment[1]);
    let columns = page.segment[0].min(page.width - left);
    let rows = page.rows_of(index).min(page.height - top);
    for row in 0..rows {
        let from = row * page.segment[0] * size;
        let to = ((top + row) * page.width + left) * size;
        out[to..to + columns * size].copy_from_slice(&plain[from..from + columns * size]);
    }
}
