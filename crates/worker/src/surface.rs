//! Makes the surface of a volume, as files for screen and printer.

use crate::{
    Pace, Worker, apart,
    convert::{PROGRAM_VERSION, VOLUME, recipe},
    model_files::{self, Bench, FINEST, File, Kit, SHOWN, TAKEN_HOME},
    reuse,
    store_keys::StoreKeys,
};
use archive::{derive::recipe_digest, labour::Trouble};
use mesh::{About, Keep, KitOptions, Level, Made, Material, ModelFormat, SurfaceOptions, Watch};
use record::{
    derivative::{DerivativeKind, Emptiness, ModelFacts, Recipe},
    id::RecordId,
    job::Failure,
    limits::SURFACES_MAX,
    surface::{LabelsShown, SurfaceChoice, SurfaceFacts, SurfacePart},
};
use serde_json::json;
use std::path::Path;

/// A surface within which others lie lets them be seen.
const OPACITY_AROUND: f32 = 0.35;
/// Pieces and hollows of fewer voxels are noise.
const PIECE_VOXELS_MIN: f64 = 500.0;

pub(crate) async fn surface(worker: &Worker, id: &RecordId, pace: &Pace) -> Result<(), Trouble> {
    let Some(material) = worker.archive().material(id).await? else { return Ok(()) };
    let record = material.record.clone();
    let Some(source) = material.derivatives.iter().find(|made| made.name == VOLUME && made.version == record.version) else {
        return Ok(());
    };
    let about = model_files::about(&record);
    let is_label = worker.archive().grey_values_of(id, source).await?.is_some_and(|grey| grey.is_label);
    let choice = record.surface.clone();
    let parameters = json!({
        "volume": source.recipe.digest, "level": level_in_words(&choice, is_label), "smooth": choice.smoothing, "triangles_finest": FINEST, "triangles": TAKEN_HOME, "triangles_shown": SHOWN,
        "piece_voxels_min": PIECE_VOXELS_MIN, "written": about,
    });
    let digest = recipe_digest(Recipe::SURFACE, PROGRAM_VERSION, &parameters, &source.recipe.inputs);
    if reuse::is_made(worker, &material, &digest, "surface.glb").await? {
        return Ok(worker.archive().report_surface(id, record.version, &digest).await?);
    }
    let bench = worker.bench()?;
    let keys = StoreKeys::new(worker.archive().store().clone(), id.clone(), source.clone());
    let (folder, its_pace) = (bench.path().to_owned(), pace.clone());
    let kit = Kit::of(worker, &record);
    let faults = keys.faults();
    let work = move || make_files(keys, &folder, &about, kit, &choice, &its_pace).map_err(|trouble| faults.judge(trouble));
    let made = apart("Making the surface", work).await?;
    if made.is_empty() {
        // What another choice had made is not what was asked for.
        worker.archive().report_surface(id, record.version, &digest).await?;
        return Err(Trouble::Needless(no_surface(&source.kind)));
    }
    let recipe = recipe(Recipe::SURFACE, parameters, source.recipe.inputs.summed(), digest);
    model_files::keep(worker, id, &record, &recipe, made).await?;
    Ok(worker.archive().report_surface(id, record.version, &recipe.digest).await?)
}

/// As it stands in the recipe.
fn level_in_words(choice: &SurfaceChoice, is_label: bool) -> String {
    let chosen = choice.levels.iter().map(f64::to_string).collect::<Vec<_>>().join(", ");
    match (is_label, choice.levels.is_empty()) {
        (false, true) => "otsu, the middle of its gap".to_owned(),
        (false, false) => format!("grey values {chosen}"),
        (true, false) => format!("labels {chosen}"),
        (true, true) if choice.labels_together => "all labels together".to_owned(),
        (true, true) => format!("each label, together if more than {SURFACES_MAX}"),
    }
}

