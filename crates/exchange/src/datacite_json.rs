//! DataCite's description as JSON, as its REST API takes it and its JSON schema allows it.

use crate::{
    datacite::{Date, Description, FindingPlace, Related, Rights, Subject, Title, UNKNOWN},
    datacite_items::RelatedItem,
};
use record::{agent::Person, metadata::Funding};
use serde_json::{Map, Value, json};

pub(crate) fn to_json(said: &Description) -> Value {
    let mut attributes = Map::new();
    let mut put = |key: &str, value: Value| {
        attributes.insert(key.to_owned(), value);
    };
    if said.identifier.1 == "DOI" {
        put("doi", json!(said.identifier.0));
    }
    put("url", json!(said.url));
    put("creators", said.creators.iter().map(name).collect());
    put("titles", said.titles.iter().map(title).collect());
    put("publisher", json!({ "name": said.publisher }));
    put("publicationYear", json!(said.year));
    put("types", json!({ "resourceTypeGeneral": said.general_type, "resourceType": said.specific_type }));
    put("subjects", said.subjects.iter().map(subject).collect());
    put("contributors", said.contributors.iter().map(|(person, part)| contributor(person, part)).collect());
    put("dates", said.dates.iter().map(date).collect());
    if let Some(language) = &said.language {
        put("language", json!(language));
    }
    let other = said.other_identifiers.iter();
    put(
        "alternateIdentifiers",
        other.map(|(value, scheme)| json!({ "alternateIdentifier": value, "alternateIdentifierType": scheme })).collect(),
    );
    put("relatedIdentifiers", said.related.iter().map(related).collect());
    put("relatedItems", said.items.iter().map(related_item).collect());
    put("sizes", json!(said.sizes));
    put("formats", json!(said.formats));
    if let Some(version) = &said.version {
        put("version", json!(version));
    }
    put("rightsList", said.rights.iter().map(rights).collect());
    let descriptions = said.descriptions.iter().map(|(text, kind)| {
        let value = json!({ "description": text, "descriptionType": kind });
        with_language(value, said.language_of(kind))
    });
    put("descriptions", descriptions.collect());
    put("geoLocations", said.place.iter().map(finding_place).collect());
    put("fundingReferences", said.funding.iter().map(funding).collect());
    put("schemaVersion", json!("http://datacite.org/schema/kernel-4"));
    Value::Object(attributes)
}

fn with_language(mut value: Value, language: Option<&str>) -> Value {
    if let Some(language) = language {
        value["lang"] = json!(language);
    }
    value
}

/// Puts what there is of these into an object.
fn with(mut value: Value, more: &[(&str, Option<&str>)]) -> Value {
    for (key, text) in more {
        if let Some(text) = text {
            value[*key] = json!(text);
        }
    }
    value
}

fn name(person: &Person) -> Value {
    let mut value = json!({ "name": person.sorted_name() });
    if person.family != UNKNOWN {
        value["nameType"] = json!(if person.organisation { "Organizational" } else { "Personal" });
        if !person.organisation {
            value["familyName"] = json!(person.family);
        }
        if !person.given.is_empty() {
            value["givenName"] = json!(person.given);
        }
    }
    value["affiliation"] = person
        .affiliations
        .iter()
        .map(|place| match &place.ror {
            None => json!({ "name": place.name }),
            Some(ror) => json!({ "name": place.name, "affiliationIdentifier": ror.url(), "affiliationIdentifierScheme": "ROR", "schemeUri": "https://ror.org" }),
        })
        .collect();
    let orcid = person.orcid.iter();
    value["nameIdentifiers"] = orcid
        .map(|orcid| json!({ "nameIdentifier": orcid.url(), "nameIdentifierScheme": "ORCID", "schemeUri": "https://orcid.org" }))
        .collect();
    value
}

fn contributor(person: &Person, part: &str) -> Value {
    with(name(person), &[("contributorType", Some(part))])
}

fn title(title: &Title) -> Value {
    with(json!({ "title": title.text }), &[("titleType", title.kind), ("lang", title.language.as_deref())])
}

fn subject(subject: &Subject) -> Value {
    let more = [("subjectScheme", subject.scheme.as_deref()), ("schemeUri", subject.scheme_url), ("valueUri", subject.url.as_deref())];
    with(json!({ "subject": subject.text }), &more)
}

fn date(date: &Date) -> Value {
    with(json!({ "date": date.date, "dateType": date.kind }), &[("dateInformation", date.information.as_deref())])
}

fn related(related: &Related) -> Value {
    json!({ "relatedIdentifier": related.identifier, "relatedIdentifierType": related.identifier_type, "relationType": related.relation })
}

fn rights(rights: &Rights) -> Value {
    let mut value = json!({ "rights": rights.text, "rightsUri": rights.uri });
    if let Some(spdx) = rights.spdx {
        value["rightsIdentifier"] = json!(spdx.to_lowercase());
        value["rightsIdentifierScheme"] = json!("SPDX");
        value["schemeUri"] = json!("https://spdx.org/licenses/");
    }
    value
}

fn finding_place(place: &FindingPlace) -> Value {
    let mut value = with(json!({}), &[("geoLocationPlace", place.name.as_deref())]);
    if let Some((latitude, longitude)) = place.latitude_and_longitude_deg {
        value["geoLocationPoint"] = json!({ "pointLatitude": latitude, "pointLongitude": longitude });
    }
    value
}

fn funding(funding: &Funding) -> Value {
    let more = [
        ("funderIdentifier", funding.funder_id.as_deref()),
        ("funderIdentifierType", funding.funder_id_type().map(|register| register.name())),
        ("awardNumber", funding.award.as_deref()),
        ("awardUri", funding.award_url.as_deref()),
        ("awardTitle", funding.award_title.as_deref()),
    ];
    with(json!({ "funderName": funding.funder }), &more)
}

fn related_item(item: &RelatedItem) -> Value {
    let mut value = json!({ "relatedItemType": item.kind, "relationType": item.relation, "titles": [{ "title": item.title }] });
    for (name, text) in &item.details {
        value[*name] = json!(text);
    }
    if let Some(year) = &item.year {
        value["publicationYear"] = json!(year);
    }
    if let Some((identifier, kind)) = &item.identifier {
        value["relatedItemIdentifier"] = json!({ "relatedItemIdentifier": identifier, "relatedItemIdentifierType": kind });
    }
    value
}
