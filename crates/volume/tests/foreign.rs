//! Every codec that is offered, read by programs not made here: zarr-python, tensorstore, ome-zarr-models, numcodecs in JavaScript.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

use volume::cut::{self, CutFormat};
use volume::zarr::{Volume, Voxels};
use volume::{ConvertOptions, ElementType, Shape, convert};

const CODECS: [&str; 14] = [
    "planes",
    "none",
    "zstd-1",
    "zstd-9",
    "gzip-6",
    "blosc-zstd-1-noshuffle",
    "blosc-zstd-3-shuffle",
    "blosc-zstd-3-bitshuffle",
    "blosc-zstd-9-bitshuffle",
    "blosc-lz4-5-noshuffle",
    "blosc-lz4-5-shuffle",
    "blosc-lz4-5-bitshuffle",
    "blosc-zlib-1-shuffle",
    "blosc-zlib-6-bitshuffle",
];

const SHAPE: Shape = [70, 130, 150];

/// Structure in the high bits, noise in the low ones, and a corner without anything.
fn voxels(element: ElementType) -> Voxels {
    let mut state = 11u64;
    let mut bytes = Vec::new();
    for index in 0..SHAPE.iter().product::<usize>() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (z, y, x) = (index / SHAPE[2] / SHAPE[1], index / SHAPE[2] % SHAPE[1], index % SHAPE[2]);
        let grey = if y < 64 && x < 64 { 0 } else { (z * 37 + y * 11 + x * 5) as u64 / 64 * 900 + (state >> 55) };
        match element {
            ElementType::F32 => bytes.extend_from_slice(&(grey as f32 * 0.37).to_le_bytes()),
            ElementType::F64 => bytes.extend_from_slice(&(grey as f64 * 0.37).to_le_bytes()),
            other => bytes.extend_from_slice(&grey.to_le_bytes()[..other.bytes()]),
        }
    }
    Voxels { shape: SHAPE, element, bytes }
}

struct Made {
    out: PathBuf,
    raw: PathBuf,
    half: PathBuf,
}

/// One volume for each codec and some types, with what levels 0 and 1 must be beside it.
fn make(scratch: &Path) -> Vec<Made> {
    let mut made = Vec::new();
    for element in [ElementType::U8, ElementType::U16, ElementType::I32, ElementType::F32, ElementType::F64] {
        let voxels = voxels(element);
        let (input, raw) = (scratch.join(format!("{element}.nrrd")), scratch.join(format!("{element}.raw")));
        std::fs::write(&input, cut::file(&voxels, Some([2.0, 1.0, 1.0]), CutFormat::Nrrd).unwrap()).unwrap();
        std::fs::write(&raw, &voxels.bytes).unwrap();
        let half = scratch.join(format!("{element}.half.raw"));
        for name in CODECS.iter().filter(|_| element == ElementType::U16).chain(CODECS.iter().step_by(3)) {
            let out = scratch.join(format!("{element}-{name}.ome.zarr"));
            if out.exists() {
                continue;
            }
            let options = ConvertOptions { codec: name.parse().unwrap(), shard: 128, label: Some(false), ..ConvertOptions::default() };
            convert(&input, &out, &options, &|_| (), &AtomicBool::new(false)).unwrap();
            let volume = Volume::open(&out).unwrap();
            let [z, y, x] = SHAPE;
            assert!(volume.read_box(0, 0..z, 0..y, 0..x).unwrap() == voxels, "{element} {name}");
            let [z, y, x] = volume.levels()[1].shape;
            let small = volume.read_box(1, 0..z, 0..y, 0..x).unwrap();
            if half.exists() {
                assert!(std::fs::read(&half).unwrap() == small.bytes, "{element} {name}");
            }
            std::fs::write(&half, &small.bytes).unwrap();
            made.push(Made { out, raw: raw.clone(), half: half.clone() });
        }
    }
    made
}

/// Whether a judge is installed; whoever is there and fails has failed.
fn is_here(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|told| told.status.success())
}

/// Gives a judge one line for each volume; it answers each with "same" and its name.
fn ask(program: &str, arguments: &[&str], script: &str, made: &[Made]) -> String {
    let mut command = Command::new(program);
    command.args(arguments).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut judge = command.spawn().unwrap();
    let lines = made.iter().map(|Made { out, raw, half }| format!("{}\t{}\t{}\n", out.display(), raw.display(), half.display()));
    // A judge that breaks off hears no more; what it said then is shown below.
    let _ = judge.stdin.take().unwrap().write_all(lines.collect::<String>().as_bytes());
    let told = judge.wait_with_output().unwrap();
    let answer = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.status.success(), "{answer}\n{}", String::from_utf8_lossy(&told.stderr));
    answer
}

