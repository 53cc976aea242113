//! Virtual datasets: a table that says which elements come from which dataset of which file.
//!
//! A source that cannot be found is an error: the HDF5 library would show its fill value, a black volume.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::bytes::{Cursor, check_sum, damaged, text, unread};
use super::dataset::Dataset;
use super::datatype::Datatype;
use super::file::H5File;
use super::heap::{HeapId, global};
use super::message::Layout;
use super::region::{self, Region};
use super::selection::{Run, Selection, Steps, runs};
use super::tree::{ABSENT, PIXELS_MISSING, Tree};
use crate::element::swap_bytes;
use crate::format::limit;
use crate::{ONE_AT_A_TIME, Trouble};

/// Entries of one table.
const ENTRIES_MAX: u64 = 200_000;
/// Name of a file or of a dataset.
const NAME_BYTES_MAX: usize = 4_096;
/// Virtual datasets made of virtual datasets.
const DEPTH_MAX: usize = 4;
/// Boxes that one read may fall into.
const BOXES_MAX: usize = 1 << 18;
/// Voxels that wait between a source and their place.
pub(super) const WAITING_BYTES: u64 = 32 << 20;

struct Entry {
    source: Arc<Dataset>,
    from: Vec<Steps>,
    to: Vec<Steps>,
    /// Which axis of the source each axis here follows; nothing where one index is taken.
    follows: Vec<Option<usize>>,
    /// The bytes of an element stand in the other order there.
    is_turned: bool,
}

pub(super) struct Virtual {
    entries: Vec<Entry>,
    /// As long as its sources make it.
    pub(super) shape: Vec<u64>,
    fill: Vec<u8>,
    element_bytes: usize,
    /// Elements that come from no source.
    pub(super) unfilled: u64,
}

/// One box here and the box of a source that fills it.
#[derive(Clone)]
struct Job<'a> {
    source: &'a Dataset,
    is_turned: bool,
    from: Region,
    to: Region,
}

impl Virtual {
    pub(super) fn open(
        tree: &Tree,
        file: &Arc<H5File>,
        table: HeapId,
        (shape, datatype): (&[u64], &Datatype),
        fill: Vec<u8>,
        depth: usize,
    ) -> Result<Self, Trouble> {
        if depth >= DEPTH_MAX {
            return Err(Trouble::new("virtual datasets refer to each other without end", "Save the voxels themselves"));
        }
        let body = global(file, table)?;
        let rows = rows(&body, file)?;
        let grows = rows.iter().find_map(|row| row.to.endless()).filter(|&axis| axis < shape.len());
        let mut shape = shape.to_vec();
        if let Some(axis) = grows {
            // It is as long as its sources are by now, whatever it was when it was made.
            shape[axis] = limit::AXIS;
        }
        let mut sources = Sources { tree, file, datatype, depth, known: HashMap::new() };
        let mut entries = Vec::new();
        let mut filled = 0u64;
        for row in rows {
            for (source, from, to) in sources.pieces(row)? {
                let (from, to) = (from.steps(&source.shape)?, to.steps(&shape)?);
                let follows = follows(&from, &to)?;
                filled = filled.saturating_add(to.iter().filter_map(Steps::len).product());
                let is_turned = source.datatype.is_turned(datatype);
                entries.push(Entry { source, from, to, follows, is_turned });
            }
            // Each row may be numbered, and then stand for many.
            if entries.len() as u64 > ENTRIES_MAX {
                return Err(damaged(format!("a virtual dataset has more than {ENTRIES_MAX} sources")));
            }
        }
        if entries.is_empty() {
            return Err(Trouble::new("pixels missing: its table of sources is empty", "Deposit the files that hold its pixels"));
        }
        if let Some(axis) = grows {
            shape[axis] = entries.iter().filter_map(|entry| entry.to[axis].end()).max().unwrap_or(0);
        }
        let unfilled = shape.iter().product::<u64>().saturating_sub(filled);
        Ok(Self { entries, shape, fill, element_bytes: datatype.bytes(file.widths), unfilled })
    }

