//! From rays to pixels: which rays a picture needs, and how what they see is put onto it.

use rayon::prelude::*;

use super::cast::{Caster, Seen};
#[cfg(target_arch = "x86_64")]
use super::lanes::wide;
use super::lanes::{Floats, LANES, Mask, mix, plain};
use super::{Ground, RenderOptions, SIDE_MAX};
use crate::encode::Image;

/// Edge of the tiles in which neighbouring rays are cast by one thread.
const TILE: usize = 16;
/// From one pixel to the next, of all that there is.
const EDGE_MIN: f32 = 0.03;

/// Red, green, blue as they are stored, from 0 to 1, and how much of the ground is hidden.
type Pixel = [f32; 4];

pub(crate) struct Film {
    width: usize,
    height: usize,
    rays: usize,
    /// In linear light, from the middle to the corners.
    ground: [[f32; 3]; 2],
    clear: bool,
    plain: bool,
    wide: bool,
}

impl Film {
    pub(crate) fn new(options: &RenderOptions, plain: bool, wide: bool) -> Self {
        Self {
            width: options.width.clamp(1, SIDE_MAX),
            height: options.height.clamp(1, SIDE_MAX),
            rays: options.rays.clamp(1, 4),
            ground: options.ground.ends(),
            clear: options.ground == Ground::Transparent,
            plain,
            wide,
        }
    }

    pub(crate) fn aspect(&self) -> f32 {
        self.width as f32 / self.height as f32
    }

    /// One ray for each pixel, and several where neighbours differ.
    pub(crate) fn expose(&self, caster: &Caster<'_>) -> Image {
        let once = self.in_tiles(|tile| {
            let middle = |&[column, row]: &[usize; 2]| self.place(column as f32 + 0.5, row as f32 + 0.5);
            self.see(caster, &tile.iter().map(middle).collect::<Vec<_>>())
        });
        if self.rays == 1 {
            return self.print(&once);
        }
        self.print(&self.in_tiles(|tile| self.smoothed(caster, &once, tile)))
    }

    fn see(&self, caster: &Caster<'_>, places: &[[f32; 2]]) -> Vec<Pixel> {
        self.develop(&caster.cast(places), places)
    }

    fn smoothed(&self, caster: &Caster<'_>, once: &[Pixel], tile: &[[usize; 2]]) -> Vec<Pixel> {
        let index = |[column, row]: [usize; 2]| row * self.width + column;
        let mut pixels: Vec<Pixel> = tile.iter().map(|&pixel| once[index(pixel)]).collect();
        let edges: Vec<usize> = (0..tile.len()).filter(|&number| is_edge(once, index(tile[number]), self.width)).collect();
        let (rays, each) = (self.rays, self.rays * self.rays);
        let part = |number: usize| (number as f32 + 0.5) / rays as f32;
        let mut places = Vec::with_capacity(edges.len() * each);
        for &edge in &edges {
            let [column, row] = tile[edge].map(|side| side as f32);
            places.extend((0..each).map(|number| self.place(column + part(number % rays), row + part(number / rays))));
        }
        for (edge, several) in edges.iter().zip(self.see(caster, &places).chunks(each)) {
            pixels[*edge] = std::array::from_fn(|channel| several.iter().map(|pixel| pixel[channel]).sum::<f32>() / each as f32);
        }
        pixels
    }

    /// Every pixel, by tiles whose rays walk through the same bricks. `work` is told columns and rows and gives as many pixels.
    fn in_tiles(&self, work: impl Fn(&[[usize; 2]]) -> Vec<Pixel> + Sync) -> Vec<Pixel> {
        let width = self.width;
        let mut out = vec![[0.0; 4]; width * self.height];
        out.par_chunks_mut(width * TILE).enumerate().for_each(|(band, out)| {
            let rows = out.len() / width;
            let mut tile = Vec::with_capacity(TILE * TILE);
            for left in (0..width).step_by(TILE) {
                tile.clear();
                for (top, side) in (0..TILE).step_by(2).flat_map(|top| (0..TILE).step_by(4).map(move |side| (top, left + side))) {
                    // Eight neighbours, four in a row, two rows.
                    let eight = (0..LANES).map(|number| [side + number % 4, top + number / 4]);
                    let inside = eight.filter(|[column, row]| *column < width && *row < rows);
                    tile.extend(inside.map(|[column, row]| [column, band * TILE + row]));
                }
                for ([column, row], pixel) in tile.iter().zip(work(&tile)) {
                    out[(row - band * TILE) * width + column] = pixel;
                }
            }
        });
        out
    }

    /// From −1 to 1, y downward.
    fn place(&self, column: f32, row: f32) -> [f32; 2] {
        [column / self.width as f32 * 2.0 - 1.0, row / self.height as f32 * 2.0 - 1.0]
    }

