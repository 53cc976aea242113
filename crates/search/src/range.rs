//! Numbers in a question: `energy_kev:20..40`, `energy:>20`, `voxel_size:..1`, `projections:1800`. Which numbers there are is
//! `record::field`'s table; a name may be written without its unit. What is none of them stays a word.

use record::field::{self, Field};

/// Ranges of one question that are looked at; the rest are words.
const RANGES_MAX: usize = 16;
/// A single number means itself within this part of it, as decimal fractions are rounded when they are written.
const TOLERANCE: f64 = 1e-6;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Of the field.
    pub name: &'static str,
    pub from: f64,
    pub to: f64,
}

/// What is left of the text when its ranges are taken out, and the ranges.
pub fn split(text: &str) -> (String, Vec<Range>) {
    if !text.contains(':') {
        return (text.to_owned(), Vec::new());
    }
    let mut ranges = Vec::new();
    let mut words = Vec::new();
    for token in text.split_whitespace() {
        match parse(token).filter(|_| ranges.len() < RANGES_MAX) {
            Some(range) => ranges.push(range),
            None => words.push(token),
        }
    }
    (words.join(" "), ranges)
}

/// The field of this name, with or without its unit.
pub fn field_named(name: &str) -> Option<&'static Field> {
    let name = name.to_ascii_lowercase();
    let without_unit = |field: &Field| !field.unit.is_empty() && field.name.rsplit_once('_').is_some_and(|(stem, _)| stem == name);
    field::quantities().find(|field| field.name == name).or_else(|| field::quantities().find(|field| without_unit(field)))
}

fn parse(token: &str) -> Option<Range> {
    let (name, asked) = token.split_once(':')?;
    let field = field_named(name)?;
    let number = |text: &str| text.replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite());
    let (from, to) = if let Some((from, to)) = asked.split_once("..") {
        let from = if from.is_empty() { f64::NEG_INFINITY } else { number(from)? };
        let to = if to.is_empty() { f64::INFINITY } else { number(to)? };
        (from, to)
    } else if let Some(from) = asked.strip_prefix(">=").or(asked.strip_prefix('>')) {
        (number(from)?, f64::INFINITY)
    } else if let Some(to) = asked.strip_prefix("<=").or(asked.strip_prefix('<')) {
        (f64::NEG_INFINITY, number(to)?)
    } else {
        let number = number(asked)?;
        (number - number.abs() * TOLERANCE, number + number.abs() * TOLERANCE)
    };
    (from <= to && (from.is_finite() || to.is_finite())).then_some(Range { name: field.name, from, to })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (String, Vec<(&'static str, f64, f64)>) {
        let (words, ranges) = split(text);
        (words, ranges.iter().map(|range| (range.name, range.from, range.to)).collect())
    }

    #[test]
    fn numbers_are_taken_out_of_the_words() {
        assert_eq!(told("jaw energy_kev:20..40 muscle"), ("jaw muscle".into(), vec![("energy_kev", 20.0, 40.0)]));
        assert_eq!(told("energy:>20 voxel_size:..1,5").1, [("energy_kev", 20.0, f64::INFINITY), ("voxel_size_um", f64::NEG_INFINITY, 1.5)]);
        let (_, exact) = told("projections:1800");
        assert!(exact[0].1 < 1800.0 && exact[0].2 > 1800.0);
    }

    #[test]
    fn what_is_no_number_stays_a_word() {
        for text in [
            "doi:10.1098/rsif.2008.0155",
            "energy_kev:much",
            "energy_kev:",
            "energy_kev:40..20",
            "energy_kev:..",
            "colour:1..2",
            "a: b",
            "energy_kev:NaN",
        ] {
            assert_eq!(told(text), (text.to_owned(), Vec::new()), "{text}");
        }
        let many = vec!["energy:1"; 40].join(" ");
        assert_eq!(told(&many).1.len(), RANGES_MAX);
    }
}
