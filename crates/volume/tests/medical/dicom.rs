//! DICOM series that are mixed, have gaps or lie, and real ones.

use std::io::Write;
use std::path::{Path, PathBuf};

use volume::{Asked, inspect, inspect_asked};

use super::real_files::data;
use super::{asked, counting, near, read, refusal, sum, write};

/// Explicit little-endian elements of one slice.
struct Slice {
    elements: Vec<(u32, &'static str, Vec<u8>)>,
    syntax: &'static str,
}

impl Slice {
    /// Two rows of three pixels at such a height in millimetres.
    fn at(height: f64) -> Self {
        let elements = vec![
            (0x0010_0010, "PN", b"Secret^Person ".to_vec()),
            (0x0020_000e, "UI", b"1.2.3\0".to_vec()),
            (0x0020_0013, "IS", b"1 ".to_vec()),
            (0x0020_0032, "DS", format!("1\\2\\{height}").into_bytes()),
            (0x0020_0037, "DS", b"1\\0\\0\\0\\1\\0".to_vec()),
            (0x0028_0010, "US", vec![2, 0]),
            (0x0028_0011, "US", vec![3, 0]),
            (0x0028_0030, "DS", b"0.5\\0.4 ".to_vec()),
            (0x0028_0100, "US", vec![16, 0]),
            (0x7fe0_0010, "OW", counting(6)),
        ];
        Self { elements, syntax: "1.2.840.10008.1.2.1" }
    }

    fn with(mut self, tag: u32, kind: &'static str, value: impl AsRef<[u8]>) -> Self {
        self.elements.retain(|(other, ..)| *other != tag);
        self.elements.push((tag, kind, value.as_ref().to_vec()));
        self.elements.sort_by_key(|(tag, ..)| *tag);
        self
    }

    fn without(mut self, tag: u32) -> Self {
        self.elements.retain(|(other, ..)| *other != tag);
        self
    }

    fn in_syntax(mut self, syntax: &'static str) -> Self {
        self.syntax = syntax;
        self
    }

    fn bytes(&self) -> Vec<u8> {
        [self.head(), self.body()].concat()
    }

    fn deflated(mut self) -> Vec<u8> {
        self.syntax = "1.2.840.10008.1.2.1.99";
        let mut packed = flate2::write::DeflateEncoder::new(self.head(), flate2::Compression::best());
        packed.write_all(&self.body()).unwrap();
        packed.finish().unwrap()
    }

    fn head(&self) -> Vec<u8> {
        let mut out = vec![0; 128];
        out.extend(b"DICM");
        put(&mut out, 0x0002_0010, "UI", self.syntax.as_bytes());
        out
    }

