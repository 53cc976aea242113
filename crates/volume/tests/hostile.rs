//! Files that lie, end too early, run in circles or are pure chance: a sentence each, no panic, no great memory.

mod real_files;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use volume::cut::{self, CutFormat};
use volume::phantom::{Phantom, Probe};
use volume::zarr::{Volume, Voxels};
use volume::{Asked, ConvertOptions, ElementType, RawShape, convert, inspect, inspect_asked, inspect_head};

use real_files::data;

fn foam() -> Voxels {
    let shape = [6, 10, 12];
    let bytes = Phantom::OpenCellFoam.volume(shape, 1, Probe::XRay).into_iter().flat_map(u16::to_le_bytes).collect();
    Voxels { shape, element: ElementType::U16, bytes }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn mrc(shape: [i32; 3], mode: i32) -> Vec<u8> {
    let mut head = vec![0u8; 1024];
    let mut put = |at: usize, value: i32| head[at..at + 4].copy_from_slice(&value.to_le_bytes());
    for (at, value) in [(0, shape[2]), (4, shape[1]), (8, shape[0]), (12, mode), (64, 1), (68, 2), (72, 3)] {
        put(at, value);
    }
    for (at, value) in [(28, shape[2]), (32, shape[1]), (36, shape[0])] {
        put(at, value);
    }
    head[40..44].copy_from_slice(&120.0f32.to_le_bytes());
    head[208..212].copy_from_slice(b"MAP ");
    head[212..214].copy_from_slice(&[0x44, 0x44]);
    head
}

/// Whatever happens, it is an answer and not a panic.
fn try_all(path: &Path, bytes: &[u8], out: &Path) -> bool {
    let _ = inspect_head(&bytes[..bytes.len().min(700)], bytes.len() as u64);
    let _ = inspect_head(bytes, u64::MAX);
    let options = ConvertOptions { chunk: 16, shard: 16, threads: Some(1), ..Default::default() };
    let converted = convert(path, out, &options, &|_| (), &AtomicBool::new(false));
    if converted.is_ok() {
        std::fs::remove_dir_all(out).unwrap();
    } else {
        assert!(!out.exists());
    }
    converted.is_ok()
}

#[test]
fn files_cut_off_anywhere_are_told() {
    let scratch = tempfile::tempdir().unwrap();
    let mut map = mrc([6, 10, 12], 6);
    map.extend_from_slice(&foam().bytes);
    let whole = [
        ("a.tif", cut::file(&foam(), Some([2.0; 3]), CutFormat::Tif).unwrap()),
        ("a.nrrd", cut::file(&foam(), Some([2.0; 3]), CutFormat::Nrrd).unwrap()),
        ("a.mrc", map),
    ];
    for (name, bytes) in whole {
        let out = scratch.path().join("out");
        assert!(try_all(&write(scratch.path(), name, &bytes), &bytes, &out), "{name} whole");
        for length in (0..bytes.len()).step_by(37).chain([bytes.len() - 1]) {
            let path = write(scratch.path(), name, &bytes[..length]);
            let told = inspect(&path).unwrap_err();
            assert_eq!(told.file.as_deref(), Some(name));
            assert!(!told.what.is_empty() && !told.hint.is_empty(), "{told}");
        }
    }
}

#[test]
fn chance_does_not_hurt() {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out");
    let mut state = 99u64;
    let mut chance = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % most
    };
    let mut map = mrc([6, 10, 12], 6);
    map.extend_from_slice(&foam().bytes);
    let tif = cut::file(&foam(), Some([2.0; 3]), CutFormat::Tif).unwrap();
    let nrrd = cut::file(&foam(), Some([2.0; 3]), CutFormat::Nrrd).unwrap();
    for round in 0..1_500 {
        let (name, whole, head) = [("a.tif", &tif, 1_800), ("a.nrrd", &nrrd, 160), ("a.mrc", &map, 240)][round % 3];
        let mut bytes = whole.clone();
        for _ in 0..=chance(4) {
            let at = chance(head);
            bytes[at] = [0, 1, 0xff, 0x7f, chance(256) as u8][chance(5)];
        }
        let path = write(scratch.path(), name, &bytes);
        // Headers are where chance can hurt; every tenth file is converted as well.
        let _ = inspect(&path);
        if round % 10 == 0 {
            try_all(&path, &bytes, &out);
        }
    }
}

