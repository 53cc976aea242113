//! From planes of voxels to a scene: quantised to one byte, joined where the volume is too large, smoothed, cut into bricks.
//! Memory is bounded by the limits here, whatever the size of the volume.

use rayon::prelude::*;
use volume::{ElementType, Material, Shape, Trouble};

use super::blocks::{BLOCK, Blocks, paces};
use super::bricks::{Bricks, Builder};
use super::cast::Paint;
use super::light::openness;
use super::tables::Tables;
use super::transfer::{Point, Transfer};
use super::{Finish, Scene};
use crate::label;

/// Voxels of the working copy at most: a byte each, and a third more for margins.
const VOXELS_MAX: usize = 1 << 27;
/// Longest axis of the working copy.
const AXIS_MAX: usize = 1_024;
/// Planes that are read together, in bytes.
const SLAB_BYTES: usize = 64 << 20;
/// A voxel is drawn at most so much longer than wide.
const LONGEST: f64 = 100.0;

/// What is to be drawn, before its voxels are read.
pub struct ScenePlan<'a> {
    material: &'a Material,
    level: usize,
    /// Voxels that become one, z, y, x.
    bin: Shape,
    transfer: Transfer,
}

impl<'a> ScenePlan<'a> {
    /// Takes the finest level whose longest axis has at most `size` voxels, or the coarsest; of files without levels voxels are joined.
    pub fn new(material: &'a Material, transfer: Transfer, size: usize) -> Self {
        let size = size.clamp(1, AXIS_MAX);
        let fits = |level: &usize| {
            let shape = material.shape(*level);
            shape.iter().all(|&axis| axis <= size) && shape.iter().product::<usize>() <= VOXELS_MAX
        };
        let level = (0..material.levels()).find(fits).unwrap_or(material.levels() - 1);
        Self { bin: bin(material.shape(level), voxel_size(material, level), size), material, level, transfer }
    }

    pub fn level(&self) -> usize {
        self.level
    }

    /// Of the working copy, z, y, x.
    pub fn shape(&self) -> Shape {
        let shape = self.material.shape(self.level);
        std::array::from_fn(|axis| (shape[axis] / self.bin[axis]).max(1))
    }

    /// Reads all voxels of the level once. `progress` is told planes that are done and all there are.
    pub fn build(self, progress: &dyn Fn(u64, u64)) -> Result<Scene, Trouble> {
        let Self { material, level, bin, ref transfer } = self;
        let whole = material.shape(level);
        let shape = self.shape();
        let voxel: [f64; 3] = {
            let size = voxel_size(material, level);
            std::array::from_fn(|axis| size[axis] * bin[axis] as f64)
        };
        let finest = voxel.iter().copied().fold(f64::INFINITY, f64::min);
        let size = [2, 1, 0].map(|axis| (voxel[axis] / finest).min(LONGEST) as f32);
        let xyz = [shape[2], shape[1], shape[0]];
        let longest = (0..3).map(|axis| xyz[axis] as f32 * size[axis]).fold(1.0, f32::max);
        let tables = Tables::new(transfer, longest / 256.0);
        let painted =
            Tables::new(&Transfer { points: PAINTED.to_vec(), range: [0.0, 255.0], finish: Finish::MATT, ..transfer.clone() }, 1.0);
        let mut body = Smoother::new(Builder::new(xyz, &tables), transfer.smooth);
        let mut paint = transfer.labels.then(|| Builder::new(xyz, &painted));
        let stack = material.stack(level)?;
        let plane_bytes = whole[1] * whole[2] * stack.element.bytes();
        let together = (SLAB_BYTES / (plane_bytes * bin[0]).max(1)).clamp(1, shape[0].max(1));
        let quantiser = Quantiser::new(stack.element, transfer);
        let mut buffer = vec![0; together * bin[0] * plane_bytes];
        for first in (0..shape[0]).step_by(together) {
            let count = together.min(shape[0] - first);
            let from = first * bin[0];
            let planes = (count * bin[0]).min(whole[0] - from);
            let bytes = &mut buffer[..planes * plane_bytes];
            stack.read(from, bytes)?;
            let made: Vec<(Vec<u8>, Vec<u8>)> = bytes
                .par_chunks(bin[0] * plane_bytes)
                .map(|planes| {
                    let grey = quantiser.joined(planes, whole, bin);
                    (grey, if transfer.labels { quantiser.painted(planes, whole, bin) } else { Vec::new() })
                })
                .collect();
            for (grey, colours) in &made {
                body.push(grey);
                if let Some(paint) = &mut paint {
                    paint.push(colours);
                }
            }
            progress((first + count) as u64, shape[0] as u64);
        }
        let (bricks, blocks) = body.finish();
        let paint = paint.map(|paint| Paint {
            bricks: paint.finish().0,
            colours: (0..=255).map(|label| label::colour(label as f32).map(|channel| channel.powf(2.2))).collect(),
        });
        let unit_um = material.voxel_size_um().map(|finest_level| {
            // Sizes of a level are told in the unit of the axes, those of level 0 also in micrometres.
            let level_0 = voxel_size(material, 0);
            finest * finest_level[0] / level_0[0]
        });
        let (paces, open) =
            rayon::join(|| paces(&blocks), || if transfer.finish.plain { vec![255; blocks.matter.len()] } else { openness(&blocks, size) });
        let body = body_points(&blocks, xyz, size);
        Ok(Scene { bricks, paces, open, paint, finish: transfer.finish, size, body, unit_um, blocks, tables })
    }
}

