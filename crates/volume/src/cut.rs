//! A box of voxels as a file of its own: raw, NRRD, TIFF or a volume, always the same bytes for the same box.

mod source;
mod volume;
mod zipped;

use serde::{Deserialize, Serialize};

pub use source::{Found, from_volume, parse_box, read};
pub use volume::{make_volume, zipped_volume};

use crate::zarr::Voxels;
use crate::{ElementType, Orientation, Trouble};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CutFormat {
    Raw,
    Nrrd,
    Tif,
}

impl CutFormat {
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "raw" => Some(Self::Raw),
            "nrrd" => Some(Self::Nrrd),
            "tif" | "tiff" => Some(Self::Tif),
            _ => None,
        }
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Raw => "application/octet-stream",
            Self::Nrrd => "application/x-nrrd",
            Self::Tif => "image/tiff",
        }
    }

    pub const fn extension(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Nrrd => "nrrd",
            Self::Tif => "tif",
        }
    }
}

/// Classic TIFF counts bytes with 32 bits.
const TIFF_MAX_BYTES: u64 = u32::MAX as u64;

/// What a box says about where it comes from, inside its file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Caption {
    /// Lines of one `key=value` each, without line breaks: the source, its citation, the box.
    pub lines: Vec<(String, String)>,
    /// Centre of the first voxel, measured from that of the whole volume, z, y, x in micrometres.
    pub origin_um: Option<[f64; 3]>,
    /// How the box lies in the space that its source names.
    pub orientation: Option<Orientation>,
}

/// The whole file. `voxel_size_um` is that of the level the box was cut from.
pub fn file(voxels: &Voxels, voxel_size_um: Option<[f64; 3]>, format: CutFormat) -> Result<Vec<u8>, Trouble> {
    captioned(voxels, voxel_size_um, &Caption::default(), format)
}

/// As [`file`], with a caption; raw files have no room for one.
pub fn captioned(voxels: &Voxels, voxel_size_um: Option<[f64; 3]>, caption: &Caption, format: CutFormat) -> Result<Vec<u8>, Trouble> {
    captioned_within(voxels, voxel_size_um, caption, format, u64::MAX)
}

/// As [`captioned`], if the whole file has no more than so many bytes. A TIFF file has a directory for each slice.
pub fn captioned_within(
    voxels: &Voxels,
    voxel_size_um: Option<[f64; 3]>,
    caption: &Caption,
    format: CutFormat,
    bytes_max: u64,
) -> Result<Vec<u8>, Trouble> {
    let text = match format {
        CutFormat::Raw => String::new(),
        CutFormat::Nrrd => nrrd_text(voxels, voxel_size_um, caption),
        CutFormat::Tif => tiff_text(voxels, voxel_size_um, caption),
    };
    let [depth, height, width] = voxels.shape;
    let page = StackPage { width, height, element: voxels.element, text: &text, voxel_size_um };
    let (in_front, most) = match format {
        CutFormat::Raw | CutFormat::Nrrd => (text.len() as u64, bytes_max),
        CutFormat::Tif => ((depth as u64).saturating_mul(page.directory_bytes() as u64).saturating_add(8), bytes_max.min(TIFF_MAX_BYTES)),
    };
    let bytes = in_front.saturating_add(voxels.bytes.len() as u64);
    if bytes > most {
        let what = format!("the box would be a {} file of {bytes} bytes, and at most {most} are possible", format.extension());
        return Err(Trouble::new(what, "Ask for raw, or for a smaller box"));
    }
    let mut file = Vec::with_capacity(bytes as usize);
    match format {
        CutFormat::Raw | CutFormat::Nrrd => file.extend_from_slice(text.as_bytes()),
        CutFormat::Tif => page.write_all(&mut file, depth),
    }
    file.extend_from_slice(&voxels.bytes);
    Ok(file)
}

/// Nothing that would end a line early.
fn one_line(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}

