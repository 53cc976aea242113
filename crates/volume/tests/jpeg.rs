//! JPEG of every kind comes out as from the Independent JPEG Group's library, to the value; the pictures in `jpeg/` were made by its
//! programs. Pictures inside of TIFF, and what else imagecodecs and tifffile write, where `python3` has them.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use volume::zarr::Volume;
use volume::{Asked, ConvertOptions, Trouble, convert, inspect, inspect_asked};

/// Voxels of a file's channel; type and bytes.
fn read(path: &Path, channel: usize) -> Result<(String, Vec<u8>), Trouble> {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out");
    let asked = Asked { channel: Some(channel), ..Asked::default() };
    let header = inspect_asked(path, &asked)?;
    let options = ConvertOptions { asked, label: Some(false), threads: Some(1), ..ConvertOptions::default() };
    let [z, y, x] = header.shape;
    convert(path, &out, &options, &|_| (), &AtomicBool::new(false))?;
    let voxels = Volume::open(&out).unwrap().read_box(0, 0..z, 0..y, 0..x).unwrap();
    Ok((header.element.name().into(), voxels.bytes))
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Name, type, rows and columns, and the first digits of the checksum of each channel as the library decodes it.
#[rustfmt::skip]
const GOLDEN: &[(&str, &str, [usize; 2], &[&str])] = &[
    ("grey_restart", "uint8", [29, 37], &["057b746384016c54"]),
    ("grey_progressive", "uint8", [29, 37], &["057b746384016c54"]),
    ("fancy_420", "uint8", [29, 37], &["31babea6fab7d373", "58577e26600afd1d", "3316bf9472896264"]),
    ("fancy_422_restart", "uint8", [29, 37], &["66093b887a313198", "f509eb53455316a1", "c3258c4535f75a62"]),
    ("fancy_440", "uint8", [29, 37], &["1a146ae74b8b95ad", "5e1d569a1b4952b3", "ff28864208d3ee5a"]),
    ("separate_scans_411", "uint8", [29, 37], &["90fe92bfe430cb8e", "c06b95c663f2b464", "3e20c28c8f7ca0a2"]),
    ("rgb", "uint8", [29, 37], &["3950c90006bb5610", "59018bebe7194e9e", "13cf25161dfc2907"]),
    ("progressive_420", "uint8", [29, 37], &["31babea6fab7d373", "58577e26600afd1d", "3316bf9472896264"]),
    ("mixed_fineness", "uint8", [29, 37], &["5e298db3dce87b44", "42bc5271e8595ccb", "a08534fd50629d3e"]),
    ("twelve_420", "uint16", [29, 37], &["a16d6f73cccaf6fe", "04068dc2b638290c", "851d6770fbb7f913"]),
    ("twelve_grey", "uint16", [29, 37], &["b58cceb29f70d605"]),
    ("lossless_rgb_8", "uint8", [13, 11], &["558c6d8ea6a49924", "0a99cc40297a5d1c", "839ced9233e2ead5"]),
    ("lossless_grey_16", "uint16", [13, 11], &["dbc43543e02c8ef5"]),
];

fn golden(name: &str) -> Vec<u8> {
    std::fs::read(Path::new("tests/jpeg").join(name).with_extension("jpg")).unwrap()
}

#[test]
fn every_kind_comes_out_as_from_the_library() {
    for (name, element, shape, sums) in GOLDEN {
        let path = Path::new("tests/jpeg").join(name).with_extension("jpg");
        let asked = Asked { channel: Some(0), ..Asked::default() };
        let header = inspect_asked(&path, &asked).unwrap();
        assert_eq!(header.shape, [1, shape[0], shape[1]], "{name}");
        let told_of_loss = header.warnings.iter().any(|warning| warning.contains("altered the values"));
        assert_eq!(told_of_loss, !name.starts_with("lossless"), "{name}: {:?}", header.warnings);
        for (channel, expected) in sums.iter().enumerate() {
            let (found, voxels) = read(&path, channel).unwrap();
            assert_eq!((found.as_str(), &sum(&voxels)[..16]), (*element, *expected), "{name} {channel}");
        }
        if sums.len() > 1 {
            assert!(inspect(&path).unwrap_err().what.contains("0 red, 1 green, 2 blue"), "{name}");
        }
    }
}

#[test]
fn what_is_damaged_is_refused_and_never_painted_over() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("a.jpg");
    let refusal = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        read(&path, 0).err().map(|trouble| trouble.what)
    };
    let grey = golden("grey_restart");
    let place = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|window| window == what).unwrap();
    // An interval is lost: the mark of the one behind it has another number.
    let (first, second) = (place(&grey, &[0xff, 0xd1]), place(&grey, &[0xff, 0xd2]));
    let lost = refusal(&[&grey[..first], &grey[second..]].concat()).unwrap();
    assert!(lost.contains("a JPEG restart mark is missing, at ") && lost.contains("rows of blocks"), "{lost}");
    // The last bytes are lost, and the end is there all the same.
    for name in ["fancy_420", "rgb", "twelve_420", "lossless_rgb_8", "progressive_420"] {
        let whole = golden(name);
        let cut = [&whole[..whole.len() - 12], &[0xff, 0xd9]].concat();
        let told = refusal(&cut).unwrap_or_else(|| panic!("{name}: read"));
        assert!(told.contains("the JPEG data end before the picture") || told.contains("pass"), "{name}: {told}");
    }
    // A pass is left out: the picture would be coarser than it was.
    let whole = golden("progressive_420");
    let last = whole.windows(2).rposition(|pair| pair == [0xff, 0xda]).unwrap();
    let told = refusal(&[&whole[..last], &[0xff, 0xd9]].concat()).unwrap();
    assert!(told.contains("one of its JPEG passes is missing"), "{told}");
    // Data that belong to nothing.
    let whole = golden("fancy_420");
    let more = [&whole[..whole.len() - 2], &[0x12, 0x34, 0x56, 0xff, 0xd9]].concat();
    assert!(refusal(&more).unwrap().contains("go on behind the picture"));
    assert!(refusal(&whole[..whole.len() - 2]).is_some(), "its end is missing");
}

