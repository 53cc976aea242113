//! The szip filter: extended Rice coding of samples as CCSDS 121.0-B has it, in scan lines as the szip library divides them.
//!
//! A scan line is coded in blocks of a few samples. Each block begins with a number that says how: as it is, as zeros, in pairs, or
//! split into a count of zeros and some low bits. Where neighbours were subtracted before, the first sample of a line is whole.

use super::filters::damaged;
use crate::Trouble;
use crate::codec::shuffle::unshuffle;

/// The filter's own words: bits of its options.
const NEAREST_NEIGHBOUR: u32 = 32;
const MSB_FIRST: u32 = 16;
/// Samples of a scan line; the library allows 4096.
const LINE_MAX: usize = 1 << 16;
const BLOCK_MAX: usize = 64;
/// Zero blocks: this count stands for all up to the end of the segment.
const REST_OF_SEGMENT: usize = 5;
const SEGMENT_BLOCKS: usize = 64;
/// The largest code of a pair of samples.
const PAIR_MAX: usize = 90;

/// What the dataset says of its samples.
struct Parameters {
    block: usize,
    line: usize,
    /// Bits of a sample as it is coded; long ones are coded byte by byte.
    bits: u32,
    /// Bytes of an element whose bytes were taken apart before; 1 when they were not.
    apart: usize,
    subtracted: bool,
    big_endian: bool,
}

impl Parameters {
    fn of(values: &[u32]) -> Option<Self> {
        let &[options, block, pixel, line, ..] = values else { return None };
        let (bits, apart) = match pixel {
            32 | 64 => (8, pixel as usize / 8),
            1..=24 => (pixel, 1),
            _ => return None,
        };
        let (block, line) = (block as usize, line as usize);
        let possible = (2..=BLOCK_MAX).contains(&block) && block.is_multiple_of(2) && (1..=LINE_MAX).contains(&line);
        let (subtracted, big_endian) = (options & NEAREST_NEIGHBOUR != 0, options & MSB_FIRST != 0);
        possible.then_some(Self { block, line, bits, apart, subtracted, big_endian })
    }

    /// Bytes of a sample when it is not coded.
    fn bytes(&self) -> usize {
        match self.bits {
            0..=8 => 1,
            9..=16 => 2,
            _ => 4,
        }
    }
}

/// Undoes it; returns how many bytes of `out` came.
pub(super) fn expand(values: &[u32], input: &[u8], out: &mut [u8]) -> Result<usize, Trouble> {
    let parameters = Parameters::of(values).ok_or_else(|| damaged("szip with parameters that are not possible"))?;
    let (length, coded) = input.split_first_chunk::<4>().ok_or_else(|| damaged("szip ends in its head"))?;
    let length = u32::from_le_bytes(*length) as usize;
    let out = out.get_mut(..length).ok_or_else(|| damaged("more bytes than voxels"))?;
    if parameters.apart == 1 {
        lines(&parameters, coded, out)?;
    } else {
        let mut planes = vec![0; length];
        lines(&parameters, coded, &mut planes)?;
        unshuffle(&planes, parameters.apart, out);
    }
    Ok(length)
}

/// One scan line after the other. What fills up the last block of a line belongs to nobody.
fn lines(parameters: &Parameters, coded: &[u8], out: &mut [u8]) -> Result<(), Trouble> {
    let size = parameters.bytes();
    if !out.len().is_multiple_of(size) {
        return Err(damaged("szip of broken samples"));
    }
    let mut bits = Bits { bytes: coded, at: 0 };
    let mut samples = Vec::with_capacity(parameters.line + parameters.block);
    for line in out.chunks_mut(parameters.line * size) {
        samples.clear();
        let wanted = line.len() / size;
        while samples.len() < wanted {
            block(parameters, &mut bits, &mut samples)?;
        }
        if parameters.subtracted {
            add_up(&mut samples, parameters.bits);
        }
        for (sample, voxel) in samples.iter().zip(line.chunks_exact_mut(size)) {
            match parameters.big_endian {
                true => voxel.copy_from_slice(&sample.to_be_bytes()[4 - size..]),
                false => voxel.copy_from_slice(&sample.to_le_bytes()[..size]),
            }
        }
    }
    Ok(())
}

