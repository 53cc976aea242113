//! A whole JPEG stream, from its first mark to its last, becomes a plane of samples for each component. What is damaged is an error
//! and never painted over.

use super::colour::{self, Rows};
use super::frame::{Frame, Process, Scan, is_frame};
use super::huffman::{Table, next_segment, read_tables};
use super::lossless;
use super::progressive::{Known, Pass};
use super::sequential::{Part, Sequential};

/// Passes of one picture; more are made to keep machines busy.
const SCANS_MAX: usize = 256;

/// The samples of a picture.
pub(crate) struct Samples {
    pub(crate) frame: Frame,
    /// Those of each component, in rows that may go on beyond the picture.
    planes: Vec<Vec<u16>>,
    /// Whether three components are brightness and two colours, as far as the stream says it.
    pub(crate) has_luminance: bool,
}

/// What was read before the coded data.
#[derive(Default)]
struct Before {
    /// For the first coefficients of blocks, and for all others.
    tables: [[Option<Table>; 4]; 2],
    /// In the order in which coefficients are written.
    quantums: [Option<[i32; 64]>; 4],
    restart: usize,
    jfif: bool,
    /// What Adobe's segment says of the colours.
    adobe: Option<u8>,
}

/// Planes on their way.
struct Coming {
    frame: Frame,
    process: Process,
    planes: Vec<Vec<u16>>,
    /// Of progressive pictures, their coefficients.
    known: Vec<Known>,
    /// Components of other pictures that have come.
    come: Vec<bool>,
}

/// Reads one picture, after `room` has found its size right.
pub(crate) fn decode(bytes: &[u8], room: impl Fn(&Frame) -> Result<(), String>) -> Result<Samples, String> {
    let mut before = Before::default();
    let mut coming: Option<Coming> = None;
    let mut scans = 0;
    let mut at = 0;
    while let Some((marker, body)) = next_segment(bytes, &mut at)? {
        match marker {
            0xc4 => read_tables(body, |head, table| {
                *before.tables.get_mut(usize::from(head >> 4))?.get_mut(usize::from(head & 15))? = Some(table);
                Some(())
            })?,
            0xdb => before.quantums(body)?,
            0xdd => before.restart = body.first_chunk::<2>().map_or(0, |count| usize::from(u16::from_be_bytes(*count))),
            0xe0 => before.jfif |= body.starts_with(b"JFIF\0"),
            0xee if body.starts_with(b"Adobe") => before.adobe = body.get(11).copied(),
            0xdc => return Err("its JPEG stream tells the number of rows behind the picture, which is not read".into()),
            marker if is_frame(marker) => {
                if coming.is_some() {
                    return Err("its JPEG stream holds several frames".into());
                }
                let frame = Frame::read(marker, body)?;
                room(&frame)?;
                coming = Some(Coming::new(frame)?);
            }
            0xda => {
                let coming = coming.as_mut().ok_or("the JPEG scan stands before its frame")?;
                scans += 1;
                if scans > SCANS_MAX {
                    return Err(format!("its JPEG stream has more than {SCANS_MAX} passes"));
                }
                at += coming.scan(&before, body, &bytes[at..])?;
            }
            _ => {}
        }
    }
    coming.ok_or("the JPEG stream holds no picture")?.finish(&before)
}

impl Before {
    fn quantums(&mut self, mut body: &[u8]) -> Result<(), String> {
        while let [head, rest @ ..] = body {
            let bytes = if head >> 4 == 0 { 1 } else { 2 };
            let (numbers, after) = rest.split_at_checked(64 * bytes).ok_or("a table of quantums is cut off")?;
            let mut table = [0; 64];
            for (place, number) in table.iter_mut().zip(numbers.chunks_exact(bytes)) {
                *place = number.iter().fold(0, |number, &byte| number << 8 | i32::from(byte));
            }
            *self.quantums.get_mut(usize::from(head & 15)).ok_or("a table of quantums has no such number")? = Some(table);
            body = after;
        }
        Ok(())
    }

    fn table(&self, class: usize, number: usize) -> Option<&Table> {
        self.tables[class].get(number)?.as_ref()
    }

    /// What the Independent JPEG Group's library thinks of three components.
    fn has_luminance(&self, frame: &Frame) -> bool {
        let names: Vec<u8> = frame.components.iter().map(|component| component.name).collect();
        let told = self.jfif || self.adobe.map_or(names != *b"RGB", |told| told != 0);
        names.len() == 3 && told && frame.process() != Ok(Process::Lossless)
    }
}

