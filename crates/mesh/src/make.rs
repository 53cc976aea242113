//! From a volume to surfaces that can be shown and printed: level, pieces, smoothing, number of triangles.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use volume::{Material, Statistics, Trouble};

use crate::deviation::{Deviation, Places};
use crate::limit;
use crate::measure::{COUNTED_MAX, Measure, Topology};
use crate::parts::{self, Keep, Kept};
use crate::reduce::reduce;
use crate::remarks;
use crate::smooth::smooth;
use crate::surface::Part;
use crate::sweep::{self, Body, Watch};
use crate::write::StlStream;

/// Voxels of the level on which triangles are counted beforehand.
const PROBE_EDGE: usize = 160;

/// Which bodies.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The grey value that parts the histogram best in two.
    #[default]
    Otsu,
    /// Everything at or above each of these grey values.
    Values(Vec<f64>),
    /// Voxels of exactly each of these values.
    Labels(Vec<f64>),
    /// All voxels that have a label, as one body.
    AnyLabel,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurfaceOptions {
    pub level: Level,
    pub keep: Keep,
    /// Rounds of smoothing.
    pub smooth: u32,
    /// Triangles of all parts together; nothing keeps all of the finest level.
    pub triangles: Option<usize>,
    pub threads: Option<usize>,
}

impl Default for SurfaceOptions {
    fn default() -> Self {
        Self { level: Level::Otsu, keep: Keep::All, smooth: 0, triangles: None, threads: None }
    }
}

impl SurfaceOptions {
    /// Whether there is one surface, and nothing is done to it after it was found.
    pub fn is_one_as_found(&self) -> bool {
        let one = match &self.level {
            Level::Otsu | Level::AnyLabel => true,
            Level::Values(values) | Level::Labels(values) => values.len() == 1,
        };
        one && self.keep == Keep::All && self.smooth == 0 && self.triangles.is_none()
    }
}

/// What is known about one part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartFacts {
    pub name: String,
    /// Grey value, or label.
    pub level: f64,
    pub vertices: u64,
    pub triangles: u64,
    /// Before simplification.
    pub triangles_found: u64,
    /// Nothing when all were kept of a surface so large that they were not counted.
    pub pieces: Option<Kept>,
    pub measure: Measure,
    pub topology: Topology,
    /// From the surface as it was found, before smoothing; nothing when nothing was done to it.
    pub deviation: Option<Deviation>,
    /// Width of the grid on which it was made anew, because its handles and hollows needed more triangles than were wanted.
    #[serde(default)]
    pub merged_um: Option<f64>,
}

/// Surfaces and everything that can be said about them.
pub struct Made {
    pub parts: Vec<Part>,
    pub facts: Vec<PartFacts>,
    /// The level of the pyramid that was used.
    pub pyramid_level: usize,
    /// Whether lengths are micrometres; else the volume does not say, and a voxel counts as one.
    pub size_known: bool,
    pub warnings: Vec<String>,
    /// Places of each part as it was found, before smoothing, against which coarser ones are measured.
    pub places: Vec<Places>,
    pub reading: Duration,
    pub surface: Duration,
    pub simplifying: Duration,
}

/// Makes surfaces. The same material and options give the same bytes on any number of threads.
pub fn make(material: &Material, options: &SurfaceOptions, watch: Watch<'_>) -> Result<Made, Trouble> {
    in_pool(material, options, watch, None)
}

/// Makes one surface that is kept as it is found ([`SurfaceOptions::is_one_as_found`]), and writes it as binary STL meanwhile;
/// also gives the bytes of the file, which is the one that [`crate::write()`] makes afterwards.
pub fn make_stl(material: &Material, options: &SurfaceOptions, watch: Watch<'_>, mut stream: StlStream) -> Result<(Made, u64), Trouble> {
    if !options.is_one_as_found() {
        let what = "a surface that is changed after it was found was to be written while it grows";
        return Err(Trouble::new(what, "Make it first, then write it"));
    }
    let made = in_pool(material, options, watch, Some(&mut stream))?;
    Ok((made, stream.finish()?))
}

