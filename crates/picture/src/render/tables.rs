//! What a value of the working copy shows, ready to be looked up.

use super::transfer::Transfer;

/// Values of the working copy, and one more, so that a value between two can look at both.
const VALUES: usize = 257;

/// A value that was met, and all extinction below it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Reading {
    pub(crate) value: f32,
    area: f32,
}

pub(crate) struct Tables {
    /// Extinction added up from value 0, over half steps of the value.
    summed: [f32; VALUES],
    extinction: [f32; VALUES],
    colour: [[f32; 3]; VALUES],
    /// How many smaller values can be seen.
    seen_below: [u16; VALUES],
}

impl Tables {
    /// `unit`: how many voxels of the working copy lie along the length for which extinctions are told.
    pub(crate) fn new(transfer: &Transfer, unit: f32) -> Self {
        let mut tables = Self { summed: [0.0; VALUES], extinction: [0.0; VALUES], colour: [[0.0; 3]; VALUES], seen_below: [0; VALUES] };
        let [low, high] = transfer.range;
        for index in 0..VALUES {
            let value = low + (high - low) * index.min(255) as f64 / 255.0;
            let (extinction, colour) = transfer.at(value);
            // Value 0 also stands for what is not a number.
            tables.extinction[index] = if index == 0 && !transfer.shows_lowest { 0.0 } else { extinction / unit };
            tables.colour[index] = colour;
            if index > 0 {
                let middle = 0.5 * (tables.extinction[index - 1] + tables.extinction[index]);
                tables.summed[index] = tables.summed[index - 1] + middle;
                tables.seen_below[index] = tables.seen_below[index - 1] + u16::from(tables.extinction[index - 1] > 0.0);
            }
        }
        tables
    }

    pub(crate) fn is_visible(&self, least: u8, most: u8) -> bool {
        self.seen_below[usize::from(most) + 1] > self.seen_below[usize::from(least)]
    }

    pub(crate) fn shade_of(&self, value: u8) -> f32 {
        self.extinction[usize::from(value)]
    }

    #[inline(always)]
    pub(crate) fn reading(&self, value: f32) -> Reading {
        Reading { value, area: self.area(value) }
    }

    /// Mean extinction while the value goes in a straight line from one to another.
    #[inline(always)]
    pub(crate) fn between(&self, before: Reading, after: Reading) -> f32 {
        let rise = after.value - before.value;
        if rise.abs() < 0.25 {
            return at(&self.extinction, 0.5 * (before.value + after.value));
        }
        ((after.area - before.area) / rise).max(0.0)
    }

    /// Extinction added up from 0 to a value: straight lines between the values make parabolas of it.
    #[inline(always)]
    fn area(&self, value: f32) -> f32 {
        let index = (value as u32 as usize).min(255);
        let part = value - index as f32;
        let (here, next) = (self.extinction[index], self.extinction[index + 1]);
        self.summed[index] + part * (here + 0.5 * part * (next - here))
    }

    #[inline(always)]
    pub(crate) fn colour(&self, value: f32) -> [f32; 3] {
        let index = (value as u32 as usize).min(255);
        let part = value - index as f32;
        let (here, next) = (&self.colour[index], &self.colour[index + 1]);
        std::array::from_fn(|channel| here[channel] + (next[channel] - here[channel]) * part)
    }
}

#[inline(always)]
fn at(table: &[f32; VALUES], value: f32) -> f32 {
    let index = (value as u32 as usize).min(255);
    let part = value - index as f32;
    table[index] + (table[index + 1] - table[index]) * part
}
