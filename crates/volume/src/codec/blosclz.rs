//! Expands BloscLZ, the compressor that blosc is named after; nothing here writes it.
//!
//! The stream is that of FastLZ level 2 with far distances: a control byte below 32 copies that many bytes and one;
//! any other is a match of which the top three bits are the length and the low five the high bits of the distance.

use super::Broken;

/// A distance of all ones is followed by sixteen bits that reach further back than this.
const DISTANCE_MAX: usize = 8_191;

/// Expands to exactly as many bytes as `out` has.
pub(super) fn expand_into(packed: &[u8], out: &mut [u8]) -> Result<(), Broken> {
    let mut source = Source { bytes: packed, at: 0 };
    let mut written = 0usize;
    let mut control = usize::from(source.next()? & 31);
    loop {
        if control >= 32 {
            let (length, back) = read_match(&mut source, control)?;
            let from = written.checked_sub(back).ok_or_else(cut_off)?;
            let end = written.checked_add(length).filter(|&end| end <= out.len()).ok_or_else(cut_off)?;
            if back >= length {
                out.copy_within(from..from + length, written);
            } else {
                // The match overlaps what it writes: it repeats a pattern.
                (written..end).for_each(|place| out[place] = out[place - back]);
            }
            written = end;
        } else {
            let literals = source.take(control + 1)?;
            let end = written + literals.len();
            out.get_mut(written..end).ok_or_else(cut_off)?.copy_from_slice(literals);
            written = end;
        }
        if source.is_empty() {
            break;
        }
        control = usize::from(source.next()?);
    }
    super::check_length(written, out.len())
}

/// Length and distance of the match that `control` begins.
fn read_match(source: &mut Source<'_>, control: usize) -> Result<(usize, usize), Broken> {
    let mut length = (control >> 5) - 1;
    let high = (control & 31) << 8;
    if length == 6 {
        loop {
            let more = source.next()?;
            length = length.checked_add(usize::from(more)).ok_or_else(cut_off)?;
            if more != 255 {
                break;
            }
        }
    }
    let low = usize::from(source.next()?);
    let back = if low == 255 && high == 31 << 8 {
        (usize::from(source.next()?) << 8) + usize::from(source.next()?) + DISTANCE_MAX
    } else {
        high + low
    };
    Ok((length + 3, back + 1))
}

fn cut_off() -> Broken {
    Broken::new("BloscLZ data do not expand")
}

struct Source<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Source<'a> {
    fn is_empty(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn next(&mut self) -> Result<u8, Broken> {
        let byte = *self.bytes.get(self.at).ok_or_else(cut_off)?;
        self.at += 1;
        Ok(byte)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Broken> {
        let taken = self.bytes.get(self.at..self.at + count).ok_or_else(cut_off)?;
        self.at += count;
        Ok(taken)
    }
}
