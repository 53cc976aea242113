//! The index on disk: opened or built anew, written by one, read by many.

use crate::{
    answer,
    columns::{Columns, Dictionary},
    disk::{Disk, give_back_memory},
    entry::Entry,
    fault::Fault,
    hits::Hits,
    query::Query,
    range,
    schema::{Fields, VERSION},
    segment::Segment,
};
use record::id::RecordId;
use std::{
    collections::{HashMap, VecDeque},
    path::Path,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};
use tantivy::{
    IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyError, Term, directory::error::LockError, index::SegmentId,
    indexer::NoMergePolicy,
};

/// What happened to a record, as far as the index cares.
#[derive(Debug, Clone)]
pub enum Change {
    Put(Box<Entry>),
    Remove(RecordId),
}

impl Change {
    /// What to do with a record after any event: show it, or forget it.
    pub fn of(id: &RecordId, entry: Option<Entry>) -> Self {
        entry.map_or_else(|| Self::Remove(id.clone()), |entry| Self::Put(Box::new(entry)))
    }
}

/// An opened index.
pub struct Opened {
    pub index: Index,
    /// It is empty because there was none, or one of another version, or a damaged one:
    /// replay the event log from its beginning.
    pub fresh: bool,
}

#[derive(Clone)]
pub struct Index(Arc<Shared>);

struct Shared {
    fields: Fields,
    reader: IndexReader,
    writer: Mutex<IndexWriter>,
    dictionary: RwLock<Dictionary>,
    generation: RwLock<Arc<Generation>>,
    position: AtomicI64,
}

/// What all questions between two changes see.
pub(crate) struct Generation {
    pub(crate) searcher: Searcher,
    pub(crate) segments: Vec<Arc<Segment>>,
    pub(crate) total: usize,
    answers: Mutex<Answers>,
    /// The first page of everything, which most visitors see.
    pub(crate) everything: OnceLock<Arc<answer::Found>>,
}

#[derive(Default)]
struct Answers {
    kept: HashMap<Query, Arc<Hits>>,
    order: VecDeque<Query>,
}

/// Answers remembered until the next change.
const ANSWERS_MAX: usize = 512;
/// Bytes of documents gathered before they are written; more only makes more segments.
const WRITER_BYTES: usize = 50_000_000;
const STORE_BLOCKS_KEPT: usize = 256;
/// More segments than this are merged; each costs every question a little.
const SEGMENTS_MAX: usize = 5;
/// Checking the sums of a bigger index would delay the start.
const CHECKED_BYTES_MAX: u64 = 256 << 20;

impl Index {
    /// Opens the index below this folder, or builds an empty one in place of what cannot be used.
    pub fn open(dir: &Path) -> Result<Opened, Fault> {
        // A folder of our own, because it is deleted whenever it does not fit.
        let dir = dir.join("tantivy");
        let folder = |source| Fault::Folder { path: dir.clone(), source };
        std::fs::create_dir_all(&dir).map_err(folder)?;
        match Self::open_existing(&dir) {
            Ok(index) => return Ok(Opened { index, fresh: false }),
            Err(Unusable::Locked) => return Err(Fault::Locked { path: dir }),
            Err(Unusable::Absent) => {}
            Err(Unusable::Damaged(reason)) => tracing::warn!(%reason, "the search index cannot be used and is built anew"),
        }
        std::fs::remove_dir_all(&dir).map_err(folder)?;
        std::fs::create_dir_all(&dir).map_err(folder)?;
        let fields = Fields::new();
        let settings = tantivy::IndexSettings { docstore_blocksize: 4096, ..Default::default() };
        let disk = Disk::open(&dir).map_err(|error| Fault::broken("create")(error.into()))?;
        let index = tantivy::Index::create(disk, fields.schema.clone(), settings).map_err(Fault::broken("create"))?;
        let writer = Self::writer_of(&index, &dir)?;
        let index = Self::assemble(fields, &index, writer, 0).map_err(Fault::broken("open"))?;
        index.apply(Vec::new(), 0)?;
        Ok(Opened { index, fresh: true })
    }

