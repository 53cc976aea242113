//! How two spellings of a name become one: small letters without marks, one space between words, no apostrophes.

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// Longer names are of no use to anybody who types.
pub(crate) const NAME_BYTES_MAX: usize = 200;

pub(crate) fn folded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    fold_into(text, usize::MAX, &mut out);
    out
}

/// Appends until `most` bytes are there.
pub(crate) fn fold_into(text: &str, most: usize, out: &mut Vec<u8>) {
    let mut gap = false;
    for letter in text.chars() {
        if out.len() >= most {
            return;
        }
        if is_silent(letter) {
            continue;
        }
        if !letter.is_alphanumeric() && !is_combining_mark(letter) {
            gap = !out.is_empty();
            continue;
        }
        if gap {
            out.push(b' ');
            gap = false;
        }
        if letter.is_ascii() {
            out.push(letter.to_ascii_lowercase() as u8);
            continue;
        }
        decompose_canonical(letter, |part| {
            if !is_combining_mark(part) {
                for small in part.to_lowercase() {
                    out.extend_from_slice(small.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        });
    }
}

/// Where words begin, in bytes of the text.
pub(crate) fn word_starts(text: &str) -> impl Iterator<Item = usize> + '_ {
    let mut inside = false;
    text.char_indices().filter_map(move |(place, letter)| {
        if is_silent(letter) || is_combining_mark(letter) {
            return None;
        }
        let was_inside = std::mem::replace(&mut inside, letter.is_alphanumeric());
        (inside && !was_inside).then_some(place)
    })
}

fn is_silent(letter: char) -> bool {
    matches!(letter, '\'' | '’' | '`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one() {
        for (text, expected) in [
            ("Homo  sapiens", "homo sapiens"),
            ("Père David's deer", "pere davids deer"),
            ("(Ichthyophis) kohtaoensis,", "ichthyophis kohtaoensis"),
            ("E. coli K-12", "e coli k 12"),
            ("'", ""),
            ("Ωmega", "ωmega"),
        ] {
            assert_eq!(String::from_utf8(folded(text)).unwrap(), expected);
        }
        assert_eq!(word_starts("Père David's deer-mouse").collect::<Vec<_>>(), [0, 6, 14, 19]);
    }
}
