//! LZW as TIFF writes it: codes of 9 to 12 bits, the highest bit first, one code wider a little early.
//!
//! Most strings of grey values are short: the table holds them by their letters. Every string has been written out
//! already, so of the long ones it holds the place in the output.

const CLEAR: usize = 256;
const END: usize = 257;
const FIRST: usize = 258;
const CODES: usize = 4_096;
/// Letters of a string that is held in one word, and the bits they take; above them stands how many they are.
const SHORT: usize = 7;
const LETTERS: u32 = 8 * SHORT as u32;
/// Stands for the number of letters of a string that is held by its place.
const LONG: u64 = 255 << LETTERS;

/// A string by where it lies in the output.
#[derive(Clone, Copy, Default)]
struct Place {
    start: u32,
    length: u32,
}

/// Table of one thread, used again for every strip.
pub(crate) struct Lzw {
    /// The first letter lowest; of a string that is too long, its first letters.
    words: Box<[u64; CODES]>,
    /// Of the strings that are too long for a word.
    places: Box<[Place; CODES]>,
}

impl Default for Lzw {
    fn default() -> Self {
        let letter = |code: usize| if code < CLEAR { code as u64 | 1 << LETTERS } else { 0 };
        Self { words: Box::new(std::array::from_fn(letter)), places: Box::new([Place::default(); CODES]) }
    }
}

/// Codes of changing width out of a row of bytes.
struct Codes<'a> {
    packed: &'a [u8],
    /// Bits that have been taken.
    at: usize,
}

impl Codes<'_> {
    #[inline(always)]
    fn next(&mut self, width: u32) -> Option<usize> {
        let first = self.at / 8;
        let four = match self.packed.get(first..first + 4) {
            Some(four) => u32::from_be_bytes([four[0], four[1], four[2], four[3]]),
            None => self.last_four(first, width)?,
        };
        let code = four << (self.at % 8) >> (32 - width);
        self.at += width as usize;
        Some(code as usize)
    }

    /// Near the end: zeros stand for what is missing, unless the code itself is cut off.
    #[cold]
    fn last_four(&self, first: usize, width: u32) -> Option<u32> {
        if self.at + width as usize > 8 * self.packed.len() {
            return None;
        }
        let byte = |index: usize| u32::from(self.packed.get(first + index).copied().unwrap_or(0));
        Some(byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3))
    }
}

impl Lzw {
    /// Fills `out` and no more; returns how many bytes came, or nothing when a code is not in the table.
    pub(crate) fn expand(&mut self, packed: &[u8], out: &mut [u8]) -> Option<usize> {
        let mut codes = Codes { packed, at: 0 };
        let (mut width, mut next, mut to) = (9, FIRST, 0);
        let mut previous: Option<(u64, Place)> = None;
        while to < out.len() {
            let Some(code) = codes.next(width) else { break };
            if code == CLEAR {
                (width, next, previous) = (9, FIRST, None);
                continue;
            }
            if code == END {
                break;
            }
            // The string before and the first letter of this one are the new string, which may be this one itself.
            if let Some((word, place)) = previous.filter(|_| next < CODES) {
                let letter = if code == next { word } else { self.words[code] } & 0xff;
                self.define(next, word, place, letter);
                next += 1;
                if next >= (1 << width) - 1 && width < 12 {
                    width += 1;
                }
            }
            if code >= next {
                return None;
            }
            let word = self.words[code];
            let length = if word < LONG { spell(word, out, to) } else { copy(self.places[code], out, to) };
            previous = Some((word, Place { start: to as u32, length: length as u32 }));
            to += length;
        }
        Some(to)
    }

    /// The string `word`, which was written to `place`, and one more letter.
    #[inline(always)]
    fn define(&mut self, code: usize, word: u64, place: Place, letter: u64) {
        let length = word >> LETTERS;
        if length < SHORT as u64 {
            self.words[code] = (word + (1 << LETTERS)) | letter << (8 * length);
        } else {
            self.words[code] = word | LONG;
            self.places[code] = Place { start: place.start, length: place.length + 1 };
        }
    }
}

/// Writes the letters of a short string to `to`, as many of them as there is room for.
#[inline(always)]
fn spell(word: u64, out: &mut [u8], to: usize) -> usize {
    let length = (word >> LETTERS) as usize;
    if let Some(eight) = out.get_mut(to..to + 8) {
        // Eight at once; what is too much will be written over by the next string.
        eight.copy_from_slice(&word.to_le_bytes());
        return length;
    }
    let rest = &mut out[to..];
    let length = length.min(rest.len());
    rest[..length].copy_from_slice(&word.to_le_bytes()[..length]);
    length
}

/// Copies a string to `to`, as much of it as there is room for.
#[inline]
fn copy(place: Place, out: &mut [u8], to: usize) -> usize {
    let start = place.start as usize;
    let length = (place.length as usize).min(out.len() - to);
    if length <= 16 && to + 16 <= out.len() {
        let mut sixteen = [0; 16];
        sixteen.copy_from_slice(&out[start..start + 16]);
        out[to..to + 16].copy_from_slice(&sixteen);
    } else {
        out.copy_within(start..start + length, to);
    }
    if start + length > to {
        // The newest string ends with its own first letter, which has only now come.
        out[to + length - 1] = out[start];
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What weezl packs must come back, over all widths of codes and a full table.
    #[test]
    fn what_was_packed_comes_back() {
        let mut state = 5u64;
        for count in [0, 1, 2, 300, 20_000, 200_000] {
            for letters in [1, 2, 17, 256] {
                let plain: Vec<u8> = (0..count)
                    .map(|_| {
                        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                        ((state >> 33) % letters) as u8
                    })
                    .collect();
                let packed = weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8).encode(&plain).unwrap();
                let mut out = vec![0; count];
                assert_eq!(Lzw::default().expand(&packed, &mut out), Some(count));
                assert!(out == plain, "{count} of {letters}");
                let mut half = vec![0; count / 2];
                assert_eq!(Lzw::default().expand(&packed, &mut half), Some(count / 2));
                assert!(half == plain[..count / 2]);
            }
        }
    }

    #[test]
    fn a_code_from_nowhere_is_told() {
        // 256, then 300, which nobody has defined.
        assert_eq!(Lzw::default().expand(&[0x80, 0x4b, 0x00], &mut [0; 8]), None);
    }
}