    fn body(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.elements.iter().for_each(|(tag, kind, value)| put(&mut out, *tag, kind, value));
        out
    }
}

fn put(out: &mut Vec<u8>, tag: u32, kind: &str, value: &[u8]) {
    let odd = value.len() % 2;
    let length = (value.len() + odd) as u32;
    out.extend(((tag >> 16) as u16).to_le_bytes());
    out.extend((tag as u16).to_le_bytes());
    out.extend(kind.as_bytes());
    if matches!(kind, "OW" | "OB" | "SQ" | "UN") {
        out.extend([0, 0]);
        out.extend(length.to_le_bytes());
    } else {
        out.extend((length as u16).to_le_bytes());
    }
    out.extend(value);
    out.resize(out.len() + odd, 0);
}

fn folder(scratch: &Path, name: &str, slices: &[Slice]) -> PathBuf {
    for (number, slice) in slices.iter().enumerate() {
        write(scratch, &format!("{name}/IM{number:04}"), slice.bytes());
    }
    scratch.join(name)
}

fn heights(heights: &[f64]) -> Vec<Slice> {
    heights.iter().map(|&height| Slice::at(height)).collect()
}

#[test]
fn slices_stand_where_they_lie() {
    let scratch = tempfile::tempdir().unwrap();
    let pixel = |value: u8| Slice::at(f64::from(value)).with(0x7fe0_0010, "OW", [value; 12]);
    let path = folder(scratch.path(), "mixed up", &[pixel(6), pixel(2), pixel(4)]);
    write(scratch.path(), "mixed up/README.txt", "not a slice");
    write(scratch.path(), "mixed up/IM9999", "no DICOM at all");
    let (header, bytes) = read(&path, &Asked::default());
    assert_eq!(bytes, [[2; 12], [4; 12], [6; 12]].concat());
    assert_eq!((header.shape, header.voxel_size_um), ([3, 2, 3], Some([2_000.0, 500.0, 400.0])));
    assert_eq!(header.files, ["IM0001", "IM0002", "IM0000"]);
    let orientation = header.orientation.clone().unwrap();
    assert_eq!((orientation.direction[0], orientation.origin_um), ([0.0, 0.0, 1.0], Some([1_000.0, 2_000.0, 2_000.0])));
    // The patient is warned about and appears nowhere.
    assert!(header.warnings.iter().any(|warning| warning.contains("anonymous")), "{:?}", header.warnings);
    assert!(!serde_json::to_string(&header).unwrap().contains("Secret"));
}

#[test]
fn gaps_and_mixtures_are_told() {
    let scratch = tempfile::tempdir().unwrap();
    let say = |name: &str, slices: &[Slice]| refusal(&folder(scratch.path(), name, slices));
    assert!(say("gap", &heights(&[0.0, 1.0, 2.0, 5.0, 6.0])).contains("2 slices are missing between IM0002 and IM0003"));
    assert!(say("double", &heights(&[0.0, 1.0, 1.0, 2.0])).contains("two slices lie at one place: IM0001 and IM0002"));
    let sideways = Slice::at(1.0).with(0x0020_0037, "DS", b"1\\0\\0\\0\\0\\1");
    assert!(say("directions", &[Slice::at(0.0), sideways]).contains("different directions"));
    let wide = Slice::at(1.0).with(0x0028_0011, "US", [4, 0]).with(0x7fe0_0010, "OW", counting(8));
    assert!(say("sizes", &[Slice::at(0.0), wide]).contains("it has 4 × 2 pixels, the others have 3 × 2"));
    let signed = Slice::at(1.0).with(0x0028_0103, "US", [1, 0]);
    assert!(say("types", &[Slice::at(0.0), signed]).contains("int16"));
    let uneven = inspect(&folder(scratch.path(), "uneven", &heights(&[0.0, 1.0, 2.3, 3.0]))).unwrap();
    assert_eq!(uneven.voxel_size_um, None);
    assert!(uneven.warnings.iter().any(|warning| warning.contains("0.7 to 1.3 mm")), "{:?}", uneven.warnings);
    let other = |height| Slice::at(height).with(0x0020_000e, "UI", b"1.2.9\0").with(0x0020_0011, "IS", b"7 ");
    let two = folder(scratch.path(), "two", &[Slice::at(0.0), Slice::at(1.0), other(0.0)]);
    let told = refusal(&two);
    assert!(told.contains("there are 2 series") && told.contains("1.2.3 (image, 2 slices), 1.2.9 (image, 1 slices)"), "{told}");
    assert_eq!(inspect_asked(&two, &asked("1.2.3")).unwrap().shape[0], 2);
    assert_eq!(inspect_asked(&two, &asked("7")).unwrap().shape[0], 1);
    assert!(inspect_asked(&two, &asked("8")).unwrap_err().what.contains("no series “8”"));
}

#[test]
fn the_thickness_is_the_last_resort() {
    let scratch = tempfile::tempdir().unwrap();
    let lone = Slice::at(0.0).with(0x0018_0050, "DS", b"3 ");
    let header = inspect(&folder(scratch.path(), "lone", &[lone])).unwrap();
    assert_eq!(header.voxel_size_um, Some([3_000.0, 500.0, 400.0]));
    assert!(header.warnings.iter().any(|warning| warning.contains("thickness, 3 mm")), "{:?}", header.warnings);
    // The distance that a lone slice tells goes before it, and is no thickness.
    let spaced = Slice::at(0.0).with(0x0018_0050, "DS", b"3 ").with(0x0018_0088, "DS", b"5 ");
    let header = inspect(&folder(scratch.path(), "spaced", &[spaced])).unwrap();
    assert_eq!(header.voxel_size_um, Some([5_000.0, 500.0, 400.0]));
    assert!(!header.warnings.iter().any(|warning| warning.contains("thickness")), "{:?}", header.warnings);
    let unplaced = |number: &str| Slice::at(0.0).without(0x0020_0032).with(0x0020_0013, "IS", number);
    let header = inspect(&folder(scratch.path(), "unplaced", &[unplaced("12"), unplaced("7")])).unwrap();
    assert_eq!((header.files, header.voxel_size_um), (vec!["IM0001".to_string(), "IM0000".to_string()], None));
    // How far along the body they lie says their distance, too, as long as it is one.
    let located = |number: &str, location: &str| {
        unplaced(number).with(0x0018_0050, "DS", b"3 ").with(0x0020_1041, "DS", location.as_bytes().to_vec())
    };
    let header = inspect(&folder(scratch.path(), "located", &[located("3", "-4"), located("1", "0 "), located("2", "-2")])).unwrap();
    assert_eq!(header.voxel_size_um, Some([2_000.0, 500.0, 400.0]));
    let header = inspect(&folder(scratch.path(), "astray", &[located("3", "-5"), located("1", "0 "), located("2", "-2")])).unwrap();
    assert_eq!(header.voxel_size_um, Some([3_000.0, 500.0, 400.0]));
    let rescaled = |slope: &str, height| Slice::at(height).with(0x0028_1052, "DS", b"0 ").with(0x0028_1053, "DS", slope);
    let header = inspect(&folder(scratch.path(), "pet", &[rescaled("2 ", 0.0), rescaled("3 ", 1.0)])).unwrap();
    assert!(header.warnings.iter().any(|warning| warning.contains("differ from slice to slice")), "{:?}", header.warnings);
    let sizeless = Slice::at(0.0).with(0x0028_0030, "DS", b"nan\\0.4 ");
    assert_eq!(inspect(&folder(scratch.path(), "nan", &[sizeless])).unwrap().voxel_size_um, None);
}

#[test]
fn what_lies_or_is_not_read_is_told() {
    let scratch = tempfile::tempdir().unwrap();
    let say = |name: &str, slice: Slice| refusal(&write(scratch.path(), name, slice.bytes()));
    assert!(say("video.dcm", Slice::at(0.0).in_syntax("1.2.840.10008.1.2.4.102")).contains("H.264"));
    assert!(say("ht.dcm", Slice::at(0.0).in_syntax("1.2.840.10008.1.2.4.201")).contains("High-Throughput"));
    assert!(say("odd.dcm", Slice::at(0.0).in_syntax("1.2.3.4")).contains("1.2.3.4"));
    assert!(say("colour.dcm", Slice::at(0.0).with(0x0028_0002, "US", [3, 0])).contains("colour"));
    assert!(say("bits.dcm", Slice::at(0.0).with(0x0028_0100, "US", [12, 0])).contains("12 bits"));
    assert!(say("empty.dcm", Slice::at(0.0).with(0x0028_0010, "US", [0, 0])).contains("holds nothing"));
    assert!(say("short.dcm", Slice::at(0.0).with(0x7fe0_0010, "OW", [0; 10])).contains("promises more pixels"));
    assert!(say("frames.dcm", Slice::at(0.0).with(0x0028_0008, "IS", b"1000000000")).contains("frames"));
    assert!(say("many.dcm", Slice::at(0.0).with(0x0028_0008, "IS", b"200000")).contains("more pixels than the file holds"));
    let deflated = Slice::at(0.0).with(0x0028_0008, "IS", b"2").with(0x7fe0_0010, "OW", counting(12)).deflated();
    let told = refusal(&write(scratch.path(), "deflated.dcm", deflated));
    assert!(told.contains("its 2 frames are deflated in one piece"), "{told}");
    assert_eq!(inspect(&write(scratch.path(), "deflated_one.dcm", Slice::at(0.0).deflated())).unwrap().shape, [1, 2, 3]);
    assert!(say("report.dcm", Slice::at(0.0).without(0x7fe0_0010)).contains("no DICOM file with an image"));
    assert!(say("packed.dcm", Slice::at(0.0).in_syntax("1.2.840.10008.1.2.5")).contains("not packed as"));
    assert!(say("elsewhere.dcm", Slice::at(0.0).with(0x0020_0037, "DS", b"0\\0\\0\\0\\0\\0")).contains("cannot be true"));
    // Sequences in sequences without an end.
    let deep = Slice::at(0.0).bytes()[..160].to_vec();
    let nested: Vec<u8> = (0..2_000).flat_map(|_| b"\x08\0\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff".to_vec()).collect();
    assert!(refusal_or_io(&write(scratch.path(), "deep.dcm", [deep, nested].concat())).contains("too deep"));
    let whole = Slice::at(0.0).bytes();
    for length in (0..whole.len()).step_by(5) {
        let told = inspect(&write(scratch.path(), "cut.dcm", &whole[..length])).unwrap_err();
        assert_eq!(told.file.as_deref(), Some("cut.dcm"), "{told}");
    }
}

#[test]
fn bits_that_are_not_stored_do_not_count() {
    let scratch = tempfile::tempdir().unwrap();
    let words = |words: &[u16]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let twelve = |signed: u8, high_bit: u8, pixels: &[u16]| {
        let slice = Slice::at(0.0).with(0x0028_0101, "US", [12, 0]).with(0x0028_0102, "US", [high_bit, 0]);
        let slice = slice.with(0x0028_0103, "US", [signed, 0]).with(0x7fe0_0010, "OW", words(pixels));
        read(&write(scratch.path(), "twelve.dcm", slice.bytes()), &Asked::default()).1
    };
    // −1 and −2048 with empty high bits, 5 with an overlay in them.
    let stored = [0x0fff, 0x0800, 0xf005, 0, 1, 0x07ff];
    assert_eq!(twelve(1, 11, &stored), words(&[0xffff, 0xf800, 5, 0, 1, 0x07ff]));
    assert_eq!(twelve(0, 11, &stored), words(&[0x0fff, 0x0800, 5, 0, 1, 0x07ff]));
    // Where the stored bits are others than the lowest, values stay as they are.
    assert_eq!(twelve(1, 15, &stored), words(&stored));
}

#[test]
fn elements_may_begin_with_the_first_byte() {
    let scratch = tempfile::tempdir().unwrap();
    let slice = Slice::at(0.0).with(0x0008_0005, "CS", b"ISO_IR 100").with(0x0008_0060, "CS", b"CT");
    let slice = slice.with(0x0008_0016, "UI", b"1.2.840.10008.5.1.4.1.1.2\0");
    let path = write(scratch.path(), "bare.dcm", slice.body());
    assert_eq!(read(&path, &Asked::default()).1, counting(6));
    // The same with implicit types, as ACR-NEMA has them, and without an ending.
    let implicit: Vec<u8> = slice
        .elements
        .iter()
        .flat_map(|(tag, _, value)| {
            let mut value = value.clone();
            value.resize(value.len().next_multiple_of(2), 0);
            let head = [((tag >> 16) as u16).to_le_bytes(), (*tag as u16).to_le_bytes()].concat();
            [head, (value.len() as u32).to_le_bytes().to_vec(), value].concat()
        })
        .collect();
    let path = write(scratch.path(), "IM0001", &implicit);
    let (header, bytes) = read(&path, &Asked::default());
    assert_eq!((header.shape, bytes), ([1, 2, 3], counting(6)));
    // With its pixels gone it says so.
    assert!(refusal(&write(scratch.path(), "cut.dcm", &implicit[..implicit.len() - 4])).contains("more pixels than the file holds"));
}

fn refusal_or_io(path: &Path) -> String {
    inspect(path).unwrap_err().to_string()
}

#[test]
fn chance_does_not_hurt() {
    let scratch = tempfile::tempdir().unwrap();
    let mut state = 5u64;
    let mut chance = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % most
    };
    let whole = Slice::at(0.0).bytes();
    let real = data("chance_does_not_hurt on a packed file")
        .map(|data| std::fs::read(data.join("dicom/syntax/MR_small_jpeg_ls_lossless.dcm")).unwrap());
    for round in 0..2_000 {
        let mut bytes = real.clone().filter(|_| round % 3 == 0).unwrap_or_else(|| whole.clone());
        for _ in 0..=chance(5) {
            let at = 128 + chance(bytes.len() - 128);
            bytes[at] = [0, 1, 0xff, 0x7f, chance(256) as u8][chance(5)];
        }
        let path = write(scratch.path(), "a.dcm", &bytes);
        // Most of what can hurt is in the elements; every eighth file is converted as well.
        let read = inspect(&path);
        if round % 8 == 0 && read.is_ok_and(|header| header.shape.iter().product::<usize>() < 100_000) {
            let out = scratch.path().join("out");
            if volume::convert(&path, &out, &Default::default(), &|_| (), &false.into()).is_ok() {
                std::fs::remove_dir_all(out).unwrap();
            }
        }
    }
}

