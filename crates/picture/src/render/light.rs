//! Soft shadow and the dark of hollows, on a grid of blocks: light is handed on from layer to layer.
//!
//! For one direction the layers of blocks are visited in the order in which light meets them; each takes from the one before,
//! shifted and spread a little, what that let through. One pass towards the lamp gives soft shadows; passes from fourteen
//! directions with a short memory give how open the neighbourhood of a place is.

use rayon::prelude::*;

use super::blocks::{BLOCK, Blocks};
use super::lanes::{Floats, Ints, Three, clamp, mix};

/// Light that reaches blocks, 0 to 255.
pub(crate) struct Lights {
    shape: [usize; 3],
    /// Openness and lamp light side by side, because both are asked at the same places.
    cells: Vec<u8>,
    last: [f32; 3],
}

/// Share of the light that spreads to the four neighbours in each layer.
const SPREAD: f32 = 0.10;
/// Share of the lost light that comes back in each layer when the openness is asked: far things do not darken a place.
const FORGET: f32 = 0.06;
/// No block swallows more than this: an edge between blocks is softer than the matter in them.
const SWALLOWED_MAX: f32 = 0.92;

/// How open every block is, from what lies around it. Computed once for a scene.
pub(crate) fn openness(blocks: &Blocks, size: [f32; 3]) -> Vec<u8> {
    let mut directions = Vec::new();
    for axis in 0..3 {
        for sign in [1.0, -1.0] {
            let mut direction = [0.0; 3];
            direction[axis] = sign;
            directions.push(direction);
        }
    }
    directions.extend((0..8).map(|corner| std::array::from_fn(|axis| if corner >> axis & 1 == 0 { 0.577 } else { -0.577 })));
    let passes: Vec<Vec<u8>> = directions.into_par_iter().map(|direction| pass(blocks, size, direction, FORGET)).collect();
    let mut open = vec![0; blocks.matter.len()];
    open.par_iter_mut().enumerate().for_each(|(index, open)| {
        let sum: u32 = passes.iter().map(|pass| u32::from(pass[index])).sum();
        *open = (sum / passes.len() as u32) as u8;
    });
    open
}

impl Lights {
    /// With the lamp in a direction, x, y, z in true proportions.
    pub(crate) fn new(blocks: &Blocks, size: [f32; 3], open: &[u8], lamp: [f32; 3]) -> Self {
        let lamp = pass(blocks, size, lamp, 0.0);
        let mut cells: Vec<u8> = open.iter().zip(lamp).flat_map(|(&open, lamp)| [open, lamp]).collect();
        // Whoever reads four at once may look behind the last.
        cells.extend([255; size_of::<u32>()]);
        Self { shape: blocks.shape, cells, last: blocks.shape.map(|axis| (axis - 1) as f32) }
    }

    /// Where no light is asked for.
    pub(crate) fn none() -> Self {
        Self { shape: [1; 3], cells: vec![255; 2 * size_of::<u32>()], last: [0.0; 3] }
    }

    /// Openness and lamp light at a place in voxels, 0 to 1; outside of the volume all is open.
    #[inline(always)]
    pub(crate) fn at<F: Floats>(&self, place: Three<F>) -> [F; 2] {
        let [x, y, z] = [self.along(place[0], 0), self.along(place[1], 1), self.along(place[2], 2)];
        let [width, height] = [self.shape[0], self.shape[1]].map(|side| side as i32);
        let first = (z.0 * F::Ints::splat(height) + y.0) * F::Ints::splat(width) + x.0;
        let (down, behind) = (F::Ints::splat(width), F::Ints::splat(width * height));
        let [a, b] = [self.row(first, x.1), self.row(first + down, x.1)];
        let [c, d] = [self.row(first + behind, x.1), self.row(first + behind + down, x.1)];
        let part = F::splat(1.0 / 255.0);
        let both = |a: F, b: F, c: F, d: F| mix(mix(a, b, y.1), mix(c, d, y.1), z.1) * part;
        [both(a[0], b[0], c[0], d[0]), both(a[1], b[1], c[1], d[1])]
    }

    /// The block before a place along an axis, and the way to the next; at the end there is none, and no way to it.
    #[inline(always)]
    fn along<F: Floats>(&self, place: F, axis: usize) -> (F::Ints, F) {
        let at = clamp(place * F::splat(1.0 / BLOCK as f32) - F::splat(0.5), 0.0, self.last[axis]);
        let first = at.whole();
        (first, at - first.floats())
    }

