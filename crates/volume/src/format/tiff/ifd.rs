//! The skeleton of a TIFF file: header, chain of directories, their entries; classic and BigTIFF, both byte orders.
//!
//! Nothing here trusts a number before it is compared with the length of the file or a limit.

use std::collections::HashSet;
use std::fs::File;

use super::super::contiguous::read_at;
use super::super::{Arriving, limit};
use crate::Trouble;

/// Bytes of a TIFF file: the whole of it on disk, or the part that has arrived.
pub(crate) enum Bytes<'a> {
    File(&'a File, u64),
    /// On disk as far as it has arrived, and its length when it is whole.
    Arriving(&'a File, Arriving),
    Head(&'a [u8], u64),
}

impl Bytes<'_> {
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::File(_, length) | Self::Head(_, length) => *length,
            Self::Arriving(_, arriving) => arriving.length,
        }
    }

    pub(crate) fn read(&self, offset: u64, count: u64) -> Result<Vec<u8>, Trouble> {
        let end = offset.checked_add(count).filter(|&end| end <= self.length()).ok_or_else(cut_off)?;
        match self {
            Self::Arriving(_, arriving) if end > arriving.here => Err(cut_off()),
            Self::File(file, _) | Self::Arriving(file, _) => {
                let mut bytes = vec![0; count as usize];
                read_at(file, offset, &mut bytes)
                    .map_err(|error| Trouble::new(format!("reading failed ({error})"), "Upload the file again"))?;
                Ok(bytes)
            }
            Self::Head(head, _) => head.get(offset as usize..end as usize).map(<[u8]>::to_vec).ok_or_else(cut_off),
        }
    }
}

pub(crate) fn cut_off() -> Trouble {
    Trouble::new("the TIFF file points behind its own end", "The file was cut off; upload it again")
}

fn damaged(what: impl Into<String>) -> Trouble {
    Trouble::new(what, "The file is damaged; save it again")
}

/// One entry of a directory, its value not yet fetched.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) tag: u16,
    kind: u16,
    pub(crate) count: u64,
    inline: [u8; 8],
}

/// One directory.
pub(crate) struct Directory {
    entries: Vec<Entry>,
}

pub(crate) struct Layout {
    pub(crate) big_endian: bool,
    big: bool,
    first: u64,
}

impl Layout {
    pub(crate) fn read(bytes: &Bytes<'_>) -> Result<Self, Trouble> {
        let head = bytes.read(0, 16.min(bytes.length()))?;
        if head.len() < 8 {
            return Err(cut_off());
        }
        let big_endian = head.starts_with(b"MM");
        let mut layout = Layout { big_endian, big: false, first: 0 };
        match layout.u16(&head, 2) {
            42 => layout.first = u64::from(layout.u32(&head, 4)),
            43 if head.len() == 16 && layout.u16(&head, 4) == 8 => {
                layout.big = true;
                layout.first = layout.u64(&head, 8);
            }
            _ => return Err(damaged("its first bytes are not those of a TIFF file")),
        }
        Ok(layout)
    }

    fn number<const N: usize>(&self, bytes: &[u8], at: usize) -> [u8; N] {
        // Callers fetch the bytes they index first; a short slice reads as zeros instead of a panic.
        let mut number = [0; N];
        if let Some(bytes) = bytes.get(at..at + N) {
            number.copy_from_slice(bytes);
        }
        if self.big_endian {
            number.reverse();
        }
        number
    }

    fn u16(&self, bytes: &[u8], at: usize) -> u16 {
        u16::from_le_bytes(self.number(bytes, at))
    }

    fn u32(&self, bytes: &[u8], at: usize) -> u32 {
        u32::from_le_bytes(self.number(bytes, at))
    }

    fn u64(&self, bytes: &[u8], at: usize) -> u64 {
        u64::from_le_bytes(self.number(bytes, at))
    }

    /// Reads the directory at `offset`; returns it with the offset of the next one.
    fn directory(&self, bytes: &Bytes<'_>, offset: u64) -> Result<(Directory, u64), Trouble> {
        let (count_size, entry_size, next_size) = if self.big { (8, 20, 8) } else { (2, 12, 4) };
        let head = bytes.read(offset, count_size)?;
        let count = if self.big { self.u64(&head, 0) } else { u64::from(self.u16(&head, 0)) };
        if count == 0 || count > limit::TIFF_ENTRIES {
            return Err(damaged(format!("a TIFF directory claims {count} entries")));
        }
        let body = bytes.read(offset + count_size, count * entry_size)?;
        let entries = body.chunks_exact(entry_size as usize).map(|entry| self.entry(entry)).collect();
        // Some writers leave out the last link at the very end of the file.
        let next = match bytes.read(offset + count_size + count * entry_size, next_size) {
            Ok(link) if self.big => self.u64(&link, 0),
            Ok(link) => u64::from(self.u32(&link, 0)),
            Err(_) => 0,
        };
        Ok((Directory { entries }, next))
    }

