//! A small ZIP writer: entries come one after the other, deflated, and are never held in memory.

use std::io::{self, Seek, SeekFrom, Write};

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// 1 January 2020, so that the same surface gives the same file.
const DATE: u16 = (2020 - 1980) << 9 | 1 << 5 | 1;
const METHOD_DEFLATE: u16 = 8;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
const MOST: u64 = u32::MAX as u64;

pub(crate) struct ZipWriter<W: Write + Seek> {
    out: W,
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    offset: u64,
    sum: u32,
    packed: u64,
    bytes: u64,
}

/// Counts and sums what goes through.
struct Summed<W: Write> {
    inner: W,
    sum: crc32fast::Hasher,
    bytes: u64,
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.sum.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Write + Seek> ZipWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, entries: Vec::new() }
    }

    /// Adds an entry whose bytes `fill` writes.
    pub(crate) fn add(&mut self, name: &str, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let offset = self.out.stream_position()?;
        let mut entry = Entry { name: name.into(), offset, sum: 0, packed: 0, bytes: 0 };
        self.out.write_all(&local_head(&entry))?;
        let begin = self.out.stream_position()?;
        (entry.bytes, entry.sum) = pack(&mut self.out, fill)?;
        let end = self.out.stream_position()?;
        entry.packed = end - begin;
        if entry.bytes > MOST || end > MOST {
            return Err(io::Error::other("more than 4 GiB; ask for fewer triangles"));
        }
        // The sizes are known only now: the head is written again over itself.
        self.out.seek(SeekFrom::Start(offset))?;
        self.out.write_all(&local_head(&entry))?;
        self.out.seek(SeekFrom::Start(end))?;
        self.entries.push(entry);
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        let begin = self.out.stream_position()?;
        for entry in &self.entries {
            let mut head = 0x0201_4b50u32.to_le_bytes().to_vec();
            head.extend(20u16.to_le_bytes());
            shared_head(entry, &mut head);
            head.extend([0; 10]);
            // Comment length, disk, attributes are the zeros above (2 + 2 + 2 + 4); then where the entry begins.
            head.extend((entry.offset as u32).to_le_bytes());
            head.extend(entry.name.as_bytes());
            self.out.write_all(&head)?;
        }
        let end = self.out.stream_position()?;
        let count = self.entries.len() as u16;
        let mut tail = 0x0605_4b50u32.to_le_bytes().to_vec();
        tail.extend([0; 4]);
        tail.extend(count.to_le_bytes());
        tail.extend(count.to_le_bytes());
        tail.extend(((end - begin) as u32).to_le_bytes());
        tail.extend((begin as u32).to_le_bytes());
        tail.extend([0; 2]);
        self.out.write_all(&tail)?;
        self.out.flush()
    }
}

/// Deflates what `fill` writes; gives its length and sum.
fn pack(out: impl Write, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<(u64, u32)> {
    let packer = DeflateEncoder::new(out, Compression::new(4));
    let mut buffered = io::BufWriter::with_capacity(1 << 16, Summed { inner: packer, sum: crc32fast::Hasher::new(), bytes: 0 });
    fill(&mut buffered)?;
    let Summed { inner, sum, bytes } = buffered.into_inner().map_err(io::IntoInnerError::into_error)?;
    inner.finish()?;
    Ok((bytes, sum.finalize()))
}

fn local_head(entry: &Entry) -> Vec<u8> {
    let mut head = 0x0403_4b50u32.to_le_bytes().to_vec();
    shared_head(entry, &mut head);
    head.extend(entry.name.as_bytes());
    head
}

/// What local and central head have in common: version to length of the extra field.
fn shared_head(entry: &Entry, head: &mut Vec<u8>) {
    for number in [20, FLAGS, METHOD_DEFLATE, 0, DATE] {
        head.extend(number.to_le_bytes());
    }
    for number in [entry.sum, entry.packed as u32, entry.bytes as u32] {
        head.extend(number.to_le_bytes());
    }
    head.extend((entry.name.len() as u16).to_le_bytes());
    head.extend(0u16.to_le_bytes());
}
