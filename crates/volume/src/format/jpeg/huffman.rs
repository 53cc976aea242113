//! What all kinds of JPEG streams (ITU-T T.81) have in common: segments behind marks, and Huffman codes between them.

/// Grey values of one frame.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Bits of a value.
    pub(crate) precision: u32,
    pub(crate) values: Vec<u16>,
}

/// Codes of up to so many bits are looked up at once.
const QUICK_BITS: u32 = 9;
const CUT_OFF: &str = "the JPEG data end before the picture";

/// The marker and the body of the next segment that has one; `at` then stands behind it.
pub(crate) fn next_segment<'b>(bytes: &'b [u8], at: &mut usize) -> Result<(u8, &'b [u8]), String> {
    loop {
        let marker = next_marker(bytes, at).ok_or("the JPEG stream ends before its picture")?;
        // Start of image, and restarts outside of a scan, have no body.
        if matches!(marker, 0xd8 | 0xd0..=0xd7 | 0x01) {
            continue;
        }
        if marker == 0xd9 {
            return Err("the JPEG stream holds no picture".into());
        }
        let length = bytes.get(*at..).and_then(<[u8]>::first_chunk::<2>).ok_or("a JPEG segment is cut off")?;
        let length = usize::from(u16::from_be_bytes(*length));
        let body = bytes.get(*at + 2..*at + length).ok_or("a JPEG segment is cut off")?;
        *at += length;
        return Ok((marker, body));
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

/// How many codes there are of each length, and the values in order of their codes.
#[derive(Default, Clone)]
pub(crate) struct Table {
    counts: [u16; 17],
    values: Vec<u8>,
    /// By the next bits: length and value of the code that they begin with; a length of zero for longer codes. Empty without codes.
    quick: Vec<(u8, u8)>,
}

impl Table {
    fn new(counts: &[u8; 16], values: &[u8]) -> Self {
        let mut table = Self { values: values.to_vec(), quick: vec![(0, 0); 1 << QUICK_BITS], ..Self::default() };
        table.counts[1..].iter_mut().zip(counts).for_each(|(count, &said)| *count = u16::from(said));
        let mut at = 0;
        let mut index = 0;
        for length in 1..=QUICK_BITS {
            for _ in 0..table.counts[length as usize] {
                let places = 1 << (QUICK_BITS - length);
                let (Some(quick), Some(&value)) = (table.quick.get_mut(at..at + places), values.get(index)) else { return table };
                quick.fill((length as u8, value));
                (at, index) = (at + places, index + 1);
            }
        }
        table
    }
}

/// Reads the Huffman tables of one segment and hands each to `put` with the byte that says which it is.
pub(crate) fn read_tables(mut body: &[u8], mut put: impl FnMut(u8, Table) -> Option<()>) -> Result<(), String> {
    while let [head, rest @ ..] = body {
        let counts: &[u8; 16] = rest.first_chunk().ok_or("a Huffman table is cut off")?;
        let total: usize = counts.iter().map(|&count| usize::from(count)).sum();
        let values = rest.get(16..16 + total).ok_or("a Huffman table is cut off")?;
        put(*head, Table::new(counts, values)).ok_or("a Huffman table has no such number")?;
        body = &rest[16 + total..];
    }
    Ok(())
}

/// Bits of a scan, the highest first; 0xff is followed by a zero that does not count. They end before the next mark.
pub(crate) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// Bits that wait, in the lowest places.
    word: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(crate) fn of(data: &'a [u8]) -> Self {
        Self { data, at: 0, word: 0, count: 0 }
    }

    fn fill(&mut self) {
        while self.count <= 56 {
            let Some(&byte) = self.data.get(self.at) else { return };
            if byte == 0xff {
                if self.data.get(self.at + 1) != Some(&0) {
                    return;
                }
                self.at += 1;
            }
            self.at += 1;
            self.word = self.word << 8 | u64::from(byte);
            self.count += 8;
        }
    }

    /// The next bits, with zeros behind the last one.
    fn peek(&self, bits: u32) -> usize {
        let mask = (1 << bits) - 1;
        let word = if self.count >= bits { self.word >> (self.count - bits) } else { self.word << (bits - self.count) };
        word as usize & mask
    }

    fn take(&mut self, bits: u32) -> Result<(), String> {
        self.count = self.count.checked_sub(bits).ok_or(CUT_OFF)?;
        Ok(())
    }

    fn bits(&mut self, count: u32) -> Result<i32, String> {
        if self.count < count {
            self.fill();
        }
        let value = self.peek(count) as i32;
        self.take(count)?;
        Ok(value)
    }

    /// A Huffman code for a number of bits, then these bits.
    pub(crate) fn difference(&mut self, table: &Table) -> Result<i32, String> {
        let count = self.symbol(table)?;
        self.extended(u32::from(count))
    }

    /// What a Huffman code stands for.
    pub(crate) fn symbol(&mut self, table: &Table) -> Result<u8, String> {
        if self.count < 16 {
            self.fill();
        }
        if let Some(&(length @ 1.., value)) = table.quick.get(self.peek(QUICK_BITS)) {
            self.take(u32::from(length))?;
            return Ok(value);
        }
        let ahead = self.peek(16) as u32;
        let (mut first, mut index) = (0u32, 0usize);
        for length in 1..=16 {
            let (code, count) = (ahead >> (16 - length), u32::from(table.counts[length as usize]));
            if code < first + count {
                self.take(length)?;
                // Codes below the first of their length belong to shorter ones, which were looked at before.
                let value = code.checked_sub(first).and_then(|nth| table.values.get(index + nth as usize));
                return value.copied().ok_or_else(|| "a JPEG code is in no table".into());
            }
            index += count as usize;
            first = (first + count) << 1;
        }
        Err(if self.count < 16 { CUT_OFF } else { "a JPEG code is in no table" }.into())
    }

    /// A number of so many bits; those that begin with a zero are negative.
    pub(crate) fn extended(&mut self, count: u32) -> Result<i32, String> {
        match count {
            0 => Ok(0),
            1..=15 => {
                let value = self.bits(count)?;
                Ok(if value < 1 << (count - 1) { value - (1 << count) + 1 } else { value })
            }
            16 => Ok(32_768),
            _ => Err("a JPEG difference has more than 16 bits".into()),
        }
    }

    /// Steps over a restart mark; before it stand only the bits that fill the last byte, and perhaps more bytes 0xff.
    pub(crate) fn restart(&mut self) -> Result<(), String> {
        self.fill();
        while self.data.get(self.at..self.at + 2) == Some(&[0xff, 0xff]) {
            self.at += 1;
        }
        let marker = self.data.get(self.at..self.at + 2).ok_or(CUT_OFF)?;
        if self.count >= 8 || marker[0] != 0xff || !(0xd0..=0xd7).contains(&marker[1]) {
            return Err("a JPEG restart mark is missing".into());
        }
        (self.word, self.count) = (0, 0);
        self.at += 2;
        Ok(())
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
    fn what_follows_a_mark_is_not_read_before_it() {
        let table = table();
        // A one in each interval; the first has a full byte 0xff 0x00 behind a code of two bits.
        let data = [0b1011_1111, 0xff, 0, 0xff, 0xff, 0xd0, 0b0111_1111, 0xff, 0xd9];
        let mut bits = Bits::of(&data);
        assert_eq!(bits.symbol(&table), Ok(2));
        assert_eq!(bits.bits(6), Ok(0b11_1111));
        assert_eq!(bits.restart().unwrap_err(), "a JPEG restart mark is missing");
        assert_eq!(bits.bits(8), Ok(0xff));
        bits.restart().unwrap();
        assert_eq!(bits.symbol(&table), Ok(1));
        assert_eq!(bits.bits(7), Ok(0b111_1111));
        assert_eq!(bits.bits(1).unwrap_err(), CUT_OFF);
    }
}
