//! The 256 ways in which a surface can cross a cube of eight voxels, worked out at start instead of copied.
//!
//! Each face of the cube is crossed by none, one or two segments. Where there are two (inside voxels at opposite
//! corners), each inside corner is cut off by itself: a rule that looks at the four voxels of the face alone, so that
//! both cubes at a face draw the same segments. Segments join to closed loops, and a loop becomes triangles whose
//! diagonals never lie in a face of the cube. Every edge of a triangle is therefore either a segment of a face, which exactly
//! one triangle of each of the two cubes has, or lies inside one cube between two triangles: the surface is closed
//! and 2-manifold for any voxels, noise included.
//!
//! Corner `i` is at x = bit 0, y = bit 1, z = bit 2 of `i`. Edges 0 to 3 run along x, 4 to 7 along y, 8 to 11 along z; within
//! each group the lower of the other two axes counts first.

/// Most triangles of one cube.
pub(crate) const TRIANGLES_MAX: usize = 5;

/// The two corners of each edge, the lower first.
pub(crate) const EDGES: [[usize; 2]; 12] = [[0, 1], [2, 3], [4, 5], [6, 7], [0, 2], [1, 3], [4, 6], [5, 7], [0, 4], [1, 5], [2, 6], [3, 7]];

/// The corners of each face, counter-clockwise seen from outside the cube.
const FACES: [[usize; 4]; 6] = [[0, 4, 6, 2], [1, 3, 7, 5], [0, 1, 5, 4], [2, 6, 7, 3], [0, 2, 3, 1], [4, 5, 7, 6]];

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Case {
    pub(crate) count: u8,
    /// Three edges for each triangle, counter-clockwise seen from outside.
    pub(crate) triangles: [[u8; 3]; TRIANGLES_MAX],
    /// Which of the twelve edges are crossed.
    pub(crate) crossed: u16,
}

/// All cases, by the bits of the corners that are inside.
pub(crate) fn cases() -> Box<[Case; 256]> {
    let mut cases = Box::new([Case::default(); 256]);
    for (inside, case) in cases.iter_mut().enumerate() {
        *case = build(inside);
    }
    cases
}

fn build(inside: usize) -> Case {
    let mut case = Case::default();
    let is_inside = |corner: usize| inside >> corner & 1 == 1;
    // next[e] is the crossed edge that follows e on its loop.
    let mut next = [usize::MAX; 12];
    for face in FACES {
        for corner in 0..4 {
            // Walking around the face, the surface leaves where we step from inside to outside; it came in at the
            // last step from outside to inside before that, so that a single inside corner is cut off by itself.
            let (here, after) = (face[corner], face[(corner + 1) % 4]);
            if is_inside(here) && !is_inside(after) {
                let entered = (1..4).map(|back| (corner + 4 - back) % 4).find(|&at| !is_inside(face[at]) && is_inside(face[(at + 1) % 4]));
                // A face that is left was entered somewhere.
                let Some(entered) = entered else { continue };
                let from = edge_between(face[entered], face[(entered + 1) % 4]);
                next[from] = edge_between(here, after);
            }
        }
    }
    let mut done = [false; 12];
    for first in 0..12 {
        if next[first] == usize::MAX || done[first] {
            continue;
        }
        let mut ring = Vec::new();
        let mut edge = first;
        while !done[edge] {
            done[edge] = true;
            case.crossed |= 1 << edge;
            ring.push(edge);
            edge = next[edge];
        }
        for triangle in triangulate(&ring).unwrap_or_default() {
            case.triangles[usize::from(case.count)] = triangle.map(|edge| edge as u8);
            case.count += 1;
        }
    }
    case
}

fn edge_between(a: usize, b: usize) -> usize {
    let wanted = [a.min(b), a.max(b)];
    EDGES.iter().position(|&edge| edge == wanted).unwrap_or_default()
}

/// Whether two edges of the cube lie in one of its faces.
fn share_a_face(a: usize, b: usize) -> bool {
    FACES.iter().any(|face| [a, b].iter().all(|&edge| EDGES[edge].iter().all(|corner| face.contains(corner))))
}

/// Cuts ears off the loop; a cut is good when its diagonal lies in no face. Nothing when no way is good.
fn triangulate(ring: &[usize]) -> Option<Vec<[usize; 3]>> {
    if ring.len() == 3 {
        return Some(vec![[ring[0], ring[1], ring[2]]]);
    }
    (0..ring.len()).find_map(|at| {
        let (before, after) = (ring[(at + ring.len() - 1) % ring.len()], ring[(at + 1) % ring.len()]);
        if share_a_face(before, after) {
            return None;
        }
        let mut rest = ring.to_vec();
        rest.remove(at);
        let mut triangles = triangulate(&rest)?;
        triangles.push([before, ring[at], after]);
        Some(triangles)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_loop_becomes_triangles_and_every_crossed_edge_is_used() {
        for (inside, case) in cases().iter().enumerate() {
            let mut used = 0u16;
            for triangle in &case.triangles[..usize::from(case.count)] {
                triangle.iter().for_each(|&edge| used |= 1 << edge);
            }
            let crossed = (0..12).filter(|&edge| EDGES[edge].iter().map(|&corner| inside >> corner & 1).sum::<usize>() == 1);
            assert_eq!(used, crossed.fold(0, |all, edge| all | 1 << edge), "case {inside:08b}");
            assert_eq!(used, case.crossed, "case {inside:08b}");
        }
    }
}
