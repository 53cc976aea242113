//! Lines of a text file, none longer than is reasonable.

use std::io::{BufRead, Read as _};

use volume::Trouble;

use super::{broken, cut_off};

/// Longest line: a polygon of some thousand corners.
const LINE_BYTES_MAX: u64 = 256 << 10;

pub(super) struct Lines<R> {
    source: R,
    line: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, line: Vec::new(), number: 0 }
    }

    /// The next line without spaces at its ends; nothing at the end of the file. What is no text becomes question marks.
    pub(super) fn next(&mut self) -> Result<Option<&str>, Trouble> {
        self.line.clear();
        let count = (&mut self.source).take(LINE_BYTES_MAX).read_until(b'\n', &mut self.line).map_err(cut_off)?;
        if count as u64 == LINE_BYTES_MAX {
            return Err(broken(format!("line {} is longer than {} KiB", self.number + 1, LINE_BYTES_MAX >> 10)));
        }
        self.number += 1;
        if count == 0 {
            return Ok(None);
        }
        if let Err(error) = std::str::from_utf8(&self.line) {
            let from = error.valid_up_to();
            self.line[from..].iter_mut().filter(|byte| !byte.is_ascii()).for_each(|byte| *byte = b'?');
        }
        // Everything that was no ASCII behind the first fault has gone.
        Ok(Some(std::str::from_utf8(&self.line).unwrap_or("").trim()))
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn into_inner(self) -> R {
        self.source
    }
}

/// The next word as a number. What is spelt wrongly becomes no number, and is counted as such later.
pub(super) fn number<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<f64> {
    words.next().map(|word| word.parse().unwrap_or(f64::NAN))
}
