//! Looks with names: what of a volume is shown and in which colours, found from its statistics.

use volume::Statistics;

use crate::render::{Finish, Point, Transfer, linear};

/// A look for a kind of sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Preset {
    /// Dense matter as old ivory.
    Bone,
    /// A veil of soft matter, and what is dense within it.
    SoftTissue,
    /// Struts and walls, cool and matt.
    Foam,
    /// Polished steel; the densest inclusions are gold.
    Metal,
    /// Molecules and cells in matt, deep shaded colours.
    CryoEm,
    /// Light that shines out of the brightest voxels, as in fluorescence.
    Glow,
    /// Everything faint, the densest least: as on a radiograph.
    Radiograph,
}

impl Preset {
    pub const ALL: [Preset; 7] =
        [Preset::Bone, Preset::SoftTissue, Preset::Foam, Preset::Metal, Preset::CryoEm, Preset::Glow, Preset::Radiograph];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Bone => "bone",
            Self::SoftTissue => "soft-tissue",
            Self::Foam => "foam",
            Self::Metal => "metal",
            Self::CryoEm => "cryo-em",
            Self::Glow => "glow",
            Self::Radiograph => "radiograph",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == name)
    }

    /// The look that shows most of a volume about which nothing is known but its numbers.
    pub fn for_statistics(statistics: &Statistics) -> Self {
        let classes = Classes::of(statistics);
        if classes.apart < APART_MIN {
            return Self::CryoEm;
        }
        Self::Bone
    }

    /// What this look shows of a volume with these numbers. `surface` overrules the value found for the outside of the body.
    pub fn transfer(self, statistics: &Statistics, surface: Option<f64>) -> Transfer {
        let mut classes = Classes::of(statistics);
        if let Some(surface) = surface.filter(|surface| surface.is_finite()) {
            classes.surface = surface;
            classes.bright = if classes.bright > surface { classes.bright } else { statistics.max.max(surface + 1e-6) };
        }
        match self {
            Self::Bone => classes.solid(&[0x7a5230, 0xd2b48c, 0xfaf1e0], Finish::BONE),
            Self::Foam => classes.solid(&[0x5f7d92, 0xb4cad3, 0xf4f8f8], Finish::MATT),
            Self::Metal => classes.metal(),
            Self::CryoEm => classes.cryo(),
            Self::SoftTissue => classes.soft(),
            Self::Glow => classes.glow(),
            Self::Radiograph => classes.radiograph(),
        }
    }
}

/// Less than this part of all variance between the two classes means that there are hardly two.
const APART_MIN: f64 = 0.55;

/// What the histogram tells: emptiness, matter, and where one ends and the other begins.
#[derive(Debug, Clone, Copy)]
struct Classes {
    /// Mean of what is empty.
    empty: f64,
    surface: f64,
    /// Mean of what is not.
    matter: f64,
    bright: f64,
    /// Part of the variance that lies between the two.
    apart: f64,
}

impl Classes {
    fn of(statistics: &Statistics) -> Self {
        let parted = statistics.otsu();
        let width = (statistics.max - statistics.min) / statistics.histogram.len().max(1) as f64;
        let value = |bin: usize| statistics.min + (bin as f64 + 0.5) * width;
        let mut sums = [(0.0f64, 0.0f64); 2];
        for (bin, &count) in statistics.histogram.iter().enumerate() {
            let side = &mut sums[usize::from(value(bin) >= parted)];
            *side = (side.0 + count as f64, side.1 + count as f64 * value(bin));
        }
        let mean = |(count, sum): (f64, f64)| if count > 0.0 { sum / count } else { parted };
        let (empty, matter) = (mean(sums[0]), mean(sums[1]));
        let surface = parted;
        let total = (sums[0].0 + sums[1].0).max(1.0);
        let between = sums[0].0 / total * (sums[1].0 / total) * (matter - empty).powi(2);
        let apart = if statistics.stddev > 0.0 { between / statistics.stddev.powi(2) } else { 0.0 };
        let bright = if statistics.p99_9 > surface { statistics.p99_9 } else { statistics.max.max(surface + 1e-6) };
        Self { empty, surface, matter, bright, apart }
    }

