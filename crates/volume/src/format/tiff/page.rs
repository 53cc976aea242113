//! One page of a TIFF file, understood and found readable, or refused in plain words.

use super::super::{check_shape, limit};
use super::ifd::{Bytes, Directory, Layout};
use crate::{ElementType, Trouble};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Lzw,
    Deflate,
    PackBits,
    Zstd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Predictor {
    None,
    Horizontal,
    Float,
}

/// Where the compressed pieces of a page lie.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) element: ElementType,
    pub(crate) compression: Compression,
    pub(crate) predictor: Predictor,
    pub(crate) big_endian: bool,
    /// Width and height of a tile; a strip is a tile as wide as the page.
    pub(crate) segment: [usize; 2],
    pub(crate) tiled: bool,
    pub(crate) offsets: Vec<u64>,
    pub(crate) lengths: Vec<u64>,
    /// Eight voxels in a byte, as masks are often stored; they come out as 0 and 1.
    pub(crate) one_bit: bool,
    pub(crate) inverted: bool,
    pub(crate) palette: bool,
}

/// Pages that show the same picture smaller, or a mask, are not slices.
pub(crate) fn is_auxiliary(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory) -> Result<bool, Trouble> {
    let new = layout.integer(bytes, directory, 254)?.unwrap_or(0);
    let old = layout.integer(bytes, directory, 255)?.unwrap_or(1);
    Ok(new & 0b101 != 0 || old == 2)
}

impl Page {
    pub(crate) fn read(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory) -> Result<Self, Trouble> {
        let required = |tag, name: &str| {
            layout
                .integer(bytes, directory, tag)?
                .ok_or_else(|| Trouble::new(format!("a TIFF page does not say its {name}"), "The file is damaged; save it again"))
        };
        let (width, height) = (required(256, "width")?, required(257, "height")?);
        let element = element_of(layout, bytes, directory)?;
        check_shape([1, height, width], element.bytes())?;
        if layout.integer(bytes, directory, 32_997)?.unwrap_or(1) > 1 {
            return Err(Trouble::new("its pages have a depth of their own, which is not read", "Save every slice as a page"));
        }
        let (compression, predictor) = compression_of(layout, bytes, directory, element)?;
        let photometric = layout.integer(bytes, directory, 262)?.unwrap_or(1);
        let (width, height) = (width as usize, height as usize);
        let mut page = Page {
            width,
            height,
            element,
            compression,
            predictor,
            big_endian: layout.big_endian,
            segment: [0, 0],
            tiled: directory.find(322).is_some(),
            offsets: Vec::new(),
            lengths: Vec::new(),
            one_bit: layout.integer(bytes, directory, 258)?.unwrap_or(1) == 1,
            inverted: photometric == 0,
            palette: photometric == 3,
        };
        page.find_segments(layout, bytes, directory)?;
        Ok(page)
    }

    fn find_segments(&mut self, layout: &Layout, bytes: &Bytes<'_>, directory: &Directory) -> Result<(), Trouble> {
        let (offset_tag, length_tag) = if self.tiled { (324, 325) } else { (273, 279) };
        let most = limit::TIFF_SEGMENTS;
        let missing = || Trouble::new("a TIFF page does not say where its voxels are", "The file is damaged; save it again");
        self.offsets = layout.integers(bytes, directory, offset_tag, most)?.ok_or_else(missing)?;
        if self.tiled {
            let side = |tag| layout.integer(bytes, directory, tag)?.filter(|&side| side > 0).ok_or_else(missing);
            let (width, height) = (side(322)?, side(323)?);
            check_shape([1, height, width], self.element.bytes())?;
            self.segment = [width as usize, height as usize];
        } else {
            let rows = layout.integer(bytes, directory, 278)?.unwrap_or(u64::MAX);
            if rows == 0 {
                return Err(missing());
            }
            self.segment = [self.width, rows.min(self.height as u64) as usize];
        }
        if self.compression != Compression::None && self.plain_bytes(0) > limit::TIFF_SEGMENT_BYTES {
            return Err(Trouble::new("its strips or tiles are larger than 1 GiB", "Save it with smaller strips or tiles"));
        }
        let expected = self.width.div_ceil(self.segment[0]) * self.height.div_ceil(self.segment[1]);
        self.lengths = match layout.integers(bytes, directory, length_tag, most)? {
            Some(lengths) => lengths,
            // Old writers of plain strips leave the lengths out.
            None if self.compression == Compression::None => (0..expected).map(|index| self.unpacked_bytes(index) as u64).collect(),
            None => return Err(missing()),
        };
        if self.offsets.len() < expected || self.lengths.len() < expected {
            return Err(Trouble::new(
                format!("a TIFF page needs {expected} strips or tiles and has {}", self.offsets.len().min(self.lengths.len())),
                "The file was cut off; save or upload it again",
            ));
        }
        self.offsets.truncate(expected);
        self.lengths.truncate(expected);
        self.check_segments(bytes.length())
    }

