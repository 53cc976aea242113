//! Boxes: exactly the asked voxels, from a volume and from the file it was made of, and a file that says where they lie.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use volume::cut::{self, Caption, CutFormat};
use volume::phantom::{Phantom, Probe};
use volume::zarr::{Volume, Voxels};
use volume::{Asked, ConvertOptions, ElementType, convert, inspect};

fn volume_of(input: &Path, out: &Path, codec: &str) {
    let options = ConvertOptions { codec: codec.parse().unwrap(), voxel_size_um: Some([3.0, 2.0, 1.0]), ..ConvertOptions::default() };
    convert(input, out, &options, &|_| (), &AtomicBool::new(false)).unwrap();
}

#[test]
fn a_box_is_the_same_from_wherever_it_is_cut() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("scan");
    let shape = [90, 100, 140];
    Phantom::OpenCellFoam.write_tiff_stack(&folder, shape, 1, Probe::XRay).unwrap();
    let whole = cut::read(&folder, &Asked::default(), 0, [0..90, 0..100, 0..140]).unwrap().voxels;
    for codec in ["planes", "blosc-zstd-3-bitshuffle", "zstd-1"] {
        let out = scratch.path().join(format!("{codec}.ome.zarr"));
        volume_of(&folder, &out, codec);
        // Within one chunk, over several, one voxel thick along each axis, the whole.
        for wanted in [
            [3..9, 4..5, 6..60],
            [60..70, 60..70, 60..70],
            [63..64, 0..100, 0..140],
            [0..90, 64..65, 0..140],
            [0..90, 0..100, 139..140],
            [0..90, 0..100, 0..140],
        ] {
            let from_volume = cut::read(&out, &Asked::default(), 0, wanted.clone()).unwrap();
            let from_file = cut::read(&folder, &Asked::default(), 0, wanted.clone()).unwrap();
            assert!(from_volume.voxels == from_file.voxels, "{codec} {wanted:?}");
            let [z, y, x] = wanted.clone();
            let mut expected = Vec::new();
            for (z, y) in z.flat_map(|z| y.clone().map(move |y| (z, y))) {
                let row = (z * shape[1] + y) * shape[2];
                expected.extend_from_slice(&whole.bytes[2 * (row + x.start)..2 * (row + x.end)]);
            }
            assert!(from_volume.voxels.bytes == expected, "{codec} {wanted:?}");
        }
    }
    for wanted in [[0..91, 0..1, 0..1], [0..1, 100..101, 0..1], [0..1, 0..1, 5..5]] {
        assert!(cut::read(&folder, &Asked::default(), 0, wanted.clone()).is_err());
        assert!(cut::read(&scratch.path().join("planes.ome.zarr"), &Asked::default(), 0, wanted).is_err());
    }
    assert!(cut::read(&folder, &Asked::default(), 1, [0..1, 0..1, 0..1]).unwrap_err().to_string().contains("Convert it first"));
}

#[test]
fn directories_count_towards_what_a_tiff_file_can_hold() {
    let line = Voxels { shape: [1 << 26, 1, 1], element: ElementType::U8, bytes: vec![0; 1 << 26] };
    let told = cut::file(&line, None, CutFormat::Tif).unwrap_err().to_string();
    assert!(told.contains("a tif file of") && told.contains("4294967295"), "{told}");
    assert!(cut::file(&line, None, CutFormat::Raw).is_ok());
}

