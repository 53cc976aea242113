//! The pass itself: while one band is packed, the one before it is written and the one after it is read.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::family::{Piece, Slab, Source, Stock};
use super::journal::{Journal, Kept, KeptLevel};
use super::plan::Plan;
use super::{Converted, Progress};
use crate::element::{Buffer, Plain, typed};
use crate::format::{Opened, Planes};
use crate::pyramid::Reduction;
use crate::statistics::{Gatherer, Statistics};
use crate::zarr::metadata;
use crate::zarr::write::{Batch, Flusher, LevelWriter, Packed, write_document};
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

/// One band: some rows of some planes of level 0.
#[derive(Clone, Copy)]
struct Band {
    z: usize,
    planes: usize,
    top: usize,
    rows: usize,
}

/// Chunks of one coarser level that wait until all their planes have come.
struct Waiting {
    chunks: Vec<Buffer>,
    planes: usize,
    written_planes: usize,
}

/// What has been packed and how far each level is.
struct Packing<'a> {
    plan: &'a Plan,
    reduction: Reduction,
    waiting: Vec<Waiting>,
    gatherer: Gatherer,
    stock: &'a Stock,
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
        let outcome = self.bands(planes, &flusher, resumed);
        // The flusher is awaited in either case: nobody may still write when the folder is removed.
        let flushed = flusher.finish();
        let told = outcome?;
        flushed.map(|()| told)
    }

    fn bands(&self, planes: &dyn Planes, flusher: &Flusher, resumed: Option<Kept>) -> Result<(Vec<Written>, Gatherer, bool), Trouble> {
        let plan = self.plan;
        let (stock, total) = (Stock::default(), plan.bytes(self.until));
        let mut writers = self.writers(flusher, resumed.as_ref())?;
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
            let (batches, (written, read)) = rayon::join(
                || packing.pack(band, current.bytes()),
                || rayon::join(|| write(&mut writers, before, &stock), || next.map_or(Ok(()), |band| plan.read(planes, band, &mut spare))),
            );
            (written?, read?);
            packed = batches?;
            std::mem::swap(&mut current, &mut spare);
            uncollected += (band.planes * band.rows * width * plan.element.bytes()) as u64;
            // After any band: a slab of many bands may hold more voxels than the counts of one thread.
            if uncollected >= COLLECT_AFTER_BYTES {
                packing.gatherer.collect();
                uncollected = 0;
            }
            let slab_ends = band.top + band.rows == plan.grids[0].shape[1];
            if slab_ends {
                let done = band.z + band.planes;
                if done % plan.grids[0].shard_shape()[0] == 0 && done < plan.grids[0].shape[0] {
                    write(&mut writers, std::mem::take(&mut packed), &stock)?;
                    packing.gatherer.collect();
                    self.journal.write(flusher, &packing.kept(done, is_label, &writers))?;
                }
                (self.progress)(Progress { done: plan.bytes(done), total });
            }
        }
        write(&mut writers, packed, &stock)?;
        // The writers end here: the flusher goes on until the last of them is gone.
        let written = writers.into_iter().map(|writer| Written { bytes: writer.bytes, files: writer.files }).collect();
        Ok((written, packing.gatherer, label.unwrap_or(false)))
    }

    fn writers(&self, flusher: &Flusher, resumed: Option<&Kept>) -> Result<Vec<LevelWriter>, Trouble> {
        let plan = self.plan;
        let writer = |(number, grid): (usize, &_)| {
            let folder = self.part.join(number.to_string());
            let mut writer = LevelWriter::new(folder, *grid, flusher);
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

    /// Judges by one plane, so that the answer does not depend on how wide the bands are.
    fn middle_looks_like_labels(&self, planes: &dyn Planes) -> Result<bool, Trouble> {
        if !matches!(self.element, ElementType::U32 | ElementType::I32 | ElementType::U64 | ElementType::I64) {
            return Ok(false);
        }
        let [depth, _, width] = self.grids[0].shape;
        let mut plane = Buffer::zeroed(self.bytes(1) as usize);
        planes.read(depth / 2, plane.bytes_mut())?;
        Ok(looks_like_labels(self.element, plane.bytes(), width))
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

impl<'a> Packing<'a> {
    fn new(plan: &'a Plan, stock: &'a Stock, resumed: Option<Kept>) -> Result<Self, Trouble> {
        let fresh = |grid: &crate::zarr::shard::Grid| {
            let bytes = grid.chunk.iter().product::<usize>() * plan.element.bytes();
            let count = grid.shape[1].div_ceil(grid.chunk[1]) * grid.shape[2].div_ceil(grid.chunk[2]);
            Waiting { chunks: (0..count).map(|_| Buffer::zeroed(bytes)).collect(), planes: 0, written_planes: 0 }
        };
        let mut waiting: Vec<Waiting> = plan.grids[1..].iter().map(fresh).collect();
        let mut gatherer = Gatherer::new(plan.element);
        if let Some(kept) = resumed {
            for (waiting, level) in waiting.iter_mut().zip(&kept.levels[1..]) {
                (waiting.planes, waiting.written_planes) = (level.waiting_planes, level.written_planes);
                for (chunk, bytes) in waiting.chunks.iter_mut().zip(&level.chunks) {
                    chunk.bytes_mut().copy_from_slice(bytes);
                }
            }
            gatherer = Gatherer::restored(plan.element, kept.counts, kept.not_finite, kept.sums)
                .ok_or_else(|| Trouble::new("what an earlier run left does not fit", "Remove the folder that ends in .part"))?;
        }
        Ok(Self { plan, reduction: Reduction::Mean, waiting, gatherer, stock })
    }

    /// Packs a band, and every coarser level that its voxels complete.
    fn pack(&mut self, band: Band, data: &[u8]) -> Result<Vec<Batch>, Trouble> {
        let height = self.plan.grids[0].shape[1];
        let ends = band.top + band.rows == height;
        let source = Source::Rows { data, top: band.top, rows: band.rows };
        let pieces = self.slab(0, source, band.planes, band.top..band.top + band.rows, true)?;
        let mut batches = vec![Batch::new(0, band.z / self.plan.grids[0].chunk[0], ends, pieces)];
        let mut planes = band.planes;
        for level in 1..self.plan.levels.len() {
            if !ends {
                break;
            }
            let (shape, chunk) = (self.plan.grids[level].shape, self.plan.grids[level].chunk);
            let waiting = &mut self.waiting[level - 1];
            waiting.planes += planes.div_ceil(self.plan.levels[level].step[0]);
            if waiting.planes < chunk[0] && waiting.written_planes + waiting.planes < shape[0] {
                break;
            }
            planes = std::mem::take(&mut waiting.planes);
            let row = waiting.written_planes / chunk[0];
            waiting.written_planes += planes;
            let mut chunks = std::mem::take(&mut waiting.chunks);
            if planes < chunk[0] {
                // Below the last planes lie those of an earlier slab.
                let filled = planes * chunk[1] * chunk[2] * self.plan.element.bytes();
                chunks.iter_mut().for_each(|chunk| chunk.bytes_mut()[filled..].fill(0));
            }
            let pieces = self.slab(level, Source::Chunks(&chunks), planes, 0..shape[1], false)?;
            self.waiting[level - 1].chunks = chunks;
            batches.push(Batch::new(level, row, true, pieces));
        }
        Ok(batches)
    }

    /// Packs the chunks of some rows of one slab and halves them into the next level's.
    fn slab(
        &mut self,
        level: usize,
        source: Source<'_>,
        planes: usize,
        rows: std::ops::Range<usize>,
        counted: bool,
    ) -> Result<Vec<([usize; 2], Packed)>, Trouble> {
        let plan = self.plan;
        let (grid, next) = (&plan.grids[level], plan.grids.get(level + 1));
        let mut parents = match self.waiting.get_mut(level) {
            Some(waiting) => (std::mem::take(&mut waiting.chunks), waiting.planes),
            None => (Vec::new(), 0),
        };
        let slab = Slab {
            grid,
            element: plan.element,
            codec: plan.codec,
            reduction: self.reduction,
            planes,
            source,
            parents: next.map(|next| (next, plan.levels[level + 1].step, parents.1)),
            gatherer: counted.then_some(&self.gatherer),
            stock: self.stock,
        };
        let reach = next.map_or(grid.chunk[1], |next| next.chunk[1] * plan.levels[level + 1].step[1]);
        let across = next.map_or(grid.shape[2].div_ceil(grid.chunk[2]), |next| next.shape[2].div_ceil(next.chunk[2]));
        let families = rows.start / reach * across..rows.end.div_ceil(reach) * across;
        let place = |family: usize| [family / across, family % across];
        let pieces: Vec<Vec<Piece>> = match next {
            Some(_) => {
                let count = parents.0.len();
                let range = families.start..families.end.min(count);
                let work = parents.0[range].par_iter_mut().enumerate();
                work.map(|(index, parent)| slab.family(place(families.start + index), Some(parent))).collect::<Result<_, _>>()?
            }
            None => families.into_par_iter().map(|family| slab.family(place(family), None)).collect::<Result<_, _>>()?,
        };
        if let Some(waiting) = self.waiting.get_mut(level) {
            waiting.chunks = parents.0;
        }
        let mut pieces: Vec<Piece> = pieces.into_iter().flatten().collect();
        pieces.sort_by_key(|piece| piece.place);
        pieces.iter().for_each(|piece| self.gatherer.add_sums(piece.sums));
        Ok(pieces.into_iter().filter_map(|piece| Some((piece.place, piece.packed?))).collect())
    }

    /// Everything that another run would need to go on from here.
    fn kept(&self, planes: usize, label: bool, writers: &[LevelWriter]) -> Kept {
        let (counts, not_finite, sums) = self.gatherer.state();
        let level = |(number, writer): (usize, &LevelWriter)| {
            let waiting = number.checked_sub(1).map(|number| &self.waiting[number]);
            KeptLevel {
                grid: self.plan.grids[number],
                step: self.plan.levels[number].step,
                writer: writer.state(),
                written_planes: waiting.map_or(planes, |waiting| waiting.written_planes),
                waiting_planes: waiting.map_or(0, |waiting| waiting.planes),
                chunks: match waiting {
                    Some(waiting) if waiting.planes > 0 => waiting.chunks.iter().map(|chunk| chunk.bytes().to_vec()).collect(),
                    _ => Vec::new(),
                },
            }
        };
        Kept { planes, label, counts: counts.to_vec(), not_finite, sums, levels: writers.iter().enumerate().map(level).collect() }
    }
}

/// Long integers whose neighbours are mostly equal and never negative are labels; nobody measures in them.
fn looks_like_labels(element: ElementType, band: &[u8], width: usize) -> bool {
    fn runs<T: Plain>(voxels: &[T], width: usize) -> bool {
        let (mut pairs, mut equal) = (0u64, 0u64);
        for row in voxels.chunks(width) {
            pairs += row.len() as u64 - 1;
            equal += row.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64;
        }
        pairs > 0 && voxels.iter().all(|&value| value >= T::default()) && equal * 4 >= pairs * 3
    }
    match element {
        ElementType::U32 => runs::<u32>(typed(band), width),
        ElementType::I32 => runs::<i32>(typed(band), width),
        ElementType::U64 => runs::<u64>(typed(band), width),
        ElementType::I64 => runs::<i64>(typed(band), width),
        _ => false,
    }
}
