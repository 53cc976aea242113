//! How large a surface is, and whether it is one that can be printed.

use std::collections::HashMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::surface::Surface;
use crate::surface::vector::{area2, cross, dot, sub};

/// Triangles that are summed together; sums are added in order, so that threads change nothing.
const TOGETHER: usize = 1 << 16;
/// Surfaces of more triangles are not looked at edge by edge when they come straight from the kernel.
pub(crate) const COUNTED_MAX: usize = 2_000_000;

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// Enclosed volume in µm³; negative when the surface is turned inside out.
    pub volume_um3: f64,
    pub area_um2: f64,
    /// Size of the box around it, x, y, z.
    pub size_um: [f64; 3],
}

impl Measure {
    pub fn of(surface: &Surface) -> Self {
        let Some([least, most]) = surface.bounds() else { return Self::default() };
        // Near the surface the numbers are small, and their sums exact.
        let centre: [f32; 3] = std::array::from_fn(|axis| 0.5 * (least[axis] + most[axis]));
        let sums: Vec<(f64, f64)> = surface
            .triangles
            .par_chunks(TOGETHER)
            .map(|triangles| {
                let mut sums = (0.0, 0.0);
                for &triangle in triangles {
                    let [a, b, c] = surface.corners(triangle).map(|corner| sub(corner, centre));
                    sums.0 += f64::from(dot(a, cross(b, c)));
                    let normal = area2([a, b, c]);
                    sums.1 += f64::from(dot(normal, normal)).sqrt();
                }
                sums
            })
            .collect();
        Self {
            volume_um3: sums.iter().map(|sum| sum.0).sum::<f64>() / 6.0,
            area_um2: sums.iter().map(|sum| sum.1).sum::<f64>() / 2.0,
            size_um: std::array::from_fn(|axis| f64::from(most[axis]) - f64::from(least[axis])),
        }
    }
}

/// What is wrong with a surface as a boundary of a body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topology {
    /// Edges with one triangle: the rims of holes.
    pub open_edges: u64,
    /// Edges with more than two triangles.
    pub crowded_edges: u64,
    /// Edges whose two triangles run the same way along it: one of them is flipped.
    pub flipped_edges: u64,
    /// Triangles with two equal corners.
    pub degenerate: u64,
    /// Vertices where separate fans of triangles touch.
    pub pinched_vertices: u64,
}

impl Topology {
    pub fn is_watertight(&self) -> bool {
        self.open_edges == 0 && self.crowded_edges == 0 && self.flipped_edges == 0 && self.degenerate == 0
    }

    pub fn is_manifold(&self) -> bool {
        self.crowded_edges == 0 && self.pinched_vertices == 0 && self.degenerate == 0
    }

    /// Of a surface as the kernel makes it: large ones are 2-manifold by construction, and only that they are closed is checked.
    pub(crate) fn of_kernel(surface: &Surface) -> Self {
        if surface.triangles.len() > COUNTED_MAX && is_closed(&surface.triangles) { Self::default() } else { Self::of(surface) }
    }

    pub fn of(surface: &Surface) -> Self {
        let vertices = surface.positions.len();
        let mut topology = Self::default();
        // All directed edges, grouped by their lower vertex.
        let mut begins = vec![0u32; vertices + 1];
        let edges = |triangle: &[u32; 3]| {
            let [a, b, c] = *triangle;
            [(a, b), (b, c), (c, a)]
        };
        let sound = |triangle: &&[u32; 3]| triangle[0] != triangle[1] && triangle[1] != triangle[2] && triangle[0] != triangle[2];
        topology.degenerate = surface.triangles.iter().filter(|triangle| !sound(triangle)).count() as u64;
        for triangle in surface.triangles.iter().filter(sound) {
            edges(triangle).iter().for_each(|&(a, b)| begins[a.min(b) as usize + 1] += 1);
        }
        for vertex in 0..vertices {
            begins[vertex + 1] += begins[vertex];
        }
        let mut places = begins.clone();
        let mut ends = vec![0u32; begins[vertices] as usize];
        for triangle in surface.triangles.iter().filter(sound) {
            for (a, b) in edges(triangle) {
                let place = &mut places[a.min(b) as usize];
                // The lowest bit says which way the triangle runs along the edge.
                ends[*place as usize] = a.max(b) << 1 | u32::from(a < b);
                *place += 1;
            }
        }
        for vertex in 0..vertices {
            let own = &mut ends[begins[vertex] as usize..begins[vertex + 1] as usize];
            own.sort_unstable();
            for edge in own.chunk_by(|a, b| a >> 1 == b >> 1) {
                match edge {
                    [_] => topology.open_edges += 1,
                    [a, b] if a == b => topology.flipped_edges += 1,
                    [_, _] => {}
                    _ => topology.crowded_edges += 1,
                }
            }
        }
        topology.pinched_vertices = pinched(surface);
        topology
    }
}

