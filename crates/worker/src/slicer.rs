//! A slicer as a check of what is to be printed: a program of its own beside us, with bounds on time, memory and disk, that sees
//! nothing of our environment.

use crate::bounded::Bounds;
use mesh::Sliced;
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::{Child, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// One print is sliced in seconds; what takes longer is told.
const SECONDS_MAX: u64 = 120;
const BOUNDS: Bounds = Bounds { memory_kib: 6 << 20, file_bytes: 2 << 30, processor_seconds: 4 * SECONDS_MAX };
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// The end of its output, where it says what it needs.
const TAIL_BYTES: u64 = 256 << 10;
/// Letters of its complaint that are told.
const COMPLAINT_CHARS_MAX: usize = 300;
/// What a classroom printer does: two lines of wall, 15 % inside, layers of 0.2 mm.
const SETTINGS: [&str; 8] = ["--layer-height", "0.2", "--perimeters", "2", "--fill-density", "15%", "--filament-density", "1.24"];
/// Beds as wide as the largest print, so that only the print decides.
const BED: [&str; 4] = ["--bed-shape", "0x0,420x0,420x420,0x420", "--max-print-height", "420"];

/// PrusaSlicer, or what takes the same options.
#[derive(Debug, Clone)]
pub struct Slicer {
    program: PathBuf,
    patience: Duration,
}

impl Slicer {
    /// By its path, or by a name that is looked for in the usual folders.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), patience: Duration::from_secs(SECONDS_MAX) }
    }

    /// What it is called in reports until it says so itself.
    fn name(&self) -> String {
        self.program.file_name().map_or_else(|| "The slicer".to_owned(), |name| name.to_string_lossy().into_owned())
    }

    /// Slices a 3MF file; `scratch` is for what it writes. `is_stopped` ends it early.
    pub(crate) fn slice(&self, file: &Path, scratch: &Path, is_stopped: &dyn Fn() -> bool) -> Sliced {
        let output = scratch.join("sliced.gcode");
        let answer = self.run(file, &output, scratch, is_stopped);
        let _ = std::fs::remove_file(&output);
        answer.unwrap_or_else(|reason| Sliced::Failed { slicer: self.name(), reason })
    }

    fn run(&self, file: &Path, output: &Path, scratch: &Path, is_stopped: &dyn Fn() -> bool) -> Result<Sliced, String> {
        let says = scratch.join("slicer.txt");
        let failed = |error: io::Error| format!("it could not be started ({error})");
        let log = File::create(&says).map_err(failed)?;
        let mut command = BOUNDS.command(self.program.as_os_str());
        command.args(["--export-gcode", "--output"]).arg(output).arg("--datadir").arg(scratch).args(SETTINGS).args(BED).arg(file);
        command.env("HOME", scratch).current_dir(scratch);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let mut child = command.spawn().map_err(failed)?;
        let ended = wait(&mut child, self.patience, is_stopped);
        let _ = child.kill();
        let _ = child.wait();
        let complaint = complaint(&tail(&says).unwrap_or_default());
        let _ = std::fs::remove_file(&says);
        match ended.map_err(failed)? {
            Ended::Late => Err(format!("it was not ready after {} seconds", self.patience.as_secs())),
            Ended::Stopped => Err("it was told to stop".to_owned()),
            Ended::Itself(status) if status.success() => {
                read(output).map_err(|error| format!("its output could not be read ({error})"))?.ok_or_else(|| complaint)
            }
            Ended::Itself(_) => Err(complaint),
        }
    }
}

enum Ended {
    Itself(ExitStatus),
    Stopped,
    Late,
}

