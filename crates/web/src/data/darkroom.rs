//! Pictures made on request. This crate cannot see voxels; whoever puts the house together hands in somebody who can.

use record::{kind::Kind, picture::PictureChoice};
use std::{ops::Range, path::Path, str::FromStr};

/// Makes pictures of slices. Called on a thread where it may take its time.
pub trait Darkroom: Send + Sync + 'static {
    /// `volume` is the folder of an OME-Zarr image.
    fn slice(&self, volume: &Path, wish: &SliceWish) -> Result<Vec<u8>, NoPicture>;

    /// Exactly the voxels of a box, as a file.
    fn cut(&self, volume: &Path, wish: &CutWish) -> Result<Vec<u8>, NoPicture>;

    /// A small JPEG of the body, as it would look.
    fn portrait(&self, volume: &Path, kind: Kind, choice: &PictureChoice) -> Result<Vec<u8>, NoPicture>;
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SliceWish {
    pub axis: SliceAxis,
    /// Counted in voxels of the level; the middle when absent.
    pub index: Option<u64>,
    /// The smallest level that is at least 512 wide when absent.
    pub level: Option<u32>,
    /// Grey values shown black and white; the volume's own when absent.
    pub window: Option<[f64; 2]>,
    pub format: PictureFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SliceAxis {
    Z,
    Y,
    X,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureFormat {
    Webp,
    Png,
}

impl PictureFormat {
    pub fn media_type(self) -> &'static str {
        match self {
            PictureFormat::Webp => "image/webp",
            PictureFormat::Png => "image/png",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum NoPicture {
    /// The volume has no such slice or level.
    #[error("{0}")]
    NoSuchSlice(String),
    #[error("the picture could not be made: {0}")]
    Failed(String),
}

/// Where nobody can make pictures: in tests of other things.
pub struct NoDarkroom;

impl Darkroom for NoDarkroom {
    fn slice(&self, _: &Path, _: &SliceWish) -> Result<Vec<u8>, NoPicture> {
        Err(NoPicture::Failed("this server makes no pictures of slices".into()))
    }

    fn cut(&self, _: &Path, _: &CutWish) -> Result<Vec<u8>, NoPicture> {
        Err(NoPicture::Failed("this server cuts no volumes".into()))
    }

    fn portrait(&self, _: &Path, _: Kind, _: &PictureChoice) -> Result<Vec<u8>, NoPicture> {
        Err(NoPicture::Failed("this server draws no volumes".into()))
    }
}

/// Most bytes of voxels that one request cuts out; more is what the Zarr keys are for.
pub(crate) const CUT_BYTES_MAX: u64 = 64 << 20;

#[derive(Debug, Clone, PartialEq)]
pub struct CutWish {
    /// z, y, x in voxels of the level.
    pub wanted: [Range<usize>; 3],
    pub level: usize,
    pub format: CutFile,
    pub bytes_max: u64,
    /// What the file shall say about itself.
    pub lines: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CutFile {
    Tif,
    Nrrd,
    Raw,
    /// A volume of its own, as one ZIP.
    OmeZarr,
}

impl CutFile {
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            CutFile::Tif => "image/tiff",
            CutFile::Nrrd => "application/x-nrrd",
            CutFile::Raw => "application/octet-stream",
            CutFile::OmeZarr => "application/zip",
        }
    }

    /// As it stands in an address.
    pub(crate) fn name(self) -> &'static str {
        match self {
            CutFile::Tif => "tif",
            CutFile::Nrrd => "nrrd",
            CutFile::Raw => "raw",
            CutFile::OmeZarr => "ome.zarr",
        }
    }

    pub(crate) fn ending(self) -> &'static str {
        match self {
            CutFile::OmeZarr => "ome.zarr.zip",
            other => other.name(),
        }
    }
}

impl CutWish {
    pub(crate) fn from_pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Self, BadWish> {
        let (mut wanted, mut level, mut format) = (None, 0, CutFile::Tif);
        for (key, value) in pairs {
            match key {
                "box" => wanted = read_box(value),
                "level" => level = number(value, "level", "Use a whole number; 0 is full size.")?,
                "format" => {
                    format = match value {
                        "tif" | "tiff" => CutFile::Tif,
                        "nrrd" => CutFile::Nrrd,
                        "raw" => CutFile::Raw,
                        "ome.zarr" => CutFile::OmeZarr,
                        _ => return Err(BadWish { field: "format", hint: "Use tif, nrrd, ome.zarr or raw." }),
                    }
                }
                _ => {}
            }
        }
        let wanted = wanted.ok_or(BadWish { field: "box", hint: "Say where in voxels along z, y, x, such as box=0:64,0:64,0:64." })?;
        Ok(Self { wanted, level, format, bytes_max: CUT_BYTES_MAX, lines: Vec::new() })
    }

    /// As it stands in an address.
    pub(crate) fn place(&self) -> String {
        self.wanted.each_ref().map(|range| format!("{}:{}", range.start, range.end)).join(",")
    }
}

fn read_box(text: &str) -> Option<[Range<usize>; 3]> {
    let range = |part: &str| {
        let (from, to) = part.split_once(':')?;
        let (from, to) = (from.parse().ok()?, to.parse().ok()?);
        (from < to).then_some(from..to)
    };
    let ranges: Option<Vec<Range<usize>>> = text.split(',').map(range).collect();
    ranges?.try_into().ok()
}

/// What is wrong with which word of the address.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadWish {
    pub(crate) field: &'static str,
    pub(crate) hint: &'static str,
}

