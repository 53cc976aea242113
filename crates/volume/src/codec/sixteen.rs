//! Sixteen bytes that are worked on at once: SSE2, which every x86-64 has, and the same with plain numbers elsewhere.
//!
//! Compilers make vector instructions of a loop over bytes or do not; here it is certain.

pub(super) const BYTES: usize = 16;

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

    use super::BYTES;

    #[derive(Clone, Copy)]
    pub(in super::super) struct Sixteen(__m128i);

    impl Sixteen {
        /// The first bytes of at least sixteen.
        #[inline(always)]
        pub(in super::super) fn load(bytes: &[u8]) -> Self {
            let bytes = &bytes[..BYTES];
            // SAFETY: sixteen bytes are there, as the line before has checked, and the load asks for no alignment.
            Self(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
        }

        #[inline(always)]
        pub(in super::super) fn store(self, out: &mut [u8]) {
            let out = &mut out[..BYTES];
            // SAFETY: as in `load`.
            unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), self.0) };
        }

        /// A byte of this, a byte of the other, and so on: two times sixteen.
        #[inline(always)]
        pub(in super::super) fn mix(self, other: Self) -> (Self, Self) {
            // SAFETY: SSE2 belongs to x86-64.
            unsafe { (Self(_mm_unpacklo_epi8(self.0, other.0)), Self(_mm_unpackhi_epi8(self.0, other.0))) }
        }

        /// Undoes [`Sixteen::mix`].
        #[inline(always)]
        pub(in super::super) fn part(self, other: Self) -> (Self, Self) {
            // SAFETY: SSE2 belongs to x86-64.
            unsafe {
                let low = _mm_set1_epi16(0xff);
                let even = _mm_packus_epi16(_mm_and_si128(self.0, low), _mm_and_si128(other.0, low));
                let odd = _mm_packus_epi16(_mm_srli_epi16::<8>(self.0), _mm_srli_epi16::<8>(other.0));
                (Self(even), Self(odd))
            }
        }

        /// In each byte, the bits of this that lie `BY` above those of `mask` change places with the other's bits of `mask`.
        #[inline(always)]
        pub(in super::super) fn swap<const BY: i32>(self, other: Self, mask: u8) -> (Self, Self) {
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
    use super::BYTES;

    #[derive(Clone, Copy)]
    pub(in super::super) struct Sixteen([u8; BYTES]);

    impl Sixteen {
        #[inline(always)]
        pub(in super::super) fn load(bytes: &[u8]) -> Self {
            let mut sixteen = [0; BYTES];
            sixteen.copy_from_slice(&bytes[..BYTES]);
            Self(sixteen)
        }

        #[inline(always)]
        pub(in super::super) fn store(self, out: &mut [u8]) {
            out[..BYTES].copy_from_slice(&self.0);
        }

        #[inline(always)]
        pub(in super::super) fn mix(self, other: Self) -> (Self, Self) {
            let mixed = |place: usize| if place % 2 == 0 { self.0[place / 2] } else { other.0[place / 2] };
            (Self(std::array::from_fn(mixed)), Self(std::array::from_fn(|place| mixed(BYTES + place))))
        }

        #[inline(always)]
        pub(in super::super) fn part(self, other: Self) -> (Self, Self) {
            let at = |place: usize| if place < BYTES { self.0[place] } else { other.0[place - BYTES] };
            (Self(std::array::from_fn(|place| at(2 * place))), Self(std::array::from_fn(|place| at(2 * place + 1))))
        }

        #[inline(always)]
        pub(in super::super) fn swap<const BY: i32>(self, other: Self, mask: u8) -> (Self, Self) {
            let (own, other) = (u128::from_le_bytes(self.0), u128::from_le_bytes(other.0));
            let differing = ((own >> BY) ^ other) & u128::from_le_bytes([mask; BYTES]);
            (Self((own ^ differing << BY).to_le_bytes()), Self((other ^ differing).to_le_bytes()))
        }
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn vectors_do_what_plain_numbers_do() {
        let bytes: Vec<u8> = (0..2 * BYTES).map(|place| (place * 89 + 41) as u8).collect();
        let (left, right) = bytes.split_at(BYTES);
        let quick = (Sixteen::load(left), Sixteen::load(right));
        let plain = (plain::Sixteen::load(left), plain::Sixteen::load(right));
        let (mut given, mut expected) = ([0; 2 * BYTES], [0; 2 * BYTES]);
        macro_rules! compare {
            ($quick:expr, $plain:expr) => {{
                let ((first, second), (plain_first, plain_second)) = ($quick, $plain);
                first.store(&mut given);
                second.store(&mut given[BYTES..]);
                plain_first.store(&mut expected);
                plain_second.store(&mut expected[BYTES..]);
                assert_eq!(given, expected);
                assert_ne!(given, bytes[..]);
            }};
        }
        compare!(quick.0.mix(quick.1), plain.0.mix(plain.1));
        compare!(quick.0.part(quick.1), plain.0.part(plain.1));
        compare!(quick.0.swap::<1>(quick.1, 0x55), plain.0.swap::<1>(plain.1, 0x55));
        compare!(quick.0.swap::<2>(quick.1, 0x33), plain.0.swap::<2>(plain.1, 0x33));
        compare!(quick.0.swap::<4>(quick.1, 0x0f), plain.0.swap::<4>(plain.1, 0x0f));
    }
}
