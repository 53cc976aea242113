//! `science3d render`: a picture or a movie of a volume.

use crate::progress::words_for_bytes;
use crate::voxels::AskedOptions;
use crate::whole_file::write_whole;
use anyhow::{Context, bail};
use picture::{
    Camera, Caption, FilmOptions, Filmed, Format, Ground, Path as Way, Preset, RenderOptions, Scene, ScenePlan, Transfer, Watch,
};
use serde_json::json;
use std::{
    path::PathBuf,
    str::FromStr,
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};
use volume::{Material, Statistics};

#[derive(Debug, Clone, clap::Args)]
pub struct Render {
    /// An OME-Zarr volume, or any file or folder that `inspect` knows
    path: PathBuf,
    /// The file to make: .png, .webp, .jpg or .mp4
    out: PathBuf,
    /// Width and height in pixels
    #[arg(long, default_value = "1280x720", value_name = "WxH")]
    size: Size,
    /// Pictures of a movie, of which there are 24 a second; a title adds 43 before them
    #[arg(long, default_value_t = 192, value_name = "N")]
    frames: usize,
    /// Which way a movie goes: around the body, or through its slices
    #[arg(long = "path", id = "way", default_value = "turntable", value_name = "turntable|slices", value_parser = way)]
    path_kind: Way,
    /// Colours and light: bone, soft-tissue, foam, metal, cryo-em, glow or radiograph; by default what suits the grey values
    #[arg(long, value_name = "NAME", value_parser = preset)]
    preset: Option<Preset>,
    /// Grey value at which matter begins; by default found from the grey values
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
    surface: Option<f64>,
    /// Whether voxels are labels and no grey values
    #[arg(long)]
    labels: bool,
    /// Where the eye stands around the z axis, in degrees
    #[arg(long, default_value_t = -122.0, value_name = "DEGREES", allow_negative_numbers = true, value_parser = azimuth)]
    azimuth: f32,
    /// How high the eye stands, in degrees from -90 to 90
    #[arg(long, default_value_t = 24.0, value_name = "DEGREES", allow_negative_numbers = true, value_parser = elevation)]
    elevation: f32,
    /// More than 1 comes nearer, from 0.1 to 20
    #[arg(long, default_value_t = 1.0, value_name = "FACTOR", allow_negative_numbers = true, value_parser = zoom)]
    zoom: f32,
    /// What is behind: dark, white, black or transparent
    #[arg(long, default_value = "dark", value_name = "NAME", value_parser = ground)]
    ground: Ground,
    /// Title of a movie, shown at its beginning
    #[arg(long, default_value = "", value_name = "TEXT")]
    title: String,
    /// Where to find the data, shown below the title: a DOI
    #[arg(long, default_value = "", value_name = "TEXT")]
    source: String,
    /// Leave the scale bar out
    #[arg(long)]
    no_scale_bar: bool,
    /// Points of a transfer function of your own, as value:opacity of one voxel:colour, lit by a lamp at the eye
    #[arg(long, value_name = "V:A:RRGGBB,…", value_delimiter = ',', conflicts_with_all = ["preset", "surface"], allow_negative_numbers = true)]
    points: Vec<OwnPoint>,
    /// Threads; by default all cores
    #[arg(long)]
    threads: Option<usize>,
    #[command(flatten)]
    asked: AskedOptions,
    /// Print one JSON object on standard output
    #[arg(long)]
    json: bool,
}

fn azimuth(text: &str) -> Result<f32, String> {
    within(text, -3600.0..=3600.0, "angle in degrees such as -122")
}

fn elevation(text: &str) -> Result<f32, String> {
    within(text, -90.0..=90.0, "angle from -90 (from below) to 90 degrees (from above)")
}

fn zoom(text: &str) -> Result<f32, String> {
    within(text, 0.1..=20.0, "factor from 0.1 to 20")
}