#[test]
fn a_cut_says_where_it_lies() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("scan");
    Phantom::OpenCellFoam.write_tiff_stack(&folder, [90, 100, 140], 1, Probe::XRay).unwrap();
    let out = scratch.path().join("volume.ome.zarr");
    volume_of(&folder, &out, "planes");
    let fine = cut::read(&out, &Asked::default(), 0, [10..20, 4..8, 2..9]).unwrap();
    assert_eq!((fine.voxel_size_um, fine.origin_um), (Some([3.0, 2.0, 1.0]), Some([30.0, 8.0, 2.0])));
    let volume = Volume::open(&out).unwrap();
    let coarse = cut::read(&out, &Asked::default(), 1, [5..10, 2..4, 1..4]).unwrap();
    let factor: Vec<f64> = (0..3).map(|axis| volume.levels()[1].scale[axis] / [3.0, 2.0, 1.0][axis]).collect();
    let origin: Vec<f64> =
        (0..3).map(|axis| [3.0, 2.0, 1.0][axis] * ([5.0, 2.0, 1.0][axis] * factor[axis] + (factor[axis] - 1.0) / 2.0)).collect();
    assert_eq!(coarse.origin_um.unwrap().to_vec(), origin);
    assert_eq!(volume.factor(1).to_vec(), factor);
    // Of sizes that cannot be true no place is made up.
    let (path, nowhere) = (out.join("zarr.json"), scratch.path().join("nowhere.ome.zarr"));
    let text = std::fs::read_to_string(&path).unwrap();
    let mut group: serde_json::Value = serde_json::from_str(&text).unwrap();
    group["attributes"]["ome"]["multiscales"][0]["datasets"][0]["coordinateTransformations"][0]["scale"] = serde_json::json!([0, 0, 0]);
    std::fs::write(&path, group.to_string()).unwrap();
    std::fs::rename(&out, &nowhere).unwrap();
    assert_eq!(Volume::open(&nowhere).unwrap().factor(1), [1.0; 3]);
    assert_eq!(cut::read(&nowhere, &Asked::default(), 1, [5..10, 2..4, 1..4]).unwrap().origin_um, Some([0.0; 3]));
    let caption = Caption {
        lines: vec![
            ("cite".into(), "https://doi.org/10.5072/x, version 1\nname: other".into()),
            ("box_zyx".into(), "10:20,4:8,2:9".into()),
        ],
        origin_um: fine.origin_um,
        ..Caption::default()
    };
    for format in [CutFormat::Nrrd, CutFormat::Tif] {
        let file = cut::captioned(&fine.voxels, fine.voxel_size_um, &caption, format).unwrap();
        assert_eq!(file, cut::captioned(&fine.voxels, fine.voxel_size_um, &caption, format).unwrap(), "the same bytes each time");
        let text = String::from_utf8_lossy(&file).into_owned();
        assert!(text.contains("https://doi.org/10.5072/x, version 1 name: other") && text.contains("10:20,4:8,2:9"), "{format:?}");
        let path = scratch.path().join(format!("cut.{}", format.extension()));
        std::fs::write(&path, &file).unwrap();
        let header = inspect(&path).unwrap();
        assert_eq!((header.shape, header.voxel_size_um), ([10, 4, 7], Some([3.0, 2.0, 1.0])));
        let again = cut::read(&path, &Asked::default(), 0, [0..10, 0..4, 0..7]).unwrap();
        assert!(again.voxels == fine.voxels, "{format:?}");
    }
    // A limit is one for the whole file, which may be mostly directories.
    let within =
        |format, most| cut::captioned_within(&fine.voxels, fine.voxel_size_um, &caption, format, most).map(|file| file.len() as u64);
    for format in [CutFormat::Raw, CutFormat::Nrrd, CutFormat::Tif] {
        let length = within(format, u64::MAX).unwrap();
        assert_eq!(within(format, length).unwrap(), length);
        assert!(within(format, length - 1).unwrap_err().to_string().contains(&format!("at most {}", length - 1)), "{format:?}");
    }
    let raw = cut::captioned(&fine.voxels, fine.voxel_size_um, &caption, CutFormat::Raw).unwrap();
    assert!(raw == fine.voxels.bytes);
}

/// What Ada's scanner wrote: the axes point left, to the back and up, y the other way round, and the first voxel lies far off.
fn oriented(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("head.nrrd");
    let head = "NRRD0004\ntype: uint8\ndimension: 3\nspace: left-posterior-superior\nsizes: 6 5 4\n\
        space directions: (0.5,0,0) (0,-1,0) (0,0,2)\nspace origin: (-99.5,99.5,-78)\nencoding: raw\nSpecimen:=jaw 7\n\n";
    std::fs::write(&path, head.bytes().chain(0..120).collect::<Vec<u8>>()).unwrap();
    path
}