    fn open_existing(dir: &Path) -> Result<Self, Unusable> {
        if !dir.join("meta.json").exists() {
            return Err(Unusable::Absent);
        }
        let damaged = |error: TantivyError| Unusable::Damaged(error.to_string());
        let index = Disk::open(dir).map_err(TantivyError::from).and_then(tantivy::Index::open).map_err(damaged)?;
        let payload = index.load_metas().map_err(damaged)?.payload.unwrap_or_default();
        let position = read_payload(&payload).ok_or_else(|| Unusable::Damaged(format!("it is of another version ({payload})")))?;
        let fields = Fields::new();
        if index.schema() != fields.schema {
            return Err(Unusable::Damaged("it has other fields".to_owned()));
        }
        if folder_bytes(dir) <= CHECKED_BYTES_MAX {
            let broken = index.validate_checksum().map_err(damaged)?;
            if !broken.is_empty() {
                return Err(Unusable::Damaged(format!("{} of its files are damaged", broken.len())));
            }
        }
        let writer = Self::writer_of(&index, dir).map_err(|fault| match fault {
            Fault::Locked { .. } => Unusable::Locked,
            other => Unusable::Damaged(other.to_string()),
        })?;
        Self::assemble(fields, &index, writer, position).map_err(damaged)
    }

    fn writer_of(index: &tantivy::Index, dir: &Path) -> Result<IndexWriter, Fault> {
        let writer: IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES).map_err(|error| match error {
            TantivyError::LockFailure(LockError::LockBusy, _) => Fault::Locked { path: dir.to_owned() },
            other => Fault::broken("write")(other),
        })?;
        // We merge when we commit, so that what is searched is always merged.
        writer.set_merge_policy(Box::new(NoMergePolicy));
        Ok(writer)
    }

    fn assemble(fields: Fields, index: &tantivy::Index, writer: IndexWriter, position: i64) -> tantivy::Result<Self> {
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).doc_store_cache_num_blocks(STORE_BLOCKS_KEPT).try_into()?;
        let mut dictionary = Dictionary::default();
        let generation = Generation::build(&reader, &mut dictionary, None)?;
        Ok(Self(Arc::new(Shared {
            fields,
            reader,
            writer: Mutex::new(writer),
            dictionary: RwLock::new(dictionary),
            generation: RwLock::new(Arc::new(generation)),
            position: AtomicI64::new(position),
        })))
    }

    /// The last event that the index knows.
    pub fn position(&self) -> i64 {
        self.0.position.load(Ordering::Acquire)
    }

    /// How many records can be found.
    pub fn total(&self) -> usize {
        self.generation().total
    }

    /// Applies changes in their order and remembers the position in the same commit. Slow; not for async threads.
    /// After a fault nothing is changed and the same call may be made again.
    pub fn apply(&self, changes: Vec<Change>, position: i64) -> Result<(), Fault> {
        let mut writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = self.write(&mut writer, changes, position) {
            if let Err(second) = writer.rollback() {
                tracing::error!(error = %second, "the search index could not be rolled back");
            }
            return Err(Fault::broken("change")(error));
        }
        self.0.position.store(position, Ordering::Release);
        self.renew().map_err(Fault::broken("read"))?;
        if Self::merge(&mut writer).map_err(Fault::broken("tidy"))? {
            self.renew().map_err(Fault::broken("read"))?;
            give_back_memory();
        }
        Ok(())
    }

    fn write(&self, writer: &mut IndexWriter, changes: Vec<Change>, position: i64) -> tantivy::Result<()> {
        let fields = &self.0.fields;
        for change in changes {
            match change {
                Change::Put(entry) => {
                    writer.delete_term(Term::from_field_text(fields.id, entry.id().as_str()));
                    writer.add_document(fields.document(&entry))?;
                }
                Change::Remove(id) => {
                    writer.delete_term(Term::from_field_text(fields.id, id.as_str()));
                }
            }
        }
        let mut commit = writer.prepare_commit()?;
        commit.set_payload(&format!("v{VERSION} at {position}"));
        commit.commit()?;
        Ok(())
    }

    /// Merges small segments, and those with many deletions; big ones only when the small ones have grown up to them.
    fn merge(writer: &mut IndexWriter) -> tantivy::Result<bool> {
        let mut metas = writer.index().searchable_segment_metas()?;
        metas.sort_by_key(|meta| meta.num_docs());
        let mut chosen: Vec<SegmentId> = Vec::new();
        if metas.len() > SEGMENTS_MAX {
            let mut sum = 0;
            for meta in &metas {
                if chosen.len() >= SEGMENTS_MAX - 1 && meta.num_docs() > sum {
                    break;
                }
                sum += meta.num_docs();
                chosen.push(meta.id());
            }
        } else {
            let holed = metas.iter().find(|meta| meta.num_deleted_docs() > meta.num_docs());
            chosen.extend(holed.map(|meta| meta.id()));
        }
        if chosen.is_empty() {
            return Ok(false);
        }
        let payload = writer.index().load_metas()?.payload;
        writer.merge(&chosen).wait()?;
        // The position lies in the payload: losing it would mean reading the whole log again, never a wrong answer.
        if writer.index().load_metas()?.payload != payload {
            let mut commit = writer.prepare_commit()?;
            commit.set_payload(payload.as_deref().unwrap_or_default());
            commit.commit()?;
        }
        writer.garbage_collect_files().wait()?;
        Ok(true)
    }

    fn renew(&self) -> tantivy::Result<()> {
        self.0.reader.reload()?;
        let before = self.generation();
        let mut dictionary = self.0.dictionary.write().unwrap_or_else(PoisonError::into_inner);
        let after = Generation::build(&self.0.reader, &mut dictionary, Some(&before))?;
        drop(dictionary);
        *self.0.generation.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(after);
        Ok(())
    }

    fn generation(&self) -> Arc<Generation> {
        self.0.generation.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Quick enough to be called from an async thread. Any query has an answer; a fault means a broken index.
    pub fn search(&self, query: &Query) -> Result<Arc<Hits>, Fault> {
        let generation = self.generation();
        if let Some(hits) = generation.remembered(query) {
            return Ok(hits);
        }
        let (words, ranges) = range::split(&query.text);
        let asked = answer::Asked { fields: &self.0.fields, dictionary: &self.0.dictionary, generation: &generation, query, words, ranges };
        let hits = Arc::new(asked.answer().map_err(Fault::broken("search"))?);
        generation.remember(query, &hits);
        Ok(hits)
    }
}

