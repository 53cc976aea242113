//! A closed surface made anew on a coarse grid: handles and hollows narrower than a cell close, pieces that nobody would see go.
//!
//! Lines along x run through the body, sixteen to a cell. Where one comes in and where it goes out is exact, so each cell knows which
//! part of it is filled; the kernel draws the new surface through these parts. Like all that the kernel makes, it is closed, oriented
//! and 2-manifold whatever the old one was like.

use rayon::prelude::*;

use crate::kernel::{Growing, Kernel, Slab};
use crate::limit::{CELLS_ANEW_MAX, TRIANGLES_MAX};
use crate::parts::{Keep, keep};
use crate::surface::Surface;
use crate::voxel::Inside;

/// Lines along an edge of a cell.
const LINES: usize = 4;
/// Smaller pieces and hollows, in cells, are not drawn.
const PIECE_CELLS_MIN: f64 = 8.0;
/// A cell is drawn when it is filled to a half; to less where less than this part of the body would be drawn: walls thinner than a cell.
const HALF: u8 = 128;
const DRAWN_LEAST: f64 = 0.8;
const FILLED_LEAST: u8 = 12;
/// So far lies the grid off the vertices, in cells along x, y, z: no line should pass through one.
const ASIDE: [f64; 3] = [0.0, 0.027_1, 0.013_7];

/// Nothing when the grid would be too fine for memory, or so coarse that nothing is left.
pub(crate) fn remesh(surface: &Surface, cell_um: f64) -> Option<Surface> {
    let grid = Grid::of(surface, cell_um)?;
    let voxels = grid.fill(surface);
    let least = filled_enough(&voxels);
    let [nx, ny, nz] = grid.counts;
    let middle = grid.least.map(|part| (part + 0.5 * cell_um) as f32);
    let kernel = Kernel::new([nz, ny, nx], [cell_um as f32; 3], middle);
    let inside = Inside::From { level: f64::from(least) - 0.5, least };
    let slab = Slab { voxels: &voxels, first: 1, planes: 0..=nz + 1 };
    let counted = kernel.count(&slab, &inside);
    if counted.adds.triangles > TRIANGLES_MAX {
        return None;
    }
    let mut growing = Growing::default();
    kernel.make(&slab, &inside, &counted, &mut growing);
    let mut anew = Surface { positions: growing.positions, triangles: growing.triangles };
    let mut seen = anew.clone();
    keep(&mut seen, Keep::AtLeast(PIECE_CELLS_MIN * cell_um.powi(3)));
    if !seen.is_empty() {
        anew = seen;
    }
    (!anew.is_empty()).then_some(anew)
}

/// How far a cell must be filled to be drawn: to a half, or to less where too much of the body would go.
fn filled_enough(voxels: &[u8]) -> u8 {
    let mut counts = [0u64; 256];
    voxels.iter().for_each(|&voxel| counts[usize::from(voxel)] += 1);
    let volume: f64 = counts.iter().zip(0u32..).map(|(&count, filled)| count as f64 * f64::from(filled) / 255.0).sum();
    let drawn_from = |filled: u8| counts[usize::from(filled)..].iter().sum::<u64>() as f64;
    if drawn_from(HALF) >= DRAWN_LEAST * volume {
        return HALF;
    }
    // As many cells as the body fills; between such a cell and an empty one the surface lies half-way.
    let as_many = (1..HALF).rev().find(|&filled| drawn_from(filled) >= volume).unwrap_or(1);
    (as_many / 2).max(FILLED_LEAST)
}

/// Cells around a surface, one more on each side than it needs.
struct Grid {
    least: [f64; 3],
    cell: f64,
    counts: [usize; 3],
}

/// Whole lines of a slab, with what each of their cells adds to the one before it.
struct Lines {
    steps: Vec<f32>,
    /// Numbers of one line.
    length: usize,
}

impl Grid {
    fn of(surface: &Surface, cell: f64) -> Option<Self> {
        let [least, most] = surface.bounds()?.map(|place| place.map(f64::from));
        let counts: [f64; 3] = std::array::from_fn(|axis| ((most[axis] - least[axis]) / cell).ceil() + 3.0);
        // What is no number is not less either.
        let fits = counts.iter().product::<f64>() < CELLS_ANEW_MAX as f64;
        let least = std::array::from_fn(|axis| least[axis] - cell * (1.0 + ASIDE[axis]));
        fits.then(|| Self { least, cell, counts: counts.map(|count| count as usize) })
    }

