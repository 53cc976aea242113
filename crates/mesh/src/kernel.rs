//! Marching cubes over a few planes at a time, on all cores, into shared vertices.
//!
//! One bit for each voxel says whether it is inside. Words of 64 bits then answer cheaply where nothing happens, and how
//! many vertices and triangles each row will have; from these counts every row knows where its own begin in the
//! result. So the rows can be made in any order on any number of threads, and the result is always the same.
//!
//! Around the volume lies one more voxel of outside on each side: the surface is closed at the border.

use rayon::prelude::*;

use crate::cells::{Cells, Filling, Running, shifted};
use crate::table::{Case, cases};
use crate::voxel::{Inside, Voxel};

/// How close to a voxel's centre a vertex may come, in voxels: vertices of different edges never fall together.
const NEAREST: f32 = 1.0 / 512.0;

/// What stays the same for all planes of a surface.
pub(crate) struct Kernel {
    /// Voxels of a plane, y and x.
    height: usize,
    width: usize,
    words: usize,
    /// Size of a voxel and place of the first one's centre, x, y, z.
    scale: [f32; 3],
    origin: [f32; 3],
    cases: Box<[Case; 256]>,
}

/// Counts of one row of a plane (along x, along y) or between two planes (along z).
#[derive(Clone, Copy, Default)]
struct RowCount {
    x: u32,
    y: u32,
}

/// What lies between two planes.
struct LayerCount {
    rows_z: Vec<u32>,
    vertices_z: usize,
    triangles: usize,
}

struct PlaneCount {
    rows: Vec<RowCount>,
    vertices: usize,
}

/// Bits of planes that lie on each other; each row has a spare word behind it.
pub(crate) struct Bits {
    words: Vec<u64>,
    plane: usize,
}

impl Bits {
    fn plane(&self, number: usize) -> &[u64] {
        &self.words[number * self.plane..(number + 1) * self.plane]
    }
}

/// Voxel planes in memory, and where they stand. Planes are counted with the padding: plane 0 and the last are outside.
pub(crate) struct Slab<'a, T> {
    pub(crate) voxels: &'a [T],
    /// The padded number of the first plane of `voxels`.
    pub(crate) first: usize,
    /// The padded planes of which the surface is made; beyond `voxels` they are outside.
    pub(crate) planes: std::ops::RangeInclusive<usize>,
}

impl<T: Voxel> Slab<'_, T> {
    fn plane(&self, number: usize, area: usize) -> Option<&[T]> {
        let from = number.checked_sub(self.first)? * area;
        self.voxels.get(from..from + area)
    }
}

/// Vertices and triangles as they grow.
#[derive(Default)]
pub(crate) struct Growing {
    pub(crate) positions: Vec<[f32; 3]>,
    pub(crate) triangles: Vec<[u32; 3]>,
}

/// How much a slab will add.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Adds {
    pub(crate) vertices: usize,
    pub(crate) triangles: usize,
}

/// A slab whose counts are known.
pub(crate) struct Counted {
    bits: Bits,
    planes: Vec<PlaneCount>,
    layers: Vec<LayerCount>,
    pub(crate) adds: Adds,
}

impl Kernel {
    /// `shape` of the volume is z, y, x; `scale` and `origin` are x, y, z.
    pub(crate) fn new(shape: volume::Shape, scale: [f32; 3], origin: [f32; 3]) -> Self {
        let [_, height, width] = shape;
        Self { height, width, words: (width + 2).div_ceil(64) + 1, scale, origin, cases: cases() }
    }

    /// First half: what is inside, and how much surface that will be.
    pub(crate) fn count<T: Voxel>(&self, slab: &Slab<'_, T>, inside: &Inside<T>) -> Counted {
        let plane = (self.height + 2) * self.words;
        let (from, to) = (*slab.planes.start(), *slab.planes.end());
        let number = to + 1 - from;
        let mut bits = Bits { words: vec![0; plane * number], plane };
        bits.words.par_chunks_mut(plane).enumerate().for_each(|(index, bits)| {
            if let Some(voxels) = slab.plane(from + index, self.height * self.width) {
                for (row, bits) in voxels.chunks_exact(self.width).zip(bits.chunks_exact_mut(self.words).skip(1)) {
                    row_bits(row, inside, bits);
                }
            }
        });
        let planes: Vec<PlaneCount> = (0..number).into_par_iter().map(|index| self.count_plane(bits.plane(index))).collect();
        let layers: Vec<LayerCount> =
            (0..number - 1).into_par_iter().map(|index| self.count_layer(bits.plane(index), bits.plane(index + 1))).collect();
        let vertices = planes.iter().take(number - 1).map(|plane| plane.vertices).sum::<usize>();
        let adds = Adds {
            vertices: vertices + layers.iter().map(|layer| layer.vertices_z).sum::<usize>(),
            triangles: layers.iter().map(|layer| layer.triangles).sum(),
        };
        Counted { bits, planes, layers, adds }
    }

