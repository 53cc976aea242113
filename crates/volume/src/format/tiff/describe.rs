//! What a TIFF file says about sizes and acquisition: ImageJ's lines, OME-XML, resolution tags.

use super::ifd::{Bytes, Directory, Layout};
use crate::header::{clean_text, in_um, plausible_um, unit_um};
use crate::{Found, Trouble};

/// Facts of the first page that concern the whole stack.
#[derive(Debug, Clone, Default)]
pub(crate) struct Described {
    pub(crate) format: &'static str,
    pub(crate) voxel_size_um: Option<[f64; 3]>,
    /// Slices that ImageJ promises, for its layout with a single directory.
    pub(crate) images: Option<u64>,
    pub(crate) found: Found,
    pub(crate) warnings: Vec<String>,
}

/// Resolutions in dots per inch that printers and cameras write, and nobody measured.
const PRINT_RESOLUTIONS: [f64; 12] = [1.0, 72.0, 90.0, 96.0, 100.0, 120.0, 150.0, 200.0, 240.0, 300.0, 600.0, 1200.0];

struct Resolution {
    /// Size of a pixel in the unit below: y, x.
    pixel: Option<[f64; 2]>,
    unit: u64,
}

fn resolution(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory) -> Resolution {
    // One divided by a fraction is the fraction turned over: exact where the writer was exact.
    let pixel = |tag| {
        let (over, under) = layout.fraction(bytes, directory, tag)?;
        (over > 0 && under > 0).then(|| f64::from(under) / f64::from(over))
    };
    let both = pixel(283).zip(pixel(282)).map(|(y, x)| [y, x]);
    Resolution { pixel: both, unit: layout.integer(bytes, directory, 296).ok().flatten().unwrap_or(2) }
}

pub(crate) fn describe(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory) -> Result<Described, Trouble> {
    let mut described = Described { format: "TIFF", ..Described::default() };
    let text = layout.text(bytes, directory, 270).unwrap_or_default();
    let resolution = resolution(layout, bytes, directory);
    let tag = |number| layout.text(bytes, directory, number).as_deref().and_then(clean_text);
    described.found.software = tag(305);
    described.found.date = tag(306).map(iso_date);
    described.found.instrument = match (tag(271), tag(272)) {
        (Some(make), Some(model)) => Some(format!("{make} {model}")),
        (make, model) => make.or(model),
    };
    if text.starts_with("ImageJ=") {
        imagej(&text, &resolution, &mut described)?;
    } else if text.contains("<OME") && text.contains("<Pixels") {
        ome(&text, &mut described)?;
    } else {
        plain(&text, &resolution, &mut described);
    }
    Ok(described)
}

/// "2020:01:31 12:00:00", as TIFF writes it, to the form everybody else reads.
fn iso_date(text: String) -> String {
    let bytes = text.as_bytes();
    if bytes.len() >= 19 && bytes[4] == b':' && bytes[7] == b':' && text.is_ascii() {
        return format!("{}-{}-{}T{}", &text[..4], &text[5..7], &text[8..10], &text[11..19]);
    }
    text
}

fn imagej(text: &str, resolution: &Resolution, described: &mut Described) -> Result<(), Trouble> {
    described.format = "ImageJ TIFF";
    let value =
        |key: &str| text.lines().find_map(|line| line.split_once('=').filter(|(name, _)| *name == key)).map(|(_, value)| value.trim());
    let count = |key: &str| -> u64 { value(key).and_then(|count| count.parse().ok()).unwrap_or(1).max(1) };
    let (channels, slices, frames) = (count("channels"), count("slices"), count("frames"));
    // Programs that know only one further axis call it channels or frames; more than seven channels ImageJ cannot show.
    let (further, name) = match (channels, slices, frames) {
        (1, _, 1) => (1, ""),
        (1, 1, frames) => (frames, "time steps"),
        (channels @ 8.., 1, 1) => (channels, "channels"),
        (1, _, frames) => return Err(Trouble::new(format!("it holds {frames} time steps"), "Save each as a stack of its own")),
        (channels, ..) => return Err(Trouble::new(format!("it holds {channels} channels"), "Save each as a stack of its own")),
    };
    if further > 1 {
        described.warnings.push(format!("ImageJ calls the {further} pictures {name}; they are taken as slices, please check."));
    }
    described.images = value("images").and_then(|count| count.parse().ok());
    if let Some(version) = value("ImageJ") {
        described.found.software.get_or_insert_with(|| format!("ImageJ {version}"));
    }
    let spacing: Option<f64> = value("spacing").and_then(|size| size.parse().ok()).map(f64::abs);
    let unit_name = value("unit").unwrap_or_default();
    let Some([y, x]) = resolution.pixel else { return Ok(()) };
    let Some(unit) = unit_um(unit_name) else {
        if spacing.is_some() || [y, x] != [1.0, 1.0] {
            let z = spacing.map_or("?".to_string(), |z| z.to_string());
            described
                .warnings
                .push(format!("ImageJ wrote {z} × {y} × {x} for a voxel (z, y, x) but not in which unit; please give the voxel size."));
        }
        return Ok(());
    };
    if [y, x] == [1.0, 1.0] && spacing.is_none() {
        described.warnings.push(format!(
            "The file says 1 {unit_name} per pixel and nothing about z, which ImageJ writes when nobody calibrated; please check."
        ));
        return Ok(());
    }
    if spacing.is_none() {
        described.warnings.push("The file does not say the distance of slices; it is taken as equal to the pixel size.".into());
    }
    described.voxel_size_um = believable([spacing.unwrap_or(x), y, x].map(|size| in_um(size, unit)));
    Ok(())
}

