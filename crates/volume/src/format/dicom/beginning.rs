//! Where the elements of a DICOM file begin: behind a preamble and "DICM", or, as old scanners and ACR-NEMA wrote, with the first byte.

use super::elements::Spelling;
use super::syntax;

/// Bytes that are looked at.
pub(super) const HEAD_BYTES: usize = 512;
const MARKED_AT: u64 = 132;
/// Elements that must make sense one after the other before a file without the mark is believed.
const ELEMENTS_MIN: usize = 3;
/// The first elements of a file are short: sets of signs, dates, unique identifiers.
const LENGTH_MAX: u32 = 1_024;
/// Types that an explicit element may have among the first ones.
const KINDS: [&[u8; 2]; 15] = [b"AE", b"AS", b"CS", b"DA", b"DT", b"IS", b"LO", b"LT", b"OB", b"PN", b"SH", b"SQ", b"TM", b"UI", b"UL"];

/// Where the elements begin, if this is DICOM.
pub(super) fn elements_at(head: &[u8]) -> Option<u64> {
    if head.get(128..132) == Some(b"DICM") {
        return Some(MARKED_AT);
    }
    let spellings = ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"].map(syntax::spelling);
    spellings.into_iter().any(|spelling| makes_sense(head, spelling)).then_some(0)
}

/// The transfer syntax of elements that begin like this, where the file does not name one.
pub(super) fn guessed_syntax(head: &[u8]) -> &'static str {
    let kind = head.get(4..6).is_some_and(|kind| kind.iter().all(u8::is_ascii_uppercase));
    match (kind, head.first()) {
        (true, Some(0)) => "1.2.840.10008.1.2.2",
        (true, _) => "1.2.840.10008.1.2.1",
        (false, _) => "1.2.840.10008.1.2",
    }
}

/// Whether elements of the groups 2 and 8 follow each other in rising order.
fn makes_sense(head: &[u8], spelling: Spelling) -> bool {
    let mut at = 0;
    let mut before = 0;
    for _ in 0..ELEMENTS_MIN {
        let Some((tag, next)) = element(head, at, spelling) else { return false };
        let group = tag >> 16;
        if tag <= before && before > 0 || !matches!(group, 2 | 8) {
            return false;
        }
        (before, at) = (tag, next);
    }
    true
}

/// The tag of one element and where the next one begins.
fn element(head: &[u8], at: usize, spelling: Spelling) -> Option<(u32, usize)> {
    let fields: &[u8; 8] = head.get(at..)?.first_chunk()?;
    let short = |bytes: [u8; 2]| u32::from(if spelling.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) });
    let &[g0, g1, e0, e1, a, b, c, d] = fields;
    let tag = short([g0, g1]) << 16 | short([e0, e1]);
    let (value_at, length) = if !spelling.explicit {
        (at + 8, u32::from_le_bytes([a, b, c, d]))
    } else if !KINDS.contains(&&[a, b]) {
        return None;
    } else if matches!(&[a, b], b"OB" | b"SQ") {
        let bytes: [u8; 4] = *head.get(at + 8..)?.first_chunk()?;
        (at + 12, if spelling.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    } else {
        (at + 8, short([c, d]))
    };
    (length <= LENGTH_MAX && length % 2 == 0).then_some((tag, value_at + length as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_happen_to_begin_so_are_no_elements() {
        let words = |words: &[u16]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
        assert_eq!(elements_at(&words(&[8; 200])), None);
        assert_eq!(elements_at(&words(&[8, 5, 10, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])), None);
        assert_eq!(elements_at(&[0; 512]), None);
        assert_eq!(elements_at(b"\x08\0\x05\0CS"), None);
        assert_eq!(elements_at(b""), None);
    }
}
