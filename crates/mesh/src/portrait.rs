//! A picture of a surface in the light, as it is shown where no viewer runs: a depth buffer, light from the upper left, and shade
//! where something near stands in front. The same surface gives the same picture on any number of threads.

use rayon::prelude::*;

use crate::measure::normals;
use crate::surface::vector::{area2, cross, dot, sub, unit};
use crate::surface::{Part, Surface};

/// Samples for each pixel, along each side.
const FINE: usize = 2;
/// The body is looked at from the front, a little from the side and from above: radians.
const AZIMUTH: f32 = -0.6;
const ELEVATION: f32 = 0.38;
/// Part of the picture that the body fills at most.
const FILLS: f32 = 0.9;
const LIGHT: [f32; 3] = [-0.45, 0.6, 0.66];
/// The ground, in the middle and in the corners.
const GROUND: [[f32; 3]; 2] = [[38.0, 46.0, 60.0], [10.0, 12.0, 18.0]];
/// Rings around a sample that are searched for what stands in front, as parts of the picture's height.
const RINGS: [f32; 3] = [0.006, 0.016, 0.04];
const RING_PLACES: usize = 8;
/// Cosine of the angle between a triangle and its corner's normal beyond which the edge is sharp.
const CREASE: f32 = 0.75;
/// Rows that are drawn together.
const BAND_ROWS: usize = 64;

/// Red, green, blue, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portrait {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

/// What lies nearest behind one sample; depth grows towards the eye, and is `NOTHING` where there is only ground.
#[derive(Clone, Copy)]
struct Sample {
    depth: f32,
    normal: [f32; 3],
    part: u32,
}

const NOTHING: f32 = f32::NEG_INFINITY;

/// A part as the eye sees it: x to the right, y upwards, both in samples; z towards the eye.
struct Seen<'a> {
    places: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    colour: [f32; 3],
    surface: &'a Surface,
}

/// Nothing when there is no triangle, or when they are so many and so large that drawing them would take hours.
pub fn portrait(parts: &[Part], width: usize, height: usize) -> Option<Portrait> {
    let (wide, high) = (width * FINE, height * FINE);
    let seen = look_at(parts, wide, high).filter(|seen| !is_too_much(seen))?;
    let mut samples = vec![Sample { depth: NOTHING, normal: [0.0; 3], part: 0 }; wide * high];
    samples.par_chunks_mut(wide * BAND_ROWS).enumerate().for_each(|(band, samples)| {
        let top = band * BAND_ROWS;
        for (number, part) in seen.iter().enumerate() {
            draw(part, number as u32, samples, wide, top);
        }
    });
    let colours: Vec<[f32; 3]> = seen.iter().map(|part| part.colour).collect();
    let canvas = Canvas { wide, high, samples: &samples, colours: &colours };
    let rows = (0..height).into_par_iter().map(|row| canvas.row(row, width, height));
    Some(Portrait { width, height, pixels: rows.flatten_iter().collect() })
}

/// All parts turned towards the eye, and made as large as the picture allows.
fn look_at(parts: &[Part], wide: usize, high: usize) -> Option<Vec<Seen<'_>>> {
    let toward = [AZIMUTH.sin() * ELEVATION.cos(), -AZIMUTH.cos() * ELEVATION.cos(), ELEVATION.sin()];
    let right = unit(cross([0.0, 0.0, 1.0], toward));
    let up = cross(toward, right);
    let turn = |place: [f32; 3]| [dot(place, right), dot(place, up), dot(place, toward)];
    let mut seen: Vec<Seen<'_>> = parts
        .iter()
        .filter(|part| !part.surface.is_empty())
        .map(|part| Seen {
            places: part.surface.positions.par_iter().map(|&place| turn(place)).collect(),
            normals: normals(&part.surface).into_iter().map(turn).collect(),
            colour: part.colour.map(f32::from),
            surface: &part.surface,
        })
        .collect();
    let (mut least, mut most) = ([f32::MAX; 3], [f32::MIN; 3]);
    for place in seen.iter().flat_map(|part| &part.places) {
        least = std::array::from_fn(|axis| least[axis].min(place[axis]));
        most = std::array::from_fn(|axis| most[axis].max(place[axis]));
    }
    let [x, y, _] = sub(most, least);
    let scale = FILLS * (wide as f32 / x.max(f32::MIN_POSITIVE)).min(high as f32 / y.max(f32::MIN_POSITIVE));
    if seen.is_empty() || !scale.is_finite() {
        return None;
    }
    let middle = [0.5 * wide as f32, 0.5 * high as f32, 0.0];
    for place in seen.iter_mut().flat_map(|part| &mut part.places) {
        *place = std::array::from_fn(|axis| (place[axis] - 0.5 * (least[axis] + most[axis])) * scale + middle[axis]);
    }
    Some(seen)
}

