//! A woven composite: yarns over and under each other in five layers, every yarn a bundle of fibres in resin.

use std::f32::consts::PI;

use super::noise::{Scatter, smooth, unit};
use super::{Body, Grid, Known};

const LAYERS: usize = 5;
const YARNS: usize = 4;
/// Distance of neighbouring yarns.
const PITCH: f32 = 0.44;
/// Half the width and half the height of a yarn.
const WIDE: f32 = 0.205;
const HIGH: f32 = 0.074;
const FIBRE: f32 = 0.0155;
const FIBRE_PITCH: f32 = 0.0385;
const RESIN: f32 = 0.30;

pub(crate) struct Composite {
    seed: u64,
    voids: Scatter,
}

pub(crate) fn known(base: Known) -> Known {
    Known {
        extent_um: 1_280.0,
        solid_share: 0.31,
        solid_share_tolerance: 0.02,
        yarns: Some((2 * LAYERS * YARNS) as u32),
        fibres_per_yarn: Some(fibres_per_yarn()),
        ..base
    }
}

/// Places of the fibre lattice that lie inside a yarn.
fn fibres_per_yarn() -> u32 {
    let mut count = 0;
    for row in -8i32..=8 {
        for column in -16i32..=16 {
            let [u, v] = lattice_place(column, row);
            count += u32::from(in_yarn(u, v));
        }
    }
    count
}

fn lattice_place(column: i32, row: i32) -> [f32; 2] {
    [(column as f32 + if row & 1 == 0 { 0.0 } else { 0.5 }) * FIBRE_PITCH, row as f32 * FIBRE_PITCH * 0.866]
}

/// Whether a fibre at this place of the cross-section belongs to the lens-shaped yarn.
fn in_yarn(u: f32, v: f32) -> bool {
    (u / WIDE).abs().powf(2.2) + (v / HIGH).abs().powf(2.2) < 0.88
}

impl Composite {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, voids: Scatter::new(seed ^ 0xb0, 0.5, 0.9, 1.5) }
    }

    /// Attenuation of the yarn whose cross-section coordinates are u and v.
    fn yarn(&self, u: f32, v: f32, along: f32, number: u64, grid: &Grid) -> f32 {
        if u.abs() > WIDE || v.abs() > HIGH {
            return 0.0;
        }
        // Fibres wander a little on their way.
        let sway = 0.006 * smooth(number, [along * 3.0, u * 5.0, v * 5.0]);
        let (u, v) = (u + sway, v - sway);
        let row = (v / (FIBRE_PITCH * 0.866)).round() as i32;
        let mut nearest = f32::INFINITY;
        let mut tone = 1.0;
        for row in row - 1..=row + 1 {
            let shift = if row & 1 == 0 { 0.0 } else { 0.5 };
            let column = (u / FIBRE_PITCH - shift).round() as i32;
            let [at_u, at_v] = lattice_place(column, row);
            if !in_yarn(at_u, at_v) {
                continue;
            }
            let distance = ((u - at_u).powi(2) + (v - at_v).powi(2)).sqrt();
            if distance < nearest {
                nearest = distance;
                tone = 0.94 + 0.12 * unit(number ^ (row as u32 as u64) << 32 ^ column as u32 as u64);
            }
        }
        grid.inside(nearest - FIBRE) * tone
    }

    fn attenuation(&self, [x, y, z]: [f32; 3], grid: &Grid) -> f32 {
        let mut fibre: f32 = 0.0;
        let half = YARNS as f32 / 2.0;
        for layer in 0..LAYERS {
            let middle = (layer as f32 - (LAYERS as f32 - 1.0) / 2.0) * 4.35 * HIGH;
            if (z - middle).abs() > 2.3 * HIGH {
                continue;
            }
            let warp = ((x / PITCH + half).floor()).clamp(0.0, YARNS as f32 - 1.0);
            let weft = ((y / PITCH + half).floor()).clamp(0.0, YARNS as f32 - 1.0);
            let centre = |number: f32| (number - half + 0.5) * PITCH;
            // Over one, under one; every second layer the other way round.
            let wave = |along: f32, number: f32| {
                let sign = if (number as usize + layer) % 2 == 0 { 1.0 } else { -1.0 };
                sign * HIGH * 1.04 * ((along / PITCH + half + 0.5) * PI).sin()
            };
            let number = |kind: u64, yarn: f32| self.seed ^ kind << 40 ^ (layer as u64) << 32 ^ yarn as u64;
            let up = z - middle - wave(y, warp);
            fibre = fibre.max(self.yarn(x - centre(warp), up, y, number(1, warp), grid));
            let up = z - middle + wave(x, weft);
            fibre = fibre.max(self.yarn(y - centre(weft), up, x, number(2, weft), grid));
        }
        let mut bubble = f32::INFINITY;
        self.voids.near([x, y, z], |site, offset| {
            let radius = 0.05 * unit(site.number ^ 5).powi(3);
            let distance = (offset[0].powi(2) + offset[1].powi(2) + (offset[2] * 1.6).powi(2)).sqrt() - radius;
            bubble = bubble.min(distance);
        });
        let resin = RESIN * (1.0 + 0.05 * smooth(self.seed, [x * 6.0, y * 6.0, z * 6.0])) * (1.0 - grid.inside(bubble));
        resin + (1.02 - RESIN) * fibre
    }
}

impl Body for Composite {
    fn row(&self, z: f32, y: f32, grid: &Grid, out: &mut [f32]) {
        let edge = PITCH * YARNS as f32 / 2.0;
        for (index, out) in out.iter_mut().enumerate() {
            let x = grid.at(2, index);
            let outside = (x.abs() - edge).max(y.abs() - edge).max(z.abs() - 0.84);
            if outside < 2.0 * grid.step {
                *out = self.attenuation([x, y, z], grid) * grid.inside(outside);
            }
        }
    }
}
