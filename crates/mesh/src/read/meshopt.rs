//! Unpacks `EXT_meshopt_compression` (glTF), after its specification: vertices, triangles, and the filter for exponents.
//! What the streams say never decides how much is taken: counts are checked by the caller, and every byte is asked for.

use volume::Trouble;

use super::broken;

const BLOCK_BYTES: usize = 8_192;
const BLOCK_VERTICES_MAX: usize = 256;
const GROUP: usize = 16;
const TAIL_BYTES_MIN: usize = 32;
const VERTEX_HEAD: u8 = 0xa0;
const INDEX_HEAD: u8 = 0xe0;
const FIFO: usize = 16;

fn cut() -> Trouble {
    broken("its packed data end too early")
}

/// Bytes that are taken one after the other.
struct Stream<'a>(&'a [u8]);

impl<'a> Stream<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Trouble> {
        let (own, rest) = self.0.split_at_checked(count).ok_or_else(cut)?;
        self.0 = rest;
        Ok(own)
    }

    fn byte(&mut self) -> Result<u8, Trouble> {
        Ok(self.take(1)?[0])
    }
}

/// `count` vertices of `stride` bytes (a multiple of four, at most 256).
pub(super) fn vertices(packed: &[u8], count: usize, stride: usize) -> Result<Vec<u8>, Trouble> {
    if stride == 0 || stride % 4 != 0 || stride > 256 {
        return Err(broken(format!("its packed vertices have {stride} bytes")));
    }
    let tail = stride.max(TAIL_BYTES_MIN);
    let body = packed.len().checked_sub(tail).ok_or_else(cut)?;
    let mut stream = Stream(&packed[..body]);
    if stream.byte()? != VERTEX_HEAD {
        return Err(broken("its vertices are packed by a later version of meshoptimizer"));
    }
    let mut last = packed[packed.len() - stride..].to_vec();
    let together = (BLOCK_BYTES / stride / GROUP * GROUP).min(BLOCK_VERTICES_MAX);
    let mut out = Vec::with_capacity((count * stride).min(packed.len().saturating_mul(64)));
    let mut channel_bytes = Vec::new();
    while out.len() < count * stride {
        let here = (count - out.len() / stride).min(together);
        let begins = out.len();
        out.resize(begins + here * stride, 0);
        for channel in 0..stride {
            groups(&mut stream, here, &mut channel_bytes)?;
            let mut value = last[channel];
            for (vertex, &difference) in channel_bytes[..here].iter().enumerate() {
                value = value.wrapping_add((difference >> 1) ^ (difference & 1).wrapping_neg());
                out[begins + vertex * stride + channel] = value;
            }
        }
        last.copy_from_slice(&out[out.len() - stride..]);
    }
    Ok(out)
}

fn groups(stream: &mut Stream<'_>, count: usize, out: &mut Vec<u8>) -> Result<(), Trouble> {
    out.clear();
    let groups = count.div_ceil(GROUP);
    let ways = stream.take(groups.div_ceil(4))?;
    for group in 0..groups {
        match ways[group / 4] >> (group % 4 * 2) & 3 {
            0 => out.extend([0; GROUP]),
            3 => out.extend_from_slice(stream.take(GROUP)?),
            way => few_bits(stream, usize::from(way) * 2, out)?,
        }
    }
    Ok(())
}

fn few_bits(stream: &mut Stream<'_>, bits: usize, out: &mut Vec<u8>) -> Result<(), Trouble> {
    let most = (1u8 << bits) - 1;
    for &together in stream.take(GROUP * bits / 8)? {
        for place in (0..8 / bits).rev() {
            out.push(together >> (place * bits) & most);
        }
    }
    // What did not fit stands behind.
    let begins = out.len() - GROUP;
    for at in begins..out.len() {
        if out[at] == most {
            out[at] = stream.byte()?;
        }
    }
    Ok(())
}

/// Exponents and fractions in 32 bits each become floats.
pub(super) fn unfilter_exponents(bytes: &mut [u8]) {
    for word in bytes.as_chunks_mut::<4>().0 {
        let packed = i32::from_le_bytes(*word);
        let fraction = (packed << 8) >> 8;
        *word = (fraction as f32 * ((packed >> 24) as f32).exp2()).to_le_bytes();
    }
}

/// What was seen last.
struct Fifo<T> {
    slots: [T; FIFO],
    at: usize,
}

impl<T: Copy> Fifo<T> {
    fn back(&self, by: usize) -> T {
        self.slots[(self.at + FIFO - by) % FIFO]
    }

    fn push(&mut self, value: T) {
        self.slots[self.at] = value;
        self.at = (self.at + 1) % FIFO;
    }
}

struct Triangles<'a> {
    data: Stream<'a>,
    edges: Fifo<[u32; 2]>,
    vertices: Fifo<u32>,
    next: u32,
    last: u32,
    /// Codes of a third vertex from here on have a meaning of their own.
    third_max: u8,
}

