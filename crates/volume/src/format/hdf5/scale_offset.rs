//! The scale-offset filter: a chunk's least value, and the differences to it in as few bits as they need, as `H5Zscaleoffset.c` of
//! the HDF5 library packs them.

use super::filters::damaged;
use crate::Trouble;

/// Where the packed differences begin: behind the number of bits, a length and the least value in sixteen bytes.
const HEAD_BYTES: usize = 21;
const FLOAT_BY_DECIMALS: u32 = 0;
const INTEGER: u32 = 2;

/// What the dataset says of its voxels, in the filter's own words.
struct Parameters {
    kind: u32,
    decimals: i32,
    count: usize,
    size: usize,
    big_endian: bool,
    /// The value that stands for nothing; its difference has all bits set.
    fill: Option<u64>,
}

impl Parameters {
    fn of(values: &[u32]) -> Option<Self> {
        let at = |index: usize| values.get(index).copied();
        let word = |index: usize| u64::from(at(index).unwrap_or(0));
        Some(Self {
            kind: at(0)?,
            decimals: at(1)? as i32,
            count: at(2)? as usize,
            size: Some(at(4)? as usize).filter(|size| matches!(size, 1 | 2 | 4 | 8))?,
            big_endian: at(6)? == 1,
            fill: (at(7)? == 1).then(|| word(8) | word(9) << 32),
        })
    }
}

/// Undoes it; returns how many bytes of `out` came.
pub(super) fn expand(values: &[u32], input: &[u8], out: &mut [u8]) -> Result<usize, Trouble> {
    let parameters = Parameters::of(values).ok_or_else(|| damaged("scale-offset without its parameters"))?;
    let Parameters { size, count, .. } = parameters;
    if parameters.kind == INTEGER && parameters.decimals == 8 * size as i32 {
        // So many bits are asked for that the filter leaves the chunk as it is.
        let whole = out.get_mut(..input.len()).ok_or_else(|| damaged("more bytes than voxels"))?;
        whole.copy_from_slice(input);
        return Ok(input.len());
    }
    let bytes = count.checked_mul(size).ok_or_else(|| damaged("more bytes than voxels"))?;
    let out = out.get_mut(..bytes).ok_or_else(|| damaged("more bytes than voxels"))?;
    let (head, packed) = input.split_at_checked(HEAD_BYTES).ok_or_else(|| damaged("scale-offset ends in its head"))?;
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0u64, |word, &byte| word << 8 | u64::from(byte));
    let (bits, least) = (word(&head[..4]) as u32, word(&head[5..13]));
    if bits as usize > 8 * size || packed.len() < (count * bits as usize).div_ceil(8) {
        return Err(damaged("scale-offset ends early"));
    }
    let whole = bits as usize == 8 * size;
    let value_of = value_of(&parameters, bits, least)?;
    let mut reader = Bits { packed, at: 0 };
    if whole {
        // So many bits are no differences, but the values themselves.
        out.copy_from_slice(&packed[..bytes]);
    } else {
        for voxel in out.chunks_exact_mut(size) {
            voxel.copy_from_slice(&value_of(reader.take(bits)).to_le_bytes()[..size]);
        }
    }
    if parameters.big_endian {
        out.chunks_exact_mut(size).for_each(<[u8]>::reverse);
    }
    Ok(bytes)
}

/// What a difference stands for, in the lowest bytes.
fn value_of(parameters: &Parameters, bits: u32, least: u64) -> Result<Box<dyn Fn(u64) -> u64>, Trouble> {
    let nothing = parameters.fill.map(|fill| ((1u64.checked_shl(bits).unwrap_or(0)).wrapping_sub(1), fill));
    let or_nothing = move |difference: u64, value: u64| match nothing {
        Some((sign, fill)) if sign == difference => fill,
        _ => value,
    };
    let (kind, decimals) = (parameters.kind, 10f64.powi(parameters.decimals));
    Ok(match (kind, parameters.size) {
        (INTEGER, _) => Box::new(move |difference| or_nothing(difference, difference.wrapping_add(least))),
        (FLOAT_BY_DECIMALS, 4) => {
            let least = f32::from_bits(least as u32);
            Box::new(move |difference| or_nothing(difference, u64::from((difference as f32 / decimals as f32 + least).to_bits())))
        }
        (FLOAT_BY_DECIMALS, 8) => {
            let least = f64::from_bits(least);
            Box::new(move |difference| or_nothing(difference, (difference as f64 / decimals + least).to_bits()))
        }
        _ => return Err(damaged("an unknown kind of scale-offset")),
    })
}

/// Numbers of any width, the highest bit first.
struct Bits<'p> {
    packed: &'p [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, bits: u32) -> u64 {
        let (mut value, mut missing) = (0u64, bits as usize);
        while missing > 0 {
            let (byte, inside) = (self.at / 8, self.at % 8);
            let taken = missing.min(8 - inside);
            let part = u64::from(self.packed.get(byte).copied().unwrap_or(0)) >> (8 - inside - taken) & ((1 << taken) - 1);
            value = value << taken | part;
            (self.at, missing) = (self.at + taken, missing - taken);
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_become_values_and_what_breaks_off_is_refused() {
        // 16-bit integers from 1000 on in three bits; 7 stands for the fill value.
        let values = [INTEGER, 0, 4, 0, 2, 0, 0, 1, 65_535];
        let mut stored = vec![3, 0, 0, 0, 8, 0xe8, 3];
        stored.resize(HEAD_BYTES, 0);
        stored.extend([0b001_000_11, 0b1_010_0000]);
        let mut out = [0; 8];
        assert_eq!(expand(&values, &stored, &mut out).unwrap(), 8);
        assert_eq!(out.as_chunks::<2>().0.iter().map(|voxel| u16::from_le_bytes(*voxel)).collect::<Vec<_>>(), [1001, 1000, 65_535, 1002]);
        for short in [&stored[..22], &stored[..9], &[]] {
            assert!(expand(&values, short, &mut out).is_err());
        }
        assert!(expand(&values[..5], &stored, &mut out).is_err() && expand(&values, &stored, &mut out[..7]).is_err());
    }
}
