//! Readers of the event log in this process: the search index, and the stamps by which caches know what is old.

use crate::{Archive, Refusal};
use record::{
    access::{Aspect, Viewer, permits},
    derivative::DerivativeKind,
    id::RecordId,
};
use search::{Change, Entry};
use std::{
    collections::{BTreeSet, HashMap},
    sync::RwLock,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Events read in one go.
const BATCH: u32 = 2000;
/// How soon another process's change is seen here at the latest.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// A counter per record, and one over all.
#[derive(Default)]
pub(crate) struct Stamps {
    of_record: RwLock<HashMap<RecordId, u64>>,
    generation: AtomicU64,
}

impl Stamps {
    pub(crate) fn of(&self, id: &RecordId) -> u64 {
        let stamps = self.of_record.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        stamps.get(id).copied().unwrap_or(0)
    }
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }
    pub(crate) fn bump(&self, id: &RecordId) {
        let generation = self.generation.fetch_add(1, Ordering::AcqRel) + 1;
        let mut stamps = self.of_record.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        stamps.insert(id.clone(), generation);
    }
}

impl Archive {
    /// Follows the event log for ever; a fault is logged and tried again.
    pub async fn keep_index(&self) {
        let mut seen = self.catalogue().last_sequence().await.unwrap_or(0);
        loop {
            match self.index_once(&mut seen).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(refusal) => tracing::error!(?refusal, "the index could not follow the event log; it tries again"),
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
        self.inner.stamps.generation.fetch_add(1, Ordering::AcqRel);
        Ok(true)
    }

    async fn index_change(&self, id: &RecordId) -> Result<Change, Refusal> {
        let Some(stored) = self.catalogue().record(id).await? else { return Ok(Change::Remove(id.clone())) };
        let shows_bytes = permits(Viewer::Anyone, &stored.record.state, Aspect::Bytes);
        let mut derivatives = if shows_bytes { self.catalogue().derivatives(id).await? } else { Vec::new() };
        derivatives.retain(|derivative| derivative.version == stored.record.version);
        let has_volume = derivatives.iter().any(|derivative| matches!(derivative.kind, DerivativeKind::Volume(_)));
        let thumb = derivatives.iter().find(|derivative| derivative.name == "thumb.jpg").map(|thumb| thumb.name.clone());
        Ok(Change::of(id, Entry::from_record(&stored.record, &stored.holdings, has_volume, thumb)))
    }

    /// Waits until the index holds everything that is committed now; for tests and for the end of a rebuild.
    pub async fn settle_index(&self) -> Result<(), Refusal> {
        let mut seen = i64::MAX;
        while self.index_once(&mut seen).await? {}
        Ok(())
    }
}
