//! A frozen state of a record's files and metadata, counted from one.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version(pub u32);

impl Version {
    pub const FIRST: Version = Version(1);

    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0)
    }
}

impl FromStr for Version {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text.strip_prefix('v').and_then(|number| number.parse().ok()) {
            // One name each: `v01` and `v+1` would be other addresses of the same thing.
            Some(number @ 1..=1_000_000) if Self(number).to_string() == text => Ok(Self(number)),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_one_name() {
        assert_eq!("v1".parse(), Ok(Version::FIRST));
        assert_eq!("v1000000".parse(), Ok(Version(1_000_000)));
        for bad in ["", "v", "1", "V1", "v0", "v01", "v+1", "v 1", "vv1", "v1000001"] {
            assert_eq!(bad.parse::<Version>(), Err(()), "{bad}");
        }
    }
}
