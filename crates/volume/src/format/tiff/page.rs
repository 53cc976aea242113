//! One page of a TIFF file, understood and found readable, or refused in plain words.

use std::ops::Range;
use std::sync::Arc;

use super::super::{channel, check_shape, jpeg, limit};
use super::ifd::{Bytes, Directory, Layout};
use super::sample::{Stored, understand};
use crate::{ElementType, Trouble};

/// The number of JPEG among the compressions.
const JPEG: u64 = 7;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Lzw,
    Deflate,
    PackBits,
    Zstd,
    /// With the tables that all pieces share, what becomes of colours, and whether nothing was lost.
    Jpeg {
        tables: Option<Arc<[u8]>>,
        colours: jpeg::Colours,
        exact: bool,
    },
    Jpeg2000,
    Png,
    WebP,
}

impl Compression {
    /// Whether pieces are pictures of their own, whose samples come out as values and not as bytes in the order of the file.
    pub(crate) fn is_picture(&self) -> bool {
        matches!(self, Self::Jpeg { .. } | Self::Jpeg2000 | Self::Png | Self::WebP)
    }

    /// Bytes that its decoder holds for each byte of a piece, beside the piece.
    pub(crate) fn held_for_a_byte(&self) -> u64 {
        match self {
            // Coefficients of all passes, and planes of samples.
            Self::Jpeg { .. } => 5,
            // It thinks in 32-bit numbers, several of them for a sample.
            Self::Jpeg2000 => 20,
            Self::Png => 2,
            Self::WebP => 4,
            _ => 0,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Predictor {
    None,
    Horizontal,
    Float,
}

/// Where the compressed pieces of a page lie, and how voxels come out of them.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) element: ElementType,
    pub(crate) stored: Stored,
    /// Samples that lie side by side in a piece, and which of them is wanted.
    pub(crate) samples: usize,
    pub(crate) sample: usize,
    pub(crate) compression: Compression,
    pub(crate) predictor: Predictor,
    pub(crate) big_endian: bool,
    pub(crate) reversed_bits: bool,
    /// Width and height of a tile; a strip is a tile as wide as the page.
    pub(crate) segment: [usize; 2],
    pub(crate) tiled: bool,
    pub(crate) offsets: Vec<u64>,
    pub(crate) lengths: Vec<u64>,
    pub(crate) inverted: bool,
    pub(crate) palette: bool,
}

/// Pages that show the same picture smaller, or a mask, are not slices.
pub(crate) fn is_auxiliary(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory) -> Result<bool, Trouble> {
    let new = layout.integer(bytes, directory, 254)?.unwrap_or(0);
    let old = layout.integer(bytes, directory, 255)?.unwrap_or(1);
    Ok(new & 0b101 != 0 || old == 2)
}

/// What the samples of a pixel are; one name for a grey picture.
pub(crate) fn channels_of(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory) -> Result<Vec<String>, Trouble> {
    let samples = layout.integer(bytes, directory, 277)?.unwrap_or(1);
    if samples == 0 || samples > limit::CHANNELS {
        return Err(Trouble::new(format!("a pixel claims {samples} samples"), "The file is damaged; save it again"));
    }
    let named: &[&str] = match layout.integer(bytes, directory, 262)?.unwrap_or(1) {
        _ if samples == 3 && has_luminance(layout, bytes, directory)? => &["brightness", "blueness", "redness"],
        2 | 6 if samples > 2 => &["red", "green", "blue", "alpha"],
        5 if samples > 3 => &["cyan", "magenta", "yellow", "black", "alpha"],
        8 if samples > 2 => &["lightness", "a", "b"],
        _ if samples == 2 => &["grey", "alpha"],
        _ => &["grey"],
    };
    Ok((0..samples as usize).map(|number| named.get(number).map_or(format!("sample {number}"), |name| (*name).into())).collect())
}

/// Whether samples are brightness and two colours (YCbCr), and come out as they are stored.
fn has_luminance(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory) -> Result<bool, Trouble> {
    let number = |tag, otherwise| Ok::<_, Trouble>(layout.integer(bytes, directory, tag)?.unwrap_or(otherwise));
    Ok(match number(259, 1)? {
        33_003 | 33_004 => true,
        JPEG | 33_005 | 34_712 | 34_927 | 50_001 => number(262, 1)? == 6 && number(284, 1)? == 2,
        _ => number(262, 1)? == 6,
    })
}

/// Type of the voxels and how they are stored.
pub(crate) fn element_of(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory) -> Result<(Stored, ElementType), Trouble> {
    let same = |tag| -> Result<u64, Trouble> {
        let numbers = layout.integers(bytes, directory, tag, limit::CHANNELS)?.unwrap_or_default();
        match numbers.iter().find(|&&number| number != numbers[0]) {
            Some(_) => Err(Trouble::new("its channels differ in their number of bits", "Save each channel as a stack of its own")),
            None => Ok(numbers.first().copied().unwrap_or(1)),
        }
    };
    understand(same(339)?, same(258)?)
}

impl Page {
    /// `sample` is which of several samples of a pixel is wanted.
    pub(crate) fn read(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory, sample: Option<usize>) -> Result<Self, Trouble> {
        let required = |tag, name: &str| {
            layout
                .integer(bytes, directory, tag)?
                .ok_or_else(|| Trouble::new(format!("a TIFF page does not say its {name}"), "The file is damaged; save it again"))
        };
        let (width, height) = (required(256, "width")?, required(257, "height")?);
        let (stored, element) = element_of(layout, bytes, directory)?;
        let samples = channels_of(layout, bytes, directory)?;
        let sample = channel::choose("it is a colour picture", &samples, sample)?;
        check_shape([1, height, width], element.bytes() * samples.len())?;
        if layout.integer(bytes, directory, 32_997)?.unwrap_or(1) > 1 {
            return Err(Trouble::new("its pages have a depth of their own, which is not read", "Save every slice as a page"));
        }
        let photometric = layout.integer(bytes, directory, 262)?.unwrap_or(1);
        if photometric == 6 && has_luminance(layout, bytes, directory)? {
            check_fineness(layout, bytes, directory)?;
        }
        let separate = samples.len() > 1 && layout.integer(bytes, directory, 284)?.unwrap_or(1) == 2;
        let mut page = Page {
            width: width as usize,
            height: height as usize,
            element,
            stored,
            samples: if separate { 1 } else { samples.len() },
            sample: if separate { 0 } else { sample },
            compression: compression_of(layout, bytes, directory, photometric == 6 && !separate)?,
            predictor: Predictor::None,
            big_endian: layout.big_endian,
            reversed_bits: layout.integer(bytes, directory, 266)?.unwrap_or(1) == 2,
            segment: [0, 0],
            tiled: directory.find(322).is_some(),
            offsets: Vec::new(),
            lengths: Vec::new(),
            inverted: photometric == 0,
            palette: photometric == 3,
        };
        if page.compression.is_picture() {
            page.come_as_values()?;
        }
        page.predictor = predictor_of(layout, bytes, directory, &page)?;
        page.find_segments(layout, bytes, directory, if separate { sample } else { 0 })?;
        if matches!(page.compression, Compression::Jpeg { .. }) {
            page.look_into_jpeg(bytes)?;
        }
        if let Some(offset) = page.one_piece() {
            page.lie_in_one_piece(offset);
        }
        Ok(page)
    }

    /// Strips that follow each other are one: a stack of many slices need not remember them all.
    pub(crate) fn lie_in_one_piece(&mut self, offset: u64) {
        self.segment = [self.width, self.height];
        (self.offsets, self.lengths) = (vec![offset], vec![self.plane_bytes() as u64]);
    }

    /// `plane` is which of the separately stored channels is wanted.
    fn find_segments(&mut self, layout: &Layout, bytes: &Bytes<'_>, directory: &Directory, plane: usize) -> Result<(), Trouble> {
        let (offset_tag, length_tag) = if self.tiled { (324, 325) } else { (273, 279) };
        let most = limit::TIFF_SEGMENTS;
        let missing = || Trouble::new("a TIFF page does not say where its voxels are", "The file is damaged; save it again");
        self.offsets = layout.integers(bytes, directory, offset_tag, most)?.ok_or_else(missing)?;
        if self.tiled {
            let side = |tag| layout.integer(bytes, directory, tag)?.filter(|&side| side > 0).ok_or_else(missing);
            let (width, height) = (side(322)?, side(323)?);
            check_shape([1, height, width], self.element.bytes() * self.samples)?;
            self.segment = [width as usize, height as usize];
        } else {
            let rows = layout.integer(bytes, directory, 278)?.unwrap_or(u64::MAX);
            if rows == 0 {
                return Err(missing());
            }
            self.segment = [self.width, rows.min(self.height as u64) as usize];
        }
        if self.one_piece_possible().is_none() && self.unpacked_bytes(0) > limit::TIFF_SEGMENT_BYTES {
            return Err(Trouble::new("its strips or tiles are larger than 1 GiB", "Save it with smaller strips or tiles"));
        }
        let expected = self.width.div_ceil(self.segment[0]) * self.height.div_ceil(self.segment[1]);
        self.lengths = match layout.integers(bytes, directory, length_tag, most)? {
            Some(lengths) => lengths,
            // Old writers of plain strips leave the lengths out.
            None if self.compression == Compression::None => {
                (0..self.offsets.len()).map(|index| self.unpacked_bytes(index % expected) as u64).collect()
            }
            None => return Err(missing()),
        };
        let needed = (plane + 1).saturating_mul(expected);
        if self.offsets.len() < needed || self.lengths.len() < needed {
            return Err(Trouble::new(
                format!("a TIFF page needs {needed} strips or tiles and has {}", self.offsets.len().min(self.lengths.len())),
                "The file was cut off; save or upload it again",
            ));
        }
        self.offsets = self.offsets[plane * expected..needed].to_vec();
        self.lengths = self.lengths[plane * expected..needed].to_vec();
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

    /// What pictures hold is spread already, whatever the page says of bits.
    fn come_as_values(&mut self) -> Result<(), Trouble> {
        let bits = self.stored.bits(self.element);
        if bits > 16 || self.element.is_float() {
            return Err(refuse(format!("it is compressed as pictures and claims {bits} bits of {}, which cannot be", self.element)));
        }
        self.stored = Stored::Whole;
        Ok(())
    }

    /// The kinds of JPEG that are not read are named before anybody waits for voxels.
    fn look_into_jpeg(&mut self, bytes: &Bytes<'_>) -> Result<(), Trouble> {
        let first = self.offsets.iter().zip(&self.lengths).find(|(_, length)| **length > 0);
        let Some((&offset, &length)) = first else { return Ok(()) };
        // Of a file that is still arriving this part may be missing; then the whole file will tell.
        let Ok(head) = bytes.read(offset, length.min(jpeg::HEAD_BYTES)) else { return Ok(()) };
        let frame = jpeg::frame_of(&head)?;
        frame.check()?;
        if let Compression::Jpeg { exact, .. } = &mut self.compression {
            *exact = frame.is_exact();
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

    /// Pieces that lie beside each other.
    pub(crate) fn across(&self) -> usize {
        self.width.div_ceil(self.segment[0])
    }

    /// Which pieces hold some of these rows.
    pub(crate) fn pieces_of(&self, rows: &Range<usize>) -> Range<usize> {
        let across = self.across();
        rows.start / self.segment[1] * across..rows.end.div_ceil(self.segment[1]) * across
    }

    /// The rows of the page that piece `index` holds.
    pub(crate) fn rows_on_page(&self, index: usize) -> Range<usize> {
        let top = index / self.across() * self.segment[1];
        top..(top + self.segment[1]).min(self.height)
    }

    /// Bytes of one row of a piece, all samples, as they lie in the file.
    pub(crate) fn row_bytes(&self) -> usize {
        (self.segment[0] * self.samples * self.stored.bits(self.element)).div_ceil(8)
    }

    /// Bytes of piece `index` after expanding.
    pub(crate) fn unpacked_bytes(&self, index: usize) -> usize {
        self.row_bytes() * self.rows_of(index)
    }

    pub(crate) fn plane_bytes(&self) -> usize {
        self.width * self.height * self.element.bytes()
    }

    /// Whether expanded bytes are voxels already.
    pub(crate) fn is_plain(&self) -> bool {
        self.stored == Stored::Whole && self.samples == 1
    }

    fn one_piece_possible(&self) -> Option<()> {
        let plain = self.compression == Compression::None && self.predictor == Predictor::None && !self.reversed_bits;
        (plain && !self.tiled && self.is_plain()).then_some(())
    }

    /// Where the plane begins when it lies in one piece without compression.
    pub(crate) fn one_piece(&self) -> Option<u64> {
        self.one_piece_possible()?;
        let bytes_per_strip = self.unpacked_bytes(0) as u64;
        let follows = |pair: &[u64]| pair[0].checked_add(bytes_per_strip) == Some(pair[1]);
        (self.offsets.windows(2).all(follows) && !self.lengths.contains(&0)).then(|| self.offsets[0])
    }
}

/// Brightness and colours beside each other must be equally fine, unless a JPEG decoder spreads them.
fn check_fineness(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory) -> Result<(), Trouble> {
    let fineness = layout.integers(bytes, directory, 530, 2)?.unwrap_or_else(|| vec![2, 2]);
    // JPEG 2000 says itself how fine its channels are.
    let says_itself = matches!(layout.integer(bytes, directory, 259)?, Some(33_003 | 33_004));
    match fineness[..] {
        _ if says_itself => Ok(()),
        [1, 1] => Ok(()),
        _ => Err(refuse("its colours are coarser than its brightness (YCbCr), which is read inside of JPEG only".into())),
    }
}

fn refuse(what: String) -> Trouble {
    Trouble::new(what, "Save it without compression, or with LZW, deflate or zstd")
}

fn compression_of(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory, luminance: bool) -> Result<Compression, Trouble> {
    let name = match layout.integer(bytes, directory, 259)?.unwrap_or(1) {
        0 | 1 => return Ok(Compression::None),
        5 => return Ok(Compression::Lzw),
        8 | 32_946 => return Ok(Compression::Deflate),
        32_773 => return Ok(Compression::PackBits),
        34_926 | 50_000 => return Ok(Compression::Zstd),
        JPEG => {
            let tables = layout.bytes_of(bytes, directory, 347, limit::JPEG_TABLES)?.map(Arc::from);
            let colours = if luminance { jpeg::Colours::ToRgb } else { jpeg::Colours::AsStored };
            return Ok(Compression::Jpeg { tables, colours, exact: false });
        }
        33_003 | 33_004 | 33_005 | 34_712 => return Ok(Compression::Jpeg2000),
        34_927 | 50_001 => return Ok(Compression::WebP),
        34_933 => return Ok(Compression::Png),
        2..=4 => "like a fax",
        6 => "as JPEG in the manner of 1992",
        9 | 10 | 34_661 => "as JBIG",
        32_809 => "by ThunderScan",
        34_676 | 34_677 => "as SGI logarithms",
        34_887 => "as LERC",
        34_892 | 52_546 => "as lossy DNG or JPEG XL",
        34_925 => "with LZMA",
        34_934 | 22_610 => "as JPEG XR",
        50_002 => "as JPEG XL",
        code => return Err(refuse(format!("its compression (TIFF code {code}) is not read"))),
    };
    Err(refuse(format!("it is compressed {name}, which is not read")))
}

fn predictor_of(layout: &Layout, bytes: &Bytes<'_>, directory: &Directory, page: &Page) -> Result<Predictor, Trouble> {
    // Without compression and in pictures the tag means nothing; some writers leave it there.
    if page.compression.is_picture() || matches!(page.compression, Compression::None | Compression::PackBits) {
        return Ok(Predictor::None);
    }
    let whole = matches!(page.stored, Stored::Whole | Stored::Half);
    match layout.integer(bytes, directory, 317)?.unwrap_or(1) {
        0 | 1 => Ok(Predictor::None),
        2 if whole => Ok(Predictor::Horizontal),
        3 if whole && page.element.is_float() => Ok(Predictor::Float),
        code => Err(refuse(format!("its predictor {code} does not fit its voxel type"))),
    }
}
