//! What lies across each edge of any surface, however broken: for repairs, which must not trust it.

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

/// The holes: for each its vertices in turn, along the triangles at its rim. Rims that cross themselves are left out, and counted.
pub(crate) struct Holes {
    pub(crate) simple: Vec<Vec<u32>>,
    pub(crate) tangled: u64,
}

pub(crate) fn holes(surface: &Surface, beyond: &[Beyond]) -> Holes {
    const NONE: u32 = u32::MAX;
    const TWICE: u32 = u32::MAX - 1;
    let mut next = vec![NONE; surface.positions.len()];
    let rim = || beyond.iter().enumerate().filter(|(_, beyond)| **beyond == Beyond::Nothing).map(|(corner, _)| corner);
    for corner in rim() {
        let triangle = surface.triangles[corner / 3];
        let (from, to) = (triangle[corner % 3], triangle[(corner + 1) % 3]);
        next[from as usize] = if next[from as usize] == NONE { to } else { TWICE };
    }
    let mut found = Holes { simple: Vec::new(), tangled: 0 };
    let mut seen = vec![false; surface.positions.len()];
    for corner in rim() {
        let first = surface.triangles[corner / 3][corner % 3];
        let (mut ring, mut at) = (Vec::new(), first);
        while at < TWICE && !seen[at as usize] {
            seen[at as usize] = true;
            ring.push(at);
            at = next[at as usize];
        }
        if at == first && ring.len() >= 3 {
            found.simple.push(ring);
        } else if !ring.is_empty() {
            found.tangled += 1;
        }
    }
    found
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
