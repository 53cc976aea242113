//! What one element of a dataset or attribute is.

use super::bytes::{Cursor, Widths, damaged};
use super::heap::HeapId;
use crate::{ElementType, Trouble};

/// How deep types nest.
const DEPTH_MAX: usize = 16;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Datatype {
    Integer {
        bytes: usize,
        signed: bool,
        big_endian: bool,
    },
    /// An integer that uses only `precision` of its bits, from bit `offset` on.
    Bits {
        bytes: usize,
        signed: bool,
        big_endian: bool,
        offset: u32,
        precision: u32,
    },
    Float {
        bytes: usize,
        big_endian: bool,
    },
    Text {
        bytes: usize,
    },
    TextOfAnyLength,
    Array {
        of: Box<Datatype>,
        count: usize,
    },
    /// Named for messages, never decoded.
    Other {
        bytes: usize,
        name: &'static str,
    },
}

impl Datatype {
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Trouble> {
        Self::nested(cursor, DEPTH_MAX)
    }

    fn nested(cursor: &mut Cursor<'_>, depth: usize) -> Result<Self, Trouble> {
        if depth == 0 {
            return Err(damaged("a datatype nests without end"));
        }
        let (class, bits) = (cursor.u8()?, cursor.uint(3)?);
        let bytes = cursor.u32()? as usize;
        let version = class >> 4;
        let other = |name| Ok(Self::Other { bytes, name });
        match class & 15 {
            // Bit fields are numbers without sign; PyTables keeps masks in them.
            0 | 4 => {
                let (offset, precision) = (u32::from(cursor.u16()?), u32::from(cursor.u16()?));
                let (signed, big_endian, all) = (class & 15 == 0 && bits & 8 != 0, bits & 1 != 0, 8 * bytes as u64);
                match bytes {
                    1 | 2 | 4 | 8 if offset == 0 && u64::from(precision) == all => Ok(Self::Integer { bytes, signed, big_endian }),
                    1 | 2 | 4 | 8 if precision > 0 && u64::from(offset + precision) <= all => {
                        Ok(Self::Bits { bytes, signed, big_endian, offset, precision })
                    }
                    _ => other("integers of an unusual kind"),
                }
            }
            1 => float(cursor, bytes, bits),
            2 => other("times"),
            3 => Ok(Self::Text { bytes }),
            5 => other("opaque bytes"),
            6 => other("compounds"),
            7 => other("references"),
            8 => {
                // An enumeration is stored as its integers; its names are not needed.
                Self::nested(cursor, depth - 1)
            }
            9 if bits & 15 == 1 => Ok(Self::TextOfAnyLength),
            9 => other("sequences"),
            10 => {
                let rank = usize::from(cursor.u8()?);
                cursor.skip(if version < 3 { 3 } else { 0 })?;
                let mut count = 1usize;
                for _ in 0..rank {
                    count = count.checked_mul(cursor.u32()? as usize).ok_or_else(|| damaged("an array claims too much"))?;
                }
                cursor.skip(if version < 3 { 4 * rank } else { 0 })?;
                Ok(Self::Array { of: Box::new(Self::nested(cursor, depth - 1)?), count })
            }
            11 => other("complex numbers"),
            class => Err(damaged(format!("a datatype is of class {class}"))),
        }
    }

    /// Whether a message describes numbers that stand for names.
    pub(super) fn is_enumeration(message: &[u8]) -> bool {
        message.first().is_some_and(|class| class & 15 == 8)
    }

    /// Bytes of one element in the file.
    pub(super) fn bytes(&self, widths: Widths) -> usize {
        match self {
            Self::Integer { bytes, .. } | Self::Bits { bytes, .. } | Self::Float { bytes, .. } => *bytes,
            Self::Text { bytes } | Self::Other { bytes, .. } => *bytes,
            Self::TextOfAnyLength => 4 + HeapId::bytes(widths),
            Self::Array { of, count } => of.bytes(widths).saturating_mul(*count),
        }
    }

