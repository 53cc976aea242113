//! Options that say what the file leaves open, and how voxel sizes are written on the command line.

use anyhow::{Context, bail};
use record::question::{Answers, RawVoxels};
use std::str::FromStr;
use volume::{Asked, ElementType, RawShape};

/// What somebody says beside the file.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct AskedOptions {
    /// Which of several datasets, series or times: /entry/data, /entry/data[3], A/0,t=0,c=1
    #[arg(long, value_name = "DATASET")]
    dataset: Option<String>,
    /// Which of several channels, counted from 0
    #[arg(long, value_name = "N")]
    channel: Option<usize>,
    /// Voxels of a raw file along z, y, x
    #[arg(long, value_name = "Z,Y,X", requires = "dtype")]
    shape: Option<Three<usize>>,
    /// Element type of a raw file: uint8, uint16, float32, …
    #[arg(long, value_name = "TYPE", requires = "shape")]
    dtype: Option<String>,
    /// Byte order of a raw file: little or big
    #[arg(long, default_value = "little", value_name = "ORDER")]
    endian: String,
    /// Bytes before the first voxel of a raw file
    #[arg(long, default_value_t = 0, value_name = "BYTES")]
    skip: u64,
}

/// What the voxels mean, for who knows it.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct LabelsOption {
    /// Whether the voxels are labels and no grey values: yes or no; by default their file, name and values decide
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    pub(crate) labels: Option<bool>,
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(format!("“{text}” is neither yes nor no")),
    }
}

/// The voxel size of somebody who knows better than the file.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct VoxelSize {
    /// Voxel size when somebody knows better than the file: along x, y, z, or one number
    #[arg(long, value_name = "X,Y,Z", allow_hyphen_values = true)]
    voxel_size: Option<Three<f64>>,
    /// Unit of the voxel size
    #[arg(long, default_value = "um")]
    unit: String,
}

impl VoxelSize {
    /// In micrometres, z, y, x.
    pub(crate) fn um(&self) -> anyhow::Result<Option<[f64; 3]>> {
        let um = unit_um(&self.unit)?;
        let Some(Three(size)) = self.voxel_size else { return Ok(None) };
        if !size.iter().all(|&side| side.is_finite() && side > 0.0) {
            bail!("--voxel-size is a length above 0, or three of them: along x, y, z");
        }
        let [x, y, z] = size.map(|side| side * um);
        Ok(Some([z, y, x]))
    }
}

impl AskedOptions {
    pub(crate) fn asked(&self) -> anyhow::Result<Asked> {
        Ok(Asked { raw: self.raw()?, dataset: self.dataset.clone(), channel: self.channel, ..Asked::default() })
    }

    /// As a server is told it.
    pub(crate) fn answers(&self) -> anyhow::Result<Answers> {
        let raw = self.raw()?.map(|raw| RawVoxels {
            shape: raw.shape.map(|edge| edge as u64),
            element_type: raw.element.name().to_owned(),
            big_endian: raw.big_endian,
            offset_bytes: raw.offset,
        });
        let channel = self.channel.map(u32::try_from).transpose().context("there is no such channel")?;
        Ok(Answers { dataset: self.dataset.clone(), channel, raw, ..Answers::default() })
    }

    fn raw(&self) -> anyhow::Result<Option<RawShape>> {
        let (Some(shape), Some(dtype)) = (&self.shape, &self.dtype) else { return Ok(None) };
        let element = ElementType::from_name(dtype).with_context(|| {
            let names: Vec<&str> = ElementType::ALL.iter().map(|element| element.name()).collect();
            format!("“{dtype}” is no element type; use one of {}", names.join(", "))
        })?;
        let big_endian = match self.endian.as_str() {
            "little" => false,
            "big" => true,
            other => bail!("“{other}” is no byte order; use little or big"),
        };
        Ok(Some(RawShape { shape: shape.0, element, big_endian, offset: self.skip }))
    }
}

/// Three numbers with commas between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Three<T>(pub(crate) [T; 3]);

impl<T: FromStr + Copy> FromStr for Three<T> {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Option<Vec<T>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
        match numbers.as_deref() {
            Some([one]) => Ok(Self([*one; 3])),
            Some([first, second, third]) => Ok(Self([*first, *second, *third])),
            _ => Err(format!("“{text}” is not three numbers such as 1,2,3")),
        }
    }
}

/// Micrometres in one of the named unit.
fn unit_um(unit: &str) -> anyhow::Result<f64> {
    Ok(match unit {
        "um" | "µm" | "micrometer" | "micrometre" => 1.0,
        "nm" | "nanometer" | "nanometre" => 1e-3,
        "mm" | "millimeter" | "millimetre" => 1e3,
        "m" | "meter" | "metre" => 1e6,
        "A" | "Å" | "angstrom" => 1e-4,
        other => bail!("“{other}” is no unit of length known here; use um, nm, mm, m or angstrom"),
    })
}

/// z, y, x for people.
pub(crate) fn words_for_shape(shape: [usize; 3]) -> String {
    format!("{} × {} × {}", shape[0], shape[1], shape[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_numbers_or_one_for_all() {
        assert_eq!("1,2,3".parse::<Three<usize>>().unwrap().0, [1, 2, 3]);
        assert_eq!("0.65".parse::<Three<f64>>().unwrap().0, [0.65; 3]);
        for bad in ["", "1,2", "1,2,3,4", "a,b,c", "-1,2,3"] {
            assert!(bad.parse::<Three<usize>>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_voxel_size_is_a_length() {
        let said = |voxel_size: &str, unit: &str| VoxelSize { voxel_size: voxel_size.parse().ok(), unit: unit.to_owned() }.um().ok();
        assert_eq!(said("1,2,3", "mm"), Some(Some([3e3, 2e3, 1e3])));
        assert_eq!(said("", "um"), Some(None));
        for (bad, unit) in [("0", "um"), ("-1,1,1", "um"), ("nan", "um"), ("inf", "um"), ("1", "furlong")] {
            assert_eq!(said(bad, unit), None, "{bad} {unit}");
        }
    }
}
