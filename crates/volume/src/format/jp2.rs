//! JPEG 2000 series (.jp2, .jpx and bare codestreams): up to 16 bits, with and without sign.
//!
//! The decoder is written in Rust without `unsafe`; codestreams of strangers need no process of their own.

mod parts;

use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};

use super::jpeg::Decoded;
use super::picture::{self, Kind, Picture};
use super::{Format, Role, limit};
use crate::{ElementType, Trouble};

pub(crate) static FORMAT: Format = Format {
    name: "JPEG 2000",
    endings: &[".jp2", ".j2k", ".jpx", ".j2c", ".jpc", ".jpf"],
    role: Role::Picture,
    recognises: |head| head.starts_with(BOXES) || head.starts_with(CODESTREAM),
    open: |paths, asked| picture::open(&KIND, paths, asked),
    head_facts: |head, _| picture::head_facts(&KIND, head),
};

pub(crate) static KIND: Kind = Kind { name: "JPEG 2000", head_bytes: 64 << 10, look, decode };

const BOXES: &[u8] = b"\0\0\0\x0cjP  ";
const CODESTREAM: &[u8] = b"\xff\x4f\xff\x51";
/// More bits would not come through the decoder's 24 bits of fraction unaltered.
const BITS_MAX: u8 = 16;

/// What the SIZ marker says.
struct Size {
    width: u32,
    height: u32,
    bits: u8,
    signed: bool,
    channels: usize,
}

fn damaged(what: impl std::fmt::Display) -> Trouble {
    Trouble::new(format!("its JPEG 2000 data cannot be expanded ({what})"), "The file is damaged; save or upload it again")
}

/// A number of so many bytes, the highest first.
fn number_at(bytes: &[u8], at: usize, count: usize) -> Option<u64> {
    let there = bytes.get(at..at.checked_add(count)?)?;
    Some(there.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

/// As many of so many bytes as are there.
fn bytes_at(bytes: &[u8], at: usize, count: usize) -> &[u8] {
    let rest = bytes.get(at..).unwrap_or_default();
    &rest[..count.min(rest.len())]
}

/// Where the codestream begins: at once, or in the box `jp2c`.
fn codestream(head: &[u8]) -> Option<&[u8]> {
    if head.starts_with(CODESTREAM) {
        return Some(head);
    }
    let mut at = 0usize;
    loop {
        let word = |at: usize| head.get(at..at + 4).map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]));
        let (length, kind) = (u64::from(word(at)?), head.get(at + 4..at + 8)?);
        let (length, inside) = match length {
            1 => (u64::from(word(at + 8)?) << 32 | u64::from(word(at + 12)?), at + 16),
            length => (length, at + 8),
        };
        if kind == b"jp2c" {
            return head.get(inside..);
        }
        if length < 8 {
            return None;
        }
        at = at.checked_add(usize::try_from(length).ok()?).filter(|&at| at < head.len())?;
    }
}

/// Whether what the codestream holds are numbers of colours in a table: a box `pclr` in the header's box, before the codestream.
fn has_palette(head: &[u8]) -> bool {
    let boxes = codestream(head).map_or(head, |stream| &head[..head.len() - stream.len()]);
    head.starts_with(BOXES) && boxes.windows(4).any(|kind| kind == b"pclr")
}

fn size(head: &[u8]) -> Result<Size, Trouble> {
    let siz = codestream(head).filter(|stream| stream.starts_with(CODESTREAM)).ok_or_else(|| damaged("it has no codestream"))?;
    let word = |at: usize| siz.get(at..at + 4).map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]));
    let cut_off = || damaged("its header is not complete");
    let side = |far: usize, near: usize| Some(word(far)?.saturating_sub(word(near)?));
    let (width, height) = (side(8, 16).ok_or_else(cut_off)?, side(12, 20).ok_or_else(cut_off)?);
    let channels = siz.get(40..42).map(|two| usize::from(u16::from_be_bytes([two[0], two[1]]))).ok_or_else(cut_off)?;
    if channels == 0 || channels as u64 > limit::CHANNELS {
        return Err(damaged(format!("it claims {channels} channels")));
    }
    let parts = siz.get(42..42 + 3 * channels).ok_or_else(cut_off)?;
    // Bit 14 of the capabilities stands for the parts of the standard behind the second one, of which only part 15 codes blocks anew.
    if siz.get(6).is_some_and(|capabilities| capabilities & 0x40 != 0) {
        return Err(Trouble::new("it is High-Throughput JPEG 2000, which is not read", "Save it as JPEG 2000 or TIFF"));
    }
    if parts.chunks_exact(3).any(|part| part[1..] != [1, 1]) {
        let what = "some of its channels are coarser than the picture (subsampled), which is not read";
        return Err(Trouble::new(what, "Save it with all channels of the same size"));
    }
    if parts.chunks_exact(3).any(|part| part[0] != parts[0]) {
        return Err(Trouble::new("its channels differ in their number of bits", "Save each channel as a series of its own"));
    }
    let (bits, signed) = ((parts[0] & 0x7f) + 1, parts[0] & 0x80 != 0);
    if bits > BITS_MAX {
        return Err(Trouble::new(format!("its pixels have {bits} bits, more than the {BITS_MAX} that are read"), "Save it as TIFF"));
    }
    Ok(Size { width, height, bits, signed, channels })
}