    fn count_plane(&self, bits: &[u64]) -> PlaneCount {
        let rows: Vec<RowCount> = (0..=self.height)
            .map(|y| {
                let (row, below) = (self.row(bits, y), self.row(bits, y + 1));
                let mut count = RowCount::default();
                for word in 0..self.words - 1 {
                    count.x += (row[word] ^ shifted(row, word)).count_ones();
                    count.y += (row[word] ^ below[word]).count_ones();
                }
                count
            })
            .collect();
        PlaneCount { vertices: rows.iter().map(|row| (row.x + row.y) as usize).sum(), rows }
    }

    fn count_layer(&self, low: &[u64], high: &[u64]) -> LayerCount {
        let mut triangles = 0;
        let rows_z: Vec<u32> = (0..=self.height)
            .map(|y| {
                let rows = self.cell_rows(low, high, y);
                let mut crossings = 0;
                for word in 0..self.words - 1 {
                    crossings += (rows[0][word] ^ rows[2][word]).count_ones();
                    let cells = Cells::new(&rows, word);
                    let mut active = cells.active();
                    while active != 0 {
                        triangles += usize::from(self.cases[cells.case(active.trailing_zeros())].count);
                        active &= active - 1;
                    }
                }
                crossings
            })
            .collect();
        LayerCount { vertices_z: rows_z.iter().map(|&count| count as usize).sum(), rows_z, triangles }
    }

