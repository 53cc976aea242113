//! Under which terms others may use it: a short list of SPDX licences fit for data.

use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// An SPDX licence id from [`Licence::OFFERED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Licence(&'static Terms);

#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Terms {
    pub spdx: &'static str,
    pub name: &'static str,
    pub url: &'static str,
}

static OFFERED: [Terms; 7] = [
    Terms {
        spdx: "CC-BY-4.0",
        name: "Creative Commons Attribution 4.0 International",
        url: "https://creativecommons.org/licenses/by/4.0/",
    },
    Terms { spdx: "CC0-1.0", name: "Creative Commons Zero 1.0 Universal", url: "https://creativecommons.org/publicdomain/zero/1.0/" },
    Terms {
        spdx: "CC-BY-SA-4.0",
        name: "Creative Commons Attribution Share Alike 4.0 International",
        url: "https://creativecommons.org/licenses/by-sa/4.0/",
    },
    Terms {
        spdx: "CC-BY-NC-4.0",
        name: "Creative Commons Attribution Non Commercial 4.0 International",
        url: "https://creativecommons.org/licenses/by-nc/4.0/",
    },
    Terms {
        spdx: "CC-BY-NC-SA-4.0",
        name: "Creative Commons Attribution Non Commercial Share Alike 4.0 International",
        url: "https://creativecommons.org/licenses/by-nc-sa/4.0/",
    },
    Terms {
        spdx: "CC-BY-ND-4.0",
        name: "Creative Commons Attribution No Derivatives 4.0 International",
        url: "https://creativecommons.org/licenses/by-nd/4.0/",
    },
    Terms { spdx: "ODbL-1.0", name: "Open Data Commons Open Database License v1.0", url: "https://opendatacommons.org/licenses/odbl/1-0/" },
];

impl Licence {
    pub fn offered() -> impl Iterator<Item = Licence> {
        OFFERED.iter().map(Licence)
    }
    pub fn spdx(self) -> &'static str {
        self.0.spdx
    }
    pub fn name(self) -> &'static str {
        self.0.name
    }
    pub fn url(self) -> &'static str {
        self.0.url
    }
    /// Whether others may change it and hand on what they made: what a print is.
    pub fn allows_derivatives(self) -> bool {
        !self.0.spdx.contains("-ND")
    }
}

#[derive(Debug, thiserror::Error)]
#[error("“{0}” is no licence offered here; use an SPDX id such as CC-BY-4.0 or CC0-1.0")]
pub struct UnknownLicence(String);

impl FromStr for Licence {
    type Err = UnknownLicence;
    fn from_str(text: &str) -> Result<Self, UnknownLicence> {
        Licence::offered()
            .find(|licence| licence.spdx().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| UnknownLicence(text.chars().take(64).collect()))
    }
}

impl TryFrom<String> for Licence {
    type Error = UnknownLicence;
    fn try_from(text: String) -> Result<Self, UnknownLicence> {
        text.parse()
    }
}

impl From<Licence> for String {
    fn from(licence: Licence) -> String {
        licence.spdx().to_owned()
    }
}
