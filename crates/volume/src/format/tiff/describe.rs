//! What a TIFF file says about sizes and acquisition: ImageJ's lines, OME-XML, microscopes' tags, resolution tags.

use super::ifd::{Bytes, Directory, Layout};
use super::ome::{self, Ome};
use super::vendor::{self, Measured};
use crate::Found;
use crate::header::{believed_um, clean_text, in_um, plausible_um, unit_um};

/// How the pages of the file make volumes.
#[derive(Debug, Clone, Default)]
pub(crate) enum Series {
    /// Every page is a slice.
    #[default]
    Pages,
    /// ImageJ's order: all channels of a slice, then the next slice, then the next time step.
    Hyperstack {
        channels: usize,
        slices: usize,
        frames: usize,
    },
    Ome(Box<Ome>),
}

/// Facts of the first page that concern the whole stack.
#[derive(Debug, Clone, Default)]
pub(crate) struct Described {
    pub(crate) format: &'static str,
    pub(crate) voxel_size_um: Option<[f64; 3]>,
    /// Pictures that are promised, for layouts with a single directory.
    pub(crate) images: Option<u64>,
    /// Pictures that are told of, each of which has a directory of its own.
    pub(crate) pages: Option<u64>,
    pub(crate) series: Series,
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

pub(crate) fn describe(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory) -> Described {
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
        imagej(&text, &resolution, &mut described);
    } else if is_ome(&text) {
        described.series = Series::Ome(Box::new(ome::read(&text, &mut described)));
    } else if let Some(Measured { pixel, distance }) = vendor::read(layout, bytes, directory, &mut described) {
        described.voxel_size_um = distance.map(|distance| [distance, pixel[0], pixel[1]]);
        let missing = distance.is_none().then(|| {
            format!(
                "The microscope wrote {} × {} µm for a pixel (y, x) and nothing about the distance of slices; please give the voxel size.",
                pixel[0], pixel[1]
            )
        });
        described.warnings.extend(missing);
    } else {
        let number = |tag| layout.integer(bytes, directory, tag).ok().flatten();
        let separate = number(277).filter(|samples| *samples > 1 && number(284) == Some(2));
        let page = PageShape { height: number(257).unwrap_or(0), width: number(256).unwrap_or(0), separate };
        plain(&text, page, &resolution, &mut described);
    }
    described
}

pub(crate) fn is_ome(text: &str) -> bool {
    text.contains("<OME") && (text.contains("<Pixels") || text.contains("<BinaryOnly"))
        || text.contains("<ome:OME") && text.contains("Pixels")
}

/// "2020:01:31 12:00:00", as TIFF writes it, to the form everybody else reads.
fn iso_date(text: String) -> String {
    let bytes = text.as_bytes();
    if bytes.len() >= 19 && bytes[4] == b':' && bytes[7] == b':' && text.is_ascii() {
        return format!("{}-{}-{}T{}", &text[..4], &text[5..7], &text[8..10], &text[11..19]);
    }
    text
}

fn imagej(text: &str, resolution: &Resolution, described: &mut Described) {
    described.format = "ImageJ TIFF";
    let value =
        |key: &str| text.lines().find_map(|line| line.split_once('=').filter(|(name, _)| *name == key)).map(|(_, value)| value.trim());
    let count = |key: &str| -> usize { value(key).and_then(|count| count.parse().ok()).unwrap_or(1).max(1) };
    let (channels, slices, frames) = (count("channels"), count("slices"), count("frames"));
    // Programs that know only one further axis call it channels or frames; more than seven channels ImageJ cannot show.
    let further = match (channels, slices, frames) {
        (1, _, 1) => None,
        (1, 1, frames) => Some((frames, "time steps")),
        (8.., 1, 1) => Some((channels, "channels")),
        _ => {
            described.series = Series::Hyperstack { channels, slices, frames };
            None
        }
    };
    if let Some((further, name)) = further {
        described.warnings.push(format!("ImageJ calls the {further} pictures {name}; they are taken as slices, please check."));
    }
    described.images = value("images").and_then(|count| count.parse().ok());
    if let Some(version) = value("ImageJ") {
        described.found.software.get_or_insert_with(|| format!("ImageJ {version}"));
    }
    let spacing: Option<f64> = value("spacing").and_then(|size| size.parse().ok()).map(f64::abs);
    let unit_name = value("unit").unwrap_or_default();
    imagej_size(spacing, unit_name, resolution, described);
}

