//! `.txm` (volume) and `.txrm` (projections) of Zeiss (Xradia) X-ray microscopes: compound files with one stream
//! for each slice and one for each setting. Source: the streams as dxchange, ALBA's txrm2nexus and others read them.

use std::path::PathBuf;

use rayon::prelude::*;

use super::compound::{Compound, MAGIC};
use super::ini::day;
use crate::element::byte_count;
use crate::format::{Asked, Format, Opened, Planes, Role, check_shape, only, open_with_length};
use crate::header::believed_um;
use crate::trouble::file_name;
use crate::{ElementType, Found, HeadFacts, Header, ONE_AT_A_TIME, Trouble};

pub(crate) static FORMAT: Format = Format {
    name: "Zeiss XRM",
    endings: &[".txm", ".txrm"],
    role: Role::Volume,
    recognises: |head| head.starts_with(MAGIC),
    open,
    head_facts: |_, _| Some(HeadFacts { format: "Zeiss XRM".into(), ..HeadFacts::default() }),
};

/// Slices of one group of streams: `ImageData1/Image1` to `ImageData1/Image100`, then `ImageData2/Image101`.
const GROUP: usize = 100;

struct Slices {
    compound: Compound,
    path: PathBuf,
    plane_bytes: usize,
}

fn stream_of(slice: usize) -> String {
    format!("imagedata{}/image{}", slice / GROUP + 1, slice + 1)
}

impl Planes for Slices {
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        out.par_chunks_mut(self.plane_bytes)
            .enumerate()
            .with_max_len(ONE_AT_A_TIME)
            .try_for_each(|(index, plane)| self.compound.read(&stream_of(first + index), plane))
            .map_err(|trouble| trouble.in_file(&self.path))
    }
}

fn open(paths: Vec<PathBuf>, _asked: &Asked) -> Result<Opened, Trouble> {
    let path = only(&paths)?;
    let (file, length) = open_with_length(path)?;
    let named = |trouble: Trouble| trouble.in_file(path);
    let compound = Compound::open(file, length).map_err(named)?;
    let no_scan = || named(Trouble::new("it is an OLE document without X-ray images", "Add the .txm file of the microscope"));
    let number = |name: &str| compound.number(&format!("imageinfo/{name}"));
    let (width, height) = (number("imagewidth").ok_or_else(no_scan)?, number("imageheight").ok_or_else(no_scan)?);
    let count = number("noofimages").or_else(|| number("imagestaken")).ok_or_else(no_scan)?;
    let element = match number("datatype") {
        Some(3) => ElementType::U8,
        Some(5) => ElementType::U16,
        Some(10) => ElementType::F32,
        other => return Err(named(Trouble::new(format!("its data type {other:?} is not read"), "Export it as TIFF slices"))),
    };
    let shape = check_shape([count, height, width].map(u64::from), element.bytes()).map_err(named)?;
    if byte_count(shape, element).is_none_or(|bytes| bytes > length) {
        return Err(named(Trouble::new("it promises more slices than it can hold", "Upload it again")));
    }
    let plane_bytes = shape[1] * shape[2] * element.bytes();
    if let Some(missing) = (0..shape[0]).find(|&slice| compound.bytes_of(&stream_of(slice)).is_none_or(|bytes| bytes < plane_bytes as u64))
    {
        return Err(named(Trouble::new(format!("slice {} of {} is missing or cut off", missing + 1, shape[0]), "Upload it again")));
    }
    let mut warnings = Vec::new();
    let projections = file_name(path).to_lowercase().ends_with(".txrm");
    if projections {
        warnings.push("These are projections, not a reconstructed volume; its first axis is the rotation.".into());
    }
    let size = compound.float("imageinfo/pixelsize").filter(|&size| size != 0.0 && !projections);
    let voxel_size_um = size.and_then(|size| believed_um([size; 3], &mut warnings)).map(|size| size.map(round_float));
    let header = Header {
        format: FORMAT.name.into(),
        shape,
        element,
        voxel_size_um,
        orientation: None,
        found: found(&compound),
        warnings,
        files: vec![file_name(path)],
    };
    Ok(Opened {
        header,
        planes: Box::new(Slices { compound, path: path.into(), plane_bytes }),
        bytes_in: length,
        scratch_bytes: length / 128,
    })
}

/// A 32-bit number has seven digits; the others come from the change to 64 bits.
fn round_float(value: f64) -> f64 {
    format!("{value:.6e}").parse().unwrap_or(value)
}

fn found(compound: &Compound) -> Found {
    let mut found = Found {
        instrument: compound.text("imageinfo/systemtype").or(Some("Zeiss Xradia".into())),
        sample: compound.text("sampleinfo/sampleid").filter(|sample| !sample.eq_ignore_ascii_case("unknown")),
        date: compound.text("imageinfo/date").as_deref().and_then(american_day),
        // Synchrotron microscopes write electronvolts for each image.
        energy_kev: compound.float("imageinfo/energy").filter(|&energy| energy > 0.0).map(|energy| round_float(energy / 1_000.0)),
        ..Found::default()
    };
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            found.other.insert(name.into(), value);
        }
    };
    let plain = |name: &str| {
        compound.float(&format!("imageinfo/{name}")).filter(|&number| number != 0.0).map(|number| round_float(number).to_string())
    };
    add("source_voltage_kv", plain("voltage").or_else(|| plain("xrayvoltage")));
    add("source_current_ua", plain("current").or_else(|| plain("xraycurrent")));
    add("exposure_s", plain("exptimes"));
    add("source_sample_distance_mm", plain("storadistance").map(|distance| distance.trim_start_matches('-').to_owned()));
    add("detector_sample_distance_mm", plain("dtoradistance"));
    add("filter", compound.text("imageinfo/sourcefiltername"));
    add("objective", compound.text("imageinfo/objectivename"));
    add("detector", compound.text("imageinfo/cameraname"));
    found
}

/// `09/23/2020 14:52:29.123` of its clock, or what others write.
fn american_day(text: &str) -> Option<String> {
    let parts: Vec<u32> = text.split_whitespace().next()?.split('/').map_while(|part| part.parse().ok()).collect();
    match parts[..] {
        [month @ 1..=12, day @ 1..=31, year @ 1970..=2100] => Some(format!("{year:04}-{month:02}-{day:02}")),
        _ => day(text),
    }
}
