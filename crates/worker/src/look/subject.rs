//! What a first look looks at: the slices of a folder that have come, one whole file, or one file of which the beginning is here.

use super::{
    PLANE_BYTES_MAX, arriving, every_nth,
    memory::{Memo, PlaneKey},
    opened,
};
use crate::{
    ask,
    choose::{self, Choice},
};
use archive::derive::{Material, inputs_of};
use record::{
    Record,
    derivative::Inputs,
    file::{Sha256, StoredFile},
    upload::Upload,
};
use sha2::Digest;
use std::{collections::HashMap, path::Path};
use volume::{Asked, ElementType, Role};

pub(crate) enum Subject {
    /// In natural order; `expected` with those that are on their way.
    Slices {
        files: Vec<StoredFile>,
        expected: usize,
    },
    Whole {
        choice: Choice,
        planes: usize,
    },
    Arriving {
        upload: Upload,
        here: u64,
        is_raw: bool,
        beside: Vec<StoredFile>,
        planes: usize,
    },
}

/// Which planes are looked at, and how one of them is read.
pub(super) struct Planned {
    pub(super) wanted: Vec<PlaneKey>,
    /// Which of them is shown in full.
    pub(super) sharp_at: usize,
    pub(super) voxel_size_um: Option<[f64; 3]>,
    pub(super) source: Box<dyn FnMut(&PlaneKey) -> Option<Voxels>>,
}

/// One plane as it was read.
pub(super) struct Voxels {
    pub(super) size: [usize; 2],
    pub(super) element: ElementType,
    pub(super) bytes: Vec<u8>,
}

/// A file beside one that arrives is looked at for what it says up to this length.
const BESIDE_BYTES_MAX: u64 = 4 << 20;
const BESIDE_MAX: usize = 50;

/// The files of one candidate, whole and on their way.
#[derive(Default)]
struct Group<'a> {
    files: Vec<&'a StoredFile>,
    uploads: Vec<&'a (Upload, u64)>,
    bytes: u64,
}

impl Subject {
    /// The largest group of files that make one volume, as far as names tell; nothing when it cannot be looked at.
    pub(crate) fn of(material: &Material) -> Option<Self> {
        let mut groups: HashMap<String, Group<'_>> = HashMap::new();
        for file in &material.files {
            let Some(name) = choose::group_of(file.original.path.as_str()) else { continue };
            let group = groups.entry(name).or_default();
            group.bytes += file.original.bytes;
            group.files.push(file);
        }
        for pair in &material.unfinished {
            let Some(name) = choose::group_of(pair.0.path.as_str()) else { continue };
            let group = groups.entry(name).or_default();
            group.bytes += pair.0.bytes;
            group.uploads.push(pair);
        }
        let wished = material.record.answers.source.as_deref().map(|source| if source == "." { "" } else { source });
        let name = match wished.filter(|wished| groups.contains_key(*wished)) {
            Some(wished) => wished.to_owned(),
            None => groups.iter().max_by_key(|(name, group)| (group.bytes, std::cmp::Reverse(*name)))?.0.clone(),
        };
        let group = groups.remove(&name)?;
        match (&group.files[..], &group.uploads[..]) {
            ([], [(upload, here)]) => Some(arriving_file(material, upload, *here)),
            ([_], []) if material.unfinished.is_empty() => {
                let choice = choose::choose(&material.files, material.record.answers.source.as_deref())?;
                Some(Self::Whole { choice, planes: 0 })
            }
            ([], _) | ([_], _) => None,
            (_, uploads) => slices(&group.files, uploads.len()),
        }
    }

    /// The files that have to lie on the bench.
    pub(super) fn files(&self, memo: &Memo) -> Vec<&StoredFile> {
        match self {
            Self::Slices { files, .. } => {
                let keys = slice_keys(files);
                let sharp = keys.get(keys.len() / 2).map(|(key, _)| key.clone());
                let is_sharp = |key: &PlaneKey| Some(key) == sharp.as_ref() && memo.sharp.as_ref().is_none_or(|(known, _)| known != key);
                keys.iter().filter(|(key, _)| !memo.planes.contains_key(key) || is_sharp(key)).map(|(_, at)| &files[*at]).collect()
            }
            Self::Whole { choice, .. } => choice.files.iter().collect(),
            Self::Arriving { beside, .. } => beside.iter().collect(),
        }
    }

    pub(super) fn asked(&self, record: &Record) -> Asked {
        match self {
            Self::Slices { .. } => ask::told(&record.answers, false),
            Self::Whole { choice, .. } => ask::answered(&record.answers, choice),
            Self::Arriving { is_raw, .. } => ask::told(&record.answers, *is_raw),
        }
    }

    pub(super) fn planes_expected(&self) -> usize {
        match self {
            Self::Slices { expected, .. } => *expected,
            Self::Whole { planes, .. } | Self::Arriving { planes, .. } => *planes,
        }
    }

