//! One record of the demonstration and how far its life goes.

use super::files::VolumeWanted;
use record::{kind::Kind, metadata::Metadata, relation::RelationType};

#[derive(Debug, Clone)]
pub struct Entry {
    /// Name of its folder while it is on its way.
    pub slug: &'static str,
    pub kind: Kind,
    pub metadata: Metadata,
    pub volume: Option<VolumeWanted>,
    pub goal: Goal,
    /// Other records of the demonstration, by title.
    pub relatives: Vec<(RelationType, &'static str)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    Draft,
    Released,
    Published,
    /// Registered, opening by itself.
    ReleasedInDays(i64),
    Withdrawn(&'static str),
}

impl Entry {
    pub fn title(&self) -> &str {
        &self.metadata.title
    }
}
