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
