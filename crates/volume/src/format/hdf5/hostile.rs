//! Tests only: small files of every kind, damaged by chance and with intent. A sentence each, no panic, no great memory.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;

thread_local! {
    pub(super) static SUMS_IGNORED: Cell<bool> = const { Cell::new(false) };
}

/// Voxels that a test reads of one file.
const BYTES_MAX: usize = 1 << 20;

/// Made by `fuzz/seeds.py` with h5py.
fn seeds() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new("../../fuzz/seeds/hdf5");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut seeds: Vec<_> = paths.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
    seeds.sort();
    assert!(seeds.len() >= 10);
    seeds
}

/// Opens a file and reads all its planes; what went wrong, if anything.
fn read_all(path: &Path) -> Result<Vec<u8>, Trouble> {
    let opened = open(vec![path.into()], &Asked::default())?;
    let [z, y, x] = opened.header.shape;
    let plane = y * x * opened.header.element.bytes();
    if z.saturating_mul(plane) > BYTES_MAX {
        return Ok(Vec::new());
    }
    let mut out = vec![0; z * plane];
    let half = z / 2 * plane;
    let (before, after) = out.split_at_mut(half);
    if !before.is_empty() {
        opened.planes.read(0, before)?;
    }
    opened.planes.read(z / 2, after)?;
    Ok(out)
}

#[test]
fn seeds_are_whole() {
    for (path, bytes) in seeds() {
        let voxels = read_all(&path).unwrap_or_else(|trouble| panic!("{}: {trouble}", path.display()));
        assert!(!voxels.is_empty() && voxels.iter().any(|&byte| byte != 0), "{}", path.display());
        assert!(head_facts(&bytes, bytes.len() as u64).unwrap().format.contains("HDF5"), "{}", path.display());
    }
}

#[test]
fn files_cut_off_anywhere_are_told() {
    let scratch = tempfile::tempdir().unwrap();
    let cut = scratch.path().join("cut.h5");
    for (path, bytes) in seeds() {
        for length in (0..bytes.len()).step_by(37) {
            std::fs::write(&cut, &bytes[..length]).unwrap();
            let trouble = read_all(&cut).expect_err(&path.display().to_string());
            assert!(trouble.file.is_some() && !trouble.hint.is_empty(), "{trouble:?}");
            head_facts(&bytes[..length], bytes.len() as u64);
        }
    }
}

#[test]
fn petabytes_are_not_believed() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("large.h5");
    let mut changed = 0;
    for (_, bytes) in seeds() {
        // The extent 6 × 8 × 4 as it stands in headers.
        let extent: Vec<u8> = [6u64, 8, 4].into_iter().flat_map(u64::to_le_bytes).collect();
        let places: Vec<usize> = (0..bytes.len() - extent.len()).filter(|&at| bytes[at..].starts_with(&extent)).collect();
        // A volume in parts has it nowhere.
        if places.is_empty() {
            continue;
        }
        for claim in [1u64 << 23, 1 << 50, u64::MAX, 0] {
            let mut bytes = bytes.clone();
            places.iter().for_each(|&at| bytes[at..at + 8].copy_from_slice(&claim.to_le_bytes()));
            std::fs::write(&path, &bytes).unwrap();
            SUMS_IGNORED.set(true);
            if let Ok(voxels) = read_all(&path) {
                assert!(claim == 1 << 23 && voxels.is_empty(), "{claim}");
            }
            SUMS_IGNORED.set(false);
            changed += places.len();
        }
    }
    assert!(changed > 40);
}

#[test]
fn checksums_tell_what_no_other_rule_would() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("flipped.h5");
    let (_, bytes) = seeds().into_iter().find(|(path, _)| path.ends_with("latest-contiguous.h5")).unwrap();
    // A letter of the dataset's name.
    let at = bytes.windows(6).position(|window| window == b"volume").unwrap();
    let mut bytes = bytes.clone();
    bytes[at] = b'V';
    std::fs::write(&path, &bytes).unwrap();
    assert!(read_all(&path).unwrap_err().what.contains("checksum"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn chance_does_not_hurt(seed in 0usize..1_000, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0usize..5), 1..8)) {
        let seeds = seeds();
        let mut bytes = seeds[seed % seeds.len()].1.clone();
        for (at, value, kind) in changes {
            let at = at.index(bytes.len());
            bytes[at] = [value, 0, 0xff, 0x7f, 0x80][kind];
        }
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("chance.h5");
        std::fs::write(&path, &bytes).unwrap();
        SUMS_IGNORED.set(true);
        if let Err(trouble) = read_all(&path) {
            prop_assert!(!trouble.what.is_empty());
        }
        head_facts(&bytes[..bytes.len() / 2], u64::MAX);
        SUMS_IGNORED.set(false);
    }
}
