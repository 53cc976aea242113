//! Numbers in the names of files: by them slices are put in order.

use std::cmp::Ordering;

/// A file name as the text around its last number, and that number.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Numbered {
    pub(super) around: (String, String),
    pub(super) number: Option<u64>,
}

pub(super) fn numbered(name: &str) -> Numbered {
    // "slice.0007" ends in its number.
    let stem = name.rfind('.').filter(|dot| !is_number(&name[dot + 1..])).map_or(name, |dot| &name[..dot]);
    let end = stem.rfind(|sign: char| sign.is_ascii_digit()).map(|at| at + 1);
    let Some(end) = end else { return Numbered { around: (stem.to_lowercase(), String::new()), number: None } };
    let start =
        stem[..end].rfind(|sign: char| !sign.is_ascii_digit()).map_or(0, |at| at + stem[at..].chars().next().map_or(1, char::len_utf8));
    let number = stem[start..end].parse().ok();
    Numbered { around: (stem[..start].to_lowercase(), stem[end..].to_lowercase()), number }
}

/// Orders names as people do: runs of digits as numbers, the rest as letters.
pub fn natural(left: &str, right: &str) -> Ordering {
    let (mut left_rest, mut right_rest) = (left, right);
    loop {
        let (Some(a), Some(b)) = (left_rest.chars().next(), right_rest.chars().next()) else {
            return left_rest.len().cmp(&right_rest.len()).then_with(|| left.cmp(right));
        };
        let order = if a.is_ascii_digit() && b.is_ascii_digit() {
            let (number_a, rest_a) = split_digits(left_rest);
            let (number_b, rest_b) = split_digits(right_rest);
            (left_rest, right_rest) = (rest_a, rest_b);
            let (a, b) = (number_a.trim_start_matches('0'), number_b.trim_start_matches('0'));
            a.len().cmp(&b.len()).then_with(|| a.cmp(b))
        } else {
            left_rest = &left_rest[a.len_utf8()..];
            right_rest = &right_rest[b.len_utf8()..];
            a.to_lowercase().cmp(b.to_lowercase())
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(text.len()))
}

/// Whether an ending is the number of a slice.
pub(super) fn is_number(ending: &str) -> bool {
    !ending.is_empty() && ending.bytes().all(|sign| sign.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ordered_as_people_do() {
        let mut names = vec!["slice10.tif", "Slice2.tif", "slice1.tif", "slice02b.tif"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["slice1.tif", "Slice2.tif", "slice02b.tif", "slice10.tif"]);
    }

    #[test]
    fn the_last_number_counts() {
        let name = numbered("scan3_bone_0042_rec.tif");
        assert_eq!(name.number, Some(42));
        assert_eq!(name.around, ("scan3_bone_".into(), "_rec".into()));
        assert_eq!(numbered("ü7.tif").number, Some(7));
        assert_eq!(numbered("overview.tif").number, None);
        assert_eq!((numbered("slice.0007").number, numbered("slice.0007").around.0), (Some(7), "slice.".into()));
    }
}
