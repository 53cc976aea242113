//! Bodies whose volume and area are known, and noise that has none: what comes out must be closed, 2-manifold and right.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use mesh::{
    About, Keep, Kept, Level, Made, Material, Measure, ModelFormat, Part, PrintReport, StlStream, Surface, SurfaceOptions, Topology, Watch,
    make,
};
use volume::{Asked, ConvertOptions, ElementType, RawShape, Trouble};

struct Scene {
    folder: tempfile::TempDir,
    shape: [usize; 3],
}

impl Scene {
    /// A raw file of 32-bit floats whose voxels are what `value` says at z, y, x.
    fn of(shape: [usize; 3], value: impl Fn([f64; 3]) -> f64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = Vec::new();
        for z in 0..shape[0] {
            for y in 0..shape[1] {
                for x in 0..shape[2] {
                    bytes.extend((value([z as f64, y as f64, x as f64]) as f32).to_le_bytes());
                }
            }
        }
        std::fs::write(folder.path().join("volume.raw"), bytes).unwrap();
        Self { folder, shape }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("volume.raw")
    }

    fn asked(&self) -> Asked {
        let raw = RawShape { shape: self.shape, element: ElementType::F32, big_endian: false, offset: 0 };
        Asked { raw: Some(raw), ..Asked::default() }
    }

    fn make(&self, options: &SurfaceOptions) -> Result<Made, Trouble> {
        make(&Material::open(&self.path(), &self.asked())?, options, silent())
    }

    /// The same as an OME-Zarr with voxels of `um` micrometres.
    fn zarr(&self, um: [f64; 3]) -> PathBuf {
        let out = self.folder.path().join("volume.ome.zarr");
        let options = ConvertOptions { voxel_size_um: Some(um), asked: self.asked(), chunk: 16, shard: 32, ..ConvertOptions::default() };
        volume::convert(&self.path(), &out, &options, &|_| {}, &AtomicBool::new(false)).unwrap();
        out
    }
}

fn silent() -> Watch<'static> {
    static STOP: AtomicBool = AtomicBool::new(false);
    Watch { progress: &|_, _| {}, stop: &STOP }
}

fn at(level: f64) -> SurfaceOptions {
    SurfaceOptions { level: Level::Values(vec![level]), ..SurfaceOptions::default() }
}

fn assert_sound(made: &Made) {
    for part in &made.facts {
        assert!(part.topology.is_watertight() && part.topology.is_manifold(), "{:?}", part.topology);
    }
}

/// Distance to a sphere around the middle, positive inside.
fn ball(size: f64, radius: f64) -> impl Fn([f64; 3]) -> f64 {
    move |place| radius - place.map(|part| (part - size / 2.0).powi(2)).iter().sum::<f64>().sqrt()
}

fn near(found: f64, true_value: f64, part: f64) {
    assert!((found / true_value - 1.0).abs() < part, "{found} instead of {true_value}");
}

#[test]
fn a_ball_has_its_volume_and_area_before_and_after_everything() {
    let scene = Scene::of([96; 3], ball(95.0, 40.0));
    let (volume, area) = (4.0 / 3.0 * std::f64::consts::PI * 40f64.powi(3), 4.0 * std::f64::consts::PI * 1600.0);
    let whole = scene.make(&at(0.0)).unwrap();
    assert_sound(&whole);
    near(whole.facts[0].measure.volume_um3, volume, 0.002);
    near(whole.facts[0].measure.area_um2, area, 0.01);
    let less = scene.make(&SurfaceOptions { smooth: 10, triangles: Some(4_000), ..at(0.0) }).unwrap();
    assert_sound(&less);
    assert_eq!(less.facts[0].triangles, 4_000);
    near(less.facts[0].measure.volume_um3, volume, 0.01);
    near(less.facts[0].measure.area_um2, area, 0.01);
    let deviation = less.facts[0].deviation.unwrap();
    assert!(deviation.greatest_um > 0.0 && deviation.greatest_um < 0.5, "{deviation:?}");
}

