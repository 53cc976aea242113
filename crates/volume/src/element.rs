//! What one voxel is, and how buffers of bytes are seen as voxels of that type.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::Trouble;
use crate::pages::prefer_large;

/// Sizes in the order z, y, x.
pub type Shape = [usize; 3];

/// The ten types of voxel that Science 3D stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ElementType {
    #[serde(rename = "uint8")]
    U8,
    #[serde(rename = "int8")]
    I8,
    #[serde(rename = "uint16")]
    U16,
    #[serde(rename = "int16")]
    I16,
    #[serde(rename = "uint32")]
    U32,
    #[serde(rename = "int32")]
    I32,
    #[serde(rename = "uint64")]
    U64,
    #[serde(rename = "int64")]
    I64,
    #[serde(rename = "float32")]
    F32,
    #[serde(rename = "float64")]
    F64,
}

impl ElementType {
    pub const ALL: [ElementType; 10] =
        [Self::U8, Self::I8, Self::U16, Self::I16, Self::U32, Self::I32, Self::U64, Self::I64, Self::F32, Self::F64];

    /// Bytes of one voxel.
    pub const fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    /// The name that Zarr, NumPy and our records use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::U8 => "uint8",
            Self::I8 => "int8",
            Self::U16 => "uint16",
            Self::I16 => "int16",
            Self::U32 => "uint32",
            Self::I32 => "int32",
            Self::U64 => "uint64",
            Self::I64 => "int64",
            Self::F32 => "float32",
            Self::F64 => "float64",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|element| element.name() == name)
    }

    pub const fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }
}

impl std::fmt::Display for ElementType {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name())
    }
}

/// Whether a box (z, y, x) holds something and lies within a shape.
pub(crate) fn check_inside(wanted: &[Range<usize>; 3], shape: Shape) -> Result<(), Trouble> {
    let axes = wanted.iter().zip(shape).zip(["z", "y", "x"]);
    match axes.into_iter().find(|((range, length), _)| range.start >= range.end || range.end > *length) {
        None => Ok(()),
        Some(((range, length), axis)) => Err(Trouble::new(
            format!("the box {}:{} leaves the axis {axis}", range.start, range.end),
            format!("That axis has {length} voxels at this level"),
        )),
    }
}

/// Number of bytes of a whole box, or nothing when the product does not fit.
pub(crate) fn byte_count(shape: Shape, element: ElementType) -> Option<u64> {
    shape.iter().try_fold(element.bytes() as u64, |product, &size| product.checked_mul(size as u64))
}

/// The plain number types behind [`ElementType`].
///
/// # Safety
/// Every bit pattern of the type is a value of it, and it is aligned at most as `u64` is.
pub unsafe trait Plain: Copy + Default + PartialEq + PartialOrd + Send + Sync + 'static {}

macro_rules! plain {
    // SAFETY: numbers take every bit pattern, and none is wider than eight bytes.
    ($($kind:ty),*) => { $(unsafe impl Plain for $kind {})* };
}
plain!(u8, i8, u16, i16, u32, i32, u64, i64, f32, f64);

/// Bytes that start at an address good for any voxel type.
#[derive(Default)]
pub struct Buffer {
    words: Vec<u64>,
    bytes: usize,
}

impl Buffer {
    pub fn zeroed(bytes: usize) -> Self {
        // The system gives large memory cleared, and clears it where it is first touched, by whichever thread that is.
        let mut words = vec![0; bytes.div_ceil(8)];
        prefer_large(&mut words);
        Self { words, bytes }
    }

    /// Makes it longer or shorter; nothing may be expected of what it then holds.
    pub(crate) fn resize(&mut self, bytes: usize) {
        let words = bytes.div_ceil(8);
        if words <= self.words.capacity() {
            self.words.resize(words, 0);
            self.bytes = bytes;
        } else {
            // The old memory goes before the new comes.
            drop(std::mem::take(self));
            *self = Self::zeroed(bytes);
        }
    }

    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the words own at least `bytes` initialised bytes, and u8 has no alignment or invalid value.
        unsafe { std::slice::from_raw_parts(self.words.as_ptr().cast(), self.bytes) }
    }

    pub fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above; the exclusive borrow of `self` makes this the only view.
        unsafe { std::slice::from_raw_parts_mut(self.words.as_mut_ptr().cast(), self.bytes) }
    }
}

