//! What microscopes write between the header and the voxels.

use super::words::Words;
use super::{EXTENDED, Map, take_pixel_size};
use crate::header::clean_text;

/// Where the records of FEI keep microscope, program, voltage (volts), tilt (degrees) and pixel size (metres).
mod fei {
    pub(super) const MICROSCOPE: usize = 20;
    pub(super) const PROGRAM: usize = 52;
    pub(super) const VOLTAGE: usize = 84;
    pub(super) const ALPHA_TILT: usize = 100;
    pub(super) const PIXEL_SIZE_X: usize = 156;
    pub(super) const PIXEL_SIZE_Y: usize = 164;
}

pub(super) fn read(map: &mut Map, head: &[u8], extended: &[u8]) {
    let words = Words { head: extended, big_endian: map.big_endian };
    let main = Words { head, big_endian: map.big_endian };
    match &map.extended_kind {
        b"FEI1" | b"FEI2" if extended.len() >= fei::PIXEL_SIZE_Y + 8 => read_fei(map, &words),
        b"SERI" => read_serial_em(map, &words, &main),
        b"AGAR" => read_agard(map, &words, &main),
        b"CCP4" if !extended.is_empty() => {
            let symmetry: Vec<String> =
                extended.chunks(80).take(192).filter_map(|line| clean_text(&String::from_utf8_lossy(line))).collect();
            if let Some(symmetry) = clean_text(&symmetry.join("; ")) {
                map.found.other.insert("symmetry".into(), symmetry);
            }
        }
        _ => {}
    }
}

/// FEI microscopes leave a placeholder in the main header and the truth here: one record a section.
fn read_fei(map: &mut Map, words: &Words<'_>) {
    let metres = 1e6;
    take_pixel_size(map, [fei::PIXEL_SIZE_Y, fei::PIXEL_SIZE_X].map(|at| words.double(at) * metres), EXTENDED);
    take_voltage(map, words.double(fei::VOLTAGE) / 1_000.0);
    let text = |at: usize| {
        let bytes = words.head[at..at + 16].split(|&byte| byte == 0).next().unwrap_or_default();
        clean_text(&String::from_utf8_lossy(bytes))
    };
    map.found.instrument = map.found.instrument.take().or(text(fei::MICROSCOPE));
    map.found.software = map.found.software.take().or(text(fei::PROGRAM));
    let record_bytes = words.int(0);
    if (768..=4_096).contains(&record_bytes) {
        let tilts = (0..map.shape[0]).map(|section| section * record_bytes as usize + fei::ALPHA_TILT);
        tell_tilts(map, tilts.take_while(|at| at + 8 <= words.head.len()).map(|at| words.double(at)).collect());
    }
}

/// SerialEM: so many bytes a section, a tilt angle in hundredths of a degree first if the flag says so.
fn read_serial_em(map: &mut Map, words: &Words<'_>, main: &Words<'_>) {
    let (section_bytes, flags) = (main.short(128), main.short(130));
    if section_bytes < 2 || flags & 1 == 0 {
        return;
    }
    let places = (0..map.shape[0]).map(|section| section * section_bytes as usize);
    let tilts = places.take_while(|at| at + 2 <= words.head.len()).map(|at| f64::from(words.short(at)) / 100.0).collect();
    tell_tilts(map, tilts);
}

/// Agard's header: integers, then floats of which the first is the tilt and the twelfth the pixel size in metres.
fn read_agard(map: &mut Map, words: &Words<'_>, main: &Words<'_>) {
    let (integers, floats) = (main.short(128), main.short(130));
    if !(0..=64).contains(&integers) || !(1..=64).contains(&floats) {
        return;
    }
    let section_bytes = 4 * (integers as usize + floats as usize);
    let first_float = 4 * integers as usize;
    let places = (0..map.shape[0]).map(|section| section * section_bytes + first_float);
    tell_tilts(map, places.take_while(|at| at + 4 <= words.head.len()).map(|at| words.float(at)).collect());
    let pixel_um = words.float(first_float + 44) * 1e6;
    if floats >= 12 && map.voxel_size_um.is_none() && (1e-6..=10.0).contains(&pixel_um) {
        let pixel_um = super::round_float32(pixel_um);
        take_pixel_size(map, [pixel_um; 2], EXTENDED);
    }
}

/// Electron microscopes run at 10 to 3000 kilovolt; anything else is no voltage.
pub(super) fn take_voltage(map: &mut Map, kilovolt: f64) {
    if (10.0..=3_000.0).contains(&kilovolt) {
        map.found.energy_kev = map.found.energy_kev.or(Some(kilovolt));
    }
}

/// Tilts that differ from section to section are those of a tilt series.
pub(super) fn tell_tilts(map: &mut Map, tilts: Vec<f64>) {
    if tilts.len() < 2 || !tilts.iter().all(|tilt| tilt.abs() <= 180.0) || map.found.other.contains_key("tilt angles") {
        return;
    }
    let low = tilts.iter().copied().fold(f64::INFINITY, f64::min);
    let high = tilts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if high - low < 1e-6 {
        return;
    }
    map.found.other.insert("tilt angles".into(), format!("{low} to {high} degrees in {} sections", tilts.len()));
    map.warnings.push("Its sections are images at different tilts (a tilt series), not layers of a volume.".into());
}
