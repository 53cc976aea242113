//! An open-cell foam: struts where three cells meet, thicker at the knots, as surface tension draws them.

use super::noise::{Scatter, smooth, unit};
use super::{Body, Grid, Known};

const CELL: f32 = 0.40;
const STRUT: f32 = 0.058;

pub(crate) struct Foam {
    seed: u64,
    cells: Scatter,
}

pub(crate) fn known(base: Known) -> Known {
    Known { extent_um: 10_240.0, solid_share: 0.102, solid_share_tolerance: 0.02, ..base }
}

impl Foam {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, cells: Scatter::new(seed, CELL, 0.36, 2.0) }
    }

    fn attenuation(&self, point: [f32; 3], grid: &Grid) -> f32 {
        // The three nearest cells; a strut is where they are equally far.
        let mut nearest = [f32::INFINITY; 3];
        let mut number = 0;
        self.cells.near(point, |site, [x, y, z]| {
            let distance = x * x + y * y + z * z;
            if distance < nearest[0] {
                nearest = [distance, nearest[0], nearest[1]];
                number = site.number;
            } else if distance < nearest[1] {
                nearest = [nearest[0], distance, nearest[1]];
            } else if distance < nearest[2] {
                nearest[2] = distance;
            }
        });
        let [first, second, third] = nearest.map(f32::sqrt);
        let thickness = STRUT * (1.0 + 0.18 * smooth(self.seed, point.map(|part| part * 3.0)));
        let mut strut = 0.62 * ((third - first) - thickness);
        // One window in nine was never burst: a thin film remains.
        let window = (number ^ (number >> 20)) % 9 == 0 && unit(number) < 0.6;
        if window {
            strut = strut.min(0.5 * (second - first) - 0.006);
        }
        let tone = 0.95 + 0.1 * smooth(self.seed ^ 5, point.map(|part| part * 12.0));
        grid.inside(strut) * tone
    }
}

impl Body for Foam {
    fn row(&self, z: f32, y: f32, grid: &Grid, out: &mut [f32]) {
        for (index, out) in out.iter_mut().enumerate() {
            let x = grid.at(2, index);
            // A drilled core, a little shorter than the field of view.
            let outside = ((x * x + y * y).sqrt() - 0.9).max(z.abs() - 0.9);
            if outside < 2.0 * grid.step {
                *out = self.attenuation([x, y, z], grid) * grid.inside(outside);
            }
        }
    }
}
