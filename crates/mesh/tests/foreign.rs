//! Models of other people: written by us and read back, real ones, broken ones, and those that mean harm.

use std::path::{Path, PathBuf};

use mesh::{About, Check, Foreign, ModelFormat, Part, Surface, read, repair};
use volume::Trouble;

/// A box with its corners at nought and `size`, turned outwards.
fn cuboid(size: [f32; 3]) -> Surface {
    let positions = (0..8).map(|corner| std::array::from_fn(|axis| if corner >> axis & 1 == 1 { size[axis] } else { 0.0 })).collect();
    let quads: [[u32; 4]; 6] = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
    Surface { positions, triangles: quads.iter().flat_map(|&[a, b, c, d]| [[a, b, c], [a, c, d]]).collect() }
}

fn part(surface: Surface) -> Part {
    Part::new(0, "box", surface)
}

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn reads(&self, name: &str, bytes: impl AsRef<[u8]>) -> Result<Foreign, Trouble> {
        std::fs::write(self.path(name), bytes).unwrap();
        let answer = read(&self.path(name));
        if let Err(trouble) = &answer {
            assert!(!trouble.what.is_empty() && trouble.file.as_deref() == Some(name), "{trouble:?}");
        }
        answer
    }

    fn refuses(&self, name: &str, bytes: impl AsRef<[u8]>, word: &str) {
        match self.reads(name, bytes) {
            Ok(found) => panic!("{name} was read as {} triangles", found.triangles()),
            Err(trouble) => assert!(trouble.what.contains(word), "{name}: {trouble}"),
        }
    }
}

fn near(found: f64, true_value: f64) {
    assert!((found / true_value - 1.0).abs() < 1e-3, "{found} instead of {true_value}");
}

#[test]
fn what_is_written_is_read_back_in_its_size_and_place() {
    let desk = Desk::new();
    let mut apart = cuboid([500.0, 400.0, 300.0]);
    apart.positions.iter_mut().for_each(|[x, ..]| *x += 2_000.0);
    apart.positions.iter_mut().for_each(|[_, y, _]| *y += 1_000.0);
    apart.positions.iter_mut().for_each(|[.., z]| *z += 200.0);
    let parts = [part(cuboid([3_000.0, 2_000.0, 1_000.0])), Part::new(1, "small", apart)];
    for format in ModelFormat::ALL {
        let path = desk.path(&format!("a.{}", format.ending()));
        mesh::write(&path, format, &parts, &About::true_scale("Two boxes")).unwrap();
        let found = read(&path).unwrap();
        assert_eq!((found.format, found.unit_known, found.triangles()), (format, true, 24));
        let check = Check::of(&found.parts);
        assert!(check.is_printable(), "{format:?}: {check:?}");
        assert_eq!(check.pieces, 2, "{format:?}");
        near(check.measure.volume_um3, 6e9 + 6e7);
        for (side, wanted) in check.measure.size_um.into_iter().zip([3_000.0, 2_000.0, 1_000.0]) {
            near(side, wanted);
        }
        if matches!(format, ModelFormat::Glb | ModelFormat::ThreeMf | ModelFormat::Obj) {
            assert_eq!(found.parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(), ["box", "small"]);
            assert!(found.parts[1].colour.iter().zip(parts[1].colour).all(|(a, b)| a.abs_diff(b) <= 1), "{format:?}");
        }
    }
}

#[test]
fn a_plain_glb_needs_nothing_that_others_lack_and_is_the_same_body() {
    let desk = Desk::new();
    let parts = [part(cuboid([3_000.0, 2_000.0, 1_000.0])), part(Surface { positions: Vec::new(), triangles: Vec::new() })];
    let path = desk.path("plain.glb");
    let bytes = mesh::write_plain_glb(&path, &parts, &About::true_scale("A box")).unwrap();
    let written = std::fs::read(&path).unwrap();
    assert_eq!((written.len() as u64, written.len() % 4), (bytes, 0));
    assert!(!String::from_utf8_lossy(&written).contains("extensions"));
    let found = read(&path).unwrap();
    let check = Check::of(&found.parts);
    assert!(check.is_printable() && found.triangles() == 12, "{check:?}");
    near(check.measure.volume_um3, 6e9);
    for (side, wanted) in check.measure.size_um.into_iter().zip([3_000.0, 2_000.0, 1_000.0]) {
        near(side, wanted);
    }
}

