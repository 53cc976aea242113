//! What an unfinished volume remembers of itself, so that a run that was killed need not begin again.
//!
//! The journal is one file in OUT.part: a length, a JSON head, then the counts and the waiting chunks as plain bytes, then
//! a checksum. It is replaced after each row of shards, by a rename and after everything it speaks of is on the disk.
//! Another input, other options or another program version make it worth nothing.

use std::fs::Metadata;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::plan::Plan;
use crate::format::Opened;
use crate::statistics::Sums;
use crate::zarr::write::{Flush, Flusher, WriterState};
use crate::{ConvertOptions, Trouble};

pub(crate) const FILE: &str = "journal";
/// The next one before it takes its place.
pub(crate) const NEXT: &str = "journal.new";
/// Larger journals are not read.
const JOURNAL_MAX_BYTES: u64 = 4 << 30;

/// Everything that another run needs to go on.
pub(crate) struct Kept {
    /// Planes of level 0 that are packed and written.
    pub(crate) planes: usize,
    pub(crate) label: bool,
    pub(crate) counts: Vec<u64>,
    pub(crate) not_finite: u64,
    pub(crate) sums: Sums,
    pub(crate) levels: Vec<KeptLevel>,
}

pub(crate) struct KeptLevel {
    pub(crate) writer: WriterState,
    pub(crate) written_planes: usize,
    pub(crate) waiting_planes: usize,
    /// Chunks that are not full yet; none where no plane waits.
    pub(crate) chunks: Vec<Vec<u8>>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    identity: serde_json::Value,
    planes: usize,
    label: bool,
    not_finite: u64,
    /// Bits of min, max, sum, sum of squares; JSON has no infinity.
    sums: [u64; 4],
    counted: u64,
    counts: usize,
    levels: Vec<HeadLevel>,
}

#[derive(Serialize, Deserialize)]
struct HeadLevel {
    writer: WriterState,
    written_planes: usize,
    waiting_planes: usize,
    chunks: usize,
    chunk_bytes: usize,
}

pub(crate) struct Journal {
    path: PathBuf,
    identity: serde_json::Value,
}

impl Journal {
    pub(crate) fn of(part: &Path, input: &Path, opened: &Opened, plan: &Plan, options: &ConvertOptions) -> Result<Self, Trouble> {
        let mut hasher = DefaultHasher::new();
        fingerprint_all(input, &opened.header.files, &mut hasher)?;
        let grids: Vec<_> = plan.grids.iter().map(|grid| (grid.shape, grid.chunk, grid.per_shard)).collect();
        let identity = json!({
            "program": env!("CARGO_PKG_VERSION"),
            "input": [hasher.finish(), opened.bytes_in],
            "files": opened.header.files.len(),
            "element": plan.element,
            "grids": grids,
            "codec": plan.codec.to_string(),
            "label": plan.label,
            "asked": options.asked,
        });
        Ok(Self { path: part.join(FILE), identity })
    }

    /// Sends the journal after the files of which it speaks.
    pub(crate) fn write(&self, flusher: &Flusher, kept: &Kept) -> Result<(), Trouble> {
        let before = kept.levels.iter().flat_map(|level| level.writer.unfinished().cloned()).collect();
        let trouble = |error: serde_json::Error| Trouble::io("writing", &self.path, &error.into());
        let bytes = self.bytes(kept).map_err(trouble)?;
        flusher.send(Flush::Document { before, path: self.path.clone(), bytes })
    }

