//! Conversion while the files arrive: rows of shards of what is here are packed beside the uploads, and the job *convert* goes on
//! from there when all has come. It decides nothing: whatever turns out to be other than it seemed (further files, an answer,
//! a voxel size) is found by comparing what the planes were made of, and then the conversion begins anew.

use crate::{
    Pace, Worker, apart,
    choose::{self, Choice},
    convert::{Names, is_due_at, options},
    look::{ArrivingReader, Subject},
    may_pass, needs_a_person,
};
use archive::{derive::Material, labour::Trouble};
use record::{
    file::{FilePath, Place, StoredFile},
    id::RecordId,
    job::Job,
    upload::Upload,
};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};
use volume::{Asked, ConvertOptions, Role};

/// Records that are remembered; of one that is forgotten the journal on the disk still knows how far it was.
const RECORDS_MAX: usize = 1000;

/// How far the conversions of arriving records are. It may be lost at any time.
#[derive(Default)]
pub(crate) struct Memory {
    planes: Mutex<HashMap<RecordId, Option<usize>>>,
}

impl Memory {
    fn planes(&self) -> MutexGuard<'_, HashMap<RecordId, Option<usize>>> {
        // Each entry is whole at any time.
        self.planes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Planes that are done; nothing when it was tried and given up.
    fn done(&self, id: &RecordId) -> Option<usize> {
        self.planes().get(id).copied().unwrap_or(Some(0))
    }

    fn keep(&self, id: &RecordId, done: Option<usize>) {
        let mut planes = self.planes();
        if planes.len() >= RECORDS_MAX {
            planes.clear();
        }
        planes.insert(id.clone(), done);
    }

    pub(crate) fn forget(&self, id: &RecordId) {
        self.planes().remove(id);
    }
}

/// Asks for a turn of the job *convert* when a row of shards has come since the last one.
pub(crate) async fn ask(worker: &Worker, material: &Material, planes_here: usize) -> Result<(), Trouble> {
    let (archive, id) = (worker.archive(), &material.record.id);
    let is_arriving = !material.unfinished.is_empty() || archive.files_awaited_until(id).is_some();
    if is_arriving && worker.aheads().done(id).is_some_and(|done| is_due_at(planes_here, done)) {
        archive.enqueue(&Job::Convert { record: id.clone() }, archive.now()).await?;
    }
    Ok(())
}

/// Planes from the first on of which a conversion ahead could be made.
pub(crate) fn planes_here(material: &Material, subject: &Subject) -> usize {
    Begun::of(material, subject).map_or(0, |begun| begun.planes_here(material))
}

/// Packs what is here. Its troubles are nobody's: the whole files will tell them again.
pub(crate) async fn go_on(worker: &Worker, material: Material, pace: &Pace) {
    let id = material.record.id.clone();
    if worker.aheads().done(&id).is_none() {
        return;
    }
    match go_on_with(worker, material, pace).await {
        Ok(done) => worker.aheads().keep(&id, done),
        Err(_) if pace.is_stopped() => {}
        Err(trouble) => {
            // What may pass is tried again with the next row.
            if matches!(trouble, Trouble::NeedsAPerson(_)) {
                worker.aheads().keep(&id, None);
            }
            tracing::info!(record = %id, trouble = %trouble.into_failure(), "the conversion waits for the last byte");
        }
    }
}

/// How many planes are done now; nothing when there is no going on.
async fn go_on_with(worker: &Worker, material: Material, pace: &Pace) -> Result<Option<usize>, Trouble> {
    let id = material.record.id.clone();
    let mut done = worker.aheads().done(&id).unwrap_or(0);
    let (material, begun) = apart("Counting the files", move || {
        let begun = Subject::of(&material).and_then(|subject| Begun::of(&material, &subject));
        Ok((material, begun))
    })
    .await?;
    let Some(begun) = begun else { return Ok(Some(done)) };
    let here = begun.planes_here(&material);
    let out = worker.place_of_volume(&id)?;
    if volume::is_being_made(&out) {
        return Ok(Some(done));
    }
    while is_due_at(here, done) && !pace.is_stopped() {
        let reached = begun.step(worker, &material, &out, done, pace).await?;
        if reached < done {
            // What was done was of another file, or is read otherwise now.
            done = reached;
            continue;
        }
        if reached == done {
            // Of a file it was only guessed how many planes are here; slices that come to nothing are no stack.
            return Ok(matches!(begun, Begun::File { .. }).then_some(done));
        }
        done = reached;
    }
    Ok(Some(done))
}

/// What is converted ahead.
enum Begun {
    /// The first slices of a folder: no file that is still on its way comes before one of them.
    Slices { choice: Choice, count: usize },
    /// The beginning of one file.
    File { upload: Upload, here: u64, choice: Choice },
}

