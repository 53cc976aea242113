//! Which dataset of a file is the volume: what somebody asked for, what the file's conventions say, or the only one.

use super::attribute::Value;
use super::dataset::Dataset;
use super::survey::{Data, Survey, attribute};
use super::tree::{Place, Tree};
use crate::Trouble;

/// Datasets that a refusal lists.
const LISTED_MAX: usize = 12;

/// By which convention the voxels were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Convention {
    NxTomo,
    DataExchange,
    /// A scan of the ESRF's BLISS whose title says that it holds projections.
    Bliss,
    Other,
}

pub(super) struct Choice {
    pub(super) path: String,
    pub(super) place: Place,
    pub(super) shape: Vec<u64>,
    /// Indexes along the axes before the last three.
    pub(super) leading: Vec<u64>,
    pub(super) convention: Convention,
}

pub(super) fn choose(tree: &Tree, survey: &Survey, asked: Option<&str>) -> Result<Choice, Trouble> {
    if let Some(asked) = asked {
        return asked_for(tree, survey, asked);
    }
    for found in [nxtomo(tree, survey), default_plot(tree, survey), exchange(tree, survey), bliss(tree, survey), only(survey)] {
        if let Some(choice) = found? {
            return Ok(choice);
        }
    }
    Err(nothing(tree, survey))
}

impl Choice {
    /// A dataset at a path; `leading` chooses along the axes before the last three.
    fn at(tree: &Tree, place: Place, path: &str, leading: &[u64], convention: Convention) -> Result<Self, Trouble> {
        let object = super::object::Object::read(&place.file, place.address)?;
        let Some((space, _)) = super::dataset::describe(&place.file, &object)? else {
            let what = format!("{path} is a group, not a dataset");
            return Err(Trouble::new(what, "Name a dataset inside it with --dataset").in_file(&tree.master.path));
        };
        let leading = lead(&space.shape, path, leading).map_err(|trouble| trouble.in_file(&tree.master.path))?;
        Ok(Self { path: path.into(), place, shape: space.shape, leading, convention })
    }

    fn of(tree: &Tree, path: &str, convention: Convention) -> Result<Self, Trouble> {
        Self::at(tree, tree.find(&tree.master, path)?, path, &[], convention)
    }
}

/// Checks indexes along the axes before the last three; axes of one need none.
fn lead(shape: &[u64], path: &str, given: &[u64]) -> Result<Vec<u64>, Trouble> {
    let extra = shape.get(..shape.len().saturating_sub(3)).unwrap_or_default();
    if given.is_empty() && extra.iter().all(|&size| size == 1) {
        return Ok(vec![0; extra.len()]);
    }
    if given.len() != extra.len() || given.iter().zip(extra).any(|(index, size)| index >= size) {
        let axes = extra.len();
        let choices: Vec<String> = extra.iter().map(|size| format!("0 to {}", size.saturating_sub(1))).collect();
        let what = match axes {
            0 => format!("{path} has {} axes, none of which is to be chosen along", shape.len()),
            _ => format!("{path} has {} axes {shape:?}, and a volume has three", shape.len()),
        };
        let hint = match axes {
            0 => "Name it without an index".to_string(),
            _ => format!("Choose along the first {axes} ({}): --dataset '{path}[{}]'", choices.join(", "), vec!["0"; axes].join(",")),
        };
        return Err(Trouble::new(what, hint));
    }
    Ok(given.to_vec())
}

/// `/entry/data` or, with indexes along the first axes, `/entry/data[3,0]`.
fn asked_for(tree: &Tree, survey: &Survey, asked: &str) -> Result<Choice, Trouble> {
    let wrong = || {
        let what = format!("“{asked}” is no dataset with indexes");
        Trouble::new(what, "Write it as /entry/data or /entry/data[0]").in_file(&tree.master.path)
    };
    let (path, indexes) = match asked.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        Some((path, indexes)) => {
            (path, indexes.split(',').map(|index| index.trim().parse()).collect::<Result<_, _>>().map_err(|_| wrong())?)
        }
        None => (asked, Vec::new()),
    };
    let path = format!("/{}", path.trim_matches('/'));
    let place = tree.find(&tree.master, &path).map_err(|mut trouble| {
        if trouble.what.contains("is not there") {
            trouble.hint = format!("Choose one of them with --dataset: {}", list(&volumes(survey)));
        }
        trouble
    })?;
    let known = [nxtomo(tree, survey), exchange(tree, survey), bliss(tree, survey)];
    let convention =
        known.into_iter().filter_map(|known| known.ok().flatten()).find(|known| known.place == place).map(|known| known.convention);
    Choice::at(tree, place, &path, &indexes, convention.unwrap_or(Convention::Other))
}