/// No files when the volume has no surface: that is no fault of anybody.
fn make_files(
    keys: StoreKeys,
    folder: &Path,
    about: &About,
    kit: Option<Kit>,
    choice: &SurfaceChoice,
    pace: &Pace,
) -> Result<Vec<File>, volume::Trouble> {
    let volume = volume::zarr::Volume::open_keys(Box::new(keys))?;
    if volume.statistics.as_ref().is_some_and(|statistics| statistics.min >= statistics.max) {
        return Ok(Vec::new());
    }
    let voxel_um3: f64 = volume.voxel_size_um.unwrap_or([1.0; 3]).iter().product();
    let material = Material::Volume(Box::new(volume));
    let keep = Keep::AtLeast(PIECE_VOXELS_MIN * voxel_um3);
    let watch = Watch { progress: &|done, total| pace.tell(done, total), stop: &pace.stop };
    let (level, labels) = bodies(&material, choice, watch)?;
    let options = SurfaceOptions { level, keep, smooth: choice.smoothing, triangles: Some(FINEST), threads: None };
    let mut made = mesh::make(&material, &options, watch)?;
    // Pieces that are all small leave nothing: noise has no surface to show.
    if made.facts.iter().all(|part| part.triangles == 0) {
        return Ok(Vec::new());
    }
    if labels.is_none() {
        let around = made.parts.len() - 1;
        made.parts[..around].iter_mut().for_each(|part| part.opacity = OPACITY_AROUND);
    }
    let otsu = if labels.is_none() { Some(material.statistics()?.otsu()) } else { None };
    let facts = facts(&made, choice, labels, otsu);
    let about = &About { size_unknown: !made.size_known, ..about.clone() };
    let mut bench = Bench { folder, stem: "surface", about, files: Vec::new() };
    if facts.triangles > TAKEN_HOME as u64 {
        bench.write("-finest", ModelFormat::Glb, &made.parts, &ModelFacts { detail: Some(2), ..facts.clone() })?;
    }
    let facts = model_files::coarser(&mut made.parts, TAKEN_HOME, &made.places, &facts);
    for format in [ModelFormat::ThreeMf, ModelFormat::Stl, ModelFormat::Ply, ModelFormat::Obj] {
        bench.write("", format, &made.parts, &facts)?;
    }
    if let Some(kit) = kit {
        // One body within another is printed as one.
        let printed = if labels.is_none() { &made.parts[..1] } else { &made.parts[..] };
        bench.print_kit("print-kit.zip", printed, &kit, &KitOptions::default(), &facts, pace)?;
    }
    if facts.triangles > SHOWN as u64 {
        bench.write("-fine", ModelFormat::Glb, &made.parts, &ModelFacts { detail: Some(1), ..facts.clone() })?;
    }
    bench.write_shown(&mut made.parts, &made.places, &facts)?;
    Ok(bench.files)
}

/// What becomes a body, and of labels which.
fn bodies(material: &Material, choice: &SurfaceChoice, watch: Watch<'_>) -> Result<(Level, Option<LabelsShown>), volume::Trouble> {
    let levels = choice.levels.clone();
    if !material.is_label() {
        return Ok((if levels.is_empty() { Level::Otsu } else { Level::Values(levels) }, None));
    }
    if !levels.is_empty() {
        return Ok((Level::Labels(levels), Some(LabelsShown::Chosen)));
    }
    if choice.labels_together {
        return Ok((Level::AnyLabel, Some(LabelsShown::Together)));
    }
    Ok(match mesh::labels(material, SURFACES_MAX, watch)? {
        Some(found) if found.is_empty() => (Level::AnyLabel, Some(LabelsShown::Together)),
        Some(found) => (Level::Labels(found), Some(LabelsShown::Each)),
        None => (Level::AnyLabel, Some(LabelsShown::TooMany)),
    })
}

fn facts(made: &Made, choice: &SurfaceChoice, labels: Option<LabelsShown>, otsu: Option<f64>) -> ModelFacts {
    let is_named = made.parts.len() > 1 || matches!(labels, Some(LabelsShown::Each | LabelsShown::Chosen));
    let part = |(part, facts): (&mesh::Part, &mesh::PartFacts)| SurfacePart {
        name: part.name.clone(),
        level: facts.level,
        colour: part.colour,
        volume_um3: facts.measure.volume_um3,
        area_um2: facts.measure.area_um2,
    };
    let parts: Vec<SurfacePart> = if is_named { made.parts.iter().zip(&made.facts).map(part).collect() } else { Vec::new() };
    // Labels lie side by side; of grey values the lowest encloses the others.
    let outer = if labels.is_none() { &made.facts[..1] } else { &made.facts[..] };
    ModelFacts {
        triangles: made.facts.iter().map(|part| part.triangles).sum(),
        size_um: mesh::size_um(&made.parts),
        volume_um3: outer.iter().map(|part| part.measure.volume_um3).sum(),
        area_um2: outer.iter().map(|part| part.measure.area_um2).sum(),
        level: made.facts.first().map(|part| part.level).filter(|_| !is_named && labels.is_none()),
        smoothing: choice.smoothing,
        source: None,
        detail: None,
        deviation_um: made.facts.iter().filter_map(|part| Some(part.deviation.as_ref()?.greatest_um)).reduce(f64::max),
        merged_um: made.facts.iter().filter_map(|part| part.merged_um).reduce(f64::max),
        watertight: made.facts.iter().all(|part| part.topology.is_watertight()),
        size_known: made.size_known,
        check: None,
        repair: None,
        kit: None,
        surface: Some(SurfaceFacts { parts, labels, otsu }),
    }
}

/// Nobody needs to mend anything; but whoever waits for a surface wants to know.
fn no_surface(volume: &DerivativeKind) -> Failure {
    let what = match volume {
        DerivativeKind::Volume(facts) => facts.emptiness(),
        _ => None,
    };
    let what = match what {
        Some(Emptiness::NoNumbers) => "No voxel of the volume holds a number, so it has no surface.".to_owned(),
        Some(Emptiness::OneValue(value)) => format!("All voxels of the volume have the same grey value ({value}), so it has no surface."),
        None => format!("The volume has no piece of {PIECE_VOXELS_MIN} voxels or more, so no surface is shown."),
    };
    Failure::new(what, "The volume itself is there and can be looked at.")
}