    /// Sources of equal frames, one behind the other along the first axis.
    pub(super) fn joined(sources: Vec<Arc<Dataset>>) -> Result<Self, Trouble> {
        let first = sources.first().ok_or_else(|| damaged("a volume in parts has none"))?;
        let (mut shape, element_bytes) = (first.shape.clone(), first.element_bytes);
        let mut at = 0u64;
        let mut entries = Vec::with_capacity(sources.len());
        for source in sources {
            let frames = source.shape.first().copied().unwrap_or(0);
            if source.shape.get(1..) != shape.get(1..) || source.element_bytes != element_bytes {
                return Err(damaged("the parts of a volume differ"));
            }
            let mut from: Vec<Steps> = source.shape.iter().map(|&size| Steps::range(0, size)).collect();
            let mut to = from.clone();
            (from[0], to[0]) = (Steps::range(0, frames), Steps::range(at, frames));
            let end = at.checked_add(frames).filter(|&end| end <= limit::AXIS);
            at = end.ok_or_else(|| damaged("a volume in parts claims too many frames"))?;
            // A part of one frame has no axis that could be followed.
            let follows = (0..to.len()).map(|axis| (to[axis].len() != Some(1)).then_some(axis)).collect();
            entries.push(Entry { source, from, to, follows, is_turned: false });
        }
        shape[0] = at;
        Ok(Self { entries, shape, fill: Vec::new(), element_bytes, unfilled: 0 })
    }

    pub(super) fn sources(&self) -> impl Iterator<Item = &Dataset> {
        self.entries.iter().map(|entry| entry.source.as_ref())
    }

    pub(super) fn read(&self, wanted: &Region, out: &mut [u8]) -> Result<(), Trouble> {
        let mut jobs = Vec::new();
        for entry in &self.entries {
            entry.jobs(wanted, &mut jobs)?;
        }
        jobs.sort_by_key(|job| job.to.offset_in(wanted));
        let end = |job: &Job<'_>| job.to.offset_in(wanted) + job.to.elements();
        let apart = jobs.windows(2).all(|pair| end(&pair[0]) <= pair[1].to.offset_in(wanted));
        let filled: u64 = jobs.iter().map(|job| job.to.elements()).sum();
        let runs = apart && jobs.iter().all(|job| job.to.is_run_in(wanted));
        // Boxes that may overlap may leave a hole, however many elements they have.
        if !runs || filled < wanted.elements() {
            region::fill(out, &self.fill);
        }
        if runs {
            return self.read_runs(jobs, wanted, out);
        }
        jobs.into_iter().try_for_each(|job| self.read_box(job, wanted, out))
    }

    /// Boxes that lie one after the other: each source fills its place by itself.
    fn read_runs(&self, jobs: Vec<Job<'_>>, wanted: &Region, mut out: &mut [u8]) -> Result<(), Trouble> {
        let mut pieces = Vec::with_capacity(jobs.len());
        let mut at = 0;
        for job in jobs {
            let (from, bytes) = (job.to.offset_in(wanted) as usize * self.element_bytes, job.to.elements() as usize * self.element_bytes);
            let (_, rest) = out.split_at_mut(from - at);
            let (piece, rest) = rest.split_at_mut(bytes);
            (at, out) = (from + bytes, rest);
            pieces.push((job, piece));
        }
        pieces.into_par_iter().with_max_len(ONE_AT_A_TIME).try_for_each(|(job, piece)| self.read_source(&job, piece))
    }

    /// A box between others, a part at a time through a buffer.
    fn read_box(&self, job: Job<'_>, wanted: &Region, out: &mut [u8]) -> Result<(), Trouble> {
        let axis = job.from.count.iter().position(|&count| count > 1);
        let most = (WAITING_BYTES / self.element_bytes as u64).max(1);
        if let Some(axis) = axis.filter(|_| job.from.elements() > most) {
            let here = job.to.count.iter().position(|&count| count > 1).unwrap_or(0);
            let half = job.from.count[axis] / 2;
            let (mut first, mut second) = (job.clone(), job);
            for (first, second, axis) in [(&mut first.from, &mut second.from, axis), (&mut first.to, &mut second.to, here)] {
                let count = first.count[axis];
                first.count[axis] = half;
                (second.start[axis], second.count[axis]) = (second.start[axis] + half, count - half);
            }
            return [first, second].into_iter().try_for_each(|half| self.read_box(half, wanted, out));
        }
        let mut waiting = vec![0; job.from.elements() as usize * self.element_bytes];
        self.read_source(&job, &mut waiting)?;
        region::copy(&waiting, &job.to, out, wanted, &job.to, self.element_bytes);
        Ok(())
    }

