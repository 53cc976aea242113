//! Makes the surface of a volume, as files for screen and printer.

use crate::{
    Pace, Worker, apart,
    convert::{PROGRAM, PROGRAM_VERSION, VOLUME},
    may_pass, reuse,
    store_keys::StoreKeys,
};
use archive::{derive::recipe_digest, labour::Trouble, reuse::inside};
use exchange::{Export, Place};
use mesh::{About, Keep, Level, Material, ModelFormat, PartFacts, SurfaceOptions, Watch};
use record::{
    Record,
    derivative::{Derivative, DerivativeKind, ModelFacts, Recipe},
    id::RecordId,
};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Triangles of the files that are taken home, and of the one that the page shows (1.5 MB at most).
const TRIANGLES: usize = 300_000;
const TRIANGLES_SHOWN: usize = 150_000;
const SMOOTH: u32 = 8;
/// Pieces and hollows of fewer voxels are noise.
const PIECE_VOXELS_MIN: f64 = 500.0;

pub(crate) async fn surface(worker: &Worker, id: &RecordId, pace: &Pace) -> Result<(), Trouble> {
    let Some(material) = worker.archive().material(id).await? else { return Ok(()) };
    let record = material.record.clone();
    let Some(source) = material.derivatives.iter().find(|made| made.name == VOLUME && made.version == record.version) else {
        return Ok(());
    };
    let about = about(&record);
    let parameters = json!({
        "volume": source.recipe.digest, "level": "otsu, or any label", "smooth": SMOOTH, "triangles": TRIANGLES, "triangles_shown": TRIANGLES_SHOWN,
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
    let recipe = Recipe {
        step: "surface".into(),
        program: PROGRAM.into(),
        program_version: PROGRAM_VERSION.into(),
        parameters,
        inputs: source.recipe.inputs.clone(),
        digest,
    };
    for File { name, path, bytes, facts } in made {
        let derivative = Derivative {
            name: name.clone(),
            kind: DerivativeKind::Model(facts),
            version: record.version,
            kept_in: None,
            recipe: recipe.clone(),
            bytes,
            files: 1,
            made_at: worker.archive().now(),
        };
        let key = inside(id, &derivative, &name);
        worker.archive().store().put_file(&key, &path).await.map_err(|fault| may_pass(fault.to_string(), fault.hint()))?;
        worker.archive().report_derivative(id, &derivative).await?;
    }
    Ok(())
}

/// What is written into the files, so that they say by themselves where they come from.
fn about(record: &Record) -> About {
    About {
        doi: record.citable_doi().map(ToString::to_string),
        licence: record.metadata.licence.map(|licence| licence.spdx().to_owned()),
        creators: record.metadata.creators.iter().map(record::agent::Person::sorted_name).collect(),
        ..About::true_scale(record.title())
    }
}

/// Files for a printer, where the licence allows changed copies.
struct Kit {
    cite: String,
}

impl Kit {
    fn of(worker: &Worker, record: &Record) -> Option<Self> {
        if record.metadata.licence.is_some_and(|licence| !licence.allows_derivatives()) {
            return None;
        }
        let archive = worker.archive();
        let settings = archive.settings();
        let place = Place { base_url: settings.base_url.clone(), publisher: settings.publisher.clone() };
        Some(Self { cite: Export::Text.render(record, &place, archive.now()) })
    }
}

/// A file that waits on the bench.
struct File {
    name: String,
    path: PathBuf,
    bytes: u64,
    facts: ModelFacts,
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
    let options = SurfaceOptions { level, keep, smooth: SMOOTH, triangles: Some(TRIANGLES), threads: None };
    let watch = Watch { progress: &|done, total| pace.tell(done, total), stop: &pace.stop };
    let mut made = mesh::make(&material, &options, watch)?;
    // Pieces that are all small leave nothing: noise has no surface to show.
    let Some(part) = made.facts.first().filter(|part| part.triangles > 0) else { return Ok(Vec::new()) };
    let facts = facts(part, made.size_known);
    let mut files = Vec::new();
    for format in [ModelFormat::ThreeMf, ModelFormat::Stl, ModelFormat::Ply, ModelFormat::Obj] {
        files.push(file(folder, format, &made.parts, about, facts.clone())?);
    }
    if let Some(Kit { cite }) = kit {
        let (name, path) = ("print-kit.zip".to_owned(), folder.join("print-kit.zip"));
        let bytes = mesh::print_kit(&path, folder, &made.parts, about, &cite)?;
        files.push(File { name, path, bytes, facts: facts.clone() });
    }
    for part in &mut made.parts {
        mesh::simplify(&mut part.surface, TRIANGLES_SHOWN);
    }
    let shown = made.parts.iter().map(|part| part.surface.triangles.len() as u64).sum();
    files.push(file(folder, ModelFormat::Glb, &made.parts, about, ModelFacts { triangles: shown, ..facts })?);
    Ok(files)
}

fn file(folder: &Path, format: ModelFormat, parts: &[mesh::Part], about: &About, facts: ModelFacts) -> Result<File, volume::Trouble> {
    let name = format!("surface.{}", format.ending());
    let path = folder.join(&name);
    let bytes = mesh::write(&path, format, parts, about)?;
    Ok(File { name, path, bytes, facts })
}

fn facts(part: &PartFacts, size_known: bool) -> ModelFacts {
    ModelFacts {
        triangles: part.triangles,
        size_um: part.measure.size_um,
        volume_um3: part.measure.volume_um3,
        area_um2: part.measure.area_um2,
        level: part.level,
        deviation_um: part.deviation.map(|deviation| deviation.greatest_um),
        watertight: part.topology.is_watertight(),
        size_known,
    }
}