    /// From a part of the way between emptiness and matter.
    fn between(&self, part: f64) -> f64 {
        self.empty + (self.matter - self.empty) * part
    }

    /// Half the way over which a surface becomes solid.
    fn soft_edge(&self) -> f64 {
        (0.12 * (self.matter - self.empty)).max(1e-9)
    }

    fn range(&self) -> [f64; 2] {
        let low = self.empty.min(self.surface - 2.0 * self.soft_edge());
        [low, self.bright.max(self.surface + 2.0 * self.soft_edge())]
    }

    /// A closed surface, and colours from there to the brightest.
    fn solid(&self, colours: &[u32], finish: Finish) -> Transfer {
        let edge = self.soft_edge();
        let mut points = vec![Point { value: self.surface - edge, extinction: 0.0, colour: linear(colours[0]) }];
        points.extend(self.colours(self.surface, self.bright, colours, |_| 5.0));
        points[1].value = self.surface + edge;
        points.sort_by(|a, b| a.value.total_cmp(&b.value));
        Transfer { points, range: self.range(), finish, labels: false, shows_lowest: false, smooth: true }
    }

    fn colours(&self, from: f64, to: f64, colours: &[u32], extinction: impl Fn(f32) -> f32) -> Vec<Point> {
        let last = (colours.len() - 1).max(1);
        let at = |(step, colour): (usize, &u32)| {
            let part = step as f64 / last as f64;
            Point { value: from + (to - from) * part, extinction: extinction(part as f32), colour: linear(*colour) }
        };
        colours.iter().enumerate().map(at).collect()
    }

    fn metal(&self) -> Transfer {
        let mut look = self.solid(&[0x6b6f74, 0xaeb4b8, 0xe4e6e6], Finish::POLISHED);
        look.points.push(Point { value: self.bright + 0.02 * (self.bright - self.surface), extinction: 5.0, colour: linear(0xf0c060) });
        look
    }

    fn cryo(&self) -> Transfer {
        let finish = Finish { gloss: 0.03, rim: 0.08, ..Finish::MATT };
        self.solid(&[0x2f6d8f, 0x6fb7b2, 0xf2d59b, 0xf7efe2], finish)
    }

    fn soft(&self) -> Transfer {
        let dense = self.surface + 0.55 * (self.bright - self.surface);
        let veil = self.between(0.35);
        let point = |value, extinction, colour| Point { value, extinction, colour: linear(colour) };
        Transfer {
            points: vec![
                point(veil - self.soft_edge(), 0.0, 0xc97b6b),
                point(veil + self.soft_edge(), 0.035, 0xd98c78),
                point(self.surface, 0.06, 0xe0a08c),
                point(dense, 0.25, 0xf0cdb4),
                point(self.bright, 3.0, 0xfbf3e6),
            ],
            range: [self.empty, self.bright],
            finish: Finish::SOFT,
            labels: false,
            shows_lowest: false,
            smooth: true,
        }
    }

    fn glow(&self) -> Transfer {
        let finish = Finish { glow: 1.0, gloss: 0.0, rim: 0.0, hollow: 0.4, ..Finish::SOFT };
        let start = self.between(0.5);
        let colours = [0x0a2a4a, 0x1f7a8c, 0x7fd1ae, 0xfdf7c3];
        let points = self.colours(start, self.bright, &colours, |part| 0.9 * part * part);
        Transfer { points, range: [self.empty, self.bright], finish, labels: false, shows_lowest: false, smooth: true }
    }

    fn radiograph(&self) -> Transfer {
        let finish = Finish { glow: 1.0, gloss: 0.0, rim: 0.0, hollow: 0.3, haze: 0.0, ..Finish::SOFT };
        let points =
            self.colours(self.between(0.3), self.bright, &[0x7d96b8, 0xb9c8da, 0xffffff], |part| 0.04 * part + 0.25 * part.powi(4));
        Transfer { points, range: [self.empty, self.bright], finish, labels: false, shows_lowest: false, smooth: true }
    }
}
