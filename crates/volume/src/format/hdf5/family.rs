//! Several HDF5 files in one folder: which of them is the volume, and which are only parts of it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::object::{LAYOUT, Object};
use super::survey::survey;
use super::tree::{PIXELS_MISSING, Tree};
use super::virtual_data::source_names;
use super::{Asked, FORMAT, Opened, chosen, open_in};
use crate::format::folder::wish_behind;
use crate::trouble::file_name;
use crate::{About, Asks, Offer, Trouble};

/// Files of one folder that are looked at.
const FILES_MAX: usize = 20_000;
/// How deep folders lie in folders.
const DEPTH_MAX: usize = 8;
/// Other volumes that are named.
const NAMED_MAX: usize = 5;
/// A volume with fewer voxels than this part of the largest is no rival to it.
const RIVAL_PART: u64 = 20;

/// A file that no other refers to and that holds a volume.
struct Master {
    path: PathBuf,
    projections: bool,
    voxels: u64,
    shape: Vec<u64>,
}

/// Whether files of this name may take their voxels from other files of the deposit.
pub(crate) fn is_member(name: &str) -> bool {
    let name = name.to_lowercase();
    !name.starts_with('.') && FORMAT.endings.iter().any(|ending| name.ends_with(ending))
}

/// Opens the one volume among the HDF5 files of a folder. A reconstruction goes before projections, the much larger before the
/// smaller, and the others are named in a warning; among equals somebody has to choose.
pub(crate) fn open_folder(root: &Path, asked: &Asked) -> Result<Opened, Trouble> {
    let mut files = Vec::new();
    gather(root, DEPTH_MAX, &mut files)?;
    if let Some((path, dataset)) = files.iter().find_map(|path| Some((path, wish_behind(asked, &name_in(root, path))?))) {
        return open_in(path, Some(root), &Asked { dataset, ..asked.clone() });
    }
    // Masters lie above their parts; then each part is met before it is opened for its own sake.
    files.sort_by_key(|path| (path.components().count(), path.clone()));
    let mut parts: HashSet<PathBuf> = HashSet::new();
    let mut masters: Vec<Master> = Vec::new();
    let mut troubles: Vec<Trouble> = Vec::new();
    for path in files {
        if parts.contains(&path) {
            continue;
        }
        match look(&path, root, asked, &mut parts) {
            Ok(master) => masters.push(master),
            Err(trouble) => troubles.push(trouble),
        }
    }
    masters.retain(|master| !parts.contains(&master.path));
    masters.sort_by_key(|master| (master.projections, std::cmp::Reverse(master.voxels), master.path.clone()));
    let Some((chosen, others)) = masters.split_first() else {
        let none = || Trouble::new("the folder holds no HDF5 file with a volume", "Add it").in_file(root);
        return Err(troubles.into_iter().next().unwrap_or_else(none));
    };
    let rivals: Vec<&Master> = masters.iter().filter(|other| chosen.has_rival(other)).collect();
    if rivals.len() > 1 {
        return Err(which_of(root, &rivals));
    }
    let mut opened = open_in(&chosen.path, Some(root), asked)?;
    if !others.is_empty() {
        let names: Vec<String> = others.iter().take(NAMED_MAX).map(|master| file_name(&master.path)).collect();
        let more = if others.len() > NAMED_MAX { ", …" } else { "" };
        opened.header.warnings.push(format!("Other volumes of the same folder were left aside: {}{more}.", names.join(", ")));
    }
    let missed = troubles.iter().filter(|trouble| trouble.what.contains(PIXELS_MISSING)).take(NAMED_MAX);
    opened.header.warnings.extend(missed.map(|trouble| format!("Left aside: {trouble}.")));
    Ok(opened)
}

impl Master {
    /// Itself is one.
    fn has_rival(&self, other: &Self) -> bool {
        self.projections == other.projections && other.voxels >= self.voxels / RIVAL_PART
    }
}

/// As an owner knows the file: where it lies in the folder that is opened.
fn name_in(root: &Path, path: &Path) -> String {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    path.strip_prefix(root).map_or_else(|_| file_name(path), |inside| inside.to_string_lossy().into_owned())
}

fn which_of(root: &Path, rivals: &[&Master]) -> Trouble {
    let offer = |master: &&Master| Offer { shape: master.shape.clone(), ..Offer::named(name_in(root, &master.path)) };
    let asks = Asks::one_of(About::Dataset, rivals.iter().map(offer), rivals.len());
    let names: Vec<String> = rivals.iter().take(NAMED_MAX).map(|master| name_in(root, &master.path)).collect();
    let more = if rivals.len() > NAMED_MAX { ", …" } else { "" };
    let what = format!("the folder holds {} HDF5 volumes: {}{more}", rivals.len(), names.join(", "));
    Trouble::new(what, "Choose one of them: --dataset FILE").in_file(root).asking(asks)
}

fn gather(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Trouble> {
    let trouble = |error: std::io::Error| Trouble::io("listing", folder, &error);
    let folder = folder.canonicalize().map_err(trouble)?;
    for entry in std::fs::read_dir(&folder).map_err(trouble)? {
        let path = entry.map_err(trouble)?.path();
        if std::fs::symlink_metadata(&path).map_err(trouble)?.is_dir() {
            if depth > 0 {
                gather(&path, depth - 1, files)?;
            }
        } else if is_member(&file_name(&path)) {
            files.push(path);
        }
        if files.len() > FILES_MAX {
            return Err(Trouble::new(format!("the folder holds more than {FILES_MAX} HDF5 files"), "Divide it").in_file(&folder));
        }
    }
    Ok(())
}

/// Notes which files this one refers to, and says whether it holds a volume.
fn look(path: &Path, root: &Path, asked: &Asked, parts: &mut HashSet<PathBuf>) -> Result<Master, Trouble> {
    let tree = Tree::open(path, Some(root), None)?;
    let survey = survey(&tree);
    for data in &survey.datasets {
        let names = Object::read(&data.place.file, data.place.address)
            .and_then(|object| object.first(&data.place.file, LAYOUT))
            .and_then(|layout| layout.map_or(Ok(Vec::new()), |layout| source_names(&data.place.file, &layout)));
        // What cannot be found is told when the volume is opened.
        for name in names.unwrap_or_default() {
            let _ = tree.beside(&data.place.file, &name);
        }
    }
    parts.extend(tree.paths().into_iter().filter(|part| *part != tree.master.path));
    let (choice, dataset) = chosen(&tree, &survey, asked)?;
    // Sources that are numbered are known only now.
    parts.extend(tree.paths().into_iter().filter(|part| *part != tree.master.path));
    let voxels = dataset.shape.iter().rev().take(3).product();
    let shape = dataset.shape.iter().rev().take(3).rev().copied().collect();
    Ok(Master { path: path.into(), projections: choice.convention.is_projections(), voxels, shape })
}
