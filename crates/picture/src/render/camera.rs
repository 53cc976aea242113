//! Where the eye stands; z points up.

use super::lanes::{self, Floats, Three, along, splat};
use super::{cross, dot, unit};

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    /// Around the z axis, in degrees.
    pub azimuth: f32,
    /// Above the horizon, in degrees.
    pub elevation: f32,
    /// 1 fills the picture; larger comes nearer.
    pub zoom: f32,
    /// Whether the body stays in the picture, at the same distance, from whichever side it is seen: for turning it.
    pub turning: bool,
}

impl Default for Camera {
    fn default() -> Self {
        Self { azimuth: -122.0, elevation: 24.0, zoom: 1.0, turning: false }
    }
}

/// Half the height of the picture at distance 1: a long lens.
const LENS: f32 = 0.26;
/// Part of the picture that the body fills.
const MARGIN: f32 = 0.88;
/// Sides from which a body that is to be turned is looked at.
const SIDES: usize = 24;

/// A camera aimed at a body. Vectors are x, y, z.
pub(crate) struct View {
    eye: [f32; 3],
    forward: [f32; 3],
    right: [f32; 3],
    up: [f32; 3],
    aspect: f32,
    /// Distances between which the body lies.
    pub(crate) near: f32,
    pub(crate) far: f32,
    /// How far away its middle is.
    middle: f32,
    pub(crate) light: [f32; 3],
    pub(crate) fill: [f32; 3],
}

struct Frame {
    back: [f32; 3],
    right: [f32; 3],
    up: [f32; 3],
}

impl Frame {
    fn new(azimuth: f32, elevation: f32) -> Self {
        let (azimuth, elevation) = (azimuth.to_radians(), elevation.clamp(-89.0, 89.0).to_radians());
        let back = [elevation.cos() * azimuth.cos(), elevation.cos() * azimuth.sin(), elevation.sin()];
        let right = unit(cross(back.map(|part| -part), [0.0, 0.0, 1.0]));
        Self { back, right, up: cross(back, right) }
    }

    /// The middle of what is seen from here.
    fn centre(&self, points: &[[f32; 3]]) -> [f32; 3] {
        let middle = |axis: [f32; 3]| {
            let along = points.iter().map(|&point| dot(point, axis));
            let (low, high) = along.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
            0.5 * (low + high)
        };
        let [r, u, b] = [self.right, self.up, self.back].map(middle);
        std::array::from_fn(|axis| self.right[axis] * r + self.up[axis] * u + self.back[axis] * b)
    }

    /// The distance from which everything just fits, with a margin as around a picture on a wall.
    fn distance(&self, points: &[[f32; 3]], centre: [f32; 3], aspect: f32) -> f32 {
        points.iter().fold(1.0f32, |distance, point| {
            let offset: [f32; 3] = std::array::from_fn(|axis| point[axis] - centre[axis]);
            let (along, across, above) = (dot(offset, self.back), dot(offset, self.right).abs(), dot(offset, self.up).abs());
            distance.max(above / (LENS * MARGIN) + along).max(across / (LENS * MARGIN * aspect) + along)
        })
    }
}

impl Camera {
    /// `points` stand for the body, in true proportions.
    pub(crate) fn view(&self, points: &[[f32; 3]], aspect: f32) -> View {
        let frame = Frame::new(self.azimuth, self.elevation);
        let (centre, distance) = if self.turning {
            let upright = Frame::new(0.0, 0.0);
            let centre = upright.centre(points);
            let sides =
                (0..SIDES).map(|side| Frame::new(side as f32 * 360.0 / SIDES as f32, self.elevation).distance(points, centre, aspect));
            (centre, sides.fold(0.0, f32::max))
        } else {
            let centre = frame.centre(points);
            (centre, frame.distance(points, centre, aspect))
        };
        let distance = distance / self.zoom.clamp(0.1, 20.0);
        let Frame { back, right, up } = frame;
        let depths = points.iter().map(|point| distance - (dot(*point, back) - dot(centre, back)));
        let (near, far) = depths.fold((f32::INFINITY, f32::NEG_INFINITY), |(near, far), depth| (near.min(depth), far.max(depth)));
        let mix = |r: f32, u: f32, b: f32| unit(std::array::from_fn(|axis| right[axis] * r + up[axis] * u + back[axis] * b));
        View {
            eye: std::array::from_fn(|axis| centre[axis] + back[axis] * distance),
            forward: back.map(|part| -part),
            right,
            up,
            aspect,
            near,
            far: far.max(near + 1e-3),
            middle: distance,
            light: mix(-0.62, 0.86, 0.62),
            fill: mix(0.95, -0.1, 0.45),
        }
    }
}

impl View {
    /// Direction of rays. `x` and `y` run from −1 to 1, y downward.
    #[inline(always)]
    pub(crate) fn direction<F: Floats>(&self, x: F, y: F) -> Three<F> {
        let (x, y) = (x * F::splat(LENS * self.aspect), y * F::splat(-LENS));
        let (forward, right, up) = (splat(self.forward), splat(self.right), splat(self.up));
        lanes::unit(along(along(forward, right, x), up, y))
    }

    /// Where the eye stands.
    pub(crate) fn eye(&self) -> [f32; 3] {
        self.eye
    }

    /// Where it looks.
    pub(crate) fn forward(&self) -> [f32; 3] {
        self.forward
    }

    /// Where the eye stands, the middle of what it looks at, what is up, and the height of the picture in degrees.
    pub(crate) fn place(&self) -> ([f32; 3], [f32; 3], [f32; 3], f32) {
        let centre = std::array::from_fn(|axis| self.eye[axis] + self.forward[axis] * self.middle);
        (self.eye, centre, self.up, 2.0 * LENS.atan().to_degrees())
    }

    /// How long a thing is that fills the height of the picture at the middle of the body.
    pub(crate) fn height(&self) -> f32 {
        2.0 * LENS * self.middle
    }
}
