//! A short look at a stream of bytes before it is packed: noise, uneven, or repeating itself.

/// What a stream looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// All bytes are equally frequent and nothing comes again: packing would save nothing.
    Noise,
    /// Some bytes are more frequent than others.
    Uneven,
    /// Whole passages come again.
    Repeats,
}

/// Bytes of one window that is looked at, and how many of them there are.
const WINDOW: usize = 2_048;
const WINDOWS: usize = 2;
/// Places that are remembered while looking for passages that come again.
const PLACES: usize = 1_024;
/// Bits per byte from which on a sample of this size is noise; it shows 7.955 for bytes that are all equally likely.
const NOISE_BITS: f32 = 7.93;
/// Bytes of a passage.
const PASSAGE: usize = 8;

pub(crate) fn look(stream: &[u8]) -> Sight {
    let mut counts = [0u32; 256];
    let (mut seen, mut asked, mut again) = (0, 0, Repeats::default());
    for part in stream.chunks((stream.len() / WINDOWS).max(1)).take(WINDOWS) {
        let start = part.len().saturating_sub(WINDOW) / 2;
        let window = &part[start..part.len().min(start + WINDOW)];
        window.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
        seen += window.len();
        again.count(window);
        asked += window.len() / 2;
    }
    // Runs of one byte are found without a search; only where there is hardly anything else is it worth to find them all.
    if 4 * again.patterns > asked || 8 * (again.patterns + again.runs) > 7 * asked {
        return Sight::Repeats;
    }
    if seen >= WINDOW && bits_per_byte(&counts, seen) > noise_bits(seen) { Sight::Noise } else { Sight::Uneven }
}

/// A smaller sample looks less even than it is.
fn noise_bits(seen: usize) -> f32 {
    NOISE_BITS - 184.0 * (1.0 / seen as f32 - 1.0 / (WINDOWS * WINDOW) as f32).max(0.0)
}

/// How many of every second place begin with a passage that stood there before: of one byte, or of several.
#[derive(Default)]
struct Repeats {
    runs: usize,
    patterns: usize,
}

impl Repeats {
    fn count(&mut self, window: &[u8]) {
        let mut places = [0u16; PLACES];
        for place in (0..window.len().saturating_sub(PASSAGE)).step_by(2) {
            let word = passage(window, place);
            let slot = (word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize & (PLACES - 1);
            let before = usize::from(places[slot]);
            if before < place && passage(window, before) == word {
                if word == word.rotate_left(8) { self.runs += 1 } else { self.patterns += 1 }
            }
            places[slot] = place as u16;
        }
    }
}

fn passage(window: &[u8], place: usize) -> u64 {
    window[place..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

fn bits_per_byte(counts: &[u32; 256], seen: usize) -> f32 {
    let seen = seen as f32;
    let logs: f32 = counts.iter().filter(|count| **count > 0).map(|&count| count as f32 * (count as f32).log2()).sum();
    seen.log2() - logs / seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_grain_and_patterns_are_told_apart() {
        let mut state = 5u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u8
        };
        let noise: Vec<u8> = (0..100_000).map(|_| next()).collect();
        let seven_bits: Vec<u8> = noise.iter().map(|byte| byte & 127).collect();
        let ramp: Vec<u8> = (0..100_000).map(|index| index as u8).collect();
        for length in [2_048, 4_096, 16_384, 100_000] {
            assert_eq!(look(&noise[..length]), Sight::Noise, "{length}");
            assert_eq!(look(&seven_bits[..length]), Sight::Uneven);
            assert_eq!(look(&ramp[..length]), Sight::Repeats);
            assert_eq!(look(&vec![0; length]), Sight::Repeats);
            let half_empty: Vec<u8> =
                seven_bits[..length].iter().enumerate().map(|(at, byte)| if at / 100 % 2 == 0 { 0 } else { *byte }).collect();
            assert_eq!(look(&half_empty), Sight::Uneven);
        }
        assert_eq!(look(&[]), Sight::Uneven);
        assert_eq!(look(&noise[..100]), Sight::Uneven);
    }
}
