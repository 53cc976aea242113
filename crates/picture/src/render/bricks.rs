//! The working copy that rays walk through: one byte a voxel, in bricks that lie together in memory.
//!
//! A brick holds 32³ voxels and a margin of its neighbours' (one before, two behind), so that straight lines between voxels
//! and their slope never look into a second brick. Bricks in which nothing can be seen are not kept.

use rayon::prelude::*;

use super::blocks::{BLOCK, BlockFacts, Blocks};
use super::lanes::{Floats, Ints, Three, clamp, mix};
use super::tables::Tables;

/// Voxels along a brick, as a power of two.
const SHIFT: usize = 5;
pub(crate) const EDGE: usize = 1 << SHIFT;
/// With the margin.
const ROW: usize = EDGE + 3;
const PLANE: usize = ROW * ROW;
const BRICK: usize = ROW * ROW * ROW;
const BLOCKS_ALONG: usize = EDGE / BLOCK;

type Brick = Box<[u8; BRICK]>;

/// All arrays and places are x, y, z; x runs fastest.
pub(crate) struct Bricks {
    pub(crate) shape: [usize; 3],
    count: [usize; 3],
    /// Where each brick begins among the voxels.
    starts: Vec<u32>,
    /// Brick after brick; the first one is empty and stands for all in which nothing can be seen.
    voxels: Vec<u8>,
    /// Place of the last voxel, from which a cell still reaches its neighbours.
    last: [f32; 3],
}

/// The cell between eight voxels in which a place lies, for each lane.
#[derive(Clone, Copy)]
pub(crate) struct Cell<F: Floats> {
    whole: [F::Ints; 3],
    part: Three<F>,
}

impl<F: Floats> Cell<F> {
    /// Number of the block in which the cell lies along an axis.
    #[inline(always)]
    pub(crate) fn block(&self, axis: usize) -> F::Ints {
        self.whole[axis].right(BLOCK.trailing_zeros() as i32)
    }
}

impl Bricks {
    fn new(shape: [usize; 3]) -> Self {
        let count = shape.map(|axis| axis.div_ceil(EDGE));
        let bricks: usize = count.iter().product();
        // Asked for at once and filled as far as there is something to see.
        let mut voxels = Vec::with_capacity((bricks + 1) * BRICK + size_of::<u32>());
        voxels.resize(BRICK, 0);
        Self { shape, count, starts: Vec::with_capacity(bricks), voxels, last: shape.map(|axis| (axis - 1) as f32) }
    }

    fn push(&mut self, brick: Option<Brick>) {
        let start = if brick.is_some() { self.voxels.len() as u32 } else { 0 };
        self.starts.push(start);
        if let Some(brick) = brick {
            self.voxels.extend_from_slice(&*brick);
        }
    }

    /// `place` in voxels; the middle of the first voxel is at one half.
    #[inline(always)]
    pub(crate) fn cell<F: Floats>(&self, place: Three<F>) -> Cell<F> {
        let half = F::splat(0.5);
        let at = [
            clamp(place[0] - half, 0.0, self.last[0]),
            clamp(place[1] - half, 0.0, self.last[1]),
            clamp(place[2] - half, 0.0, self.last[2]),
        ];
        let whole = [at[0].whole(), at[1].whole(), at[2].whole()];
        Cell { whole, part: [at[0] - whole[0].floats(), at[1] - whole[1].floats(), at[2] - whole[2].floats()] }
    }

    /// Where the first of the 4³ voxels around a cell lies.
    #[inline(always)]
    fn around<F: Floats>(&self, cell: &Cell<F>) -> F::Ints {
        let number = |value: usize| F::Ints::splat(value as i32);
        let [x, y, z] = cell.whole;
        let (shift, inside) = (SHIFT as i32, EDGE as i32 - 1);
        let brick = (z.right(shift) * number(self.count[1]) + y.right(shift)) * number(self.count[0]) + x.right(shift);
        brick.words(&self.starts) + (z.and(inside) * number(ROW) + y.and(inside)) * number(ROW) + x.and(inside)
    }

