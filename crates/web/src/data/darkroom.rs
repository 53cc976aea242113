//! Pictures made on request. This crate cannot see voxels; whoever puts the house together hands in somebody who can.

use std::{path::Path, str::FromStr};

/// Makes pictures of slices. Called on a thread where it may take its time.
pub trait Darkroom: Send + Sync + 'static {
    /// `volume` is the folder of an OME-Zarr image.
    fn slice(&self, volume: &Path, wish: &SliceWish) -> Result<Vec<u8>, NoPicture>;
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