#[test]
fn voxels_that_are_not_cubes_and_coarser_levels_keep_true_lengths() {
    let scene = Scene::of([64, 64, 128], |[z, y, x]| ball(63.0, 25.0)([z, y, x / 2.0]));
    let material = Material::open(&scene.zarr([2.0, 2.0, 1.0]), &Asked::default()).unwrap();
    let volume = 4.0 / 3.0 * std::f64::consts::PI * 50f64.powi(3);
    let fine = make(&material, &at(0.0), silent()).unwrap();
    near(fine.facts[0].measure.volume_um3, volume, 0.005);
    assert!(fine.size_known);
    let middle = |made: &Made| made.parts[0].surface.bounds().unwrap().map(f64_of);
    let [least, most] = middle(&fine);
    near((least[2] + most[2]) / 2.0, 63.0, 0.01);
    let coarse = make(&material, &SurfaceOptions { triangles: Some(500), ..at(0.0) }, silent()).unwrap();
    near(coarse.facts[0].measure.volume_um3, volume, 0.03);
    let [least, most] = middle(&coarse);
    (0..3).for_each(|axis| near((least[axis] + most[axis]) / 2.0, 63.0, 0.02));
}

fn f64_of(place: [f32; 3]) -> [f64; 3] {
    place.map(f64::from)
}

#[test]
fn noise_is_closed_and_manifold_and_stays_so_when_simplified() {
    let mut state = 1u64;
    let noise: Vec<f64> = (0..40 * 40 * 40)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64
        })
        .collect();
    let scene = Scene::of([40; 3], |[z, y, x]| noise[(z as usize * 40 + y as usize) * 40 + x as usize]);
    let whole = scene.make(&SurfaceOptions::default()).unwrap();
    assert_sound(&whole);
    assert!(whole.facts[0].triangles > 150_000, "{}", whole.facts[0].triangles);
    // More than four blocks of triangles, so that seams are crossed.
    let mut less = whole.parts[0].surface.clone();
    mesh::simplify(&mut less, 90_000);
    let topology = Topology::of(&less);
    assert!(topology.is_watertight() && topology.is_manifold(), "{topology:?}");
    assert!(less.triangles.len() < whole.parts[0].surface.triangles.len() * 3 / 4, "{}", less.triangles.len());
    // What has more handles than triangles are wanted is made anew, and says so.
    let few = SurfaceOptions { triangles: Some(5_000), ..SurfaceOptions::default() };
    let anew = scene.make(&SurfaceOptions { threads: Some(1), ..few.clone() }).unwrap();
    assert_sound(&anew);
    assert!(anew.facts[0].triangles <= 5_100, "{}", anew.facts[0].triangles);
    let grid_um = anew.facts[0].merged_um.unwrap();
    assert!(grid_um > 1.0 && grid_um < 10.0, "{grid_um}");
    assert!(anew.warnings.iter().any(|warning| warning.contains("made anew on a grid of")), "{:?}", anew.warnings);
    let three = scene.make(&SurfaceOptions { threads: Some(3), ..few }).unwrap();
    assert!(anew.parts == three.parts);
}

#[test]
fn a_mask_is_as_large_as_its_voxels() {
    let inside = |y: f64, x: f64| (y - 39.5).hypot(x - 39.5) < 20.0;
    let made = Scene::of([40, 80, 80], |[_, y, x]| if inside(y, x) { 200.0 } else { 0.0 }).make(&SurfaceOptions::default()).unwrap();
    assert_sound(&made);
    assert_eq!(made.facts[0].level, 100.0);
    near(made.facts[0].measure.volume_um3, std::f64::consts::PI * 400.0 * 40.0, 0.01);
}

#[test]
fn what_smoothing_moves_is_part_of_the_deviation() {
    let scene = Scene::of([40; 3], |place| if place.iter().all(|part| (10.0..30.0).contains(part)) { 1.0 } else { 0.0 });
    let deviation = |options: SurfaceOptions| scene.make(&options).unwrap().facts[0].deviation;
    assert_eq!(deviation(at(0.5)), None);
    // The corners of the cube become round.
    let smooth = deviation(SurfaceOptions { smooth: 30, ..at(0.5) }).unwrap();
    assert!(smooth.greatest_um > 0.3 && smooth.greatest_um < 4.0, "{smooth:?}");
    let fewer = deviation(SurfaceOptions { smooth: 30, triangles: Some(2_000), ..at(0.5) }).unwrap();
    assert!(fewer.greatest_um > 0.3, "{fewer:?}");
}

