//! Reads the models that people upload, says what is wrong with them, and makes files of them for screen and printer; where that
//! is safe, a repaired copy lies beside the original.

use crate::{
    Pace, Worker, apart,
    convert::{PROGRAM_VERSION, recipe},
    may_pass,
    model_files::{self, Bench, FINEST, File, Kit, TAKEN_HOME},
    needs_a_person, reuse, stem,
};
use archive::{
    derive::{Material, inputs_of, recipe_digest},
    labour::Trouble,
};
use mesh::{Check, Foreign, KitOptions, ModelFormat, Part, Places, Repaired};
use record::{
    derivative::{ModelFacts, Recipe},
    file::{FilePath, StoredFile},
    id::RecordId,
    job::Failure,
    kind::Kind,
    model::{ModelCheck, ModelRepair, is_model_file},
};
use serde_json::json;
use std::{collections::HashSet, path::Path};

/// Models of one record that are looked at; all files are kept in any case.
const MODELS_MAX: usize = 50;
/// Larger files are kept and not looked at: 50 million triangles as binary STL.
const MODEL_BYTES_MAX: u64 = 3 << 30;
/// Width and height of the picture of a model, and of the one on the record's card.
const POSTER: [usize; 2] = [1280, 960];
const THUMBNAIL: [usize; 2] = [480, 360];

pub(crate) async fn models(worker: &Worker, id: &RecordId, pace: &Pace) -> Result<(), Trouble> {
    let Some(material) = worker.archive().material(id).await? else { return Ok(()) };
    let all: Vec<&StoredFile> = material.files.iter().filter(|file| is_model_file(&file.original.path)).collect();
    let (files, left_out) = all.split_at(all.len().min(MODELS_MAX));
    let mut stems = HashSet::new();
    let mut failed = Vec::new();
    for (number, file) in files.iter().enumerate() {
        pace.tell(number as u64, files.len() as u64);
        let stem = name_of(&mut stems, &file.original.path);
        match model(worker, id, &material, file, stem, (number == 0, pace)).await {
            // The others are read all the same.
            Err(Trouble::NeedsAPerson(failure)) => failed.push(Failure { file: Some(file.original.path.to_string()), ..failure }),
            other => other?,
        }
    }
    let is_failed = !failed.is_empty();
    failed.extend(too_many(left_out));
    match Failure::of_all(failed) {
        Some(failure) if is_failed => Err(Trouble::NeedsAPerson(failure)),
        Some(reason) => Err(Trouble::Needless(reason)),
        None => Ok(()),
    }
}

/// What is said of models beyond those that are looked at.
fn too_many(left_out: &[&StoredFile]) -> Option<Failure> {
    let first = left_out.first()?;
    let what = format!("This model and those behind it are not looked at: only the first {MODELS_MAX} of a record are.");
    Some(Failure::new(what, "All files are kept and can be released as they are.").in_file(Some(first.original.path.to_string())))
}

/// What is made of `parts/jaw.stl` is called `parts-jaw`, and never like what is made of a volume.
fn name_of(taken: &mut HashSet<String>, path: &FilePath) -> String {
    let mut short = stem::short(&stem::safe(path));
    if short.is_empty()
        || ["surface", "thumb", "hero", "turntable", "fly-through"].contains(&short.as_str())
        || short.starts_with("surface-")
        || short.starts_with("slice-")
        || short == "print-kit"
    {
        short = format!("model-{short}");
    }
    // Nor like what is made of another model beside it.
    if ["-fine", "-finest", "-plain", "-repaired", "-kit"].iter().any(|end| short.to_lowercase().ends_with(end)) {
        short.push_str("-model");
    }
    stem::free(taken, short)
}

async fn model(
    worker: &Worker,
    id: &RecordId,
    material: &Material,
    file: &StoredFile,
    stem: String,
    (is_first, pace): (bool, &Pace),
) -> Result<(), Trouble> {
    let path = file.original.path.clone();
    if file.original.bytes > MODEL_BYTES_MAX {
        let failure = Failure::new("It is larger than the models that are looked at.", "It is kept as it is.");
        return Err(Trouble::NeedsAPerson(failure));
    }
    let (about, inputs) = (model_files::about(&material.record), inputs_of(std::slice::from_ref(file)));
    // The first model's picture stands for the record on cards and in lists.
    let stands_for_record = is_first && material.record.kind == Kind::Model;
    let parameters = json!({"source": path, "thumbnail": stands_for_record, "triangles_finest": FINEST, "triangles": TAKEN_HOME, "triangles_shown": model_files::SHOWN, "written": about});
    let digest = recipe_digest(Recipe::MODELS, PROGRAM_VERSION, &parameters, &inputs);
    if reuse::is_made(worker, material, &digest, &format!("{stem}.glb")).await? {
        return Ok(());
    }
    let bench = worker.bench()?;
    let originals = bench.path().join("originals");
    let places = [(path.clone(), file.place.clone())];
    worker.archive().store().fetch_originals(id, &places, &originals).await.map_err(|fault| may_pass(fault.to_string(), fault.hint()))?;
    let (folder, kit) = (bench.path().to_owned(), Kit::of(worker, &material.record));
    let its_pace = pace.clone();
    let work = move || {
        let bench = Bench { folder: &folder, stem: &stem, about: &about, files: Vec::new() };
        make_files(&originals.join(path.as_str()), &path, bench, kit, stands_for_record, &its_pace).map_err(needs_a_person)
    };
    let made = apart("Reading the model", work).await?;
    model_files::keep(worker, id, &material.record, &recipe(Recipe::MODELS, parameters, inputs, digest), made).await
}

