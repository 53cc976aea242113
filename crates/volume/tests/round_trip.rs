//! What goes in comes out: voxels, sizes, levels and statistics, for every type, on any number of threads.

mod file_tree;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use volume::cut::{self, CutFormat};
use volume::phantom::{Phantom, Probe};
use volume::slice::slice;
use volume::zarr::{Volume, Voxels};
use volume::{Axis, ConvertOptions, Converted, ElementType, Shape, convert, inspect};

use file_tree::tree;

fn run(input: &Path, out: &Path, options: &ConvertOptions) -> Converted {
    convert(input, out, options, &|_| (), &AtomicBool::new(false)).unwrap()
}

/// Numbers that look like noise and use every bit of a type; floats stay ordinary numbers.
fn noise(shape: Shape, element: ElementType) -> Voxels {
    let mut state = 7u64;
    let count: usize = shape.iter().product();
    let mut bytes = Vec::new();
    for index in 0..count {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let value = (state >> 20) as f64 / 1e6 - 3e6 + index as f64;
        match element {
            ElementType::F32 => bytes.extend_from_slice(&(value as f32).to_le_bytes()),
            ElementType::F64 => bytes.extend_from_slice(&value.to_le_bytes()),
            other => bytes.extend_from_slice(&(state >> 16).to_le_bytes()[..other.bytes()]),
        }
    }
    Voxels { shape, element, bytes }
}

#[test]
fn every_type_survives_every_container() {
    let scratch = tempfile::tempdir().unwrap();
    let shape = [37, 70, 81];
    for element in ElementType::ALL {
        let voxels = noise(shape, element);
        for format in [CutFormat::Tif, CutFormat::Nrrd] {
            let input = scratch.path().join(format!("{element}.{}", format.extension()));
            let size = [2.5, 1.25, 0.3];
            std::fs::write(&input, cut::file(&voxels, Some(size), format).unwrap()).unwrap();
            let header = inspect(&input).unwrap();
            assert_eq!((header.shape, header.element, header.voxel_size_um), (shape, element, Some(size)), "{header:?}");
            let out = scratch.path().join(format!("{element}.{}.ome.zarr", format.extension()));
            run(&input, &out, &ConvertOptions { chunk: 16, shard: 32, ..Default::default() });
            let volume = Volume::open(&out).unwrap();
            assert_eq!(volume.voxel_size_um, Some(size));
            let back = volume.read_box(0, 0..37, 0..70, 0..81).unwrap();
            assert!(back == voxels, "{element} through {format:?}");
        }
    }
}

#[test]
fn a_box_is_what_the_whole_says() {
    let scratch = tempfile::tempdir().unwrap();
    let voxels = noise([50, 60, 70], ElementType::U16);
    let input = scratch.path().join("noise.nrrd");
    std::fs::write(&input, cut::file(&voxels, None, CutFormat::Nrrd).unwrap()).unwrap();
    let out = scratch.path().join("noise.ome.zarr");
    run(&input, &out, &ConvertOptions { chunk: 16, shard: 32, ..Default::default() });
    let volume = Volume::open(&out).unwrap();
    assert_eq!(volume.voxel_size_um, None);
    let part = volume.read_box(0, 13..34, 31..33, 5..66).unwrap();
    for z in 0..21 {
        for y in 0..2 {
            let from = (((z + 13) * 60 + y + 31) * 70 + 5) * 2;
            let to = (z * 2 + y) * 61 * 2;
            assert_eq!(part.bytes[to..to + 122], voxels.bytes[from..from + 122]);
        }
    }
    let plane = slice(&volume, Axis::X, 17, 0).unwrap();
    assert_eq!((plane.height, plane.width), (50, 60));
    assert_eq!(plane.bytes[2 * 61..2 * 61 + 2], voxels.bytes[((60 + 1) * 70 + 17) * 2..][..2]);
    let told = volume.read_box(0, 0..51, 0..1, 0..1).unwrap_err().to_string();
    assert!(told.contains("leaves the axis z"), "{told}");
    assert!(volume.read_box(9, 0..1, 0..1, 0..1).is_err());
}

