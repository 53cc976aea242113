//! A seed with its embryo: coat, endosperm, two cotyledons with veins, a curved radicle; the coat is broken on one side.

use super::noise::smooth;
use super::{Body, Grid, Known, Probe};

/// Half axes of the seed: x, y, z.
const SEED: [f32; 3] = [0.66, 0.60, 0.88];
const COAT: f32 = 0.05;

/// Attenuation of each tissue.
struct Tissues {
    coat: f32,
    endosperm: f32,
    cotyledon: f32,
    radicle: f32,
    vein: f32,
}

pub(crate) struct Seed {
    seed: u64,
    tissues: Tissues,
}

pub(crate) fn known(base: Known) -> Known {
    Known { extent_um: 3_200.0, solid_share: 0.103, solid_share_tolerance: 0.02, cotyledons: Some(2), ..base }
}

fn ellipsoid(point: [f32; 3], centre: [f32; 3], half: [f32; 3]) -> f32 {
    let scaled: f32 = (0..3).map(|axis| ((point[axis] - centre[axis]) / half[axis]).powi(2)).sum::<f32>().sqrt();
    (scaled - 1.0) * half.iter().copied().fold(f32::INFINITY, f32::min)
}

/// Distance from the line between two points.
fn segment(point: [f32; 3], from: [f32; 3], to: [f32; 3]) -> f32 {
    let along: [f32; 3] = std::array::from_fn(|axis| to[axis] - from[axis]);
    let offset: [f32; 3] = std::array::from_fn(|axis| point[axis] - from[axis]);
    let length: f32 = along.iter().map(|part| part * part).sum();
    let part = (0..3).map(|axis| offset[axis] * along[axis]).sum::<f32>() / length;
    let part = part.clamp(0.0, 1.0);
    (0..3).map(|axis| (offset[axis] - part * along[axis]).powi(2)).sum::<f32>().sqrt()
}

impl Seed {
    pub(crate) fn new(seed: u64, probe: Probe) -> Self {
        let tissues = match probe {
            // X-rays see what is dense.
            Probe::XRay => Tissues { coat: 1.18, endosperm: 0.56, cotyledon: 0.80, radicle: 0.90, vein: 1.02 },
            // Neutrons see hydrogen: water and oil of the embryo, hardly the dry coat.
            Probe::Neutron => Tissues { coat: 0.34, endosperm: 0.52, cotyledon: 1.12, radicle: 1.3, vein: 1.38 },
        };
        Self { seed, tissues }
    }

    fn attenuation(&self, point: [f32; 3], grid: &Grid) -> f32 {
        let [x, y, z] = point;
        let pitted = 0.010 * smooth(self.seed, point.map(|part| part * 17.0)) + 0.02 * smooth(self.seed ^ 1, point.map(|part| part * 4.0));
        // A ridge runs around the seed, and a groove beside it.
        let ridge = 0.018 * (-(y * 14.0).powi(2)).exp() - 0.01 * (-((y.abs() - 0.11) * 20.0).powi(2)).exp();
        let outer = ellipsoid(point, [0.0; 3], SEED) + pitted - ridge;
        if outer > 3.0 * grid.step {
            return 0.0;
        }
        // The window somebody broke into the coat, with a ragged edge.
        let ragged =
            0.05 * smooth(self.seed ^ 4, point.map(|part| part * 6.0)) + 0.02 * smooth(self.seed ^ 5, point.map(|part| part * 15.0));
        // A wedge that opens towards the corner of −x and −y.
        let (left, right) = (-0.10 * x - 0.995 * y, -0.85 * x - 0.53 * y);
        let window = (0.03 - left + ragged).max(0.03 - right + ragged).max(-z - 0.60 + ragged);
        let opened = grid.inside(window);
        let coat = grid.inside((-outer - COAT).max(outer)) * self.tissues.coat * (0.92 + 0.12 * ((outer + COAT) * 160.0).sin().abs());
        let coat = coat.max(grid.inside((-outer - COAT).max(outer)) * self.tissues.coat * 0.9) * (1.0 - opened);
        let inner = outer + COAT + 0.022;
        let embryo = self.embryo(point, grid);
        let (embryo_share, embryo_tone) = embryo;
        // Starch grains give the endosperm its fine structure.
        let starch =
            1.0 + 0.09 * smooth(self.seed ^ 6, point.map(|part| part * 26.0)) + 0.05 * smooth(self.seed ^ 7, point.map(|part| part * 8.0));
        let room = grid.inside(self.embryo_distance(point) - 0.02);
        let endosperm = grid.inside(inner.max(-window + 0.0)) * self.tissues.endosperm * starch * (1.0 - room);
        let endosperm = endosperm * (1.0 - opened);
        coat + (endosperm * (1.0 - embryo_share) + embryo_tone * embryo_share)
    }

