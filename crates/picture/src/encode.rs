//! Pixels become files.

use volume::Trouble;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    Png,
    /// Lossless.
    Webp,
    Jpeg,
}

impl Format {
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "png" => Some(Self::Png),
            "webp" => Some(Self::Webp),
            "jpg" | "jpeg" => Some(Self::Jpeg),
            _ => None,
        }
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// Eight bits per channel, one channel (grey), three (red, green, blue) or four (and how much is covered).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub width: usize,
    pub height: usize,
    pub channels: usize,
    pub pixels: Vec<u8>,
}

/// Of JPEG, from 1 to 100: grain stays, blocks do not show.
const JPEG_QUALITY: u8 = 88;
/// Of WebP with loss: looks like the JPEG, at a third of its bytes.
const WEBP_QUALITY: f32 = 84.0;
/// Largest side of a picture.
const SIDE_MAX: usize = 16_000;

pub fn encode(image: &Image, format: Format) -> Result<Vec<u8>, Trouble> {
    let Image { width, height, channels, ref pixels } = *image;
    let fits = pixels.len() == width * height * channels && matches!((channels, format), (1 | 3, _) | (4, Format::Png | Format::Webp));
    if !fits || width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX {
        return Err(Trouble::new(format!("a picture of {width} × {height} pixels cannot be made"), "Ask for a smaller one"));
    }
    let failed = |error: &dyn std::fmt::Display| Trouble::new(format!("encoding a picture failed ({error})"), "Try again");
    let mut bytes = Vec::new();
    match format {
        Format::Png => {
            let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
            encoder.set_color(match channels {
                1 => png::ColorType::Grayscale,
                3 => png::ColorType::Rgb,
                _ => png::ColorType::Rgba,
            });
            encoder.set_depth(png::BitDepth::Eight);
            encoder.set_compression(png::Compression::Fast);
            let mut writer = encoder.write_header().map_err(|error| failed(&error))?;
            writer.write_image_data(pixels).map_err(|error| failed(&error))?;
            writer.finish().map_err(|error| failed(&error))?;
        }
        Format::Webp => {
            let kind = match channels {
                1 => image_webp::ColorType::L8,
                3 => image_webp::ColorType::Rgb8,
                _ => image_webp::ColorType::Rgba8,
            };
            let encoder = image_webp::WebPEncoder::new(&mut bytes);
            encoder.encode(pixels, width as u32, height as u32, kind).map_err(|error| failed(&error))?;
        }
        Format::Jpeg => {
            let kind = if channels == 1 { jpeg_encoder::ColorType::Luma } else { jpeg_encoder::ColorType::Rgb };
            let encoder = jpeg_encoder::Encoder::new(&mut bytes, JPEG_QUALITY);
            // Both sides were compared with SIDE_MAX, which fits sixteen bits.
            encoder.encode(pixels, width as u16, height as u16, kind).map_err(|error| failed(&error))?;
        }
    }
    Ok(bytes)
}

/// WebP with loss, for pages; grey or coloured.
pub fn encode_small(image: &Image) -> Result<Vec<u8>, Trouble> {
    let Image { width, height, channels, ref pixels } = *image;
    let fits = pixels.len() == width * height * channels && matches!(channels, 1 | 3) && width > 0 && height > 0;
    if !fits || width.max(height) > SIDE_MAX {
        return Err(Trouble::new(format!("a picture of {width} × {height} pixels cannot be made"), "Ask for a smaller one"));
    }
    let coloured: Vec<u8>;
    let coloured = if channels == 3 {
        pixels
    } else {
        coloured = pixels.iter().flat_map(|&grey| [grey; 3]).collect();
        &coloured
    };
    // Both sides were compared with SIDE_MAX.
    let encoder = webp::Encoder::from_rgb(coloured, width as u32, height as u32);
    let encoded = encoder.encode_simple(false, WEBP_QUALITY);
    encoded.map(|bytes| bytes.to_vec()).map_err(|error| Trouble::new(format!("encoding a picture failed ({error:?})"), "Try again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_picture_is_smaller_than_a_jpeg_and_looks_the_same() {
        let (width, height) = (320, 240);
        let shade = |at: usize| ((at % width) as f32 / 40.0).sin() * 90.0 + ((at / width) as f32 / 31.0).cos() * 30.0 + 128.0;
        let grey = Image { width, height, channels: 1, pixels: (0..width * height).map(|at| shade(at) as u8).collect() };
        let coloured =
            Image { channels: 3, pixels: grey.pixels.iter().flat_map(|&one| [one, one / 2, 255 - one]).collect(), ..grey.clone() };
        for image in [grey, coloured] {
            let small = encode_small(&image).unwrap();
            assert!(small.len() < encode(&image, Format::Jpeg).unwrap().len());
            assert_eq!(small, encode_small(&image).unwrap(), "the same bytes every time");
            let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(&small)).unwrap();
            assert_eq!(decoder.dimensions(), (320, 240));
            let mut seen = vec![0; decoder.output_buffer_size().unwrap()];
            decoder.read_image(&mut seen).unwrap();
            let off = seen.iter().enumerate().map(|(at, &one)| {
                let was = if image.channels == 3 { image.pixels[at] } else { image.pixels[at / 3] };
                f64::from(one.abs_diff(was)).powi(2)
            });
            let error = off.sum::<f64>() / seen.len() as f64;
            assert!(error < 12.0, "{} channels: {error}", image.channels);
        }
        assert!(encode_small(&Image { width: 3, height: 2, channels: 3, pixels: vec![0; 17] }).is_err());
    }
}
