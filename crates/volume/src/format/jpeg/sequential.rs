//! Grey JPEG of the sequential kind, baseline and extended (ITU-T T.81, processes 1, 2 and 4): blocks of cosines, Huffman-coded one
//! after the other, of 8 or 12 bits. The sums are those of the Independent JPEG Group's accurate whole-number transform, so that values
//! come out as with its library. What is damaged is an error and never painted over.

use super::huffman::{Bits, Decoded, Table, next_segment, read_tables};

/// Bits of the fraction of a constant below, and of what the columns leave for the rows, of 12-bit samples and of others.
const CONSTANT_BITS: u32 = 13;
const BETWEEN_BITS_OF_12: u32 = 1;
const BETWEEN_BITS: u32 = 2;

/// Where the coefficients of a block stand, in the order in which they are written.
const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56,
    57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

#[derive(Default)]
struct Decoder {
    /// For the first coefficient of a block and for all others.
    tables: [[Table; 4]; 2],
    quantums: [Option<[i64; 64]>; 4],
    restart: usize,
    frame: Option<Frame>,
}

#[derive(Clone, Copy)]
struct Frame {
    width: usize,
    height: usize,
    precision: u32,
    component: u8,
    quantums: u8,
}

/// Reads one frame of at most so many values; says what is wrong otherwise.
pub(crate) fn decode(bytes: &[u8], most: usize) -> Result<Decoded, String> {
    let mut decoder = Decoder::default();
    let mut at = 0;
    loop {
        let (marker, body) = next_segment(bytes, &mut at)?;
        match marker {
            0xc4 => read_tables(body, |head, table| {
                let place = decoder.tables.get_mut(usize::from(head >> 4))?.get_mut(usize::from(head & 15))?;
                *place = table;
                Some(())
            })?,
            0xdb => decoder.quantums(body)?,
            0xc0 | 0xc1 => decoder.frame = Some(frame(body, most)?),
            0xc2 | 0xc3 | 0xc5..=0xc7 | 0xc9..=0xcf => return Err("its JPEG stream is not of the sequential kind".into()),
            0xdd => decoder.restart = body.first_chunk::<2>().map_or(0, |count| usize::from(u16::from_be_bytes(*count))),
            0xda => return decoder.scan(body, &bytes[at..]),
            _ => {}
        }
    }
}

fn frame(body: &[u8], most: usize) -> Result<Frame, String> {
    let &[precision, h1, h0, w1, w0, components, component, _, quantums, ..] = body else {
        return Err("the JPEG frame header is cut off".into());
    };
    let (height, width) = (usize::from(u16::from_be_bytes([h1, h0])), usize::from(u16::from_be_bytes([w1, w0])));
    if components != 1 || !matches!(precision, 8 | 12) {
        return Err(format!("its JPEG stream has {components} components of {precision} bits"));
    }
    if width == 0 || height == 0 || width * height > most {
        return Err(format!("its JPEG stream is {width} × {height} pixels large"));
    }
    Ok(Frame { width, height, precision: u32::from(precision), component, quantums })
}

impl Decoder {
    fn quantums(&mut self, mut body: &[u8]) -> Result<(), String> {
        while let [head, rest @ ..] = body {
            let bytes = if head >> 4 == 0 { 1 } else { 2 };
            let (numbers, after) = rest.split_at_checked(64 * bytes).ok_or("a table of quantums is cut off")?;
            let mut table = [0; 64];
            for (number, place) in numbers.chunks_exact(bytes).zip(ZIGZAG) {
                table[usize::from(place)] = number.iter().fold(0, |number, &byte| number << 8 | i64::from(byte));
            }
            *self.quantums.get_mut(usize::from(head & 15)).ok_or("a table of quantums has no such number")? = Some(table);
            body = after;
        }
        Ok(())
    }

