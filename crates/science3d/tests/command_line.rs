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
