//! Which dataset of a container, and which three of its axes: taken where there is one, asked for where there are several.

use serde_json::Value;

use super::array::Array;
use super::document::{Node, node};
use super::tree::{Tree, join, safe_key};
use crate::asks::{ColourPlace, may_be_colour, places};
use crate::{About, Asks, Offer, Trouble};

/// Groups that are looked into for arrays.
const GROUPS_MAX: usize = 4_096;
const DEPTH_MAX: usize = 8;
/// Choices that are named in an answer.
const NAMED_MAX: usize = 12;

/// What somebody asked for: a path, one index of each axis that is not z, y or x, and what the axes of an array without
/// names are: `A/0,t=0,c=1`, `A/0,axes=yxc,c=1`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) path: String,
    pub(crate) indices: Vec<(String, u64)>,
    pub(crate) axes: Option<Vec<String>>,
}

impl Wish {
    pub(crate) fn parse(text: Option<&str>) -> Result<Self, Trouble> {
        let mut wish = Self::default();
        let mut path = Vec::new();
        for part in text.unwrap_or_default().split(',') {
            if let Some(letters) = part.trim().strip_prefix("axes=") {
                wish.axes = Some(letters.to_lowercase().chars().map(String::from).collect());
                continue;
            }
            match part.split_once('=').map(|(axis, index)| (axis.trim(), index.trim().parse())) {
                Some((axis, Ok(index))) if !axis.is_empty() && !axis.contains('/') => wish.indices.push((axis.to_lowercase(), index)),
                _ => path.push(part),
            }
        }
        let path = path.join(",");
        wish.path =
            safe_key(&path).ok_or_else(|| Trouble::new(format!("“{path}” is no path of a dataset"), "Write it like A/0,t=0,c=1"))?;
        Ok(wish)
    }

    /// A channel by its number alone is an index along the axis c, where there is one and nothing else is said about it.
    pub(crate) fn take_channel(&mut self, channel: usize, names: &[String]) {
        let said = self.indices.iter().any(|(name, _)| name == "c");
        if !said && names.iter().any(|name| name == "c") {
            self.indices.push(("c".into(), channel as u64));
        }
    }

    /// As it was written, in parts.
    pub(crate) fn written(&self) -> Vec<String> {
        let path = Some(self.path.clone()).filter(|path| !path.is_empty());
        let axes = self.axes.as_ref().map(|axes| format!("axes={}", axes.concat()));
        let indices = self.indices.iter().map(|(name, index)| format!("{name}={index}"));
        path.into_iter().chain(axes).chain(indices).collect()
    }
}

/// Three axes of an array, and where the others stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pick {
    /// z, y, x as axes of the array; nothing for an axis it does not have.
    pub(crate) spatial: [Option<usize>; 3],
    /// The chosen index of every axis; 0 along z, y, x.
    pub(crate) fixed: Vec<u64>,
}

/// An array with the group that says how large its voxels are.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) array: Array,
    /// The entry of the group's `multiscales` that names the array, and the entry's dataset.
    pub(crate) multiscale: Option<(Value, Value)>,
    /// Attributes of the groups above, nearest first.
    pub(crate) above: Vec<Value>,
    /// Paths of the arrays of all levels, where it is the first of them.
    pub(crate) levels: Vec<String>,
    pub(crate) warnings: Vec<String>,
}

fn several(what: &str, offers: Vec<Offer>) -> Trouble {
    let count = offers.len();
    let in_words = |offer: &Offer| match &offer.says {
        Some(says) => format!("{} ({says})", offer.answer),
        None => offer.answer.clone(),
    };
    let mut named = offers.iter().take(NAMED_MAX).map(in_words).collect::<Vec<_>>().join("; ");
    if count > NAMED_MAX {
        named.push_str(&format!("; and {} more", count - NAMED_MAX));
    }
    Trouble::new(format!("it holds {count} {what}: {named}"), "Choose one of them as dataset (--dataset)").asking(Asks::one_of(
        About::Dataset,
        offers,
        count,
    ))
}

fn missing(path: &str) -> Trouble {
    Trouble::new(format!("there is no dataset “{path}”"), "Leave the choice out to see what there is")
}

