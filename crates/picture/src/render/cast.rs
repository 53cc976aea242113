//! One ray through the working copy: over what is empty in leaps, through matter in steps, until nothing more can be seen.

use super::bricks::{BLOCK, Bricks};
use super::camera::View;
use super::light::{Lights, exp_minus};
use super::tables::{Reading, Tables};
use super::transfer::Finish;
use super::{dot, unit};

/// Length of a step in voxels.
const STEP: f32 = 0.9;
/// Steps and leaps after which a ray is given up, whatever the numbers are.
const STEPS: usize = 16_384;
/// What is left of the light when a ray ends.
const DARK: f32 = 0.025;
/// Steps that swallow little are lit together: until their optical depth is so much, or they are so many.
const TOGETHER_DEPTH: f32 = 0.05;
const TOGETHER_STEPS: u32 = 10;
/// What swallows less is not lit at all.
const FAINT: f32 = 0.002;

/// Everything a ray asks. Places are in voxels, x, y, z; distances in units of the shortest voxel side.
pub(crate) struct Caster<'a> {
    pub(crate) bricks: &'a Bricks,
    pub(crate) paint: Option<&'a Paint>,
    pub(crate) tables: &'a Tables,
    pub(crate) leaps: &'a [u8],
    pub(crate) blocks: [usize; 3],
    pub(crate) lights: &'a Lights,
    /// Length of a voxel relative to the shortest side.
    pub(crate) size: [f32; 3],
    pub(crate) view: &'a View,
    pub(crate) finish: Finish,
    /// What distant parts fade into, in linear light.
    pub(crate) haze: [f32; 3],
    /// Whether the processor has what [`Caster::cast_wide`] is compiled for.
    pub(crate) wide: bool,
}

/// Registers of eight numbers; the arithmetic, and so every picture, is the same without.
pub(crate) fn has_wide_registers() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

/// Colours of labels: what is painted where, and the colours.
pub(crate) struct Paint {
    pub(crate) bricks: Bricks,
    pub(crate) colours: Vec<[f32; 3]>,
}

/// Colour, already multiplied by how much of the ground it hides.
#[derive(Clone, Copy, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) colour: [f32; 3],
    pub(crate) hidden: f32,
}

/// A ray in voxels.
struct Ray {
    origin: [f32; 3],
    step: [f32; 3],
    inverse: [f32; 3],
    direction: [f32; 3],
}

impl Ray {
    #[inline(always)]
    fn at(&self, distance: f32) -> [f32; 3] {
        std::array::from_fn(|axis| self.origin[axis] + self.step[axis] * distance)
    }
}

/// Matter of some steps that is not lit yet: its optical depth, and where it lies and what it is, weighted by that.
#[derive(Default)]
struct Veil {
    depth: f32,
    distance: f32,
    value: f32,
    steps: u32,
}

impl Veil {
    #[inline(always)]
    fn add(&mut self, depth: f32, distance: f32, value: f32) {
        self.depth += depth;
        self.distance += depth * distance;
        self.value += depth * value;
        self.steps += u32::from(self.depth > 0.0);
    }

    #[inline(always)]
    fn is_thick(&self) -> bool {
        self.depth > TOGETHER_DEPTH || self.steps > TOGETHER_STEPS
    }
}

