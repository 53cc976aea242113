//! Makes the surface of a volume, as files for screen and printer.

use crate::{
    Pace, Worker, apart,
    convert::{PROGRAM_VERSION, VOLUME},
    model_files::{self, Bench, FINEST, File, Kit, SHOWN, TAKEN_HOME},
    reuse,
    store_keys::StoreKeys,
};
use archive::{derive::recipe_digest, labour::Trouble};
use mesh::{About, Keep, KitOptions, Level, Material, ModelFormat, PartFacts, SurfaceOptions, Watch};
use record::{
    derivative::{DerivativeKind, Emptiness, ModelFacts},
    id::RecordId,
    job::Failure,
};
use serde_json::json;
use std::path::Path;

const SMOOTH: u32 = 8;
/// Pieces and hollows of fewer voxels are noise.
const PIECE_VOXELS_MIN: f64 = 500.0;

pub(crate) async fn surface(worker: &Worker, id: &RecordId, pace: &Pace) -> Result<(), Trouble> {
    let Some(material) = worker.archive().material(id).await? else { return Ok(()) };
    let record = material.record.clone();
    let Some(source) = material.derivatives.iter().find(|made| made.name == VOLUME && made.version == record.version) else {
        return Ok(());
    };
    let about = model_files::about(&record);
    let parameters = json!({
        "volume": source.recipe.digest, "level": "otsu, the middle of its gap, or any label", "smooth": SMOOTH, "triangles_finest": FINEST, "triangles": TAKEN_HOME, "triangles_shown": SHOWN,
        "piece_voxels_min": PIECE_VOXELS_MIN, "written": about,
    });
    let digest = recipe_digest("surface", PROGRAM_VERSION, &parameters, &source.recipe.inputs);
    if reuse::is_made(worker, &material, &digest, "surface.glb").await? {
        return Ok(());
    }
    let bench = worker.bench()?;
    let keys = StoreKeys::new(worker.archive().store().clone(), id.clone(), source.clone());
    let (folder, its_pace) = (bench.path().to_owned(), pace.clone());
    let kit = Kit::of(worker, &record);
    let faults = keys.faults();
    let work = move || make_files(keys, &folder, &about, kit, &its_pace).map_err(|trouble| faults.judge(trouble));
    let made = apart("Making the surface", work).await?;
    if made.is_empty() {
        return Err(Trouble::Needless(no_surface(&source.kind)));
    }
    let recipe = model_files::recipe("surface", parameters, source.recipe.inputs.summed(), digest);
    model_files::keep(worker, id, &record, &recipe, made).await
}

/// No files when the volume has no surface: that is no fault of anybody.
fn make_files(keys: StoreKeys, folder: &Path, about: &About, kit: Option<Kit>, pace: &Pace) -> Result<Vec<File>, volume::Trouble> {
    let volume = volume::zarr::Volume::open_keys(Box::new(keys))?;
    if volume.statistics.as_ref().is_some_and(|statistics| statistics.min >= statistics.max) {
        return Ok(Vec::new());
    }
    // Of labels, everything that has one is the body.
    let level = if volume.label { Level::AnyLabel } else { Level::Otsu };
    let voxel_um3: f64 = volume.voxel_size_um.unwrap_or([1.0; 3]).iter().product();
    let material = Material::Volume(Box::new(volume));
    let keep = Keep::AtLeast(PIECE_VOXELS_MIN * voxel_um3);
    let options = SurfaceOptions { level, keep, smooth: SMOOTH, triangles: Some(FINEST), threads: None };
    let watch = Watch { progress: &|done, total| pace.tell(done, total), stop: &pace.stop };
    let mut made = mesh::make(&material, &options, watch)?;
    // Pieces that are all small leave nothing: noise has no surface to show.
    let Some(part) = made.facts.first().filter(|part| part.triangles > 0) else { return Ok(Vec::new()) };
    let facts = facts(part, made.size_known);
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
        bench.print_kit("print-kit.zip", &made.parts, &kit, &KitOptions::default(), &facts, pace)?;
    }
    if facts.triangles > SHOWN as u64 {
        bench.write("-fine", ModelFormat::Glb, &made.parts, &ModelFacts { detail: Some(1), ..facts.clone() })?;
    }
    bench.write_shown(&mut made.parts, &made.places, &facts)?;
    Ok(bench.files)
}

fn facts(part: &PartFacts, size_known: bool) -> ModelFacts {
    ModelFacts {
        triangles: part.triangles,
        size_um: part.measure.size_um,
        volume_um3: part.measure.volume_um3,
        area_um2: part.measure.area_um2,
        level: Some(part.level),
        smoothing: SMOOTH,
        source: None,
        detail: None,
        deviation_um: part.deviation.map(|deviation| deviation.greatest_um),
        merged_um: part.merged_um,
        watertight: part.topology.is_watertight(),
        size_known,
        check: None,
        repair: None,
        kit: None,
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
