//! Makes the OME-Zarr volume of a record from its originals.

use crate::{
    Pace, Worker, apart, ask,
    choose::{self, Choice},
    inspect, may_pass, needs_a_person, reuse,
};
use archive::{
    derive::{Material, inputs_of, recipe_digest},
    labour::Trouble,
};
use record::{
    Record,
    derivative::{Derivative, DerivativeKind, Inputs, Recipe, VolumeFacts},
    file::StoredFile,
    id::RecordId,
    job::{Failure, Job},
};
use serde_json::json;
use std::{collections::BTreeMap, path::PathBuf};
use volume::{ConvertOptions, Converted};

/// The name of a record's volume, in addresses and keys.
pub(crate) const VOLUME: &str = "volume";
pub(crate) const PROGRAM: &str = "science3d";
pub(crate) const PROGRAM_VERSION: &str = env!("CARGO_PKG_VERSION");
/// Small slices come whole, one after the other: between two of them nothing is unfinished, and yet not all are here.
const QUIET_SECONDS: i64 = 3;
/// Kinds of files named to their owner when none of them is a volume.
const ENDINGS_TOLD_MAX: usize = 5;

pub(crate) async fn convert(worker: &Worker, id: &RecordId, pace: &Pace) -> Result<(), Trouble> {
    let Some(material) = worker.archive().material(id).await? else { return Ok(()) };
    if material.record.answers.no_volume || material.files.is_empty() {
        return Ok(worker.archive().report_questions(id, Vec::new()).await?);
    }
    if !material.unfinished.is_empty() {
        return Ok(()); // The last upload asks again.
    }
    let last_added_at = material.files.iter().map(|file| file.original.added_at).max();
    let quiet_at = worker.archive().files_awaited_until(id).max(last_added_at.map(|last| last.plus_seconds(QUIET_SECONDS)));
    if let Some(quiet_at) = quiet_at.filter(|quiet_at| worker.archive().now() < *quiet_at) {
        worker.archive().enqueue(&Job::Convert { record: id.clone() }, quiet_at).await?;
        return Ok(());
    }
    let (material, choice) = apart("The choice of files", move || {
        let choice = choose::choose(&material.files, material.record.answers.source.as_deref());
        Ok((material, choice))
    })
    .await?;
    let Some(choice) = choice else {
        worker.archive().report_questions(id, Vec::new()).await?;
        return Err(nothing_to_convert(&material.files));
    };
    let plan = Plan::of(&material.record, &choice);
    if !is_wanted(&material, &plan.inputs) || reuse::is_made(worker, &material, &plan.digest, VOLUME).await? {
        return Ok(worker.archive().report_questions(id, ask::which_files(&choice).into_iter().collect()).await?);
    }
    let bench = worker.bench()?;
    let (originals, out) = (bench.path().join("originals"), bench.path().join("volume.ome.zarr"));
    let files: Vec<_> = choice.files.iter().map(|file| (file.original.path.clone(), file.place.clone())).collect();
    worker.archive().store().fetch_originals(id, &files, &originals).await.map_err(|fault| may_pass(fault.to_string(), fault.hint()))?;
    let input = originals.join(&choice.path);
    let Some(facts_of_header) = inspect::report_header(worker, id, &choice, &input, plan.options.asked).await? else {
        return Ok(()); // Its owners were asked, and their answer asks for the conversion again.
    };
    // The header may just have told the voxel size; it belongs to the recipe.
    let Some(record) = worker.archive().working_for_labour(id).await? else { return Ok(()) };
    let Plan { options, parameters, inputs, digest } = Plan::of(&record, &choice);
    if record.version != material.record.version {
        return Ok(()); // Released meanwhile; what it needs was asked for again.
    }
    let converted = run(input, out.clone(), options, pace.clone()).await?;
    let tree = worker.archive().store().put_tree(id, record.version, &digest, &format!("{VOLUME}.ome.zarr"), &out).await;
    let tree = tree.map_err(|fault| may_pass(fault.to_string(), fault.hint()))?;
    let derivative = Derivative {
        name: VOLUME.into(),
        kind: DerivativeKind::Volume(facts(&converted)),
        version: record.version,
        kept_in: None,
        recipe: Recipe {
            step: "convert".into(),
            program: PROGRAM.into(),
            program_version: PROGRAM_VERSION.into(),
            parameters,
            inputs,
            digest,
        },
        bytes: tree.bytes,
        files: tree.files,
        made_at: worker.archive().now(),
    };
    worker.archive().report_derivative(id, &derivative).await?;
    // An inspection that began earlier may have reported in between; its words are the poorer ones.
    Ok(worker.archive().report_facts(id, facts_of_header).await?)
}