    /// Two cotyledons face to face, bowed like hands around a pea.
    fn cotyledon(&self, [x, y, z]: [f32; 3], side: f32) -> f32 {
        // The coordinate across the leaf, measured from its bowed middle surface.
        let bow = 0.10 * (z - 0.12).powi(2) + 0.16 * x * x;
        let across = y * side - 0.115 + bow * 0.6;
        let outline = ((x / 0.40).powi(2) + ((z - 0.14) / 0.52).powi(2)).sqrt() - 1.0;
        let vein = 0.007 * (-(self.vein(x, z) / 0.012).max(0.0)).exp();
        let thick = 0.012 + vein + 0.090 * (1.0 - (outline + 1.0).clamp(0.0, 1.0).powi(2)).sqrt();
        let edge = outline * 0.40;
        let flat = across.abs() - thick;
        let rim = (edge.max(0.0).powi(2) + flat.max(0.0).powi(2)).sqrt() + edge.max(flat).min(0.0);
        rim.max(flat)
    }

    /// Distance to a middle vein and to the side veins that leave it like branches.
    fn vein(&self, x: f32, z: f32) -> f32 {
        let middle = x.abs() - 0.011;
        let side = ((z * 7.0 - x.abs() * 6.0).rem_euclid(1.0) - 0.5).abs() / 7.0 - 0.006;
        middle.min(side)
    }

    fn radicle(&self, point: [f32; 3]) -> f32 {
        let stalk = segment(point, [0.0, 0.0, -0.22], [0.02, -0.01, -0.46]) - 0.088;
        let root = segment(point, [0.02, -0.01, -0.46], [0.14, -0.05, -0.66]) - 0.072;
        let blend = (0.5 + 0.5 * (root - stalk) / 0.05).clamp(0.0, 1.0);
        root * (1.0 - blend) + stalk * blend - 0.05 * blend * (1.0 - blend)
    }

    fn embryo_distance(&self, point: [f32; 3]) -> f32 {
        self.cotyledon(point, 1.0).min(self.cotyledon(point, -1.0)).min(self.radicle(point)).min(self.plumule(point))
    }

    fn plumule(&self, point: [f32; 3]) -> f32 {
        ellipsoid(point, [0.0, 0.0, -0.19], [0.05, 0.03, 0.09])
    }

    /// How much of a voxel is embryo, and how bright that is.
    fn embryo(&self, point: [f32; 3], grid: &Grid) -> (f32, f32) {
        let [x, _, z] = point;
        let leaf = self.cotyledon(point, 1.0).min(self.cotyledon(point, -1.0));
        let axis = self.radicle(point).min(self.plumule(point));
        let cells = 1.0 + 0.04 * smooth(self.seed ^ 8, point.map(|part| part * 30.0));
        let vein = self.vein(x, z).max(leaf + 0.012);
        let core = self.radicle(point) + 0.055;
        let veins = grid.inside(vein).max(grid.inside(core));
        let share = grid.inside(leaf.min(axis));
        let tone = if axis < leaf { self.tissues.radicle } else { self.tissues.cotyledon };
        (share, (tone * (1.0 - veins) + self.tissues.vein * veins) * cells)
    }
}

impl Body for Seed {
    fn row(&self, z: f32, y: f32, grid: &Grid, out: &mut [f32]) {
        for (x, out) in out.iter_mut().enumerate() {
            *out = self.attenuation([grid.at(2, x), y, z], grid);
        }
    }
}
