//! The run-length packing of DICOM (PS3.5 annex G): one PackBits segment for each byte of a value, the highest byte first.

const HEADER_BYTES: usize = 64;
const SEGMENTS_MAX: usize = 15;

/// Fills `out`, little-endian values of so many bytes.
pub(super) fn decode(bytes: &[u8], value_bytes: usize, out: &mut [u8]) -> Result<(), String> {
    let cut_off = || "its run-length data are cut off".to_string();
    let word = |index: usize| -> Result<usize, String> {
        let word: &[u8; 4] = bytes.get(4 * index..).and_then(<[u8]>::first_chunk).ok_or_else(cut_off)?;
        Ok(u32::from_le_bytes(*word) as usize)
    };
    let segments = word(0)?;
    if segments != value_bytes || segments > SEGMENTS_MAX {
        return Err(format!("it has {segments} run-length segments for values of {value_bytes} bytes"));
    }
    for segment in 0..segments {
        let from = word(1 + segment)?;
        let to = if segment + 1 < segments { word(2 + segment)? } else { bytes.len() };
        if from < HEADER_BYTES {
            return Err("its run-length segments begin inside of their header".into());
        }
        let packed = bytes.get(from..to).ok_or_else(cut_off)?;
        let bytes_out = out.iter_mut().skip(value_bytes - 1 - segment).step_by(value_bytes);
        unpack(packed, bytes_out).ok_or_else(cut_off)?;
    }
    Ok(())
}

/// Nothing when the data end before the picture is full.
fn unpack<'a>(mut packed: &[u8], mut out: impl Iterator<Item = &'a mut u8>) -> Option<()> {
    let mut next = out.next();
    while next.is_some() {
        let (&count, rest) = packed.split_first()?;
        let count = count as i8;
        let (bytes, repeats, behind) = match count {
            0.. => (rest.get(..count as usize + 1)?, 1, &rest[count as usize + 1..]),
            -128 => (&rest[..0], 0, rest),
            _ => (rest.get(..1)?, 1 - isize::from(count), &rest[1..]),
        };
        for &byte in bytes {
            for _ in 0..repeats {
                let Some(place) = next else { return Some(()) };
                *place = byte;
                next = out.next();
            }
        }
        packed = behind;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn high_bytes_come_first() {
        let mut bytes = [2u32, 64, 66].iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
        bytes.resize(64, 0);
        bytes.extend([0xff, 1, 1, 7, 8, 0]);
        let mut out = [0; 4];
        decode(&bytes, 2, &mut out).unwrap();
        assert_eq!(out, [7, 1, 8, 1]);
        assert!(decode(&bytes[..66], 2, &mut out).is_err());
        assert!(decode(&bytes, 4, &mut out).is_err());
    }
}
