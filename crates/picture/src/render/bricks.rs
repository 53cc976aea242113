//! The working copy that rays walk through: one byte a voxel, in bricks that lie together in memory.
//!
//! A brick holds 32³ voxels and a margin of its neighbours' (one before, two behind), so that straight lines between voxels
//! and their slope never look into a second brick. Bricks in which nothing can be seen are not kept.

use rayon::prelude::*;

use super::tables::Tables;

/// Voxels along a brick, as a power of two.
const SHIFT: usize = 5;
pub(crate) const EDGE: usize = 1 << SHIFT;
/// With the margin.
const ROW: usize = EDGE + 3;
const PLANE: usize = ROW * ROW;
const BRICK: usize = ROW * ROW * ROW;
/// Edge of the blocks of which is known whether anything can be seen in them.
pub(crate) const BLOCK: usize = 4;
const BLOCKS_ALONG: usize = EDGE / BLOCK;

type Brick = Box<[u8; BRICK]>;

/// All arrays and places are x, y, z; x runs fastest.
pub(crate) struct Bricks {
    pub(crate) shape: [usize; 3],
    count: [usize; 3],
    bricks: Vec<Option<Brick>>,
    /// Place of the last voxel, from which a cell still reaches its neighbours.
    last: [f32; 3],
}

/// The cell between eight voxels in which a place lies.
struct Cell<'a> {
    /// From the first of the 4³ voxels around it to the last: every one of them is found without another check.
    around: &'a [u8; AROUND],
    part: [f32; 3],
}

const AROUND: usize = 3 * PLANE + 3 * ROW + 4;

impl Bricks {
    /// `place` in voxels; the middle of the first voxel is at one half.
    #[inline(always)]
    fn cell(&self, place: [f32; 3]) -> Option<Cell<'_>> {
        let at: [f32; 3] = std::array::from_fn(|axis| (place[axis] - 0.5).max(0.0).min(self.last[axis]));
        let whole: [usize; 3] = at.map(|at| at as u32 as usize);
        let number = ((whole[2] >> SHIFT) * self.count[1] + (whole[1] >> SHIFT)) * self.count[0] + (whole[0] >> SHIFT);
        let brick = self.bricks[number].as_deref()?;
        let inside = whole.map(|whole| whole & (EDGE - 1));
        let part = std::array::from_fn(|axis| at[axis] - whole[axis] as f32);
        let around = brick[(inside[2] * ROW + inside[1]) * ROW + inside[0]..].first_chunk()?;
        Some(Cell { around, part })
    }

    /// Straight lines between the eight voxels around a place, 0 to 255.
    #[inline(always)]
    pub(crate) fn value(&self, place: [f32; 3]) -> f32 {
        let Some(Cell { around, part }) = self.cell(place) else { return 0.0 };
        let near = PLANE + ROW + 1;
        let pair = |from: usize| {
            let (a, b) = (f32::from(around[from]), f32::from(around[from + 1]));
            a + (b - a) * part[0]
        };
        let (near, far) = ([pair(near), pair(near + ROW)], [pair(near + PLANE), pair(near + PLANE + ROW)]);
        let (near, far) = (mix(near[0], near[1], part[1]), mix(far[0], far[1], part[1]));
        mix(near, far, part[2])
    }

    /// How the values rise around a place, for each voxel along x, y, z, twice as much.
    #[inline(always)]
    pub(crate) fn slope(&self, place: [f32; 3]) -> [f32; 3] {
        let Some(Cell { around, part }) = self.cell(place) else { return [0.0; 3] };
        // Between the two voxels in the middle of each row, and the slope along it.
        let row = |z: usize, y: usize| {
            let from = z * PLANE + y * ROW;
            let row: [f32; 4] = std::array::from_fn(|x| f32::from(around[from + x]));
            (mix(row[1], row[2], part[0]), mix(row[2] - row[0], row[3] - row[1], part[0]))
        };
        let flat = |z: usize, y: usize| row(z, y).0;
        let near: [(f32, f32); 2] = [row(1, 1), row(1, 2)];
        let far: [(f32, f32); 2] = [row(2, 1), row(2, 2)];
        let across = mix(mix(near[0].1, near[1].1, part[1]), mix(far[0].1, far[1].1, part[1]), part[2]);
        let up = mix(
            mix(near[1].0 - flat(1, 0), flat(1, 3) - near[0].0, part[1]),
            mix(far[1].0 - flat(2, 0), flat(2, 3) - far[0].0, part[1]),
            part[2],
        );
        let before = mix(flat(0, 1), flat(0, 2), part[1]);
        let behind = mix(flat(3, 1), flat(3, 2), part[1]);
        let (near, far) = (mix(near[0].0, near[1].0, part[1]), mix(far[0].0, far[1].0, part[1]));
        [across, up, mix(far - before, behind - near, part[2])]
    }

    /// The voxel at a place as it is.
    pub(crate) fn nearest(&self, place: [f32; 3]) -> u8 {
        let middle: [f32; 3] = std::array::from_fn(|axis| place[axis].max(0.0).min(self.last[axis] + 0.999).floor() + 0.5);
        self.cell(middle).map_or(0, |cell| {
            let step = |axis: usize| usize::from(cell.part[axis] > 0.5);
            cell.around[(1 + step(2)) * PLANE + (1 + step(1)) * ROW + 1 + step(0)]
        })
    }
}

