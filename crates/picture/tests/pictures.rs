//! A volume gets its five pictures, in the right sizes, with something on them, the same every time.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use picture::{
    Camera, Caption, FilmOptions, Finish, Format, Ground, Preset, RenderOptions, Scene, ScenePlan, Sitting, Transfer, Watch, fly_through,
    on_threads, preview_set, slice_image, turntable, windowed,
};
use volume::phantom::{Phantom, Probe};
use volume::slice::{Axis, slice};
use volume::zarr::Volume;
use volume::{Asked, ConvertOptions, ElementType, Material, RawShape, convert};

fn scanned(folder: &Path, phantom: Phantom) -> Volume {
    let input = folder.join("slices");
    phantom.write_tiff_stack(&input, [72, 64, 64], 1, Probe::XRay).unwrap();
    let out = folder.join("volume.ome.zarr");
    let options = ConvertOptions { chunk: 32, shard: 64, name: "A sample".into(), ..Default::default() };
    convert(&input, &out, &options, &|_| (), &AtomicBool::new(false)).unwrap();
    Volume::open(&out).unwrap()
}

#[test]
fn a_volume_gets_its_five_pictures_each_in_two_formats() {
    let scratch = tempfile::tempdir().unwrap();
    let volume = Material::Volume(Box::new(scanned(scratch.path(), Phantom::TrabecularBone)));
    let sitting = Sitting { preset: Preset::Bone, camera: Camera::default(), ground: Ground::DEEP };
    let told = std::sync::Mutex::new(Vec::new());
    let pictures = preview_set(&volume, &sitting, &|done, total| told.lock().unwrap().push((done, total))).unwrap();
    let seen: Vec<(&str, u32, u32)> = pictures.iter().map(|picture| (picture.name.as_str(), picture.width, picture.height)).collect();
    let stems = ["hero", "thumb", "slice-z", "slice-y", "slice-x"];
    assert_eq!(seen[..4], [("hero.webp", 1280, 960), ("hero.jpg", 1280, 960), ("thumb.webp", 480, 360), ("thumb.jpg", 480, 360)]);
    let expected: Vec<String> = stems.iter().flat_map(|stem| [format!("{stem}.webp"), format!("{stem}.jpg")]).collect();
    assert_eq!(seen.iter().map(|picture| picture.0).collect::<Vec<_>>(), expected);
    for [small, picture] in pictures.as_chunks().0 {
        assert!(picture.bytes.starts_with(&[0xff, 0xd8, 0xff]) && picture.bytes.len() > 3_000, "{}", picture.name);
        assert!(&small.bytes[8..12] == b"WEBP" && small.bytes.len() < picture.bytes.len(), "{}", small.name);
        assert!(picture.alt.contains("A sample"));
    }
    assert_eq!(told.lock().unwrap().last(), Some(&(5, 5)));
    assert!(pictures == preview_set(&volume, &sitting, &|_, _| ()).unwrap(), "twice the same");
}

fn scene(material: &Material, transfer: Transfer) -> Scene {
    ScenePlan::new(material, transfer, 512).build(&|_, _| ()).unwrap()
}

fn usual(material: &Material) -> Transfer {
    let statistics = material.statistics().unwrap();
    Preset::for_statistics(&statistics).transfer(&statistics, None)
}

/// A raw volume beside its measures.
fn raw(folder: &Path, shape: [usize; 3], voxel: impl Fn([usize; 3]) -> u8) -> Material {
    let path = folder.join("volume.raw");
    let [depth, height, width] = shape;
    let at = |index: usize| [index / width / height, index / width % height, index % width];
    std::fs::write(&path, (0..depth * height * width).map(|index| voxel(at(index))).collect::<Vec<u8>>()).unwrap();
    let raw = RawShape { shape, element: ElementType::U8, big_endian: false, offset: 0 };
    Material::open(&path, &Asked { raw: Some(raw), ..Asked::default() }).unwrap()
}

#[test]
fn the_body_stands_before_the_ground() {
    let scratch = tempfile::tempdir().unwrap();
    let material = Material::Volume(Box::new(scanned(scratch.path(), Phantom::PorousSandstone)));
    let colour = [10, 200, 30];
    let options = RenderOptions { width: 120, height: 90, ground: Ground::Flat(colour), rays: 1, ..RenderOptions::default() };
    let scene = scene(&material, usual(&material));
    let image = scene.draw(&options);
    let at = |x: usize, y: usize| &image.pixels[(y * 120 + x) * 3..][..3];
    let near = |pixel: &[u8]| pixel.iter().zip(colour).all(|(&a, b)| a.abs_diff(b) < 4);
    assert!(near(at(0, 0)) && near(at(119, 89)), "the corners are empty: {:?}", at(0, 0));
    assert!(!near(at(60, 45)), "the middle is not");
    let body = image.pixels.chunks(3).filter(|pixel| !near(pixel)).count() as f64 / (120.0 * 90.0);
    assert!((0.2..0.7).contains(&body), "the body fills {body} of the picture");

    let clear = scene.draw(&RenderOptions { ground: Ground::Transparent, ..options });
    let cover = |x: usize, y: usize| clear.pixels[(y * 120 + x) * 4 + 3];
    assert_eq!((clear.channels, cover(0, 0), cover(60, 45)), (4, 0, 255));
    assert!(picture::encode(&clear, Format::Png).is_ok() && picture::encode(&clear, Format::Jpeg).is_err());
}

#[test]
fn a_picture_is_the_same_on_one_thread_and_on_three() {
    let scratch = tempfile::tempdir().unwrap();
    let material = Material::Volume(Box::new(scanned(scratch.path(), Phantom::CoiledShell)));
    let options = RenderOptions { width: 160, height: 120, ..RenderOptions::default() };
    let drawn = |threads| on_threads(Some(threads), || scene(&material, usual(&material)).draw(&options)).unwrap();
    assert!(drawn(1) == drawn(3));
}