fn look(head: &[u8]) -> Result<Picture, Trouble> {
    let size = size(head)?;
    let element = match (size.bits, size.signed) {
        (..=8, false) => ElementType::U8,
        (..=8, true) => ElementType::I8,
        (_, false) => ElementType::U16,
        (_, true) => ElementType::I16,
    };
    let mut warnings = Vec::new();
    if has_palette(head) && size.channels == 1 {
        warnings.push("The pictures have a colour table; the values are its indices.".into());
    }
    if !size.bits.is_multiple_of(8) {
        warnings.push(format!("The file holds {} bits per voxel; every value is kept exactly as {element}.", size.bits));
    }
    let named = match size.channels {
        1 | 2 => ["grey", "alpha", "", ""],
        _ => ["red", "green", "blue", "alpha"],
    };
    let channels =
        (0..size.channels).map(|number| named.get(number).map_or_else(|| format!("component {number}"), |name| (*name).into())).collect();
    Ok(Picture { width: size.width as usize, height: size.height as usize, element, channels, warnings })
}

fn decode(packed: &[u8], picture: &Picture) -> Result<Vec<u8>, Trouble> {
    let size = size(packed)?;
    let samples = (picture.width * picture.height * size.channels) as u64;
    parts::check(codestream(packed).unwrap_or_default(), size.channels, samples).map_err(damaged)?;
    // Indices stay indices, and data that break off are an error and no grey.
    let settings = DecodeSettings { resolve_palette_indices: false, strict: true, target_resolution: None };
    // What the boxes say of colours fits no indices.
    let stream = if has_palette(packed) { codestream(packed).unwrap_or(packed) } else { packed };
    let image = Image::new(stream, &settings).map_err(damaged)?;
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(damaged)?;
    let components = decoded.components();
    let pixels = picture.width * picture.height;
    if components.len() != picture.channels.len() || components.iter().any(|component| component.samples().len() != pixels) {
        return Err(damaged("its size has changed"));
    }
    // The decoder moves all values above zero, as if none had a sign.
    let values = (1u32 << size.bits) as f32;
    let lowest = if size.signed { -values / 2.0 } else { 0.0 };
    let highest = lowest + values - 1.0;
    let mut out = vec![0; pixels * components.len() * picture.element.bytes()];
    let width = picture.element.bytes();
    for (number, component) in components.iter().enumerate() {
        let places = out.chunks_exact_mut(width).skip(number).step_by(components.len());
        for (sample, place) in component.samples().iter().zip(places) {
            let value = (sample.round() + lowest).clamp(lowest, highest) as i32;
            place.copy_from_slice(&value.to_le_bytes()[..width]);
        }
    }
    Ok(out)
}