const PAINTED: [Point; 2] =
    [Point { value: 0.0, extinction: 0.0, colour: [0.0; 3] }, Point { value: 1.0, extinction: 1.0, colour: [0.0; 3] }];

/// z, y, x, in one unit whichever it is; cubes where nothing sane is known.
fn voxel_size(material: &Material, level: usize) -> [f64; 3] {
    let size = match material {
        Material::Volume(volume) => volume.levels()[level].scale,
        Material::Planes { header, .. } => header.voxel_size_um.unwrap_or([1.0; 3]),
    };
    if size.iter().all(|&axis| axis.is_finite() && axis > 0.0) { size } else { [1.0; 3] }
}

/// How many voxels become one along each axis until all fits; the axis with the finest voxels first.
fn bin(shape: Shape, size: [f64; 3], axis_max: usize) -> Shape {
    let mut bin = [1usize; 3];
    loop {
        let now: Shape = std::array::from_fn(|axis| (shape[axis] / bin[axis]).max(1));
        let too_long = |axis: &usize| now[*axis] > axis_max;
        let too_many = now.iter().product::<usize>() > VOXELS_MAX;
        let finest = |a: &usize, b: &usize| (size[*a] * bin[*a] as f64).total_cmp(&(size[*b] * bin[*b] as f64));
        let coarser = (0..3).filter(too_long).min_by(finest).or_else(|| (0..3).filter(|&axis| too_many && now[axis] > 1).min_by(finest));
        let Some(axis) = coarser else { return bin };
        bin[axis] += 1;
    }
}

/// Voxels to bytes.
struct Quantiser {
    element: ElementType,
    /// For voxels of at most two bytes, by their bits.
    table: Vec<u8>,
    low: f64,
    scale: f64,
    labels: bool,
}

impl Quantiser {
    fn new(element: ElementType, transfer: &Transfer) -> Self {
        let [low, high] = transfer.range;
        let scale = if high == low { 0.0 } else { 255.0 / (high - low) };
        let mut quantiser = Self { element, table: Vec::new(), low, scale, labels: transfer.labels };
        let bits: u32 = match element {
            ElementType::U8 | ElementType::I8 => 8,
            ElementType::U16 | ElementType::I16 => 16,
            _ => return quantiser,
        };
        quantiser.table = (0..1u32 << bits)
            .map(|bits| {
                quantiser.byte(match element {
                    ElementType::I8 => f64::from(bits as u8 as i8),
                    ElementType::I16 => f64::from(bits as u16 as i16),
                    _ => f64::from(bits),
                })
            })
            .collect();
        quantiser
    }

    fn byte(&self, value: f64) -> u8 {
        if self.labels {
            return if value == 0.0 || value.is_nan() { 0 } else { 255 };
        }
        // What is not a number becomes 0, as it is cast.
        ((value - self.low) * self.scale + 0.5) as u8
    }

    /// Some planes as one, with rows and columns joined too.
    fn joined(&self, planes: &[u8], whole: Shape, bin: Shape) -> Vec<u8> {
        let [_, height, width] = whole;
        let plane_bytes = height * width * self.element.bytes();
        if bin == [1; 3] {
            return self.bytes(planes);
        }
        let (rows, columns) = ((height / bin[1]).max(1), (width / bin[2]).max(1));
        let mut sums = vec![0u32; rows * columns];
        for plane in planes.chunks_exact(plane_bytes) {
            let plane = self.bytes(plane);
            for (row, sums) in sums.chunks_exact_mut(columns).enumerate() {
                for y in row * bin[1]..((row + 1) * bin[1]).min(height) {
                    let source = &plane[y * width..][..width];
                    sums.iter_mut()
                        .zip(source.chunks(bin[2]))
                        .for_each(|(sum, voxels)| *sum += voxels.iter().map(|&voxel| u32::from(voxel)).sum::<u32>());
                }
            }
        }
        let count = (planes.len() / plane_bytes * bin[1].min(height) * bin[2].min(width)).max(1) as u32;
        sums.into_iter().map(|sum| ((sum + count / 2) / count) as u8).collect()
    }

