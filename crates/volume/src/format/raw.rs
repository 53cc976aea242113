//! Files without a header: the owner says what they are.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::contiguous::{Contiguous, check_length};
use super::{Opened, check_shape, open_with_length};
use crate::element::byte_count;
use crate::trouble::file_name;
use crate::{ElementType, Found, Header, Shape, Trouble};

/// What somebody must type in for a raw file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawShape {
    pub shape: Shape,
    pub element: ElementType,
    #[serde(default)]
    pub big_endian: bool,
    /// Bytes before the first voxel.
    #[serde(default)]
    pub offset: u64,
}

pub(crate) fn open(path: &Path, raw: &RawShape) -> Result<Opened, Trouble> {
    let (file, length) = open_with_length(path)?;
    let shape = check_shape(raw.shape.map(|axis| axis as u64), raw.element.bytes()).map_err(|trouble| trouble.in_file(path))?;
    let voxels = byte_count(shape, raw.element);
    check_length(path, length, raw.offset, voxels)?;
    let mut warnings = Vec::new();
    let used = voxels.unwrap_or(0) + raw.offset;
    if used < length {
        warnings.push(format!("{} bytes at the end of the raw file do not belong to the given shape.", length - used));
    }
    let header = Header {
        format: "raw".into(),
        shape,
        element: raw.element,
        voxel_size_um: None,
        orientation: None,
        found: Found::default(),
        warnings,
        files: vec![file_name(path)],
    };
    let planes = Contiguous {
        path: path.into(),
        file,
        offset: raw.offset,
        plane_bytes: shape[1] * shape[2] * raw.element.bytes(),
        element: raw.element,
        big_endian: raw.big_endian,
    };
    Ok(Opened { header, planes: Box::new(planes), bytes_in: length, scratch_bytes: 0 })
}
