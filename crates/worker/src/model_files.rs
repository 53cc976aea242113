//! Files of surfaces for screen and printer, whatever the surface was made of: levels of detail, formats, the print kit; and how
//! they come into the archive.

use crate::{Pace, Worker, may_pass};
use archive::{labour::Trouble, reuse::inside};
use exchange::{Export, Place};
use mesh::{About, Deviation, KitOptions, KitTexts, ModelFormat, Part, Places, PrintReport, Slicer};
use record::{
    Record,
    derivative::{Derivative, DerivativeKind, ModelFacts, Recipe},
    file::FilePath,
    id::RecordId,
    print_kit::KitReport,
    version::Version,
};
use std::path::{Path, PathBuf};

/// Triangles of the levels for the screen, the first shown last, and of the files that are taken home.
pub(crate) const FINEST: usize = 1_000_000;
pub(crate) const TAKEN_HOME: usize = 300_000;
pub(crate) const SHOWN: usize = 150_000;
/// The first level shown comes to a phone in a few seconds.
const SHOWN_BYTES_MAX: u64 = 1_500_000;

/// What is written into the files, so that they say by themselves where they come from.
pub(crate) fn about(record: &Record) -> About {
    About {
        doi: record.citable_doi().map(ToString::to_string),
        licence: record.metadata.licence.map(|licence| licence.spdx().to_owned()),
        creators: record.metadata.creators.iter().map(record::agent::Person::sorted_name).collect(),
        ..About::true_scale(record.title())
    }
}

/// Files for a printer, where the licence allows changed copies.
#[derive(Clone)]
pub(crate) struct Kit {
    pub(crate) cite: String,
    licence: Option<String>,
    slicer: Option<crate::Slicer>,
}

impl Kit {
    pub(crate) fn of(worker: &Worker, record: &Record) -> Option<Self> {
        if record.metadata.licence.is_some_and(|licence| !licence.allows_derivatives()) {
            return None;
        }
        let archive = worker.archive();
        let settings = archive.settings();
        let place = Place { base_url: settings.base_url.clone(), publisher: settings.publisher.clone() };
        let licence = record.metadata.licence.map(record::licence::Licence::words);
        Some(Self { cite: Export::Text.render(record, &place, archive.now()), licence, slicer: worker.slicer().cloned() })
    }
}

/// A file that waits on the bench.
pub(crate) struct File {
    name: String,
    path: PathBuf,
    bytes: u64,
    kind: DerivativeKind,
}

impl File {
    /// Its bytes come into the store; the row is for whoever knows what it means.
    pub(crate) async fn put(self, worker: &Worker, id: &RecordId, version: Version, recipe: &Recipe) -> Result<Derivative, Trouble> {
        let Self { name, path, bytes, kind } = self;
        let made_at = worker.archive().now();
        let derivative = Derivative { name: name.clone(), kind, version, kept_in: None, recipe: recipe.clone(), bytes, files: 1, made_at };
        let key = inside(id, &derivative, &name);
        worker.archive().store().put_file(&key, &path).await.map_err(|fault| may_pass(fault.to_string(), fault.hint()))?;
        Ok(derivative)
    }
}

/// Where files are made, and what they are called: `surface` makes `surface.glb`.
pub(crate) struct Bench<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) stem: &'a str,
    pub(crate) about: &'a About,
    pub(crate) files: Vec<File>,
}

