//! 64 cells of a row at a time: which of them the surface crosses, how, and which vertices lie on their edges.

use std::mem::MaybeUninit;

/// The next vertex number on each of the eight runs that a row of cells touches.
pub(crate) struct Running {
    pub(crate) x: [u32; 4],
    pub(crate) y: [u32; 2],
    pub(crate) z: [u32; 2],
}

impl Running {
    /// Numbers of the vertices on the twelve edges of a cell (16, so that four bits are always a place).
    #[inline(always)]
    pub(crate) fn step(&mut self, crossed: u32) -> [u32; 16] {
        let at = |edge: u32| crossed >> edge & 1;
        let [x0, x1, x2, x3] = self.x;
        let ([y0, y1], [z0, z1]) = (self.y, self.z);
        self.x = [x0 + at(0), x1 + at(1), x2 + at(2), x3 + at(3)];
        self.y = [y0 + at(4), y1 + at(6)];
        self.z = [z0 + at(8), z1 + at(10)];
        [x0, x1, x2, x3, y0, self.y[0], y1, self.y[1], z0, self.z[0], z1, self.z[1], 0, 0, 0, 0]
    }
}

/// 64 cells of a row: bits of their corners at x and at x + 1.
pub(crate) struct Cells {
    corners: [u64; 8],
}

impl Cells {
    #[inline(always)]
    pub(crate) fn new(rows: &[&[u64]; 4], word: usize) -> Self {
        let [a, b, c, d] = *rows;
        Self { corners: [a[word], shifted(a, word), b[word], shifted(b, word), c[word], shifted(c, word), d[word], shifted(d, word)] }
    }

    /// Cells whose corners are not all alike.
    #[inline(always)]
    pub(crate) fn active(&self) -> u64 {
        let any = self.corners.iter().fold(0, |all, &bits| all | bits);
        let every = self.corners.iter().fold(u64::MAX, |all, &bits| all & bits);
        any & !every
    }

    #[inline(always)]
    pub(crate) fn case(&self, bit: u32) -> usize {
        let mut case = 0;
        for (corner, bits) in self.corners.iter().enumerate() {
            case |= ((bits >> bit & 1) as usize) << corner;
        }
        case
    }
}

/// The bits one voxel further along x.
#[inline(always)]
pub(crate) fn shifted(row: &[u64], word: usize) -> u64 {
    row[word] >> 1 | row[word + 1] << 63
}

/// Fills uninitialised places one after the other.
pub(crate) struct Filling<'a, T> {
    pub(crate) free: &'a mut [MaybeUninit<T>],
    pub(crate) done: usize,
}

impl<T> Filling<'_, T> {
    #[inline(always)]
    pub(crate) fn push(&mut self, value: T) {
        self.free[self.done].write(value);
        self.done += 1;
    }

    pub(crate) fn is_full(&self) -> bool {
        self.done == self.free.len()
    }
}
