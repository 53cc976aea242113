//! Words and scale bars on pictures.

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};

use crate::encode::Image;

/// Latin, Greek and Cyrillic letters, figures and signs of DejaVu Sans; its licence lies beside it.
const FONT: &[u8] = include_bytes!("../font/DejaVuSans-captions.ttf");
/// Letters of a line at most.
const LETTERS_MAX: usize = 400;

fn font() -> Option<&'static FontRef<'static>> {
    static READ: OnceLock<Option<FontRef<'static>>> = OnceLock::new();
    READ.get_or_init(|| FontRef::try_from_slice(FONT).ok()).as_ref()
}

/// A line of text on a picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) text: &'a str,
    /// Height of a line, in pixels.
    pub(crate) size: f32,
    pub(crate) colour: [u8; 3],
}

impl Line<'_> {
    pub(crate) fn width(&self) -> f32 {
        let Some(font) = font() else { return 0.0 };
        let font = font.as_scaled(PxScale::from(self.size));
        self.text.chars().take(LETTERS_MAX).map(|letter| font.h_advance(font.glyph_id(letter))).sum()
    }

    /// `x` is where it begins, `y` its upper edge.
    pub(crate) fn draw(&self, image: &mut Image, x: f32, y: f32) {
        let Some(font) = font() else { return };
        let scaled = font.as_scaled(PxScale::from(self.size));
        let mut pen = x;
        for letter in self.text.chars().take(LETTERS_MAX) {
            let id = scaled.glyph_id(letter);
            let glyph = id.with_scale_and_position(PxScale::from(self.size), point(pen, y + scaled.ascent()));
            pen += scaled.h_advance(id);
            if let Some(outline) = font.outline_glyph(glyph) {
                let bounds = outline.px_bounds();
                outline.draw(|column, row, cover| {
                    blend(image, bounds.min.x as i64 + i64::from(column), bounds.min.y as i64 + i64::from(row), self.colour, cover);
                });
            }
        }
    }

    /// As much of the text as fits, with dots where something is left out.
    pub(crate) fn shortened(&self, width: f32) -> String {
        if self.width() <= width {
            return self.text.chars().take(LETTERS_MAX).collect();
        }
        let letters: Vec<char> = self.text.chars().take(LETTERS_MAX).collect();
        let fits = |count: &usize| Line { text: &shown(&letters, *count), ..*self }.width() <= width;
        let count = (0..letters.len()).rev().find(fits).unwrap_or(0);
        shown(&letters, count)
    }

    /// Broken between words into at most `lines` lines.
    pub(crate) fn broken(&self, width: f32, lines: usize) -> Vec<String> {
        let mut out: Vec<String> = vec![String::new()];
        for word in self.text.split_whitespace() {
            let longer = [out.last().map_or("", String::as_str), word].join(" ").trim().to_owned();
            let fits = Line { text: &longer, ..*self }.width() <= width;
            let last = out.len() - 1;
            if fits || out[last].is_empty() || out.len() == lines {
                out[last] = longer;
            } else {
                out.push(word.to_owned());
            }
        }
        out.iter().map(|line| Line { text: line, ..*self }.shortened(width)).collect()
    }
}

fn shown(letters: &[char], count: usize) -> String {
    letters[..count].iter().collect::<String>().trim_end().to_owned() + "…"
}

fn blend(image: &mut Image, x: i64, y: i64, colour: [u8; 3], cover: f32) {
    let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
    if x >= image.width || y >= image.height || image.channels < 3 {
        return;
    }
    let pixel = &mut image.pixels[(y * image.width + x) * image.channels..][..image.channels];
    for (channel, value) in pixel.iter_mut().enumerate() {
        let wanted = colour.get(channel).copied().unwrap_or(255);
        *value = (f32::from(*value) + (f32::from(wanted) - f32::from(*value)) * cover.clamp(0.0, 1.0)).round() as u8;
    }
}

/// The corner in which a scale bar stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Corner {
    LowerLeft,
    LowerRight,
}

/// A bar of a round length in a corner, with its length above it. `height_um` is as long as the picture is high.
pub fn scale_bar(image: &mut Image, height_um: f64, colour: [u8; 3], corner: Corner) {
    let (width, height) = (image.width as f64, image.height as f64);
    let Some((length_um, words)) = round_length(height_um * width / height * 0.2) else { return };
    let pixels = (length_um / height_um * height).round();
    let size = (height / 30.0).max(11.0);
    let (margin, bottom) = (height * 0.045, height * 0.955);
    let right = if corner == Corner::LowerRight { width - margin } else { margin + pixels };
    let thick = (height / 180.0).max(2.0).round();
    for y in 0..thick as i64 {
        for x in 0..pixels as i64 {
            blend(image, (right - pixels).round() as i64 + x, (bottom - thick).round() as i64 + y, colour, 1.0);
        }
    }
    let line = Line { text: &words, size: size as f32, colour };
    let x = right as f32 - pixels as f32 / 2.0 - line.width() / 2.0;
    line.draw(image, x.min(right as f32 - line.width()), (bottom - thick - size * 1.25) as f32);
}

/// The greatest of 1, 2, 5 times a power of ten that is not longer, and its words.
fn round_length(most_um: f64) -> Option<(f64, String)> {
    if !(most_um.is_finite() && most_um > 1e-9) {
        return None;
    }
    let decade = 10f64.powf(most_um.log10().floor());
    let length = [5.0, 2.0, 1.0].map(|step| step * decade).into_iter().find(|length| *length <= most_um * (1.0 + 1e-9))?;
    let (value, unit) = match length {
        length if length >= 0.999e6 => (length / 1e6, "m"),
        length if length >= 0.999e4 => (length / 1e4, "cm"),
        length if length >= 0.999e3 => (length / 1e3, "mm"),
        length if length >= 0.999 => (length, "µm"),
        length if length >= 0.999e-3 => (length * 1e3, "nm"),
        length => (length * 1e4, "Å"),
    };
    // Away from the crumbs of binary fractions.
    let value = (value * 1e6).round() / 1e6;
    Some((length, format!("{value} {unit}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_round_lengths() {
        for (most, words) in [
            (734.0, "500 µm"),
            (2_600.0, "2 mm"),
            (10_000.0, "1 cm"),
            (0.0071, "5 nm"),
            (0.00021, "2 Å"),
            (1.0, "1 µm"),
            (99_000.0, "5 cm"),
        ] {
            assert_eq!(round_length(most).unwrap().1, words);
        }
        for nothing in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(round_length(nothing), None);
        }
    }

    #[test]
    fn a_bar_is_as_long_as_it_says() {
        let mut image = Image { width: 400, height: 200, channels: 3, pixels: vec![0; 400 * 200 * 3] };
        scale_bar(&mut image, 1_000.0, [255, 255, 255], Corner::LowerRight);
        let lit = |y: usize, least: u8| (0..400).filter(|x| image.pixels[(y * 400 + x) * 3] >= least).count();
        assert_eq!(lit(190, 255), 40, "200 µm of 1 mm, of 200 pixels");
        // Small letters cover no pixel wholly.
        assert!((0..185).any(|y| lit(y, 128) > 0), "the words stand above");
    }

    #[test]
    fn long_words_are_broken_and_cut() {
        let line = Line { text: "A coiled shell from the Rhine, found in 2019 and scanned twice", size: 20.0, colour: [255; 3] };
        let lines = line.broken(220.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…') && lines.iter().all(|text| Line { text, ..line }.width() <= 220.0), "{lines:?}");
    }
}
