//! Eight numbers one by one: what every processor can, and what [`super::wide`] has to agree with.

use super::{Add, BitAnd, BitOr, Floats, Ints, LANES, Mask, Mul, Not, Sub, last};

#[derive(Clone, Copy)]
pub(crate) struct F([f32; LANES]);
#[derive(Clone, Copy)]
pub(crate) struct I([i32; LANES]);
#[derive(Clone, Copy)]
pub(crate) struct M([bool; LANES]);

macro_rules! each {
    ($of:ident, $lane:ident => $work:expr) => {
        $of(std::array::from_fn(|$lane| $work))
    };
}
macro_rules! operator {
    ($kind:ident, $name:ident, $verb:ident, $a:ident, $b:ident => $work:expr) => {
        impl $name for $kind {
            type Output = Self;
            #[inline(always)]
            fn $verb(self, other: Self) -> Self {
                each!($kind, lane => { let ($a, $b) = (self.0[lane], other.0[lane]); $work })
            }
        }
    };
}
operator!(F, Add, add, a, b => a + b);
operator!(F, Sub, sub, a, b => a - b);
operator!(F, Mul, mul, a, b => a * b);
operator!(I, Add, add, a, b => a.wrapping_add(b));
operator!(I, Sub, sub, a, b => a.wrapping_sub(b));
operator!(I, Mul, mul, a, b => a.wrapping_mul(b));
operator!(M, BitAnd, bitand, a, b => a & b);
operator!(M, BitOr, bitor, a, b => a | b);

impl Not for M {
    type Output = Self;
    fn not(self) -> Self {
        each!(M, lane => !self.0[lane])
    }
}

impl Mask for M {
    fn bits(self) -> u32 {
        self.0.iter().enumerate().map(|(lane, &set)| u32::from(set) << lane).sum()
    }
}

impl Floats for F {
    type Ints = I;
    type Mask = M;

    fn splat(value: f32) -> Self {
        F([value; LANES])
    }
    fn of(lanes: &[f32; LANES]) -> Self {
        F(*lanes)
    }
    fn lanes(self) -> [f32; LANES] {
        self.0
    }
    fn over(self, other: Self) -> Self {
        each!(F, lane => self.0[lane] / other.0[lane])
    }
    fn root(self) -> Self {
        F(self.0.map(f32::sqrt))
    }
    fn least(self, other: Self) -> Self {
        each!(F, lane => if self.0[lane] < other.0[lane] { self.0[lane] } else { other.0[lane] })
    }
    fn most(self, other: Self) -> Self {
        each!(F, lane => if self.0[lane] > other.0[lane] { self.0[lane] } else { other.0[lane] })
    }
    fn size(self) -> Self {
        F(self.0.map(f32::abs))
    }
    fn below(self, other: Self) -> M {
        each!(M, lane => self.0[lane] < other.0[lane])
    }
    fn pick(self, mask: M, other: Self) -> Self {
        each!(F, lane => if mask.0[lane] { self.0[lane] } else { other.0[lane] })
    }
    fn whole(self) -> I {
        I(self.0.map(|value| value as i32))
    }
    fn of_bits(bits: I) -> Self {
        F(bits.0.map(|bits| f32::from_bits(bits as u32)))
    }
}

impl Ints for I {
    type Floats = F;

    fn splat(value: i32) -> Self {
        I([value; LANES])
    }
    fn and(self, bits: i32) -> Self {
        I(self.0.map(|value| value & bits))
    }
    fn left(self, bits: i32) -> Self {
        I(self.0.map(|value| value << bits))
    }
    fn right(self, bits: i32) -> Self {
        I(self.0.map(|value| (value as u32 >> bits) as i32))
    }
    fn least(self, other: Self) -> Self {
        each!(I, lane => self.0[lane].min(other.0[lane]))
    }
    fn floats(self) -> F {
        F(self.0.map(|value| value as f32))
    }
    fn above(self, other: Self) -> M {
        each!(M, lane => self.0[lane] > other.0[lane])
    }
    fn bytes(self, from: &[u8]) -> Self {
        let last = last(from.len(), 4);
        I(self.0.map(|place| {
            let place = (place as u32).min(last) as usize;
            i32::from_le_bytes([from[place], from[place + 1], from[place + 2], from[place + 3]])
        }))
    }
    fn words(self, from: &[u32]) -> Self {
        let last = last(from.len(), 1);
        I(self.0.map(|place| from[(place as u32).min(last) as usize] as i32))
    }
    fn numbers(self, from: &[f32]) -> F {
        let last = last(from.len(), 1);
        F(self.0.map(|place| from[(place as u32).min(last) as usize]))
    }
    fn pick(self, mask: M, other: Self) -> Self {
        each!(I, lane => if mask.0[lane] { self.0[lane] } else { other.0[lane] })
    }
}
