//! A conversion that is killed goes on where it was, and what comes out is what would have come out undisturbed.

mod file_tree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use volume::phantom::{Phantom, Probe};
use volume::{Asked, ConvertOptions, Converted, Header, convert, convert_ahead, convert_known, cut};

use file_tree::tree;

fn options() -> ConvertOptions {
    ConvertOptions { chunk: 16, shard: 32, threads: Some(2), ..ConvertOptions::default() }
}

fn run(input: &Path, out: &Path) -> Converted {
    convert(input, out, &options(), &|_| (), &AtomicBool::new(false)).unwrap()
}

/// Names of files that one tree has otherwise than the other.
fn differences(left: &BTreeMap<String, Vec<u8>>, right: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let names: std::collections::BTreeSet<_> = left.keys().chain(right.keys()).collect();
    let told = |name: &&String| format!("{name}: {:?} {:?}", left.get(*name).map(Vec::len), right.get(*name).map(Vec::len));
    names.iter().filter(|name| left.get(**name) != right.get(**name)).map(told).collect()
}

/// The process that is killed: this test, alone, with its paths in the environment. It tells each step and waits a little.
#[test]
#[ignore = "started and killed by the plays below"]
fn victim() {
    let Some(input) = std::env::var_os("VICTIM_INPUT").map(PathBuf::from) else { return };
    let out = PathBuf::from(std::env::var_os("VICTIM_OUT").unwrap());
    let slow = |_| std::thread::sleep(Duration::from_millis(15));
    convert(&input, &out, &options(), &slow, &AtomicBool::new(false)).unwrap();
}

fn start_victim(input: &Path, out: &Path) -> std::process::Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["victim", "--exact", "--ignored"]).env("VICTIM_INPUT", input).env("VICTIM_OUT", out);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn killed_at_any_moment_it_goes_on_and_ends_the_same() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("scan");
    Phantom::OpenCellFoam.write_tiff_stack(&folder, [200, 70, 90], 1, Probe::XRay).unwrap();
    let whole = scratch.path().join("whole.ome.zarr");
    let undisturbed = run(&folder, &whole);
    assert_eq!(undisturbed.resumed_planes, 0);
    let (out, part) = (scratch.path().join("out.ome.zarr"), scratch.path().join("out.ome.zarr.part"));
    let (mut kills, mut resumed) = (0, Vec::new());
    for round in 0..10 {
        for attempt in 0..2 {
            let mut victim = start_victim(&folder, &out);
            std::thread::sleep(Duration::from_millis(40 + 61 * (round * 7 % 10) + 30 * attempt));
            victim.kill().unwrap();
            kills += usize::from(!victim.wait().unwrap().success());
            assert!(!out.exists() || !part.exists(), "complete and half at once");
            if out.exists() {
                break;
            }
        }
        if !out.exists() {
            resumed.push(run(&folder, &out).resumed_planes);
        }
        assert!(!part.exists());
        assert_eq!(differences(&tree(&out), &tree(&whole)), Vec::<String>::new(), "round {round}: {resumed:?}");
        std::fs::remove_dir_all(&out).unwrap();
    }
    assert!(kills > 5 && resumed.iter().any(|&planes| planes > 0), "{kills} kills, resumed at {resumed:?}");
    assert!(resumed.iter().all(|planes| planes % 32 == 0), "{resumed:?}");
}

