//! The volume prepared for rays: smoothed values, blocks that are empty, and a coarse copy for shadow and hollows.

use rayon::prelude::*;
use volume::zarr::Voxels;

use super::camera::View;
use super::{Transfer, dot, unit};
use crate::label;

/// Edge of a block whose greatest value is known.
const BLOCK: usize = 8;
/// Length of a step in voxels.
const STEP: f32 = 0.6;
/// Steps after which a ray is given up, whatever the numbers are.
const STEPS: usize = 8_192;
/// A voxel is drawn at most so much longer than wide.
const LONGEST: f64 = 100.0;

/// Values as x, y, z lattice; positions are in voxels, then stretched by `size` to true proportions.
pub(crate) struct Field {
    shape: [usize; 3],
    /// Length of a voxel relative to the shortest, x, y, z.
    size: [f32; 3],
    values: Vec<f32>,
    blocks: Vec<f32>,
    block_shape: [usize; 3],
    coarse: Coarse,
    surface: f32,
    labels: Option<Vec<f32>>,
}

/// How full of matter the neighbourhood is: an eighth or a quarter of the resolution.
struct Coarse {
    shape: [usize; 3],
    factor: f32,
    fine: Vec<f32>,
    wide: Vec<f32>,
}

impl Field {
    pub(crate) fn new(voxels: &Voxels, voxel_size: [f64; 3], transfer: &Transfer) -> Self {
        let [depth, height, width] = voxels.shape;
        let shape = [width, height, depth];
        let sane = voxel_size.iter().all(|&axis| axis.is_finite() && axis > 0.0);
        let finest = voxel_size.iter().copied().fold(f64::INFINITY, f64::min);
        let size = [2, 1, 0].map(|axis| if sane { (voxel_size[axis] / finest).min(LONGEST) as f32 } else { 1.0 });
        let mut values = voxels.to_f32();
        values.par_iter_mut().filter(|value| !value.is_finite()).for_each(|value| *value = f32::MIN);
        let labels = transfer.labels.then(|| values.clone());
        if transfer.labels {
            values.par_iter_mut().for_each(|value| *value = if *value == 0.0 { 0.0 } else { 1.0 });
        }
        let mut values = smoothed(&values, shape);
        let surface = transfer.surface as f32;
        // Nothing far below the surface matters; a bounded value keeps interpolation honest.
        let floor = surface - 4.0 * (transfer.bright as f32 - surface).abs().max(1e-6);
        values.par_iter_mut().for_each(|value| *value = value.max(floor));
        let block_shape = shape.map(|axis| axis.div_ceil(BLOCK));
        let blocks = block_maxima(&values, shape, block_shape);
        let coarse = Coarse::new(&values, shape, surface);
        Self { shape, size, values, blocks, block_shape, coarse, surface, labels }
    }

    /// Middles of all blocks that hold something, in true proportions; the whole box when none does.
    pub(crate) fn body(&self) -> Vec<[f32; 3]> {
        let [columns, rows, _] = self.block_shape;
        let full = self.blocks.iter().enumerate().filter(|(_, value)| **value > self.surface);
        let points: Vec<[f32; 3]> = full
            .map(|(index, _)| {
                let place = [index % columns, index / columns % rows, index / columns / rows];
                std::array::from_fn(|axis| (place[axis] as f32 + 0.5) * BLOCK as f32 * self.size[axis])
            })
            .collect();
        if !points.is_empty() {
            return points;
        }
        let corner = |number: usize, axis: usize| if number >> axis & 1 == 0 { 0.0 } else { self.shape[axis] as f32 * self.size[axis] };
        (0..8).map(|number| std::array::from_fn(|axis| corner(number, axis))).collect()
    }

