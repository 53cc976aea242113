//! Edge collapse inside one block of a surface. Vertices that other blocks use as well are locked.
//!
//! Triangles lie in a corner table: corner `c` is vertex `c % 4` of triangle `c / 4` (there is no fourth, but the next corner is found
//! without a division), and `opposite` is the corner beyond the edge that faces it. An edge collapses only if its
//! ends have no common neighbours but the two that face it (the link condition) and no triangle around turns over; so the surface
//! stays the 2-manifold that it was.
//!
//! Costs are looked at late: when an edge comes up whose ends have changed since it was offered, its cost is taken again and it
//! waits for its turn if that has grown. An edge that may not collapse waits as if it cost several times as much; if nothing has
//! changed around it by then, it sleeps until something does.

use super::opposites::opposites;
use super::quadric::{Merged, Quadric, merge};
use super::queue::{Offer, Queue};
use crate::surface::vector::{area2, dot, sub};

pub(super) const NONE: u32 = u32::MAX;
/// A triangle may turn by no more than the angle of this cosine in one step.
const TURN_MIN: f32 = 0.2;
/// Height of a triangle over its longest edge, squared, below which it is a needle.
const NEEDLE: f32 = 1e-4;
/// How much later an edge comes up again that may not collapse now.
const LATER: f32 = 4.0;
/// An edge whose cost has grown by less than its bucket is wide need not wait again.
const ROUGHLY: f32 = 1.125;
/// Most triangles around a vertex that is moved.
const AROUND_MAX: usize = 48;
/// Places of a triangle in the corner table.
pub(super) const STRIDE: usize = 4;

/// All that is known about a vertex lies together in memory, in one line of the cache.
#[derive(Clone)]
#[repr(align(64))]
struct Vertex {
    place: [f32; 3],
    quadric: Quadric,
    /// One corner of it; `NONE` when it is gone.
    corner: u32,
    /// Grows whenever it moves.
    moves: u16,
    /// Grows whenever it or a neighbour moves.
    stirs: u16,
    /// Whether an edge at it may sleep.
    has_sleepers: bool,
}

/// A triangle with everything about its corners, in half a line of the cache.
#[derive(Clone, Copy)]
#[repr(align(32))]
struct Triangle {
    /// The vertex of each corner; `NONE` when it is gone.
    vertex: [u32; 3],
    /// The corner beyond the edge that faces each corner.
    opposite: [u32; 3],
    /// The moves of both ends of that edge, at its newest offer.
    offered: [u16; 3],
    /// Edges that sleep, one bit each.
    asleep: u8,
}

pub(super) struct Block {
    vertices: Vec<Vertex>,
    /// Vertices from here on are locked.
    unlocked: u32,
    corners: Vec<Triangle>,
    queue: Queue,
    /// Triangles that are left.
    pub(super) triangles: usize,
}

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Until {
    pub(super) cost: f32,
    pub(super) triangles: usize,
}

/// What the cheapest edge costs now, and the cost up to which edges are offered.
#[derive(Debug, Clone, Copy)]
struct Now {
    cost: f32,
    until: f32,
}

/// What lies around a vertex: the corners at it, one after the other, and the vertices that follow them.
struct Ring {
    corners: [u32; AROUND_MAX],
    rim: [u32; AROUND_MAX],
    count: usize,
}

impl Ring {
    const fn new() -> Self {
        Self { corners: [0; AROUND_MAX], rim: [0; AROUND_MAX], count: 0 }
    }
}

#[inline(always)]
fn next(corner: u32) -> u32 {
    if corner & 3 == 2 { corner - 2 } else { corner + 1 }
}

#[inline(always)]
fn previous(corner: u32) -> u32 {
    if corner & 3 == 0 { corner + 2 } else { corner - 1 }
}

