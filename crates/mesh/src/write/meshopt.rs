//! The compression of `EXT_meshopt_compression` (glTF), written after its specification: bytes of vertices as differences in
//! groups of sixteen, triangles by the edges and vertices that were seen last.

/// Bytes of a block of vertices, and most vertices of one.
const BLOCK_BYTES: usize = 8_192;
const BLOCK_VERTICES_MAX: usize = 256;
const GROUP: usize = 16;
/// The last bytes of a vertex stream hold the first vertex and are at least that many.
const TAIL_BYTES_MIN: usize = 32;
const VERTEX_HEAD: u8 = 0xa0;
const INDEX_HEAD: u8 = 0xe1;
/// Pairs of vertex codes that fit into one byte with the triangle's code.
const PAIRS: [u8; 16] = [0x00, 0x76, 0x87, 0x56, 0x67, 0x78, 0xa9, 0x86, 0x65, 0x89, 0x68, 0x98, 0x01, 0x69, 0, 0];
const FIFO: usize = 16;
/// Codes of the third vertex from here on have a meaning of their own.
const THIRD_MAX: usize = 13;

/// Packs vertices of `stride` bytes (a multiple of four).
pub(crate) fn vertices(bytes: &[u8], stride: usize) -> Vec<u8> {
    let mut out = vec![VERTEX_HEAD];
    let together = (BLOCK_BYTES / stride / GROUP * GROUP).min(BLOCK_VERTICES_MAX);
    let first = bytes.get(..stride).map_or_else(|| vec![0; stride], <[u8]>::to_vec);
    let mut last = first.clone();
    let mut differences = Vec::new();
    for block in bytes.chunks(together * stride) {
        for channel in 0..stride {
            differences.clear();
            let mut before = last[channel];
            for vertex in block.chunks_exact(stride) {
                let difference = vertex[channel].wrapping_sub(before) as i8;
                differences.push(((difference >> 7) ^ (difference << 1)) as u8);
                before = vertex[channel];
            }
            differences.resize(differences.len().next_multiple_of(GROUP), 0);
            groups(&differences, &mut out);
        }
        last.copy_from_slice(&block[block.len() - stride..]);
    }
    out.resize(out.len() + TAIL_BYTES_MIN.saturating_sub(stride), 0);
    out.extend(first);
    out
}

fn groups(bytes: &[u8], out: &mut Vec<u8>) {
    let head = out.len();
    out.resize(head + (bytes.len() / GROUP).div_ceil(4), 0);
    for (index, group) in bytes.chunks_exact(GROUP).enumerate() {
        let escaped = |bits: usize| group.iter().filter(|&&byte| usize::from(byte) >= (1 << bits) - 1).count();
        let sizes = [if group.iter().all(|&byte| byte == 0) { 0 } else { usize::MAX }, 4 + escaped(2), 8 + escaped(4), GROUP];
        // The first of the shortest.
        let best = (0..4).min_by_key(|&way| sizes[way]).unwrap_or(3);
        out[head + index / 4] |= (best as u8) << (index % 4 * 2);
        match best {
            0 => {}
            3 => out.extend_from_slice(group),
            way => few_bits(group, way * 2, out),
        }
    }
}

/// Two or four bits for each byte; what does not fit stands behind as it is.
fn few_bits(group: &[u8], bits: usize, out: &mut Vec<u8>) {
    let most = (1u8 << bits) - 1;
    for together in group.chunks_exact(8 / bits) {
        out.push(together.iter().fold(0, |byte, &value| byte << bits | value.min(most)));
    }
    out.extend(group.iter().filter(|&&value| value >= most));
}

/// What was seen last, newest first when asked.
struct Fifo<T> {
    slots: [T; FIFO],
    at: usize,
}

impl<T: Copy + PartialEq> Fifo<T> {
    fn find(&self, fits: impl Fn(T) -> bool) -> Option<usize> {
        (0..FIFO).find(|back| fits(self.slots[(self.at + FIFO - 1 - back) % FIFO]))
    }

    fn push(&mut self, value: T) {
        self.slots[self.at] = value;
        self.at = (self.at + 1) % FIFO;
    }
}