#[inline(always)]
fn mix(a: f32, b: f32, part: f32) -> f32 {
    a + (b - a) * part
}

/// Blocks of 4³ cells: the least and the greatest value in each, and how full of matter it is.
pub(crate) struct Blocks {
    pub(crate) shape: [usize; 3],
    pub(crate) visible: Vec<bool>,
    /// Mean extinction.
    pub(crate) matter: Vec<f32>,
}

/// Takes planes in rising order and makes bricks of them, a layer at a time.
pub(crate) struct Builder<'a> {
    tables: &'a Tables,
    bricks: Bricks,
    blocks: Blocks,
    keep_all: bool,
    /// Planes of the layer that is being gathered, with the margin.
    layer: Vec<u8>,
    /// Layers that are done.
    done: usize,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(shape: [usize; 3], tables: &'a Tables, keep_all: bool) -> Self {
        let count = shape.map(|axis| axis.div_ceil(EDGE));
        let blocks = shape.map(|axis| axis.div_ceil(BLOCK));
        let cells = blocks.iter().product();
        Self {
            tables,
            keep_all,
            bricks: Bricks { shape, count, bricks: Vec::with_capacity(count.iter().product()), last: shape.map(|axis| (axis - 1) as f32) },
            blocks: Blocks { shape: blocks, visible: vec![false; cells], matter: vec![0.0; cells] },
            // The plane before the first is the first once more.
            layer: Vec::with_capacity(shape[0] * shape[1] * ROW),
            done: 0,
        }
    }

    pub(crate) fn width(&self) -> usize {
        self.bricks.shape[0]
    }

    pub(crate) fn push(&mut self, plane: &[u8]) {
        if self.layer.is_empty() {
            self.layer.extend_from_slice(plane);
        }
        self.layer.extend_from_slice(plane);
        if self.layer.len() == plane.len() * ROW {
            self.finish_layer(plane.len());
        }
    }

    pub(crate) fn finish(mut self) -> (Bricks, Blocks) {
        let plane = self.bricks.shape[0] * self.bricks.shape[1];
        while self.done < self.bricks.count[2] {
            let last = self.layer.len() - plane;
            while self.layer.len() < plane * ROW {
                self.layer.extend_from_within(last..last + plane);
            }
            self.finish_layer(plane);
        }
        (self.bricks, self.blocks)
    }

    fn finish_layer(&mut self, plane: usize) {
        let [columns, rows, _] = self.bricks.count;
        let (layer, shape, tables, keep_all) = (&self.layer, self.bricks.shape, self.tables, self.keep_all);
        let made: Vec<(Option<Brick>, Vec<(bool, f32)>)> = (0..columns * rows)
            .into_par_iter()
            .map(|number| {
                let brick = cut_out(layer, shape, [number % columns, number / columns]);
                let facts = block_facts(&brick, tables);
                ((keep_all || facts.iter().any(|(visible, _)| *visible)).then_some(brick), facts)
            })
            .collect();
        for (number, (brick, facts)) in made.into_iter().enumerate() {
            self.bricks.bricks.push(brick);
            self.note([number % columns, number / columns, self.done], &facts);
        }
        self.done += 1;
        // The margin of the next layer.
        self.layer.copy_within(plane * EDGE.., 0);
        self.layer.truncate(plane * (ROW - EDGE));
    }

    fn note(&mut self, brick: [usize; 3], facts: &[(bool, f32)]) {
        for (number, &(visible, matter)) in facts.iter().enumerate() {
            let inside = [number % BLOCKS_ALONG, number / BLOCKS_ALONG % BLOCKS_ALONG, number / BLOCKS_ALONG / BLOCKS_ALONG];
            let place: [usize; 3] = std::array::from_fn(|axis| brick[axis] * BLOCKS_ALONG + inside[axis]);
            if (0..3).all(|axis| place[axis] < self.blocks.shape[axis]) {
                let index = (place[2] * self.blocks.shape[1] + place[1]) * self.blocks.shape[0] + place[0];
                self.blocks.visible[index] = visible;
                self.blocks.matter[index] = matter;
            }
        }
    }
}

