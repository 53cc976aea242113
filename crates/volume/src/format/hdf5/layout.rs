//! Layouts of files by which a program names its axes: ITK, MINC, Imaris, EMD, BigDataViewer, nabu. A file of these says where
//! its volume lies, how large a voxel is and how the grid lay in a body.

mod bigdataviewer;
mod emd;
mod esrf;
mod imaris;
mod itk;
mod minc;

use super::attribute::Value;
use super::choice::Choice;
use super::dataset::Dataset;
use super::datatype::Datatype;
use super::survey::{Survey, attribute};
use super::tree::Tree;
use crate::header::{in_um, plausible_um, unit_um};
use crate::{Found, Orientation, Trouble};

/// A program's own way to lay a volume into HDF5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    BigDataViewer,
    Emd,
    /// A reconstruction by nabu.
    Esrf,
    Imaris,
    Itk,
    Minc,
}

/// What such a file says about the volume beside its voxels.
#[derive(Default)]
pub(super) struct Said {
    pub(super) voxel_size_um: Option<[f64; 3]>,
    /// Where the voxel size stands, as a person finds it again.
    pub(super) size_from: Option<String>,
    pub(super) orientation: Option<Orientation>,
    pub(super) warnings: Vec<String>,
    pub(super) found: Found,
}

impl Layout {
    /// The layout that a dataset of this path and rank belongs to.
    pub(super) fn of(tree: &Tree, path: &str, rank: usize) -> Option<Self> {
        let all = [
            (Self::Itk, itk::is_volume(tree, path, rank)),
            (Self::Minc, minc::is_volume(tree, path, rank)),
            (Self::Imaris, imaris::is_volume(path, rank)),
            (Self::BigDataViewer, bigdataviewer::is_volume(tree, path, rank)),
            (Self::Emd, emd::is_volume(tree, path)),
            (Self::Esrf, esrf::is_volume(tree, path)),
        ];
        all.into_iter().find_map(|(layout, is_volume)| is_volume.then_some(layout))
    }

    /// How headers call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::BigDataViewer => "BigDataViewer (HDF5)",
            Self::Emd => "EMD (HDF5)",
            Self::Esrf => "ESRF reconstruction (HDF5)",
            Self::Imaris => "Imaris (HDF5)",
            Self::Itk => "ITK image (HDF5)",
            Self::Minc => "MINC 2 (HDF5)",
        }
    }

    /// The sizes that are true, where the program fills up the last chunks and stores more.
    pub(super) fn true_sizes(self, tree: &Tree, path: &str, stored: &[u64]) -> Option<Vec<u64>> {
        match self {
            Self::Imaris => imaris::true_sizes(tree, path, stored),
            Self::BigDataViewer | Self::Emd | Self::Esrf | Self::Itk | Self::Minc => None,
        }
    }

    /// The type that the program means, where it writes another of the same bits.
    pub(super) fn meant(self, stored: Datatype) -> Datatype {
        match (self, stored) {
            (Self::BigDataViewer, Datatype::Integer { bytes: 2, big_endian, .. }) => {
                Datatype::Integer { bytes: 2, signed: false, big_endian }
            }
            (_, stored) => stored,
        }
    }

    pub(super) fn said(self, tree: &Tree, choice: &Choice) -> Said {
        match self {
            Self::BigDataViewer => bigdataviewer::said(tree, choice),
            Self::Emd => emd::said(tree, choice),
            Self::Esrf => esrf::said(tree, &choice.path),
            Self::Imaris => imaris::said(tree, choice),
            Self::Itk => itk::said(tree),
            Self::Minc => minc::said(tree, choice),
        }
    }
}

/// The one volume that such a layout says the file is about; of several, somebody has to choose.
pub(super) fn preferred(tree: &Tree, survey: &Survey, channel: Option<usize>) -> Result<Option<String>, Trouble> {
    let there = |path: &&str| survey.datasets.iter().any(|data| data.path == **path);
    if let Some(path) = [itk::VOXELS, minc::VOXELS].iter().find(|path| there(path)) {
        return Ok(Some((*path).to_owned()));
    }
    if let Some(path) = imaris::preferred(tree, survey, channel)? {
        return Ok(Some(path));
    }
    if let Some(images) = survey.datasets.iter().find(|data| emd::is_velox(&data.path)) {
        let what = "it is a Velox file of Thermo Fisher Scientific, whose frames lie along its last axis, and is not read as a volume";
        let hint = format!("Export it from Velox as TIFF, or choose one frame: --dataset '{}[:,:,0]'", images.path);
        return Err(Trouble::new(what, hint).in_file(&tree.master.path));
    }
    bigdataviewer::preferred(tree, survey)
}

/// A small dataset of the master file.
fn value(tree: &Tree, path: &str) -> Option<Value> {
    let place = tree.find(&tree.master, path).ok()?;
    Dataset::open(tree, &place.file, place.address, path, 0).ok()?.value().ok()?
}

/// An attribute of an object of the master file.
fn attribute_of(tree: &Tree, path: &str, name: &str) -> Option<Value> {
    attribute(&tree.find(&tree.master, path).ok()?, name)
}

fn three(value: Option<&Value>) -> Option<[f64; 3]> {
    let Some(Value::Numbers(numbers)) = value else { return None };
    numbers.first_chunk().copied()
}

/// The distance between the values of an axis, in micrometres; nothing where they are uneven or no lengths.
pub(super) fn step_um(values: &[f64], unit: &str) -> Option<f64> {
    let (first, last) = (values.first()?, values.last()?);
    let step = (last - first) / (values.len().checked_sub(1).filter(|&steps| steps > 0)? as f64);
    let even = values.windows(2).all(|pair| (pair[1] - pair[0] - step).abs() <= 1e-3 * step.abs());
    let um = in_um(step.abs(), unit_um(unit)?);
    // Differences of positions carry noise of rounding that nobody measured.
    (even && plausible_um(um)).then(|| format!("{um:.9e}").parse().unwrap_or(um))
}

/// The number behind these words: `TimePoint 3` with `TimePoint ` is 3.
fn number_behind(name: &str, words: &str) -> Option<u64> {
    let digits = name.strip_prefix(words)?;
    digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_told_where_they_are_even_lengths() {
        assert_eq!(step_um(&[0.0, 0.3, 0.6, 0.9], "nm"), Some(0.0003));
        assert_eq!(step_um(&[3.0, 2.0], "µm"), Some(1.0));
        for (values, unit) in [(&[0.0, 1.0, 3.0][..], "nm"), (&[1.0], "nm"), (&[], "nm"), (&[0.0, 1.0], "deg"), (&[2.0, 2.0], "nm")] {
            assert_eq!(step_um(values, unit), None, "{values:?} {unit}");
        }
    }

    #[test]
    fn numbers_stand_behind_words() {
        assert_eq!(number_behind("Channel 12", "Channel "), Some(12));
        for name in ["Channel ", "Channel +1", "Channel x", "channel 1", "Channel 99999999999999999999999"] {
            assert_eq!(number_behind(name, "Channel "), None, "{name}");
        }
    }
}