/// The dataset at the wished path, or the only one.
pub(crate) fn find(tree: &dyn Tree, path: &str) -> Result<Found, Trouble> {
    // N5 groups need no document of their own.
    let bare_group = || tree.folders(path).is_ok_and(|folders| !folders.is_empty()).then_some(Node::Group(Value::Null));
    match node(tree, path)?.or_else(bare_group).ok_or_else(|| missing(path))? {
        Node::Array(array) => with_group(tree, *array),
        Node::Group(attributes) => {
            let scales = multiscales(&attributes);
            match scales.len() {
                0 => {}
                1 => return first_level(tree, path, &attributes, &scales[0]),
                _ => {
                    let paths = scales.iter().filter_map(|scale| scale["datasets"][0]["path"].as_str());
                    return Err(several("images", paths.map(|inner| Offer::named(join(path, inner))).collect()));
                }
            }
            in_group(tree, path, &attributes)
        }
    }
}

/// The multiscales of a group, where OME-Zarr 0.5, 0.4 and N5 keep them.
fn multiscales(attributes: &Value) -> Vec<Value> {
    let list = attributes["ome"]["multiscales"].as_array().or(attributes["multiscales"].as_array());
    let has_path = |scale: &&Value| scale["datasets"][0]["path"].is_string();
    list.into_iter().flatten().filter(has_path).take(256).cloned().collect()
}

fn first_level(tree: &dyn Tree, path: &str, attributes: &Value, scale: &Value) -> Result<Found, Trouble> {
    let dataset = &scale["datasets"][0];
    let inner = dataset["path"].as_str().and_then(safe_key).ok_or_else(|| missing("of its multiscales"))?;
    let full = join(path, &inner);
    match node(tree, &full)? {
        Some(Node::Array(array)) => Ok(Found {
            array: *array,
            multiscale: Some((scale.clone(), dataset.clone())),
            above: vec![attributes.clone()],
            levels: scale["datasets"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|level| Some(join(path, &safe_key(level["path"].as_str()?)?)))
                .collect(),
            warnings: Vec::new(),
        }),
        _ => Err(missing(&full)),
    }
}

/// An array that was named itself: a group above it may know the size of its voxels.
fn with_group(tree: &dyn Tree, array: Array) -> Result<Found, Trouble> {
    let mut found = Found { multiscale: None, above: Vec::new(), levels: Vec::new(), warnings: Vec::new(), array };
    let mut inner = found.array.path.clone();
    while !inner.is_empty() && found.above.len() < DEPTH_MAX {
        let folder = inner.rsplit_once('/').map_or("", |(folder, _)| folder).to_string();
        if let Some(Node::Group(attributes)) = node(tree, &folder)? {
            let below = found.array.path[folder.len()..].trim_start_matches('/').to_string();
            for scale in multiscales(&attributes) {
                let dataset = scale["datasets"].as_array().into_iter().flatten().find(|dataset| dataset["path"] == *below);
                if let (Some(dataset), None) = (dataset, &found.multiscale) {
                    found.multiscale = Some((scale.clone(), dataset.clone()));
                }
            }
            found.above.push(attributes);
        }
        inner = folder;
    }
    Ok(found)
}

/// A group without multiscales: images of bioformats2raw, a plate, or arrays somewhere below.
fn in_group(tree: &dyn Tree, path: &str, attributes: &Value) -> Result<Found, Trouble> {
    let ome = if attributes["ome"].is_object() { &attributes["ome"] } else { attributes };
    if ome["plate"].is_object() {
        let wells: Vec<Offer> = ome["plate"]["wells"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|well| well["path"].as_str())
            .map(|well| Offer::named(join(path, &format!("{well}/0"))))
            .collect();
        return Err(several("wells of a plate", wells));
    }
    let below = look_below(tree, path)?;
    let (images, arrays): (Vec<&Below>, Vec<&Below>) = below.iter().partition(|below| below.image);
    // Where images say how large their voxels are, arrays beside them are thumbnails and tables.
    let from = if images.is_empty() { arrays } else { images };
    match &from[..] {
        [] => Err(Trouble::new("it holds no array of three axes", "Add the folder that holds .zarray, zarr.json or attributes.json")),
        [one] => find(tree, &one.path),
        several_of_them => {
            if let Some(first) = one_pyramid(several_of_them) {
                let mut found = find(tree, &first)?;
                found.levels = several_of_them.iter().map(|level| level.path.clone()).collect();
                found.warnings.push(format!("Its arrays look like levels of one volume; the largest, “{first}”, is taken."));
                return Ok(found);
            }
            let offer = |below: &&Below| Offer { says: Some(below.words.clone()), ..Offer::named(&below.path) };
            Err(several("datasets", several_of_them.iter().map(offer).collect()))
        }
    }
}

