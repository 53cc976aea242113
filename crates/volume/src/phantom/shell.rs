//! A coiled shell: a tube that grows by the same factor with every turn around the axis and down along it.

use std::f32::consts::TAU;

use super::noise::smooth;
use super::{Body, Grid, Known};

/// Growth from one whorl to the next.
const GROWTH: f32 = 1.78;
/// Of the last whorl: distance from the axis, drop below the apex, radius of the tube.
const RADIUS: f32 = 0.52;
const DROP: f32 = 1.07;
const TUBE: f32 = 0.42;
/// Whorls that are built; the younger ones are open, the oldest walled off by septa.
const WHORLS: f32 = 6.0;
const OPEN_WHORLS: f32 = 1.6;
const SEPTA_PER_WHORL: f32 = 5.0;
const WALL: f32 = 0.075;
/// Where around the axis the mouth is.
const MOUTH: f32 = 1.05;
/// Height of the apex.
const APEX: f32 = 0.80;

pub(crate) struct Shell {
    seed: u64,
}

pub(crate) fn known(base: Known) -> Known {
    Known {
        extent_um: 12_800.0,
        solid_share: 0.032,
        solid_share_tolerance: 0.01,
        whorls: Some(f64::from(WHORLS)),
        septa: Some(((WHORLS - OPEN_WHORLS) * SEPTA_PER_WHORL) as u32),
        ..base
    }
}

impl Shell {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    fn attenuation(&self, point: [f32; 3], grid: &Grid) -> f32 {
        let [x, y, z] = point;
        // The axis stands a little aside: the last whorl is larger on the side of the mouth.
        let (x, y) = (x + 0.06, y - 0.10);
        let (radius, turn) = ((x * x + y * y).sqrt(), ((-y).atan2(x) - MOUTH).rem_euclid(TAU) / TAU);
        let drop = APEX - z;
        let (mut solid, mut bright) = (f32::INFINITY, 0.0);
        // From the oldest to the youngest; a younger wall ends where it meets the room of an older one.
        let mut inside_older = false;
        let oldest = WHORLS.ceil() as i32;
        for whorl in (0..=oldest).rev() {
            // `back` counts whorls back from the mouth.
            let back = whorl as f32 - turn;
            if !(0.0..=WHORLS).contains(&back) {
                continue;
            }
            let scale = GROWTH.powf(-back);
            let (across, down) = (radius - RADIUS * scale, drop - DROP * scale);
            let reach = TUBE * scale;
            if across.abs() > 1.5 * reach || down.abs() > 1.5 * reach {
                continue;
            }
            let distance = (across * across + down * down * 0.86).sqrt();
            let angle = down.atan2(across);
            let rib = (back * 26.0 * TAU).cos();
            let cord = (angle * 22.0).cos();
            let lip = (1.0 - back * 9.0).max(0.0);
            let outer = reach * (1.0 + 0.022 * rib * angle.cos().max(0.0) + 0.008 * cord + 0.06 * lip);
            let wall = WALL * reach * (1.5 + 0.5 * lip) + 0.006;
            let shell = (distance - outer).max(outer - wall - distance);
            if !inside_older {
                // Growth lines show as layers of slightly different density.
                let layer = 1.0 + 0.07 * (back * 90.0).sin() * angle.cos().max(0.0) + 0.1 * ((outer - distance) / wall - 0.5);
                if shell < solid {
                    bright = layer;
                }
                solid = solid.min(shell);
                solid = solid.min(self.septum(back, distance, outer - 0.5 * wall, reach));
            }
            inside_older |= distance < outer - 0.5 * wall;
        }
        let bright = if bright == 0.0 { 1.0 } else { bright };
        grid.inside(solid) * bright * (1.0 + 0.03 * smooth(self.seed, point.map(|part| part * 14.0)))
    }

    /// Walls across the tube, bulging towards the apex.
    fn septum(&self, back: f32, distance: f32, inner: f32, reach: f32) -> f32 {
        if distance > inner || back < OPEN_WHORLS {
            return f32::INFINITY;
        }
        let bulge = 0.3 * (1.0 - (distance / inner) * (distance / inner));
        let place = (back - OPEN_WHORLS) * SEPTA_PER_WHORL - bulge;
        if place < -0.3 {
            return f32::INFINITY;
        }
        let along = (place - place.round()).abs() / SEPTA_PER_WHORL * TAU * RADIUS / TUBE * reach;
        along - 0.028 * reach - 0.003
    }
}

impl Body for Shell {
    fn row(&self, z: f32, y: f32, grid: &Grid, out: &mut [f32]) {
        for (x, out) in out.iter_mut().enumerate() {
            *out = self.attenuation([grid.at(2, x), y, z], grid);
        }
    }
}
