//! Counts of views and downloads: the door notes them in memory and hands them over from time to time.

use crate::{Archive, Refusal, Visitor};
use record::{
    access::Aspect,
    id::RecordId,
    usage::{Asker, Counted, Measure},
};

/// What a record has been of use for.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    pub months: Vec<Counted>,
}

impl Usage {
    /// How often in all, and how often when each visitor of an hour is counted once.
    pub fn total(&self, measure: Measure, asker: Asker) -> (u64, u64) {
        let fits = self.months.iter().filter(|counted| (counted.measure, counted.asker) == (measure, asker));
        fits.fold((0, 0), |(times, uniques), counted| (times + counted.times, uniques + counted.uniques))
    }
}

impl Archive {
    pub async fn count(&self, counted: &[Counted]) -> Result<(), Refusal> {
        if counted.is_empty() {
            return Ok(());
        }
        let mut change = self.catalogue().change().await?;
        for one in counted {
            change.add_usage(one).await?;
        }
        Ok(change.commit().await?)
    }

    pub async fn usage(&self, visitor: &Visitor, id: &RecordId) -> Result<Usage, Refusal> {
        let record = self.see(visitor, id, Aspect::Metadata).await?.record;
        Ok(Usage { months: self.catalogue().usage_of(&record.id).await? })
    }
}
