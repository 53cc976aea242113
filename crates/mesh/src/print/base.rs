//! A flat base in front of and under the body, with the DOI engraved in letters and, if wanted, as a QR code that a phone reads.
//!
//! The base is a field of heights on a grid: closed and 2-manifold as long as no two pits touch at a corner only, and where they
//! would, a small pit joins them. The body stands a little inside the base; printing programs make one of both.

use super::letters;
use crate::check::size_um;
use crate::simplify::simplify;
use crate::surface::{Part, Surface};
use crate::write::About;

const THICK_MM: f64 = 3.0;
const DEEP_MM: f64 = 0.8;
/// How far the body reaches into the base.
const SUNK_MM: f64 = 0.6;
const MARGIN_MM: f64 = 3.0;
/// Edge of a square of the QR code and of a dot of the letters.
const SQUARE_MM: f64 = 0.9;
const DOT_MM: [f64; 2] = [0.5, 1.0];
/// Lines of the grid within a square: room for the small pits that join others.
const FINE: usize = 3;
/// Triangles of the finished base: walls of letters and squares need them, flat faces do not.
const TRIANGLES: usize = 24_000;
const STONE: [u8; 3] = [150, 150, 150];

/// The body on its base, in the body's lengths, with the millimetres of one of them; all fits into the cube. Nothing without a DOI,
/// when nothing would be left for the body, or when the letters alone would be too small.
pub(super) fn on_base(parts: &[Part], about: &About, size_mm: f64, with_code: bool) -> Option<(Vec<Part>, f64)> {
    let doi = about.doi.as_deref()?;
    let address = format!("https://doi.org/{doi}").to_ascii_uppercase();
    let code = if with_code { Some(qrcode::QrCode::with_error_correction_level(address, qrcode::EcLevel::M).ok()?) } else { None };
    // How wide the code is together with the gap beside it, and how deep it is.
    let (qr_mm, code_mm) = code.as_ref().map_or((0.0, 0.0), |code| {
        let side = code.width() as f64 * SQUARE_MM;
        (side + MARGIN_MM, side)
    });
    let strip_mm = code_mm.max(letters::HEIGHT as f64 * DOT_MM[1]) + MARGIN_MM * 2.0;
    let [x, y, z] = size_um(parts);
    let room = [size_mm - 2.0 * MARGIN_MM, size_mm - strip_mm - MARGIN_MM, size_mm - THICK_MM + SUNK_MM];
    if strip_mm > size_mm || room.iter().any(|&room| room < size_mm / 4.0) {
        return None;
    }
    let mm_per_um = [(room[0], x), (room[1], y), (room[2], z)]
        .into_iter()
        .filter(|(_, side)| *side > 0.0)
        .map(|(room, side)| room / side)
        .fold(f64::MAX, f64::min);
    let text: Vec<char> = format!("DOI {doi}").chars().collect();
    let beside_mm = size_mm - qr_mm - 2.0 * MARGIN_MM;
    let dot_mm = (beside_mm / (text.len() * letters::ADVANCE) as f64).min(DOT_MM[1]);
    // Letters that a nozzle cannot draw are left to the code.
    let text = if dot_mm < DOT_MM[0] { Vec::new() } else { text };
    if code.is_none() && text.is_empty() {
        return None;
    }
    let text_mm = (text.len() * letters::ADVANCE) as f64 * dot_mm;
    let wide_mm = (x * mm_per_um + 2.0 * MARGIN_MM).max(qr_mm + text_mm + 2.0 * MARGIN_MM);
    let deep_mm = y * mm_per_um + strip_mm + MARGIN_MM;
    let mut sheet = Sheet::new(wide_mm, deep_mm);
    if let Some(code) = &code {
        let colours = code.to_colors();
        let is_dark = |column: usize, row: usize| colours[row * code.width() + column] == qrcode::Color::Dark;
        sheet.pits([MARGIN_MM, MARGIN_MM], SQUARE_MM, [code.width(), code.width()], is_dark);
    }
    let middle = (strip_mm - letters::HEIGHT as f64 * dot_mm) * 0.5;
    sheet.pits([MARGIN_MM + qr_mm, middle], dot_mm, [text.len() * letters::ADVANCE, letters::HEIGHT], |column, row| {
        letters::is_dot(&text, column, row)
    });
    let mut plate = sheet.surface();
    let um_per_mm = (1.0 / mm_per_um) as f32;
    plate.positions.iter_mut().flatten().for_each(|part| *part *= um_per_mm);
    simplify(&mut plate, TRIANGLES);
    let mut all = body_above(parts, [(wide_mm - x * mm_per_um) * 0.5, strip_mm, THICK_MM - SUNK_MM], um_per_mm);
    all.push(Part { name: "base".into(), colour: STONE, opacity: 1.0, surface: plate });
    Some((all, mm_per_um))
}

fn body_above(parts: &[Part], corner_mm: [f64; 3], um_per_mm: f32) -> Vec<Part> {
    let boxes = parts.iter().filter_map(|part| part.surface.bounds());
    let least = boxes.fold([f32::MAX; 3], |all, [least, _]| std::array::from_fn(|axis| all[axis].min(least[axis])));
    let mut moved = parts.to_vec();
    for place in moved.iter_mut().flat_map(|part| &mut part.surface.positions) {
        *place = std::array::from_fn(|axis| place[axis] - least[axis] + corner_mm[axis] as f32 * um_per_mm);
    }
    moved
}

/// Lines across the base in both directions, and which of the fields between them are pits. Lengths are millimetres.
struct Sheet {
    size: [f64; 2],
    blocks: Vec<Block>,
}

