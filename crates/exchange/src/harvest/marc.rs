//! The values in a MARC record: `245` or `0247_`, a subfield, and sometimes a condition on another subfield.

use super::node::Node;

/// Which values of a MARC record are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MarcPlace {
    tag: String,
    /// Two indicators, of which `*` is any and `_` is blank.
    indicators: [char; 2],
    /// `None` for control fields.
    subfield: Option<String>,
    /// Another subfield that must say this.
    only_if: Option<(String, String)>,
}

impl MarcPlace {
    /// `001`, `245a`, `0247_a`, `0247_a[2=doi]`.
    pub(super) fn parse(written: &str) -> Option<Self> {
        let (place, condition) = match written.split_once('[') {
            Some((place, rest)) => (place, Some(rest.strip_suffix(']')?)),
            None => (written, None),
        };
        let only_if = match condition {
            Some(words) => words.split_once('=').map(|(code, value)| Some((code.to_owned(), value.to_lowercase())))?,
            None => None,
        };
        let letters: Vec<char> = place.chars().collect();
        if letters.len() < 3 || !letters[..3].iter().all(|letter| letter.is_ascii_alphanumeric()) {
            return None;
        }
        let tag: String = letters[..3].iter().collect();
        let (indicators, subfield) = match letters[3..] {
            [] => (['*', '*'], None),
            [code] => (['*', '*'], Some(code.to_string())),
            [first, second, code] => ([first, second], Some(code.to_string())),
            _ => return None,
        };
        Some(Self { tag, indicators, subfield, only_if })
    }

    pub(super) fn matches(&self, field: &Node) -> bool {
        let fits = |wanted: char, name: &str| {
            let held = field.attribute(name).and_then(|text| text.chars().next()).filter(|letter| *letter != ' ').unwrap_or('_');
            wanted == '*' || wanted == held
        };
        field.attribute("tag") == Some(self.tag.as_str())
            && fits(self.indicators[0], "ind1")
            && fits(self.indicators[1], "ind2")
            && self.only_if.as_ref().is_none_or(|(code, value)| subfields(field, code).any(|held| held.trim().to_lowercase() == *value))
    }

    /// What stands there in a field that matches.
    pub(super) fn values<'a>(&'a self, field: &'a Node) -> Vec<&'a str> {
        match &self.subfield {
            Some(code) => subfields(field, code).collect(),
            None => vec![field.text.as_str()],
        }
    }
}

fn subfields<'a>(field: &'a Node, code: &'a str) -> impl Iterator<Item = &'a str> {
    field.named("subfield").filter(move |held| held.attribute("code") == Some(code)).map(|held| held.text.as_str())
}

/// All fields of a record, in their order.
pub(super) fn fields_of(record: &Node) -> Vec<&Node> {
    record.children.iter().filter(|child| matches!(child.name.as_str(), "datafield" | "controlfield")).collect()
}
