//! Under which terms others may use it: a short list of SPDX licences fit for data.

use crate::term::Bilingual;
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
    /// In one plain sentence; no legal advice.
    pub explained: Bilingual,
}

static OFFERED: [Terms; 7] = [
    Terms {
        spdx: "CC-BY-4.0",
        name: "Creative Commons Attribution 4.0 International",
        url: "https://creativecommons.org/licenses/by/4.0/",
        explained: Bilingual::new(
            "Anyone may use, change and share it for any purpose, also to earn money, if they name you.",
            "Alle dürfen es für jeden Zweck nutzen, ändern und weitergeben, auch um Geld zu verdienen, wenn sie Sie nennen.",
        ),
    },
    Terms {
        spdx: "CC0-1.0",
        name: "Creative Commons Zero 1.0 Universal",
        url: "https://creativecommons.org/publicdomain/zero/1.0/",
        explained: Bilingual::new(
            "You give up your rights: anyone may do anything with it, and nobody must name you.",
            "Sie verzichten auf Ihre Rechte: Alle dürfen alles damit tun, und niemand muss Sie nennen.",
        ),
    },
    Terms {
        spdx: "CC-BY-SA-4.0",
        name: "Creative Commons Attribution Share Alike 4.0 International",
        url: "https://creativecommons.org/licenses/by-sa/4.0/",
        explained: Bilingual::new(
            "As CC BY; who changes it must share the result under the same terms.",
            "Wie CC BY; wer es ändert, muss das Ergebnis unter denselben Bedingungen weitergeben.",
        ),
    },
    Terms {
        spdx: "CC-BY-NC-4.0",
        name: "Creative Commons Attribution Non Commercial 4.0 International",
        url: "https://creativecommons.org/licenses/by-nc/4.0/",
        explained: Bilingual::new(
            "As CC BY, but not to earn money; many museums, schools with fees and firms cannot use it.",
            "Wie CC BY, aber nicht um Geld zu verdienen; viele Museen, Schulen mit Gebühren und Firmen können es nicht nutzen.",
        ),
    },
    Terms {
        spdx: "CC-BY-NC-SA-4.0",
        name: "Creative Commons Attribution Non Commercial Share Alike 4.0 International",
        url: "https://creativecommons.org/licenses/by-nc-sa/4.0/",
        explained: Bilingual::new(
            "Not to earn money, and who changes it must share the result under the same terms; they must name you.",
            "Nicht um Geld zu verdienen, und wer es ändert, muss das Ergebnis unter denselben Bedingungen weitergeben; Sie sind zu nennen.",
        ),
    },
    Terms {
        spdx: "CC-BY-ND-4.0",
        name: "Creative Commons Attribution No Derivatives 4.0 International",
        url: "https://creativecommons.org/licenses/by-nd/4.0/",
        explained: Bilingual::new(
            "It may be shared as it is if they name you; nobody may share a changed version, such as a segmentation or a print.",
            "Es darf unverändert weitergegeben werden, wenn Sie genannt werden; Bearbeitungen wie Segmentierungen oder Drucke darf niemand weitergeben.",
        ),
    },
    Terms {
        spdx: "ODbL-1.0",
        name: "Open Data Commons Open Database License v1.0",
        url: "https://opendatacommons.org/licenses/odbl/1-0/",
        explained: Bilingual::new(
            "For databases: anyone may use and change it if they name you and share a changed database under the same terms.",
            "Für Datenbanken: Alle dürfen sie nutzen und ändern, wenn sie Sie nennen und eine geänderte Datenbank unter denselben Bedingungen weitergeben.",
        ),
    },
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
    /// What it allows and asks for, in one plain sentence.
    pub fn explained(self) -> Bilingual {
        self.0.explained
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
