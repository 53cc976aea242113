//! Rays through the working copy, eight at once: over what is empty in leaps, through matter in steps, until nothing more can be seen.
//!
//! A ray is on its own: which others it goes with changes nothing. When one has ended, the next takes its lane. What it met is
//! put on a list and lit eight at once, whichever rays it belongs to.

use super::Finish;
use super::blocks::{BLOCK, FAINT as FAINT_PACE, STEP, STEP_PARTS};
use super::bricks::{Bricks, Cell};
use super::camera::View;
#[cfg(target_arch = "x86_64")]
use super::lanes::wide;
use super::lanes::{Floats, Ints, LANES, Mask, Three, along, exp_minus, plain, splat};
use super::light::Lights;
use super::rays::{Arrival, Lanes, side_by_side, three};
use super::shade::Met;
use super::tables::{Reading, Tables};

/// Steps and leaps after which a ray is given up, whatever the numbers are.
const STEPS: f32 = 16_384.0;
/// What is left of the light when a ray ends.
const DARK: f32 = 0.025;
/// Steps that swallow little are lit together: until their optical depth is so much, or they have gone so far.
const TOGETHER_DEPTH: f32 = 0.05;
const TOGETHER_LENGTH: f32 = 9.5;
/// What swallows less is not lit at all.
const FAINT: f32 = 0.002;
/// Leaps of all lanes in a row before those that stand in matter go on.
const LEAPS_TOGETHER: usize = 4;

/// Everything a ray asks. Places are in voxels, x, y, z; distances in units of the shortest voxel side.
pub(crate) struct Caster<'a> {
    pub(crate) bricks: &'a Bricks,
    pub(crate) paint: Option<&'a Paint>,
    pub(crate) tables: &'a Tables,
    pub(crate) paces: &'a [u8],
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
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) colour: [f32; 3],
    pub(crate) hidden: f32,
}