/// A classic TIFF of one page with the given entries (tag, type, count, value).
fn tiff(entries: &[(u16, u16, u32, u32)], next: u32, tail: &[u8]) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend_from_slice(&(entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        bytes.extend_from_slice(&tag.to_le_bytes());
        bytes.extend_from_slice(&kind.to_le_bytes());
        bytes.extend_from_slice(&count.to_le_bytes());
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    bytes.extend_from_slice(&next.to_le_bytes());
    bytes.extend_from_slice(tail);
    bytes
}

fn told_by(folder: &Path, bytes: &[u8]) -> String {
    inspect(&write(folder, "bad.tif", bytes)).unwrap_err().to_string()
}

#[test]
fn lies_are_found_out() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let page =
        |width, height, offset, length| [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (273, 4, 1, offset), (279, 4, 1, length)];
    let circle = tiff(&page(2, 2, 8, 4), 8, &[0; 8]);
    assert!(told_by(folder, &circle).contains("circle"));
    assert!(told_by(folder, &tiff(&page(0, 2, 8, 4), 0, &[0; 8])).contains("holds nothing"));
    assert!(told_by(folder, &tiff(&page(u32::MAX, u32::MAX, 8, 4), 0, &[0; 8])).contains("more than can be true"));
    assert!(told_by(folder, &tiff(&page(200, 200, 8, 40_000), 0, &[0; 8])).contains("behind its own end"));
    assert!(told_by(folder, &tiff(&page(200, 200, 8, 20), 0, &[0; 8])).contains("shorter than its voxels"));
    let many = [(256, 4, 1, 2), (257, 4, 1, 2), (258, 3, 1, 8), (273, 4, u32::MAX, 8), (279, 4, 1, 4)];
    assert!(told_by(folder, &tiff(&many, 0, &[0; 8])).contains("claims 4294967295 values"));
    let colour = [(256, 4, 1, 2), (257, 4, 1, 2), (258, 3, 1, 8), (262, 3, 1, 2), (277, 3, 1, 3), (273, 4, 1, 8), (279, 4, 1, 12)];
    assert!(told_by(folder, &tiff(&colour, 0, &[0; 16])).contains("colour picture"));
    assert!(told_by(folder, &tiff(&colour, 0, &[0; 16])).contains("0 red, 1 green, 2 blue"));
    let forty_bits = [(256, 4, 1, 2), (257, 4, 1, 2), (258, 3, 1, 40), (273, 4, 1, 8), (279, 4, 1, 20)];
    assert!(told_by(folder, &tiff(&forty_bits, 0, &[0; 24])).contains("40 bits"));
    let many_samples = [(256, 4, 1, 2), (257, 4, 1, 2), (258, 3, 1, 8), (277, 4, 1, u32::MAX), (273, 4, 1, 8), (279, 4, 1, 20)];
    assert!(told_by(folder, &tiff(&many_samples, 0, &[0; 24])).contains("claims 4294967295 samples"));
    let petabytes = write(folder, "huge.mrc", &mrc([i32::MAX, 4_000, 4_000], 2));
    assert!(inspect(&petabytes).is_err());
    let negative = write(folder, "negative.mrc", &mrc([-5, 4, 4], 2));
    assert!(inspect(&negative).unwrap_err().to_string().contains("negative"));
    let empty = write(folder, "empty.tif", b"");
    assert!(inspect(&empty).unwrap_err().to_string().contains("empty"));
    let nrrd = b"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 6 8\nencoding: raw\n\n".iter().chain(&[0; 48]).copied().collect::<Vec<_>>();
    assert!(inspect(&write(folder, "two.nrrd", &nrrd)).unwrap_err().to_string().contains("claims 3 axes"));
    let nameless = write(folder, "nameless.nhdr", b"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 6 8 1\nencoding: raw\ndata file:\n");
    assert!(inspect(&nameless).unwrap_err().to_string().contains("data file has no name"), "{:?}", inspect(&nameless));
    let text = write(folder, "notes.tif", b"dear diary");
    assert!(inspect(&text).unwrap_err().to_string().contains("no known volume format"));
    assert!(inspect(&folder.join("absent.tif")).is_err());
}

