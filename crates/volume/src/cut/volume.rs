//! A box of voxels as an OME-Zarr volume of its own, in a folder or in one ZIP.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::zipped::zip_of_folder;
use super::{CutFormat, Found, captioned};
use crate::{ConvertOptions, Converted, Trouble};

/// Makes the box a volume with levels of its own. It says in these lines where it comes from, and lies at its place in the whole.
pub fn make_volume(found: &Found, lines: Vec<(String, String)>, name: &str, out: &Path) -> Result<Converted, Trouble> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let scratch = tempfile::Builder::new().prefix(".cut-").tempdir_in(folder);
    let scratch = scratch.map_err(|error| Trouble::io("making a folder for scratch in", folder, &error))?;
    let input = scratch.path().join("cut.nrrd");
    // What the header would say of size and place is told in full digits beside it.
    let plain = captioned(&found.voxels, None, &Default::default(), CutFormat::Nrrd)?;
    std::fs::write(&input, plain).map_err(|error| Trouble::io("writing", &input, &error))?;
    let options = ConvertOptions {
        name: name.to_owned(),
        voxel_size_um: found.voxel_size_um,
        label: found.label,
        caption: found.caption(lines),
        ..ConvertOptions::default()
    };
    crate::convert(&input, out, &options, &|_| (), &AtomicBool::new(false))
}

/// The same as one ZIP, if it has no more than so many bytes; it grows in the folder `scratch`, which exists.
pub fn zipped_volume(found: &Found, lines: Vec<(String, String)>, name: &str, scratch: &Path, bytes_max: u64) -> Result<Vec<u8>, Trouble> {
    let folder = tempfile::tempdir_in(scratch).map_err(|error| Trouble::io("making a folder for scratch in", scratch, &error))?;
    let out = folder.path().join("cut.ome.zarr");
    make_volume(found, lines, name, &out)?;
    zip_of_folder(&out, bytes_max)
}
