//! The sum of squared distances to planes, as a function of place (Garland and Heckbert, 1997), weighted by area.
//!
//! It is kept relative to its own vertex: numbers stay small, and 32 bits are enough.

use crate::surface::vector::{area2, dot, sub};

/// Pulls the best place towards the middle of the edge where the planes leave it open.
const PULL: f32 = 1e-3;
/// Makes short edges go first where all cost the same: a hundredth of their length counts as distance.
const SHORT: f32 = 1e-4;

/// xᵀAx + 2bx + c, with x from the vertex on.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Quadric {
    /// xx, yy, zz, xy, xz, yz.
    a: [f32; 6],
    b: [f32; 3],
    c: f32,
}

impl Quadric {
    /// The plane of a triangle, seen from one of its corners.
    pub(super) fn of_triangle(corners: [[f32; 3]; 3]) -> Self {
        let normal = area2(corners);
        let twice = dot(normal, normal).sqrt();
        if twice <= 0.0 {
            return Self::default();
        }
        let [x, y, z] = normal;
        // Unit normal times area: the product of two of its parts over twice the area, halved.
        let by = 0.5 / twice;
        Self { a: [x * x * by, y * y * by, z * z * by, x * y * by, x * z * by, y * z * by], b: [0.0; 3], c: 0.0 }
    }

    pub(super) fn add(&mut self, other: &Self) {
        (0..6).for_each(|part| self.a[part] += other.a[part]);
        (0..3).for_each(|part| self.b[part] += other.b[part]);
        self.c += other.c;
    }

    #[inline(always)]
    fn times(&self, [x, y, z]: [f32; 3]) -> [f32; 3] {
        let [xx, yy, zz, xy, xz, yz] = self.a;
        [xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z]
    }

    #[inline(always)]
    fn at(&self, place: [f32; 3]) -> f32 {
        dot(self.times(place), place) + 2.0 * dot(self.b, place) + self.c
    }

    /// The same function, seen from a place `by` further on.
    #[inline(always)]
    fn moved(&self, by: [f32; 3]) -> Self {
        let turned = self.times(by);
        Self { a: self.a, b: std::array::from_fn(|axis| self.b[axis] + turned[axis]), c: self.at(by) }
    }

    #[inline(always)]
    fn trace(&self) -> f32 {
        self.a[0] + self.a[1] + self.a[2]
    }

    /// Where it is least near zero, kept within `reach`.
    #[inline(always)]
    fn least(&self, reach2: f32) -> [f32; 3] {
        let pull = PULL * self.trace();
        let [xx, yy, zz, xy, xz, yz] = self.a;
        let (xx, yy, zz) = (xx + pull, yy + pull, zz + pull);
        let rows = [yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy];
        let determinant = xx * rows[0] + xy * rows[1] + xz * rows[2];
        if determinant <= 0.0 {
            return [0.0; 3];
        }
        let by = -1.0 / determinant;
        let others = [xx * zz - xz * xz, xy * xz - xx * yz, xx * yy - xy * xy];
        let [x, y, z] = self.b;
        let place = [
            (rows[0] * x + rows[1] * y + rows[2] * z) * by,
            (rows[1] * x + others[0] * y + others[1] * z) * by,
            (rows[2] * x + others[1] * y + others[2] * z) * by,
        ];
        if dot(place, place) <= reach2 { place } else { [0.0; 3] }
    }
}

/// What becomes of two vertices that are made one.
pub(super) struct Merged {
    pub(super) place: [f32; 3],
    pub(super) cost: f32,
    /// The sum of both, as it is seen from the middle between them.
    sum: Quadric,
    from_middle: [f32; 3],
}

impl Merged {
    /// As it is seen from the new place.
    pub(super) fn quadric(&self) -> Quadric {
        self.sum.moved(self.from_middle)
    }
}

#[inline(always)]
pub(super) fn merge(from: [[f32; 3]; 2], quadrics: [&Quadric; 2]) -> Merged {
    let half = sub(from[1], from[0]).map(|part| 0.5 * part);
    let middle: [f32; 3] = std::array::from_fn(|axis| from[0][axis] + half[axis]);
    let mut sum = quadrics[0].moved(half);
    sum.add(&quadrics[1].moved(half.map(|part| -part)));
    let length2 = 4.0 * dot(half, half);
    let best = sum.least(length2);
    let cost = sum.at(best).max(0.0) + SHORT * sum.trace() * length2;
    Merged { place: std::array::from_fn(|axis| middle[axis] + best[axis]), cost, sum, from_middle: best }
}