/// Reads one block, or several of zeros.
fn block(parameters: &Parameters, bits: &mut Bits<'_>, samples: &mut Vec<u32>) -> Result<(), Trouble> {
    let id_bits = match parameters.bits {
        0..=8 => 3,
        9..=16 => 4,
        _ => 5,
    };
    let is_first = parameters.subtracted && samples.is_empty();
    let id = bits.take(id_bits)?;
    let low_entropy = if id == 0 { Some(bits.take(1)?) } else { None };
    if id == (1 << id_bits) - 1 {
        for _ in 0..parameters.block {
            samples.push(bits.take(parameters.bits)?);
        }
        return Ok(());
    }
    if is_first {
        samples.push(bits.take(parameters.bits)?);
    }
    let missing = parameters.block - usize::from(is_first);
    match low_entropy {
        Some(0) => zeros(parameters, bits, samples, is_first),
        Some(_) => pairs(bits, samples, missing),
        None => split(bits, samples, missing, id - 1),
    }
}

fn zeros(parameters: &Parameters, bits: &mut Bits<'_>, samples: &mut Vec<u32>, is_first: bool) -> Result<(), Trouble> {
    let done = samples.len() / parameters.block;
    let left = parameters.line.div_ceil(parameters.block) - done;
    let blocks = match bits.zeros()? + 1 {
        REST_OF_SEGMENT => left.min(SEGMENT_BLOCKS - done % SEGMENT_BLOCKS),
        more if more > REST_OF_SEGMENT => more - 1,
        few => few,
    };
    if blocks > left {
        return Err(damaged("szip has more zeros than a line"));
    }
    samples.resize(samples.len() + blocks * parameters.block - usize::from(is_first), 0);
    Ok(())
}

/// Two samples in one code: their sum s in the s-th row of a triangle, and the second as the place in that row.
fn pairs(bits: &mut Bits<'_>, samples: &mut Vec<u32>, missing: usize) -> Result<(), Trouble> {
    // After a whole first sample its partner comes alone, in a pair with nothing.
    let mut left = missing;
    while left > 0 {
        let code = bits.zeros()?;
        if code > PAIR_MAX {
            return Err(damaged("szip has a pair that is not possible"));
        }
        let mut sum = 0;
        while (sum + 1) * (sum + 2) / 2 <= code {
            sum += 1;
        }
        let second = code - sum * (sum + 1) / 2;
        if left.is_multiple_of(2) {
            samples.push((sum - second) as u32);
            left -= 1;
        }
        samples.push(second as u32);
        left -= 1;
    }
    Ok(())
}

/// First the high parts of all samples as counts of zeros, then their low bits.
fn split(bits: &mut Bits<'_>, samples: &mut Vec<u32>, missing: usize, low_bits: u32) -> Result<(), Trouble> {
    let start = samples.len();
    for _ in 0..missing {
        let high = u32::try_from(bits.zeros()?).unwrap_or(u32::MAX);
        samples.push(high.wrapping_shl(low_bits));
    }
    if low_bits > 0 {
        for sample in &mut samples[start..] {
            *sample = sample.wrapping_add(bits.take(low_bits)?);
        }
    }
    Ok(())
}

/// Differences become samples again. Small ones were written as twice their size, odd ones being negative; beyond what lies
/// between a sample and the nearer end of its range they go on in one direction.
fn add_up(samples: &mut [u32], bits: u32) {
    let most = if bits == 32 { u32::MAX } else { (1 << bits) - 1 };
    let middle = most / 2 + 1;
    let Some((first, rest)) = samples.split_first_mut() else { return };
    let mut before = *first;
    for sample in rest {
        let difference = *sample;
        let half = (difference >> 1) + (difference & 1);
        let end = if before & middle != 0 { most } else { 0 };
        let step = if difference & 1 == 1 { !(difference >> 1) } else { difference >> 1 };
        before = if half <= end ^ before { before.wrapping_add(step) } else { end ^ difference } & most;
        *sample = before;
    }
}

/// Bits of a stream, the highest of each byte first.
struct Bits<'b> {
    bytes: &'b [u8],
    /// Counted in bits.
    at: usize,
}

