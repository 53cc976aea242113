//! Lends the door somebody who can see voxels: it asks for pictures of slices and boxes of voxels and gets bytes.

use picture::Format;
use record::{kind::Kind, picture::PictureChoice};
use std::path::{Path, PathBuf};
use volume::Axis;
use volume::cut::CutFormat;
use web::data::darkroom::{CutFile, CutWish, Darkroom, NoPicture, PictureFormat, SliceAxis, SliceWish};
use worker::darkroom::CutKind;

pub(crate) struct Voxels {
    /// Where cut volumes grow before they are handed over.
    scratch: PathBuf,
}

impl Voxels {
    /// What a server that was killed left there goes.
    pub(crate) fn with_scratch(scratch: PathBuf) -> std::io::Result<Self> {
        match std::fs::remove_dir_all(&scratch) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => std::fs::create_dir_all(&scratch)?,
        }
        Ok(Self { scratch })
    }
}

impl Darkroom for Voxels {
    fn slice(&self, folder: &Path, wish: &SliceWish) -> Result<Vec<u8>, NoPicture> {
        let axis = match wish.axis {
            SliceAxis::Z => Axis::Z,
            SliceAxis::Y => Axis::Y,
            SliceAxis::X => Axis::X,
        };
        let format = match wish.format {
            PictureFormat::Webp => Format::Webp,
            PictureFormat::Png => Format::Png,
        };
        let wish = worker::darkroom::Wish { axis, index: wish.index, level: wish.level, window: wish.window, format };
        // What the library says about a wish is for the one who wished; it names no path of this machine.
        worker::darkroom::slice_picture(folder, &wish).map_err(|trouble| NoPicture::NoSuchSlice(trouble.to_string()))
    }

    fn cut(&self, folder: &Path, wish: &CutWish) -> Result<Vec<u8>, NoPicture> {
        let format = match wish.format {
            CutFile::Tif => CutKind::File(CutFormat::Tif),
            CutFile::Nrrd => CutKind::File(CutFormat::Nrrd),
            CutFile::Raw => CutKind::File(CutFormat::Raw),
            CutFile::OmeZarr => CutKind::ZippedVolume { scratch: self.scratch.clone() },
        };
        let CutWish { wanted, level, lines, bytes_max, .. } = wish.clone();
        let wish = worker::darkroom::CutWish { wanted, level, format, bytes_max, lines };
        worker::darkroom::cut_file(folder, &wish).map_err(|trouble| NoPicture::NoSuchSlice(trouble.to_string()))
    }

    fn portrait(&self, folder: &Path, kind: Kind, choice: &PictureChoice) -> Result<Vec<u8>, NoPicture> {
        worker::darkroom::portrait(folder, kind, choice).map_err(|trouble| NoPicture::Failed(trouble.to_string()))
    }
}
