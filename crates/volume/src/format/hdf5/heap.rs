//! Local heaps (names in old groups) and global heaps (text of variable length, the tables of virtual datasets).

use std::cell::Cell;

use super::bytes::{Cursor, Widths, damaged, text};
use super::file::H5File;
use crate::Trouble;

/// Names of one old group.
const LOCAL_BYTES_MAX: u64 = 64 << 20;
/// How often a heap may be read over: each name is there once, and a few links may share theirs.
const READ_OVER_MAX: usize = 4;

pub(super) struct LocalHeap {
    data: Vec<u8>,
    /// Bytes of names that may still be taken: the links of a group may all name the same place.
    budget: Cell<usize>,
}

impl LocalHeap {
    pub(super) fn read(file: &H5File, address: u64) -> Result<Self, Trouble> {
        let what = "a local heap";
        let block = file.block(address, (8 + 2 * file.widths.length + file.widths.offset) as u64, what)?;
        let mut cursor = Cursor::new(&block, what, file.widths);
        cursor.signature(b"HEAP")?;
        cursor.skip(4)?;
        let length = cursor.length()?;
        cursor.length()?;
        let data = cursor.address()?.ok_or_else(|| damaged("a local heap is nowhere"))?;
        if length > LOCAL_BYTES_MAX {
            return Err(damaged(format!("a local heap claims {length} bytes")).in_file(&file.path));
        }
        Ok(Self::of(file.block(data, length, what)?))
    }

    fn of(data: Vec<u8>) -> Self {
        let budget = Cell::new(data.len().saturating_mul(READ_OVER_MAX));
        Self { data, budget }
    }

    pub(super) fn name(&self, offset: u64) -> Result<String, Trouble> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.data.get(offset..));
        let rest = rest.ok_or_else(|| damaged("a name lies outside of its heap"))?;
        let length = rest.iter().position(|&byte| byte == 0).unwrap_or(rest.len());
        let left = self.budget.get().checked_sub(length);
        self.budget.set(left.ok_or_else(|| damaged("the names of a group are longer than their heap"))?);
        Ok(text(&rest[..length]))
    }
}

/// Where something lies in a global heap.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeapId {
    pub(super) address: Option<u64>,
    pub(super) index: u32,
}

impl HeapId {
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Trouble> {
        Ok(Self { address: cursor.address()?, index: cursor.u32()? })
    }

    pub(super) const fn bytes(widths: Widths) -> usize {
        widths.offset + 4
    }
}

/// One object of a global heap; empty where the ID stands for nothing.
pub(super) fn global(file: &H5File, id: HeapId) -> Result<Vec<u8>, Trouble> {
    let what = "a global heap";
    let Some(address) = id.address.filter(|&address| address != 0) else { return Ok(Vec::new()) };
    let head = file.block(address, (8 + file.widths.length) as u64, what)?;
    let mut cursor = Cursor::new(&head, what, file.widths);
    cursor.signature(b"GCOL")?;
    cursor.version(&[1])?;
    cursor.skip(3)?;
    let length = cursor.length()?;
    let block = file.block(address, length, what)?;
    let mut cursor = Cursor::new(&block, what, file.widths);
    cursor.skip(8 + file.widths.length)?;
    while cursor.left() >= 8 + file.widths.length {
        let index = u32::from(cursor.u16()?);
        cursor.skip(6)?;
        let length = cursor.length()?;
        if index == 0 {
            break; // What follows is free.
        }
        let length = usize::try_from(length).map_err(|_| damaged("a global heap claims too much"))?;
        if index == id.index {
            return Ok(cursor.take(length)?.to_vec());
        }
        cursor.skip(length.checked_next_multiple_of(8).ok_or_else(|| damaged("a global heap claims too much"))?)?;
    }
    Err(damaged(format!("the global heap at {address} has no object {}", id.index)).in_file(&file.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_is_not_taken_without_end() {
        let heap = LocalHeap::of(b"\0\0volume\0\0".to_vec());
        assert_eq!(heap.name(2).unwrap(), "volume");
        let taken = (0..1_000).map_while(|_| heap.name(2).ok()).count();
        assert_eq!(taken, 5);
        assert!(heap.name(2).unwrap_err().what.contains("longer than their heap"));
    }
}
