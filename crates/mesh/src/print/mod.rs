//! Everything for a 3D printer in one ZIP: true scale, a size for the classroom, on a base that says where it comes from, in
//! halves that show the inside; and what a teacher wants to know before printing.

mod base;
mod cap;
mod halves;
mod letters;
mod report;
mod sliced;

use std::fs::File;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use volume::Trouble;

pub use self::report::{Language, PrintReport};
pub use self::sliced::{Sliced, Slicer};
use crate::check::size_um;
use crate::surface::Part;
use crate::write::zip::ZipWriter;
use crate::write::{About, ModelFormat, trouble, write};

/// Longest side of the print for the classroom: it fits the bed of nearly every printer.
pub const BED_MM: f64 = 180.0;
/// Smallest and largest that may be asked for.
pub const SIZE_MM: std::ops::RangeInclusive<f64> = 10.0..=1_000.0;

/// What the body stands on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Base {
    Without,
    /// With the DOI in letters.
    Letters,
    /// With the DOI in letters, as far as there is room, and as a QR code.
    #[default]
    Code,
}

/// How the print for the classroom is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct KitOptions {
    /// Edge of the cube that it has to fit in.
    pub size_mm: f64,
    /// On a flat base, where there is a DOI.
    pub base: Base,
    /// Cut in two, each half lying on its cut.
    pub halves: bool,
}

impl Default for KitOptions {
    fn default() -> Self {
        Self { size_mm: BED_MM, base: Base::Code, halves: true }
    }
}

/// A kit that was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Kit {
    pub bytes: u64,
    /// What the print for the classroom will be like.
    pub report: PrintReport,
}

