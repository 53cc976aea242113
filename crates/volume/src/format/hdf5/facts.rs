//! What a file says about sample and acquisition, by the words of NeXus, Data Exchange and BLISS.

use super::attribute::Value;
use super::choice::{Choice, Convention};
use super::dataset::Dataset;
use super::layout::{Said, step_um};
use super::survey::{Survey, attribute};
use super::tree::Tree;
use crate::header::{believed_um, clean_text, in_um, plausible_um, unit_um};
use crate::{Found, Orientation};

/// Energy of a photon times its wavelength.
const KEV_UM: f64 = 1.239_841_984e-3;
/// A pixel of a detector is not larger than this.
const PIXEL_UM_MAX: f64 = 10_000.0;

#[derive(Default)]
pub(super) struct Facts {
    pub(super) found: Found,
    pub(super) voxel_size_um: Option<[f64; 3]>,
    pub(super) orientation: Option<Orientation>,
    pub(super) warnings: Vec<String>,
}

/// Reads small datasets below the groups that belong to the chosen one.
struct Around<'a> {
    tree: &'a Tree,
    /// The entry and what lies around it, nearest first.
    bases: Vec<String>,
}

pub(super) fn gather(tree: &Tree, survey: &Survey, choice: Option<&Choice>) -> Facts {
    let path = choice.map_or("", |choice| choice.path.as_str());
    let entries = survey.groups.iter().filter(|group| group.class == "NXentry" || group.class == "NXsubentry");
    let mut bases: Vec<String> = match choice {
        Some(_) => entries.map(|group| group.path.clone()).filter(|base| path.starts_with(&format!("{base}/"))).collect(),
        None => entries.map(|group| group.path.clone()).collect(),
    };
    bases.sort_by_key(|base| std::cmp::Reverse(base.len()));
    bases.push(String::new());
    let around = Around { tree, bases };
    let mut facts = Facts::default();
    around.general(&mut facts.found);
    around.acquisition(&mut facts.found);
    around.data_exchange(&mut facts.found);
    if let Some(choice) = choice {
        around.frames(choice, &mut facts);
        match choice.convention {
            Convention::Other => around.voxel_size(choice, &mut facts),
            Convention::Program(layout) => facts.add(layout.said(tree, choice)),
            Convention::NxTomo | Convention::DataExchange | Convention::Bliss | Convention::Parts => {}
        }
    }
    facts
}

/// How the source of a voxel size is called among the facts.
const SIZE_FROM: &str = "voxel_size_from";

impl Facts {
    fn add(&mut self, said: Said) {
        let Said { voxel_size_um, size_from, orientation, warnings, found } = said;
        (self.voxel_size_um, self.orientation) = (voxel_size_um, orientation);
        self.warnings.extend(warnings);
        let own = &mut self.found;
        let texts = [(&mut own.software, found.software), (&mut own.date, found.date), (&mut own.description, found.description)];
        texts.into_iter().for_each(|(own, said)| *own = own.take().or(said));
        own.other.extend(found.other);
        own.other.extend(size_from.filter(|_| voxel_size_um.is_some()).map(|from| (SIZE_FROM.to_owned(), from)));
    }
}

