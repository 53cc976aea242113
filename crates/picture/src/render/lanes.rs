//! Eight numbers at once: the same arithmetic in wide registers where the processor has them, and one by one where not.
//!
//! Only what IEEE 754 rounds in one way is used, and nothing is fused, so that both give the same bits.

pub(crate) mod plain;
#[cfg(target_arch = "x86_64")]
pub(crate) mod wide;

use std::ops::{Add, BitAnd, BitOr, Mul, Not, Sub};

/// Numbers that are worked on together.
pub(crate) const LANES: usize = 8;

pub(crate) trait Floats: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {
    type Ints: Ints<Floats = Self>;
    type Mask: Mask;

    fn splat(value: f32) -> Self;
    fn of(lanes: &[f32; LANES]) -> Self;
    fn lanes(self) -> [f32; LANES];
    fn over(self, other: Self) -> Self;
    fn root(self) -> Self;
    /// The other where one is not a number.
    fn least(self, other: Self) -> Self;
    /// The other where one is not a number.
    fn most(self, other: Self) -> Self;
    fn size(self) -> Self;
    fn below(self, other: Self) -> Self::Mask;
    /// This where the mask is set, the other where not.
    fn pick(self, mask: Self::Mask, other: Self) -> Self;
    /// Without what follows the point; for numbers that an `i32` holds.
    fn whole(self) -> Self::Ints;
    /// A float whose bits these are.
    fn of_bits(bits: Self::Ints) -> Self;
}

pub(crate) trait Ints: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {
    type Floats: Floats<Ints = Self>;

    fn splat(value: i32) -> Self;
    fn and(self, bits: i32) -> Self;
    fn left(self, bits: i32) -> Self;
    fn right(self, bits: i32) -> Self;
    fn least(self, other: Self) -> Self;
    fn floats(self) -> Self::Floats;
    fn above(self, other: Self) -> <Self::Floats as Floats>::Mask;
    /// Four bytes from each of these places on, the first the lowest; a place behind the end counts as the last one.
    fn bytes(self, from: &[u8]) -> Self;
    fn words(self, from: &[u32]) -> Self;
    fn numbers(self, from: &[f32]) -> Self::Floats;
    /// This where the mask is set, the other where not.
    fn pick(self, mask: <Self::Floats as Floats>::Mask, other: Self) -> Self;
}

pub(crate) trait Mask: Copy + BitAnd<Output = Self> + BitOr<Output = Self> + Not<Output = Self> {
    /// One bit for each lane, the first the lowest.
    fn bits(self) -> u32;

    #[inline(always)]
    fn any(self) -> bool {
        self.bits() != 0
    }
}

/// The last place from which so many can be read; there is always one.
#[inline(always)]
fn last(length: usize, together: usize) -> u32 {
    assert!(length >= together, "tables are longer than what is read of them at once");
    (length - together).min(i32::MAX as usize) as u32
}

/// A place or a direction for each lane.
pub(crate) type Three<F> = [F; 3];

#[inline(always)]
pub(crate) fn splat<F: Floats>(three: [f32; 3]) -> Three<F> {
    [F::splat(three[0]), F::splat(three[1]), F::splat(three[2])]
}

#[inline(always)]
pub(crate) fn dot<F: Floats>(a: Three<F>, b: Three<F>) -> F {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// `from` and so many steps.
#[inline(always)]
pub(crate) fn along<F: Floats>(from: Three<F>, step: Three<F>, count: F) -> Three<F> {
    [from[0] + step[0] * count, from[1] + step[1] * count, from[2] + step[2] * count]
}

#[inline(always)]
pub(crate) fn mix<F: Floats>(a: F, b: F, part: F) -> F {
    a + (b - a) * part
}

#[inline(always)]
pub(crate) fn clamp<F: Floats>(value: F, low: f32, high: f32) -> F {
    value.most(F::splat(low)).least(F::splat(high))
}

#[inline(always)]
pub(crate) fn unit<F: Floats>(a: Three<F>) -> Three<F> {
    let length = dot(a, a).root().most(F::splat(1e-12));
    [a[0].over(length), a[1].over(length), a[2].over(length)]
}

/// e to the power −x for x of at least 0, right to a thousandth, the same on every machine.
#[inline(always)]
pub(crate) fn exp_minus<F: Floats>(x: F) -> F {
    let twos = x.least(F::splat(80.0)) * F::splat(std::f32::consts::LOG2_E);
    let whole = twos.whole();
    let part = twos - whole.floats();
    // 2 to the power −part between 0 and 1.
    let mut fine = F::splat(-0.052_1) + part * F::splat(0.006_25);
    for factor in [0.238_88, -0.693_03, 1.0] {
        fine = F::splat(factor) + part * fine;
    }
    fine * F::of_bits((F::Ints::splat(127) - whole.least(F::Ints::splat(126))).left(23))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything the rays use, on numbers of every kind.
    fn all<F: Floats>(a: [f32; LANES], b: [f32; LANES], bytes: &[u8]) -> Vec<[u32; LANES]> {
        let (a, b) = (F::of(&a), F::of(&b));
        let whole = clamp(a, 0.0, 1e6).whole();
        let words: Vec<u32> = (0..40).map(|number| number * 77).collect();
        let numbers: Vec<f32> = (0..40).map(|number| number as f32 * 0.3).collect();
        let floats = [
            a + b,
            a - b,
            a * b,
            a.over(b),
            a.size().root(),
            a.least(b),
            a.most(b),
            a.pick(a.below(b), b),
            a.pick(!a.below(b), b),
            exp_minus(a.size()),
            unit([a, b, a])[0],
            whole.bytes(bytes).floats(),
            whole.words(&words).floats(),
            whole.numbers(&numbers),
            (whole.left(3) - whole.right(1)).and(0xff).floats(),
            whole.pick(whole.above(F::Ints::splat(3)), whole * whole).floats(),
        ];
        floats.into_iter().map(|floats| floats.lanes().map(f32::to_bits)).collect()
    }

    #[test]
    fn eight_at_once_are_what_eight_one_by_one_are() {
        let bytes: Vec<u8> = (0..60).map(|number| (number * 37 % 251) as u8).collect();
        let a = [0.0, 1.5, -3.25, 4e5, 7.9, 1e-9, 55.5, 56.0];
        let b = [2.0, 1.5, 0.3, -4e-5, 9.1, 3.0, -55.5, 1e7];
        let _by_one = all::<plain::F>(a, b, &bytes);
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            #[target_feature(enable = "avx2")]
            fn wide(a: [f32; LANES], b: [f32; LANES], bytes: &[u8]) -> Vec<[u32; LANES]> {
                all::<super::wide::F>(a, b, bytes)
            }
            // SAFETY: the processor was asked.
            assert_eq!(unsafe { wide(a, b, &bytes) }, _by_one);
        }
    }

    #[test]
    fn powers_of_e_are_right_to_a_thousandth() {
        for number in 0..400 {
            let x = number as f32 * 0.05;
            let ours = exp_minus(plain::F::splat(x)).lanes()[0];
            assert!((ours - (-x).exp()).abs() < 1e-3, "{x}: {ours}");
        }
    }
}
