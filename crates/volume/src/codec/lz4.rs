//! Expands LZ4 blocks. Bits that were shuffled make long runs of a few bytes, which are copied here in steps that double.
//!
//! Source: the description of the block format (lz4_Block_format.md). A block is a row of sequences: a token, literals,
//! and how far back and how long a copy of what stands there already is; the last one ends after its literals.

use super::{Broken, check_length};

/// Bytes that are copied at once where there is room for them, whether they are needed or not.
const STEP: usize = 16;
/// No copy is shorter.
const COPY_MIN: usize = 4;
/// The part of a token that says that more of its length follows.
const LONG: usize = 15;

fn cut_off() -> Broken {
    Broken::new("LZ4 data end too early")
}

fn too_long() -> Broken {
    Broken::new("LZ4 data hold too much")
}

/// Expands one block to exactly as many bytes as `out` has.
pub(crate) fn expand_into(packed: &[u8], out: &mut [u8]) -> Result<(), Broken> {
    let (mut from, mut to) = (0, 0);
    loop {
        let token = usize::from(*packed.get(from).ok_or_else(cut_off)?);
        from += 1;
        let literals = length(token >> 4, packed, &mut from)?;
        match (packed.get(from..from + STEP), out.get_mut(to..to + STEP)) {
            (Some(step), Some(place)) if literals <= STEP => place.copy_from_slice(step),
            _ => {
                let run = packed.get(from..from + literals).ok_or_else(cut_off)?;
                out.get_mut(to..to + literals).ok_or_else(too_long)?.copy_from_slice(run);
            }
        }
        (from, to) = (from + literals, to + literals);
        if from == packed.len() {
            return check_length(to, out.len());
        }
        let back = packed.get(from..).and_then(|rest| rest.first_chunk::<2>()).ok_or_else(cut_off)?;
        let back = usize::from(u16::from_le_bytes(*back));
        from += 2;
        let copied = length(token & LONG, packed, &mut from)? + COPY_MIN;
        let start = to.checked_sub(back).filter(|_| back > 0).ok_or_else(|| Broken::new("LZ4 data point before their beginning"))?;
        if copied > out.len() - to {
            return Err(too_long());
        }
        copy(out, start, to, copied);
        to += copied;
    }
}

/// A length of which four bits stand in the token; bytes of 255 go on.
#[inline(always)]
fn length(begun: usize, packed: &[u8], from: &mut usize) -> Result<usize, Broken> {
    let mut length = begun;
    if begun == LONG {
        loop {
            let more = *packed.get(*from).ok_or_else(cut_off)?;
            *from += 1;
            length += usize::from(more);
            if more < u8::MAX {
                break;
            }
        }
    }
    Ok(length)
}

/// Copies so many bytes from `start` to `to`, which comes later; where they overlap, what is between comes again and again.
#[inline(always)]
fn copy(out: &mut [u8], start: usize, to: usize, length: usize) {
    let back = to - start;
    if back >= STEP && length <= STEP && to + STEP <= out.len() {
        let mut step = [0; STEP];
        step.copy_from_slice(&out[start..start + STEP]);
        out[to..to + STEP].copy_from_slice(&step);
    } else if back >= length {
        out.copy_within(start..start + length, to);
    } else if back == 1 {
        let byte = out[start];
        out[to..to + length].fill(byte);
    } else {
        let (mut done, mut step) = (0, back);
        while done < length {
            let count = step.min(length - done);
            out.copy_within(start..start + count, to + done);
            (done, step) = (done + count, 2 * step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise, then runs that come again after so many bytes, then noise.
    fn passages() -> Vec<u8> {
        let mut state = 9u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u8
        };
        let mut plain = Vec::new();
        for apart in 1..40 {
            plain.extend((0..apart * 5).map(|_| next()));
            let run: Vec<u8> = (0..apart).map(|_| next()).collect();
            (0..apart * 9 % 70 + 2).for_each(|_| plain.extend_from_slice(&run));
        }
        plain
    }

    #[test]
    fn blocks_of_another_packer_expand() {
        let plain = passages();
        for end in (0..plain.len()).step_by(97).chain([plain.len()]) {
            let packed = lz4_flex::block::compress(&plain[..end]);
            let mut out = vec![1; end];
            expand_into(&packed, &mut out).unwrap();
            assert_eq!(out, plain[..end], "{end}");
            assert!(end == 0 || expand_into(&packed, &mut out[..end - 1]).is_err());
            assert!(expand_into(&packed, &mut vec![0; end + 1]).is_err());
        }
    }

    #[test]
    fn what_is_damaged_is_refused_or_another_block_but_never_more() {
        let plain = passages();
        let packed = lz4_flex::block::compress(&plain);
        let mut out = vec![0; plain.len()];
        for cut in 0..packed.len() {
            assert!(expand_into(&packed[..cut], &mut out).is_err(), "{cut}");
        }
        let mut state = 3usize;
        for _ in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut damaged = packed.clone();
            damaged[(state >> 33) % packed.len()] = (state >> 20) as u8;
            let mut ours = vec![0; plain.len()];
            let outcome = expand_into(&damaged, &mut ours);
            let theirs = lz4_flex::block::decompress(&damaged, plain.len()).ok().filter(|theirs| theirs.len() == plain.len());
            assert_eq!(outcome.is_ok(), theirs.is_some());
            assert!(theirs.is_none_or(|theirs| theirs == ours));
        }
        // A copy of what is not there yet, one from before the beginning, one that is too long.
        for wrong in [&[0x10, 7, 0, 0][..], &[0x10, 7, 2, 0], &[0x1f, 7, 1, 0, 255, 255], &[0xf0], &[]] {
            assert!(expand_into(wrong, &mut [0; 8]).is_err(), "{wrong:?}");
        }
    }
}
