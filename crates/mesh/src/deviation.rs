//! How far a simplified surface lies from the one it was made of.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::limit::cell_pairs_max;
use crate::surface::Surface;
use crate::surface::vector::{cross, dot, sub};

/// Places that are measured, at most.
pub(crate) const PLACES_MAX: usize = 100_000;

/// Distances of places of the finer surface (its vertices, evenly picked) to the nearest triangle of the coarser.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Deviation {
    pub greatest_um: f64,
    /// Root of the mean square.
    pub rms_um: f64,
    pub places: u64,
}

/// Vertices by which a surface is remembered while it is simplified.
#[derive(Debug, Clone)]
pub struct Places(Vec<[f32; 3]>);

impl Places {
    pub fn of(surface: &Surface) -> Self {
        let step = surface.positions.len().div_ceil(PLACES_MAX).max(1);
        Self(surface.positions.iter().copied().step_by(step).collect())
    }
}

impl Deviation {
    pub fn of(Places(places): &Places, surface: &Surface) -> Self {
        let Some(cells) = Cells::new(surface) else { return Self::default() };
        let distances: Vec<f64> = places.par_iter().map(|&place| f64::from(cells.distance2(surface, place))).collect();
        let greatest = distances.iter().copied().fold(0.0, f64::max).sqrt();
        let mean = distances.iter().sum::<f64>() / distances.len().max(1) as f64;
        Self { greatest_um: greatest, rms_um: mean.sqrt(), places: distances.len() as u64 }
    }
}

/// Triangles sorted into cubes of about their own size.
pub(crate) struct Cells {
    least: [f32; 3],
    edge: f32,
    counts: [usize; 3],
    begins: Vec<u32>,
    triangles: Vec<u32>,
}

/// Nothing shorter is told from a point.
const POINT: f32 = 1e-30;
/// Most cubes.
const CELLS_MAX: f32 = 4_000_000.0;

impl Cells {
    pub(crate) fn new(surface: &Surface) -> Option<Self> {
        let [least, most] = surface.bounds()?;
        let size: [f32; 3] = std::array::from_fn(|axis| most[axis] - least[axis]);
        let longest = size.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        let mut edge = longest / 16.0;
        // Some triangles to a cube on the average, and not too many cubes.
        let wanted = (surface.triangles.len() as f32 * 2.0).clamp(64.0, CELLS_MAX);
        // What lies in one point fits into one cube, however small.
        while longest > POINT && size.iter().map(|side| (side / edge).floor() + 1.0).product::<f32>() < wanted {
            edge *= 0.9;
        }
        let mut cells = Self::empty(least, size, edge);
        // Triangles as large as the body would lie in all cubes.
        while cells.pairs(surface) > cell_pairs_max(surface.triangles.len()) as u64 {
            edge *= 2.0;
            cells = Self::empty(least, size, edge);
        }
        let mut pairs = Vec::new();
        for (number, &triangle) in surface.triangles.iter().enumerate() {
            let [from, to] = cells.range(surface.corners(triangle));
            for z in from[2]..=to[2] {
                for y in from[1]..=to[1] {
                    pairs.extend((from[0]..=to[0]).map(|x| (cells.number([x, y, z]), number as u32)));
                }
            }
        }
        pairs.iter().for_each(|&(cell, _)| cells.begins[cell as usize + 1] += 1);
        for cell in 1..cells.begins.len() {
            cells.begins[cell] += cells.begins[cell - 1];
        }
        cells.triangles = vec![0; pairs.len()];
        let mut places = cells.begins.clone();
        for (cell, number) in pairs {
            let place = &mut places[cell as usize];
            cells.triangles[*place as usize] = number;
            *place += 1;
        }
        Some(cells)
    }

    fn empty(least: [f32; 3], size: [f32; 3], edge: f32) -> Self {
        let counts: [usize; 3] = std::array::from_fn(|axis| (size[axis] / edge) as usize + 1);
        Self { least, edge, counts, begins: vec![0; counts.iter().product::<usize>() + 1], triangles: Vec::new() }
    }

    /// The cubes that a triangle's box meets, from and to.
    pub(crate) fn range(&self, corners: [[f32; 3]; 3]) -> [[usize; 3]; 2] {
        let bound = |fold: fn(f32, f32) -> f32| -> [f32; 3] {
            std::array::from_fn(|axis| fold(fold(corners[0][axis], corners[1][axis]), corners[2][axis]))
        };
        [self.place(bound(f32::min)), self.place(bound(f32::max))]
    }

    fn pairs(&self, surface: &Surface) -> u64 {
        let own = |&triangle: &[u32; 3]| {
            let [from, to] = self.range(surface.corners(triangle));
            (0..3).map(|axis| (to[axis] - from[axis] + 1) as u64).product::<u64>()
        };
        surface.triangles.par_iter().map(own).sum()
    }

    /// How many cubes there are, and the triangles of one.
    pub(crate) fn cubes(&self) -> usize {
        self.begins.len() - 1
    }

    pub(crate) fn in_cube(&self, number: usize) -> &[u32] {
        &self.triangles[self.begins[number] as usize..self.begins[number + 1] as usize]
    }

    /// The first cube in which both boxes lie: a pair is looked at there and nowhere else.
    pub(crate) fn first_shared(&self, one: [[f32; 3]; 3], other: [[f32; 3]; 3]) -> usize {
        let ([a, _], [b, _]) = (self.range(one), self.range(other));
        self.number(std::array::from_fn(|axis| a[axis].max(b[axis]))) as usize
    }

    fn place(&self, place: [f32; 3]) -> [usize; 3] {
        std::array::from_fn(|axis| (((place[axis] - self.least[axis]) / self.edge).max(0.0) as usize).min(self.counts[axis] - 1))
    }

