//! JPEG: pictures in files of their own, and pieces of TIFF pages. Eight bits, baseline and progressive.
//!
//! Grey ones of the sequential kind are expanded by [`sequential`], all others by zune-jpeg, whose values may differ by one from those of
//! the Independent JPEG Group's library.

pub(crate) mod huffman;
pub(crate) mod sequential;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::picture::{self, Picture};
use super::{Format, Role};
use crate::{ElementType, Trouble};

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
pub(crate) const HINT: &str = "Save it without compression, or with LZW, deflate or zstd";
/// Passes of a progressive picture; more are made to keep machines busy.
const SCANS_MAX: usize = 128;

/// What the frame header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The marker after 0xff: 0xc0 baseline, 0xc2 progressive, 0xc3 lossless, …
    process: u8,
    bits: u8,
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) channels: usize,
    /// Where the frame header begins.
    at: usize,
}

impl Frame {
    /// Refuses the kinds that are not read, by name.
    pub(crate) fn check(self) -> Result<(), Trouble> {
        let what = match (self.process, self.bits) {
            (0xc0..=0xc2, 8) => return Ok(()),
            (0xc3, bits) => format!("it is compressed as lossless JPEG of {bits} bits, which is not read"),
            (0xc9..=0xcf, _) => "it is compressed as arithmetic JPEG, which is not read".into(),
            (_, bits) => format!("it is compressed as JPEG of {bits} bits, which is not read"),
        };
        Err(Trouble::new(what, HINT))
    }
}

/// Finds the frame header among the segments of a JPEG file.
pub(crate) fn frame_of(head: &[u8]) -> Result<Frame, Trouble> {
    let damaged = || Trouble::new("its JPEG data have no frame header", "The file is damaged; save or upload it again");
    let short = |at: usize| head.get(at..at + 2).map(|two| usize::from(u16::from_be_bytes([two[0], two[1]])));
    let mut at = 2;
    while let Some(&[0xff, marker]) = head.get(at..at + 2) {
        match marker {
            0xff => at += 1,
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let bits = *head.get(at + 4).ok_or_else(damaged)?;
                let (height, width) = (short(at + 5).ok_or_else(damaged)?, short(at + 7).ok_or_else(damaged)?);
                let channels = usize::from(*head.get(at + 9).ok_or_else(damaged)?);
                return Ok(Frame { process: marker, bits, height, width, channels, at });
            }
            0xd0..=0xd8 | 0x01 => at += 2,
            _ => at += 2 + short(at + 2).ok_or_else(damaged)?.max(2),
        }
    }
    Err(damaged())
}

/// What must come out of JPEG data: no more rows than `height`, no fewer than `rows`.
pub(crate) struct Wanted {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rows: usize,
    pub(crate) channels: usize,
    /// Brightness and two colours are to become red, green and blue.
    pub(crate) to_rgb: bool,
}

/// Fills `out` with interleaved samples; returns how many bytes came.
pub(crate) fn decode(packed: &[u8], wanted: &Wanted, out: &mut [u8]) -> Result<usize, Trouble> {
    let damaged = |what: String| Trouble::new(format!("expanding its JPEG data failed ({what})"), "Save or upload it again");
    let frame = frame_of(packed)?;
    frame.check()?;
    if frame.width != wanted.width || frame.height > wanted.height || frame.height < wanted.rows || frame.channels != wanted.channels {
        return Err(damaged(format!("{} × {} × {} samples", frame.height, frame.width, frame.channels)));
    }
    // The decoder paints what is missing grey; a picture without its end is no picture.
    if !packed[frame.at..].windows(2).rev().any(|pair| pair == [0xff, 0xd9]) {
        return Err(damaged("its end is missing".into()));
    }
    if frame.channels == 1 && matches!(frame.process, 0xc0 | 0xc1) {
        let values = sequential::decode(packed, frame.width * frame.height).map_err(damaged)?.values;
        let count = values.len().min(out.len());
        out.iter_mut().zip(values).for_each(|(out, value)| *out = value as u8);
        return Ok(count);
    }
    let options = DecoderOptions::new_safe()
        .set_strict_mode(false)
        .set_max_width(wanted.width)
        .set_max_height(wanted.height)
        .jpeg_set_max_scans(SCANS_MAX);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(packed), options);
    decoder.decode_headers().map_err(|error| damaged(error.to_string()))?;
    let stored = decoder.input_colorspace().unwrap_or(ColorSpace::Luma);
    let out_space = match (wanted.channels, wanted.to_rgb) {
        (1, _) => ColorSpace::Luma,
        (3, true) => ColorSpace::RGB,
        _ => stored,
    };
    decoder.set_options(options.jpeg_set_out_colorspace(out_space));
    let samples = decoder.decode().map_err(|error| damaged(error.to_string()))?;
    let count = samples.len().min(out.len());
    out[..count].copy_from_slice(&samples[..count]);
    Ok(count)
}

fn look(head: &[u8]) -> Result<Picture, Trouble> {
    let frame = frame_of(head)?;
    frame.check()?;
    let channels = match frame.channels {
        1 => vec!["grey"],
        3 => vec!["red", "green", "blue"],
        _ => vec!["cyan", "magenta", "yellow", "black"],
    };
    Ok(Picture {
        width: frame.width,
        height: frame.height,
        element: ElementType::U8,
        channels: channels.into_iter().take(frame.channels.max(1)).map(String::from).collect(),
        warnings: vec!["JPEG has altered the values of the microscope; grey values are those after compression.".into()],
    })
}

fn decode_picture(packed: &[u8], picture: &Picture) -> Result<Vec<u8>, Trouble> {
    let Picture { width, height, .. } = *picture;
    let mut out = vec![0; width * height * picture.channels.len()];
    let wanted = Wanted { width, height, rows: height, channels: picture.channels.len(), to_rgb: true };
    let count = decode(packed, &wanted, &mut out)?;
    out.truncate(count);
    Ok(out)
}
