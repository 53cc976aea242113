//! One chunk of blosc 2: blocks of one or more streams, and the filters that they went through.

use std::cell::RefCell;

use super::super::{Broken, blosclz, check_length, lz4, shuffle, zlib_into, zstd_into};
use super::boxes::Boxes;
use super::cut_off;

const HEAD_BYTES: usize = 16;
const LONG_HEAD_BYTES: usize = 32;
/// The last version of the format that is known here.
const VERSION_MAX: u8 = 5;
/// Up to this version bits of groups that are no multiple of eight elements were left alone.
const VERSION_ONE: u8 = 2;
const FLAG_STORED: u8 = 2;
const FLAG_NOT_SPLIT: u8 = 16;
const FLAGS_LONG_HEAD: u8 = 1 | 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    Shuffle(usize),
    BitShuffle(usize),
    /// Exclusive or with the element before (first block) or with the first block.
    Delta,
}

enum Body<'p> {
    /// One value throughout.
    Run(Vec<u8>),
    Stored(&'p [u8]),
    Packed(&'p [u8]),
}

pub(super) struct Chunk<'p> {
    version: u8,
    flags: u8,
    element: usize,
    /// Of the plain bytes; nothing where a frame says it instead.
    plain_bytes: Option<usize>,
    block_bytes: usize,
    head_bytes: usize,
    /// In the order in which they are undone.
    filters: Vec<Filter>,
    body: Body<'p>,
}

