//! What was seen of the files of a few records, so that no plane is read twice while they arrive. It may be lost at any time.

use super::Shown;
use picture::{CoarsePlane, NamedPicture};
use record::{id::RecordId, instant::Instant};
use std::{
    collections::{HashMap, VecDeque},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Records whose planes are remembered; each takes at most some 25 MB.
const RECORDS_MAX: usize = 3;

/// A plane: of a file, known by what lies in it, and its number in the volume as it is known now.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct PlaneKey {
    /// The sum of a whole file, or the upload that it comes by.
    pub(super) file: String,
    /// The plane inside of that file.
    pub(super) plane: usize,
    /// Its place along z; another place of the same plane is another key.
    pub(super) number: usize,
}

#[derive(Default)]
pub(crate) struct Memo {
    pub(super) planes: HashMap<PlaneKey, Arc<CoarsePlane>>,
    /// The picture of the plane in the middle.
    pub(super) sharp: Option<(PlaneKey, NamedPicture)>,
    /// How much had arrived at the last look: files, and bytes of those on their way.
    pub(super) arrived: (usize, u64),
    pub(super) idle_looks: u32,
    /// Looks in a row that ended before all was read.
    pub(super) cuts: u32,
    pub(super) not_before: Option<Instant>,
    /// Where the bytes of the arriving file lie.
    pub(super) staged: Option<PathBuf>,
}

/// What a look came to.
pub(super) struct Sight {
    pub(super) memo: Memo,
    pub(super) shown: Option<Shown>,
    /// There was more to read than there was time.
    pub(super) is_cut_short: bool,
}

impl Memo {
    pub(super) fn keep_only(&mut self, wanted: &[PlaneKey]) {
        let wanted: std::collections::HashSet<&PlaneKey> = wanted.iter().collect();
        self.planes.retain(|key, _| wanted.contains(key));
    }
}

/// The last of them is the one looked at last.
#[derive(Default)]
pub(crate) struct Memory {
    memos: Mutex<VecDeque<(RecordId, Memo)>>,
}

impl Memory {
    fn memos(&self) -> MutexGuard<'_, VecDeque<(RecordId, Memo)>> {
        // Each entry is whole at any time.
        self.memos.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of a record, in the hands of the one who looks.
    pub(super) fn take(&self, id: &RecordId) -> Memo {
        let mut memos = self.memos();
        let at = memos.iter().position(|(known, _)| known == id);
        at.and_then(|at| memos.remove(at)).map(|(_, memo)| memo).unwrap_or_default()
    }

    pub(super) fn keep(&self, id: &RecordId, memo: Memo) {
        let mut memos = self.memos();
        memos.retain(|(known, _)| known != id);
        memos.push_back((id.clone(), memo));
        while memos.len() > RECORDS_MAX {
            memos.pop_front();
        }
    }

    pub(super) fn forget(&self, id: &RecordId) {
        self.memos().retain(|(known, _)| known != id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_records_looked_at_last_are_remembered() {
        let memory = Memory::default();
        let ids: Vec<RecordId> = ["7h3k9x2q4", "7h3k9x2q5", "7h3k9x2q6", "7h3k9x2q7"].iter().map(|id| id.parse().unwrap()).collect();
        for (number, id) in ids.iter().enumerate() {
            memory.keep(id, Memo { arrived: (number + 1, 0), ..Memo::default() });
        }
        assert_eq!(memory.take(&ids[0]).arrived, (0, 0));
        assert_eq!(memory.take(&ids[3]).arrived, (4, 0));
        assert_eq!(memory.take(&ids[3]).arrived, (0, 0), "it is in the hands of whoever took it");
    }
}
