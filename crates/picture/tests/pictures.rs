//! A volume gets its five pictures, in the right sizes, with something on them, the same every time.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use picture::{Background, Format, RenderOptions, Transfer, preview_set, render, slice_image, windowed};
use volume::phantom::{Phantom, Probe};
use volume::slice::{Axis, slice};
use volume::zarr::Volume;
use volume::{ConvertOptions, convert};

fn scanned(folder: &Path, phantom: Phantom) -> Volume {
    let input = folder.join("slices");
    phantom.write_tiff_stack(&input, [72, 64, 64], 1, Probe::XRay).unwrap();
    let out = folder.join("volume.ome.zarr");
    let options = ConvertOptions { chunk: 32, shard: 64, name: "A sample".into(), ..Default::default() };
    convert(&input, &out, &options, &|_| (), &AtomicBool::new(false)).unwrap();
    Volume::open(&out).unwrap()
}

#[test]
fn a_volume_gets_its_five_pictures() {
    let scratch = tempfile::tempdir().unwrap();
    let volume = scanned(scratch.path(), Phantom::TrabecularBone);
    let told = std::sync::Mutex::new(Vec::new());
    let pictures = preview_set(&volume, &|done, total| told.lock().unwrap().push((done, total))).unwrap();
    let seen: Vec<(&str, u32, u32)> = pictures.iter().map(|picture| (picture.name.as_str(), picture.width, picture.height)).collect();
    let slices = [("slice-z.jpg", 576, 576), ("slice-y.jpg", 512, 576), ("slice-x.jpg", 512, 576)];
    assert_eq!(seen[..2], [("hero.jpg", 1280, 960), ("thumb.jpg", 480, 360)]);
    assert_eq!(seen[2..].iter().map(|picture| picture.0).collect::<Vec<_>>(), slices.map(|slice| slice.0));
    for picture in &pictures {
        assert!(picture.bytes.starts_with(&[0xff, 0xd8, 0xff]) && picture.bytes.len() > 3_000, "{}", picture.name);
        assert!(picture.alt.contains("A sample"));
    }
    assert_eq!(told.lock().unwrap().last(), Some(&(5, 5)));
    assert!(pictures == preview_set(&volume, &|_, _| ()).unwrap(), "twice the same");
}

#[test]
fn the_body_stands_before_the_background() {
    let scratch = tempfile::tempdir().unwrap();
    let volume = scanned(scratch.path(), Phantom::PorousSandstone);
    let voxels = volume.read_box(0, 0..72, 0..64, 0..64).unwrap();
    let transfer = Transfer::from_statistics(volume.statistics.as_ref().unwrap());
    let colour = [10, 200, 30];
    let options = RenderOptions { width: 120, height: 90, background: Background::Flat(colour), rays: 1, ..RenderOptions::default() };
    let image = render(&voxels, [1.0; 3], &transfer, &options);
    let at = |x: usize, y: usize| &image.pixels[(y * 120 + x) * 3..][..3];
    let near = |pixel: &[u8]| pixel.iter().zip(colour).all(|(&a, b)| a.abs_diff(b) < 4);
    assert!(near(at(0, 0)) && near(at(119, 89)), "the corners are empty");
    assert!(!near(at(60, 45)), "the middle is not");
    let body = image.pixels.chunks(3).filter(|pixel| !near(pixel)).count() as f64 / (120.0 * 90.0);
    assert!((0.2..0.7).contains(&body), "the body fills {body} of the picture");
}

#[test]
fn nothing_and_noise_are_drawn_as_well() {
    use volume::zarr::Voxels;
    use volume::{ElementType, Statistics};
    for value in [0.0f32, f32::NAN, 1e30, f32::INFINITY] {
        let bytes = std::iter::repeat_n(value.to_le_bytes(), 9 * 3).flatten().collect();
        let voxels = Voxels { shape: [1, 3, 9], element: ElementType::F32, bytes };
        let transfer = Transfer::from_statistics(&Statistics::of(&voxels));
        let options = RenderOptions { width: 16, height: 12, ..RenderOptions::default() };
        assert_eq!(render(&voxels, [f64::NAN, 0.0, 1.0], &transfer, &options).pixels.len(), 16 * 12 * 3);
    }
}

#[test]
fn slices_come_in_three_formats_and_true_proportions() {
    let scratch = tempfile::tempdir().unwrap();
    let volume = scanned(scratch.path(), Phantom::OpenCellFoam);
    let mut plane = slice(&volume, Axis::Y, 20, 0).unwrap();
    assert!(slice_image(&plane, None, Format::Png).unwrap().starts_with(b"\x89PNG"));
    assert_eq!(slice_image(&plane, None, Format::Webp).unwrap()[8..12], *b"WEBP");
    assert!(slice_image(&plane, Some([0.0, 65_535.0]), Format::Jpeg).unwrap().starts_with(&[0xff, 0xd8]));
    plane.pixel = [3.0, 1.0];
    let image = windowed(&plane, None, 4_096);
    assert_eq!((image.height, image.width), (216, 64));
    let image = windowed(&plane, None, 108);
    assert_eq!((image.height, image.width), (108, 32));
    // A window of no width does not divide by nothing.
    assert_eq!(windowed(&plane, Some([5.0, 5.0]), 64).pixels.iter().max(), Some(&255));
}
