//! The shape of the metadata, written down for the OpenAPI document. The metadata themselves are
//! `record::metadata`'s; a test holds the two together, so that neither can grow alone.

use utoipa::ToSchema;

/// What is said about a record. Every field may be left out while it is a draft.
#[derive(ToSchema)]
#[schema(as = Metadata)]
pub struct MetadataShape {
    pub title: String,
    /// What it is, in plain words that a pupil can follow.
    pub description: Option<String>,
    pub creators: Option<Vec<PersonShape>>,
    /// SPDX id, for example `CC-BY-4.0` or `CC0-1.0`.
    pub licence: Option<String>,
    pub keywords: Option<Vec<String>>,
    /// Two-letter code of the language of title and description.
    pub language: Option<String>,
    /// True when a computer made the data.
    pub synthetic: Option<bool>,
    pub sample: Option<SampleShape>,
    pub acquisition: Option<AcquisitionShape>,
    pub article: Option<ArticleShape>,
    pub related: Option<Vec<RelationShape>>,
    pub funding: Option<Vec<FundingShape>>,
}

#[derive(ToSchema)]
#[schema(as = Person)]
pub struct PersonShape {
    pub family: String,
    pub given: Option<String>,
    /// `0000-0002-1825-0097`
    pub orcid: Option<String>,
    pub affiliation: Option<String>,
}

/// The thing that was in the beam.
#[derive(ToSchema)]
#[schema(as = Sample)]
pub struct SampleShape {
    pub name: Option<String>,
    /// Scientific name of the organism.
    pub organism: Option<String>,
    /// NCBI Taxonomy id of the organism.
    pub taxon_id: Option<u32>,
    /// Anatomical part, tissue or organ.
    pub part: Option<String>,
    pub material: Option<String>,
    pub preparation: Option<String>,
}

/// How the data came about. Units are in the names; arrays are z, y, x.
#[derive(ToSchema)]
#[schema(as = Acquisition)]
pub struct AcquisitionShape {
    /// `x-ray`, `neutron` or `electron`.
    pub probe: Option<String>,
    /// PaNET term, for example `PaNET01208`.
    pub technique: Option<String>,
    pub facility: Option<String>,
    pub instrument: Option<String>,
    pub proposal: Option<String>,
    pub beamtime: Option<String>,
    /// Day of the measurement, `2026-11-23`.
    pub date: Option<String>,
    pub energy_kev: Option<f64>,
    pub wavelength_angstrom: Option<f64>,
    pub voxel_size_um: Option<Vec<f64>>,
    pub shape: Option<Vec<u64>>,
    /// `uint8`, `uint16`, `float32`, …
    pub element_type: Option<String>,
    pub format: Option<String>,
    pub projections: Option<u32>,
    pub exposure_time_s: Option<f64>,
    pub propagation_distance_mm: Option<f64>,
    pub detector: Option<String>,
    pub reconstruction: Option<String>,
}

/// Where a text appeared.
#[derive(ToSchema)]
#[schema(as = Article)]
pub struct ArticleShape {
    pub journal: Option<String>,
    pub volume: Option<String>,
    pub issue: Option<String>,
    pub pages: Option<String>,
    pub year: Option<i32>,
    pub publisher: Option<String>,
    /// The DOI that the publisher gave it.
    pub doi: Option<String>,
}

#[derive(ToSchema)]
#[schema(as = Relation)]
pub struct RelationShape {
    /// DataCite's `relationType`, for example `IsSupplementTo`.
    pub relation: String,
    /// `{"doi": "10.…"}` or `{"url": "https://…"}`.
    #[schema(value_type = Object)]
    pub target: String,
    pub title: Option<String>,
}

#[derive(ToSchema)]
#[schema(as = Funding)]
pub struct FundingShape {
    pub funder: String,
    pub award: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn shown<T: ToSchema>() -> BTreeSet<String> {
        let schema = serde_json::to_value(T::schema()).unwrap();
        schema["properties"].as_object().unwrap().keys().cloned().collect()
    }

    /// What serde would take, learned from its own message about a field that it does not know.
    fn taken<T: serde::de::DeserializeOwned>() -> BTreeSet<String> {
        let refusal = serde_json::from_str::<T>(r#"{"no such field":0}"#).err().unwrap().to_string();
        let list = refusal.split_once("expected").unwrap().1;
        list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn the_document_shows_exactly_the_fields_that_are_taken() {
        assert_eq!(shown::<MetadataShape>(), taken::<record::metadata::Metadata>());
        assert_eq!(shown::<PersonShape>(), taken::<record::agent::Person>());
        assert_eq!(shown::<SampleShape>(), taken::<record::metadata::Sample>());
        assert_eq!(shown::<AcquisitionShape>(), taken::<record::metadata::Acquisition>());
        assert_eq!(shown::<ArticleShape>(), taken::<record::metadata::Article>());
        assert_eq!(shown::<RelationShape>(), taken::<record::relation::Relation>());
        assert_eq!(shown::<FundingShape>(), taken::<record::metadata::Funding>());
    }
}
