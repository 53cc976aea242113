//! Makes the OME-Zarr volume of a record from its originals.

use crate::{
    Pace, Worker, ahead, apart, ask,
    choose::{self, Choice},
    inspect, may_pass, needs_a_person, reuse,
};
use archive::{
    derive::{Material, inputs_listed, recipe_digest},
    labour::Trouble,
};
use record::{
    Record,
    derivative::{Derivative, DerivativeKind, Inputs, Recipe, VolumeFacts},
    file::{Place, Sha256, StoredFile},
    id::RecordId,
    job::{Failure, Job},
    upload::Upload,
    version::Version,
};
use serde_json::{Value, json};
use sha2::Digest;
use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
};
use volume::{ConvertOptions, Converted, Header};

/// The name of a record's volume, in addresses and keys.
pub(crate) const VOLUME: &str = "volume";
const PROGRAM: &str = "science3d";
pub(crate) const PROGRAM_VERSION: &str = env!("CARGO_PKG_VERSION");
/// Small slices come whole, one after the other: between two of them nothing is unfinished, and yet not all are here.
const QUIET_SECONDS: i64 = 3;
/// Kinds of files named to their owner when none of them is a volume.
const ENDINGS_TOLD_MAX: usize = 5;
/// Warnings of a reader that are kept.
const NOTICED_MAX: usize = 20;

