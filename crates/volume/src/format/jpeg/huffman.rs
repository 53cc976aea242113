//! What all kinds of JPEG streams (ITU-T T.81) have in common: segments behind marks, and Huffman codes between them.

/// What is wrong with coded data.
pub(super) type Wrong = &'static str;

/// Codes of up to so many bits are looked up at once.
const QUICK_BITS: u32 = 10;
pub(super) const CUT_OFF: Wrong = "the JPEG data end before the picture";
pub(super) const NO_RESTART: Wrong = "a JPEG restart mark is missing";
const NO_CODE: Wrong = "a JPEG code is in no table";

/// The marker and the body of the next segment that has one, or nothing at the end of the image; `at` then stands behind it.
pub(super) fn next_segment<'b>(bytes: &'b [u8], at: &mut usize) -> Result<Option<(u8, &'b [u8])>, String> {
    loop {
        let marker = next_marker(bytes, at).ok_or("the JPEG stream ends before its picture")?;
        // Start of image, and restarts outside of a scan, have no body.
        if matches!(marker, 0xd8 | 0xd0..=0xd7 | 0x01) {
            continue;
        }
        if marker == 0xd9 {
            return Ok(None);
        }
        let length = bytes.get(*at..).and_then(<[u8]>::first_chunk::<2>).ok_or("a JPEG segment is cut off")?;
        let length = usize::from(u16::from_be_bytes(*length));
        let body = bytes.get(*at + 2..*at + length).ok_or("a JPEG segment is cut off")?;
        *at += length;
        return Ok(Some((marker, body)));
    }
}

fn next_marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    loop {
        let pair = bytes.get(*at..*at + 2)?;
        if pair[0] == 0xff && pair[1] != 0 && pair[1] != 0xff {
            *at += 2;
            return Some(pair[1]);
        }
        *at += 1;
    }
}

/// What the next bits begin with.
#[derive(Clone, Copy, Default)]
struct Quick {
    /// Bits of the code; none for those that are longer than what was looked at.
    code: u8,
    /// Bits of the code and of the number behind it, when all of them were looked at.
    whole: u8,
    symbol: u8,
    /// That number.
    value: i16,
}

/// How many codes there are of each length, and what they stand for in order of the codes.
#[derive(Clone)]
pub(super) struct Table {
    counts: [u16; 17],
    symbols: Vec<u8>,
    quick: Box<[Quick; 1 << QUICK_BITS]>,
}

impl Table {
    fn new(counts: &[u8; 16], symbols: &[u8]) -> Self {
        let mut table = Self { counts: [0; 17], symbols: symbols.to_vec(), quick: Box::new([Quick::default(); 1 << QUICK_BITS]) };
        table.counts[1..].iter_mut().zip(counts).for_each(|(count, &said)| *count = u16::from(said));
        let mut at = 0;
        let mut index = 0;
        for code in 1..=QUICK_BITS {
            for _ in 0..table.counts[code as usize] {
                let rest = QUICK_BITS - code;
                let (Some(places), Some(&symbol)) = (table.quick.get_mut(at..at + (1 << rest)), symbols.get(index)) else { return table };
                let size = u32::from(symbol & 15);
                for (bits, place) in places.iter_mut().enumerate() {
                    *place = Quick { code: code as u8, whole: 0, symbol, value: 0 };
                    if size <= rest {
                        place.whole = (code + size) as u8;
                        place.value = signed((bits >> (rest - size)) as i32, size) as i16;
                    }
                }
                (at, index) = (at + (1 << rest), index + 1);
            }
        }
        table
    }
}

/// Numbers of so many bits that begin with a zero are negative.
fn signed(bits: i32, size: u32) -> i32 {
    if size > 0 && bits < 1 << (size - 1) { bits - (1 << size) + 1 } else { bits }
}

/// Reads the Huffman tables of one segment and hands each to `put` with the byte that says which it is.
pub(super) fn read_tables(mut body: &[u8], mut put: impl FnMut(u8, Table) -> Option<()>) -> Result<(), String> {
    while let [head, rest @ ..] = body {
        let counts: &[u8; 16] = rest.first_chunk().ok_or("a Huffman table is cut off")?;
        let total: usize = counts.iter().map(|&count| usize::from(count)).sum();
        let symbols = rest.get(16..16 + total).ok_or("a Huffman table is cut off")?;
        put(*head, Table::new(counts, symbols)).ok_or("a Huffman table has no such number")?;
        body = &rest[16 + total..];
    }
    Ok(())
}

