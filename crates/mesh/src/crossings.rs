//! Triangles that run through each other: a body that does so has no clear inside.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;

use crate::deviation::Cells;
use crate::limit::{CROSSING_PAIRS_MAX, CROSSING_TOUCHES_MAX, CROSSING_TRIANGLES_MAX};
use crate::parts;
use crate::surface::Surface;
use crate::surface::vector::sub;

/// By this part of the body's diagonal a piece is moved to see whether it overlaps another or only touches it; along no edge, no
/// face and no diagonal of anything that is drawn on a grid.
const NUDGE: f64 = 1e-8;
const ALONG: [f64; 3] = [0.540_302_305_868, 0.841_470_984_808, 0.668_064_241_791];

/// How many triangles run through another one; nothing when the surface is too large to look.
pub(crate) fn count(surface: &Surface) -> Option<u64> {
    if surface.triangles.len() > CROSSING_TRIANGLES_MAX {
        return None;
    }
    let Some(cells) = Cells::new(surface) else { return Some(0) };
    let crosses: Vec<AtomicBool> = surface.triangles.iter().map(|_| AtomicBool::new(false)).collect();
    let mark = |pair: [u32; 2]| pair.iter().for_each(|&triangle| crosses[triangle as usize].store(true, Ordering::Relaxed));
    let touching = Touching::new(surface);
    let compared = AtomicU64::new(0);
    (0..cells.cubes()).into_par_iter().for_each(|cube| {
        let own = cells.in_cube(cube);
        for (place, &one) in own.iter().enumerate() {
            if compared.load(Ordering::Relaxed) > CROSSING_PAIRS_MAX {
                return;
            }
            compared.fetch_add((own.len() - place) as u64, Ordering::Relaxed);
            for &other in &own[place + 1..] {
                let numbers = [surface.triangles[one as usize], surface.triangles[other as usize]];
                let corners = numbers.map(|triangle| surface.corners(triangle));
                if !boxes_meet(corners[0], corners[1]) || cells.first_shared(corners[0], corners[1]) != cube {
                    continue;
                }
                if cross(numbers, corners, [0.0; 3]) {
                    mark([one, other]);
                } else {
                    touching.look([one, other], numbers, corners);
                }
            }
        }
    });
    touching.overlaps().for_each(mark);
    (compared.into_inner() <= CROSSING_PAIRS_MAX)
        .then(|| crosses.into_iter().filter(|crosses| crosses.load(Ordering::Relaxed)).count() as u64)
}

/// Pieces that meet edge on edge or face on face. Moved a little to one side and to the other, those that overlap run through each
/// other both times, and those that touch come free once.
struct Touching {
    piece_of: Vec<u32>,
    nudge: [f64; 3],
    found: Mutex<Vec<Touch>>,
}

/// Two triangles that run through each other when their pieces are moved.
struct Touch {
    triangles: [u32; 2],
    pieces: [u32; 2],
    /// One bit for each side to which they were moved.
    sides: u8,
}

impl Touching {
    fn new(surface: &Surface) -> Self {
        let across = surface.bounds().map_or([0.0; 3], |[least, most]| sub(most, least)).map(f64::from);
        let diagonal = across.iter().map(|side| side * side).sum::<f64>().sqrt();
        Self { piece_of: parts::piece_of(surface), nudge: ALONG.map(|part| part * diagonal * NUDGE), found: Mutex::default() }
    }

    fn look(&self, triangles: [u32; 2], numbers: [[u32; 3]; 2], corners: [[[f32; 3]; 3]; 2]) {
        let [one, other] = numbers.map(|triangle| self.piece_of[triangle[0] as usize]);
        if one == other {
            return;
        }
        let mut sides = 0;
        for (bit, side) in [(1, 1.0), (2, -1.0)] {
            // Of two pieces it is always the same that is moved.
            let by = if one < other { side } else { -side };
            sides |= if cross(numbers, corners, self.nudge.map(|part| part * by)) { bit } else { 0 };
        }
        if sides != 0 {
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            if found.len() < CROSSING_TOUCHES_MAX {
                found.push(Touch { triangles, pieces: [one.min(other), one.max(other)], sides });
            }
        }
    }

    fn overlaps(self) -> impl Iterator<Item = [u32; 2]> {
        let found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut sides: HashMap<[u32; 2], u8> = HashMap::new();
        found.iter().for_each(|touch| *sides.entry(touch.pieces).or_default() |= touch.sides);
        found.into_iter().filter(move |touch| sides.get(&touch.pieces) == Some(&3)).map(|touch| touch.triangles)
    }
}

fn boxes_meet(one: [[f32; 3]; 3], other: [[f32; 3]; 3]) -> bool {
    (0..3).all(|axis| {
        let ends = |corners: [[f32; 3]; 3]| {
            let places = corners.map(|corner| corner[axis]);
            (places.iter().copied().fold(f32::MAX, f32::min), places.iter().copied().fold(f32::MIN, f32::max))
        };
        let ((a, b), (c, d)) = (ends(one), ends(other));
        a <= d && c <= b
    })
}

