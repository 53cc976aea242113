//! Where everything stands in a record's ZIP, found in one walk through its files in constant memory: sums and sizes
//! are known since the upload, so the length is known, ranges can be answered, and the same record gives the same bytes.

use super::zip_layout::{End, Entry};
use record::{
    file::{FilePath, Original, StoredFile},
    id::RecordId,
    instant::Instant,
};
use sha2::{Digest, Sha256};

/// Files between two marks; also the size of a page.
pub(crate) const MARK_FILES: usize = 1000;
const MANIFEST: &str = "manifest-sha256.txt";
/// Where a deposit has a file of that name itself.
const MANIFEST_BESIDE: &str = "manifest-sha256-of-science3d.txt";

/// A place from which a walk can start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) after: Option<FilePath>,
    /// Where the next file's local header stands.
    pub(crate) local: u64,
    /// Where its line begins in the manifest.
    pub(crate) manifest: u64,
    /// Where its header begins in the central directory.
    pub(crate) central: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct ZipPlan {
    pub(crate) id: RecordId,
    pub(crate) marks: Vec<Mark>,
    pub(crate) total: u64,
    pub(crate) manifest_name: String,
    pub(crate) manifest_offset: u64,
    pub(crate) manifest_bytes: u64,
    pub(crate) manifest_crc32: u32,
    pub(crate) newest: Instant,
    pub(crate) end: End,
    /// The same for the same files: 32 hexadecimal digits.
    pub(crate) etag: String,
}

/// The walk while it goes on.
pub(crate) struct Planner {
    id: RecordId,
    here: Mark,
    marks: Vec<Mark>,
    files: u64,
    manifest_sum: crc32fast::Hasher,
    sum: Sha256,
    newest: Instant,
    has_manifest: bool,
}

pub(crate) fn name_in_zip(id: &RecordId, path: &str) -> String {
    format!("{id}/{path}")
}

pub(crate) fn manifest_line(original: &Original) -> String {
    format!("{}  {}\n", original.sha256, original.path)
}

impl Planner {
    pub(crate) fn new(id: RecordId) -> Self {
        let here = Mark { after: None, local: 0, manifest: 0, central: 0 };
        Self {
            id,
            here,
            marks: Vec::new(),
            files: 0,
            manifest_sum: crc32fast::Hasher::new(),
            sum: Sha256::new(),
            newest: Instant(0),
            has_manifest: false,
        }
    }

    pub(crate) fn last(&self) -> Option<&FilePath> {
        self.here.after.as_ref()
    }

    /// Takes the next page of at most [`MARK_FILES`] files, in the order of their paths.
    pub(crate) fn page(&mut self, page: &[StoredFile]) {
        self.marks.push(self.here.clone());
        for file in page {
            self.file(&file.original);
        }
        if let Some(last) = page.last() {
            self.here.after = Some(last.original.path.clone());
        }
    }

    fn file(&mut self, original: &Original) {
        let name = name_in_zip(&self.id, original.path.as_str());
        let entry = entry_of(&name, original);
        let line = manifest_line(original);
        self.manifest_sum.update(line.as_bytes());
        self.sum.update(line.as_bytes());
        self.sum.update(original.added_at.0.to_le_bytes());
        self.here.central += entry.central_bytes(self.here.local);
        self.here.local += entry.local_bytes() + original.bytes;
        self.here.manifest += line.len() as u64;
        self.newest = self.newest.max(original.added_at);
        self.has_manifest |= original.path.folded() == MANIFEST;
        self.files += 1;
    }

    pub(crate) fn finish(self) -> ZipPlan {
        let manifest_name = name_in_zip(&self.id, if self.has_manifest { MANIFEST_BESIDE } else { MANIFEST });
        let manifest_crc32 = self.manifest_sum.finalize();
        let manifest = Entry { name: &manifest_name, bytes: self.here.manifest, crc32: manifest_crc32, added_at: self.newest };
        let central_offset = self.here.local + manifest.local_bytes() + self.here.manifest;
        let central_bytes = self.here.central + manifest.central_bytes(self.here.local);
        let end = End { entries: self.files + 1, central_offset, central_bytes };
        let etag = self.sum.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        ZipPlan {
            total: central_offset + central_bytes + end.bytes(),
            marks: self.marks,
            manifest_offset: self.here.local,
            manifest_bytes: self.here.manifest,
            manifest_crc32,
            newest: self.newest,
            end,
            etag,
            manifest_name,
            id: self.id,
        }
    }
}

pub(crate) fn entry_of<'a>(name: &'a str, original: &Original) -> Entry<'a> {
    Entry { name, bytes: original.bytes, crc32: original.crc32, added_at: original.added_at }
}

impl ZipPlan {
    pub(crate) fn manifest_entry(&self) -> Entry<'_> {
        Entry { name: &self.manifest_name, bytes: self.manifest_bytes, crc32: self.manifest_crc32, added_at: self.newest }
    }

    /// The last mark at or before a position, measured as `place` measures.
    pub(crate) fn mark_before(&self, position: u64, place: impl Fn(&Mark) -> u64) -> usize {
        self.marks.partition_point(|mark| place(mark) <= position).saturating_sub(1)
    }
}
