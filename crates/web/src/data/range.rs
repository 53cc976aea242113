//! Which bytes of a representation a request asks for (RFC 9110 §13 and §14). One range is answered as a range;
//! several, or what makes no sense, are answered by the whole, as the standard allows.

use http::{
    HeaderMap, HeaderValue,
    header::{HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Whole,
    /// First byte and one behind the last; never empty.
    Part {
        start: u64,
        end: u64,
    },
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
    let Some((first, last)) = set.split_once('-') else { return Asked::Whole };
    if set.contains(',') {
        return Asked::Whole;
    }
    match (number(first.trim()), number(last.trim())) {
        (Digits::None, Digits::Value(0)) => Asked::Beyond,
        (Digits::None, Digits::Value(_)) if length == 0 => Asked::Beyond,
        (Digits::None, Digits::Value(suffix)) => Asked::Part { start: length.saturating_sub(suffix), end: length },
        (Digits::Value(start), Digits::None) if start < length => Asked::Part { start, end: length },
        (Digits::Value(start), Digits::Value(last)) if start > last => Asked::Whole,
        (Digits::Value(start), Digits::Value(last)) if start < length => Asked::Part { start, end: last.saturating_add(1).min(length) },
        (Digits::Value(_), Digits::None | Digits::Value(_)) => Asked::Beyond,
        _ => Asked::Whole,
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
            ("bytes=0-0", Part { start: 0, end: 1 }),
            ("bytes=0-", Part { start: 0, end: 1000 }),
            ("bytes=10-19", Part { start: 10, end: 20 }),
            ("bytes=990-5000", Part { start: 990, end: 1000 }),
            ("bytes=999-", Part { start: 999, end: 1000 }),
            ("bytes=-1", Part { start: 999, end: 1000 }),
            ("bytes=-100", Part { start: 900, end: 1000 }),
            ("bytes=-5000", Part { start: 0, end: 1000 }),
            ("bytes=0-18446744073709551615", Part { start: 0, end: 1000 }),
            ("bytes=0-99999999999999999999999", Part { start: 0, end: 1000 }),
            ("bytes=5 - 6", Part { start: 5, end: 7 }),
            ("bytes=1000-", Beyond),
            ("bytes=1000-1001", Beyond),
            ("bytes=99999999999999999999999-", Beyond),
            ("bytes=-0", Beyond),
            ("bytes=7-3", Whole),
            ("bytes=-", Whole),
            ("bytes=", Whole),
            ("bytes=a-b", Whole),
            ("bytes=+1-2", Whole),
            ("bytes=0-1,5-6", Whole),
            ("chunks=0-1", Whole),
            ("", Whole),
        ] {
            assert_eq!(part(line, 1000), expected, "{line:?}");
        }
        assert_eq!(part("bytes=0-0", 0), Beyond);
        assert_eq!(part("bytes=-5", 0), Beyond);
    }

    #[test]
    fn a_range_of_something_that_changed_is_answered_by_the_whole() {
        assert_eq!(ask(&[(RANGE, "bytes=0-9"), (IF_RANGE, "\"abc\"")]), Part { start: 0, end: 10 });
        assert_eq!(ask(&[(RANGE, "bytes=0-9"), (IF_RANGE, "\"old\"")]), Whole);
        assert_eq!(ask(&[(RANGE, "bytes=0-9"), (IF_RANGE, "W/\"abc\"")]), Whole);
        assert_eq!(ask(&[(RANGE, "bytes=0-9"), (IF_RANGE, "Mon, 23 Nov 2026 16:48:00 GMT")]), Part { start: 0, end: 10 });
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
