//! The pictures that stand on a record's page before, and without, the viewer.

use volume::slice::{Axis, slice};
use volume::zarr::Volume;
use volume::{Material, Statistics, Trouble};

use crate::caption::{Corner, scale_bar};
use crate::encode::{Format, Image, encode, encode_small};
use crate::film::ink;
use crate::label::label_image;
use crate::preset::Preset;
use crate::render::{Camera, Ground, RenderOptions, ScenePlan, Transfer};
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

/// How a record's body is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sitting {
    pub preset: Preset,
    pub camera: Camera,
    pub ground: Ground,
}

/// Longest axis of the level that is drawn.
const DRAWN: usize = 512;
/// Longest side of a slice picture.
const SLICE_SIDE: usize = 1_024;
/// A slice picture gets at least about this large.
const SLICE_SIDE_MIN: usize = 640;
const HERO: [usize; 2] = [1280, 960];
const THUMB: [usize; 2] = [480, 360];
/// The same to try: a moment's work.
const DRAWN_TO_TRY: usize = 160;
const TRIED: [usize; 2] = [640, 480];

/// `hero`, `thumb` and the three middle slices, each as WebP, and after it as JPEG for what cannot show that.
pub fn preview_set(material: &Material, sitting: &Sitting, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<Vec<NamedPicture>, Trouble> {
    let Material::Volume(volume) = material else {
        return Err(Trouble::new("pictures are made of a converted volume", "Convert the file first"));
    };
    let total = 5;
    let told = |done: u64| progress(done, total);
    told(0);
    let statistics = material.statistics()?;
    let mut pictures = Vec::new();
    let hero = draw(material, &statistics, sitting)?;
    let alt = format!("{} as a body in the light, drawn from its voxels", volume.name);
    pictures.extend(twice("hero", &hero, &alt)?);
    told(1);
    pictures.extend(twice("thumb", &shrink(&hero, THUMB), &alt)?);
    told(2);
    for (number, axis) in Axis::ALL.into_iter().enumerate() {
        pictures.extend(middle_slice(volume, axis, statistics.window)?);
        told(3 + number as u64);
    }
    Ok(pictures)
}

fn draw(material: &Material, statistics: &Statistics, sitting: &Sitting) -> Result<Image, Trouble> {
    drawn(material, statistics, sitting, (DRAWN, HERO))
}

/// A small picture of a coarse level, to see how the large one would be.
pub fn try_out(material: &Material, statistics: &Statistics, sitting: &Sitting) -> Result<Image, Trouble> {
    drawn(material, statistics, sitting, (DRAWN_TO_TRY, TRIED))
}

fn drawn(
    material: &Material,
    statistics: &Statistics,
    sitting: &Sitting,
    (longest, [width, height]): (usize, [usize; 2]),
) -> Result<Image, Trouble> {
    let transfer = if material.is_label() { Transfer::labels() } else { sitting.preset.transfer(statistics, None) };
    let scene = ScenePlan::new(material, transfer, longest).build(&|_, _| {})?;
    let (camera, ground) = (sitting.camera, sitting.ground);
    let mut image = scene.draw(&RenderOptions { width, height, camera, ground, ..RenderOptions::default() });
    if let Some(height_um) = scene.height_um(camera, width as f32 / height as f32) {
        // On the right the page offers the viewer.
        scale_bar(&mut image, height_um, ink(ground), Corner::LowerLeft);
    }
    Ok(image)
}

/// The small one first: where there is a JPEG, what stands in for it is there too.
fn twice(stem: &str, image: &Image, alt: &str) -> Result<[NamedPicture; 2], Trouble> {
    let named = |ending: &str, bytes| NamedPicture {
        name: format!("{stem}.{ending}"),
        bytes,
        width: image.width as u32,
        height: image.height as u32,
        alt: alt.to_owned(),
    };
    Ok([named("webp", encode_small(image)?), named("jpg", encode(image, Format::Jpeg)?)])
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
pub(crate) fn enlarge(image: Image) -> Image {
    let factor = SLICE_SIDE_MIN / image.width.max(image.height).max(1);
    if factor < 2 || image.channels != 1 {
        return image;
    }
    let (width, height) = (image.width * factor, image.height * factor);
    let grey: Vec<f32> = image.pixels.iter().map(|&value| f32::from(value)).collect();
    let pixels = resample(&grey, [image.height, image.width], [height, width]);
    Image { width, height, channels: 1, pixels: pixels.into_iter().map(|value| value.round() as u8).collect() }
}

fn middle_slice(volume: &Volume, axis: Axis, window: [f64; 2]) -> Result<[NamedPicture; 2], Trouble> {
    // The level whose slice is just larger than the picture.
    let large = |level: usize| volume.levels()[level].shape.iter().any(|&side| side >= SLICE_SIDE);
    let level = (0..volume.levels().len()).rev().find(|&level| large(level)).unwrap_or(0);
    let count = volume.levels()[level].shape[axis.number()];
    let plane = slice(volume, axis, count / 2, level)?;
    let image = if volume.label { label_image(&plane, SLICE_SIDE) } else { enlarge(windowed(&plane, Some(window), SLICE_SIDE)) };
    twice(&format!("slice-{}", axis.name()), &image, &format!("{}: the slice in the middle of the {} axis", volume.name, axis.name()))
}
