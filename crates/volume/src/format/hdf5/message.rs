//! The messages of a dataset: its extent, where its bytes lie, what they went through, what stands for nothing.

use super::bytes::{Cursor, damaged, text, unread};
use super::heap::HeapId;
use crate::Trouble;

pub(super) const RANK_MAX: usize = 32;
/// Filters one after the other.
const FILTERS_MAX: usize = 32;
/// A fill value.
const FILL_BYTES_MAX: usize = 64;

/// Size now and size at most along each axis, slowest first; no axes mean a single value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dataspace {
    pub(super) shape: Vec<u64>,
    pub(super) most: Vec<u64>,
    /// Holds nothing at all, not even one value.
    pub(super) null: bool,
}

impl Dataspace {
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Trouble> {
        let version = cursor.version(&[1, 2])?;
        let (rank, flags) = (usize::from(cursor.u8()?), cursor.u8()?);
        let kind = cursor.u8()?;
        cursor.skip(if version == 1 { 4 } else { 0 })?;
        if rank > RANK_MAX {
            return Err(damaged(format!("a dataset claims {rank} axes")));
        }
        let shape = (0..rank).map(|_| cursor.length()).collect::<Result<Vec<_>, _>>()?;
        // Also where an axis is empty, so that the sizes of any of its axes may be multiplied.
        if shape.iter().try_fold(1u64, |product, &size| product.checked_mul(size.max(1))).is_none() {
            return Err(damaged(format!("a dataset claims {shape:?} elements")));
        }
        let unlimited = if cursor.widths().length == 8 { u64::MAX } else { (1 << (8 * cursor.widths().length)) - 1 };
        let most = match flags & 1 {
            0 => shape.clone(),
            _ => (0..rank)
                .map(|_| cursor.length().map(|most| if most == unlimited { u64::MAX } else { most }))
                .collect::<Result<Vec<_>, _>>()?,
        };
        Ok(Self { shape, most, null: version == 2 && kind == 2 })
    }

