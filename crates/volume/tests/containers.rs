//! Containers of other programs are read as those programs read them: Zarr 2 and 3, OME-Zarr, N5, ZIP and tar.

mod real_files;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;

use serde_json::Value;
use sha2::{Digest, Sha256};
use volume::zarr::Volume;
use volume::{Asked, ConvertOptions, Trouble, convert, inspect, inspect_asked};

use real_files::data;

fn asked(dataset: &str) -> Asked {
    Asked { dataset: Some(dataset.into()), ..Asked::default() }
}

/// All voxels of level 0 after a conversion.
fn converted(path: &Path, asked: &Asked) -> Result<Vec<u8>, Trouble> {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out.ome.zarr");
    let options = ConvertOptions { asked: asked.clone(), chunk: 16, shard: 32, ..ConvertOptions::default() };
    convert(path, &out, &options, &|_| (), &AtomicBool::new(false))?;
    let volume = Volume::open(&out)?;
    let [z, y, x] = volume.shape();
    Ok(volume.read_box(0, 0..z, 0..y, 0..x)?.bytes)
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn what_zarr_python_writes_is_read_as_it_reads_it() {
    let scratch = tempfile::tempdir().unwrap();
    let script = Path::new("tests/containers_zarr.py");
    let has_zarr = Command::new("python3").args(["-c", "import zarr, numcodecs"]).output().is_ok_and(|tried| tried.status.success());
    if !has_zarr {
        eprintln!("skipped: what_zarr_python_writes_is_read_as_it_reads_it (no python3 with zarr)");
        return;
    }
    let wrote = Command::new("python3").arg(script).arg(scratch.path()).output().unwrap();
    assert!(wrote.status.success(), "{}", String::from_utf8_lossy(&wrote.stderr));
    let mut read = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(scratch.path()).unwrap() {
        let told = entry.unwrap().path();
        if told.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let path = told.with_extension("");
        let told: Value = serde_json::from_slice(&std::fs::read(&told).unwrap()).unwrap();
        let asked = Asked { dataset: told["dataset"].as_str().map(String::from), ..Asked::default() };
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let compared = inspect_asked(&path, &asked).and_then(|header| {
            let header_is = serde_json::json!([header.shape, header.element.name(), header.voxel_size_um]);
            let voxels = converted(&path, &asked)?;
            let same = voxels == std::fs::read(path.with_extension("raw")).unwrap();
            Ok((header_is, same))
        });
        match compared {
            Ok((header, true)) if header == serde_json::json!([told["shape"], told["dtype"], told["voxel_size_um"]]) => read += 1,
            other => wrong.push(format!("{name}: {other:?} instead of {told}")),
        }
    }
    assert!(wrong.is_empty() && read > 60, "{read} read, wrong:\n{}", wrong.join("\n"));
}

/// File, dataset, shape, type, voxel size, SHA-256 of the little-endian voxels as zarr-python reads them.
type Golden = (&'static str, Option<&'static str>, [usize; 3], &'static str, Option<[f64; 3]>, &'static str);

#[rustfmt::skip]
const GOLDEN: &[Golden] = &[
    ("derived/bone_v04.ome.zarr.zip", None, [64, 64, 64], "uint8", Some([1.953125; 3]), "24f2094ce61cefed7b9d0bf51ef98ff59b9a097e26d804f74cea52b60c2174ae"),
    ("omezarr/simple_0.4", None, [1, 10, 10], "uint16", None, "0914116557e78ac6d6c10016d319d56f4e3e6580362256bcc7a2c073c6900dbf"),
    ("derived/bone_v05.ome.zarr.zip", None, [128, 128, 128], "uint8", Some([1.953125; 3]), "95363407a80ee89a95ac1ce3a4c66218d0c83b81acd5c381a5a93b0ff572d980"),
    ("omezarr/simple_0.5", None, [1, 10, 10], "uint16", None, "0914116557e78ac6d6c10016d319d56f4e3e6580362256bcc7a2c073c6900dbf"),
    ("omezarr/simple_0.5.zip", None, [1, 10, 10], "uint16", None, "0914116557e78ac6d6c10016d319d56f4e3e6580362256bcc7a2c073c6900dbf"),
    ("zarr/zarr_v3_testdata.zip", Some("zarr_v3/from_zarrita/data.zarr/3d.chunked.mixed.i2.F"), [3, 3, 3], "int16", None, "58a54299e0e8d0a77ba77fbdbba8a96b0265aa7d3e04f884ea0817d9d1915665"),
    ("zarr/zarr_v3_testdata.zip", Some("zarr_v3/from_zarrita/data.zarr/3d.chunked.mixed.compressed.sharded.i2"), [3, 3, 3], "int16", None, "58a54299e0e8d0a77ba77fbdbba8a96b0265aa7d3e04f884ea0817d9d1915665"),
    ("zarr/zarr_v3_testdata.zip", Some("zarr_v3/from_zarrita/data.zarr/3d.chunked.compressed.sharded.i2"), [4, 4, 4], "int16", None, "d9f3c8064105485f0821fb42ba0846faef768a4d1987c65cdb7dfdba1e4a5656"),
];

#[test]
fn real_containers_are_read_as_others_read_them() {
    let Some(data) = data("real_containers_are_read_as_others_read_them") else { return };
    for (name, dataset, shape, element, voxel_size_um, expected) in GOLDEN {
        let asked = Asked { dataset: dataset.map(String::from), ..Asked::default() };
        let header = inspect_asked(&data.join(name), &asked).unwrap();
        assert_eq!((header.shape, header.element.name(), header.voxel_size_um), (*shape, *element, *voxel_size_um), "{name}");
        assert_eq!(sum(&converted(&data.join(name), &asked).unwrap()), *expected, "{name} {dataset:?}");
    }
    let several = inspect(&data.join("zarr/zarr_v3_testdata.zip")).unwrap_err().to_string();
    assert!(several.contains("data.zarr") && several.contains("Choose one"), "{several}");
}

/// A tiny Zarr 2 array of 4 × 3 × 2 bytes that count up.
fn small_zarr(folder: &Path, extra: &str) {
    std::fs::create_dir_all(folder).unwrap();
    let document = format!(
        r#"{{"zarr_format":2,"shape":[4,3,2],"chunks":[4,3,2],"dtype":"|u1","compressor":null,"filters":null,"fill_value":0,"order":"C"{extra}}}"#
    );
    std::fs::write(folder.join(".zarray"), document).unwrap();
    std::fs::write(folder.join("0.0.0"), (0..24).collect::<Vec<u8>>()).unwrap();
}

#[test]
fn several_datasets_are_asked_for_and_not_guessed() {
    let scratch = tempfile::tempdir().unwrap();
    let top = scratch.path().join("two.zarr");
    small_zarr(&top.join("raw"), "");
    small_zarr(&top.join("mask"), "");
    std::fs::write(top.join(".zgroup"), r#"{"zarr_format":2}"#).unwrap();
    let told = inspect(&top).unwrap_err().to_string();
    assert!(told.contains("mask (4 × 3 × 2, uint8); raw") && told.contains("--dataset"), "{told}");
    let asks = inspect(&top).unwrap_err().asks.unwrap();
    let answers: Vec<&str> = asks.offers.iter().map(|offer| offer.answer.as_str()).collect();
    assert_eq!((asks.about, answers), (volume::About::Dataset, vec!["mask", "raw"]));
    assert_eq!(converted(&top, &asked("raw")).unwrap(), (0..24).collect::<Vec<u8>>());
    assert!(inspect_asked(&top, &asked("../two.zarr/raw")).is_err());
    assert!(inspect_asked(&top, &asked("nothing")).unwrap_err().to_string().contains("no dataset “nothing”"));
}

#[test]
fn a_short_axis_without_a_name_is_asked_about_and_every_answer_is_understood() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("photo.zarr");
    std::fs::create_dir_all(&folder).unwrap();
    let document = r#"{"zarr_format":2,"shape":[16,17,3],"chunks":[16,17,3],"dtype":"|u1","compressor":null,"filters":null,"fill_value":0,"order":"C"}"#;
    std::fs::write(folder.join(".zarray"), document).unwrap();
    let voxels: Vec<u8> = (0..16 * 17 * 3).map(|at| at as u8).collect();
    std::fs::write(folder.join("0.0.0"), &voxels).unwrap();
    let trouble = inspect(&folder).unwrap_err();
    let asks = trouble.asks.unwrap();
    assert_eq!(asks.about, volume::About::Colour);
    let answers: Vec<&str> = asks.offers.iter().map(|offer| offer.answer.as_str()).collect();
    assert_eq!(answers, ["axes=zyx", "axes=yxc,c=0", "axes=yxc,c=1", "axes=yxc,c=2"]);
    assert_eq!(converted(&folder, &asked("axes=zyx")).unwrap(), voxels);
    let green: Vec<u8> = voxels.iter().copied().skip(1).step_by(3).collect();
    assert_eq!(converted(&folder, &asked("axes=yxc,c=1")).unwrap(), green);
}

#[test]
fn hostile_documents_are_refused_in_words() {
    let scratch = tempfile::tempdir().unwrap();
    let documents = [
        r#"{"zarr_format":2,"shape":[4,3,2],"chunks":[0,3,2],"dtype":"|u1"}"#,
        r#"{"zarr_format":2,"shape":[4,3],"chunks":[4,3,2],"dtype":"|u1"}"#,
        r#"{"zarr_format":2,"shape":[4,3,18446744073709551615],"chunks":[4,3,2],"dtype":"|u1"}"#,
        r#"{"zarr_format":2,"shape":[1000000,1000000,1000000],"chunks":[1000000,1000000,1000000],"dtype":"|u1"}"#,
        r#"{"zarr_format":2,"shape":[1000000,1000000,1000000],"chunks":[1,1,1],"dtype":"|u1"}"#,
        r#"{"zarr_format":2,"shape":[4,3,2],"chunks":[4,3,2],"dtype":"<c16"}"#,
        r#"{"zarr_format":2,"shape":[4,3,2],"chunks":[4,3,2],"dtype":"|u1","compressor":{"id":"evil"}}"#,
        r#"{"zarr_format":2,"shape":[4,3,2],"chunks":[4,3,2],"dtype":"|u1","filters":[{"id":"shuffle","elementsize":0}]}"#,
        "[1]",
        "not json",
    ];
    for (number, document) in documents.iter().enumerate() {
        let folder = scratch.path().join(format!("{number}.zarr"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join(".zarray"), document).unwrap();
        let told = converted(&folder, &Asked::default()).unwrap_err();
        assert!(!told.what.is_empty() && !told.hint.is_empty(), "{document}: {told}");
    }
    // A document that leads out of the container.
    let folder = scratch.path().join("out.zarr");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join(".zattrs"), r#"{"multiscales":[{"datasets":[{"path":"../../etc"}]}]}"#).unwrap();
    assert!(inspect(&folder).is_err());
    // A chunk that is cut off.
    let folder = scratch.path().join("cut.zarr");
    small_zarr(&folder, "");
    std::fs::write(folder.join("0.0.0"), [1, 2, 3]).unwrap();
    let told = converted(&folder, &Asked::default()).unwrap_err().to_string();
    assert!(told.contains("0.0.0") && told.contains("3 bytes instead of 24"), "{told}");
}

/// One entry of a ZIP as the test writes it.
struct Entry<'a> {
    name: &'a str,
    bytes: &'a [u8],
    deflate: bool,
    /// Claims another size, or a link, or the bytes of the entry before.
    claims: Option<u32>,
    link: bool,
    shares: bool,
}

fn entry<'a>(name: &'a str, bytes: &'a [u8], deflate: bool) -> Entry<'a> {
    Entry { name, bytes, deflate, claims: None, link: false, shares: false }
}

/// A ZIP by the book, with ZIP64 numbers when asked.
fn zip(entries: &[Entry<'_>], zip64: bool) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    let mut at = 0;
    for entry in entries {
        let packed = if entry.deflate {
            let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
            packer.write_all(entry.bytes).unwrap();
            packer.finish().unwrap()
        } else {
            entry.bytes.to_vec()
        };
        let method: u16 = if entry.deflate { 8 } else { 0 };
        let mut crc = flate2::Crc::new();
        crc.update(entry.bytes);
        let size = entry.claims.unwrap_or(entry.bytes.len() as u32);
        let common = |out: &mut Vec<u8>| {
            out.extend_from_slice(&method.to_le_bytes());
            out.extend_from_slice(&[0; 4]);
            out.extend_from_slice(&crc.sum().to_le_bytes());
            for number in if zip64 { [u32::MAX; 2] } else { [packed.len() as u32, size] } {
                out.extend_from_slice(&number.to_le_bytes());
            }
            out.extend_from_slice(&(entry.name.len() as u16).to_le_bytes());
        };
        if !entry.shares {
            at = out.len() as u64;
            out.extend_from_slice(b"PK\x03\x04\x14\0\0\0");
            common(&mut out);
            out.extend_from_slice(&[0; 2]);
            out.extend_from_slice(entry.name.as_bytes());
            out.extend_from_slice(&packed);
        }
        let extra = if zip64 {
            let mut extra = vec![1, 0, 24, 0];
            for number in [u64::from(size), packed.len() as u64, at] {
                extra.extend_from_slice(&number.to_le_bytes());
            }
            extra
        } else {
            Vec::new()
        };
        directory.extend_from_slice(b"PK\x01\x02\x14\x03\x14\0\0\0");
        common(&mut directory);
        directory.extend_from_slice(&(extra.len() as u16).to_le_bytes());
        directory.extend_from_slice(&[0; 6]);
        let mode: u32 = if entry.link { 0o120_777 } else { 0o100_644 };
        directory.extend_from_slice(&(mode << 16).to_le_bytes());
        directory.extend_from_slice(&if zip64 { u32::MAX } else { at as u32 }.to_le_bytes());
        directory.extend_from_slice(entry.name.as_bytes());
        directory.extend_from_slice(&extra);
    }
    let directory_at = out.len() as u64;
    out.extend_from_slice(&directory);
    let (count, size) = (entries.len() as u64, directory.len() as u64);
    if zip64 {
        let record_at = out.len() as u64;
        out.extend_from_slice(b"PK\x06\x06");
        out.extend_from_slice(&44_u64.to_le_bytes());
        out.extend_from_slice(&[0; 12]);
        for number in [count, count, size, directory_at] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(b"PK\x06\x07\0\0\0\0");
        out.extend_from_slice(&record_at.to_le_bytes());
        out.extend_from_slice(&1_u32.to_le_bytes());
    }
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    for number in if zip64 { [u16::MAX; 2] } else { [count as u16; 2] } {
        out.extend_from_slice(&number.to_le_bytes());
    }
    for number in if zip64 { [u32::MAX; 2] } else { [size as u32, directory_at as u32] } {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(&[0; 2]);
    out
}

/// A NRRD file of 4 × 3 × 2 bytes that count up.
fn small_nrrd() -> Vec<u8> {
    let mut file = b"NRRD0004\ntype: uchar\ndimension: 3\nsizes: 2 3 4\nencoding: raw\n\n".to_vec();
    file.extend(0..24);
    file
}

fn tar(entries: &[(&str, &[u8], u8)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes, kind) in entries {
        let mut head = [0; 512];
        head[..name.len()].copy_from_slice(name.as_bytes());
        head[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        head[156] = *kind;
        head[257..263].copy_from_slice(b"ustar\0");
        head[148..156].fill(b' ');
        let sum: u32 = head.iter().map(|&byte| u32::from(byte)).sum();
        head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend_from_slice(&head);
        out.extend_from_slice(bytes);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.extend_from_slice(&[0; 1_024]);
    out
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn archives_are_read_and_leave_nothing_behind() {
    let scratch = tempfile::tempdir().unwrap();
    let nrrd = small_nrrd();
    let counted: Vec<u8> = (0..24).collect();
    for (number, (deflate, zip64)) in [(false, false), (true, false), (false, true), (true, true)].into_iter().enumerate() {
        let path = written(scratch.path(), &format!("{number}.zip"), &zip(&[entry("scan/bone.nrrd", &nrrd, deflate)], zip64));
        assert_eq!(inspect(&path).unwrap().format, "NRRD (ZIP)");
        assert_eq!(converted(&path, &Asked::default()).unwrap(), counted);
        let document = br#"{"zarr_format":2,"shape":[4,3,2],"chunks":[4,3,2],"dtype":"|u1"}"#;
        let entries = [entry("a.zarr/.zarray", document, deflate), entry("a.zarr/0.0.0", &counted, deflate)];
        let path = written(scratch.path(), &format!("{number}.zarr.zip"), &zip(&entries, zip64));
        assert_eq!(inspect(&path).unwrap().format, "Zarr 2 (ZIP)");
        assert_eq!(converted(&path, &Asked::default()).unwrap(), counted);
    }
    let whole = tar(&[("scan/", b"", b'5'), ("scan/bone.nrrd", &nrrd, b'0')]);
    let path = written(scratch.path(), "a.tar", &whole);
    assert_eq!(converted(&path, &Asked::default()).unwrap(), counted);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&whole).unwrap();
    let path = written(scratch.path(), "a.tar.gz", &packer.finish().unwrap());
    assert_eq!(inspect(&path).unwrap().format, "NRRD (tar.gz)");
    let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    packer.write_all(&whole).unwrap();
    let path = written(scratch.path(), "a.tar.bz2", &packer.finish().unwrap());
    assert_eq!(inspect(&path).unwrap().format, "NRRD (tar.bz2)");
    assert_eq!(converted(&path, &Asked::default()).unwrap(), counted);
    // What holds no volume is told by the name that its owner knows.
    let told = inspect(&written(scratch.path(), "notes.zip", &zip(&[entry("notes.txt", b"no volume", false)], false))).unwrap_err();
    assert_eq!(told.file.as_deref(), Some("notes.zip"), "{told}");
    let told = inspect(&written(scratch.path(), "array.npy", b"\x93NUMPY\x01\0v\0{'descr': '<u2'}")).unwrap_err();
    assert!(told.what.starts_with("NumPy files are not converted"), "{told}");
    let left: Vec<_> = std::fs::read_dir(scratch.path()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn hostile_archives_are_refused_in_words() {
    let scratch = tempfile::tempdir().unwrap();
    let nrrd = small_nrrd();
    let zeros = vec![0; 1 << 20];
    let inner = zip(&[entry("bone.nrrd", &nrrd, false)], false);
    let zips: [(&str, Vec<u8>); 7] = [
        ("leaves its folder", zip(&[entry("../evil.nrrd", &nrrd, false)], false)),
        ("is not relative", zip(&[entry("/etc/evil.nrrd", &nrrd, false)], false)),
        ("is a link", zip(&[Entry { link: true, ..entry("evil.nrrd", b"/etc/passwd", false) }], false)),
        ("twice", zip(&[entry("a.nrrd", &nrrd, false), entry("a.nrrd", &nrrd, false)], false)),
        ("shares its bytes", zip(&[entry("a.nrrd", &nrrd, false), Entry { shares: true, ..entry("b.nrrd", &nrrd, false) }], false)),
        ("claims", zip(&[Entry { claims: Some(1 << 30), ..entry("a.nrrd", &zeros, true) }], false)),
        ("no slices and no volume", zip(&[entry("inner.zip", &inner, false)], false)),
    ];
    for (number, (why, bytes)) in zips.iter().enumerate() {
        let told = inspect(&written(scratch.path(), &format!("{number}.zip"), bytes)).unwrap_err().to_string();
        assert!(told.contains(why), "{why}: {told}");
    }
    let tars: [(&str, Vec<u8>); 3] = [
        ("leaves its folder", tar(&[("../evil.nrrd", &nrrd, b'0')])),
        ("is a link", tar(&[("evil.nrrd", b"", b'2')])),
        ("cut off", tar(&[("a.nrrd", &zeros, b'0')])[..2_000].to_vec()),
    ];
    for (number, (why, bytes)) in tars.iter().enumerate() {
        let told = inspect(&written(scratch.path(), &format!("{number}.tar"), bytes)).unwrap_err().to_string();
        assert!(told.contains(why), "{why}: {told}");
    }
    // Whatever is cut off or turned around, nothing panics and nothing stays behind.
    let good = zip(&[entry("scan/bone.nrrd", &nrrd, true)], true);
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 0xff;
        let _ = inspect(&written(scratch.path(), "bent.zip", &bytes));
        let _ = inspect(&written(scratch.path(), "short.zip", &good[..at]));
    }
    assert!(!scratch.path().parent().unwrap().join("evil.nrrd").exists());
}
