//! Draws the surface of a volume as a body standing in soft light: rays, a threshold, shadow and the dark of hollows.

mod camera;
mod field;

use rayon::prelude::*;
use volume::Statistics;
use volume::zarr::Voxels;

pub use self::camera::Camera;
use self::field::Field;
use crate::encode::Image;

/// What is seen and in which colours.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// Value of the surface.
    pub surface: f64,
    /// Value that gets the palette's last colour.
    pub bright: f64,
    pub palette: Palette,
    /// Whether the voxels are labels: every one has a colour of its own.
    pub labels: bool,
}

/// Colours from just above the surface's value to the brightest, linear light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Palette(pub [[f32; 3]; 3]);

impl Palette {
    /// Old ivory: umber in the depth, bone in the light.
    pub const IVORY: Palette = Palette([[0.48, 0.27, 0.15], [0.80, 0.63, 0.44], [0.97, 0.91, 0.80]]);

    fn at(&self, part: f32) -> [f32; 3] {
        let part = part.clamp(0.0, 1.0) * 2.0;
        let (low, rest) = if part < 1.0 { (0, part) } else { (1, part - 1.0) };
        std::array::from_fn(|channel| self.0[low][channel] * (1.0 - rest) + self.0[low + 1][channel] * rest)
    }
}

impl Transfer {
    /// The threshold that parts the histogram best gives the surface.
    pub fn from_statistics(statistics: &Statistics) -> Self {
        let surface = statistics.otsu();
        let bright = if statistics.p99_9 > surface { statistics.p99_9 } else { statistics.max.max(surface + 1e-6) };
        Self { surface, bright, palette: Palette::IVORY, labels: false }
    }

    /// Everything that is not zero.
    pub fn labels() -> Self {
        Self { surface: 0.5, bright: 1.0, palette: Palette::IVORY, labels: true }
    }
}

/// What is behind the body.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Background {
    Flat([u8; 3]),
    /// Lighter behind the body, darker in the corners.
    Glow {
        middle: [u8; 3],
        corner: [u8; 3],
    },
}

impl Background {
    pub const DEEP: Background = Background::Glow { middle: [38, 46, 60], corner: [10, 12, 18] };

    fn at(self, x: f32, y: f32) -> [f32; 3] {
        let linear = |colour: [u8; 3]| colour.map(|channel| (f32::from(channel) / 255.0).powf(2.2));
        match self {
            Self::Flat(colour) => linear(colour),
            Self::Glow { middle, corner } => {
                let part = ((x * x + y * y).sqrt() / 1.25).min(1.0);
                let part = part * part * (3.0 - 2.0 * part);
                let (middle, corner) = (linear(middle), linear(corner));
                std::array::from_fn(|channel| middle[channel] * (1.0 - part) + corner[channel] * part)
            }
        }
    }
}

#[derive(Debug, Clone)]
pub struct RenderOptions {
    pub width: usize,
    pub height: usize,
    pub camera: Camera,
    pub background: Background,
    /// Rays per pixel along each side: 1 is quick, 2 is smooth.
    pub rays: usize,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self { width: 1280, height: 960, camera: Camera::default(), background: Background::DEEP, rays: 2 }
    }
}

/// Largest picture.
const SIDE_MAX: usize = 4_096;

/// Draws a whole level. `voxel_size` gives its proportions; the level should have at most 256 voxels along each axis.
pub fn render(voxels: &Voxels, voxel_size: [f64; 3], transfer: &Transfer, options: &RenderOptions) -> Image {
    let (width, height) = (options.width.clamp(1, SIDE_MAX), options.height.clamp(1, SIDE_MAX));
    let rays = options.rays.clamp(1, 4);
    let field = Field::new(voxels, voxel_size, transfer);
    let aspect = width as f32 / height as f32;
    let view = options.camera.view(&field, aspect);
    let ray = |column: f32, row: f32| {
        let (x, y) = (column / width as f32 * 2.0 - 1.0, row / height as f32 * 2.0 - 1.0);
        let (origin, direction) = view.ray(x, y);
        let colour = field.shade(origin, direction, &view, transfer);
        let colour = colour.map_or_else(|| options.background.at(x * aspect.min(1.4), y), tone);
        colour.map(|channel| channel.max(0.0).powf(1.0 / 2.2))
    };
    let once: Vec<[f32; 3]> =
        (0..width * height).into_par_iter().map(|index| ray((index % width) as f32 + 0.5, (index / width) as f32 + 0.5)).collect();
    let mut pixels = vec![0; width * height * 3];
    pixels.par_chunks_exact_mut(3).enumerate().for_each(|(index, pixel)| {
        let mut colour = once[index];
        if rays > 1 && is_edge(&once, index, width) {
            let part = |number: usize| (number as f32 + 0.5) / rays as f32;
            let mut sum = [0.0; 3];
            for number in 0..rays * rays {
                let seen = ray((index % width) as f32 + part(number % rays), (index / width) as f32 + part(number / rays));
                (0..3).for_each(|channel| sum[channel] += seen[channel]);
            }
            colour = sum.map(|channel| channel / (rays * rays) as f32);
        }
        // A trace of grain hides the steps of eight bits in the dark.
        let grain = (index as u32).wrapping_mul(0x9e37_79b1).rotate_left(13).wrapping_mul(0x85eb_ca6b) >> 16;
        let grain = grain as f32 / 65_536.0;
        (0..3).for_each(|channel| pixel[channel] = (colour[channel] * 255.0 + grain).clamp(0.0, 255.0) as u8);
    });
    Image { width, height, channels: 3, pixels }
}

/// Whether a pixel differs so much from a neighbour that one ray is not enough.
fn is_edge(pixels: &[[f32; 3]], index: usize, width: usize) -> bool {
    let here = pixels[index];
    [index.wrapping_sub(1), index + 1, index.wrapping_sub(width), index + width]
        .into_iter()
        .filter_map(|neighbour| pixels.get(neighbour))
        .any(|other| (0..3).any(|channel| (other[channel] - here[channel]).abs() > 0.03))
}

/// A film's shoulder: bright parts keep their drawing.
fn tone(colour: [f32; 3]) -> [f32; 3] {
    colour.map(|value| (value * (2.51 * value + 0.03) / (value * (2.43 * value + 0.59) + 0.14)).clamp(0.0, 1.0))
}

pub(crate) fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(crate) fn unit(a: [f32; 3]) -> [f32; 3] {
    let length = dot(a, a).sqrt().max(1e-12);
    a.map(|part| part / length)
}

pub(crate) fn cross(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}