/// Buffers that one thread uses again for every block.
#[derive(Default)]
struct Scratch {
    from: Vec<u8>,
    to: Vec<u8>,
    bits: Vec<u8>,
    block: Vec<u8>,
    first: Vec<u8>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl<'p> Chunk<'p> {
    pub(super) fn read(packed: &'p [u8]) -> Result<Self, Broken> {
        let head = packed.get(..HEAD_BYTES).ok_or_else(cut_off)?;
        let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize;
        let (version, flags, element) = (head[0], head[2], usize::from(head[3]).max(1));
        let (plain_bytes, block_bytes, packed_bytes) = (word(4), word(8), word(12));
        if version > VERSION_MAX {
            return Err(Broken(format!("version {version} of blosc 2 chunks is not read")));
        }
        let is_long = flags & FLAGS_LONG_HEAD == FLAGS_LONG_HEAD;
        let head_bytes = if is_long { LONG_HEAD_BYTES } else { HEAD_BYTES };
        let packed = packed.get(..packed_bytes).filter(|packed| packed.len() >= head_bytes).ok_or_else(cut_off)?;
        let mut chunk = Self {
            version,
            flags,
            element,
            plain_bytes: Some(plain_bytes),
            block_bytes: block_bytes.max(1),
            head_bytes,
            filters: Vec::new(),
            body: if flags & FLAG_STORED != 0 { Body::Stored(&packed[head_bytes..]) } else { Body::Packed(packed) },
        };
        if is_long {
            chunk.read_long_head(packed)?;
        } else {
            let filter = [(1, Filter::Shuffle(element)), (4, Filter::BitShuffle(element)), (8, Filter::Delta)];
            chunk.filters = filter.into_iter().filter(|(bit, _)| flags & bit != 0).map(|(_, filter)| filter).collect();
        }
        let delta = chunk.filters.iter().position(|filter| *filter == Filter::Delta);
        if delta.is_some_and(|place| place + 1 != chunk.filters.len()) {
            return Err(Broken::new("blosc 2 data whose differences were filtered again are not read"));
        }
        Ok(chunk)
    }

    fn read_long_head(&mut self, packed: &'p [u8]) -> Result<(), Broken> {
        let (codes, meanings) = (&packed[16..22], &packed[24..30]);
        for (&code, &meaning) in codes.iter().zip(meanings).rev() {
            match code {
                // Bits that were cut off are gone.
                0 | 4 => {}
                1 => self.filters.push(Filter::Shuffle(if meaning == 0 { self.element } else { usize::from(meaning) })),
                2 => self.filters.push(Filter::BitShuffle(self.element)),
                3 => self.filters.push(Filter::Delta),
                code => return Err(Broken(format!("filter {code} of blosc 2 is not read"))),
            }
        }
        let (more, flags) = (packed[30], packed[31]);
        if more != 0 || flags & 0x0b != 0 {
            return Err(Broken::new(
                "blosc 2 chunks with dictionaries, of blocks of different lengths or from big-endian machines are not read",
            ));
        }
        if let kind @ 1.. = flags >> 4 & 7 {
            self.body = Body::Run(match kind {
                3 => packed.get(LONG_HEAD_BYTES..LONG_HEAD_BYTES + self.element).ok_or_else(cut_off)?.to_vec(),
                kind => run_of(kind, self.element),
            });
        }
        Ok(())
    }

    /// A chunk that is one value throughout, of which nothing is stored.
    pub(super) fn special(kind: u8, element: usize) -> Self {
        let body = Body::Run(run_of(kind, element));
        Self { version: VERSION_MAX, flags: 0, element, plain_bytes: None, block_bytes: 1, head_bytes: 0, filters: Vec::new(), body }
    }

    /// Expands to exactly as many bytes as `out` has.
    pub(super) fn expand(&self, out: &mut [u8]) -> Result<(), Broken> {
        check_length(self.plain_bytes.unwrap_or(out.len()), out.len())?;
        match &self.body {
            Body::Run(value) => repeat(value, out),
            Body::Stored(plain) => {
                out.copy_from_slice(plain.get(..out.len()).ok_or_else(cut_off)?);
                Ok(())
            }
            Body::Packed(packed) => SCRATCH.with_borrow_mut(|scratch| {
                let (first, rest) = out.split_at_mut(self.block_bytes.min(out.len()));
                self.block(packed, 0, scratch, first)?;
                differences_of_elements(self, first);
                for (number, block) in rest.chunks_mut(self.block_bytes).enumerate() {
                    self.block(packed, number + 1, scratch, block)?;
                    self.differences_of_blocks(first, block);
                }
                Ok(())
            }),
        }
    }

    /// Expands blocks that are boxes of the grid which `out` is.
    pub(super) fn expand_boxes(&self, boxes: &Boxes, element: usize, out: &mut [u8]) -> Result<(), Broken> {
        let (Some(stored), Some(block_bytes)) = (boxes.stored_bytes(element), boxes.block_bytes(element)) else { return Err(cut_off()) };
        if let Body::Run(value) = &self.body {
            return repeat(value, out);
        }
        if self.plain_bytes != Some(stored) || self.block_bytes != block_bytes || block_bytes > out.len() {
            return Err(Broken::new("the boxes of blosc 2 data are not as large as its blocks"));
        }
        SCRATCH.with_borrow_mut(|scratch| {
            let (mut block, mut first) = (std::mem::take(&mut scratch.block), std::mem::take(&mut scratch.first));
            block.resize(block_bytes, 0);
            let mut outcome = Ok(());
            for number in 0..boxes.blocks() {
                outcome = self.boxed(number, scratch, &mut block, &mut first);
                if outcome.is_err() {
                    break;
                }
                boxes.place(number, element, &block, out);
            }
            (scratch.block, scratch.first) = (block, first);
            outcome
        })
    }

    fn boxed(&self, number: usize, scratch: &mut Scratch, block: &mut [u8], first: &mut Vec<u8>) -> Result<(), Broken> {
        match &self.body {
            Body::Stored(plain) => {
                block.copy_from_slice(plain.get(number * block.len()..(number + 1) * block.len()).ok_or_else(cut_off)?);
                return Ok(());
            }
            Body::Packed(packed) => self.block(packed, number, scratch, block)?,
            Body::Run(value) => return repeat(value, block),
        }
        if number == 0 {
            differences_of_elements(self, block);
            if self.is_delta() {
                first.clear();
                first.extend_from_slice(block);
            }
        } else {
            self.differences_of_blocks(first, block);
        }
        Ok(())
    }

    /// One block without its differences.
    fn block(&self, packed: &[u8], number: usize, scratch: &mut Scratch, out: &mut [u8]) -> Result<(), Broken> {
        let place = packed.get(self.head_bytes + 4 * number..).and_then(|rest| rest.first_chunk()).ok_or_else(cut_off)?;
        let streams = packed.get(u32::from_le_bytes(*place) as usize..).ok_or_else(cut_off)?;
        let filters: Vec<Filter> = self.filters.iter().copied().filter(|filter| *filter != Filter::Delta).collect();
        let Some((last, before)) = filters.split_last() else { return self.streams(streams, out) };
        let Scratch { from, to, bits, .. } = scratch;
        [&mut *from, &mut *to, &mut *bits]
            .into_iter()
            .filter(|buffer| buffer.len() < out.len())
            .for_each(|buffer| buffer.resize(out.len(), 0));
        self.streams(streams, &mut from[..out.len()])?;
        for filter in before {
            self.undo(*filter, &from[..out.len()], &mut to[..out.len()], bits);
            std::mem::swap(from, to);
        }
        self.undo(*last, &from[..out.len()], out, bits);
        Ok(())
    }

    fn streams(&self, mut streams: &[u8], out: &mut [u8]) -> Result<(), Broken> {
        let is_split = self.flags & FLAG_NOT_SPLIT == 0 && out.len() == self.block_bytes;
        let length = if is_split { out.len() / self.element } else { out.len() };
        if length == 0 || (is_split && !out.len().is_multiple_of(self.element)) {
            return Err(cut_off());
        }
        for out in out.chunks_mut(length) {
            let (head, rest) = streams.split_first_chunk().ok_or_else(cut_off)?;
            let packed = i32::from_le_bytes(*head);
            if packed <= 0 {
                // Zeros, or another byte throughout.
                out.fill(u8::try_from(-i64::from(packed)).map_err(|_| cut_off())?);
                streams = match (packed, rest.split_first()) {
                    (0, _) => rest,
                    (_, Some((token, rest))) if token & 1 != 0 => rest,
                    _ => return Err(cut_off()),
                };
                continue;
            }
            let (stream, rest) = rest.split_at_checked(packed as usize).ok_or_else(cut_off)?;
            streams = rest;
            if stream.len() == out.len() {
                out.copy_from_slice(stream);
                continue;
            }
            match self.flags >> 5 {
                0 => blosclz::expand_into(stream, out)?,
                1 => lz4::expand_into(stream, out)?,
                3 => zlib_into(stream, out)?,
                4 => zstd_into(stream, out)?,
                other => return Err(Broken(format!("blosc 2 data packed by compressor {other} are not read"))),
            }
        }
        Ok(())
    }

    fn undo(&self, filter: Filter, from: &[u8], out: &mut [u8], bits: &mut [u8]) {
        match filter {
            Filter::Shuffle(size) if size > 1 => shuffle::unshuffle(from, size, out),
            Filter::BitShuffle(size) => {
                let elements = from.len() / size;
                let is_left = self.version <= VERSION_ONE && !elements.is_multiple_of(8);
                let whole = if is_left { 0 } else { elements / 8 * 8 * size };
                shuffle::bit_unshuffle(&from[..whole], size, &mut out[..whole], bits);
                out[whole..].copy_from_slice(&from[whole..]);
            }
            Filter::Shuffle(_) | Filter::Delta => out.copy_from_slice(from),
        }
    }

    fn is_delta(&self) -> bool {
        self.filters.contains(&Filter::Delta)
    }

    fn differences_of_blocks(&self, first: &[u8], block: &mut [u8]) {
        if self.is_delta() {
            let whole = block.len() / self.step() * self.step();
            block[..whole].iter_mut().zip(first).for_each(|(byte, first)| *byte ^= first);
        }
    }

    /// Bytes that differences are taken of at once.
    fn step(&self) -> usize {
        match self.element {
            size @ (1 | 2 | 4 | 8) => size,
            size if size % 8 == 0 => 8,
            _ => 1,
        }
    }
}

fn differences_of_elements(chunk: &Chunk<'_>, block: &mut [u8]) {
    let step = chunk.step();
    if chunk.is_delta() {
        (step..block.len() / step * step).for_each(|at| block[at] ^= block[at - step]);
    }
}

/// The value that a chunk of this kind is made of: zeros, numbers that are none, and what nobody set.
fn run_of(kind: u8, element: usize) -> Vec<u8> {
    match (kind, element) {
        (2, 4) => f32::NAN.to_le_bytes().to_vec(),
        (2, 8) => f64::NAN.to_le_bytes().to_vec(),
        (1, _) => vec![0],
        _ => Vec::new(),
    }
}

fn repeat(value: &[u8], out: &mut [u8]) -> Result<(), Broken> {
    match value {
        [] => return Err(Broken::new("blosc 2 data hold nothing that was ever written")),
        [byte] => out.fill(*byte),
        value => out.chunks_mut(value.len()).for_each(|out| out.copy_from_slice(&value[..out.len()])),
    }
    Ok(())
}