    /// The number of its colour for every voxel: the first of those that are joined.
    fn painted(&self, planes: &[u8], whole: Shape, bin: Shape) -> Vec<u8> {
        let [_, height, width] = whole;
        let shape = [1, height, width];
        let first = planes[..height * width * self.element.bytes()].to_vec();
        let labels = volume::zarr::Voxels { shape, element: self.element, bytes: first }.to_f32();
        let (rows, columns) = ((height / bin[1]).max(1), (width / bin[2]).max(1));
        let at = |index: usize| labels[(index / columns * bin[1]) * width + index % columns * bin[2]];
        (0..rows * columns).map(|index| label::number(at(index))).collect()
    }

    fn bytes(&self, voxels: &[u8]) -> Vec<u8> {
        macro_rules! each {
            ($kind:ty) => {
                voxels
                    .chunks_exact(size_of::<$kind>())
                    // Cut at exactly this length.
                    .map(|voxel| self.byte(<$kind>::from_le_bytes(voxel.try_into().unwrap_or_default()) as f64))
                    .collect()
            };
        }
        match self.element {
            ElementType::U8 | ElementType::I8 => voxels.iter().map(|&voxel| self.table[usize::from(voxel)]).collect(),
            ElementType::U16 | ElementType::I16 => {
                voxels.chunks_exact(2).map(|voxel| self.table[usize::from(u16::from_le_bytes([voxel[0], voxel[1]]))]).collect()
            }
            ElementType::U32 => each!(u32),
            ElementType::I32 => each!(i32),
            ElementType::U64 => each!(u64),
            ElementType::I64 => each!(i64),
            ElementType::F32 => each!(f32),
            ElementType::F64 => each!(f64),
        }
    }
}

/// Smooths grain away on the way to the bricks: a small bell, one quarter, one half, one quarter along each axis.
struct Smoother<'a> {
    builder: Builder<'a>,
    on: bool,
    width: usize,
    /// Smoothed within their plane, sixteenfold: the one before the last, and the last.
    before: Option<[Vec<u16>; 2]>,
}

impl<'a> Smoother<'a> {
    fn new(builder: Builder<'a>, on: bool) -> Self {
        Self { width: builder.width(), builder, on, before: None }
    }

    fn push(&mut self, plane: &[u8]) {
        if !self.on {
            return self.builder.push(plane);
        }
        let next = bell(plane, self.width);
        self.before = Some(match self.before.take() {
            None => [next.clone(), next],
            Some([before, here]) => {
                self.builder.push(&joined(&before, &here, &next));
                [here, next]
            }
        });
    }

    fn finish(mut self) -> (Bricks, Blocks) {
        if let Some([before, here]) = self.before.take() {
            self.builder.push(&joined(&before, &here, &here));
        }
        self.builder.finish()
    }
}

fn joined(before: &[u16], here: &[u16], after: &[u16]) -> Vec<u8> {
    before.iter().zip(here).zip(after).map(|((&before, &here), &after)| ((before + 2 * here + after + 32) >> 6) as u8).collect()
}

fn bell(plane: &[u8], width: usize) -> Vec<u16> {
    let height = plane.len() / width;
    let mut out = vec![0; plane.len()];
    out.par_chunks_mut(width).enumerate().for_each(|(y, out)| {
        let row = |y: usize| &plane[y * width..][..width];
        let (above, here, below) = (row(y.saturating_sub(1)), row(y), row((y + 1).min(height - 1)));
        let column: Vec<u16> = (0..width).map(|x| u16::from(above[x]) + 2 * u16::from(here[x]) + u16::from(below[x])).collect();
        for (x, out) in out.iter_mut().enumerate() {
            *out = column[x.saturating_sub(1)] + 2 * column[x] + column[(x + 1).min(width - 1)];
        }
    });
    out
}

/// Middles of blocks that stand for the body: the first and the last in each row that hold some matter; the corners of the box when none does.
fn body_points(blocks: &Blocks, shape: [usize; 3], size: [f32; 3]) -> Vec<[f32; 3]> {
    /// Blocks that let nearly everything through are grain.
    const MATTER_MIN: f32 = 0.03;
    let [columns, rows, _] = blocks.shape;
    let mut points = Vec::new();
    for (row, matter) in blocks.matter.chunks_exact(columns).enumerate() {
        let full = |matter: &f32| *matter > MATTER_MIN;
        let ends = [matter.iter().position(full), matter.iter().rposition(full)];
        for x in ends.into_iter().flatten() {
            let place = [x, row % rows, row / rows];
            points.push(std::array::from_fn(|axis| {
                let half = 0.5 * BLOCK as f32;
                (place[axis] as f32 * BLOCK as f32 + half).min(shape[axis] as f32) * size[axis]
            }));
        }
    }
    if points.is_empty() {
        let corner = |number: usize, axis: usize| if number >> axis & 1 == 0 { 0.0 } else { shape[axis] as f32 * size[axis] };
        points = (0..8).map(|number| std::array::from_fn(|axis| corner(number, axis))).collect();
    }
    points
}