    fn bytes(&self, kept: &Kept) -> serde_json::Result<Vec<u8>> {
        let Sums { min, max, sum, squares, count } = kept.sums;
        let level = |level: &KeptLevel| HeadLevel {
            writer: level.writer.clone(),
            written_planes: level.written_planes,
            waiting_planes: level.waiting_planes,
            chunks: level.chunks.len(),
            chunk_bytes: level.chunks.first().map_or(0, Vec::len),
        };
        let head = serde_json::to_vec(&Head {
            identity: self.identity.clone(),
            planes: kept.planes,
            label: kept.label,
            not_finite: kept.not_finite,
            sums: [min, max, sum, squares].map(f64::to_bits),
            counted: count,
            counts: kept.counts.len(),
            levels: kept.levels.iter().map(level).collect(),
        })?;
        let mut bytes = (head.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(&head);
        kept.counts.iter().for_each(|count| bytes.extend_from_slice(&count.to_le_bytes()));
        kept.levels.iter().flat_map(|level| &level.chunks).for_each(|chunk| bytes.extend_from_slice(chunk));
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
        Ok(bytes)
    }

    /// What an earlier run of the same conversion left; nothing when there is none or it does not fit.
    pub(crate) fn read(&self) -> Option<Kept> {
        if std::fs::metadata(&self.path).ok()?.len() > JOURNAL_MAX_BYTES {
            return None;
        }
        let bytes = std::fs::read(&self.path).ok()?;
        let (body, sum) = bytes.split_last_chunk::<4>()?;
        if crc32c::crc32c(body).to_le_bytes() != *sum {
            return None;
        }
        let (length, rest) = body.split_first_chunk::<8>()?;
        let (head, mut rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        let head: Head = serde_json::from_slice(head).ok()?;
        if head.identity != self.identity {
            return None;
        }
        let mut take = |count: usize| {
            let (taken, after) = rest.split_at_checked(count)?;
            rest = after;
            Some(taken)
        };
        let counts = take(head.counts.checked_mul(8)?)?.as_chunks().0.iter().map(|count| u64::from_le_bytes(*count)).collect();
        let mut levels = Vec::new();
        for level in head.levels {
            let chunks = (0..level.chunks).map(|_| take(level.chunk_bytes).map(<[u8]>::to_vec)).collect::<Option<_>>()?;
            let HeadLevel { writer, written_planes, waiting_planes, .. } = level;
            levels.push(KeptLevel { writer, written_planes, waiting_planes, chunks });
        }
        let [min, max, sum, squares] = head.sums.map(f64::from_bits);
        let sums = Sums { min, max, sum, squares, count: head.counted };
        Some(Kept { planes: head.planes, label: head.label, counts, not_finite: head.not_finite, sums, levels })
    }
}

/// What the conversion reads. A file may be only a header: the files of its folder belong to it, and those it names further below.
fn fingerprint_all(input: &Path, files: &[String], hasher: &mut DefaultHasher) -> Result<(), Trouble> {
    fingerprint(input, hasher)?;
    if input.is_dir() {
        return Ok(());
    }
    let folder = input.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let trouble = |error: std::io::Error| Trouble::io("looking at", folder, &error);
    let mut paths: Vec<_> = files.iter().map(|name| folder.join(name)).collect();
    for entry in std::fs::read_dir(folder).map_err(trouble)? {
        paths.push(entry.map_err(trouble)?.path());
    }
    paths.sort();
    paths.dedup();
    // Folders may hold anything, even what this conversion makes.
    let looked = paths.iter().filter_map(|path| Some((path, std::fs::metadata(path).ok().filter(Metadata::is_file)?)));
    looked.for_each(|(path, metadata)| hash_one(path, &metadata, hasher));
    Ok(())
}

/// Names, lengths and times of everything at a path.
fn fingerprint(path: &Path, hasher: &mut DefaultHasher) -> Result<(), Trouble> {
    let trouble = |error: std::io::Error| Trouble::io("looking at", path, &error);
    let metadata = std::fs::metadata(path).map_err(trouble)?;
    if !metadata.is_dir() {
        hash_one(path, &metadata, hasher);
        return Ok(());
    }
    let mut entries: Vec<_> = std::fs::read_dir(path).map_err(trouble)?.collect::<Result<_, _>>().map_err(trouble)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        match entry.metadata().map_err(trouble)? {
            metadata if metadata.is_dir() => fingerprint(&entry.path(), hasher)?,
            metadata => hash_one(&entry.path(), &metadata, hasher),
        }
    }
    Ok(())
}

fn hash_one(path: &Path, metadata: &Metadata, hasher: &mut DefaultHasher) {
    let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    (path, metadata.len(), changed).hash(hasher);
}
