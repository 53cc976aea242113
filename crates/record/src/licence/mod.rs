//! Under which terms others may use it: any licence of SPDX's list, by its id. The list is that of the crate `spdx`; what is here
//! besides is what a reader asks next: what it means, where its text is, and whether a print may be made of it.

mod explained;

use crate::term::Bilingual;
use explained::{EXPLAINED, NO_CHANGED_COPIES, NOT_EXPLAINED};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, str::FromStr, sync::LazyLock};

/// An id of SPDX's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Licence(&'static Terms);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Terms {
    spdx: &'static str,
    name: String,
    url: String,
    /// In one plain sentence; no legal advice.
    explained: Bilingual,
    /// SPDX gave it another id; what has this one keeps it.
    is_superseded: bool,
    allows_derivatives: bool,
}

/// Their texts let others make copies and say nothing of changed ones, or ask for the whole text unchanged. Found by reading all
/// texts of the list; whatever Creative Commons forbids to change says so by the letters ND in its id.
const COPIES_ONLY: [&str; 6] = ["Advanced-Cryptics-Dictionary", "ISO-permission", "MIPS", "ThirdEye", "Unicode-TOU", "atc-game"];
/// What the crate's list holds besides licences.
const NO_LICENCE: &str = "NOASSERTION";
/// Terms of Creative Commons whose address follows from their id.
const CREATIVE_COMMONS: [&str; 6] = ["BY", "BY-SA", "BY-NC", "BY-NC-SA", "BY-ND", "BY-NC-ND"];

/// Those that are explained, in the order of the form, then the rest by id.
static ALL: LazyLock<Vec<Terms>> = LazyLock::new(|| {
    let listed = || spdx::identifiers::LICENSES.iter().filter(|licence| licence.name != NO_LICENCE);
    let explained = EXPLAINED.iter().filter_map(|(spdx, says)| Some(Terms::of(listed().find(|listed| listed.name == *spdx)?, Some(*says))));
    let is_explained = |name: &str| EXPLAINED.iter().any(|(spdx, _)| *spdx == name);
    let others = listed().filter(|listed| !is_explained(listed.name)).map(|listed| Terms::of(listed, None));
    explained.chain(others).collect()
});

/// By id, by name and by the addresses under which a licence is known, all in small letters.
static BY_NAME: LazyLock<HashMap<String, Licence>> = LazyLock::new(|| {
    let mut known: HashMap<String, Licence> = ALL.iter().map(|terms| (terms.spdx.to_lowercase(), Licence(terms))).collect();
    // A name that two ids share is that of the id which SPDX still gives.
    let (superseded, given): (Vec<&'static Terms>, Vec<&'static Terms>) = ALL.iter().partition(|terms| terms.is_superseded);
    for licence in given.into_iter().chain(superseded).map(Licence) {
        let id = licence.spdx().to_lowercase();
        let addresses = [
            bare_address(licence.url()),
            format!("spdx.org/licenses/{id}"),
            format!("opensource.org/licenses/{id}"),
            format!("opensource.org/license/{id}"),
        ];
        for name in addresses.into_iter().chain([licence.name().to_lowercase()]) {
            known.entry(name).or_insert(licence);
        }
    }
    known
});

impl Terms {
    fn of(listed: &'static spdx::License, says: Option<Bilingual>) -> Self {
        let forbids = listed.name.split('-').any(|part| part == "ND") || COPIES_ONLY.contains(&listed.name);
        Self {
            spdx: listed.name,
            name: listed.full_name.split_whitespace().collect::<Vec<_>>().join(" "),
            url: url_of(listed.name),
            explained: says.unwrap_or(if forbids { NO_CHANGED_COPIES } else { NOT_EXPLAINED }),
            is_superseded: listed.flags & spdx::flags::IS_DEPRECATED != 0,
            allows_derivatives: !forbids,
        }
    }
}

