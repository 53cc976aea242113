//! Which of the deposited files make the volume: the largest container, stack of slices or volume file, with what
//! stands beside it and says more about it (a log of the scanner, the header of raw data, the voxels of a header).

mod beside;

use beside::Neighbours;
use record::file::StoredFile;
use std::collections::{BTreeMap, HashSet};
use volume::{PICTURES_MIN, Role};

/// Files that together are one volume.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Choice {
    pub(crate) files: Vec<StoredFile>,
    /// What to open, relative to the deposited tree: a file, or a folder (empty for the top).
    pub(crate) path: String,
    /// It has no header of its own, so somebody may say what it holds.
    pub(crate) is_raw: bool,
    /// What else may be the volume, when nobody said that this is it; the largest first.
    pub(crate) rivals: Vec<Rival>,
}

/// Something that may be the volume, as it is offered to the owners. The first is what was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rival {
    /// As an owner writes it: a path, `.` for the top folder.
    pub(crate) name: String,
    pub(crate) files: usize,
    pub(crate) bytes: u64,
}

/// What is smaller than this part of the largest is no rival to it.
const RIVAL_PART: u64 = 20;
const RIVALS_MAX: usize = 20;

/// What may be opened as one volume.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Candidate {
    /// Raw voxels are opened by their header when it is there, so they come last.
    Raw(String),
    Volume(String),
    Slices(String),
    Container(String),
    /// All HDF5 files of a deposit, for they may take their voxels from each other.
    Hdf5,
}

impl Candidate {
    /// As an owner writes it.
    fn name(&self, own: &[&StoredFile]) -> String {
        match self {
            Candidate::Hdf5 => own[0].original.path.to_string(),
            Candidate::Slices(path) | Candidate::Container(path) if path.is_empty() => ".".into(),
            Candidate::Raw(path) | Candidate::Volume(path) | Candidate::Slices(path) | Candidate::Container(path) => path.clone(),
        }
    }
}

/// `None` when no file looks like a volume. `wished` is what an owner said is it; what is not there is not wished.
pub(crate) fn choose(files: &[StoredFile], wished: Option<&str>) -> Option<Choice> {
    let containers = containers(files);
    let mut candidates: BTreeMap<Candidate, Vec<&StoredFile>> = BTreeMap::new();
    for file in files {
        let path = file.original.path.as_str();
        let candidate = candidate_of(path, &containers);
        let candidate =
            if is_hdf5(path) && !matches!(candidate, Some(Candidate::Container(_))) { Some(Candidate::Hdf5) } else { candidate };
        if let Some(candidate) = candidate {
            candidates.entry(candidate).or_default().push(file);
        }
    }
    let neighbours = Neighbours::of(files, candidates.keys());
    candidates.retain(|_, own| own.len() >= PICTURES_MIN || !own.iter().all(|file| is_picture(file.original.path.as_str())));
    // Names without an ending are those of slices when they are many, or a few beside nothing better than a lone picture.
    let bare = |own: &[&StoredFile]| own.iter().all(|file| volume::is_bare_name(split(file.original.path.as_str()).1));
    let described = |candidate: &Candidate| !matches!(candidate, Candidate::Raw(_)) || !neighbours.beside(candidate).is_empty();
    let better = candidates
        .iter()
        .any(|(candidate, own)| !bare(own) && (own.len() > 1 || !matches!(candidate, Candidate::Slices(_))) && described(candidate));
    let enough = if better { PICTURES_MIN } else { 2 };
    candidates.retain(|candidate, own| !matches!(candidate, Candidate::Slices(_)) || !bare(own) || own.len() >= enough);
    let complete = candidates.into_iter().map(|(candidate, own)| {
        let beside = neighbours.beside(&candidate);
        let bytes = own.iter().map(|file| file.original.bytes).sum::<u64>() + beside.bytes(files);
        // Voxels that nothing describes are the volume only if nothing else can be.
        let is_described = !matches!(candidate, Candidate::Raw(_)) || !beside.is_empty();
        ((is_described, bytes), candidate, own, beside)
    });
    let mut complete: Vec<_> = complete.collect();
    complete.sort_by(|a, b| (b.0, &b.1).cmp(&(a.0, &a.1)));
    let at = wished.and_then(|wished| complete.iter().position(|(_, candidate, own, _)| candidate.name(own) == wished));
    let rivals = if at.is_some() { Vec::new() } else { rivals(&complete) };
    if complete.is_empty() {
        return None;
    }
    let (_, candidate, own, beside) = complete.swap_remove(at.unwrap_or(0));
    let is_raw = matches!(candidate, Candidate::Raw(_));
    let path = match candidate {
        Candidate::Slices(_) | Candidate::Hdf5 if own.len() == 1 => own[0].original.path.to_string(),
        // Which of them refers to the others stands inside: the reader looks, over the whole tree.
        Candidate::Hdf5 => String::new(),
        Candidate::Raw(path) | Candidate::Volume(path) | Candidate::Slices(path) | Candidate::Container(path) => path,
    };
    Some(Choice { files: own.into_iter().chain(beside.of(files)).cloned().collect(), path, is_raw, rivals })
}