impl Block {
    /// Vertices from `unlocked` on are locked. Missing quadrics are made of the triangles.
    pub(super) fn new(positions: Vec<[f32; 3]>, triangles: &[[u32; 3]], unlocked: usize, quadrics: Option<Vec<Quadric>>) -> Self {
        let quadrics = quadrics.unwrap_or_else(|| {
            let mut quadrics = vec![Quadric::default(); positions.len()];
            for triangle in triangles {
                let own = Quadric::of_triangle(triangle.map(|vertex| positions[vertex as usize]));
                triangle.iter().for_each(|&vertex| quadrics[vertex as usize].add(&own));
            }
            quadrics
        });
        let vertices = positions.into_iter().zip(quadrics).map(|(place, quadric)| Vertex {
            place,
            quadric,
            corner: NONE,
            moves: 0,
            stirs: 0,
            has_sleepers: false,
        });
        let mut vertices: Vec<Vertex> = vertices.collect();
        for (number, triangle) in triangles.iter().enumerate() {
            for (place, &vertex) in triangle.iter().enumerate() {
                vertices[vertex as usize].corner = (number * STRIDE + place) as u32;
            }
        }
        let opposite = opposites(triangles, vertices.len());
        let corners =
            triangles.iter().zip(opposite).map(|(&vertex, opposite)| Triangle { vertex, opposite, offered: [0; 3], asleep: 0 }).collect();
        Self { queue: Queue::new(), triangles: triangles.len(), unlocked: unlocked as u32, vertices, corners }
    }

    #[inline(always)]
    fn vertex(&self, corner: u32) -> u32 {
        self.corners[(corner >> 2) as usize].vertex[(corner & 3) as usize]
    }

    #[inline(always)]
    fn opposite(&self, corner: u32) -> u32 {
        self.corners[(corner >> 2) as usize].opposite[(corner & 3) as usize]
    }

    #[inline(always)]
    fn set_opposite(&mut self, corner: u32, to: u32) {
        self.corners[(corner >> 2) as usize].opposite[(corner & 3) as usize] = to;
    }

    /// Collapses the cheapest edges; `tell` hears the cost of each and the triangles that are left.
    pub(super) fn simplify(&mut self, until: Until, mut tell: impl FnMut(f32, usize)) {
        for number in 0..self.corners.len() as u32 {
            for corner in number * STRIDE as u32..number * STRIDE as u32 + 3 {
                let facing = self.opposite(corner);
                if facing != NONE && corner < facing && self.vertex(corner) != NONE {
                    self.offer(corner, until.cost);
                }
            }
        }
        let mut rings = [Ring::new(), Ring::new()];
        while self.triangles > until.triangles {
            let Some(Offer { cost, corner, moves, tried }) = self.queue.pop() else { break };
            let triangle = &self.corners[(corner >> 2) as usize];
            let at = (corner & 3) as usize;
            if triangle.offered[at] != moves || triangle.vertex[at] == NONE || corner > triangle.opposite[at] {
                continue;
            }
            let ends = self.ends(corner);
            if tried == self.stirs(ends) {
                self.lay_to_sleep(corner, ends);
                continue;
            }
            let merged = self.merged(ends);
            if merged.cost > cost * ROUGHLY {
                self.push(merged.cost, corner, ends, until.cost);
            } else if self.may_collapse(ends, merged.place, &mut rings) {
                self.collapse(corner, ends, &merged, &rings, Now { cost, until: until.cost });
                tell(cost, self.triangles);
            } else {
                self.push_tried((cost * LATER).max(f32::MIN_POSITIVE), corner, ends, until.cost, self.stirs(ends));
            }
        }
    }

    fn ends(&self, corner: u32) -> [u32; 2] {
        [self.vertex(next(corner)), self.vertex(previous(corner))]
    }

    fn merged(&self, ends: [u32; 2]) -> Merged {
        let [a, b] = ends.map(|end| &self.vertices[end as usize]);
        merge([a.place, b.place], [&a.quadric, &b.quadric])
    }

    /// Puts the edge that faces a corner into the queue, with its present cost.
    fn offer(&mut self, corner: u32, cost_max: f32) {
        let corner = corner.min(self.opposite(corner));
        let ends = self.ends(corner);
        if ends.iter().all(|&end| end < self.unlocked) {
            self.push(self.merged(ends).cost, corner, ends, cost_max);
        }
    }

