//! The colour of what rays met: matter at a place, in the light that comes there. Eight places at once.

use super::cast::{Caster, Paint, Seen};
use super::lanes::{self, Floats, LANES, Three, along, clamp, dot, mix, splat};

/// What was met and is not lit yet.
pub(crate) struct Met {
    count: usize,
    number: [u32; 2 * LANES],
    direction: [[f32; 2 * LANES]; 3],
    /// How far from the eye, how grey, how much of the picture it makes, and the face of the volume that cuts it, or less than nought.
    facts: [[f32; 2 * LANES]; 4],
}

impl Met {
    pub(crate) fn new() -> Self {
        Self { count: 0, number: [0; 2 * LANES], direction: [[0.0; 2 * LANES]; 3], facts: [[0.0; 2 * LANES]; 4] }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// For all lanes; what is pushed in one more step then still has room.
    pub(crate) fn is_enough(&self) -> bool {
        self.count >= LANES
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, number: u32, direction: [f32; 3], facts: [f32; 4]) {
        let at = self.count;
        self.number[at] = number;
        (0..3).for_each(|axis| self.direction[axis][at] = direction[axis]);
        (0..4).for_each(|fact| self.facts[fact][at] = facts[fact]);
        self.count += 1;
    }

    fn drop_first(&mut self) {
        self.number.copy_within(LANES.., 0);
        self.direction.iter_mut().chain(&mut self.facts).for_each(|lanes| lanes.copy_within(LANES.., 0));
        self.count = self.count.saturating_sub(LANES);
    }
}

#[inline(always)]
fn first<F: Floats>(lanes: &[f32; 2 * LANES]) -> F {
    F::of(&[lanes[0], lanes[1], lanes[2], lanes[3], lanes[4], lanes[5], lanes[6], lanes[7]])
}

/// A place that is lit.
struct Spot<F> {
    direction: Three<F>,
    place: Three<F>,
    normal: Three<F>,
    /// How much of a surface it is: where values hardly rise there is none that could look anywhere.
    surface: F,
}

const WARM: [f32; 3] = [1.0, 0.94, 0.85];
const COOL: [f32; 3] = [0.62, 0.76, 1.0];

impl Caster<'_> {
    /// Lights as many as there are lanes, and lays them onto what is seen.
    #[inline(always)]
    pub(crate) fn light_up<F: Floats>(&self, origin: [f32; 3], met: &mut Met, seen: &mut [Seen]) {
        let colour = self.light::<F>(origin, met);
        let [red, green, blue] = [colour[0].lanes(), colour[1].lanes(), colour[2].lanes()];
        for lane in 0..met.count.min(LANES) {
            let (share, sum) = (met.facts[2][lane], &mut seen[met.number[lane] as usize].colour);
            *sum = [sum[0] + share * red[lane], sum[1] + share * green[lane], sum[2] + share * blue[lane]];
        }
        met.drop_first();
    }

    #[inline(always)]
    fn light<F: Floats>(&self, origin: [f32; 3], met: &Met) -> Three<F> {
        let direction = [first::<F>(&met.direction[0]), first(&met.direction[1]), first(&met.direction[2])];
        let [distance, value, face] = [first::<F>(&met.facts[0]), first(&met.facts[1]), first(&met.facts[3])];
        let size = splat::<F>(self.size);
        let step = [direction[0].over(size[0]), direction[1].over(size[1]), direction[2].over(size[2])];
        let place = along(splat(origin), step, distance);
        let slope = self.bricks.slope(&self.bricks.cell(place));
        let rise = [slope[0].over(size[0]), slope[1].over(size[1]), slope[2].over(size[2])];
        let steep = dot(rise, rise).root();
        let (nothing, one) = (F::splat(0.0), F::splat(1.0));
        let inward = F::splat(-1.0).over(steep.most(F::splat(1e-6)));
        let mut normal = [rise[0] * inward, rise[1] * inward, rise[2] * inward];
        // Matter that is cut by the edge of the volume: the cut face looks at the eye.
        let cut = !face.below(nothing);
        for axis in 0..3 {
            let outward = one.pick(step[axis].below(nothing), F::splat(-1.0));
            let own = F::splat(axis as f32 - 0.5).below(face) & face.below(F::splat(axis as f32 + 0.5));
            normal[axis] = outward.pick(own, nothing).pick(cut, normal[axis]);
        }
        if self.finish.plain {
            return self.plainly(normal, self.tables.colour(value));
        }
        let surface = one.pick(cut, (steep * F::splat(0.08)).least(one));
        let spot = Spot { direction, place, normal, surface };
        let colour = self.colour(&spot, size, value);
        self.hazy(distance, self.lit(&spot, size, colour))
    }

    /// As VTK does unless told otherwise: one lamp far behind the eye, which gives no light of all sides, and what looks away is lit as well.
    #[inline(always)]
    fn plainly<F: Floats>(&self, normal: Three<F>, colour: Three<F>) -> Three<F> {
        let facing = dot(normal, splat(self.view.forward())).size();
        let mut gloss = F::splat(self.finish.gloss);
        for _ in 0..self.finish.gloss_power as u32 {
            gloss = gloss * facing;
        }
        let (diffuse, one) = (F::splat(0.7) * facing, F::splat(1.0));
        [(colour[0] * diffuse + gloss).least(one), (colour[1] * diffuse + gloss).least(one), (colour[2] * diffuse + gloss).least(one)]
    }