impl SliceWish {
    pub(crate) fn from_pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Self, BadWish> {
        let mut wish = Self { axis: SliceAxis::Z, index: None, level: None, window: None, format: PictureFormat::Webp };
        for (key, value) in pairs {
            match key {
                "axis" => {
                    wish.axis = match value {
                        "z" => SliceAxis::Z,
                        "y" => SliceAxis::Y,
                        "x" => SliceAxis::X,
                        _ => return Err(BadWish { field: "axis", hint: "Use z, y or x." }),
                    }
                }
                "index" => wish.index = Some(number(value, "index", "Use a whole number, counted from 0.")?),
                "level" => wish.level = Some(number(value, "level", "Use a whole number; 0 is full size.")?),
                "window" => wish.window = Some(window(value)?),
                "format" => {
                    wish.format = match value {
                        "webp" => PictureFormat::Webp,
                        "png" => PictureFormat::Png,
                        _ => return Err(BadWish { field: "format", hint: "Use webp or png." }),
                    }
                }
                _ => {}
            }
        }
        Ok(wish)
    }
}

fn number<T: FromStr>(text: &str, field: &'static str, hint: &'static str) -> Result<T, BadWish> {
    text.parse().map_err(|_| BadWish { field, hint })
}

fn window(text: &str) -> Result<[f64; 2], BadWish> {
    let bad = || BadWish { field: "window", hint: "Use the grey values shown black and white, such as window=100,2000." };
    let (low, high) = text.split_once(',').ok_or_else(bad)?;
    let [low, high]: [f64; 2] = [low.trim().parse().map_err(|_| bad())?, high.trim().parse().map_err(|_| bad())?];
    if low.is_finite() && high.is_finite() && low < high { Ok([low, high]) } else { Err(bad()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_read_and_nonsense_is_named() {
        let wish = CutWish::from_pairs([("box", "0:4,2:3,10:20"), ("level", "2"), ("format", "nrrd")].into_iter()).unwrap();
        assert_eq!((wish.wanted.clone(), wish.level, wish.format), ([0..4, 2..3, 10..20], 2, CutFile::Nrrd));
        assert_eq!(wish.place(), "0:4,2:3,10:20");
        for (key, value) in
            [("box", "0:4,2:3"), ("box", "4:4,0:1,0:1"), ("box", "a:b,0:1,0:1"), ("level", "-1"), ("format", "png"), ("other", "1")]
        {
            let field = if key == "other" { "box" } else { key };
            assert_eq!(CutWish::from_pairs([(key, value)].into_iter()).unwrap_err().field, field);
        }
    }

    #[test]
    fn a_wish_is_read_and_nonsense_is_named() {
        let wish = SliceWish::from_pairs(
            [("axis", "y"), ("index", "7"), ("level", "1"), ("window", "-1.5,2e3"), ("format", "png"), ("other", "1")].into_iter(),
        )
        .unwrap();
        assert_eq!(
            wish,
            SliceWish { axis: SliceAxis::Y, index: Some(7), level: Some(1), window: Some([-1.5, 2000.0]), format: PictureFormat::Png }
        );
        for (key, value) in
            [("axis", "t"), ("index", "-1"), ("level", "x"), ("window", "5"), ("window", "5,5"), ("window", "nan,1"), ("format", "svg")]
        {
            assert_eq!(SliceWish::from_pairs([(key, value)].into_iter()).unwrap_err().field, key);
        }
    }
}