    /// Elements of a source, in the order of bytes that they have here.
    fn read_source(&self, job: &Job<'_>, out: &mut [u8]) -> Result<(), Trouble> {
        job.source.read(&job.from, out)?;
        if job.is_turned {
            swap_bytes(out, self.element_bytes);
        }
        Ok(())
    }
}

impl Entry {
    fn jobs<'a>(&'a self, wanted: &Region, jobs: &mut Vec<Job<'a>>) -> Result<(), Trouble> {
        let mut along: Vec<Vec<Run>> = Vec::new();
        for (axis, steps) in self.to.iter().enumerate() {
            let source = self.follows[axis].map_or(Steps::range(0, 1), |follows| self.from[follows]);
            let found = runs(steps, &source, wanted.start[axis], wanted.end(axis));
            if found.is_empty() {
                return Ok(());
            }
            along.push(found);
        }
        let boxes = along.iter().try_fold(1, |product: usize, runs| product.checked_mul(runs.len()));
        if boxes.and_then(|boxes| boxes.checked_add(jobs.len())).is_none_or(|boxes| boxes > BOXES_MAX) {
            return Err(unread("its virtual dataset is made of too many small pieces", "Copy it once with h5repack"));
        }
        let counts = along.iter().map(|runs| runs.len() as u64).collect::<Vec<_>>();
        for place in region::places(&Region { start: vec![0; counts.len()], count: counts }) {
            let mut to = Region { start: vec![0; along.len()], count: vec![1; along.len()] };
            let mut from = Region { start: self.from.iter().map(|steps| steps.start).collect(), count: vec![1; self.from.len()] };
            for (axis, &nth) in place.iter().enumerate() {
                let (there, here, length) = along[axis][nth as usize];
                (to.start[axis], to.count[axis]) = (here, length);
                if let Some(follows) = self.follows[axis] {
                    (from.start[follows], from.count[follows]) = (there, length);
                }
            }
            jobs.push(Job { source: &self.source, is_turned: self.is_turned, from, to });
        }
        Ok(())
    }
}

/// The datasets that a virtual one takes its elements from, each opened once.
struct Sources<'t> {
    tree: &'t Tree,
    file: &'t Arc<H5File>,
    datatype: &'t Datatype,
    depth: usize,
    known: HashMap<(Arc<str>, Arc<str>), Arc<Dataset>>,
}

/// A source, what is taken of it, and where that stands.
type Piece = (Arc<Dataset>, Selection, Selection);

impl Sources<'_> {
    fn open(&mut self, name: &Arc<str>, path: &Arc<str>) -> Result<Arc<Dataset>, Trouble> {
        let key = (name.clone(), path.clone());
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let place = self.tree.find(&self.tree.beside(self.file, name)?, path)?;
        let opened = Dataset::open(self.tree, &place.file, place.address, path, self.depth + 1)?;
        if matches!(opened.storage, super::dataset::Storage::Nothing) {
            return Err(opened.nothing());
        }
        if opened.datatype != *self.datatype && !opened.datatype.is_turned(self.datatype) {
            return Err(unread(
                format!("it holds {}, its source {name}:{path} {}", self.datatype.name(), opened.datatype.name()),
                "Save both with the same type",
            ));
        }
        let opened = Arc::new(opened);
        self.known.insert(key, opened.clone());
        Ok(opened)
    }

    /// What one row of the table stands for: one piece, or as many as there are sources with such numbered names.
    fn pieces(&mut self, row: Row) -> Result<Vec<Piece>, Trouble> {
        let Row { name, path, from, to } = row;
        if !is_numbered(&name) && !is_numbered(&path) {
            let source = self.open(&name, &path)?;
            return Ok(vec![match (from.reach(&source.shape), to.endless()) {
                (Some(length), Some(_)) => (source, from.first(length)?, to.first(length)?),
                (None, None) => (source, from, to),
                _ => return Err(damaged("a virtual dataset grows along one side only")),
            }]);
        }
        let mut pieces = Vec::new();
        for nth in 0..ENTRIES_MAX {
            let Some(place) = to.nth_block(nth).filter(|_| from.endless().is_none()) else {
                return Err(damaged("a virtual dataset numbers its sources and does not grow with them"));
            };
            match self.open(&numbered(&name, nth), &numbered(&path, nth)) {
                Ok(source) => pieces.push((source, from.clone(), place)),
                Err(trouble) if nth == 0 || !is_absent(&trouble) => return Err(trouble),
                Err(trouble) => {
                    // The library stops at the first that is missing; one behind it shows that it was lost.
                    let further = self.open(&numbered(&name, nth + 1), &numbered(&path, nth + 1));
                    return if further.is_ok() { Err(trouble) } else { Ok(pieces) };
                }
            }
        }
        Err(damaged(format!("a virtual dataset has more than {ENTRIES_MAX} sources")))
    }
}

