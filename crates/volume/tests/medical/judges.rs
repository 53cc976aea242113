//! Files that nibabel, pynrrd, SimpleITK, mrcfile and pydicom write are read as they meant them, voxel by voxel.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use volume::Asked;

use super::{near, read, sum};

fn floats(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(parts) => parts.iter().flat_map(floats).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

#[test]
fn what_others_write_is_read_as_they_mean_it() {
    // Whether somebody is there is asked first: whoever is there and fails has failed.
    if !Command::new("python3").args(["-c", "import numpy"]).output().is_ok_and(|told| told.status.success()) {
        eprintln!("skipped: what_others_write_is_read_as_they_mean_it (no python3 with numpy)");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let script = Path::new("tests/medical/write.py");
    let told = Command::new("python3").arg(&script).arg(scratch.path()).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let truth: Value = serde_json::from_str(&std::fs::read_to_string(scratch.path().join("truth.json")).unwrap()).unwrap();
    for missing in truth["missing"].as_array().unwrap() {
        eprintln!("skipped: what {missing} writes");
    }
    for case in truth["cases"].as_array().unwrap() {
        let name = case["path"].as_str().unwrap();
        let asked = Asked { dataset: case["dataset"].as_str().map(str::to_owned), ..Asked::default() };
        let (header, bytes) = read(&scratch.path().join(name), &asked);
        assert_eq!(header.shape.to_vec(), floats(&case["shape"]).iter().map(|&size| size as usize).collect::<Vec<_>>(), "{name}");
        assert_eq!(header.element.name(), case["dtype"].as_str().unwrap(), "{name}");
        assert_eq!(sum(&bytes), case["sha256"].as_str().unwrap(), "{name}");
        if !case["voxel_size_um"].is_null() {
            let size = header.voxel_size_um.unwrap_or_else(|| panic!("{name}: {:?}", header.warnings));
            assert!(near(&size, &floats(&case["voxel_size_um"])), "{name}: {size:?}");
        }
        if !case["direction"].is_null() {
            let orientation = header.orientation.clone().unwrap_or_else(|| panic!("{name}: no orientation"));
            assert!(near(orientation.direction.as_flattened(), &floats(&case["direction"])), "{name}: {orientation:?}");
            let origin = orientation.origin_um.unwrap_or_else(|| panic!("{name}: no origin"));
            assert!(near(&origin, &floats(&case["origin_um"])), "{name}: {origin:?}");
        }
        if let Some(files) = case["files"].as_u64() {
            assert_eq!(header.files.len() as u64, files, "{name}: {:?}", header.files);
        }
        if let Some(told) = case["told"].as_str() {
            assert!(header.warnings.iter().any(|warning| warning.contains(told)), "{name}: {:?}", header.warnings);
        }
    }
}