impl Caster<'_> {
    /// `x` and `y` run from −1 to 1, y downward.
    pub(crate) fn cast(&self, x: f32, y: f32) -> Seen {
        #[cfg(target_arch = "x86_64")]
        if self.wide {
            // SAFETY: the processor was asked whether it has these instructions.
            return unsafe { self.cast_wide(x, y) };
        }
        self.cast_anywhere(x, y)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn cast_wide(&self, x: f32, y: f32) -> Seen {
        self.cast_anywhere(x, y)
    }

    #[inline(always)]
    fn cast_anywhere(&self, x: f32, y: f32) -> Seen {
        let (origin, direction) = self.view.ray(x, y);
        let step: [f32; 3] = std::array::from_fn(|axis| direction[axis] / self.size[axis]);
        let inverse = step.map(|step| if step.abs() > 1e-9 { 1.0 / step } else { 1e9f32.copysign(step) });
        let ray = Ray { origin: std::array::from_fn(|axis| origin[axis] / self.size[axis]), step, inverse, direction };
        let Some((enter, leave, face)) = self.crossing(&ray) else { return Seen::default() };
        self.walk(&ray, enter, leave, face)
    }

    /// Enters and leaves the box of the volume; with the axis whose face is entered.
    #[inline(always)]
    fn crossing(&self, ray: &Ray) -> Option<(f32, f32, usize)> {
        let (mut enter, mut leave, mut face) = (0.0f32, f32::INFINITY, 0);
        for axis in 0..3 {
            let a = -ray.origin[axis] * ray.inverse[axis];
            let b = (self.bricks.shape[axis] as f32 - ray.origin[axis]) * ray.inverse[axis];
            if a.min(b) > enter {
                enter = a.min(b);
                face = axis;
            }
            leave = leave.min(a.max(b));
        }
        (enter < leave).then_some((enter, leave, face))
    }

    #[inline(always)]
    fn walk(&self, ray: &Ray, enter: f32, leave: f32, face: usize) -> Seen {
        let mut seen = Seen::default();
        let mut distance = enter;
        // Nothing is in front of the volume; behind a leap the value is asked anew.
        let mut before = Some(Reading::default());
        let mut veil = Veil::default();
        for step in 0..STEPS {
            let ended = distance >= leave || step + 1 == STEPS;
            let place = ray.at(distance);
            let behind = if ended { None } else { self.leap(ray, place) };
            let mut cut = false;
            if !ended && behind.is_none() {
                let here = self.tables.reading(self.bricks.value(place));
                if let Some(before) = before {
                    cut = distance == enter;
                    let back = if cut { 0.0 } else { 0.5 * STEP };
                    veil.add(self.tables.between(before, here) * STEP, distance - back, 0.5 * (before.value + here.value));
                }
                before = Some(here);
                distance += STEP;
            } else if let Some(behind) = behind {
                distance = behind.max(distance) + 2e-3;
                before = None;
            }
            if veil.depth > FAINT && (ended || behind.is_some() || cut || veil.is_thick()) {
                self.lift(ray, &mut veil, &mut seen, cut.then_some(face));
            }
            if ended || seen.hidden > 1.0 - DARK {
                break;
            }
        }
        if seen.hidden > 1.0 - DARK {
            let whole = 1.0 / seen.hidden;
            return Seen { colour: seen.colour.map(|channel| channel * whole), hidden: 1.0 };
        }
        seen
    }

    /// Lights the matter of some steps together and lays it behind what is seen already.
    #[inline(always)]
    fn lift(&self, ray: &Ray, veil: &mut Veil, seen: &mut Seen, face: Option<usize>) {
        let Veil { depth, distance, value, .. } = std::mem::take(veil);
        let (distance, value) = (distance / depth, value / depth);
        let colour = self.light(ray, ray.at(distance), value, distance, face);
        let share = (1.0 - seen.hidden) * (1.0 - exp_minus(depth));
        (0..3).for_each(|channel| seen.colour[channel] += share * colour[channel]);
        seen.hidden += share;
    }

    /// Where the ray leaves the emptiness around a place, if it is empty.
    #[inline(always)]
    fn leap(&self, ray: &Ray, place: [f32; 3]) -> Option<f32> {
        let cell: [i32; 3] = std::array::from_fn(|axis| {
            let at = (place[axis] - 0.5).max(0.0) as i32 / BLOCK as i32;
            at.min(self.blocks[axis] as i32 - 1)
        });
        let leap = i32::from(self.leaps[(cell[2] as usize * self.blocks[1] + cell[1] as usize) * self.blocks[0] + cell[0] as usize]);
        if leap == 0 {
            return None;
        }
        let mut out = f32::INFINITY;
        for axis in 0..3 {
            let edge = if ray.step[axis] > 0.0 { cell[axis] + leap } else { cell[axis] - leap + 1 };
            let edge = (edge * BLOCK as i32) as f32 + 0.5;
            out = out.min((edge - ray.origin[axis]) * ray.inverse[axis]);
        }
        Some(out)
    }

    /// Colour of matter at a place, lit, in linear light.
    #[inline(always)]
    fn light(&self, ray: &Ray, place: [f32; 3], value: f32, distance: f32, face: Option<usize>) -> [f32; 3] {
        let slope = self.bricks.slope(place);
        let rise: [f32; 3] = std::array::from_fn(|axis| slope[axis] / self.size[axis]);
        let steep = dot(rise, rise).sqrt();
        let mut normal = rise.map(|rise| -rise / steep.max(1e-6));
        if let Some(axis) = face {
            // The matter is cut by the edge of the volume; the cut face looks at the eye.
            normal = [0.0; 3];
            normal[axis] = -ray.step[axis].signum();
        }
        let facing = -dot(normal, ray.direction);
        let colour = self.colour(place, normal, value);
        if self.finish.plain {
            let facing = facing.abs();
            let gloss = self.finish.gloss * facing.powi(self.finish.gloss_power as i32);
            return colour.map(|channel| (channel * (0.1 + 0.7 * facing) + gloss).min(1.0));
        }
        let normal = if facing < 0.0 { normal.map(|part| -part) } else { normal };
        // Where values hardly rise there is no surface that could look anywhere.
        let surface = if face.is_some() { 1.0 } else { (steep * 0.08).min(1.0) };
        let lit = self.lit(ray, place, normal, colour, facing.abs(), surface);
        let far = self.finish.haze * ((distance - self.view.near) / (self.view.far - self.view.near)).clamp(0.0, 1.0);
        std::array::from_fn(|channel| lit[channel] + (self.haze[channel] - lit[channel]) * far)
    }

    #[inline(always)]
    fn colour(&self, place: [f32; 3], normal: [f32; 3], value: f32) -> [f32; 3] {
        let below = |depth: f32| -> [f32; 3] { std::array::from_fn(|axis| place[axis] - normal[axis] / self.size[axis] * depth) };
        if let Some(paint) = self.paint {
            let label = (0..3).map(|step| paint.bricks.nearest(below(0.4 + step as f32 * 0.8))).find(|label| *label > 0);
            if let Some(colour) = label.and_then(|label| paint.colours.get(usize::from(label))) {
                return *colour;
            }
        }
        if self.finish.plain {
            return self.tables.colour(value);
        }
        // The colour is taken a little below the surface, where the voxels are whole.
        self.tables.colour(self.bricks.value(below(1.5)).max(value))
    }

    #[inline(always)]
    fn lit(&self, ray: &Ray, place: [f32; 3], normal: [f32; 3], colour: [f32; 3], facing: f32, surface: f32) -> [f32; 3] {
        let (view, finish) = (self.view, &self.finish);
        let outward: [f32; 3] = std::array::from_fn(|axis| place[axis] + normal[axis] / self.size[axis] * 2.5);
        let [open, lamp] = self.lights.at(outward);
        let open = 1.0 - finish.hollow * (1.0 - open);
        let open = (open * open).clamp(0.04, 1.0);
        let towards = dot(normal, view.light);
        let key = towards.max(0.0) * surface + (1.0 - surface) * 0.5 + finish.glow * 0.4;
        // A little light goes around the edge, as in bone or shell.
        let wrapped = ((towards + 0.35) / 1.35).max(0.0) * (0.35 + 0.65 * lamp);
        let fill = dot(normal, view.fill) * 0.5 + 0.5;
        let half = unit(std::array::from_fn(|axis| view.light[axis] - ray.direction[axis]));
        let gloss = finish.gloss * power(dot(normal, half).max(0.0), finish.gloss_power) * lamp * surface;
        let edge = (1.0 - facing) * (1.0 - facing) * (1.0 - facing);
        let rim = finish.rim * edge * open * surface;
        // Light that fell into a hollow comes out warmer than it went in.
        let (warmer, cooler) = (open + 0.15 * open * (1.0 - open), open - 0.25 * open * (1.0 - open));
        let hollow = [warmer, open, cooler];
        const WARM: [f32; 3] = [1.0, 0.94, 0.85];
        const COOL: [f32; 3] = [0.62, 0.76, 1.0];
        std::array::from_fn(|channel| {
            let diffuse = WARM[channel] * (0.95 * key * lamp + 0.38 * wrapped * hollow[channel])
                + COOL[channel] * 0.30 * fill * fill * hollow[channel]
                + 0.20 * hollow[channel];
            colour[channel] * diffuse + gloss + COOL[channel] * rim
        })
    }
}

/// Schlick's way to a power: close enough for gloss, without a logarithm.
#[inline(always)]
fn power(base: f32, exponent: f32) -> f32 {
    base / (exponent - exponent * base + base).max(1e-6)
}
