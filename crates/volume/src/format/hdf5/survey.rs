//! Looks through a whole file once: which groups and datasets there are, and what cannot be reached.

use std::collections::HashSet;
use std::path::PathBuf;

use super::attribute::Value;
use super::dataset::{Dataset, describe};
use super::datatype::Datatype;
use super::group::Target;
use super::object::Object;
use super::tree::{Place, Tree};
use crate::Trouble;

/// Objects of one file that are looked at.
const OBJECTS_MAX: usize = 50_000;
/// How deep groups lie in groups.
const DEPTH_MAX: usize = 64;

pub(super) struct Group {
    pub(super) path: String,
    /// Its NeXus class.
    pub(super) class: String,
}

pub(super) struct Data {
    pub(super) path: String,
    pub(super) place: Place,
    pub(super) shape: Vec<u64>,
    pub(super) datatype: Datatype,
}

/// What a file holds, in order of path.
#[derive(Default)]
pub(super) struct Survey {
    pub(super) groups: Vec<Group>,
    pub(super) datasets: Vec<Data>,
    /// Links to other files that could not be followed, and why.
    pub(super) unreachable: Vec<(String, Trouble)>,
    /// Objects that could not be read.
    pub(super) broken: Vec<(String, Trouble)>,
    pub(super) cut_short: bool,
}

pub(super) fn survey(tree: &Tree) -> Survey {
    let mut survey = Survey::default();
    let mut seen = HashSet::new();
    let root = Place { file: tree.master.clone(), address: tree.master.root };
    visit(tree, String::new(), root, DEPTH_MAX, &mut seen, &mut survey);
    survey
}

fn visit(tree: &Tree, path: String, place: Place, depth: usize, seen: &mut HashSet<(PathBuf, u64)>, survey: &mut Survey) {
    if depth == 0 || seen.len() >= OBJECTS_MAX {
        survey.cut_short = true;
        return;
    }
    if !seen.insert((place.file.path.clone(), place.address)) {
        return;
    }
    let links = match tree.links(&place.file, place.address) {
        Ok(Some(links)) => links,
        Ok(None) => {
            match Object::read(&place.file, place.address).and_then(|object| describe(&place.file, &object)) {
                Ok(Some((space, datatype))) => survey.datasets.push(Data { path, place, shape: space.shape, datatype }),
                Ok(None) => {}
                Err(trouble) => survey.broken.push((path, trouble)),
            }
            return;
        }
        Err(trouble) => {
            survey.broken.push((path, trouble));
            return;
        }
    };
    let class = attribute(&place, "NX_class").and_then(|value| value.text().map(str::to_owned)).unwrap_or_default();
    survey.groups.push(Group { path: path.clone(), class });
    for link in links.iter() {
        // Where a soft link leads is met under its own name.
        if matches!(link.target, Target::Soft(_)) {
            continue;
        }
        let child = format!("{path}/{}", link.name);
        match tree.follow(&place, link, &mut 32) {
            Ok(target) => visit(tree, child, target, depth - 1, seen, survey),
            Err(trouble) => survey.unreachable.push((child, trouble)),
        }
    }
}

/// One attribute of an object; nothing when it has none of that name.
pub(super) fn attribute(place: &Place, name: &str) -> Option<Value> {
    Dataset::attributes(&place.file, place.address).into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

impl Survey {
    /// Groups of one NeXus class.
    pub(super) fn of_class(&self, class: &str) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(move |group| group.class == class)
    }
}