fn in_pool(material: &Material, options: &SurfaceOptions, watch: Watch<'_>, stream: Option<&mut StlStream>) -> Result<Made, Trouble> {
    check(options)?;
    let threads = options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).clamp(1, 256);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Trouble::new(format!("starting threads failed ({error})"), "Start it again"))?;
    pool.install(|| make_parts(material, options, watch, stream))
}

fn check(options: &SurfaceOptions) -> Result<(), Trouble> {
    let number = match &options.level {
        Level::Otsu | Level::AnyLabel => 1,
        Level::Values(values) | Level::Labels(values) => values.len(),
    };
    if number == 0 || number > limit::PARTS_MAX {
        return Err(Trouble::new(format!("{number} levels were given"), format!("Give 1 to {}", limit::PARTS_MAX)));
    }
    if options.smooth > limit::SMOOTH_MAX {
        return Err(Trouble::new(
            format!("{} rounds of smoothing leave no shape", options.smooth),
            format!("Ask for at most {}", limit::SMOOTH_MAX),
        ));
    }
    if options.triangles.is_some_and(|wanted| !(4..=limit::TRIANGLES_MAX).contains(&wanted)) {
        return Err(Trouble::new("that number of triangles makes no body", format!("Ask for 4 to {}", limit::TRIANGLES_MAX)));
    }
    Ok(())
}

fn make_parts(
    material: &Material,
    options: &SurfaceOptions,
    watch: Watch<'_>,
    mut stream: Option<&mut StlStream>,
) -> Result<Made, Trouble> {
    let bodies = bodies(material, &options.level)?;
    let pyramid_level = match options.triangles {
        Some(wanted) => level_for(material, &bodies, wanted, watch)?,
        None => 0,
    };
    let mut made = Made {
        parts: Vec::new(),
        facts: Vec::new(),
        pyramid_level,
        size_known: material.voxel_size_um().is_some(),
        warnings: Vec::new(),
        places: Vec::new(),
        reading: Duration::ZERO,
        surface: Duration::ZERO,
        simplifying: Duration::ZERO,
    };
    if !made.size_known {
        made.warnings.push("The volume does not say how large a voxel is; one voxel counts as one micrometre.".into());
    }
    let is_one_of_several = bodies.len() > 1;
    let mut found = Vec::new();
    for (body, name) in bodies {
        let (mut surface, took) = sweep::surface(&material.stack(pyramid_level)?, body, watch, stream.as_deref_mut())?;
        made.reading += took.reading;
        made.surface += took.surface;
        if surface.is_empty() && pyramid_level > 0 && is_one_of_several {
            made.warnings.push(format!("“{name}” is so fine that nothing is left of it at the level that was used; it is left out."));
            continue;
        }
        if surface.is_empty() {
            return Err(empty(material, body));
        }
        // Counting the pieces of a very large surface would take longer than making it.
        let counts = options.keep != Keep::All || surface.triangles.len() <= COUNTED_MAX;
        let pieces = counts.then(|| parts::keep(&mut surface, options.keep));
        if surface.is_empty() {
            made.warnings.push("All pieces of a body are smaller than was asked for, so it is left out.".into());
            continue;
        }
        watch.check()?;
        let before = Places::of(&surface);
        smooth(&mut surface, options.smooth);
        found.push((body, pieces, surface.triangles.len(), before, Part::new(found.len(), name, surface)));
    }
    let total: usize = found.iter().map(|found| found.2).sum();
    for (body, pieces, triangles_found, before, mut part) in found {
        watch.check()?;
        let began = Instant::now();
        let wanted = options.triangles.filter(|&wanted| wanted < total).map(|wanted| share(wanted, triangles_found, total));
        let merged_um = wanted.and_then(|wanted| reduce(&mut part.surface, wanted));
        made.warnings.extend(wanted.zip(merged_um).map(|(wanted, grid_um)| lost(&part, grid_um, wanted)));
        made.simplifying += began.elapsed();
        let deviation = (wanted.is_some() || options.smooth > 0).then(|| Deviation::of(&before, &part.surface));
        made.places.push(before);
        let facts = facts(&part, body, wanted.is_some());
        made.facts.push(PartFacts { triangles_found: triangles_found as u64, pieces, deviation, merged_um, ..facts });
        made.parts.push(part);
    }
    let remarks = remarks::of(material, options, &made);
    made.warnings.extend(remarks);
    Ok(made)
}

