//! Boxes in any number of axes, and copying between them.

/// A box: first index and number of indexes along each axis, slowest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) start: Vec<u64>,
    pub(super) count: Vec<u64>,
}

impl Region {
    pub(super) fn end(&self, axis: usize) -> u64 {
        self.start[axis] + self.count[axis]
    }

    pub(super) fn elements(&self) -> u64 {
        self.count.iter().product()
    }

    /// What two boxes share; nothing when they do not touch.
    pub(super) fn shared(&self, other: &Self) -> Option<Self> {
        let mut shared = self.clone();
        for axis in 0..self.start.len() {
            let start = self.start[axis].max(other.start[axis]);
            let end = self.end(axis).min(other.end(axis));
            if end <= start {
                return None;
            }
            (shared.start[axis], shared.count[axis]) = (start, end - start);
        }
        Some(shared)
    }

    /// Whether the elements of this box lie one after the other inside `outer`, which holds it.
    pub(super) fn is_run_in(&self, outer: &Self) -> bool {
        let slow = self.count.iter().position(|&count| count > 1).unwrap_or(self.count.len());
        (slow + 1..self.count.len()).all(|axis| self.count[axis] == outer.count[axis])
    }

    /// How many elements lie before this box inside `outer`, which holds it.
    pub(super) fn offset_in(&self, outer: &Self) -> u64 {
        let steps = self.start.iter().zip(&outer.start).zip(&outer.count);
        steps.fold(0, |offset, ((start, outer_start), count)| offset * count + (start - outer_start))
    }
}

/// Copies the box `shared` from the bytes of one box into those of another; both hold it.
pub(super) fn copy(from: &[u8], from_box: &Region, to: &mut [u8], to_box: &Region, shared: &Region, size: usize) {
    let rank = shared.count.len();
    if rank == 0 {
        to[..size].copy_from_slice(&from[..size]);
        return;
    }
    // Axes at the end that both boxes hold wholly are one long row.
    let mut fast = rank - 1;
    while fast > 0 && shared.count[fast] == from_box.count[fast] && shared.count[fast] == to_box.count[fast] {
        fast -= 1;
    }
    let row = shared.count[fast..].iter().product::<u64>() as usize * size;
    let mut place = shared.start.clone();
    loop {
        let at = Region { start: place.clone(), count: vec![1; rank] };
        let (source, target) = (at.offset_in(from_box) as usize * size, at.offset_in(to_box) as usize * size);
        to[target..target + row].copy_from_slice(&from[source..source + row]);
        if !advance(&mut place, shared, fast) {
            return;
        }
    }
}

/// Goes on to the next place along the axes before `fast`; false after the last.
fn advance(place: &mut [u64], region: &Region, fast: usize) -> bool {
    for axis in (0..fast).rev() {
        place[axis] += 1;
        if place[axis] < region.end(axis) {
            return true;
        }
        place[axis] = region.start[axis];
    }
    false
}

/// All places of a box, row-major.
pub(super) fn places(region: &Region) -> Vec<Vec<u64>> {
    let mut place = region.start.clone();
    let mut places = vec![place.clone()];
    while advance(&mut place, region, region.start.len()) {
        places.push(place.clone());
    }
    places
}

/// Fills with one value, whose bytes are repeated; no bytes mean zero.
pub(super) fn fill(out: &mut [u8], value: &[u8]) {
    if value.iter().all(|&byte| byte == 0) {
        out.fill(0);
    } else {
        out.chunks_exact_mut(value.len()).for_each(|element| element.copy_from_slice(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(start: &[u64], count: &[u64]) -> Region {
        Region { start: start.to_vec(), count: count.to_vec() }
    }

    #[test]
    fn boxes_are_copied_into_boxes() {
        let from: Vec<u8> = (0..24).collect();
        let (source, target) = (region(&[0, 0, 0], &[2, 3, 4]), region(&[1, 1, 0], &[1, 3, 4]));
        let shared = source.shared(&target).unwrap();
        assert_eq!(shared, region(&[1, 1, 0], &[1, 2, 4]));
        let mut to = vec![255; 12];
        copy(&from, &source, &mut to, &target, &shared, 1);
        assert_eq!(to, [16, 17, 18, 19, 20, 21, 22, 23, 255, 255, 255, 255]);
        let inner = region(&[1, 1, 2], &[1, 2, 1]);
        copy(&from, &source, &mut to, &target, &inner, 1);
        assert!(!inner.is_run_in(&target) && shared.is_run_in(&target));
        assert_eq!(source.shared(&region(&[2, 0, 0], &[1, 1, 1])), None);
    }

    #[test]
    fn fill_values_are_repeated() {
        let mut out = [9; 6];
        fill(&mut out, &[1, 2]);
        assert_eq!(out, [1, 2, 1, 2, 1, 2]);
        fill(&mut out, &[]);
        assert_eq!(out, [0; 6]);
    }
}
