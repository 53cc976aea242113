//! A plane of voxels becomes a grey image: window, true proportions, at most so large.

use volume::Trouble;
use volume::slice::Plane;

use crate::encode::{Format, Image, encode};

/// Longest side of a slice picture that nobody asked to be smaller.
const SIDE_MAX: usize = 4_096;

/// A plane as a file. Without a window, the plane's own percentiles serve.
pub fn slice_image(plane: &Plane, window: Option<[f64; 2]>, format: Format) -> Result<Vec<u8>, Trouble> {
    slice_image_within(plane, window, SIDE_MAX, format)
}

/// As [`slice_image`], the longer side at most `size_max` pixels.
pub fn slice_image_within(plane: &Plane, window: Option<[f64; 2]>, size_max: usize, format: Format) -> Result<Vec<u8>, Trouble> {
    encode(&windowed(plane, window, size_max), format)
}

/// Limits that leave half a percent of the voxels black and half a percent white.
pub fn percentile_window(plane: &Plane) -> [f64; 2] {
    let mut values: Vec<f32> = plane.to_f32();
    values.retain(|value| value.is_finite());
    if values.is_empty() {
        return [0.0, 1.0];
    }
    let mut at = |part: f64| {
        let place = ((values.len() - 1) as f64 * part) as usize;
        f64::from(*values.select_nth_unstable_by(place, f32::total_cmp).1)
    };
    let (low, high) = (at(0.005), at(0.995));
    if low < high { [low, high] } else { [low, low + 1.0] }
}

/// Grey values between the limits of the window, in true proportions, the longer side at most `size_max` pixels.
pub fn windowed(plane: &Plane, window: Option<[f64; 2]>, size_max: usize) -> Image {
    let [low, high] = window.unwrap_or_else(|| percentile_window(plane));
    let range = if high > low { high - low } else { 1.0 };
    let scale = 255.0 / range;
    let mut grey = plane.to_f32();
    for value in &mut grey {
        let part = (f64::from(*value) - low) * scale;
        // What is not a number becomes black: it is not greater than anything.
        *value = if part > 0.0 { part.min(255.0) as f32 } else { 0.0 };
    }
    let [height, width] = true_size(plane, size_max);
    if [height, width] == [plane.height, plane.width] {
        // Adding a half and cutting off rounds as before; what is negative was clamped.
        return Image { width, height, channels: 1, pixels: grey.into_iter().map(|value| (value + 0.5) as u8).collect() };
    }
    let pixels = resample(&grey, [plane.height, plane.width], [height, width]);
    Image { width, height, channels: 1, pixels: pixels.into_iter().map(|value| value.round() as u8).collect() }
}

/// Square pixels: an axis whose voxels are longer gets more of them.
pub(crate) fn true_size(plane: &Plane, size_max: usize) -> [usize; 2] {
    let finest = plane.pixel[0].min(plane.pixel[1]);
    let square = finest.is_finite() && finest > 0.0;
    let stretch = |axis: usize| if square { (plane.pixel[axis] / finest).clamp(1.0, 64.0) } else { 1.0 };
    let size = [plane.height as f64 * stretch(0), plane.width as f64 * stretch(1)];
    let scale = (size_max.max(1) as f64 / size[0].max(size[1])).min(1.0);
    size.map(|side| ((side * scale).round() as usize).max(1))
}

/// Means over areas when it gets smaller, straight lines between voxels when it gets larger; rows, then columns.
pub(crate) fn resample(source: &[f32], from: [usize; 2], to: [usize; 2]) -> Vec<f32> {
    let across = weights(from[1], to[1]);
    let mut rows = vec![0.0; from[0] * to[1]];
    for (row, out) in source.chunks_exact(from[1]).zip(rows.chunks_exact_mut(to[1])) {
        for (out, (first, weights)) in out.iter_mut().zip(&across) {
            *out = weights.iter().zip(&row[*first..]).map(|(weight, value)| weight * value).sum();
        }
    }
    let down = weights(from[0], to[0]);
    let mut out = vec![0.0; to[0] * to[1]];
    for (out, (first, weights)) in out.chunks_exact_mut(to[1]).zip(&down) {
        for (row, weight) in weights.iter().enumerate() {
            let source = &rows[(first + row) * to[1]..][..to[1]];
            out.iter_mut().zip(source).for_each(|(out, value)| *out += weight * value);
        }
    }
    out
}

/// For every target pixel the first source pixel and the weights from there on.
fn weights(from: usize, to: usize) -> Vec<(usize, Vec<f32>)> {
    let ratio = from as f64 / to as f64;
    (0..to)
        .map(|index| {
            if ratio > 1.0 {
                let (start, end) = (index as f64 * ratio, (index + 1) as f64 * ratio);
                let first = start.floor() as usize;
                let last = (end.ceil() as usize).min(from);
                let share = |pixel: usize| ((end.min(pixel as f64 + 1.0) - start.max(pixel as f64)) / ratio) as f32;
                (first, (first..last).map(share).collect())
            } else {
                let centre = ((index as f64 + 0.5) * ratio - 0.5).clamp(0.0, from as f64 - 1.0);
                let first = (centre.floor() as usize).min(from.saturating_sub(2));
                let part = (centre - first as f64) as f32;
                (first, if from == 1 { vec![1.0] } else { vec![1.0 - part, part] })
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resampling_keeps_the_mean_and_the_ends() {
        let source: Vec<f32> = (0..12).map(|value| value as f32).collect();
        let small = resample(&source, [3, 4], [1, 2]);
        assert!((small[0] - 4.5).abs() < 1e-4 && (small[1] - 6.5).abs() < 1e-4, "{small:?}");
        let large = resample(&[0.0, 10.0], [1, 2], [1, 4]);
        assert_eq!(large, [0.0, 2.5, 7.5, 10.0]);
        assert_eq!(resample(&[3.0], [1, 1], [2, 2]), [3.0; 4]);
    }
}
