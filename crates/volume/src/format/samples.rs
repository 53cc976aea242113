//! Several values a voxel, side by side, as ITK's formats hold colours and vectors: one of them is the volume, chosen by the person.

use std::ops::Range;
use std::path::Path;

use rayon::prelude::*;

use super::{Asked, Opened, Planes, channel, limit};
use crate::Trouble;
use crate::element::Buffer;

/// Bytes of all values that are looked through at once for one of them.
const LOOK_BYTES: usize = 8 << 20;

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
        let (bytes, voxel) = (self.bytes, self.bytes * self.values);
        out.par_chunks_mut(self.row).zip(all.par_chunks(self.row * self.values)).for_each(|(out, all)| {
            for (value, all) in out.chunks_exact_mut(bytes).zip(all.chunks_exact(voxel)) {
                value.copy_from_slice(&all[self.index * bytes..][..bytes]);
            }
        });
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
        self.planes.held_bytes() + (self.together(least) * least * self.values) as u64
    }

    fn place(&self, plane: usize) -> Option<(&Path, Range<u64>)> {
        self.planes.place(plane)
    }

    fn read_parts(&self, first: usize, part: Range<usize>, out: &mut [u8]) -> Result<(), Trouble> {
        let step = self.together(self.row) * self.row;
        let mut all = Buffer::default();
        for (plane, out) in out.chunks_mut(part.len().max(1)).enumerate() {
            for (number, out) in out.chunks_mut(step).enumerate() {
                let start = (part.start + number * step) * self.values;
                all.resize(out.len() * self.values);
                self.planes.read_parts(first + plane, start..start + out.len() * self.values, all.bytes_mut())?;
                self.pick(all.bytes(), out);
            }
        }
        Ok(())
    }
}
