//! Cuts a closed body in two by a plane through its middle; each half is closed by a flat cap and lies on it.

use std::collections::HashMap;

use super::cap;
use crate::check::size_um;
use crate::measure::Topology;
use crate::surface::{Part, Surface};

/// Vertices nearer to the plane than this part of the longest side are moved away from it, so that no cut is a needle.
const CLEAR: f32 = 1e-4;
/// Where the plane may lie, from the middle on, as parts of the side that is cut.
const PLACES: [f32; 6] = [0.0, 0.003, -0.007, 0.013, -0.021, 0.034];

/// Both halves, or nothing when some part cannot be cut cleanly anywhere near its middle.
pub(super) fn halves(parts: &[Part]) -> Option<[Vec<Part>; 2]> {
    let size = size_um(parts);
    let longest = size.iter().copied().fold(0.0, f64::max) as f32;
    // Across the shortest side: the cut shows most of the inside.
    let axis = (0..3).min_by(|&a, &b| size[a].total_cmp(&size[b]))?;
    let (least, most) = bounds(parts, axis);
    PLACES.iter().find_map(|place| {
        let plane = (least + most) * 0.5 + place * (most - least);
        let mut both = [Vec::new(), Vec::new()];
        for part in parts {
            let clear = clear_of(&part.surface, axis, plane, longest * CLEAR);
            for (above, half) in both.iter_mut().enumerate() {
                let surface = half_of(&clear, axis, plane, above == 1)?;
                if !surface.is_empty() {
                    half.push(Part { name: format!("{} {}", part.name, above + 1), surface, ..part.clone() });
                }
            }
        }
        Some(lay_down(both, axis))
    })
}

fn bounds(parts: &[Part], axis: usize) -> (f32, f32) {
    let all = parts.iter().filter_map(|part| part.surface.bounds());
    all.fold((f32::MAX, f32::MIN), |(least, most), bounds| (least.min(bounds[0][axis]), most.max(bounds[1][axis])))
}

fn clear_of(surface: &Surface, axis: usize, plane: f32, clear: f32) -> Surface {
    let mut moved = surface.clone();
    for place in &mut moved.positions {
        let beyond = place[axis] - plane;
        if beyond.abs() < clear {
            place[axis] = plane + if beyond < 0.0 { -clear } else { clear };
        }
    }
    moved
}

/// What lies on one side of the plane, closed by caps. Nothing when the caps do not close it.
fn half_of(surface: &Surface, axis: usize, plane: f32, above: bool) -> Option<Surface> {
    let stays = |vertex: u32| (surface.positions[vertex as usize][axis] > plane) == above;
    let mut half = Surface { positions: surface.positions.clone(), triangles: Vec::new() };
    let mut cuts: HashMap<(u32, u32), u32> = HashMap::new();
    let mut rim = Vec::new();
    for &triangle in &surface.triangles {
        let count = triangle.iter().filter(|&&vertex| stays(vertex)).count();
        if count == 3 {
            half.triangles.push(triangle);
            continue;
        }
        if count == 0 {
            continue;
        }
        let (mut polygon, mut leaves, mut enters) = (Vec::with_capacity(4), 0, 0);
        for at in 0..3 {
            let (from, to) = (triangle[at], triangle[(at + 1) % 3]);
            if stays(from) {
                polygon.push(from);
            }
            if stays(from) != stays(to) {
                let cut = *cuts.entry((from.min(to), from.max(to))).or_insert_with(|| {
                    half.positions.push(meet(surface, from.min(to), from.max(to), axis, plane));
                    half.positions.len() as u32 - 1
                });
                polygon.push(cut);
                if stays(from) { leaves = cut } else { enters = cut }
            }
        }
        (1..polygon.len() - 1).for_each(|at| half.triangles.push([polygon[0], polygon[at], polygon[at + 1]]));
        // The cap runs the other way along the cut.
        rim.push([enters, leaves]);
    }
    half.triangles.extend(cap::cap(&half.positions, &rim, axis, above)?);
    half.drop_unused();
    let topology = Topology::of(&half);
    (topology.is_watertight() && topology.is_manifold()).then_some(half)
}

fn meet(surface: &Surface, from: u32, to: u32, axis: usize, plane: f32) -> [f32; 3] {
    let [from, to] = [from, to].map(|vertex| surface.positions[vertex as usize].map(f64::from));
    let by = (f64::from(plane) - from[axis]) / (to[axis] - from[axis]);
    std::array::from_fn(|part| if part == axis { plane } else { (from[part] + by * (to[part] - from[part])) as f32 })
}

/// Turns each half so that its cut is below, and puts it into the corner of the bed.
fn lay_down(both: [Vec<Part>; 2], axis: usize) -> [Vec<Part>; 2] {
    let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
    let mut above = false;
    both.map(|mut half| {
        // The upper half stands on its cut as it is; the lower one is turned about, which mirrors nothing.
        for place in half.iter_mut().flat_map(|part| &mut part.surface.positions) {
            *place = if above { [place[u], place[v], place[axis]] } else { [place[v], place[u], -place[axis]] };
        }
        above = true;
        let least = [0, 1, 2].map(|axis| bounds(&half, axis).0);
        for place in half.iter_mut().flat_map(|part| &mut part.surface.positions) {
            *place = std::array::from_fn(|axis| place[axis] - least[axis]);
        }
        half
    })
}
