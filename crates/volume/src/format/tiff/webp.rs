//! Pieces that are WebP pictures: eight bits, red, green and blue, perhaps with alpha.

use std::io::Cursor;

use image_webp::WebPDecoder;

use super::expand::damaged;
use crate::format::picture::Wanted;
use crate::{ElementType, Trouble};

/// Fills `out` with interleaved samples; returns how many bytes came.
pub(super) fn expand(packed: &[u8], wanted: &Wanted, out: &mut [u8]) -> Result<usize, Trouble> {
    let mut decoder = WebPDecoder::new(Cursor::new(packed)).map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    let (width, height) = (width as usize, height as usize);
    let fits = width == wanted.width && (wanted.rows..=wanted.height).contains(&height);
    if !fits || !matches!(wanted.channels, 3 | 4) || wanted.element != ElementType::U8 {
        return Err(damaged(format!("a WebP picture of {width} × {height} pixels, the page says otherwise")));
    }
    decoder.set_memory_limit(4 * width * height);
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    let mut pixels = vec![0; channels * width * height];
    decoder.read_image(&mut pixels).map_err(damaged)?;
    // A picture that is solid everywhere is written without alpha.
    for (from, to) in pixels.chunks_exact(channels).zip(out.chunks_exact_mut(wanted.channels)) {
        to.fill(u8::MAX);
        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    }
    Ok(out.len().min(wanted.channels * width * height))
}
