//! Feeds the readers of the table below with bytes that libFuzzer makes up: whatever they are, the answer is a volume, a model or a sentence.
//!
//! One executable for all readers: `FUZZ_READER` says which of the table below, `make fuzz` runs one after the other.

#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use libfuzzer_sys::fuzz_target;
use volume::{About, Asked, ConvertOptions, Trouble, convert, inspect_asked, inspect_head};

/// Reader and the name its file gets. A Zarr comes in a ZIP; what stands beside a file that describes others is in [`DESCRIBED`].
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
    ("aim", "a.aim"),
    ("stl", "a.stl"),
    ("ply", "a.ply"),
    ("obj", "a.obj"),
    ("glb", "a.glb"),
    ("threemf", "a.3mf"),
    ("scanner", "a.log"),
    ("xact", "unireconstruction.xml"),
    ("nikon", "a.xtekct"),
    ("phoenix", "a.pcr"),
    ("vgi", "a.vgi"),
    ("sidecar", "a.json"),
    ("detached", "a.nhdr"),
    ("listed", "a.mhd"),
    ("analyze", "a.hdr"),
    ("mdoc", "a.mrc.mdoc"),
];

/// Readers of files that describe others: what lies beside them, by the reader's name, and whether the folder is opened or what is described.
const DESCRIBED: &[(&str, &[(&str, Beside)], &str)] = &[
    ("scanner", &[("a0001.bmp", Beside::Picture), ("a0002.bmp", Beside::Picture)], ""),
    ("xact", &[("a0001.bmp", Beside::Picture), ("a0002.bmp", Beside::Picture)], ""),
    ("nikon", &[("a.raw", Beside::Raw)], "a.raw"),
    ("phoenix", &[("a.raw", Beside::Raw)], "a.raw"),
    ("vgi", &[("a.raw", Beside::Raw)], "a.raw"),
    ("sidecar", &[("a.raw", Beside::Raw)], "a.raw"),
    ("detached", &[("a.raw", Beside::Raw)], "a.nhdr"),
    ("listed", &[("a.raw", Beside::Raw)], "a.mhd"),
    ("analyze", &[("a.img", Beside::Raw)], "a.hdr"),
    ("mdoc", &[("a.mrc", Beside::Map)], "a.mrc"),
];

/// A file that is always the same.
#[derive(Clone, Copy)]
enum Beside {
    /// 8 × 8 × 8 bytes without a header.
    Raw,
    /// 8 × 8 grey pixels.
    Picture,
    /// 8 × 8 × 8 bytes.
    Map,
}

impl Beside {
    fn bytes(self) -> Vec<u8> {
        let voxels: Vec<u8> = (0..512_usize).map(|at| (at * 7 % 251) as u8).collect();
        match self {
            Self::Raw => voxels,
            Self::Map => include_bytes!("../seeds/mrc/int8.mrc").to_vec(),
            Self::Picture => include_bytes!("../seeds/bmp/8-bit.bmp").to_vec(),
        }
    }
}

/// A volume of more bytes is inspected and not converted: it would only take time.
const VOXEL_BYTES_MAX: usize = 8 << 20;
/// What an upload hands over before the file is complete.
const HEAD_BYTES: usize = 4_096;

struct Place {
    file: PathBuf,
    /// What is opened: the file, what it describes, or the folder of both.
    open: PathBuf,
    out: PathBuf,
    /// How many files lie in both folders when nothing is left over.
    files_before: usize,
    folder: tempfile::TempDir,
}

impl Place {
    fn files(&self) -> usize {
        let deposit = self.folder.path().join("deposit");
        [self.folder.path(), &deposit].iter().filter_map(|folder| std::fs::read_dir(folder).ok()).map(Iterator::count).sum()
    }
}

static PLACE: LazyLock<Place> = LazyLock::new(|| {
    let asked = std::env::var("FUZZ_READER").unwrap_or_default();
    let Some((_, name)) = READERS.iter().find(|(reader, _)| *reader == asked) else {
        let names: Vec<&str> = READERS.iter().map(|(reader, _)| *reader).collect();
        eprintln!("FUZZ_READER={asked} is none of: {}", names.join(" "));
        std::process::exit(2);
    };
    let folder = tempfile::tempdir().expect("a folder for the file");
    let deposit = folder.path().join("deposit");
    std::fs::create_dir(&deposit).expect("the folder is new");
    let (beside, open) =
        DESCRIBED.iter().find(|(reader, ..)| *reader == asked).map_or((&[][..], *name), |(_, beside, open)| (*beside, *open));
    for (name, what) in beside {
        std::fs::write(deposit.join(name), what.bytes()).expect("the folder is in memory");
    }
    // The folder of the deposit, and in it the file beside the others.
    let files_before = 2 + beside.len();
    Place { file: deposit.join(name), open: deposit.join(open), out: folder.path().join("out"), files_before, folder }
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

/// Answers as a person would who takes what is offered first; false when nothing is asked that was not answered already.
fn answer(asked: &mut Asked, trouble: &Trouble) -> bool {
    assert!(!trouble.what.is_empty(), "{trouble:?}");
    let Some(asks) = &trouble.asks else { return false };
    let before = asked.clone();
    match (&asks.about, asks.offers.first()) {
        (About::Raw { suggested, .. }, _) => asked.raw = suggested.clone(),
        (About::Channel, Some(offer)) => asked.channel = asked.channel.or(offer.answer.parse().ok()),
        (_, Some(offer)) => _ = asked.dataset.get_or_insert_with(|| offer.answer.clone()),
        (_, None) => {}
    }
    *asked != before
}

fuzz_target!(|bytes: &[u8]| {
    if mesh::is_model_name(&PLACE.file.to_string_lossy()) {
        return model(bytes);
    }
    let _ = inspect_head(&bytes[..bytes.len().min(HEAD_BYTES)], bytes.len() as u64);
    let _ = inspect_head(&bytes[..bytes.len() / 2], u64::MAX);
    std::fs::write(&PLACE.file, bytes).expect("the folder is in memory");
    let mut asked = Asked::default();
    let header = loop {
        match inspect_asked(&PLACE.open, &asked) {
            Ok(header) => break header,
            Err(trouble) if answer(&mut asked, &trouble) => {}
            Err(_) => return assert_eq!(PLACE.files(), PLACE.files_before),
        }
    };
    let voxels: usize = header.shape.iter().fold(header.element.bytes(), |product, &axis| product.saturating_mul(axis));
    assert!(voxels > 0, "{header:?}");
    if voxels > VOXEL_BYTES_MAX {
        return;
    }
    let options = ConvertOptions { chunk: 64, shard: 512, levels: Some(2), threads: Some(1), asked, ..ConvertOptions::default() };
    match convert(&PLACE.open, &PLACE.out, &options, &|_| (), &AtomicBool::new(false)) {
        Ok(converted) => {
            assert_eq!((converted.shape, converted.element), (header.shape, header.element));
            std::fs::remove_dir_all(&PLACE.out).expect("it was just made");
        }
        Err(trouble) => assert!(!trouble.what.is_empty(), "{trouble:?}"),
    }
    // Neither a half volume nor what was unpacked on the way.
    assert_eq!(PLACE.files(), PLACE.files_before);
});
