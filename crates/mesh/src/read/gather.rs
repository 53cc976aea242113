//! What a reader finds, counted against the limits while it comes, and made into parts at the end.

use std::collections::HashMap;

use volume::Trouble;

use super::{Foreign, broken, weld};
use crate::limit;
use crate::measure::Topology;
use crate::surface::{Part, Surface};
use crate::write::ModelFormat;

/// Nearly equal: this part of the longest side, some steps of the numbers in the file.
const NEARLY: f32 = 1e-6;
/// Longest name of a part that is kept.
const NAME_CHARS_MAX: usize = 80;
/// What cannot be multiplied three times in 32 bits any more is no length of a model: a kilometre.
const PLACE_MAX_UM: f64 = 1e9;

/// Places of a file in its own unit, and triangles between them, part after part.
pub(super) struct Gather {
    format: ModelFormat,
    /// Micrometres of one unit of the file.
    um: f64,
    unit_known: bool,
    positions: Vec<[f32; 3]>,
    triangles: Vec<[u32; 3]>,
    parts: Vec<Begun>,
    /// Where equal places are found again, for formats that know no shared corners.
    known: Option<weld::Table>,
}

struct Begun {
    name: String,
    colour: Option<[u8; 3]>,
    first_triangle: usize,
}

impl Gather {
    /// Millimetres are meant when a file does not say.
    pub(super) fn new(format: ModelFormat) -> Self {
        Self { format, um: 1e3, unit_known: false, positions: Vec::new(), triangles: Vec::new(), parts: Vec::new(), known: None }
    }

    /// Equal places become one while they come.
    pub(super) fn soup(format: ModelFormat) -> Self {
        Self { known: Some(weld::Table::new(0)), ..Self::new(format) }
    }

    pub(super) fn unit_is(&mut self, um: f64) {
        self.um = um;
        self.unit_known = true;
    }

    pub(super) fn vertices(&self) -> usize {
        self.positions.len()
    }

    /// Room for what a header claims, as far as the file's own length allows.
    pub(super) fn expect(&mut self, vertices: u64, triangles: u64, file_bytes: u64) -> Result<(), Trouble> {
        if triangles > limit::TRIANGLES_MAX as u64 || vertices > limit::VERTICES_MAX as u64 {
            return Err(too_many());
        }
        // No vertex and no triangle takes fewer than three bytes of any file.
        self.positions.reserve(vertices.min(file_bytes / 3) as usize);
        self.triangles.reserve(triangles.min(file_bytes / 3) as usize);
        Ok(())
    }

    /// What follows belongs to a new part. An empty part before it is given up; beyond the limit all goes into the last.
    pub(super) fn part(&mut self, name: &str, colour: Option<[u8; 3]>) {
        let name: String = name.trim().chars().filter(|sign| !sign.is_control()).take(NAME_CHARS_MAX).collect();
        if self.parts.last().is_some_and(|last| last.first_triangle == self.triangles.len()) {
            self.parts.pop();
        }
        if self.parts.len() < limit::PARTS_MAX {
            self.parts.push(Begun { name, colour, first_triangle: self.triangles.len() });
        }
    }

    /// The colour of the part at hand, if it has none yet.
    pub(super) fn colour(&mut self, colour: [u8; 3]) {
        if let Some(part) = self.parts.last_mut() {
            part.colour.get_or_insert(colour);
        }
    }

    /// The number of a place in the unit of the file.
    pub(super) fn vertex(&mut self, place: [f64; 3]) -> Result<u64, Trouble> {
        if self.positions.len() >= limit::VERTICES_MAX {
            return Err(too_many());
        }
        let place = place.map(|part| part * self.um);
        if let Some(far) = place.iter().find(|part| part.is_finite() && part.abs() > PLACE_MAX_UM) {
            return Err(Trouble::new(
                format!("a corner lies {:.3e} m from the origin", far.abs() / 1e6),
                "Lengths of STL, PLY and OBJ are taken as millimetres; save it smaller and near the origin",
            ));
        }
        // No minus nought: equal places have equal bits.
        let place = place.map(|part| part as f32 + 0.0);
        if let Some(known) = &mut self.known {
            return Ok(u64::from(known.number(&mut self.positions, place)));
        }
        self.positions.push(place);
        Ok(self.positions.len() as u64 - 1)
    }

    pub(super) fn triangle(&mut self, corners: [u64; 3]) -> Result<(), Trouble> {
        let count = self.positions.len() as u64;
        if let Some(wrong) = corners.iter().find(|&&corner| corner >= count) {
            return Err(broken(format!("a triangle names corner {wrong}, and there are {count} (counted from 0)")));
        }
        if self.triangles.len() >= limit::TRIANGLES_MAX {
            return Err(too_many());
        }
        if self.parts.is_empty() {
            self.part("", None);
        }
        // Each is below the number of positions, which fits.
        self.triangles.push(corners.map(|corner| corner as u32));
        Ok(())
    }

