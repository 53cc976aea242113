//! Voxels that lie in one file as they are, plane after plane, or the same behind gzip.

use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

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

/// Planes that come out of a decompressor one after the other.
pub(crate) struct Gzip {
    path: PathBuf,
    plane_bytes: usize,
    element: ElementType,
    big_endian: bool,
    state: Mutex<GzipState>,
}

struct GzipState {
    reader: Box<dyn Read + Send>,
    next: usize,
}

impl Gzip {
    /// `offset` is where the compressed data begin in the file, `skip` how many bytes to leave out after expanding.
    pub(crate) fn open(
        path: &Path,
        offset: u64,
        skip: u64,
        plane_bytes: usize,
        element: ElementType,
        big_endian: bool,
    ) -> Result<Self, Trouble> {
        use std::io::{Seek, SeekFrom};
        let trouble = |error: std::io::Error| Trouble::io("expanding", path, &error);
        let mut file = File::open(path).map_err(trouble)?;
        file.seek(SeekFrom::Start(offset)).map_err(trouble)?;
        let mut reader: Box<dyn Read + Send> = Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(1 << 18, file)));
        let skipped = std::io::copy(&mut (&mut reader).take(skip), &mut std::io::sink()).map_err(trouble)?;
        if skipped < skip {
            return Err(Trouble::new("the compressed data end inside the header", "Upload it again").in_file(path));
        }
        Ok(Self { path: path.into(), plane_bytes, element, big_endian, state: Mutex::new(GzipState { reader, next: 0 }) })
    }
}

impl Planes for Gzip {
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        let trouble = |error: std::io::Error| Trouble::io("expanding", &self.path, &error);
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if first < state.next {
            return Err(Trouble::new("compressed planes were asked for twice", "Report this").in_file(&self.path));
        }
        let skip = (first - state.next) as u64 * self.plane_bytes as u64;
        std::io::copy(&mut (&mut state.reader).take(skip), &mut std::io::sink()).map_err(trouble)?;
        state.reader.read_exact(out).map_err(trouble)?;
        state.next = first + out.len() / self.plane_bytes;
        if self.big_endian {
            swap_bytes(out, self.element.bytes());
        }
        Ok(())
    }
}
