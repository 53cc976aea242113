//! What stands beside a volume and belongs to it. A record has up to a million files, and each of them may be asked about: all are
//! sorted once by the folder that they lie in, so that an answer looks only at a few.

use super::{Candidate, folders_above, split};
use record::file::StoredFile;
use std::{
    borrow::Cow,
    cell::OnceCell,
    collections::{HashMap, HashSet},
};
use volume::Role;

/// A file beside a volume that is longer than this says nothing about it.
const BESIDE_BYTES_MAX: u64 = 4 << 20;
const BESIDE_MAX: usize = 200;
/// The name of no file: belongs to a header only when every file does that nothing else claims.
const ANY_FILE: &str = "/.raw";

/// Numbers of files, in their order.
#[derive(Default)]
struct Below {
    /// By the beginning of their names, up to the first dot, in small letters.
    by_stem: HashMap<String, Vec<usize>>,
    all: Vec<usize>,
    /// Those that no other header claims, and their bytes.
    unclaimed: OnceCell<(Vec<usize>, u64)>,
}

/// The files of a record, by where they lie.
pub(super) struct Neighbours<'a> {
    files: &'a [StoredFile],
    /// Small files that say something about voxels, by folder.
    notes: HashMap<&'a str, Vec<usize>>,
    /// Small volume files by folder and stem: such a one describes raw voxels of that name.
    headers: HashMap<(&'a str, String), Vec<usize>>,
    /// Everything in and below folders that hold a volume file.
    below: HashMap<&'a str, Below>,
}

/// Files that say more about the chosen ones, or hold the voxels of a chosen header.
#[derive(Default)]
pub(super) struct Beside<'n> {
    companions: Cow<'n, [usize]>,
    companion_bytes: u64,
    more: Vec<usize>,
}

impl Beside<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.companions.is_empty() && self.more.is_empty()
    }

    pub(super) fn bytes(&self, files: &[StoredFile]) -> u64 {
        self.companion_bytes + bytes_of(files, &self.more)
    }

    pub(super) fn of<'a>(&self, files: &'a [StoredFile]) -> impl Iterator<Item = &'a StoredFile> {
        self.companions.iter().chain(&self.more).map(|&number| &files[number])
    }
}

fn bytes_of(files: &[StoredFile], numbers: &[usize]) -> u64 {
    numbers.iter().map(|&number| files[number].original.bytes).sum()
}

/// The beginning of a name up to the first dot, as names are compared when files are matched to a header.
fn stem(name: &str) -> String {
    let small = name.to_lowercase();
    small.split('.').next().unwrap_or(&small).to_owned()
}

/// A path as seen from a folder that it lies in.
fn inside<'p>(path: &'p str, folder: &str) -> &'p str {
    if folder.is_empty() { path } else { &path[folder.len() + 1..] }
}

impl<'a> Neighbours<'a> {
    pub(super) fn of<'c>(files: &'a [StoredFile], candidates: impl Iterator<Item = &'c Candidate>) -> Self {
        let with_volumes = |candidate: &'c Candidate| match candidate {
            Candidate::Volume(path) => Some(split(path).0),
            _ => None,
        };
        let with_volumes: HashSet<&str> = candidates.filter_map(with_volumes).collect();
        let mut neighbours = Self { files, notes: HashMap::new(), headers: HashMap::new(), below: HashMap::new() };
        for (number, file) in files.iter().enumerate() {
            let path = file.original.path.as_str();
            let (folder, name) = split(path);
            if file.original.bytes <= BESIDE_BYTES_MAX {
                match volume::role_of(name) {
                    Some(Role::Beside) => neighbours.notes.entry(folder).or_default().push(number),
                    Some(Role::Volume) => neighbours.headers.entry((folder, stem(name))).or_default().push(number),
                    _ => {}
                }
            }
            for above in folders_above(path).filter(|above| with_volumes.contains(above)) {
                let below = neighbours.below.entry(above).or_default();
                below.all.push(number);
                below.by_stem.entry(stem(inside(path, above))).or_default().push(number);
            }
        }
        neighbours
    }

    pub(super) fn beside(&self, candidate: &Candidate) -> Beside<'_> {
        let notes = |folder: &str| self.notes.get(folder).map_or(&[][..], Vec::as_slice);
        match candidate {
            Candidate::Container(_) | Candidate::Hdf5 => Beside::default(),
            Candidate::Slices(folder) => {
                let parent = split(folder).0;
                let above = if parent == folder { &[][..] } else { notes(parent) };
                Beside { more: first_of(notes(folder), above), ..Beside::default() }
            }
            Candidate::Raw(path) => {
                let (folder, name) = split(path);
                let headers = self.headers.get(&(folder, stem(name))).map_or(&[][..], Vec::as_slice);
                Beside { more: first_of(notes(folder), headers), ..Beside::default() }
            }
            Candidate::Volume(path) => {
                let (companions, companion_bytes) = self.companions(path);
                let others = notes(split(path).0).iter().copied().filter(|number| companions.binary_search(number).is_err());
                Beside { more: others.take(BESIDE_MAX).collect(), companions, companion_bytes }
            }
        }
    }

    /// Files that a header may name, by the rules of its format.
    fn companions(&self, path: &str) -> (Cow<'_, [usize]>, u64) {
        let (folder, name) = split(path);
        let Some(below) = self.below.get(folder) else { return Default::default() };
        let name_of = |number: &usize| inside(self.files[*number].original.path.as_str(), folder);
        let pick = |from: &[usize]| -> Vec<usize> {
            let from: Vec<usize> = from.iter().copied().filter(|number| name_of(number) != name).collect();
            let names: Vec<&str> = from.iter().map(name_of).chain([ANY_FILE]).collect();
            volume::companions(name, &names).into_iter().map(|index| from.get(index).copied().unwrap_or(usize::MAX)).collect()
        };
        // Whatever belongs to a header by its name begins as the header does.
        let own = pick(below.by_stem.get(&stem(name)).map_or(&[][..], Vec::as_slice));
        if own.last() != Some(&usize::MAX) {
            let bytes = bytes_of(self.files, &own);
            return (Cow::Owned(own), bytes);
        }
        let (all, bytes) = below.unclaimed.get_or_init(|| {
            let mut all = pick(&below.all);
            all.pop();
            let bytes = bytes_of(self.files, &all);
            (all, bytes)
        });
        (Cow::Borrowed(all), *bytes)
    }
}

/// The first of both, in the order of the files.
fn first_of(one: &[usize], other: &[usize]) -> Vec<usize> {
    let mut both: Vec<usize> = one.iter().take(BESIDE_MAX).chain(other.iter().take(BESIDE_MAX)).copied().collect();
    both.sort_unstable();
    both.truncate(BESIDE_MAX);
    both
}