    /// How much of each cell is filled, of 255.
    fn fill(&self, surface: &Surface) -> Vec<u8> {
        let [nx, ny, nz] = self.counts;
        let slabs = self.by_slab(surface);
        let mut voxels = vec![0u8; nx * ny * nz];
        voxels.par_chunks_mut(nx * ny).enumerate().for_each(|(slab, plane)| {
            let (begin, end) = (slabs.begins[slab] as usize, slabs.begins[slab + 1] as usize);
            if begin < end {
                let mut lines = Lines { steps: vec![0.0; (nx + 2) * ny * LINES * LINES], length: nx + 2 };
                for &triangle in &slabs.triangles[begin..end] {
                    self.cross(surface.corners(surface.triangles[triangle as usize]), slab, &mut lines);
                }
                lines.sum_up(plane, nx, ny);
            }
        });
        voxels
    }

    /// The triangles that lines of each slab of cells may meet, in their order.
    fn by_slab(&self, surface: &Surface) -> Slabs {
        let nz = self.counts[2];
        let range = |&triangle: &[u32; 3]| {
            let [from, to] = self.lines(2, surface.corners(triangle));
            (from <= to).then(|| (from / LINES).min(nz - 1)..=(to / LINES).min(nz - 1))
        };
        let mut begins = vec![0u32; nz + 1];
        surface.triangles.iter().filter_map(range).flatten().for_each(|slab| begins[slab + 1] += 1);
        for slab in 0..nz {
            begins[slab + 1] += begins[slab];
        }
        let mut places = begins.clone();
        let mut triangles = vec![0u32; begins[nz] as usize];
        for (number, slabs) in surface.triangles.iter().map(range).enumerate() {
            for slab in slabs.into_iter().flatten() {
                triangles[places[slab] as usize] = number as u32;
                places[slab] += 1;
            }
        }
        Slabs { begins, triangles }
    }

    /// Where the line with that number lies along an axis.
    fn line(&self, axis: usize, number: usize) -> f64 {
        self.least[axis] + (number as f64 + 0.5) * self.cell / LINES as f64
    }

    /// The first and the last line along an axis that may meet a triangle; the first is greater where none does.
    fn lines(&self, axis: usize, corners: [[f32; 3]; 3]) -> [usize; 2] {
        let places = corners.map(|corner| (f64::from(corner[axis]) - self.least[axis]) / self.cell * LINES as f64 - 0.5);
        let from = places.iter().copied().fold(f64::MAX, f64::min).ceil();
        let to = places.iter().copied().fold(f64::MIN, f64::max).floor();
        // All lie in the grid, so neither is negative; a line more or less by rounding is one that meets no triangle or its very corner.
        [from as usize, (to as usize).min(self.counts[axis] * LINES - 1)]
    }

    /// Marks where the lines of a slab go through a triangle.
    fn cross(&self, corners: [[f32; 3]; 3], slab: usize, lines: &mut Lines) {
        let [first, last] = self.lines(2, corners);
        let [left, right] = self.lines(1, corners);
        let [a, b, c] = corners.map(|corner| corner.map(f64::from));
        let across = self.counts[1] * LINES;
        for layer in first.max(slab * LINES)..=last.min(slab * LINES + LINES - 1) {
            let z = self.line(2, layer);
            for column in left..=right {
                let y = self.line(1, column);
                let sides = [is_left(a, b, y, z), is_left(b, c, y, z), is_left(c, a, y, z)];
                if sides[0] == sides[1] && sides[1] == sides[2] {
                    // Seen along x, a triangle with the line to the left of all its edges faces forward: there the body ends.
                    let turn = if sides[0] { -1.0 } else { 1.0 };
                    let x = (through([a, b, c], y, z) - self.least[0]) / self.cell;
                    lines.step((layer - slab * LINES) * across + column, x, turn);
                }
            }
        }
    }
}

struct Slabs {
    begins: Vec<u32>,
    triangles: Vec<u32>,
}

impl Lines {
    /// From `x` on, in cells, the line is inside (`turn` is 1) or outside again (−1).
    fn step(&mut self, line: usize, x: f64, turn: f32) {
        let cell = x as usize;
        let begin = line * self.length;
        if let Some([here, next]) = self.steps.get_mut(begin + cell..begin + cell + 2) {
            let part = (x - cell as f64) as f32;
            *here += turn * (1.0 - part);
            *next += turn * part;
        }
    }

