//! Pieces of a TIFF page become rows of voxels: read, expand, undo the predictor, pick the channel, lay them in place.

use std::cell::RefCell;
use std::fs::File;

use super::super::contiguous::read_at;
use super::expand::{Expander, damaged};
use super::page::{Compression, Page, Predictor};
use super::predict::{add_along, undo_float_row};
use super::sample::{Stored, turn};
use crate::Trouble;

/// Buffers and decoders that one thread uses again for every piece.
#[derive(Default)]
struct Scratch {
    expander: Expander,
    packed: Vec<u8>,
    plain: Vec<u8>,
    row: Vec<u8>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
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
            let size = page.element.bytes();
            if page.tiled || !page.is_plain() {
                let mut plain = std::mem::take(&mut scratch.plain);
                plain.resize(page.unpacked_bytes(index), 0);
                let outcome = expand_piece(file, page, index, scratch, &mut plain);
                if outcome.is_ok() {
                    place(page, index, &plain, &mut scratch.row, out);
                }
                scratch.plain = plain;
                return outcome;
            }
            // A strip of plain voxels is as wide as the page: it can be expanded where it belongs.
            let first = index * page.segment[1] * page.width * size;
            let strip = &mut out[first..first + page.unpacked_bytes(index)];
            expand_piece(file, page, index, scratch, strip)
        })
    })
}

/// Fills `out` from byte `start` of a plane that lies in one piece.
pub(crate) fn read_part(file: &File, page: &Page, start: usize, out: &mut [u8]) -> Result<(), Trouble> {
    let offset = page.one_piece().ok_or_else(|| damaged("its voxels lie in several pieces"))?;
    read_at(file, offset + start as u64, out).map_err(|error| reading(&error))?;
    if page.big_endian {
        turn(out, page.element.bytes());
    }
    Ok(())
}

/// Leaves little-endian samples in `plain`, all channels, still in the bits of the file.
fn expand_piece(file: &File, page: &Page, index: usize, scratch: &mut Scratch, plain: &mut [u8]) -> Result<(), Trouble> {
    if page.lengths[index] == 0 {
        // A piece of no bytes is how writers leave out what is all zero.
        plain.fill(0);
        return Ok(());
    }
    // The length was checked against that of the file, so this allocation is no larger than the file.
    scratch.packed.resize(page.lengths[index] as usize, 0);
    read_at(file, page.offsets[index], &mut scratch.packed).map_err(|error| reading(&error))?;
    if page.reversed_bits {
        scratch.packed.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
    }
    let filled = scratch.expander.expand(page, index, &scratch.packed, plain)?;
    if filled < plain.len() {
        return Err(damaged(format!("{filled} of {} bytes", plain.len())));
    }
    let Some(size) = page.stored.whole_bytes(page.element) else { return Ok(()) };
    let row_bytes = page.row_bytes();
    if page.predictor == Predictor::Float {
        plain.chunks_exact_mut(row_bytes).for_each(|row| undo_float_row(row, &mut scratch.row, size, page.samples));
        return Ok(());
    }
    if page.big_endian && !matches!(page.compression, Compression::Jpeg { .. }) {
        turn(plain, size);
    }
    if page.predictor == Predictor::Horizontal {
        plain.chunks_exact_mut(row_bytes).for_each(|row| add_along(row, size, page.samples));
    }
    Ok(())
}

/// Turns rows of a piece into voxels of the wanted channel and copies what lies on the page.
fn place(page: &Page, index: usize, plain: &[u8], values: &mut Vec<u8>, out: &mut [u8]) {
    let size = page.element.bytes();
    let across = page.width.div_ceil(page.segment[0]);
    let (left, top) = ((index % across) * page.segment[0], (index / across) * page.segment[1]);
    let columns = page.segment[0].min(page.width - left);
    let rows = page.rows_of(index).min(page.height - top);
    let row_bytes = page.row_bytes();
    for row in 0..rows {
        let samples = &plain[row * row_bytes..][..row_bytes];
        let to = ((top + row) * page.width + left) * size;
        let voxels = &mut out[to..to + columns * size];
        if page.samples == 1 {
            page.stored.spread(page.element, samples, voxels);
            continue;
        }
        let samples = if page.stored == Stored::Whole {
            samples
        } else {
            values.clear();
            values.resize(columns * page.samples * size, 0);
            page.stored.spread(page.element, samples, values);
            &values[..]
        };
        for (pixel, voxel) in samples.chunks_exact(page.samples * size).zip(voxels.chunks_exact_mut(size)) {
            voxel.copy_from_slice(&pixel[page.sample * size..][..size]);
        }
    }
}