    /// Straight lines between the eight voxels around a place, 0 to 255.
    #[inline(always)]
    pub(crate) fn value<F: Floats>(&self, cell: &Cell<F>) -> F {
        let around = self.around(cell);
        let part = cell.part;
        let near = mix(self.pair(around, part[0], 1, 1), self.pair(around, part[0], 1, 2), part[1]);
        let far = mix(self.pair(around, part[0], 2, 1), self.pair(around, part[0], 2, 2), part[1]);
        mix(near, far, part[2])
    }

    /// Four voxels of one of the rows around a cell.
    #[inline(always)]
    fn row<F: Floats>(&self, around: F::Ints, z: usize, y: usize) -> F::Ints {
        (around + F::Ints::splat((z * PLANE + y * ROW) as i32)).bytes(&self.voxels)
    }

    /// Between the two voxels in the middle of a row.
    #[inline(always)]
    fn pair<F: Floats>(&self, around: F::Ints, part: F, z: usize, y: usize) -> F {
        let row = self.row::<F>(around, z, y);
        mix(row.right(8).and(0xff).floats(), row.right(16).and(0xff).floats(), part)
    }

    /// Between the two voxels in the middle of a row, and the slope along it.
    #[inline(always)]
    fn pair_and_slope<F: Floats>(&self, around: F::Ints, part: F, z: usize, y: usize) -> (F, F) {
        let row = self.row::<F>(around, z, y);
        let [a, b] = [row.and(0xff).floats(), row.right(8).and(0xff).floats()];
        let [c, d] = [row.right(16).and(0xff).floats(), row.right(24).floats()];
        (mix(b, c, part), mix(c - a, d - b, part))
    }

    /// How the values rise around a place, for each voxel along x, y, z, twice as much.
    #[inline(always)]
    pub(crate) fn slope<F: Floats>(&self, cell: &Cell<F>) -> Three<F> {
        let around = self.around(cell);
        let [x, y, z] = cell.part;
        let near = [self.pair_and_slope(around, x, 1, 1), self.pair_and_slope(around, x, 1, 2)];
        let far = [self.pair_and_slope(around, x, 2, 1), self.pair_and_slope(around, x, 2, 2)];
        let across = mix(mix(near[0].1, near[1].1, y), mix(far[0].1, far[1].1, y), z);
        let up_near = mix(near[1].0 - self.pair(around, x, 1, 0), self.pair(around, x, 1, 3) - near[0].0, y);
        let up_far = mix(far[1].0 - self.pair(around, x, 2, 0), self.pair(around, x, 2, 3) - far[0].0, y);
        let before = mix(self.pair(around, x, 0, 1), self.pair(around, x, 0, 2), y);
        let behind = mix(self.pair(around, x, 3, 1), self.pair(around, x, 3, 2), y);
        let (near, far) = (mix(near[0].0, near[1].0, y), mix(far[0].0, far[1].0, y));
        [across, mix(up_near, up_far, z), mix(far - before, behind - near, z)]
    }

    /// The voxel at a place as it is.
    pub(crate) fn nearest(&self, place: [f32; 3]) -> u8 {
        let [x, y, z]: [usize; 3] = std::array::from_fn(|axis| place[axis].max(0.0).min(self.last[axis]) as usize);
        let brick = ((z >> SHIFT) * self.count[1] + (y >> SHIFT)) * self.count[0] + (x >> SHIFT);
        let inside = |along: usize| (along & (EDGE - 1)) + 1;
        self.voxels[self.starts[brick] as usize + (inside(z) * ROW + inside(y)) * ROW + inside(x)]
    }
}