/// How a volume of these files is made, and the digest by which it is known.
struct Plan {
    options: ConvertOptions,
    parameters: serde_json::Value,
    inputs: Inputs,
    digest: String,
}

impl Plan {
    fn of(record: &Record, choice: &Choice) -> Self {
        let (inputs, options) = (inputs_of(&choice.files), options(record, choice));
        let parameters = parameters(&options, &choice.path);
        let digest = recipe_digest("convert", PROGRAM_VERSION, &parameters, &inputs);
        Self { options, parameters, inputs, digest }
    }
}

/// A released version keeps the volume that was made of its files, whatever a newer program would make of them. What a draft
/// took over from the version before, or had of files since replaced, is none.
fn is_wanted(material: &Material, inputs: &Inputs) -> bool {
    let its_own = |made: &Derivative| made.name == VOLUME && made.version == material.record.version && made.recipe.inputs == *inputs;
    material.record.state.takes_files() || !material.derivatives.iter().any(its_own)
}

fn options(record: &Record, choice: &Choice) -> ConvertOptions {
    let voxel_size_um = record.metadata.acquisition.voxel_size_um;
    ConvertOptions { name: VOLUME.into(), voxel_size_um, asked: ask::answered(&record.answers, choice), ..ConvertOptions::default() }
}

/// Everything that changes the bytes, and nothing that does not.
fn parameters(options: &ConvertOptions, path: &str) -> serde_json::Value {
    let mut parameters = json!({ "source": path, "format": "OME-Zarr 0.5", "chunk": options.chunk, "shard": options.shard, "codec": options.codec.to_string(), "voxel_size_um": options.voxel_size_um });
    // What nobody had to say does not stand there, so that volumes made before keep their recipe.
    let asked = &options.asked;
    for (name, answer) in [("raw", json!(asked.raw)), ("dataset", json!(asked.dataset)), ("channel", json!(asked.channel))] {
        if !answer.is_null() {
            parameters[name] = answer;
        }
    }
    parameters
}

async fn run(input: PathBuf, out: PathBuf, options: ConvertOptions, pace: Pace) -> Result<Converted, Trouble> {
    let work = move || {
        let progress = |step: volume::Progress| pace.tell(step.done, step.total);
        volume::convert(&input, &out, &options, &progress, &pace.stop)
    };
    apart("The conversion", move || work().map_err(needs_a_person)).await
}

fn facts(converted: &Converted) -> VolumeFacts {
    VolumeFacts {
        shape: converted.shape.map(|edge| edge as u64),
        element_type: converted.element.name().to_owned(),
        levels: converted.levels as u32,
        voxel_size_um: converted.voxel_size_um,
        window: converted.statistics.window,
        minimum: converted.statistics.min,
        maximum: converted.statistics.max,
        mean: converted.statistics.mean,
    }
}

/// A dataset of plain files is in order; nobody needs to mend anything.
fn nothing_to_convert(files: &[StoredFile]) -> Trouble {
    Trouble::Needless(
        Failure::new("None of the files is of a kind that can be read as a volume.", "All files are kept and can be released as they are.")
            .in_file(Some(endings(files))),
    )
}

/// `.csv, .pdf`: what the files are called, the most frequent first.
fn endings(files: &[StoredFile]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for file in files {
        let name = file.original.path.name();
        let ending = name.rsplit_once('.').map_or_else(|| name.to_owned(), |(_, ending)| format!(".{}", ending.to_lowercase()));
        *counts.entry(ending).or_default() += 1;
    }
    let mut endings: Vec<(String, usize)> = counts.into_iter().collect();
    endings.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let more = if endings.len() > ENDINGS_TOLD_MAX { ", …" } else { "" };
    let told: Vec<String> = endings.into_iter().take(ENDINGS_TOLD_MAX).map(|(ending, _)| ending).collect();
    format!("{}{more}", told.join(", "))
}
