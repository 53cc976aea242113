//! Pictures of slices and boxes of voxels on request, for doors that cannot see voxels.

use crate::portrait;
use picture::Format;
use record::{kind::Kind, picture::PictureChoice};
use std::ops::Range;
use std::path::{Path, PathBuf};
use volume::{
    Axis, Material, Trouble,
    cut::{self, CutFormat},
    slice,
    zarr::Volume,
};

#[derive(Debug, Clone, Copy)]
pub struct Wish {
    pub axis: Axis,
    /// In voxels of the level; the middle when absent.
    pub index: Option<u64>,
    /// The smallest level that is at least [`WIDTH`] wide when absent.
    pub level: Option<u32>,
    /// Grey values shown black and white; the volume's own when absent.
    pub window: Option<[f64; 2]>,
    pub format: Format,
}

/// What an unasked level should give at least.
pub const WIDTH: usize = 512;

/// The picture of one slice of the OME-Zarr folder `folder`.
pub fn slice_picture(folder: &Path, wish: &Wish) -> Result<Vec<u8>, Trouble> {
    let volume = Volume::open(folder)?;
    let level = match wish.level {
        Some(level) => level as usize,
        None => (0..volume.levels().len()).rev().find(|level| volume.levels()[*level].shape[2] >= WIDTH).unwrap_or(0),
    };
    let Some(shape) = volume.levels().get(level).map(|level| level.shape) else {
        return Err(Trouble::new(
            format!("there is no level {level}; the last is {}", volume.levels().len().saturating_sub(1)),
            "Ask for a smaller level",
        ));
    };
    let axis = match wish.axis {
        Axis::Z => 0,
        Axis::Y => 1,
        Axis::X => 2,
    };
    let index = wish.index.map_or(shape[axis] / 2, |index| usize::try_from(index).unwrap_or(usize::MAX));
    if index >= shape[axis] {
        return Err(Trouble::new(
            format!("there is no slice {index}; the last is {}", shape[axis].saturating_sub(1)),
            "Ask for a smaller index",
        ));
    }
    let plane = slice::slice(&volume, wish.axis, index, level)?;
    let window = wish.window.or(volume.statistics.as_ref().map(|statistics| statistics.window));
    picture::slice_image(&plane, window, wish.format)
}

/// How the body of a volume would look on its record's page, drawn small and of a coarse level: whatever the volume's size, it costs
/// a moment.
pub fn portrait(folder: &Path, kind: Kind, choice: &PictureChoice) -> Result<Vec<u8>, Trouble> {
    let material = Material::Volume(Box::new(Volume::open(folder)?));
    let statistics = material.statistics()?;
    let sitting = portrait::sitting(kind, choice, &statistics);
    picture::encode(&picture::try_out(&material, &statistics, &sitting)?, Format::Jpeg)
}

/// A box of voxels as a file, with what it shall say about where it comes from.
#[derive(Debug, Clone)]
pub struct CutWish {
    pub wanted: [Range<usize>; 3],
    pub level: usize,
    pub format: CutKind,
    /// Of the voxels, and of the file with all that stands around them.
    pub bytes_max: u64,
    /// Key and value of what the file says about itself.
    pub lines: Vec<(String, String)>,
}

/// As what a box is handed over.
#[derive(Debug, Clone)]
pub enum CutKind {
    File(CutFormat),
    /// A volume of its own in one ZIP; it grows in a folder that is there.
    ZippedVolume {
        scratch: PathBuf,
    },
}

/// The file of one box of the OME-Zarr folder `folder`.
pub fn cut_file(folder: &Path, wish: &CutWish) -> Result<Vec<u8>, Trouble> {
    let volume = Volume::open(folder)?;
    let voxels = wish.wanted.iter().map(|range| range.len() as u64).try_fold(1u64, u64::checked_mul).unwrap_or(u64::MAX);
    let bytes = voxels.saturating_mul(volume.element.bytes() as u64);
    if bytes > wish.bytes_max {
        return Err(Trouble::new(
            format!("the box holds {bytes} bytes of voxels, and at most {} are cut out at once", wish.bytes_max),
            "Ask for a smaller box or a coarser level",
        ));
    }
    let found = cut::from_volume(&volume, wish.level, wish.wanted.clone())?;
    let lines = wish.lines.clone();
    match &wish.format {
        CutKind::File(format) => cut::captioned_within(&found.voxels, found.voxel_size_um, &found.caption(lines), *format, wish.bytes_max),
        // Its levels and documents come on top of what was asked for.
        CutKind::ZippedVolume { scratch } => cut::zipped_volume(&found, lines, &volume.name, scratch, 2 * wish.bytes_max),
    }
}
