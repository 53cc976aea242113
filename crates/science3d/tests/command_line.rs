//! The command line as others' scripts know it: what it offers, what it prints where, and its exit status.

use std::process::{Command, Output};

fn science3d(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_science3d"))
        .args(arguments)
        .env_remove("SCIENCE3D_TOKEN")
        .env_remove("SCIENCE3D_SERVER")
        .output()
        .unwrap()
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn help_lists_what_there_is() {
    let help = words(&science3d(&["--help"]).stdout);
    let offered: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(
        offered,
        [
            "serve", "work", "demo", "inspect", "convert", "mesh", "render", "cut", "deposit", "harvest", "verify", "rebuild", "backup",
            "restore", "migrate", "admin", "help"
        ]
    );
}

#[test]
fn the_options_that_others_rely_on_are_there() {
    let promised = [
        ("serve", &["--config", "--data", "--listen", "--no-work", "--print-config"][..]),
        ("demo", &["--data", "--listen"]),
        ("work", &["--config"]),
        ("inspect", &["--json", "--shape", "--dtype", "--endian", "--skip"]),
        ("convert", &["--voxel-size", "--unit", "--chunk", "--shard", "--levels", "--threads", "--force", "--json", "--shape", "--dtype"]),
        (
            "mesh",
            &[
                "--level",
                "--labels",
                "--triangles",
                "--smooth",
                "--size-mm",
                "--voxel-size",
                "--unit",
                "--title",
                "--creators",
                "--doi",
                "--licence",
            ],
        ),
        ("deposit", &["--kind", "--title", "--metadata", "--server", "--token", "--register", "--release", "--json"]),
        ("verify", &["--json"]),
        ("rebuild", &["--json"]),
    ];
    for (command, options) in promised {
        let help = words(&science3d(&[command, "--help"]).stdout);
        for option in options {
            assert!(help.contains(option), "{command} {option} is missing in:\n{help}");
        }
    }
}

#[test]
fn wrong_usage_is_two_and_a_refusal_is_one() {
    assert_eq!(science3d(&["deposit"]).status.code(), Some(2));
    assert_eq!(science3d(&["inspect", "--nonsense"]).status.code(), Some(2));
    let missing = science3d(&["inspect", "/nowhere/at/all.tif", "--json"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(missing.stdout.is_empty(), "an error is not a result");
    assert!(words(&missing.stderr).contains("all.tif"), "{}", words(&missing.stderr));
}

#[test]
fn what_shows_nothing_is_refused_with_the_reason() {
    let scratch = tempfile::tempdir().unwrap();
    let file = |name: &str, voxel: &dyn Fn(usize) -> u8| {
        std::fs::write(scratch.path().join(name), (0..512).map(voxel).collect::<Vec<u8>>()).unwrap();
        scratch.path().join(name).display().to_string()
    };
    let (flat, ramp) = (file("flat.raw", &|_| 7), file("ramp.raw", &|at| (at % 8) as u8 * 20));
    let out = |name: &str| scratch.path().join(name).display().to_string();
    let run = |command: &str, from: &str, to: &str, more: &[&str]| {
        let to = out(to);
        science3d(&[&[command, from, to.as_str(), "--shape", "8", "--dtype", "uint8"][..], more].concat())
    };
    for (from, more, status, says) in [
        (&flat, &[][..], 1, "all its voxels are 7"),
        (&ramp, &["--surface", "999"], 1, "its grey values go from 0 to 140"),
        (&ramp, &["--surface", "nan"], 1, "its grey values go from 0 to 140"),
        (&ramp, &["--zoom", "0"], 2, "from 0.1 to 20"),
        (&ramp, &["--zoom", "nan"], 2, "from 0.1 to 20"),
        (&ramp, &["--elevation", "95"], 2, "from -90"),
    ] {
        let refused = run("render", from, "picture.png", more);
        let told = words(&refused.stderr);
        assert!(refused.status.code() == Some(status) && told.contains(says), "{more:?}: {told}");
        assert!(!scratch.path().join("picture.png").exists());
    }
    let refused = run("mesh", &ramp, "ramp.stl", &["--doi", "kein doi äß"]);
    assert!(refused.status.code() == Some(2) && words(&refused.stderr).contains("is not a DOI"), "{}", words(&refused.stderr));
    let turned = run("mesh", &ramp, "ramp.stl", &["--voxel-size", "-1"]);
    assert!(turned.status.code() == Some(1) && words(&turned.stderr).contains("is a length above 0"), "{}", words(&turned.stderr));
    // A file that cannot be written is called by its own name, not by that of the one beside it.
    let nowhere = run("mesh", &ramp, "nowhere/ramp.stl", &["--level=70"]);
    let told = words(&nowhere.stderr);
    assert!(nowhere.status.code() == Some(1) && told.contains("ramp.stl: ") && !told.contains(".part"), "{told}");
    // Two millimetres a voxel, along x three: eight of them.
    let sized = run("mesh", &ramp, "ramp.stl", &["--level=-5", "--voxel-size", "3,2,2", "--unit", "mm", "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&sized.stdout).unwrap();
    assert!(told["size_known"] == true && told["size_mm"] == serde_json::json!([24.0, 16.0, 16.0]), "{told}");
    assert!(told["warnings"][0].as_str().is_some_and(|says| says.contains("Grey values go from 0 to 140")), "{told}");
}

#[test]
fn a_raw_file_becomes_a_volume_and_one_json_object_says_so() {
    let scratch = tempfile::tempdir().unwrap();
    let (raw, out) = (scratch.path().join("cube.raw"), scratch.path().join("cube.ome.zarr"));
    let voxels: Vec<u8> = (0..20u32 * 18 * 16).flat_map(|number| (number as u16).to_le_bytes()).collect();
    std::fs::write(&raw, voxels).unwrap();
    let arguments = [
        "convert",
        raw.to_str().unwrap(),
        out.to_str().unwrap(),
        "--shape",
        "20,18,16",
        "--dtype",
        "uint16",
        "--voxel-size",
        "1,2,3",
        "--json",
    ];
    let done = science3d(&arguments);
    assert!(done.status.success(), "{}", words(&done.stderr));
    let said: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((said["shape"].clone(), said["dtype"].clone()), (serde_json::json!([20, 18, 16]), "uint16".into()));
    // Given as x, y, z on the command line, told as z, y, x.
    assert_eq!(said["voxel_size_um"], serde_json::json!([3.0, 2.0, 1.0]));
    assert!(said["peak_rss_bytes"].as_u64().unwrap() > 0);
    assert!(out.join("zarr.json").is_file());
    let again = science3d(&arguments);
    assert_eq!(again.status.code(), Some(1));
    assert!(words(&again.stderr).contains("--force"));
    assert!(science3d(&[&arguments[..], &["--force"]].concat()).status.success());
}

#[test]
fn the_printed_configuration_explains_every_setting() {
    let printed = words(&science3d(&["serve", "--print-config"]).stdout);
    for expected in
        ["[server]", "listen = \"127.0.0.1:8080\"", "[database]", "[storage]", "prefix = \"10.5072\"", "registrar = \"sandbox\""]
    {
        assert!(printed.contains(expected), "{expected} is missing in:\n{printed}");
    }
    let settings = printed.lines().filter(|line| line.contains(" = ") && !line.starts_with('#')).count();
    let explained = printed.lines().filter(|line| line.starts_with("# ") && line.contains("(default: ")).count();
    assert_eq!(settings, explained);
}

/// A raw volume of 20 × 18 × 16 numbers, and how it is told.
const RAMP: [&str; 4] = ["--shape", "20,18,16", "--dtype", "uint8"];

fn ramp(folder: &std::path::Path) -> String {
    let path = folder.join("ramp.raw");
    std::fs::write(&path, (0..20 * 18 * 16).map(|at| (at % 251) as u8).collect::<Vec<u8>>()).unwrap();
    path.display().to_string()
}

/// Every file below a folder, with its bytes.
fn tree(folder: &std::path::Path) -> std::collections::BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut files = std::collections::BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(tree(&path));
        } else {
            files.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    files
}

#[test]
fn no_command_writes_over_what_it_reads() {
    let scratch = tempfile::tempdir().unwrap();
    let raw = ramp(scratch.path());
    let at = |name: &str| scratch.path().join(name).display().to_string();
    let volume = at("ramp.ome.zarr");
    assert!(science3d(&[&["convert", &raw, &volume], &RAMP[..]].concat()).status.success());
    assert!(science3d(&["cut", &volume, &at("a.tif"), "--box", "0:4,0:4,0:4"]).status.success());
    std::fs::write(at("a.mhd"), "NDims = 3\nDimSize = 16 18 20\nElementType = MET_UCHAR\nElementDataFile = ramp.raw\n").unwrap();
    assert!(science3d(&["mesh", &volume, &at("a.stl")]).status.success());
    std::os::unix::fs::symlink(&volume, at("link.ome.zarr")).unwrap();
    let before = tree(scratch.path());
    let within = |inside: &str| format!("{volume}/{inside}");
    for arguments in [
        &["convert", &volume, &volume, "--force"][..],
        &["convert", &within("0"), &volume, "--force"],
        &["convert", &volume, &within("0"), "--force"],
        &["convert", &volume, &at("link.ome.zarr"), "--force"],
        &["cut", &at("a.tif"), &at("a.tif"), "--box", "0:2,0:2,0:2", "--force"],
        &["cut", &at("a.mhd"), &at("ramp.raw"), "--box", "0:2,0:2,0:2", "--force"],
        &["cut", &volume, &within("zarr.json.raw"), "--box", "0:2,0:2,0:2"],
        &["mesh", &at("a.stl"), &at("a.stl")],
        &["mesh", &volume, &within("a.stl")],
        &["render", &volume, &within("a.png")],
    ] {
        let refused = science3d(arguments);
        let told = words(&refused.stderr);
        assert!(refused.status.code() == Some(1) && told.contains("the input"), "{arguments:?}: {told}");
        assert!(tree(scratch.path()) == before, "{arguments:?}");
    }
}

#[test]
fn with_force_the_old_volume_stays_until_the_new_one_is_complete() {
    let scratch = tempfile::tempdir().unwrap();
    let raw = ramp(scratch.path());
    let volume = scratch.path().join("ramp.ome.zarr");
    let out = volume.display().to_string();
    assert!(science3d(&[&["convert", &raw, &out, "--voxel-size", "1"], &RAMP[..]].concat()).status.success());
    let before = tree(&volume);
    // Its headers are whole, so the conversion begins, and fails at the voxels.
    let damaged = scratch.path().join("damaged.ome.zarr");
    for (path, bytes) in &before {
        let to = damaged.join(path.strip_prefix(&volume).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        let whole = path.ends_with("zarr.json");
        std::fs::write(&to, if whole { bytes } else { &bytes[..bytes.len() / 2] }).unwrap();
    }
    assert!(science3d(&["inspect", damaged.to_str().unwrap()]).status.success());
    let failed = science3d(&["convert", damaged.to_str().unwrap(), &out, "--force"]);
    assert_eq!(failed.status.code(), Some(1), "{}", words(&failed.stderr));
    assert!(tree(&volume) == before, "what failed replaces nothing");
    let done = science3d(&[&["convert", &raw, &out, "--force", "--voxel-size", "2"], &RAMP[..]].concat());
    assert!(done.status.success(), "{}", words(&done.stderr));
    assert!(tree(&volume) != before);
    let mut left: Vec<_> = std::fs::read_dir(scratch.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["damaged.ome.zarr", "ramp.ome.zarr", "ramp.raw"]);
    // A folder that is no volume is nobody's to remove.
    let folder = scratch.path().join("thesis");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("chapter.txt"), "1").unwrap();
    let refused = science3d(&[&["convert", &raw, folder.to_str().unwrap(), "--force"], &RAMP[..]].concat());
    assert!(refused.status.code() == Some(1) && words(&refused.stderr).contains("left alone") && folder.join("chapter.txt").is_file());
}

#[test]
fn a_cut_tells_its_sum_and_a_conversion_what_the_reader_noticed() {
    let scratch = tempfile::tempdir().unwrap();
    let raw = ramp(scratch.path());
    let at = |name: &str| scratch.path().join(name);
    let (volume, part) = (at("ramp.ome.zarr").display().to_string(), at("part.raw").display().to_string());
    let done = science3d(&["convert", &raw, &volume, "--shape", "19,18,16", "--dtype", "uint8"]);
    let told = words(&done.stderr);
    assert!(done.status.success() && told.lines().any(|line| line.starts_with("warning: ")), "288 bytes are left over: {told}");
    let cut = ["cut", &volume, &part, "--box", "1:3,2:4,5:9", "--force"];
    let words_told = words(&science3d(&cut).stdout);
    let json: serde_json::Value = serde_json::from_slice(&science3d(&[&cut[..], &["--json"]].concat()).stdout).unwrap();
    let sum = <sha2::Sha256 as sha2::Digest>::digest(std::fs::read(&part).unwrap());
    let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(words_told.contains(&sum) && json["sha256"] == sum.as_str() && json["voxels_sha256"] == sum.as_str(), "{words_told} {json}");
    let folder = at("part.ome.zarr").display().to_string();
    let of_folder = science3d(&["cut", &volume, &folder, "--box", "1:3,2:4,5:9", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&of_folder.stdout).unwrap();
    assert!(json["voxels_sha256"] == sum.as_str() && json["sha256"].as_str().is_some_and(|own| own.len() == 64 && own != sum), "{json}");
}

#[test]
fn labels_are_told_or_their_reason_is() {
    let scratch = tempfile::tempdir().unwrap();
    let raw = ramp(scratch.path());
    let run = |out: &str, more: &[&str]| {
        let out = scratch.path().join(out).display().to_string();
        let done = science3d(&[&["convert", &raw, &out, "--json"], &RAMP[..], more].concat());
        serde_json::from_slice::<serde_json::Value>(&done.stdout).map(|told| (told["label"].clone(), told["label_by"].clone())).unwrap()
    };
    let is = |label: bool, by: Option<&str>| (serde_json::json!(label), serde_json::json!(by));
    assert_eq!(run("a.ome.zarr", &[]), is(false, None));
    assert_eq!(run("b.ome.zarr", &["--labels", "yes"]), is(true, Some("told")));
    assert_eq!(run("shrew_mask.ome.zarr", &[]), is(true, Some("name")));
    assert_eq!(run("masked_shrew.ome.zarr", &[]), is(false, None));
    assert_eq!(run("mask.ome.zarr", &["--labels", "no"]), is(false, Some("told")));
    let out = scratch.path().join("mask_2.ome.zarr").display().to_string();
    let told = words(&science3d(&[&["convert", &raw, &out], &RAMP[..]].concat()).stderr);
    assert!(told.contains("by its name") && told.contains("--labels no"), "{told}");
    let wrong = science3d(&[&["convert", &raw, &out, "--labels", "perhaps"], &RAMP[..]].concat());
    assert_eq!(wrong.status.code(), Some(2));
}