#[test]
fn parts_of_a_3mf_are_one_mesh_and_a_body_of_two_colours_is_one_part() {
    let desk = Desk::new();
    let mut upper = cuboid([500.0, 400.0, 300.0]);
    upper.positions.iter_mut().for_each(|[.., z]| *z += 1_000.0);
    let parts = [part(cuboid([3_000.0, 2_000.0, 1_000.0])), Part::new(1, "upper", upper)];
    let path = desk.path("two.3mf");
    mesh::write(&path, ModelFormat::ThreeMf, &parts, &About::true_scale("Two boxes")).unwrap();
    let directory = volume::zip::Directory::read(std::fs::File::open(&path).unwrap(), std::fs::metadata(&path).unwrap().len()).unwrap();
    let text = |name: &str| {
        let entry = directory.entries.iter().find(|entry| entry.name == name).unwrap();
        std::io::read_to_string(directory.reader(entry).unwrap()).unwrap()
    };
    let model = text("3D/3dmodel.model");
    assert_eq!((model.matches("<object ").count(), model.matches("<item ").count(), model.matches("component").count()), (1, 1, 0));
    assert_eq!((model.matches("<triangle ").count(), model.matches("p1=\"1\"").count()), (24, 12));
    let volumes = text("Metadata/Slic3r_PE_model.config");
    assert!(volumes.contains("firstid=\"12\" lastid=\"23\"") && volumes.contains("value=\"upper\""), "{volumes}");
    // Somebody paints the lid of one box: the two colours have corners in common.
    let paint = " pid=\"1\" p1=\"1\"/>";
    let painted = model.replace(paint, "/>").replacen("v3=\"3\"/>", &format!("v3=\"3\"{paint}"), 1);
    assert_eq!(painted.matches(paint).count(), 1);
    threemf(&desk.path("painted.3mf"), |out| out.write_all(painted.as_bytes()).unwrap());
    let found = read(&desk.path("painted.3mf")).unwrap();
    assert_eq!((found.parts.len(), found.triangles()), (1, 24));
}

#[test]
fn real_models_are_read_as_others_read_them() {
    let data = Path::new("../../../shared/data/mesh");
    if !data.is_dir() {
        return println!("skipped: real_models_are_read_as_others_read_them (no ../shared/data/mesh)");
    }
    // File, triangles, closed, largest side in millimetres, as trimesh says once equal corners are one.
    let known = [
        ("featuretype.STL", 3_476, true, 5.0),
        ("cycloidal.ply", 43_368, false, 1.88),
        ("counterX.3MF", 8_080, true, 304.8),
        ("boolean.glb", 3_936, true, 5_710.0),
        ("nested.glb", 36, true, 3_340.0),
        ("test_data_multi1.stl", 8_272, true, 51.32),
    ];
    for (name, triangles, closed, side) in known {
        let found = read(&data.join(name)).unwrap();
        let check = Check::of(&found.parts);
        let largest = check.measure.size_um.iter().copied().fold(0.0, f64::max) / 1e3;
        assert_eq!((found.triangles(), (largest / side - 1.0).abs() < 0.005), (triangles, true), "{name}: {largest} {check:?}");
        assert_eq!(check.topology.is_watertight(), closed, "{name}: {check:?}");
    }
}

