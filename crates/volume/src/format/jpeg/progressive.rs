//! Blocks of cosines in several passes (ITU-T T.81, annex G): each brings some of the coefficients, or one more bit of them. All are
//! kept until the last pass.

use super::frame::{Blocks, Frame, Scan};
use super::huffman::{Bits, Table, Wrong};
use super::transform::{self, ZIGZAG};

/// What is known of one component.
pub(super) struct Known {
    coefficients: Vec<i16>,
    blocks_across: usize,
    /// Bits that each coefficient still lacks; nothing of those that have not come at all.
    lacking: [Option<u32>; 64],
    /// Latched when its first pass begins.
    quantums: Option<[i32; 64]>,
}

impl Known {
    pub(super) fn nothing(frame: &Frame) -> Vec<Self> {
        let nothing = |[across, down]: [usize; 2]| Self {
            coefficients: vec![0; 64 * across * down],
            blocks_across: across,
            lacking: [None; 64],
            quantums: None,
        };
        frame.components.iter().map(|component| nothing(frame.blocks(component))).collect()
    }

    /// Every coefficient, multiplied and summed; refused where a pass is missing.
    pub(super) fn into_samples(self, precision: u32) -> Result<Vec<u16>, String> {
        let missing = "one of its JPEG passes is missing";
        if self.lacking.iter().any(|lacking| *lacking != Some(0)) {
            return Err(missing.into());
        }
        let quantums = self.quantums.ok_or(missing)?;
        let stride = 8 * self.blocks_across;
        let mut samples = vec![0; self.coefficients.len()];
        for (number, coefficients) in self.coefficients.as_chunks::<64>().0.iter().enumerate() {
            let mut block = [0; 64];
            let mut last = 0;
            for (at, (&place, quantum)) in ZIGZAG.iter().zip(quantums).enumerate() {
                let coefficient = coefficients[usize::from(place)];
                block[usize::from(place)] = i32::from(coefficient) * quantum;
                last = if coefficient == 0 { last } else { at };
            }
            let (row, column) = (number / self.blocks_across, number % self.blocks_across);
            transform::put(&block, last, precision, &mut samples[8 * (row * stride + column)..], stride);
        }
        Ok(samples)
    }
}

/// Which of the four kinds of pass it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    First,
    FirstMore,
    Others,
    OthersMore,
}

pub(super) struct Pass<'s> {
    parts: Vec<Part<'s>>,
    kind: Kind,
    from: usize,
    to: usize,
    /// Bits below those that come.
    now: u32,
    /// Blocks that follow without another coefficient that was zero.
    run: u32,
}

struct Part<'s> {
    known: &'s mut Known,
    table: Option<&'s Table>,
    before: i32,
}

impl<'s> Pass<'s> {
    /// Checks that the pass goes on where those before it stopped. `table` finds one by its class and number.
    pub(super) fn new(
        scan: &Scan,
        known: &'s mut [Known],
        table: impl Fn(usize, usize) -> Option<&'s Table>,
        quantums: impl Fn(usize) -> Option<[i32; 64]>,
    ) -> Result<Self, String> {
        let &Scan { from, to, before, now, .. } = scan;
        let kind = match (from, before) {
            (0, 0) => Kind::First,
            (0, _) => Kind::FirstMore,
            (_, 0) => Kind::Others,
            _ => Kind::OthersMore,
        };
        let alone = from == 0 && to == 0 || from > 0 && from <= to && to < 64 && scan.parts.len() == 1;
        if !alone || now > 13 || (before > 0 && now + 1 != before) {
            return Err("a JPEG pass brings what cannot be".into());
        }
        let mut all: Vec<Option<&mut Known>> = known.iter_mut().map(Some).collect();
        let mut parts = Vec::new();
        for part in &scan.parts {
            let known = all.get_mut(part.component).and_then(Option::take).ok_or("a JPEG pass names a component twice")?;
            let lacking = if before == 0 { None } else { Some(before) };
            if known.lacking[from..=to].iter().any(|&was| was != lacking) {
                return Err("the JPEG passes do not follow each other".into());
            }
            known.lacking[from..=to].fill(Some(now));
            if known.quantums.is_none() {
                known.quantums = Some(quantums(part.component).ok_or("the JPEG frame names quantums that are not there")?);
            }
            let table = match kind {
                Kind::First => table(0, part.first),
                Kind::FirstMore => None,
                _ => table(1, part.others),
            };
            if table.is_none() && kind != Kind::FirstMore {
                return Err("the JPEG scan names a table that is not there".into());
            }
            parts.push(Part { known, table, before: 0 });
        }
        Ok(Self { parts, kind, from, to, now, run: 0 })
    }
}

