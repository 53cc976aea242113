//! Which dataset of a file is the volume: what somebody asked for, what the file's conventions say, or the only one.

use super::attribute::Value;
use super::axes::{Axes, ColourAxis, checked, lead};
use super::dataset::Dataset;
use super::datatype::Datatype;
use super::layout::{self, Layout};
use super::parts::{self, Part, Parts};
use super::survey::{Data, Survey, attribute};
use super::tree::{Place, Tree};
use crate::asks::holds_colours;
use crate::format::Asked;
use crate::{About, Asks, Offer, Trouble};

/// Datasets that a refusal lists.
const LISTED_MAX: usize = 12;

/// By which convention the voxels were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Convention {
    NxTomo,
    DataExchange,
    /// A scan of the ESRF's BLISS whose title says that it holds projections.
    Bliss,
    /// Frames in several datasets, as Dectris's detectors leave them.
    Parts,
    /// A program's own layout, which names the axes.
    Program(Layout),
    Other,
}

impl Convention {
    /// Whether the planes are pictures of a scan and not slices of a volume.
    pub(super) fn is_projections(self) -> bool {
        matches!(self, Self::NxTomo | Self::DataExchange | Self::Bliss | Self::Parts)
    }

    /// What people call files of this kind.
    pub(super) fn format(self) -> &'static str {
        match self {
            Self::NxTomo => "NXtomo (HDF5)",
            Self::DataExchange => "Data Exchange (HDF5)",
            Self::Bliss => "ESRF BLISS (HDF5)",
            Self::Parts => "frames in parts (HDF5)",
            Self::Program(layout) => layout.name(),
            Self::Other => "HDF5",
        }
    }
}

pub(super) struct Choice {
    pub(super) path: String,
    pub(super) place: Place,
    pub(super) shape: Vec<u64>,
    /// Which of them are the volume's.
    pub(super) axes: Axes,
    pub(super) convention: Convention,
    /// Sizes along the axes of the volume, where more is stored than is true.
    pub(super) true_sizes: Option<Vec<u64>>,
    /// Datasets that follow each other along z, where they are several.
    pub(super) parts: Vec<Part>,
}

/// What asks the file by one convention.
type Finder = fn(&Tree, &Survey) -> Result<Option<Choice>, Trouble>;

pub(super) fn choose(tree: &Tree, survey: &Survey, asked: &Asked) -> Result<Choice, Trouble> {
    if let Some(dataset) = asked.dataset.as_deref() {
        return asked_for(tree, survey, dataset);
    }
    if let Some(path) = layout::preferred(tree, survey, asked.channel)? {
        return Choice::of(tree, &path, Convention::Other);
    }
    let finders: [Finder; 6] = [nxtomo, in_parts, default_plot, exchange, bliss, only];
    for find in finders {
        if let Some(choice) = find(tree, survey)? {
            return Ok(choice);
        }
    }
    Err(nothing(tree, survey))
}

impl Choice {
    /// A dataset at a path; `written` chooses among its axes as a person writes it.
    fn at(tree: &Tree, place: Place, path: &str, written: Option<&str>, convention: Convention) -> Result<Self, Trouble> {
        let object = super::object::Object::read(&place.file, place.address)?;
        let Some((space, datatype)) = super::dataset::describe(&place.file, &object)? else {
            let what = format!("{path} is a group, not a dataset");
            return Err(Trouble::new(what, "Name a dataset inside it with --dataset").in_file(&tree.master.path));
        };
        Self::new(tree, (place, path), (space.shape, &datatype), written, convention)
    }

    fn new(
        tree: &Tree,
        (place, path): (Place, &str),
        (shape, datatype): (Vec<u64>, &Datatype),
        written: Option<&str>,
        convention: Convention,
    ) -> Result<Self, Trouble> {
        let layout = Layout::of(tree, path, shape.len()).filter(|_| convention == Convention::Other);
        let convention = layout.map_or(convention, Convention::Program);
        let axes = match written {
            Some(written) => checked(&shape, path, written),
            None => lead(&shape, path, colour_axis(datatype, convention)),
        };
        let axes = axes.map_err(|trouble| trouble.in_file(&tree.master.path))?;
        let true_sizes = layout.and_then(|layout| layout.true_sizes(tree, path, axes.among(&shape)));
        Ok(Self { path: path.into(), place, shape, axes, convention, true_sizes, parts: Vec::new() })
    }

    fn of(tree: &Tree, path: &str, convention: Convention) -> Result<Self, Trouble> {
        Self::at(tree, tree.find(&tree.master, path)?, path, None, convention)
    }

