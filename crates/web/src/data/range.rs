//! Which bytes of a representation a request asks for (RFC 9110 §13 and §14). What makes no sense, and more or other
//! ranges than an honest reader needs, is answered by the whole, as the standard allows.

use http::{
    HeaderMap, HeaderValue,
    header::{HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE},
};
use std::ops::Range;

/// Ranges in one request; whoever wants more pieces asks several times.
const RANGES_MAX: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    Whole,
    /// Never empty.
    Part(Range<u64>),
    /// At least two, in the order asked for; none is empty, no two overlap.
    Parts(Vec<Range<u64>>),
    /// 416.
    Beyond,
    /// 304.
    Unchanged,
    /// 412.
    Other,
}

/// What a request is compared with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Validators<'a> {
    pub(crate) etag: &'a HeaderValue,
    pub(crate) last_modified: Option<&'a HeaderValue>,
}

/// Preconditions first, then the range, in the order of RFC 9110 §13.2.2.
pub(crate) fn asked(headers: &HeaderMap, length: u64, is_get: bool, validators: Validators<'_>) -> Asked {
    if headers.is_empty() {
        return Asked::Whole;
    }
    if let Some(line) = text(headers, &IF_MATCH) {
        if !names(line, validators.etag, false) {
            return Asked::Other;
        }
    } else if let (Some(line), Some(ours)) = (headers.get(IF_UNMODIFIED_SINCE), validators.last_modified)
        && line != ours
    {
        return Asked::Other;
    }
    if let Some(line) = text(headers, &IF_NONE_MATCH) {
        if names(line, validators.etag, true) {
            return Asked::Unchanged;
        }
    } else if headers.get(IF_MODIFIED_SINCE).is_some_and(|line| Some(line) == validators.last_modified) {
        return Asked::Unchanged;
    }
    match text(headers, &RANGE) {
        Some(line) if is_get && condition_holds(headers, validators) => part(line, length),
        _ => Asked::Whole,
    }
}

