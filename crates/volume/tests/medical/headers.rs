//! NIfTI, NRRD and MetaImage headers that no library here writes, and those that lie.

use std::io::Write;

use volume::{Asked, inspect, inspect_asked};

use super::{asked, counting, read, refusal, write};

/// A NIfTI-1 header in one file; `dim` from the number of axes on.
fn nifti(dim: &[i16], datatype: i16) -> Vec<u8> {
    let mut head = vec![0; 352];
    head[0..4].copy_from_slice(&348i32.to_le_bytes());
    for (index, size) in dim.iter().enumerate() {
        head[40 + 2 * index..42 + 2 * index].copy_from_slice(&size.to_le_bytes());
    }
    head[70..72].copy_from_slice(&datatype.to_le_bytes());
    for (at, value) in [(76, 1.0f32), (80, 0.5), (84, 0.5), (88, 2.0), (108, 352.0)] {
        head[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    head[123] = 2;
    head[344..348].copy_from_slice(b"n+1\0");
    head
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[test]
fn nifti_that_lies_is_told() {
    let scratch = tempfile::tempdir().unwrap();
    let say = |name: &str, bytes: &[u8]| refusal(&write(scratch.path(), name, bytes));
    assert!(say("rgb.nii", &[nifti(&[3, 2, 2, 2], 128), vec![0; 24]].concat()).contains("0 red, 1 green, 2 blue"));
    assert!(say("complex.nii", &[nifti(&[3, 2, 2, 2], 32), vec![0; 64]].concat()).contains("complex"));
    assert!(say("negative.nii", &nifti(&[3, 2, -2, 2], 4)).contains("negative"));
    assert!(say("zero.nii", &nifti(&[3, 2, 0, 2], 4)).contains("holds nothing"));
    assert!(say("huge.nii", &nifti(&[3, i16::MAX, i16::MAX, i16::MAX], 64)).contains("more than can be true"));
    assert!(say("many.nii", &nifti(&[7, 2, 2, 2, i16::MAX, i16::MAX, i16::MAX, i16::MAX], 4)).contains("volumes"));
    assert!(say("short.nii", &[nifti(&[3, 2, 2, 2], 4), vec![0; 15]].concat()).contains("promises 368 bytes"));
    assert!(say("bomb.nii.gz", &gzip(&nifti(&[3, 20_000, 20_000, 20_000], 2))).contains("so small a file"));
    let mut far = nifti(&[3, 2, 2, 2], 4);
    far[108..112].copy_from_slice(&f32::INFINITY.to_le_bytes());
    assert!(inspect(&write(scratch.path(), "far.nii", [far, vec![0; 16]].concat())).is_ok());
    let mut pair = nifti(&[3, 2, 2, 2], 4);
    pair[344..348].copy_from_slice(b"ni1\0");
    assert!(say("lonely.hdr", &pair).contains("lonely.img"));
    let mut odd = nifti(&[3, 2, 2, 2], 4);
    odd[88..92].copy_from_slice(&f32::NAN.to_le_bytes());
    let header = inspect(&write(scratch.path(), "odd.nii", [odd, vec![0; 16]].concat())).unwrap();
    assert_eq!(header.voxel_size_um, None);
    assert!(header.warnings[0].contains("cannot be true"), "{:?}", header.warnings);
}

#[test]
fn a_cut_off_gzip_is_told_by_the_conversion() {
    let scratch = tempfile::tempdir().unwrap();
    let whole = gzip(
        &[nifti(&[3, 40, 40, 40], 4), (0..64_000u32).flat_map(|at| (at.wrapping_mul(2_654_435_761) as u16).to_le_bytes()).collect()]
            .concat(),
    );
    for (name, bytes) in [("cut.nii.gz", &whole[..whole.len() - 100]), ("sum.nii.gz", &[&whole[..whole.len() - 8], &[0; 8]].concat())] {
        let path = write(scratch.path(), name, bytes);
        let out = scratch.path().join("out");
        let told = volume::convert(&path, &out, &Default::default(), &|_| (), &false.into()).unwrap_err();
        assert_eq!(told.file.as_deref(), Some(name));
        assert!(!out.exists());
    }
    // An honest label volume is much smaller than its voxels.
    let labels = write(scratch.path(), "labels.nii.gz", gzip(&[nifti(&[3, 200, 200, 200], 2), vec![3; 8_000_000]].concat()));
    assert!(labels.metadata().unwrap().len() < 12_000);
    assert!(read(&labels, &Asked::default()).1.iter().all(|&voxel| voxel == 3));
}

#[test]
fn nrrd_speaks_in_many_ways() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let voxels = counting(24);
    let header = |more: &str| format!("NRRD0004\n# a comment\ntype: ushort\ndimension: 3\nsizes: 4 3 2\nendian: little\n{more}");
    let same = |name: &str, bytes: Vec<u8>| assert_eq!(read(&write(folder, name, bytes), &Asked::default()).1, voxels, "{name}");
    let hex: String = voxels.iter().map(|byte| format!("{byte:02x}")).collect();
    same("hex.nrrd", format!("{}\n{hex}\n", header("encoding: hex\n")).into_bytes());
    let skipped =
        [header("encoding: raw\nline skip: 2\nbyte skip: 3\n\n").into_bytes(), b"one\ntwo\nabc".to_vec(), voxels.clone()].concat();
    same("skip.nrrd", skipped);
    same("back.nrrd", [header("encoding: raw\nbyte skip: -1\n\n").into_bytes(), b"whatever".to_vec(), voxels.clone()].concat());
    same("dos.nrrd", [header("encoding: raw\n\n").replace('\n', "\r\n").into_bytes(), voxels.clone()].concat());
    write(folder, "parts/a_007.raw", &voxels[..24]);
    write(folder, "parts/a_009.raw", &voxels[24..]);
    same("pattern.nhdr", header("encoding: raw\ndata file: parts/a_%03d.raw 7 9 2\n").into_bytes());
    same("list.nhdr", header("encoding: raw\ndata file: LIST\nparts/a_007.raw\nparts/a_009.raw\n").into_bytes());
    same("packed.nrrd.gz", gzip(&[header("encoding: raw\n\n").into_bytes(), voxels.clone()].concat()));
    let series =
        "NRRD0004\ntype: ushort\ndimension: 4\nsizes: 4 3 1 2\nkinds: domain domain domain time\nencoding: raw\nendian: little\n\n";
    let series = write(folder, "series.nrrd", [series.as_bytes(), &voxels].concat());
    assert!(refusal(&series).contains("--dataset 0 to --dataset 1"));
    assert_eq!(read(&series, &asked("1")).1, voxels[24..]);
    // ITK gives time a direction in space, too.
    let directed = "NRRD0004\ntype: ushort\ndimension: 4\nspace dimension: 4\nsizes: 4 3 1 2\n\
        space directions: (0.5,0,0,0) (0,0.5,0,0) (0,0,2,0) (0,0,0,1)\nkinds: domain domain domain domain\nencoding: raw\nendian: little\n\n";
    let directed = write(folder, "directed.nrrd", [directed.as_bytes(), &voxels].concat());
    assert!(refusal(&directed).contains("--dataset 0 to --dataset 1"));
    assert_eq!(read(&directed, &asked("1")).1, voxels[24..]);
    let flat = "NRRD0004\ntype: ushort\ndimension: 2\nsizes: 6 4\nencoding: raw\nspacings: 0.5 0.5\nunits: \"mm\" \"mm\"\n\n";
    let flat = inspect(&write(folder, "flat.nrrd", [flat.as_bytes(), &voxels].concat())).unwrap();
    assert_eq!((flat.shape, flat.voxel_size_um), ([1, 4, 6], Some([500.0; 3])));
}

/// Colours and vectors: the same voxels in each format, of which one value is chosen and none is guessed.
#[test]
fn one_of_several_values_is_chosen() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let (shape, count) = ([20usize, 30, 40], 20 * 30 * 40);
    let voxels: Vec<u8> = (0..3 * count).map(|at| (at % 251) as u8).collect();
    let words: Vec<u8> = (0..3 * count).flat_map(|at| ((at * 7 % 65_521) as u16).to_be_bytes()).collect();
    let nrrd = |more: &str| format!("NRRD0004\ntype: uchar\ndimension: 4\nsizes: 3 40 30 20\n{more}\n");
    let kinds = "kinds: RGB-color domain domain domain\nspacings: nan 0.5 0.5 2\nspace units: \"mm\" \"mm\" \"mm\"\n";
    let vectors =
        "NRRD0004\ntype: ushort\nendian: big\ndimension: 4\nsizes: 3 40 30 20\nkinds: vector space space space\nencoding: raw\n\n";
    let meta = "ObjectType = Image\nNDims = 3\nDimSize = 40 30 20\nElementSpacing = 0.5 0.5 2\n\
        ElementNumberOfChannels = 3\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n";
    let files = [
        write(folder, "kinds.nrrd", [nrrd(&format!("{kinds}encoding: raw\n")).as_bytes(), &voxels].concat()),
        write(folder, "silent.nrrd", [nrrd("encoding: raw\n").as_bytes(), &voxels].concat()),
        write(folder, "packed.nrrd", [nrrd("encoding: gzip\n").into_bytes(), gzip(&voxels)].concat()),
        write(folder, "vectors.nrrd", [vectors.as_bytes(), &words].concat()),
        write(folder, "meta.mha", [meta.as_bytes(), &voxels].concat()),
        write(folder, "colours.nii", [nifti(&[3, 40, 30, 20], 128), voxels.clone()].concat()),
        write(folder, "colours.nii.gz", gzip(&[nifti(&[3, 40, 30, 20], 128), voxels.clone()].concat())),
    ];
    for path in files {
        let name = path.display();
        let trouble = inspect(&path).unwrap_err();
        assert!(trouble.what.contains("each of its voxels holds 3 values"), "{trouble}");
        assert_eq!(trouble.asks.as_ref().map(|asks| asks.offers.len()), Some(3), "{name}");
        let head = std::fs::read(&path).unwrap();
        if let Some(facts) = volume::inspect_head(&head[..head.len().min(1_000)], head.len() as u64) {
            assert!(facts.asks.is_some() && facts.width == Some(40), "{name}: {facts:?}");
        }
        let (bytes, size): (Vec<u8>, usize) = match path.ends_with("vectors.nrrd") {
            true => (words.chunks_exact(2).flat_map(|word| [word[1], word[0]]).collect(), 2),
            false => (voxels.clone(), 1),
        };
        for channel in [0, 2] {
            let (header, found) = read(&path, &Asked { channel: Some(channel), ..Asked::default() });
            assert_eq!(header.shape, shape, "{name}");
            let expected = bytes.chunks_exact(3 * size).flat_map(|voxel| &voxel[channel * size..][..size]).copied();
            assert!(found.into_iter().eq(expected), "{name}, {channel}");
        }
        assert!(inspect_asked(&path, &Asked { channel: Some(3), ..Asked::default() }).is_err(), "{name}");
    }
    let size = inspect_asked(&folder.join("meta.mha"), &Asked { channel: Some(1), ..Asked::default() }).unwrap().voxel_size_um;
    assert_eq!(size, Some([2000.0, 500.0, 500.0]));
    // Along a fourth axis as well, and of parts that several slices have in common.
    let series = "NRRD0004\ntype: uchar\ndimension: 5\nsizes: 3 40 30 20 2\nkinds: RGB-color domain domain domain time\nencoding: raw\n\n";
    let other: Vec<u8> = voxels.iter().map(|value| value ^ 0x55).collect();
    let series = write(folder, "series.nrrd", [series.as_bytes(), &voxels, &other].concat());
    let found = read(&series, &Asked { channel: Some(1), ..asked("1") }).1;
    assert!(found.iter().eq(other.iter().skip(1).step_by(3)));
    // Four axes in space are no colours, nor is what somebody takes for a series; displacements have no colours.
    let head = "NRRD0004\ntype: uchar\ndimension: 4\nsizes: 4 20 20 16\nkinds: domain domain domain domain\nencoding: raw\n\n";
    assert!(refusal(&write(folder, "deep.nrrd", [head.as_bytes(), &voxels[..25_600]].concat())).contains("--dataset 0 to --dataset 15"));
    assert!(inspect(&folder.join("silent.nrrd")).unwrap_err().hint.contains("--dataset"));
    let thin = inspect_asked(&folder.join("silent.nrrd"), &asked("2,axes=zyx")).unwrap();
    assert_eq!(thin.shape, [30, 40, 3]);
    let moved = meta.replace("MET_UCHAR", "MET_FLOAT");
    assert!(refusal(&write(folder, "moved.mha", [moved.as_bytes(), &[0; 288_000]].concat())).contains("0 value 0"));
    for sizes in ["0 4 4 4", "9999999999 4 4 4", "18446744073709551615 18446744073709551615 4 4"] {
        let head = format!("NRRD0004\ntype: uchar\ndimension: 4\nsizes: {sizes}\nkinds: vector space space space\nencoding: raw\n\n");
        assert!(inspect_asked(&write(folder, "lie.nrrd", head), &Asked { channel: Some(0), ..Asked::default() }).is_err(), "{sizes}");
    }
}

#[test]
fn nrrd_keeps_the_patient_to_itself() {
    let scratch = tempfile::tempdir().unwrap();
    let head = "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 1 1 1\nencoding: raw\nModality:=CT\n";
    let personal = "0010|0010:=Secret Person\nDICOM_0010_0030_PATIENTS_BIRTH_DATE:=Secret day\npatientID:=Secret number\n";
    let header = inspect(&write(scratch.path(), "person.nrrd", format!("{head}{personal}\n1"))).unwrap();
    assert_eq!(header.found.other.keys().collect::<Vec<_>>(), ["Modality"]);
    assert!(!format!("{header:?}").contains("Secret"), "{header:?}");
    assert_eq!(header.warnings.iter().filter(|warning| warning.contains("fields for the patient")).count(), 1, "{:?}", header.warnings);
    let header = inspect(&write(scratch.path(), "thing.nrrd", format!("{head}\n1"))).unwrap();
    assert!(!header.warnings.iter().any(|warning| warning.contains("patient")), "{:?}", header.warnings);
}

#[test]
fn nrrd_that_lies_is_told() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let say = |name: &str, text: &str| refusal(&write(folder, name, [text.as_bytes(), &[0; 48]].concat()));
    let head = "NRRD0004\ntype: ushort\nencoding: raw\n";
    assert!(say("rgb.nrrd", &format!("{head}sizes: 3 2 2 2\nkinds: RGB-color domain domain domain\n\n")).contains("3 values"));
    assert!(say("vector.nrrd", &format!("{head}sizes: 3 2 2 2\nspace directions: none (1,0,0) (0,1,0) (0,0,1)\n\n")).contains("3 values"));
    assert!(say("zero.nrrd", &format!("{head}sizes: 0 2 2\n\n")).contains("holds nothing"));
    assert!(say("petabyte.nrrd", &format!("{head}sizes: 30000 30000 16000000\n\n")).contains("promises"));
    assert!(say("more.nrrd", &format!("{head}sizes: 99999999999999999999 2 2\n\n")).contains("axes"));
    assert!(say("far.nhdr", &format!("{head}sizes: 2 2 2\nbyte skip: 9223372036854775807\ndata file: far.nhdr\n")).contains("promises"));
    assert!(say("out.nhdr", &format!("{head}sizes: 2 2 2\ndata file: ../../etc/passwd\n")).contains("outside of its folder"));
    assert!(say("gone.nhdr", &format!("{head}sizes: 2 2 2\ndata file: gone.raw\n")).contains("gone.raw, which is not beside it"));
    let odd = format!("{head}sizes: 2 2 3\ndata file: LIST\nout.nhdr\ngone.nhdr\n");
    assert!(refusal(&write(folder, "odd.nhdr", odd)).contains("3 slices cannot lie in 2 files"));
    assert!(say("block.nrrd", "NRRD0004\ntype: block\nencoding: raw\nsizes: 2 2 2\n\n").contains("block"));
    let nan = format!("{head}sizes: 2 2 2\nspace: RAS\nspace directions: (nan,0,0) (0,-2,0) (0,0,inf)\n\n");
    let header = inspect(&write(folder, "nan.nrrd", [nan.as_bytes(), &[0; 16]].concat())).unwrap();
    assert_eq!((header.voxel_size_um, header.orientation), (None, None));
}

