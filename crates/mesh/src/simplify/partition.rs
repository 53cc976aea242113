//! Cuts a surface into blocks by a grid in space, and puts simplified blocks together again.

use rayon::prelude::*;

use super::block::{Block, Done};
use super::quadric::Quadric;
use crate::surface::Surface;

const SHARED: u32 = u32::MAX;
const NOBODY: u32 = u32::MAX - 1;

pub(super) struct Partition {
    /// Triangles sorted by block, and where each block's begin.
    triangles: Vec<u32>,
    begins: Vec<usize>,
    /// The block of each vertex, or `SHARED`.
    owner: Vec<u32>,
    /// Its number among its block's own vertices.
    own_number: Vec<u32>,
    own_counts: Vec<u32>,
}

impl Partition {
    /// The grid is shifted by half a cell from round to round.
    pub(super) fn new(surface: &Surface, block_triangles: usize, round: usize) -> Self {
        let grid = Grid::new(surface, block_triangles, round);
        let cells: Vec<u32> = surface.triangles.par_iter().map(|&triangle| grid.cell(surface.corners(triangle))).collect();
        let mut begins = vec![0usize; grid.cells() + 1];
        cells.iter().for_each(|&cell| begins[cell as usize + 1] += 1);
        for cell in 0..grid.cells() {
            begins[cell + 1] += begins[cell];
        }
        let mut places = begins.clone();
        let mut triangles = vec![0u32; cells.len()];
        let mut owner = vec![NOBODY; surface.positions.len()];
        for (number, &cell) in cells.iter().enumerate() {
            let place = &mut places[cell as usize];
            triangles[*place] = number as u32;
            *place += 1;
            for vertex in surface.triangles[number] {
                let owner = &mut owner[vertex as usize];
                *owner = match *owner {
                    NOBODY => cell,
                    known if known == cell => cell,
                    _ => SHARED,
                };
            }
        }
        let mut own_counts = vec![0u32; grid.cells()];
        let mut shared = 0;
        let own_number = owner
            .iter()
            .map(|&owner| {
                let counter = own_counts.get_mut(owner as usize).unwrap_or(&mut shared);
                *counter += 1;
                *counter - 1
            })
            .collect();
        Self { triangles, begins, owner, own_number, own_counts }
    }

    pub(super) fn blocks(&self) -> usize {
        self.begins.len() - 1
    }

    fn members(&self, number: usize) -> &[u32] {
        &self.triangles[self.begins[number]..self.begins[number + 1]]
    }

    /// Triangles at locked vertices, which a round cannot remove.
    pub(super) fn locked_triangles(&self, surface: &Surface, number: usize) -> usize {
        let locked = |&&triangle: &&u32| surface.triangles[triangle as usize].iter().any(|&vertex| self.owner[vertex as usize] == SHARED);
        self.members(number).iter().filter(locked).count()
    }

    /// The shared vertices of a block, in order.
    fn shared(&self, surface: &Surface, number: usize) -> Vec<u32> {
        let corners = self.members(number).iter().flat_map(|&triangle| surface.triangles[triangle as usize]);
        let mut shared: Vec<u32> = corners.filter(|&vertex| self.owner[vertex as usize] == SHARED).collect();
        shared.sort_unstable();
        shared.dedup();
        shared
    }

    /// The block with that number, and its shared vertices in order.
    pub(super) fn block(&self, surface: &Surface, quadrics: Option<&[Quadric]>, number: usize) -> (Block, Vec<u32>) {
        let shared = self.shared(surface, number);
        let own = self.own_counts[number] as usize;
        let mut vertices = vec![0u32; own + shared.len()];
        vertices[own..].copy_from_slice(&shared);
        let triangles: Vec<[u32; 3]> = self
            .members(number)
            .iter()
            .map(|&triangle| {
                surface.triangles[triangle as usize].map(|vertex| {
                    if self.owner[vertex as usize] == SHARED {
                        // Every shared vertex of the block is in the list.
                        (own + shared.binary_search(&vertex).unwrap_or(0)) as u32
                    } else {
                        let local = self.own_number[vertex as usize];
                        vertices[local as usize] = vertex;
                        local
                    }
                })
            })
            .collect();
        let positions = vertices.iter().map(|&vertex| surface.positions[vertex as usize]).collect();
        let quadrics = quadrics.map(|quadrics| vertices.iter().map(|&vertex| quadrics[vertex as usize]).collect());
        (Block::new(positions, &triangles, own, quadrics), shared)
    }

