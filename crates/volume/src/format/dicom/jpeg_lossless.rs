//! JPEG lossless (ITU-T T.81, process 14): Huffman-coded differences to a prediction from the neighbours.

use crate::format::jpeg::huffman::{Bits, Decoded, Table, next_segment, read_tables};

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
