//! What lies across each edge of any surface, however broken: for repairs, which must not trust it.

use std::collections::HashMap;

use crate::surface::Surface;

/// Beyond the edge that begins at a corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beyond {
    /// Nothing: the rim of a hole.
    Nothing,
    /// One triangle, whose edge begins at that corner and runs the other way, as it should.
    Turned(u32),
    /// One triangle that runs the same way: one of both is flipped.
    Same(u32),
    /// More than one.
    Many,
}

/// For each corner `3 * triangle + place` what lies beyond the edge from it to the next.
pub(crate) fn beyond(surface: &Surface) -> Vec<Beyond> {
    let vertices = surface.positions.len();
    let edge = |corner: usize| {
        let triangle = surface.triangles[corner / 3];
        (triangle[corner % 3], triangle[(corner + 1) % 3])
    };
    let corners = surface.triangles.len() * 3;
    let mut begins = vec![0u32; vertices + 1];
    for corner in 0..corners {
        let (a, b) = edge(corner);
        begins[a.min(b) as usize + 1] += 1;
    }
    for vertex in 0..vertices {
        begins[vertex + 1] += begins[vertex];
    }
    let mut places = begins.clone();
    let mut sorted = vec![0u32; corners];
    for corner in 0..corners {
        let (a, b) = edge(corner);
        let place = &mut places[a.min(b) as usize];
        sorted[*place as usize] = corner as u32;
        *place += 1;
    }
    let upper = |&corner: &u32| {
        let (a, b) = edge(corner as usize);
        a.max(b)
    };
    let mut found = vec![Beyond::Nothing; corners];
    for vertex in 0..vertices {
        let own = &mut sorted[begins[vertex] as usize..begins[vertex + 1] as usize];
        own.sort_unstable_by_key(|corner| (upper(corner), *corner));
        for shared in own.chunk_by(|a, b| upper(a) == upper(b)) {
            match *shared {
                [_] => {}
                [a, b] => {
                    let turned = edge(a as usize).0 != edge(b as usize).0;
                    let make = if turned { Beyond::Turned } else { Beyond::Same };
                    found[a as usize] = make(b);
                    found[b as usize] = make(a);
                }
                _ => shared.iter().for_each(|&corner| found[corner as usize] = Beyond::Many),
            }
        }
    }
    found
}

/// The holes: for each its vertices in turn, along the triangles at its rim. Rims that come to no end are left out, and counted.
pub(crate) struct Holes {
    pub(crate) simple: Vec<Vec<u32>>,
    pub(crate) tangled: u64,
}

/// How many edges of a rim that begin at one vertex are looked at for the one of the same hole.
const LOOKED_AT: usize = 16;

/// Holes that touch in a vertex are told apart: where the rim comes back to a vertex, a hole is closed.
pub(crate) fn holes(surface: &Surface, beyond: &[Beyond]) -> Holes {
    let mut rims = Rims::of(surface, beyond);
    let mut found = Holes { simple: Vec::new(), tangled: 0 };
    // Where on the path a vertex is.
    let mut place: HashMap<u32, usize> = HashMap::new();
    for first in 0..rims.corners.len() {
        let mut path: Vec<usize> = Vec::new();
        let mut next = (!rims.used[first]).then_some(first);
        while let Some(rim) = next {
            rims.used[rim] = true;
            place.insert(rims.begin(rim), path.len());
            path.push(rim);
            let end = rims.end(rim);
            if let Some(&closed) = place.get(&end) {
                let ring: Vec<u32> = path.drain(closed..).map(|rim| rims.begin(rim)).collect();
                for vertex in &ring {
                    place.remove(vertex);
                }
                if ring.len() >= 3 { found.simple.push(ring) } else { found.tangled += 1 }
            }
            next = path.last().and_then(|&before| rims.next(before));
        }
        found.tangled += u64::from(!path.is_empty());
        place.clear();
    }
    found
}

/// The edges at rims, sorted by the vertex at which they begin.
struct Rims<'a> {
    surface: &'a Surface,
    beyond: &'a [Beyond],
    /// Each edge by the corner at which it begins.
    corners: Vec<u32>,
    used: Vec<bool>,
    /// For each vertex its edges, the first of them moved on over those that are used.
    begins: Vec<u32>,
    ends: Vec<u32>,
}

