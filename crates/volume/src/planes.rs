//! Voxels plane by plane straight from any format that is read, for those who need no volume in between.

use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::element::{Buffer, typed, with_element};
use crate::format::{self, Opened};
use crate::statistics::Gatherer;
use crate::{Asked, Header, Statistics, Trouble};

/// Planes that are looked at together while statistics are gathered, in bytes.
const STATISTICS_SLAB_BYTES: usize = 32 << 20;

/// An opened file or folder of slices.
pub struct PlaneReader {
    path: PathBuf,
    opened: Opened,
}

impl PlaneReader {
    pub fn open(path: &Path, asked: &Asked) -> Result<Self, Trouble> {
        Ok(Self { path: path.into(), opened: format::open(path, asked)? })
    }

    pub fn header(&self) -> &Header {
        &self.opened.header
    }

    /// Fills `out` with whole planes of little-endian voxels, beginning with plane `first` (z). To be called in rising order,
    /// each plane once.
    pub fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        self.opened.planes.read(first, out).map_err(|trouble| trouble.in_file(&self.path))
    }

    /// Which bytes of which file plane `plane` comes from, where it lies by itself: of a file that is still arriving, those
    /// planes can be read whose bytes are there.
    pub fn place(&self, plane: usize) -> Option<(&Path, Range<u64>)> {
        self.opened.planes.place(plane)
    }

    /// Reads all voxels once for the numbers about them; open it again to read the voxels themselves.
    pub fn into_statistics(self) -> Result<Statistics, Trouble> {
        let (shape, element) = (self.header().shape, self.header().element);
        let plane = shape[1] * shape[2] * element.bytes();
        let together = (STATISTICS_SLAB_BYTES / plane.max(1)).clamp(1, shape[0]);
        let mut gatherer = Gatherer::new(element);
        let mut buffer = Buffer::zeroed(together * plane);
        for first in (0..shape[0]).step_by(together) {
            let bytes = together.min(shape[0] - first) * plane;
            self.read(first, &mut buffer.bytes_mut()[..bytes])?;
            let voxels = &buffer.bytes()[..bytes];
            let each: Vec<_> = voxels
                .par_chunks(plane)
                .map(|plane| {
                    let mut tally = gatherer.lend();
                    let sums = with_element!(element, T => tally.add::<T>(typed(plane)));
                    gatherer.give_back(tally);
                    sums
                })
                .collect();
            // In order of z, so that the sums do not depend on threads.
            each.into_iter().for_each(|sums| gatherer.add_sums(sums));
            gatherer.collect();
        }
        Ok(gatherer.finish())
    }
}