#[test]
fn damage_by_chance_breaks_nothing() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("a.jpg");
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut chance = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let (mut read_all, mut refused) = (0, 0);
    for (name, ..) in GOLDEN {
        let whole = golden(name);
        for _ in 0..60 {
            let mut bytes = whole.clone();
            for _ in 0..1 + chance(3) {
                let at = chance(bytes.len());
                bytes[at] = chance(256) as u8;
            }
            bytes.truncate(if chance(4) == 0 { chance(bytes.len()) } else { bytes.len() });
            std::fs::write(&path, &bytes).unwrap();
            match read(&path, 0) {
                Ok(_) => read_all += 1,
                Err(trouble) => {
                    assert!(!trouble.hint.is_empty());
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 200 && read_all > 20, "{refused} {read_all}");
}

#[derive(Deserialize)]
struct Case {
    file: String,
    dtype: String,
    sha256: Vec<String>,
    refused: Option<String>,
}

#[test]
fn what_imagecodecs_and_tifffile_write_is_read_as_they_read_it() {
    let name = "what_imagecodecs_and_tifffile_write_is_read_as_they_read_it";
    if !Command::new("python3").args(["-c", "import imagecodecs, tifffile"]).output().is_ok_and(|told| told.status.success()) {
        eprintln!("skipped: {name} (python3 has no imagecodecs and tifffile)");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let told = Command::new("python3").arg("tests/jpeg_made.py").arg(scratch.path()).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let cases: Vec<Case> = serde_json::from_slice(&told.stdout).unwrap();
    assert!(cases.len() > 300);
    let mut wrong = Vec::new();
    for case in &cases {
        let path = scratch.path().join(&case.file);
        if let Some(word) = &case.refused {
            let told = inspect(&path).err().map(|trouble| trouble.to_string()).unwrap_or_default();
            if !told.contains(word) {
                wrong.push(format!("{}: “{told}”", case.file));
            }
        }
        for (channel, expected) in case.sha256.iter().enumerate() {
            match read(&path, channel) {
                Ok((element, bytes)) if element == case.dtype && sum(&bytes) == *expected => {}
                Ok((element, _)) => wrong.push(format!("{} channel {channel}: {element}, other values", case.file)),
                Err(trouble) => wrong.push(format!("{} channel {channel}: {trouble}", case.file)),
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
