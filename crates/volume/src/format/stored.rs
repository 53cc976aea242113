//! Voxels behind a header: as they are, compressed or spelt out, in one file or in several, always with bounded memory.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::contiguous::{Contiguous, check_length};
use super::spelt::{ByteRuns, EqualRuns, Numbers, RunStyle};
use super::{Planes, limit, open_with_length};
use crate::element::{byte_count, swap_bytes};
use crate::{ElementType, Shape, Trouble};

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

/// How the bytes of the voxels are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Raw,
    Gzip,
    Zlib,
    Bzip2,
    /// Decimal numbers between spaces.
    Ascii,
    /// Two hexadecimal digits for a byte.
    Hex,
    /// Runs of equal bytes, as Amira's HxByteRLE has them.
    ByteRuns,
    /// A count before each byte, as Scanco has them.
    CountedBytes,
    /// Runs of two bytes in turn, as Scanco has them.
    TwoValues,
}

impl Encoding {
    /// Bytes of voxels that one byte of a file can become.
    fn ratio(self, element: ElementType) -> u64 {
        match self {
            Self::Raw | Self::Hex => 1,
            Self::Gzip | Self::Zlib => limit::DEFLATE_RATIO,
            Self::Bzip2 => limit::BZIP2_RATIO,
            // A digit and a space are one voxel.
            Self::Ascii => (element.bytes() as u64).div_ceil(2),
            Self::ByteRuns => 64,
            Self::CountedBytes => 128,
            Self::TwoValues => 254,
        }
    }
}

/// One file that holds some of the planes.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) path: PathBuf,
    /// Where the data begin in the file.
    pub(crate) offset: u64,
    /// How many bytes of the file belong to them; nothing when all that follow do.
    pub(crate) length: Option<u64>,
    /// Bytes to leave out after expanding.
    pub(crate) skip: u64,
    pub(crate) planes: usize,
}

impl Part {
    /// Everything in one file from there on.
    pub(crate) fn whole(path: &std::path::Path, offset: u64, planes: usize) -> Self {
        Self { path: path.into(), offset, length: None, skip: 0, planes }
    }
}

/// What a header says about its voxels.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    /// z, y, x; checked by `check_shape`.
    pub(crate) shape: Shape,
    pub(crate) element: ElementType,
    pub(crate) big_endian: bool,
    pub(crate) encoding: Encoding,
    /// In order of z; their planes add up to the depth.
    pub(crate) parts: Vec<Part>,
}

/// Voxels that can be read.
pub(crate) struct Source {
    pub(crate) planes: Box<dyn Planes>,
    pub(crate) bytes_in: u64,
    pub(crate) scratch_bytes: u64,
}

impl Stored {
    /// Checks that all parts are there and long enough, and opens them.
    pub(crate) fn open(self) -> Result<Source, Trouble> {
        let mut bytes_in = 0;
        let mut sizes: std::collections::HashMap<PathBuf, u64> = std::collections::HashMap::new();
        for part in &self.parts {
            let (file, length) = open_with_length(&part.path)?;
            self.check(part, length)?;
            drop(file);
            if sizes.insert(part.path.clone(), length).is_none() {
                bytes_in += length;
            }
        }
        let scratch_bytes = if self.encoding == Encoding::Raw { 0 } else { 8 << 20 };
        let planes: Box<dyn Planes> = match &self.parts[..] {
            [part] => self.open_part(part)?,
            _ => Box::new(Joined { stored: self, at: Mutex::new(None) }),
        };
        Ok(Source { planes, bytes_in, scratch_bytes })
    }

    fn check(&self, part: &Part, length: u64) -> Result<(), Trouble> {
        let needed = byte_count([part.planes, self.shape[1], self.shape[2]], self.element);
        if self.encoding == Encoding::Raw {
            return check_length(&part.path, length, part.offset.saturating_add(part.skip), needed);
        }
        let length = part.length.unwrap_or(u64::MAX).min(length.saturating_sub(part.offset));
        // The last decimal number needs no space behind it.
        let length = length.saturating_add(u64::from(self.encoding == Encoding::Ascii));
        let most = length.saturating_mul(self.encoding.ratio(self.element));
        if needed.and_then(|needed| needed.checked_add(part.skip)).is_none_or(|needed| needed > most) {
            return Err(Trouble::new(
                "the header promises more voxels than so small a file can hold",
                "The file was cut off or is damaged; upload it again",
            )
            .in_file(&part.path));
        }
        Ok(())
    }

    fn plane_bytes(&self) -> usize {
        self.shape[1] * self.shape[2] * self.element.bytes()
    }

    fn open_part(&self, part: &Part) -> Result<Box<dyn Planes>, Trouble> {
        let trouble = |error: std::io::Error| Trouble::io("opening", &part.path, &error);
        let mut file = File::open(&part.path).map_err(trouble)?;
        if self.encoding == Encoding::Raw {
            return Ok(Box::new(Contiguous {
                path: part.path.clone(),
                file,
                offset: part.offset + part.skip,
                plane_bytes: self.plane_bytes(),
                element: self.element,
                big_endian: self.big_endian,
            }));
        }
        file.seek(SeekFrom::Start(part.offset)).map_err(trouble)?;
        let bytes = BufReader::with_capacity(1 << 18, file.take(part.length.unwrap_or(u64::MAX)));
        let mut reader = expand(bytes, self.encoding, self.element);
        let skipped = std::io::copy(&mut (&mut reader).take(part.skip), &mut std::io::sink());
        let skipped = skipped.map_err(|error| Trouble::io("expanding", &part.path, &error))?;
        if skipped < part.skip {
            return Err(Trouble::new("the compressed data end inside the header", "Upload it again").in_file(&part.path));
        }
        // Decimal numbers come out little-endian, whatever the header says.
        let big_endian = self.big_endian && self.encoding != Encoding::Ascii;
        Ok(Box::new(Streamed {
            path: part.path.clone(),
            plane_bytes: self.plane_bytes(),
            planes: part.planes,
            element: self.element,
            big_endian,
            state: Mutex::new(State { reader, next: 0 }),
        }))
    }
}

