//! Edge collapse inside one block of a surface. Vertices that other blocks use as well are locked.
//!
//! Triangles lie in a corner table: corner `c` is a vertex of triangle `c / 3`, and `opposite[c]` is the corner beyond
//! the edge that faces it. An edge collapses only if its ends have no common neighbours but the two that face it (the link
//! condition) and no triangle around turns over; so the surface stays the 2-manifold that it was.

use super::quadric::{Merged, Quadric, merge};
use super::queue::{Offer, Queue};
use crate::surface::vector::{area2, dot, sub};

const NONE: u32 = u32::MAX;
/// A triangle may turn by no more than the angle of this cosine in one step.
const TURN_MIN: f32 = 0.2;
/// Height of a triangle over its longest edge, squared, below which it is a needle.
const NEEDLE: f32 = 1e-4;

pub(super) struct Block {
    positions: Vec<[f32; 3]>,
    quadrics: Vec<Quadric>,
    /// Vertices from here on are locked.
    unlocked: u32,
    /// The vertex of each corner; `NONE` in triangles that are gone.
    vertex: Vec<u32>,
    opposite: Vec<u32>,
    /// One corner of each vertex; `NONE` for vertices that are gone.
    corner: Vec<u32>,
    /// Grows whenever the cost of the edge that faces a corner changes.
    version: Vec<u32>,
    queue: Queue,
    marks: Vec<u32>,
    mark: u32,
    pub(super) triangles: usize,
}

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Until {
    pub(super) cost: f32,
    pub(super) triangles: usize,
}

#[inline(always)]
fn next(corner: u32) -> u32 {
    if corner % 3 == 2 { corner - 2 } else { corner + 1 }
}

#[inline(always)]
fn previous(corner: u32) -> u32 {
    if corner % 3 == 0 { corner + 2 } else { corner - 1 }
}

impl Block {
    /// Vertices from `unlocked` on are locked. Missing quadrics are made of the triangles.
    pub(super) fn new(positions: Vec<[f32; 3]>, triangles: &[[u32; 3]], unlocked: usize, quadrics: Option<Vec<Quadric>>) -> Self {
        let vertex: Vec<u32> = triangles.iter().flatten().copied().collect();
        let mut corner = vec![NONE; positions.len()];
        vertex.iter().enumerate().for_each(|(at, &vertex)| corner[vertex as usize] = at as u32);
        let quadrics = quadrics.unwrap_or_else(|| {
            let mut quadrics = vec![Quadric::default(); positions.len()];
            for triangle in triangles {
                let own = Quadric::of_triangle(triangle.map(|vertex| positions[vertex as usize]));
                triangle.iter().for_each(|&vertex| quadrics[vertex as usize].add(&own));
            }
            quadrics
        });
        Self {
            opposite: opposites(&vertex, positions.len()),
            version: vec![0; vertex.len()],
            queue: Queue::new(),
            marks: vec![0; positions.len()],
            mark: 0,
            triangles: triangles.len(),
            unlocked: unlocked as u32,
            positions,
            quadrics,
            vertex,
            corner,
        }
    }

    /// Collapses the cheapest edges; `tell` hears the cost of each and the triangles that are left.
    pub(super) fn simplify(&mut self, until: Until, mut tell: impl FnMut(f32, usize)) {
        for corner in 0..self.vertex.len() as u32 {
            let facing = self.opposite[corner as usize];
            if facing != NONE && corner < facing && self.vertex[corner as usize] != NONE {
                self.offer(corner, until.cost);
            }
        }
        while self.triangles > until.triangles {
            let Some(Offer { cost, corner, version }) = self.queue.pop() else { break };
            if self.version[corner as usize] != version || self.vertex[corner as usize] == NONE {
                continue;
            }
            let facing = self.opposite[corner as usize];
            if corner > facing {
                continue;
            }
            if self.collapse(corner, until.cost) {
                tell(cost, self.triangles);
            }
        }
    }

    fn ends(&self, corner: u32) -> [u32; 2] {
        [self.vertex[next(corner) as usize], self.vertex[previous(corner) as usize]]
    }

    fn merged(&self, [a, b]: [u32; 2]) -> Merged {
        let [a, b] = [a as usize, b as usize];
        merge([self.positions[a], self.positions[b]], [&self.quadrics[a], &self.quadrics[b]])
    }

    /// Puts the edge that faces a corner into the queue, with its present cost.
    fn offer(&mut self, corner: u32, cost_max: f32) {
        let corner = corner.min(self.opposite[corner as usize]);
        let ends = self.ends(corner);
        self.version[corner as usize] += 1;
        if ends.iter().any(|&end| end >= self.unlocked) {
            return;
        }
        let cost = self.merged(ends).cost;
        if cost <= cost_max {
            self.queue.push(Offer { cost, corner, version: self.version[corner as usize] });
        }
    }

    /// The corners at an unlocked vertex, all around.
    fn each_corner(&self, vertex: u32, mut does: impl FnMut(u32)) {
        let first = self.corner[vertex as usize];
        let mut corner = first;
        loop {
            does(corner);
            corner = next(self.opposite[next(corner) as usize]);
            if corner == first {
                return;
            }
        }
    }

