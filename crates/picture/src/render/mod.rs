//! Draws a volume as a body standing in soft light: rays through a transfer function, shadow, and the dark of hollows.
//!
//! [`Scene`] is made once for a volume and a transfer function; every picture of it is then drawn in a fraction of a second.
//! The picture is the same for any number of threads.

mod bricks;
mod camera;
mod cast;
mod light;
mod prepare;
mod tables;
mod transfer;

use rayon::prelude::*;
use volume::Trouble;

pub use self::camera::Camera;
use self::cast::{Caster, Paint, Seen};
use self::light::Lights;
pub use self::prepare::ScenePlan;
use self::tables::Tables;
pub(crate) use self::transfer::linear;
pub use self::transfer::{Finish, Point, Transfer};
use crate::encode::Image;

/// What is behind the body.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ground {
    Flat([u8; 3]),
    /// Lighter behind the body, darker in the corners.
    Glow {
        middle: [u8; 3],
        corner: [u8; 3],
    },
    /// Nothing: the picture has a fourth channel.
    Transparent,
}

impl Ground {
    pub const DEEP: Ground = Ground::Glow { middle: [38, 46, 60], corner: [10, 12, 18] };
    pub const WHITE: Ground = Ground::Flat([255; 3]);
    pub const BLACK: Ground = Ground::Flat([0; 3]);

    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "dark" => Some(Self::DEEP),
            "white" => Some(Self::WHITE),
            "black" => Some(Self::BLACK),
            "transparent" => Some(Self::Transparent),
            _ => None,
        }
    }

    /// In linear light, from the middle to the corners.
    fn ends(self) -> [[f32; 3]; 2] {
        let linear = |colour: [u8; 3]| colour.map(|channel| (f32::from(channel) / 255.0).powf(2.2));
        match self {
            Self::Flat(colour) => [linear(colour); 2],
            Self::Transparent => [[0.0; 3]; 2],
            Self::Glow { middle, corner } => [linear(middle), linear(corner)],
        }
    }
}

#[derive(Debug, Clone)]
pub struct RenderOptions {
    pub width: usize,
    pub height: usize,
    pub camera: Camera,
    pub ground: Ground,
    /// Rays per pixel along each side, where the picture has edges: 1 is quick, 2 is smooth.
    pub rays: usize,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self { width: 1280, height: 960, camera: Camera::default(), ground: Ground::DEEP, rays: 2 }
    }
}

/// Largest picture.
pub const SIDE_MAX: usize = 4_096;
/// Edge of the tiles in which neighbouring rays are cast by one thread.
const TILE: usize = 16;

/// A volume and a transfer function, ready to be looked at from anywhere.
pub struct Scene {
    bricks: bricks::Bricks,
    blocks: bricks::Blocks,
    leaps: Vec<u8>,
    open: Vec<u8>,
    paint: Option<Paint>,
    tables: Tables,
    finish: Finish,
    /// Length of a voxel relative to the shortest side, x, y, z.
    size: [f32; 3],
    /// Stand for the body, in true proportions.
    body: Vec<[f32; 3]>,
    /// Of the shortest side of a voxel.
    unit_um: Option<f64>,
}

impl Scene {
    pub fn draw(&self, options: &RenderOptions) -> Image {
        let (width, height) = (options.width.clamp(1, SIDE_MAX), options.height.clamp(1, SIDE_MAX));
        let rays = options.rays.clamp(1, 4);
        let aspect = width as f32 / height as f32;
        let view = options.camera.view(&self.body, aspect);
        let lights = if self.finish.plain { Lights::none() } else { Lights::new(&self.blocks, self.size, &self.open, view.light) };
        let caster = Caster {
            bricks: &self.bricks,
            paint: self.paint.as_ref(),
            tables: &self.tables,
            leaps: &self.leaps,
            blocks: self.blocks.shape,
            lights: &lights,
            size: self.size,
            view: &view,
            finish: self.finish,
            haze: options.ground.ends()[0],
            wide: cast::has_wide_registers(),
        };
        let film = Film {
            width,
            height,
            aspect,
            ground: options.ground.ends(),
            clear: options.ground == Ground::Transparent,
            plain: self.finish.plain,
        };
        let ray = |column: f32, row: f32| {
            let (x, y) = (column / width as f32 * 2.0 - 1.0, row / height as f32 * 2.0 - 1.0);
            film.develop(caster.cast(x, y), x, y)
        };
        let once = in_tiles(width, height, |column, row| ray(column as f32 + 0.5, row as f32 + 0.5));
        film.print(
            &once,
            |column, row| {
                let part = |number: usize| (number as f32 + 0.5) / rays as f32;
                let mut sum = [0.0; 4];
                for number in 0..rays * rays {
                    let seen = ray(column as f32 + part(number % rays), row as f32 + part(number / rays));
                    (0..4).for_each(|channel| sum[channel] += seen[channel]);
                }
                sum.map(|channel| channel / (rays * rays) as f32)
            },
            rays > 1,
        )
    }

    /// Where a camera stands, the middle of what it looks at, what is up (x, y, z, in voxels of the working copy where they are cubes),
    /// and the height of the picture in degrees: for other programs to stand there too.
    pub fn place(&self, camera: Camera, aspect: f32) -> ([f32; 3], [f32; 3], [f32; 3], f32) {
        camera.view(&self.body, aspect).place()
    }

