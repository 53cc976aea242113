//! Images of ITK: `/ITKImage/0` with VoxelData (slowest axis first), and Spacing, Origin and Directions (fastest axis first).
//! Source: what ITK's own HDF5 reader takes from such a file.

use super::{Said, three, value};
use crate::Orientation;
use crate::format::hdf5::attribute::Value;
use crate::format::hdf5::tree::Tree;
use crate::header::told_um;

pub(super) const VOXELS: &str = "/ITKImage/0/VoxelData";
/// What ITK counts in; the file names no unit.
const MILLIMETRE_UM: f64 = 1e3;

/// As many axes as directions: one more is that of the components of a voxel.
pub(super) fn is_volume(tree: &Tree, path: &str, rank: usize) -> bool {
    path == VOXELS && matches!(value(tree, "/ITKImage/0/Spacing"), Some(Value::Numbers(spacing)) if spacing.len() == rank)
}

pub(super) fn said(tree: &Tree) -> Said {
    let mut said = Said::default();
    said.found.software = value(tree, "/ITKVersion").as_ref().and_then(Value::text).map(|version| format!("ITK {version}"));
    let spacing = value(tree, "/ITKImage/0/Spacing");
    let Some(size) = three(spacing.as_ref()) else { return said };
    if size == [1.0; 3] {
        said.warnings.push("Its spacing is 1 along each axis, as ITK writes where nobody said it, so that is no voxel size.".into());
    } else {
        let size = [size[2], size[1], size[0]].map(f64::abs);
        said.voxel_size_um = told_um(size, Some(MILLIMETRE_UM), &mut said.warnings);
        said.size_from = Some("Spacing of /ITKImage/0, in millimetres as ITK counts".into());
    }
    said.orientation = orientation(tree, said.voxel_size_um.is_some());
    said
}

/// One direction a row, in the space of DICOM.
fn orientation(tree: &Tree, has_unit: bool) -> Option<Orientation> {
    let Some(Value::Numbers(directions)) = value(tree, "/ITKImage/0/Directions") else { return None };
    let axes = directions.len().isqrt();
    let along = |axis: usize| directions.get(axis * axes..).and_then(|rest| rest.first_chunk::<3>()).copied();
    let origin = three(value(tree, "/ITKImage/0/Origin").as_ref()).filter(|_| has_unit);
    let origin_um = origin.map(|origin| origin.map(|part| part * MILLIMETRE_UM));
    Orientation::new("left-posterior-superior", [along(2)?, along(1)?, along(0)?], origin_um)
}
