//! Smoothing after Taubin: a step inwards and a slightly longer step outwards, so that noise goes and the body stays.
//! What volume is still lost is given back along the normals.

use rayon::prelude::*;

use crate::measure::{Measure, normals};
use crate::surface::Surface;

/// Steps of Taubin's filter: the pass band ends at 1/λ + 1/μ = 0.1.
const INWARDS: f32 = 0.5;
const OUTWARDS: f32 = -0.526_315_8;

/// One round is a step inwards and a step outwards.
pub fn smooth(surface: &mut Surface, rounds: u32) {
    if rounds == 0 || surface.is_empty() {
        return;
    }
    let before = Measure::of(surface).volume_um3;
    let neighbours = Neighbours::of(surface);
    let mut moved = surface.positions.clone();
    for _ in 0..rounds {
        for step in [INWARDS, OUTWARDS] {
            neighbours.step(&surface.positions, &mut moved, step);
            std::mem::swap(&mut surface.positions, &mut moved);
        }
    }
    give_back(surface, before);
}

/// Moves all vertices along their normals until the volume is the one before; twice, as areas change on the way.
fn give_back(surface: &mut Surface, volume_um3: f64) {
    for _ in 0..2 {
        let now = Measure::of(surface);
        if now.area_um2 <= 0.0 {
            return;
        }
        let distance = ((volume_um3 - now.volume_um3) / now.area_um2) as f32;
        let normals = normals(surface);
        surface.positions.par_iter_mut().zip(normals).for_each(|(place, normal)| {
            *place = std::array::from_fn(|axis| place[axis] + normal[axis] * distance);
        });
    }
}

/// The vertices around each vertex of a closed surface.
struct Neighbours {
    begins: Vec<u32>,
    around: Vec<u32>,
}

impl Neighbours {
    fn of(surface: &Surface) -> Self {
        let vertices = surface.positions.len();
        let mut begins = vec![0u32; vertices + 1];
        surface.triangles.iter().flatten().for_each(|&vertex| begins[vertex as usize + 1] += 1);
        for vertex in 0..vertices {
            begins[vertex + 1] += begins[vertex];
        }
        let mut places = begins.clone();
        let mut around = vec![0u32; begins[vertices] as usize];
        // On a closed surface every neighbour is the next corner of exactly one triangle.
        for &[a, b, c] in &surface.triangles {
            for (vertex, next) in [(a, b), (b, c), (c, a)] {
                let place = &mut places[vertex as usize];
                around[*place as usize] = next;
                *place += 1;
            }
        }
        Self { begins, around }
    }

    fn step(&self, from: &[[f32; 3]], to: &mut [[f32; 3]], part: f32) {
        to.par_iter_mut().enumerate().for_each(|(vertex, moved)| {
            let around = &self.around[self.begins[vertex] as usize..self.begins[vertex + 1] as usize];
            let mut sum = [0f32; 3];
            for &neighbour in around {
                let place = from[neighbour as usize];
                sum = [sum[0] + place[0], sum[1] + place[1], sum[2] + place[2]];
            }
            let share = part / around.len().max(1) as f32;
            let here = from[vertex];
            *moved = std::array::from_fn(|axis| here[axis] * (1.0 - part) + sum[axis] * share);
        });
    }
}
