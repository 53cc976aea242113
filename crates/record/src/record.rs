//! One entry of the catalogue.

use crate::{
    doi::Doi,
    id::RecordId,
    instant::Instant,
    kind::Kind,
    metadata::Metadata,
    picture::PictureChoice,
    question::{Answers, Question},
    relation::{Relation, RelationType, Target},
    state::{State, WrongState},
    surface::SurfaceChoice,
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
    /// What the files leave open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<Question>,
    /// What the owners said about it.
    #[serde(default, skip_serializing_if = "Answers::is_empty")]
    pub answers: Answers,
    /// How they want it to be seen.
    #[serde(default, skip_serializing_if = "PictureChoice::is_usual")]
    pub picture: PictureChoice,
    /// How they want the surface of its volume to be made.
    #[serde(default, skip_serializing_if = "SurfaceChoice::is_usual")]
    pub surface: SurfaceChoice,
    /// Publications of which the owners said that they are not theirs.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub declined: BTreeSet<RecordId>,
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
            questions: Vec::new(),
            answers: Answers::default(),
            picture: PictureChoice::default(),
            surface: SurfaceChoice::default(),
            declined: BTreeSet::new(),
        }
    }

    /// The draft of its next version: the same files and words, to be changed.
    pub fn revise(&self, now: Instant) -> Result<Self, WrongState> {
        let state = self.state.clone().revise()?;
        let (version, revision) = (self.version.next(), self.revision + 1);
        Ok(Self { state, version, revision, created_at: now, changed_at: now, ..self.clone() })
    }

    /// The newest version that everyone could see, of the version of a record that is public now.
    pub fn newest_open(&self) -> Option<Version> {
        let before = (self.version > Version::FIRST).then(|| Version(self.version.0 - 1));
        if self.state.was_open() { Some(self.version) } else { before }
    }

    /// The record as what its first DOI names: all its versions, of which `newest` is the last.
    pub fn as_all_versions(&self, newest: Option<Version>) -> Self {
        let mut all = self.clone();
        if let (Some(doi), Some(newest)) = (self.state.doi(), newest) {
            let numbers = (1..=newest.0).map(|number| versions(RelationType::HasVersion, doi.for_version(Version(number))));
            all.metadata.related.extend(numbers);
        }
        all
    }

    /// This version as what its own DOI names, among versions up to `newest`.
    pub fn as_version(&self, newest: Version) -> Self {
        let mut one = self.clone();
        let Some(all) = self.state.doi().cloned() else { return one };
        let here = self.version;
        let related = &mut one.metadata.related;
        related.push(versions(RelationType::IsVersionOf, all.clone()));
        if here > Version::FIRST {
            related.push(versions(RelationType::IsNewVersionOf, all.for_version(Version(here.0 - 1))));
        }
        if here < newest {
            related.push(versions(RelationType::IsPreviousVersionOf, all.for_version(here.next())));
        }
        one.state.set_doi(all.for_version(here));
        one
    }

    /// What has to be answered before there is a volume; of other questions something is taken meanwhile.
    pub fn open_questions(&self) -> impl Iterator<Item = &Question> {
        self.questions.iter().filter(|question| question.taken.is_none() && !self.answers.no_volume)
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

fn versions(relation: RelationType, doi: Doi) -> Relation {
    Relation { relation, target: Target::Doi(doi), title: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_names_its_neighbours_and_all_of_them() {
        let mut record =
            Record::draft("7h3k9x2q4".parse().unwrap(), Kind::Model, "ada@example.org".parse().unwrap(), Metadata::default(), Instant(0));
        let doi: Doi = "10.5072/science3d.7h3k9x2q4".parse().unwrap();
        record.state = record.state.register(doi, Instant(1)).unwrap().release(Version::FIRST, Instant(1)).unwrap();
        record.version = Version(2);
        let said = |record: &Record| -> Vec<String> {
            record.metadata.related.iter().map(|relation| format!("{} {}", relation.relation.name(), relation.words())).collect()
        };
        let one = record.as_version(Version(3));
        assert_eq!(one.state.doi().unwrap().as_str(), "10.5072/science3d.7h3k9x2q4.v2");
        assert_eq!(
            said(&one),
            [
                "IsVersionOf 10.5072/science3d.7h3k9x2q4",
                "IsNewVersionOf 10.5072/science3d.7h3k9x2q4.v1",
                "IsPreviousVersionOf 10.5072/science3d.7h3k9x2q4.v3"
            ]
        );
        let all = record.as_all_versions(Some(Version(2)));
        assert_eq!(said(&all), ["HasVersion 10.5072/science3d.7h3k9x2q4.v1", "HasVersion 10.5072/science3d.7h3k9x2q4.v2"]);
    }
}