fn is_absent(trouble: &Trouble) -> bool {
    [PIXELS_MISSING, ABSENT].iter().any(|word| trouble.what.starts_with(word))
}

/// Names in which a number has a place.
fn is_numbered(name: &str) -> bool {
    name.replace("%%", "").contains("%b")
}

fn numbered(name: &str, number: u64) -> Arc<str> {
    name.split("%%").map(|part| part.replace("%b", &number.to_string())).collect::<Vec<_>>().join("%").into()
}

/// Axes of which more than one index is taken follow each other in order.
fn follows(from: &[Steps], to: &[Steps]) -> Result<Vec<Option<usize>>, Trouble> {
    let mut sources = (0..from.len()).filter(|&axis| from[axis].len() != Some(1));
    let mut follows = Vec::new();
    for steps in to {
        let axis = if steps.len() == Some(1) { None } else { sources.next() };
        if steps.len() != Some(1) && axis.is_none_or(|axis| from[axis].len() != steps.len()) {
            return Err(unread("its virtual dataset reshapes its sources, which is not read here", "Copy it once with h5repack"));
        }
        follows.push(axis);
    }
    match sources.next() {
        Some(_) => Err(unread("its virtual dataset reshapes its sources, which is not read here", "Copy it once with h5repack")),
        None => Ok(follows),
    }
}

struct Row {
    name: Arc<str>,
    path: Arc<str>,
    from: Selection,
    to: Selection,
}

/// The table as it lies in a global heap.
fn rows(body: &[u8], file: &H5File) -> Result<Vec<Row>, Trouble> {
    let what = "the table of a virtual dataset";
    let mut cursor = Cursor::new(check_sum(body, what)?, what, file.widths);
    let version = cursor.version(&[0, 1])?;
    let count = cursor.length()?;
    if count > ENTRIES_MAX {
        return Err(damaged(format!("{what} claims {count} entries")));
    }
    let mut rows: Vec<Row> = Vec::new();
    for _ in 0..count {
        let flags = if version == 1 { cursor.u8()? } else { 0 };
        let name = match flags {
            _ if flags & 4 != 0 => ".".into(),
            _ if flags & 1 != 0 => earlier(&rows, cursor.length()?)?.name.clone(),
            _ => name(&mut cursor)?,
        };
        let path = if flags & 2 != 0 { earlier(&rows, cursor.length()?)?.path.clone() } else { self::name(&mut cursor)? };
        rows.push(Row { name, path, from: Selection::read(&mut cursor)?, to: Selection::read(&mut cursor)? });
    }
    Ok(rows)
}

/// Names of the files that a virtual dataset with this layout takes its elements from; none for other layouts.
pub(super) fn source_names(file: &H5File, layout: &[u8]) -> Result<Vec<Arc<str>>, Trouble> {
    let layout = Layout::read(layout, &mut Cursor::new(layout, "the layout of a dataset", file.widths))?;
    let Layout::Virtual(table) = layout else { return Ok(Vec::new()) };
    let mut names: Vec<Arc<str>> = rows(&global(file, table)?, file)?.into_iter().map(|row| row.name).collect();
    names.dedup();
    Ok(names)
}