impl<'a> Rims<'a> {
    fn of(surface: &'a Surface, beyond: &'a [Beyond]) -> Self {
        let vertex = |corner: usize| surface.triangles[corner / 3][corner % 3] as usize;
        let rim = || (0..beyond.len()).filter(|&corner| beyond[corner] == Beyond::Nothing);
        let mut begins = vec![0u32; surface.positions.len() + 1];
        rim().for_each(|corner| begins[vertex(corner) + 1] += 1);
        for vertex in 0..surface.positions.len() {
            begins[vertex + 1] += begins[vertex];
        }
        let mut ends = begins[..surface.positions.len()].to_vec();
        let mut corners = vec![0u32; *begins.last().unwrap_or(&0) as usize];
        for corner in rim() {
            let place = &mut ends[vertex(corner)];
            corners[*place as usize] = corner as u32;
            *place += 1;
        }
        let used = vec![false; corners.len()];
        Self { surface, beyond, corners, used, begins, ends }
    }

    fn begin(&self, rim: usize) -> u32 {
        let corner = self.corners[rim] as usize;
        self.surface.triangles[corner / 3][corner % 3]
    }

    fn end(&self, rim: usize) -> u32 {
        let corner = following(self.corners[rim]) as usize;
        self.surface.triangles[corner / 3][corner % 3]
    }

    /// Where the rim goes on. Across the gap from triangles that lie there, begins an edge of other triangles, if any: with an edge
    /// of the same triangles the rim of another hole would go on, which touches this one in the vertex.
    fn next(&mut self, rim: usize) -> Option<usize> {
        let vertex = self.end(rim) as usize;
        let from = &mut self.begins[vertex];
        while *from < self.ends[vertex] && self.used[*from as usize] {
            *from += 1;
        }
        let free = *from as usize..self.ends[vertex] as usize;
        let same = self.around(self.corners[rim]);
        let other = free.clone().take(LOOKED_AT).find(|&rim| !self.used[rim] && Some(self.corners[rim]) != same);
        other.or(free.start.lt(&free.end).then_some(free.start))
    }

    /// Around the vertex at the end of an edge, from triangle to triangle, to the rim on the other side.
    fn around(&self, corner: u32) -> Option<u32> {
        let mut at = following(corner);
        // No fan has more triangles than there are.
        for _ in 0..self.surface.triangles.len() {
            match self.beyond[at as usize] {
                Beyond::Nothing => return Some(at),
                Beyond::Turned(across) => at = following(across),
                Beyond::Same(_) | Beyond::Many => return None,
            }
        }
        None
    }
}

/// The next corner of the same triangle.
fn following(corner: u32) -> u32 {
    if corner % 3 == 2 { corner - 2 } else { corner + 1 }
}

/// Vertices whose triangles are no single closed fan: at rims, at crowded or flipped edges, and where surfaces touch in a point.
pub(crate) fn irregular(surface: &Surface) -> Vec<bool> {
    let beyond = beyond(surface);
    let mut wrong = vec![false; surface.positions.len()];
    let mut corners_at = vec![0u32; surface.positions.len()];
    let mut first = vec![0u32; surface.positions.len()];
    for (number, &[a, b, c]) in surface.triangles.iter().enumerate() {
        let flat = a == b || b == c || a == c;
        for (place, vertex) in [a, b, c].into_iter().enumerate() {
            let corner = number * 3 + place;
            corners_at[vertex as usize] += 1;
            first[vertex as usize] = corner as u32;
            if flat || !matches!(beyond[corner], Beyond::Turned(_)) {
                wrong[vertex as usize] = true;
                wrong[[b, c, a][place] as usize] = true;
            }
        }
    }
    for vertex in 0..wrong.len() {
        let (mut at, mut around) = (first[vertex], 0);
        while !wrong[vertex] && around < corners_at[vertex] {
            around += 1;
            let before = if at % 3 == 0 { at + 2 } else { at - 1 };
            let Beyond::Turned(next) = beyond[before as usize] else { break };
            at = next;
            if at == first[vertex] {
                break;
            }
        }
        wrong[vertex] |= around != corners_at[vertex];
    }
    wrong
}
