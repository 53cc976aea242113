//! Voxels that a file spells out: decimal or hexadecimal digits, and runs of equal bytes as several programs write them.

use std::io::{BufRead, Error, ErrorKind, Read, Result};

use crate::ElementType;

/// No number is written with more signs than this.
const NUMBER_SIGNS: usize = 400;

/// Turns text into the bytes it stands for, little-endian.
pub(crate) struct Numbers<R> {
    text: R,
    /// Nothing: pairs of hexadecimal digits.
    element: Option<ElementType>,
    ready: [u8; 8],
    from: usize,
    to: usize,
}

impl<R: BufRead> Numbers<R> {
    pub(crate) fn decimal(text: R, element: ElementType) -> Self {
        Self { text, element: Some(element), ready: [0; 8], from: 0, to: 0 }
    }

    pub(crate) fn hexadecimal(text: R) -> Self {
        Self { text, element: None, ready: [0; 8], from: 0, to: 0 }
    }

    fn next_byte(&mut self) -> Result<Option<u8>> {
        let byte = self.text.fill_buf()?.first().copied();
        self.text.consume(usize::from(byte.is_some()));
        Ok(byte)
    }

    /// The next bytes, or false at the end of the text.
    fn fill(&mut self) -> Result<bool> {
        let signs = if self.element.is_some() { NUMBER_SIGNS } else { 2 };
        let mut word = String::new();
        while let Some(byte) = self.next_byte()? {
            let between = byte.is_ascii_whitespace() || byte == b',';
            if between && word.is_empty() {
                continue;
            }
            if between && self.element.is_some() {
                break;
            }
            if !byte.is_ascii_graphic() || word.len() >= signs {
                return Err(Error::new(ErrorKind::InvalidData, "where a number should stand there is something else"));
            }
            word.push(byte as char);
            if self.element.is_none() && word.len() == 2 {
                break;
            }
        }
        if word.is_empty() {
            return Ok(false);
        }
        let wrong = || Error::new(ErrorKind::InvalidData, format!("“{word}” is no such number"));
        let bytes = match self.element {
            Some(element) => decimal(&word, element).ok_or_else(wrong)?,
            None => vec![u8::from_str_radix(&word, 16).map_err(|_| wrong())?],
        };
        self.ready[..bytes.len()].copy_from_slice(&bytes);
        (self.from, self.to) = (0, bytes.len());
        Ok(true)
    }
}

/// The bytes of a decimal number, or nothing when the type cannot hold it.
fn decimal(word: &str, element: ElementType) -> Option<Vec<u8>> {
    match element {
        ElementType::F32 => word.parse::<f32>().ok().map(|value| value.to_le_bytes().to_vec()),
        ElementType::F64 => word.parse::<f64>().ok().map(|value| value.to_le_bytes().to_vec()),
        _ => {
            let value: i128 = word.parse().ok()?;
            let bits = 8 * element.bytes() as u32;
            let signed = element.name().starts_with('i');
            let (low, high) = if signed { (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1) } else { (0, (1i128 << bits) - 1) };
            (low..=high).contains(&value).then(|| value.to_le_bytes()[..element.bytes()].to_vec())
        }
    }
}

impl<R: BufRead> Read for Numbers<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let mut written = 0;
        while written < out.len() {
            if self.from == self.to && !self.fill()? {
                break;
            }
            let count = (self.to - self.from).min(out.len() - written);
            out[written..written + count].copy_from_slice(&self.ready[self.from..self.from + count]);
            self.from += count;
            written += count;
        }
        Ok(written)
    }
}

/// Amira's HxByteRLE: a count with the high bit set stands before so many bytes as they are, one without it before a byte
/// that is repeated so often.
pub(crate) struct ByteRuns<R> {
    bytes: R,
    left: usize,
    repeated: Option<u8>,
}

impl<R: BufRead> ByteRuns<R> {
    pub(crate) fn new(bytes: R) -> Self {
        Self { bytes, left: 0, repeated: None }
    }
}

impl<R: BufRead> Read for ByteRuns<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let mut written = 0;
        while written < out.len() {
            if self.left == 0 {
                let mut run = [0; 2];
                if self.bytes.fill_buf()?.is_empty() {
                    break;
                }
                self.bytes.read_exact(&mut run[..1])?;
                self.left = usize::from(run[0] & 0x7f);
                self.repeated = None;
                if run[0] & 0x80 == 0 {
                    self.bytes.read_exact(&mut run[1..])?;
                    self.repeated = Some(run[1]);
                }
                continue;
            }
            let count = self.left.min(out.len() - written);
            let here = &mut out[written..written + count];
            match self.repeated {
                Some(byte) => here.fill(byte),
                None => self.bytes.read_exact(here)?,
            }
            self.left -= count;
            written += count;
        }
        Ok(written)
    }
}

