//! Real files of other people, against what independent readers (tifffile, mrcfile, gzip) said of them.

mod real_files;

use std::sync::atomic::AtomicBool;

use sha2::{Digest, Sha256};
use volume::zarr::Volume;
use volume::{Asked, ConvertOptions, Shape, convert, inspect, inspect_head};

use real_files::data;

/// File, shape, type, voxel size (nothing when the file leaves doubt), SHA-256 of the little-endian voxels.
type Golden = (&'static str, Shape, &'static str, Option<[f64; 3]>, &'static str);

#[rustfmt::skip]
const GOLDEN: &[Golden] = &[
    ("tiff/bone_128x128x128.tif", [128, 128, 128], "uint8", None, "95363407a80ee89a95ac1ce3a4c66218d0c83b81acd5c381a5a93b0ff572d980"),
    ("tiff/shell_225x128x128.tif", [225, 128, 128], "uint8", None, "d9babd7bdfb4c0903bca27daeda55453d14c711b992549690778c875baa8e627"),
    ("tiff/NT_128x128x128.tif", [128, 128, 128], "uint8", None, "cdbe2d9630d783df0632a30bd8c481d42665604b8213ea4109fbb64eb1e908ff"),
    ("tiff/nuclei.tif", [60, 256, 256], "uint16", None, "3ce5179fcc8bb48110bd2422bdda7ef26c56f1f444be6aca8c1e5ec803d8fc85"),
    ("tiff/nuclei_label.tif", [60, 256, 256], "uint32", None, "b1481a75e06da5d6ee23d488606256ea239ac7c31a56aa40b25663d793ddbc2f"),
    ("derived/bone_bigtiff_be_lzw.tif", [64, 128, 128], "uint16", None, "1b83312e0422f8e92613ddbec2f475983d005f47e440076743224db0483d0a4f"),
    ("derived/nuclei_40x192x192.ome.tif", [40, 192, 192], "uint16", Some([0.29, 0.26, 0.26]), "ad72ef0aec11effacdeed4e04e88d712cacab916c32233ae2d1dcf5981fffc8e"),
    ("derived/nerve_jp2_u8", [40, 128, 128], "uint8", None, "631a0000c54950745777c1c823588768602742a3998980fb0b00da7046b064d2"),
    ("em/lung_sem", [8, 800, 800], "uint8", None, "a2d700393e301dfe50cdd513370480d4930cf3b373e6d5d4f52e6b85f02a7f9e"),
    ("tiff-variants/gray.b1.tif", [2, 83, 111], "uint8", None, "1c24000084ee7630b205813a21fad5a7fc6e416d28fe92f5488f4f96f03d2351"),
    ("tiff-variants/gray.f2.tif", [2, 83, 111], "float32", None, "035f3de5f77a35b11636d22dc9470889a47e9168b447799b69c0d7a447fcada7"),
    ("tiff-variants/gray.f8.tif", [2, 83, 111], "float64", None, "8ffd5c5b81ac70d6a1825cbb6e4d047f7f1b8e40ac79bd689ac44cd7e7531b76"),
    ("tiff-variants/gray.i8.tif", [2, 83, 111], "int64", None, "29c5019b26e95b631effb4fd1ebbb06e7c688d095fc1be8bdbfc765c9a7a0c06"),
    ("tiff-variants/gray.packbits.u2.tif", [2, 83, 111], "uint16", None, "ccbfab340de5a4565359bd6789cba94d437bd02535b7b55fda81418d8dbe417a"),
    ("tiff-variants/gray.tiled.f4.tif", [2, 83, 111], "float32", None, "4eed19754a4ccc62258f1d53a41362a0a9f401611205a70f3bdf39553aed5770"),
    ("tiff-variants/gray.zstd.u1.tif", [2, 83, 111], "uint8", None, "2f3c1543107bcf60a3597812c784c0c446ea8976886bf3cb1661aa2cb6eef9ec"),
    ("tiff-variants/gray.one.u8.tif", [1, 1, 1], "uint64", None, "c25f69f890e5804686990562901c81333dafe0a9a2e9aa7ced24abd40438333f"),
    ("em/cryoet_tomo.tif", [101, 135, 135], "float32", None, "52a4370cf1c2134e9c6af9ce933d11630194fda41bec4e848124505bd5032f7b"),
    ("em/emd_1832.map", [64, 64, 64], "float32", Some([0.00057; 3]), "7fe6e15a3673ace62d3341fd9ccc346c750ac5ee11b163969d2351419bbbf608"),
    ("em/EMD-3197.map", [20, 20, 20], "float32", Some([0.00114; 3]), "0afd5034165f979bde1933138b667ab61b60a0867fd989473287eb3a4fa9a5b4"),
    ("em/emd_3197.map.gz", [20, 20, 20], "float32", Some([0.00114; 3]), "0afd5034165f979bde1933138b667ab61b60a0867fd989473287eb3a4fa9a5b4"),
    ("em/serialem/test_001.mrc", [2, 1024, 1024], "int16", Some([0.000788; 3]), "fd51a703f4ef5f5f6473d40cfa191ab414470b99b62198ddd4ad38ade4af20c3"),
    ("nrrd/brain1_image.nrrd", [25, 256, 256], "int16", Some([6500.0, 781.25, 781.25]), "cb06e37c791479070b5adbc2c5d69614acd43d39996405e98b55ec7ede0ecfad"),
    ("nrrd/brain1_label.nrrd", [25, 256, 256], "int32", Some([6500.0, 781.25, 781.25]), "0520768c9cf204666f79d5d9f02d4cc3aa19c048433db6323cc19c2eb08cf02f"),
    ("nrrd/prostate_phantom_subvolume.nrrd", [13, 67, 82], "uint16", Some([3000.0, 500.0, 500.0]), "52614a83f0f07e7fe03234aa95d82ad9195df2962cbfe159a0eac224f0271c8b"),
];

#[test]
fn real_files_are_read_as_others_read_them() {
    let Some(data) = data("real_files_are_read_as_others_read_them") else { return };
    let scratch = tempfile::tempdir().unwrap();
    for (number, (name, shape, element, voxel_size_um, sum)) in GOLDEN.iter().enumerate() {
        let path = data.join(name);
        let header = inspect(&path).unwrap();
        assert_eq!((header.shape, header.element.name(), header.voxel_size_um), (*shape, *element, *voxel_size_um), "{name}");
        let out = scratch.path().join(format!("{number}.ome.zarr"));
        let converted = convert(&path, &out, &ConvertOptions::default(), &|_| (), &AtomicBool::new(false)).unwrap();
        assert_eq!(converted.label, name.contains("label"), "{name}");
        let [z, y, x] = *shape;
        let voxels = Volume::open(&out).unwrap().read_box(0, 0..z, 0..y, 0..x).unwrap();
        let found: String = Sha256::digest(&voxels.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, *sum, "{name}");
    }
}

/// File, shape, type, and the first digits of the checksum of each channel, as tifffile and imagecodecs read it.
#[rustfmt::skip]
const COLOURED: &[(&str, Shape, &str, [&str; 3])] = &[
    ("rgb.tiled.jpeg.u2.tif", [2, 83, 111], "uint16", ["a740b479e05e3420", "a2ebf5e1dd27a3e9", "fa89d1b39f5d4321"]),
    ("rgb.tiled.jpegxl.u1.tif", [2, 83, 111], "uint8", ["2f3c1543107bcf60", "6c6b0cbec6751602", "ec99a8d39060ab1f"]),
    ("rgb.tiled.png.u1.tif", [2, 83, 111], "uint8", ["2f3c1543107bcf60", "6c6b0cbec6751602", "ec99a8d39060ab1f"]),
    ("rgb.tiled.webp.u1.tif", [2, 83, 111], "uint8", ["db1d0372c4bfd109", "782f8923ef6d7995", "30460e3ebdb27fe2"]),
    ("rgb_u1_jpegll.tif", [1, 32, 31], "uint8", ["9d579be1e9bef393", "63cf5b11fe0e544c", "014189bc7aea8603"]),
    ("rgb_u1_tiled_jpegll.tif", [1, 32, 31], "uint8", ["9d579be1e9bef393", "63cf5b11fe0e544c", "014189bc7aea8603"]),
    ("rgb_u2_jpegll.tif", [1, 32, 31], "uint16", ["c3818366ff8d4c6b", "80cfc186274750b6", "5d0663e4ba8598b7"]),
    ("rgb_u2_tiled_jpegll.tif", [1, 32, 31], "uint16", ["c3818366ff8d4c6b", "80cfc186274750b6", "5d0663e4ba8598b7"]),
];

#[test]
fn pictures_inside_of_tiff_are_read_as_others_read_them() {
    let Some(data) = data("pictures_inside_of_tiff_are_read_as_others_read_them") else { return };
    let scratch = tempfile::tempdir().unwrap();
    for (name, shape, element, sums) in COLOURED {
        for (channel, expected) in sums.iter().enumerate() {
            let options = ConvertOptions {
                asked: Asked { channel: Some(channel), ..Asked::default() },
                label: Some(false),
                ..ConvertOptions::default()
            };
            let out = scratch.path().join(format!("{name}.{channel}"));
            let converted = convert(&data.join("tiff-variants").join(name), &out, &options, &|_| (), &AtomicBool::new(false)).unwrap();
            let [z, y, x] = *shape;
            let voxels = Volume::open(&out).unwrap().read_box(0, 0..z, 0..y, 0..x).unwrap();
            let found: String = Sha256::digest(&voxels.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!((converted.shape, voxels.element.name(), &found[..16]), (*shape, *element, *expected), "{name} {channel}");
        }
    }
}

#[test]
fn the_first_bytes_tell_already() {
    let Some(data) = data("the_first_bytes_tell_already") else { return };
    let head = |name: &str| {
        let bytes = std::fs::read(data.join(name)).unwrap();
        inspect_head(&bytes[..bytes.len().min(20_000)], bytes.len() as u64)
    };
    let facts = head("em/emd_1832.map").unwrap();
    assert_eq!((facts.format.as_str(), facts.depth, facts.width), ("MRC", Some(64), Some(64)));
    let facts = head("tiff/bone_128x128x128.tif").unwrap();
    assert_eq!((facts.format.as_str(), facts.depth, facts.height), ("ImageJ TIFF", Some(128), Some(128)));
    assert!(facts.warnings[0].contains("not in which unit"));
    assert_eq!(head("hdf5/tooth.h5").unwrap().format, "Data Exchange (HDF5)");
    assert_eq!(head("nifti/anatomical.nii").unwrap().format, "NIfTI-1");
    assert_eq!(head("dicom/brain_series/brain_001.dcm").unwrap().format, "DICOM");
    assert_eq!(head("README.md"), None);
}

#[test]
fn what_is_not_read_is_refused_in_words() {
    let Some(data) = data("what_is_not_read_is_refused_in_words") else { return };
    let mut refused = 0;
    for entry in std::fs::read_dir(data.join("tiff-variants")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let must_fail = name.starts_with("rgb") || ["c8", "lzma", "depth"].iter().any(|part| name.contains(part));
        match inspect(&path) {
            Ok(header) => assert!(!must_fail, "{name} {header:?}"),
            Err(trouble) => {
                assert!(must_fail || name.contains("series"), "{name} {trouble}");
                assert!(!trouble.hint.is_empty());
                refused += 1;
            }
        }
    }
    assert!(refused > 10);
}
