//! The pictures that stand on a record's page before, and without, the viewer.

use volume::slice::{Axis, slice};
use volume::zarr::Volume;
use volume::{Statistics, Trouble};

use crate::encode::{Format, Image, encode};
use crate::label::label_image;
use crate::render::{RenderOptions, Transfer, render};
use crate::slice::{resample, windowed};

/// A picture ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPicture {
    pub name: String,
    pub bytes: Vec<u8>,
    pub width: u32,
    pub height: u32,
    /// What is seen, for those who do not see it.
    pub alt: String,
}

/// Longest axis of the level that is drawn.
const DRAWN: usize = 256;
/// Longest side of a slice picture.
const SLICE_SIDE: usize = 1_024;
/// A slice picture gets at least about this large.
const SLICE_SIDE_MIN: usize = 640;
const HERO: [usize; 2] = [1280, 960];
const THUMB: [usize; 2] = [480, 360];

/// `hero.jpg`, `thumb.jpg` and the three middle slices.
pub fn preview_set(volume: &Volume, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<Vec<NamedPicture>, Trouble> {
    let total = 5;
    let told = |done: u64| progress(done, total);
    told(0);
    let statistics = statistics_of(volume)?;
    let mut pictures = Vec::new();
    let hero = draw(volume, &statistics)?;
    pictures.push(jpeg(volume, "hero.jpg", &hero)?);
    told(1);
    pictures.push(jpeg(volume, "thumb.jpg", &shrink(&hero, THUMB))?);
    told(2);
    for (number, axis) in Axis::ALL.into_iter().enumerate() {
        pictures.push(middle_slice(volume, axis, statistics.window)?);
        told(3 + number as u64);
    }
    Ok(pictures)
}

/// Our own writer leaves statistics; of other volumes the coarsest level tells enough.
fn statistics_of(volume: &Volume) -> Result<Statistics, Trouble> {
    if let Some(statistics) = &volume.statistics {
        return Ok(statistics.clone());
    }
    let level = volume.level_within(DRAWN);
    let [z, y, x] = volume.levels()[level].shape;
    Ok(Statistics::of(&volume.read_box(level, 0..z, 0..y, 0..x)?))
}

fn draw(volume: &Volume, statistics: &Statistics) -> Result<Image, Trouble> {
    let level = volume.level_within(DRAWN);
    let found = &volume.levels()[level];
    let [z, y, x] = found.shape;
    let voxels = volume.read_box(level, 0..z, 0..y, 0..x)?;
    let transfer = if volume.label { Transfer::labels() } else { Transfer::from_statistics(statistics) };
    let options = RenderOptions { width: HERO[0], height: HERO[1], ..RenderOptions::default() };
    Ok(render(&voxels, found.scale, &transfer, &options))
}

fn jpeg(volume: &Volume, name: &str, image: &Image) -> Result<NamedPicture, Trouble> {
    Ok(NamedPicture {
        name: name.into(),
        bytes: encode(image, Format::Jpeg)?,
        width: image.width as u32,
        height: image.height as u32,
        alt: format!("{} as a body in the light, drawn from its voxels", volume.name),
    })
}

fn shrink(image: &Image, [width, height]: [usize; 2]) -> Image {
    let mut pixels = vec![0; width * height * 3];
    for channel in 0..3 {
        let plane: Vec<f32> = image.pixels.iter().skip(channel).step_by(3).map(|&value| f32::from(value)).collect();
        let small = resample(&plane, [image.height, image.width], [height, width]);
        pixels.iter_mut().skip(channel).step_by(3).zip(small).for_each(|(pixel, value)| *pixel = value.round() as u8);
    }
    Image { width, height, channels: 3, pixels }
}

/// A small volume's slice, grown by whole steps until it can be seen.
fn enlarge(image: Image) -> Image {
    let factor = SLICE_SIDE_MIN / image.width.max(image.height).max(1);
    if factor < 2 || image.channels != 1 {
        return image;
    }
    let (width, height) = (image.width * factor, image.height * factor);
    let grey: Vec<f32> = image.pixels.iter().map(|&value| f32::from(value)).collect();
    let pixels = resample(&grey, [image.height, image.width], [height, width]);
    Image { width, height, channels: 1, pixels: pixels.into_iter().map(|value| value.round() as u8).collect() }
}

fn middle_slice(volume: &Volume, axis: Axis, window: [f64; 2]) -> Result<NamedPicture, Trouble> {
    // The level whose slice is just larger than the picture.
    let large = |level: usize| volume.levels()[level].shape.iter().any(|&side| side >= SLICE_SIDE);
    let level = (0..volume.levels().len()).rev().find(|&level| large(level)).unwrap_or(0);
    let count = volume.levels()[level].shape[axis.number()];
    let plane = slice(volume, axis, count / 2, level)?;
    let image = if volume.label { label_image(&plane, SLICE_SIDE) } else { enlarge(windowed(&plane, Some(window), SLICE_SIDE)) };
    Ok(NamedPicture {
        name: format!("slice-{}.jpg", axis.name()),
        bytes: encode(&image, Format::Jpeg)?,
        width: image.width as u32,
        height: image.height as u32,
        alt: format!("{}: the slice in the middle of the {} axis", volume.name, axis.name()),
    })
}
