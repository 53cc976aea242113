//! What a teacher wants to know before a print begins, in English and German. Weight and time are estimates.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::sliced::Sliced;
use crate::check::size_um;
use crate::deviation::Cells;
use crate::measure::Measure;
use crate::parts;
use crate::surface::vector::{area2, dot, unit};
use crate::surface::{Part, Surface};

/// The usual nozzle; what is thinner cannot be printed.
const NOZZLE_MM: f64 = 0.4;
/// Places at which walls are measured, at most.
const WALLS_MAX: usize = 20_000;
/// Walls thicker than this interest nobody.
const WALL_MAX_MM: f64 = 20.0;
/// Cosine of 45°: what leans out farther needs support.
const OVERHANG: f32 = 0.707;
/// Two lines of wall, and the share of the inside that is filled.
const SHELL_MM: f64 = 0.8;
const INFILL: f64 = 0.15;
/// PLA, in grams a cubic millimetre, and what a printer lays down in an hour, with its pauses.
pub(super) const GRAMS_MM3: f64 = 1.24e-3;
const MM3_HOUR: f64 = 14_000.0;

/// What a print of that size will be like. Weight and time are estimates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PrintReport {
    /// Millimetres of the print for one of the body.
    pub scale: f64,
    pub size_mm: [f64; 3],
    /// One in a hundred measured walls is thinner than this; nothing when none was found.
    pub thinnest_wall_mm: Option<f64>,
    /// Pieces, hollows included, that do not hang together with the first.
    pub loose_pieces: u64,
    /// Share of the surface that leans out by more than 45°.
    pub overhang_share: f64,
    pub filament_g: f64,
    pub hours: f64,
    /// What a slicer says, where one was asked; its numbers are told instead of the estimates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sliced: Option<Sliced>,
}

impl PrintReport {
    pub fn of(parts: &[Part], mm_per_um: f64) -> Self {
        let measures: Vec<Measure> = parts.iter().map(|part| Measure::of(&part.surface)).collect();
        let volume: f64 = measures.iter().map(|measure| measure.volume_um3).sum::<f64>() * mm_per_um.powi(3);
        let area: f64 = measures.iter().map(|measure| measure.area_um2).sum::<f64>() * mm_per_um.powi(2);
        let shell = (area * SHELL_MM).min(volume.max(0.0));
        let material = shell + INFILL * (volume - shell).max(0.0);
        let walls = parts.iter().filter_map(|part| thinnest_um(&part.surface, WALL_MAX_MM / mm_per_um));
        Self {
            scale: mm_per_um * 1e3,
            size_mm: size_um(parts).map(|side| side * mm_per_um),
            thinnest_wall_mm: walls.map(|wall| wall * mm_per_um).reduce(f64::min),
            loose_pieces: parts.iter().map(|part| parts::count(&part.surface)).sum::<u64>().saturating_sub(1),
            overhang_share: overhang_share(parts),
            filament_g: material * GRAMS_MM3,
            hours: material / MM3_HOUR,
            sliced: None,
        }
    }

    /// For a teacher: thinnest wall, pieces, overhangs, material.
    pub fn words(&self, language: Language) -> String {
        match language {
            Language::English => self.english(),
            Language::German => self.german(),
        }
    }

    fn english(&self) -> String {
        let [x, y, z] = self.size_mm;
        let wall = match self.thinnest_wall_mm {
            None => "No thin walls were found.".to_owned(),
            Some(wall) if wall < NOZZLE_MM => {
                format!(
                    "The thinnest walls are about {wall:.2} mm: thinner than a nozzle of {NOZZLE_MM} mm, so they will be missing. Print it larger."
                )
            }
            Some(wall) => format!("The thinnest walls are about {wall:.2} mm: a nozzle of {NOZZLE_MM} mm can print them."),
        };
        let pieces = match self.loose_pieces {
            0 => "It is one piece.".to_owned(),
            1 => "One piece or hollow does not hang together with the rest.".to_owned(),
            count => format!("{count} pieces or hollows do not hang together with the rest; small ones fall off, hollows do no harm."),
        };
        let lines = [
            ("Scale", format!("{:.4} : 1", self.scale)),
            ("Size", format!("{x:.1} x {y:.1} x {z:.1} mm")),
            ("Walls", wall),
            ("Pieces", pieces),
            (
                "Overhangs",
                format!(
                    "{:.0} % of the surface leans out by more than 45 degrees; let your slicer add supports.",
                    self.overhang_share * 100.0
                ),
            ),
        ];
        let estimates = [
            ("Filament", format!("about {:.0} g of PLA (estimate: two lines of wall, 15 % infill, no supports)", self.filament_g)),
            ("Time", format!("about {:.1} hours (estimate)", self.hours)),
        ];
        table(lines) + &self.material(estimates, Sliced::english)
    }