    fn entry(&self, bytes: &[u8]) -> Entry {
        let mut inline = [0; 8];
        let (count, value) = if self.big { (self.u64(bytes, 4), &bytes[12..20]) } else { (u64::from(self.u32(bytes, 4)), &bytes[8..12]) };
        inline[..value.len()].copy_from_slice(value);
        Entry { tag: self.u16(bytes, 0), kind: self.u16(bytes, 2), count, inline }
    }

    /// Walks the chain and hands every directory to `visit`, until it says stop.
    pub(crate) fn walk(&self, bytes: &Bytes<'_>, mut visit: impl FnMut(usize, Directory) -> Result<bool, Trouble>) -> Result<(), Trouble> {
        let mut seen = HashSet::new();
        let mut offset = self.first;
        while offset != 0 {
            if !seen.insert(offset) {
                return Err(damaged(format!("behind page {} its chain of pages runs in a circle", seen.len())));
            }
            if seen.len() > limit::TIFF_PAGES {
                return Err(damaged(format!("it has more than {} pages", limit::TIFF_PAGES)));
            }
            let (directory, next) = self.directory(bytes, offset).map_err(|mut trouble| {
                trouble.what = format!("page {}: {}", seen.len(), trouble.what);
                trouble
            })?;
            if !visit(seen.len() - 1, directory)? {
                return Ok(());
            }
            offset = next;
        }
        Ok(())
    }

    /// The bytes of an entry's value, at most `most` values.
    fn value(&self, bytes: &Bytes<'_>, entry: &Entry, most: u64) -> Result<(Vec<u8>, usize), Trouble> {
        let size = match entry.kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16 | 17 | 18 => 8,
            kind => return Err(damaged(format!("tag {} has the unknown type {kind}", entry.tag))),
        };
        let room = if self.big { 8 } else { 4 };
        if entry.count > most {
            return Err(damaged(format!("tag {} claims {} values", entry.tag, entry.count)));
        }
        let length = entry.count * size;
        if length <= room {
            return Ok((entry.inline[..length as usize].to_vec(), size as usize));
        }
        let offset = if self.big { self.u64(&entry.inline, 0) } else { u64::from(self.u32(&entry.inline, 0)) };
        Ok((bytes.read(offset, length)?, size as usize))
    }

    /// Whole numbers of an entry.
    pub(crate) fn integers(&self, bytes: &Bytes<'_>, directory: &Directory, tag: u16, most: u64) -> Result<Option<Vec<u64>>, Trouble> {
        let Some(entry) = directory.find(tag) else { return Ok(None) };
        let (value, size) = self.value(bytes, entry, most)?;
        let number = |part: &[u8]| match size {
            1 => u64::from(part[0]),
            2 => u64::from(self.u16(part, 0)),
            4 => u64::from(self.u32(part, 0)),
            _ => self.u64(part, 0),
        };
        Ok(Some(value.chunks_exact(size).map(number).collect()))
    }

    pub(crate) fn integer(&self, bytes: &Bytes<'_>, directory: &Directory, tag: u16) -> Result<Option<u64>, Trouble> {
        Ok(self.integers(bytes, directory, tag, 16)?.and_then(|numbers| numbers.first().copied()))
    }

    /// The bytes of an entry as they lie in the file.
    pub(crate) fn bytes_of(&self, bytes: &Bytes<'_>, directory: &Directory, tag: u16, most: u64) -> Result<Option<Vec<u8>>, Trouble> {
        let Some(entry) = directory.find(tag) else { return Ok(None) };
        self.value(bytes, entry, most).map(|(value, _)| Some(value))
    }

    /// One floating-point number of 32 or 64 bits.
    pub(crate) fn float(&self, bytes: &Bytes<'_>, directory: &Directory, tag: u16) -> Option<f64> {
        let entry = directory.find(tag)?;
        let (value, _) = self.value(bytes, entry, 4).ok()?;
        match entry.kind {
            11 => Some(f64::from(f32::from_le_bytes(self.number(&value, 0)))),
            12 => Some(f64::from_le_bytes(self.number(&value, 0))),
            _ => None,
        }
    }

    pub(crate) fn text(&self, bytes: &Bytes<'_>, directory: &Directory, tag: u16) -> Option<String> {
        let entry = directory.find(tag)?;
        let (value, _) = self.value(bytes, entry, limit::TEXT).ok()?;
        let end = value.iter().position(|&byte| byte == 0).unwrap_or(value.len());
        Some(match std::str::from_utf8(&value[..end]) {
            Ok(text) => text.to_string(),
            // ImageJ writes the micro sign as Latin 1.
            Err(_) => value[..end].iter().map(|&byte| char::from(byte)).collect(),
        })
    }

    /// A fraction as (numerator, denominator).
    pub(crate) fn fraction(&self, bytes: &Bytes<'_>, directory: &Directory, tag: u16) -> Option<(u32, u32)> {
        let entry = directory.find(tag).filter(|entry| entry.kind == 5)?;
        let (value, _) = self.value(bytes, entry, 4).ok()?;
        (value.len() >= 8).then(|| (self.u32(&value, 0), self.u32(&value, 4)))
    }
}

impl Directory {
    pub(crate) fn find(&self, tag: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }
}
