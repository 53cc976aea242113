//! Which elements of a dataset a virtual dataset takes: boxes, perhaps repeated at a fixed distance.

use super::bytes::{Cursor, damaged, unread};
use super::message::RANK_MAX;
use crate::Trouble;

/// Blocks of one selection that are looked at.
const BLOCKS_MAX: u64 = 65_536;

/// What is taken along one axis: `count` blocks of `block` indexes, `stride` apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Steps {
    pub(super) start: u64,
    stride: u64,
    count: u64,
    block: u64,
}

impl Steps {
    pub(super) fn range(start: u64, count: u64) -> Self {
        Self { start, stride: count, count: 1, block: count }
    }

    /// Number of indexes, if it can be true.
    pub(super) fn len(&self) -> Option<u64> {
        self.count.checked_mul(self.block)
    }

    fn is_range(&self) -> bool {
        self.count <= 1 || self.stride == self.block
    }

    /// The index that is taken as number `nth`.
    fn at(&self, nth: u64) -> u64 {
        if self.is_range() { self.start + nth } else { self.start + nth / self.block * self.stride + nth % self.block }
    }

    /// How many indexes follow each other from number `nth` on, itself included.
    fn run_at(&self, nth: u64) -> u64 {
        if self.is_range() { self.count * self.block - nth } else { self.block - nth % self.block }
    }

    /// One more than the last index, if it can be true.
    pub(super) fn end(&self) -> Option<u64> {
        let last = self.count.checked_sub(1)?.checked_mul(if self.is_range() { self.block } else { self.stride })?;
        self.start.checked_add(last)?.checked_add(self.block)
    }

    /// The number of the first index that is at least `least`.
    fn first_from(&self, least: u64) -> u64 {
        let Some(beyond) = least.checked_sub(self.start) else { return 0 };
        if self.is_range() {
            return beyond;
        }
        let (block, within) = (beyond / self.stride, beyond % self.stride);
        block.saturating_mul(self.block).saturating_add(within.min(self.block))
    }
}

/// Indexes that follow each other on both sides: first index there, first index here, how many.
pub(super) type Run = (u64, u64, u64);

/// How indexes `from..to` of `target` are made of indexes of `source`; both take equally many.
pub(super) fn runs(target: &Steps, source: &Steps, from: u64, to: u64) -> Vec<Run> {
    let total = target.len().unwrap_or(0);
    let mut runs = Vec::new();
    let mut nth = target.first_from(from);
    while nth < total && target.at(nth) < to {
        let here = target.at(nth);
        let length = target.run_at(nth).min(source.run_at(nth)).min(to - here);
        runs.push((source.at(nth), here, length));
        nth += length;
    }
    runs
}

/// All of a dataset, or what is taken along each axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Selection {
    All,
    Steps(Vec<Steps>),
}

impl Selection {
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Trouble> {
        let kind = cursor.u32()?;
        let version = cursor.u32()?;
        match kind {
            3 => {
                cursor.skip(8)?;
                Ok(Self::All)
            }
            2 => hyperslab(cursor, version).map(Self::Steps),
            _ => Err(unread("its virtual dataset takes single points, which is not read here", "Copy it once with h5repack")),
        }
    }

    pub(super) fn steps(self, shape: &[u64]) -> Result<Vec<Steps>, Trouble> {
        let steps = match self {
            Self::All => shape.iter().map(|&size| Steps::range(0, size)).collect(),
            Self::Steps(steps) => steps,
        };
        let inside = |(steps, size): (&Steps, &u64)| steps.end().is_some_and(|end| end <= *size);
        if steps.len() != shape.len() || !steps.iter().zip(shape).all(inside) {
            return Err(unread(
                format!("its virtual dataset takes more than the {shape:?} elements that are there"),
                "Write the virtual dataset again once the scan is complete",
            ));
        }
        Ok(steps)
    }
}

