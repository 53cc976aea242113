//! Where the eye stands; z points up.

use super::field::Field;
use super::{cross, dot, unit};

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    /// Around the z axis, in degrees.
    pub azimuth: f32,
    /// Above the horizon, in degrees.
    pub elevation: f32,
    /// 1 fills the picture; larger comes nearer.
    pub zoom: f32,
}

impl Default for Camera {
    fn default() -> Self {
        Self { azimuth: -122.0, elevation: 24.0, zoom: 1.0 }
    }
}

/// Half the height of the picture at distance 1: a long lens.
const LENS: f32 = 0.26;
/// Part of the picture that the body fills.
const MARGIN: f32 = 0.86;

/// A camera aimed at a body. Vectors are x, y, z.
pub(crate) struct View {
    eye: [f32; 3],
    forward: [f32; 3],
    right: [f32; 3],
    up: [f32; 3],
    aspect: f32,
    pub(crate) light: [f32; 3],
    pub(crate) fill: [f32; 3],
}

impl Camera {
    pub(crate) fn view(&self, field: &Field, aspect: f32) -> View {
        let (azimuth, elevation) = (self.azimuth.to_radians(), self.elevation.clamp(-85.0, 85.0).to_radians());
        let back = [elevation.cos() * azimuth.cos(), elevation.cos() * azimuth.sin(), elevation.sin()];
        let forward = back.map(|part| -part);
        let right = unit(cross(forward, [0.0, 0.0, 1.0]));
        let up = cross(right, forward);
        let points = field.body();
        let range = |axis: [f32; 3]| {
            let along = points.iter().map(|&point| dot(point, axis));
            along.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
        };
        let middle = |(low, high): (f32, f32)| 0.5 * (low + high);
        let [r, u, f] = [right, up, forward].map(|axis| middle(range(axis)));
        let centre: [f32; 3] = std::array::from_fn(|axis| right[axis] * r + up[axis] * u + forward[axis] * f);
        // The distance from which everything just fits, with a margin as around a picture on a wall.
        let mut distance = 1.0f32;
        for point in points {
            let offset: [f32; 3] = std::array::from_fn(|axis| point[axis] - centre[axis]);
            let (along, across, above) = (dot(offset, forward), dot(offset, right).abs(), dot(offset, up).abs());
            distance = distance.max(above / (LENS * MARGIN) - along).max(across / (LENS * MARGIN * aspect) - along);
        }
        let distance = distance / self.zoom.clamp(0.1, 20.0);
        let mix = |r: f32, u: f32, b: f32| unit(std::array::from_fn(|axis| right[axis] * r + up[axis] * u + back[axis] * b));
        View {
            eye: std::array::from_fn(|axis| centre[axis] + back[axis] * distance),
            forward,
            right,
            up,
            aspect,
            light: mix(-0.62, 0.86, 0.62),
            fill: mix(0.95, -0.1, 0.45),
        }
    }
}

impl View {
    /// `x` and `y` run from −1 to 1, y downward.
    pub(crate) fn ray(&self, x: f32, y: f32) -> ([f32; 3], [f32; 3]) {
        let (x, y) = (x * LENS * self.aspect, -y * LENS);
        let direction = std::array::from_fn(|axis| self.forward[axis] + self.right[axis] * x + self.up[axis] * y);
        (self.eye, unit(direction))
    }
}