/// Samples that all boxes around triangles may hold together: bodies of many small triangles stay far below.
const BOXES_MAX: f64 = 2e9;

/// Triangles as large as the picture, millions of them, would be drawn for hours.
fn is_too_much(seen: &[Seen<'_>]) -> bool {
    let of = |part: &Seen<'_>| -> f64 {
        let boxed = |triangle: &[u32; 3]| {
            let [a, b, c] = triangle.map(|vertex| part.places[vertex as usize]);
            let side = |axis: usize| f64::from(a[axis].max(b[axis]).max(c[axis]) - a[axis].min(b[axis]).min(c[axis])) + 1.0;
            side(0) * side(1)
        };
        part.surface.triangles.par_iter().map(boxed).sum()
    };
    seen.iter().map(of).sum::<f64>() > BOXES_MAX
}

/// Draws a part into the rows from `top` on; y grows upwards, rows grow downwards.
fn draw(part: &Seen<'_>, number: u32, samples: &mut [Sample], wide: usize, top: usize) {
    let rows = samples.len() / wide;
    let high = |row: f32| row - top as f32;
    for &triangle in &part.surface.triangles {
        let [a, b, c] = triangle.map(|vertex| part.places[vertex as usize]);
        let (low, tall) = (a[1].min(b[1]).min(c[1]), a[1].max(b[1]).max(c[1]));
        let (first, last) = (high(low).ceil().max(0.0) as usize, high(tall).floor().min(rows as f32 - 1.0));
        let area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
        if last < first as f32 || area == 0.0 {
            continue;
        }
        // Across a sharp edge the surface is not round.
        let face = unit(area2([a, b, c]));
        let normals = triangle.map(|vertex| part.normals[vertex as usize]);
        let normals = normals.map(|normal| if dot(normal, face) < CREASE { face } else { normal });
        let from = a[0].min(b[0]).min(c[0]).ceil().max(0.0) as usize;
        let to = (a[0].max(b[0]).max(c[0]).floor() as usize).min(wide - 1);
        for row in first..=last as usize {
            let y = (row + top) as f32;
            for column in from..=to {
                let x = column as f32;
                let weight = |p: [f32; 3], q: [f32; 3]| ((q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0])) / area;
                let [u, v, w] = [weight(b, c), weight(c, a), weight(a, b)];
                if u < 0.0 || v < 0.0 || w < 0.0 {
                    continue;
                }
                let depth = u * a[2] + v * b[2] + w * c[2];
                let sample = &mut samples[row * wide + column];
                if depth > sample.depth {
                    let [p, q, r] = normals;
                    let normal = unit(std::array::from_fn(|axis| u * p[axis] + v * q[axis] + w * r[axis]));
                    // The inside of what is open is lit as well.
                    let normal = if normal[2] < 0.0 { normal.map(|part| -part) } else { normal };
                    *sample = Sample { depth, normal, part: number };
                }
            }
        }
    }
}

struct Canvas<'a> {
    wide: usize,
    high: usize,
    samples: &'a [Sample],
    colours: &'a [[f32; 3]],
}