/// Whether every directed edge has its counterpart: both ways, the sums of their fingerprints agree.
pub(crate) fn is_closed(triangles: &[[u32; 3]]) -> bool {
    // The edge from `a` to `b` has the fingerprint of that from `b` to `a`, with the other sign.
    let fingerprint = |from: u32, to: u32| {
        let mixed = (u64::from(from.min(to)) << 32 | u64::from(from.max(to))).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        if from < to { mixed } else { mixed.wrapping_neg() }
    };
    let difference = triangles.par_iter().map(|&[a, b, c]| {
        let edges = [(a, b), (b, c), (c, a)];
        edges.iter().fold(0u64, |sum, &(from, to)| sum.wrapping_add(fingerprint(from, to)))
    });
    difference.reduce(|| 0, u64::wrapping_add) == 0
}

/// Vertices whose triangles form more than one fan.
fn pinched(surface: &Surface) -> u64 {
    let vertices = surface.positions.len();
    let mut begins = vec![0u32; vertices + 1];
    surface.triangles.iter().flatten().for_each(|&vertex| begins[vertex as usize + 1] += 1);
    for vertex in 0..vertices {
        begins[vertex + 1] += begins[vertex];
    }
    let mut places = begins.clone();
    let mut spokes = vec![[0u32; 2]; begins[vertices] as usize];
    for &[a, b, c] in &surface.triangles {
        for (vertex, spoke) in [(a, [b, c]), (b, [c, a]), (c, [a, b])] {
            spokes[places[vertex as usize] as usize] = spoke;
            places[vertex as usize] += 1;
        }
    }
    (0..vertices).into_par_iter().filter(|&vertex| fans(&spokes[begins[vertex] as usize..begins[vertex + 1] as usize]) > 1).count() as u64
}

/// In how many pieces the ring around a vertex falls.
fn fans(spokes: &[[u32; 2]]) -> usize {
    let mut seen = vec![false; spokes.len()];
    let mut pieces = 0;
    let by_start: HashMap<u32, usize> =
        if spokes.len() > 32 { spokes.iter().enumerate().map(|(index, spoke)| (spoke[0], index)).collect() } else { HashMap::new() };
    let find =
        |start: u32| if spokes.len() > 32 { by_start.get(&start).copied() } else { spokes.iter().position(|spoke| spoke[0] == start) };
    let starts = spokes.iter().map(|spoke| spoke[0]);
    // Fans with an open end first, from that end; what remains are closed rings.
    let open = starts.enumerate().filter(|(_, start)| !spokes.iter().take(64).any(|spoke| spoke[1] == *start)).map(|(index, _)| index);
    for first in open.chain(0..spokes.len()) {
        if seen[first] {
            continue;
        }
        pieces += 1;
        let mut at = Some(first);
        while let Some(index) = at.filter(|&index| !seen[index]) {
            seen[index] = true;
            at = find(spokes[index][1]);
        }
    }
    pieces
}

/// A unit normal for each vertex, the mean of its triangles weighted by their areas.
pub fn normals(surface: &Surface) -> Vec<[f32; 3]> {
    let mut sums = vec![[0f32; 3]; surface.positions.len()];
    for &triangle in &surface.triangles {
        let normal = area2(surface.corners(triangle));
        for vertex in triangle {
            let sum = &mut sums[vertex as usize];
            *sum = [sum[0] + normal[0], sum[1] + normal[1], sum[2] + normal[2]];
        }
    }
    sums.par_iter_mut().for_each(|sum| *sum = crate::surface::vector::unit(*sum));
    sums
}