    /// A flat polygon with its corners in turn.
    pub(super) fn polygon(&mut self, corners: &[u64]) -> Result<(), Trouble> {
        let [first, rest @ ..] = corners else { return Ok(()) };
        rest.windows(2).try_for_each(|pair| self.triangle([*first, pair[0], pair[1]]))
    }

    pub(super) fn finish(mut self) -> Result<Foreign, Trouble> {
        if self.triangles.is_empty() {
            return Err(Trouble::new("it has no triangles", "Points and lines alone are no surface; save it with its faces"));
        }
        self.known = None;
        let sound: Vec<bool> = self.positions.iter().map(|place| place.iter().all(|part| part.is_finite())).collect();
        let ends: Vec<usize> = self.parts.iter().skip(1).map(|part| part.first_triangle).chain([self.triangles.len()]).collect();
        let mut foreign = Foreign { format: self.format, parts: Vec::new(), unit_known: self.unit_known, not_finite: 0, merged: 0 };
        let mut numbers = Numbers { of: vec![u32::MAX; self.positions.len()] };
        let mut names: HashMap<String, usize> = HashMap::new();
        for (begun, end) in std::mem::take(&mut self.parts).into_iter().zip(ends) {
            let own = begun.first_triangle..end;
            let mut whole =
                if own.len() == self.triangles.len() { std::mem::take(&mut self.triangles) } else { self.triangles[own].to_vec() };
            let before = whole.len();
            whole.retain(|triangle| triangle.iter().all(|&at| sound[at as usize]));
            foreign.not_finite += (before - whole.len()) as u64;
            if whole.is_empty() {
                continue;
            }
            let mut surface = numbers.apart(&self.positions, whole);
            // A surface that is closed as it is has reasons for vertices that touch.
            if !Topology::of(&surface).is_watertight() {
                foreign.merged += weld::weld(&mut surface);
                foreign.merged += weld_nearly_equal(&mut surface);
            }
            let number = foreign.parts.len();
            let mut part = Part::new(number, unlike(&mut names, begun.name, number), surface);
            part.colour = begun.colour.unwrap_or(part.colour);
            foreign.parts.push(part);
        }
        if foreign.parts.is_empty() {
            return Err(broken("none of its corners is a number"));
        }
        Ok(foreign)
    }
}

/// Only when that closes the surface further: else near places are meant as they are.
fn weld_nearly_equal(surface: &mut Surface) -> u64 {
    let open = Topology::of(surface).open_edges;
    let Some([least, most]) = surface.bounds().filter(|_| open > 0) else { return 0 };
    let longest = (0..3).map(|axis| most[axis] - least[axis]).fold(0.0, f32::max);
    let mut welded = surface.clone();
    let merged = weld::weld_near(&mut welded, longest * NEARLY);
    // What is as thin as that tolerance would be welded away.
    if merged == 0 || welded.triangles.is_empty() || Topology::of(&welded).open_edges >= open {
        return 0;
    }
    *surface = welded;
    merged
}

/// No two parts have the same name.
fn unlike(names: &mut HashMap<String, usize>, name: String, number: usize) -> String {
    let name = if name.is_empty() { format!("part {}", number + 1) } else { name };
    // How often a name was wished; one that another made out of a wish counts as a wish of its own.
    let mut times = names.get(&name).copied().unwrap_or(0) + 1;
    let mut given = if times == 1 { name.clone() } else { format!("{name} ({times})") };
    while times > 1 && names.contains_key(&given) {
        times += 1;
        given = format!("{name} ({times})");
    }
    names.insert(name, times);
    names.entry(given.clone()).or_insert(1);
    given
}

/// Numbers vertices anew, part after part, with one table for all.
struct Numbers {
    of: Vec<u32>,
}

impl Numbers {
    fn apart(&mut self, positions: &[[f32; 3]], mut triangles: Vec<[u32; 3]>) -> Surface {
        let mut used = Vec::new();
        for vertex in triangles.iter_mut().flatten() {
            let old = *vertex;
            let number = &mut self.of[old as usize];
            if *number == u32::MAX {
                *number = used.len() as u32;
                used.push(old);
            }
            *vertex = *number;
        }
        used.iter().for_each(|&old| self.of[old as usize] = u32::MAX);
        Surface { positions: used.iter().map(|&old| positions[old as usize]).collect(), triangles }
    }
}

fn too_many() -> Trouble {
    Trouble::new(
        format!(
            "it has more than {} million triangles or {} million corners",
            limit::TRIANGLES_MAX / 1_000_000,
            limit::VERTICES_MAX / 1_000_000
        ),
        "No program shows so many; save it with fewer",
    )
}
