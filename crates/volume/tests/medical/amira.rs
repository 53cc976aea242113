//! AmiraMesh in all its encodings.

use std::io::Write;

use volume::{Asked, inspect, inspect_asked};

use super::{asked, counting, read, refusal, write};

fn am(kind: &str, arrays: &str, data: &[u8]) -> Vec<u8> {
    let text = format!(
        "# AmiraMesh {kind}\n\n\ndefine Lattice 4 3 2\n\nParameters {{\n    Units {{\n        Coordinates \"nm\"\n    }}\n    \
         Content \"4x3x2 ushort\",\n    BoundingBox 10 13 0 4 0 5,\n    CoordType \"uniform\"\n}}\n\n{arrays}\n\n# Data section follows\n@1\n"
    );
    [text.as_bytes(), data].concat()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[test]
fn all_encodings_say_the_same() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let voxels = counting(24);
    let little = "BINARY-LITTLE-ENDIAN 2.1";
    let turned: Vec<u8> = voxels.chunks(2).flat_map(|word| [word[1], word[0]]).collect();
    let numbers: Vec<String> = (0..24).map(|number| number.to_string()).collect();
    let packed = zlib(&voxels);
    let runs: Vec<u8> = voxels.chunks(40).flat_map(|chunk| [&[0x80 | chunk.len() as u8], chunk].concat()).collect();
    let (zip, rle) = (
        format!("Lattice {{ ushort Data }} @1(HxZip,{})", packed.len()),
        format!("Lattice {{ ushort Data }} = @1(HxByteRLE,{})", runs.len()),
    );
    let plain = "Lattice { ushort Data } @1";
    for (name, bytes) in [
        ("little.am", am(little, plain, &voxels)),
        ("big.am", am("3D BINARY 2.0", plain, &turned)),
        ("ascii.am", am("3D ASCII 2.0", plain, numbers.join(" \n").as_bytes())),
        ("zip.am", am(little, &zip, &packed)),
        ("runs.am", am(little, &rle, &runs)),
        ("trailing.am", am(little, &zip, &[packed.clone(), b"\n@2\nrubbish".to_vec()].concat())),
    ] {
        let (header, bytes) = read(&write(folder, name, bytes), &Asked::default());
        assert_eq!(bytes, voxels, "{name}");
        assert_eq!(header.voxel_size_um, Some([0.005, 0.002, 0.001]), "{name}");
        assert_eq!(header.orientation.unwrap().origin_um, Some([0.01, 0.0, 0.0]), "{name}");
    }
}

#[test]
fn several_arrays_are_a_choice() {
    let scratch = tempfile::tempdir().unwrap();
    let arrays = "Lattice { byte Labels } @1\nLattice { ushort Data } @2";
    let path =
        write(scratch.path(), "two.am", am("BINARY-LITTLE-ENDIAN 2.1", arrays, &[vec![7; 24], b"\n@2\n".to_vec(), counting(24)].concat()));
    assert!(refusal(&path).contains("--dataset: Labels, Data"));
    assert_eq!(read(&path, &asked("Data")).1, counting(24));
    assert_eq!(read(&path, &asked("Labels")).1, [7; 24]);
    assert!(inspect_asked(&path, &asked("Other")).unwrap_err().what.contains("Other"));
}

#[test]
fn what_lies_is_told() {
    let scratch = tempfile::tempdir().unwrap();
    let say = |name: &str, bytes: Vec<u8>| refusal(&write(scratch.path(), name, bytes));
    let little = "BINARY-LITTLE-ENDIAN 2.1";
    assert!(say("vector.am", am(little, "Lattice { float[3] Data } @1", &[0; 288])).contains("several values"));
    assert!(say("none.am", am(little, "", &[])).contains("no array lies on it"));
    assert!(say("short.am", am(little, "Lattice { ushort Data } @1", &[0; 47])).contains("promises"));
    assert!(say("foreign.am", am(little, "Lattice { ushort Data } @1(HxOther,5)", &[0; 48])).contains("compression"));
    assert!(say("bomb.am", am(little, "Lattice { ushort Data } @1(HxByteRLE,0)", &[])).contains("so small"));
    assert!(
        say("mesh.am", b"# AmiraMesh ASCII 1.0\ndefine Nodes 4\nNodes { float[3] Coordinates } @1\n\n@1\n0 0 0\n".to_vec())
            .contains("no lattice")
    );
    assert!(say("surface.am", b"# HyperSurface 0.1 BINARY\n\nParameters {}\n".to_vec()).contains("surface"));
    let unnamed = String::from_utf8(am(little, "Lattice { byte Data } @1", &[1; 24])).unwrap().replace("Coordinates \"nm\"", "");
    let header = inspect(&write(scratch.path(), "unit.am", unnamed)).unwrap();
    assert_eq!(header.voxel_size_um, None);
    assert!(header.warnings[0].contains("not in which unit"));
}
