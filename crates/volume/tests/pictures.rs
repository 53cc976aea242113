//! Folders of PNG and BMP pictures as volumes; real JPEG and JPEG 2000 files are in `real.rs`.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use volume::zarr::Volume;
use volume::{Asked, ConvertOptions, convert, inspect, inspect_asked, inspect_head};

fn png(width: u32, height: u32, colour: png::ColorType, bits: png::BitDepth, pixels: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(colour);
    encoder.set_depth(bits);
    // A printing resolution, which is no voxel size.
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: 3_937, yppu: 3_937, unit: png::Unit::Meter }));
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(pixels).unwrap();
    writer.finish().unwrap();
    file
}

fn read(path: &Path, channel: Option<usize>) -> Vec<u8> {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out");
    let asked = Asked { channel, ..Asked::default() };
    let [z, y, x] = inspect_asked(path, &asked).unwrap().shape;
    convert(path, &out, &ConvertOptions { asked, ..ConvertOptions::default() }, &|_| (), &AtomicBool::new(false)).unwrap();
    Volume::open(&out).unwrap().read_box(0, 0..z, 0..y, 0..x).unwrap().bytes
}

#[test]
fn png_series_keep_their_values() {
    let scratch = tempfile::tempdir().unwrap();
    let slice = |number: usize, bytes: &[u8]| std::fs::write(scratch.path().join(format!("s{number}.png")), bytes).unwrap();
    for number in [9, 10, 11] {
        // PNG is big-endian.
        slice(number, &png(2, 1, png::ColorType::Grayscale, png::BitDepth::Sixteen, &[1, number as u8, 0xff, 0xfe]));
    }
    let header = inspect(scratch.path()).unwrap();
    assert_eq!((header.shape, header.element.name(), header.voxel_size_um), ([3, 1, 2], "uint16", None));
    assert_eq!(header.files, ["s9.png", "s10.png", "s11.png"]);
    assert_eq!(read(scratch.path(), None), [9, 1, 0xfe, 0xff, 10, 1, 0xfe, 0xff, 11, 1, 0xfe, 0xff]);
    slice(11, &png(2, 2, png::ColorType::Grayscale, png::BitDepth::Sixteen, &[0; 8]));
    let told = inspect(scratch.path()).unwrap_err();
    assert_eq!(told.file.as_deref(), Some("s11.png"));
    assert!(told.what.contains("2 × 2 pixels"), "{told}");
    let whole = png(2, 1, png::ColorType::Grayscale, png::BitDepth::Sixteen, &[0; 4]);
    slice(11, &whole[..whole.len() - 30]);
    let options = ConvertOptions::default();
    let told = convert(scratch.path(), &scratch.path().join("out"), &options, &|_| (), &AtomicBool::new(false)).unwrap_err();
    assert_eq!(told.file.as_deref(), Some("s11.png"));
}

#[test]
fn few_bits_and_colours_of_png() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("a.png");
    std::fs::write(&path, png(3, 1, png::ColorType::Grayscale, png::BitDepth::Two, &[0b0011_1000])).unwrap();
    assert_eq!(read(&path, None), [0, 3, 2]);
    let colour = png(2, 1, png::ColorType::Rgba, png::BitDepth::Eight, &[1, 2, 3, 4, 9, 9, 9, 9]);
    std::fs::write(&path, &colour).unwrap();
    assert!(inspect(&path).unwrap_err().what.contains("0 red, 1 green, 2 blue, 3 alpha"));
    assert_eq!(read(&path, Some(3)), [4, 9]);
    let facts = inspect_head(&colour[..40], colour.len() as u64).unwrap();
    assert_eq!((facts.format.as_str(), facts.width, facts.height), ("PNG", Some(2), Some(1)));
    assert!(facts.warnings[0].contains("colour"));
}

#[test]
fn bmp_stands_on_its_head() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("a.bmp");
    let bmp = |height: i32, bits: u16, table: &[u8], pixels: &[u8]| {
        let at = 54 + table.len() as u32;
        let mut file = b"BM\0\0\0\0\0\0\0\0".to_vec();
        file.extend(at.to_le_bytes());
        file.extend([40u32.to_le_bytes(), 2u32.to_le_bytes(), height.to_le_bytes()].concat());
        file.extend([1u16.to_le_bytes(), bits.to_le_bytes()].concat());
        file.extend([0; 24]);
        [&file, table, pixels].concat()
    };
    let ramp: Vec<u8> = (0..=255u8).flat_map(|value| [value, value, value, 0]).collect();
    std::fs::write(&path, bmp(2, 8, &ramp, &[3, 4, 0, 0, 1, 2, 0, 0])).unwrap();
    assert_eq!(read(&path, None), [1, 2, 3, 4]);
    assert!(inspect(&path).unwrap().warnings.is_empty());
    std::fs::write(&path, bmp(-2, 8, &[0; 1024], &[1, 2, 0, 0, 3, 4, 0, 0])).unwrap();
    assert_eq!(read(&path, None), [1, 2, 3, 4]);
    assert!(inspect(&path).unwrap().warnings[0].contains("colour table"));
    std::fs::write(&path, bmp(1, 24, &[], &[3, 2, 1, 6, 5, 4, 0, 0])).unwrap();
    assert_eq!(read(&path, Some(0)), [1, 4]);
    std::fs::write(&path, bmp(2, 24, &[], &[3, 2, 1, 6, 5, 4, 0, 0])).unwrap();
    let options = ConvertOptions { asked: Asked { channel: Some(0), ..Asked::default() }, ..ConvertOptions::default() };
    assert!(convert(&path, &scratch.path().join("out"), &options, &|_| (), &AtomicBool::new(false)).is_err());
}
