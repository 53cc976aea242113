//! Reads headers and fills the form: from files that are whole, or from the first bytes of those still arriving.

use crate::{
    Worker, apart, ask,
    choose::{self, Choice},
    convert::VOLUME,
    may_pass, needs_a_person, told,
};
use archive::{
    derive::{Facts, Material},
    labour::Trouble,
};
use record::{id::RecordId, job::Job, question::Question};
use std::{collections::HashMap, path::Path};
use volume::{Asked, HeadFacts};

/// A header is in the first bytes, or it is not looked at before the file is whole.
const HEAD_BYTES: u64 = 1 << 20;
const LOOK_AGAIN_SECONDS: i64 = 2;

pub(crate) async fn inspect(worker: &Worker, id: &RecordId) -> Result<(), Trouble> {
    let Some(material) = worker.archive().material(id).await? else { return Ok(()) };
    if material.derivatives.iter().any(|made| made.name == VOLUME && made.version == material.record.version) {
        return Ok(()); // The conversion has read all headers to the end and knows better.
    }
    let (material, groups) = apart("Counting the files", move || {
        let groups = Groups::of(&material);
        Ok((material, groups))
    })
    .await?;
    let known = match first_look(worker, id, &material, &groups).await? {
        Some(Seen { facts, question }) => {
            worker.archive().report_facts(id, facts).await?;
            // The whole files may ask more, or nothing; what stands there came from them.
            let record = &material.record;
            if let Some(question) = question.filter(|question| record.questions.is_empty() && !record.answers.has(question.topic)) {
                worker.archive().report_questions(id, vec![question]).await?;
            }
            worker.archive().enqueue(&Job::Look { record: id.clone() }, worker.archive().now()).await?;
            true
        }
        None => false,
    };
    if !known && !material.unfinished.is_empty() {
        let again = worker.archive().now().plus_seconds(LOOK_AGAIN_SECONDS);
        worker.archive().enqueue(&Job::Inspect { record: id.clone() }, again).await?;
    }
    Ok(())
}

/// What the first bytes tell, and what they leave open.
struct Seen {
    facts: Facts,
    question: Option<Question>,
}

/// What the first bytes of one file tell, with the number of its siblings as depth.
async fn first_look(worker: &Worker, id: &RecordId, material: &Material, groups: &Groups) -> Result<Option<Seen>, Trouble> {
    let finished = material.files.iter().find_map(|file| Some((groups.worth_a_look(file.original.path.as_str())?, file)));
    if let Some((siblings, file)) = finished {
        let Some(blob) =
            worker.archive().store().original(id, &file.place).await.map_err(|fault| may_pass(fault.to_string(), fault.hint()))?
        else {
            return Ok(None);
        };
        let head = blob.read(0..blob.bytes.min(HEAD_BYTES)).await.map_err(|fault| may_pass(fault.to_string(), fault.hint()))?;
        return Ok(look(file.original.path.name(), head, file.original.bytes, siblings).await);
    }
    for (upload, offset) in &material.unfinished {
        let Some(siblings) = groups.worth_a_look(upload.path.as_str()) else { continue };
        if *offset == 0 {
            continue;
        }
        let head = worker
            .archive()
            .store()
            .staging()
            .peek(&upload.id, HEAD_BYTES)
            .await
            .map_err(|fault| may_pass(fault.to_string(), fault.hint()))?;
        if let Some(facts) = look(upload.path.name(), head, upload.bytes, siblings).await {
            return Ok(Some(facts));
        }
    }
    Ok(None)
}

/// How many files each group has, with those still arriving.
struct Groups(HashMap<String, u64>);

impl Groups {
    fn of(material: &Material) -> Self {
        let mut counts = HashMap::new();
        let finished = material.files.iter().map(|file| file.original.path.as_str());
        let arriving = material.unfinished.iter().map(|(upload, _)| upload.path.as_str());
        for group in finished.chain(arriving).filter_map(choose::group_of) {
            *counts.entry(group).or_default() += 1;
        }
        Self(counts)
    }

