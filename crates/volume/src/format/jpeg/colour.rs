//! Planes of components become pixels: coarser ones are spread over the picture, brightness and two colours become red, green and
//! blue. The sums are those of the Independent JPEG Group's library with its triangle filter.

use super::frame::{Component, Frame};

/// The rows of one component, spread to the width of the picture.
pub(super) struct Rows<'p> {
    plane: &'p [u16],
    stride: usize,
    width: usize,
    height: usize,
    spread: Spread,
    /// The last row that was asked for, at least as wide as the picture.
    row: Vec<u16>,
    /// Room for the sum of two rows.
    sums: Vec<u16>,
}

/// How a coarser component is spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spread {
    /// Each sample so many times across and down.
    Repeated([usize; 2]),
    /// Three quarters of the nearer sample and one of the farther: twice as wide, twice as high, or both.
    Across,
    Down,
    Both,
}

impl Spread {
    fn of(component: &Component, frame: &Frame) -> Result<Self, String> {
        let [across, down] = frame.unit();
        if across % component.across != 0 || down % component.down != 0 {
            return Err("its JPEG has colours of a fineness that is no whole part of its brightness, which is not read".into());
        }
        Ok(match [across / component.across, down / component.down] {
            [2, 1] if component.width > 2 => Self::Across,
            [1, 2] => Self::Down,
            [2, 2] if component.width > 2 => Self::Both,
            times => Self::Repeated(times),
        })
    }
}

impl<'p> Rows<'p> {
    pub(super) fn new(component: &Component, frame: &Frame, plane: &'p [u16], stride: usize) -> Result<Self, String> {
        let spread = Spread::of(component, frame)?;
        let across = frame.unit()[0] / component.across;
        Ok(Self {
            plane,
            stride,
            width: component.width,
            height: component.height,
            spread,
            row: vec![0; component.width * across],
            sums: vec![0; component.width],
        })
    }

    fn plane_row(&self, row: usize) -> &'p [u16] {
        // Beyond the edges lies what lies at them.
        &self.plane[row.min(self.height - 1) * self.stride..][..self.width]
    }

    /// The rows from which row `y` of the picture comes: the nearer one and the farther one.
    fn two_rows(&self, y: usize) -> [&'p [u16]; 2] {
        let near = y / 2;
        [self.plane_row(near), self.plane_row(if y.is_multiple_of(2) { near.saturating_sub(1) } else { near + 1 })]
    }

    /// Row `y` of the picture.
    pub(super) fn row(&mut self, y: usize) -> &[u16] {
        match self.spread {
            Spread::Repeated([1, down]) => return self.plane_row(y / down),
            Spread::Repeated([across, down]) => {
                let from = self.plane_row(y / down);
                self.row.chunks_exact_mut(across).zip(from).for_each(|(out, &sample)| out.fill(sample));
            }
            Spread::Across => {
                let from = self.plane_row(y);
                widen(from, [4, 3, 1], [0, 1, 2, 0], 2, &mut self.row);
            }
            Spread::Down => {
                let [near, far] = self.two_rows(y);
                let half = if y.is_multiple_of(2) { 1 } else { 2 };
                self.row.iter_mut().zip(near).zip(far).for_each(|((out, &near), &far)| *out = (3 * near + far + half) >> 2);
            }
            Spread::Both => {
                let [near, far] = self.two_rows(y);
                self.sums.iter_mut().zip(near).zip(far).for_each(|((sum, &near), &far)| *sum = 3 * near + far);
                widen(&self.sums, [4, 3, 1], [8, 8, 7, 7], 4, &mut self.row);
            }
        }
        &self.row
    }
}

/// Twice as many samples: the first and the last alone, all others from two neighbours. What is added before the division is for the
/// first sample, those that lean to the left, those that lean to the right, and the last.
fn widen(from: &[u16], [alone, near, far]: [u32; 3], [first, left, right, last]: [u32; 4], bits: u32, out: &mut [u16]) {
    let of = |near_sample: u16, far_sample: u16, half: u32| {
        ((near * u32::from(near_sample) + far * u32::from(far_sample) + half) >> bits) as u16
    };
    for (pair, out) in from.windows(2).zip(out[1..].chunks_exact_mut(2)) {
        out[0] = of(pair[0], pair[1], right);
        out[1] = of(pair[1], pair[0], left);
    }
    if let (Some(&begins), Some(&ends), Some(at)) = (from.first(), from.last(), out.len().checked_sub(1)) {
        out[0] = ((alone * u32::from(begins) + first) >> bits) as u16;
        out[at] = ((alone * u32::from(ends) + last) >> bits) as u16;
    }
}

/// Brightness and two colours, in place, as red, green and blue; constants with sixteen bits behind the point.
pub(super) fn to_rgb(precision: u32, [first, second, third]: [&mut [u16]; 3]) {
    let (middle, most) = (1 << (precision - 1), (1 << precision) - 1);
    for ((first, second), third) in first.iter_mut().zip(second).zip(third) {
        let (luminance, blue, red) = (i32::from(*first), i32::from(*second) - middle, i32::from(*third) - middle);
        let sample = |change: i32| (luminance + (change >> 16)).clamp(0, most) as u16;
        *first = sample(91_881 * red + 32_768);
        *second = sample(-22_554 * blue - 46_802 * red + 32_768);
        *third = sample(116_130 * blue + 32_768);
    }
}