/// Those that are not much smaller than the first; none where the first stands alone.
fn rivals<B>(complete: &[((bool, u64), Candidate, Vec<&StoredFile>, B)]) -> Vec<Rival> {
    let largest = complete.first().map_or(0, |((_, bytes), ..)| *bytes);
    let near = complete.iter().filter(|((_, bytes), ..)| *bytes >= largest / RIVAL_PART).take(RIVALS_MAX);
    let rivals: Vec<Rival> =
        near.map(|((_, bytes), candidate, own, _)| Rival { name: candidate.name(own), files: own.len(), bytes: *bytes }).collect();
    if rivals.len() > 1 { rivals } else { Vec::new() }
}

fn is_hdf5(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(volume::may_refer_to_others)
}

pub(crate) fn is_picture(path: &str) -> bool {
    volume::role_of(split(path).1) == Some(Role::Picture)
}

/// The folder of a slice; a volume file is a group of its own. Chunks of a container tell nothing alone.
pub(crate) fn group_of(path: &str) -> Option<String> {
    if path.split('/').any(volume::called_container) {
        return None;
    }
    match candidate_of(path, &HashSet::new())? {
        Candidate::Raw(path) | Candidate::Volume(path) | Candidate::Slices(path) | Candidate::Container(path) => Some(path),
        Candidate::Hdf5 => None,
    }
}

fn candidate_of(path: &str, containers: &HashSet<&str>) -> Option<Candidate> {
    if let Some(container) = folders_above(path).find(|folder| containers.contains(folder)) {
        return Some(Candidate::Container(container.to_owned()));
    }
    let (folder, name) = split(path);
    match volume::role_of(name)? {
        Role::Slice | Role::Picture | Role::Series => Some(Candidate::Slices(folder.to_owned())),
        Role::Volume => Some(Candidate::Volume(path.to_owned())),
        Role::Raw => Some(Candidate::Raw(path.to_owned())),
        Role::Beside => None,
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// The folders that a path lies in, from its own to the top.
fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(split(path).0), |folder| (!folder.is_empty()).then(|| split(folder).0))
}

