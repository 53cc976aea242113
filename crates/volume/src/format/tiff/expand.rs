//! Compressed pieces become plain bytes, each with the quickest decoder; what it cannot finish, a patient one tries.

use std::io::Read;

use super::lzw::Lzw;
use super::page::{Compression, Page};
use super::webp;
use crate::Trouble;
use crate::format::picture::{self, Wanted};
use crate::format::{jp2, jpeg, png};

/// Decoders of one thread, used again for every piece.
pub(crate) struct Expander {
    deflate: libdeflater::Decompressor,
    zstd: Option<zstd::bulk::Decompressor<'static>>,
    lzw: Lzw,
}

impl Default for Expander {
    fn default() -> Self {
        Self { deflate: libdeflater::Decompressor::new(), zstd: zstd::bulk::Decompressor::new().ok(), lzw: Lzw::default() }
    }
}

pub(crate) fn damaged(what: impl std::fmt::Display) -> Trouble {
    Trouble::new(format!("expanding its voxels failed ({what})"), "The file is damaged; save or upload it again")
}

impl Expander {
    /// Fills `plain` and no more; returns how many bytes came.
    pub(crate) fn expand(&mut self, page: &Page, index: usize, packed: &[u8], plain: &mut [u8]) -> Result<usize, Trouble> {
        match &page.compression {
            Compression::None => {
                let count = packed.len().min(plain.len());
                plain[..count].copy_from_slice(&packed[..count]);
                Ok(count)
            }
            Compression::Lzw => {
                // Before 1988 the lowest bit came first; such a strip begins with a clear code in that order.
                if packed.len() > 1 && packed[0] == 0 && packed[1] & 1 == 1 {
                    return Err(Trouble::new("its LZW is of the kind before TIFF 5.0, which is not read", "Save it again"));
                }
                self.lzw.expand(packed, plain).ok_or_else(|| damaged("a code that is not in the table"))
            }
            // libdeflate wants the end and the checksum; writers that pad the last strip or break off are read step by step.
            Compression::Deflate => match self.deflate.zlib_decompress(packed, plain) {
                Ok(count) => Ok(count),
                Err(_) => read_up_to(flate2::read::ZlibDecoder::new(packed), plain),
            },
            Compression::Zstd => match self.zstd.as_mut().map(|zstd| zstd.decompress_to_buffer(packed, plain)) {
                Some(Ok(count)) => Ok(count),
                _ => read_up_to(zstd::stream::read::Decoder::with_buffer(packed).map_err(damaged)?, plain),
            },
            Compression::PackBits => Ok(unpack_bits(packed, plain)),
            Compression::Jpeg { tables, colours, .. } => expand_jpeg(page, index, tables.as_deref(), *colours, packed, plain),
            Compression::Jpeg2000 => picture::expand(&jp2::KIND, packed, &wanted(page, index), plain),
            Compression::Png => picture::expand(&png::KIND, packed, &wanted(page, index), plain),
            Compression::WebP => webp::expand(packed, &wanted(page, index), plain),
        }
    }
}

/// The picture that a piece must be.
fn wanted(page: &Page, index: usize) -> Wanted {
    let [width, height] = page.segment;
    Wanted { width, height, rows: page.rows_of(index), channels: page.samples, element: page.element }
}

fn expand_jpeg(
    page: &Page,
    index: usize,
    tables: Option<&[u8]>,
    colours: jpeg::Colours,
    packed: &[u8],
    plain: &mut [u8],
) -> Result<usize, Trouble> {
    let Wanted { width, height, rows, channels, element } = wanted(page, index);
    let wanted = jpeg::Wanted { width, height, rows, channels, sample_bytes: element.bytes(), colours };
    match tables {
        // Strip the end of the tables and the beginning of the picture: together they are one JPEG file.
        Some(tables) if tables.len() > 4 && packed.len() > 2 => {
            jpeg::decode(&[&tables[..tables.len() - 2], &packed[2..]].concat(), &wanted, plain)
        }
        _ => jpeg::decode(packed, &wanted, plain),
    }
}

fn read_up_to(mut reader: impl Read, out: &mut [u8]) -> Result<usize, Trouble> {
    let mut done = 0;
    while done < out.len() {
        match reader.read(&mut out[done..]) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) => return Err(damaged(error)),
        }
    }
    Ok(done)
}

fn unpack_bits(packed: &[u8], out: &mut [u8]) -> usize {
    let (mut from, mut to) = (0, 0);
    while from < packed.len() && to < out.len() {
        let code = packed[from] as i8;
        from += 1;
        if code >= 0 {
            let count = (code as usize + 1).min(packed.len() - from).min(out.len() - to);
            out[to..to + count].copy_from_slice(&packed[from..from + count]);
            (from, to) = (from + count, to + count);
        } else if code != -128 {
            let Some(&byte) = packed.get(from) else { break };
            let count = (1 - isize::from(code)) as usize;
            let end = (to + count).min(out.len());
            out[to..end].fill(byte);
            (from, to) = (from + 1, end);
        }
    }
    to
}
