//! Pictures of slices on request, for doors that cannot see voxels.

use picture::Format;
use std::path::Path;
use volume::{Axis, Trouble, slice, zarr::Volume};

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