    /// What a voxel of this type becomes.
    pub(super) fn element(&self) -> Option<ElementType> {
        Some(match *self {
            Self::Integer { bytes: 1, signed: false, .. } | Self::Bits { bytes: 1, signed: false, .. } => ElementType::U8,
            Self::Integer { bytes: 1, signed: true, .. } | Self::Bits { bytes: 1, signed: true, .. } => ElementType::I8,
            Self::Integer { bytes: 2, signed: false, .. } | Self::Bits { bytes: 2, signed: false, .. } => ElementType::U16,
            Self::Integer { bytes: 2, signed: true, .. } | Self::Bits { bytes: 2, signed: true, .. } => ElementType::I16,
            Self::Integer { bytes: 4, signed: false, .. } | Self::Bits { bytes: 4, signed: false, .. } => ElementType::U32,
            Self::Integer { bytes: 4, signed: true, .. } | Self::Bits { bytes: 4, signed: true, .. } => ElementType::I32,
            Self::Integer { bytes: 8, signed: false, .. } | Self::Bits { bytes: 8, signed: false, .. } => ElementType::U64,
            Self::Integer { bytes: 8, signed: true, .. } | Self::Bits { bytes: 8, signed: true, .. } => ElementType::I64,
            Self::Float { bytes: 2 | 4, .. } => ElementType::F32,
            Self::Float { bytes: 8, .. } => ElementType::F64,
            _ => return None,
        })
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Integer { .. } | Self::Bits { .. } | Self::Float { .. })
    }

    /// The same numbers with their bytes in the other order.
    pub(super) fn is_turned(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Integer { bytes, signed, big_endian },
                Self::Integer { bytes: bytes_there, signed: signed_there, big_endian: there },
            ) => (bytes, signed) == (bytes_there, signed_there) && big_endian != there,
            (Self::Float { bytes, big_endian }, Self::Float { bytes: bytes_there, big_endian: there }) => {
                bytes == bytes_there && big_endian != there
            }
            _ => false,
        }
    }

    pub(super) fn is_half(&self) -> bool {
        matches!(self, Self::Float { bytes: 2, .. })
    }

    pub(super) fn is_big_endian(&self) -> bool {
        matches!(self, Self::Integer { big_endian: true, .. } | Self::Bits { big_endian: true, .. } | Self::Float { big_endian: true, .. })
    }

    /// Makes little-endian elements whole where only some of their bits are used.
    pub(super) fn fill_unused_bits(&self, elements: &mut [u8]) {
        let Self::Bits { bytes, signed, offset, precision, .. } = *self else { return };
        let above = 64 - offset - precision;
        for element in elements.chunks_exact_mut(bytes) {
            let mut word = [0; 8];
            word[..bytes].copy_from_slice(element);
            let used = u64::from_le_bytes(word) << above;
            let value = if signed { (used as i64 >> (64 - precision)) as u64 } else { used >> (64 - precision) };
            element.copy_from_slice(&value.to_le_bytes()[..bytes]);
        }
    }

    /// How messages call it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Integer { bytes, signed, .. } | Self::Bits { bytes, signed, .. } => {
                format!("{}int{}", if *signed { "" } else { "u" }, 8 * bytes)
            }
            Self::Float { bytes, .. } => format!("float{}", 8 * bytes),
            Self::Text { .. } | Self::TextOfAnyLength => "text".into(),
            Self::Array { of, count } => format!("arrays of {count} {}", of.name()),
            Self::Other { name, .. } => (*name).into(),
        }
    }
}

fn float(cursor: &mut Cursor<'_>, bytes: usize, bits: u64) -> Result<Datatype, Trouble> {
    let (offset, precision) = (cursor.u16()?, cursor.u16()?);
    let layout = [cursor.u8()?, cursor.u8()?, cursor.u8()?, cursor.u8()?];
    cursor.skip(4)?;
    // Exponent and mantissa: where and how wide, as IEEE 754 has them.
    let ieee = match bytes {
        2 => [10, 5, 0, 10],
        4 => [23, 8, 0, 23],
        8 => [52, 11, 0, 52],
        _ => [0; 4],
    };
    let vax = bits & 0x40 != 0;
    if layout != ieee || offset != 0 || usize::from(precision) != 8 * bytes || vax {
        return Ok(Datatype::Other { bytes, name: "floating-point numbers of an unusual kind" });
    }
    Ok(Datatype::Float { bytes, big_endian: bits & 1 != 0 })
}