fn nrrd_text(voxels: &Voxels, voxel_size_um: Option<[f64; 3]>, caption: &Caption) -> String {
    let [z, y, x] = voxels.shape;
    let kind = match voxels.element {
        ElementType::F32 => "float",
        ElementType::F64 => "double",
        other => other.name(),
    };
    let mut text = format!("NRRD0004\ntype: {kind}\ndimension: 3\n");
    let sizes = format!("sizes: {x} {y} {z}\nencoding: raw\nendian: little\n");
    match (voxel_size_um, caption.origin_um) {
        (Some(size), Some(_)) if caption.orientation.is_some() => text.push_str(&nrrd_space(size, caption.orientation.as_ref(), &sizes)),
        (Some([z, y, x]), Some([from_z, from_y, from_x])) => {
            text.push_str(&format!(
                "space dimension: 3\n{sizes}space directions: ({x},0,0) (0,{y},0) (0,0,{z})\n\
                 space units: \"um\" \"um\" \"um\"\nspace origin: ({from_x},{from_y},{from_z})\n"
            ));
        }
        (Some([z, y, x]), None) => text.push_str(&format!("{sizes}spacings: {x} {y} {z}\nunits: \"um\" \"um\" \"um\"\n")),
        (None, _) => text.push_str(&sizes),
    }
    for (key, value) in &caption.lines {
        text.push_str(&format!("{}:={}\n", one_line(key), one_line(value).replace('\\', "/")));
    }
    text.push('\n');
    text
}

/// Spaces that NRRD has a name for, spelled as the readers of all formats here spell them.
const NRRD_SPACES: [&str; 3] = ["right-anterior-superior", "left-anterior-superior", "left-posterior-superior"];

/// The box as it lay in the scanner or the body.
fn nrrd_space(size: [f64; 3], orientation: Option<&Orientation>, sizes: &str) -> String {
    let Some(Orientation { space, direction, origin_um }) = orientation else { return sizes.to_owned() };
    let vector = |parts: [f64; 3]| format!("({},{},{})", parts[0], parts[1], parts[2]);
    let along = |axis: usize| vector(direction[axis].map(|part| part * size[axis]));
    let named = NRRD_SPACES.contains(&space.as_str());
    let space = if named { format!("space: {space}\n") } else { "space dimension: 3\n".to_owned() };
    let origin = origin_um.map_or_else(String::new, |origin| format!("space origin: {}\n", vector(origin)));
    let directions = format!("space directions: {} {} {}\nspace units: \"um\" \"um\" \"um\"\n", along(2), along(1), along(0));
    format!("{space}{sizes}{directions}{origin}")
}

/// What ImageJ writes, so that the voxel size is read again by others and by us.
fn tiff_text(voxels: &Voxels, voxel_size_um: Option<[f64; 3]>, caption: &Caption) -> String {
    let depth = voxels.shape[0];
    let mut text = format!("ImageJ=1.53t\nimages={depth}\nslices={depth}\n");
    if let Some([z, _, _]) = voxel_size_um {
        text.push_str(&format!("unit=micron\nspacing={z}\n"));
    }
    let orientation = caption.orientation.as_ref().map(|orientation| ("orientation".to_owned(), in_words(orientation)));
    for (key, value) in caption.lines.iter().chain(&orientation) {
        // The tag holds ASCII.
        let value: String = one_line(value).chars().map(|sign| if sign.is_ascii() { sign } else { '?' }).collect();
        text.push_str(&format!("{}={value}\n", one_line(key)));
    }
    text
}

/// On one line: the space, where z, y and x point in it, and where the first voxel lies.
fn in_words(Orientation { space, direction: [z, y, x], origin_um }: &Orientation) -> String {
    let origin = origin_um.map_or_else(String::new, |origin| format!(", origin {origin:?} um"));
    format!("{space}, z {z:?}, y {y:?}, x {x:?}{origin}")
}