/// The expanded bytes of a stream.
pub(crate) fn expand<R: BufRead + Send + 'static>(bytes: R, encoding: Encoding, element: ElementType) -> Box<dyn Read + Send> {
    match encoding {
        Encoding::Raw => Box::new(bytes),
        Encoding::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(bytes)),
        Encoding::Zlib => Box::new(flate2::bufread::ZlibDecoder::new(bytes)),
        Encoding::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(bytes)),
        Encoding::Ascii => Box::new(Numbers::decimal(bytes, element)),
        Encoding::Hex => Box::new(Numbers::hexadecimal(bytes)),
        Encoding::ByteRuns => Box::new(ByteRuns::new(bytes)),
        Encoding::CountedBytes => Box::new(EqualRuns::new(bytes, RunStyle::Counted)),
        Encoding::TwoValues => Box::new(EqualRuns::new(bytes, RunStyle::TwoValues)),
    }
}

/// Planes that come out of a reader one after the other.
struct Streamed {
    path: PathBuf,
    plane_bytes: usize,
    planes: usize,
    element: ElementType,
    big_endian: bool,
    state: Mutex<State>,
}

struct State {
    reader: Box<dyn Read + Send>,
    next: usize,
}

impl Planes for Streamed {
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        let trouble = |error: std::io::Error| Trouble::io("expanding", &self.path, &error);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if first < state.next {
            return Err(Trouble::new("compressed planes were asked for twice", "Report this").in_file(&self.path));
        }
        let skip = (first - state.next) as u64 * self.plane_bytes as u64;
        std::io::copy(&mut (&mut state.reader).take(skip), &mut std::io::sink()).map_err(trouble)?;
        state.reader.read_exact(out).map_err(trouble)?;
        state.next = first + out.len() / self.plane_bytes;
        if state.next == self.planes {
            // The checksum behind the last byte is compared when the end is asked for.
            state.reader.read(&mut [0]).map_err(trouble)?;
        }
        if self.big_endian {
            swap_bytes(out, self.element.bytes());
        }
        Ok(())
    }
}

/// Several files one after the other; one of them is open at a time.
struct Joined {
    stored: Stored,
    at: Mutex<Option<(usize, Box<dyn Planes>)>>,
}

impl Planes for Joined {
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        let plane_bytes = self.stored.plane_bytes();
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut plane, mut rest, mut start) = (first, out, 0);
        for (index, part) in self.stored.parts.iter().enumerate() {
            let inside = plane.saturating_sub(start);
            start += part.planes;
            if plane >= start || rest.is_empty() {
                continue;
            }
            if at.as_ref().is_none_or(|(open, _)| *open != index) {
                *at = Some((index, self.stored.open_part(part)?));
            }
            let planes = (part.planes - inside).min(rest.len() / plane_bytes);
            let (here, after) = rest.split_at_mut(planes * plane_bytes);
            if let Some((_, open)) = at.as_ref() {
                open.read(inside, here)?;
            }
            (plane, rest) = (plane + planes, after);
        }
        Ok(())
    }
}

/// A file as it lies there, or packed as a whole.
#[derive(Debug, Clone)]
pub(crate) struct Packed {
    pub(crate) path: PathBuf,
    pub(crate) encoding: Encoding,
    /// Bytes of the file itself.
    pub(crate) length: u64,
}

impl Packed {
    /// Looks at the first bytes: gzip, bzip2 or neither.
    pub(crate) fn of(path: &std::path::Path) -> Result<Self, Trouble> {
        let trouble = |error: std::io::Error| Trouble::io("reading", path, &error);
        let (file, length) = open_with_length(path)?;
        let mut magic = Vec::new();
        file.take(3).read_to_end(&mut magic).map_err(trouble)?;
        let encoding = match &magic[..] {
            [0x1f, 0x8b, ..] => Encoding::Gzip,
            b"BZh" => Encoding::Bzip2,
            _ => Encoding::Raw,
        };
        Ok(Self { path: path.into(), encoding, length })
    }

    /// The first bytes of what is inside, fewer where it ends before.
    pub(crate) fn head(&self, most: u64) -> Result<Vec<u8>, Trouble> {
        let trouble = |error: std::io::Error| Trouble::io("expanding", &self.path, &error);
        let file = File::open(&self.path).map_err(trouble)?;
        let mut head = Vec::new();
        expand(BufReader::new(file), self.encoding, ElementType::U8).take(most).read_to_end(&mut head).map_err(trouble)?;
        Ok(head)
    }

    /// Planes that begin at a byte of what is inside.
    pub(crate) fn part(&self, at: u64, planes: usize) -> Part {
        let (offset, skip) = if self.encoding == Encoding::Raw { (at, 0) } else { (0, at) };
        Part { path: self.path.clone(), offset, length: None, skip, planes }
    }

    /// What the format is called with what is around it.
    pub(crate) fn name_of(&self, format: &str) -> String {
        match self.encoding {
            Encoding::Gzip => format!("{format} (gzip)"),
            Encoding::Bzip2 => format!("{format} (bzip2)"),
            _ => format.into(),
        }
    }
}