fn earlier(rows: &[Row], index: u64) -> Result<&Row, Trouble> {
    let row = usize::try_from(index).ok().and_then(|index| rows.get(index));
    row.ok_or_else(|| damaged("the table of a virtual dataset refers to a later entry"))
}

fn name(cursor: &mut Cursor<'_>) -> Result<Arc<str>, Trouble> {
    let mut rest = cursor.clone();
    let bytes = rest.rest();
    let end = bytes.iter().position(|&byte| byte == 0).ok_or_else(|| damaged("the table of a virtual dataset is cut off"))?;
    if end > NAME_BYTES_MAX {
        return Err(damaged(format!("the table of a virtual dataset has a name of {end} bytes")));
    }
    cursor.skip(end + 1)?;
    Ok(text(&bytes[..end]).into())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::bytes::Widths;
    use super::super::dataset::Storage;
    use super::*;

    /// A source of four bytes at each of these places in a row of `Virtual`.
    fn row_of(places: &[u64]) -> Virtual {
        let path = Path::new("../../fuzz/seeds/hdf5/earliest-contiguous.h5");
        let source = Arc::new(Dataset {
            file: Arc::new(H5File::open(&path, true).unwrap()),
            path: "/a".into(),
            shape: vec![4],
            datatype: Datatype::Integer { bytes: 1, signed: false, big_endian: false },
            element_bytes: 1,
            storage: Storage::Compact(vec![1, 2, 3, 4]),
        });
        let entry = |&at: &u64| Entry {
            source: source.clone(),
            from: vec![Steps::range(0, 4)],
            to: vec![Steps::range(at, 4)],
            follows: vec![Some(0)],
            is_turned: false,
        };
        Virtual { entries: places.iter().map(entry).collect(), shape: vec![8], fill: vec![7], element_bytes: 1, unfilled: 0 }
    }

    #[test]
    fn holes_beside_what_overlaps_hold_the_fill_value() {
        let mut out = [99; 8];
        row_of(&[0, 2]).read(&Region { start: vec![0], count: vec![8] }, &mut out).unwrap();
        assert_eq!(out, [1, 2, 1, 2, 3, 4, 7, 7]);
        row_of(&[4, 0]).read(&Region { start: vec![0], count: vec![8] }, &mut out).unwrap();
        assert_eq!(out, [1, 2, 3, 4, 1, 2, 3, 4]);
    }

    #[test]
    fn pieces_are_added_and_not_multiplied() {
        let comb = row_of(&[0]).entries.into_iter().next().unwrap();
        let entry = |at: u64| Entry {
            to: vec![Steps::range(at, 1), Steps::range(0, 4)],
            from: vec![Steps::range(0, 4)],
            follows: vec![None, Some(0)],
            is_turned: false,
            source: comb.source.clone(),
        };
        let entries: Vec<Entry> = (0..600).map(entry).collect();
        let mut jobs = Vec::new();
        for entry in &entries {
            entry.jobs(&Region { start: vec![0, 0], count: vec![600, 4] }, &mut jobs).unwrap();
        }
        assert_eq!(jobs.len(), 600);
    }

    #[test]
    fn numbers_stand_where_the_name_has_a_place_for_them() {
        assert_eq!(&*numbered("scan-%b of 100%%_%b.h5", 12), "scan-12 of 100%_12.h5");
        assert_eq!(["a%b", "a%%b", "100%", "%%%b"].map(is_numbered), [true, false, false, true]);
    }

    #[test]
    fn names_are_short_and_shared() {
        let mut body = vec![b'a'; 5_000];
        body.push(0);
        let cursor = |body: &[u8]| name(&mut Cursor::new(body, "a table", Widths { offset: 8, length: 8 }));
        assert!(cursor(&body).unwrap_err().what.contains("5000 bytes"));
        assert_eq!(&*cursor(b"scan.h5\0").unwrap(), "scan.h5");
    }
}