pub(crate) async fn convert(worker: &Worker, id: &RecordId, pace: &Pace) -> Result<(), Trouble> {
    let Some(material) = worker.archive().material(id).await? else {
        worker.forget_volume(id);
        return Ok(());
    };
    if material.record.answers.no_volume || material.files.is_empty() && material.unfinished.is_empty() {
        worker.forget_volume(id);
        return Ok(worker.archive().report_questions(id, Vec::new()).await?);
    }
    if !material.unfinished.is_empty() {
        return Ok(ahead::go_on(worker, material, pace).await); // The last upload asks again.
    }
    let last_added_at = material.files.iter().map(|file| file.original.added_at).max();
    let quiet_at = worker.archive().files_awaited_until(id).max(last_added_at.map(|last| last.plus_seconds(QUIET_SECONDS)));
    if let Some(quiet_at) = quiet_at.filter(|quiet_at| worker.archive().now() < *quiet_at) {
        worker.archive().enqueue(&Job::Convert { record: id.clone() }, quiet_at).await?;
        return Ok(ahead::go_on(worker, material, pace).await);
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
    if !is_wanted(&material, &plan) || reuse::is_made(worker, &material, &plan.digest, VOLUME).await? {
        worker.forget_volume(id);
        return Ok(worker.archive().report_questions(id, ask::which_files(&choice).into_iter().collect()).await?);
    }
    let (bench, out) = (worker.bench()?, worker.place_of_volume(id)?);
    if volume::is_being_made(&out) {
        return Err(may_pass("The conversion before this one has not stopped yet.", "It is tried again by itself."));
    }
    let originals = bench.path().join("originals");
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
    let converted = run(input, out.clone(), options, &choice, &digest, pace.clone()).await?;
    let still = worker.archive().working_for_labour(id).await?;
    if still.is_none_or(|now| now.answers.no_volume) {
        worker.forget_volume(id);
        return Ok(()); // Its owners said meanwhile that there is none.
    }
    let tree = worker.archive().store().put_tree(id, record.version, &digest, &format!("{VOLUME}.ome.zarr"), &out).await;
    let tree = tree.map_err(|fault| may_pass(fault.to_string(), fault.hint()))?;
    let recipe = recipe("convert", parameters, inputs, digest);
    let derivative = volume_of(worker, record.version, recipe, &converted, (tree.bytes, tree.files));
    worker.archive().report_derivative(id, &derivative).await?;
    worker.forget_volume(id);
    // An inspection that began earlier may have reported in between; its words are the poorer ones.
    Ok(worker.archive().report_facts(id, facts_of_header).await?)
}

fn volume_of(worker: &Worker, version: Version, recipe: Recipe, converted: &Converted, (bytes, files): (u64, u64)) -> Derivative {
    let kind = DerivativeKind::Volume(facts(converted));
    Derivative { name: VOLUME.into(), kind, version, kept_in: None, recipe, bytes, files, made_at: worker.archive().now() }
}

/// How the files of one step were made.
pub(crate) fn recipe(step: &str, parameters: Value, inputs: Inputs, digest: String) -> Recipe {
    Recipe { step: step.into(), program: PROGRAM.into(), program_version: PROGRAM_VERSION.into(), parameters, inputs, digest }
}

/// How a volume of these files is made, and the digest by which it is known.
struct Plan {
    options: ConvertOptions,
    parameters: Value,
    inputs: Inputs,
    digest: String,
}

impl Plan {
    fn of(record: &Record, choice: &Choice) -> Self {
        let (inputs, options) = (inputs_listed(&choice.files), options(record, choice));
        let parameters = parameters(&options, &choice.path);
        let digest = recipe_digest("convert", PROGRAM_VERSION, &parameters, &inputs);
        Self { options, parameters, inputs, digest }
    }

    fn told(&self, name: &str) -> &Value {
        self.parameters.get(name).unwrap_or(&Value::Null)
    }
}

/// What people say beside their files, as it stands in a recipe.
const TOLD: [&str; 5] = ["voxel_size_um", "raw", "dataset", "channel", "labels"];

/// A released version keeps the volume that was made of its files, whatever a newer program would make of them. What a draft
/// took over from the version before, had of files since replaced, or had before its owners told more than was made yet when they
/// released it, is none. After the release nothing that is told asks for a volume any more.
fn is_wanted(material: &Material, plan: &Plan) -> bool {
    let is_as_told =
        |made: &Derivative| TOLD.iter().all(|name| made.recipe.parameters.get(name).unwrap_or(&Value::Null) == plan.told(name));
    let its_own = |made: &Derivative| {
        made.name == VOLUME
            && made.version == material.record.version
            && made.recipe.inputs.manifest_sha256 == plan.inputs.manifest_sha256
            && is_as_told(made)
    };
    material.record.state.takes_files() || !material.derivatives.iter().any(its_own)
}

pub(crate) fn options(record: &Record, choice: &Choice) -> ConvertOptions {
    let voxel_size_um = record.metadata.acquisition.voxel_size_um;
    let (asked, label) = (ask::answered(&record.answers, choice), record.answers.labels);
    ConvertOptions { name: VOLUME.into(), voxel_size_um, label, asked, ..ConvertOptions::default() }
}

/// Everything that changes the bytes, and nothing that does not.
fn parameters(options: &ConvertOptions, path: &str) -> Value {
    let mut parameters = json!({ "source": path, "format": "OME-Zarr 0.5", "chunk": options.chunk, "shard": options.shard, "codec": options.codec.to_string(), "voxel_size_um": options.voxel_size_um });
    // What nobody had to say does not stand there, so that volumes made before keep their recipe.
    let asked = &options.asked;
    let labels = ("labels", json!(options.label));
    for (name, answer) in [("raw", json!(asked.raw)), ("dataset", json!(asked.dataset)), ("channel", json!(asked.channel)), labels] {
        if !answer.is_null() {
            parameters[name] = answer;
        }
    }
    parameters
}

/// One after the other, as each is the only one at its place. A volume that was complete and not yet taken over is made again.
async fn run(
    input: PathBuf,
    out: PathBuf,
    options: ConvertOptions,
    choice: &Choice,
    digest: &str,
    pace: Pace,
) -> Result<Converted, Trouble> {
    let (names, choice) = (Names::of_all(choice, digest), choice.clone());
    let work = move || {
        let progress = |step: volume::Progress| pace.tell(step.done, step.total);
        let _ = std::fs::remove_dir_all(&out);
        volume::convert_known(&input, &out, &options, &|header, planes| names.of_first(header, planes), &progress, &pace.stop)
            .map_err(|trouble| needs_a_person(inspect::as_owners_know_it(trouble, &choice, &input)))
    };
    apart("The conversion", work).await
}

/// Whether a whole row of shards more than `done` planes is among those that are here; the last plane is never taken.
pub(crate) fn is_due_at(planes_here: usize, done: usize) -> bool {
    planes_here > done + ConvertOptions::default().shard
}

/// Who the planes of a volume are, so that another run goes on with those that are packed: sums of files, by their names. Of a
/// file on its way there is no sum yet; the upload that it came by stands for it.
#[derive(Default)]
pub(crate) struct Names {
    whole: Option<String>,
    by_file: Vec<HashMap<String, String>>,
}

impl Names {
    /// All inputs at once, or only those of the first planes: a conversion goes on in either case.
    fn of_all(choice: &Choice, digest: &str) -> Self {
        let upload = |file: &StoredFile| match &file.place {
            Place::Staged { upload } => Some((file.original.path.name().to_owned(), upload.to_string())),
            Place::Preserved { .. } => None,
        };
        let by_upload = choice.files.iter().filter_map(upload).collect();
        let Names { mut by_file, .. } = Self::of(choice);
        // The long file that was on its way, when the small ones beside it were here.
        let longest = choice.files.iter().max_by_key(|file| file.original.bytes).and_then(upload);
        let with_longest = by_file.iter().flatten().map(|(name, sum)| (name.clone(), sum.clone())).chain(longest).collect();
        by_file.extend([by_upload, with_longest]);
        Self { whole: Some(digest.to_owned()), by_file }
    }

    pub(crate) fn of(choice: &Choice) -> Self {
        let sum = |file: &StoredFile| (file.original.path.name().to_owned(), file.original.sha256.to_string());
        Self { whole: None, by_file: vec![choice.files.iter().map(sum).collect()] }
    }

    /// A file on its way, with those beside it that are here.
    pub(crate) fn of_upload(upload: &Upload, beside: &Choice) -> Self {
        let Names { whole, mut by_file } = Self::of(beside);
        by_file.iter_mut().for_each(|names| _ = names.insert(upload.path.name().to_owned(), upload.id.to_string()));
        Self { whole, by_file }
    }

    /// In words that differ where the bytes of these planes do.
    pub(crate) fn of_first(&self, header: &Header, planes: usize) -> Vec<String> {
        let used = match &header.files[..] {
            files if files.len() == header.shape[0] => &files[..planes.min(files.len())],
            files => files, // A header and what it names: the planes may come from any of them.
        };
        let sum = |words: &HashMap<String, String>| {
            let lines: Vec<String> = used.iter().map(|name| Some(format!("{}  {name}\n", words.get(name)?))).collect::<Option<_>>()?;
            let digest: [u8; 32] = sha2::Sha256::digest(lines.concat()).into();
            Some(Sha256(digest).to_string()).filter(|_| !lines.is_empty())
        };
        self.whole.iter().cloned().chain(self.by_file.iter().filter_map(sum)).collect()
    }
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
        not_finite: converted.statistics.not_finite,
        noticed: converted.warnings.iter().take(NOTICED_MAX).cloned().collect(),
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