impl Begun {
    fn of(material: &Material, subject: &Subject) -> Option<Self> {
        let record = &material.record;
        // Which planes a dataset has is known when all files are there.
        if record.answers.dataset.is_some() {
            return None;
        }
        match subject {
            Subject::Slices { files, .. } => {
                let choice = choose::choose(&material.files, record.answers.source.as_deref())?;
                let group = choose::group_of(files.first()?.original.path.as_str())?;
                if group != choice.path {
                    return None;
                }
                let on_their_way = material.unfinished.iter().map(|(upload, _)| &upload.path);
                let first_missing = on_their_way.filter(|path| choose::group_of(path.as_str()).as_ref() == Some(&group));
                let first_missing = first_missing.map(FilePath::name).min_by(|a, b| volume::natural_order(a, b));
                let is_before = |file: &StoredFile| {
                    first_missing.is_none_or(|missing| volume::natural_order(file.original.path.name(), missing).is_lt())
                };
                let count = files.iter().take_while(|file| is_before(file)).count();
                let slices: HashSet<&FilePath> = files.iter().map(|file| &file.original.path).collect();
                let beside = choice.files.iter().filter(|file| !slices.contains(&file.original.path)).cloned();
                let files: Vec<StoredFile> = files[..count].iter().cloned().chain(beside).collect();
                Some(Self::Slices { choice: Choice { files, ..choice }, count })
            }
            Subject::Arriving { upload, here, is_raw, beside, .. } => {
                let path = upload.path.to_string();
                let choice = Choice { files: beside.clone(), path, is_raw: *is_raw, rivals: Vec::new() };
                Some(Self::File { upload: upload.clone(), here: *here, choice })
            }
            Subject::Whole { .. } => None,
        }
    }

    /// Planes that have come, of a file about so many.
    fn planes_here(&self, material: &Material) -> usize {
        match self {
            Self::Slices { count, .. } => *count,
            Self::File { upload, here, .. } => {
                match material.record.metadata.acquisition.shape {
                    Some([depth, ..]) => (u128::from(depth) * u128::from(*here) / u128::from(upload.bytes.max(1))) as usize,
                    // A file of pages need not say how many they are, one without a header never does: whoever opens it will see.
                    None if matches!(volume::role_of(upload.path.name()), Some(Role::Slice | Role::Raw)) => usize::MAX,
                    None => 0,
                }
            }
        }
    }

    async fn step(&self, worker: &Worker, material: &Material, out: &Path, done: usize, pace: &Pace) -> Result<usize, Trouble> {
        let (bench, record, store) = (worker.bench()?, &material.record, worker.archive().store());
        let (Self::Slices { choice, .. } | Self::File { choice, .. }) = self;
        let options = options(record, choice);
        let files: Vec<(FilePath, Place)> = choice.files.iter().map(|file| (file.original.path.clone(), file.place.clone())).collect();
        store.fetch_originals(&record.id, &files, bench.path()).await.map_err(|fault| may_pass(fault.to_string(), fault.hint()))?;
        let (input, out, pace) = (bench.path().join(&choice.path), out.to_owned(), pace.clone());
        let work: Box<dyn FnOnce() -> Result<usize, Trouble> + Send> = match self {
            Self::Slices { choice, count } => {
                let (names, count) = (Names::of(choice), *count);
                Box::new(move || convert(&input, &out, &options, 0..count, &names, &pace))
            }
            Self::File { upload, here, choice } => {
                let (staged, here, length) = (store.staging().path(&upload.id), *here, upload.bytes);
                let names = Names::of_upload(upload, choice);
                Box::new(move || {
                    let Some((planes, asked)) = bring(&staged, here, length, &input, &options, done) else { return Ok(done) };
                    convert(&input, &out, &ConvertOptions { asked, ..options }, done..planes, &names, &pace)
                })
            }
        };
        apart("The conversion ahead", move || {
            let _bench = bench;
            work()
        })
        .await
    }
}

fn convert(input: &Path, out: &Path, options: &ConvertOptions, planes: Range<usize>, names: &Names, pace: &Pace) -> Result<usize, Trouble> {
    let progress = |step: volume::Progress| pace.tell(step.done, step.total);
    volume::convert_ahead(input, out, options, planes, &|header, planes| names.of_first(header, planes), &progress, &pace.stop)
        .map_err(needs_a_person)
}

/// Lays out the next row of shards of an arriving file; how many planes are there from the first on, and what its reader is asked.
fn bring(staged: &Path, here: u64, length: u64, input: &Path, options: &ConvertOptions, done: usize) -> Option<(usize, Asked)> {
    let reader = ArrivingReader::open(staged, here, length, input, &options.asked)?;
    let planes = reader.complete_planes().min(done + options.shard + 1);
    // A guess how many are here may be too high.
    (planes > done).then_some(())?;
    reader.bring(done..planes)?;
    Some((planes, reader.asked().clone()))
}
