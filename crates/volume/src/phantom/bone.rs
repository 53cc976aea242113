//! A core of bone: a thin compact wall around a lattice of plates and rods, cut slantwise so that one looks inside.

use std::f32::consts::TAU;

use super::noise::{smooth, unit};
use super::{Body, Grid, Known};

/// Waves whose sum is the random field.
const WAVES: usize = 40;
const LANES: usize = 8;
/// Wavelength of the lattice across and along the bone.
const WAVELENGTH: f32 = 0.27;
const STRETCH: f32 = 1.7;
/// Half the thickness of plates in units of the field, and how much rods count against plates.
const THICKNESS: f32 = 0.47;
const RODS: f32 = 0.42;
/// Marrow against mineral.
const MARROW: f32 = 0.17;

pub(crate) struct Bone {
    seed: u64,
    /// Wave vectors (x, y, z) and phases of two independent fields.
    waves: [Vec<([f32; 3], f32)>; 2],
}

pub(crate) fn known(base: Known) -> Known {
    Known { extent_um: 6_400.0, solid_share: 0.122, solid_share_tolerance: 0.03, ..base }
}

impl Bone {
    pub(crate) fn new(seed: u64) -> Self {
        let field = |which: u64| {
            (0..WAVES as u64)
                .map(|wave| {
                    let chance = |n: u64| unit(seed ^ which << 50 ^ wave << 8 ^ n);
                    let (up, around) = (2.0 * chance(1) - 1.0, TAU * chance(2));
                    let flat = (1.0 - up * up).max(0.0).sqrt();
                    let number = TAU / WAVELENGTH * (0.85 + 0.3 * chance(3));
                    let vector = [flat * around.cos() * number, flat * around.sin() * number, up * number / STRETCH];
                    (vector, TAU * chance(4))
                })
                .collect()
        };
        Self { seed, waves: [field(0), field(1)] }
    }

    /// One random field along a row: each wave turns by the same angle from voxel to voxel.
    fn field(&self, which: usize, z: f32, y: f32, grid: &Grid, out: &mut [f32]) {
        let waves = &self.waves[which];
        let start = grid.at(2, 0);
        let (mut real, mut imaginary) = ([0.0f32; WAVES], [0.0f32; WAVES]);
        let (mut turn_real, mut turn_imaginary) = ([0.0f32; WAVES], [0.0f32; WAVES]);
        for (wave, (vector, phase)) in waves.iter().enumerate() {
            let angle = vector[0] * start + vector[1] * y + vector[2] * z + phase;
            (imaginary[wave], real[wave]) = angle.sin_cos();
            (turn_imaginary[wave], turn_real[wave]) = (vector[0] * grid.step).sin_cos();
        }
        let norm = (2.0 / WAVES as f32).sqrt();
        for out in out {
            // Eight sums side by side, which the processor adds at once.
            let mut sums = [0.0f32; LANES];
            for wave in 0..WAVES {
                let (a, b) = (real[wave], imaginary[wave]);
                sums[wave % LANES] += a;
                real[wave] = a * turn_real[wave] - b * turn_imaginary[wave];
                imaginary[wave] = a * turn_imaginary[wave] + b * turn_real[wave];
            }
            *out = sums.iter().sum::<f32>() * norm;
        }
    }
}

impl Body for Bone {
    fn row(&self, z: f32, y: f32, grid: &Grid, out: &mut [f32]) {
        if (y / 0.74).abs() > 1.15 || z < -0.95 || z - 0.52 - 0.55 * y > 0.1 {
            return;
        }
        let mut plates = vec![0.0; out.len()];
        let mut rods = vec![0.0; out.len()];
        self.field(0, z, y, grid, &mut plates);
        self.field(1, z, y, grid, &mut rods);
        for (index, out) in out.iter_mut().enumerate() {
            let x = grid.at(2, index);
            let wobble = 0.05 * smooth(self.seed, [x * 1.6, y * 1.6, z * 1.2]) + 0.012 * smooth(self.seed ^ 7, [x * 7.0, y * 7.0, z * 5.0]);
            let radius = ((x / 0.84).powi(2) + (y / 0.74).powi(2)).sqrt() + wobble;
            let edge = (radius - 1.0) * 0.76;
            // The saw's cuts: slantwise above, level below.
            let saw = (z - 0.52 - 0.55 * y).max(-0.88 - z) * 0.88;
            let outside = edge.max(saw);
            if outside > 2.0 * grid.step {
                continue;
            }
            let depth = -edge;
            let cortex = 0.075 + 0.03 * smooth(self.seed ^ 3, [x * 2.0, y * 2.0, z * 2.0]);
            // The lattice thickens where it joins the wall.
            let joined = THICKNESS * (1.0 + 0.7 * (1.0 - (depth - cortex) / 0.16).clamp(0.0, 1.0));
            let lattice = (plates[index].powi(2) + RODS * rods[index].powi(2)).sqrt() - joined;
            let lattice = lattice * WAVELENGTH / TAU;
            let canal = self.canal(x, y, z);
            let mineral = lattice.min(depth - cortex).max(canal);
            let tone = 0.92 + 0.08 * smooth(self.seed ^ 9, [x * 9.0, y * 9.0, z * 6.0]) + if depth < cortex { 0.1 } else { 0.0 };
            let solid = grid.inside(mineral);
            *out = grid.inside(outside) * (MARROW + (tone - MARROW) * solid);
        }
    }
}

impl Bone {
    /// Distance into the fine canals that run along the compact wall; negative outside of them.
    fn canal(&self, x: f32, y: f32, z: f32) -> f32 {
        let (u, v) = (x * 11.0 + 0.5 * (z * 3.0).sin(), y * 11.0 + 0.5 * (z * 2.3).cos());
        let (cell_u, cell_v) = (u.floor(), v.floor());
        let number = (cell_u as i32 as u32 as u64) << 20 ^ cell_v as i32 as u32 as u64 ^ self.seed << 3;
        let (at_u, at_v) = (0.25 + 0.5 * unit(number), 0.25 + 0.5 * unit(number ^ 0x77));
        let distance = ((u - cell_u - at_u).powi(2) + (v - cell_v - at_v).powi(2)).sqrt() / 11.0;
        0.009 - distance
    }
}