/// Packs triangles. Vertices should be numbered by their first use, and neighbours follow each other.
pub(crate) fn triangles(triangles: &[[u32; 3]]) -> Vec<u8> {
    let mut packer = Triangles {
        edges: Fifo { slots: [[u32::MAX; 2]; FIFO], at: 0 },
        vertices: Fifo { slots: [u32::MAX; FIFO], at: 0 },
        codes: Vec::with_capacity(triangles.len() + 1),
        data: Vec::new(),
        next: 0,
        last: 0,
    };
    packer.codes.push(INDEX_HEAD);
    for &triangle in triangles {
        packer.push(triangle);
    }
    packer.codes.append(&mut packer.data);
    packer.codes.extend(PAIRS);
    packer.codes
}

struct Triangles {
    edges: Fifo<[u32; 2]>,
    vertices: Fifo<u32>,
    codes: Vec<u8>,
    data: Vec<u8>,
    next: u32,
    last: u32,
}

fn turned([a, b, c]: [u32; 3], times: usize) -> [u32; 3] {
    [[a, b, c], [b, c, a], [c, a, b]][times % 3]
}

impl Triangles {
    fn push(&mut self, triangle: [u32; 3]) {
        for back in 0..FIFO - 1 {
            let edge = self.edges.slots[(self.edges.at + FIFO - 1 - back) % FIFO];
            for times in 0..3 {
                let [a, b, c] = turned(triangle, times);
                if edge == [a, b] {
                    return self.at_edge(back as u8, [a, b, c]);
                }
            }
        }
        self.alone(triangle);
    }

    /// A triangle at an edge that was seen: only its third vertex is new.
    fn at_edge(&mut self, edge: u8, [a, b, c]: [u32; 3]) {
        let mut third = match self.vertices.find(|vertex| vertex == c) {
            Some(place) if (1..THIRD_MAX).contains(&place) => place as u8,
            _ if c == self.next => {
                self.next += 1;
                0
            }
            _ => 15,
        };
        if third == 15 {
            if c.wrapping_add(1) == self.last {
                third = 13;
                self.last = c;
            } else if c == self.last.wrapping_add(1) {
                third = 14;
                self.last = c;
            }
        }
        self.codes.push(edge << 4 | third);
        if third == 15 {
            self.index(c);
        }
        if third == 0 || usize::from(third) >= THIRD_MAX {
            self.vertices.push(c);
        }
        self.edges.push([c, b]);
        self.edges.push([a, c]);
    }

    fn alone(&mut self, triangle: [u32; 3]) {
        let times = triangle.iter().position(|&vertex| vertex == self.next).unwrap_or(0);
        let [a, b, c] = turned(triangle, times);
        let restarts = [a, b, c] == [0, 1, 2] && self.next > 0;
        if restarts {
            self.next = 0;
            self.vertices.slots = [u32::MAX; FIFO];
        }
        // Both are looked up before any of the three becomes known.
        let places = [b, c].map(|vertex| self.vertices.find(|seen| seen == vertex).filter(|&place| place < 14));
        let first = self.is_next(a);
        let second = places[0].map_or_else(|| self.is_next(b), |place| place as u8 + 1);
        let third = places[1].map_or_else(|| self.is_next(c), |place| place as u8 + 1);
        let pair = second << 4 | third;
        match PAIRS[..14].iter().position(|&known| known == pair) {
            Some(known) if first == 0 && !restarts => self.codes.push(0xf0 | known as u8),
            _ => {
                self.codes.push(0xf0 | 14 | first);
                self.data.push(pair);
            }
        }
        for (code, vertex) in [(first, a), (second, b), (third, c)] {
            if code == 15 {
                self.index(vertex);
            }
        }
        for (code, vertex) in [(first, a), (second, b), (third, c)] {
            if code == 0 || code == 15 {
                self.vertices.push(vertex);
            }
        }
        for edge in [[b, a], [c, b], [a, c]] {
            self.edges.push(edge);
        }
    }

    fn is_next(&mut self, vertex: u32) -> u8 {
        if vertex == self.next {
            self.next += 1;
            0
        } else {
            15
        }
    }

    /// The difference to the last free index, seven bits at a time.
    fn index(&mut self, vertex: u32) {
        let difference = vertex.wrapping_sub(self.last) as i32;
        let mut rest = ((difference << 1) ^ (difference >> 31)) as u32;
        self.last = vertex;
        while rest > 127 {
            self.data.push(rest as u8 & 127 | 128);
            rest >>= 7;
        }
        self.data.push(rest as u8);
    }
}