/// A stale `If-Range` gets the whole; a weak one never matches.
fn condition_holds(headers: &HeaderMap, validators: Validators<'_>) -> bool {
    headers.get(IF_RANGE).is_none_or(|value| value == validators.etag || Some(value) == validators.last_modified)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn names(list: &str, etag: &HeaderValue, weak: bool) -> bool {
    list.split(',').map(str::trim).any(|item| {
        let item = if weak { item.strip_prefix("W/").unwrap_or(item) } else { item };
        item == "*" || item.as_bytes() == etag.as_bytes()
    })
}

/// Reads a `Range` header.
fn part(line: &str, length: u64) -> Asked {
    let Some(set) = line.trim().strip_prefix("bytes=") else { return Asked::Whole };
    let mut found = Vec::new();
    // A list may have empty members (RFC 9110 §5.6.1).
    for (count, one) in set.split(',').map(str::trim).filter(|one| !one.is_empty()).enumerate() {
        match range_of(one, length) {
            _ if count >= RANGES_MAX => return Asked::Whole,
            One::Nonsense => return Asked::Whole,
            One::Beyond => found.push(None),
            One::Range(range) => found.push(Some(range)),
        }
    }
    let asked_for = !found.is_empty();
    let mut ranges: Vec<Range<u64>> = found.into_iter().flatten().collect();
    match ranges.len() {
        0 if asked_for => Asked::Beyond,
        0 => Asked::Whole,
        1 => Asked::Part(ranges.remove(0)),
        _ if overlap(&ranges) => Asked::Whole,
        _ => Asked::Parts(ranges),
    }
}

/// Overlapping ranges would make an answer longer than the whole.
fn overlap(ranges: &[Range<u64>]) -> bool {
    let mut sorted: Vec<&Range<u64>> = ranges.iter().collect();
    sorted.sort_by_key(|range| range.start);
    sorted.windows(2).any(|pair| pair[1].start < pair[0].end)
}

enum One {
    Range(Range<u64>),
    Beyond,
    Nonsense,
}

fn range_of(one: &str, length: u64) -> One {
    let Some((first, last)) = one.split_once('-') else { return One::Nonsense };
    match (number(first.trim()), number(last.trim())) {
        (Digits::None, Digits::Value(0)) => One::Beyond,
        (Digits::None, Digits::Value(_)) if length == 0 => One::Beyond,
        (Digits::None, Digits::Value(suffix)) => One::Range(length.saturating_sub(suffix)..length),
        (Digits::Value(start), Digits::None) if start < length => One::Range(start..length),
        (Digits::Value(start), Digits::Value(last)) if start > last => One::Nonsense,
        (Digits::Value(start), Digits::Value(last)) if start < length => One::Range(start..last.saturating_add(1).min(length)),
        (Digits::Value(_), Digits::None | Digits::Value(_)) => One::Beyond,
        _ => One::Nonsense,
    }
}

enum Digits {
    None,
    Value(u64),
    Nonsense,
}

fn number(digits: &str) -> Digits {
    match digits {
        "" => Digits::None,
        _ if digits.bytes().all(|byte| byte.is_ascii_digit()) => Digits::Value(digits.parse().unwrap_or(u64::MAX)),
        _ => Digits::Nonsense,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Asked::*;

    const ETAG: HeaderValue = HeaderValue::from_static("\"abc\"");
    const DAY: HeaderValue = HeaderValue::from_static("Mon, 23 Nov 2026 16:48:00 GMT");

    fn ask(pairs: &[(HeaderName, &'static str)]) -> Asked {
        let headers = pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        asked(&headers, 1000, true, Validators { etag: &ETAG, last_modified: Some(&DAY) })
    }

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        for (line, expected) in [
            ("bytes=0-0", Part(0..1)),
            ("bytes=0-", Part(0..1000)),
            ("bytes=10-19", Part(10..20)),
            ("bytes=990-5000", Part(990..1000)),
            ("bytes=999-", Part(999..1000)),
            ("bytes=-1", Part(999..1000)),
            ("bytes=-100", Part(900..1000)),
            ("bytes=-5000", Part(0..1000)),
            ("bytes=0-18446744073709551615", Part(0..1000)),
            ("bytes=0-99999999999999999999999", Part(0..1000)),
            ("bytes=5 - 6", Part(5..7)),
            ("bytes=1000-", Beyond),
            ("bytes=1000-1001", Beyond),
            ("bytes=99999999999999999999999-", Beyond),
            ("bytes=-0", Beyond),
            ("bytes=7-3", Whole),
            ("bytes=-", Whole),
            ("bytes=", Whole),
            ("bytes=a-b", Whole),
            ("bytes=+1-2", Whole),
            ("bytes=0-1,5-6", Parts(vec![0..2, 5..7])),
            ("bytes=-10 , 0-9,,", Parts(vec![990..1000, 0..10])),
            ("bytes=0-1,2000-", Part(0..2)),
            ("bytes=2000-,3000-3001", Beyond),
            ("bytes=0-9,5-20", Whole),
            ("bytes=0-9,a-b", Whole),
            ("bytes=,", Whole),
            ("chunks=0-1", Whole),
            ("", Whole),
        ] {
            assert_eq!(part(line, 1000), expected, "{line:?}");
        }
        let many = |count: usize| {
            format!("bytes={}", (0..count).map(|place| format!("{}-{}", 2 * place, 2 * place)).collect::<Vec<_>>().join(","))
        };
        assert!(matches!(part(&many(64), 1000), Parts(ranges) if ranges.len() == 64));
        assert_eq!(part(&many(65), 1000), Whole, "so many pieces are asked for in several requests");
        assert_eq!(part("bytes=0-0", 0), Beyond);
        assert_eq!(part("bytes=-5", 0), Beyond);
    }

    #[test]
    fn a_range_of_something_that_changed_is_answered_by_the_whole() {
        assert_eq!(ask(&[(RANGE, "bytes=0-9"), (IF_RANGE, "\"abc\"")]), Part(0..10));
        assert_eq!(ask(&[(RANGE, "bytes=0-9"), (IF_RANGE, "\"old\"")]), Whole);
        assert_eq!(ask(&[(RANGE, "bytes=0-9"), (IF_RANGE, "W/\"abc\"")]), Whole);
        assert_eq!(ask(&[(RANGE, "bytes=0-9"), (IF_RANGE, "Mon, 23 Nov 2026 16:48:00 GMT")]), Part(0..10));
        assert_eq!(ask(&[(RANGE, "bytes=0-9"), (IF_RANGE, "Mon, 23 Nov 2026 16:49:00 GMT")]), Whole);
    }

    #[test]
    fn preconditions_come_before_the_range() {
        assert_eq!(ask(&[(RANGE, "bytes=0-9"), (IF_NONE_MATCH, "\"x\", W/\"abc\"")]), Unchanged);
        assert_eq!(ask(&[(IF_NONE_MATCH, "*")]), Unchanged);
        assert_eq!(ask(&[(IF_NONE_MATCH, "\"x\""), (IF_MODIFIED_SINCE, "Mon, 23 Nov 2026 16:48:00 GMT")]), Whole);
        assert_eq!(ask(&[(IF_MODIFIED_SINCE, "Mon, 23 Nov 2026 16:48:00 GMT")]), Unchanged);
        assert_eq!(ask(&[(IF_MATCH, "\"x\"")]), Other);
        assert_eq!(ask(&[(IF_MATCH, "\"abc\"")]), Whole);
        assert_eq!(ask(&[(IF_MATCH, "W/\"abc\"")]), Other);
        assert_eq!(ask(&[(IF_UNMODIFIED_SINCE, "Mon, 23 Nov 2026 16:49:00 GMT")]), Other);
    }

    #[test]
    fn the_head_of_a_part_is_the_head_of_the_whole() {
        let headers = HeaderMap::from_iter([(RANGE, HeaderValue::from_static("bytes=0-9"))]);
        assert_eq!(asked(&headers, 1000, false, Validators { etag: &ETAG, last_modified: None }), Whole);
    }
}