    fn number(&self, [x, y, z]: [usize; 3]) -> u32 {
        ((z * self.counts[1] + y) * self.counts[0] + x) as u32
    }

    /// To the nearest triangle: cubes are searched shell after shell until no nearer one can come.
    fn distance2(&self, surface: &Surface, place: [f32; 3]) -> f32 {
        let middle = self.place(place);
        let mut best = f32::MAX;
        for shell in 0..*self.counts.iter().max().unwrap_or(&1) {
            // Everything in this shell is at least that far away (the place may lie outside the box: then farther).
            let near = (shell as f32 - 1.0).max(0.0) * self.edge;
            if best <= near * near {
                break;
            }
            let range = |axis: usize| middle[axis].saturating_sub(shell)..=(middle[axis] + shell).min(self.counts[axis] - 1);
            for z in range(2) {
                for y in range(1) {
                    let on_rim = z.abs_diff(middle[2]) == shell || y.abs_diff(middle[1]) == shell;
                    for x in range(0) {
                        if on_rim || x.abs_diff(middle[0]) == shell {
                            best = best.min(self.nearest_in(surface, [x, y, z], place));
                        }
                    }
                }
            }
        }
        best
    }

    /// How far a ray from the surface goes through the body until it meets the surface again, at most `most`, and the triangle
    /// that it meets.
    pub(crate) fn ray(&self, surface: &Surface, from: [f32; 3], along: [f32; 3], most: f32) -> Option<(f32, [u32; 3])> {
        let (mut nearest, mut met) = (f32::MAX, [0; 3]);
        let stride = 0.5 * self.edge;
        let steps = (most / stride).min(1e6) as usize + 1;
        for step in 0..=steps {
            let at = step as f32 * stride;
            // A hit cannot lie behind what has been walked, but for the cube that was left just now.
            if nearest < at - self.edge {
                break;
            }
            let place: [f32; 3] = std::array::from_fn(|axis| from[axis] + along[axis] * at);
            let inside = (0..3).all(|axis| (0.0..=self.counts[axis] as f32 * self.edge).contains(&(place[axis] - self.least[axis])));
            if !inside {
                break;
            }
            let number = self.number(self.place(place)) as usize;
            for &triangle in self.in_cube(number) {
                let triangle = surface.triangles[triangle as usize];
                if let Some(hit) = meets(from, along, surface.corners(triangle)).filter(|&hit| hit < nearest) {
                    (nearest, met) = (hit, triangle);
                }
            }
        }
        (nearest <= most).then_some((nearest, met))
    }

    fn nearest_in(&self, surface: &Surface, cell: [usize; 3], place: [f32; 3]) -> f32 {
        self.in_cube(self.number(cell) as usize)
            .iter()
            .map(|&triangle| to_triangle2(place, surface.corners(surface.triangles[triangle as usize])))
            .fold(f32::MAX, f32::min)
    }
}

/// Where a ray meets a triangle from inside the body (after Möller and Trumbore, 1997).
fn meets(from: [f32; 3], along: [f32; 3], [a, b, c]: [[f32; 3]; 3]) -> Option<f32> {
    let (ab, ac) = (sub(b, a), sub(c, a));
    let p = cross(along, ac);
    let determinant = dot(ab, p);
    // From inside, the triangle's normal runs along with the ray.
    if determinant >= 0.0 {
        return None;
    }
    let to = sub(from, a);
    let u = dot(to, p) / determinant;
    let q = cross(to, ab);
    let v = dot(along, q) / determinant;
    let hit = dot(ac, q) / determinant;
    (u >= 0.0 && v >= 0.0 && u + v <= 1.0 && hit > 0.0).then_some(hit)
}

/// Squared distance of a place to a triangle (after Ericson, “Real-Time Collision Detection”, 5.1.5).
fn to_triangle2(place: [f32; 3], [a, b, c]: [[f32; 3]; 3]) -> f32 {
    let (ab, ac) = (sub(b, a), sub(c, a));
    let along = |from: [f32; 3], by: f32, edge: [f32; 3]| -> f32 {
        let nearest: [f32; 3] = std::array::from_fn(|axis| from[axis] + by * edge[axis]);
        let apart = sub(place, nearest);
        dot(apart, apart)
    };
    let ap = sub(place, a);
    let (d1, d2) = (dot(ab, ap), dot(ac, ap));
    if d1 <= 0.0 && d2 <= 0.0 {
        return dot(ap, ap);
    }
    let bp = sub(place, b);
    let (d3, d4) = (dot(ab, bp), dot(ac, bp));
    if d3 >= 0.0 && d4 <= d3 {
        return dot(bp, bp);
    }
    let vc = d1 * d4 - d3 * d2;
    if vc <= 0.0 && d1 >= 0.0 && d3 <= 0.0 {
        return along(a, d1 / (d1 - d3), ab);
    }
    let cp = sub(place, c);
    let (d5, d6) = (dot(ab, cp), dot(ac, cp));
    if d6 >= 0.0 && d5 <= d6 {
        return dot(cp, cp);
    }
    let vb = d5 * d2 - d1 * d6;
    if vb <= 0.0 && d2 >= 0.0 && d6 <= 0.0 {
        return along(a, d2 / (d2 - d6), ac);
    }
    let va = d3 * d6 - d5 * d4;
    if va <= 0.0 && d4 >= d3 && d5 >= d6 {
        return along(b, (d4 - d3) / ((d4 - d3) + (d5 - d6)), sub(c, b));
    }
    let by = 1.0 / (va + vb + vc);
    let inside: [f32; 3] = std::array::from_fn(|axis| a[axis] + ab[axis] * vb * by + ac[axis] * vc * by);
    let apart = sub(place, inside);
    dot(apart, apart)
}
