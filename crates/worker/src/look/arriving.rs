//! One file of which only the beginning is here: a stand-in of its full length gets the header and those planes that are
//! wanted and complete, and the reader of its format reads them from there. Where planes lie apart from each other this
//! works for every format whose header comes first. The pages of a TIFF may be told anywhere: its reader takes as many as have
//! come. A file whose only directory comes last tells nothing before it is whole.

use super::{opened, subject::Voxels};
use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};
use volume::{Arriving, Asked, PlaneReader};

/// A header is in the first bytes, or it is not looked at before the file is whole.
const HEAD_BYTES: u64 = 1 << 20;

pub(crate) struct Reader {
    staged: File,
    here: u64,
    target: PathBuf,
    form: Form,
    asked: Asked,
    reader: PlaneReader,
}

/// What lies at the place of the file.
enum Form {
    /// A sparse file of the full length: it takes no room but for what is copied into it.
    StandIn(File),
    /// The bytes that are here; the reader of this format knows how to do with them.
    Link,
}

impl Reader {
    /// `staged` holds the first `here` of `length` bytes; at `target`, under the file's own name, is made what can be opened.
    pub(crate) fn open(staged: &Path, here: u64, length: u64, target: &Path, asked: &Asked) -> Option<Self> {
        std::fs::create_dir_all(target.parent()?).ok()?;
        Self::stand_in(staged, here, length, target, asked).or_else(|| {
            std::fs::remove_file(target).ok()?;
            Self::link(staged, here, length, target, asked)
        })
    }

    fn stand_in(staged: &Path, here: u64, length: u64, target: &Path, asked: &Asked) -> Option<Self> {
        let staged = File::open(staged).ok()?;
        let stand_in = File::options().create_new(true).read(true).write(true).open(target).ok()?;
        stand_in.set_len(length).ok()?;
        copy(&staged, &stand_in, 0, here.min(HEAD_BYTES))?;
        let reader = opened(target, asked)?;
        let reader = Self { staged, here, target: target.to_owned(), form: Form::StandIn(stand_in), asked: asked.clone(), reader };
        reader.end_of(0).map(|_| reader)
    }

    fn link(staged: &Path, here: u64, length: u64, target: &Path, asked: &Asked) -> Option<Self> {
        // A link is followed from where it lies.
        std::os::unix::fs::symlink(staged.canonicalize().ok()?, target).ok()?;
        let asked = Asked { arriving: Some(Arriving { here, length }), ..asked.clone() };
        let reader = opened(target, &asked)?;
        let reader = Self { staged: File::open(staged).ok()?, here, target: target.to_owned(), form: Form::Link, asked, reader };
        reader.end_of(0).map(|_| reader)
    }

    /// As what whoever opens it again has to be asked.
    pub(crate) fn asked(&self) -> &Asked {
        &self.asked
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
        (0..self.planes()).take_while(|plane| self.end_of(*plane).is_some_and(|end| end <= self.here)).count()
    }

    /// Lays out planes for whoever opens the file again.
    pub(crate) fn bring(&self, planes: std::ops::Range<usize>) -> Option<()> {
        let mut last = 0..0;
        for plane in planes {
            let (_, range) = self.reader.place(plane)?;
            // Planes that are packed together lie in the same place.
            if range.start < last.start || last.end < range.end {
                self.lay_out(range.clone())?;
                last = range;
            }
        }
        Some(())
    }

    fn lay_out(&self, range: std::ops::Range<u64>) -> Option<()> {
        match &self.form {
            Form::StandIn(stand_in) => copy(&self.staged, stand_in, range.start, range.end),
            Form::Link => Some(()),
        }
    }

    pub(super) fn read(&self, plane: usize) -> Option<Voxels> {
        let (_, range) = self.reader.place(plane)?;
        if range.end > self.here {
            return None;
        }
        self.lay_out(range)?;
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
