//! Memory that is told before the start is kept: for slices that are read in bands, in tiles and strips, and for any number of them.
//! Each conversion runs in a process of its own, whose peak the kernel counts.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;

use volume::{ConvertOptions, convert, plan};

const INPUT: &str = "SCIENCE3D_TEST_INPUT";

/// Noise that no codec makes smaller, so that what is packed takes the room that was told.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 7u64;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 32) as u32
    };
    (0..bytes.div_ceil(4)).map(next).flat_map(u32::to_le_bytes).take(bytes).collect()
}

/// How a slice lies in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    OnePiece,
    /// Strips of 50 rows, the last one first: none of them ends where a band does.
    Strips,
    Tiles,
    OneStripOfDeflate,
}

/// A folder of slices of 16-bit noise, all of which are the same file.
fn slices(folder: &Path, layout: Layout, [depth, height, width]: [usize; 3]) -> PathBuf {
    let folder = folder.join(format!("{layout:?}-{depth}"));
    std::fs::create_dir(&folder).unwrap();
    let (piece, tiled) = match layout {
        Layout::Strips => ([width, 50], false),
        Layout::Tiles => ([256, 256], true),
        Layout::OnePiece | Layout::OneStripOfDeflate => ([width, height], false),
    };
    let count = width.div_ceil(piece[0]) * height.div_ceil(piece[1]);
    let mut voxels = noise(count * piece[0] * piece[1] * 2);
    let bytes = voxels.len() / count;
    if layout == Layout::OneStripOfDeflate {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::none());
        std::io::Write::write_all(&mut zlib, &voxels).unwrap();
        voxels = zlib.finish().unwrap();
    }
    let length = voxels.len() / count;
    let mut file = b"II*\0\0\0\0\0".to_vec();
    let table =
        |value: &dyn Fn(usize) -> usize| -> Vec<u8> { (0..count).flat_map(|number| (value(number) as u32).to_le_bytes()).collect() };
    let tables = [table(&|number| 8 + (count - 1 - number) * bytes), table(&|_| length)];
    file.extend(&voxels);
    let tables_at = file.len();
    tables.iter().for_each(|table| file.extend(table));
    let directory = file.len() as u32;
    file[4..8].copy_from_slice(&directory.to_le_bytes());
    let places = if count == 1 { [8, length] } else { [tables_at, tables_at + tables[0].len()] };
    let packed = if layout == Layout::OneStripOfDeflate { 8 } else { 1 };
    let mut entries = vec![(256, 1, width), (257, 1, height), (258, 1, 16), (259, 1, packed), (262, 1, 1)];
    entries.extend(match tiled {
        true => vec![(322, 1, piece[0]), (323, 1, piece[1]), (324, count, places[0]), (325, count, places[1])],
        false => vec![(273, count, places[0]), (278, 1, piece[1]), (279, count, places[1])],
    });
    file.extend((entries.len() as u16).to_le_bytes());
    for (tag, count, value) in entries {
        file.extend([(tag as u16).to_le_bytes(), 4u16.to_le_bytes()].concat());
        file.extend([(count as u32).to_le_bytes(), (value as u32).to_le_bytes()].concat());
    }
    file.extend([0; 4]);
    let first = folder.join("s0000.tif");
    std::fs::write(&first, file).unwrap();
    (1..depth).for_each(|number| std::fs::hard_link(&first, folder.join(format!("s{number:04}.tif"))).unwrap());
    folder
}

fn options() -> ConvertOptions {
    ConvertOptions { threads: Some(2), ..ConvertOptions::default() }
}

/// Peak of a process that converts this folder and nothing else.
fn peak(input: &Path) -> u64 {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let told = command.args(["--exact", "the_process_that_converts", "--ignored", "--nocapture"]).env(INPUT, input).output().unwrap();
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    let peak = text.lines().find_map(|line| line.split_once("peak of ")?.1.trim().parse().ok());
    peak.unwrap_or_else(|| panic!("{text}\n{}", String::from_utf8_lossy(&told.stderr)))
}

#[test]
#[ignore = "a part of the other tests, in a process of its own"]
fn the_process_that_converts() {
    let Some(input) = std::env::var_os(INPUT).map(PathBuf::from) else { return };
    let out = input.with_extension("ome.zarr");
    convert(&input, &out, &options(), &|_| (), &AtomicBool::new(false)).unwrap();
    std::fs::remove_dir_all(out).unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("peak of {}", line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024);
}

