//! HDF5 files of every kind, against what h5py reads in them. `hdf5_made.py` makes them; without h5py and hdf5plugin in
//! `python3` the test is skipped by name.

mod real_files;

use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use volume::zarr::Volume;
use volume::{Arriving, Asked, ConvertOptions, convert, inspect, inspect_asked, inspect_head};

use real_files::data;

#[derive(Deserialize)]
struct Case {
    file: String,
    dataset: Option<String>,
    #[serde(default)]
    channel: Option<usize>,
    #[serde(default)]
    refused: Option<String>,
    #[serde(default)]
    shape: Vec<usize>,
    #[serde(default, rename = "type")]
    element: String,
    #[serde(default)]
    sha256: String,
    #[serde(default)]
    found: serde_json::Map<String, serde_json::Value>,
}

fn made(folder: &Path) -> Option<Vec<Case>> {
    let script = Path::new("tests/hdf5_made.py");
    let judge = Command::new("python3").args(["-c", "import h5py, hdf5plugin"]).output();
    if !judge.is_ok_and(|judge| judge.status.success()) {
        return None;
    }
    let told = Command::new("python3").arg(script).arg(folder).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    Some(serde_json::from_slice(&told.stdout).unwrap())
}

fn voxels(path: &Path, asked: &Asked, out: &Path) -> String {
    let options = ConvertOptions { asked: asked.clone(), threads: Some(2), ..ConvertOptions::default() };
    let converted = convert(path, out, &options, &|_| (), &AtomicBool::new(false)).unwrap_or_else(|trouble| panic!("{trouble}"));
    let [z, y, x] = converted.shape;
    let read = Volume::open(out).unwrap().read_box(0, 0..z, 0..y, 0..x).unwrap();
    std::fs::remove_dir_all(out).unwrap();
    Sha256::digest(&read.bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn files_of_every_kind_are_read_as_h5py_reads_them() {
    let scratch = tempfile::tempdir().unwrap();
    let Some(cases) = made(scratch.path()) else {
        eprintln!("skipped: files_of_every_kind_are_read_as_h5py_reads_them (python3 has no h5py and hdf5plugin)");
        return;
    };
    assert!(cases.len() > 150);
    let mut wrong = Vec::new();
    for case in cases {
        let path = scratch.path().join(&case.file);
        let asked = Asked { dataset: case.dataset.clone(), channel: case.channel, ..Asked::default() };
        let name = format!("{} {}", case.file, case.dataset.as_deref().unwrap_or_default());
        let seen = inspect_asked(&path, &asked);
        // The first bytes say what the whole says, as far as they reach.
        let bytes = std::fs::read(&path).unwrap();
        let facts = inspect_head(&bytes[..bytes.len().min(1 << 20)], bytes.len() as u64).unwrap();
        let known = seen.as_ref().ok().is_some_and(|header| header.format == facts.format);
        assert!(known || facts.format.contains("HDF5"), "{name}: {}", facts.format);
        match (seen, &case.refused) {
            (Ok(header), None) => {
                if header.shape[..] != case.shape[..] || header.element.name() != case.element {
                    wrong.push(format!("{name}: {:?} {}", header.shape, header.element));
                } else if voxels(&path, &asked, &scratch.path().join("out.ome.zarr")) != case.sha256 {
                    wrong.push(format!("{name}: other voxels"));
                }
                wrong.extend(not_found(&header, &case.found).map(|what| format!("{name}: {what} {header:?}")));
            }
            (Err(trouble), Some(word)) => {
                let words = trouble.to_string();
                if !words.contains(word.as_str()) || trouble.file.is_none() || trouble.hint.is_empty() {
                    wrong.push(format!("{name}: refused, but not for {word}: {words}"));
                }
            }
            (Ok(header), Some(word)) => wrong.push(format!("{name}: not refused for {word}: {header:?}")),
            (Err(trouble), None) => wrong.push(format!("{name}: {trouble}")),
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// What the header should have said and did not.
fn not_found(header: &volume::Header, expected: &serde_json::Map<String, serde_json::Value>) -> Option<String> {
    let found = serde_json::to_value(&header.found).unwrap();
    let said = |name: &str| match name {
        "voxel_size_um" => serde_json::to_value(header.voxel_size_um).unwrap(),
        "orientation" => serde_json::to_value(&header.orientation).unwrap(),
        "format" => header.format.as_str().into(),
        _ if found[name].is_null() => found["other"][name].clone(),
        _ => found[name].clone(),
    };
    let missing = |(name, value): (&String, &serde_json::Value)| match name.as_str() {
        "no_warning" => {
            let word = value.as_str().unwrap();
            header.warnings.iter().any(|warning| warning.contains(word)).then(|| format!("a warning of {word}"))
        }
        "warning" => {
            let word = value.as_str().unwrap();
            (!header.warnings.iter().any(|warning| warning.contains(word))).then(|| format!("no warning of {word}"))
        }
        name => (said(name) != *value).then(|| format!("{name} is {} instead of {value}", said(name))),
    };
    expected.iter().find_map(missing)
}

/// File, dataset that is chosen, shape, type, SHA-256 of the voxels as h5py reads them.
type Real = (&'static str, &'static str, [usize; 3], &'static str, &'static str);

const ESRF: &str = "nexus/esrf/RAW_DATA/TestEwoksTomo/TestEwoksTomo_0010/TestEwoksTomo_0010.h5";

#[rustfmt::skip]
const REAL: &[Real] = &[
    ("hdf5/tooth.h5", "/exchange/data", [181, 2, 640], "float32", "3ecfb1d0e6ff582f8f4e1c010191f44a2b20022a933e58cdd3d2658a2401c3cb"),
    ("derived/tooth_nxtomo.nx", "/entry0000/instrument/detector/data", [201, 2, 640], "float32", "274d8c4ac4335f14c1656d7d114665e2becc5fa3ce743ecab1231129f5632283"),
    ("nexus/dls/pc2_projections.hdf", "/entry/data/data", [19, 32, 64], "float32", "7521298ea2c9055e183b27bd8c891aeaaf1d1ec190b9d8f2fab2ed8bdfb2283b"),
    (ESRF, "/4.1/instrument/edgetwinmic/image", [11, 16, 16], "uint16", "fe699463e180801759e9c94b29d1c750cb46fae177169f4bbe4cd0b72faeb015"),
    ("nexus/esrf/RAW_DATA/TestEwoksTomo/TestEwoksTomo_0010/scan0004/edgetwinmic_0000.h5", "/entry_0000/instrument/edgetwinmic/plot/data", [1, 16, 16], "uint16", "c04383c1b9c09fa00c20b5cdb21e8d8f98f99f3e4ebca74c83ae0aee9af85eca"),
];

#[test]
fn real_scans_are_read_as_h5py_reads_them() {
    let Some(data) = data("real_scans_are_read_as_h5py_reads_them") else { return };
    let scratch = tempfile::tempdir().unwrap();
    for (name, dataset, shape, element, sum) in REAL {
        let header = inspect(&data.join(name)).unwrap_or_else(|trouble| panic!("{trouble}"));
        assert_eq!((header.shape, header.element.name()), (*shape, *element), "{name}");
        assert_eq!(header.found.other["dataset"], *dataset, "{name}");
        assert_eq!(voxels(&data.join(name), &Asked::default(), &scratch.path().join("out")), *sum, "{name}");
    }
    let tooth = inspect(&data.join("derived/tooth_nxtomo.nx")).unwrap();
    assert_eq!(tooth.found.other["frames"], "181 projections, 10 flats, 10 darks among 201 frames");
    assert_eq!(tooth.found.sample.as_deref(), Some("tooth"));
    assert_eq!(tooth.found.facility.as_deref(), Some("ESRF"));
    let exchange = inspect(&data.join("hdf5/tooth.h5")).unwrap();
    assert_eq!(exchange.found.other["frames"], "181 projections; 10 flats and 10 darks beside them in the file");
    let bliss = inspect(&data.join(ESRF)).unwrap();
    assert_eq!(bliss.found.instrument.as_deref(), Some("ESRF-bm05"));
    assert_eq!(bliss.files.len(), 12, "{:?}", bliss.files);
}

#[test]
fn a_folder_of_hdf5_files_is_the_volume_that_the_others_belong_to() {
    let Some(data) = data("a_folder_of_hdf5_files_is_the_volume_that_the_others_belong_to") else { return };
    for folder in ["nexus/esrf", "nexus/esrf/RAW_DATA/TestEwoksTomo/TestEwoksTomo_0010"] {
        let header = inspect(&data.join(folder)).unwrap_or_else(|trouble| panic!("{folder}: {trouble}"));
        assert_eq!((header.format.as_str(), header.shape), ("ESRF BLISS (HDF5)", [11, 16, 16]), "{folder}");
        assert_eq!(header.files[0], "TestEwoksTomo_0010.h5");
        let aside = header.warnings.iter().filter(|warning| warning.contains("eft aside")).collect::<Vec<_>>();
        assert_eq!(aside.len(), if folder == "nexus/esrf" { 2 } else { 0 }, "{aside:?}");
        assert!(aside.iter().all(|warning| warning.contains("pixels missing")), "{aside:?}");
    }
    // With the whole deposit as its root, the same file may go up and down again.
    let scratch = tempfile::tempdir().unwrap();
    for (from, to) in [("nexus/dls/pc2_projections.hdf", "a.hdf"), ("derived/tooth_nxtomo.nx", "raw/b.nx"), ("hdf5/tooth.h5", "raw/c.h5")] {
        let to = scratch.path().join(to);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(data.join(from), to).unwrap();
    }
    let header = inspect(scratch.path()).unwrap();
    assert_eq!(header.files[0], "a.hdf", "what is not projections goes first");
    assert!(header.warnings.iter().any(|warning| warning.contains("left aside: b.nx, c.h5")), "{:?}", header.warnings);
    // Of two alike somebody has to choose, and is told what there is.
    std::fs::remove_file(scratch.path().join("a.hdf")).unwrap();
    let trouble = inspect(scratch.path()).unwrap_err();
    let offers = trouble.asks.as_ref().unwrap().offers.iter().map(|offer| (offer.answer.as_str(), offer.shape.clone())).collect::<Vec<_>>();
    assert_eq!(offers, [("raw/b.nx", vec![201, 2, 640]), ("raw/c.h5", vec![181, 2, 640])], "{trouble}");
    let asked = |dataset: &str| inspect_asked(scratch.path(), &Asked { dataset: Some(dataset.into()), ..Asked::default() }).unwrap();
    assert_eq!((asked("raw/c.h5").shape, asked("raw/b.nx").shape), ([181, 2, 640], [201, 2, 640]));
}

#[test]
fn pixels_that_are_elsewhere_are_missed_and_never_black() {
    let Some(data) = data("pixels_that_are_elsewhere_are_missed_and_never_black") else { return };
    let refusal = |name: &str| inspect(&data.join(name)).unwrap_err().to_string();
    let nxtomo = "nexus/esrf/PROCESSED_DATA/TestEwoksTomo/TestEwoksTomo_0010/projections/TestEwoksTomo_0010.nx";
    let told = refusal(nxtomo);
    assert!(told.contains("pixels missing") && told.contains("RAW_DATA/TestEwoksTomo/TestEwoksTomo_0010/TestEwoksTomo_0010.h5"), "{told}");
    let told = refusal("nexus/dls/24888.nxs");
    assert!(told.contains("pixels missing") && told.contains("/dls/i13/data/2014/mt9396-1/raw/pco1-24888.hdf"), "{told}");
    let told = refusal("hdf5/example_mapping.nxs");
    assert!(told.contains("/entry1/instrument/diff/data [10, 12, 5, 6, 8] int16") && told.contains("--dataset"), "{told}");
    // What such a file says about the scan is kept nevertheless.
    let head = std::fs::read(data.join("nexus/dls/24888.nxs")).unwrap();
    let facts = inspect_head(&head, head.len() as u64).unwrap();
    assert_eq!(facts.found.description.as_deref(), Some("Mg[2]33C1"));
    assert_eq!(facts.found.facility.as_deref(), Some("DLS"));
    assert!(facts.warnings.iter().any(|warning| warning.contains("Pixels missing")), "{:?}", facts.warnings);
    let head = std::fs::read(data.join(nxtomo)).unwrap();
    let facts = inspect_head(&head, head.len() as u64).unwrap();
    assert_eq!((facts.found.energy_kev, facts.depth), (Some(26.0), Some(20)));
    let known = |name: &str| *inspect(&data.join(name)).unwrap_err().known.unwrap();
    assert_eq!(known("nexus/dls/24888.nxs").found.description.as_deref(), Some("Mg[2]33C1"));
    let known = known(nxtomo);
    assert_eq!((known.format.as_str(), known.found.energy_kev, known.depth), ("NXtomo (HDF5)", Some(26.0), Some(20)));
}

/// A file of frames as h5py writes it by default: the places of its chunks lie between them.
const ARRIVING: &str = "import h5py, numpy, sys
with h5py.File(sys.argv[1], 'w') as file:
    frames = (numpy.arange(300 * 90 * 70) % 977).astype('<u2').reshape(300, 90, 70)
    file.create_dataset('entry/data', data=frames, chunks=(1, 90, 70), compression='gzip', compression_opts=1)
    file['entry/behind'] = 'written last'";

#[test]
fn frames_are_converted_while_the_places_of_later_ones_have_not_come() {
    let scratch = tempfile::tempdir().unwrap();
    let (whole, arriving) = (scratch.path().join("scan.h5"), scratch.path().join("arriving.h5"));
    let made = Command::new("python3").args(["-c", ARRIVING]).arg(&whole).output();
    if !made.is_ok_and(|made| made.status.success()) {
        eprintln!("skipped: frames_are_converted_while_the_places_of_later_ones_have_not_come (python3 has no h5py)");
        return;
    }
    let bytes = std::fs::read(&whole).unwrap();
    let length = bytes.len() as u64;
    let options = |asked: Asked| ConvertOptions { asked, chunk: 16, shard: 32, threads: Some(2), ..ConvertOptions::default() };
    let known = |_: &volume::Header, planes: usize| vec![format!("this scan {planes}")];
    let go = &AtomicBool::new(false);
    let out = scratch.path().join("out.ome.zarr");
    let (mut done, mut steps) = (0, 0);
    for part in 1..10 {
        let here = length * part / 10;
        // What has not come may be anything.
        let mut begun = bytes[..here as usize].to_vec();
        begun.resize(bytes.len(), 0xa5);
        std::fs::write(&arriving, &begun).unwrap();
        let asked = Asked { arriving: Some(Arriving { here, length }), ..Asked::default() };
        let Ok(reader) = volume::PlaneReader::open(&arriving, &asked) else { continue };
        let is_here = |plane: &usize| reader.place(*plane).is_some_and(|(_, range)| range.end <= here);
        let planes = (0..300).take_while(is_here).count();
        // Chunks are not all equally long.
        assert!(planes as u64 <= 300 * part / 10 + 6, "{planes} of {part} tenths");
        let reached = volume::convert_ahead(&arriving, &out, &options(asked), done..planes.max(done), &known, &|_| (), go).unwrap();
        steps += usize::from(reached > done);
        done = reached.max(done);
    }
    assert!(steps >= 2 && done >= 160, "{done} planes in {steps} steps");
    let told = volume::convert_known(&whole, &out, &options(Asked::default()), &known, &|_| (), go).unwrap();
    assert_eq!((told.resumed_planes, told.shape), (done, [300, 90, 70]));
    let read = Volume::open(&out).unwrap().read_box(0, 0..300, 0..90, 0..70).unwrap();
    let expected: Vec<u8> = (0..300 * 90 * 70u32).flat_map(|at| ((at % 977) as u16).to_le_bytes()).collect();
    assert!(read.bytes == expected);
}
