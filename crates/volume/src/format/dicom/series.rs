//! From files to one volume: one series, ordered by where its slices lie, with every gap and oddity told.

use std::collections::BTreeMap;

use super::instance::{Frame, Instance};
use crate::format::Asked;
use crate::header::believed_um;
use crate::trouble::file_name;
use crate::{About, Asks, Offer, Orientation, Trouble};

/// Distances and directions that differ by less are the same: numbers in these files are decimal texts.
const SAME: f64 = 1e-3;
/// Distances of slices that differ by no more than this part are equal but for what was measured.
const EQUAL: f64 = 0.05;
/// Beyond this part somebody should know that they differ.
const WORTH_TELLING: f64 = 0.002;
const MILLIMETRE_UM: f64 = 1_000.0;

/// One slice: which file, which frame of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) file: usize,
    pub(super) frame: usize,
}

/// Slices in order of z, and what follows from their places.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) slices: Vec<Slice>,
    pub(super) voxel_size_um: Option<[f64; 3]>,
    pub(super) orientation: Option<Orientation>,
    pub(super) warnings: Vec<String>,
}

fn refuse(what: impl Into<String>) -> Trouble {
    Trouble::new(what, "Put the slices of one volume into a folder of their own")
}

/// The files of one series: the only one, or the one that was asked for.
pub(super) fn choose(instances: Vec<Instance>, asked: &Asked) -> Result<Vec<Instance>, Trouble> {
    let mut groups: BTreeMap<String, Vec<Instance>> = BTreeMap::new();
    for instance in instances {
        groups.entry(instance.series.clone()).or_default().push(instance);
    }
    let says = |group: &[Instance], name: &str| group[0].series == name || group[0].series_number.as_deref() == Some(name);
    if let Some(name) = asked.dataset.as_deref() {
        let mut fitting: Vec<&String> = groups.iter().filter(|(_, group)| says(group, name)).map(|(series, _)| series).collect();
        return match (fitting.pop().cloned(), fitting.is_empty()) {
            (Some(series), true) => Ok(groups.remove(&series).unwrap_or_default()),
            (found, _) => {
                let what = if found.is_some() {
                    format!("several series are called “{name}”")
                } else {
                    format!("there is no series “{name}”")
                };
                Err(Trouble::new(what, choices(&groups)))
            }
        };
    }
    match groups.len() {
        1 => Ok(groups.into_values().next().unwrap_or_default()),
        count => Err(Trouble::new(format!("there are {count} series in it"), choices(&groups)).asking(asks(&groups))),
    }
}

fn asks(groups: &BTreeMap<String, Vec<Instance>>) -> Asks {
    let offer = |group: &Vec<Instance>| {
        let slices: usize = group.iter().map(|instance| instance.shape[0]).sum();
        let [_, height, width] = group[0].shape;
        let number = group[0].series_number.as_ref().map(|number| format!("series {number}"));
        let says: Vec<String> = group[0].modality.clone().into_iter().chain(number).collect();
        Offer {
            says: Some(says.join(", ")).filter(|says| !says.is_empty()),
            shape: [slices, height, width].map(|edge| edge as u64).to_vec(),
            element: Some(group[0].element.name().into()),
            ..Offer::named(&group[0].series)
        }
    };
    Asks::one_of(About::Series, groups.values().map(offer), groups.len())
}

/// The series by their identifiers, the first few.
fn choices(groups: &BTreeMap<String, Vec<Instance>>) -> String {
    let word = |group: &Vec<Instance>| {
        let slices: usize = group.iter().map(|instance| instance.shape[0]).sum();
        let modality = group[0].modality.clone().unwrap_or_else(|| "image".into());
        format!("{} ({modality}, {slices} slices)", group[0].series)
    };
    let words: Vec<String> = groups.values().take(8).map(word).collect();
    let more = if groups.len() > 8 { ", …" } else { "" };
    format!("Choose one with --dataset, or keep only its files: {}{more}", words.join(", "))
}

pub(super) fn order(instances: &[Instance]) -> Result<Series, Trouble> {
    same_kind(instances)?;
    let mut slices = Vec::new();
    for (file, instance) in instances.iter().enumerate() {
        slices.extend((0..instance.shape[0]).map(|frame| Slice { file, frame }));
    }
    let mut series = Series { slices, voxel_size_um: None, orientation: None, warnings: Vec::new() };
    let frame = |slice: &Slice| &instances[slice.file].frames[slice.frame];
    let placed = series.slices.iter().all(|slice| frame(slice).position.is_some() && frame(slice).orientation.is_some());
    let between = if placed { by_position(instances, &mut series)? } else { by_number(instances, &mut series)? };
    set_voxel_size(instances, &mut series, between);
    Ok(series)
}

