//! What a teacher wants to know before a print begins, in English and German. Weight and time are estimates.

use serde::{Deserialize, Serialize};

use super::BED_MM;
use super::sliced::Sliced;
use super::walls::Walls;
use crate::check::size_um;
use crate::measure::Measure;
use crate::parts;
use crate::surface::Part;
use crate::surface::vector::{area2, dot, unit};

/// The usual nozzle; what is thinner cannot be printed.
const NOZZLE_MM: f64 = 0.4;
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
    /// Millimetres of the print for one of the body; nothing when nobody knows how large that is.
    pub scale: Option<f64>,
    pub size_mm: [f64; 3],
    /// A hundredth of the surface lies on walls thinner than this; nothing when that much was not found.
    pub thinnest_wall_mm: Option<f64>,
    /// Share of the surface that lies on walls thinner than the nozzle.
    pub thin_share: f64,
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
        let walls = Walls::of(parts, NOZZLE_MM / mm_per_um, WALL_MAX_MM / mm_per_um);
        Self {
            scale: Some(mm_per_um * 1e3),
            size_mm: size_um(parts).map(|side| side * mm_per_um),
            thinnest_wall_mm: walls.thinnest_um.map(|wall| wall * mm_per_um),
            thin_share: walls.thin_share,
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

    /// Whether no usual printer could make it larger.
    fn fills_the_bed(&self) -> bool {
        self.size_mm.iter().any(|&side| side > 0.95 * BED_MM)
    }

    fn english(&self) -> String {
        let [x, y, z] = self.size_mm;
        let wall = match self.thinnest_wall_mm {
            None => "No thin walls were found.".to_owned(),
            Some(wall) if wall < NOZZLE_MM => format!(
                "{:.0} % of the surface lie on walls thinner than a nozzle of {NOZZLE_MM} mm, the thinnest about {wall:.2} mm; they may be missing. {}",
                (self.thin_share * 100.0).max(1.0),
                if self.fills_the_bed() { "A finer nozzle keeps more of them." } else { "A larger print keeps more of them." }
            ),
            Some(wall) => format!("The thinnest walls are about {wall:.2} mm: a nozzle of {NOZZLE_MM} mm can print them."),
        };
        let pieces = match self.loose_pieces {
            0 => "It is one piece.".to_owned(),
            1 => "One piece or hollow does not hang together with the rest.".to_owned(),
            count => format!("{count} pieces or hollows do not hang together with the rest; small ones fall off, hollows do no harm."),
        };
        let lines = [
            ("Scale", self.scale.map_or("unknown: nobody said how large a voxel is".to_owned(), |scale| format!("{scale:.4} : 1"))),
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
                "{} % der Oberfläche gehören zu Wänden, die dünner sind als eine Düse von {nozzle} mm, die dünnsten etwa {} mm; sie fehlen vielleicht. {}",
                comma((self.thin_share * 100.0).max(1.0), 0),
                comma(wall, 2),
                if self.fills_the_bed() { "Eine feinere Düse erhält mehr davon." } else { "Ein größerer Druck erhält mehr davon." }
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
            (
                "Maßstab",
                self.scale
                    .map_or("unbekannt: Niemand sagt, wie groß ein Voxel ist".to_owned(), |scale| format!("{} : 1", comma(scale, 4))),
            ),
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
    // All parts stand on one bed.
    let bounds = parts.iter().filter_map(|part| part.surface.bounds());
    let [low, high] = bounds.fold([f32::MAX, f32::MIN], |[low, high], [least, most]| [low.min(least[2]), high.max(most[2])]);
    let bed = low + 0.01 * (high - low);
    for Part { surface, .. } in parts {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn report(size_mm: f64, thinnest_wall_mm: Option<f64>) -> PrintReport {
        PrintReport {
            scale: None,
            size_mm: [size_mm; 3],
            thinnest_wall_mm,
            thin_share: 0.07,
            loose_pieces: 0,
            overhang_share: 0.0,
            filament_g: 1.0,
            hours: 1.0,
            sliced: None,
        }
    }

    #[test]
    fn a_teacher_is_told_how_much_is_thin_and_not_to_print_larger_than_the_bed() {
        let small = report(60.0, Some(0.21)).words(Language::English);
        assert!(small.contains("7 % of the surface lie on walls thinner than a nozzle") && small.contains("A larger print"), "{small}");
        let large = report(BED_MM, Some(0.21)).words(Language::English);
        assert!(large.contains("A finer nozzle") && !large.contains("larger"), "{large}");
        let large = report(BED_MM, Some(0.21)).words(Language::German);
        assert!(large.contains("7 % der Oberfläche") && large.contains("0,21 mm") && !large.contains("größer"), "{large}");
        assert!(small.contains("Scale         unknown") && !small.contains(" : 1"), "{small}");
    }
}
