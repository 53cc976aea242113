//! JPEG lossless (ITU-T T.81, process 14): Huffman-coded differences to a prediction from the neighbours.

/// Grey values of one frame.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Bits of a value.
    pub(super) precision: u32,
    pub(super) values: Vec<u16>,
}

/// Reads one frame of at most so many values; says what is wrong otherwise.
pub(super) fn decode(bytes: &[u8], most: usize) -> Result<Decoded, String> {
    let mut decoder = Decoder::default();
    let mut at = 0;
    loop {
        let (marker, body) = next_segment(bytes, &mut at)?;
        match marker {
            0xc4 => read_tables(body, |head, table| decoder.tables.get_mut(usize::from(head & 0x0f)).map(|place| *place = table))?,
            0xc3 => decoder.frame(body, most)?,
            0xc0..=0xc2 | 0xc5..=0xc7 | 0xc9..=0xcf => return Err("its JPEG stream is not the lossless Huffman kind".into()),
            0xdd => decoder.restart = usize::from(u16::from_be_bytes([*body.first().unwrap_or(&0), *body.get(1).unwrap_or(&0)])),
            0xda => return decoder.scan(body, &bytes[at..]),
            _ => {}
        }
    }
}

/// The marker and the body of the next segment that has one; `at` then stands behind it.
pub(super) fn next_segment<'b>(bytes: &'b [u8], at: &mut usize) -> Result<(u8, &'b [u8]), String> {
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
pub(super) struct Table {
    counts: [u16; 17],
    values: Vec<u8>,
}

/// Reads the Huffman tables of one segment and hands each to `put` with the byte that says which it is.
pub(super) fn read_tables(mut body: &[u8], mut put: impl FnMut(u8, Table) -> Option<()>) -> Result<(), String> {
    while let [head, rest @ ..] = body {
        let counts: &[u8; 16] = rest.first_chunk().ok_or("a Huffman table is cut off")?;
        let total: usize = counts.iter().map(|&count| usize::from(count)).sum();
        let values = rest.get(16..16 + total).ok_or("a Huffman table is cut off")?;
        let mut table = Table { values: values.to_vec(), ..Table::default() };
        table.counts[1..].iter_mut().zip(counts).for_each(|(count, &said)| *count = u16::from(said));
        put(*head, table).ok_or("a Huffman table has no such number")?;
        body = &rest[16 + total..];
    }
    Ok(())
}

#[derive(Default)]
struct Decoder {
    tables: [Table; 4],
    restart: usize,
    width: usize,
    height: usize,
    precision: u32,
    component: u8,
}

impl Decoder {
    fn frame(&mut self, body: &[u8], most: usize) -> Result<(), String> {
        let &[precision, h1, h0, w1, w0, components, component, ..] = body else { return Err("the JPEG frame header is cut off".into()) };
        self.height = usize::from(u16::from_be_bytes([h1, h0]));
        self.width = usize::from(u16::from_be_bytes([w1, w0]));
        (self.precision, self.component) = (u32::from(precision), component);
        if components != 1 || !(2..=16).contains(&precision) {
            return Err(format!("its JPEG stream has {components} components of {precision} bits"));
        }
        if self.width == 0 || self.height == 0 || self.width * self.height > most {
            return Err(format!("its JPEG stream is {} × {} pixels large", self.width, self.height));
        }
        Ok(())
    }

    fn scan(&self, body: &[u8], data: &[u8]) -> Result<Decoded, String> {
        let &[1, component, table, predictor, _, approximation, ..] = body else {
            return Err("the JPEG scan header is not for one component".into());
        };
        let point = u32::from(approximation & 0x0f);
        if self.width == 0 || component != self.component || !(1..=7).contains(&predictor) || point >= self.precision {
            return Err("the JPEG scan header is damaged".into());
        }
        let table = self.tables.get(usize::from(table >> 4)).ok_or("the JPEG scan names a table that is not there")?;
        let mut bits = Bits::of(data);
        let mut values = vec![0u16; self.width * self.height];
        let start = 1i32 << (self.precision - point - 1);
        // After a restart the next row is predicted like the first one.
        let mut fresh_row = 0;
        for at in 0..values.len() {
            let (row, column) = (at / self.width, at % self.width);
            if self.restart > 0 && at > 0 && at % self.restart == 0 {
                bits.restart()?;
                fresh_row = row;
            }
            let fresh = self.restart > 0 && at % self.restart == 0;
            let left = || i32::from(values[at - 1]);
            let above = || i32::from(values[at - self.width]);
            let predicted = if at == 0 || fresh {
                start
            } else if row == fresh_row {
                if column == 0 { start } else { left() }
            } else if column == 0 {
                above()
            } else {
                predict(predictor, left(), above(), i32::from(values[at - self.width - 1]))
            };
            values[at] = (predicted + bits.difference(table)?) as u16;
        }
        values.iter_mut().for_each(|value| *value <<= point);
        Ok(Decoded { width: self.width, height: self.height, precision: self.precision, values })
    }
}

fn predict(predictor: u8, left: i32, above: i32, corner: i32) -> i32 {
    match predictor {
        1 => left,
        2 => above,
        3 => corner,
        4 => left + above - corner,
        5 => left + ((above - corner) >> 1),
        6 => above + ((left - corner) >> 1),
        _ => (left + above) >> 1,
    }
}

/// Bits of the scan, the highest first; 0xff is followed by a zero that does not count.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    word: u32,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn of(data: &'a [u8]) -> Self {
        Self { data, at: 0, word: 0, count: 0 }
    }

    fn bit(&mut self) -> Result<u32, String> {
        if self.count == 0 {
            let byte = *self.data.get(self.at).ok_or("the JPEG data end before the picture")?;
            if byte == 0xff {
                if self.data.get(self.at + 1) != Some(&0) {
                    return Err("the JPEG data end before the picture".into());
                }
                self.at += 1;
            }
            self.at += 1;
            (self.word, self.count) = (u32::from(byte), 8);
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

    /// A Huffman code for a number of bits, then these bits.
    pub(super) fn difference(&mut self, table: &Table) -> Result<i32, String> {
        let count = self.symbol(table)?;
        self.extended(u32::from(count))
    }

    /// What a Huffman code stands for.
    pub(super) fn symbol(&mut self, table: &Table) -> Result<u8, String> {
        let (mut code, mut first, mut index) = (0u32, 0u32, 0usize);
        for length in 1..=16 {
            code |= self.bit()?;
            let count = u32::from(table.counts[length]);
            if code < first + count {
                let value = table.values.get(index + (code - first) as usize);
                return value.copied().ok_or_else(|| "a JPEG code is in no table".into());
            }
            index += count as usize;
            first = (first + count) << 1;
            code <<= 1;
        }
        Err("a JPEG code is in no table".into())
    }

    /// A number of so many bits; those that begin with a zero are negative.
    pub(super) fn extended(&mut self, count: u32) -> Result<i32, String> {
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

    pub(super) fn restart(&mut self) -> Result<(), String> {
        self.count = 0;
        let marker = self.data.get(self.at..self.at + 2).ok_or("the JPEG data end before the picture")?;
        if marker[0] != 0xff || !(0xd0..=0xd7).contains(&marker[1]) {
            return Err("a JPEG restart mark is missing".into());
        }
        self.at += 2;
        Ok(())
    }
}
