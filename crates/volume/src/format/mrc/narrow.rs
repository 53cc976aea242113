//! Voxels narrower than any type of ours: 16-bit floats and 4-bit numbers.

use crate::element::single_of_half;
use crate::format::Planes;
use crate::{ElementType, Shape, Trouble};

/// Planes are widened in groups of about so many bytes.
const GROUP_BYTES: usize = 32 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Narrow {
    /// IEEE 754 half precision.
    Half,
    /// Two voxels in a byte, the first in its lower half; rows begin at whole bytes.
    Nibbles,
}

impl Narrow {
    pub(super) fn widened(self) -> ElementType {
        match self {
            Self::Half => ElementType::F32,
            Self::Nibbles => ElementType::U8,
        }
    }

    /// The type as which the file's words are read.
    pub(super) fn stored(self) -> ElementType {
        match self {
            Self::Half => ElementType::U16,
            Self::Nibbles => ElementType::U8,
        }
    }

    /// Words of one row in the file.
    pub(super) fn row_words(self, width: usize) -> usize {
        match self {
            Self::Half => width,
            Self::Nibbles => width.div_ceil(2),
        }
    }

    fn widen_row(self, row: &[u8], out: &mut [u8]) {
        match self {
            Self::Half => row.chunks_exact(2).zip(out.chunks_exact_mut(4)).for_each(|(half, out)| {
                out.copy_from_slice(&single_of_half(u16::from_le_bytes([half[0], half[1]])).to_le_bytes());
            }),
            Self::Nibbles => out.iter_mut().enumerate().for_each(|(index, out)| {
                *out = if index % 2 == 0 { row[index / 2] & 0x0f } else { row[index / 2] >> 4 };
            }),
        }
    }
}

/// Planes of narrow voxels, widened.
pub(super) struct Widened {
    inner: Box<dyn Planes>,
    narrow: Narrow,
    shape: Shape,
}

impl Widened {
    pub(super) fn new(inner: Box<dyn Planes>, narrow: Narrow, shape: Shape) -> Self {
        Self { inner, narrow, shape }
    }

    fn row_bytes(&self) -> usize {
        self.narrow.row_words(self.shape[2]) * self.narrow.stored().bytes()
    }

    fn group_planes(&self) -> usize {
        (GROUP_BYTES / (self.shape[1] * self.row_bytes())).max(1)
    }

    pub(super) fn scratch_bytes(&self) -> u64 {
        (self.group_planes().min(self.shape[0]) * self.shape[1] * self.row_bytes()) as u64
    }
}

impl Planes for Widened {
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        let out_row_bytes = self.shape[2] * self.narrow.widened().bytes();
        let (out_plane_bytes, plane_bytes) = (self.shape[1] * out_row_bytes, self.shape[1] * self.row_bytes());
        let group = self.group_planes();
        let mut words = vec![0; (out.len() / out_plane_bytes).min(group) * plane_bytes];
        for (index, out) in out.chunks_mut(group * out_plane_bytes).enumerate() {
            let words = &mut words[..out.len() / out_plane_bytes * plane_bytes];
            self.inner.read(first + index * group, words)?;
            let rows = words.chunks_exact(self.row_bytes());
            rows.zip(out.chunks_exact_mut(out_row_bytes)).for_each(|(row, out)| self.narrow.widen_row(row, out));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_half_comes_first() {
        let mut row = [0; 3];
        Narrow::Nibbles.widen_row(&[0x21, 0x03], &mut row);
        assert_eq!(row, [1, 2, 3]);
    }
}
