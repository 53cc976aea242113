//! Reconstructions as nabu and tomoscan of the ESRF write them: `results/data` beside `configuration`, which holds what the volume
//! was made with; the size of a voxel stands there in centimetres, axis by axis as the data lie.
//! Source: what tomoscan takes from such a file.

use super::{Said, value};
use crate::format::hdf5::attribute::Value;
use crate::format::hdf5::tree::Tree;
use crate::header::{clean_text, told_um};

const CENTIMETRE_UM: f64 = 1e4;

/// Where the settings of the reconstruction lie that a dataset belongs to.
fn settings(path: &str) -> Option<String> {
    let base = path.strip_suffix("/results/data")?;
    Some(format!("{base}/configuration/processing_options/reconstruction"))
}

pub(super) fn is_volume(tree: &Tree, path: &str) -> bool {
    settings(path).is_some_and(|settings| tree.find(&tree.master, &settings).is_ok())
}

pub(super) fn said(tree: &Tree, path: &str) -> Said {
    let mut said = Said::default();
    let Some(settings) = settings(path) else { return said };
    let sizes = |name: &str| match value(tree, &format!("{settings}/{name}"))? {
        Value::Numbers(sizes) => match sizes[..] {
            [size] => Some([size; 3]),
            [z, y, x] => Some([z, y, x]),
            _ => None,
        },
        Value::Text(_) => None,
    };
    // Files of nabu before 2023 have one size for all axes.
    if let Some((name, size)) = ["voxel_size_cm", "pixel_size_cm"].iter().find_map(|name| Some((name, sizes(name)?))) {
        let size = told_um(size, Some(CENTIMETRE_UM), &mut said.warnings);
        // What was metres once carries the noise of that.
        said.voxel_size_um = size.map(|size| size.map(|um| format!("{um:.9e}").parse().unwrap_or(um)));
        said.size_from = Some(format!("{name} of {settings}"));
    }
    let method = value(tree, &format!("{settings}/method")).and_then(|method| clean_text(method.text()?));
    said.found.other.extend(method.map(|method| ("reconstruction".to_owned(), method)));
    said
}