#[test]
fn a_scan_is_the_same_on_any_number_of_threads() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("scan");
    let size = [96, 80, 88];
    Phantom::CoiledShell.write_tiff_stack(&folder, size, 3, Probe::XRay).unwrap();
    let header = inspect(&folder).unwrap();
    assert_eq!(header.format, "ImageJ TIFF stack");
    assert_eq!(header.files.len(), 96);
    assert_eq!(header.voxel_size_um, Some(Phantom::CoiledShell.voxel_size_um(size)));
    let mut trees = Vec::new();
    for threads in [1, 2, 5] {
        let out = scratch.path().join(format!("{threads}.ome.zarr"));
        let options = ConvertOptions { chunk: 16, shard: 32, threads: Some(threads), ..Default::default() };
        let converted = run(&folder, &out, &options);
        let files = tree(&out);
        assert_eq!(converted.files, files.len() as u64);
        assert_eq!(converted.bytes_out, files.values().map(|bytes| bytes.len() as u64).sum::<u64>());
        trees.push(files);
    }
    assert!(trees[0] == trees[1] && trees[1] == trees[2]);
    let volume = Volume::open(&scratch.path().join("1.ome.zarr")).unwrap();
    let expected: Vec<u8> = Phantom::CoiledShell.volume(size, 3, Probe::XRay).into_iter().flat_map(u16::to_le_bytes).collect();
    assert!(volume.read_box(0, 0..96, 0..80, 0..88).unwrap().bytes == expected);
    let other = Phantom::CoiledShell.slice(size, 4, Probe::XRay, 40);
    assert!(other != Phantom::CoiledShell.slice(size, 3, Probe::XRay, 40), "the seed counts");
}

#[test]
fn statistics_are_those_of_all_voxels() {
    let scratch = tempfile::tempdir().unwrap();
    for element in [ElementType::U16, ElementType::I8, ElementType::F32] {
        let voxels = noise([40, 30, 33], element);
        let input = scratch.path().join(format!("{element}.nrrd"));
        std::fs::write(&input, cut::file(&voxels, None, CutFormat::Nrrd).unwrap()).unwrap();
        let out = scratch.path().join(format!("{element}.ome.zarr"));
        let told = run(&input, &out, &ConvertOptions { chunk: 16, shard: 16, ..Default::default() }).statistics;
        let mut values: Vec<f64> = voxels.to_f32().into_iter().map(f64::from).collect();
        values.sort_by(f64::total_cmp);
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
        let near = |a: f64, b: f64| (a - b).abs() <= 2e-3 * (values[values.len() - 1] - values[0]);
        assert_eq!((told.min, told.max), (values[0], values[values.len() - 1]), "{element}");
        assert!(near(told.mean, mean) && near(told.stddev, deviation), "{element} {told:?}");
        for (part, value) in [(0.001, told.p0_1), (0.01, told.p1), (0.5, told.p50), (0.99, told.p99), (0.999, told.p99_9)] {
            let rank = values.partition_point(|&other| other < value) as f64 / count;
            let rank_after = values.partition_point(|&other| other <= value) as f64 / count;
            assert!(rank - 0.002 <= part && part <= rank_after + 0.002, "{element} {part} {value} {rank} {rank_after}");
        }
        assert_eq!(told.histogram.iter().sum::<u64>(), values.len() as u64);
        let volume = Volume::open(&out).unwrap();
        let kept = volume.statistics.unwrap();
        assert_eq!((kept.histogram, kept.window), (told.histogram, told.window));
    }
}