#[test]
fn a_small_file_does_not_become_a_large_memory() {
    let scratch = tempfile::tempdir().unwrap();
    // A page of 65,000 × 65,000 with one strip of no bytes, which stands for zeros.
    let page = [(256, 4, 1, 65_000), (257, 4, 1, 65_000), (258, 3, 1, 8), (273, 4, 1, 8), (279, 4, 1, 0)];
    let path = write(scratch.path(), "wide.tif", &tiff(&page, 0, &[0; 8]));
    let out = scratch.path().join("out");
    let told = convert(&path, &out, &ConvertOptions::default(), &|_| (), &AtomicBool::new(false)).unwrap_err();
    assert!(told.to_string().starts_with("wide.tif: ") && told.to_string().contains("claim to hold"), "{told}");
    assert!(!out.exists());
}

#[test]
fn a_voxel_size_that_cannot_be_true_is_told() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let page = |text: &str| {
        let at = 8 + 2 + 12 * 6 + 4;
        let (length, pixels) = (text.len() as u32 + 1, at + text.len() as u32 + 1);
        let entries = [(256, 4, 1, 6), (257, 4, 1, 8), (258, 3, 1, 8), (270, 2, length, at), (273, 4, 1, pixels), (279, 4, 1, 48)];
        tiff(&entries, 0, &[text.as_bytes(), &[0; 49]].concat())
    };
    let nrrd = |size: &str| {
        let head = format!("NRRD0004\ntype: uint8\ndimension: 3\nsizes: 6 8 1\nspacings: {size} {size} {size}\nencoding: raw\n\n");
        [head.as_bytes(), &[0; 48]].concat()
    };
    let ome = |size: &str| {
        let sizes = ["X", "Y", "Z"].map(|axis| format!(r#"PhysicalSize{axis}="{size}""#)).join(" ");
        page(&format!(r#"<OME><Image><Pixels SizeX="6" SizeY="8" SizeZ="1" Type="uint8" {sizes}><TiffData/></Pixels></Image></OME>"#))
    };
    let mut map = mrc([1, 8, 6], 0);
    [40, 44, 48].iter().for_each(|&at| map[at..at + 4].copy_from_slice(&(-120.0f32).to_le_bytes()));
    map.extend([0; 48]);
    let files =
        [("minus.tif", ome("-1")), ("large.tif", ome("1e300")), ("no.tif", ome("0")), ("large.nrrd", nrrd("1e300")), ("minus.mrc", map)];
    for (name, bytes) in files {
        let header = inspect(&write(folder, name, &bytes)).unwrap();
        assert_eq!(header.voxel_size_um, None, "{name}");
        assert!(header.warnings.iter().any(|warning| warning.contains("cannot be true")), "{name}: {:?}", header.warnings);
    }
    // A scanner's log beside slices is named.
    let slices = folder.join("slices");
    std::fs::create_dir(&slices).unwrap();
    (0..3).for_each(|number| _ = write(&slices, &format!("s{number}.tif"), &page("a slice")));
    write(&slices, "s.log", b"[Acquisition]\nImage Pixel Size (um)=-2.5\n");
    let warnings = inspect(&slices).unwrap().warnings;
    assert!(warnings.iter().any(|warning| warning == "The voxel size in s.log cannot be true, so it is left out."), "{warnings:?}");
}

#[test]
fn a_container_is_named_where_its_top_is_wrong() {
    let scratch = tempfile::tempdir().unwrap();
    let array = |shape: &str, chunks: &str| {
        format!(
            r#"{{"zarr_format":2,"shape":{shape},"chunks":{chunks},"dtype":"|u1","compressor":null,"filters":null,"fill_value":0,"order":"C"}}"#
        )
    };
    let cases = [("[0,4,4]", "[1,4,4]", "holds nothing"), ("[4,4,4]", "[0,4,4]", "do not fit"), ("[4,4,4]", "[4,4]", "do not fit")];
    for (number, (shape, chunks, word)) in cases.into_iter().enumerate() {
        let folder = scratch.path().join(format!("{number}.zarr"));
        std::fs::create_dir(&folder).unwrap();
        write(&folder, ".zarray", array(shape, chunks).as_bytes());
        let told = inspect(&folder).unwrap_err();
        assert_eq!(told.file, Some(format!("{number}.zarr")), "{told}");
        assert!(told.what.contains(word), "{told}");
    }
}

#[test]
fn raw_needs_a_shape_that_fits() {
    let scratch = tempfile::tempdir().unwrap();
    let path = write(scratch.path(), "scan.raw", &foam().bytes);
    let mut raw = RawShape { shape: [6, 10, 12], element: ElementType::U16, big_endian: false, offset: 0 };
    assert_eq!(inspect_asked(&path, &as_raw(&raw)).unwrap().shape, [6, 10, 12]);
    raw.shape[0] = 7;
    assert!(inspect_asked(&path, &as_raw(&raw)).unwrap_err().to_string().contains("promises 1680 bytes"));
    raw.shape = [usize::MAX, 2, 2];
    assert!(inspect_asked(&path, &as_raw(&raw)).is_err());
    raw = RawShape { shape: [6, 10, 12], element: ElementType::U16, big_endian: false, offset: u64::MAX };
    assert!(inspect_asked(&path, &as_raw(&raw)).is_err());
}

#[test]
fn a_damaged_volume_says_so() {
    let scratch = tempfile::tempdir().unwrap();
    let path = write(scratch.path(), "a.nrrd", &cut::file(&foam(), None, CutFormat::Nrrd).unwrap());
    let out = scratch.path().join("v.ome.zarr");
    convert(&path, &out, &ConvertOptions::default(), &|_| (), &AtomicBool::new(false)).unwrap();
    let shard = out.join("0/c/0/0/0");
    let whole = std::fs::read(&shard).unwrap();
    for at in [0, whole.len() / 2, whole.len() - 1, whole.len() - 12] {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        std::fs::write(&shard, &bytes).unwrap();
        let read = Volume::open(&out).unwrap().read_box(0, 0..6, 0..10, 0..12);
        // A flipped bit in noise may go unseen by zstd itself; in the index it never does.
        assert!(at < whole.len() - 20 || read.is_err());
    }
    for length in [0, 3, whole.len() - 1] {
        std::fs::write(&shard, &whole[..length]).unwrap();
        assert!(Volume::open(&out).unwrap().read_box(0, 0..6, 0..10, 0..12).is_err());
    }
    std::fs::remove_file(&shard).unwrap();
    assert!(Volume::open(&out).unwrap().read_box(0, 0..6, 0..10, 0..12).unwrap().bytes.iter().all(|&byte| byte == 0));
    std::fs::write(out.join("0/zarr.json"), "{}").unwrap();
    assert!(Volume::open(&out).is_err());
}

/// Longer, over real files: `cargo test -p volume --test hostile -- --ignored`.
#[test]
#[ignore = "takes a minute; for those who change a reader"]
fn chance_does_not_hurt_for_long() {
    let Some(data) = data("chance_does_not_hurt_for_long") else { return };
    let mut files = Vec::new();
    for folder in ["tiff-variants", "nrrd", "em"] {
        let Ok(entries) = std::fs::read_dir(data.join(folder)) else { continue };
        let paths = entries.map(|entry| entry.unwrap().path());
        files.extend(paths.filter(|path| path.is_file() && path.metadata().unwrap().len() < 200_000));
    }
    assert!(!files.is_empty());
    files.sort();
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out");
    let mut state = 2_026u64;
    let mut chance = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % most
    };
    for round in 0..6_000 {
        let whole = std::fs::read(&files[round % files.len()]).unwrap();
        let mut bytes = whole.clone();
        for _ in 0..=chance(6) {
            // Directories of TIFF files often lie at the end.
            let from = if chance(2) == 0 { 0 } else { bytes.len().saturating_sub(600) };
            let at = (from + chance(600)).min(bytes.len() - 1);
            bytes[at] = [0, 1, 0xff, 0x7f, 0x80, chance(256) as u8][chance(6)];
        }
        if chance(10) == 0 {
            bytes.truncate(chance(bytes.len()));
        }
        let path = write(scratch.path(), "a.bin", &bytes);
        let _ = inspect(&path);
        let _ = inspect_head(&bytes, bytes.len() as u64);
        if round % 4 == 0 {
            try_all(&path, &bytes, &out);
        }
    }
}

fn as_raw(raw: &RawShape) -> Asked {
    Asked { raw: Some(raw.clone()), ..Asked::default() }
}