/// Takes planes in rising order and makes bricks of them, a layer at a time.
pub(crate) struct Builder<'a> {
    tables: &'a Tables,
    bricks: Bricks,
    blocks: Blocks,
    /// Planes of the layer that is being gathered, with the margin.
    layer: Vec<u8>,
    /// Layers that are done.
    done: usize,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(shape: [usize; 3], tables: &'a Tables) -> Self {
        let blocks = shape.map(|axis| axis.div_ceil(BLOCK));
        let cells = blocks.iter().product();
        Self {
            tables,
            bricks: Bricks::new(shape),
            blocks: Blocks { shape: blocks, stride: vec![0; cells], matter: vec![0.0; cells] },
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
        // Whoever reads four voxels at once may look behind the last.
        self.bricks.voxels.extend([0; size_of::<u32>()]);
        (self.bricks, self.blocks)
    }

    fn finish_layer(&mut self, plane: usize) {
        let [columns, rows, _] = self.bricks.count;
        let (layer, shape, tables) = (&self.layer, self.bricks.shape, self.tables);
        let made: Vec<(Option<Brick>, Vec<BlockFacts>)> = (0..columns * rows)
            .into_par_iter()
            .map(|number| {
                let brick = cut_out(layer, shape, [number % columns, number / columns]);
                let facts = block_facts(&brick, tables);
                (facts.iter().any(|facts| facts.stride > 0).then_some(brick), facts)
            })
            .collect();
        for (number, (brick, facts)) in made.into_iter().enumerate() {
            self.bricks.push(brick);
            self.note([number % columns, number / columns, self.done], &facts);
        }
        self.done += 1;
        // The margin of the next layer.
        self.layer.copy_within(plane * EDGE.., 0);
        self.layer.truncate(plane * (ROW - EDGE));
    }

    fn note(&mut self, brick: [usize; 3], facts: &[BlockFacts]) {
        for (number, facts) in facts.iter().enumerate() {
            let inside = [number % BLOCKS_ALONG, number / BLOCKS_ALONG % BLOCKS_ALONG, number / BLOCKS_ALONG / BLOCKS_ALONG];
            let place: [usize; 3] = std::array::from_fn(|axis| brick[axis] * BLOCKS_ALONG + inside[axis]);
            if (0..3).all(|axis| place[axis] < self.blocks.shape[axis]) {
                let index = (place[2] * self.blocks.shape[1] + place[1]) * self.blocks.shape[0] + place[0];
                self.blocks.stride[index] = facts.stride;
                self.blocks.matter[index] = facts.matter;
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

/// Of each block how it may be passed, and its mean extinction.
fn block_facts(brick: &[u8; BRICK], tables: &Tables) -> Vec<BlockFacts> {
    let mut facts = Vec::with_capacity(BLOCKS_ALONG * BLOCKS_ALONG * BLOCKS_ALONG);
    for z in 0..BLOCKS_ALONG {
        for y in 0..BLOCKS_ALONG {
            for x in 0..BLOCKS_ALONG {
                let row = |plane: usize, row: usize| {
                    let from = ((z * BLOCK + plane + 1) * ROW + y * BLOCK + row + 1) * ROW + x * BLOCK + 1;
                    &brick[from..=from + BLOCK]
                };
                let (mut least, mut most, mut matter) = (u8::MAX, u8::MIN, 0.0);
                for number in 0..(BLOCK + 1) * (BLOCK + 1) {
                    for &voxel in row(number / (BLOCK + 1), number % (BLOCK + 1)) {
                        least = least.min(voxel);
                        most = most.max(voxel);
                    }
                }
                let stride = tables.stride(least, most);
                if stride > 0 {
                    for number in 0..BLOCK * BLOCK {
                        matter += row(number / BLOCK, number % BLOCK)[..BLOCK].iter().map(|&voxel| tables.shade_of(voxel)).sum::<f32>();
                    }
                }
                facts.push(BlockFacts { stride, matter: matter / (BLOCK * BLOCK * BLOCK) as f32 });
            }
        }
    }
    facts
}