#[test]
fn metaimage_speaks_in_many_ways() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let voxels = counting(24);
    let header = |more: &str| format!("ObjectType = Image\nNDims = 3\nDimSize = 4 3 2\nElementType = MET_USHORT\n{more}");
    let same = |name: &str, bytes: Vec<u8>| {
        let (header, bytes) = read(&write(folder, name, bytes), &Asked::default());
        assert_eq!(bytes, voxels, "{name}");
        header
    };
    let sized = "ElementSize = 0.5 0.5 2\nDistanceUnits = um\nComment = a seed\n";
    let local = same("local.mha", [header(&format!("{sized}ElementDataFile = LOCAL\n")).into_bytes(), voxels.clone()].concat());
    assert_eq!((local.voxel_size_um, local.found.description.as_deref()), (Some([2.0, 0.5, 0.5]), Some("a seed")));
    let numbers: Vec<String> = (0..24).map(|number| number.to_string()).collect();
    same("ascii.mha", format!("{}{}\n", header("BinaryData = False\nElementDataFile = LOCAL\n"), numbers.join(" ")).into_bytes());
    let turned: Vec<u8> = voxels.chunks(2).flat_map(|word| [word[1], word[0]]).collect();
    write(folder, "big.raw", [b"skip me".to_vec(), turned].concat());
    same("big.mhd", header("ElementByteOrderMSB = True\nHeaderSize = 7\nElementDataFile = big.raw\n").into_bytes());
    same("end.mhd", header("ElementByteOrderMSB = True\nHeaderSize = -1\nElementDataFile = big.raw\n").into_bytes());
    write(folder, "s1.raw", &voxels[..24]);
    write(folder, "s2.raw", &voxels[24..]);
    let listed = same("list.mhd", header("ElementDataFile = LIST\ns1.raw\ns2.raw\n").into_bytes());
    assert_eq!(listed.files, ["list.mhd", "s1.raw", "s2.raw"]);
    same("count.mhd", header("ElementDataFile = s%d.raw 1 2 1\n").into_bytes());
    let series = "NDims = 4\nDimSize = 4 3 1 2\nElementType = MET_USHORT\nElementDataFile = LOCAL\n";
    let series = write(folder, "series.mha", [series.as_bytes(), &voxels].concat());
    assert!(inspect(&series).unwrap_err().hint.contains("--dataset 0"));
    assert_eq!(inspect_asked(&series, &asked("1")).unwrap().shape, [1, 3, 4]);
}

