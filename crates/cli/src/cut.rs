//! `science3d cut`: exactly the voxels of a box, out of a volume or of any file that is read.

use crate::{
    folder::files_of,
    input_sums::sum_of,
    progress::words_for_bytes,
    voxels::{AskedOptions, words_for_shape},
    whole_file::write_whole,
};
use anyhow::{Context, bail};
use sha2::{Digest, Sha256};
use std::{
    ops::Range,
    path::{Path, PathBuf},
};
use volume::cut::{self, CutFormat, Found};

#[derive(Debug, Clone, clap::Args)]
pub struct Cut {
    /// An OME-Zarr volume, or any file or folder of slices that `inspect` knows
    path: PathBuf,
    /// The file to make: its ending is tif, nrrd, raw or ome.zarr
    out: PathBuf,
    /// The box in voxels along z, y, x; each range without its end
    #[arg(long = "box", value_name = "Z0:Z1,Y0:Y1,X0:X1")]
    wanted: BoxOption,
    /// Level of the volume in whose voxels the box is counted; 0 is full size
    #[arg(long, default_value_t = 0, value_name = "N")]
    scale: usize,
    #[command(flatten)]
    asked: AskedOptions,
    /// Replace OUT when it exists
    #[arg(long)]
    force: bool,
    /// Print one JSON object on standard output
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone)]
struct BoxOption([Range<usize>; 3]);

impl std::str::FromStr for BoxOption {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        cut::parse_box(text).map(Self).ok_or_else(|| format!("“{text}” is no box such as 0:64,0:64,0:64"))
    }
}

enum Kind {
    File(CutFormat),
    Volume,
}

fn kind_of(out: &Path) -> anyhow::Result<Kind> {
    let name = out.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    if name.ends_with(".ome.zarr") {
        return Ok(Kind::Volume);
    }
    let format = name.rsplit_once('.').and_then(|(_, ending)| CutFormat::from_name(ending));
    format.map(Kind::File).with_context(|| format!("{} says no format; end it in tif, nrrd, raw or ome.zarr", out.display()))
}

impl Cut {
    pub fn run(self) -> anyhow::Result<()> {
        let kind = kind_of(&self.out)?;
        let exists = self.out.symlink_metadata().is_ok();
        if exists && !(self.force && matches!(kind, Kind::File(_)) && self.out.is_file()) {
            bail!("{} exists; --force replaces a file, a folder is left alone", self.out.display());
        }
        let found = cut::read(&self.path, &self.asked.asked()?, self.scale, self.wanted.0.clone())?;
        volume::refuse_to_overwrite(&self.path, &found.files, &self.out)?;
        let (bytes, sum) = match kind {
            Kind::File(format) => self.write_file(&found, format)?,
            Kind::Volume => self.write_volume(&found)?,
        };
        self.tell(&found, bytes, &sum);
        Ok(())
    }

    fn tell(&self, found: &Found, bytes: u64, sum: &str) {
        let voxels = &found.voxels;
        if self.json {
            let told = serde_json::json!({
                "shape": voxels.shape, "dtype": voxels.element, "voxel_size_um": found.voxel_size_um, "origin_um": found.origin_um,
                "bytes_out": bytes, "sha256": sum, "voxels_sha256": sha256(&voxels.bytes),
            });
            println!("{told}");
        } else {
            let shape = words_for_shape(voxels.shape);
            println!("{shape} voxels of {}, {}: {}", voxels.element, words_for_bytes(bytes), self.out.display());
            println!("sha256: {sum}");
        }
    }

    /// Where it comes from.
    fn lines(&self) -> Vec<(String, String)> {
        let [z, y, x] = &self.wanted.0;
        let place = format!("{}:{},{}:{},{}:{}", z.start, z.end, y.start, y.end, x.start, x.end);
        let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        vec![("source".into(), name), ("level".into(), self.scale.to_string()), ("box_zyx".into(), place)]
    }

    fn write_file(&self, found: &Found, format: CutFormat) -> anyhow::Result<(u64, String)> {
        let file = cut::captioned(&found.voxels, found.voxel_size_um, &found.caption(self.lines()), format)?;
        let bytes = write_whole(&self.out, |part| {
            std::fs::write(part, &file).with_context(|| format!("cannot write {}", self.out.display()))?;
            Ok(file.len() as u64)
        })?;
        Ok((bytes, sha256(&file)))
    }

    /// A volume of its own, with its own levels. Its sum is that of the list of all its files' sums, as `sha256sum` writes it.
    fn write_volume(&self, found: &Found) -> anyhow::Result<(u64, String)> {
        let name = self.out.file_name().map(|name| name.to_string_lossy().trim_end_matches(".zarr").trim_end_matches(".ome").to_owned());
        let bytes = cut::make_volume(found, self.lines(), &name.unwrap_or_default(), &self.out)?.bytes_out;
        let mut list = String::new();
        for file in files_of(&self.out)? {
            let (_, sum) = sum_of(&file.local).with_context(|| format!("cannot read {}", file.local.display()))?;
            list.push_str(&format!("{sum}  {}\n", file.path));
        }
        Ok((bytes, sha256(list.as_bytes())))
    }
}

fn sha256(bytes: &[u8]) -> String {
    record::file::Sha256(Sha256::digest(bytes).into()).to_string()
}
