//! What microscopes write into tags of their own: pixel size, voltage, instrument.
//!
//! FEI (34680, 34682) and Zeiss (34118) write text, Gatan (65003 ff.) numbers; NIH Image (43314) and Zeiss LSM (34412) left a block
//! of their memory; MetaMorph (33629) has as many values as planes.

use super::describe::Described;
use super::ifd::{Bytes, Directory, Layout};
use crate::header::{clean_text, in_um, plausible_um, unit_um};

/// Micrometres, as a microscope measured them.
pub(crate) struct Measured {
    /// Along y, x.
    pub(crate) pixel: [f64; 2],
    pub(crate) distance: Option<f64>,
}

/// What the microscope wrote about sizes; fills in what else it says.
pub(crate) fn read(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory, described: &mut Described) -> Option<Measured> {
    let text = |tag| layout.text(bytes, directory, tag);
    if let Some(planes) = directory.find(33_629) {
        described.format = "MetaMorph STK";
        described.images = Some(planes.count);
    }
    if directory.find(34_412).is_some() {
        return zeiss_lsm(layout, bytes, directory, described);
    }
    let pixel = if let Some(text) = text(34_682).or_else(|| text(34_680)) {
        fei(&text, described)
    } else if let Some(text) = text(34_118) {
        zeiss(&text, described)
    } else if directory.find(43_314).is_some() {
        nih_image(layout, bytes, directory, described)
    } else {
        gatan(layout, bytes, directory)
    };
    pixel.filter(|pixel| pixel.iter().all(|&axis| plausible_um(axis))).map(|pixel| Measured { pixel, distance: None })
}

/// A product with a million ends in noise; twelve digits are what the microscope meant.
fn from_metres(metres: f64) -> f64 {
    let um = metres * 1e6;
    format!("{um:.12e}").parse().unwrap_or(um)
}

/// Sections in brackets with lines `Name=value`, lengths in metres.
fn fei(text: &str, described: &mut Described) -> Option<[f64; 2]> {
    described.format = "FEI TIFF";
    let mut section = "";
    let mut pixel = [None; 2];
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            continue;
        }
        let Some((name, value)) = line.split_once('=') else { continue };
        let metres = || value.trim().parse().ok().map(|metres: f64| from_metres(metres));
        match (section, name.trim()) {
            ("Scan" | "EScan" | "IScan", "PixelHeight") => pixel[0] = pixel[0].or(metres()),
            ("Scan" | "EScan" | "IScan", "PixelWidth") => pixel[1] = pixel[1].or(metres()),
            ("Beam" | "EBeam", "HV") => described.found.energy_kev = value.trim().parse().ok().map(|volts: f64| volts.abs() / 1e3),
            ("System", "SystemType") => described.found.instrument = clean_text(value),
            ("System", "Software") => described.found.software = clean_text(value),
            ("User", "Date") => described.found.date = clean_text(value),
            _ => {}
        }
    }
    Some([pixel[0]?, pixel[1]?])
}

/// Lines `Name = value unit` after a line with the name that the program uses inside.
fn zeiss(text: &str, described: &mut Described) -> Option<[f64; 2]> {
    described.format = "Zeiss SEM TIFF";
    let mut pixel = None;
    for line in text.lines() {
        let Some((name, value)) = line.split_once('=') else { continue };
        let mut words = value.split_whitespace();
        let number = words.next().and_then(|number| number.parse::<f64>().ok());
        match name.trim() {
            "Image Pixel Size" => pixel = number.zip(words.next().and_then(unit_um)).map(|(number, unit)| in_um(number, unit)),
            "EHT" | "EHT Target" if words.next() == Some("kV") => described.found.energy_kev = number.map(f64::abs),
            "SEM" => described.found.instrument = clean_text(value),
            _ => {}
        }
    }
    pixel.map(|size| [size; 2])
}

/// The block of LSM 510 and its heirs, always little-endian: sizes of a voxel in metres along x, y, z from byte 40.
fn zeiss_lsm(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory, described: &mut Described) -> Option<Measured> {
    described.format = "Zeiss LSM";
    let block = layout.bytes_of(bytes, directory, 34_412, 4_096).ok()??;
    let size = |at: usize| -> Option<f64> {
        let mut number = [0; 8];
        number.copy_from_slice(block.get(at..at + 8)?);
        Some(from_metres(f64::from_le_bytes(number))).filter(|&size| plausible_um(size))
    };
    Some(Measured { pixel: [size(48)?, size(40)?], distance: size(56) })
}

/// DigitalMicrograph: units along x and y, and how many of them a pixel is.
fn gatan(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory) -> Option<[f64; 2]> {
    let size = |unit_tag, scale_tag| {
        let unit = unit_um(&layout.text(bytes, directory, unit_tag)?)?;
        layout.float(bytes, directory, scale_tag).map(|scale| in_um(scale.abs(), unit))
    };
    Some([size(65_004, 65_010)?, size(65_003, 65_009)?])
}

/// The header block of NIH Image, in the order of the Macintosh: scale at 160, unit at 172, number of slices at 260.
fn nih_image(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory, described: &mut Described) -> Option<[f64; 2]> {
    const UNITS_UM: [f64; 6] = [1e-3, 1.0, 1e3, 1e4, 1e6, 1e9];
    const FIRST_UNIT: i16 = 5;
    let block = layout.bytes_of(bytes, directory, 43_314, 1_024).ok()??;
    let short = |at: usize| block.get(at..at + 2).map(|two| i16::from_be_bytes([two[0], two[1]]));
    described.format = "NIH Image TIFF";
    if let Some(slices @ 2..) = short(260) {
        described.images = Some(slices as u64);
    }
    let version = short(12)?;
    let mut scale = [0; 8];
    scale.copy_from_slice(block.get(160..168)?);
    let pixels_per_unit = f64::from_be_bytes(scale);
    let unit = short(172)?.checked_add(if version <= 153 { FIRST_UNIT } else { 0 })?;
    let unit = UNITS_UM.get(usize::try_from(unit.checked_sub(FIRST_UNIT)?).ok()?)?;
    (version > 106 && pixels_per_unit > 0.0).then(|| [in_um(1.0 / pixels_per_unit, *unit); 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absurd_unit_of_nih_image_is_no_unit() {
        let pixel = |unit: i16| {
            let mut block = [0; 512];
            block[12..14].copy_from_slice(&120i16.to_be_bytes());
            block[160..168].copy_from_slice(&2f64.to_be_bytes());
            block[172..174].copy_from_slice(&unit.to_be_bytes());
            let mut file = b"II*\0\x08\0\0\0\x01\0".to_vec();
            file.extend([&43_314u16.to_le_bytes()[..], &[1, 0], &512u32.to_le_bytes(), &26u32.to_le_bytes(), &[0; 4], &block].concat());
            let (bytes, mut found) = (Bytes::Head(&file, file.len() as u64), None);
            let layout = Layout::read(&bytes).unwrap();
            let look = |_, directory: Directory| {
                found = read(&layout, &bytes, &directory, &mut Described::default()).map(|measured| measured.pixel);
                Ok(true)
            };
            layout.walk(&bytes, look).unwrap();
            found
        };
        assert_eq!(pixel(1), Some([0.5; 2]));
        assert_eq!(pixel(i16::MAX), None);
        assert_eq!(pixel(i16::MIN), None);
    }
}
