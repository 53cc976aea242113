//! Numbers, sizes, days and units as people read them, in their language.

use crate::{language::Language, words::Words};
use record::{instant::Instant, kind::Kind, state::State, technique::Probe, term::Bilingual};

/// `1,204` or `1.204`.
pub(crate) fn number(value: u64, language: Language) -> String {
    let digits = value.to_string();
    let separator = match language {
        Language::English => ',',
        Language::German => '.',
    };
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 3 == 0 {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// The shortest digits that give the same number back, with the comma of the language.
pub(crate) fn decimal(value: f64, language: Language) -> String {
    let text = format!("{value}");
    match language {
        Language::English => text,
        Language::German => text.replace('.', ","),
    }
}

/// `2.1 GB`; decimal units, as disks and networks are sold.
pub(crate) fn bytes(value: u64, language: Language) -> String {
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    let mut scaled = value as f64;
    let mut unit = 0;
    while scaled >= 999.5 && unit + 1 < UNITS.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    let digits = if unit == 0 || scaled >= 99.95 { format!("{scaled:.0}") } else { format!("{scaled:.1}") };
    let digits = if language == Language::German { digits.replace('.', ",") } else { digits };
    format!("{digits}\u{a0}{}", UNITS[unit])
}

/// `23 November 2026` or `23. November 2026`.
pub(crate) fn day(instant: Instant, language: Language) -> String {
    day_of_text(&instant.date(), language)
}

/// The same for `2026-11-23`; anything else stays as it is.
pub(crate) fn day_of_text(text: &str, language: Language) -> String {
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else { return text.to_owned() };
    let (Ok(month), Ok(day)) = (month.parse::<usize>(), day.parse::<u8>()) else { return text.to_owned() };
    let Some(name) = Words::of(language).months.split(' ').nth(month.wrapping_sub(1)) else { return text.to_owned() };
    match language {
        Language::English => format!("{day} {name} {year}"),
        Language::German => format!("{day}. {name} {year}"),
    }
}

/// The day with hour and minute.
pub(crate) fn moment(instant: Instant, language: Language) -> String {
    let minute = instant.minute();
    let clock = minute.split_once(' ').map_or("", |(_, clock)| clock);
    format!("{}, {clock}", day(instant, language))
}

/// Edge lengths of a voxel, in the unit that needs the fewest zeros.
pub(crate) fn voxel_size(size_um: [f64; 3], language: Language) -> String {
    let longest = size_um.iter().copied().fold(0.0, f64::max);
    let (factor, unit) = if longest < 0.1 { (1000.0, "nm") } else { (1.0, "µm") };
    let edge = |length: f64| decimal((length * factor * 1e6).round() / 1e6, language);
    format!("{} × {} × {}\u{a0}{unit}", edge(size_um[0]), edge(size_um[1]), edge(size_um[2]))
}

pub(crate) fn shape(shape: [u64; 3], language: Language) -> String {
    format!("{} × {} × {}", number(shape[0], language), number(shape[1], language), number(shape[2], language))
}

/// How big the thing in the picture is, from shape and voxel size.
pub(crate) fn extent(shape: [u64; 3], size_um: [f64; 3], language: Language) -> String {
    let edges: Vec<f64> = shape.iter().zip(size_um).map(|(count, edge)| *count as f64 * edge).collect();
    let longest = edges.iter().copied().fold(0.0, f64::max);
    let (factor, unit) = if longest >= 1000.0 { (0.001, "mm") } else { (1.0, "µm") };
    let edge = |length: f64| decimal((length * factor * 100.0).round() / 100.0, language);
    format!("{} × {} × {}\u{a0}{unit}", edge(edges[0]), edge(edges[1]), edge(edges[2]))
}

/// `uint16` in words.
pub(crate) fn element_type<'a>(name: &'a str, words: &'static Words) -> &'a str {
    match name {
        "uint8" => words.element_uint8,
        "uint16" => words.element_uint16,
        "uint32" => words.element_uint32,
        "uint64" => words.element_uint64,
        "int8" => words.element_int8,
        "int16" => words.element_int16,
        "int32" => words.element_int32,
        "int64" => words.element_int64,
        "float32" => words.element_float32,
        "float64" => words.element_float64,
        other => other,
    }
}

pub(crate) fn kind(kind: Kind, words: &'static Words) -> &'static str {
    match kind {
        Kind::TomographyBiology => words.kind_biology,
        Kind::TomographyMaterials => words.kind_materials,
        Kind::ElectronMicroscopy => words.kind_microscopy,
        Kind::Publication => words.kind_publication,
        Kind::Reference => words.kind_reference,
        Kind::Model => words.kind_model,
        Kind::Movie => words.kind_movie,
        Kind::Lesson => words.kind_lesson,
    }
}

/// One line that helps to choose.
pub(crate) fn kind_help(kind: Kind, words: &'static Words) -> &'static str {
    match kind {
        Kind::TomographyBiology => words.kind_biology_help,
        Kind::TomographyMaterials => words.kind_materials_help,
        Kind::ElectronMicroscopy => words.kind_microscopy_help,
        Kind::Publication => words.kind_publication_help,
        Kind::Reference => words.kind_reference_help,
        Kind::Model => words.kind_model_help,
        Kind::Movie => words.kind_movie_help,
        Kind::Lesson => words.kind_lesson_help,
    }
}

pub(crate) fn probe(probe: Probe, words: &'static Words) -> &'static str {
    match probe {
        Probe::XRay => words.probe_xray,
        Probe::Neutron => words.probe_neutron,
        Probe::Electron => words.probe_electron,
    }
}

pub(crate) fn state(state: &State, words: &'static Words) -> &'static str {
    state_name(state.name(), words)
}

/// By the state's stable name.
pub(crate) fn state_name(name: &str, words: &'static Words) -> &'static str {
    match name {
        "registered" => words.state_registered,
        "released" => words.state_released,
        "published" => words.state_published,
        "revising" => words.state_revising,
        "withdrawn" => words.state_withdrawn,
        _ => words.state_draft,
    }
}

/// Words that the rules keep in both languages.
pub(crate) fn said(words: Bilingual, language: Language) -> &'static str {
    match language {
        Language::English => words.en,
        Language::German => words.de,
    }
}

/// Where a record is looked at: a draft of a next version at its number, everything else at the record's own address.
pub(crate) fn home(record: &record::Record) -> String {
    match record.state {
        State::Revising { .. } => format!("/records/{}/{}", record.id, record.version),
        _ => format!("/records/{}", record.id),
    }
}

/// A licence as people call it: `CC BY 4.0`, `CC BY-NC-SA 2.0 FR`.
pub(crate) fn licence_short(spdx: &str) -> String {
    let Some(rest) = spdx.strip_prefix("CC-") else { return spdx.replace("CC0-", "CC0 ") };
    match rest.find(|letter: char| letter.is_ascii_digit()) {
        Some(version) => format!("CC {} {}", rest[..version].trim_end_matches('-'), rest[version..].replace('-', " ")),
        None => spdx.to_owned(),
    }
}

/// Escapes what stands between tags or in a double-quoted attribute.
pub(crate) fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Percent-encodes one part of a path, or a value of a query.
pub(crate) fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// A path within a record, its slashes kept.
pub(crate) fn percent_path(path: &str) -> String {
    path.split('/').map(percent).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_as_the_reader_is_used_to() {
        assert_eq!(number(1_204, Language::English), "1,204");
        assert_eq!(number(41_700_000, Language::German), "41.700.000");
        assert_eq!(number(7, Language::English), "7");
    }

    #[test]
    fn sizes_have_three_digits_at_most() {
        for (value, text) in
            [(0, "0 B"), (999, "999 B"), (1_200, "1.2 kB"), (999_600, "1.0 MB"), (2_140_000_000, "2.1 GB"), (u64::MAX, "18447 PB")]
        {
            assert_eq!(bytes(value, Language::English).replace('\u{a0}', " "), text);
        }
    }

    #[test]
    fn days_are_written_out() {
        assert_eq!(day(Instant(1_795_452_480_123), Language::English), "23 November 2026");
        assert_eq!(day_of_text("2026-03-01", Language::German), "1. März 2026");
        assert_eq!(day_of_text("spring 2020", Language::English), "spring 2020");
        assert_eq!(day_of_text("2020-77-01", Language::English), "2020-77-01");
    }

    #[test]
    fn licences_are_called_as_people_call_them() {
        for (spdx, short) in [
            ("CC-BY-4.0", "CC BY 4.0"),
            ("CC-BY-NC-SA-2.0-FR", "CC BY-NC-SA 2.0 FR"),
            ("CC0-1.0", "CC0 1.0"),
            ("CC-PDDC", "CC-PDDC"),
            ("Apache-2.0", "Apache-2.0"),
        ] {
            assert_eq!(licence_short(spdx), short);
        }
    }

    #[test]
    fn lengths_choose_their_unit() {
        assert_eq!(voxel_size([6.5, 6.5, 6.5], Language::German).replace('\u{a0}', " "), "6,5 × 6,5 × 6,5 µm");
        assert_eq!(voxel_size([0.01, 0.005, 0.005], Language::English).replace('\u{a0}', " "), "10 × 5 × 5 nm");
        assert_eq!(extent([1000, 500, 500], [6.5, 6.5, 6.5], Language::English).replace('\u{a0}', " "), "6.5 × 3.25 × 3.25 mm");
    }

    #[test]
    fn strange_names_are_safe_in_addresses() {
        assert_eq!(percent_path("Kie fer/100%/ä?.tif"), "Kie%20fer/100%25/%C3%A4%3F.tif");
    }
}
