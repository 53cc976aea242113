//! Who paid for it.

use crate::term::terms;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Funding {
    pub funder: String,
    /// Address of the funder in a register: ROR, Crossref Funder ID, ISNI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub funder_id: Option<String>,
    /// Number of the grant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub award: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub award_title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub award_url: Option<String>,
}

terms! {
    /// DataCite `funderIdentifierType` (kernel 4.6).
    pub enum FunderIdType {
        Ror = "ROR", "ROR" | "ROR";
        Crossref = "Crossref Funder ID", "Crossref Funder ID" | "Crossref Funder ID";
        Isni = "ISNI", "ISNI" | "ISNI";
        Grid = "GRID", "GRID" | "GRID";
        Other = "Other", "other register" | "anderes Verzeichnis";
    }
}

impl Funding {
    /// Which register the funder's id is of, by its look.
    pub fn funder_id_type(&self) -> Option<FunderIdType> {
        let id = self.funder_id.as_deref()?;
        Some(match id {
            _ if id.contains("ror.org/") => FunderIdType::Ror,
            _ if id.contains("10.13039/") => FunderIdType::Crossref,
            _ if id.contains("isni.org/") => FunderIdType::Isni,
            _ if id.starts_with("grid.") => FunderIdType::Grid,
            _ => FunderIdType::Other,
        })
    }
}
