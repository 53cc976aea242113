//! Compound files (OLE2): a small file system of streams inside one file, as Zeiss keeps its scans.
//! Source: [MS-CFB], Compound File Binary File Format.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::os::unix::fs::FileExt;

use crate::Trouble;

pub(super) const MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const LAST: u32 = 0xffff_fffa;
const MINI_BYTES: u64 = 64;
/// Bytes of all small streams together; there are a few thousand of them at most.
const MINI_MAX_BYTES: u64 = 1 << 28;
/// Entries of the allocation table, of the directory, and storages within storages.
const TABLE_MAX: u64 = 1 << 26;
const STREAMS_MAX: usize = 1 << 20;
const DEPTH_MAX: usize = 8;

pub(super) struct Compound {
    file: File,
    sector_bytes: u64,
    table: Vec<u32>,
    mini_table: Vec<u32>,
    /// The small streams, and below which size a stream is small.
    mini: Vec<u8>,
    small_bytes: u64,
    /// By path in lower case, `imageinfo/pixelsize`.
    streams: HashMap<String, Stream>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Stream {
    first: u32,
    bytes: u64,
}

fn broken(what: &str) -> Trouble {
    Trouble::new(format!("its table of contents is damaged: {what}"), "Upload it again")
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.chunks_exact(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
}

impl Compound {
    pub(super) fn open(file: File, length: u64) -> Result<Self, Trouble> {
        let mut head = [0; 512];
        file.read_exact_at(&mut head, 0).map_err(|error| broken(&error.to_string()))?;
        let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let sector_bytes = match u16::from_le_bytes([head[30], head[31]]) {
            9 => 512,
            12 => 4_096,
            _ => return Err(broken("its sectors have an unusual size")),
        };
        let sectors = length / sector_bytes + 1;
        if !head.starts_with(MAGIC) || sectors > TABLE_MAX {
            return Err(broken("it is too large"));
        }
        let mut compound = Self {
            file,
            sector_bytes,
            table: Vec::new(),
            mini_table: Vec::new(),
            mini: Vec::new(),
            small_bytes: u64::from(word(56)).min(1 << 16),
            streams: HashMap::new(),
        };
        // The first 109 sectors of the table stand in the header, the others in a chain of their own.
        let mut tables: Vec<u32> = words(&head[76..512]).collect();
        let mut next = word(68);
        while next < LAST {
            let list: Vec<u32> = words(&compound.sector(next)?).collect();
            let (last, list) = list.split_last().ok_or_else(|| broken("an empty sector"))?;
            tables.extend_from_slice(list);
            next = *last;
            if tables.len() as u64 > sectors {
                return Err(broken("its lists run in a circle"));
            }
        }
        for sector in tables.into_iter().filter(|&sector| sector < LAST) {
            let part = compound.sector(sector)?;
            compound.table.extend(words(&part));
            if compound.table.len() as u64 > sectors + sector_bytes {
                return Err(broken("its table is longer than the file"));
            }
        }
        let mini = compound.read_directory(word(48), length)?;
        compound.mini = compound.chain(Stream { bytes: mini.bytes.min(MINI_MAX_BYTES), ..mini }, length)?;
        // The table has a word for each piece of them, whatever length the header claims.
        let table_bytes = (u64::from(word(64)) * sector_bytes).min(4 * (compound.mini.len() as u64).div_ceil(MINI_BYTES));
        compound.mini_table = words(&compound.chain(Stream { first: word(60), bytes: table_bytes }, length)?).collect();
        Ok(compound)
    }

    fn sector(&self, sector: u32) -> Result<Vec<u8>, Trouble> {
        let mut bytes = vec![0; self.sector_bytes as usize];
        let at = (u64::from(sector) + 1) * self.sector_bytes;
        self.file.read_exact_at(&mut bytes, at).map_err(|error| broken(&error.to_string()))?;
        Ok(bytes)
    }

    /// All bytes of a chain of sectors, for what is short.
    fn chain(&self, stream: Stream, length: u64) -> Result<Vec<u8>, Trouble> {
        if stream.bytes > length {
            return Err(broken("a stream is longer than the file"));
        }
        let mut out = vec![0; stream.bytes as usize];
        self.fill(stream.first, &mut out)?;
        Ok(out)
    }

    /// Fills a buffer from a chain; neighbouring sectors are read at once.
    fn fill(&self, first: u32, out: &mut [u8]) -> Result<(), Trouble> {
        let mut sector = first;
        let mut done = 0;
        while done < out.len() {
            let begins = sector;
            let mut bytes = self.sector_bytes as usize;
            let next = |sector: u32| self.table.get(sector as usize).copied().ok_or_else(|| broken("a chain leaves the file"));
            while done + bytes < out.len() && next(sector)? == sector + 1 {
                sector += 1;
                bytes += self.sector_bytes as usize;
            }
            let end = (done + bytes).min(out.len());
            let at = (u64::from(begins) + 1) * self.sector_bytes;
            self.file.read_exact_at(&mut out[done..end], at).map_err(|error| broken(&error.to_string()))?;
            done = end;
            if done < out.len() {
                sector = next(sector)?;
            }
        }
        Ok(())
    }

    /// Notes where the streams lie; gives where the small ones do.
    fn read_directory(&mut self, first: u32, length: u64) -> Result<Stream, Trouble> {
        let mut bytes = Vec::new();
        let mut sector = first;
        while sector < LAST {
            bytes.extend(self.sector(sector)?);
            if bytes.len() > STREAMS_MAX * 128 || bytes.len() as u64 > length {
                return Err(broken("it lists too many streams"));
            }
            sector = *self.table.get(sector as usize).ok_or_else(|| broken("a chain leaves the file"))?;
        }
        let entries: Vec<Entry> = bytes.chunks_exact(128).map(|entry| Entry::parse(entry, self.sector_bytes)).collect();
        let root = entries.first().ok_or_else(|| broken("it is empty"))?;
        let mini = root.stream;
        let mut waiting = vec![(root.child, String::new(), 0)];
        let mut seen = HashSet::new();
        while let Some((number, folder, depth)) = waiting.pop() {
            let Some(entry) = entries.get(number as usize).filter(|_| seen.insert(number)) else { continue };
            waiting.push((entry.left, folder.clone(), depth));
            waiting.push((entry.right, folder.clone(), depth));
            let path = if folder.is_empty() { entry.name.clone() } else { format!("{folder}/{}", entry.name) };
            if entry.kind == 2 {
                self.streams.insert(path, entry.stream);
            } else if depth < DEPTH_MAX {
                waiting.push((entry.child, path, depth + 1));
            }
        }
        Ok(mini)
    }

    pub(super) fn bytes_of(&self, path: &str) -> Option<u64> {
        self.streams.get(path).map(|stream| stream.bytes)
    }

    /// The first `out.len()` bytes of a stream.
    pub(super) fn read(&self, path: &str, out: &mut [u8]) -> Result<(), Trouble> {
        let stream = self.streams.get(path).filter(|stream| stream.bytes >= out.len() as u64);
        let stream = stream.ok_or_else(|| broken(&format!("“{path}” is missing or cut off")))?;
        if stream.bytes >= self.small_bytes {
            return self.fill(stream.first, out);
        }
        let mut sector = stream.first;
        for piece in out.chunks_mut(MINI_BYTES as usize) {
            let at = sector as usize * MINI_BYTES as usize;
            let from = self.mini.get(at..at + piece.len()).ok_or_else(|| broken("a small stream lies outside"))?;
            piece.copy_from_slice(from);
            sector = self.mini_table.get(sector as usize).copied().unwrap_or(u32::MAX);
        }
        Ok(())
    }

    /// The first 4 bytes of a stream.
    pub(super) fn word(&self, path: &str) -> Option<[u8; 4]> {
        let mut bytes = [0; 4];
        self.read(path, &mut bytes).ok().map(|()| bytes)
    }

    pub(super) fn number(&self, path: &str) -> Option<u32> {
        self.word(path).map(u32::from_le_bytes)
    }

    pub(super) fn float(&self, path: &str) -> Option<f64> {
        self.word(path).map(f32::from_le_bytes).map(f64::from).filter(|number| number.is_finite())
    }

    /// Text up to its first zero.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        let mut bytes = vec![0; self.bytes_of(path)?.min(4_096) as usize];
        self.read(path, &mut bytes).ok()?;
        let text = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
        crate::header::clean_text(&String::from_utf8_lossy(text))
    }
}

struct Entry {
    name: String,
    kind: u8,
    left: u32,
    right: u32,
    child: u32,
    stream: Stream,
}

impl Entry {
    fn parse(bytes: &[u8], sector_bytes: u64) -> Self {
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let letters = usize::from(u16::from_le_bytes([bytes[64], bytes[65]])).min(64) / 2;
        let wide: Vec<u16> =
            bytes[..64].chunks_exact(2).take(letters.saturating_sub(1)).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        // Files of small sectors leave rubbish in the upper half.
        let upper = if sector_bytes == 512 { 0 } else { u64::from(word(124)) };
        Self {
            name: String::from_utf16_lossy(&wide).to_lowercase(),
            kind: bytes[66],
            left: word(68),
            right: word(72),
            child: word(76),
            stream: Stream { first: word(116), bytes: upper << 32 | u64::from(word(120)) },
        }
    }
}
