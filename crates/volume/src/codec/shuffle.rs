//! Puts like bytes, or like bits, of neighbouring voxels side by side, and back.
//!
//! Written down one after the other, some vectors of bytes are one long row. To part it, the bytes at even places go to its
//! front; to mix it is the way back. The number of a byte's place, in binary, has its last digit moved to the front by that:
//! after two partings of elements of four bytes, the place within the element has become the number of the vector.

use super::lanes::{LANE_BYTES, Lanes, Work, widest};

/// First all lowest bytes, then all second ones, …; bytes that make no whole element are copied.
pub(crate) fn shuffle(plain: &[u8], size: usize, out: &mut [u8]) {
    let count = plain.len() / size.max(1);
    let (whole, rest) = plain.split_at(count * size);
    let (planes, tail) = out[..plain.len()].split_at_mut(count * size);
    tail.copy_from_slice(rest);
    match size {
        2 => widest(Shuffle::<2> { whole, count, planes }),
        4 => widest(Shuffle::<4> { whole, count, planes }),
        8 => widest(Shuffle::<8> { whole, count, planes }),
        _ => {
            for (byte, plane) in planes.chunks_exact_mut(count.max(1)).enumerate() {
                plane.iter_mut().zip(whole.chunks_exact(size)).for_each(|(out, element)| *out = element[byte]);
            }
        }
    }
}

/// Sixteen elements to a lane at a time; `SIZE` is a power of two.
struct Shuffle<'a, const SIZE: usize> {
    whole: &'a [u8],
    count: usize,
    planes: &'a mut [u8],
}

impl<const SIZE: usize> Work for Shuffle<'_, SIZE> {
    #[inline(always)]
    fn with<L: Lanes>(self) {
        let Self { whole, count, planes } = self;
        let mut done = 0;
        for elements in whole.chunks_exact(LANE_BYTES * L::COUNT * SIZE) {
            let mut vectors = load_apart::<L, SIZE>(elements);
            for _ in 0..SIZE.ilog2() {
                vectors = part(vectors);
            }
            store_rows(vectors, &mut planes[done..], count);
            done += LANE_BYTES * L::COUNT;
        }
        for index in done..count {
            for byte in 0..SIZE {
                planes[byte * count + index] = whole[index * SIZE + byte];
            }
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
        2 => widest(Unshuffle::<2> { planes: whole, count, elements }),
        4 => widest(Unshuffle::<4> { planes: whole, count, elements }),
        8 => widest(Unshuffle::<8> { planes: whole, count, elements }),
        _ => {
            for (byte, plane) in whole.chunks_exact(count.max(1)).enumerate() {
                elements.chunks_exact_mut(size).zip(plane).for_each(|(element, value)| element[byte] = *value);
            }
        }
    }
}

struct Unshuffle<'a, const SIZE: usize> {
    planes: &'a [u8],
    count: usize,
    elements: &'a mut [u8],
}

impl<const SIZE: usize> Work for Unshuffle<'_, SIZE> {
    #[inline(always)]
    fn with<L: Lanes>(self) {
        let Self { planes, count, elements } = self;
        let mut done = 0;
        for elements in elements.chunks_exact_mut(LANE_BYTES * L::COUNT * SIZE) {
            let mut vectors = load_rows::<L, SIZE>(&planes[done..], count);
            for _ in 0..SIZE.ilog2() {
                vectors = mix(vectors);
            }
            store_apart(vectors, elements);
            done += LANE_BYTES * L::COUNT;
        }
        for index in done..count {
            for byte in 0..SIZE {
                elements[index * SIZE + byte] = planes[byte * count + index];
            }
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
        widest(PlaneToBits { plane, rows, row });
    }
}

/// Undoes [`bit_shuffle`].
pub(crate) fn bit_unshuffle(bits: &[u8], size: usize, out: &mut [u8], scratch: &mut [u8]) {
    let scratch = &mut scratch[..bits.len()];
    let count = bits.len() / size.max(1);
    let row = count / 8;
    for (plane, rows) in scratch.chunks_exact_mut(count.max(1)).zip(bits.chunks_exact((8 * row).max(1))) {
        widest(BitsToPlane { rows, plane, row });
    }
    unshuffle(scratch, size, out);
}

/// Byte n of every eight goes to vector n, then vectors of bytes become vectors of bits.
struct PlaneToBits<'a> {
    plane: &'a [u8],
    rows: &'a mut [u8],
    row: usize,
}

impl Work for PlaneToBits<'_> {
    #[inline(always)]
    fn with<L: Lanes>(self) {
        let Self { plane, rows, row } = self;
        let mut done = 0;
        for group in plane.chunks_exact(8 * LANE_BYTES * L::COUNT) {
            let vectors = part(part(part(load_apart::<L, 8>(group))));
            store_rows(turn(vectors), &mut rows[done..], row);
            done += LANE_BYTES * L::COUNT;
        }
        for bytes in plane[8 * done..].chunks_exact(8) {
            let word = turn_word(bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)));
            (0..8).for_each(|bit| rows[bit * row + done] = (word >> (8 * bit)) as u8);
            done += 1;
        }
    }
}