#[test]
fn real_series_are_read_as_pydicom_reads_them() {
    let Some(data) = data("real_series_are_read_as_pydicom_reads_them") else { return };
    let data = data.join("dicom");
    let (brain, bytes) = read(&data.join("brain_series"), &Asked::default());
    assert_eq!((brain.shape, brain.element.name(), brain.files[0].as_str()), ([20, 256, 256], "int16", "brain_001.dcm"));
    assert_eq!(sum(&bytes), "1c28d16e1ac9c1219c99cf049e5e1c8760897519d460220d607350d160448310");
    let orientation = brain.orientation.unwrap();
    assert!(near(&orientation.direction[1], &[0.0, 0.990_960, 0.134_158]), "{orientation:?}");
    assert!(near(&orientation.origin_um.unwrap(), &[-110_500.0, -78_306.3, -72_757.5]), "{orientation:?}");
    let [z, y, x] = brain.voxel_size_um.unwrap();
    assert!((6_900.0..7_100.0).contains(&z) && (y, x) == (859.375, 859.375), "{z} {:?}", brain.warnings);
    const SMALL: &str = "88617aaa46138fb1b6e2a951e762d962382354d69f47f8c04d4abff2f6a6a63e";
    for (name, expected) in [
        ("MR_small.dcm", SMALL),
        ("MR_small_RLE.dcm", SMALL),
        ("MR_small_bigendian.dcm", SMALL),
        ("MR_small_jp2klossless.dcm", SMALL),
        ("MR_small_jpeg_ls_lossless.dcm", SMALL),
        ("CT_small.dcm", "7a481f6ffff833aef4d8bd54819bd8f472aaa7232090208e056c90eacf079926"),
        ("image_dfl.dcm", "1f5f1b1c1a57606a55d7e4212ee2655c8205b45e264bd55057f7388c258deef8"),
        ("liver_1frame.dcm", "e036a07b502fdfd1f0ed932406e2474409be9fe49397c4906f2b8738f84f2230"),
    ] {
        let (_, bytes) = read(&data.join("syntax").join(name), &Asked::default());
        assert_eq!(sum(&bytes), expected, "{name}");
    }
    assert!(refusal(&data.join("syntax/examples_jpeg2k.dcm")).contains("colour"));
    // Packed pixels that are wider than the header says are not cut to fit.
    let mut narrow = std::fs::read(data.join("syntax/MR_small_jp2klossless.dcm")).unwrap();
    let at = narrow.windows(10).position(|element| element == b"\x28\0\0\x01US\x02\0\x10\0").unwrap();
    narrow[at + 8] = 8;
    let scratch = tempfile::tempdir().unwrap();
    let path = write(scratch.path(), "narrow.dcm", narrow);
    let told = volume::convert(&path, &scratch.path().join("out"), &Default::default(), &|_| (), &false.into()).unwrap_err();
    assert!(told.what.contains("pixels of 16 bits, the header says otherwise"), "{told}");
    let tree = refusal(&data.join("dicomdir"));
    assert!(tree.contains("there are 4 series") && tree.contains("(CT, 4 slices)"), "{tree}");
    // The CT in it was thinned out by its authors.
    let ct = "1.3.6.1.4.1.5962.1.1.0.0.0.1196530851.28319.0.2";
    assert!(inspect_asked(&data.join("dicomdir"), &asked(ct)).unwrap_err().what.contains("161 slices are missing"));
    let one = inspect_asked(&data.join("dicomdir/DICOMDIR"), &asked("1.3.6.1.4.1.5962.1.1.0.0.0.1196527414.5534.0.10")).unwrap();
    assert_eq!((one.shape, one.files), ([1, 16, 16], vec!["6154".to_string()]));
}
