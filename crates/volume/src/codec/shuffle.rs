//! Puts like bytes, or like bits, of neighbouring voxels side by side, and back.
//!
//! The loops work on arrays of fixed length and wrap their sums, so that the compiler makes vector instructions of them.

/// First all lowest bytes, then all second ones, …; bytes that make no whole element are copied.
pub(crate) fn shuffle(plain: &[u8], size: usize, out: &mut [u8]) {
    let count = plain.len() / size.max(1);
    let (whole, rest) = plain.split_at(count * size);
    let (planes, tail) = out[..plain.len()].split_at_mut(count * size);
    tail.copy_from_slice(rest);
    match size {
        2 => {
            let (low, high) = planes.split_at_mut(count);
            for ((pairs, low), high) in whole.chunks(32).zip(low.chunks_mut(16)).zip(high.chunks_mut(16)) {
                part_pairs(pairs, low, high);
            }
        }
        4 => shuffle_fixed::<4>(whole, count, planes),
        8 => shuffle_fixed::<8>(whole, count, planes),
        _ => {
            for (byte, plane) in planes.chunks_exact_mut(count.max(1)).enumerate() {
                plane.iter_mut().zip(whole.chunks_exact(size)).for_each(|(out, element)| *out = element[byte]);
            }
        }
    }
}

#[inline(always)]
fn part_pairs(pairs: &[u8], low: &mut [u8], high: &mut [u8]) {
    if let (Ok(pairs), Ok(low), Ok(high)) =
        (<&[u8; 32]>::try_from(pairs), <&mut [u8; 16]>::try_from(&mut *low), <&mut [u8; 16]>::try_from(&mut *high))
    {
        for index in 0..16 {
            low[index] = pairs[2 * index];
            high[index] = pairs[2 * index + 1];
        }
        return;
    }
    for ((pair, low), high) in pairs.chunks_exact(2).zip(low).zip(high) {
        (*low, *high) = (pair[0], pair[1]);
    }
}

/// Eight elements at a time, so that each plane gets a whole word.
fn shuffle_fixed<const SIZE: usize>(whole: &[u8], count: usize, planes: &mut [u8]) {
    let groups = count / 8;
    for (group, elements) in whole.chunks_exact(8 * SIZE).enumerate() {
        for byte in 0..SIZE {
            let mut word = [0; 8];
            for index in 0..8 {
                word[index] = elements[index * SIZE + byte];
            }
            planes[byte * count + group * 8..][..8].copy_from_slice(&word);
        }
    }
    for index in groups * 8..count {
        for byte in 0..SIZE {
            planes[byte * count + index] = whole[index * SIZE + byte];
        }
    }
}

/// Undoes [`shuffle`].
pub(crate) fn unshuffle(planes: &[u8], size: usize, out: &mut [u8]) {
    let count = planes.len() / size.max(1);
    let (whole, rest) = planes.split_at(count * size);
    let (elements, tail) = out[..planes.len()].split_at_mut(count * size);
    tail.copy_from_slice(rest);
    match size {
        2 => {
            let (low, high) = whole.split_at(count);
            for ((pairs, low), high) in elements.chunks_mut(32).zip(low.chunks(16)).zip(high.chunks(16)) {
                join_pairs(low, high, pairs);
            }
        }
        4 => unshuffle_fixed::<4>(whole, count, elements),
        8 => unshuffle_fixed::<8>(whole, count, elements),
        _ => {
            for (byte, plane) in whole.chunks_exact(count.max(1)).enumerate() {
                elements.chunks_exact_mut(size).zip(plane).for_each(|(element, value)| element[byte] = *value);
            }
        }
    }
}

#[inline(always)]
fn join_pairs(low: &[u8], high: &[u8], pairs: &mut [u8]) {
    if let (Ok(pairs), Ok(low), Ok(high)) =
        (<&mut [u8; 32]>::try_from(&mut *pairs), <&[u8; 16]>::try_from(low), <&[u8; 16]>::try_from(high))
    {
        for index in 0..16 {
            pairs[2 * index] = low[index];
            pairs[2 * index + 1] = high[index];
        }
        return;
    }
    for ((pair, low), high) in pairs.chunks_exact_mut(2).zip(low).zip(high) {
        pair.copy_from_slice(&[*low, *high]);
    }
}

fn unshuffle_fixed<const SIZE: usize>(planes: &[u8], count: usize, elements: &mut [u8]) {
    let groups = count / 8;
    for (group, elements) in elements.chunks_exact_mut(8 * SIZE).enumerate() {
        for byte in 0..SIZE {
            let word = &planes[byte * count + group * 8..][..8];
            for index in 0..8 {
                elements[index * SIZE + byte] = word[index];
            }
        }
    }
    for index in groups * 8..count {
        for byte in 0..SIZE {
            elements[index * SIZE + byte] = planes[byte * count + index];
        }
    }
}

