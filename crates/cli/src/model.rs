//! Models as files: what `inspect` says of them, and `mesh` from one format to another.

use crate::{progress::words_for_bytes, whole_file::write_whole};
use anyhow::{Context, bail};
use mesh::{About, Check, Deviation, Foreign, KitOptions, KitTexts, ModelFormat, Part, Places};
use record::{
    licence::Licence,
    model::{ModelCheck, ModelRepair},
};
use serde_json::json;
use std::path::Path;

/// Whether a path is a model and no volume, by its name.
pub(crate) fn is_model(path: &Path) -> bool {
    path.is_file() && path.file_name().is_some_and(|name| mesh::is_model_name(&name.to_string_lossy()))
}

/// The same counts, with their words.
fn words_of(check: &Check, foreign: &Foreign) -> ModelCheck {
    let topology = &check.topology;
    ModelCheck {
        parts: check.parts,
        pieces: check.pieces,
        holes: check.holes,
        open_edges: topology.open_edges,
        crowded_edges: topology.crowded_edges,
        pinched_vertices: topology.pinched_vertices,
        flipped_edges: topology.flipped_edges,
        flat: check.flat,
        doubled: check.doubled,
        crossing: check.crossing,
        inside_out: check.inside_out,
        not_finite: foreign.not_finite,
        unit_known: foreign.unit_known,
    }
}

/// `science3d inspect model.stl`.
pub(crate) fn inspect(path: &Path, as_json: bool) -> anyhow::Result<()> {
    let foreign = mesh::read(path)?;
    let check = Check::of(&foreign.parts);
    let words = words_of(&check, &foreign);
    let size_mm = check.measure.size_um.map(|side| side / 1e3);
    if as_json {
        let mut object = serde_json::to_value(&check)?;
        object["format"] = foreign.format.ending().into();
        object["size_mm"] = json!(size_mm);
        object["unit_known"] = foreign.unit_known.into();
        object["names"] = json!(foreign.parts.iter().map(|part| &part.name).collect::<Vec<_>>());
        object["findings"] = serde_json::to_value(words.findings())?;
        println!("{object}");
        return Ok(());
    }
    let [x, y, z] = size_mm;
    println!("format:      {}", foreign.format.ending().to_uppercase());
    println!("triangles:   {}", check.triangles);
    println!("parts:       {} ({})", check.parts, foreign.parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join(", "));
    println!("size:        {x:.3} × {y:.3} × {z:.3} mm (x, y, z)");
    if check.topology.is_watertight() {
        println!("volume:      {:.6} mm³", check.measure.volume_um3 / 1e9);
    }
    println!("area:        {:.6} mm²", check.measure.area_um2 / 1e6);
    for finding in words.findings() {
        println!("{:13}{}", if finding.hinders { "fault:" } else { "note:" }, finding.says);
    }
    Ok(())
}

/// What is asked of `science3d mesh model.stl out.glb`.
pub(crate) struct Wish<'a> {
    pub(crate) path: &'a Path,
    pub(crate) out: &'a Path,
    pub(crate) triangles: Option<usize>,
    pub(crate) smooth: u32,
    pub(crate) size_mm: Option<f64>,
    pub(crate) repair: bool,
    pub(crate) json: bool,
    pub(crate) about: About,
}

