//! The central directory of a ZIP file, with ZIP64: where every entry lies, believed only after it was checked.
//! Source: APPNOTE.TXT 6.3.10 of PKWARE.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::{ENTRIES_MAX, refuse};
use crate::Trouble;

const END_MARK: &[u8] = b"PK\x05\x06";
const END_BYTES: usize = 22;
const COMMENT_MAX: u64 = 65_535;
/// Longest directory.
const DIRECTORY_MAX_BYTES: u64 = 512 << 20;
/// What deflate can make of one byte.
const RATIO_MAX: u64 = 1_040;

pub struct Directory {
    pub(super) file: Arc<File>,
    pub entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub(super) deflated: bool,
    pub packed_bytes: u64,
    pub bytes: u64,
    /// Where its local header begins.
    header_at: u64,
}

impl Entry {
    pub(super) fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }
}

fn broken(what: &str) -> Trouble {
    Trouble::new(format!("the ZIP is damaged: {what}"), "It may be cut off; upload it again")
}

fn short(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 2)?.try_into().ok().map(|bytes| u64::from(u16::from_le_bytes(bytes)))
}

fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 4)?.try_into().ok().map(|bytes| u64::from(u32::from_le_bytes(bytes)))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes)
}

impl Directory {
    pub fn read(file: File, length: u64) -> Result<Self, Trouble> {
        let read = |at: u64, count: u64| -> Result<Vec<u8>, Trouble> {
            if at.checked_add(count).is_none_or(|end| end > length) {
                return Err(broken("its directory lies outside of it"));
            }
            let mut bytes = vec![0; count as usize];
            file.read_exact_at(&mut bytes, at).map_err(|error| broken(&error.to_string()))?;
            Ok(bytes)
        };
        let tail_at = length.saturating_sub(COMMENT_MAX + END_BYTES as u64);
        let tail = read(tail_at, length - tail_at)?;
        let end = tail.windows(END_MARK.len()).rposition(|window| window == END_MARK).ok_or_else(|| broken("it has no end"))?;
        let bytes = &tail[end..];
        let field = |value: Option<u64>| value.ok_or_else(|| broken("its end is cut off"));
        let (mut count, mut size, mut at) = (field(short(bytes, 10))?, field(word(bytes, 12))?, field(word(bytes, 16))?);
        // ZIP64 stands before the usual end, found by its locator.
        let locator_at = (tail_at + end as u64).checked_sub(20);
        let locator = locator_at.map(|at| read(at, 20)).transpose()?.filter(|locator| locator.starts_with(b"PK\x06\x07"));
        if let Some(locator) = locator {
            let record = read(field(long(&locator, 8))?, 56)?;
            if !record.starts_with(b"PK\x06\x06") {
                return Err(broken("its ZIP64 end is not where it should be"));
            }
            (count, size, at) = (field(long(&record, 32))?, field(long(&record, 40))?, field(long(&record, 48))?);
        }
        if count > ENTRIES_MAX as u64 || size > DIRECTORY_MAX_BYTES {
            return Err(refuse(format!("it holds {count} files, more than the {ENTRIES_MAX} that are read")));
        }
        let entries = entries(&read(at, size)?, count as usize)?;
        check_places(&entries, at)?;
        Ok(Self { file: Arc::new(file), entries })
    }

    /// Where the bytes of an entry begin.
    pub(super) fn begins(&self, entry: &Entry) -> Result<u64, Trouble> {
        begins(&self.file, entry)
    }

    /// The plain bytes of an entry, at most as many as it claims.
    pub fn reader(&self, entry: &Entry) -> Result<Box<dyn Read>, Trouble> {
        let packed = Part { file: self.file.clone(), at: self.begins(entry)?, left: entry.packed_bytes };
        Ok(if entry.deflated { Box::new(flate2::read::DeflateDecoder::new(packed).take(entry.bytes + 1)) } else { Box::new(packed) })
    }
}

pub(super) fn begins(file: &File, entry: &Entry) -> Result<u64, Trouble> {
    let mut head = [0; 30];
    file.read_exact_at(&mut head, entry.header_at).map_err(|error| broken(&error.to_string()))?;
    match (head.starts_with(b"PK\x03\x04"), short(&head, 26), short(&head, 28)) {
        (true, Some(name), Some(extra)) => Ok(entry.header_at + 30 + name + extra),
        _ => Err(broken(&format!("“{}” is not where its directory says", entry.name))),
    }
}

