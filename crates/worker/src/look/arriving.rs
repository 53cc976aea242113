//! One file of which only the beginning is here: a stand-in of its full length gets the header and those planes that are
//! wanted and complete, and the reader of its format reads them from there. Where planes lie apart from each other this
//! works for every format; a file whose directory comes last tells nothing before it is whole.

use super::{opened, subject::Voxels};
use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};
use volume::{Asked, PlaneReader};

/// A header is in the first bytes, or it is not looked at before the file is whole.
const HEAD_BYTES: u64 = 1 << 20;

pub(crate) struct Reader {
    staged: File,
    here: u64,
    target: PathBuf,
    stand_in: File,
    reader: PlaneReader,
}

impl Reader {
    /// `staged` holds the first `here` of `length` bytes; `target` is where the stand-in is made, under the file's own name.
    pub(crate) fn open(staged: &Path, here: u64, length: u64, target: &Path, asked: &Asked) -> Option<Self> {
        let staged = File::open(staged).ok()?;
        std::fs::create_dir_all(target.parent()?).ok()?;
        // Sparse: it takes no room but for what is copied into it.
        let stand_in = File::options().create_new(true).read(true).write(true).open(target).ok()?;
        stand_in.set_len(length).ok()?;
        copy(&staged, &stand_in, 0, here.min(HEAD_BYTES))?;
        let reader = opened(target, asked)?;
        let reader = Self { staged, here, target: target.to_owned(), stand_in, reader };
        reader.end_of(0)?;
        Some(reader)
    }

    pub(super) fn planes(&self) -> usize {
        self.reader.header().shape[0]
    }

    pub(super) fn voxel_size_um(&self) -> Option<[f64; 3]> {
        self.reader.header().voxel_size_um
    }

    /// Where the bytes of a plane end, when they lie in this very file.
    fn end_of(&self, plane: usize) -> Option<u64> {
        let (path, bytes) = self.reader.place(plane)?;
        (path == self.target).then_some(bytes.end)
    }

    /// How many planes from the first on are here as a whole.
    pub(crate) fn complete_planes(&self) -> usize {
        let is_here = |plane: usize| self.end_of(plane).is_some_and(|end| end <= self.here);
        let (mut here, mut beyond) = (0, self.planes());
        while here < beyond {
            let middle = here + (beyond - here) / 2;
            if is_here(middle) { here = middle + 1 } else { beyond = middle }
        }
        here
    }

    /// Copies planes into the stand-in, for whoever opens that.
    pub(crate) fn bring(&self, planes: std::ops::Range<usize>) -> Option<()> {
        planes.into_iter().try_for_each(|plane| {
            let (_, range) = self.reader.place(plane)?;
            copy(&self.staged, &self.stand_in, range.start, range.end)
        })
    }

    pub(super) fn read(&self, plane: usize) -> Option<Voxels> {
        let (_, range) = self.reader.place(plane)?;
        if range.end > self.here {
            return None;
        }
        copy(&self.staged, &self.stand_in, range.start, range.end)?;
        let header = self.reader.header();
        let size = [header.shape[1], header.shape[2]];
        let mut bytes = vec![0; size[0] * size[1] * header.element.bytes()];
        self.reader.read(plane, &mut bytes).ok()?;
        Some(Voxels { size, element: header.element, bytes })
    }
}

fn copy(from: &File, to: &File, start: u64, end: u64) -> Option<()> {
    const PIECE: u64 = 1 << 20;
    let mut buffer = vec![0; PIECE.min(end.checked_sub(start)?) as usize];
    let mut at = start;
    while at < end {
        let piece = &mut buffer[..PIECE.min(end - at) as usize];
        from.read_exact_at(piece, at).ok()?;
        to.write_all_at(piece, at).ok()?;
        at += piece.len() as u64;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use volume::{ElementType, RawShape};

    #[test]
    fn planes_are_read_as_soon_as_they_are_here() {
        let scratch = tempfile::tempdir().unwrap();
        let staged = scratch.path().join("upload.part");
        let voxels: Vec<u8> = (0..8 * 4 * 6).map(|at| (at / 24) as u8).collect();
        std::fs::write(&staged, &voxels[..24 * 3 + 5]).unwrap();
        let raw = RawShape { shape: [8, 4, 6], element: ElementType::U8, big_endian: false, offset: 0 };
        let asked = Asked { raw: Some(raw), ..Asked::default() };
        let open = |name: &str| Reader::open(&staged, 24 * 3 + 5, 24 * 8, &scratch.path().join(name), &asked);
        let reader = open("bench/scan.raw").unwrap();
        assert_eq!((reader.planes(), reader.complete_planes()), (8, 3));
        assert_eq!(reader.read(2).unwrap().bytes, vec![2; 24]);
        assert!(reader.read(3).is_none(), "of it only a part is here");
        assert!(Reader::open(&staged, 77, 24 * 8, &scratch.path().join("other/scan.tif"), &Asked::default()).is_none());
    }
}
