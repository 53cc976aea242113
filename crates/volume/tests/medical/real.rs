//! Real files, against what nibabel, pynrrd, SimpleITK and plain arithmetic said of them.

use volume::{Asked, Shape, inspect};

use super::real_files::data;
use super::{asked, near, read, refusal, sum};

/// File, volume, shape, type, voxel size (nothing when the file leaves doubt), SHA-256 of the little-endian voxels.
type Golden = (&'static str, Option<&'static str>, Shape, &'static str, Option<[f64; 3]>, &'static str);

#[rustfmt::skip]
const GOLDEN: &[Golden] = &[
    ("nifti/mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz", None, [189, 233, 197], "uint8", None, "93f07d06eb443f305f93ecce3d695d2c02c1928dde60047fec3144656f4b55f7"),
    ("nifti/anatomical.nii", None, [25, 41, 33], "int16", Some([2000.0; 3]), "9fd5b46df2ca061797370be9c0ee9776042ccfb83333593e6058faf0709f39e4"),
    ("nifti/example4d.nii.gz", Some("1"), [24, 96, 128], "int16", Some([2199.999, 2000.0, 2000.0]), "741f27e54e4814715f6ee4db0e02c2c862f381d8aaa809d2f10927eca0c64815"),
    ("nifti/example_nifti2.nii.gz", Some("0"), [12, 20, 32], "int16", Some([2199.999094009, 2000.0, 2000.0]), "9c5003a6fbce8ba0b8826cce8780925e719b4529f528154f9b29791b9678b956"),
    ("metaimage/CT_3D_lung_fixed_mask.mha", None, [129, 157, 115], "uint8", Some([2500.0, 1366.0, 1366.0]), "32c733a35db062da6fa10b64121192d2b655c4ea20aafb00a76440bae14ee7c3"),
    ("metaimage/CT_2D_head_fixed.mha", None, [1, 256, 256], "int16", None, "01264b47a43babd8486be45847e23e28922ebb91befbcab8249d69c83f3656b1"),
    ("derived/nuclei_128x128x60_u16be.mhd", None, [60, 128, 128], "uint16", Some([0.29, 0.26, 0.26]), "59b018a087038b794d4a954705adb6958bf55034e4ef829eb24c366d3a0c7684"),
    ("derived/nuclei_48x48x20_ushort_le.am", None, [20, 48, 48], "uint16", Some([0.29, 0.26, 0.26]), "125a81d4ef7ca1ebd1e7725b0fc0295f29a58c566bd6b4acbacf44977b84120c"),
    ("derived/bone_32x32x32_byte_be.am", None, [32, 32, 32], "uint8", Some([1.953126; 3]), "5abd4f4bd186cafcf9ae6f69ab1ebf4942e5df47e86fbfce700cf655f8ed378c"),
];

#[test]
fn real_files_are_read_as_others_read_them() {
    let Some(data) = data("medical::real_files_are_read_as_others_read_them") else { return };
    for (name, volume, shape, element, voxel_size_um, expected) in GOLDEN {
        let (header, bytes) = read(&data.join(name), &volume.map_or_else(Asked::default, asked));
        assert_eq!((header.shape, header.element.name(), header.voxel_size_um), (*shape, *element, *voxel_size_um), "{name}");
        assert_eq!(sum(&bytes), *expected, "{name}");
    }
}

#[test]
fn real_files_say_how_they_lie() {
    let Some(data) = data("real_files_say_how_they_lie") else { return };
    let lies = |name: &str| inspect(&data.join(name)).unwrap().orientation.unwrap();
    let anatomical = lies("nifti/anatomical.nii");
    assert_eq!(anatomical.space, "right-anterior-superior");
    assert_eq!(anatomical.direction, [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]]);
    assert_eq!(anatomical.origin_um, Some([32_000.0, -40_000.0, -16_000.0]));
    let brain = lies("nrrd/brain1_image.nrrd");
    assert_eq!((brain.space.as_str(), brain.direction[1]), ("left-posterior-superior", [0.0, -1.0, 0.0]));
    assert!(near(&brain.origin_um.unwrap(), &[-99_609.375, 99_609.375, -78_000.0]));
    let lung = lies("metaimage/CT_3D_lung_fixed_mask.mha");
    assert!(near(&lung.origin_um.unwrap(), &[-153_827.0, -150_352.0, -1_434_500.0]));
}

#[test]
fn sidecars_and_surfaces_are_known() {
    let Some(data) = data("sidecars_and_surfaces_are_known") else { return };
    let stack = inspect(&data.join("em/serialem/test_001.mrc")).unwrap();
    assert_eq!((stack.voxel_size_um, stack.found.energy_kev), (Some([0.000788; 3]), Some(300.0)));
    assert_eq!(stack.found.date.as_deref(), Some("2023-03-31T16:27:05"));
    assert_eq!(stack.found.other["magnification"], "115000");
    assert!(stack.files.contains(&"test_001.mrc.mdoc".to_string()));
    assert!(refusal(&data.join("amira/insect_brain.surf")).contains("surface"));
    let several = refusal(&data.join("nifti/example4d.nii.gz"));
    assert!(several.contains("2 volumes") && several.contains("--dataset 0 to --dataset 1"), "{several}");
}
