//! A first look while the files arrive, and before the volume is there: every n-th plane is read, and three slices through
//! them stand on the draft's page. It is light work, it is thrown away when the pictures of the volume come, and whatever
//! it cannot read is left to the conversion, which says why.

mod arriving;
mod memory;
mod subject;

pub(crate) use arriving::Reader as ArrivingReader;
pub(crate) use memory::Memory;
pub(crate) use subject::Subject;

use self::{
    memory::{Memo, Sight},
    subject::Planned,
};
use crate::{
    Pace, Worker, ahead, apart,
    convert::{PROGRAM_VERSION, VOLUME, recipe},
    may_pass,
};
use archive::{
    derive::{Material, recipe_digest},
    labour::Trouble,
    reuse::inside,
};
use picture::{CoarsePlane, NamedPicture};
use record::{
    derivative::{Derivative, DerivativeKind, Recipe},
    id::RecordId,
    job::Job,
};
use serde_json::json;
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use volume::{Asked, PlaneReader};

/// Planes that are looked at; of more, every second, fourth, … one.
const PLANES_MAX: usize = 96;
/// A larger plane is not read for a look.
const PLANE_BYTES_MAX: usize = 256 << 20;
/// After this long a look shows what it has got, and the next one goes on.
const LOOK_SECONDS_MAX: u64 = 6;
/// Between two looks at one record: this long, and as long again as the last one took.
const PAUSE_SECONDS_MIN: i64 = 2;
/// Looks one after the other that end before all was read: what is so slow the conversion may do.
const CUTS_MAX: u32 = 5;
/// Looks without anything new, until new files ask for one again.
const IDLE_LOOKS_MAX: u32 = 5;

pub(crate) async fn look(worker: &Worker, id: &RecordId, pace: &Pace) -> Result<(), Trouble> {
    let archive = worker.archive();
    let Some(material) = archive.material(id).await? else { return Ok(()) };
    let record = &material.record;
    let has_volume = material.derivatives.iter().any(|made| made.name == VOLUME && made.version == record.version);
    if has_volume || !record.kind.has_volume() || record.answers.no_volume || !record.state.takes_files() {
        worker.looks().forget(id);
        return Ok(());
    }
    let mut memo = worker.looks().take(id);
    if let Some(again) = memo.not_before.filter(|not_before| archive.now() < *not_before) {
        worker.looks().keep(id, memo);
        return Ok(archive.enqueue(&Job::Look { record: id.clone() }, again).await?);
    }
    let began = Instant::now();
    let arrived = (material.files.len(), material.unfinished.iter().map(|(_, offset)| *offset).sum());
    memo.idle_looks = if memo.arrived == arrived { memo.idle_looks + 1 } else { 0 };
    memo.arrived = arrived;
    let (material, subject, planes_here) = apart("Counting the files", move || {
        let subject = Subject::of(&material);
        let planes_here = subject.as_ref().map_or(0, |subject| ahead::planes_here(&material, subject));
        Ok((material, subject, planes_here))
    })
    .await?;
    ahead::ask(worker, &material, planes_here).await?;
    let sight = match subject {
        Some(subject) => see(worker, &material, subject, memo, pace).await?,
        None => Sight { memo, shown: None, is_cut_short: false },
    };
    let Sight { mut memo, shown, is_cut_short } = sight;
    if let Some(shown) = shown {
        report(worker, &material, shown).await?;
    }
    let pause_seconds = PAUSE_SECONDS_MIN.max(began.elapsed().as_secs() as i64);
    let again = archive.now().plus_seconds(pause_seconds);
    memo.not_before = Some(again);
    memo.cuts = if is_cut_short { memo.cuts + 1 } else { 0 };
    let goes_on = is_cut_short && memo.cuts < CUTS_MAX;
    let comes_again = goes_on || !material.unfinished.is_empty() && memo.idle_looks < IDLE_LOOKS_MAX;
    worker.looks().keep(id, memo);
    if comes_again {
        archive.enqueue(&Job::Look { record: id.clone() }, again).await?;
    }
    Ok(())
}

/// What a look shows, and of what.
struct Shown {
    pictures: Vec<NamedPicture>,
    planes: usize,
    subject: Subject,
}

/// Lays out what is looked at and reads it on a thread of its own.
async fn see(worker: &Worker, material: &Material, subject: Subject, mut memo: Memo, pace: &Pace) -> Result<Sight, Trouble> {
    let (bench, record, store) = (worker.bench()?, &material.record, worker.archive().store());
    let folder = bench.path().to_owned();
    let files: Vec<_> = subject.files(&memo).into_iter().map(|file| (file.original.path.clone(), file.place.clone())).collect();
    store.fetch_originals(&record.id, &files, &folder).await.map_err(|fault| may_pass(fault.to_string(), fault.hint()))?;
    if let Subject::Arriving { upload, .. } = &subject {
        memo.staged = Some(store.staging().path(&upload.id));
    }
    let (asked, size, pace) = (subject.asked(record), record.metadata.acquisition.voxel_size_um, pace.clone());
    apart("The first look", move || {
        let _bench = bench;
        Ok(read(&folder, subject, memo, &asked, size, &pace))
    })
    .await
}

