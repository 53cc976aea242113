//! DICOM: one file, a folder of slices or a DICOMDIR becomes one volume, ordered by where the slices lie.
//!
//! Written after the standard (PS3.3, PS3.5, PS3.6, PS3.10). Names, numbers and dates of patients are never read; when
//! fields for them are filled, the depositor is told, because originals are published as they are.

mod beginning;
mod elements;
mod instance;
mod jpeg_ls;
mod pixels;
mod rle;
mod series;
mod syntax;
mod tags;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::{Asked, Format, Opened, Role, companion, limit};
use crate::header::clean_text;
use crate::trouble::file_name;
use crate::{Found, HeadFacts, Header, Trouble};
use instance::{Instance, Reading};

pub(crate) static FORMAT: Format = Format {
    name: "DICOM",
    endings: &[".dcm", ".dicom", ".ima", "dicomdir"],
    role: Role::Series,
    recognises: |head| beginning::elements_at(head).is_some(),
    open,
    head_facts: |head, _| (FORMAT.recognises)(head).then(|| HeadFacts { format: "DICOM".into(), ..HeadFacts::default() }),
};

/// Whether this is a name without an ending, as scanners give them: "IM000012", "17136", "1.2.840.113619.2.5".
pub fn is_bare_name(name: &str) -> bool {
    let digits = name.bytes().any(|sign| sign.is_ascii_digit());
    let plain = !name.contains('.') && name.bytes().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, b'_' | b'-'));
    let numbers = name.contains('.') && name.bytes().all(|sign| sign.is_ascii_digit() || sign == b'.');
    digits && (plain || numbers)
}

/// What was found in the files that were given.
struct Files {
    instances: Vec<Instance>,
    without_image: usize,
    /// Files that a DICOMDIR names and that are not there.
    missing: usize,
}

fn open(paths: Vec<PathBuf>, asked: &Asked) -> Result<Opened, Trouble> {
    let place = paths.first().cloned().unwrap_or_default();
    let place = if paths.len() > 1 { place.parent().map_or(place.clone(), Path::to_path_buf) } else { place };
    let Files { instances, without_image, missing } = read_all(paths)?;
    if instances.is_empty() {
        let hint = "Upload the files with the images, in one folder for each series";
        return Err(Trouble::new("no DICOM file with an image is in it", hint).in_file(&place));
    }
    let instances = series::choose(instances, asked).map_err(|trouble| trouble.in_file(&place))?;
    let mut series = series::order(&instances).map_err(|trouble| trouble.in_file(&place))?;
    if without_image > 0 {
        series.warnings.push(format!("{without_image} of the DICOM files hold no image and are left out."));
    }
    if missing > 0 {
        series.warnings.push(format!("The DICOMDIR names {missing} files that are not there."));
    }
    let mut warnings = warnings(&instances);
    warnings.extend(series.warnings);
    let found = found(&instances, &mut warnings);
    let files = file_names(&instances, &series.slices);
    let bytes_in = instances.iter().map(|instance| instance.bytes).sum();
    let slices = pixels::Slices::new(instances, series.slices)?;
    let (shape, element) = ([slices.depth(), slices.plane[0], slices.plane[1]], slices.element);
    super::check_shape(shape.map(|axis| axis as u64), element.bytes())?;
    let header = Header {
        format: "DICOM".into(),
        shape,
        element,
        voxel_size_um: series.voxel_size_um,
        orientation: series.orientation,
        found,
        warnings,
        files,
    };
    Ok(Opened { header, planes: Box::new(slices), bytes_in, scratch_bytes: pixels::scratch_bytes(shape, element) })
}

/// Names of the files in order of z, each once.
fn file_names(instances: &[Instance], slices: &[series::Slice]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let order = slices.iter().map(|slice| slice.file).filter(|&file| seen.insert(file));
    order.map(|file| file_name(&instances[file].path)).collect()
}

/// Reads all headers; a DICOMDIR stands for the files it names.
fn read_all(paths: Vec<PathBuf>) -> Result<Files, Trouble> {
    let alone = paths.len() == 1;
    let readings: Vec<Reading> = paths.par_iter().map(|path| instance::read(path)).collect::<Result<_, _>>()?;
    let mut files = Files { instances: Vec::new(), without_image: 0, missing: 0 };
    let mut named = BTreeSet::new();
    for (path, reading) in paths.iter().zip(readings) {
        match reading {
            Reading::Image(instance) => files.instances.push(*instance),
            Reading::NoImage { directory: Some(names) } => {
                for name in names.iter().take(limit::SLICES) {
                    match companion::inside(path, name)? {
                        Some(file) => drop(named.insert(file)),
                        None => files.missing += 1,
                    }
                }
            }
            Reading::NoImage { directory: None } => files.without_image += 1,
            Reading::Foreign if alone => {
                return Err(Trouble::new("it is no DICOM file", "Export it again with a DICOM preamble, or as TIFF").in_file(path));
            }
            Reading::Foreign => {}
        }
    }
    let given: BTreeSet<PathBuf> = paths.into_iter().collect();
    let named: Vec<PathBuf> = named.into_iter().filter(|path| !given.contains(path)).collect();
    for reading in named.par_iter().map(|path| instance::read(path)).collect::<Result<Vec<_>, _>>()? {
        match reading {
            Reading::Image(instance) => files.instances.push(*instance),
            _ => files.without_image += 1,
        }
    }
    Ok(files)
}