#[test]
fn labels_stay_labels() {
    let scratch = tempfile::tempdir().unwrap();
    // Blocks of labels far apart in value: a mean would invent numbers that nobody gave.
    let shape = [80, 70, 66];
    let labels = [0u32, 7, 1_000_000, 3_000_000_000];
    let value = |z: usize, y: usize, x: usize| labels[(z / 13 + 2 * (y / 17) + 3 * (x / 9)) % 4];
    let mut bytes = Vec::new();
    for z in 0..shape[0] {
        for y in 0..shape[1] {
            for x in 0..shape[2] {
                bytes.extend_from_slice(&value(z, y, x).to_le_bytes());
            }
        }
    }
    let voxels = Voxels { shape, element: ElementType::U32, bytes };
    let input = scratch.path().join("cells.tif");
    std::fs::write(&input, cut::file(&voxels, None, CutFormat::Tif).unwrap()).unwrap();
    let out = scratch.path().join("cells.ome.zarr");
    let converted = run(&input, &out, &ConvertOptions { chunk: 16, shard: 32, ..Default::default() });
    assert!(converted.label && converted.levels == 2);
    let volume = Volume::open(&out).unwrap();
    assert!(volume.label);
    let small = volume.read_box(1, 0..40, 0..35, 0..33).unwrap();
    for voxel in small.bytes.chunks_exact(4) {
        assert!(labels.contains(&u32::from_le_bytes(voxel.try_into().unwrap())));
    }
    let out = scratch.path().join("told.ome.zarr");
    let told = run(&input, &out, &ConvertOptions { label: Some(false), ..Default::default() });
    assert!(!told.label);
}

#[test]
fn levels_lie_exactly_over_each_other() {
    let scratch = tempfile::tempdir().unwrap();
    let voxels = noise([20, 260, 130], ElementType::U8);
    let input = scratch.path().join("flat.tif");
    std::fs::write(&input, cut::file(&voxels, Some([4.0, 1.0, 1.0]), CutFormat::Tif).unwrap()).unwrap();
    let out = scratch.path().join("flat.ome.zarr");
    run(&input, &out, &ConvertOptions::default());
    let text = std::fs::read(out.join("zarr.json")).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let datasets = document["attributes"]["ome"]["multiscales"][0]["datasets"].as_array().unwrap();
    let expected = [
        ([4.0, 1.0, 1.0], [0.0, 0.0, 0.0]),
        ([4.0, 2.0, 2.0], [0.0, 0.5, 0.5]),
        ([4.0, 4.0, 4.0], [0.0, 1.5, 1.5]),
        ([8.0; 3], [2.0, 3.5, 3.5]),
    ];
    assert_eq!(datasets.len(), expected.len());
    for (dataset, (scale, translation)) in datasets.iter().zip(expected) {
        assert_eq!(dataset["coordinateTransformations"][0]["scale"], serde_json::json!(scale));
        assert_eq!(dataset["coordinateTransformations"][1]["translation"], serde_json::json!(translation));
    }
    assert_eq!(document["attributes"]["ome"]["multiscales"][0]["axes"][0]["unit"], "micrometer");
}

#[test]
fn what_is_all_zero_is_not_stored() {
    let scratch = tempfile::tempdir().unwrap();
    let shape = [64, 64, 64];
    let mut voxels = Voxels { shape, element: ElementType::F32, bytes: vec![0; 64 * 64 * 64 * 4] };
    voxels.bytes[..4].copy_from_slice(&(-0.0f32).to_le_bytes());
    voxels.bytes[4..8].copy_from_slice(&f32::from_bits(0x7fc0_1234).to_le_bytes());
    let input = scratch.path().join("empty.nrrd");
    std::fs::write(&input, cut::file(&voxels, None, CutFormat::Nrrd).unwrap()).unwrap();
    let out = scratch.path().join("empty.ome.zarr");
    let converted = run(&input, &out, &ConvertOptions { chunk: 16, shard: 32, levels: Some(1), ..Default::default() });
    assert_eq!(converted.files, 3, "one shard, two documents");
    assert_eq!(converted.statistics.not_finite, 1);
    // Minus zero and the odd bits of that which is no number come back as they were.
    assert!(Volume::open(&out).unwrap().read_box(0, 0..64, 0..64, 0..64).unwrap() == voxels);
}

