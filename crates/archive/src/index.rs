//! Readers of the event log in this process: the search index, and the stamps by which caches know what is old. The roll is
//! kept in the same turn, and news for followers are noted.

use crate::{Archive, Refusal};
use record::{
    access::{Aspect, Viewer, permits},
    derivative::{Derivative, DerivativeKind},
    id::RecordId,
};
use search::{Change, Entry};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Events read in one go.
const BATCH: u32 = 2000;
/// How soon another process's change is seen here at the latest.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// Records share counters: a change of one makes what is kept of its few neighbours look old too, which costs a question
/// and no truth. So their number is no matter, and asking costs one read of memory.
const COUNTERS: usize = 1 << 16;

/// A counter for every record, and one over all.
pub(crate) struct Stamps {
    of_record: Box<[AtomicU64]>,
    generation: AtomicU64,
}

impl Default for Stamps {
    fn default() -> Self {
        Self { of_record: (0..COUNTERS).map(|_| AtomicU64::new(0)).collect(), generation: AtomicU64::new(0) }
    }
}

impl Stamps {
    fn counter(&self, id: &RecordId) -> &AtomicU64 {
        // FNV-1a; the remainder is below the number of counters.
        let hash =
            id.as_str().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        &self.of_record[(hash % COUNTERS as u64) as usize]
    }
    pub(crate) fn of(&self, id: &RecordId) -> u64 {
        self.counter(id).load(Ordering::Acquire)
    }
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }
    /// What depends on the whole catalogue looks old from now on.
    pub(crate) fn bump_generation(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }
    pub(crate) fn bump(&self, id: &RecordId) {
        let generation = self.generation.fetch_add(1, Ordering::AcqRel) + 1;
        self.counter(id).fetch_max(generation, Ordering::AcqRel);
    }
}

impl Archive {
    /// Follows the event log for ever; a fault is logged and tried again.
    pub async fn keep_index(&self) {
        let mut seen = self.catalogue().last_sequence().await.unwrap_or(0);
        loop {
            let mut more = false;
            let turns =
                [("index", self.index_once(&mut seen).await), ("roll", self.roll_once().await), ("followers", self.news_once().await)];
            for (reader, turn) in turns {
                match turn {
                    Ok(found) => more |= found,
                    Err(refusal) => tracing::error!(?refusal, reader, "a reader could not follow the event log; it tries again"),
                }
            }
            if more {
                continue;
            }
            self.wait_for_work(LOOK_EVERY).await;
        }
    }

    /// Takes in one batch of events; true when there was something. `seen` is how far this process has bumped stamps.
    pub async fn index_once(&self, seen: &mut i64) -> Result<bool, Refusal> {
        let index = self.inner.parts.index.clone();
        let position = index.position();
        let events = self.catalogue().events_after(position, BATCH).await?;
        let Some(last) = events.last().map(|event| event.sequence) else { return Ok(false) };
        let touched: BTreeSet<RecordId> = events.into_iter().map(|event| event.record).collect();
        let mut changes = Vec::with_capacity(touched.len());
        for id in &touched {
            changes.push(self.index_change(id).await?);
        }
        let applied = tokio::task::spawn_blocking(move || index.apply(changes, last)).await;
        applied
            .map_err(|error| Refusal::Unavailable(error.to_string()))?
            .map_err(|fault| Refusal::Unavailable(crate::refusal::chain(&fault)))?;
        if last > *seen {
            touched.iter().for_each(|id| self.inner.stamps.bump(id));
            *seen = last;
        }
        self.inner.stamps.bump_generation();
        Ok(true)
    }

    async fn index_change(&self, id: &RecordId) -> Result<Change, Refusal> {
        let Some(stored) = self.catalogue().record(id).await? else { return Ok(Change::Remove(id.clone())) };
        let shows_bytes = permits(Viewer::Anyone, &stored.record.state, Aspect::Bytes);
        let mut derivatives = if shows_bytes { self.catalogue().derivatives(id).await? } else { Vec::new() };
        derivatives.retain(|derivative| derivative.version == stored.record.version);
        let has_volume = derivatives.iter().any(|derivative| matches!(derivative.kind, DerivativeKind::Volume(_)));
        let mut thumb = thumb_among(&derivatives);
        // A picture of an uploaded model goes with the model.
        if let Some(picture) = derivatives.iter().find(|made| Some(&made.name) == thumb.as_ref())
            && !self.has_its_source(id, picture).await?
        {
            thumb = None;
        }
        let entry = Entry::from_record(&stored.record, &stored.holdings, has_volume, thumb);
        Ok(Change::of(id, entry.map(|entry| entry.with_wider_names(&self.wider_names(&stored.record)))))
    }

    /// Waits until the index holds everything that is committed now; for tests and for the end of a rebuild.
    pub async fn settle_index(&self) -> Result<(), Refusal> {
        let mut seen = i64::MAX;
        while self.index_once(&mut seen).await? {}
        while self.roll_once().await? {}
        while self.news_once().await? {}
        Ok(())
    }
}

/// The picture on cards: of the volume, else the poster of a movie. With a WebP there is always a JPEG of the same name beside it.
fn thumb_among(derivatives: &[Derivative]) -> Option<String> {
    let is_there = |name: &&str| derivatives.iter().any(|made| made.name == **name);
    let poster = |made: &Derivative| match &made.kind {
        DerivativeKind::Movie(facts) if facts.source.is_some() && !facts.poster.is_empty() => Some(facts.poster.clone()),
        _ => None,
    };
    let of_volume = ["thumb.webp", "thumb.jpg"].into_iter().find(is_there).map(str::to_owned);
    of_volume.or_else(|| derivatives.iter().find_map(poster))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_makes_its_record_look_changed_and_never_an_older_one_newer() {
        let stamps = Stamps::default();
        let ids: Vec<RecordId> =
            (0..1000u64).map(|number| RecordId::from_random(&std::array::from_fn(|place| (number >> (4 * place)) as u8))).collect();
        let before: Vec<u64> = ids.iter().map(|id| stamps.of(id)).collect();
        stamps.bump(&ids[7]);
        assert!(stamps.of(&ids[7]) > before[7]);
        let touched = ids.iter().zip(&before).filter(|(id, before)| stamps.of(id) != **before).count();
        assert!(touched < 10, "{touched} of a thousand records look changed after one change");
        let first = stamps.of(&ids[7]);
        stamps.bump(&ids[7]);
        assert!(stamps.of(&ids[7]) > first && stamps.generation() >= 2);
    }
}
