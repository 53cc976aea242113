//! Pieces of a surface that hang together, and which of them stay.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::limit::cell_pairs_max;
use crate::surface::Surface;
use crate::surface::vector::{cross, dot, sub};

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    #[default]
    All,
    /// The piece that encloses most, with the hollows inside it.
    Largest,
    /// Pieces and hollows that enclose at least this many µm³.
    AtLeast(f64),
}

/// One piece. A hollow (its surface faces inwards) has a negative volume.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Piece {
    volume_um3: f64,
    /// Its vertex farthest along −x.
    leftmost: [f32; 3],
}

/// How many pieces there were, and how many are left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub found: u64,
    pub kept: u64,
}

/// Removes the pieces that are not wanted.
pub fn keep(surface: &mut Surface, which: Keep) -> Kept {
    let (piece_of, pieces) = pieces(surface);
    let found = pieces.len() as u64;
    let stays: Vec<bool> = match which {
        Keep::All => return Kept { found, kept: found },
        Keep::AtLeast(least) => pieces.iter().map(|piece| piece.volume_um3.abs() >= least).collect(),
        Keep::Largest => {
            let largest = (0..pieces.len()).max_by(|&a, &b| pieces[a].volume_um3.total_cmp(&pieces[b].volume_um3));
            largest.map_or_else(Vec::new, |largest| with_own_hollows(surface, &piece_of, &pieces, largest))
        }
    };
    let wanted: Vec<bool> = surface.triangles.iter().map(|triangle| stays[piece_of[triangle[0] as usize] as usize]).collect();
    surface.keep_triangles(|triangle| wanted[triangle]);
    Kept { found, kept: stays.iter().filter(|&&stays| stays).count() as u64 }
}

/// The largest piece and its hollows. A hollow is that of the nearest body around it: what lies in a body that floats in a
/// hollow of the largest is not its own.
fn with_own_hollows(surface: &Surface, piece_of: &[u32], pieces: &[Piece], largest: usize) -> Vec<bool> {
    let shells = |wanted: &dyn Fn(usize) -> bool| -> (Vec<[[f32; 3]; 3]>, Vec<u32>) {
        let pieced = surface.triangles.iter().map(|&triangle| (triangle, piece_of[triangle[0] as usize]));
        pieced.filter(|&(_, piece)| wanted(piece as usize)).map(|(triangle, piece)| (surface.corners(triangle), piece)).unzip()
    };
    let (shell, _) = shells(&|piece| piece == largest);
    let rays = Rays::new(&shell);
    let inside: Vec<bool> = pieces.iter().map(|piece| rays.crossed(piece.leftmost).count() % 2 == 1).collect();
    let (floating, owners) = shells(&|piece| piece != largest && inside[piece] && pieces[piece].volume_um3 > 0.0);
    let rays = Rays::new(&floating);
    let in_a_floating_one = |piece: &Piece| {
        let mut around = BTreeSet::new();
        for triangle in rays.crossed(piece.leftmost) {
            // What is crossed a second time is left again.
            if !around.insert(owners[triangle]) {
                around.remove(&owners[triangle]);
            }
        }
        !around.is_empty()
    };
    let own =
        |(number, piece): (usize, &Piece)| number == largest || (piece.volume_um3 < 0.0 && inside[number] && !in_a_floating_one(piece));
    pieces.iter().enumerate().map(own).collect()
}

/// Triangles of pieces that face inwards and lie in no other piece: no hollow, but turned inside out.
pub(crate) fn inside_out(surface: &Surface) -> Vec<bool> {
    let (piece_of, pieces) = pieces(surface);
    let inwards = pieces.iter().filter(|piece| piece.volume_um3 < 0.0).count();
    let mut wrong = vec![false; pieces.len()];
    // More hollows than that are a foam, and nobody turned it.
    if (1..=INWARDS_MAX).contains(&inwards) {
        let shell: Vec<[[f32; 3]; 3]> = surface.triangles.iter().map(|&triangle| surface.corners(triangle)).collect();
        let owners: Vec<u32> = surface.triangles.iter().map(|triangle| piece_of[triangle[0] as usize]).collect();
        let rays = Rays::new(&shell);
        for (number, piece) in pieces.iter().enumerate().filter(|(_, piece)| piece.volume_um3 < 0.0) {
            wrong[number] = rays.crossed(piece.leftmost).filter(|&triangle| owners[triangle] != number as u32).count() % 2 == 0;
        }
    }
    surface.triangles.iter().map(|triangle| wrong[piece_of[triangle[0] as usize] as usize]).collect()
}

/// Pieces that face inwards and are looked at one by one.
const INWARDS_MAX: usize = 1_000;

/// How many pieces hang together, hollows included.
pub fn count(surface: &Surface) -> u64 {
    pieces(surface).1.len() as u64
}

/// The number of each vertex's piece.
pub(crate) fn piece_of(surface: &Surface) -> Vec<u32> {
    pieces(surface).0
}

