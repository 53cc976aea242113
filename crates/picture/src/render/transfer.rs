//! What is seen and in which colours: extinction and colour over the values of the voxels, and how the matter takes the light.

/// Between the points extinction and colour go in straight lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Transfer {
    /// In rising order of value.
    pub points: Vec<Point>,
    /// Values that the working copy tells apart, in 255 steps; what lies beyond counts as the end.
    pub range: [f64; 2],
    pub finish: Finish,
    /// Whether the voxels are labels: every one has a colour of its own, and all that have one are seen.
    pub labels: bool,
    /// Whether the first value of the range can be seen too; it also stands for voxels that are not numbers.
    pub shows_lowest: bool,
    /// Whether grain is smoothed away before anything is drawn.
    pub smooth: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub value: f64,
    /// Over one 256th of the longest side: 1 lets 37 % of the light through.
    pub extinction: f32,
    /// Red, green, blue in linear light.
    pub colour: [f32; 3],
}

/// How matter takes the light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finish {
    /// Light that is reflected as by a mirror, and how sharply.
    pub gloss: f32,
    pub gloss_power: f32,
    /// Light from behind along the edges.
    pub rim: f32,
    /// How dark hollows get, 0 to 1 and more.
    pub hollow: f32,
    /// Part of the light that comes whatever way a surface looks: soft matter has no surfaces.
    pub glow: f32,
    /// How much of the ground's colour distant parts take on.
    pub haze: f32,
    /// Everything as VTK does by default: a lamp at the eye, no shadow, colours as they are given. For comparisons.
    pub plain: bool,
}

impl Finish {
    pub const MATT: Finish = Finish { gloss: 0.05, gloss_power: 24.0, rim: 0.10, hollow: 1.0, glow: 0.0, haze: 0.25, plain: false };
    pub const BONE: Finish = Finish { gloss: 0.13, gloss_power: 38.0, rim: 0.16, hollow: 1.0, glow: 0.0, haze: 0.30, plain: false };
    pub const POLISHED: Finish = Finish { gloss: 0.55, gloss_power: 52.0, rim: 0.22, hollow: 1.0, glow: 0.0, haze: 0.25, plain: false };
    pub const SOFT: Finish = Finish { gloss: 0.06, gloss_power: 20.0, rim: 0.12, hollow: 0.8, glow: 0.25, haze: 0.20, plain: false };
    pub const PLAIN: Finish = Finish { gloss: 0.2, gloss_power: 10.0, rim: 0.0, hollow: 0.0, glow: 0.0, haze: 0.0, plain: true };
}

impl Transfer {
    /// Extinction and colour of a value.
    pub(crate) fn at(&self, value: f64) -> (f32, [f32; 3]) {
        let after = self.points.partition_point(|point| point.value <= value);
        match (after.checked_sub(1).and_then(|before| self.points.get(before)), self.points.get(after)) {
            (Some(before), Some(after)) => {
                let part = ((value - before.value) / (after.value - before.value).max(f64::MIN_POSITIVE)) as f32;
                let mix = |a: f32, b: f32| a + (b - a) * part;
                (
                    mix(before.extinction, after.extinction),
                    std::array::from_fn(|channel| mix(before.colour[channel], after.colour[channel])),
                )
            }
            (Some(only), None) | (None, Some(only)) => (only.extinction, only.colour),
            (None, None) => (0.0, [0.0; 3]),
        }
    }

    /// Points of one's own: value, opacity of one voxel of a volume with `longest` along its longest axis, colour as in web pages.
    /// They are lit plainly, for comparisons.
    pub fn of_points(points: &[(f64, f32, u32)], longest: usize) -> Self {
        let plain = |colour: u32| [16, 8, 0].map(|shift| (colour >> shift & 0xff) as f32 / 255.0);
        let unit = longest as f32 / 256.0;
        let mut points: Vec<Point> = points
            .iter()
            .map(|&(value, opacity, colour)| Point { value, extinction: -(1.0 - opacity.min(0.999)).ln() * unit, colour: plain(colour) })
            .collect();
        points.sort_by(|a, b| a.value.total_cmp(&b.value));
        let ends = [points.first(), points.last()].map(|point| point.map_or(0.0, |point| point.value));
        Self { points, range: ends, finish: Finish::PLAIN, labels: false, shows_lowest: false, smooth: false }
    }

    /// Everything that is not zero.
    pub fn labels() -> Self {
        let point = |value, extinction| Point { value, extinction, colour: [0.8; 3] };
        Self {
            points: vec![point(0.35, 0.0), point(0.65, 6.0)],
            range: [0.0, 1.0],
            finish: Finish::BONE,
            labels: true,
            shows_lowest: false,
            smooth: true,
        }
    }
}

/// A colour as it stands in web pages, in linear light.
pub(crate) fn linear(colour: u32) -> [f32; 3] {
    let channel = |shift: u32| ((colour >> shift & 0xff) as f32 / 255.0).powf(2.2);
    [channel(16), channel(8), channel(0)]
}
