//! What lies across each edge of a block, in the numbers of its corner table.

use super::block::{NONE, STRIDE};

/// For each corner the one beyond its edge; `NONE` at the rim of the block.
pub(super) fn opposites(triangles: &[[u32; 3]], vertices: usize) -> Vec<[u32; 3]> {
    let mut begins = vec![0u32; vertices + 1];
    triangles.iter().flatten().for_each(|&vertex| begins[vertex as usize + 1] += 1);
    for vertex in 0..vertices {
        begins[vertex + 1] += begins[vertex];
    }
    // At each vertex: where its outgoing edges end, and the corners that they face.
    let mut places = begins.clone();
    let mut outgoing = vec![[0u32; 2]; triangles.len() * 3];
    for (number, triangle) in triangles.iter().enumerate() {
        for at in 0..3 {
            let place = &mut places[triangle[at] as usize];
            outgoing[*place as usize] = [triangle[(at + 1) % 3], (number * STRIDE + (at + 2) % 3) as u32];
            *place += 1;
        }
    }
    let beyond = |from: u32, to: u32| {
        let edges = &outgoing[begins[to as usize] as usize..begins[to as usize + 1] as usize];
        edges.iter().find(|[end, _]| *end == from).map_or(NONE, |[_, corner]| *corner)
    };
    triangles.iter().map(|&[a, b, c]| [beyond(b, c), beyond(c, a), beyond(a, b)]).collect()
}
