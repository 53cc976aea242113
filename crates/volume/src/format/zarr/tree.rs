//! Where the keys of a foreign Zarr or N5 container lie: a folder, or a ZIP that is read in place.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::Trouble;

/// Longest metadata document.
pub(crate) const DOCUMENT_MAX_BYTES: u64 = 16 << 20;
/// Largest stored chunk, and largest shard that has to be read whole.
pub(crate) const STORED_MAX_BYTES: u64 = 1 << 30;
/// Entries of the container that are counted and listed.
pub(crate) const ENTRIES_MAX: usize = 1 << 22;

/// Keys and their bytes. A missing key is `None`, not an error. Keys are relative, with `/` between their parts.
pub(crate) trait Tree: Send + Sync {
    fn size(&self, key: &str) -> Result<Option<u64>, Trouble>;
    /// The whole value; refused when it is longer than `most`.
    fn read(&self, key: &str, most: u64) -> Result<Option<Vec<u8>>, Trouble>;
    /// Exactly `length` bytes from `offset`.
    fn read_range(&self, key: &str, offset: u64, length: u64) -> Result<Option<Vec<u8>>, Trouble>;
    /// Memory that is held so that ranges are read quickly.
    fn scratch_bytes(&self) -> u64 {
        0
    }
    /// Names of the folders directly in a folder (empty: the top), sorted.
    fn folders(&self, key: &str) -> Result<Vec<String>, Trouble>;
    /// Bytes of everything below a folder.
    fn bytes_below(&self, key: &str) -> Result<u64, Trouble>;
}

/// Joins keys; the top is empty.
pub(crate) fn join(folder: &str, name: &str) -> String {
    match (folder.is_empty(), name.is_empty()) {
        (true, _) => name.to_string(),
        (false, true) => folder.to_string(),
        (false, false) => format!("{folder}/{name}"),
    }
}

/// A path out of a foreign document or from a person, if it stays inside the container.
pub(crate) fn safe_key(path: &str) -> Option<String> {
    let path = path.trim().trim_matches('/');
    let good = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
    (path.is_empty() || path.split('/').all(good)).then(|| path.to_string())
}

pub(crate) fn too_long(key: &str, most: u64) -> Trouble {
    Trouble::in_key(key, format!("it is longer than the {most} bytes that are read at once"), "Save it with smaller chunks")
}

pub(crate) fn cut_off(key: &str) -> Trouble {
    Trouble::in_key(key, "it is shorter than its index says", "Upload it again")
}

/// What failed at a key, named in full.
pub(crate) fn failed(what: &str, key: &str, error: &std::io::Error) -> Trouble {
    Trouble { file: Some(key.into()), ..Trouble::io(what, Path::new(key), error) }
}

/// Keys as files of a folder.
pub(crate) struct FolderTree {
    root: PathBuf,
}

impl FolderTree {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.into() }
    }

    fn open(&self, key: &str) -> Result<Option<(File, u64)>, Trouble> {
        use std::io::ErrorKind::{IsADirectory, NotADirectory, NotFound};
        let trouble = |error: std::io::Error| failed("opening", key, &error);
        match File::open(self.root.join(key)) {
            Ok(file) => {
                let metadata = file.metadata().map_err(trouble)?;
                Ok((!metadata.is_dir()).then_some((file, metadata.len())))
            }
            Err(error) if matches!(error.kind(), NotFound | NotADirectory | IsADirectory) => Ok(None),
            Err(error) => Err(trouble(error)),
        }
    }
}

impl Tree for FolderTree {
    fn size(&self, key: &str) -> Result<Option<u64>, Trouble> {
        Ok(self.open(key)?.map(|(_, size)| size))
    }

    fn read(&self, key: &str, most: u64) -> Result<Option<Vec<u8>>, Trouble> {
        let Some((file, size)) = self.open(key)? else { return Ok(None) };
        if size > most {
            return Err(too_long(key, most));
        }
        let mut bytes = vec![0; size as usize];
        file.read_exact_at(&mut bytes, 0).map_err(|error| failed("reading", key, &error))?;
        Ok(Some(bytes))
    }

    fn read_range(&self, key: &str, offset: u64, length: u64) -> Result<Option<Vec<u8>>, Trouble> {
        let Some((file, size)) = self.open(key)? else { return Ok(None) };
        if offset.checked_add(length).is_none_or(|end| end > size) {
            return Err(cut_off(key));
        }
        let mut bytes = vec![0; length as usize];
        file.read_exact_at(&mut bytes, offset).map_err(|error| failed("reading", key, &error))?;
        Ok(Some(bytes))
    }

    fn folders(&self, key: &str) -> Result<Vec<String>, Trouble> {
        let folder = self.root.join(key);
        let trouble = |error: std::io::Error| failed("listing", key, &error);
        let mut names = Vec::new();
        for (count, entry) in std::fs::read_dir(&folder).map_err(trouble)?.enumerate() {
            if count >= ENTRIES_MAX {
                return Err(too_many(key));
            }
            let entry = entry.map_err(trouble)?;
            if entry.file_type().map_err(trouble)?.is_dir() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    fn bytes_below(&self, key: &str) -> Result<u64, Trouble> {
        let (mut sum, mut seen) = (0, 0);
        let mut waiting = vec![self.root.join(key)];
        while let Some(folder) = waiting.pop() {
            let trouble = |error: std::io::Error| failed("listing", key, &error);
            for entry in std::fs::read_dir(&folder).map_err(trouble)? {
                let entry = entry.map_err(trouble)?;
                seen += 1;
                if seen > ENTRIES_MAX {
                    return Err(too_many(key));
                }
                if entry.file_type().map_err(trouble)?.is_dir() {
                    waiting.push(entry.path());
                } else {
                    sum += std::fs::metadata(entry.path()).map_err(trouble)?.len();
                }
            }
        }
        Ok(sum)
    }
}

pub(crate) fn too_many(key: &str) -> Trouble {
    Trouble::in_key(key, format!("it holds more than {ENTRIES_MAX} files"), "Save it with larger chunks or with shards")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leaves_the_container() {
        for bad in ["../secret", "a/../../b", "a//b", "a\\b", "./a"] {
            assert_eq!(safe_key(bad), None, "{bad}");
        }
        assert_eq!(safe_key("/a/0/").as_deref(), Some("a/0"));
        assert_eq!(safe_key("").as_deref(), Some(""));
    }
}