/// The outermost folders that Zarr or N5 documents make a container.
fn containers(files: &[StoredFile]) -> HashSet<&str> {
    let paths = || files.iter().map(|file| file.original.path.as_str());
    let mut folders: Vec<&str> = paths().map(split).filter(|(_, name)| volume::marks_container(name)).map(|(folder, _)| folder).collect();
    folders.sort_unstable_by_key(|folder| (folder.len(), *folder));
    folders.dedup();
    if folders.is_empty() {
        return HashSet::new();
    }
    // Chunks have numbers for names; a document without them is about something else.
    let is_chunk = |path: &&str| split(path).1.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let with_chunks: HashSet<&str> = paths().filter(is_chunk).flat_map(folders_above).collect();
    let mut outermost: HashSet<&str> = HashSet::new();
    for folder in folders {
        let known = !folder.is_empty() && folders_above(folder).any(|outer| outermost.contains(outer));
        if !known && with_chunks.contains(folder) {
            outermost.insert(folder);
        }
    }
    outermost
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::{
        file::{Original, Place, Sha256},
        instant::Instant,
    };

    fn file(path: &str, bytes: u64) -> StoredFile {
        let original = Original { path: path.parse().unwrap(), bytes, sha256: Sha256([0; 32]), crc32: 0, added_at: Instant(0) };
        StoredFile { original, place: Place::Preserved { content_path: path.into() } }
    }

    #[test]
    fn the_largest_stack_is_the_volume() {
        let files = [file("readme.txt", 9), file("flat/a.tif", 5), file("slices/0.tif", 50), file("slices/1.tif", 50), file("old.mrc", 99)];
        let choice = choose(&files, None).unwrap();
        assert_eq!((choice.path.as_str(), choice.files.len()), ("slices", 2));
        assert_eq!(choose(&files[..2], None).unwrap().path, "flat/a.tif");
        assert_eq!(choose(&files[4..], None).unwrap().path, "old.mrc");
        assert_eq!(choose(&files[..1], None), None);
        assert_eq!(choose(&[file("0.tif", 1), file("1.tif", 1)], None).unwrap().path, "");
        assert_eq!(choose(&[file("a/.hidden.tif", 1)], None), None);
    }

    #[test]
    fn hdf5_files_come_together_for_they_may_need_each_other() {
        let files = [file("scan.h5", 9), file("scan0001/frames.h5", 50), file("notes.txt", 1), file("old.mrc", 40)];
        let choice = choose(&files, None).unwrap();
        assert_eq!((choice.path.as_str(), choice.files.len()), ("", 2));
        assert_eq!(choose(&files[..1], None).unwrap().path, "scan.h5");
        assert_eq!(choose(&files[2..], None).unwrap().path, "old.mrc");
        assert_eq!(group_of("scan0001/frames.h5").unwrap(), "scan0001/frames.h5");
    }

    #[test]
    fn a_name_without_an_ending_is_no_slice_alone() {
        assert_eq!(choose(&[file("run1", 900), file("scan.mrc", 9)], None).unwrap().path, "scan.mrc");
        assert_eq!(choose(&[file("logs/run1", 900), file("logs/run2", 900), file("scan.h5", 9)], None).unwrap().path, "scan.h5");
        assert_eq!(choose(&[file("README2", 9)], None), None);
        assert_eq!(choose(&[file("README2", 900), file("study/17136", 9), file("study/17137", 9)], None).unwrap().path, "study");
        let mut files: Vec<StoredFile> = (0..volume::PICTURES_MIN).map(|number| file(&format!("study/{number}"), 9)).collect();
        files.extend([file("mask.nii", 9), file("README2", 900)]);
        assert_eq!(choose(&files, None).unwrap().path, "study");
    }

    #[test]
    fn photographs_are_no_volume() {
        let photographs = [file("photos/1.jpg", 900), file("photos/2.jpg", 900), file("old.mrc", 99)];
        assert_eq!(choose(&photographs, None).unwrap().path, "old.mrc");
        assert_eq!(choose(&photographs[..2], None), None);
        let series: Vec<StoredFile> = (0..20).map(|number| file(&format!("series/{number}.png"), 9)).collect();
        assert_eq!(choose(&series, None).unwrap().path, "series");
    }

    fn chosen(files: &[(&str, u64)]) -> (String, Vec<String>) {
        let files: Vec<StoredFile> = files.iter().map(|(path, bytes)| file(path, *bytes)).collect();
        let choice = choose(&files, None).unwrap();
        (choice.path, choice.files.iter().map(|file| file.original.path.to_string()).collect())
    }

    #[test]
    fn a_container_is_taken_whole() {
        let zarr =
            [("s/a.zarr/.zattrs", 9), ("s/a.zarr/0/.zarray", 9), ("s/a.zarr/0/0.0.0", 70), ("s/a.zarr/0/1.0.0", 70), ("s/b.tif", 90)];
        let (path, files) = chosen(&zarr);
        assert_eq!((path.as_str(), files.len()), ("s/a.zarr", 4));
        let (path, _) = chosen(&[("attributes.json", 5), ("s0/attributes.json", 5), ("s0/0/1/0", 80)]);
        assert_eq!(path, "");
        // The same name beside slices makes no container of them.
        let (path, files) = chosen(&[("x/attributes.json", 5), ("x/1.tif", 5), ("x/2.tif", 80)]);
        assert_eq!((path.as_str(), files.len()), ("x", 3));
        assert_eq!(group_of("a.ome.zarr/0/c/0/0/1"), None);
    }

    #[test]
    fn what_says_more_about_the_voxels_goes_with_them() {
        let (path, files) = chosen(&[("x/rec/r1.tif", 50), ("x/rec/r2.tif", 50), ("x/rec/r_rec.log", 5), ("x/r.log", 5), ("y/z.log", 5)]);
        assert_eq!(path, "x/rec");
        assert_eq!(files, ["x/rec/r1.tif", "x/rec/r2.tif", "x/rec/r_rec.log", "x/r.log"]);
        let (path, files) = chosen(&[("scan.vol", 900), ("scan.xtekct", 5), ("small.mrc", 90)]);
        assert_eq!((path.as_str(), files.len()), ("scan.vol", 2));
    }

    #[test]
    fn what_belongs_to_a_header_comes_along() {
        let files = [
            file("ct/scan.mhd", 1),
            file("ct/scan.raw", 500),
            file("ct/notes.txt", 3),
            file("em/tilt.mrc", 99),
            file("em/tilt.mrc.mdoc", 2),
            file("em/other.mdoc", 2),
        ];
        let names = |choice: &Choice| choice.files.iter().map(|file| file.original.path.to_string()).collect::<Vec<_>>();
        let choice = choose(&files, None).unwrap();
        assert_eq!((choice.path.as_str(), names(&choice)), ("ct/scan.mhd", vec!["ct/scan.mhd".to_string(), "ct/scan.raw".into()]));
        let choice = choose(&files[2..], None).unwrap();
        assert_eq!((choice.path.as_str(), names(&choice)), ("em/tilt.mrc", vec!["em/tilt.mrc".to_string(), "em/tilt.mrc.mdoc".into()]));
        let top = [file("a.hdr", 1), file("a.img", 70), file("b.img", 70)];
        assert_eq!(names(&choose(&top, None).unwrap()), ["a.hdr", "a.img"]);
        let listed = [file("s/all.nhdr", 1), file("s/parts/1.raw", 9), file("s/parts/2.raw", 9), file("t/0.raw", 9)];
        assert_eq!(choose(&listed, None).unwrap().files.len(), 3);
    }

    #[test]
    fn a_dicom_folder_is_one_volume() {
        let files = [file("study/IM000001", 50), file("study/IM000002", 50), file("README", 99), file("overview.tif", 60)];
        let choice = choose(&files, None).unwrap();
        assert_eq!((choice.path.as_str(), choice.files.len()), ("study", 2));
    }
}
