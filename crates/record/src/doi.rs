//! A Digital Object Identifier. The name of ours is computed, so it is there at once;
//! telling the registrar is a job that may take its time.

use crate::{id::RecordId, version::Version};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Kept in lower case, without resolver: `10.5072/science3d.7h3k9x2q4`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Doi(String);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("“{0}” is not a DOI such as 10.1098/rsif.2008.0155")]
pub struct NotADoi(String);

/// A DOI prefix, `10.` and a registrant code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prefix(String);

impl Prefix {
    /// DataCite's prefix for tests.
    pub const SANDBOX: &str = "10.5072";

    pub fn parse(text: &str) -> Option<Self> {
        let registrant = text.strip_prefix("10.")?;
        let good = (4..=9).contains(&registrant.len()) && registrant.bytes().all(|byte| byte.is_ascii_digit());
        good.then(|| Self(text.to_owned()))
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Doi {
    pub const BYTES_MAX: usize = 256;

    pub fn for_record(prefix: &Prefix, id: &RecordId) -> Self {
        Self(format!("{}/science3d.{id}", prefix.0))
    }
    /// The DOI of one version, below the one that stands for all versions.
    pub fn for_version(&self, version: Version) -> Self {
        Self(format!("{}.{version}", self.0))
    }
    /// The DOI that stands for all versions, and the version, of a name that [`Doi::for_version`] made.
    pub fn split_version(&self) -> Option<(Self, Version)> {
        let (all, version) = self.0.rsplit_once('.')?;
        Some((all.parse().ok()?, version.parse().ok()?))
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
    pub fn url(&self) -> String {
        format!("https://doi.org/{}", self.0)
    }

    /// Finds a DOI in what a person pasted: bare, with `doi:` or with any resolver before it.
    pub fn find(text: &str) -> Option<Self> {
        let start = text.find("10.")?;
        text[start..].split_whitespace().next()?.trim_end_matches(['.', ',', ';', ')']).parse().ok()
    }
}

impl FromStr for Doi {
    type Err = NotADoi;
    fn from_str(text: &str) -> Result<Self, NotADoi> {
        let refused = || NotADoi(text.chars().take(80).collect());
        let mut bare = text.trim();
        for resolver in ["https://doi.org/", "http://doi.org/", "https://dx.doi.org/", "http://dx.doi.org/", "doi:", "DOI:"] {
            bare = bare.strip_prefix(resolver).unwrap_or(bare).trim_start();
        }
        let (prefix, suffix) = bare.split_once('/').ok_or_else(refused)?;
        let registrant = prefix.strip_prefix("10.").ok_or_else(refused)?;
        let good = registrant.len() >= 4
            && registrant.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && !suffix.is_empty()
            && bare.len() <= Self::BYTES_MAX
            && suffix.chars().all(|letter| !letter.is_control() && !letter.is_whitespace());
        if good { Ok(Self(bare.to_lowercase())) } else { Err(refused()) }
    }
}

impl TryFrom<String> for Doi {
    type Error = NotADoi;
    fn try_from(text: String) -> Result<Self, NotADoi> {
        text.parse()
    }
}

impl From<Doi> for String {
    fn from(doi: Doi) -> String {
        doi.0
    }
}

impl fmt::Display for Doi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doi_is_read_however_people_paste_it() {
        for pasted in ["10.1098/RSIF.2008.0155", "doi:10.1098/rsif.2008.0155", "https://doi.org/10.1098/rsif.2008.0155"] {
            assert_eq!(pasted.parse::<Doi>().unwrap().as_str(), "10.1098/rsif.2008.0155");
        }
        assert_eq!(Doi::find("see https://doi.org/10.1098/rsif.2008.0155.").unwrap().as_str(), "10.1098/rsif.2008.0155");
        for bad in ["", "10.", "10.1098", "10.1098/", "11.1098/x", "10.10 98/x"] {
            assert!(bad.parse::<Doi>().is_err(), "{bad}");
        }
    }

    #[test]
    fn our_name_is_computed_from_the_record() {
        let prefix = Prefix::parse("10.5072").unwrap();
        let id: RecordId = "7h3k9x2q4".parse().unwrap();
        assert_eq!(Doi::for_record(&prefix, &id).as_str(), "10.5072/science3d.7h3k9x2q4");
        assert_eq!(Prefix::parse("10.50x2"), None);
        let all = Doi::for_record(&prefix, &id);
        let second = all.for_version(Version(2));
        assert_eq!(second.as_str(), "10.5072/science3d.7h3k9x2q4.v2");
        assert_eq!(second.split_version(), Some((all.clone(), Version(2))));
        assert_eq!(all.split_version(), None);
    }
}
