//! Makes vertices that lie on exactly the same place one, as STL needs it.

use crate::surface::Surface;

const FREE: u32 = u32::MAX;

/// How many vertices went.
pub(crate) fn weld(surface: &mut Surface) -> u64 {
    let before = surface.positions.len();
    let mut table = Table::new(before);
    let mut places: Vec<[f32; 3]> = Vec::new();
    let numbers: Vec<u32> = surface.positions.iter().map(|&place| table.number(&mut places, place)).collect();
    if places.len() == before {
        return 0;
    }
    surface.positions = places;
    surface.triangles.iter_mut().flatten().for_each(|vertex| *vertex = numbers[*vertex as usize]);
    (before - surface.positions.len()) as u64
}

/// Programs for construction write the same corner a little differently each time: places that lie nearer than `step` become one.
pub(crate) fn weld_near(surface: &mut Surface, step: f32) -> u64 {
    let before = surface.positions.len();
    // What a border of the first grid parts lies inside a cell of the second.
    for shift in [0.0, 0.5] {
        let mut cells = Vec::new();
        let mut table = Table::new(surface.positions.len());
        let cell = |place: &[f32; 3]| place.map(|part| (part / step + shift).floor() + 0.0);
        let numbers: Vec<u32> = surface.positions.iter().map(|place| table.number(&mut cells, cell(place))).collect();
        let mut places = Vec::with_capacity(cells.len());
        for (&number, &place) in numbers.iter().zip(&surface.positions) {
            if number as usize == places.len() {
                places.push(place);
            }
        }
        surface.positions = places;
        surface.triangles.iter_mut().flatten().for_each(|vertex| *vertex = numbers[*vertex as usize]);
    }
    // What had no length has no corners of its own any more.
    surface.triangles.retain(|[a, b, c]| a != b && b != c && a != c);
    (before - surface.positions.len()) as u64
}

/// Open addressing over the bits of places; at most half of it is full.
pub(super) struct Table {
    slots: Vec<u32>,
}

impl Table {
    pub(super) fn new(places: usize) -> Self {
        Self { slots: vec![FREE; (places * 2).next_power_of_two().max(1 << 10)] }
    }

    /// The number of a place, which is added if it is new.
    pub(super) fn number(&mut self, places: &mut Vec<[f32; 3]>, place: [f32; 3]) -> u32 {
        if places.len() * 2 >= self.slots.len() {
            self.grow(places);
        }
        let at = self.slot(places, place);
        if self.slots[at] == FREE {
            self.slots[at] = places.len() as u32;
            places.push(place);
        }
        self.slots[at]
    }

    /// Where the place stands, or where it belongs.
    fn slot(&self, places: &[[f32; 3]], place: [f32; 3]) -> usize {
        let bits = place.map(f32::to_bits);
        let mixed = bits.iter().fold(0u64, |sum, &part| (sum ^ u64::from(part)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29));
        let mut at = (mixed ^ mixed >> 32) as usize & (self.slots.len() - 1);
        while self.slots[at] != FREE && places[self.slots[at] as usize].map(f32::to_bits) != bits {
            at = (at + 1) & (self.slots.len() - 1);
        }
        at
    }

    fn grow(&mut self, places: &[[f32; 3]]) {
        self.slots = vec![FREE; self.slots.len() * 2];
        for (number, &place) in places.iter().enumerate() {
            let at = self.slot(places, place);
            self.slots[at] = number as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_places_become_one_and_near_ones_stay() {
        let near = f32::from_bits(1f32.to_bits() + 1);
        let mut surface =
            Surface { positions: vec![[0.0; 3], [1.0; 3], [0.0; 3], [near, 1.0, 1.0]], triangles: vec![[0, 1, 3], [2, 3, 1]] };
        assert_eq!(weld(&mut surface), 1);
        assert_eq!(surface.triangles, [[0, 1, 2], [0, 2, 1]]);
        assert_eq!(surface.positions.len(), 3);
    }
}