fn hyperslab(cursor: &mut Cursor<'_>, version: u32) -> Result<Vec<Steps>, Trouble> {
    let (regular, width) = match version {
        1 => {
            cursor.skip(8)?;
            (false, 4)
        }
        2 => {
            let flags = cursor.u8()?;
            cursor.skip(4)?;
            (flags & 1 != 0, 8)
        }
        3 => (cursor.u8()? & 1 != 0, usize::from(cursor.u8()?)),
        _ => return Err(damaged(format!("a selection claims version {version}"))),
    };
    let rank = cursor.u32()? as usize;
    if rank == 0 || rank > RANK_MAX {
        return Err(damaged(format!("a selection claims {rank} axes")));
    }
    if !regular {
        return blocks(cursor, rank, width);
    }
    let unlimited = if width >= 8 { u64::MAX } else { (1 << (8 * width)) - 1 };
    let mut steps = Vec::new();
    for _ in 0..rank {
        let step =
            Steps { start: cursor.uint(width)?, stride: cursor.uint(width)?, count: cursor.uint(width)?, block: cursor.uint(width)? };
        if step.count == unlimited || step.block == unlimited {
            return Err(unread("its virtual dataset grows without end, which is not read here", "Copy it once with h5repack"));
        }
        if step.stride == 0 || step.len().is_none() || (step.count > 1 && step.block > step.stride) {
            return Err(damaged("a selection cannot be laid out so"));
        }
        steps.push(step);
    }
    Ok(steps)
}

/// A list of blocks, as far as it is a regular one written out.
fn blocks(cursor: &mut Cursor<'_>, rank: usize, width: usize) -> Result<Vec<Steps>, Trouble> {
    let count = cursor.uint(width)?;
    if count == 0 || count > BLOCKS_MAX {
        return Err(damaged(format!("a selection claims {count} blocks")));
    }
    let mut axes: Vec<Vec<(u64, u64)>> = vec![Vec::new(); rank];
    for _ in 0..count {
        let starts = (0..rank).map(|_| cursor.uint(width)).collect::<Result<Vec<_>, _>>()?;
        for (axis, start) in axes.iter_mut().zip(starts) {
            axis.push((start, cursor.uint(width)?));
        }
    }
    let irregular = || unread("its virtual dataset takes scattered blocks, which is not read here", "Copy it once with h5repack");
    let mut steps = Vec::new();
    for axis in &mut axes {
        axis.sort_unstable();
        axis.dedup();
        let (start, end) = axis[0];
        let block = end.checked_sub(start).and_then(|length| length.checked_add(1)).ok_or_else(irregular)?;
        let stride = axis.get(1).map_or(block, |second| second.0 - start);
        let regular = |(nth, (from, to)): (usize, &(u64, u64))| {
            Some(*from) == stride.checked_mul(nth as u64).and_then(|offset| offset.checked_add(start))
                && to.checked_sub(*from) == Some(block - 1)
        };
        if block > stride || !axis.iter().enumerate().all(regular) {
            return Err(irregular());
        }
        steps.push(Steps { start, stride, count: axis.len() as u64, block });
    }
    if steps.iter().try_fold(1u64, |product, step| product.checked_mul(step.count)) != Some(count) {
        return Err(irregular());
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_meet_steps() {
        let every_second = Steps { start: 1, stride: 2, count: 4, block: 1 };
        let first_four = Steps::range(0, 4);
        assert_eq!(runs(&every_second, &first_four, 0, 100), [(0, 1, 1), (1, 3, 1), (2, 5, 1), (3, 7, 1)]);
        assert_eq!(runs(&every_second, &first_four, 4, 6), [(2, 5, 1)]);
        let pairs = Steps { start: 0, stride: 3, count: 2, block: 2 };
        assert_eq!(runs(&first_four, &pairs, 1, 4), [(1, 1, 1), (3, 2, 2)]);
        assert_eq!(runs(&Steps::range(5, 3), &Steps::range(2, 3), 6, 7), [(3, 6, 1)]);
        assert_eq!((every_second.end(), pairs.end()), (Some(8), Some(5)));
    }
}