/// How Scanco's programs write runs of equal bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunStyle {
    /// A count stands before each byte.
    Counted,
    /// Two bytes stand in front and take turns; a count of 255 are 254 and the turn goes on.
    TwoValues,
}

/// Runs of equal bytes, see [`RunStyle`].
pub(crate) struct EqualRuns<R> {
    bytes: R,
    style: RunStyle,
    /// The two that take turns, once they are read.
    turns: Option<[u8; 2]>,
    left: usize,
    byte: u8,
    goes_on: bool,
}

impl<R: BufRead> EqualRuns<R> {
    pub(crate) fn new(bytes: R, style: RunStyle) -> Self {
        Self { bytes, style, turns: None, left: 0, byte: 0, goes_on: true }
    }

    fn next_byte(&mut self) -> Result<Option<u8>> {
        let byte = self.bytes.fill_buf()?.first().copied();
        self.bytes.consume(usize::from(byte.is_some()));
        Ok(byte)
    }

    /// The next run, or false at the end.
    fn fill(&mut self) -> Result<bool> {
        let early = || Error::new(ErrorKind::UnexpectedEof, "the runs end within one of them");
        if self.style == RunStyle::Counted {
            let Some(count) = self.next_byte()? else { return Ok(false) };
            self.byte = self.next_byte()?.ok_or_else(early)?;
            self.left = usize::from(count);
            return Ok(true);
        }
        let [now, other] = match self.turns {
            Some(turns) if self.goes_on => turns,
            Some([now, other]) => [other, now],
            None => [self.next_byte()?.ok_or_else(early)?, self.next_byte()?.ok_or_else(early)?],
        };
        let Some(count) = self.next_byte()? else { return Ok(false) };
        self.goes_on = count == 255;
        (self.turns, self.byte, self.left) = (Some([now, other]), now, usize::from(count.min(254)));
        Ok(true)
    }
}

impl<R: BufRead> Read for EqualRuns<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let mut written = 0;
        while written < out.len() {
            if self.left == 0 {
                if !self.fill()? {
                    break;
                }
                continue;
            }
            let count = self.left.min(out.len() - written);
            out[written..written + count].fill(self.byte);
            self.left -= count;
            written += count;
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut reader: impl Read) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map(|_| bytes)
    }

    #[test]
    fn text_becomes_the_bytes_it_stands_for() {
        assert_eq!(all(Numbers::decimal(&b" 1 -2,\n300 "[..], ElementType::I16)).unwrap(), [1, 0, 254, 255, 44, 1]);
        assert_eq!(all(Numbers::decimal(&b"0.5 nan"[..], ElementType::F32)).unwrap()[..4], 0.5f32.to_le_bytes());
        assert!(all(Numbers::decimal(&b"256"[..], ElementType::U8)).is_err());
        assert!(all(Numbers::decimal(&b"-1"[..], ElementType::U16)).is_err());
        assert!(all(Numbers::decimal(&b"one"[..], ElementType::U16)).is_err());
        assert_eq!(all(Numbers::hexadecimal(&b"00 ff\n1A2b"[..])).unwrap(), [0, 255, 26, 43]);
        assert!(all(Numbers::hexadecimal(&b"0x"[..])).is_err());
    }

    #[test]
    fn runs_are_unrolled() {
        assert_eq!(all(ByteRuns::new(&[3, 9, 0x82, 1, 2, 1, 5][..])).unwrap(), [9, 9, 9, 1, 2, 5]);
        assert!(all(ByteRuns::new(&[0x83, 1, 2][..])).is_err());
        assert_eq!(all(EqualRuns::new(&[2, 7, 0, 9, 1, 8][..], RunStyle::Counted)).unwrap(), [7, 7, 8]);
        assert!(all(EqualRuns::new(&[2, 7, 3][..], RunStyle::Counted)).is_err());
        let turns = all(EqualRuns::new(&[0, 127, 2, 255, 1, 3][..], RunStyle::TwoValues)).unwrap();
        assert_eq!(turns, [vec![0; 2], vec![127; 255], vec![0; 3]].concat());
        assert!(all(EqualRuns::new(&[5][..], RunStyle::TwoValues)).is_err());
    }
}