    fn develop(&self, seen: &[Seen], places: &[[f32; 2]]) -> Vec<Pixel> {
        #[cfg(target_arch = "x86_64")]
        if self.wide {
            // SAFETY: the processor was asked whether it has these instructions.
            return unsafe { self.develop_wide(seen, places) };
        }
        self.develop_with::<plain::F>(seen, places)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn develop_wide(&self, seen: &[Seen], places: &[[f32; 2]]) -> Vec<Pixel> {
        self.develop_with::<wide::F>(seen, places)
    }

    #[inline(always)]
    fn develop_with<F: Floats>(&self, seen: &[Seen], places: &[[f32; 2]]) -> Vec<Pixel> {
        let mut pixels = vec![[0.0, 0.0, 0.0, 1.0]; seen.len()];
        for (pixels, (seen, places)) in pixels.chunks_mut(LANES).zip(seen.chunks(LANES).zip(places.chunks(LANES))) {
            let mut lanes = [[0.0; LANES]; 6];
            for (lane, (seen, place)) in seen.iter().zip(places).enumerate() {
                let [red, green, blue] = seen.colour;
                for (number, value) in [red, green, blue, seen.hidden, place[0], place[1]].into_iter().enumerate() {
                    lanes[number][lane] = value;
                }
            }
            let hidden = F::of(&lanes[3]);
            let ground = self.ground_at(F::of(&lanes[4]), F::of(&lanes[5]));
            for channel in 0..3 {
                let shown = self.shown(F::of(&lanes[channel]), hidden, ground[channel]).lanes();
                pixels.iter_mut().zip(shown).for_each(|(pixel, shown)| pixel[channel] = shown);
            }
            if self.clear {
                pixels.iter_mut().zip(seen).for_each(|(pixel, seen)| pixel[3] = seen.hidden);
            }
        }
        pixels
    }

    /// In linear light; the corners lie a little further off than the sides.
    #[inline(always)]
    fn ground_at<F: Floats>(&self, x: F, y: F) -> [F; 3] {
        let [middle, corner] = self.ground;
        let x = x * F::splat(self.aspect().min(1.4));
        let part = ((x * x + y * y).root() * F::splat(1.0 / 1.25)).least(F::splat(1.0));
        let part = part * part * (F::splat(3.0) - F::splat(2.0) * part);
        let channel = |number: usize| mix(F::splat(middle[number]), F::splat(corner[number]), part);
        [channel(0), channel(1), channel(2)]
    }

    #[inline(always)]
    fn shown<F: Floats>(&self, colour: F, hidden: F, ground: F) -> F {
        let (nothing, one) = (F::splat(0.0), F::splat(1.0));
        if self.plain {
            return (colour + (one - hidden) * stored(ground)).least(one);
        }
        let some = nothing.below(hidden);
        if !some.any() {
            return if self.clear { nothing } else { stored(ground) };
        }
        let body = tone(colour.over(hidden)).pick(some, nothing);
        stored(if self.clear { body } else { body * hidden + ground * (one - hidden) })
    }

    fn print(&self, colours: &[Pixel]) -> Image {
        let channels = if self.clear { 4 } else { 3 };
        let (width, height) = (self.width, self.height);
        let mut pixels = vec![0; width * height * channels];
        pixels.par_chunks_exact_mut(width * channels).enumerate().for_each(|(row, pixels)| {
            let colours = &colours[row * width..][..width];
            for (column, (pixel, colour)) in pixels.chunks_exact_mut(channels).zip(colours).enumerate() {
                // A trace of grain hides the steps of eight bits in the dark.
                let grain = ((row * width + column) as u32).wrapping_mul(0x9e37_79b1).rotate_left(13).wrapping_mul(0x85eb_ca6b) >> 16;
                let grain = if self.plain { 0.5 } else { grain as f32 / 65_536.0 };
                let grains = [grain, grain, grain, 0.5];
                for (channel, pixel) in pixel.iter_mut().enumerate() {
                    *pixel = (colour[channel] * 255.0 + grains[channel]).clamp(0.0, 255.0) as u8;
                }
            }
        });
        Image { width, height, channels, pixels }
    }
}

/// Whether a pixel differs so much from a neighbour that one ray is not enough.
fn is_edge(pixels: &[Pixel], index: usize, width: usize) -> bool {
    let here = pixels[index];
    [index.wrapping_sub(1), index + 1, index.wrapping_sub(width), index + width]
        .into_iter()
        .filter_map(|neighbour| pixels.get(neighbour))
        .any(|other| (0..4).any(|channel| (other[channel] - here[channel]).abs() > EDGE_MIN))
}

/// From linear light to how it is stored: the power 1/2.2 out of roots, right to one in two hundred and forty.
#[inline(always)]
fn stored<F: Floats>(value: F) -> F {
    let root = value.most(F::splat(0.0)).root();
    F::splat(0.948) * root + F::splat(0.099) * root.root() - F::splat(0.047) * root * root
}

/// A film's shoulder: bright parts keep their drawing.
#[inline(always)]
fn tone<F: Floats>(value: F) -> F {
    let above = value * (F::splat(2.51) * value + F::splat(0.03));
    let below = value * (F::splat(2.43) * value + F::splat(0.59)) + F::splat(0.14);
    above.over(below).most(F::splat(0.0)).least(F::splat(1.0))
}