fn imagej_size(spacing: Option<f64>, unit_name: &str, resolution: &Resolution, described: &mut Described) {
    let Some([y, x]) = resolution.pixel else { return };
    let Some(unit) = unit_um(unit_name) else {
        if spacing.is_some() || [y, x] != [1.0, 1.0] {
            let z = spacing.map_or("?".to_string(), |z| z.to_string());
            described
                .warnings
                .push(format!("ImageJ wrote {z} × {y} × {x} for a voxel (z, y, x) but not in which unit; please give the voxel size."));
        }
        return;
    };
    if [y, x] == [1.0, 1.0] && spacing.is_none() {
        described.warnings.push(format!(
            "The file says 1 {unit_name} per pixel and nothing about z, which ImageJ writes when nobody calibrated; please check."
        ));
        return;
    }
    if spacing.is_none() {
        described.warnings.push("The file does not say the distance of slices; it is taken as equal to the pixel size.".into());
    }
    described.voxel_size_um = believed_um([spacing.unwrap_or(x), y, x].map(|size| in_um(size, unit)), &mut described.warnings);
}

fn plain(text: &str, page: PageShape, resolution: &Resolution, described: &mut Described) {
    if text.trim_start().starts_with('{') {
        if let Some(Shaped { images, truncated, volumes, axes }) = shaped(text, page) {
            described.found.other.extend(axes.map(|axes| ("axes".to_owned(), axes)));
            described.images = described.images.or(truncated.then_some(images));
            described.pages = Some(images);
            if let Some((frames, slices, channels)) = volumes {
                described.series = Series::Hyperstack { channels, slices, frames };
            }
        }
    } else {
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
    let size = [x * unit, y * unit, x * unit];
    described.voxel_size_um = size.iter().all(|&axis| plausible_um(axis)).then_some(size);
    if described.voxel_size_um.is_some() {
        described
            .warnings
            .push("The pixel size comes from the resolution tags; the distance of slices is taken as equal to it, please check.".into());
    }
}

/// What one page is of an array.
#[derive(Clone, Copy)]
struct PageShape {
    height: u64,
    width: u64,
    /// Samples of a pixel, where each lies in a plane of its own.
    separate: Option<u64>,
}

/// What tifffile says of an array that it wrote.
struct Shaped {
    images: u64,
    /// One directory stands for all pictures.
    truncated: bool,
    /// Of arrays of more than three axes: volumes, slices of each, and channels of each slice.
    volumes: Option<(usize, usize, usize)>,
    /// What its axes are called, such as "ZYX"; nothing where they are called by letters that say nothing.
    axes: Option<String>,
}

/// tifffile writes `{"shape": [30, 512, 512], "truncated": true}` where one directory stands for all pictures, and the shape
/// alone where each has its own; sometimes the names of the axes as well.
fn shaped(text: &str, page: PageShape) -> Option<Shaped> {
    let said: serde_json::Value = serde_json::from_str(text).ok()?;
    let shape: Vec<u64> = said["shape"].as_array()?.iter().map_while(serde_json::Value::as_u64).collect();
    let (planes, plane) = shape.split_last_chunk::<2>()?;
    let images = planes.iter().try_fold(1u64, |product, &size| product.checked_mul(size))?;
    // The colours of a page are no slices.
    let above = match (page.separate, planes) {
        (Some(samples), [above @ .., last]) if *last == samples => above,
        _ => planes,
    };
    let fits = *plane == [page.height, page.width];
    let volumes = if fits { volumes(above, said["axes"].as_str().unwrap_or_default()) } else { None };
    let axes = said["axes"].as_str().and_then(clean_text).filter(|axes| axes.contains("YX") && !axes.contains(['Q', 'I']));
    Some(Shaped { images, truncated: said["truncated"] == true, volumes, axes })
}

/// How the axes before the rows make volumes, where there are several: the last one counts slices, or channels where it says so.
fn volumes(planes: &[u64], names: &str) -> Option<(usize, usize, usize)> {
    let named = planes.iter().copied().zip(names.bytes().map(Some).chain(std::iter::repeat(None)));
    let mut axes: Vec<(u64, Option<u8>)> = named.filter(|(size, _)| *size > 1).collect();
    let channels = if matches!(axes[..], [.., _, (_, Some(b'C'))]) { axes.pop().map_or(1, |(size, _)| size) } else { 1 };
    let (slices, _) = axes.pop()?;
    let frames = axes.iter().try_fold(1u64, |product, (size, _)| product.checked_mul(*size))?;
    let sizes = (usize::try_from(frames).ok()?, usize::try_from(slices).ok()?, usize::try_from(channels).ok()?);
    (frames > 1 || channels > 1).then_some(sizes)
}
