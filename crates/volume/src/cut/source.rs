//! Boxes of voxels out of whatever a path holds: a volume with its levels, or any file that is read.

use std::ops::Range;
use std::path::Path;

use super::Caption;
use crate::element::{Buffer, byte_count, check_inside};
use crate::format;
use crate::zarr::{Volume, Voxels};
use crate::{Asked, Orientation, Shape, Trouble};

/// Largest box that is cut out at once.
const CUT_MAX_BYTES: u64 = 4 << 30;
/// Bytes of planes that are read at once from a file.
const PLANES_BYTES: usize = 64 << 20;

/// A box and the size of its voxels in micrometres.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub voxels: Voxels,
    pub voxel_size_um: Option<[f64; 3]>,
    /// Centre of its first voxel, measured from that of the whole volume's level 0; nothing without a voxel size.
    pub origin_um: Option<[f64; 3]>,
    /// How the box lay in the scanner or the body, as far as its source knows.
    pub orientation: Option<Orientation>,
    /// Whether they are labels; nothing when the source does not say.
    pub label: Option<bool>,
    /// Names of the files that hold the source's voxels, when it is no volume of ours.
    pub files: Vec<String>,
}

impl Found {
    /// What its file shall say: these lines, and where it lies.
    pub fn caption(&self, lines: Vec<(String, String)>) -> Caption {
        Caption { lines, origin_um: self.origin_um, orientation: self.orientation.clone() }
    }
}

/// Exactly the voxels of `wanted` (z, y, x), counted in voxels of `level`; only volumes have levels other than 0.
pub fn read(path: &Path, asked: &Asked, level: usize, wanted: [Range<usize>; 3]) -> Result<Found, Trouble> {
    if path.join("zarr.json").is_file() {
        return from_volume(&Volume::open(path)?, level, wanted).map_err(|trouble| trouble.in_file(path));
    }
    if level == 0 {
        return from_file(path, asked, wanted).map_err(|trouble| trouble.in_file(path));
    }
    from_level(path, asked, level, wanted).map_err(|trouble| trouble.in_file(path))
}

/// From the level of somebody else's pyramid.
fn from_level(path: &Path, asked: &Asked, level: usize, wanted: [Range<usize>; 3]) -> Result<Found, Trouble> {
    let coarse = format::zarr::container(path)?.map(|tree| format::zarr::at_level(tree.as_ref(), asked, level)).transpose()?.flatten();
    let coarse = coarse.ok_or_else(|| Trouble::new(format!("it has no level {level}"), "Convert it first, or ask for level 0"))?;
    let fine_um = format::inspect_asked(path, asked)?.voxel_size_um;
    let mut found = from_file(path, &coarse, wanted)?;
    // The first voxel of a level begins where the first of level 0 does.
    found.origin_um = found
        .origin_um
        .zip(found.voxel_size_um)
        .zip(fine_um)
        .map(|((origin, coarse), fine)| std::array::from_fn(|axis| origin[axis] + (coarse[axis] - fine[axis]) / 2.0));
    Ok(found)
}

/// As [`read`], from a volume that is open.
pub fn from_volume(volume: &Volume, level: usize, wanted: [Range<usize>; 3]) -> Result<Found, Trouble> {
    let start = [wanted[0].start, wanted[1].start, wanted[2].start];
    let [z, y, x] = wanted;
    let voxels = volume.read_box(level, z, y, x)?;
    // The first voxel of a level begins where the first of level 0 does.
    let factor = volume.factor(level);
    let voxel_size_um = volume.voxel_size_um.map(|size| std::array::from_fn(|axis| size[axis] * factor[axis]));
    let offset = |size: [f64; 3]| -> [f64; 3] {
        std::array::from_fn(|axis| size[axis] * (start[axis] as f64 * factor[axis] + (factor[axis] - 1.0) / 2.0))
    };
    let offset_um = volume.voxel_size_um.map(offset);
    let origin_um = offset_um.map(|offset| std::array::from_fn(|axis| volume.origin_um[axis] + offset[axis]));
    let orientation = volume.orientation.as_ref().zip(offset_um).map(|(orientation, offset)| orientation.from_place(offset));
    Ok(Found { voxels, voxel_size_um, origin_um, orientation, label: Some(volume.label), files: Vec::new() })
}

fn from_file(path: &Path, asked: &Asked, wanted: [Range<usize>; 3]) -> Result<Found, Trouble> {
    let opened = format::open(path, asked)?;
    let (whole, element) = (opened.header.shape, opened.header.element);
    check_inside(&wanted, whole)?;
    let shape: Shape = std::array::from_fn(|axis| wanted[axis].len());
    let bytes = byte_count(shape, element)
        .filter(|&bytes| bytes <= CUT_MAX_BYTES)
        .ok_or_else(|| Trouble::new("the box is too large to be cut out at once", "Ask for a smaller box"))?;
    let start = [wanted[0].start, wanted[1].start, wanted[2].start];
    let [z, y, x] = wanted;
    let (size, row) = (element.bytes(), whole[2] * element.bytes());
    // Rows alone where the file allows it, else whole planes.
    let rows = if opened.planes.gives_parts() { y.clone() } else { 0..whole[1] };
    let plane = rows.len() * row;
    let at_once = (PLANES_BYTES / plane.max(1)).clamp(1, z.len());
    let mut out = Vec::with_capacity(bytes as usize);
    let mut buffer = Buffer::default();
    for first in z.clone().step_by(at_once) {
        let count = at_once.min(z.end - first);
        buffer.resize(count * plane);
        match rows.len() == whole[1] {
            true => opened.planes.read(first, buffer.bytes_mut())?,
            false => opened.planes.read_parts(first, rows.start * row..rows.end * row, buffer.bytes_mut())?,
        }
        for plane in buffer.bytes().chunks_exact(plane) {
            for line in plane.chunks_exact(row).skip(y.start - rows.start).take(y.len()) {
                out.extend_from_slice(&line[x.start * size..x.end * size]);
            }
        }
    }
    let voxel_size_um = opened.header.voxel_size_um;
    let origin_um: Option<[f64; 3]> = voxel_size_um.map(|size| std::array::from_fn(|axis| size[axis] * start[axis] as f64));
    let orientation = opened.header.orientation.as_ref().zip(origin_um).map(|(orientation, offset)| orientation.from_place(offset));
    let voxels = Voxels { shape, element, bytes: out };
    Ok(Found { voxels, voxel_size_um, origin_um, orientation, label: None, files: opened.header.files })
}

/// Reads `Z0:Z1,Y0:Y1,X0:X1`; an end that is left out is nothing.
pub fn parse_box(text: &str) -> Option<[Range<usize>; 3]> {
    let range = |part: &str| {
        let (from, to) = part.trim().split_once(':')?;
        let (from, to) = (from.parse().ok()?, to.parse().ok()?);
        (from < to).then_some(from..to)
    };
    let ranges: Option<Vec<Range<usize>>> = text.split(',').map(range).collect();
    ranges?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::parse_box;

    #[test]
    fn boxes_are_read() {
        assert_eq!(parse_box("0:64, 1:2,30:31"), Some([0..64, 1..2, 30..31]));
        for bad in ["", "0:1,0:1", "0:1,0:1,0:1,0:1", "1:1,0:1,0:1", "2:1,0:1,0:1", "a:1,0:1,0:1", ":1,0:1,0:1", "-1:1,0:1,0:1"] {
            assert_eq!(parse_box(bad), None, "{bad}");
        }
    }
}