    /// What has happened around an edge.
    #[inline(always)]
    fn stirs(&self, [a, b]: [u32; 2]) -> u16 {
        self.vertices[a as usize].stirs.wrapping_add(self.vertices[b as usize].stirs)
    }

    fn push(&mut self, cost: f32, corner: u32, ends: [u32; 2], cost_max: f32) {
        let never = self.stirs(ends).wrapping_sub(1);
        self.push_tried(cost, corner, ends, cost_max, never);
    }

    #[inline(always)]
    fn push_tried(&mut self, cost: f32, corner: u32, [a, b]: [u32; 2], cost_max: f32, tried: u16) {
        let moves = self.vertices[a as usize].moves.wrapping_add(self.vertices[b as usize].moves);
        self.corners[(corner >> 2) as usize].offered[(corner & 3) as usize] = moves;
        if cost <= cost_max {
            self.queue.push(Offer { cost, corner, moves, tried });
        }
    }

    fn lay_to_sleep(&mut self, corner: u32, ends: [u32; 2]) {
        self.corners[(corner >> 2) as usize].asleep |= 1 << (corner & 3);
        ends.iter().for_each(|&end| self.vertices[end as usize].has_sleepers = true);
    }

    /// Offers the sleeping edges at an unlocked vertex again.
    #[cold]
    fn wake(&mut self, vertex: u32, now: Now) {
        self.vertices[vertex as usize].has_sleepers = false;
        let first = self.vertices[vertex as usize].corner;
        let mut corner = first;
        loop {
            let beyond = self.opposite(next(corner));
            let mut slept = false;
            // The edge that both of these corners face.
            for side in [next(corner), beyond] {
                let asleep = &mut self.corners[(side >> 2) as usize].asleep;
                slept |= *asleep >> (side & 3) & 1 == 1;
                *asleep &= !(1 << (side & 3));
            }
            if slept {
                let side = beyond.min(next(corner));
                let ends = self.ends(side);
                self.push(self.merged(ends).cost.max(now.cost), side, ends, now.until);
            }
            corner = next(beyond);
            if corner == first {
                break;
            }
        }
    }

    /// All around an unlocked vertex; false when there is too much.
    fn look_around(&self, vertex: u32, ring: &mut Ring) -> bool {
        let first = self.vertices[vertex as usize].corner;
        let (mut corner, mut count) = (first, 0);
        while count < AROUND_MAX {
            let after = next(corner);
            ring.corners[count] = corner;
            ring.rim[count] = self.vertex(after);
            count += 1;
            corner = next(self.opposite(after));
            if corner == first {
                ring.count = count;
                return true;
            }
        }
        false
    }

    /// Whether one vertex at `place` may stand for both ends; the rings of both are left for what follows.
    fn may_collapse(&self, [gone, stays]: [u32; 2], place: [f32; 3], [of_gone, of_stays]: &mut [Ring; 2]) -> bool {
        self.look_around(gone, of_gone)
            && self.keeps_faces(of_gone, gone, stays, place)
            && self.look_around(stays, of_stays)
            && keeps_links(of_gone, of_stays)
            && self.keeps_faces(of_stays, stays, gone, place)
    }