fn wait(child: &mut Child, patience: Duration, is_stopped: &dyn Fn() -> bool) -> io::Result<Ended> {
    let began = Instant::now();
    while began.elapsed() < patience {
        if is_stopped() {
            return Ok(Ended::Stopped);
        }
        if let Some(status) = child.try_wait()? {
            return Ok(Ended::Itself(status));
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(Ended::Late)
}

/// The last line that it wrote about its trouble.
fn complaint(text: &str) -> String {
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty() && !line.contains("[trace]"));
    line.map_or_else(|| "it gave no reason".to_owned(), |line| line.chars().take(COMPLAINT_CHARS_MAX).collect())
}

fn tail(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len();
    file.seek(SeekFrom::Start(bytes.saturating_sub(TAIL_BYTES)))?;
    let mut text = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// What the comments of the G-code say; nothing when they do not say it.
fn read(path: &Path) -> io::Result<Option<Sliced>> {
    let mut head = Vec::new();
    File::open(path)?.take(TAIL_BYTES).read_to_end(&mut head)?;
    let head = String::from_utf8_lossy(&head);
    let made_by = head.lines().find_map(|line| line.strip_prefix("; generated by "));
    let slicer = made_by.map_or("The slicer", |line| line.split(" on ").next().unwrap_or(line)).chars().take(60).collect();
    Ok(numbers(&tail(path)?).map(|(filament_mm3, seconds)| Sliced::Done { slicer, filament_mm3, seconds }))
}

/// Filament in cubic millimetres, and seconds.
fn numbers(text: &str) -> Option<(f64, f64)> {
    let value = |name: &str| {
        let line = text.lines().rev().find(|line| line.trim_start_matches("; ").starts_with(name))?;
        line.split_once('=').map(|(_, value)| value.trim())
    };
    let filament_cm3: f64 = value("filament used [cm3]")?.split(',').filter_map(|part| part.trim().parse::<f64>().ok()).sum();
    Some((filament_cm3 * 1e3, seconds(value("estimated printing time (normal mode)")?)?))
}

/// `1d 2h 3m 4s`
fn seconds(text: &str) -> Option<f64> {
    text.split_whitespace().try_fold(0.0, |sum, part| {
        let (number, unit) = part.split_at_checked(part.len().checked_sub(1)?)?;
        let factor = match unit {
            "d" => 86_400.0,
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            _ => return None,
        };
        Some(sum + number.parse::<f64>().ok()? * factor)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn program(folder: &Path, text: &str) -> Slicer {
        let path = folder.join("slicer.sh");
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        Slicer::new(path)
    }

    #[test]
    fn what_the_slicer_says_is_read_and_what_it_refuses_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let says =
            "; generated by Slice 7 on 2026\\n; filament used [cm3] = 2.86\\n; estimated printing time (normal mode) = 1d 1h 15m 49s\\n";
        // Its third option is where it writes.
        let good = program(folder.path(), &format!("printf '{says}' > \"$3\""));
        let done = good.slice(Path::new("a.3mf"), folder.path(), &|| false);
        assert_eq!(done, Sliced::Done { slicer: "Slice 7".into(), filament_mm3: 2_860.0, seconds: 90_949.0 });
        assert!(!folder.path().join("sliced.gcode").exists());
        let bad = program(folder.path(), "echo 'There is no layer.' >&2; exit 1");
        let failed = bad.slice(Path::new("a.3mf"), folder.path(), &|| false);
        assert_eq!(failed, Sliced::Failed { slicer: "slicer.sh".into(), reason: "There is no layer.".into() });
        let nosy = program(folder.path(), "echo \"${CARGO_MANIFEST_DIR-nothing} and $(ulimit -v)\" >&2; exit 1");
        let Sliced::Failed { reason, .. } = nosy.slice(Path::new("a.3mf"), folder.path(), &|| false) else { panic!() };
        assert_eq!(reason, format!("nothing and {}", BOUNDS.memory_kib));
        let slow = program(folder.path(), "exec sleep 600");
        let reason_of = |slicer: &Slicer, stop: bool| match slicer.slice(Path::new("a.3mf"), folder.path(), &|| stop) {
            Sliced::Failed { reason, .. } => reason,
            done => panic!("{done:?}"),
        };
        assert_eq!(reason_of(&slow, true), "it was told to stop");
        let hasty = Slicer { patience: Duration::from_millis(300), ..slow };
        assert!(reason_of(&hasty, false).contains("not ready after"));
        let absent = Slicer::new("/nowhere/slicer").slice(Path::new("a.3mf"), folder.path(), &|| false);
        assert!(matches!(absent, Sliced::Failed { .. }));
    }

    #[test]
    fn a_kit_is_sliced_where_prusa_slicer_is_installed() {
        let name = std::env::var("SCIENCE3D_TEST_SLICER").unwrap_or_else(|_| "prusa-slicer".into());
        if std::process::Command::new(&name).arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
            return println!("skipped: a_kit_is_sliced_where_prusa_slicer_is_installed ({name} is not installed)");
        }
        let folder = tempfile::tempdir().unwrap();
        let corner = |number: u32| std::array::from_fn(|axis| if number >> axis & 1 == 1 { 20_000.0 } else { 0.0 });
        let quads: [[u32; 4]; 6] = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
        let triangles = quads.iter().flat_map(|&[a, b, c, d]| [[a, b, c], [a, c, d]]).collect();
        let cube = mesh::Part::new(0, "cube", mesh::Surface { positions: (0..8).map(corner).collect(), triangles });
        // Two shells that lie in each other half-way, as body and base do: what is common to both is filled once.
        let mut both = cube.clone();
        both.surface.positions.extend(cube.surface.positions.iter().map(|&[x, y, z]| [x + 10_000.0, y, z]));
        both.surface.triangles.extend(cube.surface.triangles.iter().map(|triangle| triangle.map(|vertex| vertex + 8)));
        // Two parts, one within the other: what does not stay in its place is printed beside it.
        let mut within = mesh::Part { name: "within".into(), ..cube.clone() };
        within.surface.positions.iter_mut().for_each(|place| *place = place.map(|part| part * 0.6 + 4_000.0));
        let volumes = [vec![cube.clone()], vec![both], vec![cube, within]].map(|parts| {
            let path = folder.path().join("cubes.3mf");
            mesh::write(&path, mesh::ModelFormat::ThreeMf, &parts, &mesh::About::true_scale("Cubes")).unwrap();
            match Slicer::new(&name).slice(&path, folder.path(), &|| false) {
                Sliced::Done { slicer, filament_mm3, seconds } => {
                    assert!(slicer.starts_with("PrusaSlicer") && seconds > 300.0, "{slicer} {seconds}");
                    filament_mm3
                }
                failed => panic!("{failed:?}"),
            }
        });
        assert!((1_500.0..5_000.0).contains(&volumes[0]), "{volumes:?}");
        assert!(volumes[2] > volumes[0] * 0.95 && volumes[2] < volumes[0] * 1.35, "{volumes:?}");
        assert!(volumes[1] > volumes[0] * 1.2 && volumes[1] < volumes[0] * 1.75, "{volumes:?}");
        let empty = folder.path().join("empty.3mf");
        std::fs::write(&empty, "no package").unwrap();
        assert!(matches!(Slicer::new(&name).slice(&empty, folder.path(), &|| false), Sliced::Failed { .. }));
    }
}
