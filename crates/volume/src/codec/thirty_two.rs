//! Two lanes of sixteen bytes: AVX2, which is asked for before.

use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm_storeu_si128, _mm256_and_si256, _mm256_castsi256_si128, _mm256_extracti128_si256, _mm256_loadu_si256,
    _mm256_packus_epi16, _mm256_set_m128i, _mm256_set1_epi8, _mm256_set1_epi16, _mm256_slli_epi64, _mm256_srli_epi16, _mm256_srli_epi64,
    _mm256_storeu_si256, _mm256_unpackhi_epi8, _mm256_unpacklo_epi8, _mm256_xor_si256,
};

use super::lanes::{LANE_BYTES, Lanes};

const BYTES: usize = 2 * LANE_BYTES;

/// Made and used by [`super::lanes::widest`] alone, which has asked the processor for AVX2.
#[derive(Clone, Copy)]
pub(super) struct ThirtyTwo(__m256i);

impl Lanes for ThirtyTwo {
    const COUNT: usize = 2;

    #[inline(always)]
    fn load(bytes: &[u8]) -> Self {
        let bytes = &bytes[..BYTES];
        // SAFETY: so many bytes are there, as the line before has checked, and the load asks for no alignment.
        Self(unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) })
    }

    #[inline(always)]
    fn load_apart(bytes: &[u8], apart: usize) -> Self {
        let (first, second) = (&bytes[..LANE_BYTES], &bytes[apart..apart + LANE_BYTES]);
        // SAFETY: as in `load`.
        Self(unsafe { _mm256_set_m128i(_mm_loadu_si128(second.as_ptr().cast()), _mm_loadu_si128(first.as_ptr().cast())) })
    }

    #[inline(always)]
    fn store(self, out: &mut [u8]) {
        let out = &mut out[..BYTES];
        // SAFETY: as in `load`.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), self.0) };
    }

    #[inline(always)]
    fn store_apart(self, out: &mut [u8], apart: usize) {
        let first = &mut out[..LANE_BYTES];
        // SAFETY: as in `load`.
        unsafe { _mm_storeu_si128(first.as_mut_ptr().cast(), _mm256_castsi256_si128(self.0)) };
        let second = &mut out[apart..apart + LANE_BYTES];
        // SAFETY: as in `load`.
        unsafe { _mm_storeu_si128(second.as_mut_ptr().cast(), _mm256_extracti128_si256::<1>(self.0)) };
    }

    #[inline(always)]
    fn mix(self, other: Self) -> (Self, Self) {
        // SAFETY: the processor has AVX2.
        unsafe { (Self(_mm256_unpacklo_epi8(self.0, other.0)), Self(_mm256_unpackhi_epi8(self.0, other.0))) }
    }

    #[inline(always)]
    fn part(self, other: Self) -> (Self, Self) {
        // SAFETY: as in `mix`.
        unsafe {
            let low = _mm256_set1_epi16(0xff);
            let even = _mm256_packus_epi16(_mm256_and_si256(self.0, low), _mm256_and_si256(other.0, low));
            let odd = _mm256_packus_epi16(_mm256_srli_epi16::<8>(self.0), _mm256_srli_epi16::<8>(other.0));
            (Self(even), Self(odd))
        }
    }

    #[inline(always)]
    fn swap<const BY: i32>(self, other: Self, mask: u8) -> (Self, Self) {
        // SAFETY: as in `mix`.
        unsafe {
            let mask = _mm256_set1_epi8(mask as i8);
            let differing = _mm256_and_si256(_mm256_xor_si256(_mm256_srli_epi64::<BY>(self.0), other.0), mask);
            (Self(_mm256_xor_si256(self.0, _mm256_slli_epi64::<BY>(differing))), Self(_mm256_xor_si256(other.0, differing)))
        }
    }
}
