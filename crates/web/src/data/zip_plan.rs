//! Where everything stands in a record's ZIP, found in one walk through its files in constant memory: sums and sizes
//! are known since the upload, so the length is known, ranges can be answered, and the same record gives the same bytes.
//! The ZIP holds one folder, a bag as BagIt (RFC 8493) has it: the files under `data/`, then the manifest, then the other tags.

use super::zip_layout::{End, Entry};
use bytes::Bytes;
use record::{
    file::{FilePath, Original, Sha256 as Sha256Sum, StoredFile},
    id::RecordId,
    instant::Instant,
};
use sha2::{Digest, Sha256};

/// Files between two marks; also the size of a page.
pub(crate) const MARK_FILES: usize = 1000;
const MANIFEST: &str = "manifest-sha256.txt";
/// Where the files are in a bag.
pub(crate) const PAYLOAD: &str = "data";

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
    pub(crate) tags: Vec<PlacedTag>,
    pub(crate) newest: Instant,
    pub(crate) end: End,
    /// The same for the same files: 32 hexadecimal digits.
    pub(crate) etag: String,
}

/// A small file of the bag that is not of the deposit, and is held in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) name: &'static str,
    pub(crate) bytes: Bytes,
}

/// The same where it stands.
#[derive(Debug, Clone)]
pub(crate) struct PlacedTag {
    /// With the folder of the bag.
    pub(crate) name: String,
    pub(crate) bytes: Bytes,
    pub(crate) crc32: u32,
    /// Where its local header stands.
    pub(crate) offset: u64,
}

/// The walk while it goes on.
pub(crate) struct Planner {
    id: RecordId,
    here: Mark,
    marks: Vec<Mark>,
    files: u64,
    payload_bytes: u64,
    manifest_crc32: crc32fast::Hasher,
    manifest_sum: Sha256,
    sum: Sha256,
    newest: Instant,
}

pub(crate) fn name_in_zip(id: &RecordId, path: &str) -> String {
    format!("{id}/{PAYLOAD}/{path}")
}

/// As `sha256sum` writes it. BagIt escapes ends of lines and `%`; a `%` that cannot be taken for an escape stays as it is,
/// because readers leave it alone and `sha256sum` knows no escapes.
pub(crate) fn manifest_line(original: &Original) -> String {
    let path = original.path.as_str();
    if ["\r", "\n", "%0d", "%0D", "%0a", "%0A", "%25"].iter().any(|escape| path.contains(escape)) {
        let path = path.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
        return format!("{}  {PAYLOAD}/{path}\n", original.sha256);
    }
    format!("{}  {PAYLOAD}/{path}\n", original.sha256)
}

impl Planner {
    pub(crate) fn new(id: RecordId) -> Self {
        let here = Mark { after: None, local: 0, manifest: 0, central: 0 };
        Self {
            id,
            here,
            marks: Vec::new(),
            files: 0,
            payload_bytes: 0,
            manifest_crc32: crc32fast::Hasher::new(),
            manifest_sum: Sha256::new(),
            sum: Sha256::new(),
            newest: Instant(0),
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
        self.payload_bytes += original.bytes;
        self.manifest_crc32.update(line.as_bytes());
        self.manifest_sum.update(line.as_bytes());
        self.sum.update(line.as_bytes());
        self.sum.update(original.added_at.0.to_le_bytes());
        self.here.central += entry.central_bytes(self.here.local);
        self.here.local += entry.local_bytes() + original.bytes;
        self.here.manifest += line.len() as u64;
        self.newest = self.newest.max(original.added_at);
        self.files += 1;
    }

    /// How many files and bytes there are, and when the last one came.
    pub(crate) fn totals(&self) -> (u64, u64, Instant) {
        (self.files, self.payload_bytes, self.newest)
    }

    /// `tags` are all the other files of the bag but `tagmanifest-sha256.txt`, which is made here.
    pub(crate) fn finish(mut self, tags: Vec<Tag>) -> ZipPlan {
        let manifest_name = format!("{}/{MANIFEST}", self.id);
        let manifest_crc32 = self.manifest_crc32.clone().finalize();
        let manifest = Entry { name: &manifest_name, bytes: self.here.manifest, crc32: manifest_crc32, added_at: self.newest };
        let mut offset = self.here.local + manifest.local_bytes() + self.here.manifest;
        let mut central_bytes = self.here.central + manifest.central_bytes(self.here.local);
        let mut placed = Vec::new();
        for tag in with_their_manifest(tags, Sha256Sum(self.manifest_sum.finalize_reset().into())) {
            self.sum.update(&tag.bytes);
            let name = format!("{}/{}", self.id, tag.name);
            let tag = PlacedTag { name, crc32: crc32fast::hash(&tag.bytes), bytes: tag.bytes, offset };
            let entry = tag.entry(self.newest);
            central_bytes += entry.central_bytes(offset);
            offset += entry.local_bytes() + entry.bytes;
            placed.push(tag);
        }
        let end = End { entries: self.files + 1 + placed.len() as u64, central_offset: offset, central_bytes };
        let etag = self.sum.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        ZipPlan {
            total: offset + central_bytes + end.bytes(),
            marks: self.marks,
            manifest_offset: self.here.local,
            manifest_bytes: self.here.manifest,
            manifest_crc32,
            tags: placed,
            newest: self.newest,
            end,
            etag,
            manifest_name,
            id: self.id,
        }
    }
}

/// The checksums of all tags, the manifest among them, and at their end themselves as a tag.
fn with_their_manifest(mut tags: Vec<Tag>, manifest: Sha256Sum) -> Vec<Tag> {
    let mut lines = format!("{manifest}  {MANIFEST}\n");
    for tag in &tags {
        lines.push_str(&format!("{}  {}\n", Sha256Sum(Sha256::digest(&tag.bytes).into()), tag.name));
    }
    tags.push(Tag { name: "tagmanifest-sha256.txt", bytes: lines.into() });
    tags
}

impl PlacedTag {
    pub(crate) fn entry(&self, newest: Instant) -> Entry<'_> {
        Entry { name: &self.name, bytes: self.bytes.len() as u64, crc32: self.crc32, added_at: newest }
    }
}

pub(crate) fn entry_of<'a>(name: &'a str, original: &Original) -> Entry<'a> {
    Entry { name, bytes: original.bytes, crc32: original.crc32, added_at: original.added_at }
}

impl ZipPlan {
    pub(crate) fn manifest_entry(&self) -> Entry<'_> {
        Entry { name: &self.manifest_name, bytes: self.manifest_bytes, crc32: self.manifest_crc32, added_at: self.newest }
    }

    /// Bytes of the central directory before the manifest's header.
    pub(crate) fn central_of_files(&self) -> u64 {
        let tags: u64 = self.tags.iter().map(|tag| tag.entry(self.newest).central_bytes(tag.offset)).sum();
        self.end.central_bytes - self.manifest_entry().central_bytes(self.manifest_offset) - tags
    }

    /// The last mark at or before a position, measured as `place` measures.
    pub(crate) fn mark_before(&self, position: u64, place: impl Fn(&Mark) -> u64) -> usize {
        self.marks.partition_point(|mark| place(mark) <= position).saturating_sub(1)
    }
}