    fn german(&self) -> String {
        let comma = |value: f64, digits: usize| format!("{value:.digits$}").replace('.', ",");
        let [x, y, z] = self.size_mm.map(|side| comma(side, 1));
        let nozzle = comma(NOZZLE_MM, 1);
        let wall = match self.thinnest_wall_mm {
            None => "Dünne Wände wurden nicht gefunden.".to_owned(),
            Some(wall) if wall < NOZZLE_MM => format!(
                "Die dünnsten Wände messen etwa {} mm: dünner als eine Düse von {nozzle} mm, sie werden also fehlen. Drucken Sie es größer.",
                comma(wall, 2)
            ),
            Some(wall) => format!("Die dünnsten Wände messen etwa {} mm: Eine Düse von {nozzle} mm kann sie drucken.", comma(wall, 2)),
        };
        let pieces = match self.loose_pieces {
            0 => "Es ist ein Stück.".to_owned(),
            1 => "Ein Stück oder Hohlraum hängt nicht mit dem Rest zusammen.".to_owned(),
            count => {
                format!("{count} Stücke oder Hohlräume hängen nicht mit dem Rest zusammen; kleine fallen ab, Hohlräume schaden nicht.")
            }
        };
        let overhangs = comma(self.overhang_share * 100.0, 0);
        let lines = [
            ("Maßstab", format!("{} : 1", comma(self.scale, 4))),
            ("Größe", format!("{x} x {y} x {z} mm")),
            ("Wände", wall),
            ("Stücke", pieces),
            (
                "Überhänge",
                format!(
                    "{overhangs} % der Oberfläche neigen sich um mehr als 45 Grad nach außen; lassen Sie Ihr Druckprogramm Stützen ergänzen."
                ),
            ),
        ];
        let estimates = [
            ("Material", format!("etwa {} g PLA (Schätzung: zwei Wandlinien, 15 % Füllung, ohne Stützen)", comma(self.filament_g, 0))),
            ("Dauer", format!("etwa {} Stunden (Schätzung)", comma(self.hours, 1))),
        ];
        table(lines) + &self.material(estimates, Sliced::german)
    }
}

impl PrintReport {
    /// What a slicer says of material and time stands in place of the estimates.
    fn material(&self, estimates: [(&'static str, String); 2], says: fn(&Sliced) -> Vec<(&'static str, String)>) -> String {
        let sliced = self.sliced.as_ref().map(says).unwrap_or_default();
        let sure = self.sliced.as_ref().is_some_and(Sliced::is_done);
        let own = estimates.into_iter().filter(|_| !sure);
        table(own.chain(sliced))
    }
}

impl PrintReport {
    /// Grams of filament and hours: a slicer's where there is one, else estimated.
    pub fn amounts(&self) -> (f64, f64) {
        self.sliced.as_ref().and_then(Sliced::amounts).unwrap_or((self.filament_g, self.hours))
    }

    /// Whether a slicer was asked and could do it.
    pub fn is_sliced(&self) -> bool {
        self.sliced.as_ref().is_some_and(Sliced::is_done)
    }
}

/// The languages of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    German,
}

fn table(lines: impl IntoIterator<Item = (&'static str, String)>) -> String {
    lines.into_iter().map(|(name, says)| format!("{name:<14}{says}\n")).collect()
}

fn overhang_share(parts: &[Part]) -> f64 {
    let (mut leaning, mut whole) = (0.0, 0.0);
    for Part { surface, .. } in parts {
        let bed = surface.bounds().map_or(0.0, |[least, most]| least[2] + 0.01 * (most[2] - least[2]));
        for &triangle in &surface.triangles {
            let corners = surface.corners(triangle);
            let normal = area2(corners);
            let area = f64::from(dot(normal, normal)).sqrt();
            whole += area;
            let above_bed = corners.iter().any(|corner| corner[2] > bed);
            if above_bed && unit(normal)[2] < -OVERHANG {
                leaning += area;
            }
        }
    }
    if whole > 0.0 { leaning / whole } else { 0.0 }
}

/// Looks from places of the surface straight inwards to the other side.
fn thinnest_um(surface: &Surface, most_um: f64) -> Option<f64> {
    let cells = Cells::new(surface)?;
    let step = surface.triangles.len().div_ceil(WALLS_MAX).max(1);
    let picked: Vec<[u32; 3]> = surface.triangles.iter().copied().step_by(step).collect();
    let mut walls: Vec<f32> = picked
        .par_iter()
        .filter_map(|&triangle| {
            let corners = surface.corners(triangle);
            let middle: [f32; 3] = std::array::from_fn(|axis| corners.iter().map(|corner| corner[axis]).sum::<f32>() / 3.0);
            let inwards = unit(area2(corners)).map(|part| -part);
            cells.ray(surface, middle, inwards, most_um as f32)
        })
        .collect();
    walls.sort_unstable_by(f32::total_cmp);
    walls.get(walls.len() / 100).map(|&wall| f64::from(wall))
}