/// Reads a model, mends it where that is asked, and hands its parts to `write`, which gives the bytes written.
pub(crate) fn convert(wish: &Wish<'_>, write: impl Fn(&[Part], &About) -> anyhow::Result<u64>) -> anyhow::Result<()> {
    let foreign = mesh::read(wish.path)?;
    let mut parts = foreign.parts.clone();
    let mut mended = None;
    if wish.repair
        && let Some((repaired, done)) = mesh::repair(&parts)
    {
        let whole = Check::of(&repaired).is_printable();
        mended = Some(ModelRepair { removed: done.removed, flipped: done.flipped, holes_filled: done.holes_filled, whole });
        parts = repaired;
    }
    let places: Vec<Places> = parts.iter().map(|part| Places::of(&part.surface)).collect();
    let before: usize = parts.iter().map(|part| part.surface.triangles.len()).sum();
    // What has holes has no volume that smoothing could keep.
    parts
        .iter_mut()
        .filter(|part| mesh::Topology::of(&part.surface).is_watertight())
        .for_each(|part| mesh::smooth(&mut part.surface, wish.smooth));
    let mut merged_um: Option<f64> = None;
    if let Some(wanted) = wish.triangles.filter(|&wanted| wanted < before) {
        for part in &mut parts {
            let share = (wanted as f64 * part.surface.triangles.len() as f64 / before as f64) as usize;
            let grid_um = mesh::reduce(&mut part.surface, share.max(4));
            merged_um = merged_um.into_iter().chain(grid_um).reduce(f64::max);
        }
    }
    let deviation = parts.iter().zip(&places).map(|(part, places)| Deviation::of(places, &part.surface).greatest_um).fold(0.0, f64::max);
    let check = Check::of(&parts);
    let longest = check.measure.size_um.into_iter().fold(0.0, f64::max);
    let mm_per_um = wish.size_mm.filter(|_| longest > 0.0).map_or(1e-3, |size| size / longest);
    let about = About { mm_per_um, ..wish.about.clone() };
    let bytes = write(&parts, &about)?;
    let size_mm = check.measure.size_um.map(|side| side * mm_per_um);
    let words = words_of(&check, &foreign);
    let missed = wish.triangles.and_then(|wanted| mesh::missed(wanted, check.triangles));
    if wish.json {
        println!(
            "{}",
            json!({"triangles": check.triangles, "triangles_found": before, "watertight": check.topology.is_watertight(),
                "manifold": check.topology.is_manifold(), "size_mm": size_mm, "volume_um3": check.measure.volume_um3,
                "area_um2": check.measure.area_um2, "deviation_um": deviation, "merged_um": merged_um, "repair": mended, "findings": words.findings(), "warnings": missed.as_slice(), "bytes_out": bytes})
        );
        return Ok(());
    }
    let [x, y, z] = size_mm;
    println!("{} triangles of {before}, {x:.3} × {y:.3} × {z:.3} mm, {}: {}", check.triangles, words_for_bytes(bytes), wish.out.display());
    if deviation > 0.0 {
        println!("greatest deviation {deviation:.3} µm");
    }
    if let Some(grid) = merged_um {
        println!(
            "made anew on a grid of {grid:.3} µm, as it has more handles and hollows than triangles were asked for; what is narrower has closed or is gone"
        );
    }
    if let Some(mended) = mended {
        println!("{}", mended.says().says.replace("lies beside the original", "was written"));
    }
    words.findings().iter().for_each(|finding| println!("{}", finding.says));
    missed.iter().for_each(|warning| eprintln!("{warning}"));
    Ok(())
}

/// What is to be made: one file, or a kit for a printer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Target {
    File(ModelFormat),
    Kit(KitOptions),
}

impl Target {
    /// By the ending of the file's name.
    pub(crate) fn of(out: &Path, kit: KitOptions) -> anyhow::Result<Self> {
        let name = out.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match ModelFormat::of_name(&name) {
            Some(format) => Ok(Self::File(format)),
            None if name.to_lowercase().ends_with(".zip") => Ok(Self::Kit(kit)),
            None => bail!("“{name}” does not end in .stl, .ply, .obj, .glb or .3mf, nor in .zip for a print kit"),
        }
    }

    /// Under its name only when whole.
    pub(crate) fn write(self, out: &Path, parts: &[Part], about: &About) -> anyhow::Result<u64> {
        write_whole(out, |part| match self {
            Self::File(format) => Ok(mesh::write(part, format, parts, about)?),
            Self::Kit(options) => {
                let beside = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
                let scratch = tempfile::tempdir_in(beside).context("making a scratch folder beside the output")?;
                let licence = about.licence.as_deref().map(licence_words);
                let texts = KitTexts { cite: &cite(about), licence: licence.as_deref() };
                Ok(mesh::print_kit(part, scratch.path(), parts, about, &options, &texts, &mesh::Slicer::NONE)?.bytes)
            }
        })
    }
}

/// In words and with an address where the licence is known, else as it was given.
fn licence_words(licence: &str) -> String {
    licence.parse::<Licence>().map_or_else(|_| licence.to_owned(), Licence::words)
}

/// Who, what and where, as far as it was said.
fn cite(about: &About) -> String {
    let by = if about.creators.is_empty() { String::new() } else { format!("{}: ", about.creators.join("; ")) };
    let place = about.doi.as_ref().map_or_else(String::new, |doi| format!(" https://doi.org/{doi}"));
    format!("{by}{}.{place}", about.title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kit_says_how_to_cite_and_under_which_licence() {
        let creators = vec!["Ada Lovelace".to_owned(), "Max Born".to_owned()];
        let about = About { doi: Some("10.5072/jaw".into()), creators, ..About::true_scale("Jaw") };
        assert_eq!(cite(&about), "Ada Lovelace; Max Born: Jaw. https://doi.org/10.5072/jaw");
        assert_eq!(cite(&About::true_scale("jaw")), "jaw.");
        let words = licence_words("CC0-1.0");
        assert!(words.contains("Creative Commons") && words.contains("https://creativecommons.org/publicdomain/zero/1.0/"), "{words}");
        assert_eq!(licence_words("Ask me"), "Ask me");
    }
}
