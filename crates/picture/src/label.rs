//! Labels have names, not amounts: every one gets its own colour, the same on slices and bodies.

use volume::slice::Plane;

use crate::encode::Image;
use crate::slice::true_size;

/// Colours that there are for labels; with more labels they come again.
const COLOURS: f32 = 255.0;

/// The number of a label's colour; label 0 is nothing.
pub(crate) fn number(label: f32) -> u8 {
    if label == 0.0 || !label.is_finite() { 0 } else { 1 + (label - 1.0).rem_euclid(COLOURS) as u8 }
}

/// A soft colour, as red, green and blue from 0 to 1; label 0 is nothing and black.
pub(crate) fn colour(label: f32) -> [f32; 3] {
    if label == 0.0 || !label.is_finite() {
        return [0.0; 3];
    }
    let label = f32::from(number(label));
    // Steps of the golden ratio never come back to the same hue, and neighbours lie far apart.
    let hue = (f64::from(label) * 0.618_033_988_75).rem_euclid(1.0) as f32;
    let lightness = 0.60 + 0.08 * ((f64::from(label) * 0.381_966).rem_euclid(1.0) as f32 - 0.5);
    let chroma = 0.30;
    [0.0, 1.0 / 3.0, 2.0 / 3.0].map(|shift| (lightness + chroma * (std::f32::consts::TAU * (hue - shift)).cos()).clamp(0.0, 1.0))
}

/// A plane of labels in colours, without mixing them where it gets smaller or larger.
pub(crate) fn label_image(plane: &Plane, size_max: usize) -> Image {
    let [height, width] = true_size(plane, size_max);
    let labels = plane.to_f32();
    let mut pixels = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        let row = y * plane.height / height * plane.width;
        for x in 0..width {
            let colour = colour(labels[row + x * plane.width / width]);
            pixels.extend(colour.map(|channel| (channel * 255.0 + 0.5) as u8));
        }
    }
    Image { width, height, channels: 3, pixels }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_labels_differ() {
        assert_eq!(colour(0.0), [0.0; 3]);
        for label in 1..200 {
            let (a, b) = (colour(label as f32), colour(label as f32 + 1.0));
            let apart: f32 = (0..3).map(|channel| (a[channel] - b[channel]).abs()).sum();
            assert!(apart > 0.3, "{label} {a:?} {b:?}");
        }
    }
}
