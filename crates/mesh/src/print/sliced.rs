//! What a slicer says of a print. Whoever has one lends it; this library starts no programs.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::report::GRAMS_MM3;

/// A way to ask a slicer about a 3MF file; nothing is said where there is none.
pub struct Slicer<'a>(pub &'a dyn Fn(&Path) -> Option<Sliced>);

impl Slicer<'_> {
    pub const NONE: Slicer<'static> = Slicer(&|_| None);

    pub(super) fn slice(&self, file: &Path) -> Option<Sliced> {
        (self.0)(file)
    }
}

/// Its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Sliced {
    Done {
        /// Name and version, as it calls itself.
        slicer: String,
        filament_mm3: f64,
        seconds: f64,
    },
    /// It could not, with its reason.
    Failed { slicer: String, reason: String },
}

const SECONDS_PER_HOUR: f64 = 3_600.0;

impl Sliced {
    pub(super) fn is_done(&self) -> bool {
        matches!(self, Self::Done { .. })
    }

    /// Grams and hours.
    pub(super) fn amounts(&self) -> Option<(f64, f64)> {
        match self {
            Self::Done { filament_mm3, seconds, .. } => Some((filament_mm3 * GRAMS_MM3, seconds / SECONDS_PER_HOUR)),
            Self::Failed { .. } => None,
        }
    }

    pub(super) fn english(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Done { slicer, filament_mm3, seconds } => vec![
                ("Slicing", format!("{slicer} has sliced it without complaint.")),
                ("Filament", format!("{:.0} g of PLA ({slicer}: 15 % infill, no supports)", filament_mm3 * GRAMS_MM3)),
                ("Time", format!("{:.1} hours ({slicer}; your printer may be quicker or slower)", seconds / SECONDS_PER_HOUR)),
            ],
            Self::Failed { slicer, reason } => vec![("Slicing", format!("{slicer} could not slice it: {reason}"))],
        }
    }

    pub(super) fn german(&self) -> Vec<(&'static str, String)> {
        let comma = |value: f64, digits: usize| format!("{value:.digits$}").replace('.', ",");
        match self {
            Self::Done { slicer, filament_mm3, seconds } => vec![
                ("Druckprogramm", format!("{slicer} hat es ohne Beanstandung in Schichten zerlegt.")),
                ("Material", format!("{} g PLA ({slicer}: 15 % Füllung, ohne Stützen)", comma(filament_mm3 * GRAMS_MM3, 0))),
                (
                    "Dauer",
                    format!("{} Stunden ({slicer}; Ihr Drucker mag schneller oder langsamer sein)", comma(seconds / SECONDS_PER_HOUR, 1)),
                ),
            ],
            Self::Failed { slicer, reason } => vec![("Druckprogramm", format!("{slicer} konnte es nicht in Schichten zerlegen: {reason}"))],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::{Language, PrintReport};

    #[test]
    fn what_a_slicer_says_stands_in_place_of_the_estimates_and_its_refusal_beside_them() {
        let cube = crate::surface::Surface {
            positions: vec![[0.0; 3], [9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0]],
            triangles: vec![[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]],
        };
        let alone = PrintReport::of(&[crate::surface::Part::new(0, "corner", cube)], 1.0);
        let slicer = "PrusaSlicer 2.5".to_owned();
        let done = PrintReport {
            sliced: Some(Sliced::Done { slicer: slicer.clone(), filament_mm3: 10_000.0, seconds: 5_400.0 }),
            ..alone.clone()
        };
        let words = done.words(Language::English);
        assert!(words.contains("12 g of PLA (PrusaSlicer 2.5") && words.contains("1.5 hours") && !words.contains("estimate"), "{words}");
        assert!(done.words(Language::German).contains("1,5 Stunden"));
        assert!(done.is_sliced() && (done.amounts().0 - 12.4).abs() < 1e-9 && done.amounts().1 == 1.5, "{:?}", done.amounts());
        assert!(!alone.is_sliced() && alone.amounts() == (alone.filament_g, alone.hours));
        let failed = PrintReport { sliced: Some(Sliced::Failed { slicer, reason: "no layers".into() }), ..alone };
        let words = failed.words(Language::English);
        assert!(words.contains("could not slice it: no layers") && words.contains("estimate"), "{words}");
    }
}