#[test]
fn wide_slices_take_no_more_memory_than_was_told() {
    let scratch = tempfile::tempdir().unwrap();
    // Wide enough that level 0 has several bands and level 1 is packed in several pieces.
    let shape = [8, 6_500, 6_400];
    let slab_bytes = (8 * shape[1] * shape[2] * 2) as u64;
    for layout in [Layout::OnePiece, Layout::Strips, Layout::Tiles] {
        let folder = slices(scratch.path(), layout, shape);
        let told = plan(&folder, &options()).unwrap().peak_memory_bytes;
        assert!(told < slab_bytes * 9 / 10, "{layout:?}: {told} is no band of {slab_bytes}");
        let peak = peak(&folder);
        assert!(peak <= told && peak * 2 > told, "{layout:?}: {peak} of {told}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn many_slices_take_no_more_memory_than_few() {
    let scratch = tempfile::tempdir().unwrap();
    let [few, many] = [300, 2_000].map(|depth| slices(scratch.path(), Layout::Strips, [depth, 250, 240]));
    let told = [&few, &many].map(|folder| plan(folder, &options()).unwrap().peak_memory_bytes);
    let peaks = [&few, &many].map(|folder| peak(folder));
    assert!(peaks[0] <= told[0] && peaks[1] <= told[1], "{peaks:?} of {told:?}");
    // Only the places of the strips are remembered for each slice; what is reached of the room differs a little from run to run.
    assert!(told[1] < told[0] * 21 / 20 && peaks[1] < peaks[0] * 3 / 2, "{peaks:?} of {told:?}");
}

#[test]
fn what_a_picture_carries_beside_its_pixels_takes_no_memory() {
    let scratch = tempfile::tempdir().unwrap();
    let packed = |bytes: usize| {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut zlib, &vec![0; bytes]).unwrap();
        zlib.finish().unwrap()
    };
    let chunk = |name: &[u8; 4], body: &[u8]| {
        let mut sum = flate2::Crc::new();
        [&name[..], body].iter().for_each(|part| sum.update(part));
        [&(body.len() as u32).to_be_bytes()[..], name, body, &sum.sum().to_be_bytes()].concat()
    };
    // Eight rows of six pixels, and a colour profile of 200 MiB.
    let header = [&6u32.to_be_bytes()[..], &8u32.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let profile = [b"swollen\0\0", &packed(200 << 20)[..]].concat();
    let picture = [chunk(b"IHDR", &header), chunk(b"iCCP", &profile), chunk(b"IDAT", &packed(8 * 7)), chunk(b"IEND", &[])];
    let path = scratch.path().join("swollen.png");
    std::fs::write(&path, [&b"\x89PNG\r\n\x1a\n"[..], &picture.concat()].concat()).unwrap();
    let told = plan(&path, &options()).unwrap().peak_memory_bytes;
    let peak = peak(&path);
    assert!(peak <= told, "{peak} of {told}");
}

#[test]
fn what_cannot_fit_is_refused_with_a_way_out() {
    let scratch = tempfile::tempdir().unwrap();
    let strips = slices(scratch.path(), Layout::Strips, [8, 2_000, 2_048]);
    let needed = plan(&strips, &options()).unwrap().peak_memory_bytes;
    let out = scratch.path().join("out");
    let less = ConvertOptions { memory_bytes_max: needed - 1, ..options() };
    let told = convert(&strips, &out, &less, &|_| (), &AtomicBool::new(false)).unwrap_err();
    assert!(told.what.contains("2048 × 2000 pixels would need") && told.hint.contains("--memory"), "{told}");
    assert!(!out.exists() && plan(&strips, &ConvertOptions { memory_bytes_max: needed, ..options() }).is_ok());
    let one = slices(scratch.path(), Layout::OneStripOfDeflate, [8, 2_000, 2_048]);
    assert!(plan(&one, &options()).unwrap().peak_memory_bytes > needed);
    let told = plan(&one, &less).unwrap_err();
    assert!(told.hint.contains("in strips"), "{told}");
}