/// Where its text is: the publisher's own page where that follows from the id, else SPDX's.
fn url_of(spdx: &str) -> String {
    match spdx {
        "CC0-1.0" => return "https://creativecommons.org/publicdomain/zero/1.0/".to_owned(),
        "CC-PDM-1.0" => return "https://creativecommons.org/publicdomain/mark/1.0/".to_owned(),
        "ODbL-1.0" => return "https://opendatacommons.org/licenses/odbl/1-0/".to_owned(),
        "ODC-By-1.0" => return "https://opendatacommons.org/licenses/by/1-0/".to_owned(),
        "PDDL-1.0" => return "https://opendatacommons.org/licenses/pddl/1-0/".to_owned(),
        _ => {}
    }
    let parts: Vec<&str> = spdx.strip_prefix("CC-").unwrap_or("").split('-').collect();
    let version = parts.iter().position(|part| part.starts_with(|first: char| first.is_ascii_digit()));
    if let Some(version) = version.filter(|version| CREATIVE_COMMONS.contains(&parts[..*version].join("-").as_str())) {
        // The first version had its letters the other way round.
        let terms = match (parts[..version].join("-").as_str(), parts[version]) {
            ("BY-NC-ND", "1.0") => "by-nd-nc".to_owned(),
            (terms, _) => terms.to_lowercase(),
        };
        let place: Vec<String> = parts[version..].iter().map(|part| part.to_lowercase()).collect();
        return format!("https://creativecommons.org/licenses/{terms}/{}/", place.join("/"));
    }
    format!("https://spdx.org/licenses/{spdx}.html")
}

/// However the scheme and the end of an address are written.
fn bare_address(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let text = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let text = text.trim_start_matches("www.").trim_end_matches("legalcode").trim_end_matches('/');
    text.trim_end_matches(".html").to_owned()
}

impl Licence {
    /// Those that are explained, which forms show first.
    pub fn offered() -> impl Iterator<Item = Licence> {
        ALL.iter().take(EXPLAINED.len()).map(Licence)
    }
    /// Everything that may be chosen: those that are explained first; without ids that SPDX no longer gives.
    pub fn all() -> impl Iterator<Item = Licence> {
        ALL.iter().filter(|terms| !terms.is_superseded).map(Licence)
    }
    /// By an address under which it is known, its id or its name.
    pub fn by_address(text: &str) -> Option<Licence> {
        BY_NAME.get(&bare_address(text)).or_else(|| BY_NAME.get(&text.trim().to_lowercase())).copied()
    }
    /// What fits words that somebody types, the usual ones first: each word stands in the id or the name.
    pub fn suggest(typed: &str) -> impl Iterator<Item = Licence> + use<> {
        let words: Vec<String> = folded(typed).split_whitespace().map(str::to_owned).collect();
        let shown = if words.is_empty() { EXPLAINED.len() } else { usize::MAX };
        let fits = move |licence: &Licence| {
            let held = folded(&format!("{} {}", licence.spdx(), licence.name()));
            words.iter().all(|word| held.contains(word.as_str()))
        };
        Self::all().filter(fits).take(shown)
    }
    pub fn spdx(self) -> &'static str {
        self.0.spdx
    }
    pub fn name(self) -> &'static str {
        &self.0.name
    }
    pub fn url(self) -> &'static str {
        &self.0.url
    }
    /// What it allows and asks for, in one plain sentence.
    pub fn explained(self) -> Bilingual {
        self.0.explained
    }
    /// For people, beside a file: its name, what it means in English and German, and where its text is.
    pub fn words(self) -> String {
        let Bilingual { en, de } = self.explained();
        format!("{} ({})\n\n{en}\n{de}\n\n{}\n", self.name(), self.spdx(), self.url())
    }
    /// Whether others may change it and hand on what they made: what a print is.
    pub fn allows_derivatives(self) -> bool {
        self.0.allows_derivatives
    }
}

/// `CC BY 4.0` and `CC-BY-4.0` are typed for the same thing.
fn folded(text: &str) -> String {
    text.to_lowercase().replace('-', " ")
}

#[derive(Debug, thiserror::Error)]
#[error("“{0}” is no licence of SPDX's list; use an id such as CC-BY-4.0 or CC0-1.0, see https://spdx.org/licenses/")]
pub struct UnknownLicence(String);

