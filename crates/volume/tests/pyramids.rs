//! Pyramids of other programs: one volume wherever the group lies, every level of it to be cut from, and errors that name the place.

use std::path::{Path, PathBuf};

use volume::cut;
use volume::{Asked, Trouble, inspect, inspect_asked};

fn put(folder: &Path, key: &str, bytes: impl AsRef<[u8]>) {
    let path = folder.join(key);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// An N5 dataset of one block of bytes, `[x, y, z]` voxels that all hold the same value.
fn n5_level(folder: &Path, key: &str, size: [u32; 3], factor: u32, value: u8) {
    let document = format!(
        "{{\"dimensions\": {size:?}, \"blockSize\": {size:?}, \"dataType\": \"uint8\", \"compression\": {{\"type\": \"raw\"}}, \
         \"downsamplingFactors\": [{factor}, {factor}, {factor}]}}"
    );
    put(folder, &format!("{key}/attributes.json"), document);
    let mut block = vec![0, 0, 0, 3];
    size.iter().for_each(|size| block.extend(size.to_be_bytes()));
    block.extend(vec![value; size.iter().product::<u32>() as usize]);
    put(folder, &format!("{key}/0/0/0"), block);
}

/// With the size of a voxel at the group of the levels, or with no word about the group.
fn n5(folder: &Path, group: &str, says_size: bool) -> PathBuf {
    let root = folder.join("t.n5");
    put(&root, "attributes.json", "{\"n5\": \"2.5.1\"}");
    if says_size {
        let size = "{\"pixelResolution\": {\"dimensions\": [1.0, 2.0, 3.0], \"unit\": \"um\"}, \"scales\": [[1,1,1],[2,2,2],[4,4,4]]}";
        put(&root, &format!("{group}/attributes.json"), size);
    }
    for (level, size) in [[20, 28, 24], [10, 14, 12], [5, 7, 6]].into_iter().enumerate() {
        n5_level(&root, &format!("{group}/s{level}"), size, 1 << level, level as u8 + 1);
    }
    root
}

#[test]
fn levels_of_n5_below_the_root_are_one_volume() {
    let scratch = tempfile::tempdir().unwrap();
    let root = n5(scratch.path(), "vol", true);
    for path in [root.clone(), root.join("vol")] {
        let header = inspect(&path).unwrap_or_else(|trouble| panic!("{trouble}"));
        assert_eq!((header.shape, header.voxel_size_um), ([24, 28, 20], Some([3.0, 2.0, 1.0])), "{}", path.display());
    }
    let coarse = Asked { dataset: Some("s1".into()), ..Asked::default() };
    assert_eq!(inspect_asked(&root.join("vol"), &coarse).unwrap().voxel_size_um, Some([6.0, 4.0, 2.0]));
    let other = tempfile::tempdir().unwrap();
    let silent = n5(other.path(), "a/vol", false);
    for path in [silent.clone(), silent.join("a/vol")] {
        assert_eq!(inspect(&path).unwrap_or_else(|trouble| panic!("{trouble}")).shape, [24, 28, 20], "{}", path.display());
    }
}

/// OME-Zarr 0.4 in two levels without a codec.
fn ome_zarr(root: &Path) {
    put(root, ".zgroup", "{\"zarr_format\": 2}");
    let level = |path: usize, size: f64| {
        format!("{{\"path\": \"{path}\", \"coordinateTransformations\": [{{\"type\": \"scale\", \"scale\": [{size}, {size}, {size}]}}]}}")
    };
    let axis = |name: &str| format!("{{\"name\": \"{name}\", \"type\": \"space\", \"unit\": \"micrometer\"}}");
    let (axes, levels) = ([axis("z"), axis("y"), axis("x")].join(","), [level(0, 0.5), level(1, 1.0)].join(","));
    put(root, ".zattrs", format!("{{\"multiscales\": [{{\"version\": \"0.4\", \"axes\": [{axes}], \"datasets\": [{levels}]}}]}}"));
    for (path, edge) in [(0, 20), (1, 10_usize)] {
        let shape = [edge; 3];
        let document = format!(
            "{{\"zarr_format\": 2, \"shape\": {shape:?}, \"chunks\": {shape:?}, \"dtype\": \"|u1\", \"compressor\": null, \"fill_value\": 0, \
             \"order\": \"C\", \"filters\": null}}"
        );
        put(root, &format!("{path}/.zarray"), document);
        put(root, &format!("{path}/0.0.0"), (0..edge.pow(3)).map(|at| (at % 200) as u8 + path as u8).collect::<Vec<_>>());
    }
}

/// The files of a folder in a ZIP, without compression.
fn zipped(folder: &Path, zip: &Path) {
    let (mut bytes, mut directory, mut count) = (Vec::new(), Vec::new(), 0_u16);
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(inner) = waiting.pop() {
        for entry in std::fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let (name, data) = (path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned(), std::fs::read(&path).unwrap());
            let (size, at) = ((data.len() as u32).to_le_bytes(), bytes.len() as u32);
            let mut sum = flate2::Crc::new();
            sum.update(&data);
            let facts =
                [&[20, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &sum.sum().to_le_bytes(), &size, &size, &(name.len() as u16).to_le_bytes(), &[0; 2]];
            let facts = facts.concat();
            bytes.extend([&b"PK\x03\x04"[..], &facts, name.as_bytes(), &data].concat());
            directory.extend([&b"PK\x01\x02\x14\0"[..], &facts, &[0; 10], &at.to_le_bytes(), name.as_bytes()].concat());
            count += 1;
        }
    }
    let (count, length, at) = (count.to_le_bytes(), (directory.len() as u32).to_le_bytes(), (bytes.len() as u32).to_le_bytes());
    std::fs::write(zip, [&bytes[..], &directory, b"PK\x05\x06\0\0\0\0", &count, &count, &length, &at, &[0; 2]].concat()).unwrap();
}

#[test]
fn every_level_of_a_foreign_pyramid_is_cut_from() {
    let scratch = tempfile::tempdir().unwrap();
    let (folder, zip) = (scratch.path().join("v.ome.zarr"), scratch.path().join("v.ome.zarr.zip"));
    ome_zarr(&folder);
    zipped(&folder, &zip);
    for path in [&folder, &zip] {
        let found = cut::read(path, &Asked::default(), 1, [2..3, 1..2, 3..6]).unwrap_or_else(|trouble| panic!("{trouble}"));
        assert_eq!(found.voxels.bytes, [14, 15, 16], "{}", path.display());
        assert_eq!((found.voxel_size_um, found.origin_um), (Some([1.0; 3]), Some([2.25, 1.25, 3.25])));
        let told = cut::read(path, &Asked::default(), 2, [0..1, 0..1, 0..1]).unwrap_err().to_string();
        assert!(told.contains("no level 2") && told.contains("v.ome.zarr"), "{told}");
    }
    let root = n5(scratch.path(), "vol", true);
    let found = cut::read(&root, &Asked::default(), 2, [0..1, 0..1, 0..2]).unwrap();
    assert_eq!((found.voxels.bytes, found.voxel_size_um), (vec![3, 3], Some([12.0, 8.0, 4.0])));
}

fn told(path: &Path) -> Trouble {
    match inspect(path) {
        Ok(header) => panic!("{} was read: {header:?}", path.display()),
        Err(trouble) => trouble,
    }
}

#[test]
fn errors_name_the_container_and_the_key() {
    let scratch = tempfile::tempdir().unwrap();
    let (folder, zip) = (scratch.path().join("v.ome.zarr"), scratch.path().join("v.zip"));
    ome_zarr(&folder);
    put(&folder, "0/.zarray", "{\"zarr_format\": 2, \"shape\": [4, 4, 4], \"chunks\": [4, 4], \"dtype\": \"|u1\"}");
    assert_eq!(told(&folder).file.as_deref(), Some("v.ome.zarr/0"));
    put(&folder, ".zattrs", "{");
    zipped(&folder, &zip);
    assert_eq!(told(&folder).file.as_deref(), Some("v.ome.zarr/.zattrs"));
    assert_eq!(told(&zip).file.as_deref(), Some("v.zip/.zattrs"));
    let bare = scratch.path().join("bare.zarr");
    put(&bare, ".zarray", "{\"zarr_format\": 2, \"shape\": [0, 10, 10], \"chunks\": [1, 10, 10], \"dtype\": \"|u1\", \"fill_value\": 0}");
    assert_eq!(told(&bare).file.as_deref(), Some("bare.zarr"));
    // Slices in an archive are unpacked, and named as they are called in it.
    let (slices, zip) = (scratch.path().join("slices"), scratch.path().join("slices.zip"));
    for name in ["a_1.tif", "a_2.tif"] {
        put(&slices, name, b"II*\0\xff\0\0\0\0\0\0\0");
    }
    zipped(&slices, &zip);
    let trouble = told(&zip);
    assert!(trouble.file.as_deref().is_some_and(|file| file.starts_with("slices.zip/a_")), "{trouble}");
    assert!(trouble.what.starts_with("page 1: "), "{trouble}");
}