impl Canvas<'_> {
    /// One row of the picture, from above.
    fn row(&self, row: usize, width: usize, height: usize) -> Vec<u8> {
        let share = 1.0 / (FINE * FINE) as f32;
        let mut pixels = Vec::with_capacity(width * 3);
        for column in 0..width {
            let mut sum = [0.0; 3];
            for fine in 0..FINE * FINE {
                let (x, y) = (column * FINE + fine % FINE, (height - 1 - row) * FINE + fine / FINE);
                let colour = self.colour(x, y);
                sum = std::array::from_fn(|part| sum[part] + colour[part] * share);
            }
            pixels.extend(sum.map(|part| part.clamp(0.0, 255.0).round() as u8));
        }
        pixels
    }

    fn colour(&self, x: usize, y: usize) -> [f32; 3] {
        let sample = self.samples[y * self.wide + x];
        if sample.depth == NOTHING {
            let [across, along] = [(x, self.wide), (y, self.high)].map(|(at, whole)| 2.0 * at as f32 / whole as f32 - 1.0);
            let out = ((across * across + along * along) * 0.5).sqrt();
            return std::array::from_fn(|part| GROUND[0][part] + (GROUND[1][part] - GROUND[0][part]) * out);
        }
        let facing = dot(sample.normal, unit(LIGHT));
        let lit = 0.30 + 0.62 * (0.5 + 0.5 * facing).powi(2) + 0.12 * sample.normal[1].max(0.0);
        let gloss = 0.18 * dot(sample.normal, unit([LIGHT[0], LIGHT[1], LIGHT[2] + 1.0])).max(0.0).powi(40);
        let light = lit * (1.0 - 0.75 * self.shade(x, y, &sample));
        self.colours[sample.part as usize].map(|part| part * light + 255.0 * gloss)
    }

    /// How much of what is around stands in front of a sample.
    fn shade(&self, x: usize, y: usize, sample: &Sample) -> f32 {
        let mut hidden = 0.0;
        for ring in RINGS {
            let reach = ring * self.high as f32;
            for place in 0..RING_PLACES {
                let angle = (place as f32 + reach.fract()) * std::f32::consts::TAU / RING_PLACES as f32;
                let beside = [x as f32 + reach * angle.cos(), y as f32 + reach * angle.sin()];
                if beside[0] < 0.0 || beside[1] < 0.0 || beside[0] >= self.wide as f32 || beside[1] >= self.high as f32 {
                    continue;
                }
                let there = self.samples[beside[1] as usize * self.wide + beside[0] as usize].depth;
                // What the surface itself rises by, slanted as it is, hides nothing.
                let along = [beside[0] - x as f32, beside[1] - y as f32];
                let own = -(sample.normal[0] * along[0] + sample.normal[1] * along[1]) / sample.normal[2].max(0.2);
                let rise = (there - sample.depth - own) / reach;
                // Far in front it is another thing, whose shade falls elsewhere.
                if rise > 0.1 {
                    hidden += (rise - 0.1).min(1.0) / (1.0 + (rise * 0.35).powi(2));
                }
            }
        }
        (hidden / (RINGS.len() * RING_PLACES) as f32).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A box turned outwards.
    fn cuboid(size: [f32; 3]) -> Part {
        let positions = (0..8).map(|corner| std::array::from_fn(|axis| if corner >> axis & 1 == 1 { size[axis] } else { 0.0 })).collect();
        let quads: [[u32; 4]; 6] = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
        let triangles = quads.iter().flat_map(|&[a, b, c, d]| [[a, b, c], [a, c, d]]).collect();
        Part { name: "box".into(), colour: [220, 120, 60], opacity: 1.0, surface: Surface { positions, triangles } }
    }

    #[test]
    fn a_box_stands_in_the_middle_lit_from_above_and_any_number_of_threads_sees_the_same() {
        let parts = [cuboid([20.0, 20.0, 20.0])];
        let seen = portrait(&parts, 160, 120).unwrap();
        let at = |x: usize, y: usize| -> [u8; 3] { std::array::from_fn(|part| seen.pixels[(y * 160 + x) * 3 + part]) };
        let [top, side, corner] = [at(80, 30), at(80, 85), at(2, 2)];
        assert!(top[0] > side[0] && side[0] > 60 && side[0] > side[2], "{top:?} {side:?}");
        assert!(corner[2] > corner[0] && corner[0] < 30, "{corner:?}");
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(|| portrait(&parts, 160, 120)).unwrap();
        assert_eq!(seen, alone);
        assert_eq!(portrait(&[], 160, 120), None);
    }
}
