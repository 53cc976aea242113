//! The pass itself: while one band is packed, the one after it is read, and what is packed is written.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::family::Stock;
use super::journal::{Journal, Kept};
use super::labels::{Runs, looks_like_labels};
use super::packing::{Band, Packing};
use super::plan::Plan;
use super::{Converted, Progress};
use crate::element::Buffer;
use crate::format::{Opened, Planes};
use crate::pyramid::Reduction;
use crate::statistics::{Gatherer, Statistics};
use crate::zarr::durable::Flusher;
use crate::zarr::metadata;
use crate::zarr::pens::{Desk, Pens};
use crate::zarr::write::{Batch, LevelWriter, write_document};
use crate::{ElementType, Trouble};

/// Counts of one thread are taken over before they can run over.
const COLLECT_AFTER_BYTES: u64 = 1 << 30;

pub(crate) struct Pass<'a> {
    pub(crate) plan: &'a Plan,
    /// The plane before which this run ends: the depth, or the end of a row of shards where more is to come.
    pub(crate) until: usize,
    pub(crate) part: &'a Path,
    pub(crate) journal: &'a Journal<'a>,
    pub(crate) progress: &'a (dyn Fn(Progress) + Sync),
    pub(crate) stop: &'a AtomicBool,
}

impl Pass<'_> {
    pub(crate) fn run(&self, opened: &Opened, resumed: Option<Kept>) -> Result<Converted, Trouble> {
        let resumed_planes = resumed.as_ref().map_or(0, |kept| kept.planes);
        let (written, gatherer, label) = self.through(opened.planes.as_ref(), resumed)?;
        let converted = self.documents(&written, gatherer.finish(), label, resumed_planes)?;
        Ok(Converted { warnings: opened.header.warnings.clone(), ..converted })
    }

    /// Leaves packed shards and their journal, from which another run goes on.
    pub(crate) fn run_ahead(&self, opened: &Opened, resumed: Option<Kept>) -> Result<(), Trouble> {
        self.through(opened.planes.as_ref(), resumed).map(drop)
    }

    fn through(&self, planes: &dyn Planes, resumed: Option<Kept>) -> Result<(Vec<Written>, Gatherer, bool), Trouble> {
        let flusher = Flusher::start();
        let pens = Pens::start(self.part, rayon::current_num_threads(), flusher.sender());
        let outcome = self.bands(planes, &pens.desk(), &flusher, resumed);
        // They are awaited in either case: nobody may still write when the folder is removed.
        let written = pens.finish();
        let flushed = flusher.finish();
        // Whoever packs is told of a pen's trouble only.
        written.and(flushed).and(outcome)
    }

    fn bands(
        &self,
        planes: &dyn Planes,
        desk: &Desk,
        flusher: &Flusher,
        resumed: Option<Kept>,
    ) -> Result<(Vec<Written>, Gatherer, bool), Trouble> {
        let plan = self.plan;
        let (stock, total) = (Stock::default(), plan.bytes(self.until));
        let mut writers = self.writers(desk, resumed.as_ref())?;
        let mut label = resumed.as_ref().map(|kept| kept.label).or(plan.label);
        if label.is_none() && planes.gives_parts() {
            label = Some(plan.middle_looks_like_labels(planes)?);
        }
        let mut next =
            Some(plan.band_at(resumed.as_ref().map_or(0, |kept| kept.planes), 0)).filter(|band| band.planes > 0 && band.z < self.until);
        let mut packing = Packing::new(plan, &stock, resumed)?;
        let (mut current, mut spare) = (Buffer::default(), Buffer::default());
        let mut packed: Vec<Batch> = Vec::new();
        let mut uncollected = 0;
        if let Some(band) = next {
            (self.progress)(Progress { done: plan.bytes(band.z), total });
            plan.read(planes, band, &mut current)?;
        }
        while let Some(band) = next {
            if self.stop.load(Ordering::Relaxed) {
                return Err(Trouble::stopped());
            }
            let width = plan.grids[0].shape[2];
            let is_label = *label.get_or_insert_with(|| looks_like_labels(plan.element, current.bytes(), width));
            packing.reduction = if is_label { Reduction::Mode } else { Reduction::Mean };
            next = plan.band_after(band).filter(|band| band.z < self.until);
            let before = std::mem::take(&mut packed);
            let (batches, read) = rayon::join(
                || packing.pack(band, current.bytes(), before, &mut |batches| write(&mut writers, batches, &stock)),
                || next.map_or(Ok(()), |band| plan.read(planes, band, &mut spare)),
            );
            read?;
            packed = batches?;
            std::mem::swap(&mut current, &mut spare);
            uncollected += (band.planes * band.rows * width * plan.element.bytes()) as u64;
            // After any band: a slab of many bands may hold more voxels than the counts of one thread.
            if uncollected >= COLLECT_AFTER_BYTES {
                packing.gatherer.collect();
                uncollected = 0;
            }
            let slab_ends = band.top + band.rows == plan.grids[0].shape[1];
            while packing.is_full() {
                let before = std::mem::take(&mut packed);
                let (batches, written) = rayon::join(|| packing.pack_full(), || write(&mut writers, before, &stock));
                written?;
                packed = batches?;
            }
            if slab_ends {
                let done = band.z + band.planes;
                if done % plan.grids[0].shard_shape()[0] == 0 && done < plan.grids[0].shape[0] {
                    write(&mut writers, std::mem::take(&mut packed), &stock)?;
                    packing.gatherer.collect();
                    writers.iter().try_for_each(LevelWriter::settle)?;
                    desk.settle()?;
                    self.journal.write(flusher, &packing.kept(done, is_label, &writers))?;
                }
                (self.progress)(Progress { done: plan.bytes(done), total });
            }
        }
        write(&mut writers, packed, &stock)?;
        // The writers end here: the pens go on until the last of them is gone.
        let written = writers.into_iter().map(|writer| Written { bytes: writer.bytes, files: writer.files }).collect();
        Ok((written, packing.gatherer, label.unwrap_or(false)))
    }

    fn writers(&self, desk: &Desk, resumed: Option<&Kept>) -> Result<Vec<LevelWriter>, Trouble> {
        let plan = self.plan;
        let writer = |(number, grid): (usize, &_)| {
            let folder = self.part.join(number.to_string());
            let mut writer = LevelWriter::new(number, folder, *grid, desk.clone());
            match resumed.and_then(|kept| kept.levels.get(number)) {
                Some(level) => writer.restore(&level.writer).map(|()| writer),
                None => Ok(writer),
            }
        };
        plan.grids.iter().enumerate().map(writer).collect()
    }

    fn documents(&self, written: &[Written], statistics: Statistics, label: bool, resumed_planes: usize) -> Result<Converted, Trouble> {
        let plan = self.plan;
        let (mut bytes_out, mut files) = (0, 0);
        for (number, level) in written.iter().enumerate() {
            let folder = self.part.join(number.to_string());
            std::fs::create_dir_all(&folder).map_err(|error| Trouble::io("making the folder", &folder, &error))?;
            let document = metadata::array(&plan.grids[number], plan.element, plan.codec);
            bytes_out += level.bytes + write_document(&folder.join("zarr.json"), &document)?;
            files += level.files + 1;
        }
        let group = metadata::group(&metadata::Group {
            name: &plan.name,
            levels: &plan.levels,
            element: plan.element,
            voxel_size_um: plan.voxel_size_um,
            reduction: if label { Reduction::Mode } else { Reduction::Mean },
            statistics: &statistics,
            origin: plan.origin,
            source: &plan.source,
        });
        bytes_out += write_document(&self.part.join("zarr.json"), &group)?;
        Ok(Converted {
            shape: plan.levels[0].shape,
            element: plan.element,
            levels: plan.levels.len(),
            voxel_size_um: plan.voxel_size_um,
            label,
            statistics,
            bytes_in: plan.bytes_in,
            bytes_out,
            peak_memory_bytes_planned: plan.peak_memory_bytes,
            files: files + 1,
            warnings: Vec::new(),
            resumed_planes,
        })
    }
}

