//! `science3d mesh`: the surface of a volume, or a model in another format, as a file for screen or printer.

use crate::model::{self, Target};
use crate::progress::words_for_bytes;
use crate::voxels::{AskedOptions, VoxelSize};
use crate::whole_file::write_whole;
use anyhow::{Context, bail};
use mesh::{About, Keep, KitOptions, Level, Made, Material, ModelFormat, StlStream, SurfaceOptions, Watch};
use record::doi::Doi;
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};
use volume::{Asked, ConvertOptions};

/// Files with more voxels go through a scratch volume when few triangles are wanted, because only that has coarser levels.
const STRAIGHT_MAX_VOXELS: usize = 1 << 28;

#[derive(Debug, Clone, clap::Args)]
pub struct Mesh {
    /// An OME-Zarr volume, or any file or folder that `inspect` knows; or a model, to convert it
    path: PathBuf,
    /// The file to make: .stl, .ply, .obj, .glb or .3mf; .zip is a kit for a 3D printer
    out: PathBuf,
    /// Grey value of the surface, several with commas between them, or “otsu”
    #[arg(long, default_value = "otsu", value_name = "VALUE|otsu", allow_hyphen_values = true)]
    level: Levels,
    /// Surfaces of voxels with exactly these values, with commas between them
    #[arg(long, value_name = "VALUES", value_delimiter = ',', conflicts_with = "level")]
    labels: Vec<f64>,
    /// At most this many triangles; by default all of the finest level
    #[arg(long, value_name = "N")]
    triangles: Option<usize>,
    /// Which pieces stay: all, or the largest with the hollows inside it
    #[arg(long, default_value = "all", value_name = "largest|all")]
    parts: Parts,
    /// Pieces and hollows that enclose less go
    #[arg(long, value_name = "UM3", conflicts_with = "parts")]
    least_volume: Option<f64>,
    /// Rounds of smoothing
    #[arg(long, default_value_t = 0, value_name = "N")]
    smooth: u32,
    /// Length of the longest side in the file; by default true scale, in a kit 180
    #[arg(long, value_name = "S")]
    size_mm: Option<f64>,
    /// Mend a model where that is safe: turned triangles, doubles, small holes
    #[arg(long)]
    repair: bool,
    /// In a kit: what the base carries, the DOI in letters or also as a QR code
    #[arg(long, default_value = "code", value_name = "letters|code", conflicts_with = "no_base")]
    base: BaseWish,
    /// In a kit: no base with the DOI
    #[arg(long)]
    no_base: bool,
    /// In a kit: no halves
    #[arg(long)]
    no_halves: bool,
    /// Title that is written into the file; by default the name of PATH
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Who made the data, with semicolons between them: “Ada Lovelace; Max Born”
    #[arg(long, value_name = "NAMES", value_delimiter = ';')]
    creators: Vec<String>,
    /// DOI that is written into the file, and on the base of a kit
    #[arg(long)]
    doi: Option<Doi>,
    /// Licence that is written into the file, such as CC-BY-4.0
    #[arg(long)]
    licence: Option<String>,
    /// Threads; by default all cores
    #[arg(long)]
    threads: Option<usize>,
    #[command(flatten)]
    voxel_size: VoxelSize,
    #[command(flatten)]
    asked: AskedOptions,
    /// Print one JSON object on standard output
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct BaseWish(mesh::Base);

impl FromStr for BaseWish {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "letters" => Ok(Self(mesh::Base::Letters)),
            "code" => Ok(Self(mesh::Base::Code)),
            _ => Err("say letters or code, or --no-base".to_owned()),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Levels(Level);

impl FromStr for Levels {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("otsu") {
            return Ok(Self(Level::Otsu));
        }
        let values: Option<Vec<f64>> =
            text.split(',').map(|value| value.trim().parse().ok().filter(|value: &f64| value.is_finite())).collect();
        values.map(|values| Self(Level::Values(values))).ok_or_else(|| format!("“{text}” is no grey value; give a number, or “otsu”"))
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Parts(Keep);

impl FromStr for Parts {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self(Keep::All)),
            "largest" => Ok(Self(Keep::Largest)),
            other => Err(format!("“{other}” is neither “largest” nor “all”")),
        }
    }
}

