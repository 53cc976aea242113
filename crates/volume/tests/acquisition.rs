//! How a volume was taken: what scanners write about it reaches the owner, and no name of a patient or an operator with it.

use std::path::{Path, PathBuf};
use std::process::Command;

use volume::{Found, inspect};

fn written(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A data element with a short length, of even length as the standard wants it.
fn element(tag: u32, kind: &[u8; 2], value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(b' ');
    }
    let (group, number) = ((tag >> 16) as u16, tag as u16);
    [&group.to_le_bytes()[..], &number.to_le_bytes(), kind, &(value.len() as u16).to_le_bytes(), &value].concat()
}

/// One slice of a CT scan, 4 × 3.
fn ct() -> Vec<u8> {
    let syntax = element(0x0002_0010, b"UI", b"1.2.840.10008.1.2.1\0");
    let length = element(0x0002_0000, b"UL", &(syntax.len() as u32).to_le_bytes());
    let short = |tag: u32, value: u16| element(tag, b"US", &value.to_le_bytes());
    let elements = [
        element(0x0008_0060, b"CS", b"CT"),
        element(0x0008_0080, b"LO", b"Museum of Natural History"),
        element(0x0008_1070, b"PN", b"Muster^Operator"),
        element(0x0008_103e, b"LO", b"Skull thin slices"),
        element(0x0018_0060, b"DS", b"120"),
        element(0x0018_1030, b"LO", b"HeadSeq"),
        element(0x0018_1110, b"DS", b"1040"),
        element(0x0018_1111, b"DS", b"570"),
        element(0x0018_1150, b"IS", b"1000"),
        element(0x0018_1151, b"IS", b"215"),
        element(0x0018_1160, b"SH", b"WEDGE_2"),
        element(0x0018_1210, b"SH", b"H70h"),
        element(0x0020_000e, b"UI", b"1.2.3\0"),
        short(0x0028_0002, 1),
        element(0x0028_0004, b"CS", b"MONOCHROME2 "),
        short(0x0028_0010, 3),
        short(0x0028_0011, 4),
        short(0x0028_0100, 16),
        short(0x0028_0101, 16),
        short(0x0028_0102, 15),
        short(0x0028_0103, 0),
    ];
    let pixels = [&[0xe0, 0x7f, 0x10, 0, b'O', b'W', 0, 0][..], &24_u32.to_le_bytes(), &[7; 24]].concat();
    [vec![0; 128], b"DICM".to_vec(), length, syntax, elements.concat(), pixels].concat()
}

fn said(found: &Found, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(found.other.get(*name).map(String::as_str), Some(*value), "{name}: {found:?}");
    }
    assert!(!format!("{found:?}").contains("Muster"), "{found:?}");
}

#[test]
fn a_ct_scanner_says_how_it_was_set() {
    let scratch = tempfile::tempdir().unwrap();
    let found = inspect(&written(scratch.path(), "ct.dcm", ct())).unwrap_or_else(|trouble| panic!("{trouble}")).found;
    assert_eq!(found.facility.as_deref(), Some("Museum of Natural History"));
    assert_eq!(found.description.as_deref(), Some("Skull thin slices"));
    said(
        &found,
        &[
            ("modality", "CT"),
            ("tube voltage (kVp)", "120"),
            ("tube current (mA)", "215"),
            ("exposure time (ms)", "1000"),
            ("reconstruction kernel", "H70h"),
            ("filter", "WEDGE_2"),
            ("protocol", "HeadSeq"),
            ("distance from source to detector (mm)", "1040"),
            ("distance from source to patient (mm)", "570"),
        ],
    );
}

#[test]
fn the_log_of_a_skyscan_says_how_slices_were_computed() {
    let scratch = tempfile::tempdir().unwrap();
    let log = "[System]\r\nScanner=SkyScan1272\r\nUser Name=Muster\r\n[Acquisition]\r\nImage Pixel Size (um)=5\r\n[Reconstruction]\r\nPixel Size (um)=5\r\n\
               Smoothing=2\r\nRing Artifact Correction=7\r\nBeam Hardening Correction (%)=35\r\nFilter type description=Hamming (Alpha=0.54)\r\n\
               Minimum for CS to Image Conversion=0.000000\r\nMaximum for CS to Image Conversion=0.080000\r\n";
    written(scratch.path(), "scan.log", log);
    let raw = written(scratch.path(), "scan.raw", [0; 24]);
    let asked = volume::Asked {
        raw: Some(volume::RawShape { shape: [2, 3, 4], element: volume::ElementType::U8, big_endian: false, offset: 0 }),
        ..volume::Asked::default()
    };
    let found = volume::inspect_asked(&raw, &asked).unwrap().found;
    said(
        &found,
        &[
            ("reconstruction_smoothing", "2"),
            ("reconstruction_ring_artifact_correction", "7"),
            ("reconstruction_beam_hardening_correction_percent", "35"),
            ("reconstruction_filter", "Hamming (Alpha=0.54)"),
            ("reconstruction_minimum_for_grey", "0.000000"),
            ("reconstruction_maximum_for_grey", "0.080000"),
        ],
    );
}

#[test]
fn a_scan_of_data_exchange_says_how_it_was_taken() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("scan.h5");
    let script = "import sys, h5py, numpy\n\
        f = h5py.File(sys.argv[1], 'w')\n\
        f['exchange/data'] = numpy.zeros((5, 20, 30), 'uint16')\n\
        f['measurement/instrument/detector/exposure_time'] = 0.25\n\
        f['measurement/instrument/detector/pixel_size'] = 6.5\n\
        f['measurement/instrument/detector/pixel_size'].attrs['units'] = 'microns'\n\
        f['measurement/instrument/detection_system/objective/resolution'] = 1.3\n\
        f['measurement/instrument/detection_system/objective/resolution'].attrs['units'] = 'microns'\n\
        f['measurement/instrument/detection_system/objective/magnification'] = 5.0\n\
        f['measurement/sample/experimenter/name'] = 'Muster'\n\
        f['process/acquisition/start_date'] = '2024-05-03T10:11:12-0500'\n";
    let made = Command::new("python3").args(["-c", script]).arg(&path).output();
    if !made.is_ok_and(|made| made.status.success()) {
        return eprintln!("skipped: python3 with h5py");
    }
    let found = inspect(&path).unwrap_or_else(|trouble| panic!("{trouble}")).found;
    assert_eq!(found.date.as_deref(), Some("2024-05-03T10:11:12-0500"));
    said(&found, &[("exposure_s", "0.25"), ("detector_pixel_size_um", "6.5"), ("resolution_um", "1.3"), ("objective_magnification", "5")]);
}