fn make_files(
    input: &Path,
    source: &FilePath,
    mut bench: Bench<'_>,
    kit: Option<Kit>,
    stands_for_record: bool,
    pace: &Pace,
) -> Result<Vec<File>, volume::Trouble> {
    let foreign = mesh::read(input).map_err(|trouble| volume::Trouble { file: Some(source.to_string()), ..trouble })?;
    let check = Check::of(&foreign.parts);
    let mended = if check.is_printable() { None } else { mesh::repair(&foreign.parts) };
    let mended = mended.map(|(parts, done)| {
        let found = Check::of(&parts);
        (parts, found, done)
    });
    let mut facts = facts(&foreign, &check, source);
    facts.repair = mended.as_ref().map(|(_, found, done)| repair_words(done, found));
    let Foreign { format, mut parts, .. } = foreign;
    let other = |wanted: &ModelFormat| *wanted != format && *wanted != ModelFormat::Glb;
    for format in ModelFormat::ALL.into_iter().filter(other) {
        bench.write("", format, &parts, &facts)?;
    }
    if let Some((repaired, found, _)) = &mended {
        let own = ModelFacts { watertight: found.topology.is_watertight(), volume_um3: found.measure.volume_um3, ..facts.clone() };
        bench.write("-repaired", ModelFormat::Stl, repaired, &own)?;
        bench.write("-repaired", ModelFormat::ThreeMf, repaired, &own)?;
    }
    let for_print =
        if check.is_printable() { Some(&parts) } else { mended.as_ref().filter(|mended| mended.1.is_printable()).map(|mended| &mended.0) };
    if let (Some(kit), Some(for_print)) = (&kit, for_print) {
        bench.print_kit(&format!("{}-print-kit.zip", bench.stem), for_print, kit, &KitOptions::default(), &facts, pace)?;
    }
    posters(&mut bench, &parts, source, stands_for_record)?;
    for_screen(&mut bench, &mut parts, &facts)?;
    Ok(bench.files)
}

fn posters(bench: &mut Bench<'_>, parts: &[Part], source: &FilePath, stands_for_record: bool) -> Result<(), volume::Trouble> {
    bench.write_poster(&format!("{}.jpg", bench.stem), parts, POSTER, source)?;
    if stands_for_record {
        bench.write_poster("thumb.jpg", parts, THUMBNAIL, source)?;
    }
    Ok(())
}

/// Levels of detail: as many as there are triangles for.
fn for_screen(bench: &mut Bench<'_>, parts: &mut [Part], facts: &ModelFacts) -> Result<(), volume::Trouble> {
    let places: Vec<Places> = parts.iter().map(|part| Places::of(&part.surface)).collect();
    for (suffix, detail, triangles, coarser) in [("-finest", 2, FINEST, TAKEN_HOME), ("-fine", 1, TAKEN_HOME, model_files::SHOWN)] {
        if facts.triangles > coarser as u64 {
            let own = model_files::coarser(parts, triangles, &places, facts);
            bench.write(suffix, ModelFormat::Glb, parts, &ModelFacts { detail: Some(detail), ..own })?;
        }
    }
    bench.write_shown(parts, &places, facts)
}

fn facts(foreign: &Foreign, check: &Check, source: &FilePath) -> ModelFacts {
    let Check { topology, measure, .. } = check;
    ModelFacts {
        triangles: check.triangles,
        size_um: measure.size_um,
        volume_um3: measure.volume_um3,
        area_um2: measure.area_um2,
        level: None,
        smoothing: 0,
        source: Some(source.clone()),
        detail: None,
        deviation_um: None,
        merged_um: None,
        watertight: topology.is_watertight(),
        // Millimetres are meant when a file does not say; the check says so.
        size_known: true,
        check: Some(ModelCheck {
            parts: check.parts,
            pieces: check.pieces,
            holes: check.holes,
            open_edges: topology.open_edges,
            crowded_edges: topology.crowded_edges,
            pinched_vertices: topology.pinched_vertices,
            flipped_edges: topology.flipped_edges,
            flat: check.flat,
            doubled: check.doubled,
            crossing: check.crossing,
            inside_out: check.inside_out,
            not_finite: foreign.not_finite,
            unit_known: foreign.unit_known,
        }),
        repair: None,
        kit: None,
        surface: None,
    }
}

fn repair_words(done: &Repaired, found: &Check) -> ModelRepair {
    ModelRepair { removed: done.removed, flipped: done.flipped, holes_filled: done.holes_filled, whole: found.is_printable() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_models_have_the_same_name_and_none_that_of_the_volume() {
        let mut taken = HashSet::new();
        let mut named = |path: &str| name_of(&mut taken, &path.parse().unwrap());
        assert_eq!(named("jaw.stl"), "jaw");
        assert_eq!(named("JAW.ply"), "JAW-2");
        assert_eq!(named("jaw-repaired.stl"), "jaw-repaired-model", "not what is mended of jaw.stl");
        assert_eq!(named("jaw-plain.glb"), "jaw-plain-model");
        assert_eq!(named("parts/left jaw.3mf"), "parts-left-jaw");
        assert_eq!(named("surface.stl"), "model-surface");
        assert_eq!(named("ä.obj"), "model-");
    }
}
