//! Volumes as medicine and microscopy keep them: against other people's libraries, on real files, and on files that lie.

mod amira;
mod dicom;
mod judges;
mod maps;
mod headers;
mod real;
#[path = "../real_files/mod.rs"]
mod real_files;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use sha2::{Digest, Sha256};
use volume::zarr::Volume;
use volume::{Asked, ConvertOptions, Header, convert, inspect, inspect_asked};

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

fn asked(dataset: &str) -> Asked {
    Asked { dataset: Some(dataset.into()), ..Asked::default() }
}

/// All voxels of level 0 after a conversion, and what the header said.
fn read(path: &Path, asked: &Asked) -> (Header, Vec<u8>) {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("v.ome.zarr");
    let header = inspect_asked(path, asked).unwrap_or_else(|trouble| panic!("{trouble}"));
    let options = ConvertOptions { threads: Some(2), asked: asked.clone(), ..ConvertOptions::default() };
    let converted = convert(path, &out, &options, &|_| (), &AtomicBool::new(false)).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!((converted.shape, converted.element), (header.shape, header.element));
    let [z, y, x] = header.shape;
    let voxels = Volume::open(&out).unwrap().read_box(0, 0..z, 0..y, 0..x).unwrap();
    (header, voxels.bytes)
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is said about a file that is refused; it must say what to do, too.
fn refusal(path: &Path) -> String {
    match inspect(path) {
        Ok(header) => panic!("{} was read: {header:?}", path.display()),
        Err(trouble) => {
            assert!(!trouble.hint.is_empty(), "{trouble}");
            trouble.to_string()
        }
    }
}

/// Numbers 0, 1, 2, … as 16-bit words.
fn counting(count: u16) -> Vec<u8> {
    (0..count).flat_map(u16::to_le_bytes).collect()
}

fn near(found: &[f64], expected: &[f64]) -> bool {
    found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() <= 2e-6 * b.abs().max(1.0))
}