    fn scan(&self, body: &[u8], data: &[u8]) -> Result<Decoded, String> {
        let &[1, component, tables, 0, 63, 0, ..] = body else {
            return Err("the JPEG scan header is not for one component".into());
        };
        let frame = self.frame.filter(|frame| frame.component == component).ok_or("the JPEG scan header names another component")?;
        let quantums = self.quantums.get(usize::from(frame.quantums)).copied().flatten();
        let quantums = quantums.ok_or("the JPEG frame names quantums that are not there")?;
        let table = |class: usize, number: u8| self.tables[class].get(usize::from(number));
        let (first, others) = table(0, tables >> 4).zip(table(1, tables & 15)).ok_or("the JPEG scan names a table that is not there")?;
        let (across, down) = (frame.width.div_ceil(8), frame.height.div_ceil(8));
        let mut values = vec![0; frame.width * frame.height];
        let mut bits = Bits::of(data);
        let mut before = 0;
        for number in 0..across * down {
            if self.restart > 0 && number > 0 && number % self.restart == 0 {
                bits.restart()?;
                before = 0;
            }
            let (mut block, last) = coefficients(&mut bits, first, others, &mut before, &quantums)?;
            if last == 0 {
                block = [sample(block[0] << (CONSTANT_BITS + between(frame.precision)), frame.precision); 64];
            } else {
                transform(&mut block, frame.precision);
            }
            let (top, left) = (number / across * 8, number % across * 8);
            for (row, samples) in block.as_chunks::<8>().0.iter().enumerate().take(frame.height - top) {
                let out = &mut values[(top + row) * frame.width..][left..frame.width];
                out.iter_mut().zip(samples).for_each(|(value, &sample)| *value = sample as u16);
            }
        }
        Ok(Decoded { width: frame.width, height: frame.height, precision: frame.precision, values })
    }
}

/// One block and the number of its last coefficient that may not be zero: a difference to the first coefficient of the block before,
/// then runs of zeros and what ends them.
fn coefficients(
    bits: &mut Bits<'_>,
    first: &Table,
    others: &Table,
    before: &mut i32,
    quantums: &[i64; 64],
) -> Result<([i64; 64], usize), String> {
    let mut block = [0; 64];
    let mut last = 0;
    *before = before.wrapping_add(bits.difference(first)?);
    // Coefficients have sixteen bits, as in the library; what is larger is damaged, and must not make the sums overflow.
    block[0] = i64::from(*before as i16) * quantums[0];
    let mut at = 1;
    while at < 64 {
        let symbol = bits.symbol(others)?;
        let (zeros, count) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        if count == 0 {
            if zeros < 15 {
                break;
            }
            at += 16;
            continue;
        }
        at += zeros;
        let place = usize::from(*ZIGZAG.get(at).ok_or("a JPEG block has more than 64 coefficients")?);
        block[place] = i64::from(bits.extended(count)?) * quantums[place];
        (last, at) = (at, at + 1);
    }
    Ok((block, last))
}

fn between(precision: u32) -> u32 {
    if precision == 12 { BETWEEN_BITS_OF_12 } else { BETWEEN_BITS }
}

/// Coefficients become samples: first the columns, then the rows.
fn transform(block: &mut [i64; 64], precision: u32) {
    let between = between(precision);
    for column in 0..8 {
        if (1..8).all(|row| block[8 * row + column] == 0) {
            let flat = block[column] << between;
            (0..8).for_each(|row| block[8 * row + column] = flat);
            continue;
        }
        let sums = eight(std::array::from_fn(|row| block[8 * row + column]));
        for (row, sum) in sums.into_iter().enumerate() {
            block[8 * row + column] = rounded(sum, CONSTANT_BITS - between);
        }
    }
    for row in block.as_chunks_mut::<8>().0 {
        *row = eight(*row).map(|sum| sample(sum, precision));
    }
}

/// A sum of a row as a sample.
fn sample(sum: i64, precision: u32) -> i64 {
    let (middle, most) = (1 << (precision - 1), (1 << precision) - 1);
    (rounded(sum, CONSTANT_BITS + between(precision) + 3) + middle).clamp(0, most)
}

fn rounded(sum: i64, bits: u32) -> i64 {
    (sum + (1 << (bits - 1))) >> bits
}