#[test]
fn a_coarser_level_and_a_body_that_fills_the_volume_are_told() {
    let bar = Scene::of([12, 12, 400], |[z, y, _]| 5.0 - (z - 5.5).hypot(y - 5.5));
    let material = Material::open(&bar.zarr([1.0; 3]), &Asked::default()).unwrap();
    let coarse = make(&material, &SurfaceOptions { triangles: Some(60), ..at(0.0) }, silent()).unwrap();
    assert!(coarse.pyramid_level > 0);
    let told = |made: &Made, words: &str| made.warnings.iter().any(|warning| warning.contains(words));
    assert!(told(&coarse, &format!("level {} of the pyramid", coarse.pyramid_level)), "{:?}", coarse.warnings);
    let fine = make(&material, &at(0.0), silent()).unwrap();
    assert_eq!((fine.pyramid_level, fine.warnings.as_slice()), (0, &[][..]));
    let all = make(&material, &at(-5.0), silent()).unwrap();
    assert!(told(&all, "the whole block. Grey values go from -"), "{:?}", all.warnings);
}

#[test]
fn a_large_surface_goes_through_blocks_and_the_number_of_threads_changes_nothing() {
    let wave = |place: [f64; 3]| {
        let [z, y, x] = place.map(|part| part * 0.35);
        z.sin() * y.cos() + y.sin() * x.cos() + x.sin() * z.cos()
    };
    let scene = Scene::of([120; 3], wave);
    let wanted = SurfaceOptions { triangles: Some(30_000), smooth: 2, ..at(0.05) };
    let one = scene.make(&SurfaceOptions { threads: Some(1), ..wanted.clone() }).unwrap();
    let three = scene.make(&SurfaceOptions { threads: Some(3), ..wanted }).unwrap();
    assert!(one.facts[0].triangles_found > 200_000, "{}", one.facts[0].triangles_found);
    assert_eq!(one.facts[0].triangles, 30_000);
    assert_sound(&one);
    assert!(one.parts == three.parts);
    assert!(one.facts[0].deviation.unwrap().rms_um < 0.4, "{:?}", one.facts[0].deviation);
}

#[test]
fn a_full_box_ends_at_the_faces_of_its_voxels_and_one_thick_slice_is_a_body() {
    let full = Scene::of([4, 6, 8], |_| 1.0).make(&at(0.5)).unwrap();
    assert_sound(&full);
    assert_eq!(full.facts[0].measure.size_um, [8.0, 6.0, 4.0]);
    let slice = Scene::of([1, 20, 20], |[_, y, x]| if (5.0..15.0).contains(&y) && (5.0..15.0).contains(&x) { 1.0 } else { 0.0 });
    let slice = slice.make(&at(0.5)).unwrap();
    assert_sound(&slice);
    // Its rims are cut at half a voxel.
    near(slice.facts[0].measure.volume_um3, 90.0, 0.03);
}

#[test]
fn of_several_pieces_the_largest_keeps_its_hollow() {
    // A large hollow ball with a small hollow one in it, and one beside it with a hollow of its own.
    let scene = Scene::of([64, 64, 128], |[z, y, x]| {
        let shell = |middle: f64, outer: f64, inner: f64| {
            let radius = ((z - 31.5).powi(2) + (y - 31.5).powi(2) + (x - middle).powi(2)).sqrt();
            (outer - radius).min(radius - inner)
        };
        shell(34.0, 28.0, 12.0).max(shell(34.0, 8.0, 4.0)).max(shell(100.0, 18.0, 8.0))
    });
    let all = scene.make(&at(0.0)).unwrap();
    assert_eq!(all.facts[0].pieces, Some(Kept { found: 6, kept: 6 }));
    let largest = scene.make(&SurfaceOptions { keep: Keep::Largest, ..at(0.0) }).unwrap();
    assert_eq!(largest.facts[0].pieces, Some(Kept { found: 6, kept: 2 }));
    let volume = 4.0 / 3.0 * std::f64::consts::PI * (28f64.powi(3) - 12f64.powi(3));
    near(largest.facts[0].measure.volume_um3, volume, 0.01);
    assert_sound(&largest);
    let heavy = scene.make(&SurfaceOptions { keep: Keep::AtLeast(5_000.0), ..at(0.0) }).unwrap();
    assert_eq!(heavy.facts[0].pieces.unwrap().kept, 3, "the hollow of the one beside and the ball in the large one are below 5000 µm³");
}

