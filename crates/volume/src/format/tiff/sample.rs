//! How one sample is stored, in any number of bits, and the type of voxel that holds each of its values exactly.

use crate::element::{single_of_half, swap_bytes};
use crate::{ElementType, Trouble};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    /// The bytes of the file are those of the voxel.
    Whole,
    /// Floating point of 16 bits; every value of it is a value of 32 bits.
    Half,
    /// Three bytes in the order of the file.
    ThreeBytes { signed: bool },
    /// Bits without gaps, the highest first; rows begin at whole bytes.
    Packed { bits: usize, signed: bool },
}

/// What SampleFormat (tag 339) and BitsPerSample (tag 258) mean.
pub(crate) fn understand(format: u64, bits: u64) -> Result<(Stored, ElementType), Trouble> {
    let signed = format == 2;
    let integer = |unsigned, with_sign| if signed { with_sign } else { unsigned };
    let element = match bits {
        1..=8 => integer(ElementType::U8, ElementType::I8),
        9..=16 => integer(ElementType::U16, ElementType::I16),
        17..=32 => integer(ElementType::U32, ElementType::I32),
        _ => integer(ElementType::U64, ElementType::I64),
    };
    Ok(match (format, bits) {
        (1 | 2 | 4, 8 | 16 | 32 | 64) => (Stored::Whole, element),
        (1 | 2 | 4, 24) => (Stored::ThreeBytes { signed }, element),
        (1 | 2 | 4, 1..=31) => (Stored::Packed { bits: bits as usize, signed }, element),
        (3, 16) => (Stored::Half, ElementType::F32),
        (3, 32) => (Stored::Whole, ElementType::F32),
        (3, 64) => (Stored::Whole, ElementType::F64),
        _ => {
            let kind = match format {
                2 => "signed integers",
                3 => "floating point",
                5 | 6 => "complex numbers",
                _ => "unsigned integers",
            };
            return Err(Trouble::new(
                format!("its voxels are {kind} of {bits} bits, which are not read"),
                "Save it with 8, 16 or 32 bits, or as 32- or 64-bit floating point",
            ));
        }
    })
}

impl Stored {
    /// Bits of one sample in the file.
    pub(crate) fn bits(self, element: ElementType) -> usize {
        match self {
            Self::Whole => 8 * element.bytes(),
            Self::Half => 16,
            Self::ThreeBytes { .. } => 24,
            Self::Packed { bits, .. } => bits,
        }
    }

    /// Bytes of a sample, when it has whole bytes.
    pub(crate) fn whole_bytes(self, element: ElementType) -> Option<usize> {
        let bits = self.bits(element);
        bits.is_multiple_of(8).then_some(bits / 8)
    }

    /// A sentence for the owner when the voxels come out in another type than they lie in the file.
    pub(crate) fn warning(self, element: ElementType) -> Option<String> {
        match self {
            Self::Whole => None,
            Self::Half => Some("The file holds 16-bit floating point; every value is kept exactly as 32-bit floating point.".into()),
            Self::Packed { bits: 1, .. } => Some("The file holds one bit per voxel; the values are 0 and 1.".into()),
            other => Some(format!("The file holds {} bits per voxel; every value is kept exactly as {element}.", other.bits(element))),
        }
    }

    /// Turns one row of samples into little-endian values of the voxel's type.
    pub(crate) fn spread(self, element: ElementType, row: &[u8], out: &mut [u8]) {
        let size = element.bytes();
        match self {
            Self::Whole => out.copy_from_slice(&row[..out.len()]),
            Self::Half => {
                for (half, voxel) in row.chunks_exact(2).zip(out.chunks_exact_mut(4)) {
                    voxel.copy_from_slice(&single_of_half(u16::from_le_bytes([half[0], half[1]])).to_le_bytes());
                }
            }
            Self::ThreeBytes { signed } => {
                for (three, voxel) in row.chunks_exact(3).zip(out.chunks_exact_mut(4)) {
                    let sign = if signed && three[2] & 0x80 != 0 { 0xff } else { 0 };
                    voxel.copy_from_slice(&[three[0], three[1], three[2], sign]);
                }
            }
            Self::Packed { bits: 1, signed: false } => {
                for (x, voxel) in out.iter_mut().enumerate() {
                    *voxel = row[x / 8] >> (7 - x % 8) & 1;
                }
            }
            Self::Packed { bits, signed } => spread_bits(bits as u32, signed, row, out, size),
        }
    }
}

fn spread_bits(bits: u32, signed: bool, row: &[u8], out: &mut [u8], size: usize) {
    let (mut pool, mut held) = (0u64, 0u32);
    let mut bytes = row.iter();
    for voxel in out.chunks_exact_mut(size) {
        while held < bits {
            pool = pool << 8 | u64::from(bytes.next().copied().unwrap_or(0));
            held += 8;
        }
        held -= bits;
        let mut value = (pool >> held) as u32 & ((1 << bits) - 1);
        if signed && value >> (bits - 1) == 1 {
            value |= u32::MAX << bits;
        }
        voxel.copy_from_slice(&value.to_le_bytes()[..size]);
    }
}

/// Turns the bytes of whole-byte samples from big- to little-endian.
pub(crate) fn turn(bytes: &mut [u8], sample_bytes: usize) {
    if sample_bytes == 3 {
        bytes.chunks_exact_mut(3).for_each(|three| three.swap(0, 2));
    } else {
        swap_bytes(bytes, sample_bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_without_gaps_come_apart() {
        let twelve = Stored::Packed { bits: 12, signed: false };
        let mut out = [0; 6];
        twelve.spread(ElementType::U16, &[0xab, 0xc1, 0x23, 0xff, 0xf0], &mut out);
        assert_eq!(out, [0xbc, 0x0a, 0x23, 0x01, 0xff, 0x0f]);
        let mut out = [0; 2];
        Stored::Packed { bits: 4, signed: true }.spread(ElementType::I8, &[0x9f], &mut out);
        assert_eq!(out.map(|byte| byte as i8), [-7, -1]);
        let mut out = [0; 4];
        Stored::ThreeBytes { signed: true }.spread(ElementType::I32, &[0xfe, 0xff, 0xff], &mut out);
        assert_eq!(i32::from_le_bytes(out), -2);
    }
}
