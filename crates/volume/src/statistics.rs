//! Numbers about all voxels of level 0, gathered while each slab is in memory; the same for any number of threads.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::ElementType;
use crate::element::{Plain, typed, with_element};

/// Bins of the histogram that is stored.
const BINS: usize = 256;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    pub min: f64,
    pub max: f64,
    pub mean: f64,
    pub stddev: f64,
    /// Voxels that are not finite numbers; they are left out of everything else.
    pub not_finite: u64,
    /// 256 equal bins from `min` to `max`.
    pub histogram: Vec<u64>,
    pub p0_1: f64,
    pub p1: f64,
    pub p50: f64,
    pub p99: f64,
    pub p99_9: f64,
    /// Good limits for black and white.
    pub window: [f64; 2],
}

/// Counts by value for small types, by sign, exponent and eleven bits of fraction for the others.
pub(crate) struct Gatherer {
    element: ElementType,
    counts: Vec<u64>,
    not_finite: u64,
    sums: Sums,
    /// Counts of single threads that are not in `counts` yet.
    tallies: Mutex<Vec<Tally>>,
}

/// One thread's counts since the last [`Gatherer::collect`].
pub(crate) struct Tally {
    counts: Vec<u32>,
    not_finite: u64,
}

/// Of a few voxels; added up in an order that does not depend on threads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sums {
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) sum: f64,
    pub(crate) squares: f64,
    pub(crate) count: u64,
}

impl Sums {
    pub(crate) const EMPTY: Sums = Sums { min: f64::INFINITY, max: f64::NEG_INFINITY, sum: 0.0, squares: 0.0, count: 0 };

    pub(crate) fn join(&mut self, part: Sums) {
        self.min = self.min.min(part.min);
        self.max = self.max.max(part.max);
        self.sum += part.sum;
        self.squares += part.squares;
        self.count += part.count;
    }
}

/// Bits of a float's ordered form that choose its bucket.
const FLOAT_BITS: u32 = 20;

/// A voxel's bucket and what lies in a bucket.
pub(crate) trait Counted: Plain {
    const BUCKETS: usize;
    fn bucket(self) -> usize;
    fn value(self) -> f64;
    fn finite(self) -> bool {
        true
    }
}

macro_rules! counted_small {
    ($kind:ty, $least:expr, $buckets:expr) => {
        impl Counted for $kind {
            const BUCKETS: usize = $buckets;
            fn bucket(self) -> usize {
                (i32::from(self) - $least) as usize
            }
            fn value(self) -> f64 {
                f64::from(self)
            }
        }
    };
}
counted_small!(u8, 0, 256);
counted_small!(i8, -128, 256);
counted_small!(u16, 0, 65_536);
counted_small!(i16, -32_768, 65_536);

macro_rules! counted_large {
    ($kind:ty) => {
        impl Counted for $kind {
            const BUCKETS: usize = 1 << FLOAT_BITS;
            fn bucket(self) -> usize {
                (ordered(self as f32) >> (32 - FLOAT_BITS)) as usize
            }
            fn value(self) -> f64 {
                self as f64
            }
            fn finite(self) -> bool {
                (self as f64).is_finite()
            }
        }
    };
}
counted_large!(u32);
counted_large!(i32);
counted_large!(u64);
counted_large!(i64);
counted_large!(f32);
counted_large!(f64);

