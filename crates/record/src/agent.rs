//! Who made it.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Person {
    pub family: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub given: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orcid: Option<Orcid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affiliation: Option<String>,
}

impl Person {
    /// `Family, Given`, as DataCite and libraries write it.
    pub fn sorted_name(&self) -> String {
        if self.given.is_empty() { self.family.clone() } else { format!("{}, {}", self.family, self.given) }
    }
    pub fn natural_name(&self) -> String {
        if self.given.is_empty() { self.family.clone() } else { format!("{} {}", self.given, self.family) }
    }
    /// Reads `Family, Given` or `Given Family`.
    pub fn from_text(text: &str) -> Self {
        let text = text.trim();
        let (family, given) = match text.split_once(',') {
            Some((family, given)) => (family, given),
            None => text.rsplit_once(' ').map_or((text, ""), |(given, family)| (family, given)),
        };
        Self { family: family.trim().to_owned(), given: given.trim().to_owned(), ..Self::default() }
    }
}

/// An ORCID iD, checked by ISO 7064 MOD 11-2 and kept as `0000-0002-1825-0097`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Orcid(String);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("“{0}” is not an ORCID iD such as 0000-0002-1825-0097")]
pub struct NotAnOrcid(String);

impl Orcid {
    pub fn as_str(&self) -> &str {
        &self.0
    }
    pub fn url(&self) -> String {
        format!("https://orcid.org/{}", self.0)
    }
}

impl FromStr for Orcid {
    type Err = NotAnOrcid;
    fn from_str(text: &str) -> Result<Self, NotAnOrcid> {
        let refused = || NotAnOrcid(text.chars().take(64).collect());
        let bare = text.trim().trim_start_matches("https://orcid.org/").trim_start_matches("http://orcid.org/");
        let digits: Vec<char> = bare.chars().filter(|letter| *letter != '-').collect();
        if digits.len() != 16 {
            return Err(refused());
        }
        let mut total = 0u32;
        for digit in &digits[..15] {
            total = (total + digit.to_digit(10).ok_or_else(refused)?) * 2;
        }
        let check = (12 - total % 11) % 11;
        let expected = if check == 10 { 'X' } else { char::from(b'0' + check as u8) };
        if digits[15].to_ascii_uppercase() != expected {
            return Err(refused());
        }
        let mut kept = String::with_capacity(19);
        for (position, digit) in digits.iter().enumerate() {
            if position > 0 && position % 4 == 0 {
                kept.push('-');
            }
            kept.push(digit.to_ascii_uppercase());
        }
        Ok(Self(kept))
    }
}

impl TryFrom<String> for Orcid {
    type Error = NotAnOrcid;
    fn try_from(text: String) -> Result<Self, NotAnOrcid> {
        text.parse()
    }
}

impl From<Orcid> for String {
    fn from(orcid: Orcid) -> String {
        orcid.0
    }
}

impl fmt::Display for Orcid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_orcid_is_accepted_by_its_check_digit() {
        assert_eq!("https://orcid.org/0000-0002-1825-0097".parse::<Orcid>().unwrap().as_str(), "0000-0002-1825-0097");
        assert_eq!("000000021694233x".parse::<Orcid>().unwrap().as_str(), "0000-0002-1694-233X");
        assert!("0000-0002-1825-0098".parse::<Orcid>().is_err());
        assert!("".parse::<Orcid>().is_err());
    }

    #[test]
    fn a_name_is_split_as_people_write_it() {
        assert_eq!(Person::from_text("Kleinteich, Thomas").natural_name(), "Thomas Kleinteich");
        assert_eq!(Person::from_text("Adam P. Summers").sorted_name(), "Summers, Adam P.");
        assert_eq!(Person::from_text("Plato").sorted_name(), "Plato");
    }
}
