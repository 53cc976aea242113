//! Voxels that lie in one file as they are, plane after plane.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::Planes;
use crate::element::swap_bytes;
use crate::{ElementType, Trouble};

pub(crate) fn read_at(file: &File, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
    file.read_exact_at(out, offset)
}

/// Planes at a fixed distance in one file.
pub(crate) struct Contiguous {
    pub(crate) path: PathBuf,
    pub(crate) file: File,
    pub(crate) offset: u64,
    pub(crate) plane_bytes: usize,
    pub(crate) element: ElementType,
    pub(crate) big_endian: bool,
}

impl Planes for Contiguous {
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        self.read_parts(first, 0..self.plane_bytes, out)
    }

    fn gives_parts(&self) -> bool {
        true
    }

    fn place(&self, plane: usize) -> Option<(&Path, Range<u64>)> {
        let start = (plane as u64).checked_mul(self.plane_bytes as u64)?.checked_add(self.offset)?;
        Some((&self.path, start..start.checked_add(self.plane_bytes as u64)?))
    }

    fn read_parts(&self, first: usize, part: Range<usize>, out: &mut [u8]) -> Result<(), Trouble> {
        out.par_chunks_mut(part.len()).enumerate().try_for_each(|(index, out)| {
            let offset = self.offset + ((first + index) as u64) * self.plane_bytes as u64 + part.start as u64;
            read_at(&self.file, offset, out).map_err(|error| Trouble::io("reading", &self.path, &error))?;
            if self.big_endian {
                swap_bytes(out, self.element.bytes());
            }
            Ok(())
        })
    }
}

/// Checks that a file is long enough for the voxels its header claims.
pub(crate) fn check_length(path: &Path, length: u64, offset: u64, voxels: Option<u64>) -> Result<(), Trouble> {
    let needed = voxels.and_then(|bytes| bytes.checked_add(offset));
    if needed.is_some_and(|needed| needed <= length) {
        return Ok(());
    }
    let claimed = needed.map_or("more than any file can hold".to_string(), |bytes| format!("{bytes} bytes"));
    Err(Trouble::new(format!("the header promises {claimed}, the file has {length}"), "The file was cut off; upload it again")
        .in_file(path))
}