    /// Number of elements, if it can be true.
    pub(super) fn count(&self) -> Option<u64> {
        if self.null {
            return Some(0);
        }
        self.shape.iter().try_fold(1u64, |product, &size| product.checked_mul(size))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ChunkIndex {
    TreeV1,
    Single { stored: Option<(u64, u32)> },
    Implicit,
    FixedArray,
    ExtensibleArray,
    TreeV2,
}

#[derive(Debug, Clone)]
pub(super) enum Layout {
    Compact(Vec<u8>),
    Contiguous { address: Option<u64> },
    Chunked { address: Option<u64>, chunk: Vec<u64>, index: ChunkIndex },
    Virtual(HeapId),
}

impl Layout {
    pub(super) fn read(body: &[u8], cursor: &mut Cursor<'_>) -> Result<Self, Trouble> {
        let version = cursor.version(&[1, 2, 3, 4, 5])?;
        if version < 3 {
            return Self::old(cursor);
        }
        match cursor.u8()? {
            0 => {
                let length = cursor.u16()?;
                Ok(Self::Compact(cursor.take(length.into())?.to_vec()))
            }
            1 => Ok(Self::Contiguous { address: cursor.address()? }),
            2 if version == 3 => {
                let rank = usize::from(cursor.u8()?);
                let address = cursor.address()?;
                Ok(Self::Chunked { address, chunk: chunk_sizes(cursor, rank, 4)?, index: ChunkIndex::TreeV1 })
            }
            2 => Self::chunked_new(cursor),
            3 => Ok(Self::Virtual(HeapId::read(cursor)?)),
            class => Err(damaged(format!("a dataset of {} bytes of layout is of class {class}", body.len()))),
        }
    }

    fn old(cursor: &mut Cursor<'_>) -> Result<Self, Trouble> {
        let (rank, class) = (usize::from(cursor.u8()?), cursor.u8()?);
        cursor.skip(5)?;
        let address = if class == 0 { None } else { cursor.address()? };
        match class {
            0 => {
                cursor.skip(4 * rank)?;
                let length = cursor.u32()? as usize;
                Ok(Self::Compact(cursor.take(length)?.to_vec()))
            }
            1 => Ok(Self::Contiguous { address }),
            2 => Ok(Self::Chunked { address, chunk: chunk_sizes(cursor, rank, 4)?, index: ChunkIndex::TreeV1 }),
            class => Err(damaged(format!("the layout of a dataset is of class {class}"))),
        }
    }

    fn chunked_new(cursor: &mut Cursor<'_>) -> Result<Self, Trouble> {
        let (flags, rank, width) = (cursor.u8()?, usize::from(cursor.u8()?), usize::from(cursor.u8()?));
        let chunk = chunk_sizes(cursor, rank, width)?;
        let index = match cursor.u8()? {
            1 if flags & 2 != 0 => ChunkIndex::Single { stored: Some((cursor.length()?, cursor.u32()?)) },
            1 => ChunkIndex::Single { stored: None },
            2 => ChunkIndex::Implicit,
            3 => {
                cursor.skip(1)?;
                ChunkIndex::FixedArray
            }
            4 => {
                cursor.skip(5)?;
                ChunkIndex::ExtensibleArray
            }
            5 => {
                cursor.skip(6)?;
                ChunkIndex::TreeV2
            }
            kind => return Err(damaged(format!("the chunks of a dataset have an index of kind {kind}"))),
        };
        Ok(Self::Chunked { address: cursor.address()?, chunk, index })
    }
}

/// Sizes of a chunk along each axis; the last number is the size of an element.
fn chunk_sizes(cursor: &mut Cursor<'_>, rank: usize, width: usize) -> Result<Vec<u64>, Trouble> {
    if rank < 2 || rank > RANK_MAX + 1 {
        return Err(damaged(format!("the chunks of a dataset claim {rank} axes")));
    }
    let mut sizes = (0..rank).map(|_| cursor.uint(width)).collect::<Result<Vec<_>, _>>()?;
    if sizes.contains(&0) {
        return Err(damaged("the chunks of a dataset have no extent"));
    }
    sizes.pop();
    Ok(sizes)
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) id: u16,
    pub(super) name: String,
    pub(super) values: Vec<u32>,
}

/// The filters of a dataset in the order in which they were applied when it was written.
pub(super) fn filters(cursor: &mut Cursor<'_>) -> Result<Vec<Filter>, Trouble> {
    let version = cursor.version(&[1, 2])?;
    let count = usize::from(cursor.u8()?);
    if count > FILTERS_MAX {
        return Err(damaged(format!("a dataset claims {count} filters")));
    }
    cursor.skip(if version == 1 { 6 } else { 0 })?;
    let mut filters = Vec::new();
    for _ in 0..count {
        let id = cursor.u16()?;
        let named = version == 1 || id >= 256;
        let name_length = usize::from(if named { cursor.u16()? } else { 0 });
        cursor.skip(2)?;
        let value_count = usize::from(cursor.u16()?);
        let padded = if version == 1 { name_length.next_multiple_of(8) } else { name_length };
        let name = text(cursor.take(padded)?);
        let values = (0..value_count).map(|_| cursor.u32()).collect::<Result<Vec<_>, _>>()?;
        cursor.skip(if version == 1 && value_count % 2 == 1 { 4 } else { 0 })?;
        filters.push(Filter { id, name, values });
    }
    Ok(filters)
}

/// The value of elements that nobody wrote; empty means zero.
pub(super) fn fill_value(cursor: &mut Cursor<'_>) -> Result<Vec<u8>, Trouble> {
    let version = cursor.version(&[1, 2, 3])?;
    let defined = if version == 3 {
        cursor.u8()? & 0x20 != 0
    } else {
        cursor.skip(2)?;
        let defined = cursor.u8()? != 0;
        version == 1 || defined
    };
    if !defined { Ok(Vec::new()) } else { fill_bytes(cursor) }
}

/// A length and so many bytes; the whole of the old fill value message.
pub(super) fn fill_bytes(cursor: &mut Cursor<'_>) -> Result<Vec<u8>, Trouble> {
    let length = cursor.u32()? as i32;
    match usize::try_from(length) {
        Err(_) => Ok(Vec::new()),
        Ok(length) if length > FILL_BYTES_MAX => Err(unread("its fill value is no number", "Save it as numbers")),
        Ok(length) => Ok(cursor.take(length)?.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::bytes::Widths;
    use super::*;

    #[test]
    fn extents_beyond_all_numbers_are_refused_even_of_nothing() {
        for (kind, shape) in [(2, &[1 << 40, 1 << 40][..]), (1, &[0, 1 << 63, 4]), (1, &[1 << 63, 4, 0])] {
            let mut body = vec![2, shape.len() as u8, 0, kind];
            body.extend(shape.iter().flat_map(|&size: &u64| size.to_le_bytes()));
            let read = Dataspace::read(&mut Cursor::new(&body, "an extent", Widths { offset: 8, length: 8 }));
            assert!(read.unwrap_err().what.contains("elements"), "{shape:?}");
        }
    }
}