impl FromStr for Licence {
    type Err = UnknownLicence;
    /// By its id, or by its whole name.
    fn from_str(text: &str) -> Result<Self, UnknownLicence> {
        BY_NAME.get(&text.trim().to_lowercase()).copied().ok_or_else(|| UnknownLicence(text.chars().take(64).collect()))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(id: &str) -> Licence {
        id.parse().unwrap()
    }

    #[test]
    fn every_id_of_the_list_is_taken_and_leads_to_itself() {
        assert!(Licence::all().count() > 600);
        for listed in spdx::identifiers::LICENSES.iter().filter(|listed| listed.name != NO_LICENCE) {
            assert_eq!(of(listed.name).spdx(), listed.name);
            assert_eq!(of(&listed.name.to_lowercase()).spdx(), listed.name);
            assert!(of(listed.name).url().starts_with("https://") && !of(listed.name).name().contains("  "));
        }
        for wrong in ["", "NOASSERTION", "CC-BY", "mine", "https://example.org/licence"] {
            assert!(wrong.parse::<Licence>().is_err() && Licence::by_address(wrong).is_none(), "{wrong}");
        }
        assert_eq!(of("GPL-3.0+").spdx(), "GPL-3.0+", "an older id stays what it says");
        assert!(Licence::all().all(|licence| licence.spdx() != "GPL-3.0+"), "and is not offered");
    }

    #[test]
    fn every_explanation_is_of_a_licence_and_in_both_languages() {
        assert_eq!(Licence::offered().map(Licence::spdx).collect::<Vec<_>>(), EXPLAINED.map(|(spdx, _)| spdx));
        for licence in Licence::offered() {
            assert!(!licence.0.is_superseded && licence.explained() != NOT_EXPLAINED);
            assert!(licence.explained().en.ends_with('.') && licence.explained().de.ends_with('.'), "{licence:?}");
        }
        assert_eq!(of("0BSD").explained(), NOT_EXPLAINED);
    }

    #[test]
    fn who_forbids_changed_copies_is_known() {
        for forbids in ["CC-BY-ND-4.0", "CC-BY-NC-ND-4.0", "CC-BY-ND-3.0-DE", "CC-BY-NC-ND-3.0-IGO", "MIPS", "ISO-permission"] {
            assert!(!of(forbids).allows_derivatives(), "{forbids}");
            assert!(of(forbids).explained().en.contains("changed"), "{forbids}");
        }
        // HPND are letters of a name and no condition.
        for allows in
            ["CC-BY-4.0", "CC0-1.0", "CC-BY-NC-SA-4.0", "ODbL-1.0", "MIT", "HPND", "BSD-Attribution-HPND-disclaimer", "Adobe-Glyph"]
        {
            assert!(of(allows).allows_derivatives(), "{allows}");
        }
    }

    #[test]
    fn a_licence_is_found_by_address_and_by_what_people_type() {
        for (address, spdx) in [
            ("http://creativecommons.org/licenses/by/3.0/de", "CC-BY-3.0-DE"),
            ("https://creativecommons.org/licenses/by-nd-nc/1.0/legalcode", "CC-BY-NC-ND-1.0"),
            ("https://spdx.org/licenses/MIT", "MIT"),
            ("https://opensource.org/licenses/BSD-3-Clause", "BSD-3-Clause"),
            ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ] {
            assert_eq!(Licence::by_address(address).map(Licence::spdx), Some(spdx), "{address}");
        }
        let first = |typed: &str| Licence::suggest(typed).next().map(Licence::spdx);
        assert_eq!(first("cc by"), Some("CC-BY-4.0"));
        assert_eq!(first("gnu lesser 2.1"), Some("LGPL-2.1-only"));
        assert_eq!(first("attribution 3.0 germany"), Some("CC-BY-3.0-DE"));
        assert_eq!(Licence::suggest(" ").count(), EXPLAINED.len());
        assert_eq!(Licence::suggest("no such thing").count(), 0);
        assert_eq!(of("Creative Commons Attribution 4.0 International").spdx(), "CC-BY-4.0");
    }
}
