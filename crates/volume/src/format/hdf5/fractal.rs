//! Fractal heaps, where groups and objects with many links or attributes keep them.

use super::bytes::{Cursor, check_sum, damaged, unread};
use super::file::H5File;
use crate::Trouble;

/// Rows of a doubling table; 64-bit addresses need no more.
const ROWS_MAX: u64 = 80;
/// How deep indirect blocks nest.
const DEPTH_MAX: usize = 16;
/// One object of a heap.
const OBJECT_BYTES_MAX: u64 = 16 << 20;

pub(super) struct FractalHeap<'a> {
    file: &'a H5File,
    header: u64,
    offset_bytes: usize,
    length_bytes: usize,
    width: u64,
    start_bytes: u64,
    direct_bytes_max: u64,
    root: Option<u64>,
    root_rows: u64,
    huge: Option<u64>,
}

/// Bytes that are needed to write numbers up to this one.
pub(super) fn bytes_for(most: u64) -> usize {
    (most.max(1).ilog2() / 8 + 1) as usize
}

impl<'a> FractalHeap<'a> {
    pub(super) fn open(file: &'a H5File, address: u64) -> Result<Self, Trouble> {
        let what = "a fractal heap";
        let length = 4 + 1 + 2 + 2 + 1 + 4 + 2 * file.widths.offset + 10 * file.widths.length + 2 + 2 * file.widths.length + 4;
        let length = length + file.widths.offset + 2 + 4;
        let block = file.block_up_to(address, length as u64, what)?;
        let mut cursor = Cursor::new(&block, what, file.widths);
        cursor.signature(b"FRHP")?;
        cursor.version(&[0])?;
        cursor.u16()?;
        let filters = cursor.u16()?;
        if filters != 0 {
            return Err(unread("its links are compressed, which is not read here", "Copy it once with h5repack"));
        }
        cursor.u8()?;
        let object_bytes_max = u64::from(cursor.u32()?);
        cursor.length()?;
        let huge = cursor.address()?;
        cursor.length()?;
        cursor.address()?;
        cursor.skip(8 * file.widths.length)?;
        let width = u64::from(cursor.u16()?);
        let (start_bytes, direct_bytes_max) = (cursor.length()?, cursor.length()?);
        let heap_bits = u64::from(cursor.u16()?);
        cursor.u16()?;
        let root = cursor.address()?;
        let root_rows = u64::from(cursor.u16()?);
        check_sum(&block, what)?;
        let sound = width.is_power_of_two()
            && start_bytes.is_power_of_two()
            && direct_bytes_max.is_power_of_two()
            && start_bytes <= direct_bytes_max
            && direct_bytes_max <= 1 << 32
            && (1..=64).contains(&heap_bits)
            && root_rows <= ROWS_MAX;
        if !sound {
            return Err(damaged(format!("the fractal heap at {address} cannot be laid out so")).in_file(&file.path));
        }
        Ok(Self {
            file,
            header: address,
            offset_bytes: heap_bits.div_ceil(8) as usize,
            length_bytes: bytes_for(direct_bytes_max).min(bytes_for(object_bytes_max)),
            width,
            start_bytes,
            direct_bytes_max,
            root,
            root_rows,
            huge,
        })
    }

    /// The object of one heap ID.
    pub(super) fn object(&self, id: &[u8]) -> Result<Vec<u8>, Trouble> {
        let mut cursor = Cursor::new(id, "a heap ID", self.file.widths);
        let flags = cursor.u8()?;
        match flags >> 4 & 3 {
            0 => {
                let offset = cursor.uint(self.offset_bytes)?;
                let length = cursor.uint(self.length_bytes)?;
                self.managed(offset, length)
            }
            1 if self.huge.is_some() => {
                Err(unread("one of its links or attributes is larger than 64 KiB, which is not read here", "Shorten it"))
            }
            2 => {
                let length = usize::from(flags & 15) + 1;
                Ok(cursor.take(length)?.to_vec())
            }
            _ => Err(damaged("a heap ID is of no known kind").in_file(&self.file.path)),
        }
    }

    fn row_bytes(&self, row: u64) -> Result<u64, Trouble> {
        let bytes =
            self.start_bytes.checked_shl(row.saturating_sub(1) as u32).filter(|&bytes| bytes >> row.saturating_sub(1) == self.start_bytes);
        bytes.ok_or_else(|| damaged("a fractal heap claims too much"))
    }

    fn managed(&self, offset: u64, length: u64) -> Result<Vec<u8>, Trouble> {
        let Some(mut address) = self.root else { return Err(damaged("a fractal heap is empty")) };
        if length > OBJECT_BYTES_MAX {
            return Err(damaged(format!("an object of a fractal heap claims {length} bytes")));
        }
        let (mut rows, mut block_offset, mut depth) = (self.root_rows, 0u64, 0);
        // Zero rows mean a direct block.
        while rows > 0 {
            depth += 1;
            if depth > DEPTH_MAX {
                return Err(damaged("a fractal heap nests without end"));
            }
            (address, rows, block_offset) = self.child(address, rows, block_offset, offset)?;
        }
        let within = offset.checked_sub(block_offset).ok_or_else(|| damaged("a heap ID points before its block"))?;
        let head = self.file.block_up_to(address, 4, "a block of a fractal heap")?;
        if head != b"FHDB" {
            return Err(damaged(format!("no block of the fractal heap at {} begins at {address}", self.header)));
        }
        let at = address.checked_add(within).ok_or_else(|| damaged("a heap ID points nowhere"))?;
        self.file.block(at, length, "an object of a fractal heap")
    }

    /// The child of an indirect block in which `offset` lies: address, rows (none if direct), its own offset.
    fn child(&self, address: u64, rows: u64, block_offset: u64, offset: u64) -> Result<(u64, u64, u64), Trouble> {
        let nowhere = || damaged("a heap ID points outside of its heap");
        let widths = self.file.widths;
        let mut start = block_offset;
        for row in 0..rows {
            let bytes = self.row_bytes(row)?;
            let row_total = bytes.checked_mul(self.width).ok_or_else(nowhere)?;
            let row_end = start.checked_add(row_total).ok_or_else(nowhere)?;
            if offset >= row_end {
                start = row_end;
                continue;
            }
            let column = offset.checked_sub(start).ok_or_else(nowhere)? / bytes;
            let entry = row * self.width + column;
            let prefix = (5 + widths.offset + self.offset_bytes) as u64;
            let at = address.checked_add(prefix + entry * widths.offset as u64).ok_or_else(nowhere)?;
            let signature = self.file.block_up_to(address, 4, "an indirect block")?;
            if signature != b"FHIB" {
                return Err(damaged(format!("no indirect block begins at {address}")));
            }
            let pointer = self.file.block(at, widths.offset as u64, "an indirect block")?;
            let child = Cursor::new(&pointer, "an indirect block", widths).address()?.ok_or_else(nowhere)?;
            let child_rows = if bytes <= self.direct_bytes_max { 0 } else { self.rows_of(bytes)? };
            return Ok((child, child_rows, start + column * bytes));
        }
        Err(nowhere())
    }

    /// Rows of an indirect block that covers so many bytes.
    fn rows_of(&self, bytes: u64) -> Result<u64, Trouble> {
        let first_row = self.start_bytes.checked_mul(self.width).ok_or_else(|| damaged("a fractal heap claims too much"))?;
        Ok(u64::from(bytes.ilog2()).saturating_sub(u64::from(first_row.ilog2())) + 1)
    }
}