/// Decodes one grey picture of at most so many pixels; signed values come as their 16 bits.
pub(crate) fn grey(packed: &[u8], most: usize) -> Result<Decoded, Trouble> {
    let size = size(packed)?;
    let picture = look(packed)?;
    if picture.channels.len() != 1 || picture.width.checked_mul(picture.height).is_none_or(|pixels| pixels > most) {
        return Err(damaged("its size is another one"));
    }
    let bytes = decode(packed, &picture)?;
    let value = |bytes: &[u8]| match picture.element {
        ElementType::I8 => i16::from(bytes[0] as i8) as u16,
        ElementType::U8 => u16::from(bytes[0]),
        _ => u16::from_le_bytes([bytes[0], bytes[1]]),
    };
    let values = bytes.chunks_exact(picture.element.bytes()).map(value).collect();
    Ok(Decoded { width: picture.width, height: picture.height, precision: u32::from(size.bits), values })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_longer_than_everything_holds_no_codestream() {
        let mut head = BOXES.to_vec();
        head.extend(*b"\r\n\x87\n\0\0\0\x01long");
        // From byte 12 to two before the last number of all.
        head.extend((u64::MAX - 13).to_be_bytes());
        assert!(codestream(&head).is_none());
        head.truncate(20);
        head.extend(*b"\0\0\0\0\0\0\0\x10\0\0\0\x08jp2c\xff\x4f");
        assert_eq!(codestream(&head), Some(&b"\xff\x4f"[..]));
    }

    #[test]
    fn a_picture_without_some_of_its_tiles_is_refused() {
        let good = std::fs::read("../../fuzz/seeds/jpeg2000/signed16.j2k").unwrap();
        assert!(grey(&good, 256).is_ok());
        // Four tiles, sixty-four, one for each pixel of a large picture, and of no size.
        let cases = [([32, 32, 16, 16], "3 of its 4"), ([16, 16, 2, 2], "63 of its 64"), ([9_000, 9_000, 1, 1], "too many")];
        for ([width, height, tile_width, tile_height], word) in cases.into_iter().chain([([16, 16, 0, 16], "no tiles")]) {
            let mut bad = good.clone();
            for (at, number) in [(8, width), (12, height), (24, tile_width), (28, tile_height)] {
                bad[at..at + 4].copy_from_slice(&u32::to_be_bytes(number));
            }
            let told = decode(&bad, &look(&bad).unwrap()).unwrap_err();
            assert!(told.what.contains(word), "{told}");
        }
        let tiled = std::fs::read("../../fuzz/seeds/jpeg2000/tiles.j2k").unwrap();
        assert!(grey(&tiled, 256).is_ok());
        let starts = |bytes: &[u8]| (0..bytes.len() - 1).filter(|&at| bytes[at..at + 2] == [0xff, 0x90]).collect::<Vec<_>>();
        let parts = |layers: u16, block: u8, precinct: u8| {
            let at = tiled.windows(2).position(|two| two == [0xff, 0x52]).unwrap();
            let mut bytes = tiled.clone();
            bytes[at + 6..at + 8].copy_from_slice(&layers.to_be_bytes());
            (bytes[at + 3], bytes[at + 4], bytes[at + 10], bytes[at + 11]) = (13, 1, block, block);
            bytes.insert(at + 14, precinct);
            // One tile of many pixels, and of the last quarter of the file.
            [8, 12, 24, 28].iter().for_each(|&side| bytes[side..side + 4].copy_from_slice(&4_000_u32.to_be_bytes()));
            let starts = starts(&bytes);
            bytes.drain(starts[0]..starts[3]);
            bytes[starts[0] + 5] = 0;
            parts::check(&bytes, 1, 16_000_000)
        };
        assert_eq!(parts(1, 4, 0xff), Ok(()));
        assert_eq!(parts(255, 4, 0x88), Ok(()));
        for (layers, block, precinct) in [(1, 4, 0), (1, 0, 0xff), (255, 1, 0xff), (2, 4, 0xf0)] {
            assert_eq!(parts(layers, block, precinct).unwrap_err(), "it is divided into too many parts", "{layers} {block} {precinct:x}");
        }
        // A tile-part that names the tile before it leaves its own out, and one of no tile is refused.
        let mut bad = tiled.clone();
        bad[starts(&tiled)[2] + 5] = 1;
        assert!(grey(&bad, 256).err().unwrap().what.contains("1 of its 4 tiles"));
        let at = starts(&good)[0];
        let mut bad = good.clone();
        bad[at + 5] = 1;
        assert!(decode(&bad, &look(&bad).unwrap()).unwrap_err().what.contains("too many"));
    }

    #[test]
    fn what_is_coarser_or_coded_otherwise_is_named() {
        let stream = |capabilities: u8, fineness: [u8; 2]| {
            let mut head = CODESTREAM.to_vec();
            head.extend([0, 44, capabilities, 0]);
            head.extend([[0, 0, 0, 9], [0, 0, 0, 7], [0; 4], [0; 4], [0, 0, 0, 9], [0, 0, 0, 7], [0; 4], [0; 4]].as_flattened());
            head.extend([0, 2, 7, 1, 1, 7, fineness[0], fineness[1]]);
            head
        };
        let told = |capabilities, fineness| size(&stream(capabilities, fineness)).err().map(|trouble| trouble.what).unwrap_or_default();
        assert_eq!(told(0, [1, 1]), "");
        assert!(told(0, [2, 1]).contains("coarser than the picture"));
        assert!(told(0x40, [1, 1]).contains("High-Throughput"));
    }
}
