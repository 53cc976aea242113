//! What moves: the body on a turntable, or a flight through its slices; with title, caption and scale bar.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use volume::slice::Plane;
use volume::{Axis, Material, Stack, Statistics, Trouble};

use crate::caption::{Corner, Line, scale_bar};
use crate::encode::Image;
use crate::label::label_image;
use crate::movie::{FRAMES_MAX, Movie};
use crate::render::{Camera, Ground, RenderOptions, Scene};
use crate::slice::{resample, windowed};

/// Words that stand in a movie.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Caption {
    pub title: String,
    /// Who made the data.
    pub by: String,
    /// Where to find them: a DOI.
    pub source: String,
}

/// Which way a movie goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// Once around the body.
    Turntable,
    /// Through all slices along z.
    Slices,
}

impl Path {
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "turntable" => Some(Self::Turntable),
            "slices" => Some(Self::Slices),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
pub struct FilmOptions {
    pub width: usize,
    pub height: usize,
    /// Without those of the title.
    pub frames: usize,
    pub frames_per_second: u32,
    pub caption: Caption,
    pub camera: Camera,
    pub ground: Ground,
    pub rays: usize,
    pub scale_bar: bool,
    /// The numbers of the slices are labels, whatever the file says of them.
    pub labels: bool,
}

impl Default for FilmOptions {
    fn default() -> Self {
        let camera = Camera { turning: true, ..Camera::default() };
        Self {
            width: 1280,
            height: 720,
            frames: 192,
            frames_per_second: 24,
            caption: Caption::default(),
            camera,
            ground: Ground::DEEP,
            rays: 1,
            scale_bar: true,
            labels: false,
        }
    }
}

/// A finished movie.
pub struct Filmed {
    pub bytes: Vec<u8>,
    /// The first picture behind the title, for those who do not press play.
    pub poster: Image,
    pub seconds: f64,
    /// How long each picture took to be drawn, without being encoded.
    pub drawing: Vec<Duration>,
}

/// Who watches the labour, and whether it should stop.
pub struct Watch<'a> {
    pub progress: &'a dyn Fn(u64, u64),
    pub stop: &'a AtomicBool,
}

/// Slices of a volume that are held at once, in bytes.
const HELD_BYTES: usize = 256 << 20;
/// How long the title stands and fades.
const TITLE_SECONDS: f32 = 1.8;
const LIGHT: [u8; 3] = [232, 236, 242];
const DARK: [u8; 3] = [32, 36, 44];

/// Once around the body.
pub fn turntable(scene: &Scene, options: &FilmOptions, watch: &Watch<'_>) -> Result<Filmed, Trouble> {
    let height_um = scene.height_um(options.camera, options.width as f32 / options.height as f32);
    shoot(options, watch, |number| {
        let part = number as f32 / options.frames.max(1) as f32;
        let camera = Camera { azimuth: options.camera.azimuth + 360.0 * part, turning: true, ..options.camera };
        let options = RenderOptions { width: options.width, height: options.height, camera, ground: options.ground, rays: options.rays };
        Ok((scene.draw(&options), height_um))
    })
}

/// Through the slices along z, in rising order, each read and decoded once.
pub fn fly_through(material: &Material, statistics: &Statistics, options: &FilmOptions, watch: &Watch<'_>) -> Result<Filmed, Trouble> {
    let fits = |level: &usize| material.shape(*level)[1..].iter().all(|&side| side <= options.width.max(options.height));
    let level = (0..material.levels()).find(fits).unwrap_or(material.levels() - 1);
    let mut slices = Slices::new(material, level)?;
    let [depth, height, width] = slices.stack.shape;
    let (element, pixel) = (slices.stack.element, [slices.stack.size[1], slices.stack.size[2]]);
    let size_known = material.voxel_size_um().is_some();
    shoot(options, watch, |number| {
        let index = number * depth / options.frames.max(1);
        let plane = Plane { axis: Axis::Z, index, level, height, width, element, bytes: slices.plane(index)?.to_vec(), pixel };
        let (image, scale) = fitted(&plane, options.labels || material.is_label(), statistics.window, [options.width, options.height]);
        let height_um = pixel[0].min(pixel[1]) / scale * options.height as f64;
        Ok((image, size_known.then_some(height_um)))
    })
}

/// Slices one after another. A layer of chunks is decoded once and held until the next is asked for.
struct Slices<'a> {
    stack: Stack<'a>,
    plane_bytes: usize,
    /// Planes that are read together.
    together: usize,
    /// Of which `held` are there.
    bytes: Vec<u8>,
    held: Range<usize>,
}