fn within(text: &str, range: std::ops::RangeInclusive<f32>, what: &str) -> Result<f32, String> {
    text.parse().ok().filter(|value| range.contains(value)).ok_or_else(|| format!("“{text}” is no {what}"))
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Size([usize; 2]);

impl FromStr for Size {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let sides: Option<Vec<usize>> = text.split(['x', '×']).map(|side| side.parse().ok()).collect();
        match sides.as_deref() {
            Some([width, height]) if [width, height].iter().all(|side| (16..=picture::SIDE_MAX).contains(*side)) => {
                Ok(Self([*width, *height]))
            }
            _ => Err(format!("“{text}” is no size such as 1280x720, from 16 to {} pixels a side", picture::SIDE_MAX)),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct OwnPoint {
    value: f64,
    opacity: f32,
    colour: u32,
}

impl FromStr for OwnPoint {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = || {
            let [value, opacity, colour] = text.split(':').collect::<Vec<_>>()[..] else { return None };
            let colour = u32::from_str_radix(colour, 16).ok().filter(|_| colour.len() == 6)?;
            let (value, opacity): (f64, f32) = (value.parse().ok()?, opacity.parse().ok()?);
            (value.is_finite() && (0.0..=1.0).contains(&opacity)).then_some(Self { value, opacity, colour })
        };
        found().ok_or_else(|| format!("“{text}” is no point such as 20000:0.6:ffeedd"))
    }
}

fn way(name: &str) -> Result<Way, String> {
    Way::from_name(name).ok_or_else(|| format!("“{name}” is neither turntable nor slices"))
}

fn preset(name: &str) -> Result<Preset, String> {
    let names = Preset::ALL.map(Preset::name).join(", ");
    Preset::from_name(name).ok_or_else(|| format!("“{name}” is no preset; use one of {names}"))
}

fn ground(name: &str) -> Result<Ground, String> {
    Ground::from_name(name).ok_or_else(|| format!("“{name}” is no ground; use dark, white, black or transparent"))
}

/// What was made, and how long the steps took.
#[derive(Default)]
struct Made {
    bytes: Vec<u8>,
    preset: &'static str,
    level: usize,
    shape: [usize; 3],
    statistics: Duration,
    scene: Duration,
    drawing: Vec<Duration>,
    /// Eye, middle and upward direction, x, y, z in voxels; and the height of the picture in degrees. Of a movie's first picture.
    place: Option<([f32; 3], [f32; 3], [f32; 3], f32)>,
}

impl Render {
    pub fn run(self) -> anyhow::Result<()> {
        let ending = self.out.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let still = Format::from_name(&ending);
        if still.is_none() && ending != "mp4" {
            bail!("“{}” does not end in .png, .webp, .jpg or .mp4", self.out.display());
        }
        if !(1..=picture::FRAMES_MAX).contains(&self.frames) {
            bail!("--frames is a number from 1 to {}", picture::FRAMES_MAX);
        }
        if still.is_none() && self.size.0.iter().any(|&side| side > picture::MOVIE_SIDE_MAX) {
            bail!("a movie has sides of at most {} pixels; give a smaller --size", picture::MOVIE_SIDE_MAX);
        }
        if self.ground == Ground::Transparent && !matches!(still, Some(Format::Png | Format::Webp)) {
            bail!("only .png and .webp can have a transparent ground");
        }
        let begun = Instant::now();
        let material = Material::open(&self.path, &self.asked.asked()?)?;
        volume::refuse_to_overwrite(&self.path, material.files(), &self.out)?;
        let made = picture::on_threads(self.threads, || self.make(&material, still))??;
        write_whole(&self.out, |part| {
            std::fs::write(part, &made.bytes).with_context(|| format!("cannot write {}", self.out.display()))?;
            Ok(made.bytes.len() as u64)
        })?;
        self.tell(&made, begun.elapsed());
        Ok(())
    }

    fn make(&self, material: &Material, still: Option<Format>) -> anyhow::Result<Made> {
        let begun = Instant::now();
        let statistics = material.statistics()?;
        self.shows_something(&statistics, self.labels || material.is_label())?;
        let mut made = Made { statistics: begun.elapsed(), ..Made::default() };
        let stop = AtomicBool::new(false);
        let watch = Watch { progress: &|_, _| {}, stop: &stop };
        if still.is_none() && self.path_kind == Way::Slices {
            let filmed = picture::fly_through(material, &statistics, &self.film(), &watch)?;
            return Ok(Made { bytes: filmed.bytes, drawing: filmed.drawing, preset: "slices", shape: material.shape(0), ..made });
        }
        let scene = self.scene(material, &statistics, &mut made)?;
        let camera = if still.is_some() { self.camera() } else { self.film().camera };
        made.place = Some(scene.place(camera, self.size.0[0] as f32 / self.size.0[1] as f32));
        if let Some(format) = still {
            let begun = Instant::now();
            let [width, height] = self.size.0;
            let options = RenderOptions { width, height, camera: self.camera(), ground: self.ground, rays: 2 };
            let mut image = scene.draw(&options);
            made.drawing.push(begun.elapsed());
            let height_um = scene.height_um(options.camera, width as f32 / height as f32);
            if let Some(height_um) = height_um.filter(|_| !self.no_scale_bar) {
                picture::scale_bar(&mut image, height_um, picture::ink(self.ground), picture::Corner::LowerRight);
            }
            made.bytes = picture::encode(&image, format)?;
        } else {
            let Filmed { bytes, drawing, .. } = picture::turntable(&scene, &self.film(), &watch)?;
            (made.bytes, made.drawing) = (bytes, drawing);
        }
        Ok(made)
    }

    /// An empty picture is no answer.
    fn shows_something(&self, statistics: &Statistics, is_label: bool) -> anyhow::Result<()> {
        let Statistics { min, max, .. } = *statistics;
        if statistics.histogram.iter().all(|&count| count == 0) {
            bail!("{}: none of its voxels is a finite number, so there is nothing to show; save the volume again", self.path.display());
        }
        if is_label || !self.points.is_empty() {
            return Ok(());
        }
        if min >= max {
            bail!("{}: all its voxels are {min}, so there is nothing to show; look whether it is the right file", self.path.display());
        }
        if let Some(surface) = self.surface
            && !(surface > min && surface <= max)
        {
            bail!(
                "--surface {surface} shows nothing of {}: its grey values go from {min} to {max}; choose one between",
                self.path.display()
            );
        }
        Ok(())
    }

    fn scene(&self, material: &Material, statistics: &Statistics, made: &mut Made) -> anyhow::Result<Scene> {
        let begun = Instant::now();
        let transfer = if !self.points.is_empty() {
            made.preset = "points";
            let points: Vec<_> = self.points.iter().map(|point| (point.value, point.opacity, point.colour)).collect();
            let [_, height, width] = material.shape(0);
            Transfer::of_points(&points, material.shape(0)[0].max(height).max(width))
        } else if self.labels || material.is_label() {
            made.preset = "labels";
            Transfer::labels()
        } else {
            let preset = self.preset.unwrap_or_else(|| Preset::for_statistics(statistics));
            made.preset = preset.name();
            preset.transfer(statistics, self.surface)
        };
        // A voxel about as large as a pixel is as fine as can be seen.
        let plan = ScenePlan::new(material, transfer, picture::voxels_for(self.size.0[1]));
        (made.level, made.shape) = (plan.level(), plan.shape());
        let scene = plan.build(&|_, _| {})?;
        made.scene = begun.elapsed();
        Ok(scene)
    }

    fn camera(&self) -> Camera {
        Camera { azimuth: self.azimuth, elevation: self.elevation, zoom: self.zoom, turning: false }
    }

    fn film(&self) -> FilmOptions {
        FilmOptions {
            width: self.size.0[0] / 2 * 2,
            height: self.size.0[1] / 2 * 2,
            frames: self.frames,
            labels: self.labels,
            caption: Caption { title: self.title.clone(), by: String::new(), source: self.source.clone() },
            camera: Camera { turning: true, ..self.camera() },
            ground: self.ground,
            scale_bar: !self.no_scale_bar,
            ..FilmOptions::default()
        }
    }

    fn tell(&self, made: &Made, whole: Duration) {
        let mut each: Vec<f64> = made.drawing.iter().map(Duration::as_secs_f64).collect();
        each.sort_by(f64::total_cmp);
        let frame = each.get(each.len() / 2).copied().unwrap_or(0.0);
        if self.json {
            let [width, height] = self.size.0;
            let said = json!({
                "width": width, "height": height, "frames": each.len(), "preset": made.preset, "camera": made.place, "pyramid_level": made.level, "shape": made.shape,
                "bytes_out": made.bytes.len(), "statistics_seconds": made.statistics.as_secs_f64(), "scene_seconds": made.scene.as_secs_f64(),
                "frame_seconds": frame, "seconds": whole.as_secs_f64(), "peak_rss_bytes": crate::memory_use::peak_rss_bytes(),
            });
            println!("{said}");
            return;
        }
        println!(
            "{} of {} voxels as “{}”, {} in {:.1} s ({:.2} s a picture): {}",
            if each.len() == 1 { "A picture".into() } else { format!("{} pictures", each.len()) },
            crate::voxels::words_for_shape(made.shape),
            made.preset,
            words_for_bytes(made.bytes.len() as u64),
            whole.as_secs_f64(),
            frame,
            self.out.display()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_points_are_read_or_refused() {
        assert_eq!("1280x720".parse(), Ok(Size([1280, 720])));
        for bad in ["", "1280", "0x10", "9000x10", "1280x720x3", "ax b"] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
        assert_eq!((elevation("-90"), zoom("20"), azimuth("-122")), (Ok(-90.0), Ok(20.0), Ok(-122.0)));
        assert!(["95", "nan", "up"].iter().all(|bad| elevation(bad).is_err()));
        assert!(["0", "nan", "inf", "-1"].iter().all(|bad| zoom(bad).is_err()));
        assert!(azimuth("inf").is_err());
        assert_eq!("-5:0.5:ff8800".parse(), Ok(OwnPoint { value: -5.0, opacity: 0.5, colour: 0xff8800 }));
        for bad in ["1:2:ff8800", "1:0.5:ff88", "nan:0.5:ff8800", "1:0.5", "1:0.5:zz8800"] {
            assert!(bad.parse::<OwnPoint>().is_err(), "{bad}");
        }
    }
}