    /// Makes one vertex of the two ends of the edge that faces `corner`, if that is allowed.
    fn collapse(&mut self, corner: u32, cost_max: f32) -> bool {
        let [gone, stays] = self.ends(corner);
        let facing = self.opposite[corner as usize];
        let merged = self.merged([gone, stays]);
        if !self.keeps_links(gone, stays) || !self.keeps_faces(gone, stays, merged.place) || !self.keeps_faces(stays, gone, merged.place) {
            return false;
        }
        let mut at = self.corner[gone as usize];
        let first = at;
        loop {
            self.vertex[at as usize] = stays;
            at = next(self.opposite[next(at) as usize]);
            if at == first {
                break;
            }
        }
        for side in [corner, facing] {
            // The two other edges of a triangle that goes become one.
            let (one, other) = (self.opposite[next(side) as usize], self.opposite[previous(side) as usize]);
            self.opposite[one as usize] = other;
            self.opposite[other as usize] = one;
            let wing = self.vertex[side as usize];
            self.corner[wing as usize] = next(one);
            self.corner[stays as usize] = previous(one);
        }
        for side in [corner, facing] {
            [side, next(side), previous(side)].iter().for_each(|&corner| self.vertex[corner as usize] = NONE);
        }
        self.corner[gone as usize] = NONE;
        self.positions[stays as usize] = merged.place;
        self.quadrics[stays as usize] = merged.quadric;
        self.triangles -= 2;
        self.offer_around(stays, cost_max);
        true
    }

    fn offer_around(&mut self, vertex: u32, cost_max: f32) {
        let first = self.corner[vertex as usize];
        let mut corner = first;
        loop {
            self.offer(next(corner), cost_max);
            corner = next(self.opposite[next(corner) as usize]);
            if corner == first {
                return;
            }
        }
    }

    /// Whether the ends share exactly the two vertices that face their edge.
    fn keeps_links(&mut self, gone: u32, stays: u32) -> bool {
        self.mark += 1;
        let mark = self.mark;
        let mut marks = std::mem::take(&mut self.marks);
        let mut around = 0;
        self.each_corner(stays, |corner| {
            marks[self.vertex[next(corner) as usize] as usize] = mark;
            around += 1;
        });
        let (mut common, mut degree) = (0, 0);
        self.each_corner(gone, |corner| {
            common += u32::from(marks[self.vertex[next(corner) as usize] as usize] == mark);
            degree += 1;
        });
        self.marks = marks;
        // With three neighbours each they are a tetrahedron, which would fold flat.
        common == 2 && (degree > 3 || around > 3)
    }

    /// Whether no triangle at `vertex` turns over or becomes a needle when it moves to `place`; those with `other` go.
    fn keeps_faces(&self, vertex: u32, other: u32, place: [f32; 3]) -> bool {
        let here = self.positions[vertex as usize];
        let mut keeps = true;
        self.each_corner(vertex, |corner| {
            let [b, c] = [self.vertex[next(corner) as usize], self.vertex[previous(corner) as usize]];
            if b == other || c == other || !keeps {
                return;
            }
            let [b, c] = [b, c].map(|end| self.positions[end as usize]);
            let (before, after) = (area2([here, b, c]), area2([place, b, c]));
            let (old2, new2) = (dot(before, before), dot(after, after));
            let along = dot(before, after);
            let longest = [sub(b, place), sub(c, place), sub(c, b)].iter().map(|&edge| dot(edge, edge)).fold(0.0, f32::max);
            keeps = along > 0.0 && along * along >= TURN_MIN * TURN_MIN * old2 * new2 && new2 > NEEDLE * longest * longest;
        });
        keeps
    }

    /// What is left: unlocked vertices that live, numbered anew, then all locked ones.
    pub(super) fn finish(self) -> Done {
        let unlocked = self.unlocked as usize;
        let mut numbers = vec![0u32; self.positions.len()];
        let (mut positions, mut quadrics) = (Vec::new(), Vec::new());
        for vertex in (0..unlocked).filter(|&vertex| self.corner[vertex] != NONE) {
            numbers[vertex] = positions.len() as u32;
            positions.push(self.positions[vertex]);
            quadrics.push(self.quadrics[vertex]);
        }
        for (index, number) in numbers[unlocked..].iter_mut().enumerate() {
            *number = (positions.len() + index) as u32;
        }
        let (triangles, _) = self.vertex.as_chunks::<3>();
        let left = triangles.iter().filter(|triangle| triangle[0] != NONE);
        let triangles = left.map(|triangle| triangle.map(|vertex| numbers[vertex as usize])).collect();
        Done { positions, quadrics, locked: self.quadrics[unlocked..].to_vec(), triangles }
    }
}

/// A simplified block.
pub(super) struct Done {
    /// Of the vertices that were not locked.
    pub(super) positions: Vec<[f32; 3]>,
    pub(super) quadrics: Vec<Quadric>,
    /// Quadrics of the locked vertices, whose numbers follow.
    pub(super) locked: Vec<Quadric>,
    pub(super) triangles: Vec<[u32; 3]>,
}

/// For each corner the one beyond its edge; `NONE` at the rim of the block.
fn opposites(vertex: &[u32], vertices: usize) -> Vec<u32> {
    let mut begins = vec![0u32; vertices + 1];
    vertex.iter().for_each(|&vertex| begins[vertex as usize + 1] += 1);
    for vertex in 0..vertices {
        begins[vertex + 1] += begins[vertex];
    }
    // At each vertex: the corners at it, from which its outgoing edge runs to the next corner.
    let mut places = begins.clone();
    let mut corners = vec![0u32; vertex.len()];
    for (corner, &vertex) in vertex.iter().enumerate() {
        let place = &mut places[vertex as usize];
        corners[*place as usize] = corner as u32;
        *place += 1;
    }
    (0..vertex.len() as u32)
        .map(|corner| {
            let (from, to) = (vertex[next(corner) as usize], vertex[previous(corner) as usize]);
            let outgoing = &corners[begins[to as usize] as usize..begins[to as usize + 1] as usize];
            outgoing.iter().find(|&&at| vertex[next(at) as usize] == from).map_or(NONE, |&at| previous(at))
        })
        .collect()
}
