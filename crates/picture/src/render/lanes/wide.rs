//! Eight numbers in registers of 256 bits. Values of these types are made only where the processor has AVX2: in what the callers compile
//! for it.

// SAFETY of every block here: the processor has AVX2, or none of these values would exist; and what is gathered lies within its slice,
// because every place is first held below its end.
use std::arch::x86_64::*;

use super::{Add, BitAnd, BitOr, Floats, Ints, LANES, Mask, Mul, Not, Sub, last};

#[derive(Clone, Copy)]
pub(crate) struct F(__m256);
#[derive(Clone, Copy)]
pub(crate) struct I(__m256i);
#[derive(Clone, Copy)]
pub(crate) struct M(__m256);

macro_rules! operator {
    ($kind:ident, $name:ident, $verb:ident, $does:ident) => {
        impl $name for $kind {
            type Output = Self;
            #[inline(always)]
            fn $verb(self, other: Self) -> Self {
                $kind(unsafe { $does(self.0, other.0) })
            }
        }
    };
}
operator!(F, Add, add, _mm256_add_ps);
operator!(F, Sub, sub, _mm256_sub_ps);
operator!(F, Mul, mul, _mm256_mul_ps);
operator!(I, Add, add, _mm256_add_epi32);
operator!(I, Sub, sub, _mm256_sub_epi32);
operator!(I, Mul, mul, _mm256_mullo_epi32);
operator!(M, BitAnd, bitand, _mm256_and_ps);
operator!(M, BitOr, bitor, _mm256_or_ps);

impl Not for M {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        M(unsafe { _mm256_xor_ps(self.0, _mm256_castsi256_ps(_mm256_set1_epi32(-1))) })
    }
}

impl Mask for M {
    #[inline(always)]
    fn bits(self) -> u32 {
        unsafe { _mm256_movemask_ps(self.0) as u32 }
    }
}

/// Places that do not reach beyond the last.
#[inline(always)]
fn held(places: I, last: u32) -> __m256i {
    unsafe { _mm256_min_epu32(places.0, _mm256_set1_epi32(last as i32)) }
}

impl Floats for F {
    type Ints = I;
    type Mask = M;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        F(unsafe { _mm256_set1_ps(value) })
    }
    #[inline(always)]
    fn of(lanes: &[f32; LANES]) -> Self {
        F(unsafe { _mm256_loadu_ps(lanes.as_ptr()) })
    }
    #[inline(always)]
    fn lanes(self) -> [f32; LANES] {
        let mut lanes = [0.0; LANES];
        unsafe { _mm256_storeu_ps(lanes.as_mut_ptr(), self.0) };
        lanes
    }
    #[inline(always)]
    fn over(self, other: Self) -> Self {
        F(unsafe { _mm256_div_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn root(self) -> Self {
        F(unsafe { _mm256_sqrt_ps(self.0) })
    }
    #[inline(always)]
    fn least(self, other: Self) -> Self {
        F(unsafe { _mm256_min_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn most(self, other: Self) -> Self {
        F(unsafe { _mm256_max_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn size(self) -> Self {
        F(unsafe { _mm256_andnot_ps(_mm256_set1_ps(-0.0), self.0) })
    }
    #[inline(always)]
    fn below(self, other: Self) -> M {
        M(unsafe { _mm256_cmp_ps::<_CMP_LT_OQ>(self.0, other.0) })
    }
    #[inline(always)]
    fn pick(self, mask: M, other: Self) -> Self {
        F(unsafe { _mm256_blendv_ps(other.0, self.0, mask.0) })
    }
    #[inline(always)]
    fn whole(self) -> I {
        I(unsafe { _mm256_cvttps_epi32(self.0) })
    }
    #[inline(always)]
    fn of_bits(bits: I) -> Self {
        F(unsafe { _mm256_castsi256_ps(bits.0) })
    }
}

impl Ints for I {
    type Floats = F;

    #[inline(always)]
    fn splat(value: i32) -> Self {
        I(unsafe { _mm256_set1_epi32(value) })
    }
    #[inline(always)]
    fn and(self, bits: i32) -> Self {
        I(unsafe { _mm256_and_si256(self.0, _mm256_set1_epi32(bits)) })
    }
    #[inline(always)]
    fn left(self, bits: i32) -> Self {
        I(unsafe { _mm256_sll_epi32(self.0, _mm_cvtsi32_si128(bits)) })
    }
    #[inline(always)]
    fn right(self, bits: i32) -> Self {
        I(unsafe { _mm256_srl_epi32(self.0, _mm_cvtsi32_si128(bits)) })
    }
    #[inline(always)]
    fn least(self, other: Self) -> Self {
        I(unsafe { _mm256_min_epi32(self.0, other.0) })
    }
    #[inline(always)]
    fn floats(self) -> F {
        F(unsafe { _mm256_cvtepi32_ps(self.0) })
    }
    #[inline(always)]
    fn above(self, other: Self) -> M {
        M(unsafe { _mm256_castsi256_ps(_mm256_cmpgt_epi32(self.0, other.0)) })
    }
    #[inline(always)]
    fn bytes(self, from: &[u8]) -> Self {
        let held = held(self, last(from.len(), 4));
        I(unsafe { _mm256_i32gather_epi32::<1>(from.as_ptr().cast(), held) })
    }
    #[inline(always)]
    fn words(self, from: &[u32]) -> Self {
        let held = held(self, last(from.len(), 1));
        I(unsafe { _mm256_i32gather_epi32::<4>(from.as_ptr().cast(), held) })
    }
    #[inline(always)]
    fn numbers(self, from: &[f32]) -> F {
        let held = held(self, last(from.len(), 1));
        F(unsafe { _mm256_i32gather_ps::<4>(from.as_ptr(), held) })
    }
    #[inline(always)]
    fn pick(self, mask: M, other: Self) -> Self {
        I(unsafe { _mm256_castps_si256(_mm256_blendv_ps(_mm256_castsi256_ps(other.0), _mm256_castsi256_ps(self.0), mask.0)) })
    }
}
