//! Everything for a 3D printer in one ZIP: true scale, a size for the classroom, on a base that says where it comes from, in
//! halves that show the inside; and what a teacher wants to know before printing.

mod base;
mod cap;
mod halves;
mod letters;
mod report;
mod sliced;
mod walls;

use std::fs::File;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use volume::Trouble;

pub use self::report::{Language, PrintReport};
pub use self::sliced::{Sliced, Slicer};
use crate::check::size_um;
use crate::measure::Topology;
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

/// What stands beside the models in words.
#[derive(Debug, Clone, Copy)]
pub struct KitTexts<'a> {
    /// How the record is cited.
    pub cite: &'a str,
    /// What its licence means, with an address; nothing when there is none yet.
    pub licence: Option<&'a str>,
}

/// One model of the kit.
struct Print {
    name: String,
    parts: Vec<Part>,
    about: About,
    title: [&'static str; 2],
    report: PrintReport,
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
        // The body stands in its base and hangs together with it.
        let standing = if name.starts_with(ON_BASE) { parts.len() as u64 - 1 } else { 0 };
        let report = PrintReport::of(&parts, mm_per_um);
        let report = PrintReport {
            scale: report.scale.filter(|_| !about.size_unknown),
            loose_pieces: report.loose_pieces.saturating_sub(standing),
            ..report
        };
        let parts = if name == TRUE_SCALE { parts } else { together(parts) };
        self.prints.push(Print { name: name.to_owned(), parts, about: About { mm_per_um, ..about.clone() }, title, report });
    }

    fn of(parts: &[Part], about: &About, options: &KitOptions, longest_um: f64) -> Self {
        let mut kit = Self::default();
        let (size, classroom) = (format!("{}-mm", options.size_mm), options.size_mm / longest_um);
        if about.size_unknown {
            kit.left_out.push([
                "No print in true scale: nobody said how large a voxel is.",
                "Kein Druck in wahrer Größe: Niemand sagt, wie groß ein Voxel ist.",
            ]);
        } else {
            kit.add(TRUE_SCALE, parts.to_vec(), about, 1e-3, ["In true scale", "In wahrer Größe"]);
        }
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
    let name = parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join(", ");
    let name = if parts.len() > NAMED_MAX { format!("{} parts", parts.len()) } else { name };
    let mut parts = parts.into_iter();
    let Some(mut whole) = parts.next() else { return Vec::new() };
    parts.for_each(|part| whole.surface.append(&part.surface));
    vec![Part { name, ..whole }]
}

/// More parts in one are not named one by one.
const NAMED_MAX: usize = 4;
const ON_BASE: &str = "on-base";
const CLASSROOM: &str = "classroom";
/// For measuring; nobody prints it as it is.
const TRUE_SCALE: &str = "true-scale";

/// Writes the ZIP; `scratch` is a folder for files on the way. What is to be printed is sliced where there is a slicer. A surface
/// with holes has no inside that could be filled, and is refused.
pub fn print_kit(
    path: &Path,
    scratch: &Path,
    parts: &[Part],
    about: &About,
    options: &KitOptions,
    texts: &KitTexts<'_>,
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
    for part in parts {
        let open = Topology::of_kernel(&part.surface).open_edges;
        if open > 0 {
            return Err(Trouble::new(
                format!("“{}” is not closed ({open} edges lie at holes): a printer cannot tell its inside", part.name),
                "Mend it first; --repair closes small holes",
            ));
        }
    }
    let mut kit = Contents::of(parts, about, options, longest);
    let mut files = Vec::new();
    for Print { name, parts, about, report, .. } in &mut kit.prints {
        for format in [ModelFormat::ThreeMf, ModelFormat::Stl] {
            if format == ModelFormat::ThreeMf || *name != TRUE_SCALE {
                let name = format!("{name}.{}", format.ending());
                write(&scratch.join(&name), format, parts, about)?;
                files.push(name);
            }
        }
        let is_printed = *name != TRUE_SCALE;
        let answer = is_printed.then(|| slicer.slice(&scratch.join(format!("{name}.{}", ModelFormat::ThreeMf.ending()))));
        report.sliced = answer.flatten();
    }
    let bytes = zip(path, scratch, &files, &written(&kit, about, texts)).map_err(|error| trouble(path, &error))?;
    let classroom = kit.prints.into_iter().find(|print| print.name.starts_with(CLASSROOM));
    let report = classroom.ok_or_else(|| Trouble::new("there is nothing to print", "Choose another level"))?.report;
    Ok(Kit { bytes, report })
}

/// Reports in both languages, licence, how to cite.
fn written(kit: &Contents, about: &About, texts: &KitTexts<'_>) -> Vec<(&'static str, String)> {
    let Contents { prints, left_out } = kit;
    let report = |language: Language, at: usize| {
        let mut text = format!("{}\n", about.line());
        for Print { name, title, report, .. } in prints {
            text += &format!("\n{} ({name})\n{}", title[at].to_uppercase(), report.words(language));
        }
        left_out.iter().for_each(|says| text += &format!("\n{}\n", says[at]));
        text
    };
    let unlicensed =
        "No licence is named yet: ask the authors before you print.\nNoch ist keine Lizenz genannt: Fragen Sie vor dem Druck die Autoren.";
    let licence = texts.licence.unwrap_or(unlicensed).trim_end();
    vec![
        ("REPORT.txt", report(Language::English, 0)),
        ("BERICHT.txt", report(Language::German, 1)),
        ("LICENCE.txt", format!("{licence}\n")),
        ("HOW-TO-CITE.txt", format!("{}\n", texts.cite.trim_end())),
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