impl Caster<'_> {
    /// What rays see. `rays` are places in the picture, x and y from −1 to 1, y downward.
    pub(crate) fn cast(&self, rays: &[[f32; 2]]) -> Vec<Seen> {
        #[cfg(target_arch = "x86_64")]
        if self.wide {
            // SAFETY: the processor was asked whether it has these instructions.
            return unsafe { self.cast_wide(rays) };
        }
        self.cast_with::<plain::F>(rays)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn cast_wide(&self, rays: &[[f32; 2]]) -> Vec<Seen> {
        self.cast_with::<wide::F>(rays)
    }

    #[inline(always)]
    fn cast_with<F: Floats>(&self, rays: &[[f32; 2]]) -> Vec<Seen> {
        let mut seen = vec![Seen::default(); rays.len()];
        let mut arrivals = Vec::with_capacity(rays.len());
        for (number, rays) in rays.chunks(LANES).enumerate() {
            self.send::<F>(number * LANES, rays, &mut arrivals);
        }
        if !arrivals.is_empty() {
            self.walk::<F>(&arrivals, &mut seen);
        }
        for seen in &mut seen {
            if seen.hidden > 1.0 - DARK {
                let whole = 1.0 / seen.hidden;
                *seen = Seen { colour: seen.colour.map(|channel| channel * whole), hidden: 1.0 };
            }
        }
        seen
    }

    /// Sends rays on their way, and over all emptiness before matter. Who meets none does not arrive.
    #[inline(always)]
    fn send<F: Floats>(&self, first: usize, rays: &[[f32; 2]], arrivals: &mut Vec<Arrival>) {
        let (mut x, mut y) = ([0.0; LANES], [0.0; LANES]);
        for (lane, ray) in rays.iter().enumerate() {
            [x[lane], y[lane]] = *ray;
        }
        let (origin, direction) = (self.origin(), self.view.direction(F::of(&x), F::of(&y)));
        let (mut step, mut inverse) = (direction, direction);
        for axis in 0..3 {
            step[axis] = direction[axis].over(F::splat(self.size[axis]));
            let tiny = step[axis].size().below(F::splat(1e-9));
            let far = F::splat(-1e9).pick(step[axis].below(F::splat(0.0)), F::splat(1e9));
            inverse[axis] = far.pick(tiny, F::splat(1.0).over(step[axis]));
        }
        let (mut enter, mut leave, mut face) = (F::splat(0.0), F::splat(f32::INFINITY), F::splat(0.0));
        for axis in 0..3 {
            let a = F::splat(-origin[axis]) * inverse[axis];
            let b = F::splat(self.bricks.shape[axis] as f32 - origin[axis]) * inverse[axis];
            let near = a.least(b);
            face = F::splat(axis as f32).pick(enter.below(near), face);
            enter = near.most(enter);
            leave = a.most(b).least(leave);
        }
        let mut distance = enter;
        for _ in 0..STEPS as usize {
            let cell = self.bricks.cell(along(splat(origin), step, distance));
            let pace = self.pace(&cell);
            let empty = is_empty::<F>(pace) & distance.below(leave);
            if !empty.any() {
                break;
            }
            distance = self.behind(origin, step, inverse, &cell, pace, distance).pick(empty, distance);
            face = F::splat(-1.0).pick(empty, face);
        }
        let (direction, step, inverse) = (side_by_side(direction), side_by_side(step), side_by_side(inverse));
        let (distance, leave, face) = (distance.lanes(), leave.lanes(), face.lanes());
        let at = |three: &[[f32; LANES]; 3], lane: usize| [three[0][lane], three[1][lane], three[2][lane]];
        for lane in (0..rays.len()).filter(|&lane| distance[lane] < leave[lane]) {
            arrivals.push(Arrival {
                number: (first + lane) as u32,
                direction: at(&direction, lane),
                step: at(&step, lane),
                inverse: at(&inverse, lane),
                distance: distance[lane],
                leave: leave[lane],
                face: face[lane],
            });
        }
    }

    /// How a cell may be passed.
    #[inline(always)]
    fn pace<F: Floats>(&self, cell: &Cell<F>) -> F::Ints {
        let [width, height] = [self.blocks[0], self.blocks[1]].map(|side| F::Ints::splat(side as i32));
        ((cell.block(2) * height + cell.block(1)) * width + cell.block(0)).bytes(self.paces).and(0xff)
    }

    /// Just behind the emptiness around a cell.
    #[inline(always)]
    fn behind<F: Floats>(&self, origin: [f32; 3], step: Three<F>, inverse: Three<F>, cell: &Cell<F>, leap: F::Ints, distance: F) -> F {
        let mut out = F::splat(f32::INFINITY);
        for axis in 0..3 {
            let back = step[axis].below(F::splat(0.0));
            let block = cell.block(axis);
            let edge = (block - leap + F::Ints::splat(1)).pick(back, block + leap).floats() * F::splat(BLOCK as f32);
            out = ((edge + F::splat(0.5 - origin[axis])) * inverse[axis]).least(out);
        }
        // A little further, also where numbers are large.
        out.most(distance) * F::splat(1.0 + 2.4e-7) + F::splat(2e-3)
    }

    #[inline(always)]
    fn walk<F: Floats>(&self, arrivals: &[Arrival], seen: &mut [Seen]) {
        let origin = self.origin();
        let mut waiting = arrivals.iter();
        let mut lanes = Lanes::idle();
        for lane in 0..LANES {
            lanes.take(lane, waiting.next());
        }
        let mut met = Met::new();
        let mut left = arrivals.len();
        while left > 0 {
            let over = self.advance::<F>(origin, &mut lanes, &mut met);
            if met.is_enough() {
                self.light_up::<F>(origin, &mut met, seen);
            }
            for lane in (0..LANES).filter(|lane| over >> lane & 1 == 1) {
                if let Some(number) = lanes.number[lane] {
                    seen[number as usize].hidden = lanes.hidden[lane];
                    lanes.take(lane, waiting.next());
                    left -= 1;
                }
            }
        }
        while !met.is_empty() {
            self.light_up::<F>(origin, &mut met, seen);
        }
    }

    /// In voxels.
    #[inline(always)]
    pub(super) fn origin(&self) -> [f32; 3] {
        let eye = self.view.eye();
        [eye[0] / self.size[0], eye[1] / self.size[1], eye[2] / self.size[2]]
    }

    /// Takes every lane a step or some leaps on; tells those that are over.
    #[inline(always)]
    fn advance<F: Floats>(&self, origin: [f32; 3], lanes: &mut Lanes, met: &mut Met) -> u32 {
        let (step, leave) = (three::<F>(&lanes.step), F::of(&lanes.leave));
        let (mut distance, mut face) = (F::of(&lanes.distance), F::of(&lanes.face));
        let mut before = Reading { value: F::of(&lanes.value), area: F::of(&lanes.area) };
        let mut cell = self.bricks.cell(along(splat(origin), step, distance));
        let mut pace = self.pace(&cell);
        let mut under_way = distance.below(leave);
        let mut leapt = is_empty::<F>(pace) & under_way;
        for _ in 0..LEAPS_TOGETHER {
            let empty = is_empty::<F>(pace) & under_way;
            if !empty.any() {
                break;
            }
            distance = self.behind(origin, step, three::<F>(&lanes.inverse), &cell, pace, distance).pick(empty, distance);
            leapt = leapt | empty;
            cell = self.bricks.cell(along(splat(origin), step, distance));
            pace = self.pace(&cell);
            under_way = distance.below(leave);
        }
        let nothing = F::splat(0.0);
        face = F::splat(-1.0).pick(leapt, face);
        before.value = F::splat(-1.0).pick(leapt, before.value);
        let inside = under_way & !is_empty::<F>(pace);
        let mut depth = F::of(&lanes.depth);
        let (mut far, mut grey, mut length) = (F::of(&lanes.far), F::of(&lanes.grey), F::of(&lanes.length));
        // What lies before a leap is lit before anything is added.
        let mut hidden = F::of(&lanes.hidden);
        let due = leapt & F::splat(FAINT).below(depth);
        if due.any() {
            hidden = self.lift(lanes, met, due, Veil { depth, far, grey, face }, hidden);
        }
        (depth, far) = (nothing.pick(leapt, depth), nothing.pick(leapt, far));
        (grey, length) = (nothing.pick(leapt, grey), nothing.pick(leapt, length));
        let mut thick = !under_way;
        if inside.any() {
            let here = self.tables.reading(self.bricks.value(&cell));
            let stride = F::of(&lanes.stride);
            let met_here = inside & !before.value.below(nothing);
            let cut = met_here & !face.below(nothing);
            let more = (self.tables.between(before, here) * stride).pick(met_here, nothing);
            // The matter of a step lies half a step back.
            let back = nothing.pick(cut, F::splat(0.5));
            depth = depth + more;
            far = far + more * (distance - back * stride);
            grey = grey + more * (here.value - back * (here.value - before.value));
            length = length + stride.pick(met_here & nothing.below(depth), nothing);
            thick = thick | cut | F::splat(TOGETHER_DEPTH).below(depth) | F::splat(TOGETHER_LENGTH).below(length);
            // A long step does not leave the volume.
            let next = stride_of::<F>(pace).least((leave - distance - F::splat(0.01)).most(F::splat(STEP)));
            before = Reading { value: here.value.pick(inside, before.value), area: here.area.pick(inside, before.area) };
            lanes.stride = next.lanes();
            distance = distance + next.pick(inside, nothing);
        }
        let due = thick & F::splat(FAINT).below(depth);
        if due.any() {
            hidden = self.lift(lanes, met, due, Veil { depth, far, grey, face }, hidden);
            (depth, far) = (nothing.pick(due, depth), nothing.pick(due, far));
            (grey, length) = (nothing.pick(due, grey), nothing.pick(due, length));
        }
        // Only the first step can be a cut.
        lanes.face = F::splat(-1.0).pick(inside, face).lanes();
        (lanes.depth, lanes.far, lanes.grey, lanes.length) = (depth.lanes(), far.lanes(), grey.lanes(), length.lanes());
        (lanes.value, lanes.area, lanes.distance, lanes.hidden) =
            (before.value.lanes(), before.area.lanes(), distance.lanes(), hidden.lanes());
        let count = F::of(&lanes.count) + F::splat(1.0);
        lanes.count = count.lanes();
        (!under_way | F::splat(1.0 - DARK).below(hidden) | F::splat(STEPS).below(count)).bits()
    }

    /// Lays veils behind what is seen already, and puts them on the list of what is to be lit.
    #[inline(always)]
    fn lift<F: Floats>(&self, lanes: &Lanes, met: &mut Met, due: F::Mask, veil: Veil<F>, hidden: F) -> F {
        let share = (F::splat(1.0) - hidden) * (F::splat(1.0) - exp_minus(veil.depth));
        let (far, grey) = (veil.far.over(veil.depth).lanes(), veil.grey.over(veil.depth).lanes());
        let (shares, face) = (share.lanes(), veil.face.lanes());
        let bits = due.bits();
        for lane in (0..LANES).filter(|lane| bits >> lane & 1 == 1) {
            let Some(number) = lanes.number[lane] else { continue };
            let direction = [lanes.direction[0][lane], lanes.direction[1][lane], lanes.direction[2][lane]];
            met.push(number, direction, [far[lane], grey[lane], shares[lane], face[lane]]);
        }
        (hidden + share).pick(due, hidden)
    }
}

/// Matter of some steps that is lit together.
struct Veil<F> {
    depth: F,
    far: F,
    grey: F,
    face: F,
}

#[inline(always)]
fn is_empty<F: Floats>(pace: F::Ints) -> F::Mask {
    pace.above(F::Ints::splat(0)) & F::Ints::splat(i32::from(FAINT_PACE)).above(pace)
}

/// How long the next step may be.
#[inline(always)]
fn stride_of<F: Floats>(pace: F::Ints) -> F {
    let long = (pace - F::Ints::splat(i32::from(FAINT_PACE))).floats() * F::splat(1.0 / STEP_PARTS);
    long.most(F::splat(STEP))
}
