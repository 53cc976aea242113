//! A closed surface with as few triangles as are wanted, even where its own shape needs more.
//!
//! Edge collapse keeps every handle, hollow and piece, and each of them needs triangles: a composite of thirty thousand fibres that
//! touch each other cannot be shown with a hundred thousand. Then the surface is made anew on a grid, the finest that leads to the wanted
//! number, and whoever asked is told how wide its cells are.

use crate::limit::CELLS_ANEW_MAX;
use crate::measure::{Measure, is_closed};
use crate::remesh::remesh;
use crate::simplify::{simplify, simplify_any};
use crate::surface::Surface;

/// Triangles for each that handles need at the very least. Collapse comes down to three, but from about four on what is left is a
/// crumpled heap.
const ROOM: usize = 5;
/// So near to the wanted number is near enough.
const NEARLY: f64 = 1.02;
/// The first grid has about this many times the wanted triangles.
const FINER: f64 = 32.0;
/// How much wider the cells of the next one are.
const WIDER: f64 = 1.2;
/// The last one has this many cells along the body's longest side.
const CELLS_LEAST: f64 = 2.0;

/// Reduces a surface to `wanted` triangles. Gives the width of the grid in µm when it had to be made anew: what is narrower has closed
/// or is gone. Surfaces that are not closed, and of those parts that are no 2-manifold, may keep more triangles.
pub fn reduce(surface: &mut Surface, wanted: usize) -> Option<f64> {
    if surface.triangles.len() <= wanted {
        return None;
    }
    if has_room(surface, wanted) {
        simplify_any(surface, wanted);
        if is_reached(surface, wanted) {
            return None;
        }
    }
    if is_closed(&surface.triangles)
        && let Some((anew, cell_um)) = anew(surface, wanted)
    {
        *surface = anew;
        return Some(cell_um);
    }
    simplify_any(surface, wanted);
    None
}

fn is_reached(surface: &Surface, wanted: usize) -> bool {
    surface.triangles.len() as f64 <= (wanted as f64 * NEARLY).max(wanted as f64 + 4.0)
}

/// Of a closed surface with V vertices, F triangles and H handles, F = 2 V + 4 H, less four for each piece.
fn has_room(surface: &Surface, wanted: usize) -> bool {
    surface.triangles.len().saturating_sub(2 * surface.positions.len()).saturating_mul(ROOM) <= wanted
}

/// The surface on the finest grid that has room for its own handles, simplified, and the width of a cell.
fn anew(surface: &Surface, wanted: usize) -> Option<(Surface, f64)> {
    let Measure { area_um2, size_um, .. } = Measure::of(surface);
    let longest = size_um.into_iter().fold(0.0, f64::max);
    // A square of surface has about three triangles for each cell that it goes through.
    let mut cell_um = (3.0 * area_um2 / (FINER * wanted as f64)).sqrt();
    cell_um = cell_um.max((size_um.iter().map(|side| side.max(longest * 1e-3)).product::<f64>() / (0.5 * CELLS_ANEW_MAX as f64)).cbrt());
    while cell_um > 0.0 && cell_um * CELLS_LEAST <= longest {
        if let Some(mut anew) = remesh(surface, cell_um).filter(|anew| has_room(anew, wanted)) {
            simplify(&mut anew, wanted);
            if is_reached(&anew, wanted) {
                return Some((anew, cell_um));
            }
        }
        cell_um *= WIDER;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Topology;

    /// Rods along x, y and z that cross each other, `times` in each direction: a handle for each window between them.
    fn lattice(times: usize) -> Surface {
        let edge = times * 8;
        let rod = |place: usize| (place % 8) < 3;
        let is_inside = |place: [usize; 3]| place.iter().filter(|&&part| rod(part)).count() >= 2;
        let mut surface = Surface::default();
        let voxels: Vec<u8> =
            (0..edge * edge * edge).map(|at| u8::from(is_inside([at / edge / edge, at / edge % edge, at % edge])) * 200).collect();
        let kernel = crate::kernel::Kernel::new([edge; 3], [1.0; 3], [0.0; 3]);
        let inside = crate::voxel::Inside::From { level: 99.5, least: 100u8 };
        let slab = crate::kernel::Slab { voxels: &voxels, first: 1, planes: 0..=edge + 1 };
        let counted = kernel.count(&slab, &inside);
        let mut growing = crate::kernel::Growing::default();
        kernel.make(&slab, &inside, &counted, &mut growing);
        (surface.positions, surface.triangles) = (growing.positions, growing.triangles);
        surface
    }

    #[test]
    fn what_has_room_for_its_handles_keeps_them() {
        let whole = lattice(4);
        let handles = |surface: &Surface| (surface.triangles.len() - 2 * surface.positions.len()) / 4;
        let mut fewer = whole.clone();
        assert_eq!(reduce(&mut fewer, 2_400), None);
        assert_eq!((fewer.triangles.len(), handles(&fewer)), (2_400, handles(&whole)));
    }

    #[test]
    fn more_handles_than_triangles_become_a_coarser_body_that_is_sound() {
        let whole = lattice(6);
        let mut stuck = whole.clone();
        simplify(&mut stuck, 600);
        assert!(stuck.triangles.len() > 1_000, "a lattice that can be simplified proves nothing: {}", stuck.triangles.len());
        let mut fewer = whole.clone();
        let cell_um = reduce(&mut fewer, 600).unwrap();
        assert!((1.0..10.0).contains(&cell_um), "{cell_um}");
        assert!(is_reached(&fewer, 600), "{}", fewer.triangles.len());
        let topology = Topology::of(&fewer);
        assert!(topology.is_watertight() && topology.is_manifold(), "{topology:?}");
        let part = Measure::of(&fewer).size_um[0] / Measure::of(&whole).size_um[0];
        assert!((part - 1.0).abs() < 0.15, "{part}");
    }

    #[test]
    fn what_is_open_is_not_closed_by_guessing() {
        let mut open = lattice(2);
        open.triangles.truncate(open.triangles.len() / 2);
        open.drop_unused();
        assert_eq!(reduce(&mut open, 100), None);
        assert!(!Topology::of(&open).is_watertight());
    }
}