#[test]
fn light_falls_from_above_and_bodies_throw_shadows() {
    let scratch = tempfile::tempdir().unwrap();
    // A table under a ball: parts of the table beside the ball are darker than without it.
    let view = Camera { azimuth: -90.0, elevation: 88.0, ..Camera::default() };
    let bright = |with_ball: bool| {
        let inside = |[z, y, x]: [usize; 3]| {
            let ball = [z as f32 - 44.0, y as f32 - 48.0, x as f32 - 48.0].iter().map(|part| part * part).sum::<f32>() < 18.0 * 18.0;
            with_ball && ball || z < 12
        };
        let material = raw(scratch.path(), [72, 96, 96], |place| if inside(place) { 200 } else { 10 });
        let transfer = Transfer { finish: Finish { hollow: 0.0, ..Finish::MATT }, ..usual(&material) };
        let options = RenderOptions { width: 200, height: 200, camera: view, rays: 1, ..RenderOptions::default() };
        let image = scene(&material, transfer).draw(&options);
        image.pixels.chunks(3).map(|pixel| pixel.iter().map(|&channel| u32::from(channel)).sum()).collect::<Vec<u32>>()
    };
    let (alone, shaded) = (bright(false), bright(true));
    let darker = |index: &usize| alone[*index] > shaded[*index] + 60;
    // The lamp stands on the left and behind, that is above in this picture: the shadow falls to the right and down.
    let beside = |index: &usize| index % 200 > 125 && index / 200 > 125;
    let opposite = |index: &usize| index % 200 < 75 && index / 200 < 75;
    let count = |place: &dyn Fn(&usize) -> bool| (0..alone.len()).filter(|index| place(index) && darker(index)).count();
    assert!(count(&beside) > 300 && count(&opposite) < 20, "{} and {}", count(&beside), count(&opposite));
}

#[test]
fn empty_constant_flat_and_broken_volumes_are_drawn_as_well() {
    let scratch = tempfile::tempdir().unwrap();
    for (shape, value) in [([5, 5, 5], 0), ([1, 1, 1], 255), ([1, 40, 30], 7), ([40, 1, 1], 9)] {
        let material = raw(scratch.path(), shape, |_| value);
        let image = scene(&material, usual(&material)).draw(&RenderOptions { width: 32, height: 24, ..RenderOptions::default() });
        assert_eq!(image.pixels.len(), 32 * 24 * 3);
    }
    for value in [f32::NAN, 1e30, f32::INFINITY, -1.0] {
        let path = scratch.path().join("floats.raw");
        std::fs::write(&path, std::iter::repeat_n(value.to_le_bytes(), 27).flatten().collect::<Vec<u8>>()).unwrap();
        let raw = RawShape { shape: [3; 3], element: ElementType::F32, big_endian: false, offset: 0 };
        let material = Material::open(&path, &Asked { raw: Some(raw), ..Asked::default() }).unwrap();
        for preset in Preset::ALL {
            let look = preset.transfer(&material.statistics().unwrap(), Some(f64::NAN));
            assert_eq!(scene(&material, look).draw(&RenderOptions { width: 16, height: 12, ..RenderOptions::default() }).pixels.len(), 576);
        }
    }
}

#[test]
fn a_volume_too_fine_to_be_seen_is_joined_before_it_is_drawn() {
    let scratch = tempfile::tempdir().unwrap();
    let material = raw(scratch.path(), [6, 300, 70], |[_, y, _]| if (100..200).contains(&y) { 250 } else { 5 });
    let plan = ScenePlan::new(&material, usual(&material), 100);
    assert_eq!(plan.shape(), [6, 100, 70]);
}

#[test]
fn a_turntable_is_a_movie_whose_index_stands_in_front() {
    let scratch = tempfile::tempdir().unwrap();
    let material = Material::Volume(Box::new(scanned(scratch.path(), Phantom::OpenCellFoam)));
    let caption = Caption { title: "Schaum – αβγ".into(), by: "Curie, Marie".into(), source: "doi:10.5072/x".into() };
    let options = FilmOptions { width: 96, height: 64, frames: 8, caption, ..FilmOptions::default() };
    let stop = AtomicBool::new(false);
    let told = std::cell::Cell::new(0);
    let watch = Watch { progress: &|done, _| told.set(done), stop: &stop };
    let scene = scene(&material, usual(&material));
    let filmed = turntable(&scene, &options, &watch).unwrap();
    assert_eq!((told.get(), filmed.drawing.len()), (8, 8));
    // The title stands for 43 frames.
    assert!((filmed.seconds - 51.0 / 24.0).abs() < 1e-9, "{}", filmed.seconds);
    let at = |name: &[u8]| filmed.bytes.windows(4).position(|found| found == name);
    assert_eq!(&filmed.bytes[4..8], b"ftyp");
    assert!(at(b"moov").unwrap() < at(b"mdat").unwrap() && at(b"avcC").is_some());
    assert!(filmed.bytes == turntable(&scene, &options, &watch).unwrap().bytes, "twice the same");

    stop.store(true, Ordering::Relaxed);
    assert!(turntable(&scene, &options, &watch).is_err(), "stops when asked to");
    stop.store(false, Ordering::Relaxed);
    let odd = FilmOptions { width: 97, ..options.clone() };
    assert!(turntable(&scene, &odd, &watch).is_err());
    let through = fly_through(&material, &material.statistics().unwrap(), &options, &watch).unwrap();
    assert_eq!(&through.bytes[4..8], b"ftyp");
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
