//! Levels: how many, how much smaller, and how eight voxels become one.

use crate::ElementType;
use crate::Shape;
use crate::element::{Plain, typed, typed_mut, with_element};

/// No volume needs more: 64 · 2²⁴ voxels along an axis.
const LEVELS_MAX: usize = 24;
/// Levels end when every axis is at most this long.
const SMALL: usize = 64;

/// What becomes of the voxels that fall together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reduction {
    /// Intensities: the mean, integers rounded half to even so that nothing drifts.
    Mean,
    /// Labels: the most frequent, the greater of equals so that thin things stay.
    Mode,
}

/// One level of the pyramid.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Level {
    pub(crate) shape: Shape,
    /// Factor from the level above: 1 or 2 along each axis.
    pub(crate) step: [usize; 3],
    /// Factor from level 0.
    pub(crate) factor: [usize; 3],
}

impl Level {
    /// Exact: a product with a power of two.
    pub(crate) fn scale(&self, voxel_size: [f64; 3]) -> [f64; 3] {
        std::array::from_fn(|axis| voxel_size[axis] * self.factor[axis] as f64)
    }

    /// Centre of the first voxel of this level, measured from the centre of the first of level 0.
    pub(crate) fn translation(&self, voxel_size: [f64; 3]) -> [f64; 3] {
        std::array::from_fn(|axis| voxel_size[axis] * (self.factor[axis] - 1) as f64 * 0.5)
    }
}

/// Plans all levels. An axis that is far coarser than the finest waits until the others have caught up.
pub(crate) fn plan(shape: Shape, voxel_size: [f64; 3], most: Option<usize>) -> Vec<Level> {
    let mut levels = vec![Level { shape, step: [1; 3], factor: [1; 3] }];
    let most = most.unwrap_or(LEVELS_MAX).clamp(1, LEVELS_MAX);
    while levels.len() < most {
        let above = &levels[levels.len() - 1];
        if above.shape.iter().all(|&axis| axis <= SMALL) {
            break;
        }
        let size = above.scale(voxel_size);
        let long = |axis: usize| above.shape[axis] > 1;
        let finest = (0..3).filter(|&axis| long(axis)).map(|axis| size[axis]).fold(f64::INFINITY, f64::min);
        let step: [usize; 3] = std::array::from_fn(|axis| if long(axis) && size[axis] < 2.0 * finest { 2 } else { 1 });
        let next = Level {
            shape: std::array::from_fn(|axis| above.shape[axis].div_ceil(step[axis])),
            step,
            factor: std::array::from_fn(|axis| above.factor[axis] * step[axis]),
        };
        levels.push(next);
    }
    levels
}

/// A box inside a larger block of voxels: how far its rows and planes lie apart, and its size or where it begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) row: usize,
    pub(crate) plane: usize,
    pub(crate) size: [usize; 3],
}

/// Halves the box at the front of `source` along the axes of `step` into the place in `out` that its extent's size names.
pub(crate) fn halve(element: ElementType, reduction: Reduction, step: [usize; 3], source: (&[u8], Extent), out: (&mut [u8], Extent)) {
    with_element!(element, T => halve_typed::<T>(reduction, step, (typed(source.0), source.1), (typed_mut(out.0), out.1)));
}

fn halve_typed<T: Mean>(reduction: Reduction, step: [usize; 3], (source, from): (&[T], Extent), (out, to): (&mut [T], Extent)) {
    let small: Shape = std::array::from_fn(|axis| from.size[axis].div_ceil(step[axis]));
    for z in 0..small[0] {
        for y in 0..small[1] {
            let mut rows: [&[T]; 4] = [&[]; 4];
            let mut count = 0;
            for z in z * step[0]..(z * step[0] + step[0]).min(from.size[0]) {
                for y in y * step[1]..(y * step[1] + step[1]).min(from.size[1]) {
                    rows[count] = &source[z * from.plane + y * from.row..][..from.size[2]];
                    count += 1;
                }
            }
            let row = &mut out[(to.size[0] + z) * to.plane + (to.size[1] + y) * to.row + to.size[2]..][..small[2]];
            match reduction {
                Reduction::Mean => T::mean_row(&rows[..count], step[2], row),
                Reduction::Mode => mode_row(&rows[..count], step[2], row),
            }
        }
    }
}

