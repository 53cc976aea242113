//! How a record's body is drawn where nobody chose: by its kind, else by its grey values.

use picture::Preset;
use record::kind::Kind;
use volume::Statistics;

pub(crate) fn preset(kind: Kind, statistics: &Statistics) -> Preset {
    match kind {
        Kind::ElectronMicroscopy => Preset::CryoEm,
        Kind::TomographyMaterials => Preset::Foam,
        _ => Preset::for_statistics(statistics),
    }
}
