//! Fewer triangles with the least deviation: the edge whose planes suffer least collapses first.
//!
//! Large surfaces are cut into blocks that fit a core's cache, and all blocks are worked on at the same time, down to one
//! cost that holds for the whole surface; a sample of blocks says which. The seams come to lie inside blocks in the next
//! round, whose grid is shifted. Blocks follow from the surface alone, so any number of threads gives the same result. The last
//! triangles go in one queue over everything, to exactly the wanted number.

mod block;
mod opposites;
mod partition;
mod quadric;
mod queue;

use rayon::prelude::*;

use self::block::{Block, Done, Until};
use self::partition::Partition;
use self::quadric::Quadric;
use crate::edges::irregular;
use crate::surface::Surface;

/// Triangles of one block, roughly.
const BLOCK_TRIANGLES: usize = 20_000;
/// Surfaces up to this size are not cut.
const WHOLE_MAX: usize = 4 * BLOCK_TRIANGLES;
const SAMPLES: usize = 8;
const ROUNDS_MAX: usize = 12;
/// What a round in blocks leaves for the last queue, over what is wanted.
const LEAVE: f64 = 1.04;
/// So near to what is wanted, one queue over everything is quicker than another round.
const NEARLY: f64 = 1.12;
/// No round goes further than to this part of its triangles, so that seams are not left behind.
const ROUND_PART: f64 = 0.1;

/// Reduces a closed 2-manifold surface to `wanted` triangles, or as far as its shape allows. Its numbers of holes and of
/// pieces stay.
pub fn simplify(surface: &mut Surface, wanted: usize) {
    surface.drop_unused();
    let mut quadrics = None;
    let mut cost = f32::INFINITY;
    for round in 0..ROUNDS_MAX {
        let now = surface.triangles.len();
        if now <= WHOLE_MAX || now as f64 <= wanted as f64 * NEARLY {
            break;
        }
        let partition = Partition::new(surface, BLOCK_TRIANGLES, round);
        cost = sampled_cost(surface, quadrics.as_deref(), &partition, wanted);
        let until = Until { cost, triangles: 0 };
        let blocks: Vec<(Done, Vec<u32>)> = (0..partition.blocks())
            .into_par_iter()
            .map(|number| {
                let (mut block, shared) = partition.block(surface, quadrics.as_deref(), number);
                block.simplify(until, |_, _| {});
                (block.finish(), shared)
            })
            .collect();
        quadrics = Some(partition.join(surface, quadrics.take(), blocks));
        if surface.triangles.len() as f64 > now as f64 * 0.98 {
            break;
        }
    }
    for cost in [cost * 4.0, f32::INFINITY] {
        if surface.triangles.len() > wanted {
            quadrics = Some(finish(surface, quadrics.take(), Until { cost, triangles: wanted }));
        }
    }
}

/// The same for any surface: rims, and whatever else is no 2-manifold, stay as they are.
pub fn simplify_any(surface: &mut Surface, wanted: usize) {
    surface.drop_unused();
    if surface.triangles.len() <= wanted {
        return;
    }
    let locked = irregular(surface);
    if !locked.contains(&true) {
        return simplify(surface, wanted);
    }
    // What is locked comes last.
    let (free, fixed): (Vec<u32>, Vec<u32>) = (0..surface.positions.len() as u32).partition(|&vertex| !locked[vertex as usize]);
    let mut number = vec![0u32; surface.positions.len()];
    free.iter().chain(&fixed).zip(0..).for_each(|(&vertex, new)| number[vertex as usize] = new);
    let positions: Vec<[f32; 3]> = free.iter().chain(&fixed).map(|&vertex| surface.positions[vertex as usize]).collect();
    let rims = positions[free.len()..].to_vec();
    let triangles: Vec<[u32; 3]> = surface.triangles.iter().map(|triangle| triangle.map(|vertex| number[vertex as usize])).collect();
    let mut block = Block::new(positions, &triangles, free.len(), None);
    block.simplify(Until { cost: f32::INFINITY, triangles: wanted }, |_, _| {});
    let Done { mut positions, triangles, .. } = block.finish();
    positions.extend(rims);
    *surface = Surface { positions, triangles };
    surface.drop_unused();
}

/// One queue over the whole surface.
fn finish(surface: &mut Surface, quadrics: Option<Vec<Quadric>>, until: Until) -> Vec<Quadric> {
    let triangles = std::mem::take(&mut surface.triangles);
    let vertices = surface.positions.len();
    let mut block = Block::new(std::mem::take(&mut surface.positions), &triangles, vertices, quadrics);
    drop(triangles);
    block.simplify(until, |_, _| {});
    let Done { positions, quadrics, triangles, .. } = block.finish();
    *surface = Surface { positions, triangles };
    quadrics
}

/// The cost at which a round should end, from a few blocks that are simplified for trial.
fn sampled_cost(surface: &Surface, quadrics: Option<&[Quadric]>, partition: &Partition, wanted: usize) -> f32 {
    let part = (wanted as f64 * LEAVE / surface.triangles.len() as f64).max(ROUND_PART);
    let step = partition.blocks().div_ceil(SAMPLES).max(1);
    let numbers: Vec<usize> = (step / 2..partition.blocks()).step_by(step).collect();
    let trials: Vec<(Vec<(f32, u32)>, f64)> = numbers
        .par_iter()
        .map(|&number| {
            let (mut block, _) = partition.block(surface, quadrics, number);
            let free = block.triangles as f64 - partition.locked_triangles(surface, number) as f64;
            let stop = block.triangles - (free * (1.0 - part * 0.5)).max(0.0) as usize;
            let (mut steps, mut most, mut before) = (Vec::new(), 0f32, block.triangles);
            block.simplify(Until { cost: f32::INFINITY, triangles: stop }, |cost, left| {
                most = most.max(cost);
                steps.push((most, (before - left) as u32));
                before = left;
            });
            (steps, free)
        })
        .collect();
    let free: f64 = trials.iter().map(|trial| trial.1).sum();
    let mut steps: Vec<(f32, u32)> = trials.into_iter().flat_map(|trial| trial.0).collect();
    steps.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let goal = free * (1.0 - part);
    let mut removed = 0.0;
    for (cost, triangles) in &steps {
        removed += f64::from(*triangles);
        if removed >= goal {
            return *cost;
        }
    }
    steps.last().map_or(f32::INFINITY, |step| step.0)
}
