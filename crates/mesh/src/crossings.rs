//! Triangles that run through each other: a body that does so has no clear inside.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;

use crate::deviation::Cells;
use crate::limit::{CROSSING_PAIRS_MAX, CROSSING_TRIANGLES_MAX};
use crate::surface::Surface;

/// How many triangles run through another one; nothing when the surface is too large to look.
pub(crate) fn count(surface: &Surface) -> Option<u64> {
    if surface.triangles.len() > CROSSING_TRIANGLES_MAX {
        return None;
    }
    let Some(cells) = Cells::new(surface) else { return Some(0) };
    let crosses: Vec<AtomicBool> = surface.triangles.iter().map(|_| AtomicBool::new(false)).collect();
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
                if cross(numbers, corners) {
                    crosses[one as usize].store(true, Ordering::Relaxed);
                    crosses[other as usize].store(true, Ordering::Relaxed);
                }
            }
        }
    });
    (compared.into_inner() <= CROSSING_PAIRS_MAX)
        .then(|| crosses.into_iter().filter(|crosses| crosses.load(Ordering::Relaxed)).count() as u64)
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

/// Whether an edge of one goes through the inside of the other. Triangles that share an edge only fold; those that share a
/// corner are asked for the edges that do not meet there.
fn cross([one, other]: [[u32; 3]; 2], corners: [[[f32; 3]; 3]; 2]) -> bool {
    let shared = one.iter().filter(|vertex| other.contains(vertex)).count();
    if shared >= 2 {
        return false;
    }
    let [a, b] = corners.map(|corners| corners.map(|corner| corner.map(f64::from)));
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
}