#[test]
fn labels_become_named_parts() {
    let scene = Scene::of([20, 20, 40], |[_, _, x]| if x < 20.0 { 3.0 } else { 7.0 });
    let made = scene.make(&SurfaceOptions { level: Level::Labels(vec![3.0, 7.0]), ..SurfaceOptions::default() }).unwrap();
    assert_sound(&made);
    assert_eq!(made.parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(), ["label 3", "label 7"]);
    made.facts.iter().for_each(|part| near(part.measure.volume_um3, 8_000.0, 0.01));
}

#[test]
fn labels_that_touch_stay_apart_in_every_file_and_a_kit_prints_them_as_one() {
    let scene = Scene::of([24, 24, 40], |[z, y, x]| if x < 20.0 { 3.0 } else { f64::from(u8::from((y + z) % 16.0 < 8.0)) + 7.0 });
    let made = scene.make(&SurfaceOptions { level: Level::Labels(vec![3.0, 7.0, 8.0]), ..SurfaceOptions::default() }).unwrap();
    assert_sound(&made);
    let as_stl = mesh::topology_as_stl(&made.parts, 1e-3);
    assert!(as_stl.is_watertight() && as_stl.is_manifold(), "{as_stl:?}");
    let folder = tempfile::tempdir().unwrap();
    let about = About { size_unknown: true, ..About::true_scale("Three") };
    let texts = mesh::KitTexts { cite: "Ada (2026): Three.", licence: None };
    let kit = folder.path().join("kit.zip");
    mesh::print_kit(&kit, folder.path(), &made.parts, &about, &mesh::KitOptions::default(), &texts, &mesh::Slicer::NONE).unwrap();
    let printed = mesh::read(&folder.path().join("classroom-180-mm.3mf")).unwrap();
    assert_eq!(printed.parts[0].name, "label 3, label 7, label 8");
    // Of all three together in one STL.
    assert!(mesh::Check::of(&mesh::read(&folder.path().join("classroom-180-mm.stl")).unwrap().parts).is_printable());
    assert!(!folder.path().join("true-scale.3mf").exists(), "nobody knows how large it is");
    // Where labels touch there is no wall between them.
    let report = PrintReport::of(&made.parts, 4.5);
    assert!(report.thin_share < 0.01, "{report:?}");
}

#[test]
fn the_number_of_a_label_does_not_move_its_surface() {
    let made = [1.0, 200.0].map(|label| {
        let scene = Scene::of([24; 3], move |place| if ball(23.0, 9.0)(place) >= 0.0 { label } else { 0.0 });
        scene.make(&SurfaceOptions { level: Level::AnyLabel, ..SurfaceOptions::default() }).unwrap()
    });
    assert_sound(&made[0]);
    assert!(made[0].parts == made[1].parts);
    assert_eq!(made[0].facts, made[1].facts);
}

#[test]
fn what_has_no_surface_is_told_in_words() {
    let says = |value: f64, options: &SurfaceOptions| Scene::of([8; 3], |_| value).make(options).err().unwrap().to_string();
    let otsu = SurfaceOptions::default();
    assert!(says(f64::NAN, &otsu).contains("none of its voxels is a number"));
    assert!(says(3.0, &otsu).contains("all its voxels are 3"));
    assert!(says(3.0, &at(9.0)).contains("no voxel reaches the level 9. Its grey values go from 3 to 3"));
    assert!(says(3.0, &SurfaceOptions { level: Level::Labels(vec![2.0]), ..otsu.clone() }).contains("no voxel has the value 2"));
    assert!(says(3.0, &SurfaceOptions { triangles: Some(1), ..otsu }).contains("makes no body"));
}

#[test]
fn a_stop_is_heard() {
    let scene = Scene::of([16; 3], ball(15.0, 5.0));
    let stop = AtomicBool::new(true);
    let material = Material::open(&scene.path(), &scene.asked()).unwrap();
    let outcome = make(&material, &at(0.0), Watch { progress: &|_, _| {}, stop: &stop });
    assert!(outcome.err().unwrap().to_string().contains("stopped"));
}