/// Everything that the disk and the processor are needed for. What cannot be read is no trouble here.
fn read(folder: &Path, subject: Subject, mut memo: Memo, asked: &Asked, size: Option<[f64; 3]>, pace: &Pace) -> Sight {
    let until = Instant::now() + Duration::from_secs(LOOK_SECONDS_MAX);
    let mut subject = subject;
    let Some(planned) = subject.plan(folder, &mut memo, asked) else { return Sight { memo, shown: None, is_cut_short: false } };
    let Planned { wanted, sharp_at, voxel_size_um, mut source } = planned;
    let voxel_size = size.or(voxel_size_um).unwrap_or([1.0; 3]);
    memo.keep_only(&wanted);
    let mut is_cut_short = false;
    for (number, key) in wanted.iter().enumerate() {
        let is_sharp = number == sharp_at && memo.sharp.as_ref().is_none_or(|(sharp, _)| sharp != key);
        if memo.planes.contains_key(key) && !is_sharp {
            continue;
        }
        if Instant::now() > until || pace.is_stopped() {
            is_cut_short = !pace.is_stopped();
            break;
        }
        let Some(plane) = source(key) else { continue };
        memo.planes.entry(key.clone()).or_insert_with(|| Arc::new(CoarsePlane::of(plane.size, plane.element, &plane.bytes)));
        if is_sharp && let Ok(picture) = picture::sharp(plane.size, plane.element, plane.bytes, [voxel_size[1], voxel_size[2]]) {
            memo.sharp = Some((key.clone(), picture));
        }
        pace.tell(number as u64 + 1, wanted.len() as u64);
    }
    let there: Vec<(usize, Arc<CoarsePlane>)> = wanted.iter().filter_map(|key| Some((key.number, memo.planes.get(key)?.clone()))).collect();
    let listed: Vec<(usize, &CoarsePlane)> = there.iter().map(|(number, plane)| (*number, plane.as_ref())).collect();
    let across = picture::across(&listed, voxel_size).unwrap_or_default();
    let pictures: Vec<NamedPicture> = memo.sharp.iter().map(|(_, picture)| picture.clone()).chain(across).collect();
    let shown = (!pictures.is_empty()).then(|| Shown { pictures, planes: listed.len(), subject });
    Sight { memo, shown, is_cut_short }
}

/// The pictures are kept like those of the volume, with what they were made of.
async fn report(worker: &Worker, material: &Material, shown: Shown) -> Result<(), Trouble> {
    let (archive, record) = (worker.archive(), &material.record);
    let inputs = shown.subject.inputs();
    let parameters = json!({ "planes": shown.planes, "of": shown.subject.planes_expected(), "arriving": !material.unfinished.is_empty() });
    let digest = recipe_digest(Recipe::FIRST_LOOK, PROGRAM_VERSION, &parameters, &inputs);
    if material.derivatives.iter().any(|made| made.recipe.digest == digest && made.version == record.version) {
        return Ok(());
    }
    let recipe = recipe(Recipe::FIRST_LOOK, parameters, inputs, digest);
    let mut derivatives = Vec::new();
    for picture in shown.pictures {
        let derivative = Derivative {
            name: picture.name.clone(),
            kind: DerivativeKind::Picture { width: picture.width as u32, height: picture.height as u32, alt: picture.alt, source: None },
            version: record.version,
            kept_in: None,
            recipe: recipe.clone(),
            bytes: picture.bytes.len() as u64,
            files: 1,
            made_at: archive.now(),
        };
        let key = inside(&record.id, &derivative, &picture.name);
        archive.store().put(&key, picture.bytes.into()).await.map_err(|fault| may_pass(fault.to_string(), fault.hint()))?;
        derivatives.push(derivative);
    }
    Ok(archive.report_look(&record.id, &derivatives).await?)
}

/// Opens a file whose planes are small enough for a look.
fn opened(path: &Path, asked: &Asked) -> Option<PlaneReader> {
    let reader = PlaneReader::open(path, asked).ok()?;
    let [_, height, width] = reader.header().shape;
    let bytes = height.checked_mul(width)?.checked_mul(reader.header().element.bytes())?;
    (bytes <= PLANE_BYTES_MAX).then_some(reader)
}

/// At most as many numbers below `count` as are looked at, evenly, and the same ones again while `count` grows little.
fn every_nth(count: usize) -> Vec<usize> {
    let mut step = 1;
    while count.div_ceil(step) > PLANES_MAX {
        step *= 2;
    }
    (0..count).step_by(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_growing_stack_is_looked_at_in_the_same_places() {
        assert_eq!(every_nth(3), [0, 1, 2]);
        let (some, more) = (every_nth(1000), every_nth(1500));
        assert!(some.len() <= PLANES_MAX && some.iter().all(|number| more.contains(number)));
        // With twice as many steps half of the places stay.
        let far = every_nth(1600);
        assert!(far.iter().filter(|number| **number < 1000).all(|number| some.contains(number)));
        assert!(every_nth(0).is_empty());
    }
}
