//! A first look at a volume of which only some planes were read: three slices through what is there, in true proportions.

use volume::slice::{Axis, Plane};
use volume::{ElementType, Trouble};

use crate::encode::{Format, Image, encode};
use crate::preview::{NamedPicture, enlarge};
use crate::slice::{percentile_window, resample, windowed};

/// Longest side of a plane as it is kept.
const SIDE: usize = 256;
/// Longest side of the picture along z, which is made of a whole plane.
const SHARP_SIDE: usize = 1_024;

/// One plane along z, much smaller than it was.
#[derive(Debug, Clone, PartialEq)]
pub struct CoarsePlane {
    height: usize,
    width: usize,
    values: Vec<f32>,
    /// How many pixels of the plane one value stands for, down and across.
    factor: [f64; 2],
}

/// The names of the pictures of a first look.
pub const NAMES: [&str; 3] = ["look-z.jpg", "look-y.jpg", "look-x.jpg"];

fn plane_of(axis: Axis, [height, width]: [usize; 2], element: ElementType, bytes: Vec<u8>, pixel: [f64; 2]) -> Plane {
    Plane { axis, index: 0, level: 0, height, width, element, bytes, pixel }
}

impl CoarsePlane {
    /// `bytes` are the voxels of a plane of that height and width, little-endian.
    pub fn of(size: [usize; 2], element: ElementType, bytes: &[u8]) -> Self {
        let whole = plane_of(Axis::Z, size, element, bytes.to_vec(), [1.0; 2]).to_f32();
        let [height, width] = size.map(|side| side.min((side * SIDE).div_ceil(size[0].max(size[1]).max(SIDE))).max(1));
        let factor = [size[0] as f64 / height as f64, size[1] as f64 / width as f64];
        Self { height, width, values: resample(&whole, size, [height, width]), factor }
    }

    /// Memory that it takes.
    pub fn bytes(&self) -> usize {
        self.values.len() * size_of::<f32>()
    }
}

/// The picture of one whole plane.
pub fn sharp(size: [usize; 2], element: ElementType, bytes: Vec<u8>, pixel: [f64; 2]) -> Result<NamedPicture, Trouble> {
    let plane = plane_of(Axis::Z, size, element, bytes, pixel);
    named(NAMES[0], windowed(&plane, None, SHARP_SIDE))
}

/// The pictures across the planes, which come in order of z with their numbers; nothing when they are of different size.
pub fn across(planes: &[(usize, &CoarsePlane)], voxel_size: [f64; 3]) -> Result<Vec<NamedPicture>, Trouble> {
    let (Some((first, one)), Some((last, _))) = (planes.first(), planes.last()) else { return Ok(Vec::new()) };
    if planes.len() < 2 || planes.iter().any(|(_, plane)| [plane.height, plane.width] != [one.height, one.width]) {
        return Ok(Vec::new());
    }
    let step = (last - first) as f64 / (planes.len() - 1) as f64;
    let pitch = [step * voxel_size[0], one.factor[0] * voxel_size[1], one.factor[1] * voxel_size[2]];
    let (row, column) = (one.height / 2, one.width / 2);
    let along_x = planes.iter().flat_map(|(_, plane)| &plane.values[row * plane.width..][..plane.width]);
    let along_y = planes.iter().flat_map(|(_, plane)| plane.values[column..].iter().step_by(plane.width));
    let bytes = |values: &mut dyn Iterator<Item = &f32>| -> Vec<u8> { values.flat_map(|value| value.to_le_bytes()).collect() };
    let (along_x, along_y) = (bytes(&mut along_x.into_iter()), bytes(&mut along_y.into_iter()));
    let y = plane_of(Axis::Y, [planes.len(), one.width], ElementType::F32, along_x, [pitch[0], pitch[2]]);
    let x = plane_of(Axis::X, [planes.len(), one.height], ElementType::F32, along_y, [pitch[0], pitch[1]]);
    let window = percentile_window(&y);
    Ok(vec![
        named(NAMES[1], enlarge(windowed(&y, Some(window), SHARP_SIDE)))?,
        named(NAMES[2], enlarge(windowed(&x, Some(window), SHARP_SIDE)))?,
    ])
}

fn named(name: &str, image: Image) -> Result<NamedPicture, Trouble> {
    Ok(NamedPicture {
        name: name.into(),
        bytes: encode(&image, Format::Jpeg)?,
        width: image.width as u32,
        height: image.height as u32,
        alt: format!("First look at a slice across {}", name.trim_start_matches("look-").trim_end_matches(".jpg")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(value: u16) -> CoarsePlane {
        let voxels: Vec<u8> = (0..600 * 300).flat_map(|at| (if at % 600 < 300 { value } else { 0 }).to_le_bytes()).collect();
        CoarsePlane::of([300, 600], ElementType::U16, &voxels)
    }

    #[test]
    fn a_plane_gets_small_and_keeps_its_values_and_proportions() {
        let coarse = plane(500);
        assert_eq!([coarse.height, coarse.width], [128, 256]);
        assert!((coarse.values[10] - 500.0).abs() < 0.5 && coarse.values[200] == 0.0);
        assert_eq!(CoarsePlane::of([2, 3], ElementType::U8, &[1, 2, 3, 4, 5, 6]).values, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    }

    #[test]
    fn what_lies_between_the_planes_is_stretched_to_true_proportions() {
        let planes: Vec<CoarsePlane> = (0..9).map(|z| plane(100 * z)).collect();
        let listed: Vec<(usize, &CoarsePlane)> = planes.iter().enumerate().map(|(number, plane)| (number * 10, plane)).collect();
        let pictures = across(&listed, [2.0, 1.0, 1.0]).unwrap();
        let [y, x] = &pictures[..] else { panic!("two pictures") };
        // Nine planes of twenty voxels' height each beside six hundred across.
        let ratio = f64::from(y.height) / f64::from(y.width);
        assert!((ratio - 9.0 * 20.0 / 600.0).abs() < 0.02, "{} × {}", y.width, y.height);
        assert!((f64::from(x.height) / f64::from(x.width) - 9.0 * 20.0 / 300.0).abs() < 0.03, "{} × {}", x.width, x.height);
        assert!(across(&listed[..1], [1.0; 3]).unwrap().is_empty());
        let odd = CoarsePlane::of([5, 5], ElementType::U8, &[0; 25]);
        assert!(across(&[(0, &planes[0]), (1, &odd)], [1.0; 3]).unwrap().is_empty());
    }
}