/// Unsigned numbers in the same order as the floats.
fn ordered(value: f32) -> u32 {
    let bits = value.to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

/// The float at the lower end of a bucket.
fn unordered(bucket: usize) -> f64 {
    let bits = (bucket as u32) << (32 - FLOAT_BITS);
    let bits = if bits >> 31 == 1 { bits & !(1 << 31) } else { !bits };
    f64::from(f32::from_bits(bits))
}

impl Tally {
    pub(crate) fn add<T: Counted>(&mut self, voxels: &[T]) -> Sums {
        if T::BUCKETS <= 65_536 {
            // The counts say everything: sums follow from them in the end, exactly.
            // A length that the compiler knows spares it a look at every voxel.
            let counts = &mut self.counts[..T::BUCKETS];
            voxels.iter().for_each(|voxel| {
                let count = &mut counts[voxel.bucket()];
                *count = count.wrapping_add(1);
            });
            return Sums::EMPTY;
        }
        let mut sums = Sums::EMPTY;
        for voxel in voxels {
            if !voxel.finite() {
                self.not_finite += 1;
                continue;
            }
            let count = &mut self.counts[voxel.bucket()];
            *count = count.wrapping_add(1);
            let value = voxel.value();
            sums.min = sums.min.min(value);
            sums.max = sums.max.max(value);
            sums.sum += value;
            sums.squares += value * value;
            sums.count += 1;
        }
        sums
    }

    /// So many voxels whose bytes are all zero.
    pub(crate) fn add_zeros<T: Counted>(&mut self, voxels: u64) -> Sums {
        self.counts[T::default().bucket()] += voxels as u32;
        if T::BUCKETS <= 65_536 { Sums::EMPTY } else { Sums { min: 0.0, max: 0.0, count: voxels, ..Sums::EMPTY } }
    }
}

impl Gatherer {
    pub(crate) fn new(element: ElementType) -> Self {
        let buckets = with_element!(element, T => T::BUCKETS);
        Self { element, counts: vec![0; buckets], not_finite: 0, sums: Sums::EMPTY, tallies: Mutex::default() }
    }

    /// Memory of this and of one tally for each thread.
    pub(crate) fn bytes(element: ElementType, threads: usize) -> u64 {
        let buckets = with_element!(element, T => T::BUCKETS) as u64;
        buckets * (8 + 4 * threads as u64)
    }

    /// Counts for one thread, which gives them back when it has done something else to do.
    pub(crate) fn lend(&self) -> Tally {
        let kept = self.tallies.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.unwrap_or_else(|| Tally { counts: vec![0; self.counts.len()], not_finite: 0 })
    }

    pub(crate) fn give_back(&self, tally: Tally) {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner).push(tally);
    }

    pub(crate) fn add_sums(&mut self, sums: Sums) {
        self.sums.join(sums);
    }

    /// Takes what the threads have counted; to be called before any of them has seen four thousand million voxels.
    pub(crate) fn collect(&mut self) {
        for tally in self.tallies.get_mut().unwrap_or_else(PoisonError::into_inner) {
            for (total, count) in self.counts.iter_mut().zip(&mut tally.counts) {
                *total += u64::from(std::mem::take(count));
            }
            self.not_finite += std::mem::take(&mut tally.not_finite);
        }
    }

    /// Everything that has been collected, to go on from later.
    pub(crate) fn state(&self) -> (&[u64], u64, Sums) {
        (&self.counts, self.not_finite, self.sums)
    }

    /// Goes on from what [`Gatherer::state`] gave; nothing when it is of another type.
    pub(crate) fn restored(element: ElementType, counts: Vec<u64>, not_finite: u64, sums: Sums) -> Option<Self> {
        let fresh = Self::new(element);
        (fresh.counts.len() == counts.len()).then_some(Self { counts, not_finite, sums, ..fresh })
    }

    pub(crate) fn finish(mut self) -> Statistics {
        self.collect();
        let element = self.element;
        with_element!(element, T => self.finish_typed::<T>())
    }

    fn finish_typed<T: Counted>(self) -> Statistics {
        let small = T::BUCKETS <= 65_536;
        let least = if matches!(self.element, ElementType::I8 | ElementType::I16) { T::BUCKETS as f64 / 2.0 } else { 0.0 };
        let lower = |bucket: usize| if small { bucket as f64 - least } else { unordered(bucket) };
        let sums = if small { exact_sums(&self.counts, lower) } else { self.sums };
        if sums.count == 0 {
            return Statistics::nothing(self.not_finite);
        }
        let (min, max) = (sums.min, sums.max);
        let count = sums.count as f64;
        let mean = sums.sum / count;
        let stddev = (sums.squares / count - mean * mean).max(0.0).sqrt();
        let quantile = |part: f64| {
            let wanted = part * count;
            let mut below = 0.0;
            for (bucket, &inside) in self.counts.iter().enumerate().filter(|(_, inside)| **inside > 0) {
                let inside = inside as f64;
                if below + inside >= wanted {
                    if small {
                        return lower(bucket);
                    }
                    let within = ((wanted - below) / inside).clamp(0.0, 1.0);
                    let (from, to) = (lower(bucket), lower(bucket + 1));
                    let value = if from.is_finite() && to.is_finite() { from + (to - from) * within } else { from };
                    let value = value.clamp(min, max);
                    return if self.element.is_float() { value } else { value.round() };
                }
                below += inside;
            }
            max
        };
        let [p0_1, p1, p50, p99, p99_9] = [0.001, 0.01, 0.5, 0.99, 0.999].map(quantile);
        let histogram = rebin(&self.counts, lower, min, max, small);
        let window = if p0_1 < p99_9 {
            [p0_1, p99_9]
        } else if min < max {
            [min, max]
        } else {
            [min, min + 1.0]
        };
        Statistics { min, max, mean, stddev, not_finite: self.not_finite, histogram, p0_1, p1, p50, p99, p99_9, window }
    }
}

