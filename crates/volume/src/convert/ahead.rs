//! Conversion of what is not all there yet: rows of shards are packed as soon as their planes have come, and the conversion of
//! the whole goes on from there. Nothing of it shows in the result, and nothing is lost but time when it turns out to be
//! of no use.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::journal::Journal;
use super::pass::Pass;
use super::plan::Plan;
use super::{ConvertOptions, Converted, Part, Progress, part_path, pool, remove, run, threads};
use crate::format::{self, Opened};
use crate::{ElementType, Header, Trouble};

/// Says who the first planes of an opened input are, in words that differ where the bytes do: sums of files, not names. The
/// first of them is written down; a run goes on where another ended when it knows any of its words.
pub type Known<'a> = dyn Fn(&Header, usize) -> Vec<String> + Sync + 'a;

/// As [`convert`](super::convert), with an input that is known by its bytes, so that it may lie elsewhere when the next run goes
/// on. One that is stopped is as one that was killed: what it has done stays in OUT.part.
pub fn convert_known(
    input: &Path,
    out: &Path,
    options: &ConvertOptions,
    known: &Known<'_>,
    progress: &(dyn Fn(Progress) + Sync),
    stop: &AtomicBool,
) -> Result<Converted, Trouble> {
    run(input, out, options, Some(known), progress, stop)
}

/// Converts the whole rows of shards among the planes `here` into OUT.part and says where it ended. The last plane that is here
/// is left over: what is done must never be the whole volume, whose end nobody knows yet. Planes before the first of `here` were
/// converted by an earlier run; where that cannot be gone on with, nothing is done and 0 is told: all planes are wanted then.
pub fn convert_ahead(
    input: &Path,
    out: &Path,
    options: &ConvertOptions,
    here: Range<usize>,
    known: &Known<'_>,
    progress: &(dyn Fn(Progress) + Sync),
    stop: &AtomicBool,
) -> Result<usize, Trouble> {
    let opened = format::open(input, &options.asked)?;
    let plan = Plan::open_ended(&opened, options, threads(options)).map_err(|trouble| trouble.in_file(input))?;
    // Whether these are labels is judged by a plane that may not be here.
    let may_be_labels = matches!(opened.header.element, ElementType::U32 | ElementType::I32 | ElementType::U64 | ElementType::I64);
    if may_be_labels && plan.label.is_none() || opened.header.shape[0] < here.end {
        return Ok(0);
    }
    let row = plan.grids[0].shard_shape()[0];
    let until = here.end.saturating_sub(1) / row * row;
    if until == 0 {
        return Ok(0);
    }
    let name_of = |planes: usize| names_of(known, &opened, planes);
    let part = Part::take(part_path(out)?)?;
    let journal = Journal::of(&part.folder, &plan, options, &name_of);
    let resumed = journal.read(&plan);
    if resumed.as_ref().map_or(0, |kept| kept.planes) < here.start {
        return Ok(0);
    }
    match &resumed {
        None => part.empty()?,
        Some(kept) if kept.planes >= until => return Ok(kept.planes),
        Some(_) => {}
    }
    let pass = Pass { plan: &plan, until, part: &part.folder, journal: &journal, progress, stop };
    let outcome = pool(threads(options))?.install(|| pass.run_ahead(&opened, resumed));
    if outcome.is_err() && !stop.load(std::sync::atomic::Ordering::Relaxed) {
        remove(&part.folder)?;
    }
    outcome.map(|()| until)
}

/// What is known of the first planes, and where they lie where not each is a file: of one that was still arriving that was only
/// told by its beginning.
pub(super) fn names_of(known: &Known<'_>, opened: &Opened, planes: usize) -> Vec<String> {
    let mut names = known(&opened.header, planes);
    if opened.header.files.len() != opened.header.shape[0] {
        let mut hasher = DefaultHasher::new();
        (0..planes).for_each(|plane| opened.planes.place(plane).map(|(_, range)| (range.start, range.end)).hash(&mut hasher));
        let places = hasher.finish();
        names.iter_mut().for_each(|name| *name = format!("{name} {places:016x}"));
    }
    names
}

/// Whether some process is at work on this volume.
pub fn is_being_made(out: &Path) -> bool {
    part_path(out).is_ok_and(|part| Part::is_taken(&part))
}