    /// Makes one vertex of the two ends of the edge that faces `corner`.
    fn collapse(&mut self, corner: u32, [gone, stays]: [u32; 2], merged: &Merged, rings: &[Ring; 2], now: Now) {
        let facing = self.opposite(corner);
        let [of_gone, of_stays] = rings;
        for at in &of_gone.corners[..of_gone.count] {
            self.corners[(at >> 2) as usize].vertex[(at & 3) as usize] = stays;
        }
        let moves = self.vertices[gone as usize].moves.max(self.vertices[stays as usize].moves).wrapping_add(1);
        for side in [corner, facing] {
            // The two other edges of a triangle that goes become one.
            let (one, other) = (self.opposite(next(side)), self.opposite(previous(side)));
            self.set_opposite(one, other);
            self.set_opposite(other, one);
            let wing = self.vertex(side);
            self.vertices[wing as usize].corner = next(one);
            self.vertices[stays as usize].corner = previous(one);
        }
        self.vertices[gone as usize].corner = NONE;
        let sleepers_of_gone = std::mem::take(&mut self.vertices[gone as usize].has_sleepers);
        let stirs_of_gone = self.vertices[gone as usize].stirs;
        let vertex = &mut self.vertices[stays as usize];
        (vertex.place, vertex.quadric, vertex.moves) = (merged.place, merged.quadric(), moves);
        (vertex.stirs, vertex.has_sleepers) = (vertex.stirs.max(stirs_of_gone), vertex.has_sleepers | sleepers_of_gone);
        for side in [corner, facing] {
            let wing = self.opposite(next(side));
            self.corners[(side >> 2) as usize].vertex = [NONE; 3];
            self.offer(wing, now.until);
        }
        self.triangles -= 2;
        // The rim of each holds the other end, so the one that stays is among them.
        for &neighbour in of_gone.rim[..of_gone.count].iter().chain(&of_stays.rim[..of_stays.count]) {
            let vertex = &mut self.vertices[neighbour as usize];
            vertex.stirs = vertex.stirs.wrapping_add(1);
            if vertex.has_sleepers {
                self.wake(neighbour, now);
            }
        }
    }

    /// Whether no triangle at `vertex` turns over or becomes a needle when it moves to `place`; those with `other` go.
    fn keeps_faces(&self, ring: &Ring, vertex: u32, other: u32, place: [f32; 3]) -> bool {
        let here = self.vertices[vertex as usize].place;
        let rim = &ring.rim[..ring.count];
        let mut to = rim[0];
        let mut to_place = self.vertices[to as usize].place;
        for &from in rim.iter().rev() {
            let (from_place, beyond) = (self.vertices[from as usize].place, to);
            let (b, c) = (from_place, to_place);
            (to, to_place) = (from, from_place);
            if from == other || beyond == other {
                continue;
            }
            let (before, after) = (area2([here, b, c]), area2([place, b, c]));
            let (old2, new2) = (dot(before, before), dot(after, after));
            let along = dot(before, after);
            let longest = [sub(b, place), sub(c, place), sub(c, b)].iter().map(|&edge| dot(edge, edge)).fold(0.0, f32::max);
            if !(along > 0.0 && along * along >= TURN_MIN * TURN_MIN * old2 * new2 && new2 > NEEDLE * longest * longest) {
                return false;
            }
        }
        true
    }

    /// What is left: unlocked vertices that live, numbered anew, then all locked ones.
    pub(super) fn finish(self) -> Done {
        let unlocked = self.unlocked as usize;
        let mut numbers = vec![0u32; self.vertices.len()];
        let (mut positions, mut quadrics) = (Vec::new(), Vec::new());
        for (vertex, number) in self.vertices[..unlocked].iter().zip(&mut numbers).filter(|(vertex, _)| vertex.corner != NONE) {
            *number = positions.len() as u32;
            positions.push(vertex.place);
            quadrics.push(vertex.quadric);
        }
        for (index, number) in numbers[unlocked..].iter_mut().enumerate() {
            *number = (positions.len() + index) as u32;
        }
        let left = self.corners.iter().filter(|triangle| triangle.vertex[0] != NONE);
        let triangles = left.map(|triangle| triangle.vertex.map(|vertex| numbers[vertex as usize])).collect();
        let locked = self.vertices[unlocked..].iter().map(|vertex| vertex.quadric).collect();
        Done { positions, quadrics, locked, triangles }
    }
}

/// Whether both ends share exactly the two vertices that face their edge.
fn keeps_links(gone: &Ring, stays: &Ring) -> bool {
    let around = &stays.rim[..stays.count];
    let common: usize = gone.rim[..gone.count].iter().map(|vertex| usize::from(around.contains(vertex))).sum();
    // With three neighbours each they are a tetrahedron, which would fold flat.
    common == 2 && (gone.count > 3 || stays.count > 3)
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