struct Below {
    path: String,
    words: String,
    voxels: Vec<u64>,
    /// A group with multiscales.
    image: bool,
}

/// Images and arrays of at least three axes below a group.
fn look_below(tree: &dyn Tree, path: &str) -> Result<Vec<Below>, Trouble> {
    let mut found = Vec::new();
    let mut waiting = vec![(path.to_string(), 0)];
    let mut seen = 0;
    while let Some((folder, depth)) = waiting.pop() {
        for name in tree.folders(&folder)? {
            seen += 1;
            if seen > GROUPS_MAX {
                return Err(Trouble::new(format!("it holds more than {GROUPS_MAX} groups"), "Choose the dataset (--dataset)"));
            }
            let inner = join(&folder, &name);
            match node(tree, &inner)? {
                Some(Node::Array(array)) if array.shape.len() >= 3 => {
                    found.push(Below { path: inner, words: array.in_words(), voxels: array.shape.clone(), image: false });
                }
                Some(Node::Array(_)) => {}
                Some(Node::Group(attributes)) if !multiscales(&attributes).is_empty() => {
                    found.push(Below { path: inner, words: "image".into(), voxels: Vec::new(), image: true });
                }
                // N5 groups need no document of their own.
                _ if depth < DEPTH_MAX => waiting.push((inner, depth + 1)),
                _ => {}
            }
        }
    }
    found.sort_by(|a, b| crate::format::natural_order(&a.path, &b.path));
    Ok(found)
}

/// Arrays of one group called 0, 1, 2 or s0, s1, s2 that grow smaller: the first of them.
fn one_pyramid(arrays: &[&Below]) -> Option<String> {
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_string());
    let level = |path: &str| path.rsplit('/').next()?.trim_start_matches(['s', 'S']).parse::<usize>().ok();
    for (number, pair) in arrays.windows(2).enumerate() {
        let smaller = pair[0].voxels.len() == pair[1].voxels.len()
            && pair[0].voxels != pair[1].voxels
            && pair[0].voxels.iter().zip(&pair[1].voxels).all(|(fine, coarse)| fine >= coarse);
        if folder(&pair[0].path) != folder(&pair[1].path)
            || level(&pair[0].path) != Some(number)
            || level(&pair[1].path) != Some(number + 1)
            || !smaller
        {
            return None;
        }
    }
    arrays.first().map(|first| first.path.clone())
}

/// What the axes are called: by the multiscale, else by the array, else z, y, x from the end.
pub(crate) fn axis_names(found: &Found, wish: &Wish) -> Vec<String> {
    let rank = found.array.shape.len();
    if let Some(axes) = wish.axes.as_ref().filter(|axes| axes.len() == rank) {
        return axes.clone();
    }
    let axes = found.multiscale.as_ref().and_then(|(scale, _)| scale["axes"].as_array()).filter(|axes| axes.len() == rank);
    let said = |axis: usize| -> Option<String> {
        let of_scale = axes.and_then(|axes| axes[axis]["name"].as_str().or(axes[axis].as_str()));
        of_scale.map(str::to_lowercase).or_else(|| found.array.names[axis].clone())
    };
    let names: Vec<Option<String>> = (0..rank).map(said).collect();
    let all_there = ["y", "x"].iter().all(|name| names.iter().flatten().filter(|there| there == name).count() == 1);
    if all_there {
        return names.into_iter().enumerate().map(|(axis, name)| name.unwrap_or_else(|| format!("d{axis}"))).collect();
    }
    // Before OME-Zarr 0.3 five axes were always these.
    let usual: &[&str] = match (rank, &found.multiscale) {
        (5, Some(_)) => &["t", "c", "z", "y", "x"],
        // Three voxels along x beside many along y and z are colours, and a single one is a grey channel.
        (4.., None) if may_be_colour(found.array.shape[rank - 1], [found.array.shape[rank - 3], found.array.shape[rank - 2]]) => {
            &["z", "y", "x", "c"]
        }
        (4.., None) if found.array.shape[rank - 1] == 1 && found.array.shape[rank - 2] > 1 => &["z", "y", "x", "c"],
        _ => &["z", "y", "x"],
    };
    (0..rank).map(|axis| (axis + usual.len()).checked_sub(rank).map_or(format!("d{axis}"), |place| usual[place].to_string())).collect()
}

