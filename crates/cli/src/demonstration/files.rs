//! Writes a computed volume as the files that an instrument would have left: slices, one stack, or NRRD.

use anyhow::Context;
use std::path::Path;
use volume::{
    ElementType, Shape,
    cut::{self, CutFormat},
    phantom::{Phantom, Probe},
    zarr::Voxels,
};

#[derive(Debug, Clone)]
pub(super) struct VolumeWanted {
    pub(super) phantom: Phantom,
    pub(super) probe: Probe,
    pub(super) shape: Shape,
    pub(super) seed: u64,
    pub(super) container: Container,
    /// Edge of a voxel, when it shall not be that of the phantom.
    pub(super) edge_um: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    /// A folder with one TIFF per slice.
    TiffSlices,
    /// One TIFF with all slices.
    TiffStack,
    /// NRRD with its header in the same file.
    Nrrd,
}

impl VolumeWanted {
    /// z, y, x
    pub(super) fn voxel_size_um(&self) -> [f64; 3] {
        self.edge_um.map_or_else(|| self.phantom.voxel_size_um(self.shape), |edge| [edge; 3])
    }
}

/// The folder appears only when it is complete.
pub(super) fn write(wanted: &VolumeWanted, folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        return Ok(());
    }
    let part = folder.with_extension("part");
    if part.exists() {
        std::fs::remove_dir_all(&part)?;
    }
    std::fs::create_dir_all(&part)?;
    match wanted.container {
        Container::TiffSlices => {
            wanted.phantom.write_tiff_stack(&part.join("slices"), wanted.shape, wanted.seed, wanted.probe)?;
        }
        Container::TiffStack => write_one_file(wanted, &part.join("volume.tif"), CutFormat::Tif)?,
        Container::Nrrd => write_one_file(wanted, &part.join("volume.nrrd"), CutFormat::Nrrd)?,
    }
    std::fs::rename(part, folder)?;
    Ok(())
}

fn write_one_file(wanted: &VolumeWanted, path: &Path, format: CutFormat) -> anyhow::Result<()> {
    let voxels = wanted.phantom.volume(wanted.shape, wanted.seed, wanted.probe);
    let bytes = voxels.into_iter().flat_map(u16::to_le_bytes).collect();
    let voxels = Voxels { shape: wanted.shape, element: ElementType::U16, bytes };
    let file = cut::file(&voxels, Some(wanted.voxel_size_um()), format)?;
    std::fs::write(path, file).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(container: Container) -> VolumeWanted {
        VolumeWanted { phantom: Phantom::OpenCellFoam, probe: Probe::XRay, shape: [20, 18, 16], seed: 1, container, edge_um: None }
    }

    #[test]
    fn each_container_is_read_back_as_the_same_volume() {
        for container in [Container::TiffSlices, Container::TiffStack, Container::Nrrd] {
            let scratch = tempfile::tempdir().unwrap();
            let folder = scratch.path().join("foam");
            write(&wanted(container), &folder).unwrap();
            let header = volume::inspect(&folder).unwrap();
            assert_eq!((header.shape, header.element.name()), ([20, 18, 16], "uint16"), "{container:?}: {header:?}");
            assert_eq!(header.voxel_size_um, Some(wanted(container).voxel_size_um()), "{container:?}");
        }
    }

    #[test]
    fn a_second_run_writes_the_same_bytes() {
        let scratch = tempfile::tempdir().unwrap();
        let read = |name: &str| {
            let folder = scratch.path().join(name);
            write(&wanted(Container::TiffStack), &folder).unwrap();
            std::fs::read(folder.join("volume.tif")).unwrap()
        };
        assert!(read("first") == read("second"));
    }
}
