//! What other catalogues know of a work, read into our words: Crossref and DataCite asked for one DOI. What a foreign
//! record says is taken as text and never believed further: markup becomes words, a year must be a year, and of all its
//! references only those to our own DOIs are kept.

pub mod crossref;
pub mod datacite;
pub(crate) mod lookup;
mod plain;

pub use lookup::{Lookup, LookupFault, Registries};
pub use plain::plain;

use record::{
    agent::{Affiliation, Person},
    doi::{Doi, Prefix},
    licence::Licence,
    metadata::Funding,
    relation::{Relation, RelationType, Target},
};
use serde_json::Value;
use std::collections::BTreeSet;

/// More relations than this no page shows and no reader follows.
const RELATIONS_MAX: usize = 200;
/// With more people than this their affiliations are left out, so that the names have room.
const AFFILIATED_MAX: usize = 300;

/// A year in which something can have been printed.
pub(crate) fn year_of(text: &str) -> Option<i32> {
    let digits: String = text.chars().skip_while(|letter| !letter.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    if digits.len() != 4 && digits.len() != 8 {
        return None;
    }
    sensible_year(digits[..4].parse().ok()?)
}

pub(crate) fn sensible_year(year: i64) -> Option<i32> {
    (1400..=2200).contains(&year).then_some(year as i32)
}

/// Text without markup; `None` when nothing is left.
pub(crate) fn words(value: &Value) -> Option<String> {
    value.as_str().map(plain).filter(|text| !text.is_empty())
}

/// The first of a list of texts, or the text itself.
pub(crate) fn first_words(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => items.iter().find_map(words),
        other => words(other),
    }
}

/// `en`, `en-GB`, `eng` → `en`.
pub(crate) fn language_of(text: &str) -> Option<String> {
    let short = text.trim().split(['-', '_']).next()?.to_lowercase();
    let short = match short.as_str() {
        "eng" | "english" => "en",
        "ger" | "deu" | "german" => "de",
        "fre" | "fra" | "french" => "fr",
        "spa" | "spanish" => "es",
        "ita" | "italian" => "it",
        "rus" | "russian" => "ru",
        "chi" | "zho" | "chinese" => "zh",
        "jpn" | "japanese" => "ja",
        other => other,
    };
    (short.len() == 2 && short.bytes().all(|byte| byte.is_ascii_lowercase())).then(|| short.to_owned())
}

/// By its address or SPDX id, however the scheme and the end of the address are written.
pub(crate) fn licence_of(text: &str) -> Option<Licence> {
    Licence::by_address(text)
}

/// Names without anything in them are nobody's.
pub(crate) fn people(mut people: Vec<Person>) -> Vec<Person> {
    people.retain(|person| !person.family.is_empty());
    if people.len() > AFFILIATED_MAX {
        people = people.into_iter().map(|person| Person { affiliations: Vec::new(), ..person }).collect();
    }
    people
}

/// Nobody yet, of this institution.
pub(crate) fn affiliated(affiliation: Option<String>) -> Person {
    Person { affiliations: affiliation.into_iter().map(Affiliation::named).collect(), ..Person::default() }
}

pub(crate) fn funded(funder: String, award: Option<String>) -> Funding {
    Funding { funder, award, ..Funding::default() }
}

/// Relations to DOIs of this prefix, each once, and never of a work to itself.
pub(crate) fn ours(found: impl IntoIterator<Item = (RelationType, Doi)>, own: Option<&Doi>, prefix: &Prefix) -> Vec<Relation> {
    let start = format!("{}/", prefix.as_str());
    let mut seen = BTreeSet::new();
    found
        .into_iter()
        .filter(|(_, doi)| doi.as_str().starts_with(&start) && Some(doi) != own)
        .filter(|(relation, doi)| seen.insert((relation.name(), doi.clone())))
        .take(RELATIONS_MAX)
        .map(|(relation, doi)| Relation { relation, target: Target::Doi(doi), title: None })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_a_year() {
        for (text, year) in [("2008", Some(2008)), ("[1957?]", Some(1957)), ("20080131", Some(2008)), ("c2019, 2020", Some(2019))] {
            assert_eq!(year_of(text), year, "{text}");
        }
        for text in ["", "0000", "9999", "20", "in press", "123456"] {
            assert_eq!(year_of(text), None, "{text}");
        }
    }

    #[test]
    fn a_licence_is_known_by_any_of_its_addresses() {
        for text in ["http://creativecommons.org/licenses/by/4.0", "https://www.creativecommons.org/licenses/by/4.0/legalcode", "cc-by-4.0"]
        {
            assert_eq!(licence_of(text).map(Licence::spdx), Some("CC-BY-4.0"), "{text}");
        }
        assert_eq!(licence_of("https://www.elsevier.com/tdm/userlicense/1.0/"), None);
    }

    #[test]
    fn only_relations_to_our_own_names_are_kept() {
        let doi = |text: &str| text.parse::<Doi>().unwrap();
        let found = [
            (RelationType::Cites, doi("10.5072/science3d.7h3k9x2q4")),
            (RelationType::Cites, doi("10.5072/SCIENCE3D.7h3k9x2q4")),
            (RelationType::Cites, doi("10.50721/other")),
            (RelationType::Cites, doi("10.5072/itself")),
        ];
        let kept = ours(found, Some(&doi("10.5072/itself")), &Prefix::parse("10.5072").unwrap());
        assert_eq!(kept.iter().map(Relation::words).collect::<Vec<_>>(), ["10.5072/science3d.7h3k9x2q4"]);
    }
}