impl Statistics {
    fn nothing(not_finite: u64) -> Self {
        Self {
            min: 0.0,
            max: 0.0,
            mean: 0.0,
            stddev: 0.0,
            not_finite,
            histogram: vec![0; BINS],
            p0_1: 0.0,
            p1: 0.0,
            p50: 0.0,
            p99: 0.0,
            p99_9: 0.0,
            window: [0.0, 1.0],
        }
    }

    /// The threshold that parts the histogram best in two (Otsu), as a value. Where no voxel lies between the two classes every
    /// threshold of the gap parts them equally well, and its middle is taken: half-way between the two values of a mask.
    pub fn otsu(&self) -> f64 {
        let total: f64 = self.histogram.iter().map(|&count| count as f64).sum();
        let whole: f64 = self.histogram.iter().enumerate().map(|(bin, &count)| bin as f64 * count as f64).sum();
        let (mut below, mut below_sum) = (0.0, 0.0);
        let (mut best, mut gap) = (0.0, (BINS / 2, BINS / 2));
        for (bin, &count) in self.histogram.iter().enumerate().take(BINS - 1) {
            below += count as f64;
            below_sum += bin as f64 * count as f64;
            let above = total - below;
            if below == 0.0 || above == 0.0 {
                continue;
            }
            let apart = below_sum / below - (whole - below_sum) / above;
            let between = below * above * apart * apart;
            if between > best {
                (best, gap) = (between, (bin, bin));
            } else if count == 0 && gap.1 + 1 == bin {
                gap.1 = bin;
            }
        }
        self.min + (self.max - self.min) * ((gap.0 + gap.1) as f64 * 0.5 + 1.0) / BINS as f64
    }
}

fn exact_sums(counts: &[u64], value: impl Fn(usize) -> f64) -> Sums {
    let mut sums = Sums::EMPTY;
    let (mut sum, mut squares) = (0i128, 0i128);
    for (bucket, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let value = value(bucket);
        sums.min = sums.min.min(value);
        sums.max = sums.max.max(value);
        sum += value as i128 * i128::from(count);
        squares += (value * value) as i128 * i128::from(count);
        sums.count += count;
    }
    sums.sum = sum as f64;
    sums.squares = squares as f64;
    sums
}

/// Spreads the fine counts over 256 equal bins; a bucket wider than a bin is shared out by its middle.
fn rebin(counts: &[u64], lower: impl Fn(usize) -> f64, min: f64, max: f64, small: bool) -> Vec<u64> {
    let mut histogram = vec![0; BINS];
    let width = max - min;
    for (bucket, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let value = if small { lower(bucket) } else { 0.5 * lower(bucket) + 0.5 * lower(bucket + 1) };
        let place = if width > 0.0 && width.is_finite() { (value - min) / width * BINS as f64 } else { 0.0 };
        histogram[(place.max(0.0) as usize).min(BINS - 1)] += count;
    }
    histogram
}

impl Statistics {
    /// Of a box of voxels in memory.
    pub fn of(voxels: &crate::zarr::Voxels) -> Self {
        let mut gatherer = Gatherer::new(voxels.element);
        let mut buffer = crate::element::Buffer::zeroed(voxels.bytes.len());
        buffer.bytes_mut().copy_from_slice(&voxels.bytes);
        let mut tally = gatherer.lend();
        let sums = with_element!(voxels.element, T => tally.add::<T>(typed(buffer.bytes())));
        gatherer.give_back(tally);
        gatherer.add_sums(sums);
        gatherer.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(bins: &[(usize, u64)], max: f64) -> Statistics {
        let mut histogram = vec![0; BINS];
        bins.iter().for_each(|&(bin, count)| histogram[bin] = count);
        Statistics { max, histogram, ..Statistics::nothing(0) }
    }

    #[test]
    fn a_mask_is_parted_half_way_and_what_has_no_gap_where_its_classes_meet() {
        // A cylinder's mask, few voxels or many: 0 and 200.
        for inside in [3, 40_000, 900_000] {
            assert_eq!(counted(&[(0, 100_000), (255, inside)], 200.0).otsu(), 100.0);
        }
        // Two hills that touch: between the bins 99 and 100.
        let hills: Vec<(usize, u64)> = (80..120).map(|bin: usize| (bin, 50 + 10 * bin.abs_diff(100) as u64)).collect();
        assert!((counted(&hills, 256.0).otsu() - 100.0).abs() <= 1.0, "{}", counted(&hills, 256.0).otsu());
        // The gap ends where the next voxels stand, also when they are few.
        assert!(counted(&[(0, 1_000), (100, 1), (255, 1_000)], 256.0).otsu() > 101.0);
    }
}
