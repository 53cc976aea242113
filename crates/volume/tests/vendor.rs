//! Files of scanners, written here from their published descriptions, are found beside the voxels and believed.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use volume::zarr::Volume;
use volume::{ConvertOptions, convert, inspect};

fn written(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

fn voxels(path: &Path) -> Vec<u8> {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out.ome.zarr");
    convert(path, &out, &ConvertOptions::default(), &|_| (), &AtomicBool::new(false)).unwrap();
    let volume = Volume::open(&out).unwrap();
    let [z, y, x] = volume.shape();
    volume.read_box(0, 0..z, 0..y, 0..x).unwrap().bytes
}

/// A baseline TIFF of 4 × 3 grey pixels; `per_inch` is its resolution.
fn tiff(per_inch: Option<u32>) -> Vec<u8> {
    let mut entries: Vec<(u16, u16, u32, u32)> = vec![
        (256, 3, 1, 4),
        (257, 3, 1, 3),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 200),
        (277, 3, 1, 1),
        (278, 3, 1, 3),
        (279, 4, 1, 12),
    ];
    if per_inch.is_some() {
        entries.extend([(282, 5, 1, 180), (283, 5, 1, 180), (296, 3, 1, 2)]);
    }
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    file.extend_from_slice(&(entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        file.extend_from_slice(&tag.to_le_bytes());
        file.extend_from_slice(&kind.to_le_bytes());
        file.extend_from_slice(&count.to_le_bytes());
        file.extend_from_slice(&value.to_le_bytes());
    }
    file.resize(180, 0);
    file.extend_from_slice(&per_inch.unwrap_or(0).to_le_bytes());
    file.extend_from_slice(&1_u32.to_le_bytes());
    file.resize(200, 0);
    file.extend(0..12);
    file
}

const SKYSCAN: &str = "[System]\r\nScanner=SkyScan1272\r\nCamera=XIMEA xiRAY16\r\n[Acquisition]\r\nFilename Prefix=femur_\r\n\
Number Of Files=  601\r\nSource Voltage (kV)=  70\r\nSource Current (uA)= 142\r\nCamera to Source (mm)=273.83609\r\n\
Object to Source (mm)=200.89000\r\nImage Pixel Size (um)=4.999804\r\nExposure (ms)=1350\r\nRotation Step (deg)=0.600\r\n\
Filter=Al 0.5 mm\r\nStudy Date and Time=23 Sep 2020  14h:52m:29s\r\n";

#[test]
fn the_log_of_a_skyscan_gives_slices_their_size() {
    let scratch = tempfile::tempdir().unwrap();
    let slices = scratch.path().join("rec");
    for number in 0..5 {
        written(&slices, &format!("femur__rec{number:08}.tif"), tiff(None));
    }
    // The log of the scan stands one folder above.
    written(scratch.path(), "femur_.log", SKYSCAN);
    let header = inspect(&slices).unwrap();
    assert_eq!(header.voxel_size_um, Some([4.999804; 3]));
    let found = &header.found;
    assert_eq!((found.instrument.as_deref(), found.date.as_deref()), (Some("Bruker SkyScan1272"), Some("2020-09-23")));
    let other = |name: &str| found.other.get(name).map(String::as_str);
    assert_eq!(other("exposure_s"), Some("1.35"));
    assert_eq!((other("source_voltage_kv"), other("projections"), other("filter")), (Some("70"), Some("601"), Some("Al 0.5 mm")));
    assert_eq!(other("source_detector_distance_mm"), Some("273.83609"));
    // The log of the reconstruction stands beside the slices: it was binned, and only every second section was written.
    let rec = format!(
        "{SKYSCAN}[Reconstruction]\r\nReconstruction Program=NRecon\r\nPixel Size (um)=10.0\r\nResult Image Width (pixels)=8\r\nSection to Section Step=2\r\n"
    );
    written(&slices, "femur__rec.log", rec);
    let header = inspect(&slices).unwrap();
    assert_eq!(header.voxel_size_um, Some([20.0, 10.0, 10.0]));
    assert_eq!(header.found.other["voxel_size_from"], "femur__rec.log");
    assert!(header.warnings.iter().any(|warning| warning.contains("femur_.log says 4.999804 µm")), "{:?}", header.warnings);
    assert!(header.warnings.iter().any(|warning| warning.contains("slices 8 pixels wide, these have 4")), "{:?}", header.warnings);
}

#[test]
fn the_scanner_wins_over_the_picture_and_both_are_named() {
    let scratch = tempfile::tempdir().unwrap();
    let mut nrrd = b"NRRD0004\ntype: uchar\ndimension: 3\nsizes: 2 3 4\nencoding: raw\nspacings: 1 1 1\nspace units: \"um\" \"um\" \"um\"\nspace: scanner-xyz\n\n".to_vec();
    nrrd.extend(0..24);
    let path = written(scratch.path(), "bone.nrrd", nrrd);
    assert_eq!(inspect(&path).unwrap().voxel_size_um, Some([1.0; 3]));
    written(scratch.path(), "bone.log", SKYSCAN);
    let header = inspect(&path).unwrap();
    assert_eq!(header.voxel_size_um, Some([4.999804; 3]));
    assert!(header.warnings.iter().any(|warning| warning.contains("bone.log says 4.999804 µm") && warning.contains("itself 1 µm")));
    // A log that is about something else is left alone.
    std::fs::remove_file(scratch.path().join("bone.log")).unwrap();
    written(scratch.path(), "install.log", "[Setup]\nPixel Size (um)=3\n");
    assert_eq!(inspect(&path).unwrap().voxel_size_um, Some([1.0; 3]));
}

#[test]
fn the_tenth_scan_is_not_taken_for_the_first() {
    let scratch = tempfile::tempdir().unwrap();
    let head = "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 2 3 4\nencoding: raw\n\n";
    let path = written(scratch.path(), "scan10.nrrd", [head.as_bytes(), &[0; 24]].concat());
    written(scratch.path(), "scan1.log", SKYSCAN);
    written(scratch.path(), "scan10.log", SKYSCAN.replace("4.999804", "7"));
    assert_eq!(inspect(&path).unwrap().voxel_size_um, Some([7.0; 3]));
    let raw = written(scratch.path(), "part10.raw", [0; 48]);
    written(scratch.path(), "part1.json", r#"{"shape_zyx":[2,3,4],"dtype":"uint16","byte_order":"big"}"#);
    written(scratch.path(), "part10.json", r#"{"shape_zyx":[4,3,2],"dtype":"uint16","byte_order":"little"}"#);
    assert_eq!(inspect(&raw).unwrap().shape, [4, 3, 2]);
}

#[test]
fn a_raw_file_is_described_beside_it() {
    let counted: Vec<u8> = (0..24).flat_map(|number: u16| number.to_le_bytes()).collect();
    let turned: Vec<u8> = (0..24).flat_map(|number: u16| number.to_be_bytes()).collect();
    let floats: Vec<u8> = (0..24).flat_map(|number: u8| f32::from(number).to_le_bytes()).collect();
    let with_head: Vec<u8> = [&[9; 10][..], &counted].concat();
    let vgi = "{volume1}\n[representation]\nsize = 2 3 4\ndatatype = unsigned integer\nbitsperelement = 16\n[file1]\nSkipHeader = 10\nFileFormat = raw\nSize = 2 3 4\nName = C:\\scan\\a.vol\nDatatype = unsigned integer\nBitsPerElement = 16\n{volumeprimitive1}\n[geometry]\nresolution = 0.01 0.01 0.02\nunit = mm\n";
    let xtekct = "[XTekCT]\nName=femur\nVoxelsX=2\nVoxelsY=3\nVoxelsZ=4\nVoxelSizeX=0.0125\nVoxelSizeY=0.0125\nVoxelSizeZ=0.0125\nSrcToDetector=1173.5\nProjections=1080\n[Xrays]\nXraykV=120\n[CTPro]\nFilter_Material=Copper\nFilter_ThicknessMM=0,5\n";
    let pcr = "[VolumeData]\nVolume_SizeX=2\nVolume_SizeY=3\nVolume_SizeZ=4\nFormat=5\nVoxelSizeRec=0.02\n";
    let json = r#"{"shape_zyx":[4,3,2],"dtype":"uint16","byte_order":"big","header_bytes":0,"voxel_size_um_zyx":[3,2,1]}"#;
    let xyz = r#"{"dims_xyz":[2,3,4],"type":"ushort","endian":"little","spacing_xyz":[0.001,0.002,0.003],"unit":"mm"}"#;
    let info = "! PyHST_SLAVE VOLUME INFO FILE\nNUM_X =  2\nNUM_Y =  3\nNUM_Z =  4\nvoxelSize =  0.70\nBYTEORDER = LOWBYTEFIRST\n";
    let dat = "ObjectFileName: a.raw\nResolution: 2 3 4\nSliceThickness: 1 1 1\nFormat: USHORT\n";
    let plays: [(&str, &str, &str, &[u8], &str, Option<[f64; 3]>); 7] = [
        ("a.vol", "a.vgi", vgi, &with_head, "uint16", Some([20.0, 10.0, 10.0])),
        ("a.vol", "a.xtekct", xtekct, &floats, "float32", Some([12.5; 3])),
        ("a.vol", "a.pcr", pcr, &counted, "uint16", Some([20.0; 3])),
        ("a.raw", "a.json", json, &turned, "uint16", Some([3.0, 2.0, 1.0])),
        ("a.raw", "a.json", xyz, &counted, "uint16", Some([3.0, 2.0, 1.0])),
        ("a.vol", "a.vol.info", info, &floats, "float32", Some([0.7; 3])),
        ("a.raw", "a.dat", dat, &counted, "uint16", None),
    ];
    for (name, beside, text, bytes, element, voxel_size_um) in plays {
        let scratch = tempfile::tempdir().unwrap();
        let path = written(scratch.path(), name, bytes);
        written(scratch.path(), beside, text);
        let header = inspect(&path).unwrap();
        assert_eq!((header.shape, header.element.name(), header.voxel_size_um), ([4, 3, 2], element, voxel_size_um), "{beside}");
        let expected = if element == "float32" { &floats } else { &counted };
        assert_eq!(&voxels(&path), expected, "{beside}");
        // The folder is the same volume.
        assert_eq!(inspect(scratch.path()).unwrap().shape, [4, 3, 2], "{beside}");
    }
}

#[test]
fn what_nobody_describes_is_asked_for() {
    let scratch = tempfile::tempdir().unwrap();
    let path = written(scratch.path(), "bone_2x3x4_16bit.raw", [0; 48]);
    let told = inspect(&path).unwrap_err().to_string();
    assert!(told.contains("suggest 2 × 3 × 4 voxels (x, y, z) of uint16") && told.contains("byte order"), "{told}");
    // Which axis comes first is not said, so it is not guessed.
    written(scratch.path(), "bone_2x3x4_16bit.json", r#"{"dims":[2,3,4],"dtype":"uint16"}"#);
    assert!(inspect(&path).is_err());
    let path = written(scratch.path(), "other.vol", [0; 47]);
    written(scratch.path(), "other.pcr", "[VolumeData]\nVolume_SizeX=2\nVolume_SizeY=3\nVolume_SizeZ=4\n");
    let told = inspect(&path).unwrap_err().to_string();
    assert!(told.contains("does not fit 47 bytes"), "{told}");
}

#[test]
fn x_act_says_the_voxel_size_above_its_slices() {
    let scratch = tempfile::tempdir().unwrap();
    let slice = include_bytes!("../../../fuzz/seeds/bmp/8-bit.bmp");
    let folder = scratch.path().join("foam/Slices");
    (0..8).for_each(|number| drop(written(&folder, &format!("slice{number:04}.bmp"), slice)));
    let width = inspect(&folder).unwrap().shape[2];
    let told = |size: [&str; 3]| {
        let [x, y, z] = size;
        let text = format!(
            "<?xml version=\"1.0\"?>\n<unireconstruction version=\"2\"><conebeam><profile images=\"1440\"/><acquisitioninfo>\
             <geometry sod=\"120.5\" sdd=\"600\"/></acquisitioninfo><volume><size X=\"{width}\" Y=\"8\" Z=\"{width}\"/>\
             <voxelSize X=\"{x}\" Y=\"{y}\" Z=\"{z}\"/></volume></conebeam></unireconstruction>"
        );
        written(&scratch.path().join("foam"), "unireconstruction.xml", text);
        inspect(&folder).unwrap()
    };
    let header = told(["0.0301", "0.0301", "0.0301"]);
    assert_eq!(header.voxel_size_um, Some([30.1; 3]));
    assert_eq!((header.found.instrument.as_deref(), header.found.other["projections"].as_str()), (Some("RX Solutions"), "1440"));
    assert_eq!(header.found.other["source_sample_distance_mm"], "120.5");
    assert!(header.warnings.iter().all(|warning| !warning.contains("pixels wide")), "{:?}", header.warnings);
    // Which of three sizes is whose nobody says.
    let header = told(["0.03", "0.06", "0.03"]);
    assert_eq!(header.voxel_size_um, None);
    assert!(header.found.other["voxel_size_mm"].starts_with("0.03 × 0.06"), "{:?}", header.found);
    written(&scratch.path().join("foam"), "unireconstruction.xml", "<unireconstruction><voxelSize X=\"1");
    assert_eq!(inspect(&folder).unwrap().voxel_size_um, None);
}

#[test]
fn scanco_volumes_are_read() {
    let scratch = tempfile::tempdir().unwrap();
    let mut file = vec![0; 1_024];
    file[..16].copy_from_slice(b"CTDATA-HEADER_V1");
    for (at, number) in [
        (16, 3),
        (44, 2),
        (48, 3),
        (52, 4),
        (56, 20),
        (60, 30),
        (64, 40),
        (88, 4_096),
        (96, 500),
        (108, 300_000),
        (168, 45_000),
        (172, 177),
        (508, 1),
    ] {
        file[at..at + 4].copy_from_slice(&i32::to_le_bytes(number));
    }
    file[128..141].copy_from_slice(b"Secret Person");
    let counted: Vec<u8> = (-12..12).flat_map(|number: i16| number.to_le_bytes()).collect();
    file.extend_from_slice(&counted);
    let path = written(scratch.path(), "C0001.ISQ", &file);
    let header = inspect(&path).unwrap();
    assert_eq!((header.shape, header.element.name(), header.voxel_size_um), ([4, 3, 2], "int16", Some([10.0; 3])));
    assert_eq!(header.found.other["source_voltage_kv"], "45");
    assert_eq!(voxels(&path), counted);
    // Whose name it is stays in the file.
    let told = header.warnings.iter().any(|warning| warning.contains("patient's name that is filled"));
    assert!(told && !format!("{header:?}").contains("Secret"), "{header:?}");
    file[128..168].fill(b' ');
    assert_eq!(inspect(&written(scratch.path(), "nameless.isq", &file)).unwrap().warnings, Vec::<String>::new());
    for length in (0..file.len()).step_by(37) {
        assert!(inspect(&written(scratch.path(), "cut.isq", &file[..length])).is_err());
    }
}

/// An AIM file of version 2.0 or 3.0: 3 × 4 × 5 voxels (x, y, z) of 10 × 20 × 40 µm.
fn aim(version: u8, kind: u32, voxels: &[u8]) -> Vec<u8> {
    let log = b"!\n! Processing Log\n!\nOriginal Creation-Date        3-JUN-2021 10:11:12.00\n\
        Energy [V]                    45000\nMu_Scaling                    4096\n\
        Patient Name                  Secret Person\nDensity: unit                 mg HA/ccm\n\0";
    let word = |number: u64| match version {
        2 => (number as u32).to_le_bytes().to_vec(),
        _ => number.to_le_bytes().to_vec(),
    };
    let mut structure: Vec<u8> = vec![0; if version == 2 { 20 } else { 12 }];
    structure[0] = if version == 2 { 16 } else { 24 };
    structure.extend(kind.to_le_bytes());
    structure.extend([7, 8, 9, 3, 4, 5].into_iter().chain([0; 15]).flat_map(word));
    for nanometres in [10_000u32, 20_000, 40_000] {
        // A VAX counts the exponent from two more and has the halves of a float in the other order.
        let [a, b, c, d] = (nanometres as f32 / 1e6 * 4.0).to_be_bytes();
        structure.extend(if version == 2 { vec![b, a, d, c] } else { word(nanometres.into()) });
    }
    structure.extend(vec![0; if version == 2 { 20 } else { 16 }]);
    let lengths = [if version == 2 { 20 } else { 40 }, structure.len() as u64, log.len() as u64, voxels.len() as u64, 0];
    let mark: &[u8] = if version == 2 { b"" } else { b"AIMDATA_V030   \0" };
    [mark, &lengths.into_iter().flat_map(word).collect::<Vec<u8>>(), &structure, log, voxels].concat()
}

#[test]
fn scanco_evaluations_are_read() {
    let scratch = tempfile::tempdir().unwrap();
    let counted: Vec<u8> = (-30..30).flat_map(|number: i16| number.to_le_bytes()).collect();
    for version in [2, 3] {
        let file = aim(version, 0x0002_0002, &counted);
        let path = written(scratch.path(), "C0001.AIM", &file);
        let header = inspect(&path).unwrap();
        assert_eq!((header.format.as_str(), header.shape, header.element.name()), ("Scanco AIM", [5, 4, 3], "int16"));
        let size = header.voxel_size_um.unwrap();
        assert!(size.iter().zip([40.0, 20.0, 10.0]).all(|(size, expected)| (size - expected).abs() < 1e-4), "{size:?}");
        let other = |name: &str| header.found.other.get(name).map(String::as_str);
        assert_eq!((other("source_voltage_kv"), other("mu_scaling"), other("density_unit")), (Some("45"), Some("4096"), Some("mg HA/ccm")));
        assert_eq!(voxels(&path), counted);
        let told = header.warnings.iter().any(|warning| warning.contains("patient's name that is filled"));
        assert!(told && !format!("{header:?}").contains("Secret"), "{header:?}");
        for length in (0..file.len()).step_by(23).chain([file.len() - 1]) {
            assert!(inspect(&written(scratch.path(), "cut.aim", &file[..length])).is_err(), "{version} {length}");
        }
        // Segmented bone: 0 and 127 in turns, and any values with their counts.
        let prefixed = |runs: &[u8]| match version {
            2 => [&(4 + runs.len() as u32).to_le_bytes(), runs].concat(),
            _ => [&(8 + runs.len() as u64).to_le_bytes(), runs].concat(),
        };
        let turns = written(scratch.path(), "turns.aim", aim(version, 0x0015_0001, &prefixed(&[0, 127, 10, 20, 30])));
        assert_eq!(voxels(&turns), [vec![0; 10], vec![127; 20], vec![0; 30]].concat());
        let runs = written(scratch.path(), "runs.aim", aim(version, 0x0008_0002, &prefixed(&[20, 3, 40, 127])));
        assert_eq!(voxels(&runs), [vec![3; 20], vec![127; 40]].concat());
        for (kind, word) in [(0x0006_0001, "single bits"), (0x0012_0003, "vectors"), (7, "unknown type")] {
            let told = inspect(&written(scratch.path(), "odd.aim", aim(version, kind, &counted))).unwrap_err().to_string();
            assert!(told.contains(word), "{told}");
        }
    }
}

/// A compound file of 512-byte sectors by the book: small streams in the mini stream, large ones in sectors of their own.
fn compound(streams: &[(&str, Vec<u8>)]) -> Vec<u8> {
    const FREE: u32 = u32::MAX;
    const END: u32 = 0xffff_fffe;
    let mut sectors: Vec<[u8; 512]> = vec![[0; 512]];
    let mut table = vec![0xffff_fffd_u32];
    let chain = |sectors: &mut Vec<[u8; 512]>, table: &mut Vec<u32>, bytes: &[u8]| -> u32 {
        let first = sectors.len() as u32;
        for piece in bytes.chunks(512) {
            let mut sector = [0; 512];
            sector[..piece.len()].copy_from_slice(piece);
            sectors.push(sector);
            table.push(sectors.len() as u32);
        }
        *table.last_mut().unwrap() = END;
        first
    };
    let (mut mini, mut mini_table) = (Vec::new(), Vec::new());
    let mut storages: Vec<&str> = streams.iter().map(|(path, _)| path.split('/').next().unwrap()).collect();
    storages.dedup();
    let entry = |name: &str, kind: u8, right: u32, child: u32, first: u32, bytes: usize| -> [u8; 128] {
        let mut entry = [0; 128];
        for (at, unit) in name.encode_utf16().enumerate() {
            entry[2 * at..2 * at + 2].copy_from_slice(&unit.to_le_bytes());
        }
        entry[64..66].copy_from_slice(&(2 * name.len() as u16 + 2).to_le_bytes());
        entry[66] = kind;
        for (at, word) in [(68, FREE), (72, right), (76, child), (116, first), (120, bytes as u32)] {
            entry[at..at + 4].copy_from_slice(&word.to_le_bytes());
        }
        entry
    };
    let mut directory = Vec::new();
    let mut number = 1 + storages.len() as u32;
    for (at, storage) in storages.iter().enumerate() {
        let next = if at + 1 < storages.len() { at as u32 + 2 } else { FREE };
        directory.push(entry(storage, 1, next, number, 0, 0));
        number += streams.iter().filter(|(path, _)| path.split('/').next() == Some(storage)).count() as u32;
    }
    let mut number = 1 + storages.len() as u32;
    for (at, (path, bytes)) in streams.iter().enumerate() {
        number += 1;
        let (storage, name) = path.split_once('/').unwrap();
        let right = if streams.get(at + 1).is_some_and(|(next, _)| next.starts_with(&format!("{storage}/"))) { number } else { FREE };
        let first = if bytes.len() >= 4_096 {
            chain(&mut sectors, &mut table, bytes)
        } else {
            let first = mini_table.len() as u32;
            for piece in bytes.chunks(64) {
                mini.extend_from_slice(piece);
                mini.resize(mini.len().next_multiple_of(64), 0);
                mini_table.push(mini_table.len() as u32 + 1);
            }
            *mini_table.last_mut().unwrap() = END;
            first
        };
        directory.push(entry(name, 2, right, FREE, first, bytes.len()));
    }
    let mini_at = chain(&mut sectors, &mut table, &mini);
    let mini_words: Vec<u8> = mini_table.iter().flat_map(|word| word.to_le_bytes()).collect();
    let mini_table_at = chain(&mut sectors, &mut table, &mini_words);
    let mut bytes = entry("Root Entry", 5, FREE, 1, mini_at, mini.len()).to_vec();
    bytes.extend(directory.into_iter().flatten());
    let directory_at = chain(&mut sectors, &mut table, &bytes);
    assert!(table.len() <= 128, "one sector of table is enough for a test");
    table.resize(128, FREE);
    sectors[0] = table.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>().try_into().unwrap();
    let mut file = vec![0; 512];
    file[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    file[30] = 9;
    file[32] = 6;
    let mini_sectors = mini_words.len().div_ceil(512) as u32;
    for (at, word) in [(44, 1), (48, directory_at), (56, 4_096), (60, mini_table_at), (64, mini_sectors), (68, END)] {
        file[at..at + 4].copy_from_slice(&word.to_le_bytes());
    }
    file[76..512].fill(0xff);
    file[76..80].copy_from_slice(&0_u32.to_le_bytes());
    file.extend(sectors.into_iter().flatten());
    file
}

#[test]
fn zeiss_microscopes_are_read() {
    let slices: Vec<Vec<u8>> =
        (0..3_u16).map(|slice| (0..3_072).flat_map(|pixel: u16| (pixel + slice * 7).to_le_bytes()).collect()).collect();
    let word = |number: u32| number.to_le_bytes().to_vec();
    let float = |number: f32| number.to_le_bytes().to_vec();
    let mut streams: Vec<(&str, Vec<u8>)> = vec![
        ("ImageInfo/ImageWidth", word(64)),
        ("ImageInfo/ImageHeight", word(48)),
        ("ImageInfo/NoOfImages", word(3)),
        ("ImageInfo/DataType", word(5)),
        ("ImageInfo/PixelSize", float(0.7)),
        ("ImageInfo/Voltage", float(80.0)),
        ("ImageInfo/ExpTimes", [float(2.5), float(2.5)].concat()),
        ("ImageInfo/ObjectiveName", b"20X\0\0\0".to_vec()),
        ("ImageInfo/Date", b"09/23/2020 14:52:29.123\0".to_vec()),
    ];
    for (name, slice) in ["ImageData1/Image1", "ImageData1/Image2", "ImageData1/Image3"].into_iter().zip(&slices) {
        streams.push((name, slice.clone()));
    }
    let scratch = tempfile::tempdir().unwrap();
    let file = compound(&streams);
    let path = written(scratch.path(), "tooth.txm", &file);
    let header = inspect(&path).unwrap();
    assert_eq!((header.shape, header.element.name(), header.voxel_size_um), ([3, 48, 64], "uint16", Some([0.7; 3])));
    let found = &header.found;
    assert_eq!(
        (found.date.as_deref(), found.other["objective"].as_str(), found.other["exposure_s"].as_str()),
        (Some("2020-09-23"), "20X", "2.5")
    );
    assert_eq!(voxels(&path), slices.concat());
    // Projections are no volume, so their pixels have no distance along the first axis.
    let path = written(scratch.path(), "tooth.txrm", &file);
    let header = inspect(&path).unwrap();
    assert!(header.voxel_size_um.is_none() && header.warnings[0].contains("projections"));
    // Whatever is turned around in its tables, nothing panics or runs in a circle.
    for at in (0..1_024).chain(file.len() - 3_000..file.len()) {
        for mask in [0xff, 0x01] {
            let mut bent = file.clone();
            bent[at] ^= mask;
            let _ = inspect(&written(scratch.path(), "bent.txm", &bent));
        }
    }
    for length in (0..file.len()).step_by(613) {
        let _ = inspect(&written(scratch.path(), "cut.txm", &file[..length]));
    }
}

#[test]
fn a_size_without_the_order_of_its_axes_is_told_and_not_taken() {
    let scratch = tempfile::tempdir().unwrap();
    let raw = written(scratch.path(), "scan.raw", [0; 24]);
    written(scratch.path(), "scan.json", "{\"shape\": [2, 3, 4], \"dtype\": \"uint8\", \"voxel_size_um\": [1, 2, 3]}");
    let header = inspect(&raw).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!(header.voxel_size_um, None);
    assert!(header.warnings.iter().any(|warning| warning.starts_with("scan.json says [1,2,3]")), "{:?}", header.warnings);
    written(scratch.path(), "scan.json", "{\"shape\": [2, 3, 4], \"dtype\": \"uint8\", \"voxel_size_um_xyz\": [1, 2, 3]}");
    let header = inspect(&raw).unwrap();
    assert_eq!((header.voxel_size_um, header.warnings), (Some([3.0, 2.0, 1.0]), Vec::new()));
}

#[test]
fn a_description_is_opened_like_the_voxels_it_names() {
    let scratch = tempfile::tempdir().unwrap();
    let vgi = "{volume1}\n[representation]\nsize = 4 3 2\n[file1]\nSize = 4 3 2\nDatatype = unsigned integer\nBitsPerElement = 8\n\
               Name = a.vol\n{volumeprimitive1}\n[geometry]\nresolution = 0.01 0.02 0.03\nunit = mm\n";
    let vgi = written(scratch.path(), "a.vgi", vgi);
    assert!(inspect(&vgi).unwrap_err().to_string().contains("a.vol, which is not beside it"));
    let vol = written(scratch.path(), "a.vol", (0..24).collect::<Vec<u8>>());
    let (one, other) = (inspect(&vgi).unwrap_or_else(|trouble| panic!("{trouble}")), inspect(&vol).unwrap());
    assert_eq!(one, other);
    assert_eq!((one.shape, one.voxel_size_um), ([2, 3, 4], Some([30.0, 20.0, 10.0])));
    assert_eq!(voxels(&vgi), (0..24).collect::<Vec<u8>>());
}