/// All slices have one size and one type, or the odd one is named.
fn same_kind(instances: &[Instance]) -> Result<(), Trouble> {
    let first = &instances[0];
    for other in &instances[1..] {
        let odd = if other.shape[1..] != first.shape[1..] {
            format!("it has {} × {} pixels, the others have {} × {}", other.shape[2], other.shape[1], first.shape[2], first.shape[1])
        } else if other.element != first.element {
            format!("its pixels are {}, those of the others {}", other.element, first.element)
        } else {
            continue;
        };
        return Err(refuse(format!("the series is mixed: {odd}")).in_file(&other.path));
    }
    Ok(())
}

pub(super) fn normal(orientation: &[[f64; 3]; 2]) -> [f64; 3] {
    let [a, b] = orientation;
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn minus(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    std::array::from_fn(|axis| a[axis] - b[axis])
}

/// Orders along the normal of the slices; gives their distance in millimetres where it is one.
fn by_position(instances: &[Instance], series: &mut Series) -> Result<Option<f64>, Trouble> {
    let frame = |slice: &Slice| -> &Frame { &instances[slice.file].frames[slice.frame] };
    let place = |slice: &Slice| frame(slice).position.unwrap_or_default();
    let first = series.slices[0];
    let axes = frame(&first).orientation.unwrap_or_default();
    let normal = normal(&axes);
    let length = dot(&normal, &normal).sqrt();
    if !(0.9..=1.1).contains(&length) {
        return Err(refuse("the directions of its rows and columns cannot be true").in_file(&instances[0].path));
    }
    let turned = |slice: &&Slice| {
        let other = frame(slice).orientation.unwrap_or_default();
        (0..2).any(|axis| (0..3).any(|part| (other[axis][part] - axes[axis][part]).abs() > SAME))
    };
    if let Some(odd) = series.slices.iter().find(turned) {
        return Err(refuse("the series is mixed: its slices lie in different directions").in_file(&instances[odd.file].path));
    }
    let height = |slice: &Slice| dot(&place(slice), &normal);
    series.slices.sort_by(|a, b| height(a).total_cmp(&height(b)).then(instances[a.file].number.cmp(&instances[b.file].number)));
    let heights: Vec<f64> = series.slices.iter().map(height).collect();
    let steps: Vec<f64> = heights.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let name = |index: usize| file_name(&instances[series.slices[index].file].path);
    if let Some(double) = steps.iter().position(|&step| step.abs() < SAME * 0.01) {
        let what = format!("two slices lie at one place: {} and {}", name(double), name(double + 1));
        return Err(Trouble::new(what, "The series holds several times or echoes, or a file twice; keep one slice for each place"));
    }
    let origin = place(&series.slices[0]);
    let last = place(&series.slices[series.slices.len() - 1]);
    let along_z = if steps.is_empty() { normal } else { minus(&last, &origin) };
    series.orientation =
        Orientation::new("left-posterior-superior", [along_z, axes[1], axes[0]], Some(origin.map(|part| part * MILLIMETRE_UM)));
    if steps.is_empty() {
        return Ok(None);
    }
    let leaning = dot(&along_z, &normal) / dot(&along_z, &along_z).sqrt() / length;
    if leaning < 0.999_9 {
        series.warnings.push("The slices are shifted against each other (a tilted gantry); they are stacked as they are.".into());
    }
    let step = equal_steps(&steps, name)?;
    let (low, high) = (least(&steps), steps.iter().copied().fold(0.0, f64::max));
    let sizes = format!("{} to {} mm", rounded(low), rounded(high));
    match step {
        None => series.warnings.push(format!("The slices lie at unequal distances ({sizes}), so no voxel size is taken.")),
        Some(mean) if high - low > WORTH_TELLING * mean => {
            series.warnings.push(format!("The slices lie at nearly equal distances ({sizes}); their mean is taken."));
        }
        Some(_) => {}
    }
    Ok(step)
}

fn least(steps: &[f64]) -> f64 {
    steps.iter().copied().fold(f64::INFINITY, f64::min)
}

fn rounded(value: f64) -> f64 {
    (value * 1e5).round() / 1e5
}

/// The one distance, nothing when there are several; missing slices are named.
fn equal_steps(steps: &[f64], name: impl Fn(usize) -> String) -> Result<Option<f64>, Trouble> {
    let mut sorted = steps.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted[sorted.len() / 2];
    let differs = |step: &f64| (step - middle).abs() > EQUAL * middle;
    let odd: Vec<usize> = (0..steps.len()).filter(|&index| differs(&steps[index])).collect();
    let times = |index: usize| steps[index] / middle;
    let is_gap = |index: &usize| times(*index) > 1.5 && (times(*index) - times(*index).round()).abs() < EQUAL * times(*index);
    // Few steps of two, three, … times the length are gaps in an even stack.
    if !odd.is_empty() && odd.iter().all(is_gap) {
        let gap = odd[0];
        let missing = times(gap).round() as u64 - 1;
        let word = if missing == 1 { "a slice is missing".to_string() } else { format!("{missing} slices are missing") };
        return Err(Trouble::new(
            format!("{word} between {} and {}", name(gap), name(gap + 1)),
            "Upload what is missing, or keep only the slices on one side of the gap",
        ));
    }
    if !odd.is_empty() {
        return Ok(None);
    }
    let mean = steps.iter().sum::<f64>() / steps.len() as f64;
    Ok(Some(rounded(mean)))
}

/// Without places the numbers of the images are all there is.
fn by_number(instances: &[Instance], series: &mut Series) -> Result<Option<f64>, Trouble> {
    let number = |slice: &Slice| (instances[slice.file].number, slice.frame);
    if instances.len() > 1 {
        if instances.iter().any(|instance| instance.number.is_none()) {
            return Err(refuse("its slices say neither where they lie nor which number they have"));
        }
        series.slices.sort_by_key(number);
        if let Some(pair) = series.slices.windows(2).find(|pair| number(&pair[0]) == number(&pair[1])) {
            let [one, other] = [pair[0], pair[1]].map(|slice| file_name(&instances[slice.file].path));
            return Err(refuse(format!("two slices have one number: {one} and {other}")));
        }
    }
    if series.slices.len() > 1 {
        let what = if instances.len() > 1 { "ordered by their instance numbers" } else { "kept in the order of the file" };
        series.warnings.push(format!("The slices do not say where they lie; they are {what}."));
    }
    if let Some(axes) = instances[0].frames[0].orientation {
        let origin = instances[0].frames[0].position.map(|place| place.map(|part| part * MILLIMETRE_UM));
        series.orientation = Orientation::new("left-posterior-superior", [normal(&axes), axes[1], axes[0]], origin);
    }
    Ok(instances[0].slice_spacing.or_else(|| between_locations(instances, &series.slices)).filter(|_| series.slices.len() > 1))
}

/// The distance of slices that only say how far along the body they lie, where it is one.
fn between_locations(instances: &[Instance], slices: &[Slice]) -> Option<f64> {
    let locations: Vec<f64> = slices.iter().map(|slice| instances[slice.file].location).collect::<Option<_>>()?;
    let steps: Vec<f64> = locations.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mean = steps.iter().sum::<f64>() / steps.len().max(1) as f64;
    let is_even = steps.iter().all(|step| (step - mean).abs() <= WORTH_TELLING * mean.abs());
    (is_even && mean.abs() > SAME).then(|| rounded(mean.abs()))
}

/// Rows and columns from PixelSpacing; z from the places, and only without them from the thickness.
fn set_voxel_size(instances: &[Instance], series: &mut Series, between: Option<f64>) {
    let Some([y, x]) = instances[0].pixel_spacing else {
        series.warnings.push("The file does not say how large a pixel is.".into());
        return;
    };
    let differs = |spacing: &[f64; 2]| (spacing[0] - y).abs() > SAME * y.abs() || (spacing[1] - x).abs() > SAME * x.abs();
    if instances.iter().any(|instance| instance.pixel_spacing.is_none_or(|spacing| differs(&spacing))) {
        series.warnings.push("The size of a pixel differs from slice to slice, so no voxel size is taken.".into());
        return;
    }
    let unequal = series.warnings.iter().any(|warning| warning.contains("unequal distances"));
    let z = match (between.or(instances[0].slice_spacing.filter(|_| !unequal)), instances[0].slice_thickness) {
        (Some(distance), _) => distance,
        (None, Some(thickness)) if !unequal => {
            series
                .warnings
                .push(format!("The distance of slices is taken from their thickness, {thickness} mm: the file does not give it."));
            thickness
        }
        _ => return,
    };
    let size = [z, y, x].map(|size| size * MILLIMETRE_UM).map(|size| (size * 1e6).round() / 1e6);
    series.voxel_size_um = believed_um(size, &mut series.warnings);
}
