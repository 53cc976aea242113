//! Feeds the readers of the table below with bytes that libFuzzer makes up: whatever they are, the answer is a volume, a model or a sentence.
//!
//! One executable for all readers: `FUZZ_READER` says which of the table below, `make fuzz` runs one after the other.

#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use libfuzzer_sys::fuzz_target;
use volume::{ConvertOptions, convert, inspect, inspect_head};

/// Reader and the name its file gets: formats that are one file. A Zarr comes in a ZIP; what needs files beside it is not fed.
/// A new format is one line here and a few seeds in `fuzz/seeds/NAME/`.
const READERS: &[(&str, &str)] = &[
    ("tiff", "a.tif"),
    ("mrc", "a.mrc"),
    ("nrrd", "a.nrrd"),
    ("gzip", "a.map.gz"),
    ("png", "a.png"),
    ("jpeg", "a.jpg"),
    ("bmp", "a.bmp"),
    ("jpeg2000", "a.jp2"),
    ("hdf5", "a.h5"),
    ("nifti", "a.nii"),
    ("metaimage", "a.mha"),
    ("amira", "a.am"),
    ("dicom", "a.dcm"),
    ("zip", "a.zip"),
    ("tar", "a.tar"),
    ("zeiss", "a.txm"),
    ("scanco", "a.isq"),
    ("stl", "a.stl"),
    ("ply", "a.ply"),
    ("obj", "a.obj"),
    ("glb", "a.glb"),
    ("threemf", "a.3mf"),
];

/// A volume of more bytes is inspected and not converted: it would only take time.
const VOXEL_BYTES_MAX: usize = 8 << 20;
/// What an upload hands over before the file is complete.
const HEAD_BYTES: usize = 4_096;

struct Place {
    file: PathBuf,
    out: PathBuf,
    _folder: tempfile::TempDir,
}

static PLACE: LazyLock<Place> = LazyLock::new(|| {
    let asked = std::env::var("FUZZ_READER").unwrap_or_default();
    let Some((_, name)) = READERS.iter().find(|(reader, _)| *reader == asked) else {
        let names: Vec<&str> = READERS.iter().map(|(reader, _)| *reader).collect();
        eprintln!("FUZZ_READER={asked} is none of: {}", names.join(" "));
        std::process::exit(2);
    };
    let folder = tempfile::tempdir().expect("a folder for the file");
    Place { file: folder.path().join(name), out: folder.path().join("out"), _folder: folder }
});

/// A model is read, looked through and mended; what is mended is no worse.
fn model(bytes: &[u8]) {
    std::fs::write(&PLACE.file, bytes).expect("the folder is in memory");
    let foreign = match mesh::read(&PLACE.file) {
        Ok(foreign) => foreign,
        Err(trouble) => return assert!(!trouble.what.is_empty(), "{trouble:?}"),
    };
    let check = mesh::Check::of(&foreign.parts);
    assert!(check.triangles > 0 && check.triangles == foreign.triangles(), "{check:?}");
    if let Some((mended, _)) = mesh::repair(&foreign.parts) {
        let after = mesh::Check::of(&mended);
        assert!(after.topology.open_edges <= check.topology.open_edges + 3 * check.doubled, "{check:?} {after:?}");
    }
}

fuzz_target!(|bytes: &[u8]| {
    if mesh::is_model_name(&PLACE.file.to_string_lossy()) {
        return model(bytes);
    }
    let _ = inspect_head(&bytes[..bytes.len().min(HEAD_BYTES)], bytes.len() as u64);
    let _ = inspect_head(&bytes[..bytes.len() / 2], u64::MAX);
    std::fs::write(&PLACE.file, bytes).expect("the folder is in memory");
    let header = match inspect(&PLACE.file) {
        Ok(header) => header,
        Err(trouble) => return assert!(!trouble.what.is_empty(), "{trouble:?}"),
    };
    let voxels: usize = header.shape.iter().fold(header.element.bytes(), |product, &axis| product.saturating_mul(axis));
    assert!(voxels > 0, "{header:?}");
    if voxels > VOXEL_BYTES_MAX {
        return;
    }
    let options = ConvertOptions { chunk: 64, shard: 512, levels: Some(2), threads: Some(1), ..ConvertOptions::default() };
    match convert(&PLACE.file, &PLACE.out, &options, &|_| (), &AtomicBool::new(false)) {
        Ok(converted) => {
            assert_eq!((converted.shape, converted.element), (header.shape, header.element));
            std::fs::remove_dir_all(&PLACE.out).expect("it was just made");
        }
        Err(trouble) => assert!(!trouble.what.is_empty() && !PLACE.out.exists(), "{trouble:?}"),
    }
});
