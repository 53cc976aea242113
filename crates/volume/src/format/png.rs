//! PNG series: 1 to 16 bits, grey or one channel of colour. Its pHYs is the resolution of a print, never a voxel size.

use std::io::Cursor;

use super::picture::{self, Kind, Picture};
use super::tiff::sample::{Stored, turn};
use super::{Format, Role, limit};
use crate::{ElementType, Trouble};

pub(crate) static FORMAT: Format = Format {
    name: "PNG",
    endings: &[".png"],
    role: Role::Picture,
    recognises: |head| head.starts_with(b"\x89PNG\r\n\x1a\n"),
    open: |paths, asked| picture::open(&KIND, paths, asked),
    head_facts: |head, _| picture::head_facts(&KIND, head),
};

pub(crate) static KIND: Kind = Kind { name: "PNG", head_bytes: 33, look, decode };

fn damaged(what: impl std::fmt::Display) -> Trouble {
    Trouble::new(format!("expanding its pixels failed ({what})"), "The file is damaged; save or upload it again")
}

/// The first chunk says everything: IHDR at byte 8.
fn look(head: &[u8]) -> Result<Picture, Trouble> {
    let (Some(b"IHDR"), Some(said)) = (head.get(12..16), head.get(16..26)) else {
        return Err(Trouble::new("its PNG header is not there", "The file was cut off; upload it again"));
    };
    let side = |at: usize| u32::from_be_bytes([said[at], said[at + 1], said[at + 2], said[at + 3]]) as usize;
    let (bits, colour) = (said[8], said[9]);
    let mut warnings = Vec::new();
    if colour == 3 {
        warnings.push("The pictures have a colour table; the values are its indices.".into());
    }
    if bits < 8 {
        warnings.extend(stored(bits).warning(ElementType::U8));
    }
    let channels: &[&str] = match colour {
        0 | 3 => &["grey"],
        2 => &["red", "green", "blue"],
        4 => &["grey", "alpha"],
        6 => &["red", "green", "blue", "alpha"],
        other => return Err(Trouble::new(format!("its PNG colour type {other} is unknown"), "Save it again")),
    };
    let element = match bits {
        1 | 2 | 4 | 8 => ElementType::U8,
        16 => ElementType::U16,
        other => return Err(Trouble::new(format!("its PNG has {other} bits, which no PNG may have"), "Save it again")),
    };
    Ok(Picture { width: side(0), height: side(4), element, channels: channels.iter().map(|name| (*name).into()).collect(), warnings })
}

fn stored(bits: u8) -> Stored {
    match bits {
        8.. => Stored::Whole,
        bits => Stored::Packed { bits: usize::from(bits), signed: false },
    }
}

fn decode(packed: &[u8], picture: &Picture) -> Result<Vec<u8>, Trouble> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(packed), png::Limits { bytes: limit::PICTURE_BYTES });
    decoder.set_transformations(png::Transformations::IDENTITY);
    // Nothing of them is used, and a packed one may swell to any size.
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(damaged)?;
    let info = reader.info();
    if (info.width as usize, info.height as usize) != (picture.width, picture.height) {
        return Err(damaged("its size has changed"));
    }
    let stored = stored(info.bit_depth as u8);
    let row_bytes = reader.output_line_size(info.width).ok_or_else(|| damaged("its rows are too long"))?;
    let length = reader.output_buffer_size().ok_or_else(|| damaged("it is too large"))?;
    let mut pixels = vec![0; length];
    reader.next_frame(&mut pixels).map_err(damaged)?;
    match stored {
        Stored::Whole => {
            turn(&mut pixels, picture.element.bytes());
            Ok(pixels)
        }
        packed => {
            let mut out = vec![0; picture.width * picture.height];
            for (row, out) in pixels.chunks_exact(row_bytes).zip(out.chunks_exact_mut(picture.width)) {
                packed.spread(picture.element, row, out);
            }
            Ok(out)
        }
    }
}
