//! B-trees of version 2: every record, from the first to the last.

use super::bytes::{Cursor, check_sum, damaged};
use super::file::H5File;
use super::fractal::bytes_for;
use crate::Trouble;

const DEPTH_MAX: u16 = 16;

struct Level {
    records_max: u64,
    total_max: u64,
    total_bytes: usize,
}

/// How nodes are laid out.
struct Tree<'a> {
    file: &'a H5File,
    node_bytes: u64,
    record_bytes: usize,
    count_bytes: usize,
    levels: Vec<Level>,
    records_left: u64,
}

/// Calls `each` with the bytes of every record. `kind` is the type of record that is expected.
pub(super) fn records(
    file: &H5File,
    address: u64,
    kinds: &[u8],
    each: &mut dyn FnMut(u8, usize, &[u8]) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let what = "a B-tree";
    let length = 4 + 1 + 1 + 4 + 2 + 2 + 1 + 1 + file.widths.offset + 2 + file.widths.length + 4;
    let block = file.block(address, length as u64, what)?;
    let mut cursor = Cursor::new(check_sum(&block, what)?, what, file.widths);
    cursor.signature(b"BTHD")?;
    cursor.version(&[0])?;
    let kind = cursor.u8()?;
    let (node_bytes, record_bytes, depth) = (u64::from(cursor.u32()?), usize::from(cursor.u16()?), cursor.u16()?);
    cursor.skip(2)?;
    let root = cursor.address()?;
    let (root_records, total) = (u64::from(cursor.u16()?), cursor.length()?);
    if !kinds.contains(&kind) || record_bytes == 0 || node_bytes < 10 + record_bytes as u64 || depth > DEPTH_MAX {
        return Err(damaged(format!("the B-tree at {address} cannot be laid out so")).in_file(&file.path));
    }
    let Some(root) = root else { return Ok(()) };
    let mut tree = Tree::new(file, node_bytes, record_bytes, depth, total)?;
    tree.walk(root, root_records, depth, &mut |record| each(kind, record_bytes, record))
}

impl<'a> Tree<'a> {
    fn new(file: &'a H5File, node_bytes: u64, record_bytes: usize, depth: u16, total: u64) -> Result<Self, Trouble> {
        let leaf = (node_bytes - 10) / record_bytes as u64;
        let mut levels = vec![Level { records_max: leaf, total_max: leaf, total_bytes: 0 }];
        let count_bytes = bytes_for(leaf);
        for _ in 0..depth {
            // There always is one: the leaves.
            let below = &levels[levels.len() - 1];
            let pointer = (file.widths.offset + count_bytes + below.total_bytes) as u64;
            let records_max = node_bytes.checked_sub(10 + pointer).map(|bytes| bytes / (record_bytes as u64 + pointer));
            let records_max = records_max.filter(|&records| records > 0).ok_or_else(|| damaged("a B-tree's nodes are too small"))?;
            let total_max = (records_max + 1).saturating_mul(below.total_max).saturating_add(records_max);
            levels.push(Level { records_max, total_max, total_bytes: bytes_for(total_max) });
        }
        Ok(Self { file, node_bytes, record_bytes, count_bytes, levels, records_left: total })
    }

    fn walk(&mut self, address: u64, count: u64, depth: u16, each: &mut dyn FnMut(&[u8]) -> Result<(), Trouble>) -> Result<(), Trouble> {
        if count > self.levels[usize::from(depth)].records_max || count > self.records_left {
            return Err(damaged(format!("a node of a B-tree claims {count} records")).in_file(&self.file.path));
        }
        self.records_left -= count;
        let what = if depth == 0 { "a leaf of a B-tree" } else { "a node of a B-tree" };
        let (pointer, totals) = match depth {
            0 => (0, 0),
            _ => {
                let totals = self.levels[usize::from(depth) - 1].total_bytes;
                (self.file.widths.offset + self.count_bytes + totals, totals)
            }
        };
        let children = if depth == 0 { 0 } else { count as usize + 1 };
        let used = (6 + count as usize * self.record_bytes + children * pointer + 4) as u64;
        if used > self.node_bytes {
            return Err(damaged(format!("{what} claims {count} records")).in_file(&self.file.path));
        }
        let block = self.file.block(address, used, what)?;
        let mut cursor = Cursor::new(check_sum(&block, what)?, what, self.file.widths);
        cursor.signature(if depth == 0 { b"BTLF" } else { b"BTIN" })?;
        cursor.skip(2)?;
        for _ in 0..count {
            each(cursor.take(self.record_bytes)?)?;
        }
        for _ in 0..children {
            let child = cursor.address()?.ok_or_else(|| damaged("a node of a B-tree leads nowhere"))?;
            let records = cursor.uint(self.count_bytes)?;
            cursor.skip(totals)?;
            self.walk(child, records, depth - 1, each)?;
        }
        Ok(())
    }
}
