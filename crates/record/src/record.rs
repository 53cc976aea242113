//! One entry of the catalogue.

use crate::{
    doi::Doi,
    id::RecordId,
    instant::Instant,
    kind::Kind,
    metadata::Metadata,
    state::State,
    team::{Email, Member, Role},
    version::Version,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub id: RecordId,
    pub kind: Kind,
    #[serde(flatten)]
    pub state: State,
    /// The version being worked on, or the last one released.
    pub version: Version,
    /// Counts changes; a writer must name the revision it read.
    pub revision: i64,
    pub created_at: Instant,
    pub changed_at: Instant,
    pub team: Vec<Member>,
    pub metadata: Metadata,
    /// Form fields whose present value was read from the files' headers, not typed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub read_from_files: BTreeSet<String>,
}

/// What lies in the record, kept beside it so that no page has to count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holdings {
    pub files: u64,
    pub bytes: u64,
    pub unfinished_uploads: u64,
}

impl Record {
    pub fn draft(id: RecordId, kind: Kind, owner: Email, metadata: Metadata, now: Instant) -> Self {
        let team = vec![Member { email: owner, role: Role::Owner }];
        Self {
            id,
            kind,
            state: State::Draft,
            version: Version::FIRST,
            revision: 1,
            created_at: now,
            changed_at: now,
            team,
            metadata,
            read_from_files: BTreeSet::new(),
        }
    }

    pub fn role_of(&self, email: &Email) -> Option<Role> {
        self.team.iter().find(|member| member.email == *email).map(|member| member.role)
    }
    pub fn owners(&self) -> impl Iterator<Item = &Email> {
        self.team.iter().filter(|member| member.role == Role::Owner).map(|member| &member.email)
    }

    /// The DOI to cite: the publisher's for an article, else ours.
    pub fn citable_doi(&self) -> Option<&Doi> {
        self.metadata.article.as_ref().and_then(|article| article.doi.as_ref()).or_else(|| self.state.doi())
    }

    /// DataCite's publication year: of the article, else of the day it became public, else of today.
    pub fn publication_year(&self, now: Instant) -> i32 {
        let printed = self.metadata.article.as_ref().and_then(|article| article.year);
        printed.unwrap_or_else(|| self.state.public_since().unwrap_or(now).year())
    }

    /// The title, or words in its place while there is none.
    pub fn title(&self) -> &str {
        if self.metadata.title.trim().is_empty() { "(untitled)" } else { &self.metadata.title }
    }
}
