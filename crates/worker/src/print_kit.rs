//! Makes a kit for a printer as a reader wants it, out of the files that were made of the model before.

use crate::{
    Pace, Worker, apart,
    convert::{PROGRAM_VERSION, recipe},
    may_pass,
    model_files::{self, Bench, Kit},
    needs_a_person,
};
use archive::{derive::recipe_digest, labour::Trouble, reuse::inside};
use futures::StreamExt;
use mesh::{Base, KitOptions};
use record::{
    derivative::{Derivative, DerivativeKind, ModelFacts},
    id::RecordId,
    job::Failure,
    print_kit::{KitBase, KitWish},
    version::Version,
};
use serde_json::json;
use std::{
    io::Write,
    path::{Path, PathBuf},
};

pub(crate) async fn print_kit(worker: &Worker, id: &RecordId, version: Version, wish: &KitWish, pace: &Pace) -> Result<(), Trouble> {
    let Some((record, derivatives)) = worker.archive().material_of_version(id, version).await? else { return Ok(()) };
    let Some(kit) = Kit::of(worker, &record) else { return Ok(()) };
    let Some((source, facts)) = source_of(&derivatives, wish) else {
        let says = Failure::new("There is no model of that name that could be printed.", "Look at the model's page again.");
        return Err(Trouble::Needless(says));
    };
    let about = model_files::about(&record);
    let parameters = json!({"model": source.recipe.digest, "file": source.name, "wish": wish, "cite": kit.cite, "written": about});
    let digest = recipe_digest("print-kit", PROGRAM_VERSION, &parameters, &source.recipe.inputs);
    let bench = worker.bench()?;
    let input = fetch(worker, id, source, bench.path()).await?;
    let (folder, stem, its_pace, wanted) = (bench.path().to_owned(), wish.model.clone(), pace.clone(), wish.clone());
    let work = move || {
        let parts = mesh::read(&input).map_err(needs_a_person)?.parts;
        // Of a volume without a voxel size; models without a unit are taken as millimetres.
        let about = mesh::About { size_unknown: facts.level.is_some() && !facts.size_known, ..about };
        let mut bench = Bench { folder: &folder, stem: &stem, about: &about, files: Vec::new() };
        bench.print_kit(&wanted.file_name(), &parts, &kit, &options(&wanted), &facts, &its_pace).map_err(needs_a_person)?;
        Ok(bench.files)
    };
    let made = apart("Making the print kit", work).await?;
    let recipe = recipe("print-kit", parameters, source.recipe.inputs.clone(), digest);
    for file in made {
        let derivative = file.put(worker, id, version, &recipe).await?;
        worker.archive().report_kit(id, &derivative).await?;
    }
    Ok(())
}

fn options(wish: &KitWish) -> KitOptions {
    let base = match wish.base {
        KitBase::None => Base::Without,
        KitBase::Letters => Base::Letters,
        KitBase::Code => Base::Code,
    };
    KitOptions { size_mm: f64::from(wish.size_mm), base, halves: wish.halves }
}

/// The file that a kit is made of: what was mended comes first; a model that was itself uploaded as 3MF is there as PLY.
fn source_of<'a>(derivatives: &'a [Derivative], wish: &KitWish) -> Option<(&'a Derivative, ModelFacts)> {
    let names = ["-repaired.3mf", ".3mf", ".ply"].map(|end| format!("{}{end}", wish.model));
    names.iter().find_map(|name| {
        derivatives.iter().find(|made| made.name == *name).and_then(|made| match &made.kind {
            DerivativeKind::Model(facts) => Some((made, facts.clone())),
            DerivativeKind::Volume(_) | DerivativeKind::Picture { .. } | DerivativeKind::Movie(_) => None,
        })
    })
}

async fn fetch(worker: &Worker, id: &RecordId, source: &Derivative, folder: &Path) -> Result<PathBuf, Trouble> {
    let fault = |fault: storage::Fault| may_pass(fault.to_string(), fault.hint());
    let disk = |error: std::io::Error| {
        may_pass(format!("writing into the scratch folder failed: {error}"), "The operator should look at the disk.")
    };
    let blob = worker.archive().store().blob(&inside(id, source, &source.name)).await.map_err(fault)?;
    let blob =
        blob.ok_or_else(|| may_pass(format!("{} is missing in the store", source.name), "The operator should run `science3d verify`."))?;
    let path = folder.join(format!("source.{}", source.name.rsplit('.').next().unwrap_or("3mf")));
    let mut file = std::fs::File::create(&path).map_err(disk)?;
    let mut pieces = Box::pin(blob.stream(0..blob.bytes));
    while let Some(piece) = pieces.next().await {
        file.write_all(&piece.map_err(fault)?).map_err(disk)?;
    }
    Ok(path)
}