#[test]
fn nothing_is_half_there() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("scan");
    Phantom::OpenCellFoam.write_tiff_stack(&folder, [64, 40, 40], 1, Probe::XRay).unwrap();
    let out = scratch.path().join("scan.ome.zarr");
    let options = ConvertOptions { chunk: 16, shard: 32, ..Default::default() };
    let stop = AtomicBool::new(false);
    let halt = |progress: volume::Progress| {
        if progress.done > 0 {
            stop.store(true, Ordering::Relaxed);
        }
    };
    assert!(convert(&folder, &out, &options, &halt, &stop).unwrap_err().to_string().contains("stopped"));
    assert!(!out.exists() && !scratch.path().join("scan.ome.zarr.part").exists());
    // What a killed run left behind does not matter.
    std::fs::create_dir_all(scratch.path().join("scan.ome.zarr.part/0/c/9/9")).unwrap();
    let broken = folder.join("slice_0050.tif");
    let whole = std::fs::read(&broken).unwrap();
    std::fs::write(&broken, &whole[..whole.len() - 100]).unwrap();
    let told = convert(&folder, &out, &options, &|_| (), &AtomicBool::new(false)).unwrap_err();
    assert_eq!(told.file.as_deref(), Some("slice_0050.tif"), "{told}");
    std::fs::write(&broken, &whole).unwrap();
    std::fs::create_dir_all(scratch.path().join("scan.ome.zarr.part/0/c/9/9")).unwrap();
    run(&folder, &out, &options);
    assert!(!tree(&out).keys().any(|name| name.contains("c/9/")));
    let told = convert(&folder, &out, &options, &|_| (), &AtomicBool::new(false)).unwrap_err();
    assert!(told.to_string().contains("exists already"), "{told}");
}

#[test]
fn slices_that_do_not_fit_are_named() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("scan");
    Phantom::OpenCellFoam.write_tiff_stack(&folder, [12, 20, 20], 1, Probe::XRay).unwrap();
    let odd = noise([1, 20, 21], ElementType::U16);
    let seventh = folder.join("slice_0007.tif");
    let kept = std::fs::read(&seventh).unwrap();
    std::fs::write(&seventh, cut::file(&odd, None, CutFormat::Tif).unwrap()).unwrap();
    let told = inspect(&folder).unwrap_err();
    assert_eq!(told.file.as_deref(), Some("slice_0007.tif"));
    assert!(told.what.contains("21 × 20 pixels"), "{told}");
    std::fs::remove_file(&seventh).unwrap();
    let told = inspect(&folder).unwrap_err();
    assert!(told.what.contains("slice 7 is missing"), "{told}");
    std::fs::write(&seventh, &kept).unwrap();
    std::fs::write(folder.join("slice_007.tif"), &kept).unwrap();
    let told = inspect(&folder).unwrap_err();
    assert!(told.what.contains("slice 7 is there twice"), "{told}");
    std::fs::remove_file(folder.join("slice_007.tif")).unwrap();
    std::fs::write(folder.join("log.txt"), "not a slice").unwrap();
    assert_eq!(inspect(&folder).unwrap().shape, [12, 20, 20]);
    // A deposit has other folders as well; the slices are found wherever they lie.
    let deposit = scratch.path().join("deposit");
    std::fs::create_dir_all(deposit.join("photographs")).unwrap();
    std::fs::create_dir_all(deposit.join("scan/reconstruction")).unwrap();
    std::fs::write(deposit.join("photographs/sample.jpg"), "picture").unwrap();
    let told = inspect(&deposit).unwrap_err();
    assert!(told.what.contains("no slices"), "{told}");
    std::fs::rename(&folder, deposit.join("scan/reconstruction/slices")).unwrap();
    assert_eq!(inspect(&deposit).unwrap().shape, [12, 20, 20]);
    let told = inspect(&deposit.join("photographs")).unwrap_err();
    assert!(told.what.contains("1 .jpg files"), "{told}");
}