const PYTHON: &str = r#"
import json, sys
import numpy, zarr, tensorstore
from ome_zarr_models.v05 import Image
for line in sys.stdin:
    out, raw, half = line.rstrip("\n").split("\t")
    group = zarr.open_group(out, mode="r")
    Image.from_zarr(group)
    for level, wanted in (("0", raw), ("1", half)):
        array = group[level]
        truth = numpy.fromfile(wanted, array.dtype).reshape(array.shape)
        assert (array[...] == truth).all(), (out, level, "zarr")
        store = tensorstore.open({"driver": "zarr3", "kvstore": {"driver": "file", "path": f"{out}/{level}/"}}, open=True).result()
        assert (store.read().result() == truth).all(), (out, level, "tensorstore")
    print("same", out)
"#;

#[test]
fn zarr_python_and_tensorstore_read_every_codec() {
    if !is_here("python3", &["-c", "import numpy, zarr, tensorstore, ome_zarr_models"]) {
        eprintln!("skipped: zarr_python_and_tensorstore_read_every_codec (no python3 with zarr, tensorstore and ome-zarr-models)");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let made = make(scratch.path());
    let answer = ask("python3", &["-c"], PYTHON, &made);
    assert_eq!(answer.matches("same").count(), made.len(), "{answer}");
}

/// Takes shards apart by the specification and lets numcodecs expand the chunks, as Neuroglancer does.
const JAVASCRIPT: &str = r#"
import { readFileSync, existsSync } from "node:fs";
const { Blosc, Zstd, GZip } = await import(process.env.NUMCODECS);
for (const line of readFileSync(0, "utf8").trim().split("\n")) {
  const [out, raw, half] = line.split("\t");
  for (const [level, wanted] of [["0", raw], ["1", half]]) {
    const array = JSON.parse(readFileSync(`${out}/${level}/zarr.json`));
    const truth = readFileSync(wanted);
    const { chunk_shape: chunk, codecs } = array.codecs[0].configuration;
    const shard = array.chunk_grid.configuration.chunk_shape;
    const size = truth.length / array.shape.reduce((a, b) => a * b);
    const packing = codecs[1];
    const kinds = { blosc: Blosc, zstd: Zstd, gzip: GZip };
    const codec = packing ? kinds[packing.name].fromConfig({ ...packing.configuration, shuffle: 1, id: packing.name }) : null;
    const per = shard.map((edge, axis) => edge / chunk[axis]);
    const count = per.reduce((a, b) => a * b);
    let seen = 0;
    const places = array.shape.map((edge, axis) => Math.ceil(edge / shard[axis]));
    for (let sz = 0; sz < places[0]; sz++) for (let sy = 0; sy < places[1]; sy++) for (let sx = 0; sx < places[2]; sx++) {
      const name = `${out}/${level}/c/${sz}/${sy}/${sx}`;
      const file = existsSync(name) ? readFileSync(name) : null;
      for (let inner = 0; inner < count; inner++) {
        const at = [sz * per[0] + Math.floor(inner / per[1] / per[2]), sy * per[1] + Math.floor(inner / per[2]) % per[1], sx * per[2] + inner % per[2]];
        let plain = new Uint8Array(chunk[0] * chunk[1] * chunk[2] * size);
        if (file) {
          const entry = file.length - 4 - 16 * (count - inner);
          const offset = file.readBigUInt64LE(entry), length = file.readBigUInt64LE(entry + 8);
          if (offset !== 0xffffffffffffffffn) {
            const packed = file.subarray(Number(offset), Number(offset + length));
            plain = codec ? await codec.decode(packed) : packed;
          }
        }
        for (let z = 0; z < chunk[0]; z++) for (let y = 0; y < chunk[1]; y++) {
          const [gz, gy, gx] = [at[0] * chunk[0] + z, at[1] * chunk[1] + y, at[2] * chunk[2]];
          const width = Math.min(chunk[2], array.shape[2] - gx) * size;
          if (gz >= array.shape[0] || gy >= array.shape[1] || width <= 0) continue;
          const from = (z * chunk[1] + y) * chunk[2] * size, to = ((gz * array.shape[1] + gy) * array.shape[2] + gx) * size;
          if (Buffer.compare(Buffer.from(plain.buffer, plain.byteOffset + from, width), truth.subarray(to, to + width)) !== 0) {
            console.error("differs", out, level, at, z, y);
            process.exit(1);
          }
          seen += width;
        }
      }
    }
    if (seen !== truth.length) { console.error("incomplete", out, level, seen, truth.length); process.exit(1); }
  }
  console.log("same", out);
}
"#;

#[test]
fn numcodecs_in_javascript_expands_every_chunk() {
    let numcodecs = Path::new("../../frontend/node_modules/numcodecs/dist/index.js");
    if !numcodecs.is_file() || !is_here("node", &["--version"]) {
        eprintln!("skipped: numcodecs_in_javascript_expands_every_chunk (no node, or no frontend/node_modules)");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let made = make(scratch.path());
    let script = JAVASCRIPT.replace("process.env.NUMCODECS", &format!("{:?}", numcodecs.canonicalize().unwrap().display().to_string()));
    let answer = ask("node", &["--input-type=module", "-e"], &script, &made);
    assert_eq!(answer.matches("same").count(), made.len(), "{answer}");
}