/// Kills a victim as soon as it has left a journal.
fn leave_a_journal(input: &Path, out: &Path, part: &Path) {
    let mut victim = start_victim(input, out);
    for _ in 0..2_000 {
        if part.join("journal").exists() || out.exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    victim.kill().unwrap();
    victim.wait().unwrap();
    assert!(part.join("journal").exists(), "the victim was too quick");
}

#[test]
fn another_input_or_another_wish_begins_anew() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("scan");
    Phantom::OpenCellFoam.write_tiff_stack(&folder, [160, 40, 40], 1, Probe::XRay).unwrap();
    let (out, part) = (scratch.path().join("out.ome.zarr"), scratch.path().join("out.ome.zarr.part"));
    leave_a_journal(&folder, &out, &part);
    let other = ConvertOptions { codec: "zstd-1".parse().unwrap(), ..options() };
    let told = convert(&folder, &out, &other, &|_| (), &AtomicBool::new(false)).unwrap();
    assert_eq!(told.resumed_planes, 0);
    std::fs::remove_dir_all(&out).unwrap();
    // A slice that was written again since is another input.
    leave_a_journal(&folder, &out, &part);
    let slice = folder.join("slice_0003.tif");
    let bytes = std::fs::read(&slice).unwrap();
    std::fs::write(&slice, bytes).unwrap();
    assert_eq!(run(&folder, &out).resumed_planes, 0);
    std::fs::remove_dir_all(&out).unwrap();
    // A journal that is damaged is none.
    leave_a_journal(&folder, &out, &part);
    let journal = part.join("journal");
    let mut bytes = std::fs::read(&journal).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&journal, bytes).unwrap();
    assert_eq!(run(&folder, &out).resumed_planes, 0);
}

#[test]
fn voxels_beside_their_header_are_part_of_the_input() {
    let scratch = tempfile::tempdir().unwrap();
    let slices = scratch.path().join("scan");
    Phantom::OpenCellFoam.write_tiff_stack(&slices, [160, 40, 40], 1, Probe::XRay).unwrap();
    let voxels = cut::read(&slices, &Asked::default(), 0, [0..160, 0..40, 0..40]).unwrap().voxels;
    let head = "NDims = 3\nDimSize = 40 40 160\nElementType = MET_USHORT\nElementDataFile = ";
    for name in ["voxels.raw", "below/voxels.raw"] {
        let folder = scratch.path().join(name.replace('/', "_"));
        let (header, raw) = (folder.join("scan.mhd"), folder.join(name));
        std::fs::create_dir_all(raw.parent().unwrap()).unwrap();
        std::fs::write(&header, format!("{head}{name}\n")).unwrap();
        std::fs::write(&raw, &voxels.bytes).unwrap();
        // The volume grows beside the header without disturbing anybody.
        let (out, part) = (folder.join("out.ome.zarr"), folder.join("out.ome.zarr.part"));
        leave_a_journal(&header, &out, &part);
        // Neither do notes that somebody keeps there.
        std::fs::write(folder.join("progress.log"), "half of it is done").unwrap();
        assert!(run(&header, &out).resumed_planes > 0, "{name}");
        std::fs::remove_dir_all(&out).unwrap();
        leave_a_journal(&header, &out, &part);
        std::fs::write(&raw, vec![7; voxels.bytes.len()]).unwrap();
        let told = run(&header, &out);
        assert_eq!((told.resumed_planes, told.statistics.min, told.statistics.max), (0, 1_799.0, 1_799.0), "{name}");
    }
}

#[test]
fn two_at_once_do_not_mix() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("scan");
    Phantom::OpenCellFoam.write_tiff_stack(&folder, [64, 40, 40], 1, Probe::XRay).unwrap();
    let out = scratch.path().join("out.ome.zarr");
    let second = std::sync::Mutex::new(None);
    let meanwhile = |_| {
        let told = convert(&folder, &out, &options(), &|_| (), &AtomicBool::new(false));
        second.lock().unwrap().get_or_insert(told);
    };
    convert(&folder, &out, &options(), &meanwhile, &AtomicBool::new(false)).unwrap();
    let told = second.into_inner().unwrap().unwrap().unwrap_err();
    assert!(told.to_string().contains("another process is making this volume"), "{told}");
    assert!(out.join("zarr.json").exists());
}

/// The first planes by what their slices hold.
fn known(folder: &Path) -> impl Fn(&Header, usize) -> Vec<String> + Sync {
    |header, planes| {
        let sums = header.files[..planes].iter().map(|name| crc32c::crc32c(&std::fs::read(folder.join(name)).unwrap()).to_string());
        vec![sums.collect::<Vec<_>>().join(" ")]
    }
}