/// z, y, x by name, and for every other axis the wished index; 0 where it has one voxel only.
pub(crate) fn pick(found: &Found, wish: &Wish) -> Result<Pick, Trouble> {
    if let Some(asking) = perhaps_colour(found, wish) {
        return Err(asking);
    }
    let names = axis_names(found, wish);
    let array = &found.array;
    let spatial = ["z", "y", "x"].map(|name| names.iter().position(|there| there == name));
    if spatial[1].is_none() || spatial[2].is_none() {
        return Err(Trouble::new(format!("it has {} axis, no image", array.shape.len()), "Choose an array of three axes (--dataset)"));
    }
    let mut fixed = vec![0; array.shape.len()];
    let mut open = Vec::new();
    for (axis, name) in names.iter().enumerate().filter(|(axis, _)| !spatial.contains(&Some(*axis))) {
        let size = array.shape[axis];
        match wish.indices.iter().find(|(wished, _)| wished == name) {
            Some((_, index)) if *index < size => fixed[axis] = *index,
            Some((_, index)) => {
                return Err(Trouble::new(
                    format!("{name}={index} is not there: the axis {name} has {size}"),
                    format!("Choose {name}=0 to {name}={}", size.saturating_sub(1)),
                ));
            }
            None if size == 1 => {}
            None => open.push((name, size)),
        }
    }
    if !open.is_empty() {
        let axes: Vec<String> = open.iter().map(|(name, size)| format!("{name} {size}")).collect();
        let example: Vec<String> = open.iter().map(|(name, _)| format!("{name}=0")).collect();
        return Err(Trouble::new(
            format!("beside z, y, x it has the axes {}", axes.join(", ")),
            format!("Choose one volume of it as dataset, for example --dataset {}", example.join(",")),
        )
        .asking(along(wish, &open)));
    }
    if let Some((unknown, _)) =
        wish.indices.iter().find(|(wished, _)| !names.contains(wished) || matches!(wished.as_str(), "z" | "y" | "x"))
    {
        return Err(Trouble::new(format!("an index along “{unknown}” cannot be chosen"), format!("Its axes are {}", names.join(", "))));
    }
    Ok(Pick { spatial, fixed })
}

/// The volumes that several indexes along further axes give.
fn along(wish: &Wish, open: &[(&String, u64)]) -> Asks {
    let sizes: Vec<u64> = open.iter().map(|(_, size)| *size).collect();
    let (listed, count) = places(&sizes);
    let before = wish.written();
    let offer = |place: Vec<u64>| {
        let further: Vec<String> = open.iter().zip(place).map(|((name, _), index)| format!("{name}={index}")).collect();
        Offer::named([before.clone(), further].concat().join(","))
    };
    Asks::one_of(About::Time, listed.into_iter().map(offer), count)
}

/// An array of three axes without names, of which the first or the last has three or four places.
fn perhaps_colour(found: &Found, wish: &Wish) -> Option<Trouble> {
    let nameless = found.multiscale.is_none() && wish.axes.is_none() && found.array.names.iter().all(Option::is_none);
    let shape: [u64; 3] = found.array.shape[..].try_into().ok()?;
    let place = ColourPlace::of(shape, found.array.voxel.element()).filter(|_| nameless)?;
    Some(place.ask(shape, &wish.written()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_a_path_and_indices() {
        let wish = Wish::parse(Some("A/0, t=3,C=1")).unwrap();
        assert_eq!(wish, Wish { path: "A/0".into(), indices: vec![("t".into(), 3), ("c".into(), 1)], axes: None });
        let wish = Wish::parse(Some("A/0,axes=YXC,c=1")).unwrap();
        assert_eq!((wish.axes.as_deref().unwrap().concat(), wish.written().join(",")), ("yxc".into(), "A/0,axes=yxc,c=1".into()));
        assert_eq!(Wish::parse(None).unwrap(), Wish::default());
        assert_eq!(Wish::parse(Some("odd,name=x")).unwrap().path, "odd,name=x");
        assert!(Wish::parse(Some("../0")).is_err());
    }

    #[test]
    fn a_channel_is_an_index_along_c() {
        let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
        let taken = |text: &str, axes: &[&str]| {
            let mut wish = Wish::parse(Some(text)).unwrap();
            wish.take_channel(1, &names(axes));
            wish.indices
        };
        assert_eq!(taken("", &["c", "z", "y", "x"]), [("c".into(), 1)]);
        assert_eq!(taken("c=0", &["c", "z", "y", "x"]), [("c".into(), 0)]);
        assert_eq!(taken("", &["z", "y", "x"]), []);
    }
}