fn believable(size: [f64; 3]) -> Option<[f64; 3]> {
    size.iter().all(|&axis| plausible_um(axis)).then_some(size)
}

/// Only the attributes of the first `Pixels` element are needed; the rest of OME-XML may be anything.
fn ome(text: &str, described: &mut Described) -> Result<(), Trouble> {
    use quick_xml::events::Event;
    described.format = "OME-TIFF";
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) => {
                let name = element.local_name();
                let attribute = |key: &str| -> Option<String> {
                    let found = element.try_get_attribute(key).ok().flatten()?;
                    Some(String::from_utf8_lossy(&found.value).into_owned())
                };
                match name.as_ref() {
                    b"Image" if described.found.description.is_none() => {
                        described.found.description = attribute("Name").as_deref().and_then(clean_text);
                    }
                    b"Microscope" => {
                        described.found.instrument = attribute("Model").as_deref().and_then(clean_text);
                    }
                    b"Pixels" => return ome_pixels(&attribute, described),
                    _ => {}
                }
            }
            Ok(Event::Eof) | Err(_) => return Ok(()),
            Ok(_) => {}
        }
    }
}

fn ome_pixels(attribute: &dyn Fn(&str) -> Option<String>, described: &mut Described) -> Result<(), Trouble> {
    for (key, name) in [("SizeC", "channels"), ("SizeT", "time steps")] {
        let count: u64 = attribute(key).and_then(|count| count.parse().ok()).unwrap_or(1);
        if count > 1 {
            return Err(Trouble::new(format!("it holds {count} {name}, not one volume"), "Save each as a stack of its own"));
        }
    }
    let size = |axis: &str| -> Option<f64> {
        let number: f64 = attribute(&format!("PhysicalSize{axis}"))?.parse().ok()?;
        let unit = attribute(&format!("PhysicalSize{axis}Unit"));
        Some(in_um(number, unit.map_or(Some(1.0), |unit| unit_um(&unit))?))
    };
    let (z, y, x) = (size("Z"), size("Y"), size("X"));
    if let (Some(y), Some(x)) = (y, x) {
        if z.is_none() {
            described.warnings.push("The file does not say the distance of slices; it is taken as equal to the pixel size.".into());
        }
        described.voxel_size_um = believable([z.unwrap_or(x), y, x]);
    }
    Ok(())
}

fn plain(text: &str, resolution: &Resolution, described: &mut Described) {
    if !text.trim_start().starts_with('{') {
        described.found.description = clean_text(text);
    }
    let unit = match resolution.unit {
        2 => 25_400.0,
        3 => 10_000.0,
        _ => return,
    };
    let Some([y, x]) = resolution.pixel else { return };
    let printed = |pixel: f64| {
        let per_inch = 25_400.0 / (pixel * unit);
        PRINT_RESOLUTIONS.iter().any(|&usual| (per_inch - usual).abs() < 0.6) || 1.0 / pixel == 1.0
    };
    if printed(x) || printed(y) {
        return;
    }
    described.voxel_size_um = believable([x * unit, y * unit, x * unit]);
    if described.voxel_size_um.is_some() {
        described
            .warnings
            .push("The pixel size comes from the resolution tags; the distance of slices is taken as equal to it, please check.".into());
    }
}