    /// Sizes along the axes of the volume.
    pub(super) fn sizes(&self) -> &[u64] {
        self.true_sizes.as_deref().unwrap_or_else(|| self.axes.among(&self.shape))
    }

    /// Opens what was chosen. A virtual dataset may have grown since the file was written.
    pub(super) fn open(&mut self, tree: &Tree) -> Result<Dataset, Trouble> {
        let mut dataset = match &self.parts[..] {
            [] => Dataset::open(tree, &self.place.file, self.place.address, &self.path, 0)?,
            parts => Dataset::joined(tree, &self.path, parts)?,
        };
        self.shape.clone_from(&dataset.shape);
        dataset.datatype = self.meant(dataset.datatype);
        Ok(dataset)
    }

    /// The type of its voxels as its program means it.
    pub(super) fn meant(&self, stored: Datatype) -> Datatype {
        match self.convention {
            Convention::Program(layout) => layout.meant(stored),
            _ => stored,
        }
    }
}

/// `/entry/data` or, with indexes along the first axes, `/entry/data[3,0]`, or with all axes `/entry/data[3,:,:,:]`.
fn asked_for(tree: &Tree, survey: &Survey, asked: &str) -> Result<Choice, Trouble> {
    let (path, written) = match asked.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        Some((path, written)) => (path, Some(written)),
        None => (asked, None),
    };
    let path = format!("/{}", path.trim_matches('/'));
    if let (Some(parts), None) = (parts::of_group(tree, &path).ok().flatten(), written) {
        return Ok(joined(parts));
    }
    let place = tree.find(&tree.master, &path).map_err(|mut trouble| {
        if trouble.what.contains("is not there") {
            trouble.hint = format!("Choose one of them with --dataset: {}", list(&volumes(survey)));
        }
        trouble
    })?;
    let known = [nxtomo(tree, survey), exchange(tree, survey), bliss(tree, survey)];
    let convention =
        known.into_iter().filter_map(|known| known.ok().flatten()).find(|known| known.place == place).map(|known| known.convention);
    Choice::at(tree, place, &path, written, convention.unwrap_or(Convention::Other))
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
                let offers = several.iter().map(|entry| frames(survey, &format!("{entry}/instrument/detector/data")));
                let asks = Asks::one_of(About::Dataset, offers, several.len());
                return Err(Trouble::new(what, hint).in_file(&tree.master.path).asking(asks));
            }
        },
    };
    Choice::of(tree, &format!("{entry}/instrument/detector/data"), Convention::NxTomo).map(Some)
}

/// The frames of a scan, which may be a link and so not among the datasets.
fn frames(survey: &Survey, path: &str) -> Offer {
    survey.datasets.iter().find(|data| data.path == path).map_or_else(|| Offer::named(path), offer)
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

/// Frames in several datasets of one group.
fn in_parts(tree: &Tree, survey: &Survey) -> Result<Option<Choice>, Trouble> {
    let parts = parts::find(tree, survey).map_err(|trouble| trouble.in_file(&tree.master.path))?;
    Ok(parts.map(joined))
}

fn joined(Parts { group, parts, shape, .. }: Parts) -> Choice {
    // A group without parts is none.
    let place = parts[0].place.clone();
    Choice { path: group, place, shape, axes: Axes::default(), convention: Convention::Parts, true_sizes: None, parts }
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

fn only(tree: &Tree, survey: &Survey) -> Result<Option<Choice>, Trouble> {
    let all = volumes(survey);
    let three: Vec<&&Data> = all.iter().filter(|data| data.shape.len() == 3).collect();
    match (&three[..], &all[..]) {
        ([one], _) => chosen(tree, one).map(Some),
        ([], [one]) => chosen(tree, one).map(Some),
        _ => Ok(None),
    }
}

fn chosen(tree: &Tree, data: &Data) -> Result<Choice, Trouble> {
    Choice::new(tree, (data.place.clone(), &data.path), (data.shape.clone(), &data.datatype), None, Convention::Other)
}

fn colour_axis(datatype: &Datatype, convention: Convention) -> ColourAxis {
    match (convention, datatype.element()) {
        (Convention::Other, Some(element)) if holds_colours(element) => ColourAxis::LastOrFirst,
        (Convention::Other, _) => ColourAxis::Last,
        _ => ColourAxis::Known,
    }
}

fn offer(data: &Data) -> Offer {
    Offer { shape: data.shape.clone(), element: Some(data.datatype.name()), ..Offer::named(&data.path) }
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
            let asks = Asks::one_of(About::Dataset, several.iter().map(|data| offer(data)), several.len());
            Trouble::new(what, "Choose one of them: --dataset PATH").asking(asks)
        }
    };
    trouble.in_file(&tree.master.path)
}
