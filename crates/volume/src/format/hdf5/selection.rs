//! Which elements of a dataset a virtual dataset takes: boxes, perhaps repeated at a fixed distance.

use super::bytes::{Cursor, damaged, unread};
use super::message::RANK_MAX;
use crate::Trouble;

/// Blocks of one selection that are looked at.
const BLOCKS_MAX: u64 = 65_536;

/// As a count or a length: there is no end.
const ENDLESS: u64 = u64::MAX;

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

    fn is_endless(&self) -> bool {
        self.count == ENDLESS || self.block == ENDLESS
    }

    /// The first `length` indexes of what has no end; whole blocks only.
    fn first(&self, length: u64) -> Result<Self, Trouble> {
        if self.block == ENDLESS || self.stride == self.block {
            return Ok(Self::range(self.start, length));
        }
        if !length.is_multiple_of(self.block) {
            return Err(unread("its virtual dataset ends inside of a block, which is not read here", "Copy it once with h5repack"));
        }
        Ok(Self { count: length / self.block, ..*self })
    }

    /// How many indexes of what has no end lie below `size`.
    fn below(&self, size: u64) -> u64 {
        let beyond = size.saturating_sub(self.start);
        if self.block == ENDLESS || self.stride == self.block {
            return beyond;
        }
        (beyond / self.stride).saturating_mul(self.block).saturating_add((beyond % self.stride).min(self.block))
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

    /// The axis along which it has no end.
    pub(super) fn endless(&self) -> Option<usize> {
        let Self::Steps(steps) = self else { return None };
        steps.iter().position(Steps::is_endless)
    }

    /// How many indexes a selection without end takes along that axis of a dataset.
    pub(super) fn reach(&self, shape: &[u64]) -> Option<u64> {
        let (Self::Steps(steps), axis) = (self, self.endless()?) else { return None };
        shape.get(axis).map(|&size| steps[axis].below(size))
    }

    /// A selection without end, cut off after so many indexes along that axis.
    pub(super) fn first(mut self, length: u64) -> Result<Self, Trouble> {
        if let (Some(axis), Self::Steps(steps)) = (self.endless(), &mut self) {
            steps[axis] = steps[axis].first(length)?;
        }
        Ok(self)
    }

    /// One block of a selection without end.
    pub(super) fn nth_block(&self, nth: u64) -> Option<Self> {
        let mut selection = self.clone();
        let (Some(axis), Self::Steps(steps)) = (self.endless(), &mut selection) else { return None };
        let Steps { start, stride, block, .. } = steps[axis];
        let start = nth.checked_mul(stride)?.checked_add(start).filter(|_| block != ENDLESS)?;
        steps[axis] = Steps::range(start, block);
        Some(selection)
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
        let (start, stride) = (cursor.uint(width)?, cursor.uint(width)?);
        let [count, block] = [cursor.uint(width)?, cursor.uint(width)?].map(|number| if number == unlimited { ENDLESS } else { number });
        let step = Steps { start, stride, count, block };
        let sound = match (count, block) {
            (_, ENDLESS) => count == 1,
            (ENDLESS, _) => block > 0 && block <= stride,
            _ => step.len().is_some() && (count <= 1 || block <= stride),
        };
        if stride == 0 || !sound {
            return Err(damaged("a selection cannot be laid out so"));
        }
        steps.push(step);
    }
    if steps.iter().filter(|step| step.is_endless()).count() > 1 {
        return Err(damaged("a selection has no end along several axes"));
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

    #[test]
    fn what_has_no_end_reaches_as_far_as_its_source() {
        let along = |step: Steps| Selection::Steps(vec![step, Steps::range(0, 4)]);
        let frames = along(Steps { start: 1, stride: 1, count: ENDLESS, block: 1 });
        assert_eq!((frames.endless(), frames.reach(&[7, 4]), frames.reach(&[0, 4])), (Some(0), Some(6), Some(0)));
        assert_eq!(frames.clone().first(6).unwrap(), along(Steps::range(1, 6)));
        // Pairs of every five: the second one is cut after its first index.
        let pairs = along(Steps { start: 0, stride: 5, count: ENDLESS, block: 2 });
        assert_eq!((pairs.reach(&[6, 4]), pairs.reach(&[9, 4])), (Some(3), Some(4)));
        assert!(pairs.clone().first(3).is_err());
        assert_eq!(pairs.clone().first(4).unwrap(), along(Steps { start: 0, stride: 5, count: 2, block: 2 }));
        assert_eq!(pairs.nth_block(3), Some(along(Steps::range(15, 2))));
        assert_eq!(pairs.nth_block(u64::MAX), None);
        assert_eq!(along(Steps { start: 3, stride: 1, count: 1, block: ENDLESS }).reach(&[7, 4]), Some(4));
        // One that ends is left alone.
        let whole = along(Steps::range(0, 3));
        assert_eq!((whole.endless(), whole.reach(&[3, 4]), whole.nth_block(0)), (None, None, None));
        assert_eq!(whole.clone().first(1).unwrap(), whole);
    }
}
