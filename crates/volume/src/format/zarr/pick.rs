//! Which dataset of a container, and which three of its axes: taken where there is one, asked for where there are several.

use serde_json::Value;

use super::array::Array;
use super::document::{Node, node};
use super::tree::{Tree, join, safe_key};
use crate::Trouble;

/// Groups that are looked into for arrays.
const GROUPS_MAX: usize = 4_096;
const DEPTH_MAX: usize = 8;
/// Choices that are named in an answer.
const NAMED_MAX: usize = 12;

/// What somebody asked for: a path, and one index of each axis that is not z, y or x: `A/0,t=0,c=1`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) path: String,
    pub(crate) indices: Vec<(String, u64)>,
}

impl Wish {
    pub(crate) fn parse(text: Option<&str>) -> Result<Self, Trouble> {
        let mut wish = Self::default();
        let mut path = Vec::new();
        for part in text.unwrap_or_default().split(',') {
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
    pub(crate) warnings: Vec<String>,
}

fn several(what: &str, choices: &[String]) -> Trouble {
    let mut named = choices[..choices.len().min(NAMED_MAX)].join("; ");
    if choices.len() > NAMED_MAX {
        named.push_str(&format!("; and {} more", choices.len() - NAMED_MAX));
    }
    Trouble::new(format!("it holds {} {what}: {named}", choices.len()), "Choose one of them as dataset (--dataset)")
}

fn missing(path: &str) -> Trouble {
    Trouble::new(format!("there is no dataset “{path}”"), "Leave the choice out to see what there is")
}

/// The dataset at the wished path, or the only one.
pub(crate) fn find(tree: &dyn Tree, path: &str) -> Result<Found, Trouble> {
    match node(tree, path)?.ok_or_else(|| missing(path))? {
        Node::Array(array) => with_group(tree, *array),
        Node::Group(attributes) => {
            let scales = multiscales(&attributes);
            match scales.len() {
                0 => {}
                1 => return first_level(tree, path, &attributes, &scales[0]),
                _ => {
                    let paths: Vec<String> =
                        scales.iter().filter_map(|scale| scale["datasets"][0]["path"].as_str()).map(|inner| join(path, inner)).collect();
                    return Err(several("images", &paths));
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
            warnings: Vec::new(),
        }),
        _ => Err(missing(&full)),
    }
}

/// An array that was named itself: a group above it may know the size of its voxels.
fn with_group(tree: &dyn Tree, array: Array) -> Result<Found, Trouble> {
    let mut found = Found { multiscale: None, above: Vec::new(), warnings: Vec::new(), array };
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
        let wells: Vec<String> = ome["plate"]["wells"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|well| well["path"].as_str())
            .map(|well| join(path, &format!("{well}/0")))
            .collect();
        return Err(several("wells of a plate", &wells));
    }
    let below = look_below(tree, path)?;
    let mut names: Vec<String> = Vec::new();
    let (images, arrays): (Vec<&Below>, Vec<&Below>) = below.iter().partition(|below| below.image);
    // Where images say how large their voxels are, arrays beside them are thumbnails and tables.
    let from = if images.is_empty() { arrays } else { images };
    match &from[..] {
        [] => Err(Trouble::new("it holds no array of three axes", "Add the folder that holds .zarray, zarr.json or attributes.json")),
        [one] => find(tree, &one.path),
        several_of_them => {
            if let Some(first) = one_pyramid(several_of_them) {
                let mut found = find(tree, &first)?;
                found.warnings.push(format!("Its arrays look like levels of one volume; the largest, “{first}”, is taken."));
                return Ok(found);
            }
            names.extend(several_of_them.iter().map(|below| format!("{} ({})", below.path, below.words)));
            Err(several("datasets", &names))
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
    found.sort_by(|a, b| crate::format::folder::natural(&a.path, &b.path));
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
pub(crate) fn axis_names(found: &Found) -> Vec<String> {
    let rank = found.array.shape.len();
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
        _ => &["z", "y", "x"],
    };
    (0..rank).map(|axis| (axis + usual.len()).checked_sub(rank).map_or(format!("d{axis}"), |place| usual[place].to_string())).collect()
}

/// z, y, x by name, and for every other axis the wished index; 0 where it has one voxel only.
pub(crate) fn pick(found: &Found, wish: &Wish) -> Result<Pick, Trouble> {
    let names = axis_names(found);
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
        ));
    }
    if let Some((unknown, _)) =
        wish.indices.iter().find(|(wished, _)| !names.contains(wished) || matches!(wished.as_str(), "z" | "y" | "x"))
    {
        return Err(Trouble::new(format!("an index along “{unknown}” cannot be chosen"), format!("Its axes are {}", names.join(", "))));
    }
    Ok(Pick { spatial, fixed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_a_path_and_indices() {
        let wish = Wish::parse(Some("A/0, t=3,C=1")).unwrap();
        assert_eq!(wish, Wish { path: "A/0".into(), indices: vec![("t".into(), 3), ("c".into(), 1)] });
        assert_eq!(Wish::parse(None).unwrap(), Wish::default());
        assert_eq!(Wish::parse(Some("odd,name=x")).unwrap().path, "odd,name=x");
        assert!(Wish::parse(Some("../0")).is_err());
    }
}