/// What is odd about the files themselves.
fn warnings(instances: &[Instance]) -> Vec<String> {
    let mut warnings = Vec::new();
    if instances.iter().any(|instance| instance.personal) {
        warnings.push(
            "The DICOM files have fields for the patient (name, number, birth date) that are filled. Nothing of them is taken over, \
             but originals are published as they are: make sure that the files are anonymous."
                .into(),
        );
    }
    if instances[0].inverted {
        warnings.push("High values stand for dark (MONOCHROME1); voxels are kept as stored.".into());
    }
    let layout = &instances[0].layout;
    if layout.bits_stored < layout.bits_allocated && layout.bits_allocated > 1 {
        warnings.push(format!("Of the {} bits of a voxel {} are used.", layout.bits_allocated, layout.bits_stored));
    }
    let said_lossy = instances.iter().any(|instance| instance.elements.text(tags::LOSSY).as_deref() == Some("01"));
    if said_lossy || layout.packing == syntax::Packing::Jpeg {
        warnings.push("The slices were once compressed with losses.".into());
    }
    warnings
}

/// What is told of the acquisition as the file has it; nobody's name is among it.
const ACQUISITION: [(u32, &str); 10] = [
    (tags::MODALITY, "modality"),
    (tags::BODY_PART, "body part"),
    (tags::PROTOCOL, "protocol"),
    (tags::TUBE_VOLTAGE, "tube voltage (kVp)"),
    (tags::TUBE_CURRENT, "tube current (mA)"),
    (tags::EXPOSURE_TIME, "exposure time (ms)"),
    (tags::KERNEL, "reconstruction kernel"),
    (tags::FILTER, "filter"),
    (tags::SOURCE_TO_DETECTOR, "distance from source to detector (mm)"),
    (tags::SOURCE_TO_PATIENT, "distance from source to patient (mm)"),
];

fn found(instances: &[Instance], warnings: &mut Vec<String>) -> Found {
    let elements = &instances[0].elements;
    let text = |tag: u32| elements.text(tag).as_deref().and_then(clean_text);
    let mut found = Found::default();
    let maker: Vec<String> = [tags::MANUFACTURER, tags::MODEL].into_iter().filter_map(text).collect();
    found.instrument = clean_text(&maker.join(" "));
    found.software = text(tags::SOFTWARE);
    // The day of a scan belongs to the patient as well.
    if !instances.iter().any(|instance| instance.personal) {
        let date = text(tags::ACQUISITION_DATE).filter(|date| date.len() == 8 && date.bytes().all(|digit| digit.is_ascii_digit()));
        found.date = date.map(|date| format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]));
    }
    found.facility = text(tags::INSTITUTION);
    found.description = text(tags::SERIES_DESCRIPTION);
    for (tag, name) in ACQUISITION {
        if let Some(value) = text(tag) {
            found.other.insert(name.into(), value);
        }
    }
    // FRACTIONAL ones hold probabilities.
    found.labels = text(tags::SEGMENTATION_TYPE)
        .filter(|kind| matches!(kind.as_str(), "BINARY" | "LABELMAP"))
        .map(|kind| format!("DICOM segmentation {kind}"));
    let mut rescales: Vec<_> = instances.iter().flat_map(|instance| &instance.frames).map(|frame| frame.rescale).collect();
    rescales.dedup();
    match rescales[..] {
        [Some((slope, intercept))] if (slope, intercept) != (1.0, 0.0) => {
            let unit = instances[0].rescale_type.as_deref().and_then(clean_text).map_or(String::new(), |unit| format!(" ({unit})"));
            found.other.insert("rescale slope".into(), slope.to_string());
            found.other.insert("rescale intercept".into(), intercept.to_string());
            warnings.push(format!("Voxels are kept as stored; the quantity they stand for{unit} is {slope} × value + {intercept}."));
        }
        [_] | [] => {}
        _ => warnings.push(
            "RescaleSlope and RescaleIntercept differ from slice to slice; voxels are kept as stored and cannot be compared between slices.".into(),
        ),
    }
    found
}
