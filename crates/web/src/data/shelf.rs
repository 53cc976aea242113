//! What the data routes keep between requests: opened files with their headers, layouts of ZIPs, and the darkroom.
//! Only what everyone may see is kept, and only while nothing about its record changed, so a hit asks nobody.

use super::{darkroom::Darkroom, thing::Thing, zip_plan::ZipPlan};
use crate::listener;
use archive::Archive;
use record::{
    derivative::Derivative,
    id::{AccountId, RecordId, UploadId},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Semaphore;

/// Kept things in memory that are not windows onto files: pictures of slices.
const MEMORY_BYTES_MAX: usize = 32 << 20;
const VOLUMES_MAX: usize = 4096;
/// Cuts on their way at once, each of up to 64 MiB.
const CUTS_MAX: usize = 16;
/// Layouts of ZIPs; a million files need about 100 kB.
const PLANS_MAX: usize = 64;
/// Uploads whose last answer may have been lost.
const FINISHED_MAX: usize = 16_384;
/// An address longer than this is served but not kept.
const ADDRESS_BYTES_MAX: usize = 1024;

pub struct Shelf {
    things: Generations<Kept<Thing>>,
    volumes: Generations<Kept<OpenVolume>>,
    plans: Generations<Kept<ZipPlan>>,
    finished: Generations<(AccountId, u64)>,
    pub(crate) darkroom: Arc<dyn Darkroom>,
    /// Pictures are made two at a time; more would only wait for each other.
    pub(crate) darkroom_slots: Semaphore,
    /// A cut stays in memory until its reader has taken it, however slow that one is.
    pub(crate) cut_slots: Arc<Semaphore>,
    /// One layout is computed at a time, so that many readers of a large record share one walk through its files.
    pub(crate) planning: Semaphore,
}

/// A volume that everyone may see.
#[derive(Clone)]
pub(crate) struct OpenVolume {
    pub(crate) derivative: Derivative,
    /// No labour can change it any more.
    pub(crate) is_final: bool,
}

/// Something made from a record in the state that `stamp` names.
struct Kept<T> {
    record: RecordId,
    stamp: u64,
    what: T,
}

impl Shelf {
    pub fn new(darkroom: Arc<dyn Darkroom>) -> Self {
        let files_max = usize::try_from(listener::descriptors_max() / 4).unwrap_or(256).clamp(64, 16_384);
        Self {
            things: Generations::new(files_max, MEMORY_BYTES_MAX),
            volumes: Generations::new(VOLUMES_MAX, usize::MAX),
            plans: Generations::new(PLANS_MAX, usize::MAX),
            finished: Generations::new(FINISHED_MAX, usize::MAX),
            darkroom,
            darkroom_slots: Semaphore::new(2),
            cut_slots: Arc::new(Semaphore::new(CUTS_MAX)),
            planning: Semaphore::new(1),
        }
    }

    pub(crate) fn thing(&self, address: &str, archive: &Archive) -> Option<Arc<impl AsRef<Thing> + use<>>> {
        self.things.find(address).filter(|kept| kept.is_fresh(archive))
    }

    /// The open volume that this record and name stand for.
    pub(crate) fn volume(&self, address: &str, archive: &Archive) -> Option<Arc<impl AsRef<OpenVolume> + use<>>> {
        self.volumes.find(address).filter(|kept| kept.is_fresh(archive))
    }

    pub(crate) fn plan(&self, address: &str, archive: &Archive) -> Option<Arc<impl AsRef<ZipPlan> + use<>>> {
        self.plans.find(address).filter(|kept| kept.is_fresh(archive))
    }

    /// Keeps what everyone may see. The stamp was read before the archive was asked: a change meanwhile makes it stale at once.
    pub(crate) fn keep_thing(&self, address: &str, record: RecordId, stamp: u64, thing: Thing) -> Arc<impl AsRef<Thing> + use<>> {
        let weight = thing.memory_bytes();
        let kept = Arc::new(Kept { record, stamp, what: thing });
        if address.len() <= ADDRESS_BYTES_MAX {
            self.things.put(address, kept.clone(), weight);
        }
        kept
    }

    pub(crate) fn keep_volume(&self, address: &str, record: RecordId, stamp: u64, volume: OpenVolume) {
        self.volumes.put(address, Arc::new(Kept { record, stamp, what: volume }), 0);
    }

    pub(crate) fn remember_finished(&self, id: &UploadId, account: AccountId, length: u64) {
        self.finished.put(id.as_str(), Arc::new((account, length)), 0);
    }

    /// The length of an upload that this account finished lately.
    pub(crate) fn finished_length(&self, id: &UploadId, account: &AccountId) -> Option<u64> {
        self.finished.find(id.as_str()).filter(|found| found.0 == *account).map(|found| found.1)
    }

    pub(crate) fn keep_plan(&self, address: &str, record: RecordId, stamp: u64, plan: ZipPlan) -> Arc<impl AsRef<ZipPlan> + use<>> {
        let kept = Arc::new(Kept { record, stamp, what: plan });
        self.plans.put(address, kept.clone(), 0);
        kept
    }
}

impl<T> Kept<T> {
    fn is_fresh(&self, archive: &Archive) -> bool {
        archive.stamp(&self.record) == self.stamp
    }
}

impl<T> AsRef<T> for Kept<T> {
    fn as_ref(&self) -> &T {
        &self.what
    }
}

/// A map that forgets what was not asked for lately: when the young half is full it becomes the old half,
/// and what is found in the old half is young again.
struct Generations<T> {
    halves: Mutex<Halves<T>>,
    half_count_max: usize,
    half_weight_max: usize,
}

struct Halves<T> {
    young: HashMap<String, (Arc<T>, usize)>,
    old: HashMap<String, (Arc<T>, usize)>,
    young_weight: usize,
}

impl<T> Generations<T> {
    fn new(count_max: usize, weight_max: usize) -> Self {
        let halves = Halves { young: HashMap::new(), old: HashMap::new(), young_weight: 0 };
        Self { halves: Mutex::new(halves), half_count_max: (count_max / 2).max(1), half_weight_max: weight_max / 2 }
    }

    fn find(&self, key: &str) -> Option<Arc<T>> {
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((found, _)) = halves.young.get(key) {
            return Some(found.clone());
        }
        let (found, weight) = halves.old.remove(key)?;
        let leaving = self.insert(&mut halves, key, found.clone(), weight);
        drop(halves);
        drop(leaving);
        Some(found)
    }

    fn put(&self, key: &str, value: Arc<T>, weight: usize) {
        if weight > self.half_weight_max / 4 {
            return;
        }
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        let replaced = halves.old.remove(key);
        let leaving = self.insert(&mut halves, key, value, weight);
        // Closing thousands of files takes its time; nobody should wait for the lock meanwhile.
        drop(halves);
        drop((replaced, leaving));
    }

    /// Hands back what leaves the map.
    fn insert(&self, halves: &mut Halves<T>, key: &str, value: Arc<T>, weight: usize) -> HashMap<String, (Arc<T>, usize)> {
        let mut leaving = HashMap::new();
        if halves.young.len() >= self.half_count_max || halves.young_weight.saturating_add(weight) > self.half_weight_max {
            leaving = std::mem::replace(&mut halves.old, std::mem::take(&mut halves.young));
            halves.young_weight = 0;
        }
        halves.young_weight += weight;
        if let Some((value, weight)) = halves.young.insert(key.to_owned(), (value, weight)) {
            halves.young_weight -= weight;
            leaving.insert(key.to_owned(), (value, weight));
        }
        leaving
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count<T>(map: &Generations<T>) -> usize {
        let halves = map.halves.lock().unwrap();
        halves.young.len() + halves.old.len()
    }

    #[test]
    fn what_is_asked_for_stays_and_the_number_is_bounded() {
        let map = Generations::new(100, usize::MAX);
        for number in 0..10_000 {
            map.put(&number.to_string(), Arc::new(number), 0);
            map.put("favourite", Arc::new(7), 0);
            assert_eq!(map.find("favourite").as_deref(), Some(&7));
        }
        assert!(count(&map) <= 102);
        assert!(map.find("5").is_none() && map.find("9999").is_some());
    }

    #[test]
    fn memory_is_bounded_and_a_giant_is_not_kept() {
        let map = Generations::new(usize::MAX, 1000);
        for number in 0..1000 {
            map.put(&number.to_string(), Arc::new(number), 90);
        }
        assert!(count(&map) * 90 <= 1000);
        map.put("giant", Arc::new(0), 900);
        assert!(map.find("giant").is_none());
    }
}