#[test]
fn phantoms_are_as_true_as_they_say() {
    let mut told = Vec::new();
    for phantom in Phantom::ALL {
        let known = phantom.known();
        let size = [96; 3];
        for seed in [1, 2] {
            let voxels = phantom.volume(size, seed, Probe::XRay);
            let solid = voxels.iter().filter(|&&value| value > known.threshold).count() as f64 / voxels.len() as f64;
            told.push((phantom.name(), solid, (solid - known.solid_share).abs() < known.solid_share_tolerance));
        }
    }
    assert!(told.iter().all(|(.., true_to_word)| *true_to_word), "{told:?}");
}

#[test]
fn the_sandstone_has_its_pores() {
    let size = [96; 3];
    let voxels = Phantom::PorousSandstone.volume(size, 5, Probe::XRay);
    let known = Phantom::PorousSandstone.known();
    let (mut inside, mut pores) = (0, 0);
    for (index, &value) in voxels.iter().enumerate() {
        let at = |index: usize| (index as f64 + 0.5) / 48.0 - 1.0;
        let (z, y, x) = (at(index / 96 / 96), at(index / 96 % 96), at(index % 96));
        if y.hypot(x) < 0.84 && z.abs() < 0.84 {
            inside += 1;
            pores += usize::from(value < known.threshold - 3_000);
        }
    }
    let porosity = f64::from(pores as u32) / f64::from(inside);
    assert!((porosity - known.porosity.unwrap()).abs() < 0.04, "{porosity}");
}

#[test]
fn neutrons_see_the_embryo_and_x_rays_the_coat() {
    let size = [96; 3];
    let mean_at = |voxels: &[u16], place: [f64; 3]| {
        let [z, y, x] = place.map(|at| ((at + 1.0) * 48.0) as usize);
        let around = (z - 1..=z + 1).flat_map(|z| (y - 1..=y + 1).map(move |y| (z, y)));
        around.map(|(z, y)| f64::from(voxels[(z * 96 + y) * 96 + x])).sum::<f64>() / 9.0
    };
    let (leaf, coat) = ([0.14, 0.11, 0.15], [0.0, 0.0, 0.635]);
    let x_ray = Phantom::SeedWithEmbryo.volume(size, 1, Probe::XRay);
    let neutron = Phantom::SeedWithEmbryo.volume(size, 1, Probe::Neutron);
    assert!(mean_at(&x_ray, coat) > 1.15 * mean_at(&x_ray, leaf), "{} {}", mean_at(&x_ray, coat), mean_at(&x_ray, leaf));
    assert!(mean_at(&neutron, leaf) > 1.8 * mean_at(&neutron, coat), "{} {}", mean_at(&neutron, leaf), mean_at(&neutron, coat));
}

#[test]
fn long_integers_stay_exact() {
    let scratch = tempfile::tempdir().unwrap();
    for (element, values) in [
        (ElementType::U64, [u64::MAX, u64::MAX - 2, (1 << 53) + 1, 7]),
        (ElementType::I64, [i64::MIN as u64, i64::MAX as u64, (-9_007_199_254_740_993i64) as u64, 7]),
    ] {
        let shape = [1, 2, 128];
        let bytes: Vec<u8> = (0..256).flat_map(|index| values[index / 2 % 4].to_le_bytes()).collect();
        let input = scratch.path().join(format!("{element}.tif"));
        std::fs::write(&input, cut::file(&Voxels { shape, element, bytes }, None, CutFormat::Tif).unwrap()).unwrap();
        let out = scratch.path().join(format!("{element}.ome.zarr"));
        let options = ConvertOptions { chunk: 16, shard: 32, label: Some(false), ..Default::default() };
        assert_eq!(run(&input, &out, &options).element, element);
        // Two equal voxels above each other in both rows have themselves as their mean, which no float could hold.
        let halved = Volume::open(&out).unwrap().read_box(1, 0..1, 0..1, 0..4).unwrap();
        let expected: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        assert!(halved.bytes == expected, "{element} {halved:?}");
    }
}