    /// Straight lines between the eight voxels around a place in voxels.
    fn value(&self, place: [f32; 3]) -> f32 {
        let [columns, rows, _] = self.shape;
        let mut base = [0; 3];
        let mut part = [0.0; 3];
        for axis in 0..3 {
            let at = (place[axis] - 0.5).clamp(0.0, (self.shape[axis] - 1) as f32);
            base[axis] = (at as usize).min(self.shape[axis].saturating_sub(2));
            part[axis] = at - base[axis] as f32;
        }
        let next: [usize; 3] = std::array::from_fn(|axis| usize::from(self.shape[axis] > 1));
        let at = |x: usize, y: usize, z: usize| {
            self.values[((base[2] + z * next[2]) * rows + base[1] + y * next[1]) * columns + base[0] + x * next[0]]
        };
        let mix = |a: f32, b: f32, part: f32| a + (b - a) * part;
        let row = |y, z| mix(at(0, y, z), at(1, y, z), part[0]);
        mix(mix(row(0, 0), row(1, 0), part[1]), mix(row(0, 1), row(1, 1), part[1]), part[2])
    }

    /// Direction out of the body, in true proportions.
    fn normal(&self, place: [f32; 3]) -> [f32; 3] {
        unit(std::array::from_fn(|axis| {
            let (mut before, mut after) = (place, place);
            before[axis] -= 1.0;
            after[axis] += 1.0;
            (self.value(before) - self.value(after)) / self.size[axis]
        }))
    }

    /// Colour of the first surface on a ray, in linear light.
    pub(crate) fn shade(&self, origin: [f32; 3], direction: [f32; 3], view: &View, transfer: &Transfer) -> Option<[f32; 3]> {
        let origin: [f32; 3] = std::array::from_fn(|axis| origin[axis] / self.size[axis]);
        let step: [f32; 3] = std::array::from_fn(|axis| direction[axis] / self.size[axis]);
        let (enter, leave, face) = self.crossing(origin, step)?;
        let at = |distance: f32| -> [f32; 3] { std::array::from_fn(|axis| origin[axis] + step[axis] * distance) };
        let mut distance = enter + 1e-3;
        let start = at(distance);
        let (hit, normal) = if self.value(start) > self.surface {
            // The body is cut by the edge of the volume; the cut face looks at the eye.
            (start, face.unwrap_or(direction.map(|part| -part)))
        } else {
            let hit = self.march(&at, &mut distance, leave, origin, step)?;
            (hit, self.normal(hit))
        };
        Some(self.light(hit, normal, direction, view, transfer))
    }

    /// Enters and leaves the box of the volume; with the outward normal of the face that is entered.
    fn crossing(&self, origin: [f32; 3], step: [f32; 3]) -> Option<(f32, f32, Option<[f32; 3]>)> {
        let (mut enter, mut leave, mut face) = (0.0f32, f32::INFINITY, None);
        for axis in 0..3 {
            let (low, high) = (0.0, self.shape[axis] as f32);
            if step[axis].abs() < 1e-9 {
                if origin[axis] < low || origin[axis] > high {
                    return None;
                }
                continue;
            }
            let (a, b) = ((low - origin[axis]) / step[axis], (high - origin[axis]) / step[axis]);
            if a.min(b) > enter {
                enter = a.min(b);
                let mut normal = [0.0; 3];
                normal[axis] = -step[axis].signum();
                face = Some(normal);
            }
            leave = leave.min(a.max(b));
        }
        (enter < leave).then_some((enter, leave, face))
    }

    fn march(&self, at: &dyn Fn(f32) -> [f32; 3], distance: &mut f32, leave: f32, origin: [f32; 3], step: [f32; 3]) -> Option<[f32; 3]> {
        for _ in 0..STEPS {
            if *distance >= leave {
                break;
            }
            let place = at(*distance);
            let block: [usize; 3] = std::array::from_fn(|axis| ((place[axis].max(0.0) as usize) / BLOCK).min(self.block_shape[axis] - 1));
            let [columns, rows, _] = self.block_shape;
            if self.blocks[(block[2] * rows + block[1]) * columns + block[0]] <= self.surface {
                // Straight to the other side of the empty block.
                let mut out = f32::INFINITY;
                for axis in 0..3 {
                    let edge = (block[axis] + usize::from(step[axis] > 0.0)) as f32 * BLOCK as f32;
                    if step[axis].abs() > 1e-9 {
                        out = out.min((edge - origin[axis]) / step[axis]);
                    }
                }
                *distance = out.max(*distance) + 0.02 + *distance * 1e-6;
                continue;
            }
            if self.value(place) > self.surface {
                let (mut before, mut after) = (*distance - STEP, *distance);
                for _ in 0..5 {
                    let middle = 0.5 * (before + after);
                    if self.value(at(middle)) > self.surface { after = middle } else { before = middle }
                }
                return Some(at(after));
            }
            *distance += STEP;
        }
        None
    }

