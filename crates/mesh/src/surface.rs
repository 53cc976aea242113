//! A surface: shared vertices and the triangles between them.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Places that one thread looks at together.
const TOGETHER: usize = 1 << 16;

/// Places in micrometres (x, y, z); triangles counter-clockwise seen from outside.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Surface {
    pub positions: Vec<[f32; 3]>,
    pub triangles: Vec<[u32; 3]>,
}

/// One body of several, with what it is called and how it is painted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    pub name: String,
    /// Red, green, blue.
    pub colour: [u8; 3],
    /// 1 hides what is inside it, as far as a format can say so.
    pub opacity: f32,
    pub surface: Surface,
}

/// Colours that colour-blind people tell apart, the first like bone (after Okabe and Ito).
const COLOURS: [[u8; 3]; 8] =
    [[226, 214, 190], [86, 180, 233], [230, 159, 0], [0, 158, 115], [204, 121, 167], [0, 114, 178], [213, 94, 0], [240, 228, 66]];

impl Part {
    pub fn new(number: usize, name: impl Into<String>, surface: Surface) -> Self {
        Self { name: name.into(), colour: COLOURS[number % COLOURS.len()], opacity: 1.0, surface }
    }
}

impl Surface {
    pub fn is_empty(&self) -> bool {
        self.triangles.is_empty()
    }

    /// The corners of a triangle.
    #[inline(always)]
    pub fn corners(&self, triangle: [u32; 3]) -> [[f32; 3]; 3] {
        triangle.map(|vertex| self.positions[vertex as usize])
    }

    /// Least and greatest place along x, y, z; nothing for an empty surface.
    pub fn bounds(&self) -> Option<[[f32; 3]; 2]> {
        let first = *self.positions.first()?;
        let both = |[least, most]: [[f32; 3]; 2], [other_least, other_most]: [[f32; 3]; 2]| -> [[f32; 3]; 2] {
            [std::array::from_fn(|axis| least[axis].min(other_least[axis])), std::array::from_fn(|axis| most[axis].max(other_most[axis]))]
        };
        let pieces = self.positions.par_chunks(TOGETHER);
        Some(pieces.map(|places| places.iter().fold([first; 2], |box_, &place| both(box_, [place; 2]))).reduce(|| [first; 2], both))
    }

    /// Keeps the triangles that are wanted, and only the vertices that they use, in their order.
    pub fn keep_triangles(&mut self, wanted: impl Fn(usize) -> bool) {
        let mut index = 0;
        self.triangles.retain(|_| {
            index += 1;
            wanted(index - 1)
        });
        self.drop_unused();
    }

    /// Takes in another surface beside its own.
    pub(crate) fn append(&mut self, other: &Surface) {
        let first = self.positions.len() as u32;
        self.positions.extend_from_slice(&other.positions);
        self.triangles.extend(other.triangles.iter().map(|triangle| triangle.map(|vertex| vertex + first)));
    }

    /// Removes vertices that no triangle uses.
    pub fn drop_unused(&mut self) {
        const UNUSED: u32 = u32::MAX;
        let mut number = vec![UNUSED; self.positions.len()];
        self.triangles.iter().flatten().for_each(|&vertex| number[vertex as usize] = 0);
        let mut next = 0;
        for (vertex, number) in number.iter_mut().enumerate() {
            if *number != UNUSED {
                *number = next;
                self.positions[next as usize] = self.positions[vertex];
                next += 1;
            }
        }
        self.positions.truncate(next as usize);
        self.triangles.iter_mut().flatten().for_each(|vertex| *vertex = number[*vertex as usize]);
    }
}

pub(crate) mod vector {
    //! Arithmetic with three numbers.

    #[inline(always)]
    pub(crate) fn sub(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
        [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
    }

    #[inline(always)]
    pub(crate) fn cross(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    }

    #[inline(always)]
    pub(crate) fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
        a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    }

    #[inline(always)]
    pub(crate) fn unit(a: [f32; 3]) -> [f32; 3] {
        let length = dot(a, a).sqrt();
        if length > 0.0 { a.map(|part| part / length) } else { [0.0, 0.0, 1.0] }
    }

    /// Twice the area, along the outer normal.
    #[inline(always)]
    pub(crate) fn area2([a, b, c]: [[f32; 3]; 3]) -> [f32; 3] {
        cross(sub(b, a), sub(c, a))
    }
}
