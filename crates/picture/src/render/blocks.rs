//! What rays know in advance: blocks of 4³ cells, how fast each may be passed, and how full of matter it is.

use rayon::prelude::*;

pub(crate) const BLOCK: usize = 4;
/// Length of a step in voxels.
pub(crate) const STEP: f32 = 0.9;
/// Longest step in faint matter: never over a whole block.
const STEP_MAX: f32 = 3.6;
/// Optical depth that a step through faint matter may have.
const STEP_DEPTH: f32 = 0.03;
/// Steps are told in parts of a voxel.
pub(crate) const STEP_PARTS: f32 = 20.0;

pub(crate) struct Blocks {
    pub(crate) shape: [usize; 3],
    /// [`BlockFacts::stride`] of each.
    pub(crate) stride: Vec<u8>,
    /// [`BlockFacts::matter`] of each.
    pub(crate) matter: Vec<f32>,
}

pub(crate) struct BlockFacts {
    /// See [`stride`].
    pub(crate) stride: u8,
    /// Mean extinction.
    pub(crate) matter: f32,
}

/// How long steps may be where the greatest extinction is this, in twentieths of a voxel; 0 where nothing can be seen.
pub(crate) fn stride(extinction: f32) -> u8 {
    if extinction > 0.0 { ((STEP_DEPTH / extinction).clamp(STEP, STEP_MAX) * STEP_PARTS) as u8 } else { 0 }
}

/// From this on a pace tells the length of steps; below, how many blocks away, straight or slanting, the nearest one is in which
/// something can be seen; 0 where a ray has to look at every voxel.
pub(crate) const FAINT: u8 = 128;
const LEAP_MAX: u8 = 24;

/// For every block how it may be passed, and some more bytes for those who read four at once.
pub(crate) fn paces(blocks: &Blocks) -> Vec<u8> {
    let [width, height, depth] = blocks.shape;
    let mut paces: Vec<u8> = blocks.stride.iter().map(|&stride| if stride > 0 { 0 } else { LEAP_MAX }).collect();
    // A distance that counts the longest axis is the greatest of three, so it can be found axis by axis.
    for row in paces.chunks_exact_mut(width) {
        along(width, |index, value| swap(&mut row[index], value));
    }
    widen(&mut paces, [width, height, depth], 1);
    widen(&mut paces, [width, height, depth], 2);
    let shortest = (STEP * STEP_PARTS) as u8;
    paces.par_chunks_exact_mut(width).enumerate().for_each(|(row, paces)| {
        for (x, pace) in paces.iter_mut().enumerate().filter(|(_, pace)| **pace == 0) {
            let stride = careful_stride(blocks, [x, row % height, row / height], shortest);
            *pace = if stride > shortest { FAINT + stride } else { 0 };
        }
    });
    paces.extend([0; size_of::<u32>()]);
    paces
}

/// The shortest stride of a block and its neighbours: a step may end in any of them.
fn careful_stride(blocks: &Blocks, place: [usize; 3], shortest: u8) -> u8 {
    let [width, height, _] = blocks.shape;
    let reach = |axis: usize| place[axis].saturating_sub(1)..(place[axis] + 2).min(blocks.shape[axis]);
    let mut least = blocks.stride[(place[2] * height + place[1]) * width + place[0]];
    for z in reach(2) {
        for y in reach(1) {
            if least <= shortest {
                return least;
            }
            let row = &blocks.stride[(z * height + y) * width..][reach(0)];
            least = row.iter().filter(|stride| **stride > 0).fold(least, |least, &stride| least.min(stride));
        }
    }
    least
}

/// Distances within one row, forward and back.
fn along(length: usize, mut least: impl FnMut(usize, u8) -> u8) {
    for order in [false, true] {
        let mut distance = LEAP_MAX;
        for step in 0..length {
            let index = if order { length - 1 - step } else { step };
            distance = least(index, distance.saturating_add(1).min(LEAP_MAX));
        }
    }
}

fn swap(cell: &mut u8, distance: u8) -> u8 {
    *cell = (*cell).min(distance);
    *cell
}

/// The least over neighbours along an axis of the greater of their distance and how far they are away.
fn widen(leaps: &mut Vec<u8>, shape: [usize; 3], axis: usize) {
    let stride: usize = shape[..axis].iter().product();
    let length = shape[axis];
    let source = &*leaps;
    let slab = stride * length;
    let mut out = vec![0; source.len()];
    out.par_chunks_mut(slab).zip(source.par_chunks(slab)).for_each(|(out, source)| {
        for index in 0..length {
            let here = &mut out[index * stride..][..stride];
            here.copy_from_slice(&source[index * stride..][..stride]);
            let reach = here.iter().copied().max().unwrap_or(0) as usize;
            for away in 1..reach.min(length) {
                for other in [index.checked_sub(away), Some(index + away).filter(|other| *other < length)].into_iter().flatten() {
                    let from = &source[other * stride..][..stride];
                    here.iter_mut().zip(from).for_each(|(here, &from)| *here = (*here).min(from.max(away as u8)));
                }
            }
        }
    });
    *leaps = out;
}
