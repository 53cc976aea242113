//! JPEG-LS (ITU-T T.87), one component: contexts, an adaptive Golomb code, and runs of equal values.

use crate::format::jpeg::Decoded;

/// Reads one frame of at most so many values; says what is wrong otherwise.
pub(super) fn decode(bytes: &[u8], most: usize) -> Result<Decoded, String> {
    let (mut width, mut height, mut precision) = (0, 0, 0);
    let mut preset = [0u16; 5];
    let mut at = 2;
    if bytes.get(..2) != Some(&[0xff, 0xd8]) {
        return Err("its JPEG-LS stream has no beginning".into());
    }
    loop {
        let head: &[u8; 4] = bytes.get(at..).and_then(<[u8]>::first_chunk).ok_or("its JPEG-LS stream is cut off")?;
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let body = bytes.get(at + 4..at + 2 + length).ok_or("a JPEG-LS segment is cut off")?;
        at += 2 + length;
        match (head[0], head[1], body) {
            (0xff, 0xf7, &[bits, h1, h0, w1, w0, components, ..]) => {
                (height, width) = (usize::from(u16::from_be_bytes([h1, h0])), usize::from(u16::from_be_bytes([w1, w0])));
                precision = u32::from(bits);
                if components != 1 || !(2..=16).contains(&bits) {
                    return Err(format!("its JPEG-LS stream has {components} components of {bits} bits"));
                }
            }
            (0xff, 0xf8, [1, values @ ..]) if values.len() >= 10 => {
                preset.iter_mut().zip(values.chunks_exact(2)).for_each(|(value, pair)| *value = u16::from_be_bytes([pair[0], pair[1]]));
            }
            (0xff, 0xf8, _) => return Err("its JPEG-LS stream uses tables, which are not read".into()),
            (0xff, 0xdd, _) => return Err("its JPEG-LS stream uses restart marks, which are not read".into()),
            (0xff, 0xda, &[1, _, table, near, interleave, ..]) if table == 0 && interleave == 0 => {
                if width == 0 || height == 0 || width * height > most {
                    return Err(format!("its JPEG-LS stream is {width} × {height} pixels large"));
                }
                let mut coder = Coder::new(precision, i32::from(near), preset)?;
                let values = coder.picture(&bytes[at..], width, height)?;
                return Ok(Decoded { width, height, precision, values });
            }
            (0xff, 0xe0..=0xef | 0xfe, _) => {}
            _ => return Err("its JPEG-LS stream is damaged".into()),
        }
    }
}

/// Lengths of runs, by how well runs went before (table in A.2.1).
const RUN_BITS: [u32; 32] = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];
/// Contexts of single values, then the two of what ends a run.
const CONTEXTS: usize = 365;

/// No error of 16-bit values is coded with a larger number, and none with so many low bits.
const CODED_MAX: i32 = 1 << 18;
const SHIFT_MAX: u32 = 18;

/// What one context has seen: sum of sizes, bias, correction, count, and how many were negative (runs only).
#[derive(Clone, Copy)]
struct Context {
    size: i64,
    bias: i64,
    correction: i32,
    count: i64,
    negative: i64,
}

struct Coder {
    maximum: i32,
    near: i32,
    thresholds: [i32; 3],
    range: i32,
    value_bits: u32,
    limit: u32,
    reset: i64,
    contexts: Vec<Context>,
    run: usize,
}

/// The default thresholds of C.2.4.1.1.
fn thresholds(maximum: i32, near: i32) -> [i32; 3] {
    let clamp = |value: i32, low: i32| if value > maximum || value < low { low } else { value };
    let (a, b, c) = if maximum >= 128 {
        let factor = (maximum.min(4_095) + 128) / 256;
        (factor + 2 + 3 * near, factor * 4 + 3 + 5 * near, factor * 17 + 4 + 7 * near)
    } else {
        let factor = 256 / (maximum + 1);
        ((3 / factor + 3 * near).max(2), (7 / factor + 5 * near).max(3), (21 / factor + 7 * near).max(4))
    };
    let first = clamp(a, near + 1);
    let second = clamp(b, first);
    [first, second, clamp(c, second)]
}

/// The number of bits that numbers below `count` need.
fn bits_for(count: i32) -> u32 {
    32 - (count - 1).leading_zeros()
}