    /// What the pictures are made of. Of a file on its way there is no sum yet; who it is and how far it is stand for it.
    pub(super) fn inputs(&self) -> Inputs {
        match self {
            Self::Slices { files, .. } => {
                let used: Vec<StoredFile> = every_nth(files.len()).into_iter().map(|number| files[number].clone()).collect();
                inputs_of(&used)
            }
            Self::Whole { choice, .. } => inputs_of(&choice.files),
            Self::Arriving { upload, here, .. } => {
                let line = format!("{here} of {} bytes of upload {}  {}\n", upload.bytes, upload.id, upload.path);
                let sum: [u8; 32] = sha2::Sha256::digest(line).into();
                Inputs { files: 1, bytes: *here, manifest_sha256: Sha256(sum), listed: Vec::new() }
            }
        }
    }

    /// Opens what there is; nothing when it is of no use yet.
    pub(super) fn plan(&mut self, folder: &Path, memo: &mut Memo, asked: &Asked) -> Option<Planned> {
        match self {
            Self::Slices { files, .. } => slices_planned(files, folder, asked),
            Self::Whole { choice, planes } => {
                let reader = opened(&folder.join(&choice.path), asked)?;
                let header = reader.header();
                *planes = header.shape[0];
                let (element, size, voxel_size_um) = (header.element, [header.shape[1], header.shape[2]], header.voxel_size_um);
                let file = inputs_of(&choice.files).manifest_sha256.to_string();
                let key = |number| PlaneKey { file: file.clone(), plane: number, number };
                let wanted: Vec<PlaneKey> = every_nth(*planes).into_iter().map(key).collect();
                let source = move |key: &PlaneKey| {
                    let mut bytes = vec![0; size[0] * size[1] * element.bytes()];
                    reader.read(key.plane, &mut bytes).ok()?;
                    Some(Voxels { size, element, bytes })
                };
                Some(Planned { sharp_at: wanted.len() / 2, wanted, voxel_size_um, source: Box::new(source) })
            }
            Self::Arriving { upload, here, planes, .. } => {
                let target = folder.join(upload.path.as_str());
                let reader = arriving::Reader::open(memo.staged.as_deref()?, *here, upload.bytes, &target, asked)?;
                *planes = reader.planes();
                let complete = reader.complete_planes();
                let key = |number| PlaneKey { file: upload.id.to_string(), plane: number, number };
                let wanted: Vec<PlaneKey> = every_nth(complete).into_iter().map(key).collect();
                let voxel_size_um = reader.voxel_size_um();
                Some(Planned {
                    sharp_at: wanted.len() / 2,
                    wanted,
                    voxel_size_um,
                    source: Box::new(move |key: &PlaneKey| reader.read(key.plane)),
                })
            }
        }
    }
}

fn arriving_file(material: &Material, upload: &Upload, here: u64) -> Subject {
    let folder = upload.path.parent();
    let small = material.files.iter().filter(|file| file.original.bytes <= BESIDE_BYTES_MAX && file.original.path.parent() == folder);
    let is_raw = volume::role_of(upload.path.name()) == Some(Role::Raw);
    Subject::Arriving { upload: upload.clone(), here, is_raw, beside: small.take(BESIDE_MAX).cloned().collect(), planes: 0 }
}

/// The order of a series that its names do not tell is not known before all are here, and a few pictures are photographs.
fn slices(files: &[&StoredFile], on_their_way: usize) -> Option<Subject> {
    let expected = files.len() + on_their_way;
    let role = volume::role_of(files.first()?.original.path.name())?;
    if !matches!(role, Role::Slice | Role::Picture) || role == Role::Picture && expected < volume::PICTURES_MIN {
        return None;
    }
    let mut files: Vec<StoredFile> = files.iter().map(|file| (*file).clone()).collect();
    files.sort_by(|a, b| volume::natural_order(a.original.path.name(), b.original.path.name()));
    Some(Subject::Slices { files, expected })
}

/// The slices that are looked at, with where they stand among those that are here.
fn slice_keys(files: &[StoredFile]) -> Vec<(PlaneKey, usize)> {
    let key = |number: usize| {
        let file = files[number].original.sha256.to_string();
        (PlaneKey { file, plane: 0, number }, number)
    };
    every_nth(files.len()).into_iter().map(key).collect()
}

fn slices_planned(files: &[StoredFile], folder: &Path, asked: &Asked) -> Option<Planned> {
    let keys = slice_keys(files);
    let paths: HashMap<PlaneKey, std::path::PathBuf> =
        keys.iter().map(|(key, at)| (key.clone(), folder.join(files[*at].original.path.as_str()))).collect();
    let wanted: Vec<PlaneKey> = keys.into_iter().map(|(key, _)| key).collect();
    let asked = asked.clone();
    let source = move |key: &PlaneKey| {
        let reader = opened(paths.get(key)?, &asked)?;
        let [depth, height, width] = reader.header().shape;
        // Files of several pages beside each other are volumes and no slices.
        if depth != 1 {
            return None;
        }
        let element = reader.header().element;
        let mut bytes = vec![0; (height * width * element.bytes()).min(PLANE_BYTES_MAX)];
        reader.read(0, &mut bytes).ok()?;
        Some(Voxels { size: [height, width], element, bytes })
    };
    Some(Planned { sharp_at: wanted.len() / 2, wanted, voxel_size_um: None, source: Box::new(source) })
}