/// Whether an edge of one goes through the inside of the other, which is moved by `nudge`. Triangles that share an edge only fold; those that share a
/// corner are asked for the edges that do not meet there.
fn cross([one, other]: [[u32; 3]; 2], corners: [[[f32; 3]; 3]; 2], nudge: [f64; 3]) -> bool {
    let shared = one.iter().filter(|vertex| other.contains(vertex)).count();
    if shared >= 2 {
        return false;
    }
    let [a, mut b] = corners.map(|corners| corners.map(|corner| corner.map(f64::from)));
    b.iter_mut().for_each(|corner| *corner = std::array::from_fn(|axis| corner[axis] + nudge[axis]));
    let pierces = |edges: [[f64; 3]; 3], numbers: [u32; 3], through: [[f64; 3]; 3], others: [u32; 3]| {
        (0..3).any(|at| {
            let next = (at + 1) % 3;
            !others.contains(&numbers[at]) && !others.contains(&numbers[next]) && pierces([edges[at], edges[next]], through)
        })
    };
    pierces(a, one, b, other) || pierces(b, other, a, one)
}

fn pierces([from, to]: [[f64; 3]; 2], [a, b, c]: [[f64; 3]; 3]) -> bool {
    let side = |p: [f64; 3], q: [f64; 3], r: [f64; 3], s: [f64; 3]| {
        let [x, y, z] = [q, r, s].map(|end| [end[0] - p[0], end[1] - p[1], end[2] - p[2]]);
        x[0] * (y[1] * z[2] - y[2] * z[1]) + x[1] * (y[2] * z[0] - y[0] * z[2]) + x[2] * (y[0] * z[1] - y[1] * z[0])
    };
    let (before, behind) = (side(a, b, c, from), side(a, b, c, to));
    if before * behind >= 0.0 {
        return false;
    }
    let around = [side(from, to, a, b), side(from, to, b, c), side(from, to, c, a)];
    around.iter().all(|&side| side > 0.0) || around.iter().all(|&side| side < 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface(positions: &[[f32; 3]], triangles: &[[u32; 3]]) -> Surface {
        Surface { positions: positions.to_vec(), triangles: triangles.to_vec() }
    }

    #[test]
    fn what_pierces_is_counted_and_what_touches_is_not() {
        let flat = [[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 4.0, 0.0]];
        let through = [[1.0, 1.0, -1.0], [1.0, 1.0, 1.0], [9.0, 9.0, 0.0]];
        let beside = [[1.0, 1.0, 0.5], [1.0, 1.0, 2.0], [9.0, 9.0, 1.0]];
        let two = |other: [[f32; 3]; 3]| surface(&[flat, other].concat(), &[[0, 1, 2], [3, 4, 5]]);
        assert_eq!(count(&two(through)), Some(2));
        assert_eq!(count(&two(beside)), Some(0));
        let neighbours = surface(&[flat.as_slice(), &[[4.0, 4.0, 0.0]]].concat(), &[[0, 1, 2], [2, 1, 3]]);
        assert_eq!(count(&neighbours), Some(0));
    }

    /// Two boxes of ten, the second moved.
    fn boxes(moved: [f32; 3]) -> Surface {
        let corner = |corner: u32| -> [f32; 3] { std::array::from_fn(|axis| if corner >> axis & 1 == 1 { 10.0 } else { 0.0 }) };
        let quads: [[u32; 4]; 6] = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
        let mut whole = Surface {
            positions: (0..8).map(corner).collect(),
            triangles: quads.iter().flat_map(|&[a, b, c, d]| [[a, b, c], [a, c, d]]).collect(),
        };
        let mut second = whole.clone();
        second.positions.iter_mut().for_each(|place| *place = std::array::from_fn(|axis| place[axis] + moved[axis]));
        whole.append(&second);
        whole
    }

    #[test]
    fn boxes_that_overlap_edge_on_edge_cross_and_bricks_that_touch_do_not() {
        for moved in [[5.0, 0.0, 0.0], [5.0, 5.0, 0.0], [5.0, 5.0, 5.0], [0.0, 5.0, 2.5], [-5.0, 0.0, 5.0]] {
            assert!(count(&boxes(moved)).is_some_and(|found| found >= 4), "{moved:?}: {:?}", count(&boxes(moved)));
        }
        for moved in [[10.0, 0.0, 0.0], [10.0, 5.0, 0.0], [-10.0, 5.0, 2.5], [0.0, 10.0, 10.0], [10.0, 10.0, 10.0], [5.0, 5.0, 10.0]] {
            assert_eq!(count(&boxes(moved)), Some(0), "{moved:?}");
        }
    }
}
