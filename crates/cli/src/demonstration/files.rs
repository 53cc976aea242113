//! Writes a computed volume as the files that an instrument would have left: slices, one stack, or NRRD.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};
use volume::phantom::Phantom;

#[derive(Debug, Clone)]
pub struct VolumeWanted {
    pub phantom: Phantom,
    /// z, y, x
    pub shape: [usize; 3],
    pub voxel_size_um: f64,
    pub container: Container,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// A folder with one TIFF per slice.
    TiffSlices,
    /// One TIFF with all slices, described as ImageJ does.
    TiffStack,
    /// NRRD with its header in the same file.
    Nrrd,
}

/// The folder appears only when it is complete.
pub fn write(wanted: &VolumeWanted, folder: &Path) -> io::Result<()> {
    if folder.exists() {
        return Ok(());
    }
    let part = folder.with_extension("part");
    if part.exists() {
        std::fs::remove_dir_all(&part)?;
    }
    std::fs::create_dir_all(&part)?;
    match wanted.container {
        Container::TiffSlices => write_slices(wanted, &part.join("slices"))?,
        Container::TiffStack => write_stack(wanted, &part.join("volume.tif"))?,
        Container::Nrrd => write_nrrd(wanted, &part.join("volume.nrrd"))?,
    }
    std::fs::rename(part, folder)
}

fn write_slices(wanted: &VolumeWanted, folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for z in 0..wanted.shape[0] {
        let mut file = BufWriter::new(File::create(folder.join(format!("slice_{z:04}.tif")))?);
        file.write_all(&tiff_head())?;
        let description = format!("slice {z}; computed by Science 3D");
        write_page(&mut file, wanted, z, &description, 8, true)?;
        file.flush()?;
    }
    Ok(())
}

fn write_stack(wanted: &VolumeWanted, path: &Path) -> io::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    file.write_all(&tiff_head())?;
    let slices = wanted.shape[0];
    let description = format!("ImageJ=1.54f\nimages={slices}\nslices={slices}\nunit=micron\nspacing={}\nloop=false\n", wanted.voxel_size_um);
    let mut offset = 8;
    for z in 0..slices {
        let words = if z == 0 { description.as_str() } else { "" };
        offset = write_page(&mut file, wanted, z, words, offset, z + 1 == slices)?;
    }
    file.flush()
}

fn write_nrrd(wanted: &VolumeWanted, path: &Path) -> io::Result<()> {
    let [z, y, x] = wanted.shape;
    let size = wanted.voxel_size_um;
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    write!(
        file,
        "NRRD0004\n# computed by Science 3D\ntype: uint16\ndimension: 3\nsizes: {x} {y} {z}\nspacings: {size} {size} {size}\nspace units: \"um\" \"um\" \"um\"\nendian: little\nencoding: raw\n\n"
    )?;
    for plane in 0..z {
        file.write_all(&plane_bytes(wanted, plane))?;
    }
    file.flush()
}

fn plane_bytes(wanted: &VolumeWanted, z: usize) -> Vec<u8> {
    wanted.phantom.plane(wanted.shape, z).into_iter().flat_map(u16::to_le_bytes).collect()
}

/// Little-endian, and the first directory stands behind the first strip; its place is written with the page.
fn tiff_head() -> [u8; 4] {
    *b"II\x2a\x00"
}

/// Entries of a directory, in TIFF's own layout.
struct Directory {
    bytes: Vec<u8>,
    entries: u16,
}

impl Directory {
    fn short(&mut self, tag: u16, value: u16) {
        self.entry(tag, 3, 1, u32::from(value));
    }
    fn long(&mut self, tag: u16, value: u32) {
        self.entry(tag, 4, 1, value);
    }
    fn entry(&mut self, tag: u16, kind: u16, count: u32, value: u32) {
        self.bytes.extend(tag.to_le_bytes());
        self.bytes.extend(kind.to_le_bytes());
        self.bytes.extend(count.to_le_bytes());
        self.bytes.extend(value.to_le_bytes());
        self.entries += 1;
    }
}

const ENTRIES: u32 = 13;
const DIRECTORY_BYTES: u32 = 2 + 12 * ENTRIES + 4;

/// Writes voxels, then words and numbers that do not fit, then the directory. `offset` is where the voxels begin;
/// the answer is where the next page's voxels begin. Four gigabytes are never reached by a demonstration.
fn write_page(file: &mut impl Write, wanted: &VolumeWanted, z: usize, description: &str, offset: u32, last: bool) -> io::Result<u32> {
    let [_, height, width] = wanted.shape;
    let voxels = plane_bytes(wanted, z);
    let mut words = description.as_bytes().to_vec();
    words.push(0);
    words.resize(words.len().max(5).next_multiple_of(2), 0);
    let words_at = offset + voxels.len() as u32;
    let resolution_at = words_at + words.len() as u32;
    let directory_at = resolution_at + 8;
    let next_voxels = directory_at + DIRECTORY_BYTES;
    if z == 0 || offset == 8 {
        // Only the first page stands behind the head, which ends with the place of its directory.
        file.write_all(&directory_at.to_le_bytes())?;
    }
    file.write_all(&voxels)?;
    file.write_all(&words)?;
    file.write_all(&1_000_000u32.to_le_bytes())?;
    file.write_all(&((wanted.voxel_size_um * 1e6) as u32).to_le_bytes())?;
    let mut directory = Directory { bytes: Vec::new(), entries: 0 };
    directory.long(256, width as u32);
    directory.long(257, height as u32);
    directory.short(258, 16);
    directory.short(259, 1);
    directory.short(262, 1);
    directory.entry(270, 2, words.len() as u32, words_at);
    directory.long(273, offset);
    directory.short(277, 1);
    directory.long(278, height as u32);
    directory.long(279, voxels.len() as u32);
    directory.entry(282, 5, 1, resolution_at);
    directory.entry(283, 5, 1, resolution_at);
    directory.short(296, 1);
    debug_assert_eq!(u32::from(directory.entries), ENTRIES);
    file.write_all(&directory.entries.to_le_bytes())?;
    file.write_all(&directory.bytes)?;
    // The next page has the same layout but for its words, whose length is that of an empty description.
    let next_directory = if last { 0 } else { next_voxels + voxels.len() as u32 + 6 + 8 };
    file.write_all(&next_directory.to_le_bytes())?;
    Ok(next_voxels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(container: Container) -> VolumeWanted {
        VolumeWanted { phantom: Phantom::OpenCellFoam, shape: [20, 18, 16], voxel_size_um: 6.5, container }
    }

    #[test]
    fn each_container_is_read_back_as_the_same_volume() {
        for container in [Container::TiffSlices, Container::TiffStack, Container::Nrrd] {
            let scratch = tempfile::tempdir().unwrap();
            let folder = scratch.path().join("foam");
            write(&wanted(container), &folder).unwrap();
            let header = volume::inspect(&folder).unwrap();
            assert_eq!((header.shape, header.element.name()), ([20, 18, 16], "uint16"), "{container:?}: {header:?}");
            if container != Container::TiffSlices {
                assert_eq!(header.voxel_size_um, Some([6.5; 3]), "{container:?}");
            }
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
