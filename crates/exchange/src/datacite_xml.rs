//! DataCite's description as XML, valid by the schema of kernel 4.6.

use crate::{
    datacite::{Date, Description, Rights, Subject, first_and_last_page},
    xml::{Element, is_blank},
};
use record::{
    agent::Person,
    metadata::{Article, Funding},
};

const NAMESPACE: &str = "http://datacite.org/schema/kernel-4";
const LOCATION: &str = "http://datacite.org/schema/kernel-4 https://schema.datacite.org/meta/kernel-4.6/metadata.xsd";

pub(crate) fn to_xml(said: &Description) -> String {
    resource(said).document()
}

/// The document's one element.
pub(crate) fn resource(said: &Description) -> Element {
    let language = said.language.as_deref();
    let (identifier, identifier_type) = &said.identifier;
    let mut resource = Element::new("resource")
        .attribute("xmlns", NAMESPACE)
        .attribute("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
        .attribute("xsi:schemaLocation", LOCATION)
        .child(Element::with_text("identifier", identifier.as_str()).attribute("identifierType", *identifier_type))
        .group("creators", said.creators.iter().map(creator).collect())
        .group("titles", vec![Element::with_text("title", &said.title).maybe_attribute("xml:lang", language)])
        .child(Element::with_text("publisher", &said.publisher))
        .child(Element::with_text("publicationYear", &said.year))
        .child(Element::with_text("resourceType", &said.specific_type).attribute("resourceTypeGeneral", said.general_type))
        .group("subjects", said.subjects.iter().map(subject).collect())
        .group("dates", said.dates.iter().map(date).collect());
    if let Some(language) = language {
        resource = resource.child(Element::with_text("language", language));
    }
    let related = said.related.iter().map(|related| {
        Element::with_text("relatedIdentifier", &related.identifier)
            .attribute("relatedIdentifierType", related.identifier_type)
            .attribute("relationType", related.relation)
    });
    resource = resource
        .group("relatedIdentifiers", related.collect())
        .group("sizes", said.sizes.iter().map(|size| Element::with_text("size", size)).collect())
        .group("formats", said.formats.iter().map(|format| Element::with_text("format", format)).collect());
    if let Some(version) = &said.version {
        resource = resource.child(Element::with_text("version", version));
    }
    let descriptions = said.descriptions.iter().map(|(text, kind)| {
        Element::with_text("description", text).maybe_attribute("xml:lang", said.language_of(kind)).attribute("descriptionType", *kind)
    });
    resource
        .group("rightsList", said.rights.iter().map(rights).collect())
        .group("descriptions", descriptions.collect())
        .group("fundingReferences", said.funding.iter().map(funding).collect())
        .group("relatedItems", said.journal.iter().map(|article| journal(article, &said.year)).collect())
}

fn creator(person: &Person) -> Element {
    let is_person = !person.family.starts_with(':');
    let mut creator = Element::new("creator")
        .child(Element::with_text("creatorName", person.sorted_name()).maybe_attribute("nameType", is_person.then_some("Personal")));
    if is_person {
        if !is_blank(&person.given) {
            creator = creator.child(Element::with_text("givenName", &person.given));
        }
        creator = creator.child(Element::with_text("familyName", &person.family));
    }
    let orcid = person.orcid.iter().map(|orcid| {
        Element::with_text("nameIdentifier", orcid.url())
            .attribute("nameIdentifierScheme", "ORCID")
            .attribute("schemeURI", "https://orcid.org")
    });
    let affiliation = person.affiliation.iter().filter(|name| !is_blank(name)).map(|name| Element::with_text("affiliation", name));
    creator.children(orcid).children(affiliation)
}

fn subject(subject: &Subject) -> Element {
    let element = Element::with_text("subject", &subject.text);
    match &subject.scheme {
        None => element,
        Some((scheme, scheme_uri, term)) => {
            element.attribute("subjectScheme", *scheme).attribute("schemeURI", *scheme_uri).maybe_attribute("valueURI", term.clone())
        }
    }
}

fn date(date: &Date) -> Element {
    Element::with_text("date", &date.date).attribute("dateType", date.kind).maybe_attribute("dateInformation", date.information)
}

fn rights(rights: &Rights) -> Element {
    let element = Element::with_text("rights", &rights.text).attribute("rightsURI", rights.uri);
    match rights.spdx {
        None => element,
        Some(spdx) => element
            .attribute("rightsIdentifier", spdx)
            .attribute("rightsIdentifierScheme", "SPDX")
            .attribute("schemeURI", "https://spdx.org/licenses/"),
    }
}

fn funding(funding: &Funding) -> Element {
    let award = funding.award.iter().filter(|award| !is_blank(award)).map(|award| Element::with_text("awardNumber", award));
    Element::new("fundingReference").child(Element::with_text("funderName", &funding.funder)).children(award)
}

fn journal(article: &Article, year: &str) -> Element {
    let (first, last) = first_and_last_page(article);
    let details = [("volume", article.volume.as_deref()), ("issue", article.issue.as_deref()), ("firstPage", first), ("lastPage", last)];
    Element::new("relatedItem")
        .attribute("relatedItemType", "Journal")
        .attribute("relationType", "IsPublishedIn")
        .group("titles", vec![Element::with_text("title", article.journal.clone().unwrap_or_default())])
        .child(Element::with_text("publicationYear", year))
        .children(
            details
                .into_iter()
                .filter_map(|(name, value)| value.filter(|value| !is_blank(value)).map(|value| Element::with_text(name, value))),
        )
}
