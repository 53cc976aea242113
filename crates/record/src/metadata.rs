//! What is said about a record. One type for all kinds; `readiness` knows which kind needs what, `field` what each word means.
//! Names follow DataCite 4.6 where it has a word and NeXus where it has none.

pub use crate::{
    acquisition::{Acquisition, Beam, WorkflowStep},
    funding::Funding,
    sample::Sample,
};
use crate::{
    agent::{Contributor, Person},
    doi::Doi,
    licence::Licence,
    relation::Relation,
    term::terms,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metadata {
    pub title: String,
    /// Subtitles, translations and other names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub titles: Vec<OtherTitle>,
    /// What it is, in plain words that a pupil can follow.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Why anybody should care.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_it_matters: Option<String>,
    /// What a teacher needs to know to speak about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<String>,
    /// How it was done, for those who want to do it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub creators: Vec<Person>,
    /// Those who had part in it without being authors.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contributors: Vec<Contributor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<Licence>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Keywords out of a vocabulary.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// Two-letter code of the language of title and description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What exactly it is, in a few words, when the kind says too little.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// True when a computer made the data; shown wherever the record is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub synthetic: bool,
    #[serde(skip_serializing_if = "Sample::is_empty")]
    pub sample: Sample,
    #[serde(skip_serializing_if = "Acquisition::is_empty")]
    pub acquisition: Acquisition,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<Article>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Relation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub funding: Vec<Funding>,
    /// Days beside that of the measurement and those of the record's own life.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<OtherDate>,
    /// Under which other names it is known: accession numbers, local ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<OtherIdentifier>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherTitle {
    pub title: String,
    #[serde(rename = "type")]
    pub title_type: TitleType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

terms! {
    /// DataCite `titleType` (kernel 4.6).
    pub enum TitleType {
        Subtitle = "Subtitle", "subtitle" | "Untertitel";
        TranslatedTitle = "TranslatedTitle", "translation" | "Übersetzung";
        AlternativeTitle = "AlternativeTitle", "other name" | "anderer Name";
        Other = "Other", "other title" | "anderer Titel";
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Subject {
    pub term: String,
    /// Name of the vocabulary: “MeSH”, “UBERON”.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// Address of the term.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherDate {
    /// `2026`, `2026-11`, `2026-11-23`, or two of them with a stroke between.
    pub date: String,
    #[serde(rename = "type")]
    pub date_type: DateType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

terms! {
    /// DataCite `dateType` (kernel 4.6).
    pub enum DateType {
        Accepted = "Accepted", "accepted" | "angenommen";
        Available = "Available", "available" | "verfügbar";
        Collected = "Collected", "collected" | "erhoben";
        Copyrighted = "Copyrighted", "copyrighted" | "urheberrechtlich geschützt seit";
        Coverage = "Coverage", "covers" | "umfasst";
        Created = "Created", "made" | "hergestellt";
        Issued = "Issued", "issued" | "erschienen";
        Submitted = "Submitted", "submitted" | "eingereicht";
        Updated = "Updated", "updated" | "aktualisiert";
        Valid = "Valid", "valid" | "gültig";
        Withdrawn = "Withdrawn", "withdrawn" | "zurückgezogen";
        Other = "Other", "other day" | "anderer Tag";
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OtherIdentifier {
    pub identifier: String,
    /// Whose name it is: “EMPIAR”, “ARK”, “local”.
    pub scheme: String,
}

/// Where a text appeared.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Article {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// Of the journal: `1742-5689`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issn: Option<String>,
    /// Of the book.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isbn: Option<String>,
    /// The DOI that the publisher gave it; we never mint a second one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doi: Option<Doi>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Metadata as the first version stored them; they must be read for ever.
    const OLD: &str = r#"{"title":"Jaw of a caecilian","description":"The skull.","creators":[{"family":"Kleinteich","given":"Thomas","orcid":"0000-0002-1825-0097","affiliation":"Kiel University"}],
        "licence":"CC-BY-4.0","keywords":["skull"],"language":"en","synthetic":true,"sample":{"organism":"Ichthyophis kohtaoensis","taxon_id":194533,"part":"skull","material":"bone","name":"ZMH 1","preparation":"dried"},
        "acquisition":{"probe":"x-ray","technique":"PaNET01208","facility":"DESY","instrument":"P05","proposal":"I-1","beamtime":"11","date":"2008-01-31","energy_kev":17.5,"wavelength_angstrom":1.0,
        "voxel_size_um":[5.0,5.0,5.0],"shape":[3,2,1],"element_type":"uint16","format":"TIFF stack","projections":900,"exposure_time_s":0.5,"propagation_distance_mm":30.0,"detector":"CMOS","reconstruction":"FBP"},
        "article":{"journal":"J","volume":"5","issue":"29","pages":"1","year":2008,"publisher":"P","doi":"10.1098/rsif.2008.0155"},
        "related":[{"relation":"IsSupplementTo","target":{"doi":"10.1098/rsif.2008.0155"},"title":"T"},{"relation":"References","target":{"url":"https://example.org"}}],"funding":[{"funder":"DFG","award":"HA 2323/10-1"}]}"#;

    #[test]
    fn what_the_first_version_stored_is_read_whole() {
        let read: Metadata = serde_json::from_str(OLD).unwrap();
        assert_eq!(read.creators[0].affiliations[0].name, "Kiel University");
        assert_eq!((read.acquisition.energy_kev, read.related.len(), read.funding[0].funder.as_str()), (Some(17.5), 2, "DFG"));
        let again = serde_json::to_value(&read).unwrap();
        let mut old: serde_json::Value = serde_json::from_str(OLD).unwrap();
        let person = old["creators"][0].as_object_mut().unwrap();
        let affiliation = person.remove("affiliation").unwrap();
        person.insert("affiliations".into(), serde_json::json!([{ "name": affiliation }]));
        assert_eq!(again, old, "nothing is lost and nothing is added");
    }
}
