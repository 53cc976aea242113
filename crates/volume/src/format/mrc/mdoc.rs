//! The text that SerialEM writes beside a stack: keys for the whole file, then keys for every section.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::extended::{take_voltage, tell_tilts};
use super::{MDOC, Map, take_pixel_size};
use crate::Trouble;
use crate::format::open_with_length;
use crate::header::clean_text;
use crate::trouble::file_name;

/// Longer texts are not read; a section has about a kilobyte.
const BYTES_MAX: u64 = 32 << 20;
const SECTIONS_MAX: usize = 50_000;
const ANGSTROM_UM: f64 = 1e-4;

/// What else is read. Other keys are not kept: a section may have any number of them.
const READ: [&str; 5] = ["PixelSpacing", "Voltage", "TiltAngle", "DateTime", "Version"];

/// What is told of every section, and how it is called.
const TOLD: [(&str, &str); 9] = [
    ("Magnification", "magnification"),
    ("ImageShift", "image shift"),
    ("StagePosition", "stage position"),
    ("RotationAngle", "rotation angle"),
    ("Defocus", "defocus"),
    ("ExposureTime", "exposure time"),
    ("ExposureDose", "exposure dose"),
    ("Binning", "binning"),
    ("SpotSize", "spot size"),
];

/// "a.mrc.mdoc", or "a.mdoc", beside "a.mrc".
pub(super) fn beside(path: &Path) -> Option<PathBuf> {
    let whole = path.with_file_name(format!("{}.mdoc", file_name(path)));
    [whole, path.with_extension("mdoc")].into_iter().find(|path| path.is_file())
}

#[derive(Debug, Default)]
struct Document {
    global: BTreeMap<String, String>,
    titles: Vec<String>,
    sections: Vec<BTreeMap<String, String>>,
}

fn parse(text: &str) -> Document {
    let mut document = Document::default();
    for line in text.lines() {
        let line = line.trim();
        let bracketed = line.strip_prefix('[').map(|line| line.trim_end_matches(']'));
        let Some((key, value)) = bracketed.unwrap_or(line).split_once('=') else { continue };
        let (key, value) = (key.trim(), value.trim());
        match (bracketed.is_some(), key) {
            (true, "ZValue" | "FrameSet") if document.sections.len() < SECTIONS_MAX => document.sections.push(BTreeMap::new()),
            (_, "T") => document.titles.extend(clean_text(value)),
            (false, _) if READ.contains(&key) || TOLD.iter().any(|(told, _)| *told == key) => {
                let keys = document.sections.last_mut().unwrap_or(&mut document.global);
                keys.insert(key.into(), value.into());
            }
            _ => {}
        }
    }
    document
}

impl Document {
    /// The values of all sections, or the one of the whole file.
    fn values(&self, key: &str) -> Vec<&str> {
        let each: Vec<&str> = self.sections.iter().filter_map(|section| section.get(key)).map(String::as_str).collect();
        if each.is_empty() { self.global.get(key).map(String::as_str).into_iter().collect() } else { each }
    }

    fn first(&self, key: &str) -> Option<&str> {
        self.global.get(key).map(String::as_str).or(self.values(key).first().copied())
    }
}

pub(super) fn read(path: &Path, map: &mut Map) -> Result<(), Trouble> {
    let (file, length) = open_with_length(path)?;
    if length > BYTES_MAX {
        map.warnings.push(format!("{} is too long to be read.", file_name(path)));
        return Ok(());
    }
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(file, BYTES_MAX), &mut bytes)
        .map_err(|error| Trouble::io("reading", path, &error))?;
    take(&parse(&String::from_utf8_lossy(&bytes)), map);
    Ok(())
}

fn take(document: &Document, map: &mut Map) {
    if let Some(angstrom) = document.first("PixelSpacing").and_then(|size| size.parse::<f64>().ok()) {
        take_pixel_size(map, [super::round_float32(angstrom * ANGSTROM_UM); 2], MDOC);
    }
    if let Some(kilovolt) = document.first("Voltage").and_then(|voltage| voltage.parse().ok()) {
        take_voltage(map, kilovolt);
    }
    tell_tilts(map, document.values("TiltAngle").iter().filter_map(|tilt| tilt.parse().ok()).collect());
    if let Some(tilts) = clean_text(&document.values("TiltAngle").join("; ")) {
        map.found.other.insert("tilt angle of each section".into(), tilts);
    }
    for (key, name) in TOLD {
        let mut values = document.values(key);
        values.dedup();
        if let Some(text) = clean_text(&values.join("; ")) {
            map.found.other.insert(name.into(), text);
        }
    }
    map.found.date = map.found.date.take().or(document.first("DateTime").and_then(date));
    map.found.software = map.found.software.take().or(document.first("Version").and_then(clean_text));
    map.found.description = map.found.description.take().or(clean_text(&document.titles.join("; ")));
    let sections = document.sections.len();
    if sections > 0 && sections != map.shape[0] {
        map.warnings.push(format!("The .mdoc file describes {sections} sections, the stack has {}.", map.shape[0]));
    }
}

/// "31-Mar-23  16:27:05" or "2023-Mar-31  16:27:05" as "2023-03-31T16:27:05"; anything else as it stands.
fn date(text: &str) -> Option<String> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let as_iso = || {
        let (day, time) = text.trim().split_once(char::is_whitespace)?;
        let [first, month, last] = day.split('-').collect::<Vec<_>>()[..] else { return None };
        let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))? + 1;
        let (day, year) = if first.len() == 4 { (last, first) } else { (first, last) };
        let (day, year): (u32, u32) = (day.parse().ok()?, year.parse().ok()?);
        let year = if year < 100 { 2_000 + year } else { year };
        Some(format!("{year:04}-{month:02}-{day:02}T{}", time.trim()))
    };
    clean_text(&as_iso().unwrap_or_else(|| text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_dates_are_read() {
        let document =
            parse("PixelSpacing = 7.88\nVoltage = 300\n[T = a title ]\n[ZValue = 0]\nTiltAngle = -3\n[ZValue = 1]\nTiltAngle = 0.5\n");
        assert_eq!(document.first("PixelSpacing"), Some("7.88"));
        assert_eq!(document.values("TiltAngle"), ["-3", "0.5"]);
        assert_eq!(document.titles, ["a title"]);
        assert_eq!(date("31-Mar-23  16:27:05").unwrap(), "2023-03-31T16:27:05");
        assert_eq!(date("2024-Jan-02 01:02:03").unwrap(), "2024-01-02T01:02:03");
        assert_eq!(date("2024-Jan-02 01:02:03\u{7}\u{202e}").unwrap(), "2024-01-02T01:02:03");
        assert_eq!(date("yesterday").unwrap(), "yesterday");
        let document = parse("Whatever = 1\n[ZValue = 0]\nSubFramePath = X:\\a\nDefocus = -2\n");
        assert_eq!((document.global.len(), document.sections[0].len(), document.first("Defocus")), (0, 1, Some("-2")));
    }
}