    /// Every piece must lie inside the file and be long enough to hold what it should.
    fn check_segments(&self, file_length: u64) -> Result<(), Trouble> {
        for (index, (&offset, &length)) in self.offsets.iter().zip(&self.lengths).enumerate() {
            if offset.checked_add(length).is_none_or(|end| end > file_length) {
                return Err(super::ifd::cut_off());
            }
            if self.compression == Compression::None && length < self.unpacked_bytes(index) as u64 && length != 0 {
                return Err(Trouble::new("a TIFF strip is shorter than its voxels", "The file was cut off; upload it again"));
            }
        }
        Ok(())
    }

    /// Rows that piece `index` really holds: tiles are always whole, the last strip may be short.
    pub(crate) fn rows_of(&self, index: usize) -> usize {
        if self.tiled {
            return self.segment[1];
        }
        self.segment[1].min(self.height - index * self.segment[1])
    }

    /// Bytes of piece `index` after expanding, before bits become bytes.
    pub(crate) fn unpacked_bytes(&self, index: usize) -> usize {
        if self.one_bit { self.segment[0].div_ceil(8) * self.rows_of(index) } else { self.plain_bytes(index) }
    }

    /// Bytes of the voxels of piece `index`.
    pub(crate) fn plain_bytes(&self, index: usize) -> usize {
        self.segment[0] * self.rows_of(index) * self.element.bytes()
    }

    pub(crate) fn plane_bytes(&self) -> usize {
        self.width * self.height * self.element.bytes()
    }

    /// Where the plane begins when it lies in one piece without compression.
    pub(crate) fn one_piece(&self) -> Option<u64> {
        let bytes_per_strip = (self.segment[1] * self.width * self.element.bytes()) as u64;
        let follows = |pair: &[u64]| pair[0].checked_add(bytes_per_strip) == Some(pair[1]);
        let plain = self.compression == Compression::None && self.predictor == Predictor::None;
        (plain && !self.tiled && !self.one_bit && self.offsets.windows(2).all(follows) && !self.lengths.contains(&0))
            .then(|| self.offsets[0])
    }
}

pub(crate) fn element_of(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory) -> Result<ElementType, Trouble> {
    let samples = layout.integer(bytes, directory, 277)?.unwrap_or(1);
    let photometric = layout.integer(bytes, directory, 262)?.unwrap_or(1);
    if samples != 1 || !matches!(photometric, 0 | 1 | 3 | 32_844) {
        return Err(Trouble::new(
            "it is a colour picture, and a volume has one value per voxel",
            "Save the slices as 8- or 16-bit grey values",
        ));
    }
    let bits = layout.integer(bytes, directory, 258)?.unwrap_or(1);
    let format = layout.integer(bytes, directory, 339)?.unwrap_or(1);
    Ok(match (format, bits) {
        (1, 1) => ElementType::U8,
        (1 | 4, 8) => ElementType::U8,
        (1 | 4, 16) => ElementType::U16,
        (1 | 4, 32) => ElementType::U32,
        (1 | 4, 64) => ElementType::U64,
        (2, 8) => ElementType::I8,
        (2, 16) => ElementType::I16,
        (2, 32) => ElementType::I32,
        (2, 64) => ElementType::I64,
        (3, 32) => ElementType::F32,
        (3, 64) => ElementType::F64,
        _ => {
            let kind = match format {
                2 => "signed integers",
                3 => "floating point",
                5 | 6 => "complex numbers",
                _ => "unsigned integers",
            };
            return Err(Trouble::new(
                format!("its voxels are {kind} of {bits} bits, which are not read"),
                "Save it with 8, 16 or 32 bits, or as 32- or 64-bit floating point",
            ));
        }
    })
}

fn compression_of(
    layout: &Layout,
    bytes: &Bytes<'_>,
    directory: &Directory,
    element: ElementType,
) -> Result<(Compression, Predictor), Trouble> {
    let refuse = |what: String| Trouble::new(what, "Save it without compression, or with LZW, deflate or zstd");
    let compression = match layout.integer(bytes, directory, 259)?.unwrap_or(1) {
        0 | 1 => Compression::None,
        5 => Compression::Lzw,
        8 | 32_946 => Compression::Deflate,
        32_773 => Compression::PackBits,
        34_926 | 50_000 => Compression::Zstd,
        2..=4 => return Err(refuse("it is compressed like a fax".into())),
        6 | 7 => return Err(refuse("it is compressed as JPEG, which loses detail and is not read yet".into())),
        code => return Err(refuse(format!("its compression (TIFF code {code}) is not read"))),
    };
    let predictor = match layout.integer(bytes, directory, 317)?.unwrap_or(1) {
        0 | 1 => Predictor::None,
        2 if !element.is_float() && layout.integer(bytes, directory, 258)?.unwrap_or(1) >= 8 => Predictor::Horizontal,
        3 if element.is_float() => Predictor::Float,
        code => return Err(refuse(format!("its predictor {code} does not fit its voxel type"))),
    };
    if layout.integer(bytes, directory, 266)?.unwrap_or(1) == 2 && compression != Compression::None {
        return Err(refuse("its bits are stored in reversed order".into()));
    }
    Ok((compression, predictor))
}