/// One brick out of a layer of planes; beyond the edge of the volume its last voxels go on.
fn cut_out(layer: &[u8], shape: [usize; 3], place: [usize; 2]) -> Brick {
    let mut brick: Brick = vec![0; BRICK].into_boxed_slice().try_into().unwrap_or_else(|_| unreachable!("it was made of this length"));
    let left = place[0] * EDGE;
    let inside = (left + ROW - 1).min(shape[0]) - left;
    for z in 0..ROW {
        for y in 0..ROW {
            let source_y = (place[1] * EDGE + y).saturating_sub(1).min(shape[1] - 1);
            let source = &layer[(z * shape[1] + source_y) * shape[0]..][..shape[0]];
            let row = &mut brick[(z * ROW + y) * ROW..][..ROW];
            row[0] = source[left.saturating_sub(1)];
            row[1..=inside].copy_from_slice(&source[left..left + inside]);
            row[inside + 1..].fill(source[left + inside - 1]);
        }
    }
    brick
}

/// Of each block whether anything can be seen in its cells, and its mean extinction.
fn block_facts(brick: &[u8; BRICK], tables: &Tables) -> Vec<(bool, f32)> {
    let mut facts = Vec::with_capacity(BLOCKS_ALONG * BLOCKS_ALONG * BLOCKS_ALONG);
    for z in 0..BLOCKS_ALONG {
        for y in 0..BLOCKS_ALONG {
            for x in 0..BLOCKS_ALONG {
                let (mut least, mut most, mut matter) = (u8::MAX, u8::MIN, 0.0);
                for plane in 0..=BLOCK {
                    for row in 0..=BLOCK {
                        let from = ((z * BLOCK + plane + 1) * ROW + y * BLOCK + row + 1) * ROW + x * BLOCK + 1;
                        let voxels: &[u8] = &brick[from..=from + BLOCK];
                        for &voxel in voxels {
                            least = least.min(voxel);
                            most = most.max(voxel);
                        }
                    }
                }
                let visible = tables.is_visible(least, most);
                if visible {
                    for plane in 0..BLOCK {
                        for row in 0..BLOCK {
                            let from = ((z * BLOCK + plane + 1) * ROW + y * BLOCK + row + 1) * ROW + x * BLOCK + 1;
                            matter += brick[from..from + BLOCK].iter().map(|&voxel| tables.shade_of(voxel)).sum::<f32>();
                        }
                    }
                }
                facts.push((visible, matter / (BLOCK * BLOCK * BLOCK) as f32));
            }
        }
    }
    facts
}

/// For every block how many blocks away, straight or slanting, the nearest one is in which something can be seen; 0 for those.
pub(crate) fn leaps(blocks: &Blocks) -> Vec<u8> {
    let [width, height, depth] = blocks.shape;
    let mut leaps: Vec<u8> = blocks.visible.iter().map(|&visible| if visible { 0 } else { LEAP_MAX }).collect();
    // A distance that counts the longest axis is the greatest of three, so it can be found axis by axis.
    for row in leaps.chunks_exact_mut(width) {
        along(width, |index, value| swap(&mut row[index], value));
    }
    widen(&mut leaps, [width, height, depth], 1);
    widen(&mut leaps, [width, height, depth], 2);
    leaps
}

const LEAP_MAX: u8 = 24;

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
