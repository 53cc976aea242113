//! How large a voxel is, by the conventions of OME-Zarr, of N5 viewers and of arrays that stand alone.

use serde_json::Value;

use super::array::KeyNames;
use super::pick::{Found, Pick};
use crate::header::{believed_um, in_um, unit_um};

/// Numbers along the axes of the array, and the unit of each as it is spelled.
struct Said {
    sizes: Vec<f64>,
    units: Vec<Option<String>>,
}

/// Edge lengths of a voxel in micrometres, z, y, x; nothing when the container leaves doubt.
pub(crate) fn voxel_size_um(found: &Found, names: &[String], pick: &Pick, warnings: &mut Vec<String>) -> Option<[f64; 3]> {
    let said = of_multiscale(found).or_else(|| of_attributes(found, names))?;
    let mut size_um = [0.0; 3];
    let mut unknown = false;
    for (axis, place) in pick.spatial.iter().enumerate() {
        let Some(place) = *place else {
            warnings.push("It is one picture without a z axis; the distance of planes is not known.".into());
            return None;
        };
        match said.units[place].as_deref().and_then(unit_um) {
            Some(unit) => size_um[axis] = in_um(said.sizes[place], unit),
            None => unknown = true,
        }
    }
    if unknown {
        let sizes = pick.spatial.map(|place| place.map_or(0.0, |place| said.sizes[place]));
        if sizes != [1.0; 3] {
            warnings.push(format!("The file says {} × {} × {} for a voxel (z, y, x) but not in which unit.", sizes[0], sizes[1], sizes[2]));
        }
        return None;
    }
    believed_um(size_um, warnings)
}

fn numbers(value: &Value, rank: usize) -> Option<Vec<f64>> {
    let list: Option<Vec<f64>> = value.as_array()?.iter().map(Value::as_f64).collect();
    list.filter(|list| list.len() == rank)
}

/// The product of all `scale` steps of a list of coordinate transformations.
fn scale_of(transformations: &Value, rank: usize) -> Option<Vec<f64>> {
    let scales = transformations.as_array()?.iter().filter(|step| step["type"] == "scale");
    scales
        .map(|step| numbers(&step["scale"], rank))
        .reduce(|product, scale| Some(product?.into_iter().zip(scale?).map(|(before, factor)| before * factor).collect()))?
}

fn of_multiscale(found: &Found) -> Option<Said> {
    let rank = found.array.shape.len();
    let (scale, dataset) = found.multiscale.as_ref()?;
    let mut sizes = scale_of(&dataset["coordinateTransformations"], rank)?;
    if let Some(whole) = scale_of(&scale["coordinateTransformations"], rank) {
        sizes.iter_mut().zip(whole).for_each(|(size, factor)| *size *= factor);
    }
    let unit = |axis: usize| scale["axes"][axis]["unit"].as_str().map(String::from);
    Some(Said { sizes, units: (0..rank).map(unit).collect() })
}

/// Attributes of the array, then of the groups above it.
fn of_attributes(found: &Found, names: &[String]) -> Option<Said> {
    let rank = found.array.shape.len();
    let x_first = found.array.keys == KeyNames::N5;
    let turned = |mut list: Vec<f64>| {
        if x_first {
            list.reverse();
        }
        list
    };
    let factors = numbers(&found.array.attributes["downsamplingFactors"], rank).map(turned);
    for attributes in std::iter::once(&found.array.attributes).chain(&found.above) {
        let Some(mut said) =
            transform(attributes, rank, names).or_else(|| plain(attributes, rank, x_first)).or_else(|| imagej(attributes, rank))
        else {
            continue;
        };
        // The convention of COSEM gives the size of each level itself, the others that of the first.
        if let Some(factors) = factors.as_ref().filter(|_| !attributes["transform"].is_object()) {
            said.sizes.iter_mut().zip(factors).for_each(|(size, factor)| *size *= factor);
        }
        return Some(said);
    }
    None
}

/// `pixelResolution` with its unit, or `resolution` (`voxel_size`, `spacing`) beside `units`.
fn plain(attributes: &Value, rank: usize, x_first: bool) -> Option<Said> {
    let pixel = &attributes["pixelResolution"];
    let list = [&pixel["dimensions"], pixel, &attributes["resolution"], &attributes["voxel_size"], &attributes["spacing"]];
    let mut sizes = list.into_iter().find_map(|list| numbers(list, rank))?;
    let units =
        [&pixel["unit"], &attributes["units"], &attributes["unit"], &attributes["pixelUnit"]].into_iter().find(|unit| !unit.is_null());
    let unit = |axis: usize| units.and_then(|units| units.as_str().or(units[axis].as_str())).map(String::from);
    let mut units: Vec<Option<String>> = (0..rank).map(unit).collect();
    if x_first {
        sizes.reverse();
        units.reverse();
    }
    Some(Said { sizes, units })
}

/// COSEM: `transform` with its own list of axes.
fn transform(attributes: &Value, rank: usize, names: &[String]) -> Option<Said> {
    let transform = &attributes["transform"];
    let axes = transform["axes"].as_array()?;
    let scale = numbers(&transform["scale"], axes.len())?;
    let mut said = Said { sizes: vec![1.0; rank], units: vec![None; rank] };
    for (axis, name) in names.iter().enumerate() {
        let Some(place) = axes.iter().position(|there| there.as_str().is_some_and(|there| there.eq_ignore_ascii_case(name))) else {
            continue;
        };
        said.sizes[axis] = scale[place];
        said.units[axis] = transform["units"][place].as_str().map(String::from);
    }
    Some(said)
}

/// `pixelWidth`, `pixelHeight`, `pixelDepth`, `pixelUnit` of the N5 plugin of ImageJ.
fn imagej(attributes: &Value, rank: usize) -> Option<Said> {
    let size = |name: &str| attributes[name].as_f64();
    let sizes = [size("pixelDepth")?, size("pixelHeight")?, size("pixelWidth")?];
    let mut said = Said { sizes: vec![1.0; rank], units: vec![attributes["pixelUnit"].as_str().map(String::from); rank] };
    let begins = rank.checked_sub(3)?;
    said.sizes[begins..].copy_from_slice(&sizes);
    Some(said)
}