/// What a level's writer leaves.
struct Written {
    bytes: u64,
    files: u64,
}

fn write(writers: &mut [LevelWriter], batches: Vec<Batch>, stock: &Stock) -> Result<(), Trouble> {
    for batch in batches {
        writers[batch.level].write(&batch)?;
        batch.pieces.into_iter().for_each(|(_, packed)| stock.give_back(packed.buffer));
    }
    Ok(())
}

impl Plan {
    /// Bytes of so many planes of level 0.
    fn bytes(&self, planes: usize) -> u64 {
        let [_, height, width] = self.grids[0].shape;
        (planes * height * width * self.element.bytes()) as u64
    }

    /// Judges by one plane, so that the answer does not depend on how wide the bands are; it is read in bands all the same.
    fn middle_looks_like_labels(&self, planes: &dyn Planes) -> Result<bool, Trouble> {
        if !matches!(self.element, ElementType::U32 | ElementType::I32 | ElementType::U64 | ElementType::I64) {
            return Ok(false);
        }
        let [depth, height, width] = self.grids[0].shape;
        let row = width * self.element.bytes();
        // The last plane of a slab: whatever is packed together with it ends there, and nothing of it is kept.
        let together = self.grids[0].chunk[0];
        let middle = ((depth / 2 / together + 1) * together).min(depth) - 1;
        let (mut runs, mut rows) = (Runs::default(), Buffer::default());
        for top in (0..height).step_by(self.band_rows) {
            let part = top * row..(top + self.band_rows).min(height) * row;
            rows.resize(part.len());
            match part.len() == height * row {
                true => planes.read(middle, rows.bytes_mut())?,
                false => planes.read_parts(middle, part, rows.bytes_mut())?,
            }
            runs.add(self.element, rows.bytes(), width);
        }
        Ok(runs.look_like_labels())
    }