impl Bench<'_> {
    /// A file of all parts, `surface` with `suffix` and the format's ending.
    pub(crate) fn write(&mut self, suffix: &str, format: ModelFormat, parts: &[Part], facts: &ModelFacts) -> Result<u64, volume::Trouble> {
        let name = format!("{}{suffix}.{}", self.stem, format.ending());
        let path = self.folder.join(&name);
        let bytes = mesh::write(&path, format, parts, self.about)?;
        self.files.push(File { name, path, bytes, kind: DerivativeKind::Model(facts.clone()) });
        Ok(bytes)
    }

    /// A GLB without extensions, `surface-plain.glb`, for programs that unpack nothing.
    fn write_plain(&mut self, parts: &[Part], facts: &ModelFacts) -> Result<(), volume::Trouble> {
        let name = format!("{}-plain.{}", self.stem, ModelFormat::Glb.ending());
        let path = self.folder.join(&name);
        let bytes = mesh::write_plain_glb(&path, parts, self.about)?;
        self.files.push(File { name, path, bytes, kind: DerivativeKind::Model(ModelFacts { detail: None, ..facts.clone() }) });
        Ok(())
    }

    /// A picture of all parts, seen a little from the side and from above.
    pub(crate) fn write_poster(
        &mut self,
        name: &str,
        parts: &[Part],
        [width, height]: [usize; 2],
        source: &FilePath,
    ) -> Result<(), volume::Trouble> {
        let Some(mesh::Portrait { width, height, pixels }) = mesh::portrait(parts, width, height) else { return Ok(()) };
        let encoded = picture::encode(&picture::Image { width, height, channels: 3, pixels }, picture::Format::Jpeg)?;
        let path = self.folder.join(name);
        std::fs::write(&path, &encoded).map_err(|error| {
            volume::Trouble::new(format!("writing {name} failed ({error})"), "Look at the disk and at the folder's rights")
        })?;
        let alt = format!("{} as a body in the light", source.name());
        let kind = DerivativeKind::Picture { width: width as u32, height: height as u32, alt, source: Some(source.clone()) };
        self.files.push(File { name: name.to_owned(), path, bytes: encoded.len() as u64, kind });
        Ok(())
    }

    pub(crate) fn print_kit(
        &mut self,
        name: &str,
        parts: &[Part],
        kit: &Kit,
        options: &KitOptions,
        facts: &ModelFacts,
        pace: &Pace,
    ) -> Result<(), volume::Trouble> {
        let path = self.folder.join(name);
        let slice = |file: &Path| kit.slicer.as_ref().map(|slicer| slicer.slice(file, self.folder, &|| pace.is_stopped()));
        let texts = KitTexts { cite: &kit.cite, licence: kit.licence.as_deref() };
        let mesh::Kit { bytes, report } = mesh::print_kit(&path, self.folder, parts, self.about, options, &texts, &Slicer(&slice))?;
        let facts = ModelFacts { kit: Some(told(&report)), ..facts.clone() };
        self.files.push(File { name: name.to_owned(), path, bytes, kind: DerivativeKind::Model(facts) });
        Ok(())
    }

    /// The level that is shown first: as many triangles as fit into its bytes, and before it the plain file. It is written last, so
    /// that it tells that all are there.
    pub(crate) fn write_shown(&mut self, parts: &mut [Part], places: &[Places], facts: &ModelFacts) -> Result<(), volume::Trouble> {
        let taken_home = coarser(parts, TAKEN_HOME, places, facts);
        self.write_plain(parts, &taken_home)?;
        let mut wanted = SHOWN;
        loop {
            let facts = ModelFacts { detail: Some(0), ..coarser(parts, wanted, places, facts) };
            // What is not closed keeps its rims, however many they are; to ask for still fewer triangles takes time for nothing.
            let is_reached = facts.triangles <= wanted as u64 * 11 / 10;
            if self.write("", ModelFormat::Glb, parts, &facts)? <= SHOWN_BYTES_MAX || wanted < SHOWN / 16 || !is_reached {
                return Ok(());
            }
            self.files.pop();
            wanted = wanted * 3 / 4;
        }
    }
}

/// Takes triangles away down to `wanted` for all parts, and measures what that cost.
pub(crate) fn coarser(parts: &mut [Part], wanted: usize, places: &[Places], facts: &ModelFacts) -> ModelFacts {
    let all: usize = parts.iter().map(|part| part.surface.triangles.len()).sum();
    let mut merged_um = facts.merged_um;
    if all > wanted {
        for part in &mut *parts {
            let share = (wanted as f64 * part.surface.triangles.len() as f64 / all as f64) as usize;
            let grid_um = mesh::reduce(&mut part.surface, share.max(4));
            merged_um = merged_um.into_iter().chain(grid_um).reduce(f64::max);
        }
    }
    let triangles = parts.iter().map(|part| part.surface.triangles.len() as u64).sum();
    // Those of a surface that was made coarser before are measured too.
    if triangles >= facts.triangles {
        return ModelFacts { triangles, ..facts.clone() };
    }
    let deviations = parts.iter().zip(places).map(|(part, places)| Deviation::of(places, &part.surface).greatest_um);
    ModelFacts { triangles, deviation_um: deviations.reduce(f64::max), merged_um, ..facts.clone() }
}

fn told(report: &PrintReport) -> KitReport {
    let (filament_g, hours) = report.amounts();
    KitReport {
        size_mm: report.size_mm,
        thinnest_wall_mm: report.thinnest_wall_mm,
        loose_pieces: report.loose_pieces,
        filament_g,
        hours,
        is_sliced: report.is_sliced(),
    }
}

/// Bytes first, rows after, in the order in which the files were made.
pub(crate) async fn keep(worker: &Worker, id: &RecordId, record: &Record, recipe: &Recipe, files: Vec<File>) -> Result<(), Trouble> {
    for file in files {
        let derivative = file.put(worker, id, record.version, recipe).await?;
        worker.archive().report_derivative(id, &derivative).await?;
    }
    Ok(())
}
