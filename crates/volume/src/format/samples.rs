//! Several values a voxel, side by side, as ITK's formats hold colours and vectors: one of them is the volume, chosen by the person.

use std::ops::Range;
use std::path::Path;

use rayon::prelude::*;

use super::{Asked, Opened, Planes, channel, limit};
use crate::element::Buffer;
use crate::{ElementType, Trouble};

/// Bytes of all values that are looked through at once for one of them.
const LOOK_BYTES: usize = 8 << 20;

/// A picture of colours is at least so many pixels wide and tall, where nobody says that it is one.
pub(super) const SIDE_MIN: u64 = 16;

/// Whether three or four values of this type are colours, where nobody says what they are; displacements are floats.
pub(super) fn may_be_colour(element: ElementType) -> bool {
    matches!(element, ElementType::U8 | ElementType::U16)
}

/// How the values of a voxel are called.
fn names(values: usize, is_colour: bool) -> Vec<String> {
    match (is_colour, values) {
        (true, 3 | 4) => ["red", "green", "blue", "alpha"].iter().take(values).map(|&name| name.into()).collect(),
        _ => (0..values).map(|number| format!("value {number}")).collect(),
    }
}

/// So many values a voxel, unless no file can mean it.
pub(super) fn count(values: u64) -> Option<usize> {
    usize::try_from(values).ok().filter(|values| (1..=limit::CHANNELS as usize).contains(values))
}

/// Which of the values is wanted; asked where nobody said it.
pub(super) fn choose(values: usize, is_colour: bool, asked: Option<usize>) -> Result<usize, Trouble> {
    channel::choose(&format!("each of its voxels holds {values} values (colour, vector)"), &names(values, is_colour), asked)
}

/// One value of each voxel of what was opened as rows of all values.
pub(super) fn one_of(opened: Opened, values: usize, is_colour: bool, asked: &Asked) -> Result<Opened, Trouble> {
    if values == 1 {
        return Ok(opened);
    }
    let index = choose(values, is_colour, asked.channel)?;
    let Opened { mut header, planes, bytes_in, scratch_bytes } = opened;
    let bytes = header.element.bytes();
    let [_, height, inner_width] = header.shape;
    header.shape[2] = inner_width / values;
    header.found.other.insert("channel".into(), index.to_string());
    let one = OneOf { planes, values, index, bytes, row: header.shape[2] * bytes, height };
    Ok(Opened { header, planes: Box::new(one), bytes_in, scratch_bytes })
}

struct OneOf {
    /// Rows of all values.
    planes: Box<dyn Planes>,
    values: usize,
    index: usize,
    /// Bytes of a value.
    bytes: usize,
    /// Bytes of a row of the wanted one.
    row: usize,
    height: usize,
}

impl OneOf {
    fn plane(&self) -> usize {
        self.row * self.height
    }

    /// Of pieces of so many bytes of one value, how many are looked through at once.
    fn together(&self, piece: usize) -> usize {
        (LOOK_BYTES / (piece * self.values).max(1)).max(1)
    }

    fn pick(&self, all: &[u8], out: &mut [u8]) {
        out.par_chunks_mut(self.row).zip(all.par_chunks(self.row * self.values)).for_each(|(out, all)| match self.bytes {
            1 => self.pick_row::<1>(all, out),
            2 => self.pick_row::<2>(all, out),
            4 => self.pick_row::<4>(all, out),
            _ => self.pick_row::<8>(all, out),
        });
    }

    /// Of values of `N` bytes.
    fn pick_row<const N: usize>(&self, all: &[u8], out: &mut [u8]) {
        let wanted = all.as_chunks::<N>().0.iter().skip(self.index).step_by(self.values);
        out.as_chunks_mut::<N>().0.iter_mut().zip(wanted).for_each(|(value, wanted)| *value = *wanted);
    }
}

impl Planes for OneOf {
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        if self.planes.gives_parts() {
            return self.read_parts(first, 0..self.plane(), out);
        }
        let together = self.together(self.plane());
        let mut all = Buffer::default();
        for (number, out) in out.chunks_mut(together * self.plane()).enumerate() {
            all.resize(out.len() * self.values);
            self.planes.read(first + number * together, all.bytes_mut())?;
            self.pick(all.bytes(), out);
        }
        Ok(())
    }

    fn gives_parts(&self) -> bool {
        self.planes.gives_parts()
    }

    fn rows_together(&self) -> usize {
        self.planes.rows_together()
    }

    fn kept_bytes(&self, rows: usize, planes: usize) -> u64 {
        self.planes.kept_bytes(rows, planes)
    }

    fn held_bytes(&self) -> u64 {
        let least = if self.planes.gives_parts() { self.row } else { self.plane() };
        self.planes.held_bytes() + LOOK_BYTES.max(least * self.values) as u64
    }

    fn place(&self, plane: usize) -> Option<(&Path, Range<u64>)> {
        self.planes.place(plane)
    }

    fn read_parts(&self, first: usize, part: Range<usize>, out: &mut [u8]) -> Result<(), Trouble> {
        // Many short parts at once, or some rows of a long one.
        let step = self.together(self.row) * self.row;
        let planes = if part.len() > step { 1 } else { self.together(part.len()) };
        let mut all = Buffer::default();
        for (group, out) in out.chunks_mut(planes * part.len().max(1)).enumerate() {
            let length = if planes > 1 { out.len() } else { step };
            for (number, out) in out.chunks_mut(length).enumerate() {
                let rows = if planes > 1 { part.clone() } else { part.start + number * step..part.start + number * step + out.len() };
                all.resize(out.len() * self.values);
                self.planes.read_parts(first + group * planes, rows.start * self.values..rows.end * self.values, all.bytes_mut())?;
                self.pick(all.bytes(), out);
            }
        }
        Ok(())
    }
}