/// Eight points of the inverse transform after Loeffler, Ligtenberg and Moschytz: twelve multiplications, each by a constant of
/// which the first [`CONSTANT_BITS`] bits behind the point are kept.
fn eight(from: [i64; 8]) -> [i64; 8] {
    let turned = (from[2] + from[6]) * 4_433;
    let (even_2, even_3) = (turned - from[6] * 15_137, turned + from[2] * 6_270);
    let (even_0, even_1) = ((from[0] + from[4]) << CONSTANT_BITS, (from[0] - from[4]) << CONSTANT_BITS);
    let evens = [even_0 + even_3, even_1 + even_2, even_1 - even_2, even_0 - even_3];
    let all = (from[7] + from[3] + from[5] + from[1]) * 9_633;
    let (outer, inner) = (-(from[7] + from[1]) * 7_373, -(from[5] + from[3]) * 20_995);
    let (ends, others) = (all - (from[7] + from[3]) * 16_069, all - (from[5] + from[1]) * 3_196);
    let odds = [
        from[1] * 12_299 + outer + others,
        from[3] * 25_172 + inner + ends,
        from[5] * 16_819 + inner + others,
        from[7] * 2_446 + outer + ends,
    ];
    std::array::from_fn(|at| if at < 4 { evens[at] + odds[at] } else { evens[7 - at] - odds[7 - at] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
        [&[0xff, marker], &(body.len() as u16 + 2).to_be_bytes()[..], body].concat()
    }

    /// A frame of 12-bit samples whose blocks hold one coefficient: differences of four bits with the code 0, then the end with the code 0.
    fn stream(width: u8, height: u8, data: &[u8]) -> Vec<u8> {
        let quantums = [&[0u8][..], &[16; 64]].concat();
        let huffman = |class: u8, value: u8| [&[class << 4, 1][..], &[0; 15], &[value]].concat();
        let mut bytes = vec![0xff, 0xd8];
        bytes.extend(segment(0xdb, &quantums));
        bytes.extend(segment(0xc1, &[12, 0, height, 0, width, 1, 1, 0x11, 0]));
        bytes.extend(segment(0xc4, &[huffman(0, 4), huffman(1, 0)].concat()));
        bytes.extend(segment(0xda, &[1, 1, 0, 0, 63, 0]));
        bytes.extend(data);
        bytes
    }

    #[test]
    fn a_block_of_one_coefficient_is_flat() {
        // Differences 8 and −15: 0 1000 0, 0 0000 0; what is left is filled with ones.
        let decoded = decode(&stream(12, 8, &[0b0100_0000, 0b0000_1111]), 96).unwrap();
        assert_eq!((decoded.width, decoded.height, decoded.precision), (12, 8, 12));
        // A first coefficient of 8 · 16 is 16 in each sample.
        assert!(decoded.values.chunks(12).all(|row| row[..8].iter().all(|&value| value == 2048 + 16)));
        assert!(decoded.values.chunks(12).all(|row| row[8..].iter().all(|&value| value == 2048 - 14)));
    }

    #[test]
    fn intervals_begin_anew_and_none_is_painted_over() {
        // Two blocks, each in an interval of its own: differences 8 and 15 to nothing.
        let mut bytes = stream(16, 8, &[0b0100_0011, 0xff, 0xd0, 0b0111_1011]);
        let place = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).rposition(|window| window == what).unwrap();
        let at = place(&bytes, &[0xff, 0xc1, 0, 11, 12]);
        bytes[at + 4] = 8;
        let at = place(&bytes, &[0xff, 0xda]);
        bytes.splice(at..at, segment(0xdd, &[0, 1]));
        let decoded = decode(&bytes, 128).unwrap();
        assert_eq!(decoded.precision, 8);
        assert!(decoded.values.chunks(16).all(|row| row == [[144; 8], [158; 8]].concat()), "{:?}", &decoded.values[..16]);
        let at = place(&bytes, &[0xff, 0xd0]);
        bytes[at + 1] = 0xd9;
        assert_eq!(decode(&bytes, 128).unwrap_err(), "a JPEG restart mark is missing");
    }

    #[test]
    fn what_breaks_off_or_is_of_another_kind_is_refused() {
        let good = stream(12, 8, &[0b0100_0000, 0b0000_1111]);
        for length in 0..good.len() - 1 {
            assert!(decode(&good[..length], 96).is_err(), "{length}");
        }
        assert!(decode(&good, 95).is_err(), "more pixels than there is room");
        let others: [(&[u8], &[u8]); 3] =
            [(&[0xff, 0xc1], &[0xff, 0xc2]), (&[0xff, 0xc1, 0, 11, 12], &[0xff, 0xc1, 0, 11, 10]), (&[0, 63, 0], &[0, 62, 0])];
        for (from, to) in others {
            let at = good.windows(from.len()).rposition(|window| window == from).unwrap();
            let mut other = good.clone();
            other[at..at + to.len()].copy_from_slice(to);
            assert!(decode(&other, 96).is_err(), "{to:?}");
        }
    }
}
