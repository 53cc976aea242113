//! What is packed when: bands of level 0 as they come, and slabs of the coarser levels as they fill, large ones piece by piece.

use std::ops::Range;

use rayon::prelude::*;

use super::family::{Piece, Slab, Source, Stock};
use super::journal::{Kept, KeptLevel};
use super::plan::Plan;
use crate::element::Buffer;
use crate::pyramid::Reduction;
use crate::statistics::Gatherer;
use crate::zarr::shard::Grid;
use crate::zarr::write::{Batch, LevelWriter, Packed};
use crate::{ONE_AT_A_TIME, Trouble};

/// One band: some rows of some planes of level 0.
#[derive(Clone, Copy)]
pub(super) struct Band {
    pub(super) z: usize,
    pub(super) planes: usize,
    pub(super) top: usize,
    pub(super) rows: usize,
}

/// Chunks of one coarser level that wait until all their planes have come.
struct Waiting {
    chunks: Vec<Buffer>,
    planes: usize,
    written_planes: usize,
}

/// A slab of a coarser level that is full and too large to be packed at once.
struct Full {
    level: usize,
    /// Which row of chunks along z, and how many planes of it hold voxels.
    row: usize,
    planes: usize,
    /// Rows that are packed already.
    top: usize,
}

/// What has been packed and how far each level is.
pub(super) struct Packing<'a> {
    plan: &'a Plan,
    pub(super) reduction: Reduction,
    waiting: Vec<Waiting>,
    full: Option<Full>,
    pub(super) gatherer: Gatherer,
    stock: &'a Stock,
}

impl<'a> Packing<'a> {
    pub(super) fn new(plan: &'a Plan, stock: &'a Stock, resumed: Option<Kept>) -> Result<Self, Trouble> {
        let fresh = |grid: &Grid| {
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
        Ok(Self { plan, reduction: Reduction::Mean, waiting, full: None, gatherer, stock })
    }

    /// Whether a slab waits to be packed further.
    pub(super) fn is_full(&self) -> bool {
        self.full.is_some()
    }

    /// Packs a band, some rows after the others, and every coarser level that its voxels complete. What is packed is handed to
    /// `write` while the next rows are packed: it is in the processor's cache still. The last of it is returned.
    pub(super) fn pack(
        &mut self,
        band: Band,
        data: &[u8],
        before: Vec<Batch>,
        write: &mut (dyn FnMut(Vec<Batch>) -> Result<(), Trouble> + Send),
    ) -> Result<Vec<Batch>, Trouble> {
        let (end, height) = (band.top + band.rows, self.plan.grids[0].shape[1]);
        let source = Source::Rows { data, top: band.top, rows: band.rows };
        let mut packed = before;
        for top in (band.top..end).step_by(self.plan.piece_rows[0]) {
            let rows = top..(top + self.plan.piece_rows[0]).min(end);
            let ends = rows.end == height;
            let before = std::mem::take(&mut packed);
            let (pieces, written) = rayon::join(|| self.slab(0, source, band.planes, rows, true), || write(before));
            written?;
            packed.push(Batch::new(0, band.z / self.plan.grids[0].chunk[0], ends, pieces?));
        }
        if end == height {
            self.rise(1, band.planes, &mut packed)?;
        }
        Ok(packed)
    }

    /// Tells a level that a slab of the level before is complete, and packs what that completes.
    fn rise(&mut self, first: usize, planes: usize, batches: &mut Vec<Batch>) -> Result<(), Trouble> {
        let plan = self.plan;
        let mut planes = planes;
        for level in first..plan.levels.len() {
            let (shape, chunk) = (plan.grids[level].shape, plan.grids[level].chunk);
            let waiting = &mut self.waiting[level - 1];
            waiting.planes += planes.div_ceil(plan.levels[level].step[0]);
            if waiting.planes < chunk[0] && waiting.written_planes + waiting.planes < shape[0] {
                break;
            }
            planes = std::mem::take(&mut waiting.planes);
            let row = waiting.written_planes / chunk[0];
            waiting.written_planes += planes;
            if planes < chunk[0] {
                // Below the last planes lie those of an earlier slab.
                let filled = planes * chunk[1] * chunk[2] * plan.element.bytes();
                waiting.chunks.iter_mut().for_each(|chunk| chunk.bytes_mut()[filled..].fill(0));
            }
            self.full = Some(Full { level, row, planes, top: 0 });
            if plan.piece_rows[level] < shape[1] {
                break;
            }
            batches.extend(self.pack_rows_of_full()?);
        }
        Ok(())
    }

    /// Packs the next rows of the slab that is full, and with its last ones whatever that completes.
    pub(super) fn pack_full(&mut self) -> Result<Vec<Batch>, Trouble> {
        let Some(&Full { level, planes, .. }) = self.full.as_ref() else { return Ok(Vec::new()) };
        let mut batches = Vec::from_iter(self.pack_rows_of_full()?);
        if self.full.is_none() {
            self.rise(level + 1, planes, &mut batches)?;
        }
        Ok(batches)
    }

    fn pack_rows_of_full(&mut self) -> Result<Option<Batch>, Trouble> {
        let Some(Full { level, row, planes, top }) = self.full.take() else { return Ok(None) };
        let height = self.plan.grids[level].shape[1];
        let rows = top..(top + self.plan.piece_rows[level]).min(height);
        let chunks = std::mem::take(&mut self.waiting[level - 1].chunks);
        let pieces = self.slab(level, Source::Chunks(&chunks), planes, rows.clone(), false)?;
        self.waiting[level - 1].chunks = chunks;
        let ends = rows.end == height;
        self.full = (!ends).then_some(Full { level, row, planes, top: rows.end });
        Ok(Some(Batch::new(level, row, ends, pieces)))
    }

    /// Packs the chunks of some rows of one slab and halves them into the next level's.
    fn slab(
        &mut self,
        level: usize,
        source: Source<'_>,
        planes: usize,
        rows: Range<usize>,
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
                let work = parents.0[range].par_iter_mut().enumerate().with_max_len(ONE_AT_A_TIME);
                work.map(|(index, parent)| slab.family(place(families.start + index), Some(parent))).collect::<Result<_, _>>()?
            }
            None => families
                .into_par_iter()
                .with_max_len(ONE_AT_A_TIME)
                .map(|family| slab.family(place(family), None))
                .collect::<Result<_, _>>()?,
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
    pub(super) fn kept(&self, planes: usize, label: bool, writers: &[LevelWriter]) -> Kept {
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
