//! Chance that is the same everywhere: hashes of places, smooth noise, scattered points.

/// A well-mixed 64-bit number of anything.
pub(crate) fn mix(mut value: u64) -> u64 {
    value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// From 0 to 1.
pub(crate) fn unit(value: u64) -> f32 {
    (mix(value) >> 40) as f32 / (1u64 << 24) as f32
}

/// Near enough to a normal distribution of width 1: four uniform numbers of one hash.
pub(crate) fn gauss(seed: u64, place: [usize; 3]) -> f32 {
    let hash = mix(seed ^ (place[0] as u64) << 42 ^ (place[1] as u64) << 21 ^ place[2] as u64);
    let sum = (hash & 0xffff) + (hash >> 16 & 0xffff) + (hash >> 32 & 0xffff) + (hash >> 48);
    (sum as f32 / 65_535.0 - 2.0) * 1.732
}

/// Faint rings around the axis, as a detector with uneven pixels makes them; from −1 to 1.
pub(crate) fn ring(seed: u64, radius: f32) -> f32 {
    let at = radius.floor();
    let value = |ring: f32| {
        let chance = unit(seed.wrapping_mul(31) ^ (ring as u64) << 8 ^ 0x51);
        if chance > 0.9 { (chance - 0.95) * 20.0 } else { (chance - 0.45) * 0.5 }
    };
    let part = radius - at;
    value(at) * (1.0 - part) + value(at + 1.0) * part
}

fn lattice(seed: u64, x: i32, y: i32, z: i32) -> f32 {
    let place = (x as u64).wrapping_mul(0x8da6_b343) ^ (y as u64).wrapping_mul(0xd816_3841) ^ (z as u64).wrapping_mul(0xcb1a_b31f);
    let hash = (place ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let hash = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    ((hash >> 40) as f32) * (2.0 / (1u64 << 24) as f32) - 1.0
}

/// Smooth noise with one bump per unit of length, from −1 to 1.
pub(crate) fn smooth(seed: u64, point: [f32; 3]) -> f32 {
    let base = point.map(f32::floor);
    let part: [f32; 3] = std::array::from_fn(|axis| {
        let part = point[axis] - base[axis];
        part * part * (3.0 - 2.0 * part)
    });
    let [x, y, z] = base.map(|value| value as i32);
    let mut sum = 0.0;
    for corner in 0..8 {
        let (i, j, k) = (corner & 1, corner >> 1 & 1, corner >> 2);
        let weight = |bit: i32, part: f32| if bit == 1 { part } else { 1.0 - part };
        let weight = weight(i, part[0]) * weight(j, part[1]) * weight(k, part[2]);
        sum += weight * lattice(seed, x + i, y + j, z + k);
    }
    sum
}

/// A scattered point and its number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site {
    pub(crate) place: [f32; 3],
    pub(crate) number: u64,
    /// Its place in [`Scatter::all`].
    pub(crate) index: usize,
}

/// Points of a body-centred lattice, shaken: cells and grains of nearly equal size and no visible order.
pub(crate) struct Scatter {
    seed: u64,
    pub(crate) spacing: f32,
    shake: f32,
    side: i32,
    sites: Vec<[Site; 2]>,
}

impl Scatter {
    /// Fills the cube from −`reach` to `reach`.
    pub(crate) fn new(seed: u64, spacing: f32, shake: f32, reach: f32) -> Self {
        let side = (2.0 * reach / spacing).ceil() as i32 + 6;
        let mut scatter = Self { seed, spacing, shake, side, sites: Vec::new() };
        for z in 0..side {
            for y in 0..side {
                for x in 0..side {
                    scatter.sites.push([scatter.site([x, y, z], 0), scatter.site([x, y, z], 1)]);
                }
            }
        }
        scatter
    }

    fn site(&self, cell: [i32; 3], which: u64) -> Site {
        let number = mix(self.seed ^ cell[0] as u64 ^ (cell[1] as u64) << 16 ^ (cell[2] as u64) << 32 ^ which << 60);
        let place = std::array::from_fn(|axis| {
            let chance = unit(number ^ (axis as u64 + 1)) - 0.5;
            (cell[axis] as f32 - self.side as f32 * 0.5 + 0.25 + 0.5 * which as f32 + chance * self.shake) * self.spacing
        });
        let index = (((cell[2] * self.side + cell[1]) * self.side + cell[0]) * 2) as usize + which as usize;
        Site { place, number, index }
    }

    /// All sites in the order of their index.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Site> {
        self.sites.iter().flatten()
    }

    /// Hands all sites near a point to `visit`, with the offset from site to point.
    pub(crate) fn near(&self, point: [f32; 3], mut visit: impl FnMut(&Site, [f32; 3])) {
        let cell = point.map(|value| (value / self.spacing + self.side as f32 * 0.5).floor() as i32);
        for z in (cell[2] - 1).max(0)..=(cell[2] + 1).min(self.side - 1) {
            for y in (cell[1] - 1).max(0)..=(cell[1] + 1).min(self.side - 1) {
                let row = (z * self.side + y) * self.side;
                for x in (cell[0] - 1).max(0)..=(cell[0] + 1).min(self.side - 1) {
                    for site in &self.sites[(row + x) as usize] {
                        let offset = std::array::from_fn(|axis| point[axis] - site.place[axis]);
                        visit(site, offset);
                    }
                }
            }
        }
    }
}