fn entries(directory: &[u8], count: usize) -> Result<Vec<Entry>, Trouble> {
    let mut entries = Vec::with_capacity(count.min(directory.len() / 46));
    let mut rest = directory;
    for _ in 0..count {
        let cut = || broken("its directory is cut off");
        if !rest.starts_with(b"PK\x01\x02") || rest.len() < 46 {
            return Err(cut());
        }
        let field = |value: Option<u64>| value.unwrap_or(0);
        let lengths = [field(short(rest, 28)) as usize, field(short(rest, 30)) as usize, field(short(rest, 32)) as usize];
        let end = 46 + lengths.iter().sum::<usize>();
        let variable = rest.get(46..end).ok_or_else(cut)?;
        let name = String::from_utf8_lossy(&variable[..lengths[0]]).into_owned();
        let (flags, method, attributes) = (field(short(rest, 8)), field(short(rest, 10)), field(word(rest, 38)));
        let mut entry = Entry {
            deflated: method == 8,
            packed_bytes: field(word(rest, 20)),
            bytes: field(word(rest, 24)),
            header_at: field(word(rest, 42)),
            name,
        };
        zip64(&variable[lengths[0]..lengths[0] + lengths[1]], &mut entry);
        check(&entry, flags, method, attributes)?;
        entries.push(entry);
        rest = &rest[end..];
    }
    Ok(entries)
}

/// Numbers that do not fit into 32 bits stand in an extra field, in this order and only those.
fn zip64(extra: &[u8], entry: &mut Entry) {
    const FULL: u64 = u32::MAX as u64;
    let mut rest = extra;
    while let (Some(id), Some(length)) = (short(rest, 0), short(rest, 2)) {
        let Some(body) = rest.get(4..4 + length as usize) else { return };
        if id == 1 {
            let mut at = 0;
            for slot in [&mut entry.bytes, &mut entry.packed_bytes, &mut entry.header_at] {
                if *slot == FULL
                    && let Some(value) = long(body, at)
                {
                    *slot = value;
                    at += 8;
                }
            }
        }
        rest = &rest[4 + length as usize..];
    }
}

fn check(entry: &Entry, flags: u64, method: u64, attributes: u64) -> Result<(), Trouble> {
    let name = &entry.name;
    if flags & 1 != 0 {
        return Err(refuse(format!("“{name}” in it is encrypted")));
    }
    if method != 0 && method != 8 {
        return Err(refuse(format!("“{name}” in it is packed by method {method}; stored and deflate are read")));
    }
    // Unix file types stand in the upper half of the attributes.
    if attributes >> 16 & 0o170_000 == 0o120_000 {
        return Err(refuse(format!("“{name}” in it is a link")));
    }
    let fits = if entry.deflated { entry.bytes / RATIO_MAX <= entry.packed_bytes } else { entry.bytes == entry.packed_bytes };
    if fits { Ok(()) } else { Err(refuse(format!("“{name}” in it claims {} bytes out of {}", entry.bytes, entry.packed_bytes))) }
}

/// Entries lie one after the other, before the directory; those that share bytes are how small bombs become large.
fn check_places(entries: &[Entry], directory_at: u64) -> Result<(), Trouble> {
    let mut places: Vec<(u64, u64, &str)> =
        entries.iter().map(|entry| (entry.header_at, entry.packed_bytes, entry.name.as_str())).collect();
    places.sort_unstable();
    let ends = places.iter().skip(1).map(|place| place.0).chain([directory_at]);
    for ((at, bytes, name), end) in places.iter().zip(ends) {
        if at.checked_add(30).and_then(|begins| begins.checked_add(*bytes)).is_none_or(|own_end| own_end > end) {
            return Err(refuse(format!("“{name}” in it shares its bytes with another entry")));
        }
    }
    Ok(())
}

/// Some bytes of a file, one after the other.
struct Part {
    file: Arc<File>,
    at: u64,
    left: u64,
}

impl Read for Part {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let most = out.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let count = self.file.read_at(&mut out[..most], self.at)?;
        self.at += count as u64;
        self.left -= count as u64;
        Ok(count)
    }
}