impl Coming {
    fn new(frame: Frame) -> Result<Self, String> {
        let process = frame.process()?;
        let samples = |[across, down]: [usize; 2]| match process {
            Process::Sequential => vec![0; 64 * across * down],
            Process::Lossless => vec![0; frame.width * frame.height],
            Process::Progressive => Vec::new(),
        };
        let planes = frame.components.iter().map(|component| samples(frame.blocks(component))).collect();
        let known = if process == Process::Progressive { Known::nothing(&frame) } else { Vec::new() };
        Ok(Self { process, planes, known, come: vec![false; frame.components.len()], frame })
    }

    /// Reads the coded data behind one scan header; returns how long they are.
    fn scan(&mut self, before: &Before, body: &[u8], data: &[u8]) -> Result<usize, String> {
        let scan = Scan::read(&self.frame, body)?;
        let quantums = |component: usize| before.quantums.get(self.frame.components[component].quantums).copied().flatten();
        if self.process == Process::Progressive {
            let mut pass = Pass::new(&scan, &mut self.known, |class, number| before.table(class, number), quantums)?;
            return scan.walk(&self.frame, before.restart, data, &mut pass);
        }
        for part in &scan.parts {
            if std::mem::replace(&mut self.come[part.component], true) {
                return Err("one of its JPEG components comes twice".into());
            }
        }
        if self.process == Process::Lossless {
            return lossless::scan(&self.frame, &scan, before.restart, data, |number| before.table(0, number), &mut self.planes);
        }
        if (scan.from, scan.to, scan.before, scan.now) != (0, 63, 0, 0) {
            return Err("the JPEG scan header is not for whole blocks".into());
        }
        let mut planes: Vec<Option<&mut Vec<u16>>> = self.planes.iter_mut().map(Some).collect();
        let mut parts = Vec::new();
        for part in &scan.parts {
            let tables = before.table(0, part.first).zip(before.table(1, part.others));
            let (first, others) = tables.ok_or("the JPEG scan names a table that is not there")?;
            let quantums = quantums(part.component).ok_or("the JPEG frame names quantums that are not there")?;
            let plane = planes[part.component].take().ok_or("the JPEG scan header names a component twice")?;
            let stride = 8 * self.frame.blocks(&self.frame.components[part.component])[0];
            parts.push(Part { first, others, quantums, before: 0, plane, stride });
        }
        scan.walk(&self.frame, before.restart, data, &mut Sequential { parts, precision: self.frame.precision })
    }

    fn finish(mut self, before: &Before) -> Result<Samples, String> {
        if self.process == Process::Progressive {
            let precision = self.frame.precision;
            self.planes = self.known.into_iter().map(|known| known.into_samples(precision)).collect::<Result<_, _>>()?;
        } else if self.come.contains(&false) {
            return Err("one of its JPEG components does not come".into());
        }
        Ok(Samples { has_luminance: before.has_luminance(&self.frame), frame: self.frame, planes: self.planes })
    }
}

impl Samples {
    /// Values of the only component.
    pub(crate) fn grey(mut self) -> Vec<u16> {
        let (width, height) = (self.frame.width, self.frame.height);
        let mut values = self.planes.swap_remove(0);
        let stride = self.stride(0);
        if stride > width {
            (1..height).for_each(|row| values.copy_within(row * stride..row * stride + width, row * width));
        }
        values.truncate(width * height);
        values
    }

    fn stride(&self, component: usize) -> usize {
        let blocks = || 8 * self.frame.blocks(&self.frame.components[component])[0];
        if self.frame.process() == Ok(Process::Lossless) { self.frame.width } else { blocks() }
    }

    /// Lays pixels of `sample_bytes` for each component into `out`, as many as it holds; returns how many bytes that were.
    pub(crate) fn lay(&self, to_rgb: bool, sample_bytes: usize, out: &mut [u8]) -> Result<usize, String> {
        let channels = self.planes.len();
        let row_bytes = self.frame.width * channels * sample_bytes;
        let rows = self.frame.components.iter().enumerate();
        let rows = rows.map(|(number, component)| Rows::new(component, &self.frame, &self.planes[number], self.stride(number)));
        let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
        let mut colours = vec![0; if to_rgb && channels == 3 { 3 * self.frame.width } else { 0 }];
        for (y, out) in out.chunks_mut(row_bytes).take(self.frame.height).enumerate() {
            if colours.is_empty() {
                for (channel, component) in rows.iter_mut().enumerate() {
                    lay_row(component.row(y), channel, channels, sample_bytes, out);
                }
                continue;
            }
            for (room, component) in colours.chunks_exact_mut(self.frame.width).zip(&mut rows) {
                room.copy_from_slice(&component.row(y)[..self.frame.width]);
            }
            let (luminance, others) = colours.split_at_mut(self.frame.width);
            let (blue, red) = others.split_at_mut(self.frame.width);
            colour::to_rgb(self.frame.precision, [luminance, blue, red]);
            // Red has taken the place of brightness, green and blue those of the colours.
            for (channel, row) in colours.chunks_exact(self.frame.width).enumerate() {
                lay_row(row, channel, channels, sample_bytes, out);
            }
        }
        Ok(out.len().min(row_bytes * self.frame.height))
    }
}