/// One page whose directory carries everything that has no room in its entries.
pub(crate) struct StackPage<'a> {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) element: ElementType,
    pub(crate) text: &'a str,
    pub(crate) voxel_size_um: Option<[f64; 3]>,
}

const STACK_PAGE_ENTRIES: usize = 13;

impl StackPage<'_> {
    /// Bytes of the directory and of what it points to.
    pub(crate) fn directory_bytes(&self) -> usize {
        2 + 12 * STACK_PAGE_ENTRIES + 4 + 16 + (self.text.len() + 1).next_multiple_of(2)
    }

    /// Begins a file with the directories of so many pages. The voxels follow without a gap: ImageJ then reads them as one block.
    fn write_all(&self, file: &mut Vec<u8>, pages: usize) {
        file.extend_from_slice(b"II*\0\x08\0\0\0");
        let (directory, plane) = (self.directory_bytes(), self.height * self.width * self.element.bytes());
        for z in 0..pages {
            let next = if z + 1 < pages { (file.len() + directory) as u32 } else { 0 };
            self.write(file, (8 + pages * directory + z * plane) as u32, next);
        }
    }

    /// Appends the directory; the voxels lie at `data`.
    pub(crate) fn write(&self, file: &mut Vec<u8>, data: u32, next: u32) {
        let beside = (file.len() + 2 + 12 * STACK_PAGE_ENTRIES + 4) as u32;
        let format = match self.element {
            ElementType::U8 | ElementType::U16 | ElementType::U32 | ElementType::U64 => 1,
            ElementType::I8 | ElementType::I16 | ElementType::I32 | ElementType::I64 => 2,
            ElementType::F32 | ElementType::F64 => 3,
        };
        let bytes = (self.width * self.height * self.element.bytes()) as u32;
        let (short, long, fraction, text) = (3u16, 4u16, 5u16, 2u16);
        let entries: [(u16, u16, u32, u32); STACK_PAGE_ENTRIES] = [
            (256, long, 1, self.width as u32),
            (257, long, 1, self.height as u32),
            (258, short, 1, 8 * self.element.bytes() as u32),
            (259, short, 1, 1),
            (262, short, 1, 1),
            (270, text, self.text.len() as u32 + 1, beside + 16),
            (273, long, 1, data),
            (277, short, 1, 1),
            (278, long, 1, self.height as u32),
            (279, long, 1, bytes),
            (282, fraction, 1, beside),
            (283, fraction, 1, beside + 8),
            (339, short, 1, format),
        ];
        file.extend_from_slice(&(STACK_PAGE_ENTRIES as u16).to_le_bytes());
        for (tag, kind, count, value) in entries {
            file.extend_from_slice(&tag.to_le_bytes());
            file.extend_from_slice(&kind.to_le_bytes());
            file.extend_from_slice(&count.to_le_bytes());
            file.extend_from_slice(&value.to_le_bytes());
        }
        file.extend_from_slice(&next.to_le_bytes());
        let [_, y, x] = self.voxel_size_um.unwrap_or([1.0; 3]);
        for size in [x, y] {
            let (over, under) = pixels_per_unit(size);
            file.extend_from_slice(&over.to_le_bytes());
            file.extend_from_slice(&under.to_le_bytes());
        }
        file.extend_from_slice(self.text.as_bytes());
        file.extend(std::iter::repeat_n(0, (self.text.len() + 1).next_multiple_of(2) - self.text.len()));
    }
}

/// The fraction 1/size with a decimal numerator, so that 12.5 µm is 1000000/12500000 and comes back as 12.5.
fn pixels_per_unit(size: f64) -> (u32, u32) {
    let mut over = 1_000_000u32;
    while over > 1 && size * f64::from(over) > f64::from(u32::MAX) {
        over /= 10;
    }
    (over, (size * f64::from(over)).round().clamp(1.0, f64::from(u32::MAX)) as u32)
}