/// First the lowest bits of all elements, eight to a byte with the first element lowest, then all second ones, …
///
/// `plain` holds a multiple of eight elements; `scratch` is as long.
pub(crate) fn bit_shuffle(plain: &[u8], size: usize, out: &mut [u8], scratch: &mut [u8]) {
    let scratch = &mut scratch[..plain.len()];
    shuffle(plain, size, scratch);
    let count = plain.len() / size.max(1);
    let row = count / 8;
    for (plane, rows) in scratch.chunks_exact(count.max(1)).zip(out.chunks_exact_mut((8 * row).max(1))) {
        plane_to_bits(plane, rows, row);
    }
}

/// Undoes [`bit_shuffle`].
pub(crate) fn bit_unshuffle(bits: &[u8], size: usize, out: &mut [u8], scratch: &mut [u8]) {
    let scratch = &mut scratch[..bits.len()];
    let count = bits.len() / size.max(1);
    let row = count / 8;
    for (plane, rows) in scratch.chunks_exact_mut(count.max(1)).zip(bits.chunks_exact((8 * row).max(1))) {
        bits_to_plane(rows, plane, row);
    }
    unshuffle(scratch, size, out);
}

/// Words that are turned at once, for the vector registers.
const LANES: usize = 8;

fn plane_to_bits(plane: &[u8], rows: &mut [u8], row: usize) {
    let mut done = 0;
    for group in plane.chunks_exact(8 * LANES) {
        let mut words = [0u64; LANES];
        for (word, bytes) in words.iter_mut().zip(group.chunks_exact(8)) {
            *word = word_of(bytes);
        }
        turn(&mut words);
        for bit in 0..8 {
            let out = &mut rows[bit * row + done..][..LANES];
            out.iter_mut().zip(&words).for_each(|(out, word)| *out = (word >> (8 * bit)) as u8);
        }
        done += LANES;
    }
    for bytes in plane[8 * done..].chunks_exact(8) {
        let mut words = [0u64; LANES];
        words[0] = word_of(bytes);
        turn(&mut words);
        (0..8).for_each(|bit| rows[bit * row + done] = (words[0] >> (8 * bit)) as u8);
        done += 1;
    }
}

fn bits_to_plane(rows: &[u8], plane: &mut [u8], row: usize) {
    let mut done = 0;
    let mut groups = plane.chunks_exact_mut(8 * LANES);
    for group in &mut groups {
        let mut words = [0u64; LANES];
        for bit in 0..8 {
            let bytes = &rows[bit * row + done..][..LANES];
            words.iter_mut().zip(bytes).for_each(|(word, byte)| *word |= u64::from(*byte) << (8 * bit));
        }
        turn(&mut words);
        group.chunks_exact_mut(8).zip(&words).for_each(|(bytes, word)| bytes.copy_from_slice(&word.to_le_bytes()));
        done += LANES;
    }
    for bytes in groups.into_remainder().chunks_exact_mut(8) {
        let mut words = [0u64; LANES];
        (0..8).for_each(|bit| words[0] |= u64::from(rows[bit * row + done]) << (8 * bit));
        turn(&mut words);
        bytes.copy_from_slice(&words[0].to_le_bytes());
        done += 1;
    }
}

fn word_of(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Turns each word, seen as eight rows of eight bits, about its diagonal: blocks of one, two and four bits change places.
#[inline(always)]
fn turn(words: &mut [u64; LANES]) {
    for (mask, by) in [(0x00aa_00aa_00aa_00aa_u64, 7), (0x0000_cccc_0000_cccc, 14), (0x0000_0000_f0f0_f0f0, 28)] {
        for word in words.iter_mut() {
            let differing = (*word ^ (*word >> by)) & mask;
            *word ^= differing ^ (differing << by);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(count: usize) -> Vec<u8> {
        let mut state = 9u64;
        let next = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u8
        };
        (0..count).map(next).collect()
    }

    #[test]
    fn planes_hold_like_bytes_and_come_back() {
        for size in [1, 2, 3, 4, 8] {
            for count in [0, 1, 7, 16, 100, 1_003] {
                let plain = noise(count * size + 1);
                let (mut planes, mut back) = (vec![0; plain.len()], vec![0; plain.len()]);
                shuffle(&plain, size, &mut planes);
                let elements = plain.len() / size;
                for element in 0..elements {
                    (0..size).for_each(|byte| assert_eq!(planes[byte * elements + element], plain[element * size + byte]));
                }
                unshuffle(&planes, size, &mut back);
                assert_eq!(plain, back, "{size} {count}");
            }
        }
    }

    #[test]
    fn rows_hold_like_bits_and_come_back() {
        for size in [1, 2, 4, 8] {
            for count in [0, 8, 64, 136, 1_024] {
                let plain = noise(count * size);
                let (mut rows, mut back, mut scratch) = (vec![0; plain.len()], vec![0; plain.len()], vec![0; plain.len()]);
                bit_shuffle(&plain, size, &mut rows, &mut scratch);
                for element in 0..count {
                    for bit in 0..8 * size {
                        let before = plain[element * size + bit / 8] >> (bit % 8) & 1;
                        let after = rows[bit * count / 8 + element / 8] >> (element % 8) & 1;
                        assert_eq!(before, after, "{size} {count} {element} {bit}");
                    }
                }
                bit_unshuffle(&rows, size, &mut back, &mut scratch);
                assert_eq!(plain, back);
            }
        }
    }
}
