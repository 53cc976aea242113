//! LZF and LZ4 as HDF5's filters store them.

use super::filters::damaged;
use crate::Trouble;
use crate::codec::lz4;

/// LZF: literal runs, and copies from up to 8 KiB back.
pub(super) fn lzf(input: &[u8], out: &mut [u8]) -> Result<usize, Trouble> {
    let short = || damaged("LZF data end too early");
    let (mut from, mut to) = (0, 0);
    while from < input.len() {
        let control = usize::from(input[from]);
        from += 1;
        if control < 32 {
            let run = input.get(from..from + control + 1).ok_or_else(short)?;
            let place = out.get_mut(to..to + run.len()).ok_or_else(|| damaged("LZF data hold too much"))?;
            place.copy_from_slice(run);
            (from, to) = (from + run.len(), to + run.len());
            continue;
        }
        let mut length = control >> 5;
        if length == 7 {
            length += usize::from(*input.get(from).ok_or_else(short)?);
            from += 1;
        }
        let back = (control & 31) << 8 | usize::from(*input.get(from).ok_or_else(short)?);
        from += 1;
        let length = length + 2;
        let start = to.checked_sub(back + 1).ok_or_else(|| damaged("LZF data point before their beginning"))?;
        if to + length > out.len() {
            return Err(damaged("LZF data hold too much"));
        }
        if back + 1 >= length {
            out.copy_within(start..start + length, to);
        } else {
            (0..length).for_each(|index| out[to + index] = out[start + index]);
        }
        to += length;
    }
    Ok(to)
}

/// The LZ4 filter (32004): sizes in big-endian order, then blocks; one that did not shrink is stored as it was.
pub(super) fn lz4_blocks(input: &[u8], out: &mut [u8]) -> Result<usize, Trouble> {
    let (total, block, mut rest) = block_head(input, out.len())?;
    for out in out[..total].chunks_mut(block) {
        let packed = next_block(&mut rest)?;
        if packed.len() == out.len() {
            out.copy_from_slice(packed);
        } else {
            lz4::expand_into(packed, out).map_err(damaged)?;
        }
    }
    Ok(total)
}

/// Length of all, length of a block, and what follows; `most` bytes have room.
pub(super) fn block_head(input: &[u8], most: usize) -> Result<(usize, usize, &[u8]), Trouble> {
    let short = || damaged("the compressed data end too early");
    let (total, rest) = input.split_first_chunk::<8>().ok_or_else(short)?;
    let (block, rest) = rest.split_first_chunk::<4>().ok_or_else(short)?;
    let (total, block) = (u64::from_be_bytes(*total), u32::from_be_bytes(*block) as usize);
    if total > most as u64 || (block == 0 && total > 0) {
        return Err(damaged(format!("blocks of {block} bytes make {total}, there is room for {most}")));
    }
    Ok((total as usize, block.max(1), rest))
}

/// The next block, which follows its length in big-endian order.
pub(super) fn next_block<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], Trouble> {
    let short = || damaged("the compressed data end too early");
    let (length, after) = rest.split_first_chunk::<4>().ok_or_else(short)?;
    let length = u32::from_be_bytes(*length) as usize;
    let block = after.get(..length).ok_or_else(short)?;
    *rest = &after[length..];
    Ok(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lzf_copies_overlap() {
        // One literal, then copies of it.
        let mut out = [0; 9];
        assert_eq!(lzf(&[0, 7, 6 << 5, 0], &mut out).unwrap(), 9);
        assert_eq!(out, [7; 9]);
        assert!(lzf(&[0, 7, 6 << 5, 1], &mut out).is_err());
        assert!(lzf(&[0, 7, 7 << 5, 255, 0], &mut out).is_err());
    }
}