impl Mesh {
    pub fn run(self) -> anyhow::Result<()> {
        let target = Target::of(&self.out, self.kit())?;
        if matches!(target, Target::Kit(_)) {
            self.licence_allows_a_kit()?;
        }
        if self.size_mm.is_some_and(|size| !(size > 0.0 && size <= 10_000.0)) {
            bail!("--size-mm is a length above 0 and up to 10000");
        }
        if model::is_model(&self.path) {
            volume::refuse_to_overwrite(&self.path, &[], &self.out)?;
            return self.convert_model(target);
        }
        let began = Instant::now();
        let asked = self.asked.asked()?;
        let voxel_size_um = self.voxel_size.um()?;
        let mut material = Material::open(&self.path, &asked)?;
        volume::refuse_to_overwrite(&self.path, material.files(), &self.out)?;
        let scratch = self.scratch(&material, &asked)?;
        if let Some(scratch) = &scratch {
            material = Material::open(&scratch.path().join("volume.ome.zarr"), &Asked::default())?;
        }
        if let Some(size_um) = voxel_size_um {
            material = material.with_voxel_size_um(size_um);
        }
        let watch = Watch { progress: &|_, _| {}, stop: &AtomicBool::new(false) };
        let options = self.options(&material);
        if target == Target::File(ModelFormat::Stl) && options.is_one_as_found() && self.size_mm.is_none() {
            return self.write_while_it_grows(&material, &options, watch, began);
        }
        let made = mesh::make(&material, &options, watch)?;
        if made.parts.is_empty() {
            bail!("all its pieces are smaller than --least-volume asks for; ask for smaller pieces as well");
        }
        let about = About { mm_per_um: self.mm_per_um(&made), size_unknown: !made.size_known, ..self.about() };
        let writing = Instant::now();
        let bytes = target.write(&self.out, &made.parts, &about)?;
        self.tell(&made, &about, bytes, Took { whole: began.elapsed(), writing: writing.elapsed() });
        Ok(())
    }

    /// Nothing has to be known of the whole before its first triangle can be written.
    fn write_while_it_grows(&self, material: &Material, options: &SurfaceOptions, watch: Watch<'_>, began: Instant) -> anyhow::Result<()> {
        let about = About { size_unknown: material.voxel_size_um().is_none(), ..self.about() };
        let mut made = None;
        let bytes = write_whole(&self.out, |part| {
            let (whole, bytes) = mesh::make_stl(material, options, watch, StlStream::create(part, &about)?)?;
            made = Some(whole);
            Ok(bytes)
        })?;
        if let Some(made) = made {
            self.tell(&made, &about, bytes, Took { whole: began.elapsed(), writing: Duration::ZERO });
        }
        Ok(())
    }

    fn tell(&self, made: &Made, about: &About, bytes: u64, took: Took) {
        if self.json {
            println!("{}", summary(made, about, bytes, took));
        } else {
            print_words(made, about, bytes, took, &self.out);
        }
    }

    /// From one format of models to another.
    fn convert_model(&self, target: Target) -> anyhow::Result<()> {
        let wish = model::Wish {
            path: &self.path,
            out: &self.out,
            triangles: self.triangles,
            smooth: self.smooth,
            size_mm: self.size_mm,
            repair: self.repair,
            json: self.json,
            about: self.about(),
        };
        model::convert(&wish, |parts, about| target.write(&self.out, parts, about))
    }

    fn kit(&self) -> KitOptions {
        KitOptions {
            size_mm: self.size_mm.unwrap_or(mesh::BED_MM),
            base: if self.no_base { mesh::Base::Without } else { self.base.0 },
            halves: !self.no_halves,
        }
    }

    fn about(&self) -> About {
        About {
            doi: self.doi.as_ref().map(ToString::to_string),
            licence: self.licence.clone(),
            creators: self.creators.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect(),
            ..About::true_scale(self.title.clone().unwrap_or_else(|| title(&self.path)))
        }
    }

    fn licence_allows_a_kit(&self) -> anyhow::Result<()> {
        let licence = self.licence.as_deref().and_then(|licence| licence.parse::<record::licence::Licence>().ok());
        if licence.is_some_and(|licence| !licence.allows_derivatives()) {
            bail!(
                "{} allows no changed copies, and files for a printer are changed; ask its authors",
                self.licence.as_deref().unwrap_or("")
            );
        }
        Ok(())
    }

    fn options(&self, material: &Material) -> SurfaceOptions {
        let level = match &self.level.0 {
            _ if !self.labels.is_empty() => Level::Labels(self.labels.clone()),
            // No grey value parts labels: everything that has one is the body.
            Level::Otsu if material.is_label() => Level::AnyLabel,
            level => level.clone(),
        };
        let keep = self.least_volume.map_or(self.parts.0, Keep::AtLeast);
        SurfaceOptions { level, keep, smooth: self.smooth, triangles: self.triangles, threads: self.threads }
    }

