//! One plane of a volume, along any axis.

use serde::{Deserialize, Serialize};

use crate::zarr::Volume;
use crate::{ElementType, Trouble};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Axis {
    Z,
    Y,
    X,
}

impl Axis {
    pub const ALL: [Axis; 3] = [Axis::Z, Axis::Y, Axis::X];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Z => "z",
            Self::Y => "y",
            Self::X => "x",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|axis| axis.name() == name)
    }

    /// The axis's place in a shape.
    pub const fn number(self) -> usize {
        self as usize
    }
}

/// Voxels of one plane: z shows y down and x across, y shows z down and x across, x shows z down and y across.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    pub axis: Axis,
    pub index: usize,
    pub level: usize,
    pub height: usize,
    pub width: usize,
    pub element: ElementType,
    /// Little-endian voxels, row after row.
    pub bytes: Vec<u8>,
    /// Height and width of a voxel in the unit of the axes.
    pub pixel: [f64; 2],
}

impl Plane {
    pub fn to_f32(&self) -> Vec<f32> {
        let shape = [1, self.height, self.width];
        crate::zarr::Voxels { shape, element: self.element, bytes: self.bytes.clone() }.to_f32()
    }
}

/// Reads plane `index` (counted in voxels of `level`) across `axis`.
pub fn slice(volume: &Volume, axis: Axis, index: usize, level: usize) -> Result<Plane, Trouble> {
    let found = volume.levels().get(level).ok_or_else(|| Trouble::new(format!("there is no level {level}"), "Ask for level 0"))?;
    let [depth, height, width] = found.shape;
    let only = index..index.saturating_add(1);
    let (voxels, height, width, pixel) = match axis {
        Axis::Z => (volume.read_box(level, only, 0..height, 0..width)?, height, width, [found.scale[1], found.scale[2]]),
        Axis::Y => (volume.read_box(level, 0..depth, only, 0..width)?, depth, width, [found.scale[0], found.scale[2]]),
        Axis::X => (volume.read_box(level, 0..depth, 0..height, only)?, depth, height, [found.scale[0], found.scale[1]]),
    };
    Ok(Plane { axis, index, level, height, width, element: volume.element, bytes: voxels.bytes, pixel })
}