impl<'a> Slices<'a> {
    fn new(material: &'a Material, level: usize) -> Result<Self, Trouble> {
        let stack = material.stack(level)?;
        let plane_bytes = stack.shape[1] * stack.shape[2] * stack.element.bytes();
        let together = stack.planes_together().min(HELD_BYTES / plane_bytes.max(1)).max(1);
        Ok(Self { bytes: vec![0; together.min(stack.shape[0]) * plane_bytes], stack, plane_bytes, together, held: 0..0 })
    }

    /// Asked for in rising order.
    fn plane(&mut self, index: usize) -> Result<&[u8], Trouble> {
        while !self.held.contains(&index) {
            // Files are read plane by plane, also what nobody asked for.
            let first = if self.together > 1 { index / self.together * self.together } else { self.held.end };
            let end = (first + self.together).min(self.stack.shape[0]);
            self.stack.read(first, &mut self.bytes[..(end - first) * self.plane_bytes])?;
            self.held = first..end;
        }
        Ok(&self.bytes[(index - self.held.start) * self.plane_bytes..][..self.plane_bytes])
    }
}

/// A plane in the middle of a black picture, as large as fits; and pixels for each voxel of the finer side.
fn fitted(plane: &Plane, is_label: bool, window: [f64; 2], [width, height]: [usize; 2]) -> (Image, f64) {
    let finest = plane.pixel[0].min(plane.pixel[1]);
    let whole = [plane.height as f64 * plane.pixel[0] / finest, plane.width as f64 * plane.pixel[1] / finest];
    let scale = (height as f64 / whole[0]).min(width as f64 / whole[1]);
    let source = if is_label { label_image(plane, width.max(height)) } else { windowed(plane, Some(window), width.max(height)) };
    let target = whole.map(|side| ((side * scale).floor() as usize).max(1));
    let (top, left) = ((height - target[0].min(height)) / 2, (width - target[1].min(width)) / 2);
    let mut image = Image { width, height, channels: 3, pixels: vec![0; width * height * 3] };
    for channel in 0..3 {
        let from = channel.min(source.channels - 1);
        let grey: Vec<f32> = source.pixels.iter().skip(from).step_by(source.channels).map(|&value| f32::from(value)).collect();
        let grown = resample(&grey, [source.height, source.width], target);
        for (y, row) in grown.chunks_exact(target[1]).enumerate().take(height) {
            for (x, value) in row.iter().enumerate().take(width) {
                image.pixels[((top + y) * width + left + x) * 3 + channel] = (value + 0.5) as u8;
            }
        }
    }
    (image, scale)
}

/// Frame by frame: `draw` gives a picture and how many micrometres are as long as it is high.
fn shoot(
    options: &FilmOptions,
    watch: &Watch<'_>,
    mut draw: impl FnMut(usize) -> Result<(Image, Option<f64>), Trouble>,
) -> Result<Filmed, Trouble> {
    if options.ground == Ground::Transparent {
        return Err(Trouble::new("a movie cannot have a transparent ground", "Choose another ground"));
    }
    let mut movie = Movie::new(options.width, options.height, options.frames_per_second, &options.caption.title)?;
    let title = if options.caption.title.is_empty() { 0 } else { (TITLE_SECONDS * options.frames_per_second as f32) as usize };
    if title + options.frames > FRAMES_MAX {
        return Err(Trouble::new(
            format!("{} pictures and {title} of the title are more than the {FRAMES_MAX} of the longest movie", options.frames),
            format!("Ask for {} at most", FRAMES_MAX - title.min(FRAMES_MAX)),
        ));
    }
    let (mut poster, mut drawing) = (None, Vec::new());
    for number in 0..options.frames.max(1) {
        if watch.stop.load(Ordering::Relaxed) {
            return Err(Trouble::new("the movie was given up", "Start it again"));
        }
        let begun = Instant::now();
        let (mut image, height_um) = draw(number)?;
        drawing.push(begun.elapsed());
        if let Some(height_um) = height_um.filter(|_| options.scale_bar) {
            scale_bar(&mut image, height_um, ink(options.ground), Corner::LowerRight);
        }
        caption_line(&mut image, options);
        if number == 0 {
            for step in 0..title {
                movie.add(&title_card(&image, options, fade(step, title)))?;
            }
            poster = Some(image.clone());
        }
        movie.add(&image)?;
        (watch.progress)(number as u64 + 1, options.frames.max(1) as u64);
    }
    let seconds = movie.seconds();
    let poster = poster.ok_or_else(|| Trouble::new("a movie without pictures cannot be made", "Ask for at least one"))?;
    Ok(Filmed { bytes: movie.finish()?, poster, seconds, drawing })
}