impl Blocks for Pass<'_> {
    #[inline(always)]
    fn block(&mut self, bits: &mut Bits<'_>, part: usize, row: usize, column: usize) -> Result<(), Wrong> {
        let part = &mut self.parts[part];
        let number = row * part.known.blocks_across + column;
        let block = &mut part.known.coefficients.as_chunks_mut::<64>().0[number];
        match (self.kind, part.table) {
            (Kind::First, Some(table)) => {
                part.before = part.before.wrapping_add(bits.difference(table)?);
                block[0] = (part.before << self.now) as i16;
                Ok(())
            }
            (Kind::Others, Some(table)) => others(bits, table, self.from..=self.to, self.now, &mut self.run, block),
            (Kind::OthersMore, Some(table)) => others_more(bits, table, self.from..=self.to, self.now, &mut self.run, block),
            _ => {
                block[0] |= (bits.bits(1)? << self.now) as i16;
                Ok(())
            }
        }
    }

    fn restart(&mut self) {
        self.run = 0;
        self.parts.iter_mut().for_each(|part| part.before = 0);
    }
}

type Range = std::ops::RangeInclusive<usize>;
const TOO_MANY: Wrong = "a JPEG block has more coefficients than its pass";

fn others(bits: &mut Bits<'_>, table: &Table, range: Range, now: u32, run: &mut u32, block: &mut [i16; 64]) -> Result<(), Wrong> {
    if *run > 0 {
        *run -= 1;
        return Ok(());
    }
    let mut at = *range.start();
    while at <= *range.end() {
        let (symbol, value) = bits.coefficient(table)?;
        let zeros = u32::from(symbol >> 4);
        if symbol & 15 == 0 {
            if zeros < 15 {
                *run = (1 << zeros) - 1 + bits.bits(zeros)? as u32;
                return Ok(());
            }
            at += 16;
            continue;
        }
        at += zeros as usize;
        if at > *range.end() {
            return Err(TOO_MANY);
        }
        block[usize::from(ZIGZAG[at & 63])] = (value << now) as i16;
        at += 1;
    }
    Ok(())
}

/// One more bit of each coefficient that was not zero, and those that are no longer zero.
fn others_more(bits: &mut Bits<'_>, table: &Table, range: Range, now: u32, run: &mut u32, block: &mut [i16; 64]) -> Result<(), Wrong> {
    let (first, last) = range.into_inner();
    let mut at = first;
    while *run == 0 && at <= last {
        let symbol = bits.symbol(table)?;
        let zeros = u32::from(symbol >> 4);
        let fresh = match symbol & 15 {
            0 if zeros < 15 => {
                // This block is the first of the run.
                *run = (1 << zeros) + bits.bits(zeros)? as u32;
                break;
            }
            0 => 0,
            1 if bits.bits(1)? == 1 => 1 << now,
            1 => -1 << now,
            _ => return Err("a JPEG coefficient grows by more than one bit"),
        };
        at = refine(bits, at..=last, now, Some(zeros), block)?;
        if fresh != 0 {
            if at > last {
                return Err(TOO_MANY);
            }
            block[usize::from(ZIGZAG[at & 63])] = fresh;
        }
        at += 1;
    }
    if *run > 0 {
        refine(bits, at..=last, now, None, block)?;
        *run -= 1;
    }
    Ok(())
}

/// Reads one more bit of each coefficient that is not zero, up to the zero behind so many others; returns where that stands.
fn refine(bits: &mut Bits<'_>, range: Range, now: u32, zeros: Option<u32>, block: &mut [i16; 64]) -> Result<usize, Wrong> {
    let (first, last) = range.into_inner();
    let mut left = zeros;
    for at in first..=last {
        let coefficient = &mut block[usize::from(ZIGZAG[at & 63])];
        if *coefficient == 0 {
            match &mut left {
                Some(0) => return Ok(at),
                Some(left) => *left -= 1,
                None => {}
            }
        } else if bits.bits(1)? == 1 && *coefficient & (1 << now) == 0 {
            let bit = if *coefficient > 0 { 1 << now } else { -1 << now };
            *coefficient = coefficient.wrapping_add(bit);
        }
    }
    Ok(last + 1)
}
