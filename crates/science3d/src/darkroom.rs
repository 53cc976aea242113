//! Lends the door somebody who can see voxels: it asks for pictures of slices and boxes of voxels and gets bytes.

use picture::Format;
use record::{kind::Kind, picture::PictureChoice};
use std::path::Path;
use volume::Axis;
use volume::cut::CutFormat;
use web::data::darkroom::{CutFile, CutWish, Darkroom, NoPicture, PictureFormat, SliceAxis, SliceWish};

pub(crate) struct Voxels;

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
            CutFile::Tif => CutFormat::Tif,
            CutFile::Nrrd => CutFormat::Nrrd,
            CutFile::Raw => CutFormat::Raw,
        };
        let CutWish { wanted, level, lines, bytes_max, .. } = wish.clone();
        let wish = worker::darkroom::CutWish { wanted, level, format, bytes_max, lines };
        worker::darkroom::cut_file(folder, &wish).map_err(|trouble| NoPicture::NoSuchSlice(trouble.to_string()))
    }

    fn portrait(&self, folder: &Path, kind: Kind, choice: &PictureChoice) -> Result<Vec<u8>, NoPicture> {
        worker::darkroom::portrait(folder, kind, choice).map_err(|trouble| NoPicture::Failed(trouble.to_string()))
    }
}
