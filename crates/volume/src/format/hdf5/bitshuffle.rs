//! The bitshuffle filter (32008): bit n of all elements of a block lies together, perhaps compressed with LZ4 or zstd.

use std::cell::RefCell;

use super::filters::damaged;
use super::packed::{block_head, next_block};
use crate::Trouble;
use crate::codec::shuffle::bit_unshuffle;
use crate::codec::{lz4, zstd_into};

/// Blocks are about so long unless the file says otherwise.
const BLOCK_BYTES: usize = 8_192;
const BLOCK_ELEMENTS_MIN: usize = 128;

thread_local! {
    static BLOCK: RefCell<[Vec<u8>; 2]> = const { RefCell::new([const { Vec::new() }; 2]) };
}

/// `size` is that of an element, `block_elements` how many a block holds (0: the usual), `compression` 0, 2 (LZ4) or 3
/// (zstd). Returns how many bytes of `out` were filled.
pub(super) fn expand(size: usize, block_elements: usize, compression: usize, input: &[u8], out: &mut [u8]) -> Result<usize, Trouble> {
    if size == 0 || size > 4_096 {
        return Err(damaged(format!("bitshuffle of elements of {size} bytes")));
    }
    let (total, block, mut rest) = match compression {
        0 => (input.len(), usual_block(size, block_elements) * size, input),
        2 | 3 => block_head(input, out.len())?,
        kind => return Err(damaged(format!("bitshuffle with compression {kind}"))),
    };
    let out = out.get_mut(..total).ok_or_else(|| damaged("more bytes than voxels"))?;
    if block % (8 * size) != 0 {
        return Err(damaged(format!("bitshuffle blocks of {block} bytes for elements of {size}")));
    }
    // The last block is as long as groups of eight elements fill it; what is left is stored as it is.
    let shuffled = total / (8 * size) * (8 * size);
    let (blocks, tail) = out.split_at_mut(shuffled);
    BLOCK.with_borrow_mut(|[rows, scratch]| {
        let longest = block.min(blocks.len());
        [&mut *rows, &mut *scratch].into_iter().filter(|buffer| buffer.len() < longest).for_each(|buffer| buffer.resize(longest, 0));
        for out in blocks.chunks_mut(block) {
            if compression == 0 {
                let (taken, after) = rest.split_at_checked(out.len()).ok_or_else(|| damaged("too few bytes"))?;
                bit_unshuffle(taken, size, out, scratch);
                rest = after;
                continue;
            }
            let (packed, rows) = (next_block(&mut rest)?, &mut rows[..out.len()]);
            if compression == 2 { lz4::expand_into(packed, rows) } else { zstd_into(packed, rows) }.map_err(damaged)?;
            bit_unshuffle(rows, size, out, scratch);
        }
        Ok(())
    })?;
    tail.copy_from_slice(rest.get(..tail.len()).ok_or_else(|| damaged("too few bytes"))?);
    Ok(total)
}

fn usual_block(size: usize, elements: usize) -> usize {
    match elements {
        0 => (BLOCK_BYTES / size / 8 * 8).max(BLOCK_ELEMENTS_MIN),
        elements => elements,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_together_again() {
        for size in [1, 2, 3, 4, 8] {
            let count = 40;
            let plain: Vec<u8> = (0..size * count + 5).map(|number| (number * 37 % 251) as u8).collect();
            let row = count / 8;
            let mut stored = vec![0u8; plain.len()];
            for element in 0..count {
                for bit in 0..8 * size {
                    let value = plain[element * size + bit / 8] >> (bit % 8) & 1;
                    stored[bit * row + element / 8] |= value << (element % 8);
                }
            }
            stored[size * count..].copy_from_slice(&plain[size * count..]);
            let mut out = vec![0; plain.len()];
            // Five bytes are less than a group of eight elements.
            assert_eq!(expand(size, 0, 0, &stored, &mut out).unwrap(), plain.len());
            assert_eq!(out, plain, "{size}");
        }
    }
}
