//! Draws a volume as a body standing in soft light: rays through a transfer function, shadow, and the dark of hollows.
//!
//! [`Scene`] is made once for a volume and a transfer function; every picture of it is then drawn in a fraction of a second.
//! The picture is the same for any number of threads.

mod blocks;
mod bricks;
mod camera;
mod cast;
mod lanes;
mod light;
mod pixels;
mod prepare;
mod rays;
mod shade;
mod tables;
mod transfer;

use volume::Trouble;

pub use self::camera::Camera;
use self::cast::{Caster, Paint};
use self::light::Lights;
use self::pixels::Film;
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

/// A volume and a transfer function, ready to be looked at from anywhere.
pub struct Scene {
    bricks: bricks::Bricks,
    blocks: blocks::Blocks,
    paces: Vec<u8>,
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
        self.draw_with(options, cast::has_wide_registers())
    }

    fn draw_with(&self, options: &RenderOptions, wide: bool) -> Image {
        let film = Film::new(options, self.finish.plain, wide);
        let view = options.camera.view(&self.body, film.aspect());
        let lights = if self.finish.plain { Lights::none() } else { Lights::new(&self.blocks, self.size, &self.open, view.light) };
        let caster = Caster {
            bricks: &self.bricks,
            paint: self.paint.as_ref(),
            tables: &self.tables,
            paces: &self.paces,
            blocks: self.blocks.shape,
            lights: &lights,
            size: self.size,
            view: &view,
            finish: self.finish,
            haze: options.ground.ends()[0],
            wide,
        };
        film.expose(&caster)
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

#[cfg(test)]
mod tests {
    use volume::{Asked, ElementType, Material, RawShape};

    use super::*;

    /// A cube of grey values, and a look at it.
    fn scene(edge: usize, transfer: Transfer, value: impl Fn([usize; 3]) -> u8) -> Scene {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("volume.raw");
        let at = |index: usize| [index / edge / edge, index / edge % edge, index % edge];
        std::fs::write(&path, (0..edge * edge * edge).map(|index| value(at(index))).collect::<Vec<u8>>()).unwrap();
        let raw = RawShape { shape: [edge; 3], element: ElementType::U8, big_endian: false, offset: 0 };
        let material = Material::open(&path, &Asked { raw: Some(raw), ..Asked::default() }).unwrap();
        ScenePlan::new(&material, transfer, 512).build(&|_, _| ()).unwrap()
    }

    #[test]
    fn a_picture_is_the_same_on_every_processor() {
        // Something of everything: emptiness, a veil, a solid ball cut by the edge of the volume, and grain.
        let ball = |[z, y, x]: [usize; 3]| {
            let far = ((z as f32 - 20.0).powi(2) + (y as f32 - 30.0).powi(2) + (x as f32 - 66.0).powi(2)).sqrt();
            let grain = (z * 7919 + y * 104_729 + x * 1_299_709) % 23;
            if far < 18.0 {
                200 + grain as u8
            } else if far < 34.0 {
                60 + grain as u8
            } else {
                grain as u8 / 2
            }
        };
        let points =
            [(30.0, 0.0, 0x203040), (60.0, 0.003, 0x80a060), (120.0, 0.02, 0xc0a080), (190.0, 0.7, 0xffeedd), (255.0, 0.9, 0xffffff)];
        let plain = Transfer::of_points(&points, 80);
        for transfer in [
            Transfer { finish: Finish::POLISHED, ..plain.clone() },
            Transfer { finish: Finish::SOFT, smooth: true, ..plain.clone() },
            plain,
        ] {
            let scene = scene(80, transfer, ball);
            for ground in [Ground::DEEP, Ground::WHITE, Ground::Transparent] {
                let options = RenderOptions { width: 101, height: 67, ground, ..RenderOptions::default() };
                let narrow = scene.draw_with(&options, false);
                assert!(narrow == scene.draw(&options));
                assert!(narrow.pixels.iter().any(|&pixel| pixel > 100), "something is seen");
            }
        }
    }

    #[test]
    fn a_veil_hides_as_much_as_its_depth_says_however_long_the_steps_are() {
        for opacity in [0.001, 0.004, 0.01, 0.03, 0.1] {
            let points = [(50.0, opacity, 0xffffff), (200.0, opacity, 0xffffff)];
            let scene = scene(64, Transfer { shows_lowest: true, ..Transfer::of_points(&points, 64) }, |[z, ..]| 120 + z as u8);
            let camera = Camera { azimuth: 0.0, elevation: 0.0, ..Camera::default() };
            let options = RenderOptions { width: 65, height: 65, camera, ground: Ground::Transparent, rays: 1 };
            let middle = scene.draw(&options).pixels[(32 * 65 + 32) * 4 + 3];
            let wanted = 255.0 * (1.0 - (1.0 - opacity).powi(64));
            assert!((f32::from(middle) - wanted).abs() < 3.0 + 0.02 * wanted, "{opacity}: {middle} instead of {wanted}");
        }
    }
}