    fn row<'a>(&self, bits: &'a [u64], y: usize) -> &'a [u64] {
        &bits[y * self.words..(y + 1) * self.words]
    }

    /// The four rows of a row of cells: (z, y), (z, y + 1), (z + 1, y), (z + 1, y + 1).
    fn cell_rows<'a>(&self, low: &'a [u64], high: &'a [u64], y: usize) -> [&'a [u64]; 4] {
        [self.row(low, y), self.row(low, y + 1), self.row(high, y), self.row(high, y + 1)]
    }

    /// Second half: makes what was counted. Vertex numbers go on where `out` ends.
    pub(crate) fn make<T: Voxel>(&self, slab: &Slab<'_, T>, inside: &Inside<T>, counted: &Counted, out: &mut Growing) {
        let Adds { vertices, triangles } = counted.adds;
        let base = out.positions.len();
        out.positions.reserve(vertices);
        out.triangles.reserve(triangles);
        let mut free_positions = &mut out.positions.spare_capacity_mut()[..vertices];
        let mut free_triangles = &mut out.triangles.spare_capacity_mut()[..triangles];
        let mut jobs = Vec::with_capacity(counted.layers.len());
        let mut first_vertex = base;
        for (index, layer) in counted.layers.iter().enumerate() {
            let own = counted.planes[index].vertices + layer.vertices_z;
            let (positions, rest) = free_positions.split_at_mut(own);
            free_positions = rest;
            let (triangles, rest) = free_triangles.split_at_mut(layer.triangles);
            free_triangles = rest;
            jobs.push((index, first_vertex, positions, triangles));
            first_vertex += own;
        }
        jobs.into_par_iter().for_each(|(index, first_vertex, positions, triangles)| {
            let mut positions = Filling { free: positions, done: 0 };
            self.plane_vertices(slab, inside, &counted.bits, index, &mut positions);
            self.layer_vertices(slab, inside, &counted.bits, index, &mut positions);
            let mut triangles = Filling { free: triangles, done: 0 };
            self.layer_triangles(counted, index, first_vertex as u32, &mut triangles);
            assert!(positions.is_full() && triangles.is_full(), "a layer makes what it counted");
        });
        // SAFETY: the jobs share out exactly these many places, and each has asserted that it wrote all of its own.
        unsafe {
            out.positions.set_len(base + vertices);
            let before = out.triangles.len();
            out.triangles.set_len(before + triangles);
        }
    }

    /// Place of a point given in padded voxels, x, y, z.
    fn place(&self, x: f32, y: f32, z: f32) -> [f32; 3] {
        let at = [x, y, z];
        std::array::from_fn(|axis| (at[axis] - 1.0) * self.scale[axis] + self.origin[axis])
    }

    /// Vertices on edges along x and y of one plane, row by row.
    fn plane_vertices<T: Voxel>(&self, slab: &Slab<'_, T>, inside: &Inside<T>, bits: &Bits, index: usize, out: &mut Filling<'_, [f32; 3]>) {
        let number = slab.planes.start() + index;
        let Some(voxels) = slab.plane(number, self.height * self.width) else { return };
        let (bits, z) = (bits.plane(index), number as f32);
        for y in 0..=self.height {
            let (row, below) = (self.row(bits, y), self.row(bits, y + 1));
            let here = self.voxel_row(voxels, y);
            for word in 0..self.words - 1 {
                each_bit(row[word] ^ shifted(row, word), |bit| {
                    let x = word * 64 + bit;
                    let part = match here {
                        Some(here) if x > 0 && x < self.width => inside.part(here[x - 1], here[x]),
                        _ => 0.5,
                    };
                    out.push(self.place(x as f32 + part, y as f32, z));
                });
            }
            let there = self.voxel_row(voxels, y + 1);
            for word in 0..self.words - 1 {
                each_bit(row[word] ^ below[word], |bit| {
                    let x = word * 64 + bit;
                    out.push(self.place(x as f32, y as f32 + between(inside, here, there, x), z));
                });
            }
        }
    }

    /// Vertices on edges along z from one plane to the next, row by row.
    fn layer_vertices<T: Voxel>(&self, slab: &Slab<'_, T>, inside: &Inside<T>, bits: &Bits, index: usize, out: &mut Filling<'_, [f32; 3]>) {
        let number = slab.planes.start() + index;
        let area = self.height * self.width;
        let (low, high) = (slab.plane(number, area), slab.plane(number + 1, area));
        for y in 0..=self.height {
            let (row, above) = (self.row(bits.plane(index), y), self.row(bits.plane(index + 1), y));
            let here = low.and_then(|voxels| self.voxel_row(voxels, y));
            let there = high.and_then(|voxels| self.voxel_row(voxels, y));
            for word in 0..self.words - 1 {
                each_bit(row[word] ^ above[word], |bit| {
                    let x = word * 64 + bit;
                    out.push(self.place(x as f32, y as f32, number as f32 + between(inside, here, there, x)));
                });
            }
        }
    }

    fn voxel_row<'a, T>(&self, voxels: &'a [T], y: usize) -> Option<&'a [T]> {
        let from = y.checked_sub(1)? * self.width;
        voxels.get(from..from + self.width)
    }

    fn layer_triangles(&self, counted: &Counted, index: usize, first_vertex: u32, out: &mut Filling<'_, [u32; 3]>) {
        let layer = &counted.layers[index];
        let (low, high) = (&counted.planes[index], &counted.planes[index + 1]);
        let first_z = first_vertex + low.vertices as u32;
        let (mut at_low, mut at_z, mut at_high) = (first_vertex, first_z, first_z + layer.vertices_z as u32);
        for y in 0..=self.height {
            let rows = self.cell_rows(counted.bits.plane(index), counted.bits.plane(index + 1), y);
            let next = |plane: &PlaneCount, at: u32| at + plane.rows[y].x + plane.rows[y].y;
            let (low_next, high_next) = (next(low, at_low), next(high, at_high));
            let z_next = at_z + layer.rows_z[y];
            let mut running = Running {
                x: [at_low, low_next, at_high, high_next],
                y: [at_low + low.rows[y].x, at_high + high.rows[y].x],
                z: [at_z, z_next],
            };
            for word in 0..self.words - 1 {
                let cells = Cells::new(&rows, word);
                let mut active = cells.active();
                while active != 0 {
                    let case = &self.cases[cells.case(active.trailing_zeros())];
                    active &= active - 1;
                    let ids = running.step(u32::from(case.crossed));
                    for triangle in &case.triangles[..usize::from(case.count)] {
                        out.push(triangle.map(|edge| ids[usize::from(edge & 15)]));
                    }
                }
            }
            (at_low, at_high, at_z) = (low_next, high_next, z_next);
        }
    }
}

#[inline(always)]
fn each_bit(mut bits: u64, mut does: impl FnMut(usize)) {
    while bits != 0 {
        does(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

/// Where the surface lies between two rows at padded column `x`; half-way where one of them is padding.
#[inline(always)]
fn between<T: Voxel>(inside: &Inside<T>, here: Option<&[T]>, there: Option<&[T]>, x: usize) -> f32 {
    match (here, there) {
        (Some(here), Some(there)) => inside.part(here[x - 1], there[x - 1]),
        _ => 0.5,
    }
}

/// Writes one bit for each voxel of a row, the first into bit 1.
fn row_bits<T: Voxel>(row: &[T], inside: &Inside<T>, bits: &mut [u64]) {
    let mut carry = 0;
    for (word, voxels) in row.chunks(64).enumerate() {
        let found = inside.word(voxels);
        bits[word] = found << 1 | carry;
        carry = found >> 63;
        bits[word + 1] = carry;
    }
}

impl<T: Voxel> Inside<T> {
    /// How far from `a` to `b` the surface crosses, kept off both ends.
    #[inline(always)]
    pub(crate) fn part(&self, a: T, b: T) -> f32 {
        let part = self.crossing(a, b);
        // Not a number (a voxel was not one): half-way.
        if part.is_nan() { 0.5 } else { part.clamp(NEAREST, 1.0 - NEAREST) }
    }
}
