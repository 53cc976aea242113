//! Blocks of cosines become samples. The sums are those of the Independent JPEG Group's accurate whole-number transform, so that
//! values come out as with its library.

use std::num::Wrapping;

/// Bits of the fraction of a constant below, and of what the columns leave for the rows, of 12-bit samples and of others.
const CONSTANT_BITS: usize = 13;
const BETWEEN_BITS_OF_12: usize = 1;
const BETWEEN_BITS: usize = 2;

/// Where the coefficients of a block stand, in the order in which they are written.
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56,
    57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Damaged coefficients may be too large for the sums, which then are as wrong as they are.
type Number = Wrapping<i32>;

/// Lays the samples of a block into `out`, whose rows are `stride` long. Coefficients behind number `last` are zero.
#[inline(always)]
pub(super) fn put(block: &[i32; 64], last: usize, precision: u32, out: &mut [u16], stride: usize) {
    if last == 0 {
        let sample = sample(Wrapping(block[0]), 3, precision);
        (0..8).for_each(|row| out[row * stride..][..8].fill(sample));
        return;
    }
    let samples = if precision == 12 { samples::<BETWEEN_BITS_OF_12>(block, 12) } else { samples::<BETWEEN_BITS>(block, 8) };
    for (row, samples) in samples.as_chunks::<8>().0.iter().enumerate() {
        out[row * stride..][..8].copy_from_slice(samples);
    }
}

/// Eight numbers are summed at once where the processor can do that.
#[inline(always)]
fn samples<const BETWEEN: usize>(block: &[i32; 64], precision: u32) -> [u16; 64] {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: this processor has what the function is compiled for, as was just asked.
        return unsafe { samples_by_eights::<BETWEEN>(block, precision) };
    }
    samples_anywhere::<BETWEEN>(block, precision)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn samples_by_eights<const BETWEEN: usize>(block: &[i32; 64], precision: u32) -> [u16; 64] {
    samples_anywhere::<BETWEEN>(block, precision)
}

/// First the columns, then the rows.
#[inline(always)]
fn samples_anywhere<const BETWEEN: usize>(block: &[i32; 64], precision: u32) -> [u16; 64] {
    let mut between = [0; 64];
    for column in 0..8 {
        let sums = eight(std::array::from_fn(|row| Wrapping(block[8 * row + column])));
        for (row, sum) in sums.into_iter().enumerate() {
            between[8 * row + column] = rounded(sum, CONSTANT_BITS - BETWEEN).0;
        }
    }
    // Turned round, rows are columns, and eight of them are summed at once.
    let turned: [i32; 64] = std::array::from_fn(|at| between[at % 8 * 8 + at / 8]);
    let mut samples = [0; 64];
    for row in 0..8 {
        let sums = eight(std::array::from_fn(|column| Wrapping(turned[8 * column + row])));
        for (column, sum) in sums.into_iter().enumerate() {
            samples[8 * column + row] = sample(sum, CONSTANT_BITS + BETWEEN + 3, precision);
        }
    }
    std::array::from_fn(|at| samples[at % 8 * 8 + at / 8])
}

/// A sum as a sample: brightness is coded around the middle.
#[inline(always)]
fn sample(sum: Number, bits: usize, precision: u32) -> u16 {
    let (middle, most) = (1 << (precision - 1), (1 << precision) - 1);
    (rounded(sum, bits) + Wrapping(middle)).0.clamp(0, most) as u16
}

#[inline(always)]
fn rounded(sum: Number, bits: usize) -> Number {
    (sum + Wrapping(1 << (bits - 1))) >> bits
}

/// Eight points of the inverse transform after Loeffler, Ligtenberg and Moschytz: twelve multiplications, each by a constant of
/// which the first [`CONSTANT_BITS`] bits behind the point are kept.
#[inline(always)]
fn eight(from: [Number; 8]) -> [Number; 8] {
    let constant = |number: i32| Wrapping(number);
    let turned = (from[2] + from[6]) * constant(4_433);
    let (even_2, even_3) = (turned - from[6] * constant(15_137), turned + from[2] * constant(6_270));
    let (even_0, even_1) = ((from[0] + from[4]) << CONSTANT_BITS, (from[0] - from[4]) << CONSTANT_BITS);
    let evens = [even_0 + even_3, even_1 + even_2, even_1 - even_2, even_0 - even_3];
    let all = (from[7] + from[3] + from[5] + from[1]) * constant(9_633);
    let (outer, inner) = (-(from[7] + from[1]) * constant(7_373), -(from[5] + from[3]) * constant(20_995));
    let (ends, others) = (all - (from[7] + from[3]) * constant(16_069), all - (from[5] + from[1]) * constant(3_196));
    let odds = [
        from[1] * constant(12_299) + outer + others,
        from[3] * constant(25_172) + inner + ends,
        from[5] * constant(16_819) + inner + others,
        from[7] * constant(2_446) + outer + ends,
    ];
    std::array::from_fn(|at| if at < 4 { evens[at] + odds[at] } else { evens[7 - at] - odds[7 - at] })
}
