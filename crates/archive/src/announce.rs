//! What clients said they are about to send. A folder of small files has moments in which nothing is unfinished although
//! much is still to come; whoever would start long labour on it waits for the rest. Known to this process only and
//! forgotten with it: then a quiet time must do.

use record::{file::FilePath, id::RecordId, instant::Instant};
use std::{
    collections::{HashMap, HashSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A client that has sent nothing of what it announced for this long has gone away.
const PATIENCE_SECONDS: i64 = 90;
const RECORDS_MAX: usize = 1000;
/// Of all records together: some 20 MB.
const PATHS_MAX: usize = 1_000_000;

#[derive(Default)]
pub(crate) struct Announcements {
    of_records: Mutex<HashMap<RecordId, Announced>>,
}

struct Announced {
    /// Hashes of paths: a collision only ends the waiting early.
    paths: HashSet<u64>,
    until: Instant,
}

impl Announcements {
    pub(crate) fn announce<'a>(&self, id: &RecordId, paths: impl Iterator<Item = &'a FilePath>, now: Instant) {
        let hashes: Vec<u64> = paths.map(hash).collect();
        if hashes.is_empty() {
            return;
        }
        let mut of_records = self.lock();
        of_records.retain(|_, announced| announced.until > now);
        let room = PATHS_MAX.saturating_sub(of_records.values().map(|announced| announced.paths.len()).sum());
        if (of_records.len() >= RECORDS_MAX || room == 0) && !of_records.contains_key(id) {
            return;
        }
        let until = now.plus_seconds(PATIENCE_SECONDS);
        let announced = of_records.entry(id.clone()).or_insert_with(|| Announced { paths: HashSet::new(), until });
        announced.until = until;
        announced.paths.extend(hashes.into_iter().take(room));
    }

    /// An upload of this path has begun; from now on it is one of the unfinished.
    pub(crate) fn began(&self, id: &RecordId, path: &FilePath, now: Instant) {
        let mut of_records = self.lock();
        let Some(announced) = of_records.get_mut(id) else { return };
        announced.paths.remove(&hash(path));
        announced.until = now.plus_seconds(PATIENCE_SECONDS);
        if announced.paths.is_empty() {
            of_records.remove(id);
        }
    }

    /// Until when it is worth waiting for more; `None` when nothing more was announced.
    pub(crate) fn awaited_until(&self, id: &RecordId, now: Instant) -> Option<Instant> {
        self.lock().get(id).map(|announced| announced.until).filter(|until| *until > now)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RecordId, Announced>> {
        // Every change of the map is whole, so a panic elsewhere leaves it as it was.
        self.of_records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(path: &FilePath) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.as_str().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_folder_is_awaited_until_it_begins_or_its_sender_has_gone() {
        let announcements = Announcements::default();
        let id: RecordId = "7h3k9x2q4".parse().unwrap();
        let [one, two]: [FilePath; 2] = ["a/1.tif", "a/2.tif"].map(|path| path.parse().unwrap());
        let noon = Instant(0);
        assert_eq!(announcements.awaited_until(&id, noon), None);
        announcements.announce(&id, [&one, &two].into_iter(), noon);
        announcements.began(&id, &one, noon.plus_seconds(10));
        assert_eq!(announcements.awaited_until(&id, noon.plus_seconds(11)), Some(noon.plus_seconds(10 + PATIENCE_SECONDS)));
        assert_eq!(announcements.awaited_until(&id, noon.plus_seconds(10 + PATIENCE_SECONDS)), None);
        announcements.began(&id, &two, noon.plus_seconds(20));
        assert_eq!(announcements.awaited_until(&id, noon.plus_seconds(21)), None);
    }

    #[test]
    fn all_records_together_announce_no_more_than_the_memory_set_aside() {
        let announcements = Announcements::default();
        let ids: [RecordId; 3] = ["7h3k9x2q4", "7h3k9x2q5", "7h3k9x2q6"].map(|id| id.parse().unwrap());
        let paths: [FilePath; 2] = ["a/1.tif", "a/2.tif"].map(|path| path.parse().unwrap());
        let large = Announced { paths: (1..PATHS_MAX as u64).collect(), until: Instant(1) };
        announcements.lock().insert(ids[0].clone(), large);
        announcements.announce(&ids[1], paths.iter(), Instant(0));
        announcements.announce(&ids[2], paths.iter(), Instant(0));
        assert_eq!(announcements.lock()[&ids[1]].paths.len(), 1, "there was room for one");
        assert_eq!(announcements.awaited_until(&ids[2], Instant(0)), None);
        announcements.announce(&ids[2], paths.iter(), Instant(1));
        assert_eq!(announcements.lock()[&ids[2]].paths.len(), 2, "who has gone away makes room");
    }
}