    /// The colour of the label at a place, in linear light; nothing where there is none.
    fn label_colour(&self, place: [f32; 3]) -> Option<[f32; 3]> {
        let index: [usize; 3] = std::array::from_fn(|axis| (place[axis].max(0.0) as usize).min(self.shape[axis] - 1));
        let label = self.labels.as_ref()?[(index[2] * self.shape[1] + index[1]) * self.shape[0] + index[0]];
        (label != 0.0).then(|| label::colour(label).map(|channel| channel.powf(2.2)))
    }

    fn light(&self, hit: [f32; 3], normal: [f32; 3], direction: [f32; 3], view: &View, transfer: &Transfer) -> [f32; 3] {
        let facing = -dot(normal, direction);
        let normal = if facing < 0.0 { normal.map(|part| -part) } else { normal };
        let facing = facing.abs();
        // The colour is taken a little below the surface, where the voxels are whole.
        let below: [f32; 3] = std::array::from_fn(|axis| hit[axis] - normal[axis] / self.size[axis] * 1.6);
        let value = self.value(below).max(self.value(hit));
        let range = (transfer.bright as f32 - self.surface).max(1e-9);
        let colour = self.label_colour(below).unwrap_or_else(|| transfer.palette.at((value - self.surface) / range));
        let outward = |distance: f32| -> [f32; 3] { std::array::from_fn(|axis| hit[axis] + normal[axis] / self.size[axis] * distance) };
        let open = self.coarse.openness(outward(3.0), outward(9.0));
        let shadow = self.coarse.shadow(outward(2.5), view.light, self.size);
        let key = dot(normal, view.light).max(0.0) * shadow;
        // A little light goes around the edge, as in bone or shell.
        let wrapped = ((dot(normal, view.light) + 0.35) / 1.35).max(0.0) * (0.35 + 0.65 * shadow);
        let fill = (dot(normal, view.fill) * 0.5 + 0.5).powi(2);
        let half = unit(std::array::from_fn(|axis| view.light[axis] - direction[axis]));
        let gloss = dot(normal, half).max(0.0).powf(38.0) * shadow;
        let rim = (1.0 - facing).powf(3.5) * open;
        std::array::from_fn(|channel| {
            let warm = [1.0, 0.94, 0.85][channel];
            let cool = [0.62, 0.76, 1.0][channel];
            // Light that fell into a hollow comes out warmer than it went in.
            let hollow = open.powf([0.85, 1.1, 1.35][channel]);
            let diffuse = warm * (0.78 * key + 0.34 * wrapped * hollow) + cool * 0.22 * fill * hollow + 0.14 * hollow;
            colour[channel] * diffuse + 0.13 * gloss + 0.16 * cool * rim
        })
    }
}

/// A small bell: one quarter, one half, one quarter along each axis; scans are noisy, surfaces are not.
fn smoothed(values: &[f32], shape: [usize; 3]) -> Vec<f32> {
    let [width, height, depth] = shape;
    let plane = width * height;
    let mut out = vec![0.0; values.len()];
    out.par_chunks_mut(plane).enumerate().for_each(|(z, out)| {
        let around = |index: usize, count: usize| [index.saturating_sub(1), index, (index + 1).min(count - 1)];
        let mut row = vec![0.0; width];
        for (y, out) in out.chunks_mut(width).enumerate() {
            row.fill(0.0);
            for (z, weight_z) in around(z, depth).into_iter().zip([0.25, 0.5, 0.25]) {
                for (y, weight_y) in around(y, height).into_iter().zip([0.25, 0.5, 0.25]) {
                    let source = &values[z * plane + y * width..][..width];
                    row.iter_mut().zip(source).for_each(|(row, value)| *row += weight_z * weight_y * value);
                }
            }
            for (x, out) in out.iter_mut().enumerate() {
                let [before, here, after] = around(x, width);
                *out = 0.25 * row[before] + 0.5 * row[here] + 0.25 * row[after];
            }
        }
    });
    out
}

