//! How the blocks of a chunk are boxes of a grid of elements (the b2nd layer).

use super::super::Broken;
use super::cut_off;

/// Axes of one array.
const AXES_MAX: usize = 16;

/// A grid of elements, cut into blocks along each axis; blocks at the end are filled up.
pub(super) struct Boxes {
    grid: Vec<usize>,
    block: Vec<usize>,
}

impl Boxes {
    /// Nothing where there are no axes.
    pub(super) fn read(body: &[u8]) -> Result<Option<Self>, Broken> {
        let [head, _version, axes, rest @ ..] = body else { return Err(cut_off()) };
        let axes = usize::from(*axes);
        if head & 0xf0 != 0x90 || axes > AXES_MAX {
            return Err(Broken::new("the boxes of blosc 2 data are described in a way that is not read"));
        }
        let mut rest = rest;
        let shape = numbers::<8>(&mut rest, axes, 0xd3)?;
        let grid = numbers::<4>(&mut rest, axes, 0xd2)?;
        let block = numbers::<4>(&mut rest, axes, 0xd2)?;
        if axes == 0 {
            return Ok(None);
        }
        if shape != grid || block.iter().zip(&grid).any(|(&block, &size)| block == 0 || block > size) {
            return Err(Broken::new("blosc 2 data in several boxes are not read"));
        }
        Ok(Some(Self { grid, block }))
    }

    /// Whether the blocks lie one after the other as the elements do.
    pub(super) fn are_one_row(&self) -> bool {
        let slow = self.block.iter().position(|&size| size > 1).unwrap_or(self.block.len());
        let whole = (slow + 1..self.grid.len()).all(|axis| self.block[axis] == self.grid[axis]);
        // What fills up the last block would lie between the elements.
        whole && self.grid.get(slow).is_none_or(|size| size.is_multiple_of(self.block[slow]))
    }

    pub(super) fn plain_bytes(&self, element: usize) -> Option<usize> {
        self.grid.iter().try_fold(element, |bytes, &size| bytes.checked_mul(size))
    }

    pub(super) fn block_bytes(&self, element: usize) -> Option<usize> {
        self.block.iter().try_fold(element, |bytes, &size| bytes.checked_mul(size))
    }

    /// With what the last blocks are filled up with.
    pub(super) fn stored_bytes(&self, element: usize) -> Option<usize> {
        let sizes = self.grid.iter().zip(&self.block).map(|(size, block)| size.next_multiple_of(*block));
        sizes.into_iter().try_fold(element, usize::checked_mul)
    }

    pub(super) fn blocks(&self) -> usize {
        self.grid.iter().zip(&self.block).map(|(size, block)| size.div_ceil(*block)).product()
    }

    /// Lays one block into the grid.
    pub(super) fn place(&self, number: usize, element: usize, plain: &[u8], out: &mut [u8]) {
        let axes = self.grid.len();
        let (mut start, mut number) = ([0; AXES_MAX], number);
        for axis in (0..axes).rev() {
            let counts = self.grid[axis].div_ceil(self.block[axis]);
            (start[axis], number) = (number % counts * self.block[axis], number / counts);
        }
        let count = |axis: usize| self.block[axis].min(self.grid[axis] - start[axis]);
        let row = count(axes - 1) * element;
        let mut at = [0; AXES_MAX];
        loop {
            let from = (0..axes).fold(0, |offset, axis| offset * self.block[axis] + at[axis]) * element;
            let to = (0..axes).fold(0, |offset, axis| offset * self.grid[axis] + start[axis] + at[axis]) * element;
            out[to..to + row].copy_from_slice(&plain[from..from + row]);
            // The next row: the last axis but one counts first.
            let mut axis = axes - 1;
            loop {
                if axis == 0 {
                    return;
                }
                axis -= 1;
                at[axis] += 1;
                if at[axis] < count(axis) {
                    break;
                }
                at[axis] = 0;
            }
        }
    }
}

/// So many numbers of `WIDTH` bytes, each behind its mark.
fn numbers<const WIDTH: usize>(rest: &mut &[u8], count: usize, mark: u8) -> Result<Vec<usize>, Broken> {
    let (&head, mut after) = rest.split_first().ok_or_else(cut_off)?;
    if usize::from(head & 0x0f) != count & 0x0f || head & 0xf0 != 0x90 {
        return Err(cut_off());
    }
    let mut numbers = Vec::with_capacity(count);
    for _ in 0..count {
        let (&found, behind) = after.split_first().ok_or_else(cut_off)?;
        let (bytes, behind) = behind.split_first_chunk::<WIDTH>().ok_or_else(cut_off)?;
        let number = bytes.iter().fold(0u64, |number, &byte| number << 8 | u64::from(byte));
        if found != mark {
            return Err(cut_off());
        }
        numbers.push(usize::try_from(number).map_err(|_| cut_off())?);
        after = behind;
    }
    *rest = after;
    Ok(numbers)
}