#[test]
fn a_hole_a_flip_and_a_pinch_are_seen() {
    let mut surface = Scene::of([16; 3], ball(15.0, 5.0)).make(&at(0.0)).unwrap().parts.remove(0).surface;
    assert!(Measure::of(&surface).volume_um3 > 0.0);
    surface.triangles[7].swap(0, 1);
    assert_eq!(Topology::of(&surface).flipped_edges, 3);
    surface.triangles.remove(7);
    assert_eq!(Topology::of(&surface).open_edges, 3);
    assert!(!Topology::of(&surface).is_watertight());
    // Two tetrahedra that share one corner.
    let tetrahedron = |[a, b, c, d]: [u32; 4]| [[a, c, b], [a, b, d], [b, c, d], [a, d, c]];
    let positions = vec![[0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]];
    let two = Surface { positions, triangles: [tetrahedron([0, 1, 2, 3]), tetrahedron([0, 5, 4, 6])].concat() };
    let pinch = Topology::of(&two);
    assert_eq!(pinch, Topology { pinched_vertices: 1, ..Topology::default() });
    assert!(pinch.is_watertight() && !pinch.is_manifold());
}

#[test]
fn every_format_is_written_and_has_what_it_promises() {
    let made = Scene::of([24; 3], ball(23.0, 9.0)).make(&at(0.0)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let about = About { title: "A <ball> & more".into(), licence: Some("CC-BY-4.0".into()), ..About::true_scale("") };
    for format in ModelFormat::ALL {
        let path = folder.path().join(format!("ball.{}", format.ending()));
        let bytes = mesh::write(&path, format, &made.parts, &about).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), bytes);
        assert!(starts_right(&path, format), "{}", path.display());
    }
    let stl = std::fs::metadata(folder.path().join("ball.stl")).unwrap().len();
    assert_eq!(stl, 84 + 50 * made.parts.iter().map(|part: &Part| part.surface.triangles.len() as u64).sum::<u64>());
}

#[test]
fn an_stl_that_is_written_while_it_grows_is_the_one_that_is_written_afterwards() {
    // More than is in memory at a time, so that triangles wait for their corners.
    let shape = [360, 160, 160];
    let scene = Scene::of(shape, |[z, y, x]| 70.0 - (y - 80.0).abs().max((x - 80.0).abs()) - (z % 7.0) * 0.3);
    let folder = scene.folder.path();
    let made = scene.make(&at(11.25)).unwrap();
    let about = About::true_scale("a rod");
    let after = mesh::write(&folder.join("after.stl"), ModelFormat::Stl, &made.parts, &about).unwrap();
    for threads in [1, 2] {
        let stream = StlStream::create(&folder.join("while.stl"), &about).unwrap();
        let material = Material::open(&scene.path(), &scene.asked()).unwrap();
        let options = SurfaceOptions { threads: Some(threads), ..at(11.25) };
        let (same, bytes) = mesh::make_stl(&material, &options, silent(), stream).unwrap();
        assert_eq!((bytes, &same.parts), (after, &made.parts));
        let [one, other] = ["while.stl", "after.stl"].map(|name| std::fs::read(folder.join(name)).unwrap());
        assert!(one == other && one.len() as u64 == after, "{threads} threads");
    }
    assert!(made.facts[0].triangles > 100_000, "{} are few pieces for the disk", made.facts[0].triangles);
}

#[test]
fn what_is_changed_afterwards_is_not_written_while_it_grows() {
    let scene = Scene::of([16; 3], ball(15.0, 5.0));
    let stream = StlStream::create(&scene.folder.path().join("ball.stl"), &About::true_scale("a ball")).unwrap();
    let material = Material::open(&scene.path(), &scene.asked()).unwrap();
    let smoothed = SurfaceOptions { smooth: 2, ..at(0.0) };
    let trouble = mesh::make_stl(&material, &smoothed, silent(), stream).err().unwrap().to_string();
    assert!(trouble.contains("changed after it was found") && trouble.contains("Make it first"), "{trouble}");
}

#[test]
fn a_full_disk_is_named() {
    let Ok(full) = StlStream::create(Path::new("/dev/full"), &About::true_scale("a ball")) else { return };
    let scene = Scene::of([16; 3], ball(15.0, 5.0));
    let material = Material::open(&scene.path(), &scene.asked()).unwrap();
    let trouble = mesh::make_stl(&material, &at(0.0), silent(), full).err().unwrap().to_string();
    assert!(trouble.contains("No space left") && trouble.contains("full"), "{trouble}");
}

