//! The blosc 2 frame: a header, chunks with an index behind them, and perhaps a note on how a chunk's blocks are boxes.
//!
//! Source: c-blosc2's descriptions of frame, chunk and b2nd layer. The frame's own numbers are big-endian (MessagePack), those
//! of chunks little-endian. One block is expanded at a time. This file only reads.

mod boxes;
mod chunk;

use std::ops::Range;

use self::boxes::Boxes;
use self::chunk::Chunk;
use super::Broken;

/// Bytes of the header before what is kept beside the voxels.
const HEADER_BYTES: usize = 87;
/// Chunks of one frame; HDF5's filter makes one.
const CHUNKS_MAX: usize = 65_536;
/// Layers of notes in one frame.
const LAYERS_MAX: usize = 16;

/// A frame that was understood and not yet expanded.
struct Frame<'p> {
    packed: &'p [u8],
    /// Where the chunks lie, without their index.
    chunks: Range<usize>,
    plain_bytes: usize,
    chunk_bytes: usize,
    /// Of an element, as the boxes count them.
    element_bytes: usize,
    boxes: Option<Boxes>,
}

fn cut_off() -> Broken {
    Broken::new("blosc 2 data are cut off or damaged")
}

/// Expands a frame to the beginning of `out` and says how many bytes it filled.
pub(crate) fn expand_into(packed: &[u8], out: &mut [u8]) -> Result<usize, Broken> {
    let frame = Frame::read(packed, out.len())?;
    let out = &mut out[..frame.plain_bytes];
    if out.is_empty() {
        return Ok(0);
    }
    let chunks = frame.plain_bytes.div_ceil(frame.chunk_bytes);
    let offsets = frame.offsets(chunks)?;
    if let Some(boxes) = &frame.boxes {
        let [offset] = offsets[..] else { return Err(Broken::new("blosc 2 data in several boxes are not read")) };
        frame.chunk(offset)?.expand_boxes(boxes, frame.element_bytes, out)?;
        return Ok(frame.plain_bytes);
    }
    for (offset, out) in offsets.into_iter().zip(out.chunks_mut(frame.chunk_bytes)) {
        frame.chunk(offset)?.expand(out)?;
    }
    Ok(frame.plain_bytes)
}

impl<'p> Frame<'p> {
    fn read(packed: &'p [u8], most: usize) -> Result<Self, Broken> {
        let head = packed.get(..HEADER_BYTES).ok_or_else(cut_off)?;
        if &head[1..10] != b"\xa8b2frame\0" || head[0] & 0xf0 != 0x90 {
            return Err(Broken::new("no blosc 2 frame begins here"));
        }
        let word = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize;
        let long = |at: usize| usize::try_from(u64::from(word(at) as u32) << 32 | word(at + 4) as u64).map_err(|_| cut_off());
        let (header_bytes, frame_bytes) = (word(11), long(16)?);
        let (plain_bytes, packed_bytes, element_bytes, mut chunk_bytes) = (long(30)?, long(39)?, word(48), word(58));
        // Format version, width of the offsets, one chunk after the other in this very file.
        if head[25] & 0x0f > 3 || head[25] & 0xf0 != 0x10 || head[26] & 0x0f != 0 {
            return Err(Broken(format!("blosc 2 frames of kind {:02x}{:02x} are not read", head[25], head[26])));
        }
        let end = header_bytes.checked_add(packed_bytes).filter(|&end| end <= frame_bytes && frame_bytes <= packed.len());
        let end = end.filter(|_| header_bytes >= HEADER_BYTES).ok_or_else(cut_off)?;
        if chunk_bytes == 0 {
            chunk_bytes = plain_bytes.max(1);
        }
        let boxes = match layer(&packed[HEADER_BYTES..header_bytes], &packed[..header_bytes], b"b2nd")? {
            Some(body) => Boxes::read(body)?.filter(|boxes| !boxes.are_one_row()),
            None => None,
        };
        if let Some(boxes) = &boxes
            && boxes.plain_bytes(element_bytes) != Some(plain_bytes)
            && boxes.stored_bytes(element_bytes) != Some(plain_bytes)
        {
            return Err(Broken::new("the boxes of blosc 2 data are not as large as the data"));
        }
        let plain_bytes = boxes.as_ref().and_then(|boxes| boxes.plain_bytes(element_bytes)).unwrap_or(plain_bytes);
        let packed = &packed[..frame_bytes];
        if plain_bytes > most {
            return Err(Broken(format!("blosc 2 data claim {plain_bytes} bytes where at most {most} are possible")));
        }
        let chunk_bytes = if boxes.is_some() { plain_bytes.max(1) } else { chunk_bytes };
        Ok(Self { packed, chunks: header_bytes..end, plain_bytes, chunk_bytes, element_bytes, boxes })
    }

