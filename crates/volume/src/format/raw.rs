//! Files without a header: their owner says what they are, or a file beside them does.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::contiguous::{Contiguous, check_length};
use super::{Asked, Format, Opened, Role, called, check_shape, head_of, only, open_with_length, recognise, vendor};
use crate::element::byte_count;
use crate::trouble::file_name;
use crate::{About, Asks, ElementType, Found, Header, Shape, Trouble};

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

pub(crate) static FORMAT: Format = Format {
    name: "raw",
    endings: &[".raw", ".vol", ".bin", ".img"],
    role: Role::Raw,
    recognises: |_| false,
    open: |paths, asked| open_described(only(&paths)?, asked),
    head_facts: |_, _| None,
};

/// Opens a raw file by what stands beside it; a name that tells numbers is only a suggestion.
pub(super) fn open_described(path: &Path, asked: &Asked) -> Result<Opened, Trouble> {
    if let Some(header) = header_beside(path)
        && let Some(format) = recognise(&head_of(&header)?)
    {
        return (format.open)(vec![header], asked);
    }
    let (_, length) = open_with_length(path)?;
    match vendor::raw_shape(path, length).map_err(|trouble| trouble.in_file(path))? {
        Some(raw) => open(path, &raw),
        None => Err(unknown(path, length)),
    }
}

/// The header of another format that is called like the raw file.
fn header_beside(path: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    let own = path.file_stem()?.to_os_string();
    let mut headers: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .take(super::limit::SLICES)
        .map(|entry| entry.path())
        .filter(|other| other.file_stem() == Some(own.as_os_str()))
        .filter(|other| called(&file_name(other).to_lowercase()).is_some_and(|format| format.role == Role::Volume))
        .collect();
    headers.sort();
    headers.into_iter().next()
}

fn unknown(path: &Path, length: u64) -> Trouble {
    let hint = "Give shape, element type and byte order, or add the file that describes it (.mhd, .vgi, .json)";
    let suggested = suggested(&file_name(path)).filter(|raw| byte_count(raw.shape, raw.element) == Some(length));
    let what = match &suggested {
        Some(RawShape { shape: [z, y, x], element, .. }) => {
            format!("it does not say what it holds; its name and length suggest {x} × {y} × {z} voxels (x, y, z) of {element}")
        }
        None => "it does not say what it holds".into(),
    };
    Trouble::new(what, hint).in_file(path).asking(Asks::one_of(About::Raw { suggested, bytes: length }, [], 0))
}

/// What a name like `bone_512x512x300_u16.raw` seems to say: x, y, z and a type.
pub(crate) fn suggested(name: &str) -> Option<RawShape> {
    let name = name.to_lowercase();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let words: Vec<&str> = stem.split(['_', '-', ' ', '.', '(', ')']).collect();
    let sizes = |word: &&str| -> Option<[usize; 3]> {
        let numbers: Vec<usize> = word.split(['x', '×']).map_while(|part| part.parse().ok()).collect();
        let [x, y, z] = numbers[..] else { return None };
        (word.split(['x', '×']).count() == 3).then_some([z, y, x])
    };
    let shape = words.iter().find_map(sizes)?;
    let element = words.iter().find_map(|word| vendor::element_named(word))?;
    let big_endian = words.iter().any(|word| matches!(*word, "be" | "big" | "bigendian"));
    Some(RawShape { shape, element, big_endian, offset: 0 })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_suggest_a_shape() {
        let raw = suggested("name_512x256x300_u16.raw").unwrap();
        assert_eq!((raw.shape, raw.element), ([300, 256, 512], ElementType::U16));
        assert_eq!(suggested("a_1024x1024x1024_16bit.raw").unwrap().element, ElementType::U16);
        assert_eq!(suggested("a_512x512_u16.raw"), None);
        assert_eq!(suggested("a_1x2x3x4_u8.raw"), None);
    }
}