/// One model of the kit.
struct Print {
    name: String,
    parts: Vec<Part>,
    about: About,
    title: [&'static str; 2],
    /// Shells that stand in another one, as the body does in its base.
    standing: u64,
}

/// What is in a kit, and what could not be, with the reason.
#[derive(Default)]
struct Contents {
    prints: Vec<Print>,
    left_out: Vec<[&'static str; 2]>,
}

impl Contents {
    /// What is printed is one part: slicers take several for several prints, and lay them beside each other.
    fn add(&mut self, name: &str, parts: Vec<Part>, about: &About, mm_per_um: f64, title: [&'static str; 2]) {
        let standing = if name.starts_with(ON_BASE) { parts.len() as u64 - 1 } else { 0 };
        let parts = if name == TRUE_SCALE { parts } else { together(parts) };
        self.prints.push(Print { name: name.to_owned(), parts, about: About { mm_per_um, ..about.clone() }, title, standing });
    }

    fn of(parts: &[Part], about: &About, options: &KitOptions, longest_um: f64) -> Self {
        let mut kit = Self::default();
        let (size, classroom) = (format!("{}-mm", options.size_mm), options.size_mm / longest_um);
        kit.add(TRUE_SCALE, parts.to_vec(), about, 1e-3, ["In true scale", "In wahrer Größe"]);
        kit.add(&format!("{CLASSROOM}-{size}"), parts.to_vec(), about, classroom, ["For the classroom", "Für den Unterricht"]);
        if options.base != Base::Without {
            match base::on_base(parts, about, options.size_mm, options.base == Base::Code) {
                Some((with_base, mm_per_um)) => {
                    let title = ["On a base with the DOI", "Auf einem Sockel mit der DOI"];
                    kit.add(&format!("{ON_BASE}-{size}"), with_base, about, mm_per_um, title);
                }
                None => kit.left_out.push([
                    "No base: there is no DOI yet, or the print is too small for it.",
                    "Kein Sockel: Es gibt noch keine DOI, oder der Druck ist zu klein dafür.",
                ]),
            }
        }
        if options.halves {
            match halves::halves(parts) {
                Some([lower, upper]) => {
                    let titles = [
                        ["First half, on its cut", "Erste Hälfte, auf dem Schnitt"],
                        ["Second half, on its cut", "Zweite Hälfte, auf dem Schnitt"],
                    ];
                    kit.add(&format!("half-1-{size}"), lower, about, classroom, titles[0]);
                    kit.add(&format!("half-2-{size}"), upper, about, classroom, titles[1]);
                }
                None => kit
                    .left_out
                    .push(["No halves: the body could not be cut cleanly.", "Keine Hälften: Der Körper ließ sich nicht sauber schneiden."]),
            }
        }
        kit
    }
}

/// All in one: where shells overlap, as body and base do, a slicer fills once what lies inside any of them.
fn together(parts: Vec<Part>) -> Vec<Part> {
    let mut parts = parts.into_iter();
    let Some(mut whole) = parts.next() else { return Vec::new() };
    for Part { surface, .. } in parts {
        let first = whole.surface.positions.len() as u32;
        whole.surface.positions.extend(surface.positions);
        whole.surface.triangles.extend(surface.triangles.into_iter().map(|triangle| triangle.map(|vertex| vertex + first)));
    }
    vec![whole]
}

const ON_BASE: &str = "on-base";
const CLASSROOM: &str = "classroom";
/// For measuring; nobody prints it as it is.
const TRUE_SCALE: &str = "true-scale";

/// Writes the ZIP; `scratch` is a folder for files on the way, `cite` how the record is cited. What is to be printed is sliced
/// where there is a slicer.
pub fn print_kit(
    path: &Path,
    scratch: &Path,
    parts: &[Part],
    about: &About,
    options: &KitOptions,
    cite: &str,
    slicer: &Slicer<'_>,
) -> Result<Kit, Trouble> {
    if !SIZE_MM.contains(&options.size_mm) {
        return Err(Trouble::new(
            format!("a print of {} mm was asked for", options.size_mm),
            format!("Ask for {} to {} mm", SIZE_MM.start(), SIZE_MM.end()),
        ));
    }
    let longest = size_um(parts).into_iter().fold(0.0, f64::max);
    if longest <= 0.0 {
        return Err(Trouble::new("there is nothing to print", "Choose another level"));
    }
    let kit = Contents::of(parts, about, options, longest);
    let (mut files, mut sliced) = (Vec::new(), Vec::new());
    for Print { name, parts, about, .. } in &kit.prints {
        for format in [ModelFormat::ThreeMf, ModelFormat::Stl] {
            if format == ModelFormat::ThreeMf || name != TRUE_SCALE {
                let name = format!("{name}.{}", format.ending());
                write(&scratch.join(&name), format, parts, about)?;
                files.push(name);
            }
        }
        let is_printed = name != TRUE_SCALE;
        let answer = is_printed.then(|| slicer.slice(&scratch.join(format!("{name}.{}", ModelFormat::ThreeMf.ending()))));
        sliced.push(answer.flatten());
    }
    let reports = reports(&kit.prints, sliced);
    let texts = texts(&kit, &reports, about, cite);
    let bytes = zip(path, scratch, &files, &texts).map_err(|error| trouble(path, &error))?;
    let classroom = kit.prints.iter().zip(reports).find(|(print, _)| print.name.starts_with(CLASSROOM));
    let (_, report) = classroom.ok_or_else(|| Trouble::new("there is nothing to print", "Choose another level"))?;
    Ok(Kit { bytes, report })
}

fn reports(prints: &[Print], sliced: Vec<Option<Sliced>>) -> Vec<PrintReport> {
    let report = |(print, sliced): (&Print, Option<Sliced>)| {
        let report = PrintReport::of(&print.parts, print.about.mm_per_um);
        PrintReport { sliced, loose_pieces: report.loose_pieces.saturating_sub(print.standing), ..report }
    };
    prints.iter().zip(sliced).map(report).collect()
}

/// Reports in both languages, licence, how to cite.
fn texts(kit: &Contents, reports: &[PrintReport], about: &About, cite: &str) -> Vec<(&'static str, String)> {
    let Contents { prints, left_out } = kit;
    let report = |language: Language, at: usize| {
        let mut text = format!("{}\n", about.line());
        for (Print { name, title, .. }, report) in prints.iter().zip(reports) {
            text += &format!("\n{} ({name})\n{}", title[at].to_uppercase(), report.words(language));
        }
        left_out.iter().for_each(|says| text += &format!("\n{}\n", says[at]));
        text
    };
    let licence = about.licence.as_deref().unwrap_or("The record names no licence yet: ask its authors before you print.");
    vec![
        ("REPORT.txt", report(Language::English, 0)),
        ("BERICHT.txt", report(Language::German, 1)),
        ("LICENCE.txt", format!("{licence}\n")),
        ("HOW-TO-CITE.txt", format!("{cite}\n")),
    ]
}

fn zip(path: &Path, scratch: &Path, files: &[String], texts: &[(&'static str, String)]) -> io::Result<u64> {
    let file = File::create(path)?;
    let mut zip = ZipWriter::new(&file);
    for name in files {
        zip.add(name, |out| io::copy(&mut File::open(scratch.join(name))?, out).map(drop))?;
    }
    for (name, text) in texts {
        zip.add(name, |out| out.write_all(text.as_bytes()))?;
    }
    zip.finish()?;
    Ok(file.metadata()?.len())
}
