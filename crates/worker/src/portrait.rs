//! How a record's body is drawn: as its owners chose, else by its kind, else by its grey values.

use picture::{Camera, Preset, Sitting};
use record::{
    Record,
    kind::Kind,
    picture::{Ground, Look, PictureChoice},
};
use serde_json::Value;
use volume::Statistics;

pub(crate) fn preset(kind: Kind, choice: &PictureChoice, statistics: &Statistics) -> Preset {
    match (choice.look, kind) {
        (Some(look), _) => chosen(look),
        (None, Kind::ElectronMicroscopy) => Preset::CryoEm,
        (None, Kind::TomographyMaterials) => Preset::Foam,
        (None, _) => Preset::for_statistics(statistics),
    }
}

pub(crate) fn sitting(kind: Kind, choice: &PictureChoice, statistics: &Statistics) -> Sitting {
    Sitting { preset: preset(kind, choice, statistics), camera: camera(choice), ground: ground(choice) }
}

pub(crate) fn camera(choice: &PictureChoice) -> Camera {
    let PictureChoice { azimuth_deg, elevation_deg, zoom, .. } = *choice;
    Camera { azimuth: azimuth_deg as f32, elevation: elevation_deg as f32, zoom: zoom as f32, turning: false }
}

pub(crate) fn ground(choice: &PictureChoice) -> picture::Ground {
    match choice.ground {
        Ground::Dark => picture::Ground::DEEP,
        Ground::Black => picture::Ground::BLACK,
        Ground::White => picture::Ground::WHITE,
    }
}

fn chosen(look: Look) -> Preset {
    match look {
        Look::Bone => Preset::Bone,
        Look::SoftTissue => Preset::SoftTissue,
        Look::Foam => Preset::Foam,
        Look::Metal => Preset::Metal,
        Look::CryoEm => Preset::CryoEm,
        Look::Glow => Preset::Glow,
        Look::Radiograph => Preset::Radiograph,
    }
}

/// Into the parameters of what is drawn by it; what nobody chose is drawn under the same recipe as ever.
pub(crate) fn write_into(parameters: &mut Value, record: &Record) {
    if !record.picture.is_usual() {
        parameters["chosen"] = serde_json::json!(record.picture);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_chose_is_drawn_as_the_library_does_and_every_look_keeps_its_name() {
        let usual = PictureChoice::default();
        assert_eq!((camera(&usual), ground(&usual)), (Camera::default(), picture::Ground::DEEP));
        for look in Look::ALL {
            assert_eq!(chosen(look).name(), look.name());
        }
        assert_eq!(Look::ALL.len(), Preset::ALL.len());
    }
}