fn mode_row<T: Plain>(rows: &[&[T]], step: usize, out: &mut [T]) {
    for (x, out) in out.iter_mut().enumerate() {
        let mut values = [T::default(); 8];
        let mut count = 0;
        for row in rows {
            for &value in &row[x * step..(x * step + step).min(row.len())] {
                values[count] = value;
                count += 1;
            }
        }
        *out = mode(&values[..count]);
    }
}

/// At most eight values; a voxel inside one label is the usual case and needs no counting.
fn mode<T: Plain>(values: &[T]) -> T {
    let first = values[0];
    if values.iter().all(|&value| value == first) {
        return first;
    }
    let mut best = (0, first);
    for &value in values {
        let count = values.iter().filter(|&&other| other == value).count();
        if count > best.0 || (count == best.0 && value > best.1) {
            best = (count, value);
        }
    }
    best.1
}

/// Means of the voxels under one row of the next level.
pub(crate) trait Mean: Plain {
    fn mean_row(rows: &[&[Self]], step: usize, out: &mut [Self]);
}

/// Divides by 2^`shift`, halves to the even neighbour.
macro_rules! integer_mean {
    ($kind:ty, $sum:ty, $wide:ty) => {
        impl Mean for $kind {
            fn mean_row(rows: &[&[Self]], step: usize, out: &mut [Self]) {
                if let ([a, b, c, d], 2) = (rows, step) {
                    let full = a.len() / 2;
                    let pairs = a.chunks_exact(2).zip(b.chunks_exact(2)).zip(c.chunks_exact(2).zip(d.chunks_exact(2)));
                    for (out, ((a, b), (c, d))) in out[..full].iter_mut().zip(pairs) {
                        let sum = (a[0] as $sum)
                            .wrapping_add(a[1] as $sum)
                            .wrapping_add(b[0] as $sum)
                            .wrapping_add(b[1] as $sum)
                            .wrapping_add(c[0] as $sum)
                            .wrapping_add(c[1] as $sum)
                            .wrapping_add(d[0] as $sum)
                            .wrapping_add(d[1] as $sum);
                        let even = sum.wrapping_shr(3) & 1;
                        *out = sum.wrapping_add(3).wrapping_add(even).wrapping_shr(3) as $kind;
                    }
                    if full < out.len() {
                        let sum = [a, b, c, d].iter().fold(0, |sum: $sum, row| sum.wrapping_add(row[2 * full] as $sum));
                        out[full] = half_to_even(sum as $wide, 2) as $kind;
                    }
                    return;
                }
                for (x, out) in out.iter_mut().enumerate() {
                    let (mut sum, mut count): ($wide, u32) = (0, 0);
                    for row in rows {
                        for &value in &row[x * step..(x * step + step).min(row.len())] {
                            sum += value as $wide;
                            count += 1;
                        }
                    }
                    // Counts are 1, 2, 4 or 8: up to two along each of three axes.
                    *out = half_to_even(sum, count.trailing_zeros()) as $kind;
                }
            }
        }
    };
}
integer_mean!(u8, u32, i64);
integer_mean!(i8, i32, i64);
integer_mean!(u16, u32, i64);
integer_mean!(i16, i32, i64);
integer_mean!(u32, u64, i64);
integer_mean!(i32, i64, i64);
// Eight of these do not fit into 64 bits.
integer_mean!(u64, i128, i128);
integer_mean!(i64, i128, i128);

fn half_to_even<S>(sum: S, shift: u32) -> S
where
    S: Copy + From<i32> + std::ops::Add<Output = S> + std::ops::Shr<u32, Output = S> + std::ops::BitAnd<Output = S>,
{
    if shift == 0 {
        return sum;
    }
    let below_half = (1 << (shift - 1)) - 1;
    (sum + S::from(below_half) + ((sum >> shift) & S::from(1))) >> shift
}

