//! Identifiers with a check digit that others give: organisations (ROR) and substances (CAS).

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An organisation in the Research Organization Registry, kept as its nine signs: `01js2sh04`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ror(String);

/// A CAS Registry Number: `471-34-1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cas(String);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("“{0}” is not a ROR id such as https://ror.org/01js2sh04")]
pub struct NotARor(String);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("“{0}” is not a CAS number such as 471-34-1")]
pub struct NotACas(String);

impl Ror {
    pub fn url(&self) -> String {
        format!("https://ror.org/{}", self.0)
    }
}

impl FromStr for Ror {
    type Err = NotARor;
    /// ISO 7064 MOD 97-10 over Crockford's base 32, as ROR describes it.
    fn from_str(text: &str) -> Result<Self, NotARor> {
        const ALPHABET: &str = "0123456789abcdefghjkmnpqrstvwxyz";
        let refused = || NotARor(shortened(text));
        let bare = text.trim().trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("ror.org/").to_lowercase();
        if bare.len() != 9 || !bare.is_ascii() || !bare.starts_with('0') {
            return Err(refused());
        }
        let (body, check) = bare.split_at(7);
        let mut number = 0u64;
        for letter in body.chars() {
            number = number * 32 + ALPHABET.find(letter).ok_or_else(refused)? as u64;
        }
        let expected = 98 - (number * 100) % 97;
        if check.bytes().all(|byte| byte.is_ascii_digit()) && check.parse() == Ok(expected) { Ok(Self(bare)) } else { Err(refused()) }
    }
}

impl Cas {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Cas {
    type Err = NotACas;
    fn from_str(text: &str) -> Result<Self, NotACas> {
        let refused = || NotACas(shortened(text));
        let bare = text.trim();
        let parts: Vec<&str> = bare.split('-').collect();
        let good_shape = parts.len() == 3
            && (2..=7).contains(&parts[0].len())
            && parts[1].len() == 2
            && parts[2].len() == 1
            && bare.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit());
        if !good_shape {
            return Err(refused());
        }
        let digits = parts[0].bytes().chain(parts[1].bytes()).rev();
        let sum: u32 = digits.zip(1..).map(|(digit, place)| u32::from(digit - b'0') * place).sum();
        if parts[2].parse() == Ok(sum % 10) { Ok(Self(bare.to_owned())) } else { Err(refused()) }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}

macro_rules! as_text {
    ($name:ident, $fault:ident, $shown:ident) => {
        impl TryFrom<String> for $name {
            type Error = $fault;
            fn try_from(text: String) -> Result<Self, $fault> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&$shown(self))
            }
        }
    };
}

fn ror_as_text(ror: &Ror) -> String {
    ror.url()
}
fn cas_as_text(cas: &Cas) -> String {
    cas.0.clone()
}
as_text!(Ror, NotARor, ror_as_text);
as_text!(Cas, NotACas, cas_as_text);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organisation_is_accepted_by_its_check_digits() {
        for good in ["https://ror.org/01js2sh04", "ror.org/02mhbdp94", "000865z52"] {
            assert!(good.parse::<Ror>().is_ok(), "{good}");
        }
        for bad in ["", "01js2sh05", "91js2sh04", "01jš2sh0", "https://ror.org/"] {
            assert!(bad.parse::<Ror>().is_err(), "{bad}");
        }
        let kept: Ror = serde_json::from_str("\"01js2sh04\"").unwrap();
        assert_eq!(serde_json::to_string(&kept).unwrap(), "\"https://ror.org/01js2sh04\"");
    }

    #[test]
    fn a_substance_is_accepted_by_its_check_digit() {
        for good in ["471-34-1", "7732-18-5", "58-08-2"] {
            assert_eq!(good.parse::<Cas>().unwrap().as_str(), good);
        }
        for bad in ["471-34-2", "7732185", "calcite", "1-1-1", "47١-34-1"] {
            assert!(bad.parse::<Cas>().is_err(), "{bad}");
        }
    }
}
