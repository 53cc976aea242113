//! Pieces of a TIFF page become rows of voxels: read, expand, undo the predictor, pick the channel, lay them in place.

use std::cell::RefCell;
use std::fs::File;
use std::ops::Range;

use super::super::contiguous::read_at;
use super::expand::{Expander, damaged};
use super::page::{Page, Predictor};
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

/// Pieces that reach beyond the rows that were read, by their number: for the rows that follow, so that none is expanded twice.
pub(crate) type Kept = Vec<(usize, Vec<u8>)>;

/// Fills `out`, some whole rows of a plane, with little-endian voxels. `kept` comes from the rows before and is left for those after.
pub(crate) fn read_rows(file: &File, page: &Page, rows: Range<usize>, kept: &mut Kept, out: &mut [u8]) -> Result<(), Trouble> {
    let row_bytes = page.width * page.element.bytes();
    if page.one_piece().is_some() {
        return read_part(file, page, rows.start * row_bytes, out);
    }
    let mut before = std::mem::take(kept);
    SCRATCH.with_borrow_mut(|scratch| {
        page.pieces_of(&rows).try_for_each(|index| {
            let piece = page.rows_on_page(index);
            if !page.tiled && page.is_plain() && rows.start <= piece.start && piece.end <= rows.end {
                // A strip of plain voxels is as wide as the page: it can be expanded where it belongs.
                let strip = &mut out[(piece.start - rows.start) * row_bytes..(piece.end - rows.start) * row_bytes];
                return expand_piece(file, page, index, scratch, strip);
            }
            let plain = match before.iter().position(|(number, _)| *number == index) {
                Some(at) => before.swap_remove(at).1,
                None => {
                    let mut plain = std::mem::take(&mut scratch.plain);
                    plain.resize(page.unpacked_bytes(index), 0);
                    expand_piece(file, page, index, scratch, &mut plain)?;
                    plain
                }
            };
            place(page, index, &plain, &mut scratch.row, &rows, out);
            match piece.end > rows.end {
                true => kept.push((index, plain)),
                false => scratch.plain = plain,
            }
            Ok(())
        })
    })
}

/// Fills `out` from byte `start` of a plane that lies in one piece.
fn read_part(file: &File, page: &Page, start: usize, out: &mut [u8]) -> Result<(), Trouble> {
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
    if page.big_endian && !page.compression.is_picture() {
        turn(plain, size);
    }
    if page.predictor == Predictor::Horizontal {
        plain.chunks_exact_mut(row_bytes).for_each(|row| add_along(row, size, page.samples));
    }
    Ok(())
}

/// Turns rows of a piece into voxels of the wanted channel and copies what lies on the page and among the wanted rows.
fn place(page: &Page, index: usize, plain: &[u8], values: &mut Vec<u8>, wanted: &Range<usize>, out: &mut [u8]) {
    let size = page.element.bytes();
    let left = (index % page.across()) * page.segment[0];
    let columns = page.segment[0].min(page.width - left);
    let piece = page.rows_on_page(index);
    let row_bytes = page.row_bytes();
    for row in piece.start.max(wanted.start)..piece.end.min(wanted.end) {
        let samples = &plain[(row - piece.start) * row_bytes..][..row_bytes];
        let to = ((row - wanted.start) * page.width + left) * size;
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::scan::scan;
    use super::*;
    use crate::format::Asked;

    const WIDTH: usize = 20;
    const HEIGHT: usize = 37;

    fn voxel(row: usize, column: usize) -> [u8; 2] {
        ((row * 1_000 + column * 7) as u16).to_le_bytes()
    }

    /// A page of 16-bit voxels in strips or tiles of this width and height.
    fn page(piece: [usize; 2], packed: bool) -> Vec<u8> {
        let tiled = piece[0] != WIDTH;
        let mut file = b"II*\0\0\0\0\0".to_vec();
        let (mut offsets, mut lengths) = (Vec::new(), Vec::new());
        for top in (0..HEIGHT).step_by(piece[1]) {
            for left in (0..WIDTH).step_by(piece[0]) {
                let bottom = if tiled { top + piece[1] } else { (top + piece[1]).min(HEIGHT) };
                let mut plain: Vec<u8> =
                    (top..bottom).flat_map(|row| (left..left + piece[0]).flat_map(move |column| voxel(row, column))).collect();
                if packed {
                    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
                    zlib.write_all(&plain).unwrap();
                    plain = zlib.finish().unwrap();
                }
                // A gap, so that no strip follows another.
                file.push(0);
                offsets.push(file.len() as u32);
                lengths.push(plain.len() as u32);
                file.extend(plain);
            }
        }
        let mut table = |numbers: &[u32]| {
            let at = file.len() as u32;
            numbers.iter().for_each(|number| file.extend(number.to_le_bytes()));
            (numbers.len() as u32, if numbers.len() == 1 { numbers[0] } else { at })
        };
        let (count, offsets_at) = table(&offsets);
        let (_, lengths_at) = table(&lengths);
        let plain = |tag: u32, value: usize| (tag, 1, value as u32);
        let mut entries =
            vec![plain(256, WIDTH), plain(257, HEIGHT), plain(258, 16), plain(259, if packed { 8 } else { 1 }), plain(262, 1)];
        entries.extend(match tiled {
            false => vec![(273, count, offsets_at), plain(278, piece[1]), (279, count, lengths_at)],
            true => vec![plain(322, piece[0]), plain(323, piece[1]), (324, count, offsets_at), (325, count, lengths_at)],
        });
        let at = (file.len() as u32).to_le_bytes();
        file[4..8].copy_from_slice(&at);
        file.extend((entries.len() as u16).to_le_bytes());
        for (tag, count, value) in entries {
            file.extend([(tag as u16).to_le_bytes(), 4u16.to_le_bytes()].concat());
            file.extend([count.to_le_bytes(), value.to_le_bytes()].concat());
        }
        file.extend([0; 4]);
        file
    }

    #[test]
    fn rows_are_the_same_in_parts_of_any_height_and_no_piece_is_expanded_twice() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("page.tif");
        let plane: Vec<u8> = (0..HEIGHT).flat_map(|row| (0..WIDTH).flat_map(move |column| voxel(row, column))).collect();
        for piece in [[WIDTH, 1], [WIDTH, 5], [WIDTH, 16], [WIDTH, HEIGHT], [16, 16], [32, 8]] {
            for packed in [false, true] {
                std::fs::write(&path, page(piece, packed)).unwrap();
                let scanned = scan(&path, true, &Asked::default()).unwrap();
                let (file, page) = (scanned.file.unwrap(), &scanned.pages[0].1);
                for height in [1, 3, 8, 16, 36, HEIGHT] {
                    let mut kept = Vec::new();
                    for top in (0..HEIGHT).step_by(height) {
                        let rows = top..(top + height).min(HEIGHT);
                        let mut out = vec![9; rows.len() * WIDTH * 2];
                        read_rows(&file, page, rows.clone(), &mut kept, &mut out).unwrap();
                        assert!(out == plane[rows.start * WIDTH * 2..rows.end * WIDTH * 2], "{piece:?} {packed} {rows:?}");
                        // What reaches beyond these rows is kept for the next ones, and nothing else.
                        let reaching = page.pieces_of(&rows).filter(|piece| page.rows_on_page(*piece).end > rows.end).count();
                        assert_eq!(kept.len(), if page.one_piece().is_some() { 0 } else { reaching });
                    }
                    assert!(kept.is_empty());
                }
            }
        }
    }
}