impl Around<'_> {
    fn at(&self, path: &str) -> Option<(Value, Option<String>)> {
        let place = self.tree.find(&self.tree.master, path).ok()?;
        let value = Dataset::open(self.tree, &place.file, place.address, path, 0).ok()?.value().ok()??;
        let unit = attribute(&place, "units").and_then(|unit| unit.text().map(str::to_owned));
        Some((value, unit))
    }

    /// The first of these that is there, in the nearest entry first.
    fn first<T>(&self, paths: &[&str], take: impl Fn(&Value, Option<&str>) -> Option<T>) -> Option<T> {
        let all = self.bases.iter().flat_map(|base| paths.iter().map(move |path| format!("{base}/{path}")));
        all.filter_map(|path| self.at(&path)).find_map(|(value, unit)| take(&value, unit.as_deref()))
    }

    fn text(&self, paths: &[&str]) -> Option<String> {
        self.first(paths, |value, _| clean_text(value.text()?))
    }

    fn general(&self, found: &mut Found) {
        found.sample = self.text(&["sample/name", "measurement/sample/name"]);
        found.instrument = self.text(&["instrument/name", "measurement/instrument/name"]);
        found.facility = self.text(&["instrument/source/name", "instrument/machine/name", "measurement/instrument/source/name"]);
        found.date = self.text(&["start_time", "measurement/start_time", "process/acquisition/start_date", "file_creation_datetime"]);
        found.software = self.text(&["program_name"]);
        found.description = self.text(&["title", "exchange/title"]);
        let energy = [
            "instrument/beam/incident_energy",
            "beam/incident_energy",
            "sample/beam/incident_energy",
            "instrument/monochromator/energy",
            "measurement/instrument/monochromator/energy",
            "instrument/detector/detectorSpecific/photon_energy",
        ];
        found.energy_kev = self.first(&energy, |value, unit| {
            let kev = value.number()? * unit_kev(unit?)?;
            (kev.is_finite() && kev > 0.0).then_some(kev)
        });
        let wavelength = ["instrument/beam/incident_wavelength", "instrument/monochromator/wavelength", "sample/beam/incident_wavelength"];
        found.energy_kev = found.energy_kev.or_else(|| {
            self.first(&wavelength, |value, unit| {
                let um = in_um(value.number()?, unit_um(unit?)?);
                let kev = KEV_UM / um;
                (kev.is_finite() && kev > 0.0).then(|| format!("{kev:.7e}").parse().unwrap_or(kev))
            })
        });
    }

    fn acquisition(&self, found: &mut Found) {
        let texts = [
            ("end_time", &["end_time"][..]),
            ("definition", &["definition"]),
            ("probe", &["instrument/source/probe"]),
            ("source_type", &["instrument/source/type", "instrument/machine/type"]),
            ("field_of_view", &["instrument/detector/field_of_view"]),
            ("experiment", &["experiment_identifier"]),
            ("scan_command", &["scan_command"]),
            ("detector", &["instrument/detector/description"]),
        ];
        for (name, paths) in texts {
            found.other.extend(self.text(paths).map(|text| (name.to_owned(), text)));
        }
        let mut say = |name: &str, value: Option<String>| found.other.extend(value.map(|value| (name.to_owned(), value)));
        for (name, group) in [("detector_pixel_size_um", "instrument/detector"), ("sample_pixel_size_um", "sample")] {
            let size = |axis: &str| self.first(&[&format!("{group}/{axis}_pixel_size")], pixel_um);
            let pair = size("y").zip(size("x")).map(|(y, x)| if y == x { y.to_string() } else { format!("{y} × {x}") });
            say(name, pair);
        }
        let mm = |value: &Value, unit: Option<&str>| Some(in_um(value.number()?, unit_um(unit?)?) / 1e3).filter(|mm| mm.is_finite());
        say(
            "detector_distance_mm",
            self.first(&["instrument/detector/distance", "instrument/detector/detector_distance"], mm).map(|mm| mm.to_string()),
        );
        say("exposure_s", self.first(&["instrument/detector/count_time", "exchange/exposure_time"], seconds));
        let degrees = |value: &Value, unit: Option<&str>| match unit?.trim() {
            "degree" | "degrees" | "deg" => span(value, 1.0),
            _ => None,
        };
        say("rotation_angle_degree", self.first(&["sample/rotation_angle", "exchange/theta", "sample/goniometer/omega"], degrees));
        let current = |value: &Value, unit: Option<&str>| Some(value.number()?).filter(|&now| unit == Some("mA") && now > 0.0);
        let current = self.first(&["instrument/source/current", "instrument/machine/current"], current);
        say("source_current_ma", current.map(|current| current.to_string()));
    }

    /// What beamlines of the APS write where others have words of NeXus.
    fn data_exchange(&self, found: &mut Found) {
        let mut say = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                found.other.entry(name.to_owned()).or_insert(value);
            }
        };
        // Seconds are meant where no unit is named.
        let exposure = |value: &Value, unit: Option<&str>| seconds(value, unit.or(Some("s")));
        say("exposure_s", self.first(&["measurement/instrument/detector/exposure_time"], exposure));
        let size = |path: &str| self.first(&[path], pixel_um).map(|size| size.to_string());
        say("detector_pixel_size_um", size("measurement/instrument/detector/pixel_size"));
        say("resolution_um", size("measurement/instrument/detection_system/objective/resolution"));
        let number = |value: &Value, _: Option<&str>| value.number().filter(|number| number.is_finite() && *number > 0.0);
        let power = self.first(&["measurement/instrument/detection_system/objective/magnification"], number);
        say("objective_magnification", power.map(|power| power.to_string()));
    }

    /// Says whether the planes are projections, and what stands between and beside them.
    fn frames(&self, choice: &Choice, facts: &mut Facts) {
        let frames = choice.sizes().iter().rev().nth(2).copied().unwrap_or(1);
        let stack = "These are projections, not a reconstructed volume: z counts the frames.";
        let count = |path: &str| self.count(path);
        let said = match choice.convention {
            Convention::NxTomo => {
                let Some((Value::Numbers(keys), _)) = self.key(choice) else {
                    facts.warnings.push(stack.into());
                    return;
                };
                let of = |key: f64| keys.iter().filter(|&&known| known == key).count();
                let invalid = if of(3.0) > 0 { format!(", {} invalid frames", of(3.0)) } else { String::new() };
                format!("{} projections, {} flats, {} darks{invalid} among {frames} frames", of(0.0), of(1.0), of(2.0))
            }
            Convention::DataExchange if self.at("/exchange/theta").is_none() => return,
            Convention::DataExchange => {
                let (flats, darks) = (count("/exchange/data_white"), count("/exchange/data_dark"));
                format!("{frames} projections; {flats} flats and {darks} darks beside them in the file")
            }
            Convention::Bliss => format!("{frames} frames of the scan of projections; flats and darks are other scans of the file"),
            Convention::Parts => format!("{frames} frames in {} parts", choice.parts.len()),
            Convention::Program(_) | Convention::Other => return,
        };
        facts.warnings.push(format!("{stack} {said}."));
        facts.found.other.insert("frames".into(), said);
    }

    fn key(&self, choice: &Choice) -> Option<(Value, Option<String>)> {
        let detector = choice.path.rsplit_once('/').map_or("", |(detector, _)| detector);
        self.at(&format!("{detector}/image_key"))
    }

    /// Frames of a dataset.
    fn count(&self, path: &str) -> u64 {
        let place = self.tree.find(&self.tree.master, path).ok();
        let opened = place.and_then(|place| Dataset::open(self.tree, &place.file, place.address, path, 0).ok());
        opened.and_then(|data| data.shape.first().copied()).unwrap_or(0)
    }

    /// From an attribute that image programs write, or from the axes of an NXdata group.
    fn voxel_size(&self, choice: &Choice, facts: &mut Facts) {
        if let Some(Value::Numbers(sizes)) = attribute(&choice.place, "element_size_um") {
            let sizes = <[f64; 3]>::try_from(sizes).ok().and_then(|sizes| believed_um(sizes, &mut facts.warnings));
            facts.add(Said { voxel_size_um: sizes, size_from: Some(format!("element_size_um of {}", choice.path)), ..Said::default() });
            return;
        }
        let Some((group, _)) = choice.path.rsplit_once('/') else { return };
        let Ok(place) = self.tree.find(&self.tree.master, group) else { return };
        let Some(Value::Text(axes)) = attribute(&place, "axes") else { return };
        let own = if axes.len() == choice.shape.len() { choice.axes.among(&axes) } else { &axes };
        let last: Vec<&String> = own.iter().rev().take(3).rev().collect();
        if last.len() != 3 || last.iter().any(|axis| axis.as_str() == ".") {
            return;
        }
        let sizes = last.iter().map(|axis| self.spacing(&format!("{group}/{axis}"))).collect::<Option<Vec<f64>>>();
        if sizes.is_none() {
            facts.warnings.push("Its axes are not all lengths at even distances, so the voxel size is not known.".into());
        }
        let size_from = Some(format!("{}, {}, {} of {group}", last[0], last[1], last[2]));
        let voxel_size_um = sizes.and_then(|sizes| sizes.try_into().ok());
        facts.add(Said { voxel_size_um, size_from, ..Said::default() });
    }

    /// The distance between the values of an axis, in micrometres.
    fn spacing(&self, path: &str) -> Option<f64> {
        let (Value::Numbers(values), Some(unit)) = self.at(path)? else { return None };
        step_um(&values, &unit)
    }
}