    /// How many micrometres are as long as the picture is high, at the middle of the body; nothing where nobody knows.
    pub fn height_um(&self, camera: Camera, aspect: f32) -> Option<f64> {
        let view = camera.view(&self.body, aspect);
        self.unit_um.map(|unit| unit * f64::from(view.height()))
    }
}

/// How many voxels along the longest axis are worth drawing in a picture so high: a voxel is then hardly larger than a pixel.
pub fn voxels_for(height: usize) -> usize {
    (height * 9 / 10).max(128)
}

/// Does work on so many threads; on all cores by default.
pub fn on_threads<T: Send>(threads: Option<usize>, work: impl FnOnce() -> T + Send) -> Result<T, Trouble> {
    let threads = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).clamp(1, 256);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|error| Trouble::new(format!("starting threads failed ({error})"), "Start it again"))?;
    Ok(pool.install(work))
}

/// Every pixel, cast in tiles whose rays walk through the same bricks.
fn in_tiles(width: usize, height: usize, pixel: impl Fn(usize, usize) -> [f32; 4] + Sync) -> Vec<[f32; 4]> {
    let mut out = vec![[0.0; 4]; width * height];
    out.par_chunks_mut(width * TILE).enumerate().for_each(|(band, out)| {
        let rows = out.len() / width;
        for left in (0..width).step_by(TILE) {
            for row in 0..rows {
                for column in left..(left + TILE).min(width) {
                    out[row * width + column] = pixel(column, band * TILE + row);
                }
            }
        }
    });
    out
}

/// From light to pixels.
struct Film {
    width: usize,
    height: usize,
    aspect: f32,
    ground: [[f32; 3]; 2],
    clear: bool,
    plain: bool,
}

impl Film {
    /// In linear light; the corners lie a little further off than the sides.
    #[inline(always)]
    fn ground(&self, x: f32, y: f32) -> [f32; 3] {
        let [middle, corner] = self.ground;
        let x = x * self.aspect.min(1.4);
        let part = ((x * x + y * y).sqrt() / 1.25).min(1.0);
        let part = part * part * (3.0 - 2.0 * part);
        std::array::from_fn(|channel| middle[channel] + (corner[channel] - middle[channel]) * part)
    }

    /// Red, green, blue as they are stored, from 0 to 1, and how much of the ground is hidden.
    #[inline(always)]
    fn develop(&self, seen: Seen, x: f32, y: f32) -> [f32; 4] {
        let Seen { colour, hidden } = seen;
        let ground = if self.clear || hidden >= 1.0 { [0.0; 3] } else { self.ground(x, y) };
        let shown: [f32; 3] = std::array::from_fn(|channel| {
            if self.plain {
                return (colour[channel] + (1.0 - hidden) * stored(ground[channel])).min(1.0);
            }
            let body = if hidden > 0.0 { tone(colour[channel] / hidden) } else { 0.0 };
            stored(if self.clear { body } else { body * hidden + ground[channel] * (1.0 - hidden) })
        });
        [shown[0], shown[1], shown[2], if self.clear { hidden } else { 1.0 }]
    }

    fn print(&self, once: &[[f32; 4]], fine: impl Fn(usize, usize) -> [f32; 4] + Sync, smooth: bool) -> Image {
        let channels = if self.clear { 4 } else { 3 };
        let (width, height) = (self.width, self.height);
        let mut pixels = vec![0; width * height * channels];
        pixels.par_chunks_exact_mut(width * channels).enumerate().for_each(|(row, pixels)| {
            for (column, pixel) in pixels.chunks_exact_mut(channels).enumerate() {
                let index = row * width + column;
                let colour = if smooth && is_edge(once, index, width) { fine(column, row) } else { once[index] };
                // A trace of grain hides the steps of eight bits in the dark.
                let grain = (index as u32).wrapping_mul(0x9e37_79b1).rotate_left(13).wrapping_mul(0x85eb_ca6b) >> 16;
                let grain = if self.plain { 0.5 } else { grain as f32 / 65_536.0 };
                let grains = [grain, grain, grain, 0.5];
                pixel
                    .iter_mut()
                    .enumerate()
                    .for_each(|(channel, pixel)| *pixel = (colour[channel] * 255.0 + grains[channel]).clamp(0.0, 255.0) as u8);
            }
        });
        Image { width, height, channels, pixels }
    }
}

/// Whether a pixel differs so much from a neighbour that one ray is not enough.
fn is_edge(pixels: &[[f32; 4]], index: usize, width: usize) -> bool {
    let here = pixels[index];
    [index.wrapping_sub(1), index + 1, index.wrapping_sub(width), index + width]
        .into_iter()
        .filter_map(|neighbour| pixels.get(neighbour))
        .any(|other| (0..4).any(|channel| (other[channel] - here[channel]).abs() > 0.03))
}

/// From linear light to how it is stored: the power 1/2.2 out of roots, right to one in two hundred and forty.
#[inline(always)]
fn stored(value: f32) -> f32 {
    let root = value.max(0.0).sqrt();
    let fourth = root.sqrt();

    0.948 * root + 0.099 * fourth - 0.047 * root * root
}

/// A film's shoulder: bright parts keep their drawing.
#[inline(always)]
fn tone(value: f32) -> f32 {
    (value * (2.51 * value + 0.03) / (value * (2.43 * value + 0.59) + 0.14)).clamp(0.0, 1.0)
}

#[inline(always)]
pub(crate) fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[inline(always)]
pub(crate) fn unit(a: [f32; 3]) -> [f32; 3] {
    let length = dot(a, a).sqrt().max(1e-12);
    a.map(|part| part / length)
}

pub(crate) fn cross(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}
