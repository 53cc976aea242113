//! How a record stands to other works, in DataCite's words.

use crate::doi::Doi;
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
}

impl Relation {
    pub fn address(&self) -> String {
        match &self.target {
            Target::Doi(doi) => doi.url(),
            Target::Url(url) => url.clone(),
        }
    }
    pub fn words(&self) -> String {
        self.title.clone().unwrap_or_else(|| match &self.target {
            Target::Doi(doi) => doi.to_string(),
            Target::Url(url) => url.clone(),
        })
    }
}

/// DataCite `relationType` (kernel 4.6), as far as depositors need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RelationType {
    IsSupplementTo,
    IsSupplementedBy,
    IsCitedBy,
    Cites,
    References,
    IsReferencedBy,
    IsDerivedFrom,
    IsSourceOf,
    IsPartOf,
    HasPart,
    IsVariantFormOf,
    IsDescribedBy,
    IsDocumentedBy,
    HasVersion,
    IsVersionOf,
    IsNewVersionOf,
    IsPreviousVersionOf,
}

impl RelationType {
    /// Those that depositors choose from; between versions the archive sets them.
    pub const ALL: [RelationType; 13] = [
        Self::IsSupplementTo,
        Self::IsSupplementedBy,
        Self::IsCitedBy,
        Self::Cites,
        Self::References,
        Self::IsReferencedBy,
        Self::IsDerivedFrom,
        Self::IsSourceOf,
        Self::IsPartOf,
        Self::HasPart,
        Self::IsVariantFormOf,
        Self::IsDescribedBy,
        Self::IsDocumentedBy,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::IsSupplementTo => "IsSupplementTo",
            Self::IsSupplementedBy => "IsSupplementedBy",
            Self::IsCitedBy => "IsCitedBy",
            Self::Cites => "Cites",
            Self::References => "References",
            Self::IsReferencedBy => "IsReferencedBy",
            Self::IsDerivedFrom => "IsDerivedFrom",
            Self::IsSourceOf => "IsSourceOf",
            Self::IsPartOf => "IsPartOf",
            Self::HasPart => "HasPart",
            Self::IsVariantFormOf => "IsVariantFormOf",
            Self::IsDescribedBy => "IsDescribedBy",
            Self::IsDocumentedBy => "IsDocumentedBy",
            Self::HasVersion => "HasVersion",
            Self::IsVersionOf => "IsVersionOf",
            Self::IsNewVersionOf => "IsNewVersionOf",
            Self::IsPreviousVersionOf => "IsPreviousVersionOf",
        }
    }
}