/// Sees bytes as voxels. The bytes must come from a [`Buffer`] and be cut at multiples of the voxel size.
pub fn typed<T: Plain>(bytes: &[u8]) -> &[T] {
    // SAFETY: every bit pattern is a valid value of the plain number types.
    let (before, voxels, after) = unsafe { bytes.align_to::<T>() };
    assert!(before.is_empty() && after.is_empty(), "voxel buffers are aligned");
    voxels
}

/// As [`typed`], to write.
pub(crate) fn typed_mut<T: Plain>(bytes: &mut [u8]) -> &mut [T] {
    // SAFETY: every bit pattern is a valid value of the plain number types.
    let (before, voxels, after) = unsafe { bytes.align_to_mut::<T>() };
    assert!(before.is_empty() && after.is_empty(), "voxel buffers are aligned");
    voxels
}

/// Runs one generic expression with `$kind` standing for the voxel type of `$element`.
#[macro_export]
macro_rules! with_element {
    ($element:expr, $kind:ident => $body:expr) => {
        match $element {
            $crate::ElementType::U8 => {
                type $kind = u8;
                $body
            }
            $crate::ElementType::I8 => {
                type $kind = i8;
                $body
            }
            $crate::ElementType::U16 => {
                type $kind = u16;
                $body
            }
            $crate::ElementType::I16 => {
                type $kind = i16;
                $body
            }
            $crate::ElementType::U32 => {
                type $kind = u32;
                $body
            }
            $crate::ElementType::I32 => {
                type $kind = i32;
                $body
            }
            $crate::ElementType::U64 => {
                type $kind = u64;
                $body
            }
            $crate::ElementType::I64 => {
                type $kind = i64;
                $body
            }
            $crate::ElementType::F32 => {
                type $kind = f32;
                $body
            }
            $crate::ElementType::F64 => {
                type $kind = f64;
                $body
            }
        }
    };
}
pub(crate) use with_element;

/// Turns the bytes of every voxel around, for data of the other byte order.
pub(crate) fn swap_bytes(bytes: &mut [u8], size: usize) {
    match size {
        2 => bytes.chunks_exact_mut(2).for_each(|voxel| voxel.reverse()),
        4 => bytes.chunks_exact_mut(4).for_each(|voxel| voxel.reverse()),
        8 => bytes.chunks_exact_mut(8).for_each(|voxel| voxel.reverse()),
        _ => {}
    }
}

/// IEEE 754 binary16 to binary32, exact for every bit pattern.
pub(crate) fn single_of_half(half: u16) -> f32 {
    let sign = u32::from(half >> 15) << 31;
    let exponent = u32::from(half >> 10 & 0x1f);
    let fraction = u32::from(half & 0x3ff);
    match (exponent, fraction) {
        // Subnormal halves are normal singles: a multiple of 2⁻²⁴.
        (0, _) => f32::from_bits(sign | (fraction as f32 / 16_777_216.0).to_bits()),
        (31, _) => f32::from_bits(sign | 0x7f80_0000 | fraction << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | fraction << 13),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_exact() {
        for (half, single) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65_504.0),
            (0x0001, 2f32.powi(-24)),
            (0x03ff, 1_023.0 * 2f32.powi(-24)),
            (0x0400, 2f32.powi(-14)),
            (0x3555, 0.333_251_95),
            (0x7c00, f32::INFINITY),
            (0xfc00, f32::NEG_INFINITY),
        ] {
            assert_eq!(single_of_half(half), single, "{half:04x}");
        }
        // What a writer hid in a NaN stays in it.
        assert_eq!(single_of_half(0xfe01).to_bits(), 0xffc0_2000);
        assert!(single_of_half(0x7e00).is_nan());
        assert_eq!(single_of_half(0x8000).to_bits(), (-0.0f32).to_bits());
    }
}
