//! A kit for a printer as one reader wants it: which model, how large, on what base, in halves or not. The name of its file says
//! all of that, so the same wish is the same file.

use crate::print_request::SIZE_MM;
use serde::{Deserialize, Serialize};

/// Longest name of a model that is taken from a reader.
const MODEL_CHARS_MAX: usize = 100;

/// What the body stands on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KitBase {
    None,
    /// A flat base with the DOI in letters.
    Letters,
    /// With a QR code beside the letters.
    #[default]
    Code,
}

impl KitBase {
    pub const ALL: [Self; 3] = [Self::None, Self::Letters, Self::Code];

    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Letters => "letters",
            Self::Code => "code",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|base| base.name() == name)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KitWish {
    /// The model's name without its ending: `surface` for what is shown as `surface.glb`.
    pub model: String,
    /// Edge of the cube that the print has to fit in.
    pub size_mm: u32,
    pub base: KitBase,
    pub halves: bool,
}

impl KitWish {
    /// The size of the kit that is made without being asked for.
    pub const USUAL_MM: u32 = 180;

    /// Whether that kit is what is wished for.
    pub fn is_usual(&self) -> bool {
        self.size_mm == Self::USUAL_MM && self.base == KitBase::Code && self.halves
    }

    pub fn fits(&self) -> bool {
        SIZE_MM.contains(&self.size_mm) && !self.model.is_empty() && self.model.chars().count() <= MODEL_CHARS_MAX
    }

    /// `surface-120-mm-letters-halves-kit.zip`; that of the usual kit does not say its size.
    pub fn file_name(&self) -> String {
        let Self { model, size_mm, base, halves } = self;
        if self.is_usual() {
            // The volume's own is called so since there were no others.
            return if model == "surface" { "print-kit.zip".to_owned() } else { format!("{model}-print-kit.zip") };
        }
        format!("{model}-{size_mm}-mm-{}{}{KIT_END}", base.name(), if *halves { "-halves" } else { "" })
    }
}

/// What the print for the classroom will be like; whole numbers mean nothing exact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KitReport {
    /// Sizes are x, y, z.
    pub size_mm: [f64; 3],
    /// One in a hundred measured walls is thinner than this; nothing when none was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thinnest_wall_mm: Option<f64>,
    /// Pieces, hollows included, that do not hang together with the first.
    pub loose_pieces: u64,
    pub filament_g: f64,
    pub hours: f64,
    /// Filament and hours are a slicer's and not estimated.
    #[serde(default)]
    pub is_sliced: bool,
}

impl KitReport {
    /// Whether walls are thinner than the usual nozzle draws, and will be missing.
    pub fn is_too_thin(&self) -> bool {
        self.thinnest_wall_mm.is_some_and(|wall| wall < NOZZLE_MM)
    }
}

/// The usual nozzle.
pub const NOZZLE_MM: f64 = 0.4;

/// How the names of kits end that somebody asked for.
const KIT_END: &str = "-kit.zip";

/// Whether a file is a kit for a printer, of whatever size.
pub fn is_kit(name: &str) -> bool {
    name == "print-kit.zip" || name.ends_with(KIT_END)
}

/// Whether it is one that is made without being asked for.
pub fn is_usual_kit(name: &str) -> bool {
    name.ends_with("print-kit.zip")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wish_is_one_file_and_the_usual_one_has_its_old_name() {
        let wish = KitWish { model: "jaw".into(), size_mm: 120, base: KitBase::Letters, halves: true };
        assert_eq!(wish.file_name(), "jaw-120-mm-letters-halves-kit.zip");
        assert_eq!(KitWish { halves: false, base: KitBase::None, ..wish.clone() }.file_name(), "jaw-120-mm-none-kit.zip");
        let usual = KitWish { size_mm: 180, base: KitBase::Code, ..wish.clone() };
        assert_eq!(usual.file_name(), "jaw-print-kit.zip");
        assert_eq!(KitWish { model: "surface".into(), ..usual.clone() }.file_name(), "print-kit.zip");
        assert!(is_kit(&wish.file_name()) && is_kit(&usual.file_name()) && is_kit("print-kit.zip") && !is_kit("jaw.stl"));
        assert!(is_usual_kit("print-kit.zip") && !is_usual_kit(&wish.file_name()));
        assert!(wish.fits() && !KitWish { size_mm: 10, ..wish.clone() }.fits() && !KitWish { size_mm: 301, ..wish }.fits());
    }
}
