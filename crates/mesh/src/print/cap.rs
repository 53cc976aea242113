//! Fills the outlines of a cut with triangles: a constrained Delaunay triangulation of all rims, of which the faces inside stay.

use std::collections::{HashMap, VecDeque};

use spade::{ConstrainedDelaunayTriangulation, Point2, Triangulation};

/// Triangles that close `rim`, whose edges run as the cap's do. Nothing when outlines cross or touch each other.
pub(super) fn cap(positions: &[[f32; 3]], rim: &[[u32; 2]], axis: usize, above: bool) -> Option<Vec<[u32; 3]>> {
    let mut plan = ConstrainedDelaunayTriangulation::<Point2<f64>>::new();
    let mut handles = HashMap::new();
    let mut vertices = HashMap::new();
    for &vertex in rim.iter().flatten() {
        if handles.contains_key(&vertex) {
            continue;
        }
        let place = positions[vertex as usize];
        let handle = plan.insert(Point2::new(f64::from(place[(axis + 1) % 3]), f64::from(place[(axis + 2) % 3]))).ok()?;
        handles.insert(vertex, handle);
        // Two corners on one place would close nothing.
        if vertices.insert(handle, vertex).is_some() {
            return None;
        }
    }
    for [from, to] in rim {
        let (from, to) = (handles[from], handles[to]);
        if !plan.can_add_constraint(from, to) {
            return None;
        }
        plan.add_constraint(from, to);
    }
    // From outside inwards: every outline that is passed changes the side.
    let mut inside: HashMap<usize, bool> = HashMap::new();
    let mut queue = VecDeque::new();
    for edge in plan.convex_hull() {
        let inner = edge.rev();
        if let Some(face) = inner.face().as_inner() {
            inside.entry(face.fix().index()).or_insert_with(|| {
                queue.push_back(face.fix());
                edge.is_constraint_edge()
            });
        }
    }
    let mut found = Vec::new();
    while let Some(face) = queue.pop_front() {
        let face = plan.face(face);
        let here = inside[&face.fix().index()];
        if here {
            let [a, b, c] = face.vertices().map(|vertex| vertices[&vertex.fix()]);
            // Faces run counter-clockwise seen from above; the cap of the upper half looks down.
            found.push(if above { [a, c, b] } else { [a, b, c] });
        }
        for edge in face.adjacent_edges() {
            if let Some(next) = edge.rev().face().as_inner() {
                inside.entry(next.fix().index()).or_insert_with(|| {
                    queue.push_back(next.fix());
                    here ^ edge.is_constraint_edge()
                });
            }
        }
    }
    Some(found)
}
