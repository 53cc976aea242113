//! How thick walls are: from places spread evenly over the surface, straight inwards to the other side.

use rayon::prelude::*;

use crate::deviation::Cells;
use crate::measure::Measure;
use crate::surface::vector::{area2, dot, sub, unit};
use crate::surface::{Part, Surface};

/// Places from which walls are measured.
const PLACES: usize = 20_000;
/// Cosine of 45°: where the sides of a body lean to each other by more, there is a wedge or a rim and no wall.
const OPPOSED: f32 = 0.707;
/// Steps that fill a triangle evenly (Roberts' R2 sequence).
const STEPS: [f64; 2] = [0.754_877_666_246_692_7, 0.569_840_290_998_053_2];

/// Walls of all parts, by the area of the surface that lies on them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Walls {
    /// A hundredth of the surface lies on walls that are thinner; nothing when that much was not found.
    pub(super) thinnest_um: Option<f64>,
    /// Share of the surface that lies on walls thinner than was asked.
    pub(super) thin_share: f64,
}

impl Walls {
    /// Each part for itself: where parts stand in each other, as a body does in its base, that is no wall.
    pub(super) fn of(parts: &[Part], thin_um: f64, most_um: f64) -> Self {
        let areas: Vec<f64> = parts.iter().map(|part| Measure::of(&part.surface).area_um2).collect();
        let whole: f64 = areas.iter().sum();
        let (mut walls, mut looked) = (Vec::new(), 0);
        for (part, area) in parts.iter().zip(areas).filter(|(_, area)| *area > 0.0) {
            let places = spread(&part.surface, area, ((area / whole * PLACES as f64) as usize).max(1));
            looked += places.len();
            walls.extend(thicknesses(&part.surface, &places, most_um as f32));
        }
        walls.sort_unstable_by(f32::total_cmp);
        let thin = walls.partition_point(|&wall| f64::from(wall) < thin_um);
        Self { thinnest_um: walls.get(looked / 100).map(|&wall| f64::from(wall)), thin_share: thin as f64 / looked.max(1) as f64 }
    }
}

/// A place on the surface, and its outer normal.
type Place = ([f32; 3], [f32; 3]);

/// Places that each stand for an equal share of the area.
fn spread(surface: &Surface, area: f64, count: usize) -> Vec<Place> {
    let step = area / count as f64;
    let mut places: Vec<Place> = Vec::with_capacity(count);
    let (mut next, mut passed) = (0.5 * step, 0.0);
    for &triangle in &surface.triangles {
        let corners = surface.corners(triangle);
        let normal = area2(corners);
        passed += f64::from(dot(normal, normal)).sqrt() * 0.5;
        while next < passed && places.len() < count {
            let [along, across] = STEPS.map(|step| (places.len() as f64 * step).fract() as f32);
            let [along, across] = if along + across > 1.0 { [1.0 - along, 1.0 - across] } else { [along, across] };
            let [a, b, c] = corners;
            let (ab, ac) = (sub(b, a), sub(c, a));
            places.push((std::array::from_fn(|axis| a[axis] + ab[axis] * along + ac[axis] * across), unit(normal)));
            next += step;
        }
    }
    places
}

fn thicknesses(surface: &Surface, places: &[Place], most_um: f32) -> Vec<f32> {
    let Some(cells) = Cells::new(surface) else { return Vec::new() };
    let wall = |&(place, outwards): &Place| {
        let inwards = outwards.map(|part| -part);
        let (thick, met) = cells.ray(surface, place, inwards, most_um)?;
        (dot(unit(area2(surface.corners(met))), inwards) > OPPOSED).then_some(thick)
    };
    places.par_iter().filter_map(wall).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A plate of 100 × 100 × 2 with a ridge like a roof on it, whose rims are wedges, cut into uneven triangles by the way.
    fn roof() -> Part {
        let mut surface = Surface {
            positions: vec![
                [0.0, 0.0, 0.0],
                [100.0, 0.0, 0.0],
                [100.0, 100.0, 0.0],
                [0.0, 100.0, 0.0],
                [0.0, 50.0, 60.0],
                [100.0, 50.0, 60.0],
            ],
            triangles: vec![[0, 2, 1], [0, 3, 2], [0, 1, 5], [0, 5, 4], [2, 3, 4], [2, 4, 5], [0, 4, 3], [1, 2, 5]],
        };
        // Many slivers at one rim weigh no more than their area.
        for step in 1..200 {
            let last = surface.triangles.len() - 1;
            let [a, b, c] = surface.triangles[last];
            surface.positions.push([100.0, 100.0 - 100.0 * 0.97f32.powi(step), 0.0]);
            let new = surface.positions.len() as u32 - 1;
            surface.triangles[last] = [a, new, c];
            surface.triangles.push([new, b, c]);
        }
        Part::new(0, "roof", surface)
    }

    fn plate(thick: f32) -> Part {
        let corner = |corner: u32| -> [f32; 3] {
            std::array::from_fn(|axis| if corner >> axis & 1 == 1 { [100.0, 100.0, thick][axis] } else { 0.0 })
        };
        let quads: [[u32; 4]; 6] = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
        let triangles = quads.iter().flat_map(|&[a, b, c, d]| [[a, b, c], [a, c, d]]).collect();
        Part::new(1, "plate", Surface { positions: (0..8).map(corner).collect(), triangles })
    }

    #[test]
    fn a_wedge_is_no_thin_wall_and_a_thin_plate_is_one_by_its_share_of_the_area() {
        let of_roof = Walls::of(&[roof()], 0.4, 20.0);
        assert!(of_roof.thin_share < 0.01 && of_roof.thinnest_um.is_none_or(|wall| wall > 0.4), "{of_roof:?}");
        let of_plate = Walls::of(&[plate(0.25)], 0.4, 20.0);
        assert!((of_plate.thinnest_um.unwrap() - 0.25).abs() < 1e-3 && of_plate.thin_share > 0.98, "{of_plate:?}");
        // The thin plate has a third of the area of both.
        let both = Walls::of(&[plate(0.25), plate(60.0)], 0.4, 20.0);
        assert!((both.thin_share - 20_000.0 / (20_100.0 + 44_000.0)).abs() < 0.02, "{both:?}");
    }
}