    fn band_at(&self, z: usize, top: usize) -> Band {
        let grid = &self.grids[0];
        Band { z, planes: grid.chunk[0].min(grid.shape[0] - z), top, rows: self.band_rows.min(grid.shape[1] - top) }
    }

    fn band_after(&self, band: Band) -> Option<Band> {
        let [depth, height, _] = self.grids[0].shape;
        if band.top + band.rows < height {
            return Some(self.band_at(band.z, band.top + band.rows));
        }
        (band.z + band.planes < depth).then(|| self.band_at(band.z + band.planes, 0))
    }

    fn read(&self, planes: &dyn Planes, band: Band, out: &mut Buffer) -> Result<(), Trouble> {
        let [_, height, width] = self.grids[0].shape;
        let row = width * self.element.bytes();
        let bytes = band.planes * band.rows * row;
        if out.bytes().len() != bytes {
            out.resize(bytes);
        }
        if band.rows == height {
            return planes.read(band.z, out.bytes_mut());
        }
        planes.read_parts(band.z, band.top * row..(band.top + band.rows) * row, out.bytes_mut())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::phantom::{Phantom, Probe};
    use crate::{Asked, ConvertOptions, convert, format};

    /// Shards and documents below a folder.
    fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![folder.to_path_buf()];
        while let Some(inner) = folders.pop() {
            for path in std::fs::read_dir(inner).unwrap().map(|entry| entry.unwrap().path()) {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                match path.is_dir() {
                    true => folders.push(path),
                    false if name.starts_with("journal") => {}
                    false => _ = found.insert(name, std::fs::read(path).unwrap()),
                }
            }
        }
        found
    }

    #[test]
    fn what_comes_out_does_not_depend_on_how_much_is_packed_together() {
        let scratch = tempfile::tempdir().unwrap();
        let (slices, whole) = (scratch.path().join("slices"), scratch.path().join("whole.ome.zarr"));
        Phantom::OpenCellFoam.write_tiff_stack(&slices, [150, 200, 90], 1, Probe::XRay).unwrap();
        let options = ConvertOptions { chunk: 16, shard: 32, levels: Some(4), ..ConvertOptions::default() };
        convert(&slices, &whole, &options, &|_| (), &AtomicBool::new(false)).unwrap();
        let opened = format::open(&slices, &Asked::default()).unwrap();
        let mut plan = Plan::new(&opened, &options, 2).unwrap();
        plan.band_rows = 64;
        for level in 1..plan.grids.len() - 1 {
            let family = plan.grids[level + 1].chunk[1] * plan.levels[level + 1].step[1];
            assert!(family < plan.grids[level].shape[1] || level > 2);
            plan.piece_rows[level] = family.min(plan.grids[level].shape[1]);
        }
        plan.piece_rows[0] = 32;
        let part = scratch.path().join("part");
        std::fs::create_dir(&part).unwrap();
        let name_of = |_: usize| vec!["foam".to_string()];
        let journal = Journal::of(&part, &plan, &options, &name_of);
        let pass = Pass { plan: &plan, until: 150, part: &part, journal: &journal, progress: &|_| (), stop: &AtomicBool::new(false) };
        pass.run(&opened, None).unwrap();
        let (expected, made) = (tree(&whole), tree(&part));
        assert!(expected.len() > 100, "{}", expected.len());
        let wrong: Vec<&String> = expected.keys().chain(made.keys()).filter(|name| expected.get(*name) != made.get(*name)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