/// The piece of each vertex, and all pieces in the order of their first vertex.
fn pieces(surface: &Surface) -> (Vec<u32>, Vec<Piece>) {
    let mut parent: Vec<u32> = (0..surface.positions.len() as u32).collect();
    for &[a, b, c] in &surface.triangles {
        join(&mut parent, a, b);
        join(&mut parent, a, c);
    }
    let mut pieces = Vec::new();
    let mut number = vec![0u32; parent.len()];
    // A root is the least vertex of its piece, so it comes before all the others.
    for vertex in 0..parent.len() {
        let root = root(&mut parent, vertex as u32) as usize;
        let place = surface.positions[vertex];
        if root == vertex {
            number[vertex] = pieces.len() as u32;
            pieces.push(Piece { volume_um3: 0.0, leftmost: place });
        } else {
            number[vertex] = number[root];
            let leftmost = &mut pieces[number[vertex] as usize].leftmost;
            if place[0] < leftmost[0] {
                *leftmost = place;
            }
        }
    }
    for &triangle in &surface.triangles {
        let piece = &mut pieces[number[triangle[0] as usize] as usize];
        let [a, b, c] = surface.corners(triangle).map(|corner| sub(corner, piece.leftmost));
        piece.volume_um3 += f64::from(dot(a, cross(b, c))) / 6.0;
    }
    (number, pieces)
}

fn root(parent: &mut [u32], mut vertex: u32) -> u32 {
    while parent[vertex as usize] != vertex {
        let above = parent[parent[vertex as usize] as usize];
        parent[vertex as usize] = above;
        vertex = above;
    }
    vertex
}

fn join(parent: &mut [u32], a: u32, b: u32) {
    let (a, b) = (root(parent, a), root(parent, b));
    parent[a.max(b) as usize] = a.min(b);
}

/// Triangles sorted into squares of the plane y, z, so that a ray along x meets few of them.
struct Rays<'a> {
    triangles: &'a [[[f32; 3]; 3]],
    squares: Vec<Vec<u32>>,
    /// Squares along an edge.
    edge: usize,
    least: [f32; 2],
    step: [f32; 2],
}

const SQUARES: usize = 256;

impl<'a> Rays<'a> {
    fn new(triangles: &'a [[[f32; 3]; 3]]) -> Self {
        let (mut least, mut most) = ([f32::MAX; 2], [f32::MIN; 2]);
        for corner in triangles.iter().flatten() {
            for axis in 0..2 {
                least[axis] = least[axis].min(corner[axis + 1]);
                most[axis] = most[axis].max(corner[axis + 1]);
            }
        }
        let empty = |edge: usize| {
            let step = std::array::from_fn(|axis| ((most[axis] - least[axis]) / edge as f32).max(f32::MIN_POSITIVE));
            Self { triangles, squares: vec![Vec::new(); edge * edge], edge, least, step }
        };
        let mut rays = empty(SQUARES);
        // Triangles as large as the body would lie in all squares.
        while rays.edge > 1 && rays.pairs() > cell_pairs_max(triangles.len()) {
            rays = empty(rays.edge / 2);
        }
        for (number, &corners) in triangles.iter().enumerate() {
            let (rows, columns) = (rays.range(0, corners), rays.range(1, corners));
            for row in rows {
                for column in columns.clone() {
                    rays.squares[row * rays.edge + column].push(number as u32);
                }
            }
        }
        rays
    }

    /// The rows or columns that a triangle's box meets.
    fn range(&self, axis: usize, corners: [[f32; 3]; 3]) -> std::ops::RangeInclusive<usize> {
        let places = corners.map(|corner| self.square(axis, corner[axis + 1]));
        places.iter().copied().fold(self.edge, usize::min)..=places.iter().copied().fold(0, usize::max)
    }

    fn pairs(&self) -> usize {
        self.triangles.iter().map(|&corners| self.range(0, corners).count() * self.range(1, corners).count()).sum()
    }

    fn square(&self, axis: usize, place: f32) -> usize {
        (((place - self.least[axis]) / self.step[axis]) as usize).min(self.edge - 1)
    }

    /// The triangles that a ray from the place towards −x meets: an odd number of those around it.
    fn crossed(&self, place: [f32; 3]) -> impl Iterator<Item = usize> {
        // A little beside the vertex, so that the ray passes no edge that lies on the voxel grid.
        let (y, z) = (place[1] + self.step[0] * 1.3e-4, place[2] + self.step[1] * 2.9e-4);
        let found = &self.squares[self.square(0, y) * self.edge + self.square(1, z)];
        let is_met = move |number: &usize| {
            let [a, b, c] = self.triangles[*number].map(|corner| corner.map(f64::from));
            let (y, z) = (f64::from(y), f64::from(z));
            let side = |a: [f64; 3], b: [f64; 3]| (b[1] - a[1]) * (z - a[2]) - (b[2] - a[2]) * (y - a[1]);
            let sides = [side(b, c), side(c, a), side(a, b)];
            let same = sides.iter().all(|&side| side >= 0.0) || sides.iter().all(|&side| side < 0.0);
            let whole: f64 = sides.iter().sum();
            same && whole != 0.0 && (sides[0] * a[0] + sides[1] * b[0] + sides[2] * c[0]) / whole < f64::from(place[0])
        };
        found.iter().map(|&number| number as usize).filter(is_met)
    }
}
