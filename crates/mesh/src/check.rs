//! What is right and wrong with a model of somebody else, and a repaired copy where that is safe.

use serde::{Deserialize, Serialize};

use crate::crossings;
use crate::edges::{self, Beyond};
use crate::limit::REPAIRED_MAX;
use crate::measure::{Measure, Topology};
use crate::parts;
use crate::read::weld::weld;
use crate::surface::vector::{area2, dot, sub};
use crate::surface::{Part, Surface};

/// Twice the area of a triangle over its longest edge squared, below which it has no inside.
const FLAT: f32 = 1e-6;

/// The state of a model, all parts together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Check {
    pub triangles: u64,
    pub parts: u64,
    /// Pieces that hang together, hollows included.
    pub pieces: u64,
    pub topology: Topology,
    /// Holes with a simple rim, and rims that cross themselves.
    pub holes: u64,
    /// Triangles that have no area.
    pub flat: u64,
    /// Triangles that stand there a second time.
    pub doubled: u64,
    /// Triangles that run through another; nothing when there were too many to look.
    pub crossing: Option<u64>,
    /// The whole is turned inside out.
    pub inside_out: bool,
    /// Volume (0 when it is not closed), area and box.
    pub measure: Measure,
}

impl Check {
    pub fn of(parts: &[Part]) -> Self {
        let mut whole = Self { parts: parts.len() as u64, crossing: Some(0), ..Self::default() };
        for part in parts {
            whole.add(&part.surface);
        }
        whole.inside_out = whole.measure.volume_um3 < 0.0;
        whole.measure.size_um = size_um(parts);
        if !whole.topology.is_watertight() {
            // What has holes encloses nothing that could be measured.
            whole.measure.volume_um3 = 0.0;
        }
        whole
    }

    fn add(&mut self, surface: &Surface) {
        let own = Topology::of(surface);
        self.triangles += surface.triangles.len() as u64;
        self.pieces += parts::count(surface);
        self.topology.open_edges += own.open_edges;
        self.topology.crowded_edges += own.crowded_edges;
        self.topology.flipped_edges += own.flipped_edges;
        self.topology.degenerate += own.degenerate;
        self.topology.pinched_vertices += own.pinched_vertices;
        self.flat += surface.triangles.iter().filter(|&&triangle| is_flat(surface, triangle)).count() as u64;
        self.doubled += doubles(surface).iter().filter(|&&doubled| doubled).count() as u64;
        if own.open_edges > 0 {
            let holes = edges::holes(surface, &edges::beyond(surface));
            self.holes += holes.simple.len() as u64 + holes.tangled;
        }
        self.crossing = self.crossing.zip(crossings::count(surface)).map(|(before, found)| before + found);
        let measure = Measure::of(surface);
        self.measure.volume_um3 += measure.volume_um3;
        self.measure.area_um2 += measure.area_um2;
    }

    /// Closed all around, every edge between two triangles, and turned outwards: a printer can fill it.
    pub fn is_printable(&self) -> bool {
        self.topology.is_watertight() && self.topology.is_manifold() && !self.inside_out
    }
}

/// The box around all parts, x, y, z, in micrometres.
pub fn size_um(parts: &[Part]) -> [f64; 3] {
    let boxes: Vec<[[f32; 3]; 2]> = parts.iter().filter_map(|part| part.surface.bounds()).collect();
    std::array::from_fn(|axis| {
        let least = boxes.iter().map(|bounds| bounds[0][axis]).fold(f32::MAX, f32::min);
        let most = boxes.iter().map(|bounds| bounds[1][axis]).fold(f32::MIN, f32::max);
        f64::from((most - least).max(0.0))
    })
}

/// All parts as a program sees them that reads them from one STL, where equal places are one.
pub fn topology_as_stl(parts: &[Part], mm_per_um: f64) -> Topology {
    let scale = mm_per_um as f32;
    let mut whole = Surface::default();
    for Part { surface, .. } in parts {
        whole.append(surface);
    }
    whole.positions.iter_mut().flatten().for_each(|part| *part *= scale);
    weld(&mut whole);
    Topology::of(&whole)
}

fn is_flat(surface: &Surface, triangle: [u32; 3]) -> bool {
    let corners = surface.corners(triangle);
    let normal = area2(corners);
    let longest = (0..3).map(|at| sub(corners[(at + 1) % 3], corners[at])).map(|edge| dot(edge, edge)).fold(0.0, f32::max);
    dot(normal, normal) <= (FLAT * longest).powi(2)
}

/// Which triangles stand there with the same corners before.
fn doubles(surface: &Surface) -> Vec<bool> {
    let mut sorted: Vec<([u32; 3], u32)> = surface
        .triangles
        .iter()
        .zip(0..)
        .map(|(&(mut triangle), number)| {
            triangle.sort_unstable();
            (triangle, number)
        })
        .collect();
    sorted.sort_unstable();
    let mut doubled = vec![false; surface.triangles.len()];
    sorted.windows(2).filter(|pair| pair[0].0 == pair[1].0).for_each(|pair| doubled[pair[1].1 as usize] = true);
    doubled
}