    /// Openness and lamp light between a block and the next in its row.
    #[inline(always)]
    fn row<F: Floats>(&self, first: F::Ints, part: F) -> [F; 2] {
        let four = first.left(1).bytes(&self.cells);
        [
            mix(four.and(0xff).floats(), four.right(16).and(0xff).floats(), part),
            mix(four.right(8).and(0xff).floats(), four.right(24).floats(), part),
        ]
    }
}

/// The light that comes from one direction, block by block.
fn pass(blocks: &Blocks, size: [f32; 3], towards: [f32; 3], forget: f32) -> Vec<u8> {
    // In blocks: an axis with longer voxels takes fewer steps.
    let slope: [f32; 3] = std::array::from_fn(|axis| towards[axis] / size[axis]);
    let main = (0..3).max_by(|&a, &b| slope[a].abs().total_cmp(&slope[b].abs())).unwrap_or(2);
    let (across, down) = ([1, 0, 0][main], [2, 2, 1][main]);
    let shape = blocks.shape;
    let stride = [1, shape[0], shape[0] * shape[1]];
    let shift = [across, down].map(|axis| slope[axis] / slope[main].abs());
    let length = BLOCK as f32 / slope[main].abs().max(1e-6);
    let (width, height) = (shape[across], shape[down]);
    let mut light = vec![0u8; blocks.matter.len()];
    let mut before = Layer::full(width, height);
    let mut here = Layer::full(width, height);
    for step in 0..shape[main] {
        let place = if slope[main] > 0.0 { shape[main] - 1 - step } else { step };
        here.take(&before, shift, forget);
        let from = place * stride[main];
        for y in 0..height {
            let row = here.row_mut(y);
            for (x, through) in row.iter_mut().enumerate() {
                let index = from + y * stride[down] + x * stride[across];
                light[index] = (*through * 255.0 + 0.5) as u8;
                let matter = blocks.matter[index];
                if matter > 0.0 {
                    *through *= 1.0 - SWALLOWED_MAX * (1.0 - exp_minus(matter * length));
                }
            }
        }
        std::mem::swap(&mut before, &mut here);
    }
    light
}

/// One layer with a margin of full light around it.
struct Layer {
    width: usize,
    height: usize,
    cells: Vec<f32>,
}

const MARGIN: usize = 2;

impl Layer {
    fn full(width: usize, height: usize) -> Self {
        Self { width, height, cells: vec![1.0; (width + 2 * MARGIN) * (height + 2 * MARGIN)] }
    }

    fn row_mut(&mut self, y: usize) -> &mut [f32] {
        let from = (y + MARGIN) * (self.width + 2 * MARGIN) + MARGIN;
        &mut self.cells[from..from + self.width]
    }

    /// What the layer before let through, seen along a slope, spread to the neighbours.
    fn take(&mut self, before: &Layer, shift: [f32; 2], forget: f32) {
        let [right, down] = shift.map(|shift| shift.clamp(-1.0, 1.0));
        let floor = [right.floor(), down.floor()];
        let part = [right - floor[0], down - floor[1]];
        let stride = self.width + 2 * MARGIN;
        let weights = [(1.0 - part[0]) * (1.0 - part[1]), part[0] * (1.0 - part[1]), (1.0 - part[0]) * part[1], part[0] * part[1]];
        for y in 0..self.height {
            let from = ((y + MARGIN) as isize + floor[1] as isize) as usize * stride + (MARGIN as isize + floor[0] as isize) as usize;
            let (first, second) =
                (&before.cells[from..from + self.width + 1], &before.cells[from + stride..from + stride + self.width + 1]);
            let around = (y + MARGIN) * stride + MARGIN;
            let (above, below) = (&before.cells[around - stride..][..self.width], &before.cells[around + stride..][..self.width]);
            let beside = &before.cells[around - 1..][..self.width + 2];
            let out = self.row_mut(y);
            for x in 0..out.len() {
                let straight = weights[0] * first[x] + weights[1] * first[x + 1] + weights[2] * second[x] + weights[3] * second[x + 1];
                let spread = 0.25 * (above[x] + below[x] + beside[x] + beside[x + 2]);
                let through = straight + SPREAD * (spread - straight);
                out[x] = through + forget * (1.0 - through);
            }
        }
    }
}

/// e to the power −x for x of at least 0, right to a thousandth, the same on every machine.
#[inline(always)]
fn exp_minus(x: f32) -> f32 {
    let twos = x.min(80.0) * std::f32::consts::LOG2_E;
    let whole = twos as u32;
    let part = twos - whole as f32;
    // 2 to the power −part between 0 and 1.
    let fine = 1.0 + part * (-0.693_03 + part * (0.238_88 + part * (-0.052_1 + part * 0.006_25)));
    fine * f32::from_bits((127 - whole.min(126)) << 23)
}
