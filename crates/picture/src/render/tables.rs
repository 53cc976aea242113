//! What a value of the working copy shows, ready to be looked up.

use super::blocks;
use super::lanes::{Floats, Ints, Mask, Three, clamp, mix};
use super::transfer::Transfer;

/// Values of the working copy, and one more, so that a value between two can look at both.
const VALUES: usize = 257;

/// A value that was met, and all extinction below it, for each lane.
#[derive(Clone, Copy)]
pub(crate) struct Reading<F> {
    pub(crate) value: F,
    pub(crate) area: F,
}

pub(crate) struct Tables {
    /// Extinction added up from value 0, over half steps of the value.
    summed: [f32; VALUES],
    extinction: [f32; VALUES],
    /// Red, green and blue of each value in turn.
    colour: [f32; 3 * VALUES],
    /// Greatest extinction between a value and the one that lies 2^n − 1 further on.
    greatest: Vec<[f32; VALUES]>,
}

impl Tables {
    /// `unit`: how many voxels of the working copy lie along the length for which extinctions are told.
    pub(crate) fn new(transfer: &Transfer, unit: f32) -> Self {
        let mut tables = Self { summed: [0.0; VALUES], extinction: [0.0; VALUES], colour: [0.0; 3 * VALUES], greatest: Vec::new() };
        let [low, high] = transfer.range;
        for index in 0..VALUES {
            let value = low + (high - low) * index.min(255) as f64 / 255.0;
            let (extinction, colour) = transfer.at(value);
            // Value 0 also stands for what is not a number.
            tables.extinction[index] = if index == 0 && !transfer.shows_lowest { 0.0 } else { extinction / unit };
            tables.colour[3 * index..][..3].copy_from_slice(&colour);
            if index > 0 {
                let middle = 0.5 * (tables.extinction[index - 1] + tables.extinction[index]);
                tables.summed[index] = tables.summed[index - 1] + middle;
            }
        }
        let mut greatest = tables.extinction;
        for reach in [1, 2, 4, 8, 16, 32, 64, 128] {
            tables.greatest.push(greatest);
            greatest = std::array::from_fn(|from| greatest[from].max(greatest[(from + reach).min(VALUES - 1)]));
        }
        tables.greatest.push(greatest);
        tables
    }

    /// How long steps may be between voxels of these values, as [`blocks::stride`] says it.
    pub(crate) fn stride(&self, least: u8, most: u8) -> u8 {
        let (least, most) = (usize::from(least), usize::from(most));
        // Two stretches that overlap cover what lies between.
        let row = (most - least + 1).ilog2() as usize;
        blocks::stride(self.greatest[row][least].max(self.greatest[row][most + 1 - (1 << row)]))
    }

    pub(crate) fn shade_of(&self, value: u8) -> f32 {
        self.extinction[usize::from(value)]
    }

    #[inline(always)]
    pub(crate) fn reading<F: Floats>(&self, value: F) -> Reading<F> {
        Reading { value, area: self.area(value) }
    }

    /// Mean extinction while the value goes in a straight line from one to another.
    #[inline(always)]
    pub(crate) fn between<F: Floats>(&self, before: Reading<F>, after: Reading<F>) -> F {
        let rise = after.value - before.value;
        let steep = (after.area - before.area).over(rise).most(F::splat(0.0));
        let flat = rise.size().below(F::splat(0.25));
        if !flat.any() {
            return steep;
        }
        let (index, part) = split(F::splat(0.5) * (before.value + after.value));
        let here = index.numbers(&self.extinction);
        mix(here, (index + F::Ints::splat(1)).numbers(&self.extinction), part).pick(flat, steep)
    }

    /// Extinction added up from 0 to a value: straight lines between the values make parabolas of it.
    #[inline(always)]
    fn area<F: Floats>(&self, value: F) -> F {
        let (index, part) = split(value);
        let here = index.numbers(&self.extinction);
        let next = (index + F::Ints::splat(1)).numbers(&self.extinction);
        index.numbers(&self.summed) + part * (here + F::splat(0.5) * part * (next - here))
    }

    #[inline(always)]
    pub(crate) fn colour<F: Floats>(&self, value: F) -> Three<F> {
        let (index, part) = split(value);
        let first = index * F::Ints::splat(3);
        [self.channel(first, part, 0), self.channel(first, part, 1), self.channel(first, part, 2)]
    }

    #[inline(always)]
    fn channel<F: Floats>(&self, first: F::Ints, part: F, channel: i32) -> F {
        let at = |next: i32| (first + F::Ints::splat(channel + next)).numbers(&self.colour);
        mix(at(0), at(3), part)
    }
}

/// The value of the table below a value, and the way to the next.
#[inline(always)]
fn split<F: Floats>(value: F) -> (F::Ints, F) {
    let value = clamp(value, 0.0, 255.0);
    let index = value.whole();
    (index, value - index.floats())
}
