//! A stream of XML of which no single piece and no whole is longer than allowed.

use std::io::{BufRead, BufReader, Error, Read, Result};

use crate::limit::XML_PIECE_BYTES_MAX;

pub(super) struct Rationed<R> {
    source: BufReader<R>,
    /// Bytes since the last piece ended, and bytes that are left of all.
    piece: u64,
    left: u64,
}

impl<R: Read> Rationed<R> {
    pub(super) fn new(source: R, bytes: u64) -> Self {
        Self { source: BufReader::with_capacity(1 << 16, source), piece: 0, left: bytes }
    }

    /// The last piece has been understood; the next may begin.
    pub(super) fn begin_piece(&mut self) {
        self.piece = 0;
    }
}

impl<R: Read> Read for Rationed<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let found = self.fill_buf()?;
        let count = found.len().min(out.len());
        out[..count].copy_from_slice(&found[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Rationed<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        if self.piece > XML_PIECE_BYTES_MAX {
            return Err(Error::other("a piece of XML is longer than any model needs"));
        }
        let found = self.source.fill_buf()?;
        if self.left == 0 && !found.is_empty() {
            return Err(Error::other("it unpacks to more than it claims"));
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        Ok(&found[..found.len().min(most)])
    }

    fn consume(&mut self, count: usize) {
        self.source.consume(count);
        self.piece += count as u64;
        self.left = self.left.saturating_sub(count as u64);
    }
}
