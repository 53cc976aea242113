//! A family: one chunk of a coarser level and the finer chunks that are halved into it. It is the unit of work: one
//! thread cuts the children out, counts their voxels, halves them into the parent and packs them, while they are in its cache.

use std::cell::RefCell;
use std::sync::Mutex;

use crate::element::{Buffer, typed, with_element};
use crate::pages;
use crate::pyramid::{self, Extent, Reduction};
use crate::statistics::{Gatherer, Sums, Tally};
use crate::zarr::Codec;
use crate::zarr::codec::ChunkPacker;
use crate::zarr::shard::Grid;
use crate::zarr::write::Packed;
use crate::{ElementType, Trouble};

/// Lines of a chunk that are on their way from memory while one is copied.
const LINES_AHEAD: usize = 12;

/// Where the voxels of a slab of chunks lie.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// Whole rows as they were read, from row `top` on.
    Rows { data: &'a [u8], top: usize, rows: usize },
    /// Chunk after chunk, as families of the finer level filled them.
    Chunks(&'a [Buffer]),
}

/// One slab of chunks of one level on its way.
pub(crate) struct Slab<'a> {
    pub(crate) grid: &'a Grid,
    pub(crate) element: ElementType,
    pub(crate) codec: Codec,
    pub(crate) reduction: Reduction,
    /// Planes that hold voxels; fewer than the chunk's only at the end.
    pub(crate) planes: usize,
    pub(crate) source: Source<'a>,
    /// Grid and step of the next level, and how many planes of its chunks are full already.
    pub(crate) parents: Option<(&'a Grid, [usize; 3], usize)>,
    /// Counts the voxels; level 0 alone.
    pub(crate) gatherer: Option<&'a Gatherer>,
    pub(crate) stock: &'a Stock,
}

/// A packed chunk and its place among the chunks of its slab; no bytes where all voxels are zero.
pub(crate) struct Piece {
    pub(crate) place: [usize; 2],
    pub(crate) packed: Option<Packed>,
    pub(crate) sums: Sums,
}

/// Buffers of packed chunks that are used again, so that the system need not clear new memory for each.
#[derive(Default)]
pub(crate) struct Stock {
    buffers: Mutex<Vec<Vec<u8>>>,
}

impl Stock {
    fn take(&self) -> Vec<u8> {
        self.buffers.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop().unwrap_or_default()
    }

    pub(crate) fn give_back(&self, buffer: Vec<u8>) {
        self.buffers.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(buffer);
    }
}

/// One thread's packer and the chunk it works on.
struct Desk {
    packer: ChunkPacker,
    chunk: Buffer,
}

thread_local! {
    static DESK: RefCell<Option<Desk>> = const { RefCell::new(None) };
}

impl Slab<'_> {
    /// Chunks across.
    fn across(&self) -> usize {
        self.grid.shape[2].div_ceil(self.grid.chunk[2])
    }

    /// The children of the parent at this place along an axis.
    fn children(&self, axis: usize, place: usize) -> std::ops::Range<usize> {
        let (chunk, count) = (self.grid.chunk[axis], self.grid.shape[axis].div_ceil(self.grid.chunk[axis]));
        match self.parents {
            Some((parent, step, _)) => {
                let reach = parent.chunk[axis] * step[axis];
                (place * reach).div_ceil(chunk).min(count)..((place + 1) * reach).div_ceil(chunk).min(count)
            }
            None => place..place + 1,
        }
    }

    /// Works off one family; `parent` is its chunk of the next level.
    pub(crate) fn family(&self, place: [usize; 2], mut parent: Option<&mut Buffer>) -> Result<Vec<Piece>, Trouble> {
        let mut tally = self.gatherer.map(Gatherer::lend);
        let mut pieces = Vec::with_capacity(4);
        DESK.with_borrow_mut(|kept| {
            let desk = match kept {
                Some(desk) if desk.packer.is_for(self.codec, self.element) => desk,
                _ => {
                    let packer = ChunkPacker::new(self.codec, self.element).map_err(|error| packing(&error))?;
                    kept.insert(Desk { packer, chunk: Buffer::default() })
                }
            };
            for y in self.children(1, place[0]) {
                for x in self.children(2, place[1]) {
                    pieces.push(self.chunk([y, x], place, parent.as_deref_mut(), tally.as_mut(), desk)?);
                }
            }
            Ok(())
        })?;
        if let (Some(gatherer), Some(tally)) = (self.gatherer, tally) {
            gatherer.give_back(tally);
        }
        Ok(pieces)
    }

    fn chunk(
        &self,
        place: [usize; 2],
        family: [usize; 2],
        parent: Option<&mut Buffer>,
        tally: Option<&mut Tally>,
        desk: &mut Desk,
    ) -> Result<Piece, Trouble> {
        let [_, height, width] = self.grid.chunk;
        let extent =
            [self.planes, (self.grid.shape[1] - place[0] * height).min(height), (self.grid.shape[2] - place[1] * width).min(width)];
        let Desk { packer, chunk: cut } = desk;
        let chunk = match self.source {
            Source::Rows { data, top, rows } => {
                self.cut(data, [place[0] * height - top, place[1] * width], rows, extent, cut);
                cut.bytes()
            }
            Source::Chunks(chunks) => chunks[place[0] * self.across() + place[1]].bytes(),
        };
        let empty = all_zero(chunk);
        let sums = tally.map_or(Sums::EMPTY, |tally| self.count(chunk, extent, empty, tally));
        if let (Some(parent), Some((grid, step, full))) = (parent, self.parents) {
            let offset =
                [full, place[0] * height / step[1] - family[0] * grid.chunk[1], place[1] * width / step[2] - family[1] * grid.chunk[2]];
            let from = Extent { row: width, plane: height * width, size: extent };
            let to = Extent { row: grid.chunk[2], plane: grid.chunk[1] * grid.chunk[2], size: offset };
            pyramid::halve(self.element, self.reduction, step, (chunk, from), (parent.bytes_mut(), to));
        }
        let packed = match empty {
            true => None,
            false => {
                let mut buffer = self.stock.take();
                let length = packer.pack(chunk, &mut buffer).map_err(|error| packing(&error))?;
                Some(Packed { buffer, length })
            }
        };
        Ok(Piece { place, packed, sums })
    }

    /// Copies one chunk out of rows; what lies beyond the volume is zero.
    fn cut(&self, data: &[u8], start: [usize; 2], rows: usize, extent: [usize; 3], out: &mut Buffer) {
        let size = self.element.bytes();
        let [depth, height, width] = self.grid.chunk;
        let bytes = depth * height * width * size;
        if out.bytes().len() != bytes {
            *out = Buffer::zeroed(bytes);
        }
        let out = out.bytes_mut();
        if extent != self.grid.chunk {
            out.fill(0);
        }
        let (row, count) = (self.grid.shape[2] * size, extent[2] * size);
        let from = |z: usize, y: usize| (z * rows + start[0] + y) * row + start[1] * size;
        for (z, plane) in out.chunks_exact_mut(height * width * size).enumerate().take(extent[0]) {
            for (y, line) in plane.chunks_exact_mut(width * size).enumerate().take(extent[1]) {
                // Short lines far apart: the processor does not see by itself which ones come next.
                let (later_z, later_y) =
                    if y + LINES_AHEAD < extent[1] { (z, y + LINES_AHEAD) } else { (z + 1, y + LINES_AHEAD - extent[1]) };
                if let Some(later) = data.get(from(later_z, later_y)..).and_then(|later| later.get(..count)) {
                    pages::read_soon(later);
                }
                copy_line(&data[from(z, y)..][..count], &mut line[..count]);
            }
        }
    }

    fn count(&self, chunk: &[u8], extent: [usize; 3], empty: bool, tally: &mut Tally) -> Sums {
        let voxels = extent.iter().product::<usize>();
        with_element!(self.element, T => {
            if empty {
                return tally.add_zeros::<T>(voxels as u64);
            }
            let chunk: &[T] = typed(chunk);
            if extent == self.grid.chunk {
                return tally.add(chunk);
            }
            let [_, height, width] = self.grid.chunk;
            let mut sums = Sums::EMPTY;
            for plane in chunk.chunks_exact(height * width).take(extent[0]) {
                plane.chunks_exact(width).take(extent[1]).for_each(|row| sums.join(tally.add(&row[..extent[2]])));
            }
            sums
        })
    }
}

/// Bytes of 32 voxels of sixteen bits. Lines of this or twice this are too short to call another function for.
const SHORT: usize = 64;

#[inline(always)]
fn copy_line(from: &[u8], to: &mut [u8]) {
    if from.len() != 2 * SHORT && from.len() != SHORT {
        return to.copy_from_slice(from);
    }
    for (to, from) in to.as_chunks_mut::<SHORT>().0.iter_mut().zip(from.as_chunks::<SHORT>().0) {
        *to = *from;
    }
}

fn packing(error: &std::io::Error) -> Trouble {
    Trouble::new(format!("packing a chunk failed ({error})"), "Start it again; report it if it comes back")
}

fn all_zero(bytes: &[u8]) -> bool {
    let mut blocks = bytes.chunks_exact(256);
    blocks.all(|block| block.iter().fold(0, |any, byte| any | byte) == 0) && blocks.remainder().iter().all(|byte| *byte == 0)
}