fn block_maxima(values: &[f32], shape: [usize; 3], blocks: [usize; 3]) -> Vec<f32> {
    let mut maxima = vec![f32::NEG_INFINITY; blocks.iter().product()];
    maxima.par_chunks_mut(blocks[0] * blocks[1]).enumerate().for_each(|(block_z, maxima)| {
        // One voxel more on each side: between voxels the neighbours count.
        for z in (block_z * BLOCK).saturating_sub(1)..((block_z + 1) * BLOCK + 1).min(shape[2]) {
            for y in 0..shape[1] {
                let row = &values[(z * shape[1] + y) * shape[0]..][..shape[0]];
                let lines = (y.saturating_sub(1) / BLOCK)..=((y + 1) / BLOCK).min(blocks[1] - 1);
                for block_x in 0..blocks[0] {
                    let (from, to) = ((block_x * BLOCK).saturating_sub(1), ((block_x + 1) * BLOCK + 1).min(shape[0]));
                    let most = row[from..to].iter().copied().fold(f32::NEG_INFINITY, f32::max);
                    for block_y in lines.clone() {
                        let cell = &mut maxima[block_y * blocks[0] + block_x];
                        *cell = cell.max(most);
                    }
                }
            }
        }
    });
    maxima
}

impl Coarse {
    const FACTOR: usize = 2;

    fn new(values: &[f32], shape: [usize; 3], surface: f32) -> Self {
        let small = shape.map(|axis| axis.div_ceil(Self::FACTOR));
        let mut fine = vec![0.0; small.iter().product()];
        fine.par_chunks_mut(small[0] * small[1]).enumerate().for_each(|(z, out)| {
            for y in 0..small[1] {
                for x in 0..small[0] {
                    let (mut full, mut count) = (0.0, 0.0);
                    for z in z * 2..(z * 2 + 2).min(shape[2]) {
                        for y in y * 2..(y * 2 + 2).min(shape[1]) {
                            for x in x * 2..(x * 2 + 2).min(shape[0]) {
                                full += if values[(z * shape[1] + y) * shape[0] + x] > surface { 1.0 } else { 0.0 };
                                count += 1.0;
                            }
                        }
                    }
                    out[y * small[0] + x] = full / count;
                }
            }
        });
        let mut wide = fine.clone();
        for _ in 0..6 {
            wide = smoothed(&smoothed(&wide, small), small);
        }
        Self { shape: small, factor: 1.0 / Self::FACTOR as f32, fine: smoothed(&fine, small), wide }
    }

    /// Outside of the volume there is nothing.
    fn at(&self, values: &[f32], place: [f32; 3]) -> f32 {
        let mut index = [0; 3];
        for axis in 0..3 {
            let at = place[axis] * self.factor;
            if at < 0.0 || at >= self.shape[axis] as f32 {
                return 0.0;
            }
            index[axis] = at as usize;
        }
        values[(index[2] * self.shape[1] + index[1]) * self.shape[0] + index[0]]
    }

    /// 1 on a hill, towards 0 in a hole: what stands near and what stands around.
    fn openness(&self, near: [f32; 3], far: [f32; 3]) -> f32 {
        let near = self.at(&self.fine, near);
        let around = self.at(&self.wide, far);
        ((1.0 - 0.55 * near) * (1.0 - 1.15 * around)).clamp(0.06, 1.0)
    }

    /// How much of the lamp is seen from a place; soft, for the lamp is large.
    fn shadow(&self, from: [f32; 3], light: [f32; 3], size: [f32; 3]) -> f32 {
        let mut seen = 1.0f32;
        let mut distance = 2.0;
        for _ in 0..44 {
            let place = std::array::from_fn(|axis| from[axis] + light[axis] / size[axis] * distance);
            // Far from the surface a blurred body throws a blurred shadow.
            let matter = if distance < 26.0 { self.at(&self.fine, place) } else { self.at(&self.wide, place) };
            seen *= 1.0 - 0.62 * (matter - 0.12).max(0.0);
            if seen < 0.03 {
                break;
            }
            distance *= 1.085;
            distance += 0.6;
        }
        seen
    }
}
