//! Names of things, one type each, so that an account can never be passed where a record is meant.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Crockford's base 32 in lower case: no i, l, o, u, so that an id survives being read aloud.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("“{given}” is not {what}")]
pub struct NotAnId {
    pub given: String,
    pub what: &'static str,
}

fn encode(random: &[u8], length: usize) -> String {
    random.iter().cycle().take(length).map(|byte| ALPHABET[usize::from(byte & 31)] as char).collect()
}

macro_rules! declare_id {
    ($(#[$doc:meta])* $name:ident, $length:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub const LENGTH: usize = $length;

            /// Takes at least `LENGTH` random bytes; five bits of each are used.
            pub fn from_random(random: &[u8; $length]) -> Self {
                Self(encode(random, $length))
            }
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let good = text.len() == $length && text.bytes().all(|byte| ALPHABET.contains(&byte));
                if good { Ok(Self(text.to_owned())) } else { Err(NotAnId { given: text.chars().take(64).collect(), what: $what }) }
            }
        }
        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

declare_id!(
    /// A record; part of its DOI and of every address of its bytes. 45 random bits.
    RecordId, 9, "a record id"
);
declare_id!(AccountId, 12, "an account id");
declare_id!(
    /// An upload; knowing it is not enough to write to it.
    UploadId, 20, "an upload id"
);
declare_id!(TokenId, 12, "a token id");

/// A job's number, given by the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JobId(pub i64);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_a_strange_one_is_refused() {
        let id = RecordId::from_random(&[1, 2, 3, 40, 50, 60, 70, 80, 255]);
        assert_eq!(id.as_str().parse::<RecordId>().unwrap(), id);
        for bad in ["", "short", "../../etc", "0123456i9", "ABCDEFGHJ", "0123456789"] {
            assert!(bad.parse::<RecordId>().is_err(), "{bad}");
        }
    }
}