    #[inline(always)]
    fn colour<F: Floats>(&self, spot: &Spot<F>, size: Three<F>, value: F) -> Three<F> {
        let inward = [F::splat(-1.0).over(size[0]), F::splat(-1.0).over(size[1]), F::splat(-1.0).over(size[2])];
        let inward = [spot.normal[0] * inward[0], spot.normal[1] * inward[1], spot.normal[2] * inward[2]];
        // The colour is taken a little below the surface, where the voxels are whole.
        let below = self.bricks.cell(along(spot.place, inward, F::splat(1.5)));
        let colour = self.tables.colour(self.bricks.value(&below).most(value));
        match self.paint {
            Some(paint) => painted(paint, spot.place, inward, colour),
            None => colour,
        }
    }

    /// In linear light.
    #[inline(always)]
    fn lit<F: Floats>(&self, spot: &Spot<F>, size: Three<F>, colour: Three<F>) -> Three<F> {
        let (view, finish) = (self.view, &self.finish);
        let (nothing, one, half) = (F::splat(0.0), F::splat(1.0), F::splat(0.5));
        let facing = nothing - dot(spot.normal, spot.direction);
        // What looks away is seen from behind.
        let turned = one.pick(!facing.below(nothing), F::splat(-1.0));
        let (facing, surface) = (facing.size(), spot.surface);
        let normal = [spot.normal[0] * turned, spot.normal[1] * turned, spot.normal[2] * turned];
        let outward = [normal[0].over(size[0]), normal[1].over(size[1]), normal[2].over(size[2])];
        let [open, lamp] = self.lights.at(along(spot.place, outward, F::splat(2.5)));
        let open = one - F::splat(finish.hollow) * (one - open);
        let open = clamp(open * open, 0.04, 1.0);
        let towards = dot(normal, splat(view.light));
        let key = towards.most(nothing) * surface + (one - surface) * half + F::splat(finish.glow * 0.4);
        // A little light goes around the edge, as in bone or shell.
        let wrapped = ((towards + F::splat(0.35)) * F::splat(1.0 / 1.35)).most(nothing) * (F::splat(0.35) + F::splat(0.65) * lamp);
        let fill = dot(normal, splat(view.fill)) * half + half;
        let between: Three<F> = splat(view.light);
        let between = [between[0] - spot.direction[0], between[1] - spot.direction[1], between[2] - spot.direction[2]];
        let gloss = power(dot(normal, lanes::unit(between)).most(nothing), finish.gloss_power) * F::splat(finish.gloss) * lamp * surface;
        let edge = (one - facing) * (one - facing) * (one - facing);
        let rim = F::splat(finish.rim) * edge * open * surface;
        // Light that fell into a hollow comes out warmer than it went in.
        let shut = open * (one - open);
        let hollow = [open + F::splat(0.15) * shut, open, open - F::splat(0.25) * shut];
        let mut lit = colour;
        for channel in 0..3 {
            let diffuse = F::splat(WARM[channel]) * (F::splat(0.95) * key * lamp + F::splat(0.38) * wrapped * hollow[channel])
                + F::splat(COOL[channel] * 0.30) * fill * fill * hollow[channel]
                + F::splat(0.20) * hollow[channel];
            lit[channel] = colour[channel] * diffuse + gloss + F::splat(COOL[channel]) * rim;
        }
        lit
    }

    /// Distant parts take on the colour of the ground.
    #[inline(always)]
    fn hazy<F: Floats>(&self, distance: F, lit: Three<F>) -> Three<F> {
        let deep = F::splat(1.0 / (self.view.far - self.view.near));
        let far = F::splat(self.finish.haze) * clamp((distance - F::splat(self.view.near)) * deep, 0.0, 1.0);
        let haze: Three<F> = splat(self.haze);
        [mix(lit[0], haze[0], far), mix(lit[1], haze[1], far), mix(lit[2], haze[2], far)]
    }
}

/// The colours of the labels at or a little below these places, where there are any.
#[inline(always)]
fn painted<F: Floats>(paint: &Paint, place: Three<F>, inward: Three<F>, otherwise: Three<F>) -> Three<F> {
    let (place, inward) =
        ([place[0].lanes(), place[1].lanes(), place[2].lanes()], [inward[0].lanes(), inward[1].lanes(), inward[2].lanes()]);
    let mut colours = [otherwise[0].lanes(), otherwise[1].lanes(), otherwise[2].lanes()];
    for lane in 0..LANES {
        let below = |depth: f32| -> [f32; 3] { std::array::from_fn(|axis| place[axis][lane] + inward[axis][lane] * depth) };
        let label = (0..3).map(|step| paint.bricks.nearest(below(0.4 + step as f32 * 0.8))).find(|label| *label > 0);
        if let Some(colour) = label.and_then(|label| paint.colours.get(usize::from(label))) {
            (0..3).for_each(|channel| colours[channel][lane] = colour[channel]);
        }
    }
    [F::of(&colours[0]), F::of(&colours[1]), F::of(&colours[2])]
}

/// Schlick's way to a power: close enough for gloss, without a logarithm.
#[inline(always)]
fn power<F: Floats>(base: F, exponent: f32) -> F {
    let e = F::splat(exponent);
    base.over((e - e * base + base).most(F::splat(1e-6)))
}