/// The one NXtomo entry of the file, or that which is its default.
fn nxtomo(tree: &Tree, survey: &Survey) -> Result<Option<Choice>, Trouble> {
    let is_tomo = |path: &str| {
        let definition = tree.find(&tree.master, &format!("{path}/definition")).ok();
        let value = definition.and_then(|place| Dataset::open(tree, &place.file, place.address, "definition", 0).ok()?.value().ok()?);
        value.as_ref().and_then(Value::text) == Some("NXtomo")
    };
    let entries = survey.of_class("NXentry").chain(survey.of_class("NXsubentry"));
    let entries: Vec<&str> = entries.map(|group| group.path.as_str()).filter(|path| is_tomo(path)).collect();
    let default = root_default(tree);
    let entry = match &entries[..] {
        [] => return Ok(None),
        [one] => one,
        several => match several.iter().find(|path| Some(path.trim_start_matches('/')) == default.as_deref()) {
            Some(default) => default,
            None => {
                let what = format!("it holds {} tomography scans: {}", several.len(), several.join(", "));
                let hint = format!("Choose one: --dataset {}/instrument/detector/data", several[0]);
                return Err(Trouble::new(what, hint).in_file(&tree.master.path));
            }
        },
    };
    Choice::of(tree, &format!("{entry}/instrument/detector/data"), Convention::NxTomo).map(Some)
}

fn root_default(tree: &Tree) -> Option<String> {
    let root = Place { file: tree.master.clone(), address: tree.master.root };
    Some(attribute(&root, "default")?.text()?.trim_matches('/').to_owned())
}

/// The plot that the file says it is about.
fn default_plot(tree: &Tree, survey: &Survey) -> Result<Option<Choice>, Trouble> {
    let mut path = match (root_default(tree), &survey.of_class("NXentry").collect::<Vec<_>>()[..]) {
        (Some(default), _) => format!("/{default}"),
        (None, [entry]) => entry.path.clone(),
        _ => return Ok(sole_plot(tree, survey)),
    };
    for _ in 0..8 {
        let Ok(place) = tree.find(&tree.master, &path) else { return Ok(sole_plot(tree, survey)) };
        let next = attribute(&place, "default").and_then(|default| default.text().map(str::to_owned));
        match next {
            Some(default) if default.starts_with('/') => path = default,
            Some(default) if default != "." => path = format!("{path}/{default}"),
            _ => {
                // A signal that leads outside of the deposit is no reason to look for another.
                return match signal(tree, &path) {
                    Some(signal) => has_volume(Choice::of(tree, &signal, Convention::Other)),
                    None => Ok(sole_plot(tree, survey)),
                };
            }
        }
    }
    Ok(sole_plot(tree, survey))
}

/// A choice of three axes or more; what cannot be told apart is an error.
fn has_volume(choice: Result<Choice, Trouble>) -> Result<Option<Choice>, Trouble> {
    choice.map(|choice| Some(choice).filter(|choice| choice.shape.len() >= 3))
}

/// The dataset that an NXdata group is about.
fn signal(tree: &Tree, path: &str) -> Option<String> {
    let place = tree.find(&tree.master, path).ok()?;
    if attribute(&place, "NX_class")?.text()? != "NXdata" {
        return None;
    }
    if let Some(name) = attribute(&place, "signal") {
        return Some(format!("{path}/{}", name.text()?));
    }
    // As files before 2014 say it: the dataset itself is marked.
    let links = tree.links(&place.file, place.address).ok()??;
    let marked = |name: &str| {
        let child = tree.find(&tree.master, &format!("{path}/{name}")).ok()?;
        (attribute(&child, "signal")?.number()? == 1.0).then_some(())
    };
    let name = links.iter().find(|link| marked(&link.name).is_some()).map(|link| link.name.as_str());
    let name = name.or_else(|| links.iter().any(|link| link.name == "data").then_some("data"));
    name.map(|name| format!("{path}/{name}"))
}