/// 1 while the title stands, then down to 0.
fn fade(step: usize, steps: usize) -> f32 {
    (4.0 * (1.0 - step as f32 / steps.max(1) as f32)).min(1.0)
}

/// A colour that is seen before a ground.
pub fn ink(ground: Ground) -> [u8; 3] {
    match ground {
        Ground::Flat(colour) if colour.iter().map(|&channel| u32::from(channel)).sum::<u32>() > 384 => DARK,
        _ => LIGHT,
    }
}

/// Title and source in small letters at the bottom.
fn caption_line(image: &mut Image, options: &FilmOptions) {
    let height = image.height as f32;
    let size = (height / 38.0).max(10.0);
    let words = [options.caption.title.as_str(), options.caption.source.as_str()];
    let room = image.width as f32 * 0.62;
    let colour = ink(options.ground);
    for (number, text) in words.into_iter().filter(|text| !text.is_empty()).rev().enumerate() {
        let line = Line { text, size, colour };
        let shown = line.shortened(room);
        Line { text: &shown, ..line }.draw(image, height * 0.045, height * 0.955 - size * (1.0 + 1.3 * number as f32));
    }
}

/// The first picture, dimmed, with the title on it.
fn title_card(first: &Image, options: &FilmOptions, shown: f32) -> Image {
    let mut image = first.clone();
    let light = ink(options.ground) == LIGHT;
    for pixel in &mut image.pixels {
        let dimmed = if light { f32::from(*pixel) * 0.22 } else { 255.0 - (255.0 - f32::from(*pixel)) * 0.22 };
        *pixel = (f32::from(*pixel) + (dimmed - f32::from(*pixel)) * shown + 0.5) as u8;
    }
    let (width, height) = (image.width as f32, image.height as f32);
    let mut written = image.clone();
    let large = Line { text: &options.caption.title, size: height / 13.0, colour: ink(options.ground) };
    let lines = large.broken(width * 0.84, 3);
    let mut y = height * 0.44 - large.size * 1.2 * lines.len() as f32 / 2.0;
    for text in &lines {
        let line = Line { text, ..large };
        line.draw(&mut written, (width - line.width()) / 2.0, y);
        y += large.size * 1.2;
    }
    y += height * 0.03;
    for text in [&options.caption.by, &options.caption.source] {
        let line = Line { text, size: height / 26.0, colour: ink(options.ground) };
        let text = line.shortened(width * 0.84);
        let line = Line { text: &text, ..line };
        line.draw(&mut written, (width - line.width()) / 2.0, y);
        y += line.size * 1.5;
    }
    for (pixel, wanted) in image.pixels.iter_mut().zip(&written.pixels) {
        *pixel = (f32::from(*pixel) + (f32::from(*wanted) - f32::from(*pixel)) * shown + 0.5) as u8;
    }
    image
}

#[cfg(test)]
mod tests {
    use volume::phantom::{Phantom, Probe};
    use volume::zarr::Volume;
    use volume::{ConvertOptions, convert};

    use super::*;

    #[test]
    fn slices_are_those_of_the_volume_and_layers_of_chunks_are_read_once() {
        let scratch = tempfile::tempdir().unwrap();
        let (input, out) = (scratch.path().join("slices"), scratch.path().join("volume.ome.zarr"));
        Phantom::OpenCellFoam.write_tiff_stack(&input, [72, 64, 64], 1, Probe::XRay).unwrap();
        let options = ConvertOptions { chunk: 32, shard: 64, ..Default::default() };
        convert(&input, &out, &options, &|_| (), &AtomicBool::new(false)).unwrap();
        let volume = Material::Volume(Box::new(Volume::open(&out).unwrap()));
        let files = Material::open(&input, &volume::Asked::default()).unwrap();
        let (mut chunks, mut planes) = (Slices::new(&volume, 0).unwrap(), Slices::new(&files, 0).unwrap());
        let mut layers = Vec::new();
        for index in [0, 1, 5, 31, 40, 71] {
            assert!(chunks.plane(index).unwrap() == planes.plane(index).unwrap(), "slice {index}");
            if layers.last() != Some(&chunks.held) {
                layers.push(chunks.held.clone());
            }
        }
        assert_eq!(layers, [0..32, 32..64, 64..72]);
    }
}