/// What was mended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repaired {
    /// Triangles without area between equal corners, and those that stood there twice.
    pub removed: u64,
    pub flipped: u64,
    pub holes_filled: u64,
}

/// A mended copy of all parts; nothing when there is nothing to mend, or nothing that could be mended without guessing.
pub fn repair(parts: &[Part]) -> Option<(Vec<Part>, Repaired)> {
    if parts.iter().map(|part| part.surface.triangles.len()).sum::<usize>() > REPAIRED_MAX {
        return None;
    }
    let mut done = Repaired::default();
    let mended: Vec<Part> = parts
        .iter()
        .map(|part| {
            let mut surface = part.surface.clone();
            done.removed += remove_needless(&mut surface);
            done.flipped += turn(&mut surface);
            done.holes_filled += fill(&mut surface);
            done.flipped += turn_outwards(&mut surface);
            Part { surface, ..part.clone() }
        })
        .filter(|part| !part.surface.is_empty())
        .collect();
    (done != Repaired::default() && !mended.is_empty()).then_some((mended, done))
}

fn remove_needless(surface: &mut Surface) -> u64 {
    let before = surface.triangles.len();
    let doubled = doubles(surface);
    let kept: Vec<bool> =
        surface.triangles.iter().zip(&doubled).map(|(&[a, b, c], &doubled)| !doubled && a != b && b != c && a != c).collect();
    if kept.contains(&false) {
        surface.keep_triangles(|triangle| kept[triangle]);
    }
    (before - surface.triangles.len()) as u64
}

/// Turns the fewer triangles of each piece so that neighbours agree; pieces with one side only (Möbius) stay as they are.
fn turn(surface: &mut Surface) -> u64 {
    let beyond = edges::beyond(surface);
    let mut side: Vec<Option<bool>> = vec![None; surface.triangles.len()];
    let mut flipped = 0;
    for first in 0..surface.triangles.len() {
        if side[first].is_some() {
            continue;
        }
        side[first] = Some(false);
        let (mut piece, mut at, mut two_sided) = (vec![first], 0, true);
        while let Some(&triangle) = piece.get(at) {
            at += 1;
            for corner in triangle * 3..triangle * 3 + 3 {
                let (other, same) = match beyond[corner] {
                    Beyond::Turned(other) => (other as usize / 3, false),
                    Beyond::Same(other) => (other as usize / 3, true),
                    Beyond::Nothing | Beyond::Many => continue,
                };
                let wanted = side[triangle].map(|side| side ^ same);
                match side[other] {
                    None => {
                        side[other] = wanted;
                        piece.push(other);
                    }
                    known => two_sided &= known == wanted,
                }
            }
        }
        let ones = piece.iter().filter(|&&triangle| side[triangle] == Some(true)).count();
        if !two_sided || ones == 0 {
            continue;
        }
        let turned = ones * 2 <= piece.len();
        for &triangle in piece.iter().filter(|&&triangle| side[triangle] == Some(turned)) {
            surface.triangles[triangle].swap(1, 2);
            flipped += 1;
        }
    }
    flipped
}

/// Closed pieces that are turned inside out as a whole, unless they are hollows of others.
fn turn_outwards(surface: &mut Surface) -> u64 {
    if !Topology::of(surface).is_watertight() {
        return 0;
    }
    let wrong = parts::inside_out(surface);
    let mut flipped = 0;
    for (triangle, _) in surface.triangles.iter_mut().zip(&wrong).filter(|(_, wrong)| **wrong) {
        triangle.swap(1, 2);
        flipped += 1;
    }
    flipped
}

/// Edges of the rim, and its length as a part of the body's box, up to which a hole is filled.
const RIM_MAX: usize = 100;
const RIM_PART_MAX: f32 = 0.35;

/// Small holes get a lid: a triangle, or a fan around the middle of the rim.
fn fill(surface: &mut Surface) -> u64 {
    let holes = edges::holes(surface, &edges::beyond(surface)).simple;
    let Some([least, most]) = surface.bounds() else { return 0 };
    let across = sub(most, least);
    let longest = dot(across, across).sqrt() * RIM_PART_MAX;
    let mut filled = 0;
    for rim in holes {
        let edge = |at: usize| sub(surface.positions[rim[(at + 1) % rim.len()] as usize], surface.positions[rim[at] as usize]);
        let length: f32 = (0..rim.len()).map(edge).map(|edge| dot(edge, edge).sqrt()).sum();
        if rim.len() > RIM_MAX || length > longest {
            continue;
        }
        filled += 1;
        if let [a, b, c] = rim[..] {
            surface.triangles.push([c, b, a]);
            continue;
        }
        let middle: [f32; 3] = std::array::from_fn(|axis| {
            let sum: f64 = rim.iter().map(|&vertex| f64::from(surface.positions[vertex as usize][axis])).sum();
            (sum / rim.len() as f64) as f32
        });
        let centre = surface.positions.len() as u32;
        surface.positions.push(middle);
        surface.triangles.extend((0..rim.len()).map(|at| [rim[(at + 1) % rim.len()], rim[at], centre]));
    }
    filled
}
