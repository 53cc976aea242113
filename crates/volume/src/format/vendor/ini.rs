//! Lines of `key = value` under `[section]` and `{group}`, as most scanners write their settings.

use crate::header::clean_text;

/// Lines that are read.
const LINES_MAX: usize = 100_000;

/// Values by section and key, both in lower case.
pub(super) struct Ini {
    lines: Vec<(String, String, String)>,
}

impl Ini {
    pub(super) fn parse(text: &str) -> Self {
        let mut section = String::new();
        let mut lines = Vec::new();
        for line in text.lines().take(LINES_MAX).map(str::trim) {
            let name = line
                .strip_prefix('[')
                .and_then(|line| line.strip_suffix(']'))
                .or(line.strip_prefix('{').and_then(|line| line.strip_suffix('}')));
            match (name, line.split_once('=')) {
                (Some(name), _) => section = name.trim().to_lowercase(),
                (None, Some((key, value))) => lines.push((section.clone(), key.trim().to_lowercase(), value.trim().to_owned())),
                _ => {}
            }
        }
        Self { lines }
    }

    pub(super) fn has_section(&self, section: &str) -> bool {
        self.lines.iter().any(|(there, ..)| there == section)
    }

    /// The value of a key in any of these sections; in all of them when none is named.
    pub(super) fn text(&self, sections: &[&str], key: &str) -> Option<&str> {
        let fits = |(section, name, value): &&(String, String, String)| {
            name == key && !value.is_empty() && (sections.is_empty() || sections.contains(&section.as_str()))
        };
        self.lines.iter().find(fits).map(|(.., value)| value.as_str())
    }

    /// As [`Self::text`], fit to be shown.
    pub(super) fn words(&self, sections: &[&str], key: &str) -> Option<String> {
        self.text(sections, key).and_then(clean_text).filter(|words| !matches!(words.to_lowercase().as_str(), "none" | "unknown" | "-"))
    }

    /// A number, also with a comma as some countries write it.
    pub(super) fn number(&self, sections: &[&str], key: &str) -> Option<f64> {
        number(self.text(sections, key)?)
    }

    /// All numbers of a value.
    pub(super) fn numbers(&self, sections: &[&str], key: &str) -> Vec<f64> {
        self.text(sections, key).unwrap_or_default().split([' ', '\t', ',', ';']).filter_map(number).collect()
    }

    pub(super) fn size(&self, sections: &[&str], key: &str) -> Option<usize> {
        size(self.number(sections, key)?)
    }
}

pub(super) fn number(text: &str) -> Option<f64> {
    text.trim().replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite())
}

/// A number of voxels.
pub(super) fn size(number: f64) -> Option<usize> {
    (number.fract() == 0.0 && (1.0..=super::super::limit::AXIS as f64).contains(&number)).then_some(number as usize)
}

/// `23 Sep 2020 …`, `Dec 06, 2018 …` and `2018-12-06 …` as `2020-09-23`.
pub(super) fn day(text: &str) -> Option<String> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    if let Some(iso) = text
        .trim()
        .get(..10)
        .filter(|iso| iso.bytes().enumerate().all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() }))
    {
        return Some(iso.to_owned());
    }
    let (mut day, mut month, mut year) = (None, None, None);
    for word in text.split([' ', ',', '-', '\t']).filter(|word| !word.is_empty()).take(8) {
        let three = word.get(..3).unwrap_or_default().to_lowercase();
        match (word.parse::<u32>(), MONTHS.iter().position(|name| *name == three)) {
            (Ok(number @ 1970..=2100), _) if year.is_none() => year = Some(number),
            (Ok(number @ 1..=31), _) if day.is_none() => day = Some(number),
            (Err(_), Some(place)) if month.is_none() => month = Some(place + 1),
            _ => {}
        }
    }
    Some(format!("{:04}-{:02}-{:02}", year?, month?, day?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_scanners_write_them() {
        assert_eq!(day("23 Sep 2020  14h:52m:29s").as_deref(), Some("2020-09-23"));
        assert_eq!(day("Dec 06, 2018  13:31:56").as_deref(), Some("2018-12-06"));
        assert_eq!(day("2018-12-06T10:00:00").as_deref(), Some("2018-12-06"));
        assert_eq!(day("yesterday"), None);
        assert_eq!(day("µµµµµµ 12"), None);
    }
}
