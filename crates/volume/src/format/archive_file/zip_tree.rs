//! A Zarr or N5 container inside a ZIP, read key by key without unpacking it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, PoisonError};

use super::zip::{Directory, Entry, begins};
use crate::Trouble;
use crate::format::zarr::tree::{Tree, cut_off, failed, safe_key, too_long};
use crate::format::zarr::{marks_container, marks_container_for_sure};

/// Deflated shards of which a part is wanted are expanded whole, up to this, and kept for the next part, as many as fit.
const EXPANDED_MAX_BYTES: u64 = 1 << 30;

pub(super) struct ZipTree {
    file: Arc<File>,
    entries: BTreeMap<String, Entry>,
    /// Expanded shards by their keys, the last wanted at the end.
    expanded: Mutex<Vec<(String, Arc<Vec<u8>>)>>,
}

impl ZipTree {
    /// The one container of the archive: at its top, or in one folder.
    pub(super) fn of_container(directory: &Directory) -> Option<Self> {
        let mut entries = BTreeMap::new();
        for entry in directory.entries.iter().filter(|entry| !entry.is_folder() && !entry.name.starts_with("__MACOSX/")) {
            entries.insert(safe_key(&entry.name).filter(|key| !key.is_empty())?, entry.clone());
        }
        let folder = |key: &str| key.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
        let name = |key: &str| key.rsplit('/').next().unwrap_or_default().to_owned();
        let marked: BTreeSet<String> = entries.keys().filter(|key| marks_container(&name(key))).map(|key| folder(key)).collect();
        let top = marked.iter().min_by_key(|folder| folder.len())?.clone();
        let inside = |key: &str| top.is_empty() || key.strip_prefix(top.as_str()).is_some_and(|rest| rest.starts_with('/'));
        let sure = entries.keys().any(|key| marks_container_for_sure(&name(key)));
        if !sure || !marked.iter().all(|folder| *folder == top || inside(folder)) {
            return None;
        }
        let skip = if top.is_empty() { 0 } else { top.len() + 1 };
        let entries = entries.into_iter().filter(|(key, _)| inside(key)).map(|(key, entry)| (key[skip..].to_owned(), entry)).collect();
        Some(Self { file: directory.file.clone(), entries, expanded: Mutex::default() })
    }

    fn part(&self, key: &str, entry: &Entry, offset: u64, length: u64) -> Result<Vec<u8>, Trouble> {
        let mut bytes = vec![0; length as usize];
        let at = begins(&self.file, entry)? + offset;
        self.file.read_exact_at(&mut bytes, at).map_err(|error| failed("reading", key, &error))?;
        Ok(bytes)
    }

    fn whole(&self, key: &str, entry: &Entry, most: u64) -> Result<Vec<u8>, Trouble> {
        if entry.bytes > most || entry.packed_bytes > most.saturating_add(1 << 16) {
            return Err(too_long(key, most));
        }
        let stored = self.part(key, entry, 0, entry.packed_bytes)?;
        if !entry.deflated {
            return Ok(stored);
        }
        let mut plain = Vec::new();
        let reader = flate2::read::DeflateDecoder::new(&stored[..]).take(entry.bytes + 1);
        { reader }.read_to_end(&mut plain).map_err(|error| failed("expanding", key, &error))?;
        if plain.len() as u64 != entry.bytes {
            return Err(cut_off(key));
        }
        Ok(plain)
    }

    /// A deflated entry, expanded once for all its parts: whoever wants another part waits.
    fn expanded(&self, key: &str, entry: &Entry) -> Result<Arc<Vec<u8>>, Trouble> {
        let mut expanded = self.expanded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = expanded.iter().position(|(known, _)| known == key) {
            let known = expanded.remove(at);
            let plain = known.1.clone();
            expanded.push(known);
            return Ok(plain);
        }
        // Room is made first, so that never more than this is held.
        let mut held: u64 = expanded.iter().map(|(_, plain)| plain.len() as u64).sum();
        while held.saturating_add(entry.bytes) > EXPANDED_MAX_BYTES && !expanded.is_empty() {
            held -= expanded.remove(0).1.len() as u64;
        }
        let plain = Arc::new(self.whole(key, entry, EXPANDED_MAX_BYTES)?);
        expanded.push((key.to_owned(), plain.clone()));
        Ok(plain)
    }
}