/// The edge of a pixel in micrometres.
fn pixel_um(value: &Value, unit: Option<&str>) -> Option<f64> {
    let um = in_um(value.number()?, unit_um(unit?)?);
    (plausible_um(um) && um <= PIXEL_UM_MAX).then_some(um)
}

fn seconds(value: &Value, unit: Option<&str>) -> Option<String> {
    let factor = match unit?.trim() {
        "s" | "second" | "seconds" => 1.0,
        "ms" => 1e-3,
        _ => return None,
    };
    span(value, factor)
}

/// One number, or the least and the most of many.
fn span(value: &Value, factor: f64) -> Option<String> {
    let Value::Numbers(numbers) = value else { return Some((value.number()? * factor).to_string()) };
    let finite = || numbers.iter().copied().filter(|number| number.is_finite()).map(|number| number * factor);
    let (least, most) = (finite().reduce(f64::min)?, finite().reduce(f64::max)?);
    Some(if least == most { least.to_string() } else { format!("{least} to {most}") })
}

fn unit_kev(unit: &str) -> Option<f64> {
    Some(match unit.trim() {
        "keV" | "kev" | "KeV" => 1.0,
        "eV" | "ev" => 1e-3,
        "MeV" => 1e3,
        "J" => 1.0 / 1.602_176_634e-16,
        _ => return None,
    })
}
