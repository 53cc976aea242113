//! Label volumes of other programs: what the file says of itself decides that coarser levels hold labels and nothing between them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;

use volume::zarr::Volume;
use volume::{Asked, ConvertOptions, convert, inspect};

/// Of 0 and 7 in stripes, as long as it is wide and deep; a mean of two of them is neither.
const EDGE: usize = 66;

fn voxels() -> Vec<u8> {
    (0..EDGE.pow(3)).map(|at| if at % EDGE % 3 == 0 { 7 } else { 0 }).collect()
}

/// Whether level 1 holds labels of level 0 alone.
fn is_made_by_mode(path: &Path, dataset: Option<&str>) -> bool {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out.ome.zarr");
    let asked = Asked { dataset: dataset.map(Into::into), ..Asked::default() };
    let options = ConvertOptions { threads: Some(2), asked, ..ConvertOptions::default() };
    let converted = convert(path, &out, &options, &|_| (), &AtomicBool::new(false)).unwrap_or_else(|trouble| panic!("{trouble}"));
    let volume = Volume::open(&out).unwrap();
    let [z, y, x] = volume.levels()[1].shape;
    let coarse = volume.read_box(1, 0..z, 0..y, 0..x).unwrap();
    let level_0: Vec<u8> = volume.read_box(0, 0..2, 0..2, 0..EDGE).unwrap().bytes;
    let only = coarse.bytes.iter().all(|voxel| level_0.contains(voxel));
    assert_eq!(converted.label, only, "{}", path.display());
    only
}

fn write(folder: &Path, name: &str, bytes: Vec<u8>) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn nifti(intent: i16) -> Vec<u8> {
    let mut file = vec![0; 352];
    file[0..4].copy_from_slice(&348_i32.to_le_bytes());
    for (axis, size) in [3, EDGE as i16, EDGE as i16, EDGE as i16].into_iter().enumerate() {
        file[40 + 2 * axis..42 + 2 * axis].copy_from_slice(&size.to_le_bytes());
        file[76 + 4 * axis..80 + 4 * axis].copy_from_slice(&1_f32.to_le_bytes());
    }
    file[68..70].copy_from_slice(&intent.to_le_bytes());
    (file[70], file[72]) = (2, 8);
    file[108..112].copy_from_slice(&352_f32.to_le_bytes());
    file[344..348].copy_from_slice(b"n+1\0");
    [file, voxels()].concat()
}

fn nrrd(extra: &str) -> Vec<u8> {
    let head = format!("NRRD0004\ntype: uchar\ndimension: 3\nsizes: {EDGE} {EDGE} {EDGE}\nencoding: raw\n{extra}\n");
    [head.into_bytes(), voxels()].concat()
}

fn amira(parameters: &str, name: &str) -> Vec<u8> {
    let head = format!(
        "# AmiraMesh BINARY-LITTLE-ENDIAN 2.1\n\ndefine Lattice {EDGE} {EDGE} {EDGE}\n\nParameters {{\n{parameters}CoordType \"uniform\"\n}}\n\n\
         Lattice {{ byte {name} }} @1\n\n# Data section follows\n@1\n"
    );
    [head.into_bytes(), voxels()].concat()
}

#[test]
fn a_header_that_says_labels_is_believed() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let materials = "Materials {\nExterior {\nId 1\n}\nBone {\nId 2\n}\n}\n";
    for (name, bytes, labels) in [
        ("atlas.nii", nifti(1_002), true),
        ("grey.nii", nifti(0), false),
        ("case.nrrd", nrrd("Segment0_ID:=Segment_1\nSegment0_Name:=Bone\n"), true),
        ("scan.nrrd", nrrd(""), false),
        ("materials.am", amira(materials, "Labels"), true),
        ("grey.am", amira(materials, "Data"), false),
    ] {
        let path = write(folder, name, bytes);
        assert_eq!(inspect(&path).unwrap().found.labels.is_some(), labels, "{name}");
        assert_eq!(is_made_by_mode(&path, None), labels, "{name}");
    }
}

#[test]
fn a_name_decides_as_a_whole_word_only() {
    let scratch = tempfile::tempdir().unwrap();
    for (name, labels) in
        [("bone_mask.nrrd", true), ("scan.seg.nrrd", true), ("masked_shrew.nrrd", false), ("unlabelled antibody.nrrd", false)]
    {
        assert_eq!(is_made_by_mode(&write(scratch.path(), name, nrrd("")), None), labels, "{name}");
    }
}

/// Written by zarr-python, h5py and pydicom, where they are installed.
#[test]
fn label_volumes_of_python_are_recognised() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/labels.py");
    let made = Command::new("python3").arg(script).arg(folder).output();
    let made = made.ok().filter(|made| made.status.success());
    let Some(made) = made else { return eprintln!("skipped: python3 with numpy, zarr, h5py and pydicom") };
    let lines = String::from_utf8(made.stdout).unwrap();
    assert_eq!(lines.lines().count(), 9, "{lines}");
    for line in lines.lines() {
        let [name, dataset, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let dataset = Some(dataset).filter(|dataset| !dataset.is_empty());
        assert_eq!(is_made_by_mode(&folder.join(name), dataset), expected == "labels", "{line}");
    }
}