/// Bits of a scan, the highest first; 0xff is followed by a zero that does not count. They end before the next mark.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// Bits that wait, in the highest places; those below may be the next ones, or zero behind the last.
    word: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn of(data: &'a [u8]) -> Self {
        Self { data, at: 0, word: 0, count: 0 }
    }

    /// Leaves at least 56 bits, or all that are left before the next mark.
    #[inline(always)]
    fn fill(&mut self) {
        if let Some(eight) = self.data.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
            let next = u64::from_be_bytes(*eight);
            // The highest bit of each byte, kept where adding one to the other seven runs over: there the byte is 0xff.
            const HIGHEST: u64 = 0x8080_8080_8080_8080;
            if next & ((next & !HIGHEST) + 0x0101_0101_0101_0101) & HIGHEST == 0 {
                self.word |= next >> self.count;
                self.at += (63 - self.count as usize) / 8;
                self.count |= 56;
                return;
            }
        }
        self.fill_by_bytes();
    }

    #[cold]
    fn fill_by_bytes(&mut self) {
        while self.count < 56 {
            let Some(&byte) = self.data.get(self.at) else { return };
            if byte == 0xff {
                if self.data.get(self.at + 1) != Some(&0) {
                    return;
                }
                self.at += 1;
            }
            self.at += 1;
            self.word |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    #[inline(always)]
    fn take(&mut self, bits: u32) -> Result<(), Wrong> {
        self.count = self.count.checked_sub(bits).ok_or(CUT_OFF)?;
        self.word <<= bits;
        Ok(())
    }

    /// The next bits, at most sixteen, as a number.
    #[inline(always)]
    pub(super) fn bits(&mut self, count: u32) -> Result<i32, Wrong> {
        if count == 0 {
            return Ok(0);
        }
        if self.count < count {
            self.fill();
        }
        let value = (self.word >> (64 - count)) as i32;
        self.take(count)?;
        Ok(value)
    }

    /// What a Huffman code stands for.
    #[inline(always)]
    pub(super) fn symbol(&mut self, table: &Table) -> Result<u8, Wrong> {
        if self.count < 32 {
            self.fill();
        }
        let quick = table.quick[(self.word >> (64 - QUICK_BITS)) as usize];
        if quick.code == 0 {
            return self.long_symbol(table);
        }
        self.take(u32::from(quick.code))?;
        Ok(quick.symbol)
    }

    /// What a Huffman code stands for, and the number behind it, whose bits its lower half counts.
    #[inline(always)]
    pub(super) fn coefficient(&mut self, table: &Table) -> Result<(u8, i32), Wrong> {
        if self.count < 32 {
            self.fill();
        }
        let quick = table.quick[(self.word >> (64 - QUICK_BITS)) as usize];
        if quick.whole > 0 {
            self.take(u32::from(quick.whole))?;
            return Ok((quick.symbol, i32::from(quick.value)));
        }
        let symbol = self.symbol(table)?;
        Ok((symbol, self.extended(u32::from(symbol & 15))?))
    }

    /// A Huffman code for a number of bits, then these bits.
    #[inline(always)]
    pub(super) fn difference(&mut self, table: &Table) -> Result<i32, Wrong> {
        match self.coefficient(table)? {
            (0..=15, value) => Ok(value),
            (16, _) => Ok(32_768),
            _ => Err("a JPEG difference has more than 16 bits"),
        }
    }

    #[cold]
    fn long_symbol(&mut self, table: &Table) -> Result<u8, Wrong> {
        let ahead = (self.word >> 48) as u32;
        let (mut first, mut index) = (0u32, 0usize);
        for length in 1..=16 {
            let (code, count) = (ahead >> (16 - length), u32::from(table.counts[length as usize]));
            if code < first + count {
                self.take(length)?;
                // Codes below the first of their length belong to shorter ones, which were looked at before.
                let symbol = code.checked_sub(first).and_then(|nth| table.symbols.get(index + nth as usize));
                return symbol.copied().ok_or(NO_CODE);
            }
            index += count as usize;
            first = (first + count) << 1;
        }
        Err(if self.count < 16 { CUT_OFF } else { NO_CODE })
    }

    #[inline(always)]
    fn extended(&mut self, size: u32) -> Result<i32, Wrong> {
        Ok(signed(self.bits(size)?, size))
    }

    /// Steps over the restart mark of this number; before it stand only the bits that fill the last byte, and perhaps more bytes 0xff.
    pub(super) fn restart(&mut self, number: usize) -> Result<(), Wrong> {
        self.fill();
        while self.data.get(self.at..self.at + 2) == Some(&[0xff, 0xff]) {
            self.at += 1;
        }
        let mark = self.data.get(self.at..self.at + 2).ok_or(CUT_OFF)?;
        if self.count >= 8 || mark != [0xff, 0xd0 + (number % 8) as u8] {
            return Err(NO_RESTART);
        }
        (self.word, self.count) = (0, 0);
        self.at += 2;
        Ok(())
    }

    /// Where the data end; of a whole picture nothing is left then but the bits that fill the last byte.
    pub(super) fn end(&mut self) -> Result<usize, Wrong> {
        self.fill();
        if self.count >= 8 { Err("the JPEG data go on behind the picture") } else { Ok(self.at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes 0 for 1, 10 for 2 and a code of twelve bits, 1100 0000 0000, for 3.
    fn table() -> Table {
        let mut table = None;
        let body = [&[0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0][..], &[1, 2, 3]].concat();
        read_tables(&body, |_, read| table.replace(read).map_or(Some(()), |_| None)).unwrap();
        table.unwrap()
    }

    #[test]
    fn short_and_long_codes_are_found() {
        let table = table();
        // 0, 10, 1100 0000 0000, 0, then what fills the bytes.
        let mut bits = Bits::of(&[0b0101_1000, 0b0000_0000, 0b1111_1110]);
        let found: Vec<u8> = (0..4).map(|_| bits.symbol(&table).unwrap()).collect();
        assert_eq!(found, [1, 2, 3, 1]);
        assert!(bits.symbol(&table).is_err());
    }

    #[test]
    fn numbers_come_with_their_codes_whatever_their_length() {
        let table = table();
        // 0 for one bit, 1; 10 for two bits, 01; 1100 0000 0000 for three bits, 101; 0 for one bit, 0.
        let data = [0b0110_0111, 0b0000_0000, 0b0010_1001];
        let mut bits = Bits::of(&data);
        let found: Vec<(u8, i32)> = (0..4).map(|_| bits.coefficient(&table).unwrap()).collect();
        assert_eq!(found, [(1, 1), (2, -2), (3, 5), (1, -1)]);
        // The same where words of eight bytes are read, and where a byte 0xff comes soon.
        for behind in [[0; 16], [0xff; 16]] {
            let mut bits = Bits::of(&[&data[..], &behind].concat()).found(&table, 3);
            assert_eq!(bits.pop(), Some((3, 5)));
        }
    }

    impl Bits<'_> {
        fn found(mut self, table: &Table, count: usize) -> Vec<(u8, i32)> {
            (0..count).map(|_| self.coefficient(table).unwrap()).collect()
        }
    }

    #[test]
    fn what_follows_a_mark_is_not_read_before_it() {
        let table = table();
        // A code in each interval; the first has a full byte 0xff 0x00 behind a code of two bits.
        let data = [0b1011_1111, 0xff, 0, 0xff, 0xff, 0xd0, 0b0111_1111, 0xff, 0xd9];
        let mut bits = Bits::of(&data);
        assert_eq!(bits.symbol(&table), Ok(2));
        assert_eq!(bits.bits(6), Ok(0b11_1111));
        assert_eq!(bits.restart(0), Err(NO_RESTART));
        assert!(bits.end().is_err());
        assert_eq!(bits.bits(8), Ok(0xff));
        assert_eq!(bits.restart(1), Err(NO_RESTART), "another interval is missing");
        bits.restart(0).unwrap();
        assert_eq!(bits.symbol(&table), Ok(1));
        assert_eq!(bits.end(), Ok(7));
        assert_eq!(bits.bits(7), Ok(0b111_1111));
        assert_eq!(bits.bits(1).unwrap_err(), CUT_OFF);
    }
}