#[test]
fn metaimage_that_lies_is_told() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let say = |name: &str, text: &str| refusal(&write(folder, name, [text.as_bytes(), &[0; 16]].concat()));
    let head = "ObjectType = Image\nNDims = 3\nElementType = MET_USHORT\n";
    assert!(
        say("colour.mha", &format!("{head}DimSize = 2 2 2\nElementNumberOfChannels = 3\nElementDataFile = LOCAL\n")).contains("colour")
    );
    assert!(say("tube.mha", "ObjectType = Tube\nNDims = 3\nElementDataFile = LOCAL\n").contains("Tube"));
    assert!(say("petabyte.mha", &format!("{head}DimSize = 30000 30000 16000000\nElementDataFile = LOCAL\n")).contains("promises"));
    assert!(say("zero.mha", &format!("{head}DimSize = 0 2 2\nElementDataFile = LOCAL\n")).contains("holds nothing"));
    assert!(say("few.mha", &format!("{head}DimSize = 2 2\nElementDataFile = LOCAL\n")).contains("3 axes"));
    assert!(say("nowhere.mha", &format!("{head}DimSize = 2 2 2\n")).contains("ElementDataFile"));
    assert!(say("out.mhd", &format!("{head}DimSize = 2 2 2\nElementDataFile = /etc/hostname\n")).contains("outside of its folder"));
    assert!(
        say("far.mha", &format!("{head}DimSize = 2 2 2\nHeaderSize = 9223372036854775807\nElementDataFile = LOCAL\n")).contains("promises")
    );
    let odd = format!("{head}DimSize = 2 2 2\nElementSpacing = -1 nan 0\nElementDataFile = LOCAL\n");
    let header = inspect(&write(folder, "odd.mha", [odd.as_bytes(), &[0; 16]].concat())).unwrap();
    assert_eq!(header.voxel_size_um, None);
}