impl Generation {
    fn build(reader: &IndexReader, dictionary: &mut Dictionary, before: Option<&Generation>) -> tantivy::Result<Self> {
        let searcher = reader.searcher();
        let mut segments = Vec::new();
        for reader in searcher.segment_readers() {
            let known = before.and_then(|before| {
                let position = before.searcher.segment_readers().iter().position(|known| known.segment_id() == reader.segment_id())?;
                let unchanged = before.searcher.segment_readers()[position].num_docs() == reader.num_docs();
                Some((before.segments[position].clone(), unchanged))
            });
            segments.push(match known {
                Some((segment, true)) => segment,
                Some((segment, false)) => Arc::new(segment.again(reader)),
                None => Arc::new(Segment::new(reader, Arc::new(Columns::load(reader, dictionary)?))),
            });
        }
        let total = segments.iter().map(|segment| segment.living()).sum();
        Ok(Self { searcher, segments, total, answers: Mutex::default(), everything: OnceLock::new() })
    }

    fn remembered(&self, query: &Query) -> Option<Arc<Hits>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).kept.get(query).cloned()
    }

    fn remember(&self, query: &Query, hits: &Arc<Hits>) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.order.len() >= ANSWERS_MAX
            && let Some(oldest) = answers.order.pop_front()
        {
            answers.kept.remove(&oldest);
        }
        if answers.kept.insert(query.clone(), hits.clone()).is_none() {
            answers.order.push_back(query.clone());
        }
    }
}

enum Unusable {
    Absent,
    Locked,
    Damaged(String),
}

fn read_payload(payload: &str) -> Option<i64> {
    payload.strip_prefix(&format!("v{VERSION} at "))?.parse().ok()
}

fn folder_bytes(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Index of {} records at {}", self.total(), self.position())
    }
}