/// The samples of one channel, each beside those of the others.
fn lay_row(row: &[u16], channel: usize, channels: usize, sample_bytes: usize, out: &mut [u8]) {
    match (channels, sample_bytes) {
        (1, 1) => out.iter_mut().zip(row).for_each(|(out, &sample)| *out = sample as u8),
        (3, 1) => out.as_chunks_mut::<3>().0.iter_mut().zip(row).for_each(|(pixel, &sample)| pixel[channel] = sample as u8),
        (_, 1) => out[channel..].iter_mut().step_by(channels).zip(row).for_each(|(out, &sample)| *out = sample as u8),
        _ => {
            let pixels = out.chunks_exact_mut(2 * channels);
            pixels.zip(row).for_each(|(pixel, sample)| pixel[2 * channel..][..2].copy_from_slice(&sample.to_le_bytes()));
        }
    }
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
        bytes.extend([0xff, 0xd9]);
        bytes
    }

    fn grey(bytes: &[u8]) -> Result<Vec<u16>, String> {
        decode(bytes, |_| Ok(())).map(Samples::grey)
    }

    fn place(bytes: &[u8], what: &[u8]) -> usize {
        bytes.windows(what.len()).rposition(|window| window == what).unwrap()
    }

    #[test]
    fn a_block_of_one_coefficient_is_flat() {
        // Differences 8 and −15: 0 1000 0, 0 0000 0; what is left is filled with ones.
        let values = grey(&stream(12, 8, &[0b0100_0000, 0b0000_1111])).unwrap();
        assert_eq!(values.len(), 96);
        // A first coefficient of 8 · 16 is 16 in each sample.
        assert!(values.chunks(12).all(|row| row[..8].iter().all(|&value| value == 2048 + 16)));
        assert!(values.chunks(12).all(|row| row[8..].iter().all(|&value| value == 2048 - 14)));
    }

    #[test]
    fn intervals_begin_anew_and_none_is_painted_over() {
        // Two blocks, each in an interval of its own: differences 8 and 15 to nothing.
        let mut bytes = stream(16, 8, &[0b0100_0011, 0xff, 0xd0, 0b0111_1011]);
        let at = place(&bytes, &[0xff, 0xc1, 0, 11, 12]);
        bytes[at + 4] = 8;
        let at = place(&bytes, &[0xff, 0xda]);
        bytes.splice(at..at, segment(0xdd, &[0, 1]));
        let values = grey(&bytes).unwrap();
        assert!(values.chunks(16).all(|row| row == [[144; 8], [158; 8]].concat()), "{:?}", &values[..16]);
        let at = place(&bytes, &[0xff, 0xd0]);
        bytes[at + 1] = 0xd1;
        assert_eq!(grey(&bytes).unwrap_err(), "a JPEG restart mark is missing, at 0 of 1 rows of blocks");
    }

    #[test]
    fn what_breaks_off_or_is_of_another_kind_is_refused() {
        let good = stream(12, 8, &[0b0100_0000, 0b0000_1111]);
        for length in 0..good.len() {
            assert!(grey(&good[..length]).is_err(), "{length}");
        }
        assert!(decode(&good, |frame| if frame.width > 11 { Err("too wide".into()) } else { Ok(()) }).is_err());
        let others: [(&[u8], &[u8]); 4] = [
            (&[0xff, 0xc1], &[0xff, 0xc2]),
            (&[0xff, 0xc1, 0, 11, 12], &[0xff, 0xc1, 0, 11, 10]),
            (&[0, 63, 0], &[0, 62, 0]),
            (&[0xff, 0xc1], &[0xff, 0xc9]),
        ];
        for (from, to) in others {
            let at = place(&good, from);
            let mut other = good.clone();
            other[at..at + to.len()].copy_from_slice(to);
            assert!(grey(&other).is_err(), "{to:?}");
        }
    }
}
