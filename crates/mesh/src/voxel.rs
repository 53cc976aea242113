//! The number types of voxels, and what counts as inside.

/// A number type a voxel can have.
pub(crate) trait Voxel: volume::Plain {
    fn value(self) -> f64;
    /// The least value that is at or above `level`; nothing when there is none.
    fn least_at(level: f64) -> Option<Self>;
}

macro_rules! whole {
    ($($kind:ty),*) => { $(
        impl Voxel for $kind {
            #[inline(always)]
            fn value(self) -> f64 {
                self as f64
            }
            fn least_at(level: f64) -> Option<Self> {
                let least = level.ceil();
                // `as` saturates, so a level below the type's range becomes its least value.
                (least <= <$kind>::MAX as f64).then_some(least as $kind)
            }
        }
    )* };
}
whole!(u8, i8, u16, i16, u32, i32, u64, i64);

impl Voxel for f32 {
    #[inline(always)]
    fn value(self) -> f64 {
        f64::from(self)
    }
    fn least_at(level: f64) -> Option<Self> {
        Some(level as f32)
    }
}

impl Voxel for f64 {
    #[inline(always)]
    fn value(self) -> f64 {
        self
    }
    fn least_at(level: f64) -> Option<Self> {
        Some(level)
    }
}

/// Half of what is left between two labels, in voxels: more than the rounding of a place in a volume of ten thousand voxels.
const HAIR: f32 = 1.0 / 512.0;

/// Which voxels belong to the body.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Inside<T> {
    /// At or above a level; the surface lies where the line between two voxels reaches it.
    From { level: f64, least: T },
    /// Of exactly one value; the surface lies half-way between two voxels, by a hair on the label's own side: surfaces of
    /// labels that touch share no place, and stay apart in formats that know no shared corners.
    Label(T),
    /// Of any label from this one on. Labels are names, so the surface lies half-way whatever their numbers are.
    AnyLabel(T),
}

impl<T: Voxel> Inside<T> {
    /// One bit for each of up to 64 voxels.
    #[inline(always)]
    pub(crate) fn word(&self, voxels: &[T]) -> u64 {
        match *self {
            Self::From { least, .. } | Self::AnyLabel(least) => pack(voxels, |voxel| voxel >= least),
            Self::Label(label) => pack(voxels, |voxel| voxel == label),
        }
    }

    #[inline(always)]
    pub(crate) fn crossing(&self, a: T, b: T) -> f32 {
        match *self {
            Self::From { level, .. } => ((level - a.value()) / (b.value() - a.value())) as f32,
            Self::AnyLabel(_) => 0.5,
            Self::Label(label) if a == label => 0.5 - HAIR,
            Self::Label(_) => 0.5 + HAIR,
        }
    }
}

/// Compares first and gathers the bits afterwards: so the comparison runs on many voxels at a time.
#[inline(always)]
fn pack<T: Voxel>(voxels: &[T], is_inside: impl Fn(T) -> bool) -> u64 {
    let mut flags = [0u8; 64];
    if let Ok(all) = <&[T; 64]>::try_from(voxels) {
        for (flag, voxel) in flags.iter_mut().zip(all) {
            *flag = u8::from(is_inside(*voxel));
        }
    } else {
        for (flag, voxel) in flags.iter_mut().zip(voxels) {
            *flag = u8::from(is_inside(*voxel));
        }
    }
    let mut word = 0;
    let (eights, _) = flags.as_chunks::<8>();
    for (index, eight) in eights.iter().enumerate() {
        // The product moves the lowest bit of each byte next to each other into the highest byte.
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        word |= gathered << (index * 8);
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_stand_where_their_voxels_do() {
        let row: Vec<u16> = (0..64).map(|x| if [0, 7, 8, 31, 63].contains(&x) { 500 } else { 3 }).collect();
        let inside = Inside::From { level: 100.0, least: 100u16 };
        assert_eq!(inside.word(&row), 1 | 1 << 7 | 1 << 8 | 1 << 31 | 1 << 63);
        assert_eq!(inside.word(&row[..9]), 1 | 1 << 7 | 1 << 8);
        assert_eq!(Inside::From { level: 1.0, least: 1.0f32 }.word(&[f32::NAN, 2.0, f32::INFINITY]), 0b110);
    }
}