/// A rectangle of squares, some of them pits.
struct Block {
    corner: [f64; 2],
    edge: f64,
    counts: [usize; 2],
    dark: Vec<bool>,
}

impl Sheet {
    fn new(wide: f64, deep: f64) -> Self {
        Self { size: [wide, deep], blocks: Vec::new() }
    }

    /// Rows are counted from behind, as they are read from the front.
    fn pits(&mut self, corner: [f64; 2], edge: f64, counts: [usize; 2], is_dark: impl Fn(usize, usize) -> bool) {
        let dark = (0..counts[0] * counts[1]).map(|at| is_dark(at % counts[0], counts[1] - 1 - at / counts[0])).collect();
        self.blocks.push(Block { corner, edge, counts, dark });
    }

    fn lines(&self, axis: usize) -> Vec<f64> {
        let mut lines = vec![0.0, self.size[axis]];
        for block in &self.blocks {
            lines.extend((0..=block.counts[axis] * FINE).map(|at| block.corner[axis] + at as f64 * block.edge / FINE as f64));
        }
        lines.sort_by(f64::total_cmp);
        lines.dedup_by(|a, b| *a - *b < 1e-3);
        lines
    }

    fn surface(&self) -> Surface {
        let (columns, rows) = (self.lines(0), self.lines(1));
        let (wide, deep) = (columns.len() - 1, rows.len() - 1);
        let mut pit = vec![false; wide * deep];
        for row in 0..deep {
            for column in 0..wide {
                let middle = [0.5 * (columns[column] + columns[column + 1]), 0.5 * (rows[row] + rows[row + 1])];
                pit[row * wide + column] = self.blocks.iter().any(|block| block.is_dark(middle));
            }
        }
        join_corners(&mut pit, wide, deep);
        raise(&columns, &rows, &pit)
    }
}

impl Block {
    fn is_dark(&self, place: [f64; 2]) -> bool {
        let [column, row] = [0, 1].map(|axis| ((place[axis] - self.corner[axis]) / self.edge).floor());
        let inside = column >= 0.0 && row >= 0.0 && column < self.counts[0] as f64 && row < self.counts[1] as f64;
        inside && self.dark[row as usize * self.counts[0] + column as usize]
    }
}

/// Where two pits touch at a corner only, one of the fields beside becomes a pit as well.
fn join_corners(pit: &mut [bool], wide: usize, deep: usize) {
    for row in 1..deep {
        for column in 1..wide {
            let at = |row: usize, column: usize| row * wide + column;
            let [a, b, c, d] = [at(row - 1, column - 1), at(row - 1, column), at(row, column - 1), at(row, column)];
            match [pit[a], pit[b], pit[c], pit[d]] {
                [true, false, false, true] => pit[b] = true,
                [false, true, true, false] => pit[a] = true,
                _ => {}
            }
        }
    }
}

/// The closed body: below, around, and above in two heights with walls between them.
fn raise(columns: &[f64], rows: &[f64], pit: &[bool]) -> Surface {
    let (wide, deep) = (columns.len() - 1, rows.len() - 1);
    let heights = [0.0, THICK_MM - DEEP_MM, THICK_MM];
    let mut surface = Surface::default();
    let mut numbers = std::collections::HashMap::new();
    let mut corner = |surface: &mut Surface, column: usize, row: usize, level: usize| -> u32 {
        *numbers.entry((column, row, level)).or_insert_with(|| {
            surface.positions.push([columns[column] as f32, rows[row] as f32, heights[level] as f32]);
            surface.positions.len() as u32 - 1
        })
    };
    // Outside the base the height is that of the bed.
    let level = |column: isize, row: isize| -> usize {
        let inside = column >= 0 && row >= 0 && column < wide as isize && row < deep as isize;
        if !inside {
            0
        } else if pit[row as usize * wide + column as usize] {
            1
        } else {
            2
        }
    };
    let mut quad = |surface: &mut Surface, corners: [(usize, usize, usize); 4]| {
        let [a, b, c, d] = corners.map(|(column, row, level)| corner(surface, column, row, level));
        surface.triangles.extend([[a, b, c], [a, c, d]]);
    };
    for row in 0..=deep {
        for column in 0..=wide {
            let (x, y) = (column as isize, row as isize);
            let here = level(x, y);
            if row < deep && column < wide {
                quad(&mut surface, [(column, row, here), (column + 1, row, here), (column + 1, row + 1, here), (column, row + 1, here)]);
                quad(&mut surface, [(column, row, 0), (column, row + 1, 0), (column + 1, row + 1, 0), (column + 1, row, 0)]);
            }
            let (left, front) = (level(x - 1, y), level(x, y - 1));
            if row < deep && left != here {
                // Faces look towards the lower side; the quad runs the other way when that is on the right.
                quad(&mut surface, [(column, row + 1, here), (column, row + 1, left), (column, row, left), (column, row, here)]);
            }
            if column < wide && front != here {
                quad(&mut surface, [(column, row, here), (column, row, front), (column + 1, row, front), (column + 1, row, here)]);
            }
        }
    }
    surface
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Measure, Topology};

    #[test]
    fn a_base_with_pits_that_touch_at_corners_is_closed_and_right_in_volume() {
        let mut sheet = Sheet::new(20.0, 10.0);
        sheet.pits([2.0, 2.0], 1.0, [4, 4], |column, row| (column + row) % 2 == 0);
        let surface = sheet.surface();
        let topology = Topology::of(&surface);
        assert!(topology.is_watertight() && topology.is_manifold(), "{topology:?}");
        let volume = Measure::of(&surface).volume_um3;
        assert!(volume > 600.0 - 9.0 && volume < 600.0 - 6.3, "{volume}");
    }
}