/// Each part's share of the triangles.
fn share(wanted: usize, own: usize, total: usize) -> usize {
    ((wanted as f64 * own as f64 / total as f64) as usize).max(4)
}

fn facts(part: &Part, body: Body, simplified: bool) -> PartFacts {
    PartFacts {
        name: part.name.clone(),
        level: body.level(),
        vertices: part.surface.positions.len() as u64,
        triangles: part.surface.triangles.len() as u64,
        triangles_found: part.surface.triangles.len() as u64,
        pieces: None,
        measure: Measure::of(&part.surface),
        topology: if simplified { Topology::of(&part.surface) } else { Topology::of_kernel(&part.surface) },
        deviation: None,
        merged_um: None,
    }
}

/// What a part lost on the way to few triangles.
fn lost(part: &Part, grid_um: f64, wanted: usize) -> String {
    format!(
        "{}: {wanted} triangles are too few for all its handles and hollows, so it was made anew on a grid of {grid_um:.3} µm; \
        what is narrower has closed or is gone.",
        part.name
    )
}

fn bodies(material: &Material, level: &Level) -> Result<Vec<(Body, String)>, Trouble> {
    Ok(match level {
        Level::Otsu => {
            let statistics = material.statistics()?;
            let level = otsu(&statistics)?;
            vec![(Body::From(level), "surface".to_owned())]
        }
        Level::AnyLabel => vec![(Body::AnyLabel, "surface".to_owned())],
        Level::Values(values) if values.len() == 1 => vec![(Body::From(values[0]), "surface".to_owned())],
        Level::Values(values) => values.iter().map(|&value| (Body::From(value), format!("level {value}"))).collect(),
        Level::Labels(values) => values.iter().map(|&value| (Body::Label(value), format!("label {value}"))).collect(),
    })
}

/// Otsu's level, or why there is none.
fn otsu(statistics: &Statistics) -> Result<f64, Trouble> {
    if statistics.histogram.iter().all(|&count| count == 0) {
        return Err(Trouble::new("none of its voxels is a number", "Save the volume again; without grey values there is no surface"));
    }
    if statistics.min >= statistics.max {
        return Err(Trouble::new(
            format!("all its voxels are {}", statistics.min),
            "A volume without differences has no surface; look whether it is the right file",
        ));
    }
    Ok(statistics.otsu())
}

fn empty(material: &Material, body: Body) -> Trouble {
    let range = material.statistics().map(|statistics| match statistics.not_finite {
        _ if statistics.histogram.iter().all(|&count| count == 0) => "None of its voxels is a number".to_owned(),
        _ => format!("Its grey values go from {} to {}", statistics.min, statistics.max),
    });
    let hint = range.unwrap_or_default();
    match body {
        Body::From(level) => Trouble::new(format!("no voxel reaches the level {level}"), format!("{hint}; choose a level between")),
        Body::Label(label) => Trouble::new(format!("no voxel has the value {label}"), hint),
        Body::AnyLabel => Trouble::new("no voxel has a label", hint),
    }
}

/// The coarsest level of the pyramid whose surface is still much finer than wanted.
fn level_for(material: &Material, bodies: &[(Body, String)], wanted: usize, watch: Watch<'_>) -> Result<usize, Trouble> {
    let probe = (0..material.levels()).find(|&level| material.shape(level).iter().all(|&axis| axis <= PROBE_EDGE));
    let Some(probe) = probe.or(material.levels().checked_sub(1)).filter(|&probe| probe > 0) else { return Ok(0) };
    let stack = material.stack(probe)?;
    let mut found = 0;
    for (body, _) in bodies {
        found += sweep::count(&stack, *body, watch)?;
    }
    let mut level = probe;
    let mut guess = found.max(1);
    while level > 0 && guess < wanted.saturating_mul(limit::FINER) {
        level -= 1;
        // Each halving of the voxels gives about four times the triangles.
        guess = guess.saturating_mul(4);
    }
    if guess > limit::TRIANGLES_MAX && level < probe { Ok(level + 1) } else { Ok(level) }
}