impl Coder {
    fn new(precision: u32, near: i32, preset: [u16; 5]) -> Result<Self, String> {
        let [maximum, t1, t2, t3, reset] = preset.map(i32::from);
        let maximum = if maximum == 0 { (1 << precision) - 1 } else { maximum };
        if maximum >= 1 << precision || near > 255.min(maximum / 2) {
            return Err("the parameters of its JPEG-LS stream are damaged".into());
        }
        let usual = thresholds(maximum, near);
        let pick = |said: i32, usual: i32| if said == 0 { usual } else { said };
        let range = (maximum + 2 * near) / (2 * near + 1) + 1;
        let bits = bits_for(maximum + 1).max(2);
        let fresh = Context { size: i64::from((range + 32) / 64).max(2), bias: 0, correction: 0, count: 1, negative: 0 };
        Ok(Self {
            maximum,
            near,
            thresholds: [pick(t1, usual[0]), pick(t2, usual[1]), pick(t3, usual[2])],
            range,
            value_bits: bits_for(range),
            limit: 2 * (bits + bits.max(8)),
            reset: i64::from(pick(reset, 64).max(3)),
            contexts: vec![fresh; CONTEXTS + 2],
            run: 0,
        })
    }

    fn picture(&mut self, data: &[u8], width: usize, height: usize) -> Result<Vec<u16>, String> {
        let mut bits = Bits { data, at: 0, word: 0, count: 0, beyond: 0, stuffed: false };
        // Rows with one value before and one behind them.
        let (mut above, mut row) = (vec![0i32; width + 2], vec![0i32; width + 2]);
        let mut values = Vec::with_capacity(width * height);
        for _ in 0..height {
            above[width + 1] = above[width];
            row[0] = above[1];
            self.row(&mut bits, &above, &mut row, width)?;
            values.extend(row[1..=width].iter().map(|&value| value as u16));
            std::mem::swap(&mut above, &mut row);
        }
        Ok(values)
    }

    fn row(&mut self, bits: &mut Bits<'_>, above: &[i32], row: &mut [i32], width: usize) -> Result<(), String> {
        let mut at = 1;
        while at <= width {
            let (left, up, corner, ahead) = (row[at - 1], above[at], above[at - 1], above[at + 1]);
            let context = 81 * self.quantise(ahead - up) + 9 * self.quantise(up - corner) + self.quantise(corner - left);
            if context == 0 {
                at = self.run(bits, above, row, at, width)?;
            } else {
                row[at] = self.value(bits, context, left, up, corner)?;
                at += 1;
            }
        }
        Ok(())
    }

    fn quantise(&self, gradient: i32) -> i32 {
        let size = gradient.abs();
        let class = match size {
            _ if size <= self.near => 0,
            _ if size < self.thresholds[0] => 1,
            _ if size < self.thresholds[1] => 2,
            _ if size < self.thresholds[2] => 3,
            _ => 4,
        };
        class * gradient.signum()
    }

    /// One value from the median of its neighbours, what its context has learnt, and a coded error.
    fn value(&mut self, bits: &mut Bits<'_>, context: i32, left: i32, up: i32, corner: i32) -> Result<i32, String> {
        let (sign, index) = (context.signum(), context.unsigned_abs() as usize);
        let median = if corner >= left.max(up) {
            left.min(up)
        } else if corner <= left.min(up) {
            left.max(up)
        } else {
            left + up - corner
        };
        let seen = &mut self.contexts[index];
        let predicted = (median + sign * seen.correction).clamp(0, self.maximum);
        let shift = golomb_shift(seen.count, seen.size);
        let coded = bits.golomb(shift, self.limit, self.value_bits)?;
        let mut error = if coded % 2 == 0 { coded / 2 } else { -(coded + 1) / 2 };
        if shift == 0 && self.near == 0 && 2 * seen.bias <= -seen.count {
            error = -error - 1;
        }
        seen.learn(error, self.near, self.reset);
        Ok(self.restored(predicted, sign * error))
    }

    /// A predicted value with its error, kept in range.
    fn restored(&self, predicted: i32, error: i32) -> i32 {
        let step = 2 * self.near + 1;
        let mut value = predicted + error * step;
        if value < -self.near {
            value += self.range * step;
        } else if value > self.maximum + self.near {
            value -= self.range * step;
        }
        value.clamp(0, self.maximum)
    }

