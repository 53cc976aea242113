//! One record of the demonstration and how far its life goes.

use super::files::VolumeWanted;
use record::{kind::Kind, metadata::Metadata, relation::RelationType};

#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Name of its folder while it is on its way.
    pub(super) slug: &'static str,
    pub(super) kind: Kind,
    pub(super) metadata: Metadata,
    pub(super) volume: Option<VolumeWanted>,
    pub(super) goal: Goal,
    /// Other records of the demonstration, by title.
    pub(super) relatives: Vec<(RelationType, &'static str)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    Draft,
    Released,
    Published,
    /// Registered, opening by itself.
    ReleasedInDays(i64),
    Withdrawn(&'static str),
}

impl Entry {
    pub(super) fn title(&self) -> &str {
        &self.metadata.title
    }
}
