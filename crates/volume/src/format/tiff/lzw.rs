//! LZW as TIFF writes it: codes of 9 to 12 bits, the highest bit first, one code wider a little early.
//!
//! Every string of the table has been written out already, so the table holds places in the output and no letters.

const CLEAR: usize = 256;
const END: usize = 257;
const FIRST: usize = 258;
const CODES: usize = 4_096;

/// A string by where it lies in the output.
#[derive(Clone, Copy, Default)]
struct Place {
    start: u32,
    length: u32,
}

/// Table of one thread, used again for every strip.
pub(crate) struct Lzw {
    places: Box<[Place; CODES]>,
}

impl Default for Lzw {
    fn default() -> Self {
        Self { places: Box::new([Place::default(); CODES]) }
    }
}

/// Codes of changing width out of a row of bytes.
struct Codes<'a> {
    packed: &'a [u8],
    at: usize,
    pool: u64,
    held: u32,
}

impl Codes<'_> {
    #[inline]
    fn next(&mut self, width: u32) -> Option<usize> {
        if self.held < width {
            if let Some(four) = self.packed.get(self.at..self.at + 4) {
                self.pool = self.pool << 32 | u64::from(u32::from_be_bytes([four[0], four[1], four[2], four[3]]));
                (self.at, self.held) = (self.at + 4, self.held + 32);
            } else {
                while self.held < width {
                    self.pool = self.pool << 8 | u64::from(*self.packed.get(self.at)?);
                    (self.at, self.held) = (self.at + 1, self.held + 8);
                }
            }
        }
        self.held -= width;
        Some((self.pool >> self.held) as usize & ((1 << width) - 1))
    }
}

impl Lzw {
    /// Fills `out` and no more; returns how many bytes came, or nothing when a code is not in the table.
    pub(crate) fn expand(&mut self, packed: &[u8], out: &mut [u8]) -> Option<usize> {
        let mut codes = Codes { packed, at: 0, pool: 0, held: 0 };
        let (mut width, mut next, mut to) = (9, FIRST, 0);
        let mut previous: Option<Place> = None;
        while to < out.len() {
            let Some(code) = codes.next(width) else { break };
            if code == CLEAR {
                (width, next, previous) = (9, FIRST, None);
                continue;
            }
            if code == END {
                break;
            }
            // The string before and the first letter of this one lie side by side in the output: that is the new string.
            if let Some(before) = previous.filter(|_| next < CODES) {
                self.places[next] = Place { start: before.start, length: before.length + 1 };
                next += 1;
                if next >= (1 << width) - 1 && width < 12 {
                    width += 1;
                }
            }
            let length = if code < CLEAR {
                out[to] = code as u8;
                1
            } else if code < next {
                copy(self.places[code], out, to)
            } else {
                return None;
            };
            previous = Some(Place { start: to as u32, length: length as u32 });
            to += length;
        }
        Some(to)
    }
}

/// Copies a string to `to`, as much of it as there is room for.
#[inline]
fn copy(place: Place, out: &mut [u8], to: usize) -> usize {
    let start = place.start as usize;
    let length = (place.length as usize).min(out.len() - to);
    if length <= 8 && to + 8 <= out.len() {
        // Eight at once; what is too much will be written over by the next string.
        let mut eight = [0; 8];
        eight.copy_from_slice(&out[start..start + 8]);
        out[to..to + 8].copy_from_slice(&eight);
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
