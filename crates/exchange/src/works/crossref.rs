//! A work as Crossref's REST API describes it.

use super::{first_words, language_of, licence_of, ours, people, sensible_year, words};
use record::{
    agent::Person,
    doi::{Doi, Prefix},
    metadata::{Article, Funding, Metadata},
    relation::RelationType,
};
use serde_json::Value;

/// From the `message` of `/works/{doi}`.
pub fn to_metadata(work: &Value, prefix: &Prefix) -> Metadata {
    let doi: Option<Doi> = work["DOI"].as_str().and_then(|text| text.parse().ok());
    let article = Article {
        journal: first_words(&work["container-title"]),
        volume: words(&work["volume"]),
        issue: words(&work["issue"]),
        pages: words(&work["page"]).or_else(|| words(&work["article-number"])),
        year: year(work),
        publisher: words(&work["publisher"]),
        doi: doi.clone(),
        ..Article::default()
    };
    Metadata {
        title: title(work),
        description: words(&work["abstract"]).unwrap_or_default(),
        creators: people(list(&work["author"]).map(person).collect()),
        licence: list(&work["license"]).find_map(|licence| licence_of(licence["URL"].as_str()?)),
        keywords: list(&work["subject"]).filter_map(words).collect(),
        language: work["language"].as_str().and_then(language_of),
        related: ours(relations(work), doi.as_ref(), prefix),
        funding: funding(work),
        article: Some(article),
        ..Metadata::default()
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn title(work: &Value) -> String {
    let title = first_words(&work["title"]).unwrap_or_default();
    match first_words(&work["subtitle"]) {
        Some(subtitle) if !title.is_empty() && !title.contains(&subtitle) => format!("{title}: {subtitle}").replace('\n', " "),
        _ => title.replace('\n', " "),
    }
}

/// The earliest of the dates that readers know; Crossref's own `created` is not among them.
fn year(work: &Value) -> Option<i32> {
    ["published", "published-print", "published-online", "issued"]
        .iter()
        .find_map(|name| sensible_year(work[*name]["date-parts"][0][0].as_i64()?))
}

fn person(author: &Value) -> Person {
    // A group has a name instead.
    let family = words(&author["family"]);
    let organisation = family.is_none() && words(&author["name"]).is_some();
    Person {
        family: family.or_else(|| words(&author["name"])).unwrap_or_default(),
        organisation,
        given: words(&author["given"]).unwrap_or_default(),
        orcid: author["ORCID"].as_str().and_then(|text| text.parse().ok()),
        ..super::affiliated(list(&author["affiliation"]).find_map(|affiliation| words(&affiliation["name"])))
    }
}

fn funding(work: &Value) -> Vec<Funding> {
    let of = |funder: &Value| {
        let name = words(&funder["name"])?;
        Some(super::funded(name, list(&funder["award"]).find_map(words)))
    };
    list(&work["funder"]).filter_map(of).collect()
}

fn relations(work: &Value) -> Vec<(RelationType, Doi)> {
    let cited = list(&work["reference"]).filter_map(|reference| Some((RelationType::Cites, reference["DOI"].as_str()?.parse().ok()?)));
    let mut all: Vec<(RelationType, Doi)> = cited.collect();
    for (name, relation) in [
        ("is-supplemented-by", RelationType::IsSupplementedBy),
        ("references", RelationType::References),
        ("is-based-on", RelationType::References),
        ("has-related-material", RelationType::References),
    ] {
        let targets = list(&work["relation"][name]).filter(|target| target["id-type"].as_str() == Some("doi"));
        all.extend(targets.filter_map(|target| Some((relation, target["id"].as_str()?.parse().ok()?))));
    }
    all
}