#[test]
fn a_print_kit_stands_on_its_base_and_is_cut_in_closed_halves() {
    // A hollow ball whose wall is 3 µm thick in a body of 40 µm, with some waves on it.
    let wavy = |place: [f64; 3]| ball(47.0, 20.0)(place) + (place[0] * 1.3).sin() * (place[1] * 0.9).cos() * 0.4;
    let scene = Scene::of([48; 3], |place| wavy(place).min(-ball(47.0, 17.0)(place)));
    let made = scene.make(&SurfaceOptions { smooth: 4, triangles: Some(9_000), ..at(0.0) }).unwrap();
    let report = PrintReport::of(&made.parts, 4.5);
    near(report.thinnest_wall_mm.unwrap(), 13.0, 0.2);
    assert_eq!(report.loose_pieces, 1);
    let folder = tempfile::tempdir().unwrap();
    let kit = folder.path().join("kit.zip");
    let about = About { doi: Some("10.5072/science3d.7h3k9x2q4".into()), ..About::true_scale("Ball") };
    let options = mesh::KitOptions { size_mm: 120.0, ..mesh::KitOptions::default() };
    let texts = mesh::KitTexts { cite: "Ada (2026): Ball.", licence: Some("Free for all.") };
    let written = mesh::print_kit(&kit, folder.path(), &made.parts, &about, &options, &texts, &mesh::Slicer::NONE).unwrap();
    assert_eq!(std::fs::metadata(&kit).unwrap().len(), written.bytes);
    near(written.report.size_mm.into_iter().fold(0.0, f64::max), 120.0, 1e-4);
    assert!(written.report.hours > 0.0 && written.report.loose_pieces == 1, "{:?}", written.report);
    let names = String::from_utf8_lossy(&std::fs::read(&kit).unwrap()).into_owned();
    for name in ["true-scale.3mf", "classroom-120-mm.stl", "REPORT.txt", "BERICHT.txt", "LICENCE.txt", "HOW-TO-CITE.txt"] {
        assert!(names.contains(name), "{name}");
    }
    let whole = mesh::Check::of(&mesh::read(&folder.path().join("classroom-120-mm.3mf")).unwrap().parts);
    near(whole.measure.size_um.into_iter().fold(0.0, f64::max), 120e3, 1e-4);
    let mut halves_um3 = 0.0;
    for (name, parts) in [("on-base-120-mm", 1), ("half-1-120-mm", 1), ("half-2-120-mm", 1)] {
        for ending in ["3mf", "stl"] {
            let found = mesh::read(&folder.path().join(format!("{name}.{ending}"))).unwrap();
            let check = mesh::Check::of(&found.parts);
            assert!(check.is_printable(), "{name}.{ending}: {check:?}");
            assert!(check.measure.size_um.iter().all(|&side| side < 120.01e3), "{check:?}");
            if ending == "3mf" {
                assert_eq!(check.parts, parts, "{name}");
            } else if name.starts_with("half") {
                halves_um3 += check.measure.volume_um3;
                near(check.measure.size_um[2], whole.measure.size_um[2] / 2.0, 0.05);
            }
        }
    }
    near(halves_um3, whole.measure.volume_um3, 0.002);
    assert!(report.words(mesh::Language::English).contains("a nozzle of 0.4 mm can print them"));
    assert!(report.words(mesh::Language::German).contains("Eine Düse von 0,4 mm kann sie drucken"));
}

#[test]
fn a_sheet_of_one_voxel_is_closed() {
    let scene = Scene::of([1, 24, 24], |[_, y, x]| 8.0 - ((y - 11.5).powi(2) + (x - 11.5).powi(2)).sqrt());
    let made = scene.make(&at(0.0)).unwrap();
    assert_sound(&made);
    // Its rim is rounded, as there is nothing above and below it.
    near(made.facts[0].measure.volume_um3, std::f64::consts::PI * 64.0, 0.06);
    near(made.facts[0].measure.size_um[2], 1.0, 1e-6);
}

fn starts_right(path: &Path, format: ModelFormat) -> bool {
    let head: &[u8] = match format {
        ModelFormat::Stl => b"binary STL, mm: A <ball> & more, CC-BY-4.0",
        ModelFormat::Ply => b"ply\nformat binary_little_endian",
        ModelFormat::Obj => b"# A <ball>",
        ModelFormat::Glb => b"glTF\x02\0\0\0",
        ModelFormat::ThreeMf => b"PK\x03\x04",
    };
    std::fs::read(path).unwrap().starts_with(head)
}