impl Tree for ZipTree {
    fn size(&self, key: &str) -> Result<Option<u64>, Trouble> {
        Ok(self.entries.get(key).map(|entry| entry.bytes))
    }

    fn read(&self, key: &str, most: u64) -> Result<Option<Vec<u8>>, Trouble> {
        self.entries.get(key).map(|entry| self.whole(key, entry, most)).transpose()
    }

    fn read_range(&self, key: &str, offset: u64, length: u64) -> Result<Option<Vec<u8>>, Trouble> {
        let Some(entry) = self.entries.get(key) else { return Ok(None) };
        let end = offset.checked_add(length).filter(|&end| end <= entry.bytes).ok_or_else(|| cut_off(key))?;
        if !entry.deflated {
            return self.part(key, entry, offset, length).map(Some);
        }
        let plain = self.expanded(key, entry)?;
        Ok(Some(plain[offset as usize..end as usize].to_vec()))
    }

    fn scratch_bytes(&self) -> u64 {
        // What is kept, and beside it the packed bytes of the one that is being expanded.
        let deflated = || self.entries.values().filter(|entry| entry.deflated);
        let kept = deflated().fold(0u64, |bytes, entry| bytes.saturating_add(entry.bytes)).min(EXPANDED_MAX_BYTES);
        kept + deflated().map(|entry| entry.packed_bytes).max().unwrap_or(0).min(EXPANDED_MAX_BYTES)
    }

    fn folders(&self, key: &str) -> Result<Vec<String>, Trouble> {
        let prefix = if key.is_empty() { String::new() } else { format!("{key}/") };
        let mut names = BTreeSet::new();
        let below = self.entries.range(prefix.clone()..).take_while(|(name, _)| name.starts_with(&prefix));
        for (name, _) in below {
            if let Some((folder, _)) = name[prefix.len()..].split_once('/') {
                names.insert(folder.to_owned());
            }
        }
        Ok(names.into_iter().collect())
    }

    fn bytes_below(&self, key: &str) -> Result<u64, Trouble> {
        let prefix = if key.is_empty() { String::new() } else { format!("{key}/") };
        Ok(self
            .entries
            .range(prefix.clone()..)
            .take_while(|(name, _)| name.starts_with(&prefix))
            .map(|(_, entry)| entry.packed_bytes)
            .sum())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_deflated_shard_is_expanded_once_for_all_its_parts() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("a.zip");
        let plain: Vec<u8> = (0..200).collect();
        let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(&plain).unwrap();
        let packed = packer.finish().unwrap();
        let (name, mut zip) = (b"c/0", Vec::new());
        // Method, time, sum and sizes stand alike in both headers.
        let mut facts = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        facts.extend([packed.len() as u32, plain.len() as u32].map(u32::to_le_bytes).concat());
        facts.extend([3, 0, 0, 0]);
        zip.extend([&b"PK\x03\x04"[..], &facts, name, &packed].concat());
        let directory_at = zip.len() as u32;
        zip.extend([&b"PK\x01\x02\x14\0"[..], &facts, &[0; 14], name].concat());
        let length = zip.len() as u32 - directory_at;
        zip.extend([&b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..], &length.to_le_bytes(), &directory_at.to_le_bytes(), &[0; 2]].concat());
        std::fs::write(&path, &zip).unwrap();
        let directory = Directory::read(File::open(&path).unwrap(), zip.len() as u64).unwrap();
        let entries = directory.entries.iter().map(|entry| (entry.name.clone(), entry.clone())).collect();
        let tree = ZipTree { file: directory.file.clone(), entries, expanded: Mutex::default() };
        assert_eq!(tree.scratch_bytes(), (plain.len() + packed.len()) as u64);
        assert_eq!(tree.read_range("c/0", 10, 20).unwrap().unwrap(), plain[10..30]);
        // The packed bytes are not looked at again.
        std::fs::write(&path, vec![0; zip.len()]).unwrap();
        assert_eq!(tree.read_range("c/0", 190, 10).unwrap().unwrap(), plain[190..]);
        assert!(tree.read_range("c/0", 190, 11).is_err());
        assert!(tree.read("c/0", 1_000).is_err());
    }
}