/// The corners of `count / 3` triangles.
pub(super) fn triangles(packed: &[u8], count: usize) -> Result<Vec<u32>, Trouble> {
    let body = packed.len().checked_sub(16).ok_or_else(cut)?;
    let pairs = &packed[body..];
    let mut stream = Stream(&packed[..body]);
    let head = stream.byte()?;
    if head & 0xf0 != INDEX_HEAD || head & 15 > 1 || count % 3 != 0 {
        return Err(broken("its triangles are packed in a way that is not known"));
    }
    let codes = stream.take(count / 3)?;
    let mut unpacker = Triangles {
        data: stream,
        edges: Fifo { slots: [[0; 2]; FIFO], at: 0 },
        vertices: Fifo { slots: [0; FIFO], at: 0 },
        next: 0,
        last: 0,
        third_max: if head & 15 == 1 { 13 } else { 15 },
    };
    let mut out = Vec::with_capacity(count);
    for &code in codes {
        out.extend(if code < 0xf0 { unpacker.at_edge(code)? } else { unpacker.alone(code, pairs)? });
    }
    Ok(out)
}

impl Triangles<'_> {
    fn at_edge(&mut self, code: u8) -> Result<[u32; 3], Trouble> {
        let [a, b] = self.edges.back(usize::from(code >> 4) + 1);
        let third = code & 15;
        let c = match third {
            0 => self.fresh(),
            known if known < self.third_max => self.vertices.back(usize::from(known) + 1),
            15 => self.index()?,
            13 => self.step(u32::MAX),
            _ => self.step(1),
        };
        if third == 0 || third >= self.third_max {
            self.vertices.push(c);
        }
        self.edges.push([c, b]);
        self.edges.push([a, c]);
        Ok([a, b, c])
    }

    fn alone(&mut self, code: u8, pairs: &[u8]) -> Result<[u32; 3], Trouble> {
        let (first, pair) = match code {
            0xfe => (0, self.data.byte()?),
            0xff => (15, self.data.byte()?),
            _ => (0, pairs[usize::from(code & 15)]),
        };
        let (second, third) = (pair >> 4, pair & 15);
        if code >= 0xfe && pair == 0 {
            self.next = 0;
        }
        // Fresh and known ones come before those that are spelt out.
        let mut corners = [0; 3];
        for (corner, way) in corners.iter_mut().zip([first, second, third]) {
            *corner = match way {
                0 => self.fresh(),
                15 => 0,
                known => self.vertices.back(usize::from(known)),
            };
        }
        for (corner, way) in corners.iter_mut().zip([first, second, third]) {
            if way == 15 {
                *corner = self.index()?;
            }
        }
        for (&corner, way) in corners.iter().zip([first, second, third]) {
            if way == 0 || way == 15 {
                self.vertices.push(corner);
            }
        }
        let [a, b, c] = corners;
        [[b, a], [c, b], [a, c]].into_iter().for_each(|edge| self.edges.push(edge));
        Ok(corners)
    }

    fn fresh(&mut self) -> u32 {
        self.next = self.next.wrapping_add(1);
        self.next.wrapping_sub(1)
    }

    fn step(&mut self, by: u32) -> u32 {
        self.last = self.last.wrapping_add(by);
        self.last
    }

    /// The difference to the last that was spelt out, seven bits at a time.
    fn index(&mut self) -> Result<u32, Trouble> {
        let mut value = 0u32;
        for shift in (0..5).map(|group| group * 7) {
            let byte = self.data.byte()?;
            value |= u32::from(byte & 127).wrapping_shl(shift);
            if byte < 128 {
                break;
            }
        }
        Ok(self.step((value >> 1) ^ (value & 1).wrapping_neg()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::meshopt as packer;

    #[test]
    fn what_is_packed_here_is_unpacked_to_the_same() {
        let triangles_: Vec<[u32; 3]> = (0..900u32).map(|n| [n % 311, (n * 7) % 311, (n * n) % 311 + n / 3]).collect();
        let flat: Vec<u32> = triangles_.iter().flatten().copied().collect();
        let found = triangles(&packer::triangles(&triangles_), flat.len()).unwrap();
        let turned = |triangle: &[u32]| (0..3).map(|by| [triangle[by], triangle[(by + 1) % 3], triangle[(by + 2) % 3]]).min().unwrap();
        assert!(flat.chunks(3).map(turned).eq(found.chunks(3).map(turned)));
        let bytes: Vec<u8> = (0..8 * 1_000u32).map(|n| ((n * n / 97) % 256) as u8).collect();
        assert_eq!(vertices(&packer::vertices(&bytes, 8), 1_000, 8).unwrap(), bytes);
    }

    #[test]
    fn streams_that_end_early_or_make_no_sense_are_refused() {
        let packed = packer::triangles(&[[0, 1, 2], [2, 1, 3]]);
        (0..packed.len()).for_each(|length| assert!(triangles(&packed[..length], 6).is_err() || length > 17));
        assert!(triangles(&packed, 6_000_000).is_err());
        assert!(vertices(&[VERTEX_HEAD; 40], 1_000_000, 8).is_err());
        assert!(vertices(&[0; 400], 10, 8).is_err() && vertices(&[], 10, 7).is_err());
    }
}