    /// A volume with coarser levels, where that saves much work.
    fn scratch(&self, material: &Material, asked: &Asked) -> anyhow::Result<Option<tempfile::TempDir>> {
        let voxels = material.shape(0).iter().product::<usize>();
        if !matches!(material, Material::Planes { .. }) || self.triangles.is_none() || voxels <= STRAIGHT_MAX_VOXELS {
            return Ok(None);
        }
        let beside = self.out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = tempfile::tempdir_in(beside).context("making a scratch folder beside the output")?;
        let options = ConvertOptions { threads: self.threads, asked: asked.clone(), ..ConvertOptions::default() };
        volume::convert(&self.path, &folder.path().join("volume.ome.zarr"), &options, &|_| {}, &AtomicBool::new(false))?;
        Ok(Some(folder))
    }

    fn mm_per_um(&self, made: &Made) -> f64 {
        let longest = made.facts.iter().flat_map(|part| part.measure.size_um).fold(0.0, f64::max);
        match self.size_mm {
            Some(size) if longest > 0.0 => size / longest,
            _ => 1e-3,
        }
    }
}

fn title(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().trim_end_matches(".zarr").trim_end_matches(".ome").to_owned()).unwrap_or_default()
}

#[derive(Clone, Copy)]
struct Took {
    whole: Duration,
    writing: Duration,
}

/// The box around all parts in the file, x, y, z.
fn size_mm(made: &Made, about: &About) -> [f64; 3] {
    mesh::size_um(&made.parts).map(|side| side * about.mm_per_um)
}

/// What a program finds that makes equal places one, as STL needs it; one part alone is right by itself.
fn together(made: &Made, about: &About) -> mesh::Topology {
    if made.parts.len() > 1 { mesh::topology_as_stl(&made.parts, about.mm_per_um) } else { mesh::Topology::default() }
}

fn summary(made: &Made, about: &About, bytes: u64, took: Took) -> serde_json::Value {
    let sum = |of: fn(&mesh::PartFacts) -> u64| made.facts.iter().map(of).sum::<u64>();
    let together = together(made, about);
    json!({
        "level": made.facts.first().map(|part| part.level),
        "vertices": sum(|part| part.vertices),
        "triangles": sum(|part| part.triangles),
        "watertight": made.facts.iter().all(|part| part.topology.is_watertight()) && together.is_watertight(),
        "manifold": made.facts.iter().all(|part| part.topology.is_manifold()) && together.is_manifold(),
        "size_mm": size_mm(made, about),
        "volume_um3": made.facts.iter().map(|part| part.measure.volume_um3).sum::<f64>(),
        "area_um2": made.facts.iter().map(|part| part.measure.area_um2).sum::<f64>(),
        "size_known": made.size_known,
        "pyramid_level": made.pyramid_level,
        "parts": made.facts,
        "warnings": made.warnings,
        "bytes_out": bytes,
        "seconds": took.whole.as_secs_f64(),
        "reading_seconds": made.reading.as_secs_f64(),
        "surface_seconds": made.surface.as_secs_f64(),
        "simplify_seconds": made.simplifying.as_secs_f64(),
        "write_seconds": took.writing.as_secs_f64(),
        "peak_rss_bytes": crate::memory_use::peak_rss_bytes(),
    })
}

fn print_words(made: &Made, about: &About, bytes: u64, took: Took, out: &Path) {
    for part in &made.facts {
        println!(
            "{}: {} triangles, level {}, volume {:.4e} µm³, area {:.4e} µm²",
            part.name, part.triangles, part.level, part.measure.volume_um3, part.measure.area_um2
        );
        if let Some(deviation) = part.deviation {
            println!(
                "  of {} triangles; greatest deviation {:.3} µm, root mean square {:.3} µm",
                part.triangles_found, deviation.greatest_um, deviation.rms_um
            );
        }
        if !part.topology.is_watertight() {
            println!("  not closed: {:?}", part.topology);
        }
    }
    if !together(made, about).is_manifold() {
        println!("parts touch: a program that makes equal places one, as with STL, finds more than two triangles at an edge; take 3MF");
    }
    let [x, y, z] = size_mm(made, about);
    println!("{x:.3} × {y:.3} × {z:.3} mm, {} in {:.1} s: {}", words_for_bytes(bytes), took.whole.as_secs_f64(), out.display());
    for warning in &made.warnings {
        eprintln!("{warning}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_a_number_several_or_otsu() {
        assert_eq!("otsu".parse(), Ok(Levels(Level::Otsu)));
        assert_eq!("12.5,3".parse(), Ok(Levels(Level::Values(vec![12.5, 3.0]))));
        assert!("much".parse::<Levels>().is_err());
        assert!("nan".parse::<Levels>().is_err());
    }
}