    /// Puts the blocks back into one surface: shared vertices first, then those of each block.
    pub(super) fn join(&self, surface: &mut Surface, quadrics: Option<Vec<Quadric>>, blocks: Vec<(Done, Vec<u32>)>) -> Vec<Quadric> {
        let shared: Vec<u32> = (0..self.owner.len() as u32).filter(|&vertex| self.owner[vertex as usize] == SHARED).collect();
        let mut positions: Vec<[f32; 3]> = shared.iter().map(|&vertex| surface.positions[vertex as usize]).collect();
        let mut joined: Vec<Quadric> = match &quadrics {
            Some(quadrics) => shared.iter().map(|&vertex| quadrics[vertex as usize]).collect(),
            None => vec![Quadric::default(); shared.len()],
        };
        let mut triangles = Vec::with_capacity(blocks.iter().map(|(block, _)| block.triangles.len()).sum());
        for (block, shared) in blocks {
            let (own, base) = (block.positions.len() as u32, positions.len() as u32);
            positions.extend(block.positions);
            joined.extend(block.quadrics);
            let places: Vec<u32> = shared.iter().map(|&vertex| self.own_number[vertex as usize]).collect();
            if quadrics.is_none() {
                // Each block knows the planes of its own triangles; together they are all.
                places.iter().zip(&block.locked).for_each(|(&place, quadric)| joined[place as usize].add(quadric));
            }
            let number = |vertex: u32| if vertex < own { base + vertex } else { places[(vertex - own) as usize] };
            triangles.extend(block.triangles.into_iter().map(|triangle| triangle.map(number)));
        }
        *surface = Surface { positions, triangles };
        joined
    }
}

/// Cells in which triangles are sorted by their middle.
struct Grid {
    least: [f32; 3],
    cell: f32,
    counts: [usize; 3],
}

impl Grid {
    fn new(surface: &Surface, block_triangles: usize, round: usize) -> Self {
        let [least, most] = surface.bounds().unwrap_or_default();
        let size: [f32; 3] = std::array::from_fn(|axis| (most[axis] - least[axis]).max(f32::MIN_POSITIVE));
        let wanted = (surface.triangles.len() / block_triangles).clamp(2, 1 << 16) as f32;
        let longest = size.iter().copied().fold(0.0, f32::max);
        // The largest cell that gives at least the wanted number; flat bodies are cut along their long sides only.
        let mut cell = longest;
        while size.iter().map(|side| (side / cell).ceil()).product::<f32>() < wanted {
            cell *= 0.95;
        }
        let shift = if round % 2 == 0 { 0.0 } else { 0.5 * cell };
        let least = least.map(|part| part - shift);
        let counts = std::array::from_fn(|axis| ((size[axis] + shift) / cell) as usize + 1);
        Self { least, cell, counts }
    }

    fn cells(&self) -> usize {
        self.counts.iter().product()
    }

    fn cell(&self, corners: [[f32; 3]; 3]) -> u32 {
        let place: [usize; 3] = std::array::from_fn(|axis| {
            let middle = (corners[0][axis] + corners[1][axis] + corners[2][axis]) / 3.0;
            (((middle - self.least[axis]) / self.cell) as usize).min(self.counts[axis] - 1)
        });
        ((place[2] * self.counts[1] + place[1]) * self.counts[0] + place[0]) as u32
    }
}