    /// What the lines of each cell have of it, of 255.
    fn sum_up(&mut self, plane: &mut [u8], nx: usize, ny: usize) {
        let mut sums = vec![0f32; nx];
        for (y, row) in plane.chunks_exact_mut(nx).enumerate() {
            sums.fill(0.0);
            let mut good = 0u16;
            for line in (0..LINES).flat_map(|layer| (0..LINES).map(move |column| (layer * ny + y) * LINES + column)) {
                let steps = &self.steps[line * self.length..(line + 1) * self.length];
                // A line that does not come out again as often as it went in touched an edge: the others speak for it.
                if steps.iter().sum::<f32>().abs() < 0.5 {
                    good += 1;
                    let mut inside = 0.0;
                    for (sum, step) in sums.iter_mut().zip(steps) {
                        inside += step;
                        *sum += inside.clamp(0.0, 1.0);
                    }
                }
            }
            let by = 255.0 / f32::from(good.max(1));
            row.iter_mut().zip(&sums).for_each(|(voxel, sum)| *voxel = (sum * by).round() as u8);
        }
    }
}

/// Whether a line along x passes an edge on its left. Both triangles of an edge get opposite answers, to the last bit.
fn is_left(from: [f64; 3], to: [f64; 3], y: f64, z: f64) -> bool {
    let turned = (from[1], from[2]) >= (to[1], to[2]);
    let [p, q] = if turned { [to, from] } else { [from, to] };
    let is_left = (q[1] - p[1]) * (z - p[2]) - (q[2] - p[2]) * (y - p[1]) >= 0.0;
    is_left != turned
}

/// The x at which a line goes through a triangle that it is known to meet.
fn through([a, b, c]: [[f64; 3]; 3], y: f64, z: f64) -> f64 {
    let side = |a: [f64; 3], b: [f64; 3]| (b[1] - a[1]) * (z - a[2]) - (b[2] - a[2]) * (y - a[1]);
    let [of_a, of_b, of_c] = [side(b, c), side(c, a), side(a, b)];
    let x = (of_a * a[0] + of_b * b[0] + of_c * c[0]) / (of_a + of_b + of_c);
    let (least, most) = (a[0].min(b[0]).min(c[0]), a[0].max(b[0]).max(c[0]));
    // Seen from its edge a triangle has no area, and no place on it is better than another.
    if x.is_nan() { least } else { x.clamp(least, most) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Measure, Topology};

    /// A box with its corners at nought and `size`, turned outwards, and moved.
    fn cuboid(size: [f32; 3], to: [f32; 3]) -> Surface {
        let positions =
            (0..8).map(|corner| std::array::from_fn(|axis| to[axis] + if corner >> axis & 1 == 1 { size[axis] } else { 0.0 })).collect();
        let quads: [[u32; 4]; 6] = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
        Surface { positions, triangles: quads.iter().flat_map(|&[a, b, c, d]| [[a, b, c], [a, c, d]]).collect() }
    }

    #[test]
    fn a_block_stays_where_it_is_and_keeps_its_size() {
        let anew = remesh(&cuboid([30.0, 20.0, 10.0], [-5.0, 7.0, 100.0]), 0.7).unwrap();
        let topology = Topology::of(&anew);
        assert!(topology.is_watertight() && topology.is_manifold(), "{topology:?}");
        let volume = Measure::of(&anew).volume_um3;
        assert!((volume / 6_000.0 - 1.0).abs() < 0.03, "{volume}");
        let [least, most] = anew.bounds().unwrap();
        for (found, wanted) in least.iter().chain(&most).zip([-5.0, 7.0, 100.0, 25.0, 27.0, 110.0]) {
            assert!((found - wanted).abs() < 0.2, "{found} instead of {wanted}");
        }
    }

    #[test]
    fn a_wide_gap_stays_a_narrow_one_closes_and_dust_goes() {
        let mut wide = cuboid([20.0; 3], [0.0; 3]);
        wide.append(&cuboid([20.0; 3], [23.0, 0.0, 0.0]));
        let mut narrow = cuboid([20.0; 3], [0.0; 3]);
        narrow.append(&cuboid([20.0; 3], [20.3, 0.0, 0.0]));
        narrow.append(&cuboid([1.2; 3], [0.0, 0.0, 30.0]));
        let pieces = |surface: &Surface| crate::parts::count(&remesh(surface, 1.0).unwrap());
        assert_eq!((pieces(&wide), pieces(&narrow)), (2, 1));
    }

    #[test]
    fn a_wall_thinner_than_a_cell_does_not_vanish() {
        let anew = remesh(&cuboid([30.0, 30.0, 0.3], [0.0; 3]), 1.0).unwrap();
        let volume = Measure::of(&anew).volume_um3;
        assert!((100.0..1_300.0).contains(&volume), "{volume}");
    }

    #[test]
    fn a_grid_that_memory_has_no_room_for_is_not_begun() {
        assert!(remesh(&cuboid([1e6; 3], [0.0; 3]), 1.0).is_none());
        assert!(remesh(&Surface::default(), 1.0).is_none());
    }
}