#[test]
fn broken_models_are_told_what_is_wrong_and_mended_where_that_is_safe() {
    let whole = cuboid([10.0, 10.0, 10.0]);
    let sound = Check::of(&[part(whole.clone())]);
    assert!(sound.is_printable() && sound.crossing == Some(0) && repair(&[part(whole.clone())]).is_none());

    let mut flipped = whole.clone();
    flipped.triangles[3].swap(0, 1);
    assert_eq!(Check::of(&[part(flipped.clone())]).topology.flipped_edges, 3);
    let (mended, done) = repair(&[part(flipped)]).unwrap();
    assert_eq!((done.flipped, Check::of(&mended)), (1, sound.clone()));

    let mut inside_out = whole.clone();
    inside_out.triangles.iter_mut().for_each(|triangle| triangle.swap(0, 1));
    assert!(Check::of(&[part(inside_out.clone())]).inside_out);
    assert!(Check::of(&repair(&[part(inside_out)]).unwrap().0).is_printable());

    // A ball of many triangles of which one is missing: a small hole; half of it missing is no small hole.
    let mut doubled = whole.clone();
    doubled.triangles.extend([[0, 2, 3], [5, 5, 7]]);
    let check = Check::of(&[part(doubled.clone())]);
    assert_eq!((check.doubled, check.topology.degenerate), (1, 1));
    assert_eq!(Check::of(&repair(&[part(doubled)]).unwrap().0), sound);

    let mut open = whole;
    open.triangles.truncate(10);
    let check = Check::of(&[part(open.clone())]);
    assert_eq!((check.holes, check.topology.open_edges, check.measure.volume_um3), (1, 4, 0.0));
    assert!(repair(&[part(open)]).is_none(), "a side that is missing is not guessed");
}

/// A place of the ball, by its ring of latitude from above and its step around.
fn at(ring: u32, step: u32) -> u32 {
    2 + (ring - 1) * AROUND + step % AROUND
}

const RINGS: u32 = 24;
const AROUND: u32 = 48;

/// A sheet folded to a ball: rings of latitude.
fn ball() -> Surface {
    let (rings, around) = (RINGS, AROUND);
    let mut ball = Surface { positions: vec![[0.0, 0.0, -1.0], [0.0, 0.0, 1.0]], triangles: Vec::new() };
    for ring in 1..rings {
        let (height, radius) =
            ((ring as f32 / rings as f32 * std::f32::consts::PI).cos(), (ring as f32 / rings as f32 * std::f32::consts::PI).sin());
        ball.positions.extend((0..around).map(|step| {
            let angle = step as f32 / around as f32 * std::f32::consts::TAU;
            [radius * angle.cos(), radius * angle.sin(), height]
        }));
    }
    for step in 0..around {
        ball.triangles.push([1, at(1, step), at(1, step + 1)]);
        ball.triangles.push([0, at(rings - 1, step + 1), at(rings - 1, step)]);
        for ring in 1..rings - 1 {
            ball.triangles.push([at(ring, step), at(ring + 1, step), at(ring + 1, step + 1)]);
            ball.triangles.push([at(ring, step), at(ring + 1, step + 1), at(ring, step + 1)]);
        }
    }
    ball
}

#[test]
fn a_small_hole_gets_a_lid_and_a_body_in_a_body_is_seen() {
    let ball = ball();
    let sound = Check::of(&[part(ball.clone())]);
    assert!(sound.is_printable(), "{sound:?}");
    assert!((sound.measure.volume_um3 / (4.0 / 3.0 * std::f64::consts::PI) - 0.99).abs() < 0.01, "{sound:?}");
    let mut torn = ball.clone();
    torn.triangles.retain(|triangle| !triangle.contains(&at(9, 5)));
    assert_eq!(Check::of(&[part(torn.clone())]).holes, 1);
    // With fewer triangles the hole is still the same hole.
    let mut fewer = torn.clone();
    mesh::simplify_any(&mut fewer, 500);
    let check = Check::of(&[part(fewer.clone())]);
    assert_eq!(
        (fewer.triangles.len(), check.holes, check.topology.open_edges, check.topology.is_manifold()),
        (500, 1, 6, true),
        "{check:?}"
    );
    let (mended, done) = repair(&[part(torn)]).unwrap();
    assert_eq!(done.holes_filled, 1);
    assert!(Check::of(&mended).is_printable());

    let mut crossing = ball.clone();
    let shift = ball.positions.len() as u32;
    crossing.positions.extend(ball.positions.iter().map(|[x, y, z]| [x + 1.0, *y, *z]));
    crossing.triangles.extend(ball.triangles.iter().map(|triangle| triangle.map(|vertex| vertex + shift)));
    let check = Check::of(&[part(crossing)]);
    assert!(check.pieces == 2 && check.crossing.is_some_and(|count| count > 40), "{check:?}");
}

