//! A work as DataCite's REST API describes it; books, theses, preprints and data papers are often there.

use super::{language_of, licence_of, ours, people, words, year_of};
use record::{
    agent::Person,
    doi::{Doi, Prefix},
    metadata::{Article, Funding, Metadata},
    relation::RelationType,
};
use serde_json::Value;

/// From `data.attributes` of `/dois/{doi}`.
pub fn to_metadata(attributes: &Value, prefix: &Prefix) -> Metadata {
    let doi: Option<Doi> = attributes["doi"].as_str().and_then(|text| text.parse().ok());
    let container = &attributes["container"];
    let pages = match (words(&container["firstPage"]), words(&container["lastPage"])) {
        (Some(first), Some(last)) if first != last => Some(format!("{first}–{last}")),
        (first, _) => first,
    };
    let article = Article {
        journal: words(&container["title"]),
        volume: words(&container["volume"]),
        issue: words(&container["issue"]),
        pages,
        year: year(attributes),
        publisher: words(&attributes["publisher"]).or_else(|| words(&attributes["publisher"]["name"])),
        doi: doi.clone(),
        ..Article::default()
    };
    let titles = || list(&attributes["titles"]);
    let main = titles().find(|title| title["titleType"].is_null()).or_else(|| titles().next());
    let described = list(&attributes["descriptions"]);
    Metadata {
        title: main.and_then(|title| words(&title["title"])).unwrap_or_default().replace('\n', " "),
        description: described
            .filter(|text| text["descriptionType"].as_str().is_none_or(|kind| kind == "Abstract"))
            .find_map(|text| words(&text["description"]))
            .unwrap_or_default(),
        creators: people(list(&attributes["creators"]).map(person).collect()),
        licence: list(&attributes["rightsList"]).find_map(|rights| {
            rights["rightsIdentifier"].as_str().and_then(licence_of).or_else(|| rights["rightsUri"].as_str().and_then(licence_of))
        }),
        keywords: list(&attributes["subjects"]).filter_map(|subject| words(&subject["subject"])).take(50).collect(),
        language: attributes["language"].as_str().and_then(language_of),
        related: ours(relations(attributes), doi.as_ref(), prefix),
        funding: list(&attributes["fundingReferences"]).filter_map(funding).collect(),
        article: Some(article),
        ..Metadata::default()
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn year(attributes: &Value) -> Option<i32> {
    match &attributes["publicationYear"] {
        Value::Number(number) => super::sensible_year(number.as_i64()?),
        Value::String(text) => year_of(text),
        _ => None,
    }
}

fn person(creator: &Value) -> Person {
    let named = match (words(&creator["familyName"]), words(&creator["givenName"])) {
        (Some(family), given) => Person { family, given: given.unwrap_or_default(), ..Person::default() },
        _ if creator["nameType"].as_str() == Some("Organizational") => {
            Person { family: words(&creator["name"]).unwrap_or_default(), organisation: true, ..Person::default() }
        }
        _ => Person::from_text(&words(&creator["name"]).unwrap_or_default()),
    };
    let identified = list(&creator["nameIdentifiers"]).find_map(|held| held["nameIdentifier"].as_str()?.parse().ok());
    let affiliation = list(&creator["affiliation"]).find_map(|held| words(held).or_else(|| words(&held["name"])));
    Person { orcid: identified, affiliations: super::affiliated(affiliation).affiliations, ..named }
}

fn funding(reference: &Value) -> Option<Funding> {
    let award = words(&reference["awardNumber"]).or_else(|| words(&reference["awardTitle"]));
    Some(super::funded(words(&reference["funderName"])?, award))
}

fn relations(attributes: &Value) -> Vec<(RelationType, Doi)> {
    let of = |related: &Value| {
        let named = related["relationType"].as_str()?;
        let relation = RelationType::ALL.iter().copied().find(|relation| relation.name() == named)?;
        Some((relation, related["relatedIdentifier"].as_str()?.parse().ok()?))
    };
    list(&attributes["relatedIdentifiers"]).filter_map(of).collect()
}
