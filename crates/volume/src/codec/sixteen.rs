//! One lane of sixteen bytes: SSE2, which every x86-64 has, and the same with plain numbers elsewhere.

#[cfg(not(target_arch = "x86_64"))]
pub(super) use self::plain::Sixteen;
#[cfg(target_arch = "x86_64")]
pub(super) use self::sse2::Sixteen;

#[cfg(target_arch = "x86_64")]
mod sse2 {
    use std::arch::x86_64::{
        __m128i, _mm_and_si128, _mm_loadu_si128, _mm_packus_epi16, _mm_set1_epi8, _mm_set1_epi16, _mm_slli_epi64, _mm_srli_epi16,
        _mm_srli_epi64, _mm_storeu_si128, _mm_unpackhi_epi8, _mm_unpacklo_epi8, _mm_xor_si128,
    };

    use crate::codec::lanes::{LANE_BYTES, Lanes};

    #[derive(Clone, Copy)]
    pub(in super::super) struct Sixteen(__m128i);

    impl Lanes for Sixteen {
        const COUNT: usize = 1;

        #[inline(always)]
        fn load(bytes: &[u8]) -> Self {
            let bytes = &bytes[..LANE_BYTES];
            // SAFETY: sixteen bytes are there, as the line before has checked, and the load asks for no alignment.
            Self(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
        }

        #[inline(always)]
        fn store(self, out: &mut [u8]) {
            let out = &mut out[..LANE_BYTES];
            // SAFETY: as in `load`.
            unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), self.0) };
        }

        #[inline(always)]
        fn mix(self, other: Self) -> (Self, Self) {
            // SAFETY: SSE2 belongs to x86-64.
            unsafe { (Self(_mm_unpacklo_epi8(self.0, other.0)), Self(_mm_unpackhi_epi8(self.0, other.0))) }
        }

        #[inline(always)]
        fn part(self, other: Self) -> (Self, Self) {
            // SAFETY: SSE2 belongs to x86-64.
            unsafe {
                let low = _mm_set1_epi16(0xff);
                let even = _mm_packus_epi16(_mm_and_si128(self.0, low), _mm_and_si128(other.0, low));
                let odd = _mm_packus_epi16(_mm_srli_epi16::<8>(self.0), _mm_srli_epi16::<8>(other.0));
                (Self(even), Self(odd))
            }
        }

        #[inline(always)]
        fn swap<const BY: i32>(self, other: Self, mask: u8) -> (Self, Self) {
            // SAFETY: SSE2 belongs to x86-64.
            unsafe {
                let differing = _mm_and_si128(_mm_xor_si128(_mm_srli_epi64::<BY>(self.0), other.0), _mm_set1_epi8(mask as i8));
                (Self(_mm_xor_si128(self.0, _mm_slli_epi64::<BY>(differing))), Self(_mm_xor_si128(other.0, differing)))
            }
        }
    }
}

#[cfg(any(test, not(target_arch = "x86_64")))]
mod plain {
    use crate::codec::lanes::{LANE_BYTES, Lanes};

    #[derive(Clone, Copy)]
    pub(in super::super) struct Sixteen([u8; LANE_BYTES]);

    impl Lanes for Sixteen {
        const COUNT: usize = 1;

        #[inline(always)]
        fn load(bytes: &[u8]) -> Self {
            let mut sixteen = [0; LANE_BYTES];
            sixteen.copy_from_slice(&bytes[..LANE_BYTES]);
            Self(sixteen)
        }

        #[inline(always)]
        fn store(self, out: &mut [u8]) {
            out[..LANE_BYTES].copy_from_slice(&self.0);
        }

        #[inline(always)]
        fn mix(self, other: Self) -> (Self, Self) {
            let mixed = |place: usize| if place % 2 == 0 { self.0[place / 2] } else { other.0[place / 2] };
            (Self(std::array::from_fn(mixed)), Self(std::array::from_fn(|place| mixed(LANE_BYTES + place))))
        }

        #[inline(always)]
        fn part(self, other: Self) -> (Self, Self) {
            let at = |place: usize| if place < LANE_BYTES { self.0[place] } else { other.0[place - LANE_BYTES] };
            (Self(std::array::from_fn(|place| at(2 * place))), Self(std::array::from_fn(|place| at(2 * place + 1))))
        }

        #[inline(always)]
        fn swap<const BY: i32>(self, other: Self, mask: u8) -> (Self, Self) {
            let (own, other) = (u128::from_le_bytes(self.0), u128::from_le_bytes(other.0));
            let differing = ((own >> BY) ^ other) & u128::from_le_bytes([mask; LANE_BYTES]);
            (Self((own ^ differing << BY).to_le_bytes()), Self((other ^ differing).to_le_bytes()))
        }
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use crate::codec::lanes::{LANE_BYTES, Lanes};
    use crate::codec::thirty_two::ThirtyTwo;

    /// What comes of two times as many bytes as there are in all lanes.
    fn results<L: Lanes>(bytes: &[u8]) -> Vec<Vec<u8>> {
        let (left, right) = (L::load(bytes), L::load(&bytes[LANE_BYTES * L::COUNT..]));
        let made =
            [left.mix(right), left.part(right), left.swap::<1>(right, 0x55), left.swap::<2>(right, 0x33), left.swap::<4>(right, 0x0f)];
        let mut told = Vec::new();
        for (first, second) in made {
            let mut out = vec![0; bytes.len()];
            first.store(&mut out);
            second.store(&mut out[LANE_BYTES * L::COUNT..]);
            assert_ne!(out, bytes);
            told.push(out);
        }
        told
    }

    /// The same bytes with two lanes side by side.
    fn beside(first: &[u8], second: &[u8]) -> Vec<u8> {
        let pairs = first.chunks(LANE_BYTES).zip(second.chunks(LANE_BYTES));
        pairs.flat_map(|(first, second)| [first, second].concat()).collect()
    }

    #[test]
    fn vectors_do_what_plain_numbers_do() {
        let bytes: Vec<u8> = (0..4 * LANE_BYTES).map(|place| (place * 89 + 41) as u8).collect();
        let (first, second) = bytes.split_at(2 * LANE_BYTES);
        let [one, other] = [first, second].map(results::<plain::Sixteen>);
        assert_eq!(results::<Sixteen>(first), one);
        if !is_x86_feature_detected!("avx2") {
            return println!("skipped: this processor has no AVX2");
        }
        let expected: Vec<Vec<u8>> = one.iter().zip(&other).map(|(one, other)| beside(one, other)).collect();
        assert_eq!(results::<ThirtyTwo>(&beside(first, second)), expected);
        let mut back = [0; 4 * LANE_BYTES];
        ThirtyTwo::load_apart(&bytes, 40).store_apart(&mut back, 24);
        assert_eq!((&back[..16], &back[24..40]), (&bytes[..16], &bytes[40..56]));
    }
}