#[test]
fn a_cut_lies_where_it_lay_in_the_body() {
    let scratch = tempfile::tempdir().unwrap();
    let input = oriented(scratch.path());
    let out = scratch.path().join("head.ome.zarr");
    convert(&input, &out, &ConvertOptions::default(), &|_| (), &AtomicBool::new(false)).unwrap();
    // What its maker knew is not lost with the original.
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(out.join("zarr.json")).unwrap()).unwrap();
    let own = &document["attributes"]["science3d"];
    assert_eq!(own["orientation"]["space"], "left-posterior-superior");
    assert_eq!(own["acquisition"]["format"], "NRRD");
    assert!(own["acquisition"].to_string().contains("jaw 7"), "{own}");
    let whole = inspect(&input).unwrap();
    assert_eq!(inspect(&out).unwrap().orientation, whole.orientation);
    let from_file = cut::read(&input, &Asked::default(), 0, [1..3, 2..4, 3..5]).unwrap();
    let from_volume = cut::read(&out, &Asked::default(), 0, [1..3, 2..4, 3..5]).unwrap();
    assert_eq!(from_file.orientation, from_volume.orientation);
    assert_eq!(from_file.voxels, from_volume.voxels);
    let part = scratch.path().join("part.nrrd");
    let lines = vec![("box_zyx".to_owned(), "1:3,2:4,3:5".to_owned())];
    let file = cut::captioned(&from_volume.voxels, from_volume.voxel_size_um, &from_volume.caption(lines.clone()), CutFormat::Nrrd);
    std::fs::write(&part, file.unwrap()).unwrap();
    let header = inspect(&part).unwrap();
    assert_eq!(header.voxel_size_um, Some([2000.0, 1000.0, 500.0]));
    let lies = header.orientation.unwrap();
    assert_eq!(lies.direction, whole.orientation.unwrap().direction);
    // Three voxels to the left, two against y, one up.
    assert_eq!(lies.origin_um, Some([-98_000.0, 97_500.0, -76_000.0]));
    // As a volume it knows the same, and a cut of the cut counts from where the whole began.
    let small = scratch.path().join("part.ome.zarr");
    cut::make_volume(&from_volume, lines, "part", &small).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(small.join("zarr.json")).unwrap()).unwrap();
    let steps = &document["attributes"]["ome"]["multiscales"][0]["datasets"][0]["coordinateTransformations"];
    assert_eq!(steps[0]["scale"], serde_json::json!([2000.0, 1000.0, 500.0]));
    assert_eq!(steps[1]["translation"], serde_json::json!([2000.0, 2000.0, 1500.0]));
    assert_eq!(document["attributes"]["science3d"]["cut"], serde_json::json!({"box_zyx": "1:3,2:4,3:5"}));
    let again = cut::read(&small, &Asked::default(), 0, [1..2, 0..1, 1..2]).unwrap();
    assert_eq!(again.origin_um, Some([4000.0, 2000.0, 2000.0]));
    assert_eq!(again.orientation.unwrap().origin_um, Some([-97_500.0, 97_500.0, -74_000.0]));
}

#[test]
fn a_cut_volume_in_one_zip_is_the_same_each_time_and_reads_as_the_box() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("scan");
    Phantom::OpenCellFoam.write_tiff_stack(&folder, [70, 80, 90], 1, Probe::XRay).unwrap();
    let out = scratch.path().join("volume.ome.zarr");
    volume_of(&folder, &out, "planes");
    let found = cut::read(&out, &Asked::default(), 0, [3..69, 0..80, 7..80]).unwrap();
    let lines = vec![("cite".to_owned(), "https://doi.org/10.5072/x, v1".to_owned())];
    let zip = |most: u64| cut::zipped_volume(&found, lines.clone(), "volume", scratch.path(), most);
    let first = zip(u64::MAX).unwrap();
    assert!(first == zip(u64::MAX).unwrap());
    assert!(zip(10_000).unwrap_err().to_string().contains("smaller box"));
    let path = scratch.path().join("part.ome.zarr.zip");
    std::fs::write(&path, &first).unwrap();
    let header = inspect(&path).unwrap();
    assert_eq!((header.shape, header.voxel_size_um), ([66, 80, 73], Some([3.0, 2.0, 1.0])));
    let read = cut::read(&path, &Asked::default(), 0, [0..66, 0..80, 0..73]).unwrap();
    assert!(read.voxels == found.voxels);
    let names = std::fs::read_dir(scratch.path()).unwrap().count();
    assert_eq!(names, 3, "nothing of the scratch is left");
}