    /// A run of the left value and what ends it; gives where the next value stands.
    fn run(&mut self, bits: &mut Bits<'_>, above: &[i32], row: &mut [i32], mut at: usize, width: usize) -> Result<usize, String> {
        let left = row[at - 1];
        loop {
            let whole = 1usize << RUN_BITS[self.run];
            let left_over = width + 1 - at;
            if bits.bit()? == 0 {
                let count = bits.bits(RUN_BITS[self.run])? as usize;
                if count >= left_over {
                    return Err("a JPEG-LS run is longer than its row".into());
                }
                row[at..at + count].fill(left);
                at += count;
                break;
            }
            let count = whole.min(left_over);
            row[at..at + count].fill(left);
            at += count;
            if count == whole {
                self.run = (self.run + 1).min(31);
            }
            if at > width {
                return Ok(at);
            }
        }
        row[at] = self.run_end(bits, left, above[at])?;
        self.run = self.run.saturating_sub(1);
        Ok(at + 1)
    }

    fn run_end(&mut self, bits: &mut Bits<'_>, left: i32, up: i32) -> Result<i32, String> {
        let same = i32::from((left - up).abs() <= self.near);
        let seen = &mut self.contexts[CONTEXTS + same as usize];
        let size = seen.size + if same == 1 { seen.count >> 1 } else { 0 };
        let shift = golomb_shift(seen.count, size);
        let coded = bits.golomb(shift, self.limit - RUN_BITS[self.run] - 1, self.value_bits)?;
        let odd = (coded + same) & 1;
        let amount = (coded + same + odd) / 2;
        let negative = (shift != 0 || 2 * seen.negative >= seen.count) == (odd == 1);
        let error = if negative { -amount } else { amount };
        seen.negative += i64::from(error < 0);
        seen.size += i64::from((coded + 1 - same) >> 1);
        if seen.count == self.reset {
            (seen.size, seen.count, seen.negative) = (seen.size >> 1, seen.count >> 1, seen.negative >> 1);
        }
        seen.count += 1;
        let sign = if same == 0 && left > up { -1 } else { 1 };
        Ok(self.restored(if same == 1 { left } else { up }, sign * error))
    }
}

impl Context {
    fn learn(&mut self, error: i32, near: i32, reset: i64) {
        self.bias += i64::from(error) * i64::from(2 * near + 1);
        self.size += i64::from(error.abs());
        if self.count == reset {
            (self.size, self.bias, self.count) = (self.size >> 1, self.bias >> 1, self.count >> 1);
        }
        self.count += 1;
        if self.bias <= -self.count {
            self.bias = (self.bias + self.count).max(1 - self.count);
            self.correction = (self.correction - 1).max(-128);
        } else if self.bias > 0 {
            self.bias = (self.bias - self.count).min(0);
            self.correction = (self.correction + 1).min(127);
        }
    }
}

fn golomb_shift(count: i64, size: i64) -> u32 {
    (0..SHIFT_MAX).find(|shift| count << shift >= size).unwrap_or(SHIFT_MAX)
}

/// Bits, the highest first; the byte behind 0xff has only seven.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    word: u32,
    count: u32,
    beyond: u32,
    stuffed: bool,
}

impl Bits<'_> {
    fn bit(&mut self) -> Result<u32, String> {
        if self.count == 0 {
            let byte = self.data.get(self.at).copied();
            let ended = byte.is_none_or(|byte| self.stuffed && byte >= 0x80);
            // The last bits of a stream may be left out when they are zeros.
            self.beyond += u32::from(ended);
            if self.beyond > 8 {
                return Err("the JPEG-LS data end before the picture".into());
            }
            let byte = byte.filter(|_| !ended).unwrap_or(0);
            self.at += usize::from(!ended);
            self.count = if self.stuffed { 7 } else { 8 };
            self.stuffed = byte == 0xff;
            self.word = u32::from(byte);
        }
        self.count -= 1;
        Ok((self.word >> self.count) & 1)
    }

    fn bits(&mut self, count: u32) -> Result<i32, String> {
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | self.bit()? as i32;
        }
        Ok(value)
    }

    fn golomb(&mut self, shift: u32, limit: u32, value_bits: u32) -> Result<i32, String> {
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
            if zeros > limit {
                return Err("the JPEG-LS data are damaged".into());
            }
        }
        if zeros + value_bits + 1 >= limit {
            return Ok(self.bits(value_bits)? + 1);
        }
        let coded = i64::from(zeros) << shift | i64::from(self.bits(shift)?);
        i32::try_from(coded).ok().filter(|coded| *coded <= CODED_MAX).ok_or_else(|| "the JPEG-LS data are damaged".into())
    }
}
