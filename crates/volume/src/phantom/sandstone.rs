//! A plug of sandstone: rounded grains of several minerals, grown together where they touch, pores between them.

use super::noise::{Scatter, smooth, unit};
use super::{Body, Grid, Known};

const SPACING: f32 = 0.36;
/// Radius of a grain in units of half the distance of its neighbours; above 1 grains grow together.
const FILL: f32 = 1.08;

pub(crate) struct Sandstone {
    seed: u64,
    grains: Scatter,
}

pub(crate) fn known(base: Known) -> Known {
    Known { extent_um: 2_560.0, solid_share: 0.48, solid_share_tolerance: 0.06, porosity: Some(0.2), ..base }
}

impl Sandstone {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, grains: Scatter::new(seed, SPACING, 0.34, 2.0) }
    }

    fn attenuation(&self, point: [f32; 3], grid: &Grid) -> f32 {
        let rough = 0.012 * smooth(self.seed ^ 2, point.map(|part| part * 16.0));
        let (mut best, mut second, mut number) = (f32::INFINITY, f32::INFINITY, 0);
        self.grains.near(point, |site, offset| {
            let distance = grain_distance(site.number, offset);
            if distance < best {
                (second, best, number) = (best, distance, site.number);
            } else if distance < second {
                second = distance;
            }
        });
        let solid = grid.inside(best + rough);
        let tone = tone(number);
        // Where two grains touch, a fine seam of cement stays visible.
        let seam = 1.0 - 0.16 * grid.inside((second - best) * 0.5 - 0.004);
        let texture = 1.0 + 0.05 * smooth(number, point.map(|part| part * 22.0));
        let clay = 0.34 * grid.inside(best - 0.012) * unit(number ^ 0xc1a7).powi(3);
        (solid * tone * seam * texture).max(clay)
    }
}

/// Quartz, feldspar, and here and there a heavy mineral that shines.
fn tone(number: u64) -> f32 {
    match unit(number ^ 0x70e) {
        chance if chance < 0.035 => 1.72,
        chance if chance < 0.30 => 1.08,
        _ => 0.86 + 0.05 * unit(number ^ 0x33),
    }
}

/// Distance to an egg-shaped grain, each with its own size, lengths and direction.
fn grain_distance(number: u64, offset: [f32; 3]) -> f32 {
    let radius = SPACING * 0.433 * FILL * (0.86 + 0.28 * unit(number ^ 0x11));
    let along: [f32; 3] = std::array::from_fn(|axis| unit(number ^ (0x21 + axis as u64)) - 0.5);
    let length = (along[0] * along[0] + along[1] * along[1] + along[2] * along[2]).sqrt().max(1e-3);
    let part = (offset[0] * along[0] + offset[1] * along[1] + offset[2] * along[2]) / length;
    let square = offset[0] * offset[0] + offset[1] * offset[1] + offset[2] * offset[2];
    // Longer along its own direction by a fifth at most.
    let stretch = 0.18 * unit(number ^ 0x31);
    (square - stretch * part * part * 1.6).max(0.0).sqrt() - radius * (1.0 - 0.25 * stretch)
}

impl Body for Sandstone {
    fn row(&self, z: f32, y: f32, grid: &Grid, out: &mut [f32]) {
        for (index, out) in out.iter_mut().enumerate() {
            let x = grid.at(2, index);
            let outside = ((x * x + y * y).sqrt() - 0.9).max(z.abs() - 0.9);
            if outside < 2.0 * grid.step {
                *out = self.attenuation([x, y, z], grid) * grid.inside(outside);
            }
        }
    }
}
