//! A plug of sandstone: rounded grains of several minerals, grown together where they touch, pores between them.

use super::noise::{Scatter, smooth, unit};
use super::{Body, Grid, Known};

const SPACING: f32 = 0.36;
/// Radius of a grain in units of half the distance of its neighbours; above 1 grains grow together.
const FILL: f32 = 1.08;

pub(crate) struct Sandstone {
    seed: u64,
    grains: Scatter,
    shapes: Vec<Grain>,
}

/// An egg: its radius, its long direction and how much longer it is there.
struct Grain {
    radius: f32,
    along: [f32; 3],
    stretch: f32,
}

pub(crate) fn known(base: Known) -> Known {
    Known { extent_um: 2_560.0, solid_share: 0.42, solid_share_tolerance: 0.03, porosity: Some(0.21), ..base }
}

impl Sandstone {
    pub(crate) fn new(seed: u64) -> Self {
        let grains = Scatter::new(seed, SPACING, 0.34, 2.0);
        let shapes = grains.all().map(|site| Grain::new(site.number)).collect();
        Self { seed, grains, shapes }
    }

    fn attenuation(&self, point: [f32; 3], grid: &Grid) -> f32 {
        let rough = 0.012 * smooth(self.seed ^ 2, point.map(|part| part * 16.0));
        let (mut best, mut second, mut number) = (f32::INFINITY, f32::INFINITY, 0);
        self.grains.near(point, |site, offset| {
            let distance = self.shapes[site.index].distance(offset);
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

impl Grain {
    fn new(number: u64) -> Self {
        let along: [f32; 3] = std::array::from_fn(|axis| unit(number ^ (0x21 + axis as u64)) - 0.5);
        let length = along.iter().map(|part| part * part).sum::<f32>().sqrt().max(1e-3);
        // Longer along its own direction by a fifth at most.
        let stretch = 0.18 * unit(number ^ 0x31);
        let radius = SPACING * 0.433 * FILL * (0.86 + 0.28 * unit(number ^ 0x11)) * (1.0 - 0.25 * stretch);
        Self { radius, along: along.map(|part| part / length), stretch: stretch * 1.6 }
    }

    /// Negative inside.
    fn distance(&self, offset: [f32; 3]) -> f32 {
        let part = offset[0] * self.along[0] + offset[1] * self.along[1] + offset[2] * self.along[2];
        let square = offset[0] * offset[0] + offset[1] * offset[1] + offset[2] * offset[2];
        (square - self.stretch * part * part).max(0.0).sqrt() - self.radius
    }
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