/// Voxels that are not numbers are left out; where none is a number the mean is none either.
macro_rules! float_mean {
    ($kind:ty) => {
        impl Mean for $kind {
            fn mean_row(rows: &[&[Self]], step: usize, out: &mut [Self]) {
                for (x, out) in out.iter_mut().enumerate() {
                    let (mut sum, mut count) = (0f64, 0u32);
                    for row in rows {
                        for &value in &row[x * step..(x * step + step).min(row.len())] {
                            if !value.is_nan() {
                                sum += f64::from(value);
                                count += 1;
                            }
                        }
                    }
                    *out = if count == 0 { <$kind>::NAN } else { (sum / f64::from(count)) as $kind };
                }
            }
        }
    };
}
float_mean!(f32);
float_mean!(f64);

#[cfg(test)]
mod tests {
    use super::*;

    /// Halves a whole block into another.
    fn halved(element: ElementType, source: &[u8], shape: Shape, reduction: Reduction, out: &mut [u8]) {
        let small: Shape = shape.map(|axis| axis.div_ceil(2));
        let from = Extent { row: shape[2], plane: shape[1] * shape[2], size: shape };
        let to = Extent { row: small[2], plane: small[1] * small[2], size: [0; 3] };
        halve(element, reduction, [2; 3], (source, from), (out, to));
    }

    #[test]
    fn rounding_does_not_drift() {
        assert_eq!([1i64, 3, 5, 7, -1, -3].map(|sum| half_to_even(sum, 1)), [0, 2, 2, 4, 0, -2]);
        // Noise keeps its mean over the levels; rounding half up would add a sixteenth at each of them.
        let mut state = 1u64;
        let mut volume: Vec<u8> = (0..128 * 128 * 128)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                100 + ((state >> 33) & 63) as u8
            })
            .collect();
        let mean = |volume: &[u8]| volume.iter().map(|&value| f64::from(value)).sum::<f64>() / volume.len() as f64;
        let before = mean(&volume);
        let mut side = 128;
        while side > 16 {
            let mut out = vec![0u8; (side / 2) * (side / 2) * (side / 2)];
            halved(ElementType::U8, &volume, [side; 3], Reduction::Mean, &mut out);
            (volume, side) = (out, side / 2);
        }
        assert!((mean(&volume) - before).abs() < 0.05, "{} {before}", mean(&volume));
    }

    #[test]
    fn odd_edges_use_what_is_there() {
        let source: Vec<u8> = vec![10, 20, 30, 40, 50, 60, 70, 80, 90];
        let mut out = vec![0u8; 4];
        halved(ElementType::U8, &source, [1, 3, 3], Reduction::Mean, &mut out);
        assert_eq!(out, [30, 45, 75, 90]);
        let fast: Vec<u8> = source.iter().chain(&source).copied().collect();
        halved(ElementType::U8, &fast, [2, 3, 3], Reduction::Mean, &mut out);
        assert_eq!(out, [30, 45, 75, 90]);
    }

    #[test]
    fn labels_are_voted_not_mixed() {
        let mut out = [0u8; 1];
        halved(ElementType::U8, &[1, 1, 7, 7, 7, 0, 0, 1], [2; 3], Reduction::Mode, &mut out);
        assert_eq!(out, [7]);
    }

    #[test]
    fn not_a_number_does_not_spread() {
        let mut out = crate::element::Buffer::zeroed(8);
        let mut source = crate::element::Buffer::zeroed(16);
        typed_mut::<f32>(source.bytes_mut()).copy_from_slice(&[f32::NAN, 2.0, f32::NAN, f32::NAN]);
        halved(ElementType::F32, source.bytes(), [1, 1, 4], Reduction::Mean, out.bytes_mut());
        let out: &[f32] = typed(out.bytes());
        assert!(out[0] == 2.0 && out[1].is_nan());
    }

    #[test]
    fn coarse_axes_wait() {
        let levels = plan([40, 1024, 1024], [4.0, 1.0, 1.0], None);
        let shapes: Vec<Shape> = levels.iter().map(|level| level.shape).collect();
        assert_eq!(shapes, [[40, 1024, 1024], [40, 512, 512], [40, 256, 256], [20, 128, 128], [10, 64, 64]]);
        assert_eq!(levels[3].translation([4.0, 1.0, 1.0]), [2.0, 3.5, 3.5]);
        assert_eq!(plan([64, 64, 64], [1.0; 3], None).len(), 1);
        assert_eq!(plan([1, 1, 100], [1.0; 3], None).len(), 2);
    }
}
