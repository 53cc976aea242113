//! The sha256 of each file that a volume was made of, so that a recipe can be checked without this program.

use crate::folder::files_of;
use anyhow::Context;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

/// `{"path", "bytes", "sha256"}` of each file that the header names, or of all below a folder when it names others.
pub(crate) fn input_sums(input: &Path, names: &[String], threads: usize) -> anyhow::Result<Vec<Value>> {
    let folder = if input.is_dir() { input } else { input.parent().unwrap_or(Path::new("")) };
    let mut files: Vec<(String, PathBuf)> = names.iter().map(|name| (name.clone(), folder.join(name))).collect();
    if !files.iter().all(|(_, path)| path.is_file()) {
        files = files_of(input)?.into_iter().map(|file| (file.path.to_string(), file.local)).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || -> anyhow::Result<Vec<Value>> {
        let mut told = Vec::new();
        while let Some((name, path)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (bytes, sum) = sum_of(path).with_context(|| format!("cannot read {}", path.display()))?;
            told.push(json!({"path": name, "bytes": bytes, "sha256": sum}));
        }
        Ok(told)
    };
    let mut all: Vec<Value> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let joined = running.into_iter().map(|thread| thread.join().map_err(|_| anyhow::anyhow!("summing the inputs broke off"))?);
        joined.collect::<anyhow::Result<Vec<_>>>()
    })?
    .into_iter()
    .flatten()
    .collect();
    all.sort_by(|a, b| a["path"].as_str().cmp(&b["path"].as_str()));
    Ok(all)
}

/// Bytes and sha256.
pub(crate) fn sum_of(path: &Path) -> std::io::Result<(u64, String)> {
    let (mut file, mut hasher, mut buffer, mut bytes) = (File::open(path)?, Sha256::new(), vec![0; 1 << 20], 0);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((bytes, record::file::Sha256(hasher.finalize().into()).to_string()));
        }
        bytes += read as u64;
        hasher.update(&buffer[..read]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_input_is_told_with_the_sum_that_sha256sum_gives() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b.raw"), b"abc").unwrap();
        std::fs::write(folder.path().join("a.log"), b"").unwrap();
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let told = input_sums(&folder.path().join("b.raw"), &["b.raw".to_owned()], 2).unwrap();
        assert_eq!(told, [json!({"path": "b.raw", "bytes": 3, "sha256": abc})]);
        let told = input_sums(folder.path(), &["inner/x.tif".to_owned()], 2).unwrap();
        assert_eq!(told.iter().map(|file| file["path"].as_str().unwrap()).collect::<Vec<_>>(), ["a.log", "b.raw"]);
    }
}
