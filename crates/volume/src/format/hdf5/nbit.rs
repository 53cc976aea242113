//! The n-bit filter: of each number only the bits that its type uses, as `H5Znbit.c` of the HDF5 library packs them.

use super::filters::damaged;
use crate::Trouble;

const ATOMIC: u32 = 1;

/// Undoes it; returns how many bytes of `out` came. The bits that no number uses come out as zero.
pub(super) fn expand(values: &[u32], input: &[u8], out: &mut [u8]) -> Result<usize, Trouble> {
    let at = |index: usize| values.get(index).copied().ok_or_else(|| damaged("n-bit without its parameters"));
    if at(1)? != 0 {
        // All bits are used: the filter leaves the chunk as it is.
        let whole = out.get_mut(..input.len()).ok_or_else(|| damaged("more bytes than voxels"))?;
        whole.copy_from_slice(input);
        return Ok(input.len());
    }
    if at(3)? != ATOMIC {
        return Err(damaged("n-bit of something else than numbers"));
    }
    let (count, size, big_endian, precision, offset) = (at(2)? as usize, at(4)? as usize, at(5)? == 1, at(6)?, at(7)?);
    let is_possible =
        matches!(size, 1 | 2 | 4 | 8) && precision > 0 && precision.checked_add(offset).is_some_and(|bits| bits <= 8 * size as u32);
    if !is_possible {
        return Err(damaged("n-bit with parameters that are not possible"));
    }
    let bytes = count.checked_mul(size).ok_or_else(|| damaged("more bytes than voxels"))?;
    let out = out.get_mut(..bytes).ok_or_else(|| damaged("more bytes than voxels"))?;
    if (input.len() as u64) < (count as u64 * u64::from(precision)).div_ceil(8) {
        return Err(damaged("n-bit ends early"));
    }
    let mut bits = 0u64;
    for voxel in out.chunks_exact_mut(size) {
        let value = number(input, bits, precision) << offset;
        bits += u64::from(precision);
        match big_endian {
            true => voxel.copy_from_slice(&value.to_be_bytes()[8 - size..]),
            false => voxel.copy_from_slice(&value.to_le_bytes()[..size]),
        }
    }
    Ok(bytes)
}

/// So many bits from one on, the highest first.
fn number(input: &[u8], at: u64, bits: u32) -> u64 {
    let from = (at / 8) as usize;
    let mut bytes = [0; 16];
    let rest = &input[from.min(input.len())..];
    let there = rest.len().min(bytes.len());
    bytes[..there].copy_from_slice(&rest[..there]);
    let window = u128::from_be_bytes(bytes) << (at % 8);
    (window >> (128 - bits)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_find_their_places_and_what_breaks_off_is_refused() {
        // Three numbers of twelve bits, two places up in 16.
        let values = [8, 0, 3, ATOMIC, 2, 0, 12, 2];
        let packed = [0xab, 0xc1, 0x23, 0xff, 0xf0];
        let mut out = [0; 6];
        assert_eq!(expand(&values, &packed, &mut out).unwrap(), 6);
        assert_eq!(out.as_chunks::<2>().0.iter().map(|voxel| u16::from_le_bytes(*voxel) >> 2).collect::<Vec<_>>(), [0xabc, 0x123, 0xfff]);
        let big_endian = [8, 0, 3, ATOMIC, 2, 1, 12, 0];
        expand(&big_endian, &packed, &mut out).unwrap();
        assert_eq!(out[..2], [0x0a, 0xbc]);
        assert!(expand(&values, &packed[..4], &mut out).is_err());
        assert!(expand(&values, &packed, &mut out[..5]).is_err());
        assert!(expand(&values[..7], &packed, &mut out).is_err());
        for wrong in [
            [8, 0, 3, 3, 2, 0, 12, 2],
            [8, 0, 3, 1, 2, 0, 12, 5],
            [8, 0, 3, 1, 2, 0, 0, 0],
            [8, 0, 3, 1, 3, 0, 12, 2],
            [8, 0, 3, 1, 2, 0, u32::MAX, 2],
        ] {
            assert!(expand(&wrong, &packed, &mut out).is_err(), "{wrong:?}");
        }
        assert_eq!(expand(&[8, 1, 3], &packed, &mut out).unwrap(), 5);
    }
}
