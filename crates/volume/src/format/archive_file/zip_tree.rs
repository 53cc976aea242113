//! A Zarr or N5 container inside a ZIP, read key by key without unpacking it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use super::zip::{Directory, Entry, begins};
use crate::Trouble;
use crate::format::zarr::tree::{Tree, cut_off, safe_key, too_long};
use crate::format::zarr::{marks_container, marks_container_for_sure};

/// Deflated chunks of which a part is wanted are expanded whole, up to this.
const EXPANDED_MAX_BYTES: u64 = 1 << 30;

pub(super) struct ZipTree {
    file: Arc<File>,
    entries: BTreeMap<String, Entry>,
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
        Some(Self { file: directory.file.clone(), entries })
    }

    fn part(&self, key: &str, entry: &Entry, offset: u64, length: u64) -> Result<Vec<u8>, Trouble> {
        let mut bytes = vec![0; length as usize];
        let at = begins(&self.file, entry)? + offset;
        self.file.read_exact_at(&mut bytes, at).map_err(|error| Trouble::io("reading", Path::new(key), &error))?;
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
        { reader }.read_to_end(&mut plain).map_err(|error| Trouble::io("expanding", Path::new(key), &error))?;
        if plain.len() as u64 != entry.bytes {
            return Err(cut_off(key));
        }
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
        let plain = self.whole(key, entry, EXPANDED_MAX_BYTES)?;
        Ok(Some(plain[offset as usize..end as usize].to_vec()))
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