    /// How many files that one has beside it, itself included. A few pictures are photographs of the sample and tell nothing of
    /// a volume.
    fn worth_a_look(&self, path: &str) -> Option<u64> {
        let siblings = self.0.get(&choose::group_of(path)?).copied().unwrap_or(0);
        let few = siblings < volume::PICTURES_MIN as u64;
        (!few || !choose::is_picture(path)).then_some(siblings)
    }
}

async fn look(name: &str, head: impl AsRef<[u8]> + Send + 'static, length: u64, siblings: u64) -> Option<Seen> {
    // In a thread of its own, as strangers wrote these bytes: a reader that panics knows nothing, and the lane works on.
    let seen = tokio::task::spawn_blocking(move || volume::inspect_head(head.as_ref(), length)).await;
    let seen: HeadFacts = seen.inspect_err(|panic| tracing::error!(%panic, name, "a header could not be looked at")).ok()??;
    let depth = if siblings > 1 { Some(siblings) } else { seen.depth.map(|depth| depth as u64) };
    let shape = match (depth, seen.height, seen.width) {
        (Some(depth), Some(height), Some(width)) => Some([depth, height as u64, width as u64]),
        _ => None,
    };
    let format = if siblings > 1 { format!("{} slices", seen.format) } else { seen.format };
    let question = seen.asks.as_ref().map(|asks| ask::question(asks, Some(name)));
    let facts = Facts {
        preliminary: true,
        format: Some(format),
        shape,
        element_type: seen.element.map(|element| element.name().to_owned()),
        voxel_size_um: seen.voxel_size_um,
        ..found(seen.found)
    };
    Some(Seen { facts, question })
}

/// The folder of the whole deposit has no name that its owners know.
pub(crate) fn as_owners_know_it(trouble: volume::Trouble, choice: &Choice, input: &Path) -> volume::Trouble {
    let is_ours = |name: &String| choice.path.is_empty() && input.file_name().is_some_and(|own| own.to_string_lossy() == name.as_str());
    volume::Trouble { file: trouble.file.filter(|name| !is_ours(name)), ..trouble }
}

/// The whole truth, once all files are here. Nothing when the owners have to say more before there is a volume.
pub(crate) async fn report_header(
    worker: &Worker,
    id: &RecordId,
    choice: &Choice,
    input: &Path,
    asked: Asked,
) -> Result<Option<Facts>, Trouble> {
    let place = input.to_owned();
    let inspected = apart("Reading the header", move || Ok(volume::inspect_asked(&place, &asked))).await?;
    let inspected = inspected.map_err(|trouble| as_owners_know_it(trouble, choice, input));
    let asks = inspected.as_ref().err().and_then(|trouble| Some((trouble.asks.as_deref()?, trouble.file.as_deref())));
    let question = asks.map(|(asks, file)| ask::question(asks, Some(file.unwrap_or(&choice.path)).filter(|file| !file.is_empty())));
    let is_asked = question.is_some();
    worker.archive().report_questions(id, ask::which_files(choice).into_iter().chain(question).collect()).await?;
    if is_asked {
        return Ok(None);
    }
    let header = inspected.map_err(needs_a_person)?;
    let facts = Facts {
        format: Some(header.format),
        shape: Some(header.shape.map(|edge| edge as u64)),
        element_type: Some(header.element.name().to_owned()),
        voxel_size_um: header.voxel_size_um,
        ..found(header.found)
    };
    worker.archive().report_facts(id, facts.clone()).await?;
    Ok(Some(facts))
}

fn found(found: volume::Found) -> Facts {
    Facts {
        more: told::more(&found),
        sample_name: found.sample,
        instrument: found.instrument,
        facility: found.facility,
        energy_kev: found.energy_kev,
        date: found.date,
        ..Facts::default()
    }
}
