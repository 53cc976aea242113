//! Puts triangles into an order in which neighbours follow each other, and numbers vertices by their first use.
//!
//! The way is that of Sander, Nehab and Barczak (“Fast triangle reordering for vertex locality”, 2007): all triangles around a
//! vertex, then around one of its neighbours that is still fresh in memory.

use crate::surface::Surface;

/// Vertices that count as fresh.
const FRESH: u32 = 16;

pub(crate) struct Ordered {
    pub(crate) triangles: Vec<[u32; 3]>,
    /// The old number of each new vertex.
    pub(crate) vertices: Vec<u32>,
}

pub(crate) fn order(surface: &Surface) -> Ordered {
    let vertices = surface.positions.len();
    let mut begins = vec![0u32; vertices + 1];
    surface.triangles.iter().flatten().for_each(|&vertex| begins[vertex as usize + 1] += 1);
    let mut left: Vec<u32> = begins[1..].to_vec();
    for vertex in 0..vertices {
        begins[vertex + 1] += begins[vertex];
    }
    let mut around = vec![0u32; begins[vertices] as usize];
    let mut places = begins.clone();
    for (triangle, corners) in surface.triangles.iter().enumerate() {
        for &vertex in corners {
            around[places[vertex as usize] as usize] = triangle as u32;
            places[vertex as usize] += 1;
        }
    }
    let mut walk = Walk { seen_at: vec![0; vertices], now: FRESH + 1, stack: Vec::new(), candidates: Vec::new(), cursor: 0 };
    let mut emitted = vec![false; surface.triangles.len()];
    let mut sorted = Vec::with_capacity(surface.triangles.len());
    let mut centre = (vertices > 0).then_some(0usize);
    while let Some(vertex) = centre {
        walk.candidates.clear();
        for &triangle in &around[begins[vertex] as usize..begins[vertex + 1] as usize] {
            if std::mem::replace(&mut emitted[triangle as usize], true) {
                continue;
            }
            let corners = surface.triangles[triangle as usize];
            sorted.push(corners);
            for corner in corners {
                left[corner as usize] -= 1;
                walk.sees(corner);
            }
        }
        centre = walk.next(&left);
    }
    number(sorted, vertices)
}

struct Walk {
    /// When each vertex was last loaded.
    seen_at: Vec<u32>,
    now: u32,
    /// Where to go on in a dead end.
    stack: Vec<u32>,
    candidates: Vec<u32>,
    cursor: usize,
}

impl Walk {
    fn sees(&mut self, vertex: u32) {
        self.stack.push(vertex);
        self.candidates.push(vertex);
        let seen = &mut self.seen_at[vertex as usize];
        if self.now - *seen > FRESH {
            *seen = self.now;
            self.now += 1;
        }
    }

    fn next(&mut self, left: &[u32]) -> Option<usize> {
        let fitness = |&vertex: &u32| {
            let (open, age) = (left[vertex as usize], self.now - self.seen_at[vertex as usize]);
            // The oldest that is still fresh after its own triangles have come.
            if age + 2 * open <= FRESH { age } else { 0 }
        };
        let open = self.candidates.iter().copied().filter(|&vertex| left[vertex as usize] > 0);
        if let Some(best) = open.max_by_key(fitness) {
            return Some(best as usize);
        }
        while let Some(vertex) = self.stack.pop() {
            if left[vertex as usize] > 0 {
                return Some(vertex as usize);
            }
        }
        while self.cursor < left.len() {
            if left[self.cursor] > 0 {
                return Some(self.cursor);
            }
            self.cursor += 1;
        }
        None
    }
}

fn number(mut triangles: Vec<[u32; 3]>, count: usize) -> Ordered {
    let mut number = vec![u32::MAX; count];
    let mut vertices = Vec::with_capacity(count);
    for vertex in triangles.iter_mut().flatten() {
        let old = *vertex as usize;
        if number[old] == u32::MAX {
            number[old] = vertices.len() as u32;
            vertices.push(old as u32);
        }
        *vertex = number[old];
    }
    Ordered { triangles, vertices }
}
