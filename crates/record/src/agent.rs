//! Who made it.

use crate::{identifier::Ror, term::terms};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, from = "PersonAsWritten")]
pub struct Person {
    /// Of an organisation its whole name.
    pub family: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub given: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orcid: Option<Orcid>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub affiliations: Vec<Affiliation>,
    /// What this person did, in the words of CRediT.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<CreditRole>,
    /// A collaboration or an institute, which has no given name.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub organisation: bool,
}

/// Also as records kept people before somebody could have two affiliations.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PersonAsWritten {
    family: String,
    given: String,
    orcid: Option<Orcid>,
    affiliation: Option<String>,
    affiliations: Vec<Affiliation>,
    roles: Vec<CreditRole>,
    organisation: bool,
}

impl From<PersonAsWritten> for Person {
    fn from(written: PersonAsWritten) -> Self {
        let PersonAsWritten { family, given, orcid, affiliation, mut affiliations, roles, organisation } = written;
        affiliations.extend(affiliation.map(Affiliation::named));
        Self { family, given, orcid, affiliations, roles, organisation }
    }
}

/// Where somebody worked when it was made.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Affiliation {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ror: Option<Ror>,
}

impl Affiliation {
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ror: None }
    }
}

/// Somebody who had part in it without being an author.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contributor {
    pub person: Person,
    pub part: ContributorType,
}

terms! {
    /// DataCite `contributorType` (kernel 4.6).
    pub enum ContributorType {
        ContactPerson = "ContactPerson", "contact" | "Kontakt";
        DataCollector = "DataCollector", "collected the data" | "hat die Daten erhoben";
        DataCurator = "DataCurator", "curated the data" | "hat die Daten kuratiert";
        DataManager = "DataManager", "manages the data" | "verwaltet die Daten";
        Distributor = "Distributor", "distributes it" | "verbreitet es";
        Editor = "Editor", "editor" | "Herausgabe";
        HostingInstitution = "HostingInstitution", "hosts it" | "beherbergt es";
        Producer = "Producer", "produced it" | "hat es hergestellt";
        ProjectLeader = "ProjectLeader", "project leader" | "Projektleitung";
        ProjectManager = "ProjectManager", "project manager" | "Projektkoordination";
        ProjectMember = "ProjectMember", "project member" | "Projektmitglied";
        RegistrationAgency = "RegistrationAgency", "registration agency" | "Registrierungsagentur";
        RegistrationAuthority = "RegistrationAuthority", "registration authority" | "Registrierungsbehörde";
        RelatedPerson = "RelatedPerson", "related person" | "verbundene Person";
        Researcher = "Researcher", "researcher" | "hat daran geforscht";
        ResearchGroup = "ResearchGroup", "research group" | "Forschungsgruppe";
        RightsHolder = "RightsHolder", "holds the rights" | "hat die Rechte";
        Sponsor = "Sponsor", "sponsor" | "unterstützt es";
        Supervisor = "Supervisor", "supervisor" | "Betreuung";
        Translator = "Translator", "translator" | "hat übersetzt";
        WorkPackageLeader = "WorkPackageLeader", "work package leader" | "Leitung des Arbeitspakets";
        Other = "Other", "other part" | "anderer Anteil";
    }
}

terms! {
    /// The fourteen roles of CRediT (ANSI/NISO Z39.104-2022), by the last part of their addresses.
    pub enum CreditRole {
        Conceptualization = "conceptualization", "conceptualization" | "Konzept";
        DataCuration = "data-curation", "data curation" | "Datenpflege";
        FormalAnalysis = "formal-analysis", "formal analysis" | "Auswertung";
        FundingAcquisition = "funding-acquisition", "funding acquisition" | "Einwerben der Mittel";
        Investigation = "investigation", "investigation" | "Untersuchung";
        Methodology = "methodology", "methodology" | "Methodik";
        ProjectAdministration = "project-administration", "project administration" | "Projektverwaltung";
        Resources = "resources", "resources" | "Mittel und Proben";
        Software = "software", "software" | "Programme";
        Supervision = "supervision", "supervision" | "Betreuung";
        Validation = "validation", "validation" | "Prüfung";
        Visualization = "visualization", "visualization" | "Darstellung";
        WritingOriginalDraft = "writing-original-draft", "writing – original draft" | "Schreiben des Entwurfs";
        WritingReviewEditing = "writing-review-editing", "writing – review & editing" | "Überarbeitung des Textes";
    }
}

impl CreditRole {
    pub fn url(self) -> String {
        format!("https://credit.niso.org/contributor-roles/{}/", self.name())
    }

    /// DataCite's word for it. Writing makes an author, which DataCite says already; money and means have no word there.
    pub fn contributor_type(self) -> Option<ContributorType> {
        Some(match self {
            Self::DataCuration => ContributorType::DataCurator,
            Self::Investigation => ContributorType::DataCollector,
            Self::ProjectAdministration => ContributorType::ProjectManager,
            Self::Supervision => ContributorType::Supervisor,
            Self::Conceptualization | Self::FormalAnalysis | Self::Methodology | Self::Validation => ContributorType::Researcher,
            Self::Software | Self::Visualization => ContributorType::Producer,
            Self::FundingAcquisition | Self::Resources | Self::WritingOriginalDraft | Self::WritingReviewEditing => return None,
        })
    }
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
    fn people_of_old_records_keep_their_affiliation() {
        let old: Person = serde_json::from_str(r#"{"family":"Haas","given":"Alexander","affiliation":"Universität Hamburg"}"#).unwrap();
        assert_eq!(old.affiliations, [Affiliation::named("Universität Hamburg")]);
        let now = serde_json::to_string(&old).unwrap();
        assert_eq!(now, r#"{"family":"Haas","given":"Alexander","affiliations":[{"name":"Universität Hamburg"}]}"#);
        assert_eq!(serde_json::from_str::<Person>(&now).unwrap(), old);
        assert!(serde_json::from_str::<Person>(r#"{"family":"Haas","nick":"A"}"#).is_err());
    }

    #[test]
    fn a_name_is_split_as_people_write_it() {
        assert_eq!(Person::from_text("Kleinteich, Thomas").natural_name(), "Thomas Kleinteich");
        assert_eq!(Person::from_text("Adam P. Summers").sorted_name(), "Summers, Adam P.");
        assert_eq!(Person::from_text("Plato").sorted_name(), "Plato");
    }
}
