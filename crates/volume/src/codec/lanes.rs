//! Bytes that are worked on at once: lanes of sixteen, each on its way for itself, as many of them as the processor has room for.
//!
//! Compilers make vector instructions of a loop over bytes or do not; here it is certain.

use super::sixteen::Sixteen;
#[cfg(target_arch = "x86_64")]
use super::thirty_two::ThirtyTwo;

/// Bytes of one lane.
pub(super) const LANE_BYTES: usize = 16;

pub(super) trait Lanes: Copy {
    const COUNT: usize;

    /// The first bytes of `bytes`, one lane after the other.
    fn load(bytes: &[u8]) -> Self;

    fn store(self, out: &mut [u8]);

    /// Lanes that begin so many bytes apart; a single one has nothing to be apart from.
    #[inline(always)]
    fn load_apart(bytes: &[u8], _apart: usize) -> Self {
        Self::load(bytes)
    }

    #[inline(always)]
    fn store_apart(self, out: &mut [u8], _apart: usize) {
        self.store(out);
    }

    /// In each lane a byte of this, a byte of the other, and so on: two times sixteen.
    fn mix(self, other: Self) -> (Self, Self);

    /// Undoes [`Lanes::mix`].
    fn part(self, other: Self) -> (Self, Self);

    /// In each byte, the bits of this that lie `BY` above those of `mask` change places with the other's bits of `mask`.
    fn swap<const BY: i32>(self, other: Self, mask: u8) -> (Self, Self);
}

/// What is done with lanes, however many there are. Everything that it calls has to be inlined.
pub(super) trait Work {
    fn with<L: Lanes>(self);
}

/// Does it with as many lanes as this processor has.
pub(super) fn widest(work: impl Work) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the line before has asked the processor.
        return unsafe { with_two(work) };
    }
    work.with::<Sixteen>();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_two(work: impl Work) {
    work.with::<ThirtyTwo>();
}
