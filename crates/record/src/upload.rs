//! A file on its way in.

use crate::{
    file::FilePath,
    id::{AccountId, NotAnId, RecordId, UploadId},
    instant::Instant,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What becomes of an upload whose last byte has arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A file of the record.
    #[default]
    File,
    /// Nothing yet: it waits to be joined with others to one file.
    Part,
    /// A file of the record, whose bytes come from these parts, in this order.
    Join { parts: Vec<UploadId> },
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("file"),
            Self::Part => f.write_str("part"),
            Self::Join { parts } => {
                f.write_str("join")?;
                parts.iter().try_for_each(|part| write!(f, " {part}"))
            }
        }
    }
}

impl FromStr for Purpose {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let ids = |text: &str| text.split(' ').map(str::parse).collect::<Result<_, _>>();
        match text {
            "file" => Ok(Self::File),
            "part" => Ok(Self::Part),
            _ => Ok(Self::Join { parts: ids(text.strip_prefix("join ").unwrap_or(text))? }),
        }
    }
}

/// How many bytes have arrived is not here: that is the length of the staged file, which cannot lie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    pub id: UploadId,
    pub record: RecordId,
    pub account: AccountId,
    pub path: FilePath,
    pub bytes: u64,
    pub created_at: Instant,
    #[serde(default)]
    pub purpose: Purpose,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_reads_back() {
        let part = |letter: u8| UploadId::from_random(&[letter; 20]);
        for purpose in [Purpose::File, Purpose::Part, Purpose::Join { parts: vec![part(1), part(2)] }] {
            assert_eq!(purpose.to_string().parse::<Purpose>().unwrap(), purpose);
        }
        for bad in ["", "join x", "Part", "part of"] {
            assert!(bad.parse::<Purpose>().is_err(), "{bad:?}");
        }
    }
}
