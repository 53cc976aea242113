//! How a record stands to other works, in DataCite's words.

use crate::{doi::Doi, id::RecordId, term::terms, version::Version};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    pub relation: RelationType,
    pub target: Target,
    /// What a reader sees; the DOI or address itself when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    Doi(Doi),
    Url(String),
    /// A record here that has no DOI yet, or none of its own.
    Record(RecordId),
}

impl Relation {
    /// Where a reader goes; within this site for a record here.
    pub fn address(&self) -> String {
        match &self.target {
            Target::Doi(doi) => doi.url(),
            Target::Url(url) => url.clone(),
            Target::Record(id) => format!("/records/{id}"),
        }
    }
    pub fn words(&self) -> String {
        self.title.clone().unwrap_or_else(|| self.target.text())
    }
}

impl Target {
    /// As people write it.
    pub fn text(&self) -> String {
        match self {
            Target::Doi(doi) => doi.to_string(),
            Target::Url(url) => url.clone(),
            Target::Record(id) => id.to_string(),
        }
    }

    /// Whether this names the record itself: its id, its own DOI or that of one of its versions.
    pub fn is(&self, id: &RecordId, own_doi: &Doi) -> bool {
        match self {
            Target::Record(other) => other == id,
            Target::Doi(other) => other == own_doi || other.split_version().is_some_and(|(all, Version(_))| all == *own_doi),
            Target::Url(_) => false,
        }
    }
}

terms! {
    /// DataCite `relationType` (kernel 4.6). Those between versions are set by the archive.
    pub enum RelationType {
        IsSupplementTo = "IsSupplementTo", "is supplement to" | "ergänzt";
        IsSupplementedBy = "IsSupplementedBy", "is supplemented by" | "wird ergänzt durch";
        IsCitedBy = "IsCitedBy", "is cited by" | "wird zitiert von";
        Cites = "Cites", "cites" | "zitiert";
        References = "References", "refers to" | "verweist auf";
        IsReferencedBy = "IsReferencedBy", "is referred to by" | "wird erwähnt von";
        IsDerivedFrom = "IsDerivedFrom", "is derived from" | "ist abgeleitet von";
        IsSourceOf = "IsSourceOf", "is source of" | "ist Quelle von";
        IsPartOf = "IsPartOf", "is part of" | "ist Teil von";
        HasPart = "HasPart", "has part" | "enthält";
        IsVariantFormOf = "IsVariantFormOf", "is another view of" | "ist eine andere Ansicht von";
        IsOriginalFormOf = "IsOriginalFormOf", "is the original form of" | "ist die Urform von";
        IsIdenticalTo = "IsIdenticalTo", "is identical to" | "ist dasselbe wie";
        Describes = "Describes", "describes" | "beschreibt";
        IsDescribedBy = "IsDescribedBy", "is described by" | "wird beschrieben von";
        Documents = "Documents", "documents" | "dokumentiert";
        IsDocumentedBy = "IsDocumentedBy", "is documented by" | "wird dokumentiert von";
        IsPublishedIn = "IsPublishedIn", "is published in" | "ist erschienen in";
        IsCompiledBy = "IsCompiledBy", "is compiled by" | "wird erzeugt von";
        Compiles = "Compiles", "compiles" | "erzeugt";
        Continues = "Continues", "continues" | "setzt fort";
        IsContinuedBy = "IsContinuedBy", "is continued by" | "wird fortgesetzt von";
        Reviews = "Reviews", "reviews" | "begutachtet";
        IsReviewedBy = "IsReviewedBy", "is reviewed by" | "wird begutachtet von";
        Requires = "Requires", "requires" | "braucht";
        IsRequiredBy = "IsRequiredBy", "is required by" | "wird gebraucht von";
        Obsoletes = "Obsoletes", "replaces" | "ersetzt";
        IsObsoletedBy = "IsObsoletedBy", "is replaced by" | "wird ersetzt von";
        Collects = "Collects", "collects" | "sammelt";
        IsCollectedBy = "IsCollectedBy", "is collected by" | "wird gesammelt von";
        HasTranslation = "HasTranslation", "has the translation" | "hat die Übersetzung";
        IsTranslationOf = "IsTranslationOf", "is a translation of" | "ist eine Übersetzung von";
        HasMetadata = "HasMetadata", "has further metadata in" | "hat weitere Angaben in";
        IsMetadataFor = "IsMetadataFor", "holds metadata of" | "enthält Angaben zu";
        HasVersion = "HasVersion", "has the version" | "hat die Version";
        IsVersionOf = "IsVersionOf", "is a version of" | "ist eine Version von";
        IsNewVersionOf = "IsNewVersionOf", "is a new version of" | "ist eine neue Version von";
        IsPreviousVersionOf = "IsPreviousVersionOf", "is the version before" | "ist die Version vor";
    }
}

impl RelationType {
    /// Those that the archive sets between versions of one record.
    pub fn is_between_versions(self) -> bool {
        matches!(self, Self::HasVersion | Self::IsVersionOf | Self::IsNewVersionOf | Self::IsPreviousVersionOf)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_knows_itself_among_targets() {
        let id: RecordId = "7h3k9x2q4".parse().unwrap();
        let own: Doi = "10.5072/science3d.7h3k9x2q4".parse().unwrap();
        let itself = [Target::Record(id.clone()), Target::Doi(own.clone()), Target::Doi(own.for_version(Version(3)))];
        assert!(itself.iter().all(|target| target.is(&id, &own)));
        let other = [Target::Record("c0ffee123".parse().unwrap()), Target::Doi("10.1098/rsif.2008.0155".parse().unwrap())];
        assert!(!other.iter().any(|target| target.is(&id, &own)));
    }

    #[test]
    fn names_are_those_of_datacite_and_read_in_any_case() {
        assert_eq!(RelationType::ALL.len(), 38);
        assert_eq!(RelationType::by_name("issupplementto"), Some(RelationType::IsSupplementTo));
        assert_eq!(serde_json::to_string(&RelationType::HasTranslation).unwrap(), "\"HasTranslation\"");
    }
}