/// When no default leads to it: the only plot of three axes.
fn sole_plot(tree: &Tree, survey: &Survey) -> Option<Choice> {
    let mut volumes: Vec<Choice> = Vec::new();
    for path in survey.of_class("NXdata").filter_map(|group| signal(tree, &group.path)) {
        match Choice::of(tree, &path, Convention::Other) {
            Ok(choice) if choice.shape.len() < 3 || volumes.iter().any(|known| known.place == choice.place) => {}
            Ok(choice) => volumes.push(choice),
            // One of more axes is a plot too, and which of its volumes is meant nobody knows.
            Err(_) => return None,
        }
    }
    let several = volumes.len() > 1;
    volumes.pop().filter(|choice| !several && choice.shape.len() == 3)
}

/// Data Exchange, the format of the APS.
fn exchange(tree: &Tree, survey: &Survey) -> Result<Option<Choice>, Trouble> {
    match survey.datasets.iter().any(|data| data.path == "/exchange/data") {
        true => Choice::of(tree, "/exchange/data", Convention::DataExchange).map(Some),
        false => Ok(None),
    }
}

/// A file of ESRF's BLISS: the one scan whose title says projections.
fn bliss(tree: &Tree, survey: &Survey) -> Result<Option<Choice>, Trouble> {
    let projections = |entry: &str| {
        let place = tree.find(&tree.master, &format!("{entry}/title")).ok()?;
        let title = Dataset::open(tree, &place.file, place.address, "title", 0).ok()?.value().ok()??;
        title.text()?.to_lowercase().contains("projections").then_some(())
    };
    let entries: Vec<&str> =
        survey.of_class("NXentry").map(|group| group.path.as_str()).filter(|path| projections(path).is_some()).collect();
    let inside = |data: &&Data| entries.iter().any(|entry| data.path.starts_with(&format!("{entry}/instrument/")));
    let images: Vec<&Data> = volumes(survey).into_iter().filter(inside).filter(|data| data.shape.len() == 3).collect();
    match &images[..] {
        [one] => Choice::of(tree, &one.path, Convention::Bliss).map(Some),
        _ => Ok(None),
    }
}

/// Datasets of numbers with three axes or more.
fn volumes(survey: &Survey) -> Vec<&Data> {
    let numbers = |data: &&Data| data.shape.len() >= 3 && data.datatype.is_number();
    survey.datasets.iter().filter(numbers).collect()
}

fn only(survey: &Survey) -> Result<Option<Choice>, Trouble> {
    let all = volumes(survey);
    let three: Vec<&&Data> = all.iter().filter(|data| data.shape.len() == 3).collect();
    match (&three[..], &all[..]) {
        ([one], _) => Ok(Some(chosen(one, Vec::new()))),
        ([], [one]) => {
            let leading = lead(&one.shape, &one.path, &[]).map_err(|trouble| trouble.in_file(&one.place.file.path))?;
            Ok(Some(chosen(one, leading)))
        }
        _ => Ok(None),
    }
}

fn chosen(data: &Data, leading: Vec<u64>) -> Choice {
    Choice { path: data.path.clone(), place: data.place.clone(), shape: data.shape.clone(), leading, convention: Convention::Other }
}

fn list(volumes: &[&Data]) -> String {
    let mut listed: Vec<String> =
        volumes.iter().take(LISTED_MAX).map(|data| format!("{} {:?} {}", data.path, data.shape, data.datatype.name())).collect();
    if volumes.len() > LISTED_MAX {
        listed.push(format!("and {} more", volumes.len() - LISTED_MAX));
    }
    listed.join("; ")
}

/// Why nothing was chosen.
fn nothing(tree: &Tree, survey: &Survey) -> Trouble {
    let volumes = volumes(survey);
    let trouble = match (&volumes[..], survey.unreachable.first(), survey.broken.first()) {
        ([], Some((_, trouble)), _) | ([], None, Some((_, trouble))) => trouble.clone(),
        ([], None, None) => Trouble::new("no dataset of it has three axes", "Add the file that holds the voxels"),
        (several, _, _) => {
            let what = format!("it holds {} datasets that may be the volume: {}", several.len(), list(several));
            Trouble::new(what, "Choose one of them: --dataset PATH")
        }
    };
    trouble.in_file(&tree.master.path)
}
