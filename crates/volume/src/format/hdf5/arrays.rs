//! Chunks indexed by arrays: fixed ones, and those that grow along one axis.

use super::bytes::{Cursor, Widths, check_sum, damaged};
use super::chunks::Gathering;
use crate::Trouble;

/// Entries of one data block.
const BLOCK_ENTRIES_MAX: u64 = 1 << 26;

/// The part of both headers that is the same.
struct Head {
    entry_bytes: u64,
    filtered: bool,
}

fn head(cursor: &mut Cursor<'_>, signature: &[u8; 4], filtered: bool) -> Result<Head, Trouble> {
    cursor.signature(signature)?;
    cursor.version(&[0])?;
    let client = cursor.u8()?;
    let entry_bytes = u64::from(cursor.u8()?);
    let least = cursor.widths().offset as u64 + if client == 1 { 5 } else { 0 };
    if client > 1 || (client == 1) != filtered || entry_bytes < least || entry_bytes > least + 7 {
        return Err(damaged("an array of chunks cannot be laid out so"));
    }
    Ok(Head { entry_bytes, filtered })
}

/// `wanted` is how many entries can lie inside the dataset.
pub(super) fn fixed(gathering: &mut Gathering<'_>, address: u64, filtered: bool, wanted: u64) -> Result<(), Trouble> {
    let what = "a fixed array of chunks";
    let (file, widths) = (gathering.file, gathering.file.widths);
    let block = file.block(address, (8 + widths.length + widths.offset + 4) as u64, what)?;
    let mut cursor = Cursor::new(check_sum(&block, what)?, what, widths);
    let head = head(&mut cursor, b"FAHD", filtered)?;
    let page_bits = cursor.u8()?;
    let entries = cursor.length()?;
    let Some(data) = cursor.address()? else { return Ok(()) };
    if page_bits > 32 || entries > BLOCK_ENTRIES_MAX {
        return Err(damaged(format!("a fixed array of chunks claims {entries} entries")).in_file(&file.path));
    }
    let prefix = (6 + widths.offset) as u64;
    let page = 1u64 << page_bits;
    if entries <= page {
        let bytes = entries * head.entry_bytes;
        let block = file.block(data, prefix + bytes + 4, what)?;
        let body = check_sum(&block, what)?;
        return add_entries(gathering, &body[prefix as usize..], &head, 0, wanted);
    }
    let pages = entries.div_ceil(page);
    let bitmap_bytes = pages.div_ceil(8);
    let block = file.block(data, prefix + bitmap_bytes + 4, what)?;
    let bitmap = check_sum(&block, what)?[prefix as usize..].to_vec();
    let first = data + prefix + bitmap_bytes + 4;
    for number in (0..pages).take_while(|number| number * page < wanted) {
        if bit(&bitmap, number) {
            let count = page.min(entries - number * page);
            let at = first + number * (page * head.entry_bytes + 4);
            let block = file.block(at, count * head.entry_bytes + 4, what)?;
            add_entries(gathering, check_sum(&block, what)?, &head, number * page, wanted)?;
        }
    }
    Ok(())
}

fn bit(bitmap: &[u8], number: u64) -> bool {
    bitmap.get((number / 8) as usize).is_some_and(|byte| byte & 0x80 >> (number % 8) != 0)
}

fn add_entries(gathering: &mut Gathering<'_>, body: &[u8], head: &Head, first: u64, wanted: u64) -> Result<(), Trouble> {
    for (index, entry) in (first..wanted).zip(body.chunks_exact(head.entry_bytes as usize)) {
        gathering.add_entry(index, entry, head.filtered)?;
    }
    Ok(())
}

/// How a growing array is laid out.
struct Extensible {
    head: Head,
    offset_bytes: u64,
    first_entries: u64,
    block_entries_min: u64,
    /// Data blocks that the index block and not a super block points to.
    direct_blocks: u64,
    supers: u32,
    first_super: u32,
    page: u64,
    wanted: u64,
}

impl Extensible {
    /// Data blocks of one super block, and entries of each.
    fn super_block(&self, number: u32) -> (u64, u64) {
        (1u64 << (number / 2), (1u64 << number.div_ceil(2)).saturating_mul(self.block_entries_min))
    }

    fn prefix(&self, widths: Widths) -> u64 {
        6 + widths.offset as u64 + self.offset_bytes
    }
}

