//! JPEG: pictures in files of their own, and pieces of TIFF pages and DICOM frames. Baseline, extended, progressive and lossless, of 2 to
//! 16 bits, grey and in colour; values come out as from the Independent JPEG Group's library.

mod huffman;
mod frame;
mod transform;
mod sequential;
mod progressive;
mod lossless;
mod colour;
mod stream;

use self::frame::{Process, is_frame};
use super::picture::{self, Picture};
use super::{Format, Role};
use crate::{ElementType, Trouble};

pub(crate) use self::frame::Frame;

pub(crate) static FORMAT: Format = Format {
    name: "JPEG",
    endings: &[".jpg", ".jpeg", ".jpe"],
    role: Role::Picture,
    recognises: |head| head.starts_with(&[0xff, 0xd8, 0xff]),
    open: |paths, asked| picture::open(&KIND, paths, asked),
    head_facts: |head, _| picture::head_facts(&KIND, head),
};

static KIND: picture::Kind = picture::Kind { name: "JPEG", head_bytes: HEAD_BYTES, look, decode: decode_picture };

/// Frame headers lie behind tables and whatever cameras put in front; this much is searched for them.
pub(crate) const HEAD_BYTES: u64 = 256 << 10;
const HINT: &str = "Save it without compression, or with LZW, deflate or zstd";

impl Frame {
    /// Refuses the kinds that are not read, by name.
    pub(crate) fn check(&self) -> Result<(), Trouble> {
        self.process().map(|_| ()).map_err(|kind| Trouble::new(format!("it is compressed as {kind}, which is not read"), HINT))
    }

    /// Whether the samples are those of the microscope, and not only nearly so.
    pub(crate) fn is_exact(&self) -> bool {
        self.process() == Ok(Process::Lossless)
    }

    fn element(&self) -> ElementType {
        if self.precision > 8 { ElementType::U16 } else { ElementType::U8 }
    }
}

/// Finds the frame header among the segments of a JPEG file.
pub(crate) fn frame_of(head: &[u8]) -> Result<Frame, Trouble> {
    let damaged =
        |what: String| Trouble::new(format!("its JPEG data have no frame header ({what})"), "The file is damaged; save or upload it again");
    let mut at = 0;
    loop {
        match huffman::next_segment(head, &mut at).map_err(damaged)? {
            Some((marker, body)) if is_frame(marker) => return Frame::read(marker, body).map_err(damaged),
            Some(_) => {}
            None => return Err(damaged("it ends before".into())),
        }
    }
}

/// What must come out of JPEG data: no more rows than `height`, no fewer than `rows`.
pub(crate) struct Wanted {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rows: usize,
    pub(crate) channels: usize,
    pub(crate) sample_bytes: usize,
    pub(crate) colours: Colours,
}

/// What becomes of three components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colours {
    AsStored,
    /// They are brightness and two colours, and are to become red, green and blue.
    ToRgb,
    /// As before, if the stream says that they are.
    AsTold,
}

fn damaged(what: String) -> Trouble {
    Trouble::new(format!("expanding its JPEG data failed ({what})"), "Save or upload it again")
}

/// Fills `out` with interleaved little-endian samples; returns how many bytes came.
pub(crate) fn decode(packed: &[u8], wanted: &Wanted, out: &mut [u8]) -> Result<usize, Trouble> {
    frame_of(packed)?.check()?;
    let samples = stream::decode(packed, |frame| {
        let fits = frame.width == wanted.width && (wanted.rows..=wanted.height).contains(&frame.height);
        if fits && frame.components.len() == wanted.channels && frame.precision as usize <= 8 * wanted.sample_bytes {
            return Ok(());
        }
        let Frame { width, height, precision, ref components, .. } = *frame;
        Err(format!("it is {width} × {height} pixels of {} samples of {precision} bits", components.len()))
    });
    let samples = samples.map_err(damaged)?;
    let to_rgb = match wanted.colours {
        Colours::AsStored => false,
        Colours::ToRgb => true,
        Colours::AsTold => samples.has_luminance,
    };
    samples.lay(to_rgb, wanted.sample_bytes, out).map_err(damaged)
}

/// Grey values of one frame.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Bits of a value.
    pub(crate) precision: u32,
    pub(crate) values: Vec<u16>,
}

/// Reads one grey picture of at most so many values.
pub(crate) fn grey(packed: &[u8], most: usize) -> Result<Decoded, Trouble> {
    frame_of(packed)?.check()?;
    let samples = stream::decode(packed, |frame| match frame.components.len() {
        1 if frame.width * frame.height <= most => Ok(()),
        count => Err(format!("it is {} × {} pixels of {count} samples", frame.width, frame.height)),
    });
    let samples = samples.map_err(damaged)?;
    let Frame { width, height, precision, .. } = samples.frame;
    Ok(Decoded { width, height, precision, values: samples.grey() })
}

fn look(head: &[u8]) -> Result<Picture, Trouble> {
    let frame = frame_of(head)?;
    frame.check()?;
    let channels: &[&str] = match frame.components.len() {
        1 => &["grey"],
        3 => &["red", "green", "blue"],
        4 => return Err(Trouble::new("its pixels are colours for print (CMYK), which are not read", "Save it in grey or in RGB")),
        count => return Err(Trouble::new(format!("its pixels have {count} samples, which no JPEG file has"), "Save it in grey or in RGB")),
    };
    let mut warnings = Vec::new();
    let (element, bits) = (frame.element(), frame.precision);
    if !frame.is_exact() {
        warnings.push("JPEG has altered the values of the microscope; grey values are those after compression.".into());
    }
    if !bits.is_multiple_of(8) {
        warnings.push(format!("The file holds {bits} bits per voxel; every value is kept exactly as {element}."));
    }
    let channels = channels.iter().map(|name| (*name).into()).collect();
    Ok(Picture { width: frame.width, height: frame.height, element, channels, warnings })
}

fn decode_picture(packed: &[u8], picture: &Picture) -> Result<Vec<u8>, Trouble> {
    let Picture { width, height, .. } = *picture;
    let sample_bytes = picture.element.bytes();
    let mut out = vec![0; width * height * picture.channels.len() * sample_bytes];
    let wanted = Wanted { width, height, rows: height, channels: picture.channels.len(), sample_bytes, colours: Colours::AsTold };
    let count = decode(packed, &wanted, &mut out)?;
    out.truncate(count);
    Ok(out)
}
