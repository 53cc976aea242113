//! How often a record was looked at and taken.

use ::record::usage::{Asker, Measure};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Counts after the COUNTER code of practice for research data; how, is said in docs/catalogues.md.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UsageView {
    /// Of the entry page and what belongs to it; a download is a view too.
    pub views: UsageByAsker,
    /// Of files, of all files, of models; opening a volume is one, its chunks are none.
    pub downloads: UsageByAsker,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UsageByAsker {
    pub people: UsageCount,
    /// Programs that somebody runs.
    pub scripts: UsageCount,
    /// Crawlers.
    pub robots: UsageCount,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UsageCount {
    pub total: u64,
    /// Each visitor of an hour counted once.
    pub unique: u64,
}

impl UsageView {
    /// `total` gives both counts of a measure and an asker.
    pub fn new(total: impl Fn(Measure, Asker) -> (u64, u64)) -> Self {
        let count = |measure, asker| {
            let (total, unique) = total(measure, asker);
            UsageCount { total, unique }
        };
        let by_asker = |measure| UsageByAsker {
            people: count(measure, Asker::Person),
            scripts: count(measure, Asker::Script),
            robots: count(measure, Asker::Robot),
        };
        Self { views: by_asker(Measure::View), downloads: by_asker(Measure::Download) }
    }
}
