//! MINC 2: `/minc-2.0/image/0/image`, whose attribute `dimorder` names its axes; each axis has `step`, `start`, `units` and
//! `direction_cosines` in `/minc-2.0/dimensions`.
//! Source: the MINC 2.0 file format reference, and what nibabel takes from such a file.

use super::{Said, attribute_of, three, value};
use crate::Orientation;
use crate::format::hdf5::attribute::Value;
use crate::format::hdf5::choice::Choice;
use crate::format::hdf5::tree::Tree;
use crate::header::{in_um, told_um, unit_um};

pub(super) const VOXELS: &str = "/minc-2.0/image/0/image";
const SPACE: [&str; 3] = ["xspace", "yspace", "zspace"];

/// The names of the axes, slowest first; an axis of colours is none of a volume.
fn axes(tree: &Tree) -> Option<Vec<String>> {
    let order = attribute_of(tree, VOXELS, "dimorder")?;
    let axes: Vec<String> = order.text()?.split(',').map(|axis| axis.trim().to_owned()).collect();
    (!axes.iter().any(|axis| axis == "vector_dimension")).then_some(axes)
}

pub(super) fn is_volume(tree: &Tree, path: &str, rank: usize) -> bool {
    path == VOXELS && axes(tree).is_some_and(|axes| axes.len() == rank)
}

pub(super) fn said(tree: &Tree, choice: &Choice) -> Said {
    let mut said = Said::default();
    real_values(tree, &mut said);
    let Some(all) = axes(tree) else { return said };
    let Ok(own) = <[String; 3]>::try_from(choice.axes.among(&all).to_vec()) else { return said };
    if own.iter().any(|axis| !SPACE.contains(&axis.as_str())) {
        said.warnings.push(format!("Its axes are {}, of which not all are lengths, so the voxel size is not known.", own.join(", ")));
        return said;
    }
    let of = |axis: &String, name: &str| attribute_of(tree, &format!("/minc-2.0/dimensions/{axis}"), name);
    let irregular = |axis: &String| of(axis, "spacing").is_some_and(|spacing| spacing.text() == Some("irregular"));
    let steps = own.each_ref().map(|axis| of(axis, "step").and_then(|step| step.number()).filter(|_| !irregular(axis)));
    let units = own.each_ref().map(|axis| of(axis, "units").and_then(|unit| unit_um(unit.text()?)));
    if let [Some(z), Some(y), Some(x)] = steps {
        let unit = units[0].filter(|_| units[0] == units[1] && units[1] == units[2]);
        said.voxel_size_um = told_um([z, y, x].map(f64::abs), unit, &mut said.warnings);
        said.size_from = Some("step and units of /minc-2.0/dimensions".into());
    } else {
        said.warnings.push("Not all of its axes have a step, so the voxel size is not known.".into());
    }
    said.orientation = orientation(&own, &steps, units[0].filter(|_| said.voxel_size_um.is_some()), &of);
    said
}

/// Where the axes point to; the origin is the sum of the starts along the cosines of all three.
fn orientation(
    own: &[String; 3],
    steps: &[Option<f64>; 3],
    unit: Option<f64>,
    of: &impl Fn(&String, &str) -> Option<Value>,
) -> Option<Orientation> {
    let cosines = own.each_ref().map(|axis| {
        let mut plain = [0.0; 3];
        plain[SPACE.iter().position(|name| name == axis).unwrap_or(0)] = 1.0;
        three(of(axis, "direction_cosines").as_ref()).unwrap_or(plain)
    });
    let along: [[f64; 3]; 3] = std::array::from_fn(|axis| cosines[axis].map(|part| part * steps[axis].unwrap_or(1.0).signum()));
    let starts = own.each_ref().map(|axis| of(axis, "start").and_then(|start| start.number()).unwrap_or(0.0));
    let origin = |part: usize| (0..3).map(|axis| starts[axis] * cosines[axis][part]).sum::<f64>();
    let origin_um = unit.map(|unit| [0, 1, 2].map(|part| in_um(origin(part), unit)));
    Orientation::new("right-anterior-superior", along, origin_um)
}

/// Stored numbers stand for others, often in each slice differently: that is told, and what is stored is kept.
fn real_values(tree: &Tree, said: &mut Said) {
    let numbers = |name: &str| match value(tree, &format!("/minc-2.0/image/0/{name}")) {
        Some(Value::Numbers(numbers)) if !numbers.is_empty() => Some(numbers),
        _ => None,
    };
    let (Some(least), Some(most)) = (numbers("image-min"), numbers("image-max")) else { return };
    let low = least.iter().copied().fold(f64::INFINITY, f64::min);
    let high = most.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let same = |numbers: &[f64]| numbers.iter().all(|number| number == &numbers[0]);
    let range = match attribute_of(tree, VOXELS, "valid_range") {
        Some(Value::Numbers(range)) if range.len() == 2 => format!("{} to {}", range[0], range[1]),
        _ => "the least to the greatest of their type".into(),
    };
    let each = if same(&least) && same(&most) { "" } else { ", in each slice by a scale of its own" };
    said.found.other.insert("real_values".into(), format!("{low} to {high}"));
    said.warnings.push(format!("MINC means {low} to {high} by the stored values {range}{each}; the stored values are kept."));
}