    /// Where each chunk begins; a special value where there is none.
    fn offsets(&self, chunks: usize) -> Result<Vec<Offset>, Broken> {
        if chunks > CHUNKS_MAX {
            return Err(Broken(format!("blosc 2 data claim {chunks} chunks, more than can be true")));
        }
        let mut index = vec![0; 8 * chunks];
        Chunk::read(&self.packed[self.chunks.end..])?.expand(&mut index)?;
        let offset = |bytes: &[u8]| {
            // Eight bytes each.
            let word = bytes.iter().rev().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
            if word >> 63 == 1 { Offset::Special((word >> 56) as u8 & 7) } else { Offset::At(word) }
        };
        Ok(index.chunks_exact(8).map(offset).collect())
    }

    fn chunk(&self, offset: Offset) -> Result<Chunk<'p>, Broken> {
        match offset {
            Offset::Special(kind) => Ok(Chunk::special(kind, self.element_bytes)),
            Offset::At(at) => {
                let at = usize::try_from(at).ok().and_then(|at| at.checked_add(self.chunks.start));
                let body = at.and_then(|at| self.packed.get(at..self.chunks.end)).ok_or_else(cut_off)?;
                Chunk::read(body)
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Offset {
    At(u64),
    /// The whole chunk is made of one value.
    Special(u8),
}

/// The body of a note with this name; `map` begins where the notes are listed, and they lie somewhere in `header`.
fn layer<'p>(map: &'p [u8], header: &'p [u8], wanted: &[u8]) -> Result<Option<&'p [u8]>, Broken> {
    let [0x93, 0xcd, _, _, 0xde, high, low, rest @ ..] = map else { return Ok(None) };
    let count = usize::from(u16::from_be_bytes([*high, *low]));
    let mut rest = rest;
    for _ in 0..count.min(LAYERS_MAX) {
        let (&length, after) = rest.split_first().ok_or_else(cut_off)?;
        let (name, after) = after.split_at_checked(usize::from(length & 0x1f)).ok_or_else(cut_off)?;
        let [0xd2, a, b, c, d, after @ ..] = after else { return Err(cut_off()) };
        let at = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        if name == wanted {
            let [0xc6, a, b, c, d, body @ ..] = header.get(at..).ok_or_else(cut_off)? else { return Err(cut_off()) };
            let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            return body.get(..length).ok_or_else(cut_off).map(Some);
        }
        rest = after;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by python-blosc2 4.14 of `(numpy.arange(210) // 5).astype("u2").reshape(5, 7, 6)`: BloscLZ with shuffled bytes in blocks of
    /// 2 × 4 × 6, LZ4 with shuffled bits in one block, zstd with differences in blocks of 2 × 3 × 4, zlib in blocks of 3 × 7 × 6.
    #[rustfmt::skip]
    const FRAMES: [&str; 4] = [
        "9ea862326672616d6500d2000000b8cf000000000000026ba412009001d30000000000000240d30000000000000168d200000002d200000060d20000\
         0240d10000d10001c2d8060100000000000000000000000000000093cd0011de0001a462326e64d20000006bdc0001c60000004897000393d3000000\
         0000000005d30000000000000007d3000000000000000693d200000005d200000007d20000000693d200000002d200000004d20000000600db000000\
         033c753205011502400200006000000068010000010000000000000000000000000000003800000076000000ae000000ec0000002401000049010000\
         3a0000003f0000000000010101010102020202020303030303040404040808080909090909100a0a0a0a0a0b0b0b0b0b0c0c0c0c0c0d00e023000200\
         0000340000003f0405050505050606060606070707070708080000000000000d0d0d0d0e0e0e0e0a0e0f0f0f0f0f1010101000e02900020000003a00\
         00003f101111111111121212121213131313131414141414151515191919191a1a1a1a101a1b1b1b1b1b1c1c1c1c1c1d1d1d1d1d00e0230002000000\
         340000003f1515161616161617171717171818181818190000000000001e1e1e1e1e1f1f1f0a1f1f202020202021212100e029000200000021000000\
         3821212222222222232323232324242424242525252525262600e03b00020000001b0000003226262627272727272828282828292929292900e04100\
         0200000005010708080000000800000028000000000000000001000000000000000000000000000000000000940193cd0006de0000dc0000ce000000\
         23d80000000000000000000000000000000000",
        "9ea862326672616d6500d2000000b8cf000000000000017ca412009101d300000000000001a4d30000000000000079d200000002d2000001a4d20000\
         01a4d10000d10001c2d8060200000000000100000000000000000093cd0011de0001a462326e64d20000006bdc0001c60000004897000393d3000000\
         0000000005d30000000000000007d3000000000000000693d200000005d200000007d20000000693d200000005d200000007d20000000600db000000\
         033c753205013502a4010000a4010000790000000200000000000100000000000000000024000000510000005fe0830f3ef80500025f00fc0fc0ff05\
         00025f0000f0ffff05000300020010ff010000090010000900002f002200000600010200011500010200010f000f020002011f000734000f0200e650\
         002900290005010708080000000800000028000000000000000001000000000000000000000000000000000000940193cd0006de0000dc0000ce0000\
         0023d80000000000000000000000000000000000",
        "9ea862326672616d6500d2000000b8cf000000000000047ca412009501d30000000000000360d30000000000000379d200000002d200000030d20000\
         0360d10000d10001c2d8060301000000000500000000000000000093cd0011de0001a462326e64d20000006bdc0001c60000004897000393d3000000\
         0000000005d30000000000000007d3000000000000000693d200000005d200000007d20000000693d200000002d200000003d20000000400db000000\
         033c753205019d02600300003000000079030000030100000000050000000000000000006800000089000000ae000000ce000000f50000001f010000\
         5301000078010000a1010000c2010000ed010000210200005502000080020000b4020000dd02000011030000450300001d00000028b52ffd2030a500\
         007201038a3201000000001b771aef03010017d0042100000028b52ffd2030c50000a201048a3312000011203ae39b24f1827f493701002a600c1c00\
         000028b52ffd20309d0000a2c1028620014300c91a71ef6f8001002a600c2300000028b52ffd2030d50000a281048a211132011110e4dd359b29ea12\
         1de0c90f01002a600c2600000028b52ffd2030ed0000a241050960cf03218cd143ed070033d356a4e883e4b6fd0701002a600c300000000808000001\
         010101020202031818080909090a0a0a0b0b0b0000000000000000000000000000000000000000000000002100000028b52ffd2030c50000a2010407\
         c01d0320661f12c09623e5b9243d0101002a600c2500000028b52ffd2030e50000a201050710fb28860ce853ad59becaa6b1257e00637b1701002a60\
         0c1d00000028b52ffd2030a50000a2010305e0e9a0f777c03b59d7e41e01002a600c2700000028b52ffd2030f50000a2810509906f7e25ef7183b629\
         ad5962d59dc696b001fed60e01002a600c300000001818181801010101020202032828282809090a0a0a0b0b0b000000000000000000000000000000\
         000000000000000000300000001819000001010101020202032929080909090a0a0a0b0b0b0000000000000000000000000000000000000000000000\
         002700000028b52ffd2030f50000a281050aa0bb0170a4234c46f3030011d196e4b622a27f5e2401002a600c30000000222200002222010126270203\
         0808080909090a0a0a0b0b0b0000000000000000000000000000000000000000000000002500000028b52ffd2030e50000a2010508b07740fa0889d7\
         2d006d496e933462c77fdb0e01002a600c3000000026260000262601012a2a02030808080909090a0a0a0b0b0b000000000000000000000000000000\
         000000000000000000300000002829292901010101020202030808080909090a0a0a0b0b0b0000000000000000000000000000000000000000000000\
         00300000002929000001010101020202030808080909090a0a0a0b0b0b00000000000000000000000000000000000000000000000005010708080000\
         000800000028000000000000000001000000000000000000000000000000000000940193cd0006de0000dc0000ce00000023d8000000000000000000\
         0000000000000000",
        "9ea862326672616d6500d2000000b8cf0000000000000197a412009401d300000000000001f8d30000000000000094d200000002d2000000fcd20000\
         01f8d10000d10001c2d8060000000000000400000000000000000093cd0011de0001a462326e64d20000006bdc0001c60000004897000393d3000000\
         0000000005d30000000000000007d3000000000000000693d200000005d200000007d20000000693d200000003d200000007d20000000600db000000\
         033c753205017502f8010000fc000000940000000000000000000400000000000000000028000000600000003400000078da3dc1c50180400c00b0e2\
         cee1b2ffa2bc4812f1cbcc2d2cadac6d6cedec1d1c9d9c4d2eae6eee1e9e5ede3ebef101f15505f63000000078dab5c1d11580100000406ba04254ec\
         bf60eff5711b741743fc26b39bbb87c56af3b43bbcbc7d9c2efff002df8a0add05010708080000000800000028000000000000000001000000000000\
         000000000000000000000000940193cd0006de0000dc0000ce00000023d80000000000000000000000000000000000",
    ];

    fn bytes_of(hex: &str) -> Vec<u8> {
        (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..][..2], 16).unwrap()).collect()
    }

    #[test]
    fn frames_of_c_blosc2_expand() {
        let plain: Vec<u8> = (0..210u16).flat_map(|value| (value / 5).to_le_bytes()).collect();
        for frame in FRAMES.map(bytes_of) {
            let mut out = vec![99; 420];
            assert_eq!(expand_into(&frame, &mut out).unwrap(), 420);
            assert_eq!(out, plain);
            assert!(expand_into(&frame, &mut out[..419]).is_err(), "there is no room");
        }
    }

    #[test]
    fn frames_that_are_damaged_are_refused_or_wrong_and_nothing_worse() {
        let mut out = vec![0; 420];
        for frame in FRAMES.map(bytes_of) {
            // What lies behind the index says nothing about voxels.
            let body = frame.len() - 40;
            for cut in 0..body {
                assert!(expand_into(&frame[..cut], &mut out).is_err(), "{cut}");
            }
            for at in 0..frame.len() {
                for value in [0, 1, 0x7f, 0x80, 0xff] {
                    let mut damaged = frame.clone();
                    damaged[at] = value;
                    let _ = expand_into(&damaged, &mut out);
                    damaged[at] = frame[at] ^ 1 << (at % 8);
                    let _ = expand_into(&damaged, &mut out);
                }
            }
        }
    }
}
