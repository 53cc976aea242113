//! Blocks of cosines, each coded whole (ITU-T T.81, processes 1, 2 and 4), become samples at once.

use super::frame::Blocks;
use super::huffman::{Bits, Table, Wrong};
use super::transform::{self, ZIGZAG};

/// One component of a scan.
pub(super) struct Part<'s> {
    /// For the first coefficient of a block and for all others.
    pub(super) first: &'s Table,
    pub(super) others: &'s Table,
    /// In the order in which coefficients are written.
    pub(super) quantums: [i32; 64],
    /// The first coefficient of the block before.
    pub(super) before: i32,
    /// Where its samples go, and how long a row is.
    pub(super) plane: &'s mut [u16],
    pub(super) stride: usize,
}

pub(super) struct Sequential<'s> {
    pub(super) parts: Vec<Part<'s>>,
    pub(super) precision: u32,
}

impl Blocks for Sequential<'_> {
    #[inline(always)]
    fn block(&mut self, bits: &mut Bits<'_>, part: usize, row: usize, column: usize) -> Result<(), Wrong> {
        let part = &mut self.parts[part];
        let mut block = [0; 64];
        let last = part.coefficients(bits, &mut block)?;
        let out = &mut part.plane[8 * (row * part.stride + column)..];
        transform::put(&block, last, self.precision, out, part.stride);
        Ok(())
    }

    fn restart(&mut self) {
        self.parts.iter_mut().for_each(|part| part.before = 0);
    }
}

impl Part<'_> {
    /// One block, and the number of its last coefficient that may not be zero: a difference to the first coefficient of the block
    /// before, then runs of zeros and what ends them.
    #[inline(always)]
    fn coefficients(&mut self, bits: &mut Bits<'_>, block: &mut [i32; 64]) -> Result<usize, Wrong> {
        self.before = self.before.wrapping_add(bits.difference(self.first)?);
        // Coefficients have sixteen bits, as in the library; what is larger is damaged.
        block[0] = i32::from(self.before as i16) * self.quantums[0];
        let (mut at, mut last) = (1, 0);
        while at < 64 {
            let (symbol, value) = bits.coefficient(self.others)?;
            let zeros = usize::from(symbol >> 4);
            if symbol & 15 == 0 {
                if zeros < 15 {
                    break;
                }
                at += 16;
                continue;
            }
            at += zeros;
            let place = *ZIGZAG.get(at).ok_or("a JPEG block has more than 64 coefficients")?;
            block[usize::from(place & 63)] = value * self.quantums[at & 63];
            (last, at) = (at, at + 1);
        }
        Ok(last)
    }
}
