//! tar, one header of 512 bytes before each file; ustar, and the long names of GNU and pax.

use std::io::Read;
use std::path::Path;

use super::{Bounds, refuse, write_out};
use crate::Trouble;

const BLOCK: usize = 512;
/// Longest list of attributes or long name.
const EXTENSION_MAX_BYTES: u64 = 1 << 20;

fn broken(what: impl std::fmt::Display) -> Trouble {
    Trouble::new(format!("the tar is damaged: {what}"), "It may be cut off; upload it again")
}

/// Writes all files of the archive below a folder.
pub(super) fn unpack(reader: &mut dyn Read, folder: &Path, bounds: &mut Bounds) -> Result<(), Trouble> {
    let mut name_before: Option<String> = None;
    let mut size_before: Option<u64> = None;
    while let Some(head) = next_header(reader)? {
        let size = size_before.take().map_or_else(|| octal(&head[124..136]), Some).ok_or_else(|| broken("a size is wrong"))?;
        let name = name_before.take().unwrap_or_else(|| name_of(&head));
        let mut body = reader.take(size);
        match head[156] {
            b'0' | 0 | b'7' if !name.ends_with('/') => match bounds.admit(&name)? {
                Some(path) => {
                    let written = write_out(folder, &path, &mut body, bounds)?;
                    if written != size {
                        return Err(broken(format!("“{name}” is cut off")));
                    }
                }
                None => pass_over(&mut body, size, bounds)?,
            },
            b'L' => name_before = Some(text(&extension(&mut body, size, bounds)?)),
            b'x' => {
                let list = extension(&mut body, size, bounds)?;
                (name_before, size_before) = (pax(&list, "path"), pax(&list, "size").and_then(|size| size.parse().ok()));
            }
            b'1' | b'2' => return Err(refuse(format!("“{name}” in it is a link"))),
            b'S' => return Err(refuse(format!("“{name}” in it is stored with holes"))),
            _ => {
                bounds.count()?;
                pass_over(&mut body, size, bounds)?;
            }
        }
        let padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
        skip(&mut reader.take(padding), padding)?;
    }
    Ok(())
}

/// The next header; nothing at the end, which is two empty blocks or the end of the file.
fn next_header(reader: &mut dyn Read) -> Result<Option<[u8; BLOCK]>, Trouble> {
    let mut head = [0; BLOCK];
    let mut filled = 0;
    while filled < BLOCK {
        match reader.read(&mut head[filled..]).map_err(broken)? {
            0 if filled == 0 => return Ok(None),
            0 => return Err(broken("it ends inside a header")),
            count => filled += count,
        }
    }
    if head.iter().all(|&byte| byte == 0) {
        return Ok(None);
    }
    // The sum is over the header with spaces in its own place.
    let sum: u64 = head.iter().enumerate().map(|(at, &byte)| if (148..156).contains(&at) { 32 } else { u64::from(byte) }).sum();
    if octal(&head[148..156]) != Some(sum) {
        return Err(broken("the sum of a header is wrong"));
    }
    Ok(Some(head))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.split(|&byte| byte == 0).next().unwrap_or_default()).into_owned()
}

fn name_of(head: &[u8; BLOCK]) -> String {
    let (name, prefix) = (text(&head[..100]), text(&head[345..500]));
    let ustar = head[257..263] == *b"ustar\0";
    if ustar && !prefix.is_empty() { format!("{prefix}/{name}") } else { name }
}

/// Octal digits, or a big-endian number behind a set first bit.
fn octal(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let (front, back) = field.split_at(field.len() - 8);
        let clear = front.iter().enumerate().all(|(at, &byte)| byte == 0 || (at == 0 && byte == 0x80));
        return clear.then(|| u64::from_be_bytes(back.try_into().unwrap_or_default())).filter(|&size| size < 1 << 62);
    }
    let digits = text(field);
    u64::from_str_radix(digits.trim(), 8).ok()
}

fn extension(body: &mut dyn Read, size: u64, bounds: &mut Bounds) -> Result<Vec<u8>, Trouble> {
    if size > EXTENSION_MAX_BYTES {
        return Err(refuse("a name in it is longer than any name"));
    }
    bounds.grow(size + BLOCK as u64)?;
    let mut bytes = Vec::new();
    body.read_to_end(&mut bytes).map_err(broken)?;
    Ok(bytes)
}

/// A value of a pax list: lines of `length key=value`.
fn pax(list: &[u8], wanted: &str) -> Option<String> {
    let mut rest = list;
    while let Some(space) = rest.iter().position(|&byte| byte == b' ') {
        let length: usize = std::str::from_utf8(&rest[..space]).ok()?.parse().ok()?;
        let line = std::str::from_utf8(rest.get(space + 1..length)?).ok()?;
        match line.trim_end_matches('\n').split_once('=') {
            Some((key, value)) if key == wanted => return Some(value.to_owned()),
            _ => rest = &rest[length..],
        }
    }
    None
}

/// What is not unpacked is expanded all the same.
fn pass_over(body: &mut dyn Read, size: u64, bounds: &mut Bounds) -> Result<(), Trouble> {
    bounds.grow(size.saturating_add(BLOCK as u64))?;
    skip(body, size)
}

fn skip(body: &mut dyn Read, size: u64) -> Result<(), Trouble> {
    let skipped = std::io::copy(body, &mut std::io::sink()).map_err(broken)?;
    if skipped == size { Ok(()) } else { Err(broken("it is cut off")) }
}

#[cfg(test)]
mod tests {
    use super::super::ENTRIES_MAX;
    use super::*;

    /// One header after the other for ever, each of a folder.
    struct Folders {
        head: [u8; BLOCK],
        at: usize,
    }

    impl Read for Folders {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let count = out.len().min(BLOCK - self.at);
            out[..count].copy_from_slice(&self.head[self.at..self.at + count]);
            self.at = (self.at + count) % BLOCK;
            Ok(count)
        }
    }

    #[test]
    fn what_is_passed_over_is_counted() {
        let mut head = [0; BLOCK];
        head[..2].copy_from_slice(b"a/");
        head[124..135].copy_from_slice(b"00000000000");
        head[156] = b'5';
        let sum: u64 = head.iter().map(|&byte| u64::from(byte)).sum::<u64>() + 8 * 32;
        head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let scratch = tempfile::tempdir().unwrap();
        let unpack = |bounds: &mut Bounds| super::unpack(&mut Folders { head, at: 0 }, scratch.path(), bounds).unwrap_err().what;
        assert!(unpack(&mut Bounds { entries: ENTRIES_MAX - 2, ..Bounds::new(1 << 40) }).contains("more than"));
        assert!(unpack(&mut Bounds { bytes: 1 << 30, ..Bounds::new(1_000) }).contains("expand to more than"));
    }
}