struct BitsToPlane<'a> {
    rows: &'a [u8],
    plane: &'a mut [u8],
    row: usize,
}

impl Work for BitsToPlane<'_> {
    #[inline(always)]
    fn with<L: Lanes>(self) {
        let Self { rows, plane, row } = self;
        let mut done = 0;
        let mut groups = plane.chunks_exact_mut(8 * LANE_BYTES * L::COUNT);
        for group in &mut groups {
            let vectors = turn(load_rows::<L, 8>(&rows[done..], row));
            store_apart(mix(mix(mix(vectors))), group);
            done += LANE_BYTES * L::COUNT;
        }
        for bytes in groups.into_remainder().chunks_exact_mut(8) {
            let word = turn_word((0..8).fold(0, |word, bit| word | u64::from(rows[bit * row + done]) << (8 * bit)));
            bytes.copy_from_slice(&word.to_le_bytes());
            done += 1;
        }
    }
}

// Closures would be functions of their own, without the wider instructions: hence loops.

/// Vectors out of as many rows, which begin `row` bytes apart.
#[inline(always)]
fn load_rows<L: Lanes, const COUNT: usize>(bytes: &[u8], row: usize) -> [L; COUNT] {
    let mut vectors = [L::load(bytes); COUNT];
    for number in 1..COUNT {
        vectors[number] = L::load(&bytes[number * row..]);
    }
    vectors
}

#[inline(always)]
fn store_rows<L: Lanes, const COUNT: usize>(vectors: [L; COUNT], out: &mut [u8], row: usize) {
    for (number, vector) in vectors.into_iter().enumerate() {
        vector.store(&mut out[number * row..]);
    }
}

/// Vectors whose first lanes come one after the other, and then all second ones.
#[inline(always)]
fn load_apart<L: Lanes, const COUNT: usize>(bytes: &[u8]) -> [L; COUNT] {
    let mut vectors = [L::load_apart(bytes, COUNT * LANE_BYTES); COUNT];
    for number in 1..COUNT {
        vectors[number] = L::load_apart(&bytes[number * LANE_BYTES..], COUNT * LANE_BYTES);
    }
    vectors
}

#[inline(always)]
fn store_apart<L: Lanes, const COUNT: usize>(vectors: [L; COUNT], out: &mut [u8]) {
    for (number, vector) in vectors.into_iter().enumerate() {
        vector.store_apart(&mut out[number * LANE_BYTES..], COUNT * LANE_BYTES);
    }
}

#[inline(always)]
fn part<L: Lanes, const COUNT: usize>(vectors: [L; COUNT]) -> [L; COUNT] {
    let mut parted = vectors;
    for pair in 0..COUNT / 2 {
        (parted[pair], parted[COUNT / 2 + pair]) = vectors[2 * pair].part(vectors[2 * pair + 1]);
    }
    parted
}

/// Undoes [`part`].
#[inline(always)]
fn mix<L: Lanes, const COUNT: usize>(vectors: [L; COUNT]) -> [L; COUNT] {
    let mut mixed = vectors;
    for pair in 0..COUNT / 2 {
        (mixed[2 * pair], mixed[2 * pair + 1]) = vectors[pair].mix(vectors[COUNT / 2 + pair]);
    }
    mixed
}

/// Bit m of vector n changes places with bit n of vector m, in every byte: blocks of four, two and one of them at a time.
#[inline(always)]
fn turn<L: Lanes>(vectors: [L; 8]) -> [L; 8] {
    let [a, b, c, d, e, f, g, h] = vectors;
    let ((a, e), (b, f)) = (a.swap::<4>(e, 0x0f), b.swap::<4>(f, 0x0f));
    let ((c, g), (d, h)) = (c.swap::<4>(g, 0x0f), d.swap::<4>(h, 0x0f));
    let ((a, c), (b, d)) = (a.swap::<2>(c, 0x33), b.swap::<2>(d, 0x33));
    let ((e, g), (f, h)) = (e.swap::<2>(g, 0x33), f.swap::<2>(h, 0x33));
    let ((a, b), (c, d)) = (a.swap::<1>(b, 0x55), c.swap::<1>(d, 0x55));
    let ((e, f), (g, h)) = (e.swap::<1>(f, 0x55), g.swap::<1>(h, 0x55));
    [a, b, c, d, e, f, g, h]
}

/// The same of one word, whose bytes are the eight rows.
fn turn_word(mut word: u64) -> u64 {
    for (mask, by) in [(0x00aa_00aa_00aa_00aa_u64, 7), (0x0000_cccc_0000_cccc, 14), (0x0000_0000_f0f0_f0f0, 28)] {
        let differing = (word ^ (word >> by)) & mask;
        word ^= differing ^ (differing << by);
    }
    word
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