pub(super) fn extensible(gathering: &mut Gathering<'_>, address: u64, filtered: bool, wanted: u64) -> Result<(), Trouble> {
    let what = "a growing array of chunks";
    let (file, widths) = (gathering.file, gathering.file.widths);
    let block = file.block(address, (12 + 6 * widths.length + widths.offset + 4) as u64, what)?;
    let mut cursor = Cursor::new(check_sum(&block, what)?, what, widths);
    let head = head(&mut cursor, b"EAHD", filtered)?;
    let bits = u32::from(cursor.u8()?);
    let first_entries = u64::from(cursor.u8()?);
    let block_entries_min = u64::from(cursor.u8()?);
    let pointers_min = u64::from(cursor.u8()?);
    let page_bits = u32::from(cursor.u8()?);
    cursor.skip(6 * widths.length)?;
    let Some(index) = cursor.address()? else { return Ok(()) };
    let sound = bits <= 64
        && page_bits <= 32
        && block_entries_min.is_power_of_two()
        && pointers_min.is_power_of_two()
        && bits >= block_entries_min.ilog2()
        && 1 + bits - block_entries_min.ilog2() >= 2 * pointers_min.ilog2();
    if !sound {
        return Err(damaged("a growing array of chunks cannot be laid out so").in_file(&file.path));
    }
    let array = Extensible {
        head,
        offset_bytes: u64::from(bits.div_ceil(8)),
        first_entries,
        block_entries_min,
        direct_blocks: 2 * (pointers_min - 1),
        supers: 1 + bits - block_entries_min.ilog2(),
        first_super: 2 * pointers_min.ilog2(),
        page: 1 << page_bits,
        wanted,
    };
    index_block(gathering, index, &array)
}

fn index_block(gathering: &mut Gathering<'_>, address: u64, array: &Extensible) -> Result<(), Trouble> {
    let what = "the index of a growing array of chunks";
    let (file, widths) = (gathering.file, gathering.file.widths);
    let supers = u64::from(array.supers - array.first_super);
    let (prefix, entries) = (6 + widths.offset as u64, array.first_entries * array.head.entry_bytes);
    let block = file.block(address, prefix + entries + (array.direct_blocks + supers) * widths.offset as u64 + 4, what)?;
    let mut cursor = Cursor::new(check_sum(&block, what)?, what, widths);
    cursor.signature(b"EAIB")?;
    cursor.skip(prefix as usize - 4)?;
    add_entries(gathering, cursor.take(entries as usize)?, &array.head, 0, array.wanted)?;
    let mut first = array.first_entries;
    let mut number = 0;
    // The first super blocks have no block of their own: the index points to their data blocks.
    while number < array.first_super {
        let (blocks, block_entries) = array.super_block(number);
        for _ in 0..blocks {
            if let Some(data) = cursor.address()?.filter(|_| first < array.wanted) {
                data_block(gathering, data, array, (first, block_entries), None)?;
            }
            first += block_entries;
        }
        number += 1;
    }
    while number < array.supers && first < array.wanted {
        let (blocks, block_entries) = array.super_block(number);
        if let Some(super_block) = cursor.address()? {
            self::super_block(gathering, super_block, array, first, number)?;
        }
        first = first.saturating_add(blocks.saturating_mul(block_entries));
        number += 1;
    }
    Ok(())
}

fn super_block(gathering: &mut Gathering<'_>, address: u64, array: &Extensible, mut first: u64, number: u32) -> Result<(), Trouble> {
    let what = "a super block of a growing array of chunks";
    let (file, widths) = (gathering.file, gathering.file.widths);
    let (blocks, block_entries) = array.super_block(number);
    let bitmap_bytes = if block_entries > array.page { (block_entries / array.page).div_ceil(8) } else { 0 };
    let length = blocks.checked_mul(bitmap_bytes + widths.offset as u64).ok_or_else(|| damaged(format!("{what} claims too much")))?;
    let block = file.block(address, length.saturating_add(array.prefix(widths) + 4), what)?;
    let mut cursor = Cursor::new(check_sum(&block, what)?, what, widths);
    cursor.signature(b"EASB")?;
    cursor.skip(array.prefix(widths) as usize - 4)?;
    let bitmaps = cursor.take((blocks * bitmap_bytes) as usize)?;
    for index in 0..blocks as usize {
        let bitmap = bitmaps.get(index * bitmap_bytes as usize..(index + 1) * bitmap_bytes as usize);
        if let Some(data) = cursor.address()?.filter(|_| first < array.wanted) {
            data_block(gathering, data, array, (first, block_entries), bitmap)?;
        }
        first = first.saturating_add(block_entries);
    }
    Ok(())
}

/// Entries `first.0 ..` of a data block that holds `first.1` of them.
fn data_block(
    gathering: &mut Gathering<'_>,
    address: u64,
    array: &Extensible,
    (first, entries): (u64, u64),
    bitmap: Option<&[u8]>,
) -> Result<(), Trouble> {
    let what = "a data block of a growing array of chunks";
    let file = gathering.file;
    let prefix = array.prefix(file.widths);
    if entries > BLOCK_ENTRIES_MAX {
        return Err(damaged(format!("{what} claims {entries} entries")).in_file(&file.path));
    }
    if entries <= array.page {
        let block = file.block(address, prefix + entries * array.head.entry_bytes + 4, what)?;
        let body = check_sum(&block, what)?;
        Cursor::new(body, what, file.widths).signature(b"EADB")?;
        return add_entries(gathering, &body[prefix as usize..], &array.head, first, array.wanted);
    }
    let page_bytes = array.page * array.head.entry_bytes + 4;
    for page in 0..entries / array.page {
        let from = first + page * array.page;
        if from < array.wanted && bitmap.is_some_and(|bitmap| bit(bitmap, page)) {
            let block = file.block(address.saturating_add(prefix + 4 + page * page_bytes), page_bytes, what)?;
            add_entries(gathering, check_sum(&block, what)?, &array.head, from, array.wanted)?;
        }
    }
    Ok(())
}