impl Bits<'_> {
    /// The next bits in the highest places; at least 57 of them, zeros behind the end.
    fn window(&self) -> u64 {
        let from = self.at / 8;
        let word = match self.bytes.get(from..).and_then(<[u8]>::first_chunk::<8>) {
            Some(bytes) => u64::from_be_bytes(*bytes),
            None => {
                let rest = self.bytes.get(from..).unwrap_or_default();
                let mut bytes = [0; 8];
                bytes[..rest.len()].copy_from_slice(rest);
                u64::from_be_bytes(bytes)
            }
        };
        word << (self.at % 8)
    }

    fn forward(&mut self, count: usize) -> Result<(), Trouble> {
        self.at += count;
        if self.at <= 8 * self.bytes.len() { Ok(()) } else { Err(damaged("szip ends early")) }
    }

    /// A number of at most 32 bits.
    fn take(&mut self, count: u32) -> Result<u32, Trouble> {
        if count == 0 {
            return Ok(0);
        }
        let value = (self.window() >> (64 - count)) as u32;
        self.forward(count as usize).map(|()| value)
    }

    /// How many zeros stand before the next one, which is taken too.
    fn zeros(&mut self) -> Result<usize, Trouble> {
        let mut count = 0;
        loop {
            let sure = 64 - self.at % 8;
            let here = (self.window().leading_zeros() as usize).min(sure);
            if here < sure {
                self.forward(here + 1)?;
                return Ok(count + here);
            }
            self.forward(sure)?;
            count += sure;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes bits as text, the rest of the last byte zero.
    fn bytes(bits: &str) -> Vec<u8> {
        let bits: Vec<u8> = bits.bytes().filter(|bit| *bit != b' ').map(|bit| bit - b'0').collect();
        bits.chunks(8).map(|byte| byte.iter().enumerate().fold(0, |sum, (at, bit)| sum | bit << (7 - at))).collect()
    }

    fn stored(length: u32, bits: &str) -> Vec<u8> {
        [length.to_le_bytes().to_vec(), bytes(bits)].concat()
    }

    #[test]
    fn every_way_to_code_a_block_is_undone() {
        let plain = [0, 4, 8, 4];
        let mut out = [0; 4];
        // As they are; split with two low bits; zeros; pairs (1, 0) and (0, 2).
        for (bits, samples) in [
            ("111 00000001 00000010 11111111 00000000", [1, 2, 255, 0]),
            ("011 1 01 001 1 01 10 11 00", [1, 6, 11, 0]),
            ("000 0 1", [0, 0, 0, 0]),
            ("000 1 01 000001", [1, 0, 0, 2]),
        ] {
            assert_eq!(expand(&plain, &stored(4, bits), &mut out).unwrap(), 4, "{bits}");
            assert_eq!(out, samples, "{bits}");
        }
    }

    #[test]
    fn differences_turn_back_at_the_ends_of_the_range() {
        // From 2: up by 1 (2), down by 2 (3), then 9, which is more than 2 · 1 and so the value itself.
        let mut samples = [2, 2, 3, 9];
        add_up(&mut samples, 8);
        assert_eq!(samples, [2, 3, 1, 9]);
        let mut samples = [250, 9, 100];
        add_up(&mut samples, 8);
        assert_eq!(samples, [250, 245, 155]);
    }

    #[test]
    fn what_breaks_off_or_is_not_possible_is_refused() {
        let mut out = [0; 64];
        let good = stored(4, "111 00000001 00000010 11111111 00000000");
        for length in 0..good.len() {
            assert!(expand(&[0, 4, 8, 4], &good[..length], &mut out).is_err(), "{length}");
        }
        for values in
            [&[][..], &[0, 4, 8], &[0, 0, 8, 4], &[0, 3, 8, 4], &[0, 4, 0, 4], &[0, 4, 33, 4], &[0, 4, 8, 0], &[0, 4, 8, u32::MAX]]
        {
            assert!(expand(values, &good, &mut out).is_err(), "{values:?}");
        }
        assert!(expand(&[0, 4, 8, 4], &stored(65, "000 0 1"), &mut out).is_err(), "more than there is room");
        assert!(expand(&[0, 4, 8, 4], &stored(4, "000 0 0001"), &mut out).is_err(), "four blocks of zeros in a line of one");
        assert!(expand(&[0, 4, 8, 4], &stored(4, &format!("000 1 {}1", "0".repeat(91))), &mut out).is_err());
        assert!(expand(&[0, 4, 8, 4], &stored(4, &"0".repeat(400)), &mut out).is_err(), "zeros without end");
    }
}