fn bring(slices: &[PathBuf], folder: &Path) {
    for slice in slices {
        std::fs::copy(slice, folder.join(slice.file_name().unwrap())).unwrap();
    }
}

#[test]
fn a_stack_is_converted_while_it_arrives_and_ends_the_same_at_any_depth() {
    let scratch = tempfile::tempdir().unwrap();
    let scan = scratch.path().join("scan");
    Phantom::OpenCellFoam.write_tiff_stack(&scan, [200, 70, 90], 1, Probe::XRay).unwrap();
    let mut slices: Vec<PathBuf> = std::fs::read_dir(&scan).unwrap().map(|entry| entry.unwrap().path()).collect();
    slices.sort();
    let go = &AtomicBool::new(false);
    for (depth, arrivals) in [(200, [40, 41, 130]), (129, [33, 64, 128]), (65, [64, 65, 65]), (70, [10, 20, 34]), (33, [1, 32, 33])] {
        let (arriving, out) = (scratch.path().join(format!("arriving-{depth}")), scratch.path().join(format!("{depth}.ome.zarr")));
        std::fs::create_dir(&arriving).unwrap();
        let (mut here, mut done) = (0, 0);
        for count in arrivals {
            bring(&slices[here..count], &arriving);
            here = count;
            done = convert_ahead(&arriving, &out, &options(), 0..count, &known(&arriving), &|_| (), go).unwrap();
            assert_eq!(done, (count - 1) / 32 * 32, "whole rows of shards, and never the last plane");
            assert!(!out.exists());
        }
        bring(&slices[here..depth], &arriving);
        // The last slices came elsewhere: what lies in a file counts, not where.
        let moved = scratch.path().join(format!("moved-{depth}"));
        std::fs::rename(&arriving, &moved).unwrap();
        let told = convert_known(&moved, &out, &options(), &known(&moved), &|_| (), go).unwrap();
        assert_eq!(told.resumed_planes, done, "{depth} planes");
        let whole = scratch.path().join(format!("whole-{depth}.ome.zarr"));
        let undisturbed = run(&moved, &whole);
        assert_eq!(Converted { resumed_planes: 0, ..told }, undisturbed);
        assert_eq!(differences(&tree(&out), &tree(&whole)), Vec::<String>::new(), "{depth} planes");
    }
}

#[test]
fn what_was_begun_of_other_slices_is_thrown_away() {
    let scratch = tempfile::tempdir().unwrap();
    let (scan, out) = (scratch.path().join("scan"), scratch.path().join("out.ome.zarr"));
    Phantom::OpenCellFoam.write_tiff_stack(&scan, [80, 40, 40], 1, Probe::XRay).unwrap();
    let go = &AtomicBool::new(false);
    assert_eq!(convert_ahead(&scan, &out, &options(), 0..70, &known(&scan), &|_| (), go).unwrap(), 64);
    std::fs::copy(scan.join("slice_0009.tif"), scan.join("slice_0003.tif")).unwrap();
    assert_eq!(convert_known(&scan, &out, &options(), &known(&scan), &|_| (), go).unwrap().resumed_planes, 0);
    let whole = scratch.path().join("whole.ome.zarr");
    run(&scan, &whole);
    assert_eq!(differences(&tree(&out), &tree(&whole)), Vec::<String>::new());
    // Stopped, it stays for the next run, other than what somebody stops at a terminal.
    std::fs::remove_dir_all(&out).unwrap();
    let stop = AtomicBool::new(false);
    let after_half = |step: volume::Progress| stop.store(step.done * 2 > step.total, std::sync::atomic::Ordering::Relaxed);
    convert_known(&scan, &out, &options(), &known(&scan), &after_half, &stop).unwrap_err();
    assert!(!volume::is_being_made(&out));
    assert!(convert_known(&scan, &out, &options(), &known(&scan), &|_| (), go).unwrap().resumed_planes > 0);
}