#[test]
fn files_that_mean_harm_get_a_plain_answer() {
    let desk = Desk::new();
    desk.refuses("empty.stl", [], "empty");
    desk.refuses("short.stl", [0; 60], "shorter");
    let mut many = vec![b' '; 84];
    many[80..84].copy_from_slice(&u32::MAX.to_le_bytes());
    desk.refuses("many.stl", &many, "promises 4294967295 triangles");
    desk.refuses("words.stl", "solid a\nhello there\n", "line 2");
    desk.refuses("far.obj", "v 1e30 0 0\nv 0 0 0\nv 1 1 1\nf 1 2 3\n", "from the origin");
    desk.refuses("index.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n", "corner 8");
    desk.refuses("nought.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 0 1 2\n", "corner “0”");
    desk.refuses("points.obj", "v 0 0 0\nv 1 0 0\n", "no triangles");
    desk.refuses("nan.obj", "v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "number");
    let some = desk.reads("some-nan.obj", "v nan 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\nf 2 3 4\n").unwrap();
    assert_eq!((some.not_finite, some.triangles()), (1, 1));
    // Thinner than what counts as the same place: welded together, nothing of it would be left.
    let needle = desk.reads("needle.obj", "v 0 0 0\nv 1 0 0\nv 1 1e-8 0\nf 1 2 3\n").unwrap();
    assert_eq!(needle.triangles(), 1);
    let head = "ply\nformat binary_little_endian 1.0\nelement vertex 4000000000\nproperty float x\nproperty float y\nproperty float z\n";
    desk.refuses(
        "claims.ply",
        format!("{head}element face 1\nproperty list uchar int vertex_indices\nend_header\n"),
        "more than 50 million",
    );
    desk.refuses(
        "endless.ply",
        "ply\nformat ascii 1.0\nelement nothing 999999999999\nelement face 999999999999\nend_header\n",
        "more than 50 million",
    );
    desk.refuses(
        "cut.ply",
        "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\nend_header\n0 0 0\n",
        "ends before",
    );
    desk.refuses("long.ply", format!("ply\ncomment {}\n", "a".repeat(300 << 10)), "longer than");
    desk.refuses("notes.txt", "hello", "no model");
}

fn glb(description: &str, bytes: &[u8]) -> Vec<u8> {
    let mut text = description.as_bytes().to_vec();
    text.resize(text.len().next_multiple_of(4), b' ');
    let mut file = b"glTF\x02\0\0\0".to_vec();
    file.extend(((20 + text.len() + 8 + bytes.len()) as u32).to_le_bytes());
    file.extend((text.len() as u32).to_le_bytes());
    file.extend(b"JSON");
    file.extend(text);
    file.extend((bytes.len() as u32).to_le_bytes());
    file.extend(b"BIN\0");
    file.extend(bytes);
    file
}

#[test]
fn a_glb_reaches_for_nothing_outside_itself() {
    let desk = Desk::new();
    desk.refuses("elsewhere.glb", glb(r#"{"buffers":[{"uri":"../../etc/passwd","byteLength":4}]}"#, &[0; 4]), "another file");
    desk.refuses("web.glb", glb(r#"{"images":[{"uri":"http://example.org/a.png"}]}"#, &[]), "another file");
    desk.refuses("draco.glb", glb(r#"{"extensionsRequired":["KHR_draco_mesh_compression"]}"#, &[]), "KHR_draco");
    let loops = r#"{"scenes":[{"nodes":[0]}],"nodes":[{"children":[0,0]}]}"#;
    desk.refuses("loop.glb", glb(loops, &[]), "within each other");
    let scene = |accessor: &str, indices: &str, length: u32| {
        format!(
            r#"{{"scenes":[{{"nodes":[0]}}],"nodes":[{{"mesh":0}}],"meshes":[{{"primitives":[{{"attributes":{{"POSITION":0}},"indices":1}}]}}],
            "accessors":[{accessor},{indices}],"buffers":[{{"byteLength":48}}],
            "bufferViews":[{{"buffer":0,"byteLength":{length}}},{{"buffer":0,"byteOffset":36,"byteLength":3}}]}}"#
        )
    };
    let places = r#"{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3"}"#;
    let indices = r#"{"bufferView":1,"componentType":5121,"count":3,"type":"SCALAR"}"#;
    let mut bytes: Vec<u8> = [0f32, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0].iter().flat_map(|number| number.to_le_bytes()).collect();
    bytes.extend([0, 1, 2, 0]);
    let good = desk.reads("good.glb", glb(&scene(places, indices, 36), &bytes)).unwrap();
    assert_eq!((good.triangles(), good.parts[0].surface.positions[1]), (1, [1e6, 0.0, 0.0]));
    desk.refuses("outside.glb", glb(&scene(places, indices, 4_000_000), &bytes), "outside");
    desk.refuses("large.glb", glb(&scene(&places.replace(":3,", ":4000000000,"), indices, 36), &bytes), "4000000000");
    desk.refuses("beyond.glb", glb(&scene(&places.replace(":3,", ":3000,"), indices, 36), &bytes), "outside");
    bytes[38] = 7;
    desk.refuses("index.glb", glb(&scene(places, indices, 36), &bytes), "corner 7");
    let packed = r#"{"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],"meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],"buffers":[{}],
        "accessors":[{"bufferView":0,"componentType":5126,"count":90000000,"type":"VEC3"}],"bufferViews":[{"extensions":
        {"EXT_meshopt_compression":{"buffer":0,"byteLength":40,"byteStride":12,"count":90000000,"mode":"ATTRIBUTES"}}}]}"#;
    desk.refuses("bomb.glb", glb(packed, &[0xa0; 40]), "end too early");
}

/// A 3MF whose model is written by `fill`.
fn threemf(path: &Path, model: impl Fn(&mut dyn std::io::Write)) {
    use std::io::Write;
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    let mut bytes = Vec::new();
    model(&mut bytes);
    packed.write_all(&bytes).unwrap();
    let packed = packed.finish().unwrap();
    let name = b"3D/3dmodel.model";
    let mut shared = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0];
    shared.extend(crc32fast::hash(&bytes).to_le_bytes());
    shared.extend((packed.len() as u32).to_le_bytes());
    shared.extend((bytes.len() as u32).to_le_bytes());
    shared.extend((name.len() as u16).to_le_bytes());
    shared.extend([0, 0]);
    let mut file = [b"PK\x03\x04".as_slice(), &shared, name, &packed].concat();
    let directory = file.len() as u32;
    file.extend([b"PK\x01\x02\x14\0".as_slice(), &shared, &[0; 14], name].concat());
    let length = file.len() as u32 - directory;
    file.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    file.extend([length.to_le_bytes(), directory.to_le_bytes()].concat());
    file.extend([0, 0]);
    std::fs::write(path, file).unwrap();
}

#[test]
fn a_3mf_is_no_bomb_and_contains_itself_in_vain() {
    let desk = Desk::new();
    let refused = |name: &str, word: &str, model: &dyn Fn(&mut dyn std::io::Write)| {
        threemf(&desk.path(name), model);
        let trouble = read(&desk.path(name)).unwrap_err();
        assert!(trouble.what.contains(word), "{name}: {trouble}");
    };
    let spaces = vec![b' '; 1 << 20];
    refused("bomb.3mf", "would become", &|out| (0..100).for_each(|_| out.write_all(&spaces).unwrap()));
    refused("long.3mf", "longer than any model needs", &|out| {
        out.write_all(b"<model>").unwrap();
        (0..8).for_each(|_| out.write_all(&spaces).unwrap());
    });
    let text = |text: &'static str| move |out: &mut dyn std::io::Write| out.write_all(text.as_bytes()).unwrap();
    refused(
        "self.3mf",
        "contain each other",
        &text(
            r#"<model><resources><object id="1"><components><component objectid="1"/></components></object></resources><build><item objectid="1"/></build></model>"#,
        ),
    );
    refused(
        "index.3mf",
        "names corner 9",
        &text(
            r#"<model><object id="1"><mesh><vertices><vertex x="0" y="0" z="0"/></vertices><triangles><triangle v1="0" v2="0" v3="9"/></triangles></mesh></object></model>"#,
        ),
    );
    refused("nothing.3mf", "nothing to build", &text("<model/>"));
    refused("missing.3mf", "no object 4", &text(r#"<model><build><item objectid="4"/></build></model>"#));
    threemf(
        &desk.path("inch.3mf"),
        text(
            r#"<model unit="inch"><resources><object id="1" name="a"><mesh><vertices><vertex x="0" y="0" z="0"/><vertex x="1" y="0" z="0"/><vertex x="0" y="1" z="0"/></vertices>
        <triangles><triangle v1="0" v2="1" v3="2"/></triangles></mesh></object></resources><build><item objectid="1" transform="0 1 0 -1 0 0 0 0 1 10 0 0"/></build></model>"#,
        ),
    );
    let found = read(&desk.path("inch.3mf")).unwrap();
    assert_eq!(found.parts[0].surface.positions[1], [254_000.0, 25_400.0, 0.0]);
}

#[test]
fn three_holes_that_touch_are_three_and_get_three_lids() {
    let whole = ball();
    // The neighbours of one triangle: each touches both others in a corner.
    let gone = [[at(9, 5), at(10, 5), at(10, 6)], [at(9, 6), at(10, 6), at(10, 7)], [at(8, 5), at(9, 5), at(9, 6)]];
    let mut torn = whole.clone();
    torn.triangles.retain(|triangle| !gone.contains(triangle));
    assert_eq!(whole.triangles.len() - torn.triangles.len(), 3);
    let check = Check::of(&[part(torn.clone())]);
    assert_eq!((check.holes, check.topology.open_edges), (3, 9));
    let (mended, done) = repair(&[part(torn)]).unwrap();
    assert_eq!(done.holes_filled, 3);
    let check = Check::of(&mended);
    assert!(check.is_printable() && check.triangles == whole.triangles.len() as u64, "{check:?}");
}

#[test]
fn no_kit_is_made_of_what_is_open_and_a_model_that_is_too_large_is_not_called_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let mut half = ball();
    half.triangles.truncate(half.triangles.len() / 2);
    let texts = mesh::KitTexts { cite: "Ada: Half a ball.", licence: None };
    let (kit, about) = (folder.path().join("kit.zip"), mesh::About::true_scale("half"));
    let refused =
        mesh::print_kit(&kit, folder.path(), &[part(half)], &about, &mesh::KitOptions::default(), &texts, &mesh::Slicer::NONE).unwrap_err();
    assert!(refused.to_string().contains("is not closed"), "{refused}");
    assert!(!kit.exists());
    // Sixty million triangles of which none was ever written to the disk.
    let path = folder.path().join("large.stl");
    let mut head = vec![0; 80];
    head.extend(60_000_000u32.to_le_bytes());
    std::fs::write(&path, head).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_len(84 + 50 * 60_000_000).unwrap();
    let refused = mesh::read(&path).unwrap_err().to_string();
    assert!(
        refused.contains("60000000 triangles") && refused.contains("only too large") && !refused.contains("save it again"),
        "{refused}"
    );
}
