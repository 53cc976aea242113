//! How the owners want their record to be seen: colours and light, the direction of view, the ground. A decision of theirs and
//! part of the version; without one the archive chooses by itself.

use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Colours and light with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Look {
    Bone,
    SoftTissue,
    Foam,
    Metal,
    CryoEm,
    Glow,
    Radiograph,
}

impl Look {
    pub const ALL: [Look; 7] = [Look::Bone, Look::SoftTissue, Look::Foam, Look::Metal, Look::CryoEm, Look::Glow, Look::Radiograph];

    pub const fn name(self) -> &'static str {
        match self {
            Look::Bone => "bone",
            Look::SoftTissue => "soft-tissue",
            Look::Foam => "foam",
            Look::Metal => "metal",
            Look::CryoEm => "cryo-em",
            Look::Glow => "glow",
            Look::Radiograph => "radiograph",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|look| look.name() == name)
    }
}

/// What is behind the body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    #[default]
    Dark,
    Black,
    White,
}

impl Ground {
    pub const ALL: [Ground; 3] = [Ground::Dark, Ground::Black, Ground::White];

    pub const fn name(self) -> &'static str {
        match self {
            Ground::Dark => "dark",
            Ground::Black => "black",
            Ground::White => "white",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.name() == name)
    }
}

/// A direction of view with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the front and a little from above: as long as nobody chooses.
    Usual,
    Front,
    Back,
    Left,
    Right,
    Above,
    Below,
}

impl Direction {
    pub const ALL: [Direction; 7] =
        [Direction::Usual, Direction::Front, Direction::Back, Direction::Left, Direction::Right, Direction::Above, Direction::Below];

    pub const fn name(self) -> &'static str {
        match self {
            Direction::Usual => "usual",
            Direction::Front => "front",
            Direction::Back => "back",
            Direction::Left => "left",
            Direction::Right => "right",
            Direction::Above => "above",
            Direction::Below => "below",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|direction| direction.name() == name)
    }

    /// Azimuth and elevation of the eye, in degrees. Slices lie flat, and one looks along their columns.
    pub const fn angles_deg(self) -> (f64, f64) {
        match self {
            Direction::Usual => (-122.0, 24.0),
            Direction::Front => (-90.0, 0.0),
            Direction::Back => (90.0, 0.0),
            Direction::Left => (180.0, 0.0),
            Direction::Right => (0.0, 0.0),
            Direction::Above => (-90.0, 89.0),
            Direction::Below => (-90.0, -89.0),
        }
    }
}

/// The owners' choice. The default is what is drawn when nobody chose.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PictureChoice {
    /// By kind and grey values when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
    /// Around the axis of the slices: 0 looks from where columns end, -90 from the first row.
    pub azimuth_deg: f64,
    /// Above the horizon.
    pub elevation_deg: f64,
    /// 1 fills the picture; larger comes nearer.
    pub zoom: f64,
    pub ground: Ground,
}

pub const AZIMUTH_DEG: RangeInclusive<f64> = -360.0..=360.0;
pub const ELEVATION_DEG: RangeInclusive<f64> = -89.0..=89.0;
pub const ZOOM: RangeInclusive<f64> = 0.25..=8.0;

impl Default for PictureChoice {
    fn default() -> Self {
        let (azimuth_deg, elevation_deg) = Direction::Usual.angles_deg();
        Self { look: None, azimuth_deg, elevation_deg, zoom: 1.0, ground: Ground::Dark }
    }
}

impl PictureChoice {
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// The field that cannot be, if there is one, and what is wrong with it in English and German. NaN lies in no range.
    pub fn fault(&self) -> Option<(&'static str, &'static str, &'static str)> {
        if !AZIMUTH_DEG.contains(&self.azimuth_deg) {
            return Some((
                "azimuth_deg",
                "The direction around lies between -360 and 360 degrees.",
                "Die Richtung ringsum liegt zwischen -360 und 360 Grad.",
            ));
        }
        if !ELEVATION_DEG.contains(&self.elevation_deg) {
            return Some((
                "elevation_deg",
                "The height of the eye lies between -89 and 89 degrees.",
                "Die Höhe des Auges liegt zwischen -89 und 89 Grad.",
            ));
        }
        (!ZOOM.contains(&self.zoom)).then_some((
            "zoom",
            "The magnification lies between 0.25 and 8.",
            "Die Vergrößerung liegt zwischen 0,25 und 8.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_that_cannot_be_is_named() {
        let usual = PictureChoice::default();
        assert_eq!((usual.fault(), usual.is_usual()), (None, true));
        assert_eq!(PictureChoice { azimuth_deg: f64::NAN, ..usual }.fault().unwrap().0, "azimuth_deg");
        assert_eq!(PictureChoice { elevation_deg: 90.0, ..usual }.fault().unwrap().0, "elevation_deg");
        assert_eq!(PictureChoice { zoom: 0.0, ..usual }.fault().unwrap().0, "zoom");
        for direction in Direction::ALL {
            let (azimuth_deg, elevation_deg) = direction.angles_deg();
            assert_eq!(PictureChoice { azimuth_deg, elevation_deg, ..usual }.fault(), None, "{}", direction.name());
        }
    }

    #[test]
    fn what_is_left_out_is_usual_and_a_misspelt_word_is_refused() {
        let chosen: PictureChoice = serde_json::from_str(r#"{"look":"cryo-em","zoom":1.5}"#).unwrap();
        assert_eq!(chosen, PictureChoice { look: Some(Look::CryoEm), zoom: 1.5, ..PictureChoice::default() });
        assert_eq!(serde_json::from_str::<PictureChoice>("{}").unwrap(), PictureChoice::default());
        assert!(serde_json::from_str::<PictureChoice>(r#"{"azimut_deg":3}"#).is_err());
        assert!(serde_json::from_str::<PictureChoice>(r#"{"look":"gold"}"#).is_err());
    }
}
